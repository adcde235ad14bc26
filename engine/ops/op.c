#include "engine/ops/op.h"

#include "engine/ops/flash.h"
#include "engine/ops/row.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const OpInfo *const TABLE[OP_COUNT] = {
#define OP_ROW_ADDRESS(ID, row) [OP_##ID] = &op_info_##row,
    OP_TABLE(OP_ROW_ADDRESS)
#undef OP_ROW_ADDRESS
};

const OpInfo *op_info(OpId op) {
    assert(op < OP_COUNT);
    return TABLE[op];
}

const char *op_formula(const OpCall *call) {
    const OpInfo *info = op_info(call->op);
    return info->variant ? info->variant(call) : info->formula;
}

size_t op_parts(const OpCall *call) {
    const OpInfo *info = op_info(call->op);
    return info->parts ? info->parts(call) : 1;
}

void op_forward(const OpCall *call, size_t first, size_t last) {
    OpCall whole = *call;
    if (op_info(call->op)->parts && call->part_last == 0)
        whole.part_last = op_parts(call);
    op_info(call->op)->forward(&whole, first, last);
}

/* What is read of one input. */
static double input_bytes(const OpCall *call, int slot) {
    const OpInfo *info = op_info(call->op);
    double cells = info->reads ? info->reads(call, slot) : (double)tensor_count(&call->in[slot]);
    return cells * (double)dtype_size(call->in[slot].type);
}

OpCost op_cost(const OpCall *call) {
    OpCost cost = {.flops = op_info(call->op)->flops(call)};
    cost.bytes = (double)tensor_count(&call->out) * (double)dtype_size(call->out.type);
    for (int slot = 0; slot < call->n_in; slot++)
        cost.bytes += input_bytes(call, slot);
    return cost;
}

bool op_reads_all_rows(OpId op, int slot) {
    if (op == OP_SCORES || op == OP_WEIGHTED_SUM)
        return slot == 1;
    FlashSlots flash;
    return flash_slots(op, &flash) && (slot == flash.k || slot == flash.v);
}

bool op_shows_tiles(OpId op) {
    FlashSlots flash;
    return op != OP_FLASH && flash_slots(op, &flash);
}

size_t op_step_count(const OpCall *call) {
    return op_info(call->op)->step_count(call);
}

void op_step_at(const OpCall *call, size_t number, OpStep *step) {
    assert(number < op_step_count(call));
    op_info(call->op)->step_at(call, number, step);
}

/* ---- explain ---- */

void op_explain(const OpCall *call, const size_t *index, TermVisitor *visit, void *user,
                Explanation *explanation) {
    ExplainSink sink = {.call = call, .visit = visit, .user = user};
    sink_rule(&sink, RULE_SUM, 0, 0);
    op_info(call->op)->explain(call, index, &sink);
    assert(sink.terms > 0);
    *explanation = sink.combiner.head;
    explanation->terms = sink.terms;
    explanation->recomputed = combine_end(&sink.combiner);
}

void sink_rule(ExplainSink *sink, Rule rule, size_t chosen, double threshold) {
    combine_start(&sink->combiner,
                  &(Explanation){.rule = rule, .chosen = chosen, .threshold = threshold});
}

void sink_term(ExplainSink *sink, TermForm form, int n, const OpOperand *operand) {
    Term term = {.form = form, .n = n};
    memcpy(term.operand, operand, (size_t)n * sizeof *operand);
    term.value = term_value(form, operand, n);
    combine_term(&sink->combiner, &term);
    if (sink->visit)
        sink->visit(sink->user, sink->terms, &term);
    sink->terms++;
}

void sink_term1(ExplainSink *sink, TermForm form, OpOperand a) {
    sink_term(sink, form, 1, &a);
}

void sink_term2(ExplainSink *sink, TermForm form, OpOperand a, OpOperand b) {
    sink_term(sink, form, 2, (const OpOperand[]){a, b});
}

static const Tensor *slot_tensor(const OpCall *call, int slot) {
    return slot == SLOT_RESULT ? &call->out : &call->in[slot];
}

