/* attnscope attention: what attention on an input reads, writes and computes, standard beside flash. */
#include "engine/run/attention_count.h"

#include "app/cli/command.h"
#include "app/cli/input.h"
#include "app/cli/json_out.h"
#include "app/cli/table.h"
#include "app/ui/text.h"
#include "engine/trace/plan.h"

#include <stdio.h>

static void byte_row(Table *table, const char *what, double standard, double flash) {
    table_cell(table, "%s", what);
    table_bytes(table, standard);
    table_bytes(table, flash);
    table_cell(table, "%.3g", flash / standard);
}

static void print_counts(Arena *arena, const AttentionCounts *c) {
    const AttentionWork *standard = &c->standard, *flash = &c->flash;
    char fast[32];
    bytes_text((size_t)(c->fast_floats * sizeof(float)), fast, sizeof fast);
    printf("%zu head%s of all layers together, d_head %zu; tiles of %zu queries × %zu keys\n\n",
           c->heads, c->heads == 1 ? "" : "s", c->d_head, c->rows, c->columns);
    Table table = table_new("lrrr", (const char *const[]){"", "standard", "flash", "ratio"});
    table_cell(&table, "tiles computed");
    table_count(&table, false, 0);
    table_cell(&table, "%zu", c->tiles);
    table_cell(&table, "%s", "");
    table_cell(&table, "tiles skipped");
    table_count(&table, false, 0);
    table_cell(&table, "%zu", c->skipped);
    table_cell(&table, "%s", "");
    byte_row(&table, "read from slow memory", standard->bytes_read, flash->bytes_read);
    byte_row(&table, "written to slow memory", standard->bytes_written, flash->bytes_written);
    byte_row(&table, "formula, read and written", c->standard_formula, c->flash_formula);
    table_cell(&table, "operations");
    table_cell(&table, "%s", text_count(arena, (int64_t)standard->flops));
    table_cell(&table, "%s", text_count(arena, (int64_t)flash->flops));
    table_cell(&table, "%.3g", flash->flops / standard->flops);
    byte_row(&table, "extra memory", (double)standard->extra_bytes, (double)flash->extra_bytes);
    table_print(&table);
    printf(
        "\nFlash: counted by the tile loop as it ran; standard: by each stage's operation, every "
        "cell of which is computed, masked or not.\n"
        "Formula: Dao et al. 2022, Theorem 2, for each head: standard Nd + N² floats, flash "
        "N²d² ÷ M, with M a fast memory of %s. It has no constant factors, and knows no mask.\n"
        "Extra memory beside q, k, v and the result: standard two matrices of all heads, which "
        "grow with N²; flash one tile's working set a thread, whatever N is (Rabe and Staats "
        "2021).\n",
        fast);
}

static void put_work(JsonOut *out, const char *key, const AttentionWork *work, double formula) {
    json_open(out, key, '{');
    json_put_number(out, "bytes_read", work->bytes_read);
    json_put_number(out, "bytes_written", work->bytes_written);
    json_put_number(out, "formula_bytes", formula);
    json_put_number(out, "flops", work->flops);
    json_put_whole(out, "extra_bytes", work->extra_bytes);
    json_shut(out, '}');
}

static void print_json(const CliInput *input, const AttentionCounts *c) {
    JsonOut out = {0};
    json_open(&out, NULL, '{');
    json_put_text(&out, "model", input->model->name);
    json_put_whole(&out, "length", input->text.count);
    if (input->text.source_count > 0)
        json_put_whole(&out, "source_length", input->text.source_count);
    json_put_whole(&out, "heads", c->heads);
    json_put_whole(&out, "d_head", c->d_head);
    json_put_sizes(&out, "tile", (const size_t[]){c->rows, c->columns}, 2);
    json_put_number(&out, "fast_memory_bytes", c->fast_floats * sizeof(float));
    json_put_whole(&out, "tiles", c->tiles);
    json_put_whole(&out, "skipped", c->skipped);
    put_work(&out, "standard", &c->standard, c->standard_formula);
    put_work(&out, "flash", &c->flash, c->flash_formula);
    json_shut(&out, '}');
    json_print(&out);
}

static bool run_command(const Options *options, Err *err) {
    CliInput input;
    AttentionCounts counts;
    Options flash = *options; /* both are counted, so that nobody need say it */
    flash.value[OPT_ATTENTION].text = "flash";
    bool ok = input_open(&input, &flash, "", err) && input_continue(&input, &flash, err);
    Budget budget = input_budget(options);
    RunOptions run = {.max_bytes = &budget.bytes, .attention = input.attention, .pool = input.pool};
    if (ok && !attention_count(input.model, &input.text, &run, &counts, err)) {
        input_tell_budget(&budget, err);
        ok = false;
    }
    if (ok)
        input_tell_notes(&input);
    if (ok && option_given(options, OPT_JSON))
        print_json(&input, &counts);
    else if (ok)
        print_counts(&input.arena, &counts);
    input_close(&input);
    return ok;
}

const Command command_attention = {
    .name = "attention",
    .summary = "counts what standard and flash attention read, write and compute on an input",
    .details =
        "Both compute the same. Standard attention keeps a matrix of queries by keys for each "
        "head and stage, which goes to slow memory and back; flash attention makes it tile by "
        "tile, in fast memory, and skips the tiles that the mask empties.\n"
        "--fast-memory chooses the tile, as the paper does, for a memory of that size: an "
        "SRAM of one's own choice.",
    .takes = TAKES_INPUT | OPT(TILE) | OPT(FAST_MEMORY) | OPT(MAX_MEMORY) | OPT(THREADS) |
             OPT(JSON),
    .one_input = true,
    .run = run_command,
};
