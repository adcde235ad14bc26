#include "app/lesson/play_part.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* ---- Beginning and end -------------------------------------------------------------------------- */

static void *new_zeroed(size_t count, size_t size) {
    void *made = calloc(count ? count : 1, size);
    if (!made)
        abort(); /* small memory, as in arena.h */
    return made;
}

Play *play_new(const Lesson *lesson, LessonRuns *runs, Lang lang, uint64_t seed) {
    Play *play = new_zeroed(1, sizeof *play);
    *play = (Play){.lesson = lesson, .runs = runs, .lang = lang, .seed = seed};
    play->first = new_zeroed(lesson->scene_count, sizeof *play->first);
    for (size_t i = 0; i < lesson->scene_count; i++) {
        play->first[i] = play->done_count;
        play->done_count += lesson->scene[i].check_count;
    }
    play->done = new_zeroed(play->done_count, sizeof *play->done);
    play_go(play, 0);
    return play;
}

void play_free(Play *play) {
    if (!play)
        return;
    arena_free(&play->arena);
    arena_free(&play->moves);
    free(play->done);
    free(play->first);
    free(play);
}

const Lesson *play_lesson(const Play *play) {
    return play->lesson;
}

Lang play_lang(const Play *play) {
    return play->lang;
}

void play_set_lang(Play *play, Lang lang) {
    play->lang = lang;
    play_forget(play);
}

void play_forget(Play *play) {
    play->made = (Made){0};
    arena_reset(&play->arena);
}

/* ---- Where -------------------------------------------------------------------------------------- */

size_t play_scene(const Play *play) {
    return play->scene;
}

const LessonScene *play_scene_now(const Play *play) {
    return &play->lesson->scene[play->scene];
}

uint64_t play_changes(const Play *play) {
    return play->changes;
}

Done *play_done(Play *play, size_t check) {
    return &play->done[play->first[play->scene] + check];
}

/* Another run is wanted: what was seen so far counts no more, and nothing of it is held. */
static void move_on(Play *play) {
    play->trace = NULL;
    play->model = NULL;
    play->changes++;
    play_forget(play);
    lesson_runs_trim(play->runs);
}

static void drop_own(Play *play) {
    play->prompt = NULL;
    play->change = (LessonRun){0};
    arena_reset(&play->moves);
}

/* 0: the scene's own; then its named runs. */
static const char *choice_name(const LessonScene *scene, size_t choice) {
    return choice == 0 ? "main" : scene->named[choice - 1].name;
}

static size_t choice_of(const LessonScene *scene, const char *name) {
    for (size_t i = 0; name && i < scene->named_count; i++)
        if (strcmp(scene->named[i].name, name) == 0)
            return i + 1;
    return 0;
}

bool play_go(Play *play, size_t scene) {
    if (scene >= play->lesson->scene_count)
        return false;
    play->scene = scene;
    play->chosen = choice_of(play_scene_now(play), play_scene_now(play)->shows);
    drop_own(play);
    move_on(play);
    return true;
}

/* ---- What is run -------------------------------------------------------------------------------- */

/* A run of the scene, with the learner's prompt where it has none of its own. */
static void run_of(const Play *play, size_t choice, LessonRun *run) {
    const LessonScene *scene = play_scene_now(play);
    bool found = lesson_scene_run(play->lesson, play->scene, choice_name(scene, choice), run);
    assert(found);
    (void)found;
    if (play->prompt && (choice == 0 || !scene->named[choice - 1].run.prompt))
        run->prompt = play->prompt;
}

void play_run(const Play *play, LessonRun *run) {
    LessonRun base;
    run_of(play, play->chosen, &base);
    *run = lesson_run_over(&base, &play->change);
}

size_t play_choices(const Play *play) {
    size_t named = play_scene_now(play)->named_count;
    return named ? named + 1 : 0;
}

const char *play_choice_label(Play *play, size_t choice) {
    const LessonScene *scene = play_scene_now(play);
    const char *name = choice_name(scene, choice);
    const char *label = lesson_text_at(play->lesson, play->lang, "%s/run %s", scene->id, name);
    return label ? label : name;
}

size_t play_chosen(const Play *play) {
    return play->chosen;
}

void play_choose(Play *play, size_t choice) {
    assert(choice <= play_scene_now(play)->named_count);
    play->chosen = choice;
    play->change = (LessonRun){0};
    move_on(play);
}

static const char *copied(Play *play, const char *text) {
    return text ? arena_copy_text(&play->moves, text) : NULL;
}

void play_set_prompt(Play *play, const char *prompt) {
    play->prompt = copied(play, prompt);
    play->change.prompt = NULL;
    move_on(play);
}

void play_set_run(Play *play, const LessonRun *change) {
    LessonRun copy = {.model = copied(play, change->model),
                      .prompt = copied(play, change->prompt),
                      .set = copied(play, change->set),
                      .mask = copied(play, change->mask),
                      .attention = copied(play, change->attention),
                      .kv_cache = copied(play, change->kv_cache)};
    play->change = lesson_run_over(&play->change, &copy);
    move_on(play);
}

void play_look(Play *play, const Trace *trace, const Model *model) {
    if (play->trace == trace && play->model == model)
        return;
    play->trace = trace;
    play->model = model;
    play_forget(play);
}

bool play_has_trace(const Play *play, Err *err) {
    if (err)
        err->text[0] = '\0';
    return play->trace != NULL;
}

/* ---- Expressions -------------------------------------------------------------------------------- */

