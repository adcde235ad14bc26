/* Flash attention: what the loop holds of each row of a block, before and after a tile. */
#include "app/views/stage_flash.h"

#include <math.h>

enum {
    TITLE_LINE = 22,
    HEAD_LINE = 20,
    ROW_LINE = 20,
    ROW_LEAST = 16,
    NUMBER = 52,
    ARROW = 16,
    SPACE = 8,
    LABELS = 72,
    LABELS_NARROW = 56,
    FACTOR = 76,
    SUMS_LEAST = 56, /* of height: what the sums need to be seen */
    SUM_CELL = 16,
    SIGN = 40,
    LEAD_LINE = 24,
    SENTENCE_ARGS = 7
};

/* The rows of the block that have room, around the one in hand. */
typedef struct {
    size_t first, last;
} RowRange;

static RowRange rows_in_view(const FlashView *view, int room) {
    size_t count = view->box.q1 - view->box.q0, most = room < 1 ? 1 : (size_t)room;
    RowRange range = {view->box.q0, view->box.q1};
    if (count <= most)
        return range;
    size_t before = view->row - view->box.q0;
    before = before > most / 2 ? before - most / 2 : 0;
    before = before + most > count ? count - most : before;
    range.first = view->box.q0 + before;
    range.last = range.first + most;
    return range;
}

static const char *row_label(const FlashView *view, size_t row) {
    return trace_text(view->stage->trace, view->tiles.record[TILE_SCORES], 0)->label[row];
}

/* The last key block that has been worked into the rows. */
static size_t block_after(const FlashView *view) {
    return view->divides ? view->tiles.key_blocks - 1 : view->box.b;
}

/* ---- numbers ---- */

static Scale record_scale(const FlashView *view, TileRecord record) {
    Tensor tensor = view->stage->trace->value[view->tiles.record[record]];
    Matrix matrix = matrix_of(tensor, (AxisRun){0, 1}, (AxisRun){1, 1}, NULL);
    return scale_of(&view->stage->in->widgets->found, &matrix, SCALE_SIGNED);
}

static void number(const FlashView *view, Rect rect, TileRecord record, const Scale *scale,
                   size_t b, size_t row) {
    static const char *const names[] = {
        [TILE_MAX] = "max", [TILE_RESCALE] = "rescale", [TILE_SUM] = "sum"};
    const Stage *stage = view->stage;
    size_t index[TENSOR_RANK] = {b, row};
    const char *text = scale_number(stage->arena, scale, flash_cell(view, record, index));
    const char *id = arena_printf(stage->arena, "stage/%s[%zu,%zu]", names[record], b, row);
    UiSignal signal = ui_region(stage->ui, id, rect, 0);
    bool hand = flash_in_hand(view, view->tiles.record[record], index);
    if (signal.hovered || signal.clicked)
        flash_point(view, view->tiles.record[record], index, signal.clicked);
    if (hand)
        draw_frame(ui_list(stage->ui), rect_inset(rect, 0, 1), 2, 1, DRAW_SOLID,
                   stage->theme->hand);
    ui_label(stage->ui, rect_inset(rect, 3, 0), UI_ALIGN_RIGHT, FONT_MONO, THEME_SIZE_LABEL,
             hand ? stage->theme->hand : stage->theme->text, text);
}

/* A number that no record has: what stands there before the first tile. */
static void constant(const FlashView *view, Rect rect, const char *text) {
    ui_label(view->stage->ui, rect_inset(rect, 3, 0), UI_ALIGN_RIGHT, FONT_MONO, THEME_SIZE_LABEL,
             view->stage->theme->faint, text);
}

static void arrow(const FlashView *view, Rect rect) {
    ui_label(view->stage->ui, rect, UI_ALIGN_CENTER, FONT_UI, THEME_SIZE_LABEL,
             view->stage->theme->faint, "→");
}

/* ---- the table ---- */

typedef struct {
    const FlashView *view;
    bool both; /* before and after; else after alone */
    int labels;
    Scale max, rescale, sum;
} Table;

static void head_cell(const Table *table, Rect *line, int width, const char *markup) {
    const Stage *stage = table->view->stage;
    const TextMeasure *measure = ui_measure(stage->ui);
    Rect rect = rect_cut_left(line, width);
    FormulaSize size = formula_measure(measure, THEME_SIZE_TEXT, markup);
    formula_draw(ui_list(stage->ui), measure, stage->theme,
                 (float)(rect.x + rect.w - 3) - size.width, (float)rect.y + 14, THEME_SIZE_TEXT,
                 stage->theme->secondary, markup);
}

