/* flash_records: what the tile loop holds while it runs, for one head: each record has the loop run
 * again and write it down. Kb blocks of keys. */
#include "engine/ops/flash.h"
#include "engine/ops/row.h"

#include <math.h>

/* The loop over the record's rows; `records` says where it is to write. */
static void replay(const OpCall *call, FlashRecords records, size_t first, size_t last) {
    FlashUser user;
    FlashHead loop = flash_of(call, call->param.flash.head, &user);
    records.keys = call->in[user.slots.k].dim[0];
    records.blocks = flash_key_blocks(call);
    records.block_row = records.acc_row = (size_t)call->out.stride[0];
    loop.records = &records;
    flash_head(&loop, first, last);
}

static size_t key_block(const OpCall *call, size_t key) {
    return key / call->param.flash.columns;
}

/* The keys of block b that are known. */
static FlashTile block_keys(const OpCall *call, size_t b) {
    FlashTile tile = flash_tile(call, 0, b);
    tile.k1 = tile.k1 < call->length ? tile.k1 : call->length;
    return tile;
}

static double flash_record_flops(const OpCall *call) {
    return flash_planned(call).flops;
}

/* ---- steps: a tile each ---- */

static size_t tile_steps(const OpCall *call) {
    return flash_row_blocks(call) * flash_key_blocks(call);
}

/* The axis of queries and the axis of keys, or of key blocks, of a slot's tensor [Tq Tk] or [Kb Tq …]. */
static OpRegion region_cells(const OpCall *call, int slot, FlashTile tile) {
    OpRegion region = region_all(call, slot);
    region.lo[0] = tile.q0;
    region.hi[0] = tile.q1;
    region.lo[1] = tile.k0;
    region.hi[1] = tile.k1;
    return region;
}

static OpRegion region_block(const OpCall *call, int slot, FlashTile tile, size_t b) {
    OpRegion region = region_at(region_all(call, slot), 0, b);
    region.lo[1] = tile.q0;
    region.hi[1] = tile.q1;
    return region;
}

/* Query block by query block; the tile that it is about. */
static FlashTile tile_step(const OpCall *call, size_t number, CaptionId caption, OpStep *step) {
    size_t a = number / flash_key_blocks(call), b = number % flash_key_blocks(call);
    FlashTile tile = flash_tile(call, a, b);
    step_start(step, flash_tile_skipped(call, tile) ? CAPTION_FLASH_TILE_SKIPPED : caption);
    step_arg(step, ARG_COUNT, (double)tile.q0);
    step_arg(step, ARG_COUNT, (double)(tile.q1 - 1));
    step_arg(step, ARG_COUNT, (double)tile.k0);
    step_arg(step, ARG_COUNT, (double)(tile.k1 - 1));
    step_arg(step, ARG_HEAD, (double)call->param.flash.head);
    return tile;
}

/* ---- scores: inputs q, k, and T5's table; result [Tq Tk] ---- */

static void flash_scores_forward(const OpCall *call, size_t first, size_t last) {
    replay(call, (FlashRecords){.scores = tensor_f32(&call->out)}, first, last);
}

static void explain_bias(const OpCall *call, const size_t *index, ExplainSink *sink) {
    size_t head = call->param.flash.head, i = index[0], j = index[1];
    double apart = (double)j - (double)i;
    if (call->param.flash.bias == POS_BIAS_BUCKETS) {
        size_t bucket = position_bucket(&call->param.flash.bucket, call->in[2].dim[0], i, j);
        sink_term2(sink, FORM_VALUE, CELL(call, 2, bucket, head),
                   operand_selecting(operand_constant("distance", apart)));
    }
    if (call->param.flash.bias == POS_BIAS_SLOPES)
        sink_term2(sink, FORM_MINUS_PRODUCT,
                   operand_constant("slope", (double)head_slope(head, call->in[0].dim[1])),
                   operand_constant("distance", fabs(apart)));
}

