/* turned: text at an angle, as masks of coverage that are kept from frame to frame: the labels of a
 * picture's columns stay the same while the picture moves. */
#ifndef SDL_TURNED_H
#define SDL_TURNED_H

#include "app/sdl/fonts.h"

typedef struct TurnedCache TurnedCache;

typedef struct {
    int left, top; /* from the pen's start to the mask's top left, y downwards */
    int width, height;
    const uint8_t *mask;
} Turned;

TurnedCache *turned_new(void);
void turned_free(TurnedCache *cache);

/* Valid until the next call. `angle` is in degrees, clockwise. */
Turned turned_text(TurnedCache *cache, Fonts *fonts, FontRole font, int size, float angle,
                   const char *text, size_t bytes);

#endif
