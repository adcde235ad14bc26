/* The back end without a display: pictures into memory, and a real window on SDL's dummy driver
 * that scripts drive. */
#include "app/sdl/canvas.h"
#include "app/sdl/events.h"
#include "app/sdl/png.h"
#include "app/sdl/raster.h"
#include "app/sdl/scale.h"
#include "app/sdl/script.h"
#include "app/sdl/window.h"
#include "engine/base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fontconfig/fontconfig.h>
#include <math.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const Color BLACK = 0xff000000, WHITE = 0xffffffff;

typedef struct {
    Fonts *fonts;
    SdlCanvas *canvas;
    Arena arena;
    DrawList list;
} Sheet;

static void open_sheet(Sheet *s, int w, int h, float scale) {
    Err err;
    memset(s, 0, sizeof *s);
    s->fonts = fonts_new(scale, &err);
    if (s->fonts == NULL) {
        fail_msg("%s", err.text);
    }
    s->canvas = canvas_new(w, h, s->fonts);
    draw_begin(&s->list, &s->arena, (Rect){0, 0, 10000, 10000});
}

static void paint(Sheet *s) {
    canvas_draw(s->canvas, &s->list, BLACK);
}

static void close_sheet(Sheet *s) {
    canvas_free(s->canvas);
    fonts_free(s->fonts);
    arena_free(&s->arena);
}

static Color at(const Sheet *s, int x, int y) {
    return s->canvas->pixels[y * s->canvas->stride + x];
}

/* The smallest box of pixels that are not black; false if there are none. */
static bool inked(const Sheet *s, int box[4]) {
    box[0] = box[1] = 1 << 20;
    box[2] = box[3] = -1;
    for (int y = 0; y < s->canvas->height; y++) {
        for (int x = 0; x < s->canvas->width; x++) {
            if (at(s, x, y) != BLACK) {
                box[0] = x < box[0] ? x : box[0];
                box[1] = y < box[1] ? y : box[1];
                box[2] = x > box[2] ? x : box[2];
                box[3] = y > box[3] ? y : box[3];
            }
        }
    }
    return box[2] >= 0;
}

/* How much is drawn, in whole white pixels. */
static float area(const Sheet *s) {
    double sum = 0.0;
    for (int i = 0; i < s->canvas->width * s->canvas->height; i++) {
        sum += (double)(s->canvas->pixels[i] & 0xffU) / 255.0;
    }
    return (float)sum;
}

/* ---- Shapes ---- */

/* The rule of draw.h, in so many words. */
static Color cell_at(int x, int x0, int x1, const Color *colors, int columns, int gap) {
    for (int i = 0; i < columns; i++) {
        int from = x0 + i * (x1 - x0) / columns;
        int to = x0 + (i + 1) * (x1 - x0) / columns;
        if (x >= from && x < to - gap) {
            return colors[i];
        }
    }
    return BLACK;
}

static void check_cells(int w, int columns, float scale, bool gaps) {
    Sheet s;
    open_sheet(&s, 400, 60, scale);
    Color *colors = ARENA_NEW_N(&s.arena, Color, (size_t)columns);
    for (int i = 0; i < columns; i++) {
        colors[i] = 0xff000000U | (Color)(i + 1);
    }
    draw_cells(&s.list, (Rect){3, 2, w, 10}, (DrawCells){columns, 1, colors, NULL, 0, gaps});
    paint(&s);
    int x0 = (int)lroundf(3 * scale), x1 = (int)lroundf((float)(3 + w) * scale);
    int y0 = (int)lroundf(2 * scale), y1 = (int)lroundf(12 * scale);
    bool gapped = gaps && (x1 - x0) / columns >= 6 && y1 - y0 >= 6;
    for (int x = 0; x < 400; x++) {
        Color expected = cell_at(x, x0, x1, colors, columns, gapped ? 1 : 0);
        assert_int_equal(at(&s, x, y0), expected);
        assert_int_equal(at(&s, x, y0 - 1), BLACK);
        assert_int_equal(at(&s, x, y1), BLACK);
        assert_int_equal(at(&s, x, y1 - 1), gapped ? BLACK : expected);
    }
    close_sheet(&s);
}

