/* sample: from the last row of the logits to the next token. The temperature divides, the sort
 * ranks the whole vocabulary, top-k (Fan et al. 2018) rules out ranks, softmax makes
 * probabilities, the nucleus (top-p, Holtzman et al. 2020) is the fewest ranks that reach p, and
 * one uniform random number draws among them. None of these has a row axis: they run once, for the
 * last known row. */
#include "engine/ops/row.h"

#include <math.h>
#include <stdlib.h>

/* The whole result in one step: these have one row. */
static size_t one_step(const OpCall *call) {
    (void)call;
    return 1;
}

static void whole_step(const OpCall *call, CaptionId caption, OpStep *step) {
    step_start(step, caption);
    for (int slot = 0; slot < call->n_in; slot++)
        step_read(step, region_all(call, slot));
    step_write(step, region_all(call, -1));
}

static size_t vocabulary(const OpCall *call) {
    return call->in[0].dim[call->in[0].rank - 1];
}

/* ---- temperature: input logits [T V]; result [V]: the last known row ÷ the temperature ---- */

static double last_row_cells(const OpCall *call, int slot) {
    (void)slot;
    return (double)vocabulary(call);
}

static void temperature_forward(const OpCall *call, size_t first, size_t last) {
    (void)first;
    (void)last;
    size_t V = vocabulary(call);
    const float *logits = tensor_f32(&call->in[0]) + (call->length - 1) * V;
    for (size_t v = 0; v < V; v++)
        tensor_f32(&call->out)[v] = logits[v] / (float)call->param.sample.temperature;
}

static void temperature_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    sink_term2(sink, FORM_QUOTIENT, CELL(call, 0, call->length - 1, index[0]),
               operand_constant("temperature", call->param.sample.temperature));
}

static void temperature_step(const OpCall *call, size_t number, OpStep *step) {
    (void)number;
    whole_step(call, CAPTION_TEMPERATURE_ROW, step);
    step->read[0] = region_at(step->read[0], 0, call->length - 1);
    step_arg(step, ARG_POSITION, (double)(call->length - 1));
    step_arg(step, ARG_VALUE, call->param.sample.temperature);
    step_arg(step, ARG_COUNT, call_cells(call));
}

const OpInfo op_info_temperature = {
    .name = "temperature",
    .title = "Logits ÷ temperature",
    .formula = "l'_v = \\frac{l_v}{τ}",
    .forward = temperature_forward,
    .explain = temperature_explain,
    .step_count = one_step,
    .step_at = temperature_step,
    .flops = call_cells,
    .reads = last_row_cells,
};

/* ---- sort: input [V]; result the ids from the largest on, int32 [V] ---- */

static void sort_forward(const OpCall *call, size_t first, size_t last) {
    (void)first;
    (void)last;
    size_t V = vocabulary(call);
    Ranked *ranked = malloc(V * sizeof *ranked);
    if (!ranked)
        abort();
    for (size_t v = 0; v < V; v++)
        ranked[v] = (Ranked){(double)tensor_f32(&call->in[0])[v], v};
    rank_sort(ranked, V);
    for (size_t r = 0; r < V; r++)
        tensor_i32(&call->out)[r] = (int32_t)ranked[r].place;
    free(ranked);
}

static void sort_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    sink_rule(sink, RULE_RANK, index[0], 0);
    for (size_t v = 0; v < vocabulary(call); v++)
        sink_term1(sink, FORM_VALUE, CELL(call, 0, v));
}

static void sort_step(const OpCall *call, size_t number, OpStep *step) {
    (void)number;
    whole_step(call, CAPTION_SORT_ALL, step);
    step_arg(step, ARG_COUNT, call_cells(call));
    step_arg(step, ARG_TOKEN_ID, (double)tensor_i32(&call->out)[0]);
}

/* Comparisons of a sort: n log2 n. */
static double sort_flops(const OpCall *call) {
    double n = call_cells(call);
    return n > 1 ? n * log2(n) : 0;
}

const OpInfo op_info_sort = {
    .name = "sort",
    .title = "Ids, best first",
    .formula = "\\mathrm{id}_r = \\mathrm{argsort}(−l')_r",
    .forward = sort_forward,
    .explain = sort_explain,
    .step_count = one_step,
    .step_at = sort_step,
    .flops = sort_flops,
    .scratch = sizeof(Ranked),
};

