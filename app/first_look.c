#include "app/first_look.h"

#include "app/ui/text.h"
#include "app/views/words.h"

#include <stdio.h>
#include <string.h>

enum { TOP = 5, LABEL = 12, HEAT_MOST = 40 };

static void add_text(const TraceText *text, const char *what, const Trace *trace, Buf *out) {
    buf_printf(out, "%zu tokens of model %s%s:\n ", text->length, trace->model, what);
    for (size_t i = 0; i < text->length; i++)
        buf_printf(out, " [%s %d]", text->label[i], text->ids[i]);
    buf_text(out, "\n\n");
}

static void add_tokens(const Trace *trace, Buf *out) {
    bool two = trace->source.length > 0;
    if (two)
        add_text(&trace->source, ", the source", trace, out);
    add_text(&trace->own, two ? ", its output" : "", trace, out);
}

static void add_predictions(const Trace *trace, const Model *model, Buf *out) {
    int node = trace_find(trace, "probs");
    Arena arena = {0};
    size_t index[TENSOR_RANK] = {trace->own.length - 1, 0}, best[TOP], V;
    if (node < 0 || !trace_kept(trace, node) || model->config.task != TASK_TEXT)
        return;
    V = trace->graph.node[node].dim[1];
    double share[TOP] = {0};
    size_t count = 0;
    for (index[1] = 0; index[1] < V; index[1]++) {
        double value = trace_get(trace, node, index);
        size_t at = count < TOP ? count++ : TOP - 1;
        if (at == TOP - 1 && value <= share[at] && index[1] >= TOP)
            continue;
        for (; at > 0 && share[at - 1] < value; at--) {
            share[at] = share[at - 1];
            best[at] = best[at - 1];
        }
        share[at] = value;
        best[at] = index[1];
    }
    buf_text(out, "The next token, most likely first:\n");
    for (size_t i = 0; i < count; i++)
        buf_printf(out, "  %6.2f %%  %s\n", 100 * share[i],
                   word_vocab_label(&arena, model, best[i]));
    buf_char(out, '\n');
    arena_free(&arena);
}

/* A label cut or filled to LABEL columns, at the right. */
static void add_label(const char *label, Buf *out) {
    Arena arena = {0};
    const char *cut = text_elide(&arena, &TEXT_FIXED, FONT_MONO, 2, label, LABEL, TEXT_ELIDE_END);
    int width = (int)text_width(&TEXT_FIXED, FONT_MONO, 2, cut);
    buf_printf(out, "  %*s%s ", LABEL - width, "", cut);
    arena_free(&arena);
}

static const char *shade(double share) {
    static const char *const shades[] = {"  ", "░░", "▒▒", "▓▓", "██"};
    return shades[share < 0.05 ? 0 : share < 0.2 ? 1 : share < 0.4 ? 2 : share < 0.7 ? 3 : 4];
}

/* The pattern that is shown, else the first there is. */
static int pattern_node(const Trace *trace, const ViewState *state) {
    const Node *shown = &trace->graph.node[state->now.node];
    if (shown->op == OP_SOFTMAX && shown->rank == 3 && trace_kept(trace, state->now.node))
        return state->now.node;
    for (int i = 0; i < trace->graph.count; i++)
        if (trace->graph.node[i].op == OP_SOFTMAX && trace->graph.node[i].rank == 3 &&
            trace_kept(trace, i))
            return i;
    return -1;
}

static size_t at_most(size_t count) {
    return count < HEAT_MOST ? count : HEAT_MOST;
}

static void add_heatmap(const Trace *trace, const ViewState *state, Buf *out) {
    int node = pattern_node(trace, state);
    if (node < 0)
        return;
    const Node *n = &trace->graph.node[node];
    const MaskParams *mask = node_mask(trace, n);
    const char *const *label = trace_text(trace, node, 1)->label;
    size_t rows = at_most(n->dim[1]), columns = at_most(n->dim[2]);
    size_t head = state->now.head < n->dim[0] ? state->now.head : n->dim[0] - 1;
    buf_printf(out, "Where each token looks: %s, head %zu%s\n", n->name, head,
               rows < n->dim[1] || columns < n->dim[2] ? ", the first 40 tokens" : "");
    for (size_t i = 0; i < rows; i++) {
        add_label(label[i], out);
        buf_char(out, '|');
        for (size_t j = 0; j < columns; j++) {
            bool masked = mask && !mask_allows(mask, i, j);
            size_t index[TENSOR_RANK] = {head, i, j};
            buf_text(out, masked ? "··" : shade(trace_get(trace, node, index)));
        }
        buf_text(out, "|\n");
    }
    buf_printf(out,
               "  (a column for each token%s; ░ from 5 %%, ▒ 20 %%, ▓ 40 %%, █ 70 %%; · is "
               "masked)\n\n",
               n->keys != n->rows ? " of the source" : " in the same order");
}

void first_look_text(const Trace *trace, const Model *model, const ViewState *state, Buf *out) {
    add_tokens(trace, out);
    add_predictions(trace, model, out);
    add_heatmap(trace, state, out);
}
