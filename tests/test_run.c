/* Running: the same bits however it is done (threads, rows, what is kept), what is refused, and how
 * the next token is chosen. */
#include "tests/fixture.h"

#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/model/knobs.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* 6 heads and odd sizes, so that tiles, remainders and grains of work are all met. */
static const TinyModel ODD = {
    .n_layers = 3, .n_heads = 6, .d_model = 42, .d_ff = 101, .n_vocab = 61, .n_ctx = 64};

static bool same_bits(const Trace *a, const Trace *b, int node_a, int node_b) {
    const Tensor *x = &a->value[node_a], *y = &b->value[node_b];
    return tensor_count(x) == tensor_count(y) &&
           memcmp(x->data, y->data, tensor_count(x) * dtype_size(x->type)) == 0;
}

static void threads_change_no_bit(void **state) {
    (void)state;
    static const int counts[] = {1, 2, 3, 8};
    Model *model = fixture_model(&ODD);
    Trace *alone = fixture_trace(model, 61, &(RunOptions){.stages = "*,*hook_result"});
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        ThreadPool *pool = thread_pool_new(counts[i]);
        Trace *trace = fixture_trace(model, 61,
                                     &(RunOptions){.stages = "*,*hook_result", .pool = pool});
        for (int node = 0; node < alone->graph.count; node++)
            assert_true(same_bits(alone, trace, node, node));
        trace_free(trace);
        thread_pool_free(pool);
    }
    trace_free(alone);
    model_close(model);
}

/* A record that is kept alone, among slots that are used again, is the same record. */
static void check_kept(Model *model) {
    Trace *all = fixture_trace(model, 20, &(RunOptions){.stages = "*,*hook_*"});
    for (int node = 0; node < all->graph.count; node++) {
        const char *name = all->graph.node[node].name;
        Trace *one = fixture_trace(model, 20, &(RunOptions){.stages = name});
        assert_true(trace_kept(one, trace_find(one, name)));
        assert_true(same_bits(all, one, node, trace_find(one, name)));
        trace_free(one);
    }
    trace_free(all);
    model_close(model);
}

static void what_is_kept_changes_no_bit(void **state) {
    (void)state;
    static const FixtureFolder recurrent[] = {{.folder = "tests/golden/rnn-a"},
                                              {.folder = "tests/golden/lstm-a"},
                                              {.folder = "tests/golden/gru-a"}};
    check_kept(fixture_model(&ODD));
    for (int k = 0; k < 3; k++)
        check_kept(fixture_golden(&recurrent[k]));
}

static void unasked_records_are_not_kept(void **state) {
    (void)state;
    Model *model = fixture_model(&(TinyModel){0});
    Trace *trace = fixture_trace(model, 4, &(RunOptions){.stages = "*hook_pattern,logits"});
    for (int node = 0; node < trace->graph.count; node++) {
        const char *name = trace->graph.node[node].name;
        bool asked = strstr(name, "hook_pattern") || strcmp(name, "logits") == 0;
        assert_int_equal(trace_kept(trace, node), asked);
    }
    trace_free(trace);
    trace = fixture_trace(model, 4, &(RunOptions){0});
    int result = trace_find(trace, "blocks.0.attn.hook_result");
    assert_false(trace_kept(trace, result));
    for (int node = 0; node < trace->graph.count; node++)
        assert_int_equal(trace_kept(trace, node), !trace->graph.node[node].on_request);
    trace_free(trace);
    /* A second name is a view of the first; asking for one does not bring the other along. */
    trace = fixture_trace(model, 4, &(RunOptions){.stages = "blocks.1.hook_resid_pre"});
    for (int node = 0; node < trace->graph.count; node++)
        assert_int_equal(trace_kept(trace, node),
                         strcmp(trace->graph.node[node].name, "blocks.1.hook_resid_pre") == 0);
    trace_free(trace);
    model_close(model);
}

/* Memory that another run has written over is as good as fresh memory: longer and shorter texts, and
 * more and fewer records, take turns. */
