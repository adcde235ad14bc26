/* The product layout: the left operand at the left, the other on top, the result in the corner
 * where their rows and columns meet. A bias is a strip between the top operand and the result. */
#include "app/views/stage_part.h"

typedef struct {
    Panel panel[4]; /* left, top, result, bias */
    int count;      /* 3 or 4 */
    Fit left_across, top_down, down, across;
    int label_width, left_label_width, label_height, left_label_height, bias_height;
    Rect content;
} Product;

enum { LEFT, TOP, RESULT, BIAS };
enum { CELL_TOKEN = 64, CELL_OUTER = 32, CELL_SMALL = 6, BIAS_CELL = 10, BIAS_GAP = 6 };

/* ---- which axes run where ---- */

static Panel linear_weight(const Stage *stage, const char *letter, Role role) {
    const Tensor *w = stage_tensor(stage, 1);
    int in_axes = stage->call.in[0].rank - 1;
    size_t at[TENSOR_RANK] = {0};
    AxisRun across = {in_axes, w->rank - in_axes};
    if (across.count > 1) {
        at[in_axes] = stage->call.out.rank == 3 ? stage->head : 0;
        across = (AxisRun){in_axes + 1, across.count - 1};
    }
    const Node *input = stage_slot_node(stage, 0);
    return stage_panel_of(stage, 1, letter, role, REACH_COLUMN,
                          matrix_of(*w, (AxisRun){0, in_axes}, across, at),
                          input->axis[input->rank - 1], stage->node->axis[stage->node->rank - 1]);
}

static Panel linear_bias(const Stage *stage, const char *letter, Role role) {
    const Tensor *bias = stage_tensor(stage, 2);
    size_t at[TENSOR_RANK] = {0};
    if (bias->rank == 2)
        at[0] = stage->head;
    return stage_panel_of(stage, 2, letter, role, REACH_COLUMN,
                          matrix_of(*bias, (AxisRun){0, 0}, (AxisRun){bias->rank - 1, 1}, at),
                          AXIS_ONE, stage->node->axis[stage->node->rank - 1]);
}

/* A record of positions, heads and cells, whose heads may be summed over as well: all of a row. */
static Panel whole_rows(const Stage *stage, int slot, const char *letter) {
    const Tensor *x = stage_tensor(stage, slot);
    const Node *node = stage_slot_node(stage, slot);
    return stage_panel_of(stage, slot, letter, ROLE_NONE, REACH_ROW,
                          matrix_of(*x, (AxisRun){0, 1}, (AxisRun){1, x->rank - 1}, NULL),
                          node->axis[0], node->axis[node->rank - 1]);
}

typedef struct {
    const char *left, *weight, *bias, *result;
} Letters;

/* Those of the formula (op_formula). */
static const Letters LETTERS[LINEAR_KINDS] = {
    [LINEAR_QUERY] = {"X", "W^Q", "b^Q", "Q"},
    [LINEAR_KEY] = {"X", "W^K", "b^K", "K"},
    [LINEAR_VALUE] = {"X", "W^V", "b^V", "V"},
    [LINEAR_OUTPUT] = {"Z", "W^O", "b^O", "Y"},
    [LINEAR_FFN_IN] = {"X", "W^{in}", "b^{in}", "U"},
    [LINEAR_FFN_LINEAR] = {"X", "W^{up}", "b^{up}", "L"},
    [LINEAR_FFN_OUT] = {"G", "W^{out}", "b^{out}", "Y"},
    [LINEAR_UNEMBED] = {"X", "W^U", "b^U", "L"},
    [LINEAR_ROUTER] = {"X", "W^R", "b^R", "R"},
    [LINEAR_POOLER] = {"X", "W^P", "b^P", "U"},
    [LINEAR_CLASSIFIER] = {"X", "W^C", "b^C", "L"},
    [LINEAR_MLM_DENSE] = {"X", "W^H", "b^H", "U"},
    [LINEAR_RNN_IN] = {"X", "W^{ih}", "b^{ih}", "Y"},
    [LINEAR_RNN_STATE] = {"H", "W^{hh}", "b^{hh}", "Y"},
};

static void linear_panels(Product *product, const Stage *stage) {
    Letters letters = LETTERS[stage->call.param.linear.kind];
    Role role = node_role(stage->node);
    product->panel[LEFT] = whole_rows(stage, 0, letters.left);
    product->panel[TOP] = linear_weight(stage, letters.weight, role);
    product->panel[RESULT] = stage_panel(stage, STAGE_RESULT, letters.result, role, REACH_CELL);
    product->count = 3;
    if (stage->call.n_in > 2)
        product->panel[product->count++] = linear_bias(stage, letters.bias, role);
}

