#include "app/lesson/roles.h"

#include "app/ui/text.h"
#include "engine/base/utf8.h"

#include <string.h>

enum { DEEPEST = 16 }; /* roles that stand behind each other */

/* The text as the tokens make it: token i ends at byte end[i]. */
typedef struct {
    Buf text;
    size_t *end, count;
} Spelled;

static void spell(const ExprRun *run, Arena *arena, Spelled *spelled) {
    const TraceText *own = &run->trace->own;
    TokStream *stream = tok_stream_new(run->model->tok, true);
    spelled->count = own->length;
    spelled->end = ARENA_NEW_N(arena, size_t, own->length);
    for (size_t i = 0; i < own->length; i++) {
        tok_stream_add(stream, own->ids[i], &spelled->text);
        spelled->end[i] = spelled->text.size;
    }
    tok_stream_end(stream, &spelled->text);
    if (own->length)
        spelled->end[own->length - 1] = spelled->text.size;
}

/* ---- words ---- */

static bool is_hangul(uint32_t code) {
    return code >= 0xAC00 && code <= 0xD7A3;
}

static bool ends_korean(const char *word, size_t size) {
    uint32_t code = 0;
    for (size_t at = 0; at < size;) {
        Utf8Char c = utf8_next(word + at, size - at);
        code = c.code;
        at += c.size;
    }
    return is_hangul(code);
}

/* Whether the word stands here, and no letter touches it. */
static bool stands_at(const char *text, size_t size, size_t at, const char *word) {
    size_t length = strlen(word), from, to;
    if (length == 0 || length > size - at || memcmp(text + at, word, length) != 0)
        return false;
    text_word_around(text, size, at, &from, &to);
    if (from != at)
        return false;
    text_word_around(text, size, at + length - 1, &from, &to);
    return to == at + length || ends_korean(word, length);
}

/* The bytes of the longest of the words that stands here; 0: none does. */
static size_t word_at(const LessonRole *role, const Buf *text, size_t at) {
    size_t longest = 0;
    for (size_t i = 0; i < role->any_count; i++)
        if (strlen(role->any[i]) > longest && stands_at(text->bytes, text->size, at, role->any[i]))
            longest = strlen(role->any[i]);
    return longest;
}

static bool find_word(const LessonRole *role, const Buf *text, size_t *from, size_t *to) {
    long seen = 0;
    for (size_t at = 0; at < text->size;) {
        size_t size = word_at(role, text, at);
        if (size) {
            *from = at;
            *to = at + size;
            if (++seen == role->which)
                return true;
        }
        at += size ? size : 1;
    }
    return role->which == 0 && seen > 0;
}

/* The token that holds the last byte before `to`; the one in which byte `from` begins. */
static size_t token_with(const Spelled *spelled, size_t from, size_t to, bool first) {
    size_t i = 0, byte = first ? from : to - 1;
    while (i + 1 < spelled->count && spelled->end[i] <= byte)
        i++;
    /* of a character in several tokens all but the last end where it begins */
    while (first && i > 0 && spelled->end[i - 1] == from && i > 1 && spelled->end[i - 2] == from)
        i--;
    return i;
}

static bool find_any(const LessonRole *role, const ExprRun *run, size_t *position) {
    Arena arena = {0};
    Spelled spelled = {0};
    size_t from = 0, to = 0;
    if (!run->model || !model_has_tokenizer(run->model, NULL))
        return false;
    spell(run, &arena, &spelled);
    bool found = find_word(role, &spelled.text, &from, &to);
    if (found)
        *position = token_with(&spelled, from, to, role->first_piece);
    buf_free(&spelled.text);
    arena_free(&arena);
    return found;
}

/* ---- all kinds ---- */

static const LessonRole *role_of(const LessonRole *roles, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(roles[i].name, name) == 0)
            return &roles[i];
    return NULL;
}

static bool find(const LessonRole *roles, size_t count, const char *name, const ExprRun *run,
                 int depth, size_t *position) {
    const LessonRole *role = role_of(roles, count, name);
    size_t length = run->trace->own.length;
    if (!role || depth == DEEPEST || length == 0)
        return false;
    if (role->kind == ROLE_WORD)
        return find_any(role, run, position);
    if (role->kind == ROLE_AT) {
        *position = role->which < 0 ? length - 1 : (size_t)role->which;
        return *position < length;
    }
    if (!find(roles, count, role->after, run, depth + 1, position))
        return false;
    long at = (long)*position + role->by;
    *position = (size_t)at;
    return at >= 0 && (size_t)at < length;
}

bool role_find(const LessonRole *roles, size_t count, const char *name, const ExprRun *run,
               size_t *position, Err *err) {
    return (run->trace && find(roles, count, name, run, 0, position)) ||
           err_set(err, "this text has no “%s”", name);
}
