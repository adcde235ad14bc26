/* roles: the weights that the forward asks for, by the part they play.
 *
 * The knobs of the config say which of them a model has; the family's table (family.h) says what
 * they are called in the file. */
#ifndef MODEL_ROLES_H
#define MODEL_ROLES_H

#include "engine/model/config.h"

/* A role of each gate of a recurrent layer. */
#define RNN_GATES 4 /* at most: an LSTM's */
#define ROLE_GATES(X, ID, in)                                                                      \
    X(ID##_0, in, "N", true)                                                                       \
    X(ID##_1, in, "N", true) X(ID##_2, in, "N", true) X(ID##_3, in, "N", true)

/* role, axes before and after the map, whether there is one in each layer. The letters are those of
 * TRACE.md: M d_model, H heads, K key/value heads, D d_head, F d_ff, V vocabulary, E experts; C rows
 * of the position table, t token types, L labels, R distance buckets, O the width of the last rows; of
 * recurrent layers N d_hidden and I the width of the layer's input. The logical shape is this,
 * whatever the file's layout. In the order in which a forward meets them. */
#define ROLE_TABLE(X)                                                                              \
    X(EMBED, "V", "M", false)                                                                      \
    X(POS, "C", "M", false)                                                                        \
    X(TYPE_EMBED, "t", "M", false)                                                                 \
    X(EMBED_LN_W, "", "M", false)                                                                  \
    X(EMBED_LN_B, "", "M", false)                                                                  \
    X(LN1_W, "", "M", true)                                                                        \
    X(LN1_B, "", "M", true)                                                                        \
    X(W_Q, "M", "HD", true)                                                                        \
    X(B_Q, "", "HD", true)                                                                         \
    X(W_K, "M", "KD", true)                                                                        \
    X(B_K, "", "KD", true)                                                                         \
    X(W_V, "M", "KD", true)                                                                        \
    X(B_V, "", "KD", true)                                                                         \
    X(W_O, "HD", "M", true)                                                                        \
    X(B_O, "", "M", true)                                                                          \
    X(POS_BIAS, "R", "H", false)                                                                   \
    X(LN2_W, "", "M", true)                                                                        \
    X(LN2_B, "", "M", true)                                                                        \
    X(CROSS_W_Q, "M", "HD", true)                                                                  \
    X(CROSS_B_Q, "", "HD", true)                                                                   \
    X(CROSS_W_K, "M", "KD", true)                                                                  \
    X(CROSS_B_K, "", "KD", true)                                                                   \
    X(CROSS_W_V, "M", "KD", true)                                                                  \
    X(CROSS_B_V, "", "KD", true)                                                                   \
    X(CROSS_W_O, "HD", "M", true)                                                                  \
    X(CROSS_B_O, "", "M", true)                                                                    \
    X(LN3_W, "", "M", true)                                                                        \
    X(LN3_B, "", "M", true)                                                                        \
    X(W_IN, "M", "F", true) /* up, or the gate of a gated FFN */                                   \
    X(B_IN, "", "F", true)                                                                         \
    X(W_LINEAR, "M", "F", true) /* a gated FFN's linear branch */                                  \
    X(B_LINEAR, "", "F", true)                                                                     \
    X(W_OUT, "F", "M", true)                                                                       \
    X(B_OUT, "", "M", true)                                                                        \
    X(ROUTER, "M", "E", true)                                                                      \
    X(EXPERT_IN, "EM", "F", true) /* a tensor of the file for each expert */                       \
    X(EXPERT_LINEAR, "EM", "F", true)                                                              \
    X(EXPERT_OUT, "EF", "M", true)                                                                 \
    X(LN_FINAL_W, "", "M", false)                                                                  \
    X(LN_FINAL_B, "", "M", false)                                                                  \
    X(HEAD_W, "M", "M", false) /* BERT's masked-LM head: its dense layer */                        \
    X(HEAD_B, "", "M", false)                                                                      \
    X(HEAD_LN_W, "", "M", false)                                                                   \
    X(HEAD_LN_B, "", "M", false)                                                                   \
    X(UNEMBED, "O", "V", false) /* the embedding transposed where they are tied */                 \
    X(UNEMBED_B, "", "V", false)                                                                   \
    X(POOLER_W, "M", "M", false)                                                                   \
    X(POOLER_B, "", "M", false)                                                                    \
    X(CLASSIFIER_W, "M", "L", false)                                                               \
    X(CLASSIFIER_B, "", "L", false)                                                                \
    ROLE_GATES(X, RNN_W_IN, "I")                                                                   \
    ROLE_GATES(X, RNN_B_IN, "")                                                                    \
    ROLE_GATES(X, RNN_W_STATE, "N")                                                                \
    ROLE_GATES(X, RNN_B_STATE, "")

typedef enum {
#define ROLE_ID(ID, in, out, in_block) ROLE_##ID,
    ROLE_TABLE(ROLE_ID)
#undef ROLE_ID
        ROLE_COUNT
} WeightRole;

typedef struct {
    const char *name; /* "W_Q" */
    const char *in, *out;
    bool in_block; /* one in each layer */
} RoleInfo;
const RoleInfo *role_info(WeightRole role);

/* The size of an axis letter in this stack and layer. */
size_t role_axis(const ModelConfig *config, StackId stack, size_t layer, char axis);

/* Whether a model with these knobs has such a weight in this stack. */
bool role_exists(const ModelConfig *config, StackId stack, WeightRole role);

#endif
