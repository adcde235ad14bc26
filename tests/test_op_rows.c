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

static Tensor whole_numbers(size_t rows, size_t width, const int32_t *value) {
    Tensor made = tensor(DTYPE_I32, 2, (size_t[]){rows, width});
    memcpy(made.data, value, rows * width * sizeof *value);
    return made;
}

static double at3(const Tensor *from, size_t a, size_t b, size_t c) {
    return tensor_get(from, (size_t[]){a, b, c});
}
static double at2(const Tensor *from, size_t a, size_t b) {
    return tensor_get(from, (size_t[]){a, b});
}

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

/* ---- a mixture of experts ---- */

enum { E = 4, A = 2, M = 6, F = 5 };
#define ROWS 3

/* Experts 1 and 3 tie in the second row. */
static Tensor router_logits(void) {
    Tensor logits = NUMBERS(ROWS, E);
    tensor_set(&logits, (size_t[]){1, 0}, -3);
    tensor_set(&logits, (size_t[]){1, 1}, 2);
    tensor_set(&logits, (size_t[]){1, 2}, -4);
    tensor_set(&logits, (size_t[]){1, 3}, 2);
    return logits;
}

/* How many experts are better, or as good and lower. */
static double naive_route(const OpCall *call, const size_t *index) {
    for (size_t e = 0; e < E; e++) {
        size_t better = 0;
        for (size_t other = 0; other < E; other++) {
            double mine = at2(&call->in[0], index[0], e);
            double its = at2(&call->in[0], index[0], other);
            better += its > mine || (its == mine && other < e);
        }
        if (better == index[1])
            return (double)e;
    }
    return -1;
}

/* As Hugging Face has it: softmax over all, then divided by what the chosen have of it. */
static double naive_shares(const OpCall *call, const size_t *index) {
    double all = 0, chosen = 0, own = 0;
    for (size_t e = 0; e < E; e++)
        all += exp(at2(&call->in[0], index[0], e));
    for (size_t a = 0; a < A; a++) {
        size_t e = (size_t)at2(&call->in[1], index[0], a);
        double p = exp(at2(&call->in[0], index[0], e)) / all;
        chosen += p;
        own = a == index[1] ? p : own;
    }
    return own / chosen;
}

static void experts_are_chosen_and_share(void **state) {
    (void)state;
    OpCall route = {.op = OP_ROUTE, .n_in = 1, .length = ROWS, .in = {router_logits()}};
    route.out = tensor(DTYPE_I32, 2, (size_t[]){ROWS, A});
    check_call(&route, 0, ROWS, naive_route);
    assert_int_equal(tensor_i32(&route.out)[A], 1);
    assert_int_equal(tensor_i32(&route.out)[A + 1], 3);
    OpCall shares = {.op = OP_SHARES, .n_in = 2, .length = ROWS, .in = {route.in[0], route.out}};
    shares.out = NUMBERS(ROWS, A);
    check_call(&shares, 0, ROWS, naive_shares);
}

static double naive_expert_linear(const OpCall *call, const size_t *index) {
    size_t expert = (size_t)at2(&call->in[2], index[0], index[1]);
    double sum = 0;
    for (size_t k = 0; k < call->in[1].dim[1]; k++) {
        double x = call->in[0].rank == 2 ? at2(&call->in[0], index[0], k)
                                         : at3(&call->in[0], index[0], index[1], k);
        sum += x * at3(&call->in[1], expert, k, index[2]);
    }
    return sum;
}

static double naive_mix(const OpCall *call, const size_t *index) {
    double sum = 0;
    for (size_t a = 0; a < A; a++)
        sum += at2(&call->in[1], index[0], a) * at3(&call->in[0], index[0], a, index[1]);
    return sum;
}

/* The transpose of the last two axes, without copying: torch.nn.Linear's layout. */
static Tensor turned(Tensor weight) {
    size_t dim = weight.dim[1];
    ptrdiff_t stride = weight.stride[1];
    weight.dim[1] = weight.dim[2];
    weight.stride[1] = weight.stride[2];
    weight.dim[2] = dim;
    weight.stride[2] = stride;
    return weight;
}

