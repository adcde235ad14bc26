/* Figures: what is on the page is the record, and nothing of it is too small, cut off or in the way. */
#include "app/export/figure.h"
#include "tests/fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LAYERS = 3, HEADS = 4, LONGEST = 60, MANY = 180 };

static Model *model;
static const char *const WORDS[] = {"Lily", "·saw",    "·a",     "·강아지",
                                    "를",   "·wanted", "·<&\">", "."};

static const MaskParams *mask_of(const Trace *trace, const Node *node) {
    if (node->op == OP_SOFTMAX)
        node = &trace->graph.node[node->in[0].index];
    return node->op == OP_MASK ? &node->param.mask : NULL;
}

static Trace *run(size_t length) {
    Trace *trace = fixture_trace(model, length, &(RunOptions){0});
    for (size_t i = 0; i < length; i++)
        trace->own.label[i] = WORDS[i % (sizeof WORDS / sizeof *WORDS)];
    return trace;
}

/* What a figure is made from, with the nodes that it needs. */
typedef struct {
    FigureSpec spec;
    int node[LAYERS];
    size_t head;
} Wanted;

static void want(Wanted *wanted, const Trace *trace, FigureKind kind, const char *stage) {
    char name[80];
    *wanted = (Wanted){.head = 1};
    wanted->spec = (FigureSpec){.kind = kind,
                                .trace = trace,
                                .node = wanted->node,
                                .share = strcmp(stage, "attn.hook_pattern") == 0,
                                .mask = mask_of,
                                .title = "A title that is so long that it needs more than one line",
                                .caption = "model · “Lily saw a dog” · blocks.1.attn.hook_pattern",
                                .words = {"layer", "head", "masked", axis_name}};
    for (size_t layer = 0; layer < LAYERS; layer++) {
        snprintf(name, sizeof name, "blocks.%zu.%s", layer, stage);
        wanted->node[layer] = trace_find(trace, name);
        assert_true(wanted->node[layer] >= 0);
    }
    wanted->spec.nodes = kind == FIGURE_GRID ? LAYERS : 1;
    if (kind != FIGURE_GRID && trace->graph.node[wanted->node[0]].rank == 3)
        wanted->spec.head = &wanted->head;
}

static PageDoc *new_doc(void) {
    Err err;
    PageDoc *doc = page_doc_new(&err);
    assert_non_null(doc);
    return doc;
}

static Page *drawn(PageDoc *doc, const Wanted *wanted) {
    Err err;
    Page *page = figure_draw(doc, &wanted->spec, &err);
    if (!page)
        fail_msg("%s", err.text);
    return page;
}

/* ---- the layout ---- */

/* The corners of what is inked: from the descenders up to what is highest in any of the fonts. */
static void ink_of(const PageCommand *command, PagePoint corner[4]) {
    PageCommand inked = *command;
    inked.as.text.size.ascent = 0.8 * command->as.text.style.size;
    inked.as.text.size.descent = 0.22 * command->as.text.style.size;
    page_text_corners(&inked, corner);
}

/* Whether the directions of a's edges tell the two boxes apart. */
static bool apart(const PagePoint a[4], const PagePoint b[4]) {
    for (int edge = 0; edge < 2; edge++) {
        double dx = a[edge + 1].x - a[edge].x, dy = a[edge + 1].y - a[edge].y;
        double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
        for (int i = 0; i < 8; i++) {
            PagePoint p = i < 4 ? a[i] : b[i - 4];
            double along = p.x * dx + p.y * dy;
            low[i / 4] = fmin(low[i / 4], along);
            high[i / 4] = fmax(high[i / 4], along);
        }
        if (high[0] <= low[1] + 1e-6 || high[1] <= low[0] + 1e-6)
            return true;
    }
    return false;
}

static void check_text(const Page *page, size_t i, double least) {
    const PageCommand *command = &page->command[i];
    PagePoint own[4], other[4];
    if (command->kind != PAGE_TEXT)
        return;
    ink_of(command, own);
    if (command->as.text.style.size < least)
        fail_msg("“%s” has %g points", command->as.text.text, command->as.text.style.size);
    for (int k = 0; k < 4; k++)
        if (own[k].x < 2 || own[k].y < 2 || own[k].x > page->width - 2 ||
            own[k].y > page->height - 2)
            fail_msg("“%s” is cut off at %g %g of %g × %g", command->as.text.text, own[k].x,
                     own[k].y, page->width, page->height);
    for (size_t j = 0; j < i; j++) {
        if (page->command[j].kind != PAGE_TEXT)
            continue;
        ink_of(&page->command[j], other);
        if (!apart(own, other) && !apart(other, own))
            fail_msg("“%s” lies on “%s”", command->as.text.text, page->command[j].as.text.text);
    }
}

