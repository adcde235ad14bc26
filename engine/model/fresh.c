#include "engine/model/fresh.h"

#include "engine/base/random.h"
#include "engine/model/knobs.h"
#include "engine/model/weights.h"

#include <math.h>
#include <string.h>

#define DEVIATION 0.02

/* ---- random numbers ---- */

/* In (0, 1]: its logarithm is finite. */
static double next_uniform(uint64_t *state) {
    return (double)((random_bits(state) >> 11) + 1) / 9007199254740992.0;
}

/* Box and Muller 1958, one of the two. */
static double next_normal(uint64_t *state) {
    double radius = sqrt(-2 * log(next_uniform(state)));
    return radius * cos(6.283185307179586 * next_uniform(state));
}

/* Each weight has a stream of its own, which its place alone decides. */
static uint64_t stream_of(uint64_t seed, StackId stack, WeightRole role, size_t layer) {
    uint64_t state = seed;
    uint64_t place[] = {(uint64_t)stack, (uint64_t)role, (uint64_t)layer};
    for (size_t i = 0; i < sizeof place / sizeof *place; i++)
        state = random_bits(&state) ^ place[i];
    return state;
}

/* ---- weights ---- */

static void fill(float *values, size_t count, WeightKind kind, uint64_t stream) {
    for (size_t i = 0; i < count; i++)
        values[i] = kind == WEIGHT_MAP    ? (float)(DEVIATION * next_normal(&stream))
                    : kind == WEIGHT_NORM ? 1
                                          : 0;
}

/* "blocks.3.W_Q", "encoder.0.W_Q", "EMBED", "encoder.POS_BIAS". */
static const char *weight_name(const Model *model, StackId stack, WeightRole role, size_t layer,
                               Arena *arena) {
    const RoleInfo *info = role_info(role);
    bool two = model->config.two_stacks;
    const char *prefix = !two ? "" : stack == STACK_OWN ? "decoder." : "encoder.";
    if (!info->in_block)
        return arena_printf(arena, "%s%s", prefix, info->name);
    return arena_printf(arena, "%s%zu.%s", two ? prefix : "blocks.", layer, info->name);
}

static bool add_weight(Model *model, StackId stack, WeightRole role, size_t layer, uint64_t seed,
                       Err *err) {
    const RoleInfo *info = role_info(role);
    Weight weight = {.name = weight_name(model, stack, role, layer, &model->arena)};
    size_t n_in = strlen(info->in), count = 1, bytes = 0;
    weight.file_rank = (int)(n_in + strlen(info->out));
    bool fits = true;
    for (int axis = 0; axis < weight.file_rank; axis++) {
        char letter = (size_t)axis < n_in ? info->in[axis] : info->out[(size_t)axis - n_in];
        weight.file_dim[axis] = role_axis(&model->config, stack, layer, letter);
        fits = fits && size_mul(count, weight.file_dim[axis], &count);
    }
    fits = fits && size_mul(count, sizeof(float), &bytes);
    float *values = fits ? arena_try(&model->arena, bytes) : NULL;
    if (!values)
        return err_set(err, "%s: no memory for the fresh weight %s", model->folder, weight.name);
    fill(values, count, info->kind, stream_of(seed, stack, role, layer));
    weight.tensor = tensor_dense(DTYPE_F32, weight.file_rank, weight.file_dim, values);
    weights_place(model, stack, role, layer, &weight);
    return true;
}

/* A tied output matrix is the embedding's table, turned. */
static void tie(Model *model) {
    Weight weight = model->weight[model_weight(model, STACK_OWN, ROLE_EMBED, 0)];
    Tensor *view = &weight.tensor, table = weight.tensor;
    for (int axis = 0; axis < 2; axis++) {
        view->dim[axis] = table.dim[1 - axis];
        view->stride[axis] = table.stride[1 - axis];
    }
    weights_place(model, STACK_OWN, ROLE_UNEMBED, 0, &weight);
}

/* Two stacks share one embedding. */
static bool is_shared(const Model *model, StackId stack, WeightRole role) {
    bool output = role == ROLE_UNEMBED && model->config.tied;
    bool second = role == ROLE_EMBED && stack == STACK_ENCODER;
    return output || second;
}

