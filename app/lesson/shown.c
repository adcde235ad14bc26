#include "app/lesson/shown.h"

#include "app/ui/text.h"

#include <math.h>

/* Steps to the next cell of the head; false after the last one. */
static bool next_cell(const Node *node, size_t *index) {
    for (int axis = node->rank - 1; axis >= 0; axis--) {
        if (axis_is_head(node->axis[axis]))
            continue;
        if (++index[axis] < node->dim[axis])
            return true;
        index[axis] = 0;
    }
    return false;
}

static double largest_of_head(const Trace *trace, int record, const size_t *index) {
    const Node *node = &trace->graph.node[record];
    size_t at[TENSOR_RANK] = {0};
    for (int axis = 0; axis < node->rank; axis++)
        if (axis_is_head(node->axis[axis]))
            at[axis] = index[axis];
    double largest = 0;
    do {
        double value = fabs(trace_get(trace, record, at));
        largest = isfinite(value) && value > largest ? value : largest;
    } while (next_cell(node, at));
    return largest;
}

int shown_decimals(const Trace *trace, int node, const size_t *index) {
    int owner = graph_owner(&trace->graph, node);
    const Node *record = &trace->graph.node[owner];
    if (record->type == DTYPE_I32 || !trace_kept(trace, owner) || node_count(record) == 0)
        return -1;
    double largest = largest_of_head(trace, owner, index);
    return node_is_share(record) ? text_share_decimals(largest) + 2 : text_decimals(largest);
}

double shown_number(double value, int decimals) {
    double unit = pow(10, decimals);
    return decimals >= 0 && isfinite(value) ? round(value * unit) / unit : value;
}
