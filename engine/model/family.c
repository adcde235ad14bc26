#include "engine/model/family.h"

#include <fnmatch.h>
#include <string.h>

/* Limits that no real model meets, and under which no product of sizes overflows. */
#define MOST_LAYERS 1000
#define MOST_HEADS 65536
#define MOST_WIDTH (1u << 20)
#define MOST_ROWS (1u << 24)

#define COUNT(list) ((int)(sizeof(list) / sizeof *(list)))
#define TO(member) offsetof(ModelConfig, member)

/* ---- gpt2: Radford et al. 2019, "Language Models are Unsupervised Multitask Learners" -------- */

static const ConfigField GPT2_FIELDS[] = {
    {"vocab_size", NULL, FIELD_SIZE, false, TO(n_vocab), MOST_ROWS},
    {"n_positions", "max_position_embeddings", FIELD_SIZE, false, TO(n_ctx), MOST_ROWS},
    {"n_embd", "hidden_size", FIELD_SIZE, false, TO(d_model), MOST_WIDTH},
    {"n_layer", "num_hidden_layers", FIELD_SIZE, false, TO(n_layers), MOST_LAYERS},
    {"n_head", "num_attention_heads", FIELD_SIZE, false, TO(n_heads), MOST_HEADS},
    {"n_inner", NULL, FIELD_SIZE, true, TO(d_ff), MOST_ROWS},
    {"activation_function", NULL, FIELD_ACT, false, TO(act), 0},
    {"layer_norm_epsilon", NULL, FIELD_EPS, false, TO(norm_eps), 0},
    {"scale_attn_weights", NULL, FIELD_BOOL, true, TO(scaled), 0},
    {"tie_word_embeddings", NULL, FIELD_BOOL, true, TO(tied), 0},
    {"bos_token_id", NULL, FIELD_BOS, true, 0, 0},
    {"eos_token_id", NULL, FIELD_EOS, true, 0, 0},
    {"scale_attn_by_inverse_layer_idx", NULL, FIELD_REFUSE, true, 0, 0},
    {"add_cross_attention", NULL, FIELD_REFUSE, true, 0, 0},
    {"is_encoder_decoder", NULL, FIELD_REFUSE, true, 0, 0},
    {"pruned_heads", NULL, FIELD_REFUSE, true, 0, 0},
    {"quantization_config", NULL, FIELD_REFUSE, true, 0, 0},
};

static const FamilyWeight GPT2_WEIGHTS[] = {
    {ROLE_EMBED, "transformer.wte.weight", LAYOUT_IN_OUT, 0, 1, 0},
    {ROLE_POS, "transformer.wpe.weight", LAYOUT_IN_OUT, 0, 1, 0},
    {ROLE_LN1_W, "transformer.h.{l}.ln_1.weight", LAYOUT_IN_OUT, 0, 1, 0},
    {ROLE_LN1_B, "transformer.h.{l}.ln_1.bias", LAYOUT_IN_OUT, 0, 1, 0},
    {ROLE_W_Q, "transformer.h.{l}.attn.c_attn.weight", LAYOUT_IN_OUT, 0, 3, 0},
    {ROLE_B_Q, "transformer.h.{l}.attn.c_attn.bias", LAYOUT_IN_OUT, 0, 3, 0},
    {ROLE_W_K, "transformer.h.{l}.attn.c_attn.weight", LAYOUT_IN_OUT, 1, 3, 0},
    {ROLE_B_K, "transformer.h.{l}.attn.c_attn.bias", LAYOUT_IN_OUT, 1, 3, 0},
    {ROLE_W_V, "transformer.h.{l}.attn.c_attn.weight", LAYOUT_IN_OUT, 2, 3, 0},
    {ROLE_B_V, "transformer.h.{l}.attn.c_attn.bias", LAYOUT_IN_OUT, 2, 3, 0},
    {ROLE_W_O, "transformer.h.{l}.attn.c_proj.weight", LAYOUT_IN_OUT, 0, 1, 0},
    {ROLE_B_O, "transformer.h.{l}.attn.c_proj.bias", LAYOUT_IN_OUT, 0, 1, 0},
    {ROLE_LN2_W, "transformer.h.{l}.ln_2.weight", LAYOUT_IN_OUT, 0, 1, 0},
    {ROLE_LN2_B, "transformer.h.{l}.ln_2.bias", LAYOUT_IN_OUT, 0, 1, 0},
    {ROLE_W_IN, "transformer.h.{l}.mlp.c_fc.weight", LAYOUT_IN_OUT, 0, 1, 0},
    {ROLE_B_IN, "transformer.h.{l}.mlp.c_fc.bias", LAYOUT_IN_OUT, 0, 1, 0},
    {ROLE_W_OUT, "transformer.h.{l}.mlp.c_proj.weight", LAYOUT_IN_OUT, 0, 1, 0},
    {ROLE_B_OUT, "transformer.h.{l}.mlp.c_proj.bias", LAYOUT_IN_OUT, 0, 1, 0},
    {ROLE_LN_FINAL_W, "transformer.ln_f.weight", LAYOUT_IN_OUT, 0, 1, 0},
    {ROLE_LN_FINAL_B, "transformer.ln_f.bias", LAYOUT_IN_OUT, 0, 1, 0},
    {ROLE_UNEMBED, "lm_head.weight", LAYOUT_OUT_IN, 0, 1, 0},
};

