/* Flash attention: the scores with the grid of tiles, and the tile in hand. */
#include "app/views/stage_flash.h"

#include "engine/ops/flash.h"

#include <math.h>
#include <string.h>

enum {
    BAR = 32,
    COUNTS = 18,
    SENTENCE = 68,
    BESIDE_LEAST = 640, /* below it the rows say what they come to alone */
    ROWS_WIDTH = 416,
    ROWS_WIDE = 520,
    ROWS_NARROW = 216,
    APART = 24,
    SCALE_LEAST = 136,
    CELL_MOST = 56,
    LABELS_SLANTED = 84,
    SKIPPED_LEAST = 60 /* a tile so wide says that it is skipped */
};

/* ---- what is in hand ---- */

static size_t real_row(const FlashView *view, size_t row) {
    const TraceText *text = node_text(view->stage->trace, view->stage->node);
    size_t last = text->real > 0 ? text->real - 1 : 0;
    return row > last && last >= view->box.q0 ? last : row;
}

static void take_step(FlashView *view, size_t number) {
    view->begun = true;
    view->box = tiles_step(&view->tiles, number);
    view->divides = view->box.b == view->tiles.key_blocks;
    view->skipped = tiles_skipped(&view->tiles, &view->box);
    view->row = real_row(view, view->box.q1 - 1);
}

/* All is done: what each query has come to. */
static void take_all(FlashView *view) {
    take_step(view, tiles_steps(&view->tiles) - 1);
    view->box.q0 = 0;
    view->all = true;
    view->row = node_asked_row(view->stage->trace, &view->stage->trace->graph.node[view->tiles.z]);
}

static FlashView flash_start(Stage *stage) {
    FlashView view = {.stage = stage};
    const Place *now = &stage->in->state->now;
    tiles_of(&stage->trace->graph, stage->index, &view.tiles);
    int record = tile_record(stage->node);
    bool cells = record == TILE_SCORES || record == TILE_WEIGHTS;
    size_t row = stage->has_hand ? stage->hand[record < 0 || cells ? 0 : 1] : 0;
    if (now->pinned && record >= 0)
        take_step(&view, tiles_step_of_cell(&view.tiles, (TileRecord)record, stage->hand));
    else if (now->pinned)
        take_step(&view, tiles_number(&view.tiles, row / view.tiles.rows, view.tiles.key_blocks));
    else if (state_whole(stage->in->state, stage->in->walk))
        take_all(&view);
    else if (now->step > 0)
        take_step(&view, now->step - 1);
    /* What is only pointed at moves nothing: it would slip away from under the pointer. */
    if (stage->has_hand && !stage->stepping && row >= view.box.q0 && row < view.box.q1)
        view.row = row;
    return view;
}

double flash_cell(const FlashView *view, TileRecord record, const size_t *index) {
    return trace_get(view->stage->trace, view->tiles.record[record], index);
}

void flash_point(const FlashView *view, int node, const size_t *index, bool clicked) {
    view->stage->pointed = true;
    intent_cell(view->stage->in->out, clicked ? INTENT_PIN : INTENT_HOVER, node, index);
}

bool flash_in_hand(const FlashView *view, int node, const size_t *index) {
    const Stage *stage = view->stage;
    return stage->has_hand && node == stage->index &&
           memcmp(index, stage->hand, (size_t)stage->node->rank * sizeof *index) == 0;
}

/* ---- the bar: the tile, and what the loop has counted ---- */

enum { CHOICES = 7 };
static const size_t TILE_SIZE[CHOICES] = {0, 2, 4, 8, 16, 32, 64};

static const char *tile_text(const Stage *stage, size_t rows, size_t columns) {
    return arena_printf(stage->arena, "%zu × %zu", rows, columns);
}

