/* Labels along a matrix, and the colour bar. */
#include "app/export/figure_part.h"

#include <math.h>
#include <string.h>

#define TILT 55.0
#define LINE 1.2 /* of labels above each other, in sizes */

static double radians(double degrees) {
    return degrees * acos(-1) / 180;
}

/* ---- labels ---- */

static Labels new_labels(Figure *figure, size_t count, const char *name) {
    return (Labels){.count = count,
                    .text = ARENA_NEW_N(page_arena(figure->doc), const char *, count),
                    .wide = ARENA_NEW_N(page_arena(figure->doc), double, count),
                    .name = name,
                    .step = 1};
}

/* Of those that are shown. */
static double widest_of(const Labels *labels) {
    double widest = 0;
    for (size_t i = 0; i < labels->count; i += labels->step)
        widest = fmax(widest, labels->wide[i]);
    return widest;
}

Labels fig_labels_numbers(Figure *figure, size_t count, const char *name) {
    Labels labels = new_labels(figure, count, name);
    Arena *arena = page_arena(figure->doc);
    double digit = page_measure(figure->doc, figure->label, "0").width;
    for (size_t i = 0; i < count; i++) {
        labels.text[i] = arena_printf(arena, "%zu", i);
        labels.wide[i] = digit * (double)strlen(labels.text[i]); /* all digits are as wide */
    }
    labels.width = labels.wide[count - 1];
    return labels;
}

Labels fig_labels_of(Figure *figure, const DataTable *table, int axis, double widest) {
    Axis kind = table->axis[axis];
    const char *name = kind == AXIS_ONE ? "" : figure->spec->words.axis(kind);
    size_t count = table->tensor.dim[axis];
    if (!table->label[axis] || !*name)
        return fig_labels_numbers(figure, count, name);
    Labels labels = new_labels(figure, count, name);
    labels.named = true;
    for (size_t i = 0; i < count; i++) {
        labels.text[i] = page_elide(figure->doc, figure->label, table->label[axis][i], widest);
        labels.wide[i] = page_measure(figure->doc, figure->label, labels.text[i]).width;
    }
    labels.width = widest_of(&labels);
    return labels;
}

/* How many cells a label needs for `least` points; of numbers 1, 2, 5, 10, 20 … of them. Where the cells
 * have no room at all it is refused later, so here that is no more than all. */
static size_t step_for(const Labels *labels, double cell, double least) {
    size_t step = 1;
    for (int i = 0; step < labels->count && cell * (double)step < least; i++)
        step = labels->named ? step + 1 : i % 3 == 1 ? step / 2 * 5 : step * 2;
    return step;
}

void fig_labels_fit_rows(const Figure *figure, Labels *labels, double cell) {
    labels->step = step_for(labels, cell, LINE * figure->label.size);
    labels->width = widest_of(labels);
}

/* Level where all have room; else tilted; upright and thinned out where they stand too close. What
 * has been turned is not turned back, so that cells and labels settle. */
void fig_labels_fit_columns(const Figure *figure, Labels *labels, double cell) {
    double size = figure->label.size, gap = 0.7 * size;
    labels->step = 1;
    labels->width = widest_of(labels);
    if (!labels->named) {
        labels->step = step_for(labels, cell, labels->width + gap);
    } else if (labels->turn != LABELS_LEVEL || cell < labels->width + gap) {
        bool close = labels->turn == LABELS_UPRIGHT || cell * sin(radians(TILT)) < LINE * size;
        labels->turn = close ? LABELS_UPRIGHT : LABELS_TILTED;
        labels->step = close ? step_for(labels, cell, LINE * size) : 1;
        labels->width = widest_of(labels);
    }
    double along = labels->width * sin(radians(TILT)) + size * cos(radians(TILT));
    labels->height = labels->turn == LABELS_LEVEL    ? size
                     : labels->turn == LABELS_TILTED ? along
                                                     : labels->width;
    labels->over = labels->turn == LABELS_LEVEL    ? fmax((labels->width - cell) / 2, 0)
                   : labels->turn == LABELS_TILTED ? labels->width * cos(radians(TILT)) + size / 2
                                                   : fmax((size - cell) / 2, 0);
}

static double name_height(const Figure *figure, const Labels *labels) {
    return *labels->name ? LINE * figure->axis.size + figure->gap : 0;
}

double fig_labels_rows_width(const Figure *figure, const Labels *labels) {
    return *labels->name ? name_height(figure, labels) + labels->width + figure->gap : 0;
}

double fig_labels_columns_height(const Figure *figure, const Labels *labels) {
    return *labels->name ? name_height(figure, labels) + labels->height + figure->gap : 0;
}

double fig_labels_draw_rows(Figure *figure, const Labels *labels, PageBox box) {
    if (!*labels->name)
        return box.y + box.h;
    PageStyle style = figure->label, name = figure->axis;
    double cell = box.h / (double)labels->count;
    double middle = page_cap(figure->doc, style) / 2;
    style.anchor = PAGE_END;
    for (size_t i = 0; i < labels->count; i += labels->step)
        page_text(figure->page, style, box.x - figure->gap,
                  box.y + cell * ((double)i + 0.5) + middle, labels->text[i]);
    name.angle = -90;
    name.anchor = PAGE_MIDDLE;
    double half = page_measure(figure->doc, name, labels->name).width / 2;
    double at = fmax(box.y + box.h / 2, figure->room.y + half);
    page_text(figure->page, name, box.x - fig_labels_rows_width(figure, labels) + name.size, at,
              labels->name);
    return fmax(box.y + box.h, at + half);
}

