#include "engine/model/model.h"

#include "engine/base/file.h"
#include "engine/model/family.h"
#include "engine/model/weights.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define CONFIG "config.json"
#define WEIGHTS "model.safetensors"
#define WEIGHTS_INDEX "model.safetensors.index.json"
#define TOKENIZER "tokenizer.json"

/* The last part of the real path, so that "." and "models/story/" have a name too. */
static const char *own_name(const char *folder, Arena *arena) {
    char *real = realpath(folder, NULL);
    const char *slash = real ? strrchr(real, '/') : NULL;
    const char *name = arena_copy_text(arena, slash && slash[1] ? slash + 1 : folder);
    free(real);
    return name;
}

static bool check_folder(const char *folder, Err *err) {
    if (!file_exists(folder))
        return err_set(err, "%s: there is no such folder", folder);
    if (!file_is_folder(folder))
        return err_set(err, "%s: is a file, expected a folder with %s and %s", folder, CONFIG,
                       WEIGHTS);
    return true;
}

static bool open_config(Model *model, Err *err) {
    const char *path = file_join(&model->arena, model->folder, CONFIG);
    if (!file_exists(path))
        return err_set(err, "%s: there is no %s; a model's folder holds %s and %s", model->folder,
                       CONFIG, CONFIG, WEIGHTS);
    return config_load(path, &model->arena, &model->config, &model->family, err);
}

/* The folder has no model.safetensors: says what it has in its place. */
static bool no_weights(Model *model, Err *err) {
    static const char *const others[] = {"pytorch_model.bin", "pytorch_model.bin.index.json",
                                         "tf_model.h5", "flax_model.msgpack"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (file_exists(file_join(&model->arena, model->folder, others[i])))
            return err_set(err,
                           "%s: there is no %s, but a %s: this build reads the weights from %s, "
                           "whole or in shards",
                           model->folder, WEIGHTS, others[i], WEIGHTS);
    return err_set(err, "%s: there is no %s", model->folder, WEIGHTS);
}

static bool open_weights(Model *model, Err *err) {
    const char *path = file_join(&model->arena, model->folder, WEIGHTS);
    if (!file_exists(path)) {
        if (!file_exists(file_join(&model->arena, model->folder, WEIGHTS_INDEX)))
            return no_weights(model, err);
        if (!shards_open(model->folder, WEIGHTS_INDEX, &model->arena, &model->shards, err))
            return false;
        model->file = model->shards.all;
        return weights_load(model, err);
    }
    return st_open(path, &model->arena, &model->file, err) && weights_load(model, err);
}

static bool load_tokenizer(Model *model, Err *err) {
    const char *path = file_join(&model->arena, model->folder, TOKENIZER);
    if (!file_exists(path))
        return err_set(err, "%s: there is no %s, which a text needs; token ids don't",
                       model->folder, TOKENIZER);
    model->tok = tok_load(path, &model->arena, err);
    if (!model->tok)
        return false;
    int32_t limit = tok_id_limit(model->tok);
    if (limit > 0 && (size_t)limit > model->config.n_vocab)
        return err_set(err,
                       "%s: the highest token id is %d, but the model's vocabulary has only %zu "
                       "tokens (vocab_size in %s)",
                       path, limit - 1, model->config.n_vocab, CONFIG);
    return true;
}

void model_note(Model *model, const char *note) {
    if (model->note_count < NOTES_MOST)
        model->notes[model->note_count++] = note;
}

void model_open_tokenizer(Model *model) {
    Err err;
    if (load_tokenizer(model, &err))
        return;
    tok_free(model->tok);
    model->tok = NULL;
    model->no_tok = arena_copy_text(&model->arena, err.text);
}

bool model_has_tokenizer(const Model *model, Err *err) {
    return model->tok || err_set(err, "%s", model->no_tok);
}

/* A head of one output scores; there is nothing beside it to share a probability with. */
static void note_single_label(Model *model) {
    if (model->config.task == TASK_CLASSIFY && model->config.n_labels == 1)
        model_note(model, "the classifier has one output, a score (classifier.hook_logits): its "
                          "probability is 1 whatever the text says");
}

Model *model_open(const char *folder, Err *err) {
    if (!check_folder(folder, err))
        return NULL;
    Arena arena = {0};
    Model *model = ARENA_NEW(&arena, Model);
    model->arena = arena;
    model->folder = arena_copy_text(&model->arena, folder);
    model->name = own_name(folder, &model->arena);
    if (!open_config(model, err) || !open_weights(model, err)) {
        model_close(model);
        return NULL;
    }
    note_single_label(model);
    model_open_tokenizer(model);
    return model;
}

void model_close(Model *model) {
    if (!model)
        return;
    tok_free(model->tok);
    if (model->shards.count == 0)
        st_close(&model->file);
    shards_close(&model->shards);
    Arena arena = model->arena; /* the model itself lives in it */
    arena_free(&arena);
}

int model_weight(const Model *model, StackId stack, WeightRole role, size_t layer) {
    size_t place = role_info(role)->in_block ? layer : 0;
    assert(place < model->role_layers);
    return model->role_index[((size_t)stack * ROLE_COUNT + role) * model->role_layers + place];
}
