/* dot_body: y = x · w where w is [out, in], so that every y[t, n] is a dot product of two rows: LANES
 * partial sums, element k in sum k mod LANES, in the order of k; then vec_sum4's tree.
 *
 * A tile of rows × 4 outputs stays in registers. For many rows a block of w is packed first: the vectors
 * of four outputs one after the other, widened, as one stream. Few rows read w where it lies. */
#ifndef TENSOR_DOT_BODY_H
#define TENSOR_DOT_BODY_H

#include "engine/tensor/panel_body.h"

#define DOT_AHEAD 8192       /* bytes */
#define DOT_BLOCK 64         /* the most outputs that are packed at once … */
#define DOT_PACK (48 * 1024) /* … and their floats, for which the second cache has room */

typedef struct {
    float *y;
    const float *x;
    size_t y_row, x_row, rows;
} Rows;

/* The weights of four outputs: where each begins, and how far apart its vectors are. */
typedef struct {
    const void *data;
    DType type;
    ptrdiff_t at[DOT_OUTPUTS], step;
} DotWeights;

INLINE void dot_step(Vec sum[DOT_ROWS][DOT_OUTPUTS], const float *x, size_t x_row, size_t rows,
                     const DotWeights *w, size_t n) {
    Vec part[DOT_OUTPUTS];
    UNROLL
    for (size_t o = 0; o < DOT_OUTPUTS; o++)
        part[o] = load_wide_up_to(w->data, w->type, w->at[o], n);
    UNROLL
    for (size_t t = 0; t < rows; t++) {
        Vec value = load_up_to(x + t * x_row, n);
        UNROLL
        for (size_t o = 0; o < DOT_OUTPUTS; o++)
            sum[t][o] = vec_fma(value, part[o], sum[t][o]);
    }
}

/* Each step fetches lines, for a single row as many as it uses: its weights are one stream. */
INLINE const char *fetch_lines(const char *at, size_t size) {
    UNROLL
    for (size_t i = 0; i < size; i += 64)
        __builtin_prefetch(at + i, 0, 3);
    return at + size;
}

/* y[t, n … n + outputs) for `rows` rows. Each step fetches `fetch` bytes from `next`. */
INLINE void dot_tile(Rows r, size_t rows, DotWeights w, size_t K, size_t n, size_t outputs,
                     const char *next, size_t fetch) {
    Vec sum[DOT_ROWS][DOT_OUTPUTS];
    UNROLL
    for (size_t t = 0; t < rows; t++) {
        UNROLL
        for (size_t o = 0; o < DOT_OUTPUTS; o++)
            sum[t][o] = vec_set1(0);
    }
    size_t k = 0;
    for (; k + LANES <= K; k += LANES) {
        next = fetch_lines(next, fetch);
        dot_step(sum, r.x + k, r.x_row, rows, &w, LANES);
        UNROLL
        for (size_t o = 0; o < DOT_OUTPUTS; o++)
            w.at[o] += w.step;
    }
    if (k < K)
        dot_step(sum, r.x + k, r.x_row, rows, &w, K - k);
    UNROLL
    for (size_t t = 0; t < rows; t++) {
        float *y = r.y + t * r.y_row + n, four[DOT_OUTPUTS];
        vec_sum4(outputs == DOT_OUTPUTS ? y : four, sum[t]);
        for (size_t o = 0; o < outputs && outputs < DOT_OUTPUTS; o++)
            y[o] = four[o];
    }
}

/* ---- where w lies ---- */

/* What stands for an output behind the last repeats it, and is not stored. */
INLINE DotWeights weights_there(KernelMatrix w, DType type, size_t n, size_t outputs) {
    DotWeights there = {.data = w.data, .type = type, .step = LANES};
    UNROLL
    for (size_t o = 0; o < DOT_OUTPUTS; o++)
        there.at[o] = (ptrdiff_t)(n + smaller(o, outputs - 1)) * w.column;
    return there;
}

INLINE void dot_rows_there(Rows r, size_t rows, KernelMatrix w, DType type, size_t K, size_t N) {
    size_t size = width_of(type), fetch = rows == 1 ? DOT_OUTPUTS * LANES * size : 0;
    for (size_t n = 0; n < N; n += DOT_OUTPUTS) {
        size_t outputs = smaller(DOT_OUTPUTS, N - n);
        DotWeights there = weights_there(w, type, n, outputs);
        const char *next = (const char *)w.data + there.at[0] * (ptrdiff_t)size + DOT_AHEAD;
        dot_tile(r, rows, there, K, n, outputs, next, fetch);
    }
}

