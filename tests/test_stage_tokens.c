/* The tokenizer's steps in the window: the walk takes the tokens in them, every step of every kind of
 * tokenizer draws at every size, and words, chips and captions lead to and tell the right one. */
#include "app/views/stage.h"
#include "app/views/timeline.h"
#include "app/views/words.h"
#include "tests/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define GOLDEN "tests/golden/tokenizer/small-"

typedef struct {
    Model *model;
    Tokenizer *tok;
    Trace *trace;
    Arena arena;
    TokSteps steps;
    Walk walk;
    ViewState state;
    ViewWidgets widgets;
    Intents out;
    Ui *ui;
    int w, h;
} Screen;

static Trace *run_text(const Screen *screen, const TokenList *list) {
    Err err = {0};
    Arena arena = {0};
    int32_t *ids = ARENA_NEW_N(&arena, int32_t, list->count);
    for (size_t i = 0; i < list->count; i++)
        ids[i] = list->token[i].id;
    Trace *trace = run_trace(screen->model, &(RunText){.ids = ids, .count = list->count},
                             &(RunOptions){0}, &err);
    if (!trace)
        fail_msg("%s", err.text);
    arena_free(&arena);
    return trace;
}

/* At the tokens of `text`, whole. */
static void screen_open(Screen *screen, const char *tokenizer, const char *text) {
    static const TinyModel tiny = {.n_vocab = 700, .n_ctx = 128};
    Err err = {0};
    *screen = (Screen){.model = fixture_model(&tiny), .w = 760, .h = 600};
    screen->tok = tok_load(tokenizer, &screen->arena, &err);
    if (!screen->tok)
        fail_msg("%s", err.text);
    screen->model->tok = screen->tok;
    if (!tok_steps(screen->tok, text, strlen(text), true, &screen->arena, &screen->steps, &err))
        fail_msg("%s", err.text);
    screen->trace = run_text(screen, &screen->steps.tokens);
    walk_make(screen->trace, &screen->arena, &screen->walk);
    walk_tok_steps(&screen->walk, screen->trace, &screen->steps);
    state_start(&screen->state, screen->trace, &screen->walk, "hook_tokens");
    screen->ui = ui_new(&TEXT_FIXED, &THEME_DARK, (UiClipboard){0});
}

static void screen_close(Screen *screen) {
    ui_free(screen->ui);
    found_forget(&screen->widgets.found);
    trace_free(screen->trace);
    screen->model->tok = NULL; /* it is the screen's */
    model_close(screen->model);
    tok_free(screen->tok);
    arena_free(&screen->arena);
}

static ViewInput input_of(Screen *screen) {
    return (ViewInput){.ui = screen->ui,
                       .theme = &THEME_DARK,
                       .trace = screen->trace,
                       .model = screen->model,
                       .walk = &screen->walk,
                       .state = &screen->state,
                       .widgets = &screen->widgets,
                       .out = &screen->out};
}

static const DrawList *show(Screen *screen, const UiInput *input) {
    ViewInput in = input_of(screen);
    screen->out.count = 0;
    ui_begin(screen->ui, input, (Rect){0, 0, screen->w, screen->h});
    stage_view(&in, (Rect){0, 0, screen->w, screen->h});
    ui_end(screen->ui);
    return ui_list(screen->ui);
}

static const DrawList *show_still(Screen *screen) {
    return show(screen, &(UiInput){.mouse_x = -1, .mouse_y = -1});
}

static bool apply(Screen *screen, Intent intent) {
    return state_apply(&screen->state, screen->trace, &screen->walk, &intent, 0);
}

static const char *caption(Screen *screen, Arena *arena) {
    ViewInput in = input_of(screen);
    UiSpan *spans;
    ui_begin(screen->ui, &(UiInput){0}, (Rect){0, 0, 100, 100});
    size_t count = timeline_caption(&in, &spans);
    const char *text = "";
    for (size_t i = 0; i < count; i++)
        text = arena_printf(arena, "%s%s", text, spans[i].text);
    ui_end(screen->ui);
    return text;
}

static void expect_caption(Screen *screen, const char *expected) {
    Arena arena = {0};
    assert_string_equal(caption(screen, &arena), expected);
    arena_free(&arena);
}

static const TokStep *step_now(const Screen *screen) {
    return &screen->steps.step[screen->state.now.step - 1];
}

/* ---- The walk -------------------------------------------------------------------------------- */

