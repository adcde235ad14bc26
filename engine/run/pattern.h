/* pattern: what a mask saves, and what it costs, counted at any length without an n × n table.
 *
 * A query's keys are one run of equal steps and a few global positions, so that a row is counted in
 * closed form. Reach: a token of the last layer is influenced by the keys it sees in that layer, these
 * by the keys they see in the layer below, and so on; the residual stream keeps each token among
 * those that influence it. What is reached is a set of positions (a bit each), found from the masks
 * alone: it says where information *can* come from, not how much does (that is reach.h). */
#ifndef RUN_PATTERN_H
#define RUN_PATTERN_H

#include "engine/base/arena.h"
#include "engine/ops/op.h"

/* The keys that a query sees: first, first + step … below end, and the globals, none twice. */
typedef struct {
    size_t first, end, step; /* step ≥ 1; first ≥ end: none */
    int globals;
    size_t global[MASK_GLOBALS];
} PatternRow;

void pattern_row(const MaskParams *mask, size_t n, size_t query, PatternRow *row);
size_t pattern_row_count(const PatternRow *row);

/* Cells that are seen, of n × n. */
double pattern_cells(const MaskParams *mask, size_t n);

/* Tiles of `rows` queries × `columns` keys: all, and those that hold no cell that is seen. */
typedef struct {
    double all, empty;
} PatternTiles;
PatternTiles pattern_tiles(const MaskParams *mask, size_t n, size_t rows, size_t columns);

/* The picture: block (r, c) of a grid of rows × columns covers the queries [r·n ÷ rows, (r + 1)·n ÷ rows)
 * and the keys of the like cut; `share` [rows columns] receives how much of it is seen, 0 … 1. rows
 * and columns from 1 to n. */
void pattern_shares(const MaskParams *mask, size_t n, size_t rows, size_t columns, float *share);

/* What can reach the last token (the last real one, where there is padding). */
typedef struct {
    size_t farthest; /* the earliest position, after this many layers */
    size_t count;    /* positions, itself among them */
} PatternReach;

/* `mask` is that of each of `layers` layers, the lowest first. Fills reach[0 … layers): after 1, 2 …
 * layers, counted from the top. Returns the fewest layers through which position 0 reaches the last
 * token; more than there are are taken to be like the lowest. 0: it never does. Takes 3 bits a
 * position, and at most one visit a position and layer with another mask. */
size_t pattern_reach(const MaskParams *mask, size_t layers, size_t n, PatternReach *reach);

#endif
