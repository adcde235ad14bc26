/* engine/tensor/safetensors: reading what is right, refusing what is not, writing. */
#include "engine/base/buf.h"
#include "engine/tensor/safetensors.h"
#include "tests/tiny_model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define assert_contains(text, part)                                                                \
    do {                                                                                           \
        if (!strstr((text), (part)))                                                               \
            fail_msg("\"%s\" does not contain \"%s\"", (text), (part));                            \
    } while (0)

/* A file of this header and `data_size` bytes 0, 1, 2 …; a `length` other than 0 lies about the
 * header's. */
static Buf file_of(const char *header, uint64_t length, size_t data_size) {
    Buf file = {0};
    uint64_t said = length ? length : strlen(header);
    buf_add(&file, &said, sizeof said);
    buf_text(&file, header);
    for (size_t i = 0; i < data_size; i++)
        buf_char(&file, (char)i);
    return file;
}

/* The bytes stand in a block of their own size, so that the sanitizer sees a read beyond them. */
static bool parse(const Buf *file, size_t size, Arena *arena, StFile *st, Err *err) {
    uint8_t *bytes = arena_alloc(arena, size);
    memcpy(bytes, file->bytes, size);
    return st_parse(bytes, size, "m.safetensors", arena, st, err);
}

static void refuses(const char *header, uint64_t length, size_t data_size, const char *message) {
    Buf file = file_of(header, length, data_size);
    Arena arena = {0};
    StFile st;
    Err err = {""};
    uint8_t *bytes = malloc(file.size);
    assert_non_null(bytes);
    memcpy(bytes, file.bytes, file.size);
    if (st_parse(bytes, file.size, "m.safetensors", &arena, &st, &err))
        fail_msg("accepted: %s", header);
    assert_contains(err.text, "m.safetensors: ");
    assert_contains(err.text, message);
    free(bytes);
    buf_free(&file);
    arena_free(&arena);
}

static const char GOOD[] = "{\"__metadata__\":{\"format\":\"pt\"},"
                           "\"b\":{\"dtype\":\"F16\",\"shape\":[3],\"data_offsets\":[8,14]},"
                           "\"a\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]},"
                           "\"none\":{\"dtype\":\"F32\",\"shape\":[0,5],\"data_offsets\":[8,8]},"
                           "\"one\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[14,15]},"
                           "\"odd\":{\"dtype\":\"Q3_Z\",\"shape\":[7],\"data_offsets\":[15,18]}}  ";

static void reads_a_good_file(void **state) {
    (void)state;
    Buf file = file_of(GOOD, 0, 18);
    Arena arena = {0};
    StFile st;
    Err err;
    assert_true(parse(&file, file.size, &arena, &st, &err));
    assert_int_equal(st.count, 5);
    const char *order[] = {"a", "none", "b", "one", "odd"};
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(st.tensor[i].name, order[i]);
    const StTensor *a = st_find(&st, "a"), *one = st_find(&st, "one"), *odd = st_find(&st, "odd");
    assert_int_equal(a->type, DTYPE_F32);
    assert_int_equal(a->rank, 2);
    assert_int_equal(a->dim[0], 2);
    assert_int_equal(a->dim[1], 1);
    assert_int_equal(a->size, 8);
    assert_int_equal(a->data[7], 7);
    assert_int_equal(one->rank, 0);
    assert_int_equal(one->type, DTYPE_OTHER);
    assert_int_equal(one->data[0], 14);
    assert_int_equal(odd->type, DTYPE_OTHER);
    assert_string_equal(odd->type_name, "Q3_Z");
    assert_null(st_find(&st, "c"));
    assert_string_equal(st_meta(&st, "format"), "pt");
    assert_null(st_meta(&st, "pt"));
    st_close(&st);
    buf_free(&file);
    arena_free(&arena);
}

