/* Every scene of every lesson as the window shows it, in both languages and at several sizes: no text
 * over another or out of the panel, every highlight on screen, and no answer of an open question in any
 * text. Each question is answered wrongly, helped with, given up, and answered rightly. */
#include "app/views/window_view.h"
#include "app/views/words.h"
#include "app/window_app.h"
#include "engine/base/file.h"
#include "engine/base/thread.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

typedef struct {
    int w, h;
} Size;
static const Size SIZES[] = {{1280, 800}, {1920, 1080}, {900, 600}, {640, 420}};

typedef struct {
    Arena arena;
    OpenOptions options;
    ModelChoice choice;
    const char *folder, *label;
    WindowLesson *lesson;
    WindowAppState *app;
    Ui *ui;
    Size size;
    Lang lang;
    const char *name; /* of the lesson */
    uint64_t now;
} Window;

static atomic_int woken;
static void wake(void) {
    woken++;
}

/* All are told before a test fails. */
static size_t faults;
#define fault(window, ...)                                                                         \
    (print_error("%s %s %d × %d, scene %zu: ", (window)->name, lang_code((window)->lang),          \
                 (window)->size.w, (window)->size.h,                                               \
                 play_scene(window_lesson_play((window)->lesson)) + 1),                            \
     print_error(__VA_ARGS__), print_error("\n"), (void)faults++)

/* ---- a window without a screen ---- */

static Window *window_open(const char *lessons, const char *name, Lang lang, Size size) {
    Window *window = calloc(1, sizeof *window);
    Err err = {{0}};
    words_set_language(lang);
    window->folder = file_join(&window->arena, "assets/models", "story");
    Model *model = model_open(window->folder, &err);
    if (!model)
        fail_msg("%s", err.text);
    window->label = "story";
    window->choice = (ModelChoice){.folder = &window->folder, .count = 1};
    static const char *none = NULL;
    for (int i = 0; i < LANG_COUNT; i++) {
        window->choice.label[i] = &window->label;
        window->choice.problem[i] = &none;
    }
    window->options = (OpenOptions){.prompt = "Mina",
                                    .head = -1,
                                    .threads = 1,
                                    .assets = "assets",
                                    .max_bytes = (size_t)1 << 30};
    window->lesson = window_lesson_new("assets", lessons, 1, wake);
    if (!window_lesson_start(window->lesson, name, "1", &err))
        fail_msg("%s", err.text);
    SharedModel *shared = shared_model_new(model);
    window->app = window_app_new(&window->options, shared, &window->choice, 0, window->lesson, wake,
                                 &err);
    assert_non_null(window->app);
    shared_model_drop(shared);
    window->ui = ui_new(&TEXT_FIXED, &THEME_DARK, (UiClipboard){0});
    window->size = size;
    window->lang = lang;
    window->name = name;
    window->now = 1;
    return window;
}

static void window_close(Window *window) {
    window_app_free(window->app);
    window_lesson_free(window->lesson);
    ui_free(window->ui);
    arena_free(&window->arena);
    free(window);
}

static void frame(Window *window) {
    UiInput input = {.mouse_x = -1, .mouse_y = -1, .now_ms = window->now++};
    ui_begin(window->ui, &input, (Rect){0, 0, window->size.w, window->size.h});
    window_app_frame(window->app, window->ui, window->size.w, window->size.h, input.now_ms);
    ui_end(window->ui);
}

/* Until nothing is computed any more, and what is drawn stands. */
static const DrawList *settle(Window *window) {
    for (int quiet = 0, turns = 0; quiet < 3; turns++) {
        frame(window);
        quiet = window_app_busy(window->app) || ui_wants_redraw(window->ui) ? 0 : quiet + 1;
        if (quiet == 0)
            nanosleep(&(struct timespec){.tv_nsec = 500000}, NULL);
        if (turns > 40000)
            fail_msg("%s: it does not come to rest", window->name);
    }
    return ui_list(window->ui);
}

static Play *play_of(Window *window) {
    return window_lesson_play(window->lesson);
}

/* ---- texts ---- */

static Rect text_rect(const DrawCommand *c) {
    float width = text_width_n(&TEXT_FIXED, c->as.text.font, c->as.text.size, c->as.text.text,
                               c->as.text.bytes);
    int size = c->as.text.size;
    return (Rect){(int)c->as.text.x, (int)c->as.text.baseline - size * 3 / 4, (int)width,
                  size * 3 / 4};
}

static Rect panel_rect(Window *window) {
    Rect panel;
    if (!ui_find(window->ui, "lesson/scroll", &panel, NULL))
        fail_msg("%s: no panel", window->name);
    return panel;
}

