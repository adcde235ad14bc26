/* Added tokens are found before anything else happens to the text, the leftmost first and of those
 * that start at one place the longest. What is not `normalized` is looked for in the text as it is,
 * the rest in the normalized text. */
#include "engine/base/utf8.h"
#include "engine/text/internal.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

/* ---- Loading ---- */

static bool read_one(Tokenizer *tok, const cJSON *json, const char *where, TokAdded *added,
                     TokEntry *entry, Err *err) {
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(json, "id");
    int64_t value;
    bool special;
    if (!cJSON_IsNumber(id))
        return tok_wrong(id, "id", where, "an integer from 0 to 16777216", err);
    if (!json_int(json, "id", where, 0, TOK_MOST_ID, 0, &value, err) ||
        !json_text(json, "content", where, NULL, &added->content, err))
        return false;
    if (!added->content)
        return tok_wrong(NULL, "content", where, "a text", err);
    if (!json_bool(json, "special", where, false, &special, err) ||
        !json_bool(json, "single_word", where, false, &added->single_word, err) ||
        !json_bool(json, "lstrip", where, false, &added->lstrip, err) ||
        !json_bool(json, "rstrip", where, false, &added->rstrip, err) ||
        !json_bool(json, "normalized", where, !special, &added->normalized, err))
        return false;
    added->id = (int32_t)value;
    added->content = arena_copy_text(tok->arena, added->content);
    added->size = strlen(added->content);
    *entry = (TokEntry){.piece = added->content,
                        .size = added->size,
                        .id = added->id,
                        .added = true,
                        .special = special};
    return true;
}

/* An added token may name a piece that the model has, or bring a new one. */
static bool enter(TokVocab *vocab, const TokEntry *fresh, size_t *fresh_count, const char *where,
                  Err *err) {
    TokEntry *known = tok_vocab_by_piece(vocab, fresh->piece, fresh->size);
    if (!known) {
        (*fresh_count)++;
        return true;
    }
    if (known->id != fresh->id)
        return err_set(err, "%s: the id of \"%.60s\" is %d, expected %d as in the vocabulary",
                       where, fresh->piece, (int)fresh->id, (int)known->id);
    known->added = true;
    known->special = known->special || fresh->special;
    return true;
}

static int by_first_byte(const void *a, const void *b) {
    const TokAdded *left = a, *right = b;
    int first = (int)(unsigned char)left->content[0] - (int)(unsigned char)right->content[0];
    if (first != 0)
        return first;
    if (left->size != right->size)
        return left->size > right->size ? -1 : 1;
    return (left->id > right->id) - (left->id < right->id);
}

/* What is looked for in normalized text must be normalized too. */
static bool normalize_content(const Tokenizer *tok, TokAdded *added, Err *err) {
    TokText text = {0};
    TokPieces pieces = {0};
    tok_text_add(&text, added->content, added->size, (TokSpan){0, added->size});
    TokPiece piece = {.id = TOK_IS_TEXT, .is_first = true};
    tok_text_move(&text, &piece, tok->arena);
    tok_pieces_add(&pieces, piece, tok->arena);
    if (!tok_normalize(tok, &pieces, tok->arena, NULL, err))
        return false;
    bool gone = pieces.count == 0; /* then it is never found */
    added->size = gone ? 0 : pieces.item[0].size;
    added->content = arena_copy_bytes(tok->arena, gone ? "" : pieces.item[0].bytes, added->size);
    return true;
}

static bool index_added(Tokenizer *tok, size_t count, Err *err) {
    for (size_t i = 0; i < count; i++)
        if (tok->added[i].normalized && tok->normalizer_count > 0 &&
            !normalize_content(tok, &tok->added[i], err))
            return false;
    qsort(tok->added, count, sizeof *tok->added, by_first_byte);
    size_t i = 0;
    for (int byte = 0; byte < 256; byte++) {
        tok->added_from[byte] = i;
        while (i < count && (unsigned char)tok->added[i].content[0] == byte)
            i++;
    }
    tok->added_from[256] = i;
    return true;
}

