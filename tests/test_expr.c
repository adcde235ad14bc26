/* Expressions and roles, against sums made by hand on a tiny model's trace. */
#include "app/lesson/expr.h"
#include "app/lesson/roles.h"
#include "engine/base/file.h"
#include "engine/run/prompt.h"
#include "tests/fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { T = 5, HEADS = 2, D_HEAD = 4 };
#define PATTERN "blocks.1.attn.hook_pattern"

typedef struct {
    Model *model, *korean, *story;
    Trace *trace, *other, *with_korean, *with_story;
} Fixture;

static Trace *run_words(const Model *model, const char *text) {
    Arena arena = {0};
    Err err = {{0}};
    RunText run;
    Trace *trace = NULL;
    if (prompt_encode(model, &(Prompt){.text = {text, strlen(text)}}, &arena, &run, NULL, &err))
        trace = run_trace(model, &run, &(RunOptions){0}, &err);
    if (!trace)
        fail_msg("%s", err.text);
    arena_free(&arena);
    return trace;
}

static Model *installed(const char *name) {
    Arena arena = {0};
    Err err = {{0}};
    Model *model = model_open(file_join(&arena, "assets/models", name), &err);
    if (!model)
        fail_msg("%s", err.text);
    arena_free(&arena);
    return model;
}

static int set_up(void **state) {
    Fixture *f = test_malloc(sizeof *f);
    f->model = fixture_model(&(TinyModel){.tokenizer = true});
    f->trace = run_words(f->model, "w0 w3 w6 w9 w1");
    f->other = run_words(f->model, "w0 w3 w6 w9 w2");
    f->korean = installed("story-ko");
    f->with_korean = run_words(f->korean, "민아는 톰에게 빨간 공을 주었다. 톰은");
    f->story = installed("story");
    f->with_story = run_words(f->story, "Zarbo gave the ball to Tom. Then he thanked Zarbo");
    *state = f;
    return 0;
}

static int tear_down(void **state) {
    Fixture *f = *state;
    trace_free(f->trace);
    trace_free(f->other);
    trace_free(f->with_korean);
    trace_free(f->with_story);
    model_close(f->model);
    model_close(f->korean);
    model_close(f->story);
    test_free(f);
    return 0;
}

/* ---- asking ---- */

static bool named_run(void *user, const char *name, ExprRun *run, Err *err) {
    const Fixture *f = user;
    *run = (ExprRun){strcmp(name, "other") == 0 ? f->other : NULL, f->model};
    return strcmp(name, "other") == 0 || strcmp(name, "waits") == 0 ||
           err_set(err, "there is no run %s", name);
}

static const LessonRole ROLES[] = {
    {.name = "giver", .any = (const char *const[]){"w3", "w9"}, .any_count = 2, .which = 1},
    {.name = "last_one", .any = (const char *const[]){"w3", "w9"}, .any_count = 2, .which = 0},
    {.name = "second", .any = (const char *const[]){"w3", "w9"}, .any_count = 2, .which = 2},
    {.name = "third", .any = (const char *const[]){"w3", "w9"}, .any_count = 2, .which = 3},
    {.name = "end", .kind = ROLE_AT, .which = -1},
    {.name = "at2", .kind = ROLE_AT, .which = 2},
    {.name = "far", .kind = ROLE_AT, .which = 99},
    {.name = "next", .kind = ROLE_AFTER, .after = "giver", .by = 1},
    {.name = "beyond", .kind = ROLE_AFTER, .after = "end", .by = 1},
    {.name = "circle", .kind = ROLE_AFTER, .after = "circle", .by = 0},
};

static ExprScope scope_of(Fixture *f) {
    return (ExprScope){.main = {f->trace, f->model},
                       .named = named_run,
                       .user = f,
                       .role = ROLES,
                       .role_count = sizeof ROLES / sizeof *ROLES};
}

static double number_in(const ExprScope *scope, const char *text) {
    Arena arena = {0};
    Err err = {{0}};
    double number = NAN;
    Expr *expr = expr_parse(&arena, text, strlen(text), &err);
    if (!expr || !expr_number(expr, scope, &number, &err))
        fail_msg("%s: %s", text, err.text);
    arena_free(&arena);
    return number;
}

