/* Two traces, record by record: what is matched, what differs, and what is made of infinities. */
#include "engine/trace/trace_diff.h"
#include "tests/fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LENGTH = 6 };

typedef struct {
    Model *model[2];
    Trace *trace[2];
    Arena arena;
    TraceDiff diff;
} Pair;

static Pair pair_new(const char *left, const char *right) {
    Pair pair = {.diff = {0}};
    const char *settings[2] = {left, right};
    for (int i = 0; i < 2; i++) {
        Err err = {{0}};
        pair.model[i] = fixture_model(&(TinyModel){0});
        if (!model_set(pair.model[i], settings[i], &err))
            fail_msg("%s", err.text);
        pair.trace[i] = fixture_trace(pair.model[i], LENGTH, &(RunOptions){0});
    }
    return pair;
}

static void pair_diff(Pair *pair, bool seen) {
    trace_diff(pair->trace[0], pair->trace[1], seen, &pair->arena, &pair->diff);
}

static void pair_free(Pair *pair) {
    for (int i = 0; i < 2; i++) {
        trace_free(pair->trace[i]);
        model_close(pair->model[i]);
    }
    arena_free(&pair->arena);
}

static const RecordDiff *find(const Pair *pair, const char *name) {
    int left = trace_find(pair->trace[0], name), right = trace_find(pair->trace[1], name);
    for (size_t i = 0; i < pair->diff.count; i++) {
        const RecordDiff *record = &pair->diff.record[i];
        if (record->left >= 0 ? record->left == left : record->right == right)
            return record;
    }
    fail_msg("%s is not among the differences", name);
    return NULL;
}

static float *cell(Pair *pair, int side, const char *name, size_t n) {
    int node = trace_find(pair->trace[side], name);
    return tensor_f32(&pair->trace[side]->value[node]) + n;
}

static void a_run_and_itself_differ_by_nothing(void **state) {
    (void)state;
    Pair pair = pair_new("", "");
    pair_diff(&pair, false);
    assert_int_equal(pair.diff.count, pair.trace[0]->graph.count - 2); /* two are on request */
    for (size_t i = 0; i < pair.diff.count; i++) {
        const RecordDiff *record = &pair.diff.record[i];
        assert_int_equal(record->kind, DIFF_COMPARED);
        assert_int_equal(record->cells, tensor_count(&pair.trace[0]->value[record->left]));
        assert_int_equal(record->unequal, 0);
        assert_true(record->absolute == 0 && record->relative == 0);
        assert_true(i == 0 || record->left > record[-1].left);
    }
    pair_free(&pair);
}

/* The largest of all cells, found a second way. */
static void the_largest_difference_is_found(void **state) {
    (void)state;
    Pair pair = pair_new("", "act=relu");
    pair_diff(&pair, false);
    const RecordDiff *record = find(&pair, "blocks.1.mlp.hook_post");
    double largest = 0, relative = 0;
    for (size_t n = 0; n < record->cells; n++) {
        double a = *cell(&pair, 0, "blocks.1.mlp.hook_post", n);
        double b = *cell(&pair, 1, "blocks.1.mlp.hook_post", n);
        largest = fmax(largest, fabs(a - b));
        relative = a == b ? relative : fmax(relative, fabs(a - b) / fmax(fabs(a), fabs(b)));
    }
    assert_true(largest > 0 && record->absolute == largest && record->relative == relative);
    double a = trace_get(pair.trace[0], record->left, record->at);
    double b = trace_get(pair.trace[1], record->right, record->at);
    assert_true(fabs(a - b) == largest);
    assert_int_equal(find(&pair, "blocks.0.mlp.hook_pre")->unequal, 0);
    assert_true(find(&pair, "blocks.0.mlp.hook_post")->unequal > 0);
    pair_free(&pair);
}

static void one_cell_is_located(void **state) {
    (void)state;
    Pair pair = pair_new("", "");
    const char *name = "blocks.0.attn.hook_z"; /* [6 2 4] */
    *cell(&pair, 0, name, 29) = 3e6F;
    *cell(&pair, 1, name, 29) = -1e6F;
    pair_diff(&pair, false);
    const RecordDiff *record = find(&pair, name);
    assert_true(record->absolute == 4e6 && record->relative == 4.0 / 3 && record->largest == 3e6);
    assert_int_equal(record->unequal, 1);
    assert_int_equal(record->at[0], 3);
    assert_int_equal(record->at[1], 1);
    assert_int_equal(record->at[2], 1);
    pair_free(&pair);
}

