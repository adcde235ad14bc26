/* attnscope generate: continues a text, token by token. */
#include "app/cli/command.h"
#include "app/cli/input.h"
#include "app/cli/json_out.h"
#include "app/cli/steps_table.h"
#include "app/cli/steps_trace.h"
#include "engine/run/generate.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { NEW_TOKENS = 100 };

typedef struct {
    const CliInput *input;
    TokStream *stream; /* frees itself when it is ended */
    Buf text;          /* prompt and continuation, as far as they are certain */
    Buf ids;           /* int32, the new ones */
    bool printing;     /* as it comes */
    bool ended;        /* the model's end token has come */
    int error;         /* errno of what could not be printed */
    StepsTrace *steps; /* NULL: they are not asked for */
    bool counting;
    StepsTable counts;
} Generation;

/* Prints what the text has grown by since `from`. */
static bool show(Generation *gen, size_t from) {
    if (!gen->printing)
        return true;
    fwrite(buf_cstr(&gen->text) + from, 1, gen->text.size - from, stdout);
    if (fflush(stdout) != 0)
        gen->error = errno;
    return gen->error == 0;
}

static bool take_token(void *user, int32_t id) {
    Generation *gen = user;
    size_t from = gen->text.size;
    buf_add(&gen->ids, &id, sizeof id);
    gen->ended = config_is_end(&gen->input->model->config, id);
    if (!gen->ended)
        tok_stream_add(gen->stream, id, &gen->text);
    return show(gen, from) && !(gen->steps && steps_trace_failed(gen->steps));
}

static void take_step(void *user, const GenerateStep *step) {
    Generation *gen = user;
    if (gen->steps)
        steps_trace_add(gen->steps, step);
    if (gen->counting)
        steps_table_add(&gen->counts, step);
}

static size_t new_ids(const Generation *gen) {
    return gen->ids.size / sizeof(int32_t);
}

static bool generate(Generation *gen, const Options *options, bool *full, Err *err) {
    const CliInput *input = gen->input;
    GenerateOptions run = {
        .max_new_tokens = (size_t)option_whole(options, OPT_MAX_NEW_TOKENS, NEW_TOKENS),
        .attention = input->attention,
        .pool = input->pool,
        .cache_off = !option_whole(options, OPT_KV_CACHE, 1),
        .token = take_token,
        .step = gen->steps || gen->counting ? take_step : NULL,
        .user = gen};
    bool two = input->model->config.two_stacks;
    bool patterns = input->attention.kind == ATTENTION_STANDARD; /* flash has none */
    if (gen->steps && two && patterns)
        run.stages = STEPS_CROSS;
    input_sample(options, &run.sample);
    for (size_t i = two; i < input->text.count; i++) /* a start token says nothing */
        tok_stream_add(gen->stream, input->text.ids[i], &gen->text);
    size_t limit = config_longest(&input->model->config);
    /* A prompt that can't run is an error, and then nothing is printed. */
    bool fits = limit == 0 || input->text.count <= limit;
    bool ok = true;
    if (!fits || show(gen, 0))
        ok = run_generate(input->model, &input->text, &run, full, err);
    Buf rest = {0}; /* a character that never became complete stays held back */
    tok_stream_end(gen->stream, &rest);
    buf_free(&rest);
    if (ok && gen->error)
        ok = err_set(err, "standard output: %s", strerror(gen->error));
    bool more = gen->counting || isatty(STDOUT_FILENO);
    if (ok && gen->printing && more)
        putchar('\n'); /* for the shell's next line; a pipe gets the text and nothing else */
    return ok;
}

static void print_json(const Generation *gen, bool full) {
    const CliInput *input = gen->input;
    Buf prompt = {0};
    JsonOut out = {0};
    bool two = input->model->config.two_stacks;
    const int32_t *ids = two ? input->text.source : input->text.ids;
    size_t count = two ? input->text.source_count : input->text.count;
    tok_decode(input->model->tok, ids, count, true, &prompt);
    json_open(&out, NULL, '{');
    json_put_text(&out, "model", input->model->name);
    json_put_bytes(&out, "prompt", buf_cstr(&prompt), prompt.size);
    json_put_bytes(&out, "text", buf_cstr(&gen->text), gen->text.size);
    json_put_ids(&out, "prompt_tokens", ids, count);
    json_put_ids(&out, "tokens", (const int32_t *)(const void *)gen->ids.bytes, new_ids(gen));
    json_put_text(&out, "stopped", gen->ended ? "end" : full ? "context" : "length");
    steps_table_json(&gen->counts, &out);
    json_shut(&out, '}');
    json_print(&out);
    buf_free(&prompt);
}

