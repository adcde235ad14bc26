/* Pages on Cairo: pixels, and PDF. */
#include "app/export/page_part.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SIDE_MOST 30000.0   /* pixels: Cairo has 15 bits for them */
#define PIXELS_MOST 100.0e6 /* 400 MB */
#define DASH 2.5            /* of the line's thickness, at least a point */

/* Where a command goes; `pixel` is a pixel's size in points, to which edges are rounded; 0: none. */
typedef struct {
    cairo_t *cr;
    const PageDoc *doc;
    double pixel;
} Target;

static void set_color(cairo_t *cr, Color color) {
    cairo->set_source_rgba(cr, (color >> 16 & 255) / 255.0, (color >> 8 & 255) / 255.0,
                           (color & 255) / 255.0, (color >> 24) / 255.0);
}

static double snap(const Target *to, double at) {
    return to->pixel > 0 ? round(at / to->pixel) * to->pixel : at;
}

static PageBox snap_box(const Target *to, PageBox box) {
    double x = snap(to, box.x), y = snap(to, box.y);
    return (PageBox){x, y, snap(to, box.x + box.w) - x, snap(to, box.y + box.h) - y};
}

/* At least a pixel. */
static double stroke_of(const Target *to, double thickness) {
    double whole = snap(to, thickness);
    return whole < to->pixel ? to->pixel : whole;
}

static void path_box(cairo_t *cr, PageBox box, double radius) {
    double half = acos(-1) / 2, r = fmin(radius, fmin(box.w, box.h) / 2);
    if (r <= 0) {
        cairo->rectangle(cr, box.x, box.y, box.w, box.h);
        return;
    }
    cairo->new_sub_path(cr);
    cairo->arc(cr, box.x + box.w - r, box.y + r, r, -half, 0);
    cairo->arc(cr, box.x + box.w - r, box.y + box.h - r, r, 0, half);
    cairo->arc(cr, box.x + r, box.y + box.h - r, r, half, 2 * half);
    cairo->arc(cr, box.x + r, box.y + r, r, 2 * half, 3 * half);
    cairo->close_path(cr);
}

static void draw_frame_of(const Target *to, const PageCommand *command) {
    PageBox box = snap_box(to, command->box);
    double t = stroke_of(to, command->thickness);
    box = (PageBox){box.x + t / 2, box.y + t / 2, box.w - t, box.h - t};
    cairo->set_line_width(to->cr, t);
    path_box(to->cr, box, command->as.radius - t / 2);
    cairo->stroke(to->cr);
}

/* An upright line lies on whole pixels, so that it is no grey smear. */
static void draw_line_of(const Target *to, const PageCommand *command) {
    const PagePoint *p = command->as.point;
    bool upright = p[0].x == p[1].x, level = p[0].y == p[1].y;
    double t = upright || level ? stroke_of(to, command->thickness) : command->thickness;
    double x = upright ? snap(to, p[0].x - t / 2) + t / 2 - p[0].x : 0;
    double y = level ? snap(to, p[0].y - t / 2) + t / 2 - p[0].y : 0;
    double dash[2] = {DASH * fmax(t, 1), DASH * fmax(t, 1)};
    cairo->set_line_width(to->cr, t);
    cairo->set_dash(to->cr, dash, command->dash == PAGE_DASHED ? 2 : 0, 0);
    cairo->move_to(to->cr, p[0].x + x, p[0].y + y);
    cairo->line_to(to->cr, p[1].x + x, p[1].y + y);
    cairo->stroke(to->cr);
    cairo->set_dash(to->cr, NULL, 0, 0);
}

static void draw_curve_of(const Target *to, const PageCommand *command) {
    const PagePoint *p = command->as.point;
    cairo->set_line_width(to->cr, command->thickness);
    cairo->move_to(to->cr, p[0].x, p[0].y);
    cairo->curve_to(to->cr, p[1].x, p[1].y, p[2].x, p[2].y, p[3].x, p[3].y);
    cairo->stroke(to->cr);
}

static void draw_text_of(const Target *to, const PageCommand *command) {
    const PageStyle *style = &command->as.text.style;
    PangoLayout *layout = page_layout(to->doc, *style, command->as.text.text);
    double width = command->as.text.size.width;
    cairo->save(to->cr);
    cairo->translate(to->cr, command->as.text.x, command->as.text.baseline);
    cairo->rotate(to->cr, style->angle * acos(-1) / 180);
    cairo->move_to(to->cr, -width * 0.5 * (double)style->anchor, 0);
    pango->cairo_show_layout_line(to->cr, pango->layout_get_line_readonly(layout, 0));
    cairo->restore(to->cr);
    glib->object_unref(layout);
}

