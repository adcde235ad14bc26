/* Text to tokens: added tokens are cut out, the rest is normalized, cut into words, and each word
 * into the model's pieces; at last the template is laid round them. */
#include "engine/base/utf8.h"
#include "engine/text/internal.h"

#include <stdio.h>
#include <string.h>

/* ---- Text on its way ---- */

void tok_pieces_add(TokPieces *pieces, TokPiece piece, Arena *arena) {
    if (pieces->count == pieces->capacity) {
        size_t capacity = pieces->capacity ? pieces->capacity * 2 : 8;
        TokPiece *item = ARENA_NEW_N(arena, TokPiece, capacity);
        if (pieces->count)
            memcpy(item, pieces->item, pieces->count * sizeof *item);
        pieces->item = item;
        pieces->capacity = capacity;
    }
    pieces->item[pieces->count++] = piece;
}

TokPiece tok_piece_part(const TokPiece *piece, size_t start, size_t end) {
    return (TokPiece){piece->bytes + start, piece->from + start, end - start, piece->id};
}

void tok_text_add(TokText *text, const char *bytes, size_t size, TokSpan from) {
    buf_add(&text->bytes, bytes, size);
    for (size_t i = 0; i < size; i++)
        buf_add(&text->from, &from, sizeof from);
}

TokPiece tok_text_take(TokText *text, Arena *arena) {
    TokPiece piece = {.bytes = arena_copy_bytes(arena, text->bytes.bytes, text->bytes.size),
                      .from = (void *)arena_copy_bytes(arena, text->from.bytes, text->from.size),
                      .size = text->bytes.size,
                      .id = TOK_IS_TEXT};
    buf_free(&text->bytes);
    buf_free(&text->from);
    return piece;
}

static TokPiece read_text(const char *bytes, size_t size, Arena *scratch) {
    TokText text = {0};
    for (size_t at = 0; at < size;) {
        Utf8Char c = utf8_next(bytes + at, size - at);
        TokSpan from = {at, at + c.size};
        if (c.valid)
            tok_text_add(&text, bytes + at, c.size, from);
        else
            tok_text_add(&text, UTF8_REPLACEMENT, strlen(UTF8_REPLACEMENT), from);
        at += c.size;
    }
    return tok_text_take(&text, scratch);
}

/* ---- Tokens ---- */

typedef struct {
    const Tokenizer *tok;
    TokBpe *bpe;
    Buf token; /* of Token */
} Encoding;

static void add_token(Encoding *encoding, int32_t id, TokSpan span, bool added) {
    Token token = {.id = id, .start = span.start, .end = span.end, .added = added};
    buf_add(&encoding->token, &token, sizeof token);
}

/* The text that bytes [part.start, part.end) of a word stand for. */
static TokSpan text_of(const TokPiece *word, TokSpan part) {
    return (TokSpan){word->from[part.start].start, word->from[part.end - 1].end};
}

/* How many bytes the white space at one end of the part takes; "Ġ" is a space, too. */
static size_t space_size(const TokPiece *word, TokSpan part, bool at_end) {
    if (part.start == part.end)
        return 0;
    size_t at = at_end ? part.end - 1 : part.start;
    while (at > part.start && ((unsigned char)word->bytes[at] & 0xC0) == 0x80)
        at--;
    Utf8Char c = utf8_next(word->bytes + at, part.end - at);
    return c.code == 0x120 || tok_is_space(c.code) ? c.size : 0;
}

static TokSpan span_of(const Tokenizer *tok, const TokPiece *word, TokSpan part) {
    TokSpan whole = text_of(word, part);
    if (!tok->trim_offsets)
        return whole;
    for (size_t size; (size = space_size(word, part, false)) > 0;)
        part.start += size;
    for (size_t size; (size = space_size(word, part, true)) > 0;)
        part.end -= size;
    /* Only spaces: nothing is left of it, where it ended. */
    return part.start == part.end ? (TokSpan){whole.end, whole.end} : text_of(word, part);
}

bool tok_unknown(const Tokenizer *tok, const TokPiece *word, TokSpan span, Err *err) {
    size_t size = span.end - span.start;
    char unk[100] = "no unk_token stands for it";
    if (tok->unk_name)
        snprintf(unk, sizeof unk, "nor is its unk_token \"%.60s\"", tok->unk_name);
    return err_set(err, "%s: \"%.*s\" (byte %zu of the text) is not in the vocabulary, %s",
                   tok->file, size < 60 ? (int)size : 60, word->bytes + span.start,
                   text_of(word, span).start, unk);
}

static bool add_word_level(Encoding *encoding, const TokPiece *word, Err *err) {
    const Tokenizer *tok = encoding->tok;
    TokSpan all = {0, word->size};
    int32_t id = tok_model_id(&tok->vocab, word->bytes, word->size);
    if (id < 0)
        id = tok->unk;
    if (id < 0)
        return tok_unknown(tok, word, all, err);
    add_token(encoding, id, span_of(tok, word, all), false);
    return true;
}

static bool add_bpe(Encoding *encoding, const TokPiece *word, Err *err) {
    const TokPart *part;
    size_t count;
    if (!tok_bpe_word(encoding->bpe, word, &part, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        add_token(encoding, part[i].id, span_of(encoding->tok, word, part[i].span), false);
    return true;
}

static bool add_text(Encoding *encoding, const TokPieces *pieces, Err *err) {
    for (size_t i = 0; i < pieces->count; i++) {
        const TokPiece *piece = &pieces->item[i];
        bool good = true;
        if (piece->id != TOK_IS_TEXT)
            add_token(encoding, piece->id, span_of(encoding->tok, piece, (TokSpan){0, piece->size}),
                      false);
        else if (encoding->tok->is_bpe)
            good = add_bpe(encoding, piece, err);
        else
            good = add_word_level(encoding, piece, err);
        if (!good)
            return false;
    }
    return true;
}

static bool add_all(Encoding *encoding, const TokPieces *pieces, bool add_special, Err *err) {
    const Tokenizer *tok = encoding->tok;
    if (!add_special || !tok->has_template)
        return add_text(encoding, pieces, err);
    for (size_t i = 0; i < tok->template_count; i++) {
        if (tok->template[i] != TOK_IS_TEXT)
            add_token(
                encoding, tok->template [i], (TokSpan) { 0 }, true);
        else if (!add_text(encoding, pieces, err))
            return false;
    }
    return true;
}

bool tok_encode(const Tokenizer *tok, const char *text, size_t size, bool add_special, Arena *arena,
                TokenList *list, Err *err) {
    if (size > TOK_MOST_TEXT)
        return err_set(err, "the text has %zu bytes, expected at most %zu", size, TOK_MOST_TEXT);
    Arena scratch = {0};
    Encoding encoding = {.tok = tok, .bpe = tok_bpe_new(tok, &scratch)};
    TokPieces pieces = {0};
    if (size > 0)
        tok_pieces_add(&pieces, read_text(text, size, &scratch), &scratch);
    tok_cut_added(tok, false, &pieces, &scratch);
    tok_normalize(tok, &pieces, &scratch);
    tok_cut_added(tok, true, &pieces, &scratch);
    bool good = tok_pretokenize(tok, &pieces, &scratch, err) &&
                add_all(&encoding, &pieces, add_special, err);
    list->count = good ? encoding.token.size / sizeof(Token) : 0;
    list->token = (void *)arena_copy_bytes(arena, encoding.token.bytes,
                                           list->count * sizeof(Token));
    buf_free(&encoding.token);
    arena_free(&scratch);
    return good;
}
