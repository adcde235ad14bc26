#include "engine/tensor/kernels.h"

#include "engine/tensor/kernel_set.h"

void kernel_linear(float *y, size_t y_row, const float *x, size_t x_row, size_t rows,
                   KernelMatrix w, size_t K, size_t N, const float *bias, ptrdiff_t bias_step) {
    kernel_set()->linear(y, y_row, x, x_row, rows, w, K, N, bias, bias_step);
}

void kernel_scores(float *y, size_t y_row, const float *q, size_t q_row, size_t rows,
                   const float *k, size_t k_row, size_t keys, size_t D) {
    kernel_set()->scores(y, y_row, q, q_row, rows, k, k_row, keys, D);
}

float kernel_dot(const float *a, const float *b, size_t n) {
    return kernel_set()->dot(a, b, n);
}

void kernel_axpy(float *y, float a, const float *x, size_t n) {
    kernel_set()->axpy(y, a, x, n);
}

void kernel_softmax(float *y, const float *x, size_t n) {
    kernel_set()->softmax(y, x, n);
}

void kernel_gelu_tanh(float *y, const float *x, size_t n) {
    kernel_set()->gelu_tanh(y, x, n);
}

void kernel_silu(float *y, const float *x, size_t n) {
    kernel_set()->silu(y, x, n);
}

void kernel_widen(float *y, const void *x, DType type, size_t n) {
    kernel_set()->widen(y, x, type, n);
}
