#include "app/sdl/canvas.h"

#include "app/sdl/icons.h"
#include "app/sdl/raster.h"
#include "engine/base/utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

SdlCanvas *canvas_over(uint32_t *pixels, int width_px, int height_px, int stride, Fonts *fonts) {
    SdlCanvas *canvas = calloc(1, sizeof *canvas);
    if (canvas == NULL) {
        abort();
    }
    *canvas = (SdlCanvas){.width = width_px,
                          .height = height_px,
                          .stride = stride,
                          .scale = fonts_scale(fonts),
                          .pixels = pixels,
                          .fonts = fonts,
                          .turned = turned_new()};
    return canvas;
}

SdlCanvas *canvas_new(int width_px, int height_px, Fonts *fonts) {
    uint32_t *pixels = malloc((size_t)width_px * (size_t)height_px * sizeof *pixels);
    if (pixels == NULL) {
        abort();
    }
    SdlCanvas *canvas = canvas_over(pixels, width_px, height_px, width_px, fonts);
    canvas->owns_pixels = true;
    raster_fill(&(Raster){pixels, width_px, 0, 0, width_px, height_px}, 0, 0, width_px, height_px,
                COLOR_RGB(0));
    return canvas;
}

void canvas_free(SdlCanvas *canvas) {
    if (canvas == NULL) {
        return;
    }
    if (canvas->owns_pixels) {
        free(canvas->pixels);
    }
    turned_free(canvas->turned);
    free(canvas);
}

/* ---- From points to pixels ---- */

typedef struct {
    int x0, y0, x1, y1;
} Box;

static int to_px(const SdlCanvas *c, float points) {
    return (int)lroundf(points * c->scale);
}

static Box box_of(const SdlCanvas *c, Rect r) {
    return (Box){to_px(c, (float)r.x), to_px(c, (float)r.y), to_px(c, (float)(r.x + r.w)),
                 to_px(c, (float)(r.y + r.h))};
}

static int thick_px(const SdlCanvas *c, float points) {
    int px = to_px(c, points);
    return px < 1 ? 1 : px;
}

/* Dashes grow a little with the line, so that thick ones stay dashes. */
static int dash_px(const SdlCanvas *c, float thickness) {
    return thick_px(c, 2.5F + thickness * 1.5F);
}

static int gap_px(const SdlCanvas *c, float thickness) {
    return thick_px(c, 1.5F + thickness);
}

static Raster clipped(const SdlCanvas *c, Rect clip) {
    Box box = box_of(c, clip);
    Raster r = {c->pixels,
                c->stride,
                box.x0 < 0 ? 0 : box.x0,
                box.y0 < 0 ? 0 : box.y0,
                box.x1 > c->width ? c->width : box.x1,
                box.y1 > c->height ? c->height : box.y1};
    return r;
}

/* ---- Outlines and lines ---- */

/* An outline that lies `in` pixels inside the box. */
static void ring(const Raster *r, Box b, float radius, int in, int thick, Color color) {
    raster_round_frame(r, b.x0 + in, b.y0 + in, b.x1 - in, b.y1 - in, radius - (float)in, thick, 0,
                       0, color);
}

static void frame(const SdlCanvas *c, const Raster *r, Box b, const DrawCommand *d) {
    int thick = thick_px(c, d->thickness);
    float radius = d->radius * c->scale;
    if (d->style == DRAW_DASHED) {
        raster_round_frame(r, b.x0, b.y0, b.x1, b.y1, radius, thick, dash_px(c, d->thickness),
                           gap_px(c, d->thickness), d->color);
        return;
    }
    raster_round_frame(r, b.x0, b.y0, b.x1, b.y1, radius, thick, 0, 0, d->color);
    if (d->style == DRAW_DOUBLE) {
        /* black or white between the two, so that it is seen on a cell of its own colour */
        Color between = color_contrast(d->color, COLOR_RGB(0)) > 7.0 ? COLOR_RGB(0) : ~0U;
        int inner = thick / 2 > 1 ? thick / 2 : 1;
        ring(r, b, radius, thick, inner, between);
        ring(r, b, radius, thick + inner, inner, d->color);
    }
}

/* Level and upright lines lie on whole pixels. */
static void straight_line(const SdlCanvas *c, const Raster *r, const DrawCommand *d, bool level) {
    DrawPoint a = d->as.line.from, b = d->as.line.to;
    int thick = thick_px(c, d->thickness);
    int across = to_px(c, level ? a.y : a.x) - thick / 2;
    int from = to_px(c, level ? fminf(a.x, b.x) : fminf(a.y, b.y));
    int to = to_px(c, level ? fmaxf(a.x, b.x) : fmaxf(a.y, b.y));
    bool dashed = d->style == DRAW_DASHED;
    int dash = dashed ? dash_px(c, d->thickness) : to - from;
    int step = dashed ? dash + gap_px(c, d->thickness) : to - from;
    for (int at = from; at < to; at += step) {
        int end = at + dash < to ? at + dash : to;
        if (level) {
            raster_fill(r, at, across, end, across + thick, d->color);
        } else {
            raster_fill(r, across, at, across + thick, end, d->color);
        }
    }
}

