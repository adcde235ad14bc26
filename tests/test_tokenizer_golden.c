/* The tokenizer against what Hugging Face's own library makes of the same files and strings
 * (tests/golden/make_tokenizer_golden.mjs). */
#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/base/utf8.h"
#include "engine/text/internal.h"
#include "tests/tok_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define GOLDEN "tests/golden/tokenizer/"

static void check_golden(const char *name, const TokenList *list, const cJSON *ids,
                         const cJSON *spans, const Buf *text) {
    if (list->count != (size_t)cJSON_GetArraySize(ids))
        fail_msg("%s: \"%s\" gives %zu tokens, expected %d", name, text->bytes, list->count,
                 cJSON_GetArraySize(ids));
    const cJSON *id = ids->child, *at = cJSON_IsArray(spans) ? spans->child : NULL;
    for (size_t i = 0; i < list->count; i++, id = id->next) {
        const Token *token = &list->token[i];
        if (token->id != id->valueint)
            fail_msg("%s: \"%s\": token %zu is %d, expected %d", name, text->bytes, i, token->id,
                     id->valueint);
        if (!at)
            continue;
        if (token->start != (size_t)at->valueint || token->end != (size_t)at->next->valueint)
            fail_msg("%s: \"%s\": token %zu is [%zu, %zu), expected [%d, %d)", name, text->bytes, i,
                     token->start, token->end, at->valueint, at->next->valueint);
        at = at->next->next;
    }
}

/* What TextDecoder makes of the bytes. */
static Buf mended(const Buf *text) {
    Buf out = {0};
    buf_text(&out, "");
    for (size_t at = 0; at < text->size;) {
        Utf8Char c = utf8_next(text->bytes + at, text->size - at);
        if (c.valid)
            buf_add(&out, text->bytes + at, c.size);
        else
            buf_text(&out, UTF8_REPLACEMENT);
        at += c.size;
    }
    return out;
}

static void assert_bytes(const Buf *found, const Buf *expected) {
    assert_int_equal(found->size, expected->size);
    assert_memory_equal(buf_cstr(found), buf_cstr(expected), expected->size);
}

/* Decoding gives the text back, at once and token by token. */
static void check_round_trip(const Tokenizer *tok, const TokenList *list, const Buf *text) {
    Arena arena = {0};
    Buf expected = mended(text), whole = {0}, streamed = {0};
    tok_decode(tok, tokfix_ids(list, &arena), list->count, false, &whole);
    assert_bytes(&whole, &expected);
    TokStream *stream = tok_stream_new(tok, false);
    for (size_t i = 0; i < list->count; i++) {
        tok_stream_add(stream, list->token[i].id, &streamed);
        assert_true(utf8_valid(buf_cstr(&streamed), streamed.size));
        assert_memory_equal(buf_cstr(&streamed), expected.bytes, streamed.size);
    }
    tok_stream_end(stream, &streamed);
    assert_bytes(&streamed, &expected);
    buf_free(&expected);
    buf_free(&whole);
    buf_free(&streamed);
    arena_free(&arena);
}

/* ---- Golden ---- */

static void test_gpt2_golden(void **state) {
    (void)state;
    Arena arena = {0};
    Err err = {0};
    const char *path = tokfix_shared(&arena, "tokenizers/gpt2/tokenizer.json");
    if (!file_exists(path)) {
        arena_free(&arena);
        skip();
    }
    Tokenizer *tok = tok_load(path, &arena, &err);
    if (!tok)
        fail_msg("%s", err.text);
    assert_int_equal(tok_id_limit(tok), 50257);
    cJSON *golden = tokfix_read_json(GOLDEN "gpt2.json", &arena);
    const cJSON *ids = cJSON_GetObjectItem(golden, "ids")->child;
    const cJSON *spans = cJSON_GetObjectItem(golden, "spans")->child;
    const cJSON *entry = cJSON_GetObjectItem(golden, "strings")->child;
    int count = 0;
    for (; entry; entry = entry->next, ids = ids->next, spans = spans->next, count++) {
        Buf text = tokfix_golden(entry);
        TokenList list = tokfix_encode_n(tok, text.bytes, text.size, &arena);
        check_golden("gpt2", &list, ids, spans, &text);
        check_round_trip(tok, &list, &text);
        buf_free(&text);
    }
    assert_true(count >= 60);
    cJSON_Delete(golden);
    tok_free(tok);
    arena_free(&arena);
}

