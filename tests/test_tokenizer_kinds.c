/* The kinds of Llama, BERT and T5, in small: lattice, pieces in a word, pairs, byte fallback, tables of
 * replacements. */
#include "engine/base/utf8.h"
#include "engine/text/internal.h"
#include "tests/tok_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define UNIGRAM(MORE)                                                                              \
    "{\"model\":{\"type\":\"Unigram\",\"vocab\":[[\"?\",0],[\"a\",-1],[\"b\",-1],[\"c\",-1],"      \
    "[\"ab\",-1.5],[\"bc\",-2],[\"abc\",-9]]" MORE "}}"

/* ab + c (−2.5) is better than a + b + c (−3), a + bc (−3) and abc (−9). */
static void test_lattice(void **state) {
    (void)state;
    Arena arena = {0};
    Tokenizer *tok = tokfix_load(UNIGRAM(",\"unk_id\":0"), &arena);
    TokenList list = tokfix_encode(tok, "abc", &arena);
    tokfix_assert_ids(&list, (int32_t[]){4, 3}, 2);
    list = tokfix_encode(tok, "bc", &arena); /* as good as b + c: the longer last piece */
    tokfix_assert_ids(&list, (int32_t[]){5}, 1);
    list = tokfix_encode(tok, "xyab한z", &arena);
    tokfix_assert_ids(&list, (int32_t[]){0, 4, 0}, 3);
    assert_int_equal(list.token[0].end, 2);
    assert_int_equal(list.token[2].start, 4);
    assert_int_equal(list.token[2].end, 8);
    tok_free(tok);
    arena_free(&arena);
}

/* A search that tried every way through 200 characters would not end. */
static void test_long_lattice(void **state) {
    (void)state;
    Arena arena = {0};
    Tokenizer *tok = tokfix_load(UNIGRAM(""), &arena);
    enum { SIZE = 1 << 18 };
    char *text = arena_alloc(&arena, SIZE + 1);
    for (size_t i = 0; i < SIZE; i++)
        text[i] = "ab"[i % 2];
    TokenList list = tokfix_encode_n(tok, text, SIZE, &arena);
    assert_int_equal(list.count, SIZE / 2);
    for (size_t i = 0; i < list.count; i++)
        assert_int_equal(list.token[i].id, 4);
    tok_free(tok);
    arena_free(&arena);
}

/* Partly known is unknown; a piece inside is another than one in front. */
static void test_word_piece(void **state) {
    (void)state;
    Arena arena = {0};
    Tokenizer *tok = tokfix_load(
        "{\"pre_tokenizer\":{\"type\":\"BertPreTokenizer\"},\"model\":{\"type\":\"WordPiece\","
        "\"unk_token\":\"?\",\"vocab\":{\"?\":0,\"un\":1,\"##happ\":2,\"##y\":3,\"happy\":4,"
        "\"##happy\":5,\"!\":6,\"y\":7}}}",
        &arena);
    TokenList list = tokfix_encode(tok, "unhappy!  happy unhappiest y yy", &arena);
    tokfix_assert_ids(&list, (int32_t[]){1, 5, 6, 4, 0, 7, 7, 3}, 8);
    assert_int_equal(list.token[4].start, 16);
    assert_int_equal(list.token[4].end, 26);
    tok_free(tok);
    arena_free(&arena);
}

