#include "engine/run/generate.h"

#include "engine/run/prepare.h"
#include "engine/run/rolling.h"
#include "engine/run/task.h"

#include <math.h>
#include <string.h>

typedef struct {
    const Model *model;
    const RunText *text;
    const GenerateOptions *options;
    Trace *trace;
    Plan plan;
    Rolling rolling;
    size_t length; /* the most rows that there may be */
    size_t chunk;  /* the most that are computed at once where known rows serve */
    bool serves;   /* known rows are not computed again */
} Generation;

/* ---- the choice ---- */

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

static int add_given(Graph *graph, const char *name, DType type, int rank, size_t rows, size_t V) {
    return graph_add(graph, &(Node){.name = name,
                                    .op = OP_INPUT,
                                    .type = type,
                                    .rank = rank,
                                    .dim = {rows, V},
                                    .axis = {AXIS_POSITION, AXIS_VOCAB},
                                    .alias = -1,
                                    .layer = -1});
}

/* 1: computed in this step, 0: used again, −1: dropped. */
static void write_rows(const GenerateStep *step, size_t count, int32_t *rows) {
    for (size_t i = 0; i < count; i++)
        rows[i] = i >= step->first ? 1 : i >= step->oldest ? 0 : -1;
}

/* The choice from the newest row of logits, as a small trace of its own. What the model's config
 * forbids is barred in a second row, so that the first stays the model's own. */
static Trace *sampling_trace(const Generation *g, const GenerateStep *step, int32_t forced,
                             Err *err) {
    const SampleOptions *sample = &g->options->sample;
    int logits = trace_find(g->trace, "logits");
    size_t V = g->trace->graph.node[logits].dim[1], count = g->trace->own.length;
    const float *newest = tensor_f32(&g->trace->value[logits]) + (count - 1) * V;
    Trace *trace = prepare_trace(g->model, &(RunText){0});
    trace->graph.arena = &trace->arena;
    bool barred = forced >= 0 || g->model->config.n_banned > 0;
    int row = add_given(&trace->graph, "logits", DTYPE_F32, 2, 1, V), rows = -1;
    if (barred)
        row = add_given(&trace->graph, "sample.hook_allowed_logits", DTYPE_F32, 2, 1, V);
    sample_build(&trace->graph, row, sample, sample_uniform(sample->seed, step->number));
    if (g->options->step)
        rows = add_given(&trace->graph, "kv_cache.hook_rows", DTYPE_I32, 1, count, 0);
    Arena slots = {0};
    Plan plan;
    bool ok = plan_make(&trace->graph, "*", NULL, &slots, &plan, err) &&
              execute_allocate(trace, &plan, &slots, err);
    if (ok) {
        for (int i = 0; i <= row; i++)
            memcpy(trace->value[i].data, newest, V * sizeof *newest);
        if (barred)
            bar_tokens(&g->model->config, forced, tensor_f32(&trace->value[row]), V);
        if (rows >= 0)
            write_rows(step, count, tensor_i32(&trace->value[rows]));
        execute_rows(trace, &plan, &(ExecuteRange){.last = 1});
    }
    arena_free(&slots);
    if (ok)
        return trace;
    trace_free(trace);
    return NULL;
}

/* The next id after the rows that have run, and whether to go on. */
static bool choose(const Generation *g, GenerateStep *step, int32_t *id, bool *more, Err *err) {
    const GenerateOptions *options = g->options;
    int32_t forced = forced_token(g->model, g->text, step->number, options->max_new_tokens);
    Trace *sampling = sampling_trace(g, step, forced, err);
    if (!sampling)
        return false;
    *id = (int32_t)trace_get(sampling, trace_find(sampling, "sample.hook_token"), (size_t[]){0});
    step->sampling = sampling;
    if (options->step)
        options->step(options->user, step);
    trace_free(sampling);
    *more = options->token(options->user, *id) && !config_is_end(&g->model->config, *id);
    return true;
}

/* ---- a step ---- */

/* The range of the rows from `first` on that is computed at once. */
static ExecuteRange next_range(const Generation *g, size_t first, size_t upto, bool serves) {
    size_t most = serves ? g->chunk : g->length;
    return (ExecuteRange){.first = first,
                          .last = upto - first < most ? upto : first + most,
                          .logits_from = upto - 1,
                          .forget = serves,
                          .pool = g->options->pool};
}

static void run_rows(Generation *g, size_t known, size_t upto) {
    for (size_t first = g->serves ? known : 0; first < upto;) {
        ExecuteRange range = next_range(g, first, upto, g->serves);
        rolling_to(&g->rolling, g->trace, first, range.last);
        execute_rows(g->trace, &g->plan, &range);
        first = range.last;
    }
}

static RunCost count_rows(const Generation *g, size_t known, size_t upto, bool serves) {
    RunCost sum = {0, 0};
    for (size_t first = serves ? known : 0; first < upto;) {
        ExecuteRange range = next_range(g, first, upto, serves);
        sum = cost_sum(sum, cost_rows(g->trace, &g->plan, &range));
        first = range.last;
    }
    return sum;
}

