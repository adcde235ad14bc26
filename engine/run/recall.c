#include "engine/run/recall.h"

#include "engine/run/execute.h"
#include "engine/trace/plan.h"

#include <assert.h>
#include <string.h>

/* A trace of its own whose values are those of the base. */
static Trace *borrow(const Trace *base, bool **given) {
    size_t count = (size_t)base->graph.count;
    Arena arena = {0};
    Trace *trace = ARENA_NEW(&arena, Trace);
    *trace = *base;
    trace->arena = arena;
    trace->values = (Arena){0};
    trace->value = ARENA_NEW_N(&trace->arena, Tensor, count);
    memcpy(trace->value, base->value, count * sizeof *base->value);
    *given = ARENA_NEW_N(&trace->arena, bool, count);
    for (size_t i = 0; i < count; i++)
        (*given)[i] = base->value[i].data != NULL;
    return trace;
}

/* The records of tiles are those of another head than the base's. */
static void choose_head(Trace *trace, size_t head, bool *given) {
    size_t count = (size_t)trace->graph.count;
    const Node *base = trace->graph.node;
    trace->graph.node = ARENA_NEW_N(&trace->arena, Node, count);
    memcpy(trace->graph.node, base, count * sizeof *base);
    for (size_t i = 0; i < count; i++) {
        if (!op_shows_tiles(base[i].op) || base[i].param.flash.head == head)
            continue;
        trace->graph.node[i].param.flash.head = head;
        trace->value[i].data = NULL;
        given[i] = false;
    }
}

/* What the base has kept is kept here as well, and what is here now is left out no more. */
static void join_marks(Trace *trace, const Trace *base) {
    for (int i = 0; i < trace->graph.count; i++) {
        trace->left_out[i] = trace_left_out(base, i) && !trace->asked[i];
        trace->asked[i] = trace->asked[i] || base->asked[i];
    }
}

Trace *run_recall(const Model *model, const Trace *base, const char *stages,
                  const RunOptions *options, Err *err) {
    assert(base->graph.weight == model->weight);
    bool tiles = options->attention.kind == ATTENTION_FLASH;
    if (tiles && !forward_attention(model, &options->attention, err))
        return NULL;
    Arena slots = {0};
    Plan plan;
    bool *given;
    Trace *trace = borrow(base, &given);
    if (tiles)
        choose_head(trace, options->attention.head, given);
    bool ok = plan_recall(&trace->graph, given, stages, options->max_bytes, options->fit,
                          &trace->arena, &plan, err) &&
              execute_allocate(trace, &plan, &slots, err);
    if (ok) {
        ExecuteRange range = {
            .last = base->own.length, .pool = options->pool, .stop = options->stop};
        ok = execute_rows(trace, &plan, &range) || err_set(err, "stopped");
        execute_forget_slots(trace, &plan);
        join_marks(trace, base);
    }
    arena_free(&slots);
    if (ok)
        return trace;
    trace_free(trace);
    return NULL;
}
