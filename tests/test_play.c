/* The play through a lesson: its words, its questions and how they are graded, what it conceals; the
 * runs behind it, and what is kept of it. */
#include "app/lesson/conceal.h"
#include "app/lesson/grade.h"
#include "app/lesson/play.h"
#include "app/lesson/progress.h"
#include "app/lesson/shown.h"

#include "app/ui/text.h"
#include "engine/base/file.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PATTERN "blocks.2.attn.hook_pattern"

static Lesson *lesson;
static LessonRuns *runs;

static int open_all(void **state) {
    Err err;
    (void)state;
    lesson = lesson_open("tests/lessons/01-play", &err);
    if (!lesson)
        fail_msg("%s", err.text);
    runs = lesson_runs_new("assets", 2, NULL);
    return 0;
}

static int close_all(void **state) {
    (void)state;
    lesson_runs_free(runs);
    lesson_close(lesson);
    return 0;
}

static bool look(Play *play, Err *err) {
    LessonRun wanted;
    ExprRun shown;
    play_run(play, &wanted);
    if (!lesson_runs_wait(runs, &wanted, &shown, err))
        return false;
    play_look(play, shown.trace, shown.model);
    while (!play_ready(play, err)) {
        if (err->text[0])
            return false;
        lesson_runs_settle(runs);
    }
    return true;
}

static Play *play_at(size_t scene, Lang lang, uint64_t seed) {
    Err err;
    Play *play = play_new(lesson, runs, lang, seed);
    assert_true(play_go(play, scene));
    if (!look(play, &err))
        fail_msg("%s", err.text);
    return play;
}

static const PlayCheck *check_of(Play *play, size_t at) {
    const PlayCheck *checks = NULL;
    assert_true(play_checks(play, &checks) > at);
    return &checks[at];
}

/* Typed, read and graded. */
static AnswerState type(Play *play, size_t check, const char *text) {
    Answer answer;
    Err err;
    if (!play_read_answer(play, check, text, &answer, &err) ||
        !play_answer(play, check, &answer, &err))
        fail_msg("%s: %s", text, err.text);
    return check_of(play, check)->state;
}

/* ---- Words -------------------------------------------------------------------------------------- */

static void fails_at(const char *markup, const char *line) {
    Err err;
    if (markup_check(markup, NULL, NULL, &err))
        fail_msg("this is well formed: %s", markup);
    if (strncmp(err.text, line, strlen(line)) != 0)
        fail_msg("%s: %s, expected %s", markup, err.text, line);
}

static void wrong_markup_is_told_with_its_line(void **state) {
    (void)state;
    fails_at("one\n\ntwo {T", "line 3: ");
    fails_at("a } b", "line 1: ");
    fails_at("$a", "line 1: ");
    fails_at("a\nb `c", "line 2: ");
    fails_at("**a", "line 1: ");
    fails_at("{T:x}", "line 1: the format");
    fails_at("{T:.%}", "line 1: the format");
    fails_at("{T:99}", "line 1: the format");
    fails_at("{token(0):2}", "line 1: a token has no format");
    fails_at("{1 +}", "line 1: ");
    fails_at("$\\nothing{x}$", "line 1: the formula");
    fails_at("[a](blocks.0.attn.hook_q[", "line 1: ");
    fails_at("책{을/룰}", "line 1: ");
    assert_true(markup_check("[a] (b) * c {{d}} 3 < 4, [x](q:)", NULL, NULL, NULL));
}

static void plain(Play *play, const char *markup, const char *expected) {
    Arena arena = {0};
    LessonBody body;
    Buf text = {0};
    Err err;
    CellRange cell;
    /* Any scope with a trace serves: the play's own is private. */
    LessonRun wanted;
    ExprRun shown;
    play_run(play, &wanted);
    assert_true(lesson_runs_wait(runs, &wanted, &shown, &err));
    assert_true(play_find_cells(play, PATTERN, &cell, &err));
    ExprScope scope = {.main = shown, .role = lesson->role, .role_count = lesson->role_count};
    if (!markup_render(markup, &scope, &arena, &body, &err))
        fail_msg("%s: %s", markup, err.text);
    body_plain(&body, &text);
    assert_string_equal(buf_cstr(&text), expected);
    buf_free(&text);
    arena_free(&arena);
}

