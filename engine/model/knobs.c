#include "engine/model/knobs.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef enum {
#define KNOB_ID(ID, ...) KNOB_##ID,
    KNOB_TABLE(KNOB_ID)
#undef KNOB_ID
        KNOB_COUNT
} KnobId;

static const struct {
    const char *name, *values, *what;
    bool shapes;
} KNOBS[KNOB_COUNT] = {
#define KNOB_ROW(ID, name, values, shapes, what) [KNOB_##ID] = {name, values, what, shapes},
    KNOB_TABLE(KNOB_ROW)
#undef KNOB_ROW
};

#define VALUE_MOST 64

/* ---- values ---- */

/* A word and what it stands for. */
typedef struct {
    const char *word;
    int value;
} Choice;

static bool choose(const char *value, const Choice *choices, int *chosen) {
    for (; choices->word; choices++)
        if (strcmp(value, choices->word) == 0) {
            *chosen = choices->value;
            return true;
        }
    return false;
}

static bool read_switch(const char *value, bool *on) {
    int chosen;
    if (!choose(value, (const Choice[]){{"on", 1}, {"off", 0}, {NULL, 0}}, &chosen))
        return false;
    *on = chosen != 0;
    return true;
}

/* A whole number up to the text's end, or up to `end`. */
static bool read_whole(const char **at, char end, size_t *value) {
    char *rest;
    if (**at < '0' || **at > '9')
        return false;
    errno = 0;
    unsigned long long number = strtoull(*at, &rest, 10);
    if (errno || *rest != end || number > SIZE_MAX)
        return false;
    *value = (size_t)number;
    *at = rest + (end != '\0');
    return true;
}

static bool read_size(const char *value, size_t least, size_t *size) {
    enum { MOST = 1 << 24 };
    return read_whole(&value, '\0', size) && *size >= least && *size <= MOST;
}

static bool read_positive(const char *value, double *number) {
    char *rest;
    *number = strtod(value, &rest);
    return rest != value && !*rest && isfinite(*number) && *number > 0;
}

/* ---- the mask ---- */

static bool parse_globals(const char *at, MaskParams *mask) {
    mask->globals = 0;
    for (bool last = false; !last && mask->globals < MASK_GLOBALS; mask->globals++) {
        last = strchr(at, ',') == NULL;
        if (!read_whole(&at, last ? '\0' : ',', &mask->global[mask->globals]))
            return false;
    }
    return true;
}

static bool starts(const char **at, const char *word) {
    size_t size = strlen(word);
    if (strncmp(*at, word, size) != 0)
        return false;
    *at += size;
    return true;
}

static bool parse_pattern(const char *at, MaskParams *mask) {
    if (starts(&at, "local:")) {
        mask->kind = MASK_LOCAL;
        return read_whole(&at, '\0', &mask->window) && mask->window > 0;
    }
    if (starts(&at, "dilated:")) {
        mask->kind = MASK_DILATED;
        return read_whole(&at, ':', &mask->window) && read_whole(&at, '\0', &mask->dilation) &&
               mask->window > 0 && mask->dilation > 0;
    }
    mask->kind = MASK_LONGFORMER;
    return starts(&at, "longformer:") && read_whole(&at, ':', &mask->window) && mask->window > 0 &&
           parse_globals(at, mask);
}

bool mask_parse(const char *text, MaskParams *mask, Err *err) {
    bool causal = strcmp(text, "causal") == 0, full = strcmp(text, "full") == 0;
    MaskParams parsed = {.causal = causal || (!full && mask->causal)};
    if (!causal && !full && !parse_pattern(text, &parsed))
        return err_set(err,
                       "the mask \"%.60s\", expected causal, full, local:W, dilated:W:D or "
                       "longformer:W:G1,G2… with whole numbers: W keys to a side, every D-th, and "
                       "up to %d global positions",
                       text, MASK_GLOBALS);
    *mask = parsed;
    return true;
}

/* ---- the knobs ---- */

