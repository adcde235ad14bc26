#include "app/views/common_heat.h"

#include "app/views/words.h"

#include <math.h>
#include <stdlib.h>

/* ---- layout ---- */

Fit fit_axis(size_t cells, int points, int most) {
    size_t room = points < 1 ? 1 : (size_t)points;
    Fit fit = {.cells = cells, .group = (cells + room - 1) / room, .shown = 1, .size = 1};
    if (fit.group < 1)
        fit.group = 1;
    if (cells > 0)
        fit.shown = (int)((cells + fit.group - 1) / fit.group);
    fit.size = (int)room / fit.shown;
    fit.size = fit.size > most ? most : fit.size;
    fit.size = fit.size < 1 ? 1 : fit.size;
    return fit;
}

int fit_length(const Fit *fit) {
    return fit->shown * fit->size;
}

void heat_place(Heat *heat, int x, int y, Fit down, Fit across) {
    heat->down = down;
    heat->across = across;
    heat->extreme = found_extremes(heat->found, &heat->matrix, down.group, across.group);
    heat->rect = (Rect){x, y, fit_length(&across), fit_length(&down)};
}

/* ---- cells ---- */

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

void heat_cell(const Heat *heat, int place_column, int place_row, size_t *row, size_t *column) {
    if (heat->extreme) {
        size_t cell = heat->extreme[place_row * heat->across.shown + place_column];
        *row = cell / heat->matrix.columns;
        *column = cell % heat->matrix.columns;
        return;
    }
    MatrixBox box = {.row = (size_t)place_row * heat->down.group,
                     .column = (size_t)place_column * heat->across.group};
    box.row_end = smaller(box.row + heat->down.group, heat->matrix.rows);
    box.column_end = smaller(box.column + heat->across.group, heat->matrix.columns);
    matrix_extreme(&heat->matrix, box, row, column);
}

Rect heat_rect(const Heat *heat, size_t row, size_t column) {
    return draw_cell_rect(heat->rect, heat->across.shown, heat->down.shown,
                          (int)(column / heat->across.group), (int)(row / heat->down.group));
}

bool heat_done(const Heat *heat, size_t row, size_t column) {
    size_t index[TENSOR_RANK] = {0};
    if (!heat->progress || heat->progress->all)
        return true;
    matrix_index(&heat->matrix, row, column, index);
    return progress_done(heat->progress, index);
}

static bool is_minus_infinity(double value) {
    return isinf(value) && value < 0;
}

DrawHatch heat_hatch(MaskReason reason) {
    static const DrawHatch hatch[] = {[MASK_SEEN] = DRAW_HATCH_NONE,
                                      [MASKED_FUTURE] = DRAW_HATCH_RISING,
                                      [MASKED_WINDOW] = DRAW_HATCH_FALLING,
                                      [MASKED_PADDING] = DRAW_HATCH_CROSS};
    return hatch[reason];
}

/* A cell that is −∞ without a mask is ruled out for another reason. */
static DrawHatch cell_hatch(const Heat *heat, size_t row, size_t column) {
    MaskReason reason = heat->mask ? mask_reason(heat->mask, row, column) : MASK_SEEN;
    if (reason == MASK_SEEN && is_minus_infinity(matrix_get(&heat->matrix, row, column)))
        reason = MASKED_FUTURE;
    return heat_hatch(reason);
}

bool heat_masked(const Heat *heat, size_t row, size_t column) {
    return cell_hatch(heat, row, column) != DRAW_HATCH_NONE;
}

/* Mixing colours costs more than looking them up: the scale in as many steps as an eye can tell. */
enum { SHADES = 1024 };
typedef struct {
    Color *shade;
    double low, per_step;
} Shades;

static Shades shades_of(Ui *ui, const Scale *scale) {
    double span = scale->high - scale->low;
    Shades shades = {ARENA_NEW_N(ui_arena(ui), Color, SHADES), scale->low,
                     span > 0 ? (SHADES - 1) / span : 0};
    for (int i = 0; i < SHADES; i++)
        shades.shade[i] = scale_color(ui_theme(ui), scale,
                                      scale->low + span * (double)i / (SHADES - 1));
    return shades;
}

static Color shade(const Shades *shades, double value) {
    double step = (value - shades->low) * shades->per_step + 0.5;
    return shades->shade[step < 0 ? 0 : step >= SHADES ? SHADES - 1 : (int)step];
}

