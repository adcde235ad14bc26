#include "app/picture.h"

#include "app/sdl/canvas.h"
#include "app/sdl/png.h"

#define PIXELS 2 /* a point */

bool picture_save(const char *path, int width, int height, Color background, PaintDraw *draw,
                  void *user, Err *err) {
    Fonts *fonts = fonts_new(PIXELS, err);
    if (!fonts)
        return false;
    Arena arena = {0};
    DrawList list;
    SdlCanvas *canvas = canvas_new(width * PIXELS, height * PIXELS, fonts);
    draw_begin(&list, &arena, (Rect){0, 0, width, height});
    draw(user, &list, fonts_measure(fonts));
    canvas_draw(canvas, &list, background);
    bool ok = sdl_save_png(path, canvas->pixels, canvas->width, canvas->height, canvas->stride,
                           err);
    canvas_free(canvas);
    arena_free(&arena);
    fonts_free(fonts);
    return ok;
}