static void markup_becomes_words(void **state) {
    Play *play = play_at(0, LANG_EN, 0);
    (void)state;
    plain(play, "a **b** `c{d}`\n  e\n\n- f\n- g\n  h\n", "a b c{d} e\n- f\n- g h\n");
    plain(play, "{{x}} $\\sqrt{d}$ [y](k:) [z]", "{x} √d y [z]\n");
    plain(play, "{T} {T:2} {1/4:%} {1/8:.2%} {-1/3} {0 * -inf} {-inf} {1/0 * 0:3}",
          "9 9.00 25.0 % 12.50 % −0.333 NaN −∞ NaN\n");
    plain(play, "{token(giver)} {token(taker)} {piece(id(' ball'))}", "“Mina” “·Tom” “·ball”\n");
    plain(play, "{token(giver)}{은/는}, {token(taker)}{을/를}", "“Mina”는, “·Tom”을\n");
    plain(play, "{" PATTERN "[1, taker, giver]}, {" PATTERN "[1, 0, 0:3]:2}",
          "1.97 %, 1.00, 0.00, 0.00\n");
    play_free(play);
}

/* A number from what is concealed reads "?", until it is no longer asked for. */
static void concealed_values_are_not_told(void **state) {
    const PlayTable *table;
    Play *play = play_at(0, LANG_EN, 0);
    (void)state;
    assert_int_equal(play_tables(play, &table), 1);
    assert_int_equal(table->columns, 4);
    assert_string_equal(table->cell[0], "Mina");
    assert_string_equal(table->heading[1], "score s");
    assert_string_equal(table->cell[2], "0");
    assert_string_equal(table->cell[3], "?");
    assert_int_equal(type(play, 0, "2"), ANSWER_RIGHT);
    assert_int_equal(play_tables(play, &table), 1);
    assert_string_equal(table->cell[3], "1.97 %");
    play_free(play);
}

/* ---- What is concealed -------------------------------------------------------------------------- */

static void an_asked_cell_conceals_what_follows(void **state) {
    Err err;
    CellRange cell;
    Play *play = play_at(0, LANG_EN, 0);
    (void)state;
    assert_true(play_find_cells(play, PATTERN "[h, taker, giver]", &cell, &err));
    size_t other[TENSOR_RANK] = {cell.from[0], cell.from[1], cell.from[2] + 1};
    assert_true(play_conceals(play, cell.node, cell.from));
    assert_false(play_conceals(play, cell.node, other));
    assert_false(play_conceals_all(play, cell.node));
    assert_true(play_conceals_some(play, cell.node) && !play_conceals_some(play, 0));
    const char *hidden[] = {"blocks.2.attn.hook_z", "blocks.2.hook_resid_post",
                            "blocks.3.hook_resid_pre", "probs", "sample.hook_token"};
    const char *seen[] = {"blocks.2.attn.hook_attn_scores", "blocks.2.attn.hook_v", "hook_embed",
                          "blocks.2.hook_resid_pre", "blocks.1.attn.hook_pattern"};
    for (size_t i = 0; i < 5; i++) {
        assert_true(play_find_cells(play, hidden[i], &cell, &err));
        assert_true(play_conceals_all(play, cell.node) && play_conceals(play, cell.node, other));
        assert_true(play_find_cells(play, seen[i], &cell, &err));
        assert_false(play_conceals_all(play, cell.node) || play_conceals(play, cell.node, other));
    }
    assert_int_equal(type(play, 0, "2.0"), ANSWER_RIGHT);
    assert_true(play_find_cells(play, PATTERN "[h, taker, giver]", &cell, &err));
    assert_false(play_conceals(play, cell.node, cell.from));
    play_free(play);
}

static void a_second_name_is_concealed_too(void **state) {
    Arena arena = {0};
    Err err;
    ExprRun shown;
    (void)state;
    assert_true(lesson_runs_wait(runs, &lesson->run, &shown, &err));
    const char *names[] = {"blocks.1.hook_resid_pre", "blocks.0.hook_resid_post"};
    for (int i = 0; i < 2; i++) {
        Conceal conceal = conceal_nothing(shown.trace, 0, &arena);
        conceal_globs(&conceal, &names[i], 1);
        conceal_spread(&conceal);
        assert_true(conceal_hides_all(&conceal, trace_find(shown.trace, names[1 - i])));
        assert_true(conceal_hides_all(&conceal, trace_find(shown.trace, "blocks.1.attn.hook_q")));
        assert_false(conceal_hides_all(&conceal, trace_find(shown.trace, "blocks.0.attn.hook_q")));
    }
    arena_free(&arena);
}

