/* common_heat: a matrix as a grid of coloured cells, with its labels.
 *
 * A matrix that is larger than its place is drawn with several cells in one: the one of the largest
 * magnitude stands for its group (matrix_extreme), and the picture says so. A cell that is not done
 * yet is empty; one that is −∞ is crossed out.
 *
 * Tokens label the axes of positions, the first and last index and the axis' name all others. */
#ifndef VIEWS_COMMON_HEAT_H
#define VIEWS_COMMON_HEAT_H

#include "app/views/common_scale.h"
#include "app/views/state.h"
#include "app/views/view.h"

/* How an axis is laid out: `shown` places of `size` points, `group` cells in each. */
typedef struct {
    size_t cells, group;
    int shown, size;
} Fit;
/* Places of at most `most` points in `points`; always at least one place of one point. */
Fit fit_axis(size_t cells, int points, int most);
int fit_length(const Fit *fit);

typedef struct {
    const char *id; /* "stage/in0" */
    Found *found;   /* NULL: each frame looks anew */
    Matrix matrix;
    Scale scale;
    Axis row_axis, column_axis;
    const char *row_name, *column_name; /* of axes whose cells have no names of their own, */
    const char *const *row_label;       /* [rows] … and those of the others: tokens, classes, */
    const char *const *column_label;    /* [columns] … experts. NULL: indices */
    Role row_role, column_role;         /* the colour of the label in hand */
    Fit down, across;
    const size_t *extreme; /* which cell stands for each group (found_extremes); NULL: not known */
    Rect rect;             /* of the grid: exactly its places */
    const Progress *progress; /* NULL: all is done */
    const MaskParams *mask;   /* NULL; of rows that are queries and columns that are keys */
} Heat;

/* Sets fits and size for a grid at (x, y). */
void heat_place(Heat *heat, int x, int y, Fit down, Fit across);
void heat_draw(Ui *ui, const Heat *heat);
/* The cell that stands at a place, and the rectangle of the place where a cell is. */
void heat_cell(const Heat *heat, int place_column, int place_row, size_t *row, size_t *column);
Rect heat_rect(const Heat *heat, size_t row, size_t column);
bool heat_done(const Heat *heat, size_t row, size_t column);
bool heat_masked(const Heat *heat, size_t row, size_t column); /* by the mask, or −∞ */
/* How a reason is drawn, in grids and in their legend. */
DrawHatch heat_hatch(MaskReason reason);

/* What an axis is called: "d_model"; key/value heads are "head" where each query has its own. */
const char *heat_axis_name(const Node *node, int axis, const Walk *walk);

/* An outline around a box of cells in the role's colour and style; thin where cells are small. */
void heat_frame(Ui *ui, const Heat *heat, MatrixBox box, Role role);

/* Which row or column is in hand, for the labels: SIZE_MAX for none. */
#define HEAT_NONE ((size_t)-1)
/* Right-aligned names (or indices) that end at x; the width they take, at most `most`. */
int heat_row_labels_width(Ui *ui, const Heat *heat, int most);
void heat_row_labels(Ui *ui, const Heat *heat, int right, int width, size_t hand);
/* Where the label of a row begins, so that a line to the row can end before it. */
int heat_row_label_left(Ui *ui, const Heat *heat, int right, int width, size_t row);
/* Turned names above the grid (or indices, not turned), ending at y; the height that they take. */
int heat_column_labels_height(Ui *ui, const Heat *heat, int most);
void heat_column_labels(Ui *ui, const Heat *heat, int bottom, int height, size_t hand);
/* The first and last index and the axis' name below the grid; HEAT_TICKS points high. */
enum { HEAT_TICKS = 16 };
void heat_ticks(Ui *ui, const Heat *heat, size_t hand);

/* What happens on the grid. False: the pointer is on no cell. */
bool heat_signal(Ui *ui, const Heat *heat, UiSignal *signal, size_t *row, size_t *column);
/* "stage/result[3,1]" for each place, so that scripts find it: where places are ≥ 3 points and not
 * more than HEAT_MARKS. */
enum { HEAT_MARKS = 4096, HEAT_MARK_LEAST = 3, HEAT_GAPS = 6 };
void heat_marks(Ui *ui, const Heat *heat);

#endif
