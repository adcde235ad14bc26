#include "app/views/prompt.h"

#include "app/views/words.h"

#include <math.h>
#include <string.h>

enum { BAR = 52, PAD = 16, GAP = 8, CHIP_GAP = 4, MESSAGE = 24 };

/* ---- Chips ----------------------------------------------------------------------------------- */

typedef struct {
    UiChip chip;
    int x, line, width;
} PlacedChip;

/* All chips, the prediction last, in lines as wide as the panel. */
typedef struct {
    PlacedChip *chip;
    size_t count; /* with the prediction, if there is one */
    int lines;
    size_t best;  /* the most likely next id */
    double share; /* its probability */
} Chips;

/* The probabilities of the last position; -1: not kept. */
static int find_best(const ViewInput *in, size_t *best, double *share) {
    int node = trace_find(in->trace, "probs");
    if (node < 0 || !trace_kept(in->trace, node))
        return -1;
    size_t V = in->trace->graph.node[node].dim[1];
    const float *last = tensor_f32(&in->trace->value[node]) + (in->trace->own.length - 1) * V;
    *best = 0;
    for (size_t id = 1; id < V; id++)
        if (last[id] > last[*best])
            *best = id;
    *share = (double)last[*best];
    return node;
}

/* The colour of a token: what it is in the cell in hand. */
static Role chip_role(const ViewInput *in, const size_t *cell, size_t position) {
    const Node *node = &in->trace->graph.node[in->state->now.node];
    for (int axis = 0; cell && axis < node->rank; axis++)
        if (axis_is_position(node->axis[axis]) && cell[axis] == position)
            return node_axis_role(node, axis);
    return ROLE_NONE;
}

/* The same in letters, for eyes and screens that don't tell the colours apart: a token that meets
 * itself is both. */
static const char *chip_mark(const ViewInput *in, const size_t *cell, size_t position) {
    static const char *const letters[] = {[ROLE_NONE] = "",
                                          [ROLE_QUERY] = "Q",
                                          [ROLE_KEY] = "K",
                                          [ROLE_VALUE] = "V",
                                          [ROLE_HAND] = ""};
    const Node *node = &in->trace->graph.node[in->state->now.node];
    const char *mark = "";
    for (int axis = 0; cell && axis < node->rank; axis++)
        if (axis_is_position(node->axis[axis]) && cell[axis] == position)
            mark = arena_printf(ui_arena(in->ui), "%s%s", mark,
                                letters[node_axis_role(node, axis)]);
    return mark;
}

static void place(Chips *chips, UiChip chip, int chip_width, int width, int *x) {
    if (*x > 0 && *x + chip_width > width) {
        *x = 0;
        chips->lines++;
    }
    chips->chip[chips->count++] = (PlacedChip){chip, *x, chips->lines - 1, chip_width};
    *x += chip_width + CHIP_GAP;
}

/* What was typed where the vocabulary does not have it; NULL: it has. */
static const char *typed_unknown(const ViewInput *in, size_t position) {
    const char *typed = in->typed ? in->typed[position] : NULL;
    if (!typed)
        return NULL;
    return strcmp(typed, " ") == 0 ? "␣" : text_token(ui_arena(in->ui), typed, strlen(typed));
}

static UiChip token_chip(const ViewInput *in, const size_t *cell, size_t position) {
    Arena *arena = ui_arena(in->ui);
    UiChip chip = {.label = word_label(in->trace, position),
                   .note = arena_printf(arena, "%d", in->trace->own.ids[position]),
                   .mark = chip_mark(in, cell, position),
                   .role = chip_role(in, cell, position)};
    const char *typed = typed_unknown(in, position);
    if (typed) {
        chip.label = WORD_WITH(arena, WORD_BECAME, typed, chip.label);
        chip.color = in->theme->error;
    }
    return chip;
}

/* The answer is not given away before the walk has come to it. */
static bool answer_reached(const ViewInput *in, int probs) {
    int stage = walk_stage(in->walk, in->trace, probs), shown = state_stage(in->state, in->walk);
    return shown > stage || (shown == stage && state_whole(in->state, in->walk));
}

static UiChip next_chip(const ViewInput *in, int probs, size_t id, double share) {
    Arena *arena = ui_arena(in->ui);
    UiChip chip = {.label = word(WORD_NEXT_UNKNOWN),
                   .note = word(WORD_NEXT),
                   .dashed = true,
                   .color = in->theme->secondary};
    if (answer_reached(in, probs))
        chip.label = WORD_WITH(arena, WORD_NEXT_IS, word_vocab_label(arena, in->model, id),
                               text_percent(arena, share, 1));
    return chip;
}