/* A name tells what the names in it tell, each looked into once: here are 4^30 ways down to the last. */
static void names_tell_what_they_stand_for(void **state) {
    enum { LETS = 30 };
    Arena arena = {0};
    Err err;
    ExprRun shown;
    ExprLet lets[LETS];
    const char *glob = "blocks.1.attn.hook_q", *last = "blocks.1.attn.hook_q[0, 0, 0]";
    (void)state;
    assert_true(lesson_runs_wait(runs, &lesson->run, &shown, &err));
    for (int i = 0; i < LETS; i++) {
        const char *text = arena_printf(&arena, "n%d + n%d * (n%d - n%d)", i + 1, i + 1, i + 1,
                                        i + 1);
        text = i + 1 < LETS ? text : last;
        lets[i] = (ExprLet){arena_printf(&arena, "n%d", i),
                            expr_parse(&arena, text, strlen(text), &err)};
    }
    ExprScope scope = {.main = shown, .let = lets, .let_count = LETS};
    Conceal conceal = conceal_nothing(shown.trace, 0, &arena);
    assert_false(conceal_hides_value(&conceal, lets[0].value, &scope));
    conceal_globs(&conceal, &glob, 1);
    assert_true(conceal_hides_value(&conceal, lets[0].value, &scope));
    arena_free(&arena);
}

/* ---- Numbers ------------------------------------------------------------------------------------ */

typedef struct {
    const Trace *trace;
    int node, more;
    Combiner combiner;
} Learner;

/* As a learner reads them: `more` 0: in the matrix; else alone, with so many decimals more. */
static void compute_with_shown(void *user, size_t number, const Term *term) {
    Learner *learner = user;
    Term shown = *term;
    (void)number;
    for (int i = 0; i < term->n; i++) {
        OperandName name;
        double value = term->operand[i].value;
        trace_operand(learner->trace, learner->node, &term->operand[i], &name);
        int decimals = name.kind == OPERAND_RECORD
                           ? shown_decimals(learner->trace, name.node, name.index)
                       : value == floor(value) ? -1
                                               : text_decimals(value);
        shown.operand[i].value = shown_number(value,
                                              decimals < 0 ? decimals : decimals + learner->more);
    }
    shown.value = term_value(shown.form, shown.operand, shown.n);
    combine_term(&learner->combiner, &shown);
}

static double computed(const Trace *trace, int node, const size_t *index, int more) {
    Learner learner = {.trace = trace, .node = node, .more = more};
    Explanation head, again;
    assert_true(trace_explain(trace, node, index, NULL, NULL, &head, NULL));
    combine_start(&learner.combiner, &head);
    assert_true(trace_explain(trace, node, index, compute_with_shown, &learner, &again, NULL));
    return combine_end(&learner.combiner);
}

/* Of every kind of stage each cell that the last two tokens and one head have. */
static void who_computes_with_shown_numbers_is_right(void **state) {
    static const char *const names[] = {"hook_resid_pre",
                                        "ln1.hook_normalized",
                                        "attn.hook_q",
                                        "attn.hook_attn_scores_raw",
                                        "attn.hook_attn_scores_scaled",
                                        "attn.hook_pattern",
                                        "attn.hook_z",
                                        "hook_resid_mid",
                                        "mlp.hook_post"};
    Err err;
    ExprRun shown;
    size_t tried = 0;
    (void)state;
    assert_true(lesson_runs_wait(runs, &lesson->run, &shown, &err));
    for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
        char name[64];
        snprintf(name, sizeof name, "blocks.2.%s", names[n]);
        int node = trace_find(shown.trace, name);
        if (node < 0)
            continue;
        node = graph_owner(&shown.trace->graph, node);
        const Node *record = &shown.trace->graph.node[node];
        size_t last = record->dim[record->rank - 1];
        for (size_t i = 0; i < last && i < 24; i++) {
            size_t index[TENSOR_RANK] = {0};
            for (int axis = 0; axis < record->rank; axis++)
                index[axis] = axis_is_position(record->axis[axis]) ? record->dim[axis] - 1 : 1;
            index[record->rank - 1] = i;
            double value = trace_get(shown.trace, node, index);
            double doubt = grade_doubt(shown.trace, node, index);
            if (!isfinite(value))
                continue;
            tried++;
            for (int more = 0; more < 3; more++) {
                double off = fabs(computed(shown.trace, node, index, more) - value);
                if (off > doubt * (1 + 1e-9) + 1e-12)
                    fail_msg("%s, cell %zu: %g off, allowed are %g", name, i, off, doubt);
            }
        }
    }
    assert_true(tried > 100);
}

