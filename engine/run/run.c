#include "engine/run/run.h"

#include "engine/model/forward.h"
#include "engine/run/execute.h"
#include "engine/run/task.h"
#include "engine/trace/plan.h"

#include <math.h>
#include <string.h>

static bool check_list(const char *what, const int32_t *ids, size_t count, size_t limit,
                       const char *unit, Err *err) {
    for (size_t i = 0; i < count; i++)
        if (ids[i] < 0 || (size_t)ids[i] >= limit)
            return err_set(err, "the %s: token %zu has the %s %d, expected 0 to %zu", what, i, unit,
                           ids[i], limit - 1);
    return true;
}

static bool check_text(const Model *model, const RunText *text, Err *err) {
    const ModelConfig *c = &model->config;
    if (text->real > text->count || text->source_real > text->source_count)
        return err_set(err, "the input: more real tokens than tokens");
    if (text->types && c->n_types == 0)
        return err_set(err, "the input: token types, but model %s has none", model->name);
    return check_list("input", text->ids, text->count, c->n_vocab, "id", err) &&
           check_list("source", text->source, text->source_count, c->n_vocab, "id", err) &&
           (!text->types || check_list("input", text->types, text->count, c->n_types, "type", err));
}

/* A copy of the tokens with their texts for the axes; a model without a tokenizer shows the ids. */
static TraceText trace_tokens(Arena *arena, const Model *model, const int32_t *ids, size_t count,
                              size_t real) {
    int32_t *copy = ARENA_NEW_N(arena, int32_t, count);
    if (count)
        memcpy(copy, ids, count * sizeof *copy);
    TraceText text = {.length = count,
                      .real = real ? real : count,
                      .ids = copy,
                      .label = ARENA_NEW_N(arena, const char *, count),
                      .piece = ARENA_NEW_N(arena, const char *, count)};
    for (size_t i = 0; i < count; i++) {
        const char *piece = model->tok ? tok_piece(model->tok, ids[i]) : NULL;
        text.piece[i] = piece ? arena_copy_text(arena, piece) : arena_printf(arena, "%d", ids[i]);
        text.label[i] = text.piece[i];
    }
    if (model->tok)
        tok_labels(model->tok, ids, count, arena, text.label);
    return text;
}

static Trace *trace_new(const Model *model, const RunText *text) {
    Arena arena = {0};
    Trace *trace = ARENA_NEW(&arena, Trace);
    trace->arena = arena;
    trace->own = trace_tokens(&trace->arena, model, text->ids, text->count, text->real);
    trace->source = trace_tokens(&trace->arena, model, text->source, text->source_count,
                                 text->source_real);
    trace->model = arena_copy_text(&trace->arena, model->name);
    trace->class_name = model->config.label;
    trace->attention = model->config.cell == CELL_NONE ? "standard" : "none";
    trace->kv_cache = "off";
    return trace;
}

/* Ids that were given, into the record that holds them. */
static void write_given(Trace *trace, const char *name, const int32_t *ids, size_t first,
                        size_t count) {
    int node = trace_find(trace, name);
    int32_t *to = node < 0 ? NULL : tensor_i32(&trace->value[node]);
    if (!to || !count)
        return;
    if (ids)
        memcpy(to + first, ids, count * sizeof *to);
    else
        memset(to + first, 0, count * sizeof *to);
}

static const char *own_tokens(const Model *model) {
    return model->config.two_stacks ? "decoder.hook_tokens" : "hook_tokens";
}

static void write_text(Trace *trace, const Model *model, const RunText *text) {
    write_given(trace, own_tokens(model), text->ids, 0, text->count);
    write_given(trace, "hook_token_types", text->types, 0, text->count);
    write_given(trace, "encoder.hook_tokens", text->source, 0, text->source_count);
}

