/* recall: computes again what a trace left out for its budget (RunOptions.fit).
 *
 * From the nearest records that were kept, normally the residual stream at the block's beginning,
 * only what leads to the wanted ones is run. A cell has the same bits as if it had been kept. */
#ifndef RUN_RECALL_H
#define RUN_RECALL_H

#include "engine/run/run.h"

/* The records that match `stages`, and the inputs that these are made from, so that each of them can
 * be explained. The new trace has the graph and the numbers of nodes of `base`, all of its values,
 * and the new ones. It borrows graph, texts and values: `base` must outlive it.
 *
 * Of the options the budget, which is for what is computed anew and its working set, pool and stop
 * count; with `fit` the other records of the same blocks are brought along as far as the budget
 * reaches; and with flash attention, `attention.head` chooses whose tiles the records of tiles show
 * (then the graph is the new trace's own). NULL with a message: an unknown stage, budget, or stopped ("stopped"). `base` is a
 * finished trace of run_trace of this model, without changes. */
Trace *run_recall(const Model *model, const Trace *base, const char *stages,
                  const RunOptions *options, Err *err);

#endif
