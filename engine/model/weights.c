#include "engine/model/weights.h"

#include "engine/base/buf.h"
#include "engine/model/family.h"

#include <assert.h>
#include <string.h>

#define NOTED_NAMES 8 /* unread tensors that a note lists by name */

/* The axes of each role, as model.h lists them, and how many of them stand before the map. */
static const struct {
    const char *axes; /* the letters of TRACE.md, K for the key/value heads, C for the context */
    int n_in;
    bool in_block;
} ROLES[ROLE_COUNT] = {
    [ROLE_EMBED] = {"VM", 1, false},     [ROLE_POS] = {"CM", 1, false},
    [ROLE_LN1_W] = {"M", 0, true},       [ROLE_LN1_B] = {"M", 0, true},
    [ROLE_W_Q] = {"MHD", 1, true},       [ROLE_B_Q] = {"HD", 0, true},
    [ROLE_W_K] = {"MKD", 1, true},       [ROLE_B_K] = {"KD", 0, true},
    [ROLE_W_V] = {"MKD", 1, true},       [ROLE_B_V] = {"KD", 0, true},
    [ROLE_W_O] = {"HDM", 2, true},       [ROLE_B_O] = {"M", 0, true},
    [ROLE_LN2_W] = {"M", 0, true},       [ROLE_LN2_B] = {"M", 0, true},
    [ROLE_W_IN] = {"MF", 1, true},       [ROLE_B_IN] = {"F", 0, true},
    [ROLE_W_LINEAR] = {"MF", 1, true},   [ROLE_B_LINEAR] = {"F", 0, true},
    [ROLE_W_OUT] = {"FM", 1, true},      [ROLE_B_OUT] = {"M", 0, true},
    [ROLE_LN_FINAL_W] = {"M", 0, false}, [ROLE_LN_FINAL_B] = {"M", 0, false},
    [ROLE_UNEMBED] = {"MV", 1, false},
};

bool role_in_block(WeightRole role) {
    return ROLES[role].in_block;
}

static size_t axis_size(const ModelConfig *config, char axis) {
    switch (axis) {
    case 'V': return config->n_vocab;
    case 'C': return config->n_ctx;
    case 'M': return config->d_model;
    case 'H': return config->n_heads;
    case 'K': return config->n_kv_heads;
    case 'D': return config->d_head;
    case 'F': return config->d_ff;
    }
    assert(false && "an axis that no role has");
    return 0;
}

/* One weight on its way: the row, the layer, the tensor of the file. */
typedef struct {
    FamilyWeight row;
    size_t layer;
    const char *name; /* as the family has it */
    const StTensor *tensor;
} Wanted;

typedef struct {
    Model *model;
    Wanted *wanted;
    int count;
    float **values; /* one a tensor of the file, NULL until it is needed */
    bool *used;
    Err *err;
} Loader;

/* "h.{l}.ln_1.bias" for layer 3: "h.3.ln_1.bias". */
static const char *put_layer(const char *pattern, size_t layer, Arena *arena) {
    const char *place = strstr(pattern, "{l}");
    if (!place)
        return pattern;
    return arena_printf(arena, "%.*s%zu%s", (int)(place - pattern), pattern, layer,
                        place + strlen("{l}"));
}

/* With the family's prefix or, as files of the bare model have it, without. */
static const StTensor *find_tensor(const Model *model, const char *name) {
    const StTensor *tensor = st_find(&model->file, name);
    size_t prefix = strlen(model->family->prefix);
    if (!tensor && strncmp(name, model->family->prefix, prefix) == 0)
        tensor = st_find(&model->file, name + prefix);
    return tensor;
}

/* A tied output matrix is the embedding's table, read as [out, in]. */
static FamilyWeight actual_row(const Model *model, const FamilyWeight *row) {
    FamilyWeight actual = *row;
    if (row->role == ROLE_UNEMBED && model->config.tied) {
        actual.layout = LAYOUT_OUT_IN;
        for (int i = 0; i < model->family->weight_count; i++)
            if (model->family->weight[i].role == ROLE_EMBED)
                actual.name = model->family->weight[i].name;
    }
    return actual;
}

