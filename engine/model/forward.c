#include "engine/model/forward.h"

#include "engine/model/attention.h"
#include "engine/model/build.h"
#include "engine/model/recurrent.h"
#include "engine/tensor/flash.h"

#include <math.h>

/* LayerNorm or RMSNorm; returns the normalised rows, or `x` itself where norms are switched off or
 * the model has none here. A bias belongs to LayerNorm alone. */
static int norm(Build *b, const char *name, WeightRole weight, int x) {
    Shape one = shape_rows(b, AXIS_ONE, 1);
    OpParams eps = {.deviation = {b->config->norm_eps}};
    Ref mean = REF_NONE, bias = REF_NONE, scale = weight_ref(b, weight);
    if (b->config->norm == NORM_NONE || scale.index < 0)
        return x;
    if (b->config->norm == NORM_LAYER) {
        mean = node_ref(
            STAGE(b, stage_part(b, name, "hook_mean"), OP_MEAN, NO_PARAM, one, node_ref(x)));
        bias = weight_ref(b, (WeightRole)(weight + 1));
    }
    int deviation = STAGE(b, stage_part(b, name, "hook_scale"), OP_DEVIATION, eps, one, node_ref(x),
                          mean);
    return STAGE(b, stage_part(b, name, "hook_normalized"), OP_NORMALIZE, NO_PARAM, shape_model(b),
                 node_ref(x), mean, node_ref(deviation), scale, bias);
}

/* The same values under a second name. */
static int same(Build *b, const char *name, int x) {
    return STAGE(b, name, OP_SAME, NO_PARAM, shape_model(b), node_ref(x));
}

static int add(Build *b, const char *name, int stream, int branch) {
    if (b->config->no_residual)
        return same(b, name, branch);
    return STAGE(b, name, OP_ADD, NO_PARAM, shape_model(b), node_ref(stream), node_ref(branch));
}

/* ---- embeddings ---- */

/* Position rows, learned or sinusoidal; REF_NONE where the model adds none. */
static Ref position_rows(Build *b) {
    OpParams learned = {.position = {b->config->pos_offset}};
    OpParams waves = {.sinusoid = {b->config->sines_first ? SINUSOID_HALVES : SINUSOID_PAIRS, 0}};
    if (b->config->pos == POS_LEARNED)
        return node_ref(STAGE(b, "hook_pos_embed", OP_POSITION, learned, shape_model(b),
                              weight_ref(b, ROLE_POS)));
    if (b->config->pos == POS_SINUSOID)
        return node_ref(
            stage_add(b, "hook_pos_embed", OP_SINUSOID, waves, shape_model(b), 0, NULL));
    return REF_NONE;
}

/* Token rows, and rows of positions and of token types where the model has them. */
static int embedding(Build *b) {
    const ModelConfig *c = b->config;
    OpParams scale = {.embed = {c->embed_scale ? sqrt((double)c->d_model) : 0}};
    Ref type = REF_NONE, tokens = node_ref(build_ids(b, "hook_tokens"));
    tokens = node_ref(
        STAGE(b, "hook_embed", OP_EMBED, scale, shape_model(b), tokens, weight_ref(b, ROLE_EMBED)));
    Ref position = position_rows(b);
    if (c->n_types > 0)
        type = node_ref(STAGE(b, "hook_token_type_embed", OP_EMBED, NO_PARAM, shape_model(b),
                              node_ref(build_ids(b, "hook_token_types")),
                              weight_ref(b, ROLE_TYPE_EMBED)));
    bool alone = position.index < 0 && type.index < 0;
    int x = STAGE(b, "hook_full_embed_pre", alone ? OP_SAME : OP_ADD, NO_PARAM, shape_model(b),
                  tokens, position, type);
    return c->embed_ln ? norm(b, "embed_ln", ROLE_EMBED_LN_W, x) : x;
}

/* ---- FFN ---- */

/* Position-wise FFN: up, activation, down; a gated one multiplies by a second way up. */
static int feed_forward(Build *b, int x) {
    Shape wide = shape_rows(b, AXIS_D_FF, b->sizes.d_ff);
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
    return STAGE(b, "hook_mlp_out", OP_LINEAR, LINEAR(FFN_OUT), shape_model(b), node_ref(post),
                 weight_ref(b, ROLE_W_OUT), weight_ref(b, ROLE_B_OUT));
}

/* Mixture of experts (Jiang et al. 2024, "Mixtral of Experts"): a router picks a few FFNs for each
 * token, and mixes their answers by its own shares. */