static void flash_scores_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    size_t i = index[0], j = index[1], head = call->param.flash.head;
    size_t kv = kv_head(head, call->in[0].dim[1], call->in[1].dim[1]);
    MaskReason reason = mask_reason(&call->param.flash.mask, i, j);
    FlashTile tile = flash_tile(call, i / call->param.flash.rows, key_block(call, j));
    if (reason != MASK_SEEN) {
        const char *name = flash_tile_skipped(call, tile) ? "tile skipped: all of it is masked"
                                                          : mask_name(reason);
        sink_term1(sink, FORM_VALUE, operand_constant(name, -INFINITY));
        return;
    }
    OpOperand scale = operand_constant("1 ÷ √d_head", call->param.flash.scale);
    for (size_t d = 0; d < call->in[0].dim[2]; d++) {
        OpOperand factor[] = {CELL(call, 0, i, head, d), CELL(call, 1, j, kv, d), scale};
        sink_term(sink, FORM_PRODUCT, call->param.flash.unscaled ? 2 : 3, factor);
    }
    explain_bias(call, index, sink);
}

static void flash_scores_step(const OpCall *call, size_t number, OpStep *step) {
    FlashTile tile = tile_step(call, number, CAPTION_FLASH_SCORES_TILE, step);
    size_t head = call->param.flash.head;
    size_t kv = kv_head(head, call->in[0].dim[1], call->in[1].dim[1]);
    OpRegion q = region_at(region_all(call, 0), 1, head), k = region_at(region_all(call, 1), 1, kv);
    q.lo[0] = tile.q0;
    q.hi[0] = tile.q1;
    k.lo[0] = tile.k0;
    k.hi[0] = tile.k1;
    step_write(step, region_cells(call, SLOT_RESULT, tile));
    if (step->caption == CAPTION_FLASH_TILE_SKIPPED)
        return;
    step_read(step, q);
    step_read(step, k);
    if (call->n_in > 2)
        step_read(step, region_at(region_all(call, 2), 1, head));
}

static const char *flash_scores_variant(const OpCall *call) {
    bool biased = call->param.flash.bias != POS_BIAS_NONE;
    static const char *const formula[2][2] = {
        {"s_{ij} = \\frac{\\q{q_i} · \\k{k_j}}{\\sqrt{d}}",
         "s_{ij} = \\frac{\\q{q_i} · \\k{k_j}}{\\sqrt{d}} + b_{ij}"},
        {"s_{ij} = \\q{q_i} · \\k{k_j}", "s_{ij} = \\q{q_i} · \\k{k_j} + b_{ij}"}};
    return formula[call->param.flash.unscaled][biased];
}

const OpInfo op_info_flash_scores = {
    .name = "flash_scores",
    .title = "Scores, tile by tile",
    .formula = "s_{ij} = \\frac{\\q{q_i} · \\k{k_j}}{\\sqrt{d}}",
    .forward = flash_scores_forward,
    .explain = flash_scores_explain,
    .step_count = tile_steps,
    .step_at = flash_scores_step,
    .flops = flash_record_flops,
    .variant = flash_scores_variant,
};

/* ---- max: inputs scores [Tq Tk], q, k, table; result m [Kb Tq] ---- */

static void flash_max_forward(const OpCall *call, size_t first, size_t last) {
    replay(call, (FlashRecords){.max = tensor_f32(&call->out)}, first, last);
}

static void flash_max_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    size_t b = index[0], i = index[1];
    FlashTile tile = block_keys(call, b);
    sink_rule(sink, RULE_MAX, 0, 0);
    if (b > 0)
        sink_term1(sink, FORM_VALUE, CELL(call, SLOT_RESULT, b - 1, i));
    for (size_t j = tile.k0; j < tile.k1; j++)
        sink_term1(sink, FORM_VALUE, CELL(call, 0, i, j));
}

