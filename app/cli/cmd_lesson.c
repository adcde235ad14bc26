/* attnscope lesson: lists lessons, checks them, starts new ones. */
#include "app/cli/command.h"
#include "app/cli/input.h"
#include "app/cli/lesson_action.h"
#include "app/cli/lesson_worksheet.h"
#include "app/cli/table.h"
#include "engine/base/file.h"
#include "engine/base/near.h"

#include <stdio.h>
#include <string.h>

Lang lesson_lang(const Options *options) {
    Lang lang = lang_of_environment();
    (void)lang_parse(option_text(options, OPT_LANG, ""), &lang, NULL);
    return lang;
}

Lesson *lesson_named(const Options *options, Err *err) {
    Arena arena = {0};
    const char *folder;
    Lesson *lesson = NULL;
    if (lesson_resolve(cli_lessons(&arena), options->second, &arena, &folder, err))
        lesson = lesson_open(folder, err);
    arena_free(&arena);
    return lesson;
}

/* ---- list ---- */

static size_t questions_of(const Lesson *lesson) {
    size_t count = 0;
    for (size_t i = 0; i < lesson->scene_count; i++)
        count += lesson->scene[i].check_count;
    return count;
}

static void list_one(Table *table, const Lesson *lesson, Lang lang) {
    table_count(table, lesson->number > 0, (size_t)lesson->number);
    table_cell(table, "%s", lesson->name);
    table_cell(table, "%s", lesson_text(lesson, lang, "#"));
    table_cell(table, "%d", lesson->minutes);
    table_cell(table, "%zu", questions_of(lesson));
}

static void list_all(const char *const *folder, size_t count, Lang lang) {
    Buf broken = {0};
    Table table = table_new(
        "rllrr", (const char *const[]){"number", "name", "title", "minutes", "questions"});
    for (size_t i = 0; i < count; i++) {
        Err why;
        Lesson *lesson = lesson_open(folder[i], &why);
        if (lesson)
            list_one(&table, lesson, lang);
        else
            buf_printf(&broken, "can't be opened: %s\n", why.text);
        lesson_close(lesson);
    }
    table_print(&table);
    printf("%s", buf_cstr(&broken));
    buf_free(&broken);
}

static bool run_list(const Options *options, Err *err) {
    Arena arena = {0};
    const char **folder, *lessons = cli_lessons(&arena);
    size_t count = lesson_list(lessons, &arena, &folder);
    (void)err;
    if (count)
        list_all(folder, count, lesson_lang(options));
    else
        printf("There is no lesson under %s.\n", lessons);
    arena_free(&arena);
    return true;
}

/* ---- check ---- */

static void print_fault(void *user, const char *message) {
    (void)user;
    printf("%s\n", message);
}

static size_t check_one(const char *folder, const char *assets) {
    Err why;
    Lesson *lesson = lesson_open(folder, &why);
    if (!lesson) {
        print_fault(NULL, why.text);
        return 1;
    }
    size_t faults = lesson_examine(lesson, assets, print_fault, NULL);
    if (!faults)
        printf("ok: %s: %zu scenes, %zu questions\n", lesson->folder, lesson->scene_count,
               questions_of(lesson));
    lesson_close(lesson);
    return faults;
}

/* A lesson by its folder or its name, a folder of lessons, or all that are installed. */
static bool find_lessons(const Options *options, Arena *arena, const char ***folder, size_t *count,
                         Err *err) {
    const char *lessons = cli_lessons(arena), *given = options->second;
    *count = lesson_list(given ? given : lessons, arena, folder);
    if (*count)
        return true;
    if (!given)
        return err_set(err, "there is no lesson under %s", lessons);
    if (file_is_folder(given) && !file_exists(file_join(arena, given, "lesson.json")))
        return err_set(err, "%s: there is no lesson.json in it, nor in a folder in it", given);
    *folder = ARENA_NEW(arena, const char *);
    *count = 1;
    return lesson_resolve(lessons, given, arena, *folder, err);
}

static bool run_check(const Options *options, Err *err) {
    Arena arena = {0};
    const char **folder;
    size_t count, faults = 0;
    bool found = find_lessons(options, &arena, &folder, &count, err);
    for (size_t i = 0; found && i < count; i++)
        faults += check_one(folder[i], cli_assets(&arena));
    if (faults)
        err_set(err, "%zu fault%s in %zu lesson%s", faults, faults == 1 ? "" : "s", count,
                count == 1 ? "" : "s");
    arena_free(&arena);
    return found && !faults;
}

