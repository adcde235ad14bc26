#include "engine/tensor/kernels.h"

#include <math.h>
#include <string.h>

#define LANES 4 /* 128 bits: what SSE2 and NEON have */
#define TILE_ROWS 4
#define TILE_VECTORS 2
#define TILE_COLUMNS (LANES * TILE_VECTORS)

typedef float Vec __attribute__((vector_size(LANES * sizeof(float))));

/* Data from a file need not be aligned. */
static inline Vec load(const float *from) {
    Vec v;
    memcpy(&v, from, sizeof v);
    return v;
}

static inline void store(float *to, const Vec *v) {
    memcpy(to, v, sizeof *v);
}

float kernel_dot(const float *a, const float *b, size_t n) {
    Vec low = {0}, high = {0};
    size_t i = 0;
    for (; i + 2 * LANES <= n; i += 2 * LANES) {
        low += load(a + i) * load(b + i);
        high += load(a + i + LANES) * load(b + i + LANES);
    }
    float lane[2 * LANES];
    store(lane, &low);
    store(lane + LANES, &high);
    for (size_t j = 0; i < n; i++, j++)
        lane[j] += a[i] * b[i];
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) +
           ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

void kernel_axpy(float *y, float a, const float *x, size_t n) {
    for (size_t i = 0; i < n; i++)
        y[i] += a * x[i];
}

/* A tile of up to 4 rows × 8 columns stays in registers while K runs past. */
static inline void tile(float *y, size_t y_row, const float *x, size_t x_row, size_t rows,
                        const float *w, ptrdiff_t w_row, size_t K, const float *bias) {
    Vec sum[TILE_ROWS][TILE_VECTORS] = {0};
    for (size_t k = 0; k < K; k++) {
        const float *row = w + (ptrdiff_t)k * w_row;
        Vec w0 = load(row), w1 = load(row + LANES);
        for (size_t t = 0; t < rows; t++) {
            float value = x[t * x_row + k];
            sum[t][0] += value * w0;
            sum[t][1] += value * w1;
        }
    }
    for (size_t t = 0; t < rows; t++)
        for (size_t v = 0; v < TILE_VECTORS; v++) {
            if (bias)
                sum[t][v] += load(bias + v * LANES);
            store(y + t * y_row + v * LANES, &sum[t][v]);
        }
}

static float element(KernelMatrix w, size_t k, size_t n) {
    ptrdiff_t at = (ptrdiff_t)k * w.row + (ptrdiff_t)n * w.column;
    switch (w.type) {
    case DTYPE_F16: return half_to_float(((const uint16_t *)w.data)[at]);
    case DTYPE_BF16: return bf16_to_float(((const uint16_t *)w.data)[at]);
    default: return ((const float *)w.data)[at];
    }
}

/* One column in plain C: the same sum in the same order as the tile's. */
static float column_sum(const float *x, KernelMatrix w, size_t K, size_t n) {
    float sum = 0;
    for (size_t k = 0; k < K; k++)
        sum += x[k] * element(w, k, n);
    return sum;
}

static void linear_by_columns(float *y, size_t y_row, const float *x, size_t x_row, size_t rows,
                              KernelMatrix w, size_t K, size_t N, const float *bias) {
    for (size_t t = 0; t < rows; t += TILE_ROWS) {
        const float *xt = x + t * x_row;
        float *yt = y + t * y_row;
        size_t n = 0, left = rows - t;
        for (; n + TILE_COLUMNS <= N; n += TILE_COLUMNS) {
            const float *b = bias ? bias + n : NULL;
            if (left >= TILE_ROWS)
                tile(yt + n, y_row, xt, x_row, TILE_ROWS, (const float *)w.data + n, w.row, K, b);
            else
                tile(yt + n, y_row, xt, x_row, left, (const float *)w.data + n, w.row, K, b);
        }
        for (; n < N; n++)
            for (size_t r = 0; r < left && r < TILE_ROWS; r++)
                yt[r * y_row + n] = column_sum(xt + r * x_row, w, K, n) + (bias ? bias[n] : 0.0f);
    }
}

void kernel_linear(float *y, size_t y_row, const float *x, size_t x_row, size_t rows,
                   KernelMatrix w, size_t K, size_t N, const float *bias, ptrdiff_t bias_step) {
    if (w.column == 1 && w.type == DTYPE_F32 && (!bias || bias_step == 1)) {
        linear_by_columns(y, y_row, x, x_row, rows, w, K, N, bias);
        return;
    }
    for (size_t n = 0; n < N; n++) {
        float b = bias ? bias[(ptrdiff_t)n * bias_step] : 0.0f;
        for (size_t t = 0; t < rows; t++) {
            const float *xt = x + t * x_row;
            float sum = w.row == 1 && w.type == DTYPE_F32
                            ? kernel_dot(xt, (const float *)w.data + (ptrdiff_t)n * w.column, K)
                            : column_sum(xt, w, K, n);
            y[t * y_row + n] = sum + b;
        }
    }
}

void kernel_scores(float *y, size_t y_row, const float *q, size_t q_row, size_t rows,
                   const float *k, size_t k_row, size_t keys, size_t D) {
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < keys; j++) {
            float sum = 0;
            for (size_t d = 0; d < D; d++)
                sum += q[i * q_row + d] * k[j * k_row + d];
            y[i * y_row + j] = sum;
        }
}

void kernel_softmax(float *y, const float *x, size_t n) {
    float maximum = -INFINITY;
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        maximum = x[i] > maximum ? x[i] : maximum;
    maximum = isinf(maximum) ? 0 : maximum;
    for (size_t i = 0; i < n; i++) {
        y[i] = expf(x[i] - maximum);
        sum += (double)y[i];
    }
    float whole = sum == 0 ? 1 : (float)sum;
    for (size_t i = 0; i < n; i++)
        y[i] /= whole;
}

void kernel_gelu_tanh(float *y, const float *x, size_t n) {
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] / (1 + expf(-1.5957691216f * (x[i] + 0.044715f * x[i] * x[i] * x[i])));
}

void kernel_silu(float *y, const float *x, size_t n) {
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] / (1 + expf(-x[i]));
}

void kernel_widen(float *y, const void *x, DType type, size_t n) {
    KernelMatrix row = {x, type, 0, 1};
    for (size_t i = 0; i < n; i++)
        y[i] = element(row, 0, i);
}
