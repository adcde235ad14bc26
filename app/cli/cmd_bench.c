/* attnscope bench: how long one waits, on a model or on a shape. What is compared takes turns, so that
 * whatever else the machine does falls on both; medians, and their ratios, are told. */
#include "app/cli/bench_shape.h"
#include "app/cli/command.h"
#include "app/cli/input.h"
#include "app/cli/json_out.h"
#include "engine/run/generate.h"

#include <stdio.h>

#define BENCH_PROMPT "One day Anna found a small red ball in the garden. She gave the ball to Tom."
enum { REPEAT = 5, NEW_TOKENS = 32 };

typedef struct {
    double open_ms;                           /* the model: once */
    double trace_ms, forward_ms, generate_ms; /* medians */
    size_t generated;                         /* tokens of one generation */
} Times;

static bool time_trace(const CliInput *input, const char *stages, double *ms, Err *err) {
    unsigned long long start = time_now_ns();
    RunOptions run = {.stages = stages, .pool = input->pool, .attention = input->attention};
    Arena arena = {0};
    TokenList list;
    bool ok = !input->prompt || tok_encode(input->model->tok, input->prompt, input->prompt_size,
                                           true, &arena, &list, err);
    Trace *trace = ok ? run_trace(input->model, &input->text, &run, err) : NULL;
    *ms = bench_since(start);
    ok = trace != NULL;
    trace_free(trace);
    arena_free(&arena);
    return ok;
}

static bool count_token(void *user, int32_t id) {
    (void)id;
    ++*(size_t *)user;
    return true;
}

static bool time_generate(const CliInput *input, const Options *options, Times *times, double *ms,
                          Err *err) {
    bool full;
    times->generated = 0;
    GenerateOptions run = {
        .max_new_tokens = (size_t)option_whole(options, OPT_MAX_NEW_TOKENS, NEW_TOKENS),
        .sample = SAMPLE_GREEDY,
        .attention = input->attention,
        .cache_off = !option_whole(options, OPT_KV_CACHE, 1),
        .pool = input->pool,
        .token = count_token,
        .user = &times->generated};
    unsigned long long start = time_now_ns();
    bool ok = run_generate(input->model, &input->text, &run, &full, err);
    *ms = bench_since(start);
    return ok;
}

static bool measure(CliInput *input, const Options *options, size_t runs, Times *times, Err *err) {
    double *trace = ARENA_NEW_N(&input->arena, double, runs);
    double *forward = ARENA_NEW_N(&input->arena, double, runs);
    double *generate = ARENA_NEW_N(&input->arena, double, runs);
    for (size_t round = 0; round <= runs; round++) { /* the first warms up, and is written over */
        size_t at = round > 0 ? round - 1 : 0;
        if (!time_trace(input, "*", &trace[at], err) ||
            !time_trace(input, "logits", &forward[at], err) ||
            !time_generate(input, options, times, &generate[at], err))
            return false;
    }
    times->trace_ms = bench_median(trace, runs);
    times->forward_ms = bench_median(forward, runs);
    times->generate_ms = bench_median(generate, runs);
    return true;
}

static double tokens_per_second(const Times *times) {
    return (double)times->generated * 1e3 / times->generate_ms;
}

static void print_text(const CliInput *input, const Times *times) {
    printf("model %s, %zu tokens\n", input->model->name, input->text.count);
    printf("open the model               %9.2f ms\n", times->open_ms);
    printf("prompt to trace, all kept    %9.2f ms   %.2f × the forward alone\n", times->trace_ms,
           times->trace_ms / times->forward_ms);
    printf("forward, only logits kept    %9.2f ms\n", times->forward_ms);
    printf("generate %4zu tokens         %9.2f ms   %.1f tokens/s\n", times->generated,
           times->generate_ms, tokens_per_second(times));
}