bool tok_added_load(Tokenizer *tok, const cJSON *json, const char *where, Err *err) {
    if (json && !cJSON_IsNull(json) && !cJSON_IsArray(json))
        return tok_wrong(json, "added_tokens", tok->file, "a list", err);
    size_t count = (size_t)cJSON_GetArraySize(json), fresh_count = 0;
    TokVocab *vocab = &tok->vocab;
    TokEntry *all = ARENA_NEW_N(tok->arena, TokEntry, vocab->count + count);
    TokEntry *fresh = all + vocab->count;
    tok->added = ARENA_NEW_N(tok->arena, TokAdded, count);
    size_t i = 0;
    for (const cJSON *item = json ? json->child : NULL; item; item = item->next, i++) {
        const char *field = arena_printf(tok->arena, "added_tokens[%zu]", i);
        const char *here = arena_printf(tok->arena, "%s: %s", tok->file, field);
        if (!cJSON_IsObject(item))
            return tok_wrong(item, field, tok->file, "an object", err);
        if (!read_one(tok, item, here, &tok->added[i], &fresh[fresh_count], err) ||
            !enter(vocab, &fresh[fresh_count], &fresh_count, here, err))
            return false;
    }
    if (!index_added(tok, count, err))
        return false;
    if (fresh_count == 0)
        return true;
    if (vocab->count)
        memcpy(all, vocab->entry, vocab->count * sizeof *all);
    vocab->entry = all;
    vocab->count += fresh_count;
    return tok_vocab_build(vocab, where, tok->arena, err);
}

/* ---- Finding ---- */

/* \w of Unicode's regular expressions (UTS #18, annex C). */
static bool is_word(uint32_t code) {
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)code);
    return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NL) ||
           category == UTF8PROC_CATEGORY_PC || code == 0x200C || code == 0x200D;
}

bool tok_is_space(uint32_t code) {
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)code);
    return (code >= 9 && code <= 13) || code == 0x85 ||
           (category >= UTF8PROC_CATEGORY_ZS && category <= UTF8PROC_CATEGORY_ZP);
}

static Utf8Char char_before(const TokPiece *piece, size_t at) {
    size_t start = at - 1;
    while (start > 0 && ((unsigned char)piece->bytes[start] & 0xC0) == 0x80)
        start--;
    return utf8_next(piece->bytes + start, at - start);
}

static Utf8Char char_at(const TokPiece *piece, size_t at) {
    return utf8_next(piece->bytes + at, piece->size - at);
}

static const TokAdded *added_at(const Tokenizer *tok, const TokPiece *piece, size_t at,
                                bool normalized) {
    unsigned char byte = (unsigned char)piece->bytes[at];
    for (size_t i = tok->added_from[byte]; i < tok->added_from[byte + 1]; i++) {
        const TokAdded *added = &tok->added[i];
        if (added->normalized == normalized && added->size > 0 && added->size <= piece->size - at &&
            memcmp(added->content, piece->bytes + at, added->size) == 0)
            return added;
    }
    return NULL;
}

static bool stands_alone(const TokPiece *piece, TokSpan span) {
    return (span.start == 0 || !is_word(char_before(piece, span.start).code)) &&
           (span.end == piece->size || !is_word(char_at(piece, span.end).code));
}

/* lstrip and rstrip: the token takes in the white space beside it. */
static TokSpan with_spaces(const TokAdded *added, const TokPiece *piece, size_t least,
                           TokSpan span) {
    while (added->lstrip && span.start > least && tok_is_space(char_before(piece, span.start).code))
        span.start -= char_before(piece, span.start).size;
    while (added->rstrip && span.end < piece->size && tok_is_space(char_at(piece, span.end).code))
        span.end += char_at(piece, span.end).size;
    return span;
}

static void cut_one(const Tokenizer *tok, bool normalized, const TokPiece *piece, TokPieces *out,
                    Arena *scratch) {
    size_t done = 0;
    for (size_t at = 0; at < piece->size;) {
        const TokAdded *added = added_at(tok, piece, at, normalized);
        TokSpan span = {at, at + (added ? added->size : 1)};
        at = span.end;
        if (!added || (added->single_word && !stands_alone(piece, span)))
            continue;
        span = with_spaces(added, piece, done, span);
        at = span.end;
        if (done < span.start)
            tok_pieces_add(out, tok_piece_part(piece, done, span.start), scratch);
        TokPiece token = tok_piece_part(piece, span.start, span.end);
        token.id = added->id;
        tok_pieces_add(out, token, scratch);
        done = span.end;
    }
    if (done < piece->size)
        tok_pieces_add(out, tok_piece_part(piece, done, piece->size), scratch);
}

void tok_cut_added(const Tokenizer *tok, bool normalized, TokPieces *pieces, Arena *scratch) {
    TokPieces out = {0};
    for (size_t i = 0; i < pieces->count; i++) {
        if (pieces->item[i].id == TOK_IS_TEXT)
            cut_one(tok, normalized, &pieces->item[i], &out, scratch);
        else
            tok_pieces_add(&out, pieces->item[i], scratch);
    }
    *pieces = out;
}
