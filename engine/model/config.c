#include "engine/model/config.h"

#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/model/config_fields.h"

#include <string.h>

#define CONFIG_MOST (16u << 20) /* bytes; a real one has a few thousand */

static int keep_present(const ModelConfig *config, int32_t *ids, int count) {
    int kept = 0;
    for (int i = 0; i < count; i++)
        if (ids[i] >= 0 && (size_t)ids[i] < config->n_vocab)
            ids[kept++] = ids[i];
    return kept;
}

/* Small models often keep the ids of a vocabulary that they don't have: those tokens never come. */
static void drop_absent_tokens(ModelConfig *config) {
    config->n_eos = keep_present(config, config->eos, config->n_eos);
    config->n_banned = keep_present(config, config->banned, config->n_banned);
    int32_t *single[] = {&config->bos, &config->pad, &config->start, &config->forced_bos,
                         &config->forced_eos};
    for (size_t i = 0; i < sizeof single / sizeof *single; i++)
        if (*single[i] >= 0 && (size_t)*single[i] >= config->n_vocab)
            *single[i] = -1;
}

/* Zero sizes, and whether the heads share them evenly. */
static bool finish_stack(const ModelConfig *config, StackSizes *sizes, const char *file, Err *err) {
    if (sizes->n_kv_heads == 0)
        sizes->n_kv_heads = sizes->n_heads;
    if (sizes->d_head == 0) {
        if (config->d_model % sizes->n_heads != 0)
            return err_set(err, "%s: %zu heads do not share a width of %zu evenly", file,
                           sizes->n_heads, config->d_model);
        sizes->d_head = config->d_model / sizes->n_heads;
    }
    if (sizes->n_heads % sizes->n_kv_heads != 0)
        return err_set(err, "%s: %zu heads do not share %zu key/value heads evenly", file,
                       sizes->n_heads, sizes->n_kv_heads);
    if (sizes->d_ff == 0)
        sizes->d_ff = 4 * config->d_model;
    return true;
}

static bool finish_stacks(ModelConfig *config, const char *file, Err *err) {
    if (config->n_layers == 0)
        config->n_layers = config->encoder.n_layers;
    StackSizes own = config_stack(config, STACK_OWN), *encoder = &config->encoder;
    if (!finish_stack(config, &own, file, err))
        return false;
    config->n_kv_heads = own.n_kv_heads;
    config->d_head = own.d_head;
    config->d_ff = own.d_ff;
    if (!config->two_stacks)
        return true;
    bool same_heads = encoder->n_heads == 0;
    encoder->n_layers = encoder->n_layers ? encoder->n_layers : own.n_layers;
    encoder->n_heads = same_heads ? own.n_heads : encoder->n_heads;
    encoder->d_head = same_heads ? own.d_head : encoder->d_head;
    encoder->d_ff = encoder->d_ff ? encoder->d_ff : own.d_ff;
    return finish_stack(config, encoder, file, err);
}

static bool finish_positions(ModelConfig *config, const char *file, Err *err) {
    double share = config->rotary_share > 0 ? config->rotary_share : 1;
    config->d_rotary = (size_t)((double)config->d_head * share);
    if (config->pos == POS_ROTARY && (config->d_rotary % 2 != 0 || config->d_rotary == 0))
        return err_set(err,
                       "%s: of heads %zu wide %zu dimensions are to be turned, expected an even "
                       "number of them",
                       file, config->d_head, config->d_rotary);
    if (config->pos == POS_SINUSOID && config->d_model % 2 != 0)
        return err_set(err, "%s: a width of %zu is odd, and sines and cosines come in pairs", file,
                       config->d_model);
    if (config->pos == POS_BUCKETS && config->n_buckets < 4)
        return err_set(err,
                       "%s: relative_attention_num_buckets is %zu, expected at least 4: half for "
                       "each direction, half of those for single distances",
                       file, config->n_buckets);
    if (config->pos == POS_BUCKETS && config->max_distance <= config->n_buckets / 2)
        return err_set(err,
                       "%s: relative_attention_max_distance is %zu, expected more than %zu, the "
                       "distances that have a bucket of their own",
                       file, config->max_distance, config->n_buckets / 2);
    const RopeScaling *scaling = &config->rope_scaling;
    if (scaling->kind == ROPE_LLAMA3 && scaling->low >= scaling->high)
        return err_set(err, "%s: low_freq_factor is %g, expected less than high_freq_factor, %g",
                       file, scaling->low, scaling->high);
    return true;
}

