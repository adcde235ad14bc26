#include "app/window_app.h"

#include "app/export_window.h"
#include "app/step_cost.h"
#include "app/switched.h"
#include "app/views/window_view.h"
#include "app/views/words.h"
#include "engine/model/catalog.h"
#include "engine/run/generate.h"

#include <stdlib.h>
#include <string.h>

/* After the last change of the text, before it is run: who types quickly sees no half-words run. */
enum { PAUSE_MS = 150 };

struct WindowAppState {
    const OpenOptions *options;
    const ModelChoice *choice;
    int chosen;           /* the model in the list */
    int shown;            /* the one whose trace is shown */
    int to_open;          /* the one to open with the next request; -1: stay */
    WindowLesson *lesson; /* NULL: there are none */
    const char *assets;
    bool looked;   /* the lesson was given the trace that is shown */
    LessonRun run; /* of the lesson, that was asked for last, … */
    Arena run_arena;
    bool run_shown; /* … and is what is shown */
    Worker *worker;
    uint64_t asked;  /* the newest request */
    bool waiting;    /* for its result */
    uint64_t due_ms; /* when the changed text is to be run; 0: it is not changed */

    SharedModel *model; /* of the trace */
    Trace *trace;       /* NULL: none yet */
    Trace *recalled;    /* the same with stages that it had left out; NULL: none was asked for */
    uint64_t recall;    /* the newest request for such stages that has no result yet; 0: none */
    int recall_node;    /* the stage that it is for, … */
    bool recall_tiled;  /* … which is one of tiles, … */
    size_t recall_head; /* … of this head */
    int recall_failed;  /* one more than the stage that can't be had, because of … */
    Err recall_problem;
    Arena arena; /* of what belongs to the trace: */
    Walk walk;
    const char *const *typed;
    const char *set, *mask;
    bool tiled;
    Switched switched;
    CacheStep cache_step;
    Err no_tiles;           /* with state.no_tiles: why */
    Err no_flash, no_cache; /* why the trace's model can't; "" where it can */
    bool reads_once;        /* it has no use for a cache: it does not generate */

    AttentionOptions attention;
    bool cached;
    ViewState state;
    ViewWidgets widgets;
    ExportWindow *export;
    Buf own; /* the text that was chosen for the model; another model chooses another one */
    Err problem;
    WorkOutcome outcome; /* of the newest result: WORK_DONE, or there is a problem */
    bool no_model;       /* … because the chosen model can't be opened */
};

/* ---- Running the text ------------------------------------------------------------------------ */

/* Nobody has typed anything of his own. */
static bool text_is_own(const WindowAppState *app) {
    return app->own.size > 0 &&
           strcmp(buf_cstr(&app->own), buf_cstr(&app->widgets.prompt.text)) == 0;
}

static void show_own_text(WindowAppState *app, const char *text) {
    buf_free(&app->own);
    buf_text(&app->own, text);
    ui_textbox_set(&app->widgets.prompt, text, strlen(text));
}

static void ask_worker(WindowAppState *app, const WorkAsk *request) {
    worker_attention(app->worker, &app->attention);
    app->asked = worker_ask(app->worker, request);
    app->to_open = -1;
    app->waiting = true;
    app->recall = 0; /* it is dropped */
    app->due_ms = 0;
}

static bool same_text(const char *a, const char *b) {
    return a && b && strcmp(a, b) == 0;
}

/* A KV cache changes no number. */
static bool same_run(const LessonRun *a, const LessonRun *b) {
    return same_text(a->model, b->model) && same_text(a->prompt, b->prompt) &&
           same_text(a->set, b->set) && same_text(a->mask, b->mask) &&
           same_text(a->attention, b->attention);
}

static void keep_run(WindowAppState *app, const LessonRun *run) {
    Arena arena = {0};
    LessonRun copy = {.model = arena_copy_text(&arena, run->model),
                      .prompt = arena_copy_text(&arena, run->prompt),
                      .set = arena_copy_text(&arena, run->set),
                      .mask = arena_copy_text(&arena, run->mask),
                      .attention = arena_copy_text(&arena, run->attention)};
    arena_free(&app->run_arena);
    app->run_arena = arena;
    app->run = copy;
}

