/* What is made of a scene on the trace in hand: its words, tables and marks, and where the window
 * stands. */
#include "app/lesson/play_part.h"

#include <math.h>
#include <string.h>

/* ---- The place ---------------------------------------------------------------------------------- */

static bool head_of(Play *play, const Expr *head, size_t *value, Err *err) {
    ExprScope scope = play_scope(play, SHOW_ALL);
    return expr_index(head, &scope, play->model->config.n_heads, "a head", value, err);
}

/* A scene that says none stays at that of the one before. */
long play_head(Play *play) {
    for (size_t i = play->scene + 1; i-- > 0;) {
        const Expr *head = play->lesson->scene[i].head;
        size_t value;
        Err none;
        if (head)
            return head_of(play, head, &value, &none) ? (long)value : -1;
    }
    return -1;
}

static bool make_place(Play *play, PlayPlace *place, Err *err) {
    const LessonScene *scene = play_scene_now(play);
    ExprScope scope = play_scope(play, SHOW_ALL);
    *place = (PlayPlace){.stage = scene->stage, .head = -1, .step = -1};
    size_t head, step;
    if (scene->head) {
        if (!head_of(play, scene->head, &head, err))
            return false;
        place->head = (long)head;
    }
    if (scene->step_at == STEP_START)
        place->step = 0;
    if (scene->step_at == STEP_COUNT) {
        if (!expr_index(scene->step, &scope, SIZE_MAX / 2, "steps", &step, err))
            return false;
        place->step = (long)step;
    }
    place->has_cell = scene->cell != NULL;
    return !scene->cell || expr_cells(scene->cell, &scope, &place->cell, err);
}

bool play_place(Play *play, PlayPlace *place, Err *err) {
    if (!play_make(play, err))
        return false;
    *place = play->made.place;
    return true;
}

/* ---- Marks -------------------------------------------------------------------------------------- */

/* What a learner's own run does not have is not marked. */
static bool make_mark(Play *play, const LessonMark *from, PlayMark *mark) {
    ExprScope scope = play_scope(play, SHOW_ALL);
    Err none;
    *mark = (PlayMark){.kind = from->kind, .role = from->role, .node = -1};
    switch (from->kind) {
    case MARK_CELLS: return expr_cells(from->where, &scope, &mark->cells, &none);
    case MARK_TOKEN:
        return expr_index(from->where, &scope, play->trace->own.length, "a token", &mark->index,
                          &none);
    case MARK_HEAD: return head_of(play, from->where, &mark->index, &none);
    case MARK_STAGE: mark->node = trace_find(play->trace, from->stage); return mark->node >= 0;
    }
    return false;
}

static void make_marks(Play *play, Made *made) {
    const LessonScene *scene = play_scene_now(play);
    made->mark = ARENA_NEW_N(&play->arena, PlayMark, scene->mark_count);
    for (size_t i = 0; i < scene->mark_count; i++)
        if (make_mark(play, &scene->mark[i], &made->mark[made->mark_count]))
            made->mark_count++;
}

size_t play_marks(Play *play, const PlayMark **marks) {
    Err none;
    if (!play_make(play, &none))
        return 0;
    *marks = play->made.mark;
    return play->made.mark_count;
}

/* ---- Tables ------------------------------------------------------------------------------------- */

typedef struct {
    Play *play;
    const LessonTable *table;
    const LessonColumn *column;
    double *value; /* [rows] of the column */
} Filling;

static bool row_variable(Filling *fill, size_t row, const ExprScope *scope, double *value,
                         Err *err) {
    const LessonTable *table = fill->table;
    if (table->number) {
        *value = table->number[row];
        return true;
    }
    const char *role = table->role[row];
    size_t position;
    if (!role_find(scope->role, scope->role_count, role, &scope->main, &position, err)) {
        scope->no_role(scope->user, role, err);
        return false;
    }
    *value = (double)position;
    return true;
}

static bool fill_values(Filling *fill, Err *err) {
    ExprScope scope = play_scope(fill->play, SHOW_ALL);
    ExprName bound[1] = {{fill->table->variable, 0}};
    scope.bound = bound;
    scope.bound_count = 1;
    for (size_t row = 0; row < fill->table->row_count; row++)
        if (!row_variable(fill, row, &scope, &bound[0].value, err) ||
            !expr_number(fill->column->value, &scope, &fill->value[row], err))
            return false;
    return true;
}

static bool all_whole(const double *value, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!isfinite(value[i]) || value[i] != floor(value[i]) || fabs(value[i]) >= 1e9)
            return false;
    return true;
}

static const char *cell_text(const Filling *fill, double value, bool whole) {
    Play *play = fill->play;
    Arena *arena = &play->arena;
    const LessonColumn *column = fill->column;
    bool index = value >= 0 && value < (double)(column->token ? play->trace->own.length
                                                              : play->model->config.n_vocab);
    if (column->token && index)
        return play->trace->own.label[(size_t)value];
    if (column->piece && index)
        return piece_quoted(play->model, (size_t)value, arena);
    if (column->percent && isfinite(value))
        return text_percent(arena, value, column->digits);
    whole = whole || (column->digits == 0 && fabs(value) < 1e9);
    return whole ? text_count(arena, llround(value)) : text_number(arena, value, column->digits);
}

