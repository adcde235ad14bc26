/* tokens_steps: the way of a text to its ids (tok_steps.h), to be read on a terminal or by a
 * program. */
#ifndef CLI_TOKENS_STEPS_H
#define CLI_TOKENS_STEPS_H

#include "engine/text/tok_steps.h"

/* A line a step, a heading a word. */
void tokens_steps_print(const Tokenizer *tok, const TokSteps *steps);
void tokens_steps_json(const Tokenizer *tok, const TokSteps *steps);

#endif
