/* position: ways to tell a model where its tokens stand that need no learned row for each place.
 * Sinusoids are added to the embeddings; a bias for each distance is added to the scores. */
#include "engine/ops/row.h"

#include <math.h>

/* ---- sinusoid: no input; result [T M]. Vaswani et al. 2017, section 3.5: pairs of a sine and a
 * cosine, each pair slower than the one before: speed 10000^(−2m/M). ---- */

static bool is_sine(const OpCall *call, size_t column) {
    size_t M = call->out.dim[1];
    bool halves = call->param.sinusoid.layout == SINUSOID_HALVES;
    return halves ? column < (M + 1) / 2 : column % 2 == 0;
}

static double wave_speed(const OpCall *call, size_t column) {
    size_t M = call->out.dim[1], pair = column / 2;
    if (call->param.sinusoid.layout == SINUSOID_HALVES)
        pair = is_sine(call, column) ? column : column - (M + 1) / 2;
    return 1 / pow(10000, (double)(2 * pair) / (double)M);
}

static double wave_position(const OpCall *call, size_t row) {
    return (double)(row + call->param.sinusoid.offset);
}

/* As Hugging Face's Marian: the angle in double, and then a float. */
static void sinusoid_forward(const OpCall *call, size_t first, size_t last) {
    size_t M = call->out.dim[1];
    for (size_t m = 0; m < M; m++) {
        double speed = wave_speed(call, m);
        for (size_t t = first; t < last; t++) {
            double angle = wave_position(call, t) * speed;
            tensor_f32(&call->out)[t * M + m] = (float)(is_sine(call, m) ? sin(angle) : cos(angle));
        }
    }
}

static void sinusoid_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    sink_term2(sink, is_sine(call, index[1]) ? FORM_SIN : FORM_COS,
               operand_constant("position", wave_position(call, index[0])),
               operand_constant("speed", wave_speed(call, index[1])));
}

static void sinusoid_step(const OpCall *call, size_t row, OpStep *step) {
    step_row(call, row, 0, CAPTION_SINUSOID_ROW, step);
    step_arg(step, ARG_COUNT, (double)call->out.dim[1]);
}

static double sinusoid_flops(const OpCall *call) {
    return 2 * call_cells(call);
}

#define SIN_AND_COS " = \\sin,~\\cos(\\frac{i}{10000^{2m/M}})"

static const char *sinusoid_variant(const OpCall *call) {
    bool halves = call->param.sinusoid.layout == SINUSOID_HALVES;
    return halves ? "p_{im},~p_{i,m+M/2}" SIN_AND_COS : op_info_sinusoid.formula;
}

const OpInfo op_info_sinusoid = {
    .name = "sinusoid",
    .title = "Sines and cosines of the place",
    .formula = "p_{i,2m},~p_{i,2m+1}" SIN_AND_COS,
    .forward = sinusoid_forward,
    .explain = sinusoid_explain,
    .step_count = steps_by_row,
    .step_at = sinusoid_step,
    .flops = sinusoid_flops,
    .variant = sinusoid_variant,
};

/* ---- pos_bias_bucket: input table [buckets H]; result [H Tq Tk]: a learned number for each bucket of
 * distances (T5, Raffel et al. 2020): near ones have a bucket each, far ones share wider and wider
 * ones. ---- */

/* Of a distance ≥ 0 among n buckets; float32, as Hugging Face computes it. */
static size_t distance_bucket(size_t distance, size_t n, size_t max_distance) {
    size_t exact = n / 2;
    if (distance < exact || exact == 0)
        return distance < exact ? distance : 0;
    float far = logf((float)distance / (float)exact) /
                (float)log((double)max_distance / (double)exact) * (float)(n - exact);
    size_t most = n - 1 - exact;
    return exact + (far < (float)most ? (size_t)fmaxf(far, 0) : most);
}

size_t position_bucket(const BucketParams *bucket, size_t n, size_t query, size_t key) {
    size_t most = bucket->max_distance;
    size_t before = query > key ? query - key : 0, after = key > query ? key - query : 0;
    if (!bucket->both_ways)
        return distance_bucket(before, n, most);
    return after > 0 ? n / 2 + distance_bucket(after, n / 2, most)
                     : distance_bucket(before, n / 2, most);
}

