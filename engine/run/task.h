/* task: what a model that doesn't generate has to say: tokens for a mask, labels, entities, how much
 * alike two texts are. All of it is read from the records of a normal run, so that each number can be
 * looked at and explained. */
#ifndef RUN_TASK_H
#define RUN_TASK_H

#include "engine/model/model.h"
#include "engine/text/words.h"
#include "engine/trace/trace.h"

/* "fills masked tokens": what a model of this task does. */
const char *task_does(Task task);

/* The record in which the model's answer stands: "probs", "classifier.hook_probs", "hook_sentence".
 * And the records to keep of a run (RunOptions.stages). */
const char *task_record(const Model *model);
const char *task_stages(const Model *model);

/* ---- the likeliest ---- */

typedef struct {
    size_t index; /* along the record's last axis: a token's id, a label */
    double value;
} TaskChoice;

/* The `most` largest of the record's row, best first; of equals the lower index comes first. `best`
 * has room for as many. Returns how many there are. */
size_t task_best(const Trace *trace, int node, size_t row, size_t most, TaskChoice *best);

/* BERT's "[MASK]" or RoBERTa's "<mask>"; −1 where the tokenizer has neither as a special token. */
int32_t task_mask_token(const Tokenizer *tok);

/* ---- entities ---- */

/* Neighbouring words of one kind. */
typedef struct {
    const char *kind;   /* the label, without the "B-" or "I-" before it */
    size_t first, last; /* words */
    size_t start, end;  /* bytes of the text */
    double probability; /* the mean of its words' */
} TaskEntity;

/* A word has the label of its first token (Devlin et al. 2019, section 5.3). "O" is no entity; "B-X"
 * begins one, "I-X" goes on with it; a label without either goes on with its like. */
size_t task_entities(const Trace *trace, const TokWord *words, size_t count, Arena *arena,
                     TaskEntity **entities);

/* ---- likeness ---- */

/* The cosine of the angle between two runs' vectors: 1 the same direction, 0 nothing in common; NaN
 * where one of them is zero. The record is a single row, as hook_sentence is. */
double task_cosine(const Trace *a, const Trace *b, const char *record);

#endif