static void ask_run(WindowAppState *app, const LessonRun *run) {
    const char *folder;
    Arena arena = {0};
    app->run_shown = false;
    if (catalog_resolve(app->assets, run->model, &arena, &folder, &app->problem)) {
        app->attention.kind = strcmp(run->attention, "flash") == 0 ? ATTENTION_FLASH
                                                                   : ATTENTION_STANDARD;
        ask_worker(app, &(WorkAsk){folder, run->set, run->mask, run->prompt, strlen(run->prompt)});
    } else {
        app->outcome = WORK_FAILED;
        app->no_model = true;
        window_lesson_failed(app->lesson, app->problem.text);
    }
    arena_free(&arena);
}

/* The lesson has gone on: what it wants is shown. */
static void follow_lesson(WindowAppState *app) {
    LessonRun run;
    if (!app->lesson || !window_lesson_wants(app->lesson, &run))
        return;
    if (!same_text(buf_cstr(&app->widgets.prompt.text), run.prompt))
        ui_textbox_set(&app->widgets.prompt, run.prompt, strlen(run.prompt));
    app->cached = strcmp(run.kv_cache, "on") == 0;
    app->due_ms = 0;
    if (app->run_shown && same_run(&app->run, &run)) {
        app->looked = false;
        return;
    }
    if (app->waiting && same_run(&app->run, &run))
        return;
    keep_run(app, &run);
    ask_run(app, &app->run);
}

static bool in_lesson(const WindowAppState *app) {
    return app->lesson && window_lesson_is_open(app->lesson);
}

static void ask(WindowAppState *app) {
    if (in_lesson(app)) {
        app->due_ms = 0;
        window_lesson_prompt(app->lesson, buf_cstr(&app->widgets.prompt.text));
        return;
    }
    const Buf *text = &app->widgets.prompt.text;
    const char *folder = app->to_open >= 0 ? app->choice->folder[app->to_open] : NULL;
    const char *asked = folder && text_is_own(app) ? NULL : buf_cstr(text);
    app->run_shown = false;
    ask_worker(app, &(WorkAsk){folder, NULL, NULL, asked, text->size});
}

/* The engine's message without its first words: the text box stands right above. */
static void set_message(WindowAppState *app, const char *text) {
    static const char *const about[] = {"the input: ", "the source: "};
    for (size_t i = 0; i < sizeof about / sizeof *about; i++)
        if (strncmp(text, about[i], strlen(about[i])) == 0)
            text += strlen(about[i]);
    err_set(&app->problem, "%s", text);
}

/* What is shown: the trace, with what was recalled. */
static const Trace *seen(const WindowAppState *app) {
    return app->recalled ? app->recalled : app->trace;
}

/* The trace shown is another, or goes: the lesson is given the next one in the next frame. */
static void unlook(WindowAppState *app) {
    app->looked = false;
    app->state.veil = NULL;
    if (app->lesson)
        window_lesson_look(app->lesson, NULL, NULL);
}

static void forget_recalled(WindowAppState *app) {
    if (app->recalled) {
        found_forget(&app->widgets.found);
        unlook(app);
    }
    trace_free(app->recalled);
    app->recalled = NULL;
    app->recall = 0;
    app->recall_failed = 0;
}

/* The stage shown is that of tiles, of which not all records are there for the head in view. */
static bool tiles_are_absent(const WindowAppState *app, Tiles *tiles) {
    const Trace *trace = seen(app);
    if (app->state.no_tiles || !tiles_of(&trace->graph, app->state.now.node, tiles))
        return false;
    const Node *scores = &trace->graph.node[tiles->record[TILE_SCORES]];
    return !trace_kept(trace, tiles->record[TILE_SCORES]) ||
           scores->param.flash.head !=
               state_head(&app->state, &app->walk, &trace->graph.node[tiles->z]);
}

static bool stage_is_absent(const WindowAppState *app) {
    Tiles tiles;
    return app->trace &&
           (trace_recallable(seen(app), app->state.now.node) || tiles_are_absent(app, &tiles));
}