static void test_pair(void **state) {
    (void)state;
    Arena arena = {0};
    Err err = {0};
    TokenList list;
    Tokenizer *tok = tokfix_load(
        "{\"added_tokens\":[{\"id\":3,\"content\":\"[S]\",\"special\":true}],\"pre_tokenizer\":"
        "{\"type\":\"WhitespaceSplit\"},\"post_processor\":{\"type\":\"RobertaProcessing\","
        "\"sep\":[\"[S]\",3],\"cls\":[\"one\",0]},\"model\":{\"type\":\"WordLevel\",\"vocab\":"
        "{\"one\":0,\"two\":1}}}",
        &arena);
    assert_true(tok_encode_pair(tok, "one two", 7, " two", 4, true, &arena, &list, &err));
    tokfix_assert_ids(&list, (int32_t[]){0, 0, 1, 3, 3, 1, 3}, 7);
    assert_true(list.token[0].added);
    assert_false(list.token[1].added);
    assert_int_equal(list.token[2].text, 0);
    assert_int_equal(list.token[5].text, 1);
    assert_int_equal(list.token[5].start, 1);
    assert_int_equal(list.token[5].end, 4);
    assert_true(tok_encode_pair(tok, "one", 3, "two", 3, false, &arena, &list, &err));
    tokfix_assert_ids(&list, (int32_t[]){0, 1}, 2);
    assert_false(tok_encode_pair(tok, "one", 3, "three", 5, true, &arena, &list, &err));
    assert_non_null(strstr(err.text, "\"three\""));
    assert_int_equal(list.count, 0);
    tok_free(tok);
    arena_free(&arena);
}

/* The bytes of 한 are ED 95 9C; whole, they are text, and cut off, one U+FFFD for each part. */
#define FALLBACK                                                                                   \
    "{\"added_tokens\":[{\"id\":0,\"content\":\"<s>\",\"special\":true}],\"pre_tokenizer\":"       \
    "{\"type\":\"Metaspace\"},\"decoder\":{\"type\":\"Sequence\",\"decoders\":[{\"type\":"         \
    "\"Replace\",\"pattern\":{\"String\":\"▁\"},\"content\":\" \"},{\"type\":\"ByteFallback\"}," \
    "{\"type\":\"Fuse\"},{\"type\":\"Strip\",\"content\":\" "                                      \
    "\",\"start\":1}]},\"model\":{\"type\":"                                                       \
    "\"BPE\",\"byte_fallback\":true,\"vocab\":{\"<s>\":0,\"<0xED>\":1,\"<0x95>\":2,\"<0x9C>\":3,"  \
    "\"▁\":4,\"a\":5,\"▁a\":6},\"merges\":[\"▁ a\"]}}"

static void test_byte_fallback(void **state) {
    (void)state;
    Arena arena = {0};
    Buf text = {0};
    const char *label[6];
    Tokenizer *tok = tokfix_load(FALLBACK, &arena);
    TokenList list = tokfix_encode(tok, "a 한a", &arena);
    tokfix_assert_ids(&list, (int32_t[]){6, 4, 1, 2, 3, 5}, 6);
    assert_int_equal(list.token[3].start, 2);
    assert_int_equal(list.token[3].end, 5);
    tok_decode(tok, tokfix_ids(&list, &arena), list.count, true, &text);
    assert_string_equal(buf_cstr(&text), "a 한a");
    tok_labels(tok, tokfix_ids(&list, &arena), 6, &arena, label);
    static const char *const EXPECTED[] = {"·a", "·", "한 1/3", "한 2/3", "한 3/3", "a"};
    for (size_t i = 0; i < 6; i++)
        assert_string_equal(label[i], EXPECTED[i]);
    buf_clear(&text);
    TokStream *stream = tok_stream_new(tok, false);
    static const int32_t CUT[] = {4, 4, 1, 2, 5, 3};
    for (size_t i = 0; i < 6; i++)
        tok_stream_add(stream, CUT[i], &text);
    tok_stream_end(stream, &text);
    assert_string_equal(buf_cstr(&text), " " UTF8_REPLACEMENT "a" UTF8_REPLACEMENT);
    tok_free(tok);
    buf_free(&text);
    arena_free(&arena);
}

/* The pieces of WordPiece are shown as the vocabulary writes them. */
static void test_word_piece_text(void **state) {
    (void)state;
    Arena arena = {0};
    Buf text = {0};
    const char *label[4];
    Tokenizer *tok = tokfix_load("{\"decoder\":{\"type\":\"WordPiece\"},\"model\":{\"type\":"
                                 "\"WordPiece\",\"vocab\":{\"##a\":0,\"b\":1,\".\":2}}}",
                                 &arena);
    static const int32_t IDS[] = {0, 1, 0, 2};
    tok_decode(tok, IDS, 4, true, &text); /* a mark at the very front stays */
    assert_string_equal(buf_cstr(&text), "##a ba.");
    tok_labels(tok, IDS, 4, &arena, label);
    assert_string_equal(label[0], "##a");
    assert_string_equal(label[1], "b");
    assert_string_equal(label[2], "##a");
    tok_free(tok);
    buf_free(&text);
    arena_free(&arena);
}