static void list_wanted(Loader *loader) {
    Model *model = loader->model;
    const Family *family = model->family;
    size_t layers = model->config.n_layers;
    loader->wanted = ARENA_NEW_N(&model->arena, Wanted, (size_t)family->weight_count * layers);
    for (int i = 0; i < family->weight_count; i++) {
        FamilyWeight row = actual_row(model, &family->weight[i]);
        if (row.when && !*(const bool *)((const char *)&model->config + row.when))
            continue;
        size_t copies = role_in_block(row.role) ? layers : 1;
        for (size_t layer = 0; layer < copies; layer++) {
            Wanted *wanted = &loader->wanted[loader->count++];
            *wanted = (Wanted){.row = row, .layer = layer};
            wanted->name = put_layer(row.name, layer, &model->arena);
            wanted->tensor = find_tensor(model, wanted->name);
        }
    }
}

/* A tensor that several rows share is missing once. */
static bool is_second_view(const Loader *loader, const Wanted *wanted) {
    return wanted->row.part > 0 || (wanted->row.role == ROLE_UNEMBED && loader->model->config.tied);
}

static bool check_missing(const Loader *loader) {
    const char *first = NULL;
    int missing = 0;
    for (int i = 0; i < loader->count; i++) {
        const Wanted *wanted = &loader->wanted[i];
        if (wanted->tensor || is_second_view(loader, wanted))
            continue;
        first = first ? first : wanted->name;
        missing++;
    }
    const char *path = loader->model->file.path;
    if (missing > 1)
        return err_set(
            loader->err,
            "%s: the weight \"%s\" is missing, one of %d that config.json asks for and the "
            "file does not have",
            path, first, missing);
    return missing == 0 || err_set(loader->err, "%s: the weight \"%s\" is missing", path, first);
}

static void show_shape(int rank, const size_t *dim, Buf *text) {
    buf_char(text, '[');
    for (int axis = 0; axis < rank; axis++)
        buf_printf(text, axis ? ", %zu" : "%zu", dim[axis]);
    buf_char(text, ']');
}

static bool wrong_shape(const Loader *loader, const Wanted *wanted, const Weight *weight) {
    Buf found = {0}, expected = {0};
    show_shape(wanted->tensor->rank, wanted->tensor->dim, &found);
    show_shape(weight->file_rank, weight->file_dim, &expected);
    err_set(loader->err, "%s: the shape of \"%s\" is %s, expected %s (from config.json)",
            loader->model->file.path, wanted->tensor->name, found.bytes, expected.bytes);
    buf_free(&found);
    buf_free(&expected);
    return false;
}

static bool check_tensor(const Loader *loader, const Wanted *wanted, const Weight *weight) {
    const StTensor *tensor = wanted->tensor;
    bool same = tensor->rank == weight->file_rank;
    for (int axis = 0; same && axis < tensor->rank; axis++)
        same = tensor->dim[axis] == weight->file_dim[axis];
    if (!same)
        return wrong_shape(loader, wanted, weight);
    if (tensor->type != DTYPE_F32 && tensor->type != DTYPE_F16 && tensor->type != DTYPE_BF16)
        return err_set(loader->err, "%s: the dtype of \"%s\" is %.40s, expected F32, F16 or BF16",
                       loader->model->file.path, tensor->name, tensor->type_name);
    return true;
}

/* Heads × parts × d_head rows: a head's own part lies between those of the others. */
static void interleave(Weight *weight, const FamilyWeight *row, int n_in, size_t step) {
    size_t D = weight->tensor.dim[n_in + 1];
    weight->tensor.stride[n_in + 1] = (ptrdiff_t)step;
    weight->tensor.stride[n_in] = (ptrdiff_t)(D * (size_t)row->parts * step);
    weight->origin = (size_t)row->part * D * step;
}