static bool generate_and_save(CliInput *input, const Options *options, Err *err) {
    const char *path = option_text(options, OPT_TRACE, NULL);
    if (!model_has_tokenizer(input->model, err))
        return false;
    Generation gen = {.input = input,
                      .stream = tok_stream_new(input->model->tok, true),
                      .printing = !option_given(options, OPT_JSON),
                      .counting = option_given(options, OPT_JSON) ||
                                  option_given(options, OPT_COUNTS),
                      .steps = path ? steps_trace_new(input) : NULL};
    bool full = false, ok = generate(&gen, options, &full, err);
    if (ok)
        input_tell_notes(input);
    if (ok && gen.steps)
        ok = steps_trace_save(gen.steps, (const int32_t *)(const void *)gen.ids.bytes,
                              new_ids(&gen), path, err);
    if (ok && !gen.printing)
        print_json(&gen, full);
    else if (ok && gen.counting)
        steps_table_print(&gen.counts);
    if (ok && full)
        fprintf(stderr, "attnscope: warning: the context of %zu tokens is full; stopped there\n",
                input->model->config.n_ctx);
    steps_trace_free(gen.steps);
    steps_table_free(&gen.counts);
    buf_free(&gen.text);
    buf_free(&gen.ids);
    return ok;
}

/* Asked for by name, a cache that there can't be is an error. */
static bool check_cache(const CliInput *input, const Options *options, Err *err) {
    return !option_whole(options, OPT_KV_CACHE, 0) || generate_can_cache(input->model, err) ||
           err_prefix(err, "--kv-cache on");
}

/* New tokens would stand behind the padding, where none may be seen. */
static bool check_padding(const CliInput *input, Err *err) {
    return input->text.real == 0 ||
           err_set(err,
                   "--pad-to: model %s generates behind its prompt, so there is no place for "
                   "padding; an encoder's source has one",
                   input->model->name);
}

/* What can't be computed is an error before the prompt is printed. */
static bool check_forward(const CliInput *input, Err *err) {
    Arena arena = {0};
    Graph graph;
    bool ok = input_graph(input, NULL, &arena, &graph, err);
    arena_free(&arena);
    return ok;
}

static bool run_command(const Options *options, Err *err) {
    const char *path = option_text(options, OPT_TRACE, NULL);
    if (path && !output_possible(path, err))
        return false;
    CliInput input;
    bool ok = input_open_for(&input, options, TASK_TEXT, err) && check_padding(&input, err) &&
              check_cache(&input, options, err) && check_forward(&input, err) &&
              generate_and_save(&input, options, err);
    input_close(&input);
    return ok;
}

const Command command_generate = {
    .name = "generate",
    .summary = "continues a text, and prints prompt and continuation as they come",
    .details =
        "Special tokens are not printed, nor is a character that is not complete yet. It "
        "stops at the model's end token, after --max-new-"
        "tokens, or when the context is full.\n"
        "Without options the likeliest token is taken each time.\n"
        "An encoder-decoder reads the prompt as its source, and what its decoder says is "
        "printed. Its config.json may force the first and the last token, and ban some; "
        "generation_config.json is not read.\n"
        "With the KV cache a step computes the new token's row alone, and reads the keys and "
        "values of those before; where a layer has a window, only its rows are kept. The text "
        "is the same without.",
    .takes = TAKES_INPUT | TAKES_SAMPLE | TAKES_ATTENTION | OPT(MAX_NEW_TOKENS) | OPT(TRACE) |
             OPT(KV_CACHE) | OPT(COUNTS) | OPT(THREADS) | OPT(JSON),
    .one_input = true,
    .run = run_command,
};
