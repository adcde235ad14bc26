/* sample: how the next token is chosen: greedy, or drawn after temperature, top-k and top-p over
 * the whole vocabulary. The choice is made by operations in the graph, so that it can be seen. */
#ifndef RUN_SAMPLE_H
#define RUN_SAMPLE_H

#include "engine/base/err.h"
#include "engine/trace/graph.h"

#include <stdint.h>

typedef struct {
    double temperature; /* 0: greedy */
    size_t top_k;       /* 0: all */
    double top_p;       /* 1: all */
    uint64_t seed;
} SampleOptions;

#define SAMPLE_GREEDY ((SampleOptions){.temperature = 0, .top_k = 0, .top_p = 1, .seed = 0})

#define SAMPLE_COLDEST 1e-6 /* colder, and logits ÷ temperature leaves the range of float32 */

/* temperature 0 or from SAMPLE_COLDEST on and finite, 0 < top_p ≤ 1 */
bool sample_check(const SampleOptions *options, Err *err);

/* Appends sample.hook_… to the graph, reading the node `logits`; `u` in [0, 1) is the draw's random
 * number. Returns the node sample.hook_token. */
int sample_build(Graph *graph, int logits, const SampleOptions *options, double u);

/* The random number of generation step `step` under a seed (SplitMix64, Steele et al. 2014). */
double sample_uniform(uint64_t seed, uint64_t step);

#endif
