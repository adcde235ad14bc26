/* Pictures of the stage and the inspector against tests/pictures/NAME.png.
 *
 * Fonts differ from one distribution to the next, so text is laid out with characters of a fixed
 * width and left out of the picture: what is compared are cells, frames, bars and lines, which this
 * program draws by itself. A cell's colour may differ by one where a machine's exp or tanh does.
 *
 * A picture that differs, or that has no expected one, is kept in build/pictures/. To accept what
 * is drawn now: ATTNSCOPE_WRITE_PICTURES=1 build/test/test_pictures */
#include "app/sdl/canvas.h"
#include "app/sdl/png.h"
#include "app/step_cost.h"
#include "app/views/inspector.h"
#include "app/views/stage.h"
#include "engine/base/file.h"
#include "tests/fixture.h"

#include <png.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WIDTH = 1064, HEIGHT = 604, INSPECTOR = 304, LENGTH = 9 };
#define EXPECTED "tests/pictures"
#define ACTUAL "build/pictures"

typedef struct {
    const char *name, *stage;
    bool light, pinned, by_size, flash, cached;
    size_t step; /* of the head in view, where nothing is pinned */
    size_t head;
    size_t cell[TENSOR_RANK];
} Picture;

enum { WHOLE = 1 << 20 };

static const Picture PICTURES[] = {
    {.name = "tokens", .stage = "hook_tokens", .step = 5},
    {.name = "embed-step", .stage = "hook_embed", .light = true, .step = 4},
    {.name = "normalized", .stage = "blocks.0.ln1.hook_normalized", .pinned = true, .cell = {4, 7}},
    {.name = "queries-step", .stage = "blocks.0.attn.hook_q", .head = 1, .step = 6},
    {.name = "scores",
     .stage = "blocks.1.attn.hook_attn_scores_raw",
     .pinned = true,
     .by_size = true,
     .head = 2,
     .cell = {2, 7, 3}},
    {.name = "scores-step",
     .stage = "blocks.1.attn.hook_attn_scores_raw",
     .light = true,
     .step = 40},
    {.name = "mask", .stage = "blocks.1.attn.hook_attn_scores", .light = true, .step = WHOLE},
    {.name = "pattern-maximum", .stage = "blocks.0.attn.hook_pattern", .step = 25},
    {.name = "pattern",
     .stage = "blocks.0.attn.hook_pattern",
     .light = true,
     .pinned = true,
     .cell = {0, 6, 2}},
    {.name = "weighted-sum", .stage = "blocks.1.attn.hook_z", .pinned = true, .cell = {5, 0, 3}},
    {.name = "activation", .stage = "blocks.1.mlp.hook_post", .pinned = true, .cell = {3, 20}},
    {.name = "residual", .stage = "blocks.1.hook_resid_post", .light = true, .step = 3},
    {.name = "logits", .stage = "logits", .pinned = true, .cell = {8, 11}},
    {.name = "probs", .stage = "probs", .light = true, .step = WHOLE},
    {.name = "probs-exponentials", .stage = "probs", .step = 34},
    {.name = "flash-tile", .flash = true, .stage = "blocks.1.attn.hook_z", .step = 8},
    {.name = "flash-whole",
     .flash = true,
     .stage = "blocks.1.attn.hook_z",
     .light = true,
     .step = WHOLE},
    {.name = "cache-keys", .cached = true, .stage = "blocks.1.attn.hook_k", .step = WHOLE},
    {.name = "scale-step", .stage = "blocks.1.attn.hook_attn_scores_scaled", .head = 1, .step = 4},
};
enum { COUNT = sizeof PICTURES / sizeof *PICTURES };

/* ---- drawing ---- */

typedef struct {
    Model *model;
    Trace *trace[2]; /* with standard attention, with flash */
    Arena arena;
    Walk walk[2];
    CacheStep cached;
    Fonts *fonts;
} Fixture;

