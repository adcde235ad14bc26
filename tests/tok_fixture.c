#include "tests/tok_fixture.h"

#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/text/internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

char *tokfix_shared(Arena *arena, const char *name) {
    const char *folder = getenv("ATTNSCOPE_SHARED");
    return file_join(arena, folder ? folder : "../shared", name);
}

cJSON *tokfix_read_json(const char *path, Arena *arena) {
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

Buf tokfix_golden(const cJSON *entry) {
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

void tokfix_patch(cJSON *json, const cJSON *patch) {
    for (const cJSON *item = patch->child; item; item = item->next) {
        cJSON *model = cJSON_GetObjectItemCaseSensitive(json, "model");
        if (strcmp(item->string, "model") == 0)
            tokfix_patch(model, item);
        else if (cJSON_GetObjectItemCaseSensitive(json, item->string))
            cJSON_ReplaceItemInObjectCaseSensitive(json, item->string, cJSON_Duplicate(item, true));
        else
            cJSON_AddItemToObject(json, item->string, cJSON_Duplicate(item, true));
    }
}

Tokenizer *tokfix_load_json(const cJSON *json, Arena *arena, Err *err) {
    char *text = cJSON_PrintUnformatted(json);
    Tokenizer *tok = tok_load_text(text, strlen(text), "t.json", arena, err);
    cJSON_free(text);
    return tok;
}

Tokenizer *tokfix_load(const char *text, Arena *arena) {
    Err err = {0};
    Tokenizer *tok = tok_load_text(text, strlen(text), "t.json", arena, &err);
    if (!tok)
        fail_msg("%s", err.text);
    return tok;
}

TokenList tokfix_encode_n(const Tokenizer *tok, const char *text, size_t size, Arena *arena) {
    Err err = {0};
    TokenList list;
    if (!tok_encode(tok, text, size, true, arena, &list, &err))
        fail_msg("%s", err.text);
    return list;
}

TokenList tokfix_encode(const Tokenizer *tok, const char *text, Arena *arena) {
    return tokfix_encode_n(tok, text, strlen(text), arena);
}

int32_t *tokfix_ids(const TokenList *list, Arena *arena) {
    int32_t *ids = ARENA_NEW_N(arena, int32_t, list->count);
    for (size_t i = 0; i < list->count; i++)
        ids[i] = list->token[i].id;
    return ids;
}

void tokfix_assert_ids(const TokenList *list, const int32_t *expected, size_t count) {
    assert_int_equal(list->count, count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(list->token[i].id, expected[i]);
}

/* Puts a value at a path like "added_tokens.0.id"; a field that is not there is added. */
void tokfix_set(cJSON *json, const char *path, const char *value) {
    const char *dot = strchr(path, '.');
    char name[64];
    snprintf(name, sizeof name, "%.*s", dot ? (int)(dot - path) : 63, path);
    bool in_list = cJSON_IsArray(json);
    if (dot) {
        cJSON *inner = in_list ? cJSON_GetArrayItem(json, atoi(name))
                               : cJSON_GetObjectItemCaseSensitive(json, name);
        assert_non_null(inner);
        tokfix_set(inner, dot + 1, value);
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

void tokfix_expect_error(const Err *err, const char *what, const char *const wanted[3]) {
    for (int i = 0; i < 3 && wanted[i]; i++)
        if (!strstr(err->text, wanted[i]))
            fail_msg("%s: the message \"%s\" does not say \"%s\"", what, err->text, wanted[i]);
    assert_non_null(strstr(err->text, "t.json"));
}

void tokfix_expect_encode_error(const char *json, const char *text, const char *const wanted[3]) {
    Arena arena = {0};
    Err err = {0};
    TokenList list;
    Tokenizer *tok = tokfix_load(json, &arena);
    assert_false(tok_encode(tok, text, strlen(text), true, &arena, &list, &err));
    tokfix_expect_error(&err, text, wanted);
    assert_int_equal(list.count, 0);
    tok_free(tok);
    arena_free(&arena);
}
