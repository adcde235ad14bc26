/* engine/tensor/kernels: on every instruction set that this machine has, sums are near those taken in
 * double, a cell has the same bits however it is computed, and nothing beyond the arrays is touched
 * (each is a block of its exact size, under the address sanitizer). */
#include "engine/base/random.h"
#include "engine/tensor/isa.h"
#include "engine/tensor/kernels.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint64_t seed;

static size_t pick(size_t count) {
    return (size_t)(random_bits(&seed) >> 33) % count;
}

static float pick_float(void) {
    return (float)(int64_t)(random_bits(&seed) >> 40) * 0x1p-23f - 1;
}

static void *block(size_t size) {
    void *memory = malloc(size ? size : 1);
    assert_non_null(memory);
    return memory;
}

static float *random_floats(size_t count) {
    float *x = block(count * sizeof *x);
    for (size_t i = 0; i < count; i++)
        x[i] = pick_float();
    return x;
}

/* Calls the check with each instruction set; each starts from the same seed. */
static void with_each_isa(void (*check)(void)) {
    const char *name[ISA_COUNT];
    int count = isa_supported(name);
    assert_true(count >= 1);
    for (int i = 0; i < count; i++) {
        assert_true(isa_choose(name[i], NULL));
        assert_string_equal(isa_name(), name[i]);
        print_message("# %s\n", name[i]);
        seed = 1;
        check();
    }
    assert_true(isa_choose(NULL, NULL));
}

/* ---- matrices ---- */

typedef enum { IN_OUT, OUT_IN, GAPS, LAYOUTS } Layout;

typedef struct {
    size_t rows, K, N, x_row, y_row;
    Layout layout;
    ptrdiff_t bias_step; /* 0: none */
    KernelMatrix w;
    float *x, *y, *bias;
    void *data;
} Case;

static float element(KernelMatrix w, size_t k, size_t n) {
    ptrdiff_t at = (ptrdiff_t)k * w.row + (ptrdiff_t)n * w.column;
    float value;
    kernel_widen(&value, (const char *)w.data + (size_t)at * dtype_size(w.type), w.type, 1);
    return value;
}

static void fill_narrow(uint16_t *to, DType type, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint16_t bits = (uint16_t)random_bits(&seed);
        if (type == DTYPE_F16) /* below 2; one in 16 is subnormal */
            bits = (uint16_t)((bits & 0x83FF) | pick(16) << 10);
        else
            bits = (uint16_t)((bits & 0x807F) | (120 + pick(8)) << 7);
        to[i] = bits;
    }
}

static void make_matrix(Case *c, DType type) {
    size_t gap = c->layout == GAPS ? 2 : 1, extra = pick(3);
    size_t inner = c->layout == OUT_IN ? c->K : c->N, outer = c->layout == OUT_IN ? c->N : c->K;
    size_t step = gap * inner + extra, count = (outer - 1) * step + (inner - 1) * gap + 1;
    if (type == DTYPE_F32) {
        c->data = random_floats(count);
    } else {
        c->data = block(count * 2);
        fill_narrow(c->data, type, count);
    }
    ptrdiff_t small = (ptrdiff_t)gap, large = (ptrdiff_t)step;
    c->w = (KernelMatrix){c->data, type, c->layout == OUT_IN ? small : large,
                          c->layout == OUT_IN ? large : small};
}

static void make_case(Case *c, size_t rows, size_t K, size_t N, Layout layout, DType type,
                      ptrdiff_t bias_step) {
    *c = (Case){.rows = rows, .K = K, .N = N, .layout = layout, .bias_step = bias_step};
    c->x_row = K + pick(2);
    c->y_row = N + pick(2);
    c->x = random_floats((rows - 1) * c->x_row + K);
    c->y = random_floats((rows - 1) * c->y_row + N);
    make_matrix(c, type);
    if (bias_step)
        c->bias = random_floats((N - 1) * (size_t)bias_step + 1);
}

static void free_case(Case *c) {
    free(c->x);
    free(c->y);
    free(c->bias);
    free(c->data);
}

/* A part of the case, as a call of its own. */
static void multiply_part(const Case *c, float *y, size_t y_row, size_t t, size_t rows, size_t n,
                          size_t columns) {
    KernelMatrix w = c->w;
    w.data = (const char *)w.data + n * (size_t)w.column * dtype_size(w.type);
    kernel_linear(y, y_row, c->x + t * c->x_row, c->x_row, rows, w, c->K, columns,
                  c->bias ? c->bias + (ptrdiff_t)n * c->bias_step : NULL, c->bias_step);
}

