#include "tests/tiny_model.h"

#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/file.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct {
    const TinyModel *model;
    uint64_t state; /* of the random numbers */
    Buf header, data;
} Writer;

/* xorshift64* (Vigna 2016): the top bits of the product. */
static uint32_t next_random(Writer *writer) {
    writer->state ^= writer->state >> 12;
    writer->state ^= writer->state << 25;
    writer->state ^= writer->state >> 27;
    return (uint32_t)((writer->state * 0x2545F4914F6CDD1Dull) >> 40);
}

/* A multiple of 1/256 between −255/256 and 255/256: eight binary digits. */
static float next_number(Writer *writer) {
    return (float)((int)(next_random(writer) % 511) - 255) / 256;
}

/* The weight of a norm: from 1 to 2, in as few digits. */
static float next_norm(Writer *writer) {
    return (float)(128 + next_random(writer) % 128) / 128;
}

static uint16_t half_of(float number) {
    uint32_t bits;
    memcpy(&bits, &number, sizeof bits);
    if (number == 0)
        return 0;
    uint32_t exponent = (bits >> 23 & 0xFF) - 127 + 15; /* normal: 2^-8 and above */
    return (uint16_t)(bits >> 31 << 15 | exponent << 10 | (bits >> 13 & 0x3FF));
}

static void put_number(Buf *data, DType type, float number) {
    uint32_t bits;
    memcpy(&bits, &number, sizeof bits);
    uint16_t top = type == DTYPE_F16 ? half_of(number) : (uint16_t)(bits >> 16);
    if (type == DTYPE_F16 || type == DTYPE_BF16)
        buf_add(data, &top, sizeof top);
    else
        buf_add(data, &number, sizeof number);
}

static void put_entry(Writer *writer, const char *name, const char *type, size_t rank,
                      const size_t *dim, size_t size) {
    size_t begin = writer->data.size;
    buf_printf(&writer->header, "%s\"%s\":{\"dtype\":\"%s\",\"shape\":[",
               writer->header.size > 1 ? "," : "", name, type);
    for (size_t axis = 0; axis < rank; axis++)
        buf_printf(&writer->header, axis ? ",%zu" : "%zu", dim[axis]);
    buf_printf(&writer->header, "],\"data_offsets\":[%zu,%zu]}", begin, begin + size);
}

static bool is(const char *name, const char *chosen) {
    return chosen && strcmp(name, chosen) == 0;
}

static void put_tensor(Writer *writer, const char *name, size_t rows, size_t columns, bool norm) {
    const TinyModel *model = writer->model;
    if (is(name, model->drop))
        return;
    size_t dim[2] = {rows + (is(name, model->reshape) ? 1 : 0), columns};
    size_t rank = columns ? 2 : 1, count = dim[0] * (columns ? columns : 1);
    DType type = is(name, model->integers) ? DTYPE_I32 : model->type;
    put_entry(writer, name, dtype_name(type), rank, dim, count * dtype_size(type));
    for (size_t i = 0; i < count; i++)
        put_number(&writer->data, type, norm ? next_norm(writer) : next_number(writer));
}

static void put_buffers(Writer *writer, const char *layer, size_t n_ctx) {
    char name[96];
    size_t dim[4] = {1, 1, n_ctx, n_ctx};
    snprintf(name, sizeof name, "%sattn.bias", layer);
    put_entry(writer, name, "U8", 4, dim, n_ctx * n_ctx);
    for (size_t i = 0; i < n_ctx * n_ctx; i++)
        buf_char(&writer->data, i % n_ctx <= i / n_ctx);
    snprintf(name, sizeof name, "%sattn.masked_bias", layer);
    put_entry(writer, name, "F32", 0, dim, sizeof(float));
    put_number(&writer->data, DTYPE_F32, -10000);
}

static void put_layer(Writer *writer, const TinyModel *m, const char *prefix, size_t layer) {
    static const struct {
        const char *name;
        char rows, columns; /* M d_model, Q 3·d_model, F d_ff, 0 none */
        bool norm;
    } tensors[] = {
        {"ln_1.weight", 'M', 0, true},           {"ln_1.bias", 'M', 0, false},
        {"attn.c_attn.weight", 'M', 'Q', false}, {"attn.c_attn.bias", 'Q', 0, false},
        {"attn.c_proj.weight", 'M', 'M', false}, {"attn.c_proj.bias", 'M', 0, false},
        {"ln_2.weight", 'M', 0, true},           {"ln_2.bias", 'M', 0, false},
        {"mlp.c_fc.weight", 'M', 'F', false},    {"mlp.c_fc.bias", 'F', 0, false},
        {"mlp.c_proj.weight", 'F', 'M', false},  {"mlp.c_proj.bias", 'M', 0, false},
    };
    size_t size[128] = {['M'] = m->d_model, ['Q'] = 3 * m->d_model, ['F'] = m->d_ff};
    char start[64], name[96];
    snprintf(start, sizeof start, "%sh.%zu.", prefix, layer);
    for (size_t i = 0; i < sizeof tensors / sizeof *tensors; i++) {
        snprintf(name, sizeof name, "%s%s", start, tensors[i].name);
        put_tensor(writer, name, size[(unsigned char)tensors[i].rows],
                   size[(unsigned char)tensors[i].columns], tensors[i].norm);
    }
    if (m->buffers)
        put_buffers(writer, start, m->n_ctx);
}