/* Old files keep the causal mask and its −10,000 as buffers. */
static const char *const GPT2_IGNORED[] = {"*.attn.bias", "*.attn.masked_bias", NULL};

/* ---- llama: Touvron et al. 2023 ------------------------------------------------------------- */

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
        {"bos_token_id", NULL, FIELD_BOS, true, 0, 0},                                             \
        {"eos_token_id", NULL, FIELD_EOS, true, 0, 0},                                             \
        {"rope_scaling", NULL, FIELD_REFUSE, true, 0, 0},                                          \
        {"is_encoder_decoder", NULL, FIELD_REFUSE, true, 0, 0}, {                                  \
        "quantization_config", NULL, FIELD_REFUSE, true, 0, 0                                      \
    }

static const ConfigField LLAMA_FIELDS[] = {
    ROTARY_FIELDS,
    {"attention_bias", NULL, FIELD_BOOL, true, TO(attn_bias), 0},
    {"mlp_bias", NULL, FIELD_BOOL, true, TO(mlp_bias), 0},
};

static const FamilyWeight LLAMA_WEIGHTS[] = {
    {ROLE_EMBED, "model.embed_tokens.weight", LAYOUT_IN_OUT, 0, 1, 0},
    {ROLE_LN1_W, "model.layers.{l}.input_layernorm.weight", LAYOUT_IN_OUT, 0, 1, 0},
    {ROLE_W_Q, "model.layers.{l}.self_attn.q_proj.weight", LAYOUT_OUT_IN, 0, 1, 0},
    {ROLE_B_Q, "model.layers.{l}.self_attn.q_proj.bias", LAYOUT_OUT_IN, 0, 1, TO(qkv_bias)},
    {ROLE_W_K, "model.layers.{l}.self_attn.k_proj.weight", LAYOUT_OUT_IN, 0, 1, 0},
    {ROLE_B_K, "model.layers.{l}.self_attn.k_proj.bias", LAYOUT_OUT_IN, 0, 1, TO(qkv_bias)},
    {ROLE_W_V, "model.layers.{l}.self_attn.v_proj.weight", LAYOUT_OUT_IN, 0, 1, 0},
    {ROLE_B_V, "model.layers.{l}.self_attn.v_proj.bias", LAYOUT_OUT_IN, 0, 1, TO(qkv_bias)},
    {ROLE_W_O, "model.layers.{l}.self_attn.o_proj.weight", LAYOUT_OUT_IN, 0, 1, 0},
    {ROLE_B_O, "model.layers.{l}.self_attn.o_proj.bias", LAYOUT_OUT_IN, 0, 1, TO(out_bias)},
    {ROLE_LN2_W, "model.layers.{l}.post_attention_layernorm.weight", LAYOUT_IN_OUT, 0, 1, 0},
    {ROLE_W_IN, "model.layers.{l}.mlp.gate_proj.weight", LAYOUT_OUT_IN, 0, 1, 0},
    {ROLE_B_IN, "model.layers.{l}.mlp.gate_proj.bias", LAYOUT_OUT_IN, 0, 1, TO(mlp_bias)},
    {ROLE_W_LINEAR, "model.layers.{l}.mlp.up_proj.weight", LAYOUT_OUT_IN, 0, 1, 0},
    {ROLE_B_LINEAR, "model.layers.{l}.mlp.up_proj.bias", LAYOUT_OUT_IN, 0, 1, TO(mlp_bias)},
    {ROLE_W_OUT, "model.layers.{l}.mlp.down_proj.weight", LAYOUT_OUT_IN, 0, 1, 0},
    {ROLE_B_OUT, "model.layers.{l}.mlp.down_proj.bias", LAYOUT_OUT_IN, 0, 1, TO(mlp_bias)},
    {ROLE_LN_FINAL_W, "model.norm.weight", LAYOUT_IN_OUT, 0, 1, 0},
    {ROLE_UNEMBED, "lm_head.weight", LAYOUT_OUT_IN, 0, 1, 0},
};

