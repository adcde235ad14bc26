/* The layouts that read from left to right: inputs, a sign, the result. Where rows are so wide that
 * cells would shrink, the same reads from above down. An operation that has no layout of its own is
 * drawn like this. */
#include "app/views/stage_part.h"

#include <math.h>

enum {
    PANELS = OP_INPUTS + 1,
    MIXED_MOST = OP_INPUTS,
    SIGN_WIDTH = 56,
    CELL_MOST = 64,
    COLUMN_WIDTH = 22
};

typedef struct {
    Panel panel[PANELS];
    const char *sign[PANELS]; /* markup, before the panel */
    int count;
    bool down;  /* from above down */
    bool table; /* the first panel's rows are not those of the others */
    int label_width, label_height, ticks;
    Fit rows;
    Fit across[PANELS];
} Beside;

/* ---- what stands where ---- */

static const char *activation_sign(ActKind kind) {
    static const char *const sign[ACT_KINDS] = {
        [ACT_GELU_TANH] = "\\mathrm{GELU}", [ACT_GELU_ERF] = "\\mathrm{GELU}",
        [ACT_RELU] = "\\mathrm{ReLU}",      [ACT_SILU] = "\\mathrm{SiLU}",
        [ACT_TANH] = "\\mathrm{tanh}",      [ACT_SIGMOID] = "σ",
    };
    return sign[kind];
}

static void beside_add(Beside *beside, const char *sign, Panel panel) {
    beside->sign[beside->count] = sign;
    beside->panel[beside->count++] = panel;
}

static void add_panels(Beside *beside, const Stage *stage) {
    static const char *const letter[OP_INPUTS] = {"A", "B", "C", "D", "E", "F"};
    for (int slot = 0; slot < stage->call.n_in; slot++)
        beside_add(beside, slot ? "+" : "",
                   stage_panel(stage, slot, letter[slot], ROLE_NONE, REACH_CELL));
    beside_add(beside, "=", stage_panel(stage, STAGE_RESULT, "Y", ROLE_NONE, REACH_CELL));
}

static void row_panels(Beside *beside, const Stage *stage, const char *from, const char *sign,
                       const char *to, Reach reach) {
    beside_add(beside, "", stage_panel(stage, 0, from, ROLE_NONE, reach));
    beside_add(beside, sign, stage_panel(stage, STAGE_RESULT, to, ROLE_NONE, REACH_CELL));
}

static void deviation_panels(Beside *beside, const Stage *stage) {
    beside_add(beside, "", stage_panel(stage, 0, "X", ROLE_NONE, REACH_ROW));
    if (stage->call.n_in > 1)
        beside_add(beside, "", stage_panel(stage, 1, "μ", ROLE_NONE, REACH_CELL));
    beside_add(beside, "\\to", stage_panel(stage, STAGE_RESULT, "σ", ROLE_NONE, REACH_CELL));
}

static void any_panels(Beside *beside, const Stage *stage) {
    for (int slot = 0; slot < stage->call.n_in; slot++)
        beside_add(beside, "", stage_panel(stage, slot, "", ROLE_NONE, REACH_ALL));
    const char *sign = stage->call.n_in ? "\\to" : "";
    beside_add(beside, sign, stage_panel(stage, STAGE_RESULT, "", ROLE_NONE, REACH_CELL));
}

/* Scores, the position bias where there is one, what the mask leaves; late, the shares. */
static void mask_panels(Beside *beside, const Stage *stage) {
    bool late = stage->call.param.mask.zero;
    beside_add(beside, "", stage_panel(stage, 0, late ? "A" : "S'", ROLE_NONE, REACH_CELL));
    if (stage->call.n_in > 1)
        beside_add(beside, "+", stage_panel(stage, 1, "B", ROLE_NONE, REACH_CELL));
    beside_add(beside, "\\mathrm{mask}",
               stage_panel(stage, STAGE_RESULT, late ? "A'" : "S''", ROLE_NONE, REACH_CELL));
}

