/* recurrent: the models that came before the transformer, as a list of stages like it: RNN, LSTM and
 * GRU (family_recurrent.c). Only what carries the state from token to token is new, OP_CARRY; all
 * else are the transformer's own operations. The state before the first token is zero. */
#ifndef MODEL_RECURRENT_H
#define MODEL_RECURRENT_H

#include "engine/model/build.h"

/* The whole model, from hook_tokens to probs, for the config's cell. */
void recurrent_build(Build *b);

#endif