static void tokens_are_taken_in_the_tokenizers_steps(void **s) {
    (void)s;
    Screen screen;
    screen_open(&screen, GOLDEN "bert.json", "cats");
    size_t count = screen.steps.count;
    assert_int_equal(state_steps(&screen.state, &screen.walk), count);
    assert_true(state_whole(&screen.state, &screen.walk));
    apply(&screen, (Intent){.kind = INTENT_FIRST});
    for (size_t i = 0; i <= count; i++) {
        assert_true(state_tokenizing(&screen.state, &screen.walk));
        assert_int_equal(screen.state.now.step, i);
        apply(&screen, (Intent){.kind = INTENT_STEP, .value = 1});
    }
    assert_false(state_tokenizing(&screen.state, &screen.walk));
    assert_int_equal(screen.state.now.step, 0);
    apply(&screen, (Intent){.kind = INTENT_STEP, .value = -1});
    assert_int_equal(screen.state.now.step, count);
    screen_close(&screen);
}

static void a_token_is_done_when_its_word_is(void **s) {
    (void)s;
    Screen screen;
    screen_open(&screen, GOLDEN "bert.json", "the cats");
    for (size_t step = 0; step <= screen.steps.count; step++) {
        screen.state.now.step = step;
        for (size_t i = 0; i < screen.trace->own.length; i++)
            assert_int_equal(state_cell_done(&screen.state, screen.trace, &screen.walk, &i),
                             screen.steps.settled[i] < step);
    }
    screen_close(&screen);
}

/* A chip above the picture: goes on to the step that made it. */
static void a_chip_leads_to_its_step(void **s) {
    (void)s;
    Screen screen;
    screen_open(&screen, GOLDEN "t5.json", "the cats played");
    for (size_t i = 0; i < screen.trace->own.length; i++) {
        screen.state.now.step = 0;
        screen.state.now.pinned = false;
        assert_true(apply(&screen, (Intent){.kind = INTENT_ROW, .value = (long)i}));
        assert_true(screen.state.now.pinned);
        assert_int_equal(screen.state.now.step, screen.steps.settled[i] + 1);
        assert_int_equal(step_now(&screen)->kind,
                         screen.steps.tokens.token[i].added ? TOK_STEP_FRAME : TOK_STEP_PIECES);
    }
    screen_close(&screen);
}

static void a_new_text_keeps_the_whole_whole(void **s) {
    (void)s;
    Screen screen;
    Err err = {0};
    TokSteps steps;
    Walk walk;
    screen_open(&screen, GOLDEN "tokenizer.json", "뷁뷁뷁뷁");
    assert_true(screen.steps.count <= screen.trace->own.length); /* few steps, many bytes */
    const char *text = "the cats and the cats";
    assert_true(tok_steps(screen.tok, text, strlen(text), true, &screen.arena, &steps, &err));
    Trace *trace = run_text(&screen, &steps.tokens);
    walk_make(trace, &screen.arena, &walk);
    walk_tok_steps(&walk, trace, &steps);
    state_rebind(&screen.state, screen.trace, &screen.walk, trace, &walk);
    assert_true(state_whole(&screen.state, &walk));
    assert_int_equal(screen.state.now.step, steps.count);
    trace_free(trace);
    screen_close(&screen);
}

/* ---- Drawing --------------------------------------------------------------------------------- */

/* The piece, candidate or word that the step is about; NULL: several. */
static const char *about(const Screen *screen, const TokStep *step) {
    switch (step->kind) {
    case TOK_STEP_MERGE:
    case TOK_STEP_OFFER:
    case TOK_STEP_BACK: return tok_piece(screen->tok, step->id);
    case TOK_STEP_TRY: return step->name;
    case TOK_STEP_PIECES: return tok_piece(screen->tok, step->of.tokens.token[0].id);
    default: return NULL;
    }
}

static void expect_drawn(Screen *screen, size_t number) {
    Arena arena = {0};
    const TokStep *step = &screen->steps.step[number];
    const DrawList *list = show_still(screen);
    const char *text = about(screen, step);
    if (text && !draw_list_has_text(list, &TEXT_FIXED, text))
        fail_msg("step %zu (%s) at %d × %d does not show %s", number, tok_step_name(step->kind),
                 screen->w, screen->h, text);
    const char *said = caption(screen, &arena);
    if (strchr(said, '{') || (text && !strstr(said, text) && step->kind != TOK_STEP_PIECES))
        fail_msg("step %zu (%s): \"%s\"", number, tok_step_name(step->kind), said);
    arena_free(&arena);
}

static void draw_all(const char *path, bool *seen) {
    static const int size[][2] = {{400, 224}, {480, 330}, {760, 520}, {1320, 900}};
    Screen screen;
    screen_open(&screen, path, "The cäts pl€yed <s> 한 x");
    for (size_t i = 0; i < screen.steps.count; i++) {
        seen[screen.steps.step[i].kind] = true;
        for (size_t j = 0; j < sizeof size / sizeof *size; j++) {
            screen.w = size[j][0];
            screen.h = size[j][1];
            screen.state.now.step = i + 1;
            if (i + 1 < screen.steps.count) /* the whole are cards */
                expect_drawn(&screen, i);
            else
                show_still(&screen);
        }
    }
    screen_close(&screen);
}

