#include "engine/tensor/kernel_set.h"

#include "engine/tensor/vec_portable.h"

#define KERNEL_SET kernel_set_portable
#include "engine/tensor/kernels_body.h"
