/* window: the program's window and its loop: events in, frames out, sleep in between.
 *
 * Software rendering only: the frame is drawn into the window's own surface (canvas.h), so no GPU,
 * driver or OpenGL is needed. SDL2 does not scale on X11; the scale comes from, in this order, the
 * options, ATTNSCOPE_SCALE, Xft.dpi, GDK_SCALE or QT_SCALE_FACTOR, the display's DPI; rounded to
 * quarters, from 1 to 4. Ctrl + and Ctrl − change it by a quarter as long as the least size in
 * points still fits into the window, Ctrl 0 brings back the one at the start. */
#ifndef SDL_WINDOW_H
#define SDL_WINDOW_H

#include "app/ui/ui.h"
#include "engine/base/err.h"

typedef struct {
    void *user;
    const char *title;
    /* Draws one frame of w × h points. Called between ui_begin and ui_end. */
    void (*frame)(void *user, Ui *ui, int w, int h, uint64_t now_ms);
    /* Something is still being computed, so wait-idle and a screenshot must wait. May be NULL. */
    bool (*busy)(void *user);
} WindowApp;

typedef struct {
    int width, height;  /* points; 0: 1280 × 800. At least WINDOW_MIN_… */
    float scale;        /* 0: found out as above */
    const Theme *theme; /* NULL: dark */
    const char *script; /* NULL, or a file of commands (script.h) that drives the window */
    bool time_start;    /* print to standard error how long the first frame took to come */
} WindowOptions;

enum { WINDOW_MIN_WIDTH = 640, WINDOW_MIN_HEIGHT = 420 };

/* Runs until the window is closed, or the script ends. False: no display, no fonts, or the script
 * failed (the message names its file and line). */
bool window_run(const WindowApp *app, const WindowOptions *options, Err *err);

/* Whether SDL can open a window here; `why` (may be NULL) gets SDL's reason. */
bool window_possible(Err *why);

/* Without any display: draws frames until the program is no longer busy and asks for no more, and
 * writes the last one. The file has width × scale by height × scale pixels. */
bool window_screenshot(const WindowApp *app, const WindowOptions *options, const char *path,
                       Err *err);

/* Makes the loop draw a frame soon. Any thread may call it, at any time. */
void window_wake(void);

#endif
