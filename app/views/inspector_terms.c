/* The terms of a cell: as a table where there are many, as a list of named operands where there are
 * few; and what they come to. */
#include "app/views/inspector_part.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = PEN_LINE, LABEL_MOST = 76, BAR_LEAST = 24, LISTED_MOST = 3, INDENT = 14 };

/* ---- one operand ---- */

static void operand_clicked(const Inspected *in, const OpOperand *operand) {
    OperandName name;
    ViewWidgets *widgets = in->in->widgets;
    trace_operand(in->trace, in->node_index, operand, &name);
    if (name.kind == OPERAND_RECORD) {
        intent_cell(in->in->out, INTENT_GO_CELL, name.node, name.index);
        return;
    }
    widgets->weight = *operand;
    widgets->weight_chosen = true;
    ui_redraw(in->ui);
}

static bool is_chosen_weight(const Inspected *in, const OpOperand *operand) {
    const ViewWidgets *widgets = in->in->widgets;
    return widgets->weight_chosen && widgets->weight.slot == operand->slot &&
           memcmp(widgets->weight.index, operand->index,
                  (size_t)operand->rank * sizeof *operand->index) == 0;
}

/* It was chosen in this very list; another model may have come since. */
static bool has_weight(const Inspected *in, const OpOperand *operand) {
    if (!in->in->widgets->weight_chosen || !inspected_listed(in) ||
        operand->slot >= in->call.n_in || in->node->in[operand->slot].kind != REF_WEIGHT)
        return false;
    const Tensor *weight = &in->call.in[operand->slot];
    bool inside = weight->rank == operand->rank;
    for (int axis = 0; inside && axis < weight->rank; axis++)
        inside = operand->index[axis] < weight->dim[axis];
    return inside;
}

/* A weight has no stage of its own to go to: it is named here, and framed in the stage's picture. */
void inspector_weight(Pen *pen) {
    const Inspected *in = pen->inspected;
    const OpOperand *operand = &in->in->widgets->weight;
    if (!has_weight(in, operand))
        return;
    double value = tensor_get(&in->call.in[operand->slot], operand->index);
    pen_space(pen, 8);
    pen_text(pen, FONT_MONO, THEME_SIZE_LABEL, in->theme->hand,
             arena_printf(in->arena, "%s = %s", operand_words(in, operand),
                          text_number(in->arena, value, text_decimals(fabs(value)) + in->more)));
}

/* Ends at `right`. Constants are no links. */
static void operand_link(const Inspected *in, const OpOperand *operand, const char *id, int right,
                         int y, int column) {
    const TextMeasure *measure = ui_measure(in->ui);
    const char *text = operand_number(in, operand, column);
    float x = (float)right - text_width(measure, FONT_MONO, THEME_SIZE_LABEL, text);
    float baseline = text_baseline(measure, FONT_MONO, THEME_SIZE_LABEL, (float)y, LINE);
    Role role = operand_role(in, operand);
    Color color = is_chosen_weight(in, operand) ? in->theme->hand : theme_role(in->theme, role);
    if (operand->slot == SLOT_CONSTANT) {
        draw_text(ui_list(in->ui), FONT_MONO, THEME_SIZE_LABEL, color, x, baseline, text);
        return;
    }
    if (ui_link(in->ui, id, x, baseline, FONT_MONO, THEME_SIZE_LABEL, color, text))
        operand_clicked(in, operand);
    ui_tip(in->ui, operand_words(in, operand));
}

static const char *operand_id(const Inspected *in, size_t term, int operand) {
    return arena_printf(in->arena, "inspector/term/%zu/%d", term, operand);
}

/* ---- the table ---- */

typedef struct {
    int label, column[2], bar; /* widths */
    int columns;
    bool term_value; /* the second column is the term's own value */
} Table;

