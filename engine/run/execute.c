#include "engine/run/execute.h"

#include "engine/run/cost.h"

#include <string.h>

/* A piece that is worth handing to another thread, whose waking and waiting cost a few microseconds;
 * and what a core does in a nanosecond, more or less. */
#define PIECE_NS 5000.0
#define FLOPS_A_NS 30.0
#define BYTES_A_NS 15.0
#define ATTENTION_NODES 8 /* the most that run together */
#define SIDE_NODES 8      /* … and side by side */

/* All that the plan needs, in two pieces. */
static bool reserve(Trace *trace, const Plan *plan, Arena *slots) {
    size_t kept = 0, slot = 0;
    for (int i = 0; i < trace->graph.count; i++)
        if (plan->storage[i] == STORE_KEPT)
            kept += arena_room(plan_bytes(&trace->graph, plan, i));
    for (int s = 0; s < plan->slot_count; s++)
        slot += arena_room(plan->slot_size[s]);
    return arena_reserve(&trace->values, kept) && arena_reserve(slots, slot);
}

bool execute_allocate(Trace *trace, const Plan *plan, Arena *slots, Err *err) {
    const Graph *graph = &trace->graph;
    if (!trace->value)
        trace->value = ARENA_NEW_N(&trace->arena, Tensor, (size_t)graph->count);
    trace->asked = ARENA_NEW_N(&trace->arena, bool, (size_t)graph->count);
    trace->left_out = ARENA_NEW_N(&trace->arena, bool, (size_t)graph->count);
    memcpy(trace->asked, plan->asked, (size_t)graph->count * sizeof *trace->asked);
    memcpy(trace->left_out, plan->left_out, (size_t)graph->count * sizeof *trace->left_out);
    void **slot = ARENA_NEW_N(&trace->arena, void *, (size_t)plan->slot_count);
    if (!reserve(trace, plan, slots))
        return err_set(err, "memory: %zu bytes are not to be had", plan->total_bytes);
    for (int s = 0; s < plan->slot_count; s++)
        slot[s] = arena_try_raw(slots, plan->slot_size[s]);
    for (int i = 0; i < graph->count; i++) {
        const Node *node = &graph->node[i];
        void *data = NULL;
        if (plan->storage[i] == STORE_GIVEN)
            continue;
        if (plan->storage[i] == STORE_KEPT) {
            data = arena_try_raw(&trace->values, plan_bytes(graph, plan, i));
        } else if (plan->storage[i] == STORE_SLOT) {
            data = slot[plan->slot[i]];
        } else if (plan->storage[i] == STORE_VIEW) {
            data = trace->value[node->alias].data;
        }
        trace->value[i] = tensor_dense(node->type, node->rank, node->dim, data);
        if (node->row_axis > 0) /* [H Tq Tk]: each head has the rows that there is memory for */
            trace->value[i].stride[0] = trace->value[i].stride[1] * (ptrdiff_t)plan->rows[i];
    }
    return true;
}

void execute_forget_slots(Trace *trace, const Plan *plan) {
    for (int i = 0; i < trace->graph.count; i++)
        if (plan->storage[graph_owner(&trace->graph, i)] == STORE_SLOT)
            trace->value[i].data = NULL;
}

/* Rows of a head's [Tq Tk] that go through all of an attention's operations at once; they are to stay
 * in a core's cache. */
#define BLOCK_ROWS 64
#define BLOCK_BYTES ((size_t)256 * 1024)

void execute_rows_of(const Trace *trace, int node, const ExecuteRange *range, size_t *first,
                     size_t *last) {
    const Node *from = &trace->graph.node[node];
    bool source = from->rows == TEXT_SOURCE;
    *first = range->first;
    *last = source ? from->dim[from->row_axis] : range->last;
    if (source && *first > 0) /* it is there from the start, and is encoded once */
        *first = *last;
    if (from->axis[from->rank - 1] == AXIS_VOCAB && range->logits_from > *first)
        *first = range->logits_from;
    if (*first > *last)
        *first = *last;
}

size_t execute_oldest(const Node *node, const ExecuteRange *range) {
    bool forgets = range->forget && node->window > 0 &&
                   op_info(node->op)->forgets == FORGETS_OLDEST;
    return forgets && range->first >= node->window ? range->first - node->window + 1 : 0;
}

