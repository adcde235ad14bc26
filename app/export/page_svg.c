/* Pages as SVG. Cairo's own would draw a text as outlines of its glyphs; here it stays text, to be
 * searched, read aloud and edited. */
#include "app/export/page_part.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- pieces ---- */

static void put_escaped(Buf *out, const char *text) {
    for (; *text; text++) {
        switch (*text) {
        case '&': buf_text(out, "&amp;"); break;
        case '<': buf_text(out, "&lt;"); break;
        case '>': buf_text(out, "&gt;"); break;
        case '"': buf_text(out, "&quot;"); break;
        default:
            if ((unsigned char)*text >= ' ' || *text == '\n' || *text == '\t')
                buf_char(out, *text);
        }
    }
}

static void put_number(Buf *out, double value) {
    char text[48];
    snprintf(text, sizeof text, "%.3f", fabs(value) < 0.0005 ? 0.0 : value);
    size_t size = strlen(text);
    while (text[size - 1] == '0')
        size--;
    buf_add(out, text, text[size - 1] == '.' ? size - 1 : size);
}

static void put_attribute(Buf *out, const char *name, double value) {
    buf_printf(out, " %s=\"", name);
    put_number(out, value);
    buf_char(out, '"');
}

static void put_color(Buf *out, const char *name, Color color) {
    buf_printf(out, " %s=\"#%06x\"", name, (unsigned)(color & 0xffffff));
    if (color >> 24 != 255) {
        char opacity[32];
        snprintf(opacity, sizeof opacity, "%s-opacity", name);
        put_attribute(out, opacity, (color >> 24) / 255.0);
    }
}

static void put_box(Buf *out, PageBox box) {
    put_attribute(out, "x", box.x);
    put_attribute(out, "y", box.y);
    put_attribute(out, "width", box.w);
    put_attribute(out, "height", box.h);
}

static void put_stroke(Buf *out, const PageCommand *command) {
    put_color(out, "stroke", command->color);
    put_attribute(out, "stroke-width", command->thickness);
    if (command->dash == PAGE_DASHED)
        put_attribute(out, "stroke-dasharray", 2.5 * fmax(command->thickness, 1));
}

static void put_point(Buf *out, const char *before, PagePoint point) {
    buf_text(out, before);
    put_number(out, point.x);
    buf_char(out, ' ');
    put_number(out, point.y);
}

/* ---- commands ---- */

static void put_rect(Buf *out, PageBox box, double radius) {
    buf_text(out, "<rect");
    put_box(out, box);
    if (radius > 0)
        put_attribute(out, "rx", radius);
}

static void put_frame(Buf *out, const PageCommand *command) {
    double t = command->thickness;
    PageBox box = command->box;
    put_rect(out, (PageBox){box.x + t / 2, box.y + t / 2, box.w - t, box.h - t},
             command->as.radius - t / 2);
    buf_text(out, " fill=\"none\"");
    put_stroke(out, command);
    buf_text(out, "/>\n");
}

static void put_line(Buf *out, const PageCommand *command) {
    const PagePoint *p = command->as.point;
    put_point(out, "<path d=\"M", p[0]);
    put_point(out, "L", p[1]);
    buf_text(out, "\" fill=\"none\"");
    put_stroke(out, command);
    buf_text(out, "/>\n");
}

static void put_curve(Buf *out, const PageCommand *command) {
    const PagePoint *p = command->as.point;
    put_point(out, "<path d=\"M", p[0]);
    put_point(out, "C", p[1]);
    put_point(out, " ", p[2]);
    put_point(out, " ", p[3]);
    buf_text(out, "\" fill=\"none\"");
    put_stroke(out, command);
    buf_text(out, "/>\n");
}

/* The families, each in quotation marks where it has a space. */
static void put_font(Buf *out, FontRole font) {
    buf_text(out, " font-family=\"");
    for (const char *at = page_families(font); *at;) {
        size_t size = strcspn(at, ",");
        bool space = memchr(at, ' ', size) != NULL;
        buf_printf(out, "%s%.*s%s, ", space ? "'" : "", (int)size, at, space ? "'" : "");
        at += size;
        at += strspn(at, ", ");
    }
    bool mono = font == FONT_MONO || font == FONT_MONO_BOLD;
    bool serif = font == FONT_MATH || font == FONT_MATH_ITALIC;
    buf_printf(out, "%s\"", mono ? "monospace" : serif ? "serif" : "sans-serif");
    if (page_weight(font) != 400)
        buf_printf(out, " font-weight=\"%d\"", page_weight(font));
    if (page_italic(font))
        buf_text(out, " font-style=\"italic\"");
}

static void put_text(Buf *out, const PageCommand *command) {
    const PageStyle *style = &command->as.text.style;
    double x = command->as.text.x, y = command->as.text.baseline;
    const char *text = command->as.text.text;
    buf_text(out, "<text");
    put_attribute(out, "x", x);
    put_attribute(out, "y", y);
    put_font(out, style->font);
    put_attribute(out, "font-size", style->size);
    put_color(out, "fill", command->color);
    if (style->anchor != PAGE_START)
        buf_printf(out, " text-anchor=\"%s\"", style->anchor == PAGE_MIDDLE ? "middle" : "end");
    if (style->angle != 0) {
        buf_text(out, " transform=\"rotate(");
        put_number(out, style->angle);
        put_point(out, " ", (PagePoint){x, y});
        buf_text(out, ")\"");
    }
    if (*text == ' ' || text[strlen(text) - 1] == ' ' || strstr(text, "  "))
        buf_text(out, " xml:space=\"preserve\"");
    buf_char(out, '>');
    put_escaped(out, text);
    buf_text(out, "</text>\n");
}

