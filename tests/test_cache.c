/* The KV cache: on or off, the same text and the same logits; what each step computes, counts and
 * stores; windows whose caches roll. */
#include "tests/fixture.h"

#include "engine/base/file.h"
#include "engine/model/knobs.h"
#include "engine/ops/flash.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define STEPS_MOST 128
typedef struct {
    int32_t ids[STEPS_MOST];
    size_t count;
    GenerateStep step[STEPS_MOST]; /* `sampling` and `run` are gone */
    size_t rows[STEPS_MOST];       /* known after the step */
    float *logits;                 /* [count, V] */
    size_t V;
} Tale;

static bool take(void *user, int32_t id) {
    Tale *tale = user;
    tale->ids[tale->count++] = id;
    return true;
}

/* The rows' record says what the step's numbers say. */
static void check_rows(const GenerateStep *step) {
    int node = trace_find(step->sampling, "kv_cache.hook_rows");
    size_t count = step->run->own.length, computed = 0, used = 0, dropped = 0;
    assert_true(node >= 0);
    assert_int_equal(step->sampling->graph.node[node].dim[0], count);
    for (size_t i = 0; i < count; i++) {
        int32_t row = tensor_i32(&step->sampling->value[node])[i];
        assert_true(row == 1 || row == 0 || row == -1);
        computed += row == 1;
        used += row == 0;
        dropped += row == -1;
    }
    assert_int_equal(computed, count - step->first);
    assert_int_equal(used, step->first - step->oldest);
    assert_int_equal(dropped, step->oldest);
}

static void note_step(void *user, const GenerateStep *step) {
    Tale *tale = user;
    assert_int_equal(step->number, tale->count);
    check_rows(step);
    bool cache = step->serves && step->cache_bytes > 0;
    assert_string_equal(step->run->kv_cache, cache ? "on" : "off");
    tale->step[tale->count] = *step;
    tale->rows[tale->count] = step->run->own.length;
    memcpy(tale->logits + tale->count * tale->V,
           step->sampling->value[trace_find(step->sampling, "logits")].data,
           tale->V * sizeof *tale->logits);
}

static Model *golden(const char *folder, const char *settings) {
    return fixture_golden(&(FixtureFolder){.folder = folder, .settings = settings});
}

static const int32_t SOURCE[] = {3, 0, 2, 1, 4};

static RunText text_of(const Model *model, const int32_t *ids, size_t count) {
    RunText text = {.ids = ids, .count = count};
    if (model->config.two_stacks) {
        text.source = SOURCE;
        text.source_count = 5;
    }
    return text;
}

/* End tokens don't end it: 100 tokens are to be compared. */
static Tale tell_by(Model *model, size_t prompt, size_t most, bool off, int threads,
                    AttentionOptions attention) {
    int32_t ids[64];
    Tale tale = {.V = model->config.n_vocab};
    tale.logits = calloc(most * tale.V, sizeof *tale.logits);
    assert_non_null(tale.logits);
    assert_true(prompt <= 64 && most <= STEPS_MOST);
    for (size_t i = 0; i < prompt; i++)
        ids[i] = (int32_t)((i * 7 + 2) % tale.V);
    if (model->config.two_stacks)
        ids[0] = model->config.start;
    model->config.n_eos = 0;
    ThreadPool *pool = thread_pool_new(threads);
    GenerateOptions options = {.max_new_tokens = most,
                               .sample = SAMPLE_GREEDY,
                               .attention = attention,
                               .cache_off = off,
                               .pool = pool,
                               .token = take,
                               .step = note_step,
                               .user = &tale};
    RunText text = text_of(model, ids, prompt);
    Err err = {{0}};
    bool full;
    if (!run_generate(model, &text, &options, &full, &err))
        fail_msg("%s", err.text);
    thread_pool_free(pool);
    return tale;
}

static Tale tell(Model *model, size_t prompt, size_t most, bool off, int threads) {
    return tell_by(model, prompt, most, off, threads, (AttentionOptions){0});
}

static double largest_difference(const Tale *a, const Tale *b) {
    double worst = 0;
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count * a->V; i++) {
        double x = (double)a->logits[i], y = (double)b->logits[i];
        if (x != y && !(fabs(x - y) <= worst))
            worst = fabs(x - y);
    }
    return worst;
}

