/* The operations' rows that no small model here runs, each called by hand: against a naive sum in
 * double, row by row and at once; every cell's explanation remakes it, and the steps write every
 * cell once and read all that its explanation reads. */
#include "app/ui/formula.h"
#include "engine/base/arena.h"
#include "engine/ops/op.h"
#include "engine/tensor/safetensors.h"

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
        if (operand->slot == SLOT_CONSTANT) {
            assert_non_null(operand->name);
            continue;
        }
        bool own = operand->slot == SLOT_RESULT;
        const Tensor *from = own ? &check->call->out : &check->call->in[operand->slot];
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

/* ---- positions: against PyTorch (tests/golden/make_position_golden.py) ---- */

static StFile golden;

static int start_golden(void **state) {
    Err err = {{0}};
    start(state);
    return st_open("tests/golden/position.safetensors", &arena, &golden, &err) ? 0 : -1;
}
static int finish_golden(void **state) {
    st_close(&golden);
    return finish(state);
}

/* The n-th number of a golden tensor. */
static double expected(const char *name, size_t n) {
    const StTensor *from = st_find(&golden, name);
    assert_non_null(from);
    assert_true(4 * n + 4 <= from->size);
    union {
        float real;
        int32_t whole;
    } number;
    memcpy(&number, from->data + 4 * n, 4);
    return from->type == DTYPE_I32 ? (double)number.whole : (double)number.real;
}

static const char *sinusoid_name;
static double naive_sinusoid(const OpCall *call, const size_t *index) {
    size_t row = index[0] + call->param.sinusoid.offset;
    return expected(sinusoid_name, row * call->out.dim[1] + index[1]);
}

/* Vaswani et al.'s own order is the same numbers, a sine and a cosine in turn. */
static double naive_pairs(const OpCall *call, const size_t *index) {
    (void)call;
    return expected("sinusoids.8", index[0] * 8 + index[1] / 2 + index[1] % 2 * 4);
}

static void sinusoids_of_both_layouts(void **state) {
    (void)state;
    OpCall call = {.op = OP_SINUSOID, .length = 9};
    call.out = NUMBERS(9, 8);
    check_call(&call, 0, 9, naive_pairs);
    call.param.sinusoid.layout = SINUSOID_HALVES;
    sinusoid_name = "sinusoids.8";
    check_call(&call, 0, 9, naive_sinusoid);
    call.param.sinusoid.offset = 3;
    check_call(&call, 0, 9, naive_sinusoid);
    call.out = NUMBERS(9, 7);
    sinusoid_name = "sinusoids.7";
    check_call(&call, 0, 9, naive_sinusoid);
}

/* A table whose cells say their bucket and their head. */
static Tensor bucket_table(size_t buckets, size_t heads) {
    Tensor table = NUMBERS(buckets, heads);
    for (size_t b = 0; b < buckets; b++)
        for (size_t h = 0; h < heads; h++)
            tensor_set(&table, (size_t[]){b, h}, (double)(b + 100 * h));
    return table;
}

static void check_buckets(const char *name, bool both_ways, size_t buckets, size_t most,
                          size_t query) {
    OpCall call = {
        .op = OP_POS_BIAS_BUCKET, .n_in = 1, .length = 300, .param.bucket = {both_ways, most}};
    call.in[0] = bucket_table(buckets, 1);
    call.out = NUMBERS(1, 300, 300);
    op_forward(&call, query, query + 1);
    for (size_t j = 0; j < 300; j++)
        if (at3(&call.out, 0, query, j) != expected(name, j))
            fail_msg("%s: distance %ld is in bucket %g, expected %g", name, (long)j - (long)query,
                     at3(&call.out, 0, query, j), expected(name, j));
}

static double naive_bucket(const OpCall *call, const size_t *index) {
    (void)call;
    size_t place = index[1] >= index[2] ? 299 - (index[1] - index[2]) : index[2] - index[1];
    const char *name = index[1] >= index[2] ? "buckets.both.before" : "buckets.both.after";
    return expected(name, place) + 100 * (double)index[0];
}

static void buckets_of_distances(void **state) {
    (void)state;
    check_buckets("buckets.both.before", true, 32, 128, 299);
    check_buckets("buckets.both.after", true, 32, 128, 0);
    check_buckets("buckets.back.before", false, 32, 128, 299);
    check_buckets("buckets.odd.before", true, 10, 25, 299);
    OpCall call = {.op = OP_POS_BIAS_BUCKET, .n_in = 1, .length = 12, .param.bucket = {true, 128}};
    call.in[0] = bucket_table(32, H);
    call.out = NUMBERS(H, 12, 12);
    check_call(&call, 1, (size_t)H * 12, naive_bucket);
}

