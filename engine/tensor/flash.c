#include "engine/tensor/flash.h"

#include "engine/base/arena.h"
#include "engine/tensor/kernel_set.h"

#include <math.h>
#include <string.h>

/* What lies in fast memory: a block's queries, scaled, and its weighted sums [R D]; a tile's scores
 * [R C]; of each row the running maximum, sum and factor; a panel of keys or values on their way into
 * registers. */
typedef struct {
    const KernelSet *kernels;
    float *q, *acc, *scores, *max, *rescale, *panel;
    double *sum;
    size_t width; /* C, padded */
    size_t bytes;
} Scratch;

static size_t padded(size_t count) {
    return (count + FLASH_PAD - 1) / FLASH_PAD * FLASH_PAD;
}

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

/* How many floats of each; a double takes the room of two. */
typedef struct {
    size_t rows_by_D, scores, rows, panel, total;
} Room;

static Room room_of(size_t D, size_t rows, size_t columns) {
    Room room = {
        .rows_by_D = padded(rows * D), .scores = rows * padded(columns), .rows = padded(rows)};
    size_t deep = smaller(D, FLASH_PANEL_DEPTH);
    room.panel = FLASH_PANEL_COLUMNS * (deep > columns ? deep : columns);
    room.total = 2 * room.rows_by_D + room.scores + 4 * room.rows + room.panel;
    return room;
}

static Scratch scratch_take(const FlashHead *head, size_t rows, Arena *arena) {
    size_t columns = smaller(head->tile_columns, head->keys);
    Room room = room_of(head->D, rows, columns);
    float *all = ARENA_NEW_N(arena, float, room.total);
    Scratch s = {.kernels = kernel_set(), .width = padded(columns), .bytes = room.total * 4};
    s.sum = (double *)(void *)all;
    s.max = all + 2 * room.rows;
    s.rescale = s.max + room.rows;
    s.q = s.rescale + room.rows;
    s.acc = s.q + room.rows_by_D;
    s.scores = s.acc + room.rows_by_D;
    s.panel = s.scores + room.scores;
    return s;
}

/* ---- one tile ---- */

/* S = Q Kᵀ, already scaled; columns behind the last key are −∞. */
static void make_scores(const FlashHead *head, const Scratch *s, FlashTile tile) {
    size_t rows = tile.q1 - tile.q0, keys = tile.k1 - tile.k0;
    s->kernels->flash_scores(s->scores, s->width, s->q, head->D, rows,
                             head->k + tile.k0 * head->k_row, head->k_row, keys, head->D, s->panel);
    for (size_t r = 0; r < rows && keys < s->width; r++)
        for (size_t j = keys; j < s->width; j++)
            s->scores[r * s->width + j] = -INFINITY;
}

/* The new maxima, the factors for what was summed under the old ones, and the weights in the scores'
 * place. */
static void soften(const Scratch *s, FlashTile tile) {
    s->kernels->flash_soften(s->scores, s->width, tile.q1 - tile.q0, s->max, s->sum, s->rescale);
}

