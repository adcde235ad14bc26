/* The terms of a cell: as a table where there are many, as a list of named operands where there are
 * few; and what they come to. */
#include "app/views/inspector_part.h"

#include <math.h>
#include <stdlib.h>

enum { LINE = 20, LABEL_MOST = 76, BAR_LEAST = 24, LISTED_MOST = 3 };

/* ---- digits ---- */

/* Decimals of an operand's column. What is rounded there is multiplied by the other operand and
 * summed over n terms: as many digits as it takes, at three standard deviations, for the products
 * of the numbers shown to add up to the value shown. */
static int operand_decimals(const Inspected *in, int column) {
    double others = 1;
    if (in->first.form == FORM_PRODUCT && in->first.n > 1)
        others = in->operand_largest[column == 0 ? 1 : 0];
    int value = text_decimals(fabs(in->value));
    double spread = 0.29 * 3 * sqrt((double)in->explanation.terms) * fmax(others, 1e-6);
    int wanted = value + (int)ceil(log10(spread / 0.5));
    int least = text_decimals(in->operand_largest[column]);
    int most = least + 2;
    return wanted < least ? least : wanted > most ? most : wanted;
}

static bool is_whole(double value) {
    return isfinite(value) && value == floor(value) && fabs(value) < 1e9;
}

static const char *operand_number(const Inspected *in, const OpOperand *operand, int column) {
    if (operand->slot >= 0 && in->call.in[operand->slot].type == DTYPE_I32)
        return text_count(in->arena, (int64_t)operand->value);
    if (operand->slot < 0 && is_whole(operand->value))
        return text_count(in->arena, (int64_t)operand->value);
    if (operand->slot < 0)
        return operand->value != 0 && fabs(operand->value) < 1e-3
                   ? arena_printf(in->arena, "%.0e", operand->value)
                   : text_number(in->arena, operand->value, 3);
    return text_number(in->arena, operand->value, operand_decimals(in, column));
}

/* ---- one operand ---- */

static void operand_clicked(const Inspected *in, const OpOperand *operand) {
    OperandName name;
    trace_operand(in->trace, in->node_index, operand, &name);
    if (name.kind == OPERAND_RECORD)
        intent_cell(in->in->out, INTENT_GO_CELL, name.node, name.index);
}

