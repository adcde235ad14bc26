/* The layout of the normalisation: x with its columns μ and σ; the weights and biases as strips
 * over the result, whose columns they belong to. Beside each other, or one below the other where
 * rows are wide. */
#include "app/views/stage_part.h"

enum { COLUMN = 22, STRIP = 10, CELL_MOST = 40 };

typedef struct {
    Panel x, result;
    Panel column[2]; /* μ, σ; σ alone for RMSNorm */
    Panel strip[2];  /* w, b */
    int columns, strips;
    int label_width;
    bool down;
} Norm;

static void norm_panels(Norm *norm, const Stage *stage) {
    bool rms = stage->call.n_in == 3;
    int slot = 1;
    norm->x = stage_panel(stage, 0, "X", ROLE_NONE, REACH_CELL);
    if (!rms)
        norm->column[norm->columns++] = stage_panel(stage, slot++, "μ", ROLE_NONE, REACH_CELL);
    norm->column[norm->columns++] = stage_panel(stage, slot++, "σ", ROLE_NONE, REACH_CELL);
    norm->strip[norm->strips++] = stage_panel(stage, slot++, "w", ROLE_NONE, REACH_CELL);
    if (slot < stage->call.n_in)
        norm->strip[norm->strips++] = stage_panel(stage, slot, "b", ROLE_NONE, REACH_CELL);
    norm->result = stage_panel(stage, STAGE_RESULT, "Y", ROLE_NONE, REACH_CELL);
    norm->label_width = heat_row_labels_width(stage->ui, &norm->x.heat, STAGE_LABELS_MOST);
}

static int columns_width(const Norm *norm) {
    return norm->columns * (COLUMN + STAGE_GAP);
}

static int strips_height(const Norm *norm) {
    return norm->strips * (STRIP + 4) + 4;
}

static void norm_place(Norm *norm, Rect area) {
    size_t rows = norm->x.heat.matrix.rows, columns = norm->x.heat.matrix.columns;
    int width = area.w - norm->label_width - STAGE_GAP - columns_width(norm) - SCALE_BAR_WIDTH;
    int across = (width - 4 * STAGE_GAP) / 2;
    int tall = area.h - STAGE_CAPTION - strips_height(norm) - HEAT_TICKS;
    int half = (tall - STAGE_CAPTION - HEAT_TICKS - STAGE_GAP) / 2;
    Fit wide = fit_axis(columns, across, CELL_MOST), wider = fit_axis(columns, width, CELL_MOST);
    Fit high = fit_axis(rows, tall, CELL_MOST), low = fit_axis(rows, half, CELL_MOST);
    int beside = wide.size * high.size * (int)(wider.group * low.group);
    int below = wider.size * low.size * (int)(wide.group * high.group);
    norm->down = below > beside;
    Fit down = norm->down ? low : high, over = norm->down ? wider : wide;
    int body = fit_length(&down), grid = fit_length(&over);
    int used = STAGE_CAPTION + strips_height(norm) + body + HEAT_TICKS +
               (norm->down ? body + STAGE_CAPTION + HEAT_TICKS + STAGE_GAP : 0);
    int length = norm->label_width + STAGE_GAP + columns_width(norm) + SCALE_BAR_WIDTH + grid +
                 (norm->down ? 0 : grid + 4 * STAGE_GAP);
    Rect content = rect_center(area, length, used);
    int x = (content.x < area.x ? area.x : content.x) + norm->label_width + STAGE_GAP;
    int y = (content.y < area.y ? area.y : content.y) + STAGE_CAPTION +
            (norm->down ? 0 : strips_height(norm));
    heat_place(&norm->x.heat, x, y, down, over);
    int at = x + grid + STAGE_GAP;
    for (int i = 0; i < norm->columns; i++, at += COLUMN + STAGE_GAP)
        heat_place(&norm->column[i].heat, at, y, down, (Fit){1, 1, 1, COLUMN});
    if (norm->down)
        y += body + HEAT_TICKS + STAGE_GAP + STAGE_CAPTION + strips_height(norm);
    else
        x = at + 3 * STAGE_GAP;
    heat_place(&norm->result.heat, x, y, down, over);
    for (int i = 0; i < norm->strips; i++)
        heat_place(&norm->strip[i].heat, x, y - strips_height(norm) + i * (STRIP + 4),
                   (Fit){1, 1, 1, STRIP}, over);
}

static void letter(const Stage *stage, const char *markup, float right, float baseline) {
    const TextMeasure *measure = ui_measure(stage->ui);
    FormulaSize size = formula_measure(measure, THEME_SIZE_LEAD, markup);
    formula_draw(ui_list(stage->ui), measure, stage->theme, right - size.width, baseline,
                 THEME_SIZE_LEAD, stage->theme->text, markup);
}

static void norm_words(const Norm *norm, const Stage *stage, Rect area) {
    const Rect *x = &norm->x.heat.rect, *result = &norm->result.heat.rect;
    panel_caption(stage, &norm->x, x->x, x->y - STAGE_CAPTION, x->x + x->w);
    panel_row_labels(stage, &norm->x, x->x - STAGE_GAP, norm->label_width);
    for (int i = 0; i < norm->columns; i++) {
        const Rect *column = &norm->column[i].heat.rect;
        letter(stage, norm->column[i].letter, (float)(column->x + COLUMN - 4),
               (float)(column->y - 6));
    }
    panel_caption(stage, &norm->result, result->x, result->y - strips_height(norm) - STAGE_CAPTION,
                  area.x + area.w);
    if (norm->down)
        panel_row_labels(stage, &norm->result, result->x - STAGE_GAP, norm->label_width);
    for (int i = 0; i < norm->strips; i++) {
        const Rect *strip = &norm->strip[i].heat.rect;
        letter(stage, norm->strip[i].letter, (float)(strip->x - STAGE_GAP),
               (float)(strip->y + STRIP));
    }
}

void stage_norm(Stage *stage, Rect area) {
    Norm norm = {0};
    norm_panels(&norm, stage);
    norm_place(&norm, area);
    norm_words(&norm, stage, area);
    Panel panels[6] = {norm.x, norm.result};
    int count = 2;
    for (int i = 0; i < norm.columns; i++)
        panels[count++] = norm.column[i];
    for (int i = 0; i < norm.strips; i++)
        panels[count++] = norm.strip[i];
    for (int i = 0; i < count; i++) {
        Panel quiet = panels[i];
        if (i >= 2)
            quiet.heat.column_axis = AXIS_ONE;
        panel_draw(stage, &quiet);
    }
    const Rect *result = &norm.result.heat.rect;
    int bar = result->h < 60 ? 60 : result->h > 200 ? 200 : result->h;
    scale_bar(stage->ui, (Rect){result->x + result->w + STAGE_GAP, result->y, SCALE_BAR_WIDTH, bar},
              &norm.result.heat.scale);
    stage_finish(stage, panels, count);
}
