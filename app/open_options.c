/* The options of `attnscope open`. */
#include "app/cli/options.h"
#include "app/open.h"
#include "engine/base/memory.h"
#include "engine/base/near.h"
#include "engine/base/thread.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *name, *value, *help;
} OpenOption;

enum {
    OPTION_MODEL,
    OPTION_PROMPT,
    OPTION_PROMPT_FILE,
    OPTION_SET,
    OPTION_MASK,
    OPTION_PAD_TO,
    OPTION_ATTENTION,
    OPTION_TILE,
    OPTION_KV_CACHE,
    OPTION_LESSON,
    OPTION_SCENE,
    OPTION_STAGE,
    OPTION_HEAD,
    OPTION_SIZE,
    OPTION_SCALE,
    OPTION_THEME,
    OPTION_LANG,
    OPTION_MAX_MEMORY,
    OPTION_THREADS,
    OPTION_SCRIPT,
    OPTION_SCREENSHOT,
    OPTION_FIRST_LOOK,
    OPTION_TIME_START,
    OPTION_HELP,
    OPTION_COUNT
};

static const OpenOption OPTIONS[OPTION_COUNT] = {
    {"model", "DIR", "a model's folder, or the name of an installed one (" APP_DEFAULT_MODEL ")"},
    {"prompt", "TEXT", "the text to begin with"},
    {"prompt-file", "F", "the same from a file (- is standard input)"},
    {"set", "KNOB=VALUE", "turns knobs of the first model: residual=off (attnscope help knobs)"},
    {"mask", "MASK", "its self-attention's mask: causal, full, local:W, dilated:W:D, …"},
    {"pad-to", "N", "fills the text up to N tokens with padding, which is masked"},
    {"attention", "KIND", "standard, or flash: in tiles, with the same result (standard)"},
    {"tile", "RxC", "flash: queries × keys of a tile (4x4 in a short text, else 64x64)"},
    {"kv-cache", "on|off", "shows the run as the last step of a generation with a KV cache (off)"},
    {"lesson", "NAME", "begins with this lesson: its name, number, or folder"},
    {"scene", "N", "of the lesson: a scene's number from 1, or its id (where you left it)"},
    {"stage", "NAME", "the stage to begin with, as blocks.0.attn.hook_attn_scores_raw"},
    {"head", "N", "the head in view, from 0"},
    {"size", "WxH", "the window's size, from 640x420 (1280x800)"},
    {"scale", "X", "the scale at the start, from 1 to 4 (found out); Ctrl + and − change it"},
    {"theme", "dark|light", "colours (dark)"},
    {"lang", "en|ko",
     "the window's language (that of ATTNSCOPE_LANG, LC_ALL, LC_MESSAGES or LANG)"},
    {"max-memory", "SIZE",
     "the most that a trace may take; stages beyond are computed when they are looked at: 500M, 2G "
     "(a quarter of what is free)"},
    {"threads", "N", "threads that compute; the numbers stay the same (one a processor)"},
    {"script", "F", "drives the window from a file of commands"},
    {"screenshot", "F.png", "writes a picture of the window, and ends; needs no display"},
    {"first-look", "DIR", "without a display: where the picture and the trace go"},
    {"time-start", NULL, "tells on standard error how long the first frame took"},
    {"help", NULL, "prints this"},
};

void open_options_help(void) {
    printf("usage: attnscope [open] [options]\n\n"
           "Opens the window: type a sentence and watch the model compute it, step by step.\n"
           "Without a display it prints tokens, predictions and a heatmap instead, and writes a\n"
           "picture of the window and the trace.\n\n");
    for (int i = 0; i < OPTION_COUNT; i++) {
        char shape[40];
        snprintf(shape, sizeof shape, "--%s%s%s", OPTIONS[i].name, OPTIONS[i].value ? " " : "",
                 OPTIONS[i].value ? OPTIONS[i].value : "");
        printf("  %-20s  %s\n", shape, OPTIONS[i].help);
    }
}

static bool unknown_option(const char *given, size_t size, Err *err) {
    const char *names[OPTION_COUNT];
    char word[64];
    Buf near = {0};
    snprintf(word, sizeof word, "%.*s", (int)size, given);
    for (int i = 0; i < OPTION_COUNT; i++)
        names[i] = OPTIONS[i].name;
    if (near_names(word, names, OPTION_COUNT, 1, &near))
        err_set(err, "unknown option --%s; did you mean --%s?", word, near.bytes);
    else
        err_set(err, "unknown option --%s", word);
    buf_free(&near);
    return false;
}

/* A whole number from least to most, and nothing else. */
static bool read_whole(const char *name, const char *text, long least, long most, int *value,
                       Err *err) {
    char *end;
    long number = strtol(text, &end, 10);
    if (end == text || *end || number < least || number > most)
        return err_set(err, "--%s %.40s: expected a whole number from %ld to %ld", name, text,
                       least, most);
    *value = (int)number;
    return true;
}

static bool read_scale(const char *text, double *value, Err *err) {
    char *end;
    double number = strtod(text, &end);
    if (end == text || *end || !(number >= 1 && number <= 4))
        return err_set(err, "--scale %.40s: expected a number from 1 to 4", text);
    *value = number;
    return true;
}

static bool read_size(const char *text, OpenOptions *options, Err *err) {
    int width, height, used = 0;
    if (sscanf(text, "%5dx%5d%n", &width, &height, &used) < 2 || text[used] || width < 640 ||
        height < 420 || width > 16384 || height > 16384)
        return err_set(err, "--size %.40s: expected WxH from 640x420 to 16384x16384", text);
    options->width = width;
    options->height = height;
    return true;
}

