/* rows_body: what is done to a row of numbers: softmax, activations, a sum of rows, widening. */
#ifndef TENSOR_ROWS_BODY_H
#define TENSOR_ROWS_BODY_H

#include "engine/tensor/panel_body.h"

#include <math.h>

/* e^x for every x, at most 2 units in the last place off, subnormal results included. With n the
 * whole number next to x ÷ ln 2 and r = x − n · ln 2, e^x = 2^n · e^r; ln 2 is subtracted in two parts
 * of which the first has few bits, so that n times it is exact. The polynomial for e^r is that of
 * the Cephes library's expf (S. L. Moshier, 1992). */
INLINE Vec vec_exp(Vec x) {
    x = vec_max(vec_set1(-104.0f), vec_min(vec_set1(89.0f), x)); /* 0 and ∞ behind; NaN passes */
    Vec n = vec_fma(x, vec_set1(1.44269504088896341f), vec_set1(0x1.8p23f)) - vec_set1(0x1.8p23f);
    Vec r = vec_fma(n, vec_set1(-0.693359375f), x);
    r = vec_fma(n, vec_set1(2.12194440e-4f), r);
    Vec p = vec_set1(1.9875691500e-4f);
    p = vec_fma(p, r, vec_set1(1.3981999507e-3f));
    p = vec_fma(p, r, vec_set1(8.3334519073e-3f));
    p = vec_fma(p, r, vec_set1(4.1665795894e-2f));
    p = vec_fma(p, r, vec_set1(1.6666665459e-1f));
    p = vec_fma(p, r, vec_set1(5.0000001201e-1f));
    p = vec_fma(p, r * r, r) + vec_set1(1.0f);
    return vec_scale(p, n);
}

/* The first n < LANES of `from`, then `rest`. */
INLINE Vec load_filled(const float *from, size_t n, float rest) {
    float all[LANES];
    for (size_t i = 0; i < LANES; i++)
        all[i] = i < n ? from[i] : rest;
    return vec_load(all);
}
INLINE Vec load_or(const float *from, size_t n, float rest) {
    return n >= LANES ? vec_load(from) : load_filled(from, n, rest);
}

/* The largest of a row; −∞ where there is none but NaN. */
static float row_max(const float *x, size_t n) {
    Vec most = vec_set1(-INFINITY);
    for (size_t i = 0; i < n; i += LANES)
        most = vec_max(load_or(x + i, n - i, -INFINITY), most);
    float lane[LANES], maximum = -INFINITY;
    vec_store(lane, most);
    for (size_t i = 0; i < LANES; i++)
        maximum = lane[i] > maximum ? lane[i] : maximum;
    return maximum;
}

/* y[i] = e^(x[i] − m); returns their sum. `y` may be `x`. */
static double row_exp(float *y, const float *x, size_t n, float m) {
    VecDouble low = {0}, high = {0};
    for (size_t i = 0; i < n; i += LANES) {
        Vec e = vec_exp(load_or(x + i, n - i, -INFINITY) - vec_set1(m));
        store_up_to(y + i, e, n - i);
        low += vec_low(e);
        high += vec_high(e);
    }
    double lane[LANES], sum = 0;
    memcpy(lane, &low, sizeof low);
    memcpy(lane + LANES / 2, &high, sizeof high);
    for (size_t i = 0; i < LANES; i++)
        sum += lane[i];
    return sum;
}

static void softmax(float *y, const float *x, size_t n) {
    float maximum = row_max(x, n);
    double sum = row_exp(y, x, n, isinf(maximum) ? 0 : maximum);
    Vec whole = vec_set1(sum == 0 ? 1 : (float)sum);
    for (size_t i = 0; i < n; i += LANES)
        store_up_to(y + i, load_up_to(y + i, n - i) / whole, n - i);
}

static void gelu_tanh(float *y, const float *x, size_t n) {
    for (size_t i = 0; i < n; i += LANES) {
        Vec v = load_up_to(x + i, n - i);
        Vec inner = v + vec_set1(0.044715f) * v * v * v;
        Vec e = vec_exp(vec_set1(-1.5957691216f) * inner);
        store_up_to(y + i, v / (vec_set1(1.0f) + e), n - i);
    }
}

static void silu(float *y, const float *x, size_t n) {
    for (size_t i = 0; i < n; i += LANES) {
        Vec v = load_up_to(x + i, n - i);
        store_up_to(y + i, v / (vec_set1(1.0f) + vec_exp(-v)), n - i);
    }
}

static void axpy(float *y, float a, const float *x, size_t n) {
    for (size_t i = 0; i < n; i += LANES) {
        Vec sum = vec_fma(vec_set1(a), load_up_to(x + i, n - i), load_up_to(y + i, n - i));
        store_up_to(y + i, sum, n - i);
    }
}

INLINE void widen_typed(float *y, const void *x, DType type, size_t n) {
    for (size_t i = 0; i < n; i += LANES)
        store_up_to(y + i, load_wide_up_to(x, type, (ptrdiff_t)i, n - i), n - i);
}

static void widen(float *y, const void *x, DType type, size_t n) {
    switch (type) {
    case DTYPE_F16: widen_typed(y, x, DTYPE_F16, n); break;
    case DTYPE_BF16: widen_typed(y, x, DTYPE_BF16, n); break;
    default: memcpy(y, x, n * sizeof *y); break;
    }
}

#endif
