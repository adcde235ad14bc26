/* config: what a model is: its sizes, and the knobs in which the families differ.
 *
 * There is one transformer (forward.h). A family is a row of knob settings, the names of its fields
 * in config.json and a table from its file's weight names to ours (family.h). */
#ifndef MODEL_CONFIG_H
#define MODEL_CONFIG_H

#include "engine/base/arena.h"
#include "engine/base/err.h"
#include "engine/trace/graph.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum { NORM_LAYER, NORM_RMS, NORM_NONE } NormKind;
typedef enum { NORM_PRE, NORM_POST } NormPlace;
/* How a model knows the order of its tokens. */
typedef enum {
    POS_NONE,
    POS_LEARNED,  /* a table of rows, added to the embeddings */
    POS_SINUSOID, /* Vaswani et al. 2017, section 3.5: sines and cosines, added */
    POS_ROTARY,   /* RoPE: queries and keys are turned */
    POS_BUCKETS,  /* T5 (Raffel et al. 2020): a learned number for each distance, added to scores */
    POS_SLOPES    /* ALiBi (Press et al. 2022): the distance times a slope, taken off the scores */
} PosKind;
/* What the model says at its end. */
typedef enum {
    TASK_TEXT,     /* logits over the vocabulary: the next token */
    TASK_FILL,     /* the same over BERT's masked-LM head: the token that stands here */
    TASK_CLASSIFY, /* one label for the text, through the pooler */
    TASK_TAG,      /* a label for each token */
    TASK_VECTOR    /* sentence vectors: the mean of the rows, and the pooler's where there is one */
} Task;

typedef struct {
    size_t n_layers, n_heads, n_kv_heads, d_head, d_ff;
} StackSizes;

/* The recurrent baselines (recurrent.h); the others are transformers. */
typedef enum { CELL_NONE, CELL_RNN, CELL_LSTM, CELL_GRU } CellKind;

#define ZEROED_MOST 32
#define BANNED_MOST 32
typedef struct {
    /* sizes */
    size_t n_layers, n_heads, n_kv_heads, d_model, d_head, d_ff, n_vocab;
    StackSizes encoder;         /* where there are two stacks; zeros are those of the own stack */
    size_t n_ctx;               /* the longest input; 0: no limit of the model's own */
    size_t n_types;             /* BERT's token types; 0: none */
    size_t n_labels;            /* of a classifier */
    const char *const *label;   /* [n_labels] */
    size_t n_experts, n_active; /* Mixtral's; 0: one FFN for all tokens */
    /* knobs */
    bool two_stacks;
    Task task;
    bool has_head; /* BERT's masked-LM head stands before the output matrix, derived */
    NormKind norm;
    NormPlace norm_place;
    double norm_eps;
    bool embed_ln;    /* a normalisation after the embeddings: BERT, BART */
    bool embed_scale; /* embeddings times √d_model: Marian, T5's relatives */
    PosKind pos;
    size_t pos_offset; /* rows of the position table before the first position's: BART's 2 */
    bool sines_first;  /* POS_SINUSOID: Marian's order; else they take turns */
    double rope_theta;
    RopeScaling rope_scaling; /* how angles are stretched for texts longer than those trained on */
    double rotary_share;      /* of d_head that is turned: GPT-NeoX's rotary_pct; 1: all */
    size_t d_rotary;          /* dimensions that are turned, derived */
    size_t n_buckets, max_distance; /* POS_BUCKETS */
    bool parallel; /* attention and FFN both read the block's input, and are added at once */
    bool gated;    /* a gated FFN: SwiGLU and its like */
    bool qkv_bias, out_bias, mlp_bias; /* whether the maps have one */
    bool attn_bias;                    /* all four of attention's, at once */
    MaskParams mask;                   /* of the own stack's self-attention */
    size_t window;      /* keys that a query sees, itself among them; 0: all the earlier ones */
    bool window_used;   /* … if at all (Qwen2's use_sliding_window) */
    size_t window_from; /* … in the layers from this one on */
    ActKind act;
    bool scaled;      /* scores are divided by √d_head (GPT-2's scale_attn_weights) */
    bool tied;        /* the output matrix is the embedding's */
    bool logits_bias; /* the output matrix has a bias: BART's final_logits_bias, BERT's */
    bool out_scale;   /* a tied output is scaled by 1 ÷ √d_model: T5 */
    /* recurrent: no heads and no FFN, but a state of d_hidden numbers a layer */
    CellKind cell;
    size_t d_hidden;
    /* knobs that break it, for experiments (knobs.h) */
    bool no_residual, mask_late, softmax_queries;
    struct {
        size_t layer, head;
    } zeroed[ZEROED_MOST]; /* heads whose output is set to 0 */
    int n_zeroed;
    /* tokens with a meaning; -1: the model has none */
    int32_t bos, eos[32];
    int n_eos;
    int32_t pad, start; /* `start`: a decoder's first token */
    /* What holds while two stacks generate, whatever the logits say: the first token behind `start`,
     * the last of the length that is asked for, tokens that never come. */
    int32_t forced_bos, forced_eos;
    int32_t banned[BANNED_MOST];
    int n_banned;
    const char *model_type;
} ModelConfig;

struct Family;

/* Whether the token ends a text. */
bool config_is_end(const ModelConfig *config, int32_t id);

/* The longest input that the model can take, 0 for no limit: a learned position table ends, rotary
 * angles go on beyond the length that the model was trained for (n_ctx). */
size_t config_longest(const ModelConfig *config);

/* What a layer makes of the mask: a model's window may hold in the later layers alone. */
MaskParams config_layer_mask(const ModelConfig *config, size_t layer, MaskParams mask);

/* Derives what follows from the other fields, and checks that they go together; `file` is for the
 * messages. May be called again after knobs were turned. */
bool config_finish(ModelConfig *config, const char *file, Err *err);

StackSizes config_stack(const ModelConfig *config, StackId stack);

/* Reads the file config.json and picks the family. Every field is checked: absent means Hugging
 * Face's default, null what Hugging Face makes of it; a field that we don't know is ignored unless
 * it changes the forward, then refused by name. */
bool config_load(const char *path, Arena *arena, ModelConfig *config, const struct Family **family,
                 Err *err);
/* The same from text (tests, fuzzing); `path` is for the messages. */
bool config_parse(const char *text, size_t size, const char *path, Arena *arena,
                  ModelConfig *config, const struct Family **family, Err *err);

#endif
