/* lesson_examine: each check can be answered, rightly and wrongly. */
#include "app/lesson/examine_part.h"
#include "app/lesson/point.h"

#include <math.h>
#include <string.h>

static const LessonCheck *check_at(const Examine *examine, size_t at) {
    return &examine->lesson->scene[examine->scene].check[at];
}

/* ---- fill ---- */

static void examine_fill(Examine *examine, size_t at) {
    const LessonCheck *check = check_at(examine, at);
    ExprScope scope = play_scope(examine->play, SHOW_ALL);
    double value;
    Err why;
    if (!expr_number(check->value, &scope, &value, &why))
        check_fault(examine, at, "value: %s", why.text);
    else if (!isfinite(value))
        check_fault(examine, at, "value: it is %g in the run %s, expected a finite number", value,
                    examine->run);
}

/* ---- choose ---- */

static bool has_text(const Examine *examine, size_t at, const char *part, const char *id) {
    return lesson_text_at(examine->lesson, LANG_EN, "%s/%s/%s%s",
                          examine->lesson->scene[examine->scene].id, check_at(examine, at)->id,
                          part, id) != NULL;
}

static void examine_choose(Examine *examine, size_t at) {
    const LessonCheck *check = check_at(examine, at);
    size_t right = 0;
    for (size_t i = 0; i < check->option_count; i++) {
        const LessonOption *option = &check->option[i];
        bool is_right;
        Err why;
        if (!grade_option(examine->play, option, &is_right, &why)) {
            check_fault(examine, at, "options[%zu] %s: if: %s", i, option->id, why.text);
            return;
        }
        right += is_right;
        const char *other = is_right ? "right" : "wrong";
        if (!has_text(examine, at, "reply ", option->id) && !has_text(examine, at, other, ""))
            check_fault(examine, at, "options[%zu] %s is %s and has neither a reply nor \"%s\"", i,
                        option->id, other, other);
    }
    if (right == 0 || right == check->option_count)
        check_fault(examine, at,
                    "options: %s is true in the run %s, expected one that is and one "
                    "that isn't",
                    right ? "each" : "none", examine->run);
}

/* ---- point ---- */

static bool points_into_view(Examine *examine, size_t at) {
    const LessonCheck *check = check_at(examine, at);
    const Graph *graph = &examine->play->trace->graph;
    const char *stage = examine_stage(examine);
    int record = check->record ? graph_find(graph, check->record) : -1;
    int view = stage ? graph_find(graph, stage) : -1;
    if (!check->record)
        return true;
    if (record < 0)
        check_fault(examine, at, "record: there is no record %s", check->record);
    else if (view < 0)
        check_fault(examine, at, "record: %s can't be seen: no stage is in view", check->record);
    else if (graph_owner(graph, record) != graph_owner(graph, view))
        check_fault(examine, at, "record: %s can't be seen: %s is in view", check->record, stage);
    else
        return true;
    return false;
}

static void examine_point(Examine *examine, size_t at) {
    const LessonCheck *check = check_at(examine, at);
    bool some[2] = {false, false};
    Answer answer;
    Err why = {{0}};
    if (!points_into_view(examine, at))
        return;
    bool more = point_first(examine->play, check, &answer, &why);
    for (; more; more = point_next(examine->play, check, &answer)) {
        bool right;
        if (!grade_point(examine->play, check, &answer, &right, &why))
            break;
        some[right] = true;
    }
    if (why.text[0])
        check_fault(examine, at, "if: %s", why.text);
    else if (!some[true] || !some[false])
        check_fault(
            examine, at,
            "if: it is %s at every place in the run %s, expected a right one and a wrong one",
            some[true] ? "true" : "false", examine->run);
}

/* ---- order ---- */

static void examine_order(Examine *examine, size_t at) {
    const LessonCheck *check = check_at(examine, at);
    const Graph *graph = &examine->play->trace->graph;
    for (size_t i = 0; i < check->stage_count; i++) {
        int node = graph_find(graph, check->stage[i]);
        if (node < 0) {
            check_fault(examine, at, "stages[%zu]: there is no record %s in the run %s", i,
                        check->stage[i], examine->run);
            return;
        }
        for (size_t j = 0; j < i; j++)
            if (graph_owner(graph, graph_find(graph, check->stage[j])) == graph_owner(graph, node))
                check_fault(examine, at, "stages[%zu]: %s is %s under a second name", i,
                            check->stage[i], check->stage[j]);
    }
}

/* ---- all ---- */

static void examine_globs(Examine *examine, const char *const *globs, size_t count,
                          const char *place) {
    const Graph *graph = &examine->play->trace->graph;
    for (size_t i = 0; i < count; i++) {
        bool any = false;
        for (int node = 0; node < graph->count && !any; node++)
            any = graph_matches(&graph->node[node], globs[i]);
        if (!any)
            examine_fault(examine, "%sconceal[%zu]: there is no record like %s", place, i,
                          globs[i]);
    }
}

void examine_checks(Examine *examine, bool first) {
    const LessonScene *scene = &examine->lesson->scene[examine->scene];
    if (first)
        examine_globs(examine, scene->conceal, scene->conceal_count, "");
    for (size_t i = 0; i < scene->check_count; i++) {
        const LessonCheck *check = &scene->check[i];
        if (first)
            examine_globs(examine, check->conceal, check->conceal_count,
                          arena_printf(&examine->arena, "checks[%zu] %s: ", i, check->id));
        switch (check->kind) {
        case CHECK_FILL: examine_fill(examine, i); break;
        case CHECK_CHOOSE: examine_choose(examine, i); break;
        case CHECK_POINT: examine_point(examine, i); break;
        case CHECK_ORDER: examine_order(examine, i); break;
        case CHECK_MAKE: break; /* examine_makes */
        }
    }
}

/* ---- make ---- */

/* Whether the condition holds on what the play shows now. */
static bool holds(Examine *examine, size_t at, const char *when, bool *is) {
    ExprScope scope;
    Err why;
    if (!examine_look(examine, &why)) {
        check_fault(examine, at, "%s: %s", when, why.text);
        return false;
    }
    scope = play_scope(examine->play, SHOW_ALL);
    if (expr_true(check_at(examine, at)->when, &scope, is, &why))
        return true;
    /* What it reads of the scene's other runs may still be computed, with the new prompt. */
    while (!why.text[0]) {
        lesson_runs_settle(examine->runs);
        if (expr_true(check_at(examine, at)->when, &scope, is, &why))
            return true;
    }
    check_fault(examine, at, "%s: %s", when, why.text);
    return false;
}

static void examine_make(Examine *examine, size_t at) {
    bool is;
    play_go(examine->play, examine->scene);
    if (!holds(examine, at, "if", &is))
        return;
    if (is) {
        check_fault(examine, at, "if: it is true when the scene begins, expected false");
        return;
    }
    play_solve(examine->play, at);
    if (holds(examine, at, "solution", &is) && !is)
        check_fault(examine, at, "solution: the condition is false with it, expected true");
}

void examine_makes(Examine *examine) {
    const LessonScene *scene = &examine->lesson->scene[examine->scene];
    for (size_t i = 0; i < scene->check_count; i++)
        if (scene->check[i].kind == CHECK_MAKE)
            examine_make(examine, i);
}
