/* attention_count: what attention on an input reads, writes and computes, in the standard way and in
 * tiles. Of flash attention the tile loop counts as it runs on the input's own queries, keys and
 * values; of standard attention each stage's operation says what it reads and writes (op_cost). */
#ifndef RUN_ATTENTION_COUNT_H
#define RUN_ATTENTION_COUNT_H

#include "engine/run/run.h"
#include "engine/tensor/flash.h"

typedef struct {
    double bytes_read, bytes_written, flops;
    size_t extra_bytes; /* beside q, k, v and the result */
} AttentionWork;

/* Summed over all layers, heads, and self- and cross-attention. */
typedef struct {
    size_t heads;          /* how many were summed */
    size_t d_head;         /* of one */
    size_t rows, columns;  /* of a tile: queries × keys */
    size_t tiles, skipped; /* computed; emptied by the mask */
    AttentionWork flash;   /* extra: of one thread, one head at a time */
    AttentionWork
        standard;         /* extra: the two largest matrices of all heads that are there at once */
    double fast_floats;   /* M of the formulas: fast memory that was chosen, or what a tile takes */
    double flash_formula; /* bytes: N² d² ÷ M floats a head … */
    double standard_formula; /* … and N d + N²: Dao et al. 2022, Theorem 2, without its constants */
} AttentionCounts;

/* Runs the model as the options say, in tiles and with their stages alone. False with a message where
 * run_trace has one, and where flash attention can't be. */
bool attention_count(const Model *model, const RunText *text, const RunOptions *options,
                     AttentionCounts *counts, Err *err);

#endif
