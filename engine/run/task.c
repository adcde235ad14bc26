#include "engine/run/task.h"

#include <assert.h>
#include <math.h>
#include <string.h>

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

/* ---- entities ---- */

/* "B-PER" is "PER" and begins; NULL: no entity. */
static const char *kind_of(const char *label, bool *begins) {
    *begins = strncmp(label, "B-", 2) == 0;
    if (*begins || strncmp(label, "I-", 2) == 0)
        return label + 2;
    return strcmp(label, "O") == 0 ? NULL : label;
}

size_t task_entities(const Trace *trace, const TokWord *words, size_t count, Arena *arena,
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
