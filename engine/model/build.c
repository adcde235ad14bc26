#include "engine/model/build.h"

#include <string.h>

Shape shape_rows(const Build *b, Axis axis, size_t width) {
    return (Shape){2, {AXIS_POSITION, axis}, {b->T, width}, 0, b->text};
}

Shape shape_model(const Build *b) {
    return shape_rows(b, AXIS_D_MODEL, b->config->d_model);
}

Shape shape_heads(const Build *b, Axis rows, Axis heads, size_t count, Axis last, size_t width) {
    return (Shape){3, {rows, heads, last}, {b->T, count, width}, 0, b->text};
}

Shape shape_once(Axis axis, size_t width) {
    return (Shape){2, {AXIS_ONE, axis}, {1, width}, -1, TEXT_OWN};
}

Ref node_ref(int node) {
    return (Ref){REF_NODE, node};
}

Ref weight_ref(const Build *b, WeightRole role) {
    int weight = model_weight(b->model, b->stack, role, b->layer < 0 ? 0 : (size_t)b->layer);
    return weight < 0 ? REF_NONE : (Ref){REF_WEIGHT, weight};
}

const char *stage_name(const Build *b, const char *name) {
    if (b->layer < 0)
        return arena_printf(b->graph->arena, "%s%s", b->outer, name);
    return arena_printf(b->graph->arena, "%s%d.%s", b->inner, b->layer, name);
}

const char *stage_part(const Build *b, const char *part, const char *name) {
    return arena_printf(b->graph->arena, "%s.%s", part, name);
}

int stage_add(Build *b, const char *name, OpId op, OpParams param, Shape shape, int n,
              const Ref *in) {
    Node node = {.name = stage_name(b, name),
                 .op = op,
                 .param = param,
                 .type = DTYPE_F32,
                 .rank = shape.rank,
                 .rows = b->text,
                 .keys = shape.keys,
                 .window = b->window,
                 .row_axis = shape.row_axis,
                 .alias = op == OP_SAME ? in[0].index : -1,
                 .layer = b->layer,
                 .stack = b->stack};
    memcpy(node.axis, shape.axis, sizeof node.axis);
    memcpy(node.dim, shape.dim, sizeof node.dim);
    for (int i = 0; i < n; i++)
        if (in[i].index >= 0)
            node.in[node.n_in++] = in[i];
    return graph_add(b->graph, &node);
}

int build_ids(Build *b, const char *name) {
    Shape shape = {1, {AXIS_POSITION}, {b->T}, 0, b->text};
    int ids = stage_add(b, name, OP_TOKENS, NO_PARAM, shape, 0, NULL);
    b->graph->node[ids].type = DTYPE_I32;
    return ids;
}

void build_logits(Build *b, int x) {
    Shape words = shape_rows(b, AXIS_VOCAB, b->config->n_vocab);
    OpParams vocabulary = {.softmax = {SOFTMAX_VOCABULARY}};
    int logits = STAGE(b, "logits", OP_LINEAR, LINEAR(UNEMBED), words, node_ref(x),
                       weight_ref(b, ROLE_UNEMBED), weight_ref(b, ROLE_UNEMBED_B));
    STAGE(b, "probs", OP_SOFTMAX, vocabulary, words, node_ref(logits));
}