/* Keys stand across here, though their own rows run down. */
static Panel turned_keys(const Stage *stage) {
    const Node *node = stage_slot_node(stage, 1);
    size_t at[TENSOR_RANK];
    stage_held(stage, 1, at);
    return stage_panel_of(stage, 1, "K^T", ROLE_KEY, REACH_COLUMN,
                          matrix_of(*stage_tensor(stage, 1), (AxisRun){2, 1}, (AxisRun){0, 1}, at),
                          node->axis[2], node->axis[0]);
}

static Panel head_weight(const Stage *stage) {
    size_t at[TENSOR_RANK] = {stage->head};
    return stage_panel_of(stage, 1, "W^O", ROLE_NONE, REACH_COLUMN,
                          matrix_of(*stage_tensor(stage, 1), (AxisRun){1, 1}, (AxisRun){2, 1}, at),
                          AXIS_D_HEAD, AXIS_D_MODEL);
}

/* Of the experts the one that the row in hand takes: every row may have another. */
static void expert_panels(Product *product, const Stage *stage) {
    Letters letters = LETTERS[stage->call.param.linear.kind];
    const Node *input = stage_slot_node(stage, 0);
    size_t row = stage_row(stage), at[TENSOR_RANK] = {0}, choice[TENSOR_RANK] = {row, stage->head};
    at[0] = (size_t)tensor_get(&stage->call.in[2], choice);
    product->panel[LEFT] = input->rank == 2
                               ? whole_rows(stage, 0, letters.left)
                               : stage_panel(stage, 0, letters.left, ROLE_NONE, REACH_ROW);
    Panel *weight = &product->panel[TOP];
    *weight = stage_panel_of(
        stage, 1, letters.weight, ROLE_NONE, REACH_COLUMN,
        matrix_of(*stage_tensor(stage, 1), (AxisRun){1, 1}, (AxisRun){2, 1}, at),
        input->axis[input->rank - 1], stage->node->axis[2]);
    weight->name = WORD_WITH(stage->arena, WORD_EXPERT_OF, text_count(stage->arena, (int64_t)at[0]),
                             stage_row_label(stage, row));
    product->panel[RESULT] = stage_panel(stage, STAGE_RESULT, letters.result, ROLE_NONE,
                                         REACH_CELL);
    product->count = 3;
}

static void product_panels(Product *product, const Stage *stage) {
    Panel *panel = product->panel;
    product->count = 3;
    switch (stage->call.op) {
    case OP_SCORES:
        panel[LEFT] = stage_panel(stage, 0, "Q", ROLE_QUERY, REACH_ROW);
        panel[TOP] = turned_keys(stage);
        panel[RESULT] = stage_panel(stage, STAGE_RESULT, "S", ROLE_NONE, REACH_CELL);
        break;
    case OP_WEIGHTED_SUM:
        panel[LEFT] = stage_panel(stage, 0, "A", ROLE_QUERY, REACH_ROW);
        panel[TOP] = stage_panel(stage, 1, "V", ROLE_VALUE, REACH_COLUMN);
        panel[RESULT] = stage_panel(stage, STAGE_RESULT, "Z", ROLE_NONE, REACH_CELL);
        break;
    case OP_HEAD_RESULT:
        panel[LEFT] = stage_panel(stage, 0, "Z", ROLE_NONE, REACH_ROW);
        panel[TOP] = head_weight(stage);
        panel[RESULT] = stage_panel(stage, STAGE_RESULT, "R", ROLE_NONE, REACH_CELL);
        break;
    case OP_EXPERT_LINEAR: expert_panels(product, stage); break;
    default: linear_panels(product, stage); break;
    }
}

/* ---- where they stand ---- */

static bool tokens_both(const Heat *heat) {
    return axis_is_position(heat->row_axis) && axis_is_position(heat->column_axis);
}

/* Cells of the inner axis: of tokens as large as they can be, of many dimensions small. */
static int inner_most(const Product *product) {
    const Heat *left = &product->panel[LEFT].heat;
    if (axis_is_position(left->column_axis))
        return CELL_TOKEN;
    return left->matrix.columns <= 16 ? 24 : 12;
}

/* An inner axis of tokens, as large as its cells can be: it has a third at least, and what the
 * result, at its share or at small cells, leaves over. */
