/* Knobs turned on an open model and on a fresh one: what changes, and what is refused. */
#include "tests/fixture.h"

#include "engine/model/knobs.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void refused(Model *model, const char *settings, const char *message) {
    Err err = {{0}};
    ModelConfig before = model->config;
    assert_false(model_set(model, settings, &err));
    if (!strstr(err.text, message))
        fail_msg("\"%s\" does not say \"%s\"", err.text, message);
    assert_memory_equal(&before, &model->config, sizeof before);
}

static void wrong_settings_are_named(void **state) {
    (void)state;
    Model *model = fixture_model(&(TinyModel){0});
    refused(model, "nrom=rms", "there is no knob \"nrom\", expected one of norm, norm_place");
    refused(model, "norm", "the knob norm has no value, expected norm=layer|rms|none");
    refused(model, "norm=batch", "the knob norm is set to \"batch\", expected layer|rms|none");
    refused(model, "residual=off,scale=maybe", "the knob scale is set to \"maybe\"");
    refused(model, "zero_head=0.2", "the knob zero_head is set to \"0.2\""); /* it has 2 heads */
    refused(model, "zero_head=2.0", "zero_head");
    refused(model, "n_layers=3", "can be set on a fresh model alone");
    refused(model, "pos=t5", "has no weight for that (POS_BIAS)");
    refused(model, "rope_theta=-1", "rope_theta is set to \"-1\", expected a number above 0");
    refused(model, "mask=local:0", "mask");
    model_close(model);
    FixtureFolder llama = {.folder = "tests/golden/llama-a"};
    model = fixture_golden(&llama);
    refused(model, "pos=learned", "has no weight for that (POS)");
    model_close(model);
}

static void wrong_masks_are_named(void **state) {
    (void)state;
    static const char *const wrong[] = {"",
                                        "casual",
                                        "local",
                                        "local:",
                                        "local:0",
                                        "local:2:1",
                                        "dilated:2",
                                        "dilated:2:0",
                                        "dilated::",
                                        "longformer:2",
                                        "longformer:2:",
                                        "longformer:2:1,",
                                        "local:-1",
                                        "local:99999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        Err err = {{0}};
        MaskParams mask = {.causal = true}, before = mask;
        assert_false(mask_parse(wrong[i], &mask, &err));
        assert_non_null(strstr(err.text, "expected causal, full, local:W"));
        assert_memory_equal(&mask, &before, sizeof mask);
    }
    MaskParams mask = {.causal = true};
    Err err = {{0}};
    assert_true(mask_parse("longformer:3:0,7", &mask, &err));
    assert_true(mask.kind == MASK_LONGFORMER && mask.causal && mask.window == 3 &&
                mask.globals == 2 && mask.global[1] == 7);
    assert_true(mask_parse("full", &mask, &err) && !mask.causal && mask.kind == MASK_FULL);
    assert_true(mask_parse("dilated:2:3", &mask, &err) && !mask.causal && mask.dilation == 3);
    assert_true(mask_parse("causal", &mask, &err) && mask.causal && mask.kind == MASK_FULL);
}

static Trace *with(const char *settings, const Model **kept) {
    Model *model = fixture_model(&(TinyModel){.n_heads = 2});
    Err err = {{0}};
    if (settings && !model_set(model, settings, &err))
        fail_msg("%s", err.text);
    *kept = model;
    return fixture_trace(model, 6, &(RunOptions){0});
}

static float cell(const Trace *trace, const char *name, size_t a, size_t b, size_t c) {
    int node = trace_find(trace, name);
    if (node < 0)
        fail_msg("no record %s", name);
    return (float)trace_get(trace, node, (size_t[]){a, b, c});
}

static void done(Trace *trace, const Model *model) {
    trace_free(trace);
    model_close((Model *)(uintptr_t)model);
}

static void a_zeroed_head_is_silent(void **state) {
    (void)state;
    const Model *model;
    Trace *trace = with("zero_head=1.0", &model);
    for (size_t d = 0; d < 4; d++) {
        assert_true(cell(trace, "blocks.1.attn.hook_z_kept", 5, 0, d) == 0);
        assert_true(cell(trace, "blocks.1.attn.hook_z_kept", 5, 1, d) ==
                    cell(trace, "blocks.1.attn.hook_z", 5, 1, d));
    }
    assert_true(cell(trace, "blocks.1.attn.hook_z", 5, 0, 0) != 0);
    assert_int_equal(trace_find(trace, "blocks.0.attn.hook_z_kept"), -1);
    assert_true(model->note_count == 1 && strstr(model->notes[0], "zero_head: none → 1.0"));
    done(trace, model);
}