static void table_head(const Table *table, Rect line) {
    bool both = table->both && !table->view->divides;
    int pair = both ? 2 * NUMBER + ARROW : NUMBER;
    rect_cut_left(&line, table->labels + SPACE);
    head_cell(table, &line, pair, both ? "m_{\\mathrm{old}} \\to m_{\\mathrm{new}}" : "m");
    rect_cut_left(&line, SPACE);
    if (!table->view->divides)
        head_cell(table, &line, table->both ? FACTOR : NUMBER,
                  both ? "e^{m_{\\mathrm{old}} − m_{\\mathrm{new}}}" : "e^{Δm}");
    rect_cut_left(&line, table->view->divides ? 0 : SPACE);
    head_cell(table, &line, pair, both ? "ℓ_{\\mathrm{old}} \\to ℓ_{\\mathrm{new}}" : "ℓ");
}

static void before_and_after(const Table *table, Rect *line, TileRecord record, const Scale *scale,
                             size_t row, const char *first) {
    const FlashView *view = table->view;
    size_t b = block_after(view);
    if (table->both && !view->divides) {
        Rect before = rect_cut_left(line, NUMBER);
        if (b > 0)
            number(view, before, record, scale, b - 1, row);
        else
            constant(view, before, first);
        arrow(view, rect_cut_left(line, ARROW));
    }
    number(view, rect_cut_left(line, NUMBER), record, scale, b, row);
    rect_cut_left(line, SPACE);
}

static void table_row(const Table *table, Rect line, size_t row) {
    const FlashView *view = table->view;
    const Theme *t = view->stage->theme;
    bool hand = row == view->row;
    if (hand)
        draw_round_rect(ui_list(view->stage->ui), line, 2, t->raised);
    ui_label(view->stage->ui, rect_cut_left(&line, table->labels), UI_ALIGN_RIGHT, FONT_MONO,
             THEME_SIZE_LABEL, hand ? t->query : t->secondary, row_label(view, row));
    rect_cut_left(&line, SPACE);
    before_and_after(table, &line, TILE_MAX, &table->max, row, "−∞");
    if (!view->divides) {
        number(view, rect_cut_left(&line, table->both ? FACTOR : NUMBER), TILE_RESCALE,
               &table->rescale, view->box.b, row);
        rect_cut_left(&line, SPACE);
    }
    before_and_after(table, &line, TILE_SUM, &table->sum, row, "0");
}

/* ---- the sums ---- */

/* Rows [first, last) of a record's [rows × d_head]. */
static Heat sum_heat(const FlashView *view, const char *id, int node, size_t held, RowRange range) {
    const Stage *stage = view->stage;
    const Node *n = &stage->trace->graph.node[node];
    bool z = node == view->tiles.z;
    size_t at[TENSOR_RANK] = {0};
    at[z ? 1 : 0] = held; /* the head, or the key block */
    Heat heat = {.id = id,
                 .matrix = matrix_of(stage->trace->value[node], (AxisRun){z ? 0 : 1, 1},
                                     (AxisRun){2, 1}, at),
                 .row_axis = AXIS_QUERY,
                 .column_axis = n->axis[2],
                 .column_name = word_axis(n->axis[2]),
                 .row_role = ROLE_QUERY};
    heat.matrix.origin += (ptrdiff_t)range.first * heat.matrix.row_step;
    heat.matrix.rows = range.last - range.first;
    heat.row_label = trace_text(stage->trace, view->tiles.record[TILE_SCORES], 0)->label +
                     range.first;
    heat.scale = scale_of(NULL, &heat.matrix, SCALE_SIGNED);
    return heat;
}

static const char *sum_tip(const FlashView *view, const Heat *heat, size_t row, size_t column) {
    Arena *arena = view->stage->arena;
    const char *cell = arena_printf(arena, "%s, %s %zu", heat->row_label[row], heat->column_name,
                                    column);
    return WORD_WITH(arena, WORD_TIP_CELL, cell,
                     scale_value(arena, SCALE_SIGNED, matrix_get(&heat->matrix, row, column)));
}

static void sum_pointer(const FlashView *view, const Heat *heat, int node, size_t held,
                        RowRange range) {
    UiSignal signal;
    size_t row, column;
    bool z = node == view->tiles.z, on = heat_signal(view->stage->ui, heat, &signal, &row, &column);
    heat_marks(view->stage->ui, heat);
    if (!on)
        return;
    if (signal.hovered)
        ui_tip_at(view->stage->ui, heat_rect(heat, row, column), sum_tip(view, heat, row, column));
    size_t index[TENSOR_RANK] = {held, range.first + row, column};
    if (z) {
        index[0] = range.first + row;
        index[1] = held;
    }
    flash_point(view, node, index, signal.clicked);
}

