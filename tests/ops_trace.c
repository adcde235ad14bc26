#include "tests/ops_trace.h"

#include <math.h>
#include <string.h>

enum { H = 2, D = 4, M = 8, F = 6, E = 4, A = 3, V = 11, C = 3, B = 8, NODES = 64, WEIGHTS = 32 };

typedef struct {
    Trace *trace;
    Weight *weight;
    size_t T;
    int layer;
} Build;

typedef struct {
    int rank;
    Axis axis[TENSOR_RANK];
    size_t dim[TENSOR_RANK];
    int row_axis;
} Shape;

static float *numbers(Build *b, size_t count, double seed) {
    float *data = ARENA_NEW_N(b->trace->graph.arena, float, count);
    for (size_t i = 0; i < count; i++)
        data[i] = (float)sin((double)i * 12.9898 + seed);
    return data;
}

/* A weight as the file has it. */
static Ref weight(Build *b, const char *name, int rank, const size_t *dim) {
    size_t count = 1;
    for (int axis = 0; axis < rank; axis++)
        count *= dim[axis];
    int index = b->trace->graph.weight_count++;
    Weight *made = &b->weight[index];
    *made = (Weight){.name = name, .file_rank = rank};
    made->tensor = tensor_dense(DTYPE_F32, rank, dim, numbers(b, count, index));
    memcpy(made->file_dim, dim, (size_t)rank * sizeof *dim);
    return (Ref){REF_WEIGHT, index};
}
#define WEIGHT(b, name, ...)                                                                       \
    weight(b, name, (int)(sizeof((size_t[]){__VA_ARGS__}) / sizeof(size_t)),                       \
           (size_t[]){__VA_ARGS__})

/* One of each expert, [out, in] in the file. */
static Ref expert_weights(Build *b, size_t in, size_t out) {
    static const char *const parts[E] = {"experts.0.w", "experts.1.w", "experts.2.w",
                                         "experts.3.w"};
    Ref ref = WEIGHT(b, "experts.*.w", E, out, in);
    Weight *made = &b->weight[ref.index];
    made->part_name = parts;
    made->file_rank = 2;
    made->file_dim[0] = out;
    made->file_dim[1] = in;
    made->tensor.dim[1] = in;
    made->tensor.stride[1] = 1;
    made->tensor.dim[2] = out;
    made->tensor.stride[2] = (ptrdiff_t)in;
    return ref;
}

static Ref stage(Build *b, const char *name, OpId op, OpParams param, Shape shape, int n,
                 const Ref *in) {
    Trace *trace = b->trace;
    bool whole = op == OP_TOKENS || op == OP_ROUTE;
    Node node = {.name = name,
                 .op = op,
                 .param = param,
                 .n_in = n,
                 .type = whole ? DTYPE_I32 : DTYPE_F32,
                 .rank = shape.rank,
                 .row_axis = shape.row_axis,
                 .alias = -1,
                 .layer = b->layer};
    memcpy(node.axis, shape.axis, sizeof node.axis);
    memcpy(node.dim, shape.dim, sizeof node.dim);
    if (n)
        memcpy(node.in, in, (size_t)n * sizeof *in);
    int index = graph_add(&trace->graph, &node);
    void *data = numbers(b, node_count(&node), index);
    trace->value[index] = tensor_dense(node.type, node.rank, node.dim, data);
    trace->asked[index] = true;
    if (op == OP_TOKENS)
        memcpy(data, trace->own.ids, trace->own.length * sizeof *trace->own.ids);
    OpCall call;
    trace_call(trace, index, &call);
    op_forward(&call, 0, node.row_axis < 0 ? 1 : node.dim[node.row_axis]);
    return (Ref){REF_NODE, index};
}
#define NONE ((OpParams){0})
#define STAGE(b, name, op, param, shape, ...)                                                      \
    stage(b, name, op, param, shape, (int)(sizeof((Ref[]){__VA_ARGS__}) / sizeof(Ref)),            \
          (Ref[]){__VA_ARGS__})

static Shape rows(const Build *b, Axis axis, size_t width) {
    return (Shape){2, {AXIS_POSITION, axis}, {b->T, width}, 0};
}
static Shape one_row(Axis axis, size_t width) {
    return (Shape){2, {AXIS_ONE, axis}, {1, width}, -1};
}
static Shape choices(const Build *b, Axis axis, size_t width) {
    return (Shape){3, {AXIS_POSITION, AXIS_CHOSEN, axis}, {b->T, A, width}, 0};
}
static Shape query_by_key(const Build *b) {
    return (Shape){3, {AXIS_HEAD, AXIS_QUERY, AXIS_KEY}, {H, b->T, b->T}, 1};
}

