#include "app/views/stage_part.h"

#include <math.h>
#include <string.h>

/* ---- what a slot is ---- */

const Tensor *stage_tensor(const Stage *stage, int slot) {
    return slot == STAGE_RESULT ? &stage->call.out : &stage->call.in[slot];
}

const Node *stage_slot_node(const Stage *stage, int slot) {
    if (slot == STAGE_RESULT)
        return stage->node;
    Ref ref = stage->node->in[slot];
    return ref.kind == REF_NODE ? &stage->trace->graph.node[ref.index] : NULL;
}

static const Weight *slot_weight(const Stage *stage, int slot) {
    Ref ref = stage->node->in[slot];
    return &stage->trace->graph.weight[ref.index];
}

void stage_held(const Stage *stage, int slot, size_t *at) {
    const Node *node = stage_slot_node(stage, slot);
    memset(at, 0, TENSOR_RANK * sizeof *at);
    int axis = node ? node_head_axis(node) : -1;
    if (axis >= 0)
        at[axis] = state_head(stage->in->state, stage->in->walk, node);
}

/* ---- making panels ---- */

static ScaleKind scale_kind(const Node *node) {
    return node && node_is_share(node) ? SCALE_SHARE : SCALE_SIGNED;
}

static Role axis_role(const Node *node, Axis axis, Role role) {
    if (axis == AXIS_KEY)
        return node && node_role(node) != ROLE_NONE ? node_role(node) : ROLE_KEY;
    if (axis == AXIS_QUERY)
        return ROLE_QUERY;
    return role == ROLE_NONE ? ROLE_HAND : role;
}

/* "d_head"; "head, d_head" where two axes run as one. */
static const char *run_name(const Stage *stage, const Node *node, AxisRun run, Axis axis) {
    if (run.count < 2)
        return word_axis(axis);
    const char *outer = node ? heat_axis_name(node, run.first, stage->in->walk)
                             : word_axis(AXIS_HEAD);
    return arena_printf(stage->arena, "%s, %s", outer, word_axis(axis));
}

static int slot_index(const Stage *stage, int slot) {
    return slot == STAGE_RESULT ? stage->index : stage->node->in[slot].index;
}

bool stage_expert(const Stage *stage, const Node *node, size_t row, size_t choice, size_t *expert) {
    int route = node_choices(stage->trace, node);
    if (route < 0)
        return false;
    *expert = (size_t)trace_get(stage->trace, route, (size_t[TENSOR_RANK]){row, choice});
    return true;
}

/* "·Lily → 3": a token and the expert that it takes by the choice in view. */
static const char **expert_labels(const Stage *stage, const Node *node, const TraceText *text,
                                  size_t choice) {
    const char **label = ARENA_NEW_N(stage->arena, const char *, text->length);
    for (size_t i = 0; i < text->length; i++) {
        size_t expert;
        label[i] = text->label[i];
        if (stage_expert(stage, node, i, choice, &expert))
            label[i] = WORD_WITH(stage->arena, WORD_TOKEN_EXPERT, label[i],
                                 text_count(stage->arena, (int64_t)expert));
    }
    return label;
}

/* Names that the program makes for a short axis. */
enum { NAMED_MOST = 64 };
static const char *const *made_labels(const Stage *stage, int node, int axis, size_t cells) {
    Axis kind = stage->trace->graph.node[node].axis[axis];
    if ((kind != AXIS_EXPERT && kind != AXIS_CHOSEN && kind != AXIS_LABEL) || cells > NAMED_MOST)
        return NULL;
    const char **label = ARENA_NEW_N(stage->arena, const char *, cells);
    for (size_t i = 0; i < cells; i++) {
        label[i] = word_place(stage->arena, stage->trace, stage->in->model, node, axis, i);
        if (kind == AXIS_EXPERT)
            label[i] = WORD_WITH(stage->arena, WORD_EXPERT, label[i]);
    }
    return label;
}

/* What the cells of an axis are called: tokens of the text that it counts, classes, experts. NULL:
 * they have numbers only. */
