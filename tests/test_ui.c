/* The interface kit without a screen: every width is size / 2 (TEXT_FIXED), so places are exact. */
#include "app/ui/formula.h"
#include "app/ui/ui.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- A user in front of the screen ---- */

typedef struct Rig Rig;
struct Rig {
    Ui *ui;
    UiInput in;
    void (*draw)(Rig *rig);
    char clipboard[256];
    /* what the pictures of these tests are made of */
    UiTextBox box;
    UiTextEvent event;
    UiScroll scroll;
    const char *const *why;
    int clicks, chosen, segment, submitted;
    double value;
    bool on, over;
};

static char *get_clipboard(void *user) {
    return strdup(((Rig *)user)->clipboard);
}

static void set_clipboard(void *user, const char *text) {
    Rig *rig = user;
    snprintf(rig->clipboard, sizeof rig->clipboard, "%s", text);
}

/* One frame; then what was pressed in it is over. */
static void step(Rig *rig) {
    ui_begin(rig->ui, &rig->in, (Rect){0, 0, 400, 300});
    rig->draw(rig);
    ui_end(rig->ui);
    rig->in.mouse_pressed = rig->in.mouse_released = false;
    rig->in.wheel = 0;
    rig->in.key_count = 0;
    rig->in.now_ms += 16;
}

static void open_rig(Rig *rig, void (*draw)(Rig *)) {
    memset(rig, 0, sizeof *rig);
    rig->draw = draw;
    rig->in.mouse_x = rig->in.mouse_y = -1;
    rig->in.now_ms = 1000;
    rig->ui = ui_new(&TEXT_FIXED, &THEME_DARK, (UiClipboard){rig, get_clipboard, set_clipboard});
    step(rig);
}

static void close_rig(Rig *rig) {
    ui_free(rig->ui);
    ui_textbox_free(&rig->box);
}

static void press(Rig *rig, int x, int y, int clicks) {
    rig->in.mouse_x = x;
    rig->in.mouse_y = y;
    rig->in.mouse_down = rig->in.mouse_pressed = true;
    rig->in.mouse_clicks = clicks;
    step(rig);
}

static void release(Rig *rig) {
    rig->in.mouse_down = false;
    rig->in.mouse_released = true;
    step(rig);
}

static void click(Rig *rig, int x, int y) {
    press(rig, x, y, 1);
    release(rig);
}

static void click_on(Rig *rig, const char *id) {
    Rect visible;
    assert_true(ui_find(rig->ui, id, NULL, &visible));
    click(rig, visible.x + visible.w / 2, visible.y + visible.h / 2);
}

static void key(Rig *rig, int code, unsigned mods) {
    rig->in.keys[rig->in.key_count++] = (UiKeyEvent){.key = code, .mods = mods};
    step(rig);
}

static void type(Rig *rig, const char *text) {
    UiKeyEvent event = {0};
    snprintf(event.text, sizeof event.text, "%s", text);
    rig->in.keys[rig->in.key_count++] = event;
    step(rig);
}

static bool shows(Rig *rig, const char *text) {
    return draw_list_has_text(ui_list(rig->ui), &TEXT_FIXED, text);
}

/* ---- Text ---- */

static void test_widths(void **state) {
    (void)state;
    assert_float_equal(text_width(&TEXT_FIXED, FONT_UI, 10, "abc"), 15.0F, 0.0F);
    assert_float_equal(text_width(&TEXT_FIXED, FONT_UI, 10, "한국"), 20.0F, 0.0F);
    assert_float_equal(text_width(&TEXT_FIXED, FONT_UI, 10, "e\xcc\x81"), 5.0F, 0.0F);
    assert_float_equal(text_width(&TEXT_FIXED, FONT_UI, 10, "a\xff"), 10.0F, 0.0F);
    assert_int_equal(text_shown('\n'), 0x21b5);
    assert_int_equal(text_shown(0x200d), 0);
    assert_int_equal(text_shown('a'), 'a');
}

static void test_elide(void **state) {
    (void)state;
    Arena arena = {0};
    const TextMeasure *m = &TEXT_FIXED;
    assert_string_equal(text_elide(&arena, m, FONT_UI, 10, "abcdef", 30.0F, TEXT_ELIDE_END),
                        "abcdef");
    assert_string_equal(text_elide(&arena, m, FONT_UI, 10, "abcdef", 20.0F, TEXT_ELIDE_END),
                        "abc…");
    assert_string_equal(text_elide(&arena, m, FONT_UI, 10, "abcdefgh", 25.0F, TEXT_ELIDE_MIDDLE),
                        "ab…gh");
    assert_string_equal(text_elide(&arena, m, FONT_UI, 10, "abc", 4.0F, TEXT_ELIDE_END), "");
    assert_string_equal(text_elide(&arena, m, FONT_UI, 10, "한국어말", 30.0F, TEXT_ELIDE_END),
                        "한국…");
    arena_free(&arena);
}

static void check_wrap(const char *text, float width, const char *expected) {
    Arena arena = {0};
    TextLine *lines;
    Buf joined = {0};
    size_t count = text_wrap(&arena, &TEXT_FIXED, FONT_UI, 10, text, width, &lines);
    for (size_t i = 0; i < count; i++) {
        assert_true(lines[i].width <= width || lines[i].size <= 4);
        buf_text(&joined, i > 0 ? "|" : "");
        buf_add(&joined, lines[i].text, lines[i].size);
    }
    assert_string_equal(buf_cstr(&joined), expected);
    buf_free(&joined);
    arena_free(&arena);
}

static void test_wrap(void **state) {
    (void)state;
    check_wrap("the cat sat", 40.0F, "the cat|sat");
    check_wrap("the cat sat", 35.0F, "the cat|sat");
    check_wrap("the cat sat", 34.0F, "the|cat|sat");
    check_wrap("abcdefgh ij", 20.0F, "abcd|efgh|ij");
    check_wrap("a\n\nb", 100.0F, "a||b");
    check_wrap("", 100.0F, "");
    check_wrap("a\n", 100.0F, "a|");
    check_wrap("한국어", 1.0F, "한|국|어");
}

