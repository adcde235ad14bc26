/* Steps of a caret, and repairing what was pasted. */
#include "app/ui/text.h"
#include "engine/base/utf8.h"

#include <utf8proc.h>

size_t text_next_grapheme(const char *text, size_t size, size_t at) {
    if (at >= size) {
        return size;
    }
    utf8proc_int32_t state = 0;
    Utf8Char before = utf8_next(text + at, size - at);
    at += before.size;
    while (at < size) {
        Utf8Char c = utf8_next(text + at, size - at);
        if (utf8proc_grapheme_break_stateful((utf8proc_int32_t)before.code,
                                             (utf8proc_int32_t)c.code, &state)) {
            break;
        }
        at += c.size;
        before = c;
    }
    return at;
}

/* Whether a grapheme begins at a byte depends on what stands before it, so this goes from the
 * start: a prompt is short. */
size_t text_previous_grapheme(const char *text, size_t size, size_t at) {
    size_t before = 0;
    for (size_t next = 0; next < at && next < size;) {
        before = next;
        next = text_next_grapheme(text, size, next);
    }
    return before;
}

typedef enum { CLASS_SPACE, CLASS_WORD, CLASS_SIGN } CharClass;

static CharClass class_at(const char *text, size_t size, size_t at) {
    uint32_t code = utf8_next(text + at, size - at).code;
    switch (utf8proc_category((utf8proc_int32_t)code)) {
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_CC: return CLASS_SPACE;
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
    case UTF8PROC_CATEGORY_PC: return CLASS_WORD;
    default: return CLASS_SIGN;
    }
}

static size_t run_end(const char *text, size_t size, size_t at, CharClass class) {
    while (at < size && class_at(text, size, at) == class) {
        at = text_next_grapheme(text, size, at);
    }
    return at;
}

size_t text_next_word(const char *text, size_t size, size_t at) {
    if (at >= size) {
        return size;
    }
    CharClass class = class_at(text, size, at);
    at = run_end(text, size, at, class);
    return class == CLASS_SPACE ? at : run_end(text, size, at, CLASS_SPACE);
}

size_t text_previous_word(const char *text, size_t size, size_t at) {
    size_t start = 0;
    size_t next = run_end(text, size, 0, CLASS_SPACE);
    while (next < at && next < size) {
        start = next;
        next = text_next_word(text, size, next);
    }
    return start;
}

void text_word_around(const char *text, size_t size, size_t at, size_t *from, size_t *to) {
    *from = 0;
    *to = 0;
    while (*to < size && *to <= at) {
        *from = *to;
        *to = run_end(text, size, *from, class_at(text, size, *from));
    }
}

void text_repair(Buf *buf, const char *text, size_t size) {
    for (size_t at = 0; at < size;) {
        Utf8Char c = utf8_next(text + at, size - at);
        if (!c.valid) {
            buf_text(buf, UTF8_REPLACEMENT);
        } else if (c.code == '\r') {
            buf_char(buf, '\n');
            at += at + 1 < size && text[at + 1] == '\n' ? 1 : 0;
        } else if (c.code != 0) {
            buf_add(buf, text + at, c.size);
        }
        at += c.size;
    }
}
