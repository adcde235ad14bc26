/* A figure's page: type sizes, colours, title and caption round the picture. */
#include "app/export/figure_part.h"

#include <math.h>
#include <string.h>

#define LEADING 1.35 /* distance of baselines, in sizes */

/* ---- what can be drawn ---- */

static const char *axes_text(const Node *node, Buf *room) {
    for (int axis = 0; axis < node->rank; axis++)
        buf_printf(room, "%s%s %zu", axis ? " × " : "", axis_name(node->axis[axis]),
                   node->dim[axis]);
    return buf_cstr(room);
}

static bool wrong_axes(const Node *node, const char *why, Err *err) {
    Buf axes = {0};
    err_set(err, "%s has %d %s (%s): %s", node->name, node->rank, node->rank == 1 ? "axis" : "axes",
            axes_text(node, &axes), why);
    buf_free(&axes);
    return false;
}

static bool check_pattern(const Node *node, bool share, Err *err) {
    Axis keys = node->axis[node->rank - 1], queries = node->axis[node->rank - 2];
    return (share && keys == AXIS_KEY && queries == AXIS_QUERY) ||
           err_set(err,
                   "%s is no attention pattern: lines show the shares from queries to keys, "
                   "as blocks.0.attn.hook_pattern has them",
                   node->name);
}

bool figure_possible(FigureKind kind, const Node *node, const size_t *head, bool share, Err *err) {
    int heads = node_heads_axis(node);
    bool all = kind == FIGURE_GRID && heads >= 0;
    if (kind == FIGURE_GRID && head)
        return err_set(err, "a grid shows all heads: head %zu can't be picked", *head);
    if (head && !data_check_head(node, *head, err))
        return false;
    int left = node->rank - (head || all);
    if (left == 3 && heads >= 0)
        return wrong_axes(node, "a figure shows two, so one head must be picked", err);
    if (left != 2)
        return wrong_axes(node, "a figure shows two", err);
    return kind != FIGURE_LINES || check_pattern(node, share, err);
}

bool figure_cells_fit(const Figure *figure, const Panel *panel, double cell_width,
                      double cell_height, Err *err) {
    double least = fmax(FIGURE_CELL_LEAST, figure->spec->pixel);
    double cell = fmax(fmin(cell_width, cell_height), 0); /* labels may take more than there is */
    if (cell >= least - 1e-9)
        return true;
    const char *name = figure->spec->trace->graph.node[panel->table.node].name;
    if (cell >= FIGURE_CELL_LEAST)
        return err_set(err,
                       "%s: a cell of %zu × %zu would be smaller than a pixel (%.2f points); "
                       "a PNG needs %.1f pixels a point for them",
                       name, panel->rows, panel->columns, cell, ceil(10 / cell) / 10);
    return err_set(err,
                   "%s: %zu × %zu cells are too many for %.0f × %.0f points: each would have "
                   "%.2f, and %.2f is the least",
                   name, panel->rows, panel->columns, figure->room.w, figure->room.h, cell,
                   FIGURE_CELL_LEAST);
}

/* "attn.hook_pattern" of "blocks.2.attn.hook_pattern"; NULL outside the blocks. */
static const char *in_block(const Node *node) {
    const char *dot = node->layer < 0 ? NULL : strchr(node->name, '.');
    dot = dot ? strchr(dot + 1, '.') : NULL;
    return dot ? dot + 1 : NULL;
}

size_t figure_blocks(const Graph *graph, int stage, int *node) {
    const char *name = in_block(&graph->node[stage]);
    size_t count = 0;
    for (int i = 0; i < graph->count && name; i++) {
        const char *other = in_block(&graph->node[i]);
        if (other && graph->node[i].stack == graph->node[stage].stack && strcmp(other, name) == 0)
            node[count++] = i;
    }
    return count;
}

const char *figure_blocks_name(const Node *node, Arena *arena) {
    return arena_printf(arena, "%.*s.*.%s", (int)strcspn(node->name, "."), node->name,
                        in_block(node));
}

/* ---- type and colour ---- */

static PageStyle type(FontRole font, double size, Color color) {
    return (PageStyle){.font = font, .size = size, .color = color};
}

static void set_type(Figure *figure) {
    bool slide = figure->spec->layout == FIGURE_SLIDE;
    bool wide = figure->page->width > 300;
    const Theme *theme = figure->theme;
    double label = slide ? 15 : wide ? 8 : FIGURE_TYPE_LEAST;
    figure->label = type(FONT_MONO, label, theme->text);
    figure->axis = type(FONT_UI, slide ? 16 : label + 0.5, theme->secondary);
    figure->title = type(FONT_UI_BOLD, slide ? 28 : label + 2, theme->text);
    figure->caption = type(FONT_UI, slide ? 16 : label + 0.5, theme->secondary);
    figure->margin = slide ? 40 : 8;
    figure->gap = 0.5 * label;
    figure->line = slide ? 1 : 0.5;
}