/* The learned numbers of all distances, of the head in view, and where they go. */
static void bucket_panels(Beside *beside, const Stage *stage) {
    const Tensor *table = stage_tensor(stage, 0);
    size_t at[TENSOR_RANK] = {0, stage->head};
    beside_add(beside, "",
               stage_panel_of(stage, 0, "b", ROLE_NONE, REACH_ALL,
                              matrix_of(*table, (AxisRun){0, 1}, (AxisRun){0, 0}, at), AXIS_PAIR,
                              AXIS_ONE));
    beside->panel[0].heat.row_name = word(WORD_BUCKET);
    beside->table = true;
    beside_add(beside, "\\to", stage_panel(stage, STAGE_RESULT, "B", ROLE_NONE, REACH_CELL));
}

/* The rows of each choice, and their sum. */
static void mix_panels(Beside *beside, const Stage *stage) {
    const Tensor *x = stage_tensor(stage, 0);
    const Node *node = stage_slot_node(stage, 0);
    size_t choices = x->dim[1] < MIXED_MOST ? x->dim[1] : MIXED_MOST;
    for (size_t a = 0; a < choices; a++) {
        size_t at[TENSOR_RANK] = {0, a};
        Panel panel = stage_panel_of(
            stage, 0, arena_printf(stage->arena, "Y_%zu", a + 1), ROLE_NONE, REACH_CELL,
            matrix_of(*x, (AxisRun){0, 1}, (AxisRun){2, 1}, at), node->axis[0], node->axis[2]);
        panel.heat.id = arena_printf(stage->arena, "stage/in0/%zu", a);
        panel.name = WORD_WITH(stage->arena, WORD_CHOICE, word_ordinal(stage->arena, a));
        beside_add(beside, a ? "+" : "", panel);
    }
    beside_add(beside, "\\to", stage_panel(stage, STAGE_RESULT, "Y", ROLE_NONE, REACH_CELL));
}

static void product_panels(Beside *beside, const Stage *stage) {
    beside_add(beside, "", stage_panel(stage, 0, "A", ROLE_NONE, REACH_CELL));
    beside_add(beside, "×", stage_panel(stage, 1, "B", ROLE_NONE, REACH_CELL));
    beside_add(beside, "=", stage_panel(stage, STAGE_RESULT, "Y", ROLE_NONE, REACH_CELL));
}

static void blend_panels(Beside *beside, const Stage *stage) {
    beside_add(beside, "", stage_panel(stage, 0, "Z", ROLE_NONE, REACH_CELL));
    beside_add(beside, "", stage_panel(stage, 1, "N", ROLE_NONE, REACH_CELL));
    beside_add(beside, "", stage_panel(stage, 2, "H'", ROLE_NONE, REACH_CELL));
    beside_add(beside, "\\to", stage_panel(stage, STAGE_RESULT, "H", ROLE_NONE, REACH_CELL));
}

static size_t columns_of(const Panel *panel) {
    return panel->heat.matrix.columns;
}

static void beside_panels(Beside *beside, const Stage *stage) {
    switch (stage->call.op) {
    case OP_ADD: add_panels(beside, stage); break;
    case OP_SCALE: {
        double divisor = stage->call.param.scale.divisor;
        row_panels(beside, stage, "S",
                   arena_printf(stage->arena, "\\div %s",
                                text_number(stage->arena, divisor, divisor == 1 ? 0 : 3)),
                   "S'", REACH_CELL);
        break;
    }
    case OP_MASK: mask_panels(beside, stage); break;
    case OP_PRODUCT: product_panels(beside, stage); break;
    case OP_BLEND: blend_panels(beside, stage); break;
    case OP_CARRY: row_panels(beside, stage, "H", "\\mathrm{next}", "H'", REACH_BEFORE); break;
    case OP_MIX: mix_panels(beside, stage); break;
    case OP_POS_BIAS_BUCKET: bucket_panels(beside, stage); break;
    case OP_KEEP_HEADS: row_panels(beside, stage, "Z", "\\cdot c", "Z'", REACH_CELL); break;
    case OP_SCALE_ROWS:
        row_panels(beside, stage, "X", stage->call.param.scale_rows.divide ? "\\div c" : "\\cdot c",
                   "Y", REACH_CELL);
        break;
    case OP_FIRST: row_panels(beside, stage, "X", "\\to", "y", REACH_CELL); break;
    case OP_MEAN_ROWS: row_panels(beside, stage, "X", "\\mathrm{mean}", "y", REACH_COLUMN); break;
    case OP_SOFTMAX: /* down the columns */
        row_panels(beside, stage, "S''", "\\mathrm{softmax}", "A", REACH_COLUMN);
        break;
    case OP_ACTIVATION:
        row_panels(beside, stage, "U", activation_sign(stage->call.param.act.kind), "G",
                   REACH_CELL);
        break;
    case OP_SAME: row_panels(beside, stage, "X", "=", "Y", REACH_CELL); break;
    case OP_MEAN: row_panels(beside, stage, "X", "\\to", "μ", REACH_ROW); break;
    case OP_DEVIATION: deviation_panels(beside, stage); break;
    default: any_panels(beside, stage); break;
    }
    for (int i = 0; i < beside->count; i++)
        if (columns_of(&beside->panel[i]) == 1)
            beside->panel[i].name = ""; /* a single column has no room for it */
    OpId op = stage->call.op;
    if (op == OP_ADD || op == OP_SCALE || op == OP_MASK || op == OP_CARRY)
        panels_share_scale(beside->panel, beside->count);
}

