/* The worker and the program behind the window, without a window: the newest text wins, what can't
 * be run is told, and the last good trace stays. Time is the test's own. */
#include "app/open_prompt.h"
#include "app/views/words.h"
#include "app/window_app.h"
#include "engine/base/file.h"
#include "tests/tiny_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define MUCH ((size_t)1 << 30) /* memory enough for all stages */
#define LITTLE ((size_t)9000)  /* for 8 tokens of a tiny model: not for all */

static void no_wake(void) {
}

static char *write_model(size_t layers, bool tokenizer) {
    char *folder = tiny_folder_new();
    TinyModel tiny = {.n_layers = layers, .tokenizer = tokenizer};
    tiny_model_write(folder, &tiny);
    return folder;
}

static SharedModel *open_shared(const char *folder) {
    Err err = {0};
    Model *model = model_open(folder, &err);
    if (!model)
        fail_msg("%s", err.text);
    return shared_model_new(model);
}

static void copy_file(const char *from, const char *to, const char *name) {
    Arena arena = {0};
    Err err = {0};
    FileMap map;
    if (!file_map(file_join(&arena, from, name), &map, &err))
        fail_msg("%s", err.text);
    tiny_file_write(to, name, map.bytes, map.size);
    file_unmap(&map);
    arena_free(&arena);
}

/* A golden folder with a tokenizer of its own. */
static char *golden_with_words(const char *golden) {
    char *folder = tiny_folder_new();
    copy_file(golden, folder, "config.json");
    copy_file(golden, folder, "model.safetensors");
    SharedModel *model = open_shared(folder);
    tiny_tokenizer_write(folder, shared_model(model)->config.n_vocab);
    shared_model_drop(model);
    return folder;
}

