/* app/views on models of two texts, of masked words, labels and experts: whose tokens stand at which
 * axis, what folds in the map, which chips there are, how a masked cell is crossed out. */
#include "app/views/common_heat.h"
#include "app/views/window_view.h"
#include "app/views/words.h"
#include "tests/screen.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WIDTH = 1280, HEIGHT = 800, OWN = 4, SOURCE = OWN + 1 };

/* The texts' tokens are called "own0", "own1" … and "src0" …: what stands at an axis tells whose it
 * is. */
static void name_tokens(Trace *trace, TraceText *text, const char *name) {
    const char **label = ARENA_NEW_N(&trace->arena, const char *, text->length);
    for (size_t i = 0; i < text->length; i++)
        label[i] = arena_printf(&trace->arena, "%s%zu", name, i);
    text->label = label;
}

static Screen screen_new(const char *folder, const char *stage) {
    Model *model = fixture_golden(&(FixtureFolder){.folder = folder});
    Screen screen = screen_begin(model, fixture_trace(model, OWN, &(RunOptions){0}), WIDTH, HEIGHT);
    name_tokens(screen.trace, &screen.trace->own, "own");
    if (screen.trace->source.length > 0)
        name_tokens(screen.trace, &screen.trace->source, "src");
    state_start(&screen.state, screen.trace, &screen.walk, stage);
    return screen;
}

static const DrawList *draw_at(Screen *screen, int w, int h) {
    ViewInput in = screen_input(screen);
    screen->out.count = 0;
    ui_begin(screen->ui, &screen->input, (Rect){0, 0, w, h});
    window_view(&in, w, h);
    ui_end(screen->ui);
    screen->input.mouse_pressed = screen->input.mouse_released = false;
    return ui_list(screen->ui);
}

static const DrawList *draw(Screen *screen) {
    return draw_at(screen, WIDTH, HEIGHT);
}

static const DrawList *show(Screen *screen) {
    draw(screen);
    return draw(screen);
}

static bool apply(Screen *screen, Intent intent) {
    return state_apply(&screen->state, screen->trace, &screen->walk, &intent, 0);
}

static void go(Screen *screen, const char *name) {
    apply(screen, (Intent){.kind = INTENT_GO, .node = trace_find(screen->trace, name)});
    assert_string_equal(screen->trace->graph.node[screen->state.now.node].name, name);
}

static const char *name_now(const Screen *screen) {
    return screen->trace->graph.node[screen->state.now.node].name;
}

static bool has(Screen *screen, const char *id) {
    return ui_find(screen->ui, id, NULL, NULL);
}

static void click(Screen *screen, const char *id) {
    Rect rect, visible;
    show(screen);
    if (!ui_find(screen->ui, id, &rect, &visible) || visible.h <= 0)
        fail_msg("%s can't be clicked", id);
    screen->input.mouse_x = visible.x + visible.w / 2;
    screen->input.mouse_y = visible.y + visible.h / 2;
    draw(screen);
    screen->input.mouse_pressed = screen->input.mouse_down = true;
    screen->input.mouse_clicks = 1;
    draw(screen);
    screen->input.mouse_down = false;
    screen->input.mouse_released = true;
    draw(screen);
    for (int i = 0; i < screen->out.count; i++)
        apply(screen, screen->out.intent[i]);
    screen->input.mouse_x = screen->input.mouse_y = -1;
}

/* ---- whose tokens ---- */

/* A text, turned or not, that begins in the area. */
static bool has_text(const DrawList *list, const char *text, bool turned, Rect area) {
    for (size_t i = 0; i < list->count; i++) {
        const DrawCommand *c = &list->commands[i];
        if (c->kind == DRAW_TEXT && c->as.text.bytes == strlen(text) &&
            memcmp(c->as.text.text, text, c->as.text.bytes) == 0 &&
            (fabsf(c->as.text.angle) > 1) == turned &&
            rect_has(area, (int)c->as.text.x, (int)c->as.text.baseline))
            return true;
    }
    return false;
}

