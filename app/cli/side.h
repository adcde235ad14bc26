/* side: the switches of one side of a comparison, "threads=1,norm=rms": options that are put over
 * those of the command line, and knobs of the model behind those of --set. */
#ifndef CLI_SIDE_H
#define CLI_SIDE_H

#include "app/cli/options.h"

typedef struct {
    const char *name; /* "left", "right" */
    const char *text; /* the switches as given; "" where there are none */
    const char *isa;  /* the instruction set */
    Options options;
} Side;

/* `which` is OPT_LEFT or OPT_RIGHT. Names of options and of knobs are checked, and the options'
 * values; a knob's value is the model's business. What it makes lies in `arena`. */
bool side_read(const Options *options, OptId which, Arena *arena, Side *side, Err *err);

#endif
