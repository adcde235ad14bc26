/* export_data: `attnscope export data`: one record, or one head of it, as CSV, NPY, JSON or
 * safetensors. */
#ifndef CLI_EXPORT_DATA_H
#define CLI_EXPORT_DATA_H

#include "app/cli/command.h"

#define TAKES_EXPORT_DATA                                                                          \
    (TAKES_INPUT | TAKES_SAMPLE | TAKES_ATTENTION | OPT(RECORD) | OPT(HEAD) | OPT(OUTPUT) |        \
     OPT(MAX_MEMORY) | OPT(THREADS))

/* --record, --output and its ending, before anything runs. */
bool export_data_check(const Options *options, Err *err);
bool export_data(const Options *options, Err *err);

#endif
