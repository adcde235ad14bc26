#include "engine/model/forward.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* Where the stages are being added: the model, the graph, the block, and the prefix of the names.
 * */
typedef struct {
    const Model *model;
    const ModelConfig *config;
    Graph *graph;
    size_t T;
    int layer;
} Build;

/* Shapes of a stage: axes and sizes together. */
typedef struct {
    int rank;
    Axis axis[TENSOR_RANK];
    size_t dim[TENSOR_RANK];
    int row_axis;
} Shape;

static Shape rows_of(const Build *b, Axis axis, size_t width) {
    return (Shape){2, {AXIS_POSITION, axis}, {b->T, width}, 0};
}
static Shape heads_of(const Build *b, Axis rows, Axis heads, size_t count, Axis last,
                      size_t width) {
    return (Shape){3, {rows, heads, last}, {b->T, count, width}, 0};
}
static Shape query_by_key(const Build *b) {
    return (Shape){3, {AXIS_HEAD, AXIS_QUERY, AXIS_KEY}, {b->config->n_heads, b->T, b->T}, 1};
}
static Shape model_rows(const Build *b) {
    return rows_of(b, AXIS_D_MODEL, b->config->d_model);
}

/* "hook_embed" outside the blocks, "blocks.3.attn.hook_q" inside. */
static const char *stage_name(const Build *b, const char *name) {
    if (b->layer < 0)
        return arena_copy_text(b->graph->arena, name);
    return arena_printf(b->graph->arena, "blocks.%d.%s", b->layer, name);
}

static Ref node_ref(int node) {
    return (Ref){REF_NODE, node};
}
/* The weight of this block that plays the part; REF_NONE where the model has none. */
static Ref weight_ref(const Build *b, WeightRole role) {
    int weight = model_weight(b->model, role, b->layer < 0 ? 0 : (size_t)b->layer);
    return weight < 0 ? REF_NONE : (Ref){REF_WEIGHT, weight};
}

/* One stage. Inputs that are REF_NONE (a bias that the model doesn't have) are left out. */
static int stage(Build *b, const char *name, OpId op, OpParams param, Shape shape, int n,
                 const Ref *in) {
    Node node = {.name = stage_name(b, name),
                 .op = op,
                 .param = param,
                 .type = DTYPE_F32,
                 .rank = shape.rank,
                 .row_axis = shape.row_axis,
                 .alias = op == OP_SAME ? in[0].index : -1,
                 .layer = b->layer};
    memcpy(node.axis, shape.axis, sizeof node.axis);
    memcpy(node.dim, shape.dim, sizeof node.dim);
    for (int i = 0; i < n; i++)
        if (in[i].index >= 0)
            node.in[node.n_in++] = in[i];
    return graph_add(b->graph, &node);
}
#define STAGE(b, name, op, param, shape, ...)                                                      \
    stage(b, name, op, param, shape, (int)(sizeof((Ref[]){__VA_ARGS__}) / sizeof(Ref)),            \
          (Ref[]){__VA_ARGS__})
#define NO_PARAM ((OpParams){0})
#define LINEAR(role) ((OpParams){.linear = {LINEAR_##role}})

/* LayerNorm or RMSNorm; returns the normalised rows. */
static int norm(Build *b, const char *name, WeightRole weight, int x) {
    Shape one = rows_of(b, AXIS_ONE, 1);
    Arena *arena = b->graph->arena;
    OpParams eps = {.deviation = {b->config->norm_eps}};
    Ref mean = REF_NONE;
    if (b->config->norm == NORM_LAYER)
        mean = node_ref(STAGE(b, arena_printf(arena, "%s.hook_mean", name), OP_MEAN, NO_PARAM, one,
                              node_ref(x)));
    int scale = STAGE(b, arena_printf(arena, "%s.hook_scale", name), OP_DEVIATION, eps, one,
                      node_ref(x), mean);
    return STAGE(b, arena_printf(arena, "%s.hook_normalized", name), OP_NORMALIZE, NO_PARAM,
                 model_rows(b), node_ref(x), mean, node_ref(scale), weight_ref(b, weight),
                 weight_ref(b, (WeightRole)(weight + 1)));
}

static int tokens(Build *b) {
    Shape shape = {1, {AXIS_POSITION}, {b->T}, 0};
    int ids = stage(b, "hook_tokens", OP_TOKENS, NO_PARAM, shape, 0, NULL);
    b->graph->node[ids].type = DTYPE_I32;
    return ids;
}