/* ---- top_k: inputs logits [V], sorted ids [V]; result [V]: in that order, −∞ from rank k on ----
 * */

static bool ruled_out(const OpCall *call, size_t rank) {
    return call->param.sample.k > 0 && rank >= call->param.sample.k;
}

static size_t id_of_rank(const OpCall *call, int slot, size_t rank) {
    return (size_t)tensor_i32(&call->in[slot])[rank];
}

static void top_k_forward(const OpCall *call, size_t first, size_t last) {
    (void)first;
    (void)last;
    for (size_t r = 0; r < vocabulary(call); r++)
        tensor_f32(&call->out)[r] = ruled_out(call, r)
                                        ? -INFINITY
                                        : tensor_f32(&call->in[0])[id_of_rank(call, 1, r)];
}

static void top_k_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    size_t rank = index[0];
    if (ruled_out(call, rank))
        sink_term2(sink, FORM_VALUE, operand_constant("ruled out by top-k", (double)-INFINITY),
                   operand_selecting(CELL(call, 1, rank)));
    else
        sink_term2(sink, FORM_VALUE, CELL(call, 0, id_of_rank(call, 1, rank)),
                   operand_selecting(CELL(call, 1, rank)));
}

static void top_k_step(const OpCall *call, size_t number, OpStep *step) {
    (void)number;
    whole_step(call, CAPTION_TOP_K_ALL, step);
    step_arg(step, ARG_COUNT, (double)call->param.sample.k);
    step_arg(step, ARG_COUNT, call_cells(call));
}

static const char *top_k_variant(const OpCall *call) {
    return call->param.sample.k > 0 ? op_info_top_k.formula : "l''_r = l'_{\\mathrm{id}_r}";
}

const OpInfo op_info_top_k = {
    .name = "top_k",
    .title = "Logits, best first",
    .formula = "l''_r = l'_{\\mathrm{id}_r} \\mathrm{ if } r < k, \\mathrm{ else } {−∞}",
    .forward = top_k_forward,
    .explain = top_k_explain,
    .step_count = one_step,
    .step_at = top_k_step,
    .flops = call_cells,
    .variant = top_k_variant,
};

/* ---- cumulative: input probabilities [V]; result [V]: the sum up to and with each rank ---- */

static void cumulative_forward(const OpCall *call, size_t first, size_t last) {
    (void)first;
    (void)last;
    double sum = 0;
    for (size_t r = 0; r < vocabulary(call); r++) {
        sum += (double)tensor_f32(&call->in[0])[r];
        tensor_f32(&call->out)[r] = (float)sum;
    }
}

static void cumulative_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    for (size_t r = 0; r <= index[0]; r++)
        sink_term1(sink, FORM_VALUE, CELL(call, 0, r));
}

static void cumulative_step(const OpCall *call, size_t number, OpStep *step) {
    (void)number;
    whole_step(call, CAPTION_CUMULATIVE_ALL, step);
    step_arg(step, ARG_COUNT, call_cells(call));
}

const OpInfo op_info_cumulative = {
    .name = "cumulative",
    .title = "Cumulative sum",
    .formula = "c_r = \\sum_{r' ≤ r} p_{r'}",
    .forward = cumulative_forward,
    .explain = cumulative_explain,
    .step_count = one_step,
    .step_at = cumulative_step,
    .flops = call_cells,
};

/* ---- nucleus: input cumulative [V]; result int32 [1]: how many ranks are kept ---- */

static void nucleus_forward(const OpCall *call, size_t first, size_t last) {
    (void)first;
    (void)last;
    size_t V = vocabulary(call), kept = 1;
    while (kept < V && (double)tensor_f32(&call->in[0])[kept - 1] < call->param.sample.p)
        kept++;
    tensor_i32(&call->out)[0] = (int32_t)kept;
}

static void nucleus_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    (void)index;
    sink_rule(sink, RULE_REACH, 0, call->param.sample.p);
    for (size_t r = 0; r < vocabulary(call); r++)
        sink_term1(sink, FORM_VALUE, CELL(call, 0, r));
}

static void nucleus_step(const OpCall *call, size_t number, OpStep *step) {
    (void)number;
    whole_step(call, CAPTION_NUCLEUS_COUNT, step);
    step_arg(step, ARG_VALUE, call->param.sample.p);
    step_arg(step, ARG_COUNT, (double)tensor_i32(&call->out)[0]);
}

static double input_cells(const OpCall *call) {
    return (double)tensor_count(&call->in[0]);
}

