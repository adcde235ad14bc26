#include "app/lesson/said.h"

#include "app/ui/particle.h"

#include <string.h>

static const char *const TEXTS[SAID_COUNT][LANG_COUNT] = {
#define X(ID, en, ko) {en, ko},
#include "app/lesson/said.def"
#undef X
};

/* Braces of the arguments are theirs; a message's particles stand in braces until the end. */
static void put_argument(Buf *out, const char *argument) {
    for (const char *c = argument; c && *c; c++)
        if (*c != '{' && *c != '}')
            buf_char(out, *c);
}

static void put_said(Buf *out, Lang lang, SaidId id, const char *first, const char *second) {
    for (const char *c = TEXTS[id][lang]; *c; c++) {
        bool is_argument = c[0] == '{' && (c[1] == '0' || c[1] == '1') && c[2] == '}';
        if (is_argument) {
            put_argument(out, c[1] == '0' ? first : second);
            c += 2;
        } else {
            buf_char(out, *c);
        }
    }
}

const char *said(Lang lang, SaidId id, const char *first, const char *second, Arena *arena) {
    Buf raw = {0}, out = {0};
    put_said(&raw, lang, id, first, second);
    if (!particle_expand(&out, buf_cstr(&raw), raw.size, NULL)) {
        buf_clear(&out);
        buf_add(&out, buf_cstr(&raw), raw.size);
    }
    const char *text = arena_copy_text(arena, buf_cstr(&out));
    buf_free(&raw);
    buf_free(&out);
    return text;
}

bool said_err(Err *err, Lang lang, SaidId id, const char *first, const char *second) {
    Arena arena = {0};
    err_set(err, "%s", said(lang, id, first, second, &arena));
    arena_free(&arena);
    return false;
}

const char *said_axis(Lang lang, Axis axis) {
    static const char *const korean[AXIS_COUNT] = {
        [AXIS_POSITION] = "자리", [AXIS_QUERY] = "쿼리", [AXIS_KEY] = "키",
        [AXIS_HEAD] = "헤드",     [AXIS_VOCAB] = "어휘", [AXIS_RANK] = "순위"};
    return lang == LANG_KO && korean[axis] ? korean[axis] : axis_name(axis);
}