static void test_graphemes(void **state) {
    (void)state;
    /* e + accent, a Hangul syllable of three jamo, a family of joined emoji, a flag */
    const char *text = "e\xcc\x81"
                       "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab"
                       "👩‍👧"
                       "🇰🇷";
    size_t size = strlen(text);
    size_t ends[] = {3, 12, 12 + 11, 12 + 11 + 8};
    size_t at = 0;
    for (size_t i = 0; i < 4; i++) {
        size_t next = text_next_grapheme(text, size, at);
        assert_int_equal(next, ends[i]);
        assert_int_equal(text_previous_grapheme(text, size, next), at);
        at = next;
    }
    assert_int_equal(at, size);
    assert_int_equal(text_next_grapheme(text, size, size), size);
    assert_int_equal(text_previous_grapheme(text, size, 0), 0);
}

static void test_words(void **state) {
    (void)state;
    const char *text = "Hello, big  world";
    size_t size = strlen(text);
    assert_int_equal(text_next_word(text, size, 0), 5);
    assert_int_equal(text_next_word(text, size, 5), 7);
    assert_int_equal(text_next_word(text, size, 7), 12);
    assert_int_equal(text_previous_word(text, size, size), 12);
    assert_int_equal(text_previous_word(text, size, 12), 7);
    assert_int_equal(text_previous_word(text, size, 7), 5);
    assert_int_equal(text_previous_word(text, size, 0), 0);
    size_t from, to;
    text_word_around(text, size, 8, &from, &to);
    assert_int_equal(from, 7);
    assert_int_equal(to, 10);
    text_word_around(text, size, size, &from, &to);
    assert_int_equal(from, 12);
    assert_int_equal(to, size);
}

static void test_repair(void **state) {
    (void)state;
    Buf buf = {0};
    const char raw[] = "a\xff\xe2\x82"
                       "b\r\nc\rd\0e";
    text_repair(&buf, raw, sizeof raw - 1);
    assert_string_equal(buf_cstr(&buf), "a\xef\xbf\xbd\xef\xbf\xbd"
                                        "b\nc\nde");
    buf_free(&buf);
}

static void test_numbers(void **state) {
    (void)state;
    Arena a = {0};
    assert_string_equal(text_number(&a, -0.7864, 3), "−0.786");
    assert_string_equal(text_number(&a, -0.0001, 3), "0.000");
    assert_string_equal(text_number(&a, -INFINITY, 3), "−∞");
    assert_string_equal(text_number(&a, (double)NAN, 3), "NaN");
    assert_string_equal(text_number_signed(&a, 39.62, 2), "+39.62");
    assert_string_equal(text_number_signed(&a, 0.0, 1), "0.0");
    assert_string_equal(text_number_signed(&a, INFINITY, 1), "+∞");
    assert_string_equal(text_power(&a, 1.24e-7), "1.2e−07");
    assert_string_equal(text_power(&a, 34000), "3.4e+04");
    assert_string_equal(text_percent(&a, 0.902, 1), "90.2 %");
    assert_string_equal(text_count(&a, 1234567), "1,234,567");
    assert_string_equal(text_count(&a, -5), "−5");
    assert_string_equal(text_count(&a, 100), "100");
    assert_string_equal(text_count(&a, INT64_MIN), "−9,223,372,036,854,775,808");
    assert_int_equal(text_decimals(0.0123), 4);
    assert_int_equal(text_decimals(0.786), 3);
    assert_int_equal(text_decimals(39.6), 2);
    assert_int_equal(text_decimals(12345.0), 0);
    assert_int_equal(text_decimals(0.0), 3);
    assert_int_equal(text_decimals(1e-30), 8);
    assert_string_equal(text_token(&a, " Lily", 5), "·Lily");
    assert_string_equal(text_token(&a, "a b\n", 4), "a b↵");
    arena_free(&a);
}

/* ---- Colours ---- */

static void check_contrast(const Theme *theme) {
    const Color surfaces[] = {theme->background, theme->panel, theme->raised, theme->hover};
    const Color texts[] = {theme->text, theme->secondary, theme->faint, theme->query,
                           theme->key,  theme->value,     theme->hand,  theme->error};
    for (size_t s = 0; s < 4; s++) {
        for (size_t t = 0; t < sizeof texts / sizeof texts[0]; t++) {
            if (color_contrast(surfaces[s], texts[t]) < 4.5) {
                fail_msg("%s: text colour %zu on surface %zu has a contrast of %.2f", theme->name,
                         t, s, color_contrast(surfaces[s], texts[t]));
            }
        }
    }
    assert_true(color_contrast(theme->on_hand, theme->hand_fill) >= 4.5);
    assert_true(color_contrast(theme->text, theme->selection) >= 4.5);
}

static void test_contrast(void **state) {
    (void)state;
    /* the formula itself, at its ends and at a published value */
    assert_float_equal(color_contrast(COLOR_RGB(0), COLOR_RGB(0xffffff)), 21.0, 1e-9);
    assert_float_equal(color_contrast(COLOR_RGB(0x777777), COLOR_RGB(0xffffff)), 4.48, 0.005);
    check_contrast(&THEME_DARK);
    check_contrast(&THEME_LIGHT);
}

static void test_palettes(void **state) {
    (void)state;
    const Theme *t = &THEME_DARK;
    assert_int_equal(theme_diverging(t, 0.0), t->zero);
    assert_int_equal(theme_diverging(t, 1.0), t->positive);
    assert_int_equal(theme_diverging(t, -7.0), t->negative);
    assert_int_equal(theme_diverging(t, (double)NAN), t->error);
    assert_int_equal(theme_sequential(0.0), 0xff440154);
    assert_int_equal(theme_sequential(1.0), 0xfffde725);
    assert_int_equal(theme_sequential(2.0), 0xfffde725);
    for (int i = 0; i < 16; i++) { /* brighter all the way */
        assert_true(color_contrast(theme_sequential((i + 1) / 16.0), COLOR_RGB(0)) >
                    color_contrast(theme_sequential(i / 16.0), COLOR_RGB(0)));
    }
    assert_int_equal(theme_on_cell(COLOR_RGB(0xfde725)), COLOR_RGB(0));
    assert_int_equal(theme_on_cell(COLOR_RGB(0x440154)), COLOR_RGB(0xffffff));
    assert_int_equal(color_alpha(0xff102030, 0.5), 0x80102030);
    assert_int_equal(color_mix(0xff000000, 0xffffffff, 0.5), 0xff808080);
}

