#include "app/views/timeline.h"

#include "app/views/words.h"

#include <math.h>

enum {
    PAD = 16,
    GAP = 4,
    BUTTON = 32,
    LINE = 24,
    WIDE = 1100,
    LOW = 760,
    CONTROLS = 44,
    SMALL = 800, /* the counter in short words */
    DOT = 7
};

int timeline_height(int w, int h) {
    bool two_lines = w < WIDE &&
                     h >= LOW; /* of caption: one leaves the stage more in a low window */
    return 12 + (two_lines ? 2 * LINE - 4 : LINE) + 8 + CONTROLS + 8;
}

/* ---- Caption --------------------------------------------------------------------------------- */

static const Node *node_shown(const ViewInput *in) {
    return &in->trace->graph.node[in->state->now.node];
}

/* The step that writes the cell that the reader has pinned or points at. */
static bool step_in_hand(const ViewInput *in, size_t *number) {
    const ViewState *state = in->state;
    const size_t *cell = state->now.pinned ? state->now.cell : state->hover;
    return (state->now.pinned || state->hovering) &&
           state_step_of_cell(state, in->trace, in->walk, cell, number);
}

/* The step that the caption is about: that of the cell in hand, else the current one. False where
 * the stage as a whole is meant. */
static bool step_in_words(const ViewInput *in, OpStep *step) {
    const ViewState *state = in->state;
    size_t number;
    if (state_tokenizing(state, in->walk))
        return false;
    if (step_in_hand(in, &number)) {
        state_step(state, in->trace, in->walk, number, step);
        return true;
    }
    if (state_whole(state, in->walk) && !state->stepped)
        return false;
    return state_current_step(state, in->trace, in->walk, step);
}

/* The same of the tokenizer's steps; `number` is that of the current one. */
static bool tok_step_in_words(const ViewInput *in, size_t *number) {
    const ViewState *state = in->state;
    return step_in_hand(in, number) ||
           (state->now.step > 0 && (!state_whole(state, in->walk) || state->stepped));
}

size_t timeline_caption(const ViewInput *in, UiSpan **spans) {
    Arena *arena = ui_arena(in->ui);
    OpStep step;
    size_t number = in->state->now.step - 1; /* of the tokenizer */
    if (state_tokenizing(in->state, in->walk) && tok_step_in_words(in, &number))
        return word_tok_caption(arena, in->theme, in->model, in->walk->tok_steps, number, spans);
    if (step_in_words(in, &step) &&
        !veil_hides_any(in->state->veil, in->state->now.node, &step.write))
        return word_caption(arena, in->theme, in->trace, in->model, node_shown(in), &step, spans);
    bool hidden = veil_kind(in->state->veil, in->state->now.node) == VEIL_RECORD;
    *spans = ARENA_NEW_N(arena, UiSpan, 2);
    (*spans)[0] = (UiSpan){word_stage_about(node_shown(in)), FONT_UI, in->theme->text};
    (*spans)[1] = (UiSpan){arena_printf(arena, " %s", word(WORD_ASKED_FIRST)), FONT_UI,
                           in->theme->secondary};
    return hidden ? 2 : 1;
}

/* What fits into one line, and “…”. */
static void draw_cut_line(const ViewInput *in, Rect line, int size, const UiSpan *spans,
                          size_t count) {
    const TextMeasure *measure = ui_measure(in->ui);
    for (size_t i = 0; i < count && line.w > 0; i++) {
        float width = text_width(measure, spans[i].font, size, spans[i].text);
        ui_label(in->ui, line, UI_ALIGN_LEFT, spans[i].font, size, spans[i].color, spans[i].text);
        if (width > (float)line.w)
            return;
        rect_cut_left(&line, (int)ceilf(width));
    }
}

/* In the largest size in which all of it fits. Where none does, it is cut, and its tip has all. */
static void draw_caption(const ViewInput *in, Rect rect) {
    static const int sizes[] = {THEME_SIZE_LEAD, THEME_SIZE_TEXT, THEME_SIZE_LABEL,
                                THEME_SIZE_SMALL};
    UiSpan *spans;
    size_t count = timeline_caption(in, &spans);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (ui_spans(in->ui, rect, sizes[i], spans, count, false) <= rect.h) {
            ui_spans(in->ui, rect, sizes[i], spans, count, true);
            return;
        }
    const char *all = "";
    for (size_t i = 0; i < count; i++)
        all = arena_printf(ui_arena(in->ui), "%s%s", all, spans[i].text);
    ui_region(in->ui, "timeline/caption", rect, UI_NO_HAND);
    ui_tip(in->ui, all);
    draw_cut_line(in, rect_cut_top(&rect, LINE), THEME_SIZE_TEXT, spans, count);
}

/* ---- Counter --------------------------------------------------------------------------------- */

