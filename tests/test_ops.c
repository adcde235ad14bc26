/* The promise behind every cell on screen: its explanation makes it again, and its steps write it
 * exactly once, reading all that the explanation reads. Checked on every cell of every record. */
#include "tests/fixture.h"
#include "tests/ops_trace.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define T 5

typedef struct {
    Term *term;
    size_t count, capacity;
} Terms;

static void collect(void *user, size_t number, const Term *term) {
    Terms *terms = user;
    assert_int_equal(number, terms->count);
    if (terms->count == terms->capacity) {
        terms->capacity = terms->capacity ? 2 * terms->capacity : 64;
        terms->term = realloc(terms->term, terms->capacity * sizeof *terms->term);
        assert_non_null(terms->term);
    }
    terms->term[terms->count++] = *term;
}

static double combined(const Terms *terms, const Explanation *head) {
    Combiner combiner;
    combine_start(&combiner, head);
    for (size_t i = 0; i < terms->count; i++)
        combine_term(&combiner, &terms->term[i]);
    return combine_end(&combiner);
}

/* Whether each single term must matter: not where one is chosen among many, and not where a share
 * is 0 or all, whatever the others are. */
static bool each_term_matters(const Explanation *explanation) {
    double made = explanation->recomputed;
    Rule rule = explanation->rule;
    return rule == RULE_SUM || rule == RULE_MEAN || rule == RULE_ROOT ||
           (rule == RULE_SHARE && made > 0 && made < 1);
}

/* A factor of 0 hides the others, and so do −∞ and a gate that ReLU has shut. */
static bool hides_others(const Term *term) {
    if (term->form == FORM_RELU_GATE && term->operand[0].value < 0)
        return true;
    for (int k = 0; k < term->n; k++)
        if (!term->operand[k].selects &&
            (term->operand[k].value == 0 || !isfinite(term->operand[k].value)))
            return true;
    return false;
}

/* Whether some change of operand k of term `at` changes the recomputed value. */
static bool operand_matters(Terms *terms, const Explanation *head, size_t at, int k,
                            double before) {
    Term *term = &terms->term[at], kept = *term;
    double old = kept.operand[k].value;
    const double tries[] = {old + 0.5, old + 100, 1, old - 100};
    bool matters = false;
    for (size_t i = 0; i < sizeof tries / sizeof *tries && !matters; i++) {
        term->operand[k].value = tries[i];
        term->value = term_value(term->form, term->operand, term->n);
        matters = combined(terms, head) != before;
    }
    *term = kept;
    return matters;
}

/* How many of a term's operands that take part in the arithmetic change nothing. */
static int idle_operands(Terms *terms, const Explanation *head, size_t at, int *taking_part) {
    int idle = 0;
    *taking_part = 0;
    for (int k = 0; k < terms->term[at].n; k++)
        if (!terms->term[at].operand[k].selects) {
            ++*taking_part;
            idle += !operand_matters(terms, head, at, k, head->recomputed);
        }
    return idle;
}

/* The number in the model's file, at the index that the operand was given there. */
static void check_weight(const Model *model, const OperandName *name, double value) {
    if (!model) /* made by hand: there is no file */
        return;
    const StTensor *tensor = st_find(&model->file, name->name);
    assert_non_null(tensor);
    assert_int_equal(tensor->rank, name->rank);
    float number;
    size_t at = shape_ravel(tensor->rank, tensor->dim, name->index),
           each = dtype_size(tensor->type);
    StTensor cell = *tensor;
    cell.data = tensor->data + at * each;
    cell.size = each;
    st_to_float(&cell, &number);
    assert_true((double)number == value);
}

static void check_operand_names(const Model *model, const Trace *trace, int node,
                                const Terms *terms) {
    for (size_t i = 0; i < terms->count; i++)
        for (int k = 0; k < terms->term[i].n; k++) {
            const OpOperand *operand = &terms->term[i].operand[k];
            OperandName name;
            trace_operand(trace, node, operand, &name);
            assert_non_null(name.name);
            if (name.kind == OPERAND_RECORD)
                assert_true(trace_get(trace, name.node, name.index) == operand->value);
            if (name.kind == OPERAND_WEIGHT)
                check_weight(model, &name, operand->value);
        }
}

