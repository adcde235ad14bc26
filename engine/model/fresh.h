/* fresh: a model with no training: any shape, any knobs, random weights. For experiments on depth,
 * width and normalisation, and to see what training adds. */
#ifndef MODEL_FRESH_H
#define MODEL_FRESH_H

#include "engine/model/model.h"

/* `config_path` is a config.json of any family; `settings` (knobs.h) may change its shape, and may
 * be NULL. Matrices and tables are drawn from a normal distribution of deviation 0.02 (Radford et
 * al. 2019), norms' weights are 1, biases 0. The same seed gives the same numbers, whatever else the
 * model has. A tokenizer.json beside the config is read. NULL with a message. */
Model *model_fresh(const char *config_path, const char *settings, uint64_t seed, Err *err);

/* Turns knobs of an open model. Its notes then say that the trained weights no longer fit. False,
 * and nothing is changed, where a knob asks for weights that the model doesn't have. */
bool model_set(Model *model, const char *settings, Err *err);

/* The mask of the own stack's self-attention (mask_parse), in the place of the model's own. `trained`:
 * a note says that the weights no longer fit. */
bool model_set_mask(Model *model, const char *mask, bool trained, Err *err);

/* For who has turned them otherwise: notes which knobs of a trained model stood elsewhere `before`.
 * Nothing where none did. */
void model_note_turned(Model *model, const ModelConfig *before);

#endif
