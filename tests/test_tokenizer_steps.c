/* The steps of a tokenizer (tok_steps.h): they end in what tok_encode gives, and each of them is
 * what the model's rule says, checked the slow way. */
#include "engine/base/file.h"
#include "engine/base/utf8.h"
#include "engine/text/internal.h"
#include "tests/tok_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define GOLDEN "tests/golden/tokenizer/"

/* ---- What is checked against: the file read once more ---- */

typedef struct {
    char *pair; /* "left\nright" */
    int32_t rank;
} Rule;

typedef struct {
    const char *name;
    Tokenizer *tok;
    Rule *rule; /* of BPE, by its pair */
    size_t rules;
    double *score; /* of Unigram, by id */
    double worst;
    size_t merges, tries, ways; /* how much was checked */
    Arena arena;
} Model;

static int by_pair(const void *a, const void *b) {
    return strcmp(((const Rule *)a)->pair, ((const Rule *)b)->pair);
}

static void read_rules(Model *model, const cJSON *merges) {
    int32_t rank = 0;
    model->rule = ARENA_NEW_N(&model->arena, Rule, (size_t)cJSON_GetArraySize(merges));
    for (const cJSON *item = merges ? merges->child : NULL; item; item = item->next) {
        char *pair;
        if (cJSON_IsArray(item)) {
            pair = arena_printf(&model->arena, "%s\n%s", item->child->valuestring,
                                item->child->next->valuestring);
        } else if (strncmp(item->valuestring, "#version", 8) == 0) {
            continue;
        } else {
            pair = arena_copy_text(&model->arena, item->valuestring);
            *strchr(pair, ' ') = '\n';
        }
        model->rule[model->rules++] = (Rule){pair, rank++};
    }
    qsort(model->rule, model->rules, sizeof *model->rule, by_pair);
}

static void read_scores(Model *model, const cJSON *vocab) {
    size_t id = 0;
    model->worst = INFINITY;
    model->score = ARENA_NEW_N(&model->arena, double, (size_t)cJSON_GetArraySize(vocab));
    for (const cJSON *item = vocab->child; item; item = item->next, id++) {
        model->score[id] = item->child->next->valuedouble;
        model->worst = fmin(model->worst, model->score[id]);
    }
}

static Model model_of(const char *name, const cJSON *json) {
    Model model = {.name = name};
    Err err = {0};
    model.tok = tokfix_load_json(json, &model.arena, &err);
    if (!model.tok)
        fail_msg("%s: %s", name, err.text);
    const cJSON *part = cJSON_GetObjectItem(json, "model");
    read_rules(&model, cJSON_GetObjectItem(part, "merges"));
    if (cJSON_IsArray(cJSON_GetObjectItem(part, "vocab")))
        read_scores(&model, cJSON_GetObjectItem(part, "vocab"));
    return model;
}

static void model_free(Model *model) {
    tok_free(model->tok);
    Arena arena = model->arena; /* it holds all the rest */
    arena_free(&arena);
}

static int32_t rank_of(const Model *model, int32_t left, int32_t right) {
    char pair[512];
    snprintf(pair, sizeof pair, "%s\n%s", tok_piece(model->tok, left),
             tok_piece(model->tok, right));
    const Rule key = {.pair = pair};
    const Rule *rule = bsearch(&key, model->rule, model->rules, sizeof key, by_pair);
    return rule ? rule->rank : -1;
}

/* ---- BPE ---- */

static void check_symbols(const TokStepWord *word, const TokSymbol *symbol, size_t count) {
    assert_true(count > 0);
    assert_int_equal(symbol[0].span.start, 0);
    for (size_t i = 1; i < count; i++)
        assert_int_equal(symbol[i].span.start, symbol[i - 1].span.end);
    assert_int_equal(symbol[count - 1].span.end, word->text.size);
}

