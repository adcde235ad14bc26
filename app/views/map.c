#include "app/views/map.h"

#include "app/views/words.h"

#include <string.h>

enum { CARD = 28, GAP = 4, SECTION = 8, RAIL = 20, INDENT = 16, LETTER = 24, PARTS = 4 };

/* A line of the map: a block's head, or one to four stages that belong together. */
typedef struct {
    int block; /* the layer whose head this is; -1: stages */
    int layer; /* of the stages */
    int stage[PARTS];
    int count;
    int y;     /* from the content's top */
    bool last; /* nothing of its layer follows */
} Line;

typedef struct {
    Line *line;
    int count;
    int height;
} Lines;

static const Node *stage_node(const ViewInput *in, int stage) {
    return &in->trace->graph.node[in->walk->node[stage]];
}

/* ---- Lines ----------------------------------------------------------------------------------- */

static bool is_norm_part(const Node *node) {
    return node->op == OP_MEAN || node->op == OP_DEVIATION;
}

/* The projections stand in one line, so do a norm's mean, deviation and result, and the same stage of
 * a recurrent layer's gates. */
static bool joins(const Node *before, const Node *node) {
    if (before->layer != node->layer)
        return false;
    if (is_norm_part(before) && (is_norm_part(node) || node->op == OP_NORMALIZE))
        return true;
    if (node_gate(before) && node_gate(node))
        return before->op == node->op &&
               (node->op != OP_LINEAR || before->param.linear.kind == node->param.linear.kind);
    return node_role(before) != ROLE_NONE && node_role(node) != ROLE_NONE &&
           before->op == OP_LINEAR && node->op == OP_LINEAR;
}

static Line *add_line(Lines *lines, Line line, bool section) {
    line.y = lines->height + (section ? SECTION : 0);
    lines->height = line.y + CARD + GAP;
    lines->line[lines->count] = line;
    return &lines->line[lines->count++];
}

static Lines make_lines(const ViewInput *in) {
    int stages = in->walk->count, layer = -1;
    Lines lines = {ARENA_NEW_N(ui_arena(in->ui), Line, (size_t)(stages + in->walk->layers)), 0, 0};
    Line *current = NULL;
    for (int stage = 0; stage < stages; stage++) {
        const Node *node = stage_node(in, stage);
        bool section = node->layer != layer;
        if (section && node->layer >= 0)
            add_line(&lines, (Line){.block = node->layer, .layer = -1}, true);
        layer = node->layer;
        if (layer >= 0 && !state_layer_open(in->state, layer)) {
            current = NULL;
        } else if (current && current->count < PARTS &&
                   joins(stage_node(in, current->stage[current->count - 1]), node)) {
            current->stage[current->count++] = stage;
        } else {
            current = add_line(&lines, (Line){-1, layer, {stage}, 1, 0, false},
                               section && layer < 0 && stage > 0);
        }
    }
    return lines;
}

/* The line in which the stage shown is lit: its own, or its folded block's head. */
static int current_line(const ViewInput *in, const Lines *lines) {
    int stage = state_stage(in->state, in->walk), layer = stage_node(in, stage)->layer, head = 0;
    for (int i = 0; i < lines->count; i++) {
        const Line *line = &lines->line[i];
        if (line->block >= 0 && line->block == layer)
            head = i;
        for (int part = 0; part < line->count; part++)
            if (line->stage[part] == stage)
                return i;
    }
    return head;
}

/* ---- Drawing --------------------------------------------------------------------------------- */

static const char *stage_id(const ViewInput *in, int stage) {
    return arena_printf(ui_arena(in->ui), "map/%s", stage_node(in, stage)->name);
}

static unsigned selected(const ViewInput *in, int stage) {
    return stage == state_stage(in->state, in->walk) ? UI_SELECTED : 0;
}

static void stage_button(const ViewInput *in, Rect rect, int stage, const char *label,
                         unsigned flags) {
    if (ui_button(in->ui, stage_id(in, stage), rect, label, flags | selected(in, stage)))
        intent_go(in->out, in->walk->node[stage]);
    ui_tip(in->ui, word_stage_title(stage_node(in, stage)));
}

/* A button with a coloured letter: Q, K, V; or a gate's. */
static void letter_button(const ViewInput *in, Rect rect, int stage, const char *letter) {
    const Node *node = stage_node(in, stage);
    if (ui_button(in->ui, stage_id(in, stage), rect, "", selected(in, stage)))
        intent_go(in->out, in->walk->node[stage]);
    ui_tip(in->ui, word_stage_title(node));
    ui_label(in->ui, rect, UI_ALIGN_CENTER, FONT_UI_BOLD, THEME_SIZE_TEXT,
             theme_role(in->theme, node_role(node)), letter);
}

static WordId letters_word(const Node *node) {
    if (!node_gate(node))
        return WORD_QKV_PROJECTION;
    if (node->op == OP_LINEAR)
        return node->param.linear.kind == LINEAR_RNN_IN ? WORD_RNN_FROM_INPUT : WORD_RNN_FROM_STATE;
    return node->op == OP_ADD ? WORD_RNN_SUMS : WORD_RNN_GATES;
}

