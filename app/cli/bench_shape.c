#include "app/cli/bench_shape.h"

#include "app/cli/input.h"
#include "app/cli/json_out.h"
#include "app/cli/peak.h"
#include "engine/model/fresh.h"
#include "engine/model/shapes.h"
#include "engine/tensor/isa.h"
#include "engine/trace/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LENGTH = 64, REPEAT = 5, NEW_TOKENS = 32 };

static const ShapeTask *const TASKS[] = {&bench_prefill, &bench_decode, &bench_attention,
                                         &bench_trace, &bench_start};
enum { TASK_COUNT = sizeof TASKS / sizeof *TASKS };

double bench_since(unsigned long long start) {
    return (double)(time_now_ns() - start) / 1e6;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double bench_median(double *list, size_t count) {
    qsort(list, count, sizeof *list, by_size);
    return count % 2 ? list[count / 2] : (list[count / 2 - 1] + list[count / 2]) / 2;
}

/* ---- what is to be measured ---- */

static const ShapeTask *find_task(const char *name, Err *err) {
    for (int i = 0; i < TASK_COUNT; i++)
        if (strcmp(TASKS[i]->name, name) == 0)
            return TASKS[i];
    err_set(err, "--task is \"%.100s\", expected prefill, decode, attention, trace or start", name);
    return NULL;
}

static bool find_type(const char *name, DType *type, Err *err) {
    static const struct {
        const char *name;
        DType type;
    } types[] = {{"f32", DTYPE_F32}, {"f16", DTYPE_F16}, {"bf16", DTYPE_BF16}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].name, name) == 0) {
            *type = types[i].type;
            return true;
        }
    return err_set(err, "--weights is \"%.100s\", expected f32, f16 or bf16", name);
}

bool bench_shape_check(const Options *options, Err *err) {
    DType type;
    return find_task(option_text(options, OPT_TASK, "prefill"), err) &&
           find_type(option_text(options, OPT_WEIGHTS, "f32"), &type, err) &&
           (option_whole(options, OPT_MAX_NEW_TOKENS, NEW_TOKENS) > 0 ||
            err_set(err, "--max-new-tokens is 0, and there is nothing to time"));
}

static bool check_length(const ShapeBench *bench, const ShapeTask *task, Err *err) {
    size_t context = config_longest(&bench->model->config);
    return context == 0 || bench->length <= context || task == &bench_attention ||
           err_set(err, "--length is %zu, and %s has room for %zu tokens", bench->length,
                   bench->model->name, context);
}

static bool open_bench(ShapeBench *bench, const ShapeTask *task, const Options *options, Err *err) {
    const char *mask = option_text(options, OPT_MASK, NULL);
    bench->length = (size_t)option_whole(options, OPT_LENGTH, LENGTH);
    bench->repeat = (size_t)option_whole(options, OPT_REPEAT, REPEAT);
    bench->new_tokens = (size_t)option_whole(options, OPT_MAX_NEW_TOKENS, NEW_TOKENS);
    bench->threads = (int)option_whole(options, OPT_THREADS, (uint64_t)thread_count());
    bench->cache_off = !option_whole(options, OPT_KV_CACHE, 1);
    if (!find_type(option_text(options, OPT_WEIGHTS, "f32"), &bench->weights, err) ||
        !input_attention(options, &bench->attention, err))
        return false;
    bench->model = shapes_make(option_text(options, OPT_SHAPE, ""), bench->weights, 0, err);
    if (!bench->model || (mask && !model_set_mask(bench->model, mask, false, err)) ||
        !check_length(bench, task, err))
        return false;
    bench->attention = attention_tiled(bench->attention, bench->model->config.d_head);
    bench->pool = thread_pool_new(bench->threads);
    bench->ids = ARENA_NEW_N(&bench->arena, int32_t, bench->length);
    for (size_t i = 0; i < bench->length; i++)
        bench->ids[i] = (int32_t)((i * 7919 + 13) % bench->model->config.n_vocab);
    return !task->open || task->open(bench, err);
}

static void close_bench(ShapeBench *bench, const ShapeTask *task) {
    if (task->close)
        task->close(bench);
    run_memory_free(&bench->memory);
    run_memory_free(&bench->base_memory);
    thread_pool_free(bench->pool);
    model_close(bench->model);
    arena_free(&bench->arena);
}

/* ---- measuring and telling ---- */

typedef struct {
    double *ms, *base_ms; /* [repeat], in the order in which they were measured */
    double median, least, base_median, base_least;
    ShapeWork work;
    size_t peak_bytes;
} Measured;

static void sum_up(const double *list, size_t count, double *median, double *least, Arena *arena) {
    double *sorted = ARENA_NEW_N(arena, double, count);
    memcpy(sorted, list, count * sizeof *sorted);
    *median = bench_median(sorted, count);
    *least = sorted[0];
}

