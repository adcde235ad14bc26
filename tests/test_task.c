/* What is read from the records of models that don't generate: choices, words, entities, cosines. */
#include "engine/run/task.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* A trace with one record of rows, whose numbers are given. */
static Trace *one_record(const char *name, size_t rows, size_t width, float *values) {
    Arena arena = {0};
    Trace *trace = ARENA_NEW(&arena, Trace);
    trace->arena = arena;
    trace->graph.arena = &trace->arena;
    graph_add(&trace->graph, &(Node){.name = name, .rank = 2, .dim = {rows, width}, .alias = -1});
    trace->value = ARENA_NEW(&trace->arena, Tensor);
    *trace->value = tensor_dense(DTYPE_F32, 2, (size_t[]){rows, width}, values);
    return trace;
}

static void best_come_first(void **state) {
    (void)state;
    float values[] = {9, 9, 9, 9, 9, 9, 1, 5, 3, 5, 4, 0};
    TaskChoice best[8];
    Trace *trace = one_record("probs", 2, 6, values);
    assert_int_equal(task_best(trace, 0, 1, 4, best), 4);
    const size_t order[] = {1, 3, 4, 2};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(best[i].index, order[i]);
        assert_true(best[i].value == (double)values[6 + order[i]]);
    }
    assert_int_equal(task_best(trace, 0, 1, 1, best), 1);
    assert_int_equal(best[0].index, 1); /* of equals the first */
    assert_int_equal(task_best(trace, 0, 1, 8, best), 6);
    assert_int_equal(best[5].index, 5);
    assert_int_equal(task_best(trace, 0, 1, 0, best), 0);
    trace_free(trace);
}

/* ---- words ---- */

static void text_words_are(const char *text, const Token *tokens, size_t count,
                           const char *const *expected) {
    Arena arena = {0};
    TokWord *word;
    TokenList list = {(Token *)(uintptr_t)tokens, count};
    size_t words = tok_words(NULL, text, &list, &arena, &word), i = 0;
    for (; expected[i]; i++) {
        assert_true(i < words);
        size_t size = word[i].end - word[i].start;
        if (size != strlen(expected[i]) || memcmp(text + word[i].start, expected[i], size) != 0)
            fail_msg("word %zu is \"%.*s\", expected \"%s\"", i, (int)size, text + word[i].start,
                     expected[i]);
    }
    assert_int_equal(words, i);
    arena_free(&arena);
}

static void letters_that_meet_are_one_word(void **state) {
    (void)state;
    /* [CLS] un | happy | cats | ' | nap | 3 | . [SEP] */
    const Token english[] = {
        {.added = true},          {.start = 0, .end = 2},   {.start = 2, .end = 7},
        {.start = 8, .end = 12},  {.start = 12, .end = 13}, {.start = 14, .end = 17},
        {.start = 17, .end = 18}, {.start = 18, .end = 19}, {.added = true}};
    text_words_are("unhappy cats' nap3.", english, 9,
                   (const char *const[]){"unhappy", "cats", "'", "nap3", ".", NULL});
    /* A token may have its leading space in it; Korean pieces of three bytes a syllable. */
    const Token korean[] = {
        {.start = 0, .end = 6}, {.start = 6, .end = 9}, {.start = 9, .end = 13}};
    text_words_are("민아는 톰", korean, 3, (const char *const[]){"민아는", "톰", NULL});
}

static void without_a_text_pieces_tell(void **state) {
    (void)state;
    Arena arena = {0};
    TokWord *word;
    Token tokens[] = {{.id = 1}, {.id = 2}, {.id = 3, .added = true}, {.id = 4}};
    assert_int_equal(tok_words(NULL, NULL, &(TokenList){tokens, 4}, &arena, &word), 3);
    assert_true(word[2].first == 3 && word[2].last == 4);
    arena_free(&arena);
}

/* ---- entities ---- */

