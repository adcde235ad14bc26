/* Patterns counted in closed form, against asking mask_allows of every cell. */
#include "engine/run/pattern.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LONGEST = 70, LAYERS = 5 };

static const MaskParams MASKS[] = {
    {.kind = MASK_FULL},
    {.kind = MASK_LOCAL, .window = 1},
    {.kind = MASK_LOCAL, .window = 8},
    {.kind = MASK_LOCAL, .window = SIZE_MAX},
    {.kind = MASK_DILATED, .window = 3, .dilation = 1},
    {.kind = MASK_DILATED, .window = 4, .dilation = 3},
    {.kind = MASK_DILATED, .window = SIZE_MAX, .dilation = 7},
    {.kind = MASK_DILATED, .window = 5, .dilation = SIZE_MAX},
    {.kind = MASK_LONGFORMER, .window = 2, .globals = 1, .global = {0}},
    {.kind = MASK_LONGFORMER, .window = 4, .globals = 5, .global = {20, 3, 3, 69, 1000}},
};
enum { MASK_COUNT = sizeof MASKS / sizeof *MASKS };
static const size_t LENGTHS[] = {1, 2, 7, 33, 64, LONGEST};
static const size_t PADDED[] = {0, 1, 5, 60};

/* Every mask there is, causal and not, with and without padding, at every length. */
typedef void Check(const MaskParams *mask, size_t n);
static void each_mask(Check *check) {
    for (size_t m = 0; m < MASK_COUNT; m++)
        for (size_t l = 0; l < sizeof LENGTHS / sizeof *LENGTHS; l++)
            for (size_t p = 0; p < sizeof PADDED / sizeof *PADDED; p++)
                for (int causal = 0; causal < 2; causal++) {
                    MaskParams mask = MASKS[m];
                    mask.keys = PADDED[p];
                    mask.causal = causal;
                    check(&mask, LENGTHS[l]);
                }
}

static bool row_has(const PatternRow *row, size_t key) {
    bool has = key >= row->first && key < row->end && (key - row->first) % row->step == 0;
    for (int g = 0; g < row->globals; g++)
        has = has || row->global[g] == key;
    return has;
}

static void check_rows(const MaskParams *mask, size_t n) {
    double cells = 0;
    for (size_t query = 0; query < n; query++) {
        PatternRow row;
        size_t seen = 0;
        pattern_row(mask, n, query, &row);
        for (size_t key = 0; key < n; key++) {
            bool allowed = mask_allows(mask, query, key);
            assert_int_equal(row_has(&row, key), allowed);
            seen += allowed;
        }
        assert_int_equal(pattern_row_count(&row), seen);
        cells += (double)seen;
    }
    assert_true(pattern_cells(mask, n) == cells);
}

static void rows_are_counted(void **state) {
    (void)state;
    each_mask(check_rows);
    assert_true(pattern_cells(&(MaskParams){.causal = true}, 16384) == 16384.0 * 16385 / 2);
}

static void check_tiles(const MaskParams *mask, size_t n) {
    static const size_t sizes[][2] = {{1, 1}, {4, 16}, {16, 3}, {64, 64}, {100, 100}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        PatternTiles tiles = pattern_tiles(mask, n, sizes[s][0], sizes[s][1]);
        size_t all = 0, empty = 0;
        for (size_t i = 0; i < n; i += sizes[s][0])
            for (size_t j = 0; j < n; j += sizes[s][1]) {
                bool seen = false;
                for (size_t q = i; q < n && q < i + sizes[s][0]; q++)
                    for (size_t k = j; k < n && k < j + sizes[s][1]; k++)
                        seen = seen || mask_allows(mask, q, k);
                all++;
                empty += !seen;
            }
        assert_true(tiles.all == (double)all);
        assert_true(tiles.empty == (double)empty);
    }
}

static void tiles_are_counted(void **state) {
    (void)state;
    each_mask(check_tiles);
}

