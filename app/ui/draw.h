/* draw: a frame as a list of drawing commands.
 *
 * Views and widgets append commands; a back end replays them (app/sdl/canvas.h). The commands are
 * plain structs, so a test compares or prints them. Nothing is drawn here.
 *
 * Coordinates are points, top left (0, 0); the back end applies the scale (1, 1.25, 1.5, 2 …) and
 * rounds each edge to a pixel by itself, so that neighbours that share an edge in points share it
 * in pixels. Later commands cover earlier ones of the same layer; higher layers cover lower ones.
 *
 * The list and all that it refers to (texts, cells) live in the arena of the frame. draw_text
 * copies its text; draw_cells does not copy its cells. */
#ifndef UI_DRAW_H
#define UI_DRAW_H

#include "app/ui/text.h"

typedef struct {
    int x, y, w, h;
} Rect;

typedef uint32_t Color; /* 0xAARRGGBB, not premultiplied */
#define COLOR_RGB(rgb) (0xff000000U | (Color)(rgb))
Color color_alpha(Color color, double alpha);         /* the same colour, alpha 0 … 1 */
Color color_mix(Color from, Color to, double amount); /* 0: from, 1: to */
double color_contrast(Color a, Color b);              /* WCAG 2: 1 … 21; alpha is ignored */

typedef enum { DRAW_LAYER_BASE, DRAW_LAYER_POPUP, DRAW_LAYER_TIP, DRAW_LAYER_COUNT } DrawLayer;

typedef enum {
    DRAW_RECT,
    DRAW_FRAME,
    DRAW_LINE,
    DRAW_POLYGON,
    DRAW_ICON,
    DRAW_TEXT,
    DRAW_CELLS,
    DRAW_CELL_FRAME
} DrawKind;

typedef enum {
    DRAW_SOLID,
    DRAW_DASHED,
    DRAW_DOUBLE /* two outlines with a gap: the cell in hand, told apart without colour */
} DrawStyle;

/* Drawn to fill their rectangle, which should be square. */
typedef enum {
    ICON_NONE,
    ICON_PLAY,
    ICON_PAUSE,
    ICON_STEP_BACK,    /* ◂ */
    ICON_STEP_FORWARD, /* ▸ */
    ICON_FIRST,        /* bar and triangle: to the start */
    ICON_LAST,
    ICON_STAGE_BACK, /* two triangles: to the stage before */
    ICON_STAGE_FORWARD,
    ICON_ARROW_LEFT, /* with a shaft: history */
    ICON_ARROW_RIGHT,
    ICON_CHEVRON_DOWN, /* open list, expanded */
    ICON_CHEVRON_RIGHT,
    ICON_CHEVRON_UP,
    ICON_CHECK,
    ICON_CLOSE,
    ICON_PLUS,
    ICON_MINUS,
    ICON_COUNT
} DrawIcon;

typedef struct {
    float x, y;
} DrawPoint;

/* Thin lines through a cell: one that rises, one that falls, both. */
typedef enum { DRAW_HATCH_NONE, DRAW_HATCH_RISING, DRAW_HATCH_FALLING, DRAW_HATCH_CROSS } DrawHatch;

typedef struct {
    int columns, rows;
    const Color *argb;    /* rows × columns, row after row; alpha 0: nothing is drawn */
    const uint8_t *hatch; /* NULL, or rows × columns of DrawHatch: how the cell is crossed out */
    Color hatch_color;
    bool gaps; /* leave the last pixel column and row of a cell free where cells are ≥ 6 pixels */
} DrawCells;

typedef struct {
    DrawKind kind;
    DrawLayer layer;
    Rect clip; /* nothing outside of it is touched */
    Rect rect; /* all but LINE, POLYGON, TEXT: the area; CELL_FRAME: the area of the whole grid */
    Color color;
    float radius;    /* RECT, FRAME: of the corners */
    float thickness; /* FRAME, LINE, CELL_FRAME; at least one pixel */
    DrawStyle style; /* FRAME, LINE, CELL_FRAME */
    union {
        DrawIcon icon;
        struct {
            DrawPoint from, to;
        } line;
        struct {
            const DrawPoint *points;
            size_t count;
        } polygon; /* filled, even-odd */
        struct {
            FontRole font;
            int size;
            float x, baseline; /* where the pen starts */
            float angle; /* degrees, clockwise, about the pen's start; −55 for column labels */
            const char *text;
            size_t bytes;
        } text;
        DrawCells cells;
        struct {
            int columns, rows;
            int column, row, column_count, row_count;
        } cell_frame;
    } as;
} DrawCommand;