/* The first round warms up, and is written over. */
static bool measure(ShapeBench *bench, const ShapeTask *task, Measured *measured, Err *err) {
    measured->ms = ARENA_NEW_N(&bench->arena, double, bench->repeat);
    measured->base_ms = ARENA_NEW_N(&bench->arena, double, bench->repeat);
    size_t before = peak_resident();
    peak_reset();
    for (size_t round = 0; round <= bench->repeat; round++) {
        size_t at = round > 0 ? round - 1 : 0;
        if ((task->base && !task->base(bench, &measured->base_ms[at], err)) ||
            !task->run(bench, &measured->ms[at], err))
            return false;
    }
    size_t most = peak_most();
    measured->peak_bytes = bench->peak_bytes ? bench->peak_bytes
                           : most > before   ? most - before
                                             : 0;
    measured->work = task->work(bench);
    sum_up(measured->ms, bench->repeat, &measured->median, &measured->least, &bench->arena);
    sum_up(measured->base_ms, bench->repeat, &measured->base_median, &measured->base_least,
           &bench->arena);
    return true;
}

static const char *attention_name(const ShapeBench *bench) {
    return bench->attention.kind == ATTENTION_FLASH ? "flash" : "standard";
}

static void print_text(const ShapeBench *bench, const ShapeTask *task, const Measured *m) {
    char peak[32];
    bytes_text(m->peak_bytes, peak, sizeof peak);
    printf("%s, %s, length %zu, %d thread%s, weights %s, attention %s, %s\n", task->name,
           bench->model->name, bench->length, bench->threads, bench->threads == 1 ? "" : "s",
           dtype_name(bench->weights), attention_name(bench), isa_name());
    printf("median   %10.3f ms\nleast    %10.3f ms\n", m->median, m->least);
    if (task->base)
        printf("logits   %10.3f ms   alone; all kept takes %.3f × as long\n", m->base_median,
               m->median / m->base_median);
    printf("tokens   %10.1f /s\n", m->work.tokens * 1e3 / m->median);
    printf("work     %10.2f GFLOP/s, %.2f GB/s\n", m->work.flops / m->median / 1e6,
           m->work.bytes / m->median / 1e6);
    printf("memory   %10s   at most\n", peak);
    bytes_text(bench->extra_bytes, peak, sizeof peak);
    if (bench->extra_bytes)
        printf("extra    %10s   for one thread\n", peak);
}

static void put_times(JsonOut *out, const char *key, const double *list, size_t count) {
    json_open(out, key, '[');
    for (size_t i = 0; i < count; i++)
        json_put_number(out, NULL, list[i]);
    json_shut(out, ']');
}

static void print_json(const ShapeBench *bench, const ShapeTask *task, const Measured *m) {
    static const char *const weights[] = {
        [DTYPE_F32] = "f32", [DTYPE_F16] = "f16", [DTYPE_BF16] = "bf16"};
    JsonOut out = {0};
    json_open(&out, NULL, '{');
    json_put_text(&out, "task", task->name);
    json_put_text(&out, "shape", bench->model->name);
    json_put_whole(&out, "length", bench->length);
    json_put_whole(&out, "threads", (uint64_t)bench->threads);
    json_put_text(&out, "weights", weights[bench->weights]);
    json_put_text(&out, "attention", attention_name(bench));
    if (bench->attention.kind == ATTENTION_FLASH)
        json_put_sizes(&out, "tile",
                       (size_t[]){bench->attention.tile_rows, bench->attention.tile_columns}, 2);
    if (task == &bench_decode)
        json_put_text(&out, "kv_cache", bench->cache_off ? "off" : "on");
    json_put_text(&out, "isa", isa_name());
    json_put_whole(&out, "repeat", bench->repeat);
    json_put_number(&out, "median_ms", m->median);
    json_put_number(&out, "min_ms", m->least);
    json_put_number(&out, "tokens_per_s", m->work.tokens * 1e3 / m->median);
    json_put_number(&out, "gflops", m->work.flops / m->median / 1e6);
    json_put_number(&out, "bytes", m->work.bytes);
    json_put_number(&out, "gb_per_s", m->work.bytes / m->median / 1e6);
    json_put_whole(&out, "peak_bytes", m->peak_bytes);
    if (bench->extra_bytes)
        json_put_whole(&out, "extra_bytes", bench->extra_bytes);
    if (task->base) {
        json_put_number(&out, "logits_median_ms", m->base_median);
        json_put_number(&out, "logits_min_ms", m->base_least);
        json_put_number(&out, "trace_to_logits", m->median / m->base_median);
        put_times(&out, "logits_times_ms", m->base_ms, bench->repeat);
    }
    put_times(&out, "times_ms", m->ms, bench->repeat);
    json_shut(&out, '}');
    json_print(&out);
}

bool bench_shape(const Options *options, Err *err) {
    const ShapeTask *task = find_task(option_text(options, OPT_TASK, "prefill"), err);
    ShapeBench bench = {0};
    Measured measured = {0};
    if (!task)
        return false;
    bool ok = open_bench(&bench, task, options, err) && measure(&bench, task, &measured, err);
    if (ok && option_given(options, OPT_JSON))
        print_json(&bench, task, &measured);
    else if (ok)
        print_text(&bench, task, &measured);
    close_bench(&bench, task);
    return ok;
}
