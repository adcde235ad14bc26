/* Unicode normal forms, lower case and accents (utf8proc), with offsets kept.
 *
 * A canonical form never reaches across the border of a grapheme cluster, so each cluster is
 * normalized on its own. What a character is taken apart into stands for that character. Where
 * characters are put together, every byte of the new cluster stands for the whole old one. */
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

#define MOST_PARTS 18 /* that one character comes apart into: U+FDFA's NFKD */

typedef struct {
    utf8proc_int32_t code;
    utf8proc_propval_t order; /* of marks on one base; 0: a base */
    TokSpan from;
} Part;

/* The marks change places, their offsets do not: those still rise. */
static void put_in_order(Part *part, size_t last) {
    Part fresh = part[last];
    for (; fresh.order && last > 0 && part[last - 1].order > fresh.order; last--) {
        part[last].code = part[last - 1].code;
        part[last].order = part[last - 1].order;
    }
    part[last].code = fresh.code;
    part[last].order = fresh.order;
}

/* Appends each character's parts, the marks on a base in the order of their classes. */
static void take_apart(const TokPiece *cluster, bool compat, Buf *parts) {
    unsigned options = UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | (compat ? UTF8PROC_COMPAT : 0);
    for (size_t at = 0; at < cluster->size;) {
        Utf8Char c = utf8_next(cluster->bytes + at, cluster->size - at);
        utf8proc_int32_t codes[MOST_PARTS];
        int unused = 0;
        utf8proc_ssize_t found = utf8proc_decompose_char(
            (utf8proc_int32_t)c.code, codes, MOST_PARTS, (utf8proc_option_t)options, &unused);
        assert(found >= 0 && found <= MOST_PARTS); /* encode.c saw to it that the text is UTF-8 */
        for (utf8proc_ssize_t i = 0; i < found; i++) {
            Part fresh = {codes[i], utf8proc_get_property(codes[i])->combining_class,
                          cluster->from[at]};
            buf_add(parts, &fresh, sizeof fresh);
            put_in_order((void *)parts->bytes, parts->size / sizeof fresh - 1);
        }
        at += c.size;
    }
}

/* Puts the parts together where they can be; each stands for the whole cluster then. */
static size_t put_together(const TokPiece *cluster, Part *part, size_t count, Arena *scratch) {
    utf8proc_int32_t *codes = ARENA_NEW_N(scratch, utf8proc_int32_t, count + 1);
    for (size_t i = 0; i < count; i++)
        codes[i] = part[i].code;
    count = (size_t)utf8proc_normalize_utf32(codes, (utf8proc_ssize_t)count,
                                             UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    for (size_t i = 0; i < count; i++) {
        part[i].code = codes[i];
        part[i].from = (TokSpan){cluster->from[0].start, cluster->from[cluster->size - 1].end};
    }
    return count;
}

static void normalize_cluster(const TokPiece *cluster, TokForm form, Arena *scratch, TokText *out) {
    Buf parts = {0};
    take_apart(cluster, form == TOK_NFKD, &parts);
    Part *part = (void *)parts.bytes;
    size_t count = parts.size / sizeof *part, before = out->bytes.size;
    if (form == TOK_NFC)
        count = put_together(cluster, part, count, scratch);
    for (size_t i = 0; i < count; i++)
        add_code(out, (uint32_t)part[i].code, part[i].from);
    buf_free(&parts);
    bool same = out->bytes.size - before == cluster->size &&
                memcmp(buf_cstr(&out->bytes) + before, cluster->bytes, cluster->size) == 0;
    if (same && out->from.bytes) /* then each character stands for itself */
        memcpy(out->from.bytes + before * sizeof(TokSpan), cluster->from,
               cluster->size * sizeof(TokSpan));
}

static void normalize_clusters(const TokPiece *piece, TokForm form, Arena *scratch, TokText *out) {
    for (size_t at = 0; at < piece->size;) {
        size_t end = tok_cluster_end(piece, at);
        TokPiece cluster = tok_piece_part(piece, at, end);
        if (end - at == 1) /* ASCII is its own normal form */
            tok_text_add(out, cluster.bytes, 1, cluster.from[0]);
        else
            normalize_cluster(&cluster, form, scratch, out);
        at = end;
    }
}

bool tok_normal_form(const TokNormalizer *step, const TokPiece *piece, Arena *scratch, TokText *out,
                     Err *err) {
    (void)err;
    if (step->form != TOK_NFKC) {
        normalize_clusters(piece, step->form, scratch, out);
        return true;
    }
    /* Letters that stood apart may be one cluster once their compatibility forms are gone (ㅎㅏ is
     * 하): NFKC is NFC of NFKD. */
    TokText text = {0};
    TokPiece apart = *piece;
    normalize_clusters(piece, TOK_NFKD, scratch, &text);
    tok_text_move(&text, &apart, scratch);
    normalize_clusters(&apart, TOK_NFC, scratch, out);
    return true;
}
