#include "app/sdl/script.h"

#include "app/sdl/png.h"
#include "app/sdl/script_parse.h"
#include "app/sdl/window.h"
#include "engine/base/utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SETTLE_MOST_MS = 250, RESIZE_MOST_MS = 2000, IDLE_MOST_MS = 120000, DRAG_STEPS = 8 };

struct Script {
    Arena arena;
    const char *path;
    ScriptCommand *commands;
    size_t count, at;
    bool started;         /* the present command has begun */
    uint64_t since;       /* when the present command became the next */
    int mouse_x, mouse_y; /* pixels */
};

/* ---- Reading ---- */

Script *script_parse(const char *text, size_t size, const char *path, Err *err) {
    Script *script = calloc(1, sizeof *script);
    if (script == NULL) {
        abort();
    }
    script->path = arena_copy_text(&script->arena, path);
    if (!script_parse_commands(&script->arena, text, size, script->path, &script->commands,
                               &script->count, err)) {
        script_free(script);
        return NULL;
    }
    return script;
}

Script *script_read(const char *path, Err *err) {
    Arena arena = {0};
    char *text;
    size_t size;
    Script *script = NULL;
    if (file_read_text(path, 1 << 20, &arena, &text, &size, err)) {
        script = script_parse(text, size, path, err);
    }
    arena_free(&arena);
    return script;
}

void script_free(Script *script) {
    if (script != NULL) {
        arena_free(&script->arena);
        free(script);
    }
}

/* ---- Pushing events ---- */

static void push(const ScriptScreen *screen, SDL_Event *event) {
    /* every event with a window has it in the same place */
    event->window.windowID = SDL_GetWindowID(screen->window);
    SDL_PushEvent(event);
}

static void push_motion(Script *s, const ScriptScreen *screen, float x, float y) {
    s->mouse_x = (int)floorf(x * screen->scale);
    s->mouse_y = (int)floorf(y * screen->scale);
    SDL_Event event = {.type = SDL_MOUSEMOTION};
    event.motion.x = s->mouse_x;
    event.motion.y = s->mouse_y;
    push(screen, &event);
}

static void push_button(const Script *s, const ScriptScreen *screen, bool down, int clicks) {
    SDL_Event event = {.type = down ? SDL_MOUSEBUTTONDOWN : SDL_MOUSEBUTTONUP};
    event.button.button = SDL_BUTTON_LEFT;
    event.button.state = down ? SDL_PRESSED : SDL_RELEASED;
    event.button.clicks = (uint8_t)clicks;
    event.button.x = s->mouse_x;
    event.button.y = s->mouse_y;
    push(screen, &event);
}

static void push_click(Script *s, const ScriptScreen *screen, float x, float y, int clicks) {
    push_motion(s, screen, x, y);
    for (int i = 1; i <= clicks; i++) {
        push_button(s, screen, true, i);
        push_button(s, screen, false, i);
    }
}

static void push_drag(Script *s, const ScriptScreen *screen, const int at[4]) {
    float x = (float)at[0], y = (float)at[1];
    push_motion(s, screen, x, y);
    push_button(s, screen, true, 1);
    for (int i = 1; i <= DRAG_STEPS; i++) {
        float part = (float)i / (float)DRAG_STEPS;
        push_motion(s, screen, x + ((float)at[2] - x) * part, y + ((float)at[3] - y) * part);
    }
    push_button(s, screen, false, 1);
}

static void push_text(const ScriptScreen *screen, const char *text) {
    size_t size = strlen(text);
    for (size_t at = 0; at < size;) {
        SDL_Event event = {.type = SDL_TEXTINPUT};
        size_t used = 0;
        while (at < size) {
            size_t step = utf8_next(text + at, size - at).size;
            if (used + step >= sizeof event.text.text) {
                break;
            }
            memcpy(event.text.text + used, text + at, step);
            used += step;
            at += step;
        }
        push(screen, &event);
    }
}

