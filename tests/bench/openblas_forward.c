/* The yardstick for prefill: a plain forward of GPT-2 124M, all logits, each product of matrices one
 * cblas_sgemm of OpenBLAS. What lies between them is C that the compiler may vectorise as it likes
 * (-O3 -march=native -ffast-math, which the engine itself does without), shared out over the same
 * threads: a strong yardstick. */
#include "tests/bench/yardstick.h"

#include <string.h>

/* What is used of cblas.h: so that reading this file needs no OpenBLAS. */
enum { ROW_MAJOR = 101, NO_TRANS = 111, TRANS = 112 };
void cblas_sgemm(int order, int trans_a, int trans_b, int m, int n, int k, float alpha,
                 const float *a, int lda, const float *b, int ldb, float beta, float *c, int ldc);
void openblas_set_num_threads(int threads);

enum { LAYERS = 12, HEADS = 12, D = 64, M = HEADS * D, F = 4 * M, V = 50257 };

typedef struct {
    const float *ln1_w, *ln1_b, *attn_w, *attn_b, *proj_w, *proj_b;
    const float *ln2_w, *ln2_b, *fc_w, *fc_b, *out_w, *out_b;
} Layer;

typedef struct {
    const Model *model;
    ThreadPool *pool;
    Layer layer[LAYERS];
    const float *wte, *wpe, *ln_w, *ln_b;
    int T;
    float *x, *h, *qkv, *z, *ff, *scores, *logits;
} Forward;

/* c[T, n] += a[T, k] · b[k, n] */
static void multiply_add(const Forward *f, const float *a, int k, const float *b, int n, float *c) {
    cblas_sgemm(ROW_MAJOR, NO_TRANS, NO_TRANS, f->T, n, k, 1, a, k, b, n, 1, c, n);
}

/* ---- what lies between, a row at a time ---- */

typedef struct {
    const float *in, *weight, *bias;
    float *out;
    int width;
} Rows;

static void norm_rows(void *user, size_t first, size_t last) {
    const Rows *rows = user;
    for (size_t t = first; t < last; t++) {
        const float *x = rows->in + t * M;
        float *y = rows->out + t * M, mean = 0, square = 0;
        for (int i = 0; i < M; i++)
            mean += x[i];
        mean /= M;
        for (int i = 0; i < M; i++)
            square += (x[i] - mean) * (x[i] - mean);
        float scale = 1 / sqrtf(square / M + 1e-5F);
        for (int i = 0; i < M; i++)
            y[i] = (x[i] - mean) * scale * rows->weight[i] + rows->bias[i];
    }
}

static void bias_rows(void *user, size_t first, size_t last) {
    const Rows *rows = user;
    for (size_t t = first; t < last; t++)
        memcpy(rows->out + t * (size_t)rows->width, rows->bias,
               (size_t)rows->width * sizeof(float));
}

static void add_rows(void *user, size_t first, size_t last) {
    const Rows *rows = user;
    for (size_t t = first; t < last; t++)
        for (int i = 0; i < M; i++)
            rows->out[t * M + (size_t)i] += rows->bias[i];
}

/* 0.5 · (1 + tanh(u)) = 1 ÷ (1 + e^−2u), whose exponential the compiler has in vectors. */
static void gelu_rows(void *user, size_t first, size_t last) {
    const Rows *rows = user;
    float *y = rows->out;
    for (size_t i = first * F; i < last * F; i++) {
        float u = 0.7978845608F * (y[i] + 0.044715F * y[i] * y[i] * y[i]);
        y[i] = y[i] / (1 + expf(-2 * u));
    }
}

/* Row t of the scores sees t + 1 keys. */
static void softmax_rows(void *user, size_t first, size_t last) {
    const Rows *rows = user;
    size_t T = (size_t)rows->width;
    for (size_t t = first; t < last; t++) {
        float *s = rows->out + t * T, most = s[0], sum = 0;
        for (size_t j = 1; j <= t; j++)
            most = s[j] > most ? s[j] : most;
        for (size_t j = 0; j <= t; j++) {
            s[j] = expf(s[j] - most);
            sum += s[j];
        }
        for (size_t j = 0; j <= t; j++)
            s[j] /= sum;
        for (size_t j = t + 1; j < T; j++)
            s[j] = 0;
    }
}

static void by_rows(const Forward *f, ThreadJob *job, Rows rows) {
    thread_pool_run(f->pool, (size_t)f->T, 8, job, &rows);
}

/* ---- the forward ---- */

static void attention(const Forward *f) {
    for (int head = 0; head < HEADS; head++) {
        const float *q = f->qkv + head * D, *k = q + M, *v = k + M;
        cblas_sgemm(ROW_MAJOR, NO_TRANS, TRANS, f->T, f->T, D, 0.125F, q, 3 * M, k, 3 * M, 0,
                    f->scores, f->T);
        by_rows(f, softmax_rows, (Rows){.out = f->scores, .width = f->T});
        cblas_sgemm(ROW_MAJOR, NO_TRANS, NO_TRANS, f->T, D, f->T, 1, f->scores, f->T, v, 3 * M, 0,
                    f->z + head * D, M);
    }
}

