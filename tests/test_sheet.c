/* Worksheets on pages: nothing beyond the margins, no matrix cut, no small type, a question on one page;
 * blanks empty on the sheet and filled on the key. */
#include "app/export/sheet.h"
#include "engine/base/file.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SIDE_MOST = 48 };

static const ExportAbout ABOUT = {
    .version = "1", .model = "story", .prompt = "p", .options = "--seed 7", .record = "r"};

static const char *const TOKENS[] = {"민아", "는", "·톰에게", "·red", "·antidisestablishment",
                                     ".",    "·a", "·b",      "·c",   "·d"};

/* rows × columns numbers, with one blank. */
static SheetMatrix matrix_of(Arena *arena, size_t rows, size_t columns) {
    const char **row = ARENA_NEW_N(arena, const char *, rows);
    const char **column = ARENA_NEW_N(arena, const char *, columns);
    const char **cell = ARENA_NEW_N(arena, const char *, rows *columns);
    bool *blank = ARENA_NEW_N(arena, bool, rows *columns);
    for (size_t i = 0; i < rows; i++)
        row[i] = TOKENS[i % 10];
    for (size_t j = 0; j < columns; j++)
        column[j] = TOKENS[j % 10];
    for (size_t n = 0; n < rows * columns; n++)
        cell[n] = n % columns > n / columns ? "−∞" : arena_printf(arena, "−0.%03zu", n);
    blank[rows * columns / 2] = true;
    return (SheetMatrix){
        "Scores", "block 2 · head 1", "query", "key", rows, columns, row, column, cell, blank};
}

static const SheetSpan SPANS[] = {
    {SHEET_PLAIN, ROLE_NONE, "Each score is "},
    {SHEET_FORMULA, ROLE_NONE, "s = \\frac{\\q{q} \\cdot \\k{k}}{\\sqrt{d}}"},
    {SHEET_PLAIN, ROLE_NONE, ". The token "},
    {SHEET_MONO, ROLE_QUERY, "“·Lily”"},
    {SHEET_PLAIN, ROLE_NONE, " has a query; 쿼리와 키의 내적을 √d로 나눕니다. "},
    {SHEET_BOLD, ROLE_NONE,
     "Compute the empty cell, and tell in a sentence why it is the largest."},
};

static const SheetSpan ANSWER = {SHEET_PLAIN, ROLE_NONE, "Answer:"};

typedef struct {
    Arena arena;
    SheetBlock block[6];
    SheetPart part[12];
    SheetDoc doc;
} Sample;

/* Questions with a matrix of so many rows and columns each. */
static Sample *sample_new(size_t questions, size_t rows, size_t columns, bool key) {
    Sample *sample = calloc(1, sizeof *sample);
    assert_non_null(sample);
    SheetMatrix *matrix = ARENA_NEW(&sample->arena, SheetMatrix);
    *matrix = matrix_of(&sample->arena, rows, columns);
    sample->block[0] = (SheetBlock){.kind = SHEET_PARAGRAPH, .span = SPANS, .count = 6};
    sample->block[1] = (SheetBlock){.kind = SHEET_MATRIX, .matrix = matrix};
    sample->block[2] = (SheetBlock){.kind = SHEET_TOKENS, .token = TOKENS, .count = 10};
    sample->block[3] = (SheetBlock){.kind = SHEET_BULLET, .span = SPANS, .count = 3};
    sample->block[4] = (SheetBlock){
        .kind = SHEET_ANSWER, .span = &ANSWER, .count = 1, .answer = key ? "−7.86" : NULL};
    sample->block[5] = (SheetBlock){.kind = SHEET_RULED, .count = 3};
    for (size_t i = 0; i < questions; i++)
        sample->part[i] = (SheetPart){"Q1", sample->block, 6};
    sample->doc = (SheetDoc){.kind = key ? "Key" : "Worksheet",
                             .title = "Scores: 모든 쿼리가 모든 키를 만납니다",
                             .blank = {key ? NULL : "Name", "Date"},
                             .footer = "Scores · seed 7",
                             .page = "page {0} of {1}",
                             .key = key,
                             .part = sample->part,
                             .count = questions};
    return sample;
}