static void test_cell_edges(void **state) {
    (void)state;
    check_cells(100, 7, 1.0F, false);
    check_cells(100, 7, 1.0F, true);
    check_cells(33, 7, 1.0F, true); /* too small for gaps */
    check_cells(101, 16, 1.25F, false);
    check_cells(101, 10, 1.5F, true);
    check_cells(20, 50, 1.0F, false); /* more cells than pixels */
}

static void test_cell_frame_and_hatch(void **state) {
    (void)state;
    const Color grey = 0xff202020, red = 0xffff0000;
    Sheet s;
    open_sheet(&s, 80, 40, 1.0F);
    Color colors[8];
    uint8_t hatch[8] = {0, 1};
    for (int i = 0; i < 8; i++) {
        colors[i] = grey;
    }
    Rect grid = {8, 8, 64, 24};
    draw_cells(&s.list, grid, (DrawCells){4, 2, colors, hatch, WHITE, false});
    paint(&s);
    int marked[8] = {0};
    for (int y = 8; y < 32; y++) {
        for (int x = 8; x < 72; x++) {
            marked[(y - 8) / 12 * 4 + (x - 8) / 16] += at(&s, x, y) != grey ? 1 : 0;
        }
    }
    for (int i = 0; i < 8; i++) {
        assert_true(i == 1 ? marked[i] >= 8 && marked[i] < 40 : marked[i] == 0);
    }
    draw_cell_frame(&s.list, grid, 4, 2, 2, 1, 1, 1, 2.0F, DRAW_SOLID, red);
    paint(&s);
    /* cell (2, 1) covers x 40 … 55, y 20 … 31; the frame reaches one pixel out */
    const Color expected[] = {grey, red, red, grey};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(at(&s, 38 + i, 25), expected[i]);
        assert_int_equal(at(&s, 57 - i, 25), expected[i]);
        assert_int_equal(at(&s, 48, 18 + i), expected[i]);
    }
    close_sheet(&s);
}

static void test_clip(void **state) {
    (void)state;
    Sheet s;
    open_sheet(&s, 60, 40, 1.0F);
    draw_clip_push(&s.list, (Rect){10, 10, 20, 10});
    Color color = WHITE;
    draw_rect(&s.list, (Rect){0, 0, 60, 40}, WHITE);
    draw_cells(&s.list, (Rect){-20, -20, 100, 100}, (DrawCells){1, 1, &color, NULL, 0, false});
    draw_round_rect(&s.list, (Rect){0, 0, 60, 40}, 30.0F, WHITE);
    draw_frame(&s.list, (Rect){5, 5, 30, 10}, 4.0F, 3.0F, DRAW_SOLID, WHITE);
    draw_line(&s.list, -10.0F, -10.0F, 70.0F, 50.0F, 9.0F, DRAW_SOLID, WHITE);
    draw_text(&s.list, FONT_UI, 40, WHITE, -5.0F, 30.0F, "MMMM");
    draw_text_turned(&s.list, FONT_UI, 20, WHITE, 5.0F, 30.0F, -45.0F, "MMMM");
    draw_icon(&s.list, (Rect){0, 0, 40, 40}, ICON_PLAY, WHITE);
    paint(&s);
    int box[4];
    assert_true(inked(&s, box));
    const int expected[4] = {10, 10, 29, 19};
    assert_memory_equal(box, expected, sizeof box);
    close_sheet(&s);
}

