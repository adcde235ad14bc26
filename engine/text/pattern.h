/* pattern: regular expressions of a tokenizer file, run by PCRE2 on UTF-8.
 *
 * The file comes from outside, so an expression may be hostile. Each search has a budget of steps
 * that grows with the text; past it the search is an error and not a hang. Expressions are written
 * for Oniguruma (Hugging Face's library): `^` and `$` stand at every line, `.` is anything but a
 * line feed, classes follow Unicode. Set intersection ([a&&b]), which PCRE2 would read as
 * something else, is refused. One difference is left: U+180E counts as white space here. */
#ifndef TEXT_PATTERN_H
#define TEXT_PATTERN_H

#include "engine/base/arena.h"
#include "engine/base/err.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    size_t start, end; /* bytes [start, end) */
} TokSpan;

typedef struct Pattern Pattern;

/* `where` names file and field for the messages; both must outlive the pattern. NULL on error. */
Pattern *pattern_new(const char *source, const char *where, Arena *arena, Err *err);
void pattern_free(Pattern *pattern); /* NULL is allowed; the struct itself is the arena's */

/* All matches from left to right that do not overlap, empty ones too. The text must be UTF-8. */
bool pattern_find_all(const Pattern *pattern, const char *text, size_t size, Arena *arena,
                      TokSpan **found, size_t *count, Err *err);

#endif
