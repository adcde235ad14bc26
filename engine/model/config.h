/* config: what a model is: its sizes, and the knobs in which the families differ.
 *
 * There is one transformer (forward.h). A family is a row of knob settings, the names of its fields
 * in config.json and a table from its file's weight names to ours (family.h). */
#ifndef MODEL_CONFIG_H
#define MODEL_CONFIG_H

#include "engine/base/arena.h"
#include "engine/base/err.h"
#include "engine/ops/op.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum { NORM_LAYER, NORM_RMS } NormKind;
typedef enum { NORM_PRE, NORM_POST } NormPlace;
typedef enum { POS_NONE, POS_LEARNED, POS_ROTARY } PosKind;

typedef struct {
    /* sizes */
    size_t n_layers, n_heads, n_kv_heads, d_model, d_head, d_ff, n_vocab;
    size_t n_ctx; /* the longest input; 0: no limit of the model's own */
    /* knobs */
    NormKind norm;
    NormPlace norm_place;
    double norm_eps;
    PosKind pos;
    double rope_theta;
    double rotary_share; /* of d_head that is turned: GPT-NeoX's rotary_pct; 1: all */
    size_t d_rotary;     /* dimensions that are turned, derived */
    bool parallel;       /* attention and FFN both read the block's input, and are added at once */
    bool gated;          /* a gated FFN: SwiGLU and its like */
    bool qkv_bias, out_bias, mlp_bias; /* whether the maps have one */
    bool attn_bias;                    /* Llama: all four of attention's */
    MaskParams mask;
    size_t window; /* keys that a query sees, itself among them; 0: all the earlier ones */
    ActKind act;
    bool scaled;          /* scores are divided by √d_head (GPT-2's scale_attn_weights) */
    double score_divisor; /* √d_head, or 1 */
    bool tied;            /* the output matrix is the embedding's */
    /* tokens with a meaning; -1: the model has none */
    int32_t bos, eos[32];
    int n_eos;
    const char *model_type;
} ModelConfig;

struct Family;

/* Whether the token ends a text. */
bool config_is_end(const ModelConfig *config, int32_t id);

/* The longest input that the model can take, 0 for no limit: a learned position table ends, rotary
 * angles go on beyond the length that the model was trained for (n_ctx). */
size_t config_longest(const ModelConfig *config);

/* Reads the file config.json and picks the family. Every field is checked: absent means Hugging
 * Face's default, null what Hugging Face makes of it; a field that we don't know is ignored unless
 * it changes the forward, then refused by name. */
bool config_load(const char *path, Arena *arena, ModelConfig *config, const struct Family **family,
                 Err *err);
/* The same from text (tests, fuzzing); `path` is for the messages. */
bool config_parse(const char *text, size_t size, const char *path, Arena *arena,
                  ModelConfig *config, const struct Family **family, Err *err);

#endif