static void every_step_draws_at_every_size(void **s) {
    (void)s;
    static const char WORDS[] = "{\"pre_tokenizer\":{\"type\":\"WhitespaceSplit\"},\"model\":"
                                "{\"type\":\"WordLevel\",\"unk_token\":\"?\",\"vocab\":"
                                "{\"The\":0,\"?\":1,\"한\":2}}}";
    bool seen[TOK_STEP_FRAME + 1] = {false};
    char *folder = tiny_folder_new(), path[512];
    draw_all(GOLDEN "tokenizer.json", seen);
    draw_all(GOLDEN "llama.json", seen);
    draw_all(GOLDEN "bert.json", seen);
    draw_all(GOLDEN "t5.json", seen);
    tiny_file_write(folder, "words.json", WORDS, sizeof WORDS - 1);
    snprintf(path, sizeof path, "%s/words.json", folder);
    draw_all(path, seen);
    tiny_folder_remove(folder);
    for (int i = 0; i <= TOK_STEP_FRAME; i++)
        if (!seen[i])
            fail_msg("no step is a %s", tok_step_name((TokStepKind)i));
}

static void click_on(Screen *screen, const char *id) {
    Rect rect;
    show_still(screen);
    if (!ui_find(screen->ui, id, &rect, NULL))
        fail_msg("no %s", id);
    UiInput input = {.mouse_x = rect.x + rect.w / 2, .mouse_y = rect.y + rect.h / 2};
    show(screen, &input);
    input.mouse_pressed = input.mouse_down = true;
    input.mouse_clicks = 1;
    show(screen, &input);
    input.mouse_pressed = input.mouse_down = false;
    input.mouse_released = true;
    show(screen, &input);
    for (int i = 0; i < screen->out.count; i++)
        apply(screen, screen->out.intent[i]);
}

static void a_word_leads_to_its_first_step(void **s) {
    (void)s;
    Screen screen;
    screen_open(&screen, GOLDEN "bert.json", "the cats played");
    click_on(&screen, "stage/how");
    assert_int_equal(screen.state.now.step, 0);
    assert_true(draw_list_has_text(show_still(&screen), &TEXT_FIXED, "Nothing is done yet"));
    screen.state.now.step = screen.steps.word[0].first + 1;
    for (size_t word = 3; word-- > 0;) {
        char id[32];
        snprintf(id, sizeof id, "stage/word/%zu", word);
        click_on(&screen, id);
        assert_int_equal(screen.state.now.step, screen.steps.word[word].first + 1);
        assert_int_equal(step_now(&screen)->word, word);
    }
    screen_close(&screen);
}

/* ---- Captions -------------------------------------------------------------------------------- */

static void go_to(Screen *screen, TokStepKind kind, size_t which) {
    for (size_t i = 0; i < screen->steps.count; i++)
        if (screen->steps.step[i].kind == kind && which-- == 0) {
            screen->state.now.step = i + 1;
            return;
        }
    fail_msg("no such step: %s", tok_step_name(kind));
}

static void captions_tell_the_step(void **s) {
    (void)s;
    Screen screen;
    screen_open(&screen, GOLDEN "bert.json", "cats \xc3\xb1");
    go_to(&screen, TOK_STEP_TRY, 0);
    expect_caption(&screen, "“cats” is not in the vocabulary: one character less is tried.");
    go_to(&screen, TOK_STEP_TRY, 1);
    expect_caption(&screen,
                   "“cat” is the longest that is in the vocabulary, as number 160: it is taken.");
    screen_close(&screen);
    screen_open(&screen, GOLDEN "t5.json", "cats");
    go_to(&screen, TOK_STEP_OFFER, 0);
    expect_caption(&screen,
                   "“▁”: 0.000 at place 0, and its score −2.229, make −2.229. The first way "
                   "to place 1.");
    go_to(&screen, TOK_STEP_OFFER, 4);
    expect_caption(&screen, "“c”: −2.229 at place 1, and its score −6.692, make −8.921. No better "
                            "than −5.317 at place 2.");
    go_to(&screen, TOK_STEP_FRAME, 0);
    screen.state.stepped = true;
    expect_caption(&screen, "The post-processor adds 1 token for the model: 3 in all.");
    screen.state.stepped = false;
    expect_caption(&screen, word_stage_about(&screen.trace->graph.node[screen.state.now.node]));
    screen_close(&screen);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_are_taken_in_the_tokenizers_steps),
        cmocka_unit_test(a_token_is_done_when_its_word_is),
        cmocka_unit_test(a_chip_leads_to_its_step),
        cmocka_unit_test(a_new_text_keeps_the_whole_whole),
        cmocka_unit_test(every_step_draws_at_every_size),
        cmocka_unit_test(a_word_leads_to_its_first_step),
        cmocka_unit_test(captions_tell_the_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