static void reads_a_file_without_tensors(void **state) {
    (void)state;
    Buf file = file_of("{}", 0, 0);
    Arena arena = {0};
    StFile st;
    Err err;
    assert_true(parse(&file, file.size, &arena, &st, &err));
    assert_int_equal(st.count, 0);
    buf_free(&file);
    arena_free(&arena);
}

/* Every beginning of a good file is refused, whatever is cut off. */
static void refuses_every_truncation(void **state) {
    (void)state;
    Buf file = file_of(GOOD, 0, 18);
    for (size_t size = 0; size < file.size; size++) {
        Arena arena = {0};
        StFile st;
        Err err = {""};
        uint8_t *bytes = malloc(size ? size : 1);
        assert_non_null(bytes);
        memcpy(bytes, file.bytes, size);
        assert_false(st_parse(bytes, size, "m.safetensors", &arena, &st, &err));
        assert_contains(err.text, "m.safetensors: ");
        free(bytes);
        arena_free(&arena);
    }
    buf_free(&file);
}

static void measures_every_type(void **state) {
    (void)state;
    static const struct {
        const char *name;
        size_t size; /* of eight numbers */
    } types[] = {{"F64", 64},    {"I64", 64},    {"U64", 64},    {"C64", 64},    {"F32", 32},
                 {"I32", 32},    {"U32", 32},    {"F16", 16},    {"BF16", 16},   {"I16", 16},
                 {"U16", 16},    {"I8", 8},      {"U8", 8},      {"BOOL", 8},    {"F8_E4M3", 8},
                 {"F8_E5M2", 8}, {"F8_E8M0", 8}, {"F6_E2M3", 6}, {"F6_E3M2", 6}, {"F4", 4}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        char header[160];
        for (size_t extra = 0; extra < 2; extra++) {
            size_t size = types[i].size + extra;
            snprintf(header, sizeof header,
                     "{\"t\":{\"dtype\":\"%s\",\"shape\":[2,4],\"data_offsets\":[0,%zu]}}",
                     types[i].name, size);
            if (extra) {
                refuses(header, 0, size, "tensor \"t\": shape and dtype");
                continue;
            }
            Buf file = file_of(header, 0, size);
            Arena arena = {0};
            StFile st;
            Err err = {""};
            if (!parse(&file, file.size, &arena, &st, &err))
                fail_msg("%s", err.text);
            buf_free(&file);
            arena_free(&arena);
        }
    }
}

static void refuses_bad_lengths(void **state) {
    (void)state;
    refuses("", 1, 0, "the header's length is 1, but only 0 bytes follow");
    refuses("{}", 3, 0, "the header's length is 3, but only 2 bytes follow");
    refuses("{}", 100000001, 0, "the header's length is 100000001, expected at most 100000000");
    refuses("{}", UINT64_MAX, 0, "the header's length is 18446744073709551615");
    refuses("{}", UINT64_MAX - 7, 0, "the header's length is");
    refuses("", 0, 0, "does not begin with \"{\"");
    refuses(" {}", 0, 0, "does not begin with \"{\"");
    refuses("[1]", 0, 0, "does not begin with \"{\"");
}

static void refuses_bad_json(void **state) {
    (void)state;
    refuses("{\"a\"", 0, 0, "header: not valid JSON");
    refuses("{} x", 0, 0, "header: something follows");
    refuses("{\"a\":{\"\xff\":1}}", 0, 0, "not UTF-8");
    Buf deep = {0};
    buf_text(&deep, "{\"a\":");
    for (int i = 0; i < 100000; i++)
        buf_char(&deep, '[');
    refuses(deep.bytes, 0, 0, "header: not valid JSON");
    buf_free(&deep);
}

#define ONE(fields) "{\"w\":{" fields "}}"