static void nap(void) {
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static void drop_result(WorkResult *result) {
    trace_free(result->trace);
    shared_model_drop(result->model);
    arena_free(&result->arena);
}

static WorkResult wait_result(Worker *worker, uint64_t number) {
    WorkResult result = {0};
    for (int i = 0; i < 20000; i++) {
        if (worker_take(worker, &result) && result.number == number)
            return result;
        drop_result(&result);
        result = (WorkResult){0};
        nap();
    }
    fail_msg("no result of request %d", (int)number);
    return result;
}

static uint64_t ask(Worker *worker, const char *folder, const char *text) {
    return worker_ask(worker, &(WorkAsk){.folder = folder, .text = text, .size = strlen(text)});
}

/* ---- The worker ------------------------------------------------------------------------------ */

static void the_newest_request_wins(void **state) {
    (void)state;
    char *folder = write_model(2, true);
    SharedModel *model = open_shared(folder);
    Err err = {0};
    Worker *worker = worker_new(model, &(WorkerOptions){.threads = 2, .max_bytes = MUCH}, no_wake,
                                &err);
    assert_non_null(worker);
    assert_false(worker_busy(worker));
    for (int i = 0; i < 50; i++)
        ask(worker, NULL, "w1 w2 w3 w1 w2 w3 w1 w2");
    uint64_t last = ask(worker, NULL, "w5 w6");
    assert_int_equal(last, 51);
    assert_true(worker_busy(worker));
    WorkResult result = wait_result(worker, last);
    assert_int_equal(result.outcome, WORK_DONE);
    assert_int_equal(result.trace->own.length, 2);
    assert_false(worker_busy(worker));
    WorkResult none;
    assert_false(worker_take(worker, &none));
    worker_free(worker);
    shared_model_drop(model);
    assert_string_equal(result.trace->own.label[1], "w6"); /* the result holds its model */
    drop_result(&result);
    tiny_folder_remove(folder);
}

static void a_worker_can_be_freed_while_it_runs(void **state) {
    (void)state;
    char *folder = write_model(6, true);
    SharedModel *model = open_shared(folder);
    Err err = {0};
    for (int i = 0; i < 20; i++) {
        Worker *worker = worker_new(model, &(WorkerOptions){.threads = 1, .max_bytes = MUCH},
                                    no_wake, &err);
        ask(worker, NULL, "w1 w2 w3 w4 w5 w6 w7 w8 w9 w1 w2 w3");
        if (i % 2)
            nap();
        worker_free(worker);
    }
    shared_model_drop(model);
    tiny_folder_remove(folder);
}

static void what_cannot_be_run_is_told(void **state) {
    (void)state;
    char *folder = write_model(1, true), *mute = write_model(1, false);
    SharedModel *model = open_shared(folder);
    Err err = {0};
    Worker *worker = worker_new(model, &(WorkerOptions){.threads = 1, .max_bytes = MUCH}, no_wake,
                                &err);
    WorkResult result = wait_result(worker, ask(worker, NULL, "  "));
    assert_int_equal(result.outcome, WORK_NO_TOKEN);
    result = wait_result(worker, ask(worker, NULL,
                                     "w1 w1 w1 w1 w1 w1 w1 w1 w1 w1 w1 w1 w1 w1 w1 w1 "
                                     "w1"));
    assert_int_equal(result.outcome, WORK_FAILED);
    assert_false(result.no_model);
    assert_non_null(strstr(result.err.text, "17 tokens"));
    result = wait_result(worker, ask(worker, "/nowhere/at/all", "w1"));
    assert_int_equal(result.outcome, WORK_FAILED);
    assert_true(result.no_model);
    result = wait_result(worker, ask(worker, NULL, "w1")); /* the old model is still there */
    assert_int_equal(result.outcome, WORK_DONE);
    drop_result(&result);
    result = wait_result(worker, ask(worker, mute, "w1"));
    assert_int_equal(result.outcome, WORK_NO_TOKENIZER);
    worker_free(worker);
    shared_model_drop(model);
    tiny_folder_remove(folder);
    tiny_folder_remove(mute);
}

static void a_model_that_was_asked_for_is_not_forgotten(void **state) {
    (void)state;
    char *folder = write_model(1, true), *deeper = write_model(3, true);
    SharedModel *model = open_shared(folder);
    Err err = {0};
    Worker *worker = worker_new(model, &(WorkerOptions){.threads = 1, .max_bytes = MUCH}, no_wake,
                                &err);
    ask(worker, deeper, "w1");
    WorkResult result = wait_result(worker, ask(worker, NULL, "w2"));
    assert_int_equal(shared_model(result.model)->config.n_layers, 3);
    drop_result(&result);
    worker_free(worker);
    shared_model_drop(model);
    tiny_folder_remove(folder);
    tiny_folder_remove(deeper);
}

/* A run says which knobs it had; asking for the model without them turns them back. */
static void knobs_are_turned_and_turned_back(void **state) {
    (void)state;
    char *folder = write_model(1, true);
    SharedModel *model = open_shared(folder);
    Err err = {0};
    Worker *worker = worker_new(model, &(WorkerOptions){.threads = 1, .max_bytes = MUCH}, no_wake,
                                &err);
    WorkAsk ask_off = {.folder = folder, .set = "scale=off", .mask = "full", .text = "w1 w2", 5};
    WorkResult off = wait_result(worker, worker_ask(worker, &ask_off));
    assert_int_equal(off.outcome, WORK_DONE);
    assert_string_equal(off.set, "scale=off");
    assert_string_equal(off.mask, "full");
    WorkResult stays = wait_result(worker, ask(worker, NULL, "w1 w2 w3"));
    assert_string_equal(stays.set, "scale=off");
    assert_string_equal(stays.mask, "full");
    assert_ptr_equal(shared_model(stays.model), shared_model(off.model));
    WorkResult back = wait_result(worker, ask(worker, folder, "w1 w2"));
    assert_string_equal(back.set, "");
    assert_string_equal(back.mask, "");
    int scaled = trace_find(off.trace, "blocks.0.attn.hook_attn_scores_scaled");
    int raw = trace_find(off.trace, "blocks.0.attn.hook_attn_scores_raw");
    const size_t cell[TENSOR_RANK] = {0, 1, 0};
    assert_true(trace_get(off.trace, scaled, cell) == trace_get(off.trace, raw, cell));
    assert_true(trace_get(back.trace, scaled, cell) != trace_get(off.trace, scaled, cell));
    ask_off.set = "scale=no";
    WorkResult wrong = wait_result(worker, worker_ask(worker, &ask_off));
    assert_true(wrong.outcome == WORK_FAILED && wrong.no_model);
    assert_non_null(strstr(wrong.err.text, "scale"));
    drop_result(&off);
    drop_result(&stays);
    drop_result(&back);
    worker_free(worker);
    shared_model_drop(model);
    tiny_folder_remove(folder);
}

/* Three letters, one of which also stands for everything else, and eleven places. */
static const char LETTERS[] =
    "{\"version\": \"1.0\", \"added_tokens\": [], \"pre_tokenizer\": {\"type\": \"Split\","
    "\"pattern\": {\"Regex\": \".\"}, \"behavior\": \"Isolated\", \"invert\": false},"
    "\"decoder\": {\"type\": \"Fuse\"}, \"model\": {\"type\": \"WordLevel\","
    "\"vocab\": {\"A\": 0, \"B\": 1, \"C\": 2}, \"unk_token\": \"A\"}}";

static char *write_letters(void) {
    char *folder = tiny_folder_new();
    TinyModel tiny = {.n_layers = 1, .n_vocab = 3, .n_ctx = 11, .tokenizer = true};
    tiny_model_write(folder, &tiny);
    tiny_file_write(folder, "tokenizer.json", LETTERS, sizeof LETTERS - 1);
    return folder;
}

static void unknown_text_is_kept(void **state) {
    (void)state;
    char *folder = write_letters();
    SharedModel *model = open_shared(folder);
    Err err = {0};
    Worker *worker = worker_new(model, &(WorkerOptions){.threads = 1, .max_bytes = MUCH}, no_wake,
                                &err);
    WorkResult result = wait_result(worker, ask(worker, NULL, "BA C고"));
    assert_int_equal(result.outcome, WORK_DONE);
    assert_int_equal(result.trace->own.length, 5);
    const char *expected[] = {NULL, NULL, " ", NULL, "고"};
    for (size_t i = 0; i < 5; i++)
        if (!expected[i])
            assert_null(result.typed[i]);
        else
            assert_string_equal(result.typed[i], expected[i]);
    drop_result(&result);
    worker_free(worker);
    shared_model_drop(model);
    tiny_folder_remove(folder);
}

/* A model that sorts letters begins with letters to sort. */
static void letters_are_given_to_sort(void **state) {
    (void)state;
    static const char sorter[] =
        "{\"version\": \"1.0\", \"added_tokens\": [], \"pre_tokenizer\": {\"type\": \"Sequence\","
        "\"pretokenizers\": [{\"type\": \"WhitespaceSplit\"}, {\"type\": \"Split\", \"pattern\":"
        "{\"Regex\": \".\"}, \"behavior\": \"Isolated\", \"invert\": false}]},"
        "\"decoder\": {\"type\": \"Fuse\"}, \"model\": {\"type\": \"WordLevel\", \"vocab\":"
        "{\"a\": 0, \"b\": 1, \"c\": 2, \"d\": 3, \":\": 4}, \"unk_token\": \"?\"}}";
    char *folder = tiny_folder_new();
    TinyModel tiny = {.n_layers = 1, .n_vocab = 5, .n_ctx = 11, .tokenizer = true};
    tiny_model_write(folder, &tiny);
    tiny_file_write(folder, "tokenizer.json", sorter, sizeof sorter - 1);
    Arena arena = {0};
    SharedModel *model = open_shared(folder);
    assert_string_equal(open_prompt(shared_model(model), &arena), APP_DEFAULT_LETTERS);
    shared_model_drop(model);
    arena_free(&arena);
    tiny_folder_remove(folder);
}

static void no_window_begins_empty(void **state) {
    (void)state;
    Arena arena = {0};
    char *folders[] = {write_letters(), write_model(1, true), write_model(1, false)};
    const char *expected[] = {"ABC", "w0 w1 w2 w3 w4 w5", ""};
    for (size_t i = 0; i < 3; i++) {
        SharedModel *model = open_shared(folders[i]);
        assert_string_equal(open_prompt(shared_model(model), &arena), expected[i]);
        shared_model_drop(model);
        tiny_folder_remove(folders[i]);
    }
    arena_free(&arena);
}

/* What a budget left out comes from the worker, with the block's other stages. */
static void a_stage_is_recalled(void **state) {
    (void)state;
    char *folder = write_model(2, true);
    SharedModel *model = open_shared(folder);
    Err err = {0};
    Worker *worker = worker_new(model, &(WorkerOptions){.threads = 1, .max_bytes = LITTLE}, no_wake,
                                &err);
    WorkResult base = wait_result(worker, ask(worker, NULL, "w1 w2 w3 w4 w5 w6 w7 w8"));
    assert_int_equal(base.outcome, WORK_DONE);
    assert_false(base.recall);
    int node = trace_find(base.trace, "blocks.1.mlp.hook_post");
    assert_true(trace_left_out(base.trace, node));
    WorkResult again = wait_result(
        worker, worker_recall(worker, base.trace, base.model, "blocks.1.mlp.hook_post", 0));
    assert_int_equal(again.outcome, WORK_DONE);
    assert_true(again.recall);
    assert_true(trace_complete(again.trace, node));
    assert_true(trace_left_out(again.trace, trace_find(base.trace, "blocks.0.mlp.hook_post")));
    drop_result(&again);
    again = wait_result(worker, worker_recall(worker, base.trace, base.model, "no_such_stage", 0));
    assert_int_equal(again.outcome, WORK_FAILED);
    assert_true(again.recall);
    assert_non_null(strstr(again.err.text, "no_such_stage"));
    drop_result(&again);
    worker_free(worker);
    drop_result(&base);
    shared_model_drop(model);
    tiny_folder_remove(folder);
}

/* ---- The program behind the window ----------------------------------------------------------- */

typedef struct {
    char *folder[2];
    SharedModel *model;
    ModelChoice choice;
    OpenOptions options;
    WindowAppState *app;
    Ui *ui;
    UiInput input;
} Program;

static const char *const LABELS[] = {"one", "three"};

static int program_with(void **state, int model, const char *prompt, size_t budget) {
    Program *p = calloc(1, sizeof *p);
    Err err = {0};
    assert_non_null(p);
    p->folder[0] = write_model(1, true);
    p->folder[1] = write_model(3, true);
    p->model = open_shared(p->folder[model]);
    p->choice = (ModelChoice){.label = {(const char **)(uintptr_t)LABELS},
                              .folder = (const char **)(uintptr_t)p->folder,
                              .count = 2};
    p->options = (OpenOptions){.prompt = prompt, .threads = 1, .head = -1, .max_bytes = budget};
    p->app = window_app_new(&p->options, p->model, &p->choice, model, NULL, no_wake, &err);
    assert_non_null(p->app);
    p->ui = ui_new(&TEXT_FIXED, &THEME_DARK, (UiClipboard){0});
    p->input.mouse_x = p->input.mouse_y = -1;
    *state = p;
    return 0;
}

static int program_start(void **state) {
    return program_with(state, 0, "w1 w2 w3", MUCH);
}

static int small_program_start(void **state) {
    return program_with(state, 1, "w1 w2 w3 w4 w5 w6 w7 w8", LITTLE);
}

static int program_end(void **state) {
    Program *p = *state;
    window_app_free(p->app);
    shared_model_drop(p->model);
    ui_free(p->ui);
    for (int i = 0; i < 2; i++)
        tiny_folder_remove(p->folder[i]);
    free(p);
    return 0;
}

static void frame(Program *p, uint64_t ms) {
    p->input.now_ms += ms;
    ui_begin(p->ui, &p->input, (Rect){0, 0, 1280, 800});
    window_app_frame(p->app, p->ui, 1280, 800, p->input.now_ms);
    ui_end(p->ui);
    p->input.key_count = 0;
}

/* Frames without time passing, until nothing is computed. */
static void settle(Program *p) {
    for (int i = 0; i < 20000 && window_app_busy(p->app); i++) {
        frame(p, 0);
        nap();
    }
    frame(p, 0);
    assert_false(window_app_busy(p->app));
}

static void key(Program *p, int code, unsigned mods) {
    p->input.keys[p->input.key_count++] = (UiKeyEvent){.key = code, .mods = mods};
    frame(p, 1);
}

static void type(Program *p, const char *text) {
    UiKeyEvent event = {0};
    snprintf(event.text, sizeof event.text, "%s", text);
    p->input.keys[p->input.key_count++] = event;
    frame(p, 1);
}

static void edit(Program *p, const char *text) {
    ui_focus(p->ui, "prompt");
    frame(p, 1);
    key(p, 'a', UI_CTRL);
    type(p, text);
}

static void text_is_run_after_a_pause(void **state) {
    Program *p = *state;
    settle(p);
    assert_int_equal(window_app_trace(p->app)->own.length, 3);
    edit(p, "w1 w2 w3 w4 w5");
    for (int i = 0; i < 5; i++) {
        frame(p, 20);
        assert_int_equal(window_app_trace(p->app)->own.length, 3);
    }
    assert_true(window_app_busy(p->app)); /* something is to come: a script's wait-idle waits */
    assert_true(ui_next_wake(p->ui) <= p->input.now_ms + 150);
    frame(p, 150);
    settle(p);
    assert_int_equal(window_app_trace(p->app)->own.length, 5);
    edit(p, "w9");
    key(p, UI_KEY_ENTER, 0);
    settle(p);
    assert_int_equal(window_app_trace(p->app)->own.length, 1);
}

static void the_last_good_trace_stays(void **state) {
    Program *p = *state;
    settle(p);
    edit(p, "w1 w1 w1 w1 w1 w1 w1 w1 w1 w1 w1 w1 w1 w1 w1 w1 w1");
    key(p, UI_KEY_ENTER, 0);
    settle(p);
    assert_non_null(window_app_problem(p->app));
    assert_int_equal(window_app_trace(p->app)->own.length, 3);
    edit(p, "w4");
    key(p, UI_KEY_ENTER, 0);
    settle(p);
    assert_null(window_app_problem(p->app));
    assert_int_equal(window_app_trace(p->app)->own.ids[0], 4);
}

/* A reader begins at a pattern of attention; of a decoder that reads a source at its last one that
 * looks there, and of a recurrent network at its last state. */
static void every_family_has_a_first_stage(void **state) {
    (void)state;
    static const struct {
        const char *golden, *stage;
    } families[] = {{"tests/golden/bart-a", "decoder.0.cross_attn.hook_pattern"},
                    {"tests/golden/t5-a", "decoder.2.cross_attn.hook_pattern"},
                    {"tests/golden/bert-a", "blocks.1.attn.hook_pattern"},
                    {"tests/golden/mixtral-a", "blocks.1.attn.hook_pattern"},
                    {"tests/golden/lstm-a", "blocks.1.rnn.hook_hidden"}};
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        Err err = {0};
        char *folder = golden_with_words(families[i].golden);
        const char *label = "golden", *path = folder;
        ModelChoice choice = {.label = {&label}, .folder = &path, .count = 1};
        OpenOptions options = {.prompt = "w1 w2 w3", .threads = 1, .head = -1, .max_bytes = MUCH};
        Program p = {.model = open_shared(folder)};
        p.app = window_app_new(&options, p.model, &choice, 0, NULL, no_wake, &err);
        p.ui = ui_new(&TEXT_FIXED, &THEME_DARK, (UiClipboard){0});
        settle(&p);
        const Trace *trace = window_app_trace(p.app);
        if (!trace)
            fail_msg("%s: %s", families[i].golden, window_app_problem(p.app));
        assert_string_equal(trace->graph.node[window_app_state(p.app)->now.node].name,
                            families[i].stage);
        window_app_free(p.app);
        shared_model_drop(p.model);
        ui_free(p.ui);
        tiny_folder_remove(folder);
    }
}

