/* command: what each command of the command line is, as data. Private to app/cli. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "app/cli/options.h"

typedef struct {
    const char *name;
    const char *summary; /* one line */
    const char *details; /* paragraphs for --help; NULL: none */
    OptSet takes;        /* options that it takes, beside --help */
    OptSet needs;        /* and those that must be given */
    bool one_input; /* exactly one of --prompt, --prompt-file, --tokens, --steps that it takes */
    const char *operand; /* the argument without a name that it needs; NULL: it has none */
    const char *second;  /* another one behind it, which may be absent; NULL: it has none */
    bool picks_head; /* its --head picks a part of a record; else it is flash attention's alone */
    OptSet instead; /* options that stand in the operand's place; without one, in that of `needs` */
    /* What is wrong with these options whatever the model is; NULL: nothing more can be. */
    bool (*check)(const Options *options, Err *err);
    /* False when it could not be done. Prints nothing before it is certain to have something. */
    bool (*run)(const Options *options, Err *err);
} Command;

#define COMMAND_TABLE(X)                                                                           \
    X(trace)                                                                                       \
    X(generate)                                                                                    \
    X(fill)                                                                                        \
    X(classify)                                                                                    \
    X(tag)                                                                                         \
    X(similar)                                                                                     \
    X(explain)                                                                                     \
    X(tokens)                                                                                      \
    X(models)                                                                                      \
    X(inspect)                                                                                     \
    X(reach)                                                                                       \
    X(attention)                                                                                   \
    X(compare)                                                                                     \
    X(pattern)                                                                                     \
    X(lesson)                                                                                      \
    X(export)                                                                                      \
    X(bench)

#define COMMAND_DECLARE(name) extern const Command command_##name;
COMMAND_TABLE(COMMAND_DECLARE)
#undef COMMAND_DECLARE

/* Sets of options that several commands share. */
#define TAKES_TEXT (OPT(MODEL) | OPT(PROMPT) | OPT(PROMPT_FILE) | OPT(TOKENS))
#define TAKES_KNOBS (OPT(SET) | OPT(MASK) | OPT(RANDOM_INIT) | OPT(CONFIG))
#define TAKES_INPUT                                                                                \
    (TAKES_TEXT | TAKES_KNOBS | OPT(DECODER_TOKENS) | OPT(TARGET) | OPT(PAIR) | OPT(PAD_TO) |      \
     OPT(SHUFFLE))
#define TAKES_ATTENTION (OPT(ATTENTION) | OPT(TILE) | OPT(FAST_MEMORY))
#define TAKES_SAMPLE (OPT(TEMPERATURE) | OPT(TOP_K) | OPT(TOP_P) | OPT(SEED) | OPT(GREEDY))

#endif
