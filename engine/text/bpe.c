/* Byte-pair encoding: a word starts as its characters. Again and again the neighbours that were
 * merged first in training (the lowest rank) are merged, until no two neighbours can be.
 *
 * Looking through the word for the best pair after each merge would take time in the square of its
 * length. Instead the symbols are a linked list, and every pair that can be merged waits in a heap,
 * the best on top. A merge makes two new pairs; a pair whose symbols have changed meanwhile is
 * recognised when it comes up, and dropped. */
#include "engine/base/utf8.h"
#include "engine/text/internal.h"

#include <stdio.h>
#include <string.h>

#define NO_PAIR UINT64_MAX
#define NONE UINT32_MAX

static uint64_t pair_of(int32_t left, int32_t right) {
    return (uint64_t)(uint32_t)left << 32 | (uint32_t)right;
}

/* The slot where the pair is, or where it would go. */
static TokMerge *merge_slot(const Tokenizer *tok, uint64_t pair) {
    uint64_t hash = pair * 0x9E3779B97F4A7C15u; /* Fibonacci hashing: 2^64 / the golden ratio */
    for (size_t at = hash >> 32;; at++) {
        TokMerge *slot = &tok->merge[at & tok->merge_mask];
        if (slot->pair == NO_PAIR || slot->pair == pair)
            return slot;
    }
}

static const TokMerge *merge_find(const Tokenizer *tok, int32_t left, int32_t right) {
    const TokMerge *slot = merge_slot(tok, pair_of(left, right));
    return slot->pair == NO_PAIR ? NULL : slot;
}

/* ---- Loading ---- */

/* A merge is "left right" or ["left", "right"]; the second way allows pieces with spaces. */
static bool read_pair(const cJSON *item, const char **left, size_t *left_size, const char **right) {
    if (cJSON_IsArray(item)) {
        const cJSON *first = item->child, *second = first ? first->next : NULL;
        if (!second || second->next || !cJSON_IsString(first) || !cJSON_IsString(second))
            return false;
        *left = first->valuestring;
        *left_size = strlen(*left);
        *right = second->valuestring;
        return true;
    }
    const char *space = cJSON_IsString(item) ? strchr(item->valuestring, ' ') : NULL;
    if (!space || strchr(space + 1, ' '))
        return false;
    *left = item->valuestring;
    *left_size = (size_t)(space - item->valuestring);
    *right = space + 1;
    return true;
}

static bool add_merge(Tokenizer *tok, const cJSON *item, size_t index, int32_t rank,
                      const char *where, Buf *whole, Err *err) {
    const char *left, *right;
    size_t left_size;
    if (!read_pair(item, &left, &left_size, &right)) {
        char field[48];
        snprintf(field, sizeof field, "merges[%zu]", index);
        return tok_wrong(item, field, where, "two pieces, as \"a b\" or [\"a\", \"b\"]", err);
    }
    buf_clear(whole);
    buf_add(whole, left, left_size);
    buf_text(whole, right);
    int32_t left_id = tok_model_id(&tok->vocab, left, left_size);
    int32_t right_id = tok_model_id(&tok->vocab, right, strlen(right));
    int32_t result = tok_model_id(&tok->vocab, whole->bytes, whole->size);
    if (left_id < 0 || right_id < 0 || result < 0) {
        const char *missing = left_id < 0 ? "left half" : right_id < 0 ? "right half" : "result";
        return err_set(err,
                       "%s: merges[%zu] is \"%.*s\" + \"%.60s\", and the vocabulary does not "
                       "have its %s, expected all three",
                       where, index, left_size < 60 ? (int)left_size : 60, left, right, missing);
    }
    uint64_t pair = pair_of(left_id, right_id);
    *merge_slot(tok, pair) = (TokMerge){.pair = pair, .rank = rank, .result = result};
    return true;
}

static bool is_version_line(const cJSON *item) {
    return cJSON_IsString(item) && strncmp(item->valuestring, "#version", 8) == 0;
}

static bool load_merges(Tokenizer *tok, const cJSON *list, const char *where, Err *err) {
    size_t slots = 16, count = 0;
    for (const cJSON *item = list->child; item; item = item->next)
        count++;
    if (count > INT32_MAX / 4)
        return err_set(err, "%s: merges has %zu items, expected fewer", where, count);
    while (slots < count * 2)
        slots *= 2;
    tok->merge = ARENA_NEW_N(tok->arena, TokMerge, slots);
    memset(tok->merge, 0xFF, slots * sizeof *tok->merge); /* all NO_PAIR */
    tok->merge_mask = slots - 1;
    Buf whole = {0};
    bool good = true;
    size_t index = 0;
    int32_t rank = 0;
    for (const cJSON *item = list->child; item && good; item = item->next, index++)
        if (!is_version_line(item))
            good = add_merge(tok, item, index, rank++, where, &whole, err);
    buf_free(&whole);
    return good;
}

