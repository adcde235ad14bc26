#include "app/cli/pattern.h"

#include "app/cli/json_out.h"
#include "app/cli/table.h"
#include "app/ui/text.h"
#include "engine/trace/plan.h"

#include <stdio.h>
#include <string.h>

/* Characters of the picture: rows, and columns, of which two are about as wide as a row is high. */
enum { ROWS = 32, COLUMNS = 64 };

/* ---- the picture ---- */

static const char *shade(float share) {
    return share >= 1 ? "█" : share >= 0.5F ? "▓" : share >= 0.25F ? "▒" : share > 0 ? "░" : "·";
}

static void print_row(const float *share, size_t columns, size_t wide) {
    for (size_t c = 0; c < columns; c++)
        for (size_t i = 0; i < wide; i++)
            fputs(shade(share[c]), stdout);
    putchar('\n');
}

static void print_picture(const Pattern *pattern) {
    Arena arena = {0};
    size_t n = pattern->n, rows = n < ROWS ? n : ROWS, columns = n < COLUMNS ? n : COLUMNS;
    size_t wide = n > ROWS ? 1 : 2;
    float *share = ARENA_NEW_N(&arena, float, rows *columns);
    pattern_shares(pattern->top, n, rows, columns, share);
    printf("%10s key 0 … %zu\n", "", n - 1);
    for (size_t r = 0; r < rows; r++) {
        if (r == 0)
            fputs("query    0 ", stdout);
        else if (r + 1 == rows)
            printf("%10zu ", n - 1);
        else
            printf("%11s", "");
        print_row(share + r * columns, columns, wide);
    }
    if (rows < n)
        printf("%11seach sign %.4g queries × %.4g keys, of which are seen: · none, ░ a few, "
               "▒ ¼, ▓ ½, █ all\n",
               "", (double)n / (double)rows, (double)n / (double)columns);
    putchar('\n');
    arena_free(&arena);
}

/* ---- counts ---- */

static void count_line(Pattern *pattern, Table *table, const char *what, double cells) {
    char room[32];
    table_cell(table, "%s", what);
    table_cell(table, "%s", text_count(&pattern->arena, (int64_t)cells));
    table_cell(table, "%.3g %%", 100 * cells / pattern->full_cells);
    table_cell(table, "%.3g %%", 100 * cells / pattern->causal_cells);
    bytes_text((size_t)cells * sizeof(float), room, sizeof room);
    table_cell(table, "%s", room);
}

static void print_counts(Pattern *pattern) {
    Table table = table_new("lrrrr", (const char *const[]){"mask", "cells seen", "of n²",
                                                           "of n(n + 1)/2", "as float32"});
    if (pattern->own)
        count_line(pattern, &table, pattern->name, pattern->cells);
    count_line(pattern, &table, "causal", pattern->causal_cells);
    count_line(pattern, &table, "full", pattern->full_cells);
    table_print(&table);
    putchar('\n');
}

/* ---- reach ---- */

static void reach_line(const Pattern *pattern, size_t layers, Table *table) {
    const PatternReach *reach = &pattern->reach[layers - 1];
    size_t back;
    table_cell(table, "%zu", layers);
    table_cell(table, "%zu", reach->farthest);
    table_cell(table, "%zu", pattern->n - 1 - reach->farthest);
    if (pattern_formula(pattern, layers, &back))
        table_cell(table, back < pattern->n ? "%zu" : "%zu, cut at 0", back);
    table_cell(table, "%zu", reach->count);
}

