/* Text to tokens: added tokens are cut out, the rest is normalized, cut into words, and each word
 * into the model's pieces; at last the frame is laid round the tokens of the text, or of both. */
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
    return (TokPiece){.bytes = piece->bytes + start,
                      .from = piece->from + start,
                      .size = end - start,
                      .id = piece->id,
                      .is_first = piece->is_first && start == 0};
}

TokText tok_text_from(const TokPiece *piece) {
    size_t original = piece->from[piece->size - 1].end - piece->from[0].start;
    return (TokText){.most = TOK_MOST_GROWTH * (original + 16)};
}

void tok_text_add(TokText *text, const char *bytes, size_t size, TokSpan from) {
    text->too_long = text->too_long || (text->most > 0 && text->bytes.size + size > text->most);
    if (text->too_long)
        return;
    buf_add(&text->bytes, bytes, size);
    for (size_t i = 0; i < size; i++)
        buf_add(&text->from, &from, sizeof from);
}

void tok_text_move(TokText *text, TokPiece *piece, Arena *arena) {
    piece->bytes = arena_copy_bytes(arena, text->bytes.bytes, text->bytes.size);
    piece->from = (void *)arena_copy_bytes(arena, text->from.bytes, text->from.size);
    piece->size = text->bytes.size;
    buf_free(&text->bytes);
    buf_free(&text->from);
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
    TokPiece piece = {.id = TOK_IS_TEXT, .is_first = true};
    tok_text_move(&text, &piece, scratch);
    return piece;
}

/* ---- Tokens ---- */

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

#define SMALL_VOCABULARY 32

/* A vocabulary that one can read at a glance is told: "; it has a, b, c". */
static void tell_vocabulary(const Tokenizer *tok, Buf *text) {
    int32_t limit = tok_id_limit(tok);
    bool any = false;
    for (int32_t id = 0; limit <= SMALL_VOCABULARY && id < limit; id++) {
        const char *piece = tok_piece(tok, id);
        if (!piece || tok_is_special(tok, id))
            continue;
        buf_printf(text, any ? ", %s" : "; it has %s", piece);
        any = true;
    }
}

bool tok_unknown(const Tokenizer *tok, const TokPiece *word, TokSpan span, Err *err) {
    size_t size = span.end - span.start;
    char unk[100] = "no unk_token stands for it";
    if (tok->unk_name)
        snprintf(unk, sizeof unk, "nor is its unk_token \"%.60s\"", tok->unk_name);
    Buf known = {0};
    tell_vocabulary(tok, &known);
    err_set(err, "%s: \"%.*s\" (byte %zu of the text) is not in the vocabulary, %s%s", tok->file,
            size < 60 ? (int)size : 60, word->bytes + span.start, text_of(word, span).start, unk,
            buf_cstr(&known));
    buf_free(&known);
    return false;
}

void tok_work_add(TokWork *work, int32_t id, size_t start, size_t end) {
    buf_add(&work->part, &(TokPart){id, {start, end}}, sizeof(TokPart));
}

static void add_token(Buf *tokens, int32_t id, TokSpan span) {
    buf_add(tokens, &(Token){.id = id, .start = span.start, .end = span.end}, sizeof(Token));
}

static bool add_word(TokWork *work, const TokPiece *word, Buf *tokens, Err *err) {
    buf_clear(&work->part);
    if (!work->tok->word(work, word, err))
        return false;
    const TokPart *part = (const void *)work->part.bytes;
    for (size_t i = 0; i < work->part.size / sizeof *part; i++)
        add_token(tokens, part[i].id, span_of(work->tok, word, part[i].span));
    return true;
}

/* Those from number `first` on. */
static void note_tokens(TokNotes *notes, TokStepKind kind, const Buf *tokens, size_t first) {
    const Token *token = (const void *)tokens->bytes;
    size_t count = tokens->size / sizeof *token - first;
    if (notes)
        tok_note_tokens(notes, kind, count ? token + first : NULL, count);
}

