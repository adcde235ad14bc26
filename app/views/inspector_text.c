/* What the inspector says: whose cell it is, the numbers in the formula, where the value goes, and
 * a sentence that the numbers bear out. */
#include "app/views/inspector_part.h"

#include "app/views/common_heat.h"

#include <math.h>
#include <string.h>

/* ---- names and numbers ---- */

const char *axis_place(const Inspected *in, int node, int axis, size_t index) {
    return word_place(in->arena, in->trace, in->in->model, node, axis, index);
}

bool cell_expert(const Inspected *in, const Node *node, const size_t *index, size_t *expert) {
    int route = node_has_choices(node) || node->op == OP_SHARES ? node_choices(in->trace, node)
                                                                : -1;
    if (route >= 0)
        *expert = (size_t)trace_get(in->trace, route, (size_t[TENSOR_RANK]){index[0], index[1]});
    return route >= 0;
}

const char *cell_number(const Inspected *in, const Node *node, double value) {
    if (node->type == DTYPE_I32)
        return text_count(in->arena, (int64_t)value);
    return scale_value(in->arena, node_is_share(node) ? SCALE_SHARE : SCALE_SIGNED, value);
}

/* Whether a place says by itself what it is. */
static bool is_named(Axis axis) {
    return axis_is_position(axis) || axis == AXIS_VOCAB || axis == AXIS_LABEL ||
           axis == AXIS_KEY_BLOCK;
}

static const char *record_place(const Inspected *in, int number, const size_t *index) {
    const Node *node = &in->trace->graph.node[number];
    const char *text = "";
    for (int axis = 0; axis < node->rank; axis++) {
        Axis kind = node->axis[axis];
        if (kind == AXIS_ONE)
            continue;
        const char *place = axis_place(in, number, axis, index[axis]);
        if (kind == AXIS_CHOSEN)
            place = WORD_WITH(in->arena, WORD_CHOICE, place);
        else if (!is_named(kind))
            place = arena_printf(in->arena, "%s %s", heat_axis_name(node, axis, in->in->walk),
                                 place);
        text = text[0] ? arena_printf(in->arena, "%s, %s", text, place) : place;
    }
    return text;
}

static const char *weight_words(const Inspected *in, const OperandName *name) {
    const char *text = arena_printf(in->arena, "%s[%zu", name->name, name->index[0]);
    for (int axis = 1; axis < name->rank; axis++)
        text = arena_printf(in->arena, "%s, %zu", text, name->index[axis]);
    return arena_printf(in->arena, "%s]", text);
}

const char *operand_words(const Inspected *in, const OpOperand *operand) {
    OperandName name;
    trace_operand(in->trace, in->node_index, operand, &name);
    if (name.kind == OPERAND_CONSTANT)
        return word_name(name.name);
    if (name.kind == OPERAND_WEIGHT)
        return weight_words(in, &name);
    int owner = graph_owner(&in->trace->graph, name.node);
    return arena_printf(in->arena, "%s: %s", word_stage_short(&in->trace->graph.node[owner]),
                        record_place(in, owner, name.index));
}

Ref operand_ref(const Inspected *in, const OpOperand *operand) {
    return operand->slot == SLOT_RESULT ? (Ref){REF_NODE, in->node_index}
                                        : in->node->in[operand->slot];
}

Role operand_role(const Inspected *in, const OpOperand *operand) {
    if (operand->slot == SLOT_CONSTANT)
        return ROLE_NONE;
    Ref ref = operand_ref(in, operand);
    return ref.kind == REF_NODE ? node_role(&in->trace->graph.node[ref.index]) : ROLE_NONE;
}

/* ---- whose cell ---- */

static int axis_of(const Node *node, Axis axis) {
    for (int i = 0; i < node->rank; i++)
        if (node->axis[i] == axis)
            return i;
    return -1;
}

static void who_meets(Pen *pen, int query, int key) {
    const Inspected *in = pen->inspected;
    WordArg args[] = {
        {.text = axis_place(in, in->node_index, query, in->index[query]), .role = ROLE_QUERY},
        {.text = axis_place(in, in->node_index, key, in->index[key]), .role = ROLE_KEY}};
    pen_words(pen, THEME_SIZE_TEXT, in->theme->secondary, word(WORD_WHO_MEETS), args, 2);
}