/* The text of the ids without special tokens, at once and token by token; null: not known. */
static void check_decoded(const char *name, const Tokenizer *tok, const TokenList *list,
                          const cJSON *expected) {
    Arena arena = {0};
    Buf whole = {0}, streamed = {0};
    int32_t *ids = tokfix_ids(list, &arena);
    tok_decode(tok, ids, list->count, true, &whole);
    if (cJSON_IsString(expected) && strcmp(buf_cstr(&whole), expected->valuestring) != 0)
        fail_msg("%s: decoded as \"%s\", expected \"%s\"", name, buf_cstr(&whole),
                 expected->valuestring);
    TokStream *stream = tok_stream_new(tok, true);
    for (size_t i = 0; i < list->count; i++) {
        tok_stream_add(stream, ids[i], &streamed);
        assert_true(utf8_valid(buf_cstr(&streamed), streamed.size));
    }
    tok_stream_end(stream, &streamed);
    assert_bytes(&streamed, &whole);
    buf_free(&whole);
    buf_free(&streamed);
    arena_free(&arena);
}

static void check_pair(const char *name, const Tokenizer *tok, const cJSON *pair) {
    Arena arena = {0};
    Err err = {0};
    TokenList list;
    Buf shown = {0};
    const char *first = cJSON_GetObjectItem(pair, "first")->valuestring;
    const char *second = cJSON_GetObjectItem(pair, "second")->valuestring;
    if (!tok_encode_pair(tok, first, strlen(first), second, strlen(second), true, &arena, &list,
                         &err))
        fail_msg("%s: %s", name, err.text);
    buf_printf(&shown, "%s + %s", first, second);
    check_golden(name, &list, cJSON_GetObjectItem(pair, "ids"), cJSON_GetObjectItem(pair, "spans"),
                 &shown);
    const cJSON *type = cJSON_GetObjectItem(pair, "types")->child;
    for (size_t i = 0; i < list.count; i++, type = type->next)
        if (list.token[i].type != type->valueint)
            fail_msg("%s: \"%s\": token %zu has type %d, expected %d", name, shown.bytes, i,
                     (int)list.token[i].type, type->valueint);
    buf_free(&shown);
    arena_free(&arena);
}

/* lstrip and rstrip take spaces in, which decoding can't give back. */
static bool gives_back(const cJSON *variant, const Buf *text) {
    return cJSON_GetArraySize(cJSON_GetObjectItem(variant, "patch")) == 0 &&
           !strstr(text->bytes, "<mask>") && !strstr(text->bytes, "<sep>");
}

static void check_variant(const cJSON *variant, const cJSON *strings) {
    Arena arena = {0};
    Err err = {0};
    const cJSON *file = cJSON_GetObjectItem(variant, "file"), *pair;
    const char *base = file ? file->valuestring : "small-tokenizer.json";
    cJSON *json = tokfix_read_json(file_join(&arena, GOLDEN, base), &arena);
    tokfix_patch(json, cJSON_GetObjectItem(variant, "patch"));
    const char *name = cJSON_GetObjectItem(variant, "name")->valuestring;
    Tokenizer *tok = tokfix_load_json(json, &arena, &err);
    if (!tok)
        fail_msg("%s: %s", name, err.text);
    const cJSON *ids = cJSON_GetObjectItem(variant, "ids")->child;
    const cJSON *spans = cJSON_GetObjectItem(variant, "spans")->child;
    const cJSON *which = cJSON_GetObjectItem(variant, "which")->child;
    const cJSON *texts = cJSON_GetObjectItem(variant, "texts");
    const cJSON *decoded = texts ? texts->child : NULL;
    assert_non_null(which);
    for (; which; which = which->next, ids = ids->next, spans = spans->next) {
        Buf text = tokfix_golden(cJSON_GetArrayItem(strings, which->valueint));
        TokenList list = tokfix_encode_n(tok, text.bytes, text.size, &arena);
        check_golden(name, &list, ids, spans, &text);
        if (decoded)
            check_decoded(name, tok, &list, decoded);
        else if (gives_back(variant, &text))
            check_round_trip(tok, &list, &text);
        decoded = decoded ? decoded->next : NULL;
        buf_free(&text);
    }
    cJSON_ArrayForEach(pair, cJSON_GetObjectItem(variant, "pairs")) check_pair(name, tok, pair);
    cJSON_Delete(json);
    tok_free(tok);
    arena_free(&arena);
}