/* ---- cells ---- */

static PageBox cell_box(const PageCommand *command, size_t i) {
    const PageCells *cells = &command->as.cells;
    double w = command->box.w / (double)cells->columns, h = command->box.h / (double)cells->rows;
    return (PageBox){command->box.x + w * (double)(i % cells->columns),
                     command->box.y + h * (double)(i / cells->columns), w - cells->gap,
                     h - cells->gap};
}

static void put_cross(Buf *out, PageBox box) {
    double inset = fmin(box.w, box.h) * 0.22;
    double x[2] = {box.x + inset, box.x + box.w - inset};
    double y[2] = {box.y + inset, box.y + box.h - inset};
    put_point(out, "M", (PagePoint){x[0], y[0]});
    put_point(out, "L", (PagePoint){x[1], y[1]});
    put_point(out, "M", (PagePoint){x[1], y[0]});
    put_point(out, "L", (PagePoint){x[0], y[1]});
}

static void put_crosses(Buf *out, const PageCommand *command) {
    const PageCells *cells = &command->as.cells;
    PageBox first = cell_box(command, 0);
    buf_text(out, "<path fill=\"none\"");
    put_color(out, "stroke", cells->cross);
    put_attribute(out, "stroke-width", fmax(fmin(first.w, first.h) * 0.05, 0.4));
    buf_text(out, " d=\"");
    for (size_t i = 0; i < cells->rows * cells->columns; i++)
        if (cells->crossed[i])
            put_cross(out, cell_box(command, i));
    buf_text(out, "\"/>\n");
}

static void put_each_cell(Buf *out, const PageCommand *command) {
    const PageCells *cells = &command->as.cells;
    bool any = false;
    buf_text(out, "<g shape-rendering=\"crispEdges\">\n");
    for (size_t i = 0; i < cells->rows * cells->columns; i++) {
        any = any || (cells->crossed && cells->crossed[i]);
        if (cells->argb[i] >> 24 == 0)
            continue;
        put_rect(out, cell_box(command, i), 0);
        put_color(out, "fill", cells->argb[i]);
        buf_text(out, "/>\n");
    }
    buf_text(out, "</g>\n");
    if (any)
        put_crosses(out, command);
}

static void put_base64(Buf *out, const Buf *bytes) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < bytes->size; i += 3) {
        uint32_t three = 0;
        for (size_t k = 0; k < 3; k++)
            three = three << 8 | (i + k < bytes->size ? (uint8_t)bytes->bytes[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            buf_char(out, k > bytes->size - i ? '=' : digits[three >> (18 - 6 * k) & 63]);
    }
}

static void put_cells_image(Buf *out, const PageCommand *command) {
    const PageCells *cells = &command->as.cells;
    Buf png = {0};
    bool ok = page_png(&png, NULL, cells->argb, (int)cells->columns, (int)cells->rows, 0, NULL);
    assert(ok); /* libpng fails on sizes that no figure has */
    (void)ok;
    buf_text(out, "<image preserveAspectRatio=\"none\" image-rendering=\"pixelated\"");
    put_box(out, command->box);
    buf_text(out, " xlink:href=\"data:image/png;base64,");
    put_base64(out, &png);
    buf_text(out, "\"/>\n");
    buf_free(&png);
}

static void put_command(Buf *out, const PageCommand *command) {
    switch (command->kind) {
    case PAGE_RECT:
        put_rect(out, command->box, command->as.radius);
        put_color(out, "fill", command->color);
        buf_text(out, "/>\n");
        break;
    case PAGE_FRAME: put_frame(out, command); break;
    case PAGE_LINE: put_line(out, command); break;
    case PAGE_CURVE: put_curve(out, command); break;
    case PAGE_CELLS:
        if (command->as.cells.rows * command->as.cells.columns <= PAGE_CELLS_DRAWN)
            put_each_cell(out, command);
        else
            put_cells_image(out, command);
        break;
    case PAGE_TEXT: put_text(out, command); break;
    }
}

/* ---- the file ---- */

static void put_element(Buf *out, const char *name, const char *text) {
    if (!*text)
        return;
    buf_printf(out, "<%s>", name);
    put_escaped(out, text);
    buf_printf(out, "</%s>\n", name);
}

static void put_notes(Buf *out, const PageDoc *doc) {
    buf_text(out, "<metadata xmlns:attnscope=\"urn:attnscope\">\n");
    for (size_t i = 0; i < doc->notes; i++) {
        buf_printf(out, "<attnscope:%s>", doc->note[i].key);
        put_escaped(out, doc->note[i].value);
        buf_printf(out, "</attnscope:%s>\n", doc->note[i].key);
    }
    buf_text(out, "</metadata>\n");
}

void page_svg(const PageDoc *doc, Buf *out) {
    const Page *page = doc->page[0];
    buf_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" "
                  "xmlns:xlink=\"http://www.w3.org/1999/xlink\" version=\"1.1\"");
    buf_text(out, " width=\"");
    put_number(out, page->width);
    buf_text(out, "pt\" height=\"");
    put_number(out, page->height);
    buf_text(out, "pt\" viewBox=\"0 0 ");
    put_number(out, page->width);
    buf_char(out, ' ');
    put_number(out, page->height);
    buf_text(out, "\" style=\"font-variant-ligatures:none\">\n");
    put_element(out, "title", doc->title);
    put_element(out, "desc", doc->description);
    if (doc->notes)
        put_notes(out, doc);
    for (size_t i = 0; i < page->count; i++)
        put_command(out, &page->command[i]);
    buf_text(out, "</svg>\n");
}
