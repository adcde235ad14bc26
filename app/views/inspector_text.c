/* What the inspector says: whose cell it is, the numbers in the formula, where the value goes, and
 * a sentence that the numbers bear out. */
#include "app/views/inspector_part.h"

#include <math.h>
#include <string.h>

/* ---- names and numbers ---- */

const char *axis_place(const Inspected *in, Axis axis, size_t index) {
    if (axis_is_position(axis) && index < in->trace->length)
        return word_label(in->trace, index);
    if (axis == AXIS_VOCAB)
        return word_vocab_label(in->arena, in->in->model, index);
    return arena_printf(in->arena, "%zu", index);
}

static bool is_share(const Node *node) {
    return node->op == OP_SOFTMAX || node->op == OP_CUMULATIVE;
}

static const char *share_number(const Inspected *in, double value) {
    double percent = fabs(value * 100);
    if (percent > 0 && percent < 1e-4)
        return "< 0.0001 %";
    int decimals = percent >= 9.95 || percent == 0 ? 1 : percent >= 0.995 ? 2 : 3;
    if (percent > 0 && percent < 0.0995)
        decimals = text_decimals(percent);
    return text_percent(in->arena, value, decimals > 6 ? 6 : decimals);
}

const char *cell_number(const Inspected *in, const Node *node, double value) {
    if (node->type == DTYPE_I32)
        return text_count(in->arena, (int64_t)value);
    return is_share(node) ? share_number(in, value)
                          : text_number(in->arena, value, text_decimals(fabs(value)));
}

