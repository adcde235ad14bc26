/* What the files of engine/text share: the parts of a Tokenizer, and text on its way through them.
 *
 * tokenizer.c    loads the file, answers what is in it
 * vocab.c        pieces <-> ids
 * added.c        added tokens: loads them, cuts them out of the text
 * match.c        what is looked for in a text: an expression or a fixed text
 * normalize.c    one normalizer after the other
 * forms.c        Unicode forms, lower case, accents
 * charsmap.c     SentencePiece's compiled table of replacements
 * pretokenize.c  which words a file wants
 * split.c        cuts text into them
 * bpe.c, wordpiece.c, unigram.c (with lattice.c)   cut a word into pieces, each in its way
 * postprocess.c  the tokens that frame one text or two (BOS, [CLS], [SEP])
 * encode.c       one after the other
 * tok_notes.c    takes down how, for tok_steps.c
 * decoder.c      a token's text
 * decode.c       a row of tokens' text, while it comes
 * labels.c       what a reader sees */
#ifndef TEXT_INTERNAL_H
#define TEXT_INTERNAL_H

#include "engine/base/json.h"
#include "engine/text/pattern.h"
#include "engine/text/tok_steps.h"

#define TOK_MOST_ID (1 << 24)
#define TOK_MOST_STAGES 64
#define TOK_MOST_NESTED 16
#define TOK_ALPHABET_END 324 /* one more than the highest character that stands for a byte */
#define TOK_MOST_TEXT ((size_t)8 << 20)
#define TOK_MOST_GROWTH 64 /* bytes that a normalizer or decoder may make of one */

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
    int32_t id;    /* of the added token that it is, or TOK_IS_TEXT */
    bool is_first; /* the text begins with it */
} TokPiece;

typedef struct {
    TokPiece *item;
    size_t count, capacity;
} TokPieces;

void tok_pieces_add(TokPieces *pieces, TokPiece piece, Arena *arena);
TokPiece tok_piece_part(const TokPiece *piece, size_t start, size_t end);

/* New text that is put together from old; tok_text_move gives it to the piece, in the arena. */
typedef struct {
    Buf bytes, from;
    size_t most;   /* bytes that it may have; 0: any number */
    bool too_long; /* more came, and was dropped */
} TokText;

/* For what becomes of the piece: a file from outside could make gigabytes of a word. */
TokText tok_text_from(const TokPiece *piece);
void tok_text_add(TokText *text, const char *bytes, size_t size, TokSpan from);
void tok_text_move(TokText *text, TokPiece *piece, Arena *arena);

/* ---- What is looked for in a text ---- */

typedef struct {
    Pattern *pattern;    /* an expression, */
    const char *literal; /* or a fixed text; both NULL: nothing is looked for */
} TokMatch;

/* Reads {"pattern": {"Regex": …}} or {"pattern": {"String": …}}. */
bool tok_match_load(Tokenizer *tok, const cJSON *json, const char *where, TokMatch *match,
                    Err *err);
bool tok_match_regex(Tokenizer *tok, const char *source, const char *where, TokMatch *match,
                     Err *err);
bool tok_match_find(const TokMatch *match, const TokPiece *piece, Arena *scratch, TokSpan **found,
                    size_t *count, Err *err);

/* ---- Normalizers ---- */

typedef struct TokNormalizer TokNormalizer;

/* Appends what becomes of the piece to `out`, and may stop once that is too long. Fails only where
 * an expression does. */
typedef bool TokNormalize(const TokNormalizer *step, const TokPiece *piece, Arena *scratch,
                          TokText *out, Err *err);

typedef enum { TOK_NFC, TOK_NFD, TOK_NFKC, TOK_NFKD } TokForm;
typedef struct TokCharsMap TokCharsMap;

struct TokNormalizer {
    TokNormalize *run;
    const char *name;       /* as the file says it */
    TokForm form;           /* tok_normal_form */
    bool all_marks;         /* tok_strip_marks: else only those that take no room (Mn) */
    bool left, right;       /* Strip: at which ends */
    TokMatch match;         /* Replace: this, */
    const char *content;    /* by that; or what Prepend puts before */
    const TokCharsMap *map; /* Precompiled */
};

TokNormalize tok_normal_form, tok_lower_case, tok_strip_marks; /* forms.c */
TokNormalize tok_map_chars;                                    /* charsmap.c */
const TokCharsMap *tok_chars_map_load(const cJSON *json, const char *where, Arena *arena, Err *err);
/* Where the grapheme cluster (what a reader takes for one character) that starts here ends. */
size_t tok_cluster_end(const TokPiece *piece, size_t start);

/* ---- Pre-tokenizers ---- */