static void check_axes(Screen *screen, const char *id, const char *rows, size_t row_count,
                       const char *columns, size_t column_count) {
    const DrawList *list = show(screen);
    Rect grid;
    char label[64];
    if (!ui_find(screen->ui, id, &grid, NULL))
        fail_msg("no %s", id);
    for (size_t i = 0; rows && i < row_count; i++) {
        Rect cell = draw_cell_rect(grid, 1, (int)row_count, 0, (int)i);
        snprintf(label, sizeof label, "%s%zu", rows, i);
        if (!has_text(list, label, false, (Rect){grid.x - 110, cell.y - 4, 110, cell.h + 8}))
            fail_msg("%s: row %zu of %s is not called %s", name_now(screen), i, id, label);
    }
    for (size_t i = 0; columns && i < column_count; i++) {
        Rect cell = draw_cell_rect(grid, (int)column_count, 1, (int)i, 0);
        snprintf(label, sizeof label, "%s%zu", columns, i);
        if (!has_text(list, label, true, (Rect){cell.x, grid.y - 60, cell.w + 8, 60}))
            fail_msg("%s: column %zu of %s is not called %s", name_now(screen), i, id, label);
    }
}

static void axes_have_their_own_tokens(void **state) {
    (void)state;
    static const char *const folders[] = {"tests/golden/bart-a", "tests/golden/t5-a",
                                          "tests/golden/marian-a"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        Screen screen = screen_new(folders[i], "decoder.0.cross_attn.hook_pattern");
        check_axes(&screen, "stage/result", "own", OWN, "src", SOURCE);
        go(&screen, "decoder.0.cross_attn.hook_attn_scores_raw");
        check_axes(&screen, "stage/result", "own", OWN, "src", SOURCE);
        go(&screen, "decoder.0.cross_attn.hook_attn_scores");
        check_axes(&screen, "stage/in0", "own", OWN, "src", SOURCE);
        go(&screen, "decoder.0.cross_attn.hook_z");
        check_axes(&screen, "stage/in1", "src", SOURCE, NULL, 0);
        check_axes(&screen, "stage/in0", NULL, 0, "src", SOURCE);
        check_axes(&screen, "stage/result", "own", OWN, NULL, 0);
        go(&screen, "decoder.0.cross_attn.hook_k");
        check_axes(&screen, "stage/result", "src", SOURCE, NULL, 0);
        go(&screen, "decoder.0.cross_attn.hook_q");
        check_axes(&screen, "stage/result", "own", OWN, NULL, 0);
        go(&screen, "decoder.0.attn.hook_pattern");
        check_axes(&screen, "stage/result", "own", OWN, "own", OWN);
        go(&screen, "encoder.0.attn.hook_pattern");
        check_axes(&screen, "stage/result", "src", SOURCE, "src", SOURCE);
        go(&screen, "encoder.0.mlp.hook_post");
        check_axes(&screen, "stage/in0", "src", SOURCE, NULL, 0);
        screen_free(&screen);
    }
}

static const char *caption(Screen *screen, size_t number) {
    OpStep step;
    UiSpan *spans;
    const char *text = "";
    state_step(&screen->state, screen->trace, &screen->walk, number, &step);
    size_t count = word_caption(&screen->arena, &THEME_DARK, screen->trace, screen->model,
                                &screen->trace->graph.node[screen->state.now.node], &step, &spans);
    for (size_t i = 0; i < count; i++)
        text = arena_printf(&screen->arena, "%s%s", text, spans[i].text);
    return text;
}

/* The head in view is one of queries; its keys may be those of another number. */
static void captions_name_shared_heads(void **state) {
    (void)state;
    Screen screen = screen_new("tests/golden/qwen2-a", "blocks.0.attn.hook_k");
    assert_non_null(strstr(caption(&screen, 0), "kv_head 0"));
    assert_non_null(strstr(caption(&screen, 0), "and a bias"));
    go(&screen, "blocks.0.attn.hook_rot_k");
    assert_non_null(strstr(caption(&screen, 0), "kv_head 0"));
    go(&screen, "blocks.0.attn.hook_q");
    assert_null(strstr(caption(&screen, 0), "kv_head"));
    screen_free(&screen);
}

static void captions_name_the_right_text(void **state) {
    (void)state;
    Screen screen = screen_new("tests/golden/bart-a", "decoder.0.cross_attn.hook_attn_scores_raw");
    const char *text = caption(&screen, 1 * SOURCE + 4); /* query 1, key 4: only a source has it */
    assert_non_null(strstr(text, "“own1”"));
    assert_non_null(strstr(text, "“src4”"));
    go(&screen, "encoder.hook_embed");
    assert_non_null(strstr(caption(&screen, 4), "“src4”"));
    screen_free(&screen);
}

static bool says(const DrawList *list, const char *text) {
    for (size_t i = 0; i < list->count; i++) {
        const DrawCommand *c = &list->commands[i];
        if (c->kind == DRAW_TEXT && c->as.text.bytes == strlen(text) &&
            memcmp(c->as.text.text, text, c->as.text.bytes) == 0)
            return true;
    }
    return false;
}

