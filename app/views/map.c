#include "app/views/map.h"

#include "app/views/words.h"

#include <string.h>

enum {
    CARD = 28,
    GAP = 4,
    SECTION = 8,
    RAIL = 20,
    INDENT = 16,
    LETTER = 24,
    DOT = 8, /* across */
    PARTS = 4,
    WORDS = 18
};

/* A line of the map: words over what follows, a block's head, or one to four stages that belong
 * together. */
typedef struct {
    const char *words; /* NULL: stages, or … */
    int head;          /* … the head of this block (node_block); -1 */
    bool inside;       /* of a block */
    int stage[PARTS];  /* of a head and of words the stage that follows */
    int count;
    int y; /* from the content's top */
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

/* Projections of the same rows stand in one line, so do a norm's mean, deviation and result, and the
 * same stage of a recurrent layer's gates. */
static bool joins(const Node *before, const Node *node) {
    if (node_block(before) != node_block(node) || before->stack != node->stack)
        return false;
    if (is_norm_part(before) && (is_norm_part(node) || node->op == OP_NORMALIZE))
        return true;
    if (node_gate(before) && node_gate(node))
        return before->op == node->op &&
               (node->op != OP_LINEAR || before->param.linear.kind == node->param.linear.kind);
    return node_role(before) != ROLE_NONE && node_role(node) != ROLE_NONE &&
           before->op == OP_LINEAR && node->op == OP_LINEAR &&
           before->in[0].index == node->in[0].index;
}

static bool is_projection(const Node *node) {
    return node_role(node) != ROLE_NONE && node->op == OP_LINEAR;
}

/* A decoder's block has two attentions of the same stages: words tell them apart. The norm that
 * belongs to each has its number. */
static const char *part_words(const Node *node) {
    static const struct {
        const char *in_name;
        WordId words;
    } parts[] = {{".cross_attn.", WORD_PART_CROSS},
                 {".ln2.", WORD_PART_CROSS},
                 {"hook_cross_attn_out", WORD_PART_CROSS},
                 {"hook_resid_mid_cross", WORD_PART_CROSS},
                 {".attn.", WORD_PART_SELF},
                 {".ln1.", WORD_PART_SELF},
                 {"hook_attn_out", WORD_PART_SELF},
                 {"hook_resid_mid", WORD_PART_SELF}};
    if (node->layer < 0 || node_block_kind(node) != BLOCK_DECODER)
        return NULL;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strstr(node->name, parts[i].in_name))
            return word(parts[i].words);
    return word(WORD_PART_FFN);
}

/* The stack that begins with this stage, where there are two. */
static const char *stack_words(const Node *node) {
    BlockKind kind = node_block_kind(node);
    return kind == BLOCK_PLAIN
               ? NULL
               : word(kind == BLOCK_ENCODER ? WORD_SECTION_ENCODER : WORD_SECTION_DECODER);
}

static Line *add_line(Lines *lines, Line line, bool section) {
    line.y = lines->height + (section ? SECTION : 0);
    lines->height = line.y + (line.words ? WORDS : CARD + GAP);
    lines->line[lines->count] = line;
    return &lines->line[lines->count++];
}

/* What stands above a stage: the name of its stack, its block's head, the part of the block. */
static void add_heads(const ViewInput *in, Lines *lines, int stage, const Node *before) {
    const Node *node = stage_node(in, stage);
    int block = node_block(node);
    bool first = !before, stack = first || before->stack != node->stack;
    if (stack && stack_words(node))
        add_line(lines, (Line){stack_words(node), -1, false, {stage}, 0, 0}, !first);
    if (block >= 0 && (stack || node_block(before) != block))
        add_line(lines, (Line){NULL, block, false, {stage}, 0, 0}, true);
    const char *words = part_words(node);
    bool other = stack || node_block(before) != block || part_words(before) != words;
    if (words && other && state_block_open(in->state, block))
        add_line(lines, (Line){words, -1, true, {stage}, 0, 0}, false);
}

static Lines make_lines(const ViewInput *in) {
    int stages = in->walk->count;
    Lines lines = {ARENA_NEW_N(ui_arena(in->ui), Line, (size_t)stages * 4), 0, 0};
    Line *current = NULL;
    const Node *before = NULL;
    for (int stage = 0; stage < stages; stage++) {
        const Node *node = stage_node(in, stage);
        int block = node_block(node);
        bool leaves = before && block < 0 && node_block(before) >= 0;
        bool join = current && current->count < PARTS &&
                    joins(stage_node(in, current->stage[current->count - 1]), node);
        add_heads(in, &lines, stage, before);
        before = node;
        if (block >= 0 && !state_block_open(in->state, block))
            current = NULL;
        else if (join)
            current->stage[current->count++] = stage;
        else
            current = add_line(&lines, (Line){NULL, -1, block >= 0, {stage}, 1, 0}, leaves);
    }
    return lines;
}