/* Where few numbers go into it, what is allowed is not much more than a unit. */
static void who_is_clearly_off_is_wrong(void **state) {
    static const struct {
        const char *name;
        double most;
    } cells[] = {{"blocks.2.attn.hook_attn_scores_scaled", 0.005},
                 {PATTERN, 0.02},
                 {"blocks.2.hook_resid_mid", 0.01}};
    Err err;
    ExprRun shown;
    (void)state;
    assert_true(lesson_runs_wait(runs, &lesson->run, &shown, &err));
    for (size_t i = 0; i < 3; i++) {
        int node = trace_find(shown.trace, cells[i].name);
        size_t index[TENSOR_RANK] = {1, 7, 1};
        double doubt = grade_doubt(shown.trace, node, index);
        if (doubt <= 0 || doubt > cells[i].most)
            fail_msg("%s: %g is allowed", cells[i].name, doubt);
    }
    Play *play = play_at(0, LANG_EN, 0); /* 2.0 % */
    assert_int_equal(type(play, 0, "3"), ANSWER_OPEN);
    assert_true(check_of(play, 0)->wrong);
    assert_int_equal(type(play, 0, "1"), ANSWER_OPEN);
    assert_int_equal(type(play, 0, "0.02"), ANSWER_OPEN);
    assert_int_equal(type(play, 0, "2,02 %"), ANSWER_RIGHT);
    play_free(play);
}

/* exp(3.429) is 30.8; with the score as it is shown, 3.43, it is 30.9. */
static void of_an_expression_the_shown_operands_count(void **state) {
    Play *play = play_at(0, LANG_EN, 0);
    Answer exact;
    Err err;
    char text[32];
    CellRange cell;
    ExprRun shown;
    (void)state;
    assert_true(lesson_runs_wait(runs, &lesson->run, &shown, &err));
    assert_true(
        play_find_cells(play, "blocks.2.attn.hook_attn_scores[h, taker, giver]", &cell, &err));
    double score = trace_get(shown.trace, cell.node, cell.from);
    double read = shown_number(score, shown_decimals(shown.trace, cell.node, cell.from));
    assert_true(play_right_answer(play, 1, &exact, &err));
    snprintf(text, sizeof text, "%.1f", exp(read));
    assert_int_equal(type(play, 1, "29"), ANSWER_OPEN);
    assert_int_equal(type(play, 1, text), ANSWER_RIGHT);
    play_free(play);
}

/* ---- Reading ------------------------------------------------------------------------------------ */

static void refused(Play *play, size_t check, const char *text, const char *why) {
    Answer answer;
    Err err;
    if (play_read_answer(play, check, text, &answer, &err))
        fail_msg("\"%s\" was taken", text);
    if (!strstr(err.text, why))
        fail_msg("\"%s\": %s", text, err.text);
}

static double number_read(Play *play, const char *text) {
    Answer answer;
    Err err;
    if (!play_read_answer(play, 0, text, &answer, &err))
        fail_msg("%s: %s", text, err.text);
    return answer.number;
}

static void numbers_are_read_as_people_write_them(void **state) {
    Play *play = play_at(0, LANG_EN, 0);
    (void)state;
    assert_float_equal(number_read(play, " −0,79 "), -0.79, 1e-12);
    assert_float_equal(number_read(play, "-.5"), -0.5, 1e-12);
    assert_float_equal(number_read(play, "45.9 %"), 45.9, 1e-12);
    assert_float_equal(number_read(play, "+1e-3"), 0.001, 1e-12);
    assert_true(isinf(number_read(play, "−∞")) && number_read(play, "−∞") < 0);
    assert_true(isnan(number_read(play, "NaN")));
    refused(play, 0, "", "no number");
    refused(play, 0, "about 3", "no number");
    refused(play, 0, "1.2.3", "no number");
    refused(play, 0, "0x10", "no number");
    assert_float_equal(number_read(play, "−1,536"), -1536, 1e-12);
    assert_float_equal(number_read(play, "1,234.5"), 1234.5, 1e-12);
    assert_float_equal(number_read(play, "0,786"), 0.786, 1e-12);
    assert_float_equal(number_read(play, "12,34"), 12.34, 1e-12);
    Answer share;
    Err err;
    assert_true(play_read_answer(play, 1, "45.9 %", &share, &err));
    assert_float_equal(share.number, 0.459, 1e-12); /* no percentage is asked for */
    refused(play, 0, "1,23,456", "no number");
    play_free(play);
}