static void refuses_bad_entries(void **state) {
    (void)state;
    refuses("{\"w\":3}", 0, 0, "tensor \"w\": its entry is 3, expected an object");
    refuses(ONE("\"shape\":[1],\"data_offsets\":[0,4]"), 0, 4, "dtype is absent");
    refuses(ONE("\"dtype\":7,\"shape\":[1],\"data_offsets\":[0,4]"), 0, 4, "dtype is 7");
    refuses(ONE("\"dtype\":\"F32\",\"data_offsets\":[0,4]"), 0, 4, "shape is absent");
    refuses(ONE("\"dtype\":\"F32\",\"shape\":3,\"data_offsets\":[0,4]"), 0, 4, "shape is 3");
    refuses(ONE("\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]"), 0, 4,
            "a number of shape is -1");
    refuses(ONE("\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]"), 0, 4,
            "a number of shape is 1.5");
    refuses(ONE("\"dtype\":\"F32\",\"shape\":[\"1\"],\"data_offsets\":[0,4]"), 0, 4,
            "a number of shape is \"1\"");
    refuses(ONE("\"dtype\":\"F32\",\"shape\":[1e300],\"data_offsets\":[0,4]"), 0, 4,
            "a number of shape is 1");
    refuses(ONE("\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,4]"), 0, 4,
            "shape has 9 axes, expected at most 8");
    refuses(ONE("\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]"), 0, 0,
            "overflows");
    refuses(ONE("\"dtype\":\"F32\",\"shape\":[4294967296,4294967296,0],\"data_offsets\":[0,0]"), 0,
            0, "overflows");
    refuses(ONE("\"dtype\":\"F64\",\"shape\":[4503599627370496,4096],\"data_offsets\":[0,0]"), 0, 0,
            "overflows");
    refuses(ONE("\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]"), 0, 4,
            "shape and dtype F32 make 8 bytes, but data_offsets hold 4");
}

static void refuses_bad_offsets(void **state) {
    (void)state;
#define AT(offsets) ONE("\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":" offsets)
    refuses(AT("[0]"), 0, 4, "data_offsets are [0], expected two whole numbers");
    refuses(AT("[0,4,8]"), 0, 4, "expected two whole numbers");
    refuses(AT("4"), 0, 4, "data_offsets are 4");
    refuses(AT("[-4,0]"), 0, 4, "expected two whole numbers");
    refuses(AT("[0,\"4\"]"), 0, 4, "expected two whole numbers");
    refuses(AT("[4,0]"), 0, 4, "data_offsets are [4, 0], expected begin");
    refuses(AT("[4,8]"), 0, 4, "data_offsets are [4, 8], but the file has only 4 bytes of data");
    refuses(AT("[0,18446744073709551615]"), 0, 4, "expected two whole numbers");
    refuses(AT("[9007199254740988,9007199254740992]"), 0, 4, "but the file has only 4 bytes");
    refuses(AT("[0,4]"), 0, 6, "6 bytes of data, but the tensors hold only 4");
    refuses(AT("[2,6]"), 0, 6, "begins at byte 2 of the data, expected 0");
    refuses("{}", 0, 1, "1 bytes of data, but the tensors hold only 0");
}

static void refuses_overlaps_holes_and_twins(void **state) {
    (void)state;
#define TWO(first, second, other)                                                                  \
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":" first "},"                         \
    "\"" other "\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":" second "}}"
    refuses(TWO("[0,8]", "[4,12]", "b"), 0, 12, "tensor \"b\" overlaps \"a\": it begins at byte 4");
    refuses(TWO("[0,8]", "[0,8]", "b"), 0, 8, "tensor \"b\" overlaps \"a\"");
    refuses(TWO("[4,12]", "[0,8]", "b"), 0, 12, "tensor \"a\" overlaps \"b\"");
    refuses(TWO("[0,8]", "[12,20]", "b"), 0, 20, "tensor \"b\" begins at byte 12");
    refuses(TWO("[0,8]", "[8,16]", "a"), 0, 16, "tensor \"a\" is there twice");
}