/* The line in which the stage shown is lit: its own, or its folded block's head. */
static int current_line(const ViewInput *in, const Lines *lines) {
    int stage = state_stage(in->state, in->walk), block = node_block(stage_node(in, stage)),
        head = 0;
    for (int i = 0; i < lines->count; i++) {
        const Line *line = &lines->line[i];
        if (line->head >= 0 && line->head == block)
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

/* What the button does, and on one whose stage was left out for the budget a hollow dot. */
static void stage_mark(const ViewInput *in, Rect rect, int stage) {
    const char *title = word_stage_title(stage_node(in, stage));
    if (!trace_left_out(in->trace, in->walk->node[stage])) {
        ui_tip(in->ui, title);
        return;
    }
    ui_tip(in->ui, WORD_WITH(ui_arena(in->ui), WORD_TIP_LEFT_OUT, title));
    bool small = rect.w <= LETTER;
    Rect dot = {rect.x + rect.w - (small ? DOT : 2 * DOT), rect.y + (rect.h - DOT) / 2, DOT, DOT};
    if (small)
        dot.y = rect.y;
    draw_round_rect(ui_list(in->ui), dot, DOT / 2, in->theme->panel);
    draw_frame(ui_list(in->ui), dot, DOT / 2, 1, DRAW_SOLID, in->theme->secondary);
}

static void mark_frame(const ViewInput *in, Rect rect, Role role) {
    draw_frame(ui_list(in->ui), rect_inset(rect, -2, -2), THEME_RADIUS + 2, 2,
               theme_role_style(role), theme_role(in->theme, role));
}

/* The stage is one that is to be looked at. */
static void lesson_mark(const ViewInput *in, Rect rect, int stage) {
    Role role = view_marked(in, VIEW_MARK_STAGE, (size_t)in->walk->node[stage]);
    if (role != ROLE_NONE)
        mark_frame(in, rect, role);
}

/* … or its block is folded, and shows it for the stage. */
static void folded_mark(const ViewInput *in, Rect rect, int block) {
    for (size_t i = 0; i < in->mark_count; i++)
        if (in->mark[i].kind == VIEW_MARK_STAGE &&
            node_block(&in->trace->graph.node[in->mark[i].node]) == block)
            mark_frame(in, rect, in->mark[i].role);
}

static void stage_button(const ViewInput *in, Rect rect, int stage, const char *label,
                         unsigned flags) {
    if (ui_button(in->ui, stage_id(in, stage), rect, label, flags | selected(in, stage)))
        intent_go(in->out, in->walk->node[stage]);
    stage_mark(in, rect, stage);
    lesson_mark(in, rect, stage);
}

/* A button with a coloured letter: Q, K, V; or a gate's. */
static void letter_button(const ViewInput *in, Rect rect, int stage, const char *letter) {
    const Node *node = stage_node(in, stage);
    if (ui_button(in->ui, stage_id(in, stage), rect, "", selected(in, stage)))
        intent_go(in->out, in->walk->node[stage]);
    stage_mark(in, rect, stage);
    lesson_mark(in, rect, stage);
    ui_label(in->ui, rect, UI_ALIGN_CENTER, FONT_UI_BOLD, THEME_SIZE_TEXT,
             theme_role(in->theme, node_role(node)), letter);
}

/* What of the letters: whose rows are projected, where there are two texts. */
static WordId letters_word(const Node *node) {
    if (strstr(node->name, ".cross_attn."))
        return node_role(node) == ROLE_QUERY ? WORD_OWN_PROJECTION : WORD_SOURCE_PROJECTION;
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
    const Node *node = stage_node(in, line->stage[0]);
    bool open = state_block_open(in->state, line->head);
    const char *label = word_block(arena, node, true);
    const char *id = node->stack == STACK_ENCODER ? "encoder" : "block";
    if (ui_button_with_icon(in->ui, arena_printf(arena, "map/%s/%d", id, node->layer), rect,
                            open ? ICON_CHEVRON_DOWN : ICON_CHEVRON_RIGHT, label,
                            lit ? UI_SELECTED : 0))
        intent_value(in->out, INTENT_FOLD, line->head);
    if (!open)
        folded_mark(in, rect, line->head);
    size_t steps = graph_sequential_steps(&in->trace->graph);
    size_t tokens = node_text(in->trace, node)->length;
    ui_tip(in->ui, WORD_WITH(arena, steps > 1 ? WORD_TIP_ONE_BY_ONE : WORD_TIP_AT_ONCE,
                             text_count(arena, (int64_t)tokens)));
}

static void words_line(const ViewInput *in, Rect rect, const Line *line) {
    ui_label(in->ui, rect, UI_ALIGN_LEFT, line->inside ? FONT_UI : FONT_UI_BOLD, THEME_SIZE_SMALL,
             in->theme->faint, line->words);
}

static void draw_line_of_map(const ViewInput *in, Rect rect, const Line *line, bool lit) {
    if (line->words)
        words_line(in, (Rect){rect.x, rect.y, rect.w, WORDS}, line);
    else if (line->head >= 0)
        block_head(in, rect, line, lit);
    else if (is_projection(stage_node(in, line->stage[0])))
        letters_line(in, rect, line);
    else if (line->count == 1)
        stage_button(in, rect, line->stage[0], word_stage_short(stage_node(in, line->stage[0])),
                     UI_LEFT);
    else if (line->count > 1 && node_gate(stage_node(in, line->stage[0])))
        letters_line(in, rect, line);
    else
        norm_line(in, rect, line);
}

/* The stream that all stages hang on, with a short branch to each. */
static void draw_rail(const ViewInput *in, const Lines *lines, int x, int top, int current) {
    DrawList *list = ui_list(in->ui);
    const Theme *t = in->theme;
    int first = top + lines->line[0].y + CARD / 2,
        last = top + lines->line[lines->count - 1].y + CARD / 2;
    int reached = top + lines->line[current].y + CARD / 2;
    Color walked = color_mix(t->line, t->secondary, 0.6);
    draw_round_rect(list, (Rect){x, first, 4, last - first + 2}, 2, t->line);
    draw_round_rect(list, (Rect){x, first, 4, reached - first + 2}, 2, walked);
    for (int i = 0; i < lines->count; i++) {
        const Line *line = &lines->line[i];
        int indent = line->inside ? INDENT : 0;
        if (line->words)
            continue;
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
        int x = left + RAIL - 4 + (line->inside ? INDENT : 0);
        draw_line_of_map(in, (Rect){x, top + line->y, right - x, CARD}, line, i == current);
    }
    ui_scroll_end(in->ui, "map", area, scroll, height);
}
