#include "app/views/common_matrix.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static bool runs(AxisRun run, int axis) {
    return axis >= run.first && axis < run.first + run.count;
}

static size_t run_cells(const Tensor *tensor, AxisRun run) {
    size_t cells = 1;
    for (int axis = run.first; axis < run.first + run.count; axis++)
        cells *= tensor->dim[axis];
    return cells;
}

/* Elements from a cell of a run to the next. */
static ptrdiff_t even_step(const Tensor *tensor, AxisRun run) {
    if (run.count == 0)
        return 0;
    int last = run.first + run.count - 1;
    for (int axis = run.first; axis < last; axis++)
        assert(tensor->stride[axis] == (ptrdiff_t)tensor->dim[axis + 1] * tensor->stride[axis + 1]);
    return tensor->stride[last];
}

Matrix matrix_of(Tensor tensor, AxisRun down, AxisRun across, const size_t *at) {
    Matrix matrix = {.tensor = tensor, .down = down, .across = across};
    assert(down.first + down.count <= tensor.rank && across.first + across.count <= tensor.rank);
    matrix.rows = run_cells(&tensor, down);
    matrix.columns = run_cells(&tensor, across);
    for (int axis = 0; at && axis < tensor.rank; axis++)
        if (!runs(down, axis) && !runs(across, axis))
            matrix.at[axis] = at[axis];
    matrix.origin = tensor_offset(&tensor, matrix.at);
    matrix.row_step = even_step(&tensor, down);
    matrix.column_step = even_step(&tensor, across);
    return matrix;
}

static void set_run(const Matrix *matrix, AxisRun run, size_t cell, size_t *index) {
    if (run.count > 0)
        shape_unravel(run.count, matrix->tensor.dim + run.first, cell, index + run.first);
}

void matrix_index(const Matrix *matrix, size_t row, size_t column, size_t *index) {
    memcpy(index, matrix->at, (size_t)matrix->tensor.rank * sizeof *index);
    set_run(matrix, matrix->down, row, index);
    set_run(matrix, matrix->across, column, index);
}

double matrix_get(const Matrix *matrix, size_t row, size_t column) {
    ptrdiff_t at = matrix->origin + (ptrdiff_t)row * matrix->row_step +
                   (ptrdiff_t)column * matrix->column_step;
    return tensor_number(&matrix->tensor, at);
}

static size_t run_place(const Matrix *matrix, AxisRun run, const size_t *index) {
    return run.count == 0
               ? 0
               : shape_ravel(run.count, matrix->tensor.dim + run.first, index + run.first);
}

bool matrix_place(const Matrix *matrix, const size_t *index, size_t *row, size_t *column) {
    for (int axis = 0; axis < matrix->tensor.rank; axis++)
        if (!runs(matrix->down, axis) && !runs(matrix->across, axis) &&
            index[axis] != matrix->at[axis])
            return false;
    *row = run_place(matrix, matrix->down, index);
    *column = run_place(matrix, matrix->across, index);
    return true;
}

bool matrix_box(const Matrix *matrix, const OpRegion *region, MatrixBox *box) {
    size_t last[TENSOR_RANK] = {0}, first[TENSOR_RANK] = {0};
    for (int axis = 0; axis < matrix->tensor.rank; axis++) {
        bool held = !runs(matrix->down, axis) && !runs(matrix->across, axis);
        if (region->lo[axis] >= region->hi[axis] ||
            (held && (matrix->at[axis] < region->lo[axis] || matrix->at[axis] >= region->hi[axis])))
            return false;
        first[axis] = held ? matrix->at[axis] : region->lo[axis];
        last[axis] = held ? matrix->at[axis] : region->hi[axis] - 1;
    }
    matrix_place(matrix, first, &box->row, &box->column);
    matrix_place(matrix, last, &box->row_end, &box->column_end);
    box->row_end++;
    box->column_end++;
    return true;
}

void matrix_extreme(const Matrix *matrix, MatrixBox box, size_t *row, size_t *column) {
    double best = -1;
    *row = box.row;
    *column = box.column;
    if (box.row_end - box.row == 1 && box.column_end - box.column == 1)
        return;
    for (size_t r = box.row; r < box.row_end; r++)
        for (size_t c = box.column; c < box.column_end; c++) {
            double size = fabs(matrix_get(matrix, r, c));
            if (isfinite(size) && size > best) {
                best = size;
                *row = r;
                *column = c;
            }
        }
}

bool matrix_limits(const Matrix *matrix, double *low, double *high) {
    bool any = false;
    for (size_t r = 0; r < matrix->rows; r++)
        for (size_t c = 0; c < matrix->columns; c++) {
            double value = matrix_get(matrix, r, c);
            if (!isfinite(value))
                continue;
            *low = !any || value < *low ? value : *low;
            *high = !any || value > *high ? value : *high;
            any = true;
        }
    return any;
}
