#include "app/first_look.h"

#include "app/ui/text.h"
#include "app/views/words.h"

#include <stdio.h>
#include <string.h>

enum { TOP = 5, LABEL = 12, HEAT_MOST = 40 };

static void add_tokens(const Trace *trace, Buf *out) {
    buf_printf(out, "%zu tokens of model %s:\n ", trace->own.length, trace->model);
    for (size_t i = 0; i < trace->own.length; i++)
        buf_printf(out, " [%s %d]", trace->own.label[i], trace->own.ids[i]);
    buf_text(out, "\n\n");
}

static void add_predictions(const Trace *trace, const Model *model, Buf *out) {
    int node = trace_find(trace, "probs");
    Arena arena = {0};
    size_t index[TENSOR_RANK] = {trace->own.length - 1, 0}, best[TOP], V;
    if (node < 0)
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
    if (shown->op == OP_SOFTMAX && shown->rank == 3)
        return state->now.node;
    for (int i = 0; i < trace->graph.count; i++)
        if (trace->graph.node[i].op == OP_SOFTMAX && trace->graph.node[i].rank == 3)
            return i;
    return -1;
}

static void add_heatmap(const Trace *trace, const ViewState *state, Buf *out) {
    int node = pattern_node(trace, state);
    if (node < 0)
        return;
    const Node *n = &trace->graph.node[node];
    size_t T = n->dim[1] < HEAT_MOST ? n->dim[1] : HEAT_MOST;
    buf_printf(out, "Where each token looks: %s, head %zu%s\n", n->name, state->now.head,
               T < n->dim[1] ? ", the first 40 tokens" : "");
    for (size_t i = 0; i < T; i++) {
        add_label(trace->own.label[i], out);
        buf_char(out, '|');
        for (size_t j = 0; j < T; j++) {
            size_t index[TENSOR_RANK] = {state->now.head, i, j};
            buf_text(out, j > i ? "··" : shade(trace_get(trace, node, index)));
        }
        buf_text(out, "|\n");
    }
    buf_text(out,
             "  (a column for each token in the same order; ░ from 5 %, ▒ 20 %, ▓ 40 %, █ 70 %; "
             "· is masked)\n\n");
}

void first_look_text(const Trace *trace, const Model *model, const ViewState *state, Buf *out) {
    add_tokens(trace, out);
    add_predictions(trace, model, out);
    add_heatmap(trace, state, out);
}
