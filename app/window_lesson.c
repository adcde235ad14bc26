#include "app/window_lesson.h"

#include "app/lesson/progress.h"
#include "app/views/words.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    Lesson *lesson; /* NULL: it can't be read: */
    Err err;
    const char *folder;
} Listed;

struct WindowLesson {
    const char *assets, *folder;
    int threads;
    void (*wake)(void);
    Arena arena;
    Listed *list; /* the installed ones; NULL: not read yet */
    size_t count;
    Lesson *own; /* one that was opened by its folder, from elsewhere */
    LessonRuns *runs;
    LessonProgress *progress;
    Err unkept;
    bool told; /* why nothing is kept: once is enough */
    LessonPanel panel;
    Play *play; /* NULL: none is open */
    long open;
    uint64_t followed; /* of play_changes: so far the window has been told */
    bool changed;      /* the learner has changed the run */
    bool due;          /* the place of a new scene is to be taken … */
    Place placed;      /* … and was this */
    bool has_placed;
    const Trace *trace; /* that was handed in */
    Veil *veil;
    bool veiled; /* `veil` is that of the trace and of what is answered by now */
    Err failed, not_ready;
};

/* ---- The lessons there are ----------------------------------------------------------------------- */

WindowLesson *window_lesson_new(const char *assets, const char *lessons, int threads,
                                void (*wake)(void)) {
    WindowLesson *made = calloc(1, sizeof *made);
    if (!made)
        abort(); /* small memory, as in arena.h */
    made->assets = arena_copy_text(&made->arena, assets);
    made->folder = arena_copy_text(&made->arena, lessons);
    made->threads = threads;
    made->wake = wake;
    made->open = -1;
    return made;
}

static void close_play(WindowLesson *lesson) {
    play_free(lesson->play);
    lesson->play = NULL;
    lesson->open = -1;
    lesson->panel.scene = 0;
    lesson->changed = lesson->due = lesson->has_placed = false;
    lesson->failed.text[0] = lesson->not_ready.text[0] = '\0';
    lesson->veiled = false;
}

void window_lesson_free(WindowLesson *lesson) {
    if (!lesson)
        return;
    close_play(lesson);
    veil_free(lesson->veil);
    lesson_runs_free(lesson->runs);
    if (lesson->progress)
        progress_close(lesson->progress);
    for (size_t i = 0; i < lesson->count; i++)
        lesson_close(lesson->list[i].lesson);
    lesson_close(lesson->own);
    lesson_panel_free(&lesson->panel);
    arena_free(&lesson->arena);
    free(lesson);
}

/* Reads them all, once: the contents tell their titles. */
static void read_list(WindowLesson *lesson) {
    if (lesson->list)
        return;
    const char **folder;
    lesson->count = lesson_list(lesson->folder, &lesson->arena, &folder);
    lesson->list = ARENA_NEW_N(&lesson->arena, Listed, lesson->count + 1);
    for (size_t i = 0; i < lesson->count; i++) {
        Listed *listed = &lesson->list[i];
        listed->folder = arena_copy_text(&lesson->arena, folder[i]);
        listed->lesson = lesson_open(listed->folder, &listed->err);
    }
    lesson->progress = progress_open(&lesson->unkept);
}

static LessonRuns *runs_of(WindowLesson *lesson) {
    if (!lesson->runs)
        lesson->runs = lesson_runs_new(lesson->assets, lesson->threads, lesson->wake);
    return lesson->runs;
}

/* ---- Opening ------------------------------------------------------------------------------------- */

static void scene_begins(WindowLesson *lesson) {
    lesson->due = true;
    lesson->has_placed = lesson->changed = false;
    lesson->failed.text[0] = '\0';
}

static void keep(WindowLesson *lesson) {
    Err err;
    if (lesson->play && !progress_keep(lesson->progress, lesson->play, &err))
        lesson->unkept = err;
}

static void begin(WindowLesson *lesson, const Lesson *which, long open) {
    enum { SEED = 1 }; /* options stand in the same order for everyone in a class */
    close_play(lesson);
    lesson->play = play_new(which, runs_of(lesson), words_language(), SEED);
    lesson->open = open;
    lesson->followed = UINT64_MAX;
    lesson->panel.contents = lesson->panel.cell = lesson->panel.teacher = false;
    progress_resume(lesson->progress, lesson->play);
    scene_begins(lesson);
}

