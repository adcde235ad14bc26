/* The catalogue, and putting arguments into messages. */
#include "app/views/words.h"

#include "app/ui/particle.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const char *const WORDS[WORD_COUNT][LANG_COUNT] = {
#define WORD(ID, ...) [WORD_##ID] = {__VA_ARGS__},
#include "app/views/words_all.def"
#undef WORD
};

#define NAME(...) {__VA_ARGS__},
#define PHRASE(...)
static const char *const NAMES[][LANG_COUNT] = {
#include "app/views/words_names.def"
};
#undef NAME
#undef PHRASE
#define NAME(...)
#define PHRASE(...) {__VA_ARGS__},
static const char *const PHRASES[][LANG_COUNT] = {
#include "app/views/words_names.def"
};
#undef NAME
#undef PHRASE

static Lang language = LANG_EN; /* of the process: see words.h */

void words_set_language(Lang lang) {
    language = lang;
}

Lang words_language(void) {
    return language;
}

const char *word(WordId id) {
    return WORDS[id][language];
}

const char *word_name(const char *name) {
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (strcmp(NAMES[i][LANG_EN], name) == 0)
            return NAMES[i][language];
    return name;
}

const char *word_axis(Axis axis) {
    return word_name(axis_name(axis));
}

/* The phrase that begins the markup; NULL: none does. */
static const char *const *phrase_at(const char *markup) {
    for (size_t i = 0; i < sizeof PHRASES / sizeof *PHRASES; i++)
        if (strncmp(markup, PHRASES[i][LANG_EN], strlen(PHRASES[i][LANG_EN])) == 0)
            return PHRASES[i];
    return NULL;
}

const char *word_formula(Arena *arena, const char *markup) {
    Buf out = {0};
    while (*markup) {
        const char *const *phrase = phrase_at(markup);
        buf_add(&out, phrase ? phrase[language] : markup, phrase ? strlen(phrase[language]) : 1);
        markup += phrase ? strlen(phrase[LANG_EN]) : 1;
    }
    const char *text = arena_copy_text(arena, buf_cstr(&out));
    buf_free(&out);
    return text;
}

/* ---- Messages -------------------------------------------------------------------------------- */

/* One part of a message: text as it stands, an argument, or a particle that suits what is before. */
typedef struct {
    const char *text; /* NULL: the argument's own, or … */
    size_t size;
    int argument; /* … -1: the particle's form */
    Particle particle;
} Piece;

static Piece text_piece(const char *text, size_t size) {
    return (Piece){.text = text, .size = size};
}

/* "{2|product|products}": the noun that suits the argument. */
static Piece noun_piece(const char *choices, const char *end, bool one) {
    const char *bar = memchr(choices, '|', (size_t)(end - choices));
    assert(bar);
    return one ? text_piece(choices, (size_t)(bar - choices))
               : text_piece(bar + 1, (size_t)(end - bar - 1));
}

/* Takes the next piece off *message. */
static Piece next_piece(const char **message, const WordArg *args, size_t count) {
    const char *start = *message, *brace = strchr(start, '{');
    if (brace != start) {
        size_t size = brace ? (size_t)(brace - start) : strlen(start);
        *message += size;
        return text_piece(start, size);
    }
    Piece piece = {.argument = -1};
    size_t taken = particle_at(start, strlen(start), &piece.particle);
    if (taken > 0) {
        *message += taken;
        return piece;
    }
    char *after;
    size_t number = strtoul(start + 1, &after, 10);
    const char *end = strchr(after, '}');
    assert(end && number < count);
    (void)count;
    *message = end + 1;
    if (*after == '|')
        return noun_piece(after + 1, end, strcmp(args[number].text, "1") == 0);
    return (Piece){.argument = (int)number};
}

/* Appends the piece to what is said by now, and gives where it begins there. */
static size_t say_piece(Buf *said, const Piece *piece, const WordArg *args) {
    size_t before = said->size;
    if (piece->text)
        buf_add(said, piece->text, piece->size);
    else if (piece->argument >= 0)
        buf_text(said, args[piece->argument].text);
    else
        buf_text(said, particle(buf_cstr(said), said->size, piece->particle));
    return before;
}

