/* The panel that exports a figure: its place at every size, what its widgets ask for, and what the
 * program makes of that. */
#include "app/export_window.h"
#include "app/views/export.h"
#include "app/views/words.h"
#include "engine/base/file.h"
#include "tests/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct {
    Model *model;
    Trace *trace;
    Arena arena;
    Walk walk;
    ViewState state;
    ViewWidgets widgets;
    Ui *ui;
    UiInput input;
    Intents out;
    OpenOptions options;
    ExportWindow *export;
    ViewInput in;
    const ViewExport *shown;
} Window;

static ViewInput view_input(Window *window) {
    return (ViewInput){.ui = window->ui,
                       .theme = ui_theme(window->ui),
                       .trace = window->trace,
                       .model = window->model,
                       .walk = &window->walk,
                       .state = &window->state,
                       .widgets = &window->widgets,
                       .set = "scale=off",
                       .mask = "full",
                       .out = &window->out};
}

/* A frame as the program has it: what is intended is done after it. */
static void frame_of(Window *window, int w, int h) {
    window->out.count = 0;
    window->input.now_ms += 20;
    ui_begin(window->ui, &window->input, (Rect){0, 0, w, h});
    bool stale = window->in.stale;
    window->in = view_input(window);
    window->in.stale = stale;
    window->in.export = window->shown = export_window_frame(window->export, &window->in);
    export_view(&window->in, w, h);
    ui_end(window->ui);
    window->input.key_count = 0;
    window->input.mouse_pressed = window->input.mouse_released = false;
    for (int i = 0; i < window->out.count; i++)
        assert_true(export_window_apply(window->export, &window->in, &window->out.intent[i]));
}

/* Until nothing changes any more. */
static void frame(Window *window) {
    for (int i = 0; i < 3; i++)
        frame_of(window, 1280, 800);
}

static void intend(Window *window, IntentKind kind, long value) {
    Intent intent = {.kind = kind, .value = value};
    assert_true(export_window_apply(window->export, &window->in, &intent));
    frame(window);
}

static void press(Window *window, int key) {
    window->input.keys[window->input.key_count++] = (UiKeyEvent){.key = key};
    frame(window);
}

static void click(Window *window, const char *id) {
    Rect rect;
    if (!ui_find(window->ui, id, &rect, NULL) || ui_covered(window->ui, id, NULL))
        fail_msg("%s can't be clicked", id);
    window->input.mouse_x = rect.x + rect.w / 2;
    window->input.mouse_y = rect.y + rect.h / 2;
    frame(window);
    window->input.mouse_pressed = window->input.mouse_down = true;
    window->input.mouse_clicks = 1;
    frame_of(window, 1280, 800);
    window->input.mouse_down = false;
    window->input.mouse_released = true;
    frame(window);
}

static void go(Window *window, const char *stage) {
    state_start(&window->state, window->trace, &window->walk, stage);
    frame(window);
}

static void set_name(Window *window, const char *name) {
    ui_textbox_set(&window->widgets.export_file, name, strlen(name));
    frame(window);
}

static int set_up(void **state) {
    Window *window = calloc(1, sizeof *window);
    assert_non_null(window);
    window->model = fixture_model(&(TinyModel){.tokenizer = true, .d_model = 16});
    window->trace = fixture_trace(window->model, 6, &(RunOptions){0});
    walk_make(window->trace, &window->arena, &window->walk);
    state_start(&window->state, window->trace, &window->walk, "blocks.1.attn.hook_pattern");
    window->ui = ui_new(&TEXT_FIXED, &THEME_DARK, (UiClipboard){0});
    window->input.mouse_x = window->input.mouse_y = -1;
    window->export = export_window_new(&window->options);
    ui_textbox_set(&window->widgets.prompt, "w0 w3", 5);
    frame(window);
    *state = window;
    return 0;
}

