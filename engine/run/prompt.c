#include "engine/run/prompt.h"

#include "engine/base/buf.h"
#include "engine/run/generate.h"

#include <string.h>

static bool has_second(const Prompt *prompt) {
    return prompt->second.text != NULL;
}

static bool check_prompt(const Model *model, const Prompt *prompt, Err *err) {
    const ModelConfig *c = &model->config;
    if (prompt->target.text && !c->two_stacks)
        return err_set(err, "model %s (%s) has no decoder beside an encoder, so it takes no target",
                       model->name, c->model_type);
    if (has_second(prompt) && c->n_types == 0)
        return err_set(err,
                       "model %s (%s) reads one text: it has no token types to tell a pair apart",
                       model->name, c->model_type);
    return true;
}

static bool encode(const Model *model, const Prompt *prompt, Arena *arena, TokenList *list,
                   Err *err) {
    const PromptPart *a = &prompt->text, *b = &prompt->second;
    bool ok = has_second(prompt) ? tok_encode_pair(model->tok, a->text, a->size, b->text, b->size,
                                                   true, arena, list, err)
                                 : tok_encode(model->tok, a->text, a->size, true, arena, list, err);
    if (ok && list->count == 0)
        return err_set(err, "the prompt gives no token, and model %s adds none: give it a text",
                       model->name);
    return ok;
}

bool prompt_is_empty(const Model *model, const Prompt *prompt) {
    Arena arena = {0};
    Err err;
    TokenList list;
    bool empty = tok_encode(model->tok, prompt->text.text, prompt->text.size, true, &arena, &list,
                            &err) &&
                 list.count == 0;
    arena_free(&arena);
    return empty;
}

static int32_t *ids_of(const TokenList *list, Arena *arena) {
    int32_t *ids = ARENA_NEW_N(arena, int32_t, list->count);
    for (size_t i = 0; i < list->count; i++)
        ids[i] = list->token[i].id;
    return ids;
}

/* Token types, where the model has them and one is not 0. */
static const int32_t *types_of(const Model *model, const TokenList *list, Arena *arena) {
    int32_t *types = ARENA_NEW_N(arena, int32_t, list->count), most = 0;
    for (size_t i = 0; i < list->count; i++) {
        types[i] = list->token[i].type;
        most = types[i] > most ? types[i] : most;
    }
    return model->config.n_types > (size_t)most && most > 0 ? types : NULL;
}

/* Longer by padding tokens; `real` receives how many were there. */
static bool pad(const Model *model, size_t length, const int32_t **ids, size_t *count, size_t *real,
                Arena *arena, Err *err) {
    if (length <= *count)
        return true;
    if (model->config.pad < 0)
        return err_set(err, "padding: model %s has no padding token (pad_token_id in config.json)",
                       model->name);
    int32_t *padded = ARENA_NEW_N(arena, int32_t, length);
    memcpy(padded, *ids, *count * sizeof *padded);
    for (size_t i = *count; i < length; i++)
        padded[i] = model->config.pad;
    *real = *count;
    *ids = padded;
    *count = length;
    return true;
}

/* The decoder's tokens: its start token, and what it is given. */
static void begin_decoder(const Model *model, const int32_t *ids, size_t count, Arena *arena,
                          RunText *out) {
    int32_t *own = ARENA_NEW_N(arena, int32_t, count + 1);
    own[0] = model->config.start;
    if (count)
        memcpy(own + 1, ids, count * sizeof *own);
    out->ids = own;
    out->count = count + 1;
}

bool prompt_ids(const Model *model, const int32_t *ids, size_t count, const int32_t *own,
                size_t own_count, size_t pad_to, Arena *arena, RunText *out, Err *err) {
    *out = (RunText){.ids = ids, .count = count};
    if (!model->config.two_stacks)
        return pad(model, pad_to, &out->ids, &out->count, &out->real, arena, err);
    out->source = ids;
    out->source_count = count;
    begin_decoder(model, own, own_count, arena, out);
    return pad(model, pad_to, &out->source, &out->source_count, &out->source_real, arena, err);
}

