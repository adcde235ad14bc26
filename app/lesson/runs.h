/* runs: the traces that a lesson's scenes need, by what was run: model, prompt, knobs. Made by a
 * thread of their own and kept, so that going back costs nothing and the window never waits.
 *
 * One thread asks. What it was given lives until lesson_runs_trim, which the play calls when it goes
 * on to other runs; the RUNS_KEPT that were asked for last stay even then. */
#ifndef LESSON_RUNS_H
#define LESSON_RUNS_H

#include "app/lesson/lesson.h"

enum { RUNS_KEPT = 32 };

typedef struct LessonRuns LessonRuns;

/* `assets`: the folder that model names are looked up in. `wake` (may be NULL) is called from the
 * thread when a run is there. Without a thread to be had, everything is run when it is asked for. */
LessonRuns *lesson_runs_new(const char *assets, int threads, void (*wake)(void));
void lesson_runs_free(LessonRuns *runs); /* NULL is allowed */

typedef enum { RUN_WAITS, RUN_READY, RUN_FAILED } RunAnswer;

/* The run with every field set; asks for it where it is not there. A KV cache changes no number, so
 * with and without one it is the same trace. `err` has the reason of RUN_FAILED. */
RunAnswer lesson_runs_get(LessonRuns *runs, const LessonRun *run, ExprRun *out, Err *err);
/* The same, and waits for it. */
bool lesson_runs_wait(LessonRuns *runs, const LessonRun *run, ExprRun *out, Err *err);
bool lesson_runs_busy(LessonRuns *runs);
void lesson_runs_settle(LessonRuns *runs); /* waits until it is not */
/* Nothing that was handed out is held any more: frees the least recently used beyond RUNS_KEPT. */
void lesson_runs_trim(LessonRuns *runs);

#endif
