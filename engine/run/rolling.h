/* rolling: in generation a record's memory holds some of its rows only (Plan.rows): those in hand, or
 * of keys and values with a window the last ones. The tensor's address is set so that row i stands
 * where it would stand if all of them were there, and the operations go on counting rows from 0; an
 * address before the memory's own is never followed. Private to engine/run. */
#ifndef RUN_ROLLING_H
#define RUN_ROLLING_H

#include "engine/trace/plan.h"
#include "engine/trace/trace.h"

typedef struct {
    size_t *start;  /* [graph.count] the row that the memory begins with */
    uint8_t **room; /* [graph.count] the memory; NULL where all rows are there */
    const Plan *plan;
} Rolling;

/* After execute_allocate; lives in the trace's arena. */
Rolling rolling_new(Trace *trace, const Plan *plan);

/* Makes room for the rows [first, last), at most PlanRows.at_once. A cache keeps what a window sees
 * from them on; what lies before is written over, and the rest moves to the front when the end is
 * reached: one move of a window's rows for as many new ones. */
void rolling_to(Rolling *rolling, Trace *trace, size_t first, size_t last);

#endif
