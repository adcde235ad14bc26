/* Flash attention and the KV cache in the window: app/views/common_tiles, stage_flash*, stage_cache, the walk
 * and the state where tiles are shown, app/switched and app/step_cost. */
#include "app/step_cost.h"
#include "app/switched.h"
#include "app/views/common_tiles.h"
#include "app/views/stage.h"
#include "tests/screen.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { WIDTH = 760, HEIGHT = 640, LENGTH = 7, ROWS = 2, COLUMNS = 3, HEAD = 1 };
static const TinyModel TINY = {.tokenizer = true, .n_ctx = 64};

static Trace *run(const Model *model, size_t length, bool flash) {
    RunOptions options = {.stages = flash ? "*,*flash*" : NULL};
    if (flash)
        options.attention = (AttentionOptions){
            .kind = ATTENTION_FLASH, .tile_rows = ROWS, .tile_columns = COLUMNS, .head = HEAD};
    return fixture_trace(model, length, &options);
}

/* The tiles of block 1, whole. */
static Screen screen_of(const TinyModel *tiny) {
    Model *model = fixture_model(tiny);
    Screen screen = screen_begin(model, run(model, LENGTH, true), WIDTH, HEIGHT);
    screen.state.now.head = HEAD;
    screen.state.followed = TILE_SUM;
    state_start(&screen.state, screen.trace, &screen.walk, "blocks.1.attn.hook_z");
    return screen;
}

static Tiles tiles_now(const Screen *screen) {
    Tiles tiles;
    assert_true(tiles_of(&screen->trace->graph, screen->state.now.node, &tiles));
    return tiles;
}

static bool apply(Screen *screen, Intent intent) {
    return state_apply(&screen->state, screen->trace, &screen->walk, &intent, 0);
}

static void go_to_step(Screen *screen, size_t step) {
    apply(screen,
          (Intent){.kind = INTENT_STEP, .value = (long)step - (long)screen->state.now.step});
    assert_int_equal(screen->state.now.step, step);
}

static const DrawList *draw(Screen *screen, const CacheStep *cached) {
    for (int frame = 0; frame < 2; frame++) {
        ViewInput in = screen_input(screen);
        in.cached = cached;
        screen->out.count = 0;
        ui_begin(screen->ui, &screen->input, (Rect){0, 0, screen->w, screen->h});
        stage_view(&in, (Rect){0, 0, screen->w, screen->h});
        ui_end(screen->ui);
    }
    return ui_list(screen->ui);
}

static Rect find(const Screen *screen, const char *id) {
    Rect rect;
    if (!ui_find(screen->ui, id, &rect, NULL))
        fail_msg("no %s on the screen", id);
    return rect;
}

static bool same_rect(Rect a, Rect b) {
    return a.x == b.x && a.y == b.y && a.w == b.w && a.h == b.h;
}

static bool says(const DrawList *list, const char *text) {
    return draw_list_has_text(list, &TEXT_FIXED, text);
}

/* A text by itself, how often. */
static int plates(const DrawList *list, const char *text) {
    int count = 0;
    for (size_t i = 0; i < list->count; i++)
        count += list->commands[i].kind == DRAW_TEXT &&
                 list->commands[i].as.text.bytes == strlen(text) &&
                 memcmp(list->commands[i].as.text.text, text, strlen(text)) == 0;
    return count;
}

static const DrawCells *cells_of(const DrawList *list, Rect rect) {
    for (size_t i = 0; i < list->count; i++)
        if (list->commands[i].kind == DRAW_CELLS && same_rect(list->commands[i].rect, rect))
            return &list->commands[i].as.cells;
    fail_msg("no grid there");
    return NULL;
}

