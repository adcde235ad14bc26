/* The post-processor frames the tokens of one text, or of two, with tokens of its own (BOS, [CLS],
 * [SEP]) and says which type each token has; it may leave the spaces at a token's ends out of its
 * offsets. All the kinds are templates: a row of ids, with places where the texts go. */
#include "engine/text/internal.h"

#include <string.h>

#define MOST_FRAMES 1000
#define MOST_TYPE 1000

static bool add_frame(TokTemplate *template, int32_t id, int32_t type, const char *where,
                      Err *err) {
    if (template->count == MOST_FRAMES)
        return err_set(err, "%s: more than %d tokens", where, MOST_FRAMES);
    template->item[template->count++] = (TokFrame){id, type};
    return true;
}

static TokTemplate empty_template(Arena *arena) {
    return (TokTemplate){.item = ARENA_NEW_N(arena, TokFrame, MOST_FRAMES)};
}

/* Only one frame can go round a text. */
static bool take_frame(Tokenizer *tok, const char *where, Err *err) {
    if (tok->has_template)
        return err_set(err, "%s: a second frame round the text, expected one", where);
    tok->has_template = true;
    return true;
}

/* An id that the file gives for a token of the frame. */
static bool read_id(const Tokenizer *tok, const cJSON *json, const char *field, const char *where,
                    int32_t *id, Err *err) {
    double value = cJSON_IsNumber(json) ? json->valuedouble : -1;
    bool whole = value >= 0 && value <= TOK_MOST_ID && value == (double)(int32_t)value;
    if (!whole || !tok_vocab_by_id(&tok->vocab, (int32_t)value))
        return tok_wrong(json, field, where, "ids of the vocabulary", err);
    *id = (int32_t)value;
    return true;
}

/* ---- TemplateProcessing ---- */

/* The template names a special token; the table special_tokens gives its ids. */
static bool add_special(Tokenizer *tok, const cJSON *table, const cJSON *special,
                        TokTemplate *template, int32_t type, const char *where, Err *err) {
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
    for (const cJSON *item = ids->child; item; item = item->next) {
        int32_t id = 0;
        if (!read_id(tok, item, "ids", inside, &id, err) ||
            !add_frame(template, id, type, where, err))
            return false;
    }
    return true;
}

static bool add_item(Tokenizer *tok, const cJSON *table, const cJSON *item, TokTemplate *template,
                     const char *field, const char *where, Err *err) {
    const cJSON *special = cJSON_GetObjectItemCaseSensitive(item, "SpecialToken");
    const cJSON *sequence = cJSON_GetObjectItemCaseSensitive(item, "Sequence");
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(sequence, "id");
    bool is_first = cJSON_IsString(id) && strcmp(id->valuestring, "A") == 0;
    bool is_second = cJSON_IsString(id) && strcmp(id->valuestring, "B") == 0;
    int64_t type;
    if (!cJSON_IsObject(special) && !is_first && !is_second)
        return tok_wrong(item, arena_printf(tok->arena, "an item of %s", field), where,
                         "a SpecialToken or the Sequence A or B", err);
    if (!json_int(cJSON_IsObject(special) ? special : sequence, "type_id", where, 0, MOST_TYPE, 0,
                  &type, err))
        return false;
    if (cJSON_IsObject(special))
        return add_special(tok, table, special, template, (int32_t)type, where, err);
    return add_frame(template, is_first ? TOK_FIRST_TEXT : TOK_SECOND_TEXT, (int32_t)type, where,
                     err);
}

static bool check_texts(const TokTemplate *template, const char *field, int seconds,
                        const char *where, Err *err) {
    int first = 0, second = 0;
    for (size_t i = 0; i < template->count; i++) {
        first += template->item[i].id == TOK_FIRST_TEXT;
        second += template->item[i].id == TOK_SECOND_TEXT;
    }
    if (first != 1)
        return err_set(err, "%s: %s has the Sequence A %d times, expected once", where, field,
                       first);
    return second == seconds || err_set(err, "%s: %s has the Sequence B %d times, expected %d",
                                        where, field, second, seconds);
}

static bool read_template(Tokenizer *tok, const cJSON *json, const char *field, int seconds,
                          TokTemplate *template, const char *where, Err *err) {
    const cJSON *list, *table = cJSON_GetObjectItemCaseSensitive(json, "special_tokens");
    if (!tok_field(json, field, true, where, &list, err))
        return false;
    if (table && !cJSON_IsObject(table))
        return tok_wrong(table, "special_tokens", where, "an object", err);
    *template = empty_template(tok->arena);
    for (const cJSON *item = list->child; item; item = item->next)
        if (!add_item(tok, table, item, template, field, where, err))
            return false;
    return check_texts(template, field, seconds, where, err);
}