/* ---- Drawing ---- */

static void test_dump(void **state) {
    (void)state;
    Arena arena = {0};
    DrawList list;
    draw_begin(&list, &arena, (Rect){0, 0, 100, 50});
    draw_rect(&list, (Rect){1, 2, 3, 4}, 0xff112233);
    draw_clip_push(&list, (Rect){90, 10, 50, 50});
    draw_text(&list, FONT_MONO, 13, 0xffe9edf4, 12.5F, 34.0F, "·Lily");
    draw_text_turned(&list, FONT_UI, 11, 0xffe9edf4, 1.0F, 2.0F, -55.0F, "up");
    draw_text(&list, FONT_UI, 11, 0xffe9edf4, 1.0F, 2.0F, ""); /* nothing */
    draw_clip_pop(&list);
    draw_icon(&list, (Rect){0, 0, 12, 12}, ICON_PLAY, 0xff000001);
    draw_icon(&list, (Rect){0, 0, 12, 12}, ICON_NONE, 0xff000001); /* nothing */
    draw_line(&list, 0, 0, 5, 5.5F, 1, DRAW_DASHED, 0xff000002);
    DrawPoint points[3] = {{0, 0}, {1, 0}, {0, 1.5F}};
    draw_polygon(&list, points, 3, 0xff000003);
    Color colors[2] = {0xff0000ff, 0xffff0000};
    uint8_t hatch[2] = {0, 1};
    draw_cells(&list, (Rect){0, 0, 20, 10}, (DrawCells){2, 1, colors, hatch, 0xff888888, true});
    draw_cell_frame(&list, (Rect){0, 0, 20, 10}, 2, 1, 1, 0, 1, 1, 2, DRAW_DOUBLE, 0xff000004);
    draw_frame(&list, (Rect){0, 0, 9, 9}, 4, 1, DRAW_SOLID, 0xff000005);
    Buf out = {0};
    draw_list_dump(&list, &out);
    assert_string_equal(buf_cstr(&out),
                        "clip 0 0 100 50\n"
                        "rect base 1 2 3 4 r0 ff112233\n"
                        "clip 90 10 10 40\n"
                        "text base mono 13 ffe9edf4 12.5 34 \"·Lily\"\n"
                        "text base ui 11 ffe9edf4 1 2 turned -55 \"up\"\n"
                        "clip 0 0 100 50\n"
                        "icon base 0 0 12 12 play ff000001\n"
                        "line base 0 0 5 5.5 t1 dashed ff000002\n"
                        "polygon base 0,0 1,0 0,1.5 ff000003\n"
                        "cells base 0 0 20 10 2x1 gaps ff0000ff ffff0000/\n"
                        "cell-frame base 0 0 20 10 2x1 cells 1,0 1x1 t2 double ff000004\n"
                        "frame base 0 0 9 9 r4 t1 solid ff000005\n");
    buf_free(&out);
    arena_free(&arena);
}

static void test_has_text(void **state) {
    (void)state;
    Arena arena = {0};
    DrawList list;
    const TextMeasure *m = &TEXT_FIXED;
    draw_begin(&list, &arena, (Rect){0, 0, 200, 100});
    draw_text(&list, FONT_UI, 10, 0, 25.0F, 20.0F, "cat");
    draw_text(&list, FONT_UI, 10, 0, 0.0F, 20.0F, "the");    /* ends at 15, room before 25 */
    draw_text(&list, FONT_MONO, 10, 0, 40.0F, 20.0F, "nap"); /* touches "cat" */
    draw_text(&list, FONT_UI, 10, 0, 0.0F, 40.0F, "below");
    draw_text(&list, FONT_UI, 10, 0, 300.0F, 40.0F, "outside");
    draw_clip_push(&list, (Rect){0, 0, 200, 10});
    draw_text(&list, FONT_UI, 10, 0, 0.0F, 90.0F, "clipped");
    draw_clip_pop(&list);
    assert_true(draw_list_has_text(&list, m, "the catnap"));
    assert_true(draw_list_has_text(&list, m, "below"));
    assert_false(draw_list_has_text(&list, m, "catnap below"));
    assert_false(draw_list_has_text(&list, m, "outside"));
    assert_false(draw_list_has_text(&list, m, "clipped"));
    arena_free(&arena);
}

static void test_cells_places(void **state) {
    (void)state;
    Rect grid = {10, 20, 100, 7};
    int x = 10;
    for (int i = 0; i < 16; i++) {
        Rect cell = draw_cell_rect(grid, 16, 3, i, 0);
        assert_int_equal(cell.x, x);
        x += cell.w;
        for (int px = cell.x; px < cell.x + cell.w; px++) {
            int column = -1, row = -1;
            assert_true(draw_cell_at(grid, 16, 3, px, 26, &column, &row));
            assert_int_equal(column, i);
            assert_int_equal(row, 2);
        }
    }
    assert_int_equal(x, 110);
    int column, row;
    assert_false(draw_cell_at(grid, 16, 3, 110, 26, &column, &row));
    assert_false(draw_cell_at(grid, 16, 3, 50, 19, &column, &row));
}

static void test_rects(void **state) {
    (void)state;
    Rect r = {0, 0, 100, 50};
    Rect left = rect_cut_left(&r, 30);
    Rect bottom = rect_cut_bottom(&r, 500);
    assert_int_equal(left.w, 30);
    assert_int_equal(bottom.h, 50);
    assert_int_equal(bottom.x, 30);
    assert_int_equal(r.h, 0);
    Rect both = rect_both((Rect){0, 0, 10, 10}, (Rect){10, 0, 10, 10});
    assert_int_equal(both.w, 0);
    assert_int_equal(rect_inset((Rect){0, 0, 4, 4}, 3, 0).w, 0);
}

/* ---- Formulas ---- */

static void check_plain(const char *markup, const char *expected) {
    Buf out = {0};
    size_t where = 0;
    if (!formula_valid(markup, &where)) {
        fail_msg("%s: not valid at %zu", markup, where);
    }
    formula_plain(markup, &out);
    assert_string_equal(buf_cstr(&out), expected);
    buf_free(&out);
}

