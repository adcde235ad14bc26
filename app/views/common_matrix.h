/* common_matrix: a tensor as a picture sees it: one axis, or several neighbours, run down, others
 * run across, and the rest are held at one index (the head in view).
 *
 * A matrix is a window into numbers that somebody else owns; it copies none. */
#ifndef VIEWS_COMMON_MATRIX_H
#define VIEWS_COMMON_MATRIX_H

#include "engine/ops/op.h"
#include "engine/tensor/tensor.h"

/* Axes [first, first + count). A count of 0 gives one row or one column. */
typedef struct {
    int first, count;
} AxisRun;

typedef struct {
    Tensor tensor;
    AxisRun down, across;
    size_t at[TENSOR_RANK]; /* of the axes that are held; 0 for those that run */
    size_t rows, columns;
    ptrdiff_t origin, row_step,
        column_step; /* elements: cell (r, c) lies at origin + r · … + c · … */
} Matrix;

/* `at` may be NULL where nothing is held away from 0. Axes that run as one must lie evenly, as
 * those of records and of the weights that the forward sums over do. */
Matrix matrix_of(Tensor tensor, AxisRun down, AxisRun across, const size_t *at);
double matrix_get(const Matrix *matrix, size_t row, size_t column);
/* The cell's index in the tensor, and back: false where a held axis stands elsewhere. */
void matrix_index(const Matrix *matrix, size_t row, size_t column, size_t *index);
bool matrix_place(const Matrix *matrix, const size_t *index, size_t *row, size_t *column);

/* Half-open ranges of rows and columns. */
typedef struct {
    size_t row, column, row_end, column_end;
} MatrixBox;
/* The part of a region that lies in the matrix; false: none of it. */
bool matrix_box(const Matrix *matrix, const OpRegion *region, MatrixBox *box);

/* Of a box, the cell that stands for it when there is only one place for all: the one of the
 * largest magnitude, the first of equals; a cell that is −∞ only where all are. So no extreme is
 * hidden. */
void matrix_extreme(const Matrix *matrix, MatrixBox box, size_t *row, size_t *column);

/* Of the finite cells; false where there is none. */
bool matrix_limits(const Matrix *matrix, double *low, double *high);

#endif
