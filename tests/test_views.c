/* The state of the walk, the words, and the window's layout, without any window: exact, because
 * TEXT_FIXED measures. */
#include "app/views/map.h"
#include "app/views/prompt.h"
#include "app/views/timeline.h"
#include "app/views/window_view.h"
#include "app/views/words.h"
#include "engine/run/run.h"
#include "tests/tiny_model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- A trace --------------------------------------------------------------------------------- */

typedef struct {
    char *folder;
    Model *model;
    Trace *trace;
    Arena arena;
    Walk walk;
    ViewState state;
} Fixture;

static Trace *run_ids(const Model *model, size_t count, const SampleOptions *sample) {
    static const int32_t ids[] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8};
    Err err = {0};
    RunOptions options = {.sample = sample};
    Trace *trace = run_trace(model, &(RunText){.ids = ids, .count = count}, &options, &err);
    if (!trace)
        fail_msg("%s", err.text);
    return trace;
}

static int set_up(void **state) {
    Fixture *f = calloc(1, sizeof *f);
    TinyModel tiny = {.tokenizer = true};
    SampleOptions sample = {.temperature = 0.7, .top_k = 5, .top_p = 0.9, .seed = 3};
    Err err = {0};
    assert_non_null(f);
    f->folder = tiny_folder_new();
    tiny_model_write(f->folder, &tiny);
    f->model = model_open(f->folder, &err);
    if (!f->model)
        fail_msg("%s", err.text);
    f->trace = run_ids(f->model, 6, &sample);
    walk_make(f->trace, &f->arena, &f->walk);
    f->state.speed = 1;
    state_start(&f->state, f->trace, &f->walk, NULL);
    *state = f;
    return 0;
}

static int tear_down(void **state) {
    Fixture *f = *state;
    trace_free(f->trace);
    model_close(f->model);
    arena_free(&f->arena);
    tiny_folder_remove(f->folder);
    free(f);
    return 0;
}

static int node_named(const Fixture *f, const char *name) {
    int node = trace_find(f->trace, name);
    if (node < 0)
        fail_msg("no record %s", name);
    return node;
}

static bool apply(Fixture *f, Intent intent) {
    return state_apply(&f->state, f->trace, &f->walk, &intent, 1000);
}

static void go(Fixture *f, const char *name) {
    apply(f, (Intent){.kind = INTENT_GO, .node = node_named(f, name)});
    assert_string_equal(f->trace->graph.node[f->state.now.node].name, name);
}

static size_t steps_here(const Fixture *f) {
    return state_steps(&f->state, &f->walk);
}

/* ---- The walk -------------------------------------------------------------------------------- */

static void walk_has_every_record_once(void **s) {
    Fixture *f = *s;
    for (int i = 0; i < f->trace->graph.count; i++) {
        const Node *node = &f->trace->graph.node[i];
        int stage = walk_stage(&f->walk, f->trace, i);
        if (node->on_request)
            continue;
        assert_in_range(stage, 0, f->walk.count - 1);
        if (node->alias < 0)
            assert_int_equal(f->walk.node[stage], i);
        else
            assert_int_equal(f->walk.stage[i], -1);
    }
    assert_int_equal(f->walk.heads[STACK_OWN], 2);
    assert_int_equal(f->walk.layers[STACK_OWN], 2);
    assert_int_equal(walk_stage(&f->walk, f->trace, node_named(f, "blocks.1.hook_resid_pre")),
                     walk_stage(&f->walk, f->trace, node_named(f, "blocks.0.hook_resid_post")));
}

static void walking_there_and_back_is_the_same(void **s) {
    Fixture *f = *s;
    apply(f, (Intent){.kind = INTENT_FIRST});
    size_t expected = (size_t)f->walk.count - 1, count = 0;
    for (int stage = 0; stage < f->walk.count; stage++)
        expected += f->walk.steps[stage];
    Place *seen = calloc(expected + 1, sizeof *seen);
    assert_non_null(seen);
    do {
        assert_true(count <= expected);
        seen[count++] = f->state.now;
    } while (apply(f, (Intent){.kind = INTENT_STEP, .value = 1}));
    assert_int_equal(count, expected + 1);
    assert_true(state_whole(&f->state, &f->walk));
    assert_int_equal(state_stage(&f->state, &f->walk), f->walk.count - 1);
    for (size_t i = count; i-- > 0;) {
        assert_memory_equal(&f->state.now, &seen[i], sizeof *seen);
        assert_int_equal(apply(f, (Intent){.kind = INTENT_STEP, .value = -1}), i > 0);
    }
    free(seen);
}

/* Every cell of the head in view, against the regions that the steps say they write. */
static void check_progress(const Fixture *f, bool *written) {
    const Node *node = &f->trace->graph.node[f->state.now.node];
    size_t cells = node_count(node), index[TENSOR_RANK];
    int axis = node_head_axis(node);
    OpStep step;
    if (state_current_step(&f->state, f->trace, &f->walk, &step) && step.writes)
        for (size_t n = 0; n < cells; n++) {
            bool inside = true;
            shape_unravel(node->rank, node->dim, n, index);
            for (int a = 0; a < node->rank; a++)
                inside = inside && index[a] >= step.write.lo[a] && index[a] < step.write.hi[a];
            written[n] = written[n] || inside;
        }
    Progress progress = state_progress(&f->state, f->trace, &f->walk);
    for (size_t n = 0; n < cells; n++) {
        shape_unravel(node->rank, node->dim, n, index);
        if (axis >= 0 && index[axis] != state_head(&f->state, &f->walk, node))
            continue;
        if (progress_done(&progress, index) != written[n])
            fail_msg("%s, step %zu: cell %zu is %sdone", node->name, f->state.now.step, n,
                     written[n] ? "not " : "");
    }
}

static void cells_are_done_when_their_step_is(void **s) {
    Fixture *f = *s;
    for (size_t head = 0; head < f->walk.heads[STACK_OWN]; head++)
        for (int stage = 0; stage < f->walk.count; stage++) {
            const Node *node = &f->trace->graph.node[f->walk.node[stage]];
            bool *written = calloc(node_count(node), 1);
            assert_non_null(written);
            f->state.now = (Place){.node = f->walk.node[stage], .head = head};
            for (size_t step = 0; step <= steps_here(f); step++) {
                f->state.now.step = step;
                check_progress(f, written);
            }
            free(written);
        }
}