/* ---- cells ---- */

static PageBox cell_box(const Target *to, const PageCommand *command, size_t row, size_t column) {
    const PageCells *cells = &command->as.cells;
    PageBox box = command->box;
    double w = box.w / (double)cells->columns, h = box.h / (double)cells->rows;
    double x = snap(to, box.x + w * (double)column), y = snap(to, box.y + h * (double)row);
    double gap = cells->gap > 0 ? stroke_of(to, cells->gap) : 0;
    return (PageBox){x, y, snap(to, box.x + w * (double)(column + 1)) - x - gap,
                     snap(to, box.y + h * (double)(row + 1)) - y - gap};
}

static void cross_out(const Target *to, PageBox box, Color color) {
    double inset = fmin(box.w, box.h) * 0.22;
    set_color(to->cr, color);
    cairo->set_line_width(to->cr, fmax(fmin(box.w, box.h) * 0.05, 0.4));
    cairo->move_to(to->cr, box.x + inset, box.y + inset);
    cairo->line_to(to->cr, box.x + box.w - inset, box.y + box.h - inset);
    cairo->move_to(to->cr, box.x + box.w - inset, box.y + inset);
    cairo->line_to(to->cr, box.x + inset, box.y + box.h - inset);
    cairo->stroke(to->cr);
}

static void draw_each_cell(const Target *to, const PageCommand *command) {
    const PageCells *cells = &command->as.cells;
    cairo->set_antialias(to->cr, CAIRO_ANTIALIAS_NONE);
    for (size_t i = 0; i < cells->rows * cells->columns; i++) {
        PageBox box = cell_box(to, command, i / cells->columns, i % cells->columns);
        set_color(to->cr, cells->argb[i]);
        cairo->rectangle(to->cr, box.x, box.y, box.w, box.h);
        cairo->fill(to->cr);
    }
    cairo->set_antialias(to->cr, CAIRO_ANTIALIAS_DEFAULT);
    for (size_t i = 0; cells->crossed && i < cells->rows * cells->columns; i++)
        if (cells->crossed[i])
            cross_out(to, cell_box(to, command, i / cells->columns, i % cells->columns),
                      cells->cross);
}

static void draw_cells_image(const Target *to, const PageCommand *command) {
    const PageCells *cells = &command->as.cells;
    int columns = (int)cells->columns, rows = (int)cells->rows;
    cairo_surface_t *image = cairo->image_surface_create(CAIRO_FORMAT_RGB24, columns, rows);
    int stride = cairo->image_surface_get_stride(image);
    uint8_t *bytes = cairo->image_surface_get_data(image);
    for (int y = 0; y < rows; y++)
        memcpy(bytes + (ptrdiff_t)y * stride, cells->argb + (ptrdiff_t)y * columns,
               (size_t)columns * 4);
    cairo->surface_mark_dirty(image);
    cairo->save(to->cr);
    cairo->translate(to->cr, command->box.x, command->box.y);
    cairo->scale(to->cr, command->box.w / columns, command->box.h / rows);
    cairo->set_source_surface(to->cr, image, 0, 0);
    cairo->pattern_set_filter(cairo->get_source(to->cr), CAIRO_FILTER_NEAREST);
    cairo->paint(to->cr);
    cairo->restore(to->cr);
    cairo->surface_destroy(image);
}

static void draw_cells_of(const Target *to, const PageCommand *command) {
    const PageCells *cells = &command->as.cells;
    if (to->pixel > 0 || cells->rows * cells->columns <= PAGE_CELLS_DRAWN)
        draw_each_cell(to, command);
    else
        draw_cells_image(to, command);
}

/* ---- pages ---- */

static void draw_command(const Target *to, const PageCommand *command) {
    set_color(to->cr, command->color);
    switch (command->kind) {
    case PAGE_RECT:
        path_box(to->cr, snap_box(to, command->box), command->as.radius);
        cairo->fill(to->cr);
        break;
    case PAGE_FRAME: draw_frame_of(to, command); break;
    case PAGE_LINE: draw_line_of(to, command); break;
    case PAGE_CURVE: draw_curve_of(to, command); break;
    case PAGE_CELLS: draw_cells_of(to, command); break;
    case PAGE_TEXT: draw_text_of(to, command); break;
    }
}

