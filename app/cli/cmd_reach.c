/* attnscope reach: how far a model remembers, alone or beside another. */
#include "engine/run/reach.h"

#include "app/cli/command.h"
#include "app/cli/input.h"
#include "app/cli/json_out.h"
#include "app/cli/table.h"

#include <stdio.h>

enum { MODELS = 2 };

typedef struct {
    CliInput input[MODELS];
    Reach reach[MODELS];
    int count;
} Measured;

static bool measure_one(Measured *measured, const Options *options, Err *err) {
    int at = measured->count++;
    CliInput *input = &measured->input[at];
    return input_open(input, options, "", err) && input_continue(input, options, err) &&
           reach_measure(input->model, &input->text, input->pool, &input->arena,
                         &measured->reach[at], err);
}

static bool measure(Measured *measured, const Options *options, Err *err) {
    if (!measure_one(measured, options, err))
        return false;
    if (!option_given(options, OPT_BESIDE))
        return true;
    Options other = *options;
    other.value[OPT_MODEL] = options->value[OPT_BESIDE];
    return measure_one(measured, &other, err);
}

/* ---- printing: the last token first, as many tokens back ---- */

static void reach_cells(Table *table, const Reach *reach, size_t back) {
    if (back >= reach->length) {
        table_cell(table, "%s", "");
        table_cell(table, "%s", "");
        return;
    }
    size_t position = reach->length - 1 - back;
    table_cell(table, "%s", reach->label[position]);
    table_cell(table, "%.3g", reach->ratio[position]);
}

static void print_table(const Measured *measured) {
    const char *head[1 + 2 * MODELS] = {"back"};
    size_t rows = 0;
    for (int i = 0; i < measured->count; i++) {
        head[1 + 2 * i] = "token";
        head[2 + 2 * i] = measured->input[i].model->name;
        rows = measured->reach[i].length > rows ? measured->reach[i].length : rows;
    }
    Table table = table_new(measured->count > 1 ? "rlrlr" : "rlr", head);
    for (size_t back = 0; back < rows; back++) {
        table_cell(&table, "%zu", back);
        for (int i = 0; i < measured->count; i++)
            reach_cells(&table, &measured->reach[i], back);
    }
    table_print(&table);
    for (int i = 0; i < measured->count; i++)
        printf(
            "%s: change of the last row of %s ÷ change of the token's embedding; below %.1g it is "
            "rounding\n",
            measured->input[i].model->name, measured->reach[i].record, measured->reach[i].rounding);
}

static void put_reach(JsonOut *out, const CliInput *input, const Reach *reach) {
    json_open(out, NULL, '{');
    json_put_text(out, "model", input->model->name);
    json_put_text(out, "record", reach->record);
    json_put_number(out, "rounding", reach->rounding);
    json_open(out, "positions", '[');
    for (size_t t = reach->length; t-- > 0;) {
        json_open(out, NULL, '{');
        json_put_whole(out, "back", reach->length - 1 - t);
        json_put_whole(out, "position", t);
        json_put_text(out, "token", reach->label[t]);
        json_put_number(out, "ratio", reach->ratio[t]);
        json_shut(out, '}');
    }
    json_shut(out, ']');
    json_shut(out, '}');
}

static void print_json(const Measured *measured) {
    JsonOut out = {0};
    json_open(&out, NULL, '{');
    json_put_number(&out, "size", REACH_SIZE);
    json_put_whole(&out, "directions", REACH_DIRECTIONS);
    json_open(&out, "models", '[');
    for (int i = 0; i < measured->count; i++)
        put_reach(&out, &measured->input[i], &measured->reach[i]);
    json_shut(&out, ']');
    json_shut(&out, '}');
    json_print(&out);
}

static bool run_command(const Options *options, Err *err) {
    Measured measured = {.count = 0};
    bool ok = measure(&measured, options, err);
    for (int i = 0; i < measured.count && ok; i++)
        input_tell_notes(&measured.input[i]);
    if (ok && option_given(options, OPT_JSON))
        print_json(&measured);
    else if (ok)
        print_table(&measured);
    for (int i = 0; i < measured.count; i++)
        input_close(&measured.input[i]);
    return ok;
}

const Command command_reach = {
    .name = "reach",
    .summary = "measures how far back a model remembers",
    .details = "Each token's embedding is pushed a little (a hundredth of the usual length of one, "
               "in 4 fixed directions), and the change that arrives in the last token's state, "
               "just before the output matrix, is told per unit of the push: 0 is forgotten.\n"
               "With --beside a second model reads the same text, for comparison.",
    .takes = TAKES_INPUT | OPT(BESIDE) | OPT(THREADS) | OPT(JSON),
    .one_input = true,
    .run = run_command,
};
