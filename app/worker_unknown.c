#include "app/worker_unknown.h"

#include <string.h>

/* The tokenizer does not tell its unknown token: it is the one that a character without a meaning
 * (the last of Unicode's private ones) becomes. -1: there is none, every byte has a token. */
static int32_t unknown_id(const Tokenizer *tok, Arena *arena) {
    static const char nothing[] = "\xF4\x8F\xBF\xBD";
    TokenList list;
    Err err;
    if (!tok_encode(tok, nothing, sizeof nothing - 1, false, arena, &list, &err) || list.count != 1)
        return -1;
    return list.token[0].id;
}

static bool says(const Tokenizer *tok, int32_t id, const char *text, size_t size) {
    Buf own = {0};
    tok_decode(tok, &id, 1, false, &own);
    bool same = own.size == size && memcmp(buf_cstr(&own), text, size) == 0;
    buf_free(&own);
    return same;
}

const char **unknown_texts(const Tokenizer *tok, const char *text, const TokenList *list,
                           Arena *arena) {
    const char **typed = ARENA_NEW_N(arena, const char *, list->count);
    int32_t unknown = unknown_id(tok, arena);
    for (size_t i = 0; i < list->count; i++) {
        const Token *token = &list->token[i];
        size_t size = token->end - token->start;
        typed[i] = NULL;
        if (token->id != unknown || token->added || says(tok, unknown, text + token->start, size))
            continue;
        typed[i] = arena_copy_bytes(arena, text + token->start, size);
    }
    return typed;
}

bool unknown_any(const char *const *typed, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (typed[i])
            return true;
    return false;
}
