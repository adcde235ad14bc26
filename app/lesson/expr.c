/* Evaluates an expression. */
#include "app/lesson/expr_node.h"
#include "app/lesson/roles.h"
#include "engine/base/near.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool eval_fail(Eval *eval, const Expr *expr, const char *format, ...) {
    char text[500];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return err_set(eval->err, "column %zu: %s", expr->column, text);
}

/* ---- values ---- */

bool eval_room(Eval *eval, const Expr *expr, int rank, const size_t *dim, ExprValue *value) {
    *value = (ExprValue){.rank = rank, .count = 1};
    for (int i = 0; i < rank; i++) {
        value->dim[i] = dim[i];
        if (!size_mul(value->count, dim[i], &value->count) || value->count > EXPR_CELLS)
            return eval_fail(eval, expr, "more than %d numbers at once", EXPR_CELLS);
    }
    eval->work += value->count;
    if (eval->work > EXPR_WORK)
        return eval_fail(eval, expr, "the expression takes too many numbers");
    value->value = arena_try(eval->arena, value->count * sizeof *value->value);
    return value->value || eval_fail(eval, expr, "no memory for %zu numbers", value->count);
}

bool eval_scalar(Eval *eval, const Expr *expr, double number, ExprValue *value) {
    if (!eval_room(eval, expr, 0, NULL, value))
        return false;
    *value->value = number;
    return true;
}

static bool as_whole(Eval *eval, const Expr *expr, const ExprValue *value, size_t most,
                     const char *what, size_t *whole) {
    double number = value->count == 1 ? *value->value : NAN;
    if (value->count != 1)
        return eval_fail(eval, expr, "%s is %zu numbers, expected one", what, value->count);
    if (!(number >= 0 && number <= (double)most && number == floor(number)))
        return eval_fail(eval, expr, "%s is %.6g, expected a whole number from 0 to %zu", what,
                         number, most);
    *whole = (size_t)number;
    return true;
}

bool eval_whole(Eval *eval, const Expr *expr, size_t most, const char *what, size_t *whole) {
    ExprValue value = {0};
    return eval_node(eval, expr, &value) && as_whole(eval, expr, &value, most, what, whole);
}

/* ---- names ---- */

enum { SIZE_COUNT = 7 };
static const char *const SIZES[SIZE_COUNT] = {"T",        "d_model", "d_head", "d_ff",
                                              "n_layers", "n_heads", "n_vocab"};

static int find_size(const char *name) { /* −1: no size is called so */
    int size = 0;
    while (size < SIZE_COUNT && strcmp(SIZES[size], name) != 0)
        size++;
    return size < SIZE_COUNT ? size : -1;
}

static bool eval_size(Eval *eval, const Expr *expr, int size, ExprValue *value) {
    const ExprRun *run = &eval->scope->main;
    if (!run->trace || !run->model)
        return eval_fail(eval, expr, "%s: there is no run", expr->name);
    const ModelConfig *c = &run->model->config;
    size_t sizes[SIZE_COUNT] = {run->trace->own.length,
                                c->d_model,
                                c->d_head,
                                c->d_ff,
                                c->n_layers,
                                c->n_heads,
                                c->n_vocab};
    return eval_scalar(eval, expr, (double)sizes[size], value);
}

static bool is_role(const ExprScope *scope, const char *name) {
    for (size_t i = 0; i < scope->role_count; i++)
        if (strcmp(scope->role[i].name, name) == 0)
            return true;
    return false;
}

static bool eval_role(Eval *eval, const Expr *expr, ExprValue *value) {
    const ExprScope *scope = eval->scope;
    size_t position;
    if (role_find(scope->role, scope->role_count, expr->name, &scope->main, &position, eval->err))
        return eval_scalar(eval, expr, (double)position, value);
    if (scope->no_role)
        scope->no_role(scope->user, expr->name, eval->err);
    return false;
}

static bool eval_let(Eval *eval, const Expr *expr, const Expr *of, ExprValue *value) {
    if (eval->depth == EXPR_LETS)
        return eval_fail(eval, expr, "%s stands for itself, or for too long a chain of names",
                         expr->name);
    eval->depth++;
    bool done = eval_node(eval, of, value);
    eval->depth--;
    return done;
}