static bool set_zero_head(ModelConfig *c, const char *value) {
    size_t layer, head;
    if (c->n_zeroed == ZEROED_MOST || !read_whole(&value, '.', &layer) ||
        !read_whole(&value, '\0', &head) || layer >= c->n_layers || head >= c->n_heads ||
        head >= 64)
        return false;
    c->zeroed[c->n_zeroed].layer = layer;
    c->zeroed[c->n_zeroed++].head = head;
    return true;
}

static bool set_pos(ModelConfig *c, const char *value) {
    int chosen;
    if (!choose(value,
                (const Choice[]){{"none", POS_NONE},
                                 {"learned", POS_LEARNED},
                                 {"sinusoidal", POS_SINUSOID},
                                 {"rotary", POS_ROTARY},
                                 {"t5", POS_BUCKETS},
                                 {"alibi", POS_SLOPES},
                                 {NULL, 0}},
                &chosen))
        return false;
    c->pos = (PosKind)chosen;
    if (c->rope_theta == 0)
        c->rope_theta = 10000;
    if (c->n_buckets == 0) {
        c->n_buckets = 32;
        c->max_distance = 128;
    }
    return true;
}

/* Widths that follow from what is set are derived again. */
static bool set_shape(ModelConfig *c, KnobId knob, const char *value) {
    switch (knob) {
    case KNOB_LAYERS: return read_size(value, 1, &c->n_layers);
    case KNOB_HEADS: c->n_kv_heads = c->d_head = 0; return read_size(value, 1, &c->n_heads);
    case KNOB_KV_HEADS: return read_size(value, 1, &c->n_kv_heads);
    case KNOB_D_MODEL: c->d_head = c->d_ff = 0; return read_size(value, 1, &c->d_model);
    case KNOB_D_HEAD: return read_size(value, 1, &c->d_head);
    case KNOB_D_FF: return read_size(value, 1, &c->d_ff);
    case KNOB_VOCAB: return read_size(value, 1, &c->n_vocab);
    case KNOB_CTX: return read_size(value, 1, &c->n_ctx);
    case KNOB_EXPERTS:
        c->n_active = c->n_active ? c->n_active : 2;
        return read_size(value, 0, &c->n_experts);
    case KNOB_GATED: return read_switch(value, &c->gated);
    case KNOB_TIED: return read_switch(value, &c->tied);
    case KNOB_QKV_BIAS: c->attn_bias = false; return read_switch(value, &c->qkv_bias);
    case KNOB_OUT_BIAS: c->attn_bias = false; return read_switch(value, &c->out_bias);
    case KNOB_MLP_BIAS: return read_switch(value, &c->mlp_bias);
    default: return false;
    }
}

static bool set_one(ModelConfig *c, KnobId knob, const char *value) {
    static const Choice norms[] = {
        {"layer", NORM_LAYER}, {"rms", NORM_RMS}, {"none", NORM_NONE}, {NULL, 0}};
    static const Choice places[] = {{"pre", NORM_PRE}, {"post", NORM_POST}, {NULL, 0}};
    static const Choice acts[] = {{"gelu", ACT_GELU_ERF},
                                  {"gelu_new", ACT_GELU_TANH},
                                  {"relu", ACT_RELU},
                                  {"silu", ACT_SILU},
                                  {NULL, 0}};
    static const Choice mask_places[] = {{"before", 0}, {"after", 1}, {NULL, 0}};
    static const Choice axes[] = {{"keys", 0}, {"queries", 1}, {NULL, 0}};
    int chosen = 0;
    bool on = false, ok;
    switch (knob) {
    case KNOB_NORM:
        ok = choose(value, norms, &chosen);
        c->norm = (NormKind)chosen;
        return ok;
    case KNOB_NORM_PLACE:
        ok = choose(value, places, &chosen);
        c->norm_place = (NormPlace)chosen;
        return ok;
    case KNOB_ACT:
        ok = choose(value, acts, &chosen);
        c->act = (ActKind)chosen;
        return ok;
    case KNOB_MASK_PLACE:
        ok = choose(value, mask_places, &chosen);
        c->mask_late = chosen != 0;
        return ok;
    case KNOB_SOFTMAX:
        ok = choose(value, axes, &chosen);
        c->softmax_queries = chosen != 0;
        return ok;
    case KNOB_RESIDUAL:
        ok = read_switch(value, &on);
        c->no_residual = !on;
        return ok;
    case KNOB_MASK: c->window = 0; return mask_parse(value, &c->mask, NULL);
    case KNOB_POS: return set_pos(c, value);
    case KNOB_ROPE_THETA: return read_positive(value, &c->rope_theta);
    case KNOB_ROPE_FACTOR:
        c->rope_scaling.kind = ROPE_LINEAR;
        return read_positive(value, &c->rope_scaling.factor);
    case KNOB_SCALE: return read_switch(value, &c->scaled);
    case KNOB_PARALLEL: return read_switch(value, &c->parallel);
    case KNOB_ZERO_HEAD: return set_zero_head(c, value);
    case KNOB_ACTIVE: return read_size(value, 1, &c->n_active);
    default: return set_shape(c, knob, value);
    }
}