static void test_shapes(void **state) {
    (void)state;
    const Color yellow = 0xffffff00;
    Sheet s;
    open_sheet(&s, 100, 60, 1.0F);
    draw_rect(&s.list, (Rect){0, 0, 10, 10}, 0x80ffffff); /* half of white over black */
    draw_round_rect(&s.list, (Rect){20, 0, 20, 20}, 10.0F, WHITE);
    draw_line(&s.list, 50.0F, 5.0F, 60.0F, 5.0F, 1.0F, DRAW_SOLID, WHITE);
    draw_line(&s.list, 50.0F, 15.0F, 90.0F, 15.0F, 1.0F, DRAW_DASHED, WHITE);
    draw_frame(&s.list, (Rect){50, 30, 20, 20}, 0.0F, 2.0F, DRAW_DOUBLE, yellow);
    paint(&s);
    assert_int_equal(at(&s, 5, 5), 0xff808080);
    assert_int_equal(at(&s, 20, 0), BLACK); /* outside of the corner */
    assert_int_equal(at(&s, 30, 10), WHITE);
    assert_int_equal(at(&s, 50, 5), WHITE);
    assert_int_equal(at(&s, 59, 5), WHITE);
    assert_int_equal(at(&s, 60, 5), BLACK);
    assert_int_equal(at(&s, 55, 4), BLACK);
    int dashes = 0;
    for (int x = 50; x < 90; x++) {
        dashes += at(&s, x, 15) == WHITE && at(&s, x - 1, 15) == BLACK ? 1 : 0;
    }
    assert_true(dashes >= 5);
    const Color across[] = {yellow, yellow, BLACK, yellow, BLACK};
    for (int i = 0; i < 5; i++) {
        assert_int_equal(at(&s, 50 + i, 40), across[i]);
    }
    close_sheet(&s);
}

static void test_smooth_shapes(void **state) {
    (void)state;
    Sheet s;
    open_sheet(&s, 100, 100, 1.0F);
    draw_round_rect(&s.list, (Rect){10, 10, 60, 60}, 30.0F, WHITE); /* a circle */
    paint(&s);
    assert_float_equal(area(&s), 2827.43F, 6.0F);
    s.list.count = 0;
    DrawPoint triangle[3] = {{10.5F, 10.25F}, {60.0F, 20.0F}, {20.0F, 70.5F}};
    draw_polygon(&s.list, triangle, 3, WHITE);
    paint(&s);
    assert_float_equal(area(&s), 0.5F * (49.5F * 60.25F - 9.75F * 9.5F), 2.0F);
    s.list.count = 0;
    draw_line(&s.list, 10.0F, 10.0F, 50.0F, 40.0F, 3.0F, DRAW_SOLID, WHITE);
    paint(&s);
    assert_float_equal(area(&s), 150.0F, 2.0F);
    for (int icon = ICON_NONE + 1; icon < ICON_COUNT; icon++) {
        s.list.count = 0;
        draw_icon(&s.list, (Rect){20, 20, 40, 40}, (DrawIcon)icon, WHITE);
        paint(&s);
        int box[4];
        assert_true(inked(&s, box));
        assert_true(box[0] >= 20 && box[1] >= 20 && box[2] < 60 && box[3] < 60);
        assert_true(area(&s) > 150.0F);
    }
    close_sheet(&s);
}

static void test_layers(void **state) {
    (void)state;
    Sheet s;
    open_sheet(&s, 10, 10, 1.0F);
    s.list.layer = DRAW_LAYER_POPUP;
    draw_rect(&s.list, (Rect){0, 0, 10, 10}, 0xff0000ff);
    s.list.layer = DRAW_LAYER_BASE;
    draw_rect(&s.list, (Rect){0, 0, 10, 10}, 0xffff0000);
    paint(&s);
    assert_int_equal(at(&s, 5, 5), 0xff0000ff);
    close_sheet(&s);
}

/* ---- Text ---- */

