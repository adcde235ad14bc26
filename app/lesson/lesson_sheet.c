/* lesson.json: a scene's tables, and the worksheet. */
#include "app/lesson/lesson_read.h"

#include <math.h>
#include <string.h>

enum {
    TABLES_MOST = 6,
    ROWS_MOST = 40,
    COLUMNS_MOST = 8,
    QUESTIONS_MOST = 20,
    DRAWS_MOST = 12,
    CHOICES_MOST = 200,
    MATRICES_MOST = 4,
    BLANKS_MOST = 40,
    LINES_MOST = 40
};

static const char *table_id(const void *list, size_t i) {
    return ((const LessonTable *)list)[i].id;
}
static const char *column_id(const void *list, size_t i) {
    return ((const LessonColumn *)list)[i].id;
}
static const char *question_id(const void *list, size_t i) {
    return ((const LessonQuestion *)list)[i].id;
}

/* ---- tables ---- */

static bool read_rows_of(Reader *reader, const cJSON *list, LessonTable *table) {
    size_t count = (size_t)cJSON_GetArraySize(list);
    double *number = ARENA_NEW_N(&reader->lesson->arena, double, count);
    const char **role = ARENA_NEW_N(&reader->lesson->arena, const char *, count);
    bool numbers = cJSON_IsNumber(list->child);
    const cJSON *at = list->child;
    for (size_t i = 0; at; at = at->next, i++) {
        if (numbers ? !cJSON_IsNumber(at) || !isfinite(at->valuedouble) : !cJSON_IsString(at))
            return read_fail(reader, "%s[%zu]: expected numbers, or roles' names, and not both",
                             table->variable, i);
        number[i] = at->valuedouble;
        role[i] = numbers ? NULL : arena_copy_text(&reader->lesson->arena, at->valuestring);
        if (!numbers && !read_role_known(reader, role[i]))
            return false;
    }
    table->row_count = count;
    table->number = numbers ? number : NULL;
    table->role = numbers ? NULL : role;
    return true;
}

static bool read_rows(Reader *reader, const cJSON *object, LessonTable *table) {
    const cJSON *of = read_field(object, "for");
    if (!cJSON_IsObject(of) || !of->child || of->child->next)
        return read_fail(reader, "for must be an object of one variable and its list: "
                                 "{\"d\": [4, 16]}");
    const cJSON *list = of->child;
    int count = cJSON_IsArray(list) ? cJSON_GetArraySize(list) : 0;
    size_t place = read_enter(reader, "for");
    table->variable = arena_copy_text(&reader->lesson->arena, list->string);
    if (!read_name(reader, "a variable", table->variable))
        return false;
    if (count < 1 || count > ROWS_MOST)
        return read_fail(reader, "%s must be a list of 1 to %d values", table->variable, ROWS_MOST);
    if (!read_rows_of(reader, list, table))
        return false;
    read_leave(reader, place);
    return true;
}

static bool read_column(Reader *reader, const cJSON *object, LessonColumn *column) {
    column->digits = 2;
    if (!READ_OBJECT(reader, object, "a column", "id", "value", "digits", "percent", "token",
                     "piece") ||
        !read_id(reader, object, &column->id) ||
        !read_expr(reader, object, "value", true, &column->value) ||
        !read_int(reader, object, "digits", 0, DIGITS_MOST, false, &column->digits) ||
        !read_flag(reader, object, "percent", &column->percent) ||
        !read_flag(reader, object, "token", &column->token) ||
        !read_flag(reader, object, "piece", &column->piece))
        return false;
    return column->percent + column->token + column->piece <= 1 ||
           read_fail(reader, "a column is one of percent, token and piece");
}

static bool read_columns(Reader *reader, const cJSON *object, LessonTable *table) {
    const cJSON *at;
    if (!read_list(reader, object, "columns", 1, COLUMNS_MOST, &at, &table->column_count))
        return false;
    LessonColumn *list = ARENA_NEW_N(&reader->lesson->arena, LessonColumn, table->column_count);
    for (size_t i = 0; at; at = at->next, i++) {
        size_t place = read_enter(reader, "columns[%zu]", i);
        if (!read_column(reader, at, &list[i]) ||
            !read_unique(reader, "columns", list[i].id, i, column_id, list))
            return false;
        read_leave(reader, place);
    }
    table->column = list;
    return true;
}

bool read_tables(Reader *reader, const cJSON *scene, LessonScene *to) {
    const cJSON *at;
    if (!read_list(reader, scene, "tables", 0, TABLES_MOST, &at, &to->table_count))
        return false;
    LessonTable *list = ARENA_NEW_N(&reader->lesson->arena, LessonTable, to->table_count);
    for (size_t i = 0; at; at = at->next, i++) {
        size_t place = read_enter(reader, "tables[%zu]", i);
        if (!READ_OBJECT(reader, at, "a table", "id", "for", "columns") ||
            !read_id(reader, at, &list[i].id) ||
            !read_unique(reader, "tables", list[i].id, i, table_id, list) ||
            !read_rows(reader, at, &list[i]) || !read_columns(reader, at, &list[i]))
            return false;
        read_leave(reader, place);
    }
    to->table = list;
    return true;
}

/* ---- drawing ---- */

static bool draw_prompts(Reader *reader, const cJSON *object, const cJSON *value,
                         LessonDraw *draw) {
    return read_texts(reader, object, value->string, 1, CHOICES_MOST, &draw->text, &draw->count);
}