static int experts(Build *b, int x) {
    const ModelConfig *c = b->config;
    size_t A = c->n_active;
    Shape picks = shape_rows(b, AXIS_CHOSEN, A);
    Shape wide = shape_heads(b, AXIS_POSITION, AXIS_CHOSEN, A, AXIS_D_FF, b->sizes.d_ff);
    Shape answers = shape_heads(b, AXIS_POSITION, AXIS_CHOSEN, A, AXIS_D_MODEL, c->d_model);
    OpParams act = {.act = {c->act}};
    Ref logits = node_ref(STAGE(b, "mlp.hook_router_logits", OP_LINEAR, LINEAR(ROUTER),
                                shape_rows(b, AXIS_EXPERT, c->n_experts), node_ref(x),
                                weight_ref(b, ROLE_ROUTER)));
    Ref chosen = node_ref(STAGE(b, "mlp.hook_expert_indices", OP_ROUTE, NO_PARAM, picks, logits));
    b->graph->node[chosen.index].type = DTYPE_I32;
    Ref shares = node_ref(
        STAGE(b, "mlp.hook_expert_weights", OP_SHARES, NO_PARAM, picks, logits, chosen));
    Ref linear = REF_NONE;
    Ref pre = node_ref(STAGE(b, "mlp.hook_pre", OP_EXPERT_LINEAR, LINEAR(FFN_IN), wide, node_ref(x),
                             weight_ref(b, ROLE_EXPERT_IN), chosen));
    if (c->gated)
        linear = node_ref(STAGE(b, "mlp.hook_pre_linear", OP_EXPERT_LINEAR, LINEAR(FFN_LINEAR),
                                wide, node_ref(x), weight_ref(b, ROLE_EXPERT_LINEAR), chosen));
    Ref post = node_ref(
        STAGE(b, "mlp.hook_post", c->gated ? OP_GATE : OP_ACTIVATION, act, wide, pre, linear));
    Ref out = node_ref(STAGE(b, "mlp.hook_expert_out", OP_EXPERT_LINEAR, LINEAR(FFN_OUT), answers,
                             post, weight_ref(b, ROLE_EXPERT_OUT), chosen));
    return STAGE(b, "hook_mlp_out", OP_MIX, NO_PARAM, shape_model(b), out, shares);
}

static int position_wise(Build *b, int x) {
    return b->config->n_experts > 0 ? experts(b, x) : feed_forward(b, x);
}

/* ---- blocks ---- */

/* Pre-LN: x + Sublayer(Norm(x)). Post-LN (Vaswani et al. 2017): Norm(x + Sublayer(x)). */
static int before(Build *b, const char *name, WeightRole weight, int x) {
    return b->config->norm_place == NORM_PRE ? norm(b, name, weight, x) : x;
}
static int after(Build *b, const char *name, WeightRole weight, int x) {
    return b->config->norm_place == NORM_POST ? norm(b, name, weight, x) : x;
}

/* What the blocks of a stack share. */
typedef struct {
    MaskParams mask;
    int memory; /* the encoder's last rows; −1: there are none */
    size_t source;
    MaskParams source_mask;
} Surroundings;

/* Both sublayers on x, added at once (Wang and Komatsuzaki 2021, GPT-J; Black et al. 2022). */
static int parallel_block(Build *b, const Attention *self, int x) {
    int attn = attention_build(b, self, before(b, "ln1", ROLE_LN1_W, x));
    int mlp = position_wise(b, before(b, "ln2", ROLE_LN2_W, x));
    Ref stream = b->config->no_residual ? REF_NONE : node_ref(x);
    int sum = STAGE(b, "hook_resid_post", OP_ADD, NO_PARAM, shape_model(b), stream, node_ref(attn),
                    node_ref(mlp));
    return after(b, "ln2", ROLE_LN2_W, sum);
}

static int block(Build *b, const Surroundings *around, int stream) {
    bool crosses = around->memory >= 0;
    MaskParams mask = config_layer_mask(b->config, (size_t)b->layer, around->mask);
    Attention self = {"attn", "hook_attn_out", ROLE_W_Q, -1, b->T, mask};
    Attention cross = {"cross_attn",   "hook_cross_attn_out", ROLE_CROSS_W_Q,
                       around->memory, around->source,        around->source_mask};
    int x = same(b, "hook_resid_pre", stream);
    if (b->config->parallel)
        return parallel_block(b, &self, x);
    int branch = attention_build(b, &self, before(b, "ln1", ROLE_LN1_W, x));
    x = after(b, "ln1", ROLE_LN1_W, add(b, "hook_resid_mid", x, branch));
    if (crosses) {
        branch = attention_build(b, &cross, before(b, "ln2", ROLE_LN2_W, x));
        x = after(b, "ln2", ROLE_LN2_W, add(b, "hook_resid_mid_cross", x, branch));
    }
    const char *last = crosses ? "ln3" : "ln2";
    WeightRole weight = crosses ? ROLE_LN3_W : ROLE_LN2_W;
    branch = position_wise(b, before(b, last, weight, x));
    x = add(b, "hook_resid_post", x, branch);
    if (b->config->norm_place == NORM_PRE)
        return x;
    return same(b, "hook_normalized_resid_post", after(b, last, weight, x));
}