static bool load_template(Tokenizer *tok, const cJSON *json, const char *where, Err *err) {
    if (!take_frame(tok, where, err))
        return false;
    const cJSON *pair = cJSON_GetObjectItemCaseSensitive(json, "pair");
    return read_template(tok, json, "single", 0, &tok->single, where, err) &&
           (!pair || cJSON_IsNull(pair) || (cJSON_IsArray(pair) && !pair->child) ||
            read_template(tok, json, "pair", 1, &tok->pair, where, err));
}

/* ---- BERT's and RoBERTa's ---- */

/* A field as ["[SEP]", 102]. */
static bool read_named(const Tokenizer *tok, const cJSON *json, const char *field,
                       const char *where, int32_t *id, Err *err) {
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(json, field);
    const cJSON *name = cJSON_IsArray(list) ? list->child : NULL;
    if (!cJSON_IsString(name) || !name->next || name->next->next)
        return tok_wrong(list, field, where, "a token and its id, as [\"[SEP]\", 102]", err);
    return read_id(tok, name->next, field, where, id, err);
}

/* BERT: [CLS] A [SEP] or [CLS] A [SEP] B [SEP], the second text and what follows of type 1.
 * RoBERTa: <s> A </s> or <s> A </s> </s> B </s>, all of type 0. */
static bool frame_both(Tokenizer *tok, const cJSON *json, bool roberta, const char *where,
                       Err *err) {
    int32_t sep, cls, second = roberta ? 0 : 1;
    if (!take_frame(tok, where, err) || !read_named(tok, json, "sep", where, &sep, err) ||
        !read_named(tok, json, "cls", where, &cls, err))
        return false;
    const TokFrame frame[] = {{cls, 0}, {TOK_FIRST_TEXT, 0},       {sep, 0},
                              {sep, 0}, {TOK_SECOND_TEXT, second}, {sep, second}};
    tok->single = empty_template(tok->arena);
    tok->pair = empty_template(tok->arena);
    for (size_t i = 0; i < sizeof frame / sizeof *frame; i++) {
        if (i < 3)
            tok->single.item[tok->single.count++] = frame[i];
        if (i != 3 || roberta)
            tok->pair.item[tok->pair.count++] = frame[i];
    }
    return true;
}

static bool load_bert(Tokenizer *tok, const cJSON *json, const char *where, Err *err) {
    return frame_both(tok, json, false, where, err);
}

static bool load_byte_level(Tokenizer *tok, const cJSON *json, const char *where, Err *err) {
    bool unused; /* the pre-tokenizer's field of this name counts */
    return json_bool(json, "trim_offsets", where, true, &tok->trim_offsets, err) &&
           json_bool(json, "add_prefix_space", where, true, &unused, err);
}

static bool load_roberta(Tokenizer *tok, const cJSON *json, const char *where, Err *err) {
    return load_byte_level(tok, json, where, err) && frame_both(tok, json, true, where, err);
}

/* ---- Which ---- */

/* Without a post-processor nothing is put round the texts. */
static void set_bare(Tokenizer *tok) {
    static const TokFrame BARE[] = {{TOK_FIRST_TEXT, 0}, {TOK_SECOND_TEXT, 1}};
    tok->single = empty_template(tok->arena);
    tok->pair = empty_template(tok->arena);
    tok->single.item[tok->single.count++] = BARE[0];
    tok->pair.item[tok->pair.count++] = BARE[0];
    tok->pair.item[tok->pair.count++] = BARE[1];
}

bool tok_postprocessor_load(Tokenizer *tok, const cJSON *json, const char *where, Err *err) {
    static const struct {
        const char *name;
        TokLoad *load;
    } KIND[] = {{"ByteLevel", load_byte_level},
                {"TemplateProcessing", load_template},
                {"BertProcessing", load_bert},
                {"RobertaProcessing", load_roberta}};
    const char *type;
    if (!tok->single.count)
        set_bare(tok);
    if (!json || cJSON_IsNull(json))
        return true;
    if (!tok_type(json, where, &type, err))
        return false;
    if (strcmp(type, "Sequence") == 0)
        return tok_sequence(tok, json, "processors", where, tok_postprocessor_load, err);
    for (size_t i = 0; i < sizeof KIND / sizeof *KIND; i++)
        if (strcmp(type, KIND[i].name) == 0)
            return KIND[i].load(tok, json, where, err);
    return err_set(err,
                   "%s: type is \"%.60s\"; this build reads ByteLevel, TemplateProcessing, "
                   "BertProcessing, RobertaProcessing and Sequence",
                   where, type);
}