static bool is_in_panel(const DrawCommand *c, Rect panel) {
    return c->kind == DRAW_TEXT && c->layer == DRAW_LAYER_BASE && c->as.text.bytes > 0 &&
           c->clip.x >= panel.x && c->clip.x + c->clip.w <= panel.x + panel.w &&
           c->clip.y >= panel.y && c->as.text.x >= (float)panel.x;
}

static const char *text_of(Window *window, const DrawCommand *c) {
    return arena_copy_bytes(&window->arena, c->as.text.text, c->as.text.bytes);
}

/* Nothing over another, nothing beyond the panel's edge, nothing shortened. */
static void check_texts(Window *window, const DrawList *list) {
    Rect panel = panel_rect(window);
    for (size_t i = 0; i < list->count; i++) {
        const DrawCommand *a = &list->commands[i];
        if (!is_in_panel(a, panel))
            continue;
        Rect at = text_rect(a);
        const char *text = text_of(window, a);
        if (at.x + at.w > panel.x + panel.w)
            fault(window, "“%s” ends at %d, the panel at %d", text, at.x + at.w, panel.x + panel.w);
        size_t size = strlen(text);
        if (size > 3 && strcmp(text + size - 3, "…") == 0 && at.w > panel.w / 2)
            fault(window, "“%s” is cut off", text);
        for (size_t k = i + 1; k < list->count; k++) {
            const DrawCommand *b = &list->commands[k];
            if (!is_in_panel(b, panel))
                continue;
            Rect both = rect_both(at, text_rect(b));
            if (both.w > 1 && both.h > 2)
                fault(window, "“%s” stands over “%s”", text_of(window, b), text);
        }
    }
}

/* ---- highlights ---- */

static bool is_seen(const DrawCommand *c, Rect stage) {
    Rect seen = rect_both(rect_both(c->rect, c->clip), stage);
    return seen.w > 0 && seen.h > 0;
}

/* A frame in the role's colour, in the picture. */
static bool has_frame(const DrawList *list, Color color, Rect stage) {
    for (size_t i = 0; i < list->count; i++) {
        const DrawCommand *c = &list->commands[i];
        if ((c->kind == DRAW_CELL_FRAME || c->kind == DRAW_FRAME) && c->color == color &&
            is_seen(c, stage))
            return true;
    }
    return false;
}

static bool sees(Window *window, const char *id) {
    Rect rect, visible;
    return ui_find(window->ui, id, &rect, &visible) && visible.w > 0 && visible.h > 0;
}

static bool sees_block(Window *window, const Node *node) {
    return sees(window, arena_printf(&window->arena, "map/block/%d", node->layer));
}

static bool mark_is_seen(Window *window, const DrawList *list, const PlayMark *mark, Rect stage) {
    const Trace *trace = window_app_trace(window->app);
    switch (mark->kind) {
    case MARK_CELLS: return has_frame(list, theme_role(&THEME_DARK, mark->role), stage);
    case MARK_TOKEN: return sees(window, arena_printf(&window->arena, "chip/%zu", mark->index));
    case MARK_HEAD:
        return sees(window, arena_printf(&window->arena, "stage/head/%zu", mark->index));
    case MARK_STAGE: {
        const Node *node = &trace->graph.node[graph_owner(&trace->graph, mark->node)];
        return sees(window, arena_printf(&window->arena, "map/%s", node->name)) ||
               sees_block(window, node);
    }
    }
    return false;
}

/* A small window has no map, its chips one line, and its picture scrolls: there they need not be. */
static void check_marks(Window *window, const DrawList *list) {
    const PlayMark *mark;
    size_t count = play_marks(play_of(window), &mark);
    if (window->size.h < 600)
        return;
    Rect panel = panel_rect(window), stage = {216, 0, panel.x - 216, window->size.h};
    for (size_t i = 0; i < count; i++)
        if (!mark_is_seen(window, list, &mark[i], stage))
            fault(window, "highlight %zu is not on screen", i);
}

/* ---- secrets ---- */

static size_t digits_of(const char *text) {
    size_t count = 0;
    for (; *text; text++)
        count += *text >= '0' && *text <= '9' && (*text != '0' || count > 0);
    return count;
}

/* As a word of its own. */
static bool tells(const char *text, const char *number) {
    size_t size = strlen(number);
    for (const char *at = strstr(text, number); at; at = strstr(at + 1, number)) {
        bool before = at > text && ((at[-1] >= '0' && at[-1] <= '9') || at[-1] == '.');
        bool after = at[size] >= '0' && at[size] <= '9';
        if (!before && !after)
            return true;
    }
    return false;
}

