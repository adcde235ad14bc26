/* Tokenizer files that are wrong, and texts that can't be encoded: a message, and no crash. */
#include "engine/text/internal.h"
#include "tests/tok_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *path, *value;
    const char *wanted[3];
} WRONG[] = {
    {"model", "3", {"model is 3", "an object"}},
    {"model.type", "\"Tiktoken\"", {"model", "Tiktoken", "Unigram and WordLevel"}},
    {"model.type", "\"Unigram\"", {"model: vocab is an object", "a list"}},
    {"model.type", "null", {"model: type is null"}},
    {"model.vocab", "[]", {"model: vocab is a list", "an object"}},
    {"model.vocab.a", "1.5", {"model.vocab", "\"a\" is 1.5", "an integer from 0"}},
    {"model.vocab.a", "\"x\"", {"model.vocab", "\"a\" is \"x\""}},
    {"model.vocab.a", "-1", {"model.vocab", "\"a\" is -1"}},
    {"model.vocab.a", "16777217", {"model.vocab", "16777217", "16777216"}},
    {"model.vocab.a", "1e300", {"model.vocab", "1e+300"}},
    {"model.vocab.a", "1", {"model.vocab", "both have the id 1", "\"b\""}},
    {"model.unk_token", "3", {"model: unk_token is 3", "a text"}},
    {"model.dropout", "0.1", {"model: dropout is 0.1"}},
    {"model.dropout", "\"x\"", {"model: dropout is \"x\"", "a number"}},
    {"model.byte_fallback", "3", {"model: byte_fallback is 3"}},
    {"model.fuse_unk", "3", {"model: fuse_unk is 3", "true or false"}},
    {"model.ignore_merges", "3", {"model: ignore_merges is 3", "true or false"}},
    {"model.continuing_subword_prefix", "\"##\"", {"model: continuing_subword_prefix is \"##\""}},
    {"model.end_of_word_suffix", "\"</w>\"", {"model: end_of_word_suffix is \"</w>\""}},
    {"model.end_of_word_suffix", "{}", {"model: end_of_word_suffix is an object"}},
    {"model.merges", "{}", {"model: merges is an object", "a list"}},
    {"model.merges.1", "3", {"model: merges[1] is 3", "two pieces"}},
    {"model.merges.1", "\"a\"", {"model: merges[1] is \"a\"", "two pieces"}},
    {"model.merges.1", "\"a b c\"", {"model: merges[1]", "two pieces"}},
    {"model.merges.1", "[\"a\"]", {"model: merges[1] is a list", "two pieces"}},
    {"model.merges.1", "[\"a\",\"b\",\"c\"]", {"model: merges[1]", "two pieces"}},
    {"model.merges.1", "\"q b\"", {"model: merges[1] is \"q\" + \"b\"", "left half"}},
    {"model.merges.1", "\"a q\"", {"model: merges[1] is \"a\" + \"q\"", "right half"}},
    {"model.merges.1", "\"b a\"", {"model: merges[1] is \"b\" + \"a\"", "result"}},
    {"added_tokens", "{}", {"added_tokens is an object", "a list"}},
    {"added_tokens.1", "null", {"added_tokens[1] is null", "an object"}},
    {"added_tokens.1.id", "null", {"added_tokens[1]: id is null", "an integer"}},
    {"added_tokens.1.id", "\"x\"", {"added_tokens[1]: id is \"x\""}},
    {"added_tokens.1.id", "9.5", {"added_tokens[1]: id is 9.5"}},
    {"added_tokens.1.id", "9", {"added_tokens", "both have the id 9"}},
    {"added_tokens.1.id", "0", {"added_tokens", "both have the id 0", "\"a\""}},
    {"added_tokens.1.content", "\"<s>\"", {"added_tokens", "\"<s>\" is there twice"}},
    {"added_tokens.1.content", "\"a\"", {"added_tokens[1]", "\"a\" is 10", "expected 0"}},
    {"added_tokens.1.content", "3", {"added_tokens[1]: content is 3", "a text"}},
    {"added_tokens.1.content", "null", {"added_tokens[1]: content is absent", "a text"}},
    {"added_tokens.1.special", "3", {"added_tokens[1]: special is 3"}},
    {"added_tokens.1.single_word", "3", {"added_tokens[1]: single_word is 3"}},
    {"added_tokens.1.lstrip", "3", {"added_tokens[1]: lstrip is 3"}},
    {"added_tokens.1.rstrip", "3", {"added_tokens[1]: rstrip is 3"}},
    {"added_tokens.1.normalized", "3", {"added_tokens[1]: normalized is 3"}},
    {"normalizer", "3", {"normalizer is 3", "an object or null"}},
    {"normalizer", "{}", {"normalizer: type is absent"}},
    {"normalizer", "{\"type\":\"ByteLevel\"}", {"normalizer", "\"ByteLevel\""}},
    {"normalizer",
     "{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"!\"}",
     {"normalizer", "precompiled_charsmap", "base64"}},
    {"normalizer",
     "{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"AAE=\"}",
     {"normalizer", "precompiled_charsmap", "2 bytes"}},
    {"normalizer",
     "{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"CAAAAAAAAAA=\"}",
     {"normalizer", "of which 8 are a tree"}},
    {"normalizer",
     "{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"AAAAAP8A\"}",
     {"normalizer", "no UTF-8"}},
    {"normalizer",
     "{\"type\":\"Precompiled\",\"precompiled_charsmap\":3}",
     {"precompiled_charsmap is 3"}},
    {"normalizer", "{\"type\":\"Prepend\"}", {"normalizer: prepend is absent", "a text"}},
    {"normalizer", "{\"type\":\"Strip\",\"strip_left\":3}", {"normalizer: strip_left is 3"}},
    {"normalizer", "{\"type\":\"Replace\"}", {"normalizer: pattern is absent", "an object"}},
    {"normalizer",
     "{\"type\":\"Replace\",\"pattern\":{\"String\":\"a\"}}",
     {"normalizer: content is absent", "a text"}},
    {"normalizer",
     "{\"type\":\"Replace\",\"pattern\":{\"Regex\":\"(\"},\"content\":\"\"}",
     {"normalizer.pattern", "at byte 1"}},
    {"normalizer", "{\"type\":\"BertNormalizer\",\"lowercase\":3}", {"normalizer: lowercase is 3"}},
    {"normalizer", "{\"type\":\"Sequence\"}", {"normalizer: normalizers is absent", "a list"}},
    {"normalizer",
     "{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"NFC\"},{\"type\":\"Nmt\"}]}",
     {"normalizer.normalizers[1]", "\"Nmt\""}},
    {"normalizer",
     "{\"type\":\"Sequence\",\"normalizers\":[null]}",
     {"normalizer: normalizers[0] is null", "an object"}},
    {"pre_tokenizer", "[]", {"pre_tokenizer is a list", "an object or null"}},
    {"pre_tokenizer.type", "\"UnicodeScripts\"", {"\"UnicodeScripts\"", "ByteLevel"}},
    {"pre_tokenizer",
     "{\"type\":\"Metaspace\",\"replacement\":\"ab\"}",
     {"pre_tokenizer: replacement is \"ab\"", "one character"}},
    {"pre_tokenizer",
     "{\"type\":\"Metaspace\",\"replacement\":\"\"}",
     {"pre_tokenizer: replacement is \"\"", "one character"}},
    {"pre_tokenizer",
     "{\"type\":\"Metaspace\",\"prepend_scheme\":\"last\"}",
     {"pre_tokenizer: prepend_scheme is \"last\"", "always, first or never"}},
    {"pre_tokenizer", "{\"type\":\"Metaspace\",\"split\":3}", {"pre_tokenizer: split is 3"}},
    {"pre_tokenizer.add_prefix_space", "3", {"pre_tokenizer: add_prefix_space is 3"}},
    {"pre_tokenizer.trim_offsets", "3", {"pre_tokenizer: trim_offsets is 3"}},
    {"pre_tokenizer.use_regex", "3", {"pre_tokenizer: use_regex is 3"}},
    {"pre_tokenizer", "{\"type\":\"Sequence\",\"pretokenizers\":3}", {"pretokenizers is 3"}},
    {"pre_tokenizer",
     "{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"ByteLevel\"},{\"type\":\"ByteLevel\"}]"
     "}",
     {"pre_tokenizer.pretokenizers[1]", "a second ByteLevel"}},
    {"pre_tokenizer", "{\"type\":\"Split\"}", {"pre_tokenizer: pattern is absent", "an object"}},
    {"pre_tokenizer",
     "{\"type\":\"Split\",\"pattern\":{}}",
     {"pre_tokenizer.pattern", "neither", "Regex and String"}},
    {"pre_tokenizer",
     "{\"type\":\"Split\",\"pattern\":{\"Regex\":\"a\",\"String\":\"b\"}}",
     {"pre_tokenizer.pattern", "both"}},
    {"pre_tokenizer",
     "{\"type\":\"Split\",\"pattern\":{\"Regex\":3}}",
     {"pre_tokenizer.pattern: Regex is 3", "a text"}},
    {"pre_tokenizer",
     "{\"type\":\"Split\",\"pattern\":{\"String\":3}}",
     {"pre_tokenizer.pattern: String is 3", "a text"}},
    {"pre_tokenizer",
     "{\"type\":\"Split\",\"pattern\":{\"Regex\":\"ab(c\"}}",
     {"pre_tokenizer.pattern", "at byte 4", "parenthesis"}},
    {"pre_tokenizer",
     "{\"type\":\"Split\",\"pattern\":{\"Regex\":\"[a-z&&[^b]]\"}}",
     {"pre_tokenizer.pattern", "&&"}},
    {"pre_tokenizer",
     "{\"type\":\"Split\",\"pattern\":{\"Regex\":\"\\\\C\"}}",
     {"pre_tokenizer.pattern", "at byte 2"}},
    {"pre_tokenizer",
     "{\"type\":\"Split\",\"pattern\":{\"String\":\"a\"},\"behavior\":\"Gone\"}",
     {"pre_tokenizer: behavior is \"Gone\"", "Removed"}},
    {"pre_tokenizer",
     "{\"type\":\"Split\",\"pattern\":{\"String\":\"a\"},\"behavior\":3}",
     {"pre_tokenizer: behavior is 3"}},
    {"pre_tokenizer",
     "{\"type\":\"Split\",\"pattern\":{\"String\":\"a\"},\"invert\":3}",
     {"pre_tokenizer: invert is 3"}},
    {"pre_tokenizer",
     "{\"type\":\"Digits\",\"individual_digits\":3}",
     {"pre_tokenizer: individual_digits is 3"}},
    {"pre_tokenizer",
     "{\"type\":\"Punctuation\",\"behavior\":3}",
     {"pre_tokenizer: behavior is 3"}},
    {"post_processor", "\"x\"", {"post_processor is \"x\"", "an object or null"}},
    {"post_processor", "{\"type\":\"Frame\"}", {"post_processor", "\"Frame\""}},
    {"post_processor", "{\"type\":\"BertProcessing\"}", {"post_processor: sep is absent"}},
    {"post_processor",
     "{\"type\":\"BertProcessing\",\"sep\":[\"<s>\"],\"cls\":[\"<s>\",9]}",
     {"post_processor: sep is a list", "a token and its id"}},
    {"post_processor",
     "{\"type\":\"RobertaProcessing\",\"sep\":[\"<s>\",9],\"cls\":[\"x\",99]}",
     {"post_processor: cls is 99", "the vocabulary"}},
    {"post_processor",
     "{\"type\":\"Sequence\",\"processors\":[{\"type\":\"BertProcessing\",\"sep\":[\"<s>\",9],"
     "\"cls\":[\"<s>\",9]},{\"type\":\"TemplateProcessing\",\"single\":[]}]}",
     {"post_processor.processors[1]", "a second frame"}},
    {"post_processor",
     "{\"type\":\"TemplateProcessing\",\"single\":[{\"Sequence\":{\"id\":\"A\"}},"
     "{\"Sequence\":{\"id\":\"B\"}}]}",
     {"post_processor: single has the Sequence B 1 times", "expected 0"}},
    {"post_processor",
     "{\"type\":\"TemplateProcessing\",\"single\":[{\"Sequence\":{\"id\":\"A\"}}],"
     "\"pair\":[{\"Sequence\":{\"id\":\"A\"}}]}",
     {"post_processor: pair has the Sequence B 0 times", "expected 1"}},
    {"post_processor",
     "{\"type\":\"TemplateProcessing\",\"single\":[{\"Sequence\":{\"id\":\"A\",\"type_id\":-1}}]}",
     {"post_processor: type_id is -1"}},
    {"post_processor",
     "{\"type\":\"ByteLevel\",\"trim_offsets\":3}",
     {"post_processor: trim_offsets is 3"}},
    {"post_processor",
     "{\"type\":\"Sequence\",\"processors\":{}}",
     {"post_processor: processors is an object"}},
    {"post_processor", "{\"type\":\"TemplateProcessing\"}", {"post_processor: single is absent"}},
    {"post_processor",
     "{\"type\":\"TemplateProcessing\",\"single\":[]}",
     {"post_processor", "Sequence A 0 times"}},
    {"post_processor",
     "{\"type\":\"TemplateProcessing\",\"single\":[3]}",
     {"post_processor", "is 3", "Sequence A"}},
    {"post_processor",
     "{\"type\":\"TemplateProcessing\",\"single\":[],\"special_tokens\":[]}",
     {"post_processor: special_tokens is a list"}},
    {"post_processor",
     "{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":3}}]}",
     {"post_processor: SpecialToken.id is 3"}},
    {"post_processor",
     "{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"x\"}}]}",
     {"post_processor: x is absent", "special_tokens"}},
    {"post_processor",
     "{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"x\"}}],"
     "\"special_tokens\":{\"x\":{\"ids\":3}}}",
     {"post_processor.special_tokens.x: ids is 3"}},
    {"post_processor",
     "{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"x\"}}],"
     "\"special_tokens\":{\"x\":{\"ids\":[99]}}}",
     {"post_processor.special_tokens.x", "99", "the vocabulary"}},
    {"decoder", "3", {"decoder is 3", "an object or null"}},
    {"decoder.type", "\"BPEDecoder\"", {"decoder", "\"BPEDecoder\"", "WordPiece"}},
    {"decoder", "{\"type\":\"Strip\"}", {"decoder: content is absent", "one character"}},
    {"decoder", "{\"type\":\"Strip\",\"content\":\" \",\"start\":-1}", {"decoder: start is -1"}},
    {"decoder",
     "{\"type\":\"Replace\",\"pattern\":{\"Regex\":\"a\"},\"content\":\"\"}",
     {"decoder.pattern", "Regex", "only with String"}},
    {"decoder",
     "{\"type\":\"Replace\",\"pattern\":{\"String\":\"a\"}}",
     {"decoder: content is absent"}},
    {"decoder",
     "{\"type\":\"Sequence\",\"decoders\":[{\"type\":\"Fuse\"},{\"type\":\"ByteFallback\"}]}",
     {"decoder.decoders[1]", "behind Fuse"}},
    {"decoder",
     "{\"type\":\"Sequence\",\"decoders\":[{\"type\":\"Fuse\"},{\"type\":\"Strip\","
     "\"content\":\" \",\"stop\":1}]}",
     {"decoder.decoders[1]", "without stop"}},
    {"decoder", "{\"type\":\"WordPiece\",\"cleanup\":3}", {"decoder: cleanup is 3"}},
    {"decoder.type", "7", {"decoder: type is 7"}},
    {"decoder",
     "{\"type\":\"Sequence\",\"decoders\":[{\"type\":\"CTC\"}]}",
     {"decoder.decoders[0]", "\"CTC\""}},
};

