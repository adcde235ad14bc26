/* The attention pattern: the whole of it at the left, and beside it the row in hand as softmax
 * makes it: the score, e to the score less the row's maximum, and the share of the sum as a bar.
 * Where there is room, the masked scores stand at the left of all. */
#include "app/views/stage_part.h"

#include <math.h>

enum {
    TABLE_LEAST = 290,
    TABLE_MOST = 400,
    TABLE_GAP = 40,
    CELL_WISHED = 15,
    CELL_MOST = 44,
    ARROW = 40,
    SUM_LINE = 22,
    TITLE_LINE = 24
};

/* ---- the row in hand ---- */

typedef struct {
    size_t row, keys;
    Matrix scores, shares; /* one row each */
    double maximum, sum;
    int phase; /* how far the row is: −1 scores only, 0 maximum, 1 exponentials, 2 sum, 3 shares */
} Row;

static int row_phase(const Stage *stage, const size_t *first) {
    const OpStep *step = &stage->step;
    if (stage->stepping && step->write.lo[0] == first[0] && step->write.lo[1] == first[1])
        return step->phase;
    return progress_done(&stage->progress, first) ? 3 : -1;
}

static Row row_in_hand(const Stage *stage) {
    size_t at[TENSOR_RANK];
    stage_held(stage, STAGE_RESULT, at);
    Row row = {.row = stage_row(stage)};
    at[1] = row.row;
    at[2] = 0;
    AxisRun none = {0, 0}, across = {2, 1};
    row.scores = matrix_of(stage->call.in[0], none, across, at);
    row.shares = matrix_of(stage->call.out, none, across, at);
    row.keys = row.scores.columns;
    row.maximum = -INFINITY;
    for (size_t key = 0; key < row.keys; key++)
        row.maximum = fmax(row.maximum, matrix_get(&row.scores, 0, key));
    for (size_t key = 0; key < row.keys; key++)
        row.sum += exp(matrix_get(&row.scores, 0, key) - row.maximum);
    row.phase = row_phase(stage, at);
    return row;
}

/* The key in hand takes the last place where it is not among the largest. */
static void list_hand(const Stage *stage, int count, size_t *key) {
    for (int i = 0; i < count; i++)
        if (!stage->has_hand || key[i] == stage->hand[2])
            return;
    key[count - 1] = stage->hand[2];
}

/* The keys that are listed: all, or the ones with the largest scores, in the order of the text. */
static int listed_keys(const Stage *stage, const Row *row, int room, size_t *key) {
    int count = stage_largest(&row->scores, room, key);
    list_hand(stage, count, key);
    for (int i = 1; i < count; i++)
        for (int j = i; j > 0 && key[j] < key[j - 1]; j--) {
            size_t other = key[j];
            key[j] = key[j - 1];
            key[j - 1] = other;
        }
    return count;
}

static size_t largest_key(const Row *row) {
    size_t key = 0;
    stage_largest(&row->shares, 1, &key);
    return key;
}

static Bar key_bar(const Stage *stage, const Row *row, const Scale *scale, size_t key,
                   int decimals) {
    double score = matrix_get(&row->scores, 0, key), share = matrix_get(&row->shares, 0, key);
    bool masked = isinf(score) && score < 0;
    Bar bar = {.label = word_label(stage->trace, key),
               .color = scale_color(stage->theme, scale, share),
               .quiet = masked,
               .cell = true,
               .role = ROLE_KEY,
               .share = share};
    stage_held(stage, STAGE_RESULT, bar.index);
    bar.index[1] = row->row;
    bar.index[2] = key;
    bar.hand = stage->has_hand && stage->hand[1] == row->row && stage->hand[2] == key &&
               !stage->stepping;
    bar.column[0] = text_number(stage->arena, score, decimals);
    if (masked && row->phase >= 3) {
        bar.number = word(WORD_MASKED);
        return bar;
    }
    bar.column_hand[0] = row->phase >= 0 && row->phase < 3 && score == row->maximum;
    if (row->phase >= 1)
        bar.column[1] = text_number(stage->arena, exp(score - row->maximum), 3);
    if (row->phase >= 3)
        bar.number = text_percent(stage->arena, share, 1);
    return bar;
}

static void row_title(const Stage *stage, Rect line, const Row *row) {
    UiSpan *spans;
    WordArg arg = {.text = word_label(stage->trace, row->row), .role = ROLE_QUERY};
    size_t count = word_spans(stage->arena, stage->theme, word(WORD_PATTERN_ROW),
                              stage->theme->secondary, &arg, 1, &spans);
    ui_spans(stage->ui, line, THEME_SIZE_TEXT, spans, count, true);
}

static void row_sums(const Stage *stage, Rect line, const Row *row, int shown) {
    const char *text = "";
    if (row->phase >= 0)
        text = WORD_WITH(stage->arena, WORD_ROW_MAXIMUM,
                         text_number(stage->arena, row->maximum, 3));
    if (row->phase >= 2)
        text = arena_printf(
            stage->arena, "%s · %s", text,
            WORD_WITH(stage->arena, WORD_ROW_SUM, text_number(stage->arena, row->sum, 3)));
    ui_label(stage->ui, rect_cut_top(&line, SUM_LINE), UI_ALIGN_LEFT, FONT_UI, THEME_SIZE_LABEL,
             stage->stepping && row->phase < 3 ? stage->theme->hand : stage->theme->secondary,
             text);
    if (shown < (int)row->keys)
        stage_note(stage, rect_cut_top(&line, SUM_LINE),
                   WORD_WITH(stage->arena, WORD_ROW_SOME, text_count(stage->arena, shown),
                             text_count(stage->arena, (int64_t)row->keys)));
}

