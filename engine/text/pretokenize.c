/* Pre-tokenizers cut a text into words; the model never merges across their borders. All the kinds
 * are one: find matches of an expression (or of a fixed text), and say what becomes of them. */
#include "engine/base/utf8.h"
#include "engine/text/internal.h"

#include <string.h>

/* GPT-2's words: an English contraction, or a space at most and then letters, digits or other
 * signs, or spaces without the last one (which goes with the next word). Written `\s` in the
 * original (openai/gpt-2, encoder.py); spelled out, since PCRE2's counts U+180E too. */
#define SPACE "\\p{Z}\\t-\\r\\x{85}"
#define GPT2_WORDS                                                                                 \
    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^" SPACE "\\p{L}\\p{N}]+|"                     \
    "[" SPACE "]+(?![^" SPACE "])|[" SPACE "]+"

/* The others as their names say (Hugging Face tokenizers, module pre_tokenizers). */
#define WORD "\\p{L}\\p{M}\\p{Nd}\\p{Nl}\\p{Pc}\\x{200C}\\x{200D}"
#define WORDS_AND_SIGNS "[" WORD "]+|[^" WORD SPACE "]+"
#define PUNCTUATION "[\\p{P}$+<=>^`|~]"

/* ---- Loading ---- */

static bool set_pattern(Tokenizer *tok, TokSplit *split, const char *source, const char *where,
                        Err *err) {
    split->pattern = pattern_new(source, where, tok->arena, err);
    return split->pattern != NULL;
}

static bool read_behavior(const cJSON *json, const char *where, TokBehavior absent,
                          TokBehavior *behavior, Err *err) {
    static const char *const NAME[] = {[TOK_REMOVED] = "Removed",
                                       [TOK_ISOLATED] = "Isolated",
                                       [TOK_MERGED_WITH_PREVIOUS] = "MergedWithPrevious",
                                       [TOK_MERGED_WITH_NEXT] = "MergedWithNext",
                                       [TOK_CONTIGUOUS] = "Contiguous"};
    const char *name;
    *behavior = absent;
    if (!json_text(json, "behavior", where, NAME[absent], &name, err))
        return false;
    for (size_t i = 0; i < sizeof NAME / sizeof *NAME; i++)
        if (strcmp(name, NAME[i]) == 0) {
            *behavior = (TokBehavior)i;
            return true;
        }
    return err_set(err,
                   "%s: behavior is \"%.60s\", expected Removed, Isolated, "
                   "MergedWithPrevious, MergedWithNext or Contiguous",
                   where, name);
}

static bool load_split(Tokenizer *tok, const cJSON *json, TokSplit *split, const char *where,
                       Err *err) {
    const cJSON *pattern;
    const char *regex, *literal;
    if (!tok_field(json, "pattern", false, where, &pattern, err))
        return false;
    const char *inside = arena_printf(tok->arena, "%s.pattern", where);
    if (!json_text(pattern, "Regex", inside, NULL, &regex, err) ||
        !json_text(pattern, "String", inside, NULL, &literal, err) ||
        !read_behavior(json, where, TOK_ISOLATED, &split->behavior, err) ||
        !json_bool(json, "invert", where, false, &split->invert, err))
        return false;
    if (!regex == !literal)
        return err_set(err, "%s: found %s, expected one of Regex and String", inside,
                       regex ? "both" : "neither");
    if (regex)
        return set_pattern(tok, split, regex, inside, err);
    split->literal = arena_copy_text(tok->arena, literal);
    return true;
}

static bool load_byte_level(Tokenizer *tok, const cJSON *json, TokSplit *split, const char *where,
                            Err *err) {
    bool use_regex, unused; /* trim_offsets counts only in the post-processor */
    split->to_bytes = true;
    split->behavior = TOK_ISOLATED;
    return json_bool(json, "add_prefix_space", where, false, &split->prefix_space, err) &&
           json_bool(json, "trim_offsets", where, true, &unused, err) &&
           json_bool(json, "use_regex", where, true, &use_regex, err) &&
           (!use_regex || set_pattern(tok, split, GPT2_WORDS, where, err));
}