static void draw_sum(const FlashView *view, const Heat *heat, int node, size_t held, RowRange range,
                     const char *markup) {
    const Stage *stage = view->stage;
    const TextMeasure *measure = ui_measure(stage->ui);
    const Rect *rect = &heat->rect;
    formula_draw(ui_list(stage->ui), measure, stage->theme, (float)rect->x, (float)rect->y - 6,
                 THEME_SIZE_TEXT, stage->theme->secondary, markup);
    heat_draw(stage->ui, heat);
    bool here = stage->has_hand && node == stage->index;
    int rows = node == view->tiles.z ? 0 : 1;
    size_t other = here ? stage->hand[1 - rows] : 0;
    heat_ticks(stage->ui, heat, here && other == held ? stage->hand[2] : HEAT_NONE);
    if (view->row >= range.first && view->row < range.last && heat->matrix.rows > 1)
        heat_frame(stage->ui, heat,
                   (MatrixBox){view->row - range.first, 0, view->row - range.first + 1,
                               heat->matrix.columns},
                   ROLE_QUERY);
    if (here && other == held && stage->hand[rows] >= range.first && stage->hand[rows] < range.last)
        heat_frame(stage->ui, heat,
                   (MatrixBox){stage->hand[rows] - range.first, stage->hand[2],
                               stage->hand[rows] - range.first + 1, stage->hand[2] + 1},
                   ROLE_HAND);
    sum_pointer(view, heat, node, held, range);
}

/* Nothing was summed yet. */
static void empty_sum(const FlashView *view, const Heat *like, const char *markup) {
    const Stage *stage = view->stage;
    formula_draw(ui_list(stage->ui), ui_measure(stage->ui), stage->theme, (float)like->rect.x,
                 (float)like->rect.y - 6, THEME_SIZE_TEXT, stage->theme->secondary, markup);
    draw_rect(ui_list(stage->ui), like->rect, stage->theme->pending);
    draw_frame(ui_list(stage->ui), rect_inset(like->rect, -1, -1), 0, 1, DRAW_SOLID,
               stage->theme->line);
    ui_label(stage->ui, like->rect, UI_ALIGN_CENTER, FONT_UI, THEME_SIZE_SMALL, stage->theme->faint,
             word(WORD_FLASH_NOTHING));
}

static size_t head_of_z(const FlashView *view) {
    const ViewInput *in = view->stage->in;
    return state_head(in->state, in->walk, &in->trace->graph.node[view->tiles.z]);
}

/* The accumulated values before → after the tile; at the division what is divided → the result.
 * Returns the y below. */
static int flash_sums(const FlashView *view, Rect area, int labels, bool both, RowRange range) {
    const Stage *stage = view->stage;
    size_t b = block_after(view), head = head_of_z(view);
    int acc = view->tiles.record[TILE_ACC], z = view->tiles.z;
    bool begins = b == 0 && !view->divides;
    int left = acc, right = view->divides ? z : acc;
    size_t left_held = view->divides || begins ? b : b - 1, right_held = view->divides ? head : b;
    Heat before = sum_heat(view, "stage/before", left, left_held, range);
    Heat after = sum_heat(view, view->divides ? "stage/z" : "stage/acc", right, right_held, range);
    if (!view->divides)
        scale_join(&before.scale, &after.scale);
    rect_cut_top(&area, HEAD_LINE + 4);
    rect_cut_bottom(&area, HEAT_TICKS + 4);
    int width = both ? (area.w - labels - SPACE - SIGN) / 2 : area.w - labels - SPACE;
    Fit down = fit_axis(range.last - range.first, area.h, SUM_CELL);
    Fit across = fit_axis(before.matrix.columns, width, SUM_CELL);
    int x = area.x + labels + SPACE;
    heat_place(&before, x, area.y, down, across);
    heat_place(&after, both ? x + before.rect.w + SIGN : x, area.y, down, across);
    heat_row_labels(stage->ui, &after, x - SPACE, labels,
                    view->row >= range.first && view->row < range.last ? view->row - range.first
                                                                       : HEAT_NONE);
    if (both && begins)
        empty_sum(view, &before, "o_{\\mathrm{old}}");
    else if (both)
        draw_sum(view, &before, left, left_held, range, view->divides ? "o" : "o_{\\mathrm{old}}");
    if (both)
        ui_label(stage->ui, (Rect){before.rect.x + before.rect.w, area.y, SIGN, before.rect.h},
                 UI_ALIGN_CENTER, FONT_UI, THEME_SIZE_LABEL, stage->theme->secondary,
                 view->divides ? "÷ ℓ →" : "→");
    draw_sum(view, &after, right, right_held, range,
             view->divides ? (both ? "z = o ÷ ℓ" : "z")
             : both        ? "o_{\\mathrm{new}}"
                           : "o");
    return after.rect.y + after.rect.h + HEAT_TICKS;
}

