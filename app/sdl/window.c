#include "app/sdl/window.h"

#include "app/sdl/canvas.h"
#include "app/sdl/events.h"
#include "app/sdl/png.h"
#include "app/sdl/scale.h"
#include "app/sdl/script.h"

#include <SDL.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FRAME_MS = 16, SCRIPT_MS = 4, BUSY_MOST_MS = 120000, CURSOR_COUNT = 4 };

typedef struct {
    const WindowApp *app;
    SDL_Window *window;
    float scale, start_scale;
    float wanted_scale; /* for the next frame */
    Fonts *fonts;
    SdlCanvas *canvas;
    Ui *ui;
    Events events;
    Script *script; /* NULL without one */
    SDL_Cursor *cursors[CURSOR_COUNT];
    UiCursor cursor;
    bool composing; /* SDL's text input is on */
    uint64_t last_frame;
} Window;

static WindowOptions complete(const WindowOptions *options) {
    WindowOptions o = *options;
    o.width = o.width > 0 ? o.width : 1280;
    o.height = o.height > 0 ? o.height : 800;
    o.width = o.width < WINDOW_MIN_WIDTH ? WINDOW_MIN_WIDTH : o.width;
    o.height = o.height < WINDOW_MIN_HEIGHT ? WINDOW_MIN_HEIGHT : o.height;
    o.theme = o.theme != NULL ? o.theme : &THEME_DARK;
    return o;
}

static int pixels_of(int points, float scale) {
    return (int)lroundf((float)points * scale);
}

/* ---- Clipboard ---- */

static char *clipboard_get(void *user) {
    (void)user;
    char *text = SDL_GetClipboardText();
    char *copy = text == NULL ? NULL : strdup(text);
    SDL_free(text);
    return copy;
}

static void clipboard_set(void *user, const char *text) {
    (void)user;
    SDL_SetClipboardText(text);
}

/* ---- A frame ---- */

static bool same_size(const SdlCanvas *canvas, int w, int h) {
    return canvas != NULL && canvas->width == w && canvas->height == h;
}

static void frame_begin(const WindowApp *app, Ui *ui, const UiInput *input,
                        const SdlCanvas *canvas) {
    int w = (int)ceilf((float)canvas->width / canvas->scale);
    int h = (int)ceilf((float)canvas->height / canvas->scale);
    ui_begin(ui, input, (Rect){0, 0, w, h});
    app->frame(app->user, ui, w, h, input->now_ms);
}

static void frame_end(Ui *ui, SdlCanvas *canvas) {
    ui_end(ui);
    canvas_draw(canvas, ui_list(ui), ui_theme(ui)->background);
}

static void present(Window *w, SDL_Surface *screen) {
    SdlCanvas *c = w->canvas;
    SDL_Surface *frame = SDL_CreateRGBSurfaceWithFormatFrom(c->pixels, c->width, c->height, 32,
                                                            c->stride * 4, SDL_PIXELFORMAT_RGB888);
    if (frame != NULL) {
        SDL_BlitSurface(frame, NULL, screen, NULL);
        SDL_FreeSurface(frame);
        SDL_UpdateWindowSurface(w->window);
    }
}

static void follow_cursor(Window *w) {
    UiCursor cursor = ui_cursor(w->ui);
    if (cursor != w->cursor && w->cursors[cursor] != NULL) {
        SDL_SetCursor(w->cursors[cursor]);
    }
    w->cursor = cursor;
}

/* The input method is on only while a box has the focus: letters are shortcuts elsewhere. */
static void follow_text_input(Window *w) {
    Rect caret;
    bool wanted = ui_text_input(w->ui, &caret);
    if (wanted && !w->composing) {
        SDL_StartTextInput();
    } else if (!wanted && w->composing) {
        SDL_StopTextInput();
        w->events.input.composition[0] = '\0';
    }
    w->composing = wanted;
    if (wanted) {
        SDL_Rect rect = {pixels_of(caret.x, w->scale), pixels_of(caret.y, w->scale),
                         pixels_of(caret.w, w->scale), pixels_of(caret.h, w->scale)};
        SDL_SetTextInputRect(&rect);
    }
}