/* A frame round exactly these cells of the grid, in this colour. */
static bool framed(const DrawList *list, Rect grid, TileBox box, Color color) {
    for (size_t i = 0; i < list->count; i++) {
        const DrawCommand *c = &list->commands[i];
        if (c->kind == DRAW_CELL_FRAME && same_rect(c->rect, grid) && c->color == color &&
            c->as.cell_frame.column == (int)box.k0 && c->as.cell_frame.row == (int)box.q0 &&
            c->as.cell_frame.column_count == (int)(box.k1 - box.k0) &&
            c->as.cell_frame.row_count == (int)(box.q1 - box.q0))
            return true;
    }
    return false;
}

/* ---- tiles and the walk ---- */

static void tiles_cover_every_cell_once(void **state) {
    (void)state;
    Screen screen = screen_of(&TINY);
    Tiles tiles = tiles_now(&screen);
    int seen[LENGTH][LENGTH] = {{0}};
    assert_int_equal(tiles.row_blocks, 4); /* 2 + 2 + 2 + 1 */
    assert_int_equal(tiles.key_blocks, 3); /* 3 + 3 + 1 */
    for (size_t n = 0; n < tiles_steps(&tiles); n++) {
        TileBox box = tiles_step(&tiles, n);
        assert_int_equal(tiles_number(&tiles, box.a, box.b), n);
        for (size_t i = box.q0; box.b < tiles.key_blocks && i < box.q1; i++)
            for (size_t j = box.k0; j < box.k1; j++) {
                size_t scores[] = {i, j}, sums[] = {box.b, i, 0};
                assert_int_equal(tiles_step_of_cell(&tiles, TILE_SCORES, scores), n);
                assert_int_equal(tiles_step_of_cell(&tiles, TILE_ACC, sums), n);
                seen[i][j]++;
            }
    }
    for (size_t i = 0; i < LENGTH; i++)
        for (size_t j = 0; j < LENGTH; j++)
            assert_int_equal(seen[i][j], 1);
    screen_free(&screen);
}

/* Scores, mask and softmax don't exist; six records and the result are one stage. */
static void seven_records_are_one_stage(void **state) {
    (void)state;
    Screen screen = screen_of(&TINY);
    Tiles tiles = tiles_now(&screen);
    int stage = screen.walk.stage[tiles.z];
    assert_int_equal(trace_find(screen.trace, "blocks.1.attn.hook_pattern"), -1);
    assert_int_equal(screen.walk.node[stage], tiles.z);
    assert_int_equal(screen.walk.steps[stage], tiles_steps(&tiles));
    for (int i = 0; i < TILE_RECORDS; i++)
        assert_int_equal(screen.walk.stage[tiles.record[i]], stage);
    assert_string_equal(screen.trace->graph.node[screen.walk.node[stage + 1]].name,
                        "blocks.1.hook_attn_out");
    screen_free(&screen);
}

/* In tiles the record that is followed is in hand, at the division the result. */
static void steps_are_tiles_and_divisions(void **state) {
    (void)state;
    Screen screen = screen_of(&TINY);
    Tiles tiles = tiles_now(&screen);
    size_t index[TENSOR_RANK];
    go_to_step(&screen, 2);
    assert_int_equal(screen.state.now.node, tiles.record[TILE_SUM]);
    assert_true(state_cell(&screen.state, screen.trace, &screen.walk, index));
    assert_int_equal(index[0], 1); /* the second key block … */
    assert_int_equal(index[1], 1); /* … of the first two queries' last */
    go_to_step(&screen, 4);
    assert_int_equal(screen.state.now.node, tiles.z);
    apply(&screen, (Intent){.kind = INTENT_PIN, .node = tiles.record[TILE_MAX], .index = {0, 0}});
    assert_int_equal(screen.state.now.node, tiles.record[TILE_MAX]);
    assert_int_equal(screen.state.now.step, 4);
    go_to_step(&screen, 5); /* what was pinned is followed from now on */
    assert_int_equal(screen.state.now.node, tiles.record[TILE_MAX]);
    go_to_step(&screen, tiles_steps(&tiles));
    assert_int_equal(screen.state.now.node, tiles.z);
    screen_free(&screen);
}

