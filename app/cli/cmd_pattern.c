/* attnscope pattern: a mask at a length: how it looks, what it saves, and how far it reaches. */
#include "app/cli/command.h"
#include "app/cli/input.h"
#include "app/cli/pattern.h"
#include "engine/model/knobs.h"

enum { LAYERS = 4, ROUNDS_MOST = 25, LENGTH_MOST = 131072 };
#define ENOUGH_MS 1000.0                       /* of measuring, where --repeat says nothing */
#define MOST_BYTES ((size_t)256 * 1024 * 1024) /* beside q, k, v, where --max-memory says nothing */
#define MOST_FLOPS 1e11                        /* some seconds */

/* ---- the masks ---- */

static bool same_mask(const MaskParams *a, const MaskParams *b) {
    return a->kind == b->kind && a->window == b->window && a->causal == b->causal;
}

static const char *mask_name(const MaskParams *mask, Arena *arena) {
    Buf text = {0};
    mask_write(mask, &text);
    const char *name = arena_copy_text(arena, buf_cstr(&text));
    buf_free(&text);
    return name;
}

static const char *layer_range(size_t first, size_t last, Arena *arena) {
    return first == last ? arena_printf(arena, "layer %zu", first)
                         : arena_printf(arena, "layers %zu to %zu", first, last);
}

static const char *name_layers(const MaskParams *mask, size_t layers, Arena *arena) {
    const char *names = NULL;
    for (size_t first = 0, last; first < layers; first = last) {
        for (last = first + 1; last < layers && same_mask(&mask[first], &mask[last]);)
            last++;
        if (first == 0 && last == layers)
            return NULL;
        names = arena_printf(arena, "%s%s%s: %s", names ? names : "", names ? "; " : "",
                             layer_range(first, last - 1, arena), mask_name(&mask[first], arena));
    }
    return names;
}

/* Of a model the masks of its last layers; else one mask for all. */
static bool model_masks(Pattern *pattern, const Model *model, MaskParams *mask, Err *err) {
    const ModelConfig *c = &model->config;
    if (c->cell != CELL_NONE)
        return err_set(err, "model %s (%s) has no attention, and so no pattern", model->name,
                       c->model_type);
    if (pattern->layers > c->n_layers)
        return err_set(err, "--layers is %zu, but model %s has %zu", pattern->layers, model->name,
                       c->n_layers);
    for (size_t l = 0; l < pattern->layers; l++)
        mask[l] = config_layer_mask(c, c->n_layers - pattern->layers + l, c->mask);
    return true;
}

static bool read_model(Pattern *pattern, const Options *options, Err *err) {
    CliInput input = {0};
    bool ok = input_model(&input, options, err);
    if (ok) {
        pattern->layers = (size_t)option_whole(options, OPT_LAYERS, input.model->config.n_layers);
        MaskParams *mask = ARENA_NEW_N(&pattern->arena, MaskParams, pattern->layers);
        pattern->mask = mask;
        ok = model_masks(pattern, input.model, mask, err);
    }
    input_close(&input);
    return ok;
}

static bool read_mask(Pattern *pattern, const Options *options, Err *err) {
    MaskParams one = {.causal = !option_given(options, OPT_BOTH_WAYS)};
    pattern->layers = (size_t)option_whole(options, OPT_LAYERS, LAYERS);
    if (!mask_parse(option_text(options, OPT_MASK, ""), &one, err))
        return err_prefix(err, "--mask");
    MaskParams *mask = ARENA_NEW_N(&pattern->arena, MaskParams, pattern->layers);
    for (size_t l = 0; l < pattern->layers; l++)
        mask[l] = one;
    pattern->mask = mask;
    return true;
}

