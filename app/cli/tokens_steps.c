#include "app/cli/tokens_steps.h"

#include "app/cli/json_out.h"
#include "engine/base/json.h"

#include <stdio.h>
#include <string.h>

typedef struct {
    const Tokenizer *tok;
    const TokSteps *steps;
    const TokStep *step;
    const TokStepWord *word; /* of the step; NULL: none */
    TokSymbol *symbol;       /* room for those of any word */
} At;

static TokSymbol *symbol_room(const TokSteps *steps, Arena *arena) {
    size_t most = 0;
    for (size_t i = 0; i < steps->word_count; i++)
        most = steps->word[i].symbol_count > most ? steps->word[i].symbol_count : most;
    return ARENA_NEW_N(arena, TokSymbol, most);
}

static void go_to(At *at, size_t number) {
    at->step = &at->steps->step[number];
    at->word = at->step->word < 0 ? NULL : &at->steps->word[at->step->word];
}

static size_t number_of(const At *at) {
    return (size_t)(at->step - at->steps->step);
}

static const char *piece_of(const At *at, int32_t id) {
    const char *piece = tok_piece(at->tok, id);
    return piece ? piece : "";
}

/* ---- For readers ----------------------------------------------------------------------------- */

static void add_quoted(Buf *out, const char *text, size_t size) {
    if (out->size > 0 && out->bytes[out->size - 1] != '(')
        buf_char(out, ' ');
    json_quote(out, text, size);
}

static void add_piece(const At *at, Buf *out, int32_t id) {
    const char *piece = piece_of(at, id);
    add_quoted(out, piece, strlen(piece));
}

static void add_span(const At *at, Buf *out) {
    const TokSpan *span = &at->step->span;
    add_quoted(out, at->word->text.bytes + span->start, span->end - span->start);
}

static void add_row(const At *at, Buf *out) {
    if (at->step->name)
        buf_printf(out, "%s:", at->step->name);
    for (size_t i = 0; i < at->step->of.row.count; i++) {
        const TokStretch *stretch = &at->step->of.row.item[i];
        add_quoted(out, stretch->bytes, stretch->size);
        if (stretch->id >= 0)
            buf_printf(out, " (added token %d)", stretch->id);
    }
}

static void add_symbols(const At *at, Buf *out) {
    size_t count = tok_steps_symbols(at->word, number_of(at), at->symbol);
    for (size_t i = 0; i < count; i++)
        add_piece(at, out, at->symbol[i].id);
}

static void add_merge(const At *at, Buf *out) {
    const TokMergeStep *merge = &at->step->of.merge;
    for (size_t i = 0; i < merge->count; i++) {
        const TokPair *pair = &merge->pair[i];
        buf_text(out, i == 0 ? "" : i == 1 ? "; before" : ",");
        add_piece(at, out, pair->left);
        buf_text(out, " +");
        add_piece(at, out, pair->right);
        if (i == 0) {
            buf_text(out, " →");
            add_piece(at, out, pair->result);
        }
        buf_printf(out, " (rank %d)", pair->rank);
    }
    if (merge->present > merge->count)
        buf_printf(out, ", %zu more", merge->present - merge->count);
    buf_text(out, "\n                  ");
    add_symbols(at, out);
}

static void add_offer(const At *at, Buf *out) {
    const TokOffer *offer = &at->step->of.offer;
    const TokSpan *span = &at->step->span;
    char before[NUMBER_SIZE], score[NUMBER_SIZE], total[NUMBER_SIZE], was[NUMBER_SIZE];
    add_piece(at, out, at->step->id);
    buf_printf(out, " [%zu, %zu): best[%zu] %s + score %s = %s", span->start, span->end,
               span->start, number_text(offer->before, before), number_text(offer->score, score),
               number_text(offer->total, total));
    if (at->step->kind == TOK_STEP_BACK)
        return;
    buf_printf(out, offer->better ? " → best[%zu]" : ", no better best[%zu]", span->end);
    if (offer->reached)
        buf_printf(out, offer->better ? ", was %s" : " than %s", number_text(offer->was, was));
}

static void add_found(const At *at, Buf *out) {
    if (at->step->id < 0)
        buf_text(out, " is not in the vocabulary");
    else
        buf_printf(out, " is token %d", at->step->id);
}

static void add_unknown(const At *at, Buf *out) {
    add_span(at, out);
    buf_text(out, at->step->id < 0 ? " is written as its bytes" : " is written as");
    if (at->step->id >= 0)
        add_piece(at, out, at->step->id);
}

