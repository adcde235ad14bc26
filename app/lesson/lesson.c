#include "app/lesson/lesson.h"

#include "app/lesson/lesson_read.h"
#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/base/near.h"
#include "engine/base/utf8.h"

#include <ctype.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MOST = 1 << 20 }; /* bytes */

/* ---- names of folders ---- */

/* "03-scores" of "lessons/03-scores/". */
static const char *name_of(Arena *arena, const char *folder) {
    size_t end = strlen(folder), start;
    while (end > 1 && folder[end - 1] == '/')
        end--;
    for (start = end; start > 0 && folder[start - 1] != '/';)
        start--;
    return arena_copy_bytes(arena, folder + start, end - start);
}

/* "03-scores" is 3 and "scores"; without a number 0 and the name itself. */
static int number_of(const char *name, const char **rest) {
    char *end;
    long number = isdigit((unsigned char)*name) ? strtol(name, &end, 10) : 0;
    bool numbered = isdigit((unsigned char)*name) && *end == '-' && number > 0 && number <= INT_MAX;
    *rest = numbered ? end + 1 : name;
    return numbered ? (int)number : 0;
}

static bool is_lesson(Arena *arena, const char *folder) {
    return file_exists(file_join(arena, folder, "lesson.json"));
}

size_t lesson_list(const char *lessons, Arena *arena, const char ***folders) {
    const char **names;
    size_t count = file_list(lessons, arena, &names), found = 0;
    *folders = ARENA_NEW_N(arena, const char *, count);
    for (size_t i = 0; i < count; i++) {
        const char *folder = file_join(arena, lessons, names[i]);
        if (is_lesson(arena, folder))
            (*folders)[found++] = folder;
    }
    return found;
}

static bool is_called(const char *folder, const char *word, Arena *arena) {
    const char *name = name_of(arena, folder), *rest;
    char *end;
    int number = number_of(name, &rest);
    long wanted = strtol(word, &end, 10);
    return strcmp(name, word) == 0 || strcmp(rest, word) == 0 ||
           (number && isdigit((unsigned char)*word) && !*end && wanted == number);
}

static bool no_lesson(const char *lessons, const char *word, const char *const *folder,
                      size_t count, Arena *arena, Err *err) {
    const char **names = ARENA_NEW_N(arena, const char *, count), *rest;
    Buf near = {0}, all = {0};
    for (size_t i = 0; i < count; i++) {
        number_of(name_of(arena, folder[i]), &rest);
        names[i] = rest;
        buf_printf(&all, i ? ", %s" : "%s", name_of(arena, folder[i]));
    }
    if (count == 0)
        err_set(err, "lesson \"%.100s\": there is none in %s", word, lessons);
    else if (near_names(word, names, count, 1, &near))
        err_set(err, "there is no lesson \"%.100s\"; did you mean %s?", word, near.bytes);
    else
        err_set(err, "there is no lesson \"%.100s\"; there are %s", word, all.bytes);
    buf_free(&near);
    buf_free(&all);
    return false;
}

bool lesson_resolve(const char *lessons, const char *name, Arena *arena, const char **folder,
                    Err *err) {
    const char **folders;
    size_t count = lesson_list(lessons, arena, &folders);
    for (size_t i = 0; i < count; i++)
        if (is_called(folders[i], name, arena)) {
            *folder = folders[i];
            return true;
        }
    *folder = arena_copy_text(arena, name);
    if (is_lesson(arena, name))
        return true;
    if (strchr(name, '/') || strcmp(name, ".") == 0)
        return err_set(err, "%s: there is no lesson.json in it", name);
    return no_lesson(lessons, name, folders, count, arena, err);
}

/* ---- reading ---- */

static bool read_json(Lesson *lesson, LessonBytes json, const char *file, Err *err) {
    Reader reader = {.lesson = lesson, .file = file, .err = err};
    cJSON *root = json_parse(json.bytes, json.size, file, err);
    bool done = root && read_lesson(&reader, root);
    buf_free(&reader.place);
    cJSON_Delete(root);
    return done;
}

static const char *text_file(Arena *arena, const char *folder, int lang) {
    return file_join(arena, folder, arena_printf(arena, "%s.md", lang_code((Lang)lang)));
}

