/* vec_neon: four lanes; AArch64's Advanced SIMD. vec_portable.h says what the operations do. */
#ifndef TENSOR_VEC_NEON_H
#define TENSOR_VEC_NEON_H

#include "engine/tensor/vec.h"

#include <arm_neon.h>
#include <stddef.h>

#define LANES 4
#define TILE_ROWS 8
#define TILE_VECTORS 3
#define DOT_ROWS 6
#define DOT_OUTPUTS 4

typedef float32x4_t Vec;
typedef uint32x4_t VecWord;
typedef float64x2_t VecDouble;

INLINE Vec vec_load(const float *from) {
    return vld1q_f32(from);
}
INLINE Vec vec_load_part(const float *from, size_t n) {
    float all[LANES] = {0};
    memcpy(all, from, n * sizeof *from);
    return vld1q_f32(all);
}
INLINE void vec_store(float *to, Vec v) {
    vst1q_f32(to, v);
}
INLINE void vec_store_part(float *to, Vec v, size_t n) {
    float all[LANES];
    vst1q_f32(all, v);
    memcpy(to, all, n * sizeof *to);
}
INLINE Vec vec_set1(float x) {
    return vdupq_n_f32(x);
}
INLINE Vec vec_fma(Vec a, Vec b, Vec c) {
    return vfmaq_f32(c, a, b);
}
INLINE Vec vec_max(Vec a, Vec b) {
    return vbslq_f32(vcgtq_f32(a, b), a, b);
}
INLINE Vec vec_min(Vec a, Vec b) {
    return vbslq_f32(vcltq_f32(a, b), a, b);
}
INLINE VecDouble vec_low(Vec v) {
    return vcvt_f64_f32(vget_low_f32(v));
}
INLINE VecDouble vec_high(Vec v) {
    return vcvt_f64_f32(vget_high_f32(v));
}
INLINE Vec vec_from_f16(const uint16_t *from) {
    return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(from)));
}
INLINE Vec vec_from_bf16(const uint16_t *from) {
    return vreinterpretq_f32_u32(vshll_n_u16(vld1_u16(from), 16));
}

/* (0 + 2) + (1 + 3), for four vectors at once. */
INLINE Vec vec_fold4(Vec a, Vec b, Vec c, Vec d) {
    Vec ab = vzip1q_f32(a, b) + vzip2q_f32(a, b), cd = vzip1q_f32(c, d) + vzip2q_f32(c, d);
    return vcombine_f32(vget_low_f32(ab), vget_low_f32(cd)) +
           vcombine_f32(vget_high_f32(ab), vget_high_f32(cd));
}
INLINE void vec_sum4(float *to, const Vec v[4]) {
    vst1q_f32(to, vec_fold4(v[0], v[1], v[2], v[3]));
}
INLINE float vec_sum(Vec v) {
    return vgetq_lane_f32(vec_fold4(v, v, v, v), 0);
}
INLINE void vec_columns4(Vec column[4], const float *const row[LANES], size_t at) {
    Vec a = vld1q_f32(row[0] + at), b = vld1q_f32(row[1] + at);
    Vec c = vld1q_f32(row[2] + at), d = vld1q_f32(row[3] + at);
    Vec ab_low = vzip1q_f32(a, b), ab_high = vzip2q_f32(a, b);
    Vec cd_low = vzip1q_f32(c, d), cd_high = vzip2q_f32(c, d);
    column[0] = vcombine_f32(vget_low_f32(ab_low), vget_low_f32(cd_low));
    column[1] = vcombine_f32(vget_high_f32(ab_low), vget_high_f32(cd_low));
    column[2] = vcombine_f32(vget_low_f32(ab_high), vget_low_f32(cd_high));
    column[3] = vcombine_f32(vget_high_f32(ab_high), vget_high_f32(cd_high));
}

#include "engine/tensor/vec_scale.h"

#endif