static void refuses_bad_metadata(void **state) {
    (void)state;
    refuses("{\"__metadata__\":[]}", 0, 0, "__metadata__ is a list");
    refuses("{\"__metadata__\":{\"a\":\"b\"},\"__metadata__\":{\"c\":\"d\"}}", 0, 0,
            "__metadata__ is there twice");
    refuses("{\"__metadata__\":{\"n\":3}}", 0, 0, "__metadata__: \"n\" is 3, expected a text");
}

static void converts_to_float(void **state) {
    (void)state;
    uint16_t half[] = {0x3C00, 0xC100, 0x0001, 0x7BFF}, brain[] = {0x3F80, 0xC020, 0x0001, 0x7F7F};
    float expected_half[] = {1, -2.5f, 0x1p-24f, 65504};
    float expected_brain[] = {1, -2.5f, 0x1p-133f, 0x1.FEp127f}, found[4];
    uint8_t room[1 + sizeof half]; /* one byte off: data need not be aligned */
    StTensor tensor = {.data = room + 1, .size = sizeof half, .type = DTYPE_F16};
    memcpy(room + 1, half, sizeof half);
    st_to_float(&tensor, found);
    assert_memory_equal(found, expected_half, sizeof found);
    tensor.type = DTYPE_BF16;
    memcpy(room + 1, brain, sizeof brain);
    st_to_float(&tensor, found);
    assert_memory_equal(found, expected_brain, sizeof found);
    uint8_t wide[1 + sizeof found];
    memcpy(wide + 1, expected_half, sizeof expected_half);
    tensor = (StTensor){.data = wide + 1, .size = sizeof found, .type = DTYPE_F32};
    st_to_float(&tensor, found);
    assert_memory_equal(found, expected_half, sizeof found);
}