static size_t bucket_of(const OpCall *call, size_t query, size_t key) {
    return position_bucket(&call->param.bucket, call->in[0].dim[0], query, key);
}

static void bucket_forward(const OpCall *call, size_t first, size_t last) {
    const Tensor *table = &call->in[0];
    for (size_t i = first; i < last; i++)
        for (size_t j = 0; j < known_keys(call); j++) {
            const float *row = tensor_f32(table) +
                               (ptrdiff_t)bucket_of(call, i, j) * table->stride[0];
            for (size_t h = call->part_first; h < call->part_last; h++)
                score_row(&call->out, h, i)[j] = row[(ptrdiff_t)h * table->stride[1]];
        }
}

static double signed_distance(const size_t *index) {
    return (double)index[2] - (double)index[1];
}

static void bucket_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    sink_term2(sink, FORM_VALUE, CELL(call, 0, bucket_of(call, index[1], index[2]), index[0]),
               operand_selecting(operand_constant("distance", signed_distance(index))));
}

/* The step of row i of head h, which reads no row. */
static void bias_step(const OpCall *call, size_t number, CaptionId caption, OpStep *step) {
    size_t h = number / call->out.dim[1], i = number % call->out.dim[1];
    step_start(step, caption);
    step_write(step, region_query(call, -1, h, i));
    step_arg(step, ARG_POSITION, (double)i);
    step_arg(step, ARG_HEAD, (double)h);
    step_arg(step, ARG_COUNT, (double)call->out.dim[2]);
}

static void bucket_step(const OpCall *call, size_t number, OpStep *step) {
    bias_step(call, number, CAPTION_POS_BIAS_BUCKET_ROW, step);
    step_read(step, region_at(region_all(call, 0), 1, number / call->out.dim[1]));
}

static double bucket_flops(const OpCall *call) {
    (void)call;
    return 0;
}

const OpInfo op_info_pos_bias_bucket = {
    .name = "pos_bias_bucket",
    .title = "Bias by distance, learned",
    .formula = "b_{hij} = B_{r(j − i), h}",
    .forward = bucket_forward,
    .parts = parts_first_axis,
    .by_head = true,
    .explain = bucket_explain,
    .step_count = steps_by_head_row,
    .step_at = bucket_step,
    .flops = bucket_flops,
};

/* ---- pos_bias_slope: no input; result [H Tq Tk]: ALiBi (Press et al. 2022), minus the distance times
 * a slope of the head's own ---- */

/* 2^(−8/n), its square … for n heads, a power of two; the heads beyond one take every second slope
 * of twice as many. */
float head_slope(size_t head, size_t heads) {
    size_t n = 1;
    while (2 * n <= heads)
        n *= 2;
    double power = head < n ? (double)(head + 1) / (double)n
                            : (double)(2 * (head - n) + 1) / (double)(2 * n);
    return (float)exp2(-8 * power);
}

static double distance(size_t a, size_t b) {
    return (double)(a > b ? a - b : b - a);
}

static void slope_forward(const OpCall *call, size_t first, size_t last) {
    for (size_t h = call->part_first; h < call->part_last; h++) {
        float slope = head_slope(h, call->out.dim[0]);
        for (size_t i = first; i < last; i++)
            for (size_t j = 0; j < known_keys(call); j++) /* not −slope · 0, which is −0 */
                score_row(&call->out, h, i)[j] = 0 - slope * (float)distance(i, j);
    }
}

static void slope_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    sink_term2(sink, FORM_MINUS_PRODUCT,
               operand_constant("slope", (double)head_slope(index[0], call->out.dim[0])),
               operand_constant("distance", distance(index[1], index[2])));
}

static void slope_step(const OpCall *call, size_t number, OpStep *step) {
    size_t head = number / call->out.dim[1];
    bias_step(call, number, CAPTION_POS_BIAS_SLOPE_ROW, step);
    step_arg(step, ARG_VALUE, (double)head_slope(head, call->out.dim[0]));
}

const OpInfo op_info_pos_bias_slope = {
    .name = "pos_bias_slope",
    .title = "Bias by distance, a slope",
    .formula = "b_{hij} = −m_h · |i − j|",
    .forward = slope_forward,
    .parts = parts_first_axis,
    .by_head = true,
    .explain = slope_explain,
    .step_count = steps_by_head_row,
    .step_at = slope_step,
    .flops = call_cells,
};
