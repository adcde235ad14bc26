/* mask: which keys a query may look at, and why not at the others. */
#include "engine/ops/row.h"

#include <math.h>

static bool is_global(const MaskParams *mask, size_t position) {
    for (int g = 0; g < mask->globals; g++)
        if (mask->global[g] == position)
            return true;
    return false;
}

MaskReason mask_reason(const MaskParams *mask, size_t query, size_t key) {
    size_t apart = key > query ? key - query : query - key;
    bool inside = true;
    switch (mask->kind) {
    case MASK_FULL: break;
    case MASK_LOCAL: inside = apart < mask->window; break;
    case MASK_DILATED:
        inside = apart % mask->dilation == 0 && apart / mask->dilation < mask->window;
        break;
    case MASK_LONGFORMER:
        inside = apart < mask->window || is_global(mask, query) || is_global(mask, key);
        break;
    }
    if (mask->keys > 0 && key >= mask->keys)
        return MASKED_PADDING;
    if (mask->causal && key > query)
        return MASKED_FUTURE;
    return inside ? MASK_SEEN : MASKED_WINDOW;
}

bool mask_allows(const MaskParams *mask, size_t query, size_t key) {
    return mask_reason(mask, query, key) == MASK_SEEN;
}

/* ---- mask: inputs scores [H Tq Tk], position bias [H Tq Tk] (may be missing); result the scores
 * plus the bias, −∞ where the query may not look. A score is *set*, not multiplied: 0 × ∞ would be
 * NaN. A late mask (`zero`) reads the pattern instead, and sets shares to 0. ---- */

static bool has_bias(const OpCall *call) {
    return call->n_in > 1;
}

static float masked_value(const OpCall *call) {
    return call->param.mask.zero ? 0.0F : -INFINITY;
}

static void mask_forward(const OpCall *call, size_t first, size_t last) {
    for (size_t h = 0; h < call->out.dim[0]; h++)
        for (size_t i = first; i < last; i++) {
            const float *x = score_row(&call->in[0], h, i);
            const float *bias = has_bias(call) ? score_row(&call->in[1], h, i) : NULL;
            float *y = score_row(&call->out, h, i);
            for (size_t j = 0; j < known_keys(call); j++)
                if (mask_allows(&call->param.mask, i, j))
                    y[j] = bias ? x[j] + bias[j] : x[j];
                else
                    y[j] = masked_value(call);
        }
}

/* Why a cell is masked, as its constant is called. */
static const char *const MASKED_BY[] = {[MASKED_PADDING] = "mask: padding",
                                        [MASKED_FUTURE] = "mask: a later token",
                                        [MASKED_WINDOW] = "mask: outside the pattern"};

static void mask_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    MaskReason reason = mask_reason(&call->param.mask, index[1], index[2]);
    if (reason != MASK_SEEN) {
        sink_term1(sink, FORM_VALUE,
                   operand_constant(MASKED_BY[reason], (double)masked_value(call)));
        return;
    }
    for (int slot = 0; slot < call->n_in; slot++)
        sink_term1(sink, FORM_VALUE, operand_cell(call, slot, index));
}

static CaptionId mask_caption(const OpCall *call, size_t query) {
    const MaskParams *mask = &call->param.mask;
    if (mask->zero)
        return CAPTION_MASK_ZERO_ROW;
    if (has_bias(call))
        return CAPTION_MASK_BIAS_ROW;
    switch (mask->kind) {
    case MASK_FULL: break;
    case MASK_LOCAL: return mask->causal ? CAPTION_MASK_WINDOW_ROW : CAPTION_MASK_LOCAL_ROW;
    case MASK_DILATED: return CAPTION_MASK_DILATED_ROW;
    case MASK_LONGFORMER:
        return is_global(mask, query) ? CAPTION_MASK_GLOBAL_ROW : CAPTION_MASK_LONGFORMER_ROW;
    }
    if (!mask->causal)
        return CAPTION_MASK_FULL_ROW;
    return mask->keys > 0 ? CAPTION_MASK_PADDED_ROW : CAPTION_MASK_ROW;
}