static void tile_choice(const FlashView *view, Rect *bar) {
    const Stage *stage = view->stage;
    const AttentionOptions *asked = &stage->in->attention;
    const char *items[CHOICES + 1];
    int count = CHOICES, chosen = CHOICES;
    items[0] = asked->tile_rows > 0
                   ? word(WORD_TILE_DEFAULT)
                   : WORD_WITH(stage->arena, WORD_TILE_CHOSEN,
                               tile_text(stage, view->tiles.rows, view->tiles.columns));
    for (int i = 0; i < CHOICES; i++) {
        if (i > 0)
            items[i] = tile_text(stage, TILE_SIZE[i], TILE_SIZE[i]);
        if (asked->tile_rows == TILE_SIZE[i] && asked->tile_columns == TILE_SIZE[i])
            chosen = i;
    }
    if (chosen == CHOICES)
        items[count++] = tile_text(stage, view->tiles.rows, view->tiles.columns);
    const char *label = word(WORD_TILE);
    float width = text_width(ui_measure(stage->ui), FONT_UI, THEME_SIZE_LABEL, label);
    ui_label(stage->ui, rect_cut_left(bar, (int)ceilf(width) + STAGE_GAP), UI_ALIGN_LEFT, FONT_UI,
             THEME_SIZE_LABEL, stage->theme->secondary, label);
    Rect rect = rect_cut_left(bar, ui_dropdown_width(stage->ui, items, count));
    rect = rect_center(rect, rect.w, THEME_BUTTON);
    if (ui_dropdown(stage->ui, "stage/tile", rect, items, NULL, count, &chosen) && chosen < CHOICES)
        intent_value(stage->in->out, INTENT_TILE, (long)TILE_SIZE[chosen]);
    ui_tip(stage->ui, word(WORD_TIP_TILE));
    rect_cut_left(bar, 2 * STAGE_GAP);
}

/* What the stages that flash attention does without would read and write for the same head: scores,
 * scale, mask and bias, softmax, weighted sum. */
static double standard_bytes(const FlashView *view) {
    const Stage *stage = view->stage;
    const Node *z = &stage->trace->graph.node[view->tiles.z];
    OpCall flash;
    if (!trace_call(stage->trace, view->tiles.z, &flash))
        return NAN;
    double heads = (double)z->dim[1], sum = 0;
    const size_t dim[TENSOR_RANK] = {z->dim[1], view->tiles.queries, view->tiles.keys};
    Tensor square = tensor_dense(DTYPE_F32, 3, dim, NULL);
    OpCall scores = {.op = OP_SCORES, .out = square, .in = {flash.in[0], flash.in[1]}, .n_in = 2};
    OpCall scale = {.op = OP_SCALE, .out = square, .in = {square}, .n_in = 1};
    OpCall mask = {.op = OP_MASK, .out = square, .in = {square, square}, .n_in = 1};
    OpCall softmax = {.op = OP_SOFTMAX, .out = square, .in = {square}, .n_in = 1};
    OpCall summed = {
        .op = OP_WEIGHTED_SUM, .out = flash.out, .in = {square, flash.in[2]}, .n_in = 2};
    scores.length = scale.length = mask.length = softmax.length = summed.length = flash.length;
    mask.param.mask = *view->tiles.mask;
    scale.param.scale.divisor = 1;
    mask.n_in += z->param.flash.bias != POS_BIAS_NONE;
    const OpCall *calls[] = {&scores, &scale, &mask, &softmax, &summed};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        sum += op_cost(calls[i]).bytes / heads;
    return sum;
}

static const char *bytes_moved(Arena *arena, double bytes) {
    if (bytes < 1024)
        return arena_printf(arena, "%.0f B", bytes);
    return bytes < 1024 * 1024 ? arena_printf(arena, "%.1f KiB", bytes / 1024)
                               : arena_printf(arena, "%.2f MiB", bytes / 1024 / 1024);
}

static const char *bytes_line(const FlashView *view, const FlashCount *count) {
    const Stage *stage = view->stage;
    double flash = count->bytes_read + count->bytes_written, standard = standard_bytes(view);
    return WORD_WITH(stage->arena, flash < standard ? WORD_FLASH_LESS : WORD_FLASH_MORE,
                     bytes_moved(stage->arena, flash), bytes_moved(stage->arena, standard),
                     text_number(stage->arena, standard / flash, 1));
}

