/* Words of a lesson: paragraphs of text, numbers and formulas that wrap together, with links. */
#include "app/views/lesson_part.h"

#include <math.h>
#include <string.h>

enum { BULLET = 16, PARAGRAPH_GAP = 8 };

/* What is never broken: a word, or a formula. */
typedef struct {
    const LessonSpan *span;
    const char *text;
    size_t bytes;
    FontRole font;
    int size;
    Color color;
    float width, ascent, descent;
    bool space; /* before it: a line may end there */
    float x;
} Atom;

typedef struct {
    LessonPen *pen;
    int x, w, size;
    Atom *line; /* what stands on the line by now */
    size_t count;
    float used;
} Flow;

static FontRole span_font(SpanKind kind) {
    switch (kind) {
    case SPAN_BOLD: return FONT_UI_BOLD;
    case SPAN_CODE:
    case SPAN_VALUE:
    case SPAN_TOKEN: return FONT_MONO;
    default: return FONT_UI;
    }
}

static Color span_color(const LessonPen *pen, const LessonSpan *span, Color color) {
    if (span->role != ROLE_NONE)
        return theme_role(pen->theme, span->role);
    return span->kind == SPAN_CODE ? pen->theme->secondary : color;
}

static void measure_atom(const LessonPen *pen, Atom *atom) {
    const TextMeasure *measure = ui_measure(pen->ui);
    if (atom->span->kind == SPAN_FORMULA) {
        FormulaSize size = formula_measure(measure, atom->size, atom->text);
        atom->width = size.width;
        atom->ascent = size.ascent;
        atom->descent = size.descent;
        return;
    }
    FontMetrics metrics = measure->metrics(measure->user, atom->font, atom->size);
    atom->width = text_width_n(measure, atom->font, atom->size, atom->text, atom->bytes);
    atom->ascent = metrics.ascent;
    atom->descent = metrics.descent;
}

/* Before an atom: inside a span its own, as the run is drawn. */
static float space_width(const Flow *flow, const Atom *atom) {
    bool inside = flow->count > 0 && flow->line[flow->count - 1].span == atom->span &&
                  atom->span->kind != SPAN_FORMULA;
    return text_width(ui_measure(flow->pen->ui), inside ? atom->font : FONT_UI,
                      inside ? atom->size : flow->size, " ");
}

/* ---- a line ---- */

/* Neighbours of one span are one run, so that a link of several words is one link. */
static size_t run_end(const Flow *flow, size_t from) {
    size_t end = from + 1;
    while (end < flow->count && flow->line[end].span == flow->line[from].span &&
           flow->line[from].span->kind != SPAN_FORMULA)
        end++;
    return end;
}

static const char *run_text(const Flow *flow, size_t from, size_t end) {
    Buf text = {0};
    for (size_t i = from; i < end; i++) {
        if (i > from && flow->line[i].space)
            buf_text(&text, " ");
        buf_add(&text, flow->line[i].text, flow->line[i].bytes);
    }
    const char *copy = arena_copy_text(flow->pen->arena, buf_cstr(&text));
    buf_free(&text);
    return copy;
}

static void follow(const LessonPen *pen, const CellRange *to) {
    if (cell_range_single(to, pen->in->trace))
        intent_cell(pen->in->out, INTENT_GO_CELL, to->node, to->from);
    else
        intent_go(pen->in->out, to->node);
}

static void draw_run(const Flow *flow, size_t from, size_t end, float baseline) {
    LessonPen *pen = flow->pen;
    const Atom *atom = &flow->line[from];
    const LessonSpan *span = atom->span;
    float x = (float)flow->x + atom->x;
    if (span->kind == SPAN_FORMULA) {
        formula_draw(ui_list(pen->ui), ui_measure(pen->ui), pen->theme, x, baseline, atom->size,
                     atom->color, atom->text);
        return;
    }
    const char *text = run_text(flow, from, end);
    if (!span->link || !pen->in->trace) {
        draw_text(ui_list(pen->ui), atom->font, atom->size, atom->color, x, baseline, text);
        return;
    }
    const char *id = arena_printf(pen->arena, "lesson/link/%d", pen->links++);
    if (ui_link(pen->ui, id, x, baseline, atom->font, atom->size, atom->color, text))
        follow(pen, &span->to);
    ui_tip(pen->ui, word_stage_title(&pen->in->trace->graph.node[span->to.node]));
}

static void end_line(Flow *flow) {
    LessonPen *pen = flow->pen;
    float ascent = (float)flow->size, descent = (float)flow->size / 2;
    for (size_t i = 0; i < flow->count; i++) {
        ascent = fmaxf(ascent, flow->line[i].ascent + 1);
        descent = fmaxf(descent, flow->line[i].descent + 1);
    }
    float baseline = (float)pen->y + ceilf(ascent);
    for (size_t i = 0, end; pen->draw && i < flow->count; i = end) {
        end = run_end(flow, i);
        draw_run(flow, i, end, baseline);
    }
    pen->y += (int)ceilf(ascent) + (int)ceilf(descent);
    flow->count = 0;
    flow->used = 0;
}