static void gives(Fixture *f, const char *text, double expected) {
    ExprScope scope = scope_of(f);
    double found = number_in(&scope, text);
    bool same = isnan(expected) ? isnan(found)
                                : found == expected || fabs(found - expected) < 1e-12;
    if (!same)
        fail_msg("%s is %.17g, expected %.17g", text, found, expected);
}

/* The message of what can't be parsed or evaluated has `part` in it. */
static void refused_in(const ExprScope *scope, const char *text, const char *part) {
    Arena arena = {0};
    Err err = {{0}};
    ExprValue value;
    Expr *expr = expr_parse(&arena, text, strlen(text), &err);
    if (expr && expr_eval(expr, scope, &arena, &value, &err))
        fail_msg("%s was taken", text);
    if (!strstr(err.text, part))
        fail_msg("%s: \"%s\" does not say \"%s\"", text, err.text, part);
    arena_free(&arena);
}

static void refused(Fixture *f, const char *text, const char *part) {
    ExprScope scope = scope_of(f);
    refused_in(&scope, text, part);
}

static double cell(const Trace *trace, const char *record, size_t a, size_t b, size_t c) {
    return trace_get(trace, trace_find(trace, record), (size_t[TENSOR_RANK]){a, b, c});
}

/* ---- arithmetic ---- */

static void signs_bind_as_in_mathematics(void **state) {
    Fixture *f = *state;
    gives(f, "1 + 2 * 3", 7);
    gives(f, "(1 + 2) * 3", 9);
    gives(f, "2^3^2", 512);
    gives(f, "-2^2", -4);
    gives(f, "2^-1", 0.5);
    gives(f, "7 − 2 − 1", 4);
    gives(f, "−3 + 1", -2);
    gives(f, "8 / 2 / 2", 2);
    gives(f, "not 0 and 1", 1);
    gives(f, "1 or 0 and 0", 1);
    gives(f, "not (1 < 2)", 0);
    gives(f, "1 + 1 == 2", 1);
    gives(f, ".5e1", 5);
    gives(f, "3 != 3", 0);
    gives(f, "3 >= 3 and 3 <= 3 and 2 < 3 and 3 > 2", 1);
}

static void numbers_are_the_machines(void **state) {
    Fixture *f = *state;
    gives(f, "0 * -inf", NAN);
    gives(f, "inf - inf", NAN);
    gives(f, "1 / 0", INFINITY);
    gives(f, "nan == nan", 0);
    gives(f, "nan != nan", 1);
    gives(f, "not nan", 1);
    gives(f, "nan or 0", 0);
    gives(f, "isnan(0 * inf) and isinf(-inf)", 1);
    gives(f, "exp(-inf)", 0);
    gives(f, "any(isnan(softmax(range(0, 3) * -inf)))", 1);
}

static void functions_do_what_they_say(void **state) {
    Fixture *f = *state;
    gives(f, "sum(range(2, 6))", 14);
    gives(f, "len(range(3, 3)) + len(range(5, 3))", 0);
    gives(f, "mean(range(1, 5))", 2.5);
    gives(f, "var(range(1, 5))", 1.25);
    gives(f, "std(range(1, 5))", sqrt(1.25));
    gives(f, "max(3, 1, range(0, 9))", 8);
    gives(f, "min(3, 1, 2)", 1);
    gives(f, "argmax(-abs(range(0, 9) - 4))", 4);
    gives(f, "argmin(abs(range(0, 9) - 4))", 4);
    gives(f, "count(range(0, 9) > 5)", 3);
    gives(f, "any(range(0, 3) == 2) and not all(range(0, 3) == 2)", 1);
    gives(f, "norm(range(3, 5))", 5);
    gives(f, "dot(range(0, 3), range(1, 4))", 8);
    gives(f, "cos(range(1, 3), 2 * range(1, 3))", 1);
    gives(f, "sum(softmax(range(0, 4)))", 1);
    gives(f, "max(softmax(range(0, 2)))", 1 / (1 + exp(-1)));
    gives(f, "sum(largest(range(0, 9), 2))", 15);
    gives(f, "round(2.5) + round(-2.5)", 0);
    gives(f, "round(1.2345, 2)", 1.23);
    gives(f, "abs(-2) + sqrt(9) + log(1) + exp(0)", 6);
    gives(f, "largest(softmax(range(0, 3)), 1) == max(softmax(range(0, 3)))", 1);
}

