/* flash: flash attention of one head against a naive one of our own, which writes two matrices of
 * queries × keys: plain loops that the compiler turns into the same vector instructions. Interleaved
 * runs on one thread; prints the least and the median of each.
 *
 *   build/bench/flash [N [D [RUNS [ROWS COLUMNS]]]] */
#include "engine/tensor/flash.h"
#include "engine/base/thread.h"
#include "engine/tensor/isa.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    size_t n, D;
    float *q, *k, *v, *z, *scores, *weights;
} Input;

#if defined __x86_64__
#define AVX512 "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"
#ifdef __clang__
#define WIDE AVX512
#else
#define WIDE AVX512 ",prefer-vector-width=512"
#endif
#define FOR_AVX2 __attribute__((target("avx2,fma")))
#define FOR_AVX512 __attribute__((target(WIDE)))
#else
#define FOR_AVX2
#define FOR_AVX512
#endif
#define LANES 16

/* S = Q Kᵀ ÷ √d; P = softmax(S); Z = P V. The lanes let the compiler turn the dot product, which has a
 * fixed order, into vectors. */
#define NAIVE(name, target)                                                                        \
    target static void name(const Input *in) {                                                     \
        float scale = 1 / sqrtf((float)in->D);                                                     \
        for (size_t i = 0; i < in->n; i++)                                                         \
            for (size_t j = 0; j < in->n; j++) {                                                   \
                float lane[LANES] = {0}, sum = 0;                                                  \
                const float *q = in->q + i * in->D, *k = in->k + j * in->D;                        \
                size_t d = 0;                                                                      \
                for (; d + LANES <= in->D; d += LANES)                                             \
                    for (size_t l = 0; l < LANES; l++)                                             \
                        lane[l] += q[d + l] * k[d + l];                                            \
                for (size_t l = 0; l < LANES; l++)                                                 \
                    sum += lane[l];                                                                \
                for (; d < in->D; d++)                                                             \
                    sum += q[d] * k[d];                                                            \
                in->scores[i * in->n + j] = sum * scale;                                           \
            }                                                                                      \
        for (size_t i = 0; i < in->n; i++) {                                                       \
            const float *s = in->scores + i * in->n;                                               \
            float *p = in->weights + i * in->n, max = s[0], sum = 0;                               \
            for (size_t j = 1; j < in->n; j++)                                                     \
                max = s[j] > max ? s[j] : max;                                                     \
            for (size_t j = 0; j < in->n; j++) {                                                   \
                p[j] = expf(s[j] - max);                                                           \
                sum += p[j];                                                                       \
            }                                                                                      \
            for (size_t j = 0; j < in->n; j++)                                                     \
                p[j] /= sum;                                                                       \
        }                                                                                          \
        for (size_t i = 0; i < in->n; i++) {                                                       \
            float *z = in->z + i * in->D;                                                          \
            memset(z, 0, in->D * sizeof *z);                                                       \
            for (size_t j = 0; j < in->n; j++)                                                     \
                for (size_t d = 0; d < in->D; d++)                                                 \
                    z[d] += in->weights[i * in->n + j] * in->v[j * in->D + d];                     \
        }                                                                                          \
    }
NAIVE(naive_plain, )
NAIVE(naive_avx2, FOR_AVX2)
NAIVE(naive_avx512, FOR_AVX512)

static bool never_empty(const void *user, FlashTile tile) {
    (void)user;
    (void)tile;
    return false;
}

static void no_mask(const void *user, FlashTile tile, float *scores, size_t row) {
    (void)user;
    (void)tile;
    (void)scores;
    (void)row;
}

static float *numbers(size_t count) {
    float *data = malloc(count * sizeof *data);
    if (!data)
        abort();
    for (size_t i = 0; i < count; i++)
        data[i] = (float)sin((double)i * 12.9898) * 1.5F;
    return data;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double seconds(void) {
    return (double)time_now_ns() * 1e-9;
}

static void print_times(const char *what, double *time, size_t runs, double flops) {
    qsort(time, runs, sizeof *time, by_size);
    printf("%-8s least %9.3f ms  median %9.3f ms  %6.1f GFLOP/s\n", what, time[0] * 1e3,
           time[runs / 2] * 1e3, flops / time[0] * 1e-9);
}

static size_t argument(int argc, char **argv, int at, size_t otherwise) {
    return argc > at ? strtoul(argv[at], NULL, 10) : otherwise;
}

int main(int argc, char **argv) {
    Input in = {.n = argument(argc, argv, 1, 2048), .D = argument(argc, argv, 2, 64)};
    size_t runs = argument(argc, argv, 3, 5), rows, columns;
    flash_default_tile(in.D, &rows, &columns);
    rows = argument(argc, argv, 4, rows);
    columns = argument(argc, argv, 5, columns);
    in.q = numbers(in.n * in.D);
    in.k = numbers(in.n * in.D);
    in.v = numbers(in.n * in.D);
    in.z = numbers(in.n * in.D);
    in.scores = numbers(in.n * in.n);
    in.weights = numbers(in.n * in.n);
    float *z = numbers(in.n * in.D);
    double *naive = calloc(runs, sizeof *naive), *flash = calloc(runs, sizeof *flash);
    if (!naive || !flash || runs == 0)
        return 1;
    FlashCount count = {0};
    FlashHead head = {.q = in.q,
                      .k = in.k,
                      .v = in.v,
                      .z = z,
                      .q_row = in.D,
                      .k_row = in.D,
                      .v_row = in.D,
                      .z_row = in.D,
                      .keys = in.n,
                      .D = in.D,
                      .scale = 1 / sqrtf((float)in.D),
                      .tile_rows = rows,
                      .tile_columns = columns,
                      .empty = never_empty,
                      .adjust = no_mask,
                      .count = &count};
    const char *isa = isa_name();
    for (size_t run = 0; run < runs; run++) {
        double start = seconds();
        if (strcmp(isa, "avx512") == 0)
            naive_avx512(&in);
        else if (strcmp(isa, "avx2") == 0)
            naive_avx2(&in);
        else
            naive_plain(&in);
        double middle = seconds();
        count = (FlashCount){0};
        flash_head(&head, 0, in.n);
        naive[run] = middle - start;
        flash[run] = seconds() - middle;
    }
    double worst = 0;
    for (size_t i = 0; i < in.n * in.D; i++)
        worst = fmax(worst, fabs((double)z[i] - (double)in.z[i]));
    printf("%s, n %zu, d %zu, tile %zux%zu, one thread\n", isa, in.n, in.D, rows, columns);
    print_times("naive", naive, runs, count.flops);
    print_times("flash", flash, runs, count.flops);
    printf("flash is %.2f times as fast (medians: %.2f); %.1f KiB extra; largest difference %.2g\n",
           naive[0] / flash[0], naive[runs / 2] / flash[runs / 2], (double)count.extra_bytes / 1024,
           worst);
    return 0;
}