static bool read_all(Lesson *lesson, LessonBytes json, const LessonBytes texts[LANG_COUNT],
                     Err *err) {
    Arena *arena = &lesson->arena;
    if (!read_json(lesson, json, file_join(arena, lesson->folder, "lesson.json"), err))
        return false;
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        const char *file = text_file(arena, lesson->folder, lang);
        size_t bad = utf8_bad_at(texts[lang].bytes, texts[lang].size);
        if (bad < texts[lang].size)
            return err_set(err, "%s: not valid UTF-8, at byte %zu", file, bad);
        if (memchr(texts[lang].bytes, '\0', texts[lang].size))
            return err_set(err, "%s: holds a NUL character", file);
        lesson->texts[lang] = texts_parse(arena, texts[lang].bytes, texts[lang].size, file, err);
        if (!lesson->texts[lang])
            return false;
    }
    return texts_check(lesson, err);
}

Lesson *lesson_parse(const char *folder, LessonBytes json, const LessonBytes texts[LANG_COUNT],
                     Err *err) {
    Arena arena = {0};
    Lesson *lesson = ARENA_NEW(&arena, Lesson);
    const char *rest;
    lesson->arena = arena;
    lesson->folder = arena_copy_text(&lesson->arena, folder);
    lesson->name = name_of(&lesson->arena, folder);
    lesson->number = number_of(lesson->name, &rest);
    if (read_all(lesson, json, texts, err))
        return lesson;
    lesson_close(lesson);
    return NULL;
}

static bool read_file(const char *path, Arena *arena, LessonBytes *bytes, Err *err) {
    char *text;
    *bytes = (LessonBytes){"", 0};
    if (file_is_pipe_or_device(path))
        return err_set(err, "%s: a pipe or a device, expected a file", path);
    if (!file_read_text(path, FILE_MOST, arena, &text, &bytes->size, err))
        return false;
    bytes->bytes = text;
    return true;
}

Lesson *lesson_open(const char *folder, Err *err) {
    Arena arena = {0};
    Lesson *lesson = NULL;
    LessonBytes json, texts[LANG_COUNT];
    bool read = read_file(file_join(&arena, folder, "lesson.json"), &arena, &json, err);
    for (int lang = 0; lang < LANG_COUNT && read; lang++)
        read = read_file(text_file(&arena, folder, lang), &arena, &texts[lang], err);
    if (read)
        lesson = lesson_parse(folder, json, texts, err);
    arena_free(&arena);
    return lesson;
}

void lesson_close(Lesson *lesson) {
    if (!lesson)
        return;
    Arena arena = lesson->arena; /* the lesson itself lies in it */
    arena_free(&arena);
}

/* ---- texts ---- */

const char *lesson_text(const Lesson *lesson, Lang lang, const char *key) {
    return texts_find(lesson->texts[lang], key);
}

const char *lesson_text_at(const Lesson *lesson, Lang lang, const char *format, ...) {
    char key[400];
    va_list args;
    va_start(args, format);
    vsnprintf(key, sizeof key, format, args);
    va_end(args);
    return lesson_text(lesson, lang, key);
}

/* ---- runs ---- */

LessonRun lesson_run_over(const LessonRun *base, const LessonRun *change) {
    LessonRun run = *base;
    run.model = change->model ? change->model : base->model;
    run.prompt = change->prompt ? change->prompt : base->prompt;
    run.set = change->set ? change->set : base->set;
    run.mask = change->mask ? change->mask : base->mask;
    run.attention = change->attention ? change->attention : base->attention;
    run.kv_cache = change->kv_cache ? change->kv_cache : base->kv_cache;
    return run;
}

static bool same_text(const char *a, const char *b) {
    return a && b && strcmp(a, b) == 0;
}

bool lesson_run_same(const LessonRun *a, const LessonRun *b) {
    return same_text(a->model, b->model) && same_text(a->prompt, b->prompt) &&
           same_text(a->set, b->set) && same_text(a->mask, b->mask) &&
           same_text(a->attention, b->attention);
}

bool lesson_scene_run(const Lesson *lesson, size_t scene, const char *name, LessonRun *run) {
    const LessonScene *of = &lesson->scene[scene];
    *run = lesson_run_over(&lesson->run, &of->run);
    for (size_t i = 0; i < of->named_count; i++)
        if (strcmp(of->named[i].name, name) == 0) {
            *run = lesson_run_over(run, &of->named[i].run);
            return true;
        }
    return strcmp(name, "main") == 0;
}
