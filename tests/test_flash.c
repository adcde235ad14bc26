/* Flash attention against a slow one in double, written the long way here: results, the records of
 * the tiles, what is skipped, what is counted; and against the standard stages in every family. */
#include "tests/fixture.h"

#include "engine/ops/flash.h"
#include "engine/tensor/isa.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- a call made by hand ---- */

typedef struct {
    size_t queries, keys, heads, kv_heads, D, rows, columns;
    MaskParams mask;
    PosBiasKind bias;
} Shape;

enum { BUCKETS = 8 };

static Tensor tensor_of(Arena *arena, int rank, const size_t *dim) {
    Tensor tensor = tensor_dense(DTYPE_F32, rank, dim, NULL);
    tensor.data = ARENA_NEW_N(arena, float, tensor_count(&tensor));
    return tensor;
}

static Tensor waves(Arena *arena, int rank, const size_t *dim, double seed, double size) {
    Tensor tensor = tensor_of(arena, rank, dim);
    for (size_t i = 0; i < tensor_count(&tensor); i++)
        tensor_f32(&tensor)[i] = (float)(size * sin((double)i * 12.9898 + seed));
    return tensor;
}

static OpCall call_of(const Shape *s, Arena *arena) {
    size_t q[] = {s->queries, s->heads, s->D}, k[] = {s->keys, s->kv_heads, s->D};
    OpCall call = {.op = OP_FLASH, .n_in = 3, .length = s->keys};
    call.param.flash.scale = 1 / sqrt((double)s->D);
    call.param.flash.mask = s->mask;
    call.param.flash.bias = s->bias;
    call.param.flash.bucket = (BucketParams){!s->mask.causal, 16};
    call.param.flash.rows = s->rows;
    call.param.flash.columns = s->columns;
    call.in[0] = waves(arena, 3, q, 1, 1);
    call.in[1] = waves(arena, 3, k, 2, 1);
    call.in[2] = waves(arena, 3, k, 3, 1);
    if (s->bias == POS_BIAS_BUCKETS)
        call.in[call.n_in++] = waves(arena, 2, (size_t[]){BUCKETS, s->heads}, 4, 2);
    call.out = tensor_of(arena, 3, q);
    return call;
}

/* ---- the same, the long way ---- */

static double bias_of(const OpCall *call, size_t head, size_t i, size_t j) {
    double apart = fabs((double)i - (double)j);
    size_t H = call->in[0].dim[1];
    if (call->param.flash.bias == POS_BIAS_SLOPES) /* the heads are a power of two */
        return -exp2(-8 * (double)(head + 1) / (double)H) * apart;
    if (call->param.flash.bias != POS_BIAS_BUCKETS)
        return 0;
    size_t n = BUCKETS, before = j > i ? 0 : i - j, offset = 0;
    if (call->param.flash.bucket.both_ways) { /* later keys have the second half */
        n /= 2;
        offset = j > i ? n : 0;
        before = j > i ? j - i : i - j;
    }
    size_t exact = n / 2, bucket = before;
    if (before >= exact) {
        double far = log((double)before / (double)exact) / log(16 / (double)exact);
        bucket = exact + (size_t)(far * (double)(n - exact) + 1e-6);
        bucket = bucket < n - 1 ? bucket : n - 1;
    }
    return tensor_get(&call->in[3], (size_t[]){offset + bucket, head});
}

static double score(const OpCall *call, size_t head, size_t i, size_t j) {
    size_t kv = head / (call->in[0].dim[1] / call->in[1].dim[1]);
    double sum = 0;
    if (!mask_allows(&call->param.flash.mask, i, j))
        return -INFINITY;
    for (size_t d = 0; d < call->in[0].dim[2]; d++)
        sum += tensor_get(&call->in[0], (size_t[]){i, head, d}) *
               tensor_get(&call->in[1], (size_t[]){j, kv, d});
    return sum * call->param.flash.scale + bias_of(call, head, i, j);
}

