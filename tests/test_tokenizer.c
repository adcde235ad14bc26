/* The tokenizer against what Hugging Face's own library makes of the same files and strings
 * (tests/golden/make_tokenizer_golden.mjs), and against files that are wrong. */
#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/base/utf8.h"
#include "engine/text/internal.h"
#include "engine/text/tokenizer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define GOLDEN "tests/golden/tokenizer/"

/* ---- Helpers ---- */

static char *shared_path(Arena *arena, const char *name) {
    const char *folder = getenv("ATTNSCOPE_SHARED");
    return file_join(arena, folder ? folder : "../shared", name);
}

static cJSON *read_json(const char *path, Arena *arena) {
    Err err = {0};
    char *text;
    size_t size;
    if (!file_read_text(path, (size_t)64 << 20, arena, &text, &size, &err))
        fail_msg("%s", err.text);
    cJSON *json = json_parse(text, size, path, &err);
    if (!json)
        fail_msg("%s", err.text);
    return json;
}

static Tokenizer *load_json(const cJSON *json, Arena *arena, Err *err) {
    char *text = cJSON_PrintUnformatted(json);
    Tokenizer *tok = tok_load_text(text, strlen(text), "t.json", arena, err);
    cJSON_free(text);
    return tok;
}

static Tokenizer *load_good(const char *text, Arena *arena) {
    Err err = {0};
    Tokenizer *tok = tok_load_text(text, strlen(text), "t.json", arena, &err);
    if (!tok)
        fail_msg("%s", err.text);
    return tok;
}

static TokenList encode_n(const Tokenizer *tok, const char *text, size_t size, Arena *arena) {
    Err err = {0};
    TokenList list;
    if (!tok_encode(tok, text, size, true, arena, &list, &err))
        fail_msg("%s", err.text);
    return list;
}

static TokenList encode(const Tokenizer *tok, const char *text, Arena *arena) {
    return encode_n(tok, text, strlen(text), arena);
}

static int32_t *ids_of(const TokenList *list, Arena *arena) {
    int32_t *ids = ARENA_NEW_N(arena, int32_t, list->count);
    for (size_t i = 0; i < list->count; i++)
        ids[i] = list->token[i].id;
    return ids;
}

