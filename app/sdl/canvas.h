/* canvas: pixels, and a list of drawing commands replayed into them.
 *
 * It draws by itself (app/sdl/raster.h): SDL's software renderer has no smooth lines or corners,
 * and mixes coloured text five times slower than a loop over a glyph's mask. So a picture is the
 * same in a window, with SDL's dummy driver, and with no display at all. */
#ifndef SDL_CANVAS_H
#define SDL_CANVAS_H

#include "app/sdl/fonts.h"
#include "app/sdl/turned.h"
#include "app/ui/draw.h"

typedef struct {
    int width, height; /* pixels */
    int stride;        /* pixels from a row to the next */
    float scale;       /* pixels a point */
    uint32_t *pixels;  /* 0xffRRGGBB */
    Fonts *fonts;      /* not owned */
    bool owns_pixels;
    TurnedCache *turned;
} SdlCanvas;

/* Pixels of its own, black. The scale is that of the fonts. */
SdlCanvas *canvas_new(int width_px, int height_px, Fonts *fonts);
/* Somebody else's pixels (a window's surface), for as long as they live. */
SdlCanvas *canvas_over(uint32_t *pixels, int width_px, int height_px, int stride, Fonts *fonts);
void canvas_free(SdlCanvas *canvas);

void canvas_draw(SdlCanvas *canvas, const DrawList *list, Color background);

#endif