/* As a keyboard does: what the key writes comes between down and up, when text is listened to. */
static void push_key(const ScriptScreen *screen, const ScriptCommand *c) {
    SDL_Event event = {.type = SDL_KEYDOWN};
    event.key.state = SDL_PRESSED;
    event.key.keysym.sym = c->key;
    event.key.keysym.scancode = SDL_GetScancodeFromKey(c->key);
    event.key.keysym.mod = (uint16_t)c->mods;
    push(screen, &event);
    bool writes = c->text[0] != '\0' && (c->mods & (KMOD_CTRL | KMOD_ALT | KMOD_GUI)) == 0;
    if (writes && SDL_IsTextInputActive()) {
        push_text(screen, c->text);
    }
    event.type = SDL_KEYUP;
    event.key.state = SDL_RELEASED;
    push(screen, &event);
}

/* ---- Commands ---- */

static ScriptState fail(const Script *s, Err *err, const char *message, const char *detail) {
    const ScriptCommand *c = &s->commands[s->at];
    err_set(err, "%s:%d: %s: %s%s", s->path, c->line, c->source, message, detail);
    return SCRIPT_FAILED;
}

/* Ids that begin like the one that is missing, up to its last "/". */
static const char *similar_ids(Script *s, const Ui *ui, const char *id) {
    const char *slash = strrchr(id, '/');
    size_t same = slash == NULL ? 0 : (size_t)(slash - id) + 1;
    Buf list = {0};
    int found = 0;
    for (size_t i = 0; ui_id_at(ui, i) != NULL && found < 6; i++) {
        if (strncmp(ui_id_at(ui, i), id, same) == 0) {
            buf_printf(&list, "%s%s", found++ == 0 ? "; there are " : ", ", ui_id_at(ui, i));
        }
    }
    char *text = arena_copy_text(&s->arena, buf_cstr(&list));
    buf_free(&list);
    return text;
}

/* The middle of a widget's visible part. */
static bool locate(Script *s, const ScriptScreen *screen, const char *id, float *x, float *y,
                   Err *err) {
    Rect visible;
    const char *by;
    if (!ui_find(screen->ui, id, NULL, &visible)) {
        fail(s, err, "nothing on the screen has this id", similar_ids(s, screen->ui, id));
        return false;
    }
    if (ui_covered(screen->ui, id, &by)) {
        fail(s, err, by[0] != '\0' ? "it is covered by " : "it is scrolled or clipped out of view",
             by);
        return false;
    }
    *x = (float)(visible.x + visible.w / 2);
    *y = (float)(visible.y + visible.h / 2);
    return true;
}

static bool has_id(const ScriptScreen *screen, const char *id) {
    return ui_find(screen->ui, id, NULL, NULL);
}

static ScriptState expect(const Script *s, const ScriptScreen *screen, Err *err) {
    const ScriptCommand *c = &s->commands[s->at];
    switch (c->kind) {
    case SCRIPT_EXPECT_TEXT:
    case SCRIPT_EXPECT_NO_TEXT: {
        bool there = draw_list_has_text(screen->list, ui_measure(screen->ui), c->text);
        if (there != (c->kind == SCRIPT_EXPECT_TEXT)) {
            return fail(s, err, there ? "it is on the screen" : "it is not on the screen", "");
        }
        return SCRIPT_RUNNING;
    }
    case SCRIPT_EXPECT_ID:
    case SCRIPT_EXPECT_NO_ID: {
        bool there = has_id(screen, c->text);
        if (there != (c->kind == SCRIPT_EXPECT_ID)) {
            return fail(s, err, there ? "it is there" : "nothing has this id", "");
        }
        return SCRIPT_RUNNING;
    }
    default: break;
    }
    if (!ui_focused(screen->ui, c->text)) {
        const char *focus = ui_focus_id(screen->ui);
        return fail(s, err, "the focus is on ", focus[0] == '\0' ? "nothing" : focus);
    }
    return SCRIPT_RUNNING;
}

/* A command on a widget: its middle, then what the same command does with a point. */
static ScriptState on_widget(Script *s, const ScriptScreen *screen, Err *err) {
    const ScriptCommand *c = &s->commands[s->at];
    float x, y;
    if (!locate(s, screen, c->text, &x, &y, err)) {
        return SCRIPT_FAILED;
    }
    if (c->kind == SCRIPT_HOVER_ON) {
        push_motion(s, screen, x, y);
    } else {
        push_click(s, screen, x, y, c->kind == SCRIPT_CLICK_ON ? 1 : 2);
    }
    return SCRIPT_RUNNING;
}

