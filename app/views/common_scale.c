#include "app/views/common_scale.h"

#include <math.h>

Scale scale_of(const Matrix *matrix, ScaleKind kind) {
    Scale scale = {.kind = kind};
    scale.any = matrix_limits(matrix, &scale.low, &scale.high);
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
    return scale->high < 0.0095 ? 4 : scale->high < 0.095 ? 2 : 1;
}

const char *scale_number(Arena *arena, const Scale *scale, double value) {
    if (scale->kind == SCALE_SHARE)
        return text_percent(arena, value, scale_decimals(scale));
    return text_number(arena, value, scale_decimals(scale));
}

enum { BAR_WIDTH = 12, BAR_GAP = 6, BAR_CELLS = 64 };

static void bar_label(Ui *ui, Rect bar, int y, const char *text) {
    const TextMeasure *measure = ui_measure(ui);
    float baseline = text_baseline(measure, FONT_MONO, THEME_SIZE_SMALL, (float)(y - 7), 14);
    draw_text(ui_list(ui), FONT_MONO, THEME_SIZE_SMALL, ui_theme(ui)->secondary,
              (float)(bar.x + BAR_WIDTH + BAR_GAP), baseline, text);
}

void scale_bar(Ui *ui, Rect rect, const Scale *scale) {
    if (!scale->any || rect.h < 24)
        return;
    Arena *arena = ui_arena(ui);
    Rect bar = {rect.x, rect.y + 6, BAR_WIDTH, rect.h - 12};
    if (scale->low == scale->high) {
        draw_rect(ui_list(ui), (Rect){bar.x, bar.y, BAR_WIDTH, BAR_WIDTH},
                  scale_color(ui_theme(ui), scale, scale->low));
        bar_label(ui, bar, bar.y + BAR_WIDTH / 2, scale_number(arena, scale, scale->low));
        return;
    }
    Color *cells = ARENA_NEW_N(arena, Color, BAR_CELLS);
    double span = scale->high - scale->low;
    for (int i = 0; i < BAR_CELLS; i++)
        cells[i] = scale_color(ui_theme(ui), scale,
                               scale->high - span * (double)i / (double)(BAR_CELLS - 1));
    draw_cells(ui_list(ui), bar, (DrawCells){.columns = 1, .rows = BAR_CELLS, .argb = cells});
    draw_frame(ui_list(ui), bar, 0, 1, DRAW_SOLID, ui_theme(ui)->line);
    bar_label(ui, bar, bar.y, scale_number(arena, scale, scale->high));
    bar_label(ui, bar, bar.y + bar.h, scale_number(arena, scale, scale->low));
    int zero = bar.y + (int)lround(scale->high / span * bar.h);
    if (scale->low < 0 && scale->high > 0 && zero - bar.y > 14 && bar.y + bar.h - zero > 14)
        bar_label(ui, bar, zero, "0");
}

void scale_bar_across(Ui *ui, Rect rect, const Scale *scale) {
    if (!scale->any)
        return;
    const TextMeasure *measure = ui_measure(ui);
    Color color = ui_theme(ui)->secondary;
    const char *low = scale_number(ui_arena(ui), scale, scale->low);
    const char *high = scale_number(ui_arena(ui), scale, scale->high);
    int ends[2] = {(int)text_width(measure, FONT_MONO, THEME_SIZE_SMALL, low) + BAR_GAP,
                   (int)text_width(measure, FONT_MONO, THEME_SIZE_SMALL, high) + BAR_GAP};
    ui_label(ui, rect_cut_left(&rect, ends[0]), UI_ALIGN_LEFT, FONT_MONO, THEME_SIZE_SMALL, color,
             low);
    ui_label(ui, rect_cut_right(&rect, ends[1]), UI_ALIGN_RIGHT, FONT_MONO, THEME_SIZE_SMALL, color,
             high);
    Rect bar = rect_inset(rect, 0, (rect.h - 8) / 2);
    Color *cells = ARENA_NEW_N(ui_arena(ui), Color, BAR_CELLS);
    for (int i = 0; i < BAR_CELLS; i++)
        cells[i] = scale_color(ui_theme(ui), scale,
                               scale->low + (scale->high - scale->low) * (double)i /
                                                (double)(BAR_CELLS - 1));
    draw_cells(ui_list(ui), bar, (DrawCells){.columns = BAR_CELLS, .rows = 1, .argb = cells});
}
