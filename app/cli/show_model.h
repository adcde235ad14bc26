/* show_model: what a model is: parameters, stacks, knobs, the shapes of its weights. */
#ifndef CLI_SHOW_MODEL_H
#define CLI_SHOW_MODEL_H

#include "engine/model/model.h"

void show_model(const Model *model);
void show_model_json(const Model *model);

#endif
