/* engine/model: opening a folder, its weights as views, the catalog of installed models. */
#include "engine/base/file.h"
#include "engine/model/catalog.h"
#include "engine/model/model.h"
#include "engine/model/weights.h"
#include "tests/tiny_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define assert_contains(text, part)                                                                \
    do {                                                                                           \
        if (!strstr((text), (part)))                                                               \
            fail_msg("\"%s\" does not contain \"%s\"", (text), (part));                            \
    } while (0)

static Model *open_good(const char *folder) {
    Err err = {""};
    Model *model = model_open(folder, &err);
    if (!model)
        fail_msg("%s", err.text);
    return model;
}

static void fails_to_open(const char *folder, const char *message) {
    Err err = {""};
    Model *model = model_open(folder, &err);
    if (model)
        fail_msg("opened, expected: %s", message);
    assert_contains(err.text, folder);
    assert_contains(err.text, message);
}

/* A model that is written with these options does not open, and says this. */
static void broken_model(const TinyModel *options, const char *message) {
    char *folder = tiny_folder_new();
    tiny_model_write(folder, options);
    fails_to_open(folder, message);
    tiny_folder_remove(folder);
}

/* The number in the file at the index that the view's cell has there, read from the file anew. */
static float number_in_file(const Model *model, const Weight *weight, const size_t *index) {
    size_t at[TENSOR_RANK];
    const StTensor *tensor = st_find(&model->file, weight->name);
    assert_non_null(tensor);
    assert_int_equal(tensor->rank, weight->file_rank);
    size_t place = weight->origin + (size_t)tensor_offset(&weight->tensor, index);
    shape_unravel(weight->file_rank, weight->file_dim, place, at);
    for (int axis = 0; axis < weight->file_rank; axis++)
        assert_true(at[axis] < tensor->dim[axis]);
    size_t count = shape_ravel(tensor->rank, tensor->dim, at);
    float number;
    assert_int_equal(tensor->type, DTYPE_F32);
    memcpy(&number, tensor->data + 4 * count, sizeof number);
    return number;
}

static float cell(const Model *model, WeightRole role, size_t layer, size_t a, size_t b, size_t c) {
    int place = model_weight(model, STACK_OWN, role, layer);
    assert_in_range(place, 0, model->weight_count - 1);
    size_t index[TENSOR_RANK] = {a, b, c};
    return (float)tensor_get(&model->weight[place].tensor, index);
}

/* A cell of a matrix of the file, by name and the file's own row and column. */
static float file_cell(const Model *model, const char *name, size_t row, size_t column) {
    const StTensor *tensor = st_find(&model->file, name);
    assert_non_null(tensor);
    size_t width = tensor->rank == 2 ? tensor->dim[1] : 1;
    assert_true(row < tensor->dim[0] && column < width);
    float number;
    memcpy(&number, tensor->data + 4 * (row * width + column), sizeof number);
    return number;
}

#define MODEL_SHAPE .n_heads = 3, .d_model = 12, .d_ff = 20, .n_vocab = 7, .n_ctx = 9

/* Each role against the tensor of the file, indexed as Hugging Face's GPT-2 uses it: x · c_attn
 * splits into Q, K, V, each into heads; c_proj takes the heads side by side. */