/* ---- the whole ---- */

/* Cuts as many lines off the area as it takes. */
static void rows_title(const FlashView *view, Rect *area) {
    const Stage *stage = view->stage;
    const TraceText *keys = trace_text(stage->trace, view->tiles.record[TILE_SCORES], 1);
    const TileBox *box = &view->box;
    WordArg args[] = {{.text = row_label(view, box->q0), .role = ROLE_QUERY},
                      {.text = row_label(view, box->q1 - 1), .role = ROLE_QUERY},
                      {.text = view->divides ? "" : keys->label[box->k0], .role = ROLE_KEY},
                      {.text = view->divides ? "" : keys->label[box->k1 - 1], .role = ROLE_KEY}};
    bool one_row = box->q1 - box->q0 == 1, one_key = box->k1 - box->k0 == 1;
    WordId id = view->all       ? WORD_FLASH_ALL
                : view->divides ? (one_row ? WORD_FLASH_DIVIDES_ONE : WORD_FLASH_DIVIDES)
                : view->skipped ? WORD_FLASH_SKIPS
                : one_row       ? (one_key ? WORD_FLASH_TILE_ONE : WORD_FLASH_TILE_ROW)
                : one_key       ? WORD_FLASH_TILE_COLUMN
                                : WORD_FLASH_TILE_IS;
    UiSpan *spans;
    size_t count = word_spans(stage->arena, stage->theme, word(id), stage->theme->secondary, args,
                              4, &spans);
    int height = ui_spans(stage->ui, *area, THEME_SIZE_TEXT, spans, count, true);
    rect_cut_top(area, height + SPACE / 2 < TITLE_LINE ? TITLE_LINE : height + SPACE / 2);
}

int flash_rows(const FlashView *view, Rect area) {
    size_t count = view->box.q1 - view->box.q0;
    Table table = {.view = view,
                   .both = area.w >= 380,
                   .labels = area.w >= 380 ? LABELS : LABELS_NARROW,
                   .max = record_scale(view, TILE_MAX),
                   .rescale = record_scale(view, TILE_RESCALE),
                   .sum = record_scale(view, TILE_SUM)};
    rows_title(view, &area);
    int sums = area.h / 2 > SUMS_LEAST + HEAD_LINE ? area.h * 2 / 5 : 0;
    int room = area.h - HEAD_LINE - sums;
    int line = count > 0 && room / (int)count < ROW_LINE ? ROW_LEAST : ROW_LINE;
    RowRange range = rows_in_view(view, room / line);
    table_head(&table, rect_cut_top(&area, HEAD_LINE));
    for (size_t row = range.first; row < range.last; row++)
        table_row(&table, rect_cut_top(&area, line), row);
    return sums > 0 ? flash_sums(view, area, table.labels, table.both, range) : area.y;
}

/* ---- the sentence ---- */

static double rounded(double value, int decimals) {
    double power = pow(10, decimals);
    return round(value * power) / power;
}

/* The fewest decimals of the operands with which the arithmetic on what is shown gives what is shown:
 * the result with two of a sum, three of a quotient. */
enum { OF_SUM = 2, OF_QUOTIENT = 3, MOST = 6 };
static int decimals_of_sum(double before, double factor, double added, double after) {
    int d = OF_SUM;
    while (d < MOST && rounded(rounded(before, d) * rounded(factor, d) + rounded(added, d),
                               OF_SUM) != rounded(after, OF_SUM))
        d++;
    return d;
}

static int decimals_of_quotient(double above, double below, double result) {
    int d = OF_QUOTIENT;
    while (d < MOST && rounded(rounded(above, d) / rounded(below, d), OF_QUOTIENT) !=
                           rounded(result, OF_QUOTIENT))
        d++;
    return d;
}

static double tile_sum(const FlashView *view) {
    double sum = 0;
    for (size_t j = view->box.k0; j < view->box.k1; j++)
        sum += flash_cell(view, TILE_WEIGHTS, (size_t[TENSOR_RANK]){view->row, j});
    return sum;
}

