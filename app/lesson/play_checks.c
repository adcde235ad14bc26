/* The questions of a scene: how they are shown, answered, helped with and closed. */
#include "app/lesson/play_part.h"

#include "engine/base/random.h"

#include <stdio.h>
#include <string.h>

const char *play_check_text(const Play *play, size_t check, const char *part) {
    const LessonScene *scene = play_scene_now(play);
    return lesson_text_at(play->lesson, play->lang, "%s/%s%s", scene->id, scene->check[check].id,
                          part);
}

static size_t hint_count(const Play *play, size_t check) {
    char part[32];
    size_t count = 0;
    do
        snprintf(part, sizeof part, "/hint %zu", count + 1);
    while (play_check_text(play, check, part) && ++count);
    return count;
}

/* ---- The order shown ---------------------------------------------------------------------------- */

/* Another one for each question of the lesson. */
static uint64_t seed_of(const Play *play, size_t check) {
    uint64_t number = play->first[play->scene] + check;
    uint64_t state = play->seed + number * RANDOM_STEP;
    return random_bits(&state);
}

/* Stages that came out as they stand in the lesson are moved round by one: authors tend to write
 * them in the right order. */
size_t *play_order(const Play *play, size_t check, size_t count, Arena *arena) {
    const LessonCheck *asked = &play_scene_now(play)->check[check];
    size_t *order = ARENA_NEW_N(arena, size_t, count + 1);
    uint64_t state = seed_of(play, check);
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    if (asked->kind == CHECK_CHOOSE && asked->keep_order)
        return order;
    bool moved = false;
    for (size_t i = count; i > 1; i--) {
        size_t other = (size_t)(random_bits(&state) % i), kept = order[i - 1];
        order[i - 1] = order[other];
        order[other] = kept;
        moved = moved || other != i - 1;
    }
    if (asked->kind == CHECK_ORDER && !moved)
        for (size_t i = 0; i < count; i++)
            order[i] = (i + 1) % count;
    return order;
}

/* ---- Shown -------------------------------------------------------------------------------------- */

static bool render(Play *play, const char *text, Hiding hiding, LessonBody *body, Err *err) {
    ExprScope scope = play_scope(play, hiding);
    *body = (LessonBody){NULL, 0};
    return !text || markup_render(text, &scope, &play->arena, body, err);
}

static bool make_items(Play *play, size_t at, PlayCheck *shown, Err *err) {
    const LessonCheck *check = shown->check;
    bool choose = check->kind == CHECK_CHOOSE;
    shown->items = choose ? check->option_count : check->stage_count;
    if (!choose && check->kind != CHECK_ORDER)
        shown->items = 0;
    const size_t *order = play_order(play, at, shown->items, &play->arena);
    LessonBody *item = ARENA_NEW_N(&play->arena, LessonBody, shown->items);
    const char **stage = ARENA_NEW_N(&play->arena, const char *, shown->items);
    const Done *done = play_done(play, at);
    shown->chosen = shown->items;
    for (size_t i = 0; i < shown->items; i++) {
        if (!choose) {
            stage[i] = check->stage[order[i]];
            continue;
        }
        const char *part = arena_printf(&play->arena, "/option %s", check->option[order[i]].id);
        if (done->has_chosen && done->chosen == order[i])
            shown->chosen = i;
        /* Options may be told from each other by numbers that are concealed elsewhere. */
        if (!render(play, play_check_text(play, at, part), SHOW_ALL, &item[i], err))
            return false;
    }
    shown->item = choose ? item : NULL;
    shown->stage = choose ? NULL : stage;
    return true;
}

/* To an option its own; else what there is for right and wrong. */
static const char *reply_text(Play *play, size_t at, const Done *done) {
    const LessonCheck *check = &play_scene_now(play)->check[at];
    const char *text = NULL;
    if (!done->replied)
        return NULL;
    if (check->kind == CHECK_CHOOSE && done->has_chosen)
        text = play_check_text(
            play, at, arena_printf(&play->arena, "/reply %s", check->option[done->chosen].id));
    return text ? text : play_check_text(play, at, done->was_true ? "/right" : "/wrong");
}

static bool make_hints(Play *play, size_t at, PlayCheck *shown, Err *err) {
    shown->hints = hint_count(play, at);
    shown->hints_shown = play_done(play, at)->hints_shown;
    LessonBody *hint = ARENA_NEW_N(&play->arena, LessonBody, shown->hints_shown);
    for (size_t i = 0; i < shown->hints_shown; i++) {
        const char *part = arena_printf(&play->arena, "/hint %zu", i + 1);
        if (!render(play, play_check_text(play, at, part), HIDE_CONCEALED, &hint[i], err))
            return false;
    }
    shown->hint = hint;
    return true;
}