#define DRAW_CLIP_DEPTH 16

typedef struct {
    Arena *arena;
    DrawCommand *commands;
    size_t count, capacity;
    DrawLayer layer; /* that new commands get */
    Rect clips[DRAW_CLIP_DEPTH];
    int clip_depth;
} DrawList;

/* An empty list of the frame; `area` is the whole window. The arena must outlive the list. */
void draw_begin(DrawList *list, Arena *arena, Rect area);

/* Clips narrow: each is cut with the one before. Push and pop in pairs. draw_clip_reset pushes
 * `area` whatever is above (a popup may reach out of the panel that opened it). */
void draw_clip_push(DrawList *list, Rect clip);
void draw_clip_reset(DrawList *list, Rect clip);
void draw_clip_pop(DrawList *list);
Rect draw_clip(const DrawList *list);

void draw_rect(DrawList *list, Rect rect, Color color);
void draw_round_rect(DrawList *list, Rect rect, float radius, Color color);
/* An outline inside the rectangle's edge. */
void draw_frame(DrawList *list, Rect rect, float radius, float thickness, DrawStyle style,
                Color color);
void draw_line(DrawList *list, float x1, float y1, float x2, float y2, float thickness,
               DrawStyle style, Color color);
void draw_polygon(DrawList *list, const DrawPoint *points, size_t count, Color color);
void draw_icon(DrawList *list, Rect rect, DrawIcon icon, Color color);

void draw_text(DrawList *list, FontRole font, int size, Color color, float x, float baseline,
               const char *text);
void draw_text_n(DrawList *list, FontRole font, int size, Color color, float x, float baseline,
                 const char *text, size_t bytes);
/* Turned clockwise by `angle` degrees about (x, baseline): −55 rises to the right, as the labels of
 * narrow columns do. */
void draw_text_turned(DrawList *list, FontRole font, int size, Color color, float x, float baseline,
                      float angle, const char *text);

/* A grid of coloured cells. In pixels, with x0 and w the rectangle's left and width rounded there,
 * cell i covers [x0 + i·w/columns, x0 + (i+1)·w/columns), in whole numbers; rows likewise. So cells
 * tile the rectangle exactly. Where there are more cells than pixels, some are not seen: a view
 * that must not hide an extreme reduces its cells first. */
void draw_cells(DrawList *list, Rect rect, DrawCells cells);
/* An outline around cells [column, column + column_count) × [row, row + row_count) of a grid drawn
 * with the same rect, columns and rows: exact at every scale. It lies on the cells' outer edge:
 * half of its thickness is outside. */
void draw_cell_frame(DrawList *list, Rect rect, int columns, int rows, int column, int row,
                     int column_count, int row_count, float thickness, DrawStyle style,
                     Color color);
/* The same edges in points, rounded, for labels; and which cell a point is in (false: none). */
Rect draw_cell_rect(Rect rect, int columns, int rows, int column, int row);
bool draw_cell_at(Rect rect, int columns, int rows, int x, int y, int *column, int *row);

/* One line a command, for golden tests: "text base mono 13 ffe9edf4 12 34 \"·Lily\"". A line
 * "clip x y w h" stands before the first command with another clip. */
void draw_list_dump(const DrawList *list, Buf *out);
/* Whether some text on screen contains `text`: in one run, or across neighbouring runs of one
 * baseline and layer read from left to right, with a space where there is room between them. Runs
 * that are wholly clipped away don't count. Widths come from `measure`. */
bool draw_list_has_text(const DrawList *list, const TextMeasure *measure, const char *text);

/* Rectangles are cut up for layout: each cut returns the piece and leaves the rest in *rect. A cut
 * larger than what is left takes all. */
Rect rect_cut_left(Rect *rect, int w);
Rect rect_cut_right(Rect *rect, int w);
Rect rect_cut_top(Rect *rect, int h);
Rect rect_cut_bottom(Rect *rect, int h);
Rect rect_inset(Rect rect, int dx, int dy); /* smaller on each side; never below 0 wide */
Rect rect_both(Rect a, Rect b);             /* the common part; w = h = 0 if none */
Rect rect_center(Rect outer, int w, int h);
bool rect_has(Rect rect, int x, int y);

#endif