static bool refuse_affix(const cJSON *model, const char *field, const char *where, Err *err) {
    const char *affix;
    if (!json_text(model, field, where, "", &affix, err))
        return false;
    return !*affix || err_set(err, "%s: %s is \"%.60s\"; this build reads only BPE without it",
                              where, field, affix);
}

bool tok_bpe_load(Tokenizer *tok, const cJSON *model, const char *where, Err *err) {
    double dropout;
    const cJSON *merges;
    if (!tok_pieces_load(tok, model, where, err))
        return false;
    tok->word = tok_bpe_word;
    if (!json_number(model, "dropout", where, 0, &dropout, err))
        return false;
    if (dropout != 0)
        return err_set(err,
                       "%s: dropout is %g, expected null or 0: merges left out by chance are "
                       "for training",
                       where, dropout);
    return refuse_affix(model, "continuing_subword_prefix", where, err) &&
           refuse_affix(model, "end_of_word_suffix", where, err) &&
           tok_fallback_load(tok, model, where, err) &&
           json_bool(model, "fuse_unk", where, false, &tok->fuse_unk, err) &&
           json_bool(model, "ignore_merges", where, false, &tok->ignore_merges, err) &&
           tok_field(model, "merges", true, where, &merges, err) &&
           load_merges(tok, merges, where, err);
}

/* ---- Merging ---- */

typedef struct {
    int32_t id; /* -1: merged into its left neighbour */
    uint32_t before, after;
    uint32_t start, end; /* bytes of the word */
} Symbol;

typedef struct {
    int32_t rank;
    uint32_t left; /* index of the left symbol */
    int32_t left_id, right_id, result;
} Candidate;

struct TokBpe {
    const Tokenizer *tok;
    Arena *scratch;
    Symbol *symbol;
    size_t symbol_count;
    Candidate *heap;
    size_t heap_count;
    size_t capacity; /* symbols of a word that there is room for */
};

TokBpe *tok_bpe_new(const Tokenizer *tok, Arena *scratch) {
    TokBpe *bpe = ARENA_NEW(scratch, TokBpe);
    bpe->tok = tok;
    bpe->scratch = scratch;
    return bpe;
}

static void make_room(TokBpe *bpe, const TokPiece *word) {
    size_t symbols = 0;
    for (size_t i = 0; i < word->size; i++)
        symbols += bpe->tok->byte_fallback || ((unsigned char)word->bytes[i] & 0xC0) != 0x80;
    if (symbols <= bpe->capacity)
        return;
    size_t twice = bpe->capacity * 2;
    bpe->capacity = symbols < 64 ? 64 : symbols < twice ? twice : symbols;
    bpe->symbol = ARENA_NEW_N(bpe->scratch, Symbol, bpe->capacity);
    /* n − 1 pairs at first, two more for each of at most n − 1 merges. */
    bpe->heap = ARENA_NEW_N(bpe->scratch, Candidate, bpe->capacity * 3);
}

/* Lower ranks first; of one rank, the leftmost. */
static bool is_better(const Candidate *a, const Candidate *b) {
    return a->rank != b->rank ? a->rank < b->rank : a->left < b->left;
}

static void heap_push(TokBpe *bpe, Candidate candidate) {
    size_t at = bpe->heap_count++;
    for (; at > 0 && is_better(&candidate, &bpe->heap[(at - 1) / 2]); at = (at - 1) / 2)
        bpe->heap[at] = bpe->heap[(at - 1) / 2];
    bpe->heap[at] = candidate;
}

static Candidate heap_pop(TokBpe *bpe) {
    Candidate top = bpe->heap[0], last = bpe->heap[--bpe->heap_count];
    size_t at = 0;
    for (size_t child = 1; child < bpe->heap_count; child = 2 * at + 1) {
        if (child + 1 < bpe->heap_count && is_better(&bpe->heap[child + 1], &bpe->heap[child]))
            child++;
        if (!is_better(&bpe->heap[child], &last))
            break;
        bpe->heap[at] = bpe->heap[child];
        at = child;
    }
    bpe->heap[at] = last;
    return top;
}

/* Queues the symbol `left` and its right neighbour, if there is a merge for them. */
static void consider(TokBpe *bpe, uint32_t left) {
    if (left == NONE || bpe->symbol[left].after == NONE)
        return;
    int32_t left_id = bpe->symbol[left].id;
    int32_t right_id = bpe->symbol[bpe->symbol[left].after].id;
    const TokMerge *merge = merge_find(bpe->tok, left_id, right_id);
    if (merge)
        heap_push(bpe, (Candidate){merge->rank, left, left_id, right_id, merge->result});
}

static bool is_current(const TokBpe *bpe, const Candidate *candidate) {
    const Symbol *left = &bpe->symbol[candidate->left];
    return left->id == candidate->left_id && left->after != NONE &&
           bpe->symbol[left->after].id == candidate->right_id;
}

static TokPair pair_for(const TokBpe *bpe, const Candidate *candidate) {
    const Symbol *left = &bpe->symbol[candidate->left], *right = &bpe->symbol[left->after];
    return (TokPair){.left = candidate->left_id,
                     .right = candidate->right_id,
                     .result = candidate->result,
                     .rank = candidate->rank,
                     .span = {left->start, right->end},
                     .middle = right->start};
}

