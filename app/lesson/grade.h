/* grade: how far a number may be from the trace's and still be right. */
#ifndef LESSON_GRADE_H
#define LESSON_GRADE_H

#include "engine/trace/trace.h"

/* How far from a cell's value someone can come out who computes it rightly from its operands as the
 * window shows them, each up to half a unit of its last digit away, or who adds the terms that the
 * inspector lists. 0 where the cell can't be explained. */
double grade_doubt(const Trace *trace, int node, const size_t *index);

#endif
