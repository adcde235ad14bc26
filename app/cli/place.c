#include "app/cli/place.h"

void place_words(const Trace *trace, int node, const size_t *index, Buf *text) {
    const Node *from = &trace->graph.node[node];
    for (int axis = 0; axis < from->rank; axis++) {
        size_t at = index[axis];
        const TraceText *tokens = trace_text(trace, node, axis);
        buf_printf(text, "%s%s %zu", axis ? ", " : "", axis_name(from->axis[axis]), at);
        if (tokens && at < tokens->length)
            buf_printf(text, " (%s)", tokens->label[at]);
        if (from->axis[axis] == AXIS_LABEL)
            buf_printf(text, " (%s)", trace->class_name[at]);
    }
}

void place_shape(int rank, const size_t *dim, Buf *text) {
    for (int axis = 0; axis < rank; axis++)
        buf_printf(text, axis ? "×%zu" : "%zu", dim[axis]);
    if (rank == 0)
        buf_char(text, '1');
}