static void check_operands_matter(const char *record, Terms *terms,
                                  const Explanation *explanation) {
    bool any = false;
    for (size_t i = 0; i < terms->count; i++) {
        int taking_part, idle = idle_operands(terms, explanation, i, &taking_part);
        any = any || idle < taking_part;
        if (each_term_matters(explanation) && !hides_others(&terms->term[i]) && idle > 0)
            fail_msg("%s: %d operands of term %zu change nothing", record, idle, i);
    }
    assert_true(any);
}

static void check_cell(const Model *model, const Trace *trace, int node, const size_t *index,
                       Terms *terms) {
    Explanation explanation;
    Err err = {{0}};
    const char *record = trace->graph.node[node].name;
    terms->count = 0;
    assert_true(trace_explain(trace, node, index, collect, terms, &explanation, &err));
    double stored = trace_get(trace, node, index), made = explanation.recomputed;
    assert_int_equal(terms->count, explanation.terms);
    assert_true(terms->count >= 1);
    assert_true(made == combined(terms, &explanation));
    bool close = stored == made || fabs(stored - made) <= 1e-5 * fmax(1, fabs(stored));
    if (!close)
        fail_msg("%s: stored %.9g, recomputed %.9g", record, stored, made);
    check_operand_names(model, trace, node, terms);
    check_operands_matter(record, terms, &explanation);
}

static void check_every_cell(const Model *model, const Trace *trace) {
    Terms terms = {0};
    for (int node = 0; node < trace->graph.count; node++) {
        const Node *record = &trace->graph.node[node];
        for (size_t n = 0; n < node_count(record); n++) {
            size_t index[TENSOR_RANK];
            shape_unravel(record->rank, record->dim, n, index);
            check_cell(model, trace, node, index, &terms);
        }
    }
    free(terms.term);
}

static const SampleOptions SAMPLED = {.temperature = 0.8, .top_k = 7, .top_p = 0.9, .seed = 5};
static const SampleOptions GREEDY = {.temperature = 0, .top_p = 1};

static void with_model(Model *model, const SampleOptions *sample, AttentionOptions attention,
                       void (*check)(const Model *, const Trace *)) {
    RunOptions options = {.stages = "*,*hook_*", .sample = sample, .attention = attention};
    Trace *trace = fixture_trace(model, T, &options);
    check(model, trace);
    trace_free(trace);
    model_close(model);
}

static void with_trace(const TinyModel *options, const SampleOptions *sample,
                       void (*check)(const Model *, const Trace *)) {
    with_model(fixture_model(options), sample, (AttentionOptions){0}, check);
}

static void with_every_family(void (*check)(const Model *, const Trace *)) {
    for (size_t i = 0; i < FIXTURE_FOLDER_COUNT; i++)
        with_model(fixture_golden(&FIXTURE_FOLDERS[i]), &GREEDY, FIXTURE_FOLDERS[i].attention,
                   check);
}

static void by_hand(void (*check)(const Model *, const Trace *)) {
    Trace *trace = ops_trace(T);
    check(NULL, trace);
    trace_free(trace);
}

static void explanations_remake_cells(void **state) {
    (void)state;
    with_trace(&(TinyModel){0}, &SAMPLED, check_every_cell);
    with_trace(&(TinyModel){.act = "gelu", .untied = true}, &GREEDY, check_every_cell);
    with_trace(&(TinyModel){.act = "relu", .n_heads = 1}, &GREEDY, check_every_cell);
    with_trace(&(TinyModel){.act = "silu", .n_heads = 4}, &SAMPLED, check_every_cell);
    with_every_family(check_every_cell);
    by_hand(check_every_cell);
}

/* ---- steps ---- */

/* Blocks of queries × (blocks of keys + more). */
static size_t tiles(const Trace *trace, const Node *node, size_t more) {
    size_t rows = node->param.flash.rows, columns = node->param.flash.columns;
    size_t queries = node->rows == TEXT_SOURCE ? trace->source.length : trace->own.length;
    size_t keys = node->keys == TEXT_SOURCE ? trace->source.length : trace->own.length;
    return ((queries + rows - 1) / rows) * ((keys + columns - 1) / columns + more);
}

