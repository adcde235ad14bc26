/* bart (Lewis et al. 2020) and marian (Junczys-Dowmunt et al. 2018): the original Transformer's shape
 * (Vaswani et al. 2017): two stacks, post-LN. Marian's positions are sinusoids, as the original's;
 * BART's are learned, and its embeddings normalised. They share names. */
#include "engine/model/family.h"

#define STACKS_FIELDS                                                                              \
    {"architectures", NULL, FIELD_TASKS, true, TO(task), 0},                                       \
        {"vocab_size", NULL, FIELD_SIZE, false, TO(n_vocab), MOST_ROWS},                           \
        {"max_position_embeddings", NULL, FIELD_SIZE, false, TO(n_ctx), MOST_ROWS},                \
        {"d_model", "hidden_size", FIELD_SIZE, false, TO(d_model), MOST_WIDTH},                    \
        {"encoder_layers", NULL, FIELD_SIZE, false, TO(encoder.n_layers), MOST_LAYERS},            \
        {"encoder_ffn_dim", NULL, FIELD_SIZE, false, TO(encoder.d_ff), MOST_ROWS},                 \
        {"encoder_attention_heads", NULL, FIELD_SIZE, false, TO(encoder.n_heads), MOST_HEADS},     \
        {"decoder_layers", NULL, FIELD_SIZE, false, TO(n_layers), MOST_LAYERS},                    \
        {"decoder_ffn_dim", NULL, FIELD_SIZE, false, TO(d_ff), MOST_ROWS},                         \
        {"decoder_attention_heads", NULL, FIELD_SIZE, false, TO(n_heads), MOST_HEADS},             \
        {"activation_function", NULL, FIELD_ACT, false, TO(act), 0},                               \
        {"scale_embedding", NULL, FIELD_BOOL, true, TO(embed_scale), 0},                           \
        {"tie_word_embeddings", NULL, FIELD_BOOL, true, TO(tied), 0},                              \
        {"bos_token_id", NULL, FIELD_TOKEN, true, TO(bos), 0},                                     \
        {"pad_token_id", NULL, FIELD_TOKEN, true, TO(pad), 0},                                     \
        {"eos_token_id", NULL, FIELD_EOS, true, 0, 0},                                             \
        {"decoder_start_token_id", NULL, FIELD_TOKEN, true, TO(start), 0},                         \
        {"forced_bos_token_id", NULL, FIELD_TOKEN, true, TO(forced_bos), 0},                       \
        {"forced_eos_token_id", NULL, FIELD_TOKEN, true, TO(forced_eos), 0},                       \
        {"bad_words_ids", NULL, FIELD_BANNED, true, 0, 0}, {                                       \
        "quantization_config", NULL, FIELD_REFUSE, true, 0, 0                                      \
    }

static const ConfigField BART_FIELDS[] = {STACKS_FIELDS};

/* Two vocabularies are not one of this build's shapes. */
static const ConfigField MARIAN_FIELDS[] = {
    STACKS_FIELDS,
    {"share_encoder_decoder_embeddings", NULL, FIELD_REQUIRE, true, 0, 0},
};

static const TaskName STACKS_TASKS[] = {{"ForConditionalGeneration", TASK_TEXT},
                                        {"MTModel", TASK_TEXT},
                                        {"BartModel", TASK_TEXT},
                                        {"MarianModel", TASK_TEXT},
                                        {NULL, TASK_TEXT}};

#define SHARED                                                                                     \
    "model.shared.weight|model.encoder.embed_tokens.weight|model.decoder.embed_tokens.weight"
#define ENCODER "model.encoder.layers.{l}."
#define DECODER "model.decoder.layers.{l}."

