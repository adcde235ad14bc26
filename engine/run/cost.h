/* cost: what a run takes: the work of the operations that run (op_cost), for the rows that run and
 * the keys that are known by then. Nothing is estimated: it is the sum over the calls, each cut down
 * to those rows and keys; so a run that is not made can be counted as well. */
#ifndef RUN_COST_H
#define RUN_COST_H

#include "engine/run/execute.h"

typedef struct {
    double flops; /* as in OpCost */
    double bytes; /* read and written; a weight whole, keys and values as far as they are known */
} RunCost;

/* What execute_rows does with this range, whether or not it does it. Of an operation over experts the
 * weights are those of as many experts as there are choices. Masked keys count: they are computed,
 * but for those that are forgotten. */
RunCost cost_rows(const Trace *trace, const Plan *plan, const ExecuteRange *range);
RunCost cost_sum(RunCost a, RunCost b);

/* The part that both have in common: the node's call for `rows` rows from `first` on, with the keys from
 * call->oldest to call->length. */
OpCost cost_of_call(const Graph *graph, int node, const OpCall *call, size_t first, size_t rows);

#endif
