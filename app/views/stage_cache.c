/* The run as the last step of a generation with a KV cache: which rows of a picture come from the
 * cache, which one is new, and which were computed in earlier steps. The numbers are those of the
 * trace: a row is the same, whenever it was computed. */
#include "app/views/stage_part.h"

#include <math.h>

enum { LINE = 22, SWATCH = 13, SPACE = 6, APART = 14, BRACKET = 4 };

static size_t row_now(const Stage *stage) {
    return stage->in->cached->row;
}

static bool is_source(const Node *node) {
    return node->stack == STACK_ENCODER || node->rows == TEXT_SOURCE;
}

static bool is_kept(const Stage *stage, const Node *node) {
    return stage->in->cached->kept[node - stage->trace->graph.node];
}

/* The first row that is still there: those before lie behind the window. */
static size_t oldest(const Stage *stage, const Node *node) {
    size_t now = row_now(stage);
    return node->window > 0 && now + 1 > node->window ? now + 1 - node->window : 0;
}

/* ---- marks in a grid ---- */

/* Rows [from, to) of a grid, or its columns. */
static Rect band(const Heat *heat, bool down, size_t from, size_t to) {
    const Rect *all = &heat->rect;
    Rect first = heat_rect(heat, down ? from : 0, down ? 0 : from);
    Rect last = heat_rect(heat, down ? to - 1 : 0, down ? 0 : to - 1);
    if (down)
        return (Rect){all->x, first.y, all->w, last.y + last.h - first.y};
    return (Rect){first.x, all->y, last.x + last.w - first.x, all->h};
}

static void dim(const Stage *stage, const Heat *heat, bool down, size_t from, size_t to) {
    if (to > from)
        draw_rect(ui_list(stage->ui), band(heat, down, from, to),
                  color_alpha(stage->theme->background, 0.72));
}

static void mark_kept(const Stage *stage, const Heat *heat, const Node *node, bool down,
                      size_t from, size_t to) {
    if (to <= from)
        return;
    Color color = theme_role(stage->theme, node_role(node));
    Rect rect = band(heat, down, from, to);
    draw_rect(ui_list(stage->ui),
              down ? (Rect){rect.x + rect.w + 2, rect.y + 1, BRACKET, rect.h - 2}
                   : (Rect){rect.x + 1, rect.y + rect.h + 2, rect.w - 2, BRACKET},
              color);
}

static void mark_new(const Stage *stage, const Heat *heat, bool down, size_t row) {
    MatrixBox box = down ? (MatrixBox){row, 0, row + 1, heat->matrix.columns}
                         : (MatrixBox){0, row, heat->matrix.rows, row + 1};
    heat_frame(stage->ui, heat, box, ROLE_HAND);
}

void stage_cache_marks(const Stage *stage, const Heat *heat, const Node *node) {
    if (!stage->in->cached || !node)
        return;
    bool down = axis_is_position(heat->row_axis);
    if (!down && !axis_is_position(heat->column_axis))
        return;
    size_t rows = down ? heat->matrix.rows : heat->matrix.columns, now = row_now(stage);
    bool source = is_source(node);
    if (!is_kept(stage, node)) {
        dim(stage, heat, down, 0, source || now > rows ? rows : now);
        dim(stage, heat, down, source ? rows : now + 1, rows);
    } else if (source) {
        mark_kept(stage, heat, node, down, 0, rows);
    } else {
        dim(stage, heat, down, 0, oldest(stage, node));
        mark_kept(stage, heat, node, down, oldest(stage, node), now);
        mark_new(stage, heat, down, now);
        dim(stage, heat, down, now + 1, rows);
    }
}

/* ---- in words ---- */

/* A bracket or a frame as in the grid, and what it means. */
static void swatch(const Stage *stage, Rect *line, bool bracket, Color color, const char *text) {
    int width = (int)ceilf(text_width(ui_measure(stage->ui), FONT_UI, THEME_SIZE_LABEL, text)) + 1;
    if (line->w < SWATCH + SPACE + width)
        return;
    Rect box = rect_cut_left(line, bracket ? BRACKET : SWATCH);
    box = rect_center(box, box.w, SWATCH);
    if (bracket)
        draw_rect(ui_list(stage->ui), box, color);
    else
        draw_frame(ui_list(stage->ui), box, 0, 2, DRAW_SOLID, color);
    rect_cut_left(line, SPACE);
    ui_label(stage->ui, rect_cut_left(line, width), UI_ALIGN_LEFT, FONT_UI, THEME_SIZE_LABEL,
             stage->theme->text, text);
    rect_cut_left(line, APART);
}

