#include "app/cli/task_input.h"

#include "engine/run/run.h"

#include <stdio.h>

static const char *command_of(Task task) {
    static const char *const command[] = {[TASK_TEXT] = "generate",
                                          [TASK_FILL] = "fill",
                                          [TASK_CLASSIFY] = "classify",
                                          [TASK_TAG] = "tag",
                                          [TASK_VECTOR] = "similar"};
    return command[task];
}

bool task_check(const Model *model, Task wanted, Err *err) {
    Task task = model->config.task;
    return task == wanted ||
           err_set(
               err,
               "model %s %s, and the command for that is attnscope %s; %s needs a model that %s "
               "(architectures in config.json)",
               model->name, task_does(task), command_of(task), command_of(wanted),
               task_does(wanted));
}

Trace *task_run(CliInput *input, const RunText *text, const Options *options, Err *err) {
    Budget budget = input_budget(options);
    RunOptions run = {
        .stages = task_stages(input->model), .max_bytes = &budget.bytes, .pool = input->pool};
    Trace *trace = run_trace(input->model, text, &run, err);
    if (trace)
        input_tell_notes(input);
    else
        input_tell_budget(&budget, err);
    return trace;
}

const char *task_cell(Arena *arena, const char *record, size_t row, size_t index) {
    return arena_printf(arena, "%s[%zu,%zu]", record, row, index);
}

void task_print_hint(const char *cell) {
    printf("\nHow that came about: attnscope explain, the same options, --cell '%s'\n", cell);
}

void task_put_text(JsonOut *out, const Trace *trace) {
    json_put_text(out, "model", trace->model);
    json_put_ids(out, "ids", trace->own.ids, trace->own.length);
    json_open(out, "tokens", '[');
    for (size_t i = 0; i < trace->own.length; i++)
        json_put_text(out, NULL, trace->own.label[i]);
    json_shut(out, ']');
}