static void letters_and_orders_are_read(void **state) {
    Play *play = play_at(1, LANG_KO, 0);
    Answer answer;
    Err err;
    (void)state;
    assert_true(play_read_answer(play, 0, "B)", &answer, &err) && answer.item == 1);
    assert_true(play_read_answer(play, 0, "3", &answer, &err) && answer.item == 2);
    refused(play, 0, "d", "a부터 c까지");
    refused(play, 0, "0", "선택지");
    refused(play, 0, "ab", "선택지");
    const char *orders[] = {"2 1 4 3", "2,1, 4,3", "2143", "b a d c"};
    for (size_t i = 0; i < 4; i++) {
        assert_true(play_read_answer(play, 2, orders[i], &answer, &err));
        assert_true(answer.order[0] == 1 && answer.order[1] == 0 && answer.order[3] == 2);
    }
    refused(play, 2, "1 2 3", "1부터 4까지");
    refused(play, 2, "1 1 2 3", "1부터 4까지");
    refused(play, 2, "1 2 3 4 1", "1부터 4까지");
    refused(play, 2, "1 2 3 5", "1부터 4까지");
    play_free(play);
}

static void places_are_read_by_their_tokens(void **state) {
    Play *play = play_at(2, LANG_EN, 0);
    Answer answer;
    Err err;
    (void)state;
    const char *cells[] = {
        "thanked Mina", "query thanked key Mina", "key Mina query ·thanked",
        "9 1",          "쿼리 thanked 키 Mina",   "query “·thanked”, key “Mina”"};
    for (size_t i = 0; i < 6; i++) {
        if (!play_read_answer(play, 0, cells[i], &answer, &err))
            fail_msg("%s: %s", cells[i], err.text);
        assert_true(answer.index[0] == 1 && answer.index[1] == 8 && answer.index[2] == 0);
    }
    refused(play, 0, "thanked", "query … key … is expected");
    refused(play, 0, "thanked Mina Tom", "query … key … is expected");
    refused(play, 0, "thanked Lily", "“Lily” is no token here");
    refused(play, 0, "thanked 10", "“10” is no token here");
    refused(play, 1, "Tom", "“Tom” is there 2 times");
    refused(play, 1, "Tom#3", "“Tom#3” is no token here");
    assert_true(play_read_answer(play, 1, "Tom#2", &answer, &err) && answer.index[1] == 7);
    assert_true(play_read_answer(play, 3, "head 2", &answer, &err) && answer.place == 2);
    refused(play, 3, "head 4", "from 0 to 3");
    refused(play, 3, "second", "no head");
    assert_true(play_read_answer(play, 4, "8", &answer, &err) && answer.place == 7);
    assert_true(play_read_answer(play, 5, "blocks.0.hook_resid_post", &answer, &err));
    refused(play, 5, "resid", "no single stage");
    refused(play, 5, "", "no single stage");
    play_free(play);
}

/* ---- Answers ------------------------------------------------------------------------------------ */

