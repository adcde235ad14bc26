/* Any bytes as config.json: what is accepted is a model that could be computed. */
#include "engine/model/config.h"
#include "engine/model/family.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_token(const ModelConfig *config, int32_t id) {
    return id >= 0 && (size_t)id < config->n_vocab;
}

static bool stack_fits(StackSizes sizes) {
    return sizes.n_layers && sizes.n_heads && sizes.n_kv_heads && sizes.d_head && sizes.d_ff &&
           sizes.n_heads % sizes.n_kv_heads == 0;
}

static bool sizes_fit(const ModelConfig *c) {
    if (!c->n_layers || !c->n_vocab || !c->d_model)
        return false;
    if (c->cell != CELL_NONE)
        return c->d_hidden > 0 && (!c->tied || c->d_hidden == c->d_model);
    return stack_fits(config_stack(c, STACK_OWN)) &&
           (!c->two_stacks || stack_fits(config_stack(c, STACK_ENCODER))) &&
           (!c->n_experts || (c->n_active > 0 && c->n_active <= c->n_experts)) &&
           (!c->two_stacks || is_token(c, c->start));
}

static void check(const ModelConfig *config) {
    if (!sizes_fit(config))
        abort();
    if (!(config->norm_eps >= 0) || config->act >= ACT_KINDS)
        abort();
    if (config->n_eos < 0 || config->n_eos > 32 ||
        (config->bos != -1 && !is_token(config, config->bos)))
        abort();
    for (int i = 0; i < config->n_eos; i++)
        if (!is_token(config, config->eos[i]))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Arena arena = {0};
    ModelConfig config;
    const Family *family;
    Err err = {""};
    if (config_parse((const char *)data, size, "fuzz.json", &arena, &config, &family, &err))
        check(&config);
    else if (strncmp(err.text, "fuzz.json: ", 11) != 0)
        abort();
    arena_free(&arena);
    return 0;
}
