/* Traces within a budget, and what they left out computed again: the same bits, for every family. */
#include "tests/fixture.h"

#include "engine/base/file.h"
#include "engine/run/recall.h"
#include "engine/trace/plan.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { LENGTH = 11 };

static bool same_bits(const Trace *a, const Trace *b, int node) {
    const Tensor *x = &a->value[node], *y = &b->value[node];
    return tensor_count(x) == tensor_count(y) &&
           memcmp(x->data, y->data, tensor_count(x) * dtype_size(x->type)) == 0;
}

/* The number in "… the least for these stages is 1.5 KiB (1536 bytes)". */
static size_t named_least(const Err *err) {
    const char *named = strstr(err->text, "the least for these stages is ");
    if (!named)
        fail_msg("\"%s\" names no least", err->text);
    return strtoul(strrchr(named, '(') + 1, NULL, 10);
}

static Trace *run_tiled_within(const Model *model, const char *stages, AttentionOptions attention,
                               size_t budget, ThreadPool *pool, Err *err) {
    int32_t ids[LENGTH + 1];
    const ModelConfig *c = &model->config;
    for (size_t i = 0; i <= LENGTH; i++)
        ids[i] = (int32_t)(i * 3 % c->n_vocab);
    RunText text = {.ids = ids, .count = LENGTH};
    if (c->two_stacks) {
        text.source = ids;
        text.source_count = LENGTH + 1;
    }
    if (c->task != TASK_TEXT)
        text.real = LENGTH - 1;
    RunOptions options = {
        .stages = stages, .max_bytes = &budget, .fit = true, .pool = pool, .attention = attention};
    return run_trace(model, &text, &options, err);
}

static Trace *run_within(const Model *model, const char *stages, size_t budget, ThreadPool *pool,
                         Err *err) {
    return run_tiled_within(model, stages, (AttentionOptions){0}, budget, pool, err);
}

/* The trace that keeps as little as it can. */
static Trace *run_tiled_least(const Model *model, AttentionOptions attention, ThreadPool *pool,
                              size_t *least) {
    Err err = {{0}};
    assert_null(run_tiled_within(model, "*", attention, 1, NULL, &err));
    *least = named_least(&err);
    assert_null(run_tiled_within(model, "*", attention, *least - 1, NULL, &err));
    Trace *trace = run_tiled_within(model, "*", attention, *least, pool, &err);
    assert_non_null(trace);
    return trace;
}

static Trace *run_least(const Model *model, ThreadPool *pool, size_t *least) {
    return run_tiled_least(model, (AttentionOptions){0}, pool, least);
}

static void check_explains(const Trace *trace, const Trace *all, int node) {
    size_t index[TENSOR_RANK];
    Explanation sum;
    Err err = {{0}};
    assert_true(trace_complete(trace, node));
    assert_int_equal(trace_step_count(trace, node), trace_step_count(all, node));
    const Node *n = &trace->graph.node[node];
    shape_unravel(n->rank, n->dim, node_count(n) - 1, index);
    if (n->op == OP_TOKENS)
        return;
    assert_true(trace_explain(trace, node, index, NULL, NULL, &sum, &err));
    double value = trace_get(trace, node, index);
    assert_true(value == sum.recomputed || fabs(value - sum.recomputed) < 1e-4 * (1 + fabs(value)));
}

/* Whatever is in the trace is as in the one that kept all. */
static void check_bits(const Trace *trace, const Trace *all) {
    for (int node = 0; node < trace->graph.count; node++)
        if (trace->value[node].data && !same_bits(trace, all, node))
            fail_msg("%s: other bits than kept", trace->graph.node[node].name);
}

static size_t recall_each(const Model *model, const Trace *base, const Trace *all, size_t budget,
                          ThreadPool *pool) {
    size_t recalled = 0;
    for (int node = 0; node < base->graph.count; node++) {
        const char *name = base->graph.node[node].name;
        Err err = {{0}};
        assert_true(trace_kept(base, node) || trace_left_out(base, node) ||
                    base->graph.node[node].on_request);
        if (base->graph.node[node].on_request && budget < SIZE_MAX)
            continue;
        RunOptions options = {.max_bytes = &budget, .pool = pool};
        Trace *trace = run_recall(model, base, name, &options, &err);
        if (!trace)
            fail_msg("%s: %s", name, err.text);
        assert_true(trace_kept(trace, node));
        assert_false(trace_left_out(trace, node));
        check_bits(trace, all);
        check_explains(trace, all, graph_owner(&trace->graph, node));
        recalled += !trace_kept(base, node);
        trace_free(trace);
    }
    return recalled;
}

