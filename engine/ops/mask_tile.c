/* mask_tile: masks of whole tiles, for attention that goes by tiles. Of query − key, the signed
 * distance, a tile has all the numbers from its smallest to its largest. */
#include "engine/ops/row.h"

#include <math.h>

typedef struct {
    ptrdiff_t least, most;
} Distances;

static Distances tile_distances(size_t q0, size_t q1, size_t k0, size_t k1) {
    return (Distances){(ptrdiff_t)q0 - (ptrdiff_t)(k1 - 1), (ptrdiff_t)(q1 - 1) - (ptrdiff_t)k0};
}

/* A multiple of `every`, fewer than `window` of them away, among distances of one sign. */
static bool near_multiple(size_t least, size_t most, size_t every, size_t window) {
    size_t number = least / every + (least % every > 0);
    return number < window && number <= most / every;
}

static bool any_near(Distances apart, size_t every, size_t window) {
    if (apart.least <= 0 && apart.most >= 0)
        return true;
    return apart.least > 0
               ? near_multiple((size_t)apart.least, (size_t)apart.most, every, window)
               : near_multiple((size_t)-apart.most, (size_t)-apart.least, every, window);
}

/* A global query of these that may see one of the keys, or a global key that one may see. */
static bool any_global(const MaskParams *mask, size_t q0, size_t q1, size_t k0, size_t k1) {
    for (int g = 0; g < mask->globals; g++) {
        size_t at = mask->global[g];
        if ((at >= q0 && at < q1 && (!mask->causal || k0 <= at)) ||
            (at >= k0 && at < k1 && (!mask->causal || at < q1)))
            return true;
    }
    return false;
}

bool mask_tile_empty(const MaskParams *mask, size_t q0, size_t q1, size_t k0, size_t k1) {
    if (mask->keys > 0 && k1 > mask->keys)
        k1 = mask->keys;
    if (q0 >= q1 || k0 >= k1)
        return true;
    Distances apart = tile_distances(q0, q1, k0, k1);
    if (mask->causal && apart.most < 0)
        return true;
    if (mask->causal && apart.least < 0)
        apart.least = 0;
    switch (mask->kind) {
    case MASK_FULL: return false;
    case MASK_LOCAL: return !any_near(apart, 1, mask->window);
    case MASK_DILATED: return !any_near(apart, mask->dilation, mask->window);
    case MASK_LONGFORMER:
        return !any_near(apart, 1, mask->window) && !any_global(mask, q0, q1, k0, k1);
    }
    return false;
}

bool mask_tile_whole(const MaskParams *mask, size_t q0, size_t q1, size_t k0, size_t k1) {
    Distances apart = tile_distances(q0, q1, k0, k1);
    ptrdiff_t farthest = apart.most > -apart.least ? apart.most : -apart.least;
    if ((mask->keys > 0 && k1 > mask->keys) || (mask->causal && apart.least < 0))
        return false;
    switch (mask->kind) {
    case MASK_FULL: return true;
    case MASK_LOCAL:
    case MASK_LONGFORMER: return (size_t)farthest < mask->window;
    case MASK_DILATED: return mask->dilation == 1 && (size_t)farthest < mask->window;
    }
    return false;
}

/* ---- the cells of a tile, a row at a time: row[j − k0] is key j's ---- */

static void hide(float *row, size_t k0, size_t from, size_t upto) {
    for (size_t j = from; j < upto; j++)
        row[j - k0] = -INFINITY;
}

/* Of the keys from ≤ j < upto all but every `dilation`-th, counted from query i. */
static void hide_between(const MaskParams *mask, size_t i, size_t from, size_t upto, float *row,
                         size_t k0) {
    size_t every = mask->dilation, after = (from % every + every - i % every) % every;
    for (size_t j = from; j < upto; j++) {
        if (after > 0)
            row[j - k0] = -INFINITY;
        after = after + 1 == every ? 0 : after + 1;
    }
}

/* All but the window and the global keys. */
static void hide_unless_global(const MaskParams *mask, size_t i, size_t k0, size_t k1, float *row) {
    MaskParams window = *mask;
    window.kind = MASK_LOCAL;
    MaskSpan near = mask_span(&window, i, k1);
    float kept[MASK_GLOBALS];
    for (int g = 0; g < mask->globals; g++)
        kept[g] = mask->global[g] >= k0 && mask->global[g] < k1 ? row[mask->global[g] - k0] : 0;
    hide(row, k0, k0, near.first < k1 ? near.first : k1);
    hide(row, k0, near.last > k0 ? near.last : k0, k1);
    for (int g = 0; g < mask->globals; g++)
        if (mask->global[g] >= k0 && mask->global[g] < k1 && mask_allows(mask, i, mask->global[g]))
            row[mask->global[g] - k0] = kept[g];
}

static void mask_row(const MaskParams *mask, size_t i, size_t k0, size_t k1, float *row) {
    MaskSpan span = mask_span(mask, i, k1);
    size_t from = span.first > k0 ? span.first : k0, upto = span.last > k0 ? span.last : k0;
    if (mask->kind == MASK_LONGFORMER && !mask_is_global(mask, i))
        hide_unless_global(mask, i, k0, k1, row);
    hide(row, k0, k0, from < k1 ? from : k1);
    hide(row, k0, upto, k1);
    if (mask->kind == MASK_DILATED)
        hide_between(mask, i, from, upto, row, k0);
}

void mask_tile(const MaskParams *mask, size_t q0, size_t q1, size_t k0, size_t k1, float *scores,
               size_t row) {
    if (mask_tile_whole(mask, q0, q1, k0, k1))
        return;
    for (size_t i = q0; i < q1; i++, scores += row)
        mask_row(mask, i, k0, k1, scores);
}
