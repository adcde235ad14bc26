/* Lines of words, tokens and formulas, for a worksheet. */
#include "app/export/sheet_part.h"
#include "app/ui/formula.h"
#include "engine/base/utf8.h"

#include <math.h>
#include <string.h>

/* ---- formulas: the window's own layout, at four times the size and drawn at a quarter ---- */

enum { FINER = 4 };

static float formula_advance(void *user, FontRole font, int size, uint32_t code) {
    char text[5] = {0};
    utf8_encode(code, text);
    return (float)page_measure(user, (PageStyle){.font = font, .size = size}, text).width;
}

static FontMetrics formula_metrics(void *user, FontRole font, int size) {
    PageStyle style = {.font = font, .size = size};
    PageSize line = page_measure(user, style, "x");
    return (FontMetrics){(float)line.ascent, (float)line.descent, (float)page_cap(user, style)};
}

static void draw_command(Page *page, const DrawCommand *from, double x, double y) {
    double line = from->thickness / FINER;
    if (from->kind == DRAW_TEXT) {
        PageStyle style = {from->as.text.font, (double)from->as.text.size / FINER, from->color,
                           PAGE_START, 0};
        char *text = arena_copy_bytes(page_arena(page->doc), from->as.text.text,
                                      from->as.text.bytes);
        page_text(page, style, x + (double)from->as.text.x / FINER,
                  y + (double)from->as.text.baseline / FINER, text);
    } else if (from->kind == DRAW_LINE) {
        DrawPoint a = from->as.line.from, b = from->as.line.to;
        page_line(page, x + (double)a.x / FINER, y + (double)a.y / FINER, x + (double)b.x / FINER,
                  y + (double)b.y / FINER, line, PAGE_SOLID, from->color);
    }
}

static FormulaSize put_formula(PageDoc *doc, Page *page, double x, double baseline, Color color,
                               const char *markup) {
    TextMeasure measure = {doc, formula_advance, formula_metrics};
    int size = (int)lround(SHEET_BODY * FINER);
    Arena arena = {0};
    DrawList list;
    draw_begin(&list, &arena, (Rect){0, 0, 1 << 20, 1 << 20});
    FormulaSize all = formula_draw(&list, &measure, &THEME_LIGHT, 0, 0, size, color, markup);
    for (size_t i = 0; page && i < list.count; i++)
        draw_command(page, &list.commands[i], x, baseline);
    arena_free(&arena);
    return (FormulaSize){all.width / FINER, all.ascent / FINER, all.descent / FINER};
}

/* ---- atoms: what no line break may cut ---- */

typedef struct {
    const SheetSpan *span;
    const char *text;
    double width, ascent, descent;
    bool space; /* before it */
} Atom;

typedef struct {
    PageDoc *doc;
    Color color;
    Atom *atom;
    size_t count, capacity;
    Arena arena;
} Flow;

static PageStyle style_of(const Flow *flow, const SheetSpan *span) {
    static const FontRole fonts[] = {[SHEET_PLAIN] = FONT_UI,
                                     [SHEET_BOLD] = FONT_UI_BOLD,
                                     [SHEET_MONO] = FONT_MONO,
                                     [SHEET_FORMULA] = FONT_MATH};
    Color color = span->role == ROLE_NONE ? flow->color : theme_role(&THEME_LIGHT, span->role);
    double size = span->font == SHEET_MONO ? SHEET_BODY - 0.5 : SHEET_BODY; /* it looks larger */
    return (PageStyle){fonts[span->font], size, color, PAGE_START, 0};
}

static void add_atom(Flow *flow, const SheetSpan *span, const char *text, bool space) {
    if (flow->count == flow->capacity) {
        size_t capacity = flow->capacity ? 2 * flow->capacity : 64;
        Atom *more = ARENA_NEW_N(&flow->arena, Atom, capacity);
        if (flow->count > 0)
            memcpy(more, flow->atom, flow->count * sizeof *more);
        flow->atom = more;
        flow->capacity = capacity;
    }
    Atom atom = {span, text, 0, 0, 0, space};
    if (span->font == SHEET_FORMULA) {
        FormulaSize size = put_formula(flow->doc, NULL, 0, 0, 0, text);
        atom.width = (double)size.width;
        atom.ascent = (double)size.ascent;
        atom.descent = (double)size.descent;
    } else {
        PageSize size = page_measure(flow->doc, style_of(flow, span), text);
        atom.width = size.width;
    }
    flow->atom[flow->count++] = atom;
}

