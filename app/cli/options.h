/* options: reads "--name value" and "--name=value" against one table (-o is --output, -h --help).
 *
 * Every option of every command stands in OPTION_TABLE with its kind, its range and one line of
 * help; a command names the set that it takes. What is not as it must be is told in an Err, with
 * the nearest name where one is misspelt. Given twice, the last one counts. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "app/cli/paint.h"
#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    KIND_FLAG,  /* no value */
    KIND_TEXT,  /* any value */
    KIND_WHOLE, /* a whole number from `least` to `most` */
    KIND_REAL,  /* a finite number from 0 */
    KIND_SHARE, /* 0 < number ≤ 1 */
    KIND_SIZE,  /* bytes; K, M, G after it: × 1024, × 1024², × 1024³ */
    KIND_IDS,   /* 5,3,9 */
    KIND_SWITCH /* on or off */
} OptKind;

/* id, name, what its value is called, kind, least, most, help */
#define OPTION_TABLE(X)                                                                            \
    X(MODEL, "model", "DIR", KIND_TEXT, 0, 0,                                                      \
      "a model's folder, or the name of an installed one (story)")                                 \
    X(PROMPT, "prompt", "TEXT", KIND_TEXT, 0, 0, "the input")                                      \
    X(PROMPT_FILE, "prompt-file", "F", KIND_TEXT, 0, 0,                                            \
      "the input, byte for byte from a file (- is standard input)")                                \
    X(TOKENS, "tokens", "5,3,9", KIND_IDS, 0, 0,                                                   \
      "the input as token ids, exactly as given: nothing is added")                                \
    X(DECODER_TOKENS, "decoder-tokens", "0,7", KIND_IDS, 0, 0,                                     \
      "what an encoder-decoder's decoder reads behind its first token, as token ids")              \
    X(TARGET, "target", "TEXT", KIND_TEXT, 0, 0,                                                   \
      "what an encoder-decoder's decoder reads; else what it says itself")                         \
    X(PAIR, "pair", "TEXT", KIND_TEXT, 0, 0, "a second text behind the prompt (BERT)")             \
    X(PAD_TO, "pad-to", "N", KIND_WHOLE, 1, 1000000,                                               \
      "fills the input up to N tokens with padding, which is masked")                              \
    X(SET, "set", "KNOB=VALUE", KIND_TEXT, 0, 0,                                                   \
      "turns knobs of the model: norm=rms,residual=off,zero_head=3.2 (help knobs lists them)")     \
    X(MASK, "mask", "MASK", KIND_TEXT, 0, 0,                                                       \
      "self-attention's mask: causal, full, local:W, dilated:W:D, longformer:W:G1,G2")             \
    X(SHUFFLE, "shuffle", "S", KIND_WHOLE, 0, UINT64_MAX,                                          \
      "shuffles the prompt's words, the same way for the same seed")                               \
    X(RANDOM_INIT, "random-init", "S", KIND_WHOLE, 0, UINT64_MAX,                                  \
      "a fresh model with random weights of this seed, in the shape of --config")                  \
    X(CONFIG, "config", "F.json", KIND_TEXT, 0, 0, "a config.json, for --random-init")             \
    X(STEPS, "steps", "TEXT", KIND_TEXT, 0, 0,                                                     \
      "the input, and how the tokenizer gets to its tokens, step by step")                         \
    X(BESIDE, "beside", "DIR", KIND_TEXT, 0, 0, "a second model, measured on the same text")       \
    X(CELL, "cell", "'RECORD[I,J]'", KIND_TEXT, 0, 0,                                              \
      "the cell, as blocks.0.attn.hook_pattern[0,3,1]")                                            \
    X(RECORD, "record", "NAME", KIND_TEXT, 0, 0,                                                   \
      "the record whose values are printed, a row a line, or exported")                            \
    X(OUTPUT, "output", "FILE", KIND_TEXT, 0, 0,                                                   \
      "where it goes (or -o FILE); the name's ending says what it is")                             \
    X(LAYERS, "layers", "L", KIND_WHOLE, 1, 1000,                                                  \
      "how many layers stand on each other (4, or the model's)")                                   \
    X(BOTH_WAYS, "both-ways", NULL, KIND_FLAG, 0, 0,                                               \
      "the mask looks ahead as well as back, as an encoder's does")                                \
    X(STAGES, "stages", "GLOB", KIND_TEXT, 0, 0,                                                   \
      "the records to keep: names with * ? [a-z], between commas (*)")                             \
    X(MAX_NEW_TOKENS, "max-new-tokens", "N", KIND_WHOLE, 0, 1000000000,                            \
      "how many tokens at most (100; bench of a shape: 32)")                                       \
    X(TEMPERATURE, "temperature", "X", KIND_REAL, 0, 0,                                            \
      "divides the logits; 0 takes the likeliest token (1 if one of the next three is given, "     \
      "else 0)")                                                                                   \
    X(TOP_K, "top-k", "K", KIND_WHOLE, 0, 1000000000,                                              \
      "draw from the K likeliest tokens; 0 is all (0)")                                            \
    X(TOP_P, "top-p", "P", KIND_SHARE, 0, 0,                                                       \
      "draw from the likeliest tokens that together reach P (1)")                                  \
    X(SEED, "seed", "S", KIND_WHOLE, 0, UINT64_MAX, "the same seed makes the same draws (0)")      \
    X(GREEDY, "greedy", NULL, KIND_FLAG, 0, 0, "the same as --temperature 0")                      \
    X(TOP, "top", "K", KIND_WHOLE, 1, 1000000, "how many are shown, the likeliest first")          \
    X(TRACE, "trace", "F.safetensors", KIND_TEXT, 0, 0,                                            \
      "saves each step's choice as records steps.0.sample.hook_…, and the rows it computed")       \
    X(KV_CACHE, "kv-cache", "on|off", KIND_SWITCH, 0, 0,                                           \
      "off: each step computes all tokens again; on: the new one alone (on where it can be)")      \
    X(COUNTS, "count", NULL, KIND_FLAG, 0, 0,                                                      \
      "prints a table behind the text: what each step computed, with the cache and without")       \
    X(SHAPE, "shape", "NAME", KIND_TEXT, 0, 0,                                                     \
      "measures on random weights of this shape: gpt2-124m, llama-15m, llama-110m, nano or "       \
      "nano-gpt2")                                                                                 \
    X(TASK, "task", "NAME", KIND_TEXT, 0, 0,                                                       \
      "what a shape does: prefill, decode, attention, trace or start (prefill)")                   \
    X(LENGTH, "length", "N", KIND_WHOLE, 1, 1000000, "how many tokens (bench: 64)")                \
    X(WEIGHTS, "weights", "TYPE", KIND_TEXT, 0, 0,                                                 \
      "how a shape's weights are stored: f32, f16 or bf16 (f32)")                                  \
    X(REPEAT, "repeat", "N", KIND_WHOLE, 1, 10000, "how often each is measured (bench: 5)")        \
    X(LEFT, "left", "SWITCHES", KIND_TEXT, 0, 0,                                                   \
      "switches of the left run: attention=flash,mask=local:8,norm=rms (as it stands)")            \
    X(RIGHT, "right", "SWITCHES", KIND_TEXT, 0, 0, "those of the right run")                       \
    X(ATTENTION, "attention", "KIND", KIND_TEXT, 0, 0,                                             \
      "how attention is computed: standard, or flash: in tiles, the same result (standard)")       \
    X(TILE, "tile", "RxC", KIND_TEXT, 0, 0, "flash: queries × keys of a tile (64x64)")             \
    X(FAST_MEMORY, "fast-memory", "SIZE", KIND_SIZE, 0, 0,                                         \
      "flash: the tile that the paper's formula gives for a fast memory of this size")             \
    X(HEAD, "head", "H", KIND_WHOLE, 0, 1000000,                                                   \
      "the head, from 0; flash: the one whose tiles the records *flash* show (0)")                 \
    X(STAGE, "stage", "NAME", KIND_TEXT, 0, 0,                                                     \
      "the record that a figure shows, as blocks.0.attn.hook_pattern")                             \
    X(TITLE, "title", "TEXT", KIND_TEXT, 0, 0, "a figure's title; '' for none (the stage's)")      \
    X(CAPTION, "caption", "TEXT", KIND_TEXT, 0, 0,                                                 \
      "the words below a figure; '' for none (model, prompt and stage)")                           \
    X(LAYOUT, "layout", "paper|slide", KIND_TEXT, 0, 0,                                            \
      "a figure for a paper, or a slide of 16:9 with larger type (paper)")                         \
    X(WIDTH, "width", "MM", KIND_REAL, 0, 0,                                                       \
      "how wide a paper's figure is, in millimetres (85: one column; 174: two)")                   \
    X(THEME, "theme", "NAME", KIND_TEXT, 0, 0,                                                     \
      "a figure's colours: light, dark, or transparent: dark type on no ground (light)")           \
    X(SCALE, "scale", "X", KIND_REAL, 0, 0,                                                        \
      "a PNG's pixels for each point of 1/72 inch (4: 288 a inch; slide: 2, 1920 × 1080)")         \
    X(LANG, "lang", "en|ko", KIND_TEXT, 0, 0,                                                      \
      "the language of a lesson, or of a figure's words (that of ATTNSCOPE_LANG, LC_ALL, "         \
      "LC_MESSAGES or LANG)")                                                                      \
    X(LESSON_TEXT, "text", NULL, KIND_FLAG, 0, 0,                                                  \
      "a lesson line by line on the terminal, without the window")                                 \
    X(KEY, "key", "FILE", KIND_TEXT, 0, 0, "where a worksheet's key goes (F.pdf)")                 \
    X(MAX_MEMORY, "max-memory", "SIZE", KIND_SIZE, 0, 0,                                           \
      "the most that trace and working set may take: bytes, or 64K, 500M, 2G (a quarter of what "  \
      "is free; pattern: 256M)")                                                                   \
    X(FIT, "fit", NULL, KIND_FLAG, 0, 0,                                                           \
      "keeps what fits of the stages that * asks for; the rest is left out")                       \
    X(PLAN, "plan", NULL, KIND_FLAG, 0, 0,                                                         \
      "runs nothing: shows what would be kept or left out, and how much memory that takes")        \
    X(THREADS, "threads", "N", KIND_WHOLE, 1, 1024,                                                \
      "threads that compute; the numbers stay the same (one a processor)")                         \
    X(JSON, "json", NULL, KIND_FLAG, 0, 0, "prints JSON")                                          \
    X(HELP, "help", NULL, KIND_FLAG, 0, 0, "prints this")

