/* open: the command `attnscope open`: the window. The program owns the model, the worker, the state
 * and the finished trace; each frame it hands them to the views, and applies what they intend. */
#ifndef APP_OPEN_H
#define APP_OPEN_H

#include "app/ui/lang.h"
#include "app/views/state.h"
#include "app/worker.h"
#include "engine/base/err.h"

/* What is in the text box at the start, where the model can read it (open_prompt.h). */
#define APP_DEFAULT_PROMPT "Mina gave Tom the red ball. Tom thanked"
#define APP_DEFAULT_KOREAN "민아가 톰에게 빨간 공을 주었다. 톰은"
/* The same for a model that reads a whole text at once; for one that fills in what is masked, which
 * finds it behind the mask; and for one that knows single letters and sorts them. */
#define APP_DEFAULT_TEXT "Mina gave Tom a red ball. Tom thanked Mina."
#define APP_DEFAULT_MASKED "Mina gave [MASK] the red ball. Tom thanked her."
#define APP_DEFAULT_LETTERS "d c a b b :"
#define APP_DEFAULT_MODEL "story"
/* Where it starts: the head of the story model that looks for a name (see the model's card). A
 * model that has no such stage starts at its last pattern of attention, a decoder that reads a
 * source at the last one that looks there, and a recurrent network at its last state. */
#define APP_DEFAULT_STAGE "blocks.3.attn.hook_pattern"
#define APP_DEFAULT_HEAD 2
#define APP_FIRST_LOOK "attnscope-first-look"

typedef struct {
    const char *model;  /* name or folder */
    const char *prompt; /* NULL: chosen for the model */
    bool prompt_own;    /* … and was, so that another model may choose another one */
    const char *set;    /* knobs turned (knobs.h), NULL: none. For the first model alone */
    const char *mask;   /* likewise */
    int pad_to;         /* tokens, filled up with padding where a model has that; 0: none */
    int width, height;  /* points; 0: the window's own choice */
    double scale;       /* 0: found out */
    bool light;
    Lang lang;
    const char *script; /* NULL: a person drives */
    const char *stage;  /* NULL: chosen for the model */
    int head;           /* −1: APP_DEFAULT_HEAD, or the last there is */
    AttentionOptions attention;
    bool cached;        /* the KV cache is shown at the start */
    const char *lesson; /* name or folder of one to begin with; NULL: none */
    const char *scene;  /* of it: number from 1, or id; NULL: where the learner left it */
    const char *assets; /* the folder that models' names are looked up in */
    int threads;
    const char *prompt_file; /* the prompt from a file; NULL: none */
    size_t max_bytes;        /* of a trace, its working set and what is computed again */
    const char *first_look;  /* folder, for a machine without a display */
    const char *screenshot;  /* write a picture of the window and end; NULL: open it */
    bool time_start;
    bool help;
} OpenOptions;

/* Reads argv[0 … argc), the words after `open`. */
bool open_options_read(int argc, char **argv, OpenOptions *options, Err *err);
void open_options_help(void);

/* The whole command; returns the exit status. */
int open_main(int argc, char **argv);

#endif
