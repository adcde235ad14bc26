#include "app/cli/lesson_run.h"

#include "app/cli/input.h"
#include "app/cli/lesson_action.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    Play *play;
    LessonRuns *runs;
    Lang lang;
    Arena arena; /* of one line's answer */
    Teller teller;
    bool *skipped; /* [checks of the scene] */
    Arena scene;   /* where they lie */
    bool ends;
    Err *err;
    bool failed; /* the lesson's own runs can't be made; `err` says why */
} Run;

/* ---- The run that is shown ---------------------------------------------------------------------- */

/* Computes what is to be shown, and all that the scene needs beside it. */
static bool look(Run *run, Err *err) {
    LessonRun wanted;
    ExprRun shown;
    Play *play = run->play;
    play_run(play, &wanted);
    if (!lesson_runs_wait(run->runs, &wanted, &shown, err))
        return false;
    play_look(play, shown.trace, shown.model);
    while (!play_ready(play, err)) {
        if (err->text[0])
            return false;
        lesson_runs_settle(run->runs);
    }
    run->teller.trace = shown.trace;
    run->teller.model = shown.model;
    return true;
}

/* A place that a scene does not name stays as it was. */
static void take_place(Run *run) {
    PlayPlace place;
    Err none;
    if (!play_place(run->play, &place, &none))
        return;
    if (place.stage)
        run->teller.stage = place.stage;
    if (place.head >= 0)
        run->teller.head = place.head;
}

static bool fail(Run *run, const Err *why) {
    *run->err = *why;
    run->failed = run->ends = true;
    return false;
}

static bool enter_scene(Run *run, size_t scene) {
    Err why;
    if (!play_go(run->play, scene))
        return false;
    arena_reset(&run->scene);
    run->skipped = ARENA_NEW_N(&run->scene, bool, play_scene_now(run->play)->check_count);
    if (!look(run, &why))
        return fail(run, &why);
    take_place(run);
    tell_scene(&run->teller);
    return true;
}

/* After a change of the learner's own; where it can't be shown, the scene is as it was. */
static bool show_change(Run *run) {
    Err why, again;
    if (look(run, &why)) {
        tell_scene(&run->teller);
        return true;
    }
    tell(&run->teller, SAID_RUN_NOT_DONE, why.text, NULL);
    play_go(run->play, play_scene(run->play));
    if (!look(run, &again))
        fail(run, &again);
    return false;
}

/* ---- Questions ---------------------------------------------------------------------------------- */

/* The first that is open and was not passed over; false: there is none. */
static bool question_now(Run *run, size_t *at, const PlayCheck **check) {
    const PlayCheck *checks = NULL;
    size_t count = play_checks(run->play, &checks);
    for (*at = 0; *at < count; ++*at)
        if (checks[*at].state == ANSWER_OPEN && !run->skipped[*at]) {
            *check = &checks[*at];
            return true;
        }
    return false;
}

/* Counted through the lesson. */
static size_t question_number(const Run *run, size_t at) {
    size_t before = 0;
    for (size_t i = 0; i < play_scene(run->play); i++)
        before += play_lesson(run->play)->scene[i].check_count;
    return before + at + 1;
}

static void tell_next(Run *run, bool anew) {
    size_t at;
    const PlayCheck *check;
    if (run->ends)
        return;
    if (!question_now(run, &at, &check)) {
        putchar('\n');
        tell(&run->teller, SAID_RUN_ASK_NEXT, NULL, NULL);
        return;
    }
    if (anew)
        tell_question(&run->teller, question_number(run, at), check);
    tell_ask(&run->teller, check);
}

static void tell_answer(const Run *run, size_t at) {
    Buf words = {0};
    play_answer_words(run->play, at, &words);
    tell(&run->teller, SAID_RUN_ANSWER, buf_cstr(&words), NULL);
    buf_free(&words);
}

static void tell_result(Run *run, size_t at) {
    const PlayCheck *checks = NULL;
    if (play_checks(run->play, &checks) <= at)
        return;
    const PlayCheck *check = &checks[at];
    bool closed = check->state == ANSWER_CLOSED;
    if (check->state != ANSWER_SHOWN)
        tell(&run->teller,
             check->state == ANSWER_RIGHT ? SAID_RUN_RIGHT
             : closed                     ? SAID_RUN_CLOSED
                                          : SAID_RUN_WRONG,
             NULL, NULL);
    tell_body(&check->reply, "");
    if (closed || check->state == ANSWER_SHOWN)
        tell_answer(run, at);
    tell_body(&check->after, "\n");
}

static void give(Run *run, size_t at, const Answer *answer) {
    Err why;
    if (!play_answer(run->play, at, answer, &why)) {
        puts(why.text);
        tell_next(run, false);
        return;
    }
    tell_result(run, at);
    const PlayCheck *checks = NULL;
    size_t count = play_checks(run->play, &checks);
    tell_next(run, at < count && checks[at].state != ANSWER_OPEN);
}