static void flash_bar(const FlashView *view, Rect *area) {
    const Stage *stage = view->stage;
    Rect bar = rect_cut_top(area, BAR);
    Arena *arena = stage->arena;
    OpCall call;
    tile_choice(view, &bar);
    if (!trace_call(stage->trace, view->tiles.z, &call))
        return;
    FlashCount count = flash_planned(&call);
    size_t all = view->tiles.row_blocks * view->tiles.key_blocks;
    ui_label(stage->ui, bar, UI_ALIGN_LEFT, FONT_UI, THEME_SIZE_LABEL, stage->theme->text,
             WORD_WITH(arena, WORD_TILES_COUNTED, text_count(arena, (int64_t)all),
                       text_count(arena, (int64_t)count.tiles),
                       text_count(arena, (int64_t)(all - count.tiles))));
    bool narrow = area->w < BESIDE_LEAST;
    ui_paragraph(stage->ui, narrow ? rect_cut_bottom(area, 2 * COUNTS) : rect_cut_top(area, COUNTS),
                 FONT_UI, THEME_SIZE_SMALL, stage->theme->secondary, bytes_line(view, &count));
    rect_cut_top(area, STAGE_GAP);
}

/* ---- the matrix ---- */

static bool shows_weights(const FlashView *view) {
    ViewWidgets *widgets = view->stage->in->widgets;
    int record = tile_record(view->stage->node);
    if (record == TILE_SCORES || record == TILE_WEIGHTS)
        widgets->flash_weights = record == TILE_WEIGHTS;
    return widgets->flash_weights;
}

static Heat matrix_heat(const FlashView *view, TileRecord record, Progress *progress) {
    const Stage *stage = view->stage;
    int node = view->tiles.record[record];
    const Node *z = &stage->trace->graph.node[view->tiles.z];
    *progress = state_progress_of(stage->in->state, stage->trace, stage->in->walk, node);
    Heat heat = {
        .id = record == TILE_SCORES ? "stage/scores" : "stage/weights",
        .matrix = matrix_of(stage->trace->value[node], (AxisRun){0, 1}, (AxisRun){1, 1}, NULL),
        .row_axis = AXIS_QUERY,
        .column_axis = AXIS_KEY,
        .row_label = trace_text(stage->trace, node, 0)->label,
        .column_label = trace_text(stage->trace, node, 1)->label,
        .row_role = ROLE_QUERY,
        .column_role = ROLE_KEY,
        .progress = progress,
        .mask = &z->param.flash.mask};
    heat.found = &stage->in->widgets->found;
    heat.scale = scale_of(heat.found, &heat.matrix, SCALE_SIGNED);
    heat.scale.open = !progress->all;
    return heat;
}

/* The edge of a place: between two tiles, or the grid's end. */
static int edge_y(const Heat *heat, size_t row) {
    return row < heat->matrix.rows ? heat_rect(heat, row, 0).y : heat->rect.y + heat->rect.h;
}

static int edge_x(const Heat *heat, size_t column) {
    return column < heat->matrix.columns ? heat_rect(heat, 0, column).x
                                         : heat->rect.x + heat->rect.w;
}

static Rect tile_rect(const Heat *heat, const TileBox *box) {
    int x = edge_x(heat, box->k0), y = edge_y(heat, box->q0);
    return (Rect){x, y, edge_x(heat, box->k1) - x, edge_y(heat, box->q1) - y};
}

enum { LINES_APART = 6, LINES_DENSE = 16 };
static void tile_lines(const FlashView *view, const Heat *heat) {
    const Tiles *tiles = &view->tiles;
    DrawList *list = ui_list(view->stage->ui);
    int apart = (int)tiles->rows * heat->rect.h / (int)tiles->queries;
    bool rows = apart >= LINES_APART;
    bool columns = (int)tiles->columns * heat->rect.w >= LINES_APART * (int)tiles->keys;
    Color color = color_alpha(view->stage->theme->text, apart < LINES_DENSE ? 0.25 : 0.6);
    for (size_t a = 1; rows && a < tiles->row_blocks; a++)
        draw_rect(list, (Rect){heat->rect.x, edge_y(heat, a * tiles->rows) - 1, heat->rect.w, 1},
                  color);
    for (size_t b = 1; columns && b < tiles->key_blocks; b++)
        draw_rect(list, (Rect){edge_x(heat, b * tiles->columns) - 1, heat->rect.y, 1, heat->rect.h},
                  color);
}