/* ---- new ---- */

static bool run_new(const Options *options, Err *err) {
    if (!lesson_new(options->second, err))
        return false;
    printf("%s: lesson.json, en.md and ko.md; attnscope lesson check %s tells what is wrong with "
           "them\n",
           options->second, options->second);
    return true;
}

/* ---- the command ---- */

static const LessonAction ACTIONS[] = {
    {.name = "list", .takes = OPT(LANG), .run = run_list},
    {.name = "run",
     .operand = "NAME",
     .takes = OPT(LANG) | OPT(LESSON_TEXT) | OPT(SEED) | OPT(THREADS),
     .needs = OPT(LESSON_TEXT),
     .run = lesson_run},
    {.name = "check", .operand = "DIR", .optional = true, .run = run_check},
    {.name = "worksheet",
     .operand = "NAME",
     .takes = OPT(LANG) | OPT(SEED) | OPT(OUTPUT) | OPT(KEY),
     .check = lesson_worksheet_check,
     .run = lesson_worksheet},
    {.name = "new", .operand = "DIR", .run = run_new},
};
enum { ACTIONS_COUNT = sizeof ACTIONS / sizeof *ACTIONS };

static const LessonAction *find_action(const char *name) {
    for (size_t i = 0; i < ACTIONS_COUNT; i++)
        if (strcmp(ACTIONS[i].name, name) == 0)
            return &ACTIONS[i];
    return NULL;
}

static bool unknown_action(const char *name, Err *err) {
    const char *names[ACTIONS_COUNT];
    Buf near = {0}, all = {0};
    for (size_t i = 0; i < ACTIONS_COUNT; i++) {
        names[i] = ACTIONS[i].name;
        buf_printf(&all, i ? ", %s" : "%s", names[i]);
    }
    if (near_names(name, names, ACTIONS_COUNT, 1, &near))
        err_set(err, "there is no action \"%.60s\"; did you mean %s?", name, near.bytes);
    else
        err_set(err, "there is no action \"%.60s\", expected one of %s", name, all.bytes);
    buf_free(&near);
    buf_free(&all);
    return false;
}

static bool check_options(const LessonAction *action, const Options *options, Err *err) {
    char room[80];
    for (int id = 0; id < OPT_COUNT; id++) {
        bool given = option_given(options, (OptId)id);
        if (given && !(action->takes >> id & 1))
            return err_set(err, "lesson %s takes no --%s", action->name, option_name((OptId)id));
        if (!given && action->needs >> id & 1)
            return err_set(err, "%s is missing", option_shape((OptId)id, room, sizeof room));
    }
    return true;
}

static bool check_command(const Options *options, Err *err) {
    const LessonAction *action = find_action(options->operand);
    Lang lang;
    if (!action)
        return unknown_action(options->operand, err);
    if (action->operand && !action->optional && !options->second)
        return err_set(err, "lesson %s: %s is missing", action->name, action->operand);
    if (!action->operand && options->second)
        return err_set(err, "unexpected argument \"%.100s\"", options->second);
    return check_options(action, options, err) &&
           (!option_given(options, OPT_LANG) ||
            lang_parse(option_text(options, OPT_LANG, ""), &lang, err)) &&
           (!action->check || action->check(options, err));
}

static bool run_command(const Options *options, Err *err) {
    return find_action(options->operand)->run(options, err);
}

const Command command_lesson = {
    .name = "lesson",
    .summary = "lists lessons, runs one, checks them",
    .details =
        "ACTION is one of\n"
        "  list        the lessons that are installed\n"
        "  run NAME    a lesson in the window; with --text on the terminal: reads answers and\n"
        "              commands from standard input, a line each (help lists them)\n"
        "  check DIR   tells what is wrong with a lesson, or with each in a folder; without\n"
        "              DIR with the installed ones\n"
        "  worksheet NAME  questions to print as a PDF (-o), numbers by --seed, and their --key\n"
        "  new DIR     starts a lesson: a small one that works\n"
        "NAME is a lesson's folder, its name or its number: 03-scores-softmax,\n"
        "scores-softmax, 3. Lessons lie beside the program or under its prefix; the\n"
        "environment's ATTNSCOPE_LESSONS names another folder of them.",
    .takes = OPT(LANG) | OPT(LESSON_TEXT) | OPT(SEED) | OPT(THREADS) | OPT(OUTPUT) | OPT(KEY),
    .operand = "ACTION",
    .second = "NAME",
    .check = check_command,
    .run = run_command,
};
