#include "engine/model/config.h"

#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/model/family.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define CONFIG_MOST (16u << 20) /* bytes; a real one has a few thousand */
#define EOS_MOST ((int)(sizeof((ModelConfig *)0)->eos / sizeof(int32_t)))

/* Hugging Face's names for one formula each (activations.py). */
static const struct {
    const char *name;
    ActKind kind;
} ACTIVATIONS[] = {
    {"gelu_new", ACT_GELU_TANH},
    {"gelu_pytorch_tanh", ACT_GELU_TANH},
    {"gelu_python_tanh", ACT_GELU_TANH},
    {"gelu_accurate", ACT_GELU_TANH},
    {"gelu_fast", ACT_GELU_TANH},
    {"gelu", ACT_GELU_ERF},
    {"gelu_python", ACT_GELU_ERF},
    {"relu", ACT_RELU},
    {"silu", ACT_SILU},
    {"swish", ACT_SILU},
};
#define ACTIVATION_COUNT (sizeof ACTIVATIONS / sizeof *ACTIVATIONS)

/* One field in hand: the object, the name under which the file has it, where its value goes. */
typedef struct {
    const cJSON *root;
    const char *file;
    const char *name;
    const cJSON *value;
    void *target;
    ModelConfig *config;
    Err *err;
} Found;

static bool expected(const Found *found, const char *what) {
    char room[80];
    return err_set(found->err, "%s: %s is %s, expected %s", found->file, found->name,
                   json_show(found->value, room, sizeof room), what);
}

static bool read_size(const Found *found, size_t most) {
    int64_t value;
    if (!json_int(found->root, found->name, found->file, 1, (int64_t)most, 0, &value, found->err))
        return false;
    *(size_t *)found->target = (size_t)value;
    return true;
}

static bool read_eps(const Found *found) {
    double value;
    if (!json_number(found->root, found->name, found->file, 0, &value, found->err))
        return false;
    if (value < 0 || value > 1)
        return expected(found, "a number from 0 to 1");
    *(double *)found->target = value;
    return true;
}

static bool read_positive(const Found *found, double most) {
    double value;
    if (!json_number(found->root, found->name, found->file, 0, &value, found->err))
        return false;
    if (!(value > 0 && value <= most))
        return expected(found, most == 1 ? "a number above 0 and up to 1" : "a number above 0");
    *(double *)found->target = value;
    return true;
}

/* Newer files keep rope_theta in here; what scales the angles is not one of this build's knobs. */
static bool read_rope(const Found *found) {
    const char *type;
    if (cJSON_IsNull(found->value))
        return true;
    if (!cJSON_IsObject(found->value))
        return expected(found, "an object");
    if (!json_text(found->value, "rope_type", found->file, "default", &type, found->err))
        return false;
    if (strcmp(type, "default") != 0)
        return err_set(found->err, "%s: %s.rope_type is \"%.40s\", expected \"default\"",
                       found->file, found->name, type);
    Found inner = *found;
    inner.root = found->value;
    inner.name = "rope_theta";
    inner.value = cJSON_GetObjectItemCaseSensitive(found->value, inner.name);
    return !inner.value || read_positive(&inner, HUGE_VAL);
}

static bool read_act(const Found *found) {
    Buf names = {0};
    for (size_t i = 0; i < ACTIVATION_COUNT; i++) {
        if (cJSON_IsString(found->value) &&
            strcmp(found->value->valuestring, ACTIVATIONS[i].name) == 0) {
            *(ActKind *)found->target = ACTIVATIONS[i].kind;
            buf_free(&names);
            return true;
        }
        buf_printf(&names, i ? ", %s" : "one of %s", ACTIVATIONS[i].name);
    }
    expected(found, names.bytes);
    buf_free(&names);
    return false;
}

/* Any whole number is let through: finish() drops what is no token of the vocabulary. */
static bool token_id(const cJSON *value, int32_t *id) {
    if (!cJSON_IsNumber(value) || value->valuedouble != floor(value->valuedouble))
        return false;
    bool fits = value->valuedouble >= 0 && value->valuedouble <= INT32_MAX;
    *id = fits ? (int32_t)value->valuedouble : -1;
    return true;
}

static bool read_bos(const Found *found) {
    found->config->bos = -1;
    return cJSON_IsNull(found->value) || token_id(found->value, &found->config->bos) ||
           expected(found, "a token id or null");
}

static bool read_eos(const Found *found) {
    ModelConfig *config = found->config;
    config->n_eos = 0;
    if (cJSON_IsNull(found->value))
        return true;
    if (!cJSON_IsArray(found->value)) {
        config->n_eos = 1;
        return token_id(found->value, &config->eos[0]) ||
               expected(found, "a token id, a list of them, or null");
    }
    if (cJSON_GetArraySize(found->value) > EOS_MOST)
        return err_set(found->err, "%s: %s lists %d tokens, expected at most %d", found->file,
                       found->name, cJSON_GetArraySize(found->value), EOS_MOST);
    const cJSON *item;
    cJSON_ArrayForEach(item, found->value) {
        char room[80];
        if (!token_id(item, &config->eos[config->n_eos++]))
            return err_set(found->err, "%s: %s, entry %d is %s, expected a token id", found->file,
                           found->name, config->n_eos - 1, json_show(item, room, sizeof room));
    }
    return true;
}

