/* png: pixels to a PNG file (libpng), never half-written. */
#ifndef SDL_PNG_H
#define SDL_PNG_H

#include "engine/base/buf.h"
#include "engine/base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* Pixels as 0xffRRGGBB, `stride` pixels from a row to the next; written as 8-bit RGB. */
bool sdl_save_png(const char *path, const uint32_t *pixels, int width, int height, int stride,
                  Err *err);
/* The same bytes into memory. */
bool sdl_encode_png(Buf *out, const uint32_t *pixels, int width, int height, int stride, Err *err);

#endif