INLINE void dot_few_typed(Rows r, KernelMatrix w, DType type, size_t K, size_t N) {
    for (size_t t = 0, rows; t < r.rows; t += rows, r.x += rows * r.x_row, r.y += rows * r.y_row) {
        rows = r.rows - t >= DOT_ROWS ? DOT_ROWS : r.rows - t >= 2 ? 2 : 1;
        if (rows == DOT_ROWS)
            dot_rows_there(r, DOT_ROWS, w, type, K, N);
        else if (rows == 2)
            dot_rows_there(r, 2, w, type, K, N);
        else
            dot_rows_there(r, 1, w, type, K, N);
    }
}

static void dot_few(Rows r, KernelMatrix w, size_t K, size_t N) {
    switch (w.type) {
    case DTYPE_F16: dot_few_typed(r, w, DTYPE_F16, K, N); break;
    case DTYPE_BF16: dot_few_typed(r, w, DTYPE_BF16, K, N); break;
    default: dot_few_typed(r, w, DTYPE_F32, K, N); break;
    }
}

/* ---- packed ---- */

typedef struct {
    float *data;
    size_t n, last;         /* outputs */
    const char *next, *end; /* the block behind it, which the first tiles fetch */
} DotBlock;

INLINE void pack_outputs(float *to, KernelMatrix w, DType type, size_t K, size_t n, size_t last) {
    for (; n < last; n += DOT_OUTPUTS) {
        DotWeights from = weights_there(w, type, n, smaller(DOT_OUTPUTS, last - n));
        for (size_t k = 0; k < K; k += LANES) {
            UNROLL
            for (size_t o = 0; o < DOT_OUTPUTS; o++, to += LANES)
                vec_store(to, load_wide_up_to(w.data, type, from.at[o] + (ptrdiff_t)k, K - k));
        }
    }
}

static void pack_block(DotBlock *block, KernelMatrix w, size_t K, size_t N) {
    size_t n = block->n, last = block->last, after = smaller(2 * last - n, N);
    size_t row = (size_t)w.column * width_of(w.type);
    block->next = (const char *)w.data + last * row;
    block->end = (const char *)w.data + after * row;
    switch (w.type) {
    case DTYPE_F16: pack_outputs(block->data, w, DTYPE_F16, K, n, last); break;
    case DTYPE_BF16: pack_outputs(block->data, w, DTYPE_BF16, K, n, last); break;
    default: pack_outputs(block->data, w, DTYPE_F32, K, n, last); break;
    }
}

INLINE void dot_rows_packed(Rows r, size_t t, size_t rows, DotBlock *block, size_t K) {
    size_t steps = (K + LANES - 1) / LANES;
    DotWeights w = {.data = block->data, .type = DTYPE_F32, .step = LANES * DOT_OUTPUTS};
    r.x += t * r.x_row;
    r.y += t * r.y_row;
    for (size_t n = block->n; n < block->last; n += DOT_OUTPUTS) {
        UNROLL
        for (size_t o = 0; o < DOT_OUTPUTS; o++)
            w.at[o] = (ptrdiff_t)((n - block->n) * steps + o) * LANES;
        size_t outputs = smaller(DOT_OUTPUTS, block->last - n);
        if (block->next < block->end)
            dot_tile(r, rows, w, K, n, outputs, block->next, 64);
        else
            dot_tile(r, rows, w, K, n, outputs, block->next, 0);
        block->next += steps * 64;
    }
}

static void dot_many(Rows r, KernelMatrix w, size_t K, size_t N) {
    _Alignas(64) float data[DOT_PACK];
    size_t room = DOT_PACK / ((K + LANES - 1) / LANES * LANES) / DOT_OUTPUTS * DOT_OUTPUTS;
    size_t width = smaller(DOT_BLOCK, room);
    for (size_t n = 0; n < N; n += width) {
        DotBlock block = {.data = data, .n = n, .last = smaller(n + width, N)};
        pack_block(&block, w, K, N);
        size_t t = 0;
        for (; t + DOT_ROWS <= r.rows; t += DOT_ROWS)
            dot_rows_packed(r, t, DOT_ROWS, &block, K);
        for (; t + 2 <= r.rows; t += 2)
            dot_rows_packed(r, t, 2, &block, K);
        if (t < r.rows)
            dot_rows_packed(r, t, 1, &block, K);
    }
}

/* ---- the whole ---- */

static void multiply_by_dots(Rows r, KernelMatrix w, size_t K, size_t N) {
    if (r.rows < 2 * DOT_ROWS || K == 0 || K > DOT_PACK / DOT_OUTPUTS)
        dot_few(r, w, K, N);
    else
        dot_many(r, w, K, N);
}

static float dot(const float *a, const float *b, size_t n) {
    Vec sum = vec_set1(0);
    for (size_t i = 0; i < n; i += LANES)
        sum = vec_fma(load_up_to(a + i, n - i), load_up_to(b + i, n - i), sum);
    return vec_sum(sum);
}

#endif
