/* The operations' rows that no small model here runs, each called by hand: against a naive sum in
 * double, row by row and at once; every cell's explanation remakes it, and the steps write every
 * cell once and read all that its explanation reads. */
#include "app/ui/formula.h"
#include "engine/base/arena.h"
#include "engine/ops/op.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- calls ---- */

static Arena arena;

static Tensor tensor(DType type, int rank, const size_t *dim) {
    size_t count = 1;
    for (int axis = 0; axis < rank; axis++)
        count *= dim[axis];
    float *data = ARENA_NEW_N(&arena, float, count);
    for (size_t i = 0; i < count; i++) /* far from 0 and from each other */
        data[i] = (float)sin((double)i * 12.9898 + (double)count) * 2;
    return tensor_dense(type, rank, dim, data);
}
#define RANK(...) ((int)(sizeof((size_t[]){__VA_ARGS__}) / sizeof(size_t)))
#define NUMBERS(...) tensor(DTYPE_F32, RANK(__VA_ARGS__), (size_t[]){__VA_ARGS__})

/* ---- checks ---- */

typedef double Naive(const OpCall *call, const size_t *index);

static bool close_to(double a, double b) {
    return a == b || fabs(a - b) <= 1e-5 * fmax(1, fabs(b));
}

static void check_values(const OpCall *call, Naive *naive) {
    for (size_t n = 0; n < tensor_count(&call->out); n++) {
        size_t index[TENSOR_RANK];
        shape_unravel(call->out.rank, call->out.dim, n, index);
        double found = tensor_get(&call->out, index), expected = naive(call, index);
        if (!close_to(found, expected))
            fail_msg("%s: cell %zu is %.9g, expected %.9g", op_info(call->op)->name, n, found,
                     expected);
    }
}

static void clear(const Tensor *out) {
    memset(out->data, 0xa5, tensor_count(out) * dtype_size(out->type));
}

/* Each row by itself gives the bits of all at once. */
static void check_rows(const OpCall *call, size_t rows) {
    size_t bytes = tensor_count(&call->out) * dtype_size(call->out.type);
    void *together = arena_alloc(&arena, bytes);
    memcpy(together, call->out.data, bytes);
    clear(&call->out);
    for (size_t row = 0; row < rows; row++)
        op_forward(call, row, row + 1);
    assert_memory_equal(together, call->out.data, bytes);
}

static bool inside(const OpRegion *region, int rank, const size_t *index) {
    for (int axis = 0; axis < rank; axis++)
        if (index[axis] < region->lo[axis] || index[axis] >= region->hi[axis])
            return false;
    return true;
}

typedef struct {
    const OpCall *call;
    const OpStep *step; /* NULL: nothing is said about reads */
} Check;

static void check_term(void *user, size_t number, const Term *term) {
    const Check *check = user;
    (void)number;
    assert_true(term->value == term_value(term->form, term->operand, term->n) ||
                isnan(term->value));
    for (int k = 0; k < term->n; k++) {
        const OpOperand *operand = &term->operand[k];
        if (operand->slot < 0) {
            assert_non_null(operand->name);
            continue;
        }
        const Tensor *from = &check->call->in[operand->slot];
        assert_int_equal(operand->rank, from->rank);
        assert_true(tensor_get(from, operand->index) == operand->value);
        bool read = !check->step;
        for (int r = 0; !read && r < check->step->n_reads; r++)
            read = check->step->read[r].slot == operand->slot &&
                   inside(&check->step->read[r], operand->rank, operand->index);
        assert_true(read);
    }
}

static void check_explained(const OpCall *call) {
    for (size_t n = 0; n < tensor_count(&call->out); n++) {
        size_t index[TENSOR_RANK];
        shape_unravel(call->out.rank, call->out.dim, n, index);
        Explanation explanation;
        Check check = {call, NULL};
        op_explain(call, index, check_term, &check, &explanation);
        double found = tensor_get(&call->out, index);
        if (!close_to(explanation.recomputed, found))
            fail_msg("%s: cell %zu is %.9g, explained as %.9g", op_info(call->op)->name, n, found,
                     explanation.recomputed);
    }
}

