#include "engine/model/fresh.h"

#include "engine/base/random.h"
#include "engine/model/blank.h"
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

typedef struct {
    uint64_t seed, stream;
} Drawing;

/* Numbers are drawn in the order of the logical shape, so that they don't depend on how the family
 * lays it out; a mixture's experts are drawn one after another. */
static void draw_weight(void *user, const BlankWeight *weight) {
    Drawing *drawing = user;
    const Tensor *view = &weight->view;
    WeightKind kind = role_info(weight->role)->kind;
    if (weight->expert == 0)
        drawing->stream = stream_of(drawing->seed, weight->stack, weight->role, weight->layer);
    size_t index[TENSOR_RANK], count = tensor_count(view);
    for (size_t n = 0; n < count; n++) {
        shape_unravel(view->rank, view->dim, n, index);
        tensor_f32(view)[tensor_offset(view, index)] = kind == WEIGHT_MAP
                                                           ? (float)(DEVIATION *
                                                                     next_normal(&drawing->stream))
                                                       : kind == WEIGHT_NORM ? 1
                                                                             : 0;
    }
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
        blank_file(model, DTYPE_F32, draw_weight, &(Drawing){.seed = seed}, err) &&
        weights_load(model, err)) {
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
