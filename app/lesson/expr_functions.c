/* The functions of expressions. */
#include "app/lesson/expr_node.h"
#include "engine/base/near.h"
#include "engine/base/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef bool Apply(Eval *eval, const Expr *expr, const ExprValue *arg, ExprValue *value);

struct ExprFunction {
    const char *name;
    int least, most;                       /* arguments */
    double (*each)(double);                /* element by element; or … */
    double (*all)(const double *, size_t); /* … one number of all; or … */
    Apply *apply;                          /* … as it likes */
    bool empty;                            /* `all` of nothing has an answer */
};

bool number_is_true(double number) {
    return number != 0 && !isnan(number);
}

/* ---- element by element ---- */

static double is_nan(double x) {
    return isnan(x);
}
static double is_inf(double x) {
    return isinf(x) ? 1 : 0;
}

/* ---- one number of all ---- */

static double sum_of(const double *v, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += v[i];
    return sum;
}
static double mean_of(const double *v, size_t n) {
    return sum_of(v, n) / (double)n;
}
static double var_of(const double *v, size_t n) {
    double mean = mean_of(v, n), sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (v[i] - mean) * (v[i] - mean);
    return sum / (double)n;
}
static double std_of(const double *v, size_t n) {
    return sqrt(var_of(v, n));
}
static double count_of(const double *v, size_t n) {
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += number_is_true(v[i]);
    return (double)count;
}
static double any_of(const double *v, size_t n) {
    return count_of(v, n) > 0;
}
static double all_of(const double *v, size_t n) {
    return count_of(v, n) == (double)n;
}
static double length_of(const double *v, size_t n) {
    (void)v;
    return (double)n;
}
/* A NaN is never the largest, unless it stands first and there is nothing else. */
static size_t extreme(const double *v, size_t n, double sign) {
    size_t best = 0;
    for (size_t i = 1; i < n; i++)
        if (isnan(v[best]) || sign * v[i] > sign * v[best])
            best = i;
    return best;
}
static double argmax_of(const double *v, size_t n) {
    return (double)extreme(v, n, 1);
}
static double argmin_of(const double *v, size_t n) {
    return (double)extreme(v, n, -1);
}
static double norm_of(const double *v, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += v[i] * v[i];
    return sqrt(sum);
}

/* ---- several arguments ---- */

/* All the arguments' numbers, one behind the other. */
static bool join(Eval *eval, const Expr *expr, const ExprValue *arg, ExprValue *all) {
    size_t count = 0;
    for (int i = 0; i < expr->args; i++)
        count += arg[i].count;
    if (!eval_room(eval, expr, 1, &count, all))
        return false;
    for (int i = 0, at = 0; i < expr->args; at += (int)arg[i++].count)
        memcpy(all->value + at, arg[i].value, arg[i].count * sizeof *all->value);
    return count > 0 || eval_fail(eval, expr, "%s of nothing", expr->function->name);
}

static bool apply_max(Eval *eval, const Expr *expr, const ExprValue *arg, ExprValue *value) {
    ExprValue all;
    return join(eval, expr, arg, &all) &&
           eval_scalar(eval, expr, all.value[extreme(all.value, all.count, 1)], value);
}
static bool apply_min(Eval *eval, const Expr *expr, const ExprValue *arg, ExprValue *value) {
    ExprValue all;
    return join(eval, expr, arg, &all) &&
           eval_scalar(eval, expr, all.value[extreme(all.value, all.count, -1)], value);
}

static bool same_length(Eval *eval, const Expr *expr, const ExprValue *arg) {
    return arg[0].count == arg[1].count ||
           eval_fail(eval, expr, "%s of %zu numbers and %zu: as many are expected",
                     expr->function->name, arg[0].count, arg[1].count);
}
static double dot_product(const ExprValue *arg) {
    double sum = 0;
    for (size_t i = 0; i < arg[0].count; i++)
        sum += arg[0].value[i] * arg[1].value[i];
    return sum;
}
static bool apply_dot(Eval *eval, const Expr *expr, const ExprValue *arg, ExprValue *value) {
    return same_length(eval, expr, arg) && eval_scalar(eval, expr, dot_product(arg), value);
}
static bool apply_cos(Eval *eval, const Expr *expr, const ExprValue *arg, ExprValue *value) {
    if (!same_length(eval, expr, arg))
        return false;
    double norms = norm_of(arg[0].value, arg[0].count) * norm_of(arg[1].value, arg[1].count);
    return eval_scalar(eval, expr, dot_product(arg) / norms, value);
}