/* A note says what was turned from what to what, and where nothing was. */
static void notes_tell_both_values(void **state) {
    (void)state;
    static const char *const sets[][2] = {
        {"norm=rms,scale=off", "norm: layer → rms, scale: on → off; the weights of "},
        {"pos=rotary", "pos: learned → rotary; the weights"},
        {"mask=local:2", "mask: causal → local:2, causal; the weights"},
        {"rope_theta=7,n_active=2", "rope_theta=7,n_active=2 changes nothing: model "},
        {"norm=layer", "norm=layer changes nothing"}};
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        Model *model = fixture_model(&(TinyModel){.n_heads = 2});
        Err err = {{0}};
        assert_true(model_set(model, sets[i][0], &err));
        assert_int_equal(model->note_count, 1);
        if (!strstr(model->notes[0], sets[i][1]))
            fail_msg("the note is \"%s\"", model->notes[0]);
        model_close(model);
    }
}

/* What a knob is said to stand at can be set, and changes nothing. */
static void knobs_stand_where_they_say(void **state) {
    (void)state;
    Model *model = fixture_model(&(TinyModel){.n_heads = 2});
    int tried = 0;
    for (int knob = 0; knob < knob_count(); knob++) {
        ModelConfig turned = model->config;
        Buf setting = {0}, changes = {0};
        Err err = {{0}};
        buf_printf(&setting, "%s=", knob_name(knob));
        size_t before = setting.size;
        knob_value(&model->config, knob, &setting);
        bool there = setting.size > before && strcmp(setting.bytes, "zero_head=none") != 0;
        if (there && !knobs_set(&turned, setting.bytes, true, &err))
            fail_msg("%s: %s", setting.bytes, err.text);
        knobs_changed(&model->config, &turned, &changes);
        assert_string_equal(buf_cstr(&changes), "");
        tried += there;
        buf_free(&setting);
        buf_free(&changes);
    }
    assert_true(tried >= 20);
    model_close(model);
}

/* Behind the softmax a mask takes away what was given: the row no longer adds up to 1. */
static void a_late_mask_leaves_less_than_one(void **state) {
    (void)state;
    const Model *model;
    Trace *trace = with("mask_place=after", &model);
    for (size_t i = 0; i < 6; i++) {
        double sum = 0;
        for (size_t j = 0; j < 6; j++)
            sum += (double)cell(trace, "blocks.0.attn.hook_pattern", 1, i, j);
        assert_true(i == 5 ? fabs(sum - 1) < 1e-6 : sum < 0.999);
    }
    done(trace, model);
}

static void the_wrong_axis_makes_columns_add_up(void **state) {
    (void)state;
    const Model *model;
    Trace *trace = with("softmax=queries", &model);
    for (size_t j = 0; j < 6; j++) {
        double sum = 0;
        for (size_t i = 0; i < 6; i++)
            sum += (double)cell(trace, "blocks.0.attn.hook_pattern", 1, i, j);
        assert_true(fabs(sum - 1) < 1e-6);
    }
    done(trace, model);
}

static void stages_come_and_go(void **state) {
    (void)state;
    const Model *model;
    Trace *trace = with("norm=none,residual=off,pos=none", &model);
    assert_int_equal(trace_find(trace, "blocks.0.ln1.hook_normalized"), -1);
    assert_int_equal(trace_find(trace, "hook_pos_embed"), -1);
    assert_true(cell(trace, "blocks.0.hook_resid_mid", 3, 2, 0) ==
                cell(trace, "blocks.0.hook_attn_out", 3, 2, 0));
    done(trace, model);
    trace = with("norm_place=post", &model);
    assert_int_equal(trace_find(trace, "ln_final.hook_normalized"), -1);
    assert_true(trace_find(trace, "blocks.1.hook_normalized_resid_post") >= 0);
    done(trace, model);
    trace = with("scale=off", &model);
    assert_true(cell(trace, "blocks.0.attn.hook_attn_scores_raw", 0, 4, 2) ==
                cell(trace, "blocks.0.attn.hook_attn_scores_scaled", 0, 4, 2));
    done(trace, model);
}

/* ---- fresh models ---- */

static const char CONFIG[] =
    "{\"model_type\": \"llama\", \"vocab_size\": 300, \"hidden_size\": 24, "
    "\"intermediate_size\": 40, \"num_hidden_layers\": 2, "
    "\"num_attention_heads\": 6, \"num_key_value_heads\": 2}";

static Model *fresh(const char *settings, uint64_t seed, const char *message) {
    char *folder = tiny_folder_new();
    char path[256];
    tiny_file_write(folder, "shape.json", CONFIG, sizeof CONFIG - 1);
    snprintf(path, sizeof path, "%s/shape.json", folder);
    Err err = {{0}};
    Model *model = model_fresh(path, settings, seed, &err);
    tiny_folder_remove(folder);
    assert_int_equal(model != NULL, message == NULL);
    if (message && !strstr(err.text, message))
        fail_msg("\"%s\" does not say \"%s\"", err.text, message);
    return model;
}

