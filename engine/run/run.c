#include "engine/run/run.h"

#include "engine/run/prepare.h"
#include "engine/trace/plan.h"

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

static bool plan_run(Trace *trace, const RunOptions *options, Plan *plan, Err *err) {
    const char *stages = options->stages ? options->stages : "*";
    const size_t *most = options->max_bytes;
    if (most && options->fit)
        return plan_fit(&trace->graph, stages, *most, &trace->arena, plan, err);
    return plan_make(&trace->graph, stages, NULL, &trace->arena, plan, err) &&
           (!most || plan_fits(plan, *most, err));
}

Trace *run_trace(const Model *model, const RunText *text, const RunOptions *options, Err *err) {
    if (!prepare_check(model, text, err))
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
        ExecuteRange range = {.last = text->count,
                              .pool = options->pool,
                              .stop = options->stop,
                              .change = options->change};
        ok = execute_rows(trace, &plan, &range) || err_set(err, "stopped");
        if (options->cost)
            *options->cost = cost_rows(trace, &plan, &range);
        execute_forget_slots(trace, &plan);
    }
    arena_free(&own.slots);
    if (ok)
        return trace;
    run_take_back(memory, trace);
    arena_free(&own.values);
    return NULL;
}
