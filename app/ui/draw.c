#include "app/ui/draw.h"

#include <assert.h>
#include <string.h>

void draw_begin(DrawList *list, Arena *arena, Rect area) {
    memset(list, 0, sizeof *list);
    list->arena = arena;
    list->clips[0] = area;
    list->clip_depth = 1;
}

Rect draw_clip(const DrawList *list) {
    return list->clips[list->clip_depth - 1];
}

void draw_clip_reset(DrawList *list, Rect clip) {
    assert(list->clip_depth < DRAW_CLIP_DEPTH);
    list->clips[list->clip_depth++] = clip;
}

void draw_clip_push(DrawList *list, Rect clip) {
    draw_clip_reset(list, rect_both(clip, draw_clip(list)));
}

void draw_clip_pop(DrawList *list) {
    assert(list->clip_depth > 1);
    list->clip_depth--;
}

static DrawCommand *add(DrawList *list, DrawKind kind, Rect rect, Color color) {
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 256 : list->capacity * 2;
        DrawCommand *larger = ARENA_NEW_N(list->arena, DrawCommand, capacity);
        if (list->count > 0) {
            memcpy(larger, list->commands, list->count * sizeof *larger);
        }
        list->commands = larger;
        list->capacity = capacity;
    }
    DrawCommand *command = &list->commands[list->count++];
    *command = (DrawCommand){
        .kind = kind, .layer = list->layer, .clip = draw_clip(list), .rect = rect, .color = color};
    return command;
}

void draw_rect(DrawList *list, Rect rect, Color color) {
    add(list, DRAW_RECT, rect, color);
}

void draw_round_rect(DrawList *list, Rect rect, float radius, Color color) {
    add(list, DRAW_RECT, rect, color)->radius = radius;
}

void draw_frame(DrawList *list, Rect rect, float radius, float thickness, DrawStyle style,
                Color color) {
    DrawCommand *command = add(list, DRAW_FRAME, rect, color);
    command->radius = radius;
    command->thickness = thickness;
    command->style = style;
}

void draw_line(DrawList *list, float x1, float y1, float x2, float y2, float thickness,
               DrawStyle style, Color color) {
    DrawCommand *command = add(list, DRAW_LINE, (Rect){0, 0, 0, 0}, color);
    command->as.line.from = (DrawPoint){x1, y1};
    command->as.line.to = (DrawPoint){x2, y2};
    command->thickness = thickness;
    command->style = style;
}

void draw_polygon(DrawList *list, const DrawPoint *points, size_t count, Color color) {
    DrawPoint *copy = ARENA_NEW_N(list->arena, DrawPoint, count);
    memcpy(copy, points, count * sizeof *points);
    DrawCommand *command = add(list, DRAW_POLYGON, (Rect){0, 0, 0, 0}, color);
    command->as.polygon.points = copy;
    command->as.polygon.count = count;
}

void draw_icon(DrawList *list, Rect rect, DrawIcon icon, Color color) {
    if (icon != ICON_NONE) {
        add(list, DRAW_ICON, rect, color)->as.icon = icon;
    }
}

static DrawCommand *add_text(DrawList *list, FontRole font, int size, Color color, float x,
                             float baseline, const char *text, size_t bytes) {
    const char *copy = arena_copy_bytes(list->arena, text, bytes);
    DrawCommand *command = add(list, DRAW_TEXT, (Rect){0, 0, 0, 0}, color);
    command->as.text.font = font;
    command->as.text.size = size;
    command->as.text.x = x;
    command->as.text.baseline = baseline;
    command->as.text.text = copy;
    command->as.text.bytes = bytes;
    return command;
}

void draw_text_n(DrawList *list, FontRole font, int size, Color color, float x, float baseline,
                 const char *text, size_t bytes) {
    if (bytes > 0) {
        add_text(list, font, size, color, x, baseline, text, bytes);
    }
}

void draw_text(DrawList *list, FontRole font, int size, Color color, float x, float baseline,
               const char *text) {
    draw_text_n(list, font, size, color, x, baseline, text, strlen(text));
}

void draw_text_turned(DrawList *list, FontRole font, int size, Color color, float x, float baseline,
                      float angle, const char *text) {
    if (text[0] != '\0') {
        add_text(list, font, size, color, x, baseline, text, strlen(text))->as.text.angle = angle;
    }
}