/* Of flash attention: the key, what was there before, a number of d_head. NULL: it is none of these. */
static const char *tile_term(const Inspected *in, const Term *term) {
    const OpOperand *operand = &term->operand[0];
    int record = tile_record(in->node);
    if (in->node->op == OP_FLASH && term->n > 1)
        return axis_place(in, operand_ref(in, &term->operand[1]).index, 0,
                          term->operand[1].index[0]);
    if (record < 0 || operand->slot == SLOT_CONSTANT)
        return NULL;
    Ref ref = operand_ref(in, operand);
    const Node *node = ref.kind == REF_NODE ? &in->trace->graph.node[ref.index] : NULL;
    if (record == TILE_SCORES)
        return node ? arena_printf(in->arena, "%zu", operand->index[2]) : NULL;
    if (record != TILE_MAX && record != TILE_SUM && record != TILE_ACC)
        return NULL;
    bool key = node->axis[node->rank - 1] == AXIS_KEY;
    return key ? axis_place(in, ref.index, 1, operand->index[1]) : word(WORD_SO_FAR);
}

static const char *term_label(const Inspected *in, const Term *term, size_t number) {
    const OpOperand *operand = &term->operand[0];
    const char *tile = tile_term(in, term);
    if (tile)
        return tile;
    if (operand->slot == SLOT_CONSTANT)
        return word_name(operand->name);
    if (term->form == FORM_VALUE && in->first.form != FORM_VALUE)
        return word(WORD_BIAS);
    Ref ref = operand_ref(in, operand);
    if (ref.kind != REF_NODE)
        return arena_printf(in->arena, "%zu", number);
    const Node *node = &in->trace->graph.node[ref.index];
    int last = node->rank - 1;
    Axis axis = node->axis[last];
    if (in->node->op == OP_MEAN_ROWS)
        return axis_place(in, ref.index, 0, operand->index[0]);
    if (axis_is_position(axis) || axis == AXIS_VOCAB || axis == AXIS_LABEL)
        return axis_place(in, ref.index, last, operand->index[last]);
    if (axis == AXIS_EXPERT)
        return arena_printf(in->arena, "%zu", operand->index[last]);
    if (axis == AXIS_D_HEAD && operand->rank == 3 && in->node->rank == 2)
        return arena_printf(in->arena, "h%zu d%zu", operand->index[1], operand->index[2]);
    return arena_printf(in->arena, "%zu", number);
}

/* The same in a sentence. */
const char *term_words(const Inspected *in, const Term *term) {
    const OpOperand *operand = &term->operand[0];
    const char *tile = tile_term(in, term);
    if (tile)
        return tile;
    if (operand->slot == SLOT_CONSTANT)
        return word_name(operand->name);
    if (term->form == FORM_VALUE && in->first.form != FORM_VALUE)
        return word(WORD_THE_BIAS);
    Ref ref = operand_ref(in, operand);
    const char *number = arena_printf(in->arena, "%zu", operand->index[operand->rank - 1]);
    if (ref.kind != REF_NODE)
        return number;
    const Node *node = &in->trace->graph.node[ref.index];
    int last = node->rank - 1;
    Axis axis = node->axis[last];
    if (in->node->op == OP_MEAN_ROWS)
        return axis_place(in, ref.index, 0, operand->index[0]);
    if (axis_is_position(axis) || axis == AXIS_VOCAB || axis == AXIS_LABEL)
        return axis_place(in, ref.index, last, operand->index[last]);
    if (axis == AXIS_D_HEAD && operand->rank == 3 && in->node->rank == 2)
        return arena_printf(in->arena, "%s %zu, %s %s", word_axis(AXIS_HEAD), operand->index[1],
                            word_axis(axis), number);
    return arena_printf(in->arena, "%s %s", word_axis(axis), number);
}

static int number_width(const Inspected *in, double largest, int decimals) {
    const char *text = text_number(in->arena, -largest, decimals);
    return (int)ceilf(text_width(ui_measure(in->ui), FONT_MONO, THEME_SIZE_LABEL, text)) + 4;
}

static Table table_of(const Inspected *in, int width) {
    Table table = {.columns = in->first.n > 1 && (in->first.form == FORM_PRODUCT ||
                                                  in->first.operand[1].selects)
                                  ? 2
                                  : 1};
    table.term_value = table.columns == 1 && in->first.form != FORM_VALUE;
    const char *label = term_label(in, &in->first, in->explanation.terms);
    bool words = label[0] && !(label[0] >= '0' && label[0] <= '9');
    if (label[0] == 'h' && in->node->op == OP_LINEAR)
        label = "h00 d000";
    else if (words || !label[0])
        label = "mmmmmmmm";
    int needed = (int)ceilf(text_width(ui_measure(in->ui), FONT_MONO, THEME_SIZE_SMALL, label)) + 6;
    table.label = needed > LABEL_MOST ? LABEL_MOST : needed < 28 ? 28 : needed;
    for (int i = 0; i < table.columns; i++)
        table.column[i] = number_width(in, in->operand_largest[i], operand_column_decimals(in, i)) +
                          12;
    if (table.term_value)
        table.column[1] = number_width(in, fmax(fabs(in->low), fabs(in->high)), in->term_decimals) +
                          10;
    table.bar = width - table.label - table.column[0] - table.column[1] - 10;
    return table;
}