static void check_on_and_off(Model *model, AttentionOptions by, size_t prompt, size_t most) {
    Tale on = tell_by(model, prompt, most, false, 2, by);
    Tale off = tell_by(model, prompt, most, true, 1, by);
    assert_true(largest_difference(&on, &off) <= 1e-5);
    assert_memory_equal(on.ids, off.ids, sizeof on.ids);
    for (size_t s = 0; s < on.count; s++) { /* each counts what the other did */
        assert_int_equal(off.step[s].first, 0);
        assert_true(on.step[s].cost.flops == off.step[s].other.flops);
        assert_true(on.step[s].cost.bytes == off.step[s].other.bytes);
        assert_true(on.step[s].other.flops == off.step[s].cost.flops);
        assert_true(on.step[s].other.bytes == off.step[s].cost.bytes);
    }
    free(on.logits);
    free(off.logits);
}

static size_t roomy(const Model *model, size_t prompt, size_t most) {
    size_t longest = config_longest(&model->config);
    return longest && prompt + most > longest + 1 ? longest + 1 - prompt : most;
}

static void the_cache_changes_no_text_of_any_family(void **state) {
    (void)state;
    size_t told = 0;
    for (size_t i = 0; i < FIXTURE_FOLDER_COUNT; i++) {
        Model *model = fixture_golden(&FIXTURE_FOLDERS[i]);
        if (model->config.task == TASK_TEXT) {
            size_t prompt = model->config.two_stacks ? 1 : 3;
            check_on_and_off(model, FIXTURE_FOLDERS[i].attention, prompt,
                             roomy(model, prompt, 100));
            told++;
        }
        model_close(model);
    }
    assert_true(told >= 15);
}

#ifdef __SANITIZE_ADDRESS__
#define LONG_STORY 20 /* a million weights, over and over */
#else
#define LONG_STORY 100
#endif

/* The models of the lessons, and one that others have trained. */
static void the_cache_changes_no_text_of_trained_models(void **state) {
    (void)state;
    static const char *const name[] = {"story",      "story-llama", "story-moe", "story-window",
                                       "story-ko",   "translate",   "headline",  "story-rnn",
                                       "story-lstm", "sort"};
    Arena arena = {0};
    Err err = {{0}};
    for (size_t i = 0; i < sizeof name / sizeof *name; i++) {
        const char *folder = file_join(&arena, "assets/models", name[i]);
        if (!file_is_folder(folder)) {
            print_message("skipped: no %s here\n", folder);
            continue;
        }
        Model *model = model_open(folder, &err);
        if (!model)
            fail_msg("%s", err.text);
        size_t prompt = model->config.two_stacks ? 1 : 5;
        check_on_and_off(model, (AttentionOptions){0}, prompt, roomy(model, prompt, LONG_STORY));
        model_close(model);
    }
    const char *shared = fixture_shared();
    if (shared && file_is_folder(file_join(&arena, shared, "models/stories260K"))) {
        Model *model = model_open(file_join(&arena, shared, "models/stories260K"), &err);
        assert_non_null(model);
        check_on_and_off(model, (AttentionOptions){0}, 1, LONG_STORY);
        model_close(model);
    } else {
        print_message("skipped: no stories260K here\n");
    }
    arena_free(&arena);
}

/* ---- counts ---- */

/* Without the cache a step is a fresh prefill: the first step of a new generation over the same
 * tokens; and a trace of them, but for the logits, which a trace has of all rows. */
static void check_prefill(Model *model, AttentionOptions by, size_t prompt) {
    Tale off = tell_by(model, prompt, 6, true, 1, by);
    int32_t ids[64];
    for (size_t i = 0; i < prompt; i++)
        ids[i] = (int32_t)((i * 7 + 2) % off.V);
    if (model->config.two_stacks)
        ids[0] = model->config.start;
    memcpy(ids + prompt, off.ids, 6 * sizeof *ids);
    for (size_t s = 0; s < off.count; s++) {
        RunText text = text_of(model, ids, prompt + s);
        RunCost cost = {0, 0};
        RunOptions run = {.stages = "logits", .attention = by, .cost = &cost};
        Err err = {{0}};
        Trace *trace = run_trace(model, &text, &run, &err);
        assert_non_null(trace);
        const Node *logits = &trace->graph.node[trace_find(trace, "logits")];
        double rows = (double)(text.count - 1), V = (double)off.V;
        double width = (double)model->config.d_model;
        if (model->config.cell != CELL_NONE)
            width = (double)model->config.d_hidden;
        double row_flops = V * (2 * width - 1 + (logits->n_in > 2));
        assert_true(cost.flops - rows * row_flops == off.step[s].cost.flops);
        assert_true(cost.bytes - rows * (V + width) * 4 == off.step[s].cost.bytes);
        trace_free(trace);
        Tale fresh = {.V = off.V, .logits = calloc(off.V, sizeof(float))};
        GenerateOptions options = {.max_new_tokens = 1,
                                   .sample = SAMPLE_GREEDY,
                                   .attention = by,
                                   .cache_off = true,
                                   .token = take,
                                   .step = note_step,
                                   .user = &fresh};
        bool full;
        assert_true(run_generate(model, &text, &options, &full, &err));
        assert_true(fresh.step[0].cost.flops == off.step[s].cost.flops);
        assert_true(fresh.step[0].cost.bytes == off.step[s].cost.bytes);
        free(fresh.logits);
    }
    free(off.logits);
}

