/* kernels: the inner loops, plain pointers in and out.
 *
 * Each output is one sum in one fixed order, whatever the number of rows, columns or threads around
 * it, so that on one instruction set the same cell has the same bits however it is computed. No
 * fast-math: the vector accumulators are written out. The instruction set is chosen at run time
 * (isa.h). */
#ifndef TENSOR_KERNELS_H
#define TENSOR_KERNELS_H

#include "engine/tensor/tensor.h"

#include <stddef.h>

/* A matrix through strides, as it lies in a file: element (r, c) is number r × row + c × column of
 * `data`, which holds F32, F16 or BF16. What is narrower is widened, exactly, on its way into a
 * register. */
typedef struct {
    const void *data;
    DType type;
    ptrdiff_t row, column;
} KernelMatrix;

/* y[t, n] = Σ_k x[t, k] · w[k, n] + bias[n], for t < rows, k < K, n < N. `y` and `x` have
 * contiguous rows, y_row and x_row apart; `bias` may be NULL. Where w.column is 1 each sum runs in
 * the order of k; where w.row is 1 (a matrix [out, in]) it is that of kernel_dot. Any other matrix is
 * slow. */
void kernel_linear(float *y, size_t y_row, const float *x, size_t x_row, size_t rows,
                   KernelMatrix w, size_t K, size_t N, const float *bias, ptrdiff_t bias_step);

/* y[i, j] = Σ_d q[i, d] · k[j, d], in the order of d, for i < rows, j < keys, d < D. Rows are
 * contiguous, *_row apart. */
void kernel_scores(float *y, size_t y_row, const float *q, size_t q_row, size_t rows,
                   const float *k, size_t k_row, size_t keys, size_t D);

/* Σ_i a[i] · b[i], in interleaved partial sums, added pairwise. */
float kernel_dot(const float *a, const float *b, size_t n);

/* y[i] += a · x[i] */
void kernel_axpy(float *y, float a, const float *x, size_t n);

/* y[i] = e^(x[i] − m) ÷ Σ_j e^(x[j] − m), where m is the row's maximum; the sum is taken in double. A
 * row of −∞ alone becomes zeros. `y` may be `x`. */
void kernel_softmax(float *y, const float *x, size_t n);

/* y[i] = x[i] · σ(2 · √(2/π) · (x[i] + 0.044715 · x[i]³)), which is GELU in its tanh form; and
 * y[i] = x[i] · σ(x[i]). `y` may be `x`. */
void kernel_gelu_tanh(float *y, const float *x, size_t n);
void kernel_silu(float *y, const float *x, size_t n);

/* y[i] = x[i], from F32, F16 or BF16. */
void kernel_widen(float *y, const void *x, DType type, size_t n);

#endif
