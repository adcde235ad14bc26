/* lesson.json: what is asked in a scene. */
#include "app/lesson/lesson_read.h"

#include <string.h>

enum { OPTIONS_MOST = 8 };

#define CHECK_FIELDS "id", "kind", "predict", "conceal"

static const char *option_id(const void *list, size_t i) {
    return ((const LessonOption *)list)[i].id;
}
static const char *check_id(const void *list, size_t i) {
    return ((const LessonCheck *)list)[i].id;
}
static const char *text_at(const void *list, size_t i) {
    return ((const char *const *)list)[i];
}

/* ---- kinds ---- */

static bool read_fill(Reader *reader, const cJSON *object, LessonCheck *check) {
    check->digits = 2;
    return READ_OBJECT(reader, object, "a check of kind fill", CHECK_FIELDS, "value", "digits",
                       "percent") &&
           read_expr(reader, object, "value", true, &check->value) &&
           read_int(reader, object, "digits", 0, DIGITS_MOST, false, &check->digits) &&
           read_flag(reader, object, "percent", &check->percent);
}

static bool read_option(Reader *reader, const cJSON *object, LessonOption *option) {
    return READ_OBJECT(reader, object, "an option", "id", "if") &&
           read_id(reader, object, &option->id) &&
           read_expr(reader, object, "if", true, &option->when);
}

static bool read_choose(Reader *reader, const cJSON *object, LessonCheck *check) {
    const cJSON *at;
    bool shuffle = true;
    if (!READ_OBJECT(reader, object, "a check of kind choose", CHECK_FIELDS, "options",
                     "shuffle") ||
        !read_flag(reader, object, "shuffle", &shuffle) ||
        !read_list(reader, object, "options", 2, OPTIONS_MOST, &at, &check->option_count))
        return false;
    LessonOption *list = ARENA_NEW_N(&reader->lesson->arena, LessonOption, check->option_count);
    for (size_t i = 0; at; at = at->next, i++) {
        size_t place = read_enter(reader, "options[%zu]", i);
        if (!read_option(reader, at, &list[i]) ||
            !read_unique(reader, "options", list[i].id, i, option_id, list))
            return false;
        read_leave(reader, place);
    }
    check->keep_order = !shuffle;
    check->option = list;
    return true;
}

static bool read_point(Reader *reader, const cJSON *object, LessonCheck *check) {
    static const char *const places[] = {"cell", "row", "column", "head", "token", "stage"};
    int at = -1;
    if (!READ_OBJECT(reader, object, "a check of kind point", CHECK_FIELDS, "at", "record", "if") ||
        !read_choice(reader, object, "at", places, 6, &at))
        return false;
    if (at < 0)
        return read_fail(reader, "at is missing, expected cell, row, column, head, token or stage");
    check->at = (PointAt)at;
    bool in_record = check->at <= POINT_COLUMN;
    if (!in_record && read_field(object, "record"))
        return read_fail(reader, "record is for checks that point at a cell, row or column");
    return read_text(reader, object, "record", in_record, &check->record) &&
           read_expr(reader, object, "if", true, &check->when);
}

static bool read_order(Reader *reader, const cJSON *object, LessonCheck *check) {
    if (!READ_OBJECT(reader, object, "a check of kind order", CHECK_FIELDS, "stages") ||
        !read_texts(reader, object, "stages", 2, LESSON_STAGES, &check->stage, &check->stage_count))
        return false;
    for (size_t i = 0; i < check->stage_count; i++)
        if (!read_unique(reader, "stages", check->stage[i], i, text_at, check->stage))
            return false;
    return true;
}

static bool read_solution(Reader *reader, const cJSON *object, const LessonScene *scene,
                          LessonCheck *check) {
    size_t place = read_enter(reader, "solution");
    if (!read_field(object, "shows")) {
        if (!READ_OBJECT(reader, object, "a solution", RUN_FIELDS, "shows") ||
            !read_run(reader, object, false, &check->solution))
            return false;
        if (!object->child)
            return read_fail(reader, "changes nothing");
        read_leave(reader, place);
        return true;
    }
    if (!READ_OBJECT(reader, object, "a solution that shows a run", "shows") ||
        !read_text(reader, object, "shows", true, &check->solution_shows))
        return false;
    bool known = strcmp(check->solution_shows, "main") == 0;
    for (size_t i = 0; i < scene->named_count; i++)
        known = known || strcmp(scene->named[i].name, check->solution_shows) == 0;
    if (!known)
        return read_fail(reader, "shows is \"%.60s\", which is none of the scene's runs",
                         check->solution_shows);
    read_leave(reader, place);
    return true;
}

static bool read_make(Reader *reader, const cJSON *object, const LessonScene *scene,
                      LessonCheck *check) {
    const cJSON *solution = read_field(object, "solution");
    if (!READ_OBJECT(reader, object, "a check of kind make", CHECK_FIELDS, "if", "solution") ||
        !read_expr(reader, object, "if", true, &check->when))
        return false;
    if (!solution)
        return read_fail(reader, "solution is missing, expected run fields that bring it about");
    return read_solution(reader, solution, scene, check);
}

/* ---- all ---- */

static bool read_kind(Reader *reader, const cJSON *object, const LessonScene *scene,
                      LessonCheck *check) {
    static const char *const kinds[] = {"fill", "choose", "point", "order", "make"};
    int kind = -1;
    if (!read_choice(reader, object, "kind", kinds, 5, &kind))
        return false;
    if (kind < 0)
        return read_fail(reader, "kind is missing, expected fill, choose, point, order or make");
    check->kind = (CheckKind)kind;
    switch (check->kind) {
    case CHECK_FILL: return read_fill(reader, object, check);
    case CHECK_CHOOSE: return read_choose(reader, object, check);
    case CHECK_POINT: return read_point(reader, object, check);
    case CHECK_ORDER: return read_order(reader, object, check);
    case CHECK_MAKE: return read_make(reader, object, scene, check);
    }
    return false;
}

static bool read_check(Reader *reader, const cJSON *object, const LessonScene *scene,
                       LessonCheck *check) {
    return read_kind(reader, object, scene, check) &&
           read_flag(reader, object, "predict", &check->predict) &&
           read_texts(reader, object, "conceal", 0, GLOBS_MOST, &check->conceal,
                      &check->conceal_count);
}

bool read_checks(Reader *reader, const cJSON *scene, LessonScene *to) {
    const cJSON *at;
    if (!read_list(reader, scene, "checks", 0, LESSON_CHECKS, &at, &to->check_count))
        return false;
    LessonCheck *list = ARENA_NEW_N(&reader->lesson->arena, LessonCheck, to->check_count);
    for (size_t i = 0; at; at = at->next, i++) {
        size_t place = read_enter(reader, "checks[%zu]", i);
        if (!cJSON_IsObject(at))
            return read_fail(reader, "is no object");
        if (!read_id(reader, at, &list[i].id) ||
            !read_unique(reader, "checks", list[i].id, i, check_id, list))
            return false;
        read_leave(reader, place);
        place = read_enter(reader, "checks[%zu] %s", i, list[i].id);
        if (!read_check(reader, at, to, &list[i]))
            return false;
        read_leave(reader, place);
    }
    to->check = list;
    return true;
}
