/* Models of real shapes, made in memory: they lie as the family's files do, and written into a folder
 * they are the same models again. */
#include "engine/model/shapes.h"
#include "tests/fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static Model *made(const char *name, DType type, uint64_t seed) {
    Err err;
    Model *model = shapes_make(name, type, seed, &err);
    if (!model)
        fail_msg("%s", err.text);
    return model;
}

static const Weight *weight_of(const Model *model, WeightRole role, size_t layer) {
    int weight = model_weight(model, STACK_OWN, role, layer);
    assert_true(weight >= 0);
    return &model->weight[weight];
}

static void seeds_and_names_decide(void **state) {
    (void)state;
    Model *a = made("nano", DTYPE_F32, 1), *b = made("nano", DTYPE_F32, 1);
    Model *c = made("nano", DTYPE_F32, 2);
    const StTensor *of_a = &a->file.tensor[2], *of_b = &b->file.tensor[2];
    assert_string_equal(of_a->name, of_b->name);
    assert_memory_equal(of_a->data, of_b->data, of_a->size);
    assert_memory_not_equal(of_a->data, c->file.tensor[2].data, of_a->size);
    model_close(a);
    model_close(b);
    model_close(c);
    Err err;
    assert_null(shapes_make("nono", DTYPE_F32, 1, &err));
    assert_non_null(strstr(err.text, "no shape \"nono\", expected one of nano, nano-gpt2"));
}

/* Llama's matrices are [out, in], GPT-2's [in, out] with queries, keys and values side by side. */
static void matrices_lie_as_in_files(void **state) {
    (void)state;
    Model *llama = made("nano", DTYPE_F32, 1), *gpt2 = made("nano-gpt2", DTYPE_F32, 1);
    const Weight *k = weight_of(llama, ROLE_W_K, 1);
    assert_string_equal(k->name, "model.layers.1.self_attn.k_proj.weight");
    assert_true(k->file_dim[0] == 16 && k->file_dim[1] == 32);
    assert_true(k->tensor.stride[0] == 1 && k->tensor.stride[2] == 32);
    k = weight_of(gpt2, ROLE_W_K, 1);
    assert_string_equal(k->name, "transformer.h.1.attn.c_attn.weight");
    assert_true(k->file_dim[0] == 32 && k->file_dim[1] == 96 && k->origin == 32);
    assert_true(k->tensor.stride[0] == 96 && k->tensor.stride[2] == 1);
    const Weight *table = weight_of(gpt2, ROLE_EMBED, 0), *out = weight_of(gpt2, ROLE_UNEMBED, 0);
    assert_true(table->tensor.data == out->tensor.data); /* tied */
    model_close(llama);
    model_close(gpt2);
}

static void numbers_are_small_and_norms_near_one(void **state) {
    (void)state;
    Model *model = made("nano", DTYPE_F32, 1);
    const float *table = tensor_f32(&weight_of(model, ROLE_EMBED, 0)->tensor);
    const float *norm = tensor_f32(&weight_of(model, ROLE_LN1_W, 0)->tensor);
    enum { CELLS = 512 * 32, WIDTH = 32 };
    double sum = 0, squares = 0, norms = 0;
    for (size_t i = 0; i < CELLS; i++) {
        sum += (double)table[i];
        squares += (double)table[i] * (double)table[i];
        assert_true(fabsf(table[i]) < 0.0347F);
    }
    for (size_t i = 0; i < WIDTH; i++)
        norms += (double)norm[i];
    assert_true(fabs(sum / CELLS) < 5 * 0.02 / sqrt(CELLS)); /* 5 standard errors */
    assert_true(fabs(sqrt(squares / CELLS) - 0.02) < 5 * 0.02 / sqrt(2.0 * CELLS));
    assert_true(fabs(norms / WIDTH - 1) < 5 * 0.02 / sqrt(WIDTH));
    model_close(model);
}

/* Half precision holds the same numbers, cut off. */
static void types_hold_the_same_numbers(void **state) {
    (void)state;
    static const struct {
        DType type;
        double share; /* of a number that cutting off may take */
    } types[] = {{DTYPE_F16, 1.0 / 1024}, {DTYPE_BF16, 1.0 / 128}};
    Model *full = made("nano", DTYPE_F32, 1);
    const Tensor *from = &weight_of(full, ROLE_W_OUT, 0)->tensor;
    for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
        Model *half = made("nano", types[t].type, 1);
        const Tensor *to = &weight_of(half, ROLE_W_OUT, 0)->tensor;
        assert_int_equal(to->type, types[t].type);
        for (size_t i = 0; i < 48; i++)
            for (size_t j = 0; j < 32; j++) {
                double exact = tensor_get(from, (size_t[]){i, j});
                double cut = tensor_get(to, (size_t[]){i, j});
                assert_true(fabs(cut) <= fabs(exact));
                assert_true(fabs(exact - cut) <= fabs(exact) * types[t].share + 0x1p-14);
            }
        model_close(half);
    }
    model_close(full);
}

static void a_written_model_is_the_same(void **state) {
    (void)state;
    static const char *const shapes[] = {"nano", "nano-gpt2"};
    static const DType types[] = {DTYPE_F32, DTYPE_F16, DTYPE_BF16};
    for (size_t s = 0; s < 2; s++)
        for (size_t t = 0; t < 3; t++) {
            Err err = {{0}};
            char *folder = tiny_folder_new();
            Model *model = made(shapes[s], types[t], 3);
            assert_true(shapes_write(model, folder, &err));
            Model *again = model_open(folder, &err);
            if (!again)
                fail_msg("%s", err.text);
            assert_int_equal(again->note_count, 0);
            assert_true(model_has_tokenizer(again, &err));
            assert_int_equal(tok_id_limit(again->tok), 512);
            Trace *a = fixture_trace(model, 7, &(RunOptions){.stages = "logits"});
            Trace *b = fixture_trace(again, 7, &(RunOptions){.stages = "logits"});
            const Tensor *one = &a->value[trace_find(a, "logits")];
            const Tensor *two = &b->value[trace_find(b, "logits")];
            assert_memory_equal(one->data, two->data, tensor_count(one) * sizeof(float));
            trace_free(a);
            trace_free(b);
            model_close(model);
            model_close(again);
            tiny_folder_remove(folder);
        }
}

/* Its pieces come from merges, as those of a trained one do. */
static void a_written_tokenizer_merges(void **state) {
    (void)state;
    Err err = {{0}};
    char *folder = tiny_folder_new();
    Model *model = made("nano", DTYPE_F32, 3);
    assert_true(shapes_write(model, folder, &err));
    model_close(model);
    model = model_open(folder, &err);
    assert_non_null(model);
    Arena arena = {0};
    TokenList list;
    assert_true(tok_encode(model->tok, "aba !", 5, true, &arena, &list, &err));
    /* "ab", "a", "▁", and "!" as a byte */
    static const char *const pieces[] = {"ab", "a", "▁", "<0x21>"};
    assert_int_equal(list.count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(tok_piece(model->tok, list.token[i].id), pieces[i]);
    arena_free(&arena);
    model_close(model);
    tiny_folder_remove(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seeds_and_names_decide),
        cmocka_unit_test(matrices_lie_as_in_files),
        cmocka_unit_test(numbers_are_small_and_norms_near_one),
        cmocka_unit_test(types_hold_the_same_numbers),
        cmocka_unit_test(a_written_model_is_the_same),
        cmocka_unit_test(a_written_tokenizer_merges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
