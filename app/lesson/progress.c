#include "app/lesson/progress.h"

#include "app/lesson/play_part.h"
#include "engine/base/file.h"
#include "engine/base/json.h"

#include <stdlib.h>
#include <string.h>

/* The file:
 * {"format": 1, "lessons": {"03-scores": {"scene": "meet", "solved": 2, "asked": 5,
 *                                         "checks": {"meet/where": "right"}}}} */
struct LessonProgress {
    Arena arena;
    const char *folder, *path; /* NULL: nothing is kept */
    cJSON *lessons;            /* by name; never NULL */
};

enum { FORMAT = 1, BYTES_MOST = 1 << 20 };

static const char *const STATES[] = {[ANSWER_OPEN] = "open",
                                     [ANSWER_RIGHT] = "right",
                                     [ANSWER_CLOSED] = "closed",
                                     [ANSWER_SHOWN] = "shown"};

static void *or_abort(void *made) {
    if (!made)
        abort(); /* small memory, as in arena.h */
    return made;
}

/* ---- The file ----------------------------------------------------------------------------------- */

static bool find_folder(LessonProgress *progress, Err *err) {
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    if (data && data[0] == '/')
        progress->folder = file_join(&progress->arena, data, "attnscope");
    else if (home && home[0] == '/')
        progress->folder = file_join(&progress->arena, home, ".local/share/attnscope");
    else
        return err_set(err,
                       "neither XDG_DATA_HOME nor HOME is a folder's path, so how far you come "
                       "in lessons is not kept");
    return true;
}

/* The lessons in the file, out of its tree; NULL with a message where it is none. */
static cJSON *lessons_in(cJSON *tree, const char *path, Err *err) {
    int64_t format;
    const cJSON *lesson;
    if (!json_int(tree, "format", path, FORMAT, FORMAT, 0, &format, err))
        return NULL;
    cJSON *lessons = cJSON_DetachItemFromObjectCaseSensitive(tree, "lessons");
    bool good = format == FORMAT && cJSON_IsObject(lessons);
    cJSON_ArrayForEach(lesson, lessons) good = good && cJSON_IsObject(lesson);
    if (good)
        return lessons;
    cJSON_Delete(lessons);
    err_set(err, "%s: expected \"format\": %d and \"lessons\", an object of objects", path, FORMAT);
    return NULL;
}

static cJSON *read_lessons(const char *path, Err *err) {
    Arena arena = {0};
    char *text;
    size_t size;
    cJSON *lessons = NULL;
    if (file_read_text(path, BYTES_MOST, &arena, &text, &size, err)) {
        cJSON *tree = json_parse(text, size, path, err);
        lessons = tree ? lessons_in(tree, path, err) : NULL;
        cJSON_Delete(tree);
    }
    arena_free(&arena);
    return lessons;
}

static bool write_lessons(const LessonProgress *progress, Err *err) {
    cJSON *tree = or_abort(cJSON_CreateObject());
    cJSON_AddNumberToObject(tree, "format", FORMAT);
    cJSON_AddItemReferenceToObject(tree, "lessons", progress->lessons);
    char *text = or_abort(cJSON_Print(tree));
    cJSON_Delete(tree);
    FileOut *out = NULL;
    if (file_make_folders(progress->folder, err))
        out = file_create(progress->path, err);
    if (out) {
        file_write(out, text, strlen(text));
        file_write(out, "\n", 1);
    }
    cJSON_free(text);
    return out && file_commit(out, err);
}

LessonProgress *progress_open(Err *err) {
    LessonProgress *progress = or_abort(calloc(1, sizeof *progress));
    Err own;
    err = err ? err : &own;
    err->text[0] = '\0';
    if (find_folder(progress, err)) {
        progress->path = file_join(&progress->arena, progress->folder, "progress.json");
        if (file_exists(progress->path)) {
            progress->lessons = read_lessons(progress->path, err);
            if (!progress->lessons) {
                err_prefix(err, "how far you come in lessons is not kept");
                progress->path = NULL;
            }
        }
    }
    if (!progress->lessons)
        progress->lessons = or_abort(cJSON_CreateObject());
    return progress;
}

