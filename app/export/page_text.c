/* Text of pages: Pango finds the fonts, shapes and measures. */
#include "app/export/page_part.h"

#include <assert.h>
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
    pango_font_map_list_families(fonts, &family, &count);
    g_free(family);
    return count > 0;
}

/* Unhinted, so that a text has the same width at every scale and in every format. */
static PangoContext *new_context(PangoFontMap *fonts) {
    PangoContext *context = pango_font_map_create_context(fonts);
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(context, options);
    cairo_font_options_destroy(options);
    pango_cairo_context_set_resolution(context, 72);
    pango_context_set_round_glyph_positions(context, FALSE);
    pango_context_set_base_dir(context, PANGO_DIRECTION_LTR);
    pango_context_set_language(context, pango_language_from_string("en"));
    return context;
}

PageDoc *page_doc_new(Err *err) {
    PangoFontMap *fonts = pango_cairo_font_map_new();
    if (!has_fonts(fonts)) {
        g_object_unref(fonts);
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
    g_object_unref(doc->context);
    g_object_unref(doc->fonts);
    arena_free(&doc->arena);
    free(doc);
}

/* ---- lines ---- */

static void add_attribute(PangoAttrList *list, PangoAttribute *attribute, size_t from, size_t to) {
    attribute->start_index = (guint)from;
    attribute->end_index = (guint)to;
    pango_attr_list_insert(list, attribute);
}

static void add_face(PangoAttrList *list, FontRole font, double size, size_t from, size_t to) {
    PangoFontDescription *wanted = pango_font_description_new();
    pango_font_description_set_family(wanted, FACES[font].families);
    pango_font_description_set_weight(wanted, (PangoWeight)FACES[font].weight);
    pango_font_description_set_style(wanted,
                                     FACES[font].italic ? PANGO_STYLE_ITALIC : PANGO_STYLE_NORMAL);
    pango_font_description_set_absolute_size(wanted, size * PANGO_SCALE);
    add_attribute(list, pango_attr_font_desc_new(wanted), from, to);
    pango_font_description_free(wanted);
    add_attribute(list, pango_attr_font_features_new("calt=0,liga=0,clig=0,dlig=0"), from, to);
}

static PangoLayout *new_layout(const PageDoc *doc, const char *text, PangoAttrList *attributes) {
    PangoLayout *layout = pango_layout_new(doc->context);
    pango_layout_set_auto_dir(layout, FALSE);
    pango_layout_set_text(layout, text, -1);
    pango_layout_set_attributes(layout, attributes);
    return layout;
}

PangoLayout *page_layout(const PageDoc *doc, PageStyle style, const char *text) {
    PangoAttrList *attributes = pango_attr_list_new();
    add_face(attributes, style.font, style.size, 0, strlen(text));
    PangoLayout *layout = new_layout(doc, text, attributes);
    pango_attr_list_unref(attributes);
    pango_layout_set_single_paragraph_mode(layout, TRUE);
    return layout;
}

static double points(int units) {
    return (double)units / PANGO_SCALE;
}

static PageSize size_of(PangoLayout *layout) {
    PangoRectangle logical;
    pango_layout_get_extents(layout, NULL, &logical);
    double ascent = points(pango_layout_get_baseline(layout));
    return (PageSize){points(logical.width), ascent, points(logical.height) - ascent};
}

static void add_code(Buf *out, uint32_t code) {
    char bytes[8];
    buf_add(out, bytes, code ? (size_t)g_unichar_to_utf8(code, bytes) : 0);
}

/* Where Pango would break inside a word: at punctuation, and between any two syllables of Hangul. */
static bool may_break(uint32_t code) {
    return g_unichar_get_script(code) == G_UNICODE_SCRIPT_HANGUL || g_unichar_ispunct(code);
}

/* What is drawn of a line; of a paragraph ('\n' stays) what is laid out: with a word joiner where
 * Pango would break, so that "blocks.2" and a Korean word stay whole. */
static const char *shown_text(Arena *arena, const char *text, bool paragraph) {
    Buf repaired = {0}, out = {0};
    text_repair(&repaired, text, strlen(text));
    const char *at = buf_cstr(&repaired), *end = at + repaired.size;
    uint32_t before = ' ';
    for (; at < end; at = g_utf8_next_char(at)) {
        uint32_t code = g_utf8_get_char(at);
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
    g_object_unref(layout);
    return size;
}

double page_cap(PageDoc *doc, PageStyle style) {
    PangoLayout *layout = page_layout(doc, style, "H");
    PangoRectangle ink;
    pango_layout_get_extents(layout, &ink, NULL);
    g_object_unref(layout);
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
    g_object_unref(layout);
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
    pango_layout_line_index_to_x(line, (int)index, FALSE, &x);
    return points(x);
}

static PangoLayout *lay_out(const Paragraph *p) {
    PangoAttrList *attributes = pango_attr_list_new();
    for (size_t i = 0; i < p->count; i++)
        add_face(attributes, p->span[i].font, span_size(p, i), p->start[i], p->start[i + 1]);
    PangoLayout *layout = new_layout(p->doc, p->text, attributes);
    pango_attr_list_unref(attributes);
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_width(layout, (int)floor(p->width * PANGO_SCALE));
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
    int lines = pango_layout_get_line_count(layout);
    PageSize font = page_measure(doc, style, "x");
    double top = (p.leading - font.ascent - font.descent) / 2 + font.ascent;
    for (int i = 0; page && i < lines; i++)
        draw_line_of(&p, pango_layout_get_line_readonly(layout, i), y + top + i * p.leading);
    g_object_unref(layout);
    return lines * p.leading;
}

double page_paragraph(PageDoc *doc, Page *page, PageStyle style, double x, double y, double width,
                      double leading, const char *text) {
    PageSpan span = {.text = text, .font = style.font};
    return page_spans(doc, page, style, x, y, width, leading, &span, 1);
}
