#include "app/ui/formula_parse.h"

#include "engine/base/utf8.h"

#include <string.h>

typedef struct {
    const char *name;
    const char *text;
    ItemClass class;
    const char *plain;
} Command;

static const Command COMMANDS[] = {
    {"cdot", "·", CLASS_BINARY, NULL},
    {"times", "×", CLASS_BINARY, NULL},
    {"div", "÷", CLASS_BINARY, NULL},
    {"pm", "±", CLASS_BINARY, NULL},
    {"odot", "⊙", CLASS_BINARY, NULL},
    {"to", "→", CLASS_RELATION, NULL},
    {"le", "≤", CLASS_RELATION, NULL},
    {"ge", "≥", CLASS_RELATION, NULL},
    {"ne", "≠", CLASS_RELATION, NULL},
    {"approx", "≈", CLASS_RELATION, NULL},
    {"in", "∈", CLASS_RELATION, NULL},
    {"infty", "∞", CLASS_ORD, NULL},
    {"dots", "…", CLASS_ORD, NULL},
    {"lfloor", "⌊", CLASS_OPEN, NULL},
    {"rfloor", "⌋", CLASS_CLOSE, NULL},
    {"alpha", "α", CLASS_ORD, NULL},
    {"beta", "β", CLASS_ORD, NULL},
    {"gamma", "γ", CLASS_ORD, NULL},
    {"epsilon", "ε", CLASS_ORD, NULL},
    {"theta", "θ", CLASS_ORD, NULL},
    {"lambda", "λ", CLASS_ORD, NULL},
    {"mu", "μ", CLASS_ORD, NULL},
    {"pi", "π", CLASS_ORD, NULL},
    {"sigma", "σ", CLASS_ORD, NULL},
    {"phi", "φ", CLASS_ORD, NULL},
    {"sum", "∑", CLASS_BIG, "Σ"},
    {"prod", "∏", CLASS_BIG, "Π"},
    {"exp", "exp", CLASS_FUNCTION, NULL},
    {"log", "log", CLASS_FUNCTION, NULL},
    {"ln", "ln", CLASS_FUNCTION, NULL},
    {"max", "max", CLASS_FUNCTION, NULL},
    {"min", "min", CLASS_FUNCTION, NULL},
    {"sin", "sin", CLASS_FUNCTION, NULL},
    {"cos", "cos", CLASS_FUNCTION, NULL},
    {"tanh", "tanh", CLASS_FUNCTION, NULL},
    {"erf", "erf", CLASS_FUNCTION, NULL},
    {"argmax", "argmax", CLASS_FUNCTION, NULL},
};

static const Command SIGNS[] = {
    {"+", "+", CLASS_BINARY, NULL},   {"-", "−", CLASS_BINARY, NULL},
    {"−", "−", CLASS_BINARY, NULL},   {"*", "·", CLASS_BINARY, NULL},
    {"·", "·", CLASS_BINARY, NULL},   {"×", "×", CLASS_BINARY, NULL},
    {"÷", "÷", CLASS_BINARY, NULL},   {"±", "±", CLASS_BINARY, NULL},
    {"∓", "∓", CLASS_BINARY, NULL},   {"⊙", "⊙", CLASS_BINARY, NULL},
    {"=", "=", CLASS_RELATION, NULL}, {"<", "<", CLASS_RELATION, NULL},
    {">", ">", CLASS_RELATION, NULL}, {"≤", "≤", CLASS_RELATION, NULL},
    {"≥", "≥", CLASS_RELATION, NULL}, {"≠", "≠", CLASS_RELATION, NULL},
    {"≈", "≈", CLASS_RELATION, NULL}, {"→", "→", CLASS_RELATION, NULL},
    {"∈", "∈", CLASS_RELATION, NULL}, {"[", "[", CLASS_OPEN, NULL},
    {"]", "]", CLASS_CLOSE, NULL},    {")", ")", CLASS_CLOSE, NULL},
    {",", ",", CLASS_PUNCT, NULL},    {";", ";", CLASS_PUNCT, NULL},
    {"~", " ", CLASS_SPACE, NULL},    {"'", "′", CLASS_ORD, NULL},
    {"Σ", "∑", CLASS_BIG, "Σ"},       {"∑", "∑", CLASS_BIG, "Σ"},
};

static const struct {
    const char *name;
    Role role;
} ROLES[] = {{"q", ROLE_QUERY}, {"k", ROLE_KEY}, {"v", ROLE_VALUE}, {"hand", ROLE_HAND}};

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

