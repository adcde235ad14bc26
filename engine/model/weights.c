#include "engine/model/weights.h"

#include "engine/base/buf.h"
#include "engine/model/family.h"

#include <assert.h>
#include <string.h>

#define NOTED_NAMES 8 /* unread tensors that a note lists by name */

/* One weight on its way: the row, the layer, the tensors of the file: one, or one an expert. */
typedef struct {
    FamilyWeight row;
    size_t layer, count;
    const char *name;        /* as the family has it, of the first that is missing if one is */
    const char *others;      /* … and the further names that would do: ' or "shared.weight"' */
    const StTensor **tensor; /* [count], a missing one NULL */
} Wanted;

typedef struct {
    Model *model;
    Wanted *wanted;
    int count;
    void **values; /* one a tensor of the file, NULL until it is needed */
    bool *used;
    Err *err;
} Loader;

/* With the family's prefix or, as files of the bare model have it, without. */
static const StTensor *find_name(const Model *model, const char *name) {
    const StTensor *tensor = st_find(&model->file, name);
    size_t prefix = strlen(model->family->prefix);
    if (!tensor && strncmp(name, model->family->prefix, prefix) == 0)
        tensor = st_find(&model->file, name + prefix);
    return tensor;
}

/* The first of the row's names that the file has. */
static const StTensor *find_tensor(Model *model, Wanted *wanted, size_t expert) {
    const char *names = wanted->row.name;
    wanted->others = "";
    for (bool first = true; *names; first = false) {
        size_t size = strcspn(names, "|");
        const char *name = family_weight_name(names, wanted->layer, expert, &model->arena);
        if (first)
            wanted->name = name;
        else
            wanted->others = arena_printf(&model->arena, "%s or \"%s\"", wanted->others, name);
        const StTensor *tensor = find_name(model, name);
        if (tensor)
            return tensor;
        names += size + (names[size] == '|');
    }
    return NULL;
}

FamilyWeight weights_row(const Model *model, const FamilyWeight *row) {
    FamilyWeight actual = *row;
    if (row->role == ROLE_UNEMBED && model->config.tied) {
        actual.layout = LAYOUT_OUT_IN;
        for (int i = 0; i < model->family->weight_count; i++)
            if (model->family->weight[i].role == ROLE_EMBED)
                actual.name = model->family->weight[i].name;
    }
    return actual;
}

static void want(Loader *loader, FamilyWeight row, size_t layer) {
    Model *model = loader->model;
    bool experts = strstr(row.name, "{e}") != NULL;
    Wanted wanted = {.row = row, .layer = layer, .count = experts ? model->config.n_experts : 1};
    wanted.tensor = ARENA_NEW_N(&model->arena, const StTensor *, wanted.count);
    for (size_t expert = 0; expert < wanted.count; expert++)
        if (!(wanted.tensor[expert] = find_tensor(model, &wanted, expert)))
            break;
    /* A classifier alone can't do without its pooler. */
    bool optional = row.optional && model->config.task != TASK_CLASSIFY;
    if (wanted.tensor[wanted.count - 1] || !optional)
        loader->wanted[loader->count++] = wanted;
}

static void list_wanted(Loader *loader) {
    Model *model = loader->model;
    const Family *family = model->family;
    loader->wanted = ARENA_NEW_N(&model->arena, Wanted,
                                 (size_t)family->weight_count * model->role_layers);
    for (int i = 0; i < family->weight_count; i++) {
        FamilyWeight row = weights_row(model, &family->weight[i]);
        if (!role_exists(&model->config, row.stack, row.role))
            continue;
        size_t layers = config_stack(&model->config, row.stack).n_layers;
        size_t copies = role_info(row.role)->in_block ? layers : 1;
        for (size_t layer = 0; layer < copies; layer++)
            want(loader, row, layer);
    }
}

static bool is_missing(const Wanted *wanted) {
    return !wanted->tensor[wanted->count - 1];
}

/* A tensor that several rows share is missing once. */
static bool is_named_before(const Loader *loader, const Wanted *wanted) {
    for (const Wanted *other = loader->wanted; other < wanted; other++)
        if (strcmp(other->name, wanted->name) == 0)
            return true;
    return false;
}