static void share_tokens(int length, size_t outer, int outer_most, size_t inner, int most,
                         Fit *outer_fit, Fit *inner_fit) {
    int small = (int)outer * CELL_SMALL < length / 2 ? (int)outer * CELL_SMALL : length / 2;
    int share = (int)((size_t)length * outer / (inner + outer));
    int room = length - (share < small ? small : share);
    *inner_fit = fit_axis(inner, room < length / 3 ? length / 3 : room, most);
    *outer_fit = fit_axis(outer, length - fit_length(inner_fit), outer_most);
}

/* The result takes up to two thirds, the inner axis what it can use, and the result the rest. Where
 * its cells would be small, the inner axis makes do with two points a cell. */
static void share_length(int length, size_t outer, int outer_most, size_t inner, int most,
                         Fit *outer_fit, Fit *inner_fit) {
    int wanted = (int)inner * most, least = (int)inner * 2, share = length * 2 / 3;
    int room = length - wanted > share ? length - wanted : share;
    if (room < (int)outer * CELL_SMALL && length - least > room)
        room = length - least;
    *outer_fit = fit_axis(outer, room, outer_most);
    *inner_fit = fit_axis(inner, length - fit_length(outer_fit), most);
}

static void product_labels(Product *product, const Stage *stage) {
    const Panel *panel = product->panel;
    int top = heat_row_labels_width(stage->ui, &panel[TOP].heat, STAGE_LABELS_MOST);
    int result = heat_row_labels_width(stage->ui, &panel[RESULT].heat, STAGE_LABELS_MOST);
    product->label_width = top > result ? top : result;
    product->label_height = heat_column_labels_height(stage->ui, &panel[RESULT].heat, 84);
    product->left_label_height = heat_column_labels_height(stage->ui, &panel[LEFT].heat, 84);
    product->bias_height = product->count > 3 ? BIAS_GAP + BIAS_CELL + STAGE_GAP : 0;
}

/* Turned labels of the left operand lean over its right edge. */
static int left_gap(const Product *product) {
    return product->left_label_height > 0 ? 3 * STAGE_GAP : STAGE_GAP;
}

static int fixed_width(const Product *product) {
    return product->label_width + left_gap(product) + 2 * STAGE_GAP + SCALE_BAR_WIDTH + STAGE_GAP;
}

static int fixed_height(const Product *product) {
    return 2 * STAGE_CAPTION + STAGE_GAP + product->bias_height + product->label_height +
           HEAT_TICKS + STAGE_GAP;
}

static void product_fit(Product *product, Rect area) {
    const Heat *result = &product->panel[RESULT].heat;
    int width = area.w - fixed_width(product), height = area.h - fixed_height(product);
    int cell_across = axis_is_position(result->column_axis) ? CELL_TOKEN : CELL_OUTER;
    size_t inner = product->panel[LEFT].heat.matrix.columns;
    int most = inner_most(product);
    share_length(height, result->matrix.rows, CELL_TOKEN, inner, most, &product->down,
                 &product->top_down);
    bool tokens = most == CELL_TOKEN;
    if (tokens)
        most = product->down.size;
    if (tokens)
        share_tokens(width, result->matrix.columns, cell_across, inner, most, &product->across,
                     &product->left_across);
    else
        share_length(width, result->matrix.columns, cell_across, inner, most, &product->across,
                     &product->left_across);
    if (tokens_both(result)) {
        int cell = product->across.size < product->down.size ? product->across.size
                                                             : product->down.size;
        product->across.size = product->down.size = cell;
        product->left_across = fit_axis(inner, width - fit_length(&product->across), most);
        product->top_down = fit_axis(inner, height - fit_length(&product->down), most);
    }
    int room = product->top_down.size * product->top_down.shown + product->bias_height +
               product->label_height;
    int needed = product->left_label_height + STAGE_CAPTION;
    product->left_label_height = needed > room + STAGE_CAPTION ? 0 : product->left_label_height;
}

static void product_place(Product *product, Rect area) {
    product_fit(product, area);
    int width = fixed_width(product) + fit_length(&product->left_across) +
                fit_length(&product->across);
    int height = fixed_height(product) + fit_length(&product->top_down) +
                 fit_length(&product->down);
    Rect content = rect_center(area, width, height);
    if (content.x < area.x)
        content.x = area.x;
    if (content.y < area.y)
        content.y = area.y;
    product->content = content;
    int x = content.x + fit_length(&product->left_across) + left_gap(product) +
            product->label_width + STAGE_GAP;
    int top = content.y + STAGE_CAPTION;
    int y = top + fit_length(&product->top_down) + STAGE_GAP;
    Fit line = {1, 1, 1, BIAS_CELL};
    heat_place(&product->panel[TOP].heat, x, top, product->top_down, product->across);
    if (product->count > 3) {
        heat_place(&product->panel[BIAS].heat, x, y + BIAS_GAP, line, product->across);
        y += product->bias_height;
    }
    y += product->label_height;
    heat_place(&product->panel[RESULT].heat, x, y, product->down, product->across);
    heat_place(&product->panel[LEFT].heat, content.x, y, product->down, product->left_across);
}