void progress_close(LessonProgress *progress) {
    if (!progress)
        return;
    cJSON_Delete(progress->lessons);
    arena_free(&progress->arena);
    free(progress);
}

/* ---- A lesson's part ---------------------------------------------------------------------------- */

static const cJSON *noted(const LessonProgress *progress, const char *lesson) {
    return cJSON_GetObjectItemCaseSensitive(progress->lessons, lesson);
}

static AnswerState state_called(const char *name) {
    for (size_t i = 0; name && i < sizeof STATES / sizeof *STATES; i++)
        if (strcmp(STATES[i], name) == 0)
            return (AnswerState)i;
    return ANSWER_OPEN;
}

/* "meet/where" */
static const char *check_name(const LessonScene *scene, size_t check, Arena *arena) {
    return arena_printf(arena, "%s/%s", scene->id, scene->check[check].id);
}

static void resume_checks(const cJSON *checks, Play *play) {
    Arena arena = {0};
    for (size_t s = 0; s < play->lesson->scene_count; s++) {
        const LessonScene *scene = &play->lesson->scene[s];
        for (size_t i = 0; i < scene->check_count; i++) {
            const cJSON *state = cJSON_GetObjectItemCaseSensitive(checks,
                                                                  check_name(scene, i, &arena));
            play->done[play->first[s] + i].state = state_called(cJSON_GetStringValue(state));
        }
    }
    arena_free(&arena);
}

bool progress_resume(const LessonProgress *progress, Play *play) {
    const cJSON *lesson = noted(progress, play->lesson->name);
    if (!lesson)
        return false;
    resume_checks(cJSON_GetObjectItemCaseSensitive(lesson, "checks"), play);
    const char *id = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(lesson, "scene"));
    size_t scene = 0;
    for (size_t s = 0; id && s < play->lesson->scene_count; s++)
        if (strcmp(play->lesson->scene[s].id, id) == 0)
            scene = s;
    return play_go(play, scene);
}

static cJSON *note_play(const Play *play) {
    Arena arena = {0};
    cJSON *lesson = or_abort(cJSON_CreateObject());
    cJSON_AddStringToObject(lesson, "scene", play_scene_now(play)->id);
    cJSON_AddNumberToObject(lesson, "solved", (double)play_solved(play));
    cJSON_AddNumberToObject(lesson, "asked", (double)play_asked(play));
    cJSON *checks = or_abort(cJSON_AddObjectToObject(lesson, "checks"));
    for (size_t s = 0; s < play->lesson->scene_count; s++) {
        const LessonScene *scene = &play->lesson->scene[s];
        for (size_t i = 0; i < scene->check_count; i++) {
            AnswerState state = play->done[play->first[s] + i].state;
            if (state != ANSWER_OPEN)
                cJSON_AddStringToObject(checks, check_name(scene, i, &arena), STATES[state]);
        }
    }
    arena_free(&arena);
    return lesson;
}

/* What another window has written meanwhile stays, but for this lesson. */
static bool take_in(LessonProgress *progress, Err *err) {
    if (!progress->path || !file_exists(progress->path))
        return true;
    cJSON *now = read_lessons(progress->path, err);
    if (!now)
        return false;
    cJSON_Delete(progress->lessons);
    progress->lessons = now;
    return true;
}

bool progress_keep(LessonProgress *progress, const Play *play, Err *err) {
    const char *name = play->lesson->name;
    if (!take_in(progress, err))
        return false;
    cJSON_DeleteItemFromObjectCaseSensitive(progress->lessons, name);
    cJSON_AddItemToObject(progress->lessons, name, note_play(play));
    return !progress->path || write_lessons(progress, err);
}

void progress_of(const LessonProgress *progress, const char *lesson, size_t *solved,
                 size_t *asked) {
    const cJSON *note = noted(progress, lesson);
    const cJSON *counts[] = {cJSON_GetObjectItemCaseSensitive(note, "solved"),
                             cJSON_GetObjectItemCaseSensitive(note, "asked")};
    size_t *out[] = {solved, asked};
    for (int i = 0; i < 2; i++) {
        double count = cJSON_IsNumber(counts[i]) ? counts[i]->valuedouble : 0;
        *out[i] = count >= 0 && count < 1e6 ? (size_t)count : 0;
    }
}