OpOperand operand_cell(const OpCall *call, int slot, const size_t *index) {
    const Tensor *tensor = slot_tensor(call, slot);
    OpOperand operand = {.slot = slot, .rank = tensor->rank, .value = tensor_get(tensor, index)};
    memcpy(operand.index, index, (size_t)tensor->rank * sizeof *index);
    return operand;
}

OpOperand operand_constant(const char *name, double value) {
    return (OpOperand){.slot = SLOT_CONSTANT, .name = name, .value = value};
}

OpOperand operand_selecting(OpOperand operand) {
    operand.selects = true;
    return operand;
}

/* ---- forms ---- */

static double gelu_tanh(double a) {
    return 0.5 * a * (1 + tanh(sqrt(2 / M_PI) * (a + 0.044715 * a * a * a)));
}
static double gelu_erf(double a) {
    return 0.5 * a * (1 + erf(a / M_SQRT2));
}
static double relu(double a) {
    return a > 0 ? a : 0;
}
static double silu(double a) {
    return a / (1 + exp(-a));
}
static double sigmoid(double a) {
    return 1 / (1 + exp(-a));
}

double term_value(TermForm form, const OpOperand *operand, int n) {
    double v[TERM_OPERANDS] = {0}, product = 1;
    int count = 0;
    for (int i = 0; i < n; i++)
        if (!operand[i].selects)
            v[count++] = operand[i].value;
    for (int i = 0; i < count; i++)
        product *= v[i];
    double a = v[0], b = v[1];
    switch (form) {
    case FORM_VALUE: return a;
    case FORM_PRODUCT: return product;
    case FORM_QUOTIENT: return a / b;
    case FORM_SQUARE_SHARE: return a * a / b;
    case FORM_SQUARE_DIFF: return (a - b) * (a - b) / v[2];
    case FORM_NORMED: return (a - b) / v[2] * v[3];
    case FORM_NORMED_RMS: return a / b * v[2];
    case FORM_EXP_DIFF: return exp(a - b);
    case FORM_GELU_TANH: return gelu_tanh(a);
    case FORM_GELU_ERF: return gelu_erf(a);
    case FORM_RELU: return relu(a);
    case FORM_SILU: return silu(a);
    case FORM_TANH: return tanh(a);
    case FORM_SIGMOID: return sigmoid(a);
    case FORM_MINUS_PRODUCT: return -a * b;
    case FORM_COS: return cos(a * b);
    case FORM_SIN: return sin(a * b);
    case FORM_GELU_TANH_GATE: return gelu_tanh(a) * b;
    case FORM_GELU_ERF_GATE: return gelu_erf(a) * b;
    case FORM_RELU_GATE: return relu(a) * b;
    case FORM_SILU_GATE: return silu(a) * b;
    case FORM_TANH_GATE: return tanh(a) * b;
    case FORM_SIGMOID_GATE: return sigmoid(a) * b;
    case FORM_REST_PRODUCT: return (1 - a) * b;
    case FORM_COUNT: break;
    }
    assert(false && "a form without a value");
    return 0;
}

const char *term_form(const Term *term) {
    static const char *const text[FORM_COUNT] = {
        [FORM_VALUE] = "a",
        [FORM_PRODUCT] = "a · b",
        [FORM_QUOTIENT] = "a ÷ b",
        [FORM_SQUARE_SHARE] = "a² ÷ b",
        [FORM_SQUARE_DIFF] = "(a − b)² ÷ c",
        [FORM_NORMED] = "(a − b) ÷ c · d",
        [FORM_NORMED_RMS] = "a ÷ b · c",
        [FORM_EXP_DIFF] = "e^(a − b)",
        [FORM_GELU_TANH] = "½ · a · (1 + tanh(√(2/π) · (a + 0.044715 · a³)))",
        [FORM_GELU_ERF] = "½ · a · (1 + erf(a ÷ √2))",
        [FORM_RELU] = "max(a, 0)",
        [FORM_SILU] = "a ÷ (1 + e^(−a))",
        [FORM_TANH] = "tanh(a)",
        [FORM_SIGMOID] = "1 ÷ (1 + e^(−a))",
        [FORM_MINUS_PRODUCT] = "−a · b",
        [FORM_COS] = "cos(a · b)",
        [FORM_SIN] = "sin(a · b)",
        [FORM_GELU_TANH_GATE] = "½ · a · (1 + tanh(√(2/π) · (a + 0.044715 · a³))) · b",
        [FORM_GELU_ERF_GATE] = "½ · a · (1 + erf(a ÷ √2)) · b",
        [FORM_RELU_GATE] = "max(a, 0) · b",
        [FORM_SILU_GATE] = "a ÷ (1 + e^(−a)) · b",
        [FORM_TANH_GATE] = "tanh(a) · b",
        [FORM_SIGMOID_GATE] = "1 ÷ (1 + e^(−a)) · b",
        [FORM_REST_PRODUCT] = "(1 − a) · b",
    };
    static const char *const product[] = {"a · b", "a · b · c", "a · b · c · d"};
    int n = 0;
    for (int i = 0; i < term->n; i++)
        n += !term->operand[i].selects;
    return term->form == FORM_PRODUCT && n > 2 && n < 5 ? product[n - 2] : text[term->form];
}

