/* scores_body: rows of queries times rows of keys, each sum in the order of d. */
#ifndef TENSOR_SCORES_BODY_H
#define TENSOR_SCORES_BODY_H

#include "engine/tensor/panel_body.h"

#define FEW_ROWS 3 /* so few that packing would cost more than it brings */

/* LANES keys at a time, turned in registers. */
INLINE void few_scores(float *y, size_t y_row, const float *q, size_t q_row, size_t rows,
                       const float *k, size_t k_row, size_t keys, size_t D) {
    for (size_t j = 0; j < keys; j += LANES) {
        const float *key[LANES];
        Vec sum[FEW_ROWS];
        size_t d = 0;
        for (size_t lane = 0; lane < LANES; lane++)
            key[lane] = k + smaller(j + lane, keys - 1) * k_row;
        UNROLL
        for (size_t t = 0; t < rows; t++)
            sum[t] = vec_set1(0);
        for (; d + 4 <= D; d += 4) {
            Vec column[4];
            vec_columns4(column, key, d);
            UNROLL
            for (size_t i = 0; i < 4; i++) {
                UNROLL
                for (size_t t = 0; t < rows; t++)
                    sum[t] = vec_fma(vec_set1(q[t * q_row + d + i]), column[i], sum[t]);
            }
        }
        for (; d < D; d++) {
            float column[LANES];
            for (size_t lane = 0; lane < LANES; lane++)
                column[lane] = key[lane][d];
            UNROLL
            for (size_t t = 0; t < rows; t++)
                sum[t] = vec_fma(vec_set1(q[t * q_row + d]), vec_load(column), sum[t]);
        }
        UNROLL
        for (size_t t = 0; t < rows; t++)
            store_up_to(y + t * y_row + j, sum[t], keys - j);
    }
}

/* `panel` has room for `depth` rows of a panel. */
static void scores_with(float *y, size_t y_row, const float *q, size_t q_row, size_t rows,
                        const float *k, size_t k_row, size_t keys, size_t D, float *panel,
                        size_t depth) {
    switch (rows) {
    case 1: few_scores(y, y_row, q, q_row, 1, k, k_row, keys, D); return;
    case 2: few_scores(y, y_row, q, q_row, 2, k, k_row, keys, D); return;
    case 3: few_scores(y, y_row, q, q_row, 3, k, k_row, keys, D); return;
    default: break;
    }
    for (size_t n = 0, columns; n < keys; n += columns) {
        columns = panel_columns(keys - n);
        const float *from = k + n * k_row;
        for (size_t d = 0; d < D || d == 0; d += depth) {
            Panel part = {.data = panel, .depth = smaller(depth, D - d), .columns = columns};
            part.add = d > 0;
            pack_columns(panel, from, (ptrdiff_t)k_row, d, part.depth, columns);
            panel_multiply(y + n, y_row, q + d, q_row, rows, &part);
        }
    }
}

static void scores(float *y, size_t y_row, const float *q, size_t q_row, size_t rows,
                   const float *k, size_t k_row, size_t keys, size_t D) {
    _Alignas(64) float panel[PANEL_DEPTH * PANEL_COLUMNS];
    scores_with(y, y_row, q, q_row, rows, k, k_row, keys, D, panel, PANEL_DEPTH);
}

#endif
