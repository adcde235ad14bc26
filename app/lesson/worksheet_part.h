/* worksheet_part: what the files of worksheet share; private to them. */
#ifndef LESSON_WORKSHEET_PART_H
#define LESSON_WORKSHEET_PART_H

#include "app/lesson/worksheet.h"

enum { WORKSHEET_BOUND = 32 }; /* variables that are drawn, of the sheet and a question together */

/* What was drawn so far, and what the question is asked of. */
typedef struct {
    const Lesson *lesson;
    LessonRuns *runs;
    Lang lang;
    const WorksheetWords *words;
    Arena *arena;
    uint64_t state; /* of random.h */
    LessonRun run;
    ExprName bound[WORKSHEET_BOUND];
    size_t bound_count;
    ExprScope scope;
} Drawing;

/* Draws on: prompts change the run, all else is bound to its name. */
bool drawing_more(Drawing *drawing, const LessonDraw *draw, size_t count, Err *err);
/* The scope looks into the run that was drawn. */
bool drawing_look(Drawing *drawing, Err *err);

/* The cells of matrix[which], with the question's blanks in it. */
bool worksheet_matrix(const Drawing *drawing, const LessonQuestion *question, size_t which,
                      SheetMatrix *matrix, Err *err);
/* Each blank is in one of the matrices. */
bool worksheet_check_blanks(const Drawing *drawing, const LessonQuestion *question, Err *err);

#endif