void fig_labels_draw_columns(Figure *figure, const Labels *labels, PageBox box) {
    static const double angle[] = {0, -TILT, -90};
    if (!*labels->name)
        return;
    PageStyle style = figure->label, name = figure->axis;
    double cell = box.w / (double)labels->count, y = box.y - figure->gap;
    style.angle = angle[labels->turn];
    style.anchor = labels->turn == LABELS_LEVEL ? PAGE_MIDDLE : PAGE_START;
    double shift = page_cap(figure->doc, style) / 2 * -sin(radians(style.angle));
    for (size_t i = 0; i < labels->count; i += labels->step)
        page_text(figure->page, style, box.x + cell * ((double)i + 0.5) + shift, y,
                  labels->text[i]);
    name.anchor = PAGE_MIDDLE;
    page_text(figure->page, name, box.x + box.w / 2,
              y - labels->height - figure->gap - 0.25 * name.size, labels->name);
}

/* ---- the colour bar ---- */

enum { SHADES = 64 };
#define THICK 1.0 /* of the bar, in label sizes */
#define LEAST 6.0 /* of its height, in label sizes */
#define MOST 18.0
#define LEGEND 2.0 /* the row below it */

static double text_width_of(Figure *figure, const char *text) {
    return page_measure(figure->doc, figure->label, text).width;
}

Bar fig_bar_of(Figure *figure, const Limits *limits) {
    Arena *arena = page_arena(figure->doc);
    double size = figure->label.size, after = THICK * size + figure->gap, width = 0;
    if (limits->any)
        width = after + fmax(text_width_of(figure, fig_limits_number(arena, limits->low)),
                             text_width_of(figure, fig_limits_number(arena, limits->high)));
    if (limits->masked)
        width = fmax(width, after + text_width_of(figure, figure->spec->words.masked));
    return (Bar){.limits = limits,
                 .width = width,
                 .height = (limits->any ? LEAST : 0) * size + (limits->masked ? LEGEND : 0) * size};
}

static void draw_shades(Figure *figure, const Limits *limits, PageBox box) {
    Color shade[SHADES];
    for (int i = 0; i < SHADES; i++)
        shade[i] = fig_limits_color(limits, figure->theme,
                                    limits->high + (limits->low - limits->high) * i / (SHADES - 1));
    double t = figure->line;
    page_cells(figure->page, box, (PageCells){.columns = 1, .rows = SHADES, .argb = shade});
    page_frame(figure->page, (PageBox){box.x - t, box.y - t, box.w + 2 * t, box.h + 2 * t}, 0, t,
               figure->theme->hatch);
}

/* The limits at the ends, and 0 between them where it is far enough from both. */
static void draw_numbers(Figure *figure, const Limits *limits, PageBox box) {
    Arena *arena = page_arena(figure->doc);
    double cap = page_cap(figure->doc, figure->label), x = box.x + box.w + figure->gap;
    double zero = box.y + box.h * limits->high / (limits->high - limits->low);
    double apart = 2 * figure->label.size;
    page_text(figure->page, figure->label, x, box.y + cap, fig_limits_number(arena, limits->high));
    if (limits->low < limits->high)
        page_text(figure->page, figure->label, x, box.y + box.h,
                  fig_limits_number(arena, limits->low));
    if (limits->low < 0 && zero > box.y + apart && zero < box.y + box.h - apart)
        page_text(figure->page, figure->label, x, zero + cap / 2, "0");
}

static void draw_legend(Figure *figure, double x, double y) {
    double size = figure->label.size, cap = page_cap(figure->doc, figure->label);
    PageBox box = {x, y, THICK * size, THICK * size};
    double t = figure->line;
    page_cells(figure->page, box,
               (PageCells){.columns = 1,
                           .rows = 1,
                           .argb = &figure->theme->masked,
                           .crossed = (const uint8_t[]){1},
                           .cross = figure->theme->hatch});
    page_frame(figure->page, (PageBox){x - t, y - t, box.w + 2 * t, box.h + 2 * t}, 0, t,
               figure->theme->hatch);
    page_text(figure->page, figure->label, x + box.w + figure->gap, y + (box.h + cap) / 2,
              figure->spec->words.masked);
}

double fig_bar_draw(Figure *figure, const Bar *bar, double x, double y, double height) {
    double size = figure->label.size;
    double legend = bar->limits->masked ? LEGEND * size : 0;
    double tall = fmin(fmax(height - legend, LEAST * size), MOST * size);
    PageBox box = {x, y, THICK * size, bar->limits->any ? tall : 0};
    if (bar->limits->any) {
        draw_shades(figure, bar->limits, box);
        draw_numbers(figure, bar->limits, box);
    }
    if (bar->limits->masked)
        draw_legend(figure, x, y + box.h + legend - THICK * size);
    return y + box.h + legend;
}
