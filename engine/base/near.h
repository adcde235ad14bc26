/* near: which of the known names was meant. */
#ifndef BASE_NEAR_H
#define BASE_NEAR_H

#include "engine/base/buf.h"

#include <stddef.h>

/* Appends up to `most` of the names, nearest first, as "a, b, c": those in which at most half of
 * the letters must change (Levenshtein 1966), or which hold the whole word. Returns how many. */
size_t near_names(const char *word, const char *const *names, size_t count, size_t most, Buf *text);

#endif