static void used_memory_changes_no_bit(void **state) {
    (void)state;
    static const struct {
        size_t length;
        const char *stages;
    } runs[] = {{40, "*"}, {7, "*"}, {61, "logits"}, {40, "*hook_pattern"}, {61, "*"}, {3, "*"}};
    Model *model = fixture_model(&ODD);
    RunMemory memory = {{0}, {0}};
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        RunOptions fresh = {.stages = runs[i].stages}, used = fresh;
        used.memory = &memory;
        Trace *a = fixture_trace(model, runs[i].length, &fresh);
        Trace *b = fixture_trace(model, runs[i].length, &used);
        for (int node = 0; node < a->graph.count; node++)
            if (trace_kept(a, node))
                assert_true(same_bits(a, b, node, node));
        trace_free(a);
        run_take_back(&memory, b);
    }
    /* A run that fails leaves the memory as good as it was. */
    Err err = {{0}};
    size_t little = 1;
    RunOptions refused = {.memory = &memory, .max_bytes = &little};
    assert_null(run_trace(model, &(RunText){.ids = (int32_t[]){1}, .count = 1}, &refused, &err));
    trace_free(fixture_trace(model, 5, &(RunOptions){.memory = &memory}));
    run_memory_free(&memory);
    model_close(model);
}

/* ---- what is refused ---- */

static void refuse(const Model *model, const int32_t *ids, size_t count, const RunOptions *options,
                   const char *message) {
    Err err = {{0}};
    Trace *trace = run_trace(model, &(RunText){.ids = ids, .count = count}, options, &err);
    assert_null(trace);
    if (!strstr(err.text, message))
        fail_msg("\"%s\" does not say \"%s\"", err.text, message);
}

static void bad_input_is_refused(void **state) {
    (void)state;
    static const int32_t ids[20] = {0, 1, 2};
    Model *model = fixture_model(&(TinyModel){0});
    RunOptions all = {0};
    refuse(model, ids, 0, &all, "no token at all");
    refuse(model, ids, 17, &all, "17 tokens, but the position table");
    refuse(model, (int32_t[]){0, 11}, 2, &all, "token 1 has the id 11, expected 0 to 10");
    refuse(model, (int32_t[]){-1}, 1, &all, "token 0 has the id -1");
    refuse(model, ids, 3, &(RunOptions){.stages = "hook_nothing"}, "\"hook_nothing\"");
    refuse(model, ids, 3, &(RunOptions){.stages = ""}, "no pattern");
    refuse(model, ids, 3, &(RunOptions){.sample = &(SampleOptions){.temperature = -1, .top_p = 1}},
           "temperature");
    refuse(model, ids, 3,
           &(RunOptions){.sample = &(SampleOptions){.temperature = 1e-38, .top_p = 1}},
           "expected 0 (always the likeliest) or a number from 1e-06");
    refuse(model, ids, 3, &(RunOptions){.sample = &(SampleOptions){.temperature = 1, .top_p = 0}},
           "top-p");
    atomic_bool stop = true;
    refuse(model, ids, 3, &(RunOptions){.stop = &stop}, "stopped");
    model_close(model);
}

/* The message names the least; the least is enough, and one byte less is not. */
static void check_budgets(Model *model, const char *one) {
    const char *stages[] = {"*", "logits", one};
    static const int32_t ids[3] = {0, 1, 2};
    for (size_t i = 0; i < sizeof stages / sizeof *stages; i++) {
        Err err = {{0}};
        size_t budget = 1;
        RunOptions options = {.stages = stages[i], .max_bytes = &budget};
        assert_null(run_trace(model, &(RunText){.ids = ids, .count = 3}, &options, &err));
        const char *named = strstr(err.text, "the least for these stages is ");
        assert_non_null(named);
        named = strrchr(named, '(');
        assert_non_null(named);
        size_t least = strtoul(named + 1, NULL, 10);
        budget = least;
        Trace *trace = run_trace(model, &(RunText){.ids = ids, .count = 3}, &options, &err);
        assert_non_null(trace);
        trace_free(trace);
        budget = least - 1;
        assert_null(run_trace(model, &(RunText){.ids = ids, .count = 3}, &options, &err));
    }
    model_close(model);
}

