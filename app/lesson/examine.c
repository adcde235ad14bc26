/* lesson_examine: each scene in each of its runs. */
#include "app/lesson/examine_part.h"
#include "app/lesson/point.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- faults ---- */

static void tell(Examine *examine, const char *place, const char *format, va_list args) {
    char text[800];
    Err err;
    vsnprintf(text, sizeof text, format, args);
    err_set(&err, "%s: %s", place, text);
    examine->fault(examine->user, err.text);
    examine->faults++;
}

static const char *scene_place(Examine *examine) {
    const Lesson *lesson = examine->lesson;
    return arena_printf(&examine->arena, "%s/lesson.json: scenes[%zu] %s", lesson->folder,
                        examine->scene, lesson->scene[examine->scene].id);
}

void examine_fault(Examine *examine, const char *format, ...) {
    va_list args;
    va_start(args, format);
    tell(examine, scene_place(examine), format, args);
    va_end(args);
}

void check_fault(Examine *examine, size_t check, const char *format, ...) {
    const char *id = examine->lesson->scene[examine->scene].check[check].id;
    va_list args;
    va_start(args, format);
    tell(examine,
         arena_printf(&examine->arena, "%s: checks[%zu] %s", scene_place(examine), check, id),
         format, args);
    va_end(args);
}

void text_fault(Examine *examine, Lang lang, const char *key, const char *format, ...) {
    va_list args;
    va_start(args, format);
    tell(examine,
         arena_printf(&examine->arena, "%s/%s.md: %s", examine->lesson->folder, lang_code(lang),
                      *key ? key : "the sentence under the title"),
         format, args);
    va_end(args);
}

/* ---- runs ---- */

bool examine_look(Examine *examine, Err *err) {
    LessonRun run;
    ExprRun found;
    play_run(examine->play, &run);
    if (!lesson_runs_wait(examine->runs, &run, &found, err))
        return false;
    play_look(examine->play, found.trace, found.model);
    return true;
}

/* All of the scene's runs, so that in(…) finds them. */
static bool scene_runs(Examine *examine) {
    const LessonScene *scene = &examine->lesson->scene[examine->scene];
    bool all = true;
    for (size_t i = 0; i <= scene->named_count; i++) {
        const char *name = i ? scene->named[i - 1].name : "main";
        LessonRun run;
        ExprRun found;
        Err why;
        lesson_scene_run(examine->lesson, examine->scene, name, &run);
        if (lesson_runs_wait(examine->runs, &run, &found, &why))
            continue;
        all = false;
        if (i)
            examine_fault(examine, "runs: %s: %s", name, why.text);
        else
            examine_fault(examine, "run: %s", why.text);
    }
    return all;
}

/* ---- where the window stands ---- */

const char *examine_stage(const Examine *examine) {
    const char *stage = NULL;
    for (size_t i = 0; i <= examine->scene; i++)
        if (examine->lesson->scene[i].stage)
            stage = examine->lesson->scene[i].stage;
    return stage;
}

/* −1: there is no such stage here. */
static int stage_node(const Examine *examine) {
    const char *stage = examine_stage(examine);
    int node = stage ? trace_find(examine->play->trace, stage) : -1;
    return node < 0 ? -1 : graph_owner(&examine->play->trace->graph, node);
}

/* The head in view: the window begins with the first. */
static size_t head_in_view(const Examine *examine) {
    long head = play_head(examine->play);
    return head < 0 ? 0 : (size_t)head;
}

static bool shows_head(const Examine *examine, const CellRange *cells) {
    const Node *node = &examine->play->trace->graph.node[cells->node];
    size_t heads = examine->play->model->config.n_heads, head = head_in_view(examine);
    for (int i = 0; i < node->rank; i++) {
        /* Of keys and values several heads may have one. */
        size_t at = node->axis[i] == AXIS_KV_HEAD ? head * node->dim[i] / heads : head;
        if (axis_is_head(node->axis[i]) && (at < cells->from[i] || at >= cells->to[i]))
            return false;
    }
    return true;
}

static bool is_empty(const Examine *examine, const CellRange *cells) {
    for (int i = 0; i < examine->play->trace->graph.node[cells->node].rank; i++)
        if (cells->from[i] == cells->to[i])
            return true;
    return false;
}

