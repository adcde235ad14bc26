/* generate: continues a text, token by token.
 *
 * With the KV cache a step computes the new token's row alone, and reads the keys and values of the
 * rows before it; without, it computes all rows again, and gets the same bits. */
#ifndef RUN_GENERATE_H
#define RUN_GENERATE_H

#include "engine/run/cost.h"
#include "engine/run/run.h"

/* What a step has computed, and what it was spared. Rows are those of the model's own text: [first,
 * own.length) were computed, [oldest, first) used again, and those before are dropped, for no layer's
 * window reaches them. */
typedef struct {
    size_t number;         /* from 0 */
    const Trace *sampling; /* the choice's records, and kv_cache.hook_rows */
    const Trace *run; /* the logits' newest row, own.length − 1, by which it was chosen, and the
                         computed rows of GenerateOptions.stages */
    bool serves;      /* what was known before served: a cache (run->kv_cache) or a state */
    size_t first, oldest;
    size_t cache_bytes; /* memory of all keys and values of the model's own rows … */
    size_t cache_used;  /* … and of those that are there, and that a window reaches */
    size_t cross_bytes; /* of the source's, which the cross-attention reads; all of it is used */
    RunCost cost;       /* of the step's rows, without the choice */
    RunCost other;      /* what they would have cost with the cache switched the other way */
    double ms;          /* measured */
} GenerateStep;

typedef struct {
    size_t max_new_tokens;
    SampleOptions sample;
    AttentionOptions attention;
    ThreadPool *pool;
    bool cache_off; /* each step computes the whole text again, its source too */
    /* Called with each new id; returns false to stop. */
    bool (*token)(void *user, int32_t id);
    /* Called before it with each step; NULL: not wanted, and nothing is counted. All is valid during
     * the call. */
    void (*step)(void *user, const GenerateStep *step);
    const char *stages; /* that are kept for it, beside the logits (graph_matches); NULL: none */
    void *user;
} GenerateOptions;

/* Whether known rows can serve a step of this model; if not, the message says why. In a recurrent
 * model there is no cache, but a state: its earlier rows are not computed again either, unless
 * `cache_off`. */
bool generate_can_cache(const Model *model, Err *err);

/* The source is encoded once, and keys and values of its rows are computed once. Where a layer has a
 * window, it keeps twice as many rows at most. Only models whose task is text can. Two stacks keep to
 * their config's forced and banned tokens. Stops after max_new_tokens, at an end token (which is
 * passed on), where the callback says so, or at the end of the context: then `*full` is true. */
bool run_generate(const Model *model, const RunText *text, const GenerateOptions *options,
                  bool *full, Err *err);

#endif
