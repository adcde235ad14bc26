#include "app/open_prompt.h"

#include "app/open.h"
#include "app/worker_unknown.h"

#include <string.h>

enum { PIECES = 6 };

/* The text up to the last token that fits; NULL where a token is unknown, or nothing is left. */
static const char *fitting(const Model *model, const char *text, Arena *arena) {
    TokenList list;
    Err err;
    if (!tok_encode(model->tok, text, strlen(text), true, arena, &list, &err) || list.count == 0)
        return NULL;
    if (unknown_any(unknown_texts(model->tok, text, &list, arena), list.count))
        return NULL;
    size_t most = config_longest(&model->config);
    if (most == 0 || list.count <= most)
        return text;
    size_t end = list.token[most - 1].end;
    return end == 0 ? NULL : arena_copy_bytes(arena, text, end);
}

/* The first pieces of the vocabulary that are text, with `between` between them. */
static const char *own_words(const Model *model, const char *between, Arena *arena) {
    Buf text = {0};
    int32_t limit = tok_id_limit(model->tok);
    for (int32_t id = 0, used = 0; id < limit && used < PIECES; id++) {
        if (!tok_piece(model->tok, id) || tok_is_special(model->tok, id))
            continue;
        if (used++ > 0)
            buf_text(&text, between);
        tok_decode(model->tok, &id, 1, false, &text);
    }
    const char *words = arena_copy_text(arena, buf_cstr(&text));
    buf_free(&text);
    return words;
}

static const char *default_text(const ModelConfig *config) {
    if (config->task == TASK_FILL)
        return APP_DEFAULT_MASKED;
    bool whole = config->two_stacks || config->task != TASK_TEXT;
    return whole ? APP_DEFAULT_TEXT : APP_DEFAULT_PROMPT;
}

/* Tokens that the text becomes; SIZE_MAX where one is unknown. */
static size_t cost(const Model *model, const char *text, Arena *arena) {
    TokenList list;
    Err err;
    if (!tok_encode(model->tok, text, strlen(text), true, arena, &list, &err) || list.count == 0 ||
        unknown_any(unknown_texts(model->tok, text, &list, arena), list.count))
        return SIZE_MAX;
    return list.count;
}

/* A model that was taught Korean cuts English into many pieces. */
static const char *shorter(const Model *model, const char *text, Arena *arena) {
    bool begins = strcmp(text, APP_DEFAULT_PROMPT) == 0;
    bool korean = begins && cost(model, APP_DEFAULT_KOREAN, arena) < cost(model, text, arena);
    return korean ? APP_DEFAULT_KOREAN : text;
}

const char *open_prompt(const Model *model, Arena *arena) {
    if (!model->tok)
        return "";
    const char *const texts[] = {shorter(model, default_text(&model->config), arena),
                                 APP_DEFAULT_LETTERS, own_words(model, "", arena),
                                 own_words(model, " ", arena)};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *text = fitting(model, texts[i], arena);
        if (text)
            return text;
    }
    return APP_DEFAULT_PROMPT;
}