/* What the marks of a stage of keys or values mean. */
static void kept_line(const Stage *stage, Rect line) {
    const Node *node = stage->node;
    size_t now = row_now(stage), first = oldest(stage, node);
    Color color = theme_role(stage->theme, node_role(node));
    if (is_source(node)) {
        swatch(stage, &line, true, color,
               WORD_WITH(stage->arena, WORD_CACHE_SOURCE,
                         text_count(stage->arena, (int64_t)node->dim[node->row_axis])));
        return;
    }
    swatch(
        stage, &line, false, stage->theme->hand,
        WORD_WITH(stage->arena, WORD_CACHE_NEW, word_token(stage->arena, &stage->trace->own, now)));
    swatch(
        stage, &line, true, color,
        WORD_WITH(stage->arena, WORD_CACHE_KEPT, text_count(stage->arena, (int64_t)(now - first))));
    if (first > 0)
        swatch(
            stage, &line, false, stage->theme->line,
            WORD_WITH(stage->arena, WORD_CACHE_DROPPED, text_count(stage->arena, (int64_t)first)));
}

/* How many keys the new row may look at. */
static size_t keys_seen(const Stage *stage, const Node *node) {
    size_t keys = node->keys == TEXT_SOURCE ? stage->trace->source.real : row_now(stage) + 1;
    return node->window > 0 && node->window < keys ? node->window : keys;
}

static const char *row_words(const Stage *stage) {
    const Node *node = stage->node;
    size_t now = row_now(stage);
    const char *label = word_token(stage->arena, &stage->trace->own, now);
    const char *before = text_count(stage->arena, (int64_t)now);
    if (is_source(node))
        return word(WORD_CACHE_ENCODER);
    if (now == 0)
        return WORD_WITH(stage->arena, WORD_CACHE_FIRST, label);
    if (node->axis[node->rank - 1] == AXIS_KEY || tile_record(node) >= 0 || node->op == OP_FLASH)
        return WORD_WITH(stage->arena, WORD_CACHE_ONE_ROW, label,
                         text_count(stage->arena, (int64_t)keys_seen(stage, node)), before);
    return WORD_WITH(stage->arena, WORD_CACHE_ROW, label, before);
}

static const char *bytes_words(const Stage *stage, size_t bytes) {
    double size = (double)bytes;
    return bytes < 1024 * 1024 ? arena_printf(stage->arena, "%.1f KiB", size / 1024)
                               : arena_printf(stage->arena, "%.1f MiB", size / 1024 / 1024);
}

/* As many lines as it takes, off the top of the area. */
static void text_lines(const Stage *stage, Rect *area, int size, Color color, const char *text) {
    UiSpan span = {text, FONT_UI, color};
    int height = ui_spans(stage->ui, *area, size, &span, 1, false);
    ui_spans(stage->ui, rect_cut_top(area, height), size, &span, 1, true);
}

static const char *counts_words(const Stage *stage) {
    const CacheStep *step = stage->in->cached;
    Arena *arena = stage->arena;
    const char *counts = WORD_WITH(
        arena, WORD_CACHE_COUNTS, text_count(arena, (int64_t)step->flops),
        text_count(arena, (int64_t)step->flops_without),
        text_number(arena, step->flops_without / step->flops, 1), bytes_words(stage, step->bytes));
    return step->source_bytes == 0 ? counts
                                   : WORD_WITH(arena, WORD_CACHE_COUNTS_SOURCE, counts,
                                               bytes_words(stage, step->source_bytes));
}

void stage_cache_bar(const Stage *stage, Rect *area) {
    if (!stage->in->cached)
        return;
    if (is_kept(stage, stage->node))
        kept_line(stage, rect_cut_top(area, LINE));
    else
        text_lines(stage, area, THEME_SIZE_TEXT, stage->theme->text, row_words(stage));
    text_lines(stage, area, THEME_SIZE_SMALL, stage->theme->secondary, counts_words(stage));
    rect_cut_top(area, STAGE_GAP);
}
