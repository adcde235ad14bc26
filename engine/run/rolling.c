#include "engine/run/rolling.h"

#include <assert.h>
#include <string.h>

static bool holds_some(const Node *node, const Plan *plan, int i) {
    bool own = plan->storage[i] == STORE_KEPT || plan->storage[i] == STORE_SLOT;
    return own && node->row_axis >= 0 && plan->rows[i] < node->dim[node->row_axis];
}

Rolling rolling_new(Trace *trace, const Plan *plan) {
    size_t count = (size_t)trace->graph.count;
    Rolling rolling = {ARENA_NEW_N(&trace->arena, size_t, count),
                       ARENA_NEW_N(&trace->arena, uint8_t *, count), plan};
    for (int i = 0; i < trace->graph.count; i++)
        if (holds_some(&trace->graph.node[i], plan, i))
            rolling.room[i] = trace->value[i].data;
    return rolling;
}

static size_t row_bytes(const Tensor *tensor, int row_axis) {
    return (size_t)tensor->stride[row_axis] * dtype_size(tensor->type);
}

/* The new first row of keys or values. */
static size_t cache_start(const Rolling *rolling, int i, const Node *node, size_t bytes,
                          size_t first, size_t last) {
    size_t start = rolling->start[i], keep = first < node->window ? first : node->window - 1;
    if (last <= start + rolling->plan->rows[i])
        return start;
    assert(last - first + keep <= rolling->plan->rows[i] && first - keep >= start);
    memmove(rolling->room[i], rolling->room[i] + (first - keep - start) * bytes, keep * bytes);
    return first - keep;
}

static void move(Rolling *rolling, Trace *trace, int i, size_t first, size_t last) {
    const Node *node = &trace->graph.node[i];
    Tensor *value = &trace->value[i];
    size_t bytes = row_bytes(value, node->row_axis), rows = rolling->plan->rows[i];
    if (rolling->plan->cache[i])
        rolling->start[i] = cache_start(rolling, i, node, bytes, first, last);
    else
        rolling->start[i] = last > rows ? last - rows : 0;
    value->data = (void *)((uintptr_t)rolling->room[i] - rolling->start[i] * bytes);
}

void rolling_to(Rolling *rolling, Trace *trace, size_t first, size_t last) {
    for (int i = 0; i < trace->graph.count; i++)
        if (rolling->room[i])
            move(rolling, trace, i, first, last);
        else if (rolling->plan->storage[i] == STORE_VIEW)
            trace->value[i].data = trace->value[trace->graph.node[i].alias].data;
}