/* Embeddings, blocks, and in a pre-LN stack the last norm. */
static int stack(Build *b, const Surroundings *around) {
    int x = embedding(b);
    for (size_t l = 0; l < b->sizes.n_layers; l++) {
        b->layer = (int)l;
        x = block(b, around, x);
    }
    b->layer = -1;
    return before(b, "ln_final", ROLE_LN_FINAL_W, x);
}

/* ---- what stands on top ---- */

/* BERT's masked-LM head: a dense layer, the activation, a norm. */
static int masked_lm_head(Build *b, int x) {
    OpParams act = {.act = {b->config->act}};
    int pre = STAGE(b, "mlm_head.hook_pre", OP_LINEAR, LINEAR(MLM_DENSE), shape_model(b),
                    node_ref(x), weight_ref(b, ROLE_HEAD_W), weight_ref(b, ROLE_HEAD_B));
    int post = STAGE(b, "mlm_head.hook_post", OP_ACTIVATION, act, shape_model(b), node_ref(pre));
    return norm(b, "mlm_head.ln", ROLE_HEAD_LN_W, post);
}

static void unembedding(Build *b, int x) {
    OpParams scale = {.scale_rows = {1 / sqrt((double)b->config->d_model), false, "1 ÷ √d_model"}};
    if (b->config->has_head)
        x = masked_lm_head(b, x);
    if (b->config->out_scale && b->config->tied)
        x = STAGE(b, "hook_scaled_out", OP_SCALE_ROWS, scale, shape_model(b), node_ref(x));
    b->outer = "";
    build_logits(b, x);
}

/* The first token's row through a dense layer and tanh: BERT's text vector. */
static int pooler(Build *b, int x) {
    Shape one = shape_once(AXIS_D_MODEL, b->config->d_model);
    OpParams act = {.act = {ACT_TANH}};
    int first = STAGE(b, "pooler.hook_first", OP_FIRST, NO_PARAM, one, node_ref(x));
    int pre = STAGE(b, "pooler.hook_pre", OP_LINEAR, LINEAR(POOLER), one, node_ref(first),
                    weight_ref(b, ROLE_POOLER_W), weight_ref(b, ROLE_POOLER_B));
    return STAGE(b, "pooler.hook_post", OP_ACTIVATION, act, one, node_ref(pre));
}

static void classifier(Build *b, Shape shape, int x) {
    OpParams labels = {.softmax = {SOFTMAX_LABELS}};
    int logits = STAGE(b, "classifier.hook_logits", OP_LINEAR, LINEAR(CLASSIFIER), shape,
                       node_ref(x), weight_ref(b, ROLE_CLASSIFIER_W),
                       weight_ref(b, ROLE_CLASSIFIER_B));
    STAGE(b, "classifier.hook_probs", OP_SOFTMAX, labels, shape, node_ref(logits));
}

static void top(Build *b, int x, size_t real) {
    const ModelConfig *c = b->config;
    OpParams rows = {.mean_rows = {real}};
    bool pooled = weight_ref(b, ROLE_POOLER_W).index >= 0;
    switch (c->task) {
    case TASK_TEXT:
    case TASK_FILL: unembedding(b, x); break;
    case TASK_TAG: classifier(b, shape_rows(b, AXIS_LABEL, c->n_labels), x); break;
    case TASK_CLASSIFY:
        classifier(b, shape_once(AXIS_LABEL, c->n_labels), pooled ? pooler(b, x) : x);
        break;
    case TASK_VECTOR:
        STAGE(b, "hook_sentence", OP_MEAN_ROWS, rows, shape_once(AXIS_D_MODEL, c->d_model),
              node_ref(x));
        if (pooled)
            pooler(b, x);
        break;
    }
}

/* ---- the whole ---- */

static MaskParams padded(MaskParams mask, size_t real) {
    mask.keys = real;
    return mask;
}

AttentionOptions attention_tiled(AttentionOptions options, size_t D) {
    size_t rows, columns;
    if (options.fast_memory > 0)
        flash_tile_for(options.fast_memory, D, &rows, &columns);
    else
        flash_default_tile(D, &rows, &columns);
    rows = rows < ATTENTION_TILE_MOST ? rows : ATTENTION_TILE_MOST;
    columns = columns < ATTENTION_TILE_MOST ? columns : ATTENTION_TILE_MOST;
    options.tile_rows = options.tile_rows ? options.tile_rows : rows;
    options.tile_columns = options.tile_columns ? options.tile_columns : columns;
    return options;
}