/* The view without its numbers: logical shape and strides over the file's. */
static Weight lay_out(const ModelConfig *config, const Wanted *wanted) {
    const FamilyWeight *row = &wanted->row;
    const char *axes = ROLES[row->role].axes;
    int rank = (int)strlen(axes), n_in = ROLES[row->role].n_in;
    Weight weight = {.name = wanted->tensor->name, .tensor = {.type = DTYPE_F32, .rank = rank}};
    size_t *dim = weight.tensor.dim, in = 1, out = 1;
    for (int axis = 0; axis < rank; axis++) {
        dim[axis] = axis_size(config, axes[axis]);
        *(axis < n_in ? &in : &out) *= dim[axis];
    }
    size_t width = out * (size_t)row->parts; /* of the whole fused matrix */
    bool in_first = row->layout == LAYOUT_IN_OUT;
    ptrdiff_t in_stride = in_first ? (ptrdiff_t)width : 1;
    ptrdiff_t out_stride = in_first || n_in == 0 ? 1 : (ptrdiff_t)in;
    weight.origin = (size_t)row->part * out * (size_t)out_stride;
    for (int axis = rank - 1; axis >= 0; axis--) {
        ptrdiff_t *step = axis < n_in ? &in_stride : &out_stride;
        weight.tensor.stride[axis] = *step;
        *step *= (ptrdiff_t)dim[axis];
    }
    if (row->layout == LAYOUT_BY_HEAD)
        interleave(&weight, row, n_in, n_in > 0 ? in : 1);
    weight.file_rank = n_in > 0 ? 2 : 1;
    weight.file_dim[0] = n_in > 0 && in_first ? in : width;
    weight.file_dim[1] = in_first ? width : in;
    return weight;
}

/* The tensor's numbers as float32. The map is read-only, and nobody writes weights. */
static float *values_of(Loader *loader, const StTensor *tensor) {
    size_t place = (size_t)(tensor - loader->model->file.tensor);
    loader->used[place] = true;
    if (loader->values[place])
        return loader->values[place];
    uintptr_t data = (uintptr_t)tensor->data;
    if (tensor->type == DTYPE_F32 && data % _Alignof(float) == 0)
        return loader->values[place] = (float *)data;
    size_t count = tensor->size / dtype_size(tensor->type), size;
    float *values = size_mul(count, sizeof *values, &size) ? arena_try(&loader->model->arena, size)
                                                           : NULL;
    if (values)
        st_to_float(tensor, values);
    else
        err_set(loader->err, "%s: no memory for \"%s\": %zu numbers of 4 bytes",
                loader->model->file.path, tensor->name, count);
    return loader->values[place] = values;
}

static bool bind(Loader *loader, const Wanted *wanted) {
    Model *model = loader->model;
    Weight weight = lay_out(&model->config, wanted);
    if (!check_tensor(loader, wanted, &weight))
        return false;
    float *values = values_of(loader, wanted->tensor);
    if (!values)
        return false;
    weight.tensor.data = values + weight.origin;
    size_t layers = model->config.n_layers;
    size_t row = (size_t)wanted->row.role * layers;
    model->role_index[row + wanted->layer] = model->weight_count;
    model->weight[model->weight_count++] = weight;
    return true;
}

/* Tensors that nothing reads are no error: heads for other tasks, leftovers of training. */
static void note_unread(Loader *loader) {
    Model *model = loader->model;
    Buf names = {0};
    size_t unread = 0;
    for (size_t i = 0; i < model->file.count; i++) {
        const char *name = model->file.tensor[i].name;
        if (loader->used[i] || family_ignores(model->family, &model->config, name))
            continue;
        if (unread < NOTED_NAMES)
            buf_printf(&names, unread ? ", %s" : "%s", name);
        unread++;
    }
    if (unread > 0) {
        model->notes = ARENA_NEW(&model->arena, const char *);
        model->notes[model->note_count++] = arena_printf(
            &model->arena, "model.safetensors: %zu tensor%s not used: %s%s", unread,
            unread == 1 ? " is" : "s are", names.bytes, unread > NOTED_NAMES ? " …" : "");
    }
    buf_free(&names);
}

bool weights_load(Model *model, Err *err) {
    Loader loader = {.model = model, .err = err};
    size_t roles = ROLE_COUNT * model->config.n_layers;
    loader.values = ARENA_NEW_N(&model->arena, float *, model->file.count);
    loader.used = ARENA_NEW_N(&model->arena, bool, model->file.count);
    model->role_index = ARENA_NEW_N(&model->arena, int, roles);
    for (size_t i = 0; i < roles; i++)
        model->role_index[i] = -1;
    list_wanted(&loader);
    if (!check_missing(&loader))
        return false;
    model->weight = ARENA_NEW_N(&model->arena, Weight, (size_t)loader.count);
    for (int i = 0; i < loader.count; i++)
        if (!bind(&loader, &loader.wanted[i]))
            return false;
    note_unread(&loader);
    return true;
}