static bool draw_values(Reader *reader, const cJSON *value, LessonDraw *draw) {
    bool listed = cJSON_IsArray(value);
    draw->count = listed ? (size_t)cJSON_GetArraySize(value) : 1;
    if (draw->count < 1 || draw->count > CHOICES_MOST)
        return read_fail(reader, "%s has %zu entries, expected 1 to %d", draw->name, draw->count,
                         CHOICES_MOST);
    Expr **choice = ARENA_NEW_N(&reader->lesson->arena, Expr *, draw->count);
    const cJSON *at = listed ? value->child : value;
    for (size_t i = 0; i < draw->count; at = at->next, i++)
        if (!read_expr_of(reader, at, draw->name, &choice[i]))
            return false;
    draw->choice = choice;
    return true;
}

static bool read_draw(Reader *reader, const cJSON *object, const LessonDraw **draws,
                      size_t *count) {
    const cJSON *value = read_field(object, "draw");
    *count = cJSON_IsObject(value) ? (size_t)cJSON_GetArraySize(value) : 0;
    if (value && !cJSON_IsObject(value))
        return read_fail(reader, "draw is no object");
    if (*count > DRAWS_MOST)
        return read_fail(reader, "draw has %zu names, expected at most %d", *count, DRAWS_MOST);
    LessonDraw *list = ARENA_NEW_N(&reader->lesson->arena, LessonDraw, *count);
    const cJSON *at = *count ? value->child : NULL;
    for (size_t i = 0; at; at = at->next, i++) {
        size_t place = read_enter(reader, "draw");
        bool prompt = strcmp(at->string, "prompt") == 0;
        if (read_field(value, at->string) != at)
            return read_fail(reader, "\"%.60s\" is there twice", at->string);
        list[i].name = arena_copy_text(&reader->lesson->arena, at->string);
        if (!(prompt || read_name(reader, "a variable", at->string)) ||
            !(prompt ? draw_prompts(reader, value, at, &list[i])
                     : draw_values(reader, at, &list[i])))
            return false;
        read_leave(reader, place);
    }
    *draws = list;
    return true;
}

/* ---- questions ---- */

/* One slice, or a list of them. */
static bool read_slices(Reader *reader, const cJSON *object, const char *field, size_t most,
                        Expr *const **slices, size_t *count) {
    const cJSON *value = read_field(object, field);
    bool listed = cJSON_IsArray(value);
    *count = !value ? 0 : listed ? (size_t)cJSON_GetArraySize(value) : 1;
    if (value && (*count < 1 || *count > most))
        return read_fail(reader, "%s has %zu entries, expected 1 to %zu", field, *count, most);
    Expr **list = ARENA_NEW_N(&reader->lesson->arena, Expr *, *count);
    const cJSON *at = listed ? value->child : value;
    for (size_t i = 0; i < *count; at = at->next, i++) {
        if (!read_expr_of(reader, at, field, &list[i]))
            return false;
        if (!expr_is_cells(list[i]))
            return read_fail(reader, "%s[%zu] is \"%.100s\", expected cells of a record: NAME[…]",
                             field, i, expr_text(list[i]));
    }
    *slices = list;
    return true;
}

static bool read_question(Reader *reader, const cJSON *object, LessonQuestion *question) {
    question->digits = 2;
    if (!READ_OBJECT(reader, object, "a question", "id", "draw", "matrix", "digits", "blank", "ask",
                     "lines") ||
        !read_id(reader, object, &question->id) ||
        !read_draw(reader, object, &question->draw, &question->draw_count) ||
        !read_slices(reader, object, "matrix", MATRICES_MOST, &question->matrix,
                     &question->matrix_count) ||
        !read_slices(reader, object, "blank", BLANKS_MOST, &question->blank,
                     &question->blank_count) ||
        !read_int(reader, object, "digits", 0, DIGITS_MOST, false, &question->digits) ||
        !read_expr(reader, object, "ask", false, &question->ask) ||
        !read_int(reader, object, "lines", 0, LINES_MOST, false, &question->lines))
        return false;
    if (question->blank_count && !question->matrix_count)
        return read_fail(reader, "blank needs a matrix in which the cells are left empty");
    return question->blank_count || question->ask || question->lines ||
           read_fail(reader, "nothing is asked: there is no blank, no ask and no lines");
}

bool read_sheet(Reader *reader, const cJSON *root, LessonSheet *sheet) {
    const cJSON *object = read_field(root, "worksheet"), *at;
    if (!object)
        return true;
    size_t outer = read_enter(reader, "worksheet");
    if (!READ_OBJECT(reader, object, "worksheet", "draw", "questions") ||
        !read_draw(reader, object, &sheet->draw, &sheet->draw_count) ||
        !read_list(reader, object, "questions", 1, QUESTIONS_MOST, &at, &sheet->question_count))
        return false;
    LessonQuestion *list = ARENA_NEW_N(&reader->lesson->arena, LessonQuestion,
                                       sheet->question_count);
    for (size_t i = 0; at; at = at->next, i++) {
        size_t place = read_enter(reader, "questions[%zu]", i);
        if (!read_question(reader, at, &list[i]) ||
            !read_unique(reader, "questions", list[i].id, i, question_id, list))
            return false;
        read_leave(reader, place);
    }
    sheet->question = list;
    read_leave(reader, outer);
    return true;
}
