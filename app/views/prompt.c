#include "app/views/prompt_part.h"

#include "app/views/common_switches.h"
#include "app/views/words.h"

#include <math.h>
#include <string.h>

enum {
    CHIP_GAP = 4,
    MESSAGE = 24,
    SWITCHES_WIDE = 1000,
    CHIPS_BESIDE = 400 /* points out of sight that Tab can still go to */
};

/* ---- Answers: what the model says at its end ------------------------------------------------- */

/* The likeliest cell of a row of probabilities. */
typedef struct {
    int node; /* −1: there is none */
    size_t row, best;
    double share;
} Answer;

/* A classifier's shares, or those over the vocabulary. −1: neither kept nor left out for later. */
static int answers_node(const ViewInput *in) {
    int node = trace_find(in->trace, "probs");
    if (node < 0)
        node = trace_find(in->trace, "classifier.hook_probs");
    return node >= 0 && walk_stage(in->walk, in->trace, node) >= 0 ? node : -1;
}

static Answer answer_at(const ViewInput *in, size_t row) {
    Answer answer = {.node = answers_node(in), .row = row};
    if (answer.node < 0 || !trace_kept(in->trace, answer.node))
        return answer;
    size_t width = in->trace->graph.node[answer.node].dim[1];
    const float *share = tensor_f32(&in->trace->value[answer.node]) + row * width;
    for (size_t i = 1; i < width; i++)
        if (share[i] > share[answer.best])
            answer.best = i;
    answer.share = (double)share[answer.best];
    return answer;
}

/* The answer is not given away before the walk has come to it. */
static bool answer_reached(const ViewInput *in, int node) {
    int stage = walk_stage(in->walk, in->trace, node), shown = state_stage(in->state, in->walk);
    if (!trace_kept(in->trace, node) || veil_kind(in->state->veil, node) != VEIL_NOTHING)
        return false;
    return shown > stage || (shown == stage && state_whole(in->state, in->walk));
}

static const char *answer_label(const ViewInput *in, const Answer *answer) {
    return word_place(ui_arena(in->ui), in->trace, in->model, answer->node, 1, answer->best);
}

/* ---- Chips ----------------------------------------------------------------------------------- */

typedef struct {
    bool answers; /* it is an answer: */
    Answer answer;
    const char *id;
    WordId note;
    TextId text; /* else a token of this text */
    size_t position;
    int x, line, width;
} PlacedChip;

/* In lines as wide as the panel; where there are two texts, each begins a line, behind its name. */
typedef struct {
    PlacedChip *chip;
    size_t count;
    int width; /* of the panel … */
    int left;  /* … and of the names at its left */
    int x, lines;
    int own_line; /* where the model's own text begins */
    bool lit;     /* the tokens of a cell are: */
    size_t cell[TENSOR_RANK];
} Chips;

static const TraceText *text_of(const ViewInput *in, TextId text) {
    return text == TEXT_SOURCE ? &in->trace->source : &in->trace->own;
}

static bool is_text_axis(const Node *node, int axis, TextId text) {
    return axis_is_position(node->axis[axis]) &&
           (node->axis[axis] == AXIS_KEY ? node->keys : node->rows) == text;
}

/* The colour of a token: what it is in the cell in hand. */
static Role chip_role(const ViewInput *in, const size_t *cell, TextId text, size_t position) {
    const Node *node = &in->trace->graph.node[in->state->now.node];
    for (int axis = 0; cell && axis < node->rank; axis++)
        if (is_text_axis(node, axis, text) && cell[axis] == position)
            return node_axis_role(node, axis);
    return ROLE_NONE;
}

static const char *role_letter(Role role) {
    static const char *const letters[] = {[ROLE_NONE] = "",
                                          [ROLE_QUERY] = "Q",
                                          [ROLE_KEY] = "K",
                                          [ROLE_VALUE] = "V",
                                          [ROLE_HAND] = ""};
    return letters[role];
}

/* The same in letters, for eyes and screens that don't tell the colours apart: a token that meets
 * itself is both. */
