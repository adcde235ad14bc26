/* A formula as one line of Unicode text. */
#include "app/ui/formula.h"
#include "app/ui/formula_parse.h"

#include <string.h>

static void plain_list(const Item *first, bool script, Buf *out);
static void plain_item(const Item *item, bool script, Buf *out);

static bool is_operator(const Item *item) {
    return item->class == CLASS_BINARY || item->class == CLASS_RELATION;
}

/* The list inside a group of groups of one. */
static const Item *unwrap(const Item *item) {
    while (item != NULL && item->kind == ITEM_GROUP && item->next == NULL && item->sub == NULL &&
           item->sup == NULL) {
        item = item->body;
    }
    return item;
}

static bool has_operator(const Item *first) {
    for (const Item *item = first; item != NULL; item = item->next) {
        if (is_operator(item) || item->kind == ITEM_FRAC) {
            return true;
        }
    }
    return false;
}

static void plain_part(const Item *part, bool parens, bool script, Buf *out) {
    buf_text(out, parens ? "(" : "");
    plain_list(part, script, out);
    buf_text(out, parens ? ")" : "");
}

/* What a fraction, a root or a script takes, in parentheses where it would be misread. */
static void plain_operand(const Item *operand, bool script, bool single, Buf *out) {
    const Item *inner = unwrap(operand);
    bool many = inner != NULL && inner->next != NULL;
    bool parens = has_operator(inner) || (single && many);
    plain_part(inner, parens, script, out);
}

static void plain_nucleus(const Item *item, bool script, Buf *out) {
    switch (item->kind) {
    case ITEM_RUN:
    case ITEM_BIG: buf_text(out, item->plain != NULL ? item->plain : item->text); break;
    case ITEM_GROUP: plain_list(item->body, script, out); break;
    case ITEM_PAREN:
        buf_char(out, '(');
        plain_list(item->body, script, out);
        buf_text(out, item->closed ? ")" : "");
        break;
    case ITEM_SQRT:
        buf_text(out, "√");
        plain_operand(item->body, script, true, out);
        break;
    case ITEM_FRAC:
        plain_operand(item->body, script, false, out);
        buf_text(out, " / ");
        plain_operand(item->below, script, false, out);
        break;
    }
}

static void plain_item(const Item *item, bool script, Buf *out) {
    plain_nucleus(item, script, out);
    if (item->sub != NULL) {
        buf_char(out, '_');
        plain_operand(item->sub, true, false, out);
    }
    if (item->sup != NULL) {
        buf_char(out, '^');
        plain_operand(item->sup, true, false, out);
    }
}

static bool spaced(const Item *before, const Item *item, bool script) {
    if (before == NULL || script) {
        return false;
    }
    if (before->class == CLASS_PUNCT || before->class == CLASS_BIG || item->class == CLASS_BIG) {
        return true;
    }
    if (before->class == CLASS_OPEN || item->class == CLASS_CLOSE || item->class == CLASS_PUNCT) {
        return false;
    }
    if (before->class == CLASS_FUNCTION) {
        return item->kind != ITEM_PAREN && item->class != CLASS_OPEN;
    }
    bool letters = before->sub != NULL || before->sup != NULL || item->class == CLASS_FUNCTION ||
                   before->kind == ITEM_SQRT || before->kind == ITEM_FRAC ||
                   item->kind == ITEM_FRAC || item->kind == ITEM_GROUP ||
                   before->kind == ITEM_GROUP;
    return letters && item->kind != ITEM_PAREN;
}

/* Operators that join two operands have spaces round them; a sign has none. */
static void plain_list(const Item *first, bool script, Buf *out) {
    const Item *before = NULL;
    bool joined = true; /* the last operator was a sign, or there is nothing yet */
    for (const Item *item = first; item != NULL; item = item->next) {
        if (item->class == CLASS_SPACE) {
            buf_char(out, ' ');
            before = NULL;
            joined = true;
            continue;
        }
        bool sign = item->class == CLASS_BINARY &&
                    (before == NULL || is_operator(before) || before->class == CLASS_OPEN ||
                     before->class == CLASS_PUNCT);
        bool space = is_operator(item) ? !sign && !script
                                       : (!joined || spaced(before, item, script));
        if (sign && before != NULL && !script) {
            space = !joined;
        }
        if (space && out->size > 0 && out->bytes[out->size - 1] != ' ') {
            buf_char(out, ' ');
        }
        plain_item(item, script, out);
        joined = !is_operator(item) || sign || script;
        before = sign ? NULL : item;
    }
}

void formula_plain(const char *markup, Buf *out) {
    Arena arena = {0};
    FormulaTree tree = formula_parse(&arena, markup);
    plain_list(tree.first, false, out);
    arena_free(&arena);
}