/* ---- sizes ---- */

static size_t rows_of(const Beside *beside) {
    size_t rows = 1;
    for (int i = beside->table; i < beside->count; i++)
        rows = beside->panel[i].heat.matrix.rows > rows ? beside->panel[i].heat.matrix.rows : rows;
    return rows;
}

/* Panels of one column have a fixed width, and share nothing with the wide ones. */
static size_t wide_columns(const Beside *beside, bool sum) {
    size_t columns = 0;
    for (int i = 0; i < beside->count; i++) {
        size_t own = columns_of(&beside->panel[i]);
        if (own > 1)
            columns = sum ? columns + own : (own > columns ? own : columns);
    }
    return columns ? columns : 1;
}

static int narrow_panels(const Beside *beside) {
    int count = 0;
    for (int i = 0; i < beside->count; i++)
        count += columns_of(&beside->panel[i]) == 1;
    return count;
}

/* The second panel's names, beside a table that has rows of its own. */
static int second_labels(const Beside *beside) {
    return beside->table ? beside->label_width + STAGE_GAP : 0;
}

static int signs_of(const Beside *beside) {
    int count = 0;
    for (int i = 0; i < beside->count; i++)
        count += beside->sign[i][0] != '\0';
    return count;
}

typedef struct {
    int width, height; /* that the grids' cells can share */
} Room;

static Room room_across(const Beside *beside, Rect area) {
    int gaps = signs_of(beside) * SIGN_WIDTH + (beside->count - 1) * STAGE_GAP +
               second_labels(beside);
    return (Room){area.w - beside->label_width - STAGE_GAP - gaps - SCALE_BAR_WIDTH -
                      narrow_panels(beside) * COLUMN_WIDTH,
                  area.h - STAGE_CAPTION - beside->label_height - beside->ticks};
}

static Room room_down(const Beside *beside, Rect area) {
    int fixed = STAGE_CAPTION + beside->label_height + beside->ticks + STAGE_GAP;
    return (Room){area.w - beside->label_width - STAGE_GAP - SCALE_BAR_WIDTH,
                  area.h - beside->count * fixed};
}

/* How readable a cell is that gets this much room. */
static double cell_worth(int width, size_t columns, int height, size_t rows) {
    double w = width > 0 ? (double)width / (double)columns : 0;
    double h = height > 0 ? (double)height / (double)rows : 0;
    return fmin(fmin(w, h), CELL_MOST);
}