static Chips place_chips(const ViewInput *in, int width) {
    size_t tokens = in->trace->own.length, cell[TENSOR_RANK] = {0};
    bool in_hand = state_cell(in->state, in->trace, in->walk, cell);
    Chips chips = {ARENA_NEW_N(ui_arena(in->ui), PlacedChip, tokens + 1), 0, 1, 0, 0};
    int x = 0;
    for (size_t i = 0; i < tokens; i++) {
        UiChip chip = token_chip(in, in_hand ? cell : NULL, i);
        place(&chips, chip, ui_chip_width(in->ui, &chip), width, &x);
    }
    int probs = find_best(in, &chips.best, &chips.share);
    if (probs >= 0) {
        UiChip chip = next_chip(in, probs, chips.best, chips.share);
        place(&chips, chip, ui_chip_width(in->ui, &chip), width, &x);
    }
    return chips;
}

static int lines_height(int lines) {
    return lines * (UI_CHIP_HEIGHT + CHIP_GAP) - CHIP_GAP;
}

static int chips_width(int width) {
    return width - 2 * PAD - UI_SCROLL_BAR;
}

static void token_clicked(const ViewInput *in, const Chips *chips, size_t i) {
    if (i < in->trace->own.length) {
        intent_value(in->out, INTENT_ROW, (long)i);
        return;
    }
    size_t index[TENSOR_RANK] = {in->trace->own.length - 1, chips->best};
    intent_cell(in->out, INTENT_GO_CELL, trace_find(in->trace, "probs"), index);
}

static const char *chip_tip(const ViewInput *in, const Chips *chips, size_t i) {
    Arena *arena = ui_arena(in->ui);
    if (i == in->trace->own.length)
        return WORD_WITH(arena, WORD_TIP_NEXT, word_vocab(arena, in->model, chips->best),
                         text_percent(arena, chips->share, 1));
    const char *typed = typed_unknown(in, i);
    const char *tip = WORD_WITH(arena, WORD_TIP_TOKEN, word_token(arena, in->trace, i),
                                text_count(arena, in->trace->own.ids[i]),
                                text_count(arena, (int64_t)i));
    return typed ? WORD_WITH(arena, WORD_TIP_BECAME, typed, tip) : tip;
}

/* The line of the row in hand, else of its column; -1: no chip is lit. */
static int line_in_hand(const ViewInput *in, const Chips *chips) {
    int line = -1;
    for (size_t i = 0; i < in->trace->own.length; i++) {
        Role role = chips->chip[i].chip.role;
        if (role != ROLE_NONE && (line < 0 || role != ROLE_KEY))
            line = chips->chip[i].line;
    }
    return line;
}

/* Brings it into view when it has become another. */
static void follow_chip(const ViewInput *in, const Chips *chips, Rect area, int height) {
    int line = line_in_hand(in, chips), shown = in->widgets->chip_shown;
    in->widgets->chip_shown = line;
    if (line >= 0 && line != shown)
        ui_scroll_show(&in->widgets->chips, area, height, line * (UI_CHIP_HEIGHT + CHIP_GAP),
                       UI_CHIP_HEIGHT);
}

static void draw_chips(const ViewInput *in, Rect area) {
    Arena *arena = ui_arena(in->ui);
    Chips chips = place_chips(in, area.w - UI_SCROLL_BAR);
    int height = lines_height(chips.lines);
    follow_chip(in, &chips, area, height);
    int top = ui_scroll_begin(in->ui, "chips", area, &in->widgets->chips, height);
    for (size_t i = 0; i < chips.count; i++) {
        const PlacedChip *placed = &chips.chip[i];
        const char *id = i < in->trace->own.length ? arena_printf(arena, "chip/%zu", i)
                                                   : "chip/next";
        Rect rect = {area.x + placed->x, top + placed->line * (UI_CHIP_HEIGHT + CHIP_GAP),
                     placed->width, UI_CHIP_HEIGHT};
        if (ui_chip(in->ui, id, rect, &placed->chip))
            token_clicked(in, &chips, i);
        ui_tip(in->ui, chip_tip(in, &chips, i));
    }
    ui_scroll_end(in->ui, "chips", area, &in->widgets->chips, height);
}

/* ---- The bar --------------------------------------------------------------------------------- */