static void without_a_cache_each_step_is_a_prefill(void **state) {
    (void)state;
    for (size_t i = 0; i < FIXTURE_FOLDER_COUNT; i++) {
        Model *model = fixture_golden(&FIXTURE_FOLDERS[i]);
        if (model->config.task == TASK_TEXT)
            check_prefill(model, FIXTURE_FOLDERS[i].attention, model->config.two_stacks ? 1 : 4);
        model_close(model);
    }
}

/* A Llama: layers, heads, key/value heads of D. */
typedef struct {
    double L, H, KV, D;
} Sizes;

/* One row's, by hand: for each key a dot product, a division, a comparison, and five operations of the
 * softmax; then the weighted sum. */
static double attention_flops(const Sizes *z, double keys) {
    double scores = 2 * z->D - 1, scale = 1, mask = 1, softmax = 5;
    return z->L * z->H * (keys * (scores + scale + mask + softmax) + z->D * (2 * keys - 1));
}

static void with_a_cache_steps_grow_by_a_key(void **state) {
    (void)state;
    Model *model = golden("tests/golden/llama-a", NULL);
    const ModelConfig *c = &model->config;
    Sizes z = {(double)c->n_layers, (double)c->n_heads, (double)c->n_kv_heads, (double)c->d_head};
    size_t prompt = 5;
    Tale on = tell(model, prompt, 40, false, 1);
    assert_int_equal(on.count, 40);
    for (size_t s = 1; s < on.count; s++) {
        const GenerateStep *step = &on.step[s];
        size_t rows = prompt + s;
        assert_int_equal(step->first, rows - 1);
        assert_int_equal(step->oldest, 0);
        /* 2 · layers · KV heads · D · rows · 4 */
        size_t row = 2 * c->n_layers * c->n_kv_heads * c->d_head * 4;
        assert_int_equal(step->cache_used, row * rows);
        assert_int_equal(step->cache_bytes, row * (prompt + 40));
        assert_int_equal(step->cross_bytes, 0);
        if (s < 2)
            continue;
        double grown = attention_flops(&z, (double)rows) - attention_flops(&z, (double)rows - 1);
        assert_true(step->cost.flops - on.step[s - 1].cost.flops == grown);
        /* K and V of one more row; a column more of scores, scaled, masked and shares, each written
         * once and read once. */
        double bytes = 4 * z.L * (2 * z.KV * z.D + 8 * z.H);
        assert_true(step->cost.bytes - on.step[s - 1].cost.bytes == bytes);
        assert_true(step->other.flops > (double)(rows - 1) * 0.9 * step->cost.flops);
    }
    free(on.logits);
    model_close(model);
}

/* The encoder, and the cross-attention's keys and values, are computed in the first step only. */
static void the_source_is_read_once(void **state) {
    (void)state;
    static const char *const folder[] = {"tests/golden/t5-a", "tests/golden/bart-a",
                                         "tests/golden/marian-a"};
    for (size_t i = 0; i < 3; i++) {
        Model *model = golden(folder[i], NULL);
        const ModelConfig *c = &model->config;
        Tale on = tell(model, 1, 6, false, 1), off = tell(model, 1, 6, true, 1);
        /* A step with one row and one more key costs `grown` more; what the first step costs beyond
         * that is the source's, which comes once. */
        double grown = on.step[3].cost.flops - on.step[2].cost.flops;
        double once = on.step[0].cost.flops - (on.step[1].cost.flops - grown);
        double encoder = off.step[0].cost.flops - (on.step[1].cost.flops - grown);
        assert_true(grown > 0 && once > 0);
        assert_true(on.step[2].cost.flops - on.step[1].cost.flops == grown);
        assert_true(once == encoder);
        for (size_t s = 0; s < 6; s++) {
            assert_int_equal(on.step[s].cross_bytes,
                             2 * c->n_layers * c->n_kv_heads * c->d_head * 5 * 4);
            assert_true(off.step[s].cost.flops >= once);
        }
        free(on.logits);
        free(off.logits);
        model_close(model);
    }
}