/* A bar put at the end that was measured is where the pen itself would put it. */
static void check_text(const char *text, FontRole font, float scale) {
    Sheet s, t;
    open_sheet(&s, 900, 100, scale);
    open_sheet(&t, 900, 100, scale);
    const TextMeasure *m = fonts_measure(s.fonts);
    float width = text_width(m, font, 20, text);
    char joined[256];
    snprintf(joined, sizeof joined, "%s|", text);
    draw_text(&s.list, font, 20, WHITE, 8.0F, 40.0F, text);
    draw_text(&s.list, font, 20, WHITE, 8.0F + width, 40.0F, "|");
    draw_text(&t.list, font, 20, WHITE, 8.0F, 40.0F, joined);
    paint(&s);
    paint(&t);
    assert_memory_equal(s.canvas->pixels, t.canvas->pixels, (size_t)900 * 100 * 4);
    int box[4];
    assert_true(inked(&s, box));
    float end = (8.0F + width) * scale;
    assert_true(box[0] >= (int)(8.0F * scale) - 3);
    assert_true((float)box[2] > end && (float)box[2] <= end + 20.0F * scale);
    FontMetrics metrics = m->metrics(m->user, font, 20);
    assert_true(metrics.cap > 10.0F && metrics.cap < 17.0F && metrics.ascent >= metrics.cap);
    close_sheet(&s);
    close_sheet(&t);
}

static void test_text_measured(void **state) {
    (void)state;
    const float scales[] = {1.0F, 1.25F, 2.0F};
    for (int i = 0; i < 3; i++) {
        for (int font = 0; font < FONT_COUNT; font++) {
            check_text("AVa fij −0.786 한국어 ∑ ⟨", (FontRole)font, scales[i]);
        }
    }
}

static void test_mono_columns(void **state) {
    (void)state;
    Sheet s;
    open_sheet(&s, 10, 10, 1.0F);
    const TextMeasure *m = fonts_measure(s.fonts);
    float digits = text_width(m, FONT_MONO, 13, "0000000");
    assert_float_equal(text_width(m, FONT_MONO, 13, "−·.+1 9"), digits, 0.0F);
    assert_float_equal(text_width(m, FONT_MONO_BOLD, 13, "−·.+1 9"), digits, 0.0F);
    close_sheet(&s);
}

/* Korean and signs have glyphs in every role: none is the number of a missing one. */
static void test_glyphs(void **state) {
    (void)state;
    Sheet s;
    open_sheet(&s, 10, 10, 1.0F);
    const uint32_t codes[] = {'A',    0xb7,   0x2212, 0xd55c, 0xc5b4, 0x2211, 0x221a,
                              0x2192, 0x21b5, 0x3b1,  0x2026, 0x2032, 0xfffd};
    const Glyph *box = fonts_glyph(s.fonts, FONT_UI, 20, 0x10fffd);
    assert_true(box->width > 0);
    for (int font = 0; font < FONT_COUNT; font++) {
        for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
            const Glyph *glyph = fonts_glyph(s.fonts, (FontRole)font, 20, codes[i]);
            bool same = glyph->width == box->width && glyph->height == box->height &&
                        memcmp(glyph->mask, box->mask, (size_t)(box->width * box->height)) == 0;
            if (glyph->width == 0 || glyph->advance <= 0 || same) {
                fail_msg("role %d has no glyph for U+%04X", font, codes[i]);
            }
        }
    }
    /* what no font has is written as a number: U+10FFFD */
    assert_true(box->advance > 6 * fonts_glyph(s.fonts, FONT_UI, 20, '1')->advance);
    assert_int_equal(fonts_glyph(s.fonts, FONT_UI, 20, ' ')->width, 0);
    assert_true(fonts_glyph(s.fonts, FONT_UI, 20, ' ')->advance > 0);
    close_sheet(&s);
}

