/* Golden numbers from elsewhere: activations published with a real model, and PyTorch's for random
 * GPT-2 models of odd shapes (tests/golden/make_gpt2_golden.py). */
#include "tests/fixture.h"

#include "engine/base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static Trace *run_expected(const Model *model, const StFile *expected) {
    const StTensor *tokens = st_find(expected, "hook_tokens");
    assert_non_null(tokens);
    assert_int_equal(tokens->type, DTYPE_I32);
    int32_t ids[64];
    assert_true(tokens->size <= sizeof ids);
    memcpy(ids, tokens->data, tokens->size);
    Err err = {{0}};
    Trace *trace = run_trace(model, ids, tokens->dim[0], &(RunOptions){.stages = "*,*hook_result"},
                             &err);
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
            fail_msg("%s: no record %s", file, tensor->name);
        const Node *record = &trace->graph.node[node];
        assert_int_equal(tensor->rank, record->rank);
        assert_memory_equal(tensor->dim, record->dim, (size_t)record->rank * sizeof(size_t));
        if (tensor->type != DTYPE_F32)
            continue;
        float *values = ARENA_NEW_N(&arena, float, tensor->size / sizeof(float));
        st_to_float(tensor, values);
        double difference = fixture_difference(trace, node, values);
        if (!(difference <= tolerance))
            fail_msg("%s: %s differs by %g", file, tensor->name, difference);
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

static void random_untied_gelu(void **state) {
    (void)state;
    check_folder("tests/golden/gpt2-a", "expected.safetensors", 2e-5, 70);
}

static void random_tied_relu_half(void **state) {
    (void)state;
    check_folder("tests/golden/gpt2-b", "expected.safetensors", 2e-5, 50);
}

static void random_bare_names_bfloat(void **state) {
    (void)state;
    check_folder("tests/golden/gpt2-c", "expected.safetensors", 2e-5, 50);
}

static void random_llama_grouped_with_biases(void **state) {
    (void)state;
    check_folder("tests/golden/llama-a", "expected.safetensors", 2e-5, 50);
}

static void random_llama_one_key_head_half(void **state) {
    (void)state;
    check_folder("tests/golden/llama-b", "expected.safetensors", 2e-5, 50);
}

static void random_mistral_with_a_window(void **state) {
    (void)state;
    check_folder("tests/golden/mistral-a", "expected.safetensors", 2e-5, 50);
}

static void random_qwen2_with_three_biases(void **state) {
    (void)state;
    check_folder("tests/golden/qwen2-a", "expected.safetensors", 2e-5, 50);
}

static void random_neox_parallel_and_sequential(void **state) {
    (void)state;
    check_folder("tests/golden/neox-a", "expected.safetensors", 2e-5, 45);
    check_folder("tests/golden/neox-b", "expected.safetensors", 2e-5, 25);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_activations_of_gpt_nano_sort),
        cmocka_unit_test(random_untied_gelu),
        cmocka_unit_test(random_tied_relu_half),
        cmocka_unit_test(random_bare_names_bfloat),
        cmocka_unit_test(random_llama_grouped_with_biases),
        cmocka_unit_test(random_llama_one_key_head_half),
        cmocka_unit_test(random_mistral_with_a_window),
        cmocka_unit_test(random_qwen2_with_three_biases),
        cmocka_unit_test(random_neox_parallel_and_sequential),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
