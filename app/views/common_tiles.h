/* common_tiles: flash attention as the views see it. What stands in the graph as seven nodes, the result
 * hook_z and six records of the loop's insides for one head, is one stage of the walk: its small steps
 * are those of the result, for each block of queries its tiles and then the division.
 *
 * Functions of the graph alone: nothing here reads a value. */
#ifndef VIEWS_COMMON_TILES_H
#define VIEWS_COMMON_TILES_H

#include "engine/trace/graph.h"

/* The records, in the graph's order; scores and weights are [query key], the others [key block query]
 * and acc has d_head behind. */
typedef enum {
    TILE_SCORES,
    TILE_MAX,
    TILE_RESCALE,
    TILE_WEIGHTS,
    TILE_SUM,
    TILE_ACC,
    TILE_RECORDS
} TileRecord;

typedef struct {
    int z;                    /* the node of the result */
    int record[TILE_RECORDS]; /* the nodes of the records */
    size_t rows, columns;     /* of a tile: queries × keys */
    size_t queries, keys;
    size_t row_blocks, key_blocks;
    const MaskParams *mask;
} Tiles;

/* Which record it is; -1: it is none. */
int tile_record(const Node *node);
/* Of the result or of any of the records; false: `node` is none of them. */
bool tiles_of(const Graph *graph, int node, Tiles *tiles);

/* A tile by its blocks; a step past the last key block is the division. */
typedef struct {
    size_t a, b; /* block of queries, of keys; b = key_blocks: the division */
    size_t q0, q1, k0, k1;
} TileBox;
size_t tiles_steps(const Tiles *tiles);
/* What step `number`, from 0, is about; and the step of a tile. */
TileBox tiles_step(const Tiles *tiles, size_t number);
size_t tiles_number(const Tiles *tiles, size_t a, size_t b);
/* In which step a record's cell is written. */
size_t tiles_step_of_cell(const Tiles *tiles, TileRecord record, const size_t *index);
/* The mask empties it. */
bool tiles_skipped(const Tiles *tiles, const TileBox *box);

#endif