static void random_scores_have_the_variance_of_d(void **state) {
    Fixture *f = *state;
    gives(f, "len(random_scores(1, 8, 3, 4))", 12);
    gives(f, "all(random_scores(1, 8, 3, 4) == random_scores(1, 8, 3, 4))", 1);
    gives(f, "any(random_scores(1, 8, 3, 4) == random_scores(2, 8, 3, 4))", 0);
    gives(f, "abs(var(random_scores(1, 64, 100, 100)) / 64 - 1) < 0.1", 1);
    gives(f, "abs(var(random_scores(7, 16, 100, 100)) / 16 - 1) < 0.1", 1);
    gives(f, "abs(mean(random_scores(1, 64, 100, 100))) < 1", 1);
}

/* ---- records ---- */

static void records_give_their_cells(void **state) {
    Fixture *f = *state;
    double sum = 0, largest = 0;
    for (size_t k = 0; k < T; k++) {
        sum += cell(f->trace, PATTERN, 1, 3, k) * (double)k;
        largest = fmax(largest, cell(f->trace, PATTERN, 1, 3, k));
    }
    gives(f, PATTERN "[1, 3, 2]", cell(f->trace, PATTERN, 1, 3, 2));
    gives(f, "dot(" PATTERN "[1, 3, :], range(0, T))", sum);
    gives(f, "max(" PATTERN "[1,3,:])", largest);
    gives(f, "len(" PATTERN "[0, 1:3, :])", 10);
    gives(f, "round(sum(" PATTERN "[:, :, :]), 6)", HEADS * T);
    gives(f, "sum(" PATTERN ") == sum(" PATTERN "[:, :, :])", 1);
    gives(f, PATTERN "[0, 1, 2]", 0);
    gives(f, "blocks.1.attn.hook_attn_scores[0, 1, 2]", -INFINITY);
    gives(f, "argmax(probs[T - 1, :]) == argmax(logits[T - 1, :])", 1);
    gives(f, "hook_tokens[3]", 9);
    gives(f, "sum(hook_tokens)", 19);
    gives(f, "len(" PATTERN "[0, 2:2, :])", 0);
    gives(f, "T + d_model + d_head + n_heads + n_layers + n_vocab + d_ff",
          5 + 8 + 4 + 2 + 2 + 11 + 32);
    gives(f,
          "abs(dot(blocks.0.attn.hook_q[4, 1, :], blocks.0.attn.hook_k[2, 1, :]) / sqrt(d_head) - "
          "blocks.0.attn.hook_attn_scores_scaled[1, 4, 2]) < 1e-6",
          1);
    gives(f, "in(other, hook_tokens[4]) - hook_tokens[4]", 1);
    gives(f, "max(abs(in(other, " PATTERN "[:, 0:4, :]) - " PATTERN "[:, 0:4, :]))", 0);
    gives(f, "id('w7') * 10 + id(\" w4\")", 74);
}

static void shown_numbers_are_rounded(void **state) {
    Fixture *f = *state;
    ExprScope scope = scope_of(f);
    double exact = number_in(&scope, "hook_embed[1, 2]"),
           largest = number_in(&scope, "max(abs(hook_embed))");
    double share = number_in(&scope, PATTERN "[1, 3, 2]");
    scope.as_shown = true;
    assert_true(largest > 0.1 && largest < 1); /* three decimals */
    assert_true(number_in(&scope, "hook_embed[1, 2]") == round(exact * 1e3) / 1e3);
    assert_true(number_in(&scope, PATTERN "[1, 3, 2]") == round(share * 1e3) / 1e3); /* 0.1 % */
    assert_true(number_in(&scope, "hook_tokens[3]") == 9);
    assert_true(isinf(number_in(&scope, "blocks.1.attn.hook_attn_scores[0, 1, 2]")));
}

