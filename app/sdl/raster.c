#include "app/sdl/raster.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int least(int a, int b) {
    return a < b ? a : b;
}

static int most(int a, int b) {
    return a > b ? a : b;
}

/* x / 255 rounded, for 0 ≤ x ≤ 255 · 255. */
static uint32_t by_255(uint32_t x) {
    x += 128;
    return (x + (x >> 8)) >> 8;
}

static uint32_t mix_channel(uint32_t below, uint32_t above, uint32_t alpha, int shift) {
    uint32_t b = (below >> shift) & 0xffU;
    uint32_t a = (above >> shift) & 0xffU;
    return by_255(b * (255U - alpha) + a * alpha) << shift;
}

static uint32_t mix(uint32_t below, Color above, uint32_t alpha) {
    return 0xff000000U | mix_channel(below, above, alpha, 16) |
           mix_channel(below, above, alpha, 8) | mix_channel(below, above, alpha, 0);
}

static void blend(uint32_t *pixel, Color color, uint32_t coverage) {
    uint32_t alpha = by_255((color >> 24) * coverage);
    if (alpha == 255) {
        *pixel = color | 0xff000000U;
    } else if (alpha > 0) {
        *pixel = mix(*pixel, color, alpha);
    }
}

static uint32_t *row_of(const Raster *r, int y) {
    return r->pixels + (ptrdiff_t)y * r->stride;
}

void raster_dot(const Raster *r, int x, int y, Color color, unsigned coverage) {
    if (x >= r->x0 && x < r->x1 && y >= r->y0 && y < r->y1) {
        blend(row_of(r, y) + x, color, coverage > 255 ? 255 : coverage);
    }
}

void raster_fill(const Raster *r, int x0, int y0, int x1, int y1, Color color) {
    x0 = most(x0, r->x0);
    x1 = least(x1, r->x1);
    y1 = least(y1, r->y1);
    bool opaque = color >> 24 == 255;
    for (int y = most(y0, r->y0); y < y1; y++) {
        uint32_t *row = row_of(r, y);
        for (int x = x0; x < x1; x++) {
            row[x] = opaque ? color : mix(row[x], color, color >> 24);
        }
    }
}

/* ---- Round corners ---- */

typedef struct {
    float cx, cy;         /* the middle */
    float half_w, half_h; /* of the straight box inside the corners' centres */
    float radius;
} Round;

static Round round_of(int x0, int y0, int x1, int y1, float radius) {
    float w = (float)(x1 - x0) * 0.5F;
    float h = (float)(y1 - y0) * 0.5F;
    float r = fminf(fmaxf(radius, 0.0F), fminf(w, h));
    return (Round){(float)x0 + w, (float)y0 + h, w - r, h - r, r};
}

/* How much of a pixel lies inside: from the distance of its middle to the edge. */
static float inside(const Round *round, int x, int y) {
    float dx = fabsf((float)x + 0.5F - round->cx) - round->half_w;
    float dy = fabsf((float)y + 0.5F - round->cy) - round->half_h;
    float far = sqrtf(fmaxf(dx, 0.0F) * fmaxf(dx, 0.0F) + fmaxf(dy, 0.0F) * fmaxf(dy, 0.0F));
    float distance = far + fminf(fmaxf(dx, dy), 0.0F) - round->radius;
    return fminf(fmaxf(0.5F - distance, 0.0F), 1.0F);
}

void raster_round_fill(const Raster *r, int x0, int y0, int x1, int y1, float radius, Color color) {
    Round shape = round_of(x0, y0, x1, y1, radius);
    int band = (int)ceilf(shape.radius);
    if (band == 0) {
        raster_fill(r, x0, y0, x1, y1, color);
        return;
    }
    raster_fill(r, x0, y0 + band, x1, y1 - band, color);
    for (int y = most(y0, r->y0); y < least(y1, r->y1); y++) {
        if (y >= y0 + band && y < y1 - band) {
            y = y1 - band - 1;
            continue;
        }
        raster_fill(r, x0 + band, y, x1 - band, y + 1, color);
        for (int i = 0; i < band; i++) {
            raster_dot(r, x0 + i, y, color, (unsigned)lroundf(inside(&shape, x0 + i, y) * 255.0F));
            if (x1 - 1 - i >= x0 + band) {
                int x = x1 - 1 - i;
                raster_dot(r, x, y, color, (unsigned)lroundf(inside(&shape, x, y) * 255.0F));
            }
        }
    }
}

typedef struct {
    Round outer, inner;
    int x0, y0, x1, y1;
    int band; /* how far a corner or an edge reaches in */
    int dash, gap;
} Frame;

static bool in_gap(const Frame *f, int x, int y) {
    if (f->gap <= 0) {
        return false;
    }
    bool corner_x = x < f->x0 + f->band || x >= f->x1 - f->band;
    bool corner_y = y < f->y0 + f->band || y >= f->y1 - f->band;
    if (corner_x && corner_y) {
        return false;
    }
    int along = corner_y ? x - f->x0 - f->band : y - f->y0 - f->band;
    return along % (f->dash + f->gap) >= f->dash;
}

static void frame_dot(const Raster *r, const Frame *f, int x, int y, Color color) {
    if (x < r->x0 || x >= r->x1 || in_gap(f, x, y)) {
        return;
    }
    float coverage = inside(&f->outer, x, y) - inside(&f->inner, x, y);
    raster_dot(r, x, y, color, (unsigned)lroundf(fmaxf(coverage, 0.0F) * 255.0F));
}

