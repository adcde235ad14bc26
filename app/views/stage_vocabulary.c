/* Rows as long as the vocabulary: the largest cells of the row in hand as bars with their tokens,
 * and below them the whole row as a strip in which no extreme is hidden, over the strips that it
 * was made from. */
#include "app/views/stage_part.h"

#include <math.h>

enum {
    TITLE_LEAST = 260,
    TOP = 15,
    ROWS_GAP = 24,
    ROW_LINE = 18,
    TITLE_LINE = 26,
    STRIP = 18,
    STRIP_LINE = STAGE_CAPTION + STRIP + HEAT_TICKS + 4
};

static Axis last_axis(const Node *node) {
    return node->axis[node->rank - 1];
}

static bool is_wide(const Stage *stage, int slot) {
    const Node *node = stage_slot_node(stage, slot);
    return node && (last_axis(node) == AXIS_VOCAB || last_axis(node) == AXIS_RANK ||
                    last_axis(node) == AXIS_LABEL);
}

/* ---- strips ---- */

static Panel row_panel(const Stage *stage, int slot, const char *letter, size_t row, Reach reach) {
    const Tensor *tensor = stage_tensor(stage, slot);
    const Node *node = stage_slot_node(stage, slot);
    size_t at[TENSOR_RANK] = {tensor->rank > 1 ? row : 0};
    return stage_panel_of(stage, slot, letter, ROLE_NONE, reach,
                          matrix_of(*tensor, (AxisRun){0, 0}, (AxisRun){tensor->rank - 1, 1}, at),
                          AXIS_ONE, last_axis(node));
}

/* The column of W that the cell in hand is made from. */
static Panel weight_column(const Stage *stage, size_t column) {
    const Tensor *w = stage_tensor(stage, 1);
    const Node *input = stage_slot_node(stage, 0);
    size_t at[TENSOR_RANK] = {0, column};
    return stage_panel_of(stage, 1, "W^U", ROLE_NONE, REACH_ALL,
                          matrix_of(*w, (AxisRun){0, 0}, (AxisRun){0, 1}, at), AXIS_ONE,
                          last_axis(input));
}

/* As the formulas call it. */
static const char *letter_of(const Node *node) {
    switch (node->op) {
    case OP_LINEAR: return "l";
    case OP_TEMPERATURE: return "l'";
    case OP_SORT: return "\\mathrm{id}";
    case OP_TOP_K: return "l''";
    case OP_SOFTMAX: return "p";
    case OP_CUMULATIVE: return "c";
    default: return "";
    }
}

static int strip_panels(const Stage *stage, size_t row, size_t column, Panel *panels) {
    int count = 0;
    const char *token = stage_row_label(stage, row);
    panels[count++] = row_panel(stage, STAGE_RESULT, letter_of(stage->node), row, REACH_CELL);
    if (stage->call.op == OP_LINEAR) {
        panels[0].name = WORD_WITH(stage->arena, WORD_ROW_OF, token);
        panels[count++] = row_panel(stage, 0, "x", row, REACH_ALL);
        panels[1].name = panels[0].name;
        panels[count++] = weight_column(stage, column);
        panels[2].name = WORD_WITH(stage->arena, WORD_COLUMN_OF,
                                   word_vocab_label(stage->arena, stage->in->model, column));
        return count;
    }
    for (int slot = 0; slot < stage->call.n_in; slot++)
        if (is_wide(stage, slot))
            panels[count++] = row_panel(stage, slot, letter_of(stage_slot_node(stage, slot)), row,
                                        REACH_CELL);
    return count;
}

static void draw_strips(Stage *stage, Rect area, Panel *panels, int count) {
    for (int i = 0; i < count; i++) {
        Rect line = rect_cut_top(&area, STRIP_LINE);
        heat_place(&panels[i].heat, line.x, line.y + STAGE_CAPTION, (Fit){1, 1, 1, STRIP},
                   fit_axis(panels[i].heat.matrix.columns, line.w, 8));
        panel_caption(stage, &panels[i], line.x, line.y, line.x + line.w);
        panel_draw(stage, &panels[i]);
    }
}

/* ---- bars ---- */

