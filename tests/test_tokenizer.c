/* The tokenizer in small: what is in a file, offsets, decoding, what a reader sees, long texts. */
#include "engine/base/utf8.h"
#include "engine/text/internal.h"
#include "tests/tok_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_vocabulary(void **state) {
    (void)state;
    Arena arena = {0};
    Tokenizer *tok = tokfix_load(TINY, &arena);
    assert_int_equal(tok_id_limit(tok), 11);
    assert_string_equal(tok_piece(tok, 4), "Ġa");
    assert_string_equal(tok_piece(tok, 9), "<s>");
    assert_null(tok_piece(tok, 11));
    assert_null(tok_piece(tok, -1));
    assert_int_equal(tok_find(tok, "ab"), 2);
    assert_int_equal(tok_find(tok, "<s>"), 9);
    assert_int_equal(tok_find(tok, "abc"), -1);
    assert_true(tok_is_special(tok, 9));
    assert_false(tok_is_special(tok, 10));
    assert_false(tok_is_special(tok, 500));
    tok_free(tok);
    tok_free(NULL);
    arena_free(&arena);
}

static void test_ids_with_gaps(void **state) {
    (void)state;
    Arena arena = {0};
    Tokenizer *tok = tokfix_load("{\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"b\":7,\"a\":3,"
                                 "\"c\":16777216}}}",
                                 &arena);
    assert_int_equal(tok_id_limit(tok), 16777217);
    assert_string_equal(tok_piece(tok, 3), "a");
    assert_string_equal(tok_piece(tok, 7), "b");
    assert_string_equal(tok_piece(tok, 16777216), "c");
    assert_null(tok_piece(tok, 0));
    assert_null(tok_piece(tok, 5));
    tok_free(tok);
    arena_free(&arena);
}

static void test_invalid_utf8_offsets(void **state) {
    (void)state;
    Arena arena = {0};
    Tokenizer *tok = tokfix_load("{\"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":{\"Regex\":"
                                 "\".\"}},\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"a\":0,"
                                 "\"\xef\xbf\xbd\":1}}}",
                                 &arena);
    TokenList list = tokfix_encode(tok,
                                   "a\xed\x95"
                                   "a\xff\xff",
                                   &arena);
    tokfix_assert_ids(&list, (int32_t[]){0, 1, 0, 1, 1}, 5);
    static const size_t SPAN[][2] = {{0, 1}, {1, 3}, {3, 4}, {4, 5}, {5, 6}};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(list.token[i].start, SPAN[i][0]);
        assert_int_equal(list.token[i].end, SPAN[i][1]);
    }
    tok_free(tok);
    arena_free(&arena);
}

/* A composed letter stands for its base and its accent. */
static void test_composed_offsets(void **state) {
    (void)state;
    Arena arena = {0};
    Tokenizer *tok = tokfix_load("{\"normalizer\":{\"type\":\"NFC\"},\"pre_tokenizer\":{\"type\":"
                                 "\"Split\",\"pattern\":{\"Regex\":\".\"}},\"model\":{\"type\":"
                                 "\"WordLevel\",\"vocab\":{\"a\":0,\"é\":1}}}",
                                 &arena);
    TokenList list = tokfix_encode(tok,
                                   "ae\xcc\x81"
                                   "a",
                                   &arena);
    tokfix_assert_ids(&list, (int32_t[]){0, 1, 0}, 3);
    assert_int_equal(list.token[1].start, 1);
    assert_int_equal(list.token[1].end, 4);
    assert_int_equal(list.token[2].start, 4);
    tok_free(tok);
    arena_free(&arena);
}

/* Marks that NFD puts the other way round (240, 230, 220 below) are still one span that rises. */
static void test_reordered_offsets(void **state) {
    (void)state;
    Arena arena = {0};
    Tokenizer *tok = tokfix_load(
        "{\"normalizer\":{\"type\":\"NFD\"},\"pre_tokenizer\":{\"type\":"
        "\"Split\",\"pattern\":{\"Regex\":\".\"}},\"model\":{\"type\":"
        "\"WordLevel\",\"vocab\":{\"\u0323\":0,\"\u0307\":1,\"\u0345\":2}}}",
        &arena);
    TokenList list = tokfix_encode(tok, "\u0345\u0307\u0323", &arena);
    tokfix_assert_ids(&list, (int32_t[]){0, 1, 2}, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(list.token[i].start, 2 * i);
        assert_int_equal(list.token[i].end, 2 * i + 2);
    }
    tok_free(tok);
    arena_free(&arena);
}