static void budgets_are_exact(void **state) {
    (void)state;
    check_budgets(fixture_model(&(TinyModel){0}), "blocks.1.attn.hook_pattern,hook_embed");
    check_budgets(fixture_golden(&(FixtureFolder){.folder = "tests/golden/lstm-a"}),
                  "blocks.1.rnn.hook_f,hook_embed");
}

/* ---- generation ---- */

#define NEW_TOKENS 12
typedef struct {
    const Model *model;
    int32_t ids[64];
    size_t count;
    RunText text; /* the prompt; of two stacks the source too */
    AttentionOptions attention;
    bool check; /* compare each step with a fresh run over the whole text */
} Story;

static bool take(void *user, int32_t id) {
    Story *story = user;
    story->ids[story->count++] = id;
    return true;
}

static void compare_with_fresh_run(void *user, const GenerateStep *step) {
    Story *story = user;
    const Trace *sampling = step->sampling;
    assert_int_equal(step->run->own.length, story->count);
    if (!story->check)
        return;
    Err err = {{0}};
    RunText text = story->text;
    text.ids = story->ids;
    text.count = story->count;
    RunOptions options = {.stages = "logits", .attention = story->attention};
    Trace *fresh = run_trace(story->model, &text, &options, &err);
    assert_non_null(fresh);
    size_t V = story->model->config.n_vocab;
    const float *row = tensor_f32(&fresh->value[trace_find(fresh, "logits")]) +
                       (story->count - 1) * V;
    assert_memory_equal(row, sampling->value[trace_find(sampling, "logits")].data, V * sizeof *row);
    trace_free(fresh);
}

static Story tell_by(const Model *model, AttentionOptions attention, const SampleOptions *sample,
                     bool check, int threads) {
    static const int32_t source[] = {3, 0, 8, 1};
    Story story = {
        .model = model, .ids = {4, 9, 2}, .count = 3, .attention = attention, .check = check};
    ThreadPool *pool = thread_pool_new(threads);
    Err err = {{0}};
    bool full;
    GenerateOptions options = {.max_new_tokens = NEW_TOKENS,
                               .sample = *sample,
                               .attention = attention,
                               .pool = pool,
                               .token = take,
                               .step = compare_with_fresh_run,
                               .user = &story};
    int32_t prompt[3] = {4, 9, 2};
    if (model->config.two_stacks)
        story.text = (RunText){.source = source, .source_count = 4, .source_real = 3};
    story.text.ids = prompt;
    story.text.count = 3;
    assert_true(run_generate(model, &story.text, &options, &full, &err));
    thread_pool_free(pool);
    return story;
}

static Story tell(const Model *model, const SampleOptions *sample, bool check, int threads) {
    return tell_by(model, (AttentionOptions){0}, sample, check, threads);
}

/* Known rows are not computed again, and that changes no bit of the logits. */
static void known_rows_serve(void **state) {
    (void)state;
    Model *model = fixture_model(&ODD);
    Story story = tell(model, &SAMPLE_GREEDY, true, 2);
    assert_int_equal(story.count, 3 + NEW_TOKENS);
    model_close(model);
}

/* … in every family, and where a row looks ahead each step runs them all again. */
static void known_rows_serve_every_family(void **state) {
    (void)state;
    SampleOptions drawn = {.temperature = 1, .top_p = 1, .seed = 3};
    size_t told = 0;
    for (size_t i = 0; i < FIXTURE_FOLDER_COUNT; i++) {
        Model *model = fixture_golden(&FIXTURE_FOLDERS[i]);
        Err err = {{0}};
        bool full;
        if (model->config.task == TASK_TEXT)
            told += tell_by(model, FIXTURE_FOLDERS[i].attention, &drawn, true, 2).count;
        else
            assert_false(run_generate(model, &(RunText){.ids = (int32_t[]){1}, .count = 1},
                                      &(GenerateOptions){.max_new_tokens = 1}, &full, &err));
        model_close(model);
    }
    assert_true(told > 50);
}

