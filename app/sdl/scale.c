#include "app/sdl/scale.h"

#include <SDL.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

float scale_round(float scale) {
    float quarters = roundf(scale * 4.0F) / 4.0F;
    return quarters >= 1.0F ? fminf(quarters, 4.0F) : 1.0F; /* NaN too */
}

/* 0 when the variable is not set or no positive number. */
static float from_environment(const char *name) {
    const char *text = getenv(name);
    float value = text == NULL ? 0.0F : strtof(text, NULL);
    return value > 0.0F && value < 100.0F ? value : 0.0F;
}

/* Xlib's functions, found when the program runs: where it draws through Wayland or a browser there
 * is no Xlib, and nothing is missed. */
typedef struct {
    void *(*open)(const char *name);
    char *(*get_default)(void *display, const char *program, const char *option);
    int (*close)(void *display);
} Xlib;

static bool load(void *library, const char *name, void *function, size_t size) {
    void *found = SDL_LoadFunction(library, name);
    memcpy(function, &found, size); /* C has no cast from an object's pointer to a function's */
    return found != NULL;
}

static float read_xft_dpi(const Xlib *x) {
    void *display = x->open(NULL);
    if (display == NULL) {
        return 0.0F;
    }
    const char *text = x->get_default(display, "Xft", "dpi");
    float dpi = text == NULL ? 0.0F : strtof(text, NULL);
    x->close(display);
    return dpi > 0.0F ? dpi / 96.0F : 0.0F;
}

static float from_xft(void) {
    const char *driver = SDL_GetCurrentVideoDriver();
    if (driver == NULL || strcmp(driver, "x11") != 0) {
        return 0.0F;
    }
    void *library = SDL_LoadObject("libX11.so.6");
    if (library == NULL) {
        return 0.0F;
    }
    Xlib x;
    bool found = load(library, "XOpenDisplay", &x.open, sizeof x.open) &&
                 load(library, "XGetDefault", &x.get_default, sizeof x.get_default) &&
                 load(library, "XCloseDisplay", &x.close, sizeof x.close);
    float scale = found ? read_xft_dpi(&x) : 0.0F;
    SDL_UnloadObject(library);
    return scale;
}

static float from_display(void) {
    float dpi = 0.0F;
    const char *driver = SDL_GetCurrentVideoDriver();
    bool real = driver != NULL && strcmp(driver, "dummy") != 0 && strcmp(driver, "offscreen") != 0;
    return real && SDL_GetDisplayDPI(0, &dpi, NULL, NULL) == 0 ? dpi / 96.0F : 1.0F;
}

float scale_find(float wanted) {
    float scale = wanted;
    scale = scale > 0.0F ? scale : from_environment("ATTNSCOPE_SCALE");
    scale = scale > 0.0F ? scale : from_xft();
    scale = scale > 0.0F ? scale : from_environment("GDK_SCALE");
    scale = scale > 0.0F ? scale : from_environment("QT_SCALE_FACTOR");
    return scale_round(scale > 0.0F ? scale : from_display());
}
