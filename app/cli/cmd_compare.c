/* attnscope compare: one input, run twice with different switches; what differs, and by how much. */
#include "app/cli/command.h"
#include "app/cli/compare.h"
#include "engine/run/run.h"
#include "engine/tensor/flash.h"
#include "engine/tensor/isa.h"

#include <stdio.h>
#include <string.h>

enum { RUNS_MOST = 25 };
#define ENOUGH_MS 1000.0 /* of measuring, where --repeat says nothing */

/* ---- opening ---- */

static bool open_left(Compared *compared, const Options *options, Err *err) {
    ComparedRun *left = &compared->run[LEFT];
    return side_read(options, OPT_LEFT, &compared->arena, &left->side, err) &&
           side_read(options, OPT_RIGHT, &compared->arena, &compared->run[RIGHT].side, err) &&
           input_open(&left->input, &left->side.options, "", err) &&
           input_continue(&left->input, &left->side.options, err);
}

/* The right side reads what the left one reads, token for token. */
static bool open_right(Compared *compared, Err *err) {
    ComparedRun *left = &compared->run[LEFT], *right = &compared->run[RIGHT];
    if (!input_model(&right->input, &right->side.options, err))
        return err_prefix(err, "--right"); /* the left side has the same model */
    right->input.text = left->input.text;
    right->input.pool = input_pool(&right->side.options);
    left->by_token = option_whole(&left->side.options, OPT_KV_CACHE, 0);
    right->by_token = option_whole(&right->side.options, OPT_KV_CACHE, 0);
    return true;
}

/* ---- which records ---- */

/* Of the globs those that this run has a record for, and the logits, which the last line is about. */
static const char *own_globs(const ComparedRun *run, const char *globs, Arena *arena) {
    const char *own = graph_find(&run->graph, "logits") >= 0 ? "logits" : "";
    for (const char *at = globs; *at;) {
        size_t length = strcspn(at, ",");
        const char *glob = arena_copy_bytes(arena, at, length);
        bool found = false;
        for (int i = 0; i < run->graph.count; i++)
            found = found || graph_matches(&run->graph.node[i], glob);
        if (found)
            own = arena_printf(arena, "%s%s%s", own, *own ? "," : "", glob);
        at += length + (at[length] == ',');
    }
    return own;
}

static bool check_glob(const Compared *compared, const char *glob, Err *err) {
    for (int side = 0; side < SIDES; side++)
        for (int i = 0; i < compared->run[side].graph.count; i++)
            if (graph_matches(&compared->run[side].graph.node[i], glob))
                return true;
    return err_set(err, "--stages: no record of either side matches \"%.100s\"", glob);
}

static bool check_globs(const Compared *compared, Arena *arena, Err *err) {
    for (const char *at = compared->globs; *at;) {
        size_t length = strcspn(at, ",");
        if (length > 0 && !check_glob(compared, arena_copy_bytes(arena, at, length), err))
            return false;
        at += length + (at[length] == ',');
    }
    return true;
}

static bool make_plans(Compared *compared, Err *err) {
    for (int side = 0; side < SIDES; side++) {
        ComparedRun *run = &compared->run[side];
        if (!input_graph(&run->input, NULL, &compared->arena, &run->graph, err))
            return err_prefix(err, "%s", run->side.name);
    }
    if (!check_globs(compared, &compared->arena, err))
        return false;
    for (int side = 0; side < SIDES; side++) {
        ComparedRun *run = &compared->run[side];
        RunOptions options = {.stages = own_globs(run, compared->globs, &compared->arena),
                              .by_token = run->by_token};
        run->globs = run_keeps(&run->graph, &options);
        if (!plan_make(&run->graph, run->globs, NULL, &compared->arena, &run->plan, err))
            return err_prefix(err, "%s", run->side.name);
    }
    return true;
}

/* ---- running ---- */

static bool run_side(ComparedRun *run, Err *err) {
    RunOptions options = {.stages = run->globs,
                          .attention = run->input.attention,
                          .memory = &run->memory,
                          .by_token = run->by_token,
                          .cost = &run->cost,
                          .pool = run->input.pool};
    if (!isa_choose(run->side.isa, err))
        return false;
    if (run->trace)
        run_take_back(&run->memory, run->trace);
    unsigned long long start = time_now_ns();
    run->trace = run_trace(run->input.model, &run->input.text, &options, err);
    double ms = (double)(time_now_ns() - start) / 1e6;
    if (!run->trace)
        return err_prefix(err, "%s", run->side.name);
    run->ms = run->ms > 0 && run->ms < ms ? run->ms : ms;
    return true;
}

/* Both traces are there at once. */
static bool fits_budget(Compared *compared, const Options *options, Err *err) {
    Budget budget = input_budget(options);
    size_t room = budget.bytes;
    for (int side = 0; side < SIDES; side++) {
        const Plan *plan = &compared->run[side].plan;
        if (!plan_fits(plan, room, err)) {
            err_prefix(err, "%s", compared->run[side].side.name);
            input_tell_budget(&budget, err);
            return false;
        }
        room -= plan->total_bytes;
    }
    return true;
}

