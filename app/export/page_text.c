/* Text of pages: Pango finds the fonts, shapes and measures. */
#include "app/export/page_part.h"
#include "engine/base/utf8.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WORD_JOINER 0x2060

typedef struct {
    const char *families;
    int weight; /* CSS's and Pango's numbers are the same */
    bool italic;
} Face;

static const Face FACES[FONT_COUNT] = {
    [FONT_UI] = {"Inter, NanumGothic, DejaVu Sans", 400, false},
    [FONT_UI_BOLD] = {"Inter, NanumGothic, DejaVu Sans", 600, false},
    [FONT_MONO] = {"JetBrains Mono, NanumGothicCoding, NanumGothic, DejaVu Sans Mono", 400, false},
    [FONT_MONO_BOLD] = {"JetBrains Mono, NanumGothicCoding, NanumGothic, DejaVu Sans Mono", 700,
                        false},
    [FONT_MATH] = {"STIXGeneral, NanumMyeongjo, DejaVu Serif", 400, false},
    [FONT_MATH_ITALIC] = {"STIXGeneral, NanumMyeongjo, DejaVu Serif", 400, true},
};

const char *page_families(FontRole font) {
    return FACES[font].families;
}

int page_weight(FontRole font) {
    return FACES[font].weight;
}

bool page_italic(FontRole font) {
    return FACES[font].italic;
}

/* ---- documents ---- */

static bool has_fonts(PangoFontMap *fonts) {
    PangoFontFamily **family;
    int count;
    pango->font_map_list_families(fonts, &family, &count);
    glib->free(family);
    return count > 0;
}

/* Unhinted, so that a text has the same width at every scale and in every format. */
static PangoContext *new_context(PangoFontMap *fonts) {
    PangoContext *context = pango->font_map_create_context(fonts);
    cairo_font_options_t *options = cairo->font_options_create();
    cairo->font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo->font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo->font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pango->cairo_context_set_font_options(context, options);
    cairo->font_options_destroy(options);
    pango->cairo_context_set_resolution(context, 72);
    pango->context_set_round_glyph_positions(context, FALSE);
    pango->context_set_base_dir(context, PANGO_DIRECTION_LTR);
    pango->context_set_language(context, pango->language_from_string("en"));
    return context;
}

PageDoc *page_doc_new(Err *err) {
    if (!page_libs_load(err))
        return NULL;
    PangoFontMap *fonts = pango->cairo_font_map_new();
    if (!has_fonts(fonts)) {
        glib->object_unref(fonts);
        err_set(err, "there is no font; install fonts-inter, fonts-jetbrains-mono, fonts-stix, "
                     "fonts-nanum and fonts-dejavu-core");
        return NULL;
    }
    PageDoc *doc = calloc(1, sizeof *doc);
    if (!doc)
        abort();
    doc->fonts = fonts;
    doc->context = new_context(fonts);
    doc->title = doc->description = "";
    return doc;
}

void page_doc_free(PageDoc *doc) {
    if (!doc)
        return;
    glib->object_unref(doc->context);
    glib->object_unref(doc->fonts);
    arena_free(&doc->arena);
    free(doc);
}

/* ---- lines ---- */

static void add_attribute(PangoAttrList *list, PangoAttribute *attribute, size_t from, size_t to) {
    attribute->start_index = (guint)from;
    attribute->end_index = (guint)to;
    pango->attr_list_insert(list, attribute);
}

static void add_face(PangoAttrList *list, FontRole font, double size, size_t from, size_t to) {
    PangoFontDescription *wanted = pango->font_description_new();
    pango->font_description_set_family(wanted, FACES[font].families);
    pango->font_description_set_weight(wanted, (PangoWeight)FACES[font].weight);
    pango->font_description_set_style(wanted,
                                      FACES[font].italic ? PANGO_STYLE_ITALIC : PANGO_STYLE_NORMAL);
    pango->font_description_set_absolute_size(wanted, size * PANGO_SCALE);
    add_attribute(list, pango->attr_font_desc_new(wanted), from, to);
    pango->font_description_free(wanted);
    add_attribute(list, pango->attr_font_features_new("calt=0,liga=0,clig=0,dlig=0"), from, to);
}

