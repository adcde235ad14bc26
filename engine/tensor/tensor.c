#include "engine/tensor/tensor.h"

#include <assert.h>
#include <string.h>

Tensor tensor_dense(DType type, int rank, const size_t *dim, void *data) {
    assert(rank >= 1 && rank <= TENSOR_RANK);
    Tensor tensor = {.type = type, .rank = rank, .data = data};
    ptrdiff_t stride = 1;
    for (int axis = rank - 1; axis >= 0; axis--) {
        tensor.dim[axis] = dim[axis];
        tensor.stride[axis] = stride;
        stride *= (ptrdiff_t)dim[axis];
    }
    return tensor;
}

size_t dtype_size(DType type) {
    return type == DTYPE_F16 || type == DTYPE_BF16 ? 2 : 4;
}

const char *dtype_name(DType type) {
    static const char *const names[] = {"F32", "I32", "F16", "BF16", "other"};
    return names[type];
}

size_t tensor_count(const Tensor *tensor) {
    size_t count = 1;
    for (int axis = 0; axis < tensor->rank; axis++)
        count *= tensor->dim[axis];
    return count;
}

bool tensor_is_dense(const Tensor *tensor) {
    ptrdiff_t stride = 1;
    for (int axis = tensor->rank - 1; axis >= 0; axis--) {
        if (tensor->dim[axis] > 1 && tensor->stride[axis] != stride)
            return false;
        stride *= (ptrdiff_t)tensor->dim[axis];
    }
    return true;
}

ptrdiff_t tensor_offset(const Tensor *tensor, const size_t *index) {
    ptrdiff_t offset = 0;
    for (int axis = 0; axis < tensor->rank; axis++) {
        assert(index[axis] < tensor->dim[axis]);
        offset += (ptrdiff_t)index[axis] * tensor->stride[axis];
    }
    return offset;
}

void *tensor_at(const Tensor *tensor, ptrdiff_t offset) {
    return (char *)tensor->data + offset * (ptrdiff_t)dtype_size(tensor->type);
}

double tensor_number(const Tensor *tensor, ptrdiff_t offset) {
    assert(tensor->data && tensor->type != DTYPE_OTHER);
    switch (tensor->type) {
    case DTYPE_I32: return (double)tensor_i32(tensor)[offset];
    case DTYPE_F16: return (double)half_to_float(((const uint16_t *)tensor->data)[offset]);
    case DTYPE_BF16: return (double)bf16_to_float(((const uint16_t *)tensor->data)[offset]);
    case DTYPE_F32:
    case DTYPE_OTHER: break;
    }
    return (double)tensor_f32(tensor)[offset];
}

double tensor_get(const Tensor *tensor, const size_t *index) {
    return tensor_number(tensor, tensor_offset(tensor, index));
}

void tensor_set(const Tensor *tensor, const size_t *index, double value) {
    ptrdiff_t offset = tensor_offset(tensor, index);
    assert(tensor->data && (tensor->type == DTYPE_F32 || tensor->type == DTYPE_I32));
    if (tensor->type == DTYPE_I32)
        tensor_i32(tensor)[offset] = (int32_t)value;
    else
        tensor_f32(tensor)[offset] = (float)value;
}

void shape_unravel(int rank, const size_t *dim, size_t n, size_t *index) {
    for (int axis = rank - 1; axis >= 0; axis--) {
        index[axis] = n % dim[axis];
        n /= dim[axis];
    }
}

size_t shape_ravel(int rank, const size_t *dim, const size_t *index) {
    size_t n = 0;
    for (int axis = 0; axis < rank; axis++)
        n = n * dim[axis] + index[axis];
    return n;
}

static float float_of_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

float bf16_to_float(uint16_t bits) {
    return float_of_bits((uint32_t)bits << 16);
}

float half_to_float(uint16_t bits) {
    uint32_t sign = (uint32_t)(bits & 0x8000u) << 16;
    uint32_t exponent = (bits >> 10) & 0x1Fu, fraction = bits & 0x3FFu;
    if (exponent == 0x1F)
        return float_of_bits(sign | 0x7F800000u | fraction << 13);
    if (exponent != 0)
        return float_of_bits(sign | (exponent + 112u) << 23 | fraction << 13);
    float small = (float)fraction * 0x1p-24f; /* subnormal: a multiple of 2^-24 */
    return sign ? -small : small;
}
