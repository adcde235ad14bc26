/* attnscope explain: the formula, the operands and every term of one cell. Of the run only the
 * record and what it was made from are kept, so that a cell of a large model takes little memory.
 * */
#include "app/cli/command.h"
#include "app/cli/input.h"
#include "app/cli/json_out.h"
#include "app/cli/place.h"
#include "app/ui/formula.h"
#include "engine/base/near.h"
#include "engine/run/run.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    const Trace *trace;
    int node;
    size_t index[TENSOR_RANK];
    OpCall call;
    Explanation sum;
    Buf formula;
} Cell;

/* ---- which record, before anything runs ---- */

static bool find_cell(const Graph *graph, const char *text, Cell *cell, Err *err) {
    Arena arena = {0};
    const char *name = arena_copy_bytes(&arena, text, strcspn(text, "["));
    bool known = place_record(graph, "cell", name, &cell->node, err);
    arena_free(&arena);
    return known &&
           trace_parse_cell(&(Trace){.graph = *graph}, text, &cell->node, cell->index, err);
}

/* The record and its inputs, and what they are views of. */
static const char *stages_of(const Graph *graph, int node, Arena *arena) {
    const Node *record = &graph->node[node];
    const char *names = record->name;
    for (int i = 0; i < record->n_in; i++)
        if (record->in[i].kind == REF_NODE)
            names = arena_printf(arena, "%s,%s", names, graph->node[record->in[i].index].name);
    return names;
}

/* ---- text ---- */

static void print_index(int rank, const size_t *index) {
    for (int axis = 0; axis < rank; axis++)
        printf(axis ? ",%zu" : "[%zu", index[axis]);
    if (rank > 0)
        putchar(']');
}

static int arithmetic_operands(const Term *term, const OpOperand **operand) {
    int n = 0;
    for (int i = 0; i < term->n; i++)
        if (!term->operand[i].selects)
            operand[n++] = &term->operand[i];
    return n;
}

static bool letter(char c) {
    return isalpha((unsigned char)c) != 0;
}

/* The form with numbers in the place of its letters a, b, c, d; negative ones in parentheses. */
static void substitute(const char *form, const OpOperand *const *operand, int n, Buf *out) {
    char room[NUMBER_SIZE];
    for (const char *at = form; *at; at++) {
        bool alone = (at == form || !letter(at[-1])) && !letter(at[1]);
        int which = *at - 'a';
        if (!alone || which < 0 || which >= n) {
            buf_char(out, *at);
            continue;
        }
        double value = operand[which]->value;
        bool negative = value < 0 && form[1];
        buf_printf(out, negative ? "(%s)" : "%s", number_text(value, room));
    }
}

static void print_operand(const Cell *cell, const OpOperand *operand, const char *what) {
    OperandName name;
    trace_operand(cell->trace, cell->node, operand, &name);
    printf("%s%s", what, name.name);
    print_index(name.rank, name.index);
}

static void print_term(void *user, size_t number, const Term *term) {
    const Cell *cell = user;
    const OpOperand *operand[TERM_OPERANDS];
    char room[NUMBER_SIZE];
    int n = arithmetic_operands(term, operand);
    Buf form = {0};
    substitute(term_form(term), operand, n, &form);
    printf("%5zu %16s", number, number_text(term->value, room));
    if (term->form != FORM_VALUE)
        printf(" = %s", form.bytes);
    printf("   ");
    for (int i = 0; i < n; i++)
        print_operand(cell, operand[i], i ? ", " : "");
    for (int i = 0; i < term->n; i++)
        if (term->operand[i].selects) {
            print_operand(cell, &term->operand[i], ", chosen by ");
            printf(" = %s", number_text(term->operand[i].value, room));
        }
    putchar('\n');
    buf_free(&form);
}

static void print_rule(const Cell *cell) {
    char room[NUMBER_SIZE];
    const Explanation *sum = &cell->sum;
    printf("\nrule        %s; %zu term%s", rule_text(sum->rule), sum->terms,
           sum->terms == 1 ? "" : "s");
    if (sum->rule == RULE_SHARE || sum->rule == RULE_RANK)
        printf(", of which term %zu is meant", sum->chosen);
    if (sum->rule == RULE_REACH || sum->rule == RULE_DRAW)
        printf(", the threshold is %s", number_text(sum->threshold, room));
    printf("\nrecomputed  %s\n", number_text(sum->recomputed, room));
}

static void print_cell(Cell *cell) {
    const Node *node = &cell->trace->graph.node[cell->node];
    char room[NUMBER_SIZE];
    Buf place = {0};
    printf("%s", node->name);
    print_index(node->rank, cell->index);
    printf(" = %s\n", number_text(trace_get(cell->trace, cell->node, cell->index), room));
    place_words(cell->trace, cell->node, cell->index, &place);
    printf("  %s\n\n%s\n  %s\n\n term            value\n", buf_cstr(&place),
           op_info(node->op)->title, buf_cstr(&cell->formula));
    buf_free(&place);
    op_explain(&cell->call, cell->index, print_term, cell, &cell->sum);
    print_rule(cell);
}

