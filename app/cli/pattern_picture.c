/* The picture of a pattern: queries down, keys across, as the window has them. */
#include "app/cli/pattern.h"
#include "app/ui/theme.h"

#include <stdio.h>

enum {
    SIDE = 640, /* of the matrix, in points */
    LEFT = 96,
    TOP = 96,
    RIGHT = 32,
    BOTTOM = 72,
    TICKS = 8,
    CELLS_MOST = 640, /* along a side: two pixels each */
    FEW = 64          /* up to so many cells one sees each by itself */
};

static const Theme *const THEME = &THEME_LIGHT;

/* A cell with little in it must still be seen. */
static Color color_of(float share) {
    return share > 0 ? color_mix(THEME->panel, THEME->key, 0.3 + 0.7 * (double)share)
                     : THEME->panel;
}

/* Whole cells to a point, where the length allows it: else a fine pattern has stripes of its own. */
static size_t side_of(size_t n) {
    size_t each = (n + CELLS_MOST - 1) / CELLS_MOST;
    return (n + each - 1) / each;
}

static void draw_matrix(const Pattern *pattern, DrawList *list, Rect area) {
    size_t n = pattern->n, side = side_of(n);
    float *share = ARENA_NEW_N(list->arena, float, side *side);
    Color *argb = ARENA_NEW_N(list->arena, Color, side * side);
    pattern_shares(pattern->top, n, side, side, share);
    for (size_t i = 0; i < side * side; i++)
        argb[i] = color_of(share[i]);
    draw_rect(list, rect_inset(area, -1, -1), THEME->hatch);
    draw_rect(list, area, side <= FEW ? THEME->line : THEME->panel);
    draw_cells(
        list, area,
        (DrawCells){.columns = (int)side, .rows = (int)side, .argb = argb, .gaps = side <= FEW});
}

static void draw_right(DrawList *list, const TextMeasure *measure, float right, float baseline,
                       const char *text) {
    float width = text_width(measure, FONT_MONO, THEME_SIZE_LABEL, text);
    draw_text(list, FONT_MONO, THEME_SIZE_LABEL, THEME->secondary, right - width, baseline, text);
}

/* Round steps: 1, 2 or 5 times a power of ten. */
static size_t tick_step(size_t n) {
    size_t step = 1;
    for (int i = 0; n / step > TICKS; i++)
        step = i % 3 == 1 ? step / 2 * 5 : step * 2;
    return step;
}

/* A number at the middle of its cell. */
static void draw_axes(const Pattern *pattern, DrawList *list, const TextMeasure *measure,
                      Rect area) {
    float cell = (float)SIDE / (float)pattern->n;
    for (size_t at = 0, step = tick_step(pattern->n); at < pattern->n; at += step) {
        const char *text = text_count(list->arena, (int64_t)at);
        float middle = ((float)at + 0.5F) * cell, x = (float)area.x + middle;
        float y = (float)area.y + middle;
        float width = text_width(measure, FONT_MONO, THEME_SIZE_LABEL, text);
        draw_line(list, x, (float)area.y - 6, x, (float)area.y - 2, 1, DRAW_SOLID,
                  THEME->secondary);
        draw_line(list, (float)area.x - 6, y, (float)area.x - 2, y, 1, DRAW_SOLID,
                  THEME->secondary);
        draw_text(list, FONT_MONO, THEME_SIZE_LABEL, THEME->secondary, x - width / 2,
                  (float)area.y - 10, text);
        draw_right(list, measure, (float)area.x - 10,
                   text_baseline(measure, FONT_MONO, THEME_SIZE_LABEL, y - 8, 16), text);
    }
    draw_text(list, FONT_UI_BOLD, THEME_SIZE_LABEL, THEME->key, (float)area.x, (float)area.y - 30,
              "key →");
    draw_text_turned(list, FONT_UI_BOLD, THEME_SIZE_LABEL, THEME->query, (float)area.x - 66,
                     (float)area.y + 60, -90, "← query");
}

static void draw_words(const Pattern *pattern, DrawList *list, Rect area) {
    char share[96];
    const char *tokens = text_count(list->arena, (int64_t)pattern->n);
    const char *cells = text_count(list->arena, (int64_t)pattern->cells);
    snprintf(share, sizeof share, "%.3g %% of n², %.3g %% of n(n + 1)/2",
             100 * pattern->cells / pattern->full_cells,
             100 * pattern->cells / pattern->causal_cells);
    draw_text(list, FONT_UI_BOLD, THEME_SIZE_TITLE, THEME->text, (float)area.x, 36,
              arena_printf(list->arena, "%s, %s token%s", pattern->name, tokens,
                           pattern->n == 1 ? "" : "s"));
    draw_text(list, FONT_UI, THEME_SIZE_TEXT, THEME->text, (float)area.x,
              (float)(area.y + area.h + 28),
              arena_printf(list->arena, "%s cell%s seen: %s", cells, pattern->cells == 1 ? "" : "s",
                           share));
    double each = (double)pattern->n / (double)side_of(pattern->n);
    if (each > 1)
        draw_text(list, FONT_UI, THEME_SIZE_TEXT, THEME->secondary, (float)area.x,
                  (float)(area.y + area.h + 48),
                  arena_printf(list->arena,
                               "Each point is %.4g × %.4g cells; the darker, the more are seen.",
                               each, each));
}

static void draw(void *user, DrawList *list, const TextMeasure *measure) {
    const Pattern *pattern = user;
    Rect area = {LEFT, TOP, SIDE, SIDE};
    draw_matrix(pattern, list, area);
    draw_axes(pattern, list, measure, area);
    draw_words(pattern, list, area);
}

bool pattern_paint(Pattern *pattern, const char *path, CliPaint *paint, Err *err) {
    return paint(path, LEFT + SIDE + RIGHT, TOP + SIDE + BOTTOM, THEME->background, draw, pattern,
                 err);
}
