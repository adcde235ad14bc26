/* A stage in all layers and heads, side by side, on one scale. */
#include "app/export/figure_part.h"

#include <math.h>

typedef struct {
    size_t down, across; /* panels: layers × heads; of a stage without heads 1 × layers */
    Panel *panel;        /* [down × across] */
    Limits limits;
    Labels rows, columns;
    Bar bar;
    double left, right, top, gap;
    double width, height; /* of a panel */
} Grid;

static bool take_panels(Figure *figure, Grid *grid, Err *err) {
    const FigureSpec *spec = figure->spec;
    const Node *first = &spec->trace->graph.node[spec->node[0]];
    int axis = node_heads_axis(first);
    grid->down = axis < 0 ? 1 : spec->nodes;
    grid->across = axis < 0 ? spec->nodes : first->dim[axis];
    grid->panel = ARENA_NEW_N(page_arena(figure->doc), Panel, grid->down * grid->across);
    for (size_t i = 0; i < grid->down * grid->across; i++) {
        size_t head = i % grid->across;
        int node = spec->node[axis < 0 ? i : i / grid->across];
        if (!fig_panel_take(spec, node, axis < 0 ? NULL : &head, &grid->panel[i], err))
            return false;
        fig_limits_add(&grid->limits, &grid->panel[i]);
    }
    return true;
}

/* Panels of tokens by tokens are square; long ones are not drawn as thin strips. */
static double panel_shape(const Panel *panel) {
    return fmin(fmax((double)panel->rows / (double)panel->columns, 0.4), 1.5);
}

static void fit(const Figure *figure, Grid *grid) {
    double shape = panel_shape(grid->panel), most = 16 * figure->label.size;
    double gaps_down = grid->gap * (double)(grid->down - 1);
    double gaps_across = grid->gap * (double)(grid->across - 1);
    double width = (figure->room.w - grid->left - grid->right - gaps_across) / (double)grid->across;
    double height = (figure->room.h - grid->top - gaps_down) / (double)grid->down;
    grid->width = fmin(fmin(width, height / shape), most);
    grid->height = grid->width * shape;
    fig_labels_fit_columns(figure, &grid->columns, grid->width + grid->gap);
    fig_labels_fit_rows(figure, &grid->rows, grid->height + grid->gap);
}

static bool check(const Figure *figure, const Grid *grid, Err *err) {
    const Panel *panel = grid->panel;
    const char *name = figure->spec->trace->graph.node[panel->table.node].name;
    double side = fmax(grid->width, grid->height);
    if (side < FIGURE_PANEL_LEAST)
        return err_set(err,
                       "%s: %zu × %zu matrices are too many for %.0f × %.0f points: each "
                       "would have %.1f, and %.0f is the least",
                       name, grid->down, grid->across, figure->room.w, figure->room.h, side,
                       FIGURE_PANEL_LEAST);
    return figure_cells_fit(figure, panel, grid->width / (double)panel->columns,
                            grid->height / (double)panel->rows, err);
}

static void draw_panels(Figure *figure, const Grid *grid, PageBox box) {
    for (size_t i = 0; i < grid->down * grid->across; i++) {
        double x = box.x + (grid->width + grid->gap) * (double)(i % grid->across);
        double y = box.y + (grid->height + grid->gap) * (double)(i / grid->across);
        fig_panel_draw(figure, &grid->panel[i], &grid->limits,
                       (PageBox){x, y, grid->width, grid->height});
    }
}

bool figure_grid(Figure *figure, Err *err) {
    const FigureSpec *spec = figure->spec;
    Grid grid = {.limits = {.share = spec->share}, .gap = 0.6 * figure->label.size};
    if (!take_panels(figure, &grid, err))
        return false;
    bool heads = node_heads_axis(&spec->trace->graph.node[spec->node[0]]) >= 0;
    grid.rows = fig_labels_numbers(figure, grid.down, heads ? spec->words.layer : "");
    grid.columns = fig_labels_numbers(figure, grid.across,
                                      heads ? spec->words.head : spec->words.layer);
    grid.bar = fig_bar_of(figure, &grid.limits);
    grid.left = fig_labels_rows_width(figure, &grid.rows);
    grid.right = grid.bar.width > 0 ? grid.bar.width + 2 * figure->gap : 0;
    grid.columns.height = figure->label.size;
    grid.top = fig_labels_columns_height(figure, &grid.columns);
    fit(figure, &grid);
    if (!check(figure, &grid, err))
        return false;
    double width = (grid.width + grid.gap) * (double)grid.across - grid.gap;
    double height = (grid.height + grid.gap) * (double)grid.down - grid.gap;
    double spare = figure->room.w - grid.left - width - grid.right;
    PageBox box = {figure->room.x + grid.left + spare / 2, figure->room.y + grid.top, width,
                   height};
    draw_panels(figure, &grid, box);
    double half = grid.gap / 2; /* labels are centred on panels, with a half gap round each */
    double below = fig_labels_draw_rows(figure, &grid.rows,
                                        (PageBox){box.x, box.y - half, width, height + grid.gap});
    fig_labels_draw_columns(figure, &grid.columns,
                            (PageBox){box.x - half, box.y, width + grid.gap, height});
    double bar = fig_bar_draw(figure, &grid.bar, box.x + width + 2 * figure->gap, box.y, height);
    figure->bottom = fmax(below, bar);
    return true;
}
