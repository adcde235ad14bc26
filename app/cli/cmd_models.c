/* attnscope models: what is installed. */
#include "app/cli/command.h"
#include "app/cli/input.h"
#include "app/cli/json_out.h"
#include "app/cli/table.h"
#include "engine/model/catalog.h"
#include "engine/run/task.h"

#include <stdio.h>

static void print_table(const Catalog *catalog) {
    Table table = table_new("lllrrrrrrl", (const char *const[]){"name", "type", "task", "layers",
                                                                "heads", "d_model", "vocab",
                                                                "context", "parameters", "folder"});
    for (size_t i = 0; i < catalog->count; i++) {
        const CatalogEntry *entry = &catalog->entry[i];
        const ModelConfig *config = &entry->config;
        if (entry->problem)
            continue;
        table_cell(&table, "%s", entry->name);
        table_cell(&table, "%s", config->model_type);
        table_cell(&table, "%s", task_does(config->task));
        table_cell(&table, config->two_stacks ? "%zu+%zu" : "%zu",
                   config->two_stacks ? config->encoder.n_layers : config->n_layers,
                   config->n_layers);
        table_cell(&table, "%zu", config->n_heads);
        table_cell(&table, "%zu", config->d_model);
        table_cell(&table, "%zu", config->n_vocab);
        table_cell(&table, config->n_ctx ? "%zu" : "any", config->n_ctx);
        table_cell(&table, "%zu", entry->parameters);
        table_cell(&table, "%s", entry->folder);
    }
    table_print(&table);
    for (size_t i = 0; i < catalog->count; i++)
        if (catalog->entry[i].problem)
            printf("%s can't be opened: %s\n", catalog->entry[i].name, catalog->entry[i].problem);
}

static void put_entry(JsonOut *out, const CatalogEntry *entry) {
    const ModelConfig *config = &entry->config;
    json_open(out, NULL, '{');
    json_put_text(out, "name", entry->name);
    json_put_text(out, "folder", entry->folder);
    if (entry->problem) {
        json_put_text(out, "problem", entry->problem);
    } else {
        json_put_text(out, "type", config->model_type);
        json_put_text(out, "task", task_does(config->task));
        if (config->two_stacks)
            json_put_whole(out, "encoder_layers", config->encoder.n_layers);
        json_put_whole(out, "layers", config->n_layers);
        json_put_whole(out, "heads", config->n_heads);
        json_put_whole(out, "kv_heads", config->n_kv_heads);
        json_put_whole(out, "d_model", config->d_model);
        json_put_whole(out, "d_ff", config->d_ff);
        json_put_whole(out, "d_hidden", config->d_hidden);
        json_put_whole(out, "vocab", config->n_vocab);
        json_put_whole(out, "context", config->n_ctx);
        json_put_whole(out, "parameters", entry->parameters);
        json_put_whole(out, "bytes", entry->bytes);
    }
    json_shut(out, '}');
}

static void print_json(const Catalog *catalog) {
    JsonOut out = {0};
    json_open(&out, NULL, '{');
    json_open(&out, "models", '[');
    for (size_t i = 0; i < catalog->count; i++)
        put_entry(&out, &catalog->entry[i]);
    json_shut(&out, ']');
    json_shut(&out, '}');
    json_print(&out);
}

static bool run_command(const Options *options, Err *err) {
    (void)err;
    Arena arena = {0};
    Catalog catalog;
    const char *assets = cli_assets(&arena);
    catalog_list(assets, &arena, &catalog);
    if (option_given(options, OPT_JSON))
        print_json(&catalog);
    else if (catalog.count > 0)
        print_table(&catalog);
    else
        printf("There is no model under %s/models.\n", assets);
    arena_free(&arena);
    return true;
}

const Command command_models = {
    .name = "models",
    .summary = "lists the models that are installed",
    .details = "They are the folders under assets/models, beside the program or under its prefix; "
               "the environment's ATTNSCOPE_ASSETS names another assets folder.",
    .takes = OPT(JSON),
    .run = run_command,
};