static bool same_block(const WindowAppState *app, int a, int b) {
    const Node *node = app->trace->graph.node;
    return node[a].layer == node[b].layer && node[a].stack == node[b].stack;
}

/* What is to be recalled for the stage shown: it, or all records of its tiles with the result. */
static const char *wanted_stages(const WindowAppState *app, const Tiles *tiles, Arena *arena) {
    const Node *node = app->trace->graph.node;
    const char *acc = node[tiles->record[TILE_ACC]].name;
    return arena_printf(arena, "%.*s*,%s", (int)(strrchr(acc, '.') + 1 - acc), acc,
                        node[tiles->z].name);
}

/* Asks for the stage shown where it was left out. A new text comes first: its trace may have it. */
static void ask_recall(WindowAppState *app) {
    Tiles tiles;
    int node = app->state.now.node;
    if (!stage_is_absent(app) || app->waiting || app->recall_failed == node + 1)
        return;
    bool tiled = !app->state.no_tiles && tiles_of(&app->trace->graph, node, &tiles);
    size_t head = tiled ? state_head(&app->state, &app->walk, &app->trace->graph.node[tiles.z]) : 0;
    if (app->recall && same_block(app, node, app->recall_node) && tiled == app->recall_tiled &&
        head == app->recall_head)
        return;           /* it may come along */
    forget_recalled(app); /* that of another block: one at a time */
    Arena arena = {0};
    const char *stages = tiled ? wanted_stages(app, &tiles, &arena)
                               : app->trace->graph.node[node].name;
    app->recall_node = node;
    app->recall_tiled = tiled;
    app->recall_head = head;
    app->recall = worker_recall(app->worker, app->trace, app->model, stages, head);
    arena_free(&arena);
}

static void take_recalled(WindowAppState *app, WorkResult *result) {
    if (result->number != app->recall) {
        work_result_free(result);
        return;
    }
    shared_model_drop(result->model);
    arena_free(&result->arena);
    forget_recalled(app);
    found_forget(&app->widgets.found);
    unlook(app);
    app->recalled = result->trace;
    if (result->trace)
        return;
    if (app->recall_tiled) {
        app->no_tiles = result->err;
        state_give_up_tiles(&app->state, app->trace);
        return;
    }
    app->recall_failed = app->recall_node + 1;
    app->recall_problem = result->err;
}

static void set_problem(WindowAppState *app, const WorkResult *result) {
    app->outcome = result->outcome;
    app->no_model = result->no_model;
    if (result->outcome == WORK_FAILED)
        set_message(app, result->err.text);
}

static const char *problem_text(const WindowAppState *app) {
    switch (app->outcome) {
    case WORK_NO_TOKEN: return word(WORD_NO_TOKEN);
    case WORK_NO_TOKENIZER: return word(WORD_NO_TOKENIZER);
    case WORK_FAILED: return app->problem.text;
    case WORK_DONE: break;
    }
    return NULL;
}

/* Why there is no KV cache; NULL: there can be one. */
static const char *no_cache_text(const WindowAppState *app) {
    if (app->no_cache.text[0])
        return app->no_cache.text;
    return app->reads_once ? word(WORD_CACHE_NO_TEXT) : NULL;
}

/* The place of the trace's model in the list. */
/* The very model that the program was opened with may stand there beside its own folder: its knobs are
 * turned. */
static int find_model(const WindowAppState *app, const Model *model) {
    for (int i = 0; i < app->choice->count; i++)
        if (app->choice->folder[i] == model->folder)
            return i;
    for (int i = 0; i < app->choice->count; i++)
        if (strcmp(app->choice->folder[i], model->folder) == 0)
            return i;
    return app->shown;
}

static bool ends_with(const char *name, const char *end) {
    size_t size = strlen(name), length = strlen(end);
    return size >= length && strcmp(name + size - length, end) == 0;
}

/* The last stage whose name ends like this; NULL: there is none. */
static const char *last_stage(const Trace *trace, const Walk *walk, const char *end) {
    for (int stage = walk->count - 1; stage >= 0; stage--)
        if (ends_with(trace->graph.node[walk->node[stage]].name, end))
            return trace->graph.node[walk->node[stage]].name;
    return NULL;
}