/* ---- JSON ---- */

typedef struct {
    const Cell *cell;
    JsonOut *out;
} TermWriter;

static void put_operand(const TermWriter *writer, const OpOperand *operand) {
    static const char *const kind[] = {
        [OPERAND_RECORD] = "record", [OPERAND_WEIGHT] = "weight", [OPERAND_CONSTANT] = "constant"};
    OperandName name;
    trace_operand(writer->cell->trace, writer->cell->node, operand, &name);
    json_open(writer->out, NULL, '{');
    json_put_text(writer->out, kind[name.kind], name.name);
    json_put_sizes(writer->out, "index", name.index, (size_t)name.rank);
    json_put_number(writer->out, "value", operand->value);
    if (operand->selects)
        json_put_bool(writer->out, "selects", true);
    json_shut(writer->out, '}');
}

static void put_term(void *user, size_t number, const Term *term) {
    TermWriter *writer = user;
    (void)number;
    json_open(writer->out, NULL, '{');
    json_put_number(writer->out, "value", term->value);
    json_put_text(writer->out, "form", term_form(term));
    json_open(writer->out, "operands", '[');
    for (int i = 0; i < term->n; i++)
        put_operand(writer, &term->operand[i]);
    json_shut(writer->out, ']');
    json_shut(writer->out, '}');
}

static void print_json(Cell *cell) {
    const Node *node = &cell->trace->graph.node[cell->node];
    const Explanation *sum = &cell->sum;
    JsonOut out = {0};
    json_open(&out, NULL, '{');
    json_put_text(&out, "record", node->name);
    json_put_sizes(&out, "index", cell->index, (size_t)node->rank);
    json_put_number(&out, "value", trace_get(cell->trace, cell->node, cell->index));
    json_put_text(&out, "op", op_info(node->op)->name);
    json_put_text(&out, "formula", buf_cstr(&cell->formula));
    json_put_text(&out, "rule", rule_text(sum->rule));
    if (sum->rule == RULE_SHARE || sum->rule == RULE_RANK)
        json_put_whole(&out, "chosen", sum->chosen);
    if (sum->rule == RULE_REACH || sum->rule == RULE_DRAW)
        json_put_number(&out, "threshold", sum->threshold);
    json_put_number(&out, "recomputed", sum->recomputed);
    json_open(&out, "terms", '[');
    op_explain(&cell->call, cell->index, put_term, &(TermWriter){cell, &out}, &cell->sum);
    json_shut(&out, ']');
    json_shut(&out, '}');
    json_print(&out);
}

/* ---- the command ---- */

/* The terms are visited twice: what they come to stands before them. */
static bool explain(Cell *cell, bool json, Err *err) {
    if (!trace_explain(cell->trace, cell->node, cell->index, NULL, NULL, &cell->sum, err))
        return false;
    trace_call(cell->trace, cell->node, &cell->call);
    formula_plain(op_formula(&cell->call), &cell->formula);
    if (json)
        print_json(cell);
    else
        print_cell(cell);
    buf_free(&cell->formula);
    return true;
}

static bool run_and_explain(CliInput *input, const Options *options, Err *err) {
    SampleOptions choice;
    const SampleOptions *sample = input_sample(options, &choice) ? &choice : NULL;
    Graph graph;
    Cell cell = {0};
    if (!input_graph(input, sample, &input->arena, &graph, err) ||
        !find_cell(&graph, option_text(options, OPT_CELL, ""), &cell, err))
        return false;
    Budget budget = input_budget(options);
    RunOptions run = {.stages = stages_of(&graph, cell.node, &input->arena),
                      .max_bytes = &budget.bytes,
                      .attention = input->attention,
                      .pool = input->pool,
                      .sample = sample};
    Trace *trace = run_trace(input->model, &input->text, &run, err);
    cell.trace = trace;
    if (!trace)
        input_tell_budget(&budget, err);
    bool ok = trace && explain(&cell, option_given(options, OPT_JSON), err);
    if (ok)
        input_tell_notes(input);
    trace_free(trace);
    return ok;
}

static bool run_command(const Options *options, Err *err) {
    CliInput input;
    bool ok = input_open(&input, options, "", err) && input_continue(&input, options, err) &&
              run_and_explain(&input, options, err);
    input_close(&input);
    return ok;
}

const Command command_explain = {
    .name = "explain",
    .summary = "shows how one cell came about: formula, operands, every term, their sum",
    .details =
        "What is recomputed is the terms combined by the rule, never the stored value.\n"
        "Records are called as in a trace (attnscope inspect lists them); heads' own shares, "
        "hook_result, work too.",
    .takes = TAKES_INPUT | TAKES_SAMPLE | TAKES_ATTENTION | OPT(HEAD) | OPT(CELL) |
             OPT(MAX_MEMORY) | OPT(THREADS) | OPT(JSON),
    .needs = OPT(CELL),
    .one_input = true,
    .run = run_command,
};