static bool check_missing(const Loader *loader) {
    const Wanted *first = NULL;
    int missing = 0;
    for (int i = 0; i < loader->count; i++) {
        const Wanted *wanted = &loader->wanted[i];
        if (!is_missing(wanted) || is_named_before(loader, wanted))
            continue;
        first = first ? first : wanted;
        missing++;
    }
    const char *path = loader->model->file.path;
    if (missing > 1)
        return err_set(
            loader->err,
            "%s: the weight \"%s\"%s is missing, one of %d that config.json asks for and the "
            "file does not have",
            path, first->name, first->others, missing);
    return missing == 0 || err_set(loader->err, "%s: the weight \"%s\"%s is missing", path,
                                   first->name, first->others);
}

static void show_shape(int rank, const size_t *dim, Buf *text) {
    buf_char(text, '[');
    for (int axis = 0; axis < rank; axis++)
        buf_printf(text, axis ? ", %zu" : "%zu", dim[axis]);
    buf_char(text, ']');
}

static bool wrong_shape(const Loader *loader, const StTensor *tensor, const Weight *weight) {
    Buf found = {0}, expected = {0};
    show_shape(tensor->rank, tensor->dim, &found);
    show_shape(weight->file_rank, weight->file_dim, &expected);
    err_set(loader->err, "%s: the shape of \"%s\" is %s, expected %s (from config.json)",
            loader->model->file.path, tensor->name, found.bytes, expected.bytes);
    buf_free(&found);
    buf_free(&expected);
    return false;
}

static bool check_tensor(const Loader *loader, const StTensor *tensor, const Weight *weight) {
    bool same = tensor->rank == weight->file_rank;
    for (int axis = 0; same && axis < tensor->rank; axis++)
        same = tensor->dim[axis] == weight->file_dim[axis];
    if (!same)
        return wrong_shape(loader, tensor, weight);
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

Weight weights_lay_out(const ModelConfig *config, const FamilyWeight *row, size_t layer) {
    const RoleInfo *info = role_info(row->role);
    bool experts = info->in[0] == 'E';
    int first = experts, n_in = (int)strlen(info->in), rank = n_in + (int)strlen(info->out);
    Weight weight = {.tensor = {.rank = rank}};
    size_t *dim = weight.tensor.dim, in = 1, out = 1;
    for (int axis = 0; axis < rank; axis++) {
        char letter = axis < n_in ? info->in[axis] : info->out[axis - n_in];
        dim[axis] = role_axis(config, row->stack, layer, letter);
        if (axis >= first)
            *(axis < n_in ? &in : &out) *= dim[axis];
    }
    size_t width = out * (size_t)row->parts; /* of the whole fused matrix */
    bool matrix = n_in > first, in_first = row->layout == LAYOUT_IN_OUT;
    ptrdiff_t in_stride = in_first ? (ptrdiff_t)width : 1;
    ptrdiff_t out_stride = in_first || !matrix ? 1 : (ptrdiff_t)in;
    weight.origin = (size_t)row->part * out * (size_t)out_stride;
    for (int axis = rank - 1; axis >= first; axis--) {
        ptrdiff_t *step = axis < n_in ? &in_stride : &out_stride;
        weight.tensor.stride[axis] = *step;
        *step *= (ptrdiff_t)dim[axis];
    }
    if (experts)
        weight.tensor.stride[0] = (ptrdiff_t)(in * width);
    if (row->layout == LAYOUT_BY_HEAD)
        interleave(&weight, row, n_in, matrix ? in : 1);
    weight.file_rank = matrix || row->layout == LAYOUT_ONE_ROW ? 2 : 1;
    weight.file_dim[0] = matrix && in_first ? in : width;
    weight.file_dim[1] = in_first ? width : in;
    if (row->layout == LAYOUT_ONE_ROW) {
        weight.file_dim[0] = 1;
        weight.file_dim[1] = width;
    }
    return weight;
}

/* Matrices are read as they are stored, whatever their type; the few numbers of a vector, and of the
 * table of distances, are widened. */
static DType type_in_memory(const Wanted *wanted) {
    WeightRole role = wanted->row.role;
    DType type = wanted->tensor[0]->type;
    for (size_t part = 1; part < wanted->count; part++)
        if (wanted->tensor[part]->type != type)
            return DTYPE_F32;
    return role_info(role)->kind == WEIGHT_MAP && role != ROLE_POS_BIAS ? type : DTYPE_F32;
}

/* The tensor's numbers, copied. */
static void copy_values(const StTensor *tensor, DType type, void *values) {
    if (tensor->type == type)
        memcpy(values, tensor->data, tensor->size);
    else
        st_to_float(tensor, values);
}

/* Where the tensor's numbers lie: in the map, if they are as they must be. The map is read-only, and
 * nobody writes weights. */
static void *values_of(Loader *loader, const StTensor *tensor, DType type) {
    size_t place = (size_t)(tensor - loader->model->file.tensor);
    loader->used[place] = true;
    if (loader->values[place])
        return loader->values[place];
    uintptr_t data = (uintptr_t)tensor->data;
    if (tensor->type == type && data % dtype_size(type) == 0)
        return loader->values[place] = (void *)data;
    size_t count = tensor->size / dtype_size(tensor->type), size;
    void *values = size_mul(count, dtype_size(type), &size) ? arena_try(&loader->model->arena, size)
                                                            : NULL;
    if (values)
        copy_values(tensor, type, values);
    else
        err_set(loader->err, "%s: no memory for \"%s\": %zu numbers of %zu bytes",
                loader->model->file.path, tensor->name, count, dtype_size(type));
    return loader->values[place] = values;
}

/* The experts' matrices one behind the other. */
static void *stack_values(Loader *loader, const Wanted *wanted, Weight *weight) {
    Arena *arena = &loader->model->arena;
    DType type = weight->tensor.type;
    size_t each = weight->file_dim[0] * weight->file_dim[1] * dtype_size(type), size;
    char *values = size_mul(each, wanted->count, &size) ? arena_try(arena, size) : NULL;
    const char **names = ARENA_NEW_N(arena, const char *, wanted->count);
    weight->part_name = names;
    for (size_t part = 0; part < wanted->count && values; part++) {
        const StTensor *tensor = wanted->tensor[part];
        loader->used[tensor - loader->model->file.tensor] = true;
        names[part] = tensor->name;
        copy_values(tensor, type, values + part * each);
    }
    if (!values)
        err_set(loader->err, "%s: no memory for the experts of \"%s\": %zu times %zu bytes",
                loader->model->file.path, weight->name, wanted->count, each);
    return values;
}

static void place(Model *model, StackId stack, WeightRole role, size_t layer,
                  const Weight *weight) {
    size_t row = ((size_t)stack * ROLE_COUNT + role) * model->role_layers;
    model->role_index[row + layer] = model->weight_count;
    model->weight[model->weight_count++] = *weight;
}

static bool bind(Loader *loader, const Wanted *wanted) {
    Model *model = loader->model;
    Weight weight = weights_lay_out(&model->config, &wanted->row, wanted->layer);
    weight.name = wanted->tensor[0]->name;
    for (size_t part = 0; part < wanted->count; part++)
        if (!check_tensor(loader, wanted->tensor[part], &weight))
            return false;
    weight.tensor.type = type_in_memory(wanted);
    weight.tensor.data = wanted->count > 1
                             ? stack_values(loader, wanted, &weight)
                             : values_of(loader, wanted->tensor[0], weight.tensor.type);
    if (!weight.tensor.data)
        return false;
    weight.tensor.data = tensor_at(&weight.tensor, (ptrdiff_t)weight.origin);
    place(model, wanted->row.stack, wanted->row.role, wanted->layer, &weight);
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
        const char *slash = strrchr(model->file.path, '/');
        model_note(model, arena_printf(&model->arena, "%s: %zu tensor%s not used: %s%s",
                                       slash ? slash + 1 : model->file.path, unread,
                                       unread == 1 ? " is" : "s are", names.bytes,
                                       unread > NOTED_NAMES ? " …" : ""));
    }
    buf_free(&names);
}

