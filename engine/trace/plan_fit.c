/* Plans within a budget: what is kept first, and what brings back the rest. */
#include "engine/trace/plan.h"

#include <stdlib.h>
#include <string.h>

/* A node with values of its own that may be kept or not. */
typedef struct {
    int node;
    bool stream; /* rows that another block reads */
    size_t bytes;
} Choice;

/* All of them in the order in which they are kept, as many as fit. */
typedef struct {
    const Graph *graph;
    const bool *must;  /* [graph.count] is kept anyhow */
    const bool *given; /* [graph.count] or NULL */
    const bool *may;   /* [graph.count] is kept if it fits */
    Choice *choice;
    int count, streams; /* these stand first */
    int *rank;          /* [graph.count] of an owner: its place; else −1 */
    Arena *arena;
} Choices;

static int by_order(const void *a, const void *b) {
    const Choice *x = a, *y = b;
    if (x->stream != y->stream)
        return x->stream ? -1 : 1;
    if (!x->stream && x->bytes != y->bytes)
        return x->bytes < y->bytes ? -1 : 1;
    return x->node - y->node;
}

/* Rows (no queries × keys) that a node of another block reads, perhaps under another name. */
static void mark_streams(const Graph *graph, bool *stream) {
    for (int i = 0; i < graph->count; i++) {
        const Node *reader = &graph->node[i];
        for (int k = 0; k < reader->n_in; k++) {
            if (reader->in[k].kind != REF_NODE)
                continue;
            int owner = graph_owner(graph, reader->in[k].index);
            const Node *from = &graph->node[owner];
            if (from->rank == 2 && (from->layer != reader->layer || from->stack != reader->stack))
                stream[owner] = true;
        }
    }
}

static void order_choices(Choices *all) {
    const Graph *graph = all->graph;
    size_t count = (size_t)graph->count;
    bool *stream = ARENA_NEW_N(all->arena, bool, count);
    all->choice = ARENA_NEW_N(all->arena, Choice, count);
    all->rank = ARENA_NEW_N(all->arena, int, count);
    mark_streams(graph, stream);
    for (int i = 0; i < graph->count; i++)
        all->rank[i] = -1;
    for (int i = 0; i < graph->count; i++) {
        int owner = graph_owner(graph, i);
        if (!all->may[i] || all->rank[owner] >= 0)
            continue;
        const Node *node = &graph->node[owner];
        all->rank[owner] = all->count; /* listed; the rank itself follows */
        all->choice[all->count++] = (Choice){owner, stream[owner],
                                             node_count(node) * dtype_size(node->type)};
        all->streams += stream[owner];
    }
    qsort(all->choice, (size_t)all->count, sizeof *all->choice, by_order);
    for (int i = 0; i < all->count; i++)
        all->rank[all->choice[i].node] = i;
}

/* The plan that keeps the first `count` choices, and what must be kept. */
static bool solve_first(const Choices *all, int count, Arena *arena, Plan *plan, Err *err) {
    const Graph *graph = all->graph;
    bool *keep = ARENA_NEW_N(arena, bool, (size_t)graph->count);
    for (int i = 0; i < graph->count; i++) {
        int owner = graph_owner(graph, i);
        keep[i] = all->must[i] || (all->may[i] && (all->must[owner] || all->rank[owner] < count));
    }
    if (!plan_solve(graph, &(PlanWish){keep, all->given, NULL}, arena, plan, err))
        return false;
    for (int i = 0; i < graph->count; i++)
        plan->left_out[i] = all->may[i] && !keep[i];
    return true;
}

/* The most choices, at least `least`, with which the kept records stay below `most_kept` and the
 * whole within the budget; `least` are known to fit. What is tried has been found to fit, so that it
 * doesn't matter that slots that are no longer needed make the sums rise unevenly. */
