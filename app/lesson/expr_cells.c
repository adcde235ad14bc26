/* Cells of records: where an index points, and the numbers there. */
#include "app/lesson/expr_node.h"
#include "app/lesson/shown.h"
#include "engine/base/near.h"

#include <string.h>

/* ---- which cells ---- */

static bool unknown_record(Eval *eval, const Expr *expr) {
    const Graph *graph = &eval->scope->main.trace->graph;
    const char **names = ARENA_NEW_N(eval->arena, const char *, (size_t)graph->count);
    Buf near = {0};
    for (int i = 0; i < graph->count; i++)
        names[i] = graph->node[i].name;
    if (near_names(expr->name, names, (size_t)graph->count, 1, &near))
        eval_fail(eval, expr, "there is no record %.80s; did you mean %s?", expr->name, near.bytes);
    else
        eval_fail(eval, expr, "there is no record %.80s", expr->name);
    buf_free(&near);
    return false;
}

static bool wrong_axes(Eval *eval, const Expr *expr, const Node *node) {
    Buf axes = {0};
    for (int i = 0; i < node->rank; i++)
        buf_printf(&axes, i ? ", %s" : "%s", axis_name(node->axis[i]));
    eval_fail(eval, expr, "%s has %d axes (%s), found %d", expr->name, node->rank, axes.bytes,
              expr->axes);
    buf_free(&axes);
    return false;
}

static bool eval_axis(Eval *eval, const ExprAxis *axis, const Node *node, int number, size_t *from,
                      size_t *to) {
    const char *name = axis_name(node->axis[number]);
    size_t size = node->dim[number];
    *from = 0;
    *to = size;
    if (axis->all)
        return true;
    if (!axis->to) {
        bool done = eval_whole(eval, axis->from, size - 1, name, from);
        *to = *from + 1;
        return done;
    }
    if (!eval_whole(eval, axis->from, size, name, from) ||
        !eval_whole(eval, axis->to, size, name, to))
        return false;
    return *from <= *to || eval_fail(eval, axis->from, "%s from %zu to %zu", name, *from, *to);
}

static bool find_cells(Eval *eval, const Expr *expr, int *named, CellRange *range) {
    const Trace *trace = eval->scope->main.trace;
    if (!trace)
        return eval_fail(eval, expr, "%s: there is no run", expr->name);
    *named = trace_find(trace, expr->name);
    if (*named < 0)
        return unknown_record(eval, expr);
    const Node *node = &trace->graph.node[*named];
    if (expr->axes >= 0 && expr->axes != node->rank)
        return wrong_axes(eval, expr, node);
    range->node = graph_owner(&trace->graph, *named);
    for (int i = 0; i < node->rank; i++) {
        static const ExprAxis whole = {.all = true};
        const ExprAxis *axis = expr->axes < 0 ? &whole : &expr->axis[i];
        if (!eval_axis(eval, axis, node, i, &range->from[i], &range->to[i]))
            return false;
    }
    return true;
}

bool eval_range(Eval *eval, const Expr *expr, CellRange *range) {
    int named;
    return expr->kind == EX_RECORD ? find_cells(eval, expr, &named, range)
                                   : eval_fail(eval, expr, "expected cells of a record: NAME[…]");
}

/* ---- the numbers ---- */

/* An axis of which one index is taken is none of the value's. */
static int shape_of(const Expr *expr, const Node *node, const CellRange *range, size_t *dim) {
    int rank = 0;
    for (int i = 0; i < node->rank; i++)
        if (expr->axes < 0 || expr->axis[i].all || expr->axis[i].to)
            dim[rank++] = range->to[i] - range->from[i];
    return rank;
}

static bool same_head(const Node *node, const size_t *a, const size_t *b) {
    for (int i = 0; i < node->rank; i++)
        if (axis_is_head(node->axis[i]) && a[i] != b[i])
            return false;
    return true;
}

static void read_cells(const Trace *trace, const CellRange *range, bool as_shown,
                       ExprValue *value) {
    const Node *node = &trace->graph.node[range->node];
    size_t size[TENSOR_RANK], index[TENSOR_RANK], before[TENSOR_RANK] = {0};
    int decimals = -1;
    for (int i = 0; i < node->rank; i++)
        size[i] = range->to[i] - range->from[i];
    for (size_t n = 0; n < value->count; n++) {
        shape_unravel(node->rank, size, n, index);
        for (int i = 0; i < node->rank; i++)
            index[i] += range->from[i];
        if (as_shown && (n == 0 || !same_head(node, index, before)))
            decimals = shown_decimals(trace, range->node, index);
        value->value[n] = shown_number(trace_get(trace, range->node, index), decimals);
        memcpy(before, index, sizeof before);
    }
}

bool eval_record(Eval *eval, const Expr *expr, ExprValue *value) {
    const Trace *trace = eval->scope->main.trace;
    CellRange range;
    int named;
    if (!find_cells(eval, expr, &named, &range))
        return false;
    const Node *node = &trace->graph.node[named];
    if (!trace->value[range.node].data)
        return eval_fail(eval, expr, "%s was not kept in this run", expr->name);
    size_t dim[TENSOR_RANK];
    int rank = shape_of(expr, node, &range, dim);
    if (!eval_room(eval, expr, rank, dim, value))
        return false;
    read_cells(trace, &range, eval->scope->as_shown, value);
    return true;
}

/* ---- from outside ---- */

bool expr_is_cells(const Expr *expr) {
    return expr->kind == EX_RECORD;
}

const char *expr_record(const Expr *expr) {
    return expr->kind == EX_RECORD ? expr->name : NULL;
}

const Expr *expr_in_run(const Expr *expr, const char **run) {
    *run = NULL;
    for (; expr->kind == EX_IN; expr = expr->arg[0])
        *run = expr->name;
    return expr;
}

bool expr_cells(const Expr *expr, const ExprScope *scope, CellRange *range, Err *err) {
    Arena arena = {0};
    Eval eval = {.scope = scope, .arena = &arena, .err = err};
    bool done = eval_range(&eval, expr, range);
    arena_free(&arena);
    return done;
}

bool cell_range_has(const CellRange *range, const Trace *trace, int node, const size_t *index) {
    if (graph_owner(&trace->graph, node) != range->node)
        return false;
    for (int i = 0; i < trace->graph.node[range->node].rank; i++)
        if (index[i] < range->from[i] || index[i] >= range->to[i])
            return false;
    return true;
}