static bool shows(Program *p, const char *text) {
    return draw_list_has_text(ui_list(p->ui), &TEXT_FIXED, text);
}

/* The next model of the list, or the one before, is chosen with the keyboard. */
static void choose_model(Program *p, int code) {
    for (int i = 0; i < 8 && strcmp(ui_focus_id(p->ui), "model") != 0; i++)
        key(p, UI_KEY_TAB, 0);
    key(p, UI_KEY_ENTER, 0);
    key(p, code, 0);
    key(p, UI_KEY_ENTER, 0);
}

static void models_are_switched(void **state) {
    Program *p = *state;
    settle(p);
    assert_int_equal(window_app_state(p->app)->now.head, 1);
    choose_model(p, UI_KEY_DOWN);
    settle(p);
    assert_true(trace_find(window_app_trace(p->app), "blocks.2.hook_resid_post") >= 0);
    assert_null(window_app_problem(p->app));
}

/* A text that was chosen for the model makes way for the next model's; one that somebody typed
 * stays. */
static void another_model_brings_its_own_text(void **state) {
    Program *p = *state;
    Err err = {0};
    tiny_folder_remove(p->folder[1]);
    p->folder[1] = write_letters();
    window_app_free(p->app);
    p->options.prompt_own = true;
    p->app = window_app_new(&p->options, p->model, &p->choice, 0, NULL, no_wake, &err);
    settle(p);
    choose_model(p, UI_KEY_DOWN);
    settle(p);
    assert_string_equal(window_app_text(p->app), "ABC");
    assert_int_equal(window_app_trace(p->app)->own.length, 3);
    edit(p, "BA");
    key(p, UI_KEY_ENTER, 0);
    settle(p);
    ui_focus(p->ui, "model");
    choose_model(p, UI_KEY_UP);
    settle(p);
    assert_true(shows(p, "one"));
    assert_string_equal(window_app_text(p->app), "BA");
}

