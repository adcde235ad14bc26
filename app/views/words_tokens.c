/* The captions of the tokenizer's steps. */
#include "app/views/words.h"

#include "engine/base/utf8.h"

#include <string.h>

enum { TOK_VARIANTS = 3, TOK_ARGS = 7, TOK_KINDS = TOK_STEP_FRAME + 1 };

static const char *const CAPTIONS[TOK_KINDS][TOK_VARIANTS][LANG_COUNT] = {
#define TOK_CAPTION(KIND, variant, ...) [TOK_STEP_##KIND][variant] = {__VA_ARGS__},
#include "app/views/words_tokens.def"
#undef TOK_CAPTION
};

size_t word_tok_place(const TokStepWord *word, size_t at) {
    size_t place = 0;
    for (size_t i = 0; i < at; i++)
        place += ((unsigned char)word->text.bytes[i] & 0xC0) != 0x80;
    return place;
}

const char *word_tok_text(Arena *arena, const char *bytes, size_t size) {
    Buf out = {0};
    for (size_t i = 0; i < size; i++)
        if (bytes[i] == ' ')
            buf_text(&out, "·");
        else
            buf_char(&out, bytes[i]);
    const char *text = arena_copy_bytes(arena, out.bytes, out.size);
    buf_free(&out);
    return text;
}

const char *word_tok_piece(Arena *arena, const Model *model, int32_t id) {
    const char *piece = model && model->tok ? tok_piece(model->tok, id) : NULL;
    return piece ? word_tok_text(arena, piece, strlen(piece)) : text_count(arena, id);
}

/* What a caption is put together from. */
typedef struct {
    Arena *arena;
    const Model *model;
    const TokStep *step;
    const TokStepWord *word; /* of the step; NULL: none */
    WordArg arg[TOK_ARGS];
    int variant;
} Said;

static void set_count(Said *said, int i, size_t count) {
    said->arg[i] = (WordArg){text_count(said->arena, (int64_t)count), ROLE_NONE, true};
}

static void set_number(Said *said, int i, double value) {
    said->arg[i] = (WordArg){text_number(said->arena, value, 3), ROLE_NONE, false};
}

static void set_text(Said *said, int i, const char *bytes, size_t size) {
    const char *text = word_tok_text(said->arena, bytes, size);
    said->arg[i] = (WordArg){WORD_WITH(said->arena, WORD_TOKEN, text), ROLE_HAND, false};
}

static void set_piece(Said *said, int i, int32_t id) {
    const char *text = word_tok_piece(said->arena, said->model, id);
    said->arg[i] = (WordArg){WORD_WITH(said->arena, WORD_TOKEN, text), ROLE_HAND, false};
}

static void set_span(Said *said, int i) {
    const TokSpan *span = &said->step->span;
    set_text(said, i, said->word->text.bytes + span->start, span->end - span->start);
}

/* ---- Each kind ------------------------------------------------------------------------------- */

static void say_row(Said *said) {
    const TokStep *step = said->step;
    size_t bytes = 0;
    for (size_t i = 0; i < step->of.row.count; i++)
        bytes += step->of.row.item[i].from.end - step->of.row.item[i].from.start;
    if (step->kind == TOK_STEP_TEXT || step->kind == TOK_STEP_ADDED)
        set_count(said, 0, step->kind == TOK_STEP_TEXT ? bytes : step->of.row.count);
    else
        said->arg[0] = (WordArg){word_name(step->name), ROLE_HAND, true};
    set_count(said, 1, step->of.row.count);
}

static void say_symbols(Said *said, size_t number) {
    TokSymbol *symbol = ARENA_NEW_N(said->arena, TokSymbol, said->word->symbol_count);
    set_text(said, 0, said->word->text.bytes, said->word->text.size);
    set_count(said, 1, tok_steps_symbols(said->word, number, symbol));
}

