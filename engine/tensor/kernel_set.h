/* kernel_set: the kernels of one instruction set, as a table of functions.
 *
 * One text (the *_body.h files, over the few operations of a vec_*.h) is compiled once for each
 * instruction set, by kernels_portable.c, kernels_neon.c, kernels_avx2.c and kernels_avx512.c.
 * kernels.h says what the functions do. Only engine/tensor includes this. */
#ifndef TENSOR_KERNEL_SET_H
#define TENSOR_KERNEL_SET_H

#include "engine/tensor/kernels.h"

typedef struct {
    void (*linear)(float *y, size_t y_row, const float *x, size_t x_row, size_t rows,
                   KernelMatrix w, size_t K, size_t N, const float *bias, ptrdiff_t bias_step);
    void (*scores)(float *y, size_t y_row, const float *q, size_t q_row, size_t rows,
                   const float *k, size_t k_row, size_t keys, size_t D);
    float (*dot)(const float *a, const float *b, size_t n);
    void (*axpy)(float *y, float a, const float *x, size_t n);
    void (*softmax)(float *y, const float *x, size_t n);
    void (*gelu_tanh)(float *y, const float *x, size_t n);
    void (*silu)(float *y, const float *x, size_t n);
    void (*widen)(float *y, const void *x, DType type, size_t n);
} KernelSet;

extern const KernelSet kernel_set_portable, kernel_set_neon, kernel_set_avx2, kernel_set_avx512;

/* The one in use (isa.h). */
const KernelSet *kernel_set(void);

#endif