static void cells_are_places(void **state) {
    Fixture *f = *state;
    ExprScope scope = scope_of(f);
    Arena arena = {0};
    Err err = {{0}};
    CellRange range;
    const char *text = "blocks.1.hook_resid_pre[giver, 2:4]";
    Expr *expr = expr_parse(&arena, text, strlen(text), &err);
    assert_non_null(expr);
    assert_string_equal(expr_text(expr), text);
    assert_true(expr_is_cells(expr));
    assert_true(expr_cells(expr, &scope, &range, &err));
    /* a second name is the record that holds the numbers */
    assert_int_equal(range.node, trace_find(f->trace, "blocks.0.hook_resid_post"));
    assert_true(range.from[0] == 1 && range.to[0] == 2 && range.from[1] == 2 && range.to[1] == 4);
    assert_false(cell_range_single(&range, f->trace));
    assert_true(cell_range_has(&range, f->trace, trace_find(f->trace, "blocks.1.hook_resid_pre"),
                               (size_t[TENSOR_RANK]){1, 3}));
    assert_false(cell_range_has(&range, f->trace, range.node, (size_t[TENSOR_RANK]){1, 4}));
    assert_true(expr_cells(expr_parse(&arena, "probs", 5, &err), &scope, &range, &err));
    assert_true(range.from[1] == 0 && range.to[1] == 11);
    assert_false(expr_is_cells(expr_parse(&arena, "sum(probs)", 10, &err)));
    assert_false(expr_cells(expr_parse(&arena, "1 + 2", 5, &err), &scope, &range, &err));
    arena_free(&arena);
}

/* ---- names ---- */

static void names_stand_for_what_they_are(void **state) {
    Fixture *f = *state;
    Arena arena = {0};
    Err err;
    ExprScope scope = scope_of(f);
    ExprLet lets[] = {{"h", expr_parse(&arena, "2", 1, &err)},
                      {"h", expr_parse(&arena, "5", 1, &err)},
                      {"twice", expr_parse(&arena, "2 * h", 5, &err)},
                      {"loop", expr_parse(&arena, "loop + 1", 8, &err)}};
    ExprName bound[] = {{"giver", 30}, {"x", 4}};
    scope.let = lets;
    scope.let_count = 4;
    scope.bound = bound;
    scope.bound_count = 2;
    scope.stage = PATTERN;
    assert_true(number_in(&scope, "twice + x") == 14); /* the last h counts */
    assert_true(number_in(&scope, "giver") == 30);     /* a variable stands before a role */
    assert_true(number_in(&scope, "stage == '" PATTERN "'") == 1);
    assert_true(number_in(&scope, "stage != \"hook_embed\" and 1") == 1);
    refused_in(&scope, "loop", "loop stands for itself");
    refused_in(&scope, "twise", "did you mean twice?");
    arena_free(&arena);
    refused(f, "stage == 'x'", "column 7: there is no stage here");
}

static void roles_are_positions(void **state) {
    Fixture *f = *state;
    gives(f, "giver", 1);
    gives(f, "last_one", 3);
    gives(f, "second", 3);
    gives(f, "end", 4);
    gives(f, "at2", 2);
    gives(f, "next", 2);
    gives(f, "hook_tokens[next]", 6);
    refused(f, "1 + third", "this text has no “third”");
    refused(f, "far", "this text has no “far”");
    refused(f, "beyond", "no “beyond”");
    refused(f, "circle", "no “circle”");
}

static size_t where(const Model *model, const Trace *trace, const LessonRole *role) {
    size_t position = 99;
    Err err = {{0}};
    if (!role_find(role, 1, role->name, &(ExprRun){trace, model}, &position, &err))
        assert_non_null(strstr(err.text, "this text has no"));
    return position;
}

#define WORDS(...)                                                                                 \
    .any = (const char *const[]){__VA_ARGS__},                                                     \
    .any_count = sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)