static void term_bar(const Inspected *in, Rect rect, double value) {
    double span = in->high - in->low;
    if (rect.w < BAR_LEAST || !(span > 0) || !isfinite(value))
        return;
    int zero = rect.x + (int)lround(-in->low / span * rect.w);
    int end = zero + (int)lround(value / span * rect.w);
    Rect bar = {value < 0 ? end : zero, rect.y + 5, abs(end - zero), rect.h - 10};
    draw_round_rect(ui_list(in->ui), bar, bar.w > 4 ? 2 : 0,
                    value < 0 ? in->theme->negative : in->theme->positive);
    draw_rect(ui_list(in->ui), (Rect){zero, rect.y, 1, rect.h}, in->theme->line);
}

static bool is_chosen(const Inspected *in, size_t number) {
    return in->explanation.rule == RULE_SHARE && number == in->explanation.chosen;
}

static void table_line(const Inspected *in, Rect line, const Table *table, const Term *term,
                       size_t number) {
    bool chosen = is_chosen(in, number);
    if (chosen)
        draw_round_rect(ui_list(in->ui), (Rect){line.x - 4, line.y, line.w + 4, line.h}, 3,
                        in->theme->hover);
    ui_label(in->ui, rect_cut_left(&line, table->label), UI_ALIGN_LEFT, FONT_MONO, THEME_SIZE_SMALL,
             chosen ? in->theme->hand : in->theme->secondary, term_label(in, term, number));
    for (int i = 0; i < table->columns && i < term->n; i++) {
        int right = line.x + table->column[0] + (i ? table->column[1] : 0);
        operand_link(in, &term->operand[i], operand_id(in, number, i), right, line.y, i);
        if (i == 0 && table->columns == 2 && term->form == FORM_PRODUCT)
            ui_label(in->ui, (Rect){right, line.y, 14, line.h}, UI_ALIGN_CENTER, FONT_MONO,
                     THEME_SIZE_SMALL, in->theme->faint, "×");
    }
    rect_cut_left(&line, table->column[0]);
    if (table->term_value)
        ui_label(in->ui, (Rect){line.x, line.y, table->column[1], line.h}, UI_ALIGN_RIGHT,
                 FONT_MONO, THEME_SIZE_LABEL, in->theme->text, term_number(in, term));
    rect_cut_left(&line, table->column[1] + 10);
    bool chooses = term->n > 1 && term->operand[1].selects; /* its value is an id: no length */
    if (!chooses)
        term_bar(in, line, term->value);
}

/* Only the lines in view are asked for. */
static void table_lines(Pen *pen) {
    Inspected *in = pen->inspected;
    size_t terms = in->explanation.terms;
    int above = pen->visible.y - pen->y, below = pen->visible.y + pen->visible.h - pen->y;
    size_t first = above > 0 ? (size_t)above / LINE : 0;
    size_t end = below > 0 ? (size_t)below / LINE + 1 : 0;
    end = end > terms ? terms : end;
    if (!pen->draw || first >= end)
        return;
    Table table = table_of(in, pen->w);
    Term *shown = ARENA_NEW_N(in->arena, Term, end - first);
    inspected_terms(in, first, end - first, shown);
    for (size_t i = first; i < end; i++)
        table_line(in, (Rect){pen->x, pen->y + (int)i * LINE, pen->w, LINE}, &table,
                   &shown[i - first], in->order ? in->order[i] : i);
}

/* ---- the list ---- */

static const char *named_operand(const Inspected *in, const OpOperand *operand) {
    const char *symbol = operand_symbol(in, operand), *words = operand_words(in, operand);
    if (!symbol[0] || strncmp(symbol, words, strlen(symbol)) == 0)
        return words;
    return arena_printf(in->arena, "%s  %s", symbol, words);
}