static const char *chip_mark(const ViewInput *in, const size_t *cell, TextId text,
                             size_t position) {
    const Node *node = &in->trace->graph.node[in->state->now.node];
    const char *mark = "";
    for (int axis = 0; cell && axis < node->rank; axis++)
        if (is_text_axis(node, axis, text) && cell[axis] == position)
            mark = arena_printf(ui_arena(in->ui), "%s%s", mark,
                                role_letter(node_axis_role(node, axis)));
    return mark;
}

static void place(Chips *chips, PlacedChip chip) {
    if (chips->x > chips->left && chips->x + chip.width > chips->width) {
        chips->x = chips->left;
        chips->lines++;
    }
    chip.x = chips->x;
    chip.line = chips->lines - 1;
    chips->chip[chips->count++] = chip;
    chips->x += chip.width + CHIP_GAP;
}

/* What was typed where the vocabulary does not have it; NULL: it has. What a decoder says itself was
 * not typed. */
static const char *typed_unknown(const ViewInput *in, TextId text, size_t position) {
    bool was_typed = text == TEXT_SOURCE || in->trace->source.length == 0;
    const char *typed = in->typed && was_typed ? in->typed[position] : NULL;
    if (!typed)
        return NULL;
    return strcmp(typed, " ") == 0 ? "␣" : text_token(ui_arena(in->ui), typed, strlen(typed));
}

/* Below a token its number; of a tagged text its label, as soon as the walk has come to that. */
static const char *chip_note(const ViewInput *in, TextId text, size_t position) {
    const char *id = arena_printf(ui_arena(in->ui), "%d", text_of(in, text)->ids[position]);
    if (view_task(in) != TASK_TAG)
        return id;
    Answer answer = answer_at(in, position);
    return answer.node >= 0 && answer_reached(in, answer.node) ? answer_label(in, &answer) : id;
}

/* A token as it is drawn; `cell` NULL: none is lit. */
static UiChip token_chip(const ViewInput *in, const size_t *cell, TextId text, size_t position) {
    const TraceText *tokens = text_of(in, text);
    UiChip chip = {.label = tokens->label[position],
                   .note = chip_note(in, text, position),
                   .mark = chip_mark(in, cell, text, position),
                   .role = chip_role(in, cell, text, position)};
    if (chip.role == ROLE_NONE && text == TEXT_OWN) {
        chip.role = view_marked(in, VIEW_MARK_TOKEN, position);
        chip.mark = role_letter(chip.role);
    }
    const char *typed = typed_unknown(in, text, position);
    if (typed) {
        chip.label = WORD_WITH(ui_arena(in->ui), WORD_BECAME, typed, chip.label);
        chip.color = in->theme->error;
    }
    if (position >= tokens->real) /* padding */
        chip.color = in->theme->faint;
    return chip;
}

static UiChip answer_chip(const ViewInput *in, const Answer *answer, WordId note) {
    Arena *arena = ui_arena(in->ui);
    UiChip chip = {.label = word(WORD_NEXT_UNKNOWN),
                   .note = word(note),
                   .dashed = true,
                   .color = in->theme->secondary};
    if (answer_reached(in, answer->node))
        chip.label = WORD_WITH(arena, WORD_NEXT_IS, answer_label(in, answer),
                               text_percent(arena, answer->share, 1));
    return chip;
}

static void place_answer(const ViewInput *in, Chips *chips, const char *id, size_t row,
                         WordId note) {
    Answer answer = answer_at(in, row);
    if (answer.node < 0)
        return;
    UiChip chip = answer_chip(in, &answer, note);
    place(chips, (PlacedChip){.answers = true,
                              .answer = answer,
                              .id = id,
                              .note = note,
                              .width = ui_chip_width(in->ui, &chip)});
}