static const char *const *axis_labels(const Stage *stage, int slot, const Matrix *matrix,
                                      AxisRun run) {
    const Node *node = stage_slot_node(stage, slot);
    if (!node || run.count != 1)
        return NULL;
    int index = slot_index(stage, slot), heads = node_head_axis(node);
    const TraceText *text = trace_text(stage->trace, index, run.first);
    if (!text)
        return made_labels(stage, index, run.first, node->dim[run.first]);
    bool choice = node_has_choices(node) && run.first != heads && matrix->across.count == 1;
    return choice ? expert_labels(stage, node, text, matrix->at[heads]) : text->label;
}

/* Of an operand: all is done but what a question hides. */
static const Progress *hidden_progress(const Stage *stage, int node) {
    Progress *progress = ARENA_NEW(stage->arena, Progress);
    const Veil *veil = stage->in->state->veil;
    *progress = (Progress){
        .none = veil_kind(veil, node) == VEIL_RECORD, .whole = true, .veil = veil, .node = node};
    return progress;
}

Panel stage_panel_of(const Stage *stage, int slot, const char *letter, Role role, Reach reach,
                     Matrix matrix, Axis row_axis, Axis column_axis) {
    const Node *node = stage_slot_node(stage, slot);
    Panel panel = {.slot = slot, .reach = reach, .role = role, .letter = letter};
    Heat *heat = &panel.heat;
    heat->id = slot == STAGE_RESULT ? "stage/result"
                                    : arena_printf(stage->arena, "stage/in%d", slot);
    heat->found = &stage->in->widgets->found;
    heat->matrix = matrix;
    heat->scale = scale_of(heat->found, &matrix, scale_kind(node));
    heat->row_axis = row_axis;
    heat->column_axis = column_axis;
    heat->row_name = run_name(stage, node, matrix.down, row_axis);
    heat->column_name = run_name(stage, node, matrix.across, column_axis);
    heat->row_role = axis_role(node, row_axis, role);
    heat->column_role = axis_role(node, column_axis, role);
    heat->row_label = axis_labels(stage, slot, &matrix, matrix.down);
    heat->column_label = axis_labels(stage, slot, &matrix, matrix.across);
    heat->mask = row_axis == AXIS_QUERY && column_axis == AXIS_KEY && node
                     ? node_mask(stage->trace, node)
                     : NULL;
    if (slot == STAGE_RESULT) {
        heat->progress = &stage->progress;
        heat->scale.open = !heat_done(heat, matrix.rows - 1, matrix.columns - 1);
    } else if (node && veil_kind(stage->in->state->veil, slot_index(stage, slot))) {
        heat->progress = hidden_progress(stage, slot_index(stage, slot));
        heat->scale.open = !heat_done(heat, matrix.rows - 1, matrix.columns - 1);
    }
    panel.limits = heat->scale;
    return panel;
}

void panels_share_scale(Panel *panels, int count) {
    for (int i = 1; i < count; i++)
        scale_join(&panels[0].heat.scale, &panels[i].heat.scale);
    for (int i = 1; i < count; i++) {
        panels[i].heat.scale.low = panels[0].heat.scale.low;
        panels[i].heat.scale.high = panels[0].heat.scale.high;
    }
}

/* The layout that the shape itself suggests. */
static Matrix plain_matrix(const Stage *stage, int slot, int head_axis) {
    const Tensor *tensor = stage_tensor(stage, slot);
    size_t at[TENSOR_RANK];
    stage_held(stage, slot, at);
    if (tensor->rank == 1)
        return matrix_of(*tensor, (AxisRun){0, 0}, (AxisRun){0, 1}, at);
    if (head_axis == 0)
        return matrix_of(*tensor, (AxisRun){1, 1}, (AxisRun){2, tensor->rank - 2}, at);
    if (head_axis == 1 && tensor->rank > 2)
        return matrix_of(*tensor, (AxisRun){0, 1}, (AxisRun){2, tensor->rank - 2}, at);
    return matrix_of(*tensor, (AxisRun){0, 1}, (AxisRun){1, tensor->rank - 1}, at);
}

