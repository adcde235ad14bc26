#include "app/cli/export_about.h"

#include "app/cli/command.h"
#include "engine/base/utf8.h"

#include <string.h>

/* What changes the numbers, but for model and prompt. */
#define OF_NUMBERS                                                                                 \
    ((TAKES_INPUT | TAKES_SAMPLE | TAKES_ATTENTION) &                                              \
     ~(OPT(MODEL) | OPT(PROMPT) | OPT(PROMPT_FILE)))

static const char *options_text(const Options *options, Arena *arena) {
    Buf text = {0};
    for (int id = 0; id < OPT_COUNT; id++) {
        if (!(OF_NUMBERS >> id & 1) || !option_given(options, (OptId)id))
            continue;
        buf_printf(&text, text.size ? " --%s" : "--%s", option_name((OptId)id));
        if (*option_text(options, (OptId)id, "")) {
            buf_char(&text, ' ');
            about_word(&text, option_text(options, (OptId)id, ""));
        }
    }
    const char *copy = arena_copy_text(arena, buf_cstr(&text));
    buf_free(&text);
    return copy;
}

/* A prompt is any bytes, and a C text ends at a NUL: each is shown as what can't be shown is. */
static const char *prompt_text(const CliInput *input, Arena *arena) {
    if (!input->prompt)
        return NULL;
    Buf text = {0};
    for (size_t i = 0; i < input->prompt_size; i++)
        if (input->prompt[i])
            buf_char(&text, input->prompt[i]);
        else
            buf_text(&text, UTF8_REPLACEMENT);
    const char *copy = arena_copy_text(arena, buf_cstr(&text));
    buf_free(&text);
    return copy;
}

ExportAbout export_about(const CliInput *input, const Options *options, Arena *arena) {
    return (ExportAbout){.version = ATTNSCOPE_VERSION,
                         .model = input->model->name,
                         .prompt = prompt_text(input, arena),
                         .options = options_text(options, arena)};
}

static const char *value_of(const CliInput *input, const Options *options, OptId id, Arena *arena) {
    const char *path = option_text(options, OPT_OUTPUT, ""), *dot = strrchr(path, '.');
    if (id == OPT_OUTPUT)
        return arena_printf(arena, "figure%s", dot ? dot : "");
    return id == OPT_PROMPT ? prompt_text(input, arena) : option_text(options, id, "");
}

const char *export_command(const CliInput *input, const Options *options, const char *command,
                           Arena *arena) {
    const OptSet left_out = OPT(PROMPT_FILE) | OPT(THREADS) | OPT(MAX_MEMORY);
    Buf text = {0};
    buf_printf(&text, "attnscope %s %s", command, options->operand);
    for (int id = 0; id < OPT_COUNT; id++) {
        bool given = option_given(options, (OptId)id) || (id == OPT_PROMPT && input->prompt);
        if (!given || left_out >> id & 1)
            continue;
        buf_printf(&text, " --%s ", option_name((OptId)id));
        about_word(&text, value_of(input, options, (OptId)id, arena));
    }
    const char *copy = arena_copy_text(arena, buf_cstr(&text));
    buf_free(&text);
    return copy;
}
