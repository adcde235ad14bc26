#include "engine/base/utf8.h"

#include <string.h>

/* Table 3-7 of the Unicode standard: how many bytes a lead byte asks for, and the range of the
 * second byte, which is narrower after E0, ED, F0 and F4. */
static size_t lead(unsigned char c, unsigned char *low, unsigned char *high) {
    *low = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
    *high = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
    if (c < 0x80)
        return 1;
    if (c >= 0xC2 && c <= 0xDF)
        return 2;
    if (c >= 0xE0 && c <= 0xEF)
        return 3;
    return c >= 0xF0 && c <= 0xF4 ? 4 : 0;
}

Utf8Char utf8_next(const char *text, size_t size) {
    static const uint8_t lead_bits[5] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    if (size == 0)
        return (Utf8Char){0};
    unsigned char low, high, c = (unsigned char)text[0];
    size_t wanted = lead(c, &low, &high);
    if (wanted == 0)
        return (Utf8Char){.code = 0xFFFD, .size = 1};
    uint32_t code = c & lead_bits[wanted];
    for (size_t i = 1; i < wanted; i++) {
        if (i == size)
            return (Utf8Char){.code = 0xFFFD, .size = i, .cut = true};
        c = (unsigned char)text[i];
        if (c < low || c > high)
            return (Utf8Char){.code = 0xFFFD, .size = i};
        code = code << 6 | (c & 0x3Fu);
        low = 0x80;
        high = 0xBF;
    }
    return (Utf8Char){.code = code, .size = wanted, .valid = true};
}

size_t utf8_encode(uint32_t code, char bytes[4]) {
    if (code < 0x80) {
        bytes[0] = (char)code;
        return 1;
    }
    if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        return 0;
    size_t size = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const uint8_t mark[5] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = size - 1; i > 0; i--, code >>= 6)
        bytes[i] = (char)(0x80 | (code & 0x3F));
    bytes[0] = (char)(mark[size] | code);
    return size;
}

size_t utf8_bad_at(const char *text, size_t size) {
    size_t at = 0;
    while (at < size) {
        uint64_t eight;
        if (size - at >= sizeof eight) { /* most of most texts is ASCII */
            memcpy(&eight, text + at, sizeof eight);
            if (!(eight & UINT64_C(0x8080808080808080))) {
                at += sizeof eight;
                continue;
            }
        }
        Utf8Char c = utf8_next(text + at, size - at);
        if (!c.valid)
            break;
        at += c.size;
    }
    return at;
}

bool utf8_valid(const char *text, size_t size) {
    return utf8_bad_at(text, size) == size;
}
