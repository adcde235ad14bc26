/* What a figure's cells show: values, limits and colours. */
#include "app/export/figure_part.h"

#include <math.h>

bool fig_panel_take(const FigureSpec *spec, int node, const size_t *head, Panel *panel, Err *err) {
    const Node *record = &spec->trace->graph.node[node];
    if (!data_take(spec->trace, node, head, &panel->table, err))
        return false;
    panel->mask = spec->mask ? spec->mask(spec->trace, record) : NULL;
    panel->rows = panel->table.tensor.dim[0];
    panel->columns = panel->table.tensor.dim[1];
    return true;
}

double fig_panel_get(const Panel *panel, size_t row, size_t column) {
    return tensor_get(&panel->table.tensor, (size_t[]){row, column});
}

bool fig_panel_masked(const Panel *panel, size_t row, size_t column) {
    double value = fig_panel_get(panel, row, column);
    return (isinf(value) && value < 0) || (panel->mask && !mask_allows(panel->mask, row, column));
}

void fig_limits_add(Limits *limits, const Panel *panel) {
    for (size_t row = 0; row < panel->rows; row++)
        for (size_t column = 0; column < panel->columns; column++) {
            double value = fig_panel_get(panel, row, column);
            if (fig_panel_masked(panel, row, column)) {
                limits->masked = true;
            } else if (isfinite(value)) {
                limits->low = limits->any ? fmin(limits->low, value) : value;
                limits->high = limits->any ? fmax(limits->high, value) : value;
                limits->any = true;
            }
        }
}

Color fig_limits_color(const Limits *limits, const Theme *theme, double value) {
    double largest = limits->share ? limits->high : fmax(fabs(limits->low), fabs(limits->high));
    double share = largest > 0 ? value / largest : value == 0 ? 0 : value;
    if (!isfinite(value))
        return theme->error;
    return limits->share ? theme_sequential(share) : theme_diverging(theme, share);
}

const char *fig_limits_number(Arena *arena, double value) {
    double size = fabs(value);
    if (value == 0)
        return "0";
    if (size < 1e-3)
        return arena_printf(arena, "%s%s", value < 0 ? "−" : "", text_power(arena, size));
    return text_number(arena, value, text_decimals(size));
}

enum { CROSSED_LEAST = 3 }; /* points of a cell */

void fig_panel_draw(Figure *figure, const Panel *panel, const Limits *limits, PageBox box) {
    size_t count = panel->rows * panel->columns;
    Arena arena = {0};
    Color *argb = ARENA_NEW_N(&arena, Color, count);
    uint8_t *crossed = ARENA_NEW_N(&arena, uint8_t, count);
    double cell = fmin(box.w / (double)panel->columns, box.h / (double)panel->rows);
    for (size_t i = 0; i < count; i++) {
        size_t row = i / panel->columns, column = i % panel->columns;
        bool masked = fig_panel_masked(panel, row, column);
        crossed[i] = masked;
        argb[i] = masked
                      ? figure->theme->masked
                      : fig_limits_color(limits, figure->theme, fig_panel_get(panel, row, column));
    }
    double t = figure->line;
    PageBox around = {box.x - t, box.y - t, box.w + 2 * t, box.h + 2 * t};
    page_cells(figure->page, box,
               (PageCells){.columns = panel->columns,
                           .rows = panel->rows,
                           .argb = argb,
                           .crossed = cell >= CROSSED_LEAST ? crossed : NULL,
                           .cross = figure->theme->hatch});
    page_frame(figure->page, around, 0, t, figure->theme->hatch);
    arena_free(&arena);
}