/* Where a reader begins: at a pattern of attention, in a decoder that reads a source at the last
 * that looks there, in a recurrent network at its state. NULL: at the first stage. */
static const char *first_stage(const Trace *trace, const Walk *walk) {
    const char *cross = last_stage(trace, walk, ".cross_attn.hook_pattern");
    if (cross)
        return cross;
    if (trace_find(trace, APP_DEFAULT_STAGE) >= 0)
        return APP_DEFAULT_STAGE;
    const char *pattern = last_stage(trace, walk, ".hook_pattern");
    const char *tiles = strcmp(trace->attention, "flash") == 0 ? last_stage(trace, walk, ".hook_z")
                                                               : NULL;
    return pattern ? pattern : tiles ? tiles : last_stage(trace, walk, ".rnn.hook_hidden");
}

/* What the model of the trace can't do, in words. */
static void learn_limits(WindowAppState *app) {
    const Model *model = shared_model(app->model);
    AttentionOptions flash = {.kind = ATTENTION_FLASH};
    app->no_flash.text[0] = app->no_cache.text[0] = '\0';
    forward_attention(model, &flash, &app->no_flash);
    bool can = generate_can_cache(model, &app->no_cache);
    app->reads_once = can && (model->config.task != TASK_TEXT ||
                              !step_cost(app->trace, &app->arena, &app->cache_step));
}

/* The new trace takes the place of the old one. */
static void show_trace(WindowAppState *app, const WorkResult *result) {
    Arena arena = result->arena;
    Walk walk;
    walk_make(result->trace, &arena, &walk);
    walk_tok_steps(&walk, result->trace, result->tok_steps);
    app->state.no_tiles = false;
    app->state.veil = NULL;
    bool kept = app->trace &&
                state_rebind(&app->state, app->trace, &app->walk, result->trace, &walk);
    if (!kept) {
        const char *stage = app->trace ? NULL : app->options->stage;
        state_start(&app->state, result->trace, &walk,
                    stage ? stage : first_stage(result->trace, &walk));
    }
    Switched switched = {.worst = -1};
    if (app->trace)
        switched_measure(app->trace, result->trace, &arena, &switched);
    forget_recalled(app);
    unlook(app);
    found_forget(&app->widgets.found);
    worker_give_back(app->worker, app->trace);
    shared_model_drop(app->model);
    arena_free(&app->arena);
    app->trace = result->trace;
    app->model = result->model;
    app->switched = switched;
    if (result->own_text && result->number == app->asked && text_is_own(app))
        show_own_text(app, result->own_text);
    app->arena = arena;
    app->walk = walk;
    learn_limits(app);
    app->typed = result->typed;
    app->tiled = result->tiled;
    app->set = result->set;
    app->mask = result->mask;
    app->shown = find_model(app, shared_model(app->model));
    if (!app->waiting)
        app->chosen = app->shown;
}

static void take_result(WindowAppState *app) {
    WorkResult result;
    if (!worker_take(app->worker, &result))
        return;
    if (result.recall) {
        take_recalled(app, &result);
        return;
    }
    bool newest = result.number == app->asked;
    if (!newest && in_lesson(app)) { /* nothing would hide what it tells of an open question */
        work_result_free(&result);
        return;
    }
    app->waiting = app->waiting && !newest;
    set_problem(app, &result);
    if (newest && in_lesson(app) && app->run.model) {
        app->run_shown = result.outcome == WORK_DONE;
        window_lesson_failed(app->lesson, problem_text(app));
    }
    if (result.outcome == WORK_DONE)
        show_trace(app, &result);
    else if (result.no_model)
        app->chosen = app->shown;
}

/* ---- Intents --------------------------------------------------------------------------------- */

/* In a lesson the learner's own changes go through the play. */
static bool apply_in_lesson(WindowAppState *app, const Intent *intent) {
    LessonRun change = {0};
    switch (intent->kind) {
    case INTENT_MODEL:
        app->chosen = (int)intent->value;
        change.model = app->choice->folder[intent->value];
        change.set = change.mask = "";
        break;
    case INTENT_FLASH: change.attention = intent->value ? "flash" : "standard"; break;
    case INTENT_CACHE: change.kv_cache = intent->value ? "on" : "off"; break;
    case INTENT_TILE: /* no other numbers of the run, so nothing to the lesson */
        app->attention.tile_rows = app->attention.tile_columns = (size_t)intent->value;
        ask_run(app, &app->run);
        return true;
    default: return false;
    }
    window_lesson_change(app->lesson, &change);
    return true;
}

