/* prompt: a text made what a model reads: ids, and where the family has them token types, padding,
 * an encoder's source and a decoder's beginning. Everything lies in the arena that is given. */
#ifndef RUN_PROMPT_H
#define RUN_PROMPT_H

#include "engine/run/run.h"

/* A text of `size` bytes, any bytes; NULL: there is none. */
typedef struct {
    const char *text;
    size_t size;
} PromptPart;

typedef struct {
    PromptPart text;   /* of two stacks the source */
    PromptPart second; /* the second text of a pair (BERT) */
    PromptPart target; /* of two stacks what the decoder is given, behind its first token */
    size_t pad_to;     /* at least so many tokens, filled up with the padding token; 0: none */
} Prompt;

/* The model's tokenizer turns text into ids, with the special tokens that its file adds. A decoder
 * beside an encoder begins with its start token. `list` receives the tokens of `text` (with their
 * places in it) and may be NULL. False where there is no tokenizer, no token, or no padding token;
 * where the model can't take a second text or a target. */
bool prompt_encode(const Model *model, const Prompt *prompt, Arena *arena, RunText *out,
                   TokenList *list, Err *err);

/* Whether the text gives no token at all, not even one that the tokenizer adds. */
bool prompt_is_empty(const Model *model, const Prompt *prompt);

/* The same from ids: `own` as they are, or `source` and, behind the start token, `own`. */
bool prompt_ids(const Model *model, const int32_t *ids, size_t count, const int32_t *own,
                size_t own_count, size_t pad_to, Arena *arena, RunText *out, Err *err);

/* The words (between white space) in another order, the same for the same seed, with a space
 * between; what is left of the text are its words alone. */
const char *prompt_shuffle(const char *text, size_t *size, uint64_t seed, Arena *arena);

/* Lets the decoder of two stacks go on greedily, at most `most` tokens, not beyond its end token nor
 * the length that it was trained for, so that a trace shows what it says. The end token itself is not
 * among them. */
bool prompt_continue(const Model *model, size_t most, ThreadPool *pool, Arena *arena, RunText *text,
                     Err *err);

#endif