/* Of a long text they are measured once; but a tagged one's labels come while one walks. */
static const int *token_widths(const ViewInput *in, TextId text) {
    const TraceText *tokens = text_of(in, text);
    bool fresh = true;
    int *width = view_task(in) == TASK_TAG
                     ? ARENA_NEW_N(ui_arena(in->ui), int, tokens->length)
                     : found_words(&in->widgets->found, FOUND_CHIPS, ui_measure(in->ui),
                                   tokens->label, in->typed, tokens->length, tokens->length,
                                   &fresh);
    for (size_t i = 0; fresh && i < tokens->length; i++) {
        UiChip chip = token_chip(in, NULL, text, i);
        width[i] = ui_chip_width(in->ui, &chip);
    }
    return width;
}

/* The tokens, and behind a masked one what fits there. */
static void place_text(const ViewInput *in, Chips *chips, TextId text) {
    const TraceText *tokens = text_of(in, text);
    const int *width = token_widths(in, text);
    bool fills = view_task(in) == TASK_FILL;
    chips->x = chips->left;
    for (size_t i = 0; i < tokens->length; i++) {
        place(chips, (PlacedChip){.text = text, .position = i, .width = width[i]});
        if (fills && text_is_mask(tokens, i))
            place_answer(in, chips, arena_printf(ui_arena(in->ui), "chip/here/%zu", i), i,
                         WORD_HERE);
    }
}

static int names_width(const ViewInput *in) {
    const TextMeasure *measure = ui_measure(in->ui);
    float source = text_width(measure, FONT_UI, THEME_SIZE_LABEL, word(WORD_CHIPS_SOURCE));
    float own = text_width(measure, FONT_UI, THEME_SIZE_LABEL, word(WORD_CHIPS_OUTPUT));
    return (int)ceilf(fmaxf(source, own)) + PROMPT_GAP;
}

/* The cell whose tokens are lit: the one in hand; of a stage that is whole the row that is asked
 * about first, as the stage shows it. */
static bool lit_cell(const ViewInput *in, size_t *cell) {
    const ViewState *state = in->state;
    const Node *node = &in->trace->graph.node[state->now.node];
    int row = node_row_axis(node);
    if (!state_cell(state, in->trace, in->walk, cell))
        return false;
    bool chosen = state->now.pinned || state->hovering || !state_whole(state, in->walk);
    for (size_t i = 0; i < in->mark_count && !chosen; i++)
        if (in->mark[i].kind == VIEW_MARK_TOKEN) /* then those are to be looked at */
            return false;
    if (chosen || row < 0 || cell[row] == node_asked_row(in->trace, node))
        return true;
    cell[row] = node_asked_row(in->trace, node);
    if (node->axis[node->rank - 1] == AXIS_KEY)
        cell[node->rank - 1] = SIZE_MAX; /* the step was another row's */
    return true;
}

static Chips place_chips(const ViewInput *in, int width) {
    size_t source = in->trace->source.length, own = in->trace->own.length;
    Chips chips = {.chip = ARENA_NEW_N(ui_arena(in->ui), PlacedChip, source + 2 * own + 1),
                   .width = width,
                   .left = source > 0 ? names_width(in) : 0,
                   .lines = 1};
    chips.lit = lit_cell(in, chips.cell);
    if (source > 0) {
        place_text(in, &chips, TEXT_SOURCE);
        chips.own_line = chips.lines++;
    }
    place_text(in, &chips, TEXT_OWN);
    if (view_task(in) == TASK_TEXT)
        place_answer(in, &chips, "chip/next", own - 1, WORD_NEXT);
    else if (view_task(in) == TASK_CLASSIFY)
        place_answer(in, &chips, "chip/label", 0, WORD_LABEL_NOTE);
    return chips;
}

static int lines_height(int lines) {
    return lines * (UI_CHIP_HEIGHT + CHIP_GAP) - CHIP_GAP;
}

/* The switches stand at the right of the first line. */
static int switches_room(const ViewInput *in, int width) {
    return switches_width(in, width >= SWITCHES_WIDE);
}

static int chips_width(const ViewInput *in, int width) {
    return width - 2 * PROMPT_PAD - switches_room(in, width) - UI_SCROLL_BAR;
}

