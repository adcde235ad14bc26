#include "app/sdl/script_parse.h"

#include "engine/base/utf8.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *name;
    ScriptKind kind;
    int numbers; /* how many whole numbers follow */
    bool text;   /* or the rest of the line */
} Form;

static const Form FORMS[] = {
    {"key", SCRIPT_KEY, 0, true},
    {"text", SCRIPT_TEXT, 0, true},
    {"click", SCRIPT_CLICK, 2, false},
    {"click-on", SCRIPT_CLICK_ON, 0, true},
    {"double-click", SCRIPT_DOUBLE_CLICK, 2, false},
    {"double-click-on", SCRIPT_DOUBLE_CLICK_ON, 0, true},
    {"hover", SCRIPT_HOVER, 2, false},
    {"hover-on", SCRIPT_HOVER_ON, 0, true},
    {"drag", SCRIPT_DRAG, 4, false},
    {"wheel", SCRIPT_WHEEL, 1, false},
    {"resize", SCRIPT_RESIZE, 2, false},
    {"screenshot", SCRIPT_SCREENSHOT, 0, true},
    {"wait", SCRIPT_WAIT_MS, 1, false},
    {"wait-idle", SCRIPT_WAIT_IDLE, 0, false},
    {"expect-text", SCRIPT_EXPECT_TEXT, 0, true},
    {"expect-no-text", SCRIPT_EXPECT_NO_TEXT, 0, true},
    {"expect-focus", SCRIPT_EXPECT_FOCUS, 0, true},
    {"expect-id", SCRIPT_EXPECT_ID, 0, true},
    {"expect-no-id", SCRIPT_EXPECT_NO_ID, 0, true},
    {"quit", SCRIPT_QUIT, 0, false},
};

enum { FORM_COUNT = sizeof FORMS / sizeof FORMS[0], NUMBER_MOST = 1000000 };

/* ---- Keys ---- */

static const struct {
    const char *name;
    SDL_Keycode key;
} KEY_NAMES[] = {
    {"enter", SDLK_RETURN},        {"return", SDLK_RETURN}, {"escape", SDLK_ESCAPE},
    {"esc", SDLK_ESCAPE},          {"tab", SDLK_TAB},       {"space", SDLK_SPACE},
    {"backspace", SDLK_BACKSPACE}, {"delete", SDLK_DELETE}, {"left", SDLK_LEFT},
    {"right", SDLK_RIGHT},         {"up", SDLK_UP},         {"down", SDLK_DOWN},
    {"home", SDLK_HOME},           {"end", SDLK_END},       {"pageup", SDLK_PAGEUP},
    {"pagedown", SDLK_PAGEDOWN},   {"plus", SDLK_PLUS},     {"minus", SDLK_MINUS},
};

static const struct {
    const char *name;
    unsigned mod;
} MOD_NAMES[] = {{"ctrl", KMOD_LCTRL}, {"shift", KMOD_LSHIFT}, {"alt", KMOD_LALT}};

/* Signs of a US keyboard that are written with shift, and their keys. */
static const char SHIFTED[] = "?+<>:\"{}|_~!@#$%^&*()";
static const char UNSHIFTED[] = "/=,.;'[]\\-`1234567890";

static bool same_word(const char *a, const char *word, size_t length) {
    return strlen(a) == length && SDL_strncasecmp(a, word, length) == 0;
}

static SDL_Keycode named_key(const char *word, size_t length) {
    for (size_t i = 0; i < sizeof KEY_NAMES / sizeof KEY_NAMES[0]; i++) {
        if (same_word(KEY_NAMES[i].name, word, length)) {
            return KEY_NAMES[i].key;
        }
    }
    bool function = length >= 2 && length <= 3 && (word[0] == 'f' || word[0] == 'F');
    int number = function ? atoi(word + 1) : 0;
    return number >= 1 && number <= 12 ? SDLK_F1 + (number - 1) : SDLK_UNKNOWN;
}

/* One printable character: its key, and shift when it needs it. */
static void letter_key(Arena *arena, char letter, ScriptCommand *c) {
    const char *shifted = strchr(SHIFTED, letter);
    bool shift = (c->mods & KMOD_SHIFT) != 0;
    if (isupper((unsigned char)letter)) {
        c->mods |= KMOD_LSHIFT;
        c->key = tolower((unsigned char)letter);
    } else if (shifted != NULL) {
        c->mods |= KMOD_LSHIFT;
        c->key = (unsigned char)UNSHIFTED[shifted - SHIFTED];
    } else {
        c->key = (unsigned char)letter;
    }
    char written = shift ? (char)toupper((unsigned char)letter) : letter;
    const char *plain = strchr(UNSHIFTED, letter);
    if (shift && plain != NULL) {
        written = SHIFTED[plain - UNSHIFTED];
    }
    c->text = arena_copy_bytes(arena, &written, 1);
}

/* "ctrl+shift+a", "Enter", "?". */
static bool parse_key(Arena *arena, const char *text, ScriptCommand *c) {
    c->text = "";
    const char *word = text;
    for (const char *plus = strchr(word, '+'); plus != NULL && plus[1] != '\0';
         plus = strchr(word, '+')) {
        unsigned mod = 0;
        for (size_t i = 0; i < sizeof MOD_NAMES / sizeof MOD_NAMES[0]; i++) {
            bool same = same_word(MOD_NAMES[i].name, word, (size_t)(plus - word));
            mod = same ? MOD_NAMES[i].mod : mod;
        }
        if (mod == 0) {
            return false;
        }
        c->mods |= mod;
        word = plus + 1;
    }
    size_t length = strlen(word);
    if (length == 1 && word[0] > ' ' && word[0] < 0x7f) {
        letter_key(arena, word[0], c);
        return true;
    }
    c->key = named_key(word, length);
    if (c->key == SDLK_SPACE || c->key == SDLK_PLUS || c->key == SDLK_MINUS) {
        char letter = (char)c->key;
        letter_key(arena, letter, c);
    }
    return c->key != SDLK_UNKNOWN;
}

