/* t5: Raffel et al. 2020, "Exploring the Limits of Transfer Learning with a Unified Text-to-Text
 * Transformer". Two stacks, pre-LN with RMSNorm, no biases, scores that are not scaled, and a number
 * for each distance instead of position rows: the first layer's table serves all. Version 1.1 has a
 * gated FFN and an output matrix of its own. */
#include "engine/model/family.h"

static const ConfigField T5_FIELDS[] = {
    {"architectures", NULL, FIELD_TASKS, true, TO(task), 0},
    {"vocab_size", NULL, FIELD_SIZE, false, TO(n_vocab), MOST_ROWS},
    {"d_model", "hidden_size", FIELD_SIZE, false, TO(d_model), MOST_WIDTH},
    {"d_kv", NULL, FIELD_SIZE, false, TO(d_head), MOST_WIDTH},
    {"d_ff", NULL, FIELD_SIZE, false, TO(d_ff), MOST_ROWS},
    {"num_layers", "num_hidden_layers", FIELD_SIZE, false, TO(encoder.n_layers), MOST_LAYERS},
    {"num_decoder_layers", NULL, FIELD_SIZE, true, TO(n_layers), MOST_LAYERS},
    {"num_heads", "num_attention_heads", FIELD_SIZE, false, TO(n_heads), MOST_HEADS},
    {"relative_attention_num_buckets", NULL, FIELD_SIZE, false, TO(n_buckets), MOST_ROWS},
    {"relative_attention_max_distance", NULL, FIELD_SIZE, false, TO(max_distance), MOST_ROWS},
    {"layer_norm_epsilon", NULL, FIELD_EPS, false, TO(norm_eps), 0},
    {"feed_forward_proj", NULL, FIELD_T5_FFN, false, TO(act), 0},
    {"tie_word_embeddings", NULL, FIELD_BOOL, true, TO(tied), 0},
    {"scale_decoder_outputs", NULL, FIELD_BOOL, true, TO(out_scale), 0},
    {"pad_token_id", NULL, FIELD_TOKEN, true, TO(pad), 0},
    {"eos_token_id", NULL, FIELD_EOS, true, 0, 0},
    {"decoder_start_token_id", NULL, FIELD_TOKEN, true, TO(start), 0},
    {"forced_bos_token_id", NULL, FIELD_TOKEN, true, TO(forced_bos), 0},
    {"forced_eos_token_id", NULL, FIELD_TOKEN, true, TO(forced_eos), 0},
    {"bad_words_ids", NULL, FIELD_BANNED, true, 0, 0},
    {"quantization_config", NULL, FIELD_REFUSE, true, 0, 0},
};

static const TaskName T5_TASKS[] = {
    {"ForConditionalGeneration", TASK_TEXT}, {"WithLMHeadModel", TASK_TEXT}, {NULL, TASK_TEXT}};

#define SHARED "shared.weight|encoder.embed_tokens.weight|decoder.embed_tokens.weight"
#define ENCODER "encoder.block.{l}.layer."
#define DECODER "decoder.block.{l}.layer."
#define BIAS "layer.0.SelfAttention.relative_attention_bias.weight"

/* wi where the FFN is not gated; wi_0 (the gate) and wi_1 where it is. */
#define FFN_IN(block, sublayer)                                                                    \
    block sublayer ".DenseReluDense.wi.weight|" block sublayer ".DenseReluDense.wi_0.weight"