static void check_attention(const Model *model, AttentionOptions attention, ThreadPool *pool) {
    RunOptions everything = {.stages = "*,*hook_*", .attention = attention};
    Trace *all = fixture_trace(model, LENGTH, &everything);
    size_t least, half;
    Trace *base = run_tiled_least(model, attention, pool, &least);
    size_t recalled = recall_each(model, base, all, SIZE_MAX, pool);
    assert_true(recalled > 3);
    trace_free(base);
    Err err = {{0}};
    half = least + (trace_bytes(all) - least) / 2;
    base = run_tiled_within(model, "*", attention, half, pool, &err);
    assert_non_null(base);
    assert_true(recall_each(model, base, all, SIZE_MAX, pool) <= recalled);
    trace_free(base);
    trace_free(all);
}

static void check_family(const FixtureFolder *folder, int threads) {
    Model *model = fixture_golden(folder);
    ThreadPool *pool = thread_pool_new(threads);
    check_attention(model, folder->attention, pool);
    thread_pool_free(pool);
    model_close(model);
}

static void recalled_is_as_kept(void **state) {
    (void)state;
    for (size_t i = 0; i < FIXTURE_FOLDER_COUNT; i++)
        check_family(&FIXTURE_FOLDERS[i], i % 2 ? 1 : 3);
}

/* ---- the budget ---- */

static bool is_named(const Trace *trace, int node, const char *end) {
    const char *name = trace->graph.node[node].name;
    size_t size = strlen(name), length = strlen(end);
    return size >= length && strcmp(name + size - length, end) == 0;
}

/* The stream is always there; of the others no kept one is larger than one that was left out. */
static void check_order(const Trace *trace) {
    size_t largest = 0, smallest = SIZE_MAX;
    for (int i = 0; i < trace->graph.count; i++) {
        size_t bytes = node_count(&trace->graph.node[i]) * 4;
        bool stream = is_named(trace, i, "hook_resid_post") || is_named(trace, i, "hook_embed") ||
                      is_named(trace, i, "hook_resid_pre") || is_named(trace, i, "hook_tokens") ||
                      is_named(trace, i, "hook_full_embed_pre");
        if (stream)
            assert_true(trace_kept(trace, i));
        else if (trace_left_out(trace, i))
            smallest = bytes < smallest ? bytes : smallest;
        else if (trace_kept(trace, i))
            largest = bytes > largest ? bytes : largest;
    }
    if (largest > smallest)
        fail_msg("a record of %zu bytes was kept, and one of %zu left out", largest, smallest);
}

static void small_ones_are_kept_first(void **state) {
    (void)state;
    Model *model = fixture_golden(&(FixtureFolder){.folder = "tests/golden/llama-a"});
    Trace *all = fixture_trace(model, LENGTH, &(RunOptions){0});
    size_t least, last = 0, whole = 2 * trace_bytes(all), kinds = 0;
    Trace *bare = run_least(model, NULL, &least);
    size_t room = 2 * (least - trace_bytes(bare)), enough = trace_bytes(bare) + room;
    trace_free(bare);
    for (size_t budget = least; budget < whole; budget += (whole - least) / 40) {
        Err err = {{0}};
        Trace *trace = run_within(model, "*", budget, NULL, &err);
        assert_non_null(trace);
        check_order(trace);
        size_t kept = trace_bytes(trace), left_out = 0;
        for (int i = 0; i < trace->graph.count; i++)
            left_out += trace_left_out(trace, i);
        assert_true(kept >= last);
        if (left_out > 0 && budget >= enough) {
            assert_true(kept + room <= budget);
            recall_each(model, trace, all, budget - kept, NULL);
        }
        kinds += kept > last;
        last = kept;
        trace_free(trace);
    }
    assert_int_equal(last, trace_bytes(all));
    assert_true(kinds > 4);
    trace_free(all);
    model_close(model);
}

/* What is named is kept, or it is an error; "*" beside it still gives way. */
static void named_ones_are_kept(void **state) {
    (void)state;
    Model *model = fixture_golden(&(FixtureFolder){.folder = "tests/golden/llama-a"});
    const char *stages = "*,*hook_pattern";
    Err err = {{0}};
    size_t least, bare;
    trace_free(run_least(model, NULL, &bare));
    assert_null(run_within(model, stages, 1, NULL, &err));
    least = named_least(&err);
    assert_true(least > bare);
    Trace *trace = run_within(model, stages, least, NULL, &err);
    assert_non_null(trace);
    size_t left_out = 0;
    for (int i = 0; i < trace->graph.count; i++) {
        left_out += trace_left_out(trace, i);
        assert_false(trace_left_out(trace, i) && is_named(trace, i, "hook_pattern"));
    }
    assert_true(left_out > 0);
    trace_free(trace);
    assert_null(run_within(model, "logits", 1, NULL, &err));
    least = named_least(&err);
    assert_null(run_within(model, "logits", least - 1, NULL, &err));
    model_close(model);
}