static size_t full_index(const Stage *stage, size_t row, size_t cell, size_t *index) {
    int last = stage->node->rank - 1;
    index[0] = row;
    index[last] = cell;
    return index[last];
}

static Bar vocab_bar(const Stage *stage, const Heat *heat, size_t row, size_t cell, int decimals) {
    double value = matrix_get(&heat->matrix, 0, cell);
    bool ids = heat->matrix.tensor.type == DTYPE_I32;
    double largest = fmax(fabs(heat->scale.low), fabs(heat->scale.high));
    size_t id = ids ? (size_t)value : stage_vocab_id(stage, last_axis(stage->node), cell);
    Bar bar = {.label = word_vocab_label(stage->arena, stage->in->model, id),
               .number = ids ? arena_printf(stage->arena, "#%zu", id)
                             : scale_with_decimals(stage->arena, heat->scale.kind, value, decimals),
               .share = ids || !isfinite(value) || largest == 0 ? 0 : value / largest,
               .color = scale_color(stage->theme, &heat->scale, isfinite(value) ? value : 0),
               .quiet = ids || !isfinite(value),
               .cell = true};
    full_index(stage, row, cell, bar.index);
    bar.hand = stage->has_hand && !stage->stepping && stage->hand[stage->node->rank - 1] == cell;
    return bar;
}

/* Ranks stand in their order; of the vocabulary the largest come first. */
static int top_cells(const Stage *stage, const Heat *heat, int most, size_t *cell) {
    if (last_axis(stage->node) == AXIS_VOCAB)
        return stage_largest(&heat->matrix, most, cell);
    int count = (size_t)most < heat->matrix.columns ? most : (int)heat->matrix.columns;
    for (int i = 0; i < count; i++)
        cell[i] = (size_t)i;
    return count;
}

static WordId title_of(const Stage *stage) {
    if (last_axis(stage->node) == AXIS_LABEL)
        return WORD_LABELS_OF_TEXT;
    if (last_axis(stage->node) != AXIS_VOCAB)
        return WORD_VOCAB_RANKS;
    return view_task(stage->in) == TASK_FILL ? WORD_VOCAB_HERE : WORD_VOCAB_TOP;
}

static void draw_title(const Stage *stage, Rect line, size_t row, int shown, size_t of) {
    UiSpan *spans;
    WordArg args[] = {{.text = stage_row_label(stage, row), .role = ROLE_HAND},
                      {.text = text_count(stage->arena, shown), .plain = true},
                      {.text = text_count(stage->arena, (int64_t)of), .plain = true}};
    WordId id = title_of(stage);
    size_t skip = id == WORD_LABELS_OF_TEXT; /* it names no token */
    size_t count = word_spans(stage->arena, stage->theme, word(id), stage->theme->secondary,
                              args + skip, 3 - skip, &spans);
    if (line.w >= TITLE_LEAST)
        ui_spans(stage->ui, line, THEME_SIZE_TEXT, spans, count, true);
}

/* The row as softmax makes it, phase by phase. */
static void draw_softmax(Stage *stage, Rect area, const Panel *result, size_t row) {
    size_t first[TENSOR_RANK] = {stage->node->rank > 1 ? row : 0};
    SoftmaxRow made = softmax_row(stage, first);
    Rect title = rect_cut_top(&area, TITLE_LINE);
    int shown = (size_t)TOP < made.scores.columns ? TOP : (int)made.scores.columns;
    draw_title(stage, title, row, shown, made.scores.columns);
    softmax_table(stage, area, &made, &result->heat.scale, TOP);
}

/* A question hides some of it: in the order of size the rest would tell where that belongs. */
static bool hides_any(const Stage *stage, size_t row) {
    int last = stage->node->rank - 1;
    OpRegion cells = {.slot = SLOT_RESULT, .lo = {row}, .hi = {row + 1}};
    cells.lo[last] = 0;
    cells.hi[last] = stage->node->dim[last];
    return veil_hides_any(stage->in->state->veil, stage->index, &cells);
}

