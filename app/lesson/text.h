/* text: a lesson's markup with the trace's numbers put in, as paragraphs of spans that a panel or a
 * terminal shows. docs/lessons.md has the markup. */
#ifndef LESSON_TEXT_H
#define LESSON_TEXT_H

#include "app/lesson/lesson.h"
#include "app/lesson/value.h"

typedef enum {
    SPAN_TEXT,
    SPAN_BOLD,
    SPAN_CODE,
    SPAN_VALUE,  /* a number from the trace */
    SPAN_TOKEN,  /* a token or a piece, with its quotation marks */
    SPAN_FORMULA /* formula.h's markup */
} SpanKind;

typedef struct {
    SpanKind kind;
    const char *text;
    Role role;    /* its colour; ROLE_NONE: none */
    bool link;    /* it goes somewhere: */
    CellRange to; /* a cell, or a whole stage */
} LessonSpan;

typedef struct {
    bool bullet;
    const LessonSpan *span;
    size_t span_count;
} LessonParagraph;

typedef struct {
    const LessonParagraph *paragraph;
    size_t count;
} LessonBody;

/* Whether the markup is well formed: `err` says which line (from 1) of the text. Every expression in
 * it is handed to `visit` (may be NULL), and is gone when it returns. */
typedef void MarkupVisit(void *user, const Expr *expr, bool is_link);
bool markup_check(const char *markup, MarkupVisit *visit, void *user, Err *err);

/* False with the reason where an expression can't be evaluated, with an empty one where a run is not
 * there yet. */
bool markup_render(const char *markup, const ExprScope *scope, Arena *arena, LessonBody *body,
                   Err *err);
/* One line a paragraph, formulas as formula_plain writes them. */
void body_plain(const LessonBody *body, Buf *out);

#endif
