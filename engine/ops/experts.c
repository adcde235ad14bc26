/* experts: a mixture of experts (Shazeer et al. 2017; Mixtral, Jiang et al. 2024). A router scores
 * the experts of each token; the best A of them run, and their outputs are added by their shares.
 * The experts' weights lie in one stack, whose first axis picks the expert. */
#include "engine/ops/row.h"

#include "engine/tensor/kernels.h"

#include <math.h>

/* ---- route: input router logits [T E]; result int32 [T A]: the experts with the largest, best
 * first; of equals the lower comes first ---- */

static const float *logits_row(const OpCall *call, size_t row) {
    return tensor_f32(&call->in[0]) + row * call->in[0].dim[1];
}

static bool is_among(const int32_t *chosen, size_t count, size_t expert) {
    for (size_t a = 0; a < count; a++)
        if ((size_t)chosen[a] == expert)
            return true;
    return false;
}

static void route_row(const float *logits, size_t E, int32_t *chosen, size_t A) {
    for (size_t a = 0; a < A; a++) {
        size_t best = E;
        for (size_t e = 0; e < E; e++) {
            bool better = best == E || logits[e] > logits[best] ||
                          (isnan(logits[best]) && !isnan(logits[e]));
            if (better && !is_among(chosen, a, e))
                best = e;
        }
        chosen[a] = (int32_t)best;
    }
}

static void route_forward(const OpCall *call, size_t first, size_t last) {
    size_t A = call->out.dim[1];
    for (size_t t = first; t < last; t++)
        route_row(logits_row(call, t), call->in[0].dim[1], tensor_i32(&call->out) + t * A, A);
}

static void route_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    sink_rule(sink, RULE_RANK, index[1], 0);
    for (size_t e = 0; e < call->in[0].dim[1]; e++)
        sink_term1(sink, FORM_VALUE, CELL(call, 0, index[0], e));
}

static void route_step(const OpCall *call, size_t row, OpStep *step) {
    size_t A = call->out.dim[1];
    step_row(call, row, 1, CAPTION_ROUTE_ROW, step);
    step_arg(step, ARG_COUNT, (double)call->in[0].dim[1]);
    step_arg(step, ARG_COUNT, (double)A);
    step_arg(step, ARG_COUNT, (double)tensor_i32(&call->out)[row * A]);
}

/* Each choice compares all the experts. */
static double route_flops(const OpCall *call) {
    return call_cells(call) * (double)call->in[0].dim[1];
}

const OpInfo op_info_route = {
    .name = "route",
    .title = "Experts chosen",
    .formula = "e_{ia} = \\mathrm{argsort}(−r_i)_a",
    .forward = route_forward,
    .explain = route_explain,
    .step_count = steps_by_row,
    .step_at = route_step,
    .flops = route_flops,
};

/* ---- shares: inputs router logits [T E], experts [T A]; result [T A]: softmax over the logits of
 * the chosen. Hugging Face's softmax over all, divided by the sum of the chosen, is the same. ---- */

static size_t chosen_expert(const OpCall *call, int slot, size_t row, size_t place) {
    const Tensor *experts = &call->in[slot];
    return (size_t)tensor_i32(experts)[row * experts->dim[1] + place];
}

static float chosen_logit(const OpCall *call, size_t row, size_t place) {
    return logits_row(call, row)[chosen_expert(call, 1, row, place)];
}

/* The best comes first. */
static float chosen_maximum(const OpCall *call, size_t row) {
    return chosen_logit(call, row, 0);
}

static double chosen_sum(const OpCall *call, size_t row) {
    double sum = 0;
    for (size_t a = 0; a < call->out.dim[1]; a++)
        sum += (double)expf(chosen_logit(call, row, a) - chosen_maximum(call, row));
    return sum;
}

static void shares_forward(const OpCall *call, size_t first, size_t last) {
    size_t A = call->out.dim[1];
    for (size_t t = first; t < last; t++) {
        float maximum = chosen_maximum(call, t), whole = (float)chosen_sum(call, t);
        for (size_t a = 0; a < A; a++)
            tensor_f32(&call->out)[t * A + a] = expf(chosen_logit(call, t, a) - maximum) / whole;
    }
}

static void shares_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    size_t t = index[0];
    OpOperand maximum = operand_constant("row maximum", (double)chosen_maximum(call, t));
    sink_rule(sink, RULE_SHARE, index[1], 0);
    for (size_t a = 0; a < call->out.dim[1]; a++)
        sink_term(sink, FORM_EXP_DIFF, 3,
                  (const OpOperand[]){CELL(call, 0, t, chosen_expert(call, 1, t, a)), maximum,
                                      operand_selecting(CELL(call, 1, t, a))});
}

static void shares_step(const OpCall *call, size_t row, OpStep *step) {
    step_row(call, row, 2, CAPTION_SHARES_ROW, step);
    step_arg(step, ARG_COUNT, (double)call->out.dim[1]);
    step_arg(step, ARG_VALUE, chosen_sum(call, row));
}

static double shares_flops(const OpCall *call) {
    return 4 * call_cells(call);
}

/* Of the logits those that are chosen. */
static double shares_reads(const OpCall *call, int slot) {
    (void)slot;
    return call_cells(call);
}

const OpInfo op_info_shares = {
    .name = "shares",
    .title = "Shares of the experts",
    .formula = "g_{ia} = \\frac{e^{r_{i,e(a)} − m_i}}{\\sum_{a'} e^{r_{i,e(a')} − m_i}}",
    .forward = shares_forward,
    .explain = shares_explain,
    .step_count = steps_by_row,
    .step_at = shares_step,
    .flops = shares_flops,
    .reads = shares_reads,
};

