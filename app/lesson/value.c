#include "app/lesson/value.h"

#include "app/ui/text.h"

#include <math.h>
#include <string.h>

enum { DIGITS_MOST = 12 };

bool value_format_read(const char *text, size_t size, ValueFormat *format) {
    const char *end = text + size;
    *format = (ValueFormat){.given = true, .digits = -1};
    if (size > 0 && end[-1] == '%') {
        format->percent = true;
        end--;
        if (text == end)
            return true;
        if (*text++ != '.')
            return false;
    }
    int digits = 0;
    if (text == end)
        return false;
    for (; text < end; text++) {
        if (*text < '0' || *text > '9' || digits > DIGITS_MOST)
            return false;
        digits = digits * 10 + (*text - '0');
    }
    format->digits = digits;
    return digits <= DIGITS_MOST;
}

const char *value_shown(Arena *arena, const ValueFormat *format, bool share, double value) {
    bool finite = isfinite(value);
    if (format->percent && finite)
        return format->digits < 0 ? text_share(arena, value)
                                  : text_percent(arena, value, format->digits);
    if (format->digits > 0 || (format->digits == 0 && !(fabs(value) < 1e9)))
        return text_number(arena, value, format->digits);
    if (format->digits == 0)
        return text_count(arena, llround(value));
    if (share && finite)
        return text_share(arena, value);
    bool whole = finite && value == floor(value) && fabs(value) < 1e9;
    return whole ? text_count(arena, (int64_t)value) : text_alone(arena, value);
}

const char *label_quoted(const char *label, Arena *arena) {
    return arena_printf(arena, "“%s”", label);
}

const char *token_quoted(const TraceText *text, size_t position, Arena *arena) {
    size_t which = 0, count = 0;
    for (size_t i = 0; i < text->length; i++)
        if (strcmp(text->label[i], text->label[position]) == 0) {
            count++;
            which += i <= position;
        }
    const char *quoted = label_quoted(text->label[position], arena);
    return count < 2 ? quoted : arena_printf(arena, "%s#%zu", quoted, which);
}

const char *piece_quoted(const Model *model, size_t id, Arena *arena) {
    const char *label = NULL;
    int32_t ids[1] = {(int32_t)id};
    if (!model->tok)
        return arena_printf(arena, "%zu", id);
    tok_labels(model->tok, ids, 1, arena, &label);
    return label_quoted(label, arena);
}
