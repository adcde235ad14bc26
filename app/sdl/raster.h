/* raster: shapes into pixels, with smooth edges. Plain C over a buffer of 0xffRRGGBB; knows neither
 * SDL nor fonts. Coordinates are pixels; floats where a shape may end inside a pixel. */
#ifndef SDL_RASTER_H
#define SDL_RASTER_H

#include "app/ui/draw.h"

typedef struct {
    uint32_t *pixels;
    int stride;         /* pixels from a row to the next */
    int x0, y0, x1, y1; /* the clip: [x0, x1) × [y0, y1), inside the buffer */
} Raster;

/* [x0, x1) × [y0, y1). */
void raster_fill(const Raster *r, int x0, int y0, int x1, int y1, Color color);
/* One pixel, with a coverage from 0 to 255. */
void raster_dot(const Raster *r, int x, int y, Color color, unsigned coverage);

void raster_round_fill(const Raster *r, int x0, int y0, int x1, int y1, float radius, Color color);
/* An outline of whole pixels inside the edge. `dash` and `gap` > 0 make it dashed. */
void raster_round_frame(const Raster *r, int x0, int y0, int x1, int y1, float radius,
                        int thickness, int dash, int gap, Color color);

/* Filled by the even-odd rule. At most RASTER_POINTS points. */
enum { RASTER_POINTS = 64 };
void raster_polygon(const Raster *r, const DrawPoint *points, size_t count, Color color);
/* A line of any slope with butt ends. */
void raster_line(const Raster *r, DrawPoint from, DrawPoint to, float thickness, Color color);

/* A mask of coverage painted in a colour, its top left at (x, y). */
void raster_mask(const Raster *r, int x, int y, const uint8_t *mask, int width, int height,
                 Color color);

#endif