static int make(void **state) {
    static const TinyModel tiny = {
        .tokenizer = true, .n_heads = 4, .d_model = 32, .d_ff = 96, .n_vocab = 300, .n_ctx = 16};
    Fixture *fixture = calloc(1, sizeof *fixture);
    Err err = {{0}};
    assert_non_null(fixture);
    fixture->model = fixture_model(&tiny);
    RunOptions flash = {.stages = "*,*flash*",
                        .attention = {.kind = ATTENTION_FLASH, .tile_rows = 4, .tile_columns = 4}};
    fixture->trace[false] = fixture_trace(fixture->model, LENGTH, &(RunOptions){0});
    fixture->trace[true] = fixture_trace(fixture->model, LENGTH, &flash);
    for (int i = 0; i < 2; i++)
        walk_make(fixture->trace[i], &fixture->arena, &fixture->walk[i]);
    assert_true(step_cost(fixture->trace[false], &fixture->arena, &fixture->cached));
    fixture->fonts = fonts_new(1, &err);
    if (!fixture->fonts)
        fail_msg("%s", err.text);
    *state = fixture;
    return 0;
}

static int drop(void **state) {
    Fixture *fixture = *state;
    fonts_free(fixture->fonts);
    arena_free(&fixture->arena);
    trace_free(fixture->trace[false]);
    trace_free(fixture->trace[true]);
    model_close(fixture->model);
    free(fixture);
    return 0;
}

static ViewState state_of(const Fixture *fixture, const Picture *picture) {
    const Trace *trace = fixture->trace[picture->flash];
    const Walk *walk = &fixture->walk[picture->flash];
    ViewState state = {.followed = TILE_SUM};
    state_start(&state, trace, walk, picture->stage);
    state.light = picture->light;
    state.terms_turned = picture->by_size;
    state.now.head = picture->head;
    if (picture->pinned) {
        Intent pin = {.kind = INTENT_PIN, .node = state.now.node};
        memcpy(pin.index, picture->cell, sizeof pin.index);
        state_apply(&state, trace, walk, &pin, 0);
    } else if (picture->step != WHOLE) {
        Intent back = {.kind = INTENT_STEP, .value = (long)picture->step - (long)state.now.step};
        state_apply(&state, trace, walk, &back, 0);
    }
    return state;
}

static void leave_out_text(DrawList *list) {
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++)
        if (list->commands[i].kind != DRAW_TEXT)
            list->commands[kept++] = list->commands[i];
    list->count = kept;
}

static SdlCanvas *draw(const Fixture *fixture, const Picture *picture) {
    const Theme *theme = picture->light ? &THEME_LIGHT : &THEME_DARK;
    ViewState state = state_of(fixture, picture);
    ViewWidgets widgets = {0};
    Intents out = {0};
    Ui *ui = ui_new(&TEXT_FIXED, theme, (UiClipboard){0});
    UiInput input = {.mouse_x = -1, .mouse_y = -1};
    ViewInput in = {.ui = ui,
                    .theme = theme,
                    .trace = fixture->trace[picture->flash],
                    .model = fixture->model,
                    .walk = &fixture->walk[picture->flash],
                    .cached = picture->cached ? &fixture->cached : NULL,
                    .state = &state,
                    .widgets = &widgets,
                    .out = &out};
    ui_begin(ui, &input, (Rect){0, 0, WIDTH, HEIGHT});
    Rect side = {WIDTH - INSPECTOR, 0, INSPECTOR, HEIGHT};
    draw_rect(ui_list(ui), side, theme->panel);
    stage_view(&in, (Rect){0, 0, WIDTH - INSPECTOR, HEIGHT});
    inspector_view(&in, side);
    ui_end(ui);
    leave_out_text(ui_list(ui));
    SdlCanvas *canvas = canvas_new(WIDTH, HEIGHT, fixture->fonts);
    canvas_draw(canvas, ui_list(ui), theme->background);
    ui_free(ui);
    found_forget(&widgets.found);
    return canvas;
}

/* ---- comparing ---- */

