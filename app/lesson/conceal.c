#include "app/lesson/conceal.h"

#include "engine/base/buf.h"

#include <string.h>

Conceal conceal_nothing(const Trace *trace, size_t most, Arena *arena) {
    return (Conceal){.trace = trace,
                     .whole = ARENA_NEW_N(arena, bool, (size_t)trace->graph.count),
                     .cell = ARENA_NEW_N(arena, CellRange, most),
                     .run = ARENA_NEW_N(arena, const char *, most)};
}

/* Whether a pattern names what standard attention has where this node is flash attention's result. */
static bool matches_fused(const Node *node, const char *glob) {
    static const char *const FUSED[] = {"hook_attn_scores_raw", "hook_attn_scores_scaled",
                                        "hook_attn_scores", "hook_pattern"};
    const char *dot = strrchr(node->name, '.');
    bool found = false;
    Buf name = {0};
    for (size_t i = 0; node->op == OP_FLASH && dot && i < sizeof FUSED / sizeof *FUSED; i++) {
        buf_clear(&name);
        buf_add(&name, node->name, (size_t)(dot + 1 - node->name));
        buf_text(&name, FUSED[i]);
        found = found || graph_matches(&(Node){.name = buf_cstr(&name)}, glob);
    }
    buf_free(&name);
    return found;
}

/* A tile holds the scores, the weights and, at its end, the result: they stand before it. */
static void conceal_tiles(Conceal *conceal, int result) {
    const Node *node = conceal->trace->graph.node;
    for (int i = result - 1; i >= 0 && node[i].op >= OP_FLASH_SCORES && node[i].op <= OP_FLASH_ACC;
         i--)
        conceal->whole[i] = true;
}

static void conceal_record(Conceal *conceal, int node) {
    int owner = graph_owner(&conceal->trace->graph, node);
    conceal->whole[owner] = true;
    conceal_tiles(conceal, owner);
}

void conceal_globs(Conceal *conceal, const char *const *globs, size_t count) {
    const Graph *graph = &conceal->trace->graph;
    for (int i = 0; i < graph->count; i++)
        for (size_t g = 0; g < count; g++)
            if (graph_matches(&graph->node[i], globs[g]) ||
                matches_fused(&graph->node[i], globs[g]))
                conceal_record(conceal, i);
}

void conceal_cell(Conceal *conceal, const CellRange *cell, const char *run) {
    conceal->cell[conceal->cells] = *cell;
    conceal->run[conceal->cells] = run;
    conceal->cell[conceal->cells++].node = graph_owner(&conceal->trace->graph, cell->node);
    conceal_tiles(conceal, graph_owner(&conceal->trace->graph, cell->node));
}

bool conceal_hides_all(const Conceal *conceal, int node) {
    return conceal->whole && conceal->whole[graph_owner(&conceal->trace->graph, node)];
}

bool conceal_hides_some(const Conceal *conceal, int node) {
    if (!conceal->whole)
        return false;
    int owner = graph_owner(&conceal->trace->graph, node);
    for (size_t i = 0; i < conceal->cells; i++)
        if (conceal->cell[i].node == owner)
            return true;
    return conceal->whole[owner];
}

static bool reads_concealed(const Conceal *conceal, const Node *node) {
    for (int i = 0; i < node->n_in; i++)
        if (node->in[i].kind == REF_NODE && node->in[i].index >= 0 &&
            conceal_hides_some(conceal, node->in[i].index))
            return true;
    return false;
}

/* More than one round only where a recurrence reads what stands behind it. */
void conceal_spread(Conceal *conceal) {
    const Graph *graph = &conceal->trace->graph;
    bool more = true;
    while (more) {
        more = false;
        for (int i = 0; i < graph->count; i++) {
            bool *whole = &conceal->whole[graph_owner(graph, i)];
            if (!*whole && graph->node[i].alias < 0 && reads_concealed(conceal, &graph->node[i]))
                *whole = more = true;
        }
    }
}

bool conceal_hides(const Conceal *conceal, int node, const size_t *index) {
    if (conceal_hides_all(conceal, node))
        return true;
    for (size_t i = 0; i < conceal->cells; i++)
        if (cell_range_has(&conceal->cell[i], conceal->trace, node, index))
            return true;
    return false;
}

/* ---- Expressions -------------------------------------------------------------------------------- */

typedef struct {
    const Conceal *conceal;
    const ExprScope *scope;
    const Expr *expr; /* that is read: the value's own, or that of a `let` */
    bool *seen;       /* [let_count] */
    bool hidden;
} Reading;

static bool touches(const CellRange *a, const CellRange *b, int rank) {
    for (int i = 0; i < rank; i++)
        if (a->to[i] <= b->from[i] || b->to[i] <= a->from[i])
            return false;
    return true;
}

/* Cells of the record where that is all the expression is; else the record as a whole. */
static bool reads_asked(const Reading *reading, int owner) {
    const Conceal *conceal = reading->conceal;
    CellRange read;
    Err none;
    const char *run;
    const Expr *expr = expr_in_run(reading->expr, &run);
    int rank = conceal->trace->graph.node[owner].rank;
    bool some = expr_is_cells(expr) && expr_cells(expr, reading->scope, &read, &none);
    for (size_t i = 0; i < conceal->cells; i++) {
        const char *asked = conceal->run[i];
        if (conceal->cell[i].node == owner &&
            (some ? touches(&conceal->cell[i], &read, rank) &&
                        (!asked || !run || strcmp(asked, run) == 0)
                  : !asked))
            return true;
    }
    return false;
}

static void read_name(void *user, const char *name, ExprNameKind kind) {
    Reading *reading = user;
    const Conceal *conceal = reading->conceal;
    if (kind == EXPR_RECORD) {
        int node = trace_find(conceal->trace, name);
        int owner = node < 0 ? -1 : graph_owner(&conceal->trace->graph, node);
        if (owner >= 0 && (conceal->whole[owner] || reads_asked(reading, owner)))
            reading->hidden = true;
    }
    for (size_t i = 0; kind == EXPR_NAME && i < reading->scope->let_count; i++) {
        const ExprLet *let = &reading->scope->let[i];
        if (strcmp(let->name, name) != 0 || reading->seen[i])
            continue;
        Reading inner = *reading;
        inner.expr = let->value;
        inner.seen[i] = true;
        expr_names(let->value, read_name, &inner);
        reading->hidden = reading->hidden || inner.hidden;
    }
}

bool conceal_hides_value(const Conceal *conceal, const Expr *expr, const ExprScope *scope) {
    if (!conceal->whole)
        return false;
    Arena arena = {0};
    Reading reading = {.conceal = conceal,
                       .scope = scope,
                       .expr = expr,
                       .seen = ARENA_NEW_N(&arena, bool, scope->let_count)};
    expr_names(expr, read_name, &reading);
    arena_free(&arena);
    return reading.hidden;
}
