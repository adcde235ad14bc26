/* flash: exact attention of one head in tiles, without a matrix of all queries by all keys.
 *
 * The scores of a tile (a block of queries × a block of keys) are made, used and forgotten. What a
 * row has to know of the tiles before is little: the largest score m, the sum ℓ of e^(s − m), and the
 * sum of the values, each times its e^(s − m), not yet divided. Where a tile brings a larger m, what
 * was summed is multiplied by e^(m_old − m_new): the online softmax (Milakov and Gimelshein 2018). The
 * loop is Algorithm 1 of Dao 2023, "FlashAttention-2": query blocks outside, key blocks inside. A tile
 * that the mask empties is skipped.
 *
 * A row's bits depend on the tile's columns alone: not on its rows, on where the rows are cut, on
 * threads, or on how many masked keys lie behind. Working memory is taken for the call. */
#ifndef TENSOR_FLASH_H
#define TENSOR_FLASH_H

#include <stdbool.h>
#include <stddef.h>

/* Counted by the loop as it goes. Slow memory is where q, k, v and the result lie; a tile's scores
 * and the running sums stay in fast memory. */
typedef struct {
    size_t tiles, skipped;
    double bytes_read, bytes_written; /* from and to slow memory */
    double flops;       /* each addition, multiplication, division, comparison and exp counts one */
    size_t extra_bytes; /* of working memory, for one thread */
} FlashCount;

/* Queries q0 ≤ i < q1, keys k0 ≤ j < k1, both in the whole text. */
typedef struct {
    size_t q0, q1, k0, k1;
} FlashTile;

/* What the loop lets be seen, for each pointer that is not NULL. K blocks of keys, N queries, T keys;
 * what is said of a key block is how things stand after it. */
typedef struct {
    float *scores;  /* [N T] scaled, biased, masked; −∞ where masked and in skipped tiles */
    float *weights; /* [N T] e^(s − m) with the m after its own tile; not divided */
    float *max;     /* [K N] m; −∞ before anything was seen */
    float *rescale; /* [K N] e^(m_old − m_new); 0 before anything was seen */
    float *sum;     /* [K N] ℓ */
    float *acc;     /* [K N D] the weighted sum of the values, not divided */
    size_t keys, blocks; /* T and K */
    size_t block_row;    /* floats from one key block to the next of max, rescale and sum … */
    size_t acc_row;      /* … and of acc; its rows are D apart */
} FlashRecords;

/* One head. Row i of q is at q + i × q_row, and so for the others; D numbers each lie side by side.
 * `v` may be NULL where neither a result nor `acc` is wanted, `z` where no result is. */
typedef struct {
    const float *q, *k, *v;
    float *z;
    size_t q_row, k_row, v_row, z_row;
    size_t keys, D; /* keys that are known yet */
    float scale;    /* each query is multiplied by it */
    size_t tile_rows, tile_columns;

    /* The mask and the position bias are the caller's. */
    const void *user;
    bool (*empty)(const void *user, FlashTile tile); /* whether all of it is masked */
    /* Adds the bias, and sets what is masked to −∞; rows of the tile are `row` apart. */
    void (*adjust)(const void *user, FlashTile tile, float *scores, size_t row);
    bool biased; /* for the count */

    const FlashRecords *records; /* NULL: none */
    FlashCount *count;           /* is added to; NULL: nothing is counted */
} FlashHead;

/* Rows [first, last) of the result. A query that sees no key gets zeros. */
void flash_head(const FlashHead *head, size_t first, size_t last);

/* The tile that serves where none is chosen: 64 × 64, of wide heads fewer rows. Measured. */
void flash_default_tile(size_t D, size_t *rows, size_t *columns);
/* The tile that Dao et al. 2022 take for a fast memory of so many bytes, M floats (Algorithm 1):
 * ⌈M ÷ 4d⌉ keys, and as many queries, but no more than d. */
void flash_tile_for(size_t fast_bytes, size_t D, size_t *rows, size_t *columns);
/* Bytes of working memory of a call; of one with fewer rows or keys than a tile has, those count. */
size_t flash_extra_bytes(size_t D, size_t tile_rows, size_t tile_columns);

/* The work of `tiles` tiles of the same queries, `columns` keys together, and of beginning and ending a
 * block of queries, as the loop counts it. */
typedef struct {
    size_t D;
    bool biased; /* a position bias is added */
    bool values; /* they are summed; not so for records of the scores alone */
} FlashWork;
void flash_count_tiles(FlashCount *count, FlashWork work, size_t tiles, size_t rows,
                       size_t columns);
void flash_count_block(FlashCount *count, FlashWork work, size_t rows);

#endif