/* What the window shows is one of the runs: then it is not run twice. */
static bool named_run(void *user, const char *name, ExprRun *run, Err *err) {
    Play *play = user;
    const LessonScene *scene = play_scene_now(play);
    size_t choice = choice_of(scene, name);
    if (choice == 0 && strcmp(name, "main") != 0)
        return err_set(err, "there is no run %s", name);
    if (choice == play->chosen && play->trace) {
        *run = (ExprRun){play->trace, play->model};
        return true;
    }
    LessonRun wanted;
    run_of(play, choice, &wanted);
    if (err)
        err->text[0] = '\0';
    return lesson_runs_get(play->runs, &wanted, run, err) == RUN_READY;
}

void play_no_role(void *user, const char *role, Err *err) {
    const Play *play = user;
    const char *label = lesson_text_at(play->lesson, play->lang, "role %s", role);
    said_err(err, play->lang, SAID_NO_ROLE, label ? label : role, NULL);
}

static bool hides(void *user, const Expr *expr) {
    Play *play = user;
    ExprScope scope = play_scope(play, SHOW_ALL);
    return conceal_hides_value(play_concealed(play), expr, &scope);
}

static bool hides_asked(void *user, const Expr *expr) {
    Play *play = user;
    ExprScope scope = play_scope(play, SHOW_ALL);
    play_concealed(play);
    return conceal_hides_value(&play->made.asked, expr, &scope);
}

ExprScope play_scope(Play *play, Hiding hiding) {
    const LessonScene *scene = play_scene_now(play);
    return (ExprScope){.main = {play->trace, play->model},
                       .named = named_run,
                       .no_role = play_no_role,
                       .hides = hiding == HIDE_CONCEALED ? hides
                                : hiding == HIDE_ASKED   ? hides_asked
                                                         : NULL,
                       .user = play,
                       .role = play->lesson->role,
                       .role_count = play->lesson->role_count,
                       .let = scene->let,
                       .let_count = scene->let_count};
}

/* The scene's own stand behind the lesson's. NULL: it is no name of one. */
static const Expr *let_called(const LessonScene *scene, const char *name) {
    for (size_t i = scene->let_count; i-- > 0;)
        if (strcmp(scene->let[i].name, name) == 0)
            return scene->let[i].value;
    return NULL;
}

const Expr *play_resolve(const Play *play, const Expr *expr) {
    const LessonScene *scene = play_scene_now(play);
    const Expr *named = let_called(scene, expr_text(expr));
    /* A name may stand for a name: never more often than there are names, or it stands for itself. */
    for (size_t hops = 0; named && hops < scene->let_count; hops++) {
        expr = named;
        named = let_called(scene, expr_text(expr));
    }
    return expr;
}

bool play_find_cells(Play *play, const char *text, CellRange *cells, Err *err) {
    if (!play_has_trace(play, err))
        return false;
    ExprScope scope = play_scope(play, SHOW_ALL);
    const Expr *expr = expr_parse(&play->arena, text, strlen(text), err);
    return expr && expr_cells(expr, &scope, cells, err);
}

/* ---- What is concealed -------------------------------------------------------------------------- */

static void conceal_check(Play *play, const LessonCheck *check, Conceal *conceal) {
    conceal_globs(conceal, check->conceal, check->conceal_count);
    if (check->kind != CHECK_FILL)
        return;
    const char *run;
    const Expr *value = expr_in_run(play_resolve(play, check->value), &run);
    ExprScope scope = play_scope(play, SHOW_ALL);
    CellRange cell;
    Err none;
    if (expr_is_cells(value) && expr_cells(value, &scope, &cell, &none) &&
        cell_range_single(&cell, play->trace))
        conceal_cell(conceal, &cell, run);
    else if (expr_record(value) && trace_find(play->trace, expr_record(value)) < 0)
        conceal_globs(conceal, (const char *[]){expr_record(value)}, 1);
}

/* Twice: with all that the scene says and that follows, and what the open questions ask for alone. */
const Conceal *play_concealed(Play *play) {
    const LessonScene *scene = play_scene_now(play);
    Made *made = &play->made;
    if (made->concealed || !play->trace)
        return &made->conceal;
    made->concealed = true;
    bool open = false;
    for (size_t i = 0; i < scene->check_count; i++) {
        if (play_done(play, i)->state != ANSWER_OPEN)
            continue;
        if (!open) {
            made->conceal = conceal_nothing(play->trace, scene->check_count, &play->arena);
            made->asked = conceal_nothing(play->trace, scene->check_count, &play->arena);
            conceal_globs(&made->conceal, scene->conceal, scene->conceal_count);
        }
        open = true;
        conceal_check(play, &scene->check[i], &made->conceal);
        conceal_check(play, &scene->check[i], &made->asked);
    }
    if (open)
        conceal_spread(&made->conceal);
    return &made->conceal;
}

bool play_conceals(Play *play, int node, const size_t *index) {
    return play->trace && conceal_hides(play_concealed(play), node, index);
}

bool play_conceals_all(Play *play, int node) {
    return play->trace && conceal_hides_all(play_concealed(play), node);
}

bool play_conceals_some(Play *play, int node) {
    return play->trace && conceal_hides_some(play_concealed(play), node);
}

/* ---- How far ------------------------------------------------------------------------------------ */

size_t play_solved(const Play *play) {
    size_t solved = 0;
    for (size_t i = 0; i < play->done_count; i++)
        solved += play->done[i].state != ANSWER_OPEN;
    return solved;
}

size_t play_asked(const Play *play) {
    return play->done_count;
}
