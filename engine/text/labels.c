/* What a reader sees on a token's chip. The bytes of all the tokens are laid in a row and read as
 * characters; each character is then shown on the token, or tokens, that its bytes belong to. */
#include "engine/base/utf8.h"
#include "engine/text/internal.h"

#include <utf8proc.h>

typedef struct {
    Buf bytes;     /* of all the tokens */
    size_t *start; /* token i has the bytes [start[i], start[i + 1]) */
    Buf *label;    /* of each token */
} Row;

static void add_code(Buf *label, uint32_t code) {
    char bytes[4];
    buf_add(label, bytes, utf8_encode(code, bytes));
}

static bool combines(utf8proc_category_t category) {
    return category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME;
}

static bool invisible(utf8proc_category_t category) {
    return category >= UTF8PROC_CATEGORY_ZL && category <= UTF8PROC_CATEGORY_CO;
}

static void show_char(Buf *label, uint32_t code) {
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)code);
    if (code == ' ')
        buf_text(label, "·");
    else if (code == '\n')
        buf_text(label, "⏎");
    else if (code == '\t')
        buf_text(label, "⇥");
    else if (invisible(category))
        buf_printf(label, code < 0x80 ? "<%02X>" : "<U+%04X>", code);
    else {
        if (combines(category) && label->size == 0)
            buf_text(label, "◌"); /* an accent alone needs something to stand on */
        add_code(label, code);
    }
}

/* Steps over tokens that have no byte before `at`. */
static size_t token_at(const Row *row, size_t token, size_t at) {
    while (row->start[token + 1] <= at)
        token++;
    return token;
}

/* One character over the tokens first … last: whole on each, with its part. */
static void show_parts(Row *row, uint32_t code, size_t first, size_t last) {
    int parts = 0, part = 0;
    for (size_t i = first; i <= last; i++)
        parts += row->start[i] < row->start[i + 1];
    for (size_t i = first; i <= last; i++) {
        if (row->start[i] == row->start[i + 1])
            continue;
        show_char(&row->label[i], code);
        buf_printf(&row->label[i], " %d/%d", ++part, parts);
    }
}

/* What follows a part is set off from it: "한 3/3 국 1/2". */
static void set_off(Buf *label, bool after_part) {
    if (after_part)
        buf_char(label, ' ');
}

static void show_row(Row *row) {
    size_t token = 0, part_in = SIZE_MAX; /* the token that the last part was shown on */
    for (size_t at = 0; at < row->bytes.size;) {
        Utf8Char c = utf8_next(row->bytes.bytes + at, row->bytes.size - at);
        token = token_at(row, token, at);
        size_t last = token_at(row, token, at + c.size - 1);
        set_off(&row->label[token], part_in == token);
        part_in = SIZE_MAX;
        if (!c.valid) {
            for (size_t i = at; i < at + c.size; i++) {
                token = token_at(row, token, i);
                buf_printf(&row->label[token], "<%02X>", (unsigned char)row->bytes.bytes[i]);
            }
        } else if (token == last) {
            show_char(&row->label[token], c.code);
        } else {
            show_parts(row, c.code, token, last);
            part_in = last;
        }
        at += c.size;
    }
}

void tok_labels(const Tokenizer *tok, const int32_t *ids, size_t count, Arena *arena,
                const char **labels) {
    Arena scratch = {0};
    Row row = {.start = ARENA_NEW_N(&scratch, size_t, count + 1),
               .label = ARENA_NEW_N(&scratch, Buf, count)};
    for (size_t i = 0; i < count; i++) {
        tok_bytes(tok, ids[i], TOK_ALONE, &row.bytes);
        row.start[i + 1] = row.bytes.size;
    }
    show_row(&row);
    for (size_t i = 0; i < count; i++) {
        if (!tok_piece(tok, ids[i])) /* a vocabulary may be padded beyond the tokenizer */
            buf_printf(&row.label[i], "#%d", (int)ids[i]);
        else if (row.label[i].size == 0)
            buf_text(&row.label[i], "∅");
        labels[i] = arena_copy_text(arena, buf_cstr(&row.label[i]));
        buf_free(&row.label[i]);
    }
    buf_free(&row.bytes);
    arena_free(&scratch);
}