/* Of two stacks the encoder is computed once, threads or not. */
static void threads_change_no_bit_of_any_family(void **state) {
    (void)state;
    ThreadPool *pool = thread_pool_new(3);
    for (size_t i = 0; i < FIXTURE_FOLDER_COUNT; i++) {
        Model *model = fixture_golden(&FIXTURE_FOLDERS[i]);
        RunOptions options = {.attention = FIXTURE_FOLDERS[i].attention};
        Trace *alone = fixture_trace(model, 9, &options);
        options.pool = pool;
        Trace *trace = fixture_trace(model, 9, &options);
        for (int node = 0; node < alone->graph.count; node++)
            assert_true(alone->graph.node[node].on_request || same_bits(alone, trace, node, node));
        trace_free(alone);
        trace_free(trace);
        model_close(model);
    }
    thread_pool_free(pool);
}

/* The last token changes nothing before it where the mask is causal, and something where it isn't. */
static void only_a_causal_row_is_safe_from_the_future(void **state) {
    (void)state;
    static const struct {
        const char *mask;
        bool safe;
    } masks[] = {{"causal", true}, {"full", false}, {"local:3", true}};
    for (size_t i = 0; i < 3; i++) {
        Model *model = fixture_model(&ODD);
        Err err = {{0}};
        assert_true(mask_parse(masks[i].mask, &model->config.mask, &err));
        int32_t ids[] = {5, 1, 8, 2, 3};
        Trace *before = run_trace(model, &(RunText){.ids = ids, .count = 5}, &(RunOptions){0},
                                  &err);
        ids[4] = 7;
        Trace *after = run_trace(model, &(RunText){.ids = ids, .count = 5}, &(RunOptions){0}, &err);
        int logits = trace_find(before, "logits");
        size_t early = 4 * ODD.n_vocab * sizeof(float);
        bool same = memcmp(before->value[logits].data, after->value[logits].data, early) == 0;
        assert_int_equal(same, masks[i].safe);
        trace_free(before);
        trace_free(after);
        model_close(model);
    }
}

/* Qwen2's window holds from a layer on: there, and not before it, far keys are masked. */
static void a_window_begins_at_its_layer(void **state) {
    (void)state;
    Model *model = fixture_golden(&(FixtureFolder){.folder = "tests/golden/qwen2-a"});
    model->config.window = 2;
    model->config.window_from = 1;
    Trace *trace = fixture_trace(model, 6, &(RunOptions){0});
    static const char *const names[] = {"blocks.0.attn.hook_attn_scores",
                                        "blocks.1.attn.hook_attn_scores"};
    for (size_t layer = 0; layer < 2; layer++)
        for (size_t key = 0; key < 6; key++) {
            double score = trace_get(trace, trace_find(trace, names[layer]), (size_t[]){0, 4, key});
            bool seen = key <= 4 && (layer == 0 || key >= 3);
            assert_int_equal(isfinite(score) != 0, seen);
        }
    trace_free(trace);
    model_close(model);
}

typedef struct {
    int32_t ids[200];
    size_t count;
} LongStory;

static bool take_long(void *user, int32_t id) {
    LongStory *story = user;
    story->ids[story->count++] = id;
    return true;
}