#define STACKS_WEIGHTS                                                                             \
    WEIGHT_ENCODER(EMBED, IN_OUT, SHARED),                                                         \
        WEIGHT_ENCODER(W_Q, OUT_IN, ENCODER "self_attn.q_proj.weight"),                            \
        WEIGHT_ENCODER(B_Q, OUT_IN, ENCODER "self_attn.q_proj.bias"),                              \
        WEIGHT_ENCODER(W_K, OUT_IN, ENCODER "self_attn.k_proj.weight"),                            \
        WEIGHT_ENCODER(B_K, OUT_IN, ENCODER "self_attn.k_proj.bias"),                              \
        WEIGHT_ENCODER(W_V, OUT_IN, ENCODER "self_attn.v_proj.weight"),                            \
        WEIGHT_ENCODER(B_V, OUT_IN, ENCODER "self_attn.v_proj.bias"),                              \
        WEIGHT_ENCODER(W_O, OUT_IN, ENCODER "self_attn.out_proj.weight"),                          \
        WEIGHT_ENCODER(B_O, OUT_IN, ENCODER "self_attn.out_proj.bias"),                            \
        WEIGHT_ENCODER(LN1_W, IN_OUT, ENCODER "self_attn_layer_norm.weight"),                      \
        WEIGHT_ENCODER(LN1_B, IN_OUT, ENCODER "self_attn_layer_norm.bias"),                        \
        WEIGHT_ENCODER(W_IN, OUT_IN, ENCODER "fc1.weight"),                                        \
        WEIGHT_ENCODER(B_IN, OUT_IN, ENCODER "fc1.bias"),                                          \
        WEIGHT_ENCODER(W_OUT, OUT_IN, ENCODER "fc2.weight"),                                       \
        WEIGHT_ENCODER(B_OUT, OUT_IN, ENCODER "fc2.bias"),                                         \
        WEIGHT_ENCODER(LN2_W, IN_OUT, ENCODER "final_layer_norm.weight"),                          \
        WEIGHT_ENCODER(LN2_B, IN_OUT, ENCODER "final_layer_norm.bias"),                            \
        WEIGHT(EMBED, IN_OUT, SHARED), WEIGHT(W_Q, OUT_IN, DECODER "self_attn.q_proj.weight"),     \
        WEIGHT(B_Q, OUT_IN, DECODER "self_attn.q_proj.bias"),                                      \
        WEIGHT(W_K, OUT_IN, DECODER "self_attn.k_proj.weight"),                                    \
        WEIGHT(B_K, OUT_IN, DECODER "self_attn.k_proj.bias"),                                      \
        WEIGHT(W_V, OUT_IN, DECODER "self_attn.v_proj.weight"),                                    \
        WEIGHT(B_V, OUT_IN, DECODER "self_attn.v_proj.bias"),                                      \
        WEIGHT(W_O, OUT_IN, DECODER "self_attn.out_proj.weight"),                                  \
        WEIGHT(B_O, OUT_IN, DECODER "self_attn.out_proj.bias"),                                    \
        WEIGHT(LN1_W, IN_OUT, DECODER "self_attn_layer_norm.weight"),                              \
        WEIGHT(LN1_B, IN_OUT, DECODER "self_attn_layer_norm.bias"),                                \
        WEIGHT(CROSS_W_Q, OUT_IN, DECODER "encoder_attn.q_proj.weight"),                           \
        WEIGHT(CROSS_B_Q, OUT_IN, DECODER "encoder_attn.q_proj.bias"),                             \
        WEIGHT(CROSS_W_K, OUT_IN, DECODER "encoder_attn.k_proj.weight"),                           \
        WEIGHT(CROSS_B_K, OUT_IN, DECODER "encoder_attn.k_proj.bias"),                             \
        WEIGHT(CROSS_W_V, OUT_IN, DECODER "encoder_attn.v_proj.weight"),                           \
        WEIGHT(CROSS_B_V, OUT_IN, DECODER "encoder_attn.v_proj.bias"),                             \
        WEIGHT(CROSS_W_O, OUT_IN, DECODER "encoder_attn.out_proj.weight"),                         \
        WEIGHT(CROSS_B_O, OUT_IN, DECODER "encoder_attn.out_proj.bias"),                           \
        WEIGHT(LN2_W, IN_OUT, DECODER "encoder_attn_layer_norm.weight"),                           \
        WEIGHT(LN2_B, IN_OUT, DECODER "encoder_attn_layer_norm.bias"),                             \
        WEIGHT(W_IN, OUT_IN, DECODER "fc1.weight"), WEIGHT(B_IN, OUT_IN, DECODER "fc1.bias"),      \
        WEIGHT(W_OUT, OUT_IN, DECODER "fc2.weight"), WEIGHT(B_OUT, OUT_IN, DECODER "fc2.bias"),    \
        WEIGHT(LN3_W, IN_OUT, DECODER "final_layer_norm.weight"),                                  \
        WEIGHT(LN3_B, IN_OUT, DECODER "final_layer_norm.bias"),                                    \
        WEIGHT(UNEMBED, OUT_IN, "lm_head.weight"),                                                 \
        WEIGHT_OPTIONAL(UNEMBED_B, ONE_ROW, "final_logits_bias")

