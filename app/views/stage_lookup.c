/* Lookups: the ids of the tokens, and the rows that they (or the places) pick from a table. Of the
 * table only the rows picked are drawn, at their place in it, each joined to its row of the
 * result. */
#include "app/views/stage_part.h"
#include "app/views/stage_tok.h"

#include <string.h>

/* ---- ids: a card for each token ---- */

enum { CARD_HEIGHT = 76, CARD_GAP = 8, CARD_PAD = 14, CARD_LEAST = 52, CARDS_BESIDE = 400 };

static int card_width(const Stage *stage, size_t position) {
    float width = text_width(ui_measure(stage->ui), FONT_MONO, THEME_SIZE_TITLE,
                             stage_row_label(stage, position));
    int needed = (int)width + 2 * CARD_PAD;
    return needed < CARD_LEAST ? CARD_LEAST : needed;
}

static void card_words(const Stage *stage, Rect rect, size_t position, bool done, bool hand) {
    const Theme *theme = stage->theme;
    double id = tensor_get(&stage->call.out, (size_t[TENSOR_RANK]){position});
    Rect lines = rect_inset(rect, 8, 6);
    ui_label(stage->ui, rect_cut_top(&lines, 14), UI_ALIGN_LEFT, FONT_MONO, THEME_SIZE_SMALL,
             theme->faint, arena_printf(stage->arena, "%zu", position));
    ui_label(stage->ui, rect_cut_top(&lines, 26), UI_ALIGN_CENTER, FONT_MONO, THEME_SIZE_TITLE,
             hand ? theme->hand : theme->text, stage_row_label(stage, position));
    ui_label(stage->ui, lines, UI_ALIGN_CENTER, FONT_MONO, THEME_SIZE_TEXT, theme->secondary,
             done ? arena_printf(stage->arena, "%.0f", id) : "");
}

static void token_card(Stage *stage, Rect rect, size_t position) {
    size_t index[TENSOR_RANK] = {position};
    bool done = progress_done(&stage->progress, index);
    bool hand = stage->has_hand && stage->hand[0] == position;
    UiSignal signal = ui_region(stage->ui,
                                arena_printf(stage->arena, "stage/result[%zu]", position), rect, 0);
    if (signal.hovered || signal.clicked)
        stage_point(stage, index, signal.clicked);
    draw_round_rect(ui_list(stage->ui), rect, THEME_RADIUS,
                    signal.hovered ? stage->theme->hover : stage->theme->raised);
    Role mark = stage_cell_mark(stage, index);
    bool framed = hand || mark != ROLE_NONE;
    draw_frame(ui_list(stage->ui), rect, THEME_RADIUS, framed ? 2 : 1,
               hand             ? DRAW_DOUBLE
               : done || framed ? DRAW_SOLID
                                : DRAW_DASHED,
               hand     ? stage->theme->hand
               : framed ? theme_role(stage->theme, mark)
                        : stage->theme->line);
    card_words(stage, rect, position, done, hand);
}

static const int *card_widths(const Stage *stage) {
    const TraceText *text = node_text(stage->trace, stage->node);
    size_t count = stage->node->dim[0];
    bool fresh;
    int *width = found_words(&stage->in->widgets->found, FOUND_CARDS, ui_measure(stage->ui),
                             text->label, stage->node, count, count, &fresh);
    for (size_t i = 0; fresh && i < count; i++)
        width[i] = card_width(stage, i);
    return width;
}

/* Lines of cards, those in or near `seen`; false only measures. Returns the height. */
static int token_cards(Stage *stage, Rect area, Rect seen, bool draw) {
    int x = area.x, y = area.y;
    const int *card = card_widths(stage);
    for (size_t i = 0; i < stage->node->dim[0]; i++) {
        int width = card[i];
        if (x > area.x && x + width > area.x + area.w) {
            x = area.x;
            y += CARD_HEIGHT + CARD_GAP;
        }
        if (draw && y + CARD_HEIGHT > seen.y - CARDS_BESIDE && y < seen.y + seen.h + CARDS_BESIDE)
            token_card(stage, (Rect){x, y, width, CARD_HEIGHT}, i);
        x += width + CARD_GAP;
    }
    return y + CARD_HEIGHT - area.y;
}

static bool are_types(const Stage *stage) {
    return strstr(stage->node->name, "hook_token_types") != NULL;
}

/* Back to where nothing is done, when the way there is known. */
static void how_button(const Stage *stage, Rect *line) {
    const char *label = word(WORD_TOK_HOW);
    Rect rect = rect_cut_right(line, ui_button_width(stage->ui, label));
    if (ui_button(stage->ui, "stage/how", rect, label, 0))
        intent_value(stage->in->out, INTENT_STEP, -(long)stage->in->state->now.step);
    ui_tip(stage->ui, word(WORD_TOK_TIP_HOW));
    rect_cut_right(line, STAGE_GAP);
}

