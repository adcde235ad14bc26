/* head: one head of attention alone, over random queries, keys and values: what a mask and an algorithm
 * cost at a length, without a model of that length. It is run by what runs a model's attention. */
#ifndef RUN_HEAD_H
#define RUN_HEAD_H

#include "engine/run/pattern.h"
#include "engine/run/run.h"

#define HEAD_WIDTH 64 /* d_head of the models that the papers measure */

typedef struct {
    size_t n;
    uint64_t seed; /* numbers of mean 0 and variance 1, the same for the same seed and n */
    MaskParams mask;
    AttentionOptions attention;
} HeadSetup;

typedef struct {
    double ms;           /* of the attention alone */
    size_t extra_bytes;  /* beside queries, keys, values and result; of flash for each thread */
    PatternTiles tiles;  /* flash: all of them, and those that it skips */
    double flops, bytes; /* as op_cost counts them */
} HeadCost;

/* [n HEAD_WIDTH] each. */
typedef struct {
    const float *q, *k, *v, *z;
} HeadNumbers;

/* What it takes, before it runs (`ms` is left 0). */
bool head_cost(const HeadSetup *setup, HeadCost *cost, Err *err);
/* Runs it once. The numbers lie in `memory`, until the next run that uses it. */
bool head_run(const HeadSetup *setup, ThreadPool *pool, RunMemory *memory, HeadCost *cost,
              HeadNumbers *numbers, Err *err);

#endif