static void test_formula_plain(void **state) {
    (void)state;
    check_plain("s_{ij} = \\sum_{d} \\q{q_{id}} \\cdot \\k{k_{jd}}", "s_ij = Σ_d q_id · k_jd");
    check_plain("\\frac{\\exp(s - m)}{\\sum_j \\exp(s_j - m)}", "exp(s − m) / Σ_j exp(s_j − m)");
    check_plain("\\frac{x - \\mu}{\\sqrt{\\sigma^2 + \\epsilon}}", "(x − μ) / √(σ^2 + ε)");
    check_plain("\\frac{s}{\\sqrt{d_{\\mathrm{head}}}}", "s / √d_head");
    check_plain("x_{t-1}^2", "x_(t−1)^2");
    check_plain("-\\infty", "−∞");
    check_plain("a - -b", "a − −b");
    check_plain("j > i \\to -\\infty", "j > i → −∞");
    check_plain("(a, b)", "(a, b)");
    check_plain("\\mathrm{softmax}(x)", "softmax(x)");
    check_plain("x * 0.5 + 10", "x · 0.5 + 10");
    check_plain("\\{a\\_b\\}", "{a_b}");
}

static void test_formula_layout(void **state) {
    (void)state;
    Arena arena = {0};
    DrawList list;
    draw_begin(&list, &arena, (Rect){0, 0, 500, 100});
    FormulaSize size = formula_draw(&list, &TEXT_FIXED, &THEME_DARK, 10.0F, 50.0F, 20, 0xffffffff,
                                    "\\q{q_i} = x^2");
    FormulaSize measured = formula_measure(&TEXT_FIXED, 20, "\\q{q_i} = x^2");
    assert_float_equal(size.width, measured.width, 0.0F);
    Buf out = {0};
    draw_list_dump(&list, &out);
    /* q 10 wide, its subscript 14 points high and 7 wide; 0.28 em round the sign; x 10 wide */
    assert_string_equal(buf_cstr(&out), "clip 0 0 500 100\n"
                                        "text base math-italic 20 ffffb454 10 50 \"q\"\n"
                                        "text base math-italic 14 ffffb454 20 54 \"i\"\n"
                                        "text base math 20 ffffffff 34.2 50 \"=\"\n"
                                        "text base math-italic 20 ffffffff 49.8 50 \"x\"\n"
                                        "text base math 14 ffffffff 61 41.6 \"2\"\n");
    assert_true(size.ascent > 14.0F && size.descent > 4.0F);
    buf_free(&out);
    arena_free(&arena);
}

static void test_formula_shapes(void **state) {
    (void)state;
    const TextMeasure *m = &TEXT_FIXED;
    FormulaSize flat = formula_measure(m, 20, "a");
    FormulaSize high = formula_measure(m, 20, "\\frac{a}{b}");
    assert_true(high.ascent > flat.ascent && high.descent > flat.descent);
    /* below and above stand over each other: no wider than one of them */
    assert_float_equal(formula_measure(m, 20, "a_1^2").width,
                       formula_measure(m, 20, "a_1").width + 1.2F, 1e-4F);
    assert_true(formula_measure(m, 20, "a_{12}^3").width < formula_measure(m, 20, "a_{123}").width);
    assert_int_equal(formula_fit(m, 24, 10, 1000.0F, "a+b"), 24);
    int fit = formula_fit(m, 24, 10, 30.0F, "a+b");
    assert_true(formula_measure(m, fit, "a+b").width <= 30.0F && fit > 10);
    assert_int_equal(formula_fit(m, 24, 10, 1.0F, "a+b"), 10);
}

/* Whatever is wrong must be seen, drawn somehow, and harm nothing. */
static void test_formula_bad(void **state) {
    (void)state;
    static const char *const BAD[] = {"\\foo",    "{",          "}",      "a_",   "a^",
                                      "_a",       "a_1_2",      "\\frac", "\\",   "\\frac{a}",
                                      "(a",       "\\sqrt",     "\\q",    "\xff", "a}b",
                                      "\\mathrm", "\\mathrm{x", "\\q{\\", "^^^^", "\\frac}{"};
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        Buf out = {0};
        Arena arena = {0};
        DrawList list;
        draw_begin(&list, &arena, (Rect){0, 0, 10, 10});
        if (formula_valid(BAD[i], NULL)) {
            fail_msg("\"%s\" passes as well formed", BAD[i]);
        }
        formula_plain(BAD[i], &out);
        formula_draw(&list, &TEXT_FIXED, &THEME_DARK, 0, 0, 20, 0xffffffff, BAD[i]);
        buf_free(&out);
        arena_free(&arena);
    }
    static const char *const PIECES[] = {"{", "(", "\\sqrt", "\\q{", "a_", "\\frac{"};
    for (size_t i = 0; i < sizeof PIECES / sizeof PIECES[0]; i++) { /* deep nesting */
        Buf deep = {0};
        Buf out = {0};
        for (int j = 0; j < 2000; j++) {
            buf_text(&deep, PIECES[i]);
        }
        assert_false(formula_valid(buf_cstr(&deep), NULL));
        formula_plain(buf_cstr(&deep), &out);
        assert_true(formula_measure(&TEXT_FIXED, 20, buf_cstr(&deep)).width >= 0.0F);
        buf_free(&deep);
        buf_free(&out);
    }
}

/* ---- Buttons, focus, ids ---- */

static void draw_buttons(Rig *rig) {
    Ui *ui = rig->ui;
    rig->clicks += ui_button(ui, "one", (Rect){10, 10, 80, 28}, "One", 0) ? 1 : 0;
    rig->clicks += ui_button(ui, "off", (Rect){100, 10, 80, 28}, "Off", UI_DISABLED) ? 100 : 0;
    rig->clicks += ui_button(ui, "two", (Rect){190, 10, 80, 28}, "Two", 0) ? 10 : 0;
    ui_tip(ui, "the second");
    ui_toggle(ui, "switch", (Rect){10, 50, 100, 24}, "Switch", &rig->on);
    static const char *const LABELS[] = {"a", "b", "c"};
    ui_segments(ui, "seg", (Rect){10, 90, 120, 28}, LABELS, 3, &rig->segment);
    if (rig->over) {
        ui_region(ui, "cover", (Rect){0, 0, 95, 45}, 0);
    }
    ui_mark(ui, "mark", (Rect){200, 100, 10, 10});
    rig->submitted += ui_key(ui, ' ', 0) ? 1 : 0;
    rig->submitted += ui_key(ui, '?', 0) ? 10 : 0;
}