static bool inside(const Page *page, PageBox box) {
    return box.x >= 0 && box.y >= 0 && box.x + box.w <= page->width + 1e-6 &&
           box.y + box.h <= page->height + 1e-6;
}

static void check_page(const Page *page, FigureLayout layout) {
    double least = layout == FIGURE_SLIDE ? 14 : FIGURE_TYPE_LEAST;
    for (size_t i = 0; i < page->count; i++) {
        check_text(page, i, least);
        if (page->command[i].kind <= PAGE_FRAME || page->command[i].kind == PAGE_CELLS)
            assert_true(inside(page, page->command[i].box));
    }
}

static void check_layouts(const Trace *trace, FigureKind kind, const char *stage) {
    const double width[] = {50, 85, 120, 174, 300};
    Wanted wanted;
    want(&wanted, trace, kind, stage);
    for (size_t i = 0; i < 6; i++) {
        PageDoc *doc = new_doc();
        wanted.spec.layout = i < 5 ? FIGURE_PAPER : FIGURE_SLIDE;
        wanted.spec.width = i < 5 ? width[i] * FIGURE_MM : 0;
        wanted.spec.theme = (FigureTheme)(i % FIGURE_THEMES);
        Page *page = drawn(doc, &wanted);
        check_page(page, wanted.spec.layout);
        if (i < 5)
            assert_true(fabs(page->width - width[i] * FIGURE_MM) < 1e-6);
        else
            assert_true(page->width == 960 && page->height == 540);
        page_doc_free(doc);
    }
}

static void test_layout(void **state) {
    (void)state;
    const size_t length[] = {1, 2, 5, 8, 13, 21, 40, LONGEST};
    for (size_t i = 0; i < sizeof length / sizeof *length; i++) {
        Trace *trace = run(length[i]);
        check_layouts(trace, FIGURE_HEATMAP, "attn.hook_pattern");
        check_layouts(trace, FIGURE_HEATMAP, "attn.hook_attn_scores");
        check_layouts(trace, FIGURE_HEATMAP, "hook_resid_post");
        check_layouts(trace, FIGURE_HEATMAP, "ln1.hook_scale");
        check_layouts(trace, FIGURE_GRID, "attn.hook_pattern");
        check_layouts(trace, FIGURE_GRID, "attn.hook_q");
        check_layouts(trace, FIGURE_GRID, "hook_resid_post");
        check_layouts(trace, FIGURE_LINES, "attn.hook_pattern");
        trace_free(trace);
    }
}

/* Where rows are lower than their labels, and labels narrower than what stands above them. */
static void test_many_short_labels(void **state) {
    (void)state;
    Trace *trace = run(MANY);
    for (size_t i = 0; i < MANY; i++)
        trace->own.label[i] = i % 2 ? "a" : "j";
    check_layouts(trace, FIGURE_HEATMAP, "attn.hook_pattern");
    check_layouts(trace, FIGURE_LINES, "attn.hook_pattern");
    check_layouts(trace, FIGURE_HEATMAP, "hook_resid_post");
    trace_free(trace);
}

static void test_no_words(void **state) {
    (void)state;
    Trace *trace = run(5);
    Wanted wanted;
    want(&wanted, trace, FIGURE_HEATMAP, "attn.hook_pattern");
    PageDoc *doc = new_doc();
    double with = drawn(doc, &wanted)->height;
    wanted.spec.title = wanted.spec.caption = "";
    assert_true(drawn(doc, &wanted)->height < with - 20);
    page_doc_free(doc);
    trace_free(trace);
}

/* ---- what is shown ---- */

static const PageCommand *find_text(const Page *page, const char *text) {
    for (size_t i = 0; i < page->count; i++)
        if (page->command[i].kind == PAGE_TEXT && strcmp(page->command[i].as.text.text, text) == 0)
            return &page->command[i];
    return NULL;
}

static const PageCommand *find_cells(const Page *page, size_t number) {
    for (size_t i = 0; i < page->count; i++)
        if (page->command[i].kind == PAGE_CELLS && number-- == 0)
            return &page->command[i];
    return NULL;
}

