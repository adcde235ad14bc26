/* model: a Hugging Face folder, opened: config.json, model.safetensors, tokenizer.json.
 *
 * The model owns everything in its arena and the mapped file. It is read-only after model_open and
 * may be shared by threads. */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include "engine/base/arena.h"
#include "engine/base/err.h"
#include "engine/model/config.h"
#include "engine/model/shards.h"
#include "engine/tensor/safetensors.h"
#include "engine/text/tokenizer.h"
#include "engine/trace/graph.h"

/* The weights that the forward asks for, by the part they play. Logical shapes, whatever the file's
 * layout (M d_model, H heads, KV key/value heads, D d_head, F d_ff, V vocabulary, C context). */
typedef enum {
    ROLE_EMBED, /* V M */
    ROLE_POS,   /* C M */
    ROLE_LN1_W, /* M, and so for every norm */
    ROLE_LN1_B,
    ROLE_W_Q, /* M H D */
    ROLE_B_Q, /* H D */
    ROLE_W_K, /* M KV D */
    ROLE_B_K,
    ROLE_W_V,
    ROLE_B_V,
    ROLE_W_O, /* H D M */
    ROLE_B_O, /* M */
    ROLE_LN2_W,
    ROLE_LN2_B,
    ROLE_W_IN,     /* M F: up, or the gate of a gated FFN */
    ROLE_B_IN,     /* F */
    ROLE_W_LINEAR, /* M F: a gated FFN's linear branch */
    ROLE_B_LINEAR,
    ROLE_W_OUT, /* F M */
    ROLE_B_OUT, /* M */
    ROLE_LN_FINAL_W,
    ROLE_LN_FINAL_B,
    ROLE_UNEMBED, /* M V: the embedding transposed where they are tied */
    ROLE_COUNT
} WeightRole;

typedef struct {
    Arena arena;
    const char *name; /* the folder's own name */
    const char *folder;
    ModelConfig config;
    const struct Family *family;
    StFile file;   /* the weights; of shards a list of all their tensors */
    Shards shards; /* none where a single file holds them */
    Weight *weight;
    int weight_count;
    int *role_index; /* [ROLE_COUNT × max(n_layers, 1)], -1 where the family has no such weight */
    Tokenizer *tok;  /* NULL: there is none that can be used; */
    const char *no_tok; /* … and why */
    const char **notes; /* what was found odd but harmless: weights that nothing reads, … */
    int note_count;
} Model;

/* Each message names file, field or tensor, what was found and what was expected. A tokenizer.json
 * that is missing or can't be used is no error here: token ids need none. */
Model *model_open(const char *folder, Err *err);
/* For who has text: false with the reason where there is no tokenizer, or one whose ids go beyond
 * the vocabulary. */
bool model_has_tokenizer(const Model *model, Err *err);
void model_close(Model *model); /* NULL is allowed */

/* -1 where the model has no such weight (no bias, say). `layer` is ignored for those outside
 * blocks. */
int model_weight(const Model *model, WeightRole role, size_t layer);

#endif