/* Adds up the caches, and finds the widest window: 0 where a layer has none. */
static void count_cache(const Generation *g, GenerateStep *step, size_t *widest) {
    bool all = false;
    for (int i = 0; i < g->trace->graph.count; i++) {
        const Node *node = &g->trace->graph.node[i];
        size_t bytes = plan_bytes(&g->trace->graph, &g->plan, i), seen = g->trace->own.length;
        if (!g->plan.cache[i])
            continue;
        if (node->rows == TEXT_SOURCE) {
            step->cross_bytes += bytes;
            continue;
        }
        all = all || node->window == 0;
        if (node->window > *widest)
            *widest = node->window;
        if (node->window > 0 && node->window < seen)
            seen = node->window;
        step->cache_bytes += bytes;
        step->cache_used += bytes / g->plan.rows[i] * seen;
    }
    if (all)
        *widest = 0;
}

/* What only a step's reader wants to know. */
static void count_step(const Generation *g, size_t known, size_t upto, GenerateStep *step) {
    bool can_serve = !g->trace->graph.looks_ahead;
    size_t widest = 0;
    count_cache(g, step, &widest);
    if (widest > 0 && g->serves && known >= widest)
        step->oldest = known - widest + 1;
    step->cost = count_rows(g, known, upto, g->serves);
    step->other = count_rows(g, known, upto, can_serve && !g->serves);
}

static bool generate_rows(Generation *g, bool *full, Err *err) {
    size_t known = 0, upto = g->text->count, most = g->options->max_new_tokens;
    for (size_t number = 0; number < most; number++) {
        GenerateStep step = {
            .number = number, .run = g->trace, .serves = g->serves, .first = g->serves ? known : 0};
        unsigned long long start = time_now_ns();
        run_rows(g, known, upto);
        step.ms = (double)(time_now_ns() - start) / 1e6;
        if (g->options->step)
            count_step(g, known, upto, &step);
        int32_t id;
        bool more;
        if (!choose(g, &step, &id, &more, err))
            return false;
        if (!more)
            return true;
        *full = upto == g->length && number + 1 < most;
        if (upto == g->length)
            return true;
        known = upto;
        prepare_given(g->trace, prepare_own(g->model), &id, upto++, 1);
    }
    return true;
}

/* ---- the whole ---- */

bool generate_can_cache(const Model *model, Err *err) {
    if (model->config.cell != CELL_NONE)
        return err_set(err,
                       "model %s is recurrent and has no keys and values: its state stands for "
                       "the tokens before",
                       model->name);
    return !forward_looks_ahead(&model->config) ||
           err_set(err,
                   "model %s lets a token look at later ones, so a new token changes the rows of "
                   "all before it, and none can be used again",
                   model->name);
}

static bool can_generate(const Model *model, Err *err) {
    Task task = model->config.task;
    return task == TASK_TEXT || err_set(err,
                                        "model %s %s and can't generate: it sees the whole text "
                                        "at once and was never taught what comes next",
                                        model->name, task_does(task));
}

/* The most rows that there may be: prompt and new tokens, or the context. */
static bool longest(const Generation *g, size_t *length, Err *err) {
    size_t count = g->text->count, context = config_longest(&g->model->config);
    *length = count + g->options->max_new_tokens;
    if (*length < count)
        return err_set(err, "the number of new tokens is too large");
    if (context && *length > context)
        *length = count > context ? count : context;
    return true;
}

/* The graph, the plan and the memory. */
static bool prepare(Generation *g, Arena *slots, Err *err) {
    const GenerateOptions *options = g->options;
    Trace *trace = g->trace;
    RunOptions run = {.attention = options->attention};
    const char *stages = "logits";
    if (options->stages)
        stages = arena_printf(&trace->arena, "logits,%s", options->stages);
    if (!prepare_graph(trace, g->model, g->text, g->length, &run, err))
        return false;
    size_t window = plan_window(&trace->graph);
    g->serves = !options->cache_off && !trace->graph.looks_ahead;
    g->chunk = window > 0 && window < g->text->count ? window : g->text->count;
    PlanRows rows = {.at_once = g->serves ? g->chunk : g->length, .cached = g->serves};
    if (!plan_make(&trace->graph, stages, &rows, &trace->arena, &g->plan, err) ||
        !execute_allocate(trace, &g->plan, slots, err))
        return false;
    g->rolling = rolling_new(trace, &g->plan);
    trace->kv_cache = g->serves && g->model->config.cell == CELL_NONE ? "on" : "off";
    prepare_text(trace, g->model, g->text);
    return true;
}

bool run_generate(const Model *model, const RunText *text, const GenerateOptions *options,
                  bool *full, Err *err) {
    Generation g = {.model = model, .text = text, .options = options};
    *full = false;
    if (!can_generate(model, err) || !prepare_check(model, text, err) ||
        !sample_check(&options->sample, err) || !longest(&g, &g.length, err))
        return false;
    Arena slots = {0};
    g.trace = prepare_trace(model, text);
    bool ok = prepare(&g, &slots, err) && generate_rows(&g, full, err);
    arena_free(&slots);
    trace_free(g.trace);
    return ok;
}