static void answer_line(Run *run, const char *line) {
    size_t at;
    const PlayCheck *check;
    Answer answer;
    Err why = {""};
    if (!question_now(run, &at, &check)) {
        tell(&run->teller, SAID_RUN_NO_QUESTION, NULL, NULL);
    } else if (check->check->kind == CHECK_MAKE) {
        tell_next(run, false);
    } else if (!play_read_answer(run->play, at, line, &answer, &why)) {
        puts(why.text);
        tell_next(run, false);
    } else {
        give(run, at, &answer);
    }
}

/* What was changed may be what is to be brought about. */
static void after_change(Run *run) {
    size_t at;
    const PlayCheck *check;
    bool shown = show_change(run);
    if (shown && question_now(run, &at, &check) && check->check->kind == CHECK_MAKE)
        give(run, at, &(Answer){.node = 0});
    else
        tell_next(run, true);
}

/* ---- Commands ----------------------------------------------------------------------------------- */

static void do_next(Run *run, const char *rest) {
    (void)rest;
    if (enter_scene(run, play_scene(run->play) + 1)) {
        tell_next(run, true);
    } else if (!run->failed) {
        tell(&run->teller, SAID_RUN_LAST, NULL, NULL);
        run->ends = true;
    }
}

static void do_back(Run *run, const char *rest) {
    (void)rest;
    if (play_scene(run->play) == 0)
        tell(&run->teller, SAID_RUN_FIRST, NULL, NULL);
    else
        enter_scene(run, play_scene(run->play) - 1);
    tell_next(run, true);
}

static void do_again(Run *run, const char *rest) {
    (void)rest;
    tell_scene(&run->teller);
    tell_next(run, true);
}

static void do_hint(Run *run, const char *rest) {
    size_t at;
    const PlayCheck *check, *checks = NULL;
    (void)rest;
    if (!question_now(run, &at, &check)) {
        tell(&run->teller, SAID_RUN_NO_QUESTION, NULL, NULL);
        return;
    }
    if (!play_hint(run->play, at)) {
        tell(&run->teller, SAID_RUN_NO_HINT, NULL, NULL);
    } else if (play_checks(run->play, &checks) > at) {
        size_t shown = checks[at].hints_shown;
        Arena *arena = &run->arena;
        tell_body(&checks[at].hint[shown - 1],
                  said(run->lang, SAID_RUN_HINT, arena_printf(arena, "%zu", shown),
                       arena_printf(arena, "%zu", checks[at].hints), arena));
    }
    tell_next(run, false);
}

static void do_skip(Run *run, const char *rest) {
    size_t at;
    const PlayCheck *check;
    (void)rest;
    if (question_now(run, &at, &check)) {
        run->skipped[at] = true;
        tell(&run->teller, SAID_RUN_SKIPPED, NULL, NULL);
    }
    tell_next(run, true);
}

static void do_show(Run *run, const char *rest) {
    size_t at;
    const PlayCheck *check;
    Err why;
    (void)rest;
    if (!question_now(run, &at, &check)) {
        tell(&run->teller, SAID_RUN_NO_QUESTION, NULL, NULL);
        return;
    }
    bool make = check->check->kind == CHECK_MAKE;
    if (!play_reveal(run->play, at, &why)) {
        puts(why.text);
        tell_next(run, false);
        return;
    }
    if (!make || show_change(run))
        tell_result(run, at);
    tell_next(run, true);
}

static void do_prompt(Run *run, const char *rest) {
    play_set_prompt(run->play, *rest ? rest : NULL);
    after_change(run);
}

/* By its name or its label; the number of choices: there is no such run. */
static size_t choice_called(const Run *run, const char *name) {
    size_t count = play_choices(run->play);
    for (size_t i = 0; i < count; i++) {
        const char *id = i ? play_scene_now(run->play)->named[i - 1].name : "main";
        if (strcmp(id, name) == 0 || strcmp(play_choice_label(run->play, i), name) == 0)
            return i;
    }
    return count;
}

static void do_use(Run *run, const char *rest) {
    size_t count = play_choices(run->play), choice = choice_called(run, rest);
    if (count == 0) {
        tell(&run->teller, SAID_RUN_NO_RUNS, NULL, NULL);
    } else if (choice == count) {
        const char *names = "main";
        for (size_t i = 0; i + 1 < count; i++)
            names = arena_printf(&run->arena, "%s, %s", names,
                                 play_scene_now(run->play)->named[i].name);
        tell(&run->teller, SAID_RUN_NO_RUN, rest, names);
    } else {
        play_choose(run->play, choice);
        after_change(run);
        return;
    }
    tell_next(run, false);
}

static void do_set(Run *run, const char *rest) {
    play_set_run(run->play, &(LessonRun){.set = rest});
    after_change(run);
}

static void do_mask(Run *run, const char *rest) {
    play_set_run(run->play, &(LessonRun){.mask = rest});
    after_change(run);
}

static void do_attention(Run *run, const char *rest) {
    play_set_run(run->play, &(LessonRun){.attention = rest});
    after_change(run);
}