/* "stage 7 of 93 · step 3 of 144"; with a cell in hand, whose step that is. */
static const char *counter_text(const ViewInput *in, bool small, size_t step, bool in_hand,
                                bool pinned) {
    Arena *arena = ui_arena(in->ui);
    const char *number = text_count(arena, (int64_t)step);
    const char *stage = WORD_WITH(arena, small ? WORD_PART_OF : WORD_STAGE_OF,
                                  text_count(arena, state_stage(in->state, in->walk) + 1),
                                  text_count(arena, in->walk->count));
    if (!in_hand) {
        const char *all = text_count(arena, (int64_t)state_steps(in->state, in->walk));
        const char *done = WORD_WITH(arena, small ? WORD_PART_OF : WORD_STEP_OF, number, all);
        return arena_printf(arena, "%s · %s", stage, done);
    }
    WordId id = pinned ? (small ? WORD_STEP_PINNED_SHORT : WORD_STEP_PINNED)
                       : (small ? WORD_STEP_POINTED_SHORT : WORD_STEP_POINTED);
    const char *hand = WORD_WITH(arena, id, number);
    return small ? hand : arena_printf(arena, "%s · %s", stage, hand);
}

static int counter_text_width(const ViewInput *in, const char *text) {
    return (int)ceilf(text_width(ui_measure(in->ui), FONT_UI, THEME_SIZE_LABEL, text));
}

/* Room for the widest that it can become in this stage, so that the caption does not move. */
static int counter_width(const ViewInput *in, bool small) {
    size_t steps = state_steps(in->state, in->walk);
    int plain = counter_text_width(in, counter_text(in, small, steps, false, false));
    int pinned = counter_text_width(in, counter_text(in, small, steps, true, true)) + 2 * DOT;
    return plain > pinned ? plain : pinned;
}

static void draw_counter(const ViewInput *in, Rect rect, bool small) {
    size_t step = in->state->now.step, number;
    bool pinned = in->state->now.pinned, in_hand = step_in_hand(in, &number);
    if (in_hand)
        step = number + 1;
    const char *text = counter_text(in, small, step, in_hand, pinned);
    ui_label(in->ui, rect, UI_ALIGN_RIGHT, FONT_UI, THEME_SIZE_LABEL,
             in_hand ? in->theme->hand : in->theme->secondary, text);
    if (in_hand && pinned)
        draw_round_rect(ui_list(in->ui),
                        (Rect){rect.x + rect.w - counter_text_width(in, text) - 2 * DOT,
                               rect.y + (rect.h - DOT) / 2, DOT, DOT},
                        DOT * 0.5F, in->theme->hand);
}

/* ---- Controls -------------------------------------------------------------------------------- */

typedef struct {
    const char *id;
    DrawIcon icon;
    WordId tip;
    IntentKind intent;
    long value;
} Control;

static const Control CONTROL[] = {
    {"timeline/first", ICON_FIRST, WORD_TIP_FIRST, INTENT_FIRST, 0},
    {"timeline/stage-back", ICON_STAGE_BACK, WORD_TIP_STAGE_BACK, INTENT_STAGE, -1},
    {"timeline/step-back", ICON_STEP_BACK, WORD_TIP_STEP_BACK, INTENT_STEP, -1},
    {"timeline/play", ICON_PLAY, WORD_TIP_PLAY, INTENT_PLAY, 0},
    {"timeline/step", ICON_STEP_FORWARD, WORD_TIP_STEP_FORWARD, INTENT_STEP, 1},
    {"timeline/stage", ICON_STAGE_FORWARD, WORD_TIP_STAGE_FORWARD, INTENT_STAGE, 1},
    {"timeline/last", ICON_LAST, WORD_TIP_LAST, INTENT_LAST, 0},
};

static void draw_controls(const ViewInput *in, Rect *row) {
    for (size_t i = 0; i < sizeof CONTROL / sizeof *CONTROL; i++) {
        Control control = CONTROL[i];
        bool play = control.intent == INTENT_PLAY;
        if (play && in->state->playing) {
            control.icon = ICON_PAUSE;
            control.tip = WORD_TIP_PAUSE;
        }
        Rect rect = rect_cut_left(row, BUTTON);
        rect_cut_left(row, GAP);
        if (ui_icon_button(in->ui, control.id, rect, control.icon, play ? UI_FILLED : 0))
            intent_value(in->out, control.intent, control.value);
        ui_tip(in->ui, word(control.tip));
    }
}

static void draw_speed(const ViewInput *in, Rect *row) {
    const char *items[STATE_SPEEDS];
    int chosen = in->state->speed;
    for (int i = 0; i < STATE_SPEEDS; i++)
        items[i] = arena_printf(ui_arena(in->ui), "%g×", STATE_SPEED[i]);
    rect_cut_left(row, GAP);
    Rect rect = rect_cut_left(row, 72);
    if (ui_dropdown(in->ui, "timeline/speed", rect, items, NULL, STATE_SPEEDS, &chosen))
        intent_value(in->out, INTENT_SPEED, chosen);
}

