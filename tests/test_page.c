/* Pages: what is measured is what every format draws, and the same commands give the same bytes. */
#include "app/export/page.h"
#include "engine/base/file.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BLACK COLOR_RGB(0x000000)
#define RED COLOR_RGB(0xff0000)

static PageDoc *new_doc(void) {
    Err err;
    PageDoc *doc = page_doc_new(&err);
    assert_non_null(doc);
    return doc;
}

static PageStyle style(FontRole font, double size) {
    return (PageStyle){.font = font, .size = size, .color = BLACK};
}

static bool has(const Buf *bytes, const char *text) {
    return memmem(bytes->bytes, bytes->size, text, strlen(text)) != NULL;
}

/* ---- text ---- */

static void test_widths_grow_with_size(void **state) {
    (void)state;
    PageDoc *doc = new_doc();
    for (FontRole font = 0; font < FONT_COUNT; font++) {
        double small = page_measure(doc, style(font, 7), "attention 주의").width;
        double large = page_measure(doc, style(font, 28), "attention 주의").width;
        assert_true(small > 7 && fabs(large - 4 * small) < 0.02 * large);
    }
    PageStyle mono = style(FONT_MONO, 10);
    assert_true(fabs(page_measure(doc, mono, "iii").width - page_measure(doc, mono, "WWW").width) <
                0.01);
    assert_true(fabs(page_measure(doc, mono, "->").width - 2 * page_measure(doc, mono, "-").width) <
                0.01);
    assert_true(page_cap(doc, mono) > 5 && page_cap(doc, mono) < 9);
    page_doc_free(doc);
}

static void test_korean_has_glyphs(void **state) {
    (void)state;
    PageDoc *doc = new_doc();
    Page *page = page_add(doc, 60, 20), *empty = page_add(doc, 60, 20);
    page_text(page, style(FONT_UI, 12), 5, 15, "한글");
    page_text(empty, style(FONT_UI, 12), 5, 15, "\uFFFF\uFFFF");
    Arena arena = {0};
    Color *a, *b;
    int w, h;
    assert_true(page_pixels(page, 2, &arena, &a, &w, &h, NULL));
    assert_int_equal(w, 120);
    assert_int_equal(h, 40);
    assert_true(page_pixels(empty, 2, &arena, &b, &w, &h, NULL));
    assert_memory_not_equal(a, b, (size_t)(w * h) * 4);
    arena_free(&arena);
    page_doc_free(doc);
}

static void test_text_is_cleaned(void **state) {
    (void)state;
    PageDoc *doc = new_doc();
    Page *page = page_add(doc, 100, 20);
    page_text(page, style(FONT_UI, 8), 0, 10, "a\nb\tc\x01<&\"\xff");
    assert_string_equal(page->command[0].as.text.text, "a↵b→c\uFFFD<&\"\uFFFD");
    assert_true(page_text(page, style(FONT_UI, 8), 0, 10, "") == 0 && page->count == 1);
    Buf out = {0};
    assert_true(page_encode(doc, PAGE_SVG, 1, &out, NULL));
    assert_true(has(&out, ">a↵b→c\uFFFD&lt;&amp;&quot;\uFFFD</text>"));
    buf_free(&out);
    page_doc_free(doc);
}

static void test_elide(void **state) {
    (void)state;
    PageDoc *doc = new_doc();
    PageStyle ui = style(FONT_UI, 10);
    assert_string_equal(page_elide(doc, ui, "short", 100), "short");
    const char *cut = page_elide(doc, ui, "a long label that can't stay", 60);
    assert_true(page_measure(doc, ui, cut).width <= 60 && strstr(cut, "…") != NULL);
    assert_true(strncmp(cut, "a long", 6) == 0);
    page_doc_free(doc);
}

static void test_corners_turn(void **state) {
    (void)state;
    PageDoc *doc = new_doc();
    Page *page = page_add(doc, 100, 100);
    PageStyle up = style(FONT_UI, 10);
    up.angle = -90;
    double width = page_text(page, up, 50, 80, "upwards");
    PagePoint at[4];
    page_text_corners(&page->command[0], at);
    PageSize size = page->command[0].as.text.size;
    assert_true(fabs(at[0].x - (50 - size.ascent)) < 1e-9 && fabs(at[0].y - 80) < 1e-9);
    assert_true(fabs(at[2].x - (50 + size.descent)) < 1e-9 && fabs(at[2].y - (80 - width)) < 1e-9);
    page_doc_free(doc);
}

/* ---- paragraphs ---- */

static const char KOREAN[] =
    "어텐션은 각 단어가 다른 단어를 얼마나 바라볼지 정한다. 가중치의 합은 언제나 1이다.";