static bool apply_softmax(Eval *eval, const Expr *expr, const ExprValue *arg, ExprValue *value) {
    size_t n = arg[0].count;
    if (!eval_room(eval, expr, arg[0].rank, arg[0].dim, value))
        return false;
    double most = n ? arg[0].value[extreme(arg[0].value, n, 1)] : 0, sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += value->value[i] = exp(arg[0].value[i] - most);
    for (size_t i = 0; i < n; i++)
        value->value[i] /= sum;
    return true;
}

static int larger_first(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    if (isnan(x) || isnan(y))
        return isnan(x) - isnan(y);
    return (x < y) - (x > y);
}
static bool apply_largest(Eval *eval, const Expr *expr, const ExprValue *arg, ExprValue *value) {
    size_t n, count = arg[0].count;
    ExprValue sorted;
    if (!eval_whole(eval, expr->arg[1], count, "how many", &n) ||
        !eval_room(eval, expr, 1, &count, &sorted))
        return false;
    if (count)
        memcpy(sorted.value, arg[0].value, count * sizeof *sorted.value);
    qsort(sorted.value, count, sizeof *sorted.value, larger_first);
    *value = sorted;
    value->count = value->dim[0] = n;
    return true;
}

static bool apply_round(Eval *eval, const Expr *expr, const ExprValue *arg, ExprValue *value) {
    size_t digits = 0;
    if ((expr->args == 2 && !eval_whole(eval, expr->arg[1], 15, "the digits", &digits)) ||
        !eval_room(eval, expr, arg[0].rank, arg[0].dim, value))
        return false;
    double unit = pow(10, (double)digits);
    for (size_t i = 0; i < value->count; i++)
        value->value[i] = isfinite(arg[0].value[i]) ? round(arg[0].value[i] * unit) / unit
                                                    : arg[0].value[i];
    return true;
}

static bool apply_range(Eval *eval, const Expr *expr, const ExprValue *arg, ExprValue *value) {
    size_t from, to, count;
    (void)arg;
    if (!eval_whole(eval, expr->arg[0], EXPR_CELLS, "its begin", &from) ||
        !eval_whole(eval, expr->arg[1], EXPR_CELLS, "its end", &to))
        return false;
    count = to > from ? to - from : 0;
    if (!eval_room(eval, expr, 1, &count, value))
        return false;
    for (size_t i = 0; i < count; i++)
        value->value[i] = (double)(from + i);
    return true;
}

/* The piece as the vocabulary spells it, or the one token that the text is cut into. */
static bool apply_id(Eval *eval, const Expr *expr, const ExprValue *arg, ExprValue *value) {
    const char *text = expr->arg[0]->name;
    const Model *model = eval->scope->main.model;
    TokenList list = {0};
    Err why;
    (void)arg;
    if (!model || !model_has_tokenizer(model, &why))
        return eval_fail(eval, expr, "id('%s'): %s", text, model ? why.text : "there is no model");
    if (tok_encode(model->tok, text, strlen(text), false, eval->arena, &list, &why) &&
        list.count == 1)
        return eval_scalar(eval, expr, list.token[0].id, value);
    int32_t id = tok_find(model->tok, text);
    return id >= 0 ? eval_scalar(eval, expr, id, value)
                   : eval_fail(eval, expr, "'%s' is %zu pieces in the vocabulary of %s, not one",
                               text, list.count, model->name);
}

/* ---- random vectors ---- */

static double uniform(uint64_t *state) { /* 0 < u < 1 */
    return ((double)(random_bits(state) >> 11) + 0.5) * 0x1p-53;
}

/* Box and Muller (1958): two independent normal numbers from two uniform ones. */
static void fill_normal(double *v, size_t n, uint64_t *state) {
    for (size_t i = 0; i < n; i += 2) {
        double radius = sqrt(-2 * log(uniform(state))), angle = 2 * acos(-1) * uniform(state);
        v[i] = radius * cos(angle);
        if (i + 1 < n)
            v[i + 1] = radius * sin(angle);
    }
}

static bool random_sizes(Eval *eval, const Expr *expr, size_t size[4]) {
    static const char *const what[] = {"the seed", "d", "the number of queries",
                                       "the number of keys"};
    for (int i = 0; i < 4; i++)
        if (!eval_whole(eval, expr->arg[i], EXPR_CELLS, what[i], &size[i]))
            return false;
    size_t d = size[1] ? size[1] : 1, n = size[2] ? size[2] : 1, m = size[3] ? size[3] : 1;
    return (n <= EXPR_CELLS / m && n * m <= EXPR_RANDOM / d && d <= EXPR_CELLS / (n + m)) ||
           eval_fail(eval, expr, "random_scores(…, %zu, %zu, %zu) is too much to compute", size[1],
                     size[2], size[3]);
}

