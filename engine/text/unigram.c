/* Unigram (Kudo 2018, "Subword Regularization"): each piece has a probability, and a word is cut
 * so that the product over its pieces is the highest. lattice.c finds that; here are the pieces
 * and their scores, and what becomes of unknown characters. */
#include "engine/text/internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_PIECE_BYTES 1024 /* the lattice looks so far ahead from every character */
#define UNKNOWN_PENALTY                                                                            \
    10.0 /* SentencePiece's: an unknown character is e^−10 times as likely as
                                  the rarest piece */
#define MOST_SCORE 1e9

/* ---- Loading ---- */

static bool read_piece(Tokenizer *tok, const cJSON *item, size_t id, const char *where, Err *err) {
    const cJSON *piece = cJSON_IsArray(item) ? item->child : NULL;
    const cJSON *score = piece ? piece->next : NULL;
    if (!score || score->next || !cJSON_IsString(piece) || !cJSON_IsNumber(score) ||
        !(fabs(score->valuedouble) <= MOST_SCORE))
        return err_set(err, "%s: vocab[%zu] is no pair of a text and a score, as [\"a\", -3.5]",
                       where, id);
    size_t size = strlen(piece->valuestring);
    if (size > MOST_PIECE_BYTES)
        return err_set(err, "%s: vocab[%zu] has %zu bytes, expected at most %d", where, id, size,
                       MOST_PIECE_BYTES);
    const char *text = arena_copy_bytes(tok->arena, piece->valuestring, size);
    tok->vocab.entry[id] = (TokEntry){
        .piece = text, .size = size, .id = (int32_t)id, .in_model = true};
    tok->scored[id] = (TokScored){text, size, (int32_t)id, score->valuedouble};
    return true;
}

static int by_spelling(const void *a, const void *b) {
    const TokScored *left = a, *right = b;
    size_t shorter = left->size < right->size ? left->size : right->size;
    int order = memcmp(left->piece, right->piece, shorter);
    return order ? order : (left->size > right->size) - (left->size < right->size);
}

static bool load_unk_id(Tokenizer *tok, const cJSON *model, const char *where, Err *err) {
    const cJSON *json = cJSON_GetObjectItemCaseSensitive(model, "unk_id");
    int64_t id;
    tok->unk = -1;
    if (!json || cJSON_IsNull(json))
        return true;
    if (!json_int(model, "unk_id", where, 0, TOK_MOST_ID, 0, &id, err))
        return false;
    if ((size_t)id >= tok->scored_count)
        return tok_wrong(json, "unk_id", where, "an index into vocab", err);
    tok->unk = (int32_t)id;
    return true;
}

bool tok_unigram_load(Tokenizer *tok, const cJSON *model, const char *where, Err *err) {
    const cJSON *list;
    if (!tok_field(model, "vocab", true, where, &list, err))
        return false;
    size_t count = 0, id = 0;
    for (const cJSON *item = list->child; item; item = item->next)
        count++;
    if (count > TOK_MOST_ID)
        return err_set(err, "%s: vocab has %zu pieces, expected at most %d", where, count,
                       TOK_MOST_ID);
    tok->word = tok_unigram_word;
    tok->vocab.count = tok->scored_count = count;
    tok->vocab.entry = ARENA_NEW_N(tok->arena, TokEntry, count);
    tok->scored = ARENA_NEW_N(tok->arena, TokScored, count);
    double worst = 0;
    for (const cJSON *item = list->child; item; item = item->next, id++) {
        if (!read_piece(tok, item, id, where, err))
            return false;
        worst = id == 0 ? tok->scored[id].score : fmin(worst, tok->scored[id].score);
    }
    tok->unk_score = worst - UNKNOWN_PENALTY;
    qsort(tok->scored, count, sizeof *tok->scored, by_spelling);
    const char *inside = arena_printf(tok->arena, "%s.vocab", where);
    return tok_vocab_build(&tok->vocab, inside, tok->arena, err) &&
           load_unk_id(tok, model, where, err) && tok_fallback_load(tok, model, where, err);
}

/* ---- The dictionary ---- */

/* The first piece in the range whose next byte is not below `limit`. A piece that ends has none
 * and stands before all. */
static size_t first_from(const Tokenizer *tok, TokRange range, unsigned limit) {
    while (range.from < range.to) {
        size_t middle = range.from + (range.to - range.from) / 2;
        const TokScored *piece = &tok->scored[middle];
        if (piece->size == range.depth || (unsigned char)piece->piece[range.depth] < limit)
            range.from = middle + 1;
        else
            range.to = middle;
    }
    return range.from;
}

bool tok_range_narrow(const Tokenizer *tok, TokRange *range, char byte) {
    unsigned value = (unsigned char)byte;
    size_t from = first_from(tok, *range, value);
    range->to = first_from(tok, (TokRange){from, range->to, range->depth}, value + 1);
    range->from = from;
    range->depth++;
    return range->from < range->to;
}

/* ---- Cutting ---- */

static void add_unknown(TokWork *work, const TokPiece *word, size_t start, size_t end) {
    const Tokenizer *tok = work->tok;
    int32_t id = tok_model_id(&tok->vocab, word->bytes + start, end - start);
    bool as_bytes = id < 0 && tok_has_bytes(tok, word->bytes + start, end - start);
    id = as_bytes || id >= 0 ? id : tok->unk;
    tok_note(work->notes, TOK_STEP_UNKNOWN, (TokSpan){start, end}, id);
    if (as_bytes) {
        for (size_t i = start; i < end; i++)
            tok_work_add(work, tok->byte_id[(unsigned char)word->bytes[i]], start, end);
        return;
    }
    tok_work_add(work, id, start, end);
}

/* The lattice is read from the end, so its links are turned round first: then best[start].start
 * says where the piece that starts there ends. */
static void turn_round(TokWork *work, size_t size) {
    TokBest *best = work->best;
    size_t end = size, next = size;
    int32_t id = -1;
    while (true) {
        TokBest node = best[end];
        if (work->notes && end > 0)
            tok_note_offer(work->notes, TOK_STEP_BACK, (TokSpan){node.start, end}, node.id,
                           &(TokOffer){.before = best[node.start].score,
                                       .score = node.score - best[node.start].score,
                                       .total = node.score,
                                       .was = node.score,
                                       .reached = true});
        best[end].start = next;
        best[end].id = id;
        if (end == 0)
            return;
        next = end;
        id = node.id;
        end = node.start;
    }
}

/* Unknown characters that follow each other are one unknown piece. */
bool tok_unigram_word(TokWork *work, const TokPiece *word, Err *err) {
    if (!tok_lattice_run(work, word, err))
        return false;
    turn_round(work, word->size);
    int32_t unk = work->tok->unk;
    for (size_t at = 0, end; at < word->size; at = end) {
        int32_t id = work->best[at].id;
        end = work->best[at].start;
        if (id != unk) {
            tok_work_add(work, id, at, end);
            continue;
        }
        while (end < word->size && work->best[end].id == unk)
            end = work->best[end].start;
        add_unknown(work, word, at, end);
    }
    return true;
}
