/* rotary: RoPE (Su et al. 2021, "RoFormer"). Each pair of a query's or a key's numbers is turned by an
 * angle that grows with the position: θ_m = base^(−2m/R) for pair m of R rotated dimensions. Pairs lie
 * as in Hugging Face's files: m and m + R/2. Values are never turned. */
#include "engine/ops/row.h"

#include <math.h>

/* ---- angle: no input; result [T R/2]: cos or sin of position × θ_m ---- */

/* Hugging Face's float32: the inverse of base^(2m/R). */
static float plain_speed(const OpCall *call, size_t m) {
    float exponent = (float)(2 * m) / (float)(2 * call->out.dim[1]);
    return 1.0f / powf((float)call->param.angle.theta, exponent);
}

/* Llama 3.1, again in Hugging Face's float32: how often a pair turns within the original length
 * tells how much of the factor it gets. */
static float llama3_speed(const RopeScaling *scaling, float speed) {
    float factor = (float)scaling->factor, length = (float)scaling->original;
    float wave = 1.0f / speed * (float)(2 * M_PI);
    if (wave < (float)(scaling->original / scaling->high))
        return speed;
    if (wave > (float)(scaling->original / scaling->low))
        return speed / factor;
    float smooth = (1.0f / wave * length - (float)scaling->low) /
                   (float)(scaling->high - scaling->low);
    return (1.0f - smooth) * speed / factor + smooth * speed;
}

static float pair_speed(const OpCall *call, size_t m) {
    const RopeScaling *scaling = &call->param.angle.scaling;
    float speed = plain_speed(call, m);
    switch (scaling->kind) {
    case ROPE_PLAIN: break;
    case ROPE_LINEAR: return speed / (float)scaling->factor;
    case ROPE_LLAMA3: return llama3_speed(scaling, speed);
    }
    return speed;
}

static void angle_forward(const OpCall *call, size_t first, size_t last) {
    size_t pairs = call->out.dim[1];
    for (size_t t = first; t < last; t++)
        for (size_t m = 0; m < pairs; m++) {
            float angle = (float)t * pair_speed(call, m);
            tensor_f32(&call->out)[t * pairs + m] = call->param.angle.sine ? sinf(angle)
                                                                           : cosf(angle);
        }
}

static void angle_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    sink_term2(sink, call->param.angle.sine ? FORM_SIN : FORM_COS,
               operand_constant("position", (double)index[0]),
               operand_constant("θ", (double)pair_speed(call, index[1])));
}

static void angle_step(const OpCall *call, size_t row, OpStep *step) {
    step_row(call, row, 0, CAPTION_ANGLE_ROW, step);
    step_arg(step, ARG_COUNT, (double)call->out.dim[1]);
}

static const char *angle_variant(const OpCall *call) {
    return call->param.angle.sine ? "\\mathrm{sin}_{im} = \\mathrm{sin}(i · θ_m)"
                                  : "\\mathrm{cos}_{im} = \\mathrm{cos}(i · θ_m)";
}

static double angle_flops(const OpCall *call) {
    return 2 * call_cells(call);
}

const OpInfo op_info_angle = {
    .name = "angle",
    .title = "Rotary angle",
    .formula = "\\mathrm{cos}_{im} = \\mathrm{cos}(i · θ_m)",
    .forward = angle_forward,
    .explain = angle_explain,
    .step_count = steps_by_row,
    .step_at = angle_step,
    .flops = angle_flops,
    .variant = angle_variant,
};

/* ---- rotate: inputs x [T H D], cos [T R/2], sin [T R/2]; result [T H D] ---- */

/* Where dimension d stands: its pair, its partner, and the sign of the partner's share. */
typedef struct {
    bool turned;
    size_t pair, partner;
    float sign;
} Turn;

static Turn turn_of(const OpCall *call, size_t d) {
    size_t half = call->in[1].dim[1];
    if (d >= 2 * half)
        return (Turn){.turned = false};
    bool low = d < half;
    return (Turn){true, low ? d : d - half, low ? d + half : d - half, low ? -1.0f : 1.0f};
}

/* One head's row: dimension p with p + half, as turn_of has it. */
static void rotate_row(float *y, const float *x, const float *cosine, const float *sine,
                       size_t half, size_t D) {
    for (size_t p = 0; p < half; p++)
        y[p] = x[p] * cosine[p] - x[p + half] * sine[p];
    for (size_t p = 0; p < half; p++)
        y[p + half] = x[p + half] * cosine[p] + x[p] * sine[p];
    for (size_t d = 2 * half; d < D; d++)
        y[d] = x[d];
}

static void rotate_forward(const OpCall *call, size_t first, size_t last) {
    size_t H = call->out.dim[1], D = call->out.dim[2], half = call->in[1].dim[1];
    for (size_t t = first; t < last; t++) {
        const float *cosine = tensor_f32(&call->in[1]) + t * half;
        const float *sine = tensor_f32(&call->in[2]) + t * half;
        for (size_t h = 0; h < H; h++)
            rotate_row(tensor_f32(&call->out) + (t * H + h) * D,
                       tensor_f32(&call->in[0]) + (t * H + h) * D, cosine, sine, half, D);
    }
}

static void rotate_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    size_t t = index[0], h = index[1];
    Turn turn = turn_of(call, index[2]);
    if (!turn.turned) {
        sink_term1(sink, FORM_VALUE, operand_cell(call, 0, index));
        return;
    }
    sink_term2(sink, FORM_PRODUCT, operand_cell(call, 0, index), CELL(call, 1, t, turn.pair));
    sink_term2(sink, turn.sign < 0 ? FORM_MINUS_PRODUCT : FORM_PRODUCT,
               CELL(call, 0, t, h, turn.partner), CELL(call, 2, t, turn.pair));
}

static void rotate_step(const OpCall *call, size_t number, OpStep *step) {
    size_t T = call->out.dim[0], row = number % T, head = number / T;
    step_row(call, row, 3, CAPTION_ROTATE_ROW, step);
    step->read[0] = region_at(step->read[0], 1, head);
    step_write(step, region_at(step->write, 1, head));
    step_arg(step, ARG_HEAD, (double)head);
    step_arg(step, ARG_COUNT, (double)call->out.dim[2]);
}

static double rotate_flops(const OpCall *call) {
    return 3 * call_cells(call);
}

const OpInfo op_info_rotate = {
    .name = "rotate",
    .title = "Rotary embedding",
    .formula = "x'_m = x_m · \\mathrm{cos}(i · θ_m) ∓ x_{m±R/2} · \\mathrm{sin}(i · θ_m)",
    .forward = rotate_forward,
    .explain = rotate_explain,
    .step_count = steps_by_head_row,
    .step_at = rotate_step,
    .flops = rotate_flops,
};
