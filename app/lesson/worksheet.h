/* worksheet: a lesson's questions on real matrices from the live trace, as a sheet to print, and the
 * key to it. What a question leaves open (which prompt, head, query …) is drawn by the seed: the same
 * seed gives the same sheet, another one other numbers, and a key answers the questions of its seed. */
#ifndef LESSON_WORKSHEET_H
#define LESSON_WORKSHEET_H

#include "app/lesson/runs.h"
#include "app/ui/sheet.h"

/* What stages and places are called: the window's words, which stand above this room. */
typedef struct {
    const char *(*stage)(const Node *node);
    /* `head` −1: it is not of one head. */
    const char *(*where)(Arena *arena, const Node *node, long head);
    const char *(*place)(Arena *arena, const Trace *trace, const Model *model, int node, int axis,
                         size_t index);
} WorksheetWords;

typedef struct {
    SheetDoc sheet, key;
    const char *model, *prompt; /* of the first question */
} Worksheet;

/* False with a message that names the lesson, the question and what is wrong with it: nothing to draw
 * from, cells that are no matrix or too many, a blank outside of it. Everything lies in the arena. */
bool worksheet_make(const Lesson *lesson, LessonRuns *runs, Lang lang, uint64_t seed,
                    const WorksheetWords *words, Arena *arena, Worksheet *worksheet, Err *err);

#endif
