/* compare: two runs of one input and their difference, and how they are printed. */
#ifndef CLI_COMPARE_H
#define CLI_COMPARE_H

#include "app/cli/input.h"
#include "app/cli/side.h"
#include "engine/run/run.h"
#include "engine/trace/plan.h"
#include "engine/trace/trace_diff.h"

enum { LEFT, RIGHT, SIDES };

typedef struct {
    Side side;
    CliInput input;
    Graph graph; /* what run_trace builds and plans, for what it takes */
    Plan plan;
    const char *globs; /* the records that this run is asked for */
    RunMemory memory;
    Trace *trace;  /* of the last run */
    double ms;     /* the least of all the runs */
    bool by_token; /* kv-cache=on: token by token, instead of all at once */
    RunCost cost;
    size_t tiles, skipped; /* of flash attention, all heads and layers */
    size_t tile_bytes;     /* its working memory for one thread */
} ComparedRun;

typedef struct {
    Arena arena;
    ComparedRun run[SIDES];
    const char *globs; /* the records that are shown */
    size_t runs;
    TraceDiff diff;
    bool seen; /* of pairs of tokens only those are compared of which one sees the other */
} Compared;

/* The notes of the left side, and those of the right that the left does not have. */
void compare_tell_notes(Compared *compared);
void compare_print(Compared *compared);
void compare_print_json(Compared *compared);

#endif