/* ---- drawing ---- */

static void product_words(const Product *product, const Stage *stage) {
    const Panel *panel = product->panel;
    const Rect *result = &panel[RESULT].heat.rect, *left = &panel[LEFT].heat.rect;
    int right = product->content.x + product->content.w, labels = result->x - STAGE_GAP + 2;
    panel_caption(stage, &panel[TOP], result->x, product->content.y, right);
    /* Beside it stands the letter of the bias, or the last number of the axis above. */
    bool beside = product->count > 3 || product->label_height == 0;
    int end = result->x - (beside ? 4 : 1) * STAGE_GAP;
    if (product->left_label_height > 0) /* the labels of the rows above reach beside it */
        end -= product->label_width;
    panel_caption(stage, &panel[LEFT], left->x,
                  left->y - STAGE_CAPTION - product->left_label_height, end);
    int ticks = panel[RESULT].heat.column_label ? 2 : HEAT_TICKS;
    panel_caption(stage, &panel[RESULT], result->x, result->y + result->h + ticks, right);
    panel_row_labels(stage, &panel[TOP], labels, product->label_width);
    panel_row_labels(stage, &panel[RESULT], labels, product->label_width);
    panel_column_labels(stage, &panel[RESULT], result->y, product->label_height);
    if (product->left_label_height > 0)
        panel_column_labels(stage, &panel[LEFT], left->y, product->left_label_height);
    if (product->count > 3) {
        Rect strip = panel[BIAS].heat.rect;
        const char *letter = panel[BIAS].letter;
        FormulaSize size = formula_measure(ui_measure(stage->ui), THEME_SIZE_LEAD, letter);
        formula_draw(ui_list(stage->ui), ui_measure(stage->ui), stage->theme,
                     (float)(strip.x - STAGE_GAP) - size.width, (float)(strip.y + BIAS_CELL),
                     THEME_SIZE_LEAD, theme_role(stage->theme, panel[BIAS].role), letter);
    }
}

/* The row and the column that meet in the cell are joined to it, as far as its labels: a line
 * through a label would strike it out. */
static void product_joins(const Product *product, const Stage *stage) {
    const Panel *panel = product->panel, *result = &panel[RESULT];
    size_t row, column;
    panel_hand(stage, result, &row, &column);
    Rect cell = heat_rect(&result->heat, row == HEAT_NONE ? 0 : row,
                          column == HEAT_NONE ? 0 : column);
    const Rect *left = &panel[LEFT].heat.rect, *top = &panel[TOP].heat.rect;
    int label = heat_row_label_left(stage->ui, &result->heat, result->heat.rect.x - STAGE_GAP + 2,
                                    product->label_width, row == HEAT_NONE ? 0 : row) -
                4;
    int from = left->x + left->w + 1, y = cell.y + cell.h / 2, x = cell.x + cell.w / 2;
    int end = product->label_height > 0 ? result->heat.rect.y - product->label_height + 4 : cell.y;
    if (row != HEAT_NONE && label > from)
        stage_join(stage, panel[LEFT].role, from, y, label, y);
    if (column != HEAT_NONE && end > top->y + top->h + 1)
        stage_join(stage, panel[TOP].role, x, top->y + top->h + 1, x, end);
}

void stage_product(Stage *stage, Rect area) {
    Product product = {0};
    product_panels(&product, stage);
    product_labels(&product, stage);
    product_place(&product, area);
    product_words(&product, stage);
    for (int i = 0; i < product.count; i++) {
        Panel drawn = product.panel[i];
        if (i == TOP || i == BIAS)
            drawn.heat.column_axis = AXIS_ONE; /* the result's ticks serve them too */
        panel_draw(stage, &drawn);
    }
    const Rect *result = &product.panel[RESULT].heat.rect;
    int bar = result->h < 100 ? 100 : result->h > 200 ? 200 : result->h;
    scale_bar(stage->ui,
              (Rect){result->x + result->w + STAGE_GAP * 2, result->y, SCALE_BAR_WIDTH, bar},
              &product.panel[RESULT].heat.scale);
    product_joins(&product, stage);
    stage_finish(stage, product.panel, product.count);
}
