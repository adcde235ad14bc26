/* attnscope bench: how long one waits, on a model. What is compared takes turns, so that whatever
 * else the machine does falls on both; medians, and their ratios, are told. */
#include "app/cli/command.h"
#include "app/cli/input.h"
#include "app/cli/json_out.h"
#include "engine/run/run.h"

#include <stdio.h>
#include <stdlib.h>

#define BENCH_PROMPT "One day Anna found a small red ball in the garden. She gave the ball to Tom."
enum { RUNS = 9, NEW_TOKENS = 32 };

typedef struct {
    double open_ms;                           /* the model: once */
    double trace_ms, forward_ms, generate_ms; /* medians */
    size_t generated;                         /* tokens of one generation */
} Times;

static double since(unsigned long long start) {
    return (double)(time_now_ns() - start) / 1e6;
}

static bool time_trace(const CliInput *input, const char *stages, double *ms, Err *err) {
    unsigned long long start = time_now_ns();
    RunOptions run = {.stages = stages, .pool = input->pool};
    Arena arena = {0};
    TokenList list;
    bool ok = !input->prompt || tok_encode(input->model->tok, input->prompt, input->prompt_size,
                                           true, &arena, &list, err);
    Trace *trace = ok ? run_trace(input->model, &input->text, &run, err) : NULL;
    *ms = since(start);
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

static bool time_generate(const CliInput *input, size_t most, Times *times, double *ms, Err *err) {
    bool full;
    times->generated = 0;
    GenerateOptions run = {.max_new_tokens = most,
                           .sample = SAMPLE_GREEDY,
                           .pool = input->pool,
                           .token = count_token,
                           .user = &times->generated};
    unsigned long long start = time_now_ns();
    bool ok = run_generate(input->model, &input->text, &run, &full, err);
    *ms = since(start);
    return ok;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *list, size_t count) {
    qsort(list, count, sizeof *list, by_size);
    return count % 2 ? list[count / 2] : (list[count / 2 - 1] + list[count / 2]) / 2;
}

static bool measure(CliInput *input, const Options *options, size_t runs, Times *times, Err *err) {
    double *trace = ARENA_NEW_N(&input->arena, double, runs);
    double *forward = ARENA_NEW_N(&input->arena, double, runs);
    double *generate = ARENA_NEW_N(&input->arena, double, runs);
    size_t most = (size_t)option_whole(options, OPT_MAX_NEW_TOKENS, NEW_TOKENS);
    for (size_t round = 0; round <= runs; round++) { /* the first warms up, and is written over */
        size_t at = round > 0 ? round - 1 : 0;
        if (!time_trace(input, "*", &trace[at], err) ||
            !time_trace(input, "logits", &forward[at], err) ||
            !time_generate(input, most, times, &generate[at], err))
            return false;
    }
    times->trace_ms = median(trace, runs);
    times->forward_ms = median(forward, runs);
    times->generate_ms = median(generate, runs);
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
    json_put_whole(&out, "runs", runs);
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

static bool run_command(const Options *options, Err *err) {
    size_t runs = (size_t)option_whole(options, OPT_RUNS, RUNS);
    Times times = {0};
    CliInput input;
    unsigned long long start = time_now_ns();
    bool ok = input_open(&input, options, BENCH_PROMPT, err);
    times.open_ms = since(start);
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

const Command command_bench = {
    .name = "bench",
    .summary = "measures how long a trace, a forward and a generation take",
    .details = "Medians of runs that take turns. Without an input there is one of about 20 words.",
    .takes = TAKES_INPUT | OPT(MAX_NEW_TOKENS) | OPT(RUNS) | OPT(THREADS) | OPT(JSON),
    .run = run_command,
};
