/* What no model's run has: the numbers and labels at the edges, in each text format. The trace itself is
 * compared in test_export_data.sh. */
#include "tests/tiny_model.h"

#include "app/export/data.h"
#include "engine/base/buf.h"
#include "engine/base/file.h"
#include "engine/base/json.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const ExportAbout ABOUT = {
    .version = "1", .model = "m", .prompt = "a\"b\n", .options = "", .record = "r", .head = NULL};
static const float EDGES[2][5] = {{NAN, -INFINITY, INFINITY, -0.0F, 0.0F},
                                  {FLT_MAX, FLT_TRUE_MIN, -FLT_MIN, 16777216.0F, 0.1F}};

static char *written(const DataTable *table, DataFormat format, const char *name, Arena *arena) {
    char *folder = tiny_folder_new(), *path = file_join(arena, folder, name), *text = NULL;
    size_t size;
    Err err;
    if (!data_write(table, &ABOUT, format, path, &err) ||
        !file_read_text(path, 1 << 20, arena, &text, &size, &err))
        fail_msg("%s", err.text);
    tiny_folder_remove(folder);
    return text;
}

static DataTable edge_table(float *room) {
    static const char *const rows[] = {"a,b", "say \"so\""}, *const columns[] = {"x\r\ny", " ", "",
                                                                                 "한", "z"};
    memcpy(room, EDGES, sizeof EDGES);
    return (DataTable){.without = -1,
                       .tensor = tensor_dense(DTYPE_F32, 2, (const size_t[]){2, 5}, room),
                       .axis = {AXIS_QUERY, AXIS_KEY},
                       .label = {rows, columns}};
}

static void test_csv_quotes(void **state) {
    (void)state;
    Arena arena = {0};
    float room[10];
    DataTable table = edge_table(room);
    assert_string_equal(
        written(&table, DATA_CSV, "a.csv", &arena),
        "\"{\"\"attnscope\"\": \"\"1\"\", \"\"model\"\": \"\"m\"\", \"\"prompt\"\": "
        "\"\"a\\\"\"b\\n\"\", \"\"options\"\": \"\"\"\", \"\"record\"\": "
        "\"\"r\"\"}\",\"x\r\ny\",\" \",,한,z\r\n"
        "\"a,b\",nan,-inf,inf,-0.0,0\r\n"
        "\"say \"\"so\"\"\",3.40282347e+38,1.40129846e-45,-1.17549435e-38,"
        "16777216,0.100000001\r\n");
    arena_free(&arena);
}

static float number_of(const cJSON *item) {
    return strtof(cJSON_IsString(item) ? item->valuestring : "", NULL);
}

static void test_json_is_json(void **state) {
    (void)state;
    Arena arena = {0};
    Err err;
    float room[10];
    DataTable table = edge_table(room);
    char *text = written(&table, DATA_JSON, "a.JSON", &arena);
    cJSON *json = json_parse(text, strlen(text), "a.json", &err);
    assert_non_null(json);
    assert_non_null(strstr(text, "[\"nan\", \"-inf\", \"inf\", -0.0, 0]"));
    const cJSON *values = cJSON_GetObjectItemCaseSensitive(json, "values");
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 5; j++) {
            const cJSON *item = cJSON_GetArrayItem(cJSON_GetArrayItem(values, i), j);
            float found = cJSON_IsString(item) ? number_of(item) : (float)item->valuedouble;
            assert_true(found == EDGES[i][j] || (isnan(found) && isnan(EDGES[i][j])));
        }
    const cJSON *labels = cJSON_GetObjectItemCaseSensitive(json, "labels");
    const cJSON *keys = cJSON_GetObjectItemCaseSensitive(labels, "key");
    assert_string_equal(cJSON_GetArrayItem(keys, 0)->valuestring, "x\r\ny");
    cJSON_Delete(json);
    arena_free(&arena);
}

/* A strided view, as one head of hook_q is. */
static void test_npy_of_a_view(void **state) {
    (void)state;
    Arena arena = {0};
    int32_t ids[6] = {1, -2, 3, 4, 5, INT32_MIN};
    DataTable table = {.without = -1,
                       .tensor = tensor_dense(DTYPE_I32, 1, (const size_t[]){3}, ids)};
    table.tensor.stride[0] = 2;
    table.tensor.data = ids + 1;
    char *folder = tiny_folder_new(), *path = file_join(&arena, folder, "a.npy");
    FileMap map;
    Err err;
    assert_true(data_write(&table, &ABOUT, DATA_NPY, path, &err) && file_map(path, &map, &err));
    static const char head[] =
        "{'descr': '<i4', 'fortran_order': False, 'shape': (3,), } # {\"attn";
    const int32_t wanted[3] = {-2, 4, INT32_MIN};
    size_t length = map.bytes[8] + 256U * map.bytes[9];
    assert_memory_equal(map.bytes, "\x93NUMPY\x01\x00", 8);
    assert_int_equal((length + 10) % 64, 0);
    assert_int_equal(map.size, 10 + length + sizeof wanted);
    assert_memory_equal(map.bytes + 10, head, sizeof head - 1);
    assert_int_equal(map.bytes[10 + length - 1], '\n');
    assert_memory_equal(map.bytes + 10 + length, wanted, sizeof wanted);
    file_unmap(&map);
    tiny_folder_remove(folder);
    arena_free(&arena);
}

static void test_ascii_is_cut_between_characters(void **state) {
    (void)state;
    Buf json = {0};
    ExportAbout about = {
        .version = "1", .model = "한", .prompt = "é😀é", .options = "", .record = "r"};
    about_json_ascii(&about, 7, &json);
    assert_string_equal(json.bytes,
                        "{\"attnscope\": \"1\", \"model\": \"\\ud55c\", \"prompt\": "
                        "\"\\u00e9\\ud83d\\ude00\\u2026\", \"options\": \"\", \"record\": \"r\"}");
    buf_free(&json);
}

static void test_formats(void **state) {
    (void)state;
    DataFormat format;
    Err err;
    assert_true(data_format("a.b.NPY", &format, &err) && format == DATA_NPY);
    assert_true(data_format("x/.safetensors", &format, &err) && format == DATA_SAFETENSORS);
    assert_false(data_format("csv", &format, &err));
    assert_false(data_format("", &format, &err));
    assert_false(data_format("a.csv.gz", &format, &err));
    assert_non_null(strstr(err.text, "a.csv.gz"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_csv_quotes),
        cmocka_unit_test(test_json_is_json),
        cmocka_unit_test(test_npy_of_a_view),
        cmocka_unit_test(test_ascii_is_cut_between_characters),
        cmocka_unit_test(test_formats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