/* A dense, a transposed, an integer and an empty tensor, with awkward names and texts. */
static void writes_what_it_reads(void **state) {
    (void)state;
    enum { ROWS = 70, COLUMNS = 90 }; /* more than one chunk */
    float *numbers = calloc(ROWS * COLUMNS, sizeof *numbers);
    assert_non_null(numbers);
    for (int i = 0; i < ROWS * COLUMNS; i++)
        numbers[i] = (float)i - 7.25f;
    numbers[5] = -INFINITY;
    int32_t ids[] = {3, -1, INT32_MAX};
    Tensor dense = tensor_dense(DTYPE_F32, 2, (size_t[]){ROWS, COLUMNS}, numbers), turned = dense;
    turned.dim[0] = COLUMNS, turned.dim[1] = ROWS;
    turned.stride[0] = 1, turned.stride[1] = COLUMNS;
    StOut out[] = {{"dense", dense},
                   {"the \"turned\"\n\xed\x95\x9c", turned},
                   {"none", tensor_dense(DTYPE_F32, 2, (size_t[]){0, 4}, NULL)},
                   {"ids", tensor_dense(DTYPE_I32, 1, (size_t[]){3}, ids)}};
    StMeta meta[] = {{"format", "test"}, {"text", "\"\\ \xf0\x9f\x99\x82"}};
    char *folder = tiny_folder_new();
    Arena arena = {0};
    Err err;
    StFile st;
    const char *path = file_join(&arena, folder, "t.safetensors");
    assert_true(st_write(path, out, 4, meta, 2, &err));
    assert_true(st_open(path, &arena, &st, &err));
    assert_int_equal(st.count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(st.tensor[i].name, out[i].name);
    assert_string_equal(st_meta(&st, "format"), "test");
    assert_string_equal(st_meta(&st, "text"), meta[1].value);
    assert_memory_equal(st.tensor[0].data, numbers, ROWS * COLUMNS * sizeof *numbers);
    assert_int_equal((uintptr_t)st.tensor[0].data % 8, 0);
    for (size_t row = 0; row < COLUMNS; row++)
        for (size_t column = 0; column < ROWS; column++)
            assert_memory_equal(st.tensor[1].data + 4 * (row * ROWS + column),
                                &numbers[column * COLUMNS + row], 4);
    assert_int_equal(st.tensor[2].size, 0);
    assert_memory_equal(st.tensor[3].data, ids, sizeof ids);
    st_close(&st);
    tiny_folder_remove(folder);
    arena_free(&arena);
    free(numbers);
}

static void writes_the_same_bytes_twice(void **state) {
    (void)state;
    float numbers[] = {1, 2, 3, 4, 5, 6};
    StOut out[] = {{"x", tensor_dense(DTYPE_F32, 2, (size_t[]){2, 3}, numbers)}};
    static const char expected[] =
        "{\"__metadata__\":{\"k\":\"v\"},\"x\":{\"dtype\":\"F32\",\"shape\":[2,3],"
        "\"data_offsets\":[0,24]}} ";
    StMeta meta[] = {{"k", "v"}};
    char *folder = tiny_folder_new();
    Arena arena = {0};
    Err err;
    const char *path = file_join(&arena, folder, "t.safetensors");
    for (int round = 0; round < 2; round++) {
        FileMap map;
        assert_true(st_write(path, out, 1, meta, 1, &err));
        assert_true(file_map(path, &map, &err));
        size_t header = map.bytes[0];
        assert_int_equal(header % 8, 0);
        assert_int_equal(map.size, 8 + header + sizeof numbers);
        assert_true(header >= sizeof expected - 2);
        assert_memory_equal(map.bytes + 8, expected, sizeof expected - 2);
        for (size_t i = sizeof expected - 2; i < header; i++)
            assert_int_equal(map.bytes[8 + i], ' ');
        assert_memory_equal(map.bytes + 8 + header, numbers, sizeof numbers);
        file_unmap(&map);
    }
    tiny_folder_remove(folder);
    arena_free(&arena);
}

static void says_which_file_it_cannot_open_or_write(void **state) {
    (void)state;
    char *folder = tiny_folder_new();
    Arena arena = {0};
    StFile st;
    Err err;
    assert_false(st_open(file_join(&arena, folder, "none.safetensors"), &arena, &st, &err));
    assert_contains(err.text, "none.safetensors: No such file");
    st_close(&st); /* what did not open may be closed */
    tiny_file_write(folder, "empty.safetensors", "", 0);
    assert_false(st_open(file_join(&arena, folder, "empty.safetensors"), &arena, &st, &err));
    assert_contains(err.text, "empty.safetensors: 0 bytes, too short");
    tiny_file_write(folder, "eight.safetensors", "\0\0\0\0\0\0\0\0", 8);
    assert_false(st_open(file_join(&arena, folder, "eight.safetensors"), &arena, &st, &err));
    assert_contains(err.text, "eight.safetensors: the header does not begin");
    assert_false(st_open(folder, &arena, &st, &err));
    assert_contains(err.text, "is a folder");
    assert_false(st_write(file_join(&arena, folder, "no/t.safetensors"), NULL, 0, NULL, 0, &err));
    assert_contains(err.text, "no/t.safetensors");
    tiny_folder_remove(folder);
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_good_file),
        cmocka_unit_test(reads_a_file_without_tensors),
        cmocka_unit_test(refuses_every_truncation),
        cmocka_unit_test(measures_every_type),
        cmocka_unit_test(refuses_bad_lengths),
        cmocka_unit_test(refuses_bad_json),
        cmocka_unit_test(refuses_bad_entries),
        cmocka_unit_test(refuses_bad_offsets),
        cmocka_unit_test(refuses_overlaps_holes_and_twins),
        cmocka_unit_test(refuses_bad_metadata),
        cmocka_unit_test(converts_to_float),
        cmocka_unit_test(writes_what_it_reads),
        cmocka_unit_test(writes_the_same_bytes_twice),
        cmocka_unit_test(says_which_file_it_cannot_open_or_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
