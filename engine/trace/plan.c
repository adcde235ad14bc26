#include "engine/trace/plan.h"

#include <stdio.h>
#include <string.h>

void bytes_text(size_t bytes, char *text, size_t size) {
    static const char *const unit[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    double value = (double)bytes;
    int at = 0;
    for (; value >= 1024 && at < 4; at++)
        value /= 1024;
    snprintf(text, size, at ? "%.1f %s" : "%.0f %s", value, bytes == 1 ? "byte" : unit[at]);
}

bool plan_check_globs(const Graph *graph, const char *globs, Err *err) {
    size_t patterns = 0;
    for (const char *at = globs; *at;) {
        size_t length = strcspn(at, ",");
        char glob[256];
        if (length >= sizeof glob)
            return err_set(err, "stages: a pattern of %zu characters, expected at most %zu", length,
                           sizeof glob - 1);
        memcpy(glob, at, length);
        glob[length] = '\0';
        bool found = length == 0;
        for (int i = 0; i < graph->count && !found; i++)
            found = graph_matches(&graph->node[i], glob);
        if (!found)
            return err_set(err,
                           "stages: no record is called \"%s\" (names are like "
                           "blocks.0.attn.hook_pattern; * stands for anything)",
                           glob);
        patterns += length > 0;
        at += length;
        at += *at == ',';
    }
    return patterns > 0 || err_set(err, "stages: no pattern given, expected a name or *");
}

static size_t all_rows(const Node *node) {
    return node->row_axis < 0 ? 1 : node->dim[node->row_axis];
}

size_t plan_bytes(const Graph *graph, const Plan *plan, int node) {
    const Node *of = &graph->node[node];
    return node_count(of) / all_rows(of) * plan->rows[node] * dtype_size(of->type);
}

/* The tokens are given before anything runs, and can't be made again. */
static void mark_wished(const Graph *graph, const PlanWish *wish, Plan *plan) {
    for (int i = 0; i < graph->count; i++) {
        bool keep = wish->keep[i] || graph->node[i].op == OP_TOKENS;
        bool given = wish->given && wish->given[i];
        plan->asked[i] = wish->keep[i];
        plan->storage[i] = given ? STORE_GIVEN : keep ? STORE_KEPT : STORE_SKIPPED;
    }
}

static void need(Plan *plan, int node, Storage storage) {
    if (plan->storage[node] == STORE_SKIPPED || plan->storage[node] == STORE_SLOT)
        plan->storage[node] = storage;
}

/* A node is needed when it is asked for, or when a needed one reads it. A state that is carried on is
 * read by later rows, so it is kept; where it was not needed before, its own inputs are marked in
 * another round. */
static void mark_needed(const Graph *graph, Plan *plan) {
    bool again = false;
    for (int i = graph->count - 1; i >= 0; i--) {
        const Node *node = &graph->node[i];
        if (plan->storage[i] == STORE_SKIPPED || plan->storage[i] == STORE_GIVEN)
            continue;
        for (int k = 0; k < node->n_in; k++) {
            int from = node->in[k].index;
            if (node->in[k].kind != REF_NODE)
                continue;
            again = again || (from > i && plan->storage[from] == STORE_SKIPPED);
            need(plan, from, from > i ? STORE_KEPT : STORE_SLOT);
        }
    }
    if (again)
        mark_needed(graph, plan);
}

/* ---- rows ---- */

/* Whether input `slot` is a record that later rows of this one read. The source's rows run once. */
static bool reads_earlier(const Node *node, int slot) {
    return op_reads_all_rows(node->op, slot) && node->rows == TEXT_OWN &&
           node->in[slot].kind == REF_NODE;
}

/* Behind how many keys this reader needs none; 0: it needs them all. */
static size_t forgets_behind(const Node *node) {
    return op_info(node->op)->forgets == FORGETS_NOTHING ? 0 : node->window;
}

size_t plan_window(const Graph *graph) {
    size_t least = 0;
    for (int i = 0; i < graph->count; i++) {
        size_t window = forgets_behind(&graph->node[i]);
        if (window > 0 && (least == 0 || window < least))
            least = window;
    }
    return least;
}

/* Of those that are stored only while they are in hand: the head over the vocabulary runs on the last
 * row alone. */
static size_t rows_in_hand(const Node *node, const PlanRows *rows) {
    size_t all = all_rows(node);
    bool whole = node->op == OP_TOKENS || node->axis[0] == AXIS_KEY_BLOCK;
    if (node->row_axis < 0 || node->rows == TEXT_SOURCE || whole)
        return all;
    if (node->axis[node->rank - 1] == AXIS_VOCAB)
        return 1;
    return rows->at_once < all ? rows->at_once : all;
}

/* Keys and values are read by every later row, or by as many as a window has. */
static void keep_cache(const Graph *graph, Plan *plan, int reader, int slot) {
    const Node *node = &graph->node[reader];
    int kept = graph_owner(graph, node->in[slot].index);
    size_t window = forgets_behind(node), all = all_rows(&graph->node[kept]);
    size_t rows = window > 0 && window < all / 2 ? 2 * window : all;
    plan->storage[node->in[slot].index] = STORE_KEPT;
    plan->cache[kept] = true;
    if (plan->rows[kept] < rows)
        plan->rows[kept] = rows;
}

static void store_rows(const Graph *graph, const PlanRows *rows, Plan *plan) {
    for (int i = 0; i < graph->count; i++)
        plan->rows[i] = rows ? rows_in_hand(&graph->node[i], rows) : all_rows(&graph->node[i]);
    for (int i = 0; i < graph->count && rows; i++) {
        const Node *node = &graph->node[i];
        if (node->op == OP_CARRY)
            plan->rows[node->in[0].index] = all_rows(node);
        for (int slot = 0; slot < node->n_in && rows->cached; slot++)
            if (plan->storage[i] != STORE_SKIPPED && reads_earlier(node, slot))
                keep_cache(graph, plan, i, slot);
    }
}

/* What a view shows must live as long as the view's own readers: keep the owner if the view is
 * kept. */
static void resolve_views(const Graph *graph, Plan *plan) {
    for (int i = graph->count - 1; i >= 0; i--) {
        int owner = graph->node[i].alias;
        if (owner < 0 || plan->storage[i] == STORE_SKIPPED || plan->storage[i] == STORE_GIVEN)
            continue;
        if (plan->storage[i] == STORE_KEPT)
            need(plan, owner, STORE_KEPT);
        plan->storage[i] = STORE_VIEW;
    }
}

static bool is_run(const Plan *plan, int node) {
    return plan->storage[node] != STORE_SKIPPED && plan->storage[node] != STORE_GIVEN;
}

/* Nodes that do not run one after the other, but together, a few rows at a time. */
typedef struct {
    int first, last;
    bool each_row; /* a recurrence: a row of all of them, then the next */
} Together;

static Together nodes_together(const Graph *graph, int first) {
    int recurrence = graph_recurrence(graph, first);
    if (recurrence > first)
        return (Together){first, recurrence, true};
    return (Together){first, graph_attention(graph, first), false};
}

static void find_last_readers(const Graph *graph, const Plan *plan, int *last) {
    for (int i = 0; i < graph->count; i++) {
        const Node *node = &graph->node[i];
        for (int k = 0; k < node->n_in && is_run(plan, i); k++)
            if (node->in[k].kind == REF_NODE)
                last[graph_owner(graph, node->in[k].index)] = i;
    }
    /* Through a chain of views the readers of the view count for the owner. */
    for (int i = graph->count - 1; i >= 0; i--) {
        int owner = graph->node[i].alias;
        if (owner >= 0 && last[i] > last[owner])
            last[owner] = last[i];
    }
}

typedef struct {
    int busy_until; /* the last reader of what lies in it */
    int holder;     /* the node whose numbers lie in it */
} SlotUse;

static bool same_shape(const Node *a, const Node *b) {
    bool same = a->rank == b->rank && a->type == b->type;
    for (int axis = 0; same && axis < a->rank; axis++)
        same = a->dim[axis] == b->dim[axis];
    return same;
}

/* What nodes that run together read from before them stays until all have run. One of them may take the
 * place of another only row by row: where the shapes are alike. In a recurrence none may. */
static bool slot_is_free(const Graph *graph, const SlotUse *use, const Together *now, int node) {
    if (use->busy_until < now->first)
        return true;
    return !now->each_row && use->holder >= now->first && use->busy_until < node &&
           same_shape(&graph->node[use->holder], &graph->node[node]);
}

/* The free slot that fits best, or a new one. A slot may grow while nobody uses it. */
static int take_slot(const Graph *graph, Plan *plan, const SlotUse *use, const Together *now,
                     int node) {
    size_t bytes = plan_bytes(graph, plan, node);
    int best = -1;
    for (int s = 0; s < plan->slot_count; s++) {
        if (!slot_is_free(graph, &use[s], now, node))
            continue;
        size_t size = plan->slot_size[s], best_size = best < 0 ? 0 : plan->slot_size[best];
        bool fits = size >= bytes, best_fits = best >= 0 && best_size >= bytes;
        if (best < 0 || (fits && (!best_fits || size < best_size)) ||
            (!fits && !best_fits && size > best_size))
            best = s;
    }
    if (best < 0) {
        best = plan->slot_count++;
        plan->slot_size[best] = 0;
    }
    if (plan->slot_size[best] < bytes)
        plan->slot_size[best] = bytes;
    return best;
}

/* A slot is free for a node once the last reader of what lay there has run. */
static void place_slots(const Graph *graph, Plan *plan, Arena *arena) {
    Together now = {-1, -1, false};
    int *last = ARENA_NEW_N(arena, int, (size_t)graph->count);
    SlotUse *use = ARENA_NEW_N(arena, SlotUse, (size_t)graph->count);
    find_last_readers(graph, plan, last);
    for (int i = 0; i < graph->count; i++) {
        if (i > now.last)
            now = nodes_together(graph, i);
        if (plan->storage[i] != STORE_SLOT)
            continue;
        plan->slot[i] = take_slot(graph, plan, use, &now, i);
        use[plan->slot[i]] = (SlotUse){last[i], i};
    }
}

/* Sums that wrap would pass any budget. */
static bool count_bytes(const Graph *graph, Plan *plan) {
    bool fits = true;
    for (int i = 0; i < graph->count; i++) {
        const Node *node = &graph->node[i];
        if (plan->storage[i] == STORE_KEPT)
            fits = fits &&
                   size_add(plan->kept_bytes, plan_bytes(graph, plan, i), &plan->kept_bytes);
        size_t work = node_count(node) * op_info(node->op)->scratch;
        if (is_run(plan, i) && work > plan->work_bytes)
            plan->work_bytes = work; /* one operation runs at a time */
    }
    for (int s = 0; s < plan->slot_count; s++)
        fits = fits && size_add(plan->slot_bytes, plan->slot_size[s], &plan->slot_bytes);
    return fits && size_add(plan->kept_bytes, plan->slot_bytes, &plan->total_bytes) &&
           size_add(plan->total_bytes, plan->work_bytes, &plan->total_bytes);
}

bool plan_solve(const Graph *graph, const PlanWish *wish, Arena *arena, Plan *plan, Err *err) {
    size_t count = (size_t)graph->count;
    *plan = (Plan){.storage = ARENA_NEW_N(arena, Storage, count),
                   .rows = ARENA_NEW_N(arena, size_t, count),
                   .cache = ARENA_NEW_N(arena, bool, count),
                   .asked = ARENA_NEW_N(arena, bool, count),
                   .left_out = ARENA_NEW_N(arena, bool, count),
                   .slot = ARENA_NEW_N(arena, int, count),
                   .slot_size = ARENA_NEW_N(arena, size_t, count)};
    mark_wished(graph, wish, plan);
    mark_needed(graph, plan);
    store_rows(graph, wish->rows, plan);
    resolve_views(graph, plan);
    place_slots(graph, plan, arena);
    return count_bytes(graph, plan) ||
           err_set(err, "memory: the stages are larger than this machine's addresses");
}

bool plan_make(const Graph *graph, const char *globs, const PlanRows *rows, Arena *arena,
               Plan *plan, Err *err) {
    bool *keep = ARENA_NEW_N(arena, bool, (size_t)graph->count);
    if (!plan_check_globs(graph, globs, err))
        return false;
    for (int i = 0; i < graph->count; i++)
        keep[i] = graph_matches(&graph->node[i], globs);
    return plan_solve(graph, &(PlanWish){keep, NULL, rows}, arena, plan, err);
}

#define TOO_LARGE "memory: "

bool plan_too_large(const Err *err) {
    return strncmp(err->text, TOO_LARGE, strlen(TOO_LARGE)) == 0;
}

/* Both as "1.5 MiB" and to the byte. */
static void bytes_exactly(size_t bytes, char *text, size_t size) {
    bytes_text(bytes, text, size);
    size_t used = strlen(text);
    if (bytes >= 1024)
        snprintf(text + used, size - used, " (%zu bytes)", bytes);
}

bool plan_fits(const Plan *plan, size_t budget, Err *err) {
    if (plan->total_bytes <= budget)
        return true;
    char needed[64], given[64];
    bytes_exactly(plan->total_bytes, needed, sizeof needed);
    bytes_exactly(budget, given, sizeof given);
    return err_set(err,
                   TOO_LARGE "%s given, but the least for these stages is %s; keep fewer stages or "
                             "raise the limit",
                   given, needed);
}
