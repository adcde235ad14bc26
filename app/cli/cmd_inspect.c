/* attnscope inspect: what a trace holds, or what a model is. */
#include "app/cli/command.h"
#include "app/cli/input.h"
#include "app/cli/json_out.h"
#include "app/cli/show_model.h"
#include "app/cli/table.h"
#include "engine/base/near.h"
#include "engine/trace/plan.h"
#include "engine/trace/trace_file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The data of a file need not be aligned. */
static double cell_value(const StTensor *tensor, size_t cell) {
    float real;
    int32_t whole;
    if (tensor->type == DTYPE_I32) {
        memcpy(&whole, tensor->data + cell * sizeof whole, sizeof whole);
        return whole;
    }
    memcpy(&real, tensor->data + cell * sizeof real, sizeof real);
    return (double)real;
}

static size_t cell_count(const StTensor *tensor) {
    return tensor->size / 4; /* F32 or I32: trace_load has checked it */
}

/* Of the cells that are finite; "nan" where none is. */
typedef struct {
    double min, mean, max;
    size_t not_finite;
} Summary;

static Summary summarize(const StTensor *tensor) {
    Summary sum = {.min = INFINITY, .max = -INFINITY};
    size_t count = cell_count(tensor), finite = 0;
    for (size_t i = 0; i < count; i++) {
        double value = cell_value(tensor, i);
        if (!isfinite(value))
            continue;
        sum.min = fmin(sum.min, value);
        sum.max = fmax(sum.max, value);
        sum.mean += value;
        finite++;
    }
    sum.not_finite = count - finite;
    sum.mean /= (double)finite;
    if (finite == 0)
        sum.min = sum.max = sum.mean = NAN;
    return sum;
}

/* ---- the list ---- */

static void join_sizes(const StTensor *tensor, Buf *text) {
    buf_clear(text);
    for (int axis = 0; axis < tensor->rank; axis++)
        buf_printf(text, axis ? "×%zu" : "%zu", tensor->dim[axis]);
}

static void join_texts(const char *const *list, int count, Buf *text) {
    buf_clear(text);
    for (int i = 0; i < count; i++)
        buf_printf(text, i ? " %s" : "%s", list[i]);
}

static void list_record(const FileRecord *record, Table *table, Buf *text) {
    char room[NUMBER_SIZE], bytes[32];
    Summary sum = summarize(record->tensor);
    table_cell(table, "%s", record->name);
    table_cell(table, "%s", record->op);
    join_sizes(record->tensor, text);
    table_cell(table, "%s", buf_cstr(text));
    join_texts(record->axes, record->axis_count, text);
    table_cell(table, "%s", buf_cstr(text));
    table_cell(table, "%s", number_text(sum.min, room));
    table_cell(table, "%s", number_text(sum.mean, room));
    table_cell(table, "%s", number_text(sum.max, room));
    table_count(table, sum.not_finite > 0, sum.not_finite);
    bytes_text(record->tensor->size, bytes, sizeof bytes);
    table_cell(table, "%s", bytes);
}

static void print_tokens(const char *what, const char *const *token, size_t count, Buf *text) {
    join_texts(token, (int)count, text);
    printf("%zu %s: %s\n", count, what, text->size ? text_harmless(text->bytes) : "");
}

static void print_list(const TraceFile *trace) {
    Buf text = {0};
    buf_printf(&text, "model %s, attention %s, kv_cache %s, version %s", trace->model,
               trace->attention, trace->kv_cache, trace->version);
    puts(text_harmless(text.bytes));
    print_tokens("tokens", trace->token, trace->token_count, &text);
    if (trace->source_count > 0)
        print_tokens("tokens of the source", trace->source, trace->source_count, &text);
    if (trace->sequential_steps == 1)
        puts("1 sequential step a layer: no row of a stage waits for another row of it");
    else if (trace->sequential_steps > 1)
        printf("%zu sequential steps a layer: each token waits for the state of the one before\n",
               trace->sequential_steps);
    printf("%zu records, in the order of computation:\n\n", trace->count);
    Table table = table_new("llllrrrrr",
                            (const char *const[]){"record", "op", "shape", "axes", "min", "mean",
                                                  "max", "not finite", "size"});
    for (size_t i = 0; i < trace->count; i++)
        list_record(&trace->record[i], &table, &text);
    table_print(&table);
    buf_free(&text);
}

static void put_texts(JsonOut *out, const char *key, const char *const *list, size_t count) {
    json_open(out, key, '[');
    for (size_t i = 0; i < count; i++)
        json_put_text(out, NULL, list[i]);
    json_shut(out, ']');
}

static void put_record(JsonOut *out, const FileRecord *record) {
    Summary sum = summarize(record->tensor);
    json_put_text(out, "name", record->name);
    json_put_text(out, "op", record->op);
    put_texts(out, "inputs", record->inputs, (size_t)record->input_count);
    put_texts(out, "axes", record->axes, (size_t)record->axis_count);
    json_put_sizes(out, "shape", record->tensor->dim, (size_t)record->tensor->rank);
    json_put_text(out, "dtype", record->tensor->type_name);
    json_put_number(out, "min", sum.min);
    json_put_number(out, "mean", sum.mean);
    json_put_number(out, "max", sum.max);
    json_put_whole(out, "not_finite", sum.not_finite);
    json_put_whole(out, "bytes", record->tensor->size);
}

