#include "app/open.h"

#include "app/cli/cli.h"
#include "app/cli/input.h"
#include "app/first_look.h"
#include "app/open_prompt.h"
#include "app/sdl/window.h"
#include "app/views/words.h"
#include "app/window_app.h"
#include "engine/base/file.h"
#include "engine/base/near.h"
#include "engine/model/catalog.h"
#include "engine/model/forward.h"
#include "engine/model/fresh.h"
#include "engine/run/sample.h"
#include "engine/trace/trace_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Models ---------------------------------------------------------------------------------- */

static const char *model_label(Arena *arena, const char *name, const ModelConfig *config) {
    if (config->cell != CELL_NONE)
        return WORD_WITH(arena, WORD_MODEL_STATE_ITEM, name,
                         text_count(arena, (int64_t)config->n_layers),
                         text_count(arena, (int64_t)config->d_hidden));
    StackSizes encoder = config_stack(config, STACK_ENCODER);
    if (config->two_stacks)
        return WORD_WITH(arena, WORD_MODEL_ITEM_TWO, name,
                         text_count(arena, (int64_t)encoder.n_layers),
                         text_count(arena, (int64_t)config->n_layers),
                         text_count(arena, (int64_t)config->n_heads));
    return WORD_WITH(arena, WORD_MODEL_ITEM, name, text_count(arena, (int64_t)config->n_layers),
                     text_count(arena, (int64_t)config->n_heads));
}

static void add_problem(ModelChoice *choice, const char *folder, const char *name,
                        const char *problem) {
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        choice->label[lang][choice->count] = name;
        choice->problem[lang][choice->count] = problem;
    }
    choice->folder[choice->count++] = folder;
}

/* In each language, for the switch. */
static void add_choice(ModelChoice *choice, Arena *arena, const char *folder, const char *name,
                       const ModelConfig *config) {
    Lang now = words_language();
    add_problem(choice, folder, name, NULL);
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        words_set_language((Lang)lang);
        choice->label[lang][choice->count - 1] = model_label(arena, name, config);
    }
    words_set_language(now);
}

/* The model with its knobs turned. */
static void add_turned(ModelChoice *choice, Arena *arena, const OpenOptions *options,
                       const Model *model) {
    const char *knobs = arena_printf(arena, "%s, %s%s%s", model->name,
                                     options->set ? options->set : "",
                                     !options->mask ? ""
                                     : options->set ? ", mask "
                                                    : "mask ",
                                     options->mask ? options->mask : "");
    Lang now = words_language();
    add_problem(choice, model->folder, knobs, NULL);
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        words_set_language((Lang)lang);
        choice->problem[lang][choice->count - 1] = word(WORD_KNOBS_TURNED);
    }
    words_set_language(now);
}

/* The installed models, and the given one where it is none of them. With knobs turned it is none: the
 * entry says so, and can't be opened a second time. */
static int list_models(const OpenOptions *options, const char *assets, const Model *model,
                       Arena *arena, ModelChoice *choice) {
    bool turned = options->set || options->mask;

    Catalog catalog;
    int chosen = -1;
    catalog_list(assets, arena, &catalog);
    choice->folder = ARENA_NEW_N(arena, const char *, catalog.count + 1);
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        choice->label[lang] = ARENA_NEW_N(arena, const char *, catalog.count + 1);
        choice->problem[lang] = ARENA_NEW_N(arena, const char *, catalog.count + 1);
    }
    for (size_t i = 0; i < catalog.count; i++) {
        const CatalogEntry *entry = &catalog.entry[i];
        if (!turned && strcmp(entry->folder, model->folder) == 0)
            chosen = choice->count;
        if (entry->problem)
            add_problem(choice, entry->folder, entry->name, entry->problem);
        else
            add_choice(choice, arena, entry->folder, entry->name, &entry->config);
    }
    if (chosen < 0) {
        chosen = choice->count;
        if (turned)
            add_turned(choice, arena, options, model);
        else
            add_choice(choice, arena, model->folder, model->name, &model->config);
    }
    return chosen;
}

/* ---- Checking the start ---------------------------------------------------------------------- */

static bool unknown_stage(const Graph *graph, const char *stage, Arena *arena, Err *err) {
    const char **names = ARENA_NEW_N(arena, const char *, (size_t)graph->count);
    Buf near = {0};
    for (int i = 0; i < graph->count; i++)
        names[i] = graph->node[i].name;
    if (near_names(stage, names, (size_t)graph->count, 1, &near))
        err_set(err, "--stage: there is no stage %.200s; did you mean %s?", stage, near.bytes);
    else
        err_set(err,
                "--stage: there is no stage %.200s, expected a name like "
                "blocks.0.attn.hook_pattern",
                stage);
    buf_free(&near);
    return false;
}