/* Of one row, over the first `upto` keys: maximum, sum, and the undivided sum of the values. */
static void naive_row(const OpCall *call, size_t head, size_t i, size_t upto, double *max,
                      double *sum, double *acc) {
    size_t D = call->in[0].dim[2], kv = head / (call->in[0].dim[1] / call->in[1].dim[1]);
    *max = -INFINITY;
    *sum = 0;
    memset(acc, 0, D * sizeof *acc);
    for (size_t j = 0; j < upto; j++)
        *max = fmax(*max, score(call, head, i, j));
    for (size_t j = 0; j < upto && isfinite(*max); j++) {
        double weight = exp(score(call, head, i, j) - *max);
        *sum += weight;
        for (size_t d = 0; d < D; d++)
            acc[d] += weight * tensor_get(&call->in[2], (size_t[]){j, kv, d});
    }
}

static void check_result(const OpCall *call) {
    size_t D = call->out.dim[2];
    double *acc = calloc(D, sizeof *acc), largest = 0, max, sum;
    for (size_t i = 0; i < tensor_count(&call->in[2]); i++)
        largest = fmax(largest, fabs((double)tensor_f32(&call->in[2])[i]));
    for (size_t i = 0; i < call->out.dim[0]; i++)
        for (size_t h = 0; h < call->out.dim[1]; h++) {
            naive_row(call, h, i, call->length, &max, &sum, acc);
            for (size_t d = 0; d < D; d++) {
                double found = tensor_get(&call->out, (size_t[]){i, h, d});
                double expected = sum > 0 ? acc[d] / sum : 0;
                if (!(fabs(found - expected) <= 1e-6 * largest))
                    fail_msg("%s: z[%zu,%zu,%zu] is %.9g, expected %.9g", isa_name(), i, h, d,
                             found, expected);
            }
        }
    free(acc);
}

static void run(const OpCall *call) {
    op_forward(call, 0, call->out.dim[0]);
}

static void check_shape(const Shape *shape) {
    Arena arena = {0};
    OpCall call = call_of(shape, &arena);
    run(&call);
    check_result(&call);
    arena_free(&arena);
}

/* With the kernels of each instruction set that the machine has. */
static void with_each_isa(void (*check)(void)) {
    const char *name[ISA_COUNT];
    int count = isa_supported(name);
    for (int i = 0; i < count; i++) {
        assert_true(isa_choose(name[i], NULL));
        check();
    }
    assert_true(isa_choose(NULL, NULL));
}

/* ---- results ---- */

static const MaskParams EVERYTHING = {.kind = MASK_FULL};
static const MaskParams CAUSAL = {.kind = MASK_FULL, .causal = true};
static const MaskParams MASKS[] = {
    {.kind = MASK_FULL},
    {.kind = MASK_FULL, .causal = true},
    {.kind = MASK_FULL, .keys = 5},
    {.kind = MASK_FULL, .causal = true, .keys = 7},
    {.kind = MASK_LOCAL, .window = 1},
    {.kind = MASK_LOCAL, .window = 3},
    {.kind = MASK_LOCAL, .causal = true, .window = 4},
    {.kind = MASK_LOCAL, .causal = true, .window = 2, .keys = 6},
    {.kind = MASK_DILATED, .window = 2, .dilation = 3},
    {.kind = MASK_DILATED, .causal = true, .window = 3, .dilation = 5},
    {.kind = MASK_LONGFORMER, .window = 2, .globals = 2, .global = {3, 9}},
    {.kind = MASK_LONGFORMER, .causal = true, .window = 1, .globals = 1, .global = {4}},
};
enum { MASK_COUNT = sizeof MASKS / sizeof *MASKS };

static void lengths_and_widths(void) {
    static const size_t lengths[] = {1, 2, 7, 8, 9, 63, 64, 65}, widths[] = {1, 3, 8, 21, 64, 131};
    for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++)
        for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
            Shape shape = {lengths[l], lengths[l], 2, 1, widths[w], 8, 8, CAUSAL, POS_BIAS_NONE};
            check_shape(&shape);
            shape.rows = shape.columns = 64;
            check_shape(&shape);
            shape.mask = EVERYTHING;
            check_shape(&shape);
        }
    check_shape(&(Shape){40, 300, 1, 1, 250, 32, 256, EVERYTHING, POS_BIAS_NONE});
}

static void odd_lengths_and_widths(void **state) {
    (void)state;
    with_each_isa(lengths_and_widths);
}