void raster_round_frame(const Raster *r, int x0, int y0, int x1, int y1, float radius,
                        int thickness, int dash, int gap, Color color) {
    int t = thickness;
    if (x1 - x0 <= 2 * t || y1 - y0 <= 2 * t) {
        raster_round_fill(r, x0, y0, x1, y1, radius, color);
        return;
    }
    Frame f = {.outer = round_of(x0, y0, x1, y1, radius),
               .x0 = x0,
               .y0 = y0,
               .x1 = x1,
               .y1 = y1,
               .dash = dash,
               .gap = gap};
    f.inner = round_of(x0 + t, y0 + t, x1 - t, y1 - t, radius - (float)t);
    f.band = most(t, (int)ceilf(f.outer.radius));
    for (int y = most(y0, r->y0); y < least(y1, r->y1); y++) {
        bool edge = y < y0 + f.band || y >= y1 - f.band;
        int reach = edge ? x1 - x0 : f.band;
        for (int x = x0; x < x0 + reach; x++) {
            frame_dot(r, &f, x, y, color);
        }
        for (int x = most(x1 - f.band, x0 + reach); x < x1; x++) {
            frame_dot(r, &f, x, y, color);
        }
    }
}

/* ---- Polygons ---- */

enum { SUB_ROWS = 8 };

static int compare_floats(const void *a, const void *b) {
    float x = *(const float *)a;
    float y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Adds the share of each pixel that [from, to) covers; `coverage` starts at pixel x0. */
static void add_span(float *coverage, int x0, int x1, float from, float to) {
    from = fmaxf(from, (float)x0);
    to = fminf(to, (float)x1);
    if (to <= from) {
        return;
    }
    int first = (int)floorf(from);
    int last = least((int)floorf(to), x1 - 1);
    for (int x = first; x <= last; x++) {
        float left = fmaxf(from, (float)x);
        float right = fminf(to, (float)x + 1.0F);
        coverage[x - x0] += fmaxf(right - left, 0.0F) / (float)SUB_ROWS;
    }
}

/* Where the polygon's edges cross a height, from left to right. */
static size_t crossings(const DrawPoint *points, size_t count, float y, float *xs) {
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        DrawPoint a = points[i];
        DrawPoint b = points[(i + 1) % count];
        if ((a.y <= y) != (b.y <= y)) {
            xs[found++] = a.x + (b.x - a.x) * (y - a.y) / (b.y - a.y);
        }
    }
    qsort(xs, found, sizeof *xs, compare_floats);
    return found;
}

static void bounds(const DrawPoint *points, size_t count, float box[4]) {
    box[0] = box[2] = points[0].x;
    box[1] = box[3] = points[0].y;
    for (size_t i = 1; i < count; i++) {
        box[0] = fminf(box[0], points[i].x);
        box[1] = fminf(box[1], points[i].y);
        box[2] = fmaxf(box[2], points[i].x);
        box[3] = fmaxf(box[3], points[i].y);
    }
}

void raster_polygon(const Raster *r, const DrawPoint *points, size_t count, Color color) {
    assert(count >= 3 && count <= RASTER_POINTS);
    float box[4];
    bounds(points, count, box);
    int x0 = most((int)floorf(fmaxf(box[0], -1e6F)), r->x0);
    int x1 = least((int)ceilf(fminf(box[2], 1e6F)) + 1, r->x1);
    int y0 = most((int)floorf(fmaxf(box[1], -1e6F)), r->y0);
    int y1 = least((int)ceilf(fminf(box[3], 1e6F)), r->y1);
    if (x1 <= x0 || y1 <= y0) {
        return;
    }
    float *coverage = malloc((size_t)(x1 - x0) * sizeof *coverage);
    if (coverage == NULL) {
        abort();
    }
    float xs[RASTER_POINTS] = {0.0F};
    for (int y = y0; y < y1; y++) {
        memset(coverage, 0, (size_t)(x1 - x0) * sizeof *coverage);
        for (int sub = 0; sub < SUB_ROWS; sub++) {
            float at = (float)y + ((float)sub + 0.5F) / (float)SUB_ROWS;
            size_t found = crossings(points, count, at, xs);
            for (size_t i = 0; i + 1 < found; i += 2) {
                add_span(coverage, x0, x1, xs[i], xs[i + 1]);
            }
        }
        for (int x = x0; x < x1; x++) {
            raster_dot(r, x, y, color, (unsigned)lroundf(coverage[x - x0] * 255.0F));
        }
    }
    free(coverage);
}

void raster_line(const Raster *r, DrawPoint from, DrawPoint to, float thickness, Color color) {
    float dx = to.x - from.x;
    float dy = to.y - from.y;
    float length = sqrtf(dx * dx + dy * dy);
    if (length == 0.0F) {
        return;
    }
    float nx = -dy / length * thickness * 0.5F;
    float ny = dx / length * thickness * 0.5F;
    DrawPoint corners[4] = {{from.x + nx, from.y + ny},
                            {to.x + nx, to.y + ny},
                            {to.x - nx, to.y - ny},
                            {from.x - nx, from.y - ny}};
    raster_polygon(r, corners, 4, color);
}

void raster_mask(const Raster *r, int x, int y, const uint8_t *mask, int width, int height,
                 Color color) {
    int left = most(x, r->x0);
    int right = least(x + width, r->x1);
    for (int at = most(y, r->y0); at < least(y + height, r->y1); at++) {
        const uint8_t *from = mask + (ptrdiff_t)(at - y) * width - x;
        uint32_t *row = row_of(r, at);
        for (int px = left; px < right; px++) {
            if (from[px] != 0) {
                blend(row + px, color, from[px]);
            }
        }
    }
}