static void views_are_where_gpt2_has_them(void **state) {
    (void)state;
    char *folder = tiny_folder_new();
    tiny_model_write(folder, &(TinyModel){MODEL_SHAPE, .untied = true});
    Model *model = open_good(folder);
    enum { M = 12, H = 3, D = 4, F = 20, V = 7, C = 9 };
    for (size_t m = 0; m < M; m++) {
        for (size_t h = 0; h < H; h++)
            for (size_t d = 0; d < D; d++) {
                const char *fused = "transformer.h.1.attn.c_attn.weight";
                size_t column = h * D + d;
                assert_true(cell(model, ROLE_W_Q, 1, m, h, d) ==
                            file_cell(model, fused, m, column));
                assert_true(cell(model, ROLE_W_K, 1, m, h, d) ==
                            file_cell(model, fused, m, M + column));
                assert_true(cell(model, ROLE_W_V, 1, m, h, d) ==
                            file_cell(model, fused, m, 2 * M + column));
                assert_true(cell(model, ROLE_W_O, 1, h, d, m) ==
                            file_cell(model, "transformer.h.1.attn.c_proj.weight", column, m));
                assert_true(
                    cell(model, ROLE_B_V, 0, h, d, 0) ==
                    file_cell(model, "transformer.h.0.attn.c_attn.bias", 2 * M + column, 0));
            }
        for (size_t f = 0; f < F; f++) {
            assert_true(cell(model, ROLE_W_IN, 1, m, f, 0) ==
                        file_cell(model, "transformer.h.1.mlp.c_fc.weight", m, f));
            assert_true(cell(model, ROLE_W_OUT, 1, f, m, 0) ==
                        file_cell(model, "transformer.h.1.mlp.c_proj.weight", f, m));
        }
        for (size_t v = 0; v < V; v++)
            assert_true(cell(model, ROLE_UNEMBED, 0, m, v, 0) ==
                        file_cell(model, "lm_head.weight", v, m));
        for (size_t c = 0; c < C; c++)
            assert_true(cell(model, ROLE_POS, 0, c, m, 0) ==
                        file_cell(model, "transformer.wpe.weight", c, m));
        assert_true(cell(model, ROLE_LN2_W, 1, m, 0, 0) ==
                    file_cell(model, "transformer.h.1.ln_2.weight", m, 0));
        assert_true(cell(model, ROLE_LN_FINAL_B, 0, m, 0, 0) ==
                    file_cell(model, "transformer.ln_f.bias", m, 0));
    }
    model_close(model);
    tiny_folder_remove(folder);
}

/* Name, file shape and origin lead from every cell of every view to its number in the file. */
static void every_cell_knows_its_place_in_the_file(void **state) {
    (void)state;
    for (int untied = 0; untied < 2; untied++) {
        char *folder = tiny_folder_new();
        tiny_model_write(folder, &(TinyModel){MODEL_SHAPE, .untied = untied});
        Model *model = open_good(folder);
        assert_int_equal(model->weight_count, 2 * 16 + 5);
        for (int i = 0; i < model->weight_count; i++) {
            const Weight *weight = &model->weight[i];
            size_t index[TENSOR_RANK];
            for (size_t n = 0; n < tensor_count(&weight->tensor); n++) {
                shape_unravel(weight->tensor.rank, weight->tensor.dim, n, index);
                float found = (float)tensor_get(&weight->tensor, index);
                assert_true(found == number_in_file(model, weight, index));
            }
        }
        assert_int_equal(model->note_count, 0);
        model_close(model);
        tiny_folder_remove(folder);
    }
}

static void the_layer_of_an_outer_weight_is_ignored(void **state) {
    (void)state;
    char *folder = tiny_folder_new();
    tiny_model_write(folder, &(TinyModel){.tokenizer = false});
    Model *model = open_good(folder);
    assert_int_equal(model_weight(model, STACK_OWN, ROLE_EMBED, 0),
                     model_weight(model, STACK_OWN, ROLE_EMBED, 999));
    assert_int_not_equal(model_weight(model, STACK_OWN, ROLE_LN1_W, 0),
                         model_weight(model, STACK_OWN, ROLE_LN1_W, 1));
    assert_null(model->tok);
    assert_string_equal(model->name, strrchr(folder, '/') + 1);
    assert_string_equal(model->config.model_type, "gpt2");
    model_close(model);
    model_close(NULL);
    tiny_folder_remove(folder);
}

static void assert_same_weights(const Model *a, const Model *b) {
    assert_int_equal(a->weight_count, b->weight_count);
    for (int i = 0; i < a->weight_count; i++) {
        const Tensor *left = &a->weight[i].tensor, *right = &b->weight[i].tensor;
        size_t index[TENSOR_RANK];
        for (size_t n = 0; n < tensor_count(left); n++) {
            shape_unravel(left->rank, left->dim, n, index);
            assert_true(tensor_get(left, index) == tensor_get(right, index));
        }
    }
}

