/* flash: attention in tiles, Dao et al. 2022, "FlashAttention": the same function of q, k and v as
 * softmax(q kᵀ / √d + mask) v, without a record of queries by keys. */
#include "engine/ops/flash.h"

#include "engine/base/arena.h"
#include "engine/ops/row.h"

#include <math.h>

/* ---- the loop's view of a call ---- */

bool flash_slots(OpId op, FlashSlots *slots) {
    switch (op) {
    case OP_FLASH: *slots = (FlashSlots){0, 1, 2, 3}; return true;
    case OP_FLASH_SCORES: *slots = (FlashSlots){0, 1, -1, 2}; return true;
    case OP_FLASH_MAX:
    case OP_FLASH_RESCALE: *slots = (FlashSlots){1, 2, -1, 3}; return true;
    case OP_FLASH_WEIGHTS:
    case OP_FLASH_SUM: *slots = (FlashSlots){2, 3, -1, 4}; return true;
    case OP_FLASH_ACC: *slots = (FlashSlots){3, 4, 2, 5}; return true;
    default: return false;
    }
}

static FlashSlots slots_of(const OpCall *call) {
    FlashSlots slots = {0, 0, 0, 0};
    flash_slots(call->op, &slots);
    return slots;
}

static size_t queries(const OpCall *call) {
    return call->in[slots_of(call).q].dim[0];
}

static size_t keys(const OpCall *call) {
    return call->in[slots_of(call).k].dim[0];
}

static size_t blocks(size_t count, size_t of) {
    return (count + of - 1) / of;
}

size_t flash_row_blocks(const OpCall *call) {
    return blocks(queries(call), call->param.flash.rows);
}

size_t flash_key_blocks(const OpCall *call) {
    return blocks(keys(call), call->param.flash.columns);
}

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

FlashTile flash_tile(const OpCall *call, size_t a, size_t b) {
    size_t rows = call->param.flash.rows, columns = call->param.flash.columns;
    return (FlashTile){a * rows, smaller((a + 1) * rows, queries(call)), b * columns,
                       smaller((b + 1) * columns, keys(call))};
}

bool flash_tile_skipped(const OpCall *call, FlashTile tile) {
    return mask_tile_empty(&call->param.flash.mask, tile.q0, tile.q1, tile.k0, tile.k1);
}

static bool tile_empty(const void *user, FlashTile tile) {
    return flash_tile_skipped(((const FlashUser *)user)->call, tile);
}

static void add_slopes(const FlashUser *user, FlashTile tile, float *scores, size_t row) {
    float slope = head_slope(user->head, user->call->in[user->slots.q].dim[1]);
    for (size_t i = tile.q0; i < tile.q1; i++, scores += row)
        for (size_t j = tile.k0; j < tile.k1; j++)
            scores[j - tile.k0] -= slope * fabsf((float)i - (float)j);
}

static float table_bias(const FlashUser *user, size_t i, size_t j) {
    const Tensor *table = &user->call->in[user->slots.table];
    size_t bucket = position_bucket(&user->call->param.flash.bucket, table->dim[0], i, j);
    return tensor_f32(
        table)[(ptrdiff_t)bucket * table->stride[0] + (ptrdiff_t)user->head * table->stride[1]];
}

/* A diagonal of a tile is one distance: its bucket is looked up once. */
static void add_buckets(const FlashUser *user, FlashTile tile, float *scores, size_t row) {
    size_t rows = tile.q1 - tile.q0, columns = tile.k1 - tile.k0;
    for (size_t diagonal = 0; diagonal + 1 < rows + columns; diagonal++) {
        size_t r = diagonal < rows ? rows - 1 - diagonal : 0;
        size_t c = diagonal < rows ? 0 : diagonal - rows + 1;
        float bias = table_bias(user, tile.q0 + r, tile.k0 + c);
        for (; r < rows && c < columns; r++, c++)
            scores[r * row + c] += bias;
    }
}

static void tile_adjust(const void *user, FlashTile tile, float *scores, size_t row) {
    const FlashUser *of = user;
    if (of->call->param.flash.bias == POS_BIAS_SLOPES)
        add_slopes(of, tile, scores, row);
    if (of->call->param.flash.bias == POS_BIAS_BUCKETS)
        add_buckets(of, tile, scores, row);
    mask_tile(&of->call->param.flash.mask, tile.q0, tile.q1, tile.k0, tile.k1, scores, row);
}

