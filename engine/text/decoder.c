/* From a token to the bytes of text that it stands for. The file's decoder is a row of steps on
 * each token; at last all are joined, and the front of the whole may be taken off (decode.c).
 *
 * Hugging Face's decoders work on the list of all tokens at once. Read token by token they are the
 * same, and text can come while it is generated; what could only be done on the whole text
 * (a Replace behind the join, say) is refused when the file is loaded. */
#include "engine/base/utf8.h"
#include "engine/text/internal.h"

#include <string.h>

#define MOST_STRIPPED 1000000

/* GPT-2's alphabet of bytes (openai/gpt-2, encoder.py): a byte that Latin-1 prints without a space
 * stands for itself; the others, in order, are the characters from U+0100 on ("Ġ" is the space). */
void tok_byte_alphabet(Tokenizer *tok) {
    uint16_t next = 0x100;
    memset(tok->byte_of_char, 0xFF, sizeof tok->byte_of_char); /* all -1 */
    for (uint16_t byte = 0; byte < 256; byte++) {
        bool prints = (byte > 0x20 && byte < 0x7F) || (byte > 0xA0 && byte != 0xAD);
        tok->char_of_byte[byte] = prints ? byte : next++;
        tok->byte_of_char[tok->char_of_byte[byte]] = (int16_t)byte;
    }
}

/* ---- Loading ---- */

static bool add_step(Tokenizer *tok, TokDecode step, const char *where, Err *err) {
    if (tok->joined)
        return err_set(err,
                       "%s: a step behind Fuse or ByteLevel; this build reads only Strip (without "
                       "stop) and Fuse there",
                       where);
    if (tok->decode_count == TOK_MOST_STAGES)
        return tok_too_many(where, err);
    tok->decode[tok->decode_count++] = step;
    return true;
}

static bool load_byte_level(Tokenizer *tok, const cJSON *json, const char *where, Err *err) {
    (void)json;
    bool good = add_step(tok, (TokDecode){.kind = TOK_DECODE_ALPHABET}, where, err);
    tok->joined = true;
    return good;
}

static bool load_byte_fallback(Tokenizer *tok, const cJSON *json, const char *where, Err *err) {
    (void)json;
    return add_step(tok, (TokDecode){.kind = TOK_DECODE_FALLBACK}, where, err);
}

static bool load_fuse(Tokenizer *tok, const cJSON *json, const char *where, Err *err) {
    (void)json, (void)where, (void)err;
    tok->joined = true;
    return true;
}

static bool load_replace(Tokenizer *tok, const cJSON *json, const char *where, Err *err) {
    TokMatch match = {0};
    const char *content;
    const cJSON *pattern = cJSON_GetObjectItemCaseSensitive(json, "pattern");
    if (cJSON_GetObjectItemCaseSensitive(pattern, "Regex"))
        return err_set(err, "%s.pattern: found Regex; this build decodes only with String", where);
    if (!tok_match_load(tok, json, where, &match, err) ||
        !json_text(json, "content", where, NULL, &content, err))
        return false;
    if (!content)
        return tok_wrong(NULL, "content", where, "a text", err);
    size_t old = strlen(match.literal), fresh = strlen(content);
    if (old > 0 && fresh > old)
        tok->decode_growth *= (double)fresh / (double)old;
    if (tok->decode_growth > TOK_MOST_GROWTH)
        return err_set(err, "%s: the decoder makes more than %d bytes of one", where,
                       TOK_MOST_GROWTH);
    TokDecode step = {.kind = TOK_DECODE_REPLACE,
                      .text = match.literal,
                      .with = arena_copy_text(tok->arena, content)};
    return add_step(tok, step, where, err);
}

