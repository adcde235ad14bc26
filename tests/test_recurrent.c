/* The recurrent baselines: their fields, their folders, what of them is refused, and how far back they
 * reach. Their numbers are checked in test_golden.c. */
#include "tests/fixture.h"

#include "engine/base/file.h"
#include "engine/model/family.h"
#include "engine/run/reach.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- config ---- */

static ModelConfig parsed(const char *text, const char *message) {
    Arena arena = {0};
    ModelConfig config;
    const Family *family;
    Err err = {{0}};
    bool ok = config_parse(text, strlen(text), "config.json", &arena, &config, &family, &err);
    if (ok == (message != NULL) || (message && !strstr(err.text, message)))
        fail_msg("%s: \"%s\", expected \"%s\"", text, err.text, message ? message : "no error");
    arena_free(&arena);
    return config;
}

static void fields_arrive(void **state) {
    (void)state;
    ModelConfig c = parsed("{\"model_type\": \"lstm\", \"vocab_size\": 50, \"embedding_size\": 6,"
                           "\"hidden_size\": 9, \"num_layers\": 3, \"bos_token_id\": 4,"
                           "\"eos_token_id\": [5, 99]}",
                           NULL);
    assert_true(c.cell == CELL_LSTM && c.n_vocab == 50 && c.d_model == 6 && c.d_hidden == 9);
    assert_true(c.n_layers == 3 && c.bos == 4 && c.n_eos == 1 && c.eos[0] == 5 && !c.tied);
    assert_true(c.n_heads == 0 && config_longest(&c) == 0);
    assert_true(parsed("{\"model_type\": \"gru\"}", NULL).cell == CELL_GRU);
    assert_true(parsed("{\"model_type\": \"rnn\"}", NULL).act == ACT_TANH);
    c = parsed("{\"model_type\": \"rnn\", \"nonlinearity\": \"relu\"}", NULL);
    assert_true(c.cell == CELL_RNN && c.act == ACT_RELU);
}

static void odd_fields_are_refused(void **state) {
    (void)state;
    parsed("{\"model_type\": \"rnn\", \"nonlinearity\": \"gelu\"}",
           "nonlinearity is \"gelu\", expected tanh or relu");
    parsed("{\"model_type\": \"rnn\", \"nonlinearity\": 3}", "nonlinearity is 3");
    parsed("{\"model_type\": \"lstm\", \"hidden_size\": 0}", "hidden_size is 0");
    parsed("{\"model_type\": \"lstm\", \"hidden_size\": 100000000}", "hidden_size is 100000000");
    parsed("{\"model_type\": \"gru\", \"num_layers\": null}", "num_layers is null");
    parsed("{\"model_type\": \"gru\", \"bidirectional\": true}", "bidirectional is true");
    parsed("{\"model_type\": \"lstm\", \"proj_size\": 8}", "proj_size is 8");
    parsed("{\"model_type\": \"lstm\", \"embedding_size\": 8, \"hidden_size\": 9, "
           "\"tie_word_embeddings\": true}",
           "tie_word_embeddings is true, but hidden_size is 9 and embedding_size is 8");
}

/* ---- folders ---- */

/* lstm-a again with one thing changed, in a folder of its own. */
typedef struct {
    const char *drop;      /* left out */
    const char *transpose; /* written [columns, rows] */
    const char *zero;      /* every number is 0 */
    const char *from, *to; /* in config.json */
} Change;

static void write_config(const char *from, const char *folder, const Change *change) {
    Arena arena = {0};
    Err err;
    char *text;
    size_t size;
    assert_true(file_read_text(file_join(&arena, from, "config.json"), 1 << 16, &arena, &text,
                               &size, &err));
    if (change->from) {
        char *at = strstr(text, change->from);
        assert_non_null(at);
        text = arena_printf(&arena, "%.*s%s%s", (int)(at - text), text, change->to,
                            at + strlen(change->from));
    }
    tiny_file_write(folder, "config.json", text, strlen(text));
    arena_free(&arena);
}

static void write_weights(const char *from, const char *folder, const Change *change) {
    Arena arena = {0};
    Err err;
    StFile file;
    assert_true(st_open(file_join(&arena, from, "model.safetensors"), &arena, &file, &err));
    StOut *out = ARENA_NEW_N(&arena, StOut, file.count);
    size_t count = 0;
    for (size_t i = 0; i < file.count; i++) {
        const StTensor *tensor = &file.tensor[i];
        float *values = ARENA_NEW_N(&arena, float, tensor->size / sizeof(float));
        size_t dim[TENSOR_RANK] = {0};
        bool turned = change->transpose && strcmp(tensor->name, change->transpose) == 0;
        for (int axis = 0; axis < tensor->rank; axis++)
            dim[axis] = tensor->dim[turned ? tensor->rank - 1 - axis : axis];
        if (!change->zero || strcmp(tensor->name, change->zero) != 0)
            st_to_float(tensor, values);
        if (!change->drop || strcmp(tensor->name, change->drop) != 0)
            out[count++] = (StOut){tensor->name,
                                   tensor_dense(DTYPE_F32, tensor->rank, dim, values)};
    }
    assert_true(
        st_write(file_join(&arena, folder, "model.safetensors"), out, count, NULL, 0, &err));
    st_close(&file);
    arena_free(&arena);
}

