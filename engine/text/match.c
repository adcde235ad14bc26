#include "engine/text/internal.h"

#include <string.h>

/* ---- Loading ---- */

bool tok_match_regex(Tokenizer *tok, const char *source, const char *where, TokMatch *match,
                     Err *err) {
    match->pattern = pattern_new(source, where, tok->arena, err);
    if (!match->pattern)
        return false;
    tok->pattern[tok->pattern_count++] = match->pattern; /* at most one for each stage */
    return true;
}

bool tok_match_load(Tokenizer *tok, const cJSON *json, const char *where, TokMatch *match,
                    Err *err) {
    const cJSON *pattern;
    const char *regex, *literal;
    if (!tok_field(json, "pattern", false, where, &pattern, err))
        return false;
    const char *inside = arena_printf(tok->arena, "%s.pattern", where);
    if (!json_text(pattern, "Regex", inside, NULL, &regex, err) ||
        !json_text(pattern, "String", inside, NULL, &literal, err))
        return false;
    if (!regex == !literal)
        return err_set(err, "%s: found %s, expected one of Regex and String", inside,
                       regex ? "both" : "neither");
    if (regex)
        return tok_match_regex(tok, regex, inside, match, err);
    match->literal = arena_copy_text(tok->arena, literal);
    return true;
}

/* ---- Finding ---- */

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

bool tok_match_find(const TokMatch *match, const TokPiece *piece, Arena *scratch, TokSpan **found,
                    size_t *count, Err *err) {
    if (match->pattern)
        return pattern_find_all(match->pattern, piece->bytes, piece->size, scratch, found, count,
                                err);
    find_literal(match->literal, piece, scratch, found, count);
    return true;
}
