/* shapes: models of real shapes and no training, for measuring: how fast a forward is depends on its
 * shape, not on what the weights say. Made in memory in a moment, the same for the same seed. */
#ifndef MODEL_SHAPES_H
#define MODEL_SHAPES_H

#include "engine/model/model.h"

/* `name` is one of shapes_names; the weights are F32, F16 or BF16 as a file would store them. Matrices,
 * tables and biases are uniform of deviation 0.02, norms' weights the same around 1. There is no
 * tokenizer. NULL with a message. */
Model *shapes_make(const char *name, DType type, uint64_t seed, Err *err);

/* "nano, llama-15m, …"; in the arena. */
const char *shapes_names(Arena *arena);

/* Its config.json; NULL: there is no such shape. */
const char *shapes_config(const char *name);

/* Writes a shape's model as a folder that model_open reads: config.json, model.safetensors, and a
 * tokenizer.json of as many pieces as the vocabulary has, with two merges a piece, as Llama's has. */
bool shapes_write(const Model *model, const char *folder, Err *err);

#endif