static void inspector_names_both_texts(void **state) {
    (void)state;
    Screen screen = screen_new("tests/golden/bart-a", "decoder.0.cross_attn.hook_pattern");
    apply(&screen, (Intent){.kind = INTENT_PIN, .index = {0, 2, 4}});
    const DrawList *list = show(&screen);
    assert_true(says(list, "own2"));
    assert_true(says(list, "src4"));
    assert_false(says(list, "own4"));
    screen_free(&screen);
}

/* ---- the map ---- */

static void blocks_fold_by_stack(void **state) {
    (void)state;
    Screen screen = screen_new("tests/golden/bart-a", "encoder.hook_tokens");
    const Node *encoder =
        &screen.trace->graph.node[trace_find(screen.trace, "encoder.0.attn.hook_q")];
    const Node *decoder =
        &screen.trace->graph.node[trace_find(screen.trace, "decoder.0.attn.hook_q")];
    assert_int_not_equal(node_block(encoder), node_block(decoder));
    click(&screen, "map/encoder/0");
    assert_true(state_block_open(&screen.state, node_block(encoder)));
    assert_false(state_block_open(&screen.state, node_block(decoder)));
    show(&screen);
    assert_true(has(&screen, "map/encoder.0.attn.hook_q"));
    assert_false(has(&screen, "map/decoder.0.attn.hook_q"));
    click(&screen, "map/encoder/0");
    assert_false(state_block_open(&screen.state, node_block(encoder)));
    assert_false(
        apply(&screen, (Intent){.kind = INTENT_FOLD,
                                .value = STATE_LAYERS + screen.walk.layers[STACK_ENCODER]}));
    screen_free(&screen);
}

static void layers_are_those_of_the_stack(void **state) {
    (void)state;
    Screen screen = screen_new("tests/golden/bart-a", "encoder.0.attn.hook_pattern");
    assert_int_equal(screen.walk.layers[STACK_ENCODER], 2);
    assert_int_equal(screen.walk.layers[STACK_OWN], 1);
    Intent on = {.kind = INTENT_LAYER, .value = 1}, back = {.kind = INTENT_LAYER, .value = -1};
    assert_true(apply(&screen, on));
    assert_string_equal(name_now(&screen), "encoder.1.attn.hook_pattern");
    assert_true(apply(&screen, on)); /* a post-LN encoder has nothing behind its blocks */
    assert_string_equal(name_now(&screen), "decoder.hook_tokens");
    assert_true(apply(&screen, on));
    assert_int_equal(node_block_kind(&screen.trace->graph.node[screen.state.now.node]),
                     BLOCK_DECODER);
    assert_true(apply(&screen, back));
    assert_true(apply(&screen, back));
    assert_int_equal(screen.trace->graph.node[screen.state.now.node].stack, STACK_ENCODER);
    screen_free(&screen);
}

/* In a small window the blocks lose their labels, not the stacks. */
static void stacks_are_named_on_the_timeline(void **state) {
    (void)state;
    Screen screen = screen_new("tests/golden/bart-a", "decoder.hook_tokens");
    const DrawList *list = draw_at(&screen, 560, 420);
    assert_true(says(list, word(WORD_TICK_ENCODER)));
    assert_true(says(list, word(WORD_TICK_DECODER)));
    assert_true(says(show(&screen), "Tokens: what the decoder has said so far"));
    screen_free(&screen);
}

static void every_stage_is_in_the_map(void **state) {
    (void)state;
    static const char *const folders[] = {"tests/golden/bart-a", "tests/golden/t5-a",
                                          "tests/golden/mixtral-a", "tests/golden/bert-b",
                                          "tests/golden/lstm-a"};
    for (size_t f = 0; f < sizeof folders / sizeof *folders; f++) {
        Screen screen = screen_new(folders[f], NULL);
        for (int stage = 0; stage < screen.walk.count; stage++) {
            const char *name = screen.trace->graph.node[screen.walk.node[stage]].name;
            char id[128];
            Rect rect, visible;
            go(&screen, name);
            show(&screen);
            snprintf(id, sizeof id, "map/%s", name);
            if (!ui_find(screen.ui, id, &rect, &visible) || visible.h < rect.h)
                fail_msg("%s is not in view", id);
        }
        screen_free(&screen);
    }
}

