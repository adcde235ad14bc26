/* Numbers and tokens as they are shown. */
#include "app/ui/text.h"
#include "engine/base/utf8.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MINUS "−"

/* Whether the digits of a printed number are all zero. */
static bool shows_zero(const char *digits) {
    return strspn(digits, "0.") == strlen(digits);
}

static const char *number(Arena *arena, double value, int decimals, const char *plus) {
    if (isnan(value)) {
        return "NaN";
    }
    if (isinf(value)) {
        return arena_printf(arena, "%s∞", value < 0 ? MINUS : plus);
    }
    const char *digits = arena_printf(arena, "%.*f", decimals, fabs(value));
    if (shows_zero(digits)) {
        return digits;
    }
    return arena_printf(arena, "%s%s", value < 0 ? MINUS : plus, digits);
}

const char *text_number(Arena *arena, double value, int decimals) {
    return number(arena, value, decimals, "");
}

const char *text_number_signed(Arena *arena, double value, int decimals) {
    return number(arena, value, decimals, "+");
}

int text_decimals(double largest) {
    double size = fabs(largest);
    if (!isfinite(size) || size == 0.0) {
        return size == 0.0 ? 3 : 2;
    }
    int digits_before = (int)floor(log10(size)) + 1; /* 39.6 → 2, 0.786 → 0, 0.0123 → −1 */
    int decimals = digits_before <= 0 ? 3 - digits_before : 4 - digits_before;
    if (decimals < 0) {
        return 0;
    }
    return decimals > 8 ? 8 : decimals;
}

const char *text_percent(Arena *arena, double share, int decimals) {
    return arena_printf(arena, "%s %%", text_number(arena, share * 100.0, decimals));
}

static int share_decimals(double percent) {
    if (percent >= 9.95 || percent == 0)
        return 1;
    int decimals = percent >= 0.995 ? 2 : percent >= 0.0995 ? 3 : text_decimals(percent);
    return decimals > 6 ? 6 : decimals;
}

const char *text_alone(Arena *arena, double value) {
    return text_number(arena, value, text_decimals(fabs(value)));
}

const char *text_share(Arena *arena, double share) {
    double percent = fabs(share * 100);
    if (percent > 0 && percent < 1e-4)
        return "< 0.0001 %";
    return text_percent(arena, share, share_decimals(percent));
}

int text_share_decimals(double largest) {
    return largest < 0.0095 ? 4 : largest < 0.095 ? 2 : 1;
}

const char *text_count(Arena *arena, int64_t count) {
    char digits[32];
    uint64_t size = count < 0 ? 0U - (uint64_t)count : (uint64_t)count;
    int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)size);
    char *out = arena_alloc(arena, 48);
    size_t used = 0;
    if (count < 0) {
        memcpy(out, MINUS, strlen(MINUS));
        used = strlen(MINUS);
    }
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0) {
            out[used++] = ',';
        }
        out[used++] = digits[i];
    }
    out[used] = '\0';
    return out;
}

const char *text_token(Arena *arena, const char *token, size_t size) {
    char *out = arena_alloc_n(arena, size + 1, 3);
    size_t used = 0;
    bool leading = true;
    for (size_t at = 0; at < size;) {
        Utf8Char c = utf8_next(token + at, size - at);
        leading = leading && c.code == ' ';
        uint32_t code = leading ? 0xb7 : text_shown(c.code);
        char bytes[4];
        size_t length = code == 0 ? 0 : utf8_encode(code, bytes);
        memcpy(out + used, bytes, length);
        used += length;
        at += c.size;
    }
    out[used] = '\0';
    return out;
}

const char *text_power(Arena *arena, double value) {
    char text[32];
    snprintf(text, sizeof text, "%.1e", value);
    const char *minus = strchr(text + 1, '-');
    if (value < 0 || !minus)
        return arena_copy_text(arena, text);
    return arena_printf(arena, "%.*s−%s", (int)(minus - text), text, minus + 1);
}
