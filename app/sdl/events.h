/* events: SDL's events as the input of a frame. Private to app/sdl. */
#ifndef SDL_EVENTS_H
#define SDL_EVENTS_H

#include "app/ui/ui.h"

#include <SDL.h>

typedef struct {
    UiInput input;     /* what the next frame gets */
    float scale;       /* pixels a point */
    SDL_Event pending; /* one that must wait for the next frame */
    bool has_pending;
    bool any;   /* something came in that calls for a frame at once */
    bool moved; /* the pointer moved: a frame, but no more of them than the screen shows */
    bool quit;
} Events;

void events_start(Events *events, float scale);

/* Takes what is queued, and sleeps up to `timeout_ms` when nothing is (−1: until something comes).
 * Stops after a change of the mouse's button, so that a frame sees at most one, in its order with
 * the keys. */
void events_take(Events *events, int timeout_ms);

/* Forgets what the frame that was drawn has seen, and keeps what lasts (where the pointer is). */
void events_clear(Events *events);

/* SDL's key as the interface's; 0 for none. */
int events_key(SDL_Keysym key);

#endif