const char *rule_text(Rule rule) {
    static const char *const text[RULE_COUNT] = {
        [RULE_SUM] = "sum",
        [RULE_MEAN] = "mean",
        [RULE_ROOT] = "root of the sum",
        [RULE_SHARE] = "share of the sum",
        [RULE_RANK] = "place of the n-th largest",
        [RULE_REACH] = "how many until the threshold is reached",
        [RULE_DRAW] = "first whose cumulative sum exceeds the threshold",
        [RULE_ARGMAX] = "place of the largest",
        [RULE_MAX] = "the largest",
    };
    return text[rule];
}

/* ---- rules ---- */

void combine_start(Combiner *combiner, const Explanation *head) {
    *combiner = (Combiner){.head = *head};
    combiner->head.terms = 0;
}

static void keep_all(Combiner *combiner, double value) {
    if (combiner->head.terms == combiner->capacity) {
        combiner->capacity = combiner->capacity ? combiner->capacity * 2 : 64;
        combiner->kept = realloc(combiner->kept, combiner->capacity * sizeof *combiner->kept);
        if (!combiner->kept)
            abort();
    }
    combiner->kept[combiner->head.terms] = value;
}

static double selecting_value(const Term *term) {
    for (int i = 0; i < term->n; i++)
        if (term->operand[i].selects)
            return term->operand[i].value;
    return 0;
}

void combine_term(Combiner *combiner, const Term *term) {
    size_t number = combiner->head.terms;
    double threshold = combiner->head.threshold;
    switch (combiner->head.rule) {
    case RULE_RANK: keep_all(combiner, term->value); break;
    case RULE_REACH:
        if (!combiner->found)
            combiner->picked += 1;
        combiner->found = combiner->found || term->value >= threshold;
        break;
    case RULE_DRAW:
        if (!combiner->found)
            combiner->picked = term->value;
        combiner->found = combiner->found || selecting_value(term) > threshold;
        break;
    case RULE_ARGMAX:
    case RULE_MAX:
        if (number == 0 || term->value > combiner->best) {
            combiner->best = term->value;
            combiner->picked = combiner->head.rule == RULE_MAX ? term->value : (double)number;
        }
        break;
    case RULE_SUM:
    case RULE_MEAN:
    case RULE_ROOT:
    case RULE_SHARE:
    case RULE_COUNT:
        combiner->sum += term->value;
        if (number == combiner->head.chosen)
            combiner->picked = term->value;
        break;
    }
    combiner->head.terms++;
}

static int by_rank(const void *a, const void *b) {
    const Ranked *x = a, *y = b;
    if (isnan(x->value) != isnan(y->value))
        return isnan(x->value) ? 1 : -1;
    if (!isnan(x->value) && x->value != y->value)
        return x->value > y->value ? -1 : 1;
    return x->place < y->place ? -1 : 1;
}

void rank_sort(Ranked *ranked, size_t count) {
    qsort(ranked, count, sizeof *ranked, by_rank);
}

