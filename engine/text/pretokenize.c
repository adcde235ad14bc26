/* Pre-tokenizers cut a text into words; the model never merges across their borders. All the kinds
 * are one: find matches of an expression (or of a fixed text), and say what becomes of them. Here they
 * are read from the file; split.c runs them. */
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
    return tok_match_load(tok, json, where, &split->match, err) &&
           read_behavior(json, where, TOK_ISOLATED, &split->behavior, err) &&
           json_bool(json, "invert", where, false, &split->invert, err);
}

static bool load_byte_level(Tokenizer *tok, const cJSON *json, TokSplit *split, const char *where,
                            Err *err) {
    bool prefix, use_regex, unused; /* trim_offsets counts only in the post-processor */
    for (size_t i = 0; i + 1 < tok->split_count; i++)
        if (tok->split[i].to_bytes)
            return err_set(err, "%s: a second ByteLevel, expected one", where);
    split->to_bytes = true;
    split->behavior = TOK_ISOLATED;
    if (!json_bool(json, "add_prefix_space", where, false, &prefix, err) ||
        !json_bool(json, "trim_offsets", where, true, &unused, err) ||
        !json_bool(json, "use_regex", where, true, &use_regex, err))
        return false;
    split->prefix = prefix ? " " : NULL;
    return !use_regex || tok_match_regex(tok, GPT2_WORDS, where, &split->match, err);
}

/* A space becomes "▁" and goes with the word behind it. Older files say with add_prefix_space
 * whether the first word gets one, too. */
static bool load_metaspace(Tokenizer *tok, const cJSON *json, TokSplit *split, const char *where,
                           Err *err) {
    bool prefix, cut;
    const char *scheme;
    if (!tok_character(tok, json, "replacement", where, "▁", &split->space, err) ||
        !json_bool(json, "add_prefix_space", where, true, &prefix, err) ||
        !json_text(json, "prepend_scheme", where, prefix ? "always" : "never", &scheme, err) ||
        !json_bool(json, "split", where, true, &cut, err))
        return false;
    split->only_first = strcmp(scheme, "first") == 0;
    if (split->only_first || strcmp(scheme, "always") == 0)
        split->prefix = split->space;
    else if (strcmp(scheme, "never") != 0)
        return err_set(err, "%s: prepend_scheme is \"%.60s\", expected always, first or never",
                       where, scheme);
    split->behavior = TOK_MERGED_WITH_NEXT;
    split->match.literal = cut ? split->space : NULL;
    return true;
}

/* White space goes, and each punctuation mark is a word. */
static bool load_bert(Tokenizer *tok, const cJSON *json, TokSplit *split, const char *where,
                      Err *err) {
    (void)json;
    TokSplit *spaces = split++;
    spaces->name = "BertPreTokenizer: white space";
    if (tok->split_count == TOK_MOST_STAGES)
        return tok_too_many(where, err);
    tok->split_count++;
    split->name = "BertPreTokenizer: punctuation";
    spaces->behavior = TOK_REMOVED;
    split->behavior = TOK_ISOLATED;
    return tok_match_regex(tok, "[" SPACE "]", where, &spaces->match, err) &&
           tok_match_regex(tok, PUNCTUATION, where, &split->match, err);
}

static bool load_digits(Tokenizer *tok, const cJSON *json, TokSplit *split, const char *where,
                        Err *err) {
    bool individual;
    if (!json_bool(json, "individual_digits", where, false, &individual, err))
        return false;
    split->behavior = individual ? TOK_ISOLATED : TOK_CONTIGUOUS;
    return tok_match_regex(tok, "\\p{N}", where, &split->match, err);
}

static bool load_punctuation(Tokenizer *tok, const cJSON *json, TokSplit *split, const char *where,
                             Err *err) {
    return read_behavior(json, where, TOK_ISOLATED, &split->behavior, err) &&
           tok_match_regex(tok, PUNCTUATION, where, &split->match, err);
}

static bool load_whitespace(Tokenizer *tok, const cJSON *json, TokSplit *split, const char *where,
                            Err *err) {
    (void)json;
    split->invert = true; /* what is removed is what is no word */
    return tok_match_regex(tok, WORDS_AND_SIGNS, where, &split->match, err);
}

static bool load_whitespace_split(Tokenizer *tok, const cJSON *json, TokSplit *split,
                                  const char *where, Err *err) {
    (void)json;
    return tok_match_regex(tok, "[" SPACE "]", where, &split->match, err);
}

typedef bool LoadSplit(Tokenizer *, const cJSON *, TokSplit *, const char *, Err *);

static const struct {
    const char *name;
    LoadSplit *load;
} KIND[] = {
    {"ByteLevel", load_byte_level},  {"Split", load_split},
    {"Whitespace", load_whitespace}, {"WhitespaceSplit", load_whitespace_split},
    {"Digits", load_digits},         {"Punctuation", load_punctuation},
    {"Metaspace", load_metaspace},   {"BertPreTokenizer", load_bert},
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
        TokSplit *split = &tok->split[tok->split_count++];
        split->name = KIND[i].name;
        return KIND[i].load(tok, json, split, where, err);
    }
    return err_set(err,
                   "%s: type is \"%.60s\"; this build reads ByteLevel, Split, Whitespace, "
                   "WhitespaceSplit, Digits, Punctuation, Metaspace, BertPreTokenizer and Sequence",
                   where, type);
}