static void test_wrong_fields(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        Arena arena = {0};
        Err err = {0};
        cJSON *json = cJSON_Parse(TINY);
        tokfix_set(json, WRONG[i].path, WRONG[i].value);
        if (tokfix_load_json(json, &arena, &err))
            fail_msg("%s = %s is accepted", WRONG[i].path, WRONG[i].value);
        tokfix_expect_error(&err, WRONG[i].path, WRONG[i].wanted);
        cJSON_Delete(json);
        arena_free(&arena);
    }
}

static void expect_refused(const char *text, size_t size, const char *wanted) {
    Arena arena = {0};
    Err err = {0};
    assert_null(tok_load_text(text, size, "t.json", &arena, &err));
    tokfix_expect_error(&err, wanted, (const char *const[3]){wanted});
    arena_free(&arena);
}

static void test_broken_json(void **state) {
    (void)state;
    for (size_t size = 0; size < strlen(TINY); size++)
        expect_refused(TINY, size, "t.json");
    expect_refused("[]", 2, "a list, expected an object");
    expect_refused("{}", 2, "model is absent");
    expect_refused("\"\xff\"", 3, "not valid UTF-8, at byte 1");
    const char *twice = "{\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"a\":0,\"a\":1}}}";
    expect_refused(twice, strlen(twice), "\"a\" is there twice (ids 0 and 1)");
    const char *empty = "{\"model\":{\"type\":\"WordLevel\",\"vocab\":{}}}";
    expect_refused(empty, strlen(empty), "model.vocab is empty");
}