static void assert_ids(const TokenList *list, const int32_t *expected, size_t count) {
    assert_int_equal(list->count, count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(list->token[i].id, expected[i]);
}

/* A golden string: {"text": …} or, where it is not valid UTF-8 or has a NUL, {"hex": …}. */
static Buf golden_string(const cJSON *entry) {
    Buf bytes = {0};
    const cJSON *hex = cJSON_GetObjectItem(entry, "hex");
    buf_text(&bytes, "");
    if (!hex) {
        buf_text(&bytes, cJSON_GetObjectItem(entry, "text")->valuestring);
        return bytes;
    }
    unsigned byte;
    for (const char *at = hex->valuestring; sscanf(at, "%2x", &byte) == 1; at += 2)
        buf_char(&bytes, (char)byte);
    return bytes;
}

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
    tok_decode(tok, ids_of(list, &arena), list->count, false, &whole);
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
    const char *path = shared_path(&arena, "tokenizers/gpt2/tokenizer.json");
    if (!file_exists(path)) {
        arena_free(&arena);
        skip();
    }
    Tokenizer *tok = tok_load(path, &arena, &err);
    if (!tok)
        fail_msg("%s", err.text);
    assert_int_equal(tok_id_limit(tok), 50257);
    cJSON *golden = read_json(GOLDEN "gpt2.json", &arena);
    const cJSON *ids = cJSON_GetObjectItem(golden, "ids")->child;
    const cJSON *spans = cJSON_GetObjectItem(golden, "spans")->child;
    const cJSON *entry = cJSON_GetObjectItem(golden, "strings")->child;
    int count = 0;
    for (; entry; entry = entry->next, ids = ids->next, spans = spans->next, count++) {
        Buf text = golden_string(entry);
        TokenList list = encode_n(tok, text.bytes, text.size, &arena);
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
    int32_t *ids = ids_of(list, &arena);
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

/* Puts a variant's fields in the place of the file's; those of the model one by one. */
static void apply_patch(cJSON *json, const cJSON *patch) {
    for (const cJSON *item = patch->child; item; item = item->next) {
        cJSON *model = cJSON_GetObjectItemCaseSensitive(json, "model");
        if (strcmp(item->string, "model") == 0)
            apply_patch(model, item);
        else if (cJSON_GetObjectItemCaseSensitive(json, item->string))
            cJSON_ReplaceItemInObjectCaseSensitive(json, item->string, cJSON_Duplicate(item, true));
        else
            cJSON_AddItemToObject(json, item->string, cJSON_Duplicate(item, true));
    }
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
    cJSON *json = read_json(file_join(&arena, GOLDEN, base), &arena);
    apply_patch(json, cJSON_GetObjectItem(variant, "patch"));
    const char *name = cJSON_GetObjectItem(variant, "name")->valuestring;
    Tokenizer *tok = load_json(json, &arena, &err);
    if (!tok)
        fail_msg("%s: %s", name, err.text);
    const cJSON *ids = cJSON_GetObjectItem(variant, "ids")->child;
    const cJSON *spans = cJSON_GetObjectItem(variant, "spans")->child;
    const cJSON *which = cJSON_GetObjectItem(variant, "which")->child;
    const cJSON *texts = cJSON_GetObjectItem(variant, "texts");
    const cJSON *decoded = texts ? texts->child : NULL;
    assert_non_null(which);
    for (; which; which = which->next, ids = ids->next, spans = spans->next) {
        Buf text = golden_string(cJSON_GetArrayItem(strings, which->valueint));
        TokenList list = encode_n(tok, text.bytes, text.size, &arena);
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
    cJSON *golden = read_json(path, &arena);
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
    const char *path = shared_path(&arena, "models/stories260K/tokenizer.json");
    if (!file_exists(path)) {
        arena_free(&arena);
        skip();
    }
    Tokenizer *tok = tok_load(path, &arena, &err);
    if (!tok)
        fail_msg("%s", err.text);
    cJSON *golden = read_json(GOLDEN "stories260K.json", &arena);
    const cJSON *ids = cJSON_GetObjectItem(golden, "ids")->child;
    const cJSON *spans = cJSON_GetObjectItem(golden, "spans")->child;
    const cJSON *texts = cJSON_GetObjectItem(golden, "texts")->child;
    const cJSON *entry = cJSON_GetObjectItem(golden, "strings")->child;
    for (; entry; entry = entry->next) {
        Buf text = golden_string(entry);
        TokenList list = encode_n(tok, text.bytes, text.size, &arena);
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
    const char *path = shared_path(&arena, "models/gpt-nano-sort/tokenizer.json");
    if (!file_exists(path)) {
        arena_free(&arena);
        skip();
    }
    Tokenizer *tok = tok_load(path, &arena, &err);
    if (!tok)
        fail_msg("%s", err.text);
    TokenList list = encode(tok, "ABCBAB", &arena);
    assert_ids(&list, (int32_t[]){0, 1, 2, 1, 0, 1}, 6);
    assert_int_equal(list.token[5].start, 5);
    assert_int_equal(list.token[5].end, 6);
    Buf text = {0};
    tok_decode(tok, ids_of(&list, &arena), list.count, true, &text);
    assert_string_equal(buf_cstr(&text), "ABCBAB");
    buf_free(&text);
    tok_free(tok);
    arena_free(&arena);
}

/* ---- Small files ---- */

/* The bytes of 한 (ED 95 9C) are í ķ ľ in the alphabet, "Ġ" is the space, "Ċ" the line feed. */
#define TINY                                                                                       \
    "{\"version\":\"1.0\",\"added_tokens\":[{\"id\":9,\"content\":\"<s>\",\"special\":true},"      \
    "{\"id\":10,\"content\":\"né\"}],\"normalizer\":null,"                                        \
    "\"pre_tokenizer\":{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"use_regex\":false},"   \
    "\"post_processor\":null,\"decoder\":{\"type\":\"ByteLevel\"},\"model\":{\"type\":\"BPE\","    \
    "\"vocab\":{\"a\":0,\"b\":1,\"ab\":2,\"Ġ\":3,\"Ġa\":4,\"í\":5,\"ķ\":6,\"ľ\":7,\"Ċ\":8}," \
    "\"merges\":[\"a b\",[\"Ġ\",\"a\"]]}}"

#define WORDS                                                                                      \
    "{\"added_tokens\":[{\"id\":3,\"content\":\"[S]\",\"special\":true}],"                         \
    "\"pre_tokenizer\":{\"type\":\"WhitespaceSplit\"},"                                            \
    "\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"one\":0,\"two\":1,\"한국\":2}}}"

static void test_vocabulary(void **state) {
    (void)state;
    Arena arena = {0};
    Tokenizer *tok = load_good(TINY, &arena);
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
    Tokenizer *tok = load_good("{\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"b\":7,\"a\":3,"
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
    Tokenizer *tok = load_good("{\"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":{\"Regex\":"
                               "\".\"}},\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"a\":0,"
                               "\"\xef\xbf\xbd\":1}}}",
                               &arena);
    TokenList list = encode(tok,
                            "a\xed\x95"
                            "a\xff\xff",
                            &arena);
    assert_ids(&list, (int32_t[]){0, 1, 0, 1, 1}, 5);
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
    Tokenizer *tok = load_good("{\"normalizer\":{\"type\":\"NFC\"},\"pre_tokenizer\":{\"type\":"
                               "\"Split\",\"pattern\":{\"Regex\":\".\"}},\"model\":{\"type\":"
                               "\"WordLevel\",\"vocab\":{\"a\":0,\"é\":1}}}",
                               &arena);
    TokenList list = encode(tok,
                            "ae\xcc\x81"
                            "a",
                            &arena);
    assert_ids(&list, (int32_t[]){0, 1, 0}, 3);
    assert_int_equal(list.token[1].start, 1);
    assert_int_equal(list.token[1].end, 4);
    assert_int_equal(list.token[2].start, 4);
    tok_free(tok);
    arena_free(&arena);
}

static void test_template(void **state) {
    (void)state;
    Arena arena = {0};
    Err err = {0};
    Tokenizer *tok = load_good(
        "{\"added_tokens\":[{\"id\":3,\"content\":\"[S]\",\"special\":true}],\"post_processor\":"
        "{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"x\"}},"
        "{\"Sequence\":{\"id\":\"A\"}}],\"special_tokens\":{\"x\":{\"ids\":[3]}}},"
        "\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"one\":0}}}",
        &arena);
    TokenList list = encode(tok, "one", &arena);
    assert_ids(&list, (int32_t[]){3, 0}, 2);
    assert_true(list.token[0].added);
    assert_false(list.token[1].added);
    assert_int_equal(list.token[1].end, 3);
    list = encode(tok, "", &arena);
    assert_ids(&list, (int32_t[]){3}, 1);
    assert_true(tok_encode(tok, "one", 3, false, &arena, &list, &err));
    assert_ids(&list, (int32_t[]){0}, 1);
    tok_free(tok);
    arena_free(&arena);
}

static void test_decode(void **state) {
    (void)state;
    Arena arena = {0};
    Buf text = {0};
    Tokenizer *tok = load_good(WORDS, &arena);
    tok_decode(tok, (int32_t[]){0, 3, 99, 2}, 4, true, &text); /* no decoder: spaces between */
    assert_string_equal(buf_cstr(&text), "one 한국");
    buf_clear(&text);
    tok_decode(tok, (int32_t[]){0, 3, 2}, 3, false, &text);
    assert_string_equal(buf_cstr(&text), "one [S] 한국");
    tok_free(tok);
    tok = load_good(TINY, &arena);
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
    Tokenizer *tok = load_good(TINY, &arena);
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
    Tokenizer *tok = load_good(TINY, &arena);
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
    Tokenizer *tok = load_good("{\"decoder\":{\"type\":\"Sequence\",\"decoders\":[{\"type\":"
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
    Tokenizer *tok = load_good(json.bytes, &arena);
    char *word = memset(arena_alloc(&arena, SIZE + 1), 'a', SIZE);
    TokenList list = encode_n(tok, word, SIZE, &arena);
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
    Tokenizer *tok = load_json(json, &arena, &err);
    char *text = memset(arena_alloc(&arena, SIZE + 1), ' ', SIZE);
    text[SIZE - 1] = 'a';
    TokenList list = encode_n(tok, text, SIZE, &arena); /* all spaces but one are a word */
    assert_int_equal(list.count, SIZE - 1);
    assert_int_equal(list.token[SIZE - 2].id, 4);
    for (size_t i = 0; i < SIZE; i += 2)
        text[i] = 'b';
    list = encode_n(tok, text, SIZE, &arena);
    assert_int_equal(list.count, SIZE);
    cJSON_Delete(json);
    tok_free(tok);
    arena_free(&arena);
}

/* ---- Wrong files ---- */

static void expect_error(const Err *err, const char *what, const char *const wanted[3]) {
    for (int i = 0; i < 3 && wanted[i]; i++)
        if (!strstr(err->text, wanted[i]))
            fail_msg("%s: the message \"%s\" does not say \"%s\"", what, err->text, wanted[i]);
    assert_non_null(strstr(err->text, "t.json"));
}

/* Puts a value at a path like "added_tokens.0.id"; a field that is not there is added. */
static void set_at(cJSON *json, const char *path, const char *value) {
    const char *dot = strchr(path, '.');
    char name[64];
    snprintf(name, sizeof name, "%.*s", dot ? (int)(dot - path) : 63, path);
    bool in_list = cJSON_IsArray(json);
    if (dot) {
        cJSON *inner = in_list ? cJSON_GetArrayItem(json, atoi(name))
                               : cJSON_GetObjectItemCaseSensitive(json, name);
        assert_non_null(inner);
        set_at(inner, dot + 1, value);
        return;
    }
    cJSON *item = cJSON_Parse(value);
    assert_non_null(item);
    if (in_list)
        assert_true(cJSON_ReplaceItemInArray(json, atoi(name), item));
    else if (cJSON_GetObjectItemCaseSensitive(json, name))
        assert_true(cJSON_ReplaceItemInObjectCaseSensitive(json, name, item));
    else
        assert_true(cJSON_AddItemToObject(json, name, item));
}

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
        set_at(json, WRONG[i].path, WRONG[i].value);
        if (load_json(json, &arena, &err))
            fail_msg("%s = %s is accepted", WRONG[i].path, WRONG[i].value);
        expect_error(&err, WRONG[i].path, WRONG[i].wanted);
        cJSON_Delete(json);
        arena_free(&arena);
    }
}

static void expect_refused(const char *text, size_t size, const char *wanted) {
    Arena arena = {0};
    Err err = {0};
    assert_null(tok_load_text(text, size, "t.json", &arena, &err));
    expect_error(&err, wanted, (const char *const[3]){wanted});
    arena_free(&arena);
}

static void test_broken_json(void **state) {
    (void)state;
    for (size_t size = 0; size < strlen(TINY); size++)
        expect_refused(TINY, size, "t.json");
    expect_refused("[]", 2, "a list, expected an object");
    expect_refused("{}", 2, "model is absent");
    expect_refused("\"\xff\"", 3, "byte 1 is no UTF-8");
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

static void expect_encode_error(const char *json, const char *text, const char *const wanted[3]) {
    Arena arena = {0};
    Err err = {0};
    TokenList list;
    Tokenizer *tok = load_good(json, &arena);
    assert_false(tok_encode(tok, text, strlen(text), true, &arena, &list, &err));
    expect_error(&err, text, wanted);
    assert_int_equal(list.count, 0);
    tok_free(tok);
    arena_free(&arena);
}

static void test_unknown_words(void **state) {
    (void)state;
    expect_encode_error(WORDS, "one three two",
                        (const char *const[3]){"\"three\"", "byte 4", "no unk_token"});
    expect_encode_error(TINY, "ab\nc", (const char *const[3]){"\"c\"", "byte 3"});
    expect_encode_error("{\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"a\":0},\"unk_token\":"
                        "\"<unk>\"}}",
                        "b", (const char *const[3]){"\"b\"", "\"<unk>\""});
}

static void test_too_long(void **state) {
    (void)state;
    Arena arena = {0};
    Err err = {0};
    TokenList list;
    Tokenizer *tok = load_good(WORDS, &arena);
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
        Tokenizer *tok = load_good(json, &arena);
        assert_false(tok_encode(tok, text, 3000, true, &arena, &list, &err));
        expect_error(&err, HOSTILE[i],
                     (const char *const[3]){"pre_tokenizer.pattern", "too many steps"});
        tok_free(tok);
        arena_free(&arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gpt2_golden),
        cmocka_unit_test(test_small_golden),
        cmocka_unit_test(test_kinds_golden),
        cmocka_unit_test(test_stories_golden),
        cmocka_unit_test(test_nano_sort),
        cmocka_unit_test(test_vocabulary),
        cmocka_unit_test(test_ids_with_gaps),
        cmocka_unit_test(test_invalid_utf8_offsets),
        cmocka_unit_test(test_composed_offsets),
        cmocka_unit_test(test_template),
        cmocka_unit_test(test_decode),
        cmocka_unit_test(test_stream_holds_back),
        cmocka_unit_test(test_labels),
        cmocka_unit_test(test_labels_of_parts),
        cmocka_unit_test(test_long_word),
        cmocka_unit_test(test_long_text),
        cmocka_unit_test(test_wrong_fields),
        cmocka_unit_test(test_broken_json),
        cmocka_unit_test(test_deep_json),
        cmocka_unit_test(test_missing_file),
        cmocka_unit_test(test_unknown_words),
        cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_hostile_expressions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