static void a_cell_finds_its_step(void **s) {
    Fixture *f = *s;
    for (int stage = 0; stage < f->walk.count; stage++) {
        const Node *node = &f->trace->graph.node[f->walk.node[stage]];
        f->state.now = (Place){.node = f->walk.node[stage], .head = 1};
        for (size_t number = 0; number < steps_here(f); number++) {
            OpStep step;
            size_t found, corner[TENSOR_RANK] = {0};
            state_step(&f->state, f->trace, &f->walk, number, &step);
            if (!step.writes)
                continue;
            assert_true(state_step_of_cell(&f->state, f->trace, &f->walk, step.write.lo, &found));
            assert_int_equal(found, number);
            for (int axis = 0; axis < node->rank; axis++)
                corner[axis] = step.write.hi[axis] - 1;
            assert_true(state_step_of_cell(&f->state, f->trace, &f->walk, corner, &found));
            assert_int_equal(found, number);
        }
    }
}

static void the_place_in_the_walk_survives_seeking(void **s) {
    Fixture *f = *s;
    for (int i = 0; i <= 200; i++) {
        apply(f, (Intent){.kind = INTENT_SEEK, .real = i / 200.0});
        double at = state_at(&f->state, &f->walk);
        assert_true(fabs(at - i / 200.0) <= 0.5 / f->walk.count + 1e-9);
        Place now = f->state.now;
        if (now.step < steps_here(f)) { /* the end of a stage is the start of the next */
            apply(f, (Intent){.kind = INTENT_SEEK, .real = at + 1e-9});
            assert_memory_equal(&now, &f->state.now, sizeof now);
        }
    }
    apply(f, (Intent){.kind = INTENT_SEEK, .real = NAN});
    assert_int_equal(state_stage(&f->state, &f->walk), 0);
}

/* ---- Intents --------------------------------------------------------------------------------- */

static void pinning_follows_heads_and_steps(void **s) {
    Fixture *f = *s;
    go(f, "blocks.0.attn.hook_attn_scores_raw");
    assert_true(state_whole(&f->state, &f->walk));
    assert_true(apply(f, (Intent){.kind = INTENT_PIN, .index = {1, 3, 2}}));
    assert_int_equal(f->state.now.head, 1);
    assert_true(f->state.now.pinned);
    assert_true(apply(f, (Intent){.kind = INTENT_HEAD, .value = 0}));
    assert_int_equal(f->state.now.cell[0], 0);
    assert_false(apply(f, (Intent){.kind = INTENT_HEAD, .value = 2}));
    assert_false(apply(f, (Intent){.kind = INTENT_PIN, .index = {0, 6, 0}}));
    assert_true(apply(f, (Intent){.kind = INTENT_PIN, .index = {0, 3, 2}}));
    assert_false(f->state.now.pinned);
    /* a cell that is not done yet brings its step */
    apply(f, (Intent){.kind = INTENT_STEP, .value = -30});
    assert_int_equal(f->state.now.step, 6);
    apply(f, (Intent){.kind = INTENT_PIN, .index = {0, 2, 4}});
    assert_int_equal(f->state.now.step, 2 * 6 + 4 + 1);
    assert_true(apply(f, (Intent){.kind = INTENT_UNPIN}));
    assert_false(apply(f, (Intent){.kind = INTENT_UNPIN}));
}

static void hovering_reads_only_what_is_done(void **s) {
    Fixture *f = *s;
    size_t cell[TENSOR_RANK];
    go(f, "blocks.0.attn.hook_pattern");
    assert_true(apply(f, (Intent){.kind = INTENT_POINTER}));
    assert_true(apply(f, (Intent){.kind = INTENT_HOVER, .index = {0, 5, 1}}));
    assert_false(apply(f, (Intent){.kind = INTENT_HOVER, .index = {0, 5, 1}}));
    assert_true(state_cell(&f->state, f->trace, &f->walk, cell));
    assert_int_equal(cell[2], 1);
    apply(f, (Intent){.kind = INTENT_STEP, .value = -4 * 3});
    apply(f, (Intent){.kind = INTENT_POINTER});
    apply(f, (Intent){.kind = INTENT_HOVER, .index = {0, 1, 0}});
    assert_true(f->state.hovering);
    apply(f, (Intent){.kind = INTENT_HOVER, .index = {0, 5, 1}});
    assert_false(f->state.hovering); /* it is not done: nothing is in hand but the step's */
    assert_true(state_cell(&f->state, f->trace, &f->walk, cell));
    assert_int_equal(cell[1], 2); /* the row that is being computed */
    apply(f, (Intent){.kind = INTENT_HOVER, .index = {0, 1, 0}});
    assert_true(apply(f, (Intent){.kind = INTENT_HOVER_END}));
    assert_false(apply(f, (Intent){.kind = INTENT_HOVER_END}));
    apply(f, (Intent){.kind = INTENT_STEP, .value = -12});
    assert_int_equal(f->state.now.step, 0);
    assert_false(state_cell(&f->state, f->trace, &f->walk, cell));
}

/* Whatever moves through the walk lets go of the cell, until the pointer moves. */
static void a_resting_pointer_stops_nothing(void **s) {
    Fixture *f = *s;
    static const Intent moves[] = {{.kind = INTENT_STEP, .value = -1},
                                   {.kind = INTENT_SEEK, .real = 0.4},
                                   {.kind = INTENT_STAGE, .value = 1},
                                   {.kind = INTENT_LAYER, .value = 1},
                                   {.kind = INTENT_PLAY},
                                   {.kind = INTENT_FIRST}};
    for (size_t i = 0; i < sizeof moves / sizeof *moves; i++)
        for (int pinned = 0; pinned < 2; pinned++) {
            Intent on_cell = {.kind = pinned ? INTENT_PIN : INTENT_HOVER};
            f->state.playing = false;
            go(f, "blocks.0.attn.hook_pattern");
            apply(f, (Intent){.kind = INTENT_POINTER});
            assert_true(apply(f, on_cell));
            assert_true(apply(f, moves[i]));
            apply(f, (Intent){.kind = INTENT_HOVER});
            assert_false(f->state.hovering || f->state.now.pinned);
        }
    go(f, "blocks.0.attn.hook_pattern");
    apply(f, (Intent){.kind = INTENT_POINTER});
    assert_true(apply(f, (Intent){.kind = INTENT_HOVER}));
    assert_false(apply(f, (Intent){.kind = INTENT_POINTER}));
}

static void the_cell_in_hand_is_the_telling_one(void **s) {
    Fixture *f = *s;
    size_t cell[TENSOR_RANK];
    go(f, "blocks.0.attn.hook_attn_scores");
    assert_true(state_cell(&f->state, f->trace, &f->walk, cell));
    assert_int_equal(cell[2], 5); /* the last query's own key */
    go(f, "probs");
    assert_true(state_cell(&f->state, f->trace, &f->walk, cell));
    assert_int_equal(cell[0], 5);
    double most = trace_get(f->trace, f->state.now.node, cell);
    for (size_t id = 0; id < 11; id++)
        assert_true(trace_get(f->trace, f->state.now.node, (size_t[]){5, id}) <= most);
}

