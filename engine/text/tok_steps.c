#include "engine/text/tok_steps.h"

#include "engine/text/internal.h"

#include <string.h>

bool tok_steps(const Tokenizer *tok, const char *text, size_t size, bool add_special, Arena *arena,
               TokSteps *steps, Err *err) {
    *steps = (TokSteps){.model = tok->model,
                        .continuation = tok->continuation ? tok->continuation : ""};
    if (size > TOK_STEPS_TEXT)
        return err_set(err, "the text has %zu bytes, expected at most %zu to show its steps", size,
                       TOK_STEPS_TEXT);
    TokNotes *notes = tok_notes_new(arena);
    bool good = tok_encode_noted(tok, text, size, add_special, arena, &steps->tokens, notes, err) &&
                tok_notes_end(notes, steps, err);
    tok_notes_free(notes);
    return good;
}

size_t tok_steps_symbols(const TokStepWord *word, size_t step, TokSymbol *symbol) {
    size_t count = 0;
    for (size_t i = 0; i < word->symbol_count; i++)
        if (word->symbol[i].from_step <= step && step < word->symbol[i].to_step)
            symbol[count++] = word->symbol[i];
    return count;
}

const TokStep *tok_steps_best(const TokSteps *steps, size_t step, size_t end) {
    const TokStep *best = NULL;
    for (size_t i = steps->word[steps->step[step].word].first; i <= step; i++) {
        const TokStep *offer = &steps->step[i];
        if (offer->kind == TOK_STEP_OFFER && offer->span.end == end && offer->of.offer.better)
            best = offer;
    }
    return best;
}

const char *tok_step_name(TokStepKind kind) {
    static const char *const NAME[] = {[TOK_STEP_TEXT] = "text",
                                       [TOK_STEP_ADDED] = "added",
                                       [TOK_STEP_NORMALIZE] = "normalize",
                                       [TOK_STEP_SPLIT] = "split",
                                       [TOK_STEP_SYMBOLS] = "symbols",
                                       [TOK_STEP_MERGE] = "merge",
                                       [TOK_STEP_TRY] = "try",
                                       [TOK_STEP_OFFER] = "offer",
                                       [TOK_STEP_BACK] = "back",
                                       [TOK_STEP_LOOKUP] = "lookup",
                                       [TOK_STEP_UNKNOWN] = "unknown",
                                       [TOK_STEP_PIECES] = "pieces",
                                       [TOK_STEP_TOKENS] = "tokens",
                                       [TOK_STEP_FRAME] = "frame"};
    return NAME[kind];
}

const char *tok_model_name(TokModelKind kind) {
    static const char *const NAME[] = {[TOK_BPE] = "BPE",
                                       [TOK_WORD_PIECE] = "WordPiece",
                                       [TOK_UNIGRAM] = "Unigram",
                                       [TOK_WORD_LEVEL] = "WordLevel"};
    return NAME[kind];
}
