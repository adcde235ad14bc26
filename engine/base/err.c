#include "engine/base/err.h"

#include "engine/base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char ELLIPSIS[] = "\xe2\x80\xa6";

/* Cuts at a character's border, so that a shortened message is still UTF-8. */
static void mark_cut(char *text) {
    size_t end = ERR_TEXT_SIZE - sizeof ELLIPSIS;
    while (end > 0 && ((unsigned char)text[end] & 0xC0) == 0x80)
        end--;
    memcpy(text + end, ELLIPSIS, sizeof ELLIPSIS);
}

/* Control characters, and bytes that are no UTF-8 (a "%.60s" may have cut a character). */
static void hide_bad_bytes(char *text) {
    for (size_t left = strlen(text); left > 0;) {
        Utf8Char c = utf8_next(text, left);
        if (!c.valid || c.code < 0x20 || c.code == 0x7F)
            memset(text, '?', c.size);
        text += c.size;
        left -= c.size;
    }
}

static void format_text(char *text, const char *format, va_list args) {
    int length = vsnprintf(text, ERR_TEXT_SIZE, format, args);
    if (length >= ERR_TEXT_SIZE)
        mark_cut(text);
    hide_bad_bytes(text);
}

bool err_set(Err *err, const char *format, ...) {
    if (!err)
        return false;
    va_list args;
    va_start(args, format);
    format_text(err->text, format, args);
    va_end(args);
    return false;
}

bool err_prefix(Err *err, const char *format, ...) {
    if (!err)
        return false;
    char old[ERR_TEXT_SIZE];
    memcpy(old, err->text, sizeof old);
    va_list args;
    va_start(args, format);
    format_text(err->text, format, args);
    va_end(args);
    size_t used = strlen(err->text);
    int length = snprintf(err->text + used, ERR_TEXT_SIZE - used, ": %s", old);
    if (length >= (int)(ERR_TEXT_SIZE - used))
        mark_cut(err->text);
    return false;
}