void stage_tokens(Stage *stage, Rect area) {
    bool steps = state_tokenizing(stage->in->state, stage->in->walk);
    if (steps && !state_whole(stage->in->state, stage->in->walk)) {
        stage_tok_steps(stage, area);
        return;
    }
    Rect line = rect_cut_top(&area, steps ? THEME_BUTTON : HEAT_TICKS + STAGE_GAP);
    if (steps)
        how_button(stage, &line);
    stage_note(stage, line, word(are_types(stage) ? WORD_TYPES_ARE : WORD_TOKENS_ARE));
    rect_cut_top(&area, steps ? STAGE_GAP : 0);
    int height = token_cards(stage, area, area, false);
    UiScroll *scroll = &stage->in->widgets->stage_rows;
    int top = ui_scroll_begin(stage->ui, "stage/cards", area, scroll, height);
    token_cards(stage, (Rect){area.x, top, area.w - UI_SCROLL_BAR, height}, area, true);
    ui_scroll_end(stage->ui, "stage/cards", area, scroll, height);
}

/* ---- rows ---- */

/* Of more rows than JOINED_MOST only the one in hand is joined to its place. */
enum {
    JOINED_MOST = 64,
    TABLE_WIDTH = 96,
    JOIN_WIDTH = 96,
    PICK_WIDTH = 44, /* from the number to its row of the table */
    CELL_WIDE = 24,
    CELL_HIGH = 48,
    ID_WIDTH = 56
};

/* Which row of the table a position picks. */
static size_t picked_row(const Stage *stage, size_t position) {
    return stage->call.op == OP_EMBED
               ? (size_t)tensor_get(&stage->call.in[0], (size_t[TENSOR_RANK]){position})
               : position + stage->call.param.position.offset;
}

static int table_slot(const Stage *stage) {
    return stage->call.op == OP_EMBED ? 1 : 0;
}

static bool row_done(const Stage *stage, size_t position) {
    return progress_done(&stage->progress, (size_t[TENSOR_RANK]){position, 0});
}

static int row_middle(const Panel *result, size_t position) {
    Rect row = heat_rect(&result->heat, position, 0);
    return row.y + row.h / 2;
}

/* The colours of a row of the result, which are those of the row of the table. */
static void picked_cells(const Stage *stage, const Panel *result, Rect line, size_t position) {
    int places = line.w;
    Color *argb = ARENA_NEW_N(stage->arena, Color, (size_t)places);
    for (int i = 0; i < places; i++) {
        size_t column = (size_t)i * result->heat.matrix.columns / (size_t)places;
        argb[i] = scale_color(stage->theme, &result->heat.scale,
                              matrix_get(&result->heat.matrix, position, column));
    }
    draw_cells(ui_list(stage->ui), line, (DrawCells){.columns = places, .rows = 1, .argb = argb});
}

/* Where a row of the table stands in its box: as high as there is room for, two points at least. */
static Rect table_row(const Stage *stage, Rect box, size_t row) {
    size_t rows = stage_tensor(stage, table_slot(stage))->dim[0];
    int high = (int)((size_t)(box.h - 2) / rows);
    if (high > 2)
        return (Rect){box.x, box.y + 1 + (int)row * high, box.w, high};
    int y = box.y + 1 + (int)((double)row / (double)rows * (double)(box.h - 3));
    return (Rect){box.x, y, box.w, 2};
}

static void draw_table(const Stage *stage, const Panel *result, Rect box) {
    DrawList *list = ui_list(stage->ui);
    size_t hand = stage->has_hand || stage->stepping ? stage_row(stage) : HEAT_NONE;
    draw_rect(list, box, stage->theme->pending);
    draw_frame(list, rect_inset(box, -1, -1), 0, 1, DRAW_SOLID, stage->theme->line);
    bool *drawn = ARENA_NEW_N(stage->arena, bool, (size_t)box.h + 1); /* a line only once */
    for (size_t i = 0; i < result->heat.matrix.rows; i++) {
        Rect row = table_row(stage, box, picked_row(stage, i));
        float y = (float)(row.y + row.h / 2);
        bool in_hand = i == hand;
        if (!row_done(stage, i) || (drawn[row.y - box.y] && !in_hand))
            continue;
        drawn[row.y - box.y] = result->heat.matrix.rows > JOINED_MOST;
        picked_cells(stage, result, row, i);
        if (!in_hand && result->heat.matrix.rows > JOINED_MOST)
            continue;
        Color color = in_hand ? stage->theme->hand : color_alpha(stage->theme->secondary, 0.45);
        draw_line(list, (float)(box.x + box.w + 1), y, (float)result->heat.rect.x - 2,
                  (float)row_middle(result, i), in_hand ? 2 : 1, DRAW_SOLID, color);
        draw_line(list, (float)(box.x - PICK_WIDTH), (float)row_middle(result, i), (float)box.x - 2,
                  y, in_hand ? 2 : 1, DRAW_SOLID, color);
        if (in_hand)
            draw_frame(list, rect_inset(row, -2, -2), 0, 1, DRAW_SOLID, color);
    }
}