static void add_values(const FlashHead *head, const Scratch *s, FlashTile tile) {
    s->kernels->flash_values(s->acc, head->D, s->scores, s->width, tile.q1 - tile.q0, s->rescale,
                             head->v + tile.k0 * head->v_row, head->v_row, tile.k1 - tile.k0,
                             s->panel);
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
        size_t at = b * to->block_row + i, r = i - q0;
        if (to->max)
            to->max[at] = s->max[r];
        if (to->rescale)
            to->rescale[at] = s->rescale[r];
        if (to->sum)
            to->sum[at] = (float)s->sum[r];
        if (to->acc)
            memcpy(to->acc + b * to->acc_row + i * head->D, s->acc + r * head->D,
                   head->D * sizeof(float));
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

void flash_count_tiles(FlashCount *count, FlashWork work, size_t tiles, size_t rows,
                       size_t columns) {
    double cells = (double)(rows * columns), width = (double)work.D;
    double values = work.values ? width : 0;
    count->tiles += tiles;
    count->bytes_read += (double)columns * (width + values) * sizeof(float); /* of k and v */
    /* The dot product, the bias; maximum, difference, exponential, sum; the values. */
    count->flops += cells * (2 * width - 1 + work.biased + 4 + 2 * values);
    /* e^(m_old − m_new), ℓ and the weighted sum of each row. */
    count->flops += (double)(rows * tiles) * (2 + 2 + values);
}

void flash_count_block(FlashCount *count, FlashWork work, size_t rows) {
    double cells = (double)(rows * work.D), values = work.values ? cells : 0;
    count->bytes_read += cells * sizeof(float);     /* of q */
    count->bytes_written += values * sizeof(float); /* of the result */
    count->flops += cells + values;                 /* q is scaled, the sums are divided by ℓ */
}

static FlashWork work_of(const FlashHead *head) {
    return (FlashWork){head->D, head->biased, head->v != NULL};
}

/* ---- the loop ---- */

static void run_tile(const FlashHead *head, const Scratch *s, FlashTile tile) {
    if (head->empty(head->user, tile)) {
        note_skipped(head, s, tile);
        if (head->count)
            head->count->skipped++;
        return;
    }
    make_scores(head, s, tile);
    head->adjust(head->user, tile, s->scores, s->width);
    note_scores(head, s, tile);
    soften(s, tile);
    if (head->v)
        add_values(head, s, tile);
    note_tile(head, s, tile);
    if (head->count)
        flash_count_tiles(head->count, work_of(head), 1, tile.q1 - tile.q0, tile.k1 - tile.k0);
}

static void finish_rows(const FlashHead *head, const Scratch *s, size_t q0, size_t q1) {
    for (size_t i = q0; head->z && i < q1; i++) {
        const float *acc = s->acc + (i - q0) * head->D;
        float sum = (float)s->sum[i - q0], whole = sum == 0 ? 1 : sum;
        for (size_t d = 0; d < head->D; d++)
            head->z[i * head->z_row + d] = acc[d] / whole;
    }
    if (head->count)
        flash_count_block(head->count, work_of(head), q1 - q0);
}

static void start_rows(const FlashHead *head, const Scratch *s, size_t q0, size_t q1) {
    for (size_t r = 0; r < q1 - q0; r++) {
        s->max[r] = -INFINITY;
        s->sum[r] = 0;
        for (size_t d = 0; d < head->D; d++)
            s->q[r * head->D + d] = head->q[(q0 + r) * head->q_row + d] * head->scale;
    }
    memset(s->acc, 0, (q1 - q0) * head->D * sizeof *s->acc);
}

static void run_block(const FlashHead *head, const Scratch *s, size_t q0, size_t q1) {
    size_t columns = head->tile_columns, k0 = 0;
    start_rows(head, s, q0, q1);
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
    if (head->count && head->count->extra_bytes < scratch.bytes)
        head->count->extra_bytes = scratch.bytes;
    arena_free(&arena);
}

void flash_default_tile(size_t D, size_t *rows, size_t *columns) {
    const size_t most = (size_t)96 * 1024; /* leaves room in the second cache for keys and values */
    *rows = *columns = 64;
    while (*rows > 32 && flash_extra_bytes(D, *rows, *columns) > most)
        *rows -= 16;
}

void flash_tile_for(size_t fast_bytes, size_t D, size_t *rows, size_t *columns) {
    size_t floats = fast_bytes / sizeof(float), most = (floats + 4 * D - 1) / (4 * D);
    *columns = most > 1 ? most : 1;
    *rows = smaller(*columns, D);
}

size_t flash_extra_bytes(size_t D, size_t tile_rows, size_t tile_columns) {
    return room_of(D, tile_rows, tile_columns).total * sizeof(float);
}