/* The same model in other types, without its prefix, with buffers and with nothing aligned: the
 * numbers are the same, bit for bit. */
static void files_with_quirks_open_alike(void **state) {
    (void)state;
    char *plain_folder = tiny_folder_new();
    tiny_model_write(plain_folder, &(TinyModel){MODEL_SHAPE});
    Model *plain = open_good(plain_folder);
    static const TinyModel quirks[] = {
        {MODEL_SHAPE, .type = DTYPE_F16},
        {MODEL_SHAPE, .type = DTYPE_BF16},
        {MODEL_SHAPE, .unaligned = true},
        {MODEL_SHAPE, .unaligned = true, .type = DTYPE_F16},
        {MODEL_SHAPE, .no_prefix = true, .buffers = true},
        {MODEL_SHAPE, .buffers = true, .type = DTYPE_BF16},
    };
    for (size_t i = 0; i < sizeof quirks / sizeof *quirks; i++) {
        char *folder = tiny_folder_new();
        tiny_model_write(folder, &quirks[i]);
        Model *model = open_good(folder);
        assert_same_weights(plain, model);
        assert_int_equal(model->note_count, quirks[i].unaligned ? 1 : 0);
        if (quirks[i].unaligned)
            assert_string_equal(model->notes[0],
                                "model.safetensors: 1 tensor is not used: one_byte");
        const Weight *query = &model->weight[model_weight(model, STACK_OWN, ROLE_W_Q, 0)];
        const Weight *value = &model->weight[model_weight(model, STACK_OWN, ROLE_W_V, 0)];
        assert_ptr_equal(tensor_at(&query->tensor, 24), value->tensor.data);
        assert_int_equal(query->tensor.type, quirks[i].type);
        assert_string_equal(query->name, quirks[i].no_prefix
                                             ? "h.0.attn.c_attn.weight"
                                             : "transformer.h.0.attn.c_attn.weight");
        model_close(model);
        tiny_folder_remove(folder);
    }
    model_close(plain);
    tiny_folder_remove(plain_folder);
}

static void float32_stays_in_the_file(void **state) {
    (void)state;
    char *folder = tiny_folder_new();
    tiny_model_write(folder, &(TinyModel){MODEL_SHAPE});
    Model *model = open_good(folder);
    const Weight *embed = &model->weight[model_weight(model, STACK_OWN, ROLE_EMBED, 0)];
    const Weight *unembed = &model->weight[model_weight(model, STACK_OWN, ROLE_UNEMBED, 0)];
    assert_ptr_equal(embed->tensor.data, st_find(&model->file, embed->name)->data);
    assert_ptr_equal(unembed->tensor.data, embed->tensor.data);
    assert_string_equal(unembed->name, "transformer.wte.weight");
    assert_true(cell(model, ROLE_UNEMBED, 0, 5, 2, 0) == cell(model, ROLE_EMBED, 0, 2, 5, 0));
    model_close(model);
    tiny_folder_remove(folder);
}

/* Files keep a second copy of a tied matrix at times. It is neither read nor worth a word. */
static void a_copy_of_the_tied_matrix_is_no_surprise(void **state) {
    (void)state;
    char *folder = tiny_folder_new();
    tiny_model_write(folder, &(TinyModel){.extra = "lm_head.weight"});
    Model *model = open_good(folder);
    assert_int_equal(model->note_count, 0);
    model_close(model);
    tiny_folder_remove(folder);
}