static PageDoc *pages_of(const Sample *sample) {
    Err err;
    PageDoc *doc = sheet_pages(&sample->doc, &ABOUT, &err);
    if (!doc)
        fail_msg("%s", err.text);
    return doc;
}

static void sample_free(Sample *sample) {
    arena_free(&sample->arena);
    free(sample);
}

static void check_command(const Page *page, const PageCommand *command) {
    PagePoint corner[4];
    if (command->kind == PAGE_FRAME) {
        assert_true(command->box.x > 40 && command->box.x + command->box.w < page->width - 40);
        assert_true(command->box.y > 40 && command->box.y + command->box.h < page->height - 40);
    }
    if (command->kind != PAGE_TEXT)
        return;
    bool script = command->as.text.style.font == FONT_MATH ||
                  command->as.text.style.font == FONT_MATH_ITALIC;
    assert_true(command->as.text.style.size >= (script ? 6 : 9));
    page_text_corners(command, corner);
    for (int i = 0; i < 4; i++) {
        assert_true(corner[i].x > 40 && corner[i].x < page->width - 40);
        assert_true(corner[i].y > 20 && corner[i].y < page->height - 20);
    }
}

static void test_inside_the_margins(void **state) {
    (void)state;
    static const size_t sides[][2] = {{1, 1}, {6, 6}, {3, 20}, {40, 4}, {1, 48}, {48, 48}};
    for (size_t n = 0; n < sizeof sides / sizeof *sides; n++) {
        Sample *sample = sample_new(3, sides[n][0], sides[n][1], true);
        PageDoc *doc = pages_of(sample);
        for (size_t i = 0; i < page_count(doc); i++)
            for (size_t c = 0; c < page_at(doc, i)->count; c++)
                check_command(page_at(doc, i), &page_at(doc, i)->command[c]);
        page_doc_free(doc);
        sample_free(sample);
    }
}

static size_t count_text(const PageDoc *doc, const char *text) {
    size_t count = 0;
    for (size_t i = 0; i < page_count(doc); i++)
        for (size_t c = 0; c < page_at(doc, i)->count; c++) {
            const PageCommand *command = &page_at(doc, i)->command[c];
            count += command->kind == PAGE_TEXT && strcmp(command->as.text.text, text) == 0;
        }
    return count;
}

/* Every cell once, however the matrix is cut up. */
static void test_all_cells_are_there(void **state) {
    (void)state;
    for (size_t side = 1; side <= SIDE_MOST; side += 15) {
        Sample *sheet = sample_new(1, side, side, false), *key = sample_new(1, side, side, true);
        PageDoc *sheet_doc = pages_of(sheet), *key_doc = pages_of(key);
        const SheetMatrix *matrix = sheet->block[1].matrix;
        for (size_t n = 0; n < side * side; n++) {
            if (matrix->cell[n][strlen("−")] != '0')
                continue;
            assert_int_equal(count_text(sheet_doc, matrix->cell[n]), matrix->blank[n] ? 0 : 1);
            assert_int_equal(count_text(key_doc, matrix->cell[n]), 1);
        }
        page_doc_free(sheet_doc);
        page_doc_free(key_doc);
        sample_free(sheet);
        sample_free(key);
    }
}

static size_t count_on(const Page *page, const char *text) {
    size_t count = 0;
    for (size_t c = 0; c < page->count; c++)
        count += page->command[c].kind == PAGE_TEXT &&
                 strcmp(page->command[c].as.text.text, text) == 0;
    return count;
}

