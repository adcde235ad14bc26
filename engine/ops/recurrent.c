/* recurrent: what an RNN's step has beyond the transformer's operations: the state of the token
 * before, products of two stages, and the GRU's blend of an old state and a new one. */
#include "engine/ops/row.h"

/* ---- carry: input state [T N], a stage that runs later; result row i is its row i − 1, and row 0
 * zero. The only operation that reads what the token before has made: such rows run one by one. */

static void carry_forward(const OpCall *call, size_t first, size_t last) {
    size_t N = call->out.dim[1];
    float *out = tensor_f32(&call->out);
    for (size_t i = first * N; i < last * N; i++)
        out[i] = i < N ? 0 : tensor_f32(&call->in[0])[i - N];
}

static void carry_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    if (index[0] == 0)
        sink_term1(sink, FORM_VALUE, operand_constant("no token before", 0));
    else
        sink_term1(sink, FORM_VALUE, CELL(call, 0, index[0] - 1, index[1]));
}

static void carry_step(const OpCall *call, size_t row, OpStep *step) {
    step_start(step, row ? CAPTION_CARRY_ROW : CAPTION_CARRY_FIRST);
    if (row > 0)
        step_read(step, region_at(region_all(call, 0), 0, row - 1));
    step_write(step, region_at(region_all(call, -1), 0, row));
    step_arg(step, ARG_POSITION, (double)row);
    if (row > 0)
        step_arg(step, ARG_POSITION, (double)(row - 1));
    step_arg(step, ARG_COUNT, (double)call->out.dim[1]);
}

static double carry_flops(const OpCall *call) {
    (void)call;
    return 0;
}

/* All rows but the last. */
static double carry_reads(const OpCall *call, int slot) {
    (void)slot;
    return call_cells(call) - (double)call->out.dim[1];
}

const OpInfo op_info_carry = {
    .name = "carry",
    .title = "The state of the token before",
    .formula = "y_{in} = h_{i−1,n}",
    .forward = carry_forward,
    .explain = carry_explain,
    .step_count = steps_by_row,
    .step_at = carry_step,
    .flops = carry_flops,
    .reads = carry_reads,
};

/* ---- product: inputs [T N], [T N]; result [T N], cell by cell ---- */

static void product_forward(const OpCall *call, size_t first, size_t last) {
    size_t N = call->out.dim[1];
    for (size_t i = first * N; i < last * N; i++)
        tensor_f32(&call->out)[i] = tensor_f32(&call->in[0])[i] * tensor_f32(&call->in[1])[i];
}

static void product_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    sink_term2(sink, FORM_PRODUCT, operand_cell(call, 0, index), operand_cell(call, 1, index));
}

static void product_step(const OpCall *call, size_t row, OpStep *step) {
    step_row(call, row, 2, CAPTION_PRODUCT_ROW, step);
    step_arg(step, ARG_COUNT, (double)call->out.dim[1]);
}

const OpInfo op_info_product = {
    .name = "product",
    .title = "Product, cell by cell",
    .formula = "y_{in} = a_{in} · b_{in}",
    .forward = product_forward,
    .explain = product_explain,
    .step_count = steps_by_row,
    .step_at = product_step,
    .flops = call_cells,
};

/* ---- blend: inputs gate z, new n, old h, [T N] each; result (1 − z)·n + z·h (Cho et al. 2014) ---- */

static void blend_forward(const OpCall *call, size_t first, size_t last) {
    size_t N = call->out.dim[1];
    for (size_t i = first * N; i < last * N; i++) {
        float z = tensor_f32(&call->in[0])[i];
        tensor_f32(&call->out)[i] = (1 - z) * tensor_f32(&call->in[1])[i] +
                                    z * tensor_f32(&call->in[2])[i];
    }
}

static void blend_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    OpOperand z = operand_cell(call, 0, index);
    sink_term2(sink, FORM_REST_PRODUCT, z, operand_cell(call, 1, index));
    sink_term2(sink, FORM_PRODUCT, z, operand_cell(call, 2, index));
}

static void blend_step(const OpCall *call, size_t row, OpStep *step) {
    step_row(call, row, 3, CAPTION_BLEND_ROW, step);
    step_arg(step, ARG_COUNT, (double)call->out.dim[1]);
}

static double blend_flops(const OpCall *call) {
    return 4 * call_cells(call);
}

const OpInfo op_info_blend = {
    .name = "blend",
    .title = "Blend of the new and the old",
    .formula = "h_{in} = (1 − z_{in}) · n_{in} + z_{in} · h_{i−1,n}",
    .forward = blend_forward,
    .explain = blend_explain,
    .step_count = steps_by_row,
    .step_at = blend_step,
    .flops = blend_flops,
};
