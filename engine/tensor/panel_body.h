/* panel_body: y = x · w by panels of w's columns. A panel (a few vectors wide) is packed into a
 * buffer that the first cache holds, and every tile of rows then runs over it with its sums in
 * registers. Each y[t, n] is one chain of vec_fma in the order of k; where a deep matrix is cut, the
 * partial sums rest in y, which changes no bit.
 *
 * Included by the kernels of each instruction set, after its vec_*.h. */
#ifndef TENSOR_PANEL_BODY_H
#define TENSOR_PANEL_BODY_H

#include "engine/tensor/kernel_set.h"

#include <stdbool.h>

#define PANEL_COLUMNS (LANES * TILE_VECTORS)
#define PANEL_DEPTH 192 /* × 48 columns × 4 bytes: 36 KiB */

typedef struct {
    const float *data; /* rows of PANEL_COLUMNS */
    size_t depth, columns;
    bool add; /* y already holds the sums of what came before */
    /* What will be packed next comes nearer while this is multiplied: `lines` cache lines of each of
     * its rows, `next_row` bytes apart. */
    const char *next;
    ptrdiff_t next_row;
    size_t lines;
} Panel;

typedef struct {
    const char *at;
    ptrdiff_t step;
} Fetch; /* one line for every k */

INLINE size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}
INLINE Vec load_up_to(const float *from, size_t n) {
    return n >= LANES ? vec_load(from) : vec_load_part(from, n);
}
INLINE void store_up_to(float *to, Vec v, size_t n) {
    if (n >= LANES)
        vec_store(to, v);
    else
        vec_store_part(to, v, n);
}
INLINE size_t vectors_of(size_t columns) {
    return (columns + LANES - 1) / LANES;
}

/* ---- the tile ---- */

INLINE void tile(float *y, size_t y_row, const float *x, size_t x_row, const Panel *panel,
                 size_t rows, size_t vectors, Fetch fetch) {
    Vec sum[TILE_ROWS][TILE_VECTORS];
    UNROLL
    for (size_t t = 0; t < rows; t++) {
        UNROLL
        for (size_t v = 0; v < vectors; v++) {
            const float *from = y + t * y_row + v * LANES;
            sum[t][v] = panel->add ? load_up_to(from, panel->columns - v * LANES) : vec_set1(0);
        }
    }
    const float *w = panel->data;
    for (size_t k = 0; k < panel->depth; k++, w += PANEL_COLUMNS) {
        Vec part[TILE_VECTORS];
        UNROLL
        for (size_t v = 0; v < vectors; v++)
            part[v] = vec_load(w + v * LANES);
        __builtin_prefetch(fetch.at, 0, 2);
        fetch.at += fetch.step;
        UNROLL
        for (size_t t = 0; t < rows; t++) {
            Vec value = vec_set1(x[t * x_row + k]);
            UNROLL
            for (size_t v = 0; v < vectors; v++)
                sum[t][v] = vec_fma(value, part[v], sum[t][v]);
        }
    }
    UNROLL
    for (size_t t = 0; t < rows; t++) {
        UNROLL
        for (size_t v = 0; v < vectors; v++)
            store_up_to(y + t * y_row + v * LANES, sum[t][v], panel->columns - v * LANES);
    }
}

INLINE void tile_of_rows(float *y, size_t y_row, const float *x, size_t x_row, const Panel *panel,
                         size_t rows, Fetch fetch) {
    switch (vectors_of(panel->columns)) {
    case 1: tile(y, y_row, x, x_row, panel, rows, 1, fetch); break;
    case 2: tile(y, y_row, x, x_row, panel, rows, 2, fetch); break;
    default: tile(y, y_row, x, x_row, panel, rows, TILE_VECTORS, fetch); break;
    }
}

/* The first tiles fetch a line of each row, all others what is there already. */
INLINE Fetch fetch_of_tile(const Panel *panel, size_t number) {
    if (number < panel->lines)
        return (Fetch){panel->next + number * 64, panel->next_row};
    return (Fetch){(const char *)panel->data, 0};
}

/* y[t, n] (+)= Σ_k x[t, k] · panel[k, n], for t < rows, k < panel's depth, n < panel's columns. */
static void panel_multiply(float *y, size_t y_row, const float *x, size_t x_row, size_t rows,
                           const Panel *panel) {
    size_t number = 0;
    for (; rows >= TILE_ROWS; rows -= TILE_ROWS) {
        tile_of_rows(y, y_row, x, x_row, panel, TILE_ROWS, fetch_of_tile(panel, number++));
        y += TILE_ROWS * y_row;
        x += TILE_ROWS * x_row;
    }
    Fetch fetch = fetch_of_tile(panel, number);
    switch (rows) {
    case 0: break;
    case 1: tile_of_rows(y, y_row, x, x_row, panel, 1, fetch); break;
    case 2: tile_of_rows(y, y_row, x, x_row, panel, 2, fetch); break;
    case 3: tile_of_rows(y, y_row, x, x_row, panel, 3, fetch); break;
#if TILE_ROWS > 4
    case 4: tile_of_rows(y, y_row, x, x_row, panel, 4, fetch); break;
    case 5: tile_of_rows(y, y_row, x, x_row, panel, 5, fetch); break;
#endif
#if TILE_ROWS > 6
    case 6: tile_of_rows(y, y_row, x, x_row, panel, 6, fetch); break;
    default: tile_of_rows(y, y_row, x, x_row, panel, 7, fetch); break;
#endif
    }
}

/* ---- packing ---- */

