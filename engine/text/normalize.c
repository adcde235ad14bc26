/* Normalizers change the text before it is cut: each step takes the text of the one before, and
 * every byte it writes says which bytes of the original it stands for. The Unicode steps are in
 * forms.c, SentencePiece's table is in charsmap.c, the small ones here. */
#include "engine/base/utf8.h"
#include "engine/text/internal.h"

#include <string.h>
#include <utf8proc.h>

/* ---- The small steps ---- */

static void copy_bytes(TokText *out, const TokPiece *piece, size_t start, size_t end) {
    for (size_t i = start; i < end; i++)
        tok_text_add(out, piece->bytes + i, 1, piece->from[i]);
}

/* What is put before is counted to the first character, as Hugging Face does. */
static bool prepend(const TokNormalizer *step, const TokPiece *piece, Arena *scratch, TokText *out,
                    Err *err) {
    (void)scratch, (void)err;
    tok_text_add(out, step->content, strlen(step->content), piece->from[0]);
    copy_bytes(out, piece, 0, piece->size);
    return true;
}

/* What comes in the place of a match is counted to the match's last character, as Hugging Face
 * does. */
static bool replace(const TokNormalizer *step, const TokPiece *piece, Arena *scratch, TokText *out,
                    Err *err) {
    TokSpan *found;
    size_t count, done = 0;
    if (!tok_match_find(&step->match, piece, scratch, &found, &count, err))
        return false;
    for (size_t i = 0; i < count && !out->too_long; i++) {
        size_t end = found[i].end;
        TokSpan from = end > 0 ? piece->from[end - 1] : (TokSpan){0};
        copy_bytes(out, piece, done, found[i].start);
        tok_text_add(out, step->content, strlen(step->content), from);
        done = end;
    }
    copy_bytes(out, piece, done, piece->size);
    return true;
}

static bool strip(const TokNormalizer *step, const TokPiece *piece, Arena *scratch, TokText *out,
                  Err *err) {
    (void)scratch, (void)err;
    size_t start = SIZE_MAX, end = 0; /* of what is no white space */
    for (size_t at = 0; at < piece->size;) {
        Utf8Char c = utf8_next(piece->bytes + at, piece->size - at);
        bool space = tok_is_space(c.code);
        start = space || start < at ? start : at;
        at += c.size;
        end = space ? end : at;
    }
    if (end > 0)
        copy_bytes(out, piece, step->left ? start : 0, step->right ? end : piece->size);
    else if (!step->left && !step->right)
        copy_bytes(out, piece, 0, piece->size);
    return true;
}

/* ---- BERT's own ---- */

/* Hugging Face leaves characters that Unicode has not assigned, which Google's code takes out. */
static bool is_control(uint32_t code) {
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)code);
    return category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_CF ||
           category == UTF8PROC_CATEGORY_CO;
}

/* Every white space is one space; control characters and U+FFFD go. */
static bool clean(const TokNormalizer *step, const TokPiece *piece, Arena *scratch, TokText *out,
                  Err *err) {
    (void)step, (void)scratch, (void)err;
    for (size_t at = 0; at < piece->size;) {
        Utf8Char c = utf8_next(piece->bytes + at, piece->size - at);
        bool line = c.code == '\t' || c.code == '\n' || c.code == '\r';
        bool gone = c.code == 0xFFFD || (is_control(c.code) && !line);
        if (!gone && (line || tok_is_space(c.code)))
            tok_text_add(out, " ", 1, piece->from[at]);
        else if (!gone)
            copy_bytes(out, piece, at, at + c.size);
        at += c.size;
    }
    return true;
}

/* The blocks of Chinese characters that BERT's code lists (Hangul and kana are not among them).
 * Hugging Face's fourth from the end starts 256 later than Google's, at U+2B920; so it does here. */
static bool is_han(uint32_t code) {
    static const uint32_t BLOCK[][2] = {{0x4E00, 0x9FFF},   {0x3400, 0x4DBF},   {0x20000, 0x2A6DF},
                                        {0x2A700, 0x2B73F}, {0x2B740, 0x2B81F}, {0x2B920, 0x2CEAF},
                                        {0xF900, 0xFAFF},   {0x2F800, 0x2FA1F}};
    for (size_t i = 0; i < sizeof BLOCK / sizeof *BLOCK; i++)
        if (code >= BLOCK[i][0] && code <= BLOCK[i][1])
            return true;
    return false;
}

