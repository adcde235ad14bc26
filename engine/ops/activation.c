/* activation: the FFN's non-linearity, and the product of a gated FFN (Shazeer 2020, "GLU Variants
 * Improve Transformer"). GELU is Hendrycks and Gimpel 2016, in its exact and its tanh form. */
#include "engine/ops/row.h"

#include "engine/tensor/kernels.h"

#include <math.h>

/* Those that have no kernel of their own. */
static float activate(ActKind kind, float x) {
    switch (kind) {
    case ACT_GELU_ERF: return 0.5f * x * (1.0f + erff(x * 0.70710678118f));
    case ACT_RELU: return x > 0 ? x : 0;
    case ACT_TANH: return tanhf(x);
    case ACT_SIGMOID: return 1.0f / (1.0f + expf(-x));
    case ACT_GELU_TANH:
    case ACT_SILU:
    case ACT_KINDS: break;
    }
    return x;
}

static void activate_all(ActKind kind, float *y, const float *x, size_t n) {
    if (kind == ACT_GELU_TANH)
        kernel_gelu_tanh(y, x, n);
    else if (kind == ACT_SILU)
        kernel_silu(y, x, n);
    else
        for (size_t i = 0; i < n; i++)
            y[i] = activate(kind, x[i]);
}

static TermForm form_of(ActKind kind) {
    static const TermForm form[ACT_KINDS] = {
        [ACT_GELU_TANH] = FORM_GELU_TANH, [ACT_GELU_ERF] = FORM_GELU_ERF,
        [ACT_RELU] = FORM_RELU,           [ACT_SILU] = FORM_SILU,
        [ACT_TANH] = FORM_TANH,           [ACT_SIGMOID] = FORM_SIGMOID,
    };
    return form[kind];
}

/* ---- activation: input [T F], or [T A F] where each of a token's experts has a row; result the
 * same ---- */

static size_t row_cells(const OpCall *call) {
    return tensor_count(&call->out) / call->out.dim[0];
}

static void activation_forward(const OpCall *call, size_t first, size_t last) {
    size_t F = row_cells(call);
    activate_all(call->param.act.kind, tensor_f32(&call->out) + first * F,
                 tensor_f32(&call->in[0]) + first * F, (last - first) * F);
}

static void activation_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    sink_term1(sink, form_of(call->param.act.kind), operand_cell(call, 0, index));
}

static size_t expert_rows(const OpCall *call) {
    return call->out.rank == 3 ? call->out.dim[1] : 1;
}

static size_t activation_step_count(const OpCall *call) {
    return call->out.dim[0] * expert_rows(call);
}

/* A row by itself, or that of one of the row's experts. */
static void curve_step(const OpCall *call, size_t number, CaptionId plain, CaptionId expert,
                       OpStep *step) {
    size_t T = call->out.dim[0], row = number % T, a = number / T;
    bool experts = call->out.rank == 3;
    step_row(call, row, call->n_in, experts ? expert : plain, step);
    step_arg(step, ARG_COUNT, (double)call->out.dim[call->out.rank - 1]);
    if (!experts)
        return;
    for (int slot = 0; slot < call->n_in; slot++)
        step->read[slot] = region_at(step->read[slot], 1, a);
    step_write(step, region_at(step->write, 1, a));
    step_arg(step, ARG_COUNT, (double)(a + 1));
}

static void activation_step(const OpCall *call, size_t number, OpStep *step) {
    curve_step(call, number, CAPTION_ACTIVATION_ROW, CAPTION_ACTIVATION_EXPERT_ROW, step);
}

/* The multiplications, additions and the one function of each kind's formula. */
static double activation_flops(const OpCall *call) {
    static const double each[ACT_KINDS] = {
        [ACT_GELU_TANH] = 9, [ACT_GELU_ERF] = 5, [ACT_RELU] = 1,
        [ACT_SILU] = 4,      [ACT_TANH] = 1,     [ACT_SIGMOID] = 4,
    };
    return each[call->param.act.kind] * call_cells(call);
}

static const char *activation_variant(const OpCall *call) {
    static const char *const formula[ACT_KINDS] = {
        [ACT_GELU_TANH] =
            "g = \\frac{u}{2} · (1 + \\mathrm{tanh}(\\sqrt{\\frac{2}{π}} · (u + 0.044715 u^3)))",
        [ACT_GELU_ERF] = "g = \\frac{u}{2} · (1 + \\mathrm{erf}(\\frac{u}{\\sqrt{2}}))",
        [ACT_RELU] = "g = \\mathrm{max}(u, 0)",
        [ACT_SILU] = "g = \\frac{u}{1 + e^{−u}}",
        [ACT_TANH] = "g = \\mathrm{tanh}(u)",
        [ACT_SIGMOID] = "g = \\frac{1}{1 + e^{−u}}",
    };
    return formula[call->param.act.kind];
}

const OpInfo op_info_activation = {
    .name = "activation",
    .title = "Activation",
    .formula = "g_{if} = φ(u_{if})",
    .forward = activation_forward,
    .explain = activation_explain,
    .step_count = activation_step_count,
    .step_at = activation_step,
    .flops = activation_flops,
    .variant = activation_variant,
};

/* ---- gate: inputs gate [T F], linear [T F] (or [T A F]); result the activation of the one times the
 * other ---- */

static void gate_forward(const OpCall *call, size_t first, size_t last) {
    size_t F = row_cells(call), count = (last - first) * F;
    float *y = tensor_f32(&call->out) + first * F;
    const float *linear = tensor_f32(&call->in[1]) + first * F;
    activate_all(call->param.act.kind, y, tensor_f32(&call->in[0]) + first * F, count);
    for (size_t i = 0; i < count; i++)
        y[i] *= linear[i];
}

static void gate_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    static const TermForm form[ACT_KINDS] = {
        [ACT_GELU_TANH] = FORM_GELU_TANH_GATE, [ACT_GELU_ERF] = FORM_GELU_ERF_GATE,
        [ACT_RELU] = FORM_RELU_GATE,           [ACT_SILU] = FORM_SILU_GATE,
        [ACT_TANH] = FORM_TANH_GATE,           [ACT_SIGMOID] = FORM_SIGMOID_GATE,
    };
    sink_term2(sink, form[call->param.act.kind], operand_cell(call, 0, index),
               operand_cell(call, 1, index));
}

static void gate_step(const OpCall *call, size_t number, OpStep *step) {
    curve_step(call, number, CAPTION_GATE_ROW, CAPTION_GATE_EXPERT_ROW, step);
}

static double gate_flops(const OpCall *call) {
    return activation_flops(call) + call_cells(call);
}

static const char *gate_variant(const OpCall *call) {
    static const char *const formula[ACT_KINDS] = {
        [ACT_GELU_TANH] = "g = \\mathrm{GELU}(u) · l",
        [ACT_GELU_ERF] = "g = \\mathrm{GELU}(u) · l",
        [ACT_RELU] = "g = \\mathrm{max}(u, 0) · l",
        [ACT_SILU] = "g = \\frac{u}{1 + e^{−u}} · l",
        [ACT_TANH] = "g = \\mathrm{tanh}(u) · l",
        [ACT_SIGMOID] = "g = \\frac{1}{1 + e^{−u}} · l",
    };
    return formula[call->param.act.kind];
}

const OpInfo op_info_gate = {
    .name = "gate",
    .title = "Gate",
    .formula = "g_{if} = φ(u_{if}) · l_{if}",
    .forward = gate_forward,
    .explain = gate_explain,
    .step_count = activation_step_count,
    .step_at = gate_step,
    .flops = gate_flops,
    .variant = gate_variant,
};