static void draw_bars(Stage *stage, Rect area, const Panel *result, size_t row) {
    const Heat *heat = &result->heat;
    BarList list = {.mark = -1};
    Rect title = rect_cut_top(&area, TITLE_LINE);
    int room = stage_bar_room(&list, area.h);
    size_t cell[TOP];
    list.count = top_cells(stage, heat, room < TOP ? room : TOP, cell);
    draw_title(stage, title, row, list.count, heat->matrix.columns);
    if (!heat_done(heat, 0, 0) || hides_any(stage, row)) {
        stage_note(stage, rect_cut_top(&area, TITLE_LINE), word(WORD_ROW_PENDING));
        return;
    }
    Bar *bars = ARENA_NEW_N(stage->arena, Bar, (size_t)list.count);
    double value[TOP];
    for (int i = 0; i < list.count; i++)
        value[i] = matrix_get(&heat->matrix, 0, cell[i]);
    int decimals = scale_list_decimals(&heat->scale, value, list.count);
    for (int i = 0; i < list.count; i++)
        bars[i] = vocab_bar(stage, heat, row, cell[i], decimals);
    list.bar = bars;
    stage_bars(stage, area, &list);
}

/* ---- which row ---- */

/* Tokens around the row in hand, as many as have room; a click chooses another row. */
static int row_list_width(const Stage *stage) {
    float width = 0;
    for (size_t i = 0; i < stage->node->dim[0]; i++)
        width = fmaxf(width, text_width(ui_measure(stage->ui), FONT_MONO, THEME_SIZE_LABEL,
                                        stage_row_label(stage, i)));
    int needed = (int)ceilf(width) + 16;
    return needed > STAGE_LABELS_MOST + 16 ? STAGE_LABELS_MOST + 16 : needed;
}

static void row_list(const Stage *stage, Rect area, size_t row) {
    size_t rows = stage->node->dim[0], room = (size_t)(area.h / ROW_LINE);
    room = room < 1 ? 1 : room > rows ? rows : room;
    size_t first = row > room / 2 ? row - room / 2 : 0;
    if (first + room > rows)
        first = rows - room;
    for (size_t i = first; i < first + room; i++) {
        Rect line = rect_cut_top(&area, ROW_LINE);
        UiSignal signal = ui_region(stage->ui, arena_printf(stage->arena, "stage/row/%zu", i), line,
                                    0);
        if (i == row || signal.hovered)
            draw_round_rect(ui_list(stage->ui), line, 3,
                            i == row ? stage->theme->hover : stage->theme->raised);
        ui_label(stage->ui, rect_inset(line, 8, 0), UI_ALIGN_RIGHT, FONT_MONO, THEME_SIZE_LABEL,
                 i == row ? stage->theme->hand : stage->theme->secondary,
                 stage_row_label(stage, i));
        if (signal.clicked)
            intent_row(stage->in->out, stage->node->rows, i);
    }
}

/* ---- the whole ---- */

void stage_vocabulary(Stage *stage, Rect area) {
    size_t row = stage->node->axis[0] == AXIS_ONE ? 0 : stage_row(stage);
    if (node_row_axis(stage->node) >= 0 && area.w > TITLE_LEAST) {
        row_list(stage, rect_cut_left(&area, row_list_width(stage)), row);
        rect_cut_left(&area, ROWS_GAP);
    }
    Panel result = row_panel(stage, STAGE_RESULT, "", row, REACH_CELL), panels[4];
    size_t column;
    if (stage->has_hand)
        column = stage->hand[stage->node->rank - 1];
    else
        stage_largest(&result.heat.matrix, 1, &column);
    bool labels = last_axis(stage->node) == AXIS_LABEL; /* all of them are listed */
    int count = labels ? 0 : strip_panels(stage, row, column, panels);
    int most = area.h / 2 / STRIP_LINE;
    count = count > 0 && most < 1 ? 1 : count > most ? most : count;
    Rect strips = rect_cut_bottom(&area, count * STRIP_LINE);
    rect_cut_bottom(&area, STAGE_GAP);
    if (stage->call.op == OP_SOFTMAX)
        draw_softmax(stage, area, &result, row);
    else
        draw_bars(stage, area, &result, row);
    draw_strips(stage, strips, panels, count);
    stage_finish(stage, panels, count);
}
