#include "app/lesson/lesson_read.h"

#include "engine/base/json.h"
#include "engine/base/near.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- places ---- */

bool read_fail(Reader *reader, const char *format, ...) {
    char text[600];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return err_set(reader->err, "%s: %s%s", reader->file, buf_cstr(&reader->place), text);
}

size_t read_enter(Reader *reader, const char *format, ...) {
    size_t before = reader->place.size;
    char text[120];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    buf_printf(&reader->place, "%s: ", text);
    return before;
}

void read_leave(Reader *reader, size_t before) {
    if (!reader->place.bytes)
        return;
    reader->place.size = before;
    reader->place.bytes[before] = '\0';
}

/* ---- fields ---- */

static bool unknown_field(Reader *reader, const char *what, const char *name,
                          const char *const *fields, size_t count) {
    Buf near = {0};
    if (near_names(name, fields, count, 1, &near))
        read_fail(reader, "%s has no field \"%.60s\"; did you mean \"%s\"?", what, name,
                  near.bytes);
    else
        read_fail(reader, "%s has no field \"%.60s\"", what, name);
    buf_free(&near);
    return false;
}

static bool wrong(Reader *reader, const cJSON *value, const char *field, const char *expected) {
    char room[80];
    return read_fail(reader, "%s is %s, expected %s", field, json_show(value, room, sizeof room),
                     expected);
}

bool read_object(Reader *reader, const cJSON *object, const char *what, const char *const *fields,
                 size_t count) {
    if (!cJSON_IsObject(object))
        return wrong(reader, object, what, "an object");
    for (const cJSON *at = object->child; at; at = at->next) {
        size_t i = 0;
        while (i < count && strcmp(fields[i], at->string) != 0)
            i++;
        if (i == count)
            return unknown_field(reader, what, at->string, fields, count);
        if (read_field(object, at->string) != at)
            return read_fail(reader, "%s has \"%s\" twice", what, at->string);
    }
    return true;
}

const cJSON *read_field(const cJSON *object, const char *field) {
    return cJSON_GetObjectItemCaseSensitive(object, field);
}

static bool absent(Reader *reader, const char *field, bool needed, const char *expected) {
    return !needed || read_fail(reader, "%s is missing, expected %s", field, expected);
}

bool read_text(Reader *reader, const cJSON *object, const char *field, bool needed,
               const char **text) {
    const cJSON *value = read_field(object, field);
    if (!value)
        return absent(reader, field, needed, "a text");
    if (!cJSON_IsString(value))
        return wrong(reader, value, field, "a text");
    if (needed && !*value->valuestring)
        return read_fail(reader, "%s is empty", field);
    *text = arena_copy_text(&reader->lesson->arena, value->valuestring);
    return true;
}

bool read_int(Reader *reader, const cJSON *object, const char *field, int least, int most,
              bool needed, int *number) {
    const cJSON *value = read_field(object, field);
    char expected[60];
    snprintf(expected, sizeof expected, "a whole number from %d to %d", least, most);
    if (!value)
        return absent(reader, field, needed, expected);
    double found = cJSON_IsNumber(value) ? value->valuedouble : NAN;
    if (!(found >= least && found <= most && found == floor(found)))
        return wrong(reader, value, field, expected);
    *number = (int)found;
    return true;
}

bool read_flag(Reader *reader, const cJSON *object, const char *field, bool *flag) {
    const cJSON *value = read_field(object, field);
    if (value && !cJSON_IsBool(value))
        return wrong(reader, value, field, "true or false");
    *flag = value ? cJSON_IsTrue(value) : *flag;
    return true;
}

bool read_choice(Reader *reader, const cJSON *object, const char *field, const char *const *words,
                 size_t count, int *choice) {
    const cJSON *value = read_field(object, field);
    Buf expected = {0};
    if (!value)
        return true;
    for (size_t i = 0; i < count; i++) {
        if (cJSON_IsString(value) && strcmp(value->valuestring, words[i]) == 0) {
            *choice = (int)i;
            buf_free(&expected);
            return true;
        }
        buf_printf(&expected, "%s\"%s\"", i == 0 ? "" : i + 1 < count ? ", " : " or ", words[i]);
    }
    wrong(reader, value, field, buf_cstr(&expected));
    buf_free(&expected);
    return false;
}