/* Token rows, and position rows where the model has them. */
static int embedding(Build *b) {
    int x = STAGE(b, "hook_embed", OP_EMBED, NO_PARAM, model_rows(b), node_ref(tokens(b)),
                  weight_ref(b, ROLE_EMBED));
    if (b->config->pos != POS_LEARNED)
        return STAGE(b, "hook_full_embed_pre", OP_SAME, NO_PARAM, model_rows(b), node_ref(x));
    int pos = STAGE(b, "hook_pos_embed", OP_POSITION, NO_PARAM, model_rows(b),
                    weight_ref(b, ROLE_POS));
    return STAGE(b, "hook_full_embed_pre", OP_ADD, NO_PARAM, model_rows(b), node_ref(x),
                 node_ref(pos));
}

/* RoPE: the angles' cosines and sines, the same in every block. */
typedef struct {
    int cosine, sine;
} Angles;

static Angles rotary_angles(Build *b) {
    Shape pairs = rows_of(b, AXIS_PAIR, b->config->d_rotary / 2);
    OpParams cosine = {.angle = {.theta = b->config->rope_theta}};
    OpParams sine = {.angle = {.theta = b->config->rope_theta, .sine = true}};
    return (Angles){stage(b, "attn.hook_rot_cos", OP_ANGLE, cosine, pairs, 0, NULL),
                    stage(b, "attn.hook_rot_sin", OP_ANGLE, sine, pairs, 0, NULL)};
}

static int rotate(Build *b, const char *name, Shape shape, int x, Angles angles) {
    return STAGE(b, name, OP_ROTATE, NO_PARAM, shape, node_ref(x), node_ref(angles.cosine),
                 node_ref(angles.sine));
}

/* softmax(q kᵀ / √d + mask) v, each part a stage of its own. */
static int attention(Build *b, int x) {
    const ModelConfig *c = b->config;
    Shape q_rows = heads_of(b, AXIS_QUERY, AXIS_HEAD, c->n_heads, AXIS_D_HEAD, c->d_head);
    Shape k_rows = heads_of(b, AXIS_KEY, AXIS_KV_HEAD, c->n_kv_heads, AXIS_D_HEAD, c->d_head);
    Shape result = heads_of(b, AXIS_QUERY, AXIS_HEAD, c->n_heads, AXIS_D_MODEL, c->d_model);
    OpParams divisor = {.scale = {c->score_divisor, !c->scaled}}, mask = {.mask = c->mask};
    OpParams keys = {.softmax = {SOFTMAX_KEYS}};
    Ref in = node_ref(x);

    int q = STAGE(b, "attn.hook_q", OP_LINEAR, LINEAR(QUERY), q_rows, in, weight_ref(b, ROLE_W_Q),
                  weight_ref(b, ROLE_B_Q));
    int k = STAGE(b, "attn.hook_k", OP_LINEAR, LINEAR(KEY), k_rows, in, weight_ref(b, ROLE_W_K),
                  weight_ref(b, ROLE_B_K));
    int v = STAGE(b, "attn.hook_v", OP_LINEAR, LINEAR(VALUE), k_rows, in, weight_ref(b, ROLE_W_V),
                  weight_ref(b, ROLE_B_V));
    if (c->pos == POS_ROTARY) {
        Angles angles = rotary_angles(b);
        q = rotate(b, "attn.hook_rot_q", q_rows, q, angles);
        k = rotate(b, "attn.hook_rot_k", k_rows, k, angles);
    }
    int raw = STAGE(b, "attn.hook_attn_scores_raw", OP_SCORES, NO_PARAM, query_by_key(b),
                    node_ref(q), node_ref(k));
    int scaled = STAGE(b, "attn.hook_attn_scores_scaled", OP_SCALE, divisor, query_by_key(b),
                       node_ref(raw));
    int masked = STAGE(b, "attn.hook_attn_scores", OP_MASK, mask, query_by_key(b),
                       node_ref(scaled));
    int pattern = STAGE(b, "attn.hook_pattern", OP_SOFTMAX, keys, query_by_key(b),
                        node_ref(masked));
    int z = STAGE(b, "attn.hook_z", OP_WEIGHTED_SUM, NO_PARAM, q_rows, node_ref(pattern),
                  node_ref(v));
    int each = STAGE(b, "attn.hook_result", OP_HEAD_RESULT, NO_PARAM, result, node_ref(z),
                     weight_ref(b, ROLE_W_O));
    b->graph->node[each].on_request = true;
    return STAGE(b, "hook_attn_out", OP_LINEAR, LINEAR(OUTPUT), model_rows(b), node_ref(z),
                 weight_ref(b, ROLE_W_O), weight_ref(b, ROLE_B_O));
}

