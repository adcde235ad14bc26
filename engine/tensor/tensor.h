/* tensor: a typed, strided view of numbers that somebody else owns.
 *
 * Everything that the engine reads and writes is one of these: a record of the trace, a weight
 * (through transposition and the thirds of a fused matrix, without copying), a row of a cache. */
#ifndef TENSOR_TENSOR_H
#define TENSOR_TENSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TENSOR_RANK 4 /* the most axes that a record or a weight has */

typedef enum { DTYPE_F32, DTYPE_I32, DTYPE_F16, DTYPE_BF16, DTYPE_OTHER } DType;

typedef struct {
    DType type; /* of a record F32 or I32; of a weight F32, F16 or BF16, as the file has it */
    int rank;   /* 1 … TENSOR_RANK */
    size_t dim[TENSOR_RANK];
    ptrdiff_t stride[TENSOR_RANK]; /* in elements */
    void *data;                    /* NULL: not kept */
} Tensor;

/* A dense row-major view of `data`. */
Tensor tensor_dense(DType type, int rank, const size_t *dim, void *data);

size_t dtype_size(DType type);
const char *dtype_name(DType type); /* as safetensors spells it: "F32" */

size_t tensor_count(const Tensor *tensor); /* elements */
bool tensor_is_dense(const Tensor *tensor);
/* Elements from the start to the cell; `index` has `rank` entries inside the shape. */
ptrdiff_t tensor_offset(const Tensor *tensor, const size_t *index);
double tensor_get(const Tensor *tensor, const size_t *index);
/* The number `offset` elements from the start, and where it lies. */
double tensor_number(const Tensor *tensor, ptrdiff_t offset);
void *tensor_at(const Tensor *tensor, ptrdiff_t offset);
void tensor_set(const Tensor *tensor, const size_t *index, double value);

/* The n-th cell's index in row-major order, and back. */
void shape_unravel(int rank, const size_t *dim, size_t n, size_t *index);
size_t shape_ravel(int rank, const size_t *dim, const size_t *index);

static inline float *tensor_f32(const Tensor *tensor) {
    return (float *)tensor->data;
}
static inline int32_t *tensor_i32(const Tensor *tensor) {
    return (int32_t *)tensor->data;
}

/* IEEE 754 half and bfloat16 to float, exactly. */
float half_to_float(uint16_t bits);
float bf16_to_float(uint16_t bits);

#endif