static int tear_down(void **state) {
    Window *window = *state;
    export_window_free(window->export);
    ui_free(window->ui);
    ui_textbox_free(&window->widgets.prompt);
    ui_textbox_free(&window->widgets.export_file);
    trace_free(window->trace);
    model_close(window->model);
    arena_free(&window->arena);
    free(window);
    return 0;
}

static const char *name_of(const Window *window) {
    return buf_cstr(&window->widgets.export_file.text);
}

/* ---- the panel ---- */

static bool is_widget(const char *id) {
    return strncmp(id, "export/", 7) == 0 && strcmp(id, "export/preview") != 0;
}

/* Parts of segments lie in them. */
static bool is_part(const char *id) {
    return strchr(id + 7, '/') != NULL;
}

static void check_places(Window *window, int w, int h) {
    const char *a, *b;
    Rect panel, ra, rb;
    for (int i = 0; i < 3; i++)
        frame_of(window, w, h);
    assert_true(ui_find(window->ui, "popup/panel", &panel, NULL));
    for (size_t i = 0; (a = ui_id_at(window->ui, i)) != NULL; i++) {
        if (strncmp(a, "export/", 7) != 0)
            continue;
        ui_find(window->ui, a, &ra, NULL);
        Rect inside = rect_both(ra, panel);
        if (inside.w != ra.w || inside.h != ra.h)
            fail_msg("%d × %d: %s is not in the panel", w, h, a);
        for (size_t j = i + 1; is_widget(a) && (b = ui_id_at(window->ui, j)) != NULL; j++) {
            ui_find(window->ui, b, &rb, NULL);
            Rect both = rect_both(ra, rb);
            if (is_widget(b) && is_part(a) == is_part(b) && both.w > 0 && both.h > 0)
                fail_msg("%d × %d: %s and %s overlap", w, h, a, b);
        }
    }
}

static void fits_at_any_size(void **state) {
    Window *window = *state;
    intend(window, INTENT_EXPORT, 0);
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        words_set_language((Lang)lang);
        check_places(window, 640, 420);
        check_places(window, 900, 600);
        check_places(window, 1920, 1080);
        assert_true(window->shown->pixels && window->shown->width > 250);
    }
    words_set_language(LANG_EN);
}

static void opens_and_closes(void **state) {
    Window *window = *state;
    assert_null(window->shown);
    intend(window, INTENT_EXPORT, 0);
    assert_non_null(window->shown);
    assert_true(window->shown->pixels && !window->shown->problem);
    press(window, UI_KEY_ESCAPE);
    assert_null(window->shown);
    intend(window, INTENT_EXPORT, 0);
    click(window, "export/close");
    assert_null(window->shown);
}

static void clicks_choose(void **state) {
    Window *window = *state;
    intend(window, INTENT_EXPORT, 0);
    click(window, "export/kind/2");
    click(window, "export/layout/1");
    click(window, "export/theme/1");
    click(window, "export/format/2");
    assert_int_equal(window->shown->kind, 2);
    assert_int_equal(window->shown->layout, 1);
    assert_int_equal(window->shown->theme, 1);
    assert_int_equal(window->shown->format, 2);
    assert_string_equal(name_of(window), "lines-blocks.1.attn.hook_pattern-0.pdf");
    Color corner = window->shown->pixels[0];
    assert_int_equal(corner, THEME_DARK.background);
    click(window, "export/theme/0");
    assert_int_equal(window->shown->pixels[0], COLOR_RGB(0xffffff));
}

/* ---- the name ---- */

static void a_name_of_ones_own_stays(void **state) {
    Window *window = *state;
    intend(window, INTENT_EXPORT, 0);
    assert_string_equal(name_of(window), "heatmap-blocks.1.attn.hook_pattern-0.svg");
    set_name(window, "mine.png");
    assert_int_equal(window->shown->format, 0);
    intend(window, INTENT_EXPORT_KIND, 1);
    assert_string_equal(name_of(window), "mine.png");
    intend(window, INTENT_EXPORT_FORMAT, 1);
    assert_string_equal(name_of(window), "mine.svg");
    set_name(window, "mine");
    assert_int_equal(window->shown->format, -1);
    click(window, "export/save"); /* it can't be */
    assert_true(!window->shown->saved && !window->shown->failed);
    intend(window, INTENT_EXPORT_FORMAT, 2);
    assert_string_equal(name_of(window), "mine.pdf");
}

