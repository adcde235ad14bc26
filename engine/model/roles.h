/* roles: the weights that the forward asks for, by the part they play.
 *
 * The knobs of the config say which of them a model has; the family's table (family.h) says what
 * they are called in the file. */
#ifndef MODEL_ROLES_H
#define MODEL_ROLES_H

#include "engine/model/config.h"

/* A role of each gate of a recurrent layer. */
#define RNN_GATES 4 /* at most: an LSTM's */
#define ROLE_GATES(X, ID, kind, in)                                                                \
    X(ID##_0, kind, in, "N", true)                                                                 \
    X(ID##_1, kind, in, "N", true)                                                                 \
    X(ID##_2, kind, in, "N", true)                                                                 \
    X(ID##_3, kind, in, "N", true)

/* role, kind, axes before and after the map, whether there is one in each layer. The letters are those of
 * TRACE.md: M d_model, H heads, K key/value heads, D d_head, F d_ff, V vocabulary, E experts; C rows
 * of the position table, t token types, L labels, R distance buckets, O the width of the last rows; of
 * recurrent layers N d_hidden and I the width of the layer's input. The logical shape is this,
 * whatever the file's layout. In the order in which a forward meets them. */
#define ROLE_TABLE(X)                                                                              \
    X(EMBED, MAP, "V", "M", false)                                                                 \
    X(POS, MAP, "C", "M", false)                                                                   \
    X(TYPE_EMBED, MAP, "t", "M", false)                                                            \
    X(EMBED_LN_W, NORM, "", "M", false)                                                            \
    X(EMBED_LN_B, NORM_BIAS, "", "M", false)                                                       \
    X(LN1_W, NORM, "", "M", true)                                                                  \
    X(LN1_B, NORM_BIAS, "", "M", true)                                                             \
    X(W_Q, MAP, "M", "HD", true)                                                                   \
    X(B_Q, BIAS, "", "HD", true)                                                                   \
    X(W_K, MAP, "M", "KD", true)                                                                   \
    X(B_K, BIAS, "", "KD", true)                                                                   \
    X(W_V, MAP, "M", "KD", true)                                                                   \
    X(B_V, BIAS, "", "KD", true)                                                                   \
    X(W_O, MAP, "HD", "M", true)                                                                   \
    X(B_O, BIAS, "", "M", true)                                                                    \
    X(POS_BIAS, MAP, "R", "H", false)                                                              \
    X(LN2_W, NORM, "", "M", true)                                                                  \
    X(LN2_B, NORM_BIAS, "", "M", true)                                                             \
    X(CROSS_W_Q, MAP, "M", "HD", true)                                                             \
    X(CROSS_B_Q, BIAS, "", "HD", true)                                                             \
    X(CROSS_W_K, MAP, "M", "KD", true)                                                             \
    X(CROSS_B_K, BIAS, "", "KD", true)                                                             \
    X(CROSS_W_V, MAP, "M", "KD", true)                                                             \
    X(CROSS_B_V, BIAS, "", "KD", true)                                                             \
    X(CROSS_W_O, MAP, "HD", "M", true)                                                             \
    X(CROSS_B_O, BIAS, "", "M", true)                                                              \
    X(LN3_W, NORM, "", "M", true)                                                                  \
    X(LN3_B, NORM_BIAS, "", "M", true)                                                             \
    X(W_IN, MAP, "M", "F", true) /* up, or the gate of a gated FFN */                              \
    X(B_IN, BIAS, "", "F", true)                                                                   \
    X(W_LINEAR, MAP, "M", "F", true) /* a gated FFN's linear branch */                             \
    X(B_LINEAR, BIAS, "", "F", true)                                                               \
    X(W_OUT, MAP, "F", "M", true)                                                                  \
    X(B_OUT, BIAS, "", "M", true)                                                                  \
    X(ROUTER, MAP, "M", "E", true)                                                                 \
    X(EXPERT_IN, MAP, "EM", "F", true) /* a tensor of the file for each expert */                  \
    X(EXPERT_LINEAR, MAP, "EM", "F", true)                                                         \
    X(EXPERT_OUT, MAP, "EF", "M", true)                                                            \
    X(LN_FINAL_W, NORM, "", "M", false)                                                            \
    X(LN_FINAL_B, NORM_BIAS, "", "M", false)                                                       \
    X(HEAD_W, MAP, "M", "M", false) /* BERT's masked-LM head: its dense layer */                   \
    X(HEAD_B, BIAS, "", "M", false)                                                                \
    X(HEAD_LN_W, NORM, "", "M", false)                                                             \
    X(HEAD_LN_B, NORM_BIAS, "", "M", false)                                                        \
    X(UNEMBED, MAP, "O", "V", false) /* the embedding transposed where they are tied */            \
    X(UNEMBED_B, BIAS, "", "V", false)                                                             \
    X(POOLER_W, MAP, "M", "M", false)                                                              \
    X(POOLER_B, BIAS, "", "M", false)                                                              \
    X(CLASSIFIER_W, MAP, "M", "L", false)                                                          \
    X(CLASSIFIER_B, BIAS, "", "L", false)                                                          \
    ROLE_GATES(X, RNN_W_IN, MAP, "I")                                                              \
    ROLE_GATES(X, RNN_B_IN, BIAS, "")                                                              \
    ROLE_GATES(X, RNN_W_STATE, MAP, "N")                                                           \
    ROLE_GATES(X, RNN_B_STATE, BIAS, "")

typedef enum {
#define ROLE_ID(ID, kind, in, out, in_block) ROLE_##ID,
    ROLE_TABLE(ROLE_ID)
#undef ROLE_ID
        ROLE_COUNT
} WeightRole;

/* A map is a matrix or a table; the others are vectors. */
typedef enum { WEIGHT_MAP, WEIGHT_BIAS, WEIGHT_NORM, WEIGHT_NORM_BIAS } WeightKind;

typedef struct {
    const char *name; /* "W_Q" */
    WeightKind kind;
    const char *in, *out;
    bool in_block; /* one in each layer */
} RoleInfo;
const RoleInfo *role_info(WeightRole role);

/* The size of an axis letter in this stack and layer. */
size_t role_axis(const ModelConfig *config, StackId stack, size_t layer, char axis);

/* Whether a model with these knobs has such a weight in this stack. */
bool role_exists(const ModelConfig *config, StackId stack, WeightRole role);

#endif