/* Brackets and Sequences in each other, as deep as JSON goes and deeper. */
static void test_deep_json(void **state) {
    (void)state;
    static const char OPEN[] = "{\"type\":\"Sequence\",\"pretokenizers\":[";
    static const int DEPTH[] = {20, 400, 100000};
    for (size_t i = 0; i < sizeof DEPTH / sizeof *DEPTH; i++) {
        Buf json = {0};
        buf_text(&json, "{\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"a\":0}},"
                        "\"pre_tokenizer\":");
        for (int j = 0; j < DEPTH[i]; j++)
            buf_text(&json, OPEN);
        for (int j = 0; j < DEPTH[i]; j++)
            buf_text(&json, "]}");
        buf_text(&json, "}");
        expect_refused(json.bytes, json.size, i < 2 ? "Sequences in each other" : "not valid JSON");
        buf_free(&json);
    }
    Buf wide = {0};
    buf_text(&wide, "{\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"a\":0}},\"normalizer\":"
                    "{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"NFC\"}");
    for (int i = 0; i < 64; i++)
        buf_text(&wide, ",{\"type\":\"NFC\"}");
    buf_text(&wide, "]}}");
    expect_refused(wide.bytes, wide.size, "more than 64");
    buf_free(&wide);
}

static void test_missing_file(void **state) {
    (void)state;
    Arena arena = {0};
    Err err = {0};
    assert_null(tok_load("tests/golden/tokenizer/none.json", &arena, &err));
    assert_non_null(strstr(err.text, "none.json"));
    assert_null(tok_load("tests/golden", &arena, &err));
    assert_non_null(strstr(err.text, "tests/golden"));
    arena_free(&arena);
}

