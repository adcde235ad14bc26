#include "engine/run/head.h"

#include "engine/base/random.h"
#include "engine/tensor/flash.h"
#include "engine/trace/plan.h"

#include <math.h>

/* ---- the graph ---- */

enum { Q, K, V }; /* the nodes that are given */

static int add(Trace *trace, const char *name, OpId op, OpParams param, bool by_key, const int *in,
               int n_in) {
    size_t n = trace->own.length;
    Node node = {.name = name,
                 .op = op,
                 .param = param,
                 .n_in = n_in,
                 .type = DTYPE_F32,
                 .rank = 3,
                 .dim = {n, 1, HEAD_WIDTH},
                 .axis = {AXIS_QUERY, AXIS_HEAD, AXIS_D_HEAD},
                 .alias = -1,
                 .layer = 0};
    for (int i = 0; i < n_in; i++)
        node.in[i] = (Ref){REF_NODE, in[i]};
    if (by_key) {
        node.dim[0] = 1;
        node.dim[1] = node.dim[2] = n;
        node.axis[0] = AXIS_HEAD;
        node.axis[1] = AXIS_QUERY;
        node.axis[2] = AXIS_KEY;
        node.row_axis = 1;
    }
    return graph_add(&trace->graph, &node);
}

/* As forward.c has it, each part a stage. */
static void add_standard(Trace *trace, const HeadSetup *setup) {
    OpParams scale = {.scale = {.divisor = sqrt(HEAD_WIDTH)}};
    OpParams mask = {.mask = setup->mask}, keys = {.softmax = {SOFTMAX_KEYS}};
    int at = add(trace, "scores", OP_SCORES, (OpParams){0}, true, (int[]){Q, K}, 2);
    at = add(trace, "scaled", OP_SCALE, scale, true, &at, 1);
    at = add(trace, "masked", OP_MASK, mask, true, &at, 1);
    at = add(trace, "pattern", OP_SOFTMAX, keys, true, &at, 1);
    add(trace, "z", OP_WEIGHTED_SUM, (OpParams){0}, false, (int[]){at, V}, 2);
}

static void add_flash(Trace *trace, const HeadSetup *setup) {
    AttentionOptions tile = attention_tiled(setup->attention, HEAD_WIDTH);
    OpParams param = {.flash = {.scale = 1 / sqrt(HEAD_WIDTH),
                                .mask = setup->mask,
                                .rows = tile.tile_rows,
                                .columns = tile.tile_columns}};
    add(trace, "z", OP_FLASH, param, false, (int[]){Q, K, V}, 3);
}

static Trace *head_trace(const HeadSetup *setup) {
    static const char *const given[] = {[Q] = "q", [K] = "k", [V] = "v"};
    Arena arena = {0};
    Trace *trace = ARENA_NEW(&arena, Trace);
    trace->arena = arena;
    trace->graph.arena = &trace->arena;
    trace->own.length = setup->n;
    for (int i = 0; i <= V; i++)
        add(trace, given[i], OP_INPUT, (OpParams){0}, false, NULL, 0);
    if (setup->attention.kind == ATTENTION_FLASH)
        add_flash(trace, setup);
    else
        add_standard(trace, setup);
    return trace;
}

static bool head_plan(Trace *trace, Plan *plan, Err *err) {
    return plan_make(&trace->graph, "q,k,v,z", NULL, &trace->arena, plan, err);
}

/* ---- running ---- */

static void add_cost(Trace *trace, const Plan *plan, const HeadSetup *setup, HeadCost *cost) {
    *cost = (HeadCost){.extra_bytes = plan->slot_bytes + plan->work_bytes};
    if (setup->attention.kind == ATTENTION_FLASH) {
        AttentionOptions tile = attention_tiled(setup->attention, HEAD_WIDTH);
        size_t n = setup->n, rows = tile.tile_rows, columns = tile.tile_columns;
        cost->extra_bytes += flash_extra_bytes(HEAD_WIDTH, rows < n ? rows : n,
                                               columns < n ? columns : n);
        cost->tiles = pattern_tiles(&setup->mask, n, rows, columns);
    }
    for (int i = V + 1; i < trace->graph.count; i++) {
        OpCall call;
        trace_call(trace, i, &call);
        OpCost own = op_cost(&call);
        cost->flops += own.flops;
        cost->bytes += own.bytes;
    }
}

bool head_cost(const HeadSetup *setup, HeadCost *cost, Err *err) {
    Trace *trace = head_trace(setup);
    Plan plan;
    bool ok = head_plan(trace, &plan, err);
    if (ok) {
        trace->value = ARENA_NEW_N(&trace->arena, Tensor, (size_t)trace->graph.count);
        for (int i = 0; i < trace->graph.count; i++) {
            const Node *node = &trace->graph.node[i];
            trace->value[i] = tensor_dense(node->type, node->rank, node->dim, NULL);
        }
        add_cost(trace, &plan, setup, cost);
    }
    trace_free(trace);
    return ok;
}

/* Uniform between −√3 and √3, which has variance 1. */
static void draw(float *to, size_t count, uint64_t *state) {
    for (size_t i = 0; i < count; i++)
        to[i] = (float)(((double)(random_bits(state) >> 11) * 0x1p-52 - 1) * sqrt(3));
}

bool head_run(const HeadSetup *setup, ThreadPool *pool, RunMemory *memory, HeadCost *cost,
              HeadNumbers *numbers, Err *err) {
    Trace *trace = head_trace(setup);
    Plan plan;
    trace->values = memory->values;
    memory->values = (Arena){0};
    arena_reset(&memory->slots);
    bool ok = head_plan(trace, &plan, err) && execute_allocate(trace, &plan, &memory->slots, err);
    if (ok) {
        uint64_t state = setup->seed;
        for (int i = 0; i <= V; i++)
            draw(tensor_f32(&trace->value[i]), setup->n * HEAD_WIDTH, &state);
        add_cost(trace, &plan, setup, cost);
        unsigned long long start = time_now_ns();
        execute_rows(trace, &plan, &(ExecuteRange){.last = setup->n, .pool = pool});
        cost->ms = (double)(time_now_ns() - start) / 1e6;
        const Tensor *z = &trace->value[trace_find(trace, "z")];
        *numbers = (HeadNumbers){tensor_f32(&trace->value[Q]), tensor_f32(&trace->value[K]),
                                 tensor_f32(&trace->value[V]), tensor_f32(z)};
    }
    run_take_back(memory, trace);
    return ok;
}