static WordId tile_sentence(const FlashView *view, WordId *sum, const char **text) {
    Arena *arena = view->stage->arena;
    size_t b = view->box.b, now[TENSOR_RANK] = {b, view->row},
           old[TENSOR_RANK] = {b > 0 ? b - 1 : 0, view->row};
    double added = tile_sum(view), after = flash_cell(view, TILE_SUM, now);
    double m_new = flash_cell(view, TILE_MAX, now), factor = flash_cell(view, TILE_RESCALE, now);
    double m_old = b > 0 ? flash_cell(view, TILE_MAX, old) : -INFINITY;
    double before = b > 0 ? flash_cell(view, TILE_SUM, old) : 0;
    int d = decimals_of_sum(before, factor, added, after);
    bool nothing = isinf(m_old), still = isinf(m_new);
    /* One decimal more of what is in an exponent: it counts there as a whole. */
    text[1] = nothing ? "−∞" : text_number(arena, m_old, d + 1);
    text[2] = still ? "−∞" : text_number(arena, m_new, d + 1);
    text[3] = text_number(arena, factor, d);
    text[4] = text_number(arena, before, d);
    text[5] = text_number(arena, added, d);
    text[6] = text_number(arena, after, OF_SUM);
    *sum = view->skipped || still ? WORD_SAY_SUM_STAYS
           : nothing              ? WORD_SAY_SUM_BEGINS
                                  : WORD_SAY_SUM_MOVES;
    return view->skipped   ? WORD_SAY_TILE_SKIPPED
           : still         ? WORD_SAY_TILE_UNSEEN
           : nothing       ? WORD_SAY_TILE_FIRST
           : m_new > m_old ? WORD_SAY_TILE_LARGER
                           : WORD_SAY_TILE_SMALLER;
}

/* z of the row in hand, in the column in hand: acc ÷ ℓ. */
static WordId divide_sentence(const FlashView *view, WordId *quotient, const char **text) {
    Arena *arena = view->stage->arena;
    const Stage *stage = view->stage;
    size_t last = view->tiles.key_blocks - 1, head = head_of_z(view);
    size_t d = stage->has_hand && stage->node->rank == 3 ? stage->hand[2] : 0;
    double sum = flash_cell(view, TILE_SUM, (size_t[TENSOR_RANK]){last, view->row});
    double acc = flash_cell(view, TILE_ACC, (size_t[TENSOR_RANK]){last, view->row, d});
    double z = trace_get(stage->trace, view->tiles.z, (size_t[TENSOR_RANK]){view->row, head, d});
    int decimals = decimals_of_quotient(acc, sum, z);
    text[1] = text_count(arena, (int64_t)d);
    text[2] = text_number(arena, acc, decimals);
    text[3] = text_number(arena, sum, decimals);
    text[4] = text_number(arena, z, OF_QUOTIENT);
    *quotient = WORD_SAY_QUOTIENT;
    return sum > 0 ? WORD_SAY_DIVIDED : WORD_SAY_SAW_NOTHING;
}

static void say(const FlashView *view, Rect line, WordId id, const WordArg *args, FontRole font) {
    const Stage *stage = view->stage;
    UiSpan *spans;
    size_t count = word_spans(stage->arena, stage->theme, word(id), stage->theme->text, args,
                              SENTENCE_ARGS, &spans);
    for (size_t i = 0; i < count; i++)
        spans[i].font = font == FONT_MONO ? FONT_MONO : spans[i].font;
    ui_spans(stage->ui, line, font == FONT_MONO ? THEME_SIZE_LEAD : THEME_SIZE_TEXT, spans, count,
             true);
}

void flash_sentence(const FlashView *view, Rect area) {
    const char *text[SENTENCE_ARGS] = {row_label(view, view->row), "", "", "", "", "", ""};
    WordArg args[SENTENCE_ARGS];
    WordId sum,
        words = view->divides ? divide_sentence(view, &sum, text) : tile_sentence(view, &sum, text);
    for (int i = 0; i < SENTENCE_ARGS; i++)
        args[i] = (WordArg){.text = text[i], .role = i ? ROLE_NONE : ROLE_QUERY};
    args[view->divides ? 4 : 6].role = ROLE_HAND;
    rect_cut_top(&area, STAGE_GAP);
    say(view, rect_cut_top(&area, LEAD_LINE), sum, args, FONT_MONO);
    say(view, area, words, args, FONT_UI);
}
