/* words: which tokens of a text are one word. */
#ifndef TEXT_WORDS_H
#define TEXT_WORDS_H

#include "engine/text/tokenizer.h"

/* A word of the text: the tokens [first, last) that it was cut into, and its bytes [start, end). */
typedef struct {
    size_t first, last;
    size_t start, end;
} TokWord;

/* The words of a text that was cut into `list`: a token goes on with the word before it where its
 * piece says so ("##ing"), or where they meet between two letters or digits. Tokens that were added
 * are in no word. Without a text (NULL) only the pieces tell, without a tokenizer (NULL) nothing does:
 * each token is a word. `words` receives them in the arena; returns how many. */
size_t tok_words(const Tokenizer *tok, const char *text, const TokenList *list, Arena *arena,
                 TokWord **words);

#endif
