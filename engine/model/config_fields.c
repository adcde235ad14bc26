#include "engine/model/config_fields.h"

#include "engine/base/buf.h"
#include "engine/base/json.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define LABELS_MOST 65536
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
    const Family *family;
    ModelConfig *config;
    Arena *arena;
    Err *err;
} Found;

static bool expected(const Found *found, const char *what) {
    char room[80];
    return err_set(found->err, "%s: %s is %s, expected %s", found->file, found->name,
                   json_show(found->value, room, sizeof room), what);
}

static bool read_size(const Found *found, int64_t least, size_t most) {
    int64_t value;
    if (!json_int(found->root, found->name, found->file, least, (int64_t)most, 0, &value,
                  found->err))
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

/* A number above 0, and up to `most`, of the object in hand. */
static bool read_inner(const Found *found, const char *name, double most, double *target) {
    Found inner = *found;
    inner.root = found->value;
    inner.name = name;
    inner.target = target;
    inner.value = cJSON_GetObjectItemCaseSensitive(found->value, name);
    return inner.value
               ? read_positive(&inner, most)
               : err_set(found->err, "%s: %s.%s is missing", found->file, found->name, name);
}

/* How the angles are stretched: rope_type, or type in older files. */
static bool read_scaling(const Found *found, RopeScaling *scaling) {
    const char *type, *old;
    if (cJSON_IsNull(found->value))
        return true;
    if (!cJSON_IsObject(found->value))
        return expected(found, "an object");
    if (!json_text(found->value, "type", found->file, "default", &old, found->err) ||
        !json_text(found->value, "rope_type", found->file, old, &type, found->err))
        return false;
    if (strcmp(type, "default") == 0)
        return true;
    if (strcmp(type, "linear") == 0) {
        scaling->kind = ROPE_LINEAR;
        return read_inner(found, "factor", HUGE_VAL, &scaling->factor);
    }
    if (strcmp(type, "llama3") == 0) {
        scaling->kind = ROPE_LLAMA3;
        return read_inner(found, "factor", HUGE_VAL, &scaling->factor) &&
               read_inner(found, "low_freq_factor", HUGE_VAL, &scaling->low) &&
               read_inner(found, "high_freq_factor", HUGE_VAL, &scaling->high) &&
               read_inner(found, "original_max_position_embeddings", HUGE_VAL, &scaling->original);
    }
    return err_set(found->err,
                   "%s: %s.rope_type is \"%.40s\", expected one of default, linear, llama3",
                   found->file, found->name, type);
}

static bool has_inner(const Found *found, const char *name) {
    return cJSON_IsObject(found->value) && cJSON_GetObjectItemCaseSensitive(found->value, name);
}

/* Newer files keep rope_theta, the scaling and, where a part of each head turns, that part in one
 * object. */
static bool read_rope(const Found *found) {
    static const char base[] = "rope_theta", part[] = "partial_rotary_factor";
    double *share = &found->config->rotary_share;
    return read_scaling(found, &found->config->rope_scaling) &&
           (!has_inner(found, base) || read_inner(found, base, HUGE_VAL, found->target)) &&
           (!has_inner(found, part) || *share == 0 || read_inner(found, part, 1, share));
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

/* Any whole number is let through: config_finish() drops what is no token of the vocabulary. */
static bool token_id(const cJSON *value, int32_t *id) {
    if (!cJSON_IsNumber(value) || value->valuedouble != floor(value->valuedouble))
        return false;
    bool fits = value->valuedouble >= 0 && value->valuedouble <= INT32_MAX;
    *id = fits ? (int32_t)value->valuedouble : -1;
    return true;
}

static bool read_token(const Found *found) {
    int32_t *target = found->target;
    *target = -1;
    return cJSON_IsNull(found->value) || token_id(found->value, target) ||
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

/* [[58100], [5, 7]]: a list of several tokens bars them only in that order, which we don't do. */
static bool read_banned(const Found *found) {
    ModelConfig *config = found->config;
    char room[80];
    if (cJSON_IsNull(found->value))
        return true;
    if (!cJSON_IsArray(found->value))
        return expected(found, "a list of lists of token ids, or null");
    const cJSON *words;
    cJSON_ArrayForEach(words, found->value) {
        int32_t id;
        if (!cJSON_IsArray(words) || !words->child || !token_id(words->child, &id))
            return err_set(found->err, "%s: %s has the entry %s, expected a list of token ids",
                           found->file, found->name, json_show(words, room, sizeof room));
        if (words->child->next)
            continue;
        if (config->n_banned == BANNED_MOST)
            return err_set(found->err, "%s: %s bars more than %d tokens", found->file, found->name,
                           BANNED_MOST);
        config->banned[config->n_banned++] = id;
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

/* torch.nn.RNN's nonlinearity. */
static bool read_rnn_act(const Found *found) {
    const char *name = cJSON_IsString(found->value) ? found->value->valuestring : "";
    bool relu = strcmp(name, "relu") == 0;
    if (!relu && strcmp(name, "tanh") != 0)
        return expected(found, "tanh or relu");
    *(ActKind *)found->target = relu ? ACT_RELU : ACT_TANH;
    return true;
}

static bool read_t5_ffn(const Found *found) {
    static const struct {
        const char *name;
        ActKind act;
        bool gated;
    } kinds[] = {{"relu", ACT_RELU, false},
                 {"gated-gelu", ACT_GELU_TANH, true}, /* Hugging Face's gelu_new */
                 {"gated-silu", ACT_SILU, true},
                 {"gelu", ACT_GELU_ERF, false}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (cJSON_IsString(found->value) && strcmp(found->value->valuestring, kinds[i].name) == 0) {
            *(ActKind *)found->target = kinds[i].act;
            found->config->gated = kinds[i].gated;
            return true;
        }
    return expected(found, "one of relu, gated-gelu, gated-silu, gelu");
}

static bool ends_with(const char *text, const char *ending) {
    size_t size = strlen(text), end = strlen(ending);
    return size >= end && strcmp(text + size - end, ending) == 0;
}

/* ["BertForMaskedLM"]: the class's ending says what stands on top. */
static bool read_tasks(const Found *found) {
    const cJSON *first = cJSON_GetArrayItem(found->value, 0);
    if (cJSON_IsNull(found->value) || (cJSON_IsArray(found->value) && !first))
        return true;
    if (!cJSON_IsArray(found->value) || !cJSON_IsString(first))
        return expected(found, "a list with the name of a class");
    Buf known = {0};
    for (const TaskName *task = found->family->task; task->ending; task++) {
        if (ends_with(first->valuestring, task->ending)) {
            *(Task *)found->target = task->task;
            buf_free(&known);
            return true;
        }
        buf_printf(&known, "%s%s", task == found->family->task ? "" : ", ", task->ending);
    }
    err_set(found->err, "%s: %s names the class \"%.60s\", expected one that ends with one of %s",
            found->file, found->name, first->valuestring, known.bytes);
    buf_free(&known);
    return false;
}

/* {"0": "fairy tale", "1": …}: each number once, from 0 on. */
static bool read_labels(const Found *found) {
    ModelConfig *config = found->config;
    if (cJSON_IsNull(found->value))
        return true;
    int count = cJSON_IsObject(found->value) ? cJSON_GetArraySize(found->value) : 0;
    if (count < 1 || count > LABELS_MOST)
        return expected(found, "an object of 1 to 65,536 labels");
    config->n_labels = (size_t)count;
    const char **label = ARENA_NEW_N(found->arena, const char *, (size_t)count);
    config->label = label;
    for (int i = 0; i < count; i++) {
        char key[16];
        snprintf(key, sizeof key, "%d", i);
        const cJSON *name = cJSON_GetObjectItemCaseSensitive(found->value, key);
        if (!cJSON_IsString(name))
            return err_set(found->err, "%s: %s has %d entries, but none called \"%s\" with a text",
                           found->file, found->name, count, key);
        label[i] = arena_copy_text(found->arena, name->valuestring);
    }
    return true;
}

static bool read_is(const Found *found, const char *only) {
    assert(only); /* the row of such a field names it */
    bool same = cJSON_IsNull(found->value) ||
                (cJSON_IsString(found->value) && strcmp(found->value->valuestring, only) == 0);
    char room[80];
    return same ||
           err_set(found->err,
                   "%s: %s is %s, expected \"%s\", the only one that this build "
                   "has",
                   found->file, found->name, json_show(found->value, room, sizeof room), only);
}

static bool read_field(const Found *found, const ConfigField *field) {
    if (cJSON_IsNull(found->value) && !field->null_is_none)
        return expected(found, "a value (a field that is left out has its default)");
    switch (field->kind) {
    case FIELD_SIZE:
        /* A null reads as 0, which config_finish() derives. */
        return read_size(found, 1, field->most);
    case FIELD_WHOLE: return read_size(found, 0, field->most);
    case FIELD_EPS: return read_eps(found);
    case FIELD_POSITIVE: return read_positive(found, HUGE_VAL);
    case FIELD_FRACTION: return read_positive(found, 1);
    case FIELD_ROPE: return read_rope(found);
    case FIELD_SCALING: return read_scaling(found, found->target);
    case FIELD_BOOL:
        return json_bool(found->root, found->name, found->file, false, found->target, found->err);
    case FIELD_ACT: return read_act(found);
    case FIELD_RNN_ACT: return read_rnn_act(found);
    case FIELD_T5_FFN: return read_t5_ffn(found);
    case FIELD_TASKS: return read_tasks(found);
    case FIELD_LABELS: return read_labels(found);
    case FIELD_TOKEN: return read_token(found);
    case FIELD_EOS: return read_eos(found);
    case FIELD_BANNED: return read_banned(found);
    case FIELD_IS: return read_is(found, field->alias);
    case FIELD_REQUIRE:
        return cJSON_IsTrue(found->value) ||
               expected(found, "true, the only one that this build has");
    case FIELD_REFUSE: return read_refused(found);
    }
    assert(false && "a kind of field that nobody reads");
    return false;
}

bool config_read_fields(const cJSON *root, const char *file, const Family *family, Arena *arena,
                        ModelConfig *config, Err *err) {
    for (int i = 0; i < family->field_count; i++) {
        const ConfigField *field = &family->field[i];
        const cJSON *own = cJSON_GetObjectItemCaseSensitive(root, field->name);
        bool named_twice = field->alias && field->kind != FIELD_IS;
        const cJSON *other = named_twice ? cJSON_GetObjectItemCaseSensitive(root, field->alias)
                                         : NULL;
        Found found = {.root = root,
                       .file = file,
                       .name = other ? field->alias : field->name,
                       .value = other ? other : own,
                       .target = (char *)config + field->target,
                       .family = family,
                       .config = config,
                       .arena = arena,
                       .err = err};
        if (found.value && !read_field(&found, field))
            return false;
    }
    return true;
}
