#include "app/export/sheet.h"

#include "app/export/sheet_part.h"

#include <string.h>

/* A4 in points, and what stays free. */
static const double WIDTH = 595.276, HEIGHT = 841.89;
static const double LEFT = 57, TOP = 46, BOTTOM = 58, FOOTER = 32;
static const double NUMBER = 22; /* the column of the questions' numbers */
static const double GAP = 6.5, PART_GAP = 14, RULED = 23;

typedef struct {
    PageDoc *doc;
    const SheetDoc *sheet;
    Page *page;
    double y;
    bool fresh; /* nothing stands on the page but its head */
} Press;

static double body_width(void) {
    return WIDTH - 2 * LEFT;
}

static double page_bottom(void) {
    return HEIGHT - BOTTOM;
}

static double column_left(const SheetPart *part) {
    return part->heading ? LEFT + NUMBER : LEFT;
}

static void new_page(Press *press) {
    press->page = page_add(press->doc, WIDTH, HEIGHT);
    press->y = TOP;
    press->fresh = true;
}

/* ---- blocks ---- */

enum { BESIDE_MOST = 4 };
static const double BESIDE_GAP = 22;

enum { RULED_MOST = 8 }; /* lines that stay together */

/* A block; or what of a matrix fits a page; or small matrices, one beside the other; or some of the
 * lines to write on. */
typedef struct {
    const SheetBlock *block;
    SheetBand band[BESIDE_MOST];
    size_t bands;
    size_t line, line_end;
} Piece;

static double put_answer(PageDoc *doc, Page *page, double x, double y, double width,
                         const SheetBlock *block) {
    PageStyle style = {FONT_MONO_BOLD, SHEET_BODY, SHEET_SOLUTION, PAGE_START, 0};
    PageStyle plain = {FONT_UI, SHEET_BODY, SHEET_INK, PAGE_START, 0};
    const double line = 120, drop = 14;
    double height = drop + 6;
    const char *label = block->span[0].text;
    if (!page)
        return height;
    double at = x + page_text(page, plain, x, y + drop, label) + 8;
    if (block->answer)
        page_text(page, style, at, y + drop, page_elide(doc, style, block->answer, x + width - at));
    else
        page_line(page, at, y + drop + 2, at + line, y + drop + 2, 0.6, PAGE_SOLID, SHEET_INK);
    return height;
}

/* The gap behind it is part of the next line's room, so that lines of several pieces are alike. */
static double put_ruled(Page *page, double x, double y, double width, size_t lines) {
    for (size_t i = 1; page && i <= lines; i++)
        page_line(page, x, y + RULED * (double)i, x + width, y + RULED * (double)i, 0.5, PAGE_SOLID,
                  SHEET_RULE);
    return RULED * (double)lines - GAP;
}

static double put_bands(const Press *press, Page *page, double x, double y, double width,
                        const Piece *piece) {
    double height = 0;
    for (size_t i = 0; i < piece->bands; i++) {
        const SheetBand *band = &piece->band[i];
        double high = sheet_put_band(press->doc, page, x, y, width, press->sheet->key, band);
        x += band->room + BESIDE_GAP;
        height = high > height ? high : height;
    }
    return height;
}

static double put_piece(const Press *press, Page *page, double x, double y, const Piece *piece) {
    const SheetBlock *block = piece->block;
    PageDoc *doc = press->doc;
    double width = LEFT + body_width() - x;
    Color color = block->solution ? SHEET_SOLUTION : SHEET_INK;
    switch (block->kind) {
    case SHEET_PARAGRAPH:
    case SHEET_BULLET: return sheet_put_spans(doc, page, x, y, width, color, block);
    case SHEET_TOKENS: return sheet_put_tokens(doc, page, x, y, width, block->token, block->count);
    case SHEET_MATRIX: return put_bands(press, page, x, y, width, piece);
    case SHEET_ANSWER: return put_answer(doc, page, x, y, width, block);
    case SHEET_RULED: return put_ruled(page, x, y, width, piece->line_end - piece->line);
    }
    return 0;
}

static bool is_whole(const SheetBand *band) {
    return band->row == 0 && band->column == 0 && band->row_end == band->matrix->rows &&
           band->column_end == band->matrix->columns;
}