static void roles_find_words(void **state) {
    Fixture *f = *state;
    const Trace *story = f->with_story, *korean = f->with_korean;
    /* "Zarbo" is several tokens; the text begins and ends with it */
    size_t pieces = where(f->story, story, &(LessonRole){.name = "a", WORDS("gave"), .which = 1});
    assert_true(pieces > 1 && pieces < 99);
    LessonRole name = {.name = "a", WORDS("Zarbo"), .which = 1};
    assert_int_equal(where(f->story, story, &name), pieces - 1);
    name.first_piece = true;
    assert_int_equal(where(f->story, story, &name), 0);
    name.which = 0;
    assert_int_equal(where(f->story, story, &name), story->own.length - pieces);
    name.first_piece = false;
    assert_int_equal(where(f->story, story, &name), story->own.length - 1);
    /* "he" is no part of "the" or of "Then", and case counts */
    size_t he = where(f->story, story, &(LessonRole){.name = "a", WORDS("she", "he"), .which = 1});
    assert_string_equal(story->own.label[he], "·he");
    assert_int_equal(where(f->story, story, &(LessonRole){.name = "a", WORDS("He"), .which = 1}),
                     99);
    /* a particle may stand behind a Korean word, and a longer word is found before a shorter */
    assert_int_equal(
        where(f->korean, korean, &(LessonRole){.name = "a", WORDS("민아"), .which = 1}), 0);
    assert_int_equal(where(f->korean, korean, &(LessonRole){.name = "a", WORDS("톰"), .which = 1}),
                     2);
    size_t last = where(f->korean, korean, &(LessonRole){.name = "a", WORDS("톰"), .which = 0});
    assert_true(last > 6 && last < korean->own.length);
    assert_int_equal(
        where(f->korean, korean, &(LessonRole){.name = "a", WORDS("톰", "톰에게"), .which = 1}), 3);
    assert_int_equal(where(f->korean, korean, &(LessonRole){.name = "a", WORDS("아"), .which = 1}),
                     99);
    assert_int_equal(
        where(f->korean, korean, &(LessonRole){.name = "a", WORDS("리사"), .which = 0}), 99);
    assert_int_equal(where(f->korean, korean, &(LessonRole){.name = "a", WORDS(""), .which = 1}),
                     99);
}

/* ---- what is wrong ---- */

static void wrong_grammar_names_the_column(void **state) {
    Fixture *f = *state;
    refused(f, "", "column 1: expected a number, a name or a record, found the end");
    refused(f, "1 +", "column 4: expected a number, a name or a record, found the end");
    refused(f, "(1", "column 3: expected \")\", found the end");
    refused(f, "1 2", "column 3: expected the end or a sign, found \"2\"");
    refused(f, "2x", "column 2: \"x\" behind a number");
    refused(f, "− − ?", "column 5: expected a number");
    refused(f, "sqr(2)", "column 1: there is no function sqr; did you mean sqrt?");
    refused(f, "qqqqqq(2)", "column 1: there is no function qqqqqq");
    refused(f, "dot(range(0, 2))", "column 1: dot takes 2 arguments, found 1");
    refused(f, "round(1, 2, 3)", "round takes 1 to 2 arguments, found 3");
    refused(f, "max(1, 2, 3, 4, 5, 6, 7, 8, 9)", "more than 8 arguments");
    refused(f, "sum()", "sum takes 1 argument, found 0");
    refused(f, "probs[1, 2", "column 11: expected \",\" or \"]\", found the end");
    refused(f, "probs[: 2]", "behind \":\"");
    refused(f, "a[1, 2, 3, 4, 5]", "at most 4 axes");
    refused(f, "probs[]", "column 7: expected a number");
    refused(f, "1 < 2 < 3", "column 7: two comparisons in a row");
    refused(f, "'text'", "column 1: a text is no number");
    refused(f, "sqrt('x')", "column 6: a text is no number");
    refused(f, "1 + 'x'", "column 5: a text is no number");
    refused(f, "probs['x', 1]", "column 7: a text is no number");
    refused(f, "id(3)", "takes a text");
    refused(f, "id('x", "column 4: the text that begins here has no end");
    refused(f, "stage < 'x'", "stage is compared with");
    refused(f, "stage == 3", "stage is compared with");
    refused(f, "in(3, 4)", "a run's name");
    refused(f, "in(other)", "\",\" and an expression");
    refused(f, "in(other, 1, 2)", "one expression");
    refused(f, "and", "found \"and\"");
    refused(f, "0x10", "numbers are decimal");
    refused(f, "a & b", "column 3: expected the end or a sign");
}

