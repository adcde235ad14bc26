/* SentencePiece's compiled table of replacements (`precompiled_charsmap`: T5, XLM-R, Marian).
 *
 * In base64: four bytes for the size of a tree, the tree, and the texts that come in, one after the
 * other with a NUL behind each. The tree is a double array (Aoe 1989, "An Efficient Digital Search
 * Algorithm by Using a Double-Array Structure"; the layout is Darts-clone's): 32-bit units, of
 * which each says where its children lie; the child for byte b is at (that place) XOR b, and bears
 * the label b if it is really its child. A node that ends a key has its value (where its text
 * starts) in the child for 0.
 *
 * The table comes from outside: a step that leads out of the tree, or a value out of the texts, is
 * no match. */
#include "engine/base/utf8.h"
#include "engine/text/internal.h"

#include <string.h>

#define MOST_CLUSTER_BYTES 5 /* longer clusters are looked up character by character */

struct TokCharsMap {
    const unsigned char *tree;
    size_t unit_count;
    const char *texts; /* a NUL stands behind the last, too */
    size_t texts_size;
};

/* ---- Loading ---- */

static int digit_of(char c) {
    static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(DIGITS, c) : NULL;
    return at ? (int)(at - DIGITS) : -1;
}

/* RFC 4648: four digits of six bits are three bytes; "=" fills up the last four. */
static bool read_base64(const char *text, Buf *bytes) {
    size_t size = strlen(text);
    while (size > 0 && text[size - 1] == '=')
        size--;
    uint32_t bits = 0;
    int count = 0;
    for (size_t i = 0; i < size; i++) {
        int digit = digit_of(text[i]);
        if (digit < 0)
            return false;
        bits = (bits << 6 | (uint32_t)digit) & 0xFFFFFF;
        count += 6;
        if (count >= 8) {
            count -= 8;
            buf_char(bytes, (char)(bits >> count & 0xFF));
        }
    }
    return count < 6;
}

static uint32_t little_endian(const unsigned char *b) {
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static bool split_map(TokCharsMap *map, const char *bytes, size_t size, const char *where,
                      Err *err) {
    size_t tree = size < 4 ? 0 : little_endian((const unsigned char *)bytes);
    if (size < 4 || tree > size - 4 || tree % 4 != 0)
        return err_set(err,
                       "%s: precompiled_charsmap has %zu bytes of which %zu are a tree, expected "
                       "four bytes, a tree of 4-byte units, and texts",
                       where, size, tree);
    map->tree = (const unsigned char *)bytes + 4;
    map->unit_count = tree / 4;
    map->texts = bytes + 4 + tree;
    map->texts_size = size - 4 - tree;
    return utf8_valid(map->texts, map->texts_size) ||
           err_set(err, "%s: the texts of precompiled_charsmap are no UTF-8", where);
}

const TokCharsMap *tok_chars_map_load(const cJSON *json, const char *where, Arena *arena,
                                      Err *err) {
    const char *text;
    if (!json_text(json, "precompiled_charsmap", where, "", &text, err))
        return NULL;
    TokCharsMap *map = ARENA_NEW(arena, TokCharsMap);
    if (!*text) /* there are files with an empty one: nothing is replaced */
        return map;
    Buf bytes = {0};
    bool good = read_base64(text, &bytes) ||
                err_set(err, "%s: precompiled_charsmap is no base64", where);
    if (good)
        good = split_map(map, arena_copy_bytes(arena, bytes.bytes, bytes.size), bytes.size, where,
                         err);
    buf_free(&bytes);
    return good ? map : NULL;
}

/* ---- Looking up ---- */

/* A unit: bits 0-7 the label; bit 8: ends a key; bits 10-30 how far to the children, 256 times that
 * with bit 9; bit 31: it is a value, of bits 0-30. */
static uint32_t unit_at(const TokCharsMap *map, size_t at) {
    return at < map->unit_count ? little_endian(map->tree + 4 * at) : 0;
}

static size_t offset_of(uint32_t unit) {
    return (size_t)(unit >> 10) << ((unit & 0x200) >> 6);
}

/* What stands for the shortest key that the text begins with (so does Hugging Face), or NULL. */
static const char *look_up(const TokCharsMap *map, const char *text, size_t size) {
    size_t at = offset_of(unit_at(map, 0));
    for (size_t i = 0; i < size && text[i]; i++) {
        at ^= (unsigned char)text[i];
        uint32_t unit = unit_at(map, at);
        if ((unit & 0x800000FF) != (unsigned char)text[i])
            return NULL;
        at ^= offset_of(unit);
        if (!(unit & 0x100))
            continue;
        size_t value = unit_at(map, at) & 0x7FFFFFFF;
        bool inside = value < map->texts_size && ((unsigned char)map->texts[value] & 0xC0) != 0x80;
        return inside ? map->texts + value : NULL;
    }
    return NULL;
}

/* ---- Running ---- */

static bool replace(const TokCharsMap *map, const TokPiece *piece, size_t start, size_t end,
                    TokText *out) {
    const char *text = look_up(map, piece->bytes + start, end - start);
    if (text)
        tok_text_add(out, text, strlen(text),
                     (TokSpan){piece->from[start].start, piece->from[end - 1].end});
    return text != NULL;
}

/* A cluster is looked up whole, and if it is not there, character by character. */
bool tok_map_chars(const TokNormalizer *step, const TokPiece *piece, Arena *scratch, TokText *out,
                   Err *err) {
    (void)scratch, (void)err;
    for (size_t at = 0, end; at < piece->size && !out->too_long; at = end) {
        end = tok_cluster_end(piece, at);
        if (end - at <= MOST_CLUSTER_BYTES && replace(step->map, piece, at, end, out))
            continue;
        for (size_t size; at < end && !out->too_long; at += size) {
            size = utf8_next(piece->bytes + at, end - at).size;
            if (!replace(step->map, piece, at, at + size, out))
                for (size_t i = at; i < at + size; i++)
                    tok_text_add(out, piece->bytes + i, 1, piece->from[i]);
        }
    }
    return true;
}
