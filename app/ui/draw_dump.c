/* A list as text, for golden tests, and looking for words in it. */
#include "app/ui/draw.h"

#include <stdlib.h>
#include <string.h>

static const char *const LAYERS[DRAW_LAYER_COUNT] = {"base", "popup", "tip"};
static const char *const STYLES[] = {"solid", "dashed", "double"};
static const char *const FONTS[FONT_COUNT] = {"ui",        "ui-bold", "mono",
                                              "mono-bold", "math",    "math-italic"};
static const char *const ICONS[ICON_COUNT] = {
    "none",          "play",       "pause",         "step-back",  "step-forward", "first",
    "last",          "stage-back", "stage-forward", "arrow-left", "arrow-right",  "chevron-down",
    "chevron-right", "chevron-up", "check",         "close",      "plus",         "minus"};

static void dump_rect(Buf *out, Rect r) {
    buf_printf(out, " %d %d %d %d", r.x, r.y, r.w, r.h);
}

static void dump_text(const DrawCommand *c, Buf *out) {
    buf_printf(out, " %s %d %08x %g %g", FONTS[c->as.text.font], c->as.text.size, c->color,
               (double)c->as.text.x, (double)c->as.text.baseline);
    if (c->as.text.angle != 0.0F) {
        buf_printf(out, " turned %g", (double)c->as.text.angle);
    }
    buf_text(out, " \"");
    buf_add(out, c->as.text.text, c->as.text.bytes);
    buf_char(out, '"');
}

static void dump_cells(const DrawCommand *c, Buf *out) {
    const DrawCells *cells = &c->as.cells;
    buf_printf(out, " %dx%d%s", cells->columns, cells->rows, cells->gaps ? " gaps" : "");
    size_t count = (size_t)cells->columns * (size_t)cells->rows;
    for (size_t i = 0; i < count; i++) {
        static const char *const marks[] = {"", "/", "\\", "x"};
        DrawHatch hatched = cells->hatch ? (DrawHatch)cells->hatch[i] : DRAW_HATCH_NONE;
        buf_printf(out, " %08x%s", cells->argb[i], marks[hatched]);
    }
}

static void dump_command(const DrawCommand *c, Buf *out) {
    static const char *const KINDS[] = {"rect", "frame", "line",  "polygon",
                                        "icon", "text",  "cells", "cell-frame"};
    buf_printf(out, "%s %s", KINDS[c->kind], LAYERS[c->layer]);
    switch (c->kind) {
    case DRAW_RECT:
        dump_rect(out, c->rect);
        buf_printf(out, " r%g %08x", (double)c->radius, c->color);
        break;
    case DRAW_FRAME:
        dump_rect(out, c->rect);
        buf_printf(out, " r%g t%g %s %08x", (double)c->radius, (double)c->thickness,
                   STYLES[c->style], c->color);
        break;
    case DRAW_LINE:
        buf_printf(out, " %g %g %g %g t%g %s %08x", (double)c->as.line.from.x,
                   (double)c->as.line.from.y, (double)c->as.line.to.x, (double)c->as.line.to.y,
                   (double)c->thickness, STYLES[c->style], c->color);
        break;
    case DRAW_POLYGON:
        for (size_t i = 0; i < c->as.polygon.count; i++) {
            buf_printf(out, " %g,%g", (double)c->as.polygon.points[i].x,
                       (double)c->as.polygon.points[i].y);
        }
        buf_printf(out, " %08x", c->color);
        break;
    case DRAW_ICON:
        dump_rect(out, c->rect);
        buf_printf(out, " %s %08x", ICONS[c->as.icon], c->color);
        break;
    case DRAW_TEXT: dump_text(c, out); break;
    case DRAW_CELLS:
        dump_rect(out, c->rect);
        dump_cells(c, out);
        break;
    case DRAW_CELL_FRAME:
        dump_rect(out, c->rect);
        buf_printf(out, " %dx%d cells %d,%d %dx%d t%g %s %08x", c->as.cell_frame.columns,
                   c->as.cell_frame.rows, c->as.cell_frame.column, c->as.cell_frame.row,
                   c->as.cell_frame.column_count, c->as.cell_frame.row_count, (double)c->thickness,
                   STYLES[c->style], c->color);
        break;
    }
    buf_char(out, '\n');
}