Panel stage_panel(const Stage *stage, int slot, const char *letter, Role role, Reach reach) {
    const Node *node = stage_slot_node(stage, slot);
    Matrix matrix = plain_matrix(stage, slot, node ? node_head_axis(node) : -1);
    Axis row = AXIS_ONE, column = AXIS_ONE;
    if (node) {
        row = matrix.down.count ? node->axis[matrix.down.first] : AXIS_ONE;
        column = node->axis[matrix.across.first + matrix.across.count - 1];
    } else {
        column = AXIS_D_MODEL;
    }
    return stage_panel_of(stage, slot, letter, role, reach, matrix, row, column);
}

/* ---- what is in hand in a panel ---- */

static const OpRegion *step_region(const Stage *stage, int slot) {
    if (slot == STAGE_RESULT)
        return &stage->step.write;
    for (int i = 0; i < stage->step.n_reads; i++)
        if (stage->step.read[i].slot == slot)
            return &stage->step.read[i];
    return NULL;
}

void stage_place_hand(Stage *stage) {
    int head_axis = node_head_axis(stage->node);
    Matrix result = plain_matrix(stage, STAGE_RESULT, head_axis);
    stage->placed = stage->has_hand &&
                    matrix_place(&result, stage->hand, &stage->hand_row, &stage->hand_column);
}

static size_t within(size_t place, size_t count) {
    return place < count ? place : count - 1;
}

/* Of a panel that has one row or one column, that one is meant wherever the hand is. */
static MatrixBox reach_box(const Panel *panel, size_t row, size_t column) {
    size_t rows = panel->heat.matrix.rows, columns = panel->heat.matrix.columns;
    size_t r = within(row, rows), c = within(column, columns);
    switch (panel->reach) {
    case REACH_CELL: return (MatrixBox){r, c, r + 1, c + 1};
    case REACH_ROW: return (MatrixBox){r, 0, r + 1, columns};
    case REACH_COLUMN: return (MatrixBox){0, c, rows, c + 1};
    case REACH_BEFORE: return (MatrixBox){r - 1, c, r, c + 1};
    case REACH_ALL: break;
    }
    return (MatrixBox){0, 0, rows, columns};
}

bool panel_reach(const Stage *stage, const Panel *panel, MatrixBox *box) {
    if (stage->stepping) {
        const OpRegion *region = step_region(stage, panel->slot);
        return region && matrix_box(&panel->heat.matrix, region, box);
    }
    if (panel->reach == REACH_BEFORE && stage->hand_row == 0)
        return false;
    if (stage->placed)
        *box = reach_box(panel, stage->hand_row, stage->hand_column);
    return stage->placed;
}

void panel_hand(const Stage *stage, const Panel *panel, size_t *row, size_t *column) {
    MatrixBox box;
    *row = *column = HEAT_NONE;
    if (!panel_reach(stage, panel, &box))
        return;
    if (box.row_end - box.row == 1)
        *row = box.row;
    if (box.column_end - box.column == 1)
        *column = box.column;
}

/* ---- drawing ---- */

static const char *shape_text(const Stage *stage, const Panel *panel) {
    const Matrix *matrix = &panel->heat.matrix;
    return arena_printf(stage->arena, "%s × %s", text_count(stage->arena, (int64_t)matrix->rows),
                        text_count(stage->arena, (int64_t)matrix->columns));
}

static const char *limits_text(const Stage *stage, const Panel *panel) {
    const Scale *scale = &panel->limits;
    if (!scale->any || scale->open)
        return "";
    return arena_printf(stage->arena, "%s … %s", scale_number(stage->arena, scale, scale->low),
                        scale_number(stage->arena, scale, scale->high));
}

static const char *panel_name(const Stage *stage, const Panel *panel) {
    if (panel->name)
        return panel->name;
    if (panel->slot == STAGE_RESULT)
        return "";
    Ref ref = stage->node->in[panel->slot];
    const Graph *graph = &stage->trace->graph;
    return ref.kind == REF_NODE ? word_stage_short(&graph->node[graph_owner(graph, ref.index)])
                                : slot_weight(stage, panel->slot)->name;
}