static void row_table(Stage *stage, Rect area, const Scale *scale) {
    Row row = row_in_hand(stage);
    row_title(stage, rect_cut_top(&area, TITLE_LINE), &row);
    Rect foot = rect_cut_bottom(&area, 2 * SUM_LINE);
    BarList list = {.head = {"s", "e^{s−m}"}, .mark = -1};
    int room = stage_bar_room(&list, area.h);
    size_t *key = ARENA_NEW_N(stage->arena, size_t, (size_t)room);
    list.count = listed_keys(stage, &row, room, key);
    Bar *bars = ARENA_NEW_N(stage->arena, Bar, (size_t)list.count);
    Scale scores = scale_of(&row.scores, SCALE_SIGNED);
    double largest = matrix_get(&row.shares, 0, largest_key(&row));
    for (int i = 0; i < list.count; i++) {
        bars[i] = key_bar(stage, &row, scale, key[i], scale_decimals(&scores));
        bars[i].share = largest > 0 ? bars[i].share / largest : 0;
    }
    list.bar = bars;
    foot.y = stage_bars(stage, area, &list) + 4;
    row_sums(stage, foot, &row, list.count);
}

/* ---- the pattern ---- */

static int wanted_width(const Stage *stage, int cell, int labels, bool input) {
    int grid = cell * (int)stage->trace->length;
    return labels + STAGE_GAP + grid + (input ? grid + ARROW + STAGE_GAP : 0);
}

static void place_grids(Panel *panels, int count, Rect area, int labels, int above) {
    size_t n = panels[0].heat.matrix.rows;
    int width = (area.w - labels - STAGE_GAP - (count - 1) * (ARROW + STAGE_GAP)) / count;
    int height = area.h - above - SCALE_BAR_HEIGHT - STAGE_GAP;
    int room = width < height ? width : height;
    Fit fit = fit_axis(n, room, CELL_MOST);
    int x = area.x + labels + STAGE_GAP;
    for (int i = 0; i < count; i++, x += fit_length(&fit) + ARROW + STAGE_GAP)
        heat_place(&panels[i].heat, x, area.y + above, fit,
                   fit_axis(panels[i].heat.matrix.columns, room, fit.size));
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
        int right = i + 1 < count ? panels[i + 1].heat.rect.x - 4 : rect->x + rect->w + 60;
        panel_caption(stage, &panels[i], rect->x, rect->y - above, right);
        panel_column_labels(stage, &panels[i], rect->y, above - STAGE_CAPTION);
        panel_draw(stage, &panels[i]);
        scale_bar_across(stage->ui,
                         (Rect){rect->x, rect->y + rect->h + STAGE_GAP, rect->w, SCALE_BAR_HEIGHT},
                         &panels[i].heat.scale);
    }
    panel_row_labels(stage, &panels[0], panels[0].heat.rect.x - STAGE_GAP, labels);
    if (count > 1)
        draw_arrow(stage, &panels[1].heat.rect);
}

/* Below the pattern where the panel is narrow, else beside it. */
void stage_attention_row(Stage *stage, Rect area) {
    Panel scores = stage_panel(stage, 0, "S''", ROLE_NONE, REACH_ROW);
    Panel pattern = stage_panel(stage, STAGE_RESULT, "A", ROLE_NONE, REACH_CELL);
    int labels = heat_row_labels_width(stage->ui, stage->trace, &pattern.heat, STAGE_LABELS_MOST);
    int above = STAGE_CAPTION +
                heat_column_labels_height(stage->ui, stage->trace, &pattern.heat, 84);
    bool beside = area.w >= 480;
    bool both = beside && area.w - TABLE_MOST >= wanted_width(stage, CELL_WISHED, labels, true);
    Panel panels[2] = {scores, pattern};
    Panel *drawn = both ? panels : panels + 1;
    int count = both ? 2 : 1;
    Rect grid = area, table = area;
    if (beside) {
        table = rect_cut_right(&grid, both ? TABLE_MOST : TABLE_LEAST);
        rect_cut_right(&grid, TABLE_GAP);
    }
    place_grids(drawn, count, grid, labels, above);
    const Rect *result = &drawn[count - 1].heat.rect;
    int right = result->x + result->w + TABLE_GAP, most = area.x + area.w - right;
    table.w = beside ? (most < TABLE_MOST ? most : TABLE_MOST) : 0;
    int spare = (area.x + area.w - right - table.w) / 2;
    int below = area.y + area.h - (result->y + result->h + SCALE_BAR_HEIGHT + STAGE_GAP);
    int down = below > 0 ? below / 2 : 0;
    for (int i = 0; i < count; i++) {
        drawn[i].heat.rect.x += spare;
        drawn[i].heat.rect.y += down;
    }
    table.x = right + spare;
    table.y += down;
    table.h -= down;
    draw_grids(stage, drawn, count, labels, above);
    if (beside)
        row_table(stage, table, &pattern.heat.scale);
    stage_finish(stage, drawn, count);
}