/* ---- Size of everything ---- */

/* A quarter more or less, as far as the least size still fits into the window. */
static float scale_beside(const Window *w, float step) {
    float scale = w->scale + step;
    bool fits = (float)w->canvas->width >= WINDOW_MIN_WIDTH * scale &&
                (float)w->canvas->height >= WINDOW_MIN_HEIGHT * scale;
    return step > 0.0F && !fits ? w->scale : scale_round(scale);
}

/* Also in a text box, as in a browser. */
static void scale_keys(Window *w) {
    if (ui_key(w->ui, '+', UI_CTRL) || ui_key(w->ui, '=', UI_CTRL)) {
        w->wanted_scale = scale_beside(w, 0.25F);
    } else if (ui_key(w->ui, '-', UI_CTRL)) {
        w->wanted_scale = scale_beside(w, -0.25F);
    } else if (ui_key(w->ui, '0', UI_CTRL)) {
        w->wanted_scale = w->start_scale;
    }
    if (w->wanted_scale != w->scale) {
        ui_redraw(w->ui);
    }
}

/* The window stays as large as it is: only its points become larger or smaller. */
static void change_scale(Window *w) {
    Err err;
    Fonts *fonts = fonts_new(w->wanted_scale, &err);
    if (fonts == NULL) {
        w->wanted_scale = w->scale; /* the files are gone: stay */
        return;
    }
    UiInput *input = &w->events.input;
    float ratio = w->scale / w->wanted_scale;
    if (input->mouse_x >= 0) {
        input->mouse_x = (int)((float)input->mouse_x * ratio);
        input->mouse_y = (int)((float)input->mouse_y * ratio);
    }
    w->scale = w->events.scale = w->wanted_scale;
    ui_set_measure(w->ui, fonts_measure(fonts));
    canvas_free(w->canvas);
    w->canvas = NULL;
    fonts_free(w->fonts);
    w->fonts = fonts;
    SDL_SetWindowMinimumSize(w->window, pixels_of(WINDOW_MIN_WIDTH, w->scale),
                             pixels_of(WINDOW_MIN_HEIGHT, w->scale));
}

static bool frame(Window *w, uint64_t now, Err *err) {
    SDL_Surface *screen = SDL_GetWindowSurface(w->window);
    if (screen == NULL) {
        return err_set(err, "the window has no surface to draw on: %s", SDL_GetError());
    }
    if (w->wanted_scale != w->scale) {
        change_scale(w);
    }
    if (!same_size(w->canvas, screen->w, screen->h)) {
        canvas_free(w->canvas);
        w->canvas = canvas_new(screen->w, screen->h, w->fonts);
    }
    w->events.input.now_ms = now;
    w->last_frame = now;
    frame_begin(w->app, w->ui, &w->events.input, w->canvas);
    scale_keys(w);
    frame_end(w->ui, w->canvas);
    events_clear(&w->events);
    present(w, screen);
    follow_cursor(w);
    follow_text_input(w);
    return true;
}

/* ---- The loop ---- */

static bool frame_due(const Window *w, uint64_t now) {
    bool soon = w->events.moved || ui_wants_redraw(w->ui);
    return w->events.any || (soon && now >= w->last_frame + FRAME_MS) || now >= ui_next_wake(w->ui);
}

/* How long the loop may sleep; −1: until an event comes. */
static int sleep_ms(const Window *w, uint64_t now) {
    uint64_t until = ui_next_wake(w->ui);
    if (w->events.moved || ui_wants_redraw(w->ui)) {
        uint64_t next = w->last_frame + FRAME_MS;
        until = next < until ? next : until;
    }
    if (w->script != NULL) {
        until = now + SCRIPT_MS < until ? now + SCRIPT_MS : until;
    }
    if (until == UINT64_MAX) {
        return -1;
    }
    uint64_t left = until > now ? until - now : 0;
    return left > 60000 ? 60000 : (int)left;
}