static void masks_and_biases(void) {
    for (int m = 0; m < MASK_COUNT; m++)
        for (int bias = POS_BIAS_NONE; bias <= POS_BIAS_SLOPES; bias++) {
            check_shape(&(Shape){19, 19, 4, 2, 8, 4, 4, MASKS[m], (PosBiasKind)bias});
            check_shape(&(Shape){19, 19, 4, 4, 6, 5, 3, MASKS[m], (PosBiasKind)bias});
            check_shape(&(Shape){9, 21, 2, 1, 8, 64, 64, MASKS[m], (PosBiasKind)bias});
        }
}

static void every_mask_and_bias(void **state) {
    (void)state;
    with_each_isa(masks_and_biases);
}

/* Scores of ±1e30, scores all equal, a query with one key, one with none. */
static void unusual_scores(void) {
    Arena arena = {0};
    Shape shape = {70, 70, 1, 1, 4, 16, 16, CAUSAL, POS_BIAS_NONE};
    OpCall call = call_of(&shape, &arena);
    for (size_t i = 0; i < tensor_count(&call.in[0]); i++) {
        tensor_f32(&call.in[0])[i] *= 1e15F;
        tensor_f32(&call.in[1])[i] *= 1e15F;
    }
    run(&call);
    check_result(&call);
    memset(call.in[0].data, 0, tensor_count(&call.in[0]) * sizeof(float));
    run(&call);
    check_result(&call);
    call.param.flash.mask = (MaskParams){.kind = MASK_LOCAL, .window = 1, .keys = 40};
    run(&call);
    assert_memory_equal(call.out.data, call.in[2].data, 40 * 4 * sizeof(float));
    for (size_t i = 40 * 4; i < tensor_count(&call.out); i++)
        assert_true(tensor_f32(&call.out)[i] == 0);
    arena_free(&arena);
}

static void no_score_is_too_large(void **state) {
    (void)state;
    with_each_isa(unusual_scores);
}

/* 2,000 keys add up to within 1e-6, whatever the values' mean. */
static void long_sums(void) {
    Arena arena = {0};
    Shape shape = {3, 2000, 1, 1, 16, 64, 64, EVERYTHING, POS_BIAS_NONE};
    OpCall call = call_of(&shape, &arena);
    for (size_t i = 0; i < tensor_count(&call.in[2]); i++)
        tensor_f32(&call.in[2])[i] += 1;
    run(&call);
    check_result(&call);
    arena_free(&arena);
}

static void long_rows_are_exact(void **state) {
    (void)state;
    with_each_isa(long_sums);
}

/* ---- the same bits ---- */

static void cuts(void) {
    static const size_t pieces[] = {1, 2, 3, 5, 16, 17};
    for (int m = 0; m < MASK_COUNT; m++) {
        Arena arena = {0};
        Shape shape = {50, 50, 2, 1, 20, 16, 16, MASKS[m], POS_BIAS_SLOPES};
        OpCall call = call_of(&shape, &arena);
        run(&call);
        float *whole = call.out.data;
        size_t size = tensor_count(&call.out) * sizeof *whole;
        call.out = tensor_of(&arena, 3, call.out.dim);
        for (size_t p = 0; p < sizeof pieces / sizeof *pieces; p++) {
            memset(call.out.data, 0, size);
            call.param.flash.rows = p % 2 ? 16 : 7;
            for (size_t first = 0; first < 50; first += pieces[p])
                op_forward(&call, first, first + pieces[p] < 50 ? first + pieces[p] : 50);
            assert_memory_equal(call.out.data, whole, size);
        }
        arena_free(&arena);
    }
}

/* Keys that are known but masked change no bit of a row. */
static void later_keys(void) {
    Arena arena = {0};
    Shape shape = {50, 50, 1, 1, 20, 16, 16, CAUSAL, POS_BIAS_NONE};
    OpCall call = call_of(&shape, &arena);
    run(&call);
    float *whole = call.out.data;
    call.out = tensor_of(&arena, 3, call.out.dim);
    for (size_t i = 0; i < 50; i++) {
        call.length = i + 1;
        op_forward(&call, i, i + 1);
    }
    assert_memory_equal(call.out.data, whole, tensor_count(&call.out) * sizeof *whole);
    arena_free(&arena);
}

static void rows_may_be_cut_anywhere(void **state) {
    (void)state;
    with_each_isa(cuts);
    with_each_isa(later_keys);
}

