/* Pages as lists of commands, and where their bytes go. */
#include "app/export/page_part.h"

#include "engine/base/file.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- documents ---- */

Page *page_add(PageDoc *doc, double width, double height) {
    if (doc->count == doc->capacity) {
        size_t capacity = doc->capacity ? 2 * doc->capacity : 4;
        Page **more = ARENA_NEW_N(&doc->arena, Page *, capacity);
        for (size_t i = 0; i < doc->count; i++)
            more[i] = doc->page[i];
        doc->page = more;
        doc->capacity = capacity;
    }
    Page *page = ARENA_NEW(&doc->arena, Page);
    *page = (Page){.doc = doc, .width = width, .height = height};
    doc->page[doc->count++] = page;
    return page;
}

Arena *page_arena(PageDoc *doc) {
    return &doc->arena;
}

size_t page_count(const PageDoc *doc) {
    return doc->count;
}

Page *page_at(const PageDoc *doc, size_t index) {
    assert(index < doc->count);
    return doc->page[index];
}

static const char *clean(Arena *arena, const char *text) {
    Buf out = {0};
    text_repair(&out, text, strlen(text));
    const char *copy = arena_copy_text(arena, buf_cstr(&out));
    buf_free(&out);
    return copy;
}

void page_doc_title(PageDoc *doc, const char *title, const char *description) {
    doc->title = clean(&doc->arena, title);
    doc->description = clean(&doc->arena, description);
}

void page_doc_note(PageDoc *doc, const char *key, const char *value) {
    assert(doc->notes < PAGE_NOTES_MOST);
    doc->note[doc->notes++] = (PageNote){clean(&doc->arena, key), clean(&doc->arena, value)};
}

/* ---- drawing ---- */

PageCommand *page_push(Page *page, PageKind kind, Color color) {
    if (page->count == page->capacity) {
        size_t capacity = page->capacity ? 2 * page->capacity : 64;
        PageCommand *more = ARENA_NEW_N(&page->doc->arena, PageCommand, capacity);
        if (page->count)
            memcpy(more, page->command, page->count * sizeof *more);
        page->command = more;
        page->capacity = capacity;
    }
    PageCommand *command = &page->command[page->count++];
    *command = (PageCommand){.kind = kind, .color = color};
    return command;
}

void page_rect(Page *page, PageBox box, double radius, Color color) {
    PageCommand *command = page_push(page, PAGE_RECT, color);
    command->box = box;
    command->as.radius = radius;
}

void page_frame(Page *page, PageBox box, double radius, double thickness, Color color) {
    PageCommand *command = page_push(page, PAGE_FRAME, color);
    command->box = box;
    command->as.radius = radius;
    command->thickness = thickness;
}

void page_line(Page *page, double x1, double y1, double x2, double y2, double thickness,
               PageDash dash, Color color) {
    PageCommand *command = page_push(page, PAGE_LINE, color);
    command->as.point[0] = (PagePoint){x1, y1};
    command->as.point[1] = (PagePoint){x2, y2};
    command->thickness = thickness;
    command->dash = dash;
}

void page_curve(Page *page, const PagePoint point[4], double thickness, Color color) {
    PageCommand *command = page_push(page, PAGE_CURVE, color);
    memcpy(command->as.point, point, sizeof command->as.point);
    command->thickness = thickness;
}

void page_cells(Page *page, PageBox box, PageCells cells) {
    size_t count = cells.columns * cells.rows;
    Arena *arena = &page->doc->arena;
    cells.argb = (const Color *)(const void *)arena_copy_bytes(arena, cells.argb,
                                                               count * sizeof *cells.argb);
    if (cells.crossed)
        cells.crossed = (const uint8_t *)arena_copy_bytes(arena, cells.crossed, count);
    PageCommand *command = page_push(page, PAGE_CELLS, cells.cross);
    command->box = box;
    command->as.cells = cells;
}

void page_text_corners(const PageCommand *command, PagePoint corner[4]) {
    const PageStyle *style = &command->as.text.style;
    PageSize size = command->as.text.size;
    double left = style->anchor == PAGE_START    ? 0
                  : style->anchor == PAGE_MIDDLE ? -size.width / 2
                                                 : -size.width;
    double x[2] = {left, left + size.width}, y[2] = {-size.ascent, size.descent};
    double angle = style->angle * acos(-1) / 180, c = cos(angle), s = sin(angle);
    for (int i = 0; i < 4; i++) {
        double across = x[i == 1 || i == 2], down = y[i > 1];
        corner[i] = (PagePoint){command->as.text.x + c * across - s * down,
                                command->as.text.baseline + s * across + c * down};
    }
}

/* ---- files ---- */

bool page_format(const char *path, PageFormat *format, Err *err) {
    static const char *const names[] = {
        [PAGE_PNG] = ".png", [PAGE_SVG] = ".svg", [PAGE_PDF] = ".pdf"};
    size_t size = strlen(path);
    for (int i = 0; i < 3; i++) {
        *format = (PageFormat)i;
        if (size > 4 && strcasecmp(path + size - 4, names[i]) == 0)
            return true;
    }
    return err_set(err,
                   "%s: the name tells no kind of picture, expected it to end in .png, .svg "
                   "or .pdf",
                   path);
}

static bool encode_png(const PageDoc *doc, double scale, Buf *out, Err *err) {
    Arena arena = {0};
    Color *argb;
    int width, height;
    bool ok = page_pixels(doc->page[0], scale, &arena, &argb, &width, &height, err) &&
              page_png(out, doc, argb, width, height, scale, err);
    arena_free(&arena);
    return ok;
}

bool page_encode(const PageDoc *doc, PageFormat format, double scale, Buf *out, Err *err) {
    assert(doc->count > 0);
    switch (format) {
    case PAGE_PNG: return encode_png(doc, scale, out, err);
    case PAGE_PDF: return page_pdf(doc, out, err);
    case PAGE_SVG: page_svg(doc, out); return true;
    }
    return false;
}

bool page_save(const PageDoc *doc, const char *path, PageFormat format, double scale, Err *err) {
    Buf bytes = {0};
    bool ok = page_encode(doc, format, scale, &bytes, err);
    FileOut *out = ok ? file_create(path, err) : NULL;
    if (out)
        file_write(out, bytes.bytes, bytes.size);
    ok = out && file_commit(out, err);
    buf_free(&bytes);
    return ok;
}