static void multiply(const Case *c) {
    multiply_part(c, c->y, c->y_row, 0, c->rows, 0, c->N);
}

static void assert_near_double(const Case *c, size_t t, size_t n) {
    double sum = 0, size = 0;
    for (size_t k = 0; k < c->K; k++) {
        double product = (double)c->x[t * c->x_row + k] * (double)element(c->w, k, n);
        sum += product;
        size += fabs(product);
    }
    if (c->bias)
        sum += (double)c->bias[(ptrdiff_t)n * c->bias_step];
    double error = fabs((double)c->y[t * c->y_row + n] - sum);
    double bound = (double)(c->K + 2) * FLT_EPSILON * (size + fabs(sum));
    if (!(error <= bound))
        fail_msg("%zux%zux%zu layout %d type %d at %zu, %zu: %g, expected %g", c->rows, c->K, c->N,
                 (int)c->layout, (int)c->w.type, t, n, (double)c->y[t * c->y_row + n], sum);
}

static void assert_same(const float *a, const float *b, size_t n) {
    assert_memory_equal(a, b, n * sizeof *a);
}

/* What stands between the rows of y is left alone. */
static void check_product(const Case *c) {
    size_t cells = (c->rows - 1) * c->y_row + c->N;
    float *before = block(cells * sizeof *before);
    memcpy(before, c->y, cells * sizeof *before);
    multiply(c);
    for (size_t t = 0; t < c->rows; t++)
        for (size_t n = 0; n < c->N; n++)
            assert_near_double(c, t, n);
    if (c->y_row > c->N)
        for (size_t t = 0; t + 1 < c->rows; t++)
            assert_same(c->y + t * c->y_row + c->N, before + t * c->y_row + c->N, 1);
    free(before);
}

/* Every part of the product, computed alone, has the same bits. */
static void check_part(const Case *c, size_t t, size_t rows, size_t n, size_t columns) {
    float *part = block(rows * columns * sizeof *part);
    multiply_part(c, part, columns, t, rows, n, columns);
    for (size_t i = 0; i < rows; i++)
        assert_same(part + i * columns, c->y + (t + i) * c->y_row + n, columns);
    free(part);
}

static void check_parts(const Case *c) {
    for (int i = 0; i < 6; i++) {
        size_t t = pick(c->rows), n = pick(c->N);
        check_part(c, t, 1, n, 1);
        check_part(c, t, 1 + pick(c->rows - t), n, 1 + pick(c->N - n));
    }
    check_part(c, 0, c->rows, c->N - 1, 1);
    check_part(c, c->rows - 1, 1, 0, c->N);
}

/* A matrix as it is stored, and its widened copy: the same bits. */
static void check_widened(const Case *c) {
    Case wide = *c;
    size_t outer = c->layout == OUT_IN ? c->N : c->K, inner = c->layout == OUT_IN ? c->K : c->N;
    size_t step = (size_t)(c->layout == OUT_IN ? c->w.column : c->w.row);
    size_t gap = (size_t)(c->layout == OUT_IN ? c->w.row : c->w.column);
    size_t count = (outer - 1) * step + (inner - 1) * gap + 1;
    float *data = block(count * sizeof *data);
    kernel_widen(data, c->data, c->w.type, count);
    wide.w.data = data;
    wide.w.type = DTYPE_F32;
    wide.y = random_floats((c->rows - 1) * c->y_row + c->N);
    multiply(&wide);
    for (size_t t = 0; t < c->rows; t++)
        assert_same(wide.y + t * c->y_row, c->y + t * c->y_row, c->N);
    free(wide.y);
    free(data);
}

static void check_case(size_t rows, size_t K, size_t N, Layout layout, DType type,
                       ptrdiff_t bias_step) {
    Case c;
    make_case(&c, rows, K, N, layout, type, bias_step);
    check_product(&c);
    check_parts(&c);
    if (type != DTYPE_F32)
        check_widened(&c);
    free_case(&c);
}

/* Around every border: lanes (4, 8, 16), tiles (2 … 8 rows, up to 48 columns), blocks of k (192). */
static void check_linear(void) {
    static const size_t rows[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 14, 17, 25};
    static const size_t deep[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 191, 193, 385};
    static const size_t wide[] = {1,  2,  3,  4,  5,  7,  8,  9,  15, 16,
                                  17, 31, 32, 33, 47, 48, 49, 65, 97};
    static const DType type[] = {DTYPE_F32, DTYPE_F16, DTYPE_BF16};
    for (size_t i = 0; i < 400; i++)
        check_case(rows[pick(sizeof rows / sizeof *rows)], deep[pick(sizeof deep / sizeof *deep)],
                   wide[pick(sizeof wide / sizeof *wide)], (Layout)(i % LAYOUTS), type[pick(3)],
                   (ptrdiff_t)pick(3));
}