static void rows_of_tokens_can_be_chosen(void **s) {
    Fixture *f = *s;
    go(f, "blocks.1.attn.hook_pattern");
    apply(f, (Intent){.kind = INTENT_PIN, .index = {1, 5, 4}});
    assert_true(apply(f, (Intent){.kind = INTENT_ROW, .value = 2}));
    assert_int_equal(f->state.now.cell[0], 1);
    assert_int_equal(f->state.now.cell[1], 2);
    assert_int_equal(f->state.now.cell[2], 2); /* no later key */
    assert_false(apply(f, (Intent){.kind = INTENT_ROW, .value = 6}));
    go(f, "sample.hook_token");
    assert_false(apply(f, (Intent){.kind = INTENT_ROW, .value = 1}));
}

static void check_pinned(const Fixture *f, size_t head, size_t row, size_t column) {
    assert_true(f->state.now.pinned);
    assert_int_equal(f->state.now.cell[0], head);
    assert_int_equal(f->state.now.cell[1], row);
    assert_int_equal(f->state.now.cell[2], column);
}

/* Up, left, down, right; not beyond the edges; a step that is not done yet is taken. */
static void the_cell_in_hand_moves(void **s) {
    Fixture *f = *s;
    go(f, "blocks.1.attn.hook_attn_scores_raw");
    apply(f, (Intent){.kind = INTENT_PIN, .index = {1, 5, 4}});
    assert_true(apply(f, (Intent){.kind = INTENT_MOVE, .value = 0}));
    check_pinned(f, 1, 4, 4);
    apply(f, (Intent){.kind = INTENT_MOVE, .value = 1});
    check_pinned(f, 1, 4, 3);
    for (int i = 0; i < 4; i++)
        apply(f, (Intent){.kind = INTENT_MOVE, .value = i < 2 ? 2 : 3});
    check_pinned(f, 1, 5, 5);
    for (int i = 0; i < 9; i++)
        apply(f, (Intent){.kind = INTENT_MOVE, .value = i % 2});
    check_pinned(f, 1, 0, 1);
    assert_false(apply(f, (Intent){.kind = INTENT_MOVE, .value = 4}));
    apply(f, (Intent){.kind = INTENT_STAGE, .value = 1});
    f->state.now.step = 0;
    f->state.now.head = 1;
    apply(f, (Intent){.kind = INTENT_MOVE, .value = 3});
    check_pinned(f, 1, 0, 0);
    assert_true(state_cell_done(&f->state, f->trace, &f->walk, f->state.now.cell));
}

static void history_goes_back_and_forward(void **s) {
    Fixture *f = *s;
    go(f, "blocks.0.attn.hook_q");
    size_t index[TENSOR_RANK] = {2, 1, 0};
    Intent cell = {.kind = INTENT_GO_CELL, .node = node_named(f, "blocks.0.attn.hook_k")};
    memcpy(cell.index, index, sizeof index);
    apply(f, cell);
    assert_int_equal(f->state.now.head, 1);
    apply(f, (Intent){.kind = INTENT_STEP, .value = -2});
    Place there = f->state.now;
    assert_true(apply(f, (Intent){.kind = INTENT_BACK}));
    assert_int_equal(f->state.now.node, node_named(f, "blocks.0.attn.hook_q"));
    assert_int_equal(f->state.now.head, 0);
    assert_true(apply(f, (Intent){.kind = INTENT_FORWARD}));
    assert_memory_equal(&there, &f->state.now, sizeof there);
    assert_false(apply(f, (Intent){.kind = INTENT_FORWARD}));
    for (int i = 0; i < 3 * STATE_HISTORY; i++)
        go(f, i % 2 ? "logits" : "hook_embed");
    for (int i = 0; i < STATE_HISTORY - 1; i++)
        assert_true(apply(f, (Intent){.kind = INTENT_BACK}));
    assert_false(apply(f, (Intent){.kind = INTENT_BACK}));
}

static void blocks_are_stepped_over(void **s) {
    Fixture *f = *s;
    go(f, "blocks.0.mlp.hook_post");
    assert_true(state_block_open(&f->state, 0));
    apply(f, (Intent){.kind = INTENT_LAYER, .value = 1});
    assert_int_equal(f->state.now.node, node_named(f, "blocks.1.mlp.hook_post"));
    assert_true(state_block_open(&f->state, 1));
    assert_false(state_block_open(&f->state, 0));
    apply(f, (Intent){.kind = INTENT_LAYER, .value = 1});
    assert_int_equal(f->state.now.node, node_named(f, "ln_final.hook_mean"));
    apply(f, (Intent){.kind = INTENT_LAYER, .value = -1});
    assert_int_equal(f->trace->graph.node[f->state.now.node].layer, 1);
    apply(f, (Intent){.kind = INTENT_LAST});
    assert_false(apply(f, (Intent){.kind = INTENT_LAYER, .value = 1}));
    go(f, "hook_embed");
    apply(f, (Intent){.kind = INTENT_LAYER, .value = -1});
    assert_int_equal(state_stage(&f->state, &f->walk), 0);
    apply(f, (Intent){.kind = INTENT_LAYER, .value = 1});
    assert_int_equal(f->state.now.node, node_named(f, "blocks.0.ln1.hook_mean"));
    apply(f, (Intent){.kind = INTENT_LAYER, .value = -1});
    assert_int_equal(f->state.now.node, node_named(f, "hook_full_embed_pre"));
    assert_true(state_block_open(&f->state, 0)); /* it closes when another block opens */
    apply(f, (Intent){.kind = INTENT_FOLD, .value = 0});
    assert_false(state_block_open(&f->state, 0));
    assert_false(apply(f, (Intent){.kind = INTENT_FOLD, .value = 2}));
}

static void stages_are_stepped_over(void **s) {
    Fixture *f = *s;
    apply(f, (Intent){.kind = INTENT_FIRST});
    assert_int_equal(f->state.now.step, 0);
    for (int stage = 1; stage < f->walk.count; stage++) {
        assert_true(apply(f, (Intent){.kind = INTENT_STAGE, .value = 1}));
        assert_int_equal(state_stage(&f->state, &f->walk), stage);
        assert_true(state_whole(&f->state, &f->walk));
    }
    assert_false(apply(f, (Intent){.kind = INTENT_STAGE, .value = 1}));
    assert_true(apply(f, (Intent){.kind = INTENT_STAGE, .value = -1000}));
    assert_int_equal(state_stage(&f->state, &f->walk), 0);
    assert_true(apply(f, (Intent){.kind = INTENT_LAST}));
    assert_int_equal(state_stage(&f->state, &f->walk), f->walk.count - 1);
}