/* ---- expressions ---- */

bool read_expr_of(Reader *reader, const cJSON *value, const char *what, Expr **expr) {
    char room[40];
    const char *text = cJSON_IsString(value) ? value->valuestring : room;
    Err why;
    if (cJSON_IsNumber(value) && isfinite(value->valuedouble))
        snprintf(room, sizeof room, "%.17g", value->valuedouble);
    else if (!cJSON_IsString(value))
        return wrong(reader, value, what, "an expression");
    *expr = expr_parse(&reader->lesson->arena, text, strlen(text), &why);
    return *expr || read_fail(reader, "%s: %s", what, why.text);
}

bool read_expr(Reader *reader, const cJSON *object, const char *field, bool needed, Expr **expr) {
    const cJSON *value = read_field(object, field);
    return value ? read_expr_of(reader, value, field, expr)
                 : absent(reader, field, needed, "an expression");
}

static bool is_cells(Reader *reader, const char *field, const Expr *expr) {
    return !expr || expr_is_cells(expr) ||
           read_fail(reader, "%s is \"%.100s\", expected cells of a record: NAME[…]", field,
                     expr_text(expr));
}

bool read_cells(Reader *reader, const cJSON *object, const char *field, bool needed, Expr **expr) {
    return read_expr(reader, object, field, needed, expr) && is_cells(reader, field, *expr);
}

/* ---- lists ---- */

bool read_list(Reader *reader, const cJSON *object, const char *field, size_t least, size_t most,
               const cJSON **list, size_t *count) {
    const cJSON *value = read_field(object, field);
    *list = value ? value->child : NULL;
    *count = 0;
    if (!value)
        return absent(reader, field, least > 0, "a list");
    if (!cJSON_IsArray(value))
        return wrong(reader, value, field, "a list");
    *count = (size_t)cJSON_GetArraySize(value);
    return (*count >= least && *count <= most) ||
           read_fail(reader, "%s has %zu entries, expected %zu to %zu", field, *count, least, most);
}

bool read_texts(Reader *reader, const cJSON *object, const char *field, size_t least, size_t most,
                const char *const **texts, size_t *count) {
    const cJSON *at;
    if (!read_list(reader, object, field, least, most, &at, count))
        return false;
    const char **list = ARENA_NEW_N(&reader->lesson->arena, const char *, *count);
    for (size_t i = 0; at; at = at->next, i++) {
        char place[80];
        snprintf(place, sizeof place, "%.40s[%zu]", field, i);
        if (!cJSON_IsString(at))
            return wrong(reader, at, place, "a text");
        if (!*at->valuestring)
            return read_fail(reader, "%s is empty", place);
        list[i] = arena_copy_text(&reader->lesson->arena, at->valuestring);
    }
    *texts = list;
    return true;
}

/* ---- names ---- */

bool read_id(Reader *reader, const cJSON *object, const char **id) {
    static const char signs[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
    if (!read_text(reader, object, "id", true, id))
        return false;
    return (strspn(*id, signs) == strlen(*id) && strlen(*id) <= 40) ||
           read_fail(reader, "id is \"%.60s\", expected small letters, digits, - and _, at most 40",
                     *id);
}

bool read_name(Reader *reader, const char *what, const char *name) {
    return (strlen(name) <= 40 && expr_can_name(name)) ||
           read_fail(reader,
                     "%s is called \"%.60s\", expected letters, digits and _, and nothing that "
                     "expressions know already",
                     what, name);
}

bool read_unique(Reader *reader, const char *what, const char *id, size_t at,
                 const char *(*id_at)(const void *list, size_t i), const void *list) {
    for (size_t i = 0; i < at; i++)
        if (strcmp(id_at(list, i), id) == 0)
            return read_fail(reader, "two %s are called \"%s\"", what, id);
    return true;
}
