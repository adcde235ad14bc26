#include "engine/text/words.h"

#include "engine/base/utf8.h"

#include <string.h>
#include <utf8proc.h>

static bool is_letter(const char *text, size_t size) {
    Utf8Char c = utf8_next(text, size);
    switch (utf8proc_category((utf8proc_int32_t)c.code)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ND: return true;
    default: return false;
    }
}

/* Whether two tokens meet inside a word: a letter or digit on both sides. */
static bool meet_inside(const char *text, const Token *before, const Token *token) {
    if (!text || before->end != token->start || token->start >= token->end ||
        before->start >= before->end)
        return false;
    size_t last = before->end - 1;
    while (last > before->start && ((unsigned char)text[last] & 0xC0) == 0x80)
        last--;
    return is_letter(text + last, before->end - last) &&
           is_letter(text + token->start, token->end - token->start);
}

static bool goes_on(const Tokenizer *tok, const char *text, const Token *before,
                    const Token *token) {
    const char *piece = tok ? tok_piece(tok, token->id) : NULL;
    return (piece && strncmp(piece, "##", 2) == 0 && piece[2]) || meet_inside(text, before, token);
}

static void trim_spaces(const char *text, TokWord *word) {
    while (text && word->start < word->end &&
           (text[word->start] == ' ' || text[word->start] == '\n'))
        word->start++;
}

size_t tok_words(const Tokenizer *tok, const char *text, const TokenList *list, Arena *arena,
                 TokWord **words) {
    size_t count = 0;
    TokWord *word = *words = ARENA_NEW_N(arena, TokWord, list->count);
    for (size_t i = 0; i < list->count; i++) {
        const Token *token = &list->token[i];
        if (token->added)
            continue;
        bool follows = count > 0 && word[count - 1].last == i;
        if (follows && goes_on(tok, text, &list->token[i - 1], token)) {
            word[count - 1].last++;
            word[count - 1].end = token->end;
            continue;
        }
        word[count] = (TokWord){i, i + 1, token->start, token->end};
        trim_spaces(text, &word[count++]);
    }
    return count;
}
