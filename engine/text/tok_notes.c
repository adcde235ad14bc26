/* What the encoder tells while it encodes is put down here as steps (tok_steps.h). Nothing is worked
 * out: a step holds what was told. */
#include "engine/text/internal.h"

#include <stdlib.h>
#include <string.h>

struct TokNotes {
    Arena *arena;
    Buf step, word, symbol; /* TokStep, TokStepWord; TokSymbol of the word that is open */
    TokRow row;             /* the newest */
    int open;               /* the word; −1: none is */
    bool failed;            /* it is too much; nothing more is put down */
    Err err;
};

static size_t step_count(const TokNotes *notes) {
    return notes->step.size / sizeof(TokStep);
}

static TokStepWord *open_word(TokNotes *notes) {
    return (TokStepWord *)(void *)notes->word.bytes + notes->open;
}

static void add_step(TokNotes *notes, TokStep step) {
    if (step_count(notes) == TOK_STEPS_MOST)
        notes->failed = !err_set(&notes->err, "the text takes more than %zu steps to encode",
                                 TOK_STEPS_MOST);
    if (notes->failed)
        return;
    step.word = notes->open;
    buf_add(&notes->step, &step, sizeof step);
}

TokNotes *tok_notes_new(Arena *arena) {
    TokNotes *notes = ARENA_NEW(arena, TokNotes);
    notes->arena = arena;
    notes->open = -1;
    return notes;
}

/* ---- The whole text ---- */

static TokSpan text_of(const TokPiece *piece) {
    return piece->size ? (TokSpan){piece->from[0].start, piece->from[piece->size - 1].end}
                       : (TokSpan){0};
}

static bool same_row(const TokRow *row, const TokPieces *pieces) {
    bool same = row->count == pieces->count;
    for (size_t i = 0; same && i < row->count; i++) {
        const TokStretch *was = &row->item[i];
        const TokPiece *is = &pieces->item[i];
        same = was->size == is->size && was->id == is->id &&
               memcmp(was->bytes, is->bytes, is->size) == 0;
    }
    return same;
}

static TokStretch copy_piece(const TokPiece *piece, Arena *arena) {
    return (TokStretch){.bytes = arena_copy_bytes(arena, piece->bytes, piece->size),
                        .size = piece->size,
                        .from = text_of(piece),
                        .id = piece->id};
}

void tok_note_row(TokNotes *notes, TokStepKind kind, const char *name, const TokPieces *pieces) {
    if (!notes || notes->failed || same_row(&notes->row, pieces))
        return;
    TokStretch *item = ARENA_NEW_N(notes->arena, TokStretch, pieces->count);
    for (size_t i = 0; i < pieces->count; i++)
        item[i] = copy_piece(&pieces->item[i], notes->arena);
    notes->row = (TokRow){item, pieces->count};
    add_step(notes, (TokStep){.kind = kind, .name = name, .id = -1, .of.row = notes->row});
}

/* ---- A word ---- */

void tok_note_word(TokNotes *notes, const TokPiece *word) {
    if (!notes || notes->failed)
        return;
    if (word->size > TOK_STEPS_TEXT) {
        notes->failed = !err_set(&notes->err,
                                 "a word of %zu bytes comes of the text, expected at most %zu",
                                 word->size, TOK_STEPS_TEXT);
        return;
    }
    TokStepWord fresh = {.text = copy_piece(word, notes->arena), .first = step_count(notes)};
    fresh.from = (const void *)arena_copy_bytes(notes->arena, word->from,
                                                word->size * sizeof *word->from);
    buf_add(&notes->word, &fresh, sizeof fresh);
    notes->open = (int)(notes->word.size / sizeof fresh) - 1;
}

void tok_note(TokNotes *notes, TokStepKind kind, TokSpan span, int32_t id) {
    if (notes)
        add_step(notes, (TokStep){.kind = kind, .span = span, .id = id});
}

/* It stands from the newest step on. */
void tok_note_symbol(TokNotes *notes, int32_t id, TokSpan span) {
    if (notes->failed)
        return;
    TokSymbol symbol = {id, span, step_count(notes) - 1, SIZE_MAX};
    buf_add(&notes->symbol, &symbol, sizeof symbol);
}