static void block(const Forward *f, const Layer *l) {
    by_rows(f, norm_rows, (Rows){f->x, l->ln1_w, l->ln1_b, f->h, M});
    by_rows(f, bias_rows, (Rows){.bias = l->attn_b, .out = f->qkv, .width = 3 * M});
    multiply_add(f, f->h, M, l->attn_w, 3 * M, f->qkv);
    attention(f);
    by_rows(f, add_rows, (Rows){.bias = l->proj_b, .out = f->x});
    multiply_add(f, f->z, M, l->proj_w, M, f->x);
    by_rows(f, norm_rows, (Rows){f->x, l->ln2_w, l->ln2_b, f->h, M});
    by_rows(f, bias_rows, (Rows){.bias = l->fc_b, .out = f->ff, .width = F});
    multiply_add(f, f->h, M, l->fc_w, F, f->ff);
    by_rows(f, gelu_rows, (Rows){.out = f->ff});
    by_rows(f, add_rows, (Rows){.bias = l->out_b, .out = f->x});
    multiply_add(f, f->ff, F, l->out_w, M, f->x);
}

static void forward(const Forward *f, const int32_t *ids) {
    for (int t = 0; t < f->T; t++)
        for (int i = 0; i < M; i++)
            f->x[t * M + i] = f->wte[(size_t)ids[t] * M + (size_t)i] + f->wpe[t * M + i];
    for (int layer = 0; layer < LAYERS; layer++)
        block(f, &f->layer[layer]);
    by_rows(f, norm_rows, (Rows){f->x, f->ln_w, f->ln_b, f->h, M});
    cblas_sgemm(ROW_MAJOR, NO_TRANS, TRANS, f->T, V, M, 1, f->h, M, f->wte, M, 0, f->logits, V);
}

static void open_forward(Forward *f) {
    f->wte = yard_weight(f->model, "transformer.wte.weight", 0);
    f->wpe = yard_weight(f->model, "transformer.wpe.weight", 0);
    f->ln_w = yard_weight(f->model, "transformer.ln_f.weight", 0);
    f->ln_b = yard_weight(f->model, "transformer.ln_f.bias", 0);
#define WEIGHT_OF(name) yard_weight(f->model, "transformer.h.%zu." name, i)
    for (size_t i = 0; i < LAYERS; i++)
        f->layer[i] = (Layer){
            WEIGHT_OF("ln_1.weight"),        WEIGHT_OF("ln_1.bias"),
            WEIGHT_OF("attn.c_attn.weight"), WEIGHT_OF("attn.c_attn.bias"),
            WEIGHT_OF("attn.c_proj.weight"), WEIGHT_OF("attn.c_proj.bias"),
            WEIGHT_OF("ln_2.weight"),        WEIGHT_OF("ln_2.bias"),
            WEIGHT_OF("mlp.c_fc.weight"),    WEIGHT_OF("mlp.c_fc.bias"),
            WEIGHT_OF("mlp.c_proj.weight"),  WEIGHT_OF("mlp.c_proj.bias"),
        };
}

int main(int argc, char **argv) {
    YardArguments arguments = yard_arguments(argc, argv);
    size_t T = arguments.length;
    Arena arena = {0};
    Forward f = {.model = yard_model("gpt2-124m"),
                 .pool = thread_pool_new(arguments.threads),
                 .T = (int)T,
                 .x = ARENA_NEW_N(&arena, float, T *M),
                 .h = ARENA_NEW_N(&arena, float, T *M),
                 .qkv = ARENA_NEW_N(&arena, float, T * 3 * M),
                 .z = ARENA_NEW_N(&arena, float, T *M),
                 .ff = ARENA_NEW_N(&arena, float, T *F),
                 .scores = ARENA_NEW_N(&arena, float, T *T),
                 .logits = ARENA_NEW_N(&arena, float, T *V)};
    int32_t *ids = ARENA_NEW_N(&arena, int32_t, T);
    double *ms = ARENA_NEW_N(&arena, double, arguments.repeat);
    openblas_set_num_threads(arguments.threads);
    open_forward(&f);
    for (size_t t = 0; t < T; t++)
        ids[t] = yard_id(f.model, t);
    for (size_t round = 0; round <= arguments.repeat; round++) { /* the first warms up */
        unsigned long long start = time_now_ns();
        forward(&f, ids);
        if (round > 0)
            ms[round - 1] = (double)(time_now_ns() - start) / 1e6;
    }
    if (arguments.check)
        yard_compare(f.model, ids, T, 0, f.logits);
    else
        yard_print(ms, arguments.repeat);
    thread_pool_free(f.pool);
    model_close((Model *)(uintptr_t)f.model);
    arena_free(&arena);
    return 0;
}
