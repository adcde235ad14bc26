/* plan: which stages are kept, before anything runs, and what that takes.
 *
 * Each node's values are kept, or lie in a slot that is used again once the last reader has run, or
 * are a view of another node's, or are not computed at all because nothing that is asked for needs
 * them. The plan knows its bytes to the last one, so that a budget is checked before the first
 * allocation.
 *
 * Where a budget is too small for everything, a plan may leave out what was asked for by "*" alone
 * (plan_fit); a second one (plan_recall) then says how such a stage comes back. */
#ifndef TRACE_PLAN_H
#define TRACE_PLAN_H

#include "engine/base/err.h"
#include "engine/trace/graph.h"

typedef enum {
    STORE_SKIPPED,
    STORE_KEPT,
    STORE_SLOT,
    STORE_VIEW,
    STORE_GIVEN /* it was computed before (plan_recall) */
} Storage;

/* How a run that comes back for later rows (generation) stores them. */
typedef struct {
    size_t at_once; /* rows that it computes in one go, at most; no more than a window has, where
                       `cached` */
    bool cached;    /* it comes back: keys and values, which later rows read, are kept too */
} PlanRows;

typedef struct {
    Storage *storage; /* [graph.count] */
    size_t *rows;     /* [graph.count]: how many rows the memory holds: all; those in hand; of a
                         cache with a window twice the window's, so that it moves once a window */
    bool *cache;      /* [graph.count]: keys or values that later rows read */
    bool *asked;      /* [graph.count]: to be kept by name; an unasked one may be kept for a view */
    bool *left_out;   /* [graph.count]: asked for, but the budget is too small (plan_fit) */
    int *slot;        /* [graph.count], where STORE_SLOT */
    size_t *slot_size; /* bytes */
    int slot_count;
    size_t kept_bytes, slot_bytes, work_bytes;
    size_t total_bytes; /* the sum: trace and working set, without the weights */
} Plan;

/* `globs` as in graph_matches; one that matches nothing is an error that names it. `rows` NULL: all
 * of them are run at once, and stored. The tokens are always kept. The plan lives in `arena`. */
bool plan_make(const Graph *graph, const char *globs, const PlanRows *rows, Arena *arena,
               Plan *plan, Err *err);

/* The smallest window behind which keys and values are forgotten in generation; 0: there is none. */
size_t plan_window(const Graph *graph);

/* Of the node's memory, where it has some of its own. */
size_t plan_bytes(const Graph *graph, const Plan *plan, int node);

/* The same within `budget` bytes. What a pattern other than "*" names is kept. What "*" alone asks
 * for is kept in a fixed order as long as it fits:
 *   1. rows that another block reads: embeddings, the residual stream from block to block, what an
 *      encoder hands on. They are always kept, for each block can be computed again from them;
 *   2. all others, the smallest first, of equals the earlier.
 * Where not all fits, twice the working set stays free beside the kept ones as far as 1. leaves that:
 * enough for any record, with its inputs, to be computed again (plan_recall). An error, which names
 * the least, where not even the first fit. */
bool plan_fit(const Graph *graph, const char *globs, size_t budget, Arena *arena, Plan *plan,
              Err *err);

/* What must be computed for the records that `globs` match and for their inputs, from the `given`
 * ones. `budget` NULL: none. `rest`: the other records of the same blocks too, as they fit. */
bool plan_recall(const Graph *graph, const bool *given, const char *globs, const size_t *budget,
                 bool rest, Arena *arena, Plan *plan, Err *err);

/* `budget` in bytes. The message names the least that this plan needs. */
bool plan_fits(const Plan *plan, size_t budget, Err *err);
/* Whether that is what `err` says: a run was refused for its memory. */
bool plan_too_large(const Err *err);

/* "1.5 MiB" */
void bytes_text(size_t bytes, char *text, size_t size);

/* The part that the three have in common: keeps exactly the nodes of `keep`. `given` NULL: none is.
 * False where the bytes don't fit a size_t. */
typedef struct {
    const bool *keep, *given; /* [graph.count] */
    const PlanRows *rows;     /* NULL: all are run at once, and stored */
} PlanWish;
bool plan_solve(const Graph *graph, const PlanWish *wish, Arena *arena, Plan *plan, Err *err);
/* Each pattern must match something, or the reader has mistyped it. */
bool plan_check_globs(const Graph *graph, const char *globs, Err *err);

#endif