static void linear_is_near_and_always_the_same(void **state) {
    (void)state;
    with_each_isa(check_linear);
}

/* No k at all: the bias alone, or zeros. */
static void check_empty(void) {
    float x = 1, bias[3] = {1, 2, 3}, y[3] = {9, 9, 9};
    kernel_linear(y, 3, &x, 1, 1, (KernelMatrix){&x, DTYPE_F32, 3, 1}, 0, 3, bias, 1);
    assert_same(y, bias, 3);
    kernel_linear(y, 3, &x, 1, 1, (KernelMatrix){&x, DTYPE_F32, 1, 0}, 0, 3, NULL, 0);
    for (int i = 0; i < 3; i++)
        assert_true(y[i] == 0);
}

static void an_empty_sum_is_the_bias(void **state) {
    (void)state;
    with_each_isa(check_empty);
}

static void check_infinities(void) {
    static const float strange[] = {NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < 60; i++) {
        Case c;
        make_case(&c, 1 + pick(14), 1 + pick(40), 1 + pick(60), (Layout)(i % 2), DTYPE_F32, 1);
        size_t row = pick(c.rows), k = pick(c.K), column = pick(c.N);
        float value = strange[pick(3)];
        float *cell = i % 4 < 2 ? &c.x[row * c.x_row + k]
                                : (float *)c.data + (ptrdiff_t)k * c.w.row +
                                      (ptrdiff_t)column * c.w.column;
        *cell = value;
        multiply(&c);
        for (size_t t = 0; t < c.rows; t++)
            for (size_t n = 0; n < c.N; n++) {
                bool hit = i % 4 < 2 ? t == row : n == column;
                float y = c.y[t * c.y_row + n];
                assert_true(hit ? isnan(value) ? isnan(y) : !isfinite(y) : isfinite(y));
            }
        free_case(&c);
    }
}

static void nan_and_infinity_go_where_they_belong(void **state) {
    (void)state;
    with_each_isa(check_infinities);
}

static void check_dot(void) {
    for (size_t K = 1; K < 150; K++) {
        float *a = random_floats(K), *b = random_floats(K), y;
        kernel_linear(&y, 1, a, K, 1, (KernelMatrix){b, DTYPE_F32, 1, (ptrdiff_t)K + 1}, K, 1, NULL,
                      0);
        float dot = kernel_dot(a, b, K);
        assert_same(&y, &dot, 1);
        free(a);
        free(b);
    }
}

static void dot_is_a_cell_of_out_in(void **state) {
    (void)state;
    with_each_isa(check_dot);
}

/* ---- scores ---- */

static void check_scores(void) {
    static const size_t depth[] = {1, 3, 4, 5, 16, 17, 64, 193};
    for (size_t i = 0; i < 120; i++) {
        size_t rows = 1 + pick(18), keys = 1 + pick(100), D = depth[pick(8)];
        size_t q_row = D + pick(2), k_row = D + pick(2), first = pick(keys);
        float *q = random_floats((rows - 1) * q_row + D);
        float *k = random_floats((keys - 1) * k_row + D);
        float *y = random_floats(rows * keys), *part = random_floats(keys - first);
        kernel_scores(y, keys, q, q_row, rows, k, k_row, keys, D);
        for (size_t t = 0; t < rows; t++)
            for (size_t j = 0; j < keys; j++) {
                double sum = 0;
                for (size_t d = 0; d < D; d++)
                    sum += (double)q[t * q_row + d] * (double)k[j * k_row + d];
                assert_true(fabs((double)y[t * keys + j] - sum) <= (double)(D * D) * 1e-7);
            }
        size_t t = pick(rows);
        kernel_scores(part, keys, q + t * q_row, q_row, 1, k + first * k_row, k_row, keys - first,
                      D);
        assert_same(part, y + t * keys + first, keys - first);
        free(q);
        free(k);
        free(y);
        free(part);
    }
}

static void scores_are_near_and_always_the_same(void **state) {
    (void)state;
    with_each_isa(check_scores);
}

/* ---- rows ---- */

/* How many units in the last place `y` is from `exact`; subnormal numbers have the least unit. */
static double ulps(float y, double exact) {
    int exponent;
    frexp(exact, &exponent);
    double unit = ldexp(1, exponent - 24 < -149 ? -149 : exponent - 24);
    return fabs((double)y - exact) / unit;
}

