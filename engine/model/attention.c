/* attention: softmax(q kᵀ / √d + mask) v (Vaswani et al. 2017, equation 1), each part a stage of its own,
 * or all of it one stage that goes by tiles (Dao et al. 2022). */
#include "engine/model/attention.h"

#include <math.h>
#include <string.h>

static Shape query_by_key(const Build *b, const Attention *a) {
    TextId keys = a->memory < 0 ? b->text : TEXT_SOURCE;
    return (Shape){
        3, {AXIS_HEAD, AXIS_QUERY, AXIS_KEY}, {b->sizes.n_heads, b->T, a->keys}, 1, keys};
}

/* Keys and values are rows of the memory, whose text they count. */
static int key_or_value(Build *b, const Attention *a, const char *name, OpParams kind,
                        WeightRole weight, int x) {
    Build rows = *b;
    if (a->memory >= 0) {
        rows.text = TEXT_SOURCE;
        rows.T = a->keys;
    }
    Shape shape = shape_heads(&rows, AXIS_KEY, AXIS_KV_HEAD, b->sizes.n_kv_heads, AXIS_D_HEAD,
                              b->sizes.d_head);
    return STAGE(&rows, stage_part(b, a->name, name), OP_LINEAR, kind, shape,
                 node_ref(a->memory >= 0 ? a->memory : x), weight_ref(b, weight),
                 weight_ref(b, (WeightRole)(weight + 1)));
}

/* RoPE: q and k turned by the angles' cosines and sines, the same in every block. */
static void rotate(Build *b, const Attention *a, int *q, int *k) {
    const ModelConfig *c = b->config;
    Shape pairs = shape_rows(b, AXIS_PAIR, c->d_rotary / 2);
    OpParams cosine = {.angle = {.theta = c->rope_theta, .scaling = c->rope_scaling}},
             sine = cosine;
    sine.angle.sine = true;
    Ref cos = node_ref(
        stage_add(b, stage_part(b, a->name, "hook_rot_cos"), OP_ANGLE, cosine, pairs, 0, NULL));
    Ref sin = node_ref(
        stage_add(b, stage_part(b, a->name, "hook_rot_sin"), OP_ANGLE, sine, pairs, 0, NULL));
    int *turned[] = {q, k};
    const char *names[] = {"hook_rot_q", "hook_rot_k"};
    for (int i = 0; i < 2; i++) {
        const Node *node = &b->graph->node[*turned[i]];
        Shape shape = {3, {0}, {0}, 0, node->keys};
        memcpy(shape.axis, node->axis, sizeof shape.axis);
        memcpy(shape.dim, node->dim, sizeof shape.dim);
        *turned[i] = STAGE(b, stage_part(b, a->name, names[i]), OP_ROTATE, NO_PARAM, shape,
                           node_ref(*turned[i]), cos, sin);
    }
}

/* T5's bias is the first block's in all of them; ALiBi's likewise. Cross-attention has none. */
static Ref position_bias(Build *b, const Attention *a, bool causal) {
    const ModelConfig *c = b->config;
    if (a->memory >= 0 || (c->pos != POS_BUCKETS && c->pos != POS_SLOPES))
        return REF_NONE;
    const char *name = stage_part(b, a->name, "hook_pos_bias");
    Shape shape = query_by_key(b, a);
    if (b->layer > 0) {
        int first = graph_find(b->graph, arena_printf(b->graph->arena, "%s0.%s", b->inner, name));
        return node_ref(STAGE(b, name, OP_SAME, NO_PARAM, shape, node_ref(first)));
    }
    if (c->pos == POS_SLOPES)
        return node_ref(stage_add(b, name, OP_POS_BIAS_SLOPE, NO_PARAM, shape, 0, NULL));
    OpParams buckets = {.bucket = {.both_ways = !causal, .max_distance = c->max_distance}};
    return node_ref(
        STAGE(b, name, OP_POS_BIAS_BUCKET, buckets, shape, weight_ref(b, ROLE_POS_BIAS)));
}

