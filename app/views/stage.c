#include "app/views/stage.h"

#include "app/views/stage_part.h"

/* ---- which layout an operation has; none: inputs at the left, result at the right ---- */

static StageLayout *layout_of(const Stage *stage) {
    static StageLayout *const table[OP_COUNT] = {
        [OP_TOKENS] = stage_tokens,          [OP_EMBED] = stage_lookup,
        [OP_POSITION] = stage_lookup,        [OP_NORMALIZE] = stage_norm,
        [OP_LINEAR] = stage_product,         [OP_SCORES] = stage_product,
        [OP_EXPERT_LINEAR] = stage_product,  [OP_WEIGHTED_SUM] = stage_product,
        [OP_HEAD_RESULT] = stage_product,    [OP_SOFTMAX] = stage_attention_row,
        [OP_TEMPERATURE] = stage_vocabulary, [OP_SORT] = stage_vocabulary,
        [OP_TOP_K] = stage_vocabulary,       [OP_CUMULATIVE] = stage_vocabulary,
        [OP_NUCLEUS] = stage_single,         [OP_DRAW] = stage_single,
        [OP_ARGMAX] = stage_single,
    };
    Axis last = stage->node->axis[stage->node->rank - 1];
    bool labels = stage->node->op == OP_SOFTMAX && last == AXIS_LABEL;
    if (labels || node_is_turned(stage->node))
        return stage_beside;
    if (last == AXIS_VOCAB || last == AXIS_RANK)
        return stage_vocabulary;
    StageLayout *layout = table[stage->node->op];
    return layout ? layout : stage_beside;
}

/* ---- what is in hand ---- */

static Stage stage_start(const ViewInput *in) {
    int index = in->state->now.node;
    Stage stage = {.in = in,
                   .ui = in->ui,
                   .arena = ui_arena(in->ui),
                   .theme = in->theme,
                   .trace = in->trace,
                   .index = index,
                   .node = &in->trace->graph.node[index],
                   .head = in->state->now.head,
                   .groups = {1, 1}};
    stage.complete = trace_call(in->trace, index, &stage.call);
    stage.progress = state_progress(in->state, in->trace, in->walk);
    bool chosen = in->state->now.pinned || in->state->hovering;
    bool whole = state_whole(in->state, in->walk);
    stage.stepping = !chosen && !whole && stage.complete &&
                     state_current_step(in->state, in->trace, in->walk, &stage.step);
    if (chosen || stage.stepping)
        stage.has_hand = state_cell(in->state, in->trace, in->walk, stage.hand);
    stage_place_hand(&stage);
    return stage;
}

/* ---- the header ---- */

enum {
    PAD = 24,
    HEAD_BUTTON = 24,
    HEAD_STEP = HEAD_BUTTON + 4,
    HEAD_LABEL = 40,
    TITLE = 26,
    WHERE = 20,
    NOTE = 18,
    LEAST_HEIGHT = 250,
    CRAMPED = 340,
    LOW = 260
};

static int heads_of(const Stage *stage) {
    size_t heads = node_heads(stage->node, stage->in->walk->heads);
    return node_head_axis(stage->node) < 0 || heads < 2 ? 0 : (int)heads;
}

static void head_buttons(const Stage *stage, Rect area, int in_row) {
    int heads = heads_of(stage);
    size_t in_view = node_has_choices(stage->node) ? node_head(stage->node, stage->head, 0)
                                                   : stage->head;
    ui_label(stage->ui, (Rect){area.x, area.y, HEAD_LABEL - 6, HEAD_BUTTON}, UI_ALIGN_RIGHT,
             FONT_UI, THEME_SIZE_SMALL, stage->theme->secondary,
             word(node_has_choices(stage->node) ? WORD_CHOICE_LABEL : WORD_HEAD_LABEL));
    for (int head = 0; head < heads; head++) {
        Rect button = {area.x + HEAD_LABEL + head % in_row * HEAD_STEP,
                       area.y + head / in_row * HEAD_STEP, HEAD_BUTTON, HEAD_BUTTON};
        if (ui_button(stage->ui, arena_printf(stage->arena, "stage/head/%d", head), button,
                      arena_printf(stage->arena, "%d", head),
                      (size_t)head == in_view ? UI_FILLED : 0))
            intent_value(stage->in->out, INTENT_HEAD, head);
    }
}

static void header_words(const Stage *stage, Rect area) {
    const TextMeasure *measure = ui_measure(stage->ui);
    Rect line = rect_cut_top(&area, TITLE);
    ui_label(stage->ui, line, UI_ALIGN_LEFT, FONT_UI_BOLD, THEME_SIZE_TITLE, stage->theme->text,
             word_stage_title(stage->node));
    line = rect_cut_top(&area, WHERE);
    if (line.h < WHERE)
        return;
    long head = node_head_axis(stage->node) < 0 ? -1 : (long)stage->head;
    if (node_has_choices(stage->node))
        head = (long)node_head(stage->node, stage->head, 0);
    const struct {
        const char *text;
        FontRole font;
    } parts[] = {{word_stage_where(stage->arena, stage->node, head), FONT_UI},
                 {stage->node->name, FONT_MONO},
                 {op_info(stage->node->op)->title, FONT_UI}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts && line.w > 40; i++) {
        const char *text = parts[i].text;
        if (!text[0])
            continue;
        if (i > 0)
            ui_label(stage->ui, rect_cut_left(&line, 10), UI_ALIGN_LEFT, FONT_UI, THEME_SIZE_LABEL,
                     stage->theme->faint, "·");
        ui_label(stage->ui, line, UI_ALIGN_LEFT, parts[i].font, THEME_SIZE_LABEL,
                 stage->theme->secondary, text);
        int used = (int)text_width(measure, parts[i].font, THEME_SIZE_LABEL, text);
        rect_cut_left(&line, used + 6);
    }
}

