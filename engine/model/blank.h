/* blank: the tensors of a model's file, made in memory instead of read: with the names, the shapes and
 * the layout that the family's files have, so that everything behind weights_load sees a model like
 * any other. */
#ifndef MODEL_BLANK_H
#define MODEL_BLANK_H

#include "engine/model/model.h"

/* A weight in its tensor, before it is filled. */
typedef struct {
    StackId stack;
    WeightRole role;
    size_t layer, expert; /* 0 where there is none */
    Tensor view; /* logical shape (an expert's own), strides and numbers of the file's tensor */
} BlankWeight;

/* Called for each weight once, of a mixture for each expert in turn. */
typedef void BlankFill(void *user, const BlankWeight *weight);

/* Makes model->file for the config and family that are there, all numbers of `type` and zero, then
 * filled; `fill` may be NULL. Knobs may ask for weights that the family's files don't have: then
 * model->family becomes a copy that has rows for them ("blocks.{l}.W_LINEAR", [in, out]). */
bool blank_file(Model *model, DType type, BlankFill *fill, void *user, Err *err);

#endif