/* The labels of words that are a token each, each with the probability 0.5 + its place / 100. */
static void entities_are(const char *const *labels, size_t n_labels, const size_t *label,
                         size_t count, const TaskEntity *expected, size_t entities) {
    Arena arena = {0};
    float *values = ARENA_NEW_N(&arena, float, count *n_labels);
    TokWord *words = ARENA_NEW_N(&arena, TokWord, count);
    TaskEntity *found;
    for (size_t i = 0; i < count; i++) {
        values[i * n_labels + label[i]] = 0.5f + (float)i / 100;
        words[i] = (TokWord){i, i + 1, 3 * i, 3 * i + 2};
    }
    Trace *trace = one_record("classifier.hook_probs", count, n_labels, values);
    trace->class_name = labels;
    assert_int_equal(task_entities(trace, words, count, &arena, &found), entities);
    for (size_t i = 0; i < entities; i++) {
        assert_string_equal(found[i].kind, expected[i].kind);
        assert_int_equal(found[i].first, expected[i].first);
        assert_int_equal(found[i].last, expected[i].last);
        assert_int_equal(found[i].start, 3 * expected[i].first);
        assert_int_equal(found[i].end, 3 * expected[i].last - 1);
        double middle = (double)(expected[i].first + expected[i].last - 1) / 2;
        assert_true(fabs(found[i].probability - 0.5 - middle / 100) < 1e-6);
    }
    trace_free(trace);
    arena_free(&arena);
}

static void entities_begin_and_go_on(void **state) {
    (void)state;
    static const char *const labels[] = {"O", "B-PER", "I-PER", "B-LOC", "I-LOC"};
    const size_t words[] = {1, 2, 1, 0, 2, 2, 4, 3, 4, 4, 0, 1};
    const TaskEntity expected[] = {
        {.kind = "PER", .first = 0, .last = 2},  {.kind = "PER", .first = 2, .last = 3},
        {.kind = "PER", .first = 4, .last = 6},  {.kind = "LOC", .first = 6, .last = 7},
        {.kind = "LOC", .first = 7, .last = 10}, {.kind = "PER", .first = 11, .last = 12}};
    entities_are(labels, 5, words, 12, expected, 6);
}

static void plain_labels_join_their_like(void **state) {
    (void)state;
    static const char *const labels[] = {"O", "PLACE", "THING"};
    const size_t words[] = {1, 1, 2, 0, 0, 2};
    const TaskEntity expected[] = {{.kind = "PLACE", .first = 0, .last = 2},
                                   {.kind = "THING", .first = 2, .last = 3},
                                   {.kind = "THING", .first = 5, .last = 6}};
    entities_are(labels, 3, words, 6, expected, 3);
    entities_are(labels, 3, (const size_t[]){0, 0}, 2, NULL, 0);
}

/* ---- likeness ---- */

static void cosines_are_those_of_the_angle(void **state) {
    (void)state;
    float a[] = {1, 2, 2}, b[] = {-2, -4, -4}, c[] = {2, -2, 1}, zero[] = {0, 0, 0},
          d[] = {1, 0, 0};
    Trace *of[] = {one_record("hook_sentence", 1, 3, a), one_record("hook_sentence", 1, 3, b),
                   one_record("hook_sentence", 1, 3, c), one_record("hook_sentence", 1, 3, zero),
                   one_record("hook_sentence", 1, 3, d)};
    const double expected[] = {1, -1, 0, NAN, 1.0 / 3};
    for (size_t i = 0; i < 5; i++) {
        double cosine = task_cosine(of[0], of[i], "hook_sentence");
        if (isnan(expected[i]))
            assert_true(isnan(cosine));
        else
            assert_true(fabs(cosine - expected[i]) < 1e-12);
    }
    for (size_t i = 0; i < 5; i++)
        trace_free(of[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(best_come_first),
        cmocka_unit_test(letters_that_meet_are_one_word),
        cmocka_unit_test(without_a_text_pieces_tell),
        cmocka_unit_test(entities_begin_and_go_on),
        cmocka_unit_test(plain_labels_join_their_like),
        cmocka_unit_test(cosines_are_those_of_the_angle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
