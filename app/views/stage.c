#include "app/views/stage.h"

#include "app/views/stage_part.h"

#include <math.h>

/* ---- which layout an operation has; none: inputs at the left, result at the right ---- */

static StageLayout *layout_of(const Stage *stage) {
    static StageLayout *const table[OP_COUNT] = {
        [OP_TOKENS] = stage_tokens,         [OP_EMBED] = stage_lookup,
        [OP_POSITION] = stage_lookup,       [OP_NORMALIZE] = stage_norm,
        [OP_LINEAR] = stage_product,        [OP_SCORES] = stage_product,
        [OP_WEIGHTED_SUM] = stage_product,  [OP_HEAD_RESULT] = stage_product,
        [OP_SOFTMAX] = stage_attention_row, [OP_TEMPERATURE] = stage_vocabulary,
        [OP_SORT] = stage_vocabulary,       [OP_TOP_K] = stage_vocabulary,
        [OP_CUMULATIVE] = stage_vocabulary, [OP_NUCLEUS] = stage_single,
        [OP_DRAW] = stage_single,           [OP_ARGMAX] = stage_single,
        [OP_EXPERT_LINEAR] = stage_product, [OP_ROUTE] = stage_experts,
        [OP_SHARES] = stage_experts,        [OP_FLASH] = stage_flash,
    };
    Axis last = stage->node->axis[stage->node->rank - 1];
    if (tile_record(stage->node) >= 0)
        return stage_flash;
    if (node_is_turned(stage->node))
        return stage_beside;
    if (last == AXIS_VOCAB || last == AXIS_RANK ||
        (stage->node->op == OP_SOFTMAX && stage->node->axis[0] == AXIS_ONE))
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
                   .head = state_head(in->state, in->walk, &in->trace->graph.node[index]),
                   .groups = {1, 1}};
    stage.complete = trace_call(in->trace, index, &stage.call);
    stage.progress = state_progress(in->state, in->trace, in->walk);
    bool chosen = in->state->now.pinned || in->state->hovering;
    bool whole = state_whole(in->state, in->walk);
    bool veiled = veil_kind(in->state->veil, index) == VEIL_RECORD;
    stage.stepping = !chosen && !whole && stage.complete && !veiled &&
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
    LEAST_TILES = 420, /* the same for tiles, of which there is more to see */
    CRAMPED = 340,
    LOW = 260
};

static int heads_of(const Stage *stage) {
    size_t heads = node_heads(stage->node, stage->in->walk);
    return heads < 2 ? 0 : (int)heads;
}

/* The button that is lit: the query head in view, as far as the stack has it. */
static size_t lit_head(const Stage *stage) {
    const Place *now = &stage->in->state->now;
    size_t chosen = node_has_choices(stage->node) ? now->choice : now->head;
    size_t heads = (size_t)heads_of(stage);
    return chosen < heads || heads == 0 ? chosen : heads - 1;
}

static const char *head_label(const Stage *stage) {
    return word(node_has_choices(stage->node) ? WORD_CHOICE_LABEL : WORD_HEAD_LABEL);
}

static int head_label_width(const Stage *stage) {
    float width = text_width(ui_measure(stage->ui), FONT_UI, THEME_SIZE_SMALL, head_label(stage));
    int needed = (int)ceilf(width) + 8;
    return needed > HEAD_LABEL ? needed : HEAD_LABEL;
}

static void head_buttons(const Stage *stage, Rect area, int in_row) {
    int heads = heads_of(stage);
    int label = head_label_width(stage);
    bool choices = node_has_choices(stage->node);
    ui_label(stage->ui, (Rect){area.x, area.y, label - 6, HEAD_BUTTON}, UI_ALIGN_RIGHT, FONT_UI,
             THEME_SIZE_SMALL, stage->theme->secondary, head_label(stage));
    for (int head = 0; head < heads; head++) {
        Rect button = {area.x + label + head % in_row * HEAD_STEP,
                       area.y + head / in_row * HEAD_STEP, HEAD_BUTTON, HEAD_BUTTON};
        if (ui_button(stage->ui, arena_printf(stage->arena, "stage/head/%d", head), button,
                      arena_printf(stage->arena, "%d", head + choices),
                      (size_t)head == lit_head(stage) ? UI_FILLED : 0))
            intent_value(stage->in->out, INTENT_HEAD, head);
        Role mark = view_marked(stage->in, VIEW_MARK_HEAD, (size_t)head);
        if (mark != ROLE_NONE)
            draw_frame(ui_list(stage->ui), rect_inset(button, -2, -2), THEME_RADIUS + 2, 2,
                       theme_role_style(mark), theme_role(stage->theme, mark));
    }
}