static PangoLayout *new_layout(const PageDoc *doc, const char *text, PangoAttrList *attributes) {
    PangoLayout *layout = pango->layout_new(doc->context);
    pango->layout_set_auto_dir(layout, FALSE);
    pango->layout_set_text(layout, text, -1);
    pango->layout_set_attributes(layout, attributes);
    return layout;
}

PangoLayout *page_layout(const PageDoc *doc, PageStyle style, const char *text) {
    PangoAttrList *attributes = pango->attr_list_new();
    add_face(attributes, style.font, style.size, 0, strlen(text));
    PangoLayout *layout = new_layout(doc, text, attributes);
    pango->attr_list_unref(attributes);
    pango->layout_set_single_paragraph_mode(layout, TRUE);
    return layout;
}

static double points(int units) {
    return (double)units / PANGO_SCALE;
}

static PageSize size_of(PangoLayout *layout) {
    PangoRectangle logical;
    pango->layout_get_extents(layout, NULL, &logical);
    double ascent = points(pango->layout_get_baseline(layout));
    return (PageSize){points(logical.width), ascent, points(logical.height) - ascent};
}

static void add_code(Buf *out, uint32_t code) {
    char bytes[4];
    buf_add(out, bytes, code ? utf8_encode(code, bytes) : 0);
}

static bool is_hangul(uint32_t code) {
    return (code >= 0x1100 && code < 0x1200) || (code >= 0x3130 && code < 0x3190) ||
           (code >= 0xac00 && code < 0xd7a4);
}

static bool is_punctuation(uint32_t code) {
    return (code < 0x80 && ispunct((int)code)) || (code >= 0x2010 && code < 0x2060) ||
           (code >= 0x3001 && code < 0x3030);
}

/* Where Pango would break inside a word: at punctuation, and between any two syllables of Hangul. */
static bool may_break(uint32_t code) {
    return is_hangul(code) || is_punctuation(code);
}

/* What is drawn of a line; of a paragraph ('\n' stays) what is laid out: with a word joiner where
 * Pango would break, so that "blocks.2" and a Korean word stay whole. */
static const char *shown_text(Arena *arena, const char *text, bool paragraph) {
    Buf repaired = {0}, out = {0};
    text_repair(&repaired, text, strlen(text));
    uint32_t before = ' ';
    Utf8Char c;
    for (size_t at = 0; at < repaired.size; at += c.size) {
        c = utf8_next(repaired.bytes + at, repaired.size - at);
        uint32_t code = c.code;
        bool space = code == ' ' || code == '\n' || before == ' ' || before == '\n';
        if (paragraph && !space && (may_break(code) || may_break(before)))
            add_code(&out, WORD_JOINER);
        add_code(&out, paragraph && code == '\n' ? '\n' : text_shown(code));
        before = code;
    }
    const char *copy = arena_copy_text(arena, buf_cstr(&out));
    buf_free(&repaired);
    buf_free(&out);
    return copy;
}

PageSize page_measure(PageDoc *doc, PageStyle style, const char *text) {
    PangoLayout *layout = page_layout(doc, style, shown_text(&doc->arena, text, false));
    PageSize size = size_of(layout);
    glib->object_unref(layout);
    return size;
}

double page_cap(PageDoc *doc, PageStyle style) {
    PangoLayout *layout = page_layout(doc, style, "H");
    PangoRectangle ink;
    pango->layout_get_extents(layout, &ink, NULL);
    glib->object_unref(layout);
    return points(ink.height);
}

double page_text(Page *page, PageStyle style, double x, double baseline, const char *text) {
    const char *shown = shown_text(&page->doc->arena, text, false);
    if (!*shown)
        return 0;
    PangoLayout *layout = page_layout(page->doc, style, shown);
    PageCommand *command = page_push(page, PAGE_TEXT, style.color);
    command->as.text.style = style;
    command->as.text.x = x;
    command->as.text.baseline = baseline;
    command->as.text.size = size_of(layout);
    command->as.text.text = shown;
    glib->object_unref(layout);
    return command->as.text.size.width;
}

const char *page_elide(PageDoc *doc, PageStyle style, const char *text, double width) {
    const char *shown = shown_text(&doc->arena, text, false);
    size_t size = strlen(shown), end = size;
    while (page_measure(doc, style, shown).width > width && end > 0) {
        end = text_previous_grapheme(text, size, end);
        shown = arena_printf(&doc->arena, "%.*s…", (int)end, text);
    }
    return shown;
}