/* Ends at `right`. Constants are no links. */
static void operand_link(const Inspected *in, const OpOperand *operand, const char *id, int right,
                         int y, int column) {
    const TextMeasure *measure = ui_measure(in->ui);
    const char *text = operand_number(in, operand, column);
    float x = (float)right - text_width(measure, FONT_MONO, THEME_SIZE_LABEL, text);
    float baseline = text_baseline(measure, FONT_MONO, THEME_SIZE_LABEL, (float)y, LINE);
    Role role = operand_role(in, operand);
    Color color = theme_role(in->theme, role);
    if (operand->slot < 0) {
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

static const char *term_label(const Inspected *in, const Term *term, size_t number) {
    const OpOperand *operand = &term->operand[0];
    if (operand->slot < 0)
        return operand->name;
    if (term->form == FORM_VALUE && in->first.form != FORM_VALUE)
        return word(WORD_BIAS);
    Ref ref = in->node->in[operand->slot];
    if (ref.kind != REF_NODE)
        return arena_printf(in->arena, "%zu", number);
    const Node *node = &in->trace->graph.node[ref.index];
    Axis axis = node->axis[node->rank - 1];
    if (axis_is_position(axis) || axis == AXIS_VOCAB)
        return axis_place(in, axis, operand->index[node->rank - 1]);
    if (axis == AXIS_D_HEAD && operand->rank == 3 && in->node->rank == 2)
        return arena_printf(in->arena, "%zu, %zu", operand->index[1], operand->index[2]);
    return arena_printf(in->arena, "%zu", number);
}

static int number_width(const Inspected *in, double largest, int decimals) {
    const char *text = text_number(in->arena, -largest, decimals);
    return (int)ceilf(text_width(ui_measure(in->ui), FONT_MONO, THEME_SIZE_LABEL, text)) + 4;
}

static int term_decimals(const Inspected *in) {
    return text_decimals(fmax(fabs(in->low), fabs(in->high)));
}

static Table table_of(const Inspected *in, int width) {
    Table table = {.columns = in->first.n > 1 && (in->first.form == FORM_PRODUCT ||
                                                  in->first.operand[1].selects)
                                  ? 2
                                  : 1};
    table.term_value = table.columns == 1 && in->first.form != FORM_VALUE;
    const char *label = term_label(in, &in->first, in->explanation.terms);
    bool words = in->first.operand[0].slot >= 0 && label[0] > '9';
    label = words || !label[0] ? "mmmmmmmm" : label;
    int needed = (int)ceilf(text_width(ui_measure(in->ui), FONT_MONO, THEME_SIZE_SMALL, label)) + 6;
    table.label = needed > LABEL_MOST ? LABEL_MOST : needed < 28 ? 28 : needed;
    for (int i = 0; i < table.columns; i++)
        table.column[i] = number_width(in, in->operand_largest[i], operand_decimals(in, i)) + 12;
    if (table.term_value)
        table.column[1] = number_width(in, fmax(fabs(in->low), fabs(in->high)), term_decimals(in)) +
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
                 FONT_MONO, THEME_SIZE_LABEL, in->theme->text,
                 text_number(in->arena, term->value, term_decimals(in)));
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

static void list_operand(Pen *pen, const Term *term, size_t number, int i) {
    const Inspected *in = pen->inspected;
    const OpOperand *operand = &term->operand[i];
    if (pen_sees(pen, LINE)) {
        Rect line = {pen->x, pen->y, pen->w, LINE};
        const char *value = operand_number(in, operand, i);
        int width = (int)ceilf(text_width(ui_measure(in->ui), FONT_MONO, THEME_SIZE_LABEL, value));
        operand_link(in, operand, operand_id(in, number, i), line.x + line.w, line.y, i);
        line.w -= width + 10;
        ui_label(in->ui, line, UI_ALIGN_LEFT, FONT_UI, THEME_SIZE_LABEL,
                 operand_role(in, operand) == ROLE_NONE
                     ? in->theme->secondary
                     : theme_role(in->theme, operand_role(in, operand)),
                 operand_words(in, operand));
    }
    pen_space(pen, LINE);
}

/* A term of several operands: how they are put together, and what that makes. */
static void list_term(Pen *pen, const Term *term) {
    Inspected *in = pen->inspected;
    if (term->n > 1 || term->form != FORM_VALUE)
        pen_pair(pen, form_text(term->form),
                 text_number(in->arena, term->value, text_decimals(fabs(term->value))),
                 in->theme->text);
    if (pen_sees(pen, LINE))
        term_bar(in, (Rect){pen->x, pen->y, pen->w, LINE - 4}, term->value);
    pen_space(pen, LINE);
}

static void list_lines(Pen *pen) {
    Inspected *in = pen->inspected;
    size_t terms = in->explanation.terms;
    Term *shown = ARENA_NEW_N(in->arena, Term, terms);
    inspected_terms(in, 0, terms, shown);
    for (size_t i = 0; i < terms; i++) {
        for (int k = 0; k < shown[i].n; k++)
            list_operand(pen, &shown[i], in->order ? in->order[i] : i, k);
        if (terms > 1)
            list_term(pen, &shown[i]);
    }
}

/* ---- the section ---- */

/* "in order", a link that changes to "by size". */
static void order_switch(Pen *pen) {
    const Inspected *in = pen->inspected;
    const TextMeasure *measure = ui_measure(in->ui);
    const char *text = word(in->in->state->terms_by_size ? WORD_BY_SIZE : WORD_IN_ORDER);
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
             WORD_WITH(in->arena, WORD_EACH_TERM, form_text(in->first.form)));
    for (int i = 1; i < in->first.n; i++)
        list_operand(pen, &in->first, 0, i);
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

/* ---- what they come to ---- */

static void total_line(Pen *pen, const char *name, const char *value, bool hand) {
    pen_pair(pen, name, value, hand ? pen->inspected->theme->hand : pen->inspected->theme->text);
}

static double sum_of_terms(const Inspected *in) {
    double sum = 0;
    for (size_t i = 0; i < in->explanation.terms; i++)
        sum += in->term[i];
    return sum;
}

static void share_total(Pen *pen, const char *value) {
    const Inspected *in = pen->inspected;
    const Explanation *made = &in->explanation;
    Term chosen;
    size_t place = made->chosen;
    for (size_t i = 0; in->order && i < made->terms; i++)
        place = in->order[i] == made->chosen ? i : place;
    inspected_terms(pen->inspected, place, 1, &chosen);
    total_line(pen, WORD_WITH(in->arena, WORD_TOTAL_CHOSEN, term_label(in, &chosen, made->chosen)),
               text_number(in->arena, chosen.value, 4), false);
    total_line(pen,
               WORD_WITH(in->arena, WORD_TOTAL_SUM, text_count(in->arena, (int64_t)made->terms)),
               text_number(in->arena, sum_of_terms(in), 4), false);
    total_line(pen, word(WORD_TOTAL_SHARE), value, true);
}

static const char *sum_words(const Inspected *in) {
    const char *count = text_count(in->arena, (int64_t)in->explanation.terms);
    if (in->explanation.terms == 1)
        return word(WORD_TOTAL_ONE);
    if (in->node->op == OP_LINEAR && in->node->n_in > 2)
        return WORD_WITH(in->arena, WORD_TOTAL_BIASED,
                         text_count(in->arena, (int64_t)in->explanation.terms - 1));
    return WORD_WITH(
        in->arena, in->first.form == FORM_PRODUCT ? WORD_TOTAL_PRODUCTS : WORD_TOTAL_TERMS, count);
}

void inspector_total(Pen *pen) {
    Inspected *in = pen->inspected;
    const char *value = cell_number(in, in->node, in->value);
    if (pen_sees(pen, 8))
        draw_rect(ui_list(in->ui), (Rect){pen->x, pen->y + 4, pen->w, 1}, in->theme->line);
    pen_space(pen, 8);
    switch (in->explanation.rule) {
    case RULE_SHARE: share_total(pen, value); return;
    case RULE_MEAN:
        total_line(pen, word(WORD_TOTAL_ADDED), text_number(in->arena, sum_of_terms(in), 4), false);
        total_line(pen,
                   WORD_WITH(in->arena, WORD_TOTAL_MEAN,
                             text_count(in->arena, (int64_t)in->explanation.terms)),
                   value, true);
        return;
    case RULE_ROOT:
        total_line(pen, word(WORD_TOTAL_ADDED), text_number(in->arena, sum_of_terms(in), 4), false);
        total_line(pen, word(WORD_TOTAL_ROOT), value, true);
        return;
    case RULE_SUM: total_line(pen, sum_words(in), value, true); return;
    case RULE_REACH:
    case RULE_DRAW:
        total_line(pen, word(WORD_THRESHOLD), text_number(in->arena, in->explanation.threshold, 4),
                   false);
        total_line(pen, rule_text(in->explanation.rule), value, true);
        return;
    default: total_line(pen, rule_text(in->explanation.rule), value, true); return;
    }
}
