/* lesson_examine: what expressions name is there, even where nothing evaluates it: in a `let` that is
 * not used, or behind an `or` that is settled. */
#include "app/lesson/examine_part.h"
#include "app/lesson/point.h"
#include "engine/base/near.h"

#include <string.h>

typedef struct {
    Examine *examine;
    const char *place;
    const char *variable; /* of a table; NULL: none */
    bool axes;            /* those of pointed places are variables */
    bool any;             /* a `let` may stand wherever there is a variable */
} Names;

enum { NAMES_MOST = 512 };

/* ---- what there is ---- */

static size_t add_draws(const LessonDraw *draw, size_t draws, const char **list, size_t count) {
    for (size_t i = 0; i < draws; i++)
        list[count++] = draw[i].name;
    return count;
}

static size_t all_variables(const Names *names, const char **list, size_t count) {
    const Lesson *lesson = names->examine->lesson;
    const LessonScene *scene = &lesson->scene[names->examine->scene];
    const LessonSheet *sheet = &lesson->sheet;
    for (size_t i = 0; i < scene->table_count; i++)
        list[count++] = scene->table[i].variable;
    count = add_draws(sheet->draw, sheet->draw_count, list, count);
    for (size_t i = 0; i < sheet->question_count; i++)
        count = add_draws(sheet->question[i].draw, sheet->question[i].draw_count, list, count);
    return count;
}

static size_t all_names(const Names *names, const char **list) {
    const Lesson *lesson = names->examine->lesson;
    const LessonScene *scene = &lesson->scene[names->examine->scene];
    size_t count = 0;
    for (size_t i = 0; i < lesson->role_count; i++)
        list[count++] = lesson->role[i].name;
    for (size_t i = 0; i < scene->let_count; i++)
        list[count++] = scene->let[i].name;
    for (int axis = 0; (names->axes || names->any) && axis < AXIS_COUNT; axis++)
        list[count++] = axis_name((Axis)axis);
    if (names->variable)
        list[count++] = names->variable;
    return names->any ? all_variables(names, list, count) : count;
}

static size_t all_runs(const Names *names, const char **list) {
    const LessonScene *scene = &names->examine->lesson->scene[names->examine->scene];
    size_t count = 0;
    list[count++] = "main";
    for (size_t i = 0; i < scene->named_count; i++)
        list[count++] = scene->named[i].name;
    return count;
}

/* In one of the scene's runs: flash attention has records that the standard one has not. */
static bool is_record(const Names *names, const char *name) {
    const char *runs[NAMES_MOST];
    size_t count = all_runs(names, runs);
    for (size_t i = 0; i < count; i++) {
        LessonRun run;
        ExprRun found;
        lesson_scene_run(names->examine->lesson, names->examine->scene, runs[i], &run);
        if (lesson_runs_wait(names->examine->runs, &run, &found, NULL) &&
            trace_find(found.trace, name) >= 0)
            return true;
    }
    return false;
}

/* ---- what is named ---- */

static void look_for(const Names *names, const char *what, const char *name,
                     const char *const *list, size_t count) {
    Buf near = {0};
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i], name) == 0)
            return;
    bool some = near_names(name, list, count, 1, &near) > 0;
    examine_fault(names->examine, "%s: there is no %s%s%s%s%s", names->place, what, name,
                  some ? "; did you mean " : "", buf_cstr(&near), some ? "?" : "");
    buf_free(&near);
}

static void look_at_name(void *user, const char *name, ExprNameKind kind) {
    const Names *names = user;
    const char *list[NAMES_MOST];
    switch (kind) {
    case EXPR_NAME: look_for(names, "", name, list, all_names(names, list)); break;
    case EXPR_RUN: look_for(names, "run ", name, list, all_runs(names, list)); break;
    case EXPR_RECORD:
    case EXPR_STAGE:
        if (!is_record(names, name))
            look_for(names, "record ", name, list, 0);
        break;
    }
}

static void look_at_expr(Names *names, const Expr *expr, const char *place) {
    names->place = place;
    if (expr)
        expr_names(expr, look_at_name, names);
}

static void look_at_check(Examine *examine, size_t at) {
    const LessonCheck *check = &examine->lesson->scene[examine->scene].check[at];
    Arena *arena = &examine->arena;
    const char *place = arena_printf(arena, "checks[%zu] %s", at, check->id);
    Names names = {.examine = examine, .axes = check->kind == CHECK_POINT};
    look_at_expr(&names, check->value, arena_printf(arena, "%s: value", place));
    look_at_expr(&names, check->when, arena_printf(arena, "%s: if", place));
    for (size_t i = 0; i < check->option_count; i++)
        look_at_expr(&names, check->option[i].when,
                     arena_printf(arena, "%s: options[%zu] %s: if", place, i, check->option[i].id));
}

static void look_at_table(Examine *examine, const LessonTable *table) {
    Names names = {.examine = examine, .variable = table->variable};
    for (size_t i = 0; i < table->column_count; i++)
        look_at_expr(
            &names, table->column[i].value,
            arena_printf(&examine->arena, "tables %s: column %s", table->id, table->column[i].id));
}

void examine_names(Examine *examine) {
    const LessonScene *scene = &examine->lesson->scene[examine->scene];
    Names names = {.examine = examine, .any = true};
    for (size_t i = 0; i < scene->let_count; i++)
        look_at_expr(&names, scene->let[i].value,
                     arena_printf(&examine->arena, "let: %s", scene->let[i].name));
    for (size_t i = 0; i < scene->table_count; i++)
        look_at_table(examine, &scene->table[i]);
    for (size_t i = 0; i < scene->check_count; i++)
        look_at_check(examine, i);
}