static void draw_model(const ViewInput *in, Rect *bar) {
    if (in->model_count == 0)
        return;
    int most = bar->w < 600 ? bar->w / 4 : bar->w * 2 / 5, chosen = in->model_chosen;
    int width = ui_dropdown_width(in->ui, in->models, in->model_count);
    Rect rect = rect_cut_left(bar, width < most ? width : most);
    if (ui_dropdown(in->ui, "model", rect, in->models, in->model_problems, in->model_count,
                    &chosen))
        intent_value(in->out, INTENT_MODEL, chosen);
    ui_tip(in->ui, word(WORD_TIP_MODEL));
    rect_cut_left(bar, GAP);
}

static void draw_buttons(const ViewInput *in, Rect *bar) {
    if (ui_button(in->ui, "help", rect_cut_right(bar, THEME_BUTTON), "?", 0))
        intent_emit(in->out, INTENT_HELP);
    ui_tip(in->ui, word(WORD_TIP_HELP));
    rect_cut_right(bar, GAP);
    const char *label = word(in->state->light ? WORD_DARK : WORD_LIGHT);
    if (ui_button(in->ui, "theme", rect_cut_right(bar, 56), label, 0))
        intent_emit(in->out, INTENT_THEME);
    ui_tip(in->ui, word(WORD_TIP_THEME));
    rect_cut_right(bar, GAP);
}

static void draw_computing(const ViewInput *in, Rect *bar) {
    const char *text = word(in->model ? WORD_COMPUTING : WORD_LOADING);
    int width = (int)ceilf(text_width(ui_measure(in->ui), FONT_UI, THEME_SIZE_LABEL, text));
    Rect rect = rect_cut_right(bar, width + GAP);
    if (in->computing)
        ui_label(in->ui, rect, UI_ALIGN_RIGHT, FONT_UI, THEME_SIZE_LABEL, in->theme->secondary,
                 text);
    rect_cut_right(bar, GAP);
}

static void draw_bar(const ViewInput *in, Rect bar) {
    bar = rect_inset(bar, PAD, (BAR - THEME_BUTTON) / 2);
    const char *name = word(WORD_PRODUCT);
    float width = text_width(ui_measure(in->ui), FONT_UI_BOLD, THEME_SIZE_TITLE, name);
    ui_label(in->ui, rect_cut_left(&bar, (int)ceilf(width) + PAD), UI_ALIGN_LEFT, FONT_UI_BOLD,
             THEME_SIZE_TITLE, in->theme->text, name);
    draw_model(in, &bar);
    draw_buttons(in, &bar);
    draw_computing(in, &bar);
    UiTextEvent event = ui_textbox(in->ui, "prompt", bar, &in->widgets->prompt,
                                   word(WORD_PROMPT_HINT), FONT_UI, THEME_SIZE_LEAD);
    if (event.changed)
        intent_emit(in->out, INTENT_PROMPT);
    if (event.submitted)
        intent_emit(in->out, INTENT_SUBMIT);
}

/* Why the text could not be run, and what is shown instead. */
static int message(const ViewInput *in, Rect rect, bool draw) {
    Arena *arena = ui_arena(in->ui);
    const char *shown = in->still_open ? WORD_WITH(arena, WORD_STILL_OPEN, in->still_open)
                                       : word(WORD_STALE);
    UiSpan spans[2] = {{in->problem, FONT_UI, in->theme->error},
                       {shown, FONT_UI, in->theme->secondary}};
    return ui_spans(in->ui, rect, THEME_SIZE_TEXT, spans, in->trace ? 2 : 1, draw);
}

static int message_height(const ViewInput *in, int width) {
    Rect rect = {0, 0, width - 2 * PAD, MESSAGE};
    return in->problem ? GAP / 2 + message(in, rect, false) : 0;
}

int prompt_height(const ViewInput *in, int width, int chip_lines) {
    int lines = in->trace ? place_chips(in, chips_width(width)).lines : 1;
    int chips = lines_height(lines < chip_lines ? lines : chip_lines);
    return BAR + message_height(in, width) + chips + 12;
}

void prompt_view(const ViewInput *in, Rect area) {
    draw_bar(in, rect_cut_top(&area, BAR));
    int above = message_height(in, area.w);
    area = rect_inset(area, PAD, 0);
    if (in->problem)
        message(in, rect_cut_top(&area, above), true);
    rect_cut_bottom(&area, 12);
    if (in->trace)
        draw_chips(in, (Rect){area.x, area.y, area.w, area.h});
}
