#include "engine/run/reach.h"

#include "engine/model/forward.h"

#include <math.h>
#include <stdio.h>

/* One measurement in hand. */
typedef struct {
    const Model *model;
    const RunText *text;
    ThreadPool *pool;
    int embed, state; /* nodes */
    char stages[256]; /* their names, as a pattern */
    size_t width;     /* of an embedding */
    float *push;      /* [width] */
    Err *err;
} Reaching;

static Trace *run(const Reaching *r, const ExecuteChange *change) {
    RunOptions options = {.stages = r->stages, .pool = r->pool, .change = change};
    return run_trace(r->model, r->text, &options, r->err);
}

static double square_sum(const float *list, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)list[i] * (double)list[i];
    return sum;
}

/* The state's row of the last token that is no padding; `*width` its cells. */
static const float *last_row(const Reaching *r, const Trace *trace, size_t *width) {
    const Tensor *state = &trace->value[r->state];
    *width = tensor_count(state) / state->dim[0];
    return tensor_f32(state) + (trace->own.real - 1) * *width;
}

/* Each number + or − the same, so that the whole is `length` long. */
static void make_push(Reaching *r, int direction, double length) {
    double each = length / sqrt((double)r->width);
    for (size_t i = 0; i < r->width; i++)
        r->push[i] = (float)(sample_uniform((uint64_t)direction, i) < 0.5 ? -each : each);
}

static double distance(const float *a, const float *b, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
    return sqrt(sum);
}

static bool measure_position(Reaching *r, const Trace *base, size_t position, double length,
                             double *ratio) {
    double squares = 0;
    for (int direction = 0; direction < REACH_DIRECTIONS; direction++) {
        size_t width;
        make_push(r, direction, length);
        Trace *pushed = run(r, &(ExecuteChange){r->embed, position, r->push});
        if (!pushed)
            return false;
        const float *before = last_row(r, base, &width), *after = last_row(r, pushed, &width);
        double change = distance(after, before, width) / length;
        squares += change * change;
        trace_free(pushed);
    }
    *ratio = sqrt(squares / REACH_DIRECTIONS);
    return true;
}

static bool measure(Reaching *r, const Trace *base, Arena *arena, Reach *reach) {
    const Tensor *embed = &base->value[r->embed];
    size_t width, T = embed->dim[0];
    double usual = sqrt(square_sum(tensor_f32(embed), tensor_count(embed)) / (double)T);
    double length = usual > 0 ? REACH_SIZE * usual : REACH_SIZE;
    const float *state = last_row(r, base, &width);
    reach->rounding = sqrt(square_sum(state, width)) * 0x1p-24 / length;
    for (size_t t = 0; t < T; t++) {
        reach->label[t] = arena_copy_text(arena, base->own.label[t]);
        if (!measure_position(r, base, t, length, &reach->ratio[t]))
            return false;
    }
    return true;
}

/* Finds the two stages in the model's graph. */
static bool find_stages(Reaching *r, Arena *arena, Reach *reach) {
    const RunText *text = r->text;
    ForwardSize size = {text->count, text->real, text->source_count, text->source_real, {0}};
    Graph graph;
    if (!forward_build(r->model, &size, arena, &graph, r->err))
        return false;
    int logits = graph_find(&graph, "logits");
    r->embed = graph_find(&graph,
                          r->model->config.two_stacks ? "decoder.hook_embed" : "hook_embed");
    if (r->embed < 0 || logits < 0)
        return err_set(r->err, "model %s has no logits: there is no state to measure before them",
                       r->model->name);
    r->state = graph_owner(&graph, graph.node[logits].in[0].index);
    r->width = graph.node[r->embed].dim[1];
    reach->record = graph.node[r->state].name;
    snprintf(r->stages, sizeof r->stages, "%s,%s", graph.node[r->embed].name, reach->record);
    return true;
}

bool reach_measure(const Model *model, const RunText *text, ThreadPool *pool, Arena *arena,
                   Reach *reach, Err *err) {
    Reaching r = {.model = model, .text = text, .pool = pool, .err = err};
    *reach = (Reach){.length = text->count,
                     .ratio = ARENA_NEW_N(arena, double, text->count),
                     .label = ARENA_NEW_N(arena, const char *, text->count)};
    if (!find_stages(&r, arena, reach))
        return false;
    r.push = ARENA_NEW_N(arena, float, r.width);
    Trace *base = run(&r, NULL);
    bool ok = base && measure(&r, base, arena, reach);
    trace_free(base);
    return ok;
}
