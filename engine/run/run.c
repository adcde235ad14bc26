#include "engine/run/run.h"

#include "engine/model/forward.h"
#include "engine/run/execute.h"
#include "engine/trace/plan.h"

#include <string.h>

static bool check_ids(const Model *model, const int32_t *ids, size_t count, Err *err) {
    size_t V = model->config.n_vocab;
    for (size_t i = 0; i < count; i++)
        if (ids[i] < 0 || (size_t)ids[i] >= V)
            return err_set(err, "the input: token %zu has the id %d, expected 0 to %zu", i, ids[i],
                           V - 1);
    return true;
}

/* Token texts for the axes; a model without a tokenizer shows the ids. */
static void label_tokens(Trace *trace, const Model *model, const int32_t *ids, size_t count) {
    trace->label = ARENA_NEW_N(&trace->arena, const char *, count);
    trace->piece = ARENA_NEW_N(&trace->arena, const char *, count);
    for (size_t i = 0; i < count; i++) {
        const char *piece = model->tok ? tok_piece(model->tok, ids[i]) : NULL;
        trace->piece[i] = piece ? arena_copy_text(&trace->arena, piece)
                                : arena_printf(&trace->arena, "%d", ids[i]);
        trace->label[i] = trace->piece[i];
    }
    if (model->tok)
        tok_labels(model->tok, ids, count, &trace->arena, trace->label);
}

static Trace *trace_new(const Model *model, const int32_t *ids, size_t count) {
    Arena arena = {0};
    Trace *trace = ARENA_NEW(&arena, Trace);
    trace->arena = arena;
    int32_t *copy = ARENA_NEW_N(&trace->arena, int32_t, count);
    if (count)
        memcpy(copy, ids, count * sizeof *copy);
    trace->ids = copy;
    trace->model = arena_copy_text(&trace->arena, model->name);
    trace->attention = "standard";
    trace->kv_cache = "off";
    label_tokens(trace, model, ids, count);
    return trace;
}

static void write_tokens(Trace *trace, const int32_t *ids, size_t first, size_t count) {
    int node = trace_find(trace, "hook_tokens");
    int32_t *to = tensor_i32(&trace->value[node]);
    if (to)
        memcpy(to + first, ids, count * sizeof *to);
}

/* The graph, the plan and the memory for `length` positions. */
static bool prepare(Trace *trace, const Model *model, size_t length, const RunOptions *options,
                    bool row_by_row, Arena *slots, Plan *plan, Err *err) {
    if (!forward_build(model, length, &trace->arena, &trace->graph, err))
        return false;
    if (options->sample) {
        if (!sample_check(options->sample, err))
            return false;
        sample_build(&trace->graph, graph_find(&trace->graph, "logits"), options->sample,
                     sample_uniform(options->sample->seed, 0));
    }
    const char *stages = options->stages ? options->stages : "*";
    return plan_make(&trace->graph, stages, row_by_row, slots, plan, err) &&
           (!options->max_bytes || plan_fits(plan, *options->max_bytes, err)) &&
           execute_allocate(trace, plan, slots, err);
}

Trace *run_trace(const Model *model, const int32_t *ids, size_t count, const RunOptions *options,
                 Err *err) {
    if (!check_ids(model, ids, count, err))
        return NULL;
    Trace *trace = trace_new(model, ids, count);
    Arena slots = {0};
    Plan plan;
    bool ok = prepare(trace, model, count, options, false, &slots, &plan, err);
    if (ok) {
        write_tokens(trace, ids, 0, count);
        ok = execute_rows(
                 trace, &plan,
                 &(ExecuteRange){.last = count, .pool = options->pool, .stop = options->stop}) ||
             err_set(err, "stopped");
        execute_forget_slots(trace, &plan);
    }
    arena_free(&slots);
    if (ok)
        return trace;
    trace_free(trace);
    return NULL;
}

/* ---- generation ---- */

/* The choice from one row of logits, as a small trace of its own. */
static Trace *sampling_trace(const Model *model, const float *logits, size_t V,
                             const SampleOptions *sample, size_t step, Err *err) {
    int32_t none = 0;
    Trace *trace = trace_new(model, &none, 0);
    trace->graph.arena = &trace->arena;
    Node row = {.name = "logits",
                .op = OP_INPUT,
                .type = DTYPE_F32,
                .rank = 2,
                .dim = {1, V},
                .axis = {AXIS_POSITION, AXIS_VOCAB},
                .alias = -1,
                .layer = -1};
    sample_build(&trace->graph, graph_add(&trace->graph, &row), sample,
                 sample_uniform(sample->seed, step));
    Arena slots = {0};
    Plan plan;
    bool ok = plan_make(&trace->graph, "*", false, &slots, &plan, err) &&
              execute_allocate(trace, &plan, &slots, err);
    if (ok) {
        memcpy(trace->value[0].data, logits, V * sizeof *logits);
        execute_rows(trace, &plan, &(ExecuteRange){.last = 1});
    }
    arena_free(&slots);
    if (ok)
        return trace;
    trace_free(trace);
    return NULL;
}

/* The next id after the rows that have run, and whether to go on. */
static bool choose(const Model *model, const Trace *trace, const GenerateOptions *options,
                   size_t step, int32_t *id, bool *more, Err *err) {
    int logits = trace_find(trace, "logits");
    size_t V = trace->graph.node[logits].dim[1];
    const float *row = tensor_f32(&trace->value[logits]) + (trace->length - 1) * V;
    Trace *sampling = sampling_trace(model, row, V, &options->sample, step, err);
    if (!sampling)
        return false;
    *id = (int32_t)trace_get(sampling, trace_find(sampling, "sample.hook_token"), (size_t[]){0});
    if (options->step)
        options->step(options->user, step, sampling);
    trace_free(sampling);
    *more = options->token(options->user, *id) && !config_is_end(&model->config, *id);
    return true;
}

static bool generate_rows(const Model *model, Trace *trace, const Plan *plan, size_t count,
                          size_t length, const GenerateOptions *options, bool *full, Err *err) {
    size_t known = 0, upto = count;
    for (size_t step = 0; step < options->max_new_tokens; step++) {
        execute_rows(
            trace, plan,
            &(ExecuteRange){
                .first = known, .last = upto, .logits_from = upto - 1, .pool = options->pool});
        int32_t id;
        bool more;
        if (!choose(model, trace, options, step, &id, &more, err))
            return false;
        if (!more)
            return true;
        *full = upto == length && step + 1 < options->max_new_tokens;
        if (upto == length)
            return true;
        known = upto++;
        write_tokens(trace, &id, known, 1);
    }
    return true;
}

bool run_generate(const Model *model, const int32_t *ids, size_t count,
                  const GenerateOptions *options, bool *full, Err *err) {
    *full = false;
    if (!check_ids(model, ids, count, err) || !sample_check(&options->sample, err))
        return false;
    size_t length = count + options->max_new_tokens, context = config_longest(&model->config);
    if (length < count)
        return err_set(err, "the number of new tokens is too large");
    if (context && length > context)
        length = count > context ? count : context;
    Trace *trace = trace_new(model, ids, count);
    Arena slots = {0};
    Plan plan;
    bool ok = prepare(trace, model, length, &(RunOptions){.stages = "logits"}, true, &slots, &plan,
                      err);
    if (ok) {
        write_tokens(trace, ids, 0, count);
        ok = generate_rows(model, trace, &plan, count, length, options, full, err);
    }
    arena_free(&slots);
    trace_free(trace);
    return ok;
}