static void mask_step(const OpCall *call, size_t number, OpStep *step) {
    const MaskParams *mask = &call->param.mask;
    size_t h = number / call->out.dim[1], query = number % call->out.dim[1], seen = 0;
    query_row_step(call, number, mask_caption(call, query), step);
    if (has_bias(call))
        step_read(step, region_query(call, 1, h, query));
    for (size_t key = 0; key < call->out.dim[2]; key++)
        seen += mask_allows(mask, query, key);
    step_arg(step, ARG_COUNT, (double)seen);
    step_arg(step, ARG_COUNT, (double)(call->out.dim[2] - seen));
    if (mask->kind != MASK_FULL)
        step_arg(step, ARG_COUNT,
                 (double)(mask->kind == MASK_DILATED ? mask->dilation : mask->window));
}

/* The comparison, and the sum where there is a bias. */
static double mask_flops(const OpCall *call) {
    return call_cells(call) * call->n_in;
}

/* The scores; with a bias; late. */
enum { PLAIN, BIASED, LATE, FORMS };
#define IF_ELSE(condition, other) " \\mathrm{ if } " condition ", \\mathrm{ else } " other
#define MASK_FORMULAS(condition)                                                                   \
    {                                                                                              \
        "s''_{ij} = s'_{ij}" IF_ELSE(condition, "{−∞}"),                                           \
            "s''_{ij} = s'_{ij} + b_{ij}" IF_ELSE(condition, "{−∞}"),                              \
            "a'_{ij} = a_{ij}" IF_ELSE(condition, "0")                                             \
    }
/* Without padding, and with it. */
#define PADDED_OR_NOT(condition)                                                                   \
    { MASK_FORMULAS(condition), MASK_FORMULAS(condition " \\mathrm{ and } j < n") }
#define GLOBAL " \\mathrm{ or } i ∈ G \\mathrm{ or } j ∈ G"
#define DIVIDES " \\mathrm{ and } D \\mathrm{ divides } i − j"

static const char *mask_variant(const OpCall *call) {
    static const char *const formula[][2][2][FORMS] = {
        [MASK_FULL] = {{{"s''_{ij} = s'_{ij}", "s''_{ij} = s'_{ij} + b_{ij}", "a'_{ij} = a_{ij}"},
                        MASK_FORMULAS("j < n")},
                       PADDED_OR_NOT("j ≤ i")},
        [MASK_LOCAL] = {PADDED_OR_NOT("|i − j| < W"), PADDED_OR_NOT("i − W < j ≤ i")},
        [MASK_DILATED] = {PADDED_OR_NOT("|i − j| < W·D" DIVIDES),
                          PADDED_OR_NOT("i − W·D < j ≤ i" DIVIDES)},
        [MASK_LONGFORMER] = {{MASK_FORMULAS("|i − j| < W" GLOBAL),
                              MASK_FORMULAS("j < n \\mathrm{ and } (|i − j| < W" GLOBAL ")")},
                             PADDED_OR_NOT("j ≤ i \\mathrm{ and } (i − W < j" GLOBAL ")")},
    };
    const MaskParams *mask = &call->param.mask;
    int form = mask->zero ? LATE : has_bias(call) ? BIASED : PLAIN;
    return formula[mask->kind][mask->causal][mask->keys > 0][form];
}

const OpInfo op_info_mask = {
    .name = "mask",
    .title = "Masked scores",
    .formula = "s''_{ij} = s'_{ij} \\mathrm{ if } j ≤ i, \\mathrm{ else } {−∞}",
    .forward = mask_forward,
    .explain = mask_explain,
    .step_count = steps_by_head_row,
    .step_at = mask_step,
    .flops = mask_flops,
    .variant = mask_variant,
};
