/* point: the places that a question can ask to be pointed at. Private to app/lesson. */
#ifndef LESSON_POINT_H
#define LESSON_POINT_H

#include "app/lesson/play_part.h"

/* The first axis of tokens: query before key. */
int point_row_axis(const Node *node);
/* Whether the axis counts: of a row the last one does not, of a column that of the rows. */
bool point_has_axis(const LessonCheck *check, const Node *node, int axis);

/* The places one after another, from point_first on: in the head in view, where there is one. False:
 * that was the last one. */
bool point_first(Play *play, const LessonCheck *check, Answer *answer, Err *err);
bool point_next(Play *play, const LessonCheck *check, Answer *answer);

#endif
