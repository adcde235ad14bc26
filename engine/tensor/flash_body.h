/* flash_body: the parts of a tile of flash attention (flash.h). Every sum of a row has one order,
 * however many rows there are, so that few rows (decoding) may take a way of their own. */
#ifndef TENSOR_FLASH_BODY_H
#define TENSOR_FLASH_BODY_H

#include "engine/tensor/rows_body.h"
#include "engine/tensor/scores_body.h"

#include <float.h>

_Static_assert(PANEL_COLUMNS <= FLASH_PANEL_COLUMNS && FLASH_PAD % LANES == 0, "room for a panel");

/* ---- S = Q Kᵀ, in the order of d ---- */

static void flash_scores(float *y, size_t y_row, const float *q, size_t q_row, size_t rows,
                         const float *k, size_t k_row, size_t keys, size_t D, float *panel) {
    scores_with(y, y_row, q, q_row, rows, k, k_row, keys, D, panel, FLASH_PANEL_DEPTH);
}

/* ---- P = e^(S − m) ---- */

/* For LANES rows at once: combined[r] of the lanes of line r, from the first lane to the last. */
INLINE Vec across(float (*line)[LANES], size_t rows, bool largest) {
    const float *row[LANES];
    Vec all = vec_set1(largest ? -INFINITY : 0);
    for (size_t r = 0; r < LANES; r++)
        row[r] = line[smaller(r, rows - 1)];
    UNROLL
    for (size_t at = 0; at < LANES; at += 4) {
        Vec column[4];
        vec_columns4(column, row, at);
        UNROLL
        for (size_t i = 0; i < 4; i++)
            if (largest)
                all = vec_max(column[i], all);
            else
                all = all + column[i];
    }
    return all;
}

/* Up to LANES rows. −FLT_MAX stands for a maximum of nothing: −∞ − −∞ would be NaN. */
INLINE void soften_rows(float *scores, size_t width, size_t rows, float *max, double *sum,
                        float *rescale) {
    float line[LANES][LANES], least[LANES], part[LANES];
    for (size_t r = 0; r < rows; r++) {
        Vec most = vec_set1(-INFINITY);
        for (size_t j = 0; j < width; j += LANES)
            most = vec_max(vec_load(scores + r * width + j), most);
        vec_store(line[r], most);
    }
    Vec old = vec_load(max), now = vec_max(across(line, rows, true), old);
    Vec from = vec_max(now, vec_set1(-FLT_MAX));
    vec_store(max, now);
    vec_store(least, from);
    vec_store(rescale, vec_exp(old - from));
    for (size_t r = 0; r < rows; r++) {
        Vec all = vec_set1(0), m = vec_set1(least[r]);
        for (size_t j = 0; j < width; j += LANES) {
            Vec e = vec_exp(vec_load(scores + r * width + j) - m);
            vec_store(scores + r * width + j, e);
            all = all + e;
        }
        vec_store(line[r], all);
    }
    vec_store(part, across(line, rows, false));
    for (size_t r = 0; r < rows; r++)
        sum[r] = (double)rescale[r] * sum[r] + (double)part[r];
}

static void flash_soften(float *scores, size_t width, size_t rows, float *max, double *sum,
                         float *rescale) {
    for (size_t r = 0; r < rows; r += LANES)
        soften_rows(scores + r * width, width, smaller(LANES, rows - r), max + r, sum + r,
                    rescale + r);
}

/* ---- acc = rescale · acc + P V, the sum in the order of the keys ---- */

INLINE void value_tile(float *acc, size_t D, const float *p, size_t p_row, const float *rescale,
                       const float *v, size_t v_row, size_t keys, size_t columns, size_t rows,
                       size_t vectors) {
    Vec sum[TILE_ROWS][TILE_VECTORS];
    UNROLL
    for (size_t t = 0; t < rows; t++)
        UNROLL
    for (size_t i = 0; i < vectors; i++)
        sum[t][i] = vec_set1(0);
    for (size_t j = 0; j < keys; j++, v += v_row) {
        Vec part[TILE_VECTORS];
        UNROLL
        for (size_t i = 0; i < vectors; i++)
            part[i] = load_up_to(v + i * LANES, columns - i * LANES);
        UNROLL
        for (size_t t = 0; t < rows; t++) {
            Vec weight = vec_set1(p[t * p_row + j]);
            UNROLL
            for (size_t i = 0; i < vectors; i++)
                sum[t][i] = vec_fma(weight, part[i], sum[t][i]);
        }
    }
    UNROLL
    for (size_t t = 0; t < rows; t++)
        UNROLL
    for (size_t i = 0; i < vectors; i++) {
        float *to = acc + t * D + i * LANES;
        Vec old = load_up_to(to, columns - i * LANES);
        store_up_to(to, vec_fma(vec_set1(rescale[t]), old, sum[t][i]), columns - i * LANES);
    }
}

INLINE void value_rows(float *acc, size_t D, const float *p, size_t p_row, const float *rescale,
                       const float *v, size_t v_row, size_t keys, size_t columns, size_t rows) {
    switch (vectors_of(columns)) {
    case 1: value_tile(acc, D, p, p_row, rescale, v, v_row, keys, columns, rows, 1); break;
    case 2: value_tile(acc, D, p, p_row, rescale, v, v_row, keys, columns, rows, 2); break;
    default:
        value_tile(acc, D, p, p_row, rescale, v, v_row, keys, columns, rows, TILE_VECTORS);
        break;
    }
}

/* All rows, for one panel of V's columns. */
static void value_panel(float *acc, size_t D, const float *p, size_t p_row, size_t rows,
                        const float *rescale, const float *v, size_t v_row, size_t keys,
                        size_t columns) {
    size_t t = 0;
    for (; t + TILE_ROWS <= rows; t += TILE_ROWS)
        value_rows(acc + t * D, D, p + t * p_row, p_row, rescale + t, v, v_row, keys, columns,
                   TILE_ROWS);
    for (; t + 2 <= rows; t += 2)
        value_rows(acc + t * D, D, p + t * p_row, p_row, rescale + t, v, v_row, keys, columns, 2);
    if (t < rows)
        value_rows(acc + t * D, D, p + t * p_row, p_row, rescale + t, v, v_row, keys, columns, 1);
}

static void flash_values(float *acc, size_t D, const float *p, size_t p_row, size_t rows,
                         const float *rescale, const float *v, size_t v_row, size_t keys,
                         float *panel) {
    KernelMatrix values = {v, DTYPE_F32, (ptrdiff_t)v_row, 1};
    for (size_t n = 0, columns; n < D; n += columns) {
        columns = panel_columns(D - n);
        if (rows <= FEW_ROWS) {
            value_panel(acc + n, D, p, p_row, rows, rescale, v + n, v_row, keys, columns);
            continue;
        }
        panel_pack(panel, values, 0, keys, n, columns);
        value_panel(acc + n, D, p, p_row, rows, rescale, panel, PANEL_COLUMNS, keys, columns);
    }
}

#endif
