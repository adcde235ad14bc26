/* What the worker is asked for: the text that was typed, or what a lesson wants. */
#include "app/window_part.h"
#include "engine/model/catalog.h"

#include <string.h>

bool window_text_is_own(const WindowAppState *app) {
    return app->own.size > 0 &&
           strcmp(buf_cstr(&app->own), buf_cstr(&app->widgets.prompt.text)) == 0;
}

void window_show_own_text(WindowAppState *app, const char *text) {
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

void window_ask_run(WindowAppState *app, const LessonRun *run) {
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

void window_follow_lesson(WindowAppState *app) {
    LessonRun run;
    if (!app->lesson || !window_lesson_wants(app->lesson, &run))
        return;
    if (strcmp(buf_cstr(&app->widgets.prompt.text), run.prompt) != 0)
        ui_textbox_set(&app->widgets.prompt, run.prompt, strlen(run.prompt));
    app->cached = strcmp(run.kv_cache, "on") == 0;
    app->due_ms = 0;
    if (app->run_shown && lesson_run_same(&app->run, &run)) {
        app->looked = false;
        return;
    }
    if (app->waiting && lesson_run_same(&app->run, &run))
        return;
    keep_run(app, &run);
    window_ask_run(app, &app->run);
}

bool window_in_lesson(const WindowAppState *app) {
    return app->lesson && window_lesson_is_open(app->lesson);
}

void window_ask(WindowAppState *app) {
    if (window_in_lesson(app)) {
        app->due_ms = 0;
        window_lesson_prompt(app->lesson, buf_cstr(&app->widgets.prompt.text));
        return;
    }
    const Buf *text = &app->widgets.prompt.text;
    const char *folder = app->to_open >= 0 ? app->choice->folder[app->to_open] : NULL;
    const char *asked = folder && window_text_is_own(app) ? NULL : buf_cstr(text);
    app->run_shown = false;
    ask_worker(app, &(WorkAsk){folder, NULL, NULL, asked, text->size});
}
