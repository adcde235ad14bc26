/* about: what a file that leaves the program says of its origin: which numbers, of which model and
 * prompt, made how and by which version. Enough to make the file again. */
#ifndef EXPORT_ABOUT_H
#define EXPORT_ABOUT_H

#include "engine/base/arena.h"
#include "engine/base/buf.h"

#include <stdbool.h>
#include <stddef.h>

/* All UTF-8 without a NUL. What is NULL is left out. */
typedef struct {
    const char *version; /* of the program: "0.1.0" */
    const char *model;
    const char *prompt;  /* NULL where there is none (token ids are an option) */
    const char *options; /* the rest of the command line, for a shell: "--set norm=rms"; "": none */
    const char *record;
    const char *head; /* "1"; NULL: all of them */
} ExportAbout;

typedef struct {
    const char *key, *value;
} AboutField;
enum { ABOUT_FIELDS = 6 };

/* The fields that there are, in the same order always. The first is `attnscope`, the version. */
size_t about_fields(const ExportAbout *about, AboutField field[ABOUT_FIELDS]);

/* Appends {"attnscope": "0.1.0", "model": "story", …}. */
void about_json(const ExportAbout *about, Buf *json);

/* The same with prompt and options cut at `most` bytes each ("…" then stands at their end), and in
 * ASCII alone: what is not becomes \uXXXX. For places that have little room, or no UTF-8. */
void about_json_ascii(const ExportAbout *about, size_t most, Buf *json);

/* Appends a word of a command line as a shell reads it, in quotes where it must be. */
void about_word(Buf *text, const char *word);

#endif