static void unread_tensors_are_noted(void **state) {
    (void)state;
    char *folder = tiny_folder_new();
    tiny_model_write(folder, &(TinyModel){.extra = "score.weight"});
    Model *model = open_good(folder);
    assert_int_equal(model->note_count, 1);
    assert_string_equal(model->notes[0], "model.safetensors: 1 tensor is not used: score.weight");
    model_close(model);
    /* A config of fewer layers than the file's: thirteen tensors with the score, of which eight
     * are named. */
    static const char fewer[] =
        "{\"model_type\": \"gpt2\", \"n_layer\": 1, \"n_head\": 2, \"n_embd\": 8,"
        " \"vocab_size\": 11, \"n_positions\": 16}";
    tiny_file_write(folder, "config.json", fewer, strlen(fewer));
    model = open_good(folder);
    assert_contains(model->notes[0], "model.safetensors: 13 tensors are not used: ");
    assert_contains(model->notes[0], ", transformer.h.1.ln_1.bias, ");
    assert_contains(model->notes[0], " \xe2\x80\xa6");
    model_close(model);
    tiny_folder_remove(folder);
}

static void broken_weights_are_named(void **state) {
    (void)state;
    broken_model(&(TinyModel){.drop = "transformer.h.1.attn.c_attn.weight"},
                 "model.safetensors: the weight \"transformer.h.1.attn.c_attn.weight\" is missing");
    broken_model(&(TinyModel){.drop = "transformer.wte.weight"},
                 "the weight \"transformer.wte.weight\" is missing");
    broken_model(&(TinyModel){.config = "\"num_hidden_layers\": 3, "},
                 "\"transformer.h.2.ln_1.weight\" is missing, one of 12 that config.json asks for");
    broken_model(&(TinyModel){.untied = true, .drop = "lm_head.weight"},
                 "the weight \"lm_head.weight\" is missing");
    broken_model(&(TinyModel){.reshape = "transformer.h.0.mlp.c_fc.weight"},
                 "the shape of \"transformer.h.0.mlp.c_fc.weight\" is [9, 32], expected [8, 32]");
    broken_model(&(TinyModel){.reshape = "transformer.ln_f.bias"},
                 "the shape of \"transformer.ln_f.bias\" is [9], expected [8]");
    broken_model(&(TinyModel){.reshape = "transformer.wte.weight"},
                 "the shape of \"transformer.wte.weight\" is [12, 8], expected [11, 8]");
    broken_model(&(TinyModel){.config = "\"max_position_embeddings\": 1000, "},
                 "the shape of \"transformer.wpe.weight\" is [16, 8], expected [1000, 8]");
    broken_model(&(TinyModel){.integers = "transformer.h.1.ln_2.bias"},
                 "the dtype of \"transformer.h.1.ln_2.bias\" is I32, expected F32, F16 or BF16");
    broken_model(&(TinyModel){.config = "\"num_attention_heads\": 3, "},
                 "3 heads do not share a width of 8");
}

static void broken_files_are_named(void **state) {
    (void)state;
    char *folder = tiny_folder_new();
    tiny_model_write(folder, &(TinyModel){.tokenizer = false});
    Arena arena = {0};
    FileMap map;
    Err err;
    const char *weights = file_join(&arena, folder, "model.safetensors");
    assert_true(file_map(weights, &map, &err));
    uint8_t *bytes = malloc(map.size);
    assert_non_null(bytes);
    size_t size = map.size;
    memcpy(bytes, map.bytes, size);
    file_unmap(&map);
    tiny_file_write(folder, "model.safetensors", bytes, size - 1);
    fails_to_open(folder, "model.safetensors: tensor \"transformer.ln_f.bias\": data_offsets are");
    tiny_file_write(folder, "model.safetensors", bytes, 100);
    fails_to_open(folder, "bytes follow: the file is cut short");
    tiny_file_write(folder, "model.safetensors", bytes, 0);
    fails_to_open(folder, "model.safetensors: 0 bytes, too short");
    tiny_file_write(folder, "config.json", "{\"model_type\": ", 15);
    fails_to_open(folder, "config.json: not valid JSON");
    tiny_file_write(folder, "config.json", "{\"model_type\": \"gpt4\"}", 22);
    fails_to_open(folder, "config.json: model_type is \"gpt4\"");
    free(bytes);
    arena_free(&arena);
    tiny_folder_remove(folder);
}