static double value_of(const Wanted *wanted, size_t head, size_t row, size_t column) {
    return trace_get(wanted->spec.trace, wanted->node[0], (size_t[]){head, row, column});
}

static void limits_of(const Wanted *wanted, size_t length, double *low, double *high) {
    *low = INFINITY;
    *high = -INFINITY;
    for (size_t row = 0; row < length; row++)
        for (size_t column = 0; column <= row; column++) {
            *low = fmin(*low, value_of(wanted, 1, row, column));
            *high = fmax(*high, value_of(wanted, 1, row, column));
        }
}

static const char *limit_text(Arena *arena, double value) {
    double size = fabs(value);
    if (value == 0)
        return "0";
    if (size < 1e-3)
        return arena_printf(arena, "%s%s", value < 0 ? "−" : "", text_power(arena, size));
    return text_number(arena, value, text_decimals(size));
}

static Color color_of(const Wanted *wanted, double value, double low, double high) {
    const Theme *theme = wanted->spec.theme == FIGURE_DARK ? &THEME_DARK : &THEME_LIGHT;
    return wanted->spec.share ? theme_sequential(value / high)
                              : theme_diverging(theme, value / fmax(fabs(low), fabs(high)));
}

static void check_values(const char *stage, FigureTheme theme) {
    enum { N = 9 };
    Trace *trace = run(N);
    Wanted wanted;
    Arena arena = {0};
    double low, high;
    want(&wanted, trace, FIGURE_HEATMAP, stage);
    wanted.spec.theme = theme;
    limits_of(&wanted, N, &low, &high);
    PageDoc *doc = new_doc();
    Page *page = drawn(doc, &wanted);
    const PageCells *cells = &find_cells(page, 0)->as.cells;
    assert_true(cells->rows == N && cells->columns == N && cells->crossed);
    for (size_t i = 0; i < N * N; i++) {
        bool masked = i % N > i / N;
        Color ground = theme == FIGURE_DARK ? THEME_DARK.masked : THEME_LIGHT.masked;
        assert_int_equal(cells->crossed[i], masked);
        assert_int_equal(cells->argb[i],
                         masked ? ground
                                : color_of(&wanted, value_of(&wanted, 1, i / N, i % N), low, high));
    }
    assert_non_null(find_text(page, limit_text(&arena, low)));
    assert_non_null(find_text(page, limit_text(&arena, high)));
    assert_non_null(find_text(page, "masked"));
    assert_non_null(find_text(page, "query"));
    assert_non_null(find_text(page, "key"));
    const PageCells *bar = &find_cells(page, 1)->as.cells;
    assert_int_equal(bar->argb[0], color_of(&wanted, high, low, high));
    assert_int_equal(bar->argb[bar->rows - 1], color_of(&wanted, low, low, high));
    arena_free(&arena);
    page_doc_free(doc);
    trace_free(trace);
}

static void test_values(void **state) {
    (void)state;
    check_values("attn.hook_pattern", FIGURE_LIGHT);
    check_values("attn.hook_pattern", FIGURE_DARK);
    check_values("attn.hook_attn_scores", FIGURE_TRANSPARENT);
    check_values("attn.hook_attn_scores", FIGURE_DARK);
}

/* Each row's label stands at its row's middle, each column's at its column's. */
static void test_labels_stand_at_their_cells(void **state) {
    (void)state;
    enum { N = 8 };
    Trace *trace = run(N);
    Wanted wanted;
    want(&wanted, trace, FIGURE_HEATMAP, "attn.hook_pattern");
    wanted.spec.width = 174 * FIGURE_MM;
    PageDoc *doc = new_doc();
    Page *page = drawn(doc, &wanted);
    PageBox box = find_cells(page, 0)->box;
    size_t rows = 0, columns = 0;
    for (size_t i = 0; i < page->count; i++) {
        const PageCommand *command = &page->command[i];
        if (command->kind != PAGE_TEXT || command->as.text.style.font != FONT_MONO)
            continue;
        double cap = page_cap(doc, command->as.text.style);
        if (command->as.text.x < box.x) {
            double middle = box.y + box.h / N * ((double)rows + 0.5);
            assert_true(fabs(command->as.text.baseline - cap / 2 - middle) < 1e-6);
            assert_string_equal(command->as.text.text, WORDS[rows++]);
        } else if (command->as.text.baseline < box.y) {
            double middle = box.x + box.w / N * ((double)columns + 0.5);
            assert_true(fabs(command->as.text.x - middle) < cap);
            assert_string_equal(command->as.text.text, WORDS[columns++]);
        }
    }
    assert_true(rows == N && columns == N);
    page_doc_free(doc);
    trace_free(trace);
}