typedef enum {
    TOK_REMOVED,
    TOK_ISOLATED,
    TOK_MERGED_WITH_PREVIOUS,
    TOK_MERGED_WITH_NEXT,
    TOK_CONTIGUOUS
} TokBehavior;

/* One pre-tokenizer. Every kind is some of these four, in this order. */
typedef struct {
    const char *name;   /* as the file says it */
    const char *space;  /* each space becomes this; NULL: stays */
    const char *prefix; /* a text that does not start with this is given it; NULL: is not */
    bool only_first;    /* … but only where the text begins */
    TokMatch match;     /* cut at its matches */
    TokBehavior behavior;
    bool invert;   /* the rest is the match */
    bool to_bytes; /* each byte becomes the character that stands for it */
} TokSplit;

/* ---- Models ---- */

typedef struct TokWork TokWork;

/* Adds a word's tokens with tok_work_add. */
typedef bool TokWord(TokWork *work, const TokPiece *word, Err *err);

typedef struct {
    uint64_t pair; /* left id << 32 | right id; all ones: free */
    int32_t rank, result;
} TokMerge;

typedef struct {
    const char *piece;
    size_t size;
    int32_t id;
    double score; /* log of the piece's probability */
} TokScored;

/* ---- Added tokens ---- */

typedef struct {
    const char *content; /* as it stands in the text, normalized if it is to be */
    size_t size;
    int32_t id;
    bool single_word, lstrip, rstrip, normalized;
} TokAdded;

/* ---- Post-processors ---- */

#define TOK_FIRST_TEXT (-1)
#define TOK_SECOND_TEXT (-2)

typedef struct {
    int32_t id;   /* of a token, or TOK_FIRST_TEXT or TOK_SECOND_TEXT: the text's own tokens */
    int32_t type; /* the token type that they get */
} TokFrame;

typedef struct {
    TokFrame *item;
    size_t count;
} TokTemplate;

/* ---- Decoders ---- */

typedef struct {
    enum {
        TOK_DECODE_REPLACE,    /* `text` by `with` */
        TOK_DECODE_METASPACE,  /* `text` by a space; `flag`: in the first token, by nothing */
        TOK_DECODE_WORD_PIECE, /* `text` is taken off, or a space put before; `flag`: clean up */
        TOK_DECODE_STRIP,      /* up to `start` times `text` at the front, `stop` times behind */
        TOK_DECODE_FALLBACK,   /* "<0x0A>" is that byte */
        TOK_DECODE_ALPHABET,   /* each character stands for a byte */
    } kind;
    const char *text, *with;
    bool flag;
    size_t start, stop;
} TokDecode;

/* ---- The tokenizer ---- */

struct Tokenizer {
    Arena *arena;
    const char *file; /* for messages */
    TokVocab vocab;
    TokModelKind model;
    TokWord *word; /* the model's */
    int32_t unk;   /* -1: none */
    const char *unk_name;

    bool byte_fallback;   /* BPE, Unigram: an unknown character is written as its bytes, if they */
    int32_t byte_id[256]; /* are all there; -1: is not */
    bool fuse_unk, ignore_merges; /* BPE */
    TokMerge *merge;              /* BPE: a hash table */
    size_t merge_mask;            /* BPE */
    const char *continuation;     /* WordPiece: "##" */
    size_t most_characters;       /* WordPiece: in a word */
    TokScored *scored;            /* Unigram: in dictionary order */
    size_t scored_count;          /* Unigram */
    double unk_score;             /* Unigram */

    TokAdded *added;        /* by first byte, longest first */
    size_t added_from[257]; /* those that start with byte b: added_from[b] … added_from[b + 1] */

    TokNormalizer normalizer[TOK_MOST_STAGES];
    size_t normalizer_count;
    TokSplit split[TOK_MOST_STAGES];
    size_t split_count;
    Pattern *pattern[2 * TOK_MOST_STAGES]; /* all that tok_free must free */
    size_t pattern_count;

    bool trim_offsets; /* offsets leave out the spaces at a token's ends */
    bool has_template;
    TokTemplate single, pair;

