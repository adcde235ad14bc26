/* WordPiece (Schuster and Nakajima 2012, "Japanese and Korean Voice Search"; BERT's tokenizer):
 * from the front of the word the longest piece that the vocabulary has is taken, again and again.
 * A piece inside a word is written with a mark before it, "##ing". Where nothing fits, the whole
 * word is unknown, even if its front was not. */
#include "engine/text/internal.h"

#include <string.h>

/* ---- Loading ---- */

bool tok_word_piece_load(Tokenizer *tok, const cJSON *model, const char *where, Err *err) {
    const char *mark;
    int64_t most;
    if (!tok_pieces_load(tok, model, where, err) ||
        !json_text(model, "continuing_subword_prefix", where, "##", &mark, err) ||
        !json_int(model, "max_input_chars_per_word", where, 0, 1000, 100, &most, err))
        return false;
    tok->word = tok_word_piece_word;
    tok->continuation = arena_copy_text(tok->arena, mark);
    tok->most_characters = (size_t)most;
    return true;
}

/* ---- Cutting ---- */

/* Where the character that ends at `end` starts. */
static size_t char_start(const TokPiece *word, size_t end) {
    do
        end--;
    while (end > 0 && ((unsigned char)word->bytes[end] & 0xC0) == 0x80);
    return end;
}

/* The longest piece that starts at `start`; gives its id and its end, or −1. */
static int32_t longest(const TokWork *work, const TokPiece *word, size_t start, Buf *spelled,
                       size_t *end) {
    const Tokenizer *tok = work->tok;
    buf_clear(spelled);
    if (start > 0)
        buf_text(spelled, tok->continuation);
    size_t mark = spelled->size;
    buf_add(spelled, word->bytes + start, word->size - start);
    for (*end = word->size; *end > start; *end = char_start(word, *end)) {
        size_t size = mark + *end - start;
        int32_t id = tok_model_id(&tok->vocab, spelled->bytes, size);
        tok_note_try(work->notes, spelled->bytes, size, (TokSpan){start, *end}, id);
        if (id >= 0)
            return id;
    }
    return -1;
}

static bool is_too_long(const Tokenizer *tok, const TokPiece *word) {
    size_t characters = 0;
    for (size_t i = 0; i < word->size; i++)
        characters += ((unsigned char)word->bytes[i] & 0xC0) != 0x80;
    return characters > tok->most_characters;
}

bool tok_word_piece_word(TokWork *work, const TokPiece *word, Err *err) {
    const Tokenizer *tok = work->tok;
    size_t before = work->part.size, end;
    bool known = !is_too_long(tok, word);
    Buf spelled = {0};
    for (size_t at = 0; known && at < word->size; at = end) {
        int32_t id = longest(work, word, at, &spelled, &end);
        known = id >= 0;
        if (known)
            tok_work_add(work, id, at, end);
    }
    buf_free(&spelled);
    if (known)
        return true;
    if (tok->unk < 0)
        return tok_unknown(tok, word, (TokSpan){0, word->size}, err);
    tok_note(work->notes, TOK_STEP_UNKNOWN, (TokSpan){0, word->size}, tok->unk);
    work->part.size = before;
    tok_work_add(work, tok->unk, 0, word->size);
    return true;
}