static void places_are_graded(void **state) {
    Play *play = play_at(2, LANG_EN, 0);
    Answer answer;
    Err err;
    (void)state;
    assert_int_equal(type(play, 0, "Mina thanked"), ANSWER_OPEN);
    assert_int_equal(type(play, 0, "thanked Mina"), ANSWER_RIGHT);
    assert_int_equal(type(play, 1, "Tom#1"), ANSWER_OPEN);
    assert_int_equal(type(play, 1, "Tom#2"), ANSWER_RIGHT);
    assert_int_equal(type(play, 2, "Mina"), ANSWER_RIGHT);
    assert_int_equal(type(play, 3, "1"), ANSWER_OPEN);
    assert_int_equal(type(play, 3, "2"), ANSWER_RIGHT);
    assert_int_equal(type(play, 4, "Tom#2"), ANSWER_RIGHT);
    assert_int_equal(type(play, 5, "hook_embed"), ANSWER_OPEN);
    assert_int_equal(type(play, 5, "blocks.1.hook_resid_pre"), ANSWER_RIGHT); /* its second name */
    answer = (Answer){.node = 0};
    assert_false(play_answer(play, 0, &answer, &err));
    assert_string_equal(err.text, "this question is answered already");
    play_free(play);

    play = play_at(2, LANG_EN, 0); /* any cell of a row; a cell of another record is no answer */
    CellRange cell;
    assert_true(play_find_cells(play, PATTERN, &cell, &err));
    answer = (Answer){.node = cell.node, .index = {0, 7, 3}};
    assert_true(play_answer(play, 1, &answer, &err));
    assert_int_equal(check_of(play, 1)->state, ANSWER_RIGHT);
    assert_true(play_find_cells(play, "blocks.2.attn.hook_q", &cell, &err));
    answer.node = cell.node;
    assert_false(play_answer(play, 0, &answer, &err));
    assert_non_null(strstr(err.text, "the question is about " PATTERN));
    play_free(play);
}

static void predictions_close_and_say_what_was_measured(void **state) {
    Play *play = play_at(1, LANG_EN, 5);
    Answer answer;
    Err err;
    Buf text = {0};
    (void)state;
    assert_true(play_wrong_answer(play, 0, &answer, &err) && play_answer(play, 0, &answer, &err));
    const PlayCheck *check = check_of(play, 0);
    assert_int_equal(check->state, ANSWER_CLOSED);
    assert_int_equal(check->chosen, answer.item);
    assert_int_equal(check->reply.count, 1);
    play_answer_words(play, 0, &text);
    assert_string_equal(buf_cstr(&text), "Mina");
    buf_free(&text);
    assert_int_equal(play_solved(play), 1);
    assert_int_equal(play_asked(play), lesson->scene[0].check_count + 11);
    play_free(play);
}

static void the_seed_shuffles(void **state) {
    size_t moved = 0;
    (void)state;
    for (uint64_t seed = 0; seed < 8; seed++) {
        Play *one = play_at(1, LANG_EN, seed), *two = play_at(1, LANG_EN, seed);
        Answer a, b;
        Err err;
        assert_true(play_right_answer(one, 0, &a, &err) && play_right_answer(two, 0, &b, &err));
        assert_int_equal(a.item, b.item);
        moved += a.item != 0;
        assert_true(play_right_answer(one, 1, &a, &err)); /* "shuffle": false */
        assert_int_equal(a.item, 1);
        /* Stages are never shown as the lesson has them, which is in their order. */
        assert_string_not_equal(check_of(one, 2)->stage[0], "");
        assert_int_not_equal(type(one, 2, "1 2 3 4"), ANSWER_RIGHT);
        assert_true(play_right_answer(one, 2, &a, &err) && play_answer(one, 2, &a, &err));
        assert_int_equal(check_of(one, 2)->state, ANSWER_RIGHT);
        play_free(one);
        play_free(two);
    }
    assert_true(moved > 1 && moved < 8);
}

static void hints_come_before_the_answer(void **state) {
    Play *play = play_at(0, LANG_EN, 0);
    Err err;
    Buf text = {0};
    (void)state;
    assert_false(play_reveal(play, 0, &err));
    assert_string_equal(err.text, "take the hints first");
    assert_true(play_hint(play, 0));
    assert_int_equal(check_of(play, 0)->hints_shown, 1);
    assert_true(play_hint(play, 0));
    assert_false(play_hint(play, 0));
    assert_int_equal(check_of(play, 0)->hints, 2);
    assert_true(play_reveal(play, 0, &err));
    const PlayCheck *check = check_of(play, 0);
    assert_int_equal(check->state, ANSWER_SHOWN);
    assert_true(check->after.count == 1 && check->reply.count == 0);
    play_answer_words(play, 0, &text);
    assert_string_equal(buf_cstr(&text), "2.0 %");
    buf_free(&text);
    play_free(play);
}

