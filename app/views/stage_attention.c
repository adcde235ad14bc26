/* The attention pattern: the whole of it at the left, and beside it the row in hand as softmax
 * makes it: the score, e to the score less the row's maximum, and the share of the sum as a bar.
 * Where there is room, the masked scores stand at the left of all. */
#include "app/views/stage_part.h"

enum {
    BESIDE_LEAST = 480,
    TABLE_LEAST = 290,
    TABLE_NARROW = 250, /* beside a matrix of many tokens, which needs the room */
    TABLE_MOST = 400,
    TABLE_LOW = 150, /* a table below the pattern has at least this height */
    TABLE_GAP = 40,
    CELL_WISHED = 15,
    CELL_MOST = 72,
    BAR_WIDE = 136, /* the scale below a grid */
    ARROW = 40,
    TITLE_LINE = 24
};

/* A classifier's shares of each token have the same picture as a head's of its keys. */
static bool are_labels(const Stage *stage) {
    return stage->node->axis[stage->node->rank - 1] == AXIS_LABEL;
}

/* ---- the row in hand ---- */

static void row_title(const Stage *stage, Rect line, size_t row) {
    UiSpan *spans;
    bool labels = are_labels(stage);
    WordArg arg = {.text = stage_row_label(stage, row), .role = labels ? ROLE_HAND : ROLE_QUERY};
    size_t count = word_spans(stage->arena, stage->theme,
                              word(labels ? WORD_LABELS_ROW : WORD_PATTERN_ROW),
                              stage->theme->secondary, &arg, 1, &spans);
    ui_spans(stage->ui, line, THEME_SIZE_TEXT, spans, count, true);
}

static void row_table(Stage *stage, Rect area, const Scale *scale) {
    size_t first[TENSOR_RANK], number = stage_row(stage);
    stage_held(stage, STAGE_RESULT, first);
    first[stage->node->rank - 2] = number;
    first[stage->node->rank - 1] = 0;
    SoftmaxRow row = softmax_row(stage, first);
    row_title(stage, rect_cut_top(&area, TITLE_LINE), number);
    softmax_table(stage, area, &row, scale, (int)row.scores.columns);
}

/* ---- the pattern ---- */

static int wanted_width(const Stage *stage, int cell, int labels, bool input) {
    int grid = cell * (int)stage->node->dim[stage->node->rank - 1];
    return labels + STAGE_GAP + grid + (input ? grid + ARROW + STAGE_GAP : 0);
}

static void place_grids(Panel *panels, int count, Rect area, int labels, int above) {
    const Matrix *matrix = &panels[0].heat.matrix;
    int width = (area.w - labels - STAGE_GAP - (count - 1) * (ARROW + STAGE_GAP)) / count;
    int height = area.h - above - SCALE_BAR_HEIGHT - STAGE_GAP;
    Fit down = fit_axis(matrix->rows, height, CELL_MOST);
    Fit across = fit_axis(matrix->columns, width, CELL_MOST);
    down.size = across.size = down.size < across.size ? down.size : across.size;
    int x = area.x + labels + STAGE_GAP;
    for (int i = 0; i < count; i++, x += fit_length(&across) + ARROW + STAGE_GAP)
        heat_place(&panels[i].heat, x, area.y + above, down, across);
}

/* With the scale below it, whose numbers need some room. */
static int grid_width(const Rect *rect) {
    return rect->w < BAR_WIDE ? BAR_WIDE : rect->w;
}

static void draw_arrow(const Stage *stage, const Rect *result) {
    const TextMeasure *measure = ui_measure(stage->ui);
    FormulaSize size = formula_measure(measure, 20, "\\to");
    formula_draw(ui_list(stage->ui), measure, stage->theme,
                 (float)(result->x - (ARROW + STAGE_GAP) / 2) - size.width / 2,
                 (float)(result->y + result->h / 2), 20, stage->theme->text, "\\to");
}

static void draw_grids(Stage *stage, Panel *panels, int count, int labels, int above) {
    for (int i = 0; i < count; i++) {
        const Rect *rect = &panels[i].heat.rect;
        int right = i + 1 < count ? panels[i + 1].heat.rect.x - 4
                                  : rect->x + rect->w + TABLE_GAP - STAGE_GAP;
        panel_caption(stage, &panels[i], rect->x, rect->y - above, right);
        panel_column_labels(stage, &panels[i], rect->y, above - STAGE_CAPTION);
        panel_draw(stage, &panels[i]);
        scale_bar_across(
            stage->ui,
            (Rect){rect->x, rect->y + rect->h + STAGE_GAP, grid_width(rect), SCALE_BAR_HEIGHT},
            &panels[i].heat.scale);
    }
    panel_row_labels(stage, &panels[0], panels[0].heat.rect.x - STAGE_GAP, labels);
    if (count > 1)
        draw_arrow(stage, &panels[1].heat.rect);
}

