/* Which experts each token takes: the router's scores, tokens by experts, with the chosen ones
 * numbered, best first; beside them the choice itself, or each chosen expert's share. */
#include "app/views/stage_part.h"

enum {
    CELL_MOST = 48,
    CELL_HIGH = 40,
    CHOICE_MOST = 72,
    INDEX_LEAST = 30,
    SHARE_LEAST = 52,
    JOIN = 52,
    BADGE = 14,
    TEXT_LEAST = 13 /* lower cells have no room for a number */
};

typedef struct {
    Panel scores, result;
    int labels, above;
} Experts;

static bool are_indices(const Stage *stage) {
    return stage->call.op == OP_ROUTE;
}

static void experts_place(Experts *experts, Rect area) {
    const Matrix *scores = &experts->scores.heat.matrix, *result = &experts->result.heat.matrix;
    int choices = (int)result->columns, share = area.w / 5 / choices;
    int least = result->tensor.type == DTYPE_I32 ? INDEX_LEAST : SHARE_LEAST;
    int wide = share > CHOICE_MOST ? CHOICE_MOST : share < least ? least : share;
    int fixed = experts->labels + STAGE_GAP + JOIN + choices * wide + SCALE_BAR_WIDTH +
                2 * STAGE_GAP;
    Fit across = fit_axis(scores->columns, area.w - fixed, CELL_MOST);
    Fit down = fit_axis(scores->rows, area.h - experts->above - HEAT_TICKS, CELL_HIGH);
    Rect content = rect_center(area, fixed + fit_length(&across),
                               experts->above + fit_length(&down) + HEAT_TICKS);
    int x = (content.x < area.x ? area.x : content.x) + experts->labels + STAGE_GAP;
    int y = (content.y < area.y ? area.y : content.y) + experts->above;
    heat_place(&experts->scores.heat, x, y, down, across);
    heat_place(&experts->result.heat, x + fit_length(&across) + JOIN, y, down,
               (Fit){result->columns, 1, choices, wide});
}

/* "1" on the best expert of a row, "2" on the next …, as far as they are chosen by now. */
static void draw_badges(const Stage *stage, const Experts *experts) {
    const Heat *heat = &experts->scores.heat;
    if (heat->down.size < TEXT_LEAST || heat->across.size < TEXT_LEAST || heat->down.group > 1 ||
        heat->across.group > 1)
        return;
    for (size_t row = 0; row < experts->result.heat.matrix.rows; row++)
        for (size_t choice = 0; choice < experts->result.heat.matrix.columns; choice++) {
            size_t expert;
            if (!heat_done(&experts->result.heat, row, choice) ||
                !stage_expert(stage, stage->node, row, choice, &expert))
                continue;
            heat_frame(stage->ui, heat, (MatrixBox){row, expert, row + 1, expert + 1}, ROLE_NONE);
            Rect cell = heat_rect(heat, row, expert), badge = rect_center(cell, BADGE, BADGE);
            draw_round_rect(ui_list(stage->ui), badge, BADGE / 2.0F, stage->theme->panel);
            ui_label(stage->ui, badge, UI_ALIGN_CENTER, FONT_MONO, THEME_SIZE_SMALL,
                     stage->theme->text, arena_printf(stage->arena, "%zu", choice + 1));
        }
}

/* The expert's number or its share in each cell of the result, on a ground of one tone. */
static void draw_numbers(const Stage *stage, const Heat *heat) {
    if (heat->down.size < TEXT_LEAST || heat->down.group > 1)
        return;
    for (size_t row = 0; row < heat->matrix.rows; row++)
        for (size_t choice = 0; choice < heat->matrix.columns; choice++) {
            double value = matrix_get(&heat->matrix, row, choice);
            Rect cell = heat_rect(heat, row, choice);
            if (!heat_done(heat, row, choice))
                continue;
            const char *text = are_indices(stage) ? text_count(stage->arena, (int64_t)value)
                                                  : text_percent(stage->arena, value, 1);
            Rect ground = rect_inset(cell, cell.w >= 60 ? 6 : 2, cell.h >= 22 ? 4 : 1);
            if (are_indices(stage)) /* an expert's number is no amount */
                draw_rect(ui_list(stage->ui), cell, stage->theme->panel);
            else
                draw_round_rect(ui_list(stage->ui), ground, 3, stage->theme->panel);
            ui_label(stage->ui, cell, UI_ALIGN_CENTER, FONT_MONO,
                     cell.w >= 56 ? THEME_SIZE_LABEL : THEME_SIZE_SMALL, stage->theme->text, text);
        }
}

static void draw_grid(Stage *stage, const Panel *panel, int above, int right) {
    const Rect *rect = &panel->heat.rect;
    panel_caption(stage, panel, rect->x, rect->y - above, right);
    panel_column_labels(stage, panel, rect->y, above - STAGE_CAPTION);
    panel_draw(stage, panel);
}

static void draw_arrow(const Stage *stage, const Rect *result) {
    const TextMeasure *measure = ui_measure(stage->ui);
    FormulaSize size = formula_measure(measure, 20, "\\to");
    formula_draw(ui_list(stage->ui), measure, stage->theme,
                 (float)(result->x - JOIN / 2) - size.width / 2, (float)(result->y + result->h / 2),
                 20, stage->theme->text, "\\to");
}

void stage_experts(Stage *stage, Rect area) {
    Experts experts = {.scores = stage_panel(stage, 0, "R", ROLE_NONE, REACH_ROW),
                       .result = stage_panel(stage, STAGE_RESULT, are_indices(stage) ? "e" : "g",
                                             ROLE_NONE, REACH_CELL)};
    experts.result.limits.any = !are_indices(stage);
    int high = heat_column_labels_height(stage->ui, &experts.scores.heat, 84);
    int low = heat_column_labels_height(stage->ui, &experts.result.heat, 84);
    experts.labels = heat_row_labels_width(stage->ui, &experts.scores.heat, STAGE_LABELS_MOST);
    experts.above = STAGE_CAPTION + (high > low ? high : low);
    experts_place(&experts, area);
    const Rect *left = &experts.scores.heat.rect, *right = &experts.result.heat.rect;
    panel_row_labels(stage, &experts.scores, left->x - STAGE_GAP, experts.labels);
    draw_grid(stage, &experts.scores, experts.above, right->x - STAGE_GAP);
    draw_grid(stage, &experts.result, experts.above, area.x + area.w);
    draw_badges(stage, &experts);
    draw_numbers(stage, &experts.result.heat);
    draw_arrow(stage, right);
    int bar = left->h < 60 ? 60 : left->h > 200 ? 200 : left->h;
    scale_bar(stage->ui,
              (Rect){right->x + right->w + STAGE_GAP * 2, right->y, SCALE_BAR_WIDTH, bar},
              are_indices(stage) ? &experts.scores.heat.scale : &experts.result.heat.scale);
    Panel panels[] = {experts.scores, experts.result};
    stage_finish(stage, panels, 2);
}