static void check_file(const char *path, int least) {
    Arena arena = {0};
    cJSON *golden = tokfix_read_json(path, &arena);
    const cJSON *strings = cJSON_GetObjectItem(golden, "strings"), *variant;
    int count = 0;
    cJSON_ArrayForEach(variant, cJSON_GetObjectItem(golden, "variants")) {
        check_variant(variant, strings);
        count++;
    }
    assert_true(count >= least);
    cJSON_Delete(golden);
    arena_free(&arena);
}

static void test_small_golden(void **state) {
    (void)state;
    check_file(GOLDEN "small.json", 30);
}

static void test_kinds_golden(void **state) {
    (void)state;
    check_file(GOLDEN "kinds.json", 25);
}

static void test_stories_golden(void **state) {
    (void)state;
    Arena arena = {0};
    Err err = {0};
    const char *path = tokfix_shared(&arena, "models/stories260K/tokenizer.json");
    if (!file_exists(path)) {
        arena_free(&arena);
        skip();
    }
    Tokenizer *tok = tok_load(path, &arena, &err);
    if (!tok)
        fail_msg("%s", err.text);
    cJSON *golden = tokfix_read_json(GOLDEN "stories260K.json", &arena);
    const cJSON *ids = cJSON_GetObjectItem(golden, "ids")->child;
    const cJSON *spans = cJSON_GetObjectItem(golden, "spans")->child;
    const cJSON *texts = cJSON_GetObjectItem(golden, "texts")->child;
    const cJSON *entry = cJSON_GetObjectItem(golden, "strings")->child;
    for (; entry; entry = entry->next) {
        Buf text = tokfix_golden(entry);
        TokenList list = tokfix_encode_n(tok, text.bytes, text.size, &arena);
        check_golden("stories260K", &list, ids, spans, &text);
        check_decoded("stories260K", tok, &list, texts);
        buf_free(&text);
        ids = ids->next;
        spans = spans->next;
        texts = texts->next;
    }
    cJSON_Delete(golden);
    tok_free(tok);
    arena_free(&arena);
}

static void test_nano_sort(void **state) {
    (void)state;
    Arena arena = {0};
    Err err = {0};
    const char *path = tokfix_shared(&arena, "models/gpt-nano-sort/tokenizer.json");
    if (!file_exists(path)) {
        arena_free(&arena);
        skip();
    }
    Tokenizer *tok = tok_load(path, &arena, &err);
    if (!tok)
        fail_msg("%s", err.text);
    TokenList list = tokfix_encode(tok, "ABCBAB", &arena);
    tokfix_assert_ids(&list, (int32_t[]){0, 1, 2, 1, 0, 1}, 6);
    assert_int_equal(list.token[5].start, 5);
    assert_int_equal(list.token[5].end, 6);
    Buf text = {0};
    tok_decode(tok, tokfix_ids(&list, &arena), list.count, true, &text);
    assert_string_equal(buf_cstr(&text), "ABCBAB");
    buf_free(&text);
    tok_free(tok);
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gpt2_golden),  cmocka_unit_test(test_small_golden),
        cmocka_unit_test(test_kinds_golden), cmocka_unit_test(test_stories_golden),
        cmocka_unit_test(test_nano_sort),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
