/* page_part: what the files of page share; private to them. */
#ifndef EXPORT_PAGE_PART_H
#define EXPORT_PAGE_PART_H

#include "app/export/page.h"
#include "app/export/page_libs.h"

typedef struct {
    const char *key, *value;
} PageNote;

enum { PAGE_NOTES_MOST = 16 };

struct PageDoc {
    Arena arena;
    PangoFontMap *fonts;
    PangoContext *context; /* unhinted, a unit a point */
    Page **page;
    size_t count, capacity;
    const char *title, *description; /* "" where there is none */
    PageNote note[PAGE_NOTES_MOST];
    size_t notes;
};

PageCommand *page_push(Page *page, PageKind kind, Color color);

/* A line in one font. Free it with glib->object_unref. */
PangoLayout *page_layout(const PageDoc *doc, PageStyle style, const char *text);
/* "Inter, NanumGothic, DejaVu Sans"; weight as CSS has it. */
const char *page_families(FontRole font);
int page_weight(FontRole font);
bool page_italic(FontRole font);

/* A pixel for each cell, as an image of 0xAARRGGBB. */
enum { PAGE_CELLS_DRAWN = 4096 }; /* more of them are an image in PDF and SVG */

/* Pixels as a PNG file with the document's metadata; NULL: none. `scale`: pixels a point, for its
 * size on paper; 0: none. */
bool page_png(Buf *out, const PageDoc *doc, const Color *argb, int width, int height, double scale,
              Err *err);
bool page_pdf(const PageDoc *doc, Buf *out, Err *err);
void page_svg(const PageDoc *doc, Buf *out);

#endif
