#include "app/views/timeline.h"

#include "app/views/words.h"

#include <math.h>
#include <string.h>

enum {
    PAD = 16,
    GAP = 4,
    BUTTON = 32,
    LINE = 24,
    WIDE = 1100,
    LOW = 520,
    CONTROLS = 44,
    COUNTER = 176
};

int timeline_height(int w, int h) {
    bool two_lines = w < WIDE && h >= LOW; /* of caption */
    return 12 + (two_lines ? 2 * LINE - 4 : LINE) + 8 + CONTROLS + 8;
}

/* ---- Caption --------------------------------------------------------------------------------- */

static const Node *node_shown(const ViewInput *in) {
    return &in->trace->graph.node[in->state->now.node];
}

/* The step that the caption is about: that of the cell that the reader points at or has pinned,
 * else the current one. False where the stage as a whole is meant. */
static bool step_in_words(const ViewInput *in, OpStep *step) {
    const ViewState *state = in->state;
    size_t number;
    const size_t *cell = state->now.pinned ? state->now.cell : state->hover;
    bool on_cell = state->now.pinned || (state->hovering && !state->playing &&
                                         state_cell_done(state, in->trace, in->walk, cell));
    if (on_cell && state_step_of_cell(state, in->trace, in->walk, cell, &number)) {
        state_step(state, in->trace, in->walk, number, step);
        return true;
    }
    if (state_whole(state, in->walk) && !state->stepped)
        return false;
    return state_current_step(state, in->trace, in->walk, step);
}

size_t timeline_caption(const ViewInput *in, UiSpan **spans) {
    Arena *arena = ui_arena(in->ui);
    OpStep step;
    if (step_in_words(in, &step))
        return word_caption(arena, in->theme, in->trace, in->model, node_shown(in), &step, spans);
    *spans = ARENA_NEW(arena, UiSpan);
    **spans = (UiSpan){word_stage_about(node_shown(in)), FONT_UI, in->theme->text};
    return 1;
}

static void draw_caption(const ViewInput *in, Rect rect) {
    UiSpan *spans;
    size_t count = timeline_caption(in, &spans);
    int size = THEME_SIZE_LEAD;
    if (ui_spans(in->ui, rect, size, spans, count, false) > rect.h)
        size = THEME_SIZE_TEXT;
    ui_spans(in->ui, rect, size, spans, count, true);
}

/* "stage 7 of 93 · step 3 of 144" */
static void draw_counter(const ViewInput *in, Rect rect) {
    Arena *arena = ui_arena(in->ui);
    const char *stage = WORD_WITH(arena, WORD_STAGE_OF,
                                  text_count(arena, state_stage(in->state, in->walk) + 1),
                                  text_count(arena, in->walk->count));
    const char *step = WORD_WITH(arena, WORD_STEP_OF,
                                 text_count(arena, (int64_t)in->state->now.step),
                                 text_count(arena, (int64_t)state_steps(in->state, in->walk)));
    ui_label(in->ui, rect, UI_ALIGN_RIGHT, FONT_UI, THEME_SIZE_LABEL, in->theme->secondary,
             arena_printf(arena, "%s · %s", stage, step));
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
    if (ui_dropdown(in->ui, "timeline/speed", rect, items, STATE_SPEEDS, &chosen))
        intent_value(in->out, INTENT_SPEED, chosen);
}

/* ---- The bar --------------------------------------------------------------------------------- */

typedef struct {
    UiTick *tick;
    size_t count;
} Ticks;

/* The labels of the blocks matter more than those before them: a label that would touch this one is
 * left out. `run` is the bar's width. */
static void add_tick(Ticks *ticks, const ViewInput *in, int stage, const char *label, int run) {
    double at = (double)stage / in->walk->count;
    for (size_t i = ticks->count; i-- > 0;) {
        UiTick *before = &ticks->tick[i];
        float width = text_width(ui_measure(in->ui), FONT_UI, THEME_SIZE_SMALL, before->label);
        if (before->label[0] && (at - before->at) * run < (double)width + 12)
            before->label = "";
    }
    ticks->tick[ticks->count++] = (UiTick){at, label};
}

/* Tokens, embedding, each block, logits: the first stage of each. */
static Ticks make_ticks(const ViewInput *in, int run) {
    Arena *arena = ui_arena(in->ui);
    Ticks ticks = {ARENA_NEW_N(arena, UiTick, (size_t)in->walk->count), 0};
    int layer = -1;
    for (int stage = 0; stage < in->walk->count; stage++) {
        const Node *node = &in->trace->graph.node[in->walk->node[stage]];
        if (node->op == OP_TOKENS)
            add_tick(&ticks, in, stage, word(WORD_TICK_TOKENS), run);
        else if (node->op == OP_EMBED)
            add_tick(&ticks, in, stage, word(WORD_TICK_EMBED), run);
        else if (node->layer >= 0 && node->layer != layer)
            add_tick(&ticks, in, stage,
                     WORD_WITH(arena, WORD_TICK_BLOCK, text_count(arena, node->layer)), run);
        else if (strcmp(node->name, "logits") == 0)
            add_tick(&ticks, in, stage, word(WORD_TICK_LOGITS), run);
        layer = node->layer;
    }
    return ticks;
}

static void draw_scrub(const ViewInput *in, Rect rect) {
    double at = state_at(in->state, in->walk);
    Ticks ticks = make_ticks(in, rect.w);
    if (ui_scrub(in->ui, "timeline/scrub", rect, &at, 0, ticks.tick, ticks.count))
        intent_seek(in->out, at);
}

void timeline_view(const ViewInput *in, Rect area) {
    if (!in->trace)
        return;
    area = rect_inset(area, PAD, 0);
    rect_cut_top(&area, 12);
    Rect controls = rect_cut_bottom(&area, CONTROLS + 8);
    Rect counter = rect_cut_right(&area, COUNTER);
    draw_counter(in, (Rect){counter.x, counter.y, counter.w, LINE - 4});
    rect_cut_right(&area, PAD);
    rect_cut_bottom(&area, 8);
    draw_caption(in, area);
    Rect row = {controls.x, controls.y, controls.w, THEME_BUTTON};
    draw_controls(in, &row);
    draw_speed(in, &row);
    rect_cut_left(&row, PAD);
    draw_scrub(in, (Rect){row.x, controls.y + 2, row.w, CONTROLS});
}
