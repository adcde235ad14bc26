#include "app/ui/text.h"

#include "engine/base/utf8.h"

#include <math.h>
#include <string.h>
#include <utf8proc.h>

#define ELLIPSIS "…"

static float fixed_advance(void *user, FontRole font, int size, uint32_t code) {
    (void)user;
    (void)font;
    int cells = utf8proc_charwidth((utf8proc_int32_t)code);
    return (float)size * 0.5F * (float)(cells < 0 ? 1 : cells);
}

static FontMetrics fixed_metrics(void *user, FontRole font, int size) {
    (void)user;
    (void)font;
    float s = (float)size;
    return (FontMetrics){.ascent = s * 0.75F, .descent = s * 0.25F, .cap = s * 0.75F};
}

const TextMeasure TEXT_FIXED = {NULL, fixed_advance, fixed_metrics};

static bool is_variation_selector(uint32_t code) {
    return (code >= 0xfe00 && code <= 0xfe0f) || (code >= 0xe0100 && code <= 0xe01ef);
}

uint32_t text_shown(uint32_t code) {
    if (code == '\n') {
        return 0x21b5; /* ↵ */
    }
    if (code == '\t') {
        return 0x2192; /* → */
    }
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) {
        return 0xfffd;
    }
    bool joins = (code >= 0x200b && code <= 0x200f) || code == 0x2060 || code == 0xfeff;
    return joins || is_variation_selector(code) ? 0 : code;
}

static float char_width(const TextMeasure *measure, FontRole font, int size, uint32_t code) {
    uint32_t shown = text_shown(code);
    return shown == 0 ? 0.0F : measure->advance(measure->user, font, size, shown);
}

float text_width_n(const TextMeasure *measure, FontRole font, int size, const char *text,
                   size_t bytes) {
    float width = 0.0F;
    for (size_t at = 0; at < bytes;) {
        Utf8Char c = utf8_next(text + at, bytes - at);
        width += char_width(measure, font, size, c.code);
        at += c.size;
    }
    return width;
}

float text_width(const TextMeasure *measure, FontRole font, int size, const char *text) {
    return text_width_n(measure, font, size, text, strlen(text));
}

float text_baseline(const TextMeasure *measure, FontRole font, int size, float top, float height) {
    float cap = measure->metrics(measure->user, font, size).cap;
    return floorf(top + (height + cap) * 0.5F + 0.5F);
}

/* The longest start of the text (of whole graphemes) that is at most `width` wide. */
static size_t fitting_start(const TextMeasure *measure, FontRole font, int size, const char *text,
                            size_t bytes, float width) {
    size_t at = 0;
    float used = 0.0F;
    while (at < bytes) {
        size_t next = text_next_grapheme(text, bytes, at);
        used += text_width_n(measure, font, size, text + at, next - at);
        if (used > width) {
            break;
        }
        at = next;
    }
    return at;
}

static size_t fitting_end(const TextMeasure *measure, FontRole font, int size, const char *text,
                          size_t bytes, float width) {
    size_t at = bytes;
    float used = 0.0F;
    while (at > 0) {
        size_t before = text_previous_grapheme(text, bytes, at);
        used += text_width_n(measure, font, size, text + before, at - before);
        if (used > width) {
            break;
        }
        at = before;
    }
    return at;
}

const char *text_elide(Arena *arena, const TextMeasure *measure, FontRole font, int size,
                       const char *text, float width, TextElide where) {
    size_t bytes = strlen(text);
    if (text_width_n(measure, font, size, text, bytes) <= width) {
        return text;
    }
    float room = width - text_width(measure, font, size, ELLIPSIS);
    if (room < 0.0F) {
        return "";
    }
    if (where == TEXT_ELIDE_END) {
        size_t head = fitting_start(measure, font, size, text, bytes, room);
        return arena_printf(arena, "%.*s" ELLIPSIS, (int)head, text);
    }
    size_t head = fitting_start(measure, font, size, text, bytes, room * 0.5F);
    float left = room - text_width_n(measure, font, size, text, head);
    size_t tail = fitting_end(measure, font, size, text, bytes, left);
    return arena_printf(arena, "%.*s" ELLIPSIS "%s", (int)head, text, text + tail);
}

/* Where the line that starts at `from` ends (*end) and where the next begins. */
static size_t line_end(const TextMeasure *measure, FontRole font, int size, const char *text,
                       size_t bytes, size_t from, float width, size_t *next) {
    size_t fits = from;
    size_t at = from;
    float used = 0.0F;
    while (at < bytes && text[at] != '\n') {
        size_t word = at;
        while (word < bytes && text[word] == ' ') {
            word++;
        }
        while (word < bytes && text[word] != ' ' && text[word] != '\n') {
            word++;
        }
        used += text_width_n(measure, font, size, text + at, word - at);
        if (used > width) {
            break;
        }
        fits = at = word;
    }
    if (at == bytes || text[at] == '\n') {
        *next = at == bytes ? bytes : at + 1;
        return at;
    }
    if (fits == from) { /* one word longer than a line */
        fits += fitting_start(measure, font, size, text + from, bytes - from, width);
        if (fits == from) {
            fits = text_next_grapheme(text, bytes, from);
        }
    }
    *next = fits;
    while (*next < bytes && text[*next] == ' ') {
        (*next)++;
    }
    return fits;
}

size_t text_wrap(Arena *arena, const TextMeasure *measure, FontRole font, int size,
                 const char *text, float width, TextLine **lines) {
    size_t bytes = strlen(text);
    size_t capacity = 8, count = 0;
    TextLine *list = ARENA_NEW_N(arena, TextLine, capacity);
    size_t from = 0;
    bool more = true;
    while (more) {
        size_t next;
        size_t end = line_end(measure, font, size, text, bytes, from, width, &next);
        if (count == capacity) {
            TextLine *larger = ARENA_NEW_N(arena, TextLine, capacity * 2);
            memcpy(larger, list, capacity * sizeof *list);
            list = larger;
            capacity *= 2;
        }
        list[count++] = (TextLine){text + from, end - from,
                                   text_width_n(measure, font, size, text + from, end - from)};
        more = next < bytes || (end < bytes && text[end] == '\n');
        from = next;
    }
    *lines = list;
    return count;
}

size_t text_hit(const TextMeasure *measure, FontRole font, int size, const char *text, size_t bytes,
                float x) {
    size_t at = 0;
    float left = 0.0F;
    while (at < bytes) {
        size_t next = text_next_grapheme(text, bytes, at);
        float width = text_width_n(measure, font, size, text + at, next - at);
        if (x < left + width * 0.5F) {
            break;
        }
        left += width;
        at = next;
    }
    return at;
}