static bool read_attention(const char *text, AttentionOptions *attention, Err *err) {
    attention->kind = strcmp(text, "flash") == 0 ? ATTENTION_FLASH : ATTENTION_STANDARD;
    return attention->kind == ATTENTION_FLASH || strcmp(text, "standard") == 0 ||
           err_set(err, "--attention %.40s: expected standard or flash", text);
}

static bool read_tile(const char *text, AttentionOptions *attention, Err *err) {
    int rows, columns, used = 0;
    if (sscanf(text, "%5dx%5d%n", &rows, &columns, &used) < 2 || text[used] || rows < 1 ||
        columns < 1 || rows > ATTENTION_TILE_MOST || columns > ATTENTION_TILE_MOST)
        return err_set(err, "--tile %.40s: expected RxC from 1x1 to %dx%d", text,
                       ATTENTION_TILE_MOST, ATTENTION_TILE_MOST);
    attention->tile_rows = (size_t)rows;
    attention->tile_columns = (size_t)columns;
    return true;
}

static bool read_switch(const char *name, const char *text, bool *on, Err *err) {
    *on = strcmp(text, "on") == 0;
    return *on || strcmp(text, "off") == 0 ||
           err_set(err, "--%s %.40s: expected on or off", name, text);
}

static bool read_memory(const char *text, OpenOptions *options, Err *err) {
    uint64_t bytes;
    if (!size_parse(text, &bytes))
        return err_set(err,
                       "--max-memory is \"%.40s\", expected a number of bytes, or one with K, M or "
                       "G behind it",
                       text);
    options->max_bytes = (size_t)bytes;
    return true;
}

static bool read_theme(const char *text, bool *light, Err *err) {
    *light = strcmp(text, "light") == 0;
    return *light || strcmp(text, "dark") == 0 ||
           err_set(err, "--theme %.40s: expected dark or light", text);
}

static bool set_option(int option, const char *value, OpenOptions *options, Err *err) {
    switch (option) {
    case OPTION_MODEL: options->model = value; return true;
    case OPTION_PROMPT: options->prompt = value; return true;
    case OPTION_PROMPT_FILE: options->prompt_file = value; return true;
    case OPTION_SET: options->set = value; return true;
    case OPTION_MASK: options->mask = value; return true;
    case OPTION_PAD_TO: return read_whole("pad-to", value, 1, 4096, &options->pad_to, err);
    case OPTION_ATTENTION: return read_attention(value, &options->attention, err);
    case OPTION_TILE: return read_tile(value, &options->attention, err);
    case OPTION_KV_CACHE: return read_switch("kv-cache", value, &options->cached, err);
    case OPTION_LESSON: options->lesson = value; return true;
    case OPTION_SCENE: options->scene = value; return true;
    case OPTION_STAGE: options->stage = value; return true;
    case OPTION_SCRIPT: options->script = value; return true;
    case OPTION_SCREENSHOT: options->screenshot = value; return true;
    case OPTION_FIRST_LOOK: options->first_look = value; return true;
    case OPTION_HEAD: return read_whole("head", value, 0, 65535, &options->head, err);
    case OPTION_MAX_MEMORY: return read_memory(value, options, err);
    case OPTION_THREADS: return read_whole("threads", value, 1, 1024, &options->threads, err);
    case OPTION_SCALE: return read_scale(value, &options->scale, err);
    case OPTION_SIZE: return read_size(value, options, err);
    case OPTION_THEME: return read_theme(value, &options->light, err);
    case OPTION_LANG: return lang_parse(value, &options->lang, err) || err_prefix(err, "--lang");
    case OPTION_TIME_START: options->time_start = true; return true;
    default: options->help = true; return true;
    }
}

static int find_option(const char *name, size_t size) {
    for (int i = 0; i < OPTION_COUNT; i++)
        if (strlen(OPTIONS[i].name) == size && memcmp(OPTIONS[i].name, name, size) == 0)
            return i;
    return -1;
}

/* "--name value", "--name=value"; *at goes to the last word that was used. */
static bool read_option(int argc, char **argv, int *at, OpenOptions *options, Err *err) {
    const char *word = argv[*at];
    if (strcmp(word, "-h") == 0)
        word = "--help";
    if (strncmp(word, "--", 2) != 0)
        return err_set(err, "%.60s: expected an option, as --prompt", word);
    const char *equals = strchr(word, '=');
    size_t size = equals ? (size_t)(equals - word - 2) : strlen(word + 2);
    int option = find_option(word + 2, size);
    if (option < 0)
        return unknown_option(word + 2, size, err);
    if (!OPTIONS[option].value)
        return equals ? err_set(err, "--%s takes no value", OPTIONS[option].name)
                      : set_option(option, NULL, options, err);
    if (!equals && *at + 1 >= argc)
        return err_set(err, "--%s needs a value: --%s %s", OPTIONS[option].name,
                       OPTIONS[option].name, OPTIONS[option].value);
    return set_option(option, equals ? equals + 1 : argv[++*at], options, err);
}

bool open_options_read(int argc, char **argv, OpenOptions *options, Err *err) {
    MemoryFrom from;
    *options = (OpenOptions){.model = APP_DEFAULT_MODEL,
                             .head = -1,
                             .threads = thread_count(),
                             .lang = lang_of_environment(),
                             .max_bytes = memory_budget(&from),
                             .first_look = APP_FIRST_LOOK};
    for (int at = 0; at < argc; at++)
        if (!read_option(argc, argv, &at, options, err))
            return false;
    if (options->scene && !options->lesson)
        return err_set(err, "--scene needs a lesson: --lesson NAME");
    return !(options->prompt && options->prompt_file) ||
           err_set(err, "--prompt and --prompt-file both give the text: give one of them");
}
