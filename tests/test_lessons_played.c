/* Plays each lesson to its end as a learner does, in both languages: with right answers, with wrong
 * ones, and giving up; and looks at what can be seen while a question is open. */
#include "app/lesson/play.h"

#include "app/ui/text.h"
#include "engine/base/file.h"

#include <ctype.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ASSETS "assets"
static const char *const FOLDERS[] = {"lessons", "tests/lessons"};

/* ---- Every lesson, every language --------------------------------------------------------------- */

typedef struct {
    const Lesson *lesson;
    LessonRuns *runs;
    Play *play;
    Lang lang;
    ExprRun shown;
} Player;

static const char *where(const Player *player) {
    static char room[256];
    snprintf(room, sizeof room, "%s %s: %s", player->lesson->name, lang_code(player->lang),
             play_scene_now(player->play)->id);
    return room;
}

/* All of them are told before the test fails. */
static size_t faults;
#define fault(...) (print_error(__VA_ARGS__), print_error("\n"), (void)faults++)

/* False: told. */
static bool look(Player *player) {
    LessonRun wanted;
    Err err;
    play_run(player->play, &wanted);
    if (!lesson_runs_wait(player->runs, &wanted, &player->shown, &err)) {
        fault("%s: %s", where(player), err.text);
        return false;
    }
    play_look(player->play, player->shown.trace, player->shown.model);
    while (!play_ready(player->play, &err)) {
        if (err.text[0]) {
            fault("%s: %s", where(player), err.text);
            return false;
        }
        lesson_runs_settle(player->runs);
    }
    return true;
}

typedef void PlayScene(Player *player);

static void play_lesson_through(const char *folder, PlayScene *scene) {
    Err err;
    Lesson *lesson = lesson_open(folder, &err);
    if (!lesson) {
        fault("%s", err.text);
        return;
    }
    LessonRuns *runs = lesson_runs_new(ASSETS, 2, NULL);
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        Player player = {.lesson = lesson, .runs = runs, .lang = (Lang)lang};
        player.play = play_new(lesson, runs, player.lang, (uint64_t)lang + 1);
        for (size_t i = 0; i < lesson->scene_count; i++) {
            assert_true(play_go(player.play, i));
            if (look(&player))
                scene(&player);
        }
        assert_false(play_go(player.play, lesson->scene_count));
        play_free(player.play);
    }
    lesson_runs_free(runs);
    lesson_close(lesson);
}

static void play_all(PlayScene *scene) {
    Arena arena = {0};
    size_t played = 0;
    faults = 0;
    for (size_t f = 0; f < sizeof FOLDERS / sizeof *FOLDERS; f++) {
        const char **folder = NULL;
        size_t count = lesson_list(FOLDERS[f], &arena, &folder);
        for (size_t i = 0; i < count; i++)
            play_lesson_through(folder[i], scene);
        played += count;
    }
    arena_free(&arena);
    assert_true(played > 0);
    assert_int_equal(faults, 0);
}

static const PlayCheck *check_at(Player *player, size_t at) {
    const PlayCheck *checks = NULL;
    size_t count = play_checks(player->play, &checks);
    if (at >= count)
        fail_msg("%s: has no check %zu", where(player), at);
    return &checks[at];
}

static size_t check_count(const Player *player) {
    return play_scene_now(player->play)->check_count;
}

static bool has_hidden(const LessonBody *body) {
    for (size_t p = 0; p < body->count; p++)
        for (size_t i = 0; i < body->paragraph[p].span_count; i++) {
            const LessonSpan *span = &body->paragraph[p].span[i];
            bool value = span->kind == SPAN_VALUE || span->kind == SPAN_TOKEN;
            if (value && strcmp(span->text, "?") == 0)
                return true;
        }
    return false;
}

/* ---- Right -------------------------------------------------------------------------------------- */

static void answer(Player *player, size_t at, bool right) {
    Answer given;
    Err err;
    bool found = right ? play_right_answer(player->play, at, &given, &err)
                       : play_wrong_answer(player->play, at, &given, &err);
    if (!found || !play_answer(player->play, at, &given, &err))
        fault("%s: check %zu: %s", where(player), at, err.text);
}

static void right_answers_are_right(Player *player) {
    for (size_t i = 0; i < check_count(player); i++) {
        if (play_solve(player->play, i))
            look(player);
        answer(player, i, true);
        const PlayCheck *check = check_at(player, i);
        if (check->state != ANSWER_RIGHT)
            fault("%s: the right answer to %s is wrong", where(player), check->check->id);
        if (check->reply.count == 0)
            fault("%s: %s says nothing to a right answer", where(player), check->check->id);
        if (has_hidden(&check->reply) || has_hidden(&check->after))
            fault("%s: a reply to %s has a value that is concealed", where(player),
                  check->check->id);
        Buf words = {0};
        play_answer_words(player->play, i, &words);
        assert_true(words.size > 0);
        buf_free(&words);
    }
    for (int n = 0; n < player->shown.trace->graph.count; n++)
        assert_false(play_conceals_all(player->play, n));
}

