/* pool: one row for a whole text: the first (BERT's pooler reads it), or the mean of them (sentence
 * vectors, Reimers and Gurevych 2019); and rows times one number. */
#include "engine/ops/row.h"

static double no_flops(const OpCall *call) {
    (void)call;
    return 0;
}

/* ---- first: input [T M]; result [1 M] ---- */

static void first_forward(const OpCall *call, size_t first, size_t last) {
    (void)first;
    (void)last;
    for (size_t m = 0; m < call->out.dim[1]; m++)
        tensor_f32(&call->out)[m] = tensor_f32(&call->in[0])[m];
}

static void first_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    sink_term1(sink, FORM_VALUE, CELL(call, 0, 0, index[1]));
}

static void first_step(const OpCall *call, size_t row, OpStep *step) {
    step_row(call, row, 1, CAPTION_FIRST_ROW, step);
    step_arg(step, ARG_COUNT, (double)call->out.dim[1]);
}

static double first_reads(const OpCall *call, int slot) {
    (void)slot;
    return call_cells(call);
}

const OpInfo op_info_first = {
    .name = "first",
    .title = "The first row",
    .formula = "y_m = x_{0m}",
    .forward = first_forward,
    .explain = first_explain,
    .step_count = steps_by_row,
    .step_at = first_step,
    .flops = no_flops,
    .reads = first_reads,
};

/* ---- mean_rows: input [T M]; result [1 M]: the mean of the first rows, those of padding left
 * out ---- */

static size_t rows_meant(const OpCall *call) {
    size_t known = call->length < call->in[0].dim[0] ? call->length : call->in[0].dim[0];
    size_t count = call->param.mean_rows.count;
    return count > 0 && count < known ? count : known;
}

static void mean_rows_forward(const OpCall *call, size_t first, size_t last) {
    (void)first;
    (void)last;
    size_t M = call->out.dim[1], rows = rows_meant(call);
    for (size_t m = 0; m < M; m++) {
        double sum = 0;
        for (size_t t = 0; t < rows; t++)
            sum += (double)tensor_f32(&call->in[0])[t * M + m];
        tensor_f32(&call->out)[m] = (float)(sum / (double)rows);
    }
}

static void mean_rows_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    sink_rule(sink, RULE_MEAN, 0, 0);
    for (size_t t = 0; t < rows_meant(call); t++)
        sink_term1(sink, FORM_VALUE, CELL(call, 0, t, index[1]));
}

static void mean_rows_step(const OpCall *call, size_t number, OpStep *step) {
    OpRegion rows = region_all(call, 0);
    (void)number;
    rows.hi[0] = rows_meant(call);
    step_start(step, CAPTION_MEAN_ROWS_ALL);
    step_read(step, rows);
    step_write(step, region_all(call, -1));
    step_arg(step, ARG_COUNT, (double)rows.hi[0]);
    step_arg(step, ARG_COUNT, (double)call->out.dim[1]);
}

static double mean_rows_flops(const OpCall *call) {
    return call_cells(call) * (double)rows_meant(call);
}

static double mean_rows_reads(const OpCall *call, int slot) {
    (void)slot;
    return call_cells(call) * (double)rows_meant(call);
}

const OpInfo op_info_mean_rows = {
    .name = "mean_rows",
    .title = "Mean over the tokens",
    .formula = "y_m = \\frac{1}{n} · \\sum_{i < n} x_{im}",
    .forward = mean_rows_forward,
    .explain = mean_rows_explain,
    .step_count = steps_by_row,
    .step_at = mean_rows_step,
    .flops = mean_rows_flops,
    .reads = mean_rows_reads,
};

/* ---- scale_rows: input [T M]; result [T M]: each cell times one number, or divided by it ---- */

static void scale_rows_forward(const OpCall *call, size_t first, size_t last) {
    size_t M = call->out.dim[1];
    float by = (float)call->param.scale_rows.by;
    const float *x = tensor_f32(&call->in[0]);
    for (size_t i = first * M; i < last * M; i++)
        tensor_f32(&call->out)[i] = call->param.scale_rows.divide ? x[i] / by : x[i] * by;
}

static void scale_rows_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    sink_term2(sink, call->param.scale_rows.divide ? FORM_QUOTIENT : FORM_PRODUCT,
               operand_cell(call, 0, index),
               operand_constant(call->param.scale_rows.name, call->param.scale_rows.by));
}

static void scale_rows_step(const OpCall *call, size_t row, OpStep *step) {
    bool divide = call->param.scale_rows.divide;
    step_row(call, row, 1, divide ? CAPTION_DIVIDE_ROW : CAPTION_TIMES_ROW, step);
    step_arg(step, ARG_COUNT, (double)call->out.dim[1]);
    step_arg(step, ARG_VALUE, call->param.scale_rows.by);
}

static const char *scale_rows_variant(const OpCall *call) {
    return call->param.scale_rows.divide ? "y_{im} = \\frac{x_{im}}{c}"
                                         : op_info_scale_rows.formula;
}

const OpInfo op_info_scale_rows = {
    .name = "scale_rows",
    .title = "Rows times one number",
    .formula = "y_{im} = x_{im} · c",
    .forward = scale_rows_forward,
    .explain = scale_rows_explain,
    .step_count = steps_by_row,
    .step_at = scale_rows_step,
    .flops = call_cells,
    .variant = scale_rows_variant,
};