/* Chinese is written without spaces: each character becomes a word. */
static bool space_han(const TokNormalizer *step, const TokPiece *piece, Arena *scratch,
                      TokText *out, Err *err) {
    (void)step, (void)scratch, (void)err;
    for (size_t at = 0; at < piece->size;) {
        Utf8Char c = utf8_next(piece->bytes + at, piece->size - at);
        bool han = is_han(c.code);
        if (han)
            tok_text_add(out, " ", 1, piece->from[at]);
        copy_bytes(out, piece, at, at + c.size);
        if (han)
            tok_text_add(out, " ", 1, piece->from[at]);
        at += c.size;
    }
    return true;
}

/* ---- Loading ---- */

static bool add_step(Tokenizer *tok, TokNormalizer step, const char *where, Err *err) {
    if (tok->normalizer_count == TOK_MOST_STAGES)
        return tok_too_many(where, err);
    tok->normalizer[tok->normalizer_count++] = step;
    return true;
}

static bool load_nfc(Tokenizer *tok, const cJSON *json, const char *where, Err *err) {
    (void)json;
    return add_step(tok, (TokNormalizer){.run = tok_normal_form, .form = TOK_NFC}, where, err);
}

static bool load_nfd(Tokenizer *tok, const cJSON *json, const char *where, Err *err) {
    (void)json;
    return add_step(tok, (TokNormalizer){.run = tok_normal_form, .form = TOK_NFD}, where, err);
}

static bool load_nfkc(Tokenizer *tok, const cJSON *json, const char *where, Err *err) {
    (void)json;
    return add_step(tok, (TokNormalizer){.run = tok_normal_form, .form = TOK_NFKC}, where, err);
}

static bool load_nfkd(Tokenizer *tok, const cJSON *json, const char *where, Err *err) {
    (void)json;
    return add_step(tok, (TokNormalizer){.run = tok_normal_form, .form = TOK_NFKD}, where, err);
}

static bool load_lowercase(Tokenizer *tok, const cJSON *json, const char *where, Err *err) {
    (void)json;
    return add_step(tok, (TokNormalizer){.run = tok_lower_case}, where, err);
}

static bool load_strip_accents(Tokenizer *tok, const cJSON *json, const char *where, Err *err) {
    (void)json;
    return add_step(tok, (TokNormalizer){.run = tok_strip_marks, .all_marks = true}, where, err);
}

static bool load_prepend(Tokenizer *tok, const cJSON *json, const char *where, Err *err) {
    const char *text;
    if (!json_text(json, "prepend", where, NULL, &text, err))
        return false;
    if (!text)
        return tok_wrong(NULL, "prepend", where, "a text", err);
    TokNormalizer step = {.run = prepend, .content = arena_copy_text(tok->arena, text)};
    return add_step(tok, step, where, err);
}

static bool load_replace(Tokenizer *tok, const cJSON *json, const char *where, Err *err) {
    TokNormalizer step = {.run = replace};
    const char *content;
    if (tok->normalizer_count == TOK_MOST_STAGES)
        return tok_too_many(where, err);
    if (!tok_match_load(tok, json, where, &step.match, err) ||
        !json_text(json, "content", where, NULL, &content, err))
        return false;
    if (!content)
        return tok_wrong(NULL, "content", where, "a text", err);
    step.content = arena_copy_text(tok->arena, content);
    return add_step(tok, step, where, err);
}

static bool load_strip(Tokenizer *tok, const cJSON *json, const char *where, Err *err) {
    TokNormalizer step = {.run = strip};
    return json_bool(json, "strip_left", where, true, &step.left, err) &&
           json_bool(json, "strip_right", where, true, &step.right, err) &&
           add_step(tok, step, where, err);
}

static bool load_precompiled(Tokenizer *tok, const cJSON *json, const char *where, Err *err) {
    TokNormalizer step = {.run = tok_map_chars};
    step.map = tok_chars_map_load(json, where, tok->arena, err);
    return step.map && add_step(tok, step, where, err);
}