/* ---- Wrong, and giving up ----------------------------------------------------------------------- */

/* Each option that is wrong, of the others the one that is offered. */
static void each_wrong(Player *player, size_t at) {
    const PlayCheck *check = check_at(player, at);
    size_t items = check->check->kind == CHECK_CHOOSE ? check->items : 1;
    for (size_t i = 0; i < items; i++) {
        Answer right, given = {.item = i};
        Err err;
        bool choose = check->check->kind == CHECK_CHOOSE;
        if (choose && play_right_answer(player->play, at, &right, &err) && right.item == i)
            continue;
        if (choose ? !play_answer(player->play, at, &given, &err)
                   : (answer(player, at, false), false))
            fault("%s: check %zu: %s", where(player), at, err.text);
        check = check_at(player, at);
        if (check->state == ANSWER_RIGHT)
            return; /* a second option that is right, too */
        assert_true(check->wrong);
        if (check->reply.count == 0)
            fault("%s: %s says nothing to a wrong answer", where(player), check->check->id);
        if (has_hidden(&check->reply))
            fault("%s: the reply to a wrong %s has a value that is concealed", where(player),
                  check->check->id);
        if (check->check->predict) {
            assert_int_equal(check->state, ANSWER_CLOSED);
            return;
        }
        assert_int_equal(check->state, ANSWER_OPEN);
        if (choose)
            assert_int_equal(check->chosen, i);
    }
}

static void wrong_answers_are_wrong(Player *player) {
    for (size_t i = 0; i < check_count(player); i++) {
        Err err;
        each_wrong(player, i);
        const PlayCheck *check = check_at(player, i);
        if (check->state != ANSWER_OPEN)
            continue;
        bool has_hints = check->hints > 0;
        if (has_hints)
            assert_false(play_reveal(player->play, i, &err));
        while (play_hint(player->play, i))
            assert_true(check_at(player, i)->hint[check_at(player, i)->hints_shown - 1].count > 0);
        if (!play_reveal(player->play, i, &err))
            fault("%s: %s", where(player), err.text);
        look(player);
        assert_int_equal(check_at(player, i)->state, ANSWER_SHOWN);
    }
}

/* ---- What can be seen --------------------------------------------------------------------------- */

/* The numbers in a text, as a reader sees them, that say what is asked: as many digits or more, and
 * the same when they are rounded. */
static bool says(const char *text, double asked, int digits) {
    for (const char *at = text; *at; at++) {
        bool starts = isdigit((unsigned char)*at) &&
                      (at == text || !(isalnum((unsigned char)at[-1]) || at[-1] == '.'));
        if (!starts)
            continue;
        char *end;
        double value = strtod(at, &end);
        const char *point = memchr(at, '.', (size_t)(end - at));
        int has = point ? (int)(end - point) - 1 : 0;
        if (has >= digits && fabs(value - fabs(asked)) <= 0.5 * pow(10, -digits) + 1e-12)
            return true;
        at = end - 1;
    }
    return false;
}

static void body_hides(const Player *player, const LessonBody *body, const PlayCheck *check,
                       double asked, const char *what) {
    Buf text = {0};
    body_plain(body, &text);
    if (check->check->kind == CHECK_FILL && check->check->digits > 0 &&
        says(buf_cstr(&text), asked, check->check->digits))
        fault("%s: %s says the answer to %s: %s", where(player), what, check->check->id,
              buf_cstr(&text));
    buf_free(&text);
    if (has_hidden(body))
        fault("%s: %s has a value that %s conceals", where(player), what, check->check->id);
}

static void tables_hide(const Player *player, const PlayCheck *check, double asked) {
    const PlayTable *tables = NULL;
    size_t count = play_tables(player->play, &tables);
    for (size_t t = 0; t < count; t++)
        for (size_t i = 0; i < tables[t].rows * tables[t].columns; i++)
            if (check->check->kind == CHECK_FILL && check->check->digits > 0 &&
                says(tables[t].cell[i], asked, check->check->digits))
                fault("%s: a table says the answer to %s: %s", where(player), check->check->id,
                      tables[t].cell[i]);
}

/* What the cell was made of can be seen, it can't, and nothing that is made of it. */
static void cells_hide(Player *player, const PlayCheck *check) {
    CellRange cell;
    Err err;
    const char *run;
    char cells[256];
    if (check->check->kind != CHECK_FILL || !expr_is_cells(expr_in_run(check->check->value, &run)))
        return;
    const char *text = expr_text(check->check->value);
    if (!run)
        snprintf(cells, sizeof cells, "%s", text);
    else if (sscanf(text, "in(%*[^,], %255[^)])", cells) != 1)
        fail_msg("%s: %s", where(player), text);
    if (!play_find_cells(player->play, cells, &cell, &err))
        fail_msg("%s: %s", where(player), err.text);
    const Graph *graph = &player->shown.trace->graph;
    assert_true(play_conceals(player->play, cell.node, cell.from));
    for (int i = 0; i < graph->count; i++)
        for (int in = 0; in < graph->node[i].n_in; in++)
            if (graph->node[i].alias < 0 && graph->node[i].in[in].kind == REF_NODE &&
                graph_owner(graph, graph->node[i].in[in].index) == cell.node)
                assert_true(play_conceals_all(player->play, i));
}

