/* lesson.json: the lesson, its roles, its scenes. */
#include "app/lesson/lesson_read.h"
#include "engine/base/json.h"
#include "engine/model/knobs.h"

#include <limits.h>
#include <string.h>

enum {
    ROLES_MOST = 40,
    LETS_MOST = 40,
    SCENES_MOST = 60,
    RUNS_MOST = 12,
    MARKS_MOST = 40,
    WORDS_MOST = 200,
    FARTHEST = 100000 /* tokens */
};

/* ---- what is run ---- */

static bool check_run(Reader *reader, const LessonRun *run) {
    Err why;
    if (run->prompt && !*run->prompt)
        return read_fail(reader, "prompt is empty");
    if (run->model && !*run->model)
        return read_fail(reader, "model is empty");
    return !run->mask || !*run->mask || mask_parse(run->mask, &(MaskParams){0}, &why) ||
           read_fail(reader, "mask: %s", why.text);
}

bool read_run(Reader *reader, const cJSON *object, bool whole, LessonRun *run) {
    static const char *const kinds[] = {"standard", "flash"}, *const cache[] = {"off", "on"};
    int attention = -1, kv_cache = -1;
    if (!read_text(reader, object, "model", whole, &run->model) ||
        !read_text(reader, object, "prompt", whole, &run->prompt) ||
        !read_text(reader, object, "set", false, &run->set) ||
        !read_text(reader, object, "mask", false, &run->mask) ||
        !read_choice(reader, object, "attention", kinds, 2, &attention) ||
        !read_choice(reader, object, "kv_cache", cache, 2, &kv_cache))
        return false;
    if (attention >= 0)
        run->attention = kinds[attention];
    if (kv_cache >= 0)
        run->kv_cache = cache[kv_cache];
    return check_run(reader, run);
}

static bool read_difference(Reader *reader, const cJSON *object, const char *what, LessonRun *run) {
    return READ_OBJECT(reader, object, what, RUN_FIELDS) && read_run(reader, object, false, run);
}

/* ---- let ---- */

bool read_lets(Reader *reader, const cJSON *object, const ExprLet *before, size_t before_count,
               const ExprLet **lets, size_t *count) {
    const cJSON *value = read_field(object, "let");
    size_t own = cJSON_IsObject(value) ? (size_t)cJSON_GetArraySize(value) : 0, at = before_count;
    if (value && !cJSON_IsObject(value))
        return read_fail(reader, "let is no object");
    if (own > LETS_MOST)
        return read_fail(reader, "let has %zu names, expected at most %d", own, LETS_MOST);
    ExprLet *list = ARENA_NEW_N(&reader->lesson->arena, ExprLet, before_count + own);
    if (before_count)
        memcpy(list, before, before_count * sizeof *list);
    for (const cJSON *let = own ? value->child : NULL; let; let = let->next, at++) {
        size_t place = read_enter(reader, "let");
        if (read_field(value, let->string) != let)
            return read_fail(reader, "\"%.60s\" is there twice", let->string);
        list[at].name = arena_copy_text(&reader->lesson->arena, let->string);
        if (!read_name(reader, "a let", let->string) ||
            !read_expr_of(reader, let, list[at].name, &list[at].value))
            return false;
        read_leave(reader, place);
    }
    *lets = list;
    *count = at;
    return true;
}

/* ---- roles ---- */

/* "first", "last" or a number from `least`. */
static bool read_which(Reader *reader, const cJSON *object, const char *field, int least,
                       long first, long last, long *which) {
    const cJSON *value = read_field(object, field);
    const char *text = cJSON_IsString(value) ? value->valuestring : "";
    int number = 0;
    if (value && cJSON_IsNumber(value)) {
        bool good = read_int(reader, object, field, least, FARTHEST, true, &number);
        *which = number;
        return good;
    }
    *which = strcmp(text, "last") == 0 ? last : first;
    char room[80];
    return !value || strcmp(text, "first") == 0 || strcmp(text, "last") == 0 ||
           read_fail(reader, "%s is %s, expected \"first\", \"last\" or a whole number from %d",
                     field, json_show(value, room, sizeof room), least);
}

static bool read_words_role(Reader *reader, const cJSON *object, LessonRole *role) {
    static const char *const pieces[] = {"last", "first"};
    int piece = 0;
    role->kind = ROLE_WORD;
    if (!READ_OBJECT(reader, object, "a role of words", "any", "which", "piece") ||
        !read_texts(reader, object, "any", 1, WORDS_MOST, &role->any, &role->any_count) ||
        !read_which(reader, object, "which", 1, 1, 0, &role->which) ||
        !read_choice(reader, object, "piece", pieces, 2, &piece))
        return false;
    role->first_piece = piece == 1;
    return true;
}