static void chip_clicked(const ViewInput *in, const PlacedChip *chip) {
    if (!chip->answers) {
        if (chip->text == TEXT_OWN)
            intent_value(in->out, INTENT_TOKEN, (long)chip->position);
        intent_row(in->out, chip->text, chip->position);
        return;
    }
    size_t index[TENSOR_RANK] = {chip->answer.row, chip->answer.best};
    bool hidden = veil_kind(in->state->veil, chip->answer.node) != VEIL_NOTHING;
    if (hidden || !trace_kept(in->trace, chip->answer.node)) /* the likeliest is not known yet */
        intent_go(in->out, chip->answer.node);
    else
        intent_cell(in->out, INTENT_GO_CELL, chip->answer.node, index);
}

static const char *answer_tip(const ViewInput *in, const Answer *answer) {
    static const WordId tips[] = {
        [TASK_TEXT] = WORD_TIP_NEXT, [TASK_FILL] = WORD_TIP_HERE, [TASK_CLASSIFY] = WORD_TIP_LABEL};
    Arena *arena = ui_arena(in->ui);
    Task task = view_task(in);
    if (veil_kind(in->state->veil, answer->node) != VEIL_NOTHING)
        return word(WORD_ASKED_FIRST);
    if (!trace_kept(in->trace, answer->node))
        return WORD_WITH(arena, WORD_TIP_LEFT_OUT,
                         word_stage_title(&in->trace->graph.node[answer->node]));
    const char *label = task == TASK_CLASSIFY ? answer_label(in, answer)
                                              : word_vocab(arena, in->model, answer->best);
    return WORD_WITH(arena, tips[task], label, text_percent(arena, answer->share, 1));
}

static const char *chip_tip(const ViewInput *in, const PlacedChip *chip) {
    Arena *arena = ui_arena(in->ui);
    if (chip->answers)
        return answer_tip(in, &chip->answer);
    const TraceText *tokens = text_of(in, chip->text);
    size_t i = chip->position;
    const char *typed = typed_unknown(in, chip->text, i), *token = word_token(arena, tokens, i);
    const char *tip = WORD_WITH(arena, WORD_TIP_TOKEN, token, text_count(arena, tokens->ids[i]),
                                text_count(arena, (int64_t)i));
    if (typed)
        return WORD_WITH(arena, WORD_TIP_BECAME, typed, tip);
    Answer answer = answer_at(in, chip->text == TEXT_OWN ? i : 0);
    bool tagged = view_task(in) == TASK_TAG && answer.node >= 0 && answer_reached(in, answer.node);
    return tagged ? WORD_WITH(arena, WORD_TIP_TAGGED, token, answer_label(in, &answer),
                              text_percent(arena, answer.share, 1))
                  : tip;
}