static const float *numbers(const Model *model, WeightRole role, size_t layer) {
    int weight = model_weight(model, STACK_OWN, role, layer);
    assert_true(weight >= 0);
    return tensor_f32(&model->weight[weight].tensor);
}

/* The same seed gives a weight the same numbers, however many blocks stand beside it. */
static void seeds_decide_alone(void **state) {
    (void)state;
    Model *a = fresh(NULL, 3, NULL), *b = fresh("n_layers=5", 3, NULL), *c = fresh(NULL, 4, NULL);
    size_t size = 24 * 24 * sizeof(float);
    assert_memory_equal(numbers(a, ROLE_W_Q, 1), numbers(b, ROLE_W_Q, 1), size);
    assert_memory_not_equal(numbers(a, ROLE_W_Q, 1), numbers(c, ROLE_W_Q, 1), size);
    assert_memory_not_equal(numbers(a, ROLE_W_Q, 0), numbers(a, ROLE_W_Q, 1), size);
    const float *embed = numbers(a, ROLE_EMBED, 0);
    double sum = 0, squares = 0;
    enum { CELLS = 300 * 24 };
    for (size_t i = 0; i < CELLS; i++) {
        sum += (double)embed[i];
        squares += (double)embed[i] * (double)embed[i];
    }
    assert_true(fabs(sum / CELLS) < 5 * 0.02 / sqrt(CELLS)); /* 5 standard errors */
    assert_true(fabs(sqrt(squares / CELLS) - 0.02) < 5 * 0.02 / sqrt(2.0 * CELLS));
    model_close(a);
    model_close(b);
    model_close(c);
}

static void any_shape_can_be_made(void **state) {
    (void)state;
    static const char *const shapes[] = {
        "n_experts=5,n_active=2",
        "norm=layer,norm_place=post,pos=learned,qkv_bias=on,out_bias=on,mlp_bias=on,gated=off",
        "pos=t5,scale=off,tied=on",
        "d_model=32,n_heads=4,n_kv_heads=1,d_ff=20,n_layers=1,n_ctx=64,pos=sinusoidal",
        "d_head=10,pos=alibi,act=relu",
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        Model *model = fresh(shapes[i], 1, NULL);
        trace_free(fixture_trace(model, 5, &(RunOptions){0}));
        model_close(model);
    }
    fresh("n_heads=7", 1, "7 heads do not share a width of 24 evenly");
    fresh("n_kv_heads=4", 1, "6 heads do not share 4 key/value heads evenly");
    fresh("n_experts=2,n_active=3", 1, "a token is to take 3 experts of 2");
    fresh("d_head=5", 1, "5 dimensions are to be turned");
    fresh("d_model=99999999999", 1, "d_model");
    fresh("n_layers=1001", 1,
          "n_layers is set to \"1001\", expected a whole number from 1 to 1000");
    fresh("n_experts=4097", 1, "expected a whole number from 0 to 4096");
}

/* A size that is given stands, whichever is named first; what is derived from others is not given. */
static void the_order_of_sizes_is_no_matter(void **state) {
    (void)state;
    Model *a = fresh("d_head=10,n_kv_heads=1,d_ff=9,n_heads=3,d_model=30", 1, NULL);
    const ModelConfig *c = &a->config;
    assert_true(c->d_head == 10 && c->n_kv_heads == 1 && c->d_ff == 9 && c->n_heads == 3);
    model_close(a);
    Model *b = fresh("zero_head=4.1,n_layers=5", 1, NULL);
    assert_true(b->config.n_zeroed == 1 && b->config.zeroed[0].layer == 4);
    model_close(b);
    fresh("zero_head=1.5,n_heads=3", 1,
          "zero_head is set to \"1.5\", expected LAYER.HEAD, up to 1.2");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_settings_are_named),
        cmocka_unit_test(wrong_masks_are_named),
        cmocka_unit_test(a_zeroed_head_is_silent),
        cmocka_unit_test(notes_tell_both_values),
        cmocka_unit_test(knobs_stand_where_they_say),
        cmocka_unit_test(a_late_mask_leaves_less_than_one),
        cmocka_unit_test(the_wrong_axis_makes_columns_add_up),
        cmocka_unit_test(stages_come_and_go),
        cmocka_unit_test(seeds_decide_alone),
        cmocka_unit_test(any_shape_can_be_made),
        cmocka_unit_test(the_order_of_sizes_is_no_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