static void infinities_and_nan(void **state) {
    (void)state;
    static const struct {
        float left, right;
        double apart;
    } cases[] = {{INFINITY, INFINITY, 0},
                 {-INFINITY, -INFINITY, 0},
                 {NAN, NAN, 0},
                 {0.0F, -0.0F, 0},
                 {INFINITY, -INFINITY, INFINITY},
                 {-INFINITY, 1, INFINITY},
                 {NAN, 1, INFINITY},
                 {1, NAN, INFINITY},
                 {INFINITY, NAN, INFINITY},
                 {0, 5e-39F, (double)5e-39F}};
    Pair pair = pair_new("", "");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        *cell(&pair, 0, "logits", 7) = cases[i].left;
        *cell(&pair, 1, "logits", 7) = cases[i].right;
        pair_diff(&pair, false);
        const RecordDiff *record = find(&pair, "logits");
        if (isfinite(cases[i].apart))
            assert_true(record->absolute == cases[i].apart);
        else
            assert_true(isinf(record->absolute) && isinf(record->relative));
        assert_int_equal(record->unequal, cases[i].apart > 0);
        assert_true(isfinite(record->largest));
    }
    pair_free(&pair);
}

/* Masked scores are −∞ on both sides, which is no difference; under two masks it is one. */
static void masked_scores_are_equal(void **state) {
    (void)state;
    Pair pair = pair_new("", "scale=off");
    pair_diff(&pair, false);
    const RecordDiff *record = find(&pair, "blocks.0.attn.hook_attn_scores");
    assert_true(isfinite(record->absolute) && record->absolute > 0);
    assert_int_equal(record->unequal, 2 * LENGTH * (LENGTH + 1) / 2);
    pair_free(&pair);
    pair = pair_new("", "mask=full");
    pair_diff(&pair, false);
    record = find(&pair, "blocks.0.attn.hook_attn_scores");
    assert_true(isinf(record->absolute));
    assert_int_equal(record->unequal, 2 * LENGTH * (LENGTH - 1) / 2);
    pair_diff(&pair, true); /* of the keys up to the query nothing has changed yet */
    record = find(&pair, "blocks.0.attn.hook_attn_scores");
    assert_int_equal(record->unequal, 0);
    assert_int_equal(record->cells, 2 * LENGTH * (LENGTH + 1) / 2);
    assert_true(find(&pair, "blocks.0.attn.hook_pattern")->unequal > 0);
    pair_free(&pair);
}

static void records_of_one_side_are_told(void **state) {
    (void)state;
    Pair pair = pair_new("", "norm=rms");
    pair_diff(&pair, false);
    assert_int_equal(find(&pair, "blocks.0.ln1.hook_mean")->kind, DIFF_LEFT_ONLY);
    assert_int_equal(find(&pair, "blocks.0.ln1.hook_scale")->kind, DIFF_COMPARED);
    pair_free(&pair);
    pair = pair_new("norm=rms", "mask_place=after");
    pair_diff(&pair, false);
    assert_int_equal(find(&pair, "blocks.0.attn.hook_pattern_unmasked")->kind, DIFF_RIGHT_ONLY);
    pair_free(&pair);
}

static void another_shape_is_not_compared(void **state) {
    (void)state;
    Pair pair = pair_new("", "");
    trace_free(pair.trace[1]);
    pair.trace[1] = fixture_trace(pair.model[1], LENGTH - 1, &(RunOptions){.stages = "logits"});
    pair_diff(&pair, false);
    assert_int_equal(find(&pair, "logits")->kind, DIFF_SHAPES);
    assert_int_equal(find(&pair, "blocks.0.hook_resid_pre")->kind, DIFF_LEFT_ONLY);
    pair_free(&pair);
}

/* ---- token by token ---- */