static ScriptState resize(Script *s, const ScriptScreen *screen, uint64_t now, Err *err) {
    const ScriptCommand *c = &s->commands[s->at];
    int w = (int)lroundf((float)c->numbers[0] * screen->scale);
    int h = (int)lroundf((float)c->numbers[1] * screen->scale);
    if (!s->started) {
        SDL_SetWindowSize(screen->window, w, h); /* there is no event that asks for this */
        s->started = true;
    }
    if (screen->width_px == w && screen->height_px == h) {
        return SCRIPT_RUNNING;
    }
    if (now - s->since > RESIZE_MOST_MS) {
        char size[64];
        SDL_snprintf(size, sizeof size, "%d × %d pixels", screen->width_px, screen->height_px);
        return fail(s, err, "the window stayed at ", size);
    }
    return SCRIPT_WAIT;
}

static ScriptState wait_idle(const Script *s, const ScriptScreen *screen, uint64_t now, Err *err) {
    if (!screen->busy && !screen->frame_due) {
        return SCRIPT_RUNNING;
    }
    if (now - s->since > IDLE_MOST_MS) {
        return fail(s, err, "the program was still at work after two minutes", "");
    }
    return SCRIPT_WAIT;
}

static ScriptState screenshot(const Script *s, const ScriptScreen *screen, Err *err) {
    Err why;
    if (!sdl_save_png(s->commands[s->at].text, screen->pixels, screen->width_px, screen->height_px,
                      screen->stride, &why)) {
        return fail(s, err, why.text, "");
    }
    return SCRIPT_RUNNING;
}

/* SCRIPT_RUNNING: done, on to the next command. */
static ScriptState run(Script *s, const ScriptScreen *screen, uint64_t now, Err *err) {
    const ScriptCommand *c = &s->commands[s->at];
    const int *n = c->numbers;
    switch (c->kind) {
    case SCRIPT_KEY: push_key(screen, c); break;
    case SCRIPT_TEXT:
        if (!ui_text_input(screen->ui, NULL)) {
            return fail(s, err, "no text box has the focus", "");
        }
        push_text(screen, c->text);
        break;
    case SCRIPT_CLICK: push_click(s, screen, (float)n[0], (float)n[1], 1); break;
    case SCRIPT_DOUBLE_CLICK: push_click(s, screen, (float)n[0], (float)n[1], 2); break;
    case SCRIPT_HOVER: push_motion(s, screen, (float)n[0], (float)n[1]); break;
    case SCRIPT_DRAG: push_drag(s, screen, n); break;
    case SCRIPT_WHEEL: {
        SDL_Event event = {.type = SDL_MOUSEWHEEL};
        event.wheel.y = n[0];
        push(screen, &event);
        break;
    }
    case SCRIPT_CLICK_ON:
    case SCRIPT_DOUBLE_CLICK_ON:
    case SCRIPT_HOVER_ON: return on_widget(s, screen, err);
    case SCRIPT_RESIZE: return resize(s, screen, now, err);
    case SCRIPT_SCREENSHOT: return screenshot(s, screen, err);
    case SCRIPT_WAIT_MS: return now - s->since >= (uint64_t)n[0] ? SCRIPT_RUNNING : SCRIPT_WAIT;
    case SCRIPT_WAIT_IDLE: return wait_idle(s, screen, now, err);
    case SCRIPT_QUIT: return SCRIPT_DONE;
    default: return expect(s, screen, err);
    }
    return SCRIPT_RUNNING;
}

/* What the command before has set going must be on the screen; but a program that always moves must
 * not stop its script. */
static bool settled(const Script *s, const ScriptScreen *screen, uint64_t now) {
    return !screen->frame_due || now - s->since >= SETTLE_MOST_MS;
}

ScriptState script_turn(Script *s, const ScriptScreen *screen, uint64_t now_ms, Err *err) {
    if (s->at == s->count) {
        return settled(s, screen, now_ms) ? SCRIPT_DONE : SCRIPT_WAIT;
    }
    if (s->since == 0) {
        s->since = now_ms;
    }
    if (!s->started && !settled(s, screen, now_ms)) {
        return SCRIPT_WAIT;
    }
    ScriptState state = run(s, screen, now_ms, err);
    if (state == SCRIPT_RUNNING) {
        s->at++;
        s->started = false;
        s->since = now_ms;
    }
    return state;
}