static void print_json(const CliInput *input, const Times *times, size_t runs) {
    JsonOut out = {0};
    json_open(&out, NULL, '{');
    json_put_text(&out, "model", input->model->name);
    json_put_whole(&out, "tokens", input->text.count);
    json_put_whole(&out, "repeat", runs);
    json_put_number(&out, "model_open_ms", times->open_ms);
    json_put_number(&out, "trace_ms", times->trace_ms);
    json_put_number(&out, "forward_ms", times->forward_ms);
    json_put_number(&out, "trace_to_forward", times->trace_ms / times->forward_ms);
    json_put_whole(&out, "generated", times->generated);
    json_put_number(&out, "generate_ms", times->generate_ms);
    json_put_number(&out, "tokens_per_second", tokens_per_second(times));
    json_shut(&out, '}');
    json_print(&out);
}

static bool bench_model(const Options *options, Err *err) {
    size_t runs = (size_t)option_whole(options, OPT_REPEAT, REPEAT);
    Times times = {0};
    CliInput input;
    unsigned long long start = time_now_ns();
    bool ok = input_open(&input, options, BENCH_PROMPT, err);
    times.open_ms = bench_since(start);
    ok = ok && measure(&input, options, runs, &times, err);
    if (ok)
        input_tell_notes(&input);
    if (ok && option_given(options, OPT_JSON))
        print_json(&input, &times, runs);
    else if (ok)
        print_text(&input, &times);
    input_close(&input);
    return ok;
}

/* A shape brings its model and its input along; a model knows neither task nor length. */
static bool check_kind(const Options *options, Err *err) {
    bool shape = option_given(options, OPT_SHAPE);
    static const OptId for_model[] = {
        OPT_MODEL,  OPT_PROMPT, OPT_PROMPT_FILE,    OPT_TOKENS, OPT_SET,    OPT_RANDOM_INIT,
        OPT_CONFIG, OPT_TARGET, OPT_DECODER_TOKENS, OPT_PAIR,   OPT_PAD_TO, OPT_SHUFFLE};
    static const OptId for_shape[] = {OPT_TASK, OPT_LENGTH, OPT_WEIGHTS};
    const OptId *list = shape ? for_model : for_shape;
    size_t count = shape ? sizeof for_model / sizeof *for_model
                         : sizeof for_shape / sizeof *for_shape;
    char room[64];
    for (size_t i = 0; i < count; i++)
        if (option_given(options, list[i]))
            return err_set(err,
                           shape ? "%s has no use beside --shape, which brings its own model "
                                   "and input"
                                 : "%s is for a shape: give --shape NAME too",
                           option_shape(list[i], room, sizeof room));
    return !shape || bench_shape_check(options, err);
}

static bool run_command(const Options *options, Err *err) {
    bool shape = option_given(options, OPT_SHAPE);
    return shape ? bench_shape(options, err) : bench_model(options, err);
}

const Command command_bench = {
    .name = "bench",
    .summary = "measures how long a trace, a forward and a generation take",
    .details =
        "Medians of runs that take turns. Without an input there is one of about 20 words.\n"
        "With --shape one task on a model of that shape, made in memory with random weights:\n"
        "  prefill    the logits of all N tokens, and nothing else kept\n"
        "  decode     --max-new-tokens (32) tokens behind N, one after another; only they are "
        "timed\n"
        "  attention  one head over N tokens, queries, keys and values given\n"
        "  trace      everything kept, and beside it the logits alone\n"
        "  start      attnscope generate on the model's folder, from its start to its end: one "
        "token behind N\n"
        "GFLOP/s count 2 for each weight of a matrix and token, and 4 for each number of a query, "
        "for each key it sees. GB/s count the matrices as they are stored once a run (decode: once "
        "a token), and the keys and values. Memory is the most that was held beside the weights "
        "(start: by the whole process).",
    .takes = TAKES_INPUT | OPT(SHAPE) | OPT(TASK) | OPT(LENGTH) | OPT(WEIGHTS) | TAKES_ATTENTION |
             OPT(KV_CACHE) | OPT(MAX_NEW_TOKENS) | OPT(REPEAT) | OPT(THREADS) | OPT(JSON),
    .check = check_kind,
    .run = run_command,
};