static bool read_place_role(Reader *reader, const cJSON *object, LessonRole *role) {
    int by = 1;
    if (read_field(object, "at")) {
        role->kind = ROLE_AT;
        return READ_OBJECT(reader, object, "a role at a place", "at") &&
               read_which(reader, object, "at", 0, 0, -1, &role->which);
    }
    role->kind = ROLE_AFTER;
    if (!READ_OBJECT(reader, object, "a role", "any", "at", "after", "by") ||
        !read_text(reader, object, "after", true, &role->after) ||
        !read_int(reader, object, "by", -FARTHEST, FARTHEST, false, &by))
        return false;
    role->by = by;
    return true;
}

bool read_role_known(Reader *reader, const char *name) {
    for (size_t i = 0; i < reader->lesson->role_count; i++)
        if (strcmp(reader->lesson->role[i].name, name) == 0)
            return true;
    return read_fail(reader, "there is no role \"%.60s\"", name);
}

static bool read_roles(Reader *reader, const cJSON *root) {
    Lesson *lesson = reader->lesson;
    const cJSON *roles = read_field(root, "roles");
    size_t count = cJSON_IsObject(roles) ? (size_t)cJSON_GetArraySize(roles) : 0;
    if (roles && !cJSON_IsObject(roles))
        return read_fail(reader, "roles is no object");
    if (count > ROLES_MOST)
        return read_fail(reader, "roles has %zu names, expected at most %d", count, ROLES_MOST);
    LessonRole *list = ARENA_NEW_N(&lesson->arena, LessonRole, count);
    const cJSON *at = count ? roles->child : NULL;
    for (size_t i = 0; at; at = at->next, i++) {
        size_t place = read_enter(reader, "roles: %.60s", at->string);
        if (read_field(roles, at->string) != at)
            return read_fail(reader, "is there twice");
        list[i].name = arena_copy_text(&lesson->arena, at->string);
        if (!read_name(reader, "a role", at->string) ||
            !(read_field(at, "any") ? read_words_role(reader, at, &list[i])
                                    : read_place_role(reader, at, &list[i])))
            return false;
        read_leave(reader, place);
    }
    lesson->role = list;
    lesson->role_count = count;
    for (size_t i = 0; i < count; i++)
        if (list[i].after) {
            size_t place = read_enter(reader, "roles: %s: after", list[i].name);
            if (!read_role_known(reader, list[i].after))
                return false;
            read_leave(reader, place);
        }
    return true;
}

/* ---- a scene ---- */

static bool read_named(Reader *reader, const cJSON *scene, LessonScene *to) {
    const cJSON *runs = read_field(scene, "runs");
    if (runs && !cJSON_IsObject(runs))
        return read_fail(reader, "runs is no object");
    to->named_count = runs ? (size_t)cJSON_GetArraySize(runs) : 0;
    if (to->named_count > RUNS_MOST)
        return read_fail(reader, "runs has %zu names, expected at most %d", to->named_count,
                         RUNS_MOST);
    LessonNamedRun *list = ARENA_NEW_N(&reader->lesson->arena, LessonNamedRun, to->named_count);
    const cJSON *at = runs ? runs->child : NULL;
    for (size_t i = 0; at; at = at->next, i++) {
        size_t place = read_enter(reader, "runs: %.60s", at->string);
        if (read_field(runs, at->string) != at)
            return read_fail(reader, "is there twice");
        if (strcmp(at->string, "main") == 0)
            return read_fail(reader, "main is the scene's own run");
        list[i].name = arena_copy_text(&reader->lesson->arena, at->string);
        if (!read_name(reader, "a run", at->string) ||
            !read_difference(reader, at, "a run", &list[i].run))
            return false;
        read_leave(reader, place);
    }
    to->named = list;
    return true;
}

static bool read_shows(Reader *reader, const cJSON *scene, LessonScene *to) {
    to->shows = "main";
    if (!read_text(reader, scene, "shows", false, &to->shows))
        return false;
    for (size_t i = 0; i < to->named_count; i++)
        if (strcmp(to->named[i].name, to->shows) == 0)
            return true;
    return strcmp(to->shows, "main") == 0 ||
           read_fail(reader, "shows is \"%.60s\", which is none of the scene's runs", to->shows);
}

static bool read_step(Reader *reader, const cJSON *scene, LessonScene *to) {
    const cJSON *value = read_field(scene, "step");
    const char *text = cJSON_IsString(value) ? value->valuestring : "";
    to->step_at = !value || strcmp(text, "whole") == 0 ? STEP_WHOLE
                  : strcmp(text, "start") == 0         ? STEP_START
                                                       : STEP_COUNT;
    return to->step_at != STEP_COUNT || read_expr(reader, scene, "step", true, &to->step);
}

static bool read_mark(Reader *reader, const cJSON *object, LessonMark *mark) {
    static const char *const names[] = {"cells", "token", "head", "stage"};
    static const char *const roles[] = {"query", "key", "value", "hand"};
    static const Role role[] = {ROLE_QUERY, ROLE_KEY, ROLE_VALUE, ROLE_HAND};
    int found = 0, as = 3;
    if (!READ_OBJECT(reader, object, "a highlight", "cells", "token", "head", "stage", "as"))
        return false;
    for (int i = 0; i < 4; i++)
        if (read_field(object, names[i])) {
            mark->kind = (MarkKind)i;
            found++;
        }
    if (found != 1)
        return read_fail(reader, "a highlight has one of cells, token, head and stage, found %d",
                         found);
    if (!read_choice(reader, object, "as", roles, 4, &as))
        return false;
    mark->role = role[as];
    if (mark->kind == MARK_STAGE)
        return read_text(reader, object, "stage", true, &mark->stage);
    return mark->kind == MARK_CELLS
               ? read_cells(reader, object, "cells", true, &mark->where)
               : read_expr(reader, object, names[mark->kind], true, &mark->where);
}