static void add_span(Flow *flow, const SheetSpan *span, bool *space) {
    if (span->font == SHEET_FORMULA) {
        add_atom(flow, span, span->text, *space);
        *space = false;
        return;
    }
    for (const char *at = span->text; *at;) {
        size_t blanks = strspn(at, " \n"), word = strcspn(at + blanks, " \n");
        *space = *space || blanks > 0;
        at += blanks;
        if (word > 0) {
            add_atom(flow, span, arena_copy_bytes(&flow->arena, at, word), *space);
            *space = false;
        }
        at += word;
    }
}

/* ---- lines ---- */

static const double INDENT = 12; /* of what stands behind a bullet */

static double space_width(const Flow *flow) {
    PageStyle style = {FONT_UI, SHEET_BODY, 0, PAGE_START, 0};
    return page_measure(flow->doc, style, "x x").width - page_measure(flow->doc, style, "xx").width;
}

/* The end of what hangs together from `first` on, and how wide that is. */
static size_t unit_end(const Flow *flow, size_t first, double *width) {
    size_t end = first;
    *width = 0;
    do
        *width += flow->atom[end++].width;
    while (end < flow->count && !flow->atom[end].space);
    return end;
}

/* The end of the line that begins with `first`. */
static size_t line_end(const Flow *flow, size_t first, double width, double space) {
    double used = 0, unit;
    size_t end = first;
    while (end < flow->count) {
        size_t next = unit_end(flow, end, &unit);
        if (end > first && used + space + unit > width)
            break;
        used += (end > first ? space : 0) + unit;
        end = next;
    }
    return end;
}

static void draw_line_of(const Flow *flow, Page *page, double x, double baseline, size_t first,
                         size_t end, double space) {
    for (size_t i = first; i < end; i++) {
        const Atom *atom = &flow->atom[i];
        PageStyle style = style_of(flow, atom->span);
        if (i > first && atom->space)
            x += space;
        if (atom->span->font == SHEET_FORMULA)
            put_formula(flow->doc, page, x, baseline, style.color, atom->text);
        else
            page_text(page, style, x, baseline, atom->text);
        x += atom->width;
    }
}

/* Tall formulas push the lines apart. */
static double put_line(const Flow *flow, Page *page, double x, double y, size_t first, size_t end,
                       double space, bool bullet) {
    double ascent = SHEET_BODY * 0.95, descent = SHEET_LEADING - ascent;
    for (size_t i = first; i < end; i++) {
        ascent = fmax(ascent, flow->atom[i].ascent + 2);
        descent = fmax(descent, flow->atom[i].descent + 3);
    }
    if (page && bullet)
        page_text(page, (PageStyle){FONT_UI, SHEET_BODY, flow->color, PAGE_START, 0},
                  x - INDENT + 2, y + ascent, "•");
    if (page)
        draw_line_of(flow, page, x, y + ascent, first, end, space);
    return ascent + descent;
}

double sheet_put_spans(PageDoc *doc, Page *page, double x, double y, double width, Color color,
                       const SheetBlock *block) {
    bool bullet = block->kind == SHEET_BULLET;
    double indent = bullet ? INDENT : 0;
    Flow flow = {.doc = doc, .color = color};
    double top = y, blank = space_width(&flow);
    bool space = false;
    for (size_t i = 0; i < block->count; i++)
        add_span(&flow, &block->span[i], &space);
    for (size_t first = 0; first < flow.count;) {
        size_t end = line_end(&flow, first, width - indent, blank);
        y += put_line(&flow, page, x + indent, y, first, end, blank, bullet && first == 0);
        first = end;
    }
    arena_free(&flow.arena);
    return y - top;
}

static void put_token(Page *page, PageBox box, PageStyle style, const char *token, size_t place) {
    const char *number = arena_printf(page_arena(page->doc), "%zu", place);
    PageStyle small = {FONT_UI, SHEET_SMALL, SHEET_QUIET, PAGE_MIDDLE, 0};
    page_frame(page, box, 2.5, 0.6, SHEET_RULE);
    page_text(page, style, box.x + box.w / 2, box.y + (box.h + page_cap(page->doc, style)) / 2,
              token);
    page_text(page, small, box.x + box.w / 2, box.y + box.h + SHEET_SMALL + 1, number);
}

double sheet_put_tokens(PageDoc *doc, Page *page, double x, double y, double width,
                        const char *const *token, size_t count) {
    static const double height = 17, number = 13, gap = 3, pad = 4;
    PageStyle style = {FONT_MONO, SHEET_SMALL, SHEET_INK, PAGE_MIDDLE, 0};
    double left = x, top = y;
    for (size_t i = 0; i < count; i++) {
        double w = page_measure(doc, style, token[i]).width + 2 * pad;
        if (x > left && x + w > left + width) {
            x = left;
            y += height + number + gap;
        }
        if (page)
            put_token(page, (PageBox){x, y, w, height}, style, token[i], i);
        x += w + gap;
    }
    return y + height + number - top;
}