static bool draw_weights(Model *model, uint64_t seed, Err *err) {
    weights_begin(model, STACK_COUNT * ROLE_COUNT * weights_layers(&model->config));
    for (int stack = 0; stack < STACK_COUNT; stack++)
        for (int role = 0; role < ROLE_COUNT; role++) {
            if (!role_exists(&model->config, (StackId)stack, (WeightRole)role) ||
                is_shared(model, (StackId)stack, (WeightRole)role))
                continue;
            size_t layers = config_stack(&model->config, (StackId)stack).n_layers;
            size_t copies = role_info((WeightRole)role)->in_block ? layers : 1;
            for (size_t layer = 0; layer < copies; layer++)
                if (!add_weight(model, (StackId)stack, (WeightRole)role, layer, seed, err))
                    return false;
        }
    if (model->config.two_stacks)
        weights_place(model, STACK_ENCODER, ROLE_EMBED, 0,
                      &model->weight[model_weight(model, STACK_OWN, ROLE_EMBED, 0)]);
    if (model->config.tied && role_exists(&model->config, STACK_OWN, ROLE_UNEMBED))
        tie(model);
    return true;
}

Model *model_fresh(const char *config_path, const char *settings, uint64_t seed, Err *err) {
    Arena arena = {0};
    Model *model = ARENA_NEW(&arena, Model);
    model->arena = arena;
    char *folder = arena_copy_text(&model->arena, config_path), *slash = strrchr(folder, '/');
    if (slash)
        *slash = '\0';
    model->folder = slash ? (slash == folder ? "/" : folder) : ".";
    if (config_load(config_path, &model->arena, &model->config, &model->family, err) &&
        (!settings || knobs_set(&model->config, settings, true, err)) &&
        draw_weights(model, seed, err)) {
        model->name = arena_printf(&model->arena, "fresh %s, seed %llu", model->config.model_type,
                                   (unsigned long long)seed);
        model_note(model, arena_printf(&model->arena,
                                       "%s: random weights, never trained: nothing it says means "
                                       "anything",
                                       model->name));
        model_open_tokenizer(model);
        return model;
    }
    model_close(model);
    return NULL;
}

/* ---- an open model ---- */

/* Norms do without: a missing bias adds nothing, a missing last norm is left out. */
static bool can_do_without(WeightRole role) {
    WeightKind kind = role_info(role)->kind;
    return kind == WEIGHT_NORM || kind == WEIGHT_NORM_BIAS || role == ROLE_UNEMBED_B ||
           role == ROLE_POOLER_W || role == ROLE_POOLER_B;
}

static bool check_weights(const Model *model, const ModelConfig *turned, const char *settings,
                          Err *err) {
    for (int stack = 0; stack < STACK_COUNT; stack++)
        for (int r = 0; r < ROLE_COUNT; r++) {
            WeightRole role = (WeightRole)r;
            if (!role_exists(turned, (StackId)stack, role) || can_do_without(role))
                continue;
            if (model_weight(model, (StackId)stack, role, 0) < 0)
                return err_set(err,
                               "%s: model %s has no weight for that (%s), and a fresh one "
                               "would say nothing about it",
                               settings, model->name, role_info(role)->name);
        }
    return true;
}

void model_note_turned(Model *model, const ModelConfig *before) {
    Buf changes = {0};
    knobs_changed(before, &model->config, &changes);
    if (changes.size > 0)
        model_note(model, arena_printf(&model->arena,
                                       "%s; the weights of %s were trained without that, and no "
                                       "longer fit",
                                       changes.bytes, model->name));
    buf_free(&changes);
}

bool model_set(Model *model, const char *settings, Err *err) {
    ModelConfig before = model->config, turned = before;
    if (!knobs_set(&turned, settings, false, err) || !check_weights(model, &turned, settings, err))
        return false;
    int notes = model->note_count;
    model->config = turned;
    model_note_turned(model, &before);
    if (*settings && model->note_count == notes)
        model_note(model, arena_printf(&model->arena,
                                       "%s changes nothing: model %s stood there already, or has "
                                       "nothing that it turns",
                                       settings, model->name));
    return true;
}

bool model_set_mask(Model *model, const char *mask, bool trained, Err *err) {
    ModelConfig before = model->config;
    if (model->config.cell != CELL_NONE)
        return err_set(err, "model %s (%s) has no attention to mask", model->name,
                       model->config.model_type);
    if (!mask_parse(mask, &model->config.mask, err))
        return false;
    model->config.window = 0;
    if (trained)
        model_note_turned(model, &before);
    return true;
}
