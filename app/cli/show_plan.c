#include "app/cli/show_plan.h"

#include "app/cli/json_out.h"
#include "app/cli/table.h"

#include <stdio.h>

/* What becomes of a record. */
typedef enum { FATE_KEPT, FATE_VIEW, FATE_LEFT_OUT, FATE_WORK, FATE_SKIPPED, FATES } Fate;

static Fate fate_of(const Plan *plan, int node) {
    if (plan->left_out[node])
        return FATE_LEFT_OUT;
    if (plan->asked[node])
        return plan->storage[node] == STORE_VIEW ? FATE_VIEW : FATE_KEPT;
    return plan->storage[node] == STORE_SKIPPED ? FATE_SKIPPED : FATE_WORK;
}

static size_t bytes_of(const Node *node) {
    return node_count(node) * dtype_size(node->type);
}

typedef struct {
    size_t records[FATES], bytes[FATES];
} Totals;

static Totals totals_of(const Graph *graph, const Plan *plan) {
    Totals sum = {0};
    for (int i = 0; i < graph->count; i++) {
        Fate fate = fate_of(plan, i);
        sum.records[fate]++;
        sum.bytes[fate] += graph->node[i].alias < 0 ? bytes_of(&graph->node[i]) : 0;
    }
    return sum;
}

static const char *budget_source(const Budget *budget) {
    if (budget->given)
        return "--max-memory";
    return budget->from == MEMORY_MACHINE ? "a quarter of what is free"
           : budget->from == MEMORY_GROUP ? "a quarter of what the control group has free"
                                          : "what is free is not known";
}

/* ---- text ---- */

static void list_record(const Graph *graph, const Plan *plan, int i, Table *table) {
    static const char *const words[FATES] = {[FATE_KEPT] = "kept",
                                             [FATE_LEFT_OUT] = "left out",
                                             [FATE_WORK] = "on the way only",
                                             [FATE_SKIPPED] = "not computed"};
    const Node *node = &graph->node[i];
    Fate fate = fate_of(plan, i);
    char bytes[32];
    Buf shape = {0};
    for (int axis = 0; axis < node->rank; axis++)
        buf_printf(&shape, axis ? "×%zu" : "%zu", node->dim[axis]);
    table_cell(table, "%s", node->name);
    table_cell(table, "%s", buf_cstr(&shape));
    bytes_text(node->alias < 0 ? bytes_of(node) : 0, bytes, sizeof bytes);
    table_cell(table, "%s", node->alias < 0 ? bytes : "");
    if (fate == FATE_VIEW)
        table_cell(table, "the same as %s", graph->node[node->alias].name);
    else
        table_cell(table, "%s", words[fate]);
    buf_free(&shape);
}

static void print_sum(const char *what, size_t count, const char *unit, size_t bytes) {
    char text[32];
    bytes_text(bytes, text, sizeof text);
    printf("%-12s %4zu %s%s, %s\n", what, count, unit, count == 1 ? "" : "s", text);
}

void show_plan(const CliInput *input, const Graph *graph, const Plan *plan, const Budget *budget) {
    Totals sum = totals_of(graph, plan);
    char total[32], limit[32];
    printf("model %s, %zu token%s", input->model->name, input->text.count,
           input->text.count == 1 ? "" : "s");
    if (input->text.source_count > 0)
        printf(" behind %zu of the source", input->text.source_count);
    printf(", %d stages\n\n", graph->count);
    Table table = table_new("llrl", (const char *const[]){"record", "shape", "size", "plan"});
    for (int i = 0; i < graph->count; i++)
        list_record(graph, plan, i, &table);
    table_print(&table);
    putchar('\n');
    print_sum("kept", sum.records[FATE_KEPT] + sum.records[FATE_VIEW], "record", plan->kept_bytes);
    print_sum("left out", sum.records[FATE_LEFT_OUT], "record", sum.bytes[FATE_LEFT_OUT]);
    print_sum("working set", (size_t)plan->slot_count, "slot", plan->slot_bytes + plan->work_bytes);
    bytes_text(plan->total_bytes, total, sizeof total);
    bytes_text(budget->bytes, limit, sizeof limit);
    printf("in all       %s (%zu bytes) of %s (%s)\n", total, plan->total_bytes, limit,
           budget_source(budget));
    if (plan->total_bytes > budget->bytes)
        puts("This does not fit: keep fewer stages (--stages), keep what fits (--fit), or raise "
             "the limit (--max-memory).");
}

/* ---- JSON ---- */

static void put_record(JsonOut *out, const Graph *graph, const Plan *plan, int i) {
    static const char *const words[FATES] = {[FATE_KEPT] = "kept",
                                             [FATE_VIEW] = "view",
                                             [FATE_LEFT_OUT] = "left_out",
                                             [FATE_WORK] = "slot",
                                             [FATE_SKIPPED] = "skipped"};
    const Node *node = &graph->node[i];
    json_open(out, NULL, '{');
    json_put_text(out, "name", node->name);
    json_put_sizes(out, "shape", node->dim, (size_t)node->rank);
    json_put_whole(out, "bytes", bytes_of(node));
    json_put_text(out, "plan", words[fate_of(plan, i)]);
    if (node->alias >= 0)
        json_put_text(out, "same_as", graph->node[node->alias].name);
    json_shut(out, '}');
}

void show_plan_json(const CliInput *input, const Graph *graph, const Plan *plan,
                    const Budget *budget) {
    Totals sum = totals_of(graph, plan);
    JsonOut out = {0};
    json_open(&out, NULL, '{');
    json_put_text(&out, "model", input->model->name);
    json_put_whole(&out, "tokens", input->text.count);
    json_open(&out, "records", '[');
    for (int i = 0; i < graph->count; i++)
        put_record(&out, graph, plan, i);
    json_shut(&out, ']');
    json_put_whole(&out, "kept", sum.records[FATE_KEPT] + sum.records[FATE_VIEW]);
    json_put_whole(&out, "left_out", sum.records[FATE_LEFT_OUT]);
    json_put_whole(&out, "slots", (uint64_t)plan->slot_count);
    json_put_whole(&out, "kept_bytes", plan->kept_bytes);
    json_put_whole(&out, "left_out_bytes", sum.bytes[FATE_LEFT_OUT]);
    json_put_whole(&out, "working_bytes", plan->slot_bytes + plan->work_bytes);
    json_put_whole(&out, "total_bytes", plan->total_bytes);
    json_put_whole(&out, "budget", budget->bytes);
    json_put_text(&out, "budget_from", budget_source(budget));
    json_put_bool(&out, "fits", plan->total_bytes <= budget->bytes);
    json_shut(&out, '}');
    json_print(&out);
}