INLINE size_t width_of(DType type) {
    return type == DTYPE_F32 ? 4 : 2;
}
INLINE Vec load_wide(const void *data, DType type, ptrdiff_t at) {
    switch (type) {
    case DTYPE_F16: return vec_from_f16((const uint16_t *)data + at);
    case DTYPE_BF16: return vec_from_bf16((const uint16_t *)data + at);
    default: return vec_load((const float *)data + at);
    }
}
INLINE Vec load_wide_part(const void *data, DType type, ptrdiff_t at, size_t n) {
    if (type == DTYPE_F32)
        return vec_load_part((const float *)data + at, n);
    uint16_t all[LANES] = {0};
    memcpy(all, (const uint16_t *)data + at, n * sizeof *all);
    return load_wide(all, type, 0);
}
INLINE Vec load_wide_up_to(const void *data, DType type, ptrdiff_t at, size_t n) {
    return n >= LANES ? load_wide(data, type, at) : load_wide_part(data, type, at, n);
}

static float element(KernelMatrix w, ptrdiff_t at) {
    switch (w.type) {
    case DTYPE_F16: return half_to_float(((const uint16_t *)w.data)[at]);
    case DTYPE_BF16: return bf16_to_float(((const uint16_t *)w.data)[at]);
    default: return ((const float *)w.data)[at];
    }
}

INLINE void pack_rows(float *panel, KernelMatrix w, DType type, size_t first, size_t depth,
                      size_t n, size_t columns) {
    for (size_t k = 0; k < depth; k++, panel += PANEL_COLUMNS)
        for (size_t c = 0; c < columns; c += LANES)
            vec_store(panel + c,
                      load_wide_up_to(w.data, type,
                                      (ptrdiff_t)(first + k) * w.row + (ptrdiff_t)(n + c),
                                      columns - c));
}

/* A matrix whose columns are contiguous, as keys are: LANES of them at a time. What stands for the
 * columns behind the last is a copy of it, and is never stored. */
static void pack_columns(float *panel, const float *data, ptrdiff_t step, size_t first,
                         size_t depth, size_t columns) {
    for (size_t c = 0; c < columns; c += LANES) {
        const float *row[LANES];
        for (size_t lane = 0; lane < LANES; lane++)
            row[lane] = data + (ptrdiff_t)smaller(c + lane, columns - 1) * step + first;
        size_t k = 0;
        for (; k + 4 <= depth; k += 4) {
            Vec column[4];
            vec_columns4(column, row, k);
            UNROLL
            for (size_t i = 0; i < 4; i++)
                vec_store(panel + (k + i) * PANEL_COLUMNS + c, column[i]);
        }
        for (; k < depth; k++)
            for (size_t lane = 0; lane < LANES; lane++)
                panel[k * PANEL_COLUMNS + c + lane] = row[lane][k];
    }
}

static void pack_any(float *panel, KernelMatrix w, size_t first, size_t depth, size_t n,
                     size_t columns) {
    memset(panel, 0, depth * PANEL_COLUMNS * sizeof *panel);
    for (size_t k = 0; k < depth; k++)
        for (size_t c = 0; c < columns; c++)
            panel[k * PANEL_COLUMNS + c] = element(w, (ptrdiff_t)(first + k) * w.row +
                                                          (ptrdiff_t)(n + c) * w.column);
}

/* Rows [first, first + depth) and columns [n, n + columns) of w. */
static void panel_pack(float *panel, KernelMatrix w, size_t first, size_t depth, size_t n,
                       size_t columns) {
    if (w.column == 1 && w.type == DTYPE_F32)
        pack_rows(panel, w, DTYPE_F32, first, depth, n, columns);
    else if (w.column == 1 && w.type == DTYPE_F16)
        pack_rows(panel, w, DTYPE_F16, first, depth, n, columns);
    else if (w.column == 1)
        pack_rows(panel, w, DTYPE_BF16, first, depth, n, columns);
    else if (w.row == 1 && w.type == DTYPE_F32)
        pack_columns(panel, (const float *)w.data + (ptrdiff_t)n * w.column, w.column, first, depth,
                     columns);
    else
        pack_any(panel, w, first, depth, n, columns);
}

/* ---- the product ---- */

/* How wide the next panel is: all of about one width, so that none is a narrow rest. */
INLINE size_t panel_columns(size_t left) {
    size_t vectors = vectors_of(left), panels = (vectors + TILE_VECTORS - 1) / TILE_VECTORS;
    return smaller(left, (vectors + panels - 1) / panels * LANES);
}

/* Where the block after rows from k and columns from n begins: below it, else at the right. */
INLINE void announce_next(Panel *panel, KernelMatrix w, size_t k, size_t K, size_t n, size_t N) {
    bool below = k + PANEL_DEPTH < K;
    size_t width = width_of(w.type), column = below ? n : n + panel->columns;
    if (w.column != 1 || column >= N)
        return;
    panel->next_row = w.row * (ptrdiff_t)width;
    panel->next = (const char *)w.data + (below ? k + PANEL_DEPTH : 0) * (size_t)panel->next_row +
                  column * width;
    panel->lines = PANEL_COLUMNS * width / 64 + 1;
}

static void multiply_by_panels(float *y, size_t y_row, const float *x, size_t x_row, size_t rows,
                               KernelMatrix w, size_t K, size_t N) {
    _Alignas(64) float data[PANEL_DEPTH * PANEL_COLUMNS];
    for (size_t n = 0, columns; n < N; n += columns) {
        columns = panel_columns(N - n);
        for (size_t k = 0; k < K || k == 0; k += PANEL_DEPTH) {
            Panel panel = {.data = data, .depth = smaller(PANEL_DEPTH, K - k), .columns = columns};
            panel.add = k > 0;
            announce_next(&panel, w, k, K, n, N);
            panel_pack(data, w, k, panel.depth, n, columns);
            panel_multiply(y + n, y_row, x + k, x_row, rows, &panel);
        }
    }
}

#endif