static DrawPoint along(DrawPoint a, DrawPoint b, float part) {
    return (DrawPoint){a.x + (b.x - a.x) * part, a.y + (b.y - a.y) * part};
}

static void slanted_line(const SdlCanvas *c, const Raster *r, const DrawCommand *d) {
    DrawPoint a = {d->as.line.from.x * c->scale, d->as.line.from.y * c->scale};
    DrawPoint b = {d->as.line.to.x * c->scale, d->as.line.to.y * c->scale};
    float thick = fmaxf(d->thickness * c->scale, 1.0F);
    float length = hypotf(b.x - a.x, b.y - a.y);
    if (d->style != DRAW_DASHED || length == 0.0F) {
        raster_line(r, a, b, thick, d->color);
        return;
    }
    float dash = (float)dash_px(c, d->thickness);
    float step = dash + (float)gap_px(c, d->thickness);
    for (float at = 0.0F; at < length; at += step) {
        raster_line(r, along(a, b, at / length), along(a, b, fminf(at + dash, length) / length),
                    thick, d->color);
    }
}

static void line(const SdlCanvas *c, const Raster *r, const DrawCommand *d) {
    DrawPoint a = d->as.line.from, b = d->as.line.to;
    if (a.x == b.x || a.y == b.y) {
        straight_line(c, r, d, a.y == b.y);
    } else {
        slanted_line(c, r, d);
    }
}

static void polygon(const SdlCanvas *c, const Raster *r, const DrawCommand *d) {
    DrawPoint points[RASTER_POINTS];
    size_t count = d->as.polygon.count;
    if (count < 3 || count > RASTER_POINTS) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        points[i].x = d->as.polygon.points[i].x * c->scale;
        points[i].y = d->as.polygon.points[i].y * c->scale;
    }
    raster_polygon(r, points, count, d->color);
}

/* ---- Text ---- */

static void text(const SdlCanvas *c, const Raster *r, const DrawCommand *d) {
    int pen = to_px(c, d->as.text.x);
    int baseline = to_px(c, d->as.text.baseline);
    const char *bytes = d->as.text.text;
    size_t size = d->as.text.bytes;
    if (d->as.text.angle != 0.0F) {
        Turned turned = turned_text(c->turned, c->fonts, d->as.text.font, d->as.text.size,
                                    d->as.text.angle, bytes, size);
        raster_mask(r, pen + turned.left, baseline + turned.top, turned.mask, turned.width,
                    turned.height, d->color);
        return;
    }
    for (size_t at = 0; at < size && pen < r->x1;) {
        Utf8Char ch = utf8_next(bytes + at, size - at);
        at += ch.size;
        uint32_t shown = text_shown(ch.code);
        if (shown == 0) {
            continue;
        }
        const Glyph *glyph = fonts_glyph(c->fonts, d->as.text.font, d->as.text.size, shown);
        raster_mask(r, pen + glyph->left, baseline - glyph->top, glyph->mask, glyph->width,
                    glyph->height, d->color);
        pen += glyph->advance;
    }
}

/* ---- Cells ---- */

enum { GAP_FROM = 6, HATCH_FROM = 6 }; /* pixels of a cell's shorter side */

static int cell_edge(int from, int to, int count, int i) {
    return from + (int)((int64_t)i * (to - from) / count);
}

/* One row of cells as colours of pixels, from the clip's left to its right. */
static void cell_row(const DrawCells *cells, Box b, int row, bool gaps, const Raster *r,
                     Color *colors) {
    memset(colors, 0, (size_t)(r->x1 - r->x0) * sizeof *colors);
    for (int column = 0; column < cells->columns; column++) {
        int x0 = cell_edge(b.x0, b.x1, cells->columns, column);
        int x1 = cell_edge(b.x0, b.x1, cells->columns, column + 1) - (gaps ? 1 : 0);
        x0 = x0 < r->x0 ? r->x0 : x0;
        x1 = x1 > r->x1 ? r->x1 : x1;
        for (int x = x0; x < x1; x++) {
            colors[x - r->x0] = cells->argb[(size_t)row * (size_t)cells->columns + (size_t)column];
        }
    }
}

static void put_colors(const Raster *r, int y, const Color *colors) {
    uint32_t *row = r->pixels + (ptrdiff_t)y * r->stride;
    for (int x = r->x0; x < r->x1; x++) {
        Color color = colors[x - r->x0];
        if (color >> 24 == 255) {
            row[x] = color;
        } else if (color >> 24 != 0) {
            raster_dot(r, x, y, color, 255);
        }
    }
}