/* Of a whole model, with more heads than threads and fewer. */
static void threads_change_no_bit(void **state) {
    (void)state;
    static const int threads[] = {2, 3, 8};
    for (size_t heads = 1; heads <= 6; heads += 5) {
        TinyModel odd = {.n_heads = heads, .d_model = 42, .n_vocab = 61, .n_ctx = 64};
        Model *model = fixture_model(&odd);
        RunOptions options = {.stages = "*,*flash*", .attention = FIXTURE_FLASH(4, 5, 0)};
        Trace *alone = fixture_trace(model, 61, &options);
        for (int i = 0; i < 3; i++) {
            options.pool = thread_pool_new(threads[i]);
            Trace *trace = fixture_trace(model, 61, &options);
            for (int node = 0; node < trace->graph.count; node++) {
                const Tensor *a = &alone->value[node], *b = &trace->value[node];
                if (trace_kept(alone, node))
                    assert_memory_equal(a->data, b->data, tensor_count(a) * dtype_size(a->type));
            }
            trace_free(trace);
            thread_pool_free(options.pool);
            options.pool = NULL;
        }
        trace_free(alone);
        model_close(model);
    }
}

/* ---- tiles that are skipped ---- */

static void check_tile(const MaskParams *mask, FlashTile tile) {
    size_t seen = 0, cells = (tile.q1 - tile.q0) * (tile.k1 - tile.k0);
    for (size_t i = tile.q0; i < tile.q1; i++)
        for (size_t j = tile.k0; j < tile.k1; j++)
            seen += mask_allows(mask, i, j);
    assert_int_equal(mask_tile_empty(mask, tile.q0, tile.q1, tile.k0, tile.k1), seen == 0);
    if (mask_tile_whole(mask, tile.q0, tile.q1, tile.k0, tile.k1))
        assert_int_equal(seen, cells);
    else if (seen == cells) /* a pattern with holes may still see all of a small tile */
        assert_true(mask->kind == MASK_DILATED || mask->kind == MASK_LONGFORMER);
}

static void corners_tell_what_a_tile_sees(void **state) {
    (void)state;
    for (int m = 0; m < MASK_COUNT; m++)
        for (size_t q0 = 0; q0 < 14; q0++)
            for (size_t k0 = 0; k0 < 14; k0++)
                for (size_t rows = 1; rows < 6; rows++)
                    for (size_t columns = 1; columns < 6; columns++)
                        check_tile(&MASKS[m], (FlashTile){q0, q0 + rows, k0, k0 + columns});
}

/* Windows of any size can be asked for: what they span must not wrap. */
static void wide_windows_see_all_that_is_allowed(void **state) {
    (void)state;
    static const MaskParams wide[] = {
        {.kind = MASK_LOCAL, .causal = true, .window = SIZE_MAX},
        {.kind = MASK_DILATED, .causal = true, .window = SIZE_MAX / 2 + 1, .dilation = 2},
        {.kind = MASK_DILATED, .window = 3, .dilation = SIZE_MAX},
        {.kind = MASK_LONGFORMER, .window = SIZE_MAX, .globals = 1, .global = {2}},
    };
    for (size_t m = 0; m < sizeof wide / sizeof *wide; m++) {
        float scores[64] = {0};
        Tensor square = tensor_dense(DTYPE_F32, 3, (size_t[]){1, 8, 8}, scores);
        OpCall call = {.op = OP_MASK, .param = {.mask = wide[m]}, .n_in = 1, .length = 8};
        call.out = call.in[0] = square;
        op_forward(&call, 0, 8);
        for (size_t i = 0; i < 8; i++)
            for (size_t j = 0; j < 8; j++)
                assert_true((scores[i * 8 + j] == 0) == mask_allows(&wide[m], i, j));
        check_tile(&wide[m], (FlashTile){2, 7, 1, 6});
        assert_int_equal(mask_window(&wide[m]), 0); /* no key is ever too far back */
    }
}