/* The colour of one cell; `hatch` is set where it is crossed out. */
static Color cell_color(const Theme *theme, const Heat *heat, const Shades *shades, size_t row,
                        size_t column, uint8_t *hatch) {
    if (!heat_done(heat, row, column))
        return theme->pending;
    double value = matrix_get(&heat->matrix, row, column);
    *hatch = (uint8_t)cell_hatch(heat, row, column);
    if (*hatch != DRAW_HATCH_NONE)
        return theme->masked;
    return shades->per_step > 0 && isfinite(value) ? shade(shades, value)
                                                   : scale_color(theme, &heat->scale, value);
}

void heat_draw(Ui *ui, const Heat *heat) {
    const Theme *theme = ui_theme(ui);
    Shades shades = {0};
    if ((size_t)heat->down.shown * (size_t)heat->across.shown > SHADES)
        shades = shades_of(ui, &heat->scale);
    int rows = heat->down.shown, columns = heat->across.shown;
    size_t count = (size_t)rows * (size_t)columns, at = 0;
    Color *argb = ARENA_NEW_N(ui_arena(ui), Color, count);
    uint8_t *hatch = ARENA_NEW_N(ui_arena(ui), uint8_t, count);
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < columns; c++, at++) {
            size_t row, column;
            heat_cell(heat, c, r, &row, &column);
            argb[at] = cell_color(theme, heat, &shades, row, column, &hatch[at]);
        }
    draw_frame(ui_list(ui), rect_inset(heat->rect, -1, -1), 0, 1, DRAW_SOLID, theme->line);
    draw_cells(ui_list(ui), heat->rect,
               (DrawCells){.columns = columns,
                           .rows = rows,
                           .argb = argb,
                           .hatch = hatch,
                           .hatch_color = theme->hatch,
                           .gaps = heat->down.size >= HEAT_GAPS && heat->across.size >= HEAT_GAPS});
}

enum { FRAME_LEAST = 8, DOUBLE_LEAST = 20 };

/* Around places so small that an outline would cover them, with some room left. */
static void outer_frame(Ui *ui, const Heat *heat, MatrixBox box, DrawStyle style, Color color) {
    Rect first = heat_rect(heat, box.row, box.column);
    Rect last = heat_rect(heat, box.row_end - 1, box.column_end - 1);
    int out = 2;
    Rect around = {first.x - out, first.y - out, last.x + last.w - first.x + 2 * out,
                   last.y + last.h - first.y + 2 * out};
    draw_frame(ui_list(ui), around, 0, 1, style, color);
}

void heat_frame(Ui *ui, const Heat *heat, MatrixBox box, Role role) {
    const Theme *theme = ui_theme(ui);
    DrawStyle style = role == ROLE_NONE ? DRAW_SOLID : theme_role_style(role);
    Color color = role == ROLE_NONE ? theme->secondary : theme_role(theme, role);
    int row = (int)(box.row / heat->down.group), column = (int)(box.column / heat->across.group);
    int rows = (int)((box.row_end - 1) / heat->down.group) + 1 - row;
    int columns = (int)((box.column_end - 1) / heat->across.group) + 1 - column;
    int height = rows * heat->down.size, width = columns * heat->across.size;
    if (style == DRAW_DOUBLE && (height < DOUBLE_LEAST || width < DOUBLE_LEAST))
        style = DRAW_SOLID;
    if (height < FRAME_LEAST || width < FRAME_LEAST)
        outer_frame(ui, heat, box, style, color);
    else
        draw_cell_frame(ui_list(ui), heat->rect, heat->across.shown, heat->down.shown, column, row,
                        columns, rows, 2, style, color);
}

/* ---- labels ---- */

enum {
    LABEL_SIZE = THEME_SIZE_LABEL,
    LABEL_PITCH = 13,
    LABEL_LEAST = 11,
    TURNED_PITCH = 16,
    LABELS_FEW = 256
};

/* A label at every how many cells, so that none touches the next. */
static size_t label_stride(const Fit *fit, int pitch) {
    size_t stride = ((size_t)pitch + (size_t)fit->size - 1) / (size_t)fit->size;
    return (stride < 1 ? 1 : stride) * fit->group;
}

/* The one in hand always has its label, and its neighbours make room for it; all others stay where
 * they are, whatever is in hand. */
static bool is_labelled(size_t cell, size_t hand, size_t stride) {
    if (cell == hand)
        return true;
    size_t apart = hand == HEAT_NONE ? stride : cell > hand ? cell - hand : hand - cell;
    return cell % stride == 0 && apart >= stride;
}

static int label_size(const Fit *fit) {
    return fit->size >= LABEL_PITCH || fit->size < LABEL_LEAST ? LABEL_SIZE : THEME_SIZE_SMALL;
}

