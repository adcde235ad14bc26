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

    /* Of a tile of flash attention (flash.c). `panel` has room for FLASH_PANEL_COLUMNS × the most of D
     * and the tile's keys. */
    void (*flash_scores)(float *y, size_t y_row, const float *q, size_t q_row, size_t rows,
                         const float *k, size_t k_row, size_t keys, size_t D, float *panel);
    /* Rows of `width` scores, a multiple of FLASH_PAD, become e^(s − m); max, sum and rescale, as many
     * as the rows rounded up to FLASH_PAD, are brought up to date. */
    void (*flash_soften)(float *scores, size_t width, size_t rows, float *max, double *sum,
                         float *rescale);
    /* acc [rows D] = rescale · acc + p [rows keys] · v [keys D] */
    void (*flash_values)(float *acc, size_t D, const float *p, size_t p_row, size_t rows,
                         const float *rescale, const float *v, size_t v_row, size_t keys,
                         float *panel);
} KernelSet;

enum { FLASH_PAD = 16, FLASH_PANEL_COLUMNS = 48, FLASH_PANEL_DEPTH = 192 };

extern const KernelSet kernel_set_portable, kernel_set_neon, kernel_set_avx2, kernel_set_avx512;

/* The one in use (isa.h). */
const KernelSet *kernel_set(void);

#endif
