/* What the files of engine/text share: the parts of a Tokenizer, and text on its way through them.
 *
 * tokenizer.c  loads the file, answers what is in it
 * vocab.c      pieces <-> ids
 * added.c      added tokens: loads them, cuts them out of the text
 * normalize.c  Unicode forms and lower case, with offsets kept
 * pretokenize.c  cuts text into words
 * bpe.c        cuts a word into pieces
 * postprocess.c  the tokens that frame a text (BOS)
 * encode.c     one after the other
 * decode.c     back again
 * labels.c     what a reader sees */
#ifndef TEXT_INTERNAL_H
#define TEXT_INTERNAL_H

#include "engine/base/json.h"
#include "engine/text/pattern.h"
#include "engine/text/tokenizer.h"

#define TOK_MOST_ID (1 << 24)
#define TOK_MOST_STAGES 64
#define TOK_MOST_NESTED 16
#define TOK_ALPHABET_END 324 /* one more than the highest character that stands for a byte */
#define TOK_MOST_TEXT ((size_t)8 << 20)

/* ---- The vocabulary ---- */

typedef struct {
    const char *piece;
    size_t size;
    int32_t id;
    bool in_model; /* the model can make it; false: only as an added token */
    bool added;
    bool special;
} TokEntry;

typedef struct {
    TokEntry *entry; /* by rising id */
    size_t count;
    uint32_t *slot; /* hash of a piece -> 1 + its index in `entry`; 0: free */
    size_t slot_mask;
} TokVocab;

/* Sorts, and makes the table. Two of one id or of one spelling are an error. */
bool tok_vocab_build(TokVocab *vocab, const char *where, Arena *arena, Err *err);
bool tok_vocab_load(TokVocab *vocab, const cJSON *json, const char *where, Arena *arena, Err *err);
TokEntry *tok_vocab_by_id(const TokVocab *vocab, int32_t id);
TokEntry *tok_vocab_by_piece(const TokVocab *vocab, const char *piece, size_t size);
/* The id that the model gives a piece; -1: none. */
int32_t tok_model_id(const TokVocab *vocab, const char *piece, size_t size);

/* ---- Text on its way ---- */

#define TOK_IS_TEXT (-1)

/* A stretch of text. from[i] says which bytes of the original text byte i stands for; the bytes of
 * one character all say the whole character. */
typedef struct {
    const char *bytes;
    const TokSpan *from;
    size_t size;
    int32_t id; /* of the added token that it is, or TOK_IS_TEXT */
} TokPiece;

typedef struct {
    TokPiece *item;
    size_t count, capacity;
} TokPieces;

void tok_pieces_add(TokPieces *pieces, TokPiece piece, Arena *arena);
TokPiece tok_piece_part(const TokPiece *piece, size_t start, size_t end);

/* New text that is put together from old; tok_text_take moves it to the arena and empties it. */
typedef struct {
    Buf bytes, from;
} TokText;

void tok_text_add(TokText *text, const char *bytes, size_t size, TokSpan from);
TokPiece tok_text_take(TokText *text, Arena *arena);

/* ---- The stages ---- */

typedef enum { TOK_NFC, TOK_NFD, TOK_NFKC, TOK_NFKD, TOK_LOWERCASE } TokNormalizer;

typedef enum {
    TOK_REMOVED,
    TOK_ISOLATED,
    TOK_MERGED_WITH_PREVIOUS,
    TOK_MERGED_WITH_NEXT,
    TOK_CONTIGUOUS
} TokBehavior;

/* One pre-tokenizer. Every kind is some of these three, in this order. */
typedef struct {
    bool prefix_space;   /* a text that starts with none is given a space */
    Pattern *pattern;    /* cut at its matches, */
    const char *literal; /* or at each place of this text; both NULL: not cut */
    TokBehavior behavior;
    bool invert;   /* the rest is the match */
    bool to_bytes; /* each byte becomes the character that stands for it */
} TokSplit;

typedef struct {
    uint64_t pair; /* left id << 32 | right id; all ones: free */
    int32_t rank, result;
} TokMerge;

typedef struct {
    const char *content; /* as it stands in the text, normalized if it is to be */
    size_t size;
    int32_t id;
    bool single_word, lstrip, rstrip, normalized;
} TokAdded;

