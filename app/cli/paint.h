/* paint: a picture into a PNG file. Fonts and pixels are app/sdl's, which the commands don't know; the
 * program brings the two together (app/picture.h). */
#ifndef CLI_PAINT_H
#define CLI_PAINT_H

#include "app/ui/draw.h"
#include "engine/base/err.h"

/* Appends the picture to the list, whose area is that of the whole picture. */
typedef void PaintDraw(void *user, DrawList *list, const TextMeasure *measure);

/* `width` and `height` in points. */
typedef bool CliPaint(const char *path, int width, int height, Color background, PaintDraw *draw,
                      void *user, Err *err);

#endif