static void test_buttons(void **state) {
    (void)state;
    Rig rig;
    open_rig(&rig, draw_buttons);
    click_on(&rig, "one");
    assert_int_equal(rig.clicks, 1);
    click_on(&rig, "off");
    assert_int_equal(rig.clicks, 1);
    press(&rig, 20, 20, 1); /* let go elsewhere: not a click */
    rig.in.mouse_x = 200;
    release(&rig);
    assert_int_equal(rig.clicks, 1);
    click_on(&rig, "switch");
    assert_true(rig.on);
    click_on(&rig, "seg/2");
    assert_int_equal(rig.segment, 2);
    rig.over = true;
    step(&rig);
    click_on(&rig, "one");
    assert_int_equal(rig.clicks, 1);
    close_rig(&rig);
}

static void test_keyboard(void **state) {
    (void)state;
    Rig rig;
    open_rig(&rig, draw_buttons);
    key(&rig, ' ', 0);
    assert_int_equal(rig.submitted, 1); /* nothing has the focus: the program's shortcut */
    key(&rig, '/', UI_SHIFT);
    assert_int_equal(rig.submitted, 11);
    key(&rig, UI_KEY_TAB, 0);
    assert_string_equal(ui_focus_id(rig.ui), "one");
    key(&rig, UI_KEY_ENTER, 0);
    assert_int_equal(rig.clicks, 1);
    key(&rig, UI_KEY_TAB, 0); /* over the disabled one */
    assert_string_equal(ui_focus_id(rig.ui), "two");
    key(&rig, ' ', 0);
    assert_int_equal(rig.clicks, 11);
    assert_int_equal(rig.submitted, 11);
    key(&rig, UI_KEY_TAB, UI_SHIFT);
    assert_string_equal(ui_focus_id(rig.ui), "one");
    key(&rig, UI_KEY_TAB, UI_SHIFT); /* round to the last */
    assert_string_equal(ui_focus_id(rig.ui), "seg");
    key(&rig, UI_KEY_RIGHT, 0);
    assert_int_equal(rig.segment, 1);
    close_rig(&rig);
}

static size_t count_rings(Rig *rig) {
    size_t rings = 0;
    for (size_t i = 0; i < ui_list(rig->ui)->count; i++) {
        const DrawCommand *c = &ui_list(rig->ui)->commands[i];
        rings += c->kind == DRAW_FRAME && c->color == THEME_DARK.key ? 1 : 0;
    }
    return rings;
}

static void test_focus_ring(void **state) {
    (void)state;
    Rig rig;
    open_rig(&rig, draw_buttons);
    assert_int_equal(count_rings(&rig), 0);
    key(&rig, UI_KEY_TAB, 0);
    assert_true(ui_wants_redraw(rig.ui));
    step(&rig);
    assert_int_equal(count_rings(&rig), 1);
    assert_false(ui_wants_redraw(rig.ui));
    click_on(&rig, "two");
    step(&rig);
    assert_int_equal(count_rings(&rig), 0);
    close_rig(&rig);
}

static void test_ids(void **state) {
    (void)state;
    Rig rig;
    open_rig(&rig, draw_buttons);
    Rect rect, visible;
    const char *by;
    assert_true(ui_find(rig.ui, "two", &rect, &visible));
    assert_int_equal(rect.x, 190);
    assert_false(ui_find(rig.ui, "three", NULL, NULL));
    assert_true(ui_covered(rig.ui, "three", NULL));
    assert_false(ui_covered(rig.ui, "one", &by));
    assert_false(ui_covered(rig.ui, "mark", &by));
    assert_string_equal(ui_id_at(rig.ui, 0), "one");
    assert_null(ui_id_at(rig.ui, 999));
    rig.over = true;
    step(&rig);
    assert_true(ui_covered(rig.ui, "one", &by));
    assert_string_equal(by, "cover");
    close_rig(&rig);
}

static void test_tip_and_sleep(void **state) {
    (void)state;
    Rig rig;
    open_rig(&rig, draw_buttons);
    step(&rig);
    assert_false(ui_wants_redraw(rig.ui));
    assert_true(ui_next_wake(rig.ui) == UINT64_MAX);
    rig.in.mouse_x = 200;
    rig.in.mouse_y = 20;
    uint64_t came = rig.in.now_ms;
    step(&rig);
    assert_false(shows(&rig, "the second"));
    assert_int_equal(ui_next_wake(rig.ui), came + 500);
    assert_int_equal(ui_cursor(rig.ui), UI_CURSOR_HAND);
    rig.in.now_ms = came + 500;
    step(&rig);
    assert_true(shows(&rig, "the second"));
    press(&rig, 200, 20, 1);
    release(&rig);
    rig.in.now_ms += 1000;
    step(&rig);
    assert_false(shows(&rig, "the second"));
    close_rig(&rig);
}

/* ---- The text box ---- */

static void draw_box(Rig *rig) {
    /* text starts at x = 20; letters are 5 wide */
    rig->event = ui_textbox(rig->ui, "box", (Rect){10, 10, 120, 32}, &rig->box, "write here",
                            FONT_MONO, 10);
    rig->submitted += rig->event.submitted ? 1 : 0;
    rig->clicks += ui_button(rig->ui, "other", (Rect){200, 10, 80, 28}, "Other", 0) ? 1 : 0;
    rig->chosen += ui_key(rig->ui, 'p', 0) ? 1 : 0;
}

static void open_box(Rig *rig, const char *text) {
    open_rig(rig, draw_box);
    click_on(rig, "box");
    type(rig, text);
}

static const char *content(Rig *rig) {
    return buf_cstr(&rig->box.text);
}

