/* Llama (Touvron et al. 2023) and its relatives: Mistral (Jiang et al. 2023: a window), Qwen2 (2024:
 * biases) and Mixtral (Jiang et al. 2024: experts). They share names and knobs. */
#include "engine/model/family.h"

/* What Llama and its relatives have in common. */
#define ROTARY_FIELDS                                                                              \
    {"vocab_size", NULL, FIELD_SIZE, false, TO(n_vocab), MOST_ROWS},                               \
        {"max_position_embeddings", NULL, FIELD_SIZE, false, TO(n_ctx), MOST_ROWS},                \
        {"hidden_size", NULL, FIELD_SIZE, false, TO(d_model), MOST_WIDTH},                         \
        {"intermediate_size", NULL, FIELD_SIZE, false, TO(d_ff), MOST_ROWS},                       \
        {"num_hidden_layers", NULL, FIELD_SIZE, false, TO(n_layers), MOST_LAYERS},                 \
        {"num_attention_heads", NULL, FIELD_SIZE, false, TO(n_heads), MOST_HEADS},                 \
        {"num_key_value_heads", NULL, FIELD_SIZE, true, TO(n_kv_heads), MOST_HEADS},               \
        {"head_dim", NULL, FIELD_SIZE, true, TO(d_head), MOST_WIDTH},                              \
        {"hidden_act", NULL, FIELD_ACT, false, TO(act), 0},                                        \
        {"rms_norm_eps", NULL, FIELD_EPS, false, TO(norm_eps), 0},                                 \
        {"rope_theta", NULL, FIELD_POSITIVE, false, TO(rope_theta), 0},                            \
        {"rope_parameters", NULL, FIELD_ROPE, true, TO(rope_theta), 0},                            \
        {"tie_word_embeddings", NULL, FIELD_BOOL, true, TO(tied), 0},                              \
        {"bos_token_id", NULL, FIELD_TOKEN, true, TO(bos), 0},                                     \
        {"pad_token_id", NULL, FIELD_TOKEN, true, TO(pad), 0},                                     \
        {"eos_token_id", NULL, FIELD_EOS, true, 0, 0},                                             \
        {"rope_scaling", NULL, FIELD_SCALING, true, TO(rope_scaling), 0},                          \
        {"is_encoder_decoder", NULL, FIELD_REFUSE, true, 0, 0}, {                                  \
        "quantization_config", NULL, FIELD_REFUSE, true, 0, 0                                      \
    }

static const ConfigField LLAMA_FIELDS[] = {
    ROTARY_FIELDS,
    {"attention_bias", NULL, FIELD_BOOL, true, TO(attn_bias), 0},
    {"mlp_bias", NULL, FIELD_BOOL, true, TO(mlp_bias), 0},
};

/* All but the FFN. */
#define LLAMA_ATTENTION                                                                            \
    WEIGHT(EMBED, IN_OUT, "model.embed_tokens.weight"),                                            \
        WEIGHT(LN1_W, IN_OUT, "model.layers.{l}.input_layernorm.weight"),                          \
        WEIGHT(W_Q, OUT_IN, "model.layers.{l}.self_attn.q_proj.weight"),                           \
        WEIGHT(B_Q, OUT_IN, "model.layers.{l}.self_attn.q_proj.bias"),                             \
        WEIGHT(W_K, OUT_IN, "model.layers.{l}.self_attn.k_proj.weight"),                           \
        WEIGHT(B_K, OUT_IN, "model.layers.{l}.self_attn.k_proj.bias"),                             \
        WEIGHT(W_V, OUT_IN, "model.layers.{l}.self_attn.v_proj.weight"),                           \
        WEIGHT(B_V, OUT_IN, "model.layers.{l}.self_attn.v_proj.bias"),                             \
        WEIGHT(W_O, OUT_IN, "model.layers.{l}.self_attn.o_proj.weight"),                           \
        WEIGHT(B_O, OUT_IN, "model.layers.{l}.self_attn.o_proj.bias"),                             \
        WEIGHT(LN2_W, IN_OUT, "model.layers.{l}.post_attention_layernorm.weight"),                 \
        WEIGHT(LN_FINAL_W, IN_OUT, "model.norm.weight"), WEIGHT(UNEMBED, OUT_IN, "lm_head.weight")

static const FamilyWeight LLAMA_WEIGHTS[] = {
    LLAMA_ATTENTION,
    WEIGHT(W_IN, OUT_IN, "model.layers.{l}.mlp.gate_proj.weight"),
    WEIGHT(B_IN, OUT_IN, "model.layers.{l}.mlp.gate_proj.bias"),
    WEIGHT(W_LINEAR, OUT_IN, "model.layers.{l}.mlp.up_proj.weight"),
    WEIGHT(B_LINEAR, OUT_IN, "model.layers.{l}.mlp.up_proj.bias"),
    WEIGHT(W_OUT, OUT_IN, "model.layers.{l}.mlp.down_proj.weight"),
    WEIGHT(B_OUT, OUT_IN, "model.layers.{l}.mlp.down_proj.bias"),
};

/* ---- mistral, qwen2 ---- */

static const ConfigField MISTRAL_FIELDS[] = {
    ROTARY_FIELDS,
    {"sliding_window", NULL, FIELD_SIZE, true, TO(window), MOST_ROWS},
};