static void check_shares(const MaskParams *mask, size_t n) {
    static const size_t sizes[][2] = {{1, 1}, {3, 2}, {7, 7}, {32, 64}, {33, 1}, {LONGEST, 9}};
    float share[LONGEST * LONGEST];
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        size_t rows = sizes[s][0], columns = sizes[s][1];
        if (rows > n || columns > n)
            continue;
        pattern_shares(mask, n, rows, columns, share);
        for (size_t r = 0; r < rows; r++)
            for (size_t c = 0; c < columns; c++) {
                size_t seen = 0, cells = 0;
                for (size_t q = r * n / rows; q < (r + 1) * n / rows; q++)
                    for (size_t k = c * n / columns; k < (c + 1) * n / columns; k++, cells++)
                        seen += mask_allows(mask, q, k);
                assert_true(share[r * columns + c] == (float)seen / (float)cells);
            }
    }
}

static void pictures_show_the_shares(void **state) {
    (void)state;
    each_mask(check_shares);
}

/* The sets, position by position. */
static size_t slow_reach(const MaskParams *const *layer, size_t layers, size_t n,
                         PatternReach *reach) {
    bool set[LONGEST] = {false}, next[LONGEST];
    const MaskParams *lowest = layer[0];
    size_t needed = 0;
    set[(lowest->keys > 0 && lowest->keys < n ? lowest->keys : n) - 1] = true;
    for (size_t l = 0; l < LONGEST; l++) {
        const MaskParams *mask = layer[l < layers ? layers - 1 - l : 0];
        memcpy(next, set, sizeof next);
        for (size_t q = 0; q < n; q++)
            for (size_t k = 0; k < n && set[q]; k++)
                next[k] = next[k] || mask_allows(mask, q, k);
        memcpy(set, next, sizeof set);
        if (set[0] && !needed)
            needed = l + 1;
        if (l >= layers)
            continue;
        reach[l] = (PatternReach){.farthest = n};
        for (size_t k = n; k-- > 0;)
            if (set[k]) {
                reach[l].count++;
                reach[l].farthest = k;
            }
    }
    return needed;
}

static void check_reach(const MaskParams *mask, size_t n) {
    MaskParams list[LAYERS];
    const MaskParams *layer[LAYERS];
    for (int mixed = 0; mixed < 2; mixed++) {
        for (size_t l = 0; l < LAYERS; l++) {
            list[l] = *mask;
            if (mixed && l % 2 == 1) { /* a window in every other layer */
                list[l].kind = MASK_LOCAL;
                list[l].window = 3;
            }
            layer[l] = &list[l];
        }
        PatternReach fast[LAYERS], slow[LAYERS];
        assert_int_equal(pattern_reach(list, LAYERS, n, fast), slow_reach(layer, LAYERS, n, slow));
        for (size_t l = 0; l < LAYERS; l++) {
            assert_int_equal(fast[l].farthest, slow[l].farthest);
            assert_int_equal(fast[l].count, slow[l].count);
        }
    }
}

static void reach_follows_the_masks(void **state) {
    (void)state;
    each_mask(check_reach);
}

/* What is written of windows: L layers reach back L · (W − 1), of dilated ones D times as far but not
 * to every token on the way; one global token makes it two layers, whatever the length. */
static void reach_is_as_known(void **state) {
    (void)state;
    PatternReach reach[4];
    MaskParams mask[4];
    for (int l = 0; l < 4; l++)
        mask[l] = (MaskParams){.kind = MASK_LOCAL, .causal = true, .window = 8};
    assert_int_equal(pattern_reach(mask, 4, 64, reach), 9); /* 63 ÷ 7 */
    assert_int_equal(reach[3].count, 29);
    assert_int_equal(reach[3].farthest, 63 - 28);
    for (int l = 0; l < 4; l++)
        mask[l] = (MaskParams){.kind = MASK_DILATED, .causal = true, .window = 4, .dilation = 2};
    assert_int_equal(pattern_reach(mask, 4, 64, reach), 0); /* 63 is odd */
    assert_int_equal(reach[3].count, 13);
    assert_int_equal(reach[3].farthest, 63 - 24);
    for (int l = 0; l < 4; l++)
        mask[l] = (MaskParams){.kind = MASK_LONGFORMER, .window = 8, .globals = 1, .global = {500}};
    assert_int_equal(pattern_reach(mask, 4, 16384, reach), 2);
    assert_int_equal(reach[0].count, 9); /* the window's 8, and the global one */
    assert_int_equal(reach[1].count, 16384);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_counted),         cmocka_unit_test(tiles_are_counted),
        cmocka_unit_test(pictures_show_the_shares), cmocka_unit_test(reach_follows_the_masks),
        cmocka_unit_test(reach_is_as_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
