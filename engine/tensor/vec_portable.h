/* vec_portable: four lanes in GCC's vector extensions, for machines that none of the others fits. The
 * operations of a vec_*.h are:
 *   Vec, VecWord, VecDouble   LANES floats, LANES uint32_t, LANES ÷ 2 doubles
 *   vec_load_part             the first n < LANES floats, zeros after them; reads no further
 *   vec_fma                   a × b + c, rounded once where the machine has that
 *   vec_max, vec_min          a > b ? a : b, a < b ? a : b: the second where one is NaN
 *   vec_scale                 x × 2^n, rounded once; n holds whole numbers in −160 … 160
 *   vec_sum4                  the sums of four vectors, each in the same fixed tree
 *   vec_from_f16, _bf16       LANES narrow numbers, widened exactly
 *   vec_columns4              four vectors: element d of LANES rows, for d = 0 … 3
 * Pointers need not be aligned. */
#ifndef TENSOR_VEC_PORTABLE_H
#define TENSOR_VEC_PORTABLE_H

#include "engine/tensor/tensor.h"
#include "engine/tensor/vec.h"

#define LANES 4
#define TILE_ROWS 4
#define TILE_VECTORS 2
#define DOT_ROWS 3
#define DOT_OUTPUTS 4 /* a multiple of 4 */

typedef float Vec __attribute__((vector_size(16)));
typedef uint32_t VecWord __attribute__((vector_size(16)));
typedef double VecDouble __attribute__((vector_size(16)));

INLINE Vec vec_load(const float *from) {
    Vec v;
    memcpy(&v, from, sizeof v);
    return v;
}
INLINE Vec vec_load_part(const float *from, size_t n) {
    Vec v = {0};
    memcpy(&v, from, n * sizeof *from);
    return v;
}
INLINE void vec_store(float *to, Vec v) {
    memcpy(to, &v, sizeof v);
}
INLINE void vec_store_part(float *to, Vec v, size_t n) {
    memcpy(to, &v, n * sizeof *to);
}
INLINE Vec vec_set1(float x) {
    return (Vec){x, x, x, x};
}
INLINE Vec vec_fma(Vec a, Vec b, Vec c) {
    return a * b + c;
}
INLINE Vec vec_select(VecWord mask, Vec yes, Vec no) {
    return (Vec)((mask & (VecWord)yes) | (~mask & (VecWord)no));
}
INLINE Vec vec_max(Vec a, Vec b) {
    return vec_select((VecWord)(a > b), a, b);
}
INLINE Vec vec_min(Vec a, Vec b) {
    return vec_select((VecWord)(a < b), a, b);
}
INLINE VecDouble vec_low(Vec v) {
    return (VecDouble){(double)v[0], (double)v[1]};
}
INLINE VecDouble vec_high(Vec v) {
    return (VecDouble){(double)v[2], (double)v[3]};
}
INLINE VecWord vec_words(const uint16_t *from) {
    typedef uint16_t Four __attribute__((vector_size(8)));
    Four half;
    memcpy(&half, from, sizeof half);
    return __builtin_convertvector(half, VecWord);
}
/* The exponent's bias grows by 112; that of infinity and NaN twice, to the largest. A subnormal half
 * is 2^-14 too large once it has an exponent, and that is subtracted. */
INLINE Vec vec_from_f16(const uint16_t *from) {
    VecWord half = vec_words(from), bits = (half & 0x7FFF) << 13, exponent = bits & 0x0F800000;
    VecWord high = (VecWord)(exponent == 0x0F800000) & (112u << 23);
    Vec normal = (Vec)(bits + (112u << 23) + high);
    Vec small = (Vec)(bits + (113u << 23)) - vec_set1(0x1p-14f);
    Vec size = vec_select((VecWord)(exponent == 0), small, normal);
    return (Vec)((VecWord)size | (half & 0x8000) << 16);
}
INLINE Vec vec_from_bf16(const uint16_t *from) {
    return (Vec)(vec_words(from) << 16);
}
INLINE float vec_sum(Vec v) {
    return (v[0] + v[2]) + (v[1] + v[3]);
}
INLINE void vec_sum4(float *to, const Vec v[4]) {
    for (int i = 0; i < 4; i++)
        to[i] = vec_sum(v[i]);
}
INLINE void vec_columns4(Vec column[4], const float *const row[LANES], size_t at) {
    for (size_t d = 0; d < 4; d++)
        column[d] = (Vec){row[0][at + d], row[1][at + d], row[2][at + d], row[3][at + d]};
}

#include "engine/tensor/vec_scale.h"

#endif
