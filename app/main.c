/* Attnscope: `attnscope` alone, with options or with `open` opens the window; the other words are
 * commands without one (app/cli). */
#include "app/cli/cli.h"
#include "app/open.h"
#include "app/picture.h"
#include "engine/tensor/isa.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool is_option_of_open(const char *word) {
    return word[0] == '-' && strcmp(word, "--help") != 0 && strcmp(word, "-h") != 0 &&
           strcmp(word, "--version") != 0;
}

/* `lesson run NAME …` in the window: `open --lesson NAME …`. With --text it is one of the terminal. */
static bool is_lesson_in_window(int argc, char **argv) {
    bool run = argc >= 4 && strcmp(argv[1], "lesson") == 0 && strcmp(argv[2], "run") == 0;
    for (int i = 3; run && i < argc; i++)
        run = strcmp(argv[i], "--text") != 0 && strcmp(argv[i], "--help") != 0;
    return run && argv[3][0] != '-';
}

static int open_lesson(int argc, char **argv) {
    argv[2] = (char[]){"--lesson"};
    return open_main(argc - 2, argv + 2);
}

int main(int argc, char **argv) {
    Err err;
    if (!isa_choose_from_environment(&err)) {
        fprintf(stderr, "attnscope: %s\n", err.text);
        return 2;
    }
    if (argc < 2)
        return open_main(0, NULL);
    if (strcmp(argv[1], "open") == 0)
        return open_main(argc - 2, argv + 2);
    if (is_lesson_in_window(argc, argv))
        return open_lesson(argc, argv);
    if (is_option_of_open(argv[1]))
        return open_main(argc - 1, argv + 1);
    return cli_main(argc, argv, picture_save);
}
