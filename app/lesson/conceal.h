/* conceal: what must not be seen while a question is open: records that the lesson names, the cell
 * that is asked for, and all that is computed from these, as if the computation had not come so far.
 * Earlier records are what an answer is to be found with, and are always seen. */
#ifndef LESSON_CONCEAL_H
#define LESSON_CONCEAL_H

#include "app/lesson/lesson.h"

typedef struct {
    const Trace *trace;
    bool *whole;      /* [graph.count]; NULL: nothing is concealed */
    CellRange *cell;  /* [cells] cells that are asked for, one each */
    const char **run; /* [cells] the one run of several that it is asked for in: texts may tell what
                       * it is in the others, and by how much they differ. NULL: in each */
    size_t cells;
} Conceal;

/* Nothing yet, of this trace. `most`: how many cells may be asked for. */
Conceal conceal_nothing(const Trace *trace, size_t most, Arena *arena);
/* Where flash attention has no scores and weights, their names stand for its tiles and its result. */
void conceal_globs(Conceal *conceal, const char *const *globs, size_t count);
void conceal_cell(Conceal *conceal, const CellRange *cell, const char *run);
/* Adds what is computed from it. */
void conceal_spread(Conceal *conceal);

bool conceal_hides_all(const Conceal *conceal, int node);
bool conceal_hides_some(const Conceal *conceal, int node); /* a cell of it at least */
bool conceal_hides(const Conceal *conceal, int node, const size_t *index);
/* Whether the value of an expression would tell something: it reads what is concealed, itself or
 * through `let`. Of a run beside the trace the same records count. */
bool conceal_hides_value(const Conceal *conceal, const Expr *expr, const ExprScope *scope);

#endif