static void skipped_tiles_are_counted(void **state) {
    (void)state;
    for (int m = 0; m < MASK_COUNT; m++) {
        Arena arena = {0};
        Shape shape = {23, 23, 2, 1, 8, 4, 3, MASKS[m], POS_BIAS_SLOPES};
        OpCall call = call_of(&shape, &arena);
        FlashCount count = {0};
        flash_count(&call, &count);
        size_t skipped = 0;
        for (size_t a = 0; a < 6; a++)
            for (size_t b = 0; b < 8; b++) {
                FlashTile tile = flash_tile(&call, a, b);
                size_t seen = 0;
                for (size_t i = tile.q0; i < tile.q1; i++)
                    for (size_t j = tile.k0; j < tile.k1; j++)
                        seen += mask_allows(&MASKS[m], i, j);
                skipped += seen == 0;
            }
        assert_int_equal(count.skipped, 2 * skipped);
        assert_int_equal(count.tiles, 2 * (6 * 8 - skipped));
        OpCost cost = op_cost(&call);
        assert_true(cost.flops == count.flops);
        assert_true(cost.bytes == count.bytes_read + count.bytes_written);
        arena_free(&arena);
    }
}

/* 3 queries, 3 keys, D 2, tiles of 2 × 2, causal: of the four tiles that of queries 0 and 1 × key 2 is
 * skipped; the others have 2 × 2, 1 × 2 and 1 × 1 cells. */
static void counts_are_those_by_hand(void **state) {
    (void)state;
    Arena arena = {0};
    Shape shape = {3, 3, 1, 1, 2, 2, 2, CAUSAL, POS_BIAS_NONE};
    OpCall call = call_of(&shape, &arena);
    FlashCount count = {0};
    flash_count(&call, &count);
    assert_int_equal(count.tiles, 3);
    assert_int_equal(count.skipped, 1);
    /* q once; k and v of 2, 2 and 1 keys. */
    assert_true(count.bytes_read == 4 * (3 * 2 + 2 * (2 + 2 + 1) * 2));
    assert_true(count.bytes_written == 4 * 3 * 2);
    /* A query's 2 numbers are scaled. A cell: 2 products, 1 sum; maximum, difference, exponential, sum;
     * 2 products and 2 sums of values. A row of a tile: a difference and an exponential, ℓ's product
     * and sum, 2 products. At the end 2 divisions a row. */
    assert_true(count.flops == 3 * 2 + (4 + 2 + 1) * (3 + 4 + 4) + (2 + 1 + 1) * (2 + 2 + 2) + 6);
    arena_free(&arena);
}

static void memory_does_not_grow(void **state) {
    (void)state;
    size_t rows, columns, before = 0;
    flash_default_tile(64, &rows, &columns);
    for (size_t n = 256; n <= 1024; n *= 2) {
        Arena arena = {0};
        Shape shape = {n, n, 1, 1, 64, rows, columns, CAUSAL, POS_BIAS_NONE};
        OpCall call = call_of(&shape, &arena);
        FlashCount count = {0};
        flash_count(&call, &count);
        assert_true(count.extra_bytes <= 96 * 1024);
        assert_int_equal(count.extra_bytes, flash_extra_bytes(64, rows, columns));
        assert_true(before == 0 || count.extra_bytes == before);
        before = count.extra_bytes;
        arena_free(&arena);
    }
    for (size_t D = 1; D <= 256; D++) {
        flash_default_tile(D, &rows, &columns);
        assert_true(flash_extra_bytes(D, rows, columns) <= (D <= 128 ? 96 : 128) * 1024);
    }
}

/* ---- records ---- */

/* A head's records, as graph nodes would have them: [Tq Tk], [Kb Tq], [Kb Tq D]. */
typedef struct {
    Tensor scores, max, rescale, weights, sum, acc;
    size_t blocks;
} Records;

static Tensor record_of(const OpCall *from, OpId op, int n, const Tensor *before, Tensor out) {
    OpCall call = *from;
    call.op = op;
    call.n_in = 0;
    for (int i = 0; i < n; i++)
        call.in[call.n_in++] = before[i];
    call.in[call.n_in++] = from->in[0];
    call.in[call.n_in++] = from->in[1];
    if (from->n_in > 3)
        call.in[call.n_in++] = from->in[3];
    call.out = out;
    op_forward(&call, 0, from->in[0].dim[0]);
    return out;
}

