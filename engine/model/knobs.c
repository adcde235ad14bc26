#include "engine/model/knobs.h"

#include "engine/model/family.h"

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

static const Choice NORMS[] = {
    {"layer", NORM_LAYER}, {"rms", NORM_RMS}, {"none", NORM_NONE}, {NULL, 0}};
static const Choice NORM_PLACES[] = {{"pre", NORM_PRE}, {"post", NORM_POST}, {NULL, 0}};
static const Choice ACTS[] = {{"gelu", ACT_GELU_ERF},
                              {"gelu_new", ACT_GELU_TANH},
                              {"relu", ACT_RELU},
                              {"silu", ACT_SILU},
                              {NULL, 0}};
static const Choice MASK_PLACES[] = {{"before", 0}, {"after", 1}, {NULL, 0}};
static const Choice SOFTMAX_AXES[] = {{"keys", 0}, {"queries", 1}, {NULL, 0}};
static const Choice SWITCH[] = {{"on", 1}, {"off", 0}, {NULL, 0}};
static const Choice POSITIONS[] = {{"none", POS_NONE},
                                   {"learned", POS_LEARNED},
                                   {"sinusoidal", POS_SINUSOID},
                                   {"rotary", POS_ROTARY},
                                   {"t5", POS_BUCKETS},
                                   {"alibi", POS_SLOPES},
                                   {NULL, 0}};

static bool choose(const char *value, const Choice *choices, int *chosen) {
    for (; choices->word; choices++)
        if (strcmp(value, choices->word) == 0) {
            *chosen = choices->value;
            return true;
        }
    return false;
}

static const char *word_of(const Choice *choices, int value) {
    while (choices->word && choices->value != value)
        choices++;
    return choices->word ? choices->word : "";
}

