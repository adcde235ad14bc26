/* Lists of bars: a label, numbers, a bar from a common zero, its value. */
#include "app/views/stage_part.h"

#include <math.h>

enum {
    COLUMN_WIDTH = 56,
    BAR_HEAD = 20,
    BAR_PAD = 8,
    LABEL_LEAST = 40,
    NARROW = 280,
    LABEL_NARROW = 64
};

enum { DOUBLE_LEAST = 20 }; /* a lower line has no room for a double frame */

static bool has_heads(const BarList *list) {
    return list->head[0] != NULL;
}

int stage_bar_room(const BarList *list, int height) {
    int room = (height - (has_heads(list) ? BAR_HEAD : 0)) / BAR_LEAST;
    return room < 1 ? 1 : room;
}

typedef struct {
    int label, number, bar; /* widths */
    double low, span;       /* of the shares; bars begin at their common zero */
    int columns;
    int height;
} BarWidths;

static float width_of(const Stage *stage, const char *text) {
    return text ? text_width(ui_measure(stage->ui), FONT_MONO, THEME_SIZE_LABEL, text) : 0;
}

static BarWidths bar_widths(const Stage *stage, Rect area, const BarList *list) {
    BarWidths widths = {0};
    float label = LABEL_LEAST, number = 0;
    for (int i = 0; i < list->count; i++) {
        label = fmaxf(label, width_of(stage, list->bar[i].label));
        number = fmaxf(number, width_of(stage, list->bar[i].number));
    }
    for (int i = 0; i < BAR_COLUMNS; i++)
        widths.columns += list->head[i] != NULL;
    float most = widths.columns > 0 && area.w < NARROW ? LABEL_NARROW : STAGE_LABELS_MOST;
    widths.label = (int)ceilf(fminf(label, most));
    widths.number = (int)ceilf(number);
    widths.bar = area.w - widths.label - widths.number - 3 * BAR_PAD -
                 widths.columns * COLUMN_WIDTH;
    widths.bar = widths.bar < 8 ? 8 : widths.bar;
    double high = 0;
    for (int i = 0; i < list->count; i++) {
        widths.low = fmin(widths.low, fmax(list->bar[i].share, -1));
        high = fmax(high, fmin(list->bar[i].share, 1));
    }
    widths.span = widths.low < 0 ? high - widths.low : 1;
    int height = list->count ? (area.h - (has_heads(list) ? BAR_HEAD : 0)) / list->count
                             : BAR_LEAST;
    widths.height = height < BAR_LEAST ? BAR_LEAST : height > BAR_MOST ? BAR_MOST : height;
    return widths;
}

static void bar_heads(const Stage *stage, Rect line, const BarList *list, BarWidths widths) {
    const TextMeasure *measure = ui_measure(stage->ui);
    int right = line.x + widths.label;
    for (int i = 0; i < BAR_COLUMNS && list->head[i]; i++) {
        right += COLUMN_WIDTH;
        FormulaSize size = formula_measure(measure, THEME_SIZE_LEAD, list->head[i]);
        formula_draw(ui_list(stage->ui), measure, stage->theme, (float)right - size.width,
                     (float)line.y + 14, THEME_SIZE_LEAD, stage->theme->secondary, list->head[i]);
    }
}

static void bar_columns(const Stage *stage, Rect *line, const Bar *bar, BarWidths widths) {
    const Theme *theme = stage->theme;
    for (int i = 0; i < widths.columns; i++) {
        Rect column = rect_cut_left(line, COLUMN_WIDTH);
        if (bar->column[i])
            ui_label(stage->ui, column, UI_ALIGN_RIGHT, FONT_MONO, THEME_SIZE_SMALL,
                     bar->column_hand[i] ? theme->hand : theme->secondary, bar->column[i]);
        if (bar->column[i] && bar->column_hand[i])
            draw_frame(ui_list(stage->ui), (Rect){column.x + 4, column.y, column.w, column.h}, 2, 1,
                       DRAW_SOLID, theme->hand);
    }
}

