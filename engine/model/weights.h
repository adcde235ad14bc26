/* weights: a family's table (family.h) applied to the tensors of a file.
 *
 * Each weight becomes a view of logical shape. A matrix is read as the file stores it, as F32, F16 or
 * BF16, in place where it lies aligned in the mapped file. Vectors are widened to F32 in the model's
 * arena, and copied there is what lies unaligned or must lie together (a mixture's experts), once,
 * however many views share it. */
#ifndef MODEL_WEIGHTS_H
#define MODEL_WEIGHTS_H

#include "engine/model/model.h"

/* Fills weight, role_index and notes of a model whose config, family and file are there. Every
 * weight that the config asks for must be in the file with the right shape, as F32, F16 or BF16. */
bool weights_load(Model *model, Err *err);

/* What loads or makes weights gives them their places here. */
size_t weights_layers(const ModelConfig *config); /* of the deeper stack */
void weights_begin(Model *model, size_t most);    /* makes room for `most` weights, none so far */
void weights_place(Model *model, StackId stack, WeightRole role, size_t layer,
                   const Weight *weight);

#endif
