/* kernels_body: everything that a set of kernels consists of, and the table itself, whose name is
 * KERNEL_SET. */
#ifndef TENSOR_KERNELS_BODY_H
#define TENSOR_KERNELS_BODY_H

#include "engine/tensor/flash_body.h"
#include "engine/tensor/linear_body.h"
#include "engine/tensor/rows_body.h"

const KernelSet KERNEL_SET = {
    .linear = linear,
    .scores = scores,
    .dot = dot,
    .axpy = axpy,
    .softmax = softmax,
    .gelu_tanh = gelu_tanh,
    .silu = silu,
    .widen = widen,
    .flash_scores = flash_scores,
    .flash_soften = flash_soften,
    .flash_values = flash_values,
};

#endif