/* Its window holds in the layers from max_window_layers on. */
static const ConfigField QWEN2_FIELDS[] = {
    ROTARY_FIELDS,
    {"use_sliding_window", NULL, FIELD_BOOL, true, TO(window_used), 0},
    {"sliding_window", NULL, FIELD_SIZE, true, TO(window), MOST_ROWS},
    {"max_window_layers", NULL, FIELD_WHOLE, false, TO(window_from), MOST_LAYERS},
};

static const ConfigField MIXTRAL_FIELDS[] = {
    ROTARY_FIELDS,
    {"sliding_window", NULL, FIELD_SIZE, true, TO(window), MOST_ROWS},
    {"num_local_experts", NULL, FIELD_SIZE, false, TO(n_experts), MOST_EXPERTS},
    {"num_experts_per_tok", NULL, FIELD_SIZE, false, TO(n_active), MOST_EXPERTS},
};

#define EXPERT "model.layers.{l}.block_sparse_moe.experts.{e}."
static const FamilyWeight MIXTRAL_WEIGHTS[] = {
    LLAMA_ATTENTION,
    WEIGHT(ROUTER, OUT_IN, "model.layers.{l}.block_sparse_moe.gate.weight"),
    WEIGHT(EXPERT_IN, OUT_IN, EXPERT "w1.weight"),
    WEIGHT(EXPERT_LINEAR, OUT_IN, EXPERT "w3.weight"),
    WEIGHT(EXPERT_OUT, OUT_IN, EXPERT "w2.weight"),
};

/* Angles that old files keep as a buffer. */
static const char *const LLAMA_IGNORED[] = {"*.rotary_emb.inv_freq", NULL};

/* What Llama's relatives share: the knobs that the config does not set, and the file's names. */
#define LLAMA_KNOBS                                                                                \
    .norm = NORM_RMS, .norm_place = NORM_PRE, .norm_eps = 1e-6, .scaled = true, .pos = POS_ROTARY, \
    .rope_theta = 10000, .act = ACT_SILU, .gated = true, .mask = {.causal = true}
#define LLAMA_TOKENS .bos = 1, .eos = {2}, .n_eos = 1, .pad = -1
#define LLAMA_FILE                                                                                 \
    .prefix = "model.", .ignored = LLAMA_IGNORED, .weight = LLAMA_WEIGHTS,                         \
    .weight_count = FAMILY_COUNT(LLAMA_WEIGHTS)

const Family family_llama = {
    .model_type = "llama",
    .defaults = {.n_layers = 32,
                 .n_heads = 32,
                 .d_model = 4096,
                 .d_ff = 11008,
                 .n_vocab = 32000,
                 .n_ctx = 2048,
                 LLAMA_KNOBS,
                 LLAMA_TOKENS},
    .field = LLAMA_FIELDS,
    .field_count = FAMILY_COUNT(LLAMA_FIELDS),
    LLAMA_FILE,
};

const Family family_mistral = {
    .model_type = "mistral",
    .defaults = {.n_layers = 32,
                 .n_heads = 32,
                 .n_kv_heads = 8,
                 .d_model = 4096,
                 .d_ff = 14336,
                 .n_vocab = 32000,
                 .n_ctx = 131072,
                 LLAMA_KNOBS,
                 .window = 4096,
                 .window_used = true,
                 LLAMA_TOKENS},
    .field = MISTRAL_FIELDS,
    .field_count = FAMILY_COUNT(MISTRAL_FIELDS),
    LLAMA_FILE,
};

const Family family_qwen2 = {
    .model_type = "qwen2",
    .defaults = {.n_layers = 32,
                 .window = 4096,
                 .window_from = 28,
                 .n_heads = 32,
                 .n_kv_heads = 32,
                 .qkv_bias = true,
                 .d_model = 4096,
                 .d_ff = 22016,
                 .n_vocab = 151936,
                 .n_ctx = 32768,
                 LLAMA_KNOBS,
                 .bos = -1,
                 .eos = {2},
                 .n_eos = 0,
                 .pad = -1},
    .field = QWEN2_FIELDS,
    .field_count = FAMILY_COUNT(QWEN2_FIELDS),
    LLAMA_FILE,
};

/* Its rope_theta and eps are not Llama's. */
const Family family_mixtral = {
    .model_type = "mixtral",
    .defaults = {.n_layers = 32,
                 .n_heads = 32,
                 .n_kv_heads = 8,
                 .d_model = 4096,
                 .d_ff = 14336,
                 .n_vocab = 32000,
                 .n_ctx = 131072,
                 .n_experts = 8,
                 .n_active = 2,
                 .window_used = true,
                 .norm = NORM_RMS,
                 .norm_eps = 1e-5,
                 .scaled = true,
                 .pos = POS_ROTARY,
                 .rope_theta = 1e6,
                 .act = ACT_SILU,
                 .gated = true,
                 .mask = {.causal = true},
                 LLAMA_TOKENS},
    .field = MIXTRAL_FIELDS,
    .field_count = FAMILY_COUNT(MIXTRAL_FIELDS),
    .prefix = "model.",
    .ignored = LLAMA_IGNORED,
    .weight = MIXTRAL_WEIGHTS,
    .weight_count = FAMILY_COUNT(MIXTRAL_WEIGHTS),
};
