/* weights: a family's table (family.h) applied to the tensors of a file.
 *
 * Each weight becomes a view of logical shape and float32 numbers: float32 that lies aligned in the
 * mapped file is used in place, everything else is expanded once into the model's arena, however
 * many views share it. */
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
