#include "app/cli/steps_trace.h"

#include "engine/trace/trace_file.h"

#include <string.h>

struct StepsTrace {
    Trace all;
    Buf value; /* a Tensor for each node of all.graph */
    const CliInput *input;
    bool failed;
};

StepsTrace *steps_trace_new(const CliInput *input) {
    Arena arena = {0};
    StepsTrace *steps = ARENA_NEW(&arena, StepsTrace);
    steps->all.arena = arena;
    steps->all.graph.arena = &steps->all.arena;
    steps->all.model = input->model->name;
    bool recurrent = input->model->config.cell != CELL_NONE;
    steps->all.attention = recurrent ? "none" : "standard";
    steps->all.kv_cache = recurrent ? "off" : "on"; /* known rows are not computed again */
    steps->input = input;
    return steps;
}

static bool copy_values(StepsTrace *steps, const Tensor *from) {
    size_t bytes = tensor_count(from) * dtype_size(from->type);
    void *data = arena_try(&steps->all.arena, bytes);
    if (!data)
        return false;
    memcpy(data, from->data, bytes);
    Tensor copy = tensor_dense(from->type, from->rank, from->dim, data);
    buf_add(&steps->value, &copy, sizeof copy);
    return true;
}

static void add_node(StepsTrace *steps, size_t number, const Node *from, int first) {
    Node node = *from;
    node.name = arena_printf(&steps->all.arena, "steps.%zu.%s", number, from->name);
    for (int i = 0; i < node.n_in; i++)
        if (node.in[i].kind == REF_NODE && node.in[i].index >= 0)
            node.in[i].index += first;
    if (node.alias >= 0)
        node.alias += first;
    graph_add(&steps->all.graph, &node);
}

void steps_trace_add(StepsTrace *steps, size_t number, const Trace *sampling) {
    int first = steps->all.graph.count;
    for (int i = 0; i < sampling->graph.count && !steps->failed; i++) {
        steps->failed = !copy_values(steps, &sampling->value[i]);
        if (!steps->failed)
            add_node(steps, number, &sampling->graph.node[i], first);
    }
}

bool steps_trace_failed(const StepsTrace *steps) {
    return steps->failed;
}

static void name_tokens(Trace *all, const Tokenizer *tok) {
    all->own.label = ARENA_NEW_N(&all->arena, const char *, all->own.length);
    all->own.piece = ARENA_NEW_N(&all->arena, const char *, all->own.length);
    tok_labels(tok, all->own.ids, all->own.length, &all->arena, all->own.label);
    for (size_t i = 0; i < all->own.length; i++) {
        const char *piece = tok_piece(tok, all->own.ids[i]);
        all->own.piece[i] = piece ? piece : all->own.label[i];
    }
}

bool steps_trace_save(StepsTrace *steps, const int32_t *ids, size_t count, const char *path,
                      Err *err) {
    Trace *all = &steps->all;
    const CliInput *input = steps->input;
    if (steps->failed)
        return err_set(err, "%s: no memory for the records of so many steps", path);
    int32_t *copy = ARENA_NEW_N(&all->arena, int32_t, input->text.count + count);
    memcpy(copy, input->text.ids, input->text.count * sizeof *copy);
    if (count)
        memcpy(copy + input->text.count, ids, count * sizeof *copy);
    all->own.ids = copy;
    all->own.length = input->text.count + count;
    name_tokens(all, input->model->tok);
    all->value = (Tensor *)(void *)steps->value.bytes;
    all->asked = ARENA_NEW_N(&all->arena, bool, (size_t)all->graph.count);
    memset(all->asked, true, (size_t)all->graph.count * sizeof *all->asked);
    return trace_save(all, path, err);
}

void steps_trace_free(StepsTrace *steps) {
    if (!steps)
        return;
    buf_free(&steps->value);
    Arena arena = steps->all.arena; /* it lies in it itself */
    arena_free(&arena);
}