FlashHead flash_of(const OpCall *call, size_t head, FlashUser *user) {
    *user = (FlashUser){call, slots_of(call), head};
    const Tensor *q = &call->in[user->slots.q], *k = &call->in[user->slots.k];
    size_t H = q->dim[1], D = q->dim[2], KV = k->dim[1], kv = kv_head(head, H, KV);
    FlashHead loop = {.q = tensor_f32(q) + head * D,
                      .k = tensor_f32(k) + kv * D,
                      .q_row = H * D,
                      .k_row = KV * D,
                      .v_row = KV * D,
                      .z_row = H * D,
                      .keys = smaller(call->length, k->dim[0]),
                      .D = D,
                      .scale = (float)call->param.flash.scale,
                      .tile_rows = call->param.flash.rows,
                      .tile_columns = call->param.flash.columns,
                      .user = user,
                      .empty = tile_empty,
                      .adjust = tile_adjust,
                      .biased = call->param.flash.bias != POS_BIAS_NONE};
    if (user->slots.v >= 0)
        loop.v = tensor_f32(&call->in[user->slots.v]) + kv * D;
    return loop;
}

/* ---- flash: inputs q [Tq H D], k [Tk KV D], v [Tk KV D], and T5's table [buckets H]; result z
 * [Tq H D] ---- */

static size_t flash_parts(const OpCall *call) {
    return call->out.dim[1];
}

static void flash_forward(const OpCall *call, size_t first, size_t last) {
    for (size_t h = call->part_first; h < call->part_last; h++) {
        FlashUser user;
        FlashHead loop = flash_of(call, h, &user);
        loop.z = tensor_f32(&call->out) + h * loop.D;
        flash_head(&loop, first, last);
    }
}

void flash_count(const OpCall *call, FlashCount *count) {
    for (size_t h = 0; h < call->out.dim[1]; h++) {
        FlashUser user;
        FlashHead loop = flash_of(call, h, &user);
        loop.count = count;
        flash_head(&loop, 0, smaller(queries(call), call->out.dim[0]));
    }
}

/* ---- the cell as the values' weighted sum: what the tiles add up to ---- */

static double score_of(const OpCall *call, const FlashUser *user, size_t i, size_t j) {
    const Tensor *q = &call->in[0], *k = &call->in[1];
    size_t D = q->dim[2], kv = kv_head(user->head, q->dim[1], k->dim[1]);
    const float *query = tensor_f32(q) + (i * q->dim[1] + user->head) * D;
    const float *key = tensor_f32(k) + (j * k->dim[1] + kv) * D;
    double sum = 0;
    for (size_t d = 0; d < D; d++)
        sum += (double)query[d] * (double)key[d];
    sum *= call->param.flash.scale;
    if (call->param.flash.bias == POS_BIAS_BUCKETS)
        sum += (double)table_bias(user, i, j);
    if (call->param.flash.bias == POS_BIAS_SLOPES)
        sum -= (double)head_slope(user->head, q->dim[1]) * fabs((double)i - (double)j);
    return sum;
}

/* e^(s − m) ÷ ℓ of each key, in double: 0 where the mask hides it. */
static void shares_of(const OpCall *call, const FlashUser *user, size_t i, size_t count,
                      double *share) {
    double max = -INFINITY, sum = 0;
    for (size_t j = 0; j < count; j++) {
        bool seen = mask_allows(&call->param.flash.mask, i, j);
        share[j] = seen ? score_of(call, user, i, j) : -INFINITY;
        max = share[j] > max ? share[j] : max;
    }
    for (size_t j = 0; j < count; j++) {
        share[j] = isinf(max) && max < 0 ? 0 : exp(share[j] - max);
        sum += share[j];
    }
    for (size_t j = 0; j < count && sum > 0; j++)
        share[j] /= sum;
}

static void flash_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    FlashUser user = {call, slots_of(call), index[1]};
    size_t count = smaller(call->length, keys(call)), d = index[2];
    size_t kv = kv_head(index[1], call->out.dim[1], call->in[2].dim[1]);
    Arena arena = {0};
    double *share = ARENA_NEW_N(&arena, double, count);
    shares_of(call, &user, index[0], count, share);
    for (size_t j = 0; j < count; j++)
        sink_term2(sink, FORM_PRODUCT, operand_constant("e^(s − m) ÷ ℓ", share[j]),
                   CELL(call, 2, j, kv, d));
    arena_free(&arena);
}

/* ---- steps: for each head and query block its tiles, and the division, which writes the rows ---- */

static size_t flash_step_count(const OpCall *call) {
    return call->out.dim[1] * flash_row_blocks(call) * (flash_key_blocks(call) + 1);
}

static OpRegion region_rows(const OpCall *call, int slot, size_t from, size_t upto, size_t head) {
    OpRegion region = region_at(region_all(call, slot), 1, head);
    region.lo[0] = from;
    region.hi[0] = upto;
    return region;
}

