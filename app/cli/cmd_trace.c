/* attnscope trace: runs a model once and saves every record. */
#include "app/cli/command.h"
#include "app/cli/input.h"
#include "app/cli/json_out.h"
#include "app/cli/show_plan.h"
#include "engine/run/run.h"
#include "engine/trace/plan.h"
#include "engine/trace/trace_file.h"

#include <stdio.h>
#include <sys/stat.h>

static size_t file_size(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 ? (size_t)info.st_size : 0;
}

static size_t kept_records(const Trace *trace) {
    size_t kept = 0;
    for (int i = 0; i < trace->graph.count; i++)
        kept += trace_kept(trace, i);
    return kept;
}

static size_t left_out_records(const Trace *trace) {
    size_t left_out = 0;
    for (int i = 0; i < trace->graph.count; i++)
        left_out += trace_left_out(trace, i);
    return left_out;
}

static void put_tokens(JsonOut *out, const char *ids, const char *labels, const TraceText *text) {
    json_put_ids(out, ids, text->ids, text->length);
    json_open(out, labels, '[');
    for (size_t i = 0; i < text->length; i++)
        json_put_text(out, NULL, text->label[i]);
    json_shut(out, ']');
}

static void print_json(const Trace *trace, const char *path) {
    JsonOut out = {0};
    json_open(&out, NULL, '{');
    json_put_text(&out, "output", path);
    json_put_text(&out, "model", trace->model);
    if (trace->source.length > 0)
        put_tokens(&out, "source_ids", "source_tokens", &trace->source);
    put_tokens(&out, "ids", "tokens", &trace->own);
    json_put_whole(&out, "records", kept_records(trace));
    json_put_whole(&out, "left_out", left_out_records(trace));
    json_put_whole(&out, "bytes", file_size(path));
    json_shut(&out, '}');
    json_print(&out);
}

static void print_summary(const Trace *trace, const char *path) {
    char bytes[32];
    bytes_text(file_size(path), bytes, sizeof bytes);
    printf("%s: %zu records, %zu token%s", path, kept_records(trace), trace->own.length,
           trace->own.length == 1 ? "" : "s");
    if (trace->source.length > 0)
        printf(" behind %zu of the source", trace->source.length);
    printf(", %s\n", bytes);
    if (left_out_records(trace) > 0)
        printf("%zu records were left out; --plan tells which\n", left_out_records(trace));
}

/* A file can't compute again what it lacks, so nothing is left out unasked. */
static void tell_how(const CliInput *input, const Options *options, const Budget *budget,
                     Err *err) {
    bool memory = plan_too_large(err);
    input_tell_budget(budget, err);
    Err without = *err;
    bool scores = input->attention.kind == ATTENTION_STANDARD &&
                  input->model->config.cell == CELL_NONE;
    if (memory)
        err_set(err, "%s%s%s", without.text,
                scores ? "; --attention flash has no stage of all queries by all keys" : "",
                option_given(options, OPT_FIT)
                    ? ""
                    : "; --fit keeps what fits, --plan shows what that is");
}

static bool plan_input(const CliInput *input, const Options *options, Err *err) {
    SampleOptions sample;
    bool draws = input_sample(options, &sample);
    Budget budget = input_budget(options);
    const char *stages = option_text(options, OPT_STAGES, "*");
    Arena arena = {0};
    Graph graph;
    Plan plan;
    bool ok = input_graph(input, draws ? &sample : NULL, &arena, &graph, err) &&
              (option_given(options, OPT_FIT)
                   ? plan_fit(&graph, stages, budget.bytes, &arena, &plan, err)
                   : plan_make(&graph, stages, NULL, &arena, &plan, err));
    if (ok && option_given(options, OPT_JSON))
        show_plan_json(input, &graph, &plan, &budget);
    else if (ok)
        show_plan(input, &graph, &plan, &budget);
    arena_free(&arena);
    return ok;
}

static bool trace_into(CliInput *input, const Options *options, const char *path, Err *err) {
    SampleOptions sample;
    Budget budget = input_budget(options);
    RunOptions run = {.stages = option_text(options, OPT_STAGES, NULL),
                      .max_bytes = &budget.bytes,
                      .fit = option_given(options, OPT_FIT),
                      .attention = input->attention,
                      .pool = input->pool};
    if (input_sample(options, &sample))
        run.sample = &sample;
    Trace *trace = run_trace(input->model, &input->text, &run, err);
    bool ok = trace && trace_save(trace, path, err);
    if (!trace)
        tell_how(input, options, &budget, err);
    if (ok)
        input_tell_notes(input);
    if (ok && option_given(options, OPT_JSON) && output_is_file(path))
        print_json(trace, path);
    else if (ok && output_is_file(path))
        print_summary(trace, path);
    trace_free(trace);
    return ok;
}

static bool run_command(const Options *options, Err *err) {
    const char *path = option_text(options, OPT_OUTPUT, NULL);
    bool plan = option_given(options, OPT_PLAN);
    if (!plan && !output_possible(path, err))
        return false;
    CliInput input;
    bool ok = input_open(&input, options, "", err) && input_continue(&input, options, err) &&
              (plan ? plan_input(&input, options, err) : trace_into(&input, options, path, err));
    input_close(&input);
    return ok;
}

const Command command_trace = {
    .name = "trace",
    .summary = "runs a model on an input and saves every number that it computes",
    .details =
        "The trace is a safetensors file with a tensor for each record. The memory is "
        "checked before anything runs. A file can't compute again what it lacks: where the limit "
        "is "
        "too small, that is an error, but with --fit what fits is kept of the stages that * asks "
        "for: the rows that go from block to block, then the smallest records first.\n"
        "With --attention flash --stages '*,*flash*' it also holds what the tile loop has on its "
        "way, "
        "for the head of --head.\n"
        "With --temperature, --top-k, --top-p, --seed or --greedy it also holds how the next "
        "token is chosen.",
    .takes = TAKES_INPUT | TAKES_SAMPLE | TAKES_ATTENTION | OPT(HEAD) | OPT(OUTPUT) | OPT(STAGES) |
             OPT(MAX_MEMORY) | OPT(FIT) | OPT(PLAN) | OPT(THREADS) | OPT(JSON),
    .needs = OPT(OUTPUT),
    .instead = OPT(PLAN),
    .one_input = true,
    .run = run_command,
};