static const char *record_place(const Inspected *in, const Node *node, const size_t *index) {
    const char *text = "";
    for (int axis = 0; axis < node->rank; axis++) {
        Axis kind = node->axis[axis];
        if (kind == AXIS_ONE)
            continue;
        const char *place = axis_place(in, kind, index[axis]);
        if (!axis_is_position(kind) && kind != AXIS_VOCAB)
            place = arena_printf(in->arena, "%s %s", axis_name(kind), place);
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
        return name.name;
    if (name.kind == OPERAND_WEIGHT)
        return weight_words(in, &name);
    const Node *node = &in->trace->graph.node[graph_owner(&in->trace->graph, name.node)];
    return arena_printf(in->arena, "%s: %s", word_stage_short(node),
                        record_place(in, node, name.index));
}

Role operand_role(const Inspected *in, const OpOperand *operand) {
    if (operand->slot < 0)
        return ROLE_NONE;
    Ref ref = in->node->in[operand->slot];
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
    WordArg args[] = {{.text = word_label(in->trace, in->index[query]), .role = ROLE_QUERY},
                      {.text = word_label(in->trace, in->index[key]), .role = ROLE_KEY}};
    pen_words(pen, THEME_SIZE_TEXT, in->theme->secondary, word(WORD_WHO_MEETS), args, 2);
}

static void who_follows(Pen *pen) {
    const Inspected *in = pen->inspected;
    WordArg args[] = {
        {.text = word_token(in->arena, in->trace, in->index[0]), .role = ROLE_HAND},
        {.text = word_vocab(in->arena, in->in->model, in->index[1]), .role = ROLE_HAND}};
    pen_words(pen, THEME_SIZE_TEXT, in->theme->secondary, word(WORD_WHO_FOLLOWS), args, 2);
}

/* "·Lily · head 1 · d_head 5" */
static void who_is(Pen *pen) {
    const Inspected *in = pen->inspected;
    const Node *node = in->node;
    UiSpan spans[3 * TENSOR_RANK];
    size_t count = 0;
    for (int axis = 0; axis < node->rank; axis++) {
        Axis kind = node->axis[axis];
        bool token = axis_is_position(kind) || kind == AXIS_VOCAB;
        if (kind == AXIS_ONE)
            continue;
        if (count > 0)
            spans[count++] = (UiSpan){" · ", FONT_UI, in->theme->faint};
        if (!token)
            spans[count++] = (UiSpan){arena_printf(in->arena, "%s ", axis_name(kind)), FONT_UI,
                                      in->theme->secondary};
        Role role = axis_is_position(kind) ? node_axis_role(node, axis) : ROLE_HAND;
        spans[count++] = (UiSpan){axis_place(in, kind, in->index[axis]), FONT_MONO,
                                  token ? theme_role(in->theme, role) : in->theme->text};
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
    if (pen->draw)
        draw_text(ui_list(in->ui), FONT_MONO, THEME_SIZE_VALUE, in->theme->hand, (float)pen->x,
                  (float)pen->y + 30, cell_number(in, in->node, in->value));
    pen_space(pen, 42);
}

/* ---- the numbers in the formula ---- */

static const char *bracketed(const Inspected *in, double value) {
    const char *text = text_number(in->arena, value, text_decimals(fabs(value)));
    return value < 0 ? arena_printf(in->arena, "(%s)", text) : text;
}

const char *term_text(const Inspected *in, const Term *term) {
    const char *v[TERM_OPERANDS] = {"", "", "", "", ""};
    int n = 0;
    for (int i = 0; i < term->n; i++)
        if (!term->operand[i].selects)
            v[n++] = bracketed(in, term->operand[i].value);
    Arena *arena = in->arena;
    switch (term->form) {
    case FORM_PRODUCT: return arena_printf(arena, "%s · %s", v[0], v[1]);
    case FORM_QUOTIENT: return arena_printf(arena, "%s ÷ %s", v[0], v[1]);
    case FORM_SQUARE_SHARE: return arena_printf(arena, "%s² ÷ %s", v[0], v[1]);
    case FORM_SQUARE_DIFF: return arena_printf(arena, "(%s − %s)² ÷ %s", v[0], v[1], v[2]);
    case FORM_NORMED: return arena_printf(arena, "(%s − %s) ÷ %s · %s", v[0], v[1], v[2], v[3]);
    case FORM_NORMED_RMS: return arena_printf(arena, "%s ÷ %s · %s", v[0], v[1], v[2]);
    case FORM_EXP_DIFF: return arena_printf(arena, "e^(%s − %s)", v[0], v[1]);
    case FORM_GELU_TANH:
        return arena_printf(arena, "½ · %s · (1 + tanh(√(2/π) · (%s + 0.044715 · %s³)))", v[0],
                            v[0], v[0]);
    case FORM_GELU_ERF: return arena_printf(arena, "½ · %s · (1 + erf(%s ÷ √2))", v[0], v[0]);
    case FORM_RELU: return arena_printf(arena, "max(%s, 0)", v[0]);
    case FORM_SILU: return arena_printf(arena, "%s ÷ (1 + e^(−%s))", v[0], v[0]);
    case FORM_VALUE:
    case FORM_COUNT: break;
    }
    return v[0];
}

enum { SUBSTITUTED = 3 };

static const char *sum_text(Inspected *in) {
    size_t terms = in->explanation.terms, shown = terms < SUBSTITUTED ? terms : SUBSTITUTED;
    Term term[SUBSTITUTED];
    size_t *order = in->order;
    in->order = NULL;
    inspected_terms(in, 0, shown, term);
    in->order = order;
    const char *text = "";
    for (size_t i = 0; i < shown; i++)
        text = arena_printf(in->arena, "%s%s%s", text, i ? " + " : "", term_text(in, &term[i]));
    return terms > shown ? arena_printf(in->arena, "%s + …", text) : text;
}

static const char *substituted(Inspected *in) {
    switch (in->explanation.rule) {
    case RULE_SUM: return arena_printf(in->arena, "= %s", sum_text(in));
    case RULE_MEAN:
        return arena_printf(in->arena, "= (%s) ÷ %zu", sum_text(in), in->explanation.terms);
    case RULE_ROOT: return arena_printf(in->arena, "= √(%s)", sum_text(in));
    case RULE_SHARE: {
        double chosen = in->term[in->explanation.chosen], sum = 0;
        for (size_t i = 0; i < in->explanation.terms; i++)
            sum += in->term[i];
        return arena_printf(in->arena, "= %s ÷ %s", text_number(in->arena, chosen, 4),
                            text_number(in->arena, sum, 4));
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
    if (reader->layer == in->node->layer || reader->layer < 0)
        return name;
    return arena_printf(
        in->arena, "%s, %s", name,
        WORD_WITH(in->arena, WORD_WHERE_BLOCK, text_count(in->arena, reader->layer)));
}

static void next_line(Pen *pen, int reader, int number) {
    const Inspected *in = pen->inspected;
    const Node *node = &in->trace->graph.node[reader];
    if (pen_sees(pen, NEXT_LINE)) {
        const TextMeasure *measure = ui_measure(in->ui);
        bool same = in->has_cell && same_shape(node, in->node);
        const char *value = same ? cell_number(in, node, trace_get(in->trace, reader, in->index))
                                 : "";
        int width = (int)ceilf(text_width(measure, FONT_MONO, THEME_SIZE_LABEL, value)) + 8;
        float baseline = text_baseline(measure, FONT_UI, THEME_SIZE_LABEL, (float)pen->y,
                                       NEXT_LINE);
        const char *text = text_elide(in->arena, measure, FONT_UI, THEME_SIZE_LABEL,
                                      arena_printf(in->arena, "→ %s", where_words(in, node)),
                                      (float)(pen->w - width), TEXT_ELIDE_END);
        bool clicked = ui_link(in->ui, arena_printf(in->arena, "inspector/next/%d", number),
                               (float)pen->x, baseline, FONT_UI, THEME_SIZE_LABEL, in->theme->text,
                               text);
        ui_label(in->ui, (Rect){pen->x, pen->y, pen->w, NEXT_LINE}, UI_ALIGN_RIGHT, FONT_MONO,
                 THEME_SIZE_LABEL, in->theme->text, value);
        if (clicked && same)
            intent_cell(in->in->out, INTENT_GO_CELL, reader, in->index);
        else if (clicked)
            intent_go(in->in->out, reader);
    }
    pen_space(pen, NEXT_LINE);
}

void inspector_next(Pen *pen) {
    const Inspected *in = pen->inspected;
    int found = 0;
    for (int i = 0; i < in->in->walk->count && found < READERS; i++) {
        int node = in->in->walk->node[i];
        if (!reads(in->trace, &in->trace->graph.node[node], in->node_index))
            continue;
        if (found == 0)
            pen_heading(pen, word(WORD_NEXT_STAGES));
        next_line(pen, node, found++);
    }
}
