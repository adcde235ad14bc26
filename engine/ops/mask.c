/* mask: which keys a query may look at, and why not at the others. */
#include "engine/base/arena.h"
#include "engine/ops/row.h"

#include <math.h>

bool mask_is_global(const MaskParams *mask, size_t position) {
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
        inside = apart < mask->window || mask_is_global(mask, query) || mask_is_global(mask, key);
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

/* A key within the window is nearer than this. */
static size_t span_width(const MaskParams *mask) {
    size_t width = mask->window;
    if (mask->kind == MASK_DILATED && !size_mul(mask->window, mask->dilation, &width))
        return SIZE_MAX;
    return width;
}

/* A window that wide is longer than any text; sums with it must not wrap. */
#define WIDEST (SIZE_MAX / 4)

size_t mask_window(const MaskParams *mask) {
    bool moves = mask->causal && (mask->kind == MASK_LOCAL || mask->kind == MASK_DILATED);
    size_t width = moves ? span_width(mask) : 0;
    return width <= WIDEST ? width : 0;
}

MaskSpan mask_span(const MaskParams *mask, size_t query, size_t keys) {
    size_t width = span_width(mask);
    bool everywhere = mask->kind == MASK_FULL || mask->kind == MASK_LONGFORMER;
    MaskSpan span = {0, keys, mask->kind == MASK_DILATED || mask->kind == MASK_LONGFORMER};
    if (mask->keys > 0 && mask->keys < span.last)
        span.last = mask->keys;
    if (mask->causal && query + 1 < span.last)
        span.last = query + 1;
    if (!everywhere && width <= query)
        span.first = query + 1 - width;
    if (!everywhere && width < span.last && query < span.last - width)
        span.last = query + width;
    if (span.first > span.last)
        span.first = span.last;
    return span;
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

static void fill(float *y, size_t first, size_t last, float value) {
    for (size_t j = first; j < last; j++)
        y[j] = value;
}

static void mask_forward(const OpCall *call, size_t first, size_t last) {
    size_t keys = known_keys(call);
    for (size_t i = first; i < last; i++) {
        MaskSpan span = mask_span(&call->param.mask, i, keys);
        for (size_t h = call->part_first; h < call->part_last; h++) {
            const float *x = score_row(&call->in[0], h, i);
            const float *bias = has_bias(call) ? score_row(&call->in[1], h, i) : NULL;
            float *y = score_row(&call->out, h, i);
            fill(y, 0, span.first, masked_value(call));
            for (size_t j = span.first; j < span.last; j++)
                y[j] = bias ? x[j] + bias[j] : x[j];
            for (size_t j = span.first; j < span.last && span.holes; j++)
                if (!mask_allows(&call->param.mask, i, j))
                    y[j] = masked_value(call);
            fill(y, span.last, keys, masked_value(call));
        }
    }
}

const char *mask_name(MaskReason reason) {
    static const char *const name[] = {[MASK_SEEN] = "",
                                       [MASKED_PADDING] = "mask: padding",
                                       [MASKED_FUTURE] = "mask: a later token",
                                       [MASKED_WINDOW] = "mask: outside the pattern"};
    return name[reason];
}

static void mask_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    MaskReason reason = mask_reason(&call->param.mask, index[1], index[2]);
    if (reason != MASK_SEEN) {
        sink_term1(sink, FORM_VALUE,
                   operand_constant(mask_name(reason), (double)masked_value(call)));
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
        return mask_is_global(mask, query) ? CAPTION_MASK_GLOBAL_ROW : CAPTION_MASK_LONGFORMER_ROW;
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
    .parts = parts_first_axis,
    .by_head = true,
    .explain = mask_explain,
    .step_count = steps_by_head_row,
    .step_at = mask_step,
    .flops = mask_flops,
    .variant = mask_variant,
};
