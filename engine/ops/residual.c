/* residual: adding stages of one shape: embedding and position, residual stream and branch;
 * and the second name that a stage has where the next one begins. */
#include "engine/ops/row.h"

/* add: inputs [T M] each, two or more; result [T M] */

static void add_forward(const OpCall *call, size_t first, size_t last) {
    size_t M = call->out.dim[1];
    float *out = tensor_f32(&call->out);
    for (size_t i = first * M; i < last * M; i++) {
        float sum = tensor_f32(&call->in[0])[i];
        for (int slot = 1; slot < call->n_in; slot++)
            sum += tensor_f32(&call->in[slot])[i];
        out[i] = sum;
    }
}

static void add_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    for (int slot = 0; slot < call->n_in; slot++)
        sink_term1(sink, FORM_VALUE, operand_cell(call, slot, index));
}

static void add_step(const OpCall *call, size_t row, OpStep *step) {
    step_row(call, row, call->n_in, CAPTION_ADD_ROW, step);
    step_arg(step, ARG_COUNT, call->n_in);
    step_arg(step, ARG_COUNT, (double)call->out.dim[1]);
}

static double add_flops(const OpCall *call) {
    return call_cells(call) * (call->n_in - 1);
}

static const char *add_variant(const OpCall *call) {
    return call->n_in > 2 ? "y_{im} = a_{im} + b_{im} + c_{im}" : op_info_add.formula;
}

const OpInfo op_info_add = {
    .name = "add",
    .title = "Addition",
    .formula = "y_{im} = a_{im} + b_{im}",
    .forward = add_forward,
    .explain = add_explain,
    .step_count = steps_by_row,
    .step_at = add_step,
    .flops = add_flops,
    .variant = add_variant,
};

/* ---- same: input of any shape; the result is a view of it under another name ---- */

static void same_forward(const OpCall *call, size_t first, size_t last) {
    (void)call;
    (void)first;
    (void)last;
}

static void same_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    sink_term1(sink, FORM_VALUE, operand_cell(call, 0, index));
}

static void same_step(const OpCall *call, size_t row, OpStep *step) {
    step_row(call, row, 1, CAPTION_SAME_ROW, step);
    step_arg(step, ARG_COUNT, call_cells(call) / (double)call->out.dim[0]);
}

static double same_flops(const OpCall *call) {
    (void)call;
    return 0;
}

const OpInfo op_info_same = {
    .name = "same",
    .title = "The same values",
    .formula = "y = x",
    .forward = same_forward,
    .explain = same_explain,
    .step_count = steps_by_row,
    .step_at = same_step,
    .flops = same_flops,
};
