/* input: what the commands work on: the model, its input as token ids, and the threads. */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include "app/cli/options.h"
#include "engine/base/memory.h"
#include "engine/base/thread.h"
#include "engine/model/forward.h"
#include "engine/model/model.h"
#include "engine/run/prompt.h"
#include "engine/trace/graph.h"

typedef struct {
    Arena arena;
    Model *model;
    ThreadPool *pool;
    const char *prompt; /* NULL where token ids were given */
    size_t prompt_size;
    RunText text;     /* at least one token */
    TokenList tokens; /* the prompt's, with their places in it; empty where ids were given */
    bool told;        /* the notes */
    AttentionOptions attention; /* as --attention and what belongs to it say */
} CliInput;

/* Opens the model, reads the prompt and makes it tokens. Close it whether it succeeded or not. Without any of the three inputs `otherwise` is the prompt. Of two
 * stacks the prompt is the encoder's source. */
bool input_open(CliInput *input, const Options *options, const char *otherwise, Err *err);
/* The same for what only a model of one task can do. */
bool input_open_for(CliInput *input, const Options *options, Task task, Err *err);
void input_close(CliInput *input);
/* What is odd about model and input, on standard error, once. When the run went well: an error stands
 * alone. */
void input_tell_notes(CliInput *input);

/* A decoder that was given nothing to read goes on by itself, so that there is something to see; a
 * note says so. */
bool input_continue(CliInput *input, const Options *options, Err *err);

/* The model alone, as the options say: a folder, or a fresh one; knobs turned. `*input` is zeroed or
 * has a prompt. */
bool input_model(CliInput *input, const Options *options, Err *err);

/* The prompt of --prompt or --prompt-file; NULL where there is none. */
bool input_prompt(const Options *options, Arena *arena, const char **prompt, size_t *size,
                  Err *err);
bool prompt_file_read(const char *path, Arena *arena, const char **prompt, size_t *size, Err *err);
/* The folder that --model means. */
bool input_folder(const Options *options, Arena *arena, const char **folder, Err *err);

/* The threads that --threads asks for, for who opens a model alone. input_close frees them. */
ThreadPool *input_pool(const Options *options);

/* How attention is computed. False with a message where an option has a wrong value, or says something
 * of tiles that standard attention has not. */
bool input_attention(const Options *options, AttentionOptions *attention, Err *err);

/* How the next token is chosen; false where no option says so. */
bool input_sample(const Options *options, SampleOptions *sample);
/* What a run may take: --max-memory, else a quarter of what is free. */
typedef struct {
    size_t bytes;
    bool given;
    MemoryFrom from; /* where it was not given: who said what is free */
} Budget;
Budget input_budget(const Options *options);
/* After a run that failed: where the limit was none of the reader's, says so behind the message. */
void input_tell_budget(const Budget *budget, Err *err);
/* The stages as run_trace will run them. `sample` may be NULL. */
bool input_graph(const CliInput *input, const SampleOptions *sample, Arena *arena, Graph *graph,
                 Err *err);

/* The folder with the program's models: $ATTNSCOPE_ASSETS, else beside the program, else under the
 * install prefix. In the arena. */
const char *cli_assets(Arena *arena);
/* The same of the lessons: $ATTNSCOPE_LESSONS … */
const char *cli_lessons(Arena *arena);

/* Whether a file can be made at `path`, asked before a long run. */
bool output_possible(const char *path, Err *err);
/* Whether `path` is a file, and no pipe or device that more text would end up in. */
bool output_is_file(const char *path);

#endif
