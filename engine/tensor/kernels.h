/* kernels: the inner loops, plain pointers in and out.
 *
 * Each output is one sum in one fixed order, whatever the number of rows, threads or lanes around
 * it, so that the same cell has the same bits however it is computed. No fast-math: the vector
 * accumulators are written out. */
#ifndef TENSOR_KERNELS_H
#define TENSOR_KERNELS_H

#include <stddef.h>

/* A matrix through strides: element (r, c) is data[r × row + c × column]. */
typedef struct {
    const float *data;
    ptrdiff_t row, column;
} KernelMatrix;

/* y[t, n] = Σ_k x[t, k] · w[k, n] + bias[n], for t < rows, k < K, n < N. `y` and `x` have
 * contiguous rows, y_row and x_row apart; `bias` may be NULL. Fast where w.column or w.row is 1. */
void kernel_linear(float *y, size_t y_row, const float *x, size_t x_row, size_t rows,
                   KernelMatrix w, size_t K, size_t N, const float *bias, ptrdiff_t bias_step);

/* Σ_i a[i] · b[i], in eight interleaved partial sums, added pairwise. */
float kernel_dot(const float *a, const float *b, size_t n);

/* y[i] += a · x[i] */
void kernel_axpy(float *y, float a, const float *x, size_t n);

#endif