static void heads_are_those_of_the_stack(void **state) {
    (void)state;
    Screen screen = screen_new("tests/golden/bart-a", "decoder.0.attn.hook_pattern");
    assert_int_equal(screen.walk.heads[STACK_ENCODER], 2);
    assert_int_equal(screen.walk.heads[STACK_OWN], 3);
    assert_true(apply(&screen, (Intent){.kind = INTENT_HEAD, .value = 2}));
    show(&screen);
    assert_true(has(&screen, "stage/head/2"));
    go(&screen, "encoder.0.attn.hook_pattern");
    show(&screen);
    assert_true(has(&screen, "stage/head/1"));
    assert_false(has(&screen, "stage/head/2"));
    assert_false(apply(&screen, (Intent){.kind = INTENT_HEAD, .value = 2}));
    const Node *node = &screen.trace->graph.node[screen.state.now.node];
    assert_int_equal(state_head(&screen.state, &screen.walk, node), 1);
    go(&screen, "decoder.0.attn.hook_pattern"); /* the head comes back */
    node = &screen.trace->graph.node[screen.state.now.node];
    assert_int_equal(state_head(&screen.state, &screen.walk, node), 2);
    screen_free(&screen);
}

/* ---- chips ---- */

static void chips_of_two_texts(void **state) {
    (void)state;
    Screen screen = screen_new("tests/golden/bart-a", "decoder.0.cross_attn.hook_pattern");
    show(&screen);
    assert_true(has(&screen, "chip/source/4"));
    assert_true(has(&screen, "chip/3"));
    assert_true(has(&screen, "chip/next"));
    click(&screen, "chip/2");
    assert_true(screen.state.now.pinned);
    assert_int_equal(screen.state.now.cell[1], 2);
    click(&screen, "chip/source/4"); /* the column, in the same row */
    assert_int_equal(screen.state.now.cell[1], 2);
    assert_int_equal(screen.state.now.cell[2], 4);
    go(&screen, "encoder.hook_embed");
    click(&screen, "chip/2"); /* no axis of this stage counts the output */
    assert_false(screen.state.now.pinned);
    click(&screen, "chip/source/2");
    assert_true(screen.state.now.pinned);
    assert_int_equal(screen.state.now.cell[0], 2);
    screen_free(&screen);
}

static void answers_suit_the_task(void **state) {
    (void)state;
    static const struct {
        const char *folder, *answer;
    } tasks[] = {{"tests/golden/bert-a", "chip/here/1"},
                 {"tests/golden/bert-b", "chip/label"},
                 {.folder = "tests/golden/bert-c"},
                 {.folder = "tests/golden/bert-d"}};
    for (size_t i = 0; i < sizeof tasks / sizeof *tasks; i++) {
        Screen screen = screen_new(tasks[i].folder, NULL);
        screen.trace->own.piece[1] = "[MASK]";
        show(&screen);
        assert_false(has(&screen, "chip/next"));
        assert_int_equal(has(&screen, "chip/here/1"), i == 0);
        assert_int_equal(has(&screen, "chip/label"), i == 1);
        if (tasks[i].answer) {
            click(&screen, tasks[i].answer);
            assert_string_equal(name_now(&screen), i == 0 ? "probs" : "classifier.hook_probs");
            assert_true(screen.state.now.pinned);
            assert_int_equal(screen.state.now.cell[0], i == 0 ? 1 : 0);
        }
        screen_free(&screen);
    }
}

/* A tagged token's chip tells its label, but not before the walk has come to it. */
static void tags_are_told_at_the_end(void **state) {
    (void)state;
    Screen screen = screen_new("tests/golden/bert-c", NULL);
    int node = trace_find(screen.trace, "classifier.hook_probs");
    size_t best = 0, labels = screen.trace->graph.node[node].dim[1];
    for (size_t i = 1; i < labels; i++)
        if (trace_get(screen.trace, node, (size_t[]){2, i}) >
            trace_get(screen.trace, node, (size_t[]){2, best}))
            best = i;
    const char *label = screen.trace->class_name[best];
    assert_false(says(show(&screen), label));
    go(&screen, "classifier.hook_probs");
    assert_true(says(show(&screen), label));
    screen_free(&screen);
}

/* ---- masks ---- */

static DrawHatch hatch_at(Screen *screen, size_t columns, size_t row, size_t column) {
    const DrawList *list = show(screen);
    Rect grid;
    assert_true(ui_find(screen->ui, "stage/result", &grid, NULL));
    for (size_t i = 0; i < list->count; i++) {
        const DrawCommand *c = &list->commands[i];
        if (c->kind == DRAW_CELLS && c->rect.x == grid.x && c->rect.y == grid.y)
            return (DrawHatch)c->as.cells.hatch[row * columns + column];
    }
    fail_msg("no grid");
    return DRAW_HATCH_NONE;
}