static bool load_digits(Tokenizer *tok, const cJSON *json, TokSplit *split, const char *where,
                        Err *err) {
    bool individual;
    if (!json_bool(json, "individual_digits", where, false, &individual, err))
        return false;
    split->behavior = individual ? TOK_ISOLATED : TOK_CONTIGUOUS;
    return set_pattern(tok, split, "\\p{N}", where, err);
}

static bool load_punctuation(Tokenizer *tok, const cJSON *json, TokSplit *split, const char *where,
                             Err *err) {
    return read_behavior(json, where, TOK_ISOLATED, &split->behavior, err) &&
           set_pattern(tok, split, PUNCTUATION, where, err);
}

static bool load_whitespace(Tokenizer *tok, const cJSON *json, TokSplit *split, const char *where,
                            Err *err) {
    (void)json;
    split->invert = true; /* what is removed is what is no word */
    return set_pattern(tok, split, WORDS_AND_SIGNS, where, err);
}

static bool load_whitespace_split(Tokenizer *tok, const cJSON *json, TokSplit *split,
                                  const char *where, Err *err) {
    (void)json;
    return set_pattern(tok, split, "[" SPACE "]", where, err);
}

typedef bool LoadSplit(Tokenizer *, const cJSON *, TokSplit *, const char *, Err *);

static const struct {
    const char *name;
    LoadSplit *load;
} KIND[] = {
    {"ByteLevel", load_byte_level},  {"Split", load_split},
    {"Whitespace", load_whitespace}, {"WhitespaceSplit", load_whitespace_split},
    {"Digits", load_digits},         {"Punctuation", load_punctuation},
};

bool tok_pretokenizer_load(Tokenizer *tok, const cJSON *json, const char *where, Err *err) {
    const char *type;
    if (!json || cJSON_IsNull(json))
        return true;
    if (!tok_type(json, where, &type, err))
        return false;
    if (strcmp(type, "Sequence") == 0)
        return tok_sequence(tok, json, "pretokenizers", where, tok_pretokenizer_load, err);
    for (size_t i = 0; i < sizeof KIND / sizeof *KIND; i++) {
        if (strcmp(type, KIND[i].name) != 0)
            continue;
        if (tok->split_count == TOK_MOST_STAGES)
            return tok_too_many(where, err);
        return KIND[i].load(tok, json, &tok->split[tok->split_count++], where, err);
    }
    return err_set(err,
                   "%s: type is \"%.60s\"; this build reads ByteLevel, Split, Whitespace, "
                   "WhitespaceSplit, Digits, Punctuation and Sequence",
                   where, type);
}

/* ---- Running ---- */

static void find_literal(const char *literal, const TokPiece *piece, Arena *scratch,
                         TokSpan **found, size_t *count) {
    size_t size = strlen(literal);
    Buf spans = {0};
    const char *at = piece->bytes, *end = piece->bytes + piece->size;
    while (size > 0 && (at = memmem(at, (size_t)(end - at), literal, size))) {
        size_t start = (size_t)(at - piece->bytes);
        buf_add(&spans, &(TokSpan){start, start + size}, sizeof(TokSpan));
        at += size;
    }
    *count = spans.size / sizeof(TokSpan);
    *found = (void *)arena_copy_bytes(scratch, spans.bytes, spans.size);
    buf_free(&spans);
}

/* A stretch of the text: a match, or what lies between two. */
typedef struct {
    TokSpan span;
    bool match;
} Stretch;

/* `stretch` has room for 2 × count + 1. Gives how many there are: together the whole text. */
static size_t to_stretches(const TokSpan *found, size_t count, size_t size, bool invert,
                           Stretch *stretch) {
    size_t done = 0, n = 0;
    for (size_t i = 0; i < count; i++) {
        if (done < found[i].start)
            stretch[n++] = (Stretch){{done, found[i].start}, invert};
        stretch[n++] = (Stretch){found[i], !invert};
        done = found[i].end;
    }
    if (done < size)
        stretch[n++] = (Stretch){{done, size}, invert};
    return n;
}

