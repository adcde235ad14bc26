/* window_lesson: lessons in the window. It owns the lessons, the play of the one that is open, the
 * runs that this needs beside the one shown, what is kept of the learner's progress, and what an open
 * question hides. window_app shows what window_lesson_wants, and hands in the trace that came of it;
 * the views are given a LessonView, marks and a veiled trace. Nothing here knows SDL. */
#ifndef APP_WINDOW_LESSON_H
#define APP_WINDOW_LESSON_H

#include "app/views/lesson.h"

typedef struct WindowLesson WindowLesson;

/* `assets`: where models are; `lessons`: the folder of the installed lessons, read when they are first
 * asked for. `wake` is called from a thread. */
WindowLesson *window_lesson_new(const char *assets, const char *lessons, int threads,
                                void (*wake)(void));
void window_lesson_free(WindowLesson *lesson); /* NULL is allowed */

/* Opens the lesson of that name or folder, at the scene of that number (from 1) or id; NULL: where the
 * learner left it. */
bool window_lesson_start(WindowLesson *lesson, const char *name, const char *scene, Err *err);
/* NULL: none is open. And what the learner has in the panel. */
Play *window_lesson_play(WindowLesson *lesson);
LessonPanel *window_lesson_panel(WindowLesson *lesson);
bool window_lesson_is_open(const WindowLesson *lesson);
bool window_lesson_busy(const WindowLesson *lesson); /* a run beside the one shown is computed */

/* Takes the intents that are about lessons; false: it is none. */
bool window_lesson_apply(WindowLesson *lesson, const Intent *intent);
/* The learner's own text, model, attention or cache, while a lesson is open. */
void window_lesson_prompt(WindowLesson *lesson, const char *text);
void window_lesson_change(WindowLesson *lesson, const LessonRun *change); /* fields that are set */

/* Whether another run is to be shown now; each is told once. */
bool window_lesson_wants(WindowLesson *lesson, LessonRun *run);
/* The trace of the run that was wanted last is shown now; the model came with it. NULL: it goes. */
void window_lesson_look(WindowLesson *lesson, const Trace *trace, const Model *model);
/* It can't be: why. NULL: it could. */
void window_lesson_failed(WindowLesson *lesson, const char *problem);
/* Moves the state to where a new scene stands, as soon as that is known. True: it did. */
bool window_lesson_place(WindowLesson *lesson, ViewState *state, const Trace *trace,
                         const Walk *walk);

/* What of the trace handed in is hidden; NULL: nothing. Valid until the next look or intent. */
const Veil *window_lesson_veil(WindowLesson *lesson);
/* For the views; what is made lies in the arena. */
void window_lesson_view(WindowLesson *lesson, const ViewState *state, const Trace *trace,
                        Arena *arena, ViewInput *in);

#endif
