#include "engine/tensor/flash.h"

#include "engine/base/arena.h"

#include <math.h>
#include <string.h>

enum { LANES = 16 }; /* scores of a row are padded to a multiple of it */

/* What lies in fast memory: a tile's keys turned [D C], its scores [R C], and of each row the running
 * maximum, sum, factor, and weighted sum [R D]. */
typedef struct {
    float *panel, *scores, *max, *sum, *rescale, *acc;
    size_t width; /* C, padded */
} Scratch;

static size_t padded(size_t columns) {
    return (columns + LANES - 1) / LANES * LANES;
}

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

static Scratch scratch_take(const FlashHead *head, size_t rows, Arena *arena) {
    size_t width = padded(smaller(head->tile_columns, head->keys));
    return (Scratch){.width = width,
                     .panel = ARENA_NEW_N(arena, float, head->D *width),
                     .scores = ARENA_NEW_N(arena, float, rows *width),
                     .max = ARENA_NEW_N(arena, float, rows),
                     .sum = ARENA_NEW_N(arena, float, rows),
                     .rescale = ARENA_NEW_N(arena, float, rows),
                     .acc = ARENA_NEW_N(arena, float, rows * head->D)};
}

/* ---- one tile ---- */

/* Kᵀ of the tile; columns behind the last key are zeros. */
static void turn_keys(const FlashHead *head, const Scratch *s, FlashTile tile) {
    for (size_t d = 0; d < head->D; d++) {
        float *line = s->panel + d * s->width;
        for (size_t j = 0; j < s->width; j++)
            line[j] = tile.k0 + j < tile.k1 ? head->k[(tile.k0 + j) * head->k_row + d] : 0;
    }
}

/* S = Q Kᵀ · scale, each in the order of d. */
static void make_scores(const FlashHead *head, const Scratch *s, FlashTile tile) {
    for (size_t i = tile.q0; i < tile.q1; i++) {
        float *row = s->scores + (i - tile.q0) * s->width;
        memset(row, 0, s->width * sizeof *row);
        for (size_t d = 0; d < head->D; d++)
            for (size_t j = 0; j < s->width; j++)
                row[j] += head->q[i * head->q_row + d] * s->panel[d * s->width + j];
        for (size_t j = 0; j < s->width; j++)
            row[j] = tile.k0 + j < tile.k1 ? row[j] * head->scale : -INFINITY;
    }
}

/* Of one row: the new maximum, the factor for what was summed under the old one, and the weights in
 * the scores' place. Sums run in lanes, so that masked keys behind change no bit. */
static void soften_row(const Scratch *s, size_t r) {
    float *row = s->scores + r * s->width, old = s->max[r], max = old, lane[LANES] = {0};
    for (size_t j = 0; j < s->width; j++)
        max = row[j] > max ? row[j] : max;
    bool seen = max != -INFINITY;
    for (size_t j = 0; j < s->width; j += LANES)
        for (size_t l = 0; l < LANES; l++) {
            row[j + l] = seen ? expf(row[j + l] - max) : 0;
            lane[l] += row[j + l];
        }
    for (size_t half = LANES / 2; half > 0; half /= 2)
        for (size_t l = 0; l < half; l++)
            lane[l] += lane[l + half];
    s->max[r] = max;
    s->rescale[r] = old == -INFINITY ? 0 : expf(old - max);
    s->sum[r] = s->rescale[r] * s->sum[r] + lane[0];
}

static void soften(const Scratch *s, FlashTile tile) {
    for (size_t r = 0; r < tile.q1 - tile.q0; r++)
        soften_row(s, r);
}

/* acc = rescale · acc + P V, each in the order of the keys. */
static void add_values(const FlashHead *head, const Scratch *s, FlashTile tile) {
    for (size_t r = 0; r < tile.q1 - tile.q0; r++) {
        float *acc = s->acc + r * head->D;
        for (size_t d = 0; d < head->D; d++)
            acc[d] *= s->rescale[r];
        for (size_t j = 0; j < tile.k1 - tile.k0; j++) {
            float weight = s->scores[r * s->width + j];
            const float *v = head->v + (tile.k0 + j) * head->v_row;
            for (size_t d = 0; d < head->D; d++)
                acc[d] += weight * v[d];
        }
    }
}

/* ---- what the loop lets be seen ---- */

/* The tile's cells into a record [N T]; `from` NULL: `otherwise` in all of them. */
static void note_cells(float *to, const FlashHead *head, const Scratch *s, FlashTile tile,
                       const float *from, float otherwise) {
    for (size_t i = tile.q0; to && i < tile.q1; i++)
        for (size_t j = tile.k0; j < tile.k1; j++)
            to[i * head->records->keys + j] = from ? from[(i - tile.q0) * s->width + j - tile.k0]
                                                   : otherwise;
}

static void note_scores(const FlashHead *head, const Scratch *s, FlashTile tile) {
    if (head->records)
        note_cells(head->records->scores, head, s, tile, s->scores, 0);
}