void panel_caption(const Stage *stage, const Panel *panel, int x, int y, int right) {
    const TextMeasure *measure = ui_measure(stage->ui);
    Color color = panel->role == ROLE_NONE ? stage->theme->text
                                           : theme_role(stage->theme, panel->role);
    float baseline = (float)y + 14;
    FormulaSize size = formula_draw(ui_list(stage->ui), measure, stage->theme, (float)x, baseline,
                                    THEME_SIZE_TITLE, color, panel->letter);
    int at = x + (int)size.width + (size.width > 0 ? 6 : 0);
    enum { SHAPE, NAME, LIMITS, PARTS };
    const struct {
        const char *text;
        Color color;
    } parts[PARTS] = {[SHAPE] = {shape_text(stage, panel), stage->theme->secondary},
                      [NAME] = {panel_name(stage, panel), stage->theme->secondary},
                      [LIMITS] = {limits_text(stage, panel), stage->theme->faint}};
    float shape = text_width(measure, FONT_UI, THEME_SIZE_SMALL, parts[SHAPE].text);
    float limits = text_width(measure, FONT_UI, THEME_SIZE_SMALL, parts[LIMITS].text);
    bool result = panel->slot == STAGE_RESULT && parts[LIMITS].text[0];
    bool alone = result && shape + limits + 10 > (float)(right - at);
    for (int i = alone ? LIMITS : SHAPE; i < PARTS && at + 24 < right; i++) {
        if (!parts[i].text[0])
            continue;
        const char *text = text_elide(stage->arena, measure, FONT_UI, THEME_SIZE_SMALL,
                                      parts[i].text, (float)(right - at), TEXT_ELIDE_MIDDLE);
        if (i != NAME && strcmp(text, parts[i].text) != 0)
            return;
        draw_text(ui_list(stage->ui), FONT_UI, THEME_SIZE_SMALL, parts[i].color, (float)at,
                  baseline - 1, text);
        at += (int)text_width(measure, FONT_UI, THEME_SIZE_SMALL, text) + 10;
    }
}

void panel_row_labels(const Stage *stage, const Panel *panel, int right, int width) {
    size_t row, column;
    panel_hand(stage, panel, &row, &column);
    heat_row_labels(stage->ui, &panel->heat, right, width, row);
}

void panel_column_labels(const Stage *stage, const Panel *panel, int bottom, int height) {
    size_t row, column;
    panel_hand(stage, panel, &row, &column);
    heat_column_labels(stage->ui, &panel->heat, bottom, height, column);
}

static void keep_group(Stage *stage, const Heat *heat) {
    if (heat->down.group > stage->groups[0])
        stage->groups[0] = heat->down.group;
    if (heat->across.group > stage->groups[1])
        stage->groups[1] = heat->across.group;
}

void panel_draw(Stage *stage, const Panel *panel) {
    size_t row, column;
    heat_draw(stage->ui, &panel->heat);
    panel_hand(stage, panel, &row, &column);
    heat_ticks(stage->ui, &panel->heat, column);
    keep_group(stage, &panel->heat);
}

static bool is_one_cell(MatrixBox box) {
    return box.row_end - box.row == 1 && box.column_end - box.column == 1;
}

/* The number of a weight that the reader chose in the inspector. */
static void draw_weight(const Stage *stage, const Panel *panel) {
    const ViewWidgets *widgets = stage->in->widgets;
    size_t row, column;
    if (!widgets->weight_chosen || widgets->weight.slot != panel->slot || !stage->has_hand ||
        widgets->listed_node != stage->index + 1 ||
        memcmp(widgets->listed_cell, stage->hand, (size_t)stage->node->rank * sizeof(size_t)) != 0)
        return;
    const Tensor *tensor = &panel->heat.matrix.tensor;
    bool inside = !stage_slot_node(stage, panel->slot) && tensor->rank == widgets->weight.rank;
    for (int axis = 0; inside && axis < tensor->rank; axis++)
        inside = widgets->weight.index[axis] < tensor->dim[axis];
    if (inside && matrix_place(&panel->heat.matrix, widgets->weight.index, &row, &column))
        heat_frame(stage->ui, &panel->heat, (MatrixBox){row, column, row + 1, column + 1},
                   ROLE_HAND);
}

