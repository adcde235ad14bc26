/* script: drives the window from a text file, through the real event queue (SDL_PushEvent) alone,
 * so that what a script does is what a person does. One command a line:
 *
 *   key ctrl+shift+a     text Hello, world     # to the end of the line; \n, \t, \" and \\ are
 *                        text "  "             # escapes; in quotes, spaces at both ends stay
 *   click X Y            click-on ID           # points; fails when it isn't there or is covered
 *   double-click X Y     double-click-on ID
 *   hover X Y            hover-on ID
 *   drag X1 Y1 X2 Y2     wheel DY              # lines, > 0 is up, where the pointer is
 *   resize W H           screenshot F.png      # points; exactly the window's pixels
 *   wait MS              wait-idle             # until nothing is computing and nothing moves
 *   expect-text TEXT     expect-no-text TEXT   # somewhere on the screen now
 *   expect-focus ID      expect-id ID          expect-no-id ID
 *   quit                 # comment
 *
 * Every command is followed by at least one frame before the next is read. Commands that look at
 * the screen (expect-…, screenshot, …-on) wait until no frame is due. An ID ends at the end of the
 * line and may hold spaces. Names of files are relative to the working folder. wait-idle gives up
 * after two minutes. */
#ifndef SDL_SCRIPT_H
#define SDL_SCRIPT_H

#include "app/ui/ui.h"
#include "engine/base/err.h"

#include <SDL.h>

typedef struct Script Script;

/* What the driver asks of the window. */
typedef struct {
    SDL_Window *window;
    float scale;
    const Ui *ui;
    const DrawList *list;
    bool busy;              /* the program computes */
    bool frame_due;         /* one more frame was asked for: what is seen is not final */
    const uint32_t *pixels; /* of the last frame */
    int width_px, height_px, stride;
} ScriptScreen;

typedef enum { SCRIPT_WAIT, SCRIPT_RUNNING, SCRIPT_DONE, SCRIPT_FAILED } ScriptState;

/* Reads and checks the whole file: NULL with "file:line: …" for the first fault. */
Script *script_read(const char *path, Err *err);
Script *script_parse(const char *text, size_t size, const char *path, Err *err);
void script_free(Script *script);

/* Called once in each turn of the loop, between frames. Pushes the events of at most one command.
 * SCRIPT_WAIT: call again within a few milliseconds. */
ScriptState script_turn(Script *script, const ScriptScreen *screen, uint64_t now_ms, Err *err);

#endif