/* The score matrix as well, where both have room beside the table, and cells that are not less than
 * half as large as those of the pattern alone would be. */
static bool both_fit(const Stage *stage, Rect area, int labels) {
    int columns = (int)stage->node->dim[stage->node->rank - 1];
    int rows = (int)stage->node->dim[stage->node->rank - 2];
    int alone = (area.w - TABLE_LEAST - wanted_width(stage, 0, labels, false)) / columns;
    int high = (area.h - STAGE_LABELS_MOST) / rows;
    int cell = (area.w - TABLE_MOST - wanted_width(stage, 0, labels, true)) / (2 * columns);
    alone = alone > high ? high : alone;
    return cell >= CELL_WISHED && cell * columns >= BAR_WIDE &&
           2 * cell >= (alone > CELL_MOST ? CELL_MOST : alone);
}

/* The grids and the table stand in the middle together. */
static Rect center_all(Panel *drawn, int count, Rect area) {
    const Rect *result = &drawn[count - 1].heat.rect;
    Rect table = {result->x + grid_width(result) + TABLE_GAP, area.y, 0, area.h};
    int most = area.x + area.w - table.x;
    table.w = most < TABLE_MOST ? most : TABLE_MOST;
    int spare = (most - table.w) / 2;
    int below = area.y + area.h - (result->y + result->h + SCALE_BAR_HEIGHT + STAGE_GAP);
    int down = below > 0 ? below / 2 : 0;
    for (int i = 0; i < count; i++) {
        drawn[i].heat.rect.x += spare;
        drawn[i].heat.rect.y += down;
    }
    table.x += spare;
    table.y += down;
    table.h -= down;
    return table;
}

/* A narrow panel shows the row while it is made, and the pattern otherwise; below it the row in
 * hand, where there is room. */
static void narrow(Stage *stage, Rect area, Panel *pattern, int labels, int above) {
    bool row = stage->has_hand || stage->stepping;
    if (stage->stepping) {
        row_table(stage, area, &pattern->heat.scale);
        return;
    }
    place_grids(pattern, 1, area, labels, above);
    draw_grids(stage, pattern, 1, labels, above);
    const Rect *rect = &pattern->heat.rect;
    rect_cut_top(&area, rect->y + rect->h + SCALE_BAR_HEIGHT + 2 * STAGE_GAP - area.y);
    if (row && area.h >= TABLE_LOW)
        row_table(stage, area, &pattern->heat.scale);
    stage_finish(stage, pattern, 1);
}

void stage_attention_row(Stage *stage, Rect area) {
    bool classes = are_labels(stage);
    Panel panels[2] = {
        stage_panel(stage, 0, classes ? "L" : "S''", ROLE_NONE, REACH_ROW),
        stage_panel(stage, STAGE_RESULT, classes ? "P" : "A", ROLE_NONE, REACH_CELL)};
    Panel *pattern = &panels[1];
    int labels = heat_row_labels_width(stage->ui, &pattern->heat, STAGE_LABELS_MOST);
    int above = STAGE_CAPTION + heat_column_labels_height(stage->ui, &pattern->heat, 84);
    if (area.w < BESIDE_LEAST) {
        narrow(stage, area, pattern, labels, above);
        return;
    }
    bool both = both_fit(stage, area, labels);
    Panel *drawn = both ? panels : pattern;
    int count = both ? 2 : 1;
    Rect grid = area;
    bool crowded = wanted_width(stage, CELL_WISHED, labels, both) > area.w - TABLE_LEAST;
    rect_cut_right(&grid, TABLE_GAP + (both ? TABLE_MOST : crowded ? TABLE_NARROW : TABLE_LEAST));
    place_grids(drawn, count, grid, labels, above);
    Rect table = center_all(drawn, count, area);
    draw_grids(stage, drawn, count, labels, above);
    row_table(stage, table, &pattern->heat.scale);
    stage_finish(stage, drawn, count);
}
