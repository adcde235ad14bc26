/* bert: Devlin et al. 2019, "BERT: Pre-training of Deep Bidirectional Transformers for Language
 * Understanding". An encoder alone, post-LN, that sees the whole text; what stands on top of it is
 * what `architectures` says. */
#include "engine/model/family.h"

static const ConfigField BERT_FIELDS[] = {
    {"architectures", NULL, FIELD_TASKS, true, TO(task), 0},
    {"vocab_size", NULL, FIELD_SIZE, false, TO(n_vocab), MOST_ROWS},
    {"hidden_size", NULL, FIELD_SIZE, false, TO(d_model), MOST_WIDTH},
    {"num_hidden_layers", NULL, FIELD_SIZE, false, TO(n_layers), MOST_LAYERS},
    {"num_attention_heads", NULL, FIELD_SIZE, false, TO(n_heads), MOST_HEADS},
    {"intermediate_size", NULL, FIELD_SIZE, false, TO(d_ff), MOST_ROWS},
    {"hidden_act", NULL, FIELD_ACT, false, TO(act), 0},
    {"max_position_embeddings", NULL, FIELD_SIZE, false, TO(n_ctx), MOST_ROWS},
    {"type_vocab_size", NULL, FIELD_SIZE, false, TO(n_types), MOST_ROWS},
    {"layer_norm_eps", NULL, FIELD_EPS, false, TO(norm_eps), 0},
    {"id2label", NULL, FIELD_LABELS, true, TO(n_labels), 0},
    {"problem_type", "single_label_classification", FIELD_IS, true, 0, 0},
    {"tie_word_embeddings", NULL, FIELD_BOOL, true, TO(tied), 0},
    {"pad_token_id", NULL, FIELD_TOKEN, true, TO(pad), 0},
    {"position_embedding_type", "absolute", FIELD_IS, true, 0, 0},
    {"is_decoder", NULL, FIELD_REFUSE, true, 0, 0},
    {"add_cross_attention", NULL, FIELD_REFUSE, true, 0, 0},
    {"is_encoder_decoder", NULL, FIELD_REFUSE, true, 0, 0},
    {"pruned_heads", NULL, FIELD_REFUSE, true, 0, 0},
    {"quantization_config", NULL, FIELD_REFUSE, true, 0, 0},
};

/* A masked-LM head is there after pre-training too. */
static const TaskName BERT_TASKS[] = {
    {"ForMaskedLM", TASK_FILL},
    {"ForPreTraining", TASK_FILL},
    {"ForSequenceClassification", TASK_CLASSIFY},
    {"ForTokenClassification", TASK_TAG},
    {"Model", TASK_VECTOR},
    {NULL, TASK_TEXT},
};

/* The first files (TensorFlow's) call a norm's weight gamma and its bias beta. */
#define NORM_WEIGHT(name) name ".weight|" name ".gamma"
#define NORM_BIAS(name) name ".bias|" name ".beta"
#define LAYER "bert.encoder.layer.{l}."
#define HEAD "cls.predictions."

static const FamilyWeight BERT_WEIGHTS[] = {
    WEIGHT(EMBED, IN_OUT, "bert.embeddings.word_embeddings.weight"),
    WEIGHT(POS, IN_OUT, "bert.embeddings.position_embeddings.weight"),
    WEIGHT(TYPE_EMBED, IN_OUT, "bert.embeddings.token_type_embeddings.weight"),
    WEIGHT(EMBED_LN_W, IN_OUT, NORM_WEIGHT("bert.embeddings.LayerNorm")),
    WEIGHT(EMBED_LN_B, IN_OUT, NORM_BIAS("bert.embeddings.LayerNorm")),
    WEIGHT(W_Q, OUT_IN, LAYER "attention.self.query.weight"),
    WEIGHT(B_Q, OUT_IN, LAYER "attention.self.query.bias"),
    WEIGHT(W_K, OUT_IN, LAYER "attention.self.key.weight"),
    WEIGHT(B_K, OUT_IN, LAYER "attention.self.key.bias"),
    WEIGHT(W_V, OUT_IN, LAYER "attention.self.value.weight"),
    WEIGHT(B_V, OUT_IN, LAYER "attention.self.value.bias"),
    WEIGHT(W_O, OUT_IN, LAYER "attention.output.dense.weight"),
    WEIGHT(B_O, OUT_IN, LAYER "attention.output.dense.bias"),
    WEIGHT(LN1_W, IN_OUT, NORM_WEIGHT(LAYER "attention.output.LayerNorm")),
    WEIGHT(LN1_B, IN_OUT, NORM_BIAS(LAYER "attention.output.LayerNorm")),
    WEIGHT(W_IN, OUT_IN, LAYER "intermediate.dense.weight"),
    WEIGHT(B_IN, OUT_IN, LAYER "intermediate.dense.bias"),
    WEIGHT(W_OUT, OUT_IN, LAYER "output.dense.weight"),
    WEIGHT(B_OUT, OUT_IN, LAYER "output.dense.bias"),
    WEIGHT(LN2_W, IN_OUT, NORM_WEIGHT(LAYER "output.LayerNorm")),
    WEIGHT(LN2_B, IN_OUT, NORM_BIAS(LAYER "output.LayerNorm")),
    WEIGHT(HEAD_W, OUT_IN, HEAD "transform.dense.weight"),
    WEIGHT(HEAD_B, OUT_IN, HEAD "transform.dense.bias"),
    WEIGHT(HEAD_LN_W, IN_OUT, NORM_WEIGHT(HEAD "transform.LayerNorm")),
    WEIGHT(HEAD_LN_B, IN_OUT, NORM_BIAS(HEAD "transform.LayerNorm")),
    WEIGHT(UNEMBED, OUT_IN, HEAD "decoder.weight"),
    WEIGHT(UNEMBED_B, OUT_IN, HEAD "bias|" HEAD "decoder.bias"),
    WEIGHT_OPTIONAL(POOLER_W, OUT_IN, "bert.pooler.dense.weight"),
    WEIGHT_OPTIONAL(POOLER_B, OUT_IN, "bert.pooler.dense.bias"),
    WEIGHT(CLASSIFIER_W, OUT_IN, "classifier.weight"),
    WEIGHT(CLASSIFIER_B, OUT_IN, "classifier.bias"),
};

/* A buffer, and the second name of the output's bias. */
static const char *const BERT_IGNORED[] = {"*.position_ids", HEAD "decoder.bias", NULL};

const Family family_bert = {
    .model_type = "bert",
    .defaults = {.n_layers = 12,
                 .n_heads = 12,
                 .d_model = 768,
                 .d_ff = 3072,
                 .n_vocab = 30522,
                 .n_ctx = 512,
                 .n_types = 2,
                 .task = TASK_VECTOR,
                 .norm = NORM_LAYER,
                 .norm_place = NORM_POST,
                 .norm_eps = 1e-12,
                 .embed_ln = true,
                 .pos = POS_LEARNED,
                 .mask = {.kind = MASK_FULL},
                 .act = ACT_GELU_ERF,
                 .scaled = true,
                 .qkv_bias = true,
                 .out_bias = true,
                 .mlp_bias = true,
                 .logits_bias = true,
                 .tied = true,
                 .bos = -1,
                 .pad = 0},
    .field = BERT_FIELDS,
    .field_count = FAMILY_COUNT(BERT_FIELDS),
    .task = BERT_TASKS,
    .prefix = "bert.",
    .ignored = BERT_IGNORED,
    .weight = BERT_WEIGHTS,
    .weight_count = FAMILY_COUNT(BERT_WEIGHTS),
};
