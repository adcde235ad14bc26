/* The recurrent baselines: PyTorch's nn.RNN (Elman 1990), nn.LSTM (Hochreiter and Schmidhuber 1997,
 * with the forget gate of Gers et al. 2000) and nn.GRU (Cho et al. 2014) between an embedding and a
 * head. The names and the order of the gates are PyTorch's; the config's are our own. */
#include "engine/model/family.h"

/* clang-format off */
#define RECURRENT_FIELDS                                                                           \
    {"vocab_size", NULL, FIELD_SIZE, false, TO(n_vocab), MOST_ROWS},                               \
    {"embedding_size", NULL, FIELD_SIZE, false, TO(d_model), MOST_WIDTH},                          \
    {"hidden_size", NULL, FIELD_SIZE, false, TO(d_hidden), MOST_WIDTH},                            \
    {"num_layers", NULL, FIELD_SIZE, false, TO(n_layers), MOST_LAYERS},                            \
    {"tie_word_embeddings", NULL, FIELD_BOOL, true, TO(tied), 0},                                  \
    {"bos_token_id", NULL, FIELD_TOKEN, true, TO(bos), 0},                                         \
    {"pad_token_id", NULL, FIELD_TOKEN, true, TO(pad), 0},                                         \
    {"eos_token_id", NULL, FIELD_EOS, true, 0, 0},                                                 \
    {"bidirectional", NULL, FIELD_REFUSE, true, 0, 0},                                             \
    {"proj_size", NULL, FIELD_REFUSE, true, 0, 0},                                                 \
    {"quantization_config", NULL, FIELD_REFUSE, true, 0, 0}

/* The g-th of `all` gates. */
#define GATE(g, all)                                                                               \
    WEIGHT_PART(RNN_W_IN_##g, OUT_IN, "rnn.weight_ih_l{l}", g, all),                               \
    WEIGHT_PART(RNN_B_IN_##g, OUT_IN, "rnn.bias_ih_l{l}", g, all),                                 \
    WEIGHT_PART(RNN_W_STATE_##g, OUT_IN, "rnn.weight_hh_l{l}", g, all),                            \
    WEIGHT_PART(RNN_B_STATE_##g, OUT_IN, "rnn.bias_hh_l{l}", g, all)

#define RECURRENT_ENDS                                                                             \
    WEIGHT(EMBED, IN_OUT, "embed.weight"),                                                         \
    WEIGHT(UNEMBED, OUT_IN, "head.weight"),                                                        \
    WEIGHT(UNEMBED_B, OUT_IN, "head.bias")
/* clang-format on */

static const ConfigField RNN_FIELDS[] = {
    RECURRENT_FIELDS,
    {"nonlinearity", NULL, FIELD_RNN_ACT, false, TO(act), 0},
};
static const ConfigField GATED_FIELDS[] = {RECURRENT_FIELDS};

static const FamilyWeight RNN_WEIGHTS[] = {RECURRENT_ENDS, GATE(0, 1)};
static const FamilyWeight LSTM_WEIGHTS[] = {RECURRENT_ENDS, GATE(0, 4), GATE(1, 4), GATE(2, 4),
                                            GATE(3, 4)};
static const FamilyWeight GRU_WEIGHTS[] = {RECURRENT_ENDS, GATE(0, 3), GATE(1, 3), GATE(2, 3)};

static const char *const NONE_IGNORED[] = {NULL};

/* What an absent field means: the sizes are this project's, PyTorch has none. */
#define RECURRENT_DEFAULTS(kind)                                                                   \
    .n_layers = 1, .d_model = 128, .d_hidden = 128, .n_vocab = 1000, .cell = (kind),               \
    .act = ACT_TANH, .bos = -1, .pad = -1, .start = -1
#define RECURRENT_FILE(list)                                                                       \
    .prefix = "", .ignored = NONE_IGNORED, .weight = (list), .weight_count = FAMILY_COUNT(list)

const Family family_rnn = {
    .model_type = "rnn",
    .defaults = {RECURRENT_DEFAULTS(CELL_RNN)},
    .field = RNN_FIELDS,
    .field_count = FAMILY_COUNT(RNN_FIELDS),
    RECURRENT_FILE(RNN_WEIGHTS),
};

const Family family_lstm = {
    .model_type = "lstm",
    .defaults = {RECURRENT_DEFAULTS(CELL_LSTM)},
    .field = GATED_FIELDS,
    .field_count = FAMILY_COUNT(GATED_FIELDS),
    RECURRENT_FILE(LSTM_WEIGHTS),
};

const Family family_gru = {
    .model_type = "gru",
    .defaults = {RECURRENT_DEFAULTS(CELL_GRU)},
    .field = GATED_FIELDS,
    .field_count = FAMILY_COUNT(GATED_FIELDS),
    RECURRENT_FILE(GRU_WEIGHTS),
};
