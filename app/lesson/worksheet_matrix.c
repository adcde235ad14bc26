/* Cells of a record as a matrix on paper. */
#include "app/lesson/worksheet_part.h"
#include "app/ui/text.h"

enum { MOST_ROWS = 64, MOST_COLUMNS = 64 };

/* The axes along which the cells go on: rows and columns, −1 where there is one row, or column. */
typedef struct {
    CellRange range;
    int row, column;
} Slice;

static size_t extent(const CellRange *range, int axis) {
    return axis < 0 ? 1 : range->to[axis] - range->from[axis];
}

static bool find_slice(const Drawing *drawing, const Expr *cells, Slice *slice, Err *err) {
    if (!expr_cells(cells, &drawing->scope, &slice->range, err))
        return false;
    const Node *node = &drawing->scope.main.trace->graph.node[slice->range.node];
    int open[TENSOR_RANK], count = 0;
    for (int axis = 0; axis < node->rank; axis++)
        if (extent(&slice->range, axis) != 1)
            open[count++] = axis;
    if (count > 2)
        return err_set(err, "%s has %d axes, expected at most two", expr_text(cells), count);
    slice->column = count > 0 ? open[count - 1] : node->rank - 1;
    slice->row = count > 1 ? open[0] : -1;
    if (count == 1 && open[0] < node->rank - 1) { /* a column */
        slice->row = open[0];
        slice->column = -1;
    }
    size_t rows = extent(&slice->range, slice->row), columns = extent(&slice->range, slice->column);
    return (rows > 0 && columns > 0 && rows <= MOST_ROWS && columns <= MOST_COLUMNS) ||
           err_set(err, "%s is %zu × %zu cells, expected 1 × 1 to %d × %d", expr_text(cells), rows,
                   columns, MOST_ROWS, MOST_COLUMNS);
}

static void index_of(const Slice *slice, int rank, size_t i, size_t j, size_t *index) {
    for (int axis = 0; axis < rank; axis++)
        index[axis] = slice->range.from[axis];
    if (slice->row >= 0)
        index[slice->row] += i;
    if (slice->column >= 0)
        index[slice->column] += j;
}

/* What the rows, or columns, are called. A single one is called by the axis of tokens that is left, if
 * there is one. */
static const char **labels(const Drawing *drawing, const Slice *slice, int axis, int other) {
    const Trace *trace = drawing->scope.main.trace;
    const Node *node = &trace->graph.node[slice->range.node];
    size_t count = extent(&slice->range, axis);
    const char **label = ARENA_NEW_N(drawing->arena, const char *, count);
    for (int left = 0; axis < 0 && left < node->rank; left++)
        if (left != other && axis_is_position(node->axis[left]))
            axis = left;
    for (size_t i = 0; i < count; i++)
        label[i] = axis < 0 ? ""
                            : drawing->words->place(drawing->arena, trace,
                                                    drawing->scope.main.model, slice->range.node,
                                                    axis, slice->range.from[axis] + i);
    return label;
}

/* "" where there is none, and of dimensions, whose numbers tell what they are. */
static const char *axis_word(const Drawing *drawing, const Node *node, int axis) {
    static const struct {
        Axis axis;
        const char *word[LANG_COUNT];
    } words[] = {
        {AXIS_POSITION, {"position", "자리"}},
        {AXIS_QUERY, {"query", "쿼리"}},
        {AXIS_KEY, {"key", "키"}},
        {AXIS_HEAD, {"head", "헤드"}},
        {AXIS_KV_HEAD, {"head", "헤드"}},
        {AXIS_LABEL, {"class", "클래스"}},
        {AXIS_VOCAB, {"token", "토큰"}},
    };
    for (size_t i = 0; axis >= 0 && i < sizeof words / sizeof *words; i++)
        if (words[i].axis == node->axis[axis])
            return words[i].word[drawing->lang];
    return "";
}

