/* linear_body: y = x · w + bias, by the way that w lies.
 *
 * [in, out] (w.column is 1): sums in the order of k. Many rows go by panels; few rows, as in decoding,
 * stream w once, from its first row to its last.
 * [out, in] (w.row is 1): LANES partial sums, then a fixed tree, as in kernel_dot. */
#ifndef TENSOR_LINEAR_BODY_H
#define TENSOR_LINEAR_BODY_H

#include "engine/tensor/panel_body.h"

/* ---- few rows, w [in, out] ---- */

#define STREAM_ROWS 3
#define STREAM_DEPTH 8      /* rows of w at once */
#define STREAM_COLUMNS 2048 /* y's piece stays in the first cache */

/* y[t, n] (+)= Σ x[t, k] · w[k, n], for k in [first, first + depth), n in [n, last). */
INLINE void stream(float *y, size_t y_row, const float *x, size_t x_row, size_t rows,
                   KernelMatrix w, DType type, size_t first, size_t depth, size_t n, size_t last) {
    Vec value[STREAM_ROWS][STREAM_DEPTH];
    UNROLL
    for (size_t t = 0; t < rows; t++)
        UNROLL
    for (size_t k = 0; k < depth; k++)
        value[t][k] = vec_set1(x[t * x_row + first + k]);
    for (; n < last; n += LANES) {
        size_t left = last - n;
        Vec sum[STREAM_ROWS];
        UNROLL
        for (size_t t = 0; t < rows; t++)
            sum[t] = first ? load_up_to(y + t * y_row + n, left) : vec_set1(0);
        UNROLL
        for (size_t k = 0; k < depth; k++) {
            ptrdiff_t at = (ptrdiff_t)(first + k) * w.row + (ptrdiff_t)n;
            Vec part = load_wide_up_to(w.data, type, at, left);
            UNROLL
            for (size_t t = 0; t < rows; t++)
                sum[t] = vec_fma(value[t][k], part, sum[t]);
        }
        UNROLL
        for (size_t t = 0; t < rows; t++)
            store_up_to(y + t * y_row + n, sum[t], left);
    }
}

INLINE void stream_all(float *y, size_t y_row, const float *x, size_t x_row, size_t rows,
                       KernelMatrix w, DType type, size_t K, size_t N) {
    for (size_t n = 0; n < N; n += STREAM_COLUMNS) {
        size_t k = 0, last = smaller(n + STREAM_COLUMNS, N);
        for (; k + STREAM_DEPTH <= K; k += STREAM_DEPTH)
            stream(y, y_row, x, x_row, rows, w, type, k, STREAM_DEPTH, n, last);
        for (; k < K; k++)
            stream(y, y_row, x, x_row, rows, w, type, k, 1, n, last);
    }
}

INLINE void stream_typed(float *y, size_t y_row, const float *x, size_t x_row, size_t rows,
                         KernelMatrix w, size_t K, size_t N) {
    switch (w.type) {
    case DTYPE_F16: stream_all(y, y_row, x, x_row, rows, w, DTYPE_F16, K, N); break;
    case DTYPE_BF16: stream_all(y, y_row, x, x_row, rows, w, DTYPE_BF16, K, N); break;
    default: stream_all(y, y_row, x, x_row, rows, w, DTYPE_F32, K, N); break;
    }
}

static void multiply_streaming(float *y, size_t y_row, const float *x, size_t x_row, size_t rows,
                               KernelMatrix w, size_t K, size_t N) {
    switch (rows) {
    case 1: stream_typed(y, y_row, x, x_row, 1, w, K, N); break;
    case 2: stream_typed(y, y_row, x, x_row, 2, w, K, N); break;
    default: stream_typed(y, y_row, x, x_row, STREAM_ROWS, w, K, N); break;
    }
}

/* ---- w [out, in] ---- */

#define DOT_BLOCK 64 /* outputs whose weights stay in the second cache while all rows pass */