    TokDecode decode[TOK_MOST_STAGES];
    size_t decode_count;
    double decode_growth;  /* while loading: bytes that the steps make of one, at most */
    bool join_with_spaces; /* the file has no decoder */
    bool joined;           /* while loading: a step has made one text of all tokens */
    const char *strip;     /* taken off at the front of the whole text, */
    size_t strip_most;     /* at most so often */
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
bool tok_word_piece_load(Tokenizer *tok, const cJSON *model, const char *where, Err *err);
bool tok_unigram_load(Tokenizer *tok, const cJSON *model, const char *where, Err *err);
/* The fields `vocab` (an object) and `unk_token`. */
bool tok_pieces_load(Tokenizer *tok, const cJSON *model, const char *where, Err *err);
/* The field `byte_fallback`; needs the vocabulary. */
bool tok_fallback_load(Tokenizer *tok, const cJSON *model, const char *where, Err *err);
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
/* A field that must be a text of exactly one character; absent gives `absent`. */
bool tok_character(const Tokenizer *tok, const cJSON *json, const char *field, const char *where,
                   const char *absent, const char **character, Err *err);

bool tok_is_space(uint32_t code); /* Unicode's White_Space */

/* ---- Notes: how a text is encoded, for who wants to know (tok_steps.h) ---- */

/* NULL in all that follows: nobody does, and nothing is taken down. */
typedef struct TokNotes TokNotes;

TokNotes *tok_notes_new(Arena *arena);
/* Puts them into the steps, whose tokens are known; false where it was too much. */
bool tok_notes_end(TokNotes *notes, TokSteps *steps, Err *err);
void tok_notes_free(TokNotes *notes);

/* The text as it is now; no step where it is as it was. */
void tok_note_row(TokNotes *notes, TokStepKind kind, const char *name, const TokPieces *pieces);
void tok_note_word(TokNotes *notes, const TokPiece *word); /* begins it */
/* BPE: a symbol of the word at its start. */
void tok_note_symbol(TokNotes *notes, int32_t id, TokSpan span);
/* A step that is told by its kind, span and id alone. */
void tok_note(TokNotes *notes, TokStepKind kind, TokSpan span, int32_t id);
/* A merge of which pair[0 … count) are known. */
void tok_note_merge(TokNotes *notes, const TokMergeStep *merge);
void tok_note_try(TokNotes *notes, const char *spelled, size_t size, TokSpan span, int32_t id);
void tok_note_offer(TokNotes *notes, TokStepKind kind, TokSpan span, int32_t id,
                    const TokOffer *offer);
void tok_note_tokens(TokNotes *notes, TokStepKind kind, const Token *token, size_t count);

/* tok_encode, and the notes of it. */
bool tok_encode_noted(const Tokenizer *tok, const char *text, size_t size, bool add_special,
                      Arena *arena, TokenList *list, TokNotes *notes, Err *err);

/* ---- Running ---- */

/* Runners. Each takes and gives pieces; those that are added tokens pass through. */
void tok_cut_added(const Tokenizer *tok, bool normalized, TokPieces *pieces, Arena *scratch);
bool tok_normalize(const Tokenizer *tok, TokPieces *pieces, Arena *scratch, TokNotes *notes,
                   Err *err);
bool tok_pretokenize(const Tokenizer *tok, TokPieces *pieces, Arena *scratch, TokNotes *notes,
                     Err *err);

/* A word's tokens, as ids and the bytes of the piece that each covers. */
typedef struct {
    int32_t id;
    TokSpan span;
} TokPart;

typedef struct TokBpe TokBpe; /* room for the work, used again for each word */

/* The best way to the byte where it stands: which piece comes last in it, and where that starts. */
typedef struct {
    double score; /* of all the pieces on the way */
    size_t start;
    int32_t id; /* -1: no way leads here */
} TokBest;

struct TokWork {
    const Tokenizer *tok;
    Arena *scratch;
    TokNotes *notes;
    Buf part; /* of TokPart: the word's tokens */
    TokBpe *bpe;
    TokBest *best; /* of Unigram, with room for */
    size_t best_capacity;
};

void tok_work_add(TokWork *work, int32_t id, size_t start, size_t end);
/* Byte fallback: is it on, and is there a token for each of these bytes? */
bool tok_has_bytes(const Tokenizer *tok, const char *bytes, size_t size);
TokBpe *tok_bpe_new(const Tokenizer *tok, Arena *scratch);
TokWord tok_bpe_word, tok_word_piece_word, tok_unigram_word;
bool tok_unknown(const Tokenizer *tok, const TokPiece *word, TokSpan span, Err *err);

/* The pieces that start with the same bytes lie together in the dictionary: [from, to). */
typedef struct {
    size_t from, to;
    size_t depth; /* how many bytes they share */
} TokRange;

/* Keeps those that go on with `byte`; false: there are none. */
bool tok_range_narrow(const Tokenizer *tok, TokRange *range, char byte);
/* The best way through the whole word, as work->best. */
bool tok_lattice_run(TokWork *work, const TokPiece *word, Err *err);

/* Where a token is shown: it may look another way at the start of a text, and on its own. */
typedef enum { TOK_AT_START, TOK_WITHIN, TOK_ALONE } TokPlace;

/* The bytes of the text that an id stands for; nothing for an id that is not in the vocabulary. */
void tok_bytes(const Tokenizer *tok, int32_t id, TokPlace place, Buf *bytes);

#endif
