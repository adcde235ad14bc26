/* icons: the shapes behind app/ui/draw.h's DrawIcon, as polygons in a unit square. */
#ifndef SDL_ICONS_H
#define SDL_ICONS_H

#include "app/sdl/raster.h"

/* Fills the square whose top left is (x, y), `size` pixels wide. */
void icons_draw(const Raster *r, DrawIcon icon, float x, float y, float size, Color color);

#endif
