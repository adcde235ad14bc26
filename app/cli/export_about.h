/* export_about: what an exported file says of its origin, as the command line had it. */
#ifndef CLI_EXPORT_ABOUT_H
#define CLI_EXPORT_ABOUT_H

#include "app/cli/input.h"
#include "app/export/about.h"

/* `record` and `head` are the caller's. Texts lie in the arena, or are the input's. */
ExportAbout export_about(const CliInput *input, const Options *options, Arena *arena);

/* The whole command line that makes such a file again: the prompt as text, the file called
 * figure.svg (or as the output's name ends); not what changes no byte. */
const char *export_command(const CliInput *input, const Options *options, const char *command,
                           Arena *arena);

#endif