static void reasons_are_crossed_out_differently(void **state) {
    (void)state;
    static const char *const stages[] = {"blocks.0.attn.hook_attn_scores",
                                         "blocks.0.attn.hook_pattern"};
    for (size_t i = 0; i < 2; i++) {
        Screen bert = screen_new("tests/golden/bert-a", stages[i]); /* the last token is padding */
        assert_int_equal(hatch_at(&bert, OWN, 0, 3), DRAW_HATCH_CROSS);
        assert_int_equal(hatch_at(&bert, OWN, 0, 2), DRAW_HATCH_NONE);
        assert_true(says(show(&bert), word(WORD_LEGEND_PADDING)));
        assert_false(says(show(&bert), word(WORD_LEGEND_LATER)));
        screen_free(&bert);
        Screen window = screen_new("tests/golden/mistral-a", stages[i]); /* a window of 3 */
        assert_int_equal(hatch_at(&window, OWN, 0, 1), DRAW_HATCH_RISING);
        assert_int_equal(hatch_at(&window, OWN, 3, 0), DRAW_HATCH_FALLING);
        assert_int_equal(hatch_at(&window, OWN, 3, 1), DRAW_HATCH_NONE);
        assert_true(says(show(&window), word(WORD_LEGEND_OUTSIDE)));
        screen_free(&window);
    }
}

/* ---- experts ---- */

static void choices_are_told_by_expert(void **state) {
    (void)state;
    Screen screen = screen_new("tests/golden/mixtral-a", "blocks.0.mlp.hook_expert_out");
    int route = trace_find(screen.trace, "blocks.0.mlp.hook_expert_indices");
    screen.state.now.head = 1; /* heads say nothing about choices */
    for (size_t choice = 0; choice < 2; choice++) {
        char label[32];
        size_t expert = (size_t)trace_get(screen.trace, route, (size_t[]){2, choice});
        snprintf(label, sizeof label, "own2 → %zu", expert);
        apply(&screen, (Intent){.kind = INTENT_HEAD, .value = (long)choice});
        assert_true(says(show(&screen), label));
    }
    assert_false(apply(&screen, (Intent){.kind = INTENT_HEAD, .value = 2}));
    assert_int_equal(screen.state.now.head, 1);
    screen_free(&screen);
}

/* An expert's weight is called by its own tensor of the file. */
static void expert_weights_have_their_names(void **state) {
    (void)state;
    Screen screen = screen_new("tests/golden/mixtral-a", "blocks.1.mlp.hook_pre");
    int route = trace_find(screen.trace, "blocks.1.mlp.hook_expert_indices");
    int node = screen.state.now.node;
    size_t expert = (size_t)trace_get(screen.trace, route, (size_t[]){3, 0});
    OpOperand operand = {.slot = 1, .rank = 3, .index = {expert, 0, 0}};
    OperandName name;
    char part[32];
    trace_operand(screen.trace, node, &operand, &name);
    snprintf(part, sizeof part, "experts.%zu.", expert);
    assert_int_equal(name.kind, OPERAND_WEIGHT);
    assert_non_null(strstr(name.name, part));
    apply(&screen, (Intent){.kind = INTENT_PIN, .index = {3, 0, 2}});
    click(&screen, "inspector/term/0/1");
    const DrawList *list = show(&screen);
    bool named = false;
    for (size_t i = 0; i < list->count; i++) {
        const DrawCommand *c = &list->commands[i];
        char text[256] = "";
        if (c->kind == DRAW_TEXT && c->as.text.bytes < sizeof text)
            memcpy(text, c->as.text.text, c->as.text.bytes);
        named = named || strstr(text, part);
    }
    assert_true(named);
    screen_free(&screen);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(axes_have_their_own_tokens),
        cmocka_unit_test(captions_name_the_right_text),
        cmocka_unit_test(captions_name_shared_heads),
        cmocka_unit_test(inspector_names_both_texts),
        cmocka_unit_test(blocks_fold_by_stack),
        cmocka_unit_test(layers_are_those_of_the_stack),
        cmocka_unit_test(stacks_are_named_on_the_timeline),
        cmocka_unit_test(every_stage_is_in_the_map),
        cmocka_unit_test(heads_are_those_of_the_stack),
        cmocka_unit_test(chips_of_two_texts),
        cmocka_unit_test(answers_suit_the_task),
        cmocka_unit_test(tags_are_told_at_the_end),
        cmocka_unit_test(reasons_are_crossed_out_differently),
        cmocka_unit_test(choices_are_told_by_expert),
        cmocka_unit_test(expert_weights_have_their_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