static Records records_of(const OpCall *call, size_t head, Arena *arena) {
    OpCall of = *call;
    size_t N = call->in[0].dim[0], K = call->in[1].dim[0], D = call->in[0].dim[2];
    size_t blocks = flash_key_blocks(call);
    size_t cells[] = {N, K}, rows[] = {blocks, N}, sums[] = {blocks, N, D};
    of.param.flash.head = head;
    Records r = {.blocks = blocks};
    r.scores = record_of(&of, OP_FLASH_SCORES, 0, NULL, tensor_of(arena, 2, cells));
    r.max = record_of(&of, OP_FLASH_MAX, 1, &r.scores, tensor_of(arena, 2, rows));
    r.rescale = record_of(&of, OP_FLASH_RESCALE, 1, &r.max, tensor_of(arena, 2, rows));
    const Tensor seen[] = {r.scores, r.max};
    r.weights = record_of(&of, OP_FLASH_WEIGHTS, 2, seen, tensor_of(arena, 2, cells));
    const Tensor summed[] = {r.rescale, r.weights, call->in[2]};
    r.sum = record_of(&of, OP_FLASH_SUM, 2, summed, tensor_of(arena, 2, rows));
    r.acc = record_of(&of, OP_FLASH_ACC, 3, summed, tensor_of(arena, 3, sums));
    return r;
}

static void close_to(const char *what, double found, double expected, double scale) {
    if (!(found == expected || fabs(found - expected) <= 1e-6 * scale))
        fail_msg("%s is %.9g, expected %.9g", what, found, expected);
}

static void check_row_records(const OpCall *call, const Records *r, size_t head, size_t i) {
    size_t D = call->in[0].dim[2], columns = call->param.flash.columns;
    double *acc = calloc(D, sizeof *acc), before = -INFINITY, max, sum;
    for (size_t b = 0; b < r->blocks; b++) {
        size_t at[] = {b, i, 0}, upto = (b + 1) * columns;
        upto = upto < call->length ? upto : call->length;
        naive_row(call, head, i, upto, &max, &sum, acc);
        close_to("m", tensor_get(&r->max, at), max, 4);
        close_to("the factor", tensor_get(&r->rescale, at),
                 isfinite(before) ? exp(before - max) : 0, 4);
        close_to("the sum", tensor_get(&r->sum, at), sum, fmax(1, sum) * 4);
        for (at[2] = 0; at[2] < D; at[2]++)
            close_to("the weighted sum", tensor_get(&r->acc, at), acc[at[2]], fmax(1, sum) * 4);
        for (size_t j = b * columns; j < upto; j++) {
            double s = score(call, head, i, j);
            close_to("a score", tensor_get(&r->scores, (size_t[]){i, j}), s, 4);
            close_to("a weight", tensor_get(&r->weights, (size_t[]){i, j}),
                     isfinite(s) ? exp(s - max) : 0, 4);
        }
        before = max;
    }
    free(acc);
}

static void records_tell_the_loop(void **state) {
    (void)state;
    for (int m = 0; m < MASK_COUNT; m++) {
        Arena arena = {0};
        Shape shape = {13, 17, 4, 2, 5, 4, 3, MASKS[m], (PosBiasKind)(m % 3)};
        OpCall call = call_of(&shape, &arena);
        run(&call);
        for (size_t head = 0; head < 4; head += 3) {
            Records r = records_of(&call, head, &arena);
            for (size_t i = 0; i < 13; i++) {
                check_row_records(&call, &r, head, i);
                for (size_t d = 0; d < 5; d++) { /* and they end in the result itself */
                    size_t last[] = {r.blocks - 1, i, d};
                    double sum = tensor_get(&r.sum, last);
                    close_to("acc ÷ ℓ", sum > 0 ? tensor_get(&r.acc, last) / sum : 0,
                             tensor_get(&call.out, (size_t[]){i, head, d}), 1);
                }
            }
        }
        arena_free(&arena);
    }
}

/* ---- a spoilt tile of K is seen only by what comes after it ---- */

static bool rows_differ(const Tensor *a, const Tensor *b, size_t block, size_t i) {
    size_t width = a->rank == 3 ? a->dim[2] : 1, at = (block * a->dim[1] + i) * width;
    return memcmp(tensor_f32(a) + at, tensor_f32(b) + at, width * sizeof(float)) != 0;
}