static void check_region(const OpCall *call, const OpRegion *region) {
    const Tensor *from = region->slot < 0 ? &call->out : &call->in[region->slot];
    assert_true(region->slot < call->n_in);
    for (int axis = 0; axis < from->rank; axis++)
        assert_true(region->lo[axis] < region->hi[axis] && region->hi[axis] <= from->dim[axis]);
}

static void check_steps(const OpCall *call, size_t steps) {
    size_t cells = tensor_count(&call->out);
    int *times = ARENA_NEW_N(&arena, int, cells);
    memset(times, 0, cells * sizeof *times);
    assert_int_equal(op_step_count(call), steps);
    for (size_t i = 0; i < steps; i++) {
        OpStep step;
        op_step_at(call, i, &step);
        assert_true(step.n_args > 0 && step.phase < step.phases);
        check_region(call, &step.write);
        for (int r = 0; r < step.n_reads; r++)
            check_region(call, &step.read[r]);
        for (size_t n = 0; n < cells && step.writes; n++) {
            size_t index[TENSOR_RANK];
            shape_unravel(call->out.rank, call->out.dim, n, index);
            if (!inside(&step.write, call->out.rank, index))
                continue;
            times[n]++;
            Explanation explanation;
            Check check = {call, &step};
            op_explain(call, index, check_term, &check, &explanation);
        }
    }
    for (size_t n = 0; n < cells; n++)
        assert_int_equal(times[n], 1);
}

/* `row_axis` −1: it runs once. */
static void check_call(const OpCall *call, int row_axis, size_t steps, Naive *naive) {
    size_t rows = row_axis < 0 ? 1 : call->out.dim[row_axis], where;
    clear(&call->out);
    op_forward(call, 0, rows);
    check_values(call, naive);
    check_rows(call, rows);
    check_explained(call);
    check_steps(call, steps);
    if (!formula_valid(op_formula(call), &where))
        fail_msg("%s: not well formed at %zu", op_formula(call), where);
    OpCost cost = op_cost(call);
    assert_true(cost.flops >= 0 && isfinite(cost.flops) && cost.bytes > 0);
}

static int start(void **state) {
    (void)state;
    arena = (Arena){0};
    return 0;
}
static int finish(void **state) {
    (void)state;
    arena_free(&arena);
    return 0;
}

/* ---- the mask ---- */

enum { H = 2, T = 7 };

static bool seen_by_hand(const MaskParams *mask, long i, long j) {
    long apart = labs(i - j), window = (long)mask->window, dilation = (long)mask->dilation;
    bool global = false;
    for (int g = 0; g < mask->globals; g++)
        global = global || (long)mask->global[g] == i || (long)mask->global[g] == j;
    if ((mask->causal && j > i) || (mask->keys > 0 && j >= (long)mask->keys))
        return false;
    return mask->kind == MASK_FULL || (mask->kind == MASK_LOCAL && apart < window) ||
           (mask->kind == MASK_DILATED && (i - j) % dilation == 0 && apart < window * dilation) ||
           (mask->kind == MASK_LONGFORMER && (apart < window || global));
}

static double naive_mask(const OpCall *call, const size_t *index) {
    if (!seen_by_hand(&call->param.mask, (long)index[1], (long)index[2]))
        return call->param.mask.zero ? 0 : -INFINITY;
    double bias = call->n_in > 1 ? tensor_get(&call->in[1], index) : 0;
    return tensor_get(&call->in[0], index) + bias;
}