/* Title and where at the left; heads at the right, or on lines of their own where that is narrow.
 * */
static void header(const Stage *stage, Rect *area) {
    int heads = heads_of(stage), words = area->h < LOW ? TITLE : TITLE + WHERE;
    if (heads == 0) {
        header_words(stage, rect_cut_top(area, words));
        return;
    }
    bool narrow = area->w < 480;
    int width = narrow ? area->w : area->w * 2 / 5;
    int in_row = (width - HEAD_LABEL) / HEAD_STEP;
    in_row = in_row < 1 ? 1 : (in_row > heads ? heads : in_row);
    int lines = (heads + in_row - 1) / in_row;
    int used = HEAD_LABEL + in_row * HEAD_STEP - 4;
    int height = lines * HEAD_STEP;
    if (narrow) {
        header_words(stage, rect_cut_top(area, words));
        head_buttons(stage, rect_cut_top(area, height), in_row);
        return;
    }
    Rect top = rect_cut_top(area, height > words ? height : words);
    Rect right = rect_cut_right(&top, used);
    rect_cut_right(&top, 12);
    header_words(stage, top);
    head_buttons(stage, right, in_row);
}

/* ---- the whole ---- */

/* Grids beside each other need some width; lists do with less. */
static bool is_cramped(const Stage *stage, Rect area) {
    StageLayout *layout = layout_of(stage);
    bool phases = stage->stepping && stage->node->op == OP_SOFTMAX && layout != stage_beside;
    bool list = phases || layout == stage_tokens || layout == stage_vocabulary ||
                layout == stage_single;
    return !list && area.w < CRAMPED;
}

static void notes(const Stage *stage, Rect line) {
    Arena *arena = stage->arena;
    if (is_cramped(stage, line))
        stage_note(stage, line, word(WORD_NOTE_CRAMPED));
    else if (!stage->complete)
        stage_note(stage, line, word(WORD_NOTE_INPUTS));
    else if (stage->groups[0] > 1 || stage->groups[1] > 1)
        stage_note(stage, line,
                   WORD_WITH(arena, WORD_NOTE_GROUPS, text_count(arena, (int64_t)stage->groups[0]),
                             text_count(arena, (int64_t)stage->groups[1])));
}

static void result_alone(Stage *stage, Rect area) {
    bool bar = area.w > 2 * SCALE_BAR_WIDTH;
    Panel result = stage_panel(stage, STAGE_RESULT, "", ROLE_NONE, REACH_CELL);
    int labels = heat_row_labels_width(stage->ui, stage->trace, &result.heat, STAGE_LABELS_MOST);
    int above = STAGE_CAPTION +
                heat_column_labels_height(stage->ui, stage->trace, &result.heat, 84);
    rect_cut_left(&area, labels + STAGE_GAP);
    if (bar)
        rect_cut_right(&area, SCALE_BAR_WIDTH + STAGE_GAP);
    heat_place(&result.heat, area.x, area.y + above,
               fit_axis(result.heat.matrix.rows, area.h - above - HEAT_TICKS, 44),
               fit_axis(result.heat.matrix.columns, area.w, 44));
    panel_caption(stage, &result, area.x, area.y, area.x + area.w);
    panel_row_labels(stage, &result, area.x - STAGE_GAP, labels);
    panel_column_labels(stage, &result, area.y + above, above - STAGE_CAPTION);
    panel_draw(stage, &result);
    if (bar)
        scale_bar(stage->ui,
                  (Rect){result.heat.rect.x + result.heat.rect.w + STAGE_GAP * 2,
                         result.heat.rect.y, SCALE_BAR_WIDTH, 120},
                  &result.heat.scale);
    stage_finish(stage, &result, 1);
}

static void picture(Stage *stage, Rect area) {
    if ((stage->complete || stage->node->op == OP_TOKENS) && !is_cramped(stage, area))
        layout_of(stage)(stage, area);
    else
        result_alone(stage, area);
}

/* A picture that has not the height it needs scrolls; the tokenizer's shows what has room. */
static void scrolled_picture(Stage *stage, Rect area) {
    bool shrinks = state_tokenizing(stage->in->state, stage->in->walk);
    if (area.h >= LEAST_HEIGHT || shrinks) {
        picture(stage, area);
        return;
    }
    UiScroll *scroll = &stage->in->widgets->stage_rows;
    int top = ui_scroll_begin(stage->ui, "stage/scroll", area, scroll, LEAST_HEIGHT);
    picture(stage, (Rect){area.x, top, area.w - UI_SCROLL_BAR, LEAST_HEIGHT});
    ui_scroll_end(stage->ui, "stage/scroll", area, scroll, LEAST_HEIGHT);
}

void stage_view(const ViewInput *in, Rect area) {
    if (!in->trace)
        return;
    Stage stage = stage_start(in);
    int pad = area.w < 480 ? 12 : PAD; /* narrow: every point counts */
    draw_clip_push(ui_list(in->ui), area);
    Rect inner = {area.x + pad, area.y + 12, area.w - 2 * pad, area.h - 16};
    header(&stage, &inner);
    rect_cut_top(&inner, 8);
    Rect note = rect_cut_bottom(&inner, NOTE);
    scrolled_picture(&stage, inner);
    notes(&stage, note);
    draw_clip_pop(ui_list(in->ui));
    if (in->state->hovering && !stage.pointed)
        intent_emit(in->out, INTENT_HOVER_END);
}