static void who_follows(Pen *pen) {
    const Inspected *in = pen->inspected;
    const TraceText *text = trace_text(in->trace, in->node_index, 0);
    bool here = view_task(in->in) == TASK_FILL;
    WordArg args[] = {
        {.text = word_token(in->arena, text, in->index[0]), .role = ROLE_HAND},
        {.text = word_vocab(in->arena, in->in->model, in->index[1]), .role = ROLE_HAND}};
    pen_words(pen, THEME_SIZE_TEXT, in->theme->secondary,
              word(here ? WORD_WHO_STANDS : WORD_WHO_FOLLOWS), args, 2);
}

/* "·Lily · head 1 · d_head 5" */
static void who_is(Pen *pen) {
    const Inspected *in = pen->inspected;
    const Node *node = in->node;
    UiSpan spans[3 * TENSOR_RANK + 2];
    size_t count = 0, expert;
    for (int axis = 0; axis < node->rank; axis++) {
        Axis kind = node->axis[axis];
        bool token = is_named(kind);
        if (kind == AXIS_ONE)
            continue;
        if (count > 0)
            spans[count++] = (UiSpan){" · ", FONT_UI, in->theme->faint};
        const char *place = axis_place(in, in->node_index, axis, in->index[axis]);
        if (kind == AXIS_CHOSEN)
            place = WORD_WITH(in->arena, WORD_CHOICE, place);
        else if (!token)
            spans[count++] = (UiSpan){
                arena_printf(in->arena, "%s ", heat_axis_name(node, axis, in->in->walk)), FONT_UI,
                in->theme->secondary};
        Role role = axis_is_position(kind)   ? node_axis_role(node, axis)
                    : kind == AXIS_KEY_BLOCK ? ROLE_KEY
                                             : ROLE_HAND;
        spans[count++] = (UiSpan){place, kind == AXIS_CHOSEN ? FONT_UI : FONT_MONO,
                                  token ? theme_role(in->theme, role) : in->theme->text};
    }
    if (cell_expert(in, node, in->index, &expert)) {
        const char *number = text_count(in->arena, (int64_t)expert);
        spans[count++] = (UiSpan){" · ", FONT_UI, in->theme->faint};
        spans[count++] = (UiSpan){WORD_WITH(in->arena, WORD_EXPERT, number), FONT_UI,
                                  in->theme->text};
    }
    pen->y += ui_spans(in->ui, (Rect){pen->x, pen->y, pen->w, 1000}, THEME_SIZE_TEXT, spans, count,
                       pen->draw);
}

void inspector_who(Pen *pen) {
    const Inspected *in = pen->inspected;
    int query = axis_of(in->node, AXIS_QUERY), key = axis_of(in->node, AXIS_KEY);
    if (query >= 0 && key >= 0)
        who_meets(pen, query, key);
    else if (in->node->rank == 2 && in->node->axis[1] == AXIS_VOCAB)
        who_follows(pen);
    else
        who_is(pen);
    const char *value = in->asked ? word(WORD_ASKED) : cell_number(in, in->node, in->value);
    if (pen->draw)
        draw_text(ui_list(in->ui), FONT_MONO, THEME_SIZE_VALUE, in->theme->hand, (float)pen->x,
                  (float)pen->y + 30, value);
    pen_space(pen, 42);
}

/* ---- the numbers in the formula ---- */

enum { SUBSTITUTED = 3 };

static const char *first_terms(Inspected *in) {
    size_t terms = in->explanation.terms, shown = terms < SUBSTITUTED ? terms : SUBSTITUTED;
    const char *text = "";
    for (size_t i = 0; i < shown; i++) {
        Term term = inspected_term(in, i);
        text = arena_printf(in->arena, "%s%s%s", text, i ? " + " : "", term_text(in, &term));
    }
    return terms > shown ? arena_printf(in->arena, "%s + …", text) : text;
}

static const char *equals(bool exact) {
    return exact ? "=" : "≈";
}