/* Clicking a cell that is not done goes on to its tile. */
static void a_cell_is_done_with_its_tile(void **state) {
    (void)state;
    Screen screen = screen_of(&TINY);
    Tiles tiles = tiles_now(&screen);
    go_to_step(&screen, 5);
    Progress progress = state_progress_of(&screen.state, screen.trace, &screen.walk,
                                          tiles.record[TILE_WEIGHTS]);
    assert_true(progress_done(&progress, (size_t[TENSOR_RANK]){1, 6})); /* skipped is done, too */
    assert_true(progress_done(&progress, (size_t[TENSOR_RANK]){3, 2}));
    assert_false(progress_done(&progress, (size_t[TENSOR_RANK]){3, 3}));
    assert_false(progress_done(&progress, (size_t[TENSOR_RANK]){4, 0}));
    apply(&screen,
          (Intent){.kind = INTENT_PIN, .node = tiles.record[TILE_SCORES], .index = {4, 3}});
    assert_int_equal(screen.state.now.step, tiles_number(&tiles, 2, 1) + 1);
    screen_free(&screen);
}

static void a_switch_keeps_the_place(void **state) {
    (void)state;
    Screen screen = screen_of(&TINY);
    Trace *standard = run(screen.model, LENGTH, false);
    Walk walk;
    walk_make(standard, &screen.arena, &walk);
    ViewState place = {.now = {.head = HEAD}};
    state_start(&place, standard, &walk, "blocks.1.attn.hook_pattern");
    Intent pin = {.kind = INTENT_PIN, .node = place.now.node, .index = {HEAD, 4, 2}};
    state_apply(&place, standard, &walk, &pin, 0);
    assert_true(state_rebind(&place, standard, &walk, screen.trace, &screen.walk));
    assert_string_equal(screen.trace->graph.node[place.now.node].name,
                        "blocks.1.attn.flash.hook_weights");
    assert_true(place.now.pinned && place.now.cell[0] == 4 && place.now.cell[1] == 2);
    assert_int_equal(place.now.head, HEAD);
    assert_true(state_rebind(&place, screen.trace, &screen.walk, standard, &walk));
    assert_string_equal(standard->graph.node[place.now.node].name, "blocks.1.attn.hook_pattern");
    assert_true(place.now.pinned && place.now.cell[0] == HEAD && place.now.cell[1] == 4 &&
                place.now.cell[2] == 2);
    state_start(&place, standard, &walk, "blocks.1.attn.hook_attn_scores_scaled");
    assert_true(state_rebind(&place, standard, &walk, screen.trace, &screen.walk));
    assert_string_equal(screen.trace->graph.node[place.now.node].name,
                        "blocks.1.attn.flash.hook_scores");
    state_start(&place, standard, &walk, "blocks.1.attn.hook_z");
    assert_true(state_rebind(&place, standard, &walk, screen.trace, &screen.walk));
    assert_string_equal(screen.trace->graph.node[place.now.node].name, "blocks.1.attn.hook_z");
    trace_free(standard);
    screen_free(&screen);
}

/* ---- the picture ---- */

static void the_tile_in_hand_is_framed(void **state) {
    (void)state;
    Screen screen = screen_of(&TINY);
    Tiles tiles = tiles_now(&screen);
    for (size_t step = 1; step < tiles_steps(&tiles); step++) {
        TileBox box = tiles_step(&tiles, step - 1);
        if (box.b == tiles.key_blocks) /* the division: the rows from end to end */
            box.k0 = 0, box.k1 = tiles.keys;
        go_to_step(&screen, step);
        const DrawList *list = draw(&screen, NULL);
        assert_true(framed(list, find(&screen, "stage/scores"), box, THEME_DARK.hand));
    }
    screen_free(&screen);
}