const char *word_with(Arena *arena, WordId id, const char *const *args, size_t count) {
    WordArg *words = ARENA_NEW_N(arena, WordArg, count);
    for (size_t i = 0; i < count; i++)
        words[i] = (WordArg){.text = args[i], .plain = true};
    Buf out = {0};
    for (const char *message = word(id); *message;) {
        Piece piece = next_piece(&message, words, count);
        say_piece(&out, &piece, words);
    }
    const char *text = arena_copy_text(arena, buf_cstr(&out));
    buf_free(&out);
    return text;
}

size_t word_spans(Arena *arena, const Theme *theme, const char *message, Color color,
                  const WordArg *args, size_t count, UiSpan **spans) {
    size_t room = 1, n = 0;
    Buf said = {0};
    for (const char *at = message; *at; at++)
        room += *at == '{' ? 2 : 0;
    *spans = ARENA_NEW_N(arena, UiSpan, room);
    while (*message) {
        Piece piece = next_piece(&message, args, count);
        size_t from = say_piece(&said, &piece, args);
        UiSpan span = {.font = FONT_UI, .color = color};
        span.text = arena_copy_bytes(arena, said.bytes + from, said.size - from);
        if (!piece.text && piece.argument >= 0) {
            const WordArg *arg = &args[piece.argument];
            span.font = arg->plain ? FONT_UI : FONT_MONO;
            span.color = arg->plain || arg->role == ROLE_NONE ? color
                                                              : theme_role(theme, arg->role);
        }
        (*spans)[n++] = span;
    }
    buf_free(&said);
    return n;
}

/* ---- Tokens ---------------------------------------------------------------------------------- */

const char *word_token(Arena *arena, const TraceText *text, size_t position) {
    const char *label = text->label[position];
    int64_t alike = 0, place = 0;
    for (size_t i = 0; i < text->length; i++) {
        alike += strcmp(text->label[i], label) == 0;
        if (i == position)
            place = alike;
    }
    if (alike == 1)
        return WORD_WITH(arena, WORD_TOKEN, label);
    return WORD_WITH(arena, WORD_TOKEN_AMONG, label, text_count(arena, place),
                     text_count(arena, alike));
}

const char *word_vocab_label(Arena *arena, const Model *model, size_t id) {
    if (!model || !model->tok || id >= (size_t)tok_id_limit(model->tok) ||
        !tok_piece(model->tok, (int32_t)id))
        return WORD_WITH(arena, WORD_VOCAB_BARE, text_count(arena, (int64_t)id));
    int32_t one = (int32_t)id;
    const char *label;
    tok_labels(model->tok, &one, 1, arena, &label);
    return label;
}

const char *word_ordinal(Arena *arena, size_t place) {
    static const WordId ids[] = {WORD_ORDINAL_1, WORD_ORDINAL_2, WORD_ORDINAL_3};
    return place < 3 ? word(ids[place])
                     : WORD_WITH(arena, WORD_ORDINAL, text_count(arena, (int64_t)place + 1));
}

/* The keys that are worked on together: "keys ·red … ·ball". */
static const char *key_block(Arena *arena, const Trace *trace, int node, size_t block) {
    const Node *record = &trace->graph.node[node];
    const TraceText *keys = record->keys == TEXT_SOURCE ? &trace->source : &trace->own;
    size_t columns = record->param.flash.columns, first = block * columns;
    size_t last = first + columns < keys->length ? first + columns - 1 : keys->length - 1;
    return WORD_WITH(arena, first == last ? WORD_KEY_ALONE : WORD_KEYS, keys->label[first],
                     keys->label[last]);
}

const char *word_place(Arena *arena, const Trace *trace, const Model *model, int node, int axis,
                       size_t index) {
    const TraceText *text = trace_text(trace, node, axis);
    Axis kind = trace->graph.node[node].axis[axis];
    if (text)
        return text->label[index];
    if (kind == AXIS_VOCAB)
        return word_vocab_label(arena, model, index);
    if (kind == AXIS_KEY_BLOCK)
        return key_block(arena, trace, node, index);
    if (kind == AXIS_LABEL && trace->class_name)
        return trace->class_name[index];
    return kind == AXIS_CHOSEN ? word_ordinal(arena, index) : arena_printf(arena, "%zu", index);
}

const char *word_vocab(Arena *arena, const Model *model, size_t id) {
    return WORD_WITH(arena, WORD_TOKEN, word_vocab_label(arena, model, id));
}