/* Hugging Face's two, where the file names none. */
static void default_labels(ModelConfig *config) {
    static const char *const names[] = {"LABEL_0", "LABEL_1"};
    bool labelled = config->task == TASK_CLASSIFY || config->task == TASK_TAG;
    if (!labelled || config->n_labels > 0)
        return;
    config->n_labels = 2;
    config->label = names;
}

/* A recurrent model has no heads and no FFN. Tied, its state is as wide as a row of the embedding. */
static bool finish_recurrent(ModelConfig *config, const char *file, Err *err) {
    if (config->tied && config->d_hidden != config->d_model)
        return err_set(err,
                       "%s: tie_word_embeddings is true, but hidden_size is %zu and embedding_size "
                       "is %zu, expected the same",
                       file, config->d_hidden, config->d_model);
    drop_absent_tokens(config);
    return true;
}

bool config_finish(ModelConfig *config, const char *file, Err *err) {
    if (config->cell != CELL_NONE)
        return finish_recurrent(config, file, err);
    if (!finish_stacks(config, file, err) || !finish_positions(config, file, err))
        return false;
    if (config->n_experts > 0 && config->n_active > config->n_experts)
        return err_set(err, "%s: a token is to take %zu experts of %zu", file, config->n_active,
                       config->n_experts);
    if (config->two_stacks && config->parallel)
        return err_set(err,
                       "%s: a parallel block has no place between self-attention and FFN for "
                       "cross-attention, which a model with two stacks needs",
                       file);
    config->qkv_bias = config->qkv_bias || config->attn_bias;
    config->out_bias = config->out_bias || config->attn_bias;
    if (!config->window_used)
        config->window = 0;
    config->has_head = config->task == TASK_FILL;
    default_labels(config);
    drop_absent_tokens(config);
    if (config->two_stacks && config->start < 0)
        config->start = config->pad;
    if (config->two_stacks && config->start < 0)
        return err_set(err,
                       "%s: there is no decoder_start_token_id in the vocabulary: nobody knows how "
                       "the decoder begins",
                       file);
    return true;
}

/* Python's reader takes the last of two, others the first: nobody knows which was meant. */
static bool check_twice(const cJSON *root, const char *file, Err *err) {
    for (const cJSON *item = root->child; item; item = item->next)
        if (cJSON_GetObjectItemCaseSensitive(root, item->string) != item)
            return err_set(err, "%s: %.60s is there twice", file, item->string);
    return true;
}

static bool read_config(const cJSON *root, const char *file, Arena *arena, ModelConfig *config,
                        const Family **family, Err *err) {
    char room[80];
    if (!cJSON_IsObject(root))
        return err_set(err, "%s: is %s, expected an object", file,
                       json_show(root, room, sizeof room));
    if (!check_twice(root, file, err))
        return false;
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(root, "model_type");
    *family = cJSON_IsString(type) ? family_find(type->valuestring) : NULL;
    if (!*family)
        return err_set(err, "%s: model_type is %s, expected one that this build reads: %s", file,
                       json_show(type, room, sizeof room), family_names(arena));
    *config = (*family)->defaults;
    config->model_type = (*family)->model_type;
    return config_read_fields(root, file, *family, arena, config, err) &&
           config_finish(config, file, err);
}

bool config_parse(const char *text, size_t size, const char *path, Arena *arena,
                  ModelConfig *config, const struct Family **family, Err *err) {
    cJSON *root = json_parse(text, size, path, err);
    if (!root)
        return false;
    bool ok = read_config(root, path, arena, config, family, err);
    cJSON_Delete(root);
    return ok;
}

bool config_load(const char *path, Arena *arena, ModelConfig *config, const struct Family **family,
                 Err *err) {
    char *text;
    size_t size;
    return file_read_text(path, CONFIG_MOST, arena, &text, &size, err) &&
           config_parse(text, size, path, arena, config, family, err);
}

bool config_is_end(const ModelConfig *config, int32_t id) {
    for (int i = 0; i < config->n_eos; i++)
        if (config->eos[i] == id)
            return true;
    return false;
}

size_t config_longest(const ModelConfig *config) {
    return config->pos == POS_LEARNED ? config->n_ctx : 0;
}

MaskParams config_layer_mask(const ModelConfig *config, size_t layer, MaskParams mask) {
    if (config->window > 0 && mask.kind == MASK_FULL && layer >= config->window_from) {
        mask.kind = MASK_LOCAL;
        mask.window = config->window;
    }
    return mask;
}

StackSizes config_stack(const ModelConfig *config, StackId stack) {
    if (stack == STACK_ENCODER)
        return config->encoder;
    return (StackSizes){config->n_layers, config->n_heads, config->n_kv_heads, config->d_head,
                        config->d_ff};
}