static void check_spoilt(const Records *good, const Records *bad, const OpCall *call,
                         size_t spoilt) {
    const Tensor *const a[] = {&good->max, &good->rescale, &good->sum, &good->acc};
    const Tensor *const b[] = {&bad->max, &bad->rescale, &bad->sum, &bad->acc};
    size_t changed = 0, columns = call->param.flash.columns;
    for (size_t i = 0; i < call->in[0].dim[0]; i++) {
        bool sees = false;
        for (size_t j = spoilt * columns; j < (spoilt + 1) * columns && j < call->length; j++)
            sees = sees || mask_allows(&call->param.flash.mask, i, j);
        for (size_t block = 0; block < good->blocks; block++)
            for (int k = 0; k < 4; k++) {
                bool differs = rows_differ(a[k], b[k], block, i);
                if (differs && (block < spoilt || !sees))
                    fail_msg("key block %zu of query %zu sees the spoilt block %zu", block, i,
                             spoilt);
                changed += differs;
            }
        bool seen = false; /* a lone key's sum stays 1, and a low score leaves the maximum */
        for (int k = 0; k < 4; k++)
            seen = seen || rows_differ(a[k], b[k], spoilt, i);
        if (sees && !seen)
            fail_msg("query %zu does not see the spoilt block %zu", i, spoilt);
    }
    assert_true(changed > 0);
}

static void a_spoilt_tile_is_seen_later_only(void **state) {
    (void)state;
    for (int m = 0; m < MASK_COUNT; m++)
        for (size_t spoilt = 0; spoilt < 2; spoilt++) {
            Arena arena = {0};
            Shape shape = {14, 14, 1, 1, 6, 4, 4, MASKS[m], POS_BIAS_NONE};
            OpCall call = call_of(&shape, &arena);
            Records good = records_of(&call, 0, &arena);
            for (size_t c = spoilt * 4 * 6; c < (spoilt + 1) * 4 * 6; c++)
                tensor_f32(&call.in[1])[c] += 1.5F;
            Records bad = records_of(&call, 0, &arena);
            check_spoilt(&good, &bad, &call, spoilt);
            arena_free(&arena);
        }
}

/* ---- whole models ---- */

/* The largest difference of what the model says. */
static double difference(const Trace *a, const Trace *b) {
    static const char *const names[] = {"logits", "classifier.hook_logits", "hook_sentence"};
    for (int i = 0; i < 3; i++) {
        int node = trace_find(a, names[i]);
        if (node >= 0)
            return fixture_difference(a, node, tensor_f32(&b->value[trace_find(b, names[i])]));
    }
    return INFINITY;
}

static void flash_is_standard_attention(void **state) {
    (void)state;
    static const AttentionOptions tiles[] = {FIXTURE_FLASH(0, 0, 0), FIXTURE_FLASH(4, 4, 0),
                                             FIXTURE_FLASH(3, 5, 0), FIXTURE_FLASH(1, 1, 0)};
    size_t compared = 0;
    for (size_t i = 0; i < FIXTURE_FOLDER_COUNT; i++) {
        Model *model = fixture_golden(&FIXTURE_FOLDERS[i]);
        const ModelConfig *c = &model->config;
        for (size_t t = 0; t < 4 && c->cell == CELL_NONE && !c->mask_late && !c->softmax_queries;
             t++) {
            Trace *standard = fixture_trace(model, 11, &(RunOptions){0});
            Trace *flash = fixture_trace(model, 11, &(RunOptions){.attention = tiles[t]});
            assert_string_equal(standard->attention, "standard");
            assert_string_equal(flash->attention, "flash");
            if (!(difference(standard, flash) <= 1e-5))
                fail_msg("%s: %g apart", FIXTURE_FOLDERS[i].folder, difference(standard, flash));
            trace_free(standard);
            trace_free(flash);
            compared++;
        }
        model_close(model);
    }
    assert_true(compared > 60);
}