typedef enum { TOK_JOIN_WITH_SPACES, TOK_JOIN, TOK_JOIN_BYTES } TokDecoder;

struct Tokenizer {
    Arena *arena;
    const char *file; /* for messages */
    TokVocab vocab;
    bool is_bpe; /* else WordLevel */
    int32_t unk; /* -1: none */
    const char *unk_name;

    bool fuse_unk, ignore_merges;
    TokMerge *merge; /* a hash table */
    size_t merge_mask;

    TokAdded *added;        /* by first byte, longest first */
    size_t added_from[257]; /* those that start with byte b: added_from[b] … added_from[b + 1] */

    TokNormalizer normalizer[TOK_MOST_STAGES];
    size_t normalizer_count;
    TokSplit split[TOK_MOST_STAGES];
    size_t split_count;

    bool trim_offsets; /* offsets leave out the spaces at a token's ends */
    bool has_template;
    int32_t *template; /* ids, and once TOK_IS_TEXT where the text goes */
    size_t template_count;

    TokDecoder decoder;
    uint16_t char_of_byte[256];
    int16_t byte_of_char[TOK_ALPHABET_END]; /* -1: stands for no byte */

    int open_sequences; /* while loading: how deep Sequences are nested */
};

/* The same as tok_load, for text in memory. `file` is for messages. */
Tokenizer *tok_load_text(const char *text, size_t size, const char *file, Arena *arena, Err *err);

/* Loaders: `where` is "file: field", `json` may be NULL or null where that means "none". */
bool tok_added_load(Tokenizer *tok, const cJSON *json, const char *where, Err *err);
bool tok_normalizer_load(Tokenizer *tok, const cJSON *json, const char *where, Err *err);
bool tok_pretokenizer_load(Tokenizer *tok, const cJSON *json, const char *where, Err *err);
bool tok_bpe_load(Tokenizer *tok, const cJSON *model, const char *where, Err *err);
bool tok_postprocessor_load(Tokenizer *tok, const cJSON *json, const char *where, Err *err);
bool tok_decoder_load(Tokenizer *tok, const cJSON *json, const char *where, Err *err);
void tok_byte_alphabet(Tokenizer *tok);

/* "where: field is …, expected …" */
bool tok_wrong(const cJSON *found, const char *field, const char *where, const char *expected,
               Err *err);
/* The "type" of an object that is neither NULL nor null. */
bool tok_type(const cJSON *json, const char *where, const char **type, Err *err);
/* A field that must be a list (is_list) or an object. */
bool tok_field(const cJSON *json, const char *field, bool is_list, const char *where,
               const cJSON **found, Err *err);
/* Calls `load` for each item of a Sequence's list. */
typedef bool TokLoad(Tokenizer *tok, const cJSON *json, const char *where, Err *err);
bool tok_sequence(Tokenizer *tok, const cJSON *json, const char *field, const char *where,
                  TokLoad *load, Err *err);
bool tok_too_many(const char *where, Err *err);

bool tok_is_space(uint32_t code); /* Unicode's White_Space */

/* Runners. Each takes and gives pieces; those that are added tokens pass through. */
void tok_cut_added(const Tokenizer *tok, bool normalized, TokPieces *pieces, Arena *scratch);
void tok_normalize(const Tokenizer *tok, TokPieces *pieces, Arena *scratch);
bool tok_pretokenize(const Tokenizer *tok, TokPieces *pieces, Arena *scratch, Err *err);

/* A word's tokens, as ids and the bytes of the piece that each covers. */
typedef struct {
    int32_t id;
    TokSpan span;
} TokPart;

typedef struct TokBpe TokBpe; /* room for the work, used again for each word */
TokBpe *tok_bpe_new(const Tokenizer *tok, Arena *scratch);
/* `parts` stays valid until the next call. */
bool tok_bpe_word(TokBpe *bpe, const TokPiece *word, const TokPart **parts, size_t *count,
                  Err *err);
bool tok_unknown(const Tokenizer *tok, const TokPiece *word, TokSpan span, Err *err);

/* The bytes of the text that an id stands for; nothing for an id that is not in the vocabulary. */
void tok_bytes(const Tokenizer *tok, int32_t id, Buf *bytes);

#endif
