/* Ids to text. In a byte-level vocabulary each character of a piece stands for a byte; the bytes of
 * a character may come from several tokens, so text is made from all of them together. */
#include "engine/base/utf8.h"
#include "engine/text/internal.h"

#include <string.h>

/* GPT-2's alphabet of bytes (openai/gpt-2, encoder.py): a byte that Latin-1 prints without a space
 * stands for itself; the others, in order, are the characters from U+0100 on ("Ġ" is the space). */
void tok_byte_alphabet(Tokenizer *tok) {
    uint16_t next = 0x100;
    memset(tok->byte_of_char, 0xFF, sizeof tok->byte_of_char); /* all -1 */
    for (uint16_t byte = 0; byte < 256; byte++) {
        bool prints = (byte > 0x20 && byte < 0x7F) || (byte > 0xA0 && byte != 0xAD);
        tok->char_of_byte[byte] = prints ? byte : next++;
        tok->byte_of_char[tok->char_of_byte[byte]] = (int16_t)byte;
    }
}

/* ---- Loading ---- */

bool tok_decoder_load(Tokenizer *tok, const cJSON *json, const char *where, Err *err) {
    const char *type;
    if (!json || cJSON_IsNull(json))
        return true;
    if (!tok_type(json, where, &type, err))
        return false;
    if (tok->decoder == TOK_JOIN_WITH_SPACES)
        tok->decoder = TOK_JOIN;
    if (strcmp(type, "Sequence") == 0)
        return tok_sequence(tok, json, "decoders", where, tok_decoder_load, err);
    if (strcmp(type, "Fuse") == 0)
        return true;
    if (strcmp(type, "ByteLevel") != 0)
        return err_set(err, "%s: type is \"%.60s\"; this build reads ByteLevel, Fuse and Sequence",
                       where, type);
    if (tok->decoder == TOK_JOIN_BYTES)
        return err_set(err, "%s: a second ByteLevel, expected one", where);
    tok->decoder = TOK_JOIN_BYTES;
    return true;
}

/* ---- Bytes ---- */

static bool spelled_bytes(const Tokenizer *tok, const TokEntry *entry, Buf *bytes) {
    size_t before = bytes->size;
    for (size_t at = 0; at < entry->size;) {
        Utf8Char c = utf8_next(entry->piece + at, entry->size - at);
        if (c.code >= TOK_ALPHABET_END || tok->byte_of_char[c.code] < 0) {
            bytes->size = before;
            return false;
        }
        buf_char(bytes, (char)tok->byte_of_char[c.code]);
        at += c.size;
    }
    return true;
}

/* An added token is text as it stands, as is a piece that is not in the alphabet of bytes. */
void tok_bytes(const Tokenizer *tok, int32_t id, Buf *bytes) {
    const TokEntry *entry = tok_vocab_by_id(&tok->vocab, id);
    if (!entry)
        return;
    bool is_bytes = tok->decoder == TOK_JOIN_BYTES && !entry->added;
    if (!is_bytes || !spelled_bytes(tok, entry, bytes))
        buf_add(bytes, entry->piece, entry->size);
}

/* ---- The stream ---- */

struct TokStream {
    Arena arena; /* the stream itself lives in it */
    const Tokenizer *tok;
    bool skip_special, started;
    Buf held; /* bytes that have not been given out */
};

TokStream *tok_stream_new(const Tokenizer *tok, bool skip_special) {
    Arena arena = {0};
    TokStream *stream = ARENA_NEW(&arena, TokStream);
    stream->arena = arena;
    stream->tok = tok;
    stream->skip_special = skip_special;
    return stream;
}

/* Gives out what no later byte can change: all but a character that the end cuts. */
static void give(TokStream *stream, bool end, Buf *text) {
    Buf *held = &stream->held;
    size_t at = 0;
    while (at < held->size) {
        Utf8Char c = utf8_next(held->bytes + at, held->size - at);
        if (c.cut && !end)
            break;
        if (c.valid)
            buf_add(text, held->bytes + at, c.size);
        else
            buf_text(text, UTF8_REPLACEMENT);
        at += c.size;
    }
    if (at == 0)
        return;
    memmove(held->bytes, held->bytes + at, held->size - at + 1);
    held->size -= at;
}

void tok_stream_add(TokStream *stream, int32_t id, Buf *text) {
    const TokEntry *entry = tok_vocab_by_id(&stream->tok->vocab, id);
    if (!entry || (stream->skip_special && entry->special))
        return;
    if (stream->started && stream->tok->decoder == TOK_JOIN_WITH_SPACES)
        buf_char(&stream->held, ' ');
    stream->started = true;
    tok_bytes(stream->tok, id, &stream->held);
    give(stream, false, text);
}

void tok_stream_end(TokStream *stream, Buf *text) {
    give(stream, true, text);
    buf_free(&stream->held);
    Arena arena = stream->arena;
    arena_free(&arena);
}

void tok_decode(const Tokenizer *tok, const int32_t *ids, size_t count, bool skip_special,
                Buf *text) {
    TokStream *stream = tok_stream_new(tok, skip_special);
    for (size_t i = 0; i < count; i++)
        tok_stream_add(stream, ids[i], text);
    tok_stream_end(stream, text);
}