/* RGB, or NULL where there is no such picture. */
static uint8_t *read_picture(const char *path, int *width, int *height) {
    png_image image = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_file(&image, path))
        return NULL;
    image.format = PNG_FORMAT_RGB;
    uint8_t *rgb = malloc(PNG_IMAGE_SIZE(image));
    assert_non_null(rgb);
    assert_true(png_image_finish_read(&image, NULL, rgb, 0, NULL));
    *width = (int)image.width;
    *height = (int)image.height;
    return rgb;
}

typedef struct {
    double mean; /* difference of a channel, 0 … 255 */
    size_t far;  /* pixels that differ by more than 24 in a channel */
} Difference;

static Difference difference_of(const SdlCanvas *canvas, const uint8_t *rgb) {
    Difference difference = {0};
    size_t pixels = WIDTH * HEIGHT;
    for (size_t i = 0; i < pixels; i++) {
        int worst = 0;
        for (int channel = 0; channel < 3; channel++) {
            int actual = (int)(canvas->pixels[i] >> (16 - 8 * channel) & 0xff);
            int off = abs(actual - rgb[i * 3 + (size_t)channel]);
            difference.mean += off;
            worst = off > worst ? off : worst;
        }
        difference.far += worst > 24;
    }
    difference.mean /= (double)pixels * 3;
    return difference;
}

static void keep(const SdlCanvas *canvas, const char *folder, const char *name) {
    Err err;
    char path[256];
    if (!file_make_folders(folder, &err))
        fail_msg("%s", err.text);
    snprintf(path, sizeof path, "%s/%s.png", folder, name);
    if (!sdl_save_png(path, canvas->pixels, WIDTH, HEIGHT, WIDTH, &err))
        fail_msg("%s", err.text);
}

/* At most a fifth of a step of a channel on average, and 30 pixels that are another colour: moving
 * a frame by one pixel already changes more. */
static bool is_alike(const SdlCanvas *canvas, const char *name) {
    char path[256];
    int width = 0, height = 0;
    snprintf(path, sizeof path, EXPECTED "/%s.png", name);
    uint8_t *rgb = read_picture(path, &width, &height);
    if (!rgb || width != WIDTH || height != HEIGHT) {
        print_message("%s: %s\n", path, rgb ? "of another size" : "is missing");
        free(rgb);
        return false;
    }
    Difference difference = difference_of(canvas, rgb);
    free(rgb);
    bool alike = difference.mean <= 0.2 && difference.far <= 30;
    if (!alike)
        print_message("%s: differs by %.3f on average, %zu pixels far off\n", path, difference.mean,
                      difference.far);
    return alike;
}

static void pictures_are_as_expected(void **state) {
    int differ = 0;
    bool write = getenv("ATTNSCOPE_WRITE_PICTURES") != NULL;
    for (int i = 0; i < COUNT; i++) {
        SdlCanvas *canvas = draw(*state, &PICTURES[i]);
        if (write) {
            keep(canvas, EXPECTED, PICTURES[i].name);
        } else if (!is_alike(canvas, PICTURES[i].name)) {
            keep(canvas, ACTUAL, PICTURES[i].name);
            differ++;
        }
        canvas_free(canvas);
    }
    if (differ)
        fail_msg("%d of %d pictures differ: see " ACTUAL, differ, (int)COUNT);
}

/* The comparison itself notices a frame that moved, and one that is gone. */
static void a_moved_frame_is_noticed(void **state) {
    Picture moved = PICTURES[4];
    assert_string_equal(moved.name, "scores");
    moved.cell[2]++;
    SdlCanvas *canvas = draw(*state, &moved);
    assert_false(is_alike(canvas, "scores"));
    canvas_free(canvas);
}

int main(void) {
    /* A last digit may depend on the instruction set; the pictures are those of the one that every
     * machine has. */
    setenv("ATTNSCOPE_ISA", "portable", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_are_as_expected),
        cmocka_unit_test(a_moved_frame_is_noticed),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