static void test_typing(void **state) {
    (void)state;
    Rig rig;
    open_rig(&rig, draw_box);
    assert_true(shows(&rig, "write here"));
    key(&rig, 'p', 0);
    assert_int_equal(rig.chosen, 1); /* a shortcut while the box has no focus */
    assert_false(ui_text_input(rig.ui, NULL));
    click_on(&rig, "box");
    assert_true(ui_text_input(rig.ui, NULL) && ui_typing(rig.ui));
    rig.in.keys[rig.in.key_count++] = (UiKeyEvent){.key = 'p'}; /* as the back end sends them */
    type(&rig, "p");
    assert_true(rig.event.changed);
    assert_int_equal(rig.chosen, 1);
    type(&rig, "q한");
    assert_string_equal(content(&rig), "pq한");
    assert_true(shows(&rig, "pq한"));
    step(&rig);
    assert_false(rig.event.changed);
    key(&rig, UI_KEY_BACKSPACE, 0);
    assert_string_equal(content(&rig), "pq");
    key(&rig, UI_KEY_HOME, 0);
    key(&rig, UI_KEY_DELETE, 0);
    assert_string_equal(content(&rig), "q");
    key(&rig, UI_KEY_ENTER, 0);
    assert_int_equal(rig.submitted, 1);
    key(&rig, UI_KEY_ESCAPE, 0);
    assert_true(rig.event.canceled);
    step(&rig);
    assert_false(ui_text_input(rig.ui, NULL));
    close_rig(&rig);
}

static void test_selection(void **state) {
    (void)state;
    Rig rig;
    open_box(&rig, "Hello big world");
    key(&rig, UI_KEY_LEFT, UI_CTRL);
    assert_int_equal(rig.box.caret, 10);
    key(&rig, UI_KEY_LEFT, UI_CTRL | UI_SHIFT);
    assert_int_equal(rig.box.caret, 6);
    assert_int_equal(rig.box.anchor, 10);
    key(&rig, 'c', UI_CTRL);
    assert_string_equal(rig.clipboard, "big ");
    key(&rig, 'x', UI_CTRL);
    assert_string_equal(content(&rig), "Hello world");
    key(&rig, UI_KEY_END, 0);
    key(&rig, 'v', UI_CTRL);
    assert_string_equal(content(&rig), "Hello worldbig ");
    key(&rig, UI_KEY_HOME, UI_SHIFT);
    type(&rig, "!");
    assert_string_equal(content(&rig), "!");
    strcpy(rig.clipboard, "a\xff\r\nb");
    key(&rig, 'a', UI_CTRL);
    key(&rig, 'v', UI_CTRL);
    assert_string_equal(content(&rig), "a\xef\xbf\xbd\nb");
    assert_true(shows(&rig, "\n"));
    close_rig(&rig);
}

static void test_mouse_selection(void **state) {
    (void)state;
    Rig rig;
    open_box(&rig, "one two");
    press(&rig, 20 + 5 * 4, 20, 1); /* before "two" */
    rig.in.mouse_x = 20 + 5 * 6;
    step(&rig);
    release(&rig);
    assert_int_equal(rig.box.anchor, 4);
    assert_int_equal(rig.box.caret, 6);
    press(&rig, 20 + 2, 20, 2);
    release(&rig);
    assert_int_equal(rig.box.anchor, 0);
    assert_int_equal(rig.box.caret, 3);
    press(&rig, 20 + 2, 20, 3);
    release(&rig);
    assert_int_equal(rig.box.caret, 7);
    rig.in.mouse_mods = UI_SHIFT;
    press(&rig, 20 + 5 * 5, 20, 1);
    release(&rig);
    assert_int_equal(rig.box.anchor, 0);
    assert_int_equal(rig.box.caret, 5);
    rig.in.mouse_mods = 0;
    click_on(&rig, "other");
    step(&rig);
    assert_false(rig.event.focused);
    close_rig(&rig);
}

static void test_graphemes_in_box(void **state) {
    (void)state;
    Rig rig;
    open_box(&rig, "가👩‍👧e\xcc\x81");
    size_t size = rig.box.text.size;
    key(&rig, UI_KEY_LEFT, 0);
    assert_int_equal(rig.box.caret, size - 3);
    key(&rig, UI_KEY_LEFT, 0);
    assert_int_equal(rig.box.caret, 3);
    key(&rig, UI_KEY_DELETE, 0);
    assert_string_equal(content(&rig), "가e\xcc\x81");
    key(&rig, UI_KEY_BACKSPACE, 0);
    assert_string_equal(content(&rig), "e\xcc\x81");
    close_rig(&rig);
}

static void test_undo(void **state) {
    (void)state;
    Rig rig;
    open_rig(&rig, draw_box);
    click_on(&rig, "box");
    const char *letters[] = {"a", "b", " ", "c", "d"};
    for (size_t i = 0; i < 5; i++) {
        type(&rig, letters[i]);
    }
    key(&rig, 'z', UI_CTRL); /* a word at a time */
    assert_string_equal(content(&rig), "ab");
    key(&rig, 'z', UI_CTRL);
    assert_string_equal(content(&rig), "");
    assert_true(rig.event.changed);
    key(&rig, 'z', UI_CTRL);
    assert_string_equal(content(&rig), "");
    assert_false(rig.event.changed);
    key(&rig, 'y', UI_CTRL);
    key(&rig, 'z', UI_CTRL | UI_SHIFT);
    assert_string_equal(content(&rig), "ab cd");
    key(&rig, UI_KEY_BACKSPACE, UI_CTRL);
    assert_string_equal(content(&rig), "ab ");
    key(&rig, 'z', UI_CTRL);
    assert_string_equal(content(&rig), "ab cd");
    assert_int_equal(rig.box.caret, 5);
    key(&rig, 'z', UI_CTRL);
    type(&rig, "x"); /* what was undone is gone */
    key(&rig, 'y', UI_CTRL);
    assert_string_equal(content(&rig), "abx");
    for (int i = 0; i < 500; i++) { /* more than it keeps */
        type(&rig, "zz");
    }
    for (int i = 0; i < 600; i++) {
        key(&rig, 'z', UI_CTRL);
    }
    assert_int_equal(rig.box.text.size, 3 + 2 * (500 - 199));
    close_rig(&rig);
}