static bool read_refused(const Found *found) {
    const cJSON *value = found->value;
    bool off = cJSON_IsNull(value) || cJSON_IsFalse(value) ||
               (cJSON_IsNumber(value) && value->valuedouble == 0) ||
               (cJSON_IsString(value) && !*value->valuestring) ||
               ((cJSON_IsArray(value) || cJSON_IsObject(value)) && !value->child);
    if (off)
        return true;
    char room[80];
    return err_set(found->err,
                   "%s: %s is %s: it changes how the model computes, and this build does not have "
                   "that",
                   found->file, found->name, json_show(value, room, sizeof room));
}

static bool read_field(const Found *found, const ConfigField *field) {
    if (cJSON_IsNull(found->value) && !field->null_is_none)
        return expected(found, "a value (a field that is left out has its default)");
    switch (field->kind) {
    case FIELD_SIZE:
        /* A null reads as 0, which finish() derives. */
        return read_size(found, field->most);
    case FIELD_EPS: return read_eps(found);
    case FIELD_POSITIVE: return read_positive(found, HUGE_VAL);
    case FIELD_FRACTION: return read_positive(found, 1);
    case FIELD_ROPE: return read_rope(found);
    case FIELD_BOOL:
        return json_bool(found->root, found->name, found->file, false, found->target, found->err);
    case FIELD_ACT: return read_act(found);
    case FIELD_BOS: return read_bos(found);
    case FIELD_EOS: return read_eos(found);
    case FIELD_REFUSE: return read_refused(found);
    }
    assert(false && "a kind of field that nobody reads");
    return false;
}

static bool read_fields(const cJSON *root, const char *file, const Family *family,
                        ModelConfig *config, Err *err) {
    for (int i = 0; i < family->field_count; i++) {
        const ConfigField *field = &family->field[i];
        const cJSON *own = cJSON_GetObjectItemCaseSensitive(root, field->name);
        const cJSON *other = field->alias ? cJSON_GetObjectItemCaseSensitive(root, field->alias)
                                          : NULL;
        Found found = {.root = root,
                       .file = file,
                       .name = other ? field->alias : field->name,
                       .value = other ? other : own,
                       .target = (char *)config + field->target,
                       .config = config,
                       .err = err};
        if (found.value && !read_field(&found, field))
            return false;
    }
    return true;
}

/* Small models often keep the ids of a vocabulary that they don't have: those tokens never come. */
static void drop_absent_tokens(ModelConfig *config) {
    int kept = 0;
    for (int i = 0; i < config->n_eos; i++)
        if (config->eos[i] >= 0 && (size_t)config->eos[i] < config->n_vocab)
            config->eos[kept++] = config->eos[i];
    config->n_eos = kept;
    if (config->bos >= 0 && (size_t)config->bos >= config->n_vocab)
        config->bos = -1;
}

static bool finish(ModelConfig *config, const char *file, Err *err) {
    if (config->n_kv_heads == 0)
        config->n_kv_heads = config->n_heads;
    if (config->d_head == 0) {
        if (config->d_model % config->n_heads != 0)
            return err_set(err, "%s: %zu heads do not share a width of %zu evenly", file,
                           config->n_heads, config->d_model);
        config->d_head = config->d_model / config->n_heads;
    }
    if (config->n_heads % config->n_kv_heads != 0)
        return err_set(err, "%s: %zu heads do not share %zu key/value heads evenly", file,
                       config->n_heads, config->n_kv_heads);
    double share = config->rotary_share > 0 ? config->rotary_share : 1;
    config->d_rotary = (size_t)((double)config->d_head * share);
    if (config->pos == POS_ROTARY && (config->d_rotary % 2 != 0 || config->d_rotary == 0))
        return err_set(err,
                       "%s: of heads %zu wide %zu dimensions are to be turned, expected an even "
                       "number of them",
                       file, config->d_head, config->d_rotary);
    config->qkv_bias = config->qkv_bias || config->attn_bias;
    config->out_bias = config->out_bias || config->attn_bias;
    if (config->window > 0)
        config->mask = (MaskParams){.kind = MASK_LOCAL, .causal = true, .window = config->window};
    if (config->d_ff == 0)
        config->d_ff = 4 * config->d_model;
    config->score_divisor = config->scaled ? sqrt((double)config->d_head) : 1;
    drop_absent_tokens(config);
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
    return read_fields(root, file, *family, config, err) && finish(config, file, err);
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