static bool add_pieces(TokWork *work, const TokPieces *pieces, Buf *tokens, Err *err) {
    for (size_t i = 0; i < pieces->count; i++) {
        const TokPiece *piece = &pieces->item[i];
        size_t first = tokens->size / sizeof(Token);
        tok_note_word(work->notes, piece);
        if (piece->id != TOK_IS_TEXT)
            add_token(tokens, piece->id, span_of(work->tok, piece, (TokSpan){0, piece->size}));
        else if (!add_word(work, piece, tokens, err))
            return false;
        note_tokens(work->notes, TOK_STEP_PIECES, tokens, first);
    }
    note_tokens(work->notes, TOK_STEP_TOKENS, tokens, 0);
    return true;
}

/* The tokens of one text, without a frame. */
static bool encode_text(const Tokenizer *tok, const char *text, size_t size, Buf *tokens,
                        TokNotes *notes, Err *err) {
    if (size > TOK_MOST_TEXT)
        return err_set(err, "the text has %zu bytes, expected at most %zu", size, TOK_MOST_TEXT);
    Arena scratch = {0};
    TokWork work = {
        .tok = tok, .scratch = &scratch, .notes = notes, .bpe = tok_bpe_new(tok, &scratch)};
    TokPieces pieces = {0};
    if (size > 0)
        tok_pieces_add(&pieces, read_text(text, size, &scratch), &scratch);
    tok_note_row(notes, TOK_STEP_TEXT, NULL, &pieces);
    tok_cut_added(tok, false, &pieces, &scratch);
    tok_note_row(notes, TOK_STEP_ADDED, NULL, &pieces);
    bool good = tok_normalize(tok, &pieces, &scratch, notes, err);
    if (good) {
        tok_cut_added(tok, true, &pieces, &scratch);
        tok_note_row(notes, TOK_STEP_ADDED, NULL, &pieces);
        good = tok_pretokenize(tok, &pieces, &scratch, notes, err) &&
               add_pieces(&work, &pieces, tokens, err);
    }
    buf_free(&work.part);
    arena_free(&scratch);
    return good;
}

/* ---- The frame ---- */

static void lay(const TokTemplate *frame, bool add_special, const Buf text[2], Arena *arena,
                TokenList *list) {
    Buf all = {0};
    for (size_t i = 0; i < frame->count; i++) {
        const TokFrame *item = &frame->item[i];
        if (item->id >= 0 && add_special)
            buf_add(&all, &(Token){.id = item->id, .type = item->type, .added = true},
                    sizeof(Token));
        if (item->id >= 0)
            continue;
        uint8_t which = item->id == TOK_SECOND_TEXT;
        const Token *token = (const void *)text[which].bytes;
        for (size_t j = 0; j < text[which].size / sizeof *token; j++) {
            Token framed = token[j];
            framed.type = item->type;
            framed.text = which;
            buf_add(&all, &framed, sizeof framed);
        }
    }
    list->count = all.size / sizeof(Token);
    list->token = (void *)arena_copy_bytes(arena, all.bytes, all.size);
    buf_free(&all);
}

bool tok_encode_noted(const Tokenizer *tok, const char *text, size_t size, bool add_special,
                      Arena *arena, TokenList *list, TokNotes *notes, Err *err) {
    Buf tokens[2] = {0};
    *list = (TokenList){0};
    bool good = encode_text(tok, text, size, &tokens[0], notes, err);
    if (good)
        lay(&tok->single, add_special, tokens, arena, list);
    if (good && list->count != tokens[0].size / sizeof(Token))
        tok_note_tokens(notes, TOK_STEP_FRAME, list->token, list->count);
    buf_free(&tokens[0]);
    return good;
}

bool tok_encode(const Tokenizer *tok, const char *text, size_t size, bool add_special, Arena *arena,
                TokenList *list, Err *err) {
    return tok_encode_noted(tok, text, size, add_special, arena, list, NULL, err);
}

bool tok_encode_pair(const Tokenizer *tok, const char *first, size_t first_size, const char *second,
                     size_t second_size, bool add_special, Arena *arena, TokenList *list,
                     Err *err) {
    Buf tokens[2] = {0};
    *list = (TokenList){0};
    bool good = encode_text(tok, first, first_size, &tokens[0], NULL, err) &&
                encode_text(tok, second, second_size, &tokens[1], NULL, err);
    if (good)
        lay(&tok->pair, add_special, tokens, arena, list);
    buf_free(&tokens[0]);
    buf_free(&tokens[1]);
    return good;
}