static void add_tokens(const At *at, Buf *out) {
    const TokenList *list = &at->step->of.tokens;
    for (size_t i = 0; i < list->count; i++) {
        add_piece(at, out, list->token[i].id);
        buf_printf(out, " %d", list->token[i].id);
    }
}

static void add_step(const At *at, Buf *out) {
    switch (at->step->kind) {
    case TOK_STEP_TEXT:
    case TOK_STEP_ADDED:
    case TOK_STEP_NORMALIZE:
    case TOK_STEP_SPLIT: add_row(at, out); break;
    case TOK_STEP_SYMBOLS: add_symbols(at, out); break;
    case TOK_STEP_MERGE: add_merge(at, out); break;
    case TOK_STEP_TRY:
        add_quoted(out, at->step->name, strlen(at->step->name));
        add_found(at, out);
        break;
    case TOK_STEP_OFFER:
    case TOK_STEP_BACK: add_offer(at, out); break;
    case TOK_STEP_LOOKUP:
        add_span(at, out);
        add_found(at, out);
        break;
    case TOK_STEP_UNKNOWN: add_unknown(at, out); break;
    case TOK_STEP_PIECES:
    case TOK_STEP_TOKENS:
    case TOK_STEP_FRAME: add_tokens(at, out); break;
    }
}

static void print_heading(const At *at) {
    const TokStretch *text = &at->word->text;
    Buf quoted = {0};
    json_quote(&quoted, text->bytes, text->size);
    printf("\nword %d of %zu: %s, bytes %zu to %zu of the text\n", at->step->word + 1,
           at->steps->word_count, quoted.bytes, text->from.start, text->from.end);
    buf_free(&quoted);
}

void tokens_steps_print(const Tokenizer *tok, const TokSteps *steps) {
    Arena arena = {0};
    At at = {.tok = tok, .steps = steps, .symbol = symbol_room(steps, &arena)};
    Buf line = {0};
    printf("%s, %zu steps, %zu tokens\n\n", tok_model_name(steps->model), steps->count,
           steps->tokens.count);
    for (size_t i = 0; i < steps->count; i++) {
        go_to(&at, i);
        if (at.word && at.word->first == i)
            print_heading(&at);
        else if (!at.word && i > 0 && steps->step[i - 1].word >= 0)
            putchar('\n');
        buf_clear(&line);
        add_step(&at, &line);
        printf("%6zu  %-10s%s\n", i + 1, tok_step_name(at.step->kind), buf_cstr(&line));
    }
    buf_free(&line);
    arena_free(&arena);
}

/* ---- For programs ---------------------------------------------------------------------------- */

static void put_span(JsonOut *out, TokSpan span) {
    json_put_whole(out, "start", span.start);
    json_put_whole(out, "end", span.end);
}

static void put_stretch(JsonOut *out, const TokStretch *stretch) {
    json_put_bytes(out, "text", stretch->bytes, stretch->size);
    put_span(out, stretch->from);
    if (stretch->id >= 0)
        json_put_whole(out, "added_token", (uint64_t)stretch->id);
}

static void put_row(const At *at, JsonOut *out) {
    if (at->step->name)
        json_put_text(out, "by", at->step->name);
    json_open(out, "row", '[');
    for (size_t i = 0; i < at->step->of.row.count; i++) {
        json_open(out, NULL, '{');
        put_stretch(out, &at->step->of.row.item[i]);
        json_shut(out, '}');
    }
    json_shut(out, ']');
}

static void put_id(const At *at, JsonOut *out, int32_t id) {
    json_put_bool(out, "found", id >= 0);
    if (id < 0)
        return;
    json_put_whole(out, "id", (uint64_t)id);
    json_put_text(out, "piece", piece_of(at, id));
}

static void put_symbols(const At *at, JsonOut *out) {
    size_t count = tok_steps_symbols(at->word, number_of(at), at->symbol);
    json_open(out, "symbols", '[');
    for (size_t i = 0; i < count; i++) {
        json_open(out, NULL, '{');
        json_put_whole(out, "id", (uint64_t)at->symbol[i].id);
        json_put_text(out, "piece", piece_of(at, at->symbol[i].id));
        put_span(out, at->symbol[i].span);
        json_shut(out, '}');
    }
    json_shut(out, ']');
}