/* How many steps each operation is to have, from its result's shape. */
static size_t expected_steps(const Trace *trace, const Node *node) {
    size_t cells = node_count(node), rows = node->dim[0], width = node->dim[node->rank - 1];
    switch (node->op) {
    case OP_SCORES: return cells;
    case OP_SOFTMAX: return cells / width * 4;
    case OP_SCALE:
    case OP_MASK:
    case OP_POS_BIAS_BUCKET:
    case OP_POS_BIAS_SLOPE:
    case OP_KEEP_HEADS:
    case OP_WEIGHTED_SUM:
    case OP_HEAD_RESULT: return node->dim[0] * node->dim[1];
    case OP_ROTATE: return node->dim[0] * node->dim[1];
    case OP_LINEAR: return node->rank == 3 ? node->dim[0] * node->dim[1] : rows;
    case OP_INPUT:
    case OP_TOKENS:
    case OP_EMBED:
    case OP_POSITION:
    case OP_SINUSOID:
    case OP_FIRST:
    case OP_MEAN_ROWS:
    case OP_SCALE_ROWS:
    case OP_ADD:
    case OP_SAME:
    case OP_MEAN:
    case OP_DEVIATION:
    case OP_NORMALIZE:
    case OP_ANGLE:
    case OP_ROUTE:
    case OP_SHARES:
    case OP_CARRY:
    case OP_PRODUCT:
    case OP_BLEND:
    case OP_MIX: return rows;
    case OP_EXPERT_LINEAR:
    case OP_GATE:
    case OP_ACTIVATION: return node->rank == 3 ? node->dim[0] * node->dim[1] : rows;
    case OP_TEMPERATURE:
    case OP_SORT:
    case OP_TOP_K:
    case OP_CUMULATIVE:
    case OP_NUCLEUS:
    case OP_DRAW:
    case OP_ARGMAX: return 1;
    case OP_FLASH: /* each tile, and the division of each block of queries */
        return node->dim[1] * tiles(trace, node, 1);
    case OP_FLASH_SCORES:
    case OP_FLASH_MAX:
    case OP_FLASH_RESCALE:
    case OP_FLASH_WEIGHTS:
    case OP_FLASH_SUM:
    case OP_FLASH_ACC: return tiles(trace, node, 0);
    case OP_COUNT: break;
    }
    fail_msg("an operation that the test does not know");
    return 0;
}

static bool inside(const OpRegion *region, int rank, const size_t *index) {
    for (int axis = 0; axis < rank; axis++)
        if (index[axis] < region->lo[axis] || index[axis] >= region->hi[axis])
            return false;
    return true;
}

static bool region_is_valid(const OpCall *call, const OpRegion *region) {
    const Tensor *tensor = region->slot < 0 ? &call->out : &call->in[region->slot];
    bool valid = region->slot < call->n_in;
    for (int axis = 0; axis < tensor->rank; axis++)
        valid = valid && region->lo[axis] < region->hi[axis] &&
                region->hi[axis] <= tensor->dim[axis];
    return valid;
}

typedef struct {
    const OpStep *step;
    const OpCall *call;
} ReadCheck;

/* Each operand from an input lies in what the writing step says it reads. */
static void check_read(void *user, size_t number, const Term *term) {
    const ReadCheck *check = user;
    (void)number;
    for (int k = 0; k < term->n; k++) {
        const OpOperand *operand = &term->operand[k];
        bool read = operand->slot == SLOT_CONSTANT;
        for (int r = 0; r < check->step->n_reads && !read; r++)
            read = check->step->read[r].slot == operand->slot &&
                   inside(&check->step->read[r], operand->rank, operand->index);
        assert_true(read);
    }
}

static void check_written(const Trace *trace, int node, const OpStep *step, int *times) {
    const Node *record = &trace->graph.node[node];
    OpCall call;
    assert_true(trace_call(trace, node, &call));
    for (size_t n = 0; n < node_count(record); n++) {
        size_t index[TENSOR_RANK];
        shape_unravel(record->rank, record->dim, n, index);
        if (!inside(&step->write, record->rank, index))
            continue;
        times[n]++;
        Explanation explanation;
        ReadCheck check = {step, &call};
        op_explain(&call, index, check_read, &check, &explanation);
    }
}

static void check_head_order(const Node *record, const OpStep *step, size_t number, size_t steps) {
    for (int axis = 0; axis < record->rank; axis++)
        if (record->axis[axis] == AXIS_HEAD || record->axis[axis] == AXIS_KV_HEAD ||
            (record->axis[axis] == AXIS_CHOSEN && record->rank == 3)) {
            size_t head = number / (steps / record->dim[axis]);
            assert_int_equal(step->write.lo[axis], head);
            assert_int_equal(step->write.hi[axis], head + 1);
        }
}