static Ref embedding(Build *b) {
    Shape x = rows(b, AXIS_D_MODEL, M);
    Ref tokens = stage(b, "hook_tokens", OP_TOKENS, NONE, (Shape){1, {AXIS_POSITION}, {b->T}, 0}, 0,
                       NULL);
    OpParams halves = {.sinusoid = {SINUSOID_HALVES, 0}};
    Ref embed = STAGE(b, "hook_embed", OP_EMBED, ((OpParams){.embed = {sqrt(M)}}), x, tokens,
                      WEIGHT(b, "embed", V, M));
    Ref waves = stage(b, "hook_pos_embed", OP_SINUSOID, halves, x, 0, NULL);
    Ref more = STAGE(b, "more.hook_pos_embed", OP_POSITION, ((OpParams){.position = {2}}), x,
                     WEIGHT(b, "positions", b->T + 2, M));
    Ref sum = STAGE(b, "hook_full_embed_pre", OP_ADD, NONE, x, embed, waves, more);
    return STAGE(b, "hook_scaled_out", OP_SCALE_ROWS,
                 ((OpParams){.scale_rows = {sqrt(M), true, "√d_model"}}), x, sum);
}

static Ref masked(Build *b, const char *name, Ref scores, MaskParams mask) {
    return STAGE(b, name, OP_MASK, ((OpParams){.mask = mask}), query_by_key(b), scores);
}

/* A bias and a mask of each kind, and softmax over the wrong axis. */
static void scores(Build *b, Ref x) {
    Shape square = query_by_key(b), whole = square;
    Shape z = {3, {AXIS_QUERY, AXIS_HEAD, AXIS_D_HEAD}, {b->T, H, D}, 0};
    Shape v = {3, {AXIS_KEY, AXIS_KV_HEAD, AXIS_D_HEAD}, {b->T, H, D}, 0};
    whole.row_axis = -1;
    OpParams turned = {.softmax = {SOFTMAX_QUERIES}}, keys = {.softmax = {SOFTMAX_KEYS}};
    Ref given = stage(b, "blocks.0.attn.hook_attn_scores_scaled", OP_INPUT, NONE, square, 0, NULL);
    Ref learned = STAGE(b, "blocks.0.attn.hook_pos_bias", OP_POS_BIAS_BUCKET,
                        ((OpParams){.bucket = {true, 16}}), square, WEIGHT(b, "bias", B, H));
    Ref bias = stage(b, "blocks.0.cross_attn.hook_pos_bias", OP_POS_BIAS_SLOPE, NONE, square, 0,
                     NULL);
    OpParams padded = {.mask = {.keys = (b->T + 1) / 2}};
    Ref biased = STAGE(b, "blocks.0.attn.hook_attn_scores", OP_MASK, padded, square, given,
                       learned);
    STAGE(b, "blocks.0.cross_attn.hook_attn_scores", OP_MASK, padded, square, given, bias);
    STAGE(b, "blocks.0.attn.hook_pattern", OP_SOFTMAX, turned, whole, biased);
    masked(b, "local.hook_attn_scores", given, (MaskParams){.kind = MASK_LOCAL, .window = 2});
    masked(b, "dilated.hook_attn_scores", given,
           (MaskParams){.kind = MASK_DILATED, .causal = true, .window = 2, .dilation = 2});
    Ref sparse = masked(b, "global.hook_attn_scores", given,
                        (MaskParams){.kind = MASK_LONGFORMER, .window = 1, .globals = 1});
    STAGE(b, "global.hook_pattern", OP_SOFTMAX, keys, square, sparse);
    Ref all = masked(b, "full.hook_attn_scores", given, (MaskParams){.kind = MASK_FULL});
    Ref early = STAGE(b, "blocks.0.attn.hook_pattern_unmasked", OP_SOFTMAX, keys, square, all);
    Ref late = masked(b, "late.hook_pattern", early, (MaskParams){.causal = true, .zero = true});
    Ref values = STAGE(b, "blocks.0.attn.hook_v", OP_LINEAR, ((OpParams){.linear = {LINEAR_VALUE}}),
                       v, x, WEIGHT(b, "v", M, H, D));
    Ref found = STAGE(b, "blocks.0.attn.hook_z", OP_WEIGHTED_SUM, NONE, z, late, values);
    STAGE(b, "blocks.0.attn.hook_z_kept", OP_KEEP_HEADS, ((OpParams){.heads = {1}}), z, found);
}