static Model *open_changed(const char *from, const Change *change, Err *err) {
    char *folder = tiny_folder_new();
    write_config(from, folder, change);
    write_weights(from, folder, change);
    Model *model = model_open(folder, err);
    tiny_folder_remove(folder);
    return model;
}

static void refused(const Change *change, const char *message) {
    Err err = {{0}};
    Model *model = open_changed("tests/golden/lstm-a", change, &err);
    if (model || !strstr(err.text, message))
        fail_msg("\"%s\" does not say \"%s\"", err.text, message);
}

static void bad_folders_are_named(void **state) {
    (void)state;
    refused(&(Change){.drop = "rnn.weight_hh_l1"}, "the weight \"rnn.weight_hh_l1\" is missing");
    refused(&(Change){.drop = "head.bias"}, "the weight \"head.bias\" is missing");
    refused(&(Change){.transpose = "rnn.weight_ih_l0"},
            "the shape of \"rnn.weight_ih_l0\" is [9, 56], expected [56, 9]");
    refused(&(Change){.transpose = "head.weight"},
            "the shape of \"head.weight\" is [14, 43], expected [43, 14]");
    refused(&(Change){.from = "\"hidden_size\": 14", .to = "\"hidden_size\": 15"},
            "expected [43, 15]");
    refused(&(Change){.from = "\"num_layers\": 2", .to = "\"num_layers\": 3"},
            "the weight \"rnn.weight_ih_l2\" is missing, one of 4");
    refused(&(Change){.from = "\"lstm\"", .to = "\"gru\""}, "expected [42, 9]");
}

/* A gate's weights are called by their place in the file's fused matrix. */
static void gates_are_parts_of_one_matrix(void **state) {
    (void)state;
    Err err = {{0}};
    Model *model = open_changed("tests/golden/lstm-a", &(Change){0}, &err);
    assert_non_null(model);
    int index = model_weight(model, STACK_OWN, ROLE_RNN_W_IN_2, 1);
    const Weight *weight = &model->weight[index];
    size_t at[TENSOR_RANK];
    assert_string_equal(weight->name, "rnn.weight_ih_l1");
    weight_file_index(weight, (size_t[]){5, 3}, at); /* input 5, cell 3 of gate g */
    assert_true(at[0] == 2 * 14 + 3 && at[1] == 5);
    assert_int_equal(model_weight(model, STACK_OWN, ROLE_W_Q, 0), -1);
    model_close(model);
}

/* ---- knobs, and fresh weights ---- */

static void knobs_are_a_transformers(void **state) {
    (void)state;
    Err err = {{0}};
    Model *model = open_changed("tests/golden/lstm-a", &(Change){0}, &err);
    assert_non_null(model);
    assert_false(model_set(model, "norm=rms", &err));
    assert_non_null(strstr(err.text, "the knob norm=rms: they are a transformer's"));
    model_close(model);
}

static void fresh_ones_run(void **state) {
    (void)state;
    static const char *const config[] = {"tests/golden/rnn-b/config.json",
                                         "tests/golden/lstm-a/config.json",
                                         "tests/golden/gru-a/config.json"};
    static const int weights[] = {2 + 1 * 4 + 1, 3 + 2 * 16, 3 + 2 * 12}; /* rnn-b is tied */
    for (int k = 0; k < 3; k++) {
        Err err = {{0}};
        Model *model = model_fresh(config[k], NULL, 5, &err);
        if (!model)
            fail_msg("%s", err.text);
        assert_int_equal(model->weight_count, weights[k]);
        trace_free(fixture_trace(model, 6, &(RunOptions){0}));
        model_close(model);
    }
}

/* ---- reach ---- */

enum { T = 6 };
static const int32_t IDS[T] = {7, 12, 3, 30, 7, 21};
static const RunText TEXT = {.ids = IDS, .count = T};

static Reach reach_of(const Model *model, const RunText *text, Arena *arena) {
    Reach reach;
    Err err = {{0}};
    ThreadPool *pool = thread_pool_new(2);
    if (!reach_measure(model, text, pool, arena, &reach, &err))
        fail_msg("%s", err.text);
    assert_int_equal(reach.length, T);
    thread_pool_free(pool);
    return reach;
}