static void put_merge(const At *at, JsonOut *out) {
    const TokMergeStep *merge = &at->step->of.merge;
    json_put_whole(out, "possible", merge->present);
    json_open(out, "pairs", '[');
    for (size_t i = 0; i < merge->count; i++) {
        const TokPair *pair = &merge->pair[i];
        json_open(out, NULL, '{');
        json_put_text(out, "left", piece_of(at, pair->left));
        json_put_text(out, "right", piece_of(at, pair->right));
        json_put_text(out, "result", piece_of(at, pair->result));
        json_put_whole(out, "id", (uint64_t)pair->result);
        json_put_whole(out, "rank", (uint64_t)pair->rank);
        put_span(out, pair->span);
        json_shut(out, '}');
    }
    json_shut(out, ']');
    put_symbols(at, out);
}

static void put_offer(const At *at, JsonOut *out) {
    const TokOffer *offer = &at->step->of.offer;
    put_id(at, out, at->step->id);
    json_put_number(out, "before", offer->before);
    json_put_number(out, "score", offer->score);
    json_put_number(out, "total", offer->total);
    if (at->step->kind == TOK_STEP_BACK)
        return;
    if (offer->reached)
        json_put_number(out, "was", offer->was);
    json_put_bool(out, "better", offer->better);
}

static void put_tokens(const At *at, JsonOut *out) {
    const TokenList *list = &at->step->of.tokens;
    json_open(out, "tokens", '[');
    for (size_t i = 0; i < list->count; i++) {
        json_open(out, NULL, '{');
        json_put_whole(out, "id", (uint64_t)list->token[i].id);
        json_put_text(out, "piece", piece_of(at, list->token[i].id));
        json_put_bool(out, "added", list->token[i].added);
        if (!list->token[i].added)
            put_span(out, (TokSpan){list->token[i].start, list->token[i].end});
        json_shut(out, '}');
    }
    json_shut(out, ']');
}

static void put_what(const At *at, JsonOut *out) {
    switch (at->step->kind) {
    case TOK_STEP_TEXT:
    case TOK_STEP_ADDED:
    case TOK_STEP_NORMALIZE:
    case TOK_STEP_SPLIT: put_row(at, out); return;
    case TOK_STEP_PIECES:
    case TOK_STEP_TOKENS:
    case TOK_STEP_FRAME: put_tokens(at, out); return;
    default: break;
    }
    put_span(out, at->step->span); /* what a model does is about bytes of the word */
    switch (at->step->kind) {
    case TOK_STEP_SYMBOLS: put_symbols(at, out); break;
    case TOK_STEP_MERGE: put_merge(at, out); break;
    case TOK_STEP_OFFER:
    case TOK_STEP_BACK: put_offer(at, out); break;
    case TOK_STEP_TRY:
        json_put_text(out, "candidate", at->step->name);
        put_id(at, out, at->step->id);
        break;
    case TOK_STEP_UNKNOWN:
        json_put_bool(out, "as_bytes", at->step->id < 0);
        if (at->step->id >= 0)
            json_put_whole(out, "id", (uint64_t)at->step->id);
        break;
    default: put_id(at, out, at->step->id); break;
    }
}

void tokens_steps_json(const Tokenizer *tok, const TokSteps *steps) {
    Arena arena = {0};
    At at = {.tok = tok, .steps = steps, .symbol = symbol_room(steps, &arena)};
    JsonOut out = {0};
    json_open(&out, NULL, '{');
    json_put_text(&out, "model", tok_model_name(steps->model));
    json_open(&out, "words", '[');
    for (size_t i = 0; i < steps->word_count; i++) {
        json_open(&out, NULL, '{');
        put_stretch(&out, &steps->word[i].text);
        json_shut(&out, '}');
    }
    json_shut(&out, ']');
    json_open(&out, "steps", '[');
    for (size_t i = 0; i < steps->count; i++) {
        go_to(&at, i);
        json_open(&out, NULL, '{');
        json_put_text(&out, "kind", tok_step_name(at.step->kind));
        if (at.word)
            json_put_whole(&out, "word", (uint64_t)at.step->word);
        put_what(&at, &out);
        json_shut(&out, '}');
    }
    json_shut(&out, ']');
    json_open(&out, "ids", '[');
    for (size_t i = 0; i < steps->tokens.count; i++)
        json_put_whole(&out, NULL, (uint64_t)steps->tokens.token[i].id);
    json_shut(&out, ']');
    json_shut(&out, '}');
    json_print(&out);
    arena_free(&arena);
}