/* Of two numbers 0 and x the second weighs e^x / (1 + e^x): the error of e^x, of a sum rounded once
 * and of one division. e^x itself is at most 2 units off. */
static void check_exp(void) {
    for (float x = 0; x > -110; x -= 0.00137f) {
        float pair[2] = {0, x}, y[2];
        kernel_softmax(y, pair, 2);
        double e = exp((double)x);
        assert_true(ulps(y[1], e / (1 + e)) <= 3.0);
    }
    float edge[4] = {0, -103.97f, -104.5f, -INFINITY}, y[4];
    kernel_softmax(y, edge, 4);
    assert_true(y[0] == 1 && y[1] == 0x1p-149f && y[2] == 0 && y[3] == 0);
}

static void exp_is_exact_to_two_units(void **state) {
    (void)state;
    with_each_isa(check_exp);
}

static void check_softmax_row(const float *x, size_t n) {
    float *y = block(n * sizeof *y), *in_place = block(n * sizeof *y);
    double maximum = -INFINITY, sum = 0, total = 0;
    for (size_t i = 0; i < n; i++)
        maximum = fmax(maximum, (double)x[i]);
    for (size_t i = 0; i < n; i++)
        sum += maximum == -INFINITY ? 0 : exp((double)x[i] - maximum);
    kernel_softmax(y, x, n);
    memcpy(in_place, x, n * sizeof *y);
    kernel_softmax(in_place, in_place, n);
    assert_same(in_place, y, n);
    for (size_t i = 0; i < n; i++) {
        double exact = sum == 0 ? 0 : exp((double)x[i] - maximum) / sum;
        assert_true(fabs((double)y[i] - exact) <= 1e-6 * exact + 1e-44);
        total += (double)y[i];
    }
    assert_true(sum == 0 ? total == 0 : fabs(total - 1) < 1e-6);
    free(y);
    free(in_place);
}

static void check_softmax(void) {
    for (size_t n = 1; n < 70; n++) {
        float *x = random_floats(n);
        check_softmax_row(x, n);
        for (size_t i = 0; i < n; i++)
            x[i] = pick(3) ? -INFINITY : 8 * x[i];
        x[pick(n)] = 3; /* at least one is seen */
        check_softmax_row(x, n);
        for (size_t i = 0; i < n; i++)
            x[i] = 1e30f;
        check_softmax_row(x, n);
        x[pick(n)] = -3e38f;
        if (n > 1)
            check_softmax_row(x, n);
        for (size_t i = 0; i < n; i++)
            x[i] = -INFINITY;
        check_softmax_row(x, n);
        x[pick(n)] = NAN;
        kernel_softmax(x, x, n);
        for (size_t i = 0; i < n; i++)
            assert_true(isnan(x[i]));
        free(x);
    }
}

static void softmax_of_any_row(void **state) {
    (void)state;
    with_each_isa(check_softmax);
}

/* Masked keys at the end change no bit of the others. */
static void check_masked_tail(void) {
    for (size_t n = 1; n < 40; n++) {
        size_t all = n + 1 + pick(40);
        float *x = random_floats(all), *y = block(n * sizeof *y);
        kernel_softmax(y, x, n);
        for (size_t i = n; i < all; i++)
            x[i] = -INFINITY;
        kernel_softmax(x, x, all);
        assert_same(x, y, n);
        free(x);
        free(y);
    }
}

static void softmax_of_a_masked_tail(void **state) {
    (void)state;
    with_each_isa(check_masked_tail);
}

static double exact_gelu(double x) {
    return x / (1 + exp(-2 * sqrt(2 / 3.14159265358979323846) * (x + 0.044715 * x * x * x)));
}

static double exact_silu(double x) {
    return x / (1 + exp(-x));
}

static void check_activation(void (*kernel)(float *, const float *, size_t),
                             double (*exact)(double), double relative) {
    for (size_t n = 1; n < 40; n++) {
        float *x = random_floats(n), *y = block(n * sizeof *y);
        for (size_t i = 0; i < n; i++)
            x[i] *= (float)n;
        kernel(y, x, n);
        for (size_t i = 0; i < n; i++) {
            double wanted = exact((double)x[i]);
            double slack = relative * (1 + fabs((double)x[i] * (double)x[i] * (double)x[i]));
            assert_true(fabs((double)y[i] - wanted) <= slack * fabs(wanted) + 1e-36);
        }
        free(x);
        free(y);
    }
    float strange[5] = {INFINITY, -INFINITY, NAN, 1e30f, -1e30f};
    kernel(strange, strange, 5);
    assert_true(strange[0] == INFINITY && isnan(strange[2]) && strange[3] == 1e30f &&
                strange[4] == 0);
}