static bool go_scene(WindowLesson *lesson, const char *scene, Err *err) {
    const Lesson *which = play_lesson(lesson->play);
    char *end;
    long number = strtol(scene, &end, 10);
    if (end > scene && !*end && number >= 1 && play_go(lesson->play, (size_t)number - 1))
        return true;
    for (size_t i = 0; i < which->scene_count; i++)
        if (strcmp(which->scene[i].id, scene) == 0)
            return play_go(lesson->play, i);
    return err_set(err, "--scene %.60s: the lesson %s has scenes 1 to %zu, the first is %s", scene,
                   which->name, which->scene_count, which->scene[0].id);
}

/* An installed one, or one from elsewhere. */
static const Lesson *find_lesson(WindowLesson *lesson, const char *folder, long *open, Err *err) {
    for (size_t i = 0; i < lesson->count; i++) {
        if (strcmp(lesson->list[i].folder, folder) != 0)
            continue;
        *open = (long)i;
        if (!lesson->list[i].lesson)
            err_set(err, "%s", lesson->list[i].err.text);
        return lesson->list[i].lesson;
    }
    *open = -1;
    Lesson *own = lesson_open(folder, err);
    if (!own)
        return NULL;
    close_play(lesson);
    lesson_close(lesson->own);
    lesson->own = own;
    return own;
}

bool window_lesson_start(WindowLesson *lesson, const char *name, const char *scene, Err *err) {
    const char *folder;
    long open;
    read_list(lesson);
    if (!lesson_resolve(lesson->folder, name, &lesson->arena, &folder, err))
        return false;
    const Lesson *which = find_lesson(lesson, folder, &open, err);
    if (!which)
        return false;
    begin(lesson, which, open);
    if (scene && !go_scene(lesson, scene, err))
        return false;
    keep(lesson);
    return true;
}

Play *window_lesson_play(WindowLesson *lesson) {
    return lesson->play;
}

LessonPanel *window_lesson_panel(WindowLesson *lesson) {
    return &lesson->panel;
}

bool window_lesson_is_open(const WindowLesson *lesson) {
    return lesson->play != NULL;
}

bool window_lesson_busy(const WindowLesson *lesson) {
    return lesson->play && lesson_runs_busy(lesson->runs);
}

/* ---- What is hidden ------------------------------------------------------------------------------ */

static VeilKind hides_record(void *user, int node) {
    if (play_conceals_all(user, node))
        return VEIL_RECORD;
    return play_conceals_some(user, node) ? VEIL_CELLS : VEIL_NOTHING;
}

static bool hides_cell(void *user, int node, const size_t *index) {
    return play_conceals(user, node, index);
}

const Veil *window_lesson_veil(WindowLesson *lesson) {
    if (lesson->veiled)
        return lesson->veil;
    veil_free(lesson->veil);
    lesson->veil = NULL;
    lesson->veiled = true;
    if (lesson->play && lesson->trace)
        lesson->veil = veil_new(lesson->trace,
                                &(VeilSource){hides_record, hides_cell, lesson->play});
    return lesson->veil;
}

/* ---- Runs ---------------------------------------------------------------------------------------- */

void window_lesson_prompt(WindowLesson *lesson, const char *text) {
    LessonRun run;
    play_run(lesson->play, &run);
    if (strcmp(run.prompt, text) == 0)
        return;
    play_set_prompt(lesson->play, text);
    lesson->changed = true;
}

void window_lesson_change(WindowLesson *lesson, const LessonRun *change) {
    play_set_run(lesson->play, change);
    lesson->changed = true;
}

bool window_lesson_wants(WindowLesson *lesson, LessonRun *run) {
    if (!lesson->play || play_changes(lesson->play) == lesson->followed)
        return false;
    lesson->followed = play_changes(lesson->play);
    lesson->failed.text[0] = '\0';
    play_run(lesson->play, run);
    return true;
}

void window_lesson_look(WindowLesson *lesson, const Trace *trace, const Model *model) {
    lesson->trace = trace;
    lesson->veiled = false;
    if (lesson->play)
        play_look(lesson->play, trace, model);
}

void window_lesson_failed(WindowLesson *lesson, const char *problem) {
    err_set(&lesson->failed, "%s", problem ? problem : "");
}

/* ---- The place ----------------------------------------------------------------------------------- */

static void take_place(const PlayPlace *place, ViewState *state, const Trace *trace,
                       const Walk *walk) {
    int node = place->stage ? trace_find(trace, place->stage) : -1;
    if (place->head >= 0)
        state->now.head = (size_t)place->head;
    if (node >= 0)
        state_apply(state, trace, walk, &(Intent){.kind = INTENT_GO, .node = node}, 0);
    if (place->has_cell) {
        Intent pin = {.kind = INTENT_GO_CELL, .node = place->cell.node};
        memcpy(pin.index, place->cell.from, sizeof pin.index);
        state_apply(state, trace, walk, &pin, 0);
    }
    size_t steps = state_steps(state, walk);
    if (place->step >= 0) {
        state->now.step = (size_t)place->step < steps ? (size_t)place->step : steps;
        state->stepped = place->step > 0;
    }
    state->playing = false;
}

