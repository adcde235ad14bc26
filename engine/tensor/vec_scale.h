/* vec_scale: x × 2^n where no instruction does it, in two steps, since 2^n alone may be too small or
 * too large for a float. The first product is exact, so that the result is rounded once. */
#ifndef TENSOR_VEC_SCALE_H
#define TENSOR_VEC_SCALE_H

/* 2^n from a sum n + 1.5 · 2^23, whose lowest bits are those of n. */
INLINE Vec vec_power(Vec n) {
    VecWord bits = (VecWord)(n + vec_set1(0x1.8p23f)) - (VecWord)vec_set1(0x1.8p23f);
    return (Vec)((bits + 127u) << 23);
}

INLINE Vec vec_scale(Vec x, Vec n) {
    Vec half = n * vec_set1(0.5f);
    half = (half + vec_set1(0x1.8p23f)) - vec_set1(0x1.8p23f);
    return x * vec_power(half) * vec_power(n - half);
}

#endif
