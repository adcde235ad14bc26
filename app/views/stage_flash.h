/* stage_flash: what the two halves of the picture of tiles share. Private to the stage.
 *
 * At the left the scores (or weights) of all queries × keys with the grid of tiles; at the right, for
 * the block of queries in hand, what the loop holds of each row before and after the tile; below it
 * the sentence that works one row out. */
#ifndef VIEWS_STAGE_FLASH_H
#define VIEWS_STAGE_FLASH_H

#include "app/views/common_tiles.h"
#include "app/views/stage_part.h"

typedef struct {
    Stage *stage;
    Tiles tiles;
    bool begun;   /* a tile or a division is in hand: */
    TileBox box;  /* … this one */
    bool divides; /* it is the division */
    bool all;     /* … of all queries, for all is done */
    bool skipped; /* it is a tile that the mask empties */
    size_t row;   /* the query in hand, one of the box */
} FlashView;

/* A cell of a record, of the head in view. */
double flash_cell(const FlashView *view, TileRecord record, const size_t *index);
/* The pointer is on a cell of a record, or it was clicked. */
void flash_point(const FlashView *view, int node, const size_t *index, bool clicked);
/* A cell is the one in hand. */
bool flash_in_hand(const FlashView *view, int node, const size_t *index);

/* Rows of m, factor, ℓ and the sums of the box's queries; returns the y below them. */
int flash_rows(const FlashView *view, Rect area);
/* The row in hand in numbers: "ℓ: 1.83 · 0.42 + 2.10 = 2.87". */
void flash_sentence(const FlashView *view, Rect area);

#endif