/* ---- Texts that can't be encoded ---- */

static void test_unknown_words(void **state) {
    (void)state;
    tokfix_expect_encode_error(WORDS, "one three two",
                               (const char *const[3]){"\"three\"", "byte 4", "no unk_token"});
    tokfix_expect_encode_error(TINY, "ab\nc", (const char *const[3]){"\"c\"", "byte 3"});
    tokfix_expect_encode_error(
        "{\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"a\":0},\"unk_token\":"
        "\"<unk>\"}}",
        "b", (const char *const[3]){"\"b\"", "\"<unk>\""});
}

/* Steps that double a text forty times, or make a long one of every character. */
static void test_growth(void **state) {
    (void)state;
    Buf json = {0};
    buf_text(&json, "{\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"a\":0}},\"normalizer\":"
                    "{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"NFC\"}");
    for (int i = 0; i < 40; i++)
        buf_text(&json,
                 ",{\"type\":\"Replace\",\"pattern\":{\"String\":\"a\"},\"content\":\"aa\"}");
    buf_text(&json, "]}}");
    static const char *const WANTED[3] = {"normalizers", "more than 64 bytes"};
    tokfix_expect_encode_error(json.bytes, "aaa", WANTED);
    buf_free(&json);
    char content[3001];
    memset(content, 'b', 3000);
    content[3000] = '\0';
    buf_printf(&json,
               "{\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"a\":0}},\"normalizer\":{\"type\":"
               "\"Replace\",\"pattern\":{\"Regex\":\"\"},\"content\":\"%s\"}}",
               content);
    tokfix_expect_encode_error(json.bytes, "aaaaaaaaaa", WANTED);
    buf_free(&json);
    buf_text(&json, "{\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"a\":0}},\"decoder\":"
                    "{\"type\":\"Sequence\",\"decoders\":[{\"type\":\"ByteFallback\"}");
    for (int i = 0; i < 40; i++)
        buf_text(&json,
                 ",{\"type\":\"Replace\",\"pattern\":{\"String\":\"a\"},\"content\":\"aa\"}");
    buf_text(&json, "]}}");
    expect_refused(json.bytes, json.size, "more than 64 bytes");
    buf_free(&json);
}