static Build stack_build(const Model *model, Graph *graph, StackId id, size_t length,
                         AttentionOptions options) {
    bool two = model->config.two_stacks, own = id == STACK_OWN;
    const char *prefix = !two ? "" : own ? "decoder." : "encoder.";
    return (Build){.model = model,
                   .config = &model->config,
                   .graph = graph,
                   .stack = id,
                   .sizes = config_stack(&model->config, id),
                   .outer = prefix,
                   .inner = two ? prefix : "blocks.",
                   .text = own ? TEXT_OWN : TEXT_SOURCE,
                   .T = length,
                   .layer = -1,
                   .attention = attention_tiled(options, config_stack(&model->config, id).d_head)};
}

static void transformer(const Model *model, const ForwardSize *size, Graph *graph) {
    const ModelConfig *c = &model->config;
    MaskParams everything = padded((MaskParams){.kind = MASK_FULL}, size->source_real);
    Surroundings around = {padded(c->mask, size->real), -1, size->source, everything};
    if (c->two_stacks) {
        Build encoder = stack_build(model, graph, STACK_ENCODER, size->source, size->attention);
        around.memory = stack(&encoder, &(Surroundings){everything, -1, 0, everything});
    }
    Build own = stack_build(model, graph, STACK_OWN, size->length, size->attention);
    top(&own, stack(&own, &around), size->real);
    graph->looks_ahead = forward_looks_ahead(c);
}

bool forward_looks_ahead(const ModelConfig *config) {
    bool sees_all = !config->mask.causal || config->softmax_queries || config->mask_late;
    return config->cell == CELL_NONE && sees_all;
}

/* The largest record must fit a size_t, whatever the prompt's length. */
static bool check_size(const Model *model, StackId id, size_t length, Err *err) {
    const ModelConfig *c = &model->config;
    StackSizes sizes = config_stack(c, id);
    size_t square, scores, vocab, wide, state;
    const char *what = id == STACK_ENCODER ? "source" : "input";
    if (length == 0)
        return err_set(err, "the %s: no token at all, expected at least one", what);
    if (c->pos == POS_LEARNED && length > c->n_ctx)
        return err_set(err,
                       "the %s: %zu tokens, but the position table of model %s has %zu rows; "
                       "shorten it",
                       what, length, model->name, c->n_ctx);
    size_t most = sizes.n_heads > sizes.d_head ? sizes.n_heads : sizes.d_head;
    if (size_mul(length, length, &square) && size_mul(square, most * 4, &scores) &&
        size_mul(length, c->n_vocab * 4, &vocab) &&
        size_mul(length, sizes.d_ff * 4 * (c->n_active + 1), &wide) &&
        size_mul(length, c->d_hidden * 4, &state))
        return true;
    return err_set(err, "the %s: %zu tokens are too many for this machine's addresses", what,
                   length);
}

static bool check_tile(const char *what, size_t size, Err *err) {
    return size <= ATTENTION_TILE_MOST ||
           err_set(err, "the tile: %zu %s, expected at most %d", size, what, ATTENTION_TILE_MOST);
}

bool forward_attention(const Model *model, const AttentionOptions *options, Err *err) {
    const ModelConfig *c = &model->config;
    if (options->kind == ATTENTION_STANDARD)
        return true;
    if (c->cell != CELL_NONE)
        return err_set(err, "flash: model %s is recurrent and has no attention", model->name);
    if (c->mask_late)
        return err_set(err,
                       "flash: the knob mask_place=after needs each row's whole softmax before "
                       "the mask, which no tile has; use standard attention");
    if (c->softmax_queries)
        return err_set(err,
                       "flash: the knob softmax=queries divides by sums over the queries, which "
                       "no row of tiles has; use standard attention");
    size_t heads = config_stack(c, STACK_OWN).n_heads;
    if (c->two_stacks && config_stack(c, STACK_ENCODER).n_heads < heads)
        heads = config_stack(c, STACK_ENCODER).n_heads;
    if (options->head >= heads)
        return err_set(err, "flash: head %zu, but model %s has heads 0 to %zu", options->head,
                       model->name, heads - 1);
    return check_tile("rows", options->tile_rows, err) &&
           check_tile("columns", options->tile_columns, err);
}

bool forward_build(const Model *model, const ForwardSize *size, Arena *arena, Graph *graph,
                   Err *err) {
    if (!forward_attention(model, &size->attention, err) ||
        !check_size(model, STACK_OWN, size->length, err) ||
        (model->config.two_stacks && !check_size(model, STACK_ENCODER, size->source, err)))
        return false;
    *graph = (Graph){.arena = arena, .weight = model->weight, .weight_count = model->weight_count};
    if (model->config.cell != CELL_NONE) {
        Build build = stack_build(model, graph, STACK_OWN, size->length, size->attention);
        recurrent_build(&build);
    } else {
        transformer(model, size, graph);
    }
    return true;
}
