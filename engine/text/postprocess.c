/* The post-processor frames the tokens of a text with tokens of its own (BOS), as a template says,
 * and may leave the spaces at a token's ends out of its offsets. */
#include "engine/text/internal.h"

#include <string.h>

#define MOST_TEMPLATE_IDS 1000

static bool load_byte_level(Tokenizer *tok, const cJSON *json, const char *where, Err *err) {
    bool unused; /* the pre-tokenizer's field of this name counts */
    return json_bool(json, "trim_offsets", where, true, &tok->trim_offsets, err) &&
           json_bool(json, "add_prefix_space", where, true, &unused, err);
}

static bool add_id(Tokenizer *tok, int32_t id, const char *where, Err *err) {
    if (tok->template_count == MOST_TEMPLATE_IDS)
        return err_set(err, "%s: more than %d tokens", where, MOST_TEMPLATE_IDS);
    tok->template[tok->template_count++] = id;
    return true;
}

/* The template names a special token; the table special_tokens gives its ids. */
static bool add_special(Tokenizer *tok, const cJSON *table, const cJSON *special, const char *where,
                        Err *err) {
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(special, "id"), *ids;
    if (!cJSON_IsString(name))
        return tok_wrong(name, "SpecialToken.id", where, "a text", err);
    const cJSON *entry = cJSON_GetObjectItemCaseSensitive(table, name->valuestring);
    const char *inside = arena_printf(tok->arena, "%s.special_tokens.%.60s", where,
                                      name->valuestring);
    if (!cJSON_IsObject(entry))
        return tok_wrong(entry, name->valuestring, where, "an entry in special_tokens", err);
    if (!tok_field(entry, "ids", true, inside, &ids, err))
        return false;
    for (const cJSON *id = ids->child; id; id = id->next) {
        double value = cJSON_IsNumber(id) ? id->valuedouble : -1;
        bool whole = value >= 0 && value <= TOK_MOST_ID && value == (double)(int32_t)value;
        if (!whole || !tok_vocab_by_id(&tok->vocab, (int32_t)value))
            return tok_wrong(id, "ids", inside, "ids of the vocabulary", err);
        if (!add_id(tok, (int32_t)value, where, err))
            return false;
    }
    return true;
}

static bool add_item(Tokenizer *tok, const cJSON *table, const cJSON *item, const char *where,
                     Err *err) {
    const cJSON *special = cJSON_GetObjectItemCaseSensitive(item, "SpecialToken");
    const cJSON *sequence = cJSON_GetObjectItemCaseSensitive(item, "Sequence");
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(sequence, "id");
    if (cJSON_IsObject(special))
        return add_special(tok, table, special, where, err);
    if (cJSON_IsString(id) && strcmp(id->valuestring, "A") == 0)
        return add_id(tok, TOK_IS_TEXT, where, err);
    return tok_wrong(item, "an item of single", where, "a SpecialToken or the Sequence A", err);
}

static bool load_template(Tokenizer *tok, const cJSON *json, const char *where, Err *err) {
    const cJSON *single, *table = cJSON_GetObjectItemCaseSensitive(json, "special_tokens");
    if (tok->has_template)
        return err_set(err, "%s: a second TemplateProcessing, expected one", where);
    if (!tok_field(json, "single", true, where, &single, err))
        return false;
    if (table && !cJSON_IsObject(table))
        return tok_wrong(table, "special_tokens", where, "an object", err);
    tok->has_template = true;
    tok->template = ARENA_NEW_N(tok->arena, int32_t, MOST_TEMPLATE_IDS);
    int texts = 0;
    for (const cJSON *item = single->child; item; item = item->next)
        if (!add_item(tok, table, item, where, err))
            return false;
    for (size_t i = 0; i < tok->template_count; i++)
        texts += tok->template[i] == TOK_IS_TEXT;
    return texts == 1 ||
           err_set(err, "%s: single has the Sequence A %d times, expected once", where, texts);
}

bool tok_postprocessor_load(Tokenizer *tok, const cJSON *json, const char *where, Err *err) {
    const char *type;
    if (!json || cJSON_IsNull(json))
        return true;
    if (!tok_type(json, where, &type, err))
        return false;
    if (strcmp(type, "Sequence") == 0)
        return tok_sequence(tok, json, "processors", where, tok_postprocessor_load, err);
    if (strcmp(type, "ByteLevel") == 0)
        return load_byte_level(tok, json, where, err);
    if (strcmp(type, "TemplateProcessing") == 0)
        return load_template(tok, json, where, err);
    return err_set(err,
                   "%s: type is \"%.60s\"; this build reads ByteLevel, TemplateProcessing and "
                   "Sequence",
                   where, type);
}