static void list_operand(Pen *pen, const Term *term, size_t number, int i, int indent) {
    const Inspected *in = pen->inspected;
    const OpOperand *operand = &term->operand[i];
    if (pen_sees(pen, LINE)) {
        Rect line = {pen->x + indent, pen->y, pen->w - indent, LINE};
        const char *value = operand_number(in, operand, i);
        int width = (int)ceilf(text_width(ui_measure(in->ui), FONT_MONO, THEME_SIZE_LABEL, value));
        operand_link(in, operand, operand_id(in, number, i), line.x + line.w, line.y, i);
        line.w -= width + 10;
        ui_label(in->ui, line, UI_ALIGN_LEFT, FONT_UI, THEME_SIZE_LABEL,
                 operand_role(in, operand) == ROLE_NONE
                     ? in->theme->secondary
                     : theme_role(in->theme, operand_role(in, operand)),
                 named_operand(in, operand));
    }
    pen_space(pen, LINE);
}

/* One of several: how it is put together and what that makes, and below it its operands. */
static void list_term(Pen *pen, const Term *term, size_t number) {
    Inspected *in = pen->inspected;
    bool composed = term->n > 1 || term->form != FORM_VALUE;
    if (composed)
        pen_pair(pen, form_words(in, term), term_number(in, term), in->theme->text);
    for (int i = 0; i < term->n; i++)
        list_operand(pen, term, number, i, composed ? INDENT : 0);
    if (pen_sees(pen, LINE))
        term_bar(in, (Rect){pen->x, pen->y, pen->w, LINE - 4}, term->value);
    pen_space(pen, LINE + 4);
}

static void list_lines(Pen *pen) {
    Inspected *in = pen->inspected;
    size_t terms = in->explanation.terms;
    Term *shown = ARENA_NEW_N(in->arena, Term, terms);
    inspected_terms(in, 0, terms, shown);
    for (size_t i = 0; i < terms && terms > 1; i++)
        list_term(pen, &shown[i], in->order ? in->order[i] : i);
    for (int k = 0; terms == 1 && k < shown[0].n; k++)
        list_operand(pen, &shown[0], 0, k, 0);
}

/* ---- the section ---- */

/* "in order", a link that changes to "by size". */
static void order_switch(Pen *pen) {
    const Inspected *in = pen->inspected;
    const TextMeasure *measure = ui_measure(in->ui);
    const char *text = word(in->order ? WORD_BY_SIZE : WORD_IN_ORDER);
    float width = text_width(measure, FONT_UI, THEME_SIZE_SMALL, text);
    float baseline = text_baseline(measure, FONT_UI, THEME_SIZE_SMALL, (float)pen->y - 20, 16);
    if (ui_link(in->ui, "inspector/order", (float)(pen->x + pen->w) - width, baseline, FONT_UI,
                THEME_SIZE_SMALL, in->theme->secondary, text))
        intent_emit(in->in->out, INTENT_TERMS);
    ui_tip(in->ui, word(WORD_TIP_ORDER));
}

static const char *terms_heading(const Inspected *in) {
    if (in->explanation.terms == 1)
        return word(WORD_MADE_FROM);
    return WORD_WITH(in->arena, WORD_TERMS, text_count(in->arena, (int64_t)in->explanation.terms));
}

/* "(a − b)² ÷ c" and the operands that are the same in each term. */
static void common_operands(Pen *pen) {
    const Inspected *in = pen->inspected;
    if (in->first.form == FORM_PRODUCT || in->first.form == FORM_VALUE)
        return;
    pen_text(pen, FONT_UI, THEME_SIZE_SMALL, in->theme->faint,
             WORD_WITH(in->arena, WORD_EACH_TERM, form_words(in, &in->first)));
    for (int i = 1; i < in->first.n; i++)
        list_operand(pen, &in->first, 0, i, 0);
    pen_space(pen, 4);
}

bool inspector_has_table(const Inspected *in) {
    return in->complete && in->explanation.terms > LISTED_MOST;
}