static void open_questions_are_not_answered(Player *player) {
    for (size_t i = 0; i < check_count(player); i++) {
        while (play_hint(player->play, i))
            ;
        Answer right;
        Err err;
        double asked = play_right_answer(player->play, i, &right, &err) ? right.number : 0;
        const PlayCheck *check = check_at(player, i);
        cells_hide(player, check);
        check = check_at(player, i);
        body_hides(player, play_body(player->play), check, asked, "the text");
        body_hides(player, &check->question, check, asked, "the question");
        for (size_t h = 0; h < check->hints_shown; h++)
            body_hides(player, &check->hint[h], check, asked, "a hint");
        tables_hide(player, check, asked);
    }
}

/* What is hidden with standard attention is hidden in the same text with flash, and the tiles, which
 * hold scores, weights and result, with it. */
static void flash_tells_no_more(Player *player) {
    Arena arena = {0};
    const Graph *graph = &player->shown.trace->graph;
    const char **hidden = ARENA_NEW_N(&arena, const char *, (size_t)graph->count);
    int count = 0;
    for (int i = 0; i < graph->count; i++)
        if (play_conceals_all(player->play, i))
            hidden[count++] = arena_copy_text(&arena, graph->node[i].name);
    LessonRun wanted;
    Err err;
    play_set_run(player->play, &(LessonRun){.attention = "flash"});
    play_run(player->play, &wanted);
    if (!lesson_runs_wait(player->runs, &wanted, &player->shown, &err)) {
        if (!strstr(err.text, "use standard attention"))
            fail_msg("%s: %s", where(player), err.text);
        arena_free(&arena);
        return;
    }
    play_look(player->play, player->shown.trace, player->shown.model);
    graph = &player->shown.trace->graph;
    for (int h = 0; h < count; h++) {
        int node = trace_find(player->shown.trace, hidden[h]);
        if (node >= 0 && !play_conceals_all(player->play, node))
            fault("%s: %s is hidden, and with flash it is not", where(player), hidden[h]);
        if (node >= 0 && graph->node[node].op == OP_FLASH &&
            !play_conceals_all(player->play, node - 1))
            fault("%s: %s is hidden, and its tiles are not", where(player), hidden[h]);
    }
    arena_free(&arena);
}

static void reads(const Node *node, const Graph *graph, int record, bool *found) {
    for (int i = 0; i < node->n_in; i++)
        *found = *found ||
                 (node->in[i].kind == REF_NODE && graph_owner(graph, node->in[i].index) == record);
}

/* A stage is shown with what it is made of. */
static bool stage_shows(const Player *player, const char *stage, int record) {
    const Graph *graph = &player->shown.trace->graph;
    int node = stage ? trace_find(player->shown.trace, stage) : -1;
    if (node < 0)
        return false;
    node = graph_owner(graph, node);
    bool found = node == record;
    reads(&graph->node[node], graph, record, &found);
    return found;
}

static void marks_are_on_screen(Player *player) {
    static const char *stage;
    static long head;
    PlayPlace place;
    Err err;
    const PlayMark *marks = NULL;
    assert_true(play_place(player->play, &place, &err));
    stage = place.stage ? place.stage : play_scene(player->play) ? stage : NULL;
    head = place.head >= 0 ? place.head : play_scene(player->play) ? head : -1;
    size_t count = play_marks(player->play, &marks);
    assert_int_equal(count, play_scene_now(player->play)->mark_count);
    for (size_t i = 0; i < count; i++) {
        if (marks[i].kind != MARK_CELLS)
            continue;
        const Node *node = &player->shown.trace->graph.node[marks[i].cells.node];
        if (!stage_shows(player, stage, marks[i].cells.node))
            fault("%s: %s is marked and not shown", where(player), node->name);
        for (int axis = 0; axis < node->rank; axis++) {
            assert_true(marks[i].cells.to[axis] <= node->dim[axis]);
            if (node->axis[axis] == AXIS_HEAD && head >= 0 &&
                ((long)marks[i].cells.from[axis] > head || (long)marks[i].cells.to[axis] <= head))
                fault("%s: a cell is marked that is not in head %ld", where(player), head);
        }
    }
}

static void marks(void **state) {
    (void)state;
    play_all(marks_are_on_screen);
}
static void nothing_is_given_away(void **state) {
    (void)state;
    play_all(open_questions_are_not_answered);
}

static void nor_with_flash(void **state) {
    (void)state;
    play_all(flash_tells_no_more);
}
static void right_answers(void **state) {
    (void)state;
    play_all(right_answers_are_right);
}
static void wrong_answers(void **state) {
    (void)state;
    play_all(wrong_answers_are_wrong);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks),          cmocka_unit_test(nothing_is_given_away),
        cmocka_unit_test(nor_with_flash), cmocka_unit_test(right_answers),
        cmocka_unit_test(wrong_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