/* Does a word end between these two neighbours? */
static bool is_cut(TokBehavior behavior, const Stretch *left, const Stretch *right) {
    switch (behavior) {
    case TOK_CONTIGUOUS: return left->match != right->match;
    case TOK_MERGED_WITH_PREVIOUS: return left->match || !right->match;
    case TOK_MERGED_WITH_NEXT: return !left->match || right->match;
    case TOK_REMOVED:
    case TOK_ISOLATED: break;
    }
    return true;
}

static void add_words(const TokPiece *piece, const Stretch *stretch, size_t count,
                      TokBehavior behavior, TokPieces *out, Arena *scratch) {
    for (size_t i = 0, last; i < count; i = last + 1) {
        for (last = i; last + 1 < count; last++)
            if (is_cut(behavior, &stretch[last], &stretch[last + 1]))
                break;
        TokSpan word = {stretch[i].span.start, stretch[last].span.end};
        bool removed = behavior == TOK_REMOVED && stretch[i].match;
        if (!removed && word.start < word.end)
            tok_pieces_add(out, tok_piece_part(piece, word.start, word.end), scratch);
    }
}

static bool cut(const TokSplit *split, const TokPiece *piece, TokPieces *out, Arena *scratch,
                Err *err) {
    TokSpan *found;
    size_t count;
    if (split->literal)
        find_literal(split->literal, piece, scratch, &found, &count);
    else if (!pattern_find_all(split->pattern, piece->bytes, piece->size, scratch, &found, &count,
                               err))
        return false;
    Stretch *stretch = ARENA_NEW_N(scratch, Stretch, 2 * count + 1);
    size_t stretches = to_stretches(found, count, piece->size, split->invert, stretch);
    add_words(piece, stretch, stretches, split->behavior, out, scratch);
    return true;
}

/* The space that is put before is counted to the first character, as Hugging Face does. */
static void put_space_before(TokPiece *piece, Arena *scratch) {
    if (piece->bytes[0] == ' ')
        return;
    TokText text = {0};
    tok_text_add(&text, " ", 1, piece->from[0]);
    for (size_t i = 0; i < piece->size; i++)
        tok_text_add(&text, piece->bytes + i, 1, piece->from[i]);
    *piece = tok_text_take(&text, scratch);
}

static void spell_bytes(const Tokenizer *tok, TokPiece *piece, Arena *scratch) {
    TokText text = {0};
    for (size_t i = 0; i < piece->size; i++) {
        char bytes[4];
        size_t size = utf8_encode(tok->char_of_byte[(unsigned char)piece->bytes[i]], bytes);
        tok_text_add(&text, bytes, size, piece->from[i]);
    }
    *piece = tok_text_take(&text, scratch);
}

static bool run_split(const Tokenizer *tok, const TokSplit *split, TokPieces *pieces,
                      Arena *scratch, Err *err) {
    TokPieces out = {0};
    for (size_t i = 0; i < pieces->count; i++) {
        TokPiece piece = pieces->item[i];
        bool is_text = piece.id == TOK_IS_TEXT;
        if (is_text && split->prefix_space)
            put_space_before(&piece, scratch);
        if (!is_text || (!split->pattern && !split->literal))
            tok_pieces_add(&out, piece, scratch);
        else if (!cut(split, &piece, &out, scratch, err))
            return false;
    }
    for (size_t i = 0; split->to_bytes && i < out.count; i++)
        if (out.item[i].id == TOK_IS_TEXT)
            spell_bytes(tok, &out.item[i], scratch);
    *pieces = out;
    return true;
}

bool tok_pretokenize(const Tokenizer *tok, TokPieces *pieces, Arena *scratch, Err *err) {
    for (size_t i = 0; i < tok->split_count; i++)
        if (!run_split(tok, &tok->split[i], pieces, scratch, err))
            return false;
    return true;
}
