/* export_figure: `attnscope export heatmap|grid|lines`: a record as a figure, in PNG, SVG or PDF. */
#ifndef CLI_EXPORT_FIGURE_H
#define CLI_EXPORT_FIGURE_H

#include "app/cli/command.h"

#define OF_EXPORT_FIGURE                                                                           \
    (OPT(STAGE) | OPT(TITLE) | OPT(CAPTION) | OPT(LAYOUT) | OPT(WIDTH) | OPT(THEME) | OPT(SCALE) | \
     OPT(LANG))
#define TAKES_EXPORT_FIGURE                                                                        \
    (TAKES_INPUT | TAKES_ATTENTION | OPT(HEAD) | OPT(OUTPUT) | OPT(MAX_MEMORY) | OPT(THREADS) |    \
     OF_EXPORT_FIGURE)

/* --stage, --output and its ending, and how the figure is laid out, before anything runs. Which
 * figure is the operand. */
bool export_figure_check(const Options *options, Err *err);
bool export_figure(const Options *options, Err *err);

#endif
