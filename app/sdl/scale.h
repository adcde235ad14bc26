/* scale: how many pixels a point has on this screen. See window.h for the order of sources. */
#ifndef SDL_SCALE_H
#define SDL_SCALE_H

/* `wanted` > 0 wins. Rounded to quarters, from 1 to 4. SDL's video must be initialised. */
float scale_find(float wanted);
float scale_round(float scale);

#endif