static void flash_max_step(const OpCall *call, size_t number, OpStep *step) {
    FlashTile tile = tile_step(call, number, CAPTION_FLASH_MAX_TILE, step);
    size_t b = number % flash_key_blocks(call);
    step_write(step, region_block(call, SLOT_RESULT, tile, b));
    step_read(step, region_cells(call, 0, tile));
    if (b > 0)
        step_read(step, region_block(call, SLOT_RESULT, tile, b - 1));
}

const OpInfo op_info_flash_max = {
    .name = "flash_max",
    .title = "Running maximum",
    .formula = "m_{bi} = \\max(m_{b−1,i},~\\max_{j} s_{ij})",
    .forward = flash_max_forward,
    .explain = flash_max_explain,
    .step_count = tile_steps,
    .step_at = flash_max_step,
    .flops = flash_record_flops,
};

/* ---- rescale: inputs max [Kb Tq], q, k, table; result α [Kb Tq] ---- */

static void flash_rescale_forward(const OpCall *call, size_t first, size_t last) {
    replay(call, (FlashRecords){.rescale = tensor_f32(&call->out)}, first, last);
}

static void flash_rescale_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    size_t b = index[0], i = index[1];
    OpOperand old = b > 0 ? CELL(call, 0, b - 1, i) : operand_constant("", -INFINITY);
    if (isinf(old.value) && old.value < 0)
        sink_term1(sink, FORM_VALUE, operand_constant("nothing seen before", 0));
    else
        sink_term2(sink, FORM_EXP_DIFF, old, CELL(call, 0, b, i));
}

static void flash_rescale_step(const OpCall *call, size_t number, OpStep *step) {
    FlashTile tile = tile_step(call, number, CAPTION_FLASH_RESCALE_TILE, step);
    size_t b = number % flash_key_blocks(call);
    step_write(step, region_block(call, SLOT_RESULT, tile, b));
    if (b > 0)
        step_read(step, region_block(call, 0, tile, b - 1));
    step_read(step, region_block(call, 0, tile, b));
}

const OpInfo op_info_flash_rescale = {
    .name = "flash_rescale",
    .title = "Factor for what was summed before",
    .formula = "α_{bi} = e^{m_{b−1,i} − m_{bi}}",
    .forward = flash_rescale_forward,
    .explain = flash_rescale_explain,
    .step_count = tile_steps,
    .step_at = flash_rescale_step,
    .flops = flash_record_flops,
};

/* ---- weights: inputs scores [Tq Tk], max [Kb Tq], q, k, table; result p [Tq Tk] ---- */

static void flash_weights_forward(const OpCall *call, size_t first, size_t last) {
    replay(call, (FlashRecords){.weights = tensor_f32(&call->out)}, first, last);
}

static void flash_weights_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    size_t i = index[0], j = index[1];
    OpOperand max = CELL(call, 1, key_block(call, j), i);
    if (isinf(max.value) && max.value < 0)
        sink_term1(sink, FORM_VALUE, operand_constant("nothing seen yet", 0));
    else
        sink_term2(sink, FORM_EXP_DIFF, CELL(call, 0, i, j), max);
}

static void flash_weights_step(const OpCall *call, size_t number, OpStep *step) {
    FlashTile tile = tile_step(call, number, CAPTION_FLASH_WEIGHTS_TILE, step);
    step_write(step, region_cells(call, SLOT_RESULT, tile));
    step_read(step, region_cells(call, 0, tile));
    step_read(step, region_block(call, 1, tile, number % flash_key_blocks(call)));
}

const OpInfo op_info_flash_weights = {
    .name = "flash_weights",
    .title = "Weights, not yet divided",
    .formula = "p_{ij} = e^{s_{ij} − m_{bi}}",
    .forward = flash_weights_forward,
    .explain = flash_weights_explain,
    .step_count = tile_steps,
    .step_at = flash_weights_step,
    .flops = flash_record_flops,
};

