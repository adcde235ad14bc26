/* figure: a picture of a record for a paper or a slide, drawn on a page (page.h).
 *
 *   heatmap  one matrix, a cell a number: tokens or indices as labels, axes named
 *   grid     a stage in all layers and heads, small, with one scale for all
 *   lines    one attention pattern as lines from query tokens to key tokens
 *
 * Shares are viridis from 0 to the largest; numbers with a sign diverge from 0. A cell that the mask
 * hides, or that is −∞, is crossed out and has no part in the colours. The colour bar shows the
 * values that occur, with the least and the largest printed beside it. Labels that have no room at
 * the least type size are thinned out, never made smaller. */
#ifndef EXPORT_FIGURE_H
#define EXPORT_FIGURE_H

#include "app/export/data.h"
#include "app/export/page.h"
#include "app/ui/theme.h"

typedef enum { FIGURE_HEATMAP, FIGURE_GRID, FIGURE_LINES, FIGURE_KINDS } FigureKind;
typedef enum { FIGURE_LIGHT, FIGURE_DARK, FIGURE_TRANSPARENT, FIGURE_THEMES } FigureTheme;
typedef enum { FIGURE_PAPER, FIGURE_SLIDE, FIGURE_LAYOUTS } FigureLayout;

/* Sizes: a paper's figure has any width and the height that it needs; a slide is 16 : 9. */
#define FIGURE_MM (72 / 25.4) /* a millimetre in points */
#define FIGURE_WIDTH (85 * FIGURE_MM)
#define FIGURE_WIDTH_LEAST (30 * FIGURE_MM)
#define FIGURE_WIDTH_MOST (1000 * FIGURE_MM)
#define FIGURE_HEIGHT_MOST 14400.0 /* of a PDF's page (PDF 1.7, annex C) */
#define FIGURE_SLIDE_WIDTH 960.0
#define FIGURE_SLIDE_HEIGHT 540.0
#define FIGURE_SCALE_PAPER 4.0 /* a PNG's pixels a point, where nobody says otherwise */
#define FIGURE_SCALE_SLIDE 2.0
#define FIGURE_TYPE_LEAST 7.0  /* points, on paper */
#define FIGURE_CELL_LEAST 0.15 /* points: smaller cells are refused */
#define FIGURE_PANEL_LEAST 8.0 /* points: so is a grid of smaller panels */

/* The words that a figure writes itself; the caller gives them in its language. */
typedef struct {
    const char *layer, *head, *masked;
    const char *(*axis)(Axis axis); /* the name of an axis */
} FigureWords;

typedef struct {
    FigureKind kind;
    /* The record; of a grid the same stage of each layer. Vocabulary axes are labelled by `label`. */
    const Trace *trace;
    const int *node;
    size_t nodes;
    const size_t *head; /* NULL: none is picked (a grid shows all) */
    bool share;         /* numbers from 0 to 1 */
    /* The mask that hides cells of a node; NULL: none does. */
    const MaskParams *(*mask)(const Trace *trace, const Node *node);
    const char *title, *caption; /* "": none */
    FigureTheme theme;
    FigureLayout layout;
    double width; /* points, of a paper's; 0: FIGURE_WIDTH */
    double pixel; /* a PNG's pixel in points: no cell may be smaller; 0: none */
    FigureWords words;
} FigureSpec;

/* Whether a record, or one head of it, can be drawn so, asked before anything runs. The message tells
 * its axes and what is missing. `slice`: --head picks an axis of it. */
bool figure_possible(FigureKind kind, const Node *node, const size_t *head, bool share, Err *err);

/* A grid's records: that stage of each block of its stack, in `node` (room for all of the graph's). 0:
 * it is in no block. And what they are called together: "blocks.*.attn.hook_pattern". */
size_t figure_blocks(const Graph *graph, int stage, int *node);
const char *figure_blocks_name(const Node *node, Arena *arena);

/* Adds the page. NULL with a message that names what is too large. */
Page *figure_draw(PageDoc *doc, const FigureSpec *spec, Err *err);

#endif
