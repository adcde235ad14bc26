#include "app/cli/export_about.h"

#include "app/cli/command.h"
#include "engine/base/utf8.h"

#include <string.h>

/* What changes the numbers, but for model and prompt. */
#define OF_NUMBERS                                                                                 \
    ((TAKES_INPUT | TAKES_SAMPLE | TAKES_ATTENTION) &                                              \
     ~(OPT(MODEL) | OPT(PROMPT) | OPT(PROMPT_FILE)))

/* As a shell reads it. */
static void add_word(Buf *text, const char *word) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-.,:=/+@%";
    if (*word && !word[strspn(word, plain)]) {
        buf_text(text, word);
        return;
    }
    buf_char(text, '\'');
    for (; *word; word++)
        if (*word == '\'')
            buf_text(text, "'\\''");
        else
            buf_char(text, *word);
    buf_char(text, '\'');
}

static const char *options_text(const Options *options, Arena *arena) {
    Buf text = {0};
    for (int id = 0; id < OPT_COUNT; id++) {
        if (!(OF_NUMBERS >> id & 1) || !option_given(options, (OptId)id))
            continue;
        buf_printf(&text, text.size ? " --%s" : "--%s", option_name((OptId)id));
        if (*option_text(options, (OptId)id, "")) {
            buf_char(&text, ' ');
            add_word(&text, option_text(options, (OptId)id, ""));
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
