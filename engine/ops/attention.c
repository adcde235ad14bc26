/* attention: scaled dot-product attention, equation 1 of Vaswani et al. 2017 ("Attention Is All You
 * Need"), one record for each of its parts; mask and softmax have files of their own. Results have the axes
 * H Tq Tk, so the row of a query is the second axis. Keys that are not known yet are left alone. */
#include "engine/ops/row.h"

#include "engine/tensor/kernels.h"

/* ---- scores: inputs q [Tq H D], k [Tk KV D]; result [H Tq Tk] ---- */

static void scores_forward(const OpCall *call, size_t first, size_t last) {
    const Tensor *q = &call->in[0], *k = &call->in[1];
    size_t H = q->dim[1], KV = k->dim[1], D = q->dim[2], keys = known_keys(call);
    size_t oldest = call->oldest;
    for (size_t h = call->part_first; h < call->part_last; h++)
        kernel_scores(score_row(&call->out, h, first) + oldest, call->out.dim[2],
                      tensor_f32(q) + (first * H + h) * D, H * D, last - first,
                      tensor_f32(k) + (oldest * KV + kv_head(h, H, KV)) * D, KV * D, keys - oldest,
                      D);
}

static void scores_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    size_t h = index[0], i = index[1], j = index[2];
    size_t kv = kv_head(h, call->in[0].dim[1], call->in[1].dim[1]);
    for (size_t d = 0; d < call->in[0].dim[2]; d++)
        sink_term2(sink, FORM_PRODUCT, CELL(call, 0, i, h, d), CELL(call, 1, j, kv, d));
}

static size_t scores_step_count(const OpCall *call) {
    return tensor_count(&call->out);
}

static void scores_step(const OpCall *call, size_t number, OpStep *step) {
    size_t at[TENSOR_RANK];
    shape_unravel(3, call->out.dim, number, at);
    size_t kv = kv_head(at[0], call->in[0].dim[1], call->in[1].dim[1]);
    step_start(step, CAPTION_SCORE_CELL);
    step_read(step, region_at(region_at(region_all(call, 0), 0, at[1]), 1, at[0]));
    step_read(step, region_at(region_at(region_all(call, 1), 0, at[2]), 1, kv));
    step_write(step, region_at(region_query(call, -1, at[0], at[1]), 2, at[2]));
    step_arg(step, ARG_POSITION, (double)at[1]);
    step_arg(step, ARG_POSITION, (double)at[2]);
    step_arg(step, ARG_HEAD, (double)at[0]);
    step_arg(step, ARG_COUNT, (double)call->in[0].dim[2]);
    step_arg(step, ARG_VALUE, tensor_get(&call->out, at));
}

static double scores_flops(const OpCall *call) {
    return call_cells(call) * (2 * (double)call->in[0].dim[2] - 1);
}

const OpInfo op_info_scores = {
    .name = "scores",
    .title = "Scores",
    .formula = "s_{ij} = \\q{q_i} · \\k{k_j} = \\sum_{d} \\q{q_{id}} \\k{k_{jd}}",
    .forward = scores_forward,
    .parts = parts_first_axis,
    .by_head = true,
    .explain = scores_explain,
    .step_count = scores_step_count,
    .step_at = scores_step,
    .flops = scores_flops,
    .forgets = FORGETS_OLDEST,
};

/* ---- scale: input [H Tq Tk]; result the same shape ---- */

static void scale_forward(const OpCall *call, size_t first, size_t last) {
    float divisor = (float)call->param.scale.divisor;
    size_t keys = known_keys(call);
    for (size_t h = call->part_first; h < call->part_last; h++)
        for (size_t i = first; i < last; i++) {
            const float *x = score_row(&call->in[0], h, i);
            float *y = score_row(&call->out, h, i);
            for (size_t j = call->oldest; j < keys; j++)
                y[j] = x[j] / divisor;
        }
}

static void scale_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    const char *name = call->param.scale.none ? "no scaling" : "√d_head";
    sink_term2(sink, FORM_QUOTIENT, operand_cell(call, 0, index),
               operand_constant(name, call->param.scale.divisor));
}

static void scale_step(const OpCall *call, size_t number, OpStep *step) {
    query_row_step(call, number, CAPTION_SCALE_ROW, step);
    step_arg(step, ARG_VALUE, call->param.scale.divisor);
    step_arg(step, ARG_COUNT, (double)call->out.dim[2]);
}

static const char *scale_variant(const OpCall *call) {
    return call->param.scale.none ? "s'_{ij} = s_{ij}" : op_info_scale.formula;
}

const OpInfo op_info_scale = {
    .name = "scale",
    .title = "Scaled scores",
    .formula = "s'_{ij} = \\frac{s_{ij}}{\\sqrt{d}}",
    .forward = scale_forward,
    .parts = parts_first_axis,
    .by_head = true,
    .explain = scale_explain,
    .step_count = steps_by_head_row,
    .step_at = scale_step,
    .flops = call_cells,
    .forgets = FORGETS_OLDEST,
    .variant = scale_variant,
};