static void test_turned(void **state) {
    (void)state;
    Sheet s;
    open_sheet(&s, 200, 200, 1.0F);
    draw_text_turned(&s.list, FONT_MONO, 13, WHITE, 50.0F, 150.0F, -90.0F, "Hello");
    paint(&s);
    int box[4];
    assert_true(inked(&s, box));
    float width = text_width(fonts_measure(s.fonts), FONT_MONO, 13, "Hello");
    /* straight up: as high as it is long, left of the pen */
    assert_true(box[3] <= 150 && box[3] >= 146);
    assert_true(abs(box[3] - box[1] - (int)width) <= 4);
    assert_true(box[2] <= 51 && box[0] >= 36);
    float up = area(&s);
    s.list.count = 0;
    draw_text_turned(&s.list, FONT_MONO, 13, WHITE, 50.0F, 150.0F, -55.0F, "Hello");
    paint(&s);
    assert_float_equal(area(&s), up, up * 0.05F); /* as much ink at any angle */
    assert_true(inked(&s, box));
    assert_true(box[2] > 66 && box[1] < 125);
    draw_text_turned(&s.list, FONT_MONO, 13, WHITE, 0.0F, 0.0F, -55.0F, "\xf0\x9f");
    paint(&s); /* bad UTF-8 */
    close_sheet(&s);
}

/* ---- PNG ---- */

static void new_file(char *path, int suffix) {
    int handle = mkstemps(path, suffix);
    assert_true(handle >= 0);
    close(handle);
}

static void test_png(void **state) {
    (void)state;
    uint32_t pixels[3 * 4];
    for (uint32_t i = 0; i < 12; i++) {
        pixels[i] = 0xff000000U | i * 0x0a1401U;
    }
    Err err;
    char path[] = "/tmp/test_sdl_XXXXXX.png";
    new_file(path, 4);
    assert_true(sdl_save_png(path, pixels, 2, 4, 3, &err)); /* two of three columns */
    png_image image = {.version = PNG_IMAGE_VERSION};
    assert_true(png_image_begin_read_from_file(&image, path) != 0);
    assert_int_equal(image.width, 2);
    assert_int_equal(image.height, 4);
    image.format = PNG_FORMAT_RGB;
    uint8_t back[2 * 4 * 3];
    assert_true(png_image_finish_read(&image, NULL, back, 0, NULL) != 0);
    for (int y = 0; y < 4; y++) {
        for (int x = 0; x < 2; x++) {
            const uint8_t *p = &back[(y * 2 + x) * 3];
            uint32_t rgb = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
            assert_int_equal(rgb, pixels[y * 3 + x] & 0xffffffU);
        }
    }
    unlink(path);
    assert_false(sdl_save_png("/nowhere/at/all.png", pixels, 2, 4, 3, &err));
    assert_non_null(strstr(err.text, "/nowhere/at/all.png"));
}

static void test_scale(void **state) {
    (void)state;
    assert_float_equal(scale_round(1.1F), 1.0F, 0.0F);
    assert_float_equal(scale_round(1.13F), 1.25F, 0.0F);
    assert_float_equal(scale_round(1.9F), 2.0F, 0.0F);
    assert_float_equal(scale_round(0.3F), 1.0F, 0.0F);
    assert_float_equal(scale_round(99.0F), 4.0F, 0.0F);
    assert_float_equal(scale_round(NAN), 1.0F, 0.0F);
    setenv("ATTNSCOPE_SCALE", "1.5", 1);
    assert_float_equal(scale_find(0.0F), 1.5F, 0.0F);
    assert_float_equal(scale_find(2.0F), 2.0F, 0.0F);
    setenv("ATTNSCOPE_SCALE", "nonsense", 1);
    assert_float_equal(scale_find(0.0F), 1.0F, 0.0F);
    unsetenv("ATTNSCOPE_SCALE");
}

/* ---- Scripts ---- */

static void check_script_error(const char *text, const char *expected) {
    Err err = {""};
    Script *script = script_parse(text, strlen(text), "s.txt", &err);
    if (script != NULL) {
        fail_msg("\"%s\" was accepted", text);
    }
    if (strstr(err.text, expected) == NULL) {
        fail_msg("\"%s\" gave \"%s\", not \"%s\"", text, err.text, expected);
    }
}

