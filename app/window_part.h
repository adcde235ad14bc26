/* window_part: what the files of window_app share; private to them. */
#ifndef APP_WINDOW_PART_H
#define APP_WINDOW_PART_H

#include "app/export_window.h"
#include "app/step_cost.h"
#include "app/switched.h"
#include "app/views/window_view.h"
#include "app/window_app.h"
#include "app/worker.h"

struct WindowAppState {
    const OpenOptions *options;
    const ModelChoice *choice;
    int chosen;           /* the model in the list */
    int shown;            /* the one whose trace is shown */
    int to_open;          /* the one to open with the next request; -1: stay */
    WindowLesson *lesson; /* NULL: there are none */
    const char *assets;
    bool looked;   /* the lesson was given the trace that is shown */
    LessonRun run; /* of the lesson, that was asked for last, … */
    Arena run_arena;
    bool run_shown; /* … and is what is shown */
    Worker *worker;
    uint64_t asked;  /* the newest request */
    bool waiting;    /* for its result */
    uint64_t due_ms; /* when the changed text is to be run; 0: it is not changed */

    SharedModel *model; /* of the trace */
    Trace *trace;       /* NULL: none yet */
    Trace *recalled;    /* the same with stages that it had left out; NULL: none was asked for */
    uint64_t recall;    /* the newest request for such stages that has no result yet; 0: none */
    int recall_node;    /* the stage that it is for, … */
    bool recall_tiled;  /* … which is one of tiles, … */
    size_t recall_head; /* … of this head */
    int recall_failed;  /* one more than the stage that can't be had, because of … */
    Err recall_problem;
    Arena arena; /* of what belongs to the trace: */
    Walk walk;
    const char *const *typed;
    const char *set, *mask;
    bool tiled;
    Switched switched;
    CacheStep cache_step;
    Err no_tiles;           /* with state.no_tiles: why */
    Err no_flash, no_cache; /* why the trace's model can't; "" where it can */
    bool reads_once;        /* it has no use for a cache: it does not generate */

    AttentionOptions attention;
    bool cached;
    ViewState state;
    ViewWidgets widgets;
    ExportWindow *export;
    Buf own; /* the text that was chosen for the model; another model chooses another one */
    Err problem;
    WorkOutcome outcome; /* of the newest result: WORK_DONE, or there is a problem */
    bool no_model;       /* … because the chosen model can't be opened */
};

/* ---- window_run.c: what the worker is asked for ---- */

bool window_in_lesson(const WindowAppState *app);
/* Nobody has typed anything of his own. */
bool window_text_is_own(const WindowAppState *app);
void window_show_own_text(WindowAppState *app, const char *text);
/* What stands in the text box, by the chosen model; in a lesson it goes through the play. */
void window_ask(WindowAppState *app);
void window_ask_run(WindowAppState *app, const LessonRun *run);
/* The lesson has gone on: what it wants is shown. */
void window_follow_lesson(WindowAppState *app);

/* ---- window_recall.c: stages that were left out, computed when someone looks at them ---- */

/* What is shown: the trace, with what was recalled. */
const Trace *window_seen(const WindowAppState *app);
/* The trace shown is another, or goes: the lesson is given the next one in the next frame. */
void window_unlook(WindowAppState *app);
void window_forget_recalled(WindowAppState *app);
bool window_stage_is_absent(const WindowAppState *app);
/* Asks for the stage shown where it was left out. A new text comes first: its trace may have it. */
void window_ask_recall(WindowAppState *app);
void window_take_recalled(WindowAppState *app, WorkResult *result);

#endif