static bool apply_random(Eval *eval, const Expr *expr, const ExprValue *arg, ExprValue *value) {
    size_t size[4], vectors;
    ExprValue random;
    (void)arg;
    if (!random_sizes(eval, expr, size))
        return false;
    size_t d = size[1], n = size[2], m = size[3];
    vectors = (n + m) * d;
    if (!eval_room(eval, expr, 1, &vectors, &random) ||
        !eval_room(eval, expr, 2, (size_t[]){n, m}, value))
        return false;
    uint64_t state = size[0];
    fill_normal(random.value, vectors, &state);
    eval->work += n * m * d / 16;
    for (size_t q = 0; q < n; q++)
        for (size_t k = 0; k < m; k++) {
            double sum = 0;
            for (size_t i = 0; i < d; i++)
                sum += random.value[q * d + i] * random.value[(n + k) * d + i];
            value->value[q * m + k] = sum;
        }
    return true;
}

/* ---- the table ---- */

static const ExprFunction FUNCTIONS[] = {
    {"sqrt", 1, 1, .each = sqrt},
    {"exp", 1, 1, .each = exp},
    {"log", 1, 1, .each = log},
    {"abs", 1, 1, .each = fabs},
    {"isnan", 1, 1, .each = is_nan},
    {"isinf", 1, 1, .each = is_inf},
    {"sum", 1, 1, .all = sum_of, .empty = true},
    {"mean", 1, 1, .all = mean_of},
    {"var", 1, 1, .all = var_of},
    {"std", 1, 1, .all = std_of},
    {"len", 1, 1, .all = length_of, .empty = true},
    {"any", 1, 1, .all = any_of, .empty = true},
    {"all", 1, 1, .all = all_of, .empty = true},
    {"count", 1, 1, .all = count_of, .empty = true},
    {"argmax", 1, 1, .all = argmax_of},
    {"argmin", 1, 1, .all = argmin_of},
    {"norm", 1, 1, .all = norm_of, .empty = true},
    {"max", 1, EXPR_ARGS, .apply = apply_max},
    {"min", 1, EXPR_ARGS, .apply = apply_min},
    {"round", 1, 2, .apply = apply_round},
    {"dot", 2, 2, .apply = apply_dot},
    {"cos", 2, 2, .apply = apply_cos},
    {"softmax", 1, 1, .apply = apply_softmax},
    {"largest", 2, 2, .apply = apply_largest},
    {"range", 2, 2, .apply = apply_range},
    {"id", 1, 1, .apply = apply_id},
    {"random_scores", 4, 4, .apply = apply_random},
};
enum { FUNCTION_COUNT = sizeof FUNCTIONS / sizeof *FUNCTIONS };

const ExprFunction *expr_function(const char *name, size_t size) {
    for (size_t i = 0; i < FUNCTION_COUNT; i++)
        if (strlen(FUNCTIONS[i].name) == size && memcmp(FUNCTIONS[i].name, name, size) == 0)
            return &FUNCTIONS[i];
    return NULL;
}

bool expr_function_near(const char *name, Buf *near) {
    const char *names[FUNCTION_COUNT];
    for (size_t i = 0; i < FUNCTION_COUNT; i++)
        names[i] = FUNCTIONS[i].name;
    return near_names(name, names, FUNCTION_COUNT, 1, near) > 0;
}

bool expr_function_takes(const ExprFunction *function, int args, Err *err) {
    if (args >= function->least && args <= function->most)
        return true;
    if (function->least == function->most)
        return err_set(err, "%s takes %d argument%s, found %d", function->name, function->least,
                       function->least == 1 ? "" : "s", args);
    return err_set(err, "%s takes %d to %d arguments, found %d", function->name, function->least,
                   function->most, args);
}

bool expr_function_text(const ExprFunction *function) {
    return function->apply == apply_id;
}

static bool apply_each(Eval *eval, const Expr *expr, const ExprValue *arg, ExprValue *value) {
    if (!eval_room(eval, expr, arg->rank, arg->dim, value))
        return false;
    for (size_t i = 0; i < value->count; i++)
        value->value[i] = expr->function->each(arg->value[i]);
    return true;
}

bool eval_call(Eval *eval, const Expr *expr, ExprValue *value) {
    const ExprFunction *function = expr->function;
    ExprValue arg[EXPR_ARGS] = {0};
    for (int i = 0; i < expr->args && !expr_function_text(function); i++)
        if (!eval_node(eval, expr->arg[i], &arg[i]))
            return false;
    if (function->each)
        return apply_each(eval, expr, arg, value);
    if (!function->all)
        return function->apply(eval, expr, arg, value);
    if (arg->count == 0 && !function->empty)
        return eval_fail(eval, expr, "%s of nothing", function->name);
    return eval_scalar(eval, expr, function->all(arg->value, arg->count), value);
}
