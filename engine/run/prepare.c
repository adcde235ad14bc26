#include "engine/run/prepare.h"

#include <string.h>

static bool check_list(const char *what, const int32_t *ids, size_t count, size_t limit,
                       const char *unit, Err *err) {
    for (size_t i = 0; i < count; i++)
        if (ids[i] < 0 || (size_t)ids[i] >= limit)
            return err_set(err, "the %s: token %zu has the %s %d, expected 0 to %zu", what, i, unit,
                           ids[i], limit - 1);
    return true;
}

bool prepare_check(const Model *model, const RunText *text, Err *err) {
    const ModelConfig *c = &model->config;
    if (text->real > text->count || text->source_real > text->source_count)
        return err_set(err, "the input: more real tokens than tokens");
    if (text->types && c->n_types == 0)
        return err_set(err, "the input: token types, but model %s has none", model->name);
    return check_list("input", text->ids, text->count, c->n_vocab, "id", err) &&
           check_list("source", text->source, text->source_count, c->n_vocab, "id", err) &&
           (!text->types || check_list("input", text->types, text->count, c->n_types, "type", err));
}

/* A copy of the tokens with their texts for the axes; a model without a tokenizer shows the ids. */
static TraceText trace_tokens(Arena *arena, const Model *model, const int32_t *ids, size_t count,
                              size_t real) {
    int32_t *copy = ARENA_NEW_N(arena, int32_t, count);
    if (count)
        memcpy(copy, ids, count * sizeof *copy);
    TraceText text = {.length = count,
                      .real = real ? real : count,
                      .ids = copy,
                      .label = ARENA_NEW_N(arena, const char *, count),
                      .piece = ARENA_NEW_N(arena, const char *, count)};
    for (size_t i = 0; i < count; i++) {
        const char *piece = model->tok ? tok_piece(model->tok, ids[i]) : NULL;
        text.piece[i] = piece ? arena_copy_text(arena, piece) : arena_printf(arena, "%d", ids[i]);
        text.label[i] = text.piece[i];
    }
    if (model->tok)
        tok_labels(model->tok, ids, count, arena, text.label);
    return text;
}

Trace *prepare_trace(const Model *model, const RunText *text) {
    Arena arena = {0};
    Trace *trace = ARENA_NEW(&arena, Trace);
    trace->arena = arena;
    trace->own = trace_tokens(&trace->arena, model, text->ids, text->count, text->real);
    trace->source = trace_tokens(&trace->arena, model, text->source, text->source_count,
                                 text->source_real);
    trace->model = arena_copy_text(&trace->arena, model->name);
    trace->class_name = model->config.label;
    trace->attention = model->config.cell == CELL_NONE ? "standard" : "none";
    trace->kv_cache = "off";
    return trace;
}

void prepare_given(Trace *trace, const char *name, const int32_t *ids, size_t first, size_t count) {
    int node = trace_find(trace, name);
    int32_t *to = node < 0 ? NULL : tensor_i32(&trace->value[node]);
    if (!to || !count)
        return;
    if (ids)
        memcpy(to + first, ids, count * sizeof *to);
    else
        memset(to + first, 0, count * sizeof *to);
}

const char *prepare_own(const Model *model) {
    return model->config.two_stacks ? "decoder.hook_tokens" : "hook_tokens";
}

void prepare_text(Trace *trace, const Model *model, const RunText *text) {
    prepare_given(trace, prepare_own(model), text->ids, 0, text->count);
    prepare_given(trace, "hook_token_types", text->types, 0, text->count);
    prepare_given(trace, "encoder.hook_tokens", text->source, 0, text->source_count);
}

bool prepare_graph(Trace *trace, const Model *model, const RunText *text, size_t length,
                   const RunOptions *options, Err *err) {
    ForwardSize size = {length, text->real, text->source_count, text->source_real,
                        options->attention};
    if (!forward_build(model, &size, &trace->arena, &trace->graph, err))
        return false;
    if (options->attention.kind == ATTENTION_FLASH)
        trace->attention = "flash";
    int logits = graph_find(&trace->graph, "logits");
    if (!options->sample)
        return true;
    if (!sample_check(options->sample, err))
        return false;
    if (logits >= 0 && model->config.task == TASK_TEXT)
        sample_build(&trace->graph, logits, options->sample,
                     sample_uniform(options->sample->seed, 0));
    return true;
}
