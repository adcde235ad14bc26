/* utf8: stepping through text that may not be valid UTF-8. Invalid bytes come in maximal parts, as
 * the Unicode standard recommends (chapter 3, "U+FFFD substitution of maximal subparts"). What
 * characters *are* (letters, widths, normal forms) is utf8proc's business, not ours. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UTF8_REPLACEMENT "\xef\xbf\xbd"

typedef struct {
    uint32_t code; /* U+FFFD where not valid */
    size_t size;   /* bytes to step, at least 1 (0 only at the end of the text) */
    bool valid;
    bool cut; /* not valid only because the text ends inside the character */
} Utf8Char;

Utf8Char utf8_next(const char *text, size_t size);
size_t utf8_encode(uint32_t code, char bytes[4]); /* how many bytes; 0 if no Unicode scalar value */
size_t utf8_bad_at(const char *text,
                   size_t size); /* the first byte that is not UTF-8; size: none */
bool utf8_valid(const char *text, size_t size);

#endif
