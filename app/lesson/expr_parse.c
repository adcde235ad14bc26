/* Reads an expression: from the loosest sign down to numbers and names. */
#include "app/lesson/expr_node.h"
#include "engine/base/utf8.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    Arena *arena;
    const char *text, *at; /* ends in a '\0' */
    int depth, parts;
    Err *err;
} Parser;

static const Expr *parse_or(Parser *parser);

/* ---- signs and words ---- */

/* Columns count characters, not bytes. */
static size_t column_of(const Parser *parser, const char *at) {
    size_t column = 1;
    for (const char *c = parser->text; c < at; c++)
        column += ((unsigned char)*c & 0xC0) != 0x80;
    return column;
}

static const Expr *fail(Parser *parser, const char *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static const Expr *fail(Parser *parser, const char *at, const char *format, ...) {
    char text[400];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    err_set(parser->err, "column %zu: %s", column_of(parser, at), text);
    return NULL;
}

static const char *skip_space(Parser *parser) {
    parser->at += strspn(parser->at, " \t\r\n");
    return parser->at;
}

static bool starts_name(char c) {
    return isalpha((unsigned char)c) || c == '_';
}

static bool in_name(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

/* "hook_q", "blocks.0.attn.hook_q": a dot counts where a letter or a digit follows. */
static size_t name_size(const char *at) {
    size_t size = 0;
    while (in_name(at[size]) || (at[size] == '.' && in_name(at[size + 1])))
        size++;
    return size;
}

static bool take(Parser *parser, const char *sign) {
    size_t size = strlen(sign);
    skip_space(parser);
    if (strncmp(parser->at, sign, size) != 0 || (starts_name(*sign) && in_name(parser->at[size])))
        return false;
    parser->at += size;
    return true;
}

static const char *found(const Parser *parser, char *room, size_t size) {
    if (!*parser->at)
        return "the end";
    snprintf(room, size, "\"%.20s\"", parser->at);
    return room;
}

static const Expr *expected(Parser *parser, const char *what) {
    char room[40];
    const char *at = skip_space(parser);
    return fail(parser, at, "expected %s, found %s", what, found(parser, room, sizeof room));
}

/* ---- nodes ---- */

static Expr *new_node(Parser *parser, ExprKind kind, const char *at) {
    Expr *expr = ARENA_NEW(parser->arena, Expr);
    expr->kind = kind;
    expr->source = parser->text;
    expr->column = column_of(parser, at);
    parser->parts++;
    return expr;
}

static bool is_text(const Expr *expr) {
    return expr->kind == EX_TEXT || expr->kind == EX_STAGE;
}

static bool refuse_text(Parser *parser, const Expr *expr) {
    if (!is_text(expr))
        return true;
    return err_set(
        parser->err,
        "column %zu: a text is no number: it stands in id('…') or is compared with stage",
        expr->column);
}

/* Of one argument (`right` NULL) or two. */
static const Expr *join(Parser *parser, ExprKind kind, ExprSign sign, const char *at,
                        const Expr *left, const Expr *right) {
    Expr *expr = new_node(parser, kind, at);
    const Expr **arg = ARENA_NEW_N(parser->arena, const Expr *, 2);
    arg[0] = left;
    arg[1] = right;
    expr->sign = sign;
    expr->arg = arg;
    expr->args = right ? 2 : 1;
    return expr;
}

/* NULL where an argument is missing (and a message is there) or a text. */
static const Expr *combine(Parser *parser, ExprSign sign, const char *at, const Expr *left,
                           const Expr *right) {
    if (!left || !right || !refuse_text(parser, left) || !refuse_text(parser, right))
        return NULL;
    return join(parser, EX_BINARY, sign, at, left, right);
}

static const Expr *unary(Parser *parser, ExprSign sign, const char *at, const Expr *of) {
    return of && refuse_text(parser, of) ? join(parser, EX_UNARY, sign, at, of, NULL) : NULL;
}

static bool deeper(Parser *parser) {
    if (++parser->depth <= EXPR_DEEPEST)
        return true;
    fail(parser, parser->at, "more than %d brackets or signs in each other", EXPR_DEEPEST);
    return false;
}

/* ---- numbers, texts, records, functions ---- */

static const Expr *parse_number(Parser *parser, const char *at) {
    char *end;
    Expr *expr = new_node(parser, EX_NUMBER, at);
    if (at[0] == '0' && (at[1] == 'x' || at[1] == 'X'))
        return fail(parser, at, "numbers are decimal");
    expr->number = strtod(at, &end);
    parser->at = end;
    if (in_name(*end))
        return fail(parser, end, "\"%.*s\" behind a number: a sign is missing",
                    (int)name_size(end) % 40, end);
    return expr;
}

static const Expr *parse_text(Parser *parser, const char *at) {
    const char *end = strchr(at + 1, *at);
    if (!end)
        return fail(parser, at, "the text that begins here has no end");
    Expr *expr = new_node(parser, EX_TEXT, at);
    expr->name = arena_copy_bytes(parser->arena, at + 1, (size_t)(end - at - 1));
    parser->at = end + 1;
    return expr;
}

static bool parse_axis(Parser *parser, ExprAxis *axis) {
    if (take(parser, ":")) {
        axis->all = true;
        skip_space(parser);
        if (*parser->at != ',' && *parser->at != ']')
            return expected(parser, "\",\" or \"]\" behind \":\"") != NULL;
        return true;
    }
    axis->from = parse_or(parser);
    if (!axis->from || !refuse_text(parser, axis->from))
        return false;
    if (!take(parser, ":"))
        return true;
    axis->to = parse_or(parser);
    return axis->to && refuse_text(parser, axis->to);
}

static const Expr *parse_record(Parser *parser, const char *at, const char *name, bool indexed) {
    Expr *expr = new_node(parser, EX_RECORD, at);
    expr->name = name;
    expr->axes = indexed ? 0 : -1;
    while (indexed) {
        if (expr->axes == TENSOR_RANK)
            return fail(parser, parser->at, "a record has at most %d axes", TENSOR_RANK);
        if (!parse_axis(parser, &expr->axis[expr->axes++]))
            return NULL;
        if (take(parser, "]"))
            break;
        if (!take(parser, ","))
            return expected(parser, "\",\" or \"]\"");
    }
    return expr;
}

static bool parse_arguments(Parser *parser, Expr *call) {
    const Expr **arg = ARENA_NEW_N(parser->arena, const Expr *, EXPR_ARGS);
    call->arg = arg;
    if (take(parser, ")"))
        return true;
    for (;;) {
        if (call->args == EXPR_ARGS)
            return fail(parser, parser->at, "more than %d arguments", EXPR_ARGS) != NULL;
        const Expr *of = arg[call->args++] = parse_or(parser);
        if (!of || (call->kind == EX_CALL && !expr_function_text(call->function) &&
                    !refuse_text(parser, of)))
            return false;
        if (take(parser, ")"))
            return true;
        if (!take(parser, ","))
            return expected(parser, "\",\" or \")\"") != NULL;
    }
}

static const Expr *parse_in(Parser *parser, const char *at) {
    Expr *expr = new_node(parser, EX_IN, at);
    const char *name = skip_space(parser);
    size_t size = name_size(name);
    if (!starts_name(*name))
        return expected(parser, "a run's name behind \"in(\"");
    expr->name = arena_copy_bytes(parser->arena, name, size);
    parser->at += size;
    if (!take(parser, ","))
        return expected(parser, "\",\" and an expression");
    if (!parse_arguments(parser, expr))
        return NULL;
    if (expr->args != 1 || !refuse_text(parser, expr->arg[0]))
        return fail(parser, at, "in(NAME, EXPRESSION) has one expression");
    return expr;
}

static const Expr *unknown_function(Parser *parser, const char *at, const char *name) {
    Buf near = {0};
    if (expr_function_near(name, &near))
        fail(parser, at, "there is no function %.60s; did you mean %s?", name, near.bytes);
    else
        fail(parser, at, "there is no function %.60s", name);
    buf_free(&near);
    return NULL;
}

static const Expr *parse_call(Parser *parser, const char *at, const char *name) {
    Err wrong;
    if (strcmp(name, "in") == 0)
        return parse_in(parser, at);
    Expr *expr = new_node(parser, EX_CALL, at);
    expr->function = expr_function(name, strlen(name));
    if (!expr->function)
        return unknown_function(parser, at, name);
    if (!parse_arguments(parser, expr))
        return NULL;
    if (!expr_function_takes(expr->function, expr->args, &wrong))
        return fail(parser, at, "%s", wrong.text);
    if (expr_function_text(expr->function) && expr->arg[0]->kind != EX_TEXT)
        return fail(parser, at, "%s(…) takes a text: %s(' Mina')", name, name);
    return expr;
}

static bool is_word(const char *name) {
    return strcmp(name, "and") == 0 || strcmp(name, "or") == 0 || strcmp(name, "not") == 0 ||
           strcmp(name, "in") == 0;
}

/* Records that stand without an index are known by their names. */
static bool names_record(const char *name) {
    return strchr(name, '.') || strncmp(name, "hook_", 5) == 0 || strcmp(name, "logits") == 0 ||
           strcmp(name, "probs") == 0;
}

static const Expr *parse_name(Parser *parser, const char *at) {
    size_t size = name_size(at);
    const char *name = arena_copy_bytes(parser->arena, at, size);
    parser->at += size;
    if (take(parser, "("))
        return parse_call(parser, at, name);
    if (take(parser, "["))
        return parse_record(parser, at, name, true);
    if (names_record(name))
        return parse_record(parser, at, name, false);
    if (is_word(name))
        return fail(parser, at, "expected a number, a name or a record, found \"%s\"", name);
    bool inf = strcmp(name, "inf") == 0, nan_word = strcmp(name, "nan") == 0;
    Expr *expr = new_node(parser,
                          inf || nan_word              ? EX_NUMBER
                          : strcmp(name, "stage") == 0 ? EX_STAGE
                                                       : EX_NAME,
                          at);
    expr->number = inf || nan_word ? strtod(name, NULL) : 0;
    expr->name = name;
    return expr;
}

static const Expr *parse_brackets(Parser *parser) {
    const Expr *inside = parse_or(parser);
    if (!inside || !refuse_text(parser, inside))
        return NULL;
    return take(parser, ")") ? inside : expected(parser, "\")\"");
}

static const Expr *parse_primary(Parser *parser) {
    const char *at = skip_space(parser);
    if (isdigit((unsigned char)*at) || (*at == '.' && isdigit((unsigned char)at[1])))
        return parse_number(parser, at);
    if (*at == '\'' || *at == '"')
        return parse_text(parser, at);
    if (starts_name(*at))
        return parse_name(parser, at);
    if (take(parser, "("))
        return parse_brackets(parser);
    return expected(parser, "a number, a name or a record");
}

/* ---- signs, from the tightest to the loosest ---- */

static const Expr *parse_unary(Parser *parser);

static const Expr *parse_power(Parser *parser) {
    const Expr *base = parse_primary(parser);
    const char *at = skip_space(parser);
    if (!base || !take(parser, "^"))
        return base;
    return combine(parser, SIGN_POWER, at, base, parse_unary(parser)); /* 2^3^2 is 2^9 */
}

static const Expr *parse_unary(Parser *parser) {
    const char *at = skip_space(parser);
    const Expr *expr = NULL;
    if (!deeper(parser))
        return NULL;
    if (take(parser, "-") || take(parser, "−"))
        expr = unary(parser, SIGN_MINUS, at, parse_unary(parser));
    else
        expr = parse_power(parser);
    parser->depth--;
    return expr;
}

static const Expr *parse_product(Parser *parser) {
    const Expr *left = parse_unary(parser);
    for (;;) {
        const char *at = skip_space(parser);
        if (!left || (*at != '*' && *at != '/'))
            return left;
        parser->at++;
        left = combine(parser, *at == '*' ? SIGN_MUL : SIGN_DIV, at, left, parse_unary(parser));
    }
}

static const Expr *parse_sum(Parser *parser) {
    const Expr *left = parse_product(parser);
    while (left) {
        const char *at = skip_space(parser);
        if (take(parser, "+"))
            left = combine(parser, SIGN_ADD, at, left, parse_product(parser));
        else if (take(parser, "-") || take(parser, "−"))
            left = combine(parser, SIGN_SUB, at, left, parse_product(parser));
        else
            break;
    }
    return left;
}

static bool take_comparison(Parser *parser, ExprSign *sign) {
    static const struct {
        const char *text;
        ExprSign sign;
    } signs[] = {{"<=", SIGN_LESS_SAME}, {">=", SIGN_MORE_SAME}, {"==", SIGN_SAME},
                 {"!=", SIGN_OTHER},     {"<", SIGN_LESS},       {">", SIGN_MORE}};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (take(parser, signs[i].text)) {
            *sign = signs[i].sign;
            return true;
        }
    return false;
}

/* stage == 'blocks.0.attn.hook_q' */
static const Expr *compare_texts(Parser *parser, ExprSign sign, const char *at, const Expr *left,
                                 const Expr *right) {
    if (!is_text(left) || !is_text(right) || left->kind == right->kind ||
        (sign != SIGN_SAME && sign != SIGN_OTHER))
        return fail(parser, at, "stage is compared with a record's name, by == or !=");
    return join(parser, EX_BINARY, sign, at, left, right);
}

static const Expr *parse_comparison(Parser *parser) {
    const Expr *left = parse_sum(parser);
    const char *at = skip_space(parser);
    ExprSign sign, second;
    if (!left || !take_comparison(parser, &sign))
        return left;
    const Expr *right = parse_sum(parser);
    if (!right)
        return NULL;
    const Expr *expr = is_text(left) || is_text(right)
                           ? compare_texts(parser, sign, at, left, right)
                           : combine(parser, sign, at, left, right);
    at = skip_space(parser);
    if (expr && take_comparison(parser, &second))
        return fail(parser, at, "two comparisons in a row: write \"and\" between them");
    return expr;
}

static const Expr *parse_not(Parser *parser) {
    const char *at = skip_space(parser);
    if (!take(parser, "not"))
        return parse_comparison(parser);
    if (!deeper(parser))
        return NULL;
    const Expr *expr = unary(parser, SIGN_NOT, at, parse_not(parser));
    parser->depth--;
    return expr;
}

static const Expr *parse_and(Parser *parser) {
    const Expr *left = parse_not(parser);
    for (const char *at = skip_space(parser); left && take(parser, "and"); at = skip_space(parser))
        left = combine(parser, SIGN_AND, at, left, parse_not(parser));
    return left;
}

static const Expr *parse_or(Parser *parser) {
    const Expr *left = parse_and(parser);
    for (const char *at = skip_space(parser); left && take(parser, "or"); at = skip_space(parser))
        left = combine(parser, SIGN_OR, at, left, parse_and(parser));
    return left;
}

Expr *expr_parse(Arena *arena, const char *text, size_t size, Err *err) {
    if (size > EXPR_LONGEST) {
        err_set(err, "column %d: an expression has at most %d bytes, found %zu", EXPR_LONGEST + 1,
                EXPR_LONGEST, size);
        return NULL;
    }
    Parser parser = {.arena = arena, .text = arena_copy_bytes(arena, text, size), .err = err};
    parser.at = parser.text;
    const Expr *expr = parse_or(&parser);
    if (!expr || !refuse_text(&parser, expr))
        return NULL;
    if (*skip_space(&parser) || (size_t)(parser.at - parser.text) != size) {
        expected(&parser, "the end or a sign");
        return NULL;
    }
    if (parser.parts > EXPR_PARTS) {
        fail(&parser, parser.text, "an expression has at most %d parts, found %d", EXPR_PARTS,
             parser.parts);
        return NULL;
    }
    Expr *root = ARENA_NEW(arena, Expr);
    *root = *expr;
    return root;
}
