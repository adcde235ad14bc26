#include "engine/base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for `size` more bytes and the final zero. */
static void reserve(Buf *buf, size_t size) {
    if (size > SIZE_MAX / 2 - buf->size - 1)
        abort();
    size_t needed = buf->size + size + 1;
    if (needed <= buf->capacity)
        return;
    size_t capacity = buf->capacity ? buf->capacity : 64;
    while (capacity < needed)
        capacity *= 2;
    char *bytes = realloc(buf->bytes, capacity);
    if (!bytes)
        abort();
    buf->bytes = bytes;
    buf->capacity = capacity;
}

void buf_add(Buf *buf, const void *bytes, size_t size) {
    reserve(buf, size);
    if (size)
        memcpy(buf->bytes + buf->size, bytes, size);
    buf->size += size;
    buf->bytes[buf->size] = '\0';
}

void buf_text(Buf *buf, const char *text) {
    buf_add(buf, text, strlen(text));
}

void buf_char(Buf *buf, char c) {
    buf_add(buf, &c, 1);
}

void buf_printf(Buf *buf, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    reserve(buf, (size_t)length);
    va_start(args, format);
    vsnprintf(buf->bytes + buf->size, (size_t)length + 1, format, args);
    va_end(args);
    buf->size += (size_t)length;
}

const char *buf_cstr(const Buf *buf) {
    return buf->bytes ? buf->bytes : "";
}

void buf_clear(Buf *buf) {
    buf->size = 0;
    if (buf->bytes)
        buf->bytes[0] = '\0';
}

void buf_free(Buf *buf) {
    free(buf->bytes);
    *buf = (Buf){0};
}