/* What is to be learned, where it is true. */
static void print_lesson(const Pattern *pattern) {
    size_t L = pattern->layers, W = pattern->top->window, back;
    const PatternReach *reach = pattern->reach;
    MaskKind kind = pattern->top->kind;
    if (kind == MASK_LONGFORMER && L > 1 && reach[0].count < pattern->n &&
        reach[1].count == pattern->n)
        puts("through a global position two layers carry anything to the last token");
    if (!pattern_formula(pattern, L, &back) || L < 2 || W < 2 || back >= pattern->n)
        return;
    if (kind == MASK_LOCAL)
        printf("%zu layers reach further than W: with W = %zu the last of %zu tokens is influenced "
               "by %zu tokens (%zu·%zu + 1)\n",
               L, W, pattern->n, reach[L - 1].count, L, W - 1);
    else if (pattern->top->dilation > 1)
        printf(
            "%zu layers reach %zu tokens back, but only in steps of %zu: no layer mixes what lies "
            "between\n",
            L, back, pattern->top->dilation);
}

static void print_needed(const Pattern *pattern) {
    if (pattern->needed > 0)
        printf("position 0 reaches the last token through %zu layer%s\n", pattern->needed,
               pattern->needed == 1 ? "" : "s");
    else
        puts("position 0 never reaches the last token, however many layers there are");
}

static void print_reach(const Pattern *pattern) {
    size_t back;
    bool formula = pattern_formula(pattern, 1, &back);
    const char *head[] = {"layers", "earliest position", "back",
                          pattern->top->kind == MASK_DILATED ? "L·(W − 1)·D" : "L·(W − 1)",
                          "tokens"};
    if (!formula)
        head[3] = head[4];
    puts("What can influence the last token:");
    Table table = table_new(formula ? "rrrrr" : "rrrr", head);
    for (size_t l = 1; l <= pattern->layers; l++)
        reach_line(pattern, l, &table);
    table_print(&table);
    print_needed(pattern);
    print_lesson(pattern);
    putchar('\n');
}

/* ---- what was measured ---- */

static const char *attention_name(const PatternRun *run) {
    return run->setup.attention.kind == ATTENTION_FLASH ? "flash" : "standard";
}

static void run_line(Pattern *pattern, const PatternRun *run, Table *table) {
    char room[32];
    bool flash = run->setup.attention.kind == ATTENTION_FLASH;
    const PatternTiles *tiles = &run->cost.tiles;
    table_cell(table, "%s", attention_name(run));
    table_cell(table, "%s", run->name);
    if (run->left_out)
        table_cell(table, "not run");
    else
        table_cell(table, "%.3f", run->cost.ms);
    bytes_text(run->cost.extra_bytes, room, sizeof room);
    table_cell(table, "%s", room);
    table_cell(table, "%s", text_count(&pattern->arena, (int64_t)run->cost.flops));
    table_count(table, flash, (size_t)(tiles->all - tiles->empty));
    table_count(table, flash, (size_t)tiles->empty);
}

/* What the mask saves of the time under a causal one, by each algorithm. */
static void print_saving(const Pattern *pattern) {
    size_t each = pattern->runs / 2;
    if (!pattern->own)
        return;
    for (size_t i = 0; i < pattern->runs; i += each) {
        const PatternRun *own = &pattern->run[i], *causal = &pattern->run[i + 1];
        if (own->left_out || causal->left_out)
            continue;
        printf("%s attention under %s takes %.3g × its time under a causal mask",
               attention_name(own), pattern->name, own->cost.ms / causal->cost.ms);
        if (own->setup.attention.kind == ATTENTION_FLASH)
            printf(", for %.3g × the tiles\n",
                   (own->cost.tiles.all - own->cost.tiles.empty) /
                       (causal->cost.tiles.all - causal->cost.tiles.empty));
        else
            puts(": it computes each score, seen or not");
    }
}