static void draw_ids(const Stage *stage, const Panel *result, int right) {
    int size = result->heat.down.size;
    size_t hand = stage->has_hand || stage->stepping ? stage_row(stage) : HEAT_NONE;
    size_t stride = size >= 13 ? 1 : (size_t)((13 + size - 1) / size) * result->heat.down.group;
    for (size_t i = 0; i < result->heat.matrix.rows; i++) {
        size_t apart = hand == HEAT_NONE ? stride : i > hand ? i - hand : hand - i;
        if (i != hand && (i % stride != 0 || apart < stride))
            continue;
        Rect line = {right - ID_WIDTH, row_middle(result, i) - 8, ID_WIDTH, 16};
        ui_label(stage->ui, line, UI_ALIGN_RIGHT, FONT_MONO, THEME_SIZE_SMALL,
                 i == hand ? stage->theme->hand : stage->theme->faint,
                 arena_printf(stage->arena, "%zu", picked_row(stage, i)));
    }
}

static const char *table_shape(const Stage *stage) {
    const Tensor *table = stage_tensor(stage, table_slot(stage));
    return arena_printf(stage->arena, "%s × %s", text_count(stage->arena, (int64_t)table->dim[0]),
                        text_count(stage->arena, (int64_t)table->dim[1]));
}

static void table_caption(const Stage *stage, Rect box) {
    const TextMeasure *measure = ui_measure(stage->ui);
    FormulaSize size = formula_draw(ui_list(stage->ui), measure, stage->theme, (float)box.x,
                                    (float)box.y - 6, THEME_SIZE_TITLE, stage->theme->text,
                                    stage->call.op == OP_EMBED ? "E" : "P");
    ui_label(stage->ui, (Rect){box.x + (int)size.width + 6, box.y - 19, box.w + 24, 16},
             UI_ALIGN_LEFT, FONT_UI, THEME_SIZE_SMALL, stage->theme->secondary, table_shape(stage));
}

void stage_lookup(Stage *stage, Rect area) {
    Panel result = stage_panel(stage, STAGE_RESULT, stage->call.op == OP_EMBED ? "e" : "p",
                               ROLE_NONE, REACH_CELL);
    int labels = heat_row_labels_width(stage->ui, &result.heat, STAGE_LABELS_MOST);
    int table = area.w < 480 ? TABLE_WIDTH / 2 : TABLE_WIDTH;
    int join = area.w < 480 ? JOIN_WIDTH / 2 : JOIN_WIDTH;
    int left = labels + ID_WIDTH + PICK_WIDTH + STAGE_GAP + table + join;
    Fit across = fit_axis(result.heat.matrix.columns, area.w - left - SCALE_BAR_WIDTH, CELL_WIDE);
    Fit down = fit_axis(result.heat.matrix.rows, area.h - STAGE_CAPTION - HEAT_TICKS, CELL_HIGH);
    Rect content = rect_center(area, left + fit_length(&across) + SCALE_BAR_WIDTH,
                               STAGE_CAPTION + fit_length(&down) + HEAT_TICKS);
    int x = content.x < area.x ? area.x : content.x;
    heat_place(&result.heat, x + left, content.y + STAGE_CAPTION, down, across);
    const Rect *rect = &result.heat.rect;
    int room = area.h - STAGE_CAPTION - HEAT_TICKS;
    size_t all = stage_tensor(stage, table_slot(stage))->dim[0] * CELL_HIGH + 2;
    int high = all < (size_t)room ? (int)all : room;
    Rect box = {x + left - join - table, area.y + STAGE_CAPTION + (room - high) / 2, table, high};
    panel_row_labels(stage, &result, x + labels, labels);
    draw_ids(stage, &result, x + labels + ID_WIDTH - 4);
    draw_table(stage, &result, box);
    table_caption(stage, box);
    panel_caption(stage, &result, rect->x, rect->y - STAGE_CAPTION, area.x + area.w);
    panel_draw(stage, &result);
    int bar = rect->h < 60 ? 60 : rect->h > 200 ? 200 : rect->h;
    scale_bar(stage->ui, (Rect){rect->x + rect->w + STAGE_GAP, rect->y, SCALE_BAR_WIDTH, bar},
              &result.heat.scale);
    stage_finish(stage, &result, 1);
}
