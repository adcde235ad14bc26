/* plan: which stages are kept, before anything runs, and what that takes.
 *
 * Each node's values are kept, or lie in a slot that is used again once the last reader has run, or
 * are a view of another node's, or are not computed at all because nothing that is asked for needs
 * them. The plan knows its bytes to the last one, so that a budget is checked before the first
 * allocation. */
#ifndef TRACE_PLAN_H
#define TRACE_PLAN_H

#include "engine/base/err.h"
#include "engine/trace/graph.h"

typedef enum { STORE_SKIPPED, STORE_KEPT, STORE_SLOT, STORE_VIEW } Storage;

typedef struct {
    Storage *storage; /* [graph.count] */
    bool *asked; /* [graph.count]: named by the patterns; an unasked one may be kept for a view */
    int *slot;   /* [graph.count], where STORE_SLOT */
    size_t *slot_size; /* bytes */
    int slot_count;
    size_t kept_bytes, slot_bytes, work_bytes;
    size_t total_bytes; /* the sum: trace and working set, without the weights */
} Plan;

/* `globs` as in graph_matches; one that matches nothing is an error that names it. `row_by_row`:
 * the run comes back for later rows (generation), so the keys and values, which later rows read,
 * are kept too. The plan lives in `arena`. */
bool plan_make(const Graph *graph, const char *globs, bool row_by_row, Arena *arena, Plan *plan,
               Err *err);

/* `budget` in bytes. The message names the least that this plan needs. */
bool plan_fits(const Plan *plan, size_t budget, Err *err);

/* "1.5 MiB" */
void bytes_text(size_t bytes, char *text, size_t size);

#endif
