/* formula_parse: the markup of formula.h as a tree of items, for formula.c (which draws it) and
 * formula_plain.c (which writes it as a line of text). Private to the formula modules. */
#ifndef UI_FORMULA_PARSE_H
#define UI_FORMULA_PARSE_H

#include "app/ui/theme.h"

typedef enum {
    ITEM_RUN,   /* text in one font */
    ITEM_GROUP, /* body */
    ITEM_PAREN, /* body between parentheses that grow with it */
    ITEM_FRAC,  /* body over below */
    ITEM_SQRT,  /* body under a root */
    ITEM_BIG    /* text: a large sign */
} ItemKind;

/* What TeX spaces by. */
typedef enum {
    CLASS_ORD,
    CLASS_BINARY,
    CLASS_RELATION,
    CLASS_OPEN,
    CLASS_CLOSE,
    CLASS_PUNCT,
    CLASS_FUNCTION,
    CLASS_BIG,
    CLASS_SPACE /* text " " or "" (a thin space) */
} ItemClass;

typedef struct Item Item;
struct Item {
    ItemKind kind;
    ItemClass class;
    FontRole font;
    Role role;
    const char *text;
    const char *plain; /* how a line of text writes it, when not as `text` */
    bool closed;       /* ITEM_PAREN: its ")" was there */
    Item *body, *below;
    Item *sub, *sup;
    Item *next;
};

#define FORMULA_DEPTH 8 /* each level is measured twice as often as the one around it */

typedef struct {
    Item *first;
    bool valid;
    size_t fault; /* byte offset of the first fault */
} FormulaTree;

FormulaTree formula_parse(Arena *arena, const char *markup);

#endif