static bool read_masks(Pattern *pattern, const Options *options, Err *err) {
    bool model = option_given(options, OPT_MODEL);
    if (!(model ? read_model(pattern, options, err) : read_mask(pattern, options, err)))
        return false;
    pattern->top = &pattern->mask[pattern->layers - 1];
    for (int g = 0; g < pattern->top->globals; g++)
        if (pattern->top->global[g] >= pattern->n)
            return err_set(err, "--mask: the global position %zu is beyond the %zu tokens",
                           pattern->top->global[g], pattern->n);
    pattern->own = pattern->top->kind != MASK_FULL;
    pattern->name = mask_name(pattern->top, &pattern->arena);
    pattern->layer_names = name_layers(pattern->mask, pattern->layers, &pattern->arena);
    return true;
}

bool pattern_formula(const Pattern *pattern, size_t layers, size_t *back) {
    const MaskParams *mask = pattern->top;
    bool window = mask->kind == MASK_LOCAL || mask->kind == MASK_DILATED;
    size_t step = mask->kind == MASK_DILATED ? mask->dilation : 1;
    return window && !pattern->layer_names && size_mul(mask->window - 1, step, back) &&
           size_mul(*back, layers, back);
}

/* ---- counting and measuring ---- */

static void count(Pattern *pattern) {
    const MaskParams causal = {.causal = true}, full = {.kind = MASK_FULL};
    size_t n = pattern->n;
    pattern->cells = pattern_cells(pattern->top, n);
    pattern->causal_cells = pattern_cells(&causal, n);
    pattern->full_cells = pattern_cells(&full, n);
    pattern->reach = ARENA_NEW_N(&pattern->arena, PatternReach, pattern->layers);
    pattern->needed = pattern_reach(pattern->mask, pattern->layers, n, pattern->reach);
}

static bool add_run(Pattern *pattern, AttentionOptions attention, const char *name,
                    const MaskParams *mask, size_t most, Err *err) {
    PatternRun *run = &pattern->run[pattern->runs++];
    *run = (PatternRun){.name = name,
                        .setup = {.n = pattern->n, .mask = *mask, .attention = attention}};
    if (!head_cost(&run->setup, &run->cost, err))
        return false;
    run->too_large = run->cost.extra_bytes > most;
    run->too_long = run->cost.flops > MOST_FLOPS;
    run->left_out = run->too_large || run->too_long;
    return true;
}

static bool plan_runs(Pattern *pattern, const Options *options, Err *err) {
    const MaskParams causal = {.causal = true}, full = {.kind = MASK_FULL};
    const AttentionOptions kinds[] = {{.kind = ATTENTION_STANDARD}, pattern->flash};
    size_t most = (size_t)option_whole(options, OPT_MAX_MEMORY, MOST_BYTES);
    for (int i = 0; i < 2; i++)
        if ((pattern->own && !add_run(pattern, kinds[i], pattern->name, pattern->top, most, err)) ||
            !add_run(pattern, kinds[i], "causal", &causal, most, err) ||
            !add_run(pattern, kinds[i], "full", &full, most, err))
            return false;
    return true;
}

/* The first run of a kind wakes threads and touches its memory, which is no matter of its mask: it is
 * not timed. */
static bool warm_up(const Pattern *pattern, ThreadPool *pool, RunMemory *memory, Err *err) {
    for (size_t i = 0; i < pattern->runs; i += pattern->runs / 2) {
        PatternRun run = pattern->run[i];
        HeadNumbers numbers;
        if (!run.left_out && !head_run(&run.setup, pool, memory, &run.cost, &numbers, err))
            return false;
    }
    return true;
}