typedef struct {
    Arena *arena;
    const char *markup;
    size_t at, size;
    Role role;
    int depth;
    bool valid;
    size_t fault;
} Parser;

static Item *parse_list(Parser *p, char end);

static void fault(Parser *p, size_t at) {
    if (p->valid) {
        p->valid = false;
        p->fault = at;
    }
}

static Item *new_item(Parser *p, ItemKind kind, ItemClass class) {
    Item *item = ARENA_NEW(p->arena, Item);
    memset(item, 0, sizeof *item);
    item->kind = kind;
    item->class = class;
    item->font = FONT_MATH;
    item->role = p->role;
    item->text = "";
    return item;
}

static Item *new_run(Parser *p, ItemClass class, FontRole font, const char *text, size_t bytes) {
    Item *item = new_item(p, ITEM_RUN, class);
    item->font = font;
    item->text = arena_copy_bytes(p->arena, text, bytes);
    return item;
}

static bool is_variable(uint32_t code) {
    return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z') ||
           (code >= 0x3b1 && code <= 0x3c9);
}

static Item *from_command(Parser *p, const Command *command) {
    Item *item = new_run(p, command->class, FONT_MATH, command->text, strlen(command->text));
    item->plain = command->plain;
    if (command->class == CLASS_BIG) {
        item->kind = ITEM_BIG;
    } else if (is_variable(utf8_next(item->text, strlen(item->text)).code) &&
               command->class == CLASS_ORD) {
        item->font = FONT_MATH_ITALIC;
    }
    return item;
}

static void skip_spaces(Parser *p) {
    while (p->at < p->size && p->markup[p->at] == ' ') {
        p->at++;
    }
}

/* The text in braces as it stands, for upright words. */
static Item *parse_word(Parser *p) {
    size_t start = p->at;
    if (p->at >= p->size || p->markup[p->at] != '{') {
        fault(p, start);
        return new_item(p, ITEM_GROUP, CLASS_ORD);
    }
    char *word = arena_alloc(p->arena, p->size - p->at + 1);
    size_t used = 0;
    for (p->at++; p->at < p->size && p->markup[p->at] != '}'; p->at++) {
        if (p->markup[p->at] == '\\' && p->at + 1 < p->size) {
            p->at++;
        }
        word[used++] = p->markup[p->at];
    }
    if (p->at >= p->size) {
        fault(p, start);
    }
    p->at += p->at < p->size ? 1 : 0;
    return new_run(p, CLASS_FUNCTION, FONT_MATH, word, used);
}

static Item *parse_atom(Parser *p);

/* {…}, or one atom without braces. */
static Item *parse_argument(Parser *p) {
    skip_spaces(p);
    size_t start = p->at;
    if (p->at >= p->size || p->markup[p->at] == '}') {
        fault(p, start);
        return new_item(p, ITEM_GROUP, CLASS_ORD);
    }
    if (p->markup[p->at] != '{') {
        p->depth++;
        Item *atom = parse_atom(p);
        p->depth--;
        return atom;
    }
    p->at++;
    Item *group = new_item(p, ITEM_GROUP, CLASS_ORD);
    group->body = parse_list(p, '}');
    if (p->at < p->size) {
        p->at++;
    } else {
        fault(p, start);
    }
    return group;
}

static Item *parse_role(Parser *p, Role role) {
    Role outer = p->role;
    p->role = role;
    Item *item = parse_argument(p);
    p->role = outer;
    return item;
}

static Item *parse_command(Parser *p) {
    size_t start = p->at++;
    size_t from = p->at;
    while (p->at < p->size &&
           ((p->markup[p->at] | 0x20) >= 'a' && (p->markup[p->at] | 0x20) <= 'z')) {
        p->at++;
    }
    size_t length = p->at - from;
    const char *name = p->markup + from;
    if (length == 0 && p->at < p->size) { /* an escaped sign */
        size_t bytes = utf8_next(p->markup + p->at, p->size - p->at).size;
        p->at += bytes;
        bool thin = name[0] == ',';
        if (!thin && strchr("{}_\\^", name[0]) == NULL) {
            fault(p, start);
        }
        return thin ? new_run(p, CLASS_SPACE, FONT_MATH, "", 0)
                    : new_run(p, CLASS_ORD, FONT_MATH, name, bytes);
    }
    char word[16] = "";
    if (length < sizeof word) {
        memcpy(word, name, length);
    }
    if (strcmp(word, "mathrm") == 0 || strcmp(word, "text") == 0) {
        return parse_word(p);
    }
    if (strcmp(word, "frac") == 0) {
        Item *item = new_item(p, ITEM_FRAC, CLASS_ORD);
        item->body = parse_argument(p);
        item->below = parse_argument(p);
        return item;
    }
    if (strcmp(word, "sqrt") == 0) {
        Item *item = new_item(p, ITEM_SQRT, CLASS_ORD);
        item->body = parse_argument(p);
        return item;
    }
    for (size_t i = 0; i < COUNT(ROLES); i++) {
        if (strcmp(word, ROLES[i].name) == 0) {
            return parse_role(p, ROLES[i].role);
        }
    }
    for (size_t i = 0; i < COUNT(COMMANDS); i++) {
        if (strcmp(word, COMMANDS[i].name) == 0) {
            return from_command(p, &COMMANDS[i]);
        }
    }
    fault(p, start);
    return new_run(p, CLASS_ORD, FONT_MATH, p->markup + start, p->at - start);
}