static void odd_intents_change_nothing(void **s) {
    Fixture *f = *s;
    static const Intent odd[] = {
        {.kind = INTENT_GO, .node = -1},
        {.kind = INTENT_GO, .node = 100000},
        {.kind = INTENT_SPEED, .value = 9},
        {.kind = INTENT_SPEED, .value = -1},
        {.kind = INTENT_HEAD, .value = -1},
        {.kind = INTENT_ROW, .value = -1},
        {.kind = INTENT_FOLD, .value = -1},
        {.kind = INTENT_PROMPT},
        {.kind = INTENT_SUBMIT},
        {.kind = INTENT_HELP},
        {.kind = INTENT_THEME},
        {.kind = INTENT_MODEL, .value = 1},
    };
    ViewState before = f->state;
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        assert_false(apply(f, odd[i]));
    assert_memory_equal(&before, &f->state, sizeof before);
    assert_true(apply(f, (Intent){.kind = INTENT_SPEED, .value = 4}));
    assert_true(apply(f, (Intent){.kind = INTENT_TERMS}));
    assert_true(f->state.terms_turned);
}

static void too_many_intents_are_dropped(void **s) {
    (void)s;
    Intents intents = {0};
    for (int i = 0; i < 2 * INTENTS_MAX; i++)
        intent_emit(&intents, INTENT_PLAY);
    assert_int_equal(intents.count, INTENTS_MAX);
}

/* ---- Playing --------------------------------------------------------------------------------- */

static void playing_walks_to_the_end(void **s) {
    Fixture *f = *s;
    apply(f, (Intent){.kind = INTENT_FIRST});
    apply(f, (Intent){.kind = INTENT_PLAY});
    uint64_t now = 1000, entered = now;
    int stage = 0;
    for (int i = 0; f->state.playing; i++) {
        assert_in_range(i, 0, 20000);
        uint64_t next = state_tick(&f->state, f->trace, &f->walk, now);
        if (!f->state.playing)
            break;
        assert_true(next > now);
        if (state_stage(&f->state, &f->walk) != stage) {
            stage = state_stage(&f->state, &f->walk);
            assert_true(now - entered <= 12000 + 1200 + 900 + 200);
            entered = now;
        }
        now = next;
    }
    assert_int_equal(stage, f->walk.count - 1);
    assert_true(state_whole(&f->state, &f->walk));
}

static void playing_a_whole_stage_starts_it_over(void **s) {
    Fixture *f = *s;
    go(f, "blocks.0.attn.hook_z");
    apply(f, (Intent){.kind = INTENT_PLAY});
    assert_int_equal(f->state.now.step, 0);
    assert_true(state_tick(&f->state, f->trace, &f->walk, 1000) > 1000);
    assert_int_equal(f->state.now.step, 0);
    state_tick(&f->state, f->trace, &f->walk, 1000 + 1200);
    assert_int_equal(f->state.now.step, 1);
    go(f, "logits");
    assert_false(f->state.playing);
    assert_true(state_tick(&f->state, f->trace, &f->walk, 99999) == UINT64_MAX);
}

static void many_steps_are_played_several_at_once(void **s) {
    Fixture *f = *s;
    size_t *steps = &f->walk.steps[state_stage(&f->state, &f->walk)], kept = *steps;
    *steps = 60000; /* as the scores of 245 tokens */
    f->state.now.step = 5;
    f->state.playing = true;
    f->state.next_step_ms = 0;
    state_tick(&f->state, f->trace, &f->walk, 0);
    assert_in_range(f->state.now.step, 5 + 70, 5 + 90); /* 16 ms of 12 s */
    *steps = kept;
}

/* ---- A new trace ----------------------------------------------------------------------------- */

static void a_new_trace_keeps_the_place(void **s) {
    Fixture *f = *s;
    Arena arena = {0};
    Walk walk;
    Trace *trace = run_ids(f->model, 3, NULL);
    walk_make(trace, &arena, &walk);
    go(f, "sample.hook_token");
    go(f, "blocks.1.attn.hook_attn_scores_raw");
    apply(f, (Intent){.kind = INTENT_PIN, .index = {1, 2, 1}});
    state_rebind(&f->state, f->trace, &f->walk, trace, &walk);
    assert_string_equal(trace->graph.node[f->state.now.node].name,
                        "blocks.1.attn.hook_attn_scores_raw");
    assert_true(f->state.now.pinned);
    assert_int_equal(f->state.now.step, 9);
    assert_true(state_cell_done(&f->state, trace, &walk, f->state.now.cell));
    for (int i = 0; i < f->state.history_count; i++)
        assert_in_range(f->state.history[i].node, 0, trace->graph.count - 1);
    arena_free(&arena);
    trace_free(trace);
}

static void a_place_that_is_gone_leads_to_the_start(void **s) {
    Fixture *f = *s;
    Arena arena = {0};
    Walk walk;
    Trace *trace = run_ids(f->model, 3, NULL);
    walk_make(trace, &arena, &walk);
    go(f, "sample.hook_token");
    state_rebind(&f->state, f->trace, &f->walk, trace, &walk);
    assert_int_equal(state_stage(&f->state, &walk), 0);
    go(f, "hook_embed");
    apply(f, (Intent){.kind = INTENT_PIN, .index = {5, 0}});
    state_rebind(&f->state, f->trace, &f->walk, trace, &walk);
    assert_false(f->state.now.pinned); /* there is no sixth token */
    arena_free(&arena);
    trace_free(trace);
}

/* ---- Words ----------------------------------------------------------------------------------- */

static void spans_text(const UiSpan *spans, size_t count, Buf *out) {
    buf_clear(out);
    for (size_t i = 0; i < count; i++)
        buf_text(out, spans[i].text);
}

static void check_captions(const Model *model, const Trace *trace, const Walk *walk) {
    Buf text = {0};
    Arena arena = {0};
    for (int stage = 0; stage < walk->count; stage++) {
        int node = walk->node[stage];
        const Node *n = &trace->graph.node[node];
        assert_true(strlen(word_stage_title(n)) > 3);
        assert_true(strlen(word_stage_short(n)) > 0);
        assert_true(strlen(word_stage_about(n)) > 10 || n->name[0] == 's');
        for (size_t i = 0; i < trace_step_count(trace, node); i++) {
            OpStep step;
            UiSpan *spans;
            trace_step_at(trace, node, i, &step);
            size_t count = word_caption(&arena, &THEME_DARK, trace, model, n, &step, &spans);
            spans_text(spans, count, &text);
            if (text.size < 12 || strpbrk(text.bytes, "{}|") || strstr(text.bytes, "(null)") ||
                text.bytes[text.size - 1] != '.')
                fail_msg("%s, step %zu: \"%s\"", n->name, i, buf_cstr(&text));
        }
        arena_reset(&arena);
    }
    buf_free(&text);
    arena_free(&arena);
}

