/* The yardstick for decoding: Llama's inference a token at a time, as one would write it in plain C:
 * one product of a matrix and a vector after another, rows shared out by OpenMP, everything else left
 * to the compiler (-Ofast -march=native, which the engine itself does without). Of the shape llama-15m.
 * After LENGTH tokens that are given it times 32 that it chooses, the likeliest each time. */
#include "tests/bench/yardstick.h"

#include <omp.h>
#include <string.h>

enum { LAYERS = 6, HEADS = 6, D = 48, M = HEADS * D, F = 768, V = 32000, NEW_TOKENS = 32 };

typedef struct {
    const float *norm1, *q, *k, *v, *o, *norm2, *gate, *up, *down;
} Layer;

typedef struct {
    const Model *model;
    Layer layer[LAYERS];
    const float *embed, *norm;
    size_t context;
    float x[M], h[M], q[M], z[M], gate[F], up[F], logits[V];
    float *scores;        /* [HEADS, context] */
    float *keys, *values; /* [LAYERS, context, M] */
} Decoder;

/* y[n] = w[n, k] · x[k] */
static void matrix_vector(float *y, const float *w, const float *x, int n, int k) {
#pragma omp parallel for
    for (int row = 0; row < n; row++) {
        const float *weight = w + (size_t)row * (size_t)k;
        float sum = 0;
        for (int i = 0; i < k; i++)
            sum += weight[i] * x[i];
        y[row] = sum;
    }
}

static void rms_norm(float *y, const float *x, const float *weight) {
    float square = 0;
    for (int i = 0; i < M; i++)
        square += x[i] * x[i];
    float scale = 1 / sqrtf(square / M + 1e-5F);
    for (int i = 0; i < M; i++)
        y[i] = x[i] * scale * weight[i];
}

/* Pairs are the halves of a head, as Hugging Face's files have them. */
static void rotate(float *x, size_t position) {
    for (int i = 0; i < D / 2; i++) {
        float angle = (float)position * powf(10000, -2.0F * (float)i / D);
        float c = cosf(angle), s = sinf(angle);
        for (int head = 0; head < HEADS; head++) {
            float *a = x + head * D + i, *b = a + D / 2, old = *a;
            *a = old * c - *b * s;
            *b = *b * c + old * s;
        }
    }
}

static void attend(Decoder *d, const float *keys, const float *values, size_t position) {
#pragma omp parallel for
    for (int head = 0; head < HEADS; head++) {
        const float *q = d->q + head * D;
        float *s = d->scores + (size_t)head * d->context, *z = d->z + head * D;
        float most = -INFINITY, sum = 0;
        for (size_t j = 0; j <= position; j++) {
            float dot = 0;
            for (int i = 0; i < D; i++)
                dot += q[i] * keys[j * M + (size_t)(head * D + i)];
            s[j] = dot / sqrtf(D);
            most = s[j] > most ? s[j] : most;
        }
        for (size_t j = 0; j <= position; j++) {
            s[j] = expf(s[j] - most);
            sum += s[j];
        }
        memset(z, 0, D * sizeof *z);
        for (size_t j = 0; j <= position; j++)
            for (int i = 0; i < D; i++)
                z[i] += s[j] / sum * values[j * M + (size_t)(head * D + i)];
    }
}

static void add(float *x, const float *y) {
    for (int i = 0; i < M; i++)
        x[i] += y[i];
}

static void block(Decoder *d, size_t at, size_t position) {
    const Layer *l = &d->layer[at];
    float *keys = d->keys + at * d->context * M, *values = d->values + at * d->context * M;
    float *key = keys + position * M, *value = values + position * M;
    rms_norm(d->h, d->x, l->norm1);
    matrix_vector(d->q, l->q, d->h, M, M);
    matrix_vector(key, l->k, d->h, M, M);
    matrix_vector(value, l->v, d->h, M, M);
    rotate(d->q, position);
    rotate(key, position);
    attend(d, keys, values, position);
    matrix_vector(d->h, l->o, d->z, M, M);
    add(d->x, d->h);
    rms_norm(d->h, d->x, l->norm2);
    matrix_vector(d->gate, l->gate, d->h, F, M);
    matrix_vector(d->up, l->up, d->h, F, M);
    for (int i = 0; i < F; i++)
        d->gate[i] *= d->up[i] / (1 + expf(-d->gate[i]));
    matrix_vector(d->h, l->down, d->gate, M, F);
    add(d->x, d->h);
}

/* Returns the likeliest next token. */
static int32_t step(Decoder *d, int32_t id, size_t position) {
    memcpy(d->x, d->embed + (size_t)id * M, sizeof d->x);
    for (size_t layer = 0; layer < LAYERS; layer++)
        block(d, layer, position);
    rms_norm(d->h, d->x, d->norm);
    matrix_vector(d->logits, d->embed, d->h, V, M);
    int best = 0;
    for (int i = 1; i < V; i++)
        best = d->logits[i] > d->logits[best] ? i : best;
    return best;
}

static void open_decoder(Decoder *d, size_t context) {
    d->model = yard_model("llama-15m");
    d->embed = yard_weight(d->model, "model.embed_tokens.weight", 0);
    d->norm = yard_weight(d->model, "model.norm.weight", 0);
    d->context = context;
    d->scores = calloc(HEADS * context, sizeof *d->scores);
    d->keys = calloc(LAYERS * context * M, sizeof *d->keys);
    d->values = calloc(LAYERS * context * M, sizeof *d->values);
#define WEIGHT_OF(name) yard_weight(d->model, "model.layers.%zu." name ".weight", i)
    for (size_t i = 0; i < LAYERS; i++)
        d->layer[i] = (Layer){WEIGHT_OF("input_layernorm"),  WEIGHT_OF("self_attn.q_proj"),
                              WEIGHT_OF("self_attn.k_proj"), WEIGHT_OF("self_attn.v_proj"),
                              WEIGHT_OF("self_attn.o_proj"), WEIGHT_OF("post_attention_layernorm"),
                              WEIGHT_OF("mlp.gate_proj"),    WEIGHT_OF("mlp.up_proj"),
                              WEIGHT_OF("mlp.down_proj")};
}

/* Milliseconds of the new tokens; `ids` receives all that were read. */
static double decode(Decoder *d, int32_t *ids, size_t length) {
    int32_t next = 0;
    unsigned long long start = 0;
    for (size_t position = 0; position < length + NEW_TOKENS; position++) {
        if (position == length)
            start = time_now_ns();
        ids[position] = position < length ? yard_id(d->model, position) : next;
        next = step(d, ids[position], position);
    }
    return (double)(time_now_ns() - start) / 1e6;
}

int main(int argc, char **argv) {
    YardArguments arguments = yard_arguments(argc, argv);
    size_t context = arguments.length + NEW_TOKENS;
    Decoder *decoder = calloc(1, sizeof *decoder);
    int32_t *ids = calloc(context, sizeof *ids);
    double *ms = calloc(arguments.repeat, sizeof *ms);
    if (!decoder || !ids || !ms)
        return 1;
    omp_set_num_threads(arguments.threads);
    open_decoder(decoder, context);
    if (!decoder->scores || !decoder->keys || !decoder->values)
        return 1;
    for (size_t round = 0; round <= arguments.repeat; round++) { /* the first warms up */
        double took = decode(decoder, ids, arguments.length);
        if (round > 0)
            ms[round - 1] = took;
    }
    if (arguments.check)
        yard_compare(decoder->model, ids, context, context - 1, decoder->logits);
    else
        yard_print(ms, arguments.repeat);
    return 0;
}
