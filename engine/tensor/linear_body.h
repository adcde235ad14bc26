/* linear_body: y = x · w + bias, by the way that w lies.
 *
 * [in, out] (w.column is 1): sums in the order of k. Many rows go by panels; few rows, as in decoding,
 * stream w once, from its first row to its last.
 * [out, in] (w.row is 1): LANES partial sums, then a fixed tree, as in kernel_dot. */
#ifndef TENSOR_LINEAR_BODY_H
#define TENSOR_LINEAR_BODY_H

#include "engine/tensor/panel_body.h"

/* ---- few rows, w [in, out] ---- */

#define STREAM_DEPTH 8      /* rows of w at once */
#define STREAM_COLUMNS 2048 /* y's piece stays in the first cache */
#define STREAM_ROWS 12      /* for more rows packing pays */

typedef struct {
    float *y;
    const float *x;
    size_t y_row, x_row, rows;
} Rows;

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

/* ---- w [out, in] ---- */

#define DOT_AHEAD 8192 /* bytes */
#define DOT_BLOCK 64   /* outputs whose weights stay in the second cache while all rows pass */

/* The sums of a tile of rows × 4 outputs, of LANES products each; `at` is where an output's weights
 * begin. */
INLINE void dot_step(Vec sum[DOT_ROWS][DOT_OUTPUTS], const float *x, size_t x_row, size_t rows,
                     const void *w, DType type, const ptrdiff_t at[DOT_OUTPUTS], size_t n) {
    Vec part[DOT_OUTPUTS];
    UNROLL
    for (size_t o = 0; o < DOT_OUTPUTS; o++)
        part[o] = load_wide_up_to(w, type, at[o], n);
    UNROLL
    for (size_t t = 0; t < rows; t++) {
        Vec value = load_up_to(x + t * x_row, n);
        UNROLL
        for (size_t o = 0; o < DOT_OUTPUTS; o++)
            sum[t][o] = vec_fma(value, part[o], sum[t][o]);
    }
}

/* One row is one sequential stream of weights: each step fetches, far ahead, as much as it uses. */
INLINE const char *fetch_ahead(const char *ahead, DType type) {
    size_t size = DOT_OUTPUTS * LANES * width_of(type);
    UNROLL
    for (size_t i = 0; i < size; i += 64)
        __builtin_prefetch(ahead + i, 0, 3);
    return ahead + size;
}

INLINE void dot_tile(Rows r, size_t rows, KernelMatrix w, DType type, size_t K, size_t n,
                     size_t outputs) {
    Vec sum[DOT_ROWS][DOT_OUTPUTS];
    ptrdiff_t at[DOT_OUTPUTS];
    UNROLL
    for (size_t o = 0; o < DOT_OUTPUTS; o++) {
        /* What stands for an output behind the last repeats it, and is not stored. */
        at[o] = (ptrdiff_t)(n + smaller(o, outputs - 1)) * w.column;
        UNROLL
        for (size_t t = 0; t < rows; t++)
            sum[t][o] = vec_set1(0);
    }
    const char *ahead = (const char *)w.data + at[0] * (ptrdiff_t)width_of(type) + DOT_AHEAD;
    size_t k = 0;
    for (; k + LANES <= K; k += LANES) {
        ahead = rows == 1 ? fetch_ahead(ahead, type) : ahead;
        dot_step(sum, r.x + k, r.x_row, rows, w.data, type, at, LANES);
        UNROLL
        for (size_t o = 0; o < DOT_OUTPUTS; o++)
            at[o] += LANES;
    }
    if (k < K)
        dot_step(sum, r.x + k, r.x_row, rows, w.data, type, at, K - k);
    UNROLL
    for (size_t t = 0; t < rows; t++) {
        float *y = r.y + t * r.y_row + n, four[DOT_OUTPUTS];
        vec_sum4(outputs == DOT_OUTPUTS ? y : four, sum[t]);
        for (size_t o = 0; o < outputs && outputs < DOT_OUTPUTS; o++)
            y[o] = four[o];
    }
}

/* `rows` rows from t, and outputs from n to last. */
INLINE void dot_rows(Rows r, size_t t, size_t rows, KernelMatrix w, DType type, size_t K, size_t n,
                     size_t last) {
    r.x += t * r.x_row;
    r.y += t * r.y_row;
    for (; n < last; n += DOT_OUTPUTS)
        dot_tile(r, rows, w, type, K, n, smaller(DOT_OUTPUTS, last - n));
}

INLINE void dot_typed(Rows r, KernelMatrix w, DType type, size_t K, size_t N) {
    for (size_t n = 0; n < N; n += DOT_BLOCK) {
        size_t t = 0, last = smaller(n + DOT_BLOCK, N);
        for (; t + DOT_ROWS <= r.rows; t += DOT_ROWS)
            dot_rows(r, t, DOT_ROWS, w, type, K, n, last);
        for (; t + 2 <= r.rows; t += 2)
            dot_rows(r, t, 2, w, type, K, n, last);
        if (t < r.rows)
            dot_rows(r, t, 1, w, type, K, n, last);
    }
}

static void multiply_by_dots(Rows r, KernelMatrix w, size_t K, size_t N) {
    switch (w.type) {
    case DTYPE_F16: dot_typed(r, w, DTYPE_F16, K, N); break;
    case DTYPE_BF16: dot_typed(r, w, DTYPE_BF16, K, N); break;
    default: dot_typed(r, w, DTYPE_F32, K, N); break;
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

static void scores(float *y, size_t y_row, const float *q, size_t q_row, size_t rows,
                   const float *k, size_t k_row, size_t keys, size_t D) {
    KernelMatrix matrix = {k, DTYPE_F32, 1, (ptrdiff_t)k_row};
    multiply_by_panels(y, y_row, q, q_row, rows, matrix, D, keys);
}

#endif