static bool unknown_name(Eval *eval, const Expr *expr) {
    const ExprScope *scope = eval->scope;
    size_t count = SIZE_COUNT;
    const char **names = ARENA_NEW_N(eval->arena, const char *,
                                     count + scope->bound_count + scope->let_count +
                                         scope->role_count);
    memcpy(names, SIZES, sizeof SIZES);
    for (size_t i = 0; i < scope->bound_count; i++)
        names[count++] = scope->bound[i].name;
    for (size_t i = 0; i < scope->let_count; i++)
        names[count++] = scope->let[i].name;
    for (size_t i = 0; i < scope->role_count; i++)
        names[count++] = scope->role[i].name;
    Buf near = {0};
    if (near_names(expr->name, names, count, 1, &near))
        eval_fail(eval, expr, "there is no %.60s; did you mean %s?", expr->name, near.bytes);
    else
        eval_fail(eval, expr, "there is no %.60s: no role, no let, no size is called so",
                  expr->name);
    buf_free(&near);
    return false;
}

static bool eval_name(Eval *eval, const Expr *expr, ExprValue *value) {
    const ExprScope *scope = eval->scope;
    int size = find_size(expr->name);
    for (size_t i = scope->bound_count; i-- > 0;)
        if (strcmp(scope->bound[i].name, expr->name) == 0)
            return eval_scalar(eval, expr, scope->bound[i].value, value);
    for (size_t i = scope->let_count; i-- > 0;)
        if (strcmp(scope->let[i].name, expr->name) == 0)
            return eval_let(eval, expr, scope->let[i].value, value);
    if (is_role(scope, expr->name))
        return eval_role(eval, expr, value);
    return size >= 0 ? eval_size(eval, expr, size, value) : unknown_name(eval, expr);
}

/* ---- signs ---- */

static double work_out(ExprSign sign, double a, double b) {
    switch (sign) {
    case SIGN_ADD: return a + b;
    case SIGN_SUB: return a - b;
    case SIGN_MUL: return a * b;
    case SIGN_DIV: return a / b;
    case SIGN_POWER: return pow(a, b);
    case SIGN_LESS: return a < b;
    case SIGN_LESS_SAME: return a <= b;
    case SIGN_MORE: return a > b;
    case SIGN_MORE_SAME: return a >= b;
    case SIGN_SAME: return a == b;
    case SIGN_OTHER: return a != b;
    case SIGN_AND: return number_is_true(a) && number_is_true(b);
    case SIGN_OR: return number_is_true(a) || number_is_true(b);
    case SIGN_NOT:
    case SIGN_MINUS: break;
    }
    return NAN;
}

static bool eval_stage(Eval *eval, const Expr *expr, ExprValue *value) {
    const Expr *text = expr->arg[0]->kind == EX_TEXT ? expr->arg[0] : expr->arg[1];
    if (!eval->scope->stage)
        return eval_fail(eval, expr, "there is no stage here: it is for checks that point at one");
    bool same = strcmp(text->name, eval->scope->stage) == 0;
    return eval_scalar(eval, expr, same == (expr->sign == SIGN_SAME), value);
}

/* "and" of a false number, "or" of a true one: the rest need not be there. */
static bool is_settled(const Expr *expr, const ExprValue *left) {
    return left->rank == 0 && ((expr->sign == SIGN_AND && !number_is_true(*left->value)) ||
                               (expr->sign == SIGN_OR && number_is_true(*left->value)));
}

static bool eval_binary(Eval *eval, const Expr *expr, ExprValue *value) {
    ExprValue a = {0}, b = {0};
    if (expr->arg[0]->kind == EX_TEXT || expr->arg[0]->kind == EX_STAGE)
        return eval_stage(eval, expr, value);
    if (!eval_node(eval, expr->arg[0], &a))
        return false;
    if (is_settled(expr, &a))
        return eval_scalar(eval, expr, expr->sign == SIGN_OR, value);
    if (!eval_node(eval, expr->arg[1], &b))
        return false;
    if (a.rank && b.rank && a.count != b.count)
        return eval_fail(eval, expr, "%zu numbers against %zu: as many are expected", a.count,
                         b.count);
    const ExprValue *shape = a.rank ? &a : &b;
    if (!eval_room(eval, expr, shape->rank, shape->dim, value))
        return false;
    for (size_t i = 0; i < value->count; i++)
        value->value[i] = work_out(expr->sign, a.value[a.rank ? i : 0], b.value[b.rank ? i : 0]);
    return true;
}

static bool eval_unary(Eval *eval, const Expr *expr, ExprValue *value) {
    ExprValue of = {0};
    if (!eval_node(eval, expr->arg[0], &of) || !eval_room(eval, expr, of.rank, of.dim, value))
        return false;
    for (size_t i = 0; i < of.count; i++)
        value->value[i] = expr->sign == SIGN_NOT ? !number_is_true(of.value[i]) : -of.value[i];
    return true;
}

