/* examine_part: what the files of lesson_examine share. Private to examine*.c. */
#ifndef LESSON_EXAMINE_PART_H
#define LESSON_EXAMINE_PART_H

#include "app/lesson/play_part.h"

typedef struct {
    const Lesson *lesson;
    LessonRuns *runs;
    Play *play; /* the scene and the run that are looked at; its trace is there */
    size_t scene;
    const char *run; /* "main", or a named one */
    LessonFault *fault;
    void *user;
    size_t faults;
    Arena arena;
} Examine;

/* "lessons/03/lesson.json: scenes[2] meet: <what>". */
void examine_fault(Examine *examine, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same of a check: "…: checks[0] where: <what>". */
void check_fault(Examine *examine, size_t check, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same of a text: "lessons/03/en.md: meet/where: <what>". */
void text_fault(Examine *examine, Lang lang, const char *key, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The stage that is in view in the scene: its own, or the last one before; NULL: none. */
const char *examine_stage(const Examine *examine);

/* examine_checks.c: the checks of a scene in the run that is looked at. `first`: it is the one that
 * the scene shows. */
void examine_checks(Examine *examine, bool first);
/* A `make` is false at first, and true with its solution. Leaves the play elsewhere. */
void examine_makes(Examine *examine);
/* examine_texts.c: every text of the scene has its values, and none tells an open answer. */
void examine_texts(Examine *examine, bool first);

/* examine_names.c: where nothing else was found wrong with the scene. */
void examine_names(Examine *examine);
/* examine_sheet.c */
void examine_sheet(Examine *examine);

/* Runs what the play wants to be shown. False with a message. */
bool examine_look(Examine *examine, Err *err);

#endif
