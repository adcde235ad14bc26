/* How fast the kernels are, beside what a plain read of memory reaches in the same run:
 *   build/bench/kernels [THREADS [REPEAT [WORD]]]    only lines with WORD in them, and the reads
 * Each line is the best of all rounds; rounds go through all lines, so that what disturbs the machine
 * disturbs them alike. ATTNSCOPE_ISA chooses the instruction set. */
#include "engine/tensor/kernels.h"
#include "engine/base/arena.h"
#include "engine/base/thread.h"
#include "engine/tensor/isa.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { READ_BYTES = 160 << 20 };

typedef enum { READ, LINEAR, SCORES, SOFTMAX, GELU } Kind;

typedef struct {
    Kind kind;
    const char *name;
    size_t rows, K, N; /* of a row-wise kernel: rows of N */
    bool out_in;       /* the weights are [out, in] */
    DType type;
    double best_ns;
} Line;

typedef struct {
    Line *line;
    const char *weights;
    float *x, *y;
} Work;

static uint64_t read_all(const char *from, size_t size) {
    typedef uint64_t Wide __attribute__((vector_size(64)));
    Wide sum[4] = {{0}};
    for (size_t i = 0; i + sizeof sum <= size; i += sizeof sum)
        for (size_t j = 0; j < 4; j++) {
            Wide part;
            memcpy(&part, from + i + j * sizeof part, sizeof part);
            sum[j] += part;
        }
    Wide all = sum[0] + sum[1] + sum[2] + sum[3];
    uint64_t total = 0;
    for (int i = 0; i < 8; i++)
        total += all[i];
    return total;
}

static void linear_slice(const Work *work, size_t first, size_t last) {
    const Line *line = work->line;
    size_t size = dtype_size(line->type), K = line->K, N = line->N;
    KernelMatrix w = {work->weights + first * size * (line->out_in ? K : 1), line->type,
                      line->out_in ? 1 : (ptrdiff_t)N, line->out_in ? (ptrdiff_t)K : 1};
    kernel_linear(work->y + first, N, work->x, K, line->rows, w, K, last - first, NULL, 0);
}

static void slice(void *user, size_t first, size_t last) {
    const Work *work = user;
    const Line *line = work->line;
    size_t N = line->N;
    switch (line->kind) {
    case READ:
        work->y[first] = (float)read_all(work->weights + first * 65536, (last - first) * 65536);
        break;
    case LINEAR: linear_slice(work, first, last); break;
    case SCORES:
        kernel_scores(work->y + first, N, work->x, line->K, line->rows,
                      (const float *)work->weights + first * line->K, line->K, last - first,
                      line->K);
        break;
    default:
        for (size_t i = first; i < last; i++)
            (line->kind == GELU ? kernel_gelu_tanh : kernel_softmax)(work->y + i * N,
                                                                     work->x + i * N, N);
    }
}

static void measure(ThreadPool *pool, Work *work) {
    Line *line = work->line;
    bool by_rows = line->kind == SOFTMAX || line->kind == GELU;
    size_t count = line->kind == READ ? READ_BYTES / 65536 : by_rows ? line->rows : line->N;
    unsigned long long start = time_now_ns();
    thread_pool_run(pool, count, by_rows ? 1 : 48, slice, work);
    double ns = (double)(time_now_ns() - start);
    if (line->best_ns == 0 || ns < line->best_ns)
        line->best_ns = ns;
}

static void print(const Line *line) {
    double cells = (double)line->rows * (double)line->N, K = (double)line->K;
    double bytes = K * (double)line->N * (double)dtype_size(line->type);
    if (line->kind == READ)
        printf("%-26s %9.1f us %38.1f GB/s\n", line->name, line->best_ns / 1e3,
               READ_BYTES / line->best_ns);
    else if (line->K == 0)
        printf("%-26s %9.1f us %8.2f ns a cell\n", line->name, line->best_ns / 1e3,
               line->best_ns / cells);
    else
        printf("%-26s %9.1f us %8.1f GFLOP/s %12.1f GB/s of w (%s)\n", line->name,
               line->best_ns / 1e3, 2 * cells * K / line->best_ns, bytes / line->best_ns,
               dtype_name(line->type));
}