/* From scores to weights that a query gives its keys: mask, then softmax. */
static int weights_of(Build *b, const Attention *a, int scaled, Ref bias) {
    const ModelConfig *c = b->config;
    bool self = a->memory < 0;
    Shape shape = query_by_key(b, a), whole = shape;
    OpParams mask = {.mask = a->mask}, keys = {.softmax = {SOFTMAX_KEYS}};
    if (self && c->mask_late) { /* wrong, to be seen: the future has had its share of the sum */
        OpParams none = {.mask = {.kind = MASK_FULL}};
        mask.mask.zero = true;
        int all = STAGE(b, stage_part(b, a->name, "hook_attn_scores"), OP_MASK, none, shape,
                        node_ref(scaled), bias);
        int early = STAGE(b, stage_part(b, a->name, "hook_pattern_unmasked"), OP_SOFTMAX, keys,
                          shape, node_ref(all));
        return STAGE(b, stage_part(b, a->name, "hook_pattern"), OP_MASK, mask, shape,
                     node_ref(early));
    }
    int masked = STAGE(b, stage_part(b, a->name, "hook_attn_scores"), OP_MASK, mask, shape,
                       node_ref(scaled), bias);
    if (self && c->softmax_queries) { /* wrong, to be seen: over a key's queries */
        keys.softmax.kind = SOFTMAX_QUERIES;
        whole.row_axis = -1;
    }
    return STAGE(b, stage_part(b, a->name, "hook_pattern"), OP_SOFTMAX, keys, whole,
                 node_ref(masked));
}

/* The heads that an experiment has switched off. */
static int keep_heads(Build *b, const Attention *a, Shape shape, int z) {
    uint64_t off = 0;
    for (int i = 0; i < b->config->n_zeroed; i++)
        if (b->config->zeroed[i].layer == (size_t)b->layer)
            off |= UINT64_C(1) << b->config->zeroed[i].head;
    if (off == 0 || a->memory >= 0 || b->stack != STACK_OWN)
        return z;
    return STAGE(b, stage_part(b, a->name, "hook_z_kept"), OP_KEEP_HEADS,
                 ((OpParams){.heads = {off}}), shape, node_ref(z));
}

/* softmax(q kᵀ / √d + mask) v, each part a stage of its own. */
static int standard_attention(Build *b, const Attention *a, Shape shape, int q, int k, int v) {
    const ModelConfig *c = b->config;
    OpParams divisor = {.scale = {c->scaled ? sqrt((double)b->sizes.d_head) : 1, !c->scaled}};
    int raw = STAGE(b, stage_part(b, a->name, "hook_attn_scores_raw"), OP_SCORES, NO_PARAM,
                    query_by_key(b, a), node_ref(q), node_ref(k));
    int scaled = STAGE(b, stage_part(b, a->name, "hook_attn_scores_scaled"), OP_SCALE, divisor,
                       query_by_key(b, a), node_ref(raw));
    Ref bias = position_bias(b, a, a->mask.causal);
    int pattern = weights_of(b, a, scaled, bias);
    return STAGE(b, stage_part(b, a->name, "hook_z"), OP_WEIGHTED_SUM, NO_PARAM, shape,
                 node_ref(pattern), node_ref(v));
}

/* ---- the same in tiles ---- */

/* The table of T5's bias stands in the first block. */
static Ref bias_table(const Build *b, const Attention *a) {
    bool learned = b->config->pos == POS_BUCKETS && a->memory < 0;
    int weight = learned ? model_weight(b->model, b->stack, ROLE_POS_BIAS, 0) : -1;
    return weight < 0 ? REF_NONE : (Ref){REF_WEIGHT, weight};
}

static OpParams flash_params(const Build *b, const Attention *a) {
    const ModelConfig *c = b->config;
    bool self = a->memory < 0;
    PosBiasKind bias = self && c->pos == POS_BUCKETS  ? POS_BIAS_BUCKETS
                       : self && c->pos == POS_SLOPES ? POS_BIAS_SLOPES
                                                      : POS_BIAS_NONE;
    return (OpParams){.flash = {.scale = c->scaled ? 1 / sqrt((double)b->sizes.d_head) : 1,
                                .unscaled = !c->scaled,
                                .mask = a->mask,
                                .bias = bias,
                                .bucket = {!a->mask.causal, c->max_distance},
                                .rows = b->attention.tile_rows,
                                .columns = b->attention.tile_columns,
                                .head = b->attention.head}};
}

/* One of the tile loop's records, which are made when they are asked for. */
static Ref flash_record(Build *b, const Attention *a, const char *name, OpId op, Shape shape,
                        const Ref *in, int n) {
    const char *part = arena_printf(b->graph->arena, "%s.flash", a->name);
    int node = stage_add(b, stage_part(b, part, name), op, flash_params(b, a), shape, n, in);
    b->graph->node[node].on_request = true;
    return node_ref(node);
}
#define FLASH_RECORD(b, a, name, op, shape, ...)                                                   \
    flash_record(b, a, name, op, shape, (const Ref[]){__VA_ARGS__},                                \
                 (int)(sizeof((Ref[]){__VA_ARGS__}) / sizeof(Ref)))