/* Which token the vocabulary's probabilities are about is the model's task, not the record's. */
static const char *stage_title(const Stage *stage) {
    Tiles tiles;
    if (tiles_of(&stage->trace->graph, stage->index, &tiles))
        return word_stage_title(&stage->trace->graph.node[tiles.z]);
    bool vocabulary = stage->node->axis[stage->node->rank - 1] == AXIS_VOCAB;
    if (stage->node->op != OP_SOFTMAX || !vocabulary)
        return word_stage_title(stage->node);
    return word(view_task(stage->in) == TASK_FILL ? WORD_PROBS_HERE : WORD_PROBS_NEXT);
}

static void header_words(const Stage *stage, Rect area) {
    const TextMeasure *measure = ui_measure(stage->ui);
    Rect line = rect_cut_top(&area, TITLE);
    ui_label(stage->ui, line, UI_ALIGN_LEFT, FONT_UI_BOLD, THEME_SIZE_TITLE, stage->theme->text,
             stage_title(stage));
    line = rect_cut_top(&area, WHERE);
    if (line.h < WHERE)
        return;
    long head = heads_of(stage) == 0 && node_head_axis(stage->node) < 0 ? -1
                                                                        : (long)lit_head(stage);
    const struct {
        const char *text;
        FontRole font;
    } parts[] = {{word_stage_where(stage->arena, stage->node, head), FONT_UI},
                 {stage->node->name, FONT_MONO},
                 {tile_record(stage->node) < 0 ? word_name(op_info(stage->node->op)->title)
                                               : word_stage_short(stage->node),
                  FONT_UI}};
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
    int label = head_label_width(stage);
    int in_row = (width - label) / HEAD_STEP;
    in_row = in_row < 1 ? 1 : (in_row > heads ? heads : in_row);
    int lines = (heads + in_row - 1) / in_row;
    int used = label + in_row * HEAD_STEP - 4;
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

/* The last query that is not global is farthest from the first keys. */
static bool any_outside(const MaskParams *mask, size_t queries, size_t keys) {
    size_t first = queries > MASK_GLOBALS + 1 ? queries - MASK_GLOBALS - 1 : 0;
    for (size_t i = first; mask->kind != MASK_FULL && i < queries; i++)
        for (size_t j = 0; j < keys; j++)
            if (mask_reason(mask, i, j) == MASKED_WINDOW)
                return true;
    return false;
}

/* Which reasons the mask of this stage has, by MaskReason. */
static void mask_reasons(const Stage *stage, bool *found) {
    const MaskParams *mask = node_mask(stage->trace, stage->node);
    if (!mask)
        return;
    size_t queries = stage->node->dim[1], keys = stage->node->dim[2];
    size_t real = mask->keys > 0 && mask->keys < keys ? mask->keys : keys;
    found[MASKED_PADDING] = real < keys;
    found[MASKED_FUTURE] = mask->causal && real > 1;
    found[MASKED_WINDOW] = any_outside(mask, queries, keys);
}

/* What the ways of crossing out mean: small cells with a word, at the right end of the line. */
static void legend(const Stage *stage, Rect line) {
    static const WordId words[] = {[MASKED_PADDING] = WORD_LEGEND_PADDING,
                                   [MASKED_FUTURE] = WORD_LEGEND_LATER,
                                   [MASKED_WINDOW] = WORD_LEGEND_OUTSIDE};
    enum { BOX = 13, SPACE = 6, APART = 14 };
    bool found[MASKED_WINDOW + 1] = {false};
    mask_reasons(stage, found);
    for (int reason = MASKED_WINDOW; reason > MASK_SEEN; reason--) {
        if (!found[reason])
            continue;
        const char *text = word(words[reason]);
        int width = (int)ceilf(text_width(ui_measure(stage->ui), FONT_UI, THEME_SIZE_SMALL, text));
        if (line.w < width + BOX + SPACE)
            return;
        ui_label(stage->ui, rect_cut_right(&line, width + 1), UI_ALIGN_LEFT, FONT_UI,
                 THEME_SIZE_SMALL, stage->theme->secondary, text);
        rect_cut_right(&line, SPACE);
        Rect box = rect_center(rect_cut_right(&line, BOX), BOX, BOX);
        uint8_t *hatch = ARENA_NEW(stage->arena, uint8_t);
        Color *color = ARENA_NEW(stage->arena, Color);
        *hatch = (uint8_t)heat_hatch((MaskReason)reason);
        *color = stage->theme->masked;
        draw_cells(ui_list(stage->ui), box,
                   (DrawCells){1, 1, color, hatch, stage->theme->hatch, false});
        draw_frame(ui_list(stage->ui), box, 0, 1, DRAW_SOLID, stage->theme->line);
        rect_cut_right(&line, APART);
    }
}

/* It is a stage of tiles, whose records can't be had. */
static bool has_no_tiles(const Stage *stage) {
    return stage->in->state->no_tiles && stage->node->op == OP_FLASH;
}

/* What the switch of attention has changed; NULL: nothing was compared. */
static const char *switched_words(const Stage *stage) {
    const Switched *switched = stage->in->switched;
    if (!switched || !switched->known)
        return NULL;
    const Node *worst = &stage->trace->graph.node[switched->worst];
    const char *before = word(switched->before == ATTENTION_FLASH ? WORD_BEFORE_FLASH
                                                                  : WORD_BEFORE_STANDARD);
    double apart = switched->apart[switched->worst];
    if (apart == 0)
        return WORD_WITH(stage->arena, WORD_SWITCHED_SAME, before);
    return WORD_WITH(stage->arena, WORD_SWITCHED, before, text_power(stage->arena, apart),
                     word_block(stage->arena, worst, false));
}

static void notes(const Stage *stage, Rect line) {
    Arena *arena = stage->arena;
    const char *switched = switched_words(stage);
    if (is_cramped(stage, line))
        stage_note(stage, line, word(WORD_NOTE_CRAMPED));
    else if (!stage->complete)
        stage_note(stage, line, word(WORD_NOTE_INPUTS));
    else if (has_no_tiles(stage))
        stage_note(stage, line, WORD_WITH(arena, WORD_NOTE_NO_TILES, stage->in->no_tiles));
    else if (switched)
        ui_label(stage->ui, line, UI_ALIGN_LEFT, FONT_UI, THEME_SIZE_LABEL, stage->theme->text,
                 switched);
    else if (stage->groups[0] > 1 || stage->groups[1] > 1)
        stage_note(stage, line,
                   WORD_WITH(arena, WORD_NOTE_GROUPS, text_count(arena, (int64_t)stage->groups[0]),
                             text_count(arena, (int64_t)stage->groups[1])));
}

static void result_alone(Stage *stage, Rect area) {
    bool bar = area.w > 2 * SCALE_BAR_WIDTH;
    Panel result = stage_panel(stage, STAGE_RESULT, "", ROLE_NONE, REACH_CELL);
    int labels = heat_row_labels_width(stage->ui, &result.heat, STAGE_LABELS_MOST);
    int above = STAGE_CAPTION + heat_column_labels_height(stage->ui, &result.heat, 84);
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

/* A question hides it, and its layout makes lists of what it is made from, or of it. */
static bool is_hidden_list(const Stage *stage) {
    const Veil *veil = stage->in->state->veil;
    StageLayout *layout = layout_of(stage);
    bool list = layout == stage_vocabulary || layout == stage_single || layout == stage_lookup ||
                layout == stage_experts || layout == stage_flash;
    VeilKind own = veil_kind(veil, stage->index);
    bool hidden = own == VEIL_RECORD || (own == VEIL_CELLS && layout == stage_flash);
    for (int i = 0; i < stage->node->n_in; i++)
        hidden = hidden || (stage->node->in[i].kind == REF_NODE &&
                            veil_kind(veil, stage->node->in[i].index) == VEIL_RECORD);
    return list && hidden;
}

static void picture(Stage *stage, Rect area) {
    bool whole = (stage->complete || stage->node->op == OP_TOKENS) && !is_hidden_list(stage);
    if (whole && !has_no_tiles(stage) && !is_cramped(stage, area))
        layout_of(stage)(stage, area);
    else
        result_alone(stage, area);
}

/* A picture that has not the height it needs scrolls; the tokenizer's shows what has room. */
static void scrolled_picture(Stage *stage, Rect area) {
    bool shrinks = state_tokenizing(stage->in->state, stage->in->walk);
    int least = layout_of(stage) == stage_flash ? LEAST_TILES : LEAST_HEIGHT;
    if (area.h >= least || shrinks) {
        picture(stage, area);
        return;
    }
    UiScroll *scroll = &stage->in->widgets->stage_rows;
    int top = ui_scroll_begin(stage->ui, "stage/scroll", area, scroll, least);
    picture(stage, (Rect){area.x, top, area.w - UI_SCROLL_BAR, least});
    ui_scroll_end(stage->ui, "stage/scroll", area, scroll, least);
}

/* Instead of a picture, where the stage was left out for the budget and is not back yet: what is being
 * done about that. */
static void absent_view(Stage *stage, Rect area) {
    const ViewInput *in = stage->in;
    const Theme *t = stage->theme;
    if (in->recall_problem) {
        ui_paragraph(stage->ui, area, FONT_UI, THEME_SIZE_TEXT, t->error, in->recall_problem);
        return;
    }
    Tiles tiles;
    if (!in->state->no_tiles && tiles_of(&stage->trace->graph, stage->index, &tiles)) {
        ui_label(stage->ui, rect_cut_top(&area, TITLE), UI_ALIGN_LEFT, FONT_UI, THEME_SIZE_LEAD,
                 t->secondary, word(WORD_TILES_COMING));
        return;
    }
    const char *what = stage->node->layer < 0
                           ? word(WORD_RECALLING)
                           : WORD_WITH(stage->arena, WORD_RECALLING_BLOCK,
                                       word_block(stage->arena, stage->node, false));
    size_t tokens = node_text(stage->trace, stage->node)->length;
    ui_label(stage->ui, rect_cut_top(&area, TITLE), UI_ALIGN_LEFT, FONT_UI, THEME_SIZE_LEAD,
             t->secondary, what);
    ui_paragraph(
        stage->ui, area, FONT_UI, THEME_SIZE_TEXT, t->faint,
        WORD_WITH(stage->arena, WORD_RECALL_WHY, text_count(stage->arena, (int64_t)tokens)));
}

/* It, or a record of the tiles that it shows for the head in view. */
static bool is_absent(const Stage *stage) {
    Tiles tiles;
    if (stage->in->state->no_tiles || !tiles_of(&stage->trace->graph, stage->index, &tiles))
        return trace_recallable(stage->trace, stage->index);
    int scores = tiles.record[TILE_SCORES];
    const Node *z = &stage->trace->graph.node[tiles.z];
    return !trace_kept(stage->trace, scores) ||
           stage->trace->graph.node[scores].param.flash.head !=
               state_head(stage->in->state, stage->in->walk, z);
}

/* The picture has not come so far, because a question comes first. */
static void question_bar(Stage *stage, Rect *area) {
    enum { BAR = THEME_BUTTON, SPACE = 8 };
    if (veil_kind(stage->in->state->veil, stage->index) == VEIL_NOTHING)
        return;
    Rect line = rect_cut_top(area, BAR);
    rect_cut_top(area, SPACE);
    const char *label = word(WORD_TO_QUESTION);
    Rect button = rect_cut_right(&line, ui_button_width(stage->ui, label));
    rect_cut_right(&line, SPACE);
    if (ui_button(stage->ui, "stage/question", button, label, 0))
        intent_emit(stage->in->out, INTENT_QUESTION);
    ui_label(stage->ui, line, UI_ALIGN_LEFT, FONT_UI, THEME_SIZE_TEXT, stage->theme->hand,
             word(veil_kind(stage->in->state->veil, stage->index) == VEIL_RECORD
                      ? WORD_ASKED_STAGE
                      : WORD_ASKED_CELL));
}

static void picture_and_notes(Stage *stage, Rect area) {
    question_bar(stage, &area);
    Rect note = rect_cut_bottom(&area, NOTE);
    scrolled_picture(stage, area);
    legend(stage, note);
    notes(stage, note);
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
    stage_cache_bar(&stage, &inner);
    if (is_absent(&stage))
        absent_view(&stage, inner);
    else
        picture_and_notes(&stage, inner);
    draw_clip_pop(ui_list(in->ui));
    if (in->state->hovering && !stage.pointed)
        intent_emit(in->out, INTENT_HOVER_END);
}