static bool read_marks(Reader *reader, const cJSON *scene, LessonScene *to) {
    const cJSON *at;
    if (!read_list(reader, scene, "highlight", 0, MARKS_MOST, &at, &to->mark_count))
        return false;
    LessonMark *list = ARENA_NEW_N(&reader->lesson->arena, LessonMark, to->mark_count);
    for (size_t i = 0; at; at = at->next, i++) {
        size_t place = read_enter(reader, "highlight[%zu]", i);
        if (!read_mark(reader, at, &list[i]))
            return false;
        read_leave(reader, place);
    }
    to->mark = list;
    return true;
}

static bool read_scene_run(Reader *reader, const cJSON *scene, LessonScene *to) {
    const cJSON *run = read_field(scene, "run");
    static const char *const free_prompt[] = {"free"};
    int prompt = -1;
    size_t place = read_enter(reader, "run");
    if (run && !read_difference(reader, run, "run", &to->run))
        return false;
    read_leave(reader, place);
    if (!read_named(reader, scene, to) || !read_shows(reader, scene, to) ||
        !read_choice(reader, scene, "prompt", free_prompt, 1, &prompt))
        return false;
    to->prompt_free = prompt == 0;
    return true;
}

static bool read_scene_place(Reader *reader, const cJSON *scene, LessonScene *to) {
    return read_text(reader, scene, "stage", false, &to->stage) &&
           read_expr(reader, scene, "head", false, &to->head) && read_step(reader, scene, to) &&
           read_cells(reader, scene, "cell", false, &to->cell) && read_marks(reader, scene, to) &&
           read_texts(reader, scene, "conceal", 0, GLOBS_MOST, &to->conceal, &to->conceal_count);
}

static bool read_scene(Reader *reader, const cJSON *scene, LessonScene *to) {
    const Lesson *lesson = reader->lesson;
    return READ_OBJECT(reader, scene, "a scene", "id", "run", "runs", "shows", "stage", "head",
                       "step", "cell", "highlight", "conceal", "prompt", "let", "tables",
                       "checks") &&
           read_scene_run(reader, scene, to) && read_scene_place(reader, scene, to) &&
           read_lets(reader, scene, lesson->let, lesson->let_count, &to->let, &to->let_count) &&
           read_tables(reader, scene, to) && read_checks(reader, scene, to);
}

static const char *scene_id(const void *list, size_t i) {
    return ((const LessonScene *)list)[i].id;
}

/* These stand for themselves among the headings of the texts. */
static bool check_scene_id(Reader *reader, const char *id) {
    return strcmp(id, "teacher") != 0 ||
           read_fail(reader, "id is \"teacher\", which is the heading of the note for teachers");
}

static bool read_scenes(Reader *reader, const cJSON *root) {
    const cJSON *at;
    size_t count;
    if (!read_list(reader, root, "scenes", 1, SCENES_MOST, &at, &count))
        return false;
    LessonScene *list = ARENA_NEW_N(&reader->lesson->arena, LessonScene, count);
    for (size_t i = 0; at; at = at->next, i++) {
        size_t place = read_enter(reader, "scenes[%zu]", i);
        if (!cJSON_IsObject(at))
            return read_fail(reader, "is no object");
        if (!read_id(reader, at, &list[i].id) || !check_scene_id(reader, list[i].id) ||
            !read_unique(reader, "scenes", list[i].id, i, scene_id, list))
            return false;
        read_leave(reader, place);
        place = read_enter(reader, "scenes[%zu] %s", i, list[i].id);
        if (!read_scene(reader, at, &list[i]))
            return false;
        read_leave(reader, place);
    }
    reader->lesson->scene = list;
    reader->lesson->scene_count = count;
    return true;
}

/* ---- the lesson ---- */

bool read_lesson(Reader *reader, const cJSON *root) {
    Lesson *lesson = reader->lesson;
    int format;
    lesson->run = (LessonRun){.set = "", .mask = "", .attention = "standard", .kv_cache = "off"};
    return READ_OBJECT(reader, root, "the lesson", "format", "minutes", "roles", "let", "scenes",
                       "worksheet", RUN_FIELDS) &&
           read_int(reader, root, "format", 1, 1, true, &format) &&
           read_int(reader, root, "minutes", 1, 240, true, &lesson->minutes) &&
           read_run(reader, root, true, &lesson->run) && read_roles(reader, root) &&
           read_lets(reader, root, NULL, 0, &lesson->let, &lesson->let_count) &&
           read_scenes(reader, root) && read_sheet(reader, root, &lesson->sheet);
}