static bool apply_own(WindowAppState *app, Ui *ui, const Intent *intent) {
    if (app->lesson && window_lesson_apply(app->lesson, intent))
        return true;
    if (in_lesson(app) && apply_in_lesson(app, intent))
        return true;
    switch (intent->kind) {
    case INTENT_PROMPT: app->due_ms = ui_now(ui) + PAUSE_MS; return true;
    case INTENT_SUBMIT: ask(app); return true;
    case INTENT_MODEL:
        app->chosen = app->to_open = (int)intent->value;
        ask(app);
        return true;
    case INTENT_FLASH:
        app->attention.kind = intent->value ? ATTENTION_FLASH : ATTENTION_STANDARD;
        ask(app);
        return true;
    case INTENT_TILE:
        app->attention.tile_rows = app->attention.tile_columns = (size_t)intent->value;
        ask(app);
        return true;
    case INTENT_CACHE: app->cached = intent->value != 0; return true;
    case INTENT_HELP: window_toggle_help(ui); return true;
    case INTENT_LANG:
        words_set_language((Lang)intent->value);
        found_forget(&app->widgets.found); /* widths of words */
        return true;
    case INTENT_THEME: app->state.light = !app->state.light; return true;
    default: return false;
    }
}

static bool apply_all(WindowAppState *app, Ui *ui, const ViewInput *in, const Intents *intents) {
    bool changed = false;
    for (int i = 0; i < intents->count; i++) {
        const Intent *intent = &intents->intent[i];
        bool own = apply_own(app, ui, intent) || export_window_apply(app->export, in, intent);
        changed = changed || own;
        if (!own && app->trace)
            changed = state_apply(&app->state, window_app_viewed(app), &app->walk, intent,
                                  ui_now(ui)) ||
                      changed;
    }
    return changed;
}

/* ---- A frame --------------------------------------------------------------------------------- */

static ViewInput view_input(WindowAppState *app, Ui *ui, Intents *out) {
    return (ViewInput){
        .ui = ui,
        .theme = ui_theme(ui),
        .trace = window_app_viewed(app),
        .model = app->model ? shared_model(app->model) : NULL,
        .walk = &app->walk,
        .typed = app->typed,
        .attention = app->attention,
        .no_flash = app->no_flash.text[0] ? app->no_flash.text : NULL,
        .no_cache = no_cache_text(app),
        .cached = app->cached && app->trace && !no_cache_text(app) ? &app->cache_step : NULL,
        .switched = &app->switched,
        .no_tiles = app->state.no_tiles ? app->no_tiles.text : NULL,
        .state = &app->state,
        .widgets = &app->widgets,
        .out = out,
        .computing = app->waiting,
        .stale = app->waiting || app->due_ms != 0 || app->outcome != WORK_DONE,
        .recalling = app->recall != 0,
        .recall_problem = app->recall_failed == app->state.now.node + 1 ? app->recall_problem.text
                                                                        : NULL,
        .problem = problem_text(app),
        .tiled = app->tiled,
        .still_open = app->no_model && app->model ? shared_model(app->model)->name : NULL,
        .models = app->choice->label[words_language()],
        .model_problems = app->choice->problem[words_language()],
        .model_count = app->choice->count,
        .model_chosen = app->chosen,
        .set = app->set,
        .mask = app->mask,
    };
}

/* Hands the trace that is shown to the lesson, and takes the place of a new scene. */
static void look_at_lesson(WindowAppState *app) {
    bool open = in_lesson(app);
    if (!app->lesson)
        return;
    if (open && app->trace && !app->looked && app->run_shown) {
        window_lesson_look(app->lesson, seen(app), shared_model(app->model));
        app->looked = true;
    }
    if (open && app->looked)
        window_lesson_place(app->lesson, &app->state, seen(app), &app->walk);
    if (app->looked || !open)
        app->state.veil = window_lesson_veil(app->lesson);
}