const OpInfo op_info_nucleus = {
    .name = "nucleus",
    .title = "Ranks kept",
    .formula = "n = \\mathrm{how many ranks until } c_r ≥ p",
    .forward = nucleus_forward,
    .explain = nucleus_explain,
    .step_count = one_step,
    .step_at = nucleus_step,
    .flops = input_cells,
};

/* ---- draw: inputs sorted ids [V], cumulative [V], kept [1]; result int32 [1] ---- */

static double draw_threshold(const OpCall *call) {
    size_t kept = (size_t)tensor_i32(&call->in[2])[0];
    return call->param.sample.u * (double)tensor_f32(&call->in[1])[kept - 1];
}

/* The first rank whose cumulative sum exceeds the threshold. */
static size_t drawn_rank(const OpCall *call) {
    size_t kept = (size_t)tensor_i32(&call->in[2])[0], rank = 0;
    double threshold = draw_threshold(call);
    while (rank + 1 < kept && !((double)tensor_f32(&call->in[1])[rank] > threshold))
        rank++;
    return rank;
}

static void draw_forward(const OpCall *call, size_t first, size_t last) {
    (void)first;
    (void)last;
    tensor_i32(&call->out)[0] = tensor_i32(&call->in[0])[drawn_rank(call)];
}

static void draw_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    (void)index;
    size_t kept = (size_t)tensor_i32(&call->in[2])[0];
    OpOperand u = operand_selecting(operand_constant("u", call->param.sample.u));
    OpOperand whole = operand_selecting(CELL(call, 1, kept - 1));
    OpOperand count = operand_selecting(CELL(call, 2, 0));
    sink_rule(sink, RULE_DRAW, 0, draw_threshold(call));
    for (size_t r = 0; r < kept; r++)
        sink_term(sink, FORM_VALUE, 5,
                  (const OpOperand[]){CELL(call, 0, r), operand_selecting(CELL(call, 1, r)), u,
                                      whole, count});
}

static void draw_step(const OpCall *call, size_t number, OpStep *step) {
    (void)number;
    whole_step(call, CAPTION_DRAW_TOKEN, step);
    step_arg(step, ARG_VALUE, call->param.sample.u);
    step_arg(step, ARG_COUNT, (double)drawn_rank(call));
    step_arg(step, ARG_TOKEN_ID, (double)tensor_i32(&call->out)[0]);
}

const OpInfo op_info_draw = {
    .name = "draw",
    .title = "The draw",
    .formula = "t = \\mathrm{id} \\mathrm{ of the first rank whose } c_r > u · c_{n−1}",
    .forward = draw_forward,
    .explain = draw_explain,
    .step_count = one_step,
    .step_at = draw_step,
    .flops = input_cells,
};

/* ---- argmax: input logits [T V]; result int32 [1]: the best id of the last known row ---- */

static void argmax_forward(const OpCall *call, size_t first, size_t last) {
    (void)first;
    (void)last;
    size_t V = vocabulary(call), best = 0;
    const float *logits = tensor_f32(&call->in[0]) + (call->length - 1) * V;
    for (size_t v = 1; v < V; v++)
        if (logits[v] > logits[best])
            best = v;
    tensor_i32(&call->out)[0] = (int32_t)best;
}

static void argmax_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    (void)index;
    sink_rule(sink, RULE_ARGMAX, 0, 0);
    for (size_t v = 0; v < vocabulary(call); v++)
        sink_term1(sink, FORM_VALUE, CELL(call, 0, call->length - 1, v));
}

static void argmax_step(const OpCall *call, size_t number, OpStep *step) {
    (void)number;
    whole_step(call, CAPTION_ARGMAX_TOKEN, step);
    step->read[0] = region_at(step->read[0], 0, call->length - 1);
    step_arg(step, ARG_COUNT, (double)vocabulary(call));
    step_arg(step, ARG_TOKEN_ID, (double)tensor_i32(&call->out)[0]);
}

static double argmax_flops(const OpCall *call) {
    return (double)vocabulary(call);
}

const OpInfo op_info_argmax = {
    .name = "argmax",
    .title = "The most likely token",
    .formula = "t = \\mathrm{argmax}_v l_v",
    .forward = argmax_forward,
    .explain = argmax_explain,
    .step_count = one_step,
    .step_at = argmax_step,
    .flops = argmax_flops,
    .reads = last_row_cells,
};