/* In tiles that were skipped by now. */
static void skipped_words(const FlashView *view, const Heat *heat) {
    const Stage *stage = view->stage;
    const Place *now = &stage->in->state->now;
    size_t steps = tiles_steps(&view->tiles), columns = view->tiles.columns;
    if (heat->rect.w * (int)columns < SKIPPED_LEAST * (int)view->tiles.keys / 2)
        return; /* no tile has room for a word */
    for (size_t n = 0; n < steps && n < now->step; n++) {
        TileBox box = tiles_step(&view->tiles, n);
        Rect rect = tile_rect(heat, &box);
        if (box.b >= view->tiles.key_blocks || rect.w < SKIPPED_LEAST || rect.h < 16 ||
            !tiles_skipped(&view->tiles, &box))
            continue;
        Rect plate = rect_center(rect, SKIPPED_LEAST - 4, 16);
        draw_rect(ui_list(stage->ui), plate, color_alpha(stage->theme->masked, 0.9));
        ui_label(stage->ui, plate, UI_ALIGN_CENTER, FONT_UI, THEME_SIZE_SMALL,
                 stage->theme->secondary, word(WORD_SKIPPED));
    }
}

/* The tile in hand, and in it the row; at the division the whole block of rows. */
static void hand_frames(const FlashView *view, const Heat *heat) {
    const TileBox *box = &view->box;
    size_t k0 = view->divides ? 0 : box->k0, k1 = view->divides ? view->tiles.keys : box->k1;
    if (!view->begun)
        return;
    if (!view->all)
        heat_frame(view->stage->ui, heat, (MatrixBox){box->q0, k0, box->q1, k1}, ROLE_HAND);
    if (box->q1 - box->q0 > 1)
        heat_frame(view->stage->ui, heat, (MatrixBox){view->row, k0, view->row + 1, k1},
                   ROLE_QUERY);
}

static const char *matrix_tip(const FlashView *view, const Heat *heat, size_t row, size_t column) {
    const Stage *stage = view->stage;
    const char *cell = arena_printf(stage->arena, "%s %s, %s %s", word_axis(AXIS_QUERY),
                                    heat->row_label[row], word_axis(AXIS_KEY),
                                    heat->column_label[column]);
    TileBox box = tiles_step(&view->tiles, tiles_number(&view->tiles, row / view->tiles.rows,
                                                        column / view->tiles.columns));
    if (!heat_done(heat, row, column))
        return WORD_WITH(stage->arena, WORD_TIP_PENDING, cell);
    if (tiles_skipped(&view->tiles, &box))
        return WORD_WITH(stage->arena, WORD_TIP_SKIPPED, cell);
    const char *value = scale_value(stage->arena, SCALE_SIGNED,
                                    matrix_get(&heat->matrix, row, column));
    return WORD_WITH(stage->arena, heat_masked(heat, row, column) ? WORD_TIP_MASKED : WORD_TIP_CELL,
                     cell, value);
}

static void matrix_pointer(const FlashView *view, const Heat *heat, TileRecord record) {
    UiSignal signal;
    size_t row, column;
    bool on = heat_signal(view->stage->ui, heat, &signal, &row, &column);
    heat_marks(view->stage->ui, heat);
    if (!on)
        return;
    if (signal.hovered)
        ui_tip_at(view->stage->ui, heat_rect(heat, row, column),
                  matrix_tip(view, heat, row, column));
    size_t index[TENSOR_RANK] = {row, column};
    flash_point(view, view->tiles.record[record], index, signal.clicked);
}

static void matrix_caption(const FlashView *view, Rect line, bool weights) {
    const Stage *stage = view->stage;
    const char *parts[] = {word(WORD_FLASH_SCORES), word(WORD_FLASH_WEIGHTS)};
    if (ui_segments_width(stage->ui, parts, 2) > line.w) {
        parts[0] = word(WORD_FLASH_SCORES_SHORT);
        parts[1] = word(WORD_FLASH_WEIGHTS_SHORT);
    }
    int chosen = weights, width = ui_segments_width(stage->ui, parts, 2);
    Rect rect = rect_cut_left(&line, width < line.w ? width : line.w);
    if (ui_segments(stage->ui, "stage/shown", rect, parts, 2, &chosen)) {
        stage->in->widgets->flash_weights = chosen;
        if (stage->index == view->tiles.record[TILE_SCORES] ||
            stage->index == view->tiles.record[TILE_WEIGHTS])
            intent_go(stage->in->out, view->tiles.z);
    }
}