static const FamilyWeight BART_WEIGHTS[] = {
    STACKS_WEIGHTS,
    WEIGHT_ENCODER(POS, IN_OUT, "model.encoder.embed_positions.weight"),
    WEIGHT_ENCODER(EMBED_LN_W, IN_OUT, "model.encoder.layernorm_embedding.weight"),
    WEIGHT_ENCODER(EMBED_LN_B, IN_OUT, "model.encoder.layernorm_embedding.bias"),
    WEIGHT(POS, IN_OUT, "model.decoder.embed_positions.weight"),
    WEIGHT(EMBED_LN_W, IN_OUT, "model.decoder.layernorm_embedding.weight"),
    WEIGHT(EMBED_LN_B, IN_OUT, "model.decoder.layernorm_embedding.bias"),
};

static const FamilyWeight MARIAN_WEIGHTS[] = {STACKS_WEIGHTS};

/* The embedding under its other names. */
static const char *const BART_IGNORED[] = {"model.encoder.embed_tokens.weight",
                                           "model.decoder.embed_tokens.weight", NULL};
/* … and the sinusoids, which are computed. */
static const char *const MARIAN_IGNORED[] = {
    "model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight",
    "model.encoder.embed_positions.weight", "model.decoder.embed_positions.weight", NULL};

#define STACKS_KNOBS                                                                               \
    .two_stacks = true, .norm = NORM_LAYER, .norm_place = NORM_POST, .norm_eps = 1e-5,             \
    .act = ACT_GELU_ERF, .scaled = true, .qkv_bias = true, .out_bias = true, .mlp_bias = true,     \
    .logits_bias = true, .tied = true, .mask = {.causal = true}

const Family family_bart = {
    .model_type = "bart",
    .defaults = {STACKS_KNOBS, .n_layers = 12, .n_heads = 16, .d_model = 1024, .d_ff = 4096,
                 .n_vocab = 50265, .n_ctx = 1024,
                 .encoder = {.n_layers = 12, .n_heads = 16, .d_ff = 4096}, .embed_ln = true,
                 .pos = POS_LEARNED, .pos_offset = 2, .bos = 0, .eos = {2}, .n_eos = 1, .pad = 1,
                 .start = 2, .forced_bos = -1, .forced_eos = 2},
    .field = BART_FIELDS,
    .field_count = FAMILY_COUNT(BART_FIELDS),
    .task = STACKS_TASKS,
    .prefix = "model.",
    .ignored = BART_IGNORED,
    .weight = BART_WEIGHTS,
    .weight_count = FAMILY_COUNT(BART_WEIGHTS),
};

const Family family_marian = {
    .model_type = "marian",
    .defaults = {STACKS_KNOBS, .n_layers = 12, .n_heads = 16, .d_model = 1024, .d_ff = 4096,
                 .n_vocab = 58101, .n_ctx = 1024,
                 .encoder = {.n_layers = 12, .n_heads = 16, .d_ff = 4096}, .pos = POS_SINUSOID,
                 .sines_first = true, .bos = -1, .eos = {0}, .n_eos = 1, .pad = 58100,
                 .start = 58100, .forced_bos = -1, .forced_eos = 0},
    .field = MARIAN_FIELDS,
    .field_count = FAMILY_COUNT(MARIAN_FIELDS),
    .task = STACKS_TASKS,
    .prefix = "model.",
    .ignored = MARIAN_IGNORED,
    .weight = MARIAN_WEIGHTS,
    .weight_count = FAMILY_COUNT(MARIAN_WEIGHTS),
};
