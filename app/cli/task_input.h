/* task_input: what the commands fill, classify, tag and similar share: only a model of their task
 * can do them, and what they show stands in the records of a normal run. */
#ifndef CLI_TASK_INPUT_H
#define CLI_TASK_INPUT_H

#include "app/cli/input.h"
#include "app/cli/json_out.h"
#include "engine/run/task.h"

/* False where the model does something else: the message names it, and the command for it. */
bool task_check(const Model *model, Task wanted, Err *err);

/* The run, with the records of the model's task; tells the notes. NULL with a message. */
Trace *task_run(CliInput *input, const RunText *text, const Options *options, Err *err);

/* "probs[3,17]" */
const char *task_cell(Arena *arena, const char *record, size_t row, size_t index);
/* Where to go on from here: explain, with this cell. */
void task_print_hint(const char *cell);

/* "model", "ids" and "tokens" of a run. */
void task_put_text(JsonOut *out, const Trace *trace);

#define TAKES_TASK                                                                                 \
    (TAKES_TEXT | TAKES_KNOBS | OPT(PAD_TO) | OPT(SHUFFLE) | OPT(MAX_MEMORY) | OPT(THREADS) |      \
     OPT(JSON))

#endif