/* ---- where there is no cache ---- */

static void some_models_can_have_none(void **state) {
    (void)state;
    static const struct {
        const char *folder, *settings, *why;
    } none[] = {{"tests/golden/rnn-a", NULL, "recurrent"},
                {"tests/golden/lstm-a", NULL, "recurrent"},
                {"tests/golden/llama-b", "mask=full", "later ones"},
                {"tests/golden/llama-d", "mask_place=after", "later ones"},
                {"tests/golden/qwen2-a", "softmax=queries", "later ones"}};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        Model *model = golden(none[i].folder, none[i].settings);
        Err err = {{0}};
        assert_false(generate_can_cache(model, &err));
        assert_non_null(strstr(err.text, none[i].why));
        assert_non_null(strstr(err.text, model->name));
        bool recurrent = model->config.cell != CELL_NONE;
        Tale tale = tell(model, 3, 5, false, 1);
        for (size_t s = 0; s < 5; s++) {
            assert_int_equal(tale.step[s].serves, recurrent);
            assert_int_equal(tale.step[s].cache_bytes, 0);
            assert_int_equal(tale.step[s].first, recurrent && s > 0 ? s + 2 : 0);
            if (!recurrent) /* all rows, each time */
                assert_true(tale.step[s].cost.flops == tale.step[s].other.flops);
        }
        free(tale.logits);
        model_close(model);
    }
    Model *model = golden("tests/golden/llama-a", NULL);
    Err err = {{0}};
    assert_true(generate_can_cache(model, &err));
    model_close(model);
}

/* ---- windows ---- */

static void check_bounded(const Model *model, const Tale *tale, size_t prompt, size_t W) {
    const ModelConfig *c = &model->config;
    size_t row = 2 * c->n_kv_heads * c->d_head * 4, rolling = c->n_layers - c->window_from;
    size_t all = prompt + tale->count, most = 2 * W < all ? 2 * W : all;
    for (size_t s = 0; s < tale->count; s++) {
        const GenerateStep *step = &tale->step[s];
        size_t rows = tale->rows[s], seen = rows < W ? rows : W;
        assert_int_equal(step->cache_bytes, row * (rolling * most + c->window_from * all));
        assert_int_equal(step->cache_used, row * (rolling * seen + c->window_from * rows));
        bool drops = c->window_from == 0 && s > 0 && rows > W;
        assert_int_equal(step->oldest, drops ? rows - W : 0);
        if (s > 1 && tale->rows[s] > W + 1 && c->window_from == 0) {
            /* Only the masked row and its shares still grow: no key is read that is not there. */
            double grown = step->cost.flops - tale->step[s - 1].cost.flops;
            double shares = 6 * (double)(c->n_layers * c->n_heads);
            assert_true(grown == shares);
        }
    }
}

/* Far beyond the window, with prompts shorter and longer than it, the text and the logits are those
 * of a run that keeps everything, to the bit. */
static void check_window(Model *model, size_t prompt, size_t most, size_t W) {
    Tale on = tell(model, prompt, most, false, 2), off = tell(model, prompt, most, true, 1);
    assert_true(on.count == most && prompt + most > 4 * W);
    assert_memory_equal(on.ids, off.ids, sizeof on.ids);
    assert_memory_equal(on.logits, off.logits, most * on.V * sizeof *on.logits);
    check_bounded(model, &on, prompt, W);
    free(on.logits);
    free(off.logits);
}

static void windows_roll(void **state) {
    (void)state;
    Err err = {{0}};
    Model *model = model_open("assets/models/story-window", &err);
    if (!model)
        fail_msg("%s", err.text);
    size_t W = model->config.window;
    assert_int_equal(W, 8);
    static const size_t prompts[] = {1, 8, 9, 40};
    for (size_t i = 0; i < sizeof prompts / sizeof *prompts; i++)
        check_window(model, prompts[i], 34, W);
    model_close(model);
}

static void windows_of_any_width_roll(void **state) {
    (void)state;
    static const char *const folder[] = {"tests/golden/mistral-a", "tests/golden/llama-a",
                                         "tests/golden/mixtral-a", "tests/golden/neox-a"};
    for (size_t i = 0; i < 4; i++)
        for (size_t W = 1; W <= 6; W++) {
            Model *model = golden(folder[i], NULL);
            model->config.window = W;
            model->config.window_from = 0;
            check_window(model, 1 + 3 * i, 50, W);
            if (model->config.n_layers > 1) { /* the first layers see everything */
                model->config.window_from = 1;
                check_window(model, 11, 50, W);
            }
            model_close(model);
        }
}