static float longest_label(Ui *ui, Found *found, const char *const *label, size_t count) {
    float width = 0;
    bool fresh = true;
    int *known = NULL;
    if (found && count > LABELS_FEW)
        known = found_words(found, FOUND_LONGEST, ui_measure(ui), label, NULL, count, 1, &fresh);
    if (!fresh)
        return (float)*known;
    for (size_t i = 0; i < count; i++)
        width = fmaxf(width, text_width(ui_measure(ui), FONT_MONO, LABEL_SIZE, label[i]));
    if (known)
        *known = (int)ceilf(width);
    return width;
}

int heat_row_labels_width(Ui *ui, const Heat *heat, int most) {
    if (heat->row_axis == AXIS_ONE)
        return 0;
    float longest = heat->row_label
                        ? longest_label(ui, heat->found, heat->row_label, heat->matrix.rows)
                        : text_width(ui_measure(ui), FONT_UI, THEME_SIZE_SMALL, heat->row_name);
    int width = (int)ceilf(longest) + 2;
    return width > most ? most : width;
}

static Color label_color(const Theme *theme, Role role, bool hand) {
    return hand ? theme_role(theme, role == ROLE_NONE ? ROLE_HAND : role) : theme->secondary;
}

const char *heat_axis_name(const Node *node, int axis, const Walk *walk) {
    bool own = node->axis[axis] == AXIS_KV_HEAD && node->dim[axis] == walk->heads[node->stack];
    return word_axis(own ? AXIS_HEAD : node->axis[axis]);
}

int heat_row_label_left(Ui *ui, const Heat *heat, int right, int width, size_t row) {
    if (heat->row_axis == AXIS_ONE)
        return right;
    const char *text = heat->row_label ? heat->row_label[row]
                                       : arena_printf(ui_arena(ui), "%zu", row);
    int size = heat->row_label ? label_size(&heat->down) : THEME_SIZE_SMALL;
    int needed = (int)ceilf(text_width(ui_measure(ui), FONT_MONO, size, text));
    return right - (needed > width ? width : needed);
}

static void row_text(Ui *ui, const Heat *heat, int right, int width, size_t row, FontRole font,
                     int size, Color color, const char *text) {
    Rect cell = heat_rect(heat, row, 0);
    Rect line = {right - width, cell.y + cell.h / 2 - 8, width, 16};
    ui_label(ui, line, UI_ALIGN_RIGHT, font, size, color, text);
}

static void row_names(Ui *ui, const Heat *heat, int right, int width, size_t hand) {
    size_t stride = label_stride(&heat->down, LABEL_LEAST + 2);
    for (size_t row = 0; row < heat->matrix.rows; row++)
        if (is_labelled(row, hand, stride))
            row_text(ui, heat, right, width, row, FONT_MONO, label_size(&heat->down),
                     label_color(ui_theme(ui), heat->row_role, row == hand), heat->row_label[row]);
}

static const char *index_text(Ui *ui, size_t index) {
    return arena_printf(ui_arena(ui), "%zu", index);
}

/* The first and the last index, the one in hand, the axis' name in the middle: those that fit. */
static void row_indices(Ui *ui, const Heat *heat, int right, int width, size_t hand) {
    const Theme *theme = ui_theme(ui);
    size_t last = heat->matrix.rows - 1;
    int first_y = heat_rect(heat, 0, 0).y, last_y = heat_rect(heat, last, 0).y;
    int hand_y = hand == HEAT_NONE ? -1000 : heat_rect(heat, hand, 0).y;
    int middle_y = (first_y + last_y) / 2;
    if (hand == HEAT_NONE || hand_y - first_y > 12)
        row_text(ui, heat, right, width, 0, FONT_MONO, THEME_SIZE_SMALL, theme->faint, "0");
    if (last_y - first_y > 12 && (hand == HEAT_NONE || last_y - hand_y > 12))
        row_text(ui, heat, right, width, last, FONT_MONO, THEME_SIZE_SMALL, theme->faint,
                 index_text(ui, last));
    if (last_y - first_y > 28 && abs(hand_y - middle_y) > 13)
        row_text(ui, heat, right, width, last / 2, FONT_UI, THEME_SIZE_SMALL, theme->faint,
                 heat->row_name);
    if (hand != HEAT_NONE)
        row_text(ui, heat, right, width, hand, FONT_MONO, THEME_SIZE_SMALL,
                 label_color(theme, heat->row_role, true), index_text(ui, hand));
}

void heat_row_labels(Ui *ui, const Heat *heat, int right, int width, size_t hand) {
    if (heat->row_axis == AXIS_ONE || heat->matrix.rows == 0)
        return;
    if (heat->row_label)
        row_names(ui, heat, right, width, hand);
    else
        row_indices(ui, heat, right, width, hand);
}

#define TURN (-55.0F)
static const float TURN_SIN = 0.81915F, TURN_COS = 0.57358F;

