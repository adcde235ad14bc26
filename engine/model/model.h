/* model: a Hugging Face folder, opened: config.json, model.safetensors, tokenizer.json.
 *
 * The model owns everything in its arena and the mapped file. It is read-only after model_open and
 * may be shared by threads. */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include "engine/base/arena.h"
#include "engine/base/err.h"
#include "engine/model/roles.h"
#include "engine/model/shards.h"
#include "engine/tensor/safetensors.h"
#include "engine/text/tokenizer.h"
#include "engine/trace/graph.h"

#define NOTES_MOST 8

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
    int *role_index;    /* [STACK_COUNT][ROLE_COUNT][role_layers], -1 where there is none */
    size_t role_layers; /* the deeper stack's */
    Tokenizer *tok;     /* NULL: there is none that can be used; */
    const char *no_tok; /* … and why */
    const char *notes[NOTES_MOST]; /* what was found odd but harmless: weights that nothing reads */
    int note_count;
} Model;

/* Each message names file, field or tensor, what was found and what was expected. A tokenizer.json
 * that is missing or can't be used is no error here: token ids need none. */
Model *model_open(const char *folder, Err *err);
/* For who has text: false with the reason where there is no tokenizer, or one whose ids go beyond
 * the vocabulary. */
bool model_has_tokenizer(const Model *model, Err *err);
void model_close(Model *model); /* NULL is allowed */

/* For who makes a model: a note (in its arena), and the tokenizer.json of its folder. */
void model_note(Model *model, const char *note);
void model_open_tokenizer(Model *model);

/* -1 where the model has no such weight (no bias, say). `layer` is ignored for those outside
 * blocks. */
int model_weight(const Model *model, StackId stack, WeightRole role, size_t layer);

#endif
