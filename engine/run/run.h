/* run: runs a model over token ids and hands back the finished trace. */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include "engine/base/thread.h"
#include "engine/model/forward.h"
#include "engine/model/model.h"
#include "engine/run/cost.h"
#include "engine/run/execute.h"
#include "engine/run/sample.h"
#include "engine/trace/trace.h"

#include <stdatomic.h>

/* Memory that a run leaves to the next one, already touched: first-touch page faults are what a large
 * trace costs. A zeroed one is empty. */
typedef struct {
    Arena values, slots;
} RunMemory;
void run_memory_free(RunMemory *memory);

typedef struct {
    const char *stages;      /* what to keep (graph_matches); NULL: "*" */
    const size_t *max_bytes; /* budget of trace and working set; NULL: none */
    /* What does not fit of that which "*" asks for is left out (plan_fit); else it is an error. */
    bool fit;
    ThreadPool *pool;            /* NULL: the caller alone */
    const SampleOptions *sample; /* NULL: no sampling stages */
    AttentionOptions attention;
    const atomic_bool *stop; /* looked at between stages; NULL: never stops */
    RunMemory *memory;       /* to be used, and to keep the working set; NULL: none */
    /* For measurements (reach.h), never for what is shown; NULL: none. */
    const ExecuteChange *change;
    RunCost *cost; /* receives what the run took; NULL: not wanted */
    /* A token after the other, as generation goes: the keys and values of those before are used
     * again, and are kept. What a token can't see yet is never computed, and left 0. An error where
     * generate_can_cache has one. */
    bool by_token;
} RunOptions;

/* The records that such a run keeps: of one that goes token by token keys and values too. The text
 * lies in the graph's arena. */
const char *run_keeps(const Graph *graph, const RunOptions *options);

/* What is run. A zeroed field: there is none of it. */
typedef struct {
    const int32_t *ids; /* of two stacks the decoder's, which begin with config.start */
    size_t count;
    size_t real;           /* tokens before the padding; 0: all are */
    const int32_t *types;  /* [count] BERT's token types; NULL: all 0 */
    const int32_t *source; /* what an encoder reads */
    size_t source_count, source_real;
} RunText;

/* NULL with a message: no token, an id outside the vocabulary, too long, an unknown stage, budget,
 * or stopped ("stopped"). The same model, ids and options give the same bits with any pool. */
Trace *run_trace(const Model *model, const RunText *text, const RunOptions *options, Err *err);

/* Frees the trace, and keeps its memory for the next. */
void run_take_back(RunMemory *memory, Trace *trace);

#endif