/* The graph, the plan and the memory for `length` positions. */
static bool prepare(Trace *trace, const Model *model, const RunText *text, size_t length,
                    const RunOptions *options, bool row_by_row, Arena *slots, Plan *plan,
                    Err *err) {
    ForwardSize size = {length, text->real, text->source_count, text->source_real,
                        options->attention};
    if (!forward_build(model, &size, &trace->arena, &trace->graph, err))
        return false;
    if (options->attention.kind == ATTENTION_FLASH)
        trace->attention = "flash";
    int logits = graph_find(&trace->graph, "logits");
    if (options->sample) {
        if (!sample_check(options->sample, err))
            return false;
        if (logits >= 0 && model->config.task == TASK_TEXT)
            sample_build(&trace->graph, logits, options->sample,
                         sample_uniform(options->sample->seed, 0));
    }
    const char *stages = options->stages ? options->stages : "*";
    const size_t *most = options->max_bytes;
    bool planned = most && options->fit
                       ? plan_fit(&trace->graph, stages, *most, &trace->arena, plan, err)
                       : plan_make(&trace->graph, stages, row_by_row, &trace->arena, plan, err) &&
                             (!most || plan_fits(plan, *most, err));
    return planned && execute_allocate(trace, plan, slots, err);
}

void run_memory_free(RunMemory *memory) {
    arena_free(&memory->values);
    arena_free(&memory->slots);
}

void run_take_back(RunMemory *memory, Trace *trace) {
    arena_free(&memory->values);
    memory->values = trace->values;
    arena_reset(&memory->values);
    trace->values = (Arena){0};
    trace_free(trace);
}

Trace *run_trace(const Model *model, const RunText *text, const RunOptions *options, Err *err) {
    if (!check_text(model, text, err))
        return NULL;
    Trace *trace = trace_new(model, text);
    RunMemory own = {0}, *memory = options->memory ? options->memory : &own;
    Plan plan;
    trace->values = memory->values;
    memory->values = (Arena){0};
    arena_reset(&memory->slots);
    bool ok = prepare(trace, model, text, text->count, options, false, &memory->slots, &plan, err);
    if (ok) {
        write_text(trace, model, text);
        ok = execute_rows(trace, &plan,
                          &(ExecuteRange){.last = text->count,
                                          .pool = options->pool,
                                          .stop = options->stop,
                                          .change = options->change}) ||
             err_set(err, "stopped");
        execute_forget_slots(trace, &plan);
    }
    arena_free(&own.slots);
    if (ok)
        return trace;
    run_take_back(memory, trace);
    arena_free(&own.values);
    return NULL;
}

/* ---- generation ---- */

/* The token that must come, whatever the logits say; −1: any. */
static int32_t forced_token(const Model *model, const RunText *text, size_t step, size_t most) {
    const ModelConfig *c = &model->config;
    if (!c->two_stacks)
        return -1;
    if (step == 0 && text->count == 1 && c->forced_bos >= 0)
        return c->forced_bos;
    return step + 1 == most ? c->forced_eos : -1;
}

/* The row in which only what may come has a chance. */
static void bar_tokens(const ModelConfig *config, int32_t forced, float *row, size_t V) {
    for (int i = 0; i < config->n_banned; i++)
        row[config->banned[i]] = -INFINITY;
    for (size_t i = 0; i < V && forced >= 0; i++)
        row[i] = i == (size_t)forced ? 0 : -INFINITY;
}

static int add_row(Graph *graph, const char *name, size_t V) {
    return graph_add(graph, &(Node){.name = name,
                                    .op = OP_INPUT,
                                    .type = DTYPE_F32,
                                    .rank = 2,
                                    .dim = {1, V},
                                    .axis = {AXIS_POSITION, AXIS_VOCAB},
                                    .alias = -1,
                                    .layer = -1});
}

/* The choice from one row of logits, as a small trace of its own. What the model's config forbids
 * is barred in a second row, so that the first stays the model's own. */
