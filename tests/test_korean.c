/* The window in Korean: over models of every family, at every stage, no English word is left, and
 * what the map says fits into it. */
#include "app/views/window_view.h"
#include "app/views/words.h"
#include "tests/screen.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WIDTH = 1280, HEIGHT = 800, SMALL_WIDTH = 640, SMALL_HEIGHT = 420, TOKENS = 5 };

/* Names that stay as they are. */
static const char *const NAMES[] = {
    "Attnscope", "RMSNorm",   "RoPE", "FFN",  "tanh", "cos",     "sin",   "exp", "max",
    "log",       "erf",       "GELU", "ReLU", "SiLU", "softmax", "KiB",   "MiB", "argmax",
    "argsort",   "LayerNorm", "Esc",  "old",  "new",  "logits",  "probs", "eps"};

static bool is_name(const char *word, size_t size) {
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (strlen(NAMES[i]) == size && memcmp(NAMES[i], word, size) == 0)
            return true;
    return false;
}

/* Tokens are called "토0", "토1" …: a Latin letter on the screen is a word of the program's. */
static void name_tokens(Trace *trace, TraceText *text) {
    const char **label = ARENA_NEW_N(&trace->arena, const char *, text->length);
    for (size_t i = 0; i < text->length; i++)
        label[i] = arena_printf(&trace->arena, "토%zu", i);
    text->label = label;
}

static Screen screen_new(const FixtureFolder *folder) {
    Model *model = fixture_golden(folder);
    bool flash = folder->attention.kind == ATTENTION_FLASH;
    RunOptions options = {.attention = folder->attention, .stages = flash ? "*,*flash*" : NULL};
    Screen screen = screen_begin(model, fixture_trace(model, TOKENS, &options), WIDTH, HEIGHT);
    name_tokens(screen.trace, &screen.trace->own);
    name_tokens(screen.trace, &screen.trace->source);
    if (screen.trace->class_name) {
        const char **label = ARENA_NEW_N(&screen.trace->arena, const char *,
                                         model->config.n_labels);
        for (size_t i = 0; i < model->config.n_labels; i++)
            label[i] = "가";
        screen.trace->class_name = label;
    }
    state_start(&screen.state, screen.trace, &screen.walk, NULL);
    return screen;
}

static const DrawList *draw(Screen *screen, int w, int h) {
    for (int frame = 0; frame < 2; frame++) {
        ViewInput in = screen_input(screen);
        screen->out.count = 0;
        ui_begin(screen->ui, &screen->input, (Rect){0, 0, w, h});
        window_view(&in, w, h);
        ui_end(screen->ui);
    }
    return ui_list(screen->ui);
}

/* Names of records, weights and axes of the file have a dot, a bracket or an underscore in them. */
static bool is_of_file(const char *word, size_t size) {
    return memchr(word, '.', size) || memchr(word, '_', size) || memchr(word, '[', size);
}

/* An English word in the text: three letters or more that are no name. NULL: none. */
static const char *english_word(const char *text, size_t size, size_t *length) {
    for (size_t at = 0; at < size;) {
        size_t end = at;
        while (end < size && text[end] != ' ')
            end++;
        for (size_t i = at; i < end && !is_of_file(text + at, end - at);) {
            size_t from = i;
            while (i < end && isalpha((unsigned char)text[i]))
                i++;
            *length = i - from;
            if (*length > 2 && !is_name(text + from, *length))
                return text + from;
            i += i == from;
        }
        at = end + 1;
    }
    return NULL;
}

static bool has_hangul(const char *text, size_t size) {
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)text[i] >= 0xEA && (unsigned char)text[i] <= 0xED)
            return true;
    return false;
}

static void check_words(Screen *screen, const char *stage, int w, int h) {
    const DrawList *list = draw(screen, w, h);
    size_t korean = 0;
    for (size_t i = 0; i < list->count; i++) {
        const DrawCommand *c = &list->commands[i];
        if (c->kind != DRAW_TEXT)
            continue;
        size_t length;
        const char *text = c->as.text.text, *word = english_word(text, c->as.text.bytes, &length);
        if (word)
            fail_msg("%s, %d × %d: \"%.*s\" in \"%.*s\"", stage, w, h, (int)length, word,
                     (int)c->as.text.bytes, text);
        korean += has_hangul(text, c->as.text.bytes);
    }
    if (korean < 10)
        fail_msg("%s, %d × %d: %zu Korean texts", stage, w, h, korean);
}

/* The map's own texts are not shortened. */
static void check_map(Screen *screen, const char *stage) {
    const DrawList *list = draw(screen, WIDTH, HEIGHT);
    ViewInput in = screen_input(screen);
    Rect map = window_layout(&in, WIDTH, HEIGHT).map;
    size_t found = 0;
    for (size_t i = 0; i < list->count; i++) {
        const DrawCommand *c = &list->commands[i];
        if (c->kind != DRAW_TEXT || !rect_has(map, (int)c->as.text.x, (int)c->as.text.baseline))
            continue;
        found++;
        size_t bytes = c->as.text.bytes, dots = strlen("…");
        if (bytes >= dots && memcmp(c->as.text.text + bytes - dots, "…", dots) == 0)
            fail_msg("%s: \"%.*s\" in the map", stage, (int)bytes, c->as.text.text);
    }
    assert_true(found > 3);
}

static void check_folder(const FixtureFolder *folder) {
    Screen screen = screen_new(folder);
    for (int stage = 0; stage < screen.walk.count; stage++) {
        int node = screen.walk.node[stage];
        const char *name = screen.trace->graph.node[node].name;
        OpCall call;
        if (!trace_call(screen.trace, node, &call))
            continue;
        Intent go = {.kind = INTENT_GO, .node = node}, back = {.kind = INTENT_STEP, .value = -1};
        state_apply(&screen.state, screen.trace, &screen.walk, &go, 0);
        check_words(&screen, name, WIDTH, HEIGHT);
        check_map(&screen, name);
        state_apply(&screen.state, screen.trace, &screen.walk, &back, 0);
        check_words(&screen, name, WIDTH, HEIGHT);
        check_words(&screen, name, SMALL_WIDTH, SMALL_HEIGHT);
    }
    screen_free(&screen);
}

static void no_english_word_is_left(void **state) {
    (void)state;
    for (size_t i = 0; i < FIXTURE_FOLDER_COUNT; i++)
        check_folder(&FIXTURE_FOLDERS[i]);
}

static void the_list_of_keys_is_korean(void **state) {
    (void)state;
    Screen screen = screen_new(&FIXTURE_FOLDERS[0]);
    window_toggle_help(screen.ui);
    const DrawList *list = draw(&screen, WIDTH, HEIGHT);
    bool found = false;
    for (size_t i = 0; i < list->count; i++)
        found = found || (list->commands[i].kind == DRAW_TEXT &&
                          list->commands[i].as.text.bytes == strlen("단축키") &&
                          memcmp(list->commands[i].as.text.text, "단축키", strlen("단축키")) == 0);
    assert_true(found);
    screen_free(&screen);
}

static int korean(void **state) {
    (void)state;
    words_set_language(LANG_KO);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_english_word_is_left),
        cmocka_unit_test(the_list_of_keys_is_korean),
    };
    return cmocka_run_group_tests(tests, korean, NULL);
}