static void beside_fit(Beside *beside, Rect area) {
    Room across = room_across(beside, area), down = room_down(beside, area);
    size_t rows = rows_of(beside), count = (size_t)beside->count;
    double side = cell_worth(across.width, wide_columns(beside, true), across.height, rows);
    double under = cell_worth(down.width, wide_columns(beside, false), down.height, rows * count);
    beside->down = narrow_panels(beside) == 0 && under > side * 1.2;
    if (beside->down && beside->label_width == 0) /* the signs stand where names would */
        beside->label_width = SIGN_WIDTH;
    Room room = beside->down ? room_down(beside, area) : across;
    size_t columns = wide_columns(beside, !beside->down);
    beside->rows = fit_axis(rows, beside->down ? room.height / beside->count : room.height,
                            CELL_MOST);
    bool square = true;
    for (int i = 0; i < beside->count; i++) {
        size_t own = columns_of(&beside->panel[i]);
        double share = (double)own / (double)columns;
        beside->across[i] = own == 1 ? (Fit){1, 1, 1, COLUMN_WIDTH}
                                     : fit_axis(own, (int)(room.width * share), CELL_MOST);
        square = square && axis_is_position(beside->panel[i].heat.column_axis) &&
                 axis_is_position(beside->panel[i].heat.row_axis);
    }
    for (int i = 0; square && i < beside->count; i++) {
        int cell = beside->across[i].size < beside->rows.size ? beside->across[i].size
                                                              : beside->rows.size;
        beside->across[i].size = beside->rows.size = cell;
    }
}

static void beside_labels(Beside *beside, const Stage *stage) {
    for (int i = 0; i < beside->count; i++) {
        const Heat *heat = &beside->panel[i].heat;
        int width = heat_row_labels_width(stage->ui, heat, STAGE_LABELS_MOST);
        int height = heat_column_labels_height(stage->ui, heat, 84);
        beside->label_width = width > beside->label_width ? width : beside->label_width;
        beside->label_height = height > beside->label_height ? height : beside->label_height;
        beside->ticks = height == 0 ? HEAT_TICKS : beside->ticks;
    }
}

/* ---- places ---- */

static int sign_width(const Beside *beside, int i) {
    return beside->sign[i][0] ? SIGN_WIDTH : 0;
}

static Fit own_rows(const Beside *beside, int i) {
    size_t rows = beside->panel[i].heat.matrix.rows;
    Fit fit = beside->rows;
    if (beside->table && i == 0)
        return fit_axis(rows, fit_length(&fit), CELL_MOST);
    fit.cells = rows;
    fit.shown = (int)((rows + fit.group - 1) / fit.group);
    return fit;
}

static void place_across(Beside *beside, Rect area) {
    int width = beside->label_width + STAGE_GAP + SCALE_BAR_WIDTH + second_labels(beside);
    for (int i = 0; i < beside->count; i++)
        width += fit_length(&beside->across[i]) + sign_width(beside, i) + (i ? STAGE_GAP : 0);
    int height = STAGE_CAPTION + beside->label_height + fit_length(&beside->rows) + beside->ticks;
    Rect content = rect_center(area, width, height);
    int x = (content.x < area.x ? area.x : content.x) + beside->label_width + STAGE_GAP;
    int y = (content.y < area.y ? area.y : content.y) + STAGE_CAPTION + beside->label_height;
    for (int i = 0; i < beside->count; i++) {
        x += sign_width(beside, i) + (i ? STAGE_GAP : 0) + (i == 1 ? second_labels(beside) : 0);
        heat_place(&beside->panel[i].heat, x, y, own_rows(beside, i), beside->across[i]);
        x += fit_length(&beside->across[i]);
    }
}

static void place_down(Beside *beside, Rect area) {
    int each = STAGE_CAPTION + beside->label_height + fit_length(&beside->rows) + beside->ticks;
    int width = 0;
    for (int i = 0; i < beside->count; i++)
        width = fit_length(&beside->across[i]) > width ? fit_length(&beside->across[i]) : width;
    Rect content = rect_center(area, beside->label_width + STAGE_GAP + width + SCALE_BAR_WIDTH,
                               beside->count * (each + STAGE_GAP));
    int x = (content.x < area.x ? area.x : content.x) + beside->label_width + STAGE_GAP;
    int y = content.y < area.y ? area.y : content.y;
    for (int i = 0; i < beside->count; i++, y += each + STAGE_GAP)
        heat_place(&beside->panel[i].heat, x, y + STAGE_CAPTION + beside->label_height,
                   own_rows(beside, i), beside->across[i]);
}