/* Work that is shared out: blocks of rows × parts of a row, through one operation or several. */
typedef struct {
    const OpCall *call;
    int calls;
    size_t first, last, block, blocks; /* rows; of a block; how many */
} Work;

static void run_block(const Work *work, size_t block, size_t part, size_t part_end) {
    size_t first = work->first + block * work->block, last = first + work->block;
    for (int i = 0; i < work->calls; i++) {
        OpCall call = work->call[i];
        call.part_first = part;
        call.part_last = part_end;
        op_forward(&call, first, last < work->last ? last : work->last);
    }
}

/* Units are counted part by part: of one part all blocks, then of the next. */
static void run_units(void *user, size_t first, size_t last) {
    const Work *work = user;
    if (work->blocks == 1) {
        run_block(work, 0, first, last);
        return;
    }
    for (size_t unit = first; unit < last; unit++)
        run_block(work, unit % work->blocks, unit / work->blocks, unit / work->blocks + 1);
}

static void run_rows(void *user, size_t first, size_t last) {
    const Work *work = user;
    op_forward(work->call, work->first + first, work->first + last);
}

/* How many of `units` make a piece. */
static size_t grain_of(double ns, size_t units) {
    return ns > 0 ? (size_t)(PIECE_NS * (double)units / ns) + 1 : units;
}

/* About how long the rows take. */
static double time_of(const Trace *trace, int node, const OpCall *call, size_t first, size_t rows) {
    OpCost cost = cost_of_call(&trace->graph, node, call, first, rows);
    return cost.flops / FLOPS_A_NS + cost.bytes / BYTES_A_NS;
}

static void run_node(Trace *trace, int node, const ExecuteRange *range) {
    const Node *from = &trace->graph.node[node];
    OpCall call;
    trace_call(trace, node, &call);
    call.oldest = execute_oldest(from, range);
    if (from->row_axis < 0) {
        op_forward(&call, 0, 1);
        return;
    }
    Work work = {.call = &call, .calls = 1, .blocks = 1};
    execute_rows_of(trace, node, range, &work.first, &work.last);
    size_t rows = work.last - work.first, parts = op_parts(&call);
    if (rows == 0)
        return;
    double ns = time_of(trace, node, &call, work.first, rows);
    if (parts == 1) {
        thread_pool_run(range->pool, rows, grain_of(ns, rows), run_rows, &work);
        return;
    }
    work.block = rows;
    thread_pool_run(range->pool, parts, grain_of(ns, parts), run_units, &work);
}

/* The nodes [from, to] of one attention: a block of rows of a head at a time goes through all. */
static void run_attention(Trace *trace, const Plan *plan, int from, int to,
                          const ExecuteRange *range) {
    OpCall call[ATTENTION_NODES];
    Work work = {.call = call};
    execute_rows_of(trace, from, range, &work.first, &work.last);
    size_t rows = work.last - work.first, keys = 1, parts = 1;
    double ns = 0;
    for (int i = from; i <= to && rows > 0; i++) {
        if (plan->storage[i] != STORE_KEPT && plan->storage[i] != STORE_SLOT)
            continue;
        const Node *node = &trace->graph.node[i];
        trace_call(trace, i, &call[work.calls]);
        call[work.calls].oldest = execute_oldest(node, range);
        ns += time_of(trace, i, &call[work.calls], work.first, rows);
        parts = op_parts(&call[work.calls++]);
        if (node->dim[2] > keys)
            keys = node->dim[2];
    }
    if (work.calls == 0)
        return;
    size_t fit = BLOCK_BYTES / (keys * sizeof(float));
    work.block = fit < 1 ? 1 : fit < BLOCK_ROWS ? fit : BLOCK_ROWS;
    work.blocks = (rows + work.block - 1) / work.block;
    size_t units = parts * work.blocks;
    thread_pool_run(range->pool, units, grain_of(ns, units), run_units, &work);
}

/* Linear maps of the same rows, whose parts are counted on from one to the next. */
typedef struct {
    OpCall call[SIDE_NODES];
    size_t end[SIDE_NODES]; /* of its parts */
    int calls;
    size_t first, last; /* rows */
} SideBySide;