#define A32 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

/* Tables whose tree leads out of itself, or to no text, replace nothing. */
static void test_hostile_tables(void **state) {
    (void)state;
    /* Two units, all bits set; then "a" → text 99 of 3 bytes; then → into the middle of "é". */
    static const char *const TABLE[] = {
        "CAAAAP//////////YQA=",
        "kAE" A32 A32 A32 A32 A32 A32 A32 A32 A32 A32 A32 A32 A32 A32 A32 A32 "AAAAAAA"
        "BhCQAAAAAAAGMAAIDDqQA=",
        "kAE" A32 A32 A32 A32 A32 A32 A32 A32 A32 A32 A32 A32 A32 A32 A32 A32 "AAAAAAA"
        "BhCQAAAAAAAAEAAIDDqQA="};
    for (size_t i = 0; i < sizeof TABLE / sizeof *TABLE; i++) {
        Arena arena = {0};
        Buf json = {0};
        buf_printf(&json,
                   "{\"normalizer\":{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"%s\"},"
                   "\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"aé한\":0,\"é\":1}}}",
                   TABLE[i]);
        Tokenizer *tok = tokfix_load(json.bytes, &arena);
        TokenList list = tokfix_encode(tok, "aé한", &arena);
        tokfix_assert_ids(&list, (int32_t[]){0}, 1);
        tok_free(tok);
        buf_free(&json);
        arena_free(&arena);
    }
}

static void test_wrong_unigram(void **state) {
    (void)state;
    static const char *const WRONG_LIST[][3] = {
        {"vocab", "[3]", "vocab[0] is no pair"},
        {"vocab", "[[\"a\",0],[\"b\"]]", "vocab[1] is no pair"},
        {"vocab", "[[\"a\",\"b\"]]", "vocab[0] is no pair"},
        {"vocab", "[[\"a\",1e300]]", "vocab[0] is no pair"},
        {"vocab", "[[\"a\",0],[\"a\",0]]", "\"a\" is there twice"},
        {"vocab", "[]", "model.vocab is empty"},
        {"unk_id", "7", "unk_id is 7, expected an index"},
        {"unk_id", "\"?\"", "unk_id is \"?\""},
        {"byte_fallback", "3", "byte_fallback is 3"},
    };
    for (size_t i = 0; i < sizeof WRONG_LIST / sizeof *WRONG_LIST; i++) {
        Arena arena = {0};
        Err err = {0};
        cJSON *json = cJSON_Parse(UNIGRAM(""));
        tokfix_set(cJSON_GetObjectItem(json, "model"), WRONG_LIST[i][0], WRONG_LIST[i][1]);
        if (tokfix_load_json(json, &arena, &err))
            fail_msg("%s = %s is accepted", WRONG_LIST[i][0], WRONG_LIST[i][1]);
        tokfix_expect_error(&err, WRONG_LIST[i][1], (const char *const[3]){WRONG_LIST[i][2]});
        cJSON_Delete(json);
        arena_free(&arena);
    }
}

static void test_unknown(void **state) {
    (void)state;
    tokfix_expect_encode_error(UNIGRAM(""), "abx", (const char *const[3]){"\"x\"", "byte 2"});
    tokfix_expect_encode_error("{\"model\":{\"type\":\"WordPiece\",\"vocab\":{\"a\":0}}}", "ab",
                               (const char *const[3]){"\"ab\"", "byte 0", "no unk_token"});
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lattice),        cmocka_unit_test(test_long_lattice),
        cmocka_unit_test(test_word_piece),     cmocka_unit_test(test_pair),
        cmocka_unit_test(test_byte_fallback),  cmocka_unit_test(test_word_piece_text),
        cmocka_unit_test(test_hostile_tables), cmocka_unit_test(test_wrong_unigram),
        cmocka_unit_test(test_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
