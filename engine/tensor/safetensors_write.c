#include "engine/base/buf.h"
#include "engine/base/json.h"
#include "engine/tensor/safetensors.h"

#include <assert.h>
#include <string.h>

#define CHUNK 4096 /* numbers that are gathered before they are written */

static void add_meta(Buf *header, const StMeta *meta, size_t count) {
    buf_text(header, "\"__metadata__\":{");
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_char(header, ',');
        json_quote(header, meta[i].key, strlen(meta[i].key));
        buf_char(header, ':');
        json_quote(header, meta[i].value, strlen(meta[i].value));
    }
    buf_char(header, '}');
}

/* Returns where the tensor's data end. */
static size_t add_tensor(Buf *header, const StOut *out, size_t begin) {
    const Tensor *tensor = &out->tensor;
    size_t end = begin + tensor_count(tensor) * dtype_size(tensor->type);
    json_quote(header, out->name, strlen(out->name));
    buf_printf(header, ":{\"dtype\":\"%s\",\"shape\":[", dtype_name(tensor->type));
    for (int axis = 0; axis < tensor->rank; axis++)
        buf_printf(header, axis ? ",%zu" : "%zu", tensor->dim[axis]);
    buf_printf(header, "],\"data_offsets\":[%zu,%zu]}", begin, end);
    return end;
}

/* The whole head of the file; spaces bring its length to a multiple of 8, so that the data of a
 * file that is mapped begin aligned. */
static void make_header(Buf *header, const StOut *out, size_t count, const StMeta *meta,
                        size_t meta_count) {
    size_t at = 0;
    buf_char(header, '{');
    if (meta_count > 0)
        add_meta(header, meta, meta_count);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 || meta_count > 0)
            buf_char(header, ',');
        at = add_tensor(header, &out[i], at);
    }
    buf_char(header, '}');
    while (header->size % 8 != 0)
        buf_char(header, ' ');
}

static void write_strided(FileOut *file, const Tensor *tensor) {
    uint32_t chunk[CHUNK]; /* F32 and I32 alike: 4 bytes that are moved, not computed on */
    const uint32_t *cell = tensor->data;
    size_t index[TENSOR_RANK], count = tensor_count(tensor), held = 0;
    for (size_t n = 0; n < count; n++) {
        shape_unravel(tensor->rank, tensor->dim, n, index);
        memcpy(&chunk[held++], cell + tensor_offset(tensor, index), sizeof *chunk);
        if (held == CHUNK || n + 1 == count) {
            file_write(file, chunk, held * sizeof *chunk);
            held = 0;
        }
    }
}

static void write_tensor(FileOut *file, const Tensor *tensor) {
    assert(tensor_is_dense(tensor) || tensor->type == DTYPE_F32 || tensor->type == DTYPE_I32);
    if (tensor_is_dense(tensor))
        file_write(file, tensor->data, tensor_count(tensor) * dtype_size(tensor->type));
    else
        write_strided(file, tensor);
}

bool st_write(const char *path, const StOut *out, size_t count, const StMeta *meta,
              size_t meta_count, Err *err) {
    FileOut *file = file_create(path, err);
    if (!file)
        return false;
    Buf header = {0};
    make_header(&header, out, count, meta, meta_count);
    uint64_t length = header.size;
    file_write(file, &length, sizeof length);
    file_write(file, header.bytes, header.size);
    buf_free(&header);
    for (size_t i = 0; i < count; i++)
        write_tensor(file, &out[i].tensor);
    return file_commit(file, err);
}