static double place_of_rank(const Combiner *combiner) {
    size_t n = combiner->head.terms;
    Ranked *ranked = malloc((n + 1) * sizeof *ranked);
    if (!ranked)
        abort();
    for (size_t i = 0; i < n; i++)
        ranked[i] = (Ranked){combiner->kept[i], i};
    rank_sort(ranked, n);
    double place = combiner->head.chosen < n ? (double)ranked[combiner->head.chosen].place : -1;
    free(ranked);
    return place;
}

double combine_end(Combiner *combiner) {
    double terms = (double)combiner->head.terms, result = combiner->sum;
    switch (combiner->head.rule) {
    case RULE_SUM: break;
    case RULE_MEAN: result /= terms; break;
    case RULE_ROOT: result = sqrt(result); break;
    case RULE_SHARE: /* of nothing at all there is no share: a query that may look nowhere */
        result = result == 0 ? 0 : combiner->picked / result;
        break;
    case RULE_RANK: result = place_of_rank(combiner); break;
    case RULE_REACH:
    case RULE_DRAW:
    case RULE_ARGMAX:
    case RULE_MAX:
    case RULE_COUNT: result = combiner->picked; break;
    }
    free(combiner->kept);
    combiner->kept = NULL;
    return result;
}

/* ---- steps ---- */

OpRegion region_all(const OpCall *call, int slot) {
    OpRegion region = {.slot = slot};
    const Tensor *tensor = slot_tensor(call, slot);
    memcpy(region.hi, tensor->dim, (size_t)tensor->rank * sizeof *tensor->dim);
    return region;
}

OpRegion region_at(OpRegion region, int axis, size_t index) {
    region.lo[axis] = index;
    region.hi[axis] = index + 1;
    return region;
}

void step_start(OpStep *step, CaptionId caption) {
    *step = (OpStep){.caption = caption, .phases = 1};
}

void step_read(OpStep *step, OpRegion region) {
    assert(step->n_reads < STEP_READS);
    step->read[step->n_reads++] = region;
}

void step_write(OpStep *step, OpRegion region) {
    step->write = region;
    step->writes = true;
}

void step_arg(OpStep *step, ArgKind kind, double value) {
    assert(step->n_args < STEP_ARGS);
    step->arg[step->n_args++] = (CaptionArg){kind, value};
}

size_t steps_by_row(const OpCall *call) {
    return call->out.dim[0];
}

size_t steps_by_head_row(const OpCall *call) {
    return call->out.dim[0] * call->out.dim[1];
}

void step_row(const OpCall *call, size_t row, int inputs, CaptionId caption, OpStep *step) {
    step_start(step, caption);
    for (int slot = 0; slot < inputs; slot++)
        step_read(step, region_at(region_all(call, slot), 0, row));
    step_write(step, region_at(region_all(call, -1), 0, row));
    step_arg(step, ARG_POSITION, (double)row);
}

double call_cells(const OpCall *call) {
    return (double)tensor_count(&call->out);
}

size_t parts_first_axis(const OpCall *call) {
    return call->out.dim[0];
}
size_t parts_second_axis(const OpCall *call) {
    return call->out.dim[1];
}

size_t known_keys(const OpCall *call) {
    size_t width = call->out.dim[2];
    return call->length < width ? call->length : width;
}

float *score_row(const Tensor *tensor, size_t h, size_t i) {
    return tensor_f32(tensor) + (ptrdiff_t)h * tensor->stride[0] + (ptrdiff_t)i * tensor->stride[1];
}

OpRegion region_query(const OpCall *call, int slot, size_t h, size_t i) {
    return region_at(region_at(region_all(call, slot), 0, h), 1, i);
}

void query_row_step(const OpCall *call, size_t number, CaptionId caption, OpStep *step) {
    size_t h = number / call->out.dim[1], i = number % call->out.dim[1];
    step_start(step, caption);
    step_read(step, region_query(call, 0, h, i));
    step_write(step, region_query(call, -1, h, i));
    step_arg(step, ARG_POSITION, (double)i);
    step_arg(step, ARG_HEAD, (double)h);
}

size_t kv_head(size_t head, size_t heads, size_t kv_heads) {
    return head / (heads / kv_heads);
}