/* ---- paragraphs ---- */

typedef struct {
    PageDoc *doc;
    Page *page;
    PageStyle style;
    double x, y, width, leading;
    const PageSpan *span;
    size_t count;
    size_t *start; /* [count + 1] where each span begins in the text */
    const char *text;
} Paragraph;

static double span_size(const Paragraph *p, size_t i) {
    return p->span[i].size > 0 ? p->span[i].size : p->style.size;
}

static void join_spans(Paragraph *p) {
    Buf all = {0};
    p->start = ARENA_NEW_N(&p->doc->arena, size_t, p->count + 1);
    for (size_t i = 0; i < p->count; i++) {
        p->start[i] = all.size;
        buf_text(&all, shown_text(&p->doc->arena, p->span[i].text, true));
    }
    p->start[p->count] = all.size;
    p->text = arena_copy_text(&p->doc->arena, buf_cstr(&all));
    buf_free(&all);
}

static double x_of(PangoLayoutLine *line, size_t index) {
    int x;
    pango->layout_line_index_to_x(line, (int)index, FALSE, &x);
    return points(x);
}

static PangoLayout *lay_out(const Paragraph *p) {
    PangoAttrList *attributes = pango->attr_list_new();
    for (size_t i = 0; i < p->count; i++)
        add_face(attributes, p->span[i].font, span_size(p, i), p->start[i], p->start[i + 1]);
    PangoLayout *layout = new_layout(p->doc, p->text, attributes);
    pango->attr_list_unref(attributes);
    pango->layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango->layout_set_width(layout, (int)floor(p->width * PANGO_SCALE));
    return layout;
}

static void draw_piece(const Paragraph *p, size_t i, size_t from, size_t to, double x,
                       double baseline, PageAnchor anchor) {
    const PageSpan *span = &p->span[i];
    PageStyle style = {.font = span->font,
                       .size = span_size(p, i),
                       .color = span->color >> 24 ? span->color : p->style.color,
                       .anchor = anchor};
    page_text(p->page, style, x, baseline - span->rise,
              arena_copy_bytes(&p->doc->arena, p->text + from, to - from));
}

/* A line of one piece hangs on its anchor; of several each begins where it was measured. */
static void draw_line_of(const Paragraph *p, PangoLayoutLine *line, double baseline) {
    size_t from = (size_t)line->start_index, end = from + (size_t)line->length;
    while (end > from && p->text[end - 1] == ' ')
        end--;
    double width = x_of(line, end), share = 0.5 * (double)p->style.anchor;
    for (size_t i = 0; i < p->count; i++) {
        size_t first = p->start[i] > from ? p->start[i] : from;
        size_t last = p->start[i + 1] < end ? p->start[i + 1] : end;
        if (first == from && last == end && last > first)
            draw_piece(p, i, first, last, p->x + share * p->width, baseline, p->style.anchor);
        else if (last > first)
            draw_piece(p, i, first, last, p->x + share * (p->width - width) + x_of(line, first),
                       baseline, PAGE_START);
    }
}

double page_spans(PageDoc *doc, Page *page, PageStyle style, double x, double y, double width,
                  double leading, const PageSpan *span, size_t count) {
    Paragraph p = {.doc = doc,
                   .page = page,
                   .style = style,
                   .x = x,
                   .y = y,
                   .width = width,
                   .leading = leading * style.size,
                   .span = span,
                   .count = count};
    join_spans(&p);
    PangoLayout *layout = lay_out(&p);
    int lines = pango->layout_get_line_count(layout);
    PageSize font = page_measure(doc, style, "x");
    double top = (p.leading - font.ascent - font.descent) / 2 + font.ascent;
    for (int i = 0; page && i < lines; i++)
        draw_line_of(&p, pango->layout_get_line_readonly(layout, i), y + top + i * p.leading);
    glib->object_unref(layout);
    return lines * p.leading;
}

double page_paragraph(PageDoc *doc, Page *page, PageStyle style, double x, double y, double width,
                      double leading, const char *text) {
    PageSpan span = {.text = text, .font = style.font};
    return page_spans(doc, page, style, x, y, width, leading, &span, 1);
}
