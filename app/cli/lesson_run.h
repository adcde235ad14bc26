/* lesson_run: a whole lesson on a terminal, line by line, for a screen reader and for tests. What the
 * panel shows is said in plain lines: no escape codes, no boxes, a place by its tokens. */
#ifndef CLI_LESSON_RUN_H
#define CLI_LESSON_RUN_H

#include "app/lesson/play.h"
#include "app/lesson/said.h"

#include <stdio.h>

typedef struct {
    const char *assets; /* the folder with the models */
    int threads;
    Lang lang;
    uint64_t seed;
} LessonTextOptions;

/* Reads answers and commands from `in`, a line each, until the lesson or the input ends. False with a
 * message where the lesson's own runs can't be made. */
bool lesson_run_text(const Lesson *lesson, const LessonTextOptions *options, FILE *in, Err *err);

/* ---- lesson_print.c: what is said of a scene. Texts live in `arena`. ---- */

typedef struct {
    Play *play;
    Lang lang;
    const Trace *trace; /* of what is shown now */
    const Model *model;
    Arena *arena;
    const char *stage; /* in view; NULL: none yet */
    long head;         /* −1: none yet */
} Teller;

void tell(const Teller *teller, SaidId id, const char *first, const char *second);
void tell_scene(const Teller *teller);
/* The text's tokens, each with its number. */
void tell_tokens(const Teller *teller);
/* A line for each row: "query “·Tom”: “·Mina” 45.9 %, …". */
void tell_cells(const Teller *teller, const CellRange *cells);
/* All of the stage in view, of the head in view. */
void tell_stage(const Teller *teller);
void tell_question(const Teller *teller, size_t number, const PlayCheck *check);
void tell_ask(const Teller *teller, const PlayCheck *check);
void tell_body(const LessonBody *body, const char *before);

#endif
