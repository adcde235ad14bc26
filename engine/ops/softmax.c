/* softmax: over the last axis, the whole row. The maximum is taken out first, which changes nothing
 * but keeps e^x finite; the sum is taken in double. Where all scores are −∞ (a query that may look
 * nowhere) all shares are 0. */
#include "engine/ops/row.h"

#include "engine/tensor/kernels.h"

#include <math.h>

/* softmax: input of any shape; result the same. Rows [first, last) are those of the first axis, or
 * of the second where the keys are the last of three. SOFTMAX_QUERIES, the wrong axis: each key's
 * column of [H Tq Tk], over the queries; it needs all rows at once, so it runs as [0, 1). */

static bool is_turned(const OpCall *call) {
    return call->param.softmax.kind == SOFTMAX_QUERIES;
}

/* The numbers that share one sum: a row, or a column. */
typedef struct {
    size_t at[TENSOR_RANK]; /* the first of them */
    int axis;               /* along which they lie */
    size_t count;           /* that are known yet */
    size_t step;            /* cells from one to the next */
    const float *x;
    float *y;
} Line;

/* The n-th in the order of memory. */
static Line line_of(const OpCall *call, size_t number) {
    const Tensor *out = &call->out;
    int last = out->rank - 1;
    Line line = {.axis = is_turned(call) ? last - 1 : last};
    line.step = (size_t)out->stride[line.axis];
    size_t width = out->dim[line.axis], length = call->length;
    bool grows = call->param.softmax.kind == SOFTMAX_KEYS || is_turned(call);
    line.count = grows && length < width ? length : width;
    size_t start = number / line.step * line.step * width + number % line.step;
    shape_unravel(out->rank, out->dim, start, line.at);
    line.x = tensor_f32(&call->in[0]) + tensor_offset(&call->in[0], line.at);
    line.y = tensor_f32(out) + tensor_offset(out, line.at);
    return line;
}

static size_t line_count(const OpCall *call) {
    return tensor_count(&call->out) / call->out.dim[line_of(call, 0).axis];
}

/* 0 where there is no number at all. */
static float line_maximum(const Line *line) {
    float maximum = line->x[0];
    for (size_t i = 1; i < line->count; i++)
        if (line->x[i * line->step] > maximum)
            maximum = line->x[i * line->step];
    return isinf(maximum) && maximum < 0 ? 0 : maximum;
}

static double exponential_sum(const Line *line, float maximum) {
    double sum = 0;
    for (size_t i = 0; i < line->count; i++)
        sum += (double)expf(line->x[i * line->step] - maximum);
    return sum;
}

static void softmax_line(const Line *line) {
    if (line->step == 1) {
        kernel_softmax(line->y, line->x, line->count);
        return;
    }
    float maximum = line_maximum(line);
    double sum = 0;
    for (size_t i = 0; i < line->count; i++) {
        float *y = line->y + i * line->step;
        *y = expf(line->x[i * line->step] - maximum);
        sum += (double)*y;
    }
    float whole = sum == 0 ? 1 : (float)sum;
    for (size_t i = 0; i < line->count; i++)
        line->y[i * line->step] /= whole;
}

static void softmax_forward(const OpCall *call, size_t first, size_t last) {
    size_t lines = call->out.rank == 3 ? call->out.dim[1] : 0;
    if (is_turned(call)) {
        first = 0;
        last = lines = call->out.dim[2];
    }
    for (size_t block = call->part_first; block < call->part_last; block++)
        for (size_t i = first; i < last; i++) {
            Line line = line_of(call, block * lines + i);
            softmax_line(&line);
        }
}

/* Heads, where there are any. */
static size_t softmax_parts(const OpCall *call) {
    return call->out.rank == 3 ? call->out.dim[0] : 1;
}

/* The number of the line in which the cell lies. */
static size_t line_at(const OpCall *call, const size_t *index) {
    size_t cell = shape_ravel(call->out.rank, call->out.dim, index);
    Line first = line_of(call, 0);
    size_t width = call->out.dim[first.axis];
    return cell / (first.step * width) * first.step + cell % first.step;
}