static SheetBand band_from(const Press *press, const SheetBlock *block, size_t row, size_t column,
                           double width) {
    return sheet_band(press->doc, block->matrix, row, column, width, page_bottom() - TOP - NUMBER);
}

/* The matrices that follow, as long as they fit beside the ones before. */
static void add_beside(const Press *press, const SheetPart *part, double width, Piece *piece) {
    const SheetBlock *end = part->block + part->count, *next = piece->block + 1;
    double first = sheet_band_width(press->doc, &piece->band[0], width), used = first;
    for (; next < end && next->kind == SHEET_MATRIX && piece->bands < BESIDE_MOST; next++) {
        SheetBand band = band_from(press, next, 0, 0, width);
        band.room = sheet_band_width(press->doc, &band, width);
        used += BESIDE_GAP + band.room;
        if (!is_whole(&piece->band[0]) || !is_whole(&band) || used > width)
            return;
        piece->band[piece->bands++] = band;
        piece->band[0].room = first;
    }
}

/* What follows in the block itself: the next band of its matrix, the next of its lines. */
static bool next_within(const Press *press, double width, Piece *piece) {
    const SheetBlock *block = piece->block;
    const SheetBand *last = piece->bands == 1 ? &piece->band[0] : NULL;
    if (block && block->kind == SHEET_RULED && piece->line_end < block->count) {
        size_t left = block->count - piece->line_end;
        piece->line = piece->line_end;
        piece->line_end += left < RULED_MOST ? left : RULED_MOST;
        return true;
    }
    if (last && last->column_end < block->matrix->columns)
        piece->band[0] = band_from(press, block, last->row, last->column_end, width);
    else if (last && last->row_end < block->matrix->rows)
        piece->band[0] = band_from(press, block, last->row_end, 0, width);
    else
        return false;
    return true;
}

/* The next piece of the part. False behind the last. */
static bool next_piece(const Press *press, const SheetPart *part, Piece *piece) {
    double width = LEFT + body_width() - column_left(part);
    const SheetBlock *block = part->block;
    if (next_within(press, width, piece))
        return true;
    if (piece->block)
        block = piece->block + (piece->bands > 1 ? piece->bands : 1);
    if (block == part->block + part->count)
        return false;
    *piece = (Piece){.block = block};
    if (block->kind == SHEET_MATRIX) {
        piece->band[piece->bands++] = band_from(press, block, 0, 0, width);
        add_beside(press, part, width, piece);
    }
    return block->kind != SHEET_RULED || next_within(press, width, piece);
}

/* ---- parts ---- */

static double part_height(const Press *press, const SheetPart *part) {
    double height = 0;
    for (Piece piece = {0}; next_piece(press, part, &piece);)
        height += put_piece(press, NULL, column_left(part), 0, &piece) + GAP;
    return height;
}

static void put_heading(const Press *press, const SheetPart *part) {
    PageStyle style = {FONT_UI_BOLD, SHEET_BODY + 1, SHEET_INK, PAGE_START, 0};
    if (part->heading)
        page_text(press->page, style, LEFT, press->y + SHEET_BODY * 0.95, part->heading);
}

/* What a question begins with stands on the page where the question is. */
static double head_height(const Press *press, const SheetPart *part) {
    Piece piece = {0};
    double height = 0;
    for (int i = 0; i < 2 && next_piece(press, part, &piece); i++)
        height += put_piece(press, NULL, column_left(part), 0, &piece) + GAP;
    return height;
}

/* A line that stands over bullets is not left alone at the end of a page. */
static double kept_height(const Press *press, const SheetPart *part, const Piece *piece) {
    Piece next = *piece;
    double x = column_left(part), height = put_piece(press, NULL, x, 0, piece);
    bool over = piece->block->kind == SHEET_PARAGRAPH && next_piece(press, part, &next) &&
                next.block->kind == SHEET_BULLET;
    return over ? height + GAP + put_piece(press, NULL, x, 0, &next) : height;
}

static void put_part(Press *press, const SheetPart *part) {
    double height = part_height(press, part), room = page_bottom() - press->y;
    bool whole = part->heading && height <= page_bottom() - TOP;
    if (!press->fresh && (whole ? height : head_height(press, part)) > room)
        new_page(press);
    put_heading(press, part);
    for (Piece piece = {0}; next_piece(press, part, &piece);) {
        if (!press->fresh && press->y + kept_height(press, part, &piece) > page_bottom())
            new_page(press);
        press->y += put_piece(press, press->page, column_left(part), press->y, &piece) + GAP;
        press->fresh = false;
    }
    press->y += PART_GAP - GAP;
}

