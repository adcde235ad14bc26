#include "engine/tensor/safetensors.h"

#include "engine/base/json.h"
#include "engine/base/utf8.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH_SIZE 8
#define HEADER_MOST 100000000u /* the format's own limit */
#define WHOLE_MOST 0x1p53      /* a JSON number is a double: whole numbers are exact up to here */

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the data are little-endian");

/* A name in a message: long ones are cut, so that what is wrong with them is still said. */
#define NAME_FORMAT "tensor \"%.160s\""

static const struct {
    const char *name;
    size_t bits;
    DType type;
} TYPES[] = {
    {"F32", 32, DTYPE_F32},      {"F16", 16, DTYPE_F16},      {"BF16", 16, DTYPE_BF16},
    {"I32", 32, DTYPE_I32},      {"F64", 64, DTYPE_OTHER},    {"I64", 64, DTYPE_OTHER},
    {"U64", 64, DTYPE_OTHER},    {"C64", 64, DTYPE_OTHER},    {"U32", 32, DTYPE_OTHER},
    {"I16", 16, DTYPE_OTHER},    {"U16", 16, DTYPE_OTHER},    {"I8", 8, DTYPE_OTHER},
    {"U8", 8, DTYPE_OTHER},      {"BOOL", 8, DTYPE_OTHER},    {"F8_E4M3", 8, DTYPE_OTHER},
    {"F8_E5M2", 8, DTYPE_OTHER}, {"F8_E8M0", 8, DTYPE_OTHER}, {"F6_E2M3", 6, DTYPE_OTHER},
    {"F6_E3M2", 6, DTYPE_OTHER}, {"F4", 4, DTYPE_OTHER},
};

/* What the parts of the check share. */
typedef struct {
    const char *path;
    Arena *arena;
    const uint8_t *data;
    size_t data_size;
    Err *err;
} Reader;

/* A whole number that is not negative; anything else is false. */
static bool whole_number(const cJSON *value, size_t *number) {
    if (!cJSON_IsNumber(value))
        return false;
    double found = value->valuedouble;
    if (!(found >= 0 && found <= WHOLE_MOST) || found != floor(found))
        return false;
    *number = (size_t)found;
    return true;
}

static bool wrong_field(const Reader *reader, const char *name, const char *field,
                        const cJSON *found, const char *expected) {
    char room[80];
    return err_set(reader->err, "%s: " NAME_FORMAT ": %s is %s, expected %s", reader->path, name,
                   field, json_show(found, room, sizeof room), expected);
}

static bool read_shape(const Reader *reader, const cJSON *list, StTensor *tensor) {
    if (!cJSON_IsArray(list))
        return wrong_field(reader, tensor->name, "shape", list, "a list of whole numbers");
    const cJSON *item;
    cJSON_ArrayForEach(item, list) {
        if (tensor->rank == ST_RANK)
            return err_set(reader->err,
                           "%s: " NAME_FORMAT ": shape has %d axes, expected at most %d",
                           reader->path, tensor->name, cJSON_GetArraySize(list), ST_RANK);
        if (!whole_number(item, &tensor->dim[tensor->rank]))
            return wrong_field(reader, tensor->name, "a number of shape", item,
                               "a whole number from 0 on");
        tensor->rank++;
    }
    return true;
}

/* Shows the list itself: "[-1,80]" says more than "a list". */
static bool wrong_offsets(const Reader *reader, const char *name, const cJSON *list) {
    char *shown = list ? cJSON_PrintUnformatted(list) : NULL;
    err_set(reader->err,
            "%s: " NAME_FORMAT ": data_offsets are %.60s, expected two whole numbers "
            "[begin, end]",
            reader->path, name, shown ? shown : "absent");
    cJSON_free(shown);
    return false;
}

static bool read_offsets(const Reader *reader, const cJSON *list, StTensor *tensor) {
    size_t begin, end;
    if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) != 2 ||
        !whole_number(list->child, &begin) || !whole_number(list->child->next, &end))
        return wrong_offsets(reader, tensor->name, list);
    if (begin > end)
        return err_set(reader->err,
                       "%s: " NAME_FORMAT ": data_offsets are [%zu, %zu], expected begin ≤ end",
                       reader->path, tensor->name, begin, end);
    if (end > reader->data_size)
        return err_set(reader->err,
                       "%s: " NAME_FORMAT
                       ": data_offsets are [%zu, %zu], but the file has only %zu "
                       "bytes of data",
                       reader->path, tensor->name, begin, end, reader->data_size);
    tensor->data = reader->data + begin;
    tensor->size = end - begin;
    return true;
}