/* Each step of the folder's model has its words, and the record has this name in the map. */
static void check_folder(const char *folder, const char *record, const char *in_map) {
    Arena arena = {0};
    Err err = {0};
    Walk walk;
    Model *model = model_open(folder, &err);
    assert_non_null(model);
    Trace *trace = run_ids(model, 5, NULL);
    walk_make(trace, &arena, &walk);
    check_captions(model, trace, &walk);
    int node = trace_find(trace, record);
    assert_string_equal(word_stage_short(&trace->graph.node[node]), in_map);
    trace_free(trace);
    model_close(model);
    arena_free(&arena);
}

static void every_step_has_a_caption(void **s) {
    Fixture *f = *s;
    check_captions(f->model, f->trace, &f->walk);
    /* Rotary positions, RMSNorm, a gate. */
    check_folder("tests/golden/llama-a", "blocks.0.ln1.hook_normalized", "RMSNorm");
    check_folder("tests/golden/rnn-a", "blocks.1.rnn.hook_carried", "State before");
    check_folder("tests/golden/lstm-a", "blocks.1.rnn.hook_f", "Forget gate");
    check_folder("tests/golden/gru-a", "blocks.1.rnn.hook_z", "Update gate");
}

static void captions_say_what_was_computed(void **s) {
    Fixture *f = *s;
    Buf text = {0};
    Arena arena = {0};
    UiSpan *spans;
    OpStep step;
    int node = node_named(f, "blocks.0.attn.hook_attn_scores_raw");
    trace_step_at(f->trace, node, 2, &step);
    size_t index[TENSOR_RANK] = {0, 0, 2};
    double sum = trace_get(f->trace, node, index);
    size_t count = word_caption(&arena, &THEME_DARK, f->trace, f->model,
                                &f->trace->graph.node[node], &step, &spans);
    spans_text(spans, count, &text);
    const char *expected = arena_printf(&arena, "Row of “w3” × column of “w4”: 4 products, sum %s.",
                                        text_number(&arena, sum, text_decimals(fabs(sum))));
    assert_string_equal(text.bytes, expected);
    assert_int_equal(spans[1].color, THEME_DARK.query);
    assert_int_equal(spans[3].color, THEME_DARK.key);
    buf_free(&text);
    arena_free(&arena);
}

static void tokens_alike_are_told_apart(void **s) {
    Fixture *f = *s;
    Arena arena = {0};
    assert_string_equal(word_token(&arena, &f->trace->own, 0), "“w3”");
    assert_string_equal(word_token(&arena, &f->trace->own, 3), "“w1” (2 of 2)");
    assert_string_equal(word_vocab(&arena, f->model, 7), "“w7”");
    assert_string_equal(word_vocab(&arena, NULL, 7), "“#7”");
    arena_free(&arena);
}

static void every_word_takes_its_arguments(void **s) {
    (void)s;
    Arena arena = {0};
    for (int id = 0; id < WORD_COUNT; id++) {
        const char *text = WORD_WITH(&arena, (WordId)id, "A", "B", "C", "D", "E", "F", "G");
        assert_true(text[0] != '\0');
        assert_null(strpbrk(text, "{}"));
    }
    const char *one = WORD_WITH(&arena, WORD_MODEL_ITEM, "m", "1", "2");
    assert_string_equal(one, "m · 1 layer · 2 heads");
    arena_free(&arena);
}

/* ---- The window ------------------------------------------------------------------------------ */

typedef struct {
    Fixture *f;
    Ui *ui;
    ViewWidgets widgets;
    Intents out;
    UiInput input;
} Screen;

static ViewInput screen_input(Screen *screen) {
    static const char *const models[] = {"tiny · 2 layers · 2 heads", "other"};
    Fixture *f = screen->f;
    return (ViewInput){.ui = screen->ui,
                       .theme = ui_theme(screen->ui),
                       .trace = f->trace,
                       .model = f->model,
                       .walk = &f->walk,
                       .state = &f->state,
                       .widgets = &screen->widgets,
                       .out = &screen->out,
                       .models = models,
                       .model_count = 2};
}

static void draw_screen(Screen *screen, int w, int h) {
    screen->out.count = 0;
    screen->input.now_ms += 20;
    ui_begin(screen->ui, &screen->input, (Rect){0, 0, w, h});
    ViewInput in = screen_input(screen);
    window_view(&in, w, h);
    ui_end(screen->ui);
    screen->input.key_count = 0;
    screen->input.mouse_pressed = screen->input.mouse_released = false;
}

static Screen screen_new(Fixture *f) {
    Screen screen = {.f = f, .ui = ui_new(&TEXT_FIXED, &THEME_DARK, (UiClipboard){0})};
    screen.input.mouse_x = screen.input.mouse_y = -1;
    ui_textbox_set(&screen.widgets.prompt, "w3 w1 w4", 8);
    return screen;
}

static void screen_free(Screen *screen) {
    ui_free(screen->ui);
    ui_textbox_free(&screen->widgets.prompt);
    found_forget(&screen->widgets.found);
}

static bool shows(const Screen *screen, const char *text) {
    return draw_list_has_text(ui_list(screen->ui), &TEXT_FIXED, text);
}

static void press(Screen *screen, int key, unsigned mods) {
    screen->input.keys[screen->input.key_count++] = (UiKeyEvent){.key = key, .mods = mods};
    draw_screen(screen, 1280, 800);
    for (int i = 0; i < screen->out.count; i++)
        apply(screen->f, screen->out.intent[i]);
}

static void click(Screen *screen, const char *id) {
    Rect rect, visible;
    if (!ui_find(screen->ui, id, &rect, &visible) || ui_covered(screen->ui, id, NULL))
        fail_msg("%s can't be clicked", id);
    screen->input.mouse_x = visible.x + visible.w / 2;
    screen->input.mouse_y = visible.y + visible.h / 2;
    draw_screen(screen, 1280, 800);
    screen->input.mouse_pressed = screen->input.mouse_down = true;
    screen->input.mouse_clicks = 1;
    draw_screen(screen, 1280, 800);
    screen->input.mouse_down = false;
    screen->input.mouse_released = true;
    draw_screen(screen, 1280, 800);
    for (int i = 0; i < screen->out.count; i++)
        apply(screen->f, screen->out.intent[i]);
}

/* Not what holds other widgets, nor places that are only marked. */
static bool is_widget(const char *id) {
    static const char *const holders[] = {"map",   "chips",     "inspector", "timeline",
                                          "stage", "attention", "cache",     "language"};
    size_t size = strlen(id);
    for (size_t i = 0; i < sizeof holders / sizeof *holders; i++)
        if (strcmp(id, holders[i]) == 0)
            return false;
    return strncmp(id, "stage/", 6) != 0 && (size < 4 || strcmp(id + size - 4, "/bar") != 0) &&
           (size < 7 || strcmp(id + size - 7, "/scroll") != 0);
}

