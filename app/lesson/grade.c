/* Grading: what is right, and how far from it an answer may be. */
#include "app/lesson/grade.h"
#include "app/lesson/play_part.h"
#include "app/lesson/shown.h"

#include "app/ui/text.h"

#include <math.h>
#include <string.h>

/* ---- How far the shown numbers lead astray ------------------------------------------------------ */

typedef struct {
    bool any;
    int node;
    size_t head;
    double half; /* unit of the last digit */
} Digits;

typedef struct {
    const Trace *trace;
    int node;
    Digits known[OP_INPUTS + 1];
    Explanation explanation;
    double error_sum; /* of all terms together, at worst */
    double chosen, chosen_error;
    double sum;       /* of the terms */
    double largest;   /* the largest error of one term */
    double term_size; /* the largest term's magnitude */
} Doubt;

static double half_unit(int decimals) {
    return decimals < 0 ? 0 : 0.5 * pow(10, -decimals);
}

static size_t head_of(const Node *node, const size_t *index) {
    int axis = node_heads_axis(node);
    return axis < 0 ? 0 : index[axis];
}

/* Operands of one record follow each other, and its digits take a look at all of it. */
static double record_doubt(Doubt *doubt, const OpOperand *operand, const OperandName *name) {
    size_t head = head_of(&doubt->trace->graph.node[name->node], name->index);
    Digits *known = &doubt->known[operand->slot < 0 ? OP_INPUTS : operand->slot];
    if (!known->any || known->node != name->node || known->head != head)
        *known = (Digits){true, name->node, head,
                          half_unit(shown_decimals(doubt->trace, name->node, name->index))};
    return known->half;
}

/* Half a unit of the last digit that the window shows of it. */
static double operand_doubt(Doubt *doubt, const OpOperand *operand) {
    OperandName name;
    trace_operand(doubt->trace, doubt->node, operand, &name);
    if (name.kind == OPERAND_RECORD)
        return record_doubt(doubt, operand, &name);
    bool whole = operand->value == floor(operand->value);
    if (name.kind == OPERAND_CONSTANT && (whole || !isfinite(operand->value)))
        return 0;
    return half_unit(text_decimals(operand->value));
}

/* The largest change of the term when each operand is moved by its half unit, in each direction. */
static double term_doubt(Doubt *doubt, const Term *term) {
    double off[TERM_OPERANDS], worst = 0;
    for (int i = 0; i < term->n; i++)
        off[i] = operand_doubt(doubt, &term->operand[i]);
    for (unsigned corner = 0; corner < 1U << term->n; corner++) {
        Term moved = *term;
        for (int i = 0; i < term->n; i++)
            moved.operand[i].value += corner >> i & 1 ? off[i] : -off[i];
        double error = fabs(term_value(moved.form, moved.operand, moved.n) - term->value);
        worst = isfinite(error) && error > worst ? error : worst;
    }
    return worst;
}

static void doubt_term(void *user, size_t number, const Term *term) {
    Doubt *doubt = user;
    double error = term_doubt(doubt, term);
    if (!isfinite(term->value))
        return;
    doubt->error_sum += error;
    doubt->sum += term->value;
    doubt->largest = fmax(doubt->largest, error);
    doubt->term_size = fmax(doubt->term_size, fabs(term->value));
    if (number == doubt->explanation.chosen) {
        doubt->chosen = term->value;
        doubt->chosen_error = error;
    }
}

/* A share is largest where its own term is large and all the others are small. */
static double share_doubt(const Doubt *doubt) {
    double rest = doubt->sum - doubt->chosen, rest_error = doubt->error_sum - doubt->chosen_error;
    double value = doubt->chosen / doubt->sum;
    double high = doubt->chosen + doubt->chosen_error, low = doubt->chosen - doubt->chosen_error;
    double over = high / (high + fmax(rest - rest_error, 0)) - value;
    double under = value - fmax(low, 0) / (fmax(low, 0) + rest + rest_error);
    return fmax(over, under);
}

static double root_doubt(const Doubt *doubt) {
    double value = sqrt(doubt->sum);
    return fmax(sqrt(doubt->sum + doubt->error_sum) - value,
                value - sqrt(fmax(doubt->sum - doubt->error_sum, 0)));
}

/* Of what is no arithmetic (a rank, the place of the largest) rounding changes nothing that a learner
 * could be right with. */
static double combined_doubt(const Doubt *doubt) {
    switch (doubt->explanation.rule) {
    case RULE_SUM: return doubt->error_sum;
    case RULE_MEAN: return doubt->error_sum / (double)doubt->explanation.terms;
    case RULE_ROOT: return root_doubt(doubt);
    case RULE_SHARE: return share_doubt(doubt);
    case RULE_MAX: return doubt->largest;
    default: return 0;
    }
}

typedef struct {
    int decimals;
    Combiner combiner;
} Adding;

static void add_shown(void *user, size_t number, const Term *term) {
    Adding *adding = user;
    Term shown = *term;
    (void)number;
    shown.value = shown_number(term->value, adding->decimals);
    combine_term(&adding->combiner, &shown);
}