/* What no config should ask for still reads inside the table. */
static void odd_buckets_stay_inside(void **state) {
    (void)state;
    for (size_t buckets = 1; buckets < 6; buckets++)
        for (size_t most = 0; most < 5; most++)
            for (int both = 0; both < 2; both++) {
                OpCall call = {
                    .op = OP_POS_BIAS_BUCKET, .n_in = 1, .length = 9, .param.bucket = {both, most}};
                call.in[0] = bucket_table(buckets, 1);
                call.out = NUMBERS(1, 9, 9);
                op_forward(&call, 0, 9);
                for (size_t n = 0; n < 81; n++)
                    assert_in_range((uintmax_t)tensor_f32(&call.out)[n], 0, buckets - 1);
            }
}

static const char *slopes_name;
static double naive_slope(const OpCall *call, const size_t *index) {
    (void)call;
    return -expected(slopes_name, index[0]) * fabs((double)index[1] - (double)index[2]);
}

static void slopes_of_heads(void **state) {
    (void)state;
    static const struct {
        const char *name;
        size_t heads;
    } cases[] = {{"slopes.1", 1}, {"slopes.8", 8}, {"slopes.12", 12}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        OpCall call = {.op = OP_POS_BIAS_SLOPE, .length = T};
        call.out = NUMBERS(cases[i].heads, T, T);
        slopes_name = cases[i].name;
        check_call(&call, 1, cases[i].heads * T, naive_slope);
        assert_false(signbit(tensor_f32(&call.out)[0])); /* a distance of 0 takes off 0, not −0 */
    }
}

static void keep_speed(void *user, size_t number, const Term *term) {
    double *speed = user;
    (void)number;
    assert_string_equal(term->operand[1].name, "θ");
    *speed = term->operand[1].value;
}

static const char *speeds_name;
static double naive_angle(const OpCall *call, const size_t *index) {
    double angle = (double)index[0] * expected(speeds_name, index[1]);
    return call->param.angle.sine ? sin(angle) : cos(angle);
}

static void check_speeds(const char *name, size_t pairs, double theta, RopeScaling scaling) {
    OpCall call = {
        .op = OP_ANGLE, .length = T, .param.angle = {.theta = theta, .scaling = scaling}};
    call.out = NUMBERS(T, pairs);
    speeds_name = name;
    check_call(&call, 0, T, naive_angle);
    call.param.angle.sine = true;
    check_call(&call, 0, T, naive_angle);
    for (size_t m = 0; m < pairs; m++) {
        Explanation explanation;
        double speed = 0, wanted = expected(name, m);
        op_explain(&call, (size_t[]){1, m}, keep_speed, &speed, &explanation);
        if (fabs(speed - wanted) > 3e-7 * wanted)
            fail_msg("%s: pair %zu has speed %.9g, expected %.9g", name, m, speed, wanted);
    }
}

static void angles_are_slowed(void **state) {
    (void)state;
    check_speeds("speeds.linear", 16, 10000, (RopeScaling){.kind = ROPE_LINEAR, .factor = 4});
    check_speeds("speeds.llama3", 32, 500000, (RopeScaling){ROPE_LLAMA3, 8, 1, 4, 8192});
    check_speeds("speeds.llama3.small", 8, 10000, (RopeScaling){ROPE_LLAMA3, 32, 1, 3, 64});
}

/* ---- tables of rows ---- */

static double naive_embed(const OpCall *call, const size_t *index) {
    double scale = call->param.embed.scale == 0 ? 1 : call->param.embed.scale;
    return scale * at2(&call->in[1], (size_t)tensor_i32(&call->in[0])[index[0]], index[1]);
}
static double naive_position(const OpCall *call, const size_t *index) {
    return at2(&call->in[0], index[0] + call->param.position.offset, index[1]);
}

static void rows_are_scaled_and_shifted(void **state) {
    (void)state;
    Tensor ids = whole_numbers(1, ROWS, (const int32_t[]){4, 0, 4});
    OpCall embed = {.op = OP_EMBED, .n_in = 2, .length = ROWS};
    embed.in[0] = tensor_dense(DTYPE_I32, 1, (size_t[]){ROWS}, ids.data);
    embed.in[1] = NUMBERS(5, M);
    embed.out = NUMBERS(ROWS, M);
    check_call(&embed, 0, ROWS, naive_embed);
    embed.param.embed.scale = sqrt(M);
    check_call(&embed, 0, ROWS, naive_embed);
    OpCall position = {.op = OP_POSITION, .n_in = 1, .length = ROWS, .in = {NUMBERS(7, M)}};
    position.out = NUMBERS(ROWS, M);
    check_call(&position, 0, ROWS, naive_position);
    position.param.position.offset = 2;
    check_call(&position, 0, ROWS, naive_position);
}