/* Q, K and V, or the gates of a recurrent layer, and what of them. */
static void letters_line(const ViewInput *in, Rect rect, const Line *line) {
    for (int part = 0; part < line->count; part++) {
        const Node *node = stage_node(in, line->stage[part]);
        letter_button(in, rect_cut_left(&rect, LETTER), line->stage[part],
                      node_gate(node) ? node_gate(node) : word_stage_short(node));
        rect_cut_left(&rect, GAP);
    }
    rect_cut_left(&rect, GAP);
    ui_label(in->ui, rect, UI_ALIGN_LEFT, FONT_UI, THEME_SIZE_LABEL, in->theme->secondary,
             word(letters_word(stage_node(in, line->stage[0]))));
}

/* The norm's result, and behind it small buttons for its mean and deviation. */
static void norm_line(const ViewInput *in, Rect rect, const Line *line) {
    for (int part = line->count - 2; part >= 0; part--) {
        bool mean = stage_node(in, line->stage[part])->op == OP_MEAN;
        stage_button(in, rect_cut_right(&rect, LETTER), line->stage[part], mean ? "μ" : "σ", 0);
        rect_cut_right(&rect, GAP);
    }
    int last = line->stage[line->count - 1];
    stage_button(in, rect, last, word_stage_short(stage_node(in, last)), UI_LEFT);
}

static void block_head(const ViewInput *in, Rect rect, const Line *line, bool lit) {
    Arena *arena = ui_arena(in->ui);
    bool open = state_layer_open(in->state, line->block);
    const char *label = WORD_WITH(arena, WORD_BLOCK, text_count(arena, line->block));
    if (ui_button_with_icon(in->ui, arena_printf(arena, "map/block/%d", line->block), rect,
                            open ? ICON_CHEVRON_DOWN : ICON_CHEVRON_RIGHT, label,
                            lit ? UI_SELECTED : 0))
        intent_value(in->out, INTENT_FOLD, line->block);
    size_t steps = graph_sequential_steps(&in->trace->graph), tokens = in->trace->own.length;
    ui_tip(in->ui, WORD_WITH(arena, steps > 1 ? WORD_TIP_ONE_BY_ONE : WORD_TIP_AT_ONCE,
                             text_count(arena, (int64_t)tokens)));
}

static void draw_line_of_map(const ViewInput *in, Rect rect, const Line *line, bool lit) {
    if (line->block >= 0)
        block_head(in, rect, line, lit);
    else if (line->count == 1)
        stage_button(in, rect, line->stage[0], word_stage_short(stage_node(in, line->stage[0])),
                     UI_LEFT);
    else if (node_role(stage_node(in, line->stage[0])) != ROLE_NONE ||
             node_gate(stage_node(in, line->stage[0])))
        letters_line(in, rect, line);
    else
        norm_line(in, rect, line);
}

/* The stream that all stages hang on, with a short branch to each. */
static void draw_rail(const ViewInput *in, const Lines *lines, int x, int top, int current) {
    DrawList *list = ui_list(in->ui);
    const Theme *t = in->theme;
    int first = top + CARD / 2, last = top + lines->line[lines->count - 1].y + CARD / 2;
    int reached = top + lines->line[current].y + CARD / 2;
    Color walked = color_mix(t->line, t->secondary, 0.6);
    draw_round_rect(list, (Rect){x, first, 4, last - first + 2}, 2, t->line);
    draw_round_rect(list, (Rect){x, first, 4, reached - first + 2}, 2, walked);
    for (int i = 0; i < lines->count; i++) {
        const Line *line = &lines->line[i];
        int indent = line->block < 0 && line->layer >= 0 ? INDENT : 0;
        draw_rect(list, (Rect){x + 4, top + line->y + CARD / 2, RAIL - 12 + indent, 2},
                  i <= current ? walked : t->line);
    }
}

void map_view(const ViewInput *in, Rect area) {
    if (!in->trace)
        return;
    Lines lines = make_lines(in);
    int current = current_line(in, &lines), height = lines.height + 2 * SECTION;
    int stage = state_stage(in->state, in->walk);
    UiScroll *scroll = &in->widgets->map;
    if (in->widgets->map_shown != stage + 1 || in->widgets->map_height != area.h) {
        in->widgets->map_shown = stage + 1;
        in->widgets->map_height = area.h;
        int y = lines.line[current].y + SECTION;
        ui_scroll_show(scroll, area, height, y - 3 * CARD, 7 * CARD);
    }
    int top = ui_scroll_begin(in->ui, "map", area, scroll, height) + SECTION;
    int left = area.x + 12, right = area.x + area.w - UI_SCROLL_BAR - 4;
    draw_rail(in, &lines, left, top, current);
    for (int i = 0; i < lines.count; i++) {
        const Line *line = &lines.line[i];
        int x = left + RAIL - 4 + (line->block < 0 && line->layer >= 0 ? INDENT : 0);
        draw_line_of_map(in, (Rect){x, top + line->y, right - x, CARD}, line, i == current);
    }
    ui_scroll_end(in->ui, "map", area, scroll, height);
}
