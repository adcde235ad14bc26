/* weights: a family's table (family.h) applied to the tensors of a file.
 *
 * Each weight becomes a view of logical shape. A matrix is read as the file stores it, as F32, F16 or
 * BF16, in place where it lies aligned in the mapped file. Vectors are widened to F32 in the model's
 * arena, and copied there is what lies unaligned or must lie together (a mixture's experts), once,
 * however many views share it. */
#ifndef MODEL_WEIGHTS_H
#define MODEL_WEIGHTS_H

#include "engine/model/family.h"
#include "engine/model/model.h"

/* Fills weight, role_index and notes of a model whose config, family and file are there. Every
 * weight that the config asks for must be in the file with the right shape, as F32, F16 or BF16. */
bool weights_load(Model *model, Err *err);

/* The row as this model has it: a tied output matrix is the embedding's table, read as [out, in]. */
FamilyWeight weights_row(const Model *model, const FamilyWeight *row);
/* The view without its name, type and numbers: logical shape and strides over the file's. Experts lie
 * one behind the other, an axis before the map's own. */
Weight weights_lay_out(const ModelConfig *config, const FamilyWeight *row, size_t layer);

#endif
