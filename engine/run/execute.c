#include "engine/run/execute.h"

#include <string.h>

/* What is worth handing to another thread: below it, waking one costs more than it brings. */
#define PIECE_FLOPS 50000.0

bool execute_allocate(Trace *trace, const Plan *plan, Arena *slots, Err *err) {
    const Graph *graph = &trace->graph;
    trace->value = ARENA_NEW_N(&trace->arena, Tensor, (size_t)graph->count);
    trace->asked = ARENA_NEW_N(&trace->arena, bool, (size_t)graph->count);
    memcpy(trace->asked, plan->asked, (size_t)graph->count * sizeof *trace->asked);
    void **slot = ARENA_NEW_N(slots, void *, (size_t)plan->slot_count);
    for (int s = 0; s < plan->slot_count; s++)
        if (!(slot[s] = arena_try(slots, plan->slot_size[s])))
            return err_set(err, "memory: %zu bytes are not to be had", plan->total_bytes);
    for (int i = 0; i < graph->count; i++) {
        const Node *node = &graph->node[i];
        void *data = NULL;
        if (plan->storage[i] == STORE_KEPT) {
            data = arena_try(&trace->arena, node_count(node) * dtype_size(node->type));
            if (!data)
                return err_set(err, "memory: %zu bytes are not to be had", plan->total_bytes);
        } else if (plan->storage[i] == STORE_SLOT) {
            data = slot[plan->slot[i]];
        } else if (plan->storage[i] == STORE_VIEW) {
            data = trace->value[node->alias].data;
        }
        trace->value[i] = tensor_dense(node->type, node->rank, node->dim, data);
    }
    return true;
}

void execute_forget_slots(Trace *trace, const Plan *plan) {
    for (int i = 0; i < trace->graph.count; i++)
        if (plan->storage[graph_owner(&trace->graph, i)] == STORE_SLOT)
            trace->value[i].data = NULL;
}

typedef struct {
    const OpCall *call;
    size_t first;
} RowJob;

static void run_rows(void *user, size_t first, size_t last) {
    const RowJob *job = user;
    op_forward(job->call, job->first + first, job->first + last);
}

static void run_node(Trace *trace, int node, const ExecuteRange *range) {
    const Node *from = &trace->graph.node[node];
    OpCall call;
    trace_call(trace, node, &call);
    if (from->row_axis < 0) {
        op_forward(&call, 0, 1);
        return;
    }
    /* The source is there from the start, and is encoded once. */
    bool source = from->rows == TEXT_SOURCE;
    size_t first = range->first, last = source ? from->dim[from->row_axis] : range->last;
    if (source && first > 0)
        return;
    if (from->axis[from->rank - 1] == AXIS_VOCAB && range->logits_from > first)
        first = range->logits_from;
    if (first >= last)
        return;
    size_t rows = last - first;
    double row_flops = op_cost(&call).flops / (double)from->dim[from->row_axis];
    size_t grain = row_flops > 0 ? (size_t)(PIECE_FLOPS / row_flops) + 1 : rows;
    RowJob job = {&call, first};
    thread_pool_run(range->pool, rows, grain, run_rows, &job);
}

/* Adds the change's numbers to its row, where that is one of these rows. */
static void add_change(Trace *trace, const ExecuteRange *range) {
    const ExecuteChange *change = range->change;
    const Node *node = &trace->graph.node[change->node];
    size_t width = node_count(node) / node->dim[0];
    if (change->row < range->first || change->row >= range->last)
        return;
    float *row = tensor_f32(&trace->value[change->node]) + change->row * width;
    for (size_t i = 0; i < width; i++)
        row[i] += change->add[i];
}

/* The nodes [from, to] over the rows, one node after the other. */
static bool run_nodes(Trace *trace, const Plan *plan, int from, int to, const ExecuteRange *range) {
    for (int i = from; i <= to; i++) {
        if (range->stop && atomic_load(range->stop))
            return false;
        if (plan->storage[i] != STORE_KEPT && plan->storage[i] != STORE_SLOT)
            continue;
        run_node(trace, i, range);
        if (range->change && range->change->node == i)
            add_change(trace, range);
    }
    return true;
}

/* A row waits for the one before, so that there is nothing to share among threads. */
static bool run_recurrence(Trace *trace, const Plan *plan, int from, int to,
                           const ExecuteRange *range) {
    ExecuteRange one = *range;
    bool ok = true;
    one.pool = NULL;
    for (size_t row = range->first; row < range->last && ok; row++) {
        one.first = row;
        one.last = row + 1;
        ok = run_nodes(trace, plan, from, to, &one);
    }
    return ok;
}

bool execute_rows(Trace *trace, const Plan *plan, const ExecuteRange *range) {
    bool ok = true;
    trace->own.length = range->last;
    for (int i = 0, last; i < trace->graph.count && ok; i = last + 1) {
        last = graph_recurrence(&trace->graph, i);
        ok = last > i ? run_recurrence(trace, plan, i, last, range)
                      : run_nodes(trace, plan, i, i, range);
    }
    return ok;
}