/* ---- mistral (Jiang et al. 2023) and qwen2 (2024): Llama's weights; a window, and biases ------- */

static const ConfigField MISTRAL_FIELDS[] = {
    ROTARY_FIELDS,
    {"sliding_window", NULL, FIELD_SIZE, true, TO(window), MOST_ROWS},
};

/* A window in some layers alone is not one of this build's knobs. */
static const ConfigField QWEN2_FIELDS[] = {
    ROTARY_FIELDS,
    {"use_sliding_window", NULL, FIELD_REFUSE, true, 0, 0},
};

/* ---- gpt_neox: Black et al. 2022, "GPT-NeoX-20B" ------------------------------------------------ */

static const ConfigField NEOX_FIELDS[] = {
    {"vocab_size", NULL, FIELD_SIZE, false, TO(n_vocab), MOST_ROWS},
    {"max_position_embeddings", NULL, FIELD_SIZE, false, TO(n_ctx), MOST_ROWS},
    {"hidden_size", NULL, FIELD_SIZE, false, TO(d_model), MOST_WIDTH},
    {"intermediate_size", NULL, FIELD_SIZE, false, TO(d_ff), MOST_ROWS},
    {"num_hidden_layers", NULL, FIELD_SIZE, false, TO(n_layers), MOST_LAYERS},
    {"num_attention_heads", NULL, FIELD_SIZE, false, TO(n_heads), MOST_HEADS},
    {"hidden_act", NULL, FIELD_ACT, false, TO(act), 0},
    {"layer_norm_eps", NULL, FIELD_EPS, false, TO(norm_eps), 0},
    {"rotary_pct", "partial_rotary_factor", FIELD_FRACTION, false, TO(rotary_share), 0},
    {"rotary_emb_base", "rope_theta", FIELD_POSITIVE, false, TO(rope_theta), 0},
    {"use_parallel_residual", NULL, FIELD_BOOL, true, TO(parallel), 0},
    {"attention_bias", NULL, FIELD_BOOL, true, TO(attn_bias), 0},
    {"tie_word_embeddings", NULL, FIELD_BOOL, true, TO(tied), 0},
    {"bos_token_id", NULL, FIELD_BOS, true, 0, 0},
    {"eos_token_id", NULL, FIELD_EOS, true, 0, 0},
    {"rope_scaling", NULL, FIELD_REFUSE, true, 0, 0},
    {"quantization_config", NULL, FIELD_REFUSE, true, 0, 0},
};

