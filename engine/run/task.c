#include "engine/run/task.h"

#include "engine/base/utf8.h"

#include <assert.h>
#include <math.h>
#include <string.h>
#include <utf8proc.h>

const char *task_does(Task task) {
    static const char *const does[] = {[TASK_TEXT] = "continues texts",
                                       [TASK_FILL] = "fills masked tokens",
                                       [TASK_CLASSIFY] = "classifies texts",
                                       [TASK_TAG] = "labels tokens",
                                       [TASK_VECTOR] = "makes sentence vectors"};
    return does[task];
}

const char *task_record(const Model *model) {
    static const char *const record[] = {[TASK_TEXT] = "probs",
                                         [TASK_FILL] = "probs",
                                         [TASK_CLASSIFY] = "classifier.hook_probs",
                                         [TASK_TAG] = "classifier.hook_probs",
                                         [TASK_VECTOR] = "hook_sentence"};
    return record[model->config.task];
}

const char *task_stages(const Model *model) {
    bool pooled = model_weight(model, STACK_OWN, ROLE_POOLER_W, 0) >= 0;
    if (model->config.task == TASK_VECTOR && pooled)
        return "hook_sentence,pooler.hook_post";
    return task_record(model);
}

/* ---- the likeliest ---- */

size_t task_best(const Trace *trace, int node, size_t row, size_t most, TaskChoice *best) {
    size_t width = trace->graph.node[node].dim[1], count = 0;
    for (size_t i = 0; i < width && most > 0; i++) {
        double value = trace_get(trace, node, (size_t[]){row, i});
        size_t at = count < most ? count++ : most;
        while (at > 0 && value > best[at - 1].value) {
            if (at < count)
                best[at] = best[at - 1];
            at--;
        }
        if (at < count)
            best[at] = (TaskChoice){i, value};
    }
    return count;
}

int32_t task_mask_token(const Tokenizer *tok) {
    static const char *const names[] = {"[MASK]", "<mask>"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        int32_t id = tok_find(tok, names[i]);
        if (id >= 0 && tok_is_special(tok, id))
            return id;
    }
    return -1;
}

/* ---- words ---- */

static bool is_letter(const char *text, size_t size) {
    Utf8Char c = utf8_next(text, size);
    switch (utf8proc_category((utf8proc_int32_t)c.code)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ND: return true;
    default: return false;
    }
}

/* Whether two tokens meet inside a word: a letter or digit on both sides. */
static bool meet_inside(const char *text, const Token *before, const Token *token) {
    if (!text || before->end != token->start || token->start >= token->end ||
        before->start >= before->end)
        return false;
    size_t last = before->end - 1;
    while (last > before->start && ((unsigned char)text[last] & 0xC0) == 0x80)
        last--;
    return is_letter(text + last, before->end - last) &&
           is_letter(text + token->start, token->end - token->start);
}

static bool goes_on(const Tokenizer *tok, const char *text, const Token *before,
                    const Token *token) {
    const char *piece = tok ? tok_piece(tok, token->id) : NULL;
    return (piece && strncmp(piece, "##", 2) == 0 && piece[2]) || meet_inside(text, before, token);
}

static void trim_spaces(const char *text, TaskWord *word) {
    while (text && word->start < word->end &&
           (text[word->start] == ' ' || text[word->start] == '\n'))
        word->start++;
}

size_t task_words(const Tokenizer *tok, const char *text, const TokenList *list, Arena *arena,
                  TaskWord **words) {
    size_t count = 0;
    TaskWord *word = *words = ARENA_NEW_N(arena, TaskWord, list->count);
    for (size_t i = 0; i < list->count; i++) {
        const Token *token = &list->token[i];
        if (token->added)
            continue;
        bool follows = count > 0 && word[count - 1].last == i;
        if (follows && goes_on(tok, text, &list->token[i - 1], token)) {
            word[count - 1].last++;
            word[count - 1].end = token->end;
            continue;
        }
        word[count] = (TaskWord){i, i + 1, token->start, token->end};
        trim_spaces(text, &word[count++]);
    }
    return count;
}

/* ---- entities ---- */

/* "B-PER" is "PER" and begins; NULL: no entity. */
static const char *kind_of(const char *label, bool *begins) {
    *begins = strncmp(label, "B-", 2) == 0;
    if (*begins || strncmp(label, "I-", 2) == 0)
        return label + 2;
    return strcmp(label, "O") == 0 ? NULL : label;
}

size_t task_entities(const Trace *trace, const TaskWord *words, size_t count, Arena *arena,
                     TaskEntity **entities) {
    int node = trace_find(trace, "classifier.hook_probs");
    assert(node >= 0);
    TaskEntity *entity = *entities = ARENA_NEW_N(arena, TaskEntity, count);
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        TaskChoice best = {0};
        bool begins;
        task_best(trace, node, words[i].first, 1, &best);
        const char *kind = kind_of(trace->class_name[best.index], &begins);
        TaskEntity *open = found > 0 && entity[found - 1].last == i ? &entity[found - 1] : NULL;
        if (!kind)
            continue;
        if (!open || begins || strcmp(open->kind, kind) != 0) {
            open = &entity[found++];
            *open = (TaskEntity){kind, i, i, words[i].start, 0, 0};
        }
        size_t before = open->last++ - open->first;
        open->end = words[i].end;
        open->probability += (best.value - open->probability) / (double)(before + 1);
    }
    return found;
}

/* ---- likeness ---- */

double task_cosine(const Trace *a, const Trace *b, const char *record) {
    int in_a = trace_find(a, record), in_b = trace_find(b, record);
    assert(in_a >= 0 && in_b >= 0);
    double dot = 0, aa = 0, bb = 0;
    for (size_t i = 0; i < a->graph.node[in_a].dim[1]; i++) {
        double x = trace_get(a, in_a, (size_t[]){0, i}), y = trace_get(b, in_b, (size_t[]){0, i});
        dot += x * y;
        aa += x * x;
        bb += y * y;
    }
    return dot / (sqrt(aa) * sqrt(bb));
}
