#include "engine/model/blank.h"

#include "engine/model/weights.h"

#include <string.h>

/* ---- rows ---- */

static bool has_row(const Family *family, StackId stack, WeightRole role) {
    for (int i = 0; i < family->weight_count; i++)
        if (family->weight[i].stack == stack && family->weight[i].role == role)
            return true;
    return false;
}

/* "blocks.{l}.W_Q", "blocks.{l}.{e}.EXPERT_IN", "encoder.{l}.W_Q", "EMBED", "encoder.POS_BIAS". */
static const char *own_name(Model *model, StackId stack, WeightRole role) {
    const RoleInfo *info = role_info(role);
    bool two = model->config.two_stacks;
    const char *prefix = !two ? "" : stack == STACK_OWN ? "decoder." : "encoder.";
    if (!info->in_block)
        return arena_printf(&model->arena, "%s%s", prefix, info->name);
    return arena_printf(&model->arena, "%s{l}.%s%s", two ? prefix : "blocks.",
                        info->in[0] == 'E' ? "{e}." : "", info->name);
}

/* The family with a row for every role that the config asks for. */
static void complete_family(Model *model) {
    const Family *from = model->family;
    Family *family = ARENA_NEW(&model->arena, Family);
    size_t most = (size_t)from->weight_count + STACK_COUNT * ROLE_COUNT;
    FamilyWeight *row = ARENA_NEW_N(&model->arena, FamilyWeight, most);
    *family = *from;
    memcpy(row, from->weight, (size_t)from->weight_count * sizeof *row);
    family->weight = row;
    for (int s = 0; s < STACK_COUNT; s++)
        for (int r = 0; r < ROLE_COUNT; r++) {
            StackId stack = (StackId)s;
            WeightRole role = (WeightRole)r;
            if (role_exists(&model->config, stack, role) && !has_row(from, stack, role))
                row[family->weight_count++] = (FamilyWeight){.role = role,
                                                             .stack = stack,
                                                             .name = own_name(model, stack, role),
                                                             .layout = LAYOUT_IN_OUT,
                                                             .parts = 1};
        }
    if (family->weight_count > from->weight_count)
        model->family = family;
}

/* ---- tensors ---- */

typedef struct {
    Model *model;
    DType type;
    BlankFill *fill;
    void *user;
    FamilyWeight *row; /* [family.weight_count] as this model has them */
    size_t *first;     /* of each row: its first tensor in the file */
    Err *err;
} Blank;

static size_t copies_of(const Blank *blank, const FamilyWeight *row) {
    const ModelConfig *config = &blank->model->config;
    return role_info(row->role)->in_block ? config_stack(config, row->stack).n_layers : 1;
}

static size_t experts_of(const Blank *blank, const FamilyWeight *row) {
    return strstr(row->name, "{e}") ? blank->model->config.n_experts : 1;
}

/* Rows that share a tensor: parts of a fused matrix, or the very same weight. */
static int same_tensor(const Blank *blank, int row, bool *same_part) {
    for (int other = 0; other < row; other++) {
        const FamilyWeight *a = &blank->row[other], *b = &blank->row[row];
        if (!role_exists(&blank->model->config, a->stack, a->role) || strcmp(a->name, b->name) != 0)
            continue;
        *same_part = a->part == b->part;
        return other;
    }
    return -1;
}

static bool add_tensor(Blank *blank, const FamilyWeight *row, size_t layer, size_t expert) {
    Model *model = blank->model;
    StFile *file = &model->file;
    Weight weight = weights_lay_out(&model->config, row, layer);
    StTensor tensor = {.name = family_weight_name(row->name, layer, expert, &model->arena),
                       .type = blank->type,
                       .type_name = dtype_name(blank->type),
                       .rank = weight.file_rank};
    memcpy(tensor.dim, weight.file_dim, sizeof weight.file_dim);
    bool fits = true;
    tensor.size = dtype_size(blank->type);
    for (int axis = 0; axis < tensor.rank; axis++)
        fits = fits && size_mul(tensor.size, tensor.dim[axis], &tensor.size);
    tensor.data = fits ? arena_try(&model->arena, tensor.size) : NULL;
    if (!tensor.data)
        return err_set(blank->err, "%s: no memory for the weight %s", file->path, tensor.name);
    file->tensor[file->count++] = tensor;
    return true;
}

static bool add_tensors(Blank *blank, int at) {
    const FamilyWeight *row = &blank->row[at];
    blank->first[at] = blank->model->file.count;
    for (size_t layer = 0; layer < copies_of(blank, row); layer++)
        for (size_t expert = 0; expert < experts_of(blank, row); expert++)
            if (!add_tensor(blank, row, layer, expert))
                return false;
    return true;
}

/* The view into one tensor: a mixture's axis of experts goes. */
static Tensor view_of(const Weight *weight, const StTensor *tensor) {
    Tensor view = weight->tensor;
    view.type = tensor->type;
    view.data = (void *)(uintptr_t)tensor->data;
    view.data = tensor_at(&view, (ptrdiff_t)weight->origin);
    return view;
}

static void drop_first_axis(Tensor *view) {
    view->rank--;
    for (int axis = 0; axis < view->rank; axis++) {
        view->dim[axis] = view->dim[axis + 1];
        view->stride[axis] = view->stride[axis + 1];
    }
}

static void fill_row(const Blank *blank, int at) {
    const FamilyWeight *row = &blank->row[at];
    const StTensor *tensor = blank->model->file.tensor + blank->first[at];
    for (size_t layer = 0; layer < copies_of(blank, row); layer++)
        for (size_t expert = 0; expert < experts_of(blank, row); expert++) {
            Weight weight = weights_lay_out(&blank->model->config, row, layer);
            BlankWeight one = {row->stack, row->role, layer, expert, view_of(&weight, tensor++)};
            if (role_info(row->role)->in[0] == 'E')
                drop_first_axis(&one.view);
            blank->fill(blank->user, &one);
        }
}

static bool make_row(Blank *blank, int at) {
    bool same_part = false;
    int other = same_tensor(blank, at, &same_part);
    if (other >= 0)
        blank->first[at] = blank->first[other];
    else if (!add_tensors(blank, at))
        return false;
    if (blank->fill && !same_part)
        fill_row(blank, at);
    return true;
}

bool blank_file(Model *model, DType type, BlankFill *fill, void *user, Err *err) {
    complete_family(model);
    const Family *family = model->family;
    size_t rows = (size_t)family->weight_count, most = 0;
    Blank blank = {.model = model, .type = type, .fill = fill, .user = user, .err = err};
    blank.row = ARENA_NEW_N(&model->arena, FamilyWeight, rows);
    blank.first = ARENA_NEW_N(&model->arena, size_t, rows);
    for (size_t i = 0; i < rows; i++) {
        blank.row[i] = weights_row(model, &family->weight[i]);
        most += copies_of(&blank, &blank.row[i]) * experts_of(&blank, &blank.row[i]);
    }
    model->file = (StFile){.path = model->folder};
    model->file.tensor = ARENA_NEW_N(&model->arena, StTensor, most);
    for (int i = 0; i < family->weight_count; i++) {
        const FamilyWeight *row = &blank.row[i];
        if (role_exists(&model->config, row->stack, row->role) && !make_row(&blank, i))
            return false;
    }
    return true;
}
