/* bench_shape: what `attnscope bench --shape` measures: one task on a model of a real shape
 * (engine/model/shapes.h). Private to app/cli. */
#ifndef CLI_BENCH_SHAPE_H
#define CLI_BENCH_SHAPE_H

#include "app/cli/options.h"
#include "engine/run/run.h"

typedef struct {
    Arena arena;
    Model *model;
    ThreadPool *pool;
    DType weights;
    int threads;
    size_t length, repeat;
    size_t new_tokens;          /* decode: how many are timed */
    int32_t *ids;               /* [length] */
    char *folder;               /* start: where the model was written; NULL: nowhere */
    AttentionOptions attention; /* its tile chosen */
    bool cache_off;             /* decode: each token computes all those before it again */
    RunMemory memory;           /* warm: what one run leaves to the next … */
    RunMemory base_memory;      /* … and what one that keeps the logits alone does */
    struct AttentionBench *one; /* attention: its tensors */
    size_t extra_bytes;         /* attention: beside its inputs and its result, for one thread */
    size_t peak_bytes;          /* of what runs beside this process; 0: nothing does */
} ShapeBench;

/* The work of one run. Floating-point operations: 2 for each weight of a matrix and token, and 4 for
 * each number of a query, for each key that it sees: scores and weighted sum. Bytes: the least that
 * must be read: the matrices as they are stored, once a run (decode: once a token), keys and values. */
typedef struct {
    double tokens, flops, bytes;
} ShapeWork;

typedef struct {
    const char *name;
    bool (*open)(ShapeBench *bench, Err *err);             /* before the first run; NULL: nothing */
    bool (*run)(ShapeBench *bench, double *ms, Err *err);  /* once, timed */
    bool (*base)(ShapeBench *bench, double *ms, Err *err); /* what it is compared with; NULL */
    ShapeWork (*work)(const ShapeBench *bench);
    void (*close)(ShapeBench *bench); /* NULL: nothing */
} ShapeTask;

extern const ShapeTask bench_prefill, bench_decode, bench_trace; /* bench_forward.c */
extern const ShapeTask bench_attention;                          /* bench_attention.c */
extern const ShapeTask bench_start;                              /* bench_start.c */

/* Milliseconds since a time of time_now_ns. */
double bench_since(unsigned long long start);
/* Sorts. */
double bench_median(double *list, size_t count);

/* What is wrong with the options whatever the shape is. */
bool bench_shape_check(const Options *options, Err *err);
/* Measures as the options say, and prints. */
bool bench_shape(const Options *options, Err *err);

#endif
