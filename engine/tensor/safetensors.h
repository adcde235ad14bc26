/* safetensors: the file of named tensors that weights come in and traces go out in
 * (github.com/huggingface/safetensors, "Format"): 8 bytes of little-endian header length N, N bytes
 * of JSON {"name": {"dtype", "shape", "data_offsets": [begin, end]}, …, "__metadata__": {text:
 * text}}, then the data, back to back.
 *
 * Opening checks everything once: the header's length, every tensor's offsets inside the file, no
 * overlap and no hole, shape × size = bytes. After that a tensor's bytes may be read without a
 * check. Data need not be aligned. The messages name the file, the tensor, what was found and
 * expected. */
#ifndef TENSOR_SAFETENSORS_H
#define TENSOR_SAFETENSORS_H

#include "engine/base/arena.h"
#include "engine/base/err.h"
#include "engine/base/file.h"
#include "engine/tensor/tensor.h"

#define ST_RANK 8

typedef struct {
    const char *name;
    DType type; /* DTYPE_OTHER: a type that is listed, but that nothing here computes on */
    const char *type_name; /* as the file spells it */
    int rank;              /* 0 (a single number) … ST_RANK */
    size_t dim[ST_RANK];
    const uint8_t *data;
    size_t size; /* bytes */
} StTensor;

typedef struct {
    const char *key, *value;
} StMeta;

typedef struct {
    const char *path;
    FileMap map;
    StTensor *tensor; /* in the order of their data */
    size_t count;
    StMeta *meta;
    size_t meta_count;
} StFile;

/* Names and lists live in the arena; the data in the map until st_close. */
bool st_open(const char *path, Arena *arena, StFile *file, Err *err);
void st_close(StFile *file);
/* The same from memory, for tests and fuzzing; `bytes` must outlive the StFile. */
bool st_parse(const uint8_t *bytes, size_t size, const char *path, Arena *arena, StFile *file,
              Err *err);

const StTensor *st_find(const StFile *file, const char *name); /* NULL: not there */
const char *st_meta(const StFile *file, const char *key);      /* NULL: not there */

/* Copies a tensor's numbers as float32, converting F16 and BF16. */
void st_to_float(const StTensor *tensor, float *values);

/* One tensor to write: a view of any rank up to TENSOR_RANK, strided where it is F32 or I32. */
typedef struct {
    const char *name;
    Tensor tensor;
} StOut;

/* Writes the file whole or not at all (file.h). Data lie in the order given, with no holes. */
bool st_write(const char *path, const StOut *out, size_t count, const StMeta *meta,
              size_t meta_count, Err *err);

#endif