/* ---- Lines ---- */

static const char *unescape(Arena *arena, const char *text) {
    char *out = arena_copy_text(arena, text);
    size_t used = 0;
    for (size_t i = 0; text[i] != '\0'; i++) {
        char next = text[i] == '\\' ? text[i + 1] : '\0';
        if (next == 'n' || next == 't' || next == '\\' || next == '"') {
            out[used++] = next == 'n' ? '\n' : (next == 't' ? '\t' : next);
            i++;
        } else {
            out[used++] = text[i];
        }
    }
    out[used] = '\0';
    return out;
}

/* What stands in quotes, where all of it does. */
static const char *unquote(Arena *arena, const char *text) {
    size_t length = strlen(text);
    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t')) {
        length--;
    }
    bool quoted = length >= 2 && text[0] == '"' && text[length - 1] == '"' &&
                  text[length - 2] != '\\';
    return quoted ? arena_copy_bytes(arena, text + 1, length - 2) : text;
}

/* Exactly `count` whole numbers and nothing after them. */
static bool parse_numbers(const char *text, int count, int *numbers) {
    for (int i = 0; i < count; i++) {
        char *end;
        errno = 0;
        long value = strtol(text, &end, 10);
        bool ends = *end == '\0' || *end == ' ' || *end == '\t';
        if (end == text || !ends || errno != 0 || value < -NUMBER_MOST || value > NUMBER_MOST) {
            return false;
        }
        numbers[i] = (int)value;
        text = end;
    }
    return text[strspn(text, " \t")] == '\0';
}

typedef struct {
    Arena *arena;
    const char *path;
    int line;
    Err *err;
} Parser;

static bool fault(const Parser *p, const char *source, const char *what) {
    return err_set(p->err, "%s:%d: %s: %s", p->path, p->line, source, what);
}

static const Form *find_form(const char *word, size_t length) {
    for (size_t i = 0; i < FORM_COUNT; i++) {
        if (strlen(FORMS[i].name) == length && memcmp(FORMS[i].name, word, length) == 0) {
            return &FORMS[i];
        }
    }
    return NULL;
}

static bool parse_command(const Parser *p, const char *source, ScriptCommand *c) {
    static const char *const EXPECTED[] = {"expected nothing after it", "expected one whole number",
                                           "expected two whole numbers", "",
                                           "expected four whole numbers"};
    size_t length = strcspn(source, " \t");
    const Form *form = find_form(source, length);
    if (form == NULL) {
        return fault(p, source, "no such command; see attnscope open --help");
    }
    const char *rest = source + length + strspn(source + length, " \t");
    *c = (ScriptCommand){.kind = form->kind, .line = p->line, .source = source, .text = ""};
    if (!form->text) {
        return parse_numbers(rest, form->numbers, c->numbers) ||
               fault(p, source, EXPECTED[form->numbers]);
    }
    if (rest[0] == '\0') {
        return fault(p, source, "something must follow it");
    }
    if (form->kind == SCRIPT_KEY) {
        return parse_key(p->arena, rest, c) ||
               fault(p, source,
                     "no such key: expected a sign, a name such as Enter, Left or F5, "
                     "with ctrl+, shift+ or alt+ before it");
    }
    c->text = form->kind == SCRIPT_TEXT ? unescape(p->arena, unquote(p->arena, rest)) : rest;
    return true;
}

/* The line without the space around it. For "text", space at the end belongs to it. */
static const char *take_line(Arena *arena, const char *text, size_t length) {
    while (length > 0 && (text[0] == ' ' || text[0] == '\t')) {
        text++;
        length--;
    }
    while (length > 0 &&
           (text[length - 1] == '\r' || (isspace((unsigned char)text[length - 1]) &&
                                         (length < 5 || memcmp(text, "text ", 5) != 0)))) {
        length--;
    }
    return arena_copy_bytes(arena, text, length);
}

static size_t count_lines(const char *text, size_t size) {
    size_t lines = 1;
    for (size_t i = 0; i < size; i++) {
        lines += text[i] == '\n' ? 1 : 0;
    }
    return lines;
}

bool script_parse_commands(Arena *arena, const char *text, size_t size, const char *path,
                           ScriptCommand **commands, size_t *count, Err *err) {
    Parser p = {arena, path, 0, err};
    *commands = ARENA_NEW_N(arena, ScriptCommand, count_lines(text, size));
    *count = 0;
    if (!utf8_valid(text, size) || memchr(text, '\0', size) != NULL) {
        return err_set(err, "%s: a script must be UTF-8 text", path);
    }
    for (size_t at = 0; at < size;) {
        const char *end = memchr(text + at, '\n', size - at);
        size_t length = end == NULL ? size - at : (size_t)(end - (text + at));
        const char *line = take_line(arena, text + at, length);
        p.line++;
        at += length + 1;
        if (line[0] == '\0' || line[0] == '#') {
            continue;
        }
        if (!parse_command(&p, line, &(*commands)[*count])) {
            return false;
        }
        (*count)++;
    }
    return true;
}
