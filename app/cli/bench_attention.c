/* bench_attention: attention alone, of one head of the shape: queries, keys and values of n tokens in,
 * z out. Standard attention is what the engine's own operations do one after another, in two
 * matrices n × n that take turns; flash is its tile loop. */
#include "app/cli/bench_shape.h"

#include "engine/base/random.h"
#include "engine/ops/flash.h"
#include "engine/run/pattern.h"

#include <math.h>

enum { STANDARD_CALLS = 5, ROWS = 64 /* that a thread takes at least */ };
struct AttentionBench {
    OpCall call[STANDARD_CALLS];
    int calls;
};

static Tensor make_tensor(ShapeBench *bench, size_t n0, size_t n1, size_t n2) {
    float *data = arena_try(&bench->arena, n0 * n1 * n2 * sizeof *data);
    return tensor_dense(DTYPE_F32, 3, (size_t[]){n0, n1, n2}, data);
}

/* Uniform in [−√3, √3): deviation 1, as a norm's output has. */
static void fill(const Tensor *tensor, uint64_t seed) {
    for (size_t i = 0; i < tensor_count(tensor); i++)
        tensor_f32(tensor)[i] = ((float)(random_bits(&seed) >> 40) / 8388608.0F - 1) * 1.7320508F;
}

static OpCall make_call(OpId op, OpParams param, Tensor out, Tensor a, Tensor b, int inputs,
                        size_t n) {
    return (OpCall){
        .op = op, .param = param, .out = out, .in = {a, b}, .n_in = inputs, .length = n};
}

static bool open_standard(ShapeBench *bench, Tensor q, Tensor k, Tensor v, Tensor z, Err *err) {
    struct AttentionBench *one = bench->one;
    size_t n = bench->length;
    Tensor a = make_tensor(bench, 1, n, n), b = make_tensor(bench, 1, n, n);
    OpParams none = {0}, scale = {.scale = {sqrt((double)q.dim[2]), false}};
    OpParams mask = {.mask = bench->model->config.mask}, keys = {.softmax = {SOFTMAX_KEYS}};
    if (!a.data || !b.data)
        return err_set(err, "no memory for two matrices of %zu × %zu", n, n);
    one->call[one->calls++] = make_call(OP_SCORES, none, a, q, k, 2, n);
    one->call[one->calls++] = make_call(OP_SCALE, scale, b, a, a, 1, n);
    one->call[one->calls++] = make_call(OP_MASK, mask, a, b, b, 1, n);
    one->call[one->calls++] = make_call(OP_SOFTMAX, keys, b, a, a, 1, n);
    one->call[one->calls++] = make_call(OP_WEIGHTED_SUM, none, z, b, v, 2, n);
    bench->extra_bytes = 2 * n * n * sizeof(float);
    return true;
}

static void open_flash(ShapeBench *bench, Tensor q, Tensor k, Tensor v, Tensor z) {
    struct AttentionBench *one = bench->one;
    OpParams param = {.flash = {.scale = 1 / sqrt((double)q.dim[2]),
                                .mask = bench->model->config.mask,
                                .rows = bench->attention.tile_rows,
                                .columns = bench->attention.tile_columns}};
    FlashCount count = {0};
    one->call[0] = make_call(OP_FLASH, param, z, q, k, 3, bench->length);
    one->call[0].in[2] = v;
    one->calls = 1;
    flash_count(&one->call[0], &count);
    bench->extra_bytes = count.extra_bytes;
}

static bool open_attention(ShapeBench *bench, Err *err) {
    size_t n = bench->length, D = bench->model->config.d_head;
    Tensor q = make_tensor(bench, n, 1, D), k = make_tensor(bench, n, 1, D);
    Tensor v = make_tensor(bench, n, 1, D), z = make_tensor(bench, n, 1, D);
    if (!q.data || !k.data || !v.data || !z.data)
        return err_set(err, "no memory for %zu tokens", n);
    fill(&q, 1);
    fill(&k, 2);
    fill(&v, 3);
    bench->one = ARENA_NEW(&bench->arena, struct AttentionBench);
    if (bench->attention.kind == ATTENTION_STANDARD)
        return open_standard(bench, q, k, v, z, err);
    open_flash(bench, q, k, v, z);
    return true;
}

static void run_rows(void *user, size_t first, size_t last) {
    op_forward(user, first, last);
}

static bool run_attention(ShapeBench *bench, double *ms, Err *err) {
    (void)err;
    unsigned long long start = time_now_ns();
    for (int i = 0; i < bench->one->calls; i++)
        thread_pool_run(bench->pool, bench->length, ROWS, run_rows, &bench->one->call[i]);
    *ms = bench_since(start);
    return true;
}

static ShapeWork attention_work(const ShapeBench *bench) {
    const ModelConfig *c = &bench->model->config;
    double n = (double)bench->length, D = (double)c->d_head;
    return (ShapeWork){n, 4 * D * pattern_cells(&c->mask, bench->length),
                       3 * n * D * sizeof(float)};
}

const ShapeTask bench_attention = {
    .name = "attention", .open = open_attention, .run = run_attention, .work = attention_work};
