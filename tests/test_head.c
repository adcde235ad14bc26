/* One head over random numbers, against attention written out in double precision. */
#include "engine/ops/flash.h"
#include "engine/run/head.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LENGTH = 75 };

static const MaskParams MASKS[] = {
    {.kind = MASK_FULL},
    {.kind = MASK_FULL, .causal = true},
    {.kind = MASK_LOCAL, .causal = true, .window = 1},
    {.kind = MASK_DILATED, .window = 5, .dilation = 3},
    {.kind = MASK_LONGFORMER, .causal = true, .window = 4, .globals = 1, .global = {9}},
};
enum { MASK_COUNT = sizeof MASKS / sizeof *MASKS };

static const AttentionOptions ATTENTIONS[] = {
    {.kind = ATTENTION_STANDARD},
    {.kind = ATTENTION_FLASH},
    {.kind = ATTENTION_FLASH, .tile_rows = 16, .tile_columns = 7},
};

static HeadCost run(const HeadSetup *setup, ThreadPool *pool, RunMemory *memory,
                    HeadNumbers *numbers) {
    HeadCost cost;
    Err err = {{0}};
    if (!head_run(setup, pool, memory, &cost, numbers, &err))
        fail_msg("%s", err.text);
    return cost;
}

static double score(const HeadNumbers *numbers, size_t query, size_t key) {
    double sum = 0;
    for (size_t d = 0; d < HEAD_WIDTH; d++)
        sum += (double)numbers->q[query * HEAD_WIDTH + d] *
               (double)numbers->k[key * HEAD_WIDTH + d];
    return sum / sqrt(HEAD_WIDTH);
}

/* softmax(q kᵀ ÷ √d) v over the keys that are seen. */
static void attend(const HeadNumbers *numbers, const MaskParams *mask, size_t n, size_t query,
                   double *z) {
    double sum = 0, weight;
    for (size_t d = 0; d < HEAD_WIDTH; d++)
        z[d] = 0;
    for (size_t key = 0; key < n; key++) {
        if (!mask_allows(mask, query, key))
            continue;
        sum += weight = exp(score(numbers, query, key));
        for (size_t d = 0; d < HEAD_WIDTH; d++)
            z[d] += weight * (double)numbers->v[key * HEAD_WIDTH + d];
    }
    for (size_t d = 0; d < HEAD_WIDTH; d++)
        z[d] /= sum;
}

static void check(const HeadSetup *setup, const HeadNumbers *numbers) {
    for (size_t query = 0; query < setup->n; query++) {
        double z[HEAD_WIDTH];
        attend(numbers, &setup->mask, setup->n, query, z);
        for (size_t d = 0; d < HEAD_WIDTH; d++)
            if (!(fabs(z[d] - (double)numbers->z[query * HEAD_WIDTH + d]) <= 2e-6))
                fail_msg("query %zu, d %zu: %g, expected %g", query, d,
                         (double)numbers->z[query * HEAD_WIDTH + d], z[d]);
    }
}

static void attention_is_what_it_should_be(void **state) {
    (void)state;
    ThreadPool *pool = thread_pool_new(2);
    RunMemory memory = {0};
    for (int m = 0; m < MASK_COUNT; m++)
        for (size_t a = 0; a < sizeof ATTENTIONS / sizeof *ATTENTIONS; a++) {
            HeadSetup setup = {
                .n = LENGTH, .seed = 7, .mask = MASKS[m], .attention = ATTENTIONS[a]};
            HeadNumbers numbers;
            run(&setup, pool, &memory, &numbers);
            check(&setup, &numbers);
        }
    run_memory_free(&memory);
    thread_pool_free(pool);
}

static void numbers_are_drawn_alike(void **state) {
    (void)state;
    RunMemory a = {0}, b = {0};
    HeadSetup setup = {.n = 2000, .seed = 1, .mask = {.kind = MASK_LOCAL, .window = 1}};
    HeadNumbers first, second;
    size_t count = setup.n * HEAD_WIDTH;
    run(&setup, NULL, &a, &first);
    run(&setup, NULL, &b, &second);
    assert_memory_equal(first.q, second.q, count * sizeof *first.q);
    setup.seed = 2;
    run(&setup, NULL, &b, &second);
    assert_memory_not_equal(first.q, second.q, count * sizeof *first.q);
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++) {
        sum += (double)first.v[i];
        squares += (double)first.v[i] * (double)first.v[i];
    }
    assert_true(fabs(sum / (double)count) < 0.02 && fabs(squares / (double)count - 1) < 0.02);
    run_memory_free(&a);
    run_memory_free(&b);
}

/* Two n × n matrices beside queries, keys, values and result, whatever the mask hides. */
static void cost_is_known_before(void **state) {
    (void)state;
    RunMemory memory = {0};
    for (int m = 0; m < MASK_COUNT; m++) {
        HeadSetup setup = {.n = LENGTH, .mask = MASKS[m]};
        HeadNumbers numbers;
        HeadCost before;
        Err err = {{0}};
        assert_true(head_cost(&setup, &before, &err));
        HeadCost after = run(&setup, NULL, &memory, &numbers);
        assert_int_equal(before.extra_bytes, after.extra_bytes);
        assert_true(before.flops == after.flops && before.bytes == after.bytes);
        assert_true(before.ms == 0 && after.ms > 0);
        assert_true(before.extra_bytes >= (size_t)2 * LENGTH * LENGTH * sizeof(float));
        assert_true(before.flops >= 4.0 * LENGTH * LENGTH * HEAD_WIDTH * 0.99);
    }
    run_memory_free(&memory);
}

static void check_tiles(const MaskParams *mask, size_t n) {
    HeadSetup setup = {.n = n, .mask = *mask, .attention = ATTENTIONS[2]};
    HeadCost cost;
    Err err = {{0}};
    float numbers[LENGTH * HEAD_WIDTH] = {0};
    Tensor given = tensor_dense(DTYPE_F32, 3, (size_t[]){n, 1, HEAD_WIDTH}, numbers);
    OpCall call = {.op = OP_FLASH,
                   .param = {.flash = {.scale = 1, .mask = *mask, .rows = 16, .columns = 7}},
                   .out = given,
                   .in = {given, given, given},
                   .n_in = 3,
                   .length = n};
    FlashCount count = {0};
    assert_true(head_cost(&setup, &cost, &err));
    flash_count(&call, &count);
    assert_true(cost.tiles.all - cost.tiles.empty == (double)count.tiles);
    assert_true(cost.tiles.empty == (double)count.skipped);
    assert_true(cost.flops == count.flops);
    assert_int_equal(cost.extra_bytes, count.extra_bytes);
}

/* What is told of the tiles is what the loop does; a short text takes less than a whole tile's memory. */
static void tiles_are_those_of_the_loop(void **state) {
    (void)state;
    for (int m = 0; m < MASK_COUNT; m++) {
        check_tiles(&MASKS[m], LENGTH);
        check_tiles(&MASKS[m], 5);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attention_is_what_it_should_be),
        cmocka_unit_test(numbers_are_drawn_alike),
        cmocka_unit_test(cost_is_known_before),
        cmocka_unit_test(tiles_are_those_of_the_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