static const FamilyWeight T5_WEIGHTS[] = {
    WEIGHT_ENCODER(EMBED, IN_OUT, SHARED),
    WEIGHT_ENCODER(POS_BIAS, IN_OUT, "encoder.block.0." BIAS),
    WEIGHT_ENCODER(LN1_W, IN_OUT, ENCODER "0.layer_norm.weight"),
    WEIGHT_ENCODER(W_Q, OUT_IN, ENCODER "0.SelfAttention.q.weight"),
    WEIGHT_ENCODER(W_K, OUT_IN, ENCODER "0.SelfAttention.k.weight"),
    WEIGHT_ENCODER(W_V, OUT_IN, ENCODER "0.SelfAttention.v.weight"),
    WEIGHT_ENCODER(W_O, OUT_IN, ENCODER "0.SelfAttention.o.weight"),
    WEIGHT_ENCODER(LN2_W, IN_OUT, ENCODER "1.layer_norm.weight"),
    WEIGHT_ENCODER(W_IN, OUT_IN, FFN_IN(ENCODER, "1")),
    WEIGHT_ENCODER(W_LINEAR, OUT_IN, ENCODER "1.DenseReluDense.wi_1.weight"),
    WEIGHT_ENCODER(W_OUT, OUT_IN, ENCODER "1.DenseReluDense.wo.weight"),
    WEIGHT_ENCODER(LN_FINAL_W, IN_OUT, "encoder.final_layer_norm.weight"),
    WEIGHT(EMBED, IN_OUT, SHARED),
    WEIGHT(POS_BIAS, IN_OUT, "decoder.block.0." BIAS),
    WEIGHT(LN1_W, IN_OUT, DECODER "0.layer_norm.weight"),
    WEIGHT(W_Q, OUT_IN, DECODER "0.SelfAttention.q.weight"),
    WEIGHT(W_K, OUT_IN, DECODER "0.SelfAttention.k.weight"),
    WEIGHT(W_V, OUT_IN, DECODER "0.SelfAttention.v.weight"),
    WEIGHT(W_O, OUT_IN, DECODER "0.SelfAttention.o.weight"),
    WEIGHT(LN2_W, IN_OUT, DECODER "1.layer_norm.weight"),
    WEIGHT(CROSS_W_Q, OUT_IN, DECODER "1.EncDecAttention.q.weight"),
    WEIGHT(CROSS_W_K, OUT_IN, DECODER "1.EncDecAttention.k.weight"),
    WEIGHT(CROSS_W_V, OUT_IN, DECODER "1.EncDecAttention.v.weight"),
    WEIGHT(CROSS_W_O, OUT_IN, DECODER "1.EncDecAttention.o.weight"),
    WEIGHT(LN3_W, IN_OUT, DECODER "2.layer_norm.weight"),
    WEIGHT(W_IN, OUT_IN, FFN_IN(DECODER, "2")),
    WEIGHT(W_LINEAR, OUT_IN, DECODER "2.DenseReluDense.wi_1.weight"),
    WEIGHT(W_OUT, OUT_IN, DECODER "2.DenseReluDense.wo.weight"),
    WEIGHT(LN_FINAL_W, IN_OUT, "decoder.final_layer_norm.weight"),
    WEIGHT(UNEMBED, OUT_IN, "lm_head.weight"),
};

/* The embedding under its other names, and a table that the first files have and nobody reads. */
static const char *const T5_IGNORED[] = {
    "encoder.embed_tokens.weight", "decoder.embed_tokens.weight",
    "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight", NULL};

const Family family_t5 = {
    .model_type = "t5",
    .defaults = {.two_stacks = true,
                 .n_heads = 8,
                 .d_model = 512,
                 .d_head = 64,
                 .d_ff = 2048,
                 .n_vocab = 32128,
                 .encoder = {.n_layers = 6},
                 .norm = NORM_RMS,
                 .norm_eps = 1e-6,
                 .pos = POS_BUCKETS,
                 .n_buckets = 32,
                 .max_distance = 128,
                 .mask = {.causal = true},
                 .act = ACT_RELU,
                 .tied = true,
                 .out_scale = true,
                 .bos = -1,
                 .eos = {1},
                 .n_eos = 1,
                 .pad = 0,
                 .start = -1,
                 .forced_bos = -1,
                 .forced_eos = -1},
    .field = T5_FIELDS,
    .field_count = FAMILY_COUNT(T5_FIELDS),
    .task = T5_TASKS,
    .prefix = "transformer.",
    .ignored = T5_IGNORED,
    .weight = T5_WEIGHTS,
    .weight_count = FAMILY_COUNT(T5_WEIGHTS),
};
