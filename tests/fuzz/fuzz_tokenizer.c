/* A tokenizer.json that is anything at all: it loads or is refused, and a text that it takes comes
 * apart and together again, with offsets inside the text. `make fuzz` runs it. */
#include "engine/base/utf8.h"
#include "engine/text/internal.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A pair has the tokens of both texts, in one frame or another. */
static void use_pair(const Tokenizer *tok, const char *text, size_t size, Arena *arena) {
    Err err;
    TokenList pair;
    size_t half = size / 2;
    if (!tok_encode_pair(tok, text, half, text + half, size - half, true, arena, &pair, &err))
        return;
    for (size_t i = 0; i < pair.count; i++) {
        const Token *token = &pair.token[i];
        assert(token->text <= 1 && token->start <= token->end);
        assert(token->end <= (token->text ? size - half : half));
        assert(tok_piece(tok, token->id));
    }
}

/* The steps end in the same tokens, if they are not too many; a short text's are not. */
static void use_steps(const Tokenizer *tok, const char *text, size_t size, const TokenList *list,
                      Arena *arena) {
    Err err;
    TokSteps steps;
    if (!tok_steps(tok, text, size, true, arena, &steps, &err))
        return;
    assert(steps.tokens.count == list->count);
    assert(steps.count > 0 || (size == 0 && list->count == 0));
    for (size_t i = 0; i < list->count; i++) {
        assert(steps.tokens.token[i].id == list->token[i].id);
        assert(steps.settled[i] < steps.count);
    }
    for (size_t i = 0; i < steps.word_count; i++) {
        const TokStepWord *word = &steps.word[i];
        TokSymbol *symbol = ARENA_NEW_N(arena, TokSymbol, word->symbol_count);
        assert(word->count > 0 && word->first + word->count <= steps.count);
        size_t count = tok_steps_symbols(word, word->first + word->count - 1, symbol);
        assert(count == 0 || symbol[count - 1].span.end == word->text.size);
    }
}

static void use(const Tokenizer *tok, const char *text, size_t size, Arena *arena) {
    Err err;
    TokenList list;
    Buf decoded = {0};
    if (!tok_encode(tok, text, size, true, arena, &list, &err))
        return;
    int32_t *ids = ARENA_NEW_N(arena, int32_t, list.count);
    const char **labels = ARENA_NEW_N(arena, const char *, list.count);
    for (size_t i = 0; i < list.count; i++) {
        const Token *token = &list.token[i];
        assert(token->start <= token->end && token->end <= size);
        assert(tok_piece(tok, token->id) && token->id < tok_id_limit(tok));
        ids[i] = token->id;
    }
    tok_decode(tok, ids, list.count, false, &decoded);
    assert(utf8_valid(buf_cstr(&decoded), decoded.size));
    tok_labels(tok, ids, list.count, arena, labels);
    buf_free(&decoded);
    use_pair(tok, text, size, arena);
    use_steps(tok, text, size, &list, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char TEXT[] =
        " Hello, w\xc3\xb6rld <s> 12\n\xed\x95\x9c e\xcc\x81\xff\xf0\x9f aab ";
    Arena arena = {0};
    Err err;
    Tokenizer *tok = tok_load_text((const char *)data, size, "fuzz", &arena, &err);
    if (tok) {
        use(tok, TEXT, sizeof TEXT - 1, &arena);
        use(tok, (const char *)data, size < 500 ? size : 500, &arena);
    }
    tok_free(tok);
    arena_free(&arena);
    return 0;
}
