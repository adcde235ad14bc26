/* vec_avx2: eight lanes; AVX2, FMA and F16C. vec_portable.h says what the operations do. */
#ifndef TENSOR_VEC_AVX2_H
#define TENSOR_VEC_AVX2_H

#include "engine/tensor/vec.h"

#include <immintrin.h>
#include <stddef.h>

#define LANES 8
#define TILE_ROWS 6
#define TILE_VECTORS 2
#define DOT_ROWS 3
#define DOT_OUTPUTS 4

typedef __m256 Vec;
typedef uint32_t VecWord __attribute__((vector_size(32)));
typedef __m256d VecDouble;

INLINE Vec vec_load(const float *from) {
    return _mm256_loadu_ps(from);
}
INLINE __m256i vec_first(size_t n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
INLINE Vec vec_load_part(const float *from, size_t n) {
    return _mm256_maskload_ps(from, vec_first(n));
}
INLINE void vec_store(float *to, Vec v) {
    _mm256_storeu_ps(to, v);
}
INLINE void vec_store_part(float *to, Vec v, size_t n) {
    _mm256_maskstore_ps(to, vec_first(n), v);
}
INLINE Vec vec_set1(float x) {
    return _mm256_set1_ps(x);
}
INLINE Vec vec_fma(Vec a, Vec b, Vec c) {
    return _mm256_fmadd_ps(a, b, c);
}
INLINE Vec vec_max(Vec a, Vec b) {
    return _mm256_max_ps(a, b);
}
INLINE Vec vec_min(Vec a, Vec b) {
    return _mm256_min_ps(a, b);
}
INLINE VecDouble vec_low(Vec v) {
    return _mm256_cvtps_pd(_mm256_castps256_ps128(v));
}
INLINE VecDouble vec_high(Vec v) {
    return _mm256_cvtps_pd(_mm256_extractf128_ps(v, 1));
}
INLINE Vec vec_from_f16(const uint16_t *from) {
    return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i_u *)from));
}
INLINE Vec vec_from_bf16(const uint16_t *from) {
    __m256i wide = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i_u *)from));
    return _mm256_castsi256_ps(_mm256_slli_epi32(wide, 16));
}

/* Within each half of a vector (0 + 2) + (1 + 3), for four vectors at once; then the halves. */
INLINE __m128 vec_fold4(Vec a, Vec b, Vec c, Vec d) {
    Vec ab = _mm256_unpacklo_ps(a, b) + _mm256_unpackhi_ps(a, b);
    Vec cd = _mm256_unpacklo_ps(c, d) + _mm256_unpackhi_ps(c, d);
    Vec all = _mm256_shuffle_ps(ab, cd, 0x44) + _mm256_shuffle_ps(ab, cd, 0xEE);
    return _mm256_castps256_ps128(all) + _mm256_extractf128_ps(all, 1);
}
INLINE void vec_sum4(float *to, const Vec v[4]) {
    _mm_storeu_ps(to, vec_fold4(v[0], v[1], v[2], v[3]));
}
INLINE float vec_sum(Vec v) {
    return _mm_cvtss_f32(vec_fold4(v, v, v, v));
}

/* Four floats of rows r and r + 4 in one vector; then 4 × 4 blocks are transposed. */
INLINE Vec vec_halves(const float *const row[LANES], int r, size_t at) {
    Vec v = _mm256_castps128_ps256(_mm_loadu_ps(row[r] + at));
    return _mm256_insertf128_ps(v, _mm_loadu_ps(row[r + 4] + at), 1);
}
INLINE void vec_columns4(Vec column[4], const float *const row[LANES], size_t at) {
    Vec a = vec_halves(row, 0, at), b = vec_halves(row, 1, at);
    Vec c = vec_halves(row, 2, at), d = vec_halves(row, 3, at);
    Vec ab_low = _mm256_unpacklo_ps(a, b), ab_high = _mm256_unpackhi_ps(a, b);
    Vec cd_low = _mm256_unpacklo_ps(c, d), cd_high = _mm256_unpackhi_ps(c, d);
    column[0] = _mm256_shuffle_ps(ab_low, cd_low, 0x44);
    column[1] = _mm256_shuffle_ps(ab_low, cd_low, 0xEE);
    column[2] = _mm256_shuffle_ps(ab_high, cd_high, 0x44);
    column[3] = _mm256_shuffle_ps(ab_high, cd_high, 0xEE);
}

#include "engine/tensor/vec_scale.h"

#endif
