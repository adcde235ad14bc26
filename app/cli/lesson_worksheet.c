#include "app/cli/lesson_worksheet.h"

#include "app/cli/input.h"
#include "app/cli/lesson_action.h"
#include "app/export/sheet.h"
#include "app/lesson/worksheet.h"
#include "app/views/words.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* "Block 2 · head 1": how large the whole record is does not matter on a sheet. */
static const char *where(Arena *arena, const Node *node, long head) {
    const char *block = node->layer < 0 ? "" : word_block(arena, node, true);
    if (head < 0)
        return block;
    return arena_printf(arena, "%s%s%s", block, *block ? " · " : "",
                        WORD_WITH(arena, WORD_HEAD, text_count(arena, head)));
}

static bool is_pdf(const Options *options, OptId id, Err *err) {
    const char *path = option_text(options, id, NULL);
    size_t size = path ? strlen(path) : 0;
    return !path || (size >= 4 && strcasecmp(path + size - 4, ".pdf") == 0) ||
           err_set(err, "--%s: %s: expected a name that ends in .pdf", option_name(id), path);
}

bool lesson_worksheet_check(const Options *options, Err *err) {
    const char *sheet = option_text(options, OPT_OUTPUT, NULL);
    const char *key = option_text(options, OPT_KEY, NULL);
    if (!sheet && !key)
        return err_set(err, "--output FILE is missing, the worksheet; or --key FILE for its key");
    if (sheet && key && strcmp(sheet, key) == 0)
        return err_set(err, "--output and --key are both %s", sheet);
    return is_pdf(options, OPT_OUTPUT, err) && is_pdf(options, OPT_KEY, err);
}

static bool possible(const Options *options, OptId id, Err *err) {
    const char *path = option_text(options, id, NULL);
    return !path || output_possible(path, err);
}

static bool save(const Worksheet *made, const Options *options, OptId id, const char *command,
                 Err *err) {
    const char *path = option_text(options, id, NULL);
    ExportAbout about = {.version = ATTNSCOPE_VERSION,
                         .model = made->model,
                         .prompt = made->prompt,
                         .options = command};
    return !path || sheet_save(id == OPT_KEY ? &made->key : &made->sheet, &about, path, err);
}

/* A key without its sheet is no use: where the second can't be written, the first goes. */
static bool save_both(const Worksheet *made, const Options *options, const char *command,
                      Err *err) {
    const char *sheet = option_text(options, OPT_OUTPUT, NULL);
    if (!save(made, options, OPT_OUTPUT, command, err))
        return false;
    if (save(made, options, OPT_KEY, command, err))
        return true;
    if (sheet && output_is_file(sheet))
        unlink(sheet);
    return false;
}

static void tell(const Options *options, OptId id, const char *what, size_t questions) {
    const char *path = option_text(options, id, NULL);
    if (path && output_is_file(path))
        printf("%s: %s, %zu questions\n", path, what, questions);
}

static bool make(const Lesson *lesson, const Options *options, Err *err) {
    static const WorksheetWords words = {word_stage_title, where, word_place};
    Arena arena = {0};
    Worksheet made;
    Lang lang = lesson_lang(options);
    uint64_t seed = option_whole(options, OPT_SEED, 0);
    const char *command = arena_printf(&arena, "lesson worksheet %s --seed %llu --lang %s",
                                       lesson->name, (unsigned long long)seed, lang_code(lang));
    LessonRuns *runs = lesson_runs_new(cli_assets(&arena), 1, NULL);
    words_set_language(lang);
    bool ok = worksheet_make(lesson, runs, lang, seed, &words, &arena, &made, err) &&
              save_both(&made, options, command, err);
    if (ok) {
        tell(options, OPT_OUTPUT, "a worksheet", lesson->sheet.question_count);
        tell(options, OPT_KEY, "its key", lesson->sheet.question_count);
    }
    lesson_runs_free(runs);
    arena_free(&arena);
    return ok;
}

bool lesson_worksheet(const Options *options, Err *err) {
    Lesson *lesson = possible(options, OPT_OUTPUT, err) && possible(options, OPT_KEY, err)
                         ? lesson_named(options, err)
                         : NULL;
    bool ok = lesson && make(lesson, options, err);
    lesson_close(lesson);
    return ok;
}