static bool find_most(const Choices *all, int least, size_t most_kept, size_t budget, int *most,
                      Err *err) {
    int too_many = all->count;
    Arena tries = {0};
    bool ok = true;
    *most = least;
    while (too_many - *most > 1 && ok) {
        int middle = *most + (too_many - *most) / 2;
        Plan plan;
        ok = solve_first(all, middle, &tries, &plan, err);
        if (ok && plan.kept_bytes <= most_kept && plan.total_bytes <= budget)
            *most = middle;
        else
            too_many = middle;
        arena_reset(&tries);
    }
    arena_free(&tries);
    return ok;
}

/* Whatever is computed again, what lies in slots meanwhile did so in the run as well; and the record
 * and its inputs lay there together. */
static size_t room_for_one(const Plan *plan) {
    size_t working = plan->slot_bytes + plan->work_bytes, twice;
    return size_mul(working, 2, &twice) ? twice : SIZE_MAX;
}

/* All choices if they fit, else as many as find_most finds. An error where not even `least` fit. */
static bool solve(const Choices *all, int least, bool room, size_t budget, Arena *arena, Plan *plan,
                  Err *err) {
    int most;
    if (!solve_first(all, all->count, arena, plan, err))
        return false;
    if (plan->total_bytes <= budget)
        return true;
    if (!solve_first(all, least, arena, plan, err) || !plan_fits(plan, budget, err))
        return false;
    size_t free = room ? room_for_one(plan) : 0;
    return find_most(all, least, budget > free ? budget - free : 0, budget, &most, err) &&
           solve_first(all, most, arena, plan, err);
}

bool plan_fit(const Graph *graph, const char *globs, size_t budget, Arena *arena, Plan *plan,
              Err *err) {
    bool *must = ARENA_NEW_N(arena, bool, (size_t)graph->count);
    bool *may = ARENA_NEW_N(arena, bool, (size_t)graph->count);
    if (!plan_check_globs(graph, globs, err))
        return false;
    for (int i = 0; i < graph->count; i++) {
        const Node *node = &graph->node[i];
        bool asked = graph_matches(node, globs);
        must[i] = graph_names(node, globs) || (asked && node->op == OP_TOKENS);
        may[i] = asked && !must[i];
    }
    Choices all = {.graph = graph, .must = must, .may = may, .arena = arena};
    order_choices(&all);
    return solve(&all, all.streams, true, budget, arena, plan, err);
}

static bool same_block(const Node *a, const Node *b) {
    return a->layer == b->layer && a->stack == b->stack;
}

/* What a reader of this record needs: it, what it is a second name of, and its inputs. */
static void mark_with_inputs(const Graph *graph, int node, bool *must) {
    int owner = graph_owner(graph, node);
    must[node] = must[owner] = true;
    for (int k = 0; k < graph->node[owner].n_in; k++)
        if (graph->node[owner].in[k].kind == REF_NODE)
            must[graph->node[owner].in[k].index] = true;
}

bool plan_recall(const Graph *graph, const bool *given, const char *globs, const size_t *budget,
                 bool rest, Arena *arena, Plan *plan, Err *err) {
    bool *must = ARENA_NEW_N(arena, bool, (size_t)graph->count);
    bool *may = ARENA_NEW_N(arena, bool, (size_t)graph->count);
    if (!plan_check_globs(graph, globs, err))
        return false;
    for (int i = 0; i < graph->count; i++) {
        const Node *node = &graph->node[i];
        if (!graph_matches(node, globs))
            continue;
        mark_with_inputs(graph, i, must);
        for (int other = 0; rest && other < graph->count; other++)
            if (same_block(node, &graph->node[other]))
                may[other] = !graph->node[other].on_request;
    }
    for (int i = 0; i < graph->count; i++)
        may[i] = may[i] && !must[i] && !given[i];
    Choices all = {.graph = graph, .must = must, .given = given, .may = may, .arena = arena};
    order_choices(&all);
    size_t most = budget ? *budget : SIZE_MAX;
    return solve(&all, 0, false, most, arena, plan, err);
}