/* Before `best` is merged: it, and the best of those that it goes before. */
static void note_merge(const TokBpe *bpe, const Candidate *best, TokNotes *notes) {
    const Candidate *rival[TOK_STEP_PAIRS] = {best};
    TokMergeStep merge = {.present = 1, .count = 1};
    for (size_t i = 0; i < bpe->heap_count; i++) {
        const Candidate *other = &bpe->heap[i];
        if (!is_current(bpe, other))
            continue;
        merge.present++;
        size_t at = merge.count < TOK_STEP_PAIRS ? merge.count++ : TOK_STEP_PAIRS;
        for (; at > 1 && is_better(other, rival[at - 1]); at--)
            if (at < TOK_STEP_PAIRS)
                rival[at] = rival[at - 1];
        if (at < TOK_STEP_PAIRS)
            rival[at] = other;
    }
    for (size_t i = 0; i < merge.count; i++)
        merge.pair[i] = pair_for(bpe, rival[i]);
    tok_note_merge(notes, &merge);
}

static void merge_all(TokBpe *bpe, TokNotes *notes) {
    bpe->heap_count = 0;
    for (uint32_t i = 0; i + 1 < bpe->symbol_count; i++)
        consider(bpe, i);
    while (bpe->heap_count > 0) {
        Candidate best = heap_pop(bpe);
        if (!is_current(bpe, &best))
            continue;
        if (notes)
            note_merge(bpe, &best, notes);
        Symbol *left = &bpe->symbol[best.left], *right = &bpe->symbol[left->after];
        left->id = best.result;
        left->end = right->end;
        left->after = right->after;
        right->id = -1;
        if (left->after != NONE)
            bpe->symbol[left->after].before = best.left;
        consider(bpe, left->before);
        consider(bpe, best.left);
    }
}

static void add_symbol(TokBpe *bpe, int32_t id, size_t start, size_t end) {
    uint32_t i = (uint32_t)bpe->symbol_count++;
    bpe->symbol[i] = (Symbol){.id = id,
                              .before = i ? i - 1 : NONE,
                              .after = i + 1,
                              .start = (uint32_t)start,
                              .end = (uint32_t)end};
}

/* One symbol for each character. An unknown one is its bytes, where the vocabulary has them, or
 * else the unk token; a run of unk tokens is one if fused. */
static bool split_characters(TokBpe *bpe, const TokPiece *word, TokNotes *notes, Err *err) {
    const Tokenizer *tok = bpe->tok;
    bool after_unknown = false;
    bpe->symbol_count = 0;
    for (size_t at = 0, end; at < word->size; at = end) {
        end = at + utf8_next(word->bytes + at, word->size - at).size;
        int32_t id = tok_model_id(&tok->vocab, word->bytes + at, end - at);
        bool known = id >= 0, as_bytes = !known && tok_has_bytes(tok, word->bytes + at, end - at);
        if (known)
            add_symbol(bpe, id, at, end);
        for (size_t i = at; as_bytes && i < end; i++)
            add_symbol(bpe, tok->byte_id[(unsigned char)word->bytes[i]], i, i + 1);
        bool unknown = !known && !as_bytes;
        if (unknown && tok->unk < 0)
            return tok_unknown(tok, word, (TokSpan){at, end}, err);
        if (!known)
            tok_note(notes, TOK_STEP_UNKNOWN, (TokSpan){at, end}, as_bytes ? -1 : tok->unk);
        if (unknown && after_unknown && tok->fuse_unk)
            bpe->symbol[bpe->symbol_count - 1].end = (uint32_t)end;
        else if (unknown)
            add_symbol(bpe, tok->unk, at, end);
        after_unknown = unknown;
    }
    bpe->symbol[bpe->symbol_count - 1].after = NONE;
    return true;
}

bool tok_bpe_word(TokWork *work, const TokPiece *word, Err *err) {
    TokBpe *bpe = work->bpe;
    TokNotes *notes = work->notes;
    int32_t whole = tok_model_id(&bpe->tok->vocab, word->bytes, word->size);
    if (whole >= 0 && bpe->tok->ignore_merges) {
        tok_note(notes, TOK_STEP_LOOKUP, (TokSpan){0, word->size}, whole);
        tok_work_add(work, whole, 0, word->size);
        return true;
    }
    make_room(bpe, word);
    if (!split_characters(bpe, word, notes, err))
        return false;
    tok_note(notes, TOK_STEP_SYMBOLS, (TokSpan){0, word->size}, -1);
    for (uint32_t i = 0; notes && i < bpe->symbol_count; i++)
        tok_note_symbol(notes, bpe->symbol[i].id,
                        (TokSpan){bpe->symbol[i].start, bpe->symbol[i].end});
    merge_all(bpe, notes);
    for (uint32_t i = 0; i != NONE; i = bpe->symbol[i].after)
        tok_work_add(work, bpe->symbol[i].id, bpe->symbol[i].start, bpe->symbol[i].end);
    return true;
}