/* Where the state meets no weights, nothing of the past can come through. */
static void without_a_recurrence_nothing_is_remembered(void **state) {
    (void)state;
    Arena arena = {0};
    Err err = {{0}};
    Model *model = open_changed("tests/golden/rnn-b", &(Change){.zero = "rnn.weight_hh_l0"}, &err);
    assert_non_null(model);
    Reach reach = reach_of(model, &TEXT, &arena);
    assert_string_equal(reach.record, "blocks.0.rnn.hook_hidden");
    for (size_t t = 0; t + 1 < T; t++)
        assert_true(reach.ratio[t] == 0);
    assert_true(reach.ratio[T - 1] > 0.1 && reach.rounding < 1e-4);
    model_close(model);
    arena_free(&arena);
}

/* One layer and ReLU: where no unit changes sides, the newest token's change is the weights' own, of
 * the units that are on. */
static void the_newest_token_reaches_as_the_weights_say(void **state) {
    (void)state;
    Arena arena = {0};
    Err err = {{0}};
    Model *model = model_open("tests/golden/rnn-b", &err);
    assert_non_null(model);
    Reach reach = reach_of(model, &TEXT, &arena);
    Trace *trace = run_trace(model, &TEXT, &(RunOptions){0}, &err);
    assert_non_null(trace);
    int hidden = trace_find(trace, "blocks.0.rnn.hook_hidden");
    const Weight *w = &model->weight[model_weight(model, STACK_OWN, ROLE_RNN_W_IN_0, 0)];
    double squares = 0;
    for (int direction = 0; direction < REACH_DIRECTIONS; direction++)
        for (size_t n = 0; n < 10; n++) {
            double sum = 0;
            for (size_t m = 0; m < 10; m++)
                sum += tensor_get(&w->tensor, (size_t[]){m, n}) *
                       (sample_uniform((uint64_t)direction, m) < 0.5 ? -1 : 1) / sqrt(10);
            bool on = trace_get(trace, hidden, (size_t[]){T - 1, n}) > 0;
            squares += on ? sum * sum : 0;
        }
    double expected = sqrt(squares / REACH_DIRECTIONS);
    assert_true(fabs(reach.ratio[T - 1] - expected) < 0.01 * expected);
    trace_free(trace);
    model_close(model);
    arena_free(&arena);
}

/* Attention looks at any token at once; and measuring leaves the model's own run as it was. */
static void a_transformer_reaches_all(void **state) {
    (void)state;
    Arena arena = {0};
    Err err = {{0}};
    Model *model = fixture_model(&(TinyModel){.n_vocab = 40});
    Trace *before = run_trace(model, &TEXT, &(RunOptions){0}, &err);
    Reach reach = reach_of(model, &TEXT, &arena);
    Trace *after = run_trace(model, &TEXT, &(RunOptions){0}, &err);
    assert_string_equal(reach.record, "ln_final.hook_normalized");
    for (size_t t = 0; t < T; t++)
        assert_true(reach.ratio[t] > 100 * reach.rounding);
    for (int node = 0; node < before->graph.count; node++)
        if (trace_kept(before, node))
            assert_memory_equal(before->value[node].data, after->value[node].data,
                                tensor_count(&before->value[node]) *
                                    dtype_size(before->value[node].type));
    const RunText beyond = {.ids = (const int32_t[]){99}, .count = 1};
    assert_false(reach_measure(model, &beyond, NULL, &arena, &reach, &err));
    assert_non_null(strstr(err.text, "token 0 has the id 99"));
    trace_free(before);
    trace_free(after);
    model_close(model);
    arena_free(&arena);
}

/* A decoder's own text is pushed, and read at the end; a model without logits has no such end. */
static void other_families_reach_or_say_why_not(void **state) {
    (void)state;
    Arena arena = {0};
    Err err = {{0}};
    Model *model = model_open("tests/golden/t5-a", &err);
    assert_non_null(model);
    RunText both = {.ids = IDS, .count = T, .source = IDS, .source_count = 4};
    Reach reach = reach_of(model, &both, &arena);
    assert_string_equal(reach.record, "decoder.hook_scaled_out");
    for (size_t t = 0; t < T; t++)
        assert_true(reach.ratio[t] > reach.rounding);
    model_close(model);
    model = model_open("tests/golden/bert-b", &err);
    assert_non_null(model);
    assert_false(reach_measure(model, &TEXT, NULL, &arena, &reach, &err));
    assert_non_null(strstr(err.text, "has no logits"));
    model_close(model);
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_arrive),
        cmocka_unit_test(odd_fields_are_refused),
        cmocka_unit_test(bad_folders_are_named),
        cmocka_unit_test(gates_are_parts_of_one_matrix),
        cmocka_unit_test(knobs_are_a_transformers),
        cmocka_unit_test(fresh_ones_run),
        cmocka_unit_test(without_a_recurrence_nothing_is_remembered),
        cmocka_unit_test(the_newest_token_reaches_as_the_weights_say),
        cmocka_unit_test(a_transformer_reaches_all),
        cmocka_unit_test(other_families_reach_or_say_why_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