/* ---- head and foot ---- */

static void put_blanks(const Press *press, double y) {
    PageStyle style = {FONT_UI, SHEET_BODY, SHEET_QUIET, PAGE_START, 0};
    const double end[2] = {LEFT + body_width() * 0.62, LEFT + body_width()};
    double x = LEFT;
    for (int i = 0; i < 2 && press->sheet->blank[i]; i++) {
        double from = x + page_text(press->page, style, x, y, press->sheet->blank[i]) + 6;
        page_line(press->page, from, y + 2, end[i], y + 2, 0.6, PAGE_SOLID, SHEET_INK);
        x = end[i] + 14;
    }
}

static void put_head(Press *press) {
    PageStyle kind = {FONT_UI_BOLD, SHEET_BODY, SHEET_QUIET, PAGE_START, 0};
    PageStyle title = {FONT_UI_BOLD, 20, SHEET_INK, PAGE_START, 0};
    if (press->sheet->key)
        kind.color = SHEET_SOLUTION;
    page_text(press->page, kind, LEFT, press->y + 8, press->sheet->kind);
    press->y += 16 + page_paragraph(press->doc, press->page, title, LEFT, press->y + 14,
                                    body_width(), 1.25, press->sheet->title);
    if (press->sheet->blank[0]) {
        put_blanks(press, press->y + 20);
        press->y += 33;
    }
    page_line(press->page, LEFT, press->y + 4, LEFT + body_width(), press->y + 4, 0.8, PAGE_SOLID,
              SHEET_INK);
    press->y += 18;
}

/* "page {0} of {1}" */
static const char *page_words(Arena *arena, const char *words, size_t number, size_t count) {
    Buf text = {0};
    for (; *words; words++) {
        bool place = words[0] == '{' && (words[1] == '0' || words[1] == '1') && words[2] == '}';
        if (place)
            buf_printf(&text, "%zu", words[1] == '0' ? number : count);
        else
            buf_char(&text, *words);
        words += place ? 2 : 0;
    }
    const char *copy = arena_copy_text(arena, buf_cstr(&text));
    buf_free(&text);
    return copy;
}

static void put_feet(const Press *press) {
    size_t count = page_count(press->doc);
    for (size_t i = 0; i < count; i++) {
        Page *page = page_at(press->doc, i);
        PageStyle style = {FONT_UI, SHEET_SMALL, SHEET_QUIET, PAGE_START, 0};
        const char *number = page_words(page_arena(press->doc), press->sheet->page, i + 1, count);
        double y = HEIGHT - FOOTER;
        double room = body_width() - page_measure(press->doc, style, number).width - 20;
        page_line(page, LEFT, y - 14, LEFT + body_width(), y - 14, 0.4, PAGE_SOLID, SHEET_RULE);
        page_text(page, style, LEFT, y, page_elide(press->doc, style, press->sheet->footer, room));
        style.anchor = PAGE_END;
        page_text(page, style, LEFT + body_width(), y, number);
    }
}

static void put_about(PageDoc *doc, const SheetDoc *sheet, const ExportAbout *about) {
    AboutField field[ABOUT_FIELDS];
    size_t count = about_fields(about, field);
    page_doc_title(doc, sheet->title, sheet->footer);
    for (size_t i = 0; i < count; i++)
        page_doc_note(doc, field[i].key, field[i].value);
}

PageDoc *sheet_pages(const SheetDoc *sheet, const ExportAbout *about, Err *err) {
    Press press = {.doc = page_doc_new(err), .sheet = sheet};
    if (!press.doc)
        return NULL;
    put_about(press.doc, sheet, about);
    new_page(&press);
    put_head(&press);
    for (size_t i = 0; i < sheet->count; i++)
        put_part(&press, &sheet->part[i]);
    put_feet(&press);
    return press.doc;
}

bool sheet_save(const SheetDoc *sheet, const ExportAbout *about, const char *path, Err *err) {
    PageDoc *doc = sheet_pages(sheet, about, err);
    bool ok = doc && page_save(doc, path, PAGE_PDF, 1, err);
    page_doc_free(doc);
    return ok;
}
