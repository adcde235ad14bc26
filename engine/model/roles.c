#include "engine/model/roles.h"

#include <assert.h>

static const RoleInfo ROLES[ROLE_COUNT] = {
#define ROLE_ROW(ID, kind, in, out, in_block) [ROLE_##ID] = {#ID, WEIGHT_##kind, in, out, in_block},
    ROLE_TABLE(ROLE_ROW)
#undef ROLE_ROW
};

const RoleInfo *role_info(WeightRole role) {
    return &ROLES[role];
}

size_t role_axis(const ModelConfig *config, StackId stack, size_t layer, char axis) {
    StackSizes sizes = config_stack(config, stack);
    switch (axis) {
    case 'V': return config->n_vocab;
    case 'C': return config->n_ctx + config->pos_offset;
    case 'M': return config->d_model;
    case 'H': return sizes.n_heads;
    case 'K': return sizes.n_kv_heads;
    case 'D': return sizes.d_head;
    case 'F': return sizes.d_ff;
    case 'E': return config->n_experts;
    case 't': return config->n_types;
    case 'L': return config->n_labels;
    case 'R': return config->n_buckets;
    case 'N': return config->d_hidden;
    case 'I': return layer > 0 ? config->d_hidden : config->d_model;
    case 'O': return config->cell != CELL_NONE ? config->d_hidden : config->d_model;
    }
    assert(false && "an axis that no role has");
    return 0;
}

/* A decoder that reads an encoder has a third norm a block. */
static bool has_cross(const ModelConfig *config, StackId stack) {
    return config->two_stacks && stack == STACK_OWN;
}

static bool exists_outside(const ModelConfig *c, StackId stack, WeightRole role) {
    bool words = c->task == TASK_TEXT || c->task == TASK_FILL, own = stack == STACK_OWN;
    bool normed = c->norm != NORM_NONE, shifted = c->norm == NORM_LAYER;
    switch (role) {
    case ROLE_EMBED: return true;
    case ROLE_POS: return c->pos == POS_LEARNED;
    case ROLE_POS_BIAS: return c->pos == POS_BUCKETS;
    case ROLE_TYPE_EMBED: return c->n_types > 0;
    case ROLE_EMBED_LN_W: return c->embed_ln && normed;
    case ROLE_EMBED_LN_B: return c->embed_ln && shifted;
    case ROLE_LN_FINAL_W: return c->norm_place == NORM_PRE && normed;
    case ROLE_LN_FINAL_B: return c->norm_place == NORM_PRE && shifted;
    case ROLE_HEAD_W:
    case ROLE_HEAD_B: return c->has_head && own;
    case ROLE_HEAD_LN_W: return c->has_head && own && normed;
    case ROLE_HEAD_LN_B: return c->has_head && own && shifted;
    case ROLE_UNEMBED: return words && own;
    case ROLE_UNEMBED_B: return words && own && c->logits_bias;
    case ROLE_POOLER_W:
    case ROLE_POOLER_B: return own && (c->task == TASK_CLASSIFY || c->task == TASK_VECTOR);
    case ROLE_CLASSIFIER_W:
    case ROLE_CLASSIFIER_B: return own && (c->task == TASK_CLASSIFY || c->task == TASK_TAG);
    default: return false;
    }
}

static bool exists_in_block(const ModelConfig *c, StackId stack, WeightRole role) {
    bool cross = has_cross(c, stack), experts = c->n_experts > 0;
    bool normed = c->norm != NORM_NONE, shifted = c->norm == NORM_LAYER;
    switch (role) {
    case ROLE_LN1_W:
    case ROLE_LN2_W: return normed;
    case ROLE_LN1_B:
    case ROLE_LN2_B: return shifted;
    case ROLE_LN3_W: return cross && normed;
    case ROLE_LN3_B: return cross && shifted;
    case ROLE_W_Q:
    case ROLE_W_K:
    case ROLE_W_V:
    case ROLE_W_O: return true;
    case ROLE_B_Q:
    case ROLE_B_K:
    case ROLE_B_V: return c->qkv_bias;
    case ROLE_B_O: return c->out_bias;
    case ROLE_CROSS_W_Q:
    case ROLE_CROSS_W_K:
    case ROLE_CROSS_W_V:
    case ROLE_CROSS_W_O: return cross;
    case ROLE_CROSS_B_Q:
    case ROLE_CROSS_B_K:
    case ROLE_CROSS_B_V: return cross && c->qkv_bias;
    case ROLE_CROSS_B_O: return cross && c->out_bias;
    case ROLE_W_IN:
    case ROLE_W_OUT: return !experts;
    case ROLE_B_IN:
    case ROLE_B_OUT: return !experts && c->mlp_bias;
    case ROLE_W_LINEAR: return !experts && c->gated;
    case ROLE_B_LINEAR: return !experts && c->gated && c->mlp_bias;
    case ROLE_ROUTER:
    case ROLE_EXPERT_IN:
    case ROLE_EXPERT_OUT: return experts;
    case ROLE_EXPERT_LINEAR: return experts && c->gated;
    default: return false;
    }
}

static bool exists_in_recurrent(const ModelConfig *c, WeightRole role) {
    static const int gates[] = {[CELL_RNN] = 1, [CELL_LSTM] = 4, [CELL_GRU] = 3};
    if (role >= ROLE_RNN_W_IN_0)
        return (int)(role - ROLE_RNN_W_IN_0) % RNN_GATES < gates[c->cell];
    return role == ROLE_EMBED || role == ROLE_UNEMBED || role == ROLE_UNEMBED_B;
}

bool role_exists(const ModelConfig *config, StackId stack, WeightRole role) {
    if (config->cell != CELL_NONE)
        return stack == STACK_OWN && exists_in_recurrent(config, role);
    if (stack == STACK_ENCODER && !config->two_stacks)
        return false;
    return role_info(role)->in_block ? exists_in_block(config, stack, role)
                                     : exists_outside(config, stack, role);
}