static void check_lines(const Page *page, double x, double width) {
    for (size_t i = 0; i < page->count; i++) {
        PagePoint at[4];
        page_text_corners(&page->command[i], at);
        assert_true(at[0].x > x - 0.01 && at[2].x < x + width + 0.01);
    }
}

static void test_paragraph(void **state) {
    (void)state;
    PageDoc *doc = new_doc();
    PageStyle ui = style(FONT_UI, 10);
    for (PageAnchor anchor = PAGE_START; anchor <= PAGE_END; anchor++) {
        Page *page = page_add(doc, 300, 300);
        ui.anchor = anchor;
        double height = page_paragraph(doc, page, ui, 20, 10, 120, 1.4, KOREAN);
        assert_true(page->count > 2 && fabs(height - 14 * (double)page->count) < 1e-9);
        assert_true(page_paragraph(doc, NULL, ui, 20, 10, 120, 1.4, KOREAN) == height);
        check_lines(page, 20, 120);
        for (size_t i = 0; i < page->count; i++) { /* whole words */
            const char *line = page->command[i].as.text.text, *at = strstr(KOREAN, line);
            assert_true(at && (at == KOREAN || at[-1] == ' '));
            assert_true(at[strlen(line)] == ' ' || at[strlen(line)] == '\0');
        }
    }
    Page *page = page_add(doc, 300, 300);
    page_paragraph(doc, page, ui, 0, 0, 40, 1.2, "one\ntwo\n\nAWordThatIsLongerThanALine");
    assert_true(page->count > 3);
    check_lines(page, 0, 40);
    page_doc_free(doc);
}

static void test_spans_stand_side_by_side(void **state) {
    (void)state;
    PageDoc *doc = new_doc();
    Page *page = page_add(doc, 300, 100);
    PageSpan span[] = {{.text = "the score ", .font = FONT_UI},
                       {.text = "q·k", .font = FONT_MATH_ITALIC, .color = RED},
                       {.text = "2", .font = FONT_MATH, .size = 6, .rise = 3},
                       {.text = " grows", .font = FONT_UI_BOLD}};
    page_spans(doc, page, style(FONT_UI, 10), 10, 10, 250, 1.4, span, 4);
    assert_int_equal(page->count, 4);
    for (size_t i = 0; i + 1 < 4; i++) {
        const PageCommand *a = &page->command[i], *b = &page->command[i + 1];
        assert_true(b->as.text.x >= a->as.text.x + a->as.text.size.width - 0.3);
    }
    assert_int_equal(page->command[1].color, RED);
    assert_int_equal(page->command[0].color, BLACK);
    assert_true(page->command[2].as.text.baseline == page->command[0].as.text.baseline - 3);
    page_doc_free(doc);
}

/* ---- formats ---- */

static PageDoc *sample(size_t side) {
    PageDoc *doc = new_doc();
    page_doc_title(doc, "A <title>", "What it \"is\" & says");
    page_doc_note(doc, "model", "story");
    page_doc_note(doc, "prompt", "Tom & 비");
    Page *page = page_add(doc, 120, 80);
    page_rect(page, (PageBox){0, 0, 120, 80}, 0, COLOR_RGB(0xffffff));
    page_frame(page, (PageBox){10, 10, 40, 40}, 3, 0.5, BLACK);
    page_line(page, 5, 5, 115, 5, 0.5, PAGE_DASHED, RED);
    page_curve(page, (PagePoint[]){{60, 10}, {60, 40}, {110, 10}, {110, 40}}, 1,
               color_alpha(RED, 0.5));
    Color *argb = calloc(side * side, sizeof *argb);
    uint8_t *crossed = calloc(side * side, 1);
    assert_true(argb && crossed);
    for (size_t i = 0; i < side * side; i++)
        argb[i] = COLOR_RGB(i * 7 % 256 * 256);
    crossed[1] = 1;
    page_cells(
        page, (PageBox){10, 10, 40, 40},
        (PageCells){.columns = side, .rows = side, .argb = argb, .crossed = crossed, .cross = RED});
    free(argb);
    free(crossed);
    page_text(page, style(FONT_UI, 9), 60, 55, "Tom saw 비");
    return doc;
}

static void test_same_bytes(void **state) {
    (void)state;
    for (PageFormat format = PAGE_PNG; format <= PAGE_PDF; format++)
        for (size_t side = 4; side <= 100; side += 96) {
            Buf a = {0}, b = {0};
            PageDoc *first = sample(side), *second = sample(side);
            assert_true(page_encode(first, format, 2, &a, NULL));
            assert_true(page_encode(second, format, 2, &b, NULL));
            assert_true(a.size == b.size && memcmp(a.bytes, b.bytes, a.size) == 0);
            page_doc_free(first);
            page_doc_free(second);
            buf_free(&a);
            buf_free(&b);
        }
}