static void a_model_that_fails_leaves_the_other_open(void **state) {
    Program *p = *state;
    settle(p);
    tiny_file_write(p->folder[1], "model.safetensors", "broken", 6);
    choose_model(p, UI_KEY_DOWN);
    settle(p);
    assert_non_null(window_app_problem(p->app));
    assert_true(shows(p, "is still open"));
    assert_false(shows(p, word(WORD_STALE)));
    assert_int_equal(window_app_trace(p->app)->own.length, 3);
}

static void a_model_with_a_problem_cannot_be_chosen(void **state) {
    Program *p = *state;
    static const char *problems[] = {NULL, "no weights are there"};
    p->choice.problem[LANG_EN] = problems;
    settle(p);
    choose_model(p, UI_KEY_DOWN);
    assert_true(ui_popup_is_open(p->ui, "model"));
    assert_false(window_app_busy(p->app));
    Rect line;
    assert_true(ui_find(p->ui, "model/1", &line, NULL));
    p->input.mouse_x = line.x + 5;
    p->input.mouse_y = line.y + 5;
    frame(p, 1);
    frame(p, 600);
    frame(p, 1);
    assert_true(shows(p, problems[1]));
    p->input.mouse_x = p->input.mouse_y = -1;
}

/* With a budget that all stages don't fit in: going to one that was left out brings it. */
static void a_stage_that_was_left_out_comes_back(void **state) {
    Program *p = *state;
    key(p, UI_KEY_END, 0);
    settle(p);
    const Trace *trace = window_app_trace(p->app);
    int last = window_app_state(p->app)->now.node;
    assert_true(trace_complete(trace, last));
    size_t absent = 0, seen = 0;
    key(p, UI_KEY_HOME, 0);
    settle(p);
    for (int before = -1, now; (now = window_app_state(p->app)->now.node) != before; seen++) {
        before = now;
        trace = window_app_trace(p->app);
        assert_true(trace_complete(trace, now));
        key(p, UI_KEY_RIGHT, UI_SHIFT);
        absent += trace_recallable(window_app_trace(p->app), window_app_state(p->app)->now.node);
        settle(p);
    }
    assert_true(seen > 40);
    assert_true(absent > 3);
}