/* Position-wise FFN: up, activation, down; a gated one multiplies by a second way up. */
static int feed_forward(Build *b, int x) {
    Shape wide = rows_of(b, AXIS_D_FF, b->config->d_ff);
    OpParams act = {.act = {b->config->act}};
    int pre = STAGE(b, "mlp.hook_pre", OP_LINEAR, LINEAR(FFN_IN), wide, node_ref(x),
                    weight_ref(b, ROLE_W_IN), weight_ref(b, ROLE_B_IN));
    Ref linear = REF_NONE;
    if (b->config->gated)
        linear = node_ref(STAGE(b, "mlp.hook_pre_linear", OP_LINEAR, LINEAR(FFN_LINEAR), wide,
                                node_ref(x), weight_ref(b, ROLE_W_LINEAR),
                                weight_ref(b, ROLE_B_LINEAR)));
    int post = STAGE(b, "mlp.hook_post", b->config->gated ? OP_GATE : OP_ACTIVATION, act, wide,
                     node_ref(pre), linear);
    return STAGE(b, "hook_mlp_out", OP_LINEAR, LINEAR(FFN_OUT), model_rows(b), node_ref(post),
                 weight_ref(b, ROLE_W_OUT), weight_ref(b, ROLE_B_OUT));
}

static int add(Build *b, const char *name, int stream, int branch) {
    return STAGE(b, name, OP_ADD, NO_PARAM, model_rows(b), node_ref(stream), node_ref(branch));
}

/* Pre-LN: x + Sublayer(LayerNorm(x)), twice; or both sublayers on x, added at once (Wang and
 * Komatsuzaki 2021, GPT-J; Black et al. 2022, GPT-NeoX). */
static int block(Build *b, int stream) {
    assert(b->config->norm_place == NORM_PRE); /* no family's row asks for the other yet */
    int x = STAGE(b, "hook_resid_pre", OP_SAME, NO_PARAM, model_rows(b), node_ref(stream));
    int attn = attention(b, norm(b, "ln1", ROLE_LN1_W, x));
    if (b->config->parallel) {
        int mlp = feed_forward(b, norm(b, "ln2", ROLE_LN2_W, x));
        return STAGE(b, "hook_resid_post", OP_ADD, NO_PARAM, model_rows(b), node_ref(x),
                     node_ref(attn), node_ref(mlp));
    }
    int mid = add(b, "hook_resid_mid", x, attn);
    int mlp = feed_forward(b, norm(b, "ln2", ROLE_LN2_W, mid));
    return add(b, "hook_resid_post", mid, mlp);
}

static void unembedding(Build *b, int x) {
    Shape words = rows_of(b, AXIS_VOCAB, b->config->n_vocab);
    OpParams words_softmax = {.softmax = {SOFTMAX_VOCABULARY}};
    int normal = norm(b, "ln_final", ROLE_LN_FINAL_W, x);
    int logits = STAGE(b, "logits", OP_LINEAR, LINEAR(UNEMBED), words, node_ref(normal),
                       weight_ref(b, ROLE_UNEMBED));
    STAGE(b, "probs", OP_SOFTMAX, words_softmax, words, node_ref(logits));
}

static void transformer(Build *b) {
    int x = embedding(b);
    for (size_t l = 0; l < b->config->n_layers; l++) {
        b->layer = (int)l;
        x = block(b, x);
    }
    b->layer = -1;
    unembedding(b, x);
}

/* The largest record must fit a size_t, whatever the prompt's length. */
static bool check_sizes(const ModelConfig *c, size_t length, Err *err) {
    size_t square, scores, vocab, wide;
    if (size_mul(length, length, &square) && size_mul(square, c->n_heads * 4, &scores) &&
        size_mul(length, c->n_vocab * 4, &vocab) && size_mul(length, c->d_ff * 4, &wide))
        return true;
    return err_set(err, "the input: %zu tokens are too many for this machine's addresses", length);
}

bool forward_build(const Model *model, size_t length, Arena *arena, Graph *graph, Err *err) {
    const ModelConfig *config = &model->config;
    if (length == 0)
        return err_set(err, "the input: no token at all, expected at least one");
    if (config->pos == POS_LEARNED && length > config->n_ctx)
        return err_set(err,
                       "the input: %zu tokens, but the position table of model %s has %zu rows; "
                       "shorten it",
                       length, model->name, config->n_ctx);
    if (!check_sizes(config, length, err))
        return false;
    *graph = (Graph){.arena = arena, .weight = model->weight, .weight_count = model->weight_count};
    Build build = {.model = model, .config = config, .graph = graph, .T = length, .layer = -1};
    transformer(&build);
    return true;
}