static void check_overlaps(const Ui *ui, int w, int h) {
    const char *a, *b;
    for (size_t i = 0; (a = ui_id_at(ui, i)) != NULL; i++) {
        Rect ra, va, rb, vb;
        ui_find(ui, a, &ra, &va);
        if (va.w > 0 && va.h > 0 && (va.x < 0 || va.y < 0 || va.x + va.w > w || va.y + va.h > h))
            fail_msg("%d × %d: %s is outside", w, h, a);
        for (size_t j = i + 1; is_widget(a) && (b = ui_id_at(ui, j)) != NULL; j++) {
            ui_find(ui, b, &rb, &vb);
            Rect both = rect_both(va, vb);
            if (is_widget(b) && both.w > 0 && both.h > 0)
                fail_msg("%d × %d: %s and %s overlap", w, h, a, b);
        }
    }
}

/* ---- Stages that were left out ---- */

/* The same run, which keeps as little as it can. */
static void leave_out(Fixture *f) {
    static const int32_t ids[] = {3, 1, 4, 1, 5, 9};
    Err err = {0};
    size_t most = 6000;
    RunOptions options = {.max_bytes = &most, .fit = true};
    trace_free(f->trace);
    f->trace = run_trace(f->model, &(RunText){.ids = ids, .count = 6}, &options, &err);
    if (!f->trace)
        fail_msg("%s", err.text);
    arena_free(&f->arena);
    walk_make(f->trace, &f->arena, &f->walk);
    state_start(&f->state, f->trace, &f->walk, NULL);
}

static void draw_absent(Screen *screen, const char *problem) {
    ui_begin(screen->ui, &screen->input, (Rect){0, 0, 1280, 800});
    ViewInput in = screen_input(screen);
    in.recalling = !problem;
    in.recall_problem = problem;
    window_view(&in, 1280, 800);
    ui_end(screen->ui);
}

static void what_was_left_out_is_no_number(void **s) {
    Fixture *f = *s;
    size_t absent = 0;
    leave_out(f);
    Screen screen = screen_new(f);
    for (int stage = 0; stage < f->walk.count; stage++) {
        int node = f->walk.node[stage];
        go(f, f->trace->graph.node[node].name);
        if (!trace_recallable(f->trace, node))
            continue;
        absent++;
        draw_absent(&screen, NULL);
        assert_true(shows(&screen, "again…"));
        assert_false(ui_find(screen.ui, "stage/result", NULL, NULL));
        for (size_t step = 0; step <= f->walk.steps[stage]; step += 3) {
            f->state.now.step = step;
            draw_absent(&screen, NULL);
            assert_true(shows(&screen, "again…"));
        }
        draw_absent(&screen, "memory: not enough");
        assert_true(shows(&screen, "memory: not enough"));
        assert_false(shows(&screen, "again…"));
    }
    assert_true(absent > 10);
    screen_free(&screen);
}

/* A hollow dot, and the reason beside it; the answer is one click away. */
static void what_was_left_out_is_marked(void **s) {
    Fixture *f = *s;
    leave_out(f);
    Screen screen = screen_new(f);
    go(f, "blocks.1.hook_resid_post");
    draw_screen(&screen, 1280, 800);
    int node = node_named(f, "blocks.1.mlp.hook_post");
    assert_true(trace_left_out(f->trace, node));
    Rect rect;
    assert_true(ui_find(screen.ui, "map/blocks.1.mlp.hook_post", &rect, NULL));
    screen.input.mouse_x = rect.x + 10;
    screen.input.mouse_y = rect.y + 10;
    draw_screen(&screen, 1280, 800);
    screen.input.now_ms += 2000;
    draw_screen(&screen, 1280, 800);
    assert_true(shows(&screen, "left out of the trace"));
    assert_true(trace_left_out(f->trace, node_named(f, "probs")));
    click(&screen, "chip/next");
    assert_int_equal(f->state.now.node, node_named(f, "probs"));
    assert_false(f->state.now.pinned);
    screen_free(&screen);
}

static void nothing_overlaps_at_any_size(void **s) {
    Screen screen = screen_new(*s);
    static const int size[][2] = {{640, 420}, {900, 600}, {1280, 800}, {1920, 1080}};
    static const char *const stages[] = {"hook_tokens", "blocks.1.attn.hook_pattern",
                                         "blocks.0.ln1.hook_normalized", "logits"};
    for (size_t stage = 0; stage < sizeof stages / sizeof *stages; stage++)
        for (size_t i = 0; i < sizeof size / sizeof *size; i++) {
            go(*s, stages[stage]);
            draw_screen(&screen, size[i][0], size[i][1]);
            draw_screen(&screen, size[i][0], size[i][1]);
            check_overlaps(screen.ui, size[i][0], size[i][1]);
        }
    screen_free(&screen);
}

static void nothing_overlaps_in_korean(void **s) {
    words_set_language(LANG_KO);
    nothing_overlaps_at_any_size(s);
    words_set_language(LANG_EN);
}

static void every_stage_is_in_the_map(void **s) {
    Fixture *f = *s;
    Screen screen = screen_new(f);
    for (int stage = 0; stage < f->walk.count; stage++) {
        const char *name = f->trace->graph.node[f->walk.node[stage]].name;
        char id[128];
        Rect rect, visible;
        go(f, name);
        draw_screen(&screen, 900, 600);
        draw_screen(&screen, 900, 600);
        snprintf(id, sizeof id, "map/%s", name);
        if (!ui_find(screen.ui, id, &rect, &visible) || visible.h < rect.h)
            fail_msg("%s is not in view", id);
    }
    screen_free(&screen);
}

static void clicks_go_where_they_say(void **s) {
    Fixture *f = *s;
    Screen screen = screen_new(f);
    draw_screen(&screen, 1280, 800);
    click(&screen, "map/block/1");
    draw_screen(&screen, 1280, 800);
    click(&screen, "map/blocks.1.attn.hook_v");
    assert_int_equal(f->state.now.node, node_named(f, "blocks.1.attn.hook_v"));
    draw_screen(&screen, 1280, 800);
    click(&screen, "chip/2");
    assert_true(f->state.now.pinned);
    assert_int_equal(f->state.now.cell[0], 2);
    click(&screen, "chip/next");
    assert_int_equal(f->state.now.node, node_named(f, "probs"));
    click(&screen, "timeline/step-back");
    assert_int_equal(f->state.now.step, steps_here(f) - 1);
    click(&screen, "timeline/first");
    assert_int_equal(state_stage(&f->state, &f->walk), 0);
    assert_int_equal(f->state.now.step, 0);
    screen_free(&screen);
}