/* What comes later is as empty as if it were not there, and its numbers stand nowhere. */
static void what_comes_later_is_hidden(void **state) {
    (void)state;
    Screen screen = screen_of(&TINY);
    Tiles tiles = tiles_now(&screen);
    for (size_t step = 0; step < tiles_steps(&tiles); step++) {
        go_to_step(&screen, step);
        const DrawList *list = draw(&screen, NULL);
        const DrawCells *cells = cells_of(list, find(&screen, "stage/scores"));
        for (size_t i = 0; i < LENGTH; i++)
            for (size_t j = 0; j < LENGTH; j++) {
                bool done = tiles_step_of_cell(&tiles, TILE_SCORES, (size_t[]){i, j}) < step;
                assert_int_equal(cells->argb[i * LENGTH + j] == THEME_DARK.pending, !done);
            }
        Rect later;
        TileBox box = tiles_step(&tiles, step);
        char id[64];
        snprintf(id, sizeof id, "stage/sum[%zu,%zu]", box.b, box.q0);
        assert_false(box.b < tiles.key_blocks && ui_find(screen.ui, id, &later, NULL));
    }
    screen_free(&screen);
}

static void rows_and_columns_are_tokens(void **state) {
    (void)state;
    Screen screen = screen_of(&TINY);
    const DrawList *list = draw(&screen, NULL);
    Rect grid = find(&screen, "stage/scores");
    for (size_t i = 0; i < LENGTH; i++) {
        const char *label = screen.trace->own.label[i];
        Rect row = draw_cell_rect(grid, LENGTH, LENGTH, 0, (int)i);
        Rect column = draw_cell_rect(grid, LENGTH, LENGTH, (int)i, 0);
        bool left = false, above = false;
        for (size_t k = 0; k < list->count; k++) {
            const DrawCommand *c = &list->commands[k];
            if (c->kind != DRAW_TEXT || strncmp(c->as.text.text, label, strlen(label)) != 0)
                continue;
            int x = (int)c->as.text.x, y = (int)c->as.text.baseline;
            left = left || (x < grid.x && y >= row.y && y < row.y + row.h);
            above = above || (y < grid.y && x >= column.x && x < column.x + column.w);
        }
        assert_true(left && above);
    }
    screen_free(&screen);
}

static void a_skipped_tile_says_so(void **state) {
    (void)state;
    Screen screen = screen_of(&TINY);
    Tiles tiles = tiles_now(&screen);
    screen.w = 1400; /* tiles wide enough for a word */
    screen.h = 900;
    go_to_step(&screen, 1);
    assert_int_equal(plates(draw(&screen, NULL), "skipped"), 0);
    go_to_step(&screen, 3);
    TileBox box = tiles_step(&tiles, 2);
    assert_true(tiles_skipped(&tiles, &box));
    const DrawList *list = draw(&screen, NULL);
    assert_int_equal(plates(list, "skipped"), 1);
    assert_true(says(list, "the mask empties it"));
    screen_free(&screen);
}

static double cell(const Screen *screen, int node, size_t a, size_t b) {
    return trace_get(screen->trace, node, (size_t[TENSOR_RANK]){a, b});
}

/* The arithmetic that is shown is that of the records, and it adds up. */
static void the_sentence_adds_up(void **state) {
    (void)state;
    Screen screen = screen_of(&TINY);
    Tiles tiles = tiles_now(&screen);
    size_t number = tiles_number(&tiles, 2, 1); /* queries 4 and 5, keys 3 to 5 */
    go_to_step(&screen, number + 1);
    const DrawList *list = draw(&screen, NULL);
    double before = cell(&screen, tiles.record[TILE_SUM], 0, 5), added = 0;
    double factor = cell(&screen, tiles.record[TILE_RESCALE], 1, 5);
    for (size_t j = 3; j < 6; j++)
        added += cell(&screen, tiles.record[TILE_WEIGHTS], 5, j);
    bool found = false;
    for (int d = 2; d <= 6 && !found; d++) {
        Arena *arena = ui_arena(screen.ui);
        found = says(list,
                     arena_printf(arena, "ℓ: %s · %s + %s = %s", text_number(arena, before, d),
                                  text_number(arena, factor, d), text_number(arena, added, d),
                                  text_number(arena, before * factor + added, 2)));
    }
    assert_true(found);
    screen_free(&screen);
}