static ScriptState drive(Window *w, uint64_t now, Err *err) {
    ScriptScreen screen = {
        .window = w->window,
        .scale = w->scale,
        .ui = w->ui,
        .list = ui_list(w->ui),
        .busy = w->app->busy != NULL && w->app->busy(w->app->user),
        .frame_due = w->events.any || w->events.moved || w->events.has_pending ||
                     ui_wants_redraw(w->ui) || SDL_HasEvents(SDL_FIRSTEVENT, SDL_LASTEVENT),
        .pixels = w->canvas->pixels,
        .width_px = w->canvas->width,
        .height_px = w->canvas->height,
        .stride = w->canvas->stride,
    };
    return script_turn(w->script, &screen, now, err);
}

static bool loop(Window *w, Err *err) {
    while (!w->events.quit) {
        uint64_t now = SDL_GetTicks64();
        events_take(&w->events, w->events.any ? 0 : sleep_ms(w, now));
        now = SDL_GetTicks64();
        if (frame_due(w, now) && !frame(w, now, err)) {
            return false;
        }
        ScriptState state = w->script == NULL ? SCRIPT_WAIT : drive(w, now, err);
        if (state == SCRIPT_DONE || state == SCRIPT_FAILED) {
            return state == SCRIPT_DONE;
        }
    }
    return true;
}

/* ---- Opening and closing ---- */

static bool start_video(Err *err) {
    SDL_SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION, "0");
    SDL_SetHint(SDL_HINT_RENDER_DRIVER, "software");
    SDL_SetHint(SDL_HINT_IME_SHOW_UI, "1");
    SDL_SetHint(SDL_HINT_MOUSE_FOCUS_CLICKTHROUGH, "1");
    SDL_SetHint(SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0");
    if (SDL_InitSubSystem(SDL_INIT_VIDEO) != 0) {
        return err_set(err, "no window can be opened here: %s", SDL_GetError());
    }
    return true;
}

/* Without a display SDL falls back to drivers that draw where nobody looks. */
bool window_possible(Err *why) {
    static const char *const unseen[] = {"offscreen", "dummy", "evdev"};
    if (getenv("DISPLAY") == NULL && getenv("WAYLAND_DISPLAY") == NULL &&
        getenv("XDG_RUNTIME_DIR") == NULL) { /* Wayland's library would complain to the terminal */
        return err_set(why, "neither DISPLAY nor WAYLAND_DISPLAY is set");
    }
    if (!start_video(why)) {
        return false;
    }
    const char *driver = SDL_GetCurrentVideoDriver();
    bool seen = driver != NULL;
    for (size_t i = 0; seen && i < sizeof unseen / sizeof *unseen; i++) {
        seen = strcmp(driver, unseen[i]) != 0;
    }
    SDL_QuitSubSystem(SDL_INIT_VIDEO);
    return seen || err_set(why, "neither X11 nor Wayland answers");
}

static bool open_window(Window *w, const WindowOptions *o, Err *err) {
    w->scale = w->start_scale = w->wanted_scale = scale_find(o->scale);
    w->window = SDL_CreateWindow(w->app->title, SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED,
                                 pixels_of(o->width, w->scale), pixels_of(o->height, w->scale),
                                 SDL_WINDOW_RESIZABLE);
    if (w->window == NULL) {
        return err_set(err, "the window could not be opened: %s", SDL_GetError());
    }
    SDL_SetWindowMinimumSize(w->window, pixels_of(WINDOW_MIN_WIDTH, w->scale),
                             pixels_of(WINDOW_MIN_HEIGHT, w->scale));
    SDL_EnableScreenSaver();
    SDL_StopTextInput();
    static const SDL_SystemCursor CURSORS[CURSOR_COUNT] = {
        [UI_CURSOR_ARROW] = SDL_SYSTEM_CURSOR_ARROW,
        [UI_CURSOR_HAND] = SDL_SYSTEM_CURSOR_HAND,
        [UI_CURSOR_TEXT] = SDL_SYSTEM_CURSOR_IBEAM,
        [UI_CURSOR_CROSS] = SDL_SYSTEM_CURSOR_CROSSHAIR,
    };
    for (int i = 0; i < CURSOR_COUNT; i++) {
        w->cursors[i] = SDL_CreateSystemCursor(CURSORS[i]);
    }
    w->fonts = fonts_new(w->scale, err);
    if (w->fonts == NULL) {
        return false;
    }
    w->ui = ui_new(fonts_measure(w->fonts), o->theme,
                   (UiClipboard){NULL, clipboard_get, clipboard_set});
    events_start(&w->events, w->scale);
    return true;
}