/* The line of the row in hand, else of its column; -1: no chip is lit. */
static int line_in_hand(const ViewInput *in, const Chips *chips) {
    int line = -1;
    for (size_t i = 0; i < chips->count && chips->lit; i++) {
        const PlacedChip *chip = &chips->chip[i];
        Role role = chip->answers ? ROLE_NONE
                                  : chip_role(in, chips->cell, chip->text, chip->position);
        if (role != ROLE_NONE && (line < 0 || role != ROLE_KEY))
            line = chip->line;
    }
    for (size_t i = 0; i < chips->count && line < 0; i++) { /* else of the first that is marked */
        const PlacedChip *chip = &chips->chip[i];
        if (!chip->answers && chip->text == TEXT_OWN &&
            view_marked(in, VIEW_MARK_TOKEN, chip->position) != ROLE_NONE)
            line = chip->line;
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

static void draw_name(const ViewInput *in, Rect area, int top, int line, WordId name) {
    ui_label(in->ui,
             (Rect){area.x, top + line * (UI_CHIP_HEIGHT + CHIP_GAP), area.w, UI_CHIP_HEIGHT},
             UI_ALIGN_LEFT, FONT_UI, THEME_SIZE_LABEL, in->theme->secondary, word(name));
}

static void draw_chip(const ViewInput *in, const Chips *chips, const PlacedChip *placed,
                      Rect rect) {
    const char *ids = placed->text == TEXT_SOURCE ? "chip/source/%zu" : "chip/%zu";
    UiChip chip = placed->answers ? answer_chip(in, &placed->answer, placed->note)
                                  : token_chip(in, chips->lit ? chips->cell : NULL, placed->text,
                                               placed->position);
    const char *id = placed->answers ? placed->id
                                     : arena_printf(ui_arena(in->ui), ids, placed->position);
    if (ui_chip(in->ui, id, rect, &chip))
        chip_clicked(in, placed);
    if (ui_tip_wanted(in->ui))
        ui_tip(in->ui, chip_tip(in, placed));
}

static void draw_chips(const ViewInput *in, Rect area) {
    Chips chips = place_chips(in, area.w - UI_SCROLL_BAR);
    int height = lines_height(chips.lines);
    follow_chip(in, &chips, area, height);
    int top = ui_scroll_begin(in->ui, "chips", area, &in->widgets->chips, height);
    if (chips.left > 0) {
        draw_name(in, area, top, 0, WORD_CHIPS_SOURCE);
        draw_name(in, area, top, chips.own_line, WORD_CHIPS_OUTPUT);
    }
    for (size_t i = 0; i < chips.count; i++) {
        const PlacedChip *placed = &chips.chip[i];
        Rect rect = {area.x + placed->x, top + placed->line * (UI_CHIP_HEIGHT + CHIP_GAP),
                     placed->width, UI_CHIP_HEIGHT};
        if (rect.y > area.y - CHIPS_BESIDE && rect.y < area.y + area.h + CHIPS_BESIDE)
            draw_chip(in, &chips, placed, rect);
    }
    ui_scroll_end(in->ui, "chips", area, &in->widgets->chips, height);
}

/* ---- The whole ------------------------------------------------------------------------------- */

/* Why the text could not be run, and what is shown instead; or that it runs in another way. */
static int message(const ViewInput *in, Rect rect, bool draw) {
    Arena *arena = ui_arena(in->ui);
    if (!in->problem) {
        const char *tokens = text_count(arena, (int64_t)in->trace->own.length);
        UiSpan tiled = {WORD_WITH(arena, WORD_TILED, tokens), FONT_UI, in->theme->secondary};
        return ui_spans(in->ui, rect, THEME_SIZE_TEXT, &tiled, 1, draw);
    }
    const char *shown = in->still_open ? WORD_WITH(arena, WORD_STILL_OPEN, in->still_open)
                                       : word(WORD_STALE);
    UiSpan spans[2] = {{in->problem, FONT_UI, in->theme->error},
                       {shown, FONT_UI, in->theme->secondary}};
    return ui_spans(in->ui, rect, THEME_SIZE_TEXT, spans, in->trace ? 2 : 1, draw);
}

static bool has_message(const ViewInput *in) {
    return in->problem || (in->trace && in->tiled);
}

static int message_height(const ViewInput *in, int width) {
    Rect rect = {0, 0, width - 2 * PROMPT_PAD, MESSAGE};
    return has_message(in) ? PROMPT_GAP / 2 + message(in, rect, false) : 0;
}

int prompt_height(const ViewInput *in, int width, int chip_lines) {
    int lines = in->trace ? place_chips(in, chips_width(in, width)).lines : 1;
    int chips = lines_height(lines < chip_lines ? lines : chip_lines);
    return PROMPT_BAR + message_height(in, width) + chips + 12;
}

void prompt_view(const ViewInput *in, Rect area) {
    prompt_bar(in, rect_cut_top(&area, PROMPT_BAR));
    int above = message_height(in, area.w);
    area = rect_inset(area, PROMPT_PAD, 0);
    if (has_message(in))
        message(in, rect_cut_top(&area, above), true);
    rect_cut_bottom(&area, 12);
    if (!in->trace)
        return;
    bool wide = area.w + 2 * PROMPT_PAD >= SWITCHES_WIDE;
    Rect right = rect_cut_right(&area, switches_room(in, area.w + 2 * PROMPT_PAD));
    draw_chips(in, area);
    right.y += (UI_CHIP_HEIGHT - THEME_BUTTON) / 2;
    right.h = THEME_BUTTON;
    switches(in, right, wide);
}