static void test_numbers_in_large_cells(void **state) {
    (void)state;
    Trace *trace = run(4);
    Wanted wanted;
    want(&wanted, trace, FIGURE_HEATMAP, "attn.hook_pattern");
    wanted.spec.width = 120 * FIGURE_MM;
    PageDoc *doc = new_doc();
    Arena arena = {0};
    Page *page = drawn(doc, &wanted);
    for (size_t row = 0; row < 4; row++)
        for (size_t column = 0; column <= row; column++)
            assert_non_null(
                find_text(page, text_number(&arena, value_of(&wanted, 1, row, column), 2)));
    arena_free(&arena);
    page_doc_free(doc);
    trace_free(trace);
}

static void test_grid_has_every_head_on_one_scale(void **state) {
    (void)state;
    enum { N = 6 };
    Trace *trace = run(N);
    Wanted wanted;
    want(&wanted, trace, FIGURE_GRID, "attn.hook_q");
    size_t D = trace->graph.node[wanted.node[0]].dim[2];
    double largest = 0;
    for (size_t layer = 0; layer < LAYERS; layer++)
        for (size_t i = 0; i < N * HEADS * D; i++)
            largest = fmax(largest,
                           fabs(trace_get(trace, wanted.node[layer],
                                          (size_t[]){i / HEADS / D, i / D % HEADS, i % D})));
    PageDoc *doc = new_doc();
    Page *page = drawn(doc, &wanted);
    for (size_t panel = 0; panel < (size_t)LAYERS * HEADS; panel++) {
        const PageCells *cells = &find_cells(page, panel)->as.cells;
        assert_true(cells->rows == N && cells->columns == D);
        for (size_t i = 0; i < N * D; i++) {
            double value = trace_get(trace, wanted.node[panel / HEADS],
                                     (size_t[]){i / D, panel % HEADS, i % D});
            assert_int_equal(cells->argb[i], theme_diverging(&THEME_LIGHT, value / largest));
        }
    }
    assert_int_equal(find_cells(page, LAYERS * HEADS)->as.cells.columns, 1); /* one bar … */
    assert_null(find_cells(page, LAYERS * HEADS + 1));
    assert_true(find_text(page, "layer") && find_text(page, "head"));
    page_doc_free(doc);
    trace_free(trace);
}

static void test_lines_are_as_wide_as_their_weights(void **state) {
    (void)state;
    enum { N = 7 };
    Trace *trace = run(N);
    Wanted wanted;
    double low, high, before = 0;
    want(&wanted, trace, FIGURE_LINES, "attn.hook_pattern");
    limits_of(&wanted, N, &low, &high);
    size_t expected = 0, found = 0;
    for (size_t i = 0; i < N * N; i++)
        expected += i % N <= i / N && value_of(&wanted, 1, i / N, i % N) > 0.01 * high;
    PageDoc *doc = new_doc();
    Page *page = drawn(doc, &wanted);
    for (size_t i = 0; i < page->count; i++) {
        if (page->command[i].kind != PAGE_CURVE)
            continue;
        found++;
        assert_true(page->command[i].thickness >= before);
        assert_true(page->command[i].as.point[0].x < page->command[i].as.point[3].x);
        before = page->command[i].thickness;
    }
    assert_int_equal(found, expected);
    assert_true(found >= N);
    page_doc_free(doc);
    trace_free(trace);
}

/* ---- the same again, and what can't be ---- */

static void test_same_bytes(void **state) {
    (void)state;
    Trace *trace = run(12);
    Wanted wanted;
    for (FigureKind kind = FIGURE_HEATMAP; kind < FIGURE_KINDS; kind++)
        for (PageFormat format = PAGE_PNG; format <= PAGE_PDF; format++) {
            Buf bytes[2] = {{0}, {0}};
            want(&wanted, trace, kind, "attn.hook_pattern");
            for (int i = 0; i < 2; i++) {
                PageDoc *doc = new_doc();
                drawn(doc, &wanted);
                assert_true(page_encode(doc, format, 1, &bytes[i], NULL));
                page_doc_free(doc);
            }
            assert_int_equal(bytes[0].size, bytes[1].size);
            assert_memory_equal(bytes[0].bytes, bytes[1].bytes, bytes[0].size);
            buf_free(&bytes[0]);
            buf_free(&bytes[1]);
        }
    trace_free(trace);
}