/* The numbers in the formula; "" where there is no arithmetic to show. */
static const char *substituted(Inspected *in) {
    const Explanation *made = &in->explanation;
    const char *sign = equals(in->exact || made->terms > SUBSTITUTED);
    bool copied = made->terms == 1 && in->first.form == FORM_VALUE;
    switch (made->rule) {
    case RULE_SUM: return copied ? "" : arena_printf(in->arena, "%s %s", sign, first_terms(in));
    case RULE_MEAN:
        return arena_printf(in->arena, "%s (%s) ÷ %zu", sign, first_terms(in), made->terms);
    case RULE_ROOT: return arena_printf(in->arena, "%s √(%s)", sign, first_terms(in));
    case RULE_SHARE: {
        if (in->asked) /* the sum is half of the answer */
            return "";
        SumText text = sum_text(in);
        return arena_printf(in->arena, "%s %s ÷ %s", equals(text.exact), text.chosen, text.sum);
    }
    default: return "";
    }
}

static bool is_masked(const Inspected *in) {
    return isinf(in->value) && in->value < 0;
}

void inspector_substituted(Pen *pen) {
    Inspected *in = pen->inspected;
    const char *text = is_masked(in) ? "" : substituted(in);
    if (in->call.op == OP_MASK && is_masked(in))
        text = WORD_WITH(in->arena, WORD_WAS,
                         cell_number(in, in->node, tensor_get(&in->call.in[0], in->index)));
    if (text[0])
        pen_text(pen, FONT_MONO, THEME_SIZE_LABEL, in->theme->secondary, text);
}

/* ---- where it goes ---- */

enum { READERS = 6, NEXT_LINE = 22 };

static bool reads(const Trace *trace, const Node *reader, int node) {
    for (int i = 0; i < reader->n_in; i++)
        if (reader->in[i].kind == REF_NODE &&
            graph_owner(&trace->graph, reader->in[i].index) == node)
            return true;
    return false;
}

static bool same_shape(const Node *a, const Node *b) {
    return a->rank == b->rank && memcmp(a->dim, b->dim, (size_t)a->rank * sizeof *a->dim) == 0 &&
           memcmp(a->axis, b->axis, (size_t)a->rank * sizeof *a->axis) == 0;
}

static const char *where_words(const Inspected *in, const Node *reader) {
    const char *name = word_stage_short(reader);
    bool same = reader->layer == in->node->layer && reader->stack == in->node->stack;
    if (same || reader->layer < 0)
        return name;
    return arena_printf(in->arena, "%s, %s", name, word_block(in->arena, reader, false));
}

static void next_line(Pen *pen, int reader, int number) {
    const Inspected *in = pen->inspected;
    const Node *node = &in->trace->graph.node[reader];
    if (pen_sees(pen, NEXT_LINE)) {
        const TextMeasure *measure = ui_measure(in->ui);
        bool same = in->has_cell && same_shape(node, in->node);
        float baseline = text_baseline(measure, FONT_UI, THEME_SIZE_LABEL, (float)pen->y,
                                       NEXT_LINE);
        const char *text = text_elide(in->arena, measure, FONT_UI, THEME_SIZE_LABEL,
                                      arena_printf(in->arena, "→ %s", where_words(in, node)),
                                      (float)pen->w, TEXT_ELIDE_END);
        bool clicked = ui_link(in->ui, arena_printf(in->arena, "inspector/next/%d", number),
                               (float)pen->x, baseline, FONT_UI, THEME_SIZE_LABEL, in->theme->text,
                               text);
        if (clicked && same)
            intent_cell(in->in->out, INTENT_GO_CELL, reader, in->index);
        else if (clicked)
            intent_go(in->in->out, reader);
    }
    pen_space(pen, NEXT_LINE);
}

/* The records of tiles stand for themselves among each other alone. */
void inspector_next(Pen *pen) {
    const Inspected *in = pen->inspected;
    int found = 0;
    for (int node = 0; node < in->trace->graph.count && found < READERS; node++) {
        bool stage = in->in->walk->stage[node] >= 0 &&
                     walk_node(in->in->walk, in->trace, node) == node &&
                     (tile_record(in->node) >= 0 || tile_record(&in->trace->graph.node[node]) < 0);
        if (!stage || !reads(in->trace, &in->trace->graph.node[node], in->node_index))
            continue;
        if (found == 0)
            pen_heading(pen, word(WORD_NEXT_STAGES));
        next_line(pen, node, found++);
    }
}
