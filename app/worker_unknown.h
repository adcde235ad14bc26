/* worker_unknown: text that a vocabulary does not have. Such text becomes the model's unknown token
 * without a word, and where that token is an ordinary letter nobody would see it: so the window shows
 * what was typed. */
#ifndef APP_WORKER_UNKNOWN_H
#define APP_WORKER_UNKNOWN_H

#include "engine/text/tokenizer.h"

/* For each token what was typed, where the vocabulary does not have that; NULL where it does.
 * [list->count] in the arena. `text` is what was encoded. */
const char **unknown_texts(const Tokenizer *tok, const char *text, const TokenList *list,
                           Arena *arena);
/* Whether there is any. */
bool unknown_any(const char *const *typed, size_t count);

#endif
