/* Golden numbers from elsewhere: activations published with a real model, and PyTorch's for random
 * models of odd shapes (tests/golden/make_*_golden.py). */
#include "tests/fixture.h"

#include "engine/base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The ids that the file says were run: NULL where it has none of that name. */
static const int32_t *expected_ids(const StFile *expected, const char *name, int32_t *room,
                                   size_t *count) {
    const StTensor *ids = st_find(expected, name);
    *count = 0;
    if (!ids)
        return NULL;
    assert_int_equal(ids->type, DTYPE_I32);
    assert_true(ids->size <= 64 * sizeof *room);
    memcpy(room, ids->data, ids->size);
    *count = ids->dim[0];
    return room;
}

static size_t expected_number(const StFile *expected, const char *key) {
    const char *text = st_meta(expected, key);
    return text ? strtoul(text, NULL, 10) : 0;
}

/* Flash attention, where the file says of what tile. */
static AttentionOptions expected_attention(const StFile *expected) {
    size_t rows = expected_number(expected, "tile_rows");
    return (AttentionOptions){.kind = rows > 0 ? ATTENTION_FLASH : ATTENTION_STANDARD,
                              .tile_rows = rows,
                              .tile_columns = expected_number(expected, "tile_columns"),
                              .head = expected_number(expected, "head")};
}

static Trace *run_expected(const Model *model, const StFile *expected) {
    static int32_t own[64], source[64], types[64];
    size_t typed;
    RunText text = {0};
    text.source = expected_ids(expected, "encoder.hook_tokens", source, &text.source_count);
    text.ids = expected_ids(expected, text.source ? "decoder.hook_tokens" : "hook_tokens", own,
                            &text.count);
    assert_non_null(text.ids);
    text.types = expected_ids(expected, "hook_token_types", types, &typed);
    text.real = expected_number(expected, "real");
    Err err = {{0}};
    RunOptions options = {.stages = "*,*hook_*", .attention = expected_attention(expected)};
    Trace *trace = run_trace(model, &text, &options, &err);
    if (!trace)
        print_message("%s\n", err.text);
    assert_non_null(trace);
    return trace;
}

/* Every tensor of the file is a record of the same shape with the same numbers. */
static void check_folder(const char *folder, const char *file, double tolerance, size_t least) {
    Arena arena = {0};
    Err err = {{0}};
    StFile expected;
    Model *model = model_open(folder, &err);
    if (!model)
        print_message("%s\n", err.text);
    assert_non_null(model);
    assert_true(st_open(file_join(&arena, folder, file), &arena, &expected, &err));
    Trace *trace = run_expected(model, &expected);
    size_t compared = 0;
    for (size_t i = 0; i < expected.count; i++) {
        const StTensor *tensor = &expected.tensor[i];
        int node = trace_find(trace, tensor->name);
        if (node < 0)
            fail_msg("%s/%s: no record %s", folder, file, tensor->name);
        const Node *record = &trace->graph.node[node];
        assert_int_equal(tensor->rank, record->rank);
        assert_memory_equal(tensor->dim, record->dim, (size_t)record->rank * sizeof(size_t));
        if (tensor->type != DTYPE_F32)
            continue;
        float *values = ARENA_NEW_N(&arena, float, tensor->size / sizeof(float));
        st_to_float(tensor, values);
        double difference = fixture_difference(trace, node, values);
        if (!(difference <= tolerance))
            fail_msg("%s/%s: %s differs by %g", folder, file, tensor->name, difference);
        compared++;
    }
    assert_true(compared >= least);
    trace_free(trace);
    st_close(&expected);
    model_close(model);
    arena_free(&arena);
}

static void published_activations_of_gpt_nano_sort(void **state) {
    (void)state;
    const char *shared = fixture_shared();
    if (!shared)
        skip();
    Arena arena = {0};
    const char *folder = file_join(&arena, shared, "models/gpt-nano-sort");
    check_folder(folder, "expected-0.safetensors", 3e-6, 22);
    check_folder(folder, "expected-1.safetensors", 3e-6, 22);
    check_folder(folder, "expected-2.safetensors", 3e-6, 22);
    arena_free(&arena);
}

