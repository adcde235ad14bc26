#include "engine/trace/trace_diff.h"

#include <math.h>
#include <string.h>

static bool asked(const Trace *trace, int node) {
    return node >= 0 && trace->asked[node] && trace_kept(trace, node);
}

static bool same_shape(const Tensor *a, const Tensor *b) {
    return a->rank == b->rank && memcmp(a->dim, b->dim, (size_t)a->rank * sizeof *a->dim) == 0;
}

/* Both are dense: a trace's values are. */
static double cell_of(const Tensor *tensor, size_t n) {
    return tensor->type == DTYPE_I32 ? (double)tensor_i32(tensor)[n]
                                     : (double)tensor_f32(tensor)[n];
}

static double distance(double a, double b) {
    if (a == b || (isnan(a) && isnan(b)))
        return 0;
    return isfinite(a) && isfinite(b) ? fabs(a - b) : INFINITY;
}

static void add_cell(RecordDiff *diff, double a, double b, size_t n, size_t *worst) {
    double apart = distance(a, b), larger = fmax(fabs(a), fabs(b));
    diff->cells++;
    if (isfinite(a))
        diff->largest = fmax(diff->largest, fabs(a));
    if (isfinite(b))
        diff->largest = fmax(diff->largest, fabs(b));
    if (apart == 0)
        return;
    diff->unequal++;
    diff->relative = fmax(diff->relative, isfinite(apart) ? apart / larger : INFINITY);
    if (apart > diff->absolute) {
        diff->absolute = apart;
        *worst = n;
    }
}

/* The axes of the query and of the key that it looks at, where both count one text's tokens; flash
 * attention's records may count keys by the block. */
typedef struct {
    int query, key;
    size_t block;
} Look;

static bool find_look(const Node *node, Look *look) {
    *look = (Look){-1, -1, 1};
    for (int axis = 0; axis < node->rank; axis++) {
        if (node->axis[axis] == AXIS_QUERY)
            look->query = axis;
        if (node->axis[axis] == AXIS_KEY || node->axis[axis] == AXIS_KEY_BLOCK)
            look->key = axis;
        if (node->axis[axis] == AXIS_KEY_BLOCK)
            look->block = node->param.flash.columns;
    }
    return look->query >= 0 && look->key >= 0 && node->rows == node->keys;
}

static void compare(const Trace *left, const Trace *right, bool seen, RecordDiff *diff) {
    const Tensor *a = &left->value[diff->left], *b = &right->value[diff->right];
    size_t count = tensor_count(a), worst = 0, index[TENSOR_RANK];
    Look look;
    seen = find_look(&left->graph.node[diff->left], &look) && seen;
    for (size_t n = 0; n < count; n++) {
        if (seen) {
            shape_unravel(a->rank, a->dim, n, index);
            if (index[look.key] * look.block > index[look.query])
                continue;
        }
        add_cell(diff, cell_of(a, n), cell_of(b, n), n, &worst);
    }
    shape_unravel(a->rank, a->dim, worst, diff->at);
}

RecordDiff trace_diff_record(const Trace *left, int a, const Trace *right, int b, bool seen) {
    RecordDiff diff = {.left = a, .right = b};
    if (same_shape(&left->value[a], &right->value[b]))
        compare(left, right, seen, &diff);
    else
        diff.kind = DIFF_SHAPES;
    return diff;
}

void trace_diff(const Trace *left, const Trace *right, bool seen, Arena *arena, TraceDiff *diff) {
    size_t most = (size_t)left->graph.count + (size_t)right->graph.count;
    *diff = (TraceDiff){.record = ARENA_NEW_N(arena, RecordDiff, most)};
    for (int i = 0; i < left->graph.count; i++) {
        int other = trace_find(right, left->graph.node[i].name);
        if (!asked(left, i))
            continue;
        RecordDiff *record = &diff->record[diff->count++];
        *record = (RecordDiff){.left = i, .right = asked(right, other) ? other : -1};
        if (record->right < 0)
            record->kind = DIFF_LEFT_ONLY;
        else
            *record = trace_diff_record(left, i, right, other, seen);
    }
    for (int i = 0; i < right->graph.count; i++)
        if (asked(right, i) && !asked(left, trace_find(left, right->graph.node[i].name)))
            diff->record[diff->count++] = (RecordDiff){
                .kind = DIFF_RIGHT_ONLY, .left = -1, .right = i};
}