static void check_refused(const Wanted *wanted, const char *part) {
    Err err = {0};
    PageDoc *doc = new_doc();
    assert_null(figure_draw(doc, &wanted->spec, &err));
    if (!strstr(err.text, part))
        fail_msg("“%s” is not in “%s”", part, err.text);
    page_doc_free(doc);
}

static void test_too_large(void **state) {
    (void)state;
    Trace *trace = run(LONGEST);
    Wanted wanted;
    want(&wanted, trace, FIGURE_HEATMAP, "attn.hook_pattern");
    wanted.spec.pixel = 20;
    check_refused(&wanted, "blocks.0.attn.hook_pattern: a cell of 60 × 60 would be smaller than a "
                           "pixel");
    wanted.spec.width = 10;
    check_refused(&wanted, "a width of 3.528 mm, expected 30 to 1000");
    want(&wanted, trace, FIGURE_HEATMAP, "attn.hook_q"); /* numbers as labels, and no room at all */
    wanted.spec.width = FIGURE_WIDTH_LEAST;
    check_refused(&wanted, "cells are too many for 69 × 121 points: each would have 0.00");
    want(&wanted, trace, FIGURE_GRID, "attn.hook_pattern");
    int many[100];
    for (size_t i = 0; i < 100; i++)
        many[i] = wanted.node[0];
    wanted.spec.node = many;
    wanted.spec.nodes = 100;
    check_refused(&wanted, "100 × 4 matrices are too many");
    trace_free(trace);
}

static void check_possible(FigureKind kind, const char *record, const size_t *head, bool share,
                           const char *part) {
    Trace *trace = run(3);
    Err err = {0};
    bool ok = figure_possible(kind, &trace->graph.node[trace_find(trace, record)], head, share,
                              &err);
    if (ok != !part || (part && !strstr(err.text, part)))
        fail_msg("%s: “%s”, expected “%s”", record, err.text, part ? part : "");
    trace_free(trace);
}

static void test_possible(void **state) {
    (void)state;
    const size_t two = 2, four = 4;
    check_possible(FIGURE_HEATMAP, "blocks.0.attn.hook_pattern", &two, true, NULL);
    check_possible(FIGURE_HEATMAP, "logits", NULL, false, NULL);
    check_possible(FIGURE_HEATMAP, "hook_tokens", NULL, false,
                   "hook_tokens has 1 axis (position 3): a figure shows two");
    check_possible(FIGURE_HEATMAP, "blocks.0.attn.hook_pattern", NULL, true,
                   "has 3 axes (head 4 × query 3 × key 3): a figure shows two, so one head must be "
                   "picked");
    check_possible(FIGURE_HEATMAP, "blocks.0.attn.hook_pattern", &four, true,
                   "head 4: blocks.0.attn.hook_pattern has 4 heads, expected 0 to 3");
    check_possible(FIGURE_HEATMAP, "logits", &two, false, "head 2: logits has no heads");
    check_possible(FIGURE_GRID, "blocks.0.attn.hook_pattern", NULL, true, NULL);
    check_possible(FIGURE_GRID, "blocks.0.attn.hook_pattern", &two, true,
                   "a grid shows all heads: head 2 can't be picked");
    check_possible(FIGURE_LINES, "blocks.0.attn.hook_pattern", &two, true, NULL);
    check_possible(FIGURE_LINES, "blocks.0.attn.hook_attn_scores", &two, false,
                   "is no attention pattern");
    check_possible(FIGURE_LINES, "blocks.0.hook_resid_pre", NULL, false, "is no attention pattern");
}

static int open_model(void **state) {
    (void)state;
    model = fixture_model(&(TinyModel){.n_layers = LAYERS,
                                       .n_heads = HEADS,
                                       .d_model = 32,
                                       .n_vocab = 40,
                                       .n_ctx = MANY,
                                       .tokenizer = true});
    return 0;
}

static int close_model(void **state) {
    (void)state;
    model_close(model);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layout),
        cmocka_unit_test(test_many_short_labels),
        cmocka_unit_test(test_no_words),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_labels_stand_at_their_cells),
        cmocka_unit_test(test_numbers_in_large_cells),
        cmocka_unit_test(test_grid_has_every_head_on_one_scale),
        cmocka_unit_test(test_lines_are_as_wide_as_their_weights),
        cmocka_unit_test(test_same_bytes),
        cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_possible),
    };
    return cmocka_run_group_tests(tests, open_model, close_model);
}