static void close_window(Window *w) {
    ui_free(w->ui);
    canvas_free(w->canvas);
    fonts_free(w->fonts);
    script_free(w->script);
    for (int i = 0; i < CURSOR_COUNT; i++) {
        if (w->cursors[i] != NULL) {
            SDL_FreeCursor(w->cursors[i]);
        }
    }
    if (w->window != NULL) {
        SDL_DestroyWindow(w->window);
    }
}

bool window_run(const WindowApp *app, const WindowOptions *options, Err *err) {
    WindowOptions o = complete(options);
    uint64_t start = SDL_GetPerformanceCounter();
    Window w = {.app = app};
    if (o.script != NULL) {
        w.script = script_read(o.script, err);
        if (w.script == NULL) {
            return false;
        }
    }
    if (!start_video(err)) {
        script_free(w.script);
        return false;
    }
    bool ok = open_window(&w, &o, err);
    ok = ok && frame(&w, SDL_GetTicks64(), err);
    if (ok && o.time_start) {
        double ticks = (double)(SDL_GetPerformanceCounter() - start);
        fprintf(stderr, "first frame after %.1f ms\n",
                ticks * 1000.0 / (double)SDL_GetPerformanceFrequency());
    }
    ok = ok && loop(&w, err);
    close_window(&w);
    SDL_QuitSubSystem(SDL_INIT_VIDEO);
    return ok;
}

void window_wake(void) {
    if (SDL_WasInit(SDL_INIT_VIDEO) != 0) {
        SDL_Event event = {.type = SDL_USEREVENT};
        SDL_PushEvent(&event);
    }
}

/* ---- Without a display ---- */

static bool draw_until_idle(const WindowApp *app, Ui *ui, SdlCanvas *canvas, Err *err) {
    UiInput input = {.mouse_x = -1, .mouse_y = -1};
    uint64_t start = SDL_GetTicks64();
    bool busy = true;
    do {
        input.now_ms = SDL_GetTicks64();
        busy = app->busy != NULL && app->busy(app->user); /* asked before: the frame may take it */
        frame_begin(app, ui, &input, canvas);
        frame_end(ui, canvas);
        if (input.now_ms - start > BUSY_MOST_MS) {
            return err_set(err, "the picture was not ready after %d s", BUSY_MOST_MS / 1000);
        }
        if (busy) {
            SDL_Delay(5);
        }
    } while (busy || ui_wants_redraw(ui));
    return true;
}

bool window_screenshot(const WindowApp *app, const WindowOptions *options, const char *path,
                       Err *err) {
    WindowOptions o = complete(options);
    float scale = scale_round(o.scale);
    Fonts *fonts = fonts_new(scale, err);
    if (fonts == NULL) {
        return false;
    }
    Ui *ui = ui_new(fonts_measure(fonts), o.theme, (UiClipboard){NULL, NULL, NULL});
    SdlCanvas *canvas = canvas_new(pixels_of(o.width, scale), pixels_of(o.height, scale), fonts);
    bool ok = draw_until_idle(app, ui, canvas, err) &&
              sdl_save_png(path, canvas->pixels, canvas->width, canvas->height, canvas->stride,
                           err);
    canvas_free(canvas);
    ui_free(ui);
    fonts_free(fonts);
    return ok;
}
