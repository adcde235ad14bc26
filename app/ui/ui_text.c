/* Labels, paragraphs and links. */
#include "app/ui/ui_state.h"

#include <math.h>
#include <string.h>

float ui_label(Ui *ui, Rect rect, UiAlign align, FontRole font, int size, Color color,
               const char *text) {
    const char *shown = text_elide(ui_arena(ui), ui->measure, font, size, text, (float)rect.w,
                                   TEXT_ELIDE_END);
    float width = text_width(ui->measure, font, size, shown);
    float room = (float)rect.w - width;
    float x = (float)rect.x;
    if (align == UI_ALIGN_CENTER) {
        x += floorf(room * 0.5F);
    } else if (align == UI_ALIGN_RIGHT) {
        x += room;
    }
    float baseline = text_baseline(ui->measure, font, size, (float)rect.y, (float)rect.h);
    draw_text(&ui->list, font, size, color, x, baseline, shown);
    return width;
}

/* ---- Paragraphs ---- */

typedef struct {
    Ui *ui;
    Rect rect;
    int size;
    bool draw;
    float x;  /* of the pen, from the left */
    int line; /* number */
} Paragraph;

static int line_height(int size) {
    return (size * 3 + 1) / 2;
}

static void put_piece(Paragraph *p, const UiSpan *span, const char *text, size_t bytes) {
    float width = text_width_n(p->ui->measure, span->font, p->size, text, bytes);
    if (p->draw) {
        int height = line_height(p->size);
        float top = (float)(p->rect.y + p->line * height);
        /* one baseline a line, whatever the font */
        float baseline = text_baseline(p->ui->measure, FONT_UI, p->size, top, (float)height);
        draw_text_n(&p->ui->list, span->font, p->size, span->color, (float)p->rect.x + p->x,
                    baseline, text, bytes);
    }
    p->x += width;
}

static void new_line(Paragraph *p) {
    p->x = 0.0F;
    p->line++;
}

/* A piece that is longer than a line is cut where it must be. */
static void put_long_piece(Paragraph *p, const UiSpan *span, const char *text, size_t bytes) {
    float most = (float)p->rect.w;
    size_t at = 0;
    while (at < bytes) {
        size_t end = at;
        float used = p->x;
        do {
            size_t next = text_next_grapheme(text, bytes, end);
            used += text_width_n(p->ui->measure, span->font, p->size, text + end, next - end);
            if (used > most && (end > at || p->x > 0.0F)) {
                break;
            }
            end = next;
        } while (end < bytes);
        put_piece(p, span, text + at, end - at);
        at = end;
        if (at < bytes) {
            new_line(p);
        }
    }
}

/* How wide the word is that starts here: it may go on into the next spans without a space. */
static float word_width(const Paragraph *p, const UiSpan *spans, size_t count, size_t at,
                        size_t from) {
    float width = 0.0F;
    for (size_t i = at; i < count; i++, from = 0) {
        const char *text = spans[i].text + from;
        size_t bytes = strcspn(text, " \n");
        width += text_width_n(p->ui->measure, spans[i].font, p->size, text, bytes);
        if (text[bytes] != '\0') {
            break;
        }
    }
    return width;
}

static void put_span(Paragraph *p, const UiSpan *spans, size_t count, size_t at) {
    const UiSpan *span = &spans[at];
    const char *text = span->text;
    bool starts_word = at == 0 || p->x == 0.0F;
    if (at > 0 && !starts_word) {
        const char *before = spans[at - 1].text;
        size_t length = strlen(before);
        starts_word = length > 0 && strchr(" \n", before[length - 1]) != NULL;
    }
    for (size_t i = 0; text[i] != '\0';) {
        if (text[i] == '\n') {
            new_line(p);
            starts_word = true;
            i++;
        } else if (text[i] == ' ') {
            size_t spaces = strspn(text + i, " ");
            if (p->x > 0.0F) {
                put_piece(p, span, text + i, spaces);
            }
            starts_word = true;
            i += spaces;
        } else {
            size_t bytes = strcspn(text + i, " \n");
            float width = word_width(p, spans, count, at, i);
            if (starts_word && p->x > 0.0F && p->x + width > (float)p->rect.w) {
                new_line(p);
            }
            put_long_piece(p, span, text + i, bytes);
            starts_word = false;
            i += bytes;
        }
    }
}

int ui_spans(Ui *ui, Rect rect, int size, const UiSpan *spans, size_t count, bool draw) {
    Paragraph p = {.ui = ui, .rect = rect, .size = size, .draw = draw};
    for (size_t i = 0; i < count; i++) {
        put_span(&p, spans, count, i);
    }
    return (p.line + 1) * line_height(size);
}

int ui_paragraph(Ui *ui, Rect rect, FontRole font, int size, Color color, const char *text) {
    UiSpan span = {text, font, color};
    return ui_spans(ui, rect, size, &span, 1, true);
}

/* ---- Links ---- */

bool ui_link(Ui *ui, const char *id, float x, float baseline, FontRole font, int size, Color color,
             const char *text) {
    FontMetrics metrics = ui->measure->metrics(ui->measure->user, font, size);
    float width = text_width(ui->measure, font, size, text);
    int left = (int)floorf(x);
    int top = (int)floorf(baseline - metrics.ascent);
    Rect rect = {left, top, (int)ceilf(x + width) - left,
                 (int)ceilf(baseline + metrics.descent) - top};
    UiSignal signal = ui_region(ui, id, rect, UI_TAB_ONLY);
    draw_text(&ui->list, font, size, color, x, baseline, text);
    float under = baseline + 2.5F;
    draw_line(&ui->list, x, under, x + width, under, 1.0F,
              signal.hovered ? DRAW_SOLID : DRAW_DASHED,
              signal.hovered ? color : color_alpha(color, 0.55));
    ui_focus_ring(ui, id, rect, 2.0F);
    return signal.clicked;
}
