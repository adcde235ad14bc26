/* open_prompt: the text that the window begins with when none was given. */
#ifndef APP_OPEN_PROMPT_H
#define APP_OPEN_PROMPT_H

#include "engine/model/model.h"

/* One of the texts of open.h, as the model takes them, cut to what the model can read at once; for a
 * model that does not know its letters, a few pieces of the model's own vocabulary. "" for a model
 * without a tokenizer. */
const char *open_prompt(const Model *model, Arena *arena);

#endif