static void test_script_errors(void **state) {
    (void)state;
    check_script_error("# fine\n\nclik 1 2\n", "s.txt:3: clik 1 2: no such command");
    check_script_error("click 1", "s.txt:1: click 1: expected two whole numbers");
    check_script_error("click 1 x", "expected two whole numbers");
    check_script_error("click 1 2 3", "expected two whole numbers");
    check_script_error("click 1.5 2", "expected two whole numbers");
    check_script_error("drag 1 2 3", "expected four whole numbers");
    check_script_error("wheel", "expected one whole number");
    check_script_error("wait 99999999999999999999", "expected one whole number");
    check_script_error("quit now", "expected nothing after it");
    check_script_error("click-on", "something must follow it");
    check_script_error("text", "something must follow it");
    check_script_error("key hyper+a", "no such key");
    check_script_error("key nothing", "no such key");
    check_script_error("key F13", "no such key");
    check_script_error("text \xff", "UTF-8");
    Err err;
    assert_null(script_read("/nowhere/script", &err));
    assert_non_null(strstr(err.text, "/nowhere/script"));
}

typedef struct {
    UiTextBox box;
    double value;
    int clicks, chosen, frames, busy;
    char caption[64];
} Demo;

static void demo_frame(void *user, Ui *ui, int w, int h, uint64_t now_ms) {
    static const char *const ITEMS[] = {"one", "two", "three"};
    Demo *d = user;
    const Theme *t = ui_theme(ui);
    (void)now_ms;
    d->frames++;
    if (ui_button(ui, "press me", (Rect){20, 20, 100, 28}, "Press", 0)) {
        d->clicks++;
    }
    ui_textbox(ui, "box", (Rect){20, 60, 300, 32}, &d->box, "", FONT_MONO, 13);
    ui_dropdown(ui, "list", (Rect){340, 60, 150, 28}, ITEMS, NULL, 3, &d->chosen);
    ui_button(ui, "under", (Rect){340, 120, 100, 28}, "Under", 0);
    ui_slider(ui, "slider", (Rect){20, 110, 214, 24}, &d->value, 0.1);
    d->clicks += ui_key(ui, '?', 0) ? 100 : 0;
    snprintf(d->caption, sizeof d->caption, "%d clicks, %d %%, %d × %d", d->clicks,
             (int)lround(d->value * 100.0), w, h);
    ui_label(ui, (Rect){20, 200, 400, 24}, UI_ALIGN_LEFT, FONT_UI, 13, t->text, d->caption);
}

static bool demo_busy(void *user) {
    Demo *d = user;
    if (d->busy > 0) {
        d->busy--;
        window_wake();
    }
    return d->busy > 0;
}

/* Runs a script on the dummy driver; the message, or "" for success. */
static const char *drive(const char *text, float scale, Demo *demo, Err *err) {
    char path[] = "/tmp/test_sdl_XXXXXX";
    int handle = mkstemp(path);
    assert_true(handle >= 0);
    assert_int_equal(write(handle, text, strlen(text)), strlen(text));
    close(handle);
    WindowApp app = {demo, "test", demo_frame, demo_busy};
    WindowOptions options = {.width = 700, .height = 452, .scale = scale, .script = path};
    err->text[0] = '\0';
    bool ok = window_run(&app, &options, err);
    unlink(path);
    ui_textbox_free(&demo->box);
    assert_true(ok == (err->text[0] == '\0'));
    return err->text;
}

static const char TOUR[] = "wait-idle\n"
                           "expect-text 0 clicks, 0 %, 700 × 452\n"
                           "click-on press me\n"
                           "click 30 30\n"
                           "expect-text 2 clicks\n"
                           "double-click-on press me\n"
                           "expect-text 4 clicks\n"
                           "expect-no-text 2 clicks\n"
                           "key ?\n"
                           "expect-text 104 clicks\n"
                           "drag 30 122 127 122\n"
                           "expect-text 50 %\n"
                           "click-on box\n"
                           "expect-focus box\n"
                           "text Hello, 안녕 a long text of more than 32 bytes\n"
                           "key ctrl+Left\n"
                           "key Shift+End\n"
                           "key X\n"
                           "key ?\n"
                           "expect-text than 32 X?\n"
                           "expect-text 104 clicks\n"
                           "click-on list\n"
                           "expect-id list/2\n"
                           "key Down\n"
                           "key Enter\n"
                           "expect-text two\n"
                           "expect-no-id list/2\n"
                           "click-on box\n"
                           "key ctrl+a\n"
                           "text \"  \\\"a\"\n"
                           "expect-text   \"a\n"
                           "resize 800 500\n"
                           "expect-text 800 × 500\n"
                           "quit\n"
                           "expect-text never reached\n";