static void test_template(void **state) {
    (void)state;
    Arena arena = {0};
    Err err = {0};
    Tokenizer *tok = tokfix_load(
        "{\"added_tokens\":[{\"id\":3,\"content\":\"[S]\",\"special\":true}],\"post_processor\":"
        "{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"x\"}},"
        "{\"Sequence\":{\"id\":\"A\"}}],\"special_tokens\":{\"x\":{\"ids\":[3]}}},"
        "\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"one\":0}}}",
        &arena);
    TokenList list = tokfix_encode(tok, "one", &arena);
    tokfix_assert_ids(&list, (int32_t[]){3, 0}, 2);
    assert_true(list.token[0].added);
    assert_false(list.token[1].added);
    assert_int_equal(list.token[1].end, 3);
    list = tokfix_encode(tok, "", &arena);
    tokfix_assert_ids(&list, (int32_t[]){3}, 1);
    assert_true(tok_encode(tok, "one", 3, false, &arena, &list, &err));
    tokfix_assert_ids(&list, (int32_t[]){0}, 1);
    tok_free(tok);
    arena_free(&arena);
}

static void test_decode(void **state) {
    (void)state;
    Arena arena = {0};
    Buf text = {0};
    Tokenizer *tok = tokfix_load(WORDS, &arena);
    tok_decode(tok, (int32_t[]){0, 3, 99, 2}, 4, true, &text); /* no decoder: spaces between */
    assert_string_equal(buf_cstr(&text), "one 한국");
    buf_clear(&text);
    tok_decode(tok, (int32_t[]){0, 3, 2}, 3, false, &text);
    assert_string_equal(buf_cstr(&text), "one [S] 한국");
    tok_free(tok);
    tok = tokfix_load(TINY, &arena);
    buf_clear(&text);
    tok_decode(tok, (int32_t[]){5, 0, 10, 5, 6, 7, 6}, 7, false, &text);
    assert_string_equal(buf_cstr(&text), UTF8_REPLACEMENT "ané한" UTF8_REPLACEMENT);
    tok_free(tok);
    buf_free(&text);
    arena_free(&arena);
}

static void test_stream_holds_back(void **state) {
    (void)state;
    Arena arena = {0};
    Buf text = {0};
    Tokenizer *tok = tokfix_load(TINY, &arena);
    TokStream *stream = tok_stream_new(tok, true);
    tok_stream_add(stream, 5, &text);
    tok_stream_add(stream, 9, &text); /* special: skipped, and cuts nothing */
    tok_stream_add(stream, 6, &text);
    assert_int_equal(text.size, 0);
    tok_stream_add(stream, 7, &text);
    assert_string_equal(buf_cstr(&text), "한");
    tok_stream_add(stream, 5, &text);
    assert_string_equal(buf_cstr(&text), "한");
    tok_stream_add(stream, 0, &text);
    assert_string_equal(buf_cstr(&text), "한" UTF8_REPLACEMENT "a");
    tok_stream_add(stream, 5, &text);
    tok_stream_end(stream, &text);
    assert_string_equal(buf_cstr(&text), "한" UTF8_REPLACEMENT "a" UTF8_REPLACEMENT);
    tok_free(tok);
    buf_free(&text);
    arena_free(&arena);
}

static void test_labels(void **state) {
    (void)state;
    static const int32_t IDS[] = {4, 5, 6, 7, 8, 9, 6, 5, 6, 99, 10, 0};
    static const char *const EXPECTED[] = {"·a",   "한 1/3", "한 2/3", "한 3/3", "⏎",  "<s>",
                                           "<95>", "<ED>",   "<95>",   "#99",    "né", "a"};
    const char *label[12];
    Arena arena = {0};
    Tokenizer *tok = tokfix_load(TINY, &arena);
    tok_labels(tok, IDS, 12, &arena, label);
    for (size_t i = 0; i < 12; i++)
        assert_string_equal(label[i], EXPECTED[i]);
    tok_labels(tok, IDS, 0, &arena, label);
    tok_free(tok);
    arena_free(&arena);
}

