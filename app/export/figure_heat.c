/* One matrix, a cell a number. */
#include "app/export/figure_part.h"

#include <math.h>

enum { VALUES_MOST = 400 }; /* cells in which the number itself is written, where it has room */

typedef struct {
    Panel panel;
    Limits limits;
    Labels rows, columns;
    Bar bar;
    double left, right, top; /* round the cells */
    double cell_width, cell_height;
} Heat;

/* Cells of tokens by tokens are square; else a row is as high as its label. */
static bool is_square(const Panel *panel) {
    return axis_is_position(panel->table.axis[0]) && axis_is_position(panel->table.axis[1]);
}

/* The labels above need what the cells leave, and the cells what the labels leave: the labels get
 * what they asked for last, and settle within a few rounds. */
static void fit(Figure *figure, Heat *heat) {
    double size = figure->label.size, most = 4.5 * size;
    PageBox room = figure->room;
    heat->cell_width = most;
    for (int round = 0; round < 5; round++) {
        fig_labels_fit_columns(figure, &heat->columns, heat->cell_width);
        heat->top = fig_labels_columns_height(figure, &heat->columns);
        heat->left = fig_labels_rows_width(figure, &heat->rows);
        heat->right = heat->bar.width > 0 ? heat->bar.width + 2 * figure->gap : 0;
        heat->right = fmax(heat->right, heat->columns.over);
        double width = (room.w - heat->left - heat->right) / (double)heat->panel.columns;
        double height = (room.h - heat->top) / (double)heat->panel.rows;
        heat->cell_width = fmin(width, most);
        heat->cell_height = fmin(height, 1.6 * size);
        if (is_square(&heat->panel))
            heat->cell_width = heat->cell_height = fmin(heat->cell_width, height);
        fig_labels_fit_rows(figure, &heat->rows, heat->cell_height);
    }
}

static const char *cell_number(Arena *arena, double value, int decimals) {
    return text_number(arena, value, decimals);
}

/* The numbers themselves, in a figure of few cells. */
static void draw_values(Figure *figure, const Heat *heat, PageBox box) {
    Arena *arena = page_arena(figure->doc);
    double largest = fmax(fabs(heat->limits.low), fabs(heat->limits.high));
    int decimals = largest < 10 ? 2 : largest < 100 ? 1 : 0;
    PageStyle style = figure->label;
    style.anchor = PAGE_MIDDLE;
    const char *widest = cell_number(arena, heat->limits.low < 0 ? -largest : largest, decimals);
    double needed = page_measure(figure->doc, style, widest).width + figure->gap;
    size_t columns = heat->panel.columns, count = heat->panel.rows * columns;
    if (count > VALUES_MOST || needed > heat->cell_width || heat->cell_height < 1.5 * style.size)
        return;
    for (size_t i = 0; i < count; i++) {
        size_t row = i / columns, column = i % columns;
        double value = fig_panel_get(&heat->panel, row, column);
        if (fig_panel_masked(&heat->panel, row, column))
            continue;
        style.color = theme_on_cell(fig_limits_color(&heat->limits, figure->theme, value));
        page_text(figure->page, style, box.x + heat->cell_width * ((double)column + 0.5),
                  box.y + heat->cell_height * ((double)row + 0.5) +
                      page_cap(figure->doc, style) / 2,
                  cell_number(arena, value, decimals));
    }
}

bool figure_heatmap(Figure *figure, Err *err) {
    const FigureSpec *spec = figure->spec;
    double widest = 0.25 * figure->room.w;
    Heat heat = {.limits = {.share = spec->share}};
    if (!fig_panel_take(spec, spec->node[0], spec->head, &heat.panel, err))
        return false;
    fig_limits_add(&heat.limits, &heat.panel);
    heat.rows = fig_labels_of(figure, &heat.panel.table, 0, widest);
    heat.columns = fig_labels_of(figure, &heat.panel.table, 1, widest);
    heat.bar = fig_bar_of(figure, &heat.limits);
    fit(figure, &heat);
    if (!figure_cells_fit(figure, &heat.panel, heat.cell_width, heat.cell_height, err))
        return false;
    double width = heat.cell_width * (double)heat.panel.columns;
    double height = heat.cell_height * (double)heat.panel.rows;
    double spare = figure->room.w - heat.left - width - heat.right;
    PageBox box = {figure->room.x + heat.left + spare / 2, figure->room.y + heat.top, width,
                   height};
    fig_panel_draw(figure, &heat.panel, &heat.limits, box);
    draw_values(figure, &heat, box);
    double below = fig_labels_draw_rows(figure, &heat.rows, box);
    fig_labels_draw_columns(figure, &heat.columns, box);
    double bar = fig_bar_draw(figure, &heat.bar, box.x + width + 2 * figure->gap, box.y, height);
    figure->bottom = fmax(below, bar);
    return true;
}
