#include "app/sdl/events.h"

#include "engine/base/utf8.h"

#include <math.h>
#include <string.h>

void events_start(Events *events, float scale) {
    memset(events, 0, sizeof *events);
    events->scale = scale;
    events->input.mouse_x = events->input.mouse_y = -1;
    events->any = true;
}

void events_clear(Events *events) {
    UiInput *in = &events->input;
    in->mouse_pressed = in->mouse_released = false;
    in->wheel = in->wheel_x = 0;
    in->key_count = 0;
    events->any = events->moved = false;
}

/* ---- Keys ---- */

static const struct {
    SDL_Keycode sdl;
    int key;
} KEYS[] = {
    {SDLK_LEFT, UI_KEY_LEFT},
    {SDLK_RIGHT, UI_KEY_RIGHT},
    {SDLK_UP, UI_KEY_UP},
    {SDLK_DOWN, UI_KEY_DOWN},
    {SDLK_HOME, UI_KEY_HOME},
    {SDLK_END, UI_KEY_END},
    {SDLK_PAGEUP, UI_KEY_PAGE_UP},
    {SDLK_PAGEDOWN, UI_KEY_PAGE_DOWN},
    {SDLK_BACKSPACE, UI_KEY_BACKSPACE},
    {SDLK_DELETE, UI_KEY_DELETE},
    {SDLK_RETURN, UI_KEY_ENTER},
    {SDLK_KP_ENTER, UI_KEY_ENTER},
    {SDLK_ESCAPE, UI_KEY_ESCAPE},
    {SDLK_TAB, UI_KEY_TAB},
};

int events_key(SDL_Keysym key) {
    for (size_t i = 0; i < sizeof KEYS / sizeof KEYS[0]; i++) {
        if (KEYS[i].sdl == key.sym) {
            return KEYS[i].key;
        }
    }
    if (key.sym >= SDLK_F1 && key.sym <= SDLK_F12) {
        return UI_KEY_F1 + (key.sym - SDLK_F1);
    }
    if (key.sym >= ' ' && key.sym < 0x7f) {
        return key.sym;
    }
    /* On a layout without Latin letters, Ctrl and the key where "c" would be is still Ctrl+C. */
    if (key.scancode >= SDL_SCANCODE_A && key.scancode <= SDL_SCANCODE_Z) {
        return 'a' + (int)(key.scancode - SDL_SCANCODE_A);
    }
    return UI_KEY_NONE;
}

static unsigned mods_of(unsigned sdl) {
    return ((sdl & KMOD_SHIFT) != 0 ? (unsigned)UI_SHIFT : 0U) |
           ((sdl & (KMOD_CTRL | KMOD_GUI)) != 0 ? (unsigned)UI_CTRL : 0U) |
           ((sdl & KMOD_ALT) != 0 ? (unsigned)UI_ALT : 0U);
}

static UiKeyEvent *next_key(Events *events) {
    UiKeyEvent *event = &events->input.keys[events->input.key_count++];
    memset(event, 0, sizeof *event);
    return event;
}

static void take_key(Events *events, const SDL_KeyboardEvent *e) {
    int key = events_key(e->keysym);
    if (key != UI_KEY_NONE) {
        UiKeyEvent *event = next_key(events);
        event->key = key;
        event->mods = mods_of(e->keysym.mod);
    }
}

static void copy_text(char *to, size_t size, const char *from) {
    size_t length = strnlen(from, size - 1);
    memcpy(to, from, length);
    to[length] = '\0';
}

/* ---- Mouse ---- */

static void move_mouse(Events *events, int x, int y) {
    events->input.mouse_x = (int)floorf((float)x / events->scale);
    events->input.mouse_y = (int)floorf((float)y / events->scale);
}

static void take_button(Events *events, const SDL_MouseButtonEvent *e) {
    if (e->button != SDL_BUTTON_LEFT) {
        return;
    }
    UiInput *in = &events->input;
    bool down = e->type == SDL_MOUSEBUTTONDOWN;
    move_mouse(events, e->x, e->y);
    in->mouse_pressed = down && !in->mouse_down;
    in->mouse_released = !down && in->mouse_down;
    in->mouse_down = down;
    in->mouse_mods = mods_of(SDL_GetModState());
    if (down) {
        in->mouse_clicks = e->clicks;
    }
}

static void take_wheel(Events *events, const SDL_MouseWheelEvent *e) {
    bool sideways = (SDL_GetModState() & KMOD_SHIFT) != 0;
    events->input.wheel += sideways ? 0 : e->y;
    events->input.wheel_x += sideways ? e->y : e->x;
}

static void take_window(Events *events, const SDL_WindowEvent *e) {
    if (e->event == SDL_WINDOWEVENT_LEAVE) {
        events->input.mouse_x = events->input.mouse_y = -1;
    }
}

/* ---- All of them ---- */

static void take_event(Events *events, const SDL_Event *e) {
    events->any |= e->type != SDL_MOUSEMOTION;
    events->moved |= e->type == SDL_MOUSEMOTION;
    switch (e->type) {
    case SDL_QUIT: events->quit = true; break;
    case SDL_KEYDOWN: take_key(events, &e->key); break;
    case SDL_TEXTINPUT:
        copy_text(next_key(events)->text, sizeof events->input.keys[0].text, e->text.text);
        events->input.composition[0] = '\0';
        break;
    case SDL_TEXTEDITING:
        copy_text(events->input.composition, sizeof events->input.composition, e->edit.text);
        events->input.composition_caret = e->edit.start + e->edit.length;
        break;
    case SDL_MOUSEMOTION: move_mouse(events, e->motion.x, e->motion.y); break;
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP: take_button(events, &e->button); break;
    case SDL_MOUSEWHEEL: take_wheel(events, &e->wheel); break;
    case SDL_WINDOWEVENT: take_window(events, &e->window); break;
    default: break;
    }
}

static bool is_button(const SDL_Event *e) {
    return e->type == SDL_MOUSEBUTTONDOWN || e->type == SDL_MOUSEBUTTONUP;
}

static bool full(const Events *events) {
    return events->input.key_count == UI_KEYS_MAX;
}

/* Not SDL_PollEvent: it ends a round of its own with an event that hides those behind it. */
static bool next_event(Events *events, SDL_Event *e) {
    if (events->has_pending) {
        *e = events->pending;
        events->has_pending = false;
        return true;
    }
    return SDL_PeepEvents(e, 1, SDL_GETEVENT, SDL_FIRSTEVENT, SDL_LASTEVENT) > 0;
}

void events_take(Events *events, int timeout_ms) {
    SDL_Event e;
    if (!events->has_pending && timeout_ms != 0) {
        bool came = timeout_ms < 0 ? SDL_WaitEvent(&e) != 0
                                   : SDL_WaitEventTimeout(&e, timeout_ms) != 0;
        if (!came) {
            return;
        }
        events->pending = e;
        events->has_pending = true;
    }
    SDL_PumpEvents();
    while (!full(events) && next_event(events, &e)) {
        if (is_button(&e) && events->input.key_count > 0) {
            events->pending = e; /* keys first: they may belong to another box */
            events->has_pending = true;
            return;
        }
        take_event(events, &e);
        if (is_button(&e)) {
            return;
        }
    }
}
