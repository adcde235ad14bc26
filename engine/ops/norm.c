/* norm: LayerNorm (Ba et al. 2016) and RMSNorm (Zhang and Sennrich 2019) in the parts that a reader
 * wants to see: the mean, the deviation, the normalised row. Sums are taken in double. */
#include "engine/ops/row.h"

#include <math.h>

static const float *row_of(const Tensor *tensor, size_t row) {
    return tensor_f32(tensor) + row * tensor->dim[1];
}

#define SUMS 8 /* side by side, so that no addition waits for the one before */

/* Σ (x − mean)^power, power 1 or 2. */
static double sum_of(const float *x, size_t count, double mean, bool squares) {
    double sum[SUMS] = {0}, all = 0;
    size_t i = 0;
    for (; i + SUMS <= count; i += SUMS)
        for (size_t s = 0; s < SUMS; s++) {
            double value = (double)x[i + s] - mean;
            sum[s] += squares ? value * value : value;
        }
    for (; i < count; i++) {
        double value = (double)x[i] - mean;
        all += squares ? value * value : value;
    }
    for (size_t s = 0; s < SUMS; s++)
        all += sum[s];
    return all;
}

/* ---- mean: input x [T M]; result [T 1] ---- */

static void mean_forward(const OpCall *call, size_t first, size_t last) {
    size_t M = call->in[0].dim[1];
    for (size_t t = first; t < last; t++) {
        double sum = sum_of(row_of(&call->in[0], t), M, 0, false);
        tensor_f32(&call->out)[t] = (float)(sum / (double)M);
    }
}

static void mean_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    sink_rule(sink, RULE_MEAN, 0, 0);
    for (size_t m = 0; m < call->in[0].dim[1]; m++)
        sink_term1(sink, FORM_VALUE, CELL(call, 0, index[0], m));
}

/* The step of a row that shrinks to one number. */
static void reduced_step(const OpCall *call, size_t row, int inputs, CaptionId caption,
                         OpStep *step) {
    step_row(call, row, inputs, caption, step);
    step_arg(step, ARG_COUNT, (double)call->in[0].dim[1]);
    step_arg(step, ARG_VALUE, (double)tensor_f32(&call->out)[row]);
}

static void mean_step(const OpCall *call, size_t row, OpStep *step) {
    reduced_step(call, row, 1, CAPTION_MEAN_ROW, step);
}

static double mean_flops(const OpCall *call) {
    return (double)tensor_count(&call->in[0]) + call_cells(call);
}

const OpInfo op_info_mean = {
    .name = "mean",
    .title = "Mean of the row",
    .formula = "μ_i = \\frac{1}{M} · \\sum_{m} x_{im}",
    .forward = mean_forward,
    .explain = mean_explain,
    .step_count = steps_by_row,
    .step_at = mean_step,
    .flops = mean_flops,
};

/* ---- deviation: inputs x [T M], mean [T 1] (none for RMSNorm); result [T 1] ---- */

static void deviation_forward(const OpCall *call, size_t first, size_t last) {
    size_t M = call->in[0].dim[1];
    for (size_t t = first; t < last; t++) {
        double mean = call->n_in > 1 ? (double)tensor_f32(&call->in[1])[t] : 0;
        double sum = sum_of(row_of(&call->in[0], t), M, mean, true);
        tensor_f32(&call->out)[t] = (float)sqrt(sum / (double)M + call->param.deviation.eps);
    }
}

static void deviation_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    size_t M = call->in[0].dim[1], t = index[0];
    OpOperand count = operand_constant("d_model", (double)M);
    sink_rule(sink, RULE_ROOT, 0, 0);
    for (size_t m = 0; m < M; m++)
        if (call->n_in > 1)
            sink_term(sink, FORM_SQUARE_DIFF, 3,
                      (const OpOperand[]){CELL(call, 0, t, m), CELL(call, 1, t, 0), count});
        else
            sink_term2(sink, FORM_SQUARE_SHARE, CELL(call, 0, t, m), count);
    sink_term1(sink, FORM_VALUE, operand_constant("eps", call->param.deviation.eps));
}