static void test_window(void **state) {
    (void)state;
    for (int quarters = 4; quarters < 8; quarters++) {
        Demo demo = {.busy = 5};
        Err err;
        assert_string_equal(drive(TOUR, (float)quarters / 4.0F, &demo, &err), "");
    }
}

static void check_failure(const char *text, const char *expected) {
    Demo demo = {0};
    Err err;
    const char *message = drive(text, 1.0F, &demo, &err);
    if (strstr(message, expected) == NULL) {
        fail_msg("\"%s\" gave \"%s\", not \"%s\"", text, message, expected);
    }
}

/* The window keeps its pixels: at 1.25 it has fewer points, and back again. */
static void test_scale_keys(void **state) {
    (void)state;
    static const char script[] = "resize 1400 904\n"
                                 "key ctrl+plus\n"
                                 "wait-idle\n"
                                 "expect-text 1120 × 724\n"
                                 "click-on press me\n"
                                 "expect-text 1 clicks\n"
                                 "key ctrl+=\n"
                                 "expect-text 934 × 603\n"
                                 "key ctrl+minus\n"
                                 "expect-text 1120 × 724\n"
                                 "key ctrl+0\n"
                                 "expect-text 1400 × 904\n"
                                 "key ctrl+minus\n"
                                 "expect-text 1400 × 904\n"
                                 "resize 700 452\n"
                                 "key ctrl+plus\n"
                                 "expect-text 700 × 452\n";
    Demo demo = {0};
    Err err;
    assert_string_equal(drive(script, 1.0F, &demo, &err), "");
}

static void test_script_failures(void **state) {
    (void)state;
    check_failure("\nclick-on list/7\n", ":2: click-on list/7: nothing on the screen has this id");
    check_failure("click-on list\nclick-on under\n", ":2: click-on under: it is covered by list/1");
    check_failure("expect-text nonsense", "it is not on the screen");
    check_failure("expect-no-text 0 clicks", "it is on the screen");
    check_failure("expect-focus box", "the focus is on nothing");
    check_failure("expect-id nonsense", "nothing has this id");
    check_failure("expect-no-id box", "it is there");
    check_failure("text no box", "no text box has the focus");
    check_failure("screenshot /nowhere/a.png", "/nowhere/a.png");
    check_failure("resize 100 100", "the window stayed at ");
}

static void test_screenshots(void **state) {
    (void)state;
    char path[] = "/tmp/test_sdl_XXXXXX.png";
    new_file(path, 4);
    Demo demo = {.busy = 5};
    WindowApp app = {&demo, "test", demo_frame, demo_busy};
    WindowOptions options = {.width = 700, .height = 452, .scale = 1.5F};
    Err err;
    assert_true(window_screenshot(&app, &options, path, &err));
    assert_true(demo.frames >= 5);
    FileMap without;
    assert_true(file_map(path, &without, &err));
    png_image image = {.version = PNG_IMAGE_VERSION};
    assert_true(png_image_begin_read_from_file(&image, path) != 0);
    assert_int_equal(image.width, 1050);
    assert_int_equal(image.height, 678);
    png_image_free(&image);
    /* the window shows the very same picture */
    char script[64];
    snprintf(script, sizeof script, "screenshot %s\n", path);
    Demo again = {0};
    assert_string_equal(drive(script, 1.5F, &again, &err), "");
    FileMap within;
    assert_true(file_map(path, &within, &err));
    assert_int_equal(within.size, without.size);
    assert_memory_equal(within.bytes, without.bytes, within.size);
    file_unmap(&within);
    file_unmap(&without);
    ui_textbox_free(&demo.box);
    unlink(path);
}