static void put_all(Writer *writer, const TinyModel *m) {
    const char *prefix = m->no_prefix ? "" : "transformer.";
    char name[64];
    if (m->unaligned) {
        put_entry(writer, "one_byte", "U8", 1, (size_t[]){1}, 1);
        buf_char(&writer->data, 0);
    }
    snprintf(name, sizeof name, "%swte.weight", prefix);
    put_tensor(writer, name, m->n_vocab, m->d_model, false);
    snprintf(name, sizeof name, "%swpe.weight", prefix);
    put_tensor(writer, name, m->n_ctx, m->d_model, false);
    for (size_t layer = 0; layer < m->n_layers; layer++)
        put_layer(writer, m, prefix, layer);
    snprintf(name, sizeof name, "%sln_f.weight", prefix);
    put_tensor(writer, name, m->d_model, 0, true);
    snprintf(name, sizeof name, "%sln_f.bias", prefix);
    put_tensor(writer, name, m->d_model, 0, false);
    if (m->untied)
        put_tensor(writer, "lm_head.weight", m->n_vocab, m->d_model, false);
    if (m->extra)
        put_tensor(writer, m->extra, 2, 0, false);
}

void tiny_file_write(const char *folder, const char *name, const void *bytes, size_t size) {
    Arena arena = {0};
    Err err;
    FileOut *out = file_create(file_join(&arena, folder, name), &err);
    assert_non_null(out);
    file_write(out, bytes, size);
    assert_true(file_commit(out, &err));
    arena_free(&arena);
}

static void write_weights(const char *folder, const TinyModel *m) {
    Writer writer = {.model = m, .state = m->seed * 2 + 0x9E3779B97F4A7C15ull};
    buf_char(&writer.header, '{');
    put_all(&writer, m);
    buf_char(&writer.header, '}');
    while (writer.header.size % 8 != 0)
        buf_char(&writer.header, ' ');
    uint64_t length = writer.header.size;
    Buf file = {0};
    buf_add(&file, &length, sizeof length);
    buf_add(&file, writer.header.bytes, writer.header.size);
    buf_add(&file, writer.data.bytes, writer.data.size);
    tiny_file_write(folder, "model.safetensors", file.bytes, file.size);
    buf_free(&writer.header);
    buf_free(&writer.data);
    buf_free(&file);
}

static void write_config(const char *folder, const TinyModel *m, bool inner) {
    Buf text = {0};
    buf_printf(&text,
               "{%s\"model_type\": \"gpt2\", \"n_layer\": %zu, \"n_head\": %zu, \"n_embd\": %zu,",
               m->config ? m->config : "", m->n_layers, m->n_heads, m->d_model);
    if (inner)
        buf_printf(&text, " \"n_inner\": %zu,", m->d_ff);
    buf_printf(&text,
               " \"vocab_size\": %zu, \"n_positions\": %zu, \"activation_function\": \"%s\",",
               m->n_vocab, m->n_ctx, m->act);
    buf_printf(&text, " \"tie_word_embeddings\": %s}\n", m->untied ? "false" : "true");
    tiny_file_write(folder, "config.json", text.bytes, text.size);
    buf_free(&text);
}

void tiny_tokenizer_write(const char *folder, size_t n_vocab) {
    Buf text = {0};
    buf_text(&text, "{\"version\": \"1.0\", \"truncation\": null, \"padding\": null,"
                    " \"added_tokens\": [], \"normalizer\": null,"
                    " \"pre_tokenizer\": {\"type\": \"WhitespaceSplit\"},"
                    " \"post_processor\": null, \"decoder\": null,"
                    " \"model\": {\"type\": \"WordLevel\", \"unk_token\": \"w0\", \"vocab\": {");
    for (size_t i = 0; i < n_vocab; i++)
        buf_printf(&text, "%s\"w%zu\": %zu", i ? ", " : "", i, i);
    buf_text(&text, "}}}\n");
    tiny_file_write(folder, "tokenizer.json", text.bytes, text.size);
    buf_free(&text);
}

static size_t or_else(size_t given, size_t otherwise) {
    return given ? given : otherwise;
}

void tiny_model_write(const char *folder, const TinyModel *options) {
    TinyModel m = *options;
    Err err;
    m.n_layers = or_else(m.n_layers, 2);
    m.n_heads = or_else(m.n_heads, 2);
    m.d_model = or_else(m.d_model, 8);
    m.d_ff = or_else(m.d_ff, 4 * m.d_model);
    m.n_vocab = or_else(m.n_vocab, 11);
    m.n_ctx = or_else(m.n_ctx, 16);
    m.act = m.act ? m.act : "gelu_new";
    assert_true(file_make_folders(folder, &err));
    write_weights(folder, &m);
    write_config(folder, &m, options->d_ff != 0);
    if (m.tokenizer)
        tiny_tokenizer_write(folder, m.n_vocab);
}

char *tiny_folder_new(void) {
    const char *base = getenv("TMPDIR");
    char room[256];
    snprintf(room, sizeof room, "%.200s/attnscope-test-XXXXXX", base && *base ? base : "/tmp");
    char *folder = mkdtemp(room) ? strdup(room) : NULL;
    assert_non_null(folder);
    return folder;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *walk) {
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

void tiny_folder_remove(char *folder) {
    assert_int_equal(nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
    free(folder);
}
