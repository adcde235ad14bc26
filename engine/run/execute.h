/* execute: runs the nodes of a planned graph over a range of rows. Used by engine/run alone. */
#ifndef RUN_EXECUTE_H
#define RUN_EXECUTE_H

#include "engine/base/thread.h"
#include "engine/trace/plan.h"
#include "engine/trace/trace.h"

#include <stdatomic.h>

/* Gives each node that is computed its memory, in trace->values (slots in `slots`, which may go once
 * the run is over), and fills trace->value, asked and left_out. What an earlier run left in either is
 * used again, and not zeroed. Where nodes are given (plan_recall), trace->value has them already. */
bool execute_allocate(Trace *trace, const Plan *plan, Arena *slots, Err *err);

/* For measurements: numbers that are added to one row of a stage once it has run. */
typedef struct {
    int node; /* [rows, width], float32 */
    size_t row;
    const float *add; /* [width] */
} ExecuteChange;

typedef struct {
    size_t first, last; /* rows; `last` becomes the known length */
    size_t logits_from; /* the head over the vocabulary runs on rows from here on only */
    bool forget;        /* keys behind a window (Node.window) are not there any more */
    ThreadPool *pool;
    const atomic_bool *stop;
    const ExecuteChange *change; /* NULL: none */
} ExecuteRange;

/* False when it was stopped. Rows before `first` must have run. */
bool execute_rows(Trace *trace, const Plan *plan, const ExecuteRange *range);

/* Which rows of a node with a row axis that computes; none where first = last. */
void execute_rows_of(const Trace *trace, int node, const ExecuteRange *range, size_t *first,
                     size_t *last);
/* The first key that the node's operation reads there. */
size_t execute_oldest(const Node *node, const ExecuteRange *range);

/* After the run: records that were not kept lose their memory's address. */
void execute_forget_slots(Trace *trace, const Plan *plan);

#endif