/* How the rows stand after key block b. */
static void note_rows(const FlashHead *head, const Scratch *s, size_t q0, size_t q1, size_t b) {
    const FlashRecords *to = head->records;
    for (size_t i = q0; i < q1; i++) {
        size_t at = b * to->queries + i, r = i - q0;
        if (to->max)
            to->max[at] = s->max[r];
        if (to->rescale)
            to->rescale[at] = s->rescale[r];
        if (to->sum)
            to->sum[at] = s->sum[r];
        if (to->acc)
            memcpy(to->acc + at * head->D, s->acc + r * head->D, head->D * sizeof(float));
    }
}

static void note_tile(const FlashHead *head, const Scratch *s, FlashTile tile) {
    if (!head->records)
        return;
    note_cells(head->records->weights, head, s, tile, s->scores, 0);
    note_rows(head, s, tile.q0, tile.q1, tile.k0 / head->tile_columns);
}

/* Nothing was computed: the rows stand as they stood. */
static void note_skipped(const FlashHead *head, const Scratch *s, FlashTile tile) {
    if (!head->records)
        return;
    note_cells(head->records->scores, head, s, tile, NULL, -INFINITY);
    note_cells(head->records->weights, head, s, tile, NULL, 0);
    for (size_t r = 0; r < tile.q1 - tile.q0; r++)
        s->rescale[r] = s->max[r] == -INFINITY ? 0 : 1;
    note_rows(head, s, tile.q0, tile.q1, tile.k0 / head->tile_columns);
}

/* ---- counts ---- */

void flash_count_tile(FlashCount *count, size_t rows, size_t columns, size_t D, bool biased) {
    double cells = (double)(rows * columns), width = (double)D;
    count->tiles++;
    count->bytes_read += 2 * (double)columns * width * sizeof(float); /* of k and v */
    /* The dot product, the scale, the bias; maximum, difference, exponential, sum; the values. */
    count->flops += cells * (2 * width - 1 + 1 + biased + 4 + 2 * width);
    /* e^(m_old − m_new), ℓ and the weighted sum of each row. */
    count->flops += (double)rows * (2 + 2 + width);
}

void flash_count_block(FlashCount *count, size_t rows, size_t D) {
    double cells = (double)(rows * D);
    count->bytes_read += cells * sizeof(float);    /* of q */
    count->bytes_written += cells * sizeof(float); /* of the result */
    count->flops += cells;                         /* divided by ℓ */
}

/* ---- the loop ---- */

static void run_tile(const FlashHead *head, const Scratch *s, FlashTile tile) {
    if (head->empty(head->user, tile)) {
        note_skipped(head, s, tile);
        if (head->count)
            head->count->skipped++;
        return;
    }
    turn_keys(head, s, tile);
    make_scores(head, s, tile);
    head->adjust(head->user, tile, s->scores, s->width);
    note_scores(head, s, tile);
    soften(s, tile);
    if (head->v)
        add_values(head, s, tile);
    note_tile(head, s, tile);
    if (head->count)
        flash_count_tile(head->count, tile.q1 - tile.q0, tile.k1 - tile.k0, head->D, head->biased);
}

static void finish_rows(const FlashHead *head, const Scratch *s, size_t q0, size_t q1) {
    for (size_t i = q0; head->z && i < q1; i++) {
        const float *acc = s->acc + (i - q0) * head->D;
        float sum = s->sum[i - q0], *z = head->z + i * head->z_row;
        for (size_t d = 0; d < head->D; d++)
            z[d] = sum == 0 ? 0 : acc[d] / sum;
    }
    if (head->count)
        flash_count_block(head->count, q1 - q0, head->D);
}

static void run_block(const FlashHead *head, const Scratch *s, size_t q0, size_t q1) {
    size_t columns = head->tile_columns, k0 = 0;
    for (size_t r = 0; r < q1 - q0; r++) {
        s->max[r] = -INFINITY;
        s->sum[r] = 0;
    }
    memset(s->acc, 0, (q1 - q0) * head->D * sizeof *s->acc);
    for (; k0 < head->keys; k0 += columns)
        run_tile(head, s, (FlashTile){q0, q1, k0, smaller(k0 + columns, head->keys)});
    /* Of keys that are not known yet nothing is seen. */
    for (; head->records && k0 / columns < head->records->blocks; k0 += columns)
        note_skipped(head, s, (FlashTile){q0, q1, k0, k0});
    finish_rows(head, s, q0, q1);
}

void flash_head(const FlashHead *head, size_t first, size_t last) {
    size_t rows = head->tile_rows, most = smaller(rows, last - first);
    Arena arena = {0};
    if (first >= last)
        return;
    Scratch scratch = scratch_take(head, most, &arena);
    for (size_t q0 = first; q0 < last; q0 = (q0 / rows + 1) * rows)
        run_block(head, &scratch, q0, smaller((q0 / rows + 1) * rows, last));
    if (head->count && head->count->extra_bytes < arena.total)
        head->count->extra_bytes = arena.total;
    arena_free(&arena);
}

void flash_default_tile(size_t D, size_t *rows, size_t *columns) {
    (void)D;
    *rows = *columns = 64;
}

size_t flash_extra_bytes(size_t D, size_t tile_rows, size_t tile_columns) {
    size_t width = padded(tile_columns);
    return sizeof(float) * (D * width + tile_rows * (width + 3 + D));
}
