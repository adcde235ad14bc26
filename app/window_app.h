/* window_app: the program behind the window: what a frame does. It owns the trace that is shown and
 * a share of its model; the worker makes the next one. Nothing here knows SDL. */
#ifndef APP_WINDOW_APP_H
#define APP_WINDOW_APP_H

#include "app/open.h"
#include "app/ui/lang.h"
#include "app/views/view.h"
#include "app/window_lesson.h"

/* A model that can be chosen. */
typedef struct {
    const char **label[LANG_COUNT]; /* "story · 4 layers · 4 heads" */
    const char **folder;
    const char **problem[LANG_COUNT]; /* why it can't be opened; NULL: nothing was found */
    int count;
} ModelChoice;

typedef struct WindowAppState WindowAppState;

/* Starts with the model, asks the worker for the first trace. `choice` lives as long; `chosen` is
 * the model's place in it. The lesson, which may be open already, lives longer; NULL: there are none.
 * NULL on error. */
WindowAppState *window_app_new(const OpenOptions *options, SharedModel *model,
                               const ModelChoice *choice, int chosen, WindowLesson *lesson,
                               void (*wake)(void), Err *err);
void window_app_free(WindowAppState *app); /* NULL is allowed */

/* The members of WindowApp (app/sdl/window.h). */
void window_app_frame(void *app, Ui *ui, int w, int h, uint64_t now_ms);
bool window_app_busy(void *app);

/* What is shown; NULL while nothing is. */
const Trace *window_app_trace(const WindowAppState *app);
const ViewState *window_app_state(const WindowAppState *app);
/* What the views are given of it: without what an open question hides. */
const Trace *window_app_viewed(const WindowAppState *app);
/* What stands in the text box; valid until the next frame. */
const char *window_app_text(const WindowAppState *app);
/* Why the text could not be run; NULL: it could. */
const char *window_app_problem(const WindowAppState *app);

#endif