/* A step writes a whole row; the inspector explains one cell of it. */
static void draw_explained(const Stage *stage, const Panel *panel, MatrixBox box) {
    if (panel->slot != STAGE_RESULT || !stage->stepping || !stage->has_hand || is_one_cell(box) ||
        !progress_done(&stage->progress, stage->hand))
        return;
    size_t row, column;
    if (matrix_place(&panel->heat.matrix, stage->hand, &row, &column))
        heat_frame(stage->ui, &panel->heat, (MatrixBox){row, column, row + 1, column + 1},
                   ROLE_HAND);
}

static void draw_reach(const Stage *stage, const Panel *panel) {
    MatrixBox box;
    if (!panel_reach(stage, panel, &box))
        return;
    bool result = panel->slot == STAGE_RESULT;
    if (panel->reach == REACH_ALL && !result && !stage->stepping)
        return;
    Role role = result ? ROLE_HAND : panel->role;
    if (!result && is_one_cell(box) && role == ROLE_NONE)
        role = ROLE_HAND;
    bool row = stage->stepping && result && !is_one_cell(box);
    heat_frame(stage->ui, &panel->heat, box, row ? ROLE_NONE : role);
    draw_explained(stage, panel, box);
}

Role stage_cell_mark(const Stage *stage, const size_t *index) {
    for (size_t i = 0; i < stage->in->mark_count; i++) {
        const ViewMark *mark = &stage->in->mark[i];
        bool inside = mark->kind == VIEW_MARK_CELLS && mark->node == stage->index;
        for (int axis = 0; inside && axis < stage->node->rank; axis++)
            inside = index[axis] == mark->cells.lo[axis] &&
                     mark->cells.hi[axis] == mark->cells.lo[axis] + 1;
        if (inside)
            return mark->role;
    }
    return ROLE_NONE;
}

static void draw_marks(const Stage *stage, const Panel *panel) {
    const Graph *graph = &stage->trace->graph;
    if (!stage_slot_node(stage, panel->slot))
        return;
    int node = graph_owner(graph, slot_index(stage, panel->slot));
    for (size_t i = 0; i < stage->in->mark_count; i++) {
        const ViewMark *mark = &stage->in->mark[i];
        MatrixBox box;
        if (mark->kind == VIEW_MARK_CELLS && graph_owner(graph, mark->node) == node &&
            matrix_box(&panel->heat.matrix, &mark->cells, &box))
            heat_frame(stage->ui, &panel->heat, box, mark->role);
    }
}

void stage_join(const Stage *stage, Role role, int x1, int y1, int x2, int y2) {
    Color color = role == ROLE_NONE ? stage->theme->secondary : theme_role(stage->theme, role);
    draw_line(ui_list(stage->ui), (float)x1, (float)y1, (float)x2, (float)y2, 1,
              role == ROLE_VALUE ? DRAW_DASHED : DRAW_SOLID, color_alpha(color, 0.75));
}

void stage_note(const Stage *stage, Rect line, const char *text) {
    ui_label(stage->ui, line, UI_ALIGN_LEFT, FONT_UI, THEME_SIZE_SMALL, stage->theme->faint, text);
}

size_t stage_row(const Stage *stage) {
    int axis = node_row_axis(stage->node);
    if (axis < 0)
        return stage->trace->own.length - 1;
    if (stage->has_hand)
        return stage->hand[axis];
    if (stage->stepping)
        return stage->step.write.lo[axis];
    return node_asked_row(stage->trace, stage->node);
}

const char *stage_row_label(const Stage *stage, size_t row) {
    return node_text(stage->trace, stage->node)->label[row];
}

/* ---- the pointer ---- */

/* "query ·Lily", "d_head 5", "·red" of the vocabulary */
static const char *axis_cell(const Stage *stage, int node, int axis, size_t index) {
    Axis kind = stage->trace->graph.node[node].axis[axis];
    if (kind == AXIS_VOCAB)
        return word_vocab(stage->arena, stage->in->model, index);
    if (kind == AXIS_CHOSEN)
        return WORD_WITH(stage->arena, WORD_CHOICE, word_ordinal(stage->arena, index));
    return arena_printf(
        stage->arena, "%s %s", word_axis(kind),
        word_place(stage->arena, stage->trace, stage->in->model, node, axis, index));
}