static void what_is_made_counts(void **state) {
    Play *play = play_at(3, LANG_EN, 0);
    Answer nothing = {.node = 0};
    Err err;
    LessonRun run;
    (void)state;
    assert_true(play_answer(play, 0, &nothing, &err));
    assert_true(check_of(play, 0)->wrong);
    uint64_t before = play_changes(play);
    play_set_prompt(play, "Lily gave Tom the ball. Tom thanked");
    assert_true(play_changes(play) != before);
    assert_false(play_ready(play, &err));
    assert_string_equal(err.text, "");
    assert_true(look(play, &err));
    assert_true(play_answer(play, 0, &nothing, &err));
    assert_int_equal(check_of(play, 0)->state, ANSWER_RIGHT);
    /* The learner's text goes on into a run that has none of its own. */
    play_choose(play, 1);
    play_run(play, &run);
    assert_string_equal(run.prompt, "Lily gave Tom the ball. Tom thanked");
    assert_string_equal(run.set, "scale=off");
    assert_true(look(play, &err));
    assert_true(play_answer(play, 1, &nothing, &err));
    assert_int_equal(check_of(play, 1)->state, ANSWER_RIGHT);
    play_choose(play, 2);
    play_run(play, &run);
    assert_string_equal(run.prompt, "Lily gave Tom the ball.");
    play_free(play);
}

/* What is turned stays turned, until another run is chosen. */
static void changes_lie_over_each_other(void **state) {
    Play *play = play_at(0, LANG_EN, 0);
    LessonRun run;
    char set[] = "scale=off";
    (void)state;
    play_set_run(play, &(LessonRun){.set = set});
    memset(set, '?', sizeof set - 1); /* it was copied */
    play_set_run(play, &(LessonRun){.mask = "full"});
    play_run(play, &run);
    assert_string_equal(run.set, "scale=off");
    assert_string_equal(run.mask, "full");
    play_choose(play, 0);
    play_run(play, &run);
    assert_string_equal(run.set, "");
    assert_string_equal(run.mask, "");
    play_free(play);
}

static void a_text_without_the_role_says_so(void **state) {
    Play *play = play_at(0, LANG_KO, 0);
    Err err;
    (void)state;
    play_set_prompt(play, "One day it rained.");
    assert_false(look(play, &err));
    assert_non_null(strstr(err.text, "받은 사람"));
    assert_null(play_body(play));
    const PlayCheck *checks;
    assert_int_equal(play_checks(play, &checks), 0);
    play_set_prompt(play, NULL);
    assert_true(look(play, &err));
    assert_non_null(play_body(play));
    play_free(play);
}

static void flash_lacks_what_a_scene_shows(void **state) {
    Play *play = play_at(0, LANG_KO, 0);
    Err err;
    (void)state;
    play_set_run(play, &(LessonRun){.attention = "flash"});
    assert_false(look(play, &err));
    assert_non_null(strstr(err.text, "표준 어텐션"));
    play_set_run(play, &(LessonRun){.attention = "standard"});
    assert_true(look(play, &err));
    play_free(play);
}

/* ---- Runs --------------------------------------------------------------------------------------- */

static void runs_are_made_once_and_few_are_kept(void **state) {
    LessonRuns *own = lesson_runs_new("assets", 1, NULL);
    LessonRun run = lesson->run;
    ExprRun one, two;
    Err err;
    (void)state;
    assert_true(lesson_runs_wait(own, &run, &one, &err));
    run.kv_cache = "on";
    assert_int_equal(lesson_runs_get(own, &run, &two, &err), RUN_READY);
    assert_ptr_equal(one.trace, two.trace);
    run.set = "scale=off";
    assert_true(lesson_runs_wait(own, &run, &two, &err));
    assert_ptr_not_equal(one.model, two.model);
    run.attention = "flash";
    assert_true(lesson_runs_wait(own, &run, &two, &err));
    assert_string_equal(two.trace->attention, "flash");
    run.set = "no=such";
    assert_false(lesson_runs_wait(own, &run, &two, &err));
    assert_int_equal(strncmp(err.text, "set: ", 5), 0);
    run.model = "no such model";
    assert_false(lesson_runs_wait(own, &run, &two, &err));
    run = lesson->run;
    char prompt[RUNS_KEPT + 8] = {0};
    for (size_t i = 0; i < RUNS_KEPT; i++) {
        prompt[i] = 'a';
        run.prompt = prompt;
        assert_true(lesson_runs_wait(own, &run, &two, &err));
    }
    assert_int_equal(lesson_runs_get(own, &lesson->run, &one, &err), RUN_READY);
    lesson_runs_trim(own); /* the last used stay */
    assert_int_equal(lesson_runs_get(own, &lesson->run, &two, &err), RUN_READY);
    assert_ptr_equal(one.trace, two.trace);
    run.set = "scale=off"; /* its model went with its last run, and is opened again */
    run.prompt = lesson->run.prompt;
    assert_true(lesson_runs_wait(own, &run, &two, &err));
    lesson_runs_settle(own);
    assert_false(lesson_runs_busy(own));
    lesson_runs_free(own);
}

