/* script_parse: the lines of a script as commands. Private to app/sdl; see script.h. */
#ifndef SDL_SCRIPT_PARSE_H
#define SDL_SCRIPT_PARSE_H

#include "engine/base/arena.h"
#include "engine/base/err.h"
#include "engine/base/file.h"

#include <SDL.h>

typedef enum {
    SCRIPT_KEY,
    SCRIPT_TEXT,
    SCRIPT_CLICK,
    SCRIPT_CLICK_ON,
    SCRIPT_DOUBLE_CLICK,
    SCRIPT_DOUBLE_CLICK_ON,
    SCRIPT_HOVER,
    SCRIPT_HOVER_ON,
    SCRIPT_DRAG,
    SCRIPT_WHEEL,
    SCRIPT_RESIZE,
    SCRIPT_SCREENSHOT,
    SCRIPT_WAIT_MS,
    SCRIPT_WAIT_IDLE,
    SCRIPT_EXPECT_TEXT,
    SCRIPT_EXPECT_NO_TEXT,
    SCRIPT_EXPECT_FOCUS,
    SCRIPT_EXPECT_ID,
    SCRIPT_EXPECT_NO_ID,
    SCRIPT_QUIT
} ScriptKind;

typedef struct {
    ScriptKind kind;
    int line;
    const char *source; /* the line itself, for messages */
    int numbers[4];
    const char *text; /* an id, a file, a text; for a key: what it writes */
    SDL_Keycode key;
    unsigned mods; /* SDL's KMOD_… */
} ScriptCommand;

bool script_parse_commands(Arena *arena, const char *text, size_t size, const char *path,
                           ScriptCommand **commands, size_t *count, Err *err);

#endif