/* ---- recalls ---- */

static void recall_keeps_to_its_budget(void **state) {
    (void)state;
    Model *model = fixture_golden(&(FixtureFolder){.folder = "tests/golden/llama-a"});
    const char *name = "blocks.1.attn.hook_pattern";
    Err err = {{0}};
    size_t unused, budget = 1;
    Trace *base = run_least(model, NULL, &unused);
    RunOptions options = {.max_bytes = &budget, .fit = true};
    assert_null(run_recall(model, base, name, &options, &err));
    size_t least = named_least(&err);
    budget = least - 1;
    assert_null(run_recall(model, base, name, &options, &err));
    budget = least;
    Trace *trace = run_recall(model, base, name, &options, &err);
    assert_non_null(trace);
    assert_true(trace_complete(trace, trace_find(trace, name)));
    trace_free(trace);
    /* With room enough the block comes whole, and no other. */
    budget = least * 1000;
    trace = run_recall(model, base, name, &options, &err);
    assert_non_null(trace);
    for (int i = 0; i < trace->graph.count; i++) {
        const Node *node = &trace->graph.node[i];
        if (node->layer == 1 && !node->on_request)
            assert_true(trace_complete(trace, i) || node->op == OP_TOKENS);
        else
            assert_int_equal(trace_left_out(trace, i), trace_left_out(base, i));
    }
    trace_free(trace);
    trace_free(base);
    model_close(model);
}

static void bad_recalls_are_refused(void **state) {
    (void)state;
    Model *model = fixture_golden(&(FixtureFolder){.folder = "tests/golden/llama-a"});
    Err err = {{0}};
    size_t unused;
    Trace *base = run_least(model, NULL, &unused);
    atomic_bool stop = true;
    assert_null(run_recall(model, base, "*hook_nothing", &(RunOptions){0}, &err));
    assert_non_null(strstr(err.text, "\"*hook_nothing\""));
    assert_null(run_recall(model, base, "logits", &(RunOptions){.stop = &stop}, &err));
    assert_string_equal(err.text, "stopped");
    trace_free(base);
    AttentionOptions flash = {.kind = ATTENTION_FLASH, .tile_rows = 2, .tile_columns = 2};
    base = fixture_trace(model, LENGTH, &(RunOptions){.attention = flash});
    flash.head = model->config.n_heads;
    assert_null(
        run_recall(model, base, "*flash.hook_max", &(RunOptions){.attention = flash}, &err));
    assert_non_null(strstr(err.text, "has heads 0 to"));
    trace_free(base);
    model_close(model);
}

/* A trace of a few stages serves as well: what stands before them is run again. */
static void recall_from_few(void **state) {
    (void)state;
    Model *model = fixture_golden(&(FixtureFolder){.folder = "tests/golden/llama-a"});
    Trace *all = fixture_trace(model, LENGTH, &(RunOptions){0});
    Trace *base = fixture_trace(model, LENGTH, &(RunOptions){.stages = "blocks.1.attn.hook_z"});
    Err err = {{0}};
    Trace *trace = run_recall(model, base, "probs,blocks.0.hook_resid_post", &(RunOptions){0},
                              &err);
    assert_non_null(trace);
    assert_true(trace_complete(trace, trace_find(trace, "probs")));
    assert_true(trace_kept(trace, trace_find(trace, "blocks.0.hook_resid_mid")));
    assert_false(trace_kept(trace, trace_find(trace, "blocks.0.attn.hook_q")));
    check_bits(trace, all);
    trace_free(trace);
    trace_free(base);
    trace_free(all);
    model_close(model);
}

/* ---- a long text ---- */

#if defined(__SANITIZE_ADDRESS__)
enum { LONG = 1024, LONG_MIB = 0 }; /* the sanitizer's own memory is not ours to measure */
#else
enum { LONG = 16384, LONG_MIB = 1024 };
#endif
static const char LONG_CONFIG[] =
    "{\"model_type\": \"llama\", \"hidden_size\": 32, \"intermediate_size\": 64, "
    "\"num_hidden_layers\": 2, \"num_attention_heads\": 2, \"num_key_value_heads\": 2, "
    "\"hidden_act\": \"silu\", \"max_position_embeddings\": 64, \"rms_norm_eps\": 1e-5, "
    "\"rope_theta\": 10000.0, \"tie_word_embeddings\": true, \"vocab_size\": 100}";

