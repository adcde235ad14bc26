#include "app/cli/options.h"

#include "engine/base/near.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *name, *value; /* value: NULL for a flag */
    OptKind kind;
    uint64_t least, most;
    const char *help;
} OptionRow;

static const OptionRow TABLE[OPT_COUNT] = {
#define OPTION_ROW(ID, name, value, kind, least, most, help)                                       \
    [OPT_##ID] = {name, value, kind, least, most, help},
    OPTION_TABLE(OPTION_ROW)
#undef OPTION_ROW
};

static bool in_set(OptSet set, int id) {
    return set >> id & 1;
}

/* ---- values ---- */

static bool starts_with_digit(const char *text) {
    return isdigit((unsigned char)*text);
}

/* The rest of the text is `rest`, where the number itself was read. */
static bool read_whole(const char *text, uint64_t *value, const char **rest) {
    char *end;
    if (!starts_with_digit(text))
        return false;
    errno = 0;
    *value = strtoull(text, &end, 10);
    *rest = end;
    return errno == 0;
}

bool size_parse(const char *text, uint64_t *value) {
    static const char units[] = "KMG";
    const char *rest;
    if (!read_whole(text, value, &rest))
        return false;
    if (!*rest)
        return *value <= SIZE_MAX;
    const char *unit = strchr(units, toupper((unsigned char)*rest));
    if (!unit || rest[1])
        return false;
    int shift = 10 * (int)(unit - units + 1);
    if (*value > (uint64_t)SIZE_MAX >> shift)
        return false;
    *value <<= shift;
    return true;
}

static bool read_real(const char *text, double *value) {
    char *end;
    if (!starts_with_digit(text) && *text != '.')
        return false;
    *value = strtod(text, &end);
    return end != text && !*end && isfinite(*value);
}

bool ids_parse(const char *text, Arena *arena, int64_t **ids, size_t *count) {
    size_t most = 1;
    for (const char *at = text; *at; at++)
        most += *at == ',';
    *ids = ARENA_NEW_N(arena, int64_t, most);
    *count = 0;
    if (!text[strspn(text, " ")])
        return true;
    for (const char *at = text;; at++) {
        at += strspn(at, " ");
        char *end;
        if (!starts_with_digit(at + (*at == '-')))
            return false;
        (*ids)[(*count)++] = strtoll(at, &end, 10); /* out of range: the largest there is */
        at = end + strspn(end, " ");
        if (!*at)
            return true;
        if (*at != ',')
            return false;
    }
}

static bool read_ids(const char *text) {
    Arena arena = {0};
    int64_t *ids;
    size_t count;
    bool ok = ids_parse(text, &arena, &ids, &count);
    arena_free(&arena);
    return ok;
}

static bool wrong(const OptionRow *row, const char *text, const char *expected, Err *err) {
    return err_set(err, "--%s is \"%.100s\", expected %s", row->name, text, expected);
}

static bool wrong_whole(const OptionRow *row, const char *text, Err *err) {
    return err_set(err, "--%s is \"%.100s\", expected a whole number from %llu to %llu", row->name,
                   text, (unsigned long long)row->least, (unsigned long long)row->most);
}

static bool read_value(const OptionRow *row, const char *text, OptValue *value, Err *err) {
    const char *rest;
    *value = (OptValue){.text = text};
    switch (row->kind) {
    case KIND_FLAG:
    case KIND_TEXT: return true;
    case KIND_WHOLE:
        if (read_whole(text, &value->whole, &rest) && !*rest && value->whole >= row->least &&
            value->whole <= row->most)
            return true;
        return wrong_whole(row, text, err);
    case KIND_REAL:
        return read_real(text, &value->real) || wrong(row, text, "a number from 0", err);
    case KIND_SHARE:
        return (read_real(text, &value->real) && value->real > 0 && value->real <= 1) ||
               wrong(row, text, "a number above 0 and up to 1", err);
    case KIND_SIZE:
        return size_parse(text, &value->whole) ||
               wrong(row, text, "a number of bytes, or one with K, M or G behind it", err);
    case KIND_SWITCH:
        value->whole = strcmp(text, "on") == 0;
        return value->whole || strcmp(text, "off") == 0 || wrong(row, text, "on or off", err);
    case KIND_IDS: return read_ids(text) || wrong(row, text, "whole numbers between commas", err);
    }
    return false;
}

bool options_set(Options *options, OptId id, const char *text, Err *err) {
    return read_value(&TABLE[id], text, &options->value[id], err);
}

/* ---- arguments ---- */

OptId option_find(OptSet set, const char *name, size_t size) {
    int id = 0;
    while (id < OPT_COUNT && !(in_set(set, id) && strlen(TABLE[id].name) == size &&
                               memcmp(TABLE[id].name, name, size) == 0))
        id++;
    return (OptId)id;
}

const char *option_name(OptId id) {
    return TABLE[id].name;
}

static bool unknown_option(OptSet takes, const char *name, size_t size, Err *err) {
    const char *names[OPT_COUNT];
    size_t count = 0;
    for (int id = 0; id < OPT_COUNT; id++)
        if (in_set(takes, id))
            names[count++] = TABLE[id].name;
    Arena arena = {0};
    Buf near = {0};
    if (near_names(arena_copy_bytes(&arena, name, size), names, count, 1, &near))
        err_set(err, "unknown option --%.*s; did you mean --%s?", (int)size, name, near.bytes);
    else
        err_set(err, "unknown option --%.*s", (int)size, name);
    buf_free(&near);
    arena_free(&arena);
    return false;
}

static const char *long_form(const char *argument) {
    if (strcmp(argument, "-o") == 0)
        return "--output";
    return strcmp(argument, "-h") == 0 ? "--help" : argument;
}

/* Reads the option at argv[*at], and its value, and leaves *at on the last argument it took. */
static bool read_option(int argc, char **argv, int *at, OptSet takes, Options *options, Err *err) {
    const char *name = long_form(argv[*at]) + 2;
    size_t size = strcspn(name, "=");
    const char *value = name[size] ? name + size + 1 : NULL;
    char room[80];
    OptId id = option_find(takes, name, size);
    if (id == OPT_COUNT)
        return unknown_option(takes, name, size < 100 ? size : 100, err);
    if (TABLE[id].kind == KIND_FLAG && value)
        return err_set(err, "--%s takes no value", TABLE[id].name);
    if (TABLE[id].kind == KIND_FLAG)
        value = "";
    else if (!value && *at + 1 >= argc)
        return err_set(err, "%s has no value", option_shape(id, room, sizeof room));
    else if (!value)
        value = argv[++*at];
    return options_set(options, id, value, err);
}

bool options_read(int argc, char **argv, OptSet takes, int operands, Options *options, Err *err) {
    int found = 0;
    *options = (Options){0};
    bool named = true; /* until "--" */
    for (int i = 0; i < argc; i++) {
        if (named && strcmp(argv[i], "--") == 0)
            named = false;
        else if (named && strncmp(long_form(argv[i]), "--", 2) == 0) {
            if (!read_option(argc, argv, &i, takes, options, err))
                return false;
        } else if (found == operands) {
            return err_set(err, "unexpected argument \"%.100s\"", argv[i]);
        } else if (found++ == 0) {
            options->operand = argv[i];
        } else {
            options->second = argv[i];
        }
    }
    return true;
}

const char *option_shape(OptId id, char *room, size_t size) {
    const OptionRow *row = &TABLE[id];
    snprintf(room, size, "--%s%s%s", row->name, row->value ? " " : "",
             row->value ? row->value : "");
    return room;
}

void options_help(OptSet takes, Buf *text) {
    char room[80];
    for (int id = 0; id < OPT_COUNT; id++)
        if (in_set(takes, id))
            buf_printf(text, "  %-25s %s\n", option_shape((OptId)id, room, sizeof room),
                       TABLE[id].help);
}

bool option_given(const Options *options, OptId id) {
    return options->value[id].text != NULL;
}

const char *option_text(const Options *options, OptId id, const char *otherwise) {
    return option_given(options, id) ? options->value[id].text : otherwise;
}

uint64_t option_whole(const Options *options, OptId id, uint64_t otherwise) {
    return option_given(options, id) ? options->value[id].whole : otherwise;
}

double option_real(const Options *options, OptId id, double otherwise) {
    return option_given(options, id) ? options->value[id].real : otherwise;
}