/* The number that a click on it pins. */
static void numbers_can_be_pinned(void **state) {
    (void)state;
    Screen screen = screen_of(&TINY);
    Tiles tiles = tiles_now(&screen);
    go_to_step(&screen, tiles_number(&tiles, 2, 1) + 1);
    draw(&screen, NULL);
    Rect at = find(&screen, "stage/rescale[1,5]");
    screen.input.mouse_x = at.x + at.w / 2;
    screen.input.mouse_y = at.y + at.h / 2;
    screen.input.mouse_pressed = true;
    screen.input.mouse_down = true;
    draw(&screen, NULL);
    screen.input.mouse_pressed = screen.input.mouse_down = false;
    screen.input.mouse_released = true;
    ViewInput in = screen_input(&screen);
    screen.out.count = 0;
    ui_begin(screen.ui, &screen.input, (Rect){0, 0, screen.w, screen.h});
    stage_view(&in, (Rect){0, 0, screen.w, screen.h});
    ui_end(screen.ui);
    bool pinned = false;
    for (int i = 0; i < screen.out.count; i++) {
        const Intent *intent = &screen.out.intent[i];
        pinned = pinned ||
                 (intent->kind == INTENT_PIN && intent->node == tiles.record[TILE_RESCALE] &&
                  intent->index[0] == 1 && intent->index[1] == 5);
    }
    assert_true(pinned);
    screen_free(&screen);
}

/* Records of another head are not taken for those of the head in view. */
static void another_heads_tiles_are_not_shown(void **state) {
    (void)state;
    Screen screen = screen_of(&TINY);
    Rect grid;
    apply(&screen, (Intent){.kind = INTENT_HEAD, .value = 0});
    const DrawList *list = draw(&screen, NULL);
    assert_false(ui_find(screen.ui, "stage/scores", &grid, NULL));
    assert_true(says(list, "Going through the tiles"));
    screen_free(&screen);
}

/* ---- what a switch has changed ---- */

static void a_switch_is_measured(void **state) {
    (void)state;
    Arena arena = {0};
    Model *model = fixture_model(&TINY);
    Trace *standard = run(model, LENGTH, false), *flash = run(model, LENGTH, true),
          *other = run(model, LENGTH - 1, true);
    Switched switched;
    switched_measure(standard, flash, &arena, &switched);
    assert_true(switched.known);
    assert_int_equal(switched.before, ATTENTION_STANDARD);
    double most = 0;
    for (int layer = 0; layer < 2; layer++) {
        char name[32];
        snprintf(name, sizeof name, "blocks.%d.attn.hook_z", layer);
        const Tensor *a = &standard->value[trace_find(standard, name)];
        const Tensor *b = &flash->value[trace_find(flash, name)];
        for (size_t i = 0; i < tensor_count(a); i++)
            most = fmax(most, fabs((double)tensor_f32(a)[i] - (double)tensor_f32(b)[i]));
    }
    assert_true(switched.apart[switched.worst] == most && most < 1e-5);
    switched_measure(standard, standard, &arena, &switched);
    assert_false(switched.known);
    switched_measure(standard, other, &arena, &switched); /* another text */
    assert_false(switched.known);
    arena_free(&arena);
    trace_free(standard);
    trace_free(flash);
    trace_free(other);
    model_close(model);
}

/* ---- the KV cache ---- */

typedef struct {
    size_t steps;
    double flops, other;
    size_t used;
} Generated;

static bool go_on(void *user, int32_t id) {
    (void)user;
    (void)id;
    return true;
}

static void keep_step(void *user, const GenerateStep *step) {
    Generated *generated = user;
    generated->steps++;
    generated->flops = step->cost.flops;
    generated->other = step->other.flops;
    generated->used = step->cache_used;
}