static void keys_do_what_help_says(void **s) {
    Fixture *f = *s;
    Screen screen = screen_new(f);
    draw_screen(&screen, 1280, 800);
    press(&screen, UI_KEY_HOME, 0);
    press(&screen, UI_KEY_RIGHT, 0);
    assert_int_equal(f->state.now.step, 1);
    press(&screen, UI_KEY_RIGHT, UI_SHIFT);
    assert_int_equal(state_stage(&f->state, &f->walk), 1);
    press(&screen, UI_KEY_RIGHT, UI_CTRL);
    assert_int_equal(f->trace->graph.node[f->state.now.node].layer, 0);
    press(&screen, ']', 0);
    assert_int_equal(f->state.now.head, 1);
    press(&screen, '0', 0);
    assert_int_equal(f->state.now.head, 0);
    press(&screen, ' ', 0);
    assert_true(f->state.playing);
    press(&screen, ' ', 0);
    assert_false(f->state.playing);
    press(&screen, '/', 0);
    draw_screen(&screen, 1280, 800);
    assert_true(ui_focused(screen.ui, "prompt"));
    Place before = f->state.now;
    press(&screen, UI_KEY_END, 0); /* now it is the text box's */
    assert_memory_equal(&before, &f->state.now, sizeof before);
    press(&screen, UI_KEY_ESCAPE, 0);
    press(&screen, UI_KEY_END, 0);
    assert_int_equal(state_stage(&f->state, &f->walk), f->walk.count - 1);
    screen_free(&screen);
}

static void help_lists_the_keys(void **s) {
    Screen screen = screen_new(*s);
    draw_screen(&screen, 900, 600);
    window_toggle_help(screen.ui);
    draw_screen(&screen, 900, 600);
    draw_screen(&screen, 900, 600);
    assert_true(draw_list_has_text(ui_list(screen.ui), &TEXT_FIXED, word(WORD_HELP_LAYER)));
    screen.widgets.help.offset = 10000; /* to the end of the list */
    draw_screen(&screen, 900, 600);
    assert_true(draw_list_has_text(ui_list(screen.ui), &TEXT_FIXED, word(WORD_HELP_THIS)));
    press(&screen, UI_KEY_ESCAPE, 0);
    draw_screen(&screen, 900, 600);
    assert_false(draw_list_has_text(ui_list(screen.ui), &TEXT_FIXED, word(WORD_HELP_THIS)));
    screen_free(&screen);
}

/* Tab visits the bar, the map, the timeline, each from left to right or top to bottom. */
static void tab_goes_round_in_order(void **s) {
    Screen screen = screen_new(*s);
    const char *expected[] = {"model", "help", "theme", "language", "export", "prompt", "chip/0"};
    draw_screen(&screen, 1280, 800);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        press(&screen, UI_KEY_TAB, 0);
        draw_screen(&screen, 1280, 800);
        assert_string_equal(ui_focus_id(screen.ui), expected[i]);
    }
    screen_free(&screen);
}

static void a_problem_is_told_under_the_text(void **s) {
    Fixture *f = *s;
    Screen screen = screen_new(f);
    screen.out.count = 0;
    ui_begin(screen.ui, &screen.input, (Rect){0, 0, 1280, 800});
    ViewInput in = screen_input(&screen);
    int before = prompt_height(&in, 1280, 2);
    in.problem = word(WORD_NO_TOKEN);
    in.stale = true;
    assert_true(prompt_height(&in, 1280, 2) > before);
    window_view(&in, 1280, 800);
    ui_end(screen.ui);
    assert_true(draw_list_has_text(ui_list(screen.ui), &TEXT_FIXED, word(WORD_NO_TOKEN)));
    assert_true(ui_find(screen.ui, "chip/0", NULL, NULL)); /* the last good trace stays */
    screen_free(&screen);
}

static void without_a_trace_there_is_a_frame(void **s) {
    Fixture *f = *s;
    Screen screen = screen_new(f);
    ui_begin(screen.ui, &screen.input, (Rect){0, 0, 1280, 800});
    ViewInput in = screen_input(&screen);
    in.trace = NULL;
    in.model = NULL;
    window_view(&in, 1280, 800);
    ui_end(screen.ui);
    assert_true(ui_find(screen.ui, "prompt", NULL, NULL));
    assert_false(ui_find(screen.ui, "chip/0", NULL, NULL));
    screen_free(&screen);
}

static void a_frame_tells_whether_the_pointer_moved(void **s) {
    Screen screen = screen_new(*s);
    draw_screen(&screen, 1280, 800);
    draw_screen(&screen, 1280, 800);
    for (int i = 0; i < screen.out.count; i++)
        assert_int_not_equal(screen.out.intent[i].kind, INTENT_POINTER);
    screen.input.mouse_x = 700;
    screen.input.mouse_y = 500;
    draw_screen(&screen, 1280, 800);
    assert_int_equal(screen.out.intent[0].kind, INTENT_POINTER);
    screen_free(&screen);
}

/* "w7 23.4 %" */
static const char *answer(const Fixture *f, Arena *arena) {
    size_t best = 0, at[TENSOR_RANK] = {f->trace->own.length - 1};
    double most = -1;
    for (at[1] = 0; at[1] < 11; at[1]++) {
        double share = trace_get(f->trace, node_named(f, "probs"), at);
        best = share > most ? at[1] : best;
        most = share > most ? share : most;
    }
    return arena_printf(arena, "w%zu %s", best, text_percent(arena, most, 1));
}

static void the_answer_is_not_given_away(void **s) {
    Fixture *f = *s;
    Arena arena = {0};
    Screen screen = screen_new(f);
    const char *said = answer(f, &arena);
    static const char *const before[] = {"hook_tokens", "blocks.1.attn.hook_pattern", "logits"};
    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        go(f, before[i]);
        draw_screen(&screen, 1280, 800);
        assert_true(shows(&screen, "?"));
        assert_false(shows(&screen, said));
    }
    go(f, "sample.hook_token");
    draw_screen(&screen, 1280, 800);
    assert_true(shows(&screen, said));
    apply(f, (Intent){.kind = INTENT_FIRST});
    draw_screen(&screen, 1280, 800);
    assert_false(shows(&screen, said));
    click(&screen, "chip/next");
    assert_int_equal(f->state.now.node, node_named(f, "probs"));
    arena_free(&arena);
    screen_free(&screen);
}