static void check_mask(MaskParams mask, int n_in) {
    OpCall call = {.op = OP_MASK, .param.mask = mask, .n_in = n_in, .length = T};
    call.in[0] = NUMBERS(H, T, T);
    call.in[1] = NUMBERS(H, T, T);
    call.out = NUMBERS(H, T, T);
    check_call(&call, 1, (size_t)H * T, naive_mask);
}

static void masks_of_each_kind(void **state) {
    (void)state;
    const MaskParams kinds[] = {
        {.kind = MASK_FULL},
        {.kind = MASK_LOCAL, .window = 3},
        {.kind = MASK_DILATED, .window = 2, .dilation = 3},
        {.kind = MASK_LONGFORMER, .window = 2, .globals = 2, .global = {0, 4}}};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (int flags = 0; flags < 8; flags++) {
            MaskParams mask = kinds[k];
            mask.causal = flags & 1;
            mask.keys = flags & 2 ? 5 : 0;
            mask.zero = flags & 4;
            check_mask(mask, 1);
            if (!mask.zero)
                check_mask(mask, 2);
        }
}

static void masks_give_their_reasons(void **state) {
    (void)state;
    MaskParams mask = {.kind = MASK_LOCAL, .causal = true, .window = 2, .keys = 5};
    assert_int_equal(mask_reason(&mask, 3, 2), MASK_SEEN);
    assert_int_equal(mask_reason(&mask, 3, 1), MASKED_WINDOW);
    assert_int_equal(mask_reason(&mask, 3, 4), MASKED_FUTURE);
    assert_int_equal(mask_reason(&mask, 3, 5), MASKED_PADDING);
    assert_int_equal(mask_reason(&mask, 6, 5), MASKED_PADDING);
    assert_true(mask_allows(&mask, 0, 0) && !mask_allows(&mask, 0, 1));
}

/* ---- softmax down the columns, over labels, and where there is nothing to share ---- */

static double share(const OpCall *call, const size_t *index, int axis) {
    size_t at[TENSOR_RANK];
    double sum = 0;
    memcpy(at, index, sizeof at);
    for (at[axis] = 0; at[axis] < call->out.dim[axis]; at[axis]++)
        sum += exp(tensor_get(&call->in[0], at));
    return sum == 0 ? 0 : exp(tensor_get(&call->in[0], index)) / sum;
}
static double naive_columns(const OpCall *call, const size_t *index) {
    return share(call, index, 1);
}
static double naive_softmax(const OpCall *call, const size_t *index) {
    return share(call, index, call->out.rank - 1);
}

/* A causal mask with padding, whose columns are −∞ from key 5 on; and a row that is. */
static Tensor masked_scores(void) {
    OpCall mask = {
        .op = OP_MASK, .param.mask = {.causal = true, .keys = 5}, .n_in = 1, .length = T};
    mask.in[0] = NUMBERS(H, T, T);
    mask.out = NUMBERS(H, T, T);
    op_forward(&mask, 0, T);
    for (size_t j = 0; j < T; j++)
        tensor_set(&mask.out, (size_t[]){1, 3, j}, -INFINITY);
    return mask.out;
}

static void softmax_of_each_kind(void **state) {
    (void)state;
    OpCall call = {.op = OP_SOFTMAX, .n_in = 1, .length = T};
    call.in[0] = masked_scores();
    call.out = NUMBERS(H, T, T);
    call.param.softmax.kind = SOFTMAX_QUERIES;
    check_call(&call, -1, (size_t)4 * H * T, naive_columns);
    call.param.softmax.kind = SOFTMAX_KEYS;
    check_call(&call, 1, (size_t)4 * H * T, naive_softmax);
    call.in[0] = NUMBERS(1, 4);
    call.out = NUMBERS(1, 4);
    call.param.softmax.kind = SOFTMAX_LABELS;
    check_call(&call, -1, 4, naive_softmax);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(masks_of_each_kind, start, finish),
        cmocka_unit_test(masks_give_their_reasons),
        cmocka_unit_test_setup_teardown(softmax_of_each_kind, start, finish),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
