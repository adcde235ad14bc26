#include "app/cli/steps_table.h"

#include "app/cli/table.h"
#include "engine/trace/plan.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct {
    size_t computed, reused, dropped; /* rows */
    size_t cache_bytes, cache_used, cross_bytes;
    RunCost cost, other;
    double ms;
} Row;

static const Row *rows_of(const StepsTable *table, size_t *count) {
    *count = table->steps.size / sizeof(Row);
    return (const Row *)(const void *)table->steps.bytes;
}

void steps_table_add(StepsTable *table, const GenerateStep *step) {
    Row row = {.computed = step->run->own.length - step->first,
               .reused = step->first - step->oldest,
               .dropped = step->oldest,
               .cache_bytes = step->cache_bytes,
               .cache_used = step->cache_used,
               .cross_bytes = step->cross_bytes,
               .cost = step->cost,
               .other = step->other,
               .ms = step->ms};
    table->kv_cache = step->run->kv_cache;
    table->serves = step->serves;
    buf_add(&table->steps, &row, sizeof row);
}

static Row total_of(const StepsTable *table) {
    size_t count;
    const Row *row = rows_of(table, &count);
    Row total = {0};
    for (size_t i = 0; i < count; i++) {
        total.computed += row[i].computed;
        total.cost = cost_sum(total.cost, row[i].cost);
        total.other = cost_sum(total.other, row[i].other);
        total.ms += row[i].ms;
    }
    return total;
}

/* ---- the table ---- */

/* "1.23 M" */
static void flops_cell(Table *out, double flops) {
    static const char *const unit[] = {"", " k", " M", " G", " T"};
    int at = 0;
    for (; flops >= 1000 && at < 4; at++)
        flops /= 1000;
    table_cell(out, at ? "%.2f%s" : "%.0f%s", flops, unit[at]);
}

/* The two ways: the new rows alone, and all of them. */
static const RunCost *with_cache(const StepsTable *table, const Row *row) {
    return table->serves ? &row->cost : &row->other;
}
static const RunCost *without_cache(const StepsTable *table, const Row *row) {
    return table->serves ? &row->other : &row->cost;
}

static void costs(const StepsTable *table, const Row *row, Table *out) {
    flops_cell(out, row->cost.flops);
    table_bytes(out, row->cost.bytes);
    flops_cell(out, row->other.flops);
    table_cell(out, "%.1f", without_cache(table, row)->flops / with_cache(table, row)->flops);
    table_cell(out, "%.2f", row->ms);
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The first step reads the prompt; the others are alike. */
static void print_times(const Row *row, size_t count) {
    double *ms = calloc(count, sizeof *ms);
    if (!ms || count < 2) {
        free(ms);
        return;
    }
    for (size_t i = 1; i < count; i++)
        ms[i - 1] = row[i].ms;
    qsort(ms, count - 1, sizeof *ms, by_size);
    printf("a step behind the first took %.2f ms at least, %.2f ms in the middle\n", ms[0],
           ms[(count - 1) / 2]);
    free(ms);
}

static void print_memory(const Row *last) {
    char cache[32], cross[32];
    bytes_text(last->cache_bytes, cache, sizeof cache);
    bytes_text(last->cross_bytes, cross, sizeof cross);
    printf("memory of the cache: %s", cache);
    if (last->cross_bytes > 0)
        printf(", and %s of the source's keys and values", cross);
    printf("\n");
}

void steps_table_print(const StepsTable *table) {
    size_t count;
    const Row *row = rows_of(table, &count);
    if (count == 0)
        return;
    bool recurrent = table->serves && row->cache_bytes == 0;
    const char *other = !table->serves ? "with cache"
                        : recurrent    ? "without state"
                                       : "without cache";
    const char *head[] = {"step",  "new rows", "reused", "dropped", "cache",
                          "flops", "bytes",    other,    "ratio",   "ms"};
    Table out = table_new("rrrrrrrrrr", head);
    Row total = total_of(table);
    for (size_t i = 0; i < count; i++) {
        table_count(&out, true, i);
        table_count(&out, true, row[i].computed);
        table_count(&out, true, row[i].reused);
        table_count(&out, true, row[i].dropped);
        table_bytes(&out, (double)row[i].cache_used);
        costs(table, &row[i], &out);
    }
    table_cell(&out, "total");
    table_count(&out, true, total.computed);
    for (int i = 0; i < 3; i++)
        table_cell(&out, "%s", "");
    costs(table, &total, &out);
    printf("KV cache %s%s\n", table->kv_cache,
           recurrent ? "; the state of a recurrent model stands for the rows before" : "");
    table_print(&out);
    if (row->cache_bytes > 0)
        print_memory(&row[count - 1]);
    print_times(row, count);
}

/* ---- JSON ---- */

static void json_costs(const StepsTable *table, const Row *row, JsonOut *out) {
    json_put_number(out, "flops", row->cost.flops);
    json_put_number(out, "bytes", row->cost.bytes);
    json_put_number(out, "flops_with_cache", with_cache(table, row)->flops);
    json_put_number(out, "bytes_with_cache", with_cache(table, row)->bytes);
    json_put_number(out, "flops_without_cache", without_cache(table, row)->flops);
    json_put_number(out, "bytes_without_cache", without_cache(table, row)->bytes);
    json_put_number(out, "ms", row->ms);
}

void steps_table_json(const StepsTable *table, JsonOut *out) {
    size_t count;
    const Row *row = rows_of(table, &count);
    Row total = total_of(table);
    if (table->kv_cache)
        json_put_text(out, "kv_cache", table->kv_cache);
    json_open(out, "steps", '[');
    for (size_t i = 0; i < count; i++) {
        json_open(out, NULL, '{');
        json_put_whole(out, "new_rows", row[i].computed);
        json_put_whole(out, "reused_rows", row[i].reused);
        json_put_whole(out, "dropped_rows", row[i].dropped);
        json_put_whole(out, "cache_bytes", row[i].cache_bytes);
        json_put_whole(out, "cache_used_bytes", row[i].cache_used);
        json_put_whole(out, "cross_bytes", row[i].cross_bytes);
        json_costs(table, &row[i], out);
        json_shut(out, '}');
    }
    json_shut(out, ']');
    json_open(out, "total", '{');
    json_put_whole(out, "new_rows", total.computed);
    json_costs(table, &total, out);
    json_shut(out, '}');
}

void steps_table_free(StepsTable *table) {
    buf_free(&table->steps);
}
