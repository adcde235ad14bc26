/* page: the one drawing path of all that is printed: figures, worksheets.
 *
 * A document is a list of pages, a page a list of drawing commands in points (1/72 inch), top left
 * (0, 0), in doubles. Commands are appended by the functions below and replayed by three back ends:
 * PNG (pixels at any scale), PDF (all pages) and SVG (text stays text). So every format shows the
 * same picture, and a test reads the commands. Later commands cover earlier ones.
 *
 * Text is laid out by Pango, once, without hinting: what is measured here is what all formats draw.
 * A font is a role (app/ui/text.h): Inter, JetBrains Mono or STIX, with NanumGothic for Korean and
 * DejaVu for the rest. Ligatures are off, so that "->" in a token stays two characters. Invalid
 * UTF-8 is shown as U+FFFD, controls as text_shown() does.
 *
 * The document owns all that it is given: texts, points and cells are copied into its arena.
 * The same commands give the same bytes, in any process: no time, no counted ids. */
#ifndef EXPORT_PAGE_H
#define EXPORT_PAGE_H

#include "app/ui/draw.h"
#include "engine/base/err.h"

typedef struct PageDoc PageDoc;
typedef struct Page Page;

typedef struct {
    double x, y, w, h;
} PageBox;

typedef struct {
    double x, y;
} PagePoint;

typedef enum { PAGE_SOLID, PAGE_DASHED } PageDash;
/* Which end of a text stands at its x; of a paragraph: how its lines are set. */
typedef enum { PAGE_START, PAGE_MIDDLE, PAGE_END } PageAnchor;

typedef struct {
    FontRole font;
    double size; /* points */
    Color color;
    PageAnchor anchor;
    double angle; /* degrees, clockwise, about (x, baseline): −55 rises to the right */
} PageStyle;

typedef struct {
    double width, ascent, descent; /* ascent and descent of the font, both > 0 */
} PageSize;

/* A grid of coloured cells that tile its box exactly, with crisp edges. Large grids become images in
 * PDF and SVG, a pixel a cell, drawn without smoothing. */
typedef struct {
    size_t columns, rows;
    const Color *argb;      /* [rows × columns], row after row; alpha 0: nothing is drawn */
    const uint8_t *crossed; /* NULL, or [rows × columns]: not 0 where the cell is crossed out … */
    Color cross;            /* … by two thin lines of this colour */
    double gap;             /* points left free at the right and bottom of each cell */
} PageCells;

typedef enum {
    PAGE_RECT,  /* filled */
    PAGE_FRAME, /* outlined, inside the box's edge */
    PAGE_LINE,
    PAGE_CURVE, /* a cubic Bézier curve */
    PAGE_CELLS,
    PAGE_TEXT /* one line in one font */
} PageKind;

typedef struct {
    PageKind kind;
    Color color;
    double thickness; /* FRAME, LINE, CURVE */
    PageDash dash;
    PageBox box; /* RECT, FRAME, CELLS */
    union {
        double radius;      /* RECT, FRAME: of the corners */
        PagePoint point[4]; /* LINE: 2, CURVE: 4 */
        PageCells cells;
        struct {
            PageStyle style;
            double x, baseline;
            PageSize size;
            const char *text;
        } text;
    } as;
} PageCommand;

struct Page {
    PageDoc *doc;
    double width, height;
    PageCommand *command;
    size_t count, capacity;
};

/* ---- documents ---- */

/* NULL where no font at all is installed; the message tells the packages. */
PageDoc *page_doc_new(Err *err);
void page_doc_free(PageDoc *doc); /* NULL is allowed */
Arena *page_arena(PageDoc *doc);

/* A page stays where it is until the document is freed. */
Page *page_add(PageDoc *doc, double width, double height);
size_t page_count(const PageDoc *doc);
Page *page_at(const PageDoc *doc, size_t index);
/* What the document is called, in all formats' own metadata; and what else is kept in the file,
 * "model", "prompt", "command" …, in the order in which it is told. */
void page_doc_title(PageDoc *doc, const char *title, const char *description);
void page_doc_note(PageDoc *doc, const char *key, const char *value);

/* ---- drawing ---- */

void page_rect(Page *page, PageBox box, double radius, Color color);
void page_frame(Page *page, PageBox box, double radius, double thickness, Color color);
void page_line(Page *page, double x1, double y1, double x2, double y2, double thickness,
               PageDash dash, Color color);
void page_curve(Page *page, const PagePoint point[4], double thickness, Color color);
void page_cells(Page *page, PageBox box, PageCells cells);

/* One line. Returns its width; nothing is drawn for an empty text. */
double page_text(Page *page, PageStyle style, double x, double baseline, const char *text);
PageSize page_measure(PageDoc *doc, PageStyle style, const char *text);
/* The text itself if it fits `width`, else shortened with “…”, in the document's arena. */
const char *page_elide(PageDoc *doc, PageStyle style, const char *text, double width);
/* The height of capitals: a baseline at y + cap / 2 centres capitals and figures at y. */
double page_cap(PageDoc *doc, PageStyle style);

/* A piece of a paragraph in its own font. A size of 0 and an alpha of 0 take the paragraph's;
 * `rise` lifts it above the baseline (an exponent), in points. */
typedef struct {
    const char *text;
    FontRole font;
    double size, rise;
    Color color;
} PageSpan;
/* Lines of at most `width` points, broken at spaces (inside a word only where it is longer than a
 * line) and at '\n'. `style.font` is that of page_paragraph's text; angle is not used; `leading` is
 * the distance of baselines in sizes (1.4). The first line's top is at y. Returns the height. With a
 * NULL page nothing is drawn: it is only measured. */
double page_paragraph(PageDoc *doc, Page *page, PageStyle style, double x, double y, double width,
                      double leading, const char *text);
double page_spans(PageDoc *doc, Page *page, PageStyle style, double x, double y, double width,
                  double leading, const PageSpan *span, size_t count);

/* The corners of a text's box, turned as the text is: what must not overlap or be cut off. */
void page_text_corners(const PageCommand *command, PagePoint corner[4]);

/* ---- files ---- */

typedef enum { PAGE_PNG, PAGE_SVG, PAGE_PDF } PageFormat;
/* By what the name ends in: .png, .svg, .pdf, in any case. False names the three. */
bool page_format(const char *path, PageFormat *format, Err *err);

/* Pixels of a page, `scale` a point, 0xAARRGGBB, not premultiplied, in the arena. Too large a
 * picture is an error that tells its size. */
bool page_pixels(const Page *page, double scale, Arena *arena, Color **argb, int *width,
                 int *height, Err *err);
/* The file's bytes. PNG and SVG hold the first page; `scale` is PNG's alone (pixels a point). */
bool page_encode(const PageDoc *doc, PageFormat format, double scale, Buf *out, Err *err);
/* The same into a file, never half-written (engine/base/file.h). */
bool page_save(const PageDoc *doc, const char *path, PageFormat format, double scale, Err *err);

#endif
