/* tok_steps: how a text becomes ids, step by step, for a reader who wants to walk the way: the text,
 * what each normalizer and pre-tokenizer made of it, and for each word what the model did.
 *
 * The steps are taken down by the encoder itself while it encodes (tok_encode is the same code
 * without the notes), so what they show can't differ from what it did:
 *   BPE        the word as symbols, then each merge: of the pairs that have a rule, the one whose
 *              rule stands first in the file's list (Sennrich et al. 2016)
 *   WordPiece  each candidate, the longest first, until the vocabulary has one
 *   Unigram    each piece that fits, from left to right:
 *                  best[end] = max over pieces (best[start] + score of the piece [start, end))
 *              and then the best way read from its end (Viterbi 1967)
 *   WordLevel  the word is looked up
 *
 * A word is what the model is given: its bytes may be other than the text's ("Ġcat"). Spans count
 * bytes of the word where a word is meant, and bytes of the text as it was given elsewhere.
 *
 * Everything lives in the arena that was given, but the vocabulary's own texts, which are the
 * Tokenizer's. */
#ifndef TEXT_TOK_STEPS_H
#define TEXT_TOK_STEPS_H

#include "engine/text/pattern.h"
#include "engine/text/tokenizer.h"

/* The longest text, and the longest word that normalizers may make of it. A longer one is for no
 * reader; its merges and their rivals would take time in the square of its length. */
#define TOK_STEPS_TEXT ((size_t)8 << 10)
#define TOK_STEPS_MOST ((size_t)1 << 17)

typedef enum { TOK_BPE, TOK_WORD_PIECE, TOK_UNIGRAM, TOK_WORD_LEVEL } TokModelKind;

/* Which arguments a step has stands behind its kind. */
typedef enum {
    TOK_STEP_TEXT,      /* row: the text, as one stretch */
    TOK_STEP_ADDED,     /* row: texts of added tokens ("<|endoftext|>") are cut out */
    TOK_STEP_NORMALIZE, /* row, name: a normalizer changed it. One that changes nothing is no step */
    TOK_STEP_SPLIT,     /* row, name: a pre-tokenizer cut it into words, or spelled it anew */
    TOK_STEP_SYMBOLS,   /* BPE: the word as its characters; see tok_steps_symbols */
    TOK_STEP_MERGE,     /* BPE: merge; span: of the new symbol; id: its */
    TOK_STEP_TRY,       /* WordPiece: name: the candidate as it is spelled ("##ing"); span; id */
    TOK_STEP_OFFER,     /* Unigram: offer; span; id */
    TOK_STEP_BACK,      /* Unigram: the piece that ends the best way to span.end: span; id; offer */
    TOK_STEP_LOOKUP,    /* WordLevel, and BPE that ignores merges: the whole word: span; id */
    TOK_STEP_UNKNOWN, /* span has no piece; id: the token in its place, −1: the tokens of its bytes */
    TOK_STEP_PIECES, /* tokens: the word's */
    TOK_STEP_TOKENS, /* tokens: all words' in a row */
    TOK_STEP_FRAME   /* tokens: with those that the post-processor puts round them */
} TokStepKind;

typedef struct {
    const char *bytes;
    size_t size;
    TokSpan from; /* the bytes of the text that it stands for */
    int32_t id;   /* of the added token that it is; −1: text */
} TokStretch;

typedef struct {
    const TokStretch *item;
    size_t count;
} TokRow;

/* Two neighbours that a rule merges. */
typedef struct {
    int32_t left, right, result; /* ids */
    int32_t rank;                /* of the rule in the list of merges, from 0: lower goes first */
    TokSpan span;                /* of both */
    size_t middle;               /* where the right one starts */
} TokPair;

enum { TOK_STEP_PAIRS = 4 };
typedef struct {
    TokPair pair[TOK_STEP_PAIRS]; /* the one that was merged, then the best of the others */
    size_t count;                 /* of those in `pair` */
    size_t present;               /* pairs that had a rule at that moment */
} TokMergeStep;

typedef struct {
    double before; /* best[start] */
    double score;  /* the piece's own: the logarithm of its probability */
    double total;  /* before + score */
    double was;    /* best[end] until then, */
    bool reached;  /* if there was a way to it */
    bool better;   /* best[end] is `total` now */
} TokOffer;

typedef struct {
    TokStepKind kind;
    int word;         /* index into TokSteps.word; −1: the step is about the whole text */
    const char *name; /* NULL: has none */
    TokSpan span;
    int32_t id; /* −1: none */
    union {
        TokRow row;
        TokMergeStep merge;
        TokOffer offer;
        TokenList tokens;
    } of;
} TokStep;

/* A symbol of BPE stands from one step to another, in which it is merged. */
typedef struct {
    int32_t id;
    TokSpan span;
    size_t from_step, to_step; /* SIZE_MAX: to the word's end */
} TokSymbol;

typedef struct {
    TokStretch text;     /* id: it is an added token, and the model is not asked */
    const TokSpan *from; /* [size] for each byte the bytes of the text */
    size_t first, count; /* its steps, the last one TOK_STEP_PIECES */
    TokSymbol *symbol;   /* BPE: all that there ever are, by start */
    size_t symbol_count;
} TokStepWord;

typedef struct {
    TokModelKind model;
    const char *continuation; /* WordPiece's "##"; else "" */
    TokStep *step;
    size_t count; /* 0 for an empty text without a frame */
    TokStepWord *word;
    size_t word_count;
    TokenList tokens; /* tok_encode's */
    size_t *settled;  /* for each token the step that decided it */
} TokSteps;

/* Fails as tok_encode does, and for a text or a word beyond TOK_STEPS_TEXT or more than
 * TOK_STEPS_MOST steps. */
bool tok_steps(const Tokenizer *tok, const char *text, size_t size, bool add_special, Arena *arena,
               TokSteps *steps, Err *err);

/* BPE: the symbols that stand when step number `step` of the word is done, from left to right; gives
 * how many. `symbol` has room for symbol_count. */
size_t tok_steps_symbols(const TokStepWord *word, size_t step, TokSymbol *symbol);

/* Unigram: the offer that leads best to byte `end` of the word when step number `step` is done; NULL:
 * none has come yet. */
const TokStep *tok_steps_best(const TokSteps *steps, size_t step, size_t end);

/* "merge", as it stands in files. */
const char *tok_step_name(TokStepKind kind);
const char *tok_model_name(TokModelKind kind);

#endif
