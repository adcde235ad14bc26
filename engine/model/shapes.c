#include "engine/model/shapes.h"

#include "engine/base/random.h"
#include "engine/model/blank.h"
#include "engine/model/weights.h"

#include <string.h>

typedef struct {
    const char *name, *config;
} ModelShape;

#define LLAMA_SHAPE(vocab, width, hidden, layers, heads, kv, context)                              \
    "{\"model_type\":\"llama\",\"vocab_size\":" #vocab ",\"hidden_size\":" #width                  \
    ",\"intermediate_size\":" #hidden ",\"num_hidden_layers\":" #layers                            \
    ",\"num_attention_heads\":" #heads ",\"num_key_value_heads\":" #kv                             \
    ",\"max_position_embeddings\":" #context ",\"rms_norm_eps\":1e-5,\"tie_word_embeddings\":true" \
    ",\"eos_token_id\":null}\n"

#define GPT2_SHAPE(vocab, width, layers, heads, context)                                           \
    "{\"model_type\":\"gpt2\",\"vocab_size\":" #vocab ",\"n_positions\":" #context                 \
    ",\"n_embd\":" #width ",\"n_layer\":" #layers ",\"n_head\":" #heads                            \
    ",\"activation_function\":\"gelu_new\",\"eos_token_id\":null}\n"

/* No end token: a measurement ends when it has been long enough. The Llamas are those of llama2.c
 * (Karpathy 2023), trained on TinyStories; the nanos are for tests. */
static const ModelShape SHAPES[] = {
    {"nano", LLAMA_SHAPE(512, 32, 48, 2, 4, 2, 64)},
    {"nano-gpt2", GPT2_SHAPE(512, 32, 2, 4, 32)},
    {"llama-15m", LLAMA_SHAPE(32000, 288, 768, 6, 6, 6, 256)},
    {"llama-110m", LLAMA_SHAPE(32000, 768, 2048, 12, 12, 12, 1024)},
    {"gpt2-124m", GPT2_SHAPE(50257, 768, 12, 12, 1024)},
};
enum { SHAPE_COUNT = sizeof SHAPES / sizeof *SHAPES };

static const ModelShape *find_shape(const char *name) {
    for (int i = 0; i < SHAPE_COUNT; i++)
        if (strcmp(SHAPES[i].name, name) == 0)
            return &SHAPES[i];
    return NULL;
}

const char *shapes_config(const char *name) {
    const ModelShape *shape = find_shape(name);
    return shape ? shape->config : NULL;
}

const char *shapes_names(Arena *arena) {
    const char *names = SHAPES[0].name;
    for (int i = 1; i < SHAPE_COUNT; i++)
        names = arena_printf(arena, "%s, %s", names, SHAPES[i].name);
    return names;
}

/* ---- numbers ---- */

/* Truncated; what F16 could only hold denormal becomes 0. */
static void put_number(void *values, DType type, size_t at, float number) {
    uint32_t bits;
    memcpy(&bits, &number, sizeof bits);
    uint32_t exponent = bits >> 23 & 0xFF;
    if (type == DTYPE_F32)
        ((float *)values)[at] = number;
    else if (type == DTYPE_BF16)
        ((uint16_t *)values)[at] = (uint16_t)(bits >> 16);
    else
        ((uint16_t *)values)[at] = exponent < 113
                                       ? 0
                                       : (uint16_t)((bits >> 16 & 0x8000) | (exponent - 112) << 10 |
                                                    (bits >> 13 & 0x3FF));
}

/* 32 bits as a number of deviation 0.02, uniform: ±0.02 · √3. */
static float number_of(uint32_t bits, float around) {
    return around + ((float)bits - 2147483648.0F) * (0.034641016F / 2147483648.0F);
}

/* Two numbers a draw: there are 124 million. */
static void draw_tensor(const StTensor *tensor, uint64_t seed, size_t place) {
    size_t count = tensor->size / dtype_size(tensor->type), name = strlen(tensor->name);
    bool norm = tensor->rank == 1 && name > 6 && strcmp(tensor->name + name - 6, "weight") == 0;
    float around = norm ? 1 : 0;
    void *values = (void *)(uintptr_t)tensor->data; /* our own file's, in memory */
    uint64_t state = seed;
    state = random_bits(&state) ^ place;
    for (size_t at = 0; at < count; at += 2) {
        uint64_t bits = random_bits(&state);
        put_number(values, tensor->type, at, number_of((uint32_t)bits, around));
        if (at + 1 < count)
            put_number(values, tensor->type, at + 1, number_of((uint32_t)(bits >> 32), around));
    }
}

/* ---- making ---- */

static bool make_weights(Model *model, DType type, uint64_t seed, Err *err) {
    if (!blank_file(model, type, NULL, NULL, err))
        return false;
    for (size_t i = 0; i < model->file.count; i++)
        draw_tensor(&model->file.tensor[i], seed, i);
    return weights_load(model, err);
}

Model *shapes_make(const char *name, DType type, uint64_t seed, Err *err) {
    Arena arena = {0};
    Model *model = ARENA_NEW(&arena, Model);
    model->arena = arena;
    const ModelShape *shape = find_shape(name);
    if (!shape) {
        err_set(err, "there is no shape \"%.100s\", expected one of %s", name,
                shapes_names(&model->arena));
        model_close(model);
        return NULL;
    }
    model->name = model->folder = shape->name;
    model->no_tok = "a shape has no tokenizer";
    if (config_parse(shape->config, strlen(shape->config), shape->name, &model->arena,
                     &model->config, &model->family, err) &&
        make_weights(model, type, seed, err))
        return model;
    model_close(model);
    return NULL;
}