/* A question that fits a page is on one: its first and its last words stand on the same. */
static void test_questions_stay_whole(void **state) {
    (void)state;
    Sample *sample = sample_new(9, 8, 8, true);
    PageDoc *doc = pages_of(sample);
    size_t found = 0;
    assert_true(page_count(doc) > 2);
    for (size_t i = 0; i < page_count(doc); i++) {
        size_t begun = count_on(page_at(doc, i), "Q1"), ended = count_on(page_at(doc, i), "−7.86");
        assert_int_equal(begun, ended);
        assert_int_equal(count_on(page_at(doc, i), "Scores · seed 7"), 1);
        found += begun;
    }
    assert_int_equal(found, 9);
    page_doc_free(doc);
    sample_free(sample);
}

/* Lines over the whole width, but for those of head and foot. */
static size_t count_ruled(const PageDoc *doc) {
    size_t count = 0;
    for (size_t i = 0; i < page_count(doc); i++)
        for (size_t c = 0; c < page_at(doc, i)->count; c++) {
            const PageCommand *command = &page_at(doc, i)->command[c];
            count += command->kind == PAGE_LINE &&
                     command->as.point[1].x - command->as.point[0].x > 470;
        }
    return count - 1 - page_count(doc);
}

/* Wherever on the page they come to stand; and of many lines none is lost. */
static void test_words_stay_with_their_bullets(void **state) {
    (void)state;
    static const SheetSpan over = {SHEET_PLAIN, ROLE_NONE, "Over"};
    static const SheetSpan under = {SHEET_PLAIN, ROLE_NONE, "Under"};
    size_t pages = 0;
    for (size_t lines = 1; lines < 60; lines++) {
        Sample *sample = sample_new(1, 1, 1, true);
        sample->block[0] = (SheetBlock){.kind = SHEET_RULED, .count = lines};
        sample->block[1] = (SheetBlock){.kind = SHEET_PARAGRAPH, .span = &over, .count = 1};
        sample->block[2] = (SheetBlock){.kind = SHEET_BULLET, .span = &under, .count = 1};
        sample->part[0] = (SheetPart){NULL, sample->block, 3};
        PageDoc *doc = pages_of(sample);
        for (size_t i = 0; i < page_count(doc); i++)
            assert_int_equal(count_on(page_at(doc, i), "Over"), count_on(page_at(doc, i), "Under"));
        assert_int_equal(count_ruled(doc), lines);
        pages += page_count(doc);
        page_doc_free(doc);
        sample_free(sample);
    }
    assert_true(pages > 60 && pages < 180);
}

static void test_same_bytes(void **state) {
    (void)state;
    Buf first = {0}, second = {0};
    Err err;
    Sample *sample = sample_new(2, 5, 5, false);
    PageDoc *a = pages_of(sample), *b = pages_of(sample);
    assert_true(page_encode(a, PAGE_PDF, 1, &first, &err));
    assert_true(page_encode(b, PAGE_PDF, 1, &second, &err));
    assert_int_equal(first.size, second.size);
    assert_memory_equal(first.bytes, second.bytes, first.size);
    buf_free(&first);
    buf_free(&second);
    page_doc_free(a);
    page_doc_free(b);
    sample_free(sample);
}

static void test_save(void **state) {
    (void)state;
    Err err;
    Sample *sample = sample_new(2, 8, 9, getenv("SHEET_KEY") != NULL);
    const char *look = getenv("SHEET_LOOK");
    if (look)
        assert_true(sheet_save(&sample->doc, &ABOUT, look, &err));
    assert_false(sheet_save(&sample->doc, &ABOUT, "/nowhere/a.pdf", &err));
    assert_non_null(strstr(err.text, "/nowhere/a.pdf"));
    sample_free(sample);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_inside_the_margins),
        cmocka_unit_test(test_all_cells_are_there),
        cmocka_unit_test(test_questions_stay_whole),
        cmocka_unit_test(test_words_stay_with_their_bullets),
        cmocka_unit_test(test_same_bytes),
        cmocka_unit_test(test_save),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
