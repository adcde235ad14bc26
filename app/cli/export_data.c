#include "app/cli/export_data.h"

#include "app/cli/export_about.h"
#include "app/cli/input.h"
#include "app/cli/place.h"
#include "app/export/data.h"
#include "engine/run/run.h"

#include <stdio.h>
#include <string.h>

bool export_data_check(const Options *options, Err *err) {
    DataFormat format;
    if (!option_given(options, OPT_RECORD))
        return err_set(err, "--record NAME is missing");
    if (!option_given(options, OPT_OUTPUT))
        return err_set(err, "--output FILE is missing");
    return data_format(option_text(options, OPT_OUTPUT, ""), &format, err) ||
           err_prefix(err, "--output");
}

/* Of flash attention's tiles one head alone is recorded, the one of --head: there is no axis of it. */
static bool is_slice(const Options *options, const Node *node) {
    return option_given(options, OPT_HEAD) && !op_shows_tiles(node->op);
}

/* The words of the vocabulary, where there is a tokenizer. */
static void label_vocabulary(const Model *model, DataTable *table, Arena *arena) {
    for (int axis = 0; model->tok && axis < table->tensor.rank; axis++) {
        if (table->axis[axis] != AXIS_VOCAB)
            continue;
        const char **label = ARENA_NEW_N(arena, const char *, table->tensor.dim[axis]);
        for (size_t i = 0; i < table->tensor.dim[axis]; i++)
            tok_labels(model->tok, &(int32_t){(int32_t)i}, 1, arena, &label[i]);
        table->label[axis] = label;
    }
}

static void tell(const DataTable *table, const char *path) {
    Buf shape = {0};
    if (!output_is_file(path))
        return;
    place_shape(table->tensor.rank, table->tensor.dim, &shape);
    printf("%s: %s, %s numbers of type %s\n", path, table->trace->graph.node[table->node].name,
           shape.bytes, table->tensor.type == DTYPE_I32 ? "int32" : "float32");
    buf_free(&shape);
}

static bool write_record(CliInput *input, const Options *options, const Trace *trace, int node,
                         Err *err) {
    const char *path = option_text(options, OPT_OUTPUT, "");
    const Node *record = &trace->graph.node[node];
    size_t head = (size_t)option_whole(options, OPT_HEAD, 0);
    ExportAbout about = export_about(input, options, &input->arena);
    DataTable table;
    DataFormat format;
    about.record = record->name;
    about.head = option_text(options, OPT_HEAD, NULL);
    if (!data_format(path, &format, err) ||
        !data_take(trace, node, is_slice(options, record) ? &head : NULL, &table, err))
        return false;
    label_vocabulary(input->model, &table, &input->arena);
    if (!data_write(&table, &about, format, path, err))
        return false;
    input_tell_notes(input);
    tell(&table, path);
    return true;
}

static bool run_record(CliInput *input, const Options *options, Err *err) {
    SampleOptions sample;
    bool draws = input_sample(options, &sample);
    Budget budget = input_budget(options);
    Graph graph;
    int node;
    size_t head = (size_t)option_whole(options, OPT_HEAD, 0);
    if (!input_graph(input, draws ? &sample : NULL, &input->arena, &graph, err) ||
        !place_record(&graph, "record", option_text(options, OPT_RECORD, ""), &node, err) ||
        (is_slice(options, &graph.node[node]) && !data_check_head(&graph.node[node], head, err)))
        return false;
    RunOptions run = {.stages = graph.node[node].name,
                      .max_bytes = &budget.bytes,
                      .attention = input->attention,
                      .pool = input->pool,
                      .sample = draws ? &sample : NULL};
    Trace *trace = run_trace(input->model, &input->text, &run, err);
    bool ok = trace && write_record(input, options, trace, node, err);
    if (!trace)
        input_tell_budget(&budget, err);
    trace_free(trace);
    return ok;
}

bool export_data(const Options *options, Err *err) {
    CliInput input = {0};
    bool ok = output_possible(option_text(options, OPT_OUTPUT, ""), err) &&
              input_open(&input, options, "", err) && input_continue(&input, options, err) &&
              run_record(&input, options, err);
    input_close(&input);
    return ok;
}