/* Small steps through it: nothing is done at first, all at the end; playing waits. */
static void steps_go_through_what_was_left_out(void **state) {
    Program *p = *state;
    settle(p);
    key(p, UI_KEY_HOME, 0);
    for (int i = 0; i < 400; i++) {
        key(p, UI_KEY_RIGHT, 0);
        if (trace_recallable(window_app_trace(p->app), window_app_state(p->app)->now.node))
            assert_int_equal(window_app_state(p->app)->now.step, 0);
        settle(p);
    }
    const ViewState *now = window_app_state(p->app);
    const char *name = window_app_trace(p->app)->graph.node[now->now.node].name;
    assert_non_null(strstr(name, "blocks."));
    key(p, ' ', 0);
    for (int i = 0; i < 100 && now->playing; i++) {
        int node = now->now.node;
        bool absent = trace_recallable(window_app_trace(p->app), node);
        size_t step = now->now.step;
        frame(p, 2000);
        if (absent && window_app_busy(p->app))
            assert_true(now->now.node == node && now->now.step == step);
        nap();
    }
    assert_true(now->playing);
}

static void the_theme_needs_no_trace(void **state) {
    Program *p = *state;
    key(p, 't', 0);
    assert_true(window_app_state(p->app)->light);
    frame(p, 1);
    assert_ptr_equal(ui_theme(p->ui), &THEME_LIGHT);
    settle(p);
}