/* ---- keep_heads: input z [Tq H D]; result the same, with some heads set to 0. What a model does
 * without a head tells what the head was for (Michel et al. 2019). ---- */

static bool is_zeroed(const OpCall *call, size_t head) {
    return head < 64 && (call->param.heads.zeroed >> head & 1);
}

static void keep_heads_forward(const OpCall *call, size_t first, size_t last) {
    size_t H = call->out.dim[1], D = call->out.dim[2];
    for (size_t i = first; i < last; i++)
        for (size_t h = 0; h < H; h++)
            for (size_t d = 0, at = (i * H + h) * D; d < D; d++, at++)
                tensor_f32(&call->out)[at] = tensor_f32(&call->in[0])[at] *
                                             (is_zeroed(call, h) ? 0.0F : 1.0F);
}

static void keep_heads_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    bool zeroed = is_zeroed(call, index[1]);
    sink_term2(sink, FORM_PRODUCT, operand_cell(call, 0, index),
               operand_constant(zeroed ? "head zeroed" : "head kept", zeroed ? 0 : 1));
}

static void keep_heads_step(const OpCall *call, size_t number, OpStep *step) {
    size_t T = call->out.dim[0], h = number / T, i = number % T;
    step_start(step, CAPTION_KEEP_HEADS_ROW);
    step_read(step, region_at(region_at(region_all(call, 0), 0, i), 1, h));
    step_write(step, region_at(region_at(region_all(call, -1), 0, i), 1, h));
    step_arg(step, ARG_POSITION, (double)i);
    step_arg(step, ARG_HEAD, (double)h);
    step_arg(step, ARG_COUNT, (double)call->out.dim[2]);
    step_arg(step, ARG_COUNT, is_zeroed(call, h) ? 0 : 1);
}

const OpInfo op_info_keep_heads = {
    .name = "keep_heads",
    .title = "Heads kept or zeroed",
    .formula = "z'_{ihd} = z_{ihd} · c_h",
    .forward = keep_heads_forward,
    .explain = keep_heads_explain,
    .step_count = steps_by_head_row,
    .step_at = keep_heads_step,
    .flops = call_cells,
};

/* ---- weighted_sum: inputs pattern [H Tq Tk], v [Tk KV D]; result z [Tq H D] ---- */

static void weighted_sum_forward(const OpCall *call, size_t first, size_t last) {
    const Tensor *pattern = &call->in[0], *v = &call->in[1];
    size_t H = call->out.dim[1], D = call->out.dim[2], KV = v->dim[1];
    size_t keys = call->length < v->dim[0] ? call->length : v->dim[0];
    size_t oldest = call->oldest;
    for (size_t h = call->part_first; h < call->part_last; h++) {
        KernelMatrix values = {tensor_f32(v) + (oldest * KV + kv_head(h, H, KV)) * D, DTYPE_F32,
                               (ptrdiff_t)(KV * D), 1};
        kernel_linear(tensor_f32(&call->out) + (first * H + h) * D, H * D,
                      score_row(pattern, h, first) + oldest, pattern->dim[2], last - first, values,
                      keys - oldest, D, NULL, 0);
    }
}

static void weighted_sum_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    size_t i = index[0], h = index[1], d = index[2], keys = call->in[1].dim[0];
    size_t kv = kv_head(h, call->out.dim[1], call->in[1].dim[1]);
    for (size_t j = 0; j < keys && j < call->length; j++)
        sink_term2(sink, FORM_PRODUCT, CELL(call, 0, h, i, j), CELL(call, 1, j, kv, d));
}

static void weighted_sum_step(const OpCall *call, size_t number, OpStep *step) {
    size_t T = call->out.dim[0], h = number / T, i = number % T;
    size_t kv = kv_head(h, call->out.dim[1], call->in[1].dim[1]);
    step_start(step, CAPTION_WEIGHTED_SUM_ROW);
    step_read(step, region_query(call, 0, h, i));
    step_read(step, region_at(region_all(call, 1), 1, kv));
    step_write(step, region_at(region_at(region_all(call, -1), 0, i), 1, h));
    step_arg(step, ARG_POSITION, (double)i);
    step_arg(step, ARG_HEAD, (double)h);
    step_arg(step, ARG_COUNT, (double)call->in[1].dim[0]);
    step_arg(step, ARG_COUNT, (double)call->out.dim[2]);
}

static double weighted_sum_flops(const OpCall *call) {
    return call_cells(call) * (2 * (double)call->in[1].dim[0] - 1);
}

const OpInfo op_info_weighted_sum = {
    .name = "weighted_sum",
    .title = "Weighted sum of the values",
    .formula = "z_{id} = \\sum_{j} a_{ij} · \\v{v_{jd}}",
    .forward = weighted_sum_forward,
    .parts = parts_second_axis,
    .by_head = true,
    .explain = weighted_sum_explain,
    .step_count = steps_by_head_row,
    .step_at = weighted_sum_step,
    .flops = weighted_sum_flops,
    .forgets = FORGETS_OLDEST,
};