/* Of an open question that asks for a number, that number; and NaN, which is what is hidden. */
static void check_secrets(Window *window, const DrawList *list) {
    const PlayCheck *checks;
    Play *play = play_of(window);
    size_t count = play_checks(play, &checks);
    bool open = false;
    for (size_t i = 0; i < count; i++) {
        Answer answer;
        Err none;
        const LessonCheck *check = checks[i].check;
        if (checks[i].state != ANSWER_OPEN)
            continue;
        open = true;
        if (check->kind != CHECK_FILL || !play_right_answer(play, i, &answer, &none))
            continue;
        const char *number = text_number(&window->arena, answer.number, check->digits);
        for (size_t k = 0; digits_of(number) >= 3 && k < list->count; k++)
            if (list->commands[k].kind == DRAW_TEXT &&
                tells(text_of(window, &list->commands[k]), number))
                fault(window, "“%s” tells the answer %s", text_of(window, &list->commands[k]),
                      number);
    }
    for (size_t k = 0; open && window_app_state(window->app)->veil && k < list->count; k++)
        if (list->commands[k].kind == DRAW_TEXT &&
            strcmp(text_of(window, &list->commands[k]), "NaN") == 0)
            fault(window, "NaN is shown");
}

static void check_all(Window *window) {
    const DrawList *list = settle(window);
    Err err = {{0}};
    if (!play_ready(play_of(window), &err))
        fault(window, "not ready: %s", err.text);
    check_texts(window, list);
    check_secrets(window, list);
}

/* ---- playing ---- */

static void intent(Window *window, IntentKind kind, long value) {
    window_lesson_apply(window->lesson, &(Intent){.kind = kind, .value = value});
}

static AnswerState state_of(Window *window, size_t check) {
    const PlayCheck *checks;
    return check < play_checks(play_of(window), &checks) ? checks[check].state : ANSWER_OPEN;
}

static void answer(Window *window, size_t check, bool right) {
    LessonPanel *panel = window_lesson_panel(window->lesson);
    Play *play = play_of(window);
    Err err = {{0}};
    bool found = right ? play_right_answer(play, check, &panel->answer, &err)
                       : play_wrong_answer(play, check, &panel->answer, &err);
    if (found)
        intent(window, INTENT_ANSWER, (long)check);
    else
        fault(window, "no %s answer to question %zu: %s", right ? "right" : "wrong", check,
              err.text);
    check_all(window);
}

static void give_up(Window *window, size_t check) {
    for (int i = 0; i < 9 && state_of(window, check) == ANSWER_OPEN; i++) {
        const PlayCheck *checks;
        play_checks(play_of(window), &checks);
        bool more = checks[check].hints_shown < checks[check].hints;
        intent(window, more ? INTENT_HINT : INTENT_REVEAL, (long)check);
        check_all(window);
    }
    if (state_of(window, check) == ANSWER_OPEN)
        fault(window, "question %zu does not close", check);
}

/* Even ones rightly, the others wrongly and then given up. */
static void play_scene_through(Window *window, size_t round) {
    const PlayCheck *checks;
    check_all(window);
    check_marks(window, ui_list(window->ui));
    size_t count = play_checks(play_of(window), &checks);
    for (size_t i = 0; i < count; i++) {
        CheckKind kind = checks[i].check->kind;
        bool right = (i + round) % 2 == 0;
        if (kind != CHECK_MAKE || !right)
            answer(window, i, right);
        if (state_of(window, i) == ANSWER_OPEN)
            give_up(window, i);
        play_checks(play_of(window), &checks);
    }
    const DrawList *list = settle(window);
    check_texts(window, list);
}

static void play_through(const char *lessons, const char *name, Lang lang, Size size,
                         size_t round) {
    Window *window = window_open(lessons, name, lang, size);
    settle(window);
    size_t scenes = play_lesson(play_of(window))->scene_count;
    for (size_t i = 0; i < scenes; i++) {
        intent(window, INTENT_SCENE, (long)i);
        settle(window);
        if (play_scene(play_of(window)) != i)
            fault(window, "scene %zu does not open", i);
        play_scene_through(window, round);
    }
    if (play_solved(play_of(window)) != play_asked(play_of(window)))
        fault(window, "%zu of %zu questions are closed", play_solved(play_of(window)),
              play_asked(play_of(window)));
    intent(window, INTENT_CONTENTS, 0);
    settle(window);
    window_close(window);
}

static void play_folder(const char *lessons) {
    Arena arena = {0};
    const char **folder;
    size_t count = lesson_list(lessons, &arena, &folder);
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++)
        for (size_t s = 0; s < sizeof SIZES / sizeof *SIZES; s++)
            play_through(lessons, strrchr(folder[i], '/') + 1, s % 2 ? LANG_KO : LANG_EN, SIZES[s],
                         s / 2);
    for (size_t i = 0; i < count; i++)
        play_through(lessons, strrchr(folder[i], '/') + 1, LANG_KO, SIZES[0], 1);
    arena_free(&arena);
    assert_int_equal(faults, 0);
}