static void draw_page(const Target *to, const Page *page) {
    for (size_t i = 0; i < page->count; i++)
        draw_command(to, &page->command[i]);
}

/* Cairo's pixels are premultiplied. */
static Color straight(uint32_t pixel) {
    uint32_t alpha = pixel >> 24;
    if (alpha == 0 || alpha == 255)
        return alpha ? pixel : 0;
    Color out = alpha << 24;
    for (int shift = 0; shift < 24; shift += 8)
        out |= (((pixel >> shift & 255) * 255 + alpha / 2) / alpha & 255) << shift;
    return out;
}

bool page_pixels(const Page *page, double scale, Arena *arena, Color **argb, int *width,
                 int *height, Err *err) {
    double across = fmax(ceil(page->width * scale - 1e-6), 1);
    double down = fmax(ceil(page->height * scale - 1e-6), 1);
    if (!(across <= SIDE_MOST && down <= SIDE_MOST && across * down <= PIXELS_MOST))
        return err_set(err,
                       "a picture of %.0f × %.0f pixels is too large: at most %.0f a side and "
                       "%.0f million in all",
                       across, down, SIDE_MOST, PIXELS_MOST / 1e6);
    *width = (int)across;
    *height = (int)down;
    cairo_surface_t *surface = cairo->image_surface_create(CAIRO_FORMAT_ARGB32, *width, *height);
    cairo_t *cr = cairo->create(surface);
    cairo->scale(cr, scale, scale);
    draw_page(&(Target){cr, page->doc, 1 / scale}, page);
    bool ok = cairo->status(cr) == CAIRO_STATUS_SUCCESS;
    size_t count = (size_t)*width * (size_t)*height;
    *argb = ok ? arena_try(arena, count * sizeof **argb) : NULL;
    cairo->surface_flush(surface);
    const uint32_t *pixel = (const uint32_t *)(void *)cairo->image_surface_get_data(surface);
    for (size_t i = 0; *argb && i < count; i++)
        (*argb)[i] = straight(pixel[i]); /* its rows have no gaps: a pixel is 4 bytes */
    cairo->destroy(cr);
    cairo->surface_destroy(surface);
    return *argb || err_set(err, "no memory for a picture of %d × %d pixels", *width, *height);
}

/* ---- PDF ---- */

static cairo_status_t add_bytes(void *out, const unsigned char *bytes, unsigned size) {
    buf_add(out, bytes, size);
    return CAIRO_STATUS_SUCCESS;
}

/* "model: story; prompt: Tom saw a dog": the PDF of Cairo 1.16 has no fields of one's own. */
static void set_notes(cairo_surface_t *surface, const PageDoc *doc) {
    Buf notes = {0};
    for (size_t i = 0; i < doc->notes; i++)
        buf_printf(&notes, "%s%s: %s", i ? "; " : "", doc->note[i].key, doc->note[i].value);
    cairo->pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, doc->title);
    cairo->pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_SUBJECT, doc->description);
    cairo->pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_KEYWORDS, buf_cstr(&notes));
    cairo->pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR,
                                    "Attnscope " ATTNSCOPE_VERSION);
    /* Cairo would write the time of day, so that no two files were the same. */
    cairo->pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, "");
    buf_free(&notes);
}

bool page_pdf(const PageDoc *doc, Buf *out, Err *err) {
    cairo_surface_t *surface = cairo->pdf_surface_create_for_stream(
        add_bytes, out, doc->page[0]->width, doc->page[0]->height);
    set_notes(surface, doc);
    cairo_t *cr = cairo->create(surface);
    for (size_t i = 0; i < doc->count; i++) {
        cairo->pdf_surface_set_size(surface, doc->page[i]->width, doc->page[i]->height);
        draw_page(&(Target){cr, doc, 0}, doc->page[i]);
        cairo->show_page(cr);
    }
    cairo->surface_finish(surface);
    cairo_status_t status = cairo->status(cr);
    status = status ? status : cairo->surface_status(surface);
    cairo->destroy(cr);
    cairo->surface_destroy(surface);
    return !status ||
           err_set(err, "the PDF could not be made: %s", cairo->status_to_string(status));
}
