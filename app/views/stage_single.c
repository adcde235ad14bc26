/* A single number: which token was taken, how many ranks are kept; large, over the list that it was
 * taken from. */
#include "app/views/stage_part.h"

#include <math.h>

enum { TOP = 15, VALUE_LINE = 56, FROM_LINE = 26 };

/* The input that is searched, and where in its bars the threshold stands; < 0: it has none. */
typedef struct {
    int slot;
    double threshold;
} Searched;

static double draw_threshold(const Stage *stage) {
    size_t zero[TENSOR_RANK] = {0};
    size_t kept = (size_t)tensor_get(&stage->call.in[2], zero);
    double sum = tensor_get(&stage->call.in[1], (size_t[TENSOR_RANK]){kept - 1});
    return stage->call.param.sample.u * sum;
}

static Searched searched(const Stage *stage) {
    switch (stage->call.op) {
    case OP_DRAW: return (Searched){1, draw_threshold(stage)};
    case OP_NUCLEUS: return (Searched){0, stage->call.param.sample.p};
    default: return (Searched){0, -1};
    }
}

static Matrix searched_row(const Stage *stage, int slot) {
    const Tensor *tensor = stage_tensor(stage, slot);
    size_t at[TENSOR_RANK] = {tensor->rank > 1 ? stage->trace->own.length - 1 : 0};
    return matrix_of(*tensor, (AxisRun){0, 0}, (AxisRun){tensor->rank - 1, 1}, at);
}

static bool is_taken(const Stage *stage, size_t cell, size_t id) {
    double value = tensor_get(&stage->call.out, (size_t[TENSOR_RANK]){0});
    return stage->call.op == OP_NUCLEUS ? (double)cell + 1 == value : (double)id == value;
}

static void draw_value(Stage *stage, Rect line) {
    size_t zero[TENSOR_RANK] = {0};
    bool done = progress_done(&stage->progress, zero);
    double value = tensor_get(&stage->call.out, zero);
    UiSignal signal = ui_region(stage->ui, "stage/result", line, 0);
    if (signal.hovered || signal.clicked)
        stage_point(stage, zero, signal.clicked);
    const char *text = !done ? "…"
                       : stage->call.op == OP_NUCLEUS
                           ? text_count(stage->arena, (int64_t)value)
                           : word_vocab_label(stage->arena, stage->in->model, (size_t)value);
    ui_label(stage->ui, line, UI_ALIGN_LEFT, FONT_MONO, THEME_SIZE_VALUE, stage->theme->hand, text);
}

static Bar searched_bar(const Stage *stage, const Matrix *row, const Scale *scale, Axis axis,
                        size_t cell, int decimals) {
    double value = matrix_get(row, 0, cell);
    size_t id = stage_vocab_id(stage, axis, cell);
    double largest = fmax(fabs(scale->low), fabs(scale->high));
    bool done = progress_done(&stage->progress, (size_t[TENSOR_RANK]){0});
    return (Bar){.label = word_vocab_label(stage->arena, stage->in->model, id),
                 .number = scale_with_decimals(stage->arena, scale->kind, value, decimals),
                 .share = scale->kind == SCALE_SHARE ? value
                          : largest > 0              ? value / largest
                                                     : 0,
                 .color = scale_color(stage->theme, scale, value),
                 .hand = done && is_taken(stage, cell, id)};
}

/* The first ranks, or the largest cells; the last line is the taken one where it comes later. */
static int listed(const Stage *stage, const Matrix *row, Axis axis, int most, size_t *cell) {
    if (axis == AXIS_VOCAB)
        return stage_largest(row, most, cell);
    int count = (size_t)most < row->columns ? most : (int)row->columns;
    size_t taken = 0;
    while (taken + 1 < row->columns && !is_taken(stage, taken, stage_vocab_id(stage, axis, taken)))
        taken++;
    for (int i = 0; i < count; i++)
        cell[i] = (size_t)i;
    if (taken >= (size_t)count)
        cell[count - 1] = taken;
    return count;
}

void stage_single(Stage *stage, Rect area) {
    Searched from = searched(stage);
    const Node *input = stage_slot_node(stage, from.slot);
    Axis axis = input->axis[input->rank - 1];
    Matrix row = searched_row(stage, from.slot);
    Scale scale = scale_of(&stage->in->widgets->found, &row,
                           input->op == OP_CUMULATIVE ? SCALE_SHARE : SCALE_SIGNED);
    draw_value(stage, rect_cut_top(&area, VALUE_LINE));
    stage_note(stage, rect_cut_top(&area, FROM_LINE),
               WORD_WITH(stage->arena, WORD_SINGLE_FROM, word_stage_title(input)));
    BarList list = {.mark = from.threshold};
    int room = stage_bar_room(&list, area.h);
    size_t cell[TOP];
    list.count = listed(stage, &row, axis, room < TOP ? room : TOP, cell);
    Bar *bars = ARENA_NEW_N(stage->arena, Bar, (size_t)list.count);
    double value[TOP];
    for (int i = 0; i < list.count; i++)
        value[i] = matrix_get(&row, 0, cell[i]);
    int decimals = scale_list_decimals(&scale, value, list.count);
    for (int i = 0; i < list.count; i++)
        bars[i] = searched_bar(stage, &row, &scale, axis, cell[i], decimals);
    list.bar = bars;
    if (area.w > 640)
        area.w = 640;
    stage_bars(stage, area, &list);
}