static bool eval_in(Eval *eval, const Expr *expr, ExprValue *value) {
    const ExprScope *outer = eval->scope;
    ExprScope scope = *outer;
    if (!outer->named)
        return eval_fail(eval, expr, "in(%s, …): there are no other runs here", expr->name);
    if (!outer->named(outer->user, expr->name, &scope.main, eval->err))
        return false;
    if (!scope.main.trace) {
        if (eval->err)
            eval->err->text[0] = '\0';
        return false;
    }
    eval->scope = &scope;
    bool done = eval_node(eval, expr->arg[0], value);
    eval->scope = outer;
    return done;
}

bool eval_node(Eval *eval, const Expr *expr, ExprValue *value) {
    if (++eval->nodes > EXPR_NODES)
        return eval_fail(eval, expr, "the expression takes too many steps");
    switch (expr->kind) {
    case EX_NUMBER: return eval_scalar(eval, expr, expr->number, value);
    case EX_NAME: return eval_name(eval, expr, value);
    case EX_RECORD: return eval_record(eval, expr, value);
    case EX_CALL: return eval_call(eval, expr, value);
    case EX_IN: return eval_in(eval, expr, value);
    case EX_UNARY: return eval_unary(eval, expr, value);
    case EX_BINARY: return eval_binary(eval, expr, value);
    case EX_TEXT:
    case EX_STAGE: break;
    }
    return eval_fail(eval, expr, "a text is no number");
}

/* ---- from outside ---- */

bool expr_can_name(const char *name) {
    Arena arena = {0};
    Expr *expr = expr_parse(&arena, name, strlen(name), NULL);
    bool can = expr && expr->kind == EX_NAME && strcmp(expr->name, name) == 0 &&
               find_size(name) < 0;
    arena_free(&arena);
    return can;
}

const char *expr_text(const Expr *expr) {
    return expr->source;
}

bool expr_eval(const Expr *expr, const ExprScope *scope, Arena *arena, ExprValue *value, Err *err) {
    Eval eval = {.scope = scope, .arena = arena, .err = err};
    return eval_node(&eval, expr, value);
}

bool expr_number(const Expr *expr, const ExprScope *scope, double *value, Err *err) {
    Arena arena = {0};
    Eval eval = {.scope = scope, .arena = &arena, .err = err};
    ExprValue found = {0};
    bool done = eval_node(&eval, expr, &found) &&
                (found.count == 1 ||
                 eval_fail(&eval, expr, "these are %zu numbers, expected one", found.count));
    if (done)
        *value = *found.value;
    arena_free(&arena);
    return done;
}

bool expr_true(const Expr *expr, const ExprScope *scope, bool *value, Err *err) {
    double number;
    if (!expr_number(expr, scope, &number, err))
        return false;
    *value = number_is_true(number);
    return true;
}

bool expr_index(const Expr *expr, const ExprScope *scope, size_t most, const char *what,
                size_t *value, Err *err) {
    Arena arena = {0};
    Eval eval = {.scope = scope, .arena = &arena, .err = err};
    ExprValue found = {0};
    bool done = most > 0 ? eval_node(&eval, expr, &found) &&
                               as_whole(&eval, expr, &found, most - 1, what, value)
                         : eval_fail(&eval, expr, "there is no %s", what);
    arena_free(&arena);
    return done;
}

static void visit_axes(const Expr *expr, ExprVisit *visit, void *user) {
    for (int i = 0; i < expr->axes; i++) {
        if (expr->axis[i].from)
            expr_names(expr->axis[i].from, visit, user);
        if (expr->axis[i].to)
            expr_names(expr->axis[i].to, visit, user);
    }
}

void expr_names(const Expr *expr, ExprVisit *visit, void *user) {
    bool against_stage = expr->kind == EX_BINARY &&
                         (expr->arg[0]->kind == EX_TEXT || expr->arg[0]->kind == EX_STAGE);
    if (expr->kind == EX_RECORD)
        visit(user, expr->name, EXPR_RECORD);
    else if (expr->kind == EX_IN)
        visit(user, expr->name, EXPR_RUN);
    else if (expr->kind == EX_NAME && find_size(expr->name) < 0)
        visit(user, expr->name, EXPR_NAME);
    visit_axes(expr, visit, user);
    for (int i = 0; i < expr->args; i++) {
        if (against_stage && expr->arg[i]->kind == EX_TEXT)
            visit(user, expr->arg[i]->name, EXPR_STAGE);
        else
            expr_names(expr->arg[i], visit, user);
    }
}