/* The head that all cells are of; −1: they are of several, or of none. */
static long head_of(const Slice *slice, const Node *node) {
    int axis = node_heads_axis(node);
    return axis >= 0 && extent(&slice->range, axis) == 1 ? (long)slice->range.from[axis] : -1;
}

static bool is_blank(const Drawing *drawing, const LessonQuestion *question, int node,
                     const size_t *index, bool *blank, Err *err) {
    CellRange range;
    *blank = false;
    for (size_t i = 0; i < question->blank_count; i++) {
        if (!expr_cells(question->blank[i], &drawing->scope, &range, err))
            return err_prefix(err, "blank[%zu]", i);
        *blank = *blank || cell_range_has(&range, drawing->scope.main.trace, node, index);
    }
    return true;
}

static bool fill_cells(const Drawing *drawing, const LessonQuestion *question, const Slice *slice,
                       SheetMatrix *matrix, Err *err) {
    const Trace *trace = drawing->scope.main.trace;
    int node = slice->range.node, rank = trace->graph.node[node].rank;
    size_t count = matrix->rows * matrix->columns, index[TENSOR_RANK];
    const char **cell = ARENA_NEW_N(drawing->arena, const char *, count);
    bool *blank = ARENA_NEW_N(drawing->arena, bool, count);
    int digits = trace->graph.node[node].type == DTYPE_I32 ? 0 : question->digits;
    for (size_t n = 0; n < count; n++) {
        index_of(slice, rank, n / matrix->columns, n % matrix->columns, index);
        cell[n] = text_number(drawing->arena, trace_get(trace, node, index), digits);
        if (!is_blank(drawing, question, node, index, &blank[n], err))
            return false;
    }
    matrix->cell = cell;
    matrix->blank = blank;
    return true;
}

bool worksheet_matrix(const Drawing *drawing, const LessonQuestion *question, size_t which,
                      SheetMatrix *matrix, Err *err) {
    Slice slice;
    if (!find_slice(drawing, question->matrix[which], &slice, err))
        return err_prefix(err, "matrix[%zu]", which);
    const Node *node = &drawing->scope.main.trace->graph.node[slice.range.node];
    *matrix = (SheetMatrix){
        .title = drawing->words->stage(node),
        .where = drawing->words->where(drawing->arena, node, head_of(&slice, node)),
        .row_axis = axis_word(drawing, node, slice.row),
        .column_axis = axis_word(drawing, node, slice.column),
        .rows = extent(&slice.range, slice.row),
        .columns = extent(&slice.range, slice.column),
        .row = labels(drawing, &slice, slice.row, slice.column),
        .column = labels(drawing, &slice, slice.column, slice.row),
    };
    return fill_cells(drawing, question, &slice, matrix, err);
}

static bool in_a_matrix(const Drawing *drawing, const LessonQuestion *question,
                        const CellRange *blank, bool *found, Err *err) {
    int rank = drawing->scope.main.trace->graph.node[blank->node].rank;
    *found = false;
    for (size_t i = 0; i < question->matrix_count && !*found; i++) {
        Slice slice;
        if (!find_slice(drawing, question->matrix[i], &slice, err))
            return err_prefix(err, "matrix[%zu]", i);
        *found = slice.range.node == blank->node;
        for (int axis = 0; axis < rank && *found; axis++)
            *found = slice.range.from[axis] <= blank->from[axis] &&
                     blank->to[axis] <= slice.range.to[axis];
    }
    return true;
}

bool worksheet_check_blanks(const Drawing *drawing, const LessonQuestion *question, Err *err) {
    for (size_t i = 0; i < question->blank_count; i++) {
        CellRange blank;
        bool found;
        if (!expr_cells(question->blank[i], &drawing->scope, &blank, err))
            return err_prefix(err, "blank[%zu]", i);
        if (!in_a_matrix(drawing, question, &blank, &found, err))
            return false;
        if (!found)
            return err_set(err, "blank[%zu]: %s is in no matrix of the question", i,
                           expr_text(question->blank[i]));
    }
    return true;
}