enum { SHOWN = 22 };
/* Returns where it lies, with its scale. */
static Rect flash_matrix(const FlashView *view, Rect area) {
    const Stage *stage = view->stage;
    TileRecord record = shows_weights(view) ? TILE_WEIGHTS : TILE_SCORES;
    Progress progress;
    Heat heat = matrix_heat(view, record, &progress);
    int labels = heat_row_labels_width(stage->ui, &heat,
                                       area.w < 300 ? area.w / 4 : STAGE_LABELS_MOST);
    int above = heat_column_labels_height(stage->ui, &heat, LABELS_SLANTED);
    matrix_caption(view, rect_cut_top(&area, SHOWN), record == TILE_WEIGHTS);
    rect_cut_top(&area, STAGE_GAP);
    rect_cut_left(&area, labels + STAGE_GAP);
    Rect grid = {area.x, area.y + above, area.w - STAGE_GAP,
                 area.h - above - SCALE_BAR_HEIGHT - STAGE_GAP};
    Fit down = fit_axis(heat.matrix.rows, grid.h, CELL_MOST);
    Fit across = fit_axis(heat.matrix.columns, grid.w, CELL_MOST);
    if (down.group == 1 && across.group == 1)
        down.size = across.size = down.size < across.size ? down.size : across.size;
    heat_place(&heat, grid.x, grid.y, down, across);
    heat_row_labels(stage->ui, &heat, grid.x - STAGE_GAP, labels,
                    view->begun ? view->row : HEAT_NONE);
    size_t key = stage->has_hand && stage->index == view->tiles.record[record] ? stage->hand[1]
                                                                               : HEAT_NONE;
    heat_column_labels(stage->ui, &heat, grid.y, above, key);
    heat_draw(stage->ui, &heat);
    stage_cache_marks(stage, &heat, &stage->trace->graph.node[view->tiles.record[record]]);
    tile_lines(view, &heat);
    skipped_words(view, &heat);
    hand_frames(view, &heat);
    if (stage->has_hand && stage->index == view->tiles.record[record])
        heat_frame(
            stage->ui, &heat,
            (MatrixBox){stage->hand[0], stage->hand[1], stage->hand[0] + 1, stage->hand[1] + 1},
            ROLE_HAND);
    scale_bar_across(stage->ui,
                     (Rect){heat.rect.x, heat.rect.y + heat.rect.h + STAGE_GAP,
                            heat.rect.w < SCALE_LEAST ? SCALE_LEAST : heat.rect.w,
                            SCALE_BAR_HEIGHT},
                     &heat.scale);
    matrix_pointer(view, &heat, record);
    Rect taken = heat.rect;
    taken.w = taken.w < SCALE_LEAST ? SCALE_LEAST : taken.w;
    taken.h += STAGE_GAP + SCALE_BAR_HEIGHT;
    return taken;
}

/* ---- the whole ---- */

void stage_flash(Stage *stage, Rect area) {
    FlashView view = flash_start(stage);
    flash_bar(&view, &area);
    Rect sentence = rect_cut_bottom(&area, SENTENCE);
    int rows = area.w < BESIDE_LEAST ? ROWS_NARROW : area.w > 1000 ? ROWS_WIDE : ROWS_WIDTH;
    Rect right = rect_cut_right(&area, rows);
    rect_cut_right(&area, area.w < 260 ? 12 : APART);
    Rect matrix = flash_matrix(&view, area);
    int below = matrix.y + matrix.h, near = matrix.x + matrix.w + 2 * APART;
    if (!view.begun)
        return;
    if (near < right.x)
        right.x = near; /* a wide stage: beside the matrix */
    int rows_below = flash_rows(&view, right);
    below = below > rows_below ? below : rows_below;
    sentence.y = below < sentence.y ? below : sentence.y;
    flash_sentence(&view, sentence);
}
