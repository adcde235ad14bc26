/* forward: the one transformer, as a list of stages (Vaswani et al. 2017; pre-LN as in Radford et
 * al. 2019). Knobs of the config choose among the families; a line a stage. */
#ifndef MODEL_FORWARD_H
#define MODEL_FORWARD_H

#include "engine/model/model.h"
#include "engine/trace/graph.h"

/* Builds the graph for `length` positions in `arena`. The graph reads the model's weights. Length 0
 * or beyond a learned position table is an error. */
bool forward_build(const Model *model, size_t length, Arena *arena, Graph *graph, Err *err);

#endif