static void bar_itself(const Stage *stage, Rect line, const Bar *bar, BarWidths widths) {
    if (!bar->number)
        return;
    double share = fmin(fmax(bar->share, -1), 1);
    int zero = line.x + (int)lround(-widths.low / widths.span * widths.bar);
    int length = (int)lround(fabs(share) / widths.span * widths.bar);
    length = length < 1 ? 1 : length;
    Rect rect = {share < 0 ? zero - length : zero, line.y + 2, length, line.h - 4};
    if (!bar->quiet)
        draw_round_rect(ui_list(stage->ui), rect, length > 4 ? 2 : 0, bar->color);
    ui_label(stage->ui, (Rect){rect.x + rect.w + 6, line.y, widths.number + 4, line.h},
             UI_ALIGN_LEFT, FONT_MONO, THEME_SIZE_SMALL,
             bar->quiet ? stage->theme->faint : stage->theme->text, bar->number);
}

static void bar_line(Stage *stage, Rect line, const Bar *bar, BarWidths widths, int number) {
    const Theme *theme = stage->theme;
    Rect whole = line;
    if (bar->cell) {
        UiSignal signal = ui_region(stage->ui, arena_printf(stage->arena, "stage/top/%d", number),
                                    whole, 0);
        if (signal.hovered || signal.clicked)
            stage_point(stage, bar->index, signal.clicked);
        if (signal.hovered)
            draw_round_rect(ui_list(stage->ui), whole, 3, theme->raised);
    }
    Color color = bar->hand    ? theme_role(theme, bar->role == ROLE_NONE ? ROLE_HAND : bar->role)
                  : bar->quiet ? theme->faint
                               : theme->secondary;
    ui_label(stage->ui, rect_cut_left(&line, widths.label), UI_ALIGN_RIGHT, FONT_MONO,
             widths.height >= 16 ? THEME_SIZE_LABEL : THEME_SIZE_SMALL, color, bar->label);
    bar_columns(stage, &line, bar, widths);
    rect_cut_left(&line, BAR_PAD);
    bar_itself(stage, line, bar, widths);
    bool low = whole.h < DOUBLE_LEAST;
    if (bar->hand)
        draw_frame(ui_list(stage->ui), whole, 3, low ? 1 : 2, low ? DRAW_SOLID : DRAW_DOUBLE,
                   theme->hand);
    Role mark = bar->cell ? stage_cell_mark(stage, bar->index) : ROLE_NONE;
    if (mark != ROLE_NONE && !bar->hand)
        draw_frame(ui_list(stage->ui), whole, 3, low ? 1 : 2, DRAW_SOLID, theme_role(theme, mark));
}

int stage_bars(Stage *stage, Rect area, const BarList *list) {
    BarWidths widths = bar_widths(stage, area, list);
    if (has_heads(list))
        bar_heads(stage, rect_cut_top(&area, BAR_HEAD), list, widths);
    int top = area.y;
    for (int i = 0; i < list->count; i++)
        bar_line(stage, (Rect){area.x, top + i * widths.height, area.w, widths.height},
                 &list->bar[i], widths, i);
    int bottom = top + list->count * widths.height;
    if (list->mark >= 0) {
        float x = (float)(area.x + widths.label + widths.columns * COLUMN_WIDTH + BAR_PAD) +
                  (float)(fmin(list->mark, 1) * widths.bar);
        draw_line(ui_list(stage->ui), x, (float)top, x, (float)bottom, 2, DRAW_DASHED,
                  stage->theme->hand);
    }
    return bottom;
}

/* NaN counts as the least. */
static bool is_larger(double a, double b) {
    return isnan(b) ? !isnan(a) : a > b;
}

int stage_largest(const Matrix *row, int most, size_t *column) {
    int count = 0;
    for (size_t c = 0; c < row->columns; c++) {
        double value = matrix_get(row, 0, c);
        if (count == most && !is_larger(value, matrix_get(row, 0, column[count - 1])))
            continue;
        int at = count < most ? count++ : count - 1;
        while (at > 0 && is_larger(value, matrix_get(row, 0, column[at - 1]))) {
            column[at] = column[at - 1];
            at--;
        }
        column[at] = c;
    }
    return count;
}

const char *stage_choice_label(const Stage *stage, Axis axis, size_t cell) {
    if (axis == AXIS_LABEL && stage->trace->class_name)
        return stage->trace->class_name[cell];
    return word_vocab_label(stage->arena, stage->in->model, stage_vocab_id(stage, axis, cell));
}

size_t stage_vocab_id(const Stage *stage, Axis axis, size_t cell) {
    if (axis != AXIS_RANK)
        return cell;
    for (int i = 0; i < stage->trace->graph.count; i++)
        if (stage->trace->graph.node[i].op == OP_SORT && trace_kept(stage->trace, i))
            return (size_t)trace_get(stage->trace, i, (size_t[TENSOR_RANK]){cell});
    return cell;
}
