/* The words of a figure. */
#include "app/views/words.h"

#include <string.h>

enum { PROMPT_MOST = 200 }; /* bytes */

/* At a character's end. */
static const char *shorten(Arena *arena, const char *prompt) {
    size_t size = strlen(prompt);
    if (size <= PROMPT_MOST)
        return prompt;
    size_t end = text_previous_grapheme(prompt, size, PROMPT_MOST);
    return arena_printf(arena, "%.*s…", (int)end, prompt);
}

/* A line is broken between the parts, not inside of one. */
static const char *keep_together(Arena *arena, const char *part) {
    Buf out = {0};
    for (; *part; part++)
        buf_add(&out, *part == ' ' ? "\u00A0" : part, *part == ' ' ? 2 : 1);
    const char *text = arena_copy_text(arena, buf_cstr(&out));
    buf_free(&out);
    return text;
}

static const char *join(Arena *arena, const char *before, const char *part) {
    return arena_printf(arena, "%s\u00A0· %s", before, part);
}

const char *word_figure(Arena *arena, const Node *node, const char *record, const char *model,
                        const char *prompt, long head) {
    bool one = strcmp(record, node->name) == 0;
    const char *text = model;
    if (prompt)
        text = join(arena, text, WORD_WITH(arena, WORD_FIGURE_PROMPT, shorten(arena, prompt)));
    if (one && node->layer >= 0)
        text = join(arena, text, keep_together(arena, word_block(arena, node, false)));
    if (one && head >= 0)
        text = join(arena, text,
                    keep_together(arena, WORD_WITH(arena, WORD_HEAD, text_count(arena, head))));
    return join(arena, text, record);
}