static void say_merge(Said *said) {
    const TokPair *pair = &said->step->of.merge.pair[0];
    set_piece(said, 0, pair->left);
    set_piece(said, 1, pair->right);
    set_piece(said, 2, pair->result);
    set_count(said, 3, (size_t)pair->rank);
    set_count(said, 4, said->step->of.merge.present);
    said->variant = said->step->of.merge.present == 1;
}

static void say_try(Said *said) {
    const TokSpan *span = &said->step->span;
    size_t size = utf8_next(said->word->text.bytes + span->start, span->end - span->start).size;
    set_text(said, 0, said->step->name, strlen(said->step->name));
    set_count(said, 1, said->step->id < 0 ? 0 : (size_t)said->step->id);
    said->variant = said->step->id >= 0 ? 1 : size == span->end - span->start ? 2 : 0;
}

static void say_way(Said *said) {
    const TokOffer *offer = &said->step->of.offer;
    size_t from = word_tok_place(said->word, said->step->span.start);
    size_t to = word_tok_place(said->word, said->step->span.end);
    set_piece(said, 0, said->step->id);
    set_count(said, 1, from);
    set_count(said, 2, to);
    if (said->step->kind == TOK_STEP_BACK)
        return;
    set_number(said, 2, offer->before);
    set_number(said, 3, offer->score);
    set_number(said, 4, offer->total);
    set_count(said, 5, to);
    set_number(said, 6, offer->was);
    said->variant = !offer->reached ? 0 : offer->better ? 1 : 2;
}

static void say_lookup(Said *said) {
    set_span(said, 0);
    set_count(said, 1, said->step->id < 0 ? 0 : (size_t)said->step->id);
    said->variant = said->step->id >= 0;
}

static void say_unknown(Said *said) {
    set_span(said, 0);
    said->variant = said->step->id < 0;
    if (said->step->id < 0)
        set_count(said, 1, said->step->span.end - said->step->span.start);
    else
        set_piece(said, 1, said->step->id);
}

static void say_pieces(Said *said) {
    const TokenList *list = &said->step->of.tokens;
    set_text(said, 0, said->word->text.bytes, said->word->text.size);
    set_count(said, 1, list->count);
    set_count(said, 2, list->count ? (size_t)list->token[0].id : 0);
    said->variant = said->word->text.id >= 0 ? 2 : list->count == 1;
}

static void say_tokens(Said *said) {
    const TokenList *list = &said->step->of.tokens;
    size_t added = 0;
    for (size_t i = 0; i < list->count; i++)
        added += list->token[i].added;
    set_count(said, 0, said->step->kind == TOK_STEP_FRAME ? added : list->count);
    set_count(said, 1, list->count);
}

size_t word_tok_caption(Arena *arena, const Theme *theme, const Model *model, const TokSteps *steps,
                        size_t number, UiSpan **spans) {
    const TokStep *step = &steps->step[number];
    Said said = {.arena = arena, .model = model, .step = step};
    said.word = step->word < 0 ? NULL : &steps->word[step->word];
    switch (step->kind) {
    case TOK_STEP_TEXT:
    case TOK_STEP_ADDED:
    case TOK_STEP_NORMALIZE:
    case TOK_STEP_SPLIT: say_row(&said); break;
    case TOK_STEP_SYMBOLS: say_symbols(&said, number); break;
    case TOK_STEP_MERGE: say_merge(&said); break;
    case TOK_STEP_TRY: say_try(&said); break;
    case TOK_STEP_OFFER:
    case TOK_STEP_BACK: say_way(&said); break;
    case TOK_STEP_LOOKUP: say_lookup(&said); break;
    case TOK_STEP_UNKNOWN: say_unknown(&said); break;
    case TOK_STEP_PIECES: say_pieces(&said); break;
    case TOK_STEP_TOKENS:
    case TOK_STEP_FRAME: say_tokens(&said); break;
    }
    const char *message = CAPTIONS[step->kind][said.variant][words_language()];
    return word_spans(arena, theme, message, theme->text, said.arg, TOK_ARGS, spans);
}