/* Of the deeper stack. */
static size_t most_layers(const ModelConfig *config) {
    size_t own = config->n_layers, encoder = config->encoder.n_layers;
    return own > encoder ? own : encoder;
}

/* Room for `most` weights, none so far. */
static void begin(Model *model, size_t most) {
    model->role_layers = most_layers(&model->config);
    size_t roles = STACK_COUNT * ROLE_COUNT * model->role_layers;
    model->weight = ARENA_NEW_N(&model->arena, Weight, most);
    model->weight_count = 0;
    model->role_index = ARENA_NEW_N(&model->arena, int, roles);
    for (size_t i = 0; i < roles; i++)
        model->role_index[i] = -1;
}

bool weights_load(Model *model, Err *err) {
    Loader loader = {.model = model, .err = err};
    model->role_layers = most_layers(&model->config);
    loader.values = ARENA_NEW_N(&model->arena, void *, model->file.count);
    loader.used = ARENA_NEW_N(&model->arena, bool, model->file.count);
    list_wanted(&loader);
    if (!check_missing(&loader))
        return false;
    begin(model, (size_t)loader.count);
    for (int i = 0; i < loader.count; i++)
        if (!bind(&loader, &loader.wanted[i]))
            return false;
    note_unread(&loader);
    return true;
}
