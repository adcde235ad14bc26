/* Attention as lines: from each query, at the left, to the keys that it looks at. */
#include "app/export/figure_part.h"

#include <math.h>
#include <stdlib.h>

#define FAINTEST 0.01 /* of the largest weight: what is less is not seen on any paper */
#define SAMPLES 3     /* of the legend */

typedef struct {
    double weight;
    size_t query, key;
} Line;

typedef struct {
    Panel panel;
    Limits limits;
    Labels queries, keys;
    PageBox between; /* where the lines run */
    double above;    /* from them to the names above */
    Line *line;
    size_t count;
} Lines;

static int by_weight(const void *a, const void *b) {
    const Line *x = a, *y = b;
    if (x->weight != y->weight)
        return x->weight < y->weight ? -1 : 1;
    return x->query != y->query ? (x->query < y->query ? -1 : 1) : x->key < y->key ? -1 : 1;
}

static void collect(Figure *figure, Lines *lines) {
    size_t columns = lines->panel.columns, count = lines->panel.rows * columns;
    lines->line = ARENA_NEW_N(page_arena(figure->doc), Line, count);
    for (size_t i = 0; i < count; i++) {
        Line line = {fig_panel_get(&lines->panel, i / columns, i % columns), i / columns,
                     i % columns};
        if (line.weight > FAINTEST * lines->limits.high &&
            !fig_panel_masked(&lines->panel, line.query, line.key))
            lines->line[lines->count++] = line;
    }
    qsort(lines->line, lines->count, sizeof *lines->line, by_weight);
}

/* Wide and opaque by weight. */
static double thickness_of(const Figure *figure, double share) {
    return figure->label.size * (0.04 + 0.3 * share);
}
static Color color_of(const Figure *figure, double share) {
    return color_alpha(figure->theme->key, 0.02 + 0.88 * share);
}

static void draw_line_of(Figure *figure, const Lines *lines, const Line *line) {
    PageBox b = lines->between;
    double share = line->weight / lines->limits.high;
    double from = b.y + b.h * ((double)line->query + 0.5) / (double)lines->panel.rows;
    double to = b.y + b.h * ((double)line->key + 0.5) / (double)lines->panel.columns;
    PagePoint point[4] = {
        {b.x, from}, {b.x + b.w * 0.45, from}, {b.x + b.w * 0.55, to}, {b.x + b.w, to}};
    page_curve(figure->page, point, thickness_of(figure, share), color_of(figure, share));
}

static void draw_side(Figure *figure, const Lines *lines, const Labels *labels, PageBox box,
                      PageAnchor anchor, Color color) {
    PageStyle style = figure->label, name = figure->axis;
    double cell = box.h / (double)labels->count, middle = page_cap(figure->doc, style) / 2;
    style.anchor = name.anchor = anchor;
    name.color = color;
    name.font = FONT_UI_BOLD;
    for (size_t i = 0; i < labels->count; i += labels->step)
        page_text(figure->page, style, box.x, box.y + cell * ((double)i + 0.5) + middle,
                  labels->text[i]);
    page_text(figure->page, name, box.x, box.y - lines->above, labels->name);
}

static double sample_width(Figure *figure, const char *text) {
    return 3 * figure->label.size + figure->gap +
           page_measure(figure->doc, figure->label, text).width;
}

/* The largest weight and shares of it, as many as have room, as lines with their numbers. */
static double draw_legend(Figure *figure, const Lines *lines, double y) {
    Arena *arena = page_arena(figure->doc);
    double size = figure->label.size, between = 3 * figure->gap, width = 0;
    double cap = page_cap(figure->doc, figure->label), middle = y + size / 2;
    double share[SAMPLES] = {1, 0.5, 0.1};
    const char *text[SAMPLES];
    int count = 0;
    for (; count < SAMPLES; count++) {
        text[count] = fig_limits_number(arena, share[count] * lines->limits.high);
        double more = sample_width(figure, text[count]) + (count ? between : 0);
        if (width + more > figure->room.w)
            break;
        width += more;
    }
    double x = figure->room.x + (figure->room.w - width) / 2;
    for (int i = 0; i < count; i++) {
        page_line(figure->page, x, middle, x + 3 * size, middle, thickness_of(figure, share[i]),
                  PAGE_SOLID, color_of(figure, share[i]));
        page_text(figure->page, figure->label, x + 3 * size + figure->gap, middle + cap / 2,
                  text[i]);
        x += sample_width(figure, text[i]) + between;
    }
    return y + size;
}

static double side_width(Figure *figure, const Labels *labels) {
    PageStyle name = figure->axis;
    name.font = FONT_UI_BOLD;
    return fmax(labels->width, page_measure(figure->doc, name, labels->name).width);
}

static bool fit(Figure *figure, Lines *lines, Err *err) {
    bool slide = figure->spec->layout == FIGURE_SLIDE;
    double size = figure->label.size, gap = figure->gap, legend = 2.5 * size;
    size_t most = lines->panel.rows > lines->panel.columns ? lines->panel.rows
                                                           : lines->panel.columns;
    double left = side_width(figure, &lines->queries), right = side_width(figure, &lines->keys);
    double room = figure->room.h - legend - 1.2 * figure->axis.size - gap;
    double row = fmin((slide ? 2.2 : 1.7) * size, room / (double)most);
    lines->above = gap + fmax(0.7 * size - row / 2, 0); /* where rows are lower than their labels */
    double top = 1.2 * figure->axis.size + lines->above;
    double height = fmin(row * (double)most, figure->room.h - top - legend);
    double width = fmin(figure->room.w - left - right - 2 * gap,
                        fmax(1.2 * height, (slide ? 26 : 14) * size));
    double x = figure->room.x + (figure->room.w - width - left - right - 2 * gap) / 2;
    lines->between = (PageBox){x + left + gap, figure->room.y + top, width, height};
    fig_labels_fit_rows(figure, &lines->queries, height / (double)lines->panel.rows);
    fig_labels_fit_rows(figure, &lines->keys, height / (double)lines->panel.columns);
    return figure_cells_fit(figure, &lines->panel, FIGURE_CELL_LEAST + 1, height / (double)most,
                            err);
}

bool figure_lines(Figure *figure, Err *err) {
    const FigureSpec *spec = figure->spec;
    double widest = 0.25 * figure->room.w, gap = figure->gap;
    Lines lines = {.limits = {.share = true}};
    if (!fig_panel_take(spec, spec->node[0], spec->head, &lines.panel, err))
        return false;
    fig_limits_add(&lines.limits, &lines.panel);
    lines.queries = fig_labels_of(figure, &lines.panel.table, 0, widest);
    lines.keys = fig_labels_of(figure, &lines.panel.table, 1, widest);
    if (!fit(figure, &lines, err))
        return false;
    collect(figure, &lines);
    for (size_t i = 0; i < lines.count; i++)
        draw_line_of(figure, &lines, &lines.line[i]);
    PageBox left = lines.between, right = lines.between;
    left.x -= gap;
    right.x += right.w + gap;
    draw_side(figure, &lines, &lines.queries, left, PAGE_END, figure->theme->query);
    draw_side(figure, &lines, &lines.keys, right, PAGE_START, figure->theme->key);
    figure->bottom = draw_legend(figure, &lines, left.y + left.h + figure->label.size);
    return true;
}