/* ---- drawing ---- */

static void draw_sign(const Stage *stage, const char *sign, int center_x, float baseline) {
    const TextMeasure *measure = ui_measure(stage->ui);
    sign = word_formula(stage->arena, sign);
    int size = formula_fit(measure, 20, THEME_SIZE_SMALL, SIGN_WIDTH - 8, sign);
    FormulaSize extent = formula_measure(measure, size, sign);
    formula_draw(ui_list(stage->ui), measure, stage->theme, (float)center_x - extent.width / 2,
                 baseline, size, stage->theme->text, sign);
}

static bool is_word(const char *sign) {
    return sign[0] == '\\' && sign[1] != 't';
}

static void draw_signs(const Beside *beside, const Stage *stage) {
    for (int i = 1; i < beside->count; i++) {
        const Rect *rect = &beside->panel[i].heat.rect;
        int x = rect->x - STAGE_GAP / 2 - SIGN_WIDTH / 2 - (i == 1 ? second_labels(beside) : 0);
        int y = rect->y + rect->h / 2;
        if (!beside->sign[i][0])
            continue;
        if (beside->down) {
            draw_sign(stage, beside->sign[i], rect->x - STAGE_GAP - SIGN_WIDTH / 2,
                      (float)(rect->y - beside->label_height - 6));
            continue;
        }
        draw_sign(stage, beside->sign[i], x, (float)(is_word(beside->sign[i]) ? y - 4 : y + 5));
        if (is_word(beside->sign[i]))
            draw_sign(stage, "\\to", x, (float)(y + 16));
    }
}

static int caption_end(const Beside *beside, const Rect *area, int i) {
    bool last = beside->down || i + 1 == beside->count;
    return last ? area->x + area->w : beside->panel[i + 1].heat.rect.x - STAGE_GAP;
}

static void draw_panel(const Beside *beside, Stage *stage, Rect area, int i) {
    const Panel *panel = &beside->panel[i];
    const Rect *rect = &panel->heat.rect;
    panel_caption(stage, panel, rect->x, rect->y - beside->label_height - STAGE_CAPTION,
                  caption_end(beside, &area, i));
    if (i == 0 || beside->down || (i == 1 && beside->table))
        panel_row_labels(stage, panel, rect->x - STAGE_GAP, beside->label_width);
    panel_column_labels(stage, panel, rect->y, beside->label_height);
    panel_draw(stage, panel);
}

/* ---- the curve of an activation, and where the cell in hand is on it ---- */

enum { CURVE_MOST = 160, CURVE_LEAST = 72, CURVE_REACH = 4, CURVE_POINTS = 65 };

static TermForm curve_form(ActKind kind) {
    static const TermForm form[ACT_KINDS] = {
        [ACT_GELU_TANH] = FORM_GELU_TANH, [ACT_GELU_ERF] = FORM_GELU_ERF,
        [ACT_RELU] = FORM_RELU,           [ACT_SILU] = FORM_SILU,
        [ACT_TANH] = FORM_TANH,           [ACT_SIGMOID] = FORM_SIGMOID,
    };
    return form[kind];
}

typedef struct {
    Rect box;
    TermForm form;
} Curve;

static double curve_value(const Curve *curve, double x) {
    OpOperand operand = {.value = x};
    return term_value(curve->form, &operand, 1);
}

static DrawPoint curve_point(const Curve *curve, double x) {
    double scale = (double)curve->box.w / (2 * CURVE_REACH);
    double y = curve_value(curve, x);
    return (DrawPoint){(float)(curve->box.x + (x + CURVE_REACH) * scale),
                       (float)(curve->box.y + curve->box.h - (y + 1) * scale)};
}

static void curve_hand(const Stage *stage, const Curve *curve) {
    double x = tensor_get(&stage->call.in[0], stage->hand);
    double inside = fmax(-CURVE_REACH, fmin(CURVE_REACH, x));
    DrawPoint at = curve_point(curve, inside);
    float zero = (float)(curve->box.y + curve->box.h) - (float)curve->box.w / (2.0F * CURVE_REACH);
    draw_line(ui_list(stage->ui), at.x, zero, at.x, at.y, 1, DRAW_DASHED, stage->theme->hand);
    draw_round_rect(ui_list(stage->ui), (Rect){(int)at.x - 4, (int)at.y - 4, 8, 8}, 4,
                    stage->theme->hand);
}

