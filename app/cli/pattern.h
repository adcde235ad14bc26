/* pattern: a mask at a length: what was counted and measured of it, how it is printed and drawn. */
#ifndef CLI_PATTERN_H
#define CLI_PATTERN_H

#include "app/cli/options.h"
#include "engine/run/head.h"
#include "engine/run/pattern.h"

/* What is measured beside each other. */
enum { PATTERN_OWN, PATTERN_CAUSAL, PATTERN_FULL, PATTERN_MASKS };

/* One head, run under one mask by one algorithm. */
typedef struct {
    const char *name; /* of the mask */
    HeadSetup setup;
    HeadCost cost;                      /* `ms` is the least of the runs */
    bool left_out, too_large, too_long; /* it was not run, and why */
} PatternRun;
enum { PATTERN_RUNS_MOST = 2 * PATTERN_MASKS };

typedef struct {
    Arena arena;
    size_t n, layers;
    const MaskParams *mask; /* [layers], the lowest first */
    const MaskParams *top;  /* of the highest layer, which the picture shows */
    const char *name;       /* "local:8, causal" */
    bool own;               /* it is neither plain causal nor full */
    const char
        *layer_names; /* "layer 0: causal; layers 1 to 3: local:8, causal"; NULL: all are alike */
    double cells, causal_cells, full_cells;
    AttentionOptions flash; /* its tile */
    PatternReach *reach;    /* [layers] */
    size_t needed;          /* layers for position 0 to reach the last token; 0: it never does */
    PatternRun run[PATTERN_RUNS_MOST];
    size_t runs, rounds;
    int threads;
} Pattern;

/* How far the formula says that l layers reach back: l · (W − 1) · D. False for masks without one. */
bool pattern_formula(const Pattern *pattern, size_t layers, size_t *back);

void pattern_print(Pattern *pattern);
void pattern_print_json(const Pattern *pattern);
/* A picture with axes and what was counted. */
bool pattern_paint(Pattern *pattern, const char *path, CliPaint *paint, Err *err);

#endif