static void every_lesson_stands_well(void **state) {
    (void)state;
    play_folder("lessons");
}

static void every_kind_of_question_stands_well(void **state) {
    (void)state;
    play_folder("tests/lessons");
}

/* ---- what a learner does of his own ---- */

static void type(Window *window, const char *text) {
    window_lesson_prompt(window->lesson, text);
    settle(window);
}

/* The text goes on with the scene; the scene's own comes back; what was answered stays answered. */
static void a_text_of_ones_own_goes_on(void **state) {
    (void)state;
    Window *window = window_open("lessons", "3", LANG_EN, SIZES[0]);
    settle(window);
    const char *own = "One day Lily saw a cat. Lily";
    type(window, own);
    assert_string_equal(window_app_text(window->app), own);
    assert_int_equal(window_app_trace(window->app)->own.length, 8);
    assert_true(play_ready(play_of(window), NULL));
    assert_true(draw_list_has_text(ui_list(window->ui), &TEXT_FIXED, word(WORD_LESSON_PICTURE)));
    assert_non_null(window_app_state(window->app)->veil); /* hidden there, too */
    intent(window, INTENT_SCENE_PICTURE, 0);
    settle(window);
    assert_string_equal(window_app_text(window->app), "One day Ben saw a dog. Ben");
    assert_false(draw_list_has_text(ui_list(window->ui), &TEXT_FIXED, word(WORD_LESSON_PICTURE)));
    type(window, "It rains."); /* it has none of the roles */
    Err err = {{0}};
    assert_false(play_ready(play_of(window), &err));
    assert_non_null(strstr(err.text, "this text lacks"));
    window_close(window);
}

/* While the next run is computed, what was hidden stays hidden; and so it is where a run comes that is
 * not wanted any more. */
static void nothing_shows_while_it_computes(void **state) {
    (void)state;
    Window *window = window_open("lessons", "3", LANG_EN, SIZES[0]);
    settle(window);
    assert_non_null(window_app_state(window->app)->veil);
    int before = woken;
    window_lesson_prompt(window->lesson, "One day Lily saw a cat. Lily");
    frame(window);
    while (woken == before)
        nanosleep(&(struct timespec){.tv_nsec = 500000}, NULL);
    window_lesson_prompt(window->lesson, "One day Tom saw a cat. Tom");
    for (int i = 0; i < 4000 && (i < 3 || window_app_busy(window->app)); i++) {
        frame(window);
        assert_non_null(window_app_state(window->app)->veil);
        assert_true(window_app_viewed(window->app) != window_app_trace(window->app));
    }
    window_close(window);
}

/* A lesson is left and opened again: it goes on where it was, and what was answered is. */
static void progress_is_resumed(void **state) {
    (void)state;
    Window *window = window_open("lessons", "1", LANG_EN, SIZES[0]);
    settle(window);
    answer(window, 0, false);
    intent(window, INTENT_SCENE, 2);
    settle(window);
    window_close(window);
    Err err = {{0}};
    WindowLesson *again = window_lesson_new("assets", "lessons", 1, wake);
    assert_true(window_lesson_start(again, "1", NULL, &err));
    assert_int_equal(play_scene(window_lesson_play(again)), 2);
    assert_true(play_solved(window_lesson_play(again)) > 0);
    window_lesson_apply(again, &(Intent){.kind = INTENT_LESSON, .value = -1});
    assert_false(window_lesson_is_open(again));
    assert_false(window_lesson_start(again, "1", "99", &err));
    assert_non_null(strstr(err.text, "--scene 99"));
    assert_false(window_lesson_start(again, "no-such", NULL, &err));
    window_lesson_free(again);
}

static char *data_folder;

static int make_data(void **state) {
    (void)state;
    static char path[] = "/tmp/attnscope-lessons-XXXXXX";
    data_folder = mkdtemp(path);
    return data_folder && setenv("XDG_DATA_HOME", data_folder, 1) == 0 ? 0 : -1;
}

static int remove_data(void **state) {
    (void)state;
    char path[256];
    snprintf(path, sizeof path, "%s/attnscope/progress.json", data_folder);
    remove(path);
    snprintf(path, sizeof path, "%s/attnscope", data_folder);
    remove(path);
    remove(data_folder);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_of_ones_own_goes_on),
        cmocka_unit_test(nothing_shows_while_it_computes),
        cmocka_unit_test(progress_is_resumed),
        cmocka_unit_test(every_kind_of_question_stands_well),
        cmocka_unit_test(every_lesson_stands_well),
    };
    return cmocka_run_group_tests(tests, make_data, remove_data);
}
