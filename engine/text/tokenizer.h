/* tokenizer: text to token ids and back, as a Hugging Face `tokenizer.json` says, whatever the
 * model's family.
 *
 * The stages are those of the file: added tokens are cut out first, then normalizer →
 * pre-tokenizer → model → post-processor; the decoder turns ids into text. This build reads
 *   normalizers     NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, BertNormalizer, Prepend,
 *                   Replace, Strip, Precompiled, Sequence
 *   pre-tokenizers  ByteLevel, Metaspace, BertPreTokenizer, Split, Whitespace, WhitespaceSplit,
 *                   Digits, Punctuation, Sequence
 *   models          BPE (byte-level, or over characters with or without bytes to fall back on:
 *                   Sennrich et al. 2016, "Neural Machine Translation of Rare Words with Subword
 *                   Units"; Radford et al. 2019), WordPiece (Schuster and Nakajima 2012), Unigram
 *                   (Kudo 2018), WordLevel
 *   post-processors ByteLevel, TemplateProcessing, BertProcessing, RobertaProcessing, Sequence
 *   decoders        ByteLevel, ByteFallback, Metaspace, WordPiece, Replace (of a fixed text), Strip,
 *                   Fuse, Sequence; none: pieces are joined with spaces
 * and refuses by name what the file asks for beyond that. Everything in the file is checked once,
 * when it is loaded. `truncation` and `padding` are ignored: they are for batches.
 *
 * A Tokenizer is read-only after tok_load and may be used from several threads. It lives in the
 * arena that it was loaded into; tok_free gives back what libraries hold (compiled expressions). */
#ifndef TEXT_TOKENIZER_H
#define TEXT_TOKENIZER_H

#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Tokenizer Tokenizer;

/* Offsets are bytes of the text as it was given, as Hugging Face counts them: a token that holds
 * only some bytes of a character has the whole character's span, and a token that came out of
 * normalization the span of what it was made from. A leading space belongs to its token, unless
 * the post-processor ByteLevel trims the spaces off (trim_offsets). */
typedef struct {
    int32_t id;
    size_t start, end; /* bytes [start, end) of the text; both 0 for a token that was added */
    int32_t type;      /* BERT's token type: 0, and of a pair's second text 1 (mostly) */
    uint8_t text;      /* the offsets are in the first text (0) or the second (1) of a pair */
    bool added;        /* by the post-processor: it stands for no text (BOS, say) */
} Token;

typedef struct {
    Token *token;
    size_t count;
} TokenList;

/* `path` names tokenizer.json itself. */
Tokenizer *tok_load(const char *path, Arena *arena, Err *err);
void tok_free(Tokenizer *tok); /* NULL is allowed */

/* The text may be any bytes: each maximal invalid part is read as one U+FFFD (its offsets are those
 * of the bytes), up to 8 MiB. An added token's text ("<|endoftext|>") becomes that token.
 * `add_special`: let the post-processor add its tokens. An unknown word without an unk_token is an
 * error, as is a text on which one of the file's expressions takes too many steps, or which the
 * normalizers make more than 64 times as long. No text gives no token (but those that are added). */
bool tok_encode(const Tokenizer *tok, const char *text, size_t size, bool add_special, Arena *arena,
                TokenList *list, Err *err);

/* Two texts, one behind the other, in the frame that the file has for pairs ("[CLS] A [SEP] B
 * [SEP]"); each token says which text it is from. */
bool tok_encode_pair(const Tokenizer *tok, const char *first, size_t first_size, const char *second,
                     size_t second_size, bool add_special, Arena *arena, TokenList *list, Err *err);

int32_t tok_id_limit(const Tokenizer *tok); /* one more than the highest id */
/* The vocabulary's own spelling ("Ġcat"), NULL for an id that it does not have. */
const char *tok_piece(const Tokenizer *tok, int32_t id);
int32_t tok_find(const Tokenizer *tok, const char *piece); /* -1: not in the vocabulary */
bool tok_is_special(const Tokenizer *tok, int32_t id);

/* Appends the text of the ids; bytes that are no UTF-8 come out as one U+FFFD for each maximal part
 * (Hugging Face's ByteFallback writes one for each byte), ids that the vocabulary does not have are
 * left out. */
void tok_decode(const Tokenizer *tok, const int32_t *ids, size_t count, bool skip_special,
                Buf *text);

/* Text while it is generated: a character that is not complete yet is held back. */
typedef struct TokStream TokStream;
TokStream *tok_stream_new(const Tokenizer *tok, bool skip_special);
void tok_stream_add(TokStream *stream, int32_t id, Buf *text); /* appends what became certain */
void tok_stream_end(TokStream *stream, Buf *text);             /* appends the rest, and frees */

/* What a reader sees on a token's chip: "·Lily" (a leading space shown as "·"), "##ing" as the
 * vocabulary writes it, "⏎" for a line break, "⇥" for a tab. A character that is spread over several tokens is shown whole on each with
 * its part: "한 1/3"; a byte that belongs to no character as "<E2>", a character without a shape as
 * "<U+200D>", an id that the vocabulary does not have as "#50300". `labels` receives `count` texts
 * in the arena. */
void tok_labels(const Tokenizer *tok, const int32_t *ids, size_t count, Arena *arena,
                const char **labels);

#endif