/* shape × size = bytes. A type that the format did not know when this was written has no size that
 * could be checked; it is listed, and refused by name where somebody needs its numbers. */
static bool check_size(const Reader *reader, const StTensor *tensor, size_t bits) {
    size_t count = 1, total = 0;
    bool fits = true;
    for (int axis = 0; axis < tensor->rank; axis++)
        fits = fits && size_mul(count, tensor->dim[axis], &count);
    if (!fits || (bits && !size_mul(count, bits, &total)))
        return err_set(reader->err,
                       "%s: " NAME_FORMAT ": shape is too large: its product overflows",
                       reader->path, tensor->name);
    if (!bits || (total % 8 == 0 && total / 8 == tensor->size))
        return true;
    return err_set(
        reader->err,
        "%s: " NAME_FORMAT ": shape and dtype %s make %zu bytes, but data_offsets hold %zu",
        reader->path, tensor->name, tensor->type_name, total / 8 + (total % 8 != 0), tensor->size);
}

static bool read_type(const Reader *reader, const cJSON *value, StTensor *tensor, size_t *bits) {
    if (!cJSON_IsString(value))
        return wrong_field(reader, tensor->name, "dtype", value, "a text such as \"F32\"");
    tensor->type_name = arena_copy_text(reader->arena, value->valuestring);
    tensor->type = DTYPE_OTHER;
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++) {
        if (strcmp(TYPES[i].name, tensor->type_name) == 0) {
            tensor->type = TYPES[i].type;
            *bits = TYPES[i].bits;
        }
    }
    return true;
}

static bool read_tensor(const Reader *reader, const cJSON *item, StTensor *tensor) {
    size_t bits = 0;
    tensor->name = arena_copy_text(reader->arena, item->string);
    if (!cJSON_IsObject(item))
        return wrong_field(reader, tensor->name, "its entry", item, "an object");
    return read_type(reader, cJSON_GetObjectItemCaseSensitive(item, "dtype"), tensor, &bits) &&
           read_shape(reader, cJSON_GetObjectItemCaseSensitive(item, "shape"), tensor) &&
           read_offsets(reader, cJSON_GetObjectItemCaseSensitive(item, "data_offsets"), tensor) &&
           check_size(reader, tensor, bits);
}

static bool read_meta(const Reader *reader, const cJSON *object, StFile *file) {
    if (cJSON_IsNull(object))
        return true;
    char room[80];
    if (!cJSON_IsObject(object))
        return err_set(reader->err, "%s: __metadata__ is %s, expected an object of texts",
                       reader->path, json_show(object, room, sizeof room));
    if (file->meta)
        return err_set(reader->err, "%s: __metadata__ is there twice", reader->path);
    file->meta = ARENA_NEW_N(reader->arena, StMeta, (size_t)cJSON_GetArraySize(object));
    const cJSON *item;
    cJSON_ArrayForEach(item, object) {
        if (!cJSON_IsString(item))
            return err_set(reader->err, "%s: __metadata__: \"%.160s\" is %s, expected a text",
                           reader->path, item->string, json_show(item, room, sizeof room));
        file->meta[file->meta_count++] = (StMeta){
            .key = arena_copy_text(reader->arena, item->string),
            .value = arena_copy_text(reader->arena, item->valuestring)};
    }
    return true;
}