static void test_composition(void **state) {
    (void)state;
    Rig rig;
    open_box(&rig, "ab");
    key(&rig, UI_KEY_LEFT, 0);
    strcpy(rig.in.composition, "하");
    rig.in.composition_caret = 1;
    Rect before, after;
    ui_text_input(rig.ui, &before);
    key(&rig, UI_KEY_BACKSPACE, 0); /* the input method's, not ours */
    assert_string_equal(content(&rig), "ab");
    assert_true(shows(&rig, "a하b"));
    assert_true(ui_text_input(rig.ui, &after));
    assert_int_equal(after.x, before.x + 10);
    size_t underlines = 0;
    for (size_t i = 0; i < ui_list(rig.ui)->count; i++) {
        const DrawCommand *c = &ui_list(rig.ui)->commands[i];
        underlines += c->kind == DRAW_LINE && c->as.line.from.x == 25.0F && c->as.line.to.x == 35.0F
                          ? 1
                          : 0;
    }
    assert_int_equal(underlines, 1);
    rig.in.composition[0] = '\0';
    type(&rig, "한");
    assert_string_equal(content(&rig), "a한b");
    close_rig(&rig);
}

static void test_caret(void **state) {
    (void)state;
    Rig rig;
    open_box(&rig, "0123456789012345678901234567890123456789"); /* 200 wide in a room of 100 */
    Rect caret;
    assert_true(ui_text_input(rig.ui, &caret));
    assert_true(caret.x >= 20 && caret.x + caret.w <= 120);
    assert_float_equal(rig.box.scroll, 200.0F - 98.0F, 0.0F);
    key(&rig, UI_KEY_HOME, 0);
    assert_true(ui_text_input(rig.ui, &caret));
    assert_int_equal(caret.x, 20);
    assert_float_equal(rig.box.scroll, 0.0F, 0.0F);
    /* it blinks, and asks to be woken for that */
    uint64_t touched = rig.box.touched_ms;
    assert_int_equal(ui_next_wake(rig.ui), touched + 530);
    size_t shown = ui_list(rig.ui)->count;
    rig.in.now_ms = touched + 530;
    rig.in.mouse_x = rig.in.mouse_y = -1;
    step(&rig);
    assert_int_equal(ui_next_wake(rig.ui), touched + 1060);
    rig.in.now_ms = touched + 1060;
    step(&rig);
    assert_int_equal(ui_list(rig.ui)->count, shown);
    close_rig(&rig);
}

/* ---- Lists, scrolling, sliders ---- */

static const char *const ITEMS[] = {"alpha", "beta", "gamma", "delta"};

static void draw_list(Rig *rig) {
    rig->submitted += ui_dropdown(rig->ui, "list", (Rect){10, 10, 120, 28}, ITEMS, rig->why, 4,
                                  &rig->chosen)
                          ? 1
                          : 0;
    rig->clicks += ui_button(rig->ui, "below", (Rect){10, 60, 120, 28}, "Below", 0) ? 1 : 0;
}

static void test_dropdown_mouse(void **state) {
    (void)state;
    Rig rig;
    open_rig(&rig, draw_list);
    assert_false(ui_covered(rig.ui, "below", NULL));
    click_on(&rig, "list");
    step(&rig);
    assert_true(ui_popup_is_open(rig.ui, "list"));
    assert_true(shows(&rig, "gamma"));
    const char *by;
    assert_true(ui_covered(rig.ui, "below", &by));
    assert_string_equal(by, "list/1"); /* lines of 28 from y = 46 */
    click_on(&rig, "list/2");
    assert_int_equal(rig.chosen, 2);
    assert_int_equal(rig.submitted, 1);
    step(&rig);
    assert_false(shows(&rig, "alpha"));
    click_on(&rig, "list");
    step(&rig);
    click(&rig, 300, 250); /* outside: closes and does nothing else */
    step(&rig);
    assert_false(ui_popup_is_open(rig.ui, "list"));
    assert_int_equal(rig.submitted, 1);
    click_on(&rig, "list");
    step(&rig);
    click(&rig, 70, 150 + 28 + 60); /* outside too, below the list */
    click_on(&rig, "below");
    assert_int_equal(rig.clicks, 1);
    close_rig(&rig);
}

static void test_dropdown_lines_that_cannot_be_taken(void **state) {
    (void)state;
    static const char *const why[] = {NULL, NULL, "it is broken", NULL};
    Rig rig;
    open_rig(&rig, draw_list);
    rig.why = why;
    click_on(&rig, "list");
    step(&rig);
    click_on(&rig, "list/2");
    assert_int_equal(rig.chosen, 0);
    assert_true(ui_popup_is_open(rig.ui, "list"));
    key(&rig, UI_KEY_END, 0);
    key(&rig, UI_KEY_UP, 0);
    key(&rig, UI_KEY_ENTER, 0);
    assert_int_equal(rig.chosen, 0);
    key(&rig, UI_KEY_DOWN, 0);
    key(&rig, UI_KEY_ENTER, 0);
    assert_int_equal(rig.chosen, 3);
    assert_int_equal(rig.submitted, 1);
    close_rig(&rig);
}

static void test_dropdown_keys(void **state) {
    (void)state;
    Rig rig;
    open_rig(&rig, draw_list);
    key(&rig, UI_KEY_TAB, 0);
    key(&rig, UI_KEY_DOWN, 0);
    assert_true(ui_popup_is_open(rig.ui, "list"));
    key(&rig, UI_KEY_DOWN, 0);
    key(&rig, UI_KEY_ENTER, 0);
    assert_int_equal(rig.chosen, 1);
    assert_false(ui_popup_is_open(rig.ui, "list"));
    assert_string_equal(ui_focus_id(rig.ui), "list");
    key(&rig, ' ', 0);
    key(&rig, 'd', 0);
    key(&rig, UI_KEY_ESCAPE, 0);
    step(&rig);
    assert_false(ui_popup_is_open(rig.ui, "list"));
    assert_int_equal(rig.chosen, 1);
    key(&rig, UI_KEY_ENTER, 0);
    key(&rig, 'd', 0);
    key(&rig, UI_KEY_ENTER, 0);
    assert_int_equal(rig.chosen, 3);
    close_rig(&rig);
}

static void draw_scroll(Rig *rig) {
    Rect rect = {10, 10, 200, 100};
    int y = ui_scroll_begin(rig->ui, "area", rect, &rig->scroll, 600);
    for (int i = 0; i < 20; i++) {
        char id[16];
        snprintf(id, sizeof id, "row/%d", i);
        rig->clicks += ui_button(rig->ui, id, (Rect){10, y + i * 30, 150, 26}, id, 0) ? i : 0;
    }
    ui_scroll_end(rig->ui, "area", rect, &rig->scroll, 600);
}

