#include "app/cli/show_model.h"

#include "app/cli/json_out.h"
#include "app/cli/table.h"
#include "engine/model/knobs.h"
#include "engine/run/task.h"

#include <stdio.h>

/* The weights of one role, in all the layers of a stack. */
typedef struct {
    WeightRole role;
    StackId stack;
    size_t layers;        /* 1 outside the blocks */
    const Weight *weight; /* the first layer's */
    size_t numbers;       /* in all layers; 0 where they are another role's (tied matrices) */
} Group;

typedef struct {
    Group group[STACK_COUNT * ROLE_COUNT];
    size_t count;
    size_t numbers, active; /* of all of them; those that one token goes through */
} Weights;

static bool is_expert(WeightRole role) {
    return role == ROLE_EXPERT_IN || role == ROLE_EXPERT_LINEAR || role == ROLE_EXPERT_OUT;
}

/* Whether an earlier group shows the same memory. */
static bool is_shared(const Weights *weights, const Weight *weight) {
    for (size_t i = 0; i < weights->count; i++)
        if (weights->group[i].weight->tensor.data == weight->tensor.data)
            return true;
    return false;
}

static void add_group(const Model *model, StackId stack, WeightRole role, Weights *weights) {
    const ModelConfig *c = &model->config;
    int index = model_weight(model, stack, role, 0);
    if (index < 0)
        return;
    Group group = {.role = role, .stack = stack, .weight = &model->weight[index]};
    group.layers = role_info(role)->in_block ? config_stack(c, stack).n_layers : 1;
    bool shared = is_shared(weights, group.weight);
    for (size_t layer = 0; layer < group.layers && !shared; layer++)
        group.numbers += tensor_count(
            &model->weight[model_weight(model, stack, role, layer)].tensor);
    weights->numbers += group.numbers;
    weights->active += is_expert(role) ? group.numbers / c->n_experts * c->n_active : group.numbers;
    weights->group[weights->count++] = group;
}

static void find_weights(const Model *model, Weights *weights) {
    *weights = (Weights){0};
    for (int r = 0; r < ROLE_COUNT; r++)
        for (int stack = STACK_COUNT - 1; stack >= 0; stack--)
            if (role_exists(&model->config, (StackId)stack, (WeightRole)r))
                add_group(model, (StackId)stack, (WeightRole)r, weights);
}

static const char *stack_name(const Model *model, StackId stack) {
    return !model->config.two_stacks ? "blocks" : stack == STACK_OWN ? "decoder" : "encoder";
}

/* "W_Q" of the first block is called "…h.0.attn…" in the file; a stack of experts by the first's. */
static const char *file_name(const Group *group) {
    const Weight *weight = group->weight;
    return weight->part_name ? weight->part_name[0] : weight->name;
}

/* ---- text ---- */

static void print_stacks(const Model *model) {
    if (model->config.cell != CELL_NONE) {
        printf("%zu layers, a state of %zu numbers each\n", model->config.n_layers,
               model->config.d_hidden);
        return;
    }
    Table table = table_new(
        "lrrrrr", (const char *const[]){"stack", "layers", "heads", "kv_heads", "d_head", "d_ff"});
    for (int stack = STACK_COUNT - 1; stack >= 0; stack--) {
        StackSizes sizes = config_stack(&model->config, (StackId)stack);
        if (stack == STACK_ENCODER && !model->config.two_stacks)
            continue;
        table_cell(&table, "%s", stack_name(model, (StackId)stack));
        table_cell(&table, "%zu", sizes.n_layers);
        table_cell(&table, "%zu", sizes.n_heads);
        table_cell(&table, "%zu", sizes.n_kv_heads);
        table_cell(&table, "%zu", sizes.d_head);
        table_cell(&table, "%zu", sizes.d_ff);
    }
    table_print(&table);
}

static void print_knobs(const Model *model) {
    Buf value = {0};
    Table table = table_new("ll", (const char *const[]){"knob", "stands at"});
    for (int knob = 0; knob < knob_count(); knob++) {
        buf_clear(&value);
        knob_value(&model->config, knob, &value);
        if (value.size == 0)
            continue;
        table_cell(&table, "%s", knob_name(knob));
        table_cell(&table, "%s", value.bytes);
    }
    table_print(&table);
    buf_free(&value);
}

