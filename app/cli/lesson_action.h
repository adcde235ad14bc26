/* lesson_action: what `attnscope lesson ACTION` does, as data. Private to app/cli. */
#ifndef CLI_LESSON_ACTION_H
#define CLI_LESSON_ACTION_H

#include "app/cli/options.h"
#include "app/lesson/lesson.h"

typedef struct {
    const char *name;
    const char *operand; /* what stands behind it; NULL: nothing */
    bool optional;       /* … or nothing */
    OptSet takes, needs;
    /* What is wrong with these options whatever the lesson is; NULL: nothing more can be. */
    bool (*check)(const Options *options, Err *err);
    bool (*run)(const Options *options, Err *err);
} LessonAction;

/* The lesson that the second operand names. NULL with a message. */
Lesson *lesson_named(const Options *options, Err *err);
/* --lang, which was checked, or what the environment asks for. */
Lang lesson_lang(const Options *options);

/* lesson_run.c: a lesson line by line on the terminal. */
bool lesson_run(const Options *options, Err *err);
/* lesson_new.c: a small lesson in a folder that does not exist yet, whole or not at all. */
bool lesson_new(const char *folder, Err *err);

#endif