/* A thin diagonal in the middle of a cell: from the lower left to the upper right, or the other. */
static void hatch_line(const Raster *r, Box cell, bool rising, Color color) {
    float w = (float)(cell.x1 - cell.x0), h = (float)(cell.y1 - cell.y0);
    int from = cell.x0 + (int)(w * 0.22F);
    int to = cell.x1 - (int)(w * 0.22F);
    for (int x = from; x < to; x++) {
        float part = ((float)x + 0.5F - (float)cell.x0) / w;
        float y = (rising ? (float)cell.y1 - part * h : (float)cell.y0 + part * h) - 0.5F;
        int above = (int)floorf(y);
        unsigned low = (unsigned)lroundf((y - (float)above) * 255.0F);
        raster_dot(r, x, above, color, 255 - low);
        raster_dot(r, x, above + 1, color, low);
    }
}

static void hatch_cell(const Raster *r, Box cell, DrawHatch kind, Color color) {
    if (kind != DRAW_HATCH_FALLING)
        hatch_line(r, cell, true, color);
    if (kind != DRAW_HATCH_RISING)
        hatch_line(r, cell, false, color);
}

static void hatch(const DrawCells *cells, Box b, int row, int y0, int y1, const Raster *r) {
    for (int column = 0; column < cells->columns; column++) {
        uint8_t kind = cells->hatch[(size_t)row * (size_t)cells->columns + (size_t)column];
        if (kind != DRAW_HATCH_NONE) {
            Box cell = {cell_edge(b.x0, b.x1, cells->columns, column), y0,
                        cell_edge(b.x0, b.x1, cells->columns, column + 1), y1};
            hatch_cell(r, cell, (DrawHatch)kind, cells->hatch_color);
        }
    }
}

static void draw_grid(const SdlCanvas *c, const Raster *r, const DrawCommand *d) {
    const DrawCells *cells = &d->as.cells;
    Box b = box_of(c, d->rect);
    int w = (b.x1 - b.x0) / cells->columns;
    int h = (b.y1 - b.y0) / cells->rows;
    int smaller = w < h ? w : h;
    bool gaps = cells->gaps && smaller >= GAP_FROM;
    bool hatched = cells->hatch != NULL && smaller >= HATCH_FROM;
    Color *colors = malloc((size_t)(r->x1 - r->x0) * sizeof *colors);
    if (colors == NULL) {
        abort();
    }
    for (int row = 0; row < cells->rows; row++) {
        int y0 = cell_edge(b.y0, b.y1, cells->rows, row);
        int y1 = cell_edge(b.y0, b.y1, cells->rows, row + 1);
        if (y1 <= r->y0 || y0 >= r->y1 || y1 == y0) {
            continue;
        }
        cell_row(cells, b, row, gaps, r, colors);
        int last = gaps ? y1 - 1 : y1;
        for (int y = y0 < r->y0 ? r->y0 : y0; y < last && y < r->y1; y++) {
            put_colors(r, y, colors);
        }
        if (hatched) {
            hatch(cells, b, row, y0, last, r);
        }
    }
    free(colors);
}

static void cell_frame(const SdlCanvas *c, const Raster *r, const DrawCommand *d) {
    Box b = box_of(c, d->rect);
    int columns = d->as.cell_frame.columns, rows = d->as.cell_frame.rows;
    int column = d->as.cell_frame.column, row = d->as.cell_frame.row;
    int out = (thick_px(c, d->thickness) + 1) / 2;
    Box edge = {cell_edge(b.x0, b.x1, columns, column) - out,
                cell_edge(b.y0, b.y1, rows, row) - out,
                cell_edge(b.x0, b.x1, columns, column + d->as.cell_frame.column_count) + out,
                cell_edge(b.y0, b.y1, rows, row + d->as.cell_frame.row_count) + out};
    frame(c, r, edge, d);
}

/* ---- All of it ---- */

static void command(const SdlCanvas *c, const DrawCommand *d) {
    Raster r = clipped(c, d->clip);
    if (r.x1 <= r.x0 || r.y1 <= r.y0) {
        return;
    }
    Box b = box_of(c, d->rect);
    switch (d->kind) {
    case DRAW_RECT:
        raster_round_fill(&r, b.x0, b.y0, b.x1, b.y1, d->radius * c->scale, d->color);
        break;
    case DRAW_FRAME: frame(c, &r, b, d); break;
    case DRAW_LINE: line(c, &r, d); break;
    case DRAW_POLYGON: polygon(c, &r, d); break;
    case DRAW_ICON:
        icons_draw(&r, d->as.icon, (float)b.x0, (float)b.y0, (float)(b.x1 - b.x0), d->color);
        break;
    case DRAW_TEXT: text(c, &r, d); break;
    case DRAW_CELLS: draw_grid(c, &r, d); break;
    case DRAW_CELL_FRAME: cell_frame(c, &r, d); break;
    }
}

void canvas_draw(SdlCanvas *canvas, const DrawList *list, Color background) {
    Raster all = {canvas->pixels, canvas->stride, 0, 0, canvas->width, canvas->height};
    raster_fill(&all, 0, 0, canvas->width, canvas->height, background);
    for (int layer = 0; layer < DRAW_LAYER_COUNT; layer++) {
        for (size_t i = 0; i < list->count; i++) {
            if (list->commands[i].layer == (DrawLayer)layer) {
                command(canvas, &list->commands[i]);
            }
        }
    }
}