static bool fill_column(Filling *fill, const char **cell, size_t columns, Err *err) {
    ExprScope scope = play_scope(fill->play, HIDE_CONCEALED);
    bool hidden = scope.hides(scope.user, fill->column->value);
    if (!hidden && !fill_values(fill, err))
        return false;
    bool whole = !hidden && all_whole(fill->value, fill->table->row_count);
    for (size_t row = 0; row < fill->table->row_count; row++)
        cell[row * columns] = hidden ? "?" : cell_text(fill, fill->value[row], whole);
    return true;
}

/* One line, without its end. */
static const char *plain_text(Play *play, const char *markup, Err *err) {
    ExprScope scope = play_scope(play, HIDE_CONCEALED);
    LessonBody body;
    if (!markup)
        return "";
    if (!markup_render(markup, &scope, &play->arena, &body, err))
        return NULL;
    Buf text = {0};
    body_plain(&body, &text);
    while (text.size > 0 && text.bytes[text.size - 1] == '\n')
        text.bytes[--text.size] = '\0';
    const char *plain = arena_copy_text(&play->arena, buf_cstr(&text));
    buf_free(&text);
    return plain;
}

static bool make_table(Play *play, const LessonTable *from, PlayTable *table, Err *err) {
    Arena *arena = &play->arena;
    const char *id = play_scene_now(play)->id;
    size_t columns = from->column_count;
    const char **heading = ARENA_NEW_N(arena, const char *, columns);
    const char **cell = ARENA_NEW_N(arena, const char *, columns * from->row_count);
    Filling fill = {play, from, NULL, ARENA_NEW_N(arena, double, from->row_count)};
    *table = (PlayTable){NULL, heading, cell, from->row_count, columns};
    const Lesson *lesson = play->lesson;
    table->caption = plain_text(
        play, lesson_text_at(lesson, play->lang, "%s/table %s", id, from->id), err);
    if (!table->caption)
        return false;
    for (size_t i = 0; i < columns; i++) {
        fill.column = &from->column[i];
        heading[i] = plain_text(
            play, lesson_text_at(lesson, play->lang, "%s/column %s", id, fill.column->id), err);
        if (!heading[i] || !fill_column(&fill, &cell[i], columns, err))
            return false;
    }
    return true;
}

static bool make_tables(Play *play, Made *made, Err *err) {
    const LessonScene *scene = play_scene_now(play);
    made->table = ARENA_NEW_N(&play->arena, PlayTable, scene->table_count);
    for (size_t i = 0; i < scene->table_count; i++)
        if (!make_table(play, &scene->table[i], &made->table[i], err))
            return false;
    return true;
}

size_t play_tables(Play *play, const PlayTable **tables) {
    Err none;
    if (!play_make(play, &none))
        return 0;
    *tables = play->made.table;
    return play_scene_now(play)->table_count;
}

/* ---- Words -------------------------------------------------------------------------------------- */

const char *play_title(Play *play) {
    const char *title = lesson_text_at(play->lesson, play->lang, "#%s", play_scene_now(play)->id);
    return title ? title : "";
}

const LessonBody *play_body(Play *play) {
    Err none;
    return play_make(play, &none) ? &play->made.body : NULL;
}

/* ---- All of it ---------------------------------------------------------------------------------- */

/* All are asked for at once, so that the second does not wait for the first. */
static bool has_runs(Play *play, Err *err) {
    ExprScope scope = play_scope(play, SHOW_ALL);
    const LessonScene *scene = play_scene_now(play);
    bool all = true;
    Err first = {""};
    for (size_t i = 0; i <= scene->named_count; i++) {
        ExprRun run;
        Err why;
        const char *name = i == 0 ? "main" : scene->named[i - 1].name;
        if (scene->named_count == 0 || scope.named(scope.user, name, &run, &why))
            continue;
        all = false;
        if (why.text[0] && !first.text[0])
            first = why;
    }
    if (!all && err)
        *err = first;
    return all;
}

static bool make_scene(Play *play, Made *made, Err *err) {
    ExprScope scope = play_scope(play, HIDE_CONCEALED);
    const char *text = lesson_text(play->lesson, play->lang, play_scene_now(play)->id);
    if (text && !markup_render(text, &scope, &play->arena, &made->body, err))
        return false;
    make_marks(play, made);
    return make_tables(play, made, err) && make_place(play, &made->place, err) &&
           play_make_checks(play, made, err);
}

/* The learner has switched to flash, and the scene is about what that does not have. */
static void blame_flash(Play *play, Err *err) {
    if (play->change.attention && strcmp(play->change.attention, "flash") == 0)
        said_err(err, play->lang, SAID_NO_SCORES, NULL, NULL);
}

bool play_make(Play *play, Err *err) {
    Made *made = &play->made;
    if (!play_has_trace(play, err))
        return false;
    if (!made->tried) {
        made->err.text[0] = '\0';
        made->ok = has_runs(play, &made->err) && make_scene(play, made, &made->err);
        made->tried = made->ok || made->err.text[0]; /* else it is still being computed */
        if (made->err.text[0])
            blame_flash(play, &made->err);
    }
    if (!made->ok && err)
        *err = made->err;
    return made->ok;
}

bool play_ready(Play *play, Err *err) {
    return play_make(play, err);
}