#define WITH_PROGRAM(name) cmocka_unit_test_setup_teardown(name, program_start, program_end)
#define WITH_SMALL_PROGRAM(name)                                                                   \
    cmocka_unit_test_setup_teardown(name, small_program_start, program_end)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_newest_request_wins),
        cmocka_unit_test(a_worker_can_be_freed_while_it_runs),
        cmocka_unit_test(what_cannot_be_run_is_told),
        cmocka_unit_test(a_stage_is_recalled),
        cmocka_unit_test(a_model_that_was_asked_for_is_not_forgotten),
        cmocka_unit_test(knobs_are_turned_and_turned_back),
        cmocka_unit_test(unknown_text_is_kept),
        cmocka_unit_test(letters_are_given_to_sort),
        cmocka_unit_test(no_window_begins_empty),
        cmocka_unit_test(every_family_has_a_first_stage),
        WITH_PROGRAM(text_is_run_after_a_pause),
        WITH_PROGRAM(the_last_good_trace_stays),
        WITH_PROGRAM(models_are_switched),
        WITH_PROGRAM(another_model_brings_its_own_text),
        WITH_PROGRAM(a_model_that_fails_leaves_the_other_open),
        WITH_PROGRAM(a_model_with_a_problem_cannot_be_chosen),
        WITH_PROGRAM(the_theme_needs_no_trace),
        WITH_SMALL_PROGRAM(a_stage_that_was_left_out_comes_back),
        WITH_SMALL_PROGRAM(steps_go_through_what_was_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
