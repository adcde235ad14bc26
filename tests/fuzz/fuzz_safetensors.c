/* Any bytes as a safetensors file: what is accepted lies inside the bytes and is readable. */
#include "engine/tensor/safetensors.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What st_open promises; reading through the pointers is left to the sanitizer. */
static void use_tensor(const uint8_t *data, size_t size, const StFile *file,
                       const StTensor *tensor) {
    if (tensor->data < data || tensor->size > size || tensor->data + tensor->size > data + size)
        abort();
    if (st_find(file, tensor->name) != tensor)
        abort();
    size_t width = tensor->type == DTYPE_OTHER ? 0 : dtype_size(tensor->type);
    if (width == 0 || tensor->type == DTYPE_I32)
        return;
    size_t count = 1;
    for (int axis = 0; axis < tensor->rank; axis++)
        count *= tensor->dim[axis];
    if (count * width != tensor->size)
        abort();
    float *values = malloc(count * sizeof *values + 1);
    if (values)
        st_to_float(tensor, values);
    free(values);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Arena arena = {0};
    StFile file;
    Err err = {""};
    if (st_parse(data, size, "fuzz.safetensors", &arena, &file, &err)) {
        for (size_t i = 0; i < file.count; i++)
            use_tensor(data, size, &file, &file.tensor[i]);
        for (size_t i = 0; i < file.meta_count; i++)
            if (!st_meta(&file, file.meta[i].key))
                abort();
    } else if (strncmp(err.text, "fuzz.safetensors: ", 18) != 0) {
        abort();
    }
    st_close(&file);
    arena_free(&arena);
    return 0;
}