static void do_look(Run *run, const char *rest) {
    Err why;
    CellRange cells;
    if (!*rest)
        tell_stage(&run->teller);
    else if (play_find_cells(run->play, rest, &cells, &why))
        tell_cells(&run->teller, &cells);
    else
        puts(why.text);
    tell_next(run, false);
}

static void do_help(Run *run, const char *rest) {
    (void)rest;
    tell(&run->teller, SAID_RUN_HELP, NULL, NULL);
    tell_next(run, false);
}

static void do_quit(Run *run, const char *rest) {
    (void)rest;
    run->ends = true;
}

static const struct {
    const char *english, *korean;
    bool takes_rest; /* else a line with more behind the word is an answer */
    void (*run)(Run *run, const char *rest);
} COMMANDS[] = {{"next", "다음", false, do_next},     {"back", "이전", false, do_back},
                {"again", "다시", false, do_again},   {"hint", "힌트", false, do_hint},
                {"skip", "건너뛰기", false, do_skip}, {"show", "답", false, do_show},
                {"prompt", "글", true, do_prompt},    {"use", "실행", true, do_use},
                {"set", "설정", true, do_set},        {"mask", "마스크", true, do_mask},
                {"look", "보기", true, do_look},      {"attention", "어텐션", true, do_attention},
                {"help", "도움말", false, do_help},   {"quit", "끝", false, do_quit}};

static bool command_line(Run *run, const char *line) {
    size_t size = strcspn(line, " ");
    const char *rest = line + size + strspn(line + size, " ");
    for (size_t i = 0; i < sizeof COMMANDS / sizeof *COMMANDS; i++) {
        bool named = (strlen(COMMANDS[i].english) == size &&
                      strncasecmp(line, COMMANDS[i].english, size) == 0) ||
                     (strlen(COMMANDS[i].korean) == size &&
                      strncmp(line, COMMANDS[i].korean, size) == 0);
        if (!named || (*rest && !COMMANDS[i].takes_rest))
            continue;
        COMMANDS[i].run(run, rest);
        return true;
    }
    return false;
}

static void do_line(Run *run, char *line) {
    size_t at, size = strlen(line);
    const PlayCheck *check;
    while (size > 0 && isspace((unsigned char)line[size - 1]))
        line[--size] = '\0';
    line += strspn(line, " \t");
    if (!*line && !question_now(run, &at, &check))
        do_next(run, line);
    else if (!*line)
        tell_next(run, false);
    else if (!command_line(run, line))
        answer_line(run, line);
}

/* ---- From the first line to the last ------------------------------------------------------------ */

static void tell_intro(const Run *run, const Lesson *lesson) {
    const char *title = lesson_text(lesson, run->lang, "#");
    const char *summary = lesson_text(lesson, run->lang, "");
    Arena *arena = run->teller.arena;
    printf("%s\n%s%s\n", title ? title : lesson->name, summary ? summary : "",
           summary && *summary ? "\n" : "");
    tell(&run->teller, SAID_RUN_INTRO, arena_printf(arena, "%zu", play_asked(run->play)),
         arena_printf(arena, "%d", lesson->minutes));
}

static void run_lines(Run *run, const Lesson *lesson, FILE *in) {
    char *line = NULL;
    size_t room = 0;
    tell_intro(run, lesson);
    if (enter_scene(run, 0))
        tell_next(run, true);
    fflush(stdout);
    while (!run->ends && getline(&line, &room, in) >= 0) {
        do_line(run, line);
        fflush(stdout);
        arena_reset(&run->arena);
    }
    free(line);
    if (run->failed)
        return;
    putchar('\n');
    tell(&run->teller, SAID_RUN_SUMMARY, arena_printf(&run->arena, "%zu", play_solved(run->play)),
         arena_printf(&run->arena, "%zu", play_asked(run->play)));
}

bool lesson_run_text(const Lesson *lesson, const LessonTextOptions *options, FILE *in, Err *err) {
    LessonRuns *runs = lesson_runs_new(options->assets, options->threads, NULL);
    Run run = {.play = play_new(lesson, runs, options->lang, options->seed),
               .runs = runs,
               .lang = options->lang,
               .err = err};
    run.teller = (Teller){.play = run.play, .lang = run.lang, .arena = &run.arena, .head = -1};
    run_lines(&run, lesson, in);
    play_free(run.play);
    lesson_runs_free(runs);
    arena_free(&run.arena);
    arena_free(&run.scene);
    return !run.failed;
}

bool lesson_run(const Options *options, Err *err) {
    Arena arena = {0};
    Lesson *lesson = lesson_named(options, err);
    LessonTextOptions run = {
        .assets = cli_assets(&arena),
        .threads = (int)option_whole(options, OPT_THREADS, (uint64_t)thread_count()),
        .lang = lesson_lang(options),
        .seed = option_whole(options, OPT_SEED, 0)};
    bool ok = lesson && lesson_run_text(lesson, &run, stdin, err);
    lesson_close(lesson);
    arena_free(&arena);
    return ok;
}