/* A target stands without the end token that the tokenizer puts behind a source. */
static bool encode_target(const Model *model, const PromptPart *target, Arena *arena,
                          TokenList *list, Err *err) {
    *list = (TokenList){0};
    return !target->text ||
           tok_encode(model->tok, target->text, target->size, false, arena, list, err);
}

bool prompt_encode(const Model *model, const Prompt *prompt, Arena *arena, RunText *out,
                   TokenList *list, Err *err) {
    TokenList tokens, target;
    if (!model_has_tokenizer(model, err) || !check_prompt(model, prompt, err) ||
        !encode(model, prompt, arena, &tokens, err) ||
        !encode_target(model, &prompt->target, arena, &target, err) ||
        !prompt_ids(model, ids_of(&tokens, arena), tokens.count, ids_of(&target, arena),
                    target.count, prompt->pad_to, arena, out, err))
        return false;
    if (list)
        *list = tokens;
    const int32_t *types = model->config.two_stacks ? NULL : types_of(model, &tokens, arena);
    if (types) { /* padding has type 0 */
        int32_t *all = ARENA_NEW_N(arena, int32_t, out->count);
        memcpy(all, types, tokens.count * sizeof *all);
        out->types = all;
    }
    return true;
}

/* ---- words in another order ---- */

static bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The next word from `*at` on; size 0 at the end. */
static PromptPart next_word(const char **at, const char *end) {
    while (*at < end && is_space(**at))
        ++*at;
    PromptPart word = {*at, 0};
    while (*at < end && !is_space(**at))
        ++*at;
    word.size = (size_t)(*at - word.text);
    return word;
}

const char *prompt_shuffle(const char *text, size_t *size, uint64_t seed, Arena *arena) {
    const char *at = text, *end = text + *size;
    PromptPart *word = ARENA_NEW_N(arena, PromptPart, *size / 2 + 2);
    size_t count = 0;
    while ((word[count] = next_word(&at, end)).size > 0)
        count++;
    for (size_t i = count; i > 1; i--) { /* Fisher and Yates 1938 */
        size_t other = (size_t)(sample_uniform(seed, i) * (double)i);
        PromptPart kept = word[i - 1];
        word[i - 1] = word[other];
        word[other] = kept;
    }
    Buf out = {0};
    for (size_t i = 0; i < count; i++) {
        buf_text(&out, i ? " " : "");
        buf_add(&out, word[i].text, word[i].size);
    }
    *size = out.size;
    const char *shuffled = arena_copy_bytes(arena, buf_cstr(&out), out.size);
    buf_free(&out);
    return shuffled;
}

/* ---- a decoder's own continuation ---- */

typedef struct {
    int32_t *ids;
    size_t count;
    const ModelConfig *config;
} Continuation;

static bool take(void *user, int32_t id) {
    Continuation *more = user;
    if (!config_is_end(more->config, id))
        more->ids[more->count++] = id;
    return true;
}

bool prompt_continue(const Model *model, size_t most, ThreadPool *pool, Arena *arena, RunText *text,
                     Err *err) {
    if (!model->config.two_stacks)
        return true;
    size_t longest = model->config.n_ctx; /* it was not trained for more */
    if (longest && text->count + most > longest)
        most = text->count < longest ? longest - text->count : 0;
    Continuation more = {ARENA_NEW_N(arena, int32_t, text->count + most), text->count,
                         &model->config};
    memcpy(more.ids, text->ids, text->count * sizeof *more.ids);
    GenerateOptions options = {.max_new_tokens = most,
                               .sample = SAMPLE_GREEDY,
                               .pool = pool,
                               .token = take,
                               .user = &more};
    bool full;
    if (!run_generate(model, text, &options, &full, err))
        return false;
    text->ids = more.ids;
    text->count = more.count;
    return true;
}