static Item *parse_paren(Parser *p) {
    size_t start = p->at++;
    Item *item = new_item(p, ITEM_PAREN, CLASS_ORD);
    item->body = parse_list(p, ')');
    item->closed = p->at < p->size && p->markup[p->at] == ')';
    if (item->closed) {
        p->at++;
    } else {
        fault(p, start);
    }
    return item;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static Item *parse_number(Parser *p) {
    size_t start = p->at;
    while (p->at < p->size &&
           (is_digit(p->markup[p->at]) ||
            (p->markup[p->at] == '.' && p->at + 1 < p->size && is_digit(p->markup[p->at + 1])))) {
        p->at++;
    }
    return new_run(p, CLASS_ORD, FONT_MATH, p->markup + start, p->at - start);
}

/* At the depth limit an opening brace or parenthesis is a sign like any other. */
static Item *parse_atom(Parser *p) {
    char c = p->markup[p->at];
    bool deep = p->depth >= FORMULA_DEPTH;
    if (c == '\\' && !deep) {
        return parse_command(p);
    }
    if (c == '{' && !deep) {
        return parse_argument(p);
    }
    if (c == '(' && !deep) {
        return parse_paren(p);
    }
    if (is_digit(c)) {
        return parse_number(p);
    }
    Utf8Char letter = utf8_next(p->markup + p->at, p->size - p->at);
    const char *text = p->markup + p->at;
    size_t start = p->at;
    p->at += letter.size;
    for (size_t i = 0; i < COUNT(SIGNS); i++) {
        if (strlen(SIGNS[i].name) == letter.size && memcmp(SIGNS[i].name, text, letter.size) == 0) {
            return from_command(p, &SIGNS[i]);
        }
    }
    if (!letter.valid || c == '{' || c == '}' || c == '\\' || c == '(') {
        fault(p, start);
    }
    FontRole font = is_variable(letter.code) ? FONT_MATH_ITALIC : FONT_MATH;
    return new_run(p, CLASS_ORD, font, text, letter.size);
}

/* Puts what follows "_" or "^" under or over the last item. */
static void parse_script(Parser *p, Item **last, Item ***tail) {
    size_t start = p->at;
    bool below = p->markup[p->at++] == '_';
    if (*last == NULL) { /* nothing to stand at: an empty item */
        *last = new_item(p, ITEM_GROUP, CLASS_ORD);
        **tail = *last;
        *tail = &(*last)->next;
        fault(p, start);
    }
    Item **place = below ? &(*last)->sub : &(*last)->sup;
    if (*place != NULL) {
        fault(p, start);
    }
    *place = parse_argument(p);
}

static bool at_end(const Parser *p, char end) {
    char c = p->markup[p->at];
    return (c == end && end != '\0') || (c == '}' && p->depth > 1 && end != '\0');
}

static Item *parse_list(Parser *p, char end) {
    Item *first = NULL;
    Item **tail = &first;
    Item *last = NULL;
    p->depth++;
    for (skip_spaces(p); p->at < p->size && !at_end(p, end); skip_spaces(p)) {
        char c = p->markup[p->at];
        if (c == '_' || c == '^') {
            if (p->depth < FORMULA_DEPTH) {
                parse_script(p, &last, &tail);
                continue;
            }
        }
        last = parse_atom(p);
        *tail = last;
        tail = &last->next;
    }
    if (p->depth >= FORMULA_DEPTH) {
        fault(p, p->at);
    }
    p->depth--;
    return first;
}

FormulaTree formula_parse(Arena *arena, const char *markup) {
    Parser p = {.arena = arena, .markup = markup, .size = strlen(markup), .valid = true};
    Item *first = parse_list(&p, '\0');
    return (FormulaTree){first, p.valid, p.fault};
}
