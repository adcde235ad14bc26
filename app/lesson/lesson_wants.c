/* Which texts a lesson needs, and whether each language has them, and no others. */
#include "app/lesson/lesson_read.h"
#include "app/lesson/text.h"
#include "engine/base/near.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    const char *key;
    bool needed;
} Wanted;

typedef struct {
    const Lesson *lesson;
    Arena arena;
    Wanted *wanted;
    size_t count, capacity;
    Err *err;
} Wants;

static void want(Wants *wants, bool needed, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void want(Wants *wants, bool needed, const char *format, ...) {
    char key[400];
    va_list args;
    va_start(args, format);
    vsnprintf(key, sizeof key, format, args);
    va_end(args);
    if (wants->count == wants->capacity) {
        wants->capacity = wants->capacity ? 2 * wants->capacity : 256;
        Wanted *more = ARENA_NEW_N(&wants->arena, Wanted, wants->capacity);
        if (wants->count)
            memcpy(more, wants->wanted, wants->count * sizeof *more);
        wants->wanted = more;
    }
    wants->wanted[wants->count++] = (Wanted){arena_copy_text(&wants->arena, key), needed};
}

/* ---- what is needed ---- */

static void want_check(Wants *wants, const LessonScene *scene, const LessonCheck *check) {
    const char *s = scene->id, *c = check->id;
    bool replies = check->kind == CHECK_CHOOSE; /* to each option, perhaps: lesson_examine */
    want(wants, true, "%s/%s", s, c);
    want(wants, false, "#%s/%s", s, c);
    for (size_t i = 0; i < check->option_count; i++) {
        want(wants, true, "%s/%s/option %s", s, c, check->option[i].id);
        want(wants, false, "%s/%s/reply %s", s, c, check->option[i].id);
    }
    want(wants, !replies, "%s/%s/right", s, c);
    want(wants, !replies, "%s/%s/wrong", s, c);
    want(wants, false, "%s/%s/after", s, c);
    for (int i = 1; i <= LESSON_HINTS; i++)
        want(wants, false, "%s/%s/hint %d", s, c, i);
}

static void want_scene(Wants *wants, const LessonScene *scene) {
    want(wants, true, "#%s", scene->id);
    want(wants, true, "%s", scene->id);
    if (scene->named_count)
        want(wants, true, "%s/run main", scene->id);
    for (size_t i = 0; i < scene->named_count; i++)
        want(wants, true, "%s/run %s", scene->id, scene->named[i].name);
    for (size_t i = 0; i < scene->table_count; i++) {
        const LessonTable *table = &scene->table[i];
        want(wants, true, "%s/table %s", scene->id, table->id);
        for (size_t j = 0; j < table->column_count; j++)
            want(wants, true, "%s/column %s", scene->id, table->column[j].id);
    }
    for (size_t i = 0; i < scene->check_count; i++)
        want_check(wants, scene, &scene->check[i]);
}

static void want_all(Wants *wants) {
    const Lesson *lesson = wants->lesson;
    want(wants, true, "#");
    want(wants, true, "%s", "");
    want(wants, true, "teacher");
    for (size_t i = 0; i < lesson->role_count; i++)
        want(wants, true, "role %s", lesson->role[i].name);
    for (size_t i = 0; i < lesson->scene_count; i++)
        want_scene(wants, &lesson->scene[i]);
    for (size_t i = 0; i < lesson->sheet.question_count; i++) {
        const LessonQuestion *question = &lesson->sheet.question[i];
        want(wants, true, "worksheet %s", question->id);
        want(wants, false, "#worksheet %s", question->id);
        want(wants, question->lines > 0, "worksheet %s/answer", question->id);
    }
}

/* ---- each language against it ---- */

static const char *shown_key(const char *key) {
    return strcmp(key, "") == 0 ? "the sentence under the title" : key;
}

static bool missing(Wants *wants, const LessonTexts *texts, const char *key) {
    const char *file = texts_file(texts);
    if (*key == '#')
        return err_set(wants->err, "%s: %s has no title, expected \"%s %s | Title\"", file, key + 1,
                       strchr(key, '/') ? "###" : "##",
                       strchr(key, '/') ? strchr(key, '/') + 1 : key + 1);
    return err_set(wants->err, "%s: %s is missing", file, shown_key(key));
}

static bool unneeded(Wants *wants, const LessonTexts *texts, size_t i) {
    const char **names = ARENA_NEW_N(&wants->arena, const char *, wants->count);
    const char *key = texts_key(texts, i);
    Buf near = {0};
    for (size_t w = 0; w < wants->count; w++)
        names[w] = wants->wanted[w].key;
    near_names(key, names, wants->count, 1, &near);
    err_set(wants->err, "%s: line %zu: nothing in lesson.json asks for \"%s\"%s%s%s",
            texts_file(texts), texts_line(texts, i), key, near.size ? "; did you mean \"" : "",
            buf_cstr(&near), near.size ? "\"?" : "");
    buf_free(&near);
    return false;
}

static bool is_wanted(const Wants *wants, const char *key) {
    for (size_t i = 0; i < wants->count; i++)
        if (strcmp(wants->wanted[i].key, key) == 0)
            return true;
    return false;
}

static bool check_keys(Wants *wants, const LessonTexts *texts) {
    const LessonTexts *first = wants->lesson->texts[LANG_EN];
    for (size_t i = 0; i < texts_count(texts); i++)
        if (!is_wanted(wants, texts_key(texts, i)))
            return unneeded(wants, texts, i);
    for (size_t i = 0; i < wants->count; i++) {
        const char *key = wants->wanted[i].key, *text = texts_find(texts, key);
        bool needed = wants->wanted[i].needed || texts_find(first, key);
        if (!text && needed)
            return missing(wants, texts, key);
        if (text && !*text)
            return err_set(wants->err, "%s: %s is empty", texts_file(texts), shown_key(key));
    }
    return true;
}

/* What the first language lacks and another has. */
static bool check_same(Wants *wants, const LessonTexts *texts) {
    const LessonTexts *first = wants->lesson->texts[LANG_EN];
    for (size_t i = 0; i < texts_count(texts); i++)
        if (!texts_find(first, texts_key(texts, i)))
            return err_set(wants->err, "%s: %s is missing, which %s has in line %zu",
                           texts_file(first), shown_key(texts_key(texts, i)), texts_file(texts),
                           texts_line(texts, i));
    return true;
}

static bool check_markup(Wants *wants, const LessonTexts *texts) {
    for (size_t i = 0; i < texts_count(texts); i++) {
        const char *key = texts_key(texts, i);
        Err why;
        if (*key != '#' && !markup_check(texts_find(texts, key), NULL, NULL, &why))
            return err_set(wants->err, "%s: %s (its heading is line %zu): %s", texts_file(texts),
                           shown_key(key), texts_line(texts, i), why.text);
    }
    return true;
}

bool texts_check(const Lesson *lesson, Err *err) {
    Wants wants = {.lesson = lesson, .err = err};
    want_all(&wants);
    bool good = true;
    for (int lang = 0; lang < LANG_COUNT && good; lang++)
        good = check_keys(&wants, lesson->texts[lang]) && check_same(&wants, lesson->texts[lang]) &&
               check_markup(&wants, lesson->texts[lang]);
    arena_free(&wants.arena);
    return good;
}
