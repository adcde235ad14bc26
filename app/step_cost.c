#include "app/step_cost.h"

#include "engine/run/cost.h"

#include <string.h>

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Keys and values that are there once the step is done. */
static void count_cache(const Trace *trace, CacheStep *step) {
    for (int i = 0; i < trace->graph.count; i++) {
        const Node *node = &trace->graph.node[i];
        if (!step->kept[i])
            continue;
        size_t rows = node->dim[node->row_axis], row = node_count(node) / rows * sizeof(float);
        if (node->rows == TEXT_SOURCE) {
            step->source_bytes += row * rows;
            continue;
        }
        size_t seen = node->window > 0 ? smaller(node->window, step->row + 1) : step->row + 1;
        step->bytes += row * seen;
    }
}

bool step_cost(const Trace *trace, Arena *arena, CacheStep *step) {
    Plan plan;
    Err err;
    *step = (CacheStep){.row = trace->own.real - 1};
    PlanRows rows = {.at_once = 1, .cached = true};
    if (trace->graph.looks_ahead || trace_find(trace, "logits") < 0 ||
        !plan_make(&trace->graph, "logits", &rows, arena, &plan, &err))
        return false;
    ExecuteRange range = {.last = step->row + 1, .logits_from = step->row};
    RunCost without = cost_rows(trace, &plan, &range);
    range.first = step->row;
    range.forget = true;
    RunCost with = cost_rows(trace, &plan, &range);
    step->flops = with.flops;
    step->flops_without = without.flops;
    step->kept = plan.cache;
    count_cache(trace, step);
    return true;
}
