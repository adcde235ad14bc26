/* Cuts texts into words, as pretokenize.c has read them from the file. */
#include "engine/base/utf8.h"
#include "engine/text/internal.h"

#include <string.h>

/* A stretch of the text: a match, or what lies between two. */
typedef struct {
    TokSpan span;
    bool match;
} Stretch;

/* `stretch` has room for 2 × count + 1. Gives how many there are: together the whole text. */
static size_t to_stretches(const TokSpan *found, size_t count, size_t size, bool invert,
                           Stretch *stretch) {
    size_t done = 0, n = 0;
    for (size_t i = 0; i < count; i++) {
        if (done < found[i].start)
            stretch[n++] = (Stretch){{done, found[i].start}, invert};
        stretch[n++] = (Stretch){found[i], !invert};
        done = found[i].end;
    }
    if (done < size)
        stretch[n++] = (Stretch){{done, size}, invert};
    return n;
}

/* Does a word end between these two neighbours? */
static bool is_cut(TokBehavior behavior, const Stretch *left, const Stretch *right) {
    switch (behavior) {
    case TOK_CONTIGUOUS: return left->match != right->match;
    case TOK_MERGED_WITH_PREVIOUS: return left->match || !right->match;
    case TOK_MERGED_WITH_NEXT: return !left->match || right->match;
    case TOK_REMOVED:
    case TOK_ISOLATED: break;
    }
    return true;
}

static void add_words(const TokPiece *piece, const Stretch *stretch, size_t count,
                      TokBehavior behavior, TokPieces *out, Arena *scratch) {
    for (size_t i = 0, last; i < count; i = last + 1) {
        for (last = i; last + 1 < count; last++)
            if (is_cut(behavior, &stretch[last], &stretch[last + 1]))
                break;
        TokSpan word = {stretch[i].span.start, stretch[last].span.end};
        bool removed = behavior == TOK_REMOVED && stretch[i].match;
        if (!removed && word.start < word.end)
            tok_pieces_add(out, tok_piece_part(piece, word.start, word.end), scratch);
    }
}

static bool cut(const TokSplit *split, const TokPiece *piece, TokPieces *out, Arena *scratch,
                Err *err) {
    TokSpan *found;
    size_t count;
    if (!tok_match_find(&split->match, piece, scratch, &found, &count, err))
        return false;
    Stretch *stretch = ARENA_NEW_N(scratch, Stretch, 2 * count + 1);
    size_t stretches = to_stretches(found, count, piece->size, split->invert, stretch);
    add_words(piece, stretch, stretches, split->behavior, out, scratch);
    return true;
}

/* What is put before is counted to the first character, as Hugging Face does. */
static void put_before(TokPiece *piece, const char *prefix, Arena *scratch) {
    size_t size = strlen(prefix);
    if (piece->size >= size && memcmp(piece->bytes, prefix, size) == 0)
        return;
    TokText text = {0};
    tok_text_add(&text, prefix, size, piece->from[0]);
    for (size_t i = 0; i < piece->size; i++)
        tok_text_add(&text, piece->bytes + i, 1, piece->from[i]);
    tok_text_move(&text, piece, scratch);
}

static void replace_spaces(TokPiece *piece, const char *with, Arena *scratch) {
    TokText text = {0};
    for (size_t i = 0; i < piece->size; i++) {
        bool space = piece->bytes[i] == ' ';
        tok_text_add(&text, space ? with : piece->bytes + i, space ? strlen(with) : 1,
                     piece->from[i]);
    }
    tok_text_move(&text, piece, scratch);
}

static void spell_bytes(const Tokenizer *tok, TokPiece *piece, Arena *scratch) {
    TokText text = {0};
    for (size_t i = 0; i < piece->size; i++) {
        char bytes[4];
        size_t size = utf8_encode(tok->char_of_byte[(unsigned char)piece->bytes[i]], bytes);
        tok_text_add(&text, bytes, size, piece->from[i]);
    }
    tok_text_move(&text, piece, scratch);
}

static bool run_split(const Tokenizer *tok, const TokSplit *split, TokPieces *pieces,
                      Arena *scratch, Err *err) {
    TokPieces out = {0};
    for (size_t i = 0; i < pieces->count; i++) {
        TokPiece piece = pieces->item[i];
        bool is_text = piece.id == TOK_IS_TEXT;
        if (is_text && split->space)
            replace_spaces(&piece, split->space, scratch);
        if (is_text && split->prefix && (!split->only_first || piece.is_first))
            put_before(&piece, split->prefix, scratch);
        if (!is_text || (!split->match.pattern && !split->match.literal))
            tok_pieces_add(&out, piece, scratch);
        else if (!cut(split, &piece, &out, scratch, err))
            return false;
    }
    for (size_t i = 0; split->to_bytes && i < out.count; i++)
        if (out.item[i].id == TOK_IS_TEXT)
            spell_bytes(tok, &out.item[i], scratch);
    *pieces = out;
    return true;
}

bool tok_pretokenize(const Tokenizer *tok, TokPieces *pieces, Arena *scratch, TokNotes *notes,
                     Err *err) {
    for (size_t i = 0; i < tok->split_count; i++) {
        if (!run_split(tok, &tok->split[i], pieces, scratch, err))
            return false;
        tok_note_row(notes, TOK_STEP_SPLIT, tok->split[i].name, pieces);
    }
    return true;
}