static bool read_switch(const char *value, bool *on) {
    int chosen;
    if (!choose(value, SWITCH, &chosen))
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

static bool read_size(const char *value, size_t least, size_t most, size_t *size) {
    return read_whole(&value, '\0', size) && *size >= least && *size <= most;
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
    if (!choose(value, POSITIONS, &chosen))
        return false;
    c->pos = (PosKind)chosen;
    if (c->pos == POS_LEARNED && c->n_ctx == 0)
        c->n_ctx = 512; /* a table has an end */
    if (c->rope_theta == 0)
        c->rope_theta = 10000;
    if (c->n_buckets == 0) {
        c->n_buckets = 32;
        c->max_distance = 128;
    }
    return true;
}

/* A size of both stacks, where there are two. */
static bool set_size(const ModelConfig *c, const char *value, size_t most, size_t *own,
                     size_t *encoder) {
    bool ok = read_size(value, 1, most, own);
    if (ok && c->two_stacks)
        *encoder = *own;
    return ok;
}

/* What a config.json may have at most (family.h); 0: the knob is no size. */
static size_t largest(KnobId knob) {
    switch (knob) {
    case KNOB_LAYERS: return MOST_LAYERS;
    case KNOB_HEADS:
    case KNOB_KV_HEADS: return MOST_HEADS;
    case KNOB_D_MODEL:
    case KNOB_D_HEAD: return MOST_WIDTH;
    case KNOB_D_FF:
    case KNOB_VOCAB:
    case KNOB_CTX: return MOST_ROWS;
    case KNOB_EXPERTS:
    case KNOB_ACTIVE: return MOST_EXPERTS;
    default: return 0;
    }
}

/* Widths that follow from what is set are derived again. */
static bool set_shape(ModelConfig *c, KnobId knob, const char *value) {
    size_t most = largest(knob);
    switch (knob) {
    case KNOB_LAYERS: return set_size(c, value, most, &c->n_layers, &c->encoder.n_layers);
    case KNOB_HEADS:
        c->n_kv_heads = c->d_head = c->encoder.n_kv_heads = c->encoder.d_head = 0;
        return set_size(c, value, most, &c->n_heads, &c->encoder.n_heads);
    case KNOB_KV_HEADS: return set_size(c, value, most, &c->n_kv_heads, &c->encoder.n_kv_heads);
    case KNOB_D_MODEL:
        c->d_head = c->d_ff = c->encoder.d_head = c->encoder.d_ff = 0;
        return read_size(value, 1, most, &c->d_model);
    case KNOB_D_HEAD: return set_size(c, value, most, &c->d_head, &c->encoder.d_head);
    case KNOB_D_FF: return set_size(c, value, most, &c->d_ff, &c->encoder.d_ff);
    case KNOB_VOCAB: return read_size(value, 1, most, &c->n_vocab);
    case KNOB_CTX: return read_size(value, 1, most, &c->n_ctx);
    case KNOB_EXPERTS:
        c->n_active = c->n_active ? c->n_active : 2;
        return read_size(value, 0, most, &c->n_experts);
    case KNOB_GATED: return read_switch(value, &c->gated);
    case KNOB_TIED: return read_switch(value, &c->tied);
    case KNOB_QKV_BIAS: c->attn_bias = false; return read_switch(value, &c->qkv_bias);
    case KNOB_OUT_BIAS: c->attn_bias = false; return read_switch(value, &c->out_bias);
    case KNOB_MLP_BIAS: return read_switch(value, &c->mlp_bias);
    default: return false;
    }
}

static bool set_one(ModelConfig *c, KnobId knob, const char *value) {
    int chosen = 0;
    bool on = false, ok;
    switch (knob) {
    case KNOB_NORM:
        ok = choose(value, NORMS, &chosen);
        c->norm = (NormKind)chosen;
        return ok;
    case KNOB_NORM_PLACE:
        ok = choose(value, NORM_PLACES, &chosen);
        c->norm_place = (NormPlace)chosen;
        return ok;
    case KNOB_ACT:
        ok = choose(value, ACTS, &chosen);
        c->act = (ActKind)chosen;
        return ok;
    case KNOB_MASK_PLACE:
        ok = choose(value, MASK_PLACES, &chosen);
        c->mask_late = chosen != 0;
        return ok;
    case KNOB_SOFTMAX:
        ok = choose(value, SOFTMAX_AXES, &chosen);
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
    case KNOB_ACTIVE: return read_size(value, 1, largest(knob), &c->n_active);
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

static bool wrong_value(const ModelConfig *config, KnobId knob, const char *value, size_t length,
                        Err *err) {
    Buf expected = {0};
    if (knob == KNOB_ZERO_HEAD)
        buf_printf(&expected, "LAYER.HEAD, up to %zu.%zu, and %d of them at most",
                   config->n_layers - 1, config->n_heads - 1, ZEROED_MOST);
    else if (largest(knob) > 0)
        buf_printf(&expected, "a whole number from %d to %zu", knob != KNOB_EXPERTS, largest(knob));
    else if (knob == KNOB_ROPE_THETA || knob == KNOB_ROPE_FACTOR)
        buf_text(&expected, "a number above 0");
    else
        buf_text(&expected, KNOBS[knob].values);
    err_set(err, "the knob %s is set to \"%.*s\", expected %s", KNOBS[knob].name, (int)length,
            value, expected.bytes);
    buf_free(&expected);
    return false;
}

/* Sizes that others are derived from, or counted by: they are set first, wherever they stand. */
static bool comes_first(KnobId knob) {
    return knob == KNOB_D_MODEL || knob == KNOB_HEADS || knob == KNOB_LAYERS;
}

static bool set_text(ModelConfig *config, const char *setting, size_t size, bool fresh, bool first,
                     Err *err) {
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
    if (comes_first(knob) != first)
        return true;
    char value[VALUE_MOST];
    size_t length = size - name - 1;
    bool fits = length < sizeof value;
    if (fits) {
        memcpy(value, equals + 1, length);
        value[length] = '\0';
    }
    if (fits && set_one(config, knob, value))
        return true;
    return wrong_value(config, knob, equals + 1, fits ? length : VALUE_MOST, err);
}

static bool set_all(ModelConfig *config, const char *settings, bool fresh, bool first, Err *err) {
    for (const char *at = settings; *at;) {
        size_t size = strcspn(at, ",");
        if (size > 0 && !set_text(config, at, size, fresh, first, err))
            return false;
        at += size + (at[size] == ',');
    }
    return true;
}

bool knobs_set(ModelConfig *config, const char *settings, bool fresh, Err *err) {
    ModelConfig turned = *config;
    if (config->cell != CELL_NONE && *settings)
        return err_set(err, "the knob %.60s: they are a transformer's, and this model (%s) is none",
                       settings, config->model_type);
    if (!set_all(&turned, settings, fresh, true, err) ||
        !set_all(&turned, settings, fresh, false, err))
        return false;
    if (!config_finish(&turned, "the knobs", err))
        return false;
    *config = turned;
    return true;
}

/* ---- what they stand at ---- */

void mask_write(const MaskParams *mask, Buf *text) {
    switch (mask->kind) {
    case MASK_FULL: buf_text(text, mask->causal ? "causal" : "full"); return;
    case MASK_LOCAL: buf_printf(text, "local:%zu", mask->window); break;
    case MASK_DILATED: buf_printf(text, "dilated:%zu:%zu", mask->window, mask->dilation); break;
    case MASK_LONGFORMER:
        buf_printf(text, "longformer:%zu:", mask->window);
        for (int i = 0; i < mask->globals; i++)
            buf_printf(text, i ? ",%zu" : "%zu", mask->global[i]);
        break;
    }
    buf_text(text, mask->causal ? ", causal" : "");
}

static void mask_text(const ModelConfig *c, Buf *text) {
    mask_write(&c->mask, text);
    if (c->mask.kind == MASK_FULL && c->window > 0) {
        buf_printf(text, ", local:%zu", c->window);
        if (c->window_from > 0)
            buf_printf(text, " from layer %zu on", c->window_from);
    }
}

static void zeroed_text(const ModelConfig *c, Buf *text) {
    buf_text(text, c->n_zeroed ? "" : "none");
    for (int i = 0; i < c->n_zeroed; i++)
        buf_printf(text, i ? " %zu.%zu" : "%zu.%zu", c->zeroed[i].layer, c->zeroed[i].head);
}

/* A number that has a meaning only where there is what it counts. */
static void size_text(bool there, size_t size, Buf *text) {
    if (there)
        buf_printf(text, "%zu", size);
}

static bool knob_word(const ModelConfig *c, KnobId knob, const char **word) {
    switch (knob) {
    case KNOB_NORM: *word = word_of(NORMS, (int)c->norm); return true;
    case KNOB_NORM_PLACE: *word = word_of(NORM_PLACES, (int)c->norm_place); return true;
    case KNOB_POS: *word = word_of(POSITIONS, (int)c->pos); return true;
    case KNOB_ACT: *word = word_of(ACTS, (int)c->act); return true;
    case KNOB_SCALE: *word = word_of(SWITCH, c->scaled); return true;
    case KNOB_RESIDUAL: *word = word_of(SWITCH, !c->no_residual); return true;
    case KNOB_PARALLEL: *word = word_of(SWITCH, c->parallel); return true;
    case KNOB_MASK_PLACE: *word = word_of(MASK_PLACES, c->mask_late); return true;
    case KNOB_SOFTMAX: *word = word_of(SOFTMAX_AXES, c->softmax_queries); return true;
    case KNOB_GATED: *word = word_of(SWITCH, c->gated); return true;
    case KNOB_TIED: *word = word_of(SWITCH, c->tied); return true;
    case KNOB_QKV_BIAS: *word = word_of(SWITCH, c->qkv_bias); return true;
    case KNOB_OUT_BIAS: *word = word_of(SWITCH, c->out_bias); return true;
    case KNOB_MLP_BIAS: *word = word_of(SWITCH, c->mlp_bias); return true;
    default: return false;
    }
}

int knob_count(void) {
    return KNOB_COUNT;
}

const char *knob_name(int knob) {
    return KNOBS[knob].name;
}

void knob_value(const ModelConfig *c, int knob, Buf *text) {
    const char *word;
    if (c->cell != CELL_NONE)
        return;
    if (knob_word(c, (KnobId)knob, &word)) {
        buf_text(text, word);
        return;
    }
    switch ((KnobId)knob) {
    case KNOB_ROPE_THETA:
        if (c->pos == POS_ROTARY)
            buf_printf(text, "%.9g", c->rope_theta);
        break;
    case KNOB_ROPE_FACTOR:
        if (c->pos == POS_ROTARY)
            buf_printf(text, "%.9g",
                       c->rope_scaling.kind == ROPE_PLAIN ? 1 : c->rope_scaling.factor);
        break;
    case KNOB_MASK: mask_text(c, text); break;
    case KNOB_ZERO_HEAD: zeroed_text(c, text); break;
    case KNOB_ACTIVE: size_text(c->n_experts > 0, c->n_active, text); break;
    case KNOB_LAYERS: size_text(true, c->n_layers, text); break;
    case KNOB_HEADS: size_text(true, c->n_heads, text); break;
    case KNOB_KV_HEADS: size_text(true, c->n_kv_heads, text); break;
    case KNOB_D_MODEL: size_text(true, c->d_model, text); break;
    case KNOB_D_HEAD: size_text(true, c->d_head, text); break;
    case KNOB_D_FF: size_text(true, c->d_ff, text); break;
    case KNOB_VOCAB: size_text(true, c->n_vocab, text); break;
    case KNOB_CTX: size_text(c->n_ctx > 0, c->n_ctx, text); break;
    case KNOB_EXPERTS: size_text(true, c->n_experts, text); break;
    default: break;
    }
}

void knobs_changed(const ModelConfig *before, const ModelConfig *after, Buf *text) {
    Buf from = {0}, to = {0};
    for (int knob = 0; knob < KNOB_COUNT; knob++) {
        buf_clear(&from);
        buf_clear(&to);
        knob_value(before, knob, &from);
        knob_value(after, knob, &to);
        if (from.size > 0 && to.size > 0 && strcmp(buf_cstr(&from), buf_cstr(&to)) != 0)
            buf_printf(text, "%s%s: %s → %s", text->size ? ", " : "", KNOBS[knob].name, from.bytes,
                       to.bytes);
    }
    buf_free(&from);
    buf_free(&to);
}

void knobs_help(Buf *text) {
    for (int i = 0; i < KNOB_COUNT; i++) {
        int used = 2 + (int)strlen(KNOBS[i].name) + 1 + (int)strlen(KNOBS[i].values);
        buf_printf(text, "  %s=%s%*s%s%s\n", KNOBS[i].name, KNOBS[i].values,
                   used < 48 ? 48 - used : 2, "", KNOBS[i].what,
                   KNOBS[i].shapes ? " (fresh models)" : "");
    }
}