void tok_note_merge(TokNotes *notes, const TokMergeStep *merge) {
    const TokPair *best = &merge->pair[0];
    add_step(notes, (TokStep){.kind = TOK_STEP_MERGE,
                              .span = best->span,
                              .id = best->result,
                              .of.merge = *merge});
    TokSymbol *symbol = (void *)notes->symbol.bytes;
    for (size_t i = 0; !notes->failed && i < notes->symbol.size / sizeof *symbol; i++) {
        size_t start = symbol[i].span.start;
        if (symbol[i].to_step == SIZE_MAX && start >= best->span.start && start < best->span.end)
            symbol[i].to_step = step_count(notes) - 1;
    }
    tok_note_symbol(notes, best->result, best->span);
}

void tok_note_try(TokNotes *notes, const char *spelled, size_t size, TokSpan span, int32_t id) {
    if (!notes || notes->failed)
        return;
    add_step(notes, (TokStep){.kind = TOK_STEP_TRY,
                              .name = arena_copy_bytes(notes->arena, spelled, size),
                              .span = span,
                              .id = id});
}

void tok_note_offer(TokNotes *notes, TokStepKind kind, TokSpan span, int32_t id,
                    const TokOffer *offer) {
    add_step(notes, (TokStep){.kind = kind, .span = span, .id = id, .of.offer = *offer});
}

static int by_start(const void *a, const void *b) {
    const TokSymbol *left = a, *right = b;
    if (left->span.start != right->span.start)
        return left->span.start < right->span.start ? -1 : 1;
    return (left->from_step > right->from_step) - (left->from_step < right->from_step);
}

static void shut_word(TokNotes *notes) {
    TokStepWord *word = open_word(notes);
    word->count = step_count(notes) - word->first;
    word->symbol_count = notes->symbol.size / sizeof(TokSymbol);
    word->symbol = (void *)arena_copy_bytes(notes->arena, notes->symbol.bytes, notes->symbol.size);
    qsort(word->symbol, word->symbol_count, sizeof *word->symbol, by_start);
    buf_clear(&notes->symbol);
    notes->open = -1;
}

void tok_note_tokens(TokNotes *notes, TokStepKind kind, const Token *token, size_t count) {
    if (!notes || notes->failed || (kind == TOK_STEP_TOKENS && notes->step.size == 0))
        return;
    TokenList list = {(void *)arena_copy_bytes(notes->arena, token, count * sizeof *token), count};
    add_step(notes, (TokStep){.kind = kind, .id = -1, .of.tokens = list});
    if (kind == TOK_STEP_PIECES)
        shut_word(notes);
}

/* ---- The end ---- */

/* The text's own tokens come out of the words in order; a frame may have the text twice. */
static void settle(TokSteps *steps, Arena *arena) {
    size_t word = 0, left = 0, last = 0;
    steps->settled = ARENA_NEW_N(arena, size_t, steps->tokens.count);
    for (size_t i = 0; i < steps->tokens.count; i++) {
        bool added = steps->tokens.token[i].added;
        while (!added && left == 0) {
            const TokStepWord *next = &steps->word[word++ % steps->word_count];
            last = next->first + next->count - 1;
            left = steps->step[last].of.tokens.count;
        }
        steps->settled[i] = added ? steps->count - 1 : last;
        left -= !added;
    }
}

bool tok_notes_end(TokNotes *notes, TokSteps *steps, Err *err) {
    if (notes->failed)
        return err_set(err, "%s", notes->err.text);
    steps->count = step_count(notes);
    steps->step = (void *)arena_copy_bytes(notes->arena, notes->step.bytes, notes->step.size);
    steps->word_count = notes->word.size / sizeof *steps->word;
    steps->word = (void *)arena_copy_bytes(notes->arena, notes->word.bytes, notes->word.size);
    settle(steps, notes->arena);
    return true;
}

void tok_notes_free(TokNotes *notes) {
    buf_free(&notes->step);
    buf_free(&notes->word);
    buf_free(&notes->symbol);
}
