/* shown: how finely the window shows a record's numbers. A learner computes with what is shown, and
 * must be right with it.
 *
 * In a matrix all cells of the head in view have as many decimals as the largest of them deserves
 * (text.h); where a number stands alone it has as many or more. So these are the fewest that a
 * learner may have before him. */
#ifndef LESSON_SHOWN_H
#define LESSON_SHOWN_H

#include "engine/trace/trace.h"

/* Of the head that `index` lies in, where the record has heads. A share that is shown as “45.9 %”
 * has three. −1: its numbers are whole, and shown so. */
int shown_decimals(const Trace *trace, int node, const size_t *index);
/* The number as it is shown; `decimals` −1: as it is. */
double shown_number(double value, int decimals);

#endif
