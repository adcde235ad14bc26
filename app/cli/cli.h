/* cli: the command line. Everything that the window does, without a screen.
 *
 * A command is a row of data (command.h) and one file, cmd_NAME.c. What is printed goes to standard
 * output; errors go to standard error, one line "attnscope: message", and then nothing was printed
 * (but for a text that was already streaming). */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "app/cli/paint.h"

enum { CLI_DONE = 0, CLI_FAILED = 1, CLI_USAGE = 2 }; /* exit statuses */

/* Runs argv[1], any command but `open`, and returns the exit status. argc is at least 2. Pictures are
 * drawn by `paint`. */
int cli_main(int argc, char **argv, CliPaint *paint);

#endif
