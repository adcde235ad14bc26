/* The yardstick for flash attention: one head as equation 1 of Vaswani et al. 2017 says it, one step
 * after another in two matrices n × n, one thread: a score for each pair by a product of two rows, all
 * of them scaled, a softmax a row, the values added up row by row. On the engine's vector kernels, and
 * compiled as the engine is. */
#include "engine/ops/flash.h"
#include "engine/tensor/kernels.h"
#include "tests/bench/yardstick.h"

#include <string.h>

enum { D = 64 };

typedef struct {
    size_t n;
    float *q, *k, *v, *z, *scores, *pattern;
} Head;

static void attend(const Head *h) {
    size_t n = h->n;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            h->scores[i * n + j] = kernel_dot(h->q + i * D, h->k + j * D, D);
    for (size_t cell = 0; cell < n * n; cell++)
        h->scores[cell] *= 0.125F;
    for (size_t i = 0; i < n; i++)
        kernel_softmax(h->pattern + i * n, h->scores + i * n, n);
    memset(h->z, 0, n * D * sizeof *h->z);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            kernel_axpy(h->z + i * D, h->pattern[i * n + j], h->v + j * D, D);
}

static float *numbers(Arena *arena, size_t count, uint64_t seed) {
    float *list = arena_alloc_n(arena, count, sizeof *list);
    for (size_t i = 0; i < count; i++)
        list[i] = ((float)(random_bits(&seed) >> 40) / 8388608.0F - 1) * 1.7320508F;
    return list;
}

/* The largest difference from the engine's tile loop, as a share of the largest cell. */
static void compare(const Head *h, Arena *arena) {
    size_t dim[] = {h->n, 1, D};
    Tensor z = tensor_dense(DTYPE_F32, 3, dim, arena_alloc_n(arena, h->n * D, sizeof(float)));
    OpCall call = {.op = OP_FLASH,
                   .param = {.flash = {.scale = 0.125, .mask = {.kind = MASK_FULL}}},
                   .out = z,
                   .in = {tensor_dense(DTYPE_F32, 3, dim, h->q),
                          tensor_dense(DTYPE_F32, 3, dim, h->k),
                          tensor_dense(DTYPE_F32, 3, dim, h->v)},
                   .n_in = 3,
                   .length = h->n};
    flash_default_tile(D, &call.param.flash.rows, &call.param.flash.columns);
    op_forward(&call, 0, h->n);
    double difference = 0, largest = 0;
    for (size_t i = 0; i < h->n * D; i++) {
        difference = fmax(difference, fabs((double)tensor_f32(&z)[i] - (double)h->z[i]));
        largest = fmax(largest, fabs((double)h->z[i]));
    }
    printf("{\"difference\": %.3g}\n", difference / largest);
}

int main(int argc, char **argv) {
    YardArguments arguments = yard_arguments(argc, argv);
    size_t n = arguments.length;
    Arena arena = {0};
    Head head = {.n = n,
                 .q = numbers(&arena, n * D, 1),
                 .k = numbers(&arena, n * D, 2),
                 .v = numbers(&arena, n * D, 3),
                 .z = numbers(&arena, n * D, 0),
                 .scores = arena_alloc_n(&arena, n * n, sizeof(float)),
                 .pattern = arena_alloc_n(&arena, n * n, sizeof(float))};
    double *ms = ARENA_NEW_N(&arena, double, arguments.repeat);
    for (size_t round = 0; round <= arguments.repeat; round++) { /* the first warms up */
        unsigned long long start = time_now_ns();
        attend(&head);
        if (round > 0)
            ms[round - 1] = (double)(time_now_ns() - start) / 1e6;
    }
    if (arguments.check)
        compare(&head, &arena);
    else
        yard_print(ms, arguments.repeat);
    arena_free(&arena);
    return 0;
}