/* 200 tokens of a real model, as a NumPy program continues it (make_stories_golden.py). */
static void stories_go_on_for_200_tokens(void **state) {
    (void)state;
    Arena arena = {0};
    Err err = {{0}};
    char *text;
    size_t size;
    if (!fixture_shared())
        skip();
    Model *model = model_open(file_join(&arena, fixture_shared(), "models/stories260K"), &err);
    assert_non_null(model);
    assert_true(file_read_text("tests/golden/stories260K-greedy.json", 1 << 16, &arena, &text,
                               &size, &err));
    cJSON *golden = json_parse(text, size, "stories260K-greedy.json", &err);
    const cJSON *ids = cJSON_GetObjectItemCaseSensitive(golden, "ids");
    LongStory story = {{0}, 0};
    GenerateOptions options = {
        .max_new_tokens = 200, .sample = SAMPLE_GREEDY, .token = take_long, .user = &story};
    bool full;
    assert_true(
        run_generate(model, &(RunText){.ids = (int32_t[]){1}, .count = 1}, &options, &full, &err));
    assert_int_equal(cJSON_GetArraySize(ids), 200);
    assert_int_equal(story.count, 200);
    for (int i = 0; i < 200; i++)
        assert_int_equal(story.ids[i], cJSON_GetArrayItem(ids, i)->valueint);
    cJSON_Delete(golden);
    model_close(model);
    arena_free(&arena);
}

static void seeds_repeat(void **state) {
    (void)state;
    Model *model = fixture_model(&ODD);
    SampleOptions sample = {.temperature = 1.5, .top_p = 1, .seed = 7};
    Story first = tell(model, &sample, false, 1), again = tell(model, &sample, false, 3);
    assert_memory_equal(first.ids, again.ids, sizeof first.ids);
    sample.seed = 8;
    Story other = tell(model, &sample, false, 1);
    assert_memory_not_equal(first.ids, other.ids, sizeof first.ids);
    model_close(model);
}

static void generation_ends_with_the_context(void **state) {
    (void)state;
    Model *model = fixture_model(&(TinyModel){.n_ctx = 6});
    Story story = {.model = model};
    GenerateOptions options = {
        .max_new_tokens = 50, .sample = SAMPLE_GREEDY, .token = take, .user = &story};
    Err err = {{0}};
    bool full = false;
    assert_true(run_generate(model, &(RunText){.ids = (int32_t[]){1, 2, 3}, .count = 3}, &options,
                             &full, &err));
    assert_true(full || story.count < 4); /* an end token may come first */
    assert_true(story.count <= 4);
    assert_false(run_generate(model,
                              &(RunText){.ids = (int32_t[]){1, 2, 3, 4, 5, 6, 7}, .count = 7},
                              &options, &full, &err));
    assert_non_null(strstr(err.text, "the input: 7 tokens"));
    model_close(model);
}

/* ---- the choice ---- */

static Trace *sampled(const Model *model, const SampleOptions *sample) {
    return fixture_trace(model, 5, &(RunOptions){.sample = sample});
}

static const float *floats(const Trace *trace, const char *name) {
    return tensor_f32(&trace->value[trace_find(trace, name)]);
}
static const int32_t *ints(const Trace *trace, const char *name) {
    return tensor_i32(&trace->value[trace_find(trace, name)]);
}

static void ranks_are_sorted(void **state) {
    (void)state;
    Model *model = fixture_model(&ODD);
    size_t V = ODD.n_vocab;
    SampleOptions sample = {.temperature = 0.7, .top_k = 9, .top_p = 0.8, .seed = 3};
    Trace *trace = sampled(model, &sample);
    const float *logits = floats(trace, "logits") + 4 * V,
                *scaled = floats(trace, "sample.hook_logits");
    const float *sorted = floats(trace, "sample.hook_sorted_logits");
    const float *probs = floats(trace, "sample.hook_sorted_probs");
    const int32_t *ids = ints(trace, "sample.hook_sorted_ids");
    double whole = 0;
    for (size_t r = 0; r < 9; r++)
        whole += exp((double)logits[ids[r]] / 0.7);
    for (size_t r = 0; r < V; r++) {
        assert_true(fabs((double)scaled[r] - (double)logits[r] / 0.7) < 1e-5);
        assert_true(r == 0 || scaled[ids[r - 1]] >= scaled[ids[r]]);
        assert_true(r < 9 ? sorted[r] == scaled[ids[r]] : sorted[r] == -INFINITY);
        double expected = r < 9 ? exp((double)logits[ids[r]] / 0.7) / whole : 0;
        assert_true(fabs((double)probs[r] - expected) < 1e-6);
    }
    trace_free(trace);
    model_close(model);
}