void draw_cells(DrawList *list, Rect rect, DrawCells cells) {
    if (cells.columns > 0 && cells.rows > 0) {
        add(list, DRAW_CELLS, rect, 0)->as.cells = cells;
    }
}

void draw_cell_frame(DrawList *list, Rect rect, int columns, int rows, int column, int row,
                     int column_count, int row_count, float thickness, DrawStyle style,
                     Color color) {
    DrawCommand *command = add(list, DRAW_CELL_FRAME, rect, color);
    command->thickness = thickness;
    command->style = style;
    command->as.cell_frame.columns = columns;
    command->as.cell_frame.rows = rows;
    command->as.cell_frame.column = column;
    command->as.cell_frame.row = row;
    command->as.cell_frame.column_count = column_count;
    command->as.cell_frame.row_count = row_count;
}

static int edge(int from, int length, int count, int i) {
    return from + (int)((int64_t)i * length / count);
}

Rect draw_cell_rect(Rect rect, int columns, int rows, int column, int row) {
    int x = edge(rect.x, rect.w, columns, column);
    int y = edge(rect.y, rect.h, rows, row);
    return (Rect){x, y, edge(rect.x, rect.w, columns, column + 1) - x,
                  edge(rect.y, rect.h, rows, row + 1) - y};
}

/* The cell whose [edge, next edge) holds the point. */
static int cell_of(int offset, int length, int count) {
    int cell = (int)((int64_t)offset * count / length);
    while (cell + 1 < count && edge(0, length, count, cell + 1) <= offset) {
        cell++;
    }
    return cell;
}

bool draw_cell_at(Rect rect, int columns, int rows, int x, int y, int *column, int *row) {
    if (!rect_has(rect, x, y) || columns <= 0 || rows <= 0) {
        return false;
    }
    *column = cell_of(x - rect.x, rect.w, columns);
    *row = cell_of(y - rect.y, rect.h, rows);
    return true;
}

Rect rect_cut_left(Rect *rect, int w) {
    w = w < 0 ? 0 : (w > rect->w ? rect->w : w);
    Rect cut = {rect->x, rect->y, w, rect->h};
    rect->x += w;
    rect->w -= w;
    return cut;
}

Rect rect_cut_right(Rect *rect, int w) {
    w = w < 0 ? 0 : (w > rect->w ? rect->w : w);
    rect->w -= w;
    return (Rect){rect->x + rect->w, rect->y, w, rect->h};
}

Rect rect_cut_top(Rect *rect, int h) {
    h = h < 0 ? 0 : (h > rect->h ? rect->h : h);
    Rect cut = {rect->x, rect->y, rect->w, h};
    rect->y += h;
    rect->h -= h;
    return cut;
}

Rect rect_cut_bottom(Rect *rect, int h) {
    h = h < 0 ? 0 : (h > rect->h ? rect->h : h);
    rect->h -= h;
    return (Rect){rect->x, rect->y + rect->h, rect->w, h};
}

Rect rect_inset(Rect rect, int dx, int dy) {
    int w = rect.w - 2 * dx;
    int h = rect.h - 2 * dy;
    return (Rect){rect.x + dx, rect.y + dy, w < 0 ? 0 : w, h < 0 ? 0 : h};
}

Rect rect_both(Rect a, Rect b) {
    int x1 = a.x > b.x ? a.x : b.x;
    int y1 = a.y > b.y ? a.y : b.y;
    int x2 = a.x + a.w < b.x + b.w ? a.x + a.w : b.x + b.w;
    int y2 = a.y + a.h < b.y + b.h ? a.y + a.h : b.y + b.h;
    if (x2 <= x1 || y2 <= y1) {
        return (Rect){x1, y1, 0, 0};
    }
    return (Rect){x1, y1, x2 - x1, y2 - y1};
}

Rect rect_center(Rect outer, int w, int h) {
    return (Rect){outer.x + (outer.w - w) / 2, outer.y + (outer.h - h) / 2, w, h};
}

bool rect_has(Rect rect, int x, int y) {
    return x >= rect.x && x < rect.x + rect.w && y >= rect.y && y < rect.y + rect.h;
}