static void wrong_places_are_named(void **state) {
    Fixture *f = *state;
    refused(f, "blocks.9.attn.hook_q[0, 0, 0]",
            "column 1: there is no record blocks.9.attn.hook_q; did you mean blocks.");
    refused(f, "1 + " PATTERN "[0, 1]",
            "column 5: " PATTERN " has 3 axes (head, query, key), found 2");
    refused(f, PATTERN "[2, 1, 0]", "column 28: head is 2, expected a whole number from 0 to 1");
    refused(f, PATTERN "[0, -1, 0]", "query is -1, expected");
    refused(f, PATTERN "[0, 1.5, 0]", "query is 1.5, expected");
    refused(f, PATTERN "[0, nan, 0]", "query is nan, expected");
    refused(f, PATTERN "[0, 1:9, 0]", "query is 9, expected a whole number from 0 to 5");
    refused(f, PATTERN "[0, 3:1, 0]", "query from 3 to 1");
    refused(f, PATTERN "[0, range(0, 2), 0]", "query is 2 numbers, expected one");
    refused(f, "blocks.0.attn.hook_result[0, 0, 0]", "was not kept");
    refused(f, "nobody", "there is no nobody");
    refused(f, "range(0, 3) + range(0, 4)", "column 13: 3 numbers against 4");
    refused(f, "dot(range(0, 3), range(0, 4))", "dot of 3 numbers and 4");
    refused(f, "mean(range(0, 0))", "mean of nothing");
    refused(f, "max(range(0, 0))", "max of nothing");
    refused(f, "argmax(range(0, 0))", "argmax of nothing");
    refused(f, "largest(range(0, 3), 4)", "how many is 4");
    refused(f, "in(nowhere, 1)", "there is no run nowhere");
    refused(f, "id('w1 w2')", "is 2 pieces in the vocabulary");
    ExprScope alone = {.main = {NULL, NULL}};
    refused_in(&alone, "probs[0, 0]", "there is no run");
    refused_in(&alone, "T", "there is no run");
    refused_in(&alone, "id('x')", "there is no model");
    refused_in(&alone, "in(other, 1)", "there are no other runs");
    refused_in(&alone, "giver", "there is no giver");
}

static void a_run_that_is_not_there_yet_is_no_fault(void **state) {
    Fixture *f = *state;
    ExprScope scope = scope_of(f);
    Arena arena = {0};
    Err err = {"before"};
    double number;
    Expr *expr = expr_parse(&arena, "1 + in(waits, T)", 16, &err);
    assert_non_null(expr);
    assert_false(expr_number(expr, &scope, &number, &err));
    assert_string_equal(err.text, "");
    gives(f, "T < 3 and in(waits, T)", 0); /* what is settled needs no more */
    gives(f, "T > 3 or in(waits, T)", 1);
    arena_free(&arena);
}

static void numbers_are_asked_for_one_by_one(void **state) {
    Fixture *f = *state;
    ExprScope scope = scope_of(f);
    Arena arena = {0};
    Err err = {{0}};
    double number;
    size_t index;
    bool yes;
    Expr *many = expr_parse(&arena, "range(0, 3)", 11, &err),
         *two = expr_parse(&arena, "2", 1, &err);
    assert_false(expr_number(many, &scope, &number, &err));
    assert_non_null(strstr(err.text, "these are 3 numbers, expected one"));
    assert_true(expr_true(two, &scope, &yes, &err) && yes);
    assert_true(expr_index(two, &scope, 3, "head", &index, &err) && index == 2);
    assert_false(expr_index(two, &scope, 2, "head", &index, &err));
    assert_non_null(strstr(err.text, "head is 2, expected a whole number from 0 to 1"));
    assert_false(expr_index(two, &scope, 0, "head", &index, &err));
    arena_free(&arena);
}