/* BERT's is several steps in one; accents go with the capitals, if the file does not say. */
static bool load_bert(Tokenizer *tok, const cJSON *json, const char *where, Err *err) {
    bool clean_text, chinese, lowercase, accents;
    if (!json_bool(json, "clean_text", where, true, &clean_text, err) ||
        !json_bool(json, "handle_chinese_chars", where, true, &chinese, err) ||
        !json_bool(json, "lowercase", where, true, &lowercase, err) ||
        !json_bool(json, "strip_accents", where, lowercase, &accents, err))
        return false;
    return (!clean_text || add_step(tok, (TokNormalizer){.run = clean}, where, err)) &&
           (!chinese || add_step(tok, (TokNormalizer){.run = space_han}, where, err)) &&
           (!accents || load_nfd(tok, json, where, err)) &&
           (!accents || add_step(tok, (TokNormalizer){.run = tok_strip_marks}, where, err)) &&
           (!lowercase || load_lowercase(tok, json, where, err));
}

/* BERT's steps are told apart. */
static const char *step_name(const TokNormalizer *step, const char *type) {
    static const struct {
        TokNormalize *run;
        const char *name;
    } BERT[] = {{clean, "BertNormalizer: clean text"},
                {space_han, "BertNormalizer: Chinese characters"},
                {tok_normal_form, "BertNormalizer: NFD"},
                {tok_strip_marks, "BertNormalizer: accents"},
                {tok_lower_case, "BertNormalizer: lower case"}};
    for (size_t i = 0; strcmp(type, "BertNormalizer") == 0 && i < sizeof BERT / sizeof *BERT; i++)
        if (BERT[i].run == step->run)
            return BERT[i].name;
    return type;
}

bool tok_normalizer_load(Tokenizer *tok, const cJSON *json, const char *where, Err *err) {
    static const struct {
        const char *name;
        TokLoad *load;
    } KIND[] = {
        {"NFC", load_nfc},
        {"NFD", load_nfd},
        {"NFKC", load_nfkc},
        {"NFKD", load_nfkd},
        {"Lowercase", load_lowercase},
        {"StripAccents", load_strip_accents},
        {"BertNormalizer", load_bert},
        {"Prepend", load_prepend},
        {"Replace", load_replace},
        {"Strip", load_strip},
        {"Precompiled", load_precompiled},
    };
    const char *type;
    if (!json || cJSON_IsNull(json))
        return true;
    if (!tok_type(json, where, &type, err))
        return false;
    if (strcmp(type, "Sequence") == 0)
        return tok_sequence(tok, json, "normalizers", where, tok_normalizer_load, err);
    for (size_t i = 0; i < sizeof KIND / sizeof *KIND; i++) {
        if (strcmp(type, KIND[i].name) != 0)
            continue;
        size_t first = tok->normalizer_count;
        bool good = KIND[i].load(tok, json, where, err);
        for (size_t j = first; j < tok->normalizer_count; j++)
            tok->normalizer[j].name = step_name(&tok->normalizer[j], KIND[i].name);
        return good;
    }
    return err_set(err,
                   "%s: type is \"%.60s\"; this build reads NFC, NFD, NFKC, NFKD, Lowercase, "
                   "StripAccents, BertNormalizer, Prepend, Replace, Strip, Precompiled and "
                   "Sequence",
                   where, type);
}

/* ---- Running ---- */

static bool run_step(const Tokenizer *tok, const TokNormalizer *step, TokPiece *piece,
                     Arena *scratch, Err *err) {
    TokText out = tok_text_from(piece);
    bool good = step->run(step, piece, scratch, &out, err);
    if (good && out.too_long)
        good = err_set(err, "%s: the normalizers make more than %d bytes of one in this text",
                       tok->file, TOK_MOST_GROWTH);
    tok_text_move(&out, piece, scratch);
    return good;
}

/* A text of which nothing is left is dropped. */
bool tok_normalize(const Tokenizer *tok, TokPieces *pieces, Arena *scratch, TokNotes *notes,
                   Err *err) {
    for (size_t i = 0; i < tok->normalizer_count; i++) {
        size_t kept = 0;
        for (size_t j = 0; j < pieces->count; j++) {
            TokPiece piece = pieces->item[j];
            if (piece.id == TOK_IS_TEXT &&
                !run_step(tok, &tok->normalizer[i], &piece, scratch, err))
                return false;
            if (piece.size > 0)
                pieces->item[kept++] = piece;
        }
        pieces->count = kept;
        tok_note_row(notes, TOK_STEP_NORMALIZE, tok->normalizer[i].name, pieces);
    }
    return true;
}