static void test_too_long(void **state) {
    (void)state;
    Arena arena = {0};
    Err err = {0};
    TokenList list;
    Tokenizer *tok = tokfix_load(WORDS, &arena);
    size_t size = ((size_t)8 << 20) + 1;
    assert_false(tok_encode(tok, arena_alloc(&arena, size), size, true, &arena, &list, &err));
    assert_non_null(strstr(err.text, "8388609 bytes"));
    tok_free(tok);
    arena_free(&arena);
}

static void test_hostile_expressions(void **state) {
    (void)state;
    static const char *const HOSTILE[] = {
        "(a+)+$",       "(a|aa)+$", "((a*)*)*[bc]", "(a?){50}a{50}[bc]", "(.*)(.*)(.*)(.*)(.*)[xy]",
        "(a|b|ab)*[xy]"};
    char text[3001];
    memset(text, 'a', 3000);
    text[2999] = '!';
    text[3000] = '\0';
    for (size_t i = 0; i < sizeof HOSTILE / sizeof *HOSTILE; i++) {
        Arena arena = {0};
        Err err = {0};
        TokenList list;
        const char *json = arena_printf(
            &arena,
            "{\"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":{\"Regex\":\"%s\"}},"
            "\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"u\":0},\"unk_token\":\"u\"}}",
            HOSTILE[i]);
        Tokenizer *tok = tokfix_load(json, &arena);
        assert_false(tok_encode(tok, text, 3000, true, &arena, &list, &err));
        tokfix_expect_error(&err, HOSTILE[i],
                            (const char *const[3]){"pre_tokenizer.pattern", "too many steps"});
        tok_free(tok);
        arena_free(&arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrong_fields),  cmocka_unit_test(test_broken_json),
        cmocka_unit_test(test_deep_json),     cmocka_unit_test(test_missing_file),
        cmocka_unit_test(test_unknown_words), cmocka_unit_test(test_growth),
        cmocka_unit_test(test_too_long),      cmocka_unit_test(test_hostile_expressions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
