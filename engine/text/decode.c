/* Ids to text. The bytes of a character may come from several tokens, so text is made from all of
 * them together; while it is generated, what later bytes could change is held back. */
#include "engine/base/utf8.h"
#include "engine/text/internal.h"

#include <string.h>

struct TokStream {
    Arena arena; /* the stream itself lives in it */
    const Tokenizer *tok;
    bool skip_special, started;
    size_t strip_left; /* how often the front may still be taken off */
    Buf held;          /* bytes that have not been given out */
};

TokStream *tok_stream_new(const Tokenizer *tok, bool skip_special) {
    Arena arena = {0};
    TokStream *stream = ARENA_NEW(&arena, TokStream);
    stream->arena = arena;
    stream->tok = tok;
    stream->skip_special = skip_special;
    stream->strip_left = tok->strip_most;
    return stream;
}

/* Is this character one of those at the front of the text that are taken off? */
static bool is_stripped(TokStream *stream, const char *bytes, Utf8Char c) {
    if (stream->strip_left == 0)
        return false;
    const char *strip = stream->tok->strip;
    bool same = c.valid && c.size == strlen(strip) && memcmp(bytes, strip, c.size) == 0;
    stream->strip_left = same ? stream->strip_left - 1 : 0;
    return same;
}

/* Gives out what no later byte can change: all but a character that the end cuts. */
static void give(TokStream *stream, bool end, Buf *text) {
    Buf *held = &stream->held;
    size_t at = 0;
    while (at < held->size) {
        Utf8Char c = utf8_next(held->bytes + at, held->size - at);
        if (c.cut && !end)
            break;
        bool stripped = is_stripped(stream, held->bytes + at, c);
        if (!stripped && c.valid)
            buf_add(text, held->bytes + at, c.size);
        else if (!stripped)
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
    if (stream->started && stream->tok->join_with_spaces)
        buf_char(&stream->held, ' ');
    tok_bytes(stream->tok, id, stream->started ? TOK_WITHIN : TOK_AT_START, &stream->held);
    stream->started = true;
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
