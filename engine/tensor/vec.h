/* vec: what the vec_*.h headers share. */
#ifndef TENSOR_VEC_H
#define TENSOR_VEC_H

#include <stdint.h>
#include <string.h>

/* A tile's sums stay in registers only where its loops are unrolled, at any level of
 * optimization. */
#define INLINE static inline __attribute__((always_inline))
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 32")
#endif

#endif