static void too_much_is_refused(void **state) {
    Fixture *f = *state;
    char deep[400], wide[9000];
    memset(deep, '(', sizeof deep);
    memset(deep + 63, '1', 1);
    memset(deep + 64, ')', 63);
    deep[127] = '\0';
    gives(f, deep, 1);
    memset(deep, '(', sizeof deep);
    deep[sizeof deep - 1] = '\0';
    memset(wide, '1', sizeof wide);
    wide[sizeof wide - 1] = '\0';
    refused(f, deep, "more than 64 brackets");
    memset(deep, '-', sizeof deep - 1);
    refused(f, deep, "more than 64 brackets");
    refused(f, wide, "at most 8000 bytes");
    refused(f, "range(0, 5000000)", "its end is 5e+06, expected a whole number from 0 to 4194304");
    refused(f, "random_scores(1, 4000000, 4000000, 4000000)", "is too much to compute");
    refused(f, "random_scores(1, 1000000, 100, 100)", "is too much to compute");
    refused(f, "random_scores(-1, 8, 1, 1)", "the seed is -1");
    refused(f, "max(range(0, 4000000), range(0, 4000000))", "more than 4194304 numbers at once");
    refused(f,
            "sum(range(0, 4000000)) + sum(range(0, 4000000)) + sum(range(0, 4000000)) + "
            "sum(range(0, 4000000)) + sum(range(0, 4000000))",
            "takes too many numbers");
    /* each name is twice the one before: 2^15 parts */
    Arena arena = {0};
    Err err;
    ExprLet lets[] = {{"a", expr_parse(&arena, "b+b+b+b+b+b+b+b", 15, &err)},
                      {"b", expr_parse(&arena, "c+c+c+c+c+c+c+c", 15, &err)},
                      {"c", expr_parse(&arena, "d+d+d+d+d+d+d+d", 15, &err)},
                      {"d", expr_parse(&arena, "e+e+e+e+e+e+e+e", 15, &err)},
                      {"e", expr_parse(&arena, "g+g+g+g+g+g+g+g", 15, &err)},
                      {"g", expr_parse(&arena, "1+1+1+1+1+1+1+1", 15, &err)}};
    ExprScope scope = scope_of(f);
    scope.let = lets;
    scope.let_count = 6;
    refused_in(&scope, "a", "takes too many steps");
    arena_free(&arena);
}

/* Names that are each at the bottom of a long sum take stack: the longest chain of the longest sums. */
static void long_sums_have_an_end(void **state) {
    enum { LINKS = 15, TERMS = 127 };
    Arena arena = {0};
    ExprLet lets[LINKS];
    const char *ones = "";
    ExprScope scope = scope_of(*state);
    for (int term = 0; term < TERMS; term++)
        ones = arena_printf(&arena, "%s+1", ones);
    for (int i = 0; i < LINKS; i++) {
        Err err = {{0}};
        const char *first = i + 1 < LINKS ? arena_printf(&arena, "a%d", i + 1) : "1";
        const char *text = arena_printf(&arena, "%s%s", first, ones);
        lets[i] = (ExprLet){arena_printf(&arena, "a%d", i),
                            expr_parse(&arena, text, strlen(text), &err)};
        assert_non_null(lets[i].value);
    }
    scope.let = lets;
    scope.let_count = LINKS;
    assert_true(number_in(&scope, "a0") == LINKS * TERMS + 1);
    refused_in(&scope, arena_printf(&arena, "1%s+1", ones), "at most 256 parts, found 257");
    arena_free(&arena);
}

/* ---- what is named ---- */

static void note_name(void *user, const char *name, ExprNameKind kind) {
    buf_printf(user, "%c:%s ", "nrIs"[kind], name);
}

static void names_are_told(void **state) {
    Arena arena = {0};
    Err err;
    Buf names = {0};
    const char *text =
        "in(other, sum(probs[giver, h:T])) + d_head * x - id('a') == 1 and stage == 'hook_embed'";
    (void)state;
    Expr *expr = expr_parse(&arena, text, strlen(text), &err);
    assert_non_null(expr);
    expr_names(expr, note_name, &names);
    assert_string_equal(names.bytes, "I:other r:probs n:giver n:h n:x s:hook_embed ");
    buf_free(&names);
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_bind_as_in_mathematics),
        cmocka_unit_test(numbers_are_the_machines),
        cmocka_unit_test(functions_do_what_they_say),
        cmocka_unit_test(random_scores_have_the_variance_of_d),
        cmocka_unit_test(records_give_their_cells),
        cmocka_unit_test(shown_numbers_are_rounded),
        cmocka_unit_test(cells_are_places),
        cmocka_unit_test(names_stand_for_what_they_are),
        cmocka_unit_test(roles_are_positions),
        cmocka_unit_test(roles_find_words),
        cmocka_unit_test(wrong_grammar_names_the_column),
        cmocka_unit_test(wrong_places_are_named),
        cmocka_unit_test(a_run_that_is_not_there_yet_is_no_fault),
        cmocka_unit_test(numbers_are_asked_for_one_by_one),
        cmocka_unit_test(too_much_is_refused),
        cmocka_unit_test(long_sums_have_an_end),
        cmocka_unit_test(names_are_told),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
