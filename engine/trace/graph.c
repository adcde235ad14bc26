#include "engine/trace/graph.h"

#include <assert.h>
#include <fnmatch.h>
#include <string.h>

const char *axis_name(Axis axis) {
    static const char *const name[AXIS_COUNT] = {
        [AXIS_POSITION] = "position", [AXIS_QUERY] = "query",         [AXIS_KEY] = "key",
        [AXIS_HEAD] = "head",         [AXIS_KV_HEAD] = "kv_head",     [AXIS_D_HEAD] = "d_head",
        [AXIS_D_MODEL] = "d_model",   [AXIS_PAIR] = "pair",           [AXIS_D_FF] = "d_ff",
        [AXIS_VOCAB] = "vocab",       [AXIS_RANK] = "rank",           [AXIS_ONE] = "one",
        [AXIS_EXPERT] = "expert",     [AXIS_CHOSEN] = "chosen",       [AXIS_LABEL] = "label",
        [AXIS_D_HIDDEN] = "d_hidden", [AXIS_KEY_BLOCK] = "key_block",
    };
    return name[axis];
}

bool axis_is_position(Axis axis) {
    return axis == AXIS_POSITION || axis == AXIS_QUERY || axis == AXIS_KEY;
}

bool axis_is_head(Axis axis) {
    return axis == AXIS_HEAD || axis == AXIS_KV_HEAD;
}

void weight_file_index(const Weight *weight, const size_t *index, size_t *file_index) {
    ptrdiff_t offset = (ptrdiff_t)weight->origin + tensor_offset(&weight->tensor, index);
    if (weight->part_name)
        offset -= (ptrdiff_t)index[0] * weight->tensor.stride[0];
    shape_unravel(weight->file_rank, weight->file_dim, (size_t)offset, file_index);
}

const char *weight_file_name(const Weight *weight, const size_t *index) {
    return weight->part_name ? weight->part_name[index[0]] : weight->name;
}

int graph_add(Graph *graph, const Node *node) {
    assert(node->name && node->rank >= 1 && node->rank <= TENSOR_RANK);
    if (graph->count == graph->capacity) {
        int capacity = graph->capacity ? graph->capacity * 2 : 64;
        Node *more = ARENA_NEW_N(graph->arena, Node, (size_t)capacity);
        if (graph->count)
            memcpy(more, graph->node, (size_t)graph->count * sizeof *more);
        graph->node = more;
        graph->capacity = capacity;
    }
    graph->node[graph->count] = *node;
    return graph->count++;
}

int graph_find(const Graph *graph, const char *name) {
    for (int i = 0; i < graph->count; i++)
        if (strcmp(graph->node[i].name, name) == 0)
            return i;
    return -1;
}

int graph_owner(const Graph *graph, int node) {
    while (graph->node[node].alias >= 0)
        node = graph->node[node].alias;
    return node;
}

size_t node_count(const Node *node) {
    size_t count = 1;
    for (int axis = 0; axis < node->rank; axis++)
        count *= node->dim[axis];
    return count;
}

int node_heads_axis(const Node *node) {
    for (int axis = 0; axis < node->rank; axis++)
        if (axis_is_head(node->axis[axis]))
            return axis;
    return -1;
}

bool node_is_share(const Node *node) {
    return node->op == OP_SOFTMAX || node->op == OP_CUMULATIVE || node->op == OP_SHARES ||
           (node->op == OP_MASK && node->param.mask.zero);
}

int graph_recurrence(const Graph *graph, int first) {
    int last = first;
    for (int i = first; i <= last; i++)
        if (graph->node[i].op == OP_CARRY && graph->node[i].in[0].index > last)
            last = graph->node[i].in[0].index;
    return last;
}

static bool runs_by_head(const Node *node) {
    return op_info(node->op)->by_head && node->rank == 3 && node->row_axis >= 0;
}

/* [H Tq Tk], or [Tq H D] at its end. */
static bool same_heads_and_rows(const Node *a, const Node *b) {
    return a->layer == b->layer && a->stack == b->stack && a->rows == b->rows &&
           a->dim[1 - a->row_axis] == b->dim[1 - b->row_axis] &&
           a->dim[a->row_axis] == b->dim[b->row_axis];
}

int graph_attention(const Graph *graph, int first) {
    int last = first;
    if (!runs_by_head(&graph->node[first]))
        return first;
    for (int i = first + 1; i < graph->count; i++) {
        const Node *node = &graph->node[i];
        bool second_name = node->op == OP_SAME && node->rank == 3;
        if (!second_name && !(runs_by_head(node) && same_heads_and_rows(&graph->node[first], node)))
            break;
        if (!second_name)
            last = i;
    }
    return last;
}

static bool maps_rows(const Node *node) {
    return node->op == OP_LINEAR && node->row_axis == 0 && node->in[0].kind == REF_NODE &&
           node->axis[node->rank - 1] != AXIS_VOCAB;
}

int graph_side_by_side(const Graph *graph, int first) {
    int last = first;
    const Node *one = &graph->node[first];
    if (!maps_rows(one))
        return first;
    while (last + 1 < graph->count && maps_rows(&graph->node[last + 1]) &&
           graph->node[last + 1].in[0].index == one->in[0].index &&
           graph->node[last + 1].rows == one->rows)
        last++;
    return last;
}

size_t graph_sequential_rows(const Graph *graph, int node) {
    int first = 0, last = graph_recurrence(graph, first);
    while (last < node) {
        first = last + 1;
        last = graph_recurrence(graph, first);
    }
    return last > first ? graph->node[first].dim[0] : 1;
}

size_t graph_sequential_steps(const Graph *graph) {
    size_t most = 0;
    for (int first = 0, last; first < graph->count; first = last + 1) {
        last = graph_recurrence(graph, first);
        size_t rows = last > first ? graph->node[first].dim[0] : 1;
        if (graph->node[first].layer >= 0 && rows > most)
            most = rows;
    }
    return most;
}

/* `whole` counts "*" alone as well. */
static bool matches(const Node *node, const char *globs, bool whole) {
    for (const char *at = globs; *at;) {
        size_t length = strcspn(at, ",");
        char glob[256];
        if (length > 0 && length < sizeof glob) {
            memcpy(glob, at, length);
            glob[length] = '\0';
            bool all = strcmp(glob, "*") == 0;
            if (fnmatch(glob, node->name, 0) == 0 && !(all && (node->on_request || !whole)))
                return true;
        }
        at += length;
        at += *at == ',';
    }
    return false;
}

bool graph_matches(const Node *node, const char *globs) {
    return matches(node, globs, true);
}

bool graph_names(const Node *node, const char *globs) {
    return matches(node, globs, false);
}