/* ---- expert_linear: inputs x [T M] or [T A F], w [E in out], experts [T A]; result [T A out]: of
 * each chosen expert its own map ---- */

static size_t inner_cells(const OpCall *call) {
    return call->in[1].dim[1];
}

static bool each_its_own(const OpCall *call) {
    return call->in[0].rank == 3;
}

static void expert_linear_forward(const OpCall *call, size_t first, size_t last) {
    const Tensor *w = &call->in[1];
    size_t A = call->out.dim[1], N = call->out.dim[2], K = inner_cells(call);
    for (size_t t = first; t < last; t++)
        for (size_t a = 0; a < A; a++) {
            size_t expert = chosen_expert(call, 2, t, a), place = t * A + a;
            KernelMatrix matrix = {tensor_at(w, (ptrdiff_t)expert * w->stride[0]), w->type,
                                   w->stride[1], w->stride[2]};
            const float *x = tensor_f32(&call->in[0]) + (each_its_own(call) ? place : t) * K;
            kernel_linear(tensor_f32(&call->out) + place * N, N, x, K, 1, matrix, K, N, NULL, 0);
        }
}

static void expert_linear_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    size_t t = index[0], a = index[1], expert = chosen_expert(call, 2, t, a);
    OpOperand picked = operand_selecting(CELL(call, 2, t, a));
    for (size_t k = 0; k < inner_cells(call); k++)
        sink_term(
            sink, FORM_PRODUCT, 3,
            (const OpOperand[]){each_its_own(call) ? CELL(call, 0, t, a, k) : CELL(call, 0, t, k),
                                CELL(call, 1, expert, k, index[2]), picked});
}

static void expert_linear_step(const OpCall *call, size_t number, OpStep *step) {
    size_t T = call->out.dim[0], t = number % T, a = number / T;
    size_t expert = chosen_expert(call, 2, t, a);
    step_start(step, CAPTION_EXPERT_LINEAR_ROW);
    OpRegion x = region_at(region_all(call, 0), 0, t);
    step_read(step, each_its_own(call) ? region_at(x, 1, a) : x);
    step_read(step, region_at(region_all(call, 1), 0, expert));
    step_read(step, region_at(region_at(region_all(call, 2), 0, t), 1, a));
    step_write(step, region_at(region_at(region_all(call, -1), 0, t), 1, a));
    step_arg(step, ARG_POSITION, (double)t);
    step_arg(step, ARG_COUNT, (double)expert);
    step_arg(step, ARG_COUNT, (double)inner_cells(call));
    step_arg(step, ARG_COUNT, (double)call->out.dim[2]);
}

static double expert_linear_flops(const OpCall *call) {
    return call_cells(call) * (2 * (double)inner_cells(call) - 1);
}

/* Each expert once, however many tokens chose it; so at most as many as there are choices. */
static double expert_linear_reads(const OpCall *call, int slot) {
    double cells = (double)tensor_count(&call->in[slot]);
    double choices = (double)(call->out.dim[0] * call->out.dim[1]);
    double experts = (double)call->in[1].dim[0];
    return slot == 1 && choices < experts ? cells / experts * choices : cells;
}

static const char *expert_linear_variant(const OpCall *call) {
    switch (call->param.linear.kind) {
    case LINEAR_FFN_LINEAR: return "l_{iaf} = \\sum_{m} x_{im} · W^{up}_{e(a),mf}";
    case LINEAR_FFN_OUT: return "y_{iam} = \\sum_{f} g_{iaf} · W^{out}_{e(a),fm}";
    default: return op_info_expert_linear.formula;
    }
}

const OpInfo op_info_expert_linear = {
    .name = "expert_linear",
    .title = "Linear map of each expert",
    .formula = "u_{iaf} = \\sum_{m} x_{im} · W^{in}_{e(a),mf}",
    .forward = expert_linear_forward,
    .explain = expert_linear_explain,
    .step_count = steps_by_head_row,
    .step_at = expert_linear_step,
    .flops = expert_linear_flops,
    .reads = expert_linear_reads,
    .variant = expert_linear_variant,
};

/* ---- mix: inputs the experts' outputs [T A M], their shares [T A]; result [T M] ---- */

static void mix_forward(const OpCall *call, size_t first, size_t last) {
    size_t A = call->in[1].dim[1], M = call->out.dim[1];
    for (size_t t = first; t < last; t++) {
        float *y = tensor_f32(&call->out) + t * M;
        for (size_t m = 0; m < M; m++)
            y[m] = 0;
        for (size_t a = 0; a < A; a++)
            kernel_axpy(y, tensor_f32(&call->in[1])[t * A + a],
                        tensor_f32(&call->in[0]) + (t * A + a) * M, M);
    }
}

static void mix_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    for (size_t a = 0; a < call->in[1].dim[1]; a++)
        sink_term2(sink, FORM_PRODUCT, CELL(call, 0, index[0], a, index[1]),
                   CELL(call, 1, index[0], a));
}

static void mix_step(const OpCall *call, size_t row, OpStep *step) {
    step_row(call, row, 2, CAPTION_MIX_ROW, step);
    step_arg(step, ARG_COUNT, (double)call->in[1].dim[1]);
    step_arg(step, ARG_COUNT, (double)call->out.dim[1]);
}

static double mix_flops(const OpCall *call) {
    return call_cells(call) * (2 * (double)call->in[1].dim[1] - 1);
}

const OpInfo op_info_mix = {
    .name = "mix",
    .title = "The experts together",
    .formula = "y_{im} = \\sum_{a} g_{ia} · y_{iam}",
    .forward = mix_forward,
    .explain = mix_explain,
    .step_count = steps_by_row,
    .step_at = mix_step,
    .flops = mix_flops,
};