static void test_svg_keeps_text(void **state) {
    (void)state;
    PageDoc *doc = sample(4);
    Buf out = {0};
    assert_true(page_encode(doc, PAGE_SVG, 1, &out, NULL));
    assert_true(has(&out, ">Tom saw 비</text>"));
    assert_true(has(&out, "<title>A &lt;title&gt;</title>"));
    assert_true(has(&out, "<desc>What it &quot;is&quot; &amp; says</desc>"));
    assert_true(has(&out, "<attnscope:prompt>Tom &amp; 비</attnscope:prompt>"));
    assert_true(has(&out, "crispEdges") && !has(&out, "<image") && !has(&out, " id="));
    buf_free(&out);
    page_doc_free(doc);
    doc = sample(100);
    assert_true(page_encode(doc, PAGE_SVG, 1, &out, NULL));
    assert_true(has(&out, "data:image/png;base64,iVBORw0KGgo"));
    buf_free(&out);
    page_doc_free(doc);
}

static void test_cells_are_crisp(void **state) {
    (void)state;
    PageDoc *doc = sample(4);
    Arena arena = {0};
    Color *argb;
    int w, h;
    assert_true(page_pixels(page_at(doc, 0), 3, &arena, &argb, &w, &h, NULL));
    for (int row = 0; row < 4; row++) /* the last pixel of a cell and the first of the next */
        for (int column = 0; column < 3; column++) {
            int x = 30 + 30 * (column + 1), y = 30 + 30 * row + 1, i = row * 4 + column;
            assert_int_equal(argb[y * w + x - 1], COLOR_RGB(i * 7 % 256 * 256));
            assert_int_equal(argb[y * w + x], COLOR_RGB((i + 1) * 7 % 256 * 256));
        }
    int centre = 45 * w + 75; /* of the cell that is crossed out */
    assert_true((argb[centre] >> 16 & 255) > 100);
    arena_free(&arena);
    page_doc_free(doc);
}

static void test_transparent_pixels_are_straight(void **state) {
    (void)state;
    PageDoc *doc = new_doc();
    Page *page = page_add(doc, 4, 4);
    page_rect(page, (PageBox){0, 0, 2, 4}, 0, color_alpha(RED, 0.5));
    Arena arena = {0};
    Color *argb;
    int w, h;
    assert_true(page_pixels(page, 1, &arena, &argb, &w, &h, NULL));
    assert_int_equal(argb[0], 0x80ff0000);
    assert_int_equal(argb[3], 0);
    Buf out = {0};
    assert_true(page_encode(doc, PAGE_PNG, 1, &out, NULL));
    assert_int_equal(out.bytes[25], 6); /* colour with alpha */
    buf_free(&out);
    arena_free(&arena);
    page_doc_free(doc);
}

static void test_too_large(void **state) {
    (void)state;
    PageDoc *doc = new_doc();
    page_add(doc, 500, 500);
    Buf out = {0};
    Err err;
    assert_false(page_encode(doc, PAGE_PNG, 100, &out, &err));
    assert_non_null(strstr(err.text, "50000 × 50000 pixels is too large"));
    buf_free(&out);
    page_doc_free(doc);
}

static void test_formats(void **state) {
    (void)state;
    PageFormat format;
    Err err;
    assert_true(page_format("a/b.PDF", &format, &err) && format == PAGE_PDF);
    assert_true(page_format("b.svg", &format, &err) && format == PAGE_SVG);
    for (size_t i = 0; i < 4; i++)
        assert_false(page_format((const char *[]){"x.gif", "png", ".svg", ""}[i], &format, &err));
    assert_false(page_format("x.gif", &format, &err));
    assert_non_null(strstr(err.text, "x.gif"));
}

static void test_save_leaves_nothing(void **state) {
    (void)state;
    PageDoc *doc = sample(4);
    Err err;
    assert_false(page_save(doc, "/nowhere/at/all.png", PAGE_PNG, 1, &err));
    assert_non_null(strstr(err.text, "/nowhere/at/all.png"));
    assert_false(page_save(doc, "/dev/full", PAGE_PDF, 1, &err));
    assert_non_null(strstr(err.text, "/dev/full: can't be written"));
    page_doc_free(doc);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_widths_grow_with_size),
        cmocka_unit_test(test_korean_has_glyphs),
        cmocka_unit_test(test_text_is_cleaned),
        cmocka_unit_test(test_elide),
        cmocka_unit_test(test_corners_turn),
        cmocka_unit_test(test_paragraph),
        cmocka_unit_test(test_spans_stand_side_by_side),
        cmocka_unit_test(test_same_bytes),
        cmocka_unit_test(test_svg_keeps_text),
        cmocka_unit_test(test_cells_are_crisp),
        cmocka_unit_test(test_transparent_pixels_are_straight),
        cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_formats),
        cmocka_unit_test(test_save_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