typedef enum {
#define OPTION_ID(ID, ...) OPT_##ID,
    OPTION_TABLE(OPTION_ID)
#undef OPTION_ID
        OPT_COUNT
} OptId;

typedef uint64_t OptSet;
#define OPT(ID) ((OptSet)1 << OPT_##ID)

typedef struct {
    const char *text; /* as given; NULL: not given */
    uint64_t whole;   /* KIND_WHOLE, KIND_SIZE; KIND_SWITCH: 1 is on */
    double real;      /* KIND_REAL, KIND_SHARE */
} OptValue;

typedef struct {
    OptValue value[OPT_COUNT];
    const char *operand; /* the argument without a name; NULL: none … */
    const char *second;  /* … and another one behind it */
    bool picks_head;     /* the command's --head picks what is shown, whatever computes it */
    CliPaint *paint;     /* who draws pictures */
} Options;

/* Reads argv[0 … argc). `operands`: how many arguments without a name there can be, at most two. */
bool options_read(int argc, char **argv, OptSet takes, int operands, Options *options, Err *err);
/* Whether `text` can be the option's value; if so it is now, as if it had been given. */
bool options_set(Options *options, OptId id, const char *text, Err *err);
/* The option of the set that is called so, OPT_COUNT if none is; and what an option is called. */
OptId option_find(OptSet set, const char *name, size_t size);
const char *option_name(OptId id);
/* "  --threads N      threads that compute …", a line each, in the order of the table. */
void options_help(OptSet takes, Buf *text);
/* "--output FILE", for messages. */
const char *option_shape(OptId id, char *room, size_t size);

bool option_given(const Options *options, OptId id);
/* What was given, or `otherwise`. */
const char *option_text(const Options *options, OptId id, const char *otherwise);
uint64_t option_whole(const Options *options, OptId id, uint64_t otherwise);
double option_real(const Options *options, OptId id, double otherwise);

/* "500M": a number of bytes, or one with K, M or G behind it. False where it is none. */
bool size_parse(const char *text, uint64_t *value);

/* "5,3,9", with spaces if you like, or nothing at all. False when it is no such list. Numbers
 * beyond int64 become the nearest that is not. */
bool ids_parse(const char *text, Arena *arena, int64_t **ids, size_t *count);

#endif