static void missing_files_are_named(void **state) {
    (void)state;
    char *folder = tiny_folder_new(), path[256];
    snprintf(path, sizeof path, "%s/none", folder);
    fails_to_open(path, "none: there is no such folder");
    fails_to_open(folder, "there is no config.json");
    static const char config[] = "{\"model_type\": \"gpt2\"}";
    tiny_file_write(folder, "config.json", config, strlen(config));
    snprintf(path, sizeof path, "%s/config.json", folder);
    fails_to_open(path, "is a file, expected a folder");
    fails_to_open(folder, "there is no model.safetensors");
    tiny_file_write(folder, "pytorch_model.bin", "x", 1);
    fails_to_open(folder,
                  "but a pytorch_model.bin: this build reads the weights from model.safetensors");
    tiny_file_write(folder, "model.safetensors.index.json", "{}", 2);
    fails_to_open(folder, "model.safetensors.index.json: there is no weight_map");
    tiny_folder_remove(folder);
}

/* ---- shards ---- */

/* The first `count` tensors of the folder's file from `first` on, as a file of their own. */
static void write_shard(const char *folder, const StFile *whole, size_t first, size_t count,
                        const char *name, Buf *map) {
    Arena arena = {0};
    StOut *out = ARENA_NEW_N(&arena, StOut, count);
    Err err;
    for (size_t i = 0; i < count; i++) {
        const StTensor *tensor = &whole->tensor[first + i];
        out[i] = (StOut){tensor->name, tensor_dense(DTYPE_F32, tensor->rank, tensor->dim,
                                                    (void *)(uintptr_t)tensor->data)};
        buf_printf(map, "%s\"%s\": \"%s\"", map->size > 1 ? ", " : "", tensor->name, name);
    }
    assert_true(st_write(file_join(&arena, folder, name), out, count, NULL, 0, &err));
    arena_free(&arena);
}

static void write_index(const char *folder, const char *map) {
    Buf text = {0};
    buf_printf(&text, "{\"metadata\": {}, \"weight_map\": %s}", map);
    tiny_file_write(folder, "model.safetensors.index.json", text.bytes, text.size);
    buf_free(&text);
}