static void experts_run_and_mix(void **state) {
    (void)state;
    Tensor chosen = whole_numbers(ROWS, A, (const int32_t[]){3, 0, 1, 3, 2, 1});
    OpCall in = {.op = OP_EXPERT_LINEAR, .n_in = 3, .length = ROWS};
    in.in[0] = NUMBERS(ROWS, M);
    in.in[1] = turned(NUMBERS(E, F, M));
    in.in[2] = chosen;
    in.out = NUMBERS(ROWS, A, F);
    in.param.linear.kind = LINEAR_FFN_IN;
    check_call(&in, 0, (size_t)ROWS * A, naive_expert_linear);
    in.param.linear.kind = LINEAR_FFN_LINEAR;
    check_call(&in, 0, (size_t)ROWS * A, naive_expert_linear);
    OpCall out = {.op = OP_EXPERT_LINEAR, .n_in = 3, .length = ROWS};
    out.in[0] = in.out;
    out.in[1] = NUMBERS(E, F, M);
    out.in[2] = chosen;
    out.out = NUMBERS(ROWS, A, M);
    out.param.linear.kind = LINEAR_FFN_OUT;
    check_call(&out, 0, (size_t)ROWS * A, naive_expert_linear);
    OpCall mix = {.op = OP_MIX, .n_in = 2, .length = ROWS, .in = {out.out, NUMBERS(ROWS, A)}};
    mix.out = NUMBERS(ROWS, M);
    check_call(&mix, 0, ROWS, naive_mix);
}

/* The chosen experts' work and cells only. */
static void experts_cost_what_they_read(void **state) {
    (void)state;
    OpCall call = {.op = OP_EXPERT_LINEAR, .n_in = 3, .length = 1};
    call.in[0] = NUMBERS(1, M);
    call.in[1] = NUMBERS(E, M, F);
    call.in[2] = whole_numbers(1, A, (const int32_t[]){3, 0});
    call.out = NUMBERS(1, A, F);
    OpCost cost = op_cost(&call);
    assert_true(cost.flops == A * F * (M + M - 1));
    assert_true(cost.bytes == 4 * (M + A * M * F + A + A * F));
}

/* ---- curves, of rows and of each expert's ---- */

static double curve(ActKind kind, double x) {
    switch (kind) {
    case ACT_GELU_TANH: return x / 2 * (1 + tanh(sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
    case ACT_GELU_ERF: return x / 2 * (1 + erf(x / sqrt(2)));
    case ACT_RELU: return fmax(x, 0);
    case ACT_SILU: return x / (1 + exp(-x));
    case ACT_TANH: return tanh(x);
    case ACT_SIGMOID: return 1 / (1 + exp(-x));
    case ACT_KINDS: break;
    }
    return NAN;
}

static double naive_curve(const OpCall *call, const size_t *index) {
    double factor = call->op == OP_GATE ? tensor_get(&call->in[1], index) : 1;
    return curve(call->param.act.kind, tensor_get(&call->in[0], index)) * factor;
}

static void curves_of_each_kind(void **state) {
    (void)state;
    for (int kind = 0; kind < ACT_KINDS; kind++)
        for (int gated = 0; gated < 2; gated++) {
            OpCall call = {.op = gated ? OP_GATE : OP_ACTIVATION,
                           .n_in = 1 + gated,
                           .param.act.kind = (ActKind)kind,
                           .length = ROWS};
            call.in[0] = NUMBERS(ROWS, F);
            call.in[1] = NUMBERS(ROWS, F);
            call.out = NUMBERS(ROWS, F);
            check_call(&call, 0, ROWS, naive_curve);
            call.in[0] = NUMBERS(ROWS, A, F);
            call.in[1] = NUMBERS(ROWS, A, F);
            call.out = NUMBERS(ROWS, A, F);
            check_call(&call, 0, (size_t)ROWS * A, naive_curve);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(masks_of_each_kind, start, finish),
        cmocka_unit_test(masks_give_their_reasons),
        cmocka_unit_test_setup_teardown(softmax_of_each_kind, start, finish),
        cmocka_unit_test_setup_teardown(experts_are_chosen_and_share, start, finish),
        cmocka_unit_test_setup_teardown(experts_run_and_mix, start, finish),
        cmocka_unit_test_setup_teardown(experts_cost_what_they_read, start, finish),
        cmocka_unit_test_setup_teardown(curves_of_each_kind, start, finish),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