/* A causal mask of another kind that has an end rolls as well; one with global tokens has none. */
static void masks_with_an_end_roll(void **state) {
    (void)state;
    static const struct {
        const char *mask;
        size_t seen; /* rows; 0: all */
    } masks[] = {{"local:3", 3}, {"dilated:3:2", 6}, {"dilated:1:7", 7}, {"longformer:2:0", 0}};
    for (size_t i = 0; i < sizeof masks / sizeof *masks; i++) {
        Model *model = golden("tests/golden/llama-a", NULL);
        Err err = {{0}};
        assert_true(mask_parse(masks[i].mask, &model->config.mask, &err));
        Tale on = tell(model, 9, 40, false, 1), off = tell(model, 9, 40, true, 1);
        assert_memory_equal(on.ids, off.ids, sizeof on.ids);
        assert_memory_equal(on.logits, off.logits, 40 * on.V * sizeof *on.logits);
        size_t rows = on.rows[39], seen = masks[i].seen;
        assert_int_equal(on.step[39].oldest, seen ? rows - seen : 0);
        free(on.logits);
        free(off.logits);
        model_close(model);
    }
}

/* Tiles look back to where the first of them begins: a window of keys and a tile, twice. */
static void windows_roll_under_flash(void **state) {
    (void)state;
    static const size_t columns[] = {1, 3, 4, 16};
    for (size_t i = 0; i < 4; i++)
        for (size_t W = 1; W <= 6; W += 2) {
            Model *model = golden("tests/golden/mistral-a", NULL);
            model->config.window = W;
            model->config.window_from = 0;
            AttentionOptions by = {
                .kind = ATTENTION_FLASH, .tile_rows = 2, .tile_columns = columns[i]};
            Tale on = tell_by(model, 13, 60, false, 2, by),
                 off = tell_by(model, 13, 60, true, 1, by);
            assert_memory_equal(on.ids, off.ids, sizeof on.ids);
            assert_memory_equal(on.logits, off.logits, 60 * on.V * sizeof *on.logits);
            const ModelConfig *c = &model->config;
            size_t row = 2 * c->n_layers * c->n_kv_heads * c->d_head * 4;
            assert_int_equal(on.step[59].cache_bytes, row * 2 * (W + columns[i] - 1));
            assert_true(on.step[59].cost.flops < off.step[59].cost.flops / 20);
            free(on.logits);
            free(off.logits);
            model_close(model);
        }
}

/* A step counts the tiles of its own rows as the loop runs them. */
static void flash_counts_the_tiles_of_its_rows(void **state) {
    (void)state;
    static const char *const mask[] = {"causal", "local:5", "dilated:2:3"};
    for (size_t m = 0; m < 3; m++) {
        Model *model = golden("tests/golden/llama-a", NULL);
        Err err = {{0}};
        assert_true(mask_parse(mask[m], &model->config.mask, &err));
        RunOptions run = {
            .attention = {.kind = ATTENTION_FLASH, .tile_rows = 4, .tile_columns = 3}};
        Trace *trace = fixture_trace(model, 23, &run);
        OpCall call;
        int node = trace_find(trace, "blocks.1.attn.hook_z");
        assert_true(trace_call(trace, node, &call));
        for (size_t last = 1; last <= 23; last += 2)
            for (size_t first = 0; first < last; first += 3) {
                OpCall part = call;
                FlashCount count = {0};
                part.length = last;
                for (size_t h = 0; h < call.out.dim[1]; h++) {
                    FlashUser user;
                    FlashHead loop = flash_of(&part, h, &user);
                    loop.count = &count;
                    flash_head(&loop, first, last);
                }
                OpCost cost = cost_of_call(&trace->graph, node, &part, first, last - first);
                assert_true(cost.flops == count.flops);
                assert_true(cost.bytes == count.bytes_read + count.bytes_written);
            }
        trace_free(trace);
        model_close(model);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cache_changes_no_text_of_any_family),
        cmocka_unit_test(the_cache_changes_no_text_of_trained_models),
        cmocka_unit_test(without_a_cache_each_step_is_a_prefill),
        cmocka_unit_test(with_a_cache_steps_grow_by_a_key),
        cmocka_unit_test(the_source_is_read_once),
        cmocka_unit_test(some_models_can_have_none),
        cmocka_unit_test(windows_roll),
        cmocka_unit_test(windows_of_any_width_roll),
        cmocka_unit_test(masks_with_an_end_roll),
        cmocka_unit_test(windows_roll_under_flash),
        cmocka_unit_test(flash_counts_the_tiles_of_its_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