/* From −4 to 4 across, −1 to 4 up: beside the picture, where there is room. */
static void draw_curve(const Stage *stage, Rect area, const Rect *beside) {
    int x = beside->x + beside->w + 2 * STAGE_GAP, room = area.x + area.w - x;
    int size = room > CURVE_MOST ? CURVE_MOST : room;
    Curve curve = {{x, beside->y, size, size * 5 / 8}, curve_form(stage->call.param.act.kind)};
    if (size < CURVE_LEAST)
        return;
    DrawList *list = ui_list(stage->ui);
    float unit = (float)size / (2.0F * CURVE_REACH);
    float zero = (float)(curve.box.y + curve.box.h) - unit, middle = (float)x + (float)size / 2;
    draw_line(list, (float)x, zero, (float)(x + size), zero, 1, DRAW_SOLID, stage->theme->line);
    draw_line(list, middle, (float)curve.box.y, middle, (float)(curve.box.y + curve.box.h), 1,
              DRAW_SOLID, stage->theme->line);
    for (int i = 1; i < CURVE_POINTS; i++) {
        double step = 2.0 * CURVE_REACH / (CURVE_POINTS - 1);
        DrawPoint from = curve_point(&curve, -CURVE_REACH + step * (i - 1));
        DrawPoint to = curve_point(&curve, -CURVE_REACH + step * i);
        draw_line(list, from.x, from.y, to.x, to.y, 2, DRAW_SOLID, stage->theme->secondary);
    }
    ui_label(stage->ui, (Rect){x, curve.box.y + curve.box.h + 2, size, 14}, UI_ALIGN_LEFT,
             FONT_MONO, THEME_SIZE_SMALL, stage->theme->faint, "−4");
    ui_label(stage->ui, (Rect){x, curve.box.y + curve.box.h + 2, size, 14}, UI_ALIGN_RIGHT,
             FONT_MONO, THEME_SIZE_SMALL, stage->theme->faint, "4");
    if (stage->has_hand && progress_done(&stage->progress, stage->hand))
        curve_hand(stage, &curve);
}

static void keep_operand(void *user, size_t number, const Term *term) {
    (void)number;
    *(OpOperand *)user = term->operand[0];
}

/* The number of the table that the cell in hand is. */
static void draw_bucket(const Stage *stage, const Panel *table) {
    OpOperand read;
    Explanation made;
    size_t row, column;
    if (stage->call.op != OP_POS_BIAS_BUCKET || !stage->has_hand || stage->stepping)
        return;
    op_explain(&stage->call, stage->hand, keep_operand, &read, &made);
    if (matrix_place(&table->heat.matrix, read.index, &row, &column))
        heat_frame(stage->ui, &table->heat, (MatrixBox){row, column, row + 1, column + 1},
                   ROLE_NONE);
}

void stage_beside(Stage *stage, Rect area) {
    Beside beside = {0};
    beside_panels(&beside, stage);
    beside_labels(&beside, stage);
    beside_fit(&beside, area);
    if (beside.down)
        place_down(&beside, area);
    else
        place_across(&beside, area);
    for (int i = 0; i < beside.count; i++)
        draw_panel(&beside, stage, area, i);
    draw_signs(&beside, stage);
    draw_bucket(stage, &beside.panel[0]);
    if (stage->call.op == OP_ACTIVATION && beside.down)
        draw_curve(stage, area, &beside.panel[0].heat.rect);
    const Heat *result = &beside.panel[beside.count - 1].heat;
    int bar = result->rect.h < 60 ? 60 : result->rect.h > 200 ? 200 : result->rect.h;
    scale_bar(stage->ui,
              (Rect){result->rect.x + result->rect.w + STAGE_GAP * 2, result->rect.y,
                     SCALE_BAR_WIDTH, bar},
              &result->scale);
    stage_finish(stage, beside.panel, beside.count);
}