static void check_steps(const Model *model, const Trace *trace) {
    (void)model;
    for (int node = 0; node < trace->graph.count; node++) {
        const Node *record = &trace->graph.node[node];
        size_t steps = trace_step_count(trace, node);
        assert_int_equal(steps, expected_steps(trace, record));
        int *times = calloc(node_count(record), sizeof *times);
        OpCall call;
        trace_call(trace, node, &call);
        for (size_t i = 0; i < steps; i++) {
            OpStep step;
            trace_step_at(trace, node, i, &step);
            assert_true(step.n_args > 0 && step.phase < step.phases);
            assert_true(region_is_valid(&call, &step.write));
            for (int r = 0; r < step.n_reads; r++)
                assert_true(region_is_valid(&call, &step.read[r]));
            check_head_order(record, &step, i, steps);
            if (step.writes)
                check_written(trace, node, &step, times);
        }
        for (size_t n = 0; n < node_count(record); n++)
            if (times[n] != 1)
                fail_msg("%s: cell %zu is written %d times", record->name, n, times[n]);
        free(times);
    }
}

static void steps_cover_each_cell_once(void **state) {
    (void)state;
    with_trace(&(TinyModel){0}, &SAMPLED, check_steps);
    with_trace(&(TinyModel){.n_heads = 1}, &GREEDY, check_steps);
    with_trace(&(TinyModel){.n_heads = 4}, &GREEDY, check_steps);
    with_every_family(check_steps);
    by_hand(check_steps);
}

/* ---- the table ---- */

static void every_row_is_complete(void **state) {
    (void)state;
    for (int op = 0; op < OP_COUNT; op++) {
        const OpInfo *info = op_info((OpId)op);
        assert_non_null(info->name);
        assert_non_null(info->title);
        assert_non_null(info->formula);
        assert_non_null(info->forward);
        assert_non_null(info->explain);
        assert_non_null(info->step_count);
        assert_non_null(info->step_at);
        assert_non_null(info->flops);
        for (int other = 0; other < op; other++)
            assert_string_not_equal(info->name, op_info((OpId)other)->name);
    }
    for (int form = 0; form < FORM_COUNT; form++)
        assert_non_null(term_form(&(Term){.form = (TermForm)form, .n = 2}));
    assert_string_equal(term_form(&(Term){.form = FORM_PRODUCT, .n = 3}), "a · b · c");
    assert_string_equal(
        term_form(&(Term){.form = FORM_PRODUCT, .n = 3, .operand[1] = {.selects = true}}), "a · b");
    for (int rule = 0; rule < RULE_COUNT; rule++)
        assert_non_null(rule_text((Rule)rule));
}

/* Work, counted by hand for T = 5, d_model 8, 2 heads of 4, d_ff 32, V = 11. */
static void check_costs(const Model *model, const Trace *trace) {
    (void)model;
    static const struct {
        const char *name;
        double flops, bytes;
    } expected[] = {
        {"blocks.0.attn.hook_q", 5 * 8 * (8 + 7 + 1), 4 * (5 * 8 + 8 * 8 + 8 + 5 * 8)},
        {"blocks.0.attn.hook_attn_scores_raw", 2 * 25 * (4 + 3), 4 * (40 + 40 + 50)},
        {"blocks.0.attn.hook_z", 40 * (5 + 4), 4 * (50 + 40 + 40)},
        {"blocks.0.mlp.hook_pre", 5 * 32 * (8 + 7 + 1), 4 * (40 + 256 + 32 + 160)},
        {"logits", 55 * (8 + 7), 4 * (40 + 88 + 55)},
        {"blocks.0.hook_resid_mid", 40, 4 * 120},
        {"hook_embed", 0, 4 * (5 + 40 + 40)}, /* only the rows that are picked */
        {"hook_pos_embed", 0, 4 * (40 + 40)},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        OpCall call;
        assert_true(trace_call(trace, trace_find(trace, expected[i].name), &call));
        OpCost cost = op_cost(&call);
        assert_true(cost.flops == expected[i].flops);
        assert_true(cost.bytes == expected[i].bytes);
    }
}

static void costs_are_counted(void **state) {
    (void)state;
    with_trace(&(TinyModel){0}, NULL, check_costs);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_complete),
        cmocka_unit_test(explanations_remake_cells),
        cmocka_unit_test(steps_cover_each_cell_once),
        cmocka_unit_test(costs_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