#define NEOX_QKV "gpt_neox.layers.{l}.attention.query_key_value."
static const FamilyWeight NEOX_WEIGHTS[] = {
    {ROLE_EMBED, "gpt_neox.embed_in.weight", LAYOUT_IN_OUT, 0, 1, 0},
    {ROLE_LN1_W, "gpt_neox.layers.{l}.input_layernorm.weight", LAYOUT_IN_OUT, 0, 1, 0},
    {ROLE_LN1_B, "gpt_neox.layers.{l}.input_layernorm.bias", LAYOUT_IN_OUT, 0, 1, 0},
    {ROLE_W_Q, NEOX_QKV "weight", LAYOUT_BY_HEAD, 0, 3, 0},
    {ROLE_B_Q, NEOX_QKV "bias", LAYOUT_BY_HEAD, 0, 3, TO(qkv_bias)},
    {ROLE_W_K, NEOX_QKV "weight", LAYOUT_BY_HEAD, 1, 3, 0},
    {ROLE_B_K, NEOX_QKV "bias", LAYOUT_BY_HEAD, 1, 3, TO(qkv_bias)},
    {ROLE_W_V, NEOX_QKV "weight", LAYOUT_BY_HEAD, 2, 3, 0},
    {ROLE_B_V, NEOX_QKV "bias", LAYOUT_BY_HEAD, 2, 3, TO(qkv_bias)},
    {ROLE_W_O, "gpt_neox.layers.{l}.attention.dense.weight", LAYOUT_OUT_IN, 0, 1, 0},
    {ROLE_B_O, "gpt_neox.layers.{l}.attention.dense.bias", LAYOUT_OUT_IN, 0, 1, TO(out_bias)},
    {ROLE_LN2_W, "gpt_neox.layers.{l}.post_attention_layernorm.weight", LAYOUT_IN_OUT, 0, 1, 0},
    {ROLE_LN2_B, "gpt_neox.layers.{l}.post_attention_layernorm.bias", LAYOUT_IN_OUT, 0, 1, 0},
    {ROLE_W_IN, "gpt_neox.layers.{l}.mlp.dense_h_to_4h.weight", LAYOUT_OUT_IN, 0, 1, 0},
    {ROLE_B_IN, "gpt_neox.layers.{l}.mlp.dense_h_to_4h.bias", LAYOUT_OUT_IN, 0, 1, 0},
    {ROLE_W_OUT, "gpt_neox.layers.{l}.mlp.dense_4h_to_h.weight", LAYOUT_OUT_IN, 0, 1, 0},
    {ROLE_B_OUT, "gpt_neox.layers.{l}.mlp.dense_4h_to_h.bias", LAYOUT_OUT_IN, 0, 1, 0},
    {ROLE_LN_FINAL_W, "gpt_neox.final_layer_norm.weight", LAYOUT_IN_OUT, 0, 1, 0},
    {ROLE_LN_FINAL_B, "gpt_neox.final_layer_norm.bias", LAYOUT_IN_OUT, 0, 1, 0},
    {ROLE_UNEMBED, "embed_out.weight", LAYOUT_OUT_IN, 0, 1, 0},
};

/* The causal mask and the angles, which files of the time keep as buffers. */
static const char *const NEOX_IGNORED[] = {"*.attention.bias", "*.attention.masked_bias",
                                           "*.rotary_emb.inv_freq", NULL};

/* Angles that old files keep as a buffer. */
static const char *const LLAMA_IGNORED[] = {"*.rotary_emb.inv_freq", NULL};

/* What Llama's relatives share: the knobs that the config does not set, and the file's names. */
#define LLAMA_KNOBS                                                                                \
    .norm = NORM_RMS, .norm_place = NORM_PRE, .norm_eps = 1e-6, .scaled = true, .pos = POS_ROTARY, \
    .rope_theta = 10000, .mask = {.causal = true}, .act = ACT_SILU, .gated = true
#define LLAMA_FILE                                                                                 \
    .prefix = "model.", .ignored = LLAMA_IGNORED, .weight = LLAMA_WEIGHTS,                         \
    .weight_count = COUNT(LLAMA_WEIGHTS)