/* Two characters that share a token, an accent alone, what has no shape. */
static void test_labels_of_parts(void **state) {
    (void)state;
    static const char *const EXPECTED[] = {"·한 1/2",  "한 2/2 국 1/2", "국 2/2 a", "◌\xcc\x81",
                                           "<U+200D>", "⇥<00>",         "∅"};
    const char *label[7];
    Arena arena = {0};
    /* 한국 is ED 95 9C EA B5 AD. */
    Tokenizer *tok = tokfix_load("{\"decoder\":{\"type\":\"Sequence\",\"decoders\":[{\"type\":"
                                 "\"ByteLevel\"},{\"type\":\"Fuse\"}]},\"model\":{\"type\":"
                                 "\"WordLevel\",\"vocab\":{\"Ġíķ\":0,\"ľêµ\":1,\"Ńa\":2,\"Ìģ\":3,"
                                 "\"âĢį\":4,\"ĉĀ\":5,\"\":6}}}",
                                 &arena);
    tok_labels(tok, (int32_t[]){0, 1, 2, 3, 4, 5, 6}, 7, &arena, label);
    for (size_t i = 0; i < 7; i++)
        assert_string_equal(label[i], EXPECTED[i]);
    tok_free(tok);
    arena_free(&arena);
}

/* One word of 100,000 characters, merged all the way up: takes well under a second. */
static void test_long_word(void **state) {
    (void)state;
    enum { SIZE = 1 << 17, LEVELS = 10 };
    Arena arena = {0};
    Buf json = {0};
    buf_text(&json, "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0");
    for (int i = 1; i <= LEVELS; i++)
        buf_printf(&json, ",\"%s\":%d",
                   (char *)memset(arena_alloc(&arena, ((size_t)1 << i) + 1), 'a', (size_t)1 << i),
                   i);
    buf_text(&json, "},\"merges\":[");
    for (int i = 0; i < LEVELS; i++) {
        char *half = memset(arena_alloc(&arena, ((size_t)1 << i) + 1), 'a', (size_t)1 << i);
        buf_printf(&json, "%s[\"%s\",\"%s\"]", i ? "," : "", half, half);
    }
    buf_text(&json, "]}}");
    Tokenizer *tok = tokfix_load(json.bytes, &arena);
    char *word = memset(arena_alloc(&arena, SIZE + 1), 'a', SIZE);
    TokenList list = tokfix_encode_n(tok, word, SIZE, &arena);
    assert_int_equal(list.count, SIZE >> LEVELS);
    for (size_t i = 0; i < list.count; i++)
        assert_int_equal(list.token[i].id, LEVELS);
    buf_free(&json);
    tok_free(tok);
    arena_free(&arena);
}

/* The limit on an expression's steps leaves long texts alone. */
static void test_long_text(void **state) {
    (void)state;
    enum { SIZE = 1 << 18 };
    Arena arena = {0};
    cJSON *json = cJSON_Parse(TINY);
    cJSON *pre = cJSON_GetObjectItem(json, "pre_tokenizer");
    cJSON_ReplaceItemInObject(pre, "use_regex", cJSON_CreateTrue());
    Err err = {0};
    Tokenizer *tok = tokfix_load_json(json, &arena, &err);
    char *text = memset(arena_alloc(&arena, SIZE + 1), ' ', SIZE);
    text[SIZE - 1] = 'a';
    TokenList list = tokfix_encode_n(tok, text, SIZE, &arena); /* all spaces but one are a word */
    assert_int_equal(list.count, SIZE - 1);
    assert_int_equal(list.token[SIZE - 2].id, 4);
    for (size_t i = 0; i < SIZE; i += 2)
        text[i] = 'b';
    list = tokfix_encode_n(tok, text, SIZE, &arena);
    assert_int_equal(list.count, SIZE);
    cJSON_Delete(json);
    tok_free(tok);
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vocabulary),
        cmocka_unit_test(test_ids_with_gaps),
        cmocka_unit_test(test_invalid_utf8_offsets),
        cmocka_unit_test(test_composed_offsets),
        cmocka_unit_test(test_reordered_offsets),
        cmocka_unit_test(test_template),
        cmocka_unit_test(test_decode),
        cmocka_unit_test(test_stream_holds_back),
        cmocka_unit_test(test_labels),
        cmocka_unit_test(test_labels_of_parts),
        cmocka_unit_test(test_long_word),
        cmocka_unit_test(test_long_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