/* The last row of a whole run costs what it costs in generation. */
static void a_step_is_counted_as_in_generation(void **state) {
    (void)state;
    Arena arena = {0};
    Err err = {{0}};
    Model *model = fixture_model(&TINY);
    static const int32_t ids[] = {0, 3, 6, 9, 1, 4};
    Generated generated = {0};
    GenerateOptions options = {.max_new_tokens = 2,
                               .sample = SAMPLE_GREEDY,
                               .token = go_on,
                               .step = keep_step,
                               .user = &generated};
    bool full;
    RunText text = {.ids = ids, .count = LENGTH - 1};
    if (!run_generate(model, &text, &options, &full, &err))
        fail_msg("%s", err.text);
    assert_int_equal(generated.steps, 2);
    Trace *trace = run(model, LENGTH, false);
    CacheStep step;
    assert_true(step_cost(trace, &arena, &step));
    assert_int_equal(step.row, LENGTH - 1);
    assert_true(step.flops == generated.flops && step.flops_without == generated.other);
    assert_int_equal(step.bytes, generated.used);
    assert_true(step.flops_without > step.flops);
    arena_free(&arena);
    trace_free(trace);
    model_close(model);
}

static bool drawn_rect(const DrawList *list, Rect rect) {
    for (size_t i = 0; i < list->count; i++)
        if (list->commands[i].kind == DRAW_RECT && same_rect(list->commands[i].rect, rect))
            return true;
    return false;
}

/* Keys: the rows that are there in a bracket, the new one framed. Scores: all rows but one dimmed. */
static void the_cache_is_marked(void **state) {
    (void)state;
    Model *model = fixture_model(&TINY);
    Screen screen = screen_begin(model, run(model, LENGTH, false), WIDTH, HEIGHT);
    CacheStep step;
    assert_true(step_cost(screen.trace, &screen.arena, &step));
    state_start(&screen.state, screen.trace, &screen.walk, "blocks.1.attn.hook_v");
    const DrawList *list = draw(&screen, &step);
    Rect grid = find(&screen, "stage/result");
    Rect last = draw_cell_rect(grid, 1, LENGTH, 0, LENGTH - 1);
    size_t D = screen.trace->graph.node[screen.state.now.node].dim[2];
    assert_true(says(list, "from the cache: 6 rows"));
    assert_true(framed(list, grid, (TileBox){0, 0, LENGTH - 1, LENGTH, 0, D}, THEME_DARK.hand));
    assert_true(drawn_rect(list, (Rect){grid.x + grid.w + 2, grid.y + 1, 4, last.y - grid.y - 2}));
    state_start(&screen.state, screen.trace, &screen.walk, "blocks.1.attn.hook_attn_scores_raw");
    list = draw(&screen, &step);
    grid = find(&screen, "stage/result");
    last = draw_cell_rect(grid, 1, LENGTH, 0, LENGTH - 1);
    assert_true(drawn_rect(list, (Rect){grid.x, grid.y, grid.w, last.y - grid.y}));
    assert_true(says(list, "and the 7 keys that it may look at"));
    assert_false(drawn_rect(draw(&screen, NULL), (Rect){grid.x, grid.y, grid.w, last.y - grid.y}));
    screen_free(&screen);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiles_cover_every_cell_once),
        cmocka_unit_test(seven_records_are_one_stage),
        cmocka_unit_test(steps_are_tiles_and_divisions),
        cmocka_unit_test(a_cell_is_done_with_its_tile),
        cmocka_unit_test(a_switch_keeps_the_place),
        cmocka_unit_test(the_tile_in_hand_is_framed),
        cmocka_unit_test(what_comes_later_is_hidden),
        cmocka_unit_test(rows_and_columns_are_tokens),
        cmocka_unit_test(a_skipped_tile_says_so),
        cmocka_unit_test(the_sentence_adds_up),
        cmocka_unit_test(numbers_can_be_pinned),
        cmocka_unit_test(another_heads_tiles_are_not_shown),
        cmocka_unit_test(a_switch_is_measured),
        cmocka_unit_test(a_step_is_counted_as_in_generation),
        cmocka_unit_test(the_cache_is_marked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