static void print_weights(const Model *model, const Weights *weights) {
    Buf shape = {0}, axes = {0};
    bool recurrent = model->config.cell != CELL_NONE;
    Table table = table_new("llrllrl", (const char *const[]){"weight", "stack", "layers", "shape",
                                                             "axes", "numbers", "in the file"});
    for (size_t i = 0; i < weights->count; i++) {
        const Group *group = &weights->group[i];
        const RoleInfo *role = role_info(group->role);
        buf_clear(&shape);
        for (int axis = 0; axis < group->weight->tensor.rank; axis++)
            buf_printf(&shape, axis ? "×%zu" : "%zu", group->weight->tensor.dim[axis]);
        table_cell(&table, "%s", role->name);
        table_cell(&table, "%s", stack_name(model, group->stack));
        table_count(&table, role->in_block, group->layers);
        table_cell(&table, "%s", buf_cstr(&shape));
        buf_clear(&axes);
        for (const char *letter = role->in; *letter; letter++)
            buf_char(&axes, *letter == 'O' && !recurrent ? 'M' : *letter); /* what the head reads */
        buf_text(&axes, role->out);
        table_cell(&table, "%s", axes.bytes);
        table_cell(&table, group->numbers ? "%zu" : "shared", group->numbers);
        table_cell(&table, "%s", file_name(group));
    }
    table_print(&table);
    buf_free(&shape);
    buf_free(&axes);
}

void show_model(const Model *model) {
    const ModelConfig *c = &model->config;
    Weights weights;
    find_weights(model, &weights);
    printf("%s: type %s, %s\n", model->name, c->model_type, task_does(c->task));
    printf("%zu parameters", weights.numbers);
    if (weights.active < weights.numbers)
        printf(", of which a token goes through %zu (%zu of %zu experts a layer)", weights.active,
               c->n_active, c->n_experts);
    printf("\nwidth %zu, vocabulary %zu", c->d_model, c->n_vocab);
    if (c->n_ctx > 0)
        printf(", context %zu", c->n_ctx);
    if (c->n_labels > 0)
        printf(", labels %zu", c->n_labels);
    printf("\n\n");
    print_stacks(model);
    putchar('\n');
    if (c->cell == CELL_NONE) {
        print_knobs(model);
        putchar('\n');
    }
    print_weights(model, &weights);
}

/* ---- JSON ---- */

static void put_stacks(const Model *model, JsonOut *out) {
    if (model->config.cell != CELL_NONE) {
        json_put_whole(out, "layers", model->config.n_layers);
        json_put_whole(out, "d_hidden", model->config.d_hidden);
        return;
    }
    json_open(out, "stacks", '[');
    for (int stack = STACK_COUNT - 1; stack >= 0; stack--) {
        StackSizes sizes = config_stack(&model->config, (StackId)stack);
        if (stack == STACK_ENCODER && !model->config.two_stacks)
            continue;
        json_open(out, NULL, '{');
        json_put_text(out, "name", stack_name(model, (StackId)stack));
        json_put_whole(out, "layers", sizes.n_layers);
        json_put_whole(out, "heads", sizes.n_heads);
        json_put_whole(out, "kv_heads", sizes.n_kv_heads);
        json_put_whole(out, "d_head", sizes.d_head);
        json_put_whole(out, "d_ff", sizes.d_ff);
        json_shut(out, '}');
    }
    json_shut(out, ']');
}

static void put_knobs(const Model *model, JsonOut *out) {
    Buf value = {0};
    json_open(out, "knobs", '{');
    for (int knob = 0; knob < knob_count(); knob++) {
        buf_clear(&value);
        knob_value(&model->config, knob, &value);
        if (value.size > 0)
            json_put_text(out, knob_name(knob), buf_cstr(&value));
    }
    json_shut(out, '}');
    buf_free(&value);
}

static void put_weights(const Model *model, const Weights *weights, JsonOut *out) {
    json_open(out, "weights", '[');
    for (size_t i = 0; i < weights->count; i++) {
        const Group *group = &weights->group[i];
        json_open(out, NULL, '{');
        json_put_text(out, "weight", role_info(group->role)->name);
        json_put_text(out, "stack", stack_name(model, group->stack));
        json_put_whole(out, "layers", group->layers);
        json_put_sizes(out, "shape", group->weight->tensor.dim, (size_t)group->weight->tensor.rank);
        json_put_whole(out, "numbers", group->numbers);
        json_put_text(out, "name", file_name(group));
        json_shut(out, '}');
    }
    json_shut(out, ']');
}

void show_model_json(const Model *model) {
    const ModelConfig *c = &model->config;
    Weights weights;
    JsonOut out = {0};
    find_weights(model, &weights);
    json_open(&out, NULL, '{');
    json_put_text(&out, "model", model->name);
    json_put_text(&out, "type", c->model_type);
    json_put_text(&out, "task", task_does(c->task));
    json_put_whole(&out, "parameters", weights.numbers);
    json_put_whole(&out, "active_parameters", weights.active);
    json_put_whole(&out, "labels", c->n_labels);
    put_stacks(model, &out);
    put_knobs(model, &out);
    put_weights(model, &weights, &out);
    json_shut(&out, '}');
    json_print(&out);
}