/* Where the products are added as they are shown. */
static double terms_doubt(const Doubt *doubt, const size_t *index) {
    enum { SHARE_DECIMALS = 4 };
    bool share = doubt->explanation.rule == RULE_SHARE;
    Adding adding = {.decimals = share ? SHARE_DECIMALS : text_decimals(doubt->term_size)};
    Explanation head;
    combine_start(&adding.combiner, &doubt->explanation);
    trace_explain(doubt->trace, doubt->node, index, add_shown, &adding, &head, NULL);
    double error = fabs(combine_end(&adding.combiner) - doubt->explanation.recomputed);
    return isfinite(error) ? error : 0;
}

double grade_doubt(const Trace *trace, int node, const size_t *index) {
    Doubt doubt = {.trace = trace, .node = graph_owner(&trace->graph, node)};
    Explanation again;
    if (!trace_explain(trace, doubt.node, index, NULL, NULL, &doubt.explanation, NULL) ||
        !trace_explain(trace, doubt.node, index, doubt_term, &doubt, &again, NULL))
        return 0;
    double worst = fmax(combined_doubt(&doubt), terms_doubt(&doubt, index));
    double float_error = fabs(doubt.explanation.recomputed - trace_get(trace, doubt.node, index));
    return isfinite(worst + float_error) ? worst + float_error : 0;
}

/* ---- Fill --------------------------------------------------------------------------------------- */

static bool shown_differs(const Expr *value, ExprScope scope, double exact, double *by, Err *err) {
    double shown;
    scope.as_shown = true;
    if (!expr_number(value, &scope, &shown, err))
        return false;
    *by = isfinite(shown - exact) ? fabs(shown - exact) : 0;
    return true;
}

bool grade_expected(Play *play, const LessonCheck *check, Expected *expected, Err *err) {
    ExprScope scope = play_scope(play, SHOW_ALL);
    const Expr *value = play_resolve(play, check->value);
    CellRange cell;
    Err none;
    double doubt = 0;
    if (!expr_number(value, &scope, &expected->value, err))
        return false;
    if (expr_is_cells(value) && expr_cells(value, &scope, &cell, &none))
        doubt = grade_doubt(play->trace, cell.node, cell.from);
    else if (!shown_differs(value, scope, expected->value, &doubt, err))
        return false;
    double half = half_unit(check->digits) / (check->percent ? 100 : 1);
    /* What is exactly half a unit away is right, too. */
    expected->tolerance = (half + doubt) * (1 + 1e-9) + 1e-12;
    return true;
}

static bool is_near(const Expected *expected, double given) {
    if (isnan(expected->value) || isinf(expected->value))
        return isnan(expected->value) ? isnan(given) : given == expected->value;
    return fabs(given - expected->value) <= expected->tolerance;
}

static bool grade_fill(Play *play, const LessonCheck *check, const Answer *answer, bool *right,
                       Err *err) {
    Expected expected;
    if (!grade_expected(play, check, &expected, err))
        return false;
    *right = is_near(&expected, check->percent ? answer->number / 100 : answer->number);
    return true;
}

/* ---- Choose, order, make ------------------------------------------------------------------------ */

bool grade_option(Play *play, const LessonOption *option, bool *right, Err *err) {
    ExprScope scope = play_scope(play, SHOW_ALL);
    return expr_true(option->when, &scope, right, err);
}

bool grade_stages(Play *play, const LessonCheck *check, size_t *order, Err *err) {
    for (size_t i = 0; i < check->stage_count; i++) {
        int node = trace_find(play->trace, check->stage[i]);
        if (node < 0)
            return err_set(err, "there is no record %s in this run", check->stage[i]);
        size_t at = i;
        for (; at > 0 && trace_find(play->trace, check->stage[order[at - 1]]) > node; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    return true;
}

static bool grade_order(Play *play, size_t at, const Answer *answer, bool *right, Err *err) {
    const LessonCheck *check = &play_scene_now(play)->check[at];
    size_t *computed = ARENA_NEW_N(&play->arena, size_t, check->stage_count);
    const size_t *shown = play_order(play, at, check->stage_count, &play->arena);
    if (!grade_stages(play, check, computed, err))
        return false;
    *right = true;
    for (size_t i = 0; i < check->stage_count; i++)
        *right = *right && shown[answer->order[i]] == computed[i];
    return true;
}

bool grade_answer(Play *play, size_t at, const Answer *answer, bool *right, Err *err) {
    const LessonCheck *check = &play_scene_now(play)->check[at];
    ExprScope scope = play_scope(play, SHOW_ALL);
    if (!play_has_trace(play, err))
        return false;
    switch (check->kind) {
    case CHECK_FILL: return grade_fill(play, check, answer, right, err);
    case CHECK_CHOOSE: {
        const size_t *shown = play_order(play, at, check->option_count, &play->arena);
        return grade_option(play, &check->option[shown[answer->item]], right, err);
    }
    case CHECK_POINT: return grade_point(play, check, answer, right, err);
    case CHECK_ORDER: return grade_order(play, at, answer, right, err);
    case CHECK_MAKE: return expr_true(check->when, &scope, right, err);
    }
    return false;
}