static void print_runs(Pattern *pattern) {
    printf("One head, d = %d, random q, k, v; tiles of %zu queries × %zu keys", HEAD_WIDTH,
           pattern->flash.tile_rows, pattern->flash.tile_columns);
    if (pattern->rounds > 0)
        printf("; the least of %zu run%s each, taking turns", pattern->rounds,
               pattern->rounds == 1 ? "" : "s");
    puts(":");
    Table table = table_new("llrrrrr",
                            (const char *const[]){"attention", "mask", "ms", "extra memory",
                                                  "operations", "tiles", "tiles skipped"});
    for (size_t i = 0; i < pattern->runs; i++)
        run_line(pattern, &pattern->run[i], &table);
    table_print(&table);
    bool too_large = false, too_long = false;
    for (size_t i = 0; i < pattern->runs; i++) {
        too_large = too_large || pattern->run[i].too_large;
        too_long = too_long || (pattern->run[i].too_long && !pattern->run[i].too_large);
    }
    if (too_large)
        puts("not run: what takes more extra memory than --max-memory");
    if (too_long)
        puts("not run: what takes too many operations");
    print_saving(pattern);
}

void pattern_print(Pattern *pattern) {
    printf("%s, %zu token%s, %zu layer%s", pattern->name, pattern->n, pattern->n == 1 ? "" : "s",
           pattern->layers, pattern->layers == 1 ? "" : "s");
    if (pattern->layer_names)
        printf(" (%s)", pattern->layer_names);
    puts("\n");
    print_picture(pattern);
    print_counts(pattern);
    print_reach(pattern);
    print_runs(pattern);
}

/* ---- JSON ---- */

static void put_reach(JsonOut *out, const Pattern *pattern, size_t layers) {
    const PatternReach *reach = &pattern->reach[layers - 1];
    size_t back;
    json_open(out, NULL, '{');
    json_put_whole(out, "layers", layers);
    json_put_whole(out, "earliest", reach->farthest);
    json_put_whole(out, "back", pattern->n - 1 - reach->farthest);
    if (pattern_formula(pattern, layers, &back))
        json_put_whole(out, "formula", back);
    json_put_whole(out, "tokens", reach->count);
    json_shut(out, '}');
}

static void put_run(JsonOut *out, const PatternRun *run) {
    json_open(out, NULL, '{');
    bool flash = run->setup.attention.kind == ATTENTION_FLASH;
    json_put_text(out, "attention", attention_name(run));
    json_put_text(out, "mask", run->name);
    if (run->left_out)
        json_put_text(out, "not_run", run->too_large ? "memory" : "time");
    else
        json_put_number(out, "min_ms", run->cost.ms);
    json_put_whole(out, "extra_bytes", run->cost.extra_bytes);
    json_put_number(out, "flops", run->cost.flops);
    if (flash) {
        json_put_number(out, "tiles", run->cost.tiles.all - run->cost.tiles.empty);
        json_put_number(out, "tiles_skipped", run->cost.tiles.empty);
    }
    json_shut(out, '}');
}

static void put_counts(JsonOut *out, const Pattern *pattern) {
    json_put_number(out, "cells", pattern->cells);
    json_put_number(out, "causal_cells", pattern->causal_cells);
    json_put_number(out, "full_cells", pattern->full_cells);
    json_put_number(out, "score_bytes", pattern->cells * sizeof(float));
}

void pattern_print_json(const Pattern *pattern) {
    JsonOut out = {0};
    json_open(&out, NULL, '{');
    json_put_text(&out, "mask", pattern->name);
    if (pattern->layer_names)
        json_put_text(&out, "layer_masks", pattern->layer_names);
    json_put_whole(&out, "length", pattern->n);
    put_counts(&out, pattern);
    json_open(&out, "reach", '[');
    for (size_t l = 1; l <= pattern->layers; l++)
        put_reach(&out, pattern, l);
    json_shut(&out, ']');
    if (pattern->needed > 0)
        json_put_whole(&out, "layers_to_position_0", pattern->needed);
    json_put_sizes(&out, "tile",
                   (const size_t[]){pattern->flash.tile_rows, pattern->flash.tile_columns}, 2);
    json_put_whole(&out, "rounds", pattern->rounds);
    json_open(&out, "runs", '[');
    for (size_t i = 0; i < pattern->runs; i++)
        put_run(&out, &pattern->run[i]);
    json_shut(&out, ']');
    json_shut(&out, '}');
    json_print(&out);
}
