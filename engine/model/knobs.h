/* knobs: the settings in which the families differ, turned by hand: on a model that is open, to see
 * what its trained weights do where they no longer fit, and on a fresh one, to build any shape. Among
 * them are ways to break it, for that is a lesson too.
 *
 * A setting is "name=value"; several stand between commas: "norm=rms,residual=off". */
#ifndef MODEL_KNOBS_H
#define MODEL_KNOBS_H

#include "engine/base/buf.h"
#include "engine/model/config.h"

/* name, values as a reader is told, whether weights change shape with it, what it is */
#define KNOB_TABLE(X)                                                                              \
    X(NORM, "norm", "layer|rms|none", false, "the kind of normalisation")                          \
    X(NORM_PLACE, "norm_place", "pre|post", false, "before a sublayer, or after its sum")          \
    X(POS, "pos", "none|learned|sinusoidal|rotary|t5|alibi", false, "how order is known")          \
    X(ROPE_THETA, "rope_theta", "number", false, "the base of the rotary wavelengths")             \
    X(ROPE_FACTOR, "rope_factor", "number", false, "rotary positions are divided by it")           \
    X(ACT, "act", "gelu|gelu_new|relu|silu", false, "the FFN's activation")                        \
    X(SCALE, "scale", "on|off", false, "scores divided by √d_head")                                \
    X(RESIDUAL, "residual", "on|off", false, "a sublayer's input is added to its output")          \
    X(PARALLEL, "parallel", "on|off", false, "attention and FFN side by side")                     \
    X(MASK, "mask", "causal|full|local:W|dilated:W:D", false, "which keys a query sees")           \
    X(MASK_PLACE, "mask_place", "before|after", false, "before or after the softmax")              \
    X(SOFTMAX, "softmax", "keys|queries", false, "the axis that the softmax runs along")           \
    X(ZERO_HEAD, "zero_head", "LAYER.HEAD", false, "a head whose output is set to 0")              \
    X(ACTIVE, "n_active", "number", false, "experts that each token takes")                        \
    X(GATED, "gated", "on|off", true, "a gated FFN")                                               \
    X(TIED, "tied", "on|off", true, "the output matrix is the embedding's")                        \
    X(QKV_BIAS, "qkv_bias", "on|off", true, "biases of queries, keys and values")                  \
    X(OUT_BIAS, "out_bias", "on|off", true, "attention's output bias")                             \
    X(MLP_BIAS, "mlp_bias", "on|off", true, "the FFN's biases")                                    \
    X(LAYERS, "n_layers", "number", true, "blocks")                                                \
    X(HEADS, "n_heads", "number", true, "query heads")                                             \
    X(KV_HEADS, "n_kv_heads", "number", true, "key/value heads")                                   \
    X(D_MODEL, "d_model", "number", true, "the width")                                             \
    X(D_HEAD, "d_head", "number", true, "a head's width")                                          \
    X(D_FF, "d_ff", "number", true, "the FFN's width")                                             \
    X(VOCAB, "n_vocab", "number", true, "the vocabulary")                                          \
    X(CTX, "n_ctx", "number", true, "the longest input")                                           \
    X(EXPERTS, "n_experts", "number", true, "experts a layer; 0: one FFN for all")

/* Turns the knobs and derives again what follows from them. `fresh`: there are no weights yet, so
 * their shapes may change. Nothing is changed where one of them is wrong: the message names the
 * knob, the value and what is possible. */
bool knobs_set(ModelConfig *config, const char *settings, bool fresh, Err *err);

/* "causal", "full", "local:W", "dilated:W:D", "longformer:W:G1,G2…" (Beltagy et al. 2020). All but
 * the first two keep the causality that the mask has. */
bool mask_parse(const char *text, MaskParams *mask, Err *err);
/* The other way: "local:8, causal". */
void mask_write(const MaskParams *mask, Buf *text);

/* What each knob is called, and stands at ("rms"; "" where the model has nothing that it turns, as a
 * rotary base without rotary positions). Knobs are counted from 0. */
int knob_count(void);
const char *knob_name(int knob);
void knob_value(const ModelConfig *config, int knob, Buf *text);

/* "norm: layer → rms, residual: on → off": the knobs in which two configs differ, of those that both
 * have. */
void knobs_changed(const ModelConfig *before, const ModelConfig *after, Buf *text);

/* A line for each knob: "  norm=layer|rms|none  the kind of normalisation". */
void knobs_help(Buf *text);

#endif
