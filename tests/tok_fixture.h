/* tok_fixture: what the tests of the tokenizer share. Each helper fails the running test when
 * something is not as it should be. */
#ifndef TESTS_TOK_FIXTURE_H
#define TESTS_TOK_FIXTURE_H

#include "engine/text/tokenizer.h"

#include <cjson/cJSON.h>

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

/* A file of the shared folder. */
char *tokfix_shared(Arena *arena, const char *name);

cJSON *tokfix_read_json(const char *path, Arena *arena);
/* A golden string: {"text": …} or, where it is not valid UTF-8 or has a NUL, {"hex": …}. */
Buf tokfix_golden(const cJSON *entry);
/* Puts a variant's fields in the place of the file's; those of the model one by one. */
void tokfix_patch(cJSON *json, const cJSON *patch);

/* Loads "t.json"; NULL and the message if it is refused. */
Tokenizer *tokfix_load_json(const cJSON *json, Arena *arena, Err *err);
/* Loads a text that must be good. */
Tokenizer *tokfix_load(const char *text, Arena *arena);

TokenList tokfix_encode_n(const Tokenizer *tok, const char *text, size_t size, Arena *arena);
TokenList tokfix_encode(const Tokenizer *tok, const char *text, Arena *arena);
int32_t *tokfix_ids(const TokenList *list, Arena *arena);
void tokfix_assert_ids(const TokenList *list, const int32_t *expected, size_t count);

/* Puts a value at a path like "added_tokens.0.id"; a field that is not there is added. */
void tokfix_set(cJSON *json, const char *path, const char *value);

/* The message has each of the texts (NULL: no more), and the file's name. */
void tokfix_expect_error(const Err *err, const char *what, const char *const wanted[3]);
/* Loads, and the text can't be encoded. */
void tokfix_expect_encode_error(const char *json, const char *text, const char *const wanted[3]);

#endif