bool window_lesson_place(WindowLesson *lesson, ViewState *state, const Trace *trace,
                         const Walk *walk) {
    PlayPlace place;
    if (!lesson->play || !lesson->due || lesson->trace != trace ||
        !play_place(lesson->play, &place, &lesson->not_ready))
        return false;
    take_place(&place, state, trace, walk);
    lesson->due = false;
    lesson->placed = state->now;
    lesson->has_placed = true;
    return true;
}

/* ---- Intents ------------------------------------------------------------------------------------- */

static void go(WindowLesson *lesson, size_t scene) {
    if (!lesson->play || !play_go(lesson->play, scene))
        return;
    lesson->panel.contents = false;
    lesson->told = true;
    scene_begins(lesson);
    keep(lesson);
}

static void answered(WindowLesson *lesson, size_t check) {
    lesson->panel.asked = (int)check + 1;
    lesson->panel.replied = true;
    lesson->veiled = false;
    keep(lesson);
}

static void answer(WindowLesson *lesson, size_t check) {
    LessonPanel *panel = &lesson->panel;
    panel->problem_of = 0;
    if (play_answer(lesson->play, check, &panel->answer, &panel->problem))
        answered(lesson, check);
    else
        panel->problem_of = (int)check + 1;
}

static void reveal(WindowLesson *lesson, size_t check) {
    LessonPanel *panel = &lesson->panel;
    panel->problem_of = 0;
    if (play_reveal(lesson->play, check, &panel->problem))
        answered(lesson, check);
    else
        panel->problem_of = (int)check + 1;
}

static void to_question(WindowLesson *lesson) {
    const PlayCheck *checks;
    size_t count = play_checks(lesson->play, &checks);
    lesson->panel.contents = lesson->panel.cell = false;
    for (size_t i = count; i-- > 0;)
        if (checks[i].state == ANSWER_OPEN)
            lesson->panel.asked = (int)i + 1;
}

static void choose_lesson(WindowLesson *lesson, long which) {
    lesson->panel.contents = false;
    if (which >= 0 && (size_t)which < lesson->count && lesson->list[which].lesson)
        begin(lesson, lesson->list[which].lesson, which);
    else
        close_play(lesson);
    keep(lesson);
}

static void show_contents(WindowLesson *lesson) {
    read_list(lesson);
    lesson->panel.contents = !lesson->panel.contents;
    lesson->panel.list.offset = 0;
}

/* The intent points at an answer to this question, or changes what it is about. */
static bool leads_to(const Intent *intent, const LessonCheck *check) {
    bool points = check->kind == CHECK_POINT, makes = check->kind == CHECK_MAKE;
    switch (intent->kind) {
    case INTENT_PIN:
    case INTENT_GO_CELL:
    case INTENT_MOVE: return points && check->at <= POINT_COLUMN;
    case INTENT_HEAD: return points && check->at == POINT_HEAD;
    case INTENT_TOKEN: return points && check->at == POINT_TOKEN;
    case INTENT_GO: return points && check->at == POINT_STAGE;
    case INTENT_PROMPT:
    case INTENT_SUBMIT:
    case INTENT_SCENE_RUN: return makes;
    default: return false;
    }
}

/* The question comes into view with its button: what is pointed at or changed is handed in there. */
static void follow(WindowLesson *lesson, const Intent *intent) {
    const PlayCheck *checks;
    size_t count = play_checks(lesson->play, &checks);
    for (size_t i = 0; i < count; i++)
        if (checks[i].state == ANSWER_OPEN && leads_to(intent, checks[i].check)) {
            lesson->panel.asked = (int)i + 1;
            lesson->panel.replied = true;
            return;
        }
}

/* Those that only make sense while one is open. */
static bool apply_open(WindowLesson *lesson, const Intent *intent) {
    size_t value = (size_t)intent->value;
    follow(lesson, intent);
    switch (intent->kind) {
    case INTENT_SCENE: go(lesson, value); return true;
    case INTENT_SCENE_PICTURE: go(lesson, play_scene(lesson->play)); return true;
    case INTENT_SCENE_RUN: play_choose(lesson->play, value); return true;
    case INTENT_ANSWER: answer(lesson, value); return true;
    case INTENT_HINT:
        play_hint(lesson->play, value);
        lesson->panel.asked = (int)value + 1;
        lesson->panel.replied = true;
        return true;
    case INTENT_REVEAL: reveal(lesson, value); return true;
    case INTENT_QUESTION: to_question(lesson); return true;
    case INTENT_TOKEN: lesson->panel.token = value + 1; return false; /* its row, too */
    case INTENT_SIDE: lesson->panel.cell = intent->value == 0; return true;
    default: return false;
    }
}