/* The nucleus is the fewest ranks whose probabilities reach p, and the draw stays inside it. */
static void draws_stay_in_the_nucleus(void **state) {
    (void)state;
    Model *model = fixture_model(&ODD);
    for (uint64_t seed = 0; seed < 50; seed++) {
        SampleOptions sample = {
            .temperature = 1, .top_p = 0.3 + 0.014 * (double)seed, .seed = seed};
        Trace *trace = sampled(model, &sample);
        const float *probs = floats(trace, "sample.hook_sorted_probs");
        int32_t kept = ints(trace, "sample.hook_kept")[0],
                token = ints(trace, "sample.hook_token")[0];
        double sum = 0;
        for (int32_t r = 0; r < kept; r++) {
            assert_true(sum < sample.top_p);
            sum += (double)probs[r];
        }
        assert_true(sum > sample.top_p - 1e-6);
        bool inside = false;
        for (int32_t r = 0; r < kept; r++)
            inside = inside || ints(trace, "sample.hook_sorted_ids")[r] == token;
        assert_true(inside);
        trace_free(trace);
    }
    model_close(model);
}

/* Over many seeds each id comes as often as its probability says (within 5 standard deviations). */
static void frequencies_follow_probabilities(void **state) {
    (void)state;
    enum { DRAWS = 4000, V = 11 };
    Model *model = fixture_model(&(TinyModel){0});
    size_t times[V] = {0};
    float probs[V];
    for (uint64_t seed = 0; seed < DRAWS; seed++) {
        SampleOptions sample = {.temperature = 1, .top_p = 1, .seed = seed};
        Trace *trace = sampled(model, &sample);
        times[ints(trace, "sample.hook_token")[0]]++;
        memcpy(probs, floats(trace, "probs") + 4 * V, sizeof probs);
        trace_free(trace);
    }
    for (size_t v = 0; v < V; v++) {
        double p = (double)probs[v], mean = DRAWS * p, spread = sqrt(mean * (1 - p));
        assert_true(fabs((double)times[v] - mean) <= 5 * spread + 1);
    }
    model_close(model);
}

static void greedy_takes_the_largest(void **state) {
    (void)state;
    Model *model = fixture_model(&ODD);
    Trace *trace = sampled(model, &SAMPLE_GREEDY);
    const float *logits = floats(trace, "logits") + 4 * ODD.n_vocab;
    int32_t token = ints(trace, "sample.hook_token")[0];
    for (size_t v = 0; v < ODD.n_vocab; v++)
        assert_true(logits[v] <= logits[token]);
    trace_free(trace);
    model_close(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(used_memory_changes_no_bit),
        cmocka_unit_test(what_is_kept_changes_no_bit),
        cmocka_unit_test(unasked_records_are_not_kept),
        cmocka_unit_test(bad_input_is_refused),
        cmocka_unit_test(budgets_are_exact),
        cmocka_unit_test(known_rows_serve),
        cmocka_unit_test(known_rows_serve_every_family),
        cmocka_unit_test(threads_change_no_bit_of_any_family),
        cmocka_unit_test(only_a_causal_row_is_safe_from_the_future),
        cmocka_unit_test(a_window_begins_at_its_layer),
        cmocka_unit_test(stories_go_on_for_200_tokens),
        cmocka_unit_test(seeds_repeat),
        cmocka_unit_test(generation_ends_with_the_context),
        cmocka_unit_test(ranks_are_sorted),
        cmocka_unit_test(draws_stay_in_the_nucleus),
        cmocka_unit_test(frequencies_follow_probabilities),
        cmocka_unit_test(greedy_takes_the_largest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