static void chips_say_what_they_are(void **s) {
    Fixture *f = *s;
    Screen screen = screen_new(f);
    go(f, "blocks.0.attn.hook_pattern");
    apply(f, (Intent){.kind = INTENT_PIN, .index = {0, 4, 2}});
    draw_screen(&screen, 1280, 800);
    assert_true(shows(&screen, "5 Q") && shows(&screen, "4 K"));
    apply(f, (Intent){.kind = INTENT_PIN, .index = {0, 4, 4}});
    draw_screen(&screen, 1280, 800);
    assert_true(shows(&screen, "QK"));
    const char *typed[6] = {[1] = " ", [2] = "  x"};
    screen.out.count = 0;
    ui_begin(screen.ui, &screen.input, (Rect){0, 0, 1280, 800});
    ViewInput in = screen_input(&screen);
    in.typed = typed;
    window_view(&in, 1280, 800);
    ui_end(screen.ui);
    assert_true(shows(&screen, "␣ → w1"));
    assert_true(shows(&screen, "··x → w4"));
    screen_free(&screen);
}

static void the_counter_is_about_the_cell_in_hand(void **s) {
    Fixture *f = *s;
    Screen screen = screen_new(f);
    go(f, "blocks.0.attn.hook_attn_scores_raw");
    draw_screen(&screen, 1280, 800);
    assert_true(shows(&screen, "step 36 of 36"));
    apply(f, (Intent){.kind = INTENT_POINTER});
    apply(f, (Intent){.kind = INTENT_HOVER, .index = {0, 1, 1}});
    draw_screen(&screen, 1280, 800);
    assert_true(shows(&screen, "pointed at: step 8"));
    apply(f, (Intent){.kind = INTENT_PIN, .index = {0, 1, 1}});
    draw_screen(&screen, 1280, 800);
    assert_true(shows(&screen, "pinned: step 8 · Esc lets go"));
    assert_false(shows(&screen, "of 36"));
    draw_screen(&screen, 640, 420);
    assert_true(shows(&screen, "pinned: 8 · Esc"));
    apply(f, (Intent){.kind = INTENT_UNPIN});
    apply(f, (Intent){.kind = INTENT_HOVER_END});
    draw_screen(&screen, 640, 420);
    assert_true(shows(&screen, "/ 36"));
    screen_free(&screen);
}

/* No line of a caption lies under the buttons, however long it is. */
static void check_caption(Screen *screen, int w, int h) {
    Rect button;
    draw_screen(screen, w, h);
    assert_true(ui_find(screen->ui, "timeline/play", &button, NULL));
    const DrawList *list = ui_list(screen->ui);
    for (size_t n = 0; n < list->count; n++) {
        const DrawCommand *c = &list->commands[n];
        float y = c->kind == DRAW_TEXT ? c->as.text.baseline : 0;
        bool seen = y < (float)(c->clip.y + c->clip.h);
        if (seen && y >= (float)button.y && c->as.text.x < (float)(button.x + button.w))
            fail_msg("%d × %d: \"%s\" at %g", w, h, c->as.text.text, (double)y);
    }
}

static void captions_stay_above_the_buttons(void **s) {
    Fixture *f = *s;
    Screen screen = screen_new(f);
    static const int size[][2] = {{640, 420}, {700, 500}, {900, 600}, {1280, 800}};
    for (size_t i = 0; i < sizeof size / sizeof *size; i++) {
        apply(f, (Intent){.kind = INTENT_FIRST});
        do
            check_caption(&screen, size[i][0], size[i][1]);
        while (apply(f, (Intent){.kind = INTENT_STEP, .value = 3}));
    }
    screen_free(&screen);
}

static void korean_captions_stay_above_the_buttons(void **s) {
    words_set_language(LANG_KO);
    captions_stay_above_the_buttons(s);
    words_set_language(LANG_EN);
}

static void check_labels(Screen *screen, int w, int h, bool input, bool logits) {
    draw_screen(screen, w, h);
    assert_int_equal(shows(screen, "input"), input);
    assert_int_equal(shows(screen, "logits"), logits);
    assert_true(shows(screen, "block 0") && shows(screen, "block 1"));
}

static void the_ticks_have_labels(void **s) {
    Screen screen = screen_new(*s);
    check_labels(&screen, 1920, 1080, true, true);
    check_labels(&screen, 1280, 800, true, true);
    check_labels(&screen, 700, 500, false, true);
    screen_free(&screen);
}

static void an_empty_window_says_what_to_do(void **s) {
    Screen screen = screen_new(*s);
    ui_begin(screen.ui, &screen.input, (Rect){0, 0, 1280, 800});
    ViewInput in = screen_input(&screen);
    in.trace = NULL;
    in.model = NULL;
    in.problem = word(WORD_NO_TOKENIZER);
    window_view(&in, 1280, 800);
    ui_end(screen.ui);
    assert_true(shows(&screen, "There is nothing to show yet"));
    screen_free(&screen);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(walk_has_every_record_once),
        TEST(walking_there_and_back_is_the_same),
        TEST(cells_are_done_when_their_step_is),
        TEST(a_cell_finds_its_step),
        TEST(the_place_in_the_walk_survives_seeking),
        TEST(pinning_follows_heads_and_steps),
        TEST(hovering_reads_only_what_is_done),
        TEST(a_resting_pointer_stops_nothing),
        TEST(the_cell_in_hand_is_the_telling_one),
        TEST(rows_of_tokens_can_be_chosen),
        TEST(the_cell_in_hand_moves),
        TEST(history_goes_back_and_forward),
        TEST(blocks_are_stepped_over),
        TEST(stages_are_stepped_over),
        TEST(odd_intents_change_nothing),
        TEST(too_many_intents_are_dropped),
        TEST(playing_walks_to_the_end),
        TEST(playing_a_whole_stage_starts_it_over),
        TEST(many_steps_are_played_several_at_once),
        TEST(a_new_trace_keeps_the_place),
        TEST(a_place_that_is_gone_leads_to_the_start),
        TEST(every_step_has_a_caption),
        TEST(captions_say_what_was_computed),
        TEST(tokens_alike_are_told_apart),
        TEST(every_word_takes_its_arguments),
        TEST(nothing_overlaps_at_any_size),
        TEST(nothing_overlaps_in_korean),
        TEST(what_was_left_out_is_no_number),
        TEST(what_was_left_out_is_marked),
        TEST(every_stage_is_in_the_map),
        TEST(clicks_go_where_they_say),
        TEST(keys_do_what_help_says),
        TEST(help_lists_the_keys),
        TEST(tab_goes_round_in_order),
        TEST(a_problem_is_told_under_the_text),
        TEST(without_a_trace_there_is_a_frame),
        TEST(a_frame_tells_whether_the_pointer_moved),
        TEST(the_answer_is_not_given_away),
        TEST(chips_say_what_they_are),
        TEST(the_counter_is_about_the_cell_in_hand),
        TEST(captions_stay_above_the_buttons),
        TEST(korean_captions_stay_above_the_buttons),
        TEST(the_ticks_have_labels),
        TEST(an_empty_window_says_what_to_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