/* Cells that are to be seen in this scene. */
static bool cells_visible(Examine *examine, const char *what, const Expr *where, CellRange *cells) {
    const Trace *trace = examine->play->trace;
    ExprScope scope = play_scope(examine->play, SHOW_ALL);
    Err why;
    if (!expr_cells(where, &scope, cells, &why)) {
        examine_fault(examine, "%s: %s", what, why.text);
        return false;
    }
    const char *text = expr_text(where), *stage = examine_stage(examine);
    if (is_empty(examine, cells))
        examine_fault(examine, "%s: %s are no cells", what, text);
    else if (!stage)
        examine_fault(examine, "%s: %s can't be seen: no scene up to here says a stage", what,
                      text);
    else if (cells->node != stage_node(examine))
        examine_fault(examine, "%s: %s can't be seen: %s is in view", what,
                      trace->graph.node[cells->node].name, stage);
    else if (!shows_head(examine, cells))
        examine_fault(examine, "%s: %s can't be seen: head %zu is in view", what, text,
                      head_in_view(examine));
    else
        return true;
    return false;
}

static void examine_step(Examine *examine) {
    const LessonScene *scene = &examine->lesson->scene[examine->scene];
    ExprScope scope = play_scope(examine->play, SHOW_ALL);
    int node = stage_node(examine);
    size_t step, count = node < 0 ? 0 : trace_step_count(examine->play->trace, node);
    Err why;
    if (scene->step_at == STEP_COUNT &&
        !expr_index(scene->step, &scope, count + 1, "step", &step, &why))
        examine_fault(examine, "step: %s", why.text);
}

static void examine_place(Examine *examine) {
    const LessonScene *scene = &examine->lesson->scene[examine->scene];
    const Trace *trace = examine->play->trace;
    ExprScope scope = play_scope(examine->play, SHOW_ALL);
    CellRange cell;
    size_t head;
    Err why;
    if (scene->stage && trace_find(trace, scene->stage) < 0)
        examine_fault(examine, "stage: there is no record %s in the run %s", scene->stage,
                      examine->run);
    if (scene->head &&
        !expr_index(scene->head, &scope, examine->play->model->config.n_heads, "head", &head, &why))
        examine_fault(examine, "head: %s", why.text);
    examine_step(examine);
    if (scene->cell && cells_visible(examine, "cell", scene->cell, &cell) &&
        !cell_range_single(&cell, trace))
        examine_fault(examine, "cell: %s is more than one cell", expr_text(scene->cell));
}

/* Heads are chosen where the stage in view has some, or shows the tiles of one. */
static bool heads_in_view(const Examine *examine) {
    int stage = stage_node(examine);
    const Node *node = stage < 0 ? NULL : &examine->play->trace->graph.node[stage];
    return !node || strstr(node->name, "flash") || node_heads_axis(node) >= 0;
}

static void examine_mark(Examine *examine, size_t i, const LessonMark *mark) {
    static const char *const fields[] = {"cells", "token", "head", "stage"};
    const Play *play = examine->play;
    ExprScope scope = play_scope(examine->play, SHOW_ALL);
    const char *what = arena_printf(&examine->arena, "highlight[%zu].%s", i, fields[mark->kind]);
    size_t most = mark->kind == MARK_TOKEN ? play->trace->own.length : play->model->config.n_heads;
    size_t index;
    CellRange cells;
    Err why;
    if (mark->kind == MARK_CELLS)
        cells_visible(examine, what, mark->where, &cells);
    else if (mark->kind == MARK_STAGE && trace_find(play->trace, mark->stage) < 0)
        examine_fault(examine, "%s: there is no record %s", what, mark->stage);
    else if (mark->kind != MARK_STAGE &&
             !expr_index(mark->where, &scope, most, fields[mark->kind], &index, &why))
        examine_fault(examine, "%s: %s", what, why.text);
    else if (mark->kind == MARK_HEAD && !heads_in_view(examine))
        examine_fault(examine, "%s: it can't be seen: %s has no heads", what,
                      examine_stage(examine));
}

/* ---- tables ---- */

static bool row_value(Examine *examine, const LessonTable *table, size_t row, double *value,
                      Err *why) {
    const Lesson *lesson = examine->lesson;
    size_t position = 0;
    ExprRun run = {examine->play->trace, examine->play->model};
    if (table->number) {
        *value = table->number[row];
        return true;
    }
    bool found = role_find(lesson->role, lesson->role_count, table->role[row], &run, &position,
                           why);
    *value = (double)position;
    return found;
}

