/* forward: the one transformer, as a list of stages (Vaswani et al. 2017; pre-LN as in Radford et
 * al. 2019). Knobs of the config choose among the families; a line a stage. */
#ifndef MODEL_FORWARD_H
#define MODEL_FORWARD_H

#include "engine/model/model.h"
#include "engine/trace/graph.h"

/* How long the texts are. Of `length` tokens the first `real` are the text's, the others padding;
 * 0: all are. */
typedef struct {
    size_t length, real;
    size_t source, source_real; /* what an encoder reads; 0 where the model has none */
} ForwardSize;

/* Builds the graph in `arena`. The graph reads the model's weights. No token at all, or more than a
 * learned position table has rows, is an error. */
bool forward_build(const Model *model, const ForwardSize *size, Arena *arena, Graph *graph,
                   Err *err);

#endif
