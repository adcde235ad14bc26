/* Unicode normal forms, lower case and accents (utf8proc), with offsets kept.
 *
 * A normal form never reaches across the border of a grapheme cluster, so each cluster is
 * normalized on its own. Where that changes it, every byte of the new cluster stands for the whole
 * old one; where it does not, each character stands for itself. */
#include "engine/base/utf8.h"
#include "engine/text/internal.h"

#include <assert.h>
#include <string.h>
#include <utf8proc.h>

static void add_code(TokText *out, uint32_t code, TokSpan from) {
    char bytes[4];
    tok_text_add(out, bytes, utf8_encode(code, bytes), from);
}

bool tok_lower_case(const TokNormalizer *step, const TokPiece *piece, Arena *scratch, TokText *out,
                    Err *err) {
    (void)step, (void)scratch, (void)err;
    for (size_t at = 0; at < piece->size;) {
        Utf8Char c = utf8_next(piece->bytes + at, piece->size - at);
        uint32_t lower = (uint32_t)utf8proc_tolower((utf8proc_int32_t)c.code);
        add_code(out, lower, piece->from[at]);
        if (c.code == 0x130) /* İ: the one letter whose lower case is two characters, i and a dot */
            add_code(out, 0x307, piece->from[at]);
        at += c.size;
    }
    return true;
}

static bool is_mark(uint32_t code, bool all) {
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)code);
    return category == UTF8PROC_CATEGORY_MN ||
           (all && (category == UTF8PROC_CATEGORY_MC || category == UTF8PROC_CATEGORY_ME));
}

/* Accents that stand on their own, as NFD leaves them. */
bool tok_strip_marks(const TokNormalizer *step, const TokPiece *piece, Arena *scratch, TokText *out,
                     Err *err) {
    (void)scratch, (void)err;
    for (size_t at = 0; at < piece->size;) {
        Utf8Char c = utf8_next(piece->bytes + at, piece->size - at);
        if (!is_mark(c.code, step->all_marks))
            add_code(out, c.code, piece->from[at]);
        at += c.size;
    }
    return true;
}

/* ---- Normal forms ---- */

size_t tok_cluster_end(const TokPiece *piece, size_t start) {
    Utf8Char c = utf8_next(piece->bytes + start, piece->size - start);
    size_t at = start + c.size;
    utf8proc_int32_t state = 0;
    while (at < piece->size) {
        Utf8Char next = utf8_next(piece->bytes + at, piece->size - at);
        if (utf8proc_grapheme_break_stateful((utf8proc_int32_t)c.code, (utf8proc_int32_t)next.code,
                                             &state))
            break;
        c = next;
        at += c.size;
    }
    return at;
}

static utf8proc_option_t options_of(TokForm form) {
    unsigned options = UTF8PROC_STABLE;
    options |= form == TOK_NFC || form == TOK_NFKC ? UTF8PROC_COMPOSE : UTF8PROC_DECOMPOSE;
    options |= form == TOK_NFKC || form == TOK_NFKD ? UTF8PROC_COMPAT : 0;
    return (utf8proc_option_t)options;
}

static void normalize_cluster(const TokPiece *cluster, TokForm form, Arena *scratch, TokText *out) {
    utf8proc_option_t options = options_of(form);
    const utf8proc_uint8_t *bytes = (const utf8proc_uint8_t *)cluster->bytes;
    utf8proc_ssize_t size = (utf8proc_ssize_t)cluster->size;
    utf8proc_ssize_t count = utf8proc_decompose(bytes, size, NULL, 0, options);
    assert(count >= 0); /* the text is UTF-8: encode.c saw to it */
    utf8proc_int32_t *codes = ARENA_NEW_N(scratch, utf8proc_int32_t, (size_t)count + 1);
    utf8proc_decompose(bytes, size, codes, count, options);
    count = utf8proc_normalize_utf32(codes, count, options);
    Buf normal = {0};
    for (utf8proc_ssize_t i = 0; i < count; i++) {
        char code[4];
        buf_add(&normal, code, utf8_encode((uint32_t)codes[i], code));
    }
    bool same = normal.size == cluster->size &&
                memcmp(buf_cstr(&normal), cluster->bytes, normal.size) == 0;
    TokSpan whole = {cluster->from[0].start, cluster->from[cluster->size - 1].end};
    for (size_t i = 0; i < normal.size; i++)
        tok_text_add(out, normal.bytes + i, 1, same ? cluster->from[i] : whole);
    buf_free(&normal);
}

bool tok_normal_form(const TokNormalizer *step, const TokPiece *piece, Arena *scratch, TokText *out,
                     Err *err) {
    (void)err;
    for (size_t at = 0; at < piece->size;) {
        size_t end = tok_cluster_end(piece, at);
        TokPiece cluster = tok_piece_part(piece, at, end);
        if (end - at == 1) /* ASCII is its own normal form */
            tok_text_add(out, cluster.bytes, 1, cluster.from[0]);
        else
            normalize_cluster(&cluster, step->form, scratch, out);
        at = end;
    }
    return true;
}