static Line lines[] = {
    {READ, "read", 1, 0, 0, false, DTYPE_F32, 0},
    {LINEAR, "64 x 768 -> 768", 64, 768, 768, false, DTYPE_F32, 0},
    {LINEAR, "64 x 768 -> 3072", 64, 768, 3072, false, DTYPE_F32, 0},
    {LINEAR, "256 x 768 -> 3072", 256, 768, 3072, false, DTYPE_F32, 0},
    {LINEAR, "256 x 3072 -> 768", 256, 3072, 768, false, DTYPE_F32, 0},
    {LINEAR, "1024 x 768 -> 3072", 1024, 768, 3072, false, DTYPE_F32, 0},
    {LINEAR, "256 x 768 -> 3072", 256, 768, 3072, false, DTYPE_BF16, 0},
    {LINEAR, "64 x 768 -> 50257 out,in", 64, 768, 50257, true, DTYPE_F32, 0},
    {LINEAR, "256 x 768 -> 50257 out,in", 256, 768, 50257, true, DTYPE_F32, 0},
    {LINEAR, "256 x 768 -> 3072 out,in", 256, 768, 3072, true, DTYPE_F32, 0},
    {LINEAR, "256 x 2048 -> 768 out,in", 256, 2048, 768, true, DTYPE_F32, 0},
    {LINEAR, "256 x 768 -> 3072 out,in", 256, 768, 3072, true, DTYPE_BF16, 0},
    {READ, "read", 1, 0, 0, false, DTYPE_F32, 0},
    {LINEAR, "1 x 768 -> 50257 out,in", 1, 768, 50257, true, DTYPE_F32, 0},
    {LINEAR, "1 x 768 -> 50257 out,in", 1, 768, 50257, true, DTYPE_BF16, 0},
    {LINEAR, "1 x 768 -> 50257 out,in", 1, 768, 50257, true, DTYPE_F16, 0},
    {LINEAR, "1 x 288 -> 32000 out,in", 1, 288, 32000, true, DTYPE_F32, 0},
    {LINEAR, "1 x 768 -> 50257", 1, 768, 50257, false, DTYPE_F32, 0},
    {LINEAR, "1 x 3072 -> 12288", 1, 3072, 12288, false, DTYPE_F32, 0},
    {LINEAR, "1 x 3072 -> 12288", 1, 3072, 12288, false, DTYPE_BF16, 0},
    {LINEAR, "1 x 768 -> 2304", 1, 768, 2304, false, DTYPE_F32, 0},
    {LINEAR, "1 x 3072 -> 768", 1, 3072, 768, false, DTYPE_F32, 0},
    {LINEAR, "3 x 3072 -> 12288", 3, 3072, 12288, false, DTYPE_F32, 0},
    {LINEAR, "4 x 3072 -> 12288", 4, 3072, 12288, false, DTYPE_F32, 0},
    {LINEAR, "8 x 3072 -> 12288", 8, 3072, 12288, false, DTYPE_F32, 0},
    {LINEAR, "8 x 768 -> 3072", 8, 768, 3072, false, DTYPE_F32, 0},
    {LINEAR, "16 x 768 -> 3072", 16, 768, 3072, false, DTYPE_F32, 0},
    {LINEAR, "24 x 768 -> 3072", 24, 768, 3072, false, DTYPE_F32, 0},
    {SCORES, "scores 256 x 64 x 1024", 256, 64, 1024, true, DTYPE_F32, 0},
    {SCORES, "scores 1 x 64 x 1024", 1, 64, 1024, true, DTYPE_F32, 0},
    {SOFTMAX, "softmax 256 x 1024", 256, 0, 1024, false, DTYPE_F32, 0},
    {GELU, "gelu 256 x 3072", 256, 0, 3072, false, DTYPE_F32, 0},
};
enum { LINES = sizeof lines / sizeof *lines };

int main(int argc, char **argv) {
    int threads = argc > 1 ? atoi(argv[1]) : thread_count();
    int repeat = argc > 2 ? atoi(argv[2]) : 7;
    Arena arena = {0};
    char *weights = arena_alloc(&arena, READ_BYTES);
    memset(weights, 0x3C, READ_BYTES); /* 0.01 as F32, about 1 as F16 */
    Work work = {NULL, weights, ARENA_NEW_N(&arena, float, 4 << 20),
                 ARENA_NEW_N(&arena, float, 64 << 20)};
    if (!isa_choose_from_environment(NULL))
        return 2;
    ThreadPool *pool = thread_pool_new(threads);
    const char *word = argc > 3 ? argv[3] : "";
    for (int round = 0; round < repeat; round++)
        for (int i = 0; i < LINES; i++) {
            work.line = &lines[i];
            if (lines[i].kind == READ || strstr(lines[i].name, word))
                measure(pool, &work);
        }
    printf("%s, %d threads, best of %d\n", isa_name(), threads, repeat);
    for (int i = 0; i < LINES; i++)
        if (lines[i].best_ns > 0)
            print(&lines[i]);
    thread_pool_free(pool);
    arena_free(&arena);
    return 0;
}