static const Family FAMILIES[] = {
    {
        .model_type = "gpt2",
        .defaults = {.n_layers = 12,
                     .n_heads = 12,
                     .d_model = 768,
                     .n_vocab = 50257,
                     .n_ctx = 1024,
                     .norm = NORM_LAYER,
                     .norm_place = NORM_PRE,
                     .norm_eps = 1e-5,
                     .scaled = true,
                     .pos = POS_LEARNED,
                     .mask = {.causal = true},
                     .act = ACT_GELU_TANH,
                     .tied = true,
                     .bos = 50256,
                     .eos = {50256},
                     .n_eos = 1},
        .field = GPT2_FIELDS,
        .field_count = COUNT(GPT2_FIELDS),
        .prefix = "transformer.",
        .ignored = GPT2_IGNORED,
        .weight = GPT2_WEIGHTS,
        .weight_count = COUNT(GPT2_WEIGHTS),
    },
    {
        .model_type = "llama",
        .defaults = {.n_layers = 32,
                     .n_heads = 32,
                     .d_model = 4096,
                     .d_ff = 11008,
                     .n_vocab = 32000,
                     .n_ctx = 2048,
                     LLAMA_KNOBS,
                     .bos = 1,
                     .eos = {2},
                     .n_eos = 1},
        .field = LLAMA_FIELDS,
        .field_count = COUNT(LLAMA_FIELDS),
        LLAMA_FILE,
    },
    {
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
                     .bos = 1,
                     .eos = {2},
                     .n_eos = 1},
        .field = MISTRAL_FIELDS,
        .field_count = COUNT(MISTRAL_FIELDS),
        LLAMA_FILE,
    },
    {
        .model_type = "qwen2",
        .defaults = {.n_layers = 32,
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
                     .n_eos = 0},
        .field = QWEN2_FIELDS,
        .field_count = COUNT(QWEN2_FIELDS),
        LLAMA_FILE,
    },
    {
        .model_type = "gpt_neox",
        .defaults = {.n_layers = 44,
                     .n_heads = 64,
                     .d_model = 6144,
                     .d_ff = 24576,
                     .n_vocab = 50432,
                     .n_ctx = 2048,
                     .norm = NORM_LAYER,
                     .norm_place = NORM_PRE,
                     .norm_eps = 1e-5,
                     .scaled = true,
                     .pos = POS_ROTARY,
                     .rope_theta = 10000,
                     .rotary_share = 0.25,
                     .parallel = true,
                     .attn_bias = true,
                     .mask = {.causal = true},
                     .act = ACT_GELU_ERF,
                     .bos = 0,
                     .eos = {2},
                     .n_eos = 1},
        .field = NEOX_FIELDS,
        .field_count = COUNT(NEOX_FIELDS),
        .prefix = "gpt_neox.",
        .ignored = NEOX_IGNORED,
        .weight = NEOX_WEIGHTS,
        .weight_count = COUNT(NEOX_WEIGHTS),
    },
};

const Family *family_find(const char *model_type) {
    for (int i = 0; i < COUNT(FAMILIES); i++)
        if (strcmp(FAMILIES[i].model_type, model_type) == 0)
            return &FAMILIES[i];
    return NULL;
}

const char *family_names(Arena *arena) {
    const char *names = FAMILIES[0].model_type;
    for (int i = 1; i < COUNT(FAMILIES); i++)
        names = arena_printf(arena, "%s, %s", names, FAMILIES[i].model_type);
    return names;
}

bool family_ignores(const Family *family, const ModelConfig *config, const char *name) {
    for (int i = 0; family->ignored[i]; i++)
        if (fnmatch(family->ignored[i], name, 0) == 0)
            return true;
    for (int i = 0; config->tied && i < family->weight_count; i++)
        if (family->weight[i].role == ROLE_UNEMBED && strcmp(family->weight[i].name, name) == 0)
            return true;
    return false;
}