static void print_list_json(const TraceFile *trace) {
    JsonOut out = {0};
    json_open(&out, NULL, '{');
    json_put_text(&out, "format", TRACE_FORMAT);
    json_put_text(&out, "version", trace->version);
    json_put_text(&out, "model", trace->model);
    json_put_text(&out, "attention", trace->attention);
    json_put_text(&out, "kv_cache", trace->kv_cache);
    if (trace->sequential_steps)
        json_put_whole(&out, "sequential_steps", trace->sequential_steps);
    put_texts(&out, "tokens", trace->token, trace->token_count);
    if (trace->source_count > 0)
        put_texts(&out, "source_tokens", trace->source, trace->source_count);
    json_open(&out, "records", '[');
    for (size_t i = 0; i < trace->count; i++) {
        json_open(&out, NULL, '{');
        put_record(&out, &trace->record[i]);
        json_shut(&out, '}');
    }
    json_shut(&out, ']');
    json_shut(&out, '}');
    json_print(&out);
}

/* ---- one record ---- */

static size_t row_length(const StTensor *tensor) {
    return tensor->rank > 0 ? tensor->dim[tensor->rank - 1] : 1;
}

/* A line for each row along the last axis, behind the indices of the others: "[0,3]  0.5  0.5". */
static void print_values(const FileRecord *record) {
    const StTensor *tensor = record->tensor;
    size_t count = cell_count(tensor), row = row_length(tensor), index[ST_RANK];
    char room[NUMBER_SIZE];
    Buf text = {0};
    join_sizes(tensor, &text);
    printf("%s  ", buf_cstr(&text));
    join_texts(record->axes, record->axis_count, &text);
    printf("(%s)  ", text.size ? text_harmless(text.bytes) : "");
    buf_clear(&text);
    buf_text(&text, record->name);
    puts(text_harmless(text.bytes));
    for (size_t cell = 0; cell < count; cell++) {
        if (cell % row == 0) {
            shape_unravel(tensor->rank, tensor->dim, cell, index);
            putchar('[');
            for (int axis = 0; axis + 1 < tensor->rank; axis++)
                printf(axis ? ",%zu" : "%zu", index[axis]);
            putchar(']');
        }
        printf("  %s%s", number_text(cell_value(tensor, cell), room),
               (cell + 1) % row == 0 ? "\n" : "");
    }
    buf_free(&text);
}

static void put_values(JsonOut *out, const char *key, const StTensor *tensor, int axis,
                       size_t *cell) {
    if (axis == tensor->rank) {
        json_put_number(out, key, cell_value(tensor, (*cell)++));
        return;
    }
    json_open(out, key, '[');
    for (size_t i = 0; i < tensor->dim[axis]; i++)
        put_values(out, NULL, tensor, axis + 1, cell);
    json_shut(out, ']');
}

static void print_values_json(const FileRecord *record) {
    JsonOut out = {0};
    size_t cell = 0;
    json_open(&out, NULL, '{');
    put_record(&out, record);
    put_values(&out, "values", record->tensor, 0, &cell);
    json_shut(&out, '}');
    json_print(&out);
}

static bool no_such_record(const TraceFile *trace, const char *name, Err *err) {
    Arena arena = {0};
    Buf near = {0};
    const char **names = ARENA_NEW_N(&arena, const char *, trace->count);
    for (size_t i = 0; i < trace->count; i++)
        names[i] = trace->record[i].name;
    if (near_names(name, names, trace->count, 3, &near))
        err_set(err, "%s: there is no record %.200s; near it: %s", trace->file.path, name,
                near.bytes);
    else
        err_set(err, "%s: there is no record %.200s", trace->file.path, name);
    buf_free(&near);
    arena_free(&arena);
    return false;
}

/* ---- the command ---- */

static bool inspect(const TraceFile *trace, const Options *options, Err *err) {
    bool json = option_given(options, OPT_JSON);
    const char *name = option_text(options, OPT_RECORD, NULL);
    const FileRecord *record = name ? trace_file_find(trace, name) : NULL;
    if (name && !record)
        return no_such_record(trace, name, err);
    if (record && json)
        print_values_json(record);
    else if (record)
        print_values(record);
    else if (json)
        print_list_json(trace);
    else
        print_list(trace);
    return true;
}

/* What is said of a model means nothing of a trace, and the other way round. */
static bool check_options(const Options *options, Err *err) {
    static const OptId model[] = {OPT_SET, OPT_MASK, OPT_CONFIG};
    char room[80];
    if (!options->operand && option_given(options, OPT_RECORD))
        return err_set(err, "--record is for a trace: a model alone has no records");
    for (size_t i = 0; options->operand && i < sizeof model / sizeof *model; i++)
        if (option_given(options, model[i]))
            return err_set(err, "%s is for a model: a trace is what it is",
                           option_shape(model[i], room, sizeof room));
    return true;
}

static bool inspect_model(const Options *options, Err *err) {
    CliInput input = {0};
    bool ok = input_model(&input, options, err);
    if (ok && option_given(options, OPT_JSON))
        show_model_json(input.model);
    else if (ok)
        show_model(input.model);
    if (ok)
        input_tell_notes(&input);
    input_close(&input);
    return ok;
}

static bool run_command(const Options *options, Err *err) {
    TraceFile trace;
    if (!check_options(options, err))
        return false;
    if (!options->operand)
        return inspect_model(options, err);
    if (!trace_load(options->operand, &trace, err))
        return false;
    bool ok = inspect(&trace, options, err);
    trace_file_close(&trace);
    return ok;
}

const Command command_inspect = {
    .name = "inspect",
    .summary = "shows what a trace holds; with --model or --random-init, what a model is",
    .details = "Least, mean and largest value are those of the finite cells; masked scores are "
               "−inf.\n"
               "Of a model: its parameters, its stacks, what its knobs stand at, and the shape of "
               "each weight.",
    .takes = OPT(RECORD) | OPT(JSON) | OPT(MODEL) | TAKES_KNOBS,
    .operand = "F.safetensors",
    .instead = OPT(MODEL) | OPT(RANDOM_INIT),
    .run = run_command,
};
