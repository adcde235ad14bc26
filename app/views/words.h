/* words: every word on screen. A message has an id and a text in each language (words_all.def);
 * records, captions and names have catalogues of their own. In a text {0}, {1} … stand for
 * arguments, in any order; a Korean particle that follows an argument is written with both its
 * forms, “{0}{을/를}”, and the one that suits is put in (particle.h).
 *
 * The language is the process's own, as a locale is: set at the start and by the switch, on the
 * thread that draws. All words are asked for anew in each frame; what is kept beyond one is no word.
 *
 * Texts that are built live in the arena that is given. */
#ifndef VIEWS_WORDS_H
#define VIEWS_WORDS_H

#include "app/ui/lang.h"
#include "app/ui/ui.h"
#include "app/views/state.h"
#include "engine/model/model.h"

typedef enum {
#define WORD(ID, ...) WORD_##ID,
#include "app/views/words_all.def"
#undef WORD
    WORD_COUNT
} WordId;

void words_set_language(Lang lang);
Lang words_language(void);

/* The message as it stands in the catalogue. */
const char *word(WordId id);
/* With its arguments put in. */
const char *word_with(Arena *arena, WordId id, const char *const *args, size_t count);
#define WORD_WITH(arena, id, ...)                                                                  \
    word_with((arena), (id), (const char *const[]){__VA_ARGS__},                                   \
              sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

/* The same as coloured pieces for ui_spans: an argument stands in its role's colour, in mono. */
typedef struct {
    const char *text;
    Role role;
    bool plain; /* the surrounding font and colour */
} WordArg;
size_t word_spans(Arena *arena, const Theme *theme, const char *message, Color color,
                  const WordArg *args, size_t count, UiSpan **spans);

/* What the engine calls by an English name, as a reader does: "query", "row maximum", "Linear map".
 * Names that belong to formulas and files ("d_head", "eps") stay. */
const char *word_name(const char *name);
/* The name of an axis: "query", "d_model". */
const char *word_axis(Axis axis);
/* The words in a formula's markup (formula.h): "if", "else", "mask"; its functions stay. */
const char *word_formula(Arena *arena, const char *markup);

/* A token of a text in quotation marks: “·Lily”; where several are spelled alike, with its place:
 * “·the” (7th). */
const char *word_token(Arena *arena, const TraceText *text, size_t position);
/* A place on an axis of the record, as a reader calls it: a token's label, a piece of the
 * vocabulary, a class, "2nd" of the chosen experts; else its number. */
const char *word_place(Arena *arena, const Trace *trace, const Model *model, int node, int axis,
                       size_t index);
/* "1st", "2nd" … from 0 */
const char *word_ordinal(Arena *arena, size_t place);
/* A token of the vocabulary: “·red”; “#17” where the model has no tokenizer. */
const char *word_vocab(Arena *arena, const Model *model, size_t id);

/* The same without the quotation marks. */
const char *word_vocab_label(Arena *arena, const Model *model, size_t id);

/* A stage: "Scores: every query meets every key"; in the map: "Scores Q Kᵀ"; what it does, for the
 * caption before the first step. */
const char *word_stage_title(const Node *node);
const char *word_stage_short(const Node *node);
const char *word_stage_about(const Node *node);
/* "block 2 · head 1 · 16 × 16"; head −1 leaves it out. */
const char *word_stage_where(Arena *arena, const Node *node, long head);
/* "block 2", "encoder block 0", in a sentence; "Encoder block 0" where it stands alone. */
const char *word_block(Arena *arena, const Node *node, bool alone);

/* The line below a figure: "story · “Tom saw a dog” · block 2 · head 1 · blocks.2.attn.hook_pattern".
 * `prompt` NULL: none; a long one is cut. `record` is the record's name, or a pattern where the
 * figure shows all blocks: then neither block nor head is named. head −1: none. */
const char *word_figure(Arena *arena, const Node *node, const char *record, const char *model,
                        const char *prompt, long head);

/* The caption of a small step. */
size_t word_caption(Arena *arena, const Theme *theme, const Trace *trace, const Model *model,
                    const Node *node, const OpStep *step, UiSpan **spans);

/* The caption of step `number` of the tokenizer. */
size_t word_tok_caption(Arena *arena, const Theme *theme, const Model *model, const TokSteps *steps,
                        size_t number, UiSpan **spans);
/* A place in a word counts characters; `at` counts bytes. */
size_t word_tok_place(const TokStepWord *word, size_t at);
/* Bytes of a text as they are shown: spaces as “·”. */
const char *word_tok_text(Arena *arena, const char *bytes, size_t size);
/* A piece as the vocabulary spells it. */
const char *word_tok_piece(Arena *arena, const Model *model, int32_t id);

#endif