/* What the column shows must be there: a token's place, a piece's number. */
static bool column_fits(const Examine *examine, const LessonColumn *column, double value) {
    const Play *play = examine->play;
    size_t most = column->token ? play->trace->own.length : play->model->config.n_vocab;
    return !(column->token || column->piece) ||
           (value >= 0 && value < (double)most && value == floor(value));
}

static void examine_column(Examine *examine, const LessonTable *table, const LessonColumn *column) {
    ExprScope scope = play_scope(examine->play, SHOW_ALL);
    ExprName bound = {.name = table->variable};
    Err why;
    scope.bound = &bound;
    scope.bound_count = 1;
    for (size_t row = 0; row < table->row_count; row++) {
        double value = 0;
        if (!row_value(examine, table, row, &bound.value, &why) ||
            !expr_number(column->value, &scope, &value, &why)) {
            examine_fault(examine, "tables %s: column %s, row %zu: %s", table->id, column->id, row,
                          why.text);
            return;
        }
        if (!column_fits(examine, column, value)) {
            examine_fault(examine, "tables %s: column %s, row %zu: %g is no %s", table->id,
                          column->id, row, value, column->token ? "token of the text" : "piece");
            return;
        }
    }
}

/* ---- a scene ---- */

static void examine_view(Examine *examine) {
    const LessonScene *scene = &examine->lesson->scene[examine->scene];
    examine_place(examine);
    for (size_t i = 0; i < scene->mark_count; i++)
        examine_mark(examine, i, &scene->mark[i]);
}

static void examine_run(Examine *examine, size_t choice, bool first) {
    const LessonScene *scene = &examine->lesson->scene[examine->scene];
    Err why;
    examine->run = choice ? scene->named[choice - 1].name : "main";
    play_choose(examine->play, choice);
    if (!examine_look(examine, &why)) {
        examine_fault(examine, "%s: %s", examine->run, why.text);
        return;
    }
    if (first)
        examine_view(examine);
    for (size_t i = 0; i < scene->table_count; i++)
        for (size_t j = 0; j < scene->table[i].column_count; j++)
            examine_column(examine, &scene->table[i], &scene->table[i].column[j]);
    examine_checks(examine, first);
    examine_texts(examine, first);
}

static void examine_scene(Examine *examine, size_t at) {
    size_t found = examine->faults;
    examine->scene = at;
    if (!scene_runs(examine))
        return;
    play_go(examine->play, at);
    size_t shown = play_chosen(examine->play);
    examine_run(examine, shown, true);
    size_t before = examine->faults;
    for (size_t i = 0; i < play_choices(examine->play) && examine->faults == before; i++)
        if (i != shown)
            examine_run(examine, i, false);
    examine_makes(examine);
    if (examine->faults == found)
        examine_names(examine);
    arena_reset(&examine->arena);
}

/* ---- the lesson ---- */

static bool in_some_prompt(Examine *examine, const LessonRole *role) {
    const Lesson *lesson = examine->lesson;
    for (size_t i = 0; i < lesson->scene_count; i++) {
        LessonRun run;
        ExprRun found;
        size_t position;
        lesson_scene_run(lesson, i, "main", &run);
        if (!lesson_runs_wait(examine->runs, &run, &found, NULL) ||
            role_find(lesson->role, lesson->role_count, role->name, &found, &position, NULL))
            return true; /* where a run fails, that is told already */
    }
    return false;
}

static void examine_roles(Examine *examine) {
    const Lesson *lesson = examine->lesson;
    for (size_t i = 0; i < lesson->role_count; i++) {
        if (in_some_prompt(examine, &lesson->role[i]))
            continue;
        Err err;
        err_set(&err, "%s/lesson.json: roles: %s: no prompt of the lesson has it", lesson->folder,
                lesson->role[i].name);
        examine->fault(examine->user, err.text);
        examine->faults++;
    }
}

size_t lesson_examine(const Lesson *lesson, const char *assets, LessonFault *fault, void *user) {
    Examine examine = {.lesson = lesson, .fault = fault, .user = user};
    examine.runs = lesson_runs_new(assets, 1, NULL);
    examine.play = play_new(lesson, examine.runs, LANG_EN, 1);
    for (size_t i = 0; i < lesson->scene_count; i++)
        examine_scene(&examine, i);
    examine_roles(&examine);
    examine_sheet(&examine);
    play_free(examine.play);
    lesson_runs_free(examine.runs);
    arena_free(&examine.arena);
    return examine.faults;
}
