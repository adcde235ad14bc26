#include "engine/run/run.h"

#include "engine/run/generate.h"
#include "engine/run/prepare.h"
#include "engine/trace/plan.h"

#include <string.h>

void run_memory_free(RunMemory *memory) {
    arena_free(&memory->values);
    arena_free(&memory->slots);
}

void run_take_back(RunMemory *memory, Trace *trace) {
    arena_free(&memory->values);
    memory->values = trace->values;
    arena_reset(&memory->values);
    trace->values = (Arena){0};
    trace_free(trace);
}

const char *run_keeps(const Graph *graph, const RunOptions *options) {
    const char *stages = options->stages ? options->stages : "*";
    for (int i = 0; i < graph->count && options->by_token; i++) {
        const Node *node = &graph->node[i];
        for (int slot = 0; slot < node->n_in; slot++)
            if (op_reads_all_rows(node->op, slot) && node->in[slot].kind == REF_NODE)
                stages = arena_printf(graph->arena, "%s,%s", stages,
                                      graph->node[node->in[slot].index].name);
    }
    return stages;
}

static bool plan_run(Trace *trace, const RunOptions *options, Plan *plan, Err *err) {
    const char *stages = run_keeps(&trace->graph, options);
    const size_t *most = options->max_bytes;
    if (most && options->fit)
        return plan_fit(&trace->graph, stages, *most, &trace->arena, plan, err);
    return plan_make(&trace->graph, stages, NULL, &trace->arena, plan, err) &&
           (!most || plan_fits(plan, *most, err));
}

static bool run_range(Trace *trace, const Plan *plan, const ExecuteRange *range, RunCost *cost) {
    if (cost)
        *cost = cost_sum(*cost, cost_rows(trace, plan, range));
    return execute_rows(trace, plan, range);
}

/* All at once, or a token after the other. */
static bool run_rows(Trace *trace, const Plan *plan, const RunOptions *options) {
    ExecuteRange range = {.last = trace->own.length,
                          .pool = options->pool,
                          .stop = options->stop,
                          .change = options->change};
    size_t count = trace->own.length;
    if (options->cost)
        *options->cost = (RunCost){0, 0};
    if (!options->by_token)
        return run_range(trace, plan, &range, options->cost);
    trace->kv_cache = "on";
    for (int i = 0; i < trace->graph.count; i++)
        if (plan->storage[i] == STORE_KEPT && trace->graph.node[i].op != OP_TOKENS)
            memset(trace->value[i].data, 0,
                   node_count(&trace->graph.node[i]) * dtype_size(trace->value[i].type));
    bool ok = true;
    for (range.first = 0; range.first < count && ok; range.first++) {
        range.last = range.first + 1;
        ok = run_range(trace, plan, &range, options->cost);
    }
    return ok;
}

Trace *run_trace(const Model *model, const RunText *text, const RunOptions *options, Err *err) {
    if (!prepare_check(model, text, err) || (options->by_token && !generate_can_cache(model, err)))
        return NULL;
    Trace *trace = prepare_trace(model, text);
    RunMemory own = {0}, *memory = options->memory ? options->memory : &own;
    Plan plan;
    trace->values = memory->values;
    memory->values = (Arena){0};
    arena_reset(&memory->slots);
    bool ok = prepare_graph(trace, model, text, text->count, options, err) &&
              plan_run(trace, options, &plan, err) &&
              execute_allocate(trace, &plan, &memory->slots, err);
    if (ok) {
        prepare_text(trace, model, text);
        ok = run_rows(trace, &plan, options) || err_set(err, "stopped");
        execute_forget_slots(trace, &plan);
    }
    arena_free(&own.slots);
    if (ok)
        return trace;
    run_take_back(memory, trace);
    arena_free(&own.values);
    return NULL;
}
