/* softmax: over the last axis, the whole row. The row's maximum is taken out first, which changes
 * nothing but keeps e^x finite; the sum is taken in double. */
#include "engine/ops/row.h"

#include <math.h>

/* softmax: input of any shape; result the same. Rows [first, last) are those of the first axis, or
 * of the second where the keys are the last of three. */

static size_t row_width(const OpCall *call) {
    size_t width = call->out.dim[call->out.rank - 1];
    bool shorter = call->param.softmax.kind == SOFTMAX_KEYS && call->length < width;
    return shorter ? call->length : width;
}

static float row_maximum(const float *x, size_t n) {
    float maximum = x[0];
    for (size_t i = 1; i < n; i++)
        if (x[i] > maximum)
            maximum = x[i];
    return maximum;
}

static double exponential_sum(const float *x, size_t n, float maximum) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)expf(x[i] - maximum);
    return sum;
}

static void softmax_row(const float *x, float *y, size_t n) {
    float maximum = row_maximum(x, n);
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        y[i] = expf(x[i] - maximum);
        sum += (double)y[i];
    }
    float whole = (float)sum;
    for (size_t i = 0; i < n; i++)
        y[i] /= whole;
}

/* The n-th of the rows in the order of memory. */
static const float *input_row(const OpCall *call, size_t row) {
    return tensor_f32(&call->in[0]) + row * call->out.dim[call->out.rank - 1];
}

static void softmax_forward(const OpCall *call, size_t first, size_t last) {
    size_t width = call->out.dim[call->out.rank - 1], n = row_width(call);
    size_t heads = call->out.rank == 3 ? call->out.dim[0] : 1;
    size_t rows = call->out.rank == 3 ? call->out.dim[1] : 0;
    for (size_t h = 0; h < heads; h++)
        for (size_t i = first; i < last; i++) {
            size_t row = h * rows + i;
            softmax_row(input_row(call, row), tensor_f32(&call->out) + row * width, n);
        }
}

static void softmax_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    int last = call->out.rank - 1;
    size_t at[TENSOR_RANK] = {0}, n = row_width(call);
    for (int axis = 0; axis < last; axis++)
        at[axis] = index[axis];
    const float *x = tensor_f32(&call->in[0]) + tensor_offset(&call->in[0], at);
    OpOperand maximum = operand_constant("row maximum", (double)row_maximum(x, n));
    sink_rule(sink, RULE_SHARE, index[last], 0);
    for (size_t i = 0; i < n; i++) {
        at[last] = i;
        sink_term2(sink, FORM_EXP_DIFF, operand_cell(call, 0, at), maximum);
    }
}

#define PHASES 4

static size_t row_count(const OpCall *call) {
    return tensor_count(&call->out) / call->out.dim[call->out.rank - 1];
}

static size_t softmax_step_count(const OpCall *call) {
    return row_count(call) * PHASES;
}

static OpRegion region_row(const OpCall *call, int slot, size_t row) {
    size_t at[TENSOR_RANK];
    int axes = call->out.rank - 1;
    shape_unravel(axes, call->out.dim, row, at);
    OpRegion region = region_all(call, slot);
    for (int axis = 0; axis < axes; axis++)
        region = region_at(region, axis, at[axis]);
    return region;
}

/* Row maximum, exponentials, their sum, the division, which alone writes the cells. */
static void softmax_step(const OpCall *call, size_t number, OpStep *step) {
    static const CaptionId captions[PHASES] = {CAPTION_SOFTMAX_MAX, CAPTION_SOFTMAX_EXP,
                                               CAPTION_SOFTMAX_SUM, CAPTION_SOFTMAX_DIVIDE};
    size_t row = number / PHASES, n = row_width(call);
    const float *x = input_row(call, row);
    float maximum = row_maximum(x, n);
    step_start(step, captions[number % PHASES]);
    step->phase = (int)(number % PHASES);
    step->phases = PHASES;
    step_read(step, region_row(call, 0, row));
    step->write = region_row(call, -1, row);
    step->writes = step->phase == PHASES - 1;
    size_t position = call->out.rank == 3   ? row % call->out.dim[1]
                      : call->out.rank == 2 ? row
                                            : call->length - 1;
    step_arg(step, ARG_POSITION, (double)position);
    step_arg(step, ARG_COUNT, (double)n);
    step_arg(step, ARG_VALUE, step->phase < 2 ? (double)maximum : exponential_sum(x, n, maximum));
}

/* A comparison, a subtraction, an exponential, an addition and a division for each cell. */
static double softmax_flops(const OpCall *call) {
    return 5 * call_cells(call);
}

static const char *softmax_variant(const OpCall *call) {
    static const char *const formula[] = {
        [SOFTMAX_KEYS] = "a_{ij} = \\frac{e^{s''_{ij} − m_i}}{\\sum_{j'} e^{s''_{ij'} − m_i}}",
        [SOFTMAX_VOCABULARY] = "p_{iv} = \\frac{e^{l_{iv} − m_i}}{\\sum_{v'} e^{l_{iv'} − m_i}}",
        [SOFTMAX_RANKS] = "p_r = \\frac{e^{l''_r − m}}{\\sum_{r'} e^{l''_{r'} − m}}",
    };
    return formula[call->param.softmax.kind];
}

const OpInfo op_info_softmax = {
    .name = "softmax",
    .title = "Softmax",
    .formula = "y_i = \\frac{e^{x_i − m}}{\\sum_{j} e^{x_j − m}}",
    .forward = softmax_forward,
    .explain = softmax_explain,
    .step_count = softmax_step_count,
    .step_at = softmax_step,
    .flops = softmax_flops,
    .variant = softmax_variant,
};