static Ref experts(Build *b, Ref x) {
    OpParams router = {.linear = {LINEAR_ROUTER}}, in = {.linear = {LINEAR_FFN_IN}};
    OpParams linear = {.linear = {LINEAR_FFN_LINEAR}}, out = {.linear = {LINEAR_FFN_OUT}};
    Shape wide = choices(b, AXIS_D_FF, F);
    Ref logits = STAGE(b, "blocks.0.mlp.hook_router_logits", OP_LINEAR, router,
                       rows(b, AXIS_EXPERT, E), x, WEIGHT(b, "router", M, E));
    Ref chosen = STAGE(b, "blocks.0.mlp.hook_expert_indices", OP_ROUTE, NONE,
                       rows(b, AXIS_CHOSEN, A), logits);
    Ref shares = STAGE(b, "blocks.0.mlp.hook_expert_weights", OP_SHARES, NONE,
                       rows(b, AXIS_CHOSEN, A), logits, chosen);
    Ref pre = STAGE(b, "blocks.0.mlp.hook_pre", OP_EXPERT_LINEAR, in, wide, x,
                    expert_weights(b, M, F), chosen);
    Ref pre_linear = STAGE(b, "blocks.0.mlp.hook_pre_linear", OP_EXPERT_LINEAR, linear, wide, x,
                           expert_weights(b, M, F), chosen);
    Ref post = STAGE(b, "blocks.0.mlp.hook_post", OP_GATE, ((OpParams){.act = {ACT_SILU}}), wide,
                     pre, pre_linear);
    STAGE(b, "relu.hook_post", OP_ACTIVATION, ((OpParams){.act = {ACT_SIGMOID}}), wide, pre);
    Ref answers = STAGE(b, "blocks.0.mlp.hook_expert_out", OP_EXPERT_LINEAR, out,
                        choices(b, AXIS_D_MODEL, M), post, expert_weights(b, F, M), chosen);
    return STAGE(b, "blocks.0.hook_mlp_out", OP_MIX, NONE, rows(b, AXIS_D_MODEL, M), answers,
                 shares);
}

static void text_vectors(Build *b, Ref x) {
    OpParams pool = {.linear = {LINEAR_POOLER}}, label = {.linear = {LINEAR_CLASSIFIER}};
    OpParams labels = {.softmax = {SOFTMAX_LABELS}}, dense = {.linear = {LINEAR_MLM_DENSE}};
    Shape one = one_row(AXIS_D_MODEL, M), classes = one_row(AXIS_LABEL, C);
    STAGE(b, "mlm_head.hook_pre", OP_LINEAR, dense, rows(b, AXIS_D_MODEL, M), x,
          WEIGHT(b, "dense", M, M), WEIGHT(b, "dense_bias", M));
    STAGE(b, "hook_sentence", OP_MEAN_ROWS, NONE, one, x);
    Ref first = STAGE(b, "pooler.hook_first", OP_FIRST, NONE, one, x);
    Ref pre = STAGE(b, "pooler.hook_pre", OP_LINEAR, pool, one, first, WEIGHT(b, "pooler", M, M),
                    WEIGHT(b, "pooler_bias", M));
    Ref post = STAGE(b, "pooler.hook_post", OP_ACTIVATION, ((OpParams){.act = {ACT_TANH}}), one,
                     pre);
    Ref logits = STAGE(b, "classifier.hook_logits", OP_LINEAR, label, classes, post,
                       WEIGHT(b, "classifier", M, C), WEIGHT(b, "classifier_bias", C));
    STAGE(b, "classifier.hook_probs", OP_SOFTMAX, labels, classes, logits);
}

static void text(Trace *trace, Arena *arena, size_t length) {
    int32_t *ids = ARENA_NEW_N(arena, int32_t, length);
    const char **label = ARENA_NEW_N(arena, const char *, length);
    for (size_t i = 0; i < length; i++) {
        ids[i] = (int32_t)(i * 3 % V);
        label[i] = arena_printf(arena, "t%zu", i);
    }
    trace->own.length = length;
    trace->own.ids = ids;
    trace->own.label = trace->own.piece = label;
}

Trace *ops_trace(size_t length) {
    Arena arena = {0};
    Trace *trace = ARENA_NEW(&arena, Trace);
    *trace = (Trace){.model = "by hand", .attention = "standard", .kv_cache = "off"};
    trace->value = ARENA_NEW_N(&arena, Tensor, NODES);
    trace->asked = ARENA_NEW_N(&arena, bool, NODES);
    Build b = {trace, ARENA_NEW_N(&arena, Weight, WEIGHTS), length, -1};
    trace->graph = (Graph){.arena = &arena, .weight = b.weight};
    text(trace, &arena, length);
    Ref x = embedding(&b);
    b.layer = 0;
    scores(&b, x);
    x = experts(&b, x);
    b.layer = -1;
    text_vectors(&b, x);
    trace->arena = arena;
    trace->graph.arena = &trace->arena;
    return trace;
}