static void softmax_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    Line line = line_of(call, line_at(call, index));
    OpOperand maximum = operand_constant(is_turned(call) ? "column maximum" : "row maximum",
                                         (double)line_maximum(&line));
    sink_rule(sink, RULE_SHARE, index[line.axis], 0);
    for (size_t i = 0; i < line.count; i++) {
        line.at[line.axis] = i;
        sink_term2(sink, FORM_EXP_DIFF, operand_cell(call, 0, line.at), maximum);
    }
}

#define PHASES 4

static size_t softmax_step_count(const OpCall *call) {
    return line_count(call) * PHASES;
}

static OpRegion region_line(const OpCall *call, int slot, const Line *line) {
    OpRegion region = region_all(call, slot);
    for (int axis = 0; axis < call->out.rank; axis++)
        if (axis != line->axis)
            region = region_at(region, axis, line->at[axis]);
    return region;
}

/* The query's, or the key's whose column it is. */
static size_t line_position(const OpCall *call, const Line *line) {
    if (call->out.rank == 1)
        return call->length - 1;
    return line->at[is_turned(call) ? 2 : call->out.rank - 2];
}

/* Maximum, exponentials, their sum, the division, which alone writes the cells. */
static void softmax_step(const OpCall *call, size_t number, OpStep *step) {
    static const CaptionId captions[PHASES] = {CAPTION_SOFTMAX_MAX, CAPTION_SOFTMAX_EXP,
                                               CAPTION_SOFTMAX_SUM, CAPTION_SOFTMAX_DIVIDE};
    Line line = line_of(call, number / PHASES);
    float maximum = line_maximum(&line);
    step_start(step, captions[number % PHASES]);
    step->phase = (int)(number % PHASES);
    step->phases = PHASES;
    step_read(step, region_line(call, 0, &line));
    step->write = region_line(call, -1, &line);
    step->writes = step->phase == PHASES - 1;
    step_arg(step, ARG_POSITION, (double)line_position(call, &line));
    step_arg(step, ARG_COUNT, (double)line.count);
    step_arg(step, ARG_VALUE, step->phase < 2 ? (double)maximum : exponential_sum(&line, maximum));
}

/* A comparison, a subtraction, an exponential, an addition and a division for each cell. */
static double softmax_flops(const OpCall *call) {
    return 5 * call_cells(call);
}

static const char *softmax_variant(const OpCall *call) {
    static const char *const formula[] = {
        [SOFTMAX_KEYS] = "a_{ij} = \\frac{e^{s''_{ij} − m_i}}{\\sum_{j'} e^{s''_{ij'} − m_i}}",
        [SOFTMAX_VOCABULARY] = "p_{iv} = \\frac{e^{l_{iv} − m_i}}{\\sum_{v'} e^{l_{iv'} − m_i}}",
        [SOFTMAX_QUERIES] = "a_{ij} = \\frac{e^{s''_{ij} − m_j}}{\\sum_{i'} e^{s''_{i'j} − m_j}}",
        [SOFTMAX_LABELS] = "p_{ic} = \\frac{e^{l_{ic} − m_i}}{\\sum_{c'} e^{l_{ic'} − m_i}}",
        [SOFTMAX_RANKS] = "p_r = \\frac{e^{l''_r − m}}{\\sum_{r'} e^{l''_{r'} − m}}",
    };
    return formula[call->param.softmax.kind];
}

const OpInfo op_info_softmax = {
    .name = "softmax",
    .title = "Softmax",
    .formula = "y_i = \\frac{e^{x_i − m}}{\\sum_{j} e^{x_j − m}}",
    .forward = softmax_forward,
    .parts = softmax_parts,
    .by_head = true,
    .explain = softmax_explain,
    .step_count = softmax_step_count,
    .step_at = softmax_step,
    .flops = softmax_flops,
    .variant = softmax_variant,
};