static bool load_metaspace(Tokenizer *tok, const cJSON *json, const char *where, Err *err) {
    TokDecode step = {.kind = TOK_DECODE_METASPACE};
    bool prefix;
    const char *scheme;
    if (!tok_character(tok, json, "replacement", where, "▁", &step.text, err) ||
        !json_bool(json, "add_prefix_space", where, true, &prefix, err) ||
        !json_text(json, "prepend_scheme", where, prefix ? "always" : "never", &scheme, err))
        return false;
    step.flag = strcmp(scheme, "never") != 0;
    return add_step(tok, step, where, err);
}

static bool load_word_piece(Tokenizer *tok, const cJSON *json, const char *where, Err *err) {
    TokDecode step = {.kind = TOK_DECODE_WORD_PIECE};
    const char *prefix;
    if (!json_text(json, "prefix", where, "##", &prefix, err) ||
        !json_bool(json, "cleanup", where, true, &step.flag, err))
        return false;
    step.text = arena_copy_text(tok->arena, prefix);
    return add_step(tok, step, where, err);
}

static bool load_strip(Tokenizer *tok, const cJSON *json, const char *where, Err *err) {
    TokDecode step = {.kind = TOK_DECODE_STRIP};
    int64_t start, stop;
    if (!tok_character(tok, json, "content", where, NULL, &step.text, err) ||
        !json_int(json, "start", where, 0, MOST_STRIPPED, 0, &start, err) ||
        !json_int(json, "stop", where, 0, MOST_STRIPPED, 0, &stop, err))
        return false;
    step.start = (size_t)start;
    step.stop = (size_t)stop;
    if (!tok->joined || stop > 0 || tok->strip)
        return add_step(tok, step, where, err);
    tok->strip = step.text;
    tok->strip_most = step.start;
    return true;
}

bool tok_decoder_load(Tokenizer *tok, const cJSON *json, const char *where, Err *err) {
    static const struct {
        const char *name;
        TokLoad *load;
    } KIND[] = {{"ByteLevel", load_byte_level},
                {"ByteFallback", load_byte_fallback},
                {"Fuse", load_fuse},
                {"Replace", load_replace},
                {"Metaspace", load_metaspace},
                {"WordPiece", load_word_piece},
                {"Strip", load_strip}};
    const char *type;
    tok->join_with_spaces = !json || cJSON_IsNull(json);
    if (tok->join_with_spaces)
        return true;
    if (!tok_type(json, where, &type, err))
        return false;
    if (strcmp(type, "Sequence") == 0)
        return tok_sequence(tok, json, "decoders", where, tok_decoder_load, err);
    for (size_t i = 0; i < sizeof KIND / sizeof *KIND; i++)
        if (strcmp(type, KIND[i].name) == 0)
            return KIND[i].load(tok, json, where, err);
    return err_set(
        err,
        "%s: type is \"%.60s\"; this build reads ByteLevel, ByteFallback, Fuse, Replace, "
        "Metaspace, WordPiece, Strip and Sequence",
        where, type);
}

/* ---- The steps ---- */

static void set_bytes(Buf *token, Buf *fresh) {
    buf_clear(token);
    buf_add(token, fresh->bytes, fresh->size);
    buf_free(fresh);
}

static void replace_all(Buf *token, const char *text, const char *with) {
    size_t size = strlen(text), done = 0;
    Buf fresh = {0};
    for (const char *at;
         size > 0 && (at = memmem(token->bytes + done, token->size - done, text, size));) {
        buf_add(&fresh, token->bytes + done, (size_t)(at - token->bytes) - done);
        buf_text(&fresh, with);
        done = (size_t)(at - token->bytes) + size;
    }
    if (done == 0)
        return;
    buf_add(&fresh, token->bytes + done, token->size - done);
    set_bytes(token, &fresh);
}

/* The spaces that writing puts nowhere are taken out again. */
static void clean_up(Buf *token) {
    static const char *const PAIR[][2] = {{" .", "."},     {" ?", "?"},           {" !", "!"},
                                          {" ,", ","},     {" ' ", "'"},          {" n't", "n't"},
                                          {" 'm", "'m"},   {" do not", " don't"}, {" 's", "'s"},
                                          {" 've", "'ve"}, {" 're", "'re"}};
    for (size_t i = 0; i < sizeof PAIR / sizeof *PAIR; i++)
        replace_all(token, PAIR[i][0], PAIR[i][1]);
}

