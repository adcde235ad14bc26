/* step_cost: the last token of a finished trace as a step of generation: what it takes with a KV cache
 * and without, from the same graph (cost.h). */
#ifndef APP_STEP_COST_H
#define APP_STEP_COST_H

#include "app/views/view.h"

/* False where the model has no cache to show: nothing is counted. The list lies in `arena`. */
bool step_cost(const Trace *trace, Arena *arena, CacheStep *step);

#endif
