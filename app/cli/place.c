#include "app/cli/place.h"

#include "engine/base/near.h"

static bool no_such_record(const Graph *graph, const char *option, const char *word, Err *err) {
    Arena arena = {0};
    Buf near = {0};
    const char **names = ARENA_NEW_N(&arena, const char *, (size_t)graph->count);
    for (int i = 0; i < graph->count; i++)
        names[i] = graph->node[i].name;
    if (near_names(word, names, (size_t)graph->count, 3, &near))
        err_set(err, "--%s: there is no record %.200s; near it: %s", option, word, near.bytes);
    else
        err_set(err, "--%s: there is no record %.200s; attnscope trace and inspect list them",
                option, word);
    buf_free(&near);
    arena_free(&arena);
    return false;
}

bool place_record(const Graph *graph, const char *option, const char *name, int *node, Err *err) {
    *node = graph_find(graph, name);
    return *node >= 0 || no_such_record(graph, option, name, err);
}

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