static void deviation_step(const OpCall *call, size_t row, OpStep *step) {
    reduced_step(call, row, call->n_in, CAPTION_DEVIATION_ROW, step);
}

static double deviation_flops(const OpCall *call) {
    double each = call->n_in > 1 ? 3 : 2;
    return each * (double)tensor_count(&call->in[0]) + 3 * call_cells(call);
}

static const char *deviation_variant(const OpCall *call) {
    return call->n_in > 1 ? op_info_deviation.formula
                          : "σ_i = \\sqrt{\\frac{1}{M} · \\sum_{m} x_{im}^2 + ε}";
}

const OpInfo op_info_deviation = {
    .name = "deviation",
    .title = "Deviation of the row",
    .formula = "σ_i = \\sqrt{\\frac{1}{M} · \\sum_{m} (x_{im} − μ_i)^2 + ε}",
    .forward = deviation_forward,
    .explain = deviation_explain,
    .step_count = steps_by_row,
    .step_at = deviation_step,
    .flops = deviation_flops,
    .variant = deviation_variant,
};

/* ---- normalize: result [T M]. LayerNorm's inputs: x [T M], mean [T 1], deviation [T 1], weight
 * [M], bias [M] (may be missing). RMSNorm's: x [T M], deviation [T 1], weight [M]. ---- */

static bool is_rms(const OpCall *call) {
    return call->n_in == 3;
}

static void normalize_forward(const OpCall *call, size_t first, size_t last) {
    size_t M = call->out.dim[1];
    int at = is_rms(call) ? 1 : 2;
    const float *weight = tensor_f32(&call->in[at + 1]);
    const float *bias = call->n_in == 5 ? tensor_f32(&call->in[4]) : NULL;
    for (size_t t = first; t < last; t++) {
        const float *x = row_of(&call->in[0], t);
        float *y = tensor_f32(&call->out) + t * M;
        float mean = is_rms(call) ? 0 : tensor_f32(&call->in[1])[t];
        float deviation = tensor_f32(&call->in[at])[t];
        for (size_t m = 0; m < M; m++)
            y[m] = (x[m] - mean) / deviation * weight[m] + (bias ? bias[m] : 0);
    }
}

static void normalize_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    size_t t = index[0], m = index[1];
    if (is_rms(call)) {
        sink_term(sink, FORM_NORMED_RMS, 3,
                  (const OpOperand[]){CELL(call, 0, t, m), CELL(call, 1, t, 0), CELL(call, 2, m)});
        return;
    }
    sink_term(sink, FORM_NORMED, 4,
              (const OpOperand[]){CELL(call, 0, t, m), CELL(call, 1, t, 0), CELL(call, 2, t, 0),
                                  CELL(call, 3, m)});
    if (call->n_in == 5)
        sink_term1(sink, FORM_VALUE, CELL(call, 4, m));
}

static void normalize_step(const OpCall *call, size_t row, OpStep *step) {
    int rows = is_rms(call) ? 2 : 3;
    step_row(call, row, rows, CAPTION_NORMALIZE_ROW, step);
    for (int slot = rows; slot < call->n_in; slot++)
        step_read(step, region_all(call, slot));
    step_arg(step, ARG_COUNT, (double)call->out.dim[1]);
}

static double normalize_flops(const OpCall *call) {
    return call_cells(call) * (is_rms(call) ? 2 : call->n_in == 5 ? 4 : 3);
}

static const char *normalize_variant(const OpCall *call) {
    if (is_rms(call))
        return "y_{im} = \\frac{x_{im}}{σ_i} · w_m";
    return call->n_in == 5 ? op_info_normalize.formula : "y_{im} = \\frac{x_{im} − μ_i}{σ_i} · w_m";
}

const OpInfo op_info_normalize = {
    .name = "normalize",
    .title = "Normalised row",
    .formula = "y_{im} = \\frac{x_{im} − μ_i}{σ_i} · w_m + b_m",
    .forward = normalize_forward,
    .explain = normalize_explain,
    .step_count = steps_by_row,
    .step_at = normalize_step,
    .flops = normalize_flops,
    .variant = normalize_variant,
};
