/* fonts_find: which files stand behind a role, and where they are on this machine. */
#ifndef SDL_FONTS_FIND_H
#define SDL_FONTS_FIND_H

#include "app/ui/text.h"

typedef enum {
    FILE_INTER,
    FILE_INTER_BOLD,
    FILE_JETBRAINS,
    FILE_JETBRAINS_BOLD,
    FILE_STIX,
    FILE_STIX_ITALIC,
    FILE_NANUM,
    FILE_NANUM_BOLD,
    FILE_NANUM_CODING,
    FILE_DEJAVU,
    FILE_DEJAVU_BOLD,
    FILE_DEJAVU_MONO,
    FILE_DEJAVU_MONO_BOLD,
    FILE_SYMBOLS, /* emoji and signs in one colour, where one of these is installed */
    FILE_EMOJI,
    FILE_SYMBOLA,
    FONT_FILE_COUNT
} FontFile;

enum { FONT_CHAIN_MOST = 8 };

/* The files of a role, the best first: a character is taken from the first that has it. */
int fonts_chain(FontRole role, FontFile chain[FONT_CHAIN_MOST]);

/* The path of a file; false if this machine has neither it nor its family. */
bool fonts_find(FontFile file, char *path, size_t size);

#endif
