/* vec_avx512: sixteen lanes; AVX-512 F, BW, DQ and VL. vec_portable.h says what the operations do. */
#ifndef TENSOR_VEC_AVX512_H
#define TENSOR_VEC_AVX512_H

#include "engine/tensor/vec.h"

#include <immintrin.h>
#include <stddef.h>

#define LANES 16
#define TILE_ROWS 8
#define TILE_VECTORS 3
#define DOT_ROWS 6
#define DOT_OUTPUTS 4

typedef __m512 Vec;
typedef uint32_t VecWord __attribute__((vector_size(64)));
typedef __m512d VecDouble;

INLINE Vec vec_load(const float *from) {
    return _mm512_loadu_ps(from);
}
INLINE __mmask16 vec_first(size_t n) {
    return (__mmask16)((1u << n) - 1);
}
INLINE Vec vec_load_part(const float *from, size_t n) {
    return _mm512_maskz_loadu_ps(vec_first(n), from);
}
INLINE void vec_store(float *to, Vec v) {
    _mm512_storeu_ps(to, v);
}
INLINE void vec_store_part(float *to, Vec v, size_t n) {
    _mm512_mask_storeu_ps(to, vec_first(n), v);
}
INLINE Vec vec_set1(float x) {
    return _mm512_set1_ps(x);
}
INLINE Vec vec_fma(Vec a, Vec b, Vec c) {
    return _mm512_fmadd_ps(a, b, c);
}
INLINE Vec vec_max(Vec a, Vec b) {
    return _mm512_max_ps(a, b);
}
INLINE Vec vec_min(Vec a, Vec b) {
    return _mm512_min_ps(a, b);
}
INLINE Vec vec_scale(Vec x, Vec n) {
    return _mm512_scalef_ps(x, n);
}
INLINE VecDouble vec_low(Vec v) {
    return _mm512_cvtps_pd(_mm512_castps512_ps256(v));
}
INLINE VecDouble vec_high(Vec v) {
    return _mm512_cvtps_pd(_mm512_extractf32x8_ps(v, 1));
}
INLINE Vec vec_from_f16(const uint16_t *from) {
    return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i_u *)from));
}
INLINE Vec vec_from_bf16(const uint16_t *from) {
    __m512i wide = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i_u *)from));
    return _mm512_castsi512_ps(_mm512_slli_epi32(wide, 16));
}

/* Within each quarter of a vector (0 + 2) + (1 + 3), for four vectors at once; then the quarters in
 * the same way. */
INLINE __m128 vec_fold4(Vec a, Vec b, Vec c, Vec d) {
    Vec ab = _mm512_unpacklo_ps(a, b) + _mm512_unpackhi_ps(a, b);
    Vec cd = _mm512_unpacklo_ps(c, d) + _mm512_unpackhi_ps(c, d);
    Vec all = _mm512_shuffle_ps(ab, cd, 0x44) + _mm512_shuffle_ps(ab, cd, 0xEE);
    __m256 half = _mm512_castps512_ps256(all) + _mm512_extractf32x8_ps(all, 1);
    return _mm256_castps256_ps128(half) + _mm256_extractf128_ps(half, 1);
}
INLINE void vec_sum4(float *to, const Vec v[4]) {
    _mm_storeu_ps(to, vec_fold4(v[0], v[1], v[2], v[3]));
}
INLINE float vec_sum(Vec v) {
    return _mm_cvtss_f32(vec_fold4(v, v, v, v));
}

/* Four floats of rows r, r + 4, r + 8, r + 12 in one vector; then 4 × 4 blocks are transposed. */
INLINE Vec vec_quarters(const float *const row[LANES], int r, size_t at) {
    Vec v = _mm512_castps128_ps512(_mm_loadu_ps(row[r] + at));
    v = _mm512_insertf32x4(v, _mm_loadu_ps(row[r + 4] + at), 1);
    v = _mm512_insertf32x4(v, _mm_loadu_ps(row[r + 8] + at), 2);
    return _mm512_insertf32x4(v, _mm_loadu_ps(row[r + 12] + at), 3);
}
INLINE void vec_columns4(Vec column[4], const float *const row[LANES], size_t at) {
    Vec a = vec_quarters(row, 0, at), b = vec_quarters(row, 1, at);
    Vec c = vec_quarters(row, 2, at), d = vec_quarters(row, 3, at);
    Vec ab_low = _mm512_unpacklo_ps(a, b), ab_high = _mm512_unpackhi_ps(a, b);
    Vec cd_low = _mm512_unpacklo_ps(c, d), cd_high = _mm512_unpackhi_ps(c, d);
    column[0] = _mm512_shuffle_ps(ab_low, cd_low, 0x44);
    column[1] = _mm512_shuffle_ps(ab_low, cd_low, 0xEE);
    column[2] = _mm512_shuffle_ps(ab_high, cd_high, 0x44);
    column[3] = _mm512_shuffle_ps(ab_high, cd_high, 0xEE);
}

#endif
