#include "app/window_app.h"

#include "app/views/words.h"
#include "app/window_part.h"
#include "engine/run/generate.h"

#include <stdlib.h>
#include <string.h>

/* After the last change of the text, before it is run: who types quickly sees no half-words run. */
enum { PAUSE_MS = 150 };

/* ---- Results --------------------------------------------------------------------------------- */

/* The engine's message without its first words: the text box stands right above. */
static void set_message(WindowAppState *app, const char *text) {
    static const char *const about[] = {"the input: ", "the source: "};
    for (size_t i = 0; i < sizeof about / sizeof *about; i++)
        if (strncmp(text, about[i], strlen(about[i])) == 0)
            text += strlen(about[i]);
    err_set(&app->problem, "%s", text);
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

/* The place of the trace's model in the list. The very model that the program was opened with may stand
 * there beside its own folder: its knobs are turned. */
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
    window_forget_recalled(app);
    window_unlook(app);
    found_forget(&app->widgets.found);
    worker_give_back(app->worker, app->trace);
    shared_model_drop(app->model);
    arena_free(&app->arena);
    app->trace = result->trace;
    app->model = result->model;
    app->switched = switched;
    if (result->own_text && result->number == app->asked && window_text_is_own(app))
        window_show_own_text(app, result->own_text);
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
        window_take_recalled(app, &result);
        return;
    }
    bool newest = result.number == app->asked;
    if (!newest &&
        window_in_lesson(app)) { /* nothing would hide what it tells of an open question */
        work_result_free(&result);
        return;
    }
    app->waiting = app->waiting && !newest;
    set_problem(app, &result);
    if (newest && window_in_lesson(app) && app->run.model) {
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
        window_ask_run(app, &app->run);
        return true;
    default: return false;
    }
    window_lesson_change(app->lesson, &change);
    return true;
}

static bool apply_own(WindowAppState *app, Ui *ui, const Intent *intent) {
    if (app->lesson && window_lesson_apply(app->lesson, intent))
        return true;
    if (window_in_lesson(app) && apply_in_lesson(app, intent))
        return true;
    switch (intent->kind) {
    case INTENT_PROMPT: app->due_ms = ui_now(ui) + PAUSE_MS; return true;
    case INTENT_SUBMIT: window_ask(app); return true;
    case INTENT_MODEL:
        app->chosen = app->to_open = (int)intent->value;
        window_ask(app);
        return true;
    case INTENT_FLASH:
        app->attention.kind = intent->value ? ATTENTION_FLASH : ATTENTION_STANDARD;
        window_ask(app);
        return true;
    case INTENT_TILE:
        app->attention.tile_rows = app->attention.tile_columns = (size_t)intent->value;
        window_ask(app);
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
    bool open = window_in_lesson(app);
    if (!app->lesson)
        return;
    if (open && app->trace && !app->looked && app->run_shown) {
        window_lesson_look(app->lesson, window_seen(app), shared_model(app->model));
        app->looked = true;
    }
    if (open && app->looked)
        window_lesson_place(app->lesson, &app->state, window_seen(app), &app->walk);
    if (app->looked || !open)
        app->state.veil = window_lesson_veil(app->lesson);
}

void window_app_frame(void *user, Ui *ui, int w, int h, uint64_t now_ms) {
    WindowAppState *app = user;
    if (app->due_ms != 0 && app->due_ms <= now_ms)
        window_ask(app);
    window_follow_lesson(app); /* before a result that it does not want any more is taken */
    take_result(app);
    ui_set_theme(ui, app->state.light ? &THEME_LIGHT : &THEME_DARK);
    window_ask_recall(app);
    look_at_lesson(app);
    bool held = app->recall != 0; /* playing waits for what is computed again */
    if (app->trace && !held)
        state_tick(&app->state, window_app_viewed(app), &app->walk, now_ms);
    Intents intents = {0};
    ViewInput in = view_input(app, ui, &intents);
    if (app->lesson)
        window_lesson_view(app->lesson, &app->state, window_seen(app), ui_arena(ui), &in);
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
    bool missing = window_stage_is_absent(app) && app->recall_failed != app->state.now.node + 1;
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
        window_show_own_text(app, options->prompt);
    else
        ui_textbox_set(&app->widgets.prompt, options->prompt, strlen(options->prompt));
    window_follow_lesson(app);
    if (!window_in_lesson(app))
        window_ask(app);
    return app;
}

void window_app_free(WindowAppState *app) {
    if (!app)
        return;
    worker_free(app->worker);
    window_unlook(app);
    window_forget_recalled(app);
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
    return app->state.veil ? &app->state.veil->trace : window_seen(app);
}

const Trace *window_app_trace(const WindowAppState *app) {
    return window_seen(app);
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
