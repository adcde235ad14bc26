/* attnscope classify: which label a text has. */
#include "app/cli/command.h"
#include "app/cli/table.h"
#include "app/cli/task_input.h"

static const char RECORD[] = "classifier.hook_probs";

static void print_table(const Trace *trace, const TaskChoice *best, size_t count, Arena *arena) {
    char room[NUMBER_SIZE];
    Table table = table_new("rlr", (const char *const[]){"number", "label", "probability"});
    for (size_t i = 0; i < count; i++) {
        table_cell(&table, "%zu", best[i].index);
        table_cell(&table, "%s", trace->class_name[best[i].index]);
        table_cell(&table, "%s", number_text(best[i].value, room));
    }
    table_print(&table);
    task_print_hint(task_cell(arena, RECORD, 0, best[0].index));
}

static void print_json(const Trace *trace, const TaskChoice *best, size_t count, Arena *arena) {
    JsonOut out = {0};
    json_open(&out, NULL, '{');
    task_put_text(&out, trace);
    json_open(&out, "labels", '[');
    for (size_t i = 0; i < count; i++) {
        json_open(&out, NULL, '{');
        json_put_text(&out, "label", trace->class_name[best[i].index]);
        json_put_number(&out, "probability", best[i].value);
        json_put_text(&out, "cell", task_cell(arena, RECORD, 0, best[i].index));
        json_shut(&out, '}');
    }
    json_shut(&out, ']');
    json_shut(&out, '}');
    json_print(&out);
}

static bool classify(CliInput *input, const Options *options, Err *err) {
    Trace *trace = task_run(input, &input->text, options, err);
    if (!trace)
        return false;
    size_t labels = input->model->config.n_labels;
    size_t most = (size_t)option_whole(options, OPT_TOP, labels);
    TaskChoice *best = ARENA_NEW_N(&input->arena, TaskChoice, labels);
    size_t count = task_best(trace, trace_find(trace, RECORD), 0, most < labels ? most : labels,
                             best);
    (option_given(options, OPT_JSON) ? print_json : print_table)(trace, best, count, &input->arena);
    trace_free(trace);
    return true;
}

static bool run_command(const Options *options, Err *err) {
    CliInput input;
    bool ok = input_open_for(&input, options, TASK_CLASSIFY, err) && classify(&input, options, err);
    input_close(&input);
    return ok;
}

const Command command_classify = {
    .name = "classify",
    .summary = "tells which label a text has: all of them with their probabilities, best first",
    .details = "For a model that classifies texts (BERT). --pair gives a second text behind the "
               "prompt, for a model that compares two.",
    .takes = TAKES_TASK | OPT(PAIR) | OPT(TOP),
    .one_input = true,
    .run = run_command,
};
