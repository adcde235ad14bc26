#include "engine/tensor/kernel_set.h"

#ifdef __x86_64__
#include "engine/tensor/vec_avx512.h"

#define KERNEL_SET kernel_set_avx512
#include "engine/tensor/kernels_body.h"

#endif