static int by_place(const void *a, const void *b) {
    const StTensor *left = a, *right = b;
    if (left->data != right->data)
        return left->data < right->data ? -1 : 1;
    if (left->size != right->size)
        return left->size < right->size ? -1 : 1;
    return strcmp(left->name, right->name);
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool check_names(const Reader *reader, const StFile *file) {
    const char **name = ARENA_NEW_N(reader->arena, const char *, file->count);
    for (size_t i = 0; i < file->count; i++)
        name[i] = file->tensor[i].name;
    qsort(name, file->count, sizeof *name, by_text);
    for (size_t i = 1; i < file->count; i++)
        if (strcmp(name[i - 1], name[i]) == 0)
            return err_set(reader->err, "%s: " NAME_FORMAT " is there twice", reader->path,
                           name[i]);
    return true;
}

/* Sorts by place, and sees that each begins where the one before it ends, up to the last byte. */
static bool check_places(const Reader *reader, StFile *file) {
    qsort(file->tensor, file->count, sizeof *file->tensor, by_place);
    const uint8_t *at = reader->data;
    for (size_t i = 0; i < file->count; i++) {
        const StTensor *tensor = &file->tensor[i];
        if (tensor->data < at)
            return err_set(reader->err,
                           "%s: " NAME_FORMAT " overlaps \"%.160s\": it begins at byte %zu of the "
                           "data, where the other ends at %zu",
                           reader->path, tensor->name, file->tensor[i - 1].name,
                           (size_t)(tensor->data - reader->data), (size_t)(at - reader->data));
        if (tensor->data > at)
            return err_set(reader->err,
                           "%s: " NAME_FORMAT " begins at byte %zu of the data, expected %zu: no "
                           "tensor holds the bytes between",
                           reader->path, tensor->name, (size_t)(tensor->data - reader->data),
                           (size_t)(at - reader->data));
        at = tensor->data + tensor->size;
    }
    size_t used = (size_t)(at - reader->data);
    if (used != reader->data_size)
        return err_set(reader->err, "%s: %zu bytes of data, but the tensors hold only %zu",
                       reader->path, reader->data_size, used);
    return true;
}

static bool read_header(const Reader *reader, const cJSON *root, StFile *file) {
    file->tensor = ARENA_NEW_N(reader->arena, StTensor, (size_t)cJSON_GetArraySize(root));
    const cJSON *item;
    cJSON_ArrayForEach(item, root) {
        bool ok = strcmp(item->string, "__metadata__") == 0
                      ? read_meta(reader, item, file)
                      : read_tensor(reader, item, &file->tensor[file->count++]);
        if (!ok)
            return false;
    }
    return check_names(reader, file) && check_places(reader, file);
}

static bool find_header(const uint8_t *bytes, size_t size, const char *path, size_t *length,
                        Err *err) {
    if (size < LENGTH_SIZE)
        return err_set(err, "%s: %zu bytes, too short for a safetensors file", path, size);
    uint64_t found;
    memcpy(&found, bytes, sizeof found);
    if (found > HEADER_MOST)
        return err_set(err,
                       "%s: the header's length is %llu, expected at most %u: no safetensors "
                       "file?",
                       path, (unsigned long long)found, HEADER_MOST);
    if (found > size - LENGTH_SIZE)
        return err_set(err,
                       "%s: the header's length is %llu, but only %zu bytes follow: the file is "
                       "cut short",
                       path, (unsigned long long)found, size - LENGTH_SIZE);
    if (found == 0 || bytes[LENGTH_SIZE] != '{')
        return err_set(err, "%s: the header does not begin with \"{\"", path);
    *length = (size_t)found;
    return true;
}

bool st_parse(const uint8_t *bytes, size_t size, const char *path, Arena *arena, StFile *file,
              Err *err) {
    *file = (StFile){.path = arena_copy_text(arena, path)};
    size_t length = 0;
    if (!find_header(bytes, size, path, &length, err))
        return false;
    const char *header = (const char *)bytes + LENGTH_SIZE;
    if (!utf8_valid(header, length))
        return err_set(err, "%s: the header is not UTF-8", path);
    cJSON *root = json_parse(header, length, arena_printf(arena, "%s: header", path), err);
    if (!root)
        return false;
    Reader reader = {.path = file->path,
                     .arena = arena,
                     .data = bytes + LENGTH_SIZE + length,
                     .data_size = size - LENGTH_SIZE - length,
                     .err = err};
    bool ok = read_header(&reader, root, file);
    cJSON_Delete(root);
    return ok;
}

bool st_open(const char *path, Arena *arena, StFile *file, Err *err) {
    FileMap map;
    *file = (StFile){.path = path};
    if (!file_map(path, &map, err))
        return false;
    if (!st_parse(map.bytes, map.size, path, arena, file, err)) {
        file_unmap(&map);
        return false;
    }
    file->map = map;
    return true;
}

void st_close(StFile *file) {
    if (file->map.bytes)
        file_unmap(&file->map);
    *file = (StFile){0};
}

const StTensor *st_find(const StFile *file, const char *name) {
    for (size_t i = 0; i < file->count; i++)
        if (strcmp(file->tensor[i].name, name) == 0)
            return &file->tensor[i];
    return NULL;
}

const char *st_meta(const StFile *file, const char *key) {
    for (size_t i = 0; i < file->meta_count; i++)
        if (strcmp(file->meta[i].key, key) == 0)
            return file->meta[i].value;
    return NULL;
}

void st_to_float(const StTensor *tensor, float *values) {
    if (tensor->type == DTYPE_F32) {
        memcpy(values, tensor->data, tensor->size);
        return;
    }
    assert(tensor->type == DTYPE_F16 || tensor->type == DTYPE_BF16);
    for (size_t i = 0; i < tensor->size / 2; i++) {
        uint16_t bits;
        memcpy(&bits, tensor->data + 2 * i, sizeof bits);
        values[i] = tensor->type == DTYPE_F16 ? half_to_float(bits) : bf16_to_float(bits);
    }
}
