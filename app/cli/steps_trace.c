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
    steps->all.kv_cache = "off";
    steps->input = input;
    return steps;
}

/* Memory for one more record, NULL where there is none. */
static void *new_values(StepsTrace *steps, DType type, int rank, const size_t *dim) {
    Tensor copy = tensor_dense(type, rank, dim, NULL);
    copy.data = arena_try(&steps->all.arena, tensor_count(&copy) * dtype_size(type));
    if (copy.data)
        buf_add(&steps->value, &copy, sizeof copy);
    return copy.data;
}

static bool copy_values(StepsTrace *steps, const Tensor *from) {
    void *data = new_values(steps, from->type, from->rank, from->dim);
    if (data)
        memcpy(data, from->data, tensor_count(from) * dtype_size(from->type));
    return data != NULL;
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

/* The row of the newest query: [H 1 Tk] of [H Tq Tk]. What it was made from is not in the file. */
static void add_cross(StepsTrace *steps, size_t number, const Trace *run, int from) {
    Node node = run->graph.node[from];
    size_t H = node.dim[0], Tk = node.dim[2];
    node.dim[1] = 1;
    node.n_in = 0;
    float *to = new_values(steps, DTYPE_F32, 3, node.dim);
    steps->failed = !to;
    for (size_t h = 0; h < H && to; h++) {
        size_t at[] = {h, run->own.length - 1, 0};
        ptrdiff_t row = tensor_offset(&run->value[from], at);
        memcpy(to + h * Tk, tensor_f32(&run->value[from]) + row, Tk * sizeof *to);
    }
    if (to)
        add_node(steps, number, &node, 0);
}

void steps_trace_add(StepsTrace *steps, const GenerateStep *step) {
    const Trace *sampling = step->sampling, *run = step->run;
    size_t number = step->number;
    steps->all.kv_cache = run->kv_cache;
    steps->all.attention = run->attention;
    for (int i = 0; i < run->graph.count && !steps->failed; i++)
        if (trace_kept(run, i) && strstr(run->graph.node[i].name, "cross_attn.hook_pattern"))
            add_cross(steps, number, run, i);
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

static TraceText name_tokens(const Tokenizer *tok, const int32_t *ids, size_t count, Arena *arena) {
    TraceText text = {.length = count,
                      .real = count,
                      .ids = ids,
                      .label = ARENA_NEW_N(arena, const char *, count),
                      .piece = ARENA_NEW_N(arena, const char *, count)};
    tok_labels(tok, ids, count, arena, text.label);
    for (size_t i = 0; i < count; i++) {
        const char *piece = tok_piece(tok, ids[i]);
        text.piece[i] = piece ? piece : text.label[i];
    }
    return text;
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
    const Tokenizer *tok = input->model->tok;
    all->own = name_tokens(tok, copy, input->text.count + count, &all->arena);
    all->source = name_tokens(tok, input->text.source, input->text.source_count, &all->arena);
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
