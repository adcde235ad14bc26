/* figure_part: what the files of figure share; private to them. */
#ifndef EXPORT_FIGURE_PART_H
#define EXPORT_FIGURE_PART_H

#include "app/export/figure.h"

/* A figure that is being drawn. */
typedef struct {
    const FigureSpec *spec;
    PageDoc *doc;
    Page *page;
    const Theme *theme;
    PageStyle title, caption, axis, label; /* label: tokens and numbers, the smallest type */
    double margin, gap;                    /* round everything; between things */
    double line;                           /* the thickness of frames */
    PageBox room;                          /* for the picture: its width, and the most height */
    double bottom;                         /* where the picture ended */
} Figure;

/* ---- values (figure_values.c) ---- */

/* A matrix to be drawn: a slice of a record. */
typedef struct {
    DataTable table; /* rank 2 */
    const MaskParams *mask;
    size_t rows, columns;
} Panel;

typedef struct {
    bool share, any;  /* any: there is a finite value */
    bool masked;      /* some cell is crossed out */
    double low, high; /* of all that is not masked */
} Limits;

bool fig_panel_take(const FigureSpec *spec, int node, const size_t *head, Panel *panel, Err *err);
double fig_panel_get(const Panel *panel, size_t row, size_t column);
bool fig_panel_masked(const Panel *panel, size_t row, size_t column);
void fig_limits_add(Limits *limits, const Panel *panel);
Color fig_limits_color(const Limits *limits, const Theme *theme, double value);
/* "0.902", "−12.3", "1.8e−04" */
const char *fig_limits_number(Arena *arena, double value);
void fig_panel_draw(Figure *figure, const Panel *panel, const Limits *limits, PageBox box);

/* ---- axes (figure_axis.c) ---- */

typedef enum { LABELS_LEVEL, LABELS_TILTED, LABELS_UPRIGHT } LabelTurn;

/* The labels along one side of a matrix: names, or numbers from 0. */
typedef struct {
    size_t count;
    const char **text; /* [count], shortened to fit */
    double *wide;      /* [count] */
    const char *name;  /* of the axis; "": neither name nor labels */
    bool named;        /* the labels are names */
    size_t step;       /* every so many are shown */
    double width;      /* of the widest of these */
    LabelTurn turn;    /* of columns */
    double height;     /* of the block above the columns, without the axis' name */
    double over;       /* how far the last one reaches beyond the last cell */
} Labels;

Labels fig_labels_of(Figure *figure, const DataTable *table, int axis, double widest);
Labels fig_labels_numbers(Figure *figure, size_t count, const char *name);
/* Sets step, turn, height and over for cells of that size. */
void fig_labels_fit_rows(const Figure *figure, Labels *labels, double cell);
void fig_labels_fit_columns(const Figure *figure, Labels *labels, double cell);
double fig_labels_rows_width(const Figure *figure, const Labels *labels); /* with the axis' name */
double fig_labels_columns_height(const Figure *figure, const Labels *labels);
/* To the left of the box, and above it. The name of the rows may be longer than they are high: returns
 * where all that ends below. */
double fig_labels_draw_rows(Figure *figure, const Labels *labels, PageBox box);
void fig_labels_draw_columns(Figure *figure, const Labels *labels, PageBox box);

/* The colour bar with its limits, and below it what a crossed cell is. */
typedef struct {
    const Limits *limits;
    double width, height; /* all of it; height is the least that it needs */
} Bar;
Bar fig_bar_of(Figure *figure, const Limits *limits);
/* Right of x; `height` is that of the matrix. Returns where it ends below. */
double fig_bar_draw(Figure *figure, const Bar *bar, double x, double y, double height);

/* ---- kinds ---- */

bool figure_heatmap(Figure *figure, Err *err);
bool figure_grid(Figure *figure, Err *err);
bool figure_lines(Figure *figure, Err *err);
/* Refuses cells that are too small, by the record's name. */
bool figure_cells_fit(const Figure *figure, const Panel *panel, double cell_width,
                      double cell_height, Err *err);

#endif