/* ---- what can't be ---- */

static void check_problem(const Window *window, const char *part) {
    assert_null(window->shown->pixels);
    assert_non_null(window->shown->problem);
    if (!strstr(window->shown->problem, part))
        fail_msg("“%s” is not in “%s”", part, window->shown->problem);
}

static void problems_stand_in_the_previews_place(void **state) {
    Window *window = *state;
    intend(window, INTENT_EXPORT, 0);
    go(window, "hook_tokens");
    check_problem(window, "hook_tokens has 1 axis");
    intend(window, INTENT_EXPORT_KIND, 1);
    check_problem(window, word(WORD_EXPORT_NO_BLOCK));
    go(window, "blocks.0.attn.hook_attn_scores");
    intend(window, INTENT_EXPORT_KIND, 2);
    check_problem(window, "is no attention pattern");
    intend(window, INTENT_EXPORT_KIND, 0);
    assert_non_null(window->shown->pixels);
    window->in.stale = true;
    frame(window);
    check_problem(window, word(WORD_EXPORT_STALE));
    window->in.stale = false;
    frame(window);
    assert_non_null(window->shown->pixels);
}

static VeilKind hide(void *user, int node) {
    (void)user;
    return node == 1 ? VEIL_RECORD : VEIL_NOTHING;
}
static bool hide_no_cell(void *user, int node, const size_t *index) {
    (void)user;
    (void)node;
    (void)index;
    return false;
}

/* While a question hides something, no figure gives it away. */
static void an_open_question_can_not_be_exported(void **state) {
    Window *window = *state;
    Veil *veil = veil_new(window->trace, &(VeilSource){.record = hide, .cell = hide_no_cell});
    assert_non_null(veil);
    intend(window, INTENT_EXPORT, 0);
    window->state.veil = veil;
    frame(window);
    check_problem(window, word(WORD_EXPORT_HIDDEN));
    set_name(window, "/dev/null/hidden.svg");
    intend(window, INTENT_EXPORT_SAVE, 0);
    assert_string_equal(window->shown->failed, word(WORD_EXPORT_HIDDEN));
    window->state.veil = NULL;
    veil_free(veil);
}

/* ---- the file ---- */

static void saves_and_tells(void **state) {
    Window *window = *state;
    char *folder = tiny_folder_new();
    Arena arena = {0};
    intend(window, INTENT_EXPORT, 0);
    const char *path = file_join(&arena, folder, "a.svg");
    set_name(window, path);
    assert_false(window->shown->replaces);
    click(window, "export/save");
    assert_string_equal(window->shown->saved, path);
    assert_true(window->shown->replaces);
    char *text;
    size_t size;
    assert_true(file_read_text(path, 1 << 20, &arena, &text, &size, NULL));
    assert_non_null(strstr(text, "attnscope export heatmap --model"));
    assert_non_null(strstr(text, "--set scale=off --mask full --output figure.svg"));
    assert_non_null(strstr(text, "--stage blocks.1.attn.hook_pattern --layout paper --width 85 "
                                 "--theme light"));
    set_name(window, file_join(&arena, folder, "no/such/b.svg"));
    intend(window, INTENT_EXPORT_SAVE, 0);
    assert_non_null(strstr(window->shown->failed, "no/such/b.svg"));
    assert_null(window->shown->saved);
    tiny_folder_remove(folder);
    arena_free(&arena);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(fits_at_any_size),
        TEST(opens_and_closes),
        TEST(clicks_choose),
        TEST(a_name_of_ones_own_stays),
        TEST(problems_stand_in_the_previews_place),
        TEST(an_open_question_can_not_be_exported),
        TEST(saves_and_tells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
