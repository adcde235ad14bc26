#include "engine/tensor/kernel_set.h"

#ifdef __aarch64__
#include "engine/tensor/vec_neon.h"

#define KERNEL_SET kernel_set_neon
#include "engine/tensor/kernels_body.h"

#endif