static bool make_check(Play *play, size_t at, PlayCheck *shown, Err *err) {
    const LessonScene *scene = play_scene_now(play);
    const Done *done = play_done(play, at);
    *shown = (PlayCheck){.check = &scene->check[at], .state = done->state, .wrong = done->wrong};
    shown->title = lesson_text_at(play->lesson, play->lang, "#%s/%s", scene->id, shown->check->id);
    bool closed = done->state != ANSWER_OPEN;
    const char *after = closed ? play_check_text(play, at, "/after") : NULL;
    Hiding hiding = closed ? HIDE_ASKED : HIDE_CONCEALED;
    return render(play, play_check_text(play, at, ""), HIDE_CONCEALED, &shown->question, err) &&
           make_items(play, at, shown, err) && make_hints(play, at, shown, err) &&
           render(play, reply_text(play, at, done), hiding, &shown->reply, err) &&
           render(play, after, hiding, &shown->after, err);
}

bool play_make_checks(Play *play, Made *made, Err *err) {
    const LessonScene *scene = play_scene_now(play);
    made->check = ARENA_NEW_N(&play->arena, PlayCheck, scene->check_count);
    for (size_t i = 0; i < scene->check_count; i++)
        if (!make_check(play, i, &made->check[i], err))
            return false;
    return true;
}

size_t play_checks(Play *play, const PlayCheck **checks) {
    Err none;
    if (!play_make(play, &none))
        return 0;
    *checks = play->made.check;
    return play_scene_now(play)->check_count;
}

/* ---- Answered ----------------------------------------------------------------------------------- */

static bool is_open(Play *play, size_t check, Err *err) {
    if (check >= play_scene_now(play)->check_count)
        return said_err(err, play->lang, SAID_NO_QUESTION, NULL, NULL);
    if (play_done(play, check)->state != ANSWER_OPEN)
        return said_err(err, play->lang, SAID_IS_CLOSED, NULL, NULL);
    return true;
}

static void note_answer(Play *play, size_t check, const Answer *answer, bool right) {
    const LessonCheck *asked = &play_scene_now(play)->check[check];
    Done *done = play_done(play, check);
    done->replied = true;
    done->was_true = right;
    done->wrong = !right;
    if (asked->kind == CHECK_CHOOSE) {
        done->chosen = play_order(play, check, asked->option_count, &play->arena)[answer->item];
        done->has_chosen = true;
    }
    if (right || asked->predict)
        done->state = right ? ANSWER_RIGHT : ANSWER_CLOSED;
}

bool play_answer(Play *play, size_t check, const Answer *answer, Err *err) {
    bool right = false;
    if (!is_open(play, check, err) || !grade_answer(play, check, answer, &right, err)) {
        if (err && !err->text[0])
            said_err(err, play->lang, SAID_NOT_READY, NULL, NULL);
        return false;
    }
    note_answer(play, check, answer, right);
    play_forget(play);
    return true;
}

bool play_hint(Play *play, size_t check) {
    Done *done = play_done(play, check);
    if (done->state != ANSWER_OPEN || done->hints_shown >= hint_count(play, check))
        return false;
    done->hints_shown++;
    play_forget(play);
    return true;
}

bool play_reveal(Play *play, size_t check, Err *err) {
    if (!is_open(play, check, err))
        return false;
    Done *done = play_done(play, check);
    if (done->hints_shown < hint_count(play, check))
        return said_err(err, play->lang, SAID_HINTS_FIRST, NULL, NULL);
    done->state = ANSWER_SHOWN;
    done->replied = done->wrong = false;
    play_forget(play);
    play_solve(play, check);
    return true;
}

bool play_solve(Play *play, size_t check) {
    const LessonScene *scene = play_scene_now(play);
    const LessonCheck *asked = &scene->check[check];
    if (asked->kind != CHECK_MAKE)
        return false;
    size_t choice = play->chosen;
    for (size_t i = 0; asked->solution_shows && i <= scene->named_count; i++)
        if (strcmp(asked->solution_shows, i == 0 ? "main" : scene->named[i - 1].name) == 0)
            choice = i;
    play_choose(play, choice);
    if (asked->solution_shows)
        return true;
    LessonRun change = asked->solution;
    if (change.prompt) /* goes into the scene's other runs, too */
        play_set_prompt(play, change.prompt);
    change.prompt = NULL;
    play_set_run(play, &change);
    return true;
}