static void flash_step(const OpCall *call, size_t number, OpStep *step) {
    size_t phases = flash_key_blocks(call) + 1, phase = number % phases;
    size_t h = number / phases / flash_row_blocks(call);
    size_t a = number / phases % flash_row_blocks(call);
    size_t kv = kv_head(h, call->out.dim[1], call->in[1].dim[1]);
    bool last = phase + 1 == phases;
    FlashTile tile = flash_tile(call, a, last ? 0 : phase);
    bool skipped = !last && flash_tile_skipped(call, tile);
    step_start(step, last      ? CAPTION_FLASH_DIVIDE
                     : skipped ? CAPTION_FLASH_TILE_SKIPPED
                               : CAPTION_FLASH_TILE);
    step->phase = (int)phase;
    step->phases = (int)phases;
    step_write(step, region_rows(call, SLOT_RESULT, tile.q0, tile.q1, h));
    step->writes = last;
    step_arg(step, ARG_COUNT, (double)tile.q0);
    step_arg(step, ARG_COUNT, (double)(tile.q1 - 1));
    if (last) {
        step_read(step, region_at(region_all(call, 2), 1, kv));
        step_arg(step, ARG_HEAD, (double)h);
        step_arg(step, ARG_COUNT, (double)((tile.q1 - tile.q0) * call->out.dim[2]));
        return;
    }
    step_arg(step, ARG_COUNT, (double)tile.k0);
    step_arg(step, ARG_COUNT, (double)(tile.k1 - 1));
    step_arg(step, ARG_HEAD, (double)h);
    if (skipped)
        return;
    step_read(step, region_rows(call, 0, tile.q0, tile.q1, h));
    step_read(step, region_rows(call, 1, tile.k0, tile.k1, kv));
    step_read(step, region_rows(call, 2, tile.k0, tile.k1, kv));
}

/* ---- work, as the loop counts it ---- */

/* The tiles that the rows [q0, q1) see, and the keys in them. */
static void seen_tiles(const OpCall *call, size_t q0, size_t q1, size_t *tiles, size_t *columns) {
    const MaskParams *mask = &call->param.flash.mask;
    size_t of = call->param.flash.columns, upto = keys(call);
    if (mask->keys > 0 && mask->keys < upto)
        upto = mask->keys;
    if (mask->causal && q1 < upto)
        upto = q1;
    size_t most = blocks(upto, of); /* none behind is seen */
    *tiles = most;
    *columns = smaller(most * of, keys(call));
    for (size_t b = 0; b < most && mask->kind != MASK_FULL; b++) {
        FlashTile tile = {q0, q1, b * of, smaller((b + 1) * of, keys(call))};
        if (flash_tile_skipped(call, tile)) {
            *columns -= tile.k1 - tile.k0;
            --*tiles;
        }
    }
}

FlashCount flash_planned(const OpCall *call) {
    FlashCount count = {0};
    FlashSlots slots = slots_of(call);
    FlashWork work = {call->in[slots.q].dim[2], call->param.flash.bias != POS_BIAS_NONE,
                      slots.v >= 0};
    size_t rows = call->param.flash.rows, last = call->first + queries(call);
    for (size_t q0 = call->first, q1, tiles, columns; q0 < last; q0 = q1) {
        q1 = smaller((q0 / rows + 1) * rows, last);
        seen_tiles(call, q0, q1, &tiles, &columns);
        flash_count_block(&count, work, q1 - q0);
        flash_count_tiles(&count, work, tiles, q1 - q0, columns);
    }
    return count;
}

static double flash_flops(const OpCall *call) {
    return flash_planned(call).flops * (double)call->out.dim[1];
}

/* Each query head reads its keys and values once for each query block that sees them. */
static double flash_reads(const OpCall *call, int slot) {
    double rows = (double)tensor_count(&call->in[0]);
    if (slot == 0)
        return rows;
    if (slot == 3) /* the table stays in fast memory */
        return 0;
    double bytes = flash_planned(call).bytes_read * (double)call->out.dim[1];
    return (bytes / sizeof(float) - rows) / 2;
}

const OpInfo op_info_flash = {
    .name = "flash",
    .title = "Attention in tiles",
    .formula = "z_{id} = \\frac{1}{ℓ_i} \\sum_{j} e^{s_{ij} − m_i} · \\v{v_{jd}}",
    .forward = flash_forward,
    .parts = flash_parts,
    .explain = flash_explain,
    .step_count = flash_step_count,
    .step_at = flash_step,
    .flops = flash_flops,
    .forgets = FORGETS_TILES,
    .reads = flash_reads,
};