/* ---- Events ---- */

static void take_round(Events *events) {
    events_clear(events);
    events_take(events, 0);
}

/* One change of the button a frame, and keys before a click stay before it. */
static void test_event_order(void **state) {
    (void)state;
    assert_int_equal(SDL_InitSubSystem(SDL_INIT_VIDEO), 0);
    SDL_FlushEvents(SDL_FIRSTEVENT, SDL_LASTEVENT);
    Events events;
    events_start(&events, 2.0F);
    SDL_Event key = {.type = SDL_KEYDOWN};
    key.key.keysym.sym = SDLK_LEFT;
    key.key.keysym.mod = KMOD_LCTRL;
    SDL_Event down = {.type = SDL_MOUSEBUTTONDOWN};
    down.button.button = SDL_BUTTON_LEFT;
    down.button.clicks = 1;
    down.button.x = 21;
    down.button.y = 40;
    SDL_Event up = down;
    up.type = SDL_MOUSEBUTTONUP;
    SDL_PushEvent(&key);
    SDL_PushEvent(&down);
    SDL_PushEvent(&up);
    take_round(&events);
    assert_int_equal(events.input.key_count, 1);
    assert_int_equal(events.input.keys[0].key, UI_KEY_LEFT);
    assert_int_equal(events.input.keys[0].mods, UI_CTRL);
    assert_false(events.input.mouse_pressed);
    take_round(&events);
    assert_true(events.input.mouse_pressed && events.input.mouse_down);
    assert_int_equal(events.input.mouse_x, 10);
    take_round(&events);
    assert_true(events.input.mouse_released && !events.input.mouse_down);
    SDL_Event edit = {.type = SDL_TEXTEDITING};
    strcpy(edit.edit.text, "하");
    edit.edit.start = 1;
    SDL_PushEvent(&edit);
    for (int i = 0; i < 40; i++) { /* more keys than a frame holds */
        SDL_PushEvent(&key);
    }
    take_round(&events);
    assert_string_equal(events.input.composition, "하");
    assert_int_equal(events.input.composition_caret, 1);
    assert_int_equal(events.input.key_count, UI_KEYS_MAX);
    take_round(&events);
    assert_int_equal(events.input.key_count, 40 - UI_KEYS_MAX);
    SDL_QuitSubSystem(SDL_INIT_VIDEO);
}

static void test_keys(void **state) {
    (void)state;
    /* Ctrl+C on a Korean layout */
    assert_int_equal(events_key((SDL_Keysym){.sym = 0x314a, .scancode = SDL_SCANCODE_C}), 'c');
    assert_int_equal(events_key((SDL_Keysym){.sym = SDLK_F5}), UI_KEY_F1 + 4);
    assert_int_equal(events_key((SDL_Keysym){.sym = SDLK_CAPSLOCK}), UI_KEY_NONE);
    assert_int_equal(events_key((SDL_Keysym){.sym = SDLK_a}), 'a');
    assert_int_equal(events_key((SDL_Keysym){.sym = SDLK_KP_ENTER}), UI_KEY_ENTER);
}

int main(void) {
    setenv("SDL_VIDEODRIVER", "dummy", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cell_edges),    cmocka_unit_test(test_cell_frame_and_hatch),
        cmocka_unit_test(test_clip),          cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_smooth_shapes), cmocka_unit_test(test_layers),
        cmocka_unit_test(test_text_measured), cmocka_unit_test(test_mono_columns),
        cmocka_unit_test(test_glyphs),        cmocka_unit_test(test_turned),
        cmocka_unit_test(test_png),           cmocka_unit_test(test_scale),
        cmocka_unit_test(test_script_errors), cmocka_unit_test(test_window),
        cmocka_unit_test(test_scale_keys),    cmocka_unit_test(test_script_failures),
        cmocka_unit_test(test_screenshots),   cmocka_unit_test(test_event_order),
        cmocka_unit_test(test_keys),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    FcFini();
    return failed;
}