void inspector_terms_head(Pen *pen) {
    pen_heading(pen, terms_heading(pen->inspected));
    if (!inspector_has_table(pen->inspected))
        return;
    if (pen->draw)
        order_switch(pen);
    common_operands(pen);
}

void inspector_terms(Pen *pen) {
    if (!inspector_has_table(pen->inspected)) {
        list_lines(pen);
        return;
    }
    table_lines(pen);
    pen_space(pen, (int)pen->inspected->explanation.terms * LINE);
}

int inspector_terms_place(const Inspected *in, int *height) {
    size_t place = in->explanation.chosen, terms = in->explanation.terms;
    *height = (int)terms * LINE;
    if (in->explanation.rule != RULE_SHARE && in->explanation.rule != RULE_RANK)
        return -1;
    for (size_t i = 0; in->order && i < terms; i++)
        if (in->order[i] == in->explanation.chosen)
            place = i;
    return (int)place * LINE;
}

/* ---- what they come to ---- */

static void total_line(Pen *pen, const char *name, const char *value, bool hand) {
    pen_pair(pen, name, value, hand ? pen->inspected->theme->hand : pen->inspected->theme->text);
}

static void share_total(Pen *pen, const char *value) {
    Inspected *in = pen->inspected;
    const Explanation *made = &in->explanation;
    Term chosen = inspected_term(in, made->chosen);
    SumText text = sum_text(in);
    total_line(pen,
               WORD_WITH(in->arena, WORD_TOTAL_CHOSEN, form_words(in, &chosen),
                         term_label(in, &chosen, made->chosen)),
               text.chosen, false);
    total_line(pen,
               WORD_WITH(in->arena, WORD_TOTAL_SUM, text_count(in->arena, (int64_t)made->terms)),
               text.sum, false);
    total_line(pen, word(WORD_TOTAL_SHARE), value, true);
}

static const char *sum_words(const Inspected *in) {
    const char *count = text_count(in->arena, (int64_t)in->explanation.terms);
    bool tile_bias = tile_record(in->node) == TILE_SCORES &&
                     in->call.param.flash.bias != POS_BIAS_NONE;
    if ((in->node->op == OP_LINEAR && in->node->n_in > 2) || tile_bias)
        return WORD_WITH(in->arena, WORD_TOTAL_BIASED,
                         text_count(in->arena, (int64_t)in->explanation.terms - 1));
    bool products = in->first.form == FORM_PRODUCT && tile_record(in->node) != TILE_SUM;
    return WORD_WITH(in->arena, products ? WORD_TOTAL_PRODUCTS : WORD_TOTAL_TERMS, count);
}

void inspector_total(Pen *pen) {
    Inspected *in = pen->inspected;
    const char *value = cell_number(in, in->node, in->value);
    if (in->explanation.rule == RULE_SUM && in->explanation.terms == 1 && !in->asked)
        return; /* said above */
    if (pen_sees(pen, 8))
        draw_rect(ui_list(in->ui), (Rect){pen->x, pen->y + 4, pen->w, 1}, in->theme->line);
    pen_space(pen, 8);
    if (in->asked) {
        pen_text(pen, FONT_UI, THEME_SIZE_TEXT, in->theme->text, word(WORD_ASKED_TOTAL));
        return;
    }
    switch (in->explanation.rule) {
    case RULE_SHARE: share_total(pen, value); return;
    case RULE_MEAN:
        total_line(pen, word(WORD_TOTAL_ADDED), sum_text(in).sum, false);
        total_line(pen,
                   WORD_WITH(in->arena, WORD_TOTAL_MEAN,
                             text_count(in->arena, (int64_t)in->explanation.terms)),
                   value, true);
        return;
    case RULE_ROOT:
        total_line(pen, word(WORD_TOTAL_ADDED), sum_text(in).sum, false);
        total_line(pen, word(WORD_TOTAL_ROOT), value, true);
        return;
    case RULE_SUM: total_line(pen, sum_words(in), value, true); return;
    case RULE_REACH:
    case RULE_DRAW:
        total_line(pen, word(WORD_THRESHOLD), text_number(in->arena, in->explanation.threshold, 4),
                   false);
        total_line(pen, word_name(rule_text(in->explanation.rule)), value, true);
        return;
    default: total_line(pen, word_name(rule_text(in->explanation.rule)), value, true); return;
    }
}