/* The stage and the head that were asked for exist in this model. */
static bool check_start(const OpenOptions *options, const Model *model, Err *err) {
    Arena arena = {0};
    Graph graph;
    SampleOptions greedy = SAMPLE_GREEDY;
    size_t heads = model->config.n_heads;
    StackSizes encoder = config_stack(&model->config, STACK_ENCODER);
    if (model->config.two_stacks && encoder.n_heads > heads)
        heads = encoder.n_heads;
    if (options->head >= 0 && heads == 0)
        return err_set(err, "--head %d: model %s has no heads", options->head, model->name);
    if (options->head >= 0 && (size_t)options->head >= heads)
        return err_set(err, "--head %d: model %s has heads 0 to %zu", options->head, model->name,
                       heads - 1);
    ForwardSize size = {.length = 1, .source = 1, .attention = options->attention};
    bool ok = forward_build(model, &size, &arena, &graph, err);
    if (ok && model->config.task == TASK_TEXT)
        sample_build(&graph, graph_find(&graph, "logits"), &greedy, 0);
    if (ok && options->stage && graph_find(&graph, options->stage) < 0)
        ok = unknown_stage(&graph, options->stage, &arena, err);
    arena_free(&arena);
    return ok;
}

/* ---- Without a display ----------------------------------------------------------------------- */

static bool write_first_look(WindowAppState *app, const WindowApp *window,
                             const WindowOptions *look, const OpenOptions *options,
                             const Model *model, Err *err) {
    Arena arena = {0};
    const char *picture = file_join(&arena, options->first_look, "window.png");
    const char *file = file_join(&arena, options->first_look, "trace.safetensors");
    bool ok = file_make_folders(options->first_look, err) &&
              window_screenshot(window, look, picture, err);
    const Trace *trace = window_app_trace(app);
    if (ok && !trace)
        ok = err_set(err, "%s", window_app_problem(app));
    ok = ok && trace_save(trace, file, err);
    if (ok) {
        Buf text = {0};
        if (!window_app_state(app)->veil) /* else a question comes first */
            first_look_text(trace, model, window_app_state(app), &text);
        printf("%sThe window as it would be: %s\nThe trace, every number:    %s\n", buf_cstr(&text),
               picture, file);
        buf_free(&text);
    }
    arena_free(&arena);
    return ok;
}

/* ---- The command ----------------------------------------------------------------------------- */

static bool show(const OpenOptions *options, WindowAppState *app, const Model *model, Err *err) {
    WindowApp window = {.user = app,
                        .title = word(WORD_PRODUCT),
                        .frame = window_app_frame,
                        .busy = window_app_busy};
    WindowOptions look = {.width = options->width,
                          .height = options->height,
                          .scale = (float)options->scale,
                          .theme = options->light ? &THEME_LIGHT : &THEME_DARK,
                          .script = options->script,
                          .time_start = options->time_start};
    Err why;
    if (options->screenshot)
        return window_screenshot(&window, &look, options->screenshot, err);
    if (options->script || window_possible(&why))
        return window_run(&window, &look, err);
    printf("There is no display here (%s), so this is a first look without a window.\n\n",
           why.text);
    return write_first_look(app, &window, &look, options, model, err);
}

/* The knobs of the first model; what that means is told where an error would be. */
static bool turn_knobs(const OpenOptions *options, Model *model, Err *err) {
    if (options->set && !model_set(model, options->set, err))
        return false;
    if (options->mask && !model_set_mask(model, options->mask, true, err))
        return err_prefix(err, "--mask");
    for (int i = 0; (options->set || options->mask) && i < model->note_count; i++)
        fprintf(stderr, "attnscope: note: %s\n", model->notes[i]);
    return true;
}

static bool open_window(OpenOptions *options, Arena *arena, Err *err) {
    const char *assets = cli_assets(arena), *folder;
    size_t size;
    if (options->prompt_file &&
        !prompt_file_read(options->prompt_file, arena, &options->prompt, &size, err))
        return false;
    if (!catalog_resolve(assets, options->model, arena, &folder, err))
        return false;
    Model *model = model_open(folder, err);
    if (!model || !turn_knobs(options, model, err)) {
        model_close(model);
        return false;
    }
    options->prompt_own = !options->prompt;
    if (options->prompt_own)
        options->prompt = open_prompt(model, arena);
    SharedModel *shared = shared_model_new(model);
    ModelChoice choice = {0};
    int chosen = list_models(options, assets, model, arena, &choice);
    WindowAppState *app = NULL;
    WindowLesson *lesson = window_lesson_new(assets, cli_lessons(arena), options->threads,
                                             window_wake);
    options->assets = assets;
    if (check_start(options, model, err) &&
        (!options->lesson || window_lesson_start(lesson, options->lesson, options->scene, err)))
        app = window_app_new(options, shared, &choice, chosen, lesson, window_wake, err);
    bool ok = app && show(options, app, model, err);
    window_app_free(app);
    window_lesson_free(lesson);
    shared_model_drop(shared);
    return ok;
}

int open_main(int argc, char **argv) {
    OpenOptions options;
    Arena arena = {0};
    Err err;
    if (!open_options_read(argc, argv, &options, &err)) {
        fprintf(stderr, "attnscope: open: %s (see attnscope open --help)\n", err.text);
        return CLI_USAGE;
    }
    if (options.help) {
        open_options_help();
        return CLI_DONE;
    }
    words_set_language(options.lang);
    bool ok = open_window(&options, &arena, &err);
    if (!ok)
        fprintf(stderr, "attnscope: open: %s\n", err.text);
    arena_free(&arena);
    return ok ? CLI_DONE : CLI_FAILED;
}