/* One head's records come from that head; nothing of [H Tq Tk] is there. */
static void records_are_of_the_head_in_view(void **state) {
    (void)state;
    Model *model = fixture_model(&(TinyModel){0});
    RunOptions options = {.stages = "*,*flash*"};
    Trace *standard = fixture_trace(model, 9, &(RunOptions){0});
    int scores = trace_find(standard, "blocks.1.attn.hook_attn_scores");
    for (size_t head = 0; head < 2; head++) {
        options.attention = (AttentionOptions)FIXTURE_FLASH(2, 4, head);
        Trace *flash = fixture_trace(model, 9, &options);
        assert_int_equal(trace_find(flash, "blocks.1.attn.hook_attn_scores"), -1);
        assert_int_equal(trace_find(flash, "blocks.1.attn.hook_pattern"), -1);
        int record = trace_find(flash, "blocks.1.attn.flash.hook_scores");
        for (size_t i = 0; i < 9; i++)
            for (size_t j = 0; j < 9; j++)
                close_to("a score", trace_get(flash, record, (size_t[]){i, j}),
                         trace_get(standard, scores, (size_t[]){head, i, j}), 30);
        trace_free(flash);
    }
    options.stages = "*";
    Trace *flash = fixture_trace(model, 9, &options);
    assert_false(trace_kept(flash, trace_find(flash, "blocks.1.attn.flash.hook_scores")));
    trace_free(flash);
    trace_free(standard);
    model_close(model);
}

/* Token by token, as generation goes, memory holds a few rows of what is not asked for. */
static void records_are_the_same_token_by_token(void **state) {
    (void)state;
    static const char *const records[] = {"max", "rescale", "sum", "acc"};
    Model *model = fixture_model(&(TinyModel){0});
    for (int i = 0; i < 4; i++) {
        char name[64];
        snprintf(name, sizeof name, "blocks.1.attn.flash.hook_%s", records[i]);
        RunOptions options = {.stages = name, .attention = FIXTURE_FLASH(2, 3, 1)};
        Trace *at_once = fixture_trace(model, 13, &options);
        options.by_token = true;
        Trace *by_token = fixture_trace(model, 13, &options);
        const Tensor *a = &at_once->value[trace_find(at_once, name)];
        const Tensor *b = &by_token->value[trace_find(by_token, name)];
        assert_non_null(a->data);
        assert_memory_equal(a->data, b->data, tensor_count(a) * sizeof(float));
        trace_free(at_once);
        trace_free(by_token);
    }
    model_close(model);
}

static void refuse(Model *model, AttentionOptions attention, const char *message) {
    Err err = {{0}};
    RunText text = {.ids = (int32_t[]){0, 1}, .count = 2};
    assert_null(run_trace(model, &text, &(RunOptions){.attention = attention}, &err));
    if (!strstr(err.text, message))
        fail_msg("\"%s\" does not say \"%s\"", err.text, message);
}

static void what_flash_cannot_do_is_said(void **state) {
    (void)state;
    AttentionOptions flash = {.kind = ATTENTION_FLASH};
    Model *model = fixture_model(&(TinyModel){0});
    refuse(model, (AttentionOptions)FIXTURE_FLASH(0, 0, 2), "head 2, but model");
    refuse(model, (AttentionOptions)FIXTURE_FLASH(9000, 0, 0), "9000 rows, expected at most");
    refuse(model, (AttentionOptions)FIXTURE_FLASH(0, 9000, 0), "9000 columns");
    model->config.mask_late = true;
    refuse(model, flash, "mask_place=after");
    model->config.mask_late = false;
    model->config.softmax_queries = true;
    refuse(model, flash, "softmax=queries");
    model_close(model);
    model = fixture_golden(&(FixtureFolder){.folder = "tests/golden/lstm-a"});
    refuse(model, flash, "is recurrent and has no attention");
    model_close(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(odd_lengths_and_widths),
        cmocka_unit_test(every_mask_and_bias),
        cmocka_unit_test(no_score_is_too_large),
        cmocka_unit_test(long_rows_are_exact),
        cmocka_unit_test(rows_may_be_cut_anywhere),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(corners_tell_what_a_tile_sees),
        cmocka_unit_test(wide_windows_see_all_that_is_allowed),
        cmocka_unit_test(skipped_tiles_are_counted),
        cmocka_unit_test(counts_are_those_by_hand),
        cmocka_unit_test(memory_does_not_grow),
        cmocka_unit_test(records_tell_the_loop),
        cmocka_unit_test(a_spoilt_tile_is_seen_later_only),
        cmocka_unit_test(flash_is_standard_attention),
        cmocka_unit_test(records_are_of_the_head_in_view),
        cmocka_unit_test(records_are_the_same_token_by_token),
        cmocka_unit_test(what_flash_cannot_do_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