/* ---- one row for a text ---- */

static double naive_first(const OpCall *call, const size_t *index) {
    return at2(&call->in[0], 0, index[1]);
}
static double naive_mean_rows(const OpCall *call, const size_t *index) {
    size_t rows = call->param.mean_rows.count ? call->param.mean_rows.count : call->length;
    double sum = 0;
    for (size_t t = 0; t < rows; t++)
        sum += at2(&call->in[0], t, index[1]);
    return sum / (double)rows;
}
static double naive_scale_rows(const OpCall *call, const size_t *index) {
    double x = at2(&call->in[0], index[0], index[1]), by = call->param.scale_rows.by;
    return call->param.scale_rows.divide ? x / by : x * by;
}
static double naive_linear(const OpCall *call, const size_t *index) {
    double sum = tensor_get(&call->in[2], index + 1);
    for (size_t m = 0; m < M; m++)
        sum += at2(&call->in[0], index[0], m) * at2(&call->in[1], m, index[1]);
    return sum;
}

static void texts_become_one_row(void **state) {
    (void)state;
    OpCall first = {.op = OP_FIRST, .n_in = 1, .length = ROWS, .in = {NUMBERS(ROWS, M)}};
    first.out = NUMBERS(1, M);
    check_call(&first, -1, 1, naive_first);
    OpCall mean = {.op = OP_MEAN_ROWS, .n_in = 1, .length = 6, .in = {NUMBERS(8, M)}};
    mean.out = NUMBERS(1, M);
    check_call(&mean, -1, 1, naive_mean_rows);
    mean.param.mean_rows.count = 4;
    check_call(&mean, -1, 1, naive_mean_rows);
    OpCall pooler = {.op = OP_LINEAR, .n_in = 3, .length = ROWS};
    pooler.in[0] = first.out;
    pooler.in[1] = NUMBERS(M, F);
    pooler.in[2] = NUMBERS(F);
    pooler.out = NUMBERS(1, F);
    for (int kind = 0; kind < LINEAR_KINDS; kind++) {
        pooler.param.linear.kind = (LinearKind)kind;
        check_call(&pooler, -1, 1, naive_linear);
    }
}

static void rows_times_one_number(void **state) {
    (void)state;
    OpCall call = {.op = OP_SCALE_ROWS,
                   .n_in = 1,
                   .length = ROWS,
                   .param.scale_rows = {0.125, false, "1 ÷ √d_model"}};
    call.in[0] = NUMBERS(ROWS, M);
    call.out = NUMBERS(ROWS, M);
    check_call(&call, 0, ROWS, naive_scale_rows);
    call.param.scale_rows.divide = true;
    check_call(&call, 0, ROWS, naive_scale_rows);
}

/* ---- heads ---- */

static double naive_heads(const OpCall *call, const size_t *index) {
    bool zeroed = call->param.heads.zeroed >> index[1] & 1;
    return zeroed ? 0 : tensor_get(&call->in[0], index);
}

static void heads_are_zeroed(void **state) {
    (void)state;
    OpCall call = {.op = OP_KEEP_HEADS, .n_in = 1, .length = ROWS, .param.heads.zeroed = 5};
    call.in[0] = NUMBERS(ROWS, 4, 2);
    call.out = NUMBERS(ROWS, 4, 2);
    check_call(&call, 0, (size_t)ROWS * 4, naive_heads);
    call.param.heads.zeroed = UINT64_MAX;
    call.in[0] = NUMBERS(1, 66, 1);
    call.out = NUMBERS(1, 66, 1);
    op_forward(&call, 0, 1); /* heads beyond the 64th have no bit */
    assert_true(at3(&call.out, 0, 63, 0) == 0 && at3(&call.out, 0, 64, 0) != 0);
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
        cmocka_unit_test_setup_teardown(sinusoids_of_both_layouts, start_golden, finish_golden),
        cmocka_unit_test_setup_teardown(buckets_of_distances, start_golden, finish_golden),
        cmocka_unit_test_setup_teardown(odd_buckets_stay_inside, start, finish),
        cmocka_unit_test_setup_teardown(slopes_of_heads, start_golden, finish_golden),
        cmocka_unit_test_setup_teardown(angles_are_slowed, start_golden, finish_golden),
        cmocka_unit_test_setup_teardown(rows_are_scaled_and_shifted, start, finish),
        cmocka_unit_test_setup_teardown(texts_become_one_row, start, finish),
        cmocka_unit_test_setup_teardown(rows_times_one_number, start, finish),
        cmocka_unit_test_setup_teardown(heads_are_zeroed, start, finish),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
