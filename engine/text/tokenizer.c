#include "engine/text/tokenizer.h"

#include "engine/base/file.h"
#include "engine/base/utf8.h"
#include "engine/text/internal.h"

#include <stdio.h>
#include <string.h>

#define MOST_FILE_BYTES ((size_t)256 << 20)

/* ---- Small readers ---- */

bool tok_wrong(const cJSON *found, const char *field, const char *where, const char *expected,
               Err *err) {
    char room[80];
    return err_set(err, "%s: %s is %s, expected %s", where, field,
                   json_show(found, room, sizeof room), expected);
}

bool tok_type(const cJSON *json, const char *where, const char **type, Err *err) {
    if (!cJSON_IsObject(json)) {
        char room[80];
        return err_set(err, "%s is %s, expected an object or null", where,
                       json_show(json, room, sizeof room));
    }
    const cJSON *found = cJSON_GetObjectItemCaseSensitive(json, "type");
    if (!cJSON_IsString(found))
        return tok_wrong(found, "type", where, "a text", err);
    *type = found->valuestring;
    return true;
}

bool tok_field(const cJSON *json, const char *field, bool is_list, const char *where,
               const cJSON **found, Err *err) {
    *found = cJSON_GetObjectItemCaseSensitive(json, field);
    if (is_list ? cJSON_IsArray(*found) : cJSON_IsObject(*found))
        return true;
    return tok_wrong(*found, field, where, is_list ? "a list" : "an object", err);
}

bool tok_too_many(const char *where, Err *err) {
    return err_set(err, "%s: more than %d steps in a Sequence", where, TOK_MOST_STAGES);
}

bool tok_character(const Tokenizer *tok, const cJSON *json, const char *field, const char *where,
                   const char *absent, const char **character, Err *err) {
    const char *text;
    if (!json_text(json, field, where, absent, &text, err))
        return false;
    size_t size = text ? strlen(text) : 0;
    if (size == 0 || utf8_next(text, size).size != size)
        return tok_wrong(cJSON_GetObjectItemCaseSensitive(json, field), field, where,
                         "one character", err);
    *character = arena_copy_text(tok->arena, text);
    return true;
}

bool tok_sequence(Tokenizer *tok, const cJSON *json, const char *field, const char *where,
                  TokLoad *load, Err *err) {
    const cJSON *list;
    if (!tok_field(json, field, true, where, &list, err))
        return false;
    if (cJSON_GetArraySize(list) > TOK_MOST_STAGES)
        return tok_too_many(where, err);
    if (tok->open_sequences == TOK_MOST_NESTED)
        return err_set(err, "%s: more than %d Sequences in each other", where, TOK_MOST_NESTED);
    tok->open_sequences++;
    size_t i = 0;
    for (const cJSON *item = list->child; item; item = item->next, i++) {
        const char *name = arena_printf(tok->arena, "%s[%zu]", field, i);
        if (!cJSON_IsObject(item))
            return tok_wrong(item, name, where, "an object", err);
        if (!load(tok, item, arena_printf(tok->arena, "%s.%s", where, name), err))
            return false;
    }
    tok->open_sequences--;
    return true;
}

/* ---- The model ---- */

static bool load_unk(Tokenizer *tok, const cJSON *model, const char *where, Err *err) {
    const char *unk;
    tok->unk = -1;
    if (!json_text(model, "unk_token", where, NULL, &unk, err))
        return false;
    if (!unk)
        return true;
    /* Files are found that name one that they do not have: it is missed when it is needed. */
    tok->unk_name = arena_copy_text(tok->arena, unk);
    tok->unk = tok_model_id(&tok->vocab, unk, strlen(unk));
    return true;
}

bool tok_pieces_load(Tokenizer *tok, const cJSON *model, const char *where, Err *err) {
    const cJSON *vocab;
    const char *inside = arena_printf(tok->arena, "%s.vocab", where);
    return tok_field(model, "vocab", false, where, &vocab, err) &&
           tok_vocab_load(&tok->vocab, vocab, inside, tok->arena, err) &&
           load_unk(tok, model, where, err);
}

bool tok_fallback_load(Tokenizer *tok, const cJSON *model, const char *where, Err *err) {
    for (int byte = 0; byte < 256; byte++) {
        char name[8];
        snprintf(name, sizeof name, "<0x%02X>", (unsigned)byte);
        tok->byte_id[byte] = tok_model_id(&tok->vocab, name, strlen(name));
    }
    return json_bool(model, "byte_fallback", where, false, &tok->byte_fallback, err);
}

bool tok_has_bytes(const Tokenizer *tok, const char *bytes, size_t size) {
    bool all = tok->byte_fallback;
    for (size_t i = 0; all && i < size; i++)
        all = tok->byte_id[(unsigned char)bytes[i]] >= 0;
    return all;
}

/* WordLevel: a word is a piece, or unknown. */
static bool whole_word(TokWork *work, const TokPiece *word, Err *err) {
    const Tokenizer *tok = work->tok;
    TokSpan whole = {0, word->size};
    int32_t id = tok_model_id(&tok->vocab, word->bytes, word->size);
    tok_note(work->notes, TOK_STEP_LOOKUP, whole, id);
    if (id < 0) {
        id = tok->unk;
        if (id < 0)
            return tok_unknown(tok, word, whole, err);
        tok_note(work->notes, TOK_STEP_UNKNOWN, whole, id);
    }
    tok_work_add(work, id, 0, word->size);
    return true;
}

