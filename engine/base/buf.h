/* buf: bytes that grow: text that is being put together, a list whose length is not known yet.
 * Memory comes from malloc and is freed with buf_free; running out of it ends the program, as in
 * arena.h. `bytes` always ends in a '\0' that `size` does not count, once anything was added. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>

typedef struct {
    char *bytes; /* NULL while nothing was added */
    size_t size;
    size_t capacity;
} Buf;

void buf_add(Buf *buf, const void *bytes, size_t size);
void buf_text(Buf *buf, const char *text);
void buf_char(Buf *buf, char c);
void buf_printf(Buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3), nonnull(2)));
const char *buf_cstr(const Buf *buf); /* "" for an empty one; valid until the next change */
void buf_clear(Buf *buf);             /* keeps the memory */
void buf_free(Buf *buf);

#endif
