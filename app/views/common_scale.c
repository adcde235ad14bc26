#include "app/views/common_scale.h"

#include <math.h>

Scale scale_of(Found *found, const Matrix *matrix, ScaleKind kind) {
    Scale scale = {.kind = kind};
    scale.any = found_limits(found, matrix, &scale.low, &scale.high);
    if (kind == SCALE_SHARE)
        scale.low = 0;
    return scale;
}

static double magnitude(const Scale *scale) {
    return fmax(fabs(scale->low), fabs(scale->high));
}

Color scale_color(const Theme *theme, const Scale *scale, double value) {
    double largest = magnitude(scale);
    double share = largest > 0 ? value / largest : value == 0 ? 0 : value;
    return scale->kind == SCALE_SHARE ? theme_sequential(share) : theme_diverging(theme, share);
}

int scale_decimals(const Scale *scale) {
    if (scale->kind == SCALE_SIGNED)
        return text_decimals(magnitude(scale));
    return text_share_decimals(scale->high);
}

const char *scale_number(Arena *arena, const Scale *scale, double value) {
    if (scale->kind == SCALE_SHARE)
        return text_percent(arena, value, scale_decimals(scale));
    return text_number(arena, value, scale_decimals(scale));
}

const char *scale_with_decimals(Arena *arena, ScaleKind kind, double value, int decimals) {
    double least = pow(10, -decimals);
    if (kind != SCALE_SHARE)
        return text_number(arena, value, decimals);
    if (value > 0 && value * 100 < least / 2) /* what isn't 0 is not shown as 0 */
        return arena_printf(arena, "< %.*f %%", decimals, least);
    return text_percent(arena, value, decimals);
}

const char *scale_value(Arena *arena, ScaleKind kind, double value) {
    return kind == SCALE_SIGNED ? text_alone(arena, value) : text_share(arena, value);
}

/* How many neighbours look alike though they differ. */
static int alike(const double *value, int count, double unit) {
    int same = 0;
    for (int i = 1; i < count; i++)
        same += isfinite(value[i]) && value[i] != value[i - 1] &&
                round(value[i] / unit) == round(value[i - 1] / unit);
    return same;
}

enum { MORE_DECIMALS = 2 };

int scale_list_decimals(const Scale *scale, const double *value, int count) {
    int base = scale_decimals(scale), best = base, least = count;
    for (int more = 0; more <= MORE_DECIMALS; more++) {
        double unit = pow(10, -(base + more)) / (scale->kind == SCALE_SHARE ? 100 : 1);
        int same = alike(value, count, unit);
        if (same < least) {
            least = same;
            best = base + more;
        }
    }
    return best;
}

void scale_join(Scale *a, Scale *b) {
    Scale both = a->any ? *a : *b;
    if (a->any && b->any) {
        both.low = fmin(a->low, b->low);
        both.high = fmax(a->high, b->high);
    }
    a->low = b->low = both.low;
    a->high = b->high = both.high;
    a->any = b->any = both.any;
}

enum { BAR_WIDTH = 12, BAR_GAP = 6, BAR_CELLS = 64 };

static void bar_label(Ui *ui, Rect bar, int y, const char *text) {
    const TextMeasure *measure = ui_measure(ui);
    float baseline = text_baseline(measure, FONT_MONO, THEME_SIZE_SMALL, (float)(y - 7), 14);
    draw_text(ui_list(ui), FONT_MONO, THEME_SIZE_SMALL, ui_theme(ui)->secondary,
              (float)(bar.x + BAR_WIDTH + BAR_GAP), baseline, text);
}

/* A scale that is open shows both directions alike: it must not tell what is still to come. */
static Color bar_color(Ui *ui, const Scale *scale, double at) {
    double low = scale->low, high = scale->high;
    if (scale->open && scale->kind == SCALE_SIGNED) {
        high = magnitude(scale);
        low = -high;
    }
    return scale_color(ui_theme(ui), scale, low + (high - low) * at);
}

static const char *limit_text(Arena *arena, const Scale *scale, double value) {
    return scale->open ? "…" : scale_number(arena, scale, value);
}

enum { LABEL_LINE = 12 };

static void bar_labels(Ui *ui, Rect bar, const Scale *scale) {
    Arena *arena = ui_arena(ui);
    int top = bar.y, bottom = bar.y + bar.h;
    bool crosses = scale->low < 0 && scale->high > 0;
    int zero = scale->open ? bar.y + bar.h / 2
                           : bar.y + (int)lround(scale->high / (scale->high - scale->low) * bar.h);
    if (crosses && !scale->open) {
        top = zero - top < LABEL_LINE ? zero - LABEL_LINE : top;
        bottom = bottom - zero < LABEL_LINE ? zero + LABEL_LINE : bottom;
    }
    bar_label(ui, bar, top, limit_text(arena, scale, scale->high));
    bar_label(ui, bar, bottom, limit_text(arena, scale, scale->low));
    if (crosses || (scale->open && scale->kind == SCALE_SIGNED))
        bar_label(ui, bar, zero, "0");
}

void scale_bar(Ui *ui, Rect rect, const Scale *scale) {
    if (!scale->any || rect.h < 24)
        return;
    Arena *arena = ui_arena(ui);
    Rect bar = {rect.x, rect.y + 6, BAR_WIDTH, rect.h - 12};
    if (scale->low == scale->high && !scale->open) {
        draw_rect(ui_list(ui), (Rect){bar.x, bar.y, BAR_WIDTH, BAR_WIDTH},
                  scale_color(ui_theme(ui), scale, scale->low));
        bar_label(ui, bar, bar.y + BAR_WIDTH / 2, scale_number(arena, scale, scale->low));
        return;
    }
    Color *cells = ARENA_NEW_N(arena, Color, BAR_CELLS);
    for (int i = 0; i < BAR_CELLS; i++)
        cells[i] = bar_color(ui, scale, 1 - (double)i / (double)(BAR_CELLS - 1));
    draw_cells(ui_list(ui), bar, (DrawCells){.columns = 1, .rows = BAR_CELLS, .argb = cells});
    draw_frame(ui_list(ui), bar, 0, 1, DRAW_SOLID, ui_theme(ui)->line);
    bar_labels(ui, bar, scale);
}

void scale_bar_across(Ui *ui, Rect rect, const Scale *scale) {
    if (!scale->any)
        return;
    const TextMeasure *measure = ui_measure(ui);
    Color color = ui_theme(ui)->secondary;
    const char *low = limit_text(ui_arena(ui), scale, scale->low);
    const char *high = limit_text(ui_arena(ui), scale, scale->high);
    int ends[2] = {(int)text_width(measure, FONT_MONO, THEME_SIZE_SMALL, low) + BAR_GAP,
                   (int)text_width(measure, FONT_MONO, THEME_SIZE_SMALL, high) + BAR_GAP};
    ui_label(ui, rect_cut_left(&rect, ends[0]), UI_ALIGN_LEFT, FONT_MONO, THEME_SIZE_SMALL, color,
             low);
    ui_label(ui, rect_cut_right(&rect, ends[1]), UI_ALIGN_RIGHT, FONT_MONO, THEME_SIZE_SMALL, color,
             high);
    Rect bar = rect_inset(rect, 0, (rect.h - 8) / 2);
    Color *cells = ARENA_NEW_N(ui_arena(ui), Color, BAR_CELLS);
    for (int i = 0; i < BAR_CELLS; i++)
        cells[i] = bar_color(ui, scale, (double)i / (double)(BAR_CELLS - 1));
    draw_cells(ui_list(ui), bar, (DrawCells){.columns = BAR_CELLS, .rows = 1, .argb = cells});
}
