/* linear_body: y = x · w + bias, by the way that w lies.
 *
 * [in, out] (w.column is 1): sums in the order of k. Many rows go by panels; few rows, as in decoding,
 * stream w once, from its first row to its last.
 * [out, in] (w.row is 1): dot products (dot_body.h). */
#ifndef TENSOR_LINEAR_BODY_H
#define TENSOR_LINEAR_BODY_H

#include "engine/tensor/dot_body.h"

/* ---- few rows, w [in, out] ---- */

#define STREAM_DEPTH 8      /* rows of w at once */
#define STREAM_COLUMNS 2048 /* y's piece stays in the first cache */
#define STREAM_ROWS 12      /* for more rows packing pays */

/* LANES columns of `depth` rows of w, from row k and column n. */
INLINE void stream_load(Vec part[STREAM_DEPTH], KernelMatrix w, DType type, size_t k, size_t depth,
                        size_t n, size_t left) {
    UNROLL
    for (size_t i = 0; i < depth; i++)
        part[i] = load_wide_up_to(w.data, type, (ptrdiff_t)(k + i) * w.row + (ptrdiff_t)n, left);
}

/* y[t, n] (+)= Σ x[t, k + i] · part[i], for one vector of columns. The values of a single row stay
 * in registers, those of more are read each time. */
INLINE void stream_rows(Rows r, const Vec part[STREAM_DEPTH], const Vec *value, size_t k,
                        size_t depth, size_t n, size_t left) {
    for (size_t t = 0; t < (value ? 1 : r.rows); t++) {
        float *y = r.y + t * r.y_row + n;
        const float *x = r.x + t * r.x_row + k;
        Vec sum = k ? load_up_to(y, left) : vec_set1(0);
        UNROLL
        for (size_t i = 0; i < depth; i++)
            sum = vec_fma(value ? value[i] : vec_set1(x[i]), part[i], sum);
        store_up_to(y, sum, left);
    }
}

/* `depth` rows of w from k, and columns from n to last. */
INLINE void stream(Rows r, bool single, KernelMatrix w, DType type, size_t k, size_t depth,
                   size_t n, size_t last) {
    Vec value[STREAM_DEPTH], part[STREAM_DEPTH];
    UNROLL
    for (size_t i = 0; i < depth; i++)
        value[i] = vec_set1(r.x[k + i]);
    for (; n + LANES <= last; n += LANES) {
        stream_load(part, w, type, k, depth, n, LANES);
        stream_rows(r, part, single ? value : NULL, k, depth, n, LANES);
    }
    if (n < last) {
        stream_load(part, w, type, k, depth, n, last - n);
        stream_rows(r, part, single ? value : NULL, k, depth, n, last - n);
    }
}

INLINE void stream_all(Rows r, bool single, KernelMatrix w, DType type, size_t K, size_t N) {
    for (size_t n = 0; n < N; n += STREAM_COLUMNS) {
        size_t k = 0, last = smaller(n + STREAM_COLUMNS, N);
        for (; k + STREAM_DEPTH <= K; k += STREAM_DEPTH)
            stream(r, single, w, type, k, STREAM_DEPTH, n, last);
        for (; k < K; k++)
            stream(r, single, w, type, k, 1, n, last);
    }
}

INLINE void stream_typed(Rows r, KernelMatrix w, DType type, size_t K, size_t N) {
    if (r.rows == 1)
        stream_all(r, true, w, type, K, N);
    else
        stream_all(r, false, w, type, K, N);
}

static void multiply_streaming(Rows r, KernelMatrix w, size_t K, size_t N) {
    switch (w.type) {
    case DTYPE_F16: stream_typed(r, w, DTYPE_F16, K, N); break;
    case DTYPE_BF16: stream_typed(r, w, DTYPE_BF16, K, N); break;
    default: stream_typed(r, w, DTYPE_F32, K, N); break;
    }
}

/* ---- the whole ---- */

static void add_bias(float *y, size_t y_row, size_t rows, size_t N, const float *bias,
                     ptrdiff_t bias_step) {
    for (size_t t = 0; t < rows; t++, y += y_row) {
        size_t n = 0;
        for (; bias_step == 1 && n + LANES <= N; n += LANES)
            vec_store(y + n, vec_load(y + n) + vec_load(bias + n));
        for (; n < N; n++)
            y[n] += bias[(ptrdiff_t)n * bias_step];
    }
}

static void linear(float *y, size_t y_row, const float *x, size_t x_row, size_t rows,
                   KernelMatrix w, size_t K, size_t N, const float *bias, ptrdiff_t bias_step) {
    Rows r = {y, x, y_row, x_row, rows};
    if (w.column == 1 && rows <= STREAM_ROWS && K > 0)
        multiply_streaming(r, w, K, N);
    else if (w.column != 1 && w.row == 1)
        multiply_by_dots(r, w, K, N);
    else
        multiply_by_panels(y, y_row, x, x_row, rows, w, K, N);
    if (bias)
        add_bias(y, y_row, rows, N, bias, bias_step);
}

#endif