/* How many pairs have a rule, and the lowest ranks: of one rank the leftmost. */
static size_t slow_pairs(const Model *model, const TokSymbol *symbol, size_t count,
                         TokPair pair[TOK_STEP_PAIRS]) {
    size_t present = 0, kept = 0;
    for (size_t i = 0; i + 1 < count; i++) {
        int32_t rank = rank_of(model, symbol[i].id, symbol[i + 1].id);
        if (rank < 0)
            continue;
        size_t at = kept;
        for (; at > 0 && pair[at - 1].rank > rank; at--)
            if (at < TOK_STEP_PAIRS)
                pair[at] = pair[at - 1];
        if (at < TOK_STEP_PAIRS)
            pair[at] = (TokPair){.left = symbol[i].id,
                                 .right = symbol[i + 1].id,
                                 .rank = rank,
                                 .span = {symbol[i].span.start, symbol[i + 1].span.end},
                                 .middle = symbol[i].span.end};
        present++;
        kept += kept < TOK_STEP_PAIRS;
    }
    return present;
}

static void check_merge(const Model *model, const TokStep *step, const TokSymbol *symbol,
                        size_t count) {
    TokPair slow[TOK_STEP_PAIRS];
    const TokMergeStep *merge = &step->of.merge;
    size_t present = slow_pairs(model, symbol, count, slow);
    assert_int_equal(merge->present, present);
    assert_int_equal(merge->count, present < TOK_STEP_PAIRS ? present : TOK_STEP_PAIRS);
    for (size_t i = 0; i < merge->count; i++) {
        const TokPair *pair = &merge->pair[i];
        if (pair->rank != slow[i].rank || pair->span.start != slow[i].span.start ||
            pair->middle != slow[i].middle || pair->span.end != slow[i].span.end ||
            pair->left != slow[i].left || pair->right != slow[i].right)
            fail_msg("%s: pair %zu of a merge has rank %d at %zu, expected %d at %zu", model->name,
                     i, pair->rank, pair->span.start, slow[i].rank, slow[i].span.start);
        char whole[512];
        snprintf(whole, sizeof whole, "%s%s", tok_piece(model->tok, pair->left),
                 tok_piece(model->tok, pair->right));
        assert_string_equal(tok_piece(model->tok, pair->result), whole);
    }
    assert_int_equal(step->id, merge->pair[0].result);
}

