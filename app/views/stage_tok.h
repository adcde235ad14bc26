/* stage_tok: how the tokenizer got to its tokens, one of its steps at a time. Private to the stage.
 *
 * Above stand the words of the text, below them the word that is being cut, in a picture of the
 * model's own: BPE's pieces that join, WordPiece's tries, Unigram's lattice. What is drawn is what
 * the steps hold (engine/text/tok_steps.h). */
#ifndef VIEWS_STAGE_TOK_H
#define VIEWS_STAGE_TOK_H

#include "app/views/stage_part.h"

typedef struct {
    Stage *stage;
    const TokSteps *steps;
    size_t now; /* the step that was done last */
    const TokStep *step;
    const TokStepWord *word; /* of the step; NULL: none */
    int size; /* of the texts in boxes: THEME_SIZE_TEXT, or larger where there is room */
} TokView;

enum {
    TOK_BOX_PAD = 8,    /* at both ends of a box's text */
    TOK_BOX_LEAST = 22, /* width of a box */
    TOK_NOTE = 14,      /* what a line below its text adds to its height */
    TOK_GAP = 6,        /* between boxes */
    TOK_GUTTER = 72,    /* for what stands at the left of a row of boxes */
    TOK_HEADING = 20,
    TOK_LOW = 200 /* height of a word's picture: below, only what the step is about has room */
};

/* Quiet: not there, not yet, or beaten. Hand: what the step is about. */
typedef enum { TOK_PLAIN, TOK_QUIET, TOK_HAND } TokLook;

/* `note` may be NULL. */
void tok_box(const TokView *view, Rect rect, const char *text, const char *note, TokLook look);
int tok_box_width(const TokView *view, const char *text, const char *note);
int tok_box_height(const TokView *view, bool noted);
void tok_heading(const TokView *view, Rect line, const char *text);
const char *tok_piece_text(const TokView *view, int32_t id);

/* The word as columns: piece[start, end) has the place from x[start] to x[end] − TOK_GAP. A word
 * that is wider than its area is shifted, so that `focus` is seen. */
typedef struct {
    int *x; /* [size + 1] */
} TokStrip;

/* What is to stand in the columns. */
typedef struct {
    int least;     /* width of a column with the smallest texts */
    size_t rows;   /* below each other, and one of tokens after them; */
    int row_above; /* each is so much higher than its texts' box */
    TokSpan focus;
} TokTable;

/* Columns are BPE's symbols at the word's start, else characters. The view's texts become as large
 * as the area allows. */
TokStrip tok_strip(TokView *view, Rect area, const TokTable *table);
Rect tok_strip_rect(const TokStrip *strip, TokSpan span, int y, int height);

/* The word's tokens with their numbers, behind a label in the gutter. */
void tok_result(const TokView *view, Rect area);

/* The pictures of a word. */
void tok_ladder(TokView view, Rect area);  /* BPE, WordPiece, WordLevel */
void tok_lattice(TokView view, Rect area); /* Unigram */

/* All of it, at the step in hand. */
void stage_tok_steps(Stage *stage, Rect area);

#endif