static bool load_word_level(Tokenizer *tok, const cJSON *model, const char *where, Err *err) {
    tok->word = whole_word;
    return tok_pieces_load(tok, model, where, err);
}

/* Older files leave out the model's type: the fields tell. */
static bool model_type(const cJSON *model, const char *where, const char **type, Err *err) {
    bool silent = !cJSON_GetObjectItemCaseSensitive(model, "type");
    *type = NULL;
    if (silent && cJSON_GetObjectItemCaseSensitive(model, "merges"))
        *type = "BPE";
    else if (silent && cJSON_GetObjectItemCaseSensitive(model, "max_input_chars_per_word"))
        *type = "WordPiece";
    else if (silent && cJSON_GetObjectItemCaseSensitive(model, "unk_id"))
        *type = "Unigram";
    return *type || tok_type(model, where, type, err);
}

static bool load_model(Tokenizer *tok, const cJSON *root, Err *err) {
    static const struct {
        const char *name;
        TokLoad *load;
    } KIND[] = {[TOK_BPE] = {"BPE", tok_bpe_load},
                [TOK_WORD_PIECE] = {"WordPiece", tok_word_piece_load},
                [TOK_UNIGRAM] = {"Unigram", tok_unigram_load},
                [TOK_WORD_LEVEL] = {"WordLevel", load_word_level}};
    const char *type, *where = arena_printf(tok->arena, "%s: model", tok->file);
    const cJSON *model;
    if (!tok_field(root, "model", false, tok->file, &model, err) ||
        !model_type(model, where, &type, err))
        return false;
    for (size_t i = 0; i < sizeof KIND / sizeof *KIND; i++)
        if (strcmp(type, KIND[i].name) == 0) {
            tok->model = (TokModelKind)i;
            return KIND[i].load(tok, model, where, err);
        }
    return err_set(err,
                   "%s: type is \"%.60s\"; this build reads BPE, WordPiece, Unigram and WordLevel",
                   where, type);
}

/* ---- The file ---- */

static const cJSON *field_of(const cJSON *root, const char *field) {
    return cJSON_GetObjectItemCaseSensitive(root, field);
}

static const char *where_of(const Tokenizer *tok, const char *field) {
    return arena_printf(tok->arena, "%s: %s", tok->file, field);
}

static bool load_root(Tokenizer *tok, const cJSON *root, Err *err) {
    static const struct {
        const char *field;
        TokLoad *load;
    } PART[] = {
        {"normalizer", tok_normalizer_load},
        {"added_tokens", tok_added_load}, /* needs the vocabulary and the normalizer */
        {"pre_tokenizer", tok_pretokenizer_load},
        {"post_processor", tok_postprocessor_load},
        {"decoder", tok_decoder_load},
    };
    char room[80];
    if (!cJSON_IsObject(root))
        return err_set(err, "%s: found %s, expected an object", tok->file,
                       json_show(root, room, sizeof room));
    if (!load_model(tok, root, err))
        return false;
    for (size_t i = 0; i < sizeof PART / sizeof *PART; i++)
        if (!PART[i].load(tok, field_of(root, PART[i].field), where_of(tok, PART[i].field), err))
            return false;
    return tok->vocab.count > 0 ||
           err_set(err, "%s: model.vocab is empty, expected at least one piece", tok->file);
}

Tokenizer *tok_load_text(const char *text, size_t size, const char *file, Arena *arena, Err *err) {
    cJSON *root = json_parse(text, size, file, err); /* every text in the tree is UTF-8 */
    if (!root)
        return NULL;
    Tokenizer *tok = ARENA_NEW(arena, Tokenizer);
    tok->arena = arena;
    tok->file = arena_copy_text(arena, file);
    tok->decode_growth = 1;
    tok_byte_alphabet(tok);
    bool good = load_root(tok, root, err);
    cJSON_Delete(root);
    if (!good) {
        tok_free(tok);
        return NULL;
    }
    return tok;
}

Tokenizer *tok_load(const char *path, Arena *arena, Err *err) {
    Arena file = {0};
    char *text;
    size_t size;
    Tokenizer *tok = NULL;
    if (file_read_text(path, MOST_FILE_BYTES, &file, &text, &size, err))
        tok = tok_load_text(text, size, path, arena, err);
    arena_free(&file);
    return tok;
}

void tok_free(Tokenizer *tok) {
    for (size_t i = 0; tok && i < tok->pattern_count; i++)
        pattern_free(tok->pattern[i]);
}

/* ---- What is in it ---- */

int32_t tok_id_limit(const Tokenizer *tok) {
    return tok->vocab.entry[tok->vocab.count - 1].id + 1;
}

const char *tok_piece(const Tokenizer *tok, int32_t id) {
    const TokEntry *entry = tok_vocab_by_id(&tok->vocab, id);
    return entry ? entry->piece : NULL;
}

int32_t tok_find(const Tokenizer *tok, const char *piece) {
    const TokEntry *entry = tok_vocab_by_piece(&tok->vocab, piece, strlen(piece));
    return entry ? entry->id : -1;
}

bool tok_is_special(const Tokenizer *tok, int32_t id) {
    const TokEntry *entry = tok_vocab_by_id(&tok->vocab, id);
    return entry && entry->special;
}