static bool find_knob(const char *name, size_t size, KnobId *knob) {
    for (int i = 0; i < KNOB_COUNT; i++)
        if (strlen(KNOBS[i].name) == size && memcmp(KNOBS[i].name, name, size) == 0) {
            *knob = (KnobId)i;
            return true;
        }
    return false;
}

static bool unknown_knob(const char *name, size_t size, Err *err) {
    Buf names = {0};
    for (int i = 0; i < KNOB_COUNT; i++)
        buf_printf(&names, i ? ", %s" : "%s", KNOBS[i].name);
    err_set(err, "there is no knob \"%.*s\", expected one of %s", (int)(size < 60 ? size : 60),
            name, names.bytes);
    buf_free(&names);
    return false;
}

static bool set_text(ModelConfig *config, const char *setting, size_t size, bool fresh, Err *err) {
    const char *equals = memchr(setting, '=', size);
    size_t name = equals ? (size_t)(equals - setting) : size;
    KnobId knob;
    if (!find_knob(setting, name, &knob))
        return unknown_knob(setting, name, err);
    if (!equals)
        return err_set(err, "the knob %s has no value, expected %s=%s", KNOBS[knob].name,
                       KNOBS[knob].name, KNOBS[knob].values);
    if (KNOBS[knob].shapes && !fresh)
        return err_set(err,
                       "the knob %s changes the weights' shapes, so it can be set on a fresh model "
                       "alone (--random-init)",
                       KNOBS[knob].name);
    char value[VALUE_MOST];
    size_t length = size - name - 1;
    bool fits = length < sizeof value;
    if (fits) {
        memcpy(value, equals + 1, length);
        value[length] = '\0';
    }
    if (fits && set_one(config, knob, value))
        return true;
    return err_set(err, "the knob %s is set to \"%.*s\", expected %s", KNOBS[knob].name,
                   (int)(fits ? length : VALUE_MOST), equals + 1, KNOBS[knob].values);
}

bool knobs_set(ModelConfig *config, const char *settings, bool fresh, Err *err) {
    ModelConfig turned = *config;
    if (config->cell != CELL_NONE && *settings)
        return err_set(err, "the knob %.60s: they are a transformer's, and this model (%s) is none",
                       settings, config->model_type);
    for (const char *at = settings; *at;) {
        size_t size = strcspn(at, ",");
        if (size > 0 && !set_text(&turned, at, size, fresh, err))
            return false;
        at += size + (at[size] == ',');
    }
    if (!config_finish(&turned, "the knobs", err))
        return false;
    *config = turned;
    return true;
}

void knobs_help(Buf *text) {
    for (int i = 0; i < KNOB_COUNT; i++) {
        int used = 2 + (int)strlen(KNOBS[i].name) + 1 + (int)strlen(KNOBS[i].values);
        buf_printf(text, "  %s=%s%*s%s%s\n", KNOBS[i].name, KNOBS[i].values,
                   used < 44 ? 44 - used : 2, "", KNOBS[i].what,
                   KNOBS[i].shapes ? " (fresh models)" : "");
    }
}