static void check_activations(void) {
    check_activation(kernel_silu, exact_silu, 4e-7);
    check_activation(kernel_gelu_tanh, exact_gelu, 4e-7);
}

static void activations_are_near(void **state) {
    (void)state;
    with_each_isa(check_activations);
}

static void check_axpy(void) {
    for (size_t n = 1; n < 40; n++) {
        float *x = random_floats(n), *y = random_floats(n), *was = block(n * sizeof *y);
        memcpy(was, y, n * sizeof *y);
        float a = pick_float();
        kernel_axpy(y, a, x, n);
        for (size_t i = 0; i < n; i++)
            assert_true(fabs((double)y[i] - ((double)was[i] + (double)a * (double)x[i])) < 2e-7);
        free(x);
        free(y);
        free(was);
    }
}

static void axpy_adds(void **state) {
    (void)state;
    with_each_isa(check_axpy);
}

/* Every bit pattern there is, in pieces of odd lengths. */
static void check_widen(void) {
    for (uint32_t first = 0, n; first < 65536; first += n) {
        n = 1 + (uint32_t)pick(300);
        n = n < 65536 - first ? n : 65536 - first;
        uint16_t *bits = block(n * sizeof *bits);
        float *half = block(n * sizeof *half), *brain = block(n * sizeof *brain);
        for (uint32_t i = 0; i < n; i++)
            bits[i] = (uint16_t)(first + i);
        kernel_widen(half, bits, DTYPE_F16, n);
        kernel_widen(brain, bits, DTYPE_BF16, n);
        for (uint32_t i = 0; i < n; i++) {
            float exact = half_to_float(bits[i]), exact_brain = bf16_to_float(bits[i]);
            if (isnan(exact))
                assert_true(isnan(half[i])); /* a signalling NaN may come out as a quiet one */
            else
                assert_same(&half[i], &exact, 1);
            assert_same(&brain[i], &exact_brain, 1);
        }
        free(bits);
        free(half);
        free(brain);
    }
}

static void widening_is_exact(void **state) {
    (void)state;
    with_each_isa(check_widen);
}

/* ---- the choice ---- */

static void a_wrong_instruction_set_is_refused(void **state) {
    (void)state;
    Err err;
    assert_false(isa_choose("mmx", &err));
    assert_non_null(strstr(err.text, "'mmx'"));
    assert_non_null(strstr(err.text, "portable"));
#ifdef __x86_64__
    assert_false(isa_choose("neon", &err));
#else
    assert_false(isa_choose("avx2", &err));
#endif
    assert_true(isa_choose("portable", &err));
    assert_string_equal(isa_name(), "portable");
    assert_true(isa_choose("", &err));
}

static void the_environment_chooses(void **state) {
    (void)state;
    const char *old = getenv("ATTNSCOPE_ISA");
    char *kept = old ? strdup(old) : NULL;
    Err err;
    assert_int_equal(setenv("ATTNSCOPE_ISA", "portable", 1), 0);
    assert_true(isa_choose_from_environment(&err));
    assert_string_equal(isa_name(), "portable");
    assert_int_equal(setenv("ATTNSCOPE_ISA", "fast", 1), 0);
    assert_false(isa_choose_from_environment(&err));
    assert_non_null(strstr(err.text, "ATTNSCOPE_ISA: "));
    assert_string_equal(isa_name(), "portable");
    assert_int_equal(kept ? setenv("ATTNSCOPE_ISA", kept, 1) : unsetenv("ATTNSCOPE_ISA"), 0);
    free(kept);
    assert_true(isa_choose(NULL, NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(linear_is_near_and_always_the_same),
        cmocka_unit_test(an_empty_sum_is_the_bias),
        cmocka_unit_test(nan_and_infinity_go_where_they_belong),
        cmocka_unit_test(dot_is_a_cell_of_out_in),
        cmocka_unit_test(scores_are_near_and_always_the_same),
        cmocka_unit_test(exp_is_exact_to_two_units),
        cmocka_unit_test(softmax_of_any_row),
        cmocka_unit_test(softmax_of_a_masked_tail),
        cmocka_unit_test(activations_are_near),
        cmocka_unit_test(axpy_adds),
        cmocka_unit_test(widening_is_exact),
        cmocka_unit_test(a_wrong_instruction_set_is_refused),
        cmocka_unit_test(the_environment_chooses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