static Trace *run_text(const Model *model, bool flash, bool by_token, const char *stages,
                       RunCost *cost) {
    int32_t ids[LENGTH] = {model->config.two_stacks ? model->config.start : 1, 2, 3, 1, 4, 2};
    static const int32_t source[] = {3, 1, 2, 4};
    RunText text = {.ids = ids, .count = LENGTH};
    if (model->config.two_stacks) {
        text.source = source;
        text.source_count = 4;
    }
    RunOptions options = {.stages = stages,
                          .attention = {.kind = flash ? ATTENTION_FLASH : ATTENTION_STANDARD,
                                        .tile_rows = 2,
                                        .tile_columns = 3},
                          .by_token = by_token,
                          .cost = cost};
    Err err = {{0}};
    Trace *trace = run_trace(model, &text, &options, &err);
    if (!trace)
        assert_non_null(strstr(err.text, model->config.cell != CELL_NONE ? "is recurrent"
                                                                         : "look at later ones"));
    return trace;
}

/* The whole text at once, and with the keys and values of those before: the same numbers but for
 * rounding, in all that a token could see, for every family. */
static void check_by_token(const Model *model, bool flash, const char *stages) {
    Pair pair = {.diff = {0}};
    RunCost at_once, by_token;
    pair.trace[1] = run_text(model, flash, true, stages, &by_token);
    if (!pair.trace[1])
        return;
    pair.trace[0] = run_text(model, flash, false, stages, &at_once);
    assert_string_equal(pair.trace[1]->kv_cache, "on");
    pair_diff(&pair, true);
    size_t compared = 0;
    for (size_t i = 0; i < pair.diff.count; i++) {
        const RecordDiff *record = &pair.diff.record[i];
        compared += record->kind == DIFF_COMPARED;
        if (record->kind == DIFF_COMPARED && !(record->absolute <= 2e-5))
            fail_msg("%s, %s: %g", model->name, pair.trace[0]->graph.node[record->left].name,
                     record->absolute);
    }
    assert_true(compared > 0);
    /* Weights are read again for each token; what lies behind the newest token is not computed. */
    assert_true(by_token.bytes > at_once.bytes);
    if (model->config.task == TASK_TEXT && !(by_token.flops <= at_once.flops))
        fail_msg("%s: %.17g operations, at once %.17g", model->name, by_token.flops, at_once.flops);
    trace_free(pair.trace[0]);
    trace_free(pair.trace[1]);
    arena_free(&pair.arena);
}

static void token_by_token_is_the_same(void **state) {
    (void)state;
    size_t ran = 0;
    for (size_t i = 0; i < FIXTURE_FOLDER_COUNT; i++) {
        Model *model = fixture_golden(&FIXTURE_FOLDERS[i]);
        Trace *trace = run_text(model, false, true, "*", NULL);
        ran += trace != NULL;
        trace_free(trace);
        check_by_token(model, false, "*");
        if (trace) {
            check_by_token(model, false, "*attn.hook_z,*attn_scores");
            check_by_token(model, true, "*,*flash*");
        }
        model_close(model);
    }
    assert_true(ran > 5);
}

/* Memory that another run has used still holds its numbers. */
static void what_is_not_seen_yet_is_0(void **state) {
    (void)state;
    Model *model = fixture_model(&(TinyModel){0});
    RunMemory memory = {0};
    RunOptions options = {.memory = &memory};
    run_take_back(&memory, fixture_trace(model, LENGTH, &options));
    options.by_token = true;
    Trace *trace = fixture_trace(model, LENGTH, &options);
    int node = trace_find(trace, "blocks.1.attn.hook_attn_scores_raw");
    for (size_t i = 0; i < LENGTH; i++)
        for (size_t j = 0; j < LENGTH; j++)
            assert_true((trace_get(trace, node, (size_t[]){1, i, j}) == 0) == (j > i));
    trace_free(trace);
    run_memory_free(&memory);
    model_close(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_and_itself_differ_by_nothing),
        cmocka_unit_test(the_largest_difference_is_found),
        cmocka_unit_test(one_cell_is_located),
        cmocka_unit_test(infinities_and_nan),
        cmocka_unit_test(masked_scores_are_equal),
        cmocka_unit_test(records_of_one_side_are_told),
        cmocka_unit_test(another_shape_is_not_compared),
        cmocka_unit_test(token_by_token_is_the_same),
        cmocka_unit_test(what_is_not_seen_yet_is_0),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