static void check_bpe(Model *model, const TokSteps *steps, const TokStepWord *word) {
    Arena arena = {0};
    TokSymbol *symbol = ARENA_NEW_N(&arena, TokSymbol, word->symbol_count);
    TokPair none[TOK_STEP_PAIRS];
    size_t last = word->first + word->count - 1, count = 0;
    for (size_t i = word->first; i < last; i++) {
        const TokStep *step = &steps->step[i];
        if (step->kind == TOK_STEP_MERGE) {
            check_merge(model, step, symbol, count);
            model->merges++;
        }
        size_t before = count;
        count = tok_steps_symbols(word, i, symbol);
        if (step->kind == TOK_STEP_MERGE)
            assert_int_equal(count, before - 1);
        if (step->kind == TOK_STEP_MERGE || step->kind == TOK_STEP_SYMBOLS)
            check_symbols(word, symbol, count);
    }
    const TokenList *tokens = &steps->step[last].of.tokens;
    bool looked_up = steps->step[last - 1].kind == TOK_STEP_LOOKUP;
    assert_int_equal(slow_pairs(model, symbol, count, none), 0);
    assert_int_equal(tokens->count, looked_up ? 1 : count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(tokens->token[i].id, symbol[i].id);
    arena_free(&arena);
}

/* ---- WordPiece ---- */

static size_t char_end(const TokStepWord *word, size_t at) {
    return at + utf8_next(word->text.bytes + at, word->text.size - at).size;
}

static int32_t slow_piece(const Model *model, const TokStepWord *word, TokSpan span) {
    Buf spelled = {0};
    buf_text(&spelled, span.start > 0 ? model->tok->continuation : "");
    buf_add(&spelled, word->text.bytes + span.start, span.end - span.start);
    int32_t id = tok_model_id(&model->tok->vocab, spelled.bytes, spelled.size);
    buf_free(&spelled);
    return id;
}

/* Every longer candidate was tried, and is no piece. */
static void check_word_piece(Model *model, const TokSteps *steps, const TokStepWord *word) {
    size_t start = 0, before = word->text.size + 1;
    for (size_t i = word->first; i < word->first + word->count; i++) {
        const TokStep *step = &steps->step[i];
        if (step->kind != TOK_STEP_TRY)
            continue;
        assert_int_equal(step->span.start, start);
        assert_true(step->span.end < before);
        size_t longer = before;
        for (size_t at = start; at < before && at < word->text.size; at = char_end(word, at))
            longer = char_end(word, at) < before ? char_end(word, at) : longer;
        assert_int_equal(step->span.end, longer); /* none was left out */
        assert_int_equal(step->id, slow_piece(model, word, step->span));
        before = step->id < 0 ? step->span.end : word->text.size + 1;
        start = step->id < 0 ? start : step->span.end;
        model->tries++;
    }
    const TokStep *last = &steps->step[word->first + word->count - 2];
    if (last->kind == TOK_STEP_UNKNOWN)
        assert_true(last->span.start == 0 && last->span.end == word->text.size);
    else
        assert_int_equal(start, word->text.size);
}

/* ---- Unigram ---- */

/* The score of [start, end) as a piece; NaN: it is none. */
static double slow_score(const Model *model, const TokStepWord *word, TokSpan span) {
    int32_t id = tok_model_id(&model->tok->vocab, word->text.bytes + span.start,
                              span.end - span.start);
    if (id >= 0)
        return model->score[id];
    return span.end == char_end(word, span.start) ? model->worst - 10 : NAN;
}

/* The best over all ways from `start` on, each tried. */
static double slow_best(Model *model, const TokStepWord *word, size_t start, double so_far) {
    double best = -INFINITY;
    if (start == word->text.size) {
        model->ways++;
        return so_far;
    }
    for (size_t end = start; end < word->text.size;) {
        end = char_end(word, end);
        double score = slow_score(model, word, (TokSpan){start, end});
        if (!isnan(score))
            best = fmax(best, slow_best(model, word, end, so_far + score));
    }
    return best;
}

static void check_offer(const Model *model, const TokSteps *steps, const TokStepWord *word,
                        size_t i) {
    const TokStep *step = &steps->step[i];
    const TokOffer *offer = &step->of.offer;
    const TokStep *from = i > word->first ? tok_steps_best(steps, i - 1, step->span.start) : NULL;
    const TokStep *was = i > word->first ? tok_steps_best(steps, i - 1, step->span.end) : NULL;
    assert_true(offer->before == (from ? from->of.offer.total : 0));
    assert_true(offer->score == slow_score(model, word, step->span));
    assert_true(offer->total == offer->before + offer->score);
    assert_true(offer->reached == (was != NULL) && (!was || offer->was == was->of.offer.total));
    assert_true(offer->better == (!was || offer->total > was->of.offer.total));
}

/* Every piece that fits was offered, once. */
static void check_all_offered(const Model *model, const TokSteps *steps, const TokStepWord *word) {
    size_t fit = 0, offered = 0;
    for (size_t start = 0; start < word->text.size; start = char_end(word, start))
        for (size_t end = start; end < word->text.size;) {
            end = char_end(word, end);
            fit += isnan(slow_score(model, word, (TokSpan){start, end})) ? 0 : 1;
        }
    for (size_t i = word->first; i < word->first + word->count; i++)
        offered += steps->step[i].kind == TOK_STEP_OFFER;
    assert_int_equal(offered, fit);
}

static void check_unigram(Model *model, const TokSteps *steps, const TokStepWord *word) {
    size_t end = word->text.size;
    const TokStep *last = NULL;
    for (size_t i = word->first; i < word->first + word->count; i++) {
        const TokStep *step = &steps->step[i];
        if (step->kind == TOK_STEP_OFFER)
            check_offer(model, steps, word, i);
        if (step->kind != TOK_STEP_BACK)
            continue;
        const TokStep *best = tok_steps_best(steps, i, end);
        assert_int_equal(step->span.end, end);
        assert_int_equal(step->span.start, best->span.start);
        assert_int_equal(step->id, best->id);
        assert_true(step->of.offer.total == best->of.offer.total);
        last = last ? last : step;
        end = step->span.start;
    }
    assert_int_equal(end, 0);
    check_all_offered(model, steps, word);
    if (word->text.size <= 14)
        assert_true(last->of.offer.total == slow_best(model, word, 0, 0));
}

/* ---- All of it ---- */

static void check_row(const TokStep *step, size_t size) {
    size_t done = 0;
    for (size_t i = 0; i < step->of.row.count; i++) {
        const TokStretch *stretch = &step->of.row.item[i];
        assert_true(stretch->size > 0);
        assert_true(stretch->from.start >= done || stretch->from.end >= done);
        assert_true(stretch->from.start <= stretch->from.end && stretch->from.end <= size);
        done = stretch->from.end;
    }
    if (step->kind == TOK_STEP_TEXT) {
        assert_int_equal(step->of.row.item[0].from.start, 0);
        assert_int_equal(done, size);
    }
}

static void check_word(Model *model, const TokSteps *steps, size_t number) {
    const TokStepWord *word = &steps->word[number];
    for (size_t i = word->first; i < word->first + word->count; i++)
        assert_int_equal(steps->step[i].word, number);
    assert_int_equal(steps->step[word->first + word->count - 1].kind, TOK_STEP_PIECES);
    if (word->text.id >= 0) {
        assert_int_equal(word->count, 1);
        assert_int_equal(steps->step[word->first].of.tokens.token[0].id, word->text.id);
        return;
    }
    switch (steps->model) {
    case TOK_BPE: check_bpe(model, steps, word); break;
    case TOK_WORD_PIECE: check_word_piece(model, steps, word); break;
    case TOK_UNIGRAM: check_unigram(model, steps, word); break;
    case TOK_WORD_LEVEL: {
        const TokStep *step = &steps->step[word->first];
        assert_int_equal(step->kind, TOK_STEP_LOOKUP);
        assert_int_equal(step->id,
                         tok_model_id(&model->tok->vocab, word->text.bytes, word->text.size));
        break;
    }
    }
}

/* The words are the newest row, and their tokens one after the other are the text's. */
static void check_words(const TokSteps *steps) {
    const TokRow *row = NULL;
    size_t token = 0;
    for (size_t i = 0; i < steps->count && steps->step[i].kind <= TOK_STEP_SPLIT; i++)
        row = &steps->step[i].of.row;
    assert_int_equal(row->count, steps->word_count);
    for (size_t i = 0; i < steps->word_count; i++) {
        const TokStepWord *word = &steps->word[i];
        size_t last = word->first + word->count - 1;
        assert_int_equal(word->text.size, row->item[i].size);
        assert_memory_equal(word->text.bytes, row->item[i].bytes, word->text.size);
        assert_int_equal(word->text.from.start, word->from[0].start);
        assert_int_equal(word->text.from.end, word->from[word->text.size - 1].end);
        for (size_t j = 0; j < steps->step[last].of.tokens.count; j++, token++) {
            while (steps->tokens.token[token].added)
                token++;
            assert_int_equal(steps->settled[token], last);
            assert_int_equal(steps->tokens.token[token].id,
                             steps->step[last].of.tokens.token[j].id);
        }
    }
}

static void check_text(Model *model, const char *text, size_t size) {
    Arena arena = {0};
    Err err = {0};
    TokSteps steps;
    TokenList list = tokfix_encode_n(model->tok, text, size, &arena);
    if (!tok_steps(model->tok, text, size, true, &arena, &steps, &err))
        fail_msg("%s: %s", model->name, err.text);
    assert_int_equal(steps.tokens.count, list.count);
    if (steps.count == 0) {
        assert_true(size == 0 && list.count == 0);
        arena_free(&arena);
        return;
    }
    const TokenList *last = &steps.step[steps.count - 1].of.tokens;
    assert_int_equal(last->count, list.count);
    for (size_t i = 0; i < list.count; i++) {
        assert_int_equal(last->token[i].id, list.token[i].id);
        assert_int_equal(last->token[i].start, list.token[i].start);
        assert_int_equal(last->token[i].end, list.token[i].end);
        if (list.token[i].added)
            assert_int_equal(steps.settled[i], steps.count - 1);
    }
    for (size_t i = 0; i < steps.count && steps.step[i].kind <= TOK_STEP_SPLIT; i++)
        check_row(&steps.step[i], size);
    for (size_t i = 0; i < steps.word_count; i++)
        check_word(model, &steps, i);
    if (size > 0)
        check_words(&steps);
    arena_free(&arena);
}

static void check_strings(Model *model, const cJSON *strings) {
    const cJSON *entry;
    cJSON_ArrayForEach(entry, strings) {
        Buf text = tokfix_golden(entry);
        check_text(model, text.bytes, text.size);
        buf_free(&text);
    }
}

/* ---- Tests ---- */

static void check_golden_file(const char *path, int variants, size_t checked[3]) {
    Arena arena = {0};
    cJSON *golden = tokfix_read_json(path, &arena);
    const cJSON *strings = cJSON_GetObjectItem(golden, "strings"), *variant, *which;
    cJSON_ArrayForEach(variant, cJSON_GetObjectItem(golden, "variants")) {
        const cJSON *file = cJSON_GetObjectItem(variant, "file");
        const char *base = file ? file->valuestring : "small-tokenizer.json";
        cJSON *json = tokfix_read_json(file_join(&arena, GOLDEN, base), &arena);
        tokfix_patch(json, cJSON_GetObjectItem(variant, "patch"));
        Model model = model_of(cJSON_GetObjectItem(variant, "name")->valuestring, json);
        cJSON_ArrayForEach(which, cJSON_GetObjectItem(variant, "which")) {
            Buf text = tokfix_golden(cJSON_GetArrayItem(strings, which->valueint));
            check_text(&model, text.bytes, text.size);
            buf_free(&text);
        }
        checked[0] += model.merges;
        checked[1] += model.tries;
        checked[2] += model.ways;
        model_free(&model);
        cJSON_Delete(json);
        variants--;
    }
    assert_true(variants <= 0);
    cJSON_Delete(golden);
    arena_free(&arena);
}

static void test_byte_level(void **state) {
    (void)state;
    size_t checked[3] = {0};
    check_golden_file(GOLDEN "small.json", 30, checked);
    assert_true(checked[0] > 1000);
}

/* Llama's, BERT's and T5's kinds. */
static void test_kinds(void **state) {
    (void)state;
    size_t checked[3] = {0};
    check_golden_file(GOLDEN "kinds.json", 25, checked);
    assert_true(checked[0] > 1000 && checked[1] > 1000 && checked[2] > 1000);
}

static void check_model(const char *path) {
    Arena arena = {0};
    if (!file_exists(path))
        skip();
    cJSON *json = tokfix_read_json(path, &arena);
    cJSON *golden = tokfix_read_json(GOLDEN "gpt2.json", &arena);
    Model model = model_of(path, json);
    check_strings(&model, cJSON_GetObjectItem(golden, "strings"));
    assert_true(model.merges > 100);
    model_free(&model);
    cJSON_Delete(golden);
    cJSON_Delete(json);
    arena_free(&arena);
}

static void test_story(void **state) {
    (void)state;
    check_model("assets/models/story/tokenizer.json");
}

static void test_stories260K(void **state) {
    (void)state;
    Arena arena = {0};
    check_model(tokfix_shared(&arena, "models/stories260K/tokenizer.json"));
    arena_free(&arena);
}

static void test_gpt2(void **state) {
    (void)state;
    Arena arena = {0};
    check_model(tokfix_shared(&arena, "tokenizers/gpt2/tokenizer.json"));
    arena_free(&arena);
}

static Model small_model(const char *text) {
    cJSON *json = cJSON_Parse(text);
    Model model = model_of("small", json);
    cJSON_Delete(json);
    return model;
}

static void test_word_level(void **state) {
    (void)state;
    Arena arena = {0};
    Err err = {0};
    TokSteps steps;
    Model model = small_model(
        "{\"added_tokens\":[{\"id\":3,\"content\":\"[S]\",\"special\":true}],"
        "\"pre_tokenizer\":{\"type\":\"WhitespaceSplit\"},\"model\":{\"type\":"
        "\"WordLevel\",\"unk_token\":\"?\",\"vocab\":{\"one\":0,\"?\":1,"
        "\"한국\":2}}}");
    check_text(&model, "one 한국 three[S]one", 23);
    assert_true(tok_steps(model.tok, "one three[S]", 12, true, &arena, &steps, &err));
    static const TokStepKind KIND[] = {
        TOK_STEP_TEXT,   TOK_STEP_ADDED,   TOK_STEP_SPLIT,  TOK_STEP_LOOKUP, TOK_STEP_PIECES,
        TOK_STEP_LOOKUP, TOK_STEP_UNKNOWN, TOK_STEP_PIECES, TOK_STEP_PIECES, TOK_STEP_TOKENS};
    assert_int_equal(steps.count, sizeof KIND / sizeof *KIND);
    for (size_t i = 0; i < steps.count; i++)
        assert_int_equal(steps.step[i].kind, KIND[i]);
    assert_int_equal(steps.step[3].id, 0);
    assert_int_equal(steps.step[5].id, -1);
    assert_int_equal(steps.step[6].id, 1);
    model_free(&model);
    arena_free(&arena);
}

/* "cab": c and ab. Bytes that stand for themselves where there is no piece. */
static void test_bpe_by_hand(void **state) {
    (void)state;
    Arena arena = {0};
    Err err = {0};
    TokSteps steps;
    Model model = small_model(
        "{\"model\":{\"type\":\"BPE\",\"byte_fallback\":true,\"vocab\":{\"a\":0,"
        "\"b\":1,\"c\":2,\"ab\":3,\"ca\":4,\"<0xC3>\":5,\"<0xA9>\":6},"
        "\"merges\":[\"a b\",\"c a\"]}}");
    check_text(&model, "cabé", 5);
    assert_true(tok_steps(model.tok, "cabé", 5, true, &arena, &steps, &err));
    assert_int_equal(steps.count, 6);
    assert_int_equal(steps.step[1].kind, TOK_STEP_UNKNOWN);
    assert_int_equal(steps.step[1].id, -1);
    assert_int_equal(steps.step[2].kind, TOK_STEP_SYMBOLS);
    const TokMergeStep *merge = &steps.step[3].of.merge;
    assert_int_equal(merge->present, 2);
    assert_int_equal(merge->pair[0].rank, 0);
    assert_int_equal(merge->pair[0].span.start, 1);
    assert_int_equal(merge->pair[1].rank, 1);
    TokSymbol symbol[8];
    assert_int_equal(steps.word[0].symbol_count, 6);
    assert_int_equal(tok_steps_symbols(&steps.word[0], 2, symbol), 5);
    assert_int_equal(tok_steps_symbols(&steps.word[0], 3, symbol), 4);
    assert_int_equal(symbol[1].id, 3);
    model_free(&model);
    arena_free(&arena);
}

/* What can't be encoded has no steps, and the message is the same; so has what is too long. */
static void test_refused(void **state) {
    (void)state;
    Arena arena = {0};
    Err err = {0}, same = {0};
    TokSteps steps;
    TokenList list;
    Tokenizer *tok = tokfix_load(WORDS, &arena);
    assert_false(tok_steps(tok, "one four", 8, true, &arena, &steps, &err));
    assert_false(tok_encode(tok, "one four", 8, true, &arena, &list, &same));
    assert_string_equal(err.text, same.text);
    char *text = arena_alloc(&arena, TOK_STEPS_TEXT + 1);
    memset(text, 'a', TOK_STEPS_TEXT + 1);
    assert_false(tok_steps(tok, text, TOK_STEPS_TEXT + 1, true, &arena, &steps, &err));
    assert_non_null(strstr(err.text, "8193 bytes"));
    tok_free(tok);
    tok = tokfix_load("{\"normalizer\":{\"type\":\"Replace\",\"pattern\":{\"String\":\"a\"},"
                      "\"content\":\"bbbbbbbb\"},\"model\":{\"type\":\"BPE\",\"vocab\":{\"b\":0},"
                      "\"merges\":[]}}",
                      &arena);
    assert_false(tok_steps(tok, text, 2000, true, &arena, &steps, &err));
    assert_non_null(strstr(err.text, "16000 bytes"));
    assert_true(tok_steps(tok, text, 1000, true, &arena, &steps, &err));
    tok_free(tok);
    arena_free(&arena);
}

/* 600 letters, one by one the longest: 180,300 candidates are tried. */
static void test_too_many(void **state) {
    (void)state;
    Arena arena = {0};
    Err err = {0};
    TokSteps steps;
    Tokenizer *tok = tokfix_load("{\"model\":{\"type\":\"WordPiece\",\"unk_token\":\"?\","
                                 "\"max_input_chars_per_word\":1000,\"vocab\":{\"?\":0,\"a\":1,"
                                 "\"##a\":2}}}",
                                 &arena);
    char text[600];
    memset(text, 'a', sizeof text);
    assert_false(tok_steps(tok, text, sizeof text, true, &arena, &steps, &err));
    assert_non_null(strstr(err.text, "131072 steps"));
    tok_free(tok);
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_byte_level),  cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_story),       cmocka_unit_test(test_stories260K),
        cmocka_unit_test(test_gpt2),        cmocka_unit_test(test_word_level),
        cmocka_unit_test(test_bpe_by_hand), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_too_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