/* All take turns, so that whatever else the machine does falls on all. */
static bool measure(Pattern *pattern, const Options *options, Err *err) {
    ThreadPool *pool = input_pool(options);
    RunMemory memory = {0};
    size_t rounds = (size_t)option_whole(options, OPT_REPEAT, ROUNDS_MOST);
    bool ok = warm_up(pattern, pool, &memory, err), any = false;
    unsigned long long start = time_now_ns();
    for (size_t i = 0; i < pattern->runs; i++)
        any = any || !pattern->run[i].left_out;
    for (size_t round = 0; ok && any && round < rounds; round++) {
        double spent = (double)(time_now_ns() - start) / 1e6;
        bool enough = spent > (round > 1 ? ENOUGH_MS : 2 * ENOUGH_MS);
        if (round > 0 && enough && !option_given(options, OPT_REPEAT))
            break;
        for (size_t i = 0; ok && i < pattern->runs; i++) {
            PatternRun *run = &pattern->run[i];
            double before = run->cost.ms;
            HeadNumbers numbers;
            ok = run->left_out || head_run(&run->setup, pool, &memory, &run->cost, &numbers, err);
            if (before > 0 && before < run->cost.ms)
                run->cost.ms = before;
        }
        pattern->rounds++;
    }
    run_memory_free(&memory);
    thread_pool_free(pool);
    return ok;
}

/* ---- the command ---- */

/* Both algorithms are run, so that nobody need ask for flash. */
static bool read_tile(Pattern *pattern, const Options *options, Err *err) {
    Options flash = *options;
    flash.value[OPT_ATTENTION].text = "flash";
    if (!input_attention(&flash, &pattern->flash, err))
        return false;
    pattern->flash = attention_tiled(pattern->flash, HEAD_WIDTH);
    return true;
}

static bool check_command(const Options *options, Err *err) {
    size_t n = (size_t)option_whole(options, OPT_LENGTH, 0);
    if (n > LENGTH_MOST)
        return err_set(err, "--length is %zu, expected at most %d for a pattern", n, LENGTH_MOST);
    bool model = option_given(options, OPT_MODEL);
    if (model && option_given(options, OPT_BOTH_WAYS))
        return err_set(err, "--both-ways: whether a model looks ahead is the model's own");
    return model || option_given(options, OPT_MASK) ||
           err_set(err, "no pattern: give --mask, or --model for a model's own");
}

static bool run_command(const Options *options, Err *err) {
    const char *path = option_text(options, OPT_OUTPUT, NULL);
    Pattern pattern = {.n = (size_t)option_whole(options, OPT_LENGTH, 0)};
    bool ok = read_tile(&pattern, options, err) && (!path || output_possible(path, err)) &&
              read_masks(&pattern, options, err);
    if (ok)
        count(&pattern);
    ok = ok && plan_runs(&pattern, options, err) && measure(&pattern, options, err) &&
         (!path || pattern_paint(&pattern, path, options->paint, err));
    if (ok && option_given(options, OPT_JSON))
        pattern_print_json(&pattern);
    else if (ok)
        pattern_print(&pattern);
    arena_free(&pattern.arena);
    return ok;
}

const Command command_pattern = {
    .name = "pattern",
    .summary = "shows a sparse mask at any length: what it saves, and how far it reaches",
    .details =
        "The cells that are seen are counted against all n² and against causal n(n + 1)/2. Reach "
        "is found from the masks alone: which positions can come into the last token's state "
        "through one layer, two and so on.\n"
        "Then one head (d = 64) over random numbers of that length is run under the mask, under a "
        "causal one and under none, by standard and by flash attention, taking turns; the least "
        "times are told: of --repeat runs, else of up to 25 in a second. What would take more than "
        "--max-memory (256M) or too long is not run.\n"
        "Without --model the mask is causal unless --both-ways is given; --model takes a model's "
        "own masks and layers.",
    .takes = OPT(MASK) | OPT(MODEL) | OPT(LENGTH) | OPT(LAYERS) | OPT(BOTH_WAYS) | OPT(OUTPUT) |
             OPT(TILE) | OPT(FAST_MEMORY) | OPT(REPEAT) | OPT(MAX_MEMORY) | OPT(THREADS) |
             OPT(JSON),
    .needs = OPT(LENGTH),
    .check = check_command,
    .run = run_command,
};