int heat_column_labels_height(Ui *ui, const Heat *heat, int most) {
    if (!heat->column_label)
        return 0;
    int height = (int)ceilf(
                     longest_label(ui, heat->found, heat->column_label, heat->matrix.columns) *
                         TURN_SIN +
                     LABEL_SIZE * TURN_COS) +
                 6;
    return height > most ? most : height;
}

void heat_column_labels(Ui *ui, const Heat *heat, int bottom, int height, size_t hand) {
    if (!heat->column_label)
        return;
    size_t stride = label_stride(&heat->across, TURNED_PITCH);
    float room = ((float)height - 6 - LABEL_SIZE * TURN_COS) / TURN_SIN;
    int size = heat->across.size >= LABEL_PITCH + 2 ? LABEL_SIZE : THEME_SIZE_SMALL;
    for (size_t column = 0; column < heat->matrix.columns; column++) {
        if (!is_labelled(column, hand, stride))
            continue;
        const char *text = text_elide(ui_arena(ui), ui_measure(ui), FONT_MONO, size,
                                      heat->column_label[column], room, TEXT_ELIDE_END);
        Rect cell = heat_rect(heat, 0, column);
        draw_text_turned(ui_list(ui), FONT_MONO, size,
                         label_color(ui_theme(ui), heat->column_role, column == hand),
                         (float)cell.x + (float)cell.w / 2 + 4, (float)bottom - 4, TURN, text);
    }
}

void heat_ticks(Ui *ui, const Heat *heat, size_t hand) {
    if (heat->column_axis == AXIS_ONE || heat->column_label || heat->matrix.columns == 0)
        return;
    const Theme *theme = ui_theme(ui);
    const TextMeasure *measure = ui_measure(ui);
    Rect rect = {heat->rect.x, heat->rect.y + heat->rect.h + 2, heat->rect.w, HEAT_TICKS - 2};
    const char *last = index_text(ui, heat->matrix.columns - 1);
    const char *name = heat->column_name;
    int number_width = (int)text_width(measure, FONT_MONO, THEME_SIZE_SMALL, last) + 8;
    int name_width = (int)text_width(measure, FONT_UI, THEME_SIZE_SMALL, name);
    Rect cell = heat_rect(heat, 0, hand == HEAT_NONE ? 0 : hand);
    int x = hand == HEAT_NONE ? -10000 : cell.x + cell.w / 2 - rect.x;
    if (abs(x) > number_width && rect.w > 3 * number_width)
        ui_label(ui, rect, UI_ALIGN_LEFT, FONT_MONO, THEME_SIZE_SMALL, theme->faint, "0");
    if (abs(x - rect.w) > number_width && rect.w > number_width)
        ui_label(ui, rect, UI_ALIGN_RIGHT, FONT_MONO, THEME_SIZE_SMALL, theme->faint, last);
    if (abs(x - rect.w / 2) > (name_width + number_width) / 2 &&
        rect.w > name_width + 2 * number_width)
        ui_label(ui, rect, UI_ALIGN_CENTER, FONT_UI, THEME_SIZE_SMALL, theme->faint, name);
    if (hand != HEAT_NONE)
        ui_label(ui, (Rect){rect.x + x - 20, rect.y, 40, rect.h}, UI_ALIGN_CENTER, FONT_MONO,
                 THEME_SIZE_SMALL, label_color(theme, heat->column_role, true),
                 index_text(ui, hand));
}

/* ---- pointer ---- */

bool heat_signal(Ui *ui, const Heat *heat, UiSignal *signal, size_t *row, size_t *column) {
    *signal = ui_region(ui, heat->id, heat->rect, 0);
    int place_column, place_row;
    if ((!signal->hovered && !signal->clicked) ||
        !draw_cell_at(heat->rect, heat->across.shown, heat->down.shown, heat->rect.x + signal->x,
                      heat->rect.y + signal->y, &place_column, &place_row))
        return false;
    heat_cell(heat, place_column, place_row, row, column);
    return true;
}

void heat_marks(Ui *ui, const Heat *heat) {
    if (heat->down.size < HEAT_MARK_LEAST || heat->across.size < HEAT_MARK_LEAST ||
        heat->down.shown * heat->across.shown > HEAT_MARKS)
        return;
    for (int r = 0; r < heat->down.shown; r++)
        for (int c = 0; c < heat->across.shown; c++) {
            size_t row, column;
            heat_cell(heat, c, r, &row, &column);
            ui_mark(ui, arena_printf(ui_arena(ui), "%s[%zu,%zu]", heat->id, row, column),
                    draw_cell_rect(heat->rect, heat->across.shown, heat->down.shown, c, r));
        }
}