/* Random models of odd shapes; what each is odd in stands in tests/golden/README.md. Of T5, whose
 * scores are not scaled, the last bits are larger. */
static const struct {
    const char *folder, *file;
    double tolerance;
    size_t least; /* float records that must have been compared */
} RANDOM[] = {
    {"tests/golden/gpt2-a", "expected.safetensors", 2e-5, 70},
    {"tests/golden/gpt2-b", "expected.safetensors", 2e-5, 50},
    {"tests/golden/gpt2-c", "expected.safetensors", 2e-5, 50},
    {"tests/golden/llama-a", "expected.safetensors", 2e-5, 50},
    {"tests/golden/llama-b", "expected.safetensors", 2e-5, 50},
    {"tests/golden/mistral-a", "expected.safetensors", 2e-5, 50},
    {"tests/golden/qwen2-a", "expected.safetensors", 2e-5, 50},
    {"tests/golden/neox-a", "expected.safetensors", 2e-5, 45},
    {"tests/golden/neox-b", "expected.safetensors", 2e-5, 25},
    {"tests/golden/llama-c", "expected.safetensors", 2e-5, 25},
    {"tests/golden/llama-d", "expected.safetensors", 2e-5, 25},
    {"tests/golden/mixtral-a", "expected.safetensors", 2e-5, 50},
    {"tests/golden/mixtral-b", "expected.safetensors", 2e-5, 50},
    {"tests/golden/mixtral-c", "expected.safetensors", 2e-5, 25},
    {"tests/golden/bert-a", "expected.safetensors", 2e-5, 50},
    {"tests/golden/bert-b", "expected.safetensors", 2e-5, 25},
    {"tests/golden/bert-c", "expected.safetensors", 2e-5, 25},
    {"tests/golden/bert-d", "expected.safetensors", 2e-5, 25},
    {"tests/golden/bert-e", "expected.safetensors", 2e-5, 25},
    {"tests/golden/bert-d", "expected-padded.safetensors", 2e-5, 25},
    {"tests/golden/bert-e", "expected-padded.safetensors", 2e-5, 25},
    {"tests/golden/t5-a", "expected.safetensors", 5e-5, 100},
    {"tests/golden/t5-b", "expected.safetensors", 5e-5, 100},
    {"tests/golden/t5-a", "expected-long.safetensors", 5e-5, 3},
    {"tests/golden/t5-b", "expected-long.safetensors", 5e-5, 3},
    {"tests/golden/bart-a", "expected.safetensors", 2e-5, 80},
    {"tests/golden/bart-b", "expected.safetensors", 2e-5, 80},
    {"tests/golden/marian-a", "expected.safetensors", 2e-5, 80},
    {"tests/golden/marian-b", "expected.safetensors", 2e-5, 80},
    {"tests/golden/llama-a", "expected-flash.safetensors", 2e-5, 14},
    {"tests/golden/t5-a", "expected-flash.safetensors", 5e-5, 56},
    {"tests/golden/bert-d", "expected-flash.safetensors", 2e-5, 14},
    {"tests/golden/rnn-a", "expected.safetensors", 2e-5, 13},
    {"tests/golden/rnn-b", "expected.safetensors", 2e-5, 8},
    {"tests/golden/lstm-a", "expected.safetensors", 2e-5, 47},
    {"tests/golden/gru-a", "expected.safetensors", 2e-5, 31},
};

static void random_models_match_pytorch(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof RANDOM / sizeof *RANDOM; i++)
        check_folder(RANDOM[i].folder, RANDOM[i].file, RANDOM[i].tolerance, RANDOM[i].least);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_activations_of_gpt_nano_sort),
        cmocka_unit_test(random_models_match_pytorch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
