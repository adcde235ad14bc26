#include "engine/base/json.h"

#include "engine/base/utf8.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bool only_white_space(const char *text, size_t size) {
    return strspn(text, " \t\r\n") >= size;
}

/* Where a text holds "\\u0000": an odd number of backslashes before the u. */
static const char *find_nul_escape(const char *text) {
    for (const char *at = text; (at = strstr(at, "\\u0000")); at++) {
        size_t slashes = 1;
        while (at - slashes >= text && at[-(ptrdiff_t)slashes] == '\\')
            slashes++;
        if (slashes % 2 == 1)
            return at;
    }
    return NULL;
}

static bool check_text(const char *text, size_t size, const char *file, Err *err) {
    if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        return err_set(err, "%s: starts with a byte order mark, expected JSON", file);
    size_t bad = utf8_bad_at(text, size);
    if (bad < size)
        return err_set(err, "%s: not valid UTF-8, at byte %zu", file, bad);
    const char *raw = memchr(text, '\0', size);
    if (raw)
        return err_set(err, "%s: holds a NUL character, at byte %zu", file, (size_t)(raw - text));
    const char *nul = find_nul_escape(text);
    return !nul || err_set(err, "%s: a text holds a NUL character (\\u0000), at byte %zu", file,
                           (size_t)(nul - text));
}

cJSON *json_parse(const char *text, size_t size, const char *file, Err *err) {
    Buf copy = {0}; /* cJSON wants the final zero to find the end of what follows */
    buf_add(&copy, text, size);
    if (!check_text(copy.bytes, size, file, err)) {
        buf_free(&copy);
        return NULL;
    }
    const char *end = NULL;
    cJSON *value = cJSON_ParseWithLengthOpts(copy.bytes, size + 1, &end, 0);
    if (!value) {
        size_t at = end ? (size_t)(end - copy.bytes) : 0;
        err_set(err, "%s: not valid JSON, near byte %zu", file, at);
    } else if (!only_white_space(end, size - (size_t)(end - copy.bytes))) {
        err_set(err, "%s: something follows the JSON value, at byte %zu", file,
                (size_t)(end - copy.bytes));
        cJSON_Delete(value);
        value = NULL;
    }
    buf_free(&copy);
    return value;
}

const char *json_show(const cJSON *value, char *room, size_t size) {
    if (!value)
        snprintf(room, size, "absent");
    else if (cJSON_IsString(value))
        snprintf(room, size, "\"%.60s\"", value->valuestring);
    else if (cJSON_IsNumber(value))
        snprintf(room, size, "%.17g", value->valuedouble);
    else if (cJSON_IsBool(value))
        snprintf(room, size, "%s", cJSON_IsTrue(value) ? "true" : "false");
    else
        snprintf(room, size, "%s",
                 cJSON_IsNull(value)    ? "null"
                 : cJSON_IsArray(value) ? "a list"
                                        : "an object");
    return room;
}

/* NULL for what counts as absent. */
static const cJSON *field_of(const cJSON *object, const char *field) {
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, field);
    return cJSON_IsNull(value) ? NULL : value;
}

static bool wrong(const cJSON *value, const char *field, const char *file, const char *expected,
                  Err *err) {
    char room[80];
    return err_set(err, "%s: %s is %s, expected %s", file, field,
                   json_show(value, room, sizeof room), expected);
}

bool json_int(const cJSON *object, const char *field, const char *file, int64_t least, int64_t most,
              int64_t absent, int64_t *value, Err *err) {
    const cJSON *found = field_of(object, field);
    *value = absent;
    if (!found)
        return true;
    double number = cJSON_IsNumber(found) ? found->valuedouble : NAN;
    if (number >= (double)least && number <= (double)most && number == floor(number)) {
        *value = (int64_t)number;
        return true;
    }
    char expected[80];
    snprintf(expected, sizeof expected, "an integer from %lld to %lld", (long long)least,
             (long long)most);
    return wrong(found, field, file, expected, err);
}

bool json_number(const cJSON *object, const char *field, const char *file, double absent,
                 double *value, Err *err) {
    const cJSON *found = field_of(object, field);
    *value = absent;
    if (!found)
        return true;
    if (!cJSON_IsNumber(found) || !isfinite(found->valuedouble))
        return wrong(found, field, file, "a number", err);
    *value = found->valuedouble;
    return true;
}

bool json_bool(const cJSON *object, const char *field, const char *file, bool absent, bool *value,
               Err *err) {
    const cJSON *found = field_of(object, field);
    *value = absent;
    if (!found)
        return true;
    if (!cJSON_IsBool(found))
        return wrong(found, field, file, "true or false", err);
    *value = cJSON_IsTrue(found);
    return true;
}

bool json_text(const cJSON *object, const char *field, const char *file, const char *absent,
               const char **value, Err *err) {
    const cJSON *found = field_of(object, field);
    *value = absent;
    if (!found)
        return true;
    if (!cJSON_IsString(found))
        return wrong(found, field, file, "a text", err);
    *value = found->valuestring;
    return true;
}

static void quote_byte(Buf *buf, unsigned char c) {
    if (c == '"' || c == '\\')
        buf_printf(buf, "\\%c", c);
    else if (c == '\n')
        buf_text(buf, "\\n");
    else if (c < 0x20 || c == 0x7F)
        buf_printf(buf, "\\u%04x", c);
    else
        buf_char(buf, (char)c);
}

void json_quote(Buf *buf, const char *text, size_t size) {
    buf_char(buf, '"');
    for (size_t at = 0; at < size;) {
        Utf8Char c = utf8_next(text + at, size - at);
        if (!c.valid)
            buf_text(buf, UTF8_REPLACEMENT);
        else if (c.size == 1)
            quote_byte(buf, (unsigned char)text[at]);
        else
            buf_add(buf, text + at, c.size);
        at += c.size;
    }
    buf_char(buf, '"');
}
