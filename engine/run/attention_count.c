#include "engine/run/attention_count.h"

#include "engine/ops/flash.h"

/* What the flash nodes read, as stages to keep. */
static const char *inputs_of(const Graph *graph, Arena *arena) {
    const char *globs = "";
    for (int i = 0; i < graph->count; i++)
        for (int k = 0; graph->node[i].op == OP_FLASH && k < graph->node[i].n_in; k++)
            if (graph->node[i].in[k].kind == REF_NODE)
                globs = arena_printf(arena, "%s%s%s", globs, *globs ? "," : "",
                                     graph->node[graph->node[i].in[k].index].name);
    return globs;
}

static void count_formulas(AttentionCounts *counts, const OpCall *call, size_t fast_memory) {
    double queries = (double)call->in[0].dim[0], keys = (double)call->in[1].dim[0];
    double d = (double)call->in[0].dim[2], heads = (double)call->in[0].dim[1];
    size_t tile = flash_extra_bytes(call->in[0].dim[2], counts->rows, counts->columns);
    counts->fast_floats = (double)(fast_memory ? fast_memory : tile) / sizeof(float);
    counts->flash_formula += heads * sizeof(float) * queries * keys * d * d / counts->fast_floats;
    counts->standard_formula += heads * sizeof(float) * (queries * d + queries * keys);
}

static void count_flash(const Trace *trace, size_t fast_memory, AttentionCounts *counts) {
    FlashCount sum = {0};
    for (int i = 0; i < trace->graph.count; i++) {
        const Node *node = &trace->graph.node[i];
        OpCall call;
        if (node->op != OP_FLASH)
            continue;
        trace_call(trace, i, &call); /* its result was not kept, and is not needed */
        counts->rows = node->param.flash.rows;
        counts->columns = node->param.flash.columns;
        counts->d_head = node->dim[2];
        counts->heads += node->dim[1];
        flash_count(&call, &sum);
        count_formulas(counts, &call, fast_memory);
    }
    counts->tiles = sum.tiles;
    counts->skipped = sum.skipped;
    counts->flash = (AttentionWork){sum.bytes_read, sum.bytes_written, sum.flops, sum.extra_bytes};
}

/* The stages between q, k, v and z. */
static bool is_attention(const Node *node) {
    switch (node->op) {
    case OP_SCORES:
    case OP_SCALE:
    case OP_POS_BIAS_BUCKET:
    case OP_POS_BIAS_SLOPE:
    case OP_MASK:
    case OP_WEIGHTED_SUM: return true;
    case OP_SOFTMAX: return node->param.softmax.kind == SOFTMAX_KEYS;
    default: return false;
    }
}

/* The call's shapes, without numbers. */
static OpCall shape_of(const Graph *graph, const Node *node) {
    OpCall call = {.op = node->op, .param = node->param, .n_in = node->n_in};
    call.out = tensor_dense(node->type, node->rank, node->dim, NULL);
    for (int k = 0; k < node->n_in; k++) {
        const Node *from = &graph->node[node->in[k].index];
        call.in[k] = node->in[k].kind == REF_WEIGHT
                         ? graph->weight[node->in[k].index].tensor
                         : tensor_dense(from->type, from->rank, from->dim, NULL);
    }
    return call;
}

static void count_standard(const Graph *graph, AttentionWork *work) {
    for (int i = 0; i < graph->count; i++) {
        const Node *node = &graph->node[i];
        if (!is_attention(node))
            continue;
        OpCall call = shape_of(graph, node);
        OpCost cost = op_cost(&call);
        size_t written = node_count(node) * dtype_size(node->type);
        work->flops += cost.flops;
        work->bytes_written += (double)written;
        work->bytes_read += cost.bytes - (double)written;
        if (node->op == OP_SCALE && 2 * written > work->extra_bytes)
            work->extra_bytes = 2 * written; /* it reads one matrix and writes another */
    }
}

bool attention_count(const Model *model, const RunText *text, const RunOptions *options,
                     AttentionCounts *counts, Err *err) {
    Arena arena = {0};
    Graph tiled, standard;
    ForwardSize size = {text->count, text->real, text->source_count, text->source_real,
                        options->attention};
    *counts = (AttentionCounts){0};
    size.attention.kind = ATTENTION_FLASH;
    RunOptions run = *options;
    run.attention = size.attention;
    bool ok = forward_build(model, &size, &arena, &tiled, err);
    run.stages = ok ? inputs_of(&tiled, &arena) : NULL;
    Trace *trace = ok ? run_trace(model, text, &run, err) : NULL;
    size.attention = (AttentionOptions){0};
    ok = trace && forward_build(model, &size, &arena, &standard, err);
    if (ok) {
        count_flash(trace, options->attention.fast_memory, counts);
        count_standard(&standard, &counts->standard);
    }
    trace_free(trace);
    arena_free(&arena);
    return ok;
}