/* A model in two files is the model in one. */
static void shards_are_put_together(void **state) {
    (void)state;
    char *folder = tiny_folder_new();
    Arena arena = {0};
    Err err;
    tiny_model_write(folder, &(TinyModel){.extra = "score.weight"});
    Model *whole = open_good(folder);
    Buf map = {0};
    buf_char(&map, '{');
    write_shard(folder, &whole->file, 0, 9, "model-00001-of-00002.safetensors", &map);
    write_shard(folder, &whole->file, 9, whole->file.count - 9, "model-00002-of-00002.safetensors",
                &map);
    buf_char(&map, '}');
    assert_int_equal(remove(file_join(&arena, folder, "model.safetensors")), 0);
    write_index(folder, map.bytes);
    Model *model = open_good(folder);
    assert_int_equal(model->shards.count, 2);
    assert_int_equal(model->weight_count, whole->weight_count);
    assert_int_equal(model->note_count, 1);
    assert_string_equal(model->notes[0],
                        "model.safetensors.index.json: 1 tensor is not used: score.weight");
    for (int i = 0; i < model->weight_count; i++) {
        const Weight *a = &whole->weight[i], *b = &model->weight[i];
        size_t zero[TENSOR_RANK] = {0};
        assert_string_equal(a->name, b->name);
        assert_true(tensor_get(&a->tensor, zero) == tensor_get(&b->tensor, zero));
    }
    model_close(model);
    static const struct {
        const char *map, *message;
    } bad[] = {
        {"[]", "there is no weight_map"},
        {"{}", "there is no weight_map"},
        {"{\"a\": 3}", "weight_map: a is in 3, expected the name of a file"},
        {"{\"a\": \"../model.safetensors\"}", "expected the name of a file beside it"},
        {"{\"a\": \"model-00003-of-00003.safetensors\"}",
         "model-00003-of-00003.safetensors: No such"},
        {"{\"a\": \"model-00001-of-00002.safetensors\"}", "weight_map: a is to be in"},
        {"{\"transformer.wte.weight\": \"model-00001-of-00002.safetensors\"}", "is missing"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        write_index(folder, bad[i].map);
        fails_to_open(folder, bad[i].message);
    }
    write_shard(folder, &whole->file, 0, 2, "model-00003-of-00003.safetensors", &map);
    write_index(folder, "{\"transformer.wte.weight\": \"model-00001-of-00002.safetensors\", "
                        "\"transformer.wpe.weight\": \"model-00003-of-00003.safetensors\"}");
    fails_to_open(folder, "stands in");
    assert_false(model_open(folder, &err) != NULL);
    model_close(whole);
    buf_free(&map);
    arena_free(&arena);
    tiny_folder_remove(folder);
}

/* Ids still run; who has text is told why not. */
static void opens_without_tokenizer(const char *folder, const char *reason) {
    Model *model = open_good(folder);
    Err err = {{0}};
    assert_null(model->tok);
    assert_false(model_has_tokenizer(model, &err));
    assert_non_null(strstr(err.text, reason));
    model_close(model);
}

/* A vocabulary padded beyond the tokenizer is normal; a tokenizer beyond the vocabulary is not. */
static void the_tokenizer_must_fit_the_vocabulary(void **state) {
    (void)state;
    static const size_t size[] = {10, 11, 12};
    for (int i = 0; i < 3; i++) {
        char *folder = tiny_folder_new(), *other = tiny_folder_new();
        tiny_model_write(folder, &(TinyModel){.n_vocab = 11});
        tiny_model_write(other, &(TinyModel){.n_vocab = size[i], .tokenizer = true});
        Arena arena = {0};
        const char *from = file_join(&arena, other, "tokenizer.json");
        assert_int_equal(rename(from, file_join(&arena, folder, "tokenizer.json")), 0);
        if (size[i] <= 11) {
            Model *model = open_good(folder);
            assert_non_null(model->tok);
            assert_int_equal(tok_id_limit(model->tok), size[i]);
            model_close(model);
        } else {
            opens_without_tokenizer(folder, "tokenizer.json: the highest token id is 11, but the "
                                            "model's vocabulary has only 11 tokens");
        }
        tiny_file_write(folder, "tokenizer.json", "{", 1);
        opens_without_tokenizer(folder, "tokenizer.json: not valid JSON");
        arena_free(&arena);
        tiny_folder_remove(folder);
        tiny_folder_remove(other);
    }
}

/* ---- catalog ---- */

static void the_catalog_lists_what_is_installed(void **state) {
    (void)state;
    char *assets = tiny_folder_new(), path[256];
    Arena arena = {0};
    Catalog catalog;
    catalog_list(assets, &arena, &catalog);
    assert_int_equal(catalog.count, 0);
    snprintf(path, sizeof path, "%s/models/zeta", assets);
    tiny_model_write(path, &(TinyModel){.n_vocab = 11, .buffers = true, .type = DTYPE_F16});
    snprintf(path, sizeof path, "%s/models/[alpha]", assets);
    tiny_model_write(path, &(TinyModel){.untied = true});
    snprintf(path, sizeof path, "%s/models/broken", assets);
    tiny_model_write(path, &(TinyModel){.config = "\"num_hidden_layers\": 0, "});
    Err err;
    snprintf(path, sizeof path, "%s/models/no-model", assets);
    assert_true(file_make_folders(path, &err));
    catalog_list(assets, &arena, &catalog);
    assert_int_equal(catalog.count, 3);
    assert_string_equal(catalog.entry[0].name, "[alpha]");
    assert_string_equal(catalog.entry[1].name, "broken");
    assert_string_equal(catalog.entry[2].name, "zeta");
    /* (11 + 16) × 8 + 2 × (12·8² + 13·8) + 2·8, and lm_head's 11 × 8 */
    assert_int_equal(catalog.entry[2].parameters, 216 + 2 * (768 + 104) + 16);
    assert_int_equal(catalog.entry[0].parameters, catalog.entry[2].parameters + 88);
    assert_null(catalog.entry[0].problem);
    assert_int_equal(catalog.entry[2].config.n_vocab, 11);
    assert_true(catalog.entry[2].bytes > 2 * catalog.entry[2].parameters);
    assert_contains(catalog.entry[1].problem, "num_hidden_layers is 0");
    arena_free(&arena);
    tiny_folder_remove(assets);
}

static void resolves_to(const char *assets, const char *name, const char *expected) {
    Arena arena = {0};
    const char *folder;
    Err err = {""};
    if (!catalog_resolve(assets, name, &arena, &folder, &err))
        fail_msg("%s", err.text);
    assert_string_equal(folder, expected);
    arena_free(&arena);
}

static void unknown_name(const char *assets, const char *name, const char *message) {
    Arena arena = {0};
    const char *folder;
    Err err = {""};
    assert_false(catalog_resolve(assets, name, &arena, &folder, &err));
    assert_contains(err.text, message);
    arena_free(&arena);
}

static void a_name_becomes_a_folder(void **state) {
    (void)state;
    char *assets = tiny_folder_new(), one[256], two[256], mine[256], here[1024];
    unknown_name(assets, "one",
                 "one: neither a folder nor one of the installed models (there are "
                 "none)");
    snprintf(one, sizeof one, "%s/models/one", assets);
    snprintf(two, sizeof two, "%s/models/two", assets);
    snprintf(mine, sizeof mine, "%s/mine", assets);
    tiny_model_write(one, &(TinyModel){.n_layers = 1});
    tiny_model_write(two, &(TinyModel){.n_layers = 1});
    tiny_model_write(mine, &(TinyModel){.n_layers = 1});
    resolves_to(assets, "one", one);
    resolves_to(assets, mine, mine);
    unknown_name(assets, "three",
                 "three: neither a folder nor one of the installed models (one, "
                 "two)");
    unknown_name(assets, "../mine", "../mine: there is no such folder");
    unknown_name(assets, "", ": neither");
    /* In a folder that has a "one" and a "two" of its own, only the one with a model in it wins. */
    Err err;
    char own[512];
    snprintf(own, sizeof own, "%s/one", mine);
    tiny_model_write(own, &(TinyModel){.n_layers = 1});
    snprintf(own, sizeof own, "%s/two", mine);
    assert_true(file_make_folders(own, &err));
    snprintf(own, sizeof own, "%s/other", mine);
    assert_true(file_make_folders(own, &err));
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(mine), 0);
    resolves_to(assets, "one", "one");
    resolves_to(assets, "two", two);
    resolves_to(assets, "other", "other");
    assert_int_equal(chdir(here), 0);
    tiny_folder_remove(assets);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(views_are_where_gpt2_has_them),
        cmocka_unit_test(every_cell_knows_its_place_in_the_file),
        cmocka_unit_test(the_layer_of_an_outer_weight_is_ignored),
        cmocka_unit_test(files_with_quirks_open_alike),
        cmocka_unit_test(float32_stays_in_the_file),
        cmocka_unit_test(a_copy_of_the_tied_matrix_is_no_surprise),
        cmocka_unit_test(unread_tensors_are_noted),
        cmocka_unit_test(broken_weights_are_named),
        cmocka_unit_test(broken_files_are_named),
        cmocka_unit_test(missing_files_are_named),
        cmocka_unit_test(the_tokenizer_must_fit_the_vocabulary),
        cmocka_unit_test(shards_are_put_together),
        cmocka_unit_test(the_catalog_lists_what_is_installed),
        cmocka_unit_test(a_name_becomes_a_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