static Trace *sampling_trace(const Model *model, const float *logits, size_t V, int32_t forced,
                             const SampleOptions *sample, size_t step, Err *err) {
    Trace *trace = trace_new(model, &(RunText){0});
    trace->graph.arena = &trace->arena;
    bool barred = forced >= 0 || model->config.n_banned > 0;
    int row = add_row(&trace->graph, "logits", V);
    if (barred)
        row = add_row(&trace->graph, "sample.hook_allowed_logits", V);
    sample_build(&trace->graph, row, sample, sample_uniform(sample->seed, step));
    Arena slots = {0};
    Plan plan;
    bool ok = plan_make(&trace->graph, "*", false, &slots, &plan, err) &&
              execute_allocate(trace, &plan, &slots, err);
    if (ok) {
        for (int i = 0; i <= row; i++)
            memcpy(trace->value[i].data, logits, V * sizeof *logits);
        if (barred)
            bar_tokens(&model->config, forced, tensor_f32(&trace->value[row]), V);
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
                   size_t step, int32_t forced, int32_t *id, bool *more, Err *err) {
    int logits = trace_find(trace, "logits");
    size_t V = trace->graph.node[logits].dim[1];
    const float *row = tensor_f32(&trace->value[logits]) + (trace->own.length - 1) * V;
    Trace *sampling = sampling_trace(model, row, V, forced, &options->sample, step, err);
    if (!sampling)
        return false;
    *id = (int32_t)trace_get(sampling, trace_find(sampling, "sample.hook_token"), (size_t[]){0});
    if (options->step)
        options->step(options->user, step, sampling, trace);
    trace_free(sampling);
    *more = options->token(options->user, *id) && !config_is_end(&model->config, *id);
    return true;
}

static bool generate_rows(const Model *model, Trace *trace, const Plan *plan, const RunText *text,
                          size_t length, const GenerateOptions *options, bool *full, Err *err) {
    size_t known = 0, upto = text->count;
    for (size_t step = 0; step < options->max_new_tokens; step++) {
        execute_rows(
            trace, plan,
            &(ExecuteRange){
                .first = known, .last = upto, .logits_from = upto - 1, .pool = options->pool});
        int32_t id;
        bool more;
        int32_t forced = forced_token(model, text, step, options->max_new_tokens);
        if (!choose(model, trace, options, step, forced, &id, &more, err))
            return false;
        if (!more)
            return true;
        *full = upto == length && step + 1 < options->max_new_tokens;
        if (upto == length)
            return true;
        known = trace->graph.looks_ahead ? 0 : upto;
        write_given(trace, own_tokens(model), &id, upto++, 1);
    }
    return true;
}

static bool can_generate(const Model *model, Err *err) {
    Task task = model->config.task;
    return task == TASK_TEXT || err_set(err,
                                        "model %s %s and can't generate: it sees the whole text "
                                        "at once and was never taught what comes next",
                                        model->name, task_does(task));
}

bool run_generate(const Model *model, const RunText *text, const GenerateOptions *options,
                  bool *full, Err *err) {
    *full = false;
    if (!can_generate(model, err) || !check_text(model, text, err) ||
        !sample_check(&options->sample, err))
        return false;
    size_t length = text->count + options->max_new_tokens;
    size_t context = config_longest(&model->config);
    if (length < text->count)
        return err_set(err, "the number of new tokens is too large");
    if (context && length > context)
        length = text->count > context ? text->count : context;
    Trace *trace = trace_new(model, text);
    Arena slots = {0};
    Plan plan;
    const char *stages = "logits";
    if (options->stages)
        stages = arena_printf(&slots, "logits,%s", options->stages);
    bool ok = prepare(trace, model, text, length,
                      &(RunOptions){.stages = stages, .attention = options->attention}, true,
                      &slots, &plan, err);
    if (ok) {
        write_text(trace, model, text);
        ok = generate_rows(model, trace, &plan, text, length, options, full, err);
    }
    arena_free(&slots);
    trace_free(trace);
    return ok;
}