bool window_lesson_apply(WindowLesson *lesson, const Intent *intent) {
    switch (intent->kind) {
    case INTENT_CONTENTS: show_contents(lesson); return true;
    case INTENT_LESSON: choose_lesson(lesson, intent->value); return true;
    default: return lesson->play && apply_open(lesson, intent);
    }
}

/* ---- For the views ------------------------------------------------------------------------------- */

static LessonEntry *entries(WindowLesson *lesson, Arena *arena) {
    LessonEntry *entry = ARENA_NEW_N(arena, LessonEntry, lesson->count + 1);
    for (size_t i = 0; i < lesson->count; i++) {
        const Listed *listed = &lesson->list[i];
        const Lesson *which = listed->lesson;
        if (!which) {
            entry[i] = (LessonEntry){.title = listed->folder, .problem = listed->err.text};
            continue;
        }
        entry[i] = (LessonEntry){.title = lesson_text(which, words_language(), "#"),
                                 .about = lesson_text(which, words_language(), ""),
                                 .number = which->number,
                                 .minutes = which->minutes};
        progress_of(lesson->progress, which->name, &entry[i].solved, &entry[i].asked);
    }
    return entry;
}

static bool has_moved(const WindowLesson *lesson, const ViewState *state) {
    return lesson->changed || (lesson->has_placed && (state->now.node != lesson->placed.node ||
                                                      state->now.head != lesson->placed.head));
}

static const char *scene_problem(WindowLesson *lesson) {
    if (lesson->failed.text[0])
        return lesson->failed.text;
    bool ready = play_ready(lesson->play, &lesson->not_ready);
    return !ready && lesson->not_ready.text[0] ? lesson->not_ready.text : NULL;
}

static ViewMark *view_marks(WindowLesson *lesson, const Trace *trace, Arena *arena, size_t *count) {
    static const ViewMarkKind kinds[] = {[MARK_CELLS] = VIEW_MARK_CELLS,
                                         [MARK_TOKEN] = VIEW_MARK_TOKEN,
                                         [MARK_HEAD] = VIEW_MARK_HEAD,
                                         [MARK_STAGE] = VIEW_MARK_STAGE};
    const PlayMark *from;
    *count = play_marks(lesson->play, &from);
    ViewMark *mark = ARENA_NEW_N(arena, ViewMark, *count + 1);
    for (size_t i = 0; i < *count; i++) {
        mark[i] = (ViewMark){.kind = kinds[from[i].kind],
                             .role = from[i].role,
                             .node = from[i].node,
                             .index = from[i].index};
        if (from[i].kind == MARK_STAGE)
            mark[i].node = graph_owner(&trace->graph, from[i].node);
        if (from[i].kind != MARK_CELLS)
            continue;
        mark[i].node = from[i].cells.node;
        mark[i].cells.slot = SLOT_RESULT;
        memcpy(mark[i].cells.lo, from[i].cells.from, sizeof mark[i].cells.lo);
        memcpy(mark[i].cells.hi, from[i].cells.to, sizeof mark[i].cells.hi);
    }
    return mark;
}

void window_lesson_view(WindowLesson *lesson, const ViewState *state, const Trace *trace,
                        Arena *arena, ViewInput *in) {
    struct LessonView *view = ARENA_NEW(arena, struct LessonView);
    if (lesson->play && play_lang(lesson->play) != words_language())
        play_set_lang(lesson->play, words_language());
    *view = (struct LessonView){
        .play = lesson->play,
        .panel = &lesson->panel,
        .open = lesson->open,
        .unkept = lesson->unkept.text[0] && !lesson->told ? lesson->unkept.text : NULL};
    if (lesson->panel.contents) {
        view->entry = entries(lesson, arena);
        view->entry_count = lesson->count;
    }
    if (lesson->play) {
        view->moved = has_moved(lesson, state);
        view->problem = scene_problem(lesson);
    }
    LessonRun run;
    if (lesson->play && lesson->veil) { /* tiles show in another way what is hidden here */
        play_run(lesson->play, &run);
        if (strcmp(run.attention, "standard") == 0)
            in->no_flash = word(WORD_ASKED_NO_FLASH);
    }
    if (lesson->play && trace && lesson->trace == trace)
        in->mark = view_marks(lesson, trace, arena, &in->mark_count);
    in->lesson = view;
}