static void paint_ground(Figure *figure) {
    static const Color ground[FIGURE_THEMES] = {[FIGURE_LIGHT] = COLOR_RGB(0xffffff),
                                                [FIGURE_DARK] = COLOR_RGB(0x0f1218),
                                                [FIGURE_TRANSPARENT] = 0};
    if (ground[figure->spec->theme])
        page_rect(figure->page, (PageBox){0}, 0, ground[figure->spec->theme]);
}

/* The ground is the first command; how high a paper's figure is shows only at the end. */
static void set_height(Figure *figure, double height) {
    Page *page = figure->page;
    page->height = ceil(height);
    if (figure->spec->theme != FIGURE_TRANSPARENT)
        page->command[0].box = (PageBox){0, 0, page->width, page->height};
}

/* ---- title and caption ---- */

static double paragraph(Figure *figure, Page *page, PageStyle style, double y, const char *text) {
    double width = figure->page->width - 2 * figure->margin;
    if (!*text)
        return 0;
    return page_paragraph(figure->doc, page, style, figure->margin, y, width, LEADING, text);
}

static double caption_height(Figure *figure) {
    double height = paragraph(figure, NULL, figure->caption, 0, figure->spec->caption);
    return height > 0 ? height + 2 * figure->gap : 0;
}

static void move_down(PageCommand *command, double by) {
    command->box.y += by;
    if (command->kind == PAGE_TEXT)
        command->as.text.baseline += by;
    for (int i = 0; i < 4 && (command->kind == PAGE_LINE || command->kind == PAGE_CURVE); i++)
        command->as.point[i].y += by;
}

/* On a slide the picture stands in the middle of its room. */
static void center(Figure *figure, size_t first) {
    double spare = figure->room.y + figure->room.h - figure->bottom;
    for (size_t i = first; i < figure->page->count; i++)
        move_down(&figure->page->command[i], spare / 2);
}

/* A slide's caption stands at its foot; a paper's right below the picture. */
static void finish(Figure *figure) {
    double below = caption_height(figure), end = figure->bottom + below + figure->margin;
    bool slide = figure->spec->layout == FIGURE_SLIDE;
    double height = slide ? FIGURE_SLIDE_HEIGHT : end;
    if (below > 0)
        paragraph(figure, figure->page, figure->caption,
                  height - figure->margin - below + 2 * figure->gap, figure->spec->caption);
    set_height(figure, height);
}

/* A paper's picture is at most as high as a page leaves it beside its width. */
static bool make_room(Figure *figure, Err *err) {
    const FigureSpec *spec = figure->spec;
    double width = figure->page->width - 2 * figure->margin, top = figure->margin;
    double title = paragraph(figure, figure->page, figure->title, top, spec->title);
    top += title > 0 ? title + 2 * figure->gap : 0;
    double height = width * (width > 300 ? 1 : 1.75);
    if (spec->layout == FIGURE_SLIDE)
        height = FIGURE_SLIDE_HEIGHT - top - caption_height(figure) - figure->margin;
    figure->room = (PageBox){figure->margin, top, width, height};
    return height > 8 * figure->label.size ||
           err_set(err, "title and caption leave no room for the picture on a slide");
}

Page *figure_draw(PageDoc *doc, const FigureSpec *spec, Err *err) {
    static bool (*const draw[FIGURE_KINDS])(Figure *, Err *) = {[FIGURE_HEATMAP] = figure_heatmap,
                                                                [FIGURE_GRID] = figure_grid,
                                                                [FIGURE_LINES] = figure_lines};
    double width = spec->width > 0 ? spec->width : FIGURE_WIDTH;
    Figure figure = {
        .spec = spec, .doc = doc, .theme = spec->theme == FIGURE_DARK ? &THEME_DARK : &THEME_LIGHT};
    if (width < FIGURE_WIDTH_LEAST - 1e-9 || width > FIGURE_WIDTH_MOST + 1e-9) {
        err_set(err, "a width of %.4g mm, expected %.0f to %.0f", width / FIGURE_MM,
                FIGURE_WIDTH_LEAST / FIGURE_MM, FIGURE_WIDTH_MOST / FIGURE_MM);
        return NULL;
    }
    figure.page = page_add(doc, spec->layout == FIGURE_SLIDE ? FIGURE_SLIDE_WIDTH : width, 0);
    set_type(&figure);
    paint_ground(&figure);
    if (!make_room(&figure, err))
        return NULL;
    size_t first = figure.page->count;
    if (!draw[spec->kind](&figure, err))
        return NULL;
    if (spec->layout == FIGURE_SLIDE)
        center(&figure, first);
    finish(&figure);
    if (figure.page->height > FIGURE_HEIGHT_MOST) {
        err_set(err, "title and caption make it %.0f mm high, expected at most %.0f",
                figure.page->height / FIGURE_MM, FIGURE_HEIGHT_MOST / FIGURE_MM);
        return NULL;
    }
    return figure.page;
}
