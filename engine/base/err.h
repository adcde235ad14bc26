/* err: what is said when data from outside is not as it must be.
 *
 * A function that can fail on outside data returns bool and fills an Err with one sentence that a
 * person can act on: which file, which field, what was found, what was expected. Our own mistakes
 * are asserts; running out of memory is the arena's business (arena.h). The caller owns the Err;
 * nothing is allocated. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

#define ERR_TEXT_SIZE 1024

typedef struct {
    char text[ERR_TEXT_SIZE]; /* UTF-8, one line, no final newline; longer texts end in "…" */
} Err;

/* Always returns false, so that a caller writes `return err_set(err, …);`. Control characters in
 * the text and bytes that are no UTF-8 (they come from outside data) are shown as "?". `err` may be
 * NULL. */
bool err_set(Err *err, const char *format, ...) __attribute__((format(printf, 2, 3), nonnull(2)));

/* Puts "prefix: " before a text that is already set. Always returns false. */
bool err_prefix(Err *err, const char *format, ...)
    __attribute__((format(printf, 2, 3), nonnull(2)));

#endif