/* Both sides take turns, so that whatever else the machine does falls on both. */
static bool run_both(Compared *compared, const Options *options, Err *err) {
    size_t runs = (size_t)option_whole(options, OPT_REPEAT, RUNS_MOST);
    unsigned long long start = time_now_ns();
    for (size_t i = 0; i < runs; i++) {
        bool enough = (double)(time_now_ns() - start) / 1e6 > ENOUGH_MS;
        if (i > 1 && enough && !option_given(options, OPT_REPEAT))
            break;
        for (int side = 0; side < SIDES; side++)
            if (!run_side(&compared->run[side], err))
                return false;
        compared->runs++;
    }
    return true;
}

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Tiles of all heads; and what one thread's loop takes for itself. `grows`: there are as many keys as
 * rows have run. */
static void count_tiles(ComparedRun *run, const OpCall *call, bool row_by_row, bool grows) {
    size_t queries = call->out.dim[0], heads = call->out.dim[1], keys = call->in[1].dim[0];
    size_t columns = call->param.flash.columns, rows = row_by_row ? 1 : call->param.flash.rows;
    for (size_t i = 0; i < queries; i += rows) {
        size_t q1 = smaller(i + rows, queries), known = grows ? q1 : keys;
        for (size_t j = 0; j < known; j += columns) {
            size_t k1 = smaller(j + columns, known);
            bool empty = mask_tile_empty(&call->param.flash.mask, i, q1, j, k1);
            run->tiles += empty ? 0 : heads;
            run->skipped += empty ? heads : 0;
        }
    }
    size_t bytes = flash_extra_bytes(call->out.dim[2], smaller(rows, queries),
                                     smaller(columns, keys));
    run->tile_bytes = bytes > run->tile_bytes ? bytes : run->tile_bytes;
}

static void count_flash(ComparedRun *run) {
    for (int i = 0; i < run->graph.count; i++) {
        const Node *node = &run->graph.node[i];
        bool row_by_row = run->by_token && node->rows == TEXT_OWN;
        OpCall call;
        if (node->op != OP_FLASH || run->plan.storage[i] == STORE_SKIPPED)
            continue;
        trace_call(run->trace, i, &call);
        count_tiles(run, &call, row_by_row, row_by_row && node->keys == node->rows);
    }
}

static bool compare(Compared *compared, const Options *options, Err *err) {
    compared->globs = option_text(options, OPT_STAGES, "*");
    if (!open_left(compared, options, err) || !open_right(compared, err) ||
        !make_plans(compared, err) || !fits_budget(compared, options, err) ||
        !run_both(compared, options, err))
        return false;
    for (int side = 0; side < SIDES; side++)
        count_flash(&compared->run[side]);
    compared->seen = compared->run[LEFT].by_token || compared->run[RIGHT].by_token;
    trace_diff(compared->run[LEFT].trace, compared->run[RIGHT].trace, compared->seen,
               &compared->arena, &compared->diff);
    return true;
}

static bool check_command(const Options *options, Err *err) {
    Arena arena = {0};
    Side side;
    bool any = option_given(options, OPT_LEFT) || option_given(options, OPT_RIGHT);
    bool ok = (any || err_set(err, "nothing to compare: give --left or --right, or both")) &&
              side_read(options, OPT_LEFT, &arena, &side, err) &&
              side_read(options, OPT_RIGHT, &arena, &side, err);
    arena_free(&arena);
    return ok;
}

static bool run_command(const Options *options, Err *err) {
    Compared compared = {.runs = 0};
    bool ok = compare(&compared, options, err);
    if (ok)
        compare_tell_notes(&compared);
    if (ok && option_given(options, OPT_JSON))
        compare_print_json(&compared);
    else if (ok)
        compare_print(&compared);
    for (int side = 0; side < SIDES; side++) {
        trace_free(compared.run[side].trace);
        run_memory_free(&compared.run[side].memory);
        input_close(&compared.run[side].input);
    }
    arena_free(&compared.arena);
    return ok;
}

const Command command_compare = {
    .name = "compare",
    .summary = "runs one input twice with different switches and shows what differs",
    .details =
        "Each record that both runs have is told in the order of computation: the largest |a − b|, "
        "the same beside the record's largest number, the largest |a − b| ÷ max(|a|, |b|) of a "
        "cell, how many cells differ at all, and where the largest difference is. Two equal "
        "infinities differ by 0. Then what each run took, and what became of the logits.\n"
        "Switches are NAME=VALUE between commas: attention, tile, fast-memory, head, mask, "
        "threads, "
        "isa (portable, avx2 …), kv-cache, and each knob of --set (help knobs). A side without any "
        "is the "
        "run as it stands. An encoder-decoder's decoder reads on both sides what the left one "
        "says.\n"
        "kv-cache=on runs the text token by token, each with the keys and values of those before, "
        "as generation does; off, as it stands, all tokens at once. What a token can't see yet is "
        "never computed then, and not compared.\n"
        "Times are the least of runs that take turns: --repeat of them, else up to 25 in a second.",
    .takes = TAKES_INPUT | OPT(LEFT) | OPT(RIGHT) | OPT(STAGES) | OPT(REPEAT) | OPT(MAX_MEMORY) |
             OPT(THREADS) | OPT(JSON) | OPT(KV_CACHE) | TAKES_ATTENTION | OPT(HEAD),
    .one_input = true,
    .check = check_command,
    .run = run_command,
};