static void put(Flow *flow, Atom atom) {
    if (flow->count > 0 && atom.space)
        flow->used += space_width(flow, &atom);
    atom.x = flow->used;
    flow->used += atom.width;
    flow->line[flow->count++] = atom;
}

/* One that is longer than a line is cut where it must be; a formula is made smaller. */
static void put_long(Flow *flow, Atom atom) {
    const TextMeasure *measure = ui_measure(flow->pen->ui);
    if (flow->count > 0 && flow->used + atom.width > (float)flow->w)
        end_line(flow);
    if (atom.span->kind == SPAN_FORMULA) {
        atom.size = formula_fit(measure, atom.size, THEME_SIZE_SMALL, (float)flow->w, atom.text);
        measure_atom(flow->pen, &atom);
    }
    while (atom.span->kind != SPAN_FORMULA && atom.width > (float)flow->w) {
        Atom piece = atom;
        piece.bytes = 0;
        for (size_t next = 0; next < atom.bytes; piece.bytes = next) {
            next = text_next_grapheme(atom.text, atom.bytes, piece.bytes);
            if (piece.bytes > 0 &&
                text_width_n(measure, atom.font, atom.size, atom.text, next) > (float)flow->w)
                break;
        }
        measure_atom(flow->pen, &piece);
        put(flow, piece);
        end_line(flow);
        atom.text += piece.bytes;
        atom.bytes -= piece.bytes;
        measure_atom(flow->pen, &atom);
    }
    if (atom.bytes > 0)
        put(flow, atom);
}

/* Atoms [from, end) that no line may end between. */
static void put_unit(Flow *flow, const Atom *atom, size_t count) {
    float width = atom[0].space && flow->count > 0 ? space_width(flow, &atom[0]) : 0, alone = 0;
    for (size_t i = 0; i < count; i++)
        alone += atom[i].width;
    if (flow->count > 0 && flow->used + width + alone > (float)flow->w)
        end_line(flow);
    for (size_t i = 0; i < count; i++)
        if (alone > (float)flow->w)
            put_long(flow, atom[i]);
        else
            put(flow, atom[i]);
}

/* ---- a paragraph ---- */

static size_t count_atoms(const LessonParagraph *paragraph) {
    size_t count = 0;
    for (size_t i = 0; i < paragraph->span_count; i++)
        count += strlen(paragraph->span[i].text) + 1;
    return count;
}

static size_t span_atoms(const LessonPen *pen, const LessonSpan *span, int size, Color color,
                         bool *space, Atom *atom) {
    bool mono = span_font(span->kind) == FONT_MONO;
    Atom base = {.span = span,
                 .font = span_font(span->kind),
                 .size = mono && size > THEME_SIZE_SMALL ? size - 1 : size,
                 .color = span_color(pen, span, color)};
    size_t count = 0;
    if (span->kind == SPAN_FORMULA) {
        base.size = size + 2;
        base.text = word_formula(pen->arena, span->text);
        base.bytes = strlen(base.text);
        base.space = *space;
        *space = false;
        measure_atom(pen, &base);
        atom[count++] = base;
        return count;
    }
    for (const char *at = span->text; *at;) {
        if (*at == ' ' || *at == '\n') {
            *space = true;
            at++;
            continue;
        }
        base.text = at;
        base.bytes = span->kind == SPAN_VALUE ? strlen(at) /* with its unit */
                                              : strcspn(at, " \n");
        base.space = *space;
        *space = false;
        measure_atom(pen, &base);
        atom[count++] = base;
        at += base.bytes;
    }
    return count;
}

static void paragraph(LessonPen *pen, const LessonParagraph *from, int size, Color color) {
    size_t most = count_atoms(from), count = 0;
    Atom *atom = ARENA_NEW_N(pen->arena, Atom, most);
    bool space = false;
    for (size_t i = 0; i < from->span_count; i++)
        count += span_atoms(pen, &from->span[i], size, color, &space, &atom[count]);
    int indent = from->bullet ? BULLET : 0;
    Flow flow = {.pen = pen,
                 .x = pen->x + indent,
                 .w = pen->w - indent,
                 .size = size,
                 .line = ARENA_NEW_N(pen->arena, Atom, 2 * most + 1)};
    if (from->bullet && pen->draw)
        draw_text(ui_list(pen->ui), FONT_UI, size, pen->theme->secondary, (float)pen->x + 3,
                  (float)(pen->y + size), "•");
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count && !atom[end].space; end++)
            ;
        put_unit(&flow, &atom[i], end - i);
    }
    if (flow.count > 0)
        end_line(&flow);
}

void lesson_body(LessonPen *pen, const LessonBody *body, int size, Color color) {
    for (size_t i = 0; i < body->count; i++) {
        bool list = i > 0 && body->paragraph[i].bullet;
        if (i > 0)
            lesson_space(pen, list ? PARAGRAPH_GAP / 2 : PARAGRAPH_GAP);
        paragraph(pen, &body->paragraph[i], size, color);
    }
}
