/* lesson_read: reads lesson.json with suspicion. Private to lesson*.c.
 *
 * A Reader knows where it is ("scenes[2] meet: checks[0] where"), so that each message names file and
 * place. What is read is copied into the lesson's arena. Each function is false with a message. */
#ifndef LESSON_LESSON_READ_H
#define LESSON_LESSON_READ_H

#include "app/lesson/lesson.h"
#include "engine/base/buf.h"

#include <cjson/cJSON.h>

typedef struct {
    Lesson *lesson;
    const char *file;
    Buf place;
    Err *err;
} Reader;

bool read_fail(Reader *reader, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* One place deeper; read_leave with what read_enter gave goes back. */
size_t read_enter(Reader *reader, const char *format, ...) __attribute__((format(printf, 2, 3)));
void read_leave(Reader *reader, size_t before);

/* An object of these fields and no others, each at most once. */
bool read_object(Reader *reader, const cJSON *object, const char *what, const char *const *fields,
                 size_t count);
#define READ_OBJECT(reader, object, what, ...)                                                     \
    read_object(reader, object, what, (const char *const[]){__VA_ARGS__},                          \
                sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

const cJSON *read_field(const cJSON *object, const char *field); /* NULL: absent */
/* Absent: `*text` stays as it is, which is an error where it is NULL and `needed`. */
bool read_text(Reader *reader, const cJSON *object, const char *field, bool needed,
               const char **text);
bool read_int(Reader *reader, const cJSON *object, const char *field, int least, int most,
              bool needed, int *number);
bool read_flag(Reader *reader, const cJSON *object, const char *field, bool *flag);
/* One of the words; absent: `*choice` stays. */
bool read_choice(Reader *reader, const cJSON *object, const char *field, const char *const *words,
                 size_t count, int *choice);
/* An expression, or a number that stands for itself. */
bool read_expr(Reader *reader, const cJSON *object, const char *field, bool needed, Expr **expr);
bool read_expr_of(Reader *reader, const cJSON *value, const char *what, Expr **expr);
/* The same, and it must be cells: NAME[…]. */
bool read_cells(Reader *reader, const cJSON *object, const char *field, bool needed, Expr **expr);
/* A list of least … most entries; absent: none, an error where `least` is above 0. */
bool read_list(Reader *reader, const cJSON *object, const char *field, size_t least, size_t most,
               const cJSON **list, size_t *count);
bool read_texts(Reader *reader, const cJSON *object, const char *field, size_t least, size_t most,
                const char *const **texts, size_t *count);
/* "id": small letters, digits, - and _. */
bool read_id(Reader *reader, const cJSON *object, const char **id);
/* A name that expressions can use for something of the lesson's own. */
bool read_name(Reader *reader, const char *what, const char *name);
/* The `at`-th id must not be among those before it; `id_at` hands them out. */
bool read_unique(Reader *reader, const char *what, const char *id, size_t at,
                 const char *(*id_at)(const void *list, size_t i), const void *list);

enum { DIGITS_MOST = 8, GLOBS_MOST = 40 };

/* lesson_json.c; `model` and `prompt` are needed where `whole`. */
#define RUN_FIELDS "model", "prompt", "set", "mask", "attention", "kv_cache"
bool read_run(Reader *reader, const cJSON *object, bool whole, LessonRun *run);
bool read_lets(Reader *reader, const cJSON *object, const ExprLet *before, size_t before_count,
               const ExprLet **lets, size_t *count);
bool read_role_known(Reader *reader, const char *name);
bool read_lesson(Reader *reader, const cJSON *root);
/* lesson_checks.c, lesson_sheet.c */
bool read_checks(Reader *reader, const cJSON *scene, LessonScene *to);
bool read_tables(Reader *reader, const cJSON *scene, LessonScene *to);
bool read_sheet(Reader *reader, const cJSON *root, LessonSheet *sheet);

/* lesson_texts.c: en.md and ko.md. `file` is for messages, and must live as long. */
typedef struct LessonTexts LessonTexts;
LessonTexts *texts_parse(Arena *arena, const char *text, size_t size, const char *file, Err *err);
const char *texts_find(const LessonTexts *texts, const char *key);
size_t texts_count(const LessonTexts *texts); /* in the order of their keys */
const char *texts_key(const LessonTexts *texts, size_t i);
size_t texts_line(const LessonTexts *texts, size_t i); /* of the heading, from 1 */
const char *texts_file(const LessonTexts *texts);
/* lesson_wants.c. Every text that the lesson needs is there, none is there that it doesn't need, each is well formed,
 * and all languages have the same. */
bool texts_check(const Lesson *lesson, Err *err);

#endif