/* What the loop holds while it runs, for one head. Each is explained by those before it. */
static void flash_records(Build *b, const Attention *a, Ref q, Ref k, Ref v, Ref table) {
    TextId key_text = query_by_key(b, a).keys;
    size_t columns = b->attention.tile_columns, blocks = (a->keys + columns - 1) / columns;
    Shape cells = {2, {AXIS_QUERY, AXIS_KEY}, {b->T, a->keys}, 0, key_text};
    Shape rows = {2, {AXIS_KEY_BLOCK, AXIS_QUERY}, {blocks, b->T}, 1, key_text};
    Shape sums = {
        3, {AXIS_KEY_BLOCK, AXIS_QUERY, AXIS_D_HEAD}, {blocks, b->T, b->sizes.d_head}, 1, key_text};
    Ref scores = FLASH_RECORD(b, a, "hook_scores", OP_FLASH_SCORES, cells, q, k, table);
    Ref max = FLASH_RECORD(b, a, "hook_max", OP_FLASH_MAX, rows, scores, q, k, table);
    Ref rescale = FLASH_RECORD(b, a, "hook_rescale", OP_FLASH_RESCALE, rows, max, q, k, table);
    Ref weights = FLASH_RECORD(b, a, "hook_weights", OP_FLASH_WEIGHTS, cells, scores, max, q, k,
                               table);
    FLASH_RECORD(b, a, "hook_sum", OP_FLASH_SUM, rows, rescale, weights, q, k, table);
    FLASH_RECORD(b, a, "hook_acc", OP_FLASH_ACC, sums, rescale, weights, v, q, k, table);
}

static int flash_attention(Build *b, const Attention *a, Shape shape, int q, int k, int v) {
    Ref table = bias_table(b, a);
    flash_records(b, a, node_ref(q), node_ref(k), node_ref(v), table);
    return STAGE(b, stage_part(b, a->name, "hook_z"), OP_FLASH, flash_params(b, a), shape,
                 node_ref(q), node_ref(k), node_ref(v), table);
}

/* How far back keys are read; by flash in whole tiles. */
static size_t window_of(const Build *b, const Attention *a) {
    size_t window = a->memory < 0 ? mask_window(&a->mask) : 0;
    bool flash = b->attention.kind == ATTENTION_FLASH;
    return window > 0 && flash ? window + b->attention.tile_columns - 1 : window;
}

int attention_build(Build *b, const Attention *a, int x) {
    const ModelConfig *c = b->config;
    bool flash = b->attention.kind == ATTENTION_FLASH;
    size_t H = b->sizes.n_heads, D = b->sizes.d_head;
    Shape q_rows = shape_heads(b, AXIS_QUERY, AXIS_HEAD, H, AXIS_D_HEAD, D);
    Shape result = shape_heads(b, AXIS_QUERY, AXIS_HEAD, H, AXIS_D_MODEL, c->d_model);
    WeightRole w = a->weights;
    b->window = window_of(b, a);

    int q = STAGE(b, stage_part(b, a->name, "hook_q"), OP_LINEAR, LINEAR(QUERY), q_rows,
                  node_ref(x), weight_ref(b, w), weight_ref(b, (WeightRole)(w + 1)));
    int k = key_or_value(b, a, "hook_k", LINEAR(KEY), (WeightRole)(w + 2), x);
    int v = key_or_value(b, a, "hook_v", LINEAR(VALUE), (WeightRole)(w + 4), x);
    if (c->pos == POS_ROTARY && a->memory < 0)
        rotate(b, a, &q, &k);
    q_rows.keys = query_by_key(b, a).keys;
    int z = flash ? flash_attention(b, a, q_rows, q, k, v)
                  : standard_attention(b, a, q_rows, q, k, v);
    z = keep_heads(b, a, q_rows, z);
    int each = STAGE(b, stage_part(b, a->name, "hook_result"), OP_HEAD_RESULT, NO_PARAM, result,
                     node_ref(z), weight_ref(b, (WeightRole)(w + 6)));
    b->graph->node[each].on_request = true;
    b->window = 0;
    return STAGE(b, a->out, OP_LINEAR, LINEAR(OUTPUT), shape_model(b), node_ref(z),
                 weight_ref(b, (WeightRole)(w + 6)), weight_ref(b, (WeightRole)(w + 7)));
}