void window_app_frame(void *user, Ui *ui, int w, int h, uint64_t now_ms) {
    WindowAppState *app = user;
    if (app->due_ms != 0 && app->due_ms <= now_ms)
        ask(app);
    follow_lesson(app); /* before a result that it does not want any more is taken */
    take_result(app);
    ui_set_theme(ui, app->state.light ? &THEME_LIGHT : &THEME_DARK);
    ask_recall(app);
    look_at_lesson(app);
    bool held = app->recall != 0; /* playing waits for what is computed again */
    if (app->trace && !held)
        state_tick(&app->state, window_app_viewed(app), &app->walk, now_ms);
    Intents intents = {0};
    ViewInput in = view_input(app, ui, &intents);
    if (app->lesson)
        window_lesson_view(app->lesson, &app->state, seen(app), ui_arena(ui), &in);
    in.export = export_window_frame(app->export, &in);
    window_view(&in, w, h);
    if (apply_all(app, ui, &in, &intents))
        ui_redraw(ui);
    if (app->due_ms != 0)
        ui_wake_at(ui, app->due_ms);
    if (app->state.playing && !held)
        ui_wake_at(ui, app->state.next_step_ms);
}

bool window_app_busy(void *user) {
    WindowAppState *app = user;
    bool missing = stage_is_absent(app) && app->recall_failed != app->state.now.node + 1;
    bool beside = app->lesson && window_lesson_busy(app->lesson);
    return app->due_ms != 0 || missing || beside || worker_busy(app->worker);
}

/* ---- Life ------------------------------------------------------------------------------------ */

WindowAppState *window_app_new(const OpenOptions *options, SharedModel *model,
                               const ModelChoice *choice, int chosen, WindowLesson *lesson,
                               void (*wake)(void), Err *err) {
    Worker *worker = worker_new(model,
                                &(WorkerOptions){.threads = options->threads,
                                                 .pad_to = (size_t)options->pad_to,
                                                 .set = options->set,
                                                 .mask = options->mask,
                                                 .max_bytes = options->max_bytes},
                                wake, err);
    if (!worker)
        return NULL;
    WindowAppState *app = calloc(1, sizeof *app);
    if (!app)
        abort(); /* small memory, as in arena.h */
    app->options = options;
    app->choice = choice;
    app->chosen = app->shown = chosen;
    app->to_open = -1;
    app->worker = worker;
    app->lesson = lesson;
    app->assets = options->assets;
    app->export = export_window_new(options);
    app->state.light = options->light;
    app->state.speed = 1;
    app->state.followed = TILE_SUM;
    app->attention = options->attention;
    app->cached = options->cached;
    app->state.now.head = (size_t)(options->head < 0 ? APP_DEFAULT_HEAD : options->head);
    if (options->prompt_own)
        show_own_text(app, options->prompt);
    else
        ui_textbox_set(&app->widgets.prompt, options->prompt, strlen(options->prompt));
    follow_lesson(app);
    if (!in_lesson(app))
        ask(app);
    return app;
}

void window_app_free(WindowAppState *app) {
    if (!app)
        return;
    worker_free(app->worker);
    unlook(app);
    forget_recalled(app);
    found_forget(&app->widgets.found);
    trace_free(app->trace);
    shared_model_drop(app->model);
    arena_free(&app->arena);
    arena_free(&app->run_arena);
    buf_free(&app->own);
    export_window_free(app->export);
    ui_textbox_free(&app->widgets.export_file);
    ui_textbox_free(&app->widgets.prompt);
    free(app);
}

const Trace *window_app_viewed(const WindowAppState *app) {
    return app->state.veil ? &app->state.veil->trace : seen(app);
}

const Trace *window_app_trace(const WindowAppState *app) {
    return seen(app);
}

const ViewState *window_app_state(const WindowAppState *app) {
    return &app->state;
}

const char *window_app_text(const WindowAppState *app) {
    return buf_cstr(&app->widgets.prompt.text);
}

const char *window_app_problem(const WindowAppState *app) {
    return problem_text(app);
}
