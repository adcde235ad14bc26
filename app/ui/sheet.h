/* sheet: a worksheet as data: what stands on it from top to bottom, and no word of where on a page. A
 * lesson makes it (app/lesson/worksheet.h), pages show it (app/export/sheet.h).
 *
 * Everything lies in the arena of who made it. */
#ifndef UI_SHEET_H
#define UI_SHEET_H

#include "app/ui/theme.h"

typedef enum {
    SHEET_PLAIN,
    SHEET_BOLD,
    SHEET_MONO,   /* code, a number, a token */
    SHEET_FORMULA /* formula.h's markup */
} SheetFont;

/* A piece of a line. Lines break at its spaces alone. */
typedef struct {
    SheetFont font;
    Role role; /* its colour */
    const char *text;
} SheetSpan;

/* Cells of a record with what its rows and columns are called. */
typedef struct {
    const char *title;                  /* "Attention weights: a share for each key" */
    const char *where;                  /* "block 2 · head 1" */
    const char *row_axis, *column_axis; /* "query"; "" where there is only one row, or column */
    size_t rows, columns;
    const char *const *row, *const *column; /* labels */
    const char *const *cell;                /* [rows × columns] numbers as shown */
    const bool *blank;                      /* [rows × columns] the learner fills it */
} SheetMatrix;

typedef enum {
    SHEET_PARAGRAPH,
    SHEET_BULLET,
    SHEET_TOKENS, /* a text, token after token */
    SHEET_MATRIX,
    SHEET_ANSWER, /* spans, and a line to write a number on; on a key the number */
    SHEET_RULED   /* empty lines to write on */
} SheetKind;

typedef struct {
    SheetKind kind;
    const SheetSpan *span;    /* PARAGRAPH, BULLET, ANSWER: [count] */
    const char *const *token; /* TOKENS: [count] */
    size_t count;             /* … or lines, at least one: RULED */
    const SheetMatrix *matrix;
    const char *answer; /* ANSWER: NULL on a sheet */
    bool solution;      /* it is the key's, not the question's */
} SheetBlock;

/* A question: kept on one page where it fits one. */
typedef struct {
    const char *heading; /* "1"; NULL: none */
    const SheetBlock *block;
    size_t count;
} SheetPart;

typedef struct {
    const char *kind;     /* "Worksheet" */
    const char *title;    /* the lesson's */
    const char *blank[2]; /* "Name", "Date": with a line behind it; NULL: none */
    const char *footer;
    const char *page; /* "page {0} of {1}" */
    bool key;         /* blanks are filled */
    const SheetPart *part;
    size_t count;
} SheetDoc;

#endif