/* ---- Progress ----------------------------------------------------------------------------------- */

static void progress_is_kept(void **state) {
    Err err;
    Arena arena = {0};
    char folder[] = "/tmp/attnscope-progress-XXXXXX";
    size_t solved, asked;
    (void)state;
    assert_non_null(mkdtemp(folder));
    setenv("XDG_DATA_HOME", folder, 1);
    const char *path = arena_printf(&arena, "%s/attnscope/progress.json", folder);

    LessonProgress *progress = progress_open(&err);
    assert_string_equal(err.text, "");
    Play *play = play_at(0, LANG_EN, 0);
    assert_false(progress_resume(progress, play));
    assert_int_equal(type(play, 0, "2.0"), ANSWER_RIGHT);
    assert_true(play_go(play, 2) && look(play, &err));
    assert_true(play_hint(play, 0) && play_reveal(play, 0, &err));
    assert_true(progress_keep(progress, play, &err));
    play_free(play);
    progress_close(progress);

    progress = progress_open(&err);
    play = play_new(lesson, runs, LANG_KO, 9);
    assert_true(progress_resume(progress, play));
    assert_int_equal(play_scene(play), 2);
    assert_int_equal(play_solved(play), 2);
    assert_true(look(play, &err));
    assert_int_equal(check_of(play, 0)->state, ANSWER_SHOWN);
    progress_of(progress, "01-play", &solved, &asked);
    assert_true(solved == 2 && asked == 13);
    progress_of(progress, "09-none", &solved, &asked);
    assert_true(solved == 0 && asked == 0);
    progress_close(progress);

    /* What can't be read stays as it is. */
    const char *broken[] = {"{\"format\": 1", "{\"format\": 2, \"lessons\": {}}",
                            "{\"format\": 1, \"lessons\": {\"a\": 3}}", "[]", ""};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        char *text;
        size_t size;
        FileOut *out = file_create(path, &err);
        file_write(out, broken[i], strlen(broken[i]));
        assert_true(file_commit(out, &err));
        progress = progress_open(&err);
        assert_non_null(strstr(err.text, "progress.json"));
        assert_true(progress_keep(progress, play, &err));
        progress_of(progress, "01-play", &solved, &asked);
        assert_true(solved == 2);
        progress_close(progress);
        assert_true(file_read_text(path, 1000, &arena, &text, &size, &err));
        assert_string_equal(text, broken[i]);
    }
    play_free(play);
    unsetenv("XDG_DATA_HOME");
    unsetenv("HOME");
    progress = progress_open(&err);
    assert_non_null(strstr(err.text, "HOME"));
    progress_close(progress);
    remove(path);
    remove(arena_printf(&arena, "%s/attnscope", folder));
    remove(folder);
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_markup_is_told_with_its_line),
        cmocka_unit_test(markup_becomes_words),
        cmocka_unit_test(concealed_values_are_not_told),
        cmocka_unit_test(an_asked_cell_conceals_what_follows),
        cmocka_unit_test(a_second_name_is_concealed_too),
        cmocka_unit_test(names_tell_what_they_stand_for),
        cmocka_unit_test(who_computes_with_shown_numbers_is_right),
        cmocka_unit_test(who_is_clearly_off_is_wrong),
        cmocka_unit_test(of_an_expression_the_shown_operands_count),
        cmocka_unit_test(numbers_are_read_as_people_write_them),
        cmocka_unit_test(letters_and_orders_are_read),
        cmocka_unit_test(places_are_read_by_their_tokens),
        cmocka_unit_test(places_are_graded),
        cmocka_unit_test(predictions_close_and_say_what_was_measured),
        cmocka_unit_test(the_seed_shuffles),
        cmocka_unit_test(hints_come_before_the_answer),
        cmocka_unit_test(what_is_made_counts),
        cmocka_unit_test(changes_lie_over_each_other),
        cmocka_unit_test(a_text_without_the_role_says_so),
        cmocka_unit_test(flash_lacks_what_a_scene_shows),
        cmocka_unit_test(runs_are_made_once_and_few_are_kept),
        cmocka_unit_test(progress_is_kept),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