static Model *long_model(void) {
    char *folder = tiny_folder_new();
    Arena arena = {0};
    Err err = {{0}};
    tiny_file_write(folder, "config.json", LONG_CONFIG, sizeof LONG_CONFIG - 1);
    Model *model = model_fresh(file_join(&arena, folder, "config.json"), NULL, 1, &err);
    if (!model)
        print_message("%s\n", err.text);
    arena_free(&arena);
    tiny_folder_remove(folder);
    return model;
}

/* Recalls until every stage of the block can be shown and explained. */
static bool show_block(const Model *model, const Trace *base, int layer, RunOptions *options,
                       size_t *recalls, Err *err) {
    Trace *seen = NULL;
    bool ok = true;
    for (int i = 0; i < base->graph.count && ok; i++) {
        const Node *node = &base->graph.node[i];
        if (node->layer != layer || node->on_request || trace_complete(seen ? seen : base, i))
            continue;
        trace_free(seen);
        seen = run_recall(model, base, node->name, options, err);
        ok = seen && trace_complete(seen, i);
        ++*recalls;
    }
    trace_free(seen);
    return ok;
}

/* In a process of its own, so that its memory can be measured. */
static bool run_long(void) {
    Model *model = long_model();
    ThreadPool *pool = thread_pool_new(thread_count());
    static int32_t ids[LONG];
    for (size_t i = 0; i < LONG; i++)
        ids[i] = (int32_t)(i * i % 97);
    Err err = {{0}};
    size_t budget = (size_t)LONG * 2048, recalls = 0;
    RunOptions options = {
        .max_bytes = &budget, .fit = true, .pool = pool, .attention = {.kind = ATTENTION_FLASH}};
    Trace *base = run_trace(model, &(RunText){.ids = ids, .count = LONG}, &options, &err);
    bool ok = base && trace_left_out(base, trace_find(base, "blocks.1.mlp.hook_post"));
    if (ok) {
        budget -= trace_bytes(base);
        ok = show_block(model, base, 1, &options, &recalls, &err) && recalls > 0;
    }
    /* What is [T T] is refused, and says so. */
    if (ok && LONG_MIB > 0)
        ok = !run_recall(model, base, "blocks.1.attn.flash.hook_scores", &options, &err) &&
             plan_too_large(&err);
    if (!ok)
        print_message("%zu recalls; %s\n", recalls, err.text);
    trace_free(base);
    thread_pool_free(pool);
    model_close(model);
    return ok;
}

static void a_long_text_takes_little_memory(void **state) {
    (void)state;
    pid_t child = fork();
    if (child == 0)
        _exit(run_long() ? 0 : 1);
    int status;
    struct rusage used;
    assert_int_equal(wait4(child, &status, 0, &used), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    if (LONG_MIB > 0 && used.ru_maxrss > LONG_MIB * 1024L)
        fail_msg("%ld KiB of memory, expected at most %d MiB", used.ru_maxrss, LONG_MIB);
}

/* The tiles of another head than the base's are as in a run that shows them; its own graph says whose
 * they are, and the base keeps its. */
static void tiles_of_another_head(void **state) {
    (void)state;
    Err err = {{0}};
    Model *model = fixture_model(&(TinyModel){.n_heads = 4, .n_ctx = 64});
    AttentionOptions by = {.kind = ATTENTION_FLASH, .tile_rows = 3, .tile_columns = 2};
    Trace *base = run_tiled_within(model, "*,*flash*", by, SIZE_MAX, NULL, &err);
    for (by.head = 0; by.head < 4; by.head++) {
        Trace *all = run_tiled_within(model, "*,*flash*", by, SIZE_MAX, NULL, &err);
        RunOptions options = {.attention = by};
        Trace *trace = run_recall(model, base, "blocks.1.attn.flash.*", &options, &err);
        assert_non_null(trace);
        for (int node = 0; node < trace->graph.count; node++) {
            const Node *is = &trace->graph.node[node];
            if (is->op < OP_FLASH_SCORES || is->op > OP_FLASH_ACC || is->layer != 1)
                continue;
            assert_int_equal(is->param.flash.head, by.head);
            assert_int_equal(base->graph.node[node].param.flash.head, 0);
            assert_true(same_bits(trace, all, node));
            check_explains(trace, all, node);
        }
        trace_free(trace);
        trace_free(all);
    }
    trace_free(base);
    model_close(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recalled_is_as_kept),
        cmocka_unit_test(small_ones_are_kept_first),
        cmocka_unit_test(named_ones_are_kept),
        cmocka_unit_test(recall_keeps_to_its_budget),
        cmocka_unit_test(bad_recalls_are_refused),
        cmocka_unit_test(recall_from_few),
        cmocka_unit_test(a_long_text_takes_little_memory),
        cmocka_unit_test(tiles_of_another_head),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
