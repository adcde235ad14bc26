/* yardstick: what the programs share that Attnscope is measured against: they compute on the weights of
 * the same shapes (engine/model/shapes.h), so that what they compute can be compared as well. */
#ifndef BENCH_YARDSTICK_H
#define BENCH_YARDSTICK_H

#include "engine/base/random.h"
#include "engine/model/shapes.h"
#include "engine/run/run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* The arguments: NAME LENGTH REPEAT THREADS [check]. */
typedef struct {
    size_t length, repeat;
    int threads;
    bool check; /* compare the result with the engine's instead of timing */
} YardArguments;

static inline YardArguments yard_arguments(int argc, char **argv) {
    if (argc < 4) {
        fprintf(stderr, "usage: %s LENGTH REPEAT THREADS [check]\n", argv[0]);
        exit(2);
    }
    return (YardArguments){strtoul(argv[1], NULL, 10), strtoul(argv[2], NULL, 10), atoi(argv[3]),
                           argc > 4};
}

static inline Model *yard_model(const char *shape) {
    Err err;
    Model *model = shapes_make(shape, DTYPE_F32, 0, &err);
    if (!model) {
        fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
    return model;
}

/* The numbers of the tensor that is called so, with the layer in the place of %zu. */
static inline const float *yard_weight(const Model *model, const char *pattern, size_t layer) {
    char name[128];
    snprintf(name, sizeof name, pattern, layer);
    const StTensor *tensor = st_find(&model->file, name);
    if (!tensor) {
        fprintf(stderr, "there is no %s\n", name);
        exit(1);
    }
    return (const float *)(const void *)tensor->data;
}

/* The input that `attnscope bench` takes. */
static inline int32_t yard_id(const Model *model, size_t position) {
    return (int32_t)((position * 7919 + 13) % model->config.n_vocab);
}

static inline void yard_print(const double *ms, size_t count) {
    printf("{\"times_ms\": [");
    for (size_t i = 0; i < count; i++)
        printf(i ? ", %.4f" : "%.4f", ms[i]);
    printf("]}\n");
}

/* Prints the largest difference from the engine's logits, as a share of their largest. `rows` of them
 * from `first` on. */
static inline void yard_compare(const Model *model, const int32_t *ids, size_t length, size_t first,
                                const float *logits) {
    Err err;
    RunText text = {.ids = ids, .count = length};
    Trace *trace = run_trace(model, &text, &(RunOptions){.stages = "logits"}, &err);
    if (!trace) {
        fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
    size_t V = model->config.n_vocab;
    const float *ours = tensor_f32(&trace->value[trace_find(trace, "logits")]) + first * V;
    double difference = 0, largest = 0;
    for (size_t i = 0; i < (length - first) * V; i++) {
        difference = fmax(difference, fabs((double)ours[i] - (double)logits[i]));
        largest = fmax(largest, fabs((double)ours[i]));
    }
    printf("{\"difference\": %.3g}\n", difference / largest);
    trace_free(trace);
}

#endif