/* ---- The bar --------------------------------------------------------------------------------- */

typedef struct {
    UiTick *tick;
    bool *is_stack; /* the encoder's or the decoder's name */
    size_t count;
} Ticks;

static float tick_width(const ViewInput *in, const UiTick *tick) {
    return text_width(ui_measure(in->ui), FONT_UI, THEME_SIZE_SMALL, tick->label);
}

/* Whether the label of `tick` is free of the next one's, which stands at the right of its mark, or
 * at the left at the bar's end. `run` is the bar's width. */
static bool tick_is_free(const ViewInput *in, const UiTick *tick, const UiTick *next, int run) {
    double end = tick->at * run + (double)tick_width(in, tick) + 8;
    double next_at = next->at * run, width = (double)tick_width(in, next);
    return end <= (next_at + 5 + width > run ? next_at - 8 - width : next_at);
}

/* Where there is no room for all, the name of a stack matters more than the blocks beside it, the
 * first block more than the input before it, and the logits more than the last block. */
static void thin_out(const ViewInput *in, Ticks *ticks, int run) {
    size_t count = ticks->count;
    if (count > 1 && !tick_is_free(in, &ticks->tick[count - 2], &ticks->tick[count - 1], run))
        ticks->tick[count - 2].label = "";
    for (size_t i = 0; i + 1 < count; i++) {
        UiTick *tick = &ticks->tick[i], *next = tick + 1;
        if (ticks->is_stack[i] && !tick_is_free(in, tick, next, run))
            next->label = "";
        if (ticks->is_stack[i + 1] && !tick_is_free(in, tick, next, run))
            tick->label = "";
    }
    if (in->trace->source.length == 0 && count > 1 &&
        !tick_is_free(in, &ticks->tick[0], &ticks->tick[1], run)) {
        ticks->tick++;
        ticks->count--;
    }
}

static bool are_logits(const Node *node) {
    return node->op == OP_LINEAR && (node->param.linear.kind == LINEAR_UNEMBED ||
                                     node->param.linear.kind == LINEAR_CLASSIFIER);
}

/* What begins with this stage; NULL: nothing. */
static const char *tick_label(Arena *arena, const Node *before, const Node *node) {
    static const WordId input[] = {[BLOCK_PLAIN] = WORD_TICK_INPUT,
                                   [BLOCK_ENCODER] = WORD_TICK_ENCODER,
                                   [BLOCK_DECODER] = WORD_TICK_DECODER};
    if (node->layer < 0 && (!before || before->stack != node->stack))
        return word(input[node_block_kind(node)]);
    if (node->layer >= 0 && (!before || node_block(before) != node_block(node)))
        return WORD_WITH(arena, WORD_TICK_BLOCK, text_count(arena, node->layer));
    return are_logits(node) ? word(WORD_TICK_LOGITS) : NULL;
}

/* Input, each block, logits: the first stage of each. */
static Ticks make_ticks(const ViewInput *in, int run) {
    Arena *arena = ui_arena(in->ui);
    size_t most = (size_t)in->walk->count;
    Ticks ticks = {ARENA_NEW_N(arena, UiTick, most), ARENA_NEW_N(arena, bool, most), 0};
    const Node *before = NULL;
    for (int stage = 0; stage < in->walk->count; stage++) {
        const Node *node = &in->trace->graph.node[in->walk->node[stage]];
        const char *label = tick_label(arena, before, node);
        if (label) {
            ticks.is_stack[ticks.count] = node->layer < 0 && node_block_kind(node) != BLOCK_PLAIN;
            ticks.tick[ticks.count++] = (UiTick){(double)stage / in->walk->count, label};
        }
        before = node;
    }
    thin_out(in, &ticks, run);
    return ticks;
}

static void draw_scrub(const ViewInput *in, Rect rect) {
    double at = state_at(in->state, in->walk);
    Ticks ticks = make_ticks(in, rect.w - UI_SCRUB_KNOB);
    if (ui_scrub(in->ui, "timeline/scrub", rect, &at, 0, ticks.tick, ticks.count))
        intent_seek(in->out, at);
}

void timeline_view(const ViewInput *in, Rect area) {
    if (!in->trace)
        return;
    bool small = area.w < SMALL;
    area = rect_inset(area, PAD, 0);
    rect_cut_top(&area, 12);
    Rect controls = rect_cut_bottom(&area, CONTROLS + 8);
    Rect counter = rect_cut_right(&area, counter_width(in, small));
    draw_counter(in, (Rect){counter.x, counter.y, counter.w, LINE - 4}, small);
    rect_cut_right(&area, PAD);
    rect_cut_bottom(&area, 8);
    draw_caption(in, area);
    Rect row = {controls.x, controls.y, controls.w, THEME_BUTTON};
    draw_controls(in, &row);
    draw_speed(in, &row);
    rect_cut_left(&row, PAD);
    draw_scrub(in, (Rect){row.x, controls.y + 2, row.w, CONTROLS});
}
