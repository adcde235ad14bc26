#include "engine/run/sample.h"

#include "engine/base/random.h"

#include <math.h>
#include <string.h>

bool sample_check(const SampleOptions *options, Err *err) {
    double t = options->temperature;
    if (!isfinite(t) || !(t == 0 || t >= SAMPLE_COLDEST))
        return err_set(err,
                       "temperature: %g, expected 0 (always the likeliest) or a number from %g", t,
                       SAMPLE_COLDEST);
    if (!(options->top_p > 0 && options->top_p <= 1))
        return err_set(err, "top-p: %g, expected a number above 0 and up to 1", options->top_p);
    return true;
}

double sample_uniform(uint64_t seed, uint64_t step) {
    uint64_t state = seed + step * RANDOM_STEP;
    return (double)(random_bits(&state) >> 11) * 0x1p-53;
}

static int sample_stage(Graph *graph, const char *name, OpId op, const OpParams *param, DType type,
                        Axis axis, size_t width, int n, const int *in) {
    Node node = {.name = name,
                 .op = op,
                 .param = *param,
                 .n_in = n,
                 .type = type,
                 .rank = 1,
                 .dim = {width},
                 .axis = {axis},
                 .row_axis = -1,
                 .alias = -1,
                 .layer = -1};
    for (int i = 0; i < n; i++)
        node.in[i] = (Ref){REF_NODE, in[i]};
    return graph_add(graph, &node);
}

int sample_build(Graph *graph, int logits, const SampleOptions *options, double u) {
    OpParams param = {.sample = {options->temperature, options->top_k, options->top_p, u}};
    OpParams none = {0}, ranks = {.softmax = {SOFTMAX_RANKS}};
    size_t V = graph->node[logits].dim[graph->node[logits].rank - 1];
    if (options->temperature == 0)
        return sample_stage(graph, "sample.hook_token", OP_ARGMAX, &none, DTYPE_I32, AXIS_ONE, 1, 1,
                            &logits);
    int scaled = sample_stage(graph, "sample.hook_logits", OP_TEMPERATURE, &param, DTYPE_F32,
                              AXIS_VOCAB, V, 1, &logits);
    int ids = sample_stage(graph, "sample.hook_sorted_ids", OP_SORT, &param, DTYPE_I32, AXIS_RANK,
                           V, 1, &scaled);
    int sorted = sample_stage(graph, "sample.hook_sorted_logits", OP_TOP_K, &param, DTYPE_F32,
                              AXIS_RANK, V, 2, (int[]){scaled, ids});
    int probs = sample_stage(graph, "sample.hook_sorted_probs", OP_SOFTMAX, &ranks, DTYPE_F32,
                             AXIS_RANK, V, 1, &sorted);
    int sums = sample_stage(graph, "sample.hook_cumulative", OP_CUMULATIVE, &param, DTYPE_F32,
                            AXIS_RANK, V, 1, &probs);
    int kept = sample_stage(graph, "sample.hook_kept", OP_NUCLEUS, &param, DTYPE_I32, AXIS_ONE, 1,
                            1, &sums);
    return sample_stage(graph, "sample.hook_token", OP_DRAW, &param, DTYPE_I32, AXIS_ONE, 1, 3,
                        (int[]){ids, sums, kept});
}