static bool same_rect(Rect a, Rect b) {
    return a.x == b.x && a.y == b.y && a.w == b.w && a.h == b.h;
}

void draw_list_dump(const DrawList *list, Buf *out) {
    Rect clip = {0, 0, 0, 0};
    for (size_t i = 0; i < list->count; i++) {
        const DrawCommand *c = &list->commands[i];
        if (i == 0 || !same_rect(c->clip, clip)) {
            clip = c->clip;
            buf_text(out, "clip");
            dump_rect(out, clip);
            buf_char(out, '\n');
        }
        dump_command(c, out);
    }
}

/* ---- Looking for words ---- */

typedef struct {
    const DrawCommand *command;
    float left, right;
    size_t order;
} Run;

static bool run_visible(const DrawCommand *c, float width) {
    if (c->as.text.angle != 0.0F) {
        return c->clip.w > 0 && c->clip.h > 0;
    }
    float size = (float)c->as.text.size;
    float top = c->as.text.baseline - size;
    return c->as.text.x < (float)(c->clip.x + c->clip.w) &&
           c->as.text.x + width > (float)c->clip.x && top < (float)(c->clip.y + c->clip.h) &&
           c->as.text.baseline > (float)c->clip.y;
}

static int compare_runs(const void *a, const void *b) {
    const Run *x = a, *y = b;
    const DrawCommand *cx = x->command, *cy = y->command;
    if (cx->layer != cy->layer) {
        return cx->layer < cy->layer ? -1 : 1;
    }
    if (cx->as.text.baseline != cy->as.text.baseline) {
        return cx->as.text.baseline < cy->as.text.baseline ? -1 : 1;
    }
    if (x->left != y->left) {
        return x->left < y->left ? -1 : 1;
    }
    return x->order < y->order ? -1 : 1;
}

static bool same_line(const Run *a, const Run *b) {
    return a->command->layer == b->command->layer &&
           a->command->as.text.baseline == b->command->as.text.baseline &&
           a->command->as.text.angle == 0.0F && b->command->as.text.angle == 0.0F;
}

/* Puts the runs of all lines one after the other, a line break between lines. */
static void join_runs(const Run *runs, size_t count, Buf *text) {
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && !same_line(&runs[i - 1], &runs[i])) {
            buf_char(text, '\n');
        } else if (i > 0) {
            float room = runs[i].left - runs[i - 1].right;
            bool apart = room > 0.15F * (float)runs[i].command->as.text.size;
            bool spaced = text->size > 0 && text->bytes[text->size - 1] == ' ';
            if (apart && !spaced && runs[i].command->as.text.text[0] != ' ') {
                buf_char(text, ' ');
            }
        }
        buf_add(text, runs[i].command->as.text.text, runs[i].command->as.text.bytes);
    }
}

bool draw_list_has_text(const DrawList *list, const TextMeasure *measure, const char *text) {
    Run *runs = calloc(list->count + 1, sizeof *runs);
    if (runs == NULL) {
        abort();
    }
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        const DrawCommand *c = &list->commands[i];
        if (c->kind != DRAW_TEXT) {
            continue;
        }
        float width = text_width_n(measure, c->as.text.font, c->as.text.size, c->as.text.text,
                                   c->as.text.bytes);
        if (run_visible(c, width)) {
            runs[count++] = (Run){c, c->as.text.x, c->as.text.x + width, i};
        }
    }
    qsort(runs, count, sizeof *runs, compare_runs);
    Buf all = {0};
    join_runs(runs, count, &all);
    bool found = strstr(buf_cstr(&all), text) != NULL;
    buf_free(&all);
    free(runs);
    return found;
}