static void run_parts(void *user, size_t first, size_t last) {
    const SideBySide *maps = user;
    for (int i = 0; i < maps->calls; i++) {
        size_t start = i > 0 ? maps->end[i - 1] : 0;
        OpCall call = maps->call[i];
        if (first >= maps->end[i] || last <= start)
            continue;
        call.part_first = first > start ? first - start : 0;
        call.part_last = (last < maps->end[i] ? last : maps->end[i]) - start;
        op_forward(&call, maps->first, maps->last);
    }
}

/* The threads meet once for all of them, not after each. */
static void run_side_by_side(Trace *trace, const Plan *plan, int from, int to,
                             const ExecuteRange *range) {
    SideBySide maps = {.calls = 0};
    execute_rows_of(trace, from, range, &maps.first, &maps.last);
    size_t parts = 0;
    double ns = 0;
    for (int i = from; i <= to && maps.first < maps.last; i++) {
        OpCall *call = &maps.call[maps.calls];
        if (plan->storage[i] != STORE_KEPT && plan->storage[i] != STORE_SLOT)
            continue;
        trace_call(trace, i, call);
        ns += time_of(trace, i, call, maps.first, maps.last - maps.first);
        parts += op_parts(call);
        maps.end[maps.calls++] = parts;
    }
    if (parts > 0)
        thread_pool_run(range->pool, parts, grain_of(ns, parts), run_parts, &maps);
}

/* Adds the change's numbers to its row, where that is one of these rows. */
static void add_change(Trace *trace, const ExecuteRange *range) {
    const ExecuteChange *change = range->change;
    const Node *node = &trace->graph.node[change->node];
    size_t width = node_count(node) / node->dim[0];
    if (change->row < range->first || change->row >= range->last)
        return;
    float *row = tensor_f32(&trace->value[change->node]) + change->row * width;
    for (size_t i = 0; i < width; i++)
        row[i] += change->add[i];
}

/* The nodes [from, to] over the rows, one node after the other. */
static bool run_nodes(Trace *trace, const Plan *plan, int from, int to, const ExecuteRange *range) {
    for (int i = from; i <= to; i++) {
        if (range->stop && atomic_load(range->stop))
            return false;
        if (plan->storage[i] != STORE_KEPT && plan->storage[i] != STORE_SLOT)
            continue;
        run_node(trace, i, range);
        if (range->change && range->change->node == i)
            add_change(trace, range);
    }
    return true;
}

/* A row waits for the one before, so that there is nothing to share among threads. */
static bool run_recurrence(Trace *trace, const Plan *plan, int from, int to,
                           const ExecuteRange *range) {
    ExecuteRange one = *range;
    bool ok = true;
    one.pool = NULL;
    for (size_t row = range->first; row < range->last && ok; row++) {
        one.first = row;
        one.last = row + 1;
        ok = run_nodes(trace, plan, from, to, &one);
    }
    return ok;
}

/* A change needs its stage whole before the next one runs. */
static bool can_run_together(int from, int to, int most, const ExecuteRange *range) {
    int changed = range->change ? range->change->node : -1;
    return to > from && to - from < most && (changed < from || changed > to);
}

/* Runs the nodes that begin with `from` and belong together; returns the last of them, −1 where the
 * run was stopped. */
static int run_from(Trace *trace, const Plan *plan, int from, const ExecuteRange *range) {
    int last = graph_recurrence(&trace->graph, from);
    if (last > from)
        return run_recurrence(trace, plan, from, last, range) ? last : -1;
    if (range->stop && atomic_load(range->stop))
        return -1;
    last = graph_attention(&trace->graph, from);
    if (can_run_together(from, last, ATTENTION_NODES, range)) {
        run_attention(trace, plan, from, last, range);
        return last;
    }
    int side = graph_side_by_side(&trace->graph, from);
    if (can_run_together(from, side, SIDE_NODES, range)) {
        run_side_by_side(trace, plan, from, side, range);
        return side;
    }
    return run_nodes(trace, plan, from, last, range) ? last : -1;
}

bool execute_rows(Trace *trace, const Plan *plan, const ExecuteRange *range) {
    trace->own.length = range->last;
    for (int i = 0; i < trace->graph.count; i++)
        if ((i = run_from(trace, plan, i, range)) < 0)
            return false;
    return true;
}