/* A tile of rows × 4 outputs. An output behind the last repeats it and is not stored. */
INLINE void dot_tile(float *y, size_t y_row, const float *x, size_t x_row, size_t rows,
                     KernelMatrix w, DType type, size_t K, size_t n, size_t outputs) {
    Vec sum[DOT_ROWS][DOT_OUTPUTS];
    ptrdiff_t at[DOT_OUTPUTS];
    UNROLL
    for (size_t o = 0; o < DOT_OUTPUTS; o++) {
        at[o] = (ptrdiff_t)(n + smaller(o, outputs - 1)) * w.column;
        UNROLL
        for (size_t t = 0; t < rows; t++)
            sum[t][o] = vec_set1(0);
    }
    for (size_t k = 0; k < K; k += LANES) {
        Vec part[DOT_OUTPUTS];
        UNROLL
        for (size_t o = 0; o < DOT_OUTPUTS; o++)
            part[o] = load_wide_up_to(w.data, type, at[o] + (ptrdiff_t)k, K - k);
        UNROLL
        for (size_t t = 0; t < rows; t++) {
            Vec value = load_up_to(x + t * x_row + k, K - k);
            UNROLL
            for (size_t o = 0; o < DOT_OUTPUTS; o++)
                sum[t][o] = vec_fma(value, part[o], sum[t][o]);
        }
    }
    UNROLL
    for (size_t t = 0; t < rows; t++) {
        float four[DOT_OUTPUTS];
        vec_sum4(four, sum[t]);
        memcpy(y + t * y_row + n, four, outputs * sizeof *four);
    }
}

INLINE void dot_rows(float *y, size_t y_row, const float *x, size_t x_row, size_t rows,
                     KernelMatrix w, DType type, size_t K, size_t n, size_t last) {
    for (; n < last; n += DOT_OUTPUTS)
        dot_tile(y, y_row, x, x_row, rows, w, type, K, n, smaller(DOT_OUTPUTS, last - n));
}

INLINE void dot_typed(float *y, size_t y_row, const float *x, size_t x_row, size_t rows,
                      KernelMatrix w, DType type, size_t K, size_t N) {
    for (size_t n = 0; n < N; n += DOT_BLOCK) {
        size_t t = 0, last = smaller(n + DOT_BLOCK, N);
        for (; t + DOT_ROWS <= rows; t += DOT_ROWS)
            dot_rows(y + t * y_row, y_row, x + t * x_row, x_row, DOT_ROWS, w, type, K, n, last);
        for (; t + 2 <= rows; t += 2)
            dot_rows(y + t * y_row, y_row, x + t * x_row, x_row, 2, w, type, K, n, last);
        if (t < rows)
            dot_rows(y + t * y_row, y_row, x + t * x_row, x_row, 1, w, type, K, n, last);
    }
}

static void multiply_by_dots(float *y, size_t y_row, const float *x, size_t x_row, size_t rows,
                             KernelMatrix w, size_t K, size_t N) {
    switch (w.type) {
    case DTYPE_F16: dot_typed(y, y_row, x, x_row, rows, w, DTYPE_F16, K, N); break;
    case DTYPE_BF16: dot_typed(y, y_row, x, x_row, rows, w, DTYPE_BF16, K, N); break;
    default: dot_typed(y, y_row, x, x_row, rows, w, DTYPE_F32, K, N); break;
    }
}

static float dot(const float *a, const float *b, size_t n) {
    Vec sum = vec_set1(0);
    for (size_t i = 0; i < n; i += LANES)
        sum = vec_fma(load_up_to(a + i, n - i), load_up_to(b + i, n - i), sum);
    return vec_sum(sum);
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
    if (w.column == 1 && rows <= STREAM_ROWS && K > 0)
        multiply_streaming(y, y_row, x, x_row, rows, w, K, N);
    else if (w.column != 1 && w.row == 1)
        multiply_by_dots(y, y_row, x, x_row, rows, w, K, N);
    else
        multiply_by_panels(y, y_row, x, x_row, rows, w, K, N);
    if (bias)
        add_bias(y, y_row, rows, N, bias, bias_step);
}

static void scores(float *y, size_t y_row, const float *q, size_t q_row, size_t rows,
                   const float *k, size_t k_row, size_t keys, size_t D) {
    KernelMatrix matrix = {k, DTYPE_F32, 1, (ptrdiff_t)k_row};
    multiply_by_panels(y, y_row, q, q_row, rows, matrix, D, keys);
}

#endif