/* ---- sum: inputs rescale [Kb Tq], weights [Tq Tk], q, k, table; result ℓ [Kb Tq] ---- */

static void flash_sum_forward(const OpCall *call, size_t first, size_t last) {
    replay(call, (FlashRecords){.sum = tensor_f32(&call->out)}, first, last);
}

static void flash_sum_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    size_t b = index[0], i = index[1];
    FlashTile tile = block_keys(call, b);
    if (b > 0)
        sink_term2(sink, FORM_PRODUCT, CELL(call, 0, b, i), CELL(call, SLOT_RESULT, b - 1, i));
    for (size_t j = tile.k0; j < tile.k1; j++)
        sink_term1(sink, FORM_VALUE, CELL(call, 1, i, j));
}

static void flash_sum_step(const OpCall *call, size_t number, OpStep *step) {
    FlashTile tile = tile_step(call, number, CAPTION_FLASH_SUM_TILE, step);
    size_t b = number % flash_key_blocks(call);
    step_write(step, region_block(call, SLOT_RESULT, tile, b));
    step_read(step, region_block(call, 0, tile, b));
    step_read(step, region_cells(call, 1, tile));
    if (b > 0)
        step_read(step, region_block(call, SLOT_RESULT, tile, b - 1));
}

const OpInfo op_info_flash_sum = {
    .name = "flash_sum",
    .title = "Running sum",
    .formula = "ℓ_{bi} = α_{bi} ℓ_{b−1,i} + \\sum_{j} p_{ij}",
    .forward = flash_sum_forward,
    .explain = flash_sum_explain,
    .step_count = tile_steps,
    .step_at = flash_sum_step,
    .flops = flash_record_flops,
};

/* ---- acc: inputs rescale [Kb Tq], weights [Tq Tk], v [Tk KV D], q, k, table; result [Kb Tq D] ---- */

static size_t value_head(const OpCall *call) {
    return kv_head(call->param.flash.head, call->in[3].dim[1], call->in[2].dim[1]);
}

static void flash_acc_forward(const OpCall *call, size_t first, size_t last) {
    replay(call, (FlashRecords){.acc = tensor_f32(&call->out)}, first, last);
}

static void flash_acc_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    size_t b = index[0], i = index[1], d = index[2], kv = value_head(call);
    FlashTile tile = block_keys(call, b);
    if (b > 0)
        sink_term2(sink, FORM_PRODUCT, CELL(call, 0, b, i), CELL(call, SLOT_RESULT, b - 1, i, d));
    for (size_t j = tile.k0; j < tile.k1; j++)
        sink_term2(sink, FORM_PRODUCT, CELL(call, 1, i, j), CELL(call, 2, j, kv, d));
}

static void flash_acc_step(const OpCall *call, size_t number, OpStep *step) {
    FlashTile tile = tile_step(call, number, CAPTION_FLASH_ACC_TILE, step);
    size_t b = number % flash_key_blocks(call);
    OpRegion v = region_at(region_all(call, 2), 1, value_head(call));
    v.lo[0] = tile.k0;
    v.hi[0] = tile.k1;
    step_write(step, region_block(call, SLOT_RESULT, tile, b));
    step_read(step, region_block(call, 0, tile, b));
    step_read(step, region_cells(call, 1, tile));
    step_read(step, v);
    if (b > 0)
        step_read(step, region_block(call, SLOT_RESULT, tile, b - 1));
}

const OpInfo op_info_flash_acc = {
    .name = "flash_acc",
    .title = "Running weighted sum of the values",
    .formula = "o_{bid} = α_{bi} o_{b−1,id} + \\sum_{j} p_{ij} · \\v{v_{jd}}",
    .forward = flash_acc_forward,
    .explain = flash_acc_explain,
    .step_count = tile_steps,
    .step_at = flash_acc_step,
    .flops = flash_record_flops,
};