static void test_scroll(void **state) {
    (void)state;
    Rig rig;
    open_rig(&rig, draw_scroll);
    assert_true(ui_covered(rig.ui, "row/10", NULL)); /* out of view */
    assert_false(shows(&rig, "row/10"));
    click(&rig, 60, 130 + 13); /* where row 4 would be, were it not clipped */
    assert_int_equal(rig.clicks, 0);
    rig.in.wheel = -2;
    step(&rig);
    assert_int_equal(rig.scroll.offset, 0); /* the pointer is not over it */
    rig.in.mouse_x = 50;
    rig.in.mouse_y = 50;
    rig.in.wheel = -2;
    step(&rig);
    assert_int_equal(rig.scroll.offset, 96);
    rig.in.wheel = -100;
    step(&rig);
    assert_int_equal(rig.scroll.offset, 500);
    click_on(&rig, "row/19");
    assert_int_equal(rig.clicks, 19);
    rig.in.wheel = 100;
    step(&rig);
    press(&rig, 205, 20, 1); /* the bar's knob, dragged to the end */
    rig.in.mouse_y = 200;
    step(&rig);
    release(&rig);
    assert_int_equal(rig.scroll.offset, 500);
    ui_focus(rig.ui, "row/19");
    key(&rig, UI_KEY_TAB, 0); /* round to the first: it comes into view */
    step(&rig);
    assert_string_equal(ui_focus_id(rig.ui), "row/0");
    assert_int_equal(rig.scroll.offset, 0);
    ui_scroll_show(&rig.scroll, (Rect){0, 0, 10, 100}, 600, 150, 20);
    assert_int_equal(rig.scroll.offset, 70);
    close_rig(&rig);
}

static void draw_scrub(Rig *rig) {
    static const UiTick TICKS[] = {{0.0, "tokens"}, {0.02, "embed"}, {0.5, "block 1"}};
    ui_scrub(rig->ui, "scrub", (Rect){10, 10, 214, 44}, &rig->value, 0.25, TICKS, 3);
}

static void test_scrub(void **state) {
    (void)state;
    Rig rig;
    open_rig(&rig, draw_scrub);
    assert_true(shows(&rig, "tokens"));
    assert_false(shows(&rig, "embed")); /* would touch */
    assert_true(shows(&rig, "block 1"));
    press(&rig, 10 + 7 + 100, 20, 1); /* the knob runs over 200 points */
    assert_float_equal(rig.value, 0.5, 0.0);
    rig.in.mouse_x = 900;
    release(&rig); /* moved and let go in one frame */
    assert_float_equal(rig.value, 1.0, 0.0);
    ui_focus(rig.ui, "scrub");
    key(&rig, UI_KEY_LEFT, 0);
    assert_float_equal(rig.value, 0.75, 0.0);
    key(&rig, UI_KEY_HOME, 0);
    key(&rig, UI_KEY_LEFT, 0);
    assert_float_equal(rig.value, 0.0, 0.0);
    close_rig(&rig);
}

/* ---- Paragraphs, links, chips ---- */

static void draw_words(Rig *rig) {
    Ui *ui = rig->ui;
    const UiSpan spans[] = {{"the cat", FONT_UI, 0xff000001},
                            {"nap ", FONT_UI_BOLD, 0xff000002},
                            {"is over", FONT_UI, 0xff000003}};
    Rect rect = {0, 0, 60, 100}; /* twelve letters of 5 */
    int measured = ui_spans(ui, rect, 10, spans, 3, false);
    assert_int_equal(ui_spans(ui, rect, 10, spans, 3, true), measured);
    assert_int_equal(measured, 2 * 15);
    rig->clicks += ui_link(ui, "link", 100.0F, 60.0F, FONT_MONO, 10, 0xff000004, "−0.428") ? 1 : 0;
    UiChip chip = {"·Lily", "317", "QK", ROLE_QUERY, false, 0};
    ui_chip(ui, "chip", (Rect){100, 100, ui_chip_width(ui, &chip), UI_CHIP_HEIGHT}, &chip);
}

static void test_words_on_screen(void **state) {
    (void)state;
    Rig rig;
    open_rig(&rig, draw_words);
    assert_true(shows(&rig, "the catnap")); /* "catnap" stays together across pieces */
    assert_true(shows(&rig, "is over"));
    assert_false(shows(&rig, "catnap is"));
    Rect link;
    assert_true(ui_find(rig.ui, "link", &link, NULL));
    assert_int_equal(link.x, 100);
    assert_int_equal(link.w, 30);
    click_on(&rig, "link");
    assert_int_equal(rig.clicks, 1);
    assert_true(shows(&rig, "·Lily"));
    assert_true(shows(&rig, "317"));
    close_rig(&rig);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_widths),
        cmocka_unit_test(test_elide),
        cmocka_unit_test(test_wrap),
        cmocka_unit_test(test_graphemes),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_repair),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_contrast),
        cmocka_unit_test(test_palettes),
        cmocka_unit_test(test_dump),
        cmocka_unit_test(test_has_text),
        cmocka_unit_test(test_cells_places),
        cmocka_unit_test(test_rects),
        cmocka_unit_test(test_formula_plain),
        cmocka_unit_test(test_formula_layout),
        cmocka_unit_test(test_formula_shapes),
        cmocka_unit_test(test_formula_bad),
        cmocka_unit_test(test_buttons),
        cmocka_unit_test(test_keyboard),
        cmocka_unit_test(test_focus_ring),
        cmocka_unit_test(test_ids),
        cmocka_unit_test(test_tip_and_sleep),
        cmocka_unit_test(test_typing),
        cmocka_unit_test(test_selection),
        cmocka_unit_test(test_mouse_selection),
        cmocka_unit_test(test_graphemes_in_box),
        cmocka_unit_test(test_undo),
        cmocka_unit_test(test_composition),
        cmocka_unit_test(test_caret),
        cmocka_unit_test(test_dropdown_mouse),
        cmocka_unit_test(test_dropdown_keys),
        cmocka_unit_test(test_dropdown_lines_that_cannot_be_taken),
        cmocka_unit_test(test_scroll),
        cmocka_unit_test(test_scrub),
        cmocka_unit_test(test_words_on_screen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
