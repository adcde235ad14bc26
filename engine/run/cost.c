#include "engine/run/cost.h"

static void cut_axis(Tensor *tensor, int axis, size_t count) {
    if (tensor->dim[axis] > count)
        tensor->dim[axis] = count;
}

/* The tensor of a record, cut to so many of its rows, and keys. */
static void cut(Tensor *tensor, const Node *node, size_t rows, size_t keys) {
    for (int axis = 0; axis < node->rank; axis++)
        if (axis == node->row_axis)
            cut_axis(tensor, axis, rows);
        else if (axis_is_position(node->axis[axis]))
            cut_axis(tensor, axis, node->axis[axis] == AXIS_KEY ? keys : rows);
}

/* The call with nothing but what it computes and reads. */
static void cut_call(const Graph *graph, int node, size_t rows, size_t keys, OpCall *call) {
    const Node *of = &graph->node[node];
    cut(&call->out, of, rows, keys);
    for (int slot = 0; slot < of->n_in; slot++)
        if (of->in[slot].kind == REF_NODE)
            cut(&call->in[slot], &graph->node[of->in[slot].index],
                op_reads_all_rows(of->op, slot) ? keys : rows, keys);
}

OpCost cost_of_call(const Graph *graph, int node, const OpCall *call, size_t first, size_t rows) {
    OpCall part = *call;
    part.first = first;
    cut_call(graph, node, rows, call->length - call->oldest, &part);
    return op_cost(&part);
}

static OpCost cost_of_rows(const Trace *trace, int node, const ExecuteRange *range, size_t first,
                           size_t rows) {
    const Node *of = &trace->graph.node[node];
    OpCall call;
    trace_call(trace, node, &call);
    call.length = of->keys == TEXT_SOURCE ? trace->source.length : range->last;
    call.oldest = execute_oldest(of, range);
    return cost_of_call(&trace->graph, node, &call, first, rows);
}

/* In a recurrence each row is a call of its own. */
static RunCost cost_of_node(const Trace *trace, int node, const ExecuteRange *range, bool each) {
    size_t first = range->first, last = range->last;
    if (trace->graph.node[node].row_axis >= 0)
        execute_rows_of(trace, node, range, &first, &last);
    if (first == last)
        return (RunCost){0, 0};
    OpCost cost = cost_of_rows(trace, node, range, first, each ? 1 : last - first);
    double calls = each ? (double)(last - first) : 1;
    return (RunCost){cost.flops * calls, cost.bytes * calls};
}

RunCost cost_rows(const Trace *trace, const Plan *plan, const ExecuteRange *range) {
    RunCost sum = {0, 0};
    for (int i = 0, last = -1, first = 0; i < trace->graph.count; i++) {
        if (i > last) {
            first = i;
            last = graph_recurrence(&trace->graph, i);
        }
        if (plan->storage[i] == STORE_KEPT || plan->storage[i] == STORE_SLOT)
            sum = cost_sum(sum, cost_of_node(trace, i, range, last > first));
    }
    return sum;
}

RunCost cost_sum(RunCost a, RunCost b) {
    return (RunCost){a.flops + b.flops, a.bytes + b.bytes};
}
