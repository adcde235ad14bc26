#include "app/views/common_veil.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void veil_number(Tensor *tensor, size_t cell) {
    if (tensor->type == DTYPE_F32)
        tensor_f32(tensor)[cell] = NAN;
    else
        tensor_i32(tensor)[cell] = 0;
}

/* A copy of the record to hide numbers in. */
static void copy_record(Veil *veil, int node, const Tensor *from) {
    size_t count = tensor_count(from);
    char *data = arena_alloc_n(&veil->arena, count, dtype_size(from->type));
    Tensor copy = tensor_dense(from->type, from->rank, from->dim, data);
    for (size_t i = 0; i < count; i++) {
        size_t index[TENSOR_RANK];
        shape_unravel(from->rank, from->dim, i, index);
        memcpy(data + i * dtype_size(from->type), tensor_at(from, tensor_offset(from, index)),
               dtype_size(from->type));
    }
    veil->trace.value[node] = copy;
}

/* Which cells are hidden; VEIL_NOTHING: none is. */
static VeilKind find_cells(const VeilSource *source, int node, const Tensor *tensor, Arena *arena,
                           bool **hidden) {
    size_t count = tensor_count(tensor), found = 0;
    *hidden = ARENA_NEW_N(arena, bool, count);
    for (size_t i = 0; i < count; i++) {
        size_t index[TENSOR_RANK] = {0};
        shape_unravel(tensor->rank, tensor->dim, i, index);
        (*hidden)[i] = source->cell(source->user, node, index);
        found += (*hidden)[i];
    }
    return found == 0 ? VEIL_NOTHING : found == count ? VEIL_RECORD : VEIL_CELLS;
}

static void veil_record(Veil *veil, const Trace *trace, const VeilSource *source, int node) {
    const Tensor *tensor = &trace->value[node];
    VeilKind kind = source->record(source->user, node);
    if (!trace_kept(trace, node)) {
        veil->kind[node] = kind == VEIL_RECORD ? VEIL_RECORD : VEIL_NOTHING;
        return;
    }
    Arena scratch = {0};
    bool *hidden = NULL;
    if (kind == VEIL_CELLS)
        kind = find_cells(source, node, tensor, &scratch, &hidden);
    if (kind != VEIL_NOTHING)
        copy_record(veil, node, tensor);
    if (kind == VEIL_CELLS)
        veil->hidden[node] = memcpy(ARENA_NEW_N(&veil->arena, bool, tensor_count(tensor)), hidden,
                                    tensor_count(tensor) * sizeof(bool));
    for (size_t i = 0; kind != VEIL_NOTHING && i < tensor_count(tensor); i++)
        if (kind == VEIL_RECORD || hidden[i])
            veil_number(&veil->trace.value[node], i);
    veil->kind[node] = (uint8_t)kind;
    arena_free(&scratch);
}

/* A second name, or a view into another record's numbers, hides what its owner hides. */
static void veil_alias(Veil *veil, const Trace *trace, int node) {
    int owner = graph_owner(&trace->graph, node);
    veil->kind[node] = veil->kind[owner];
    veil->hidden[node] = veil->hidden[owner];
    if (trace_kept(trace, node) && trace->value[node].data == trace->value[owner].data &&
        tensor_count(&trace->value[node]) == tensor_count(&trace->value[owner]))
        veil->trace.value[node].data = veil->trace.value[owner].data;
}

Veil *veil_new(const Trace *trace, const VeilSource *source) {
    size_t count = (size_t)trace->graph.count;
    Veil *veil = calloc(1, sizeof *veil);
    bool any = false;
    if (!veil)
        abort(); /* small memory, as in arena.h */
    veil->trace = *trace;
    veil->trace.value = ARENA_NEW_N(&veil->arena, Tensor, count);
    memcpy(veil->trace.value, trace->value, count * sizeof(Tensor));
    veil->kind = ARENA_NEW_N(&veil->arena, uint8_t, count);
    veil->hidden = ARENA_NEW_N(&veil->arena, bool *, count);
    for (int i = 0; i < trace->graph.count; i++) {
        if (graph_owner(&trace->graph, i) == i)
            veil_record(veil, trace, source, i);
        any = any || veil->kind[i] != VEIL_NOTHING;
    }
    for (int i = 0; i < trace->graph.count; i++)
        if (graph_owner(&trace->graph, i) != i)
            veil_alias(veil, trace, i);
    if (any)
        return veil;
    veil_free(veil);
    return NULL;
}

void veil_free(Veil *veil) {
    if (!veil)
        return;
    arena_free(&veil->arena);
    free(veil);
}

VeilKind veil_kind(const Veil *veil, int node) {
    return veil ? (VeilKind)veil->kind[node] : VEIL_NOTHING;
}

bool veil_hides(const Veil *veil, int node, const size_t *index) {
    VeilKind kind = veil_kind(veil, node);
    if (kind != VEIL_CELLS)
        return kind == VEIL_RECORD;
    const Node *n = &veil->trace.graph.node[node];
    return veil->hidden[node][shape_ravel(n->rank, n->dim, index)];
}

bool veil_hides_any(const Veil *veil, int node, const OpRegion *region) {
    VeilKind kind = veil_kind(veil, node);
    if (kind != VEIL_CELLS)
        return kind == VEIL_RECORD;
    const Node *n = &veil->trace.graph.node[node];
    size_t extent[TENSOR_RANK], cells = 1;
    for (int axis = 0; axis < n->rank; axis++) {
        extent[axis] = region->hi[axis] - region->lo[axis];
        cells *= extent[axis];
    }
    for (size_t i = 0; i < cells; i++) {
        size_t index[TENSOR_RANK] = {0};
        shape_unravel(n->rank, extent, i, index);
        for (int axis = 0; axis < n->rank; axis++)
            index[axis] += region->lo[axis];
        if (veil_hides(veil, node, index))
            return true;
    }
    return false;
}
