/* embed: token ids, and the rows that they pick from the embedding and position tables. */
#include "engine/ops/row.h"

#include "engine/tensor/kernels.h"

static void given_forward(const OpCall *call, size_t first, size_t last) {
    (void)call;
    (void)first;
    (void)last;
}

static double no_flops(const OpCall *call) {
    (void)call;
    return 0;
}

/* ---- input: numbers that were given, such as the row of logits that a sampling starts from ----
 * */

static void input_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    sink_term1(sink, FORM_VALUE, operand_constant("given", tensor_get(&call->out, index)));
}

static void input_step(const OpCall *call, size_t row, OpStep *step) {
    step_row(call, row, 0, CAPTION_INPUT_ROW, step);
}

const OpInfo op_info_input = {
    .name = "input",
    .title = "Given numbers",
    .formula = "x",
    .forward = given_forward,
    .explain = input_explain,
    .step_count = steps_by_row,
    .step_at = input_step,
    .flops = no_flops,
};

/* ---- tokens: the ids themselves, written by the run before anything is computed ---- */

static void tokens_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    sink_term1(sink, FORM_VALUE, operand_constant("token id", tensor_get(&call->out, index)));
}

static void tokens_step(const OpCall *call, size_t row, OpStep *step) {
    step_row(call, row, 0, CAPTION_TOKEN_READ, step);
    step_arg(step, ARG_TOKEN_ID, (double)tensor_i32(&call->out)[row]);
}

const OpInfo op_info_tokens = {
    .name = "tokens",
    .title = "Token ids",
    .formula = "t_i = \\mathrm{id}(\\mathrm{token}_i)",
    .forward = given_forward,
    .explain = tokens_explain,
    .step_count = steps_by_row,
    .step_at = tokens_step,
    .flops = no_flops,
};

/* ---- embed: inputs tokens [T], W_E [V M]; result [T M], in some models times √d_model ---- */

static size_t id_at(const OpCall *call, size_t row) {
    return (size_t)tensor_i32(&call->in[0])[row];
}

/* Row `from` of a table, whose columns may lie apart. */
static void copy_row(const OpCall *call, const Tensor *table, size_t from, size_t to) {
    size_t M = call->out.dim[1];
    ptrdiff_t at = (ptrdiff_t)from * table->stride[0];
    float *target = tensor_f32(&call->out) + to * M;
    if (table->stride[1] == 1)
        kernel_widen(target, tensor_at(table, at), table->type, M);
    else
        for (size_t m = 0; m < M; m++)
            target[m] = (float)tensor_number(table, at + (ptrdiff_t)m * table->stride[1]);
}

/* Of a table only the rows that are picked, as many cells as come out. */
static double picked_cells(const OpCall *call, int slot) {
    bool is_table = call->in[slot].rank == 2;
    return is_table ? call_cells(call) : (double)tensor_count(&call->in[slot]);
}

static bool is_scaled(const OpCall *call) {
    return call->param.embed.scale != 0;
}

static void embed_forward(const OpCall *call, size_t first, size_t last) {
    size_t M = call->out.dim[1];
    for (size_t t = first; t < last; t++)
        copy_row(call, &call->in[1], id_at(call, t), t);
    for (size_t i = first * M; is_scaled(call) && i < last * M; i++)
        tensor_f32(&call->out)[i] *= (float)call->param.embed.scale;
}

static void embed_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    OpOperand cell = CELL(call, 1, id_at(call, index[0]), index[1]);
    OpOperand id = operand_selecting(CELL(call, 0, index[0]));
    OpOperand scale = operand_constant("√d_model", call->param.embed.scale);
    if (is_scaled(call))
        sink_term(sink, FORM_PRODUCT, 3, (const OpOperand[]){cell, id, scale});
    else
        sink_term2(sink, FORM_VALUE, cell, id);
}

static void embed_step(const OpCall *call, size_t row, OpStep *step) {
    step_row(call, row, 1, is_scaled(call) ? CAPTION_EMBED_SCALED_ROW : CAPTION_EMBED_ROW, step);
    step_read(step, region_at(region_all(call, 1), 0, id_at(call, row)));
    step_arg(step, ARG_TOKEN_ID, (double)id_at(call, row));
    if (is_scaled(call))
        step_arg(step, ARG_VALUE, call->param.embed.scale);
}

static double embed_flops(const OpCall *call) {
    return is_scaled(call) ? call_cells(call) : 0;
}

static const char *embed_variant(const OpCall *call) {
    return is_scaled(call) ? "e_{im} = E_{t(i), m} · \\sqrt{M}" : op_info_embed.formula;
}

const OpInfo op_info_embed = {
    .name = "embed",
    .title = "Embedding",
    .formula = "e_{im} = E_{t(i), m}",
    .forward = embed_forward,
    .explain = embed_explain,
    .step_count = steps_by_row,
    .step_at = embed_step,
    .flops = embed_flops,
    .reads = picked_cells,
    .variant = embed_variant,
};

/* ---- position: input W_P [C M]; result [T M] ---- */

static size_t place_of(const OpCall *call, size_t row) {
    return row + call->param.position.offset;
}

static void position_forward(const OpCall *call, size_t first, size_t last) {
    for (size_t t = first; t < last; t++)
        copy_row(call, &call->in[0], place_of(call, t), t);
}

static void position_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    sink_term1(sink, FORM_VALUE, CELL(call, 0, place_of(call, index[0]), index[1]));
}

static void position_step(const OpCall *call, size_t row, OpStep *step) {
    step_row(call, row, 0, CAPTION_POSITION_ROW, step);
    step_read(step, region_at(region_all(call, 0), 0, place_of(call, row)));
}

static const char *position_variant(const OpCall *call) {
    return call->param.position.offset ? "p_{im} = P_{i+c, m}" : op_info_position.formula;
}

const OpInfo op_info_position = {
    .name = "position",
    .title = "Position embedding",
    .formula = "p_{im} = P_{im}",
    .forward = position_forward,
    .explain = position_explain,
    .step_count = steps_by_row,
    .step_at = position_step,
    .flops = no_flops,
    .reads = picked_cells,
    .variant = position_variant,
};