static void word_piece(const TokDecode *step, TokPlace place, Buf *token) {
    size_t mark = strlen(step->text);
    bool inside = token->size >= mark && memcmp(token->bytes, step->text, mark) == 0;
    Buf fresh = {0};
    if (place == TOK_ALONE)
        return;
    if (place == TOK_WITHIN && !inside)
        buf_char(&fresh, ' ');
    size_t skip = place == TOK_WITHIN && inside ? mark : 0;
    buf_add(&fresh, token->bytes + skip, token->size - skip);
    set_bytes(token, &fresh);
    if (step->flag)
        clean_up(token);
}

static void strip(const TokDecode *step, Buf *token) {
    size_t size = strlen(step->text), start = 0, end = token->size;
    for (size_t i = 0; i < step->start && end - start >= size; i++, start += size)
        if (memcmp(token->bytes + start, step->text, size) != 0)
            break;
    for (size_t i = 0; i < step->stop && end - start >= size; i++, end -= size)
        if (memcmp(token->bytes + end - size, step->text, size) != 0)
            break;
    Buf fresh = {0};
    buf_add(&fresh, token->bytes + start, end - start);
    set_bytes(token, &fresh);
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "<0x0A>" is one byte. */
static bool read_byte(Buf *token) {
    if (token->size != 6 || memcmp(token->bytes, "<0x", 3) != 0 || token->bytes[5] != '>')
        return false;
    int high = hex_digit(token->bytes[3]), low = hex_digit(token->bytes[4]);
    if (high < 0 || low < 0)
        return false;
    buf_clear(token);
    buf_char(token, (char)(high << 4 | low));
    return true;
}

/* A token that is not written in the alphabet of bytes is text as it stands. */
static void read_alphabet(const Tokenizer *tok, Buf *token) {
    Buf fresh = {0};
    for (size_t at = 0; at < token->size;) {
        Utf8Char c = utf8_next(token->bytes + at, token->size - at);
        if (c.code >= TOK_ALPHABET_END || tok->byte_of_char[c.code] < 0) {
            buf_free(&fresh);
            return;
        }
        buf_char(&fresh, (char)tok->byte_of_char[c.code]);
        at += c.size;
    }
    set_bytes(token, &fresh);
}

/* Gives whether the token has become a byte, which the steps behind leave alone. */
static bool run(const Tokenizer *tok, const TokDecode *step, bool added, TokPlace place,
                Buf *token) {
    switch (step->kind) {
    case TOK_DECODE_REPLACE: replace_all(token, step->text, step->with); break;
    case TOK_DECODE_METASPACE:
        replace_all(token, step->text, step->flag && place == TOK_AT_START ? "" : " ");
        break;
    case TOK_DECODE_WORD_PIECE: word_piece(step, place, token); break;
    case TOK_DECODE_STRIP: strip(step, token); break;
    case TOK_DECODE_FALLBACK: return read_byte(token);
    case TOK_DECODE_ALPHABET:
        if (!added) /* an added token is text as it stands */
            read_alphabet(tok, token);
        break;
    }
    return false;
}

void tok_bytes(const Tokenizer *tok, int32_t id, TokPlace place, Buf *bytes) {
    const TokEntry *entry = tok_vocab_by_id(&tok->vocab, id);
    if (!entry)
        return;
    Buf token = {0};
    buf_add(&token, entry->piece, entry->size);
    bool is_byte = false;
    for (size_t i = 0; i < tok->decode_count && !is_byte; i++)
        is_byte = run(tok, &tok->decode[i], entry->added, place, &token);
    buf_add(bytes, token.bytes, token.size);
    buf_free(&token);
}