static const char *value_text(const Stage *stage, const Panel *panel, size_t row, size_t column) {
    const Heat *heat = &panel->heat;
    double value = matrix_get(&heat->matrix, row, column);
    if (heat->matrix.tensor.type == DTYPE_I32)
        return text_count(stage->arena, (int64_t)value);
    return scale_value(stage->arena, heat->scale.kind, value);
}

static const char *record_cell_text(const Stage *stage, int slot, const size_t *index) {
    const Node *node = stage_slot_node(stage, slot);
    const char *text = "";
    for (int axis = 0; axis < node->rank; axis++) {
        if (axis_is_head(node->axis[axis]) || node->axis[axis] == AXIS_ONE)
            continue;
        const char *cell = axis_cell(stage, slot_index(stage, slot), axis, index[axis]);
        text = text[0] ? arena_printf(stage->arena, "%s, %s", text, cell) : cell;
    }
    size_t expert;
    if (node_has_choices(node) && stage_expert(stage, node, index[0], index[1], &expert))
        text = arena_printf(
            stage->arena, "%s, %s", text,
            WORD_WITH(stage->arena, WORD_EXPERT, text_count(stage->arena, (int64_t)expert)));
    return text;
}

static const char *weight_cell_text(const Stage *stage, int slot, const size_t *index) {
    const Weight *weight = slot_weight(stage, slot);
    size_t at[TENSOR_RANK] = {0};
    weight_file_index(weight, index, at);
    const char *text = arena_printf(stage->arena, "%s[%zu", weight_file_name(weight, index), at[0]);
    for (int axis = 1; axis < weight->file_rank; axis++)
        text = arena_printf(stage->arena, "%s, %zu", text, at[axis]);
    return arena_printf(stage->arena, "%s]", text);
}

static const char *tip_text(const Stage *stage, const Panel *panel, size_t row, size_t column,
                            const size_t *index) {
    const Node *node = stage_slot_node(stage, panel->slot);
    const char *cell = node ? record_cell_text(stage, panel->slot, index)
                            : weight_cell_text(stage, panel->slot, index);
    int record = node ? slot_index(stage, panel->slot) : -1;
    if (node && veil_hides(stage->in->state->veil, record, index))
        return WORD_WITH(stage->arena, WORD_TIP_ASKED, cell);
    if (!heat_done(&panel->heat, row, column))
        return WORD_WITH(stage->arena, WORD_TIP_PENDING, cell);
    const char *value = value_text(stage, panel, row, column);
    if (heat_masked(&panel->heat, row, column))
        return WORD_WITH(stage->arena, WORD_TIP_MASKED, cell, value);
    return WORD_WITH(stage->arena, WORD_TIP_CELL, cell, value);
}

void stage_point(Stage *stage, const size_t *index, bool clicked) {
    stage->pointed = true;
    intent_cell(stage->in->out, clicked ? INTENT_PIN : INTENT_HOVER, stage->index, index);
}

static void panel_events(Stage *stage, const Panel *panel) {
    UiSignal signal;
    size_t row, column, index[TENSOR_RANK] = {0};
    bool on = heat_signal(stage->ui, &panel->heat, &signal, &row, &column);
    heat_marks(stage->ui, &panel->heat);
    if (!on)
        return;
    matrix_index(&panel->heat.matrix, row, column, index);
    const Node *node = stage_slot_node(stage, panel->slot);
    if (signal.hovered)
        ui_tip_at(stage->ui, heat_rect(&panel->heat, row, column),
                  tip_text(stage, panel, row, column, index));
    if (panel->slot == STAGE_RESULT)
        stage_point(stage, index, signal.clicked);
    else if (signal.clicked && node)
        intent_cell(stage->in->out, INTENT_GO_CELL, stage->node->in[panel->slot].index, index);
}

void stage_finish(Stage *stage, const Panel *panels, int count) {
    for (int i = 0; i < count; i++)
        stage_cache_marks(stage, &panels[i].heat, stage_slot_node(stage, panels[i].slot));
    for (int i = 0; i < count; i++) {
        draw_marks(stage, &panels[i]);
        draw_reach(stage, &panels[i]);
        draw_weight(stage, &panels[i]);
    }
    for (int i = 0; i < count; i++)
        panel_events(stage, &panels[i]);
}
