#include "engine/run/pattern.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

/* ---- a row ---- */

/* Every step-th key round the query, up to `window` to a side, itself among them. */
static void run_round(size_t window, size_t step, size_t query, size_t limit, PatternRow *row) {
    size_t before = least(query / step, window - 1);
    size_t after = limit > query ? least((limit - 1 - query) / step, window - 1) : 0;
    size_t first = query - before * step, last = query + after * step;
    if (last >= limit) /* a query that is padding itself */
        last = first < limit ? first + (limit - 1 - first) / step * step : 0;
    *row = (PatternRow){.first = first, .end = first < limit ? last + 1 : first, .step = step};
}

static void add_globals(const MaskParams *mask, size_t limit, PatternRow *row) {
    for (int g = 0; g < mask->globals; g++) {
        size_t key = mask->global[g];
        bool known = key >= row->first && key < row->end;
        for (int i = 0; i < row->globals; i++)
            known = known || row->global[i] == key;
        if (key < limit && !known)
            row->global[row->globals++] = key;
    }
}

void pattern_row(const MaskParams *mask, size_t n, size_t query, PatternRow *row) {
    size_t limit = mask->causal ? least(query + 1, n) : n;
    if (mask->keys > 0)
        limit = least(limit, mask->keys);
    *row = (PatternRow){.end = limit, .step = 1};
    switch (mask->kind) {
    case MASK_FULL: break;
    case MASK_LOCAL: run_round(mask->window, 1, query, limit, row); break;
    case MASK_DILATED:
        run_round(mask->window, least(mask->dilation, n), query, limit, row); /* n: itself alone */
        break;
    case MASK_LONGFORMER:
        if (mask_is_global(mask, query))
            break;
        run_round(mask->window, 1, query, limit, row);
        add_globals(mask, limit, row);
        break;
    }
}

/* Of the run first, first + step … those below `end`. */
static size_t run_count(const PatternRow *row, size_t end) {
    end = least(end, row->end);
    return end > row->first ? (end - row->first - 1) / row->step + 1 : 0;
}

size_t pattern_row_count(const PatternRow *row) {
    return run_count(row, row->end) + (size_t)row->globals;
}

double pattern_cells(const MaskParams *mask, size_t n) {
    double cells = 0;
    PatternRow row;
    for (size_t query = 0; query < n; query++) {
        pattern_row(mask, n, query, &row);
        cells += (double)pattern_row_count(&row);
    }
    return cells;
}

/* ---- blocks ---- */

/* How many of the row's keys lie in [from, to). */
static size_t count_between(const PatternRow *row, size_t from, size_t to) {
    size_t count = run_count(row, to) - run_count(row, from);
    for (int g = 0; g < row->globals; g++)
        count += row->global[g] >= from && row->global[g] < to;
    return count;
}

void pattern_shares(const MaskParams *mask, size_t n, size_t rows, size_t columns, float *share) {
    assert(rows > 0 && rows <= n && columns > 0 && columns <= n);
    PatternRow row;
    for (size_t r = 0; r < rows; r++) {
        float *line = share + r * columns;
        size_t first = r * n / rows, last = (r + 1) * n / rows;
        memset(line, 0, columns * sizeof *line);
        for (size_t query = first; query < last; query++) {
            pattern_row(mask, n, query, &row);
            for (size_t c = 0; c < columns; c++)
                line[c] += (float)count_between(&row, c * n / columns, (c + 1) * n / columns);
        }
        for (size_t c = 0; c < columns; c++)
            line[c] /= (float)((last - first) * ((c + 1) * n / columns - c * n / columns));
    }
}

/* Marks the tiles of this row of tiles in which the query sees a key. */
static void mark_tiles(const PatternRow *row, size_t columns, uint8_t *seen) {
    if (row->first < row->end && row->step <= columns)
        memset(seen + row->first / columns, 1, (row->end - 1) / columns - row->first / columns + 1);
    else
        for (size_t key = row->first; key < row->end; key += row->step)
            seen[key / columns] = 1;
    for (int g = 0; g < row->globals; g++)
        seen[row->global[g] / columns] = 1;
}

PatternTiles pattern_tiles(const MaskParams *mask, size_t n, size_t rows, size_t columns) {
    Arena arena = {0};
    size_t across = (n + columns - 1) / columns;
    uint8_t *seen = ARENA_NEW_N(&arena, uint8_t, across);
    PatternTiles tiles = {.all = (double)across * (double)((n + rows - 1) / rows)};
    PatternRow row;
    for (size_t first = 0; first < n; first += rows) {
        memset(seen, 0, across);
        for (size_t query = first; query < n && query - first < rows; query++) {
            pattern_row(mask, n, query, &row);
            mark_tiles(&row, columns, seen);
        }
        for (size_t j = 0; j < across; j++)
            tiles.empty += !seen[j];
    }
    arena_free(&arena);
    return tiles;
}

/* ---- reach ---- */

typedef struct {
    uint64_t *old;  /* what was reached before this layer … */
    uint64_t *set;  /* … and with it */
    uint64_t *next; /* positions whose keys have not been looked up under this mask */
    size_t words;
} Reached;

static void set_bit(uint64_t *set, size_t at) {
    set[at / 64] |= (uint64_t)1 << at % 64;
}

/* The bits [from, end). */
static void set_run(uint64_t *set, size_t from, size_t end) {
    for (size_t at = from; at < end;) {
        size_t stop = least((at / 64 + 1) * 64, end), bits = stop - at;
        uint64_t ones = bits == 64 ? ~(uint64_t)0 : ((uint64_t)1 << bits) - 1;
        set[at / 64] |= ones << at % 64;
        at = stop;
    }
}

static void add_row(uint64_t *set, const PatternRow *row) {
    if (row->step == 1)
        set_run(set, row->first, row->end);
    else
        for (size_t key = row->first; key < row->end; key += row->step)
            set_bit(set, key);
    for (int g = 0; g < row->globals; g++)
        set_bit(set, row->global[g]);
}

static size_t lowest_bit(uint64_t word) {
    return (size_t)__builtin_ctzll(word);
}

/* One layer down: all that the positions in `next` see is reached too. */
static void widen(Reached *reached, const MaskParams *mask, size_t n) {
    PatternRow row;
    memcpy(reached->old, reached->set, reached->words * sizeof *reached->set);
    for (size_t w = 0; w < reached->words; w++)
        for (uint64_t rest = reached->next[w]; rest; rest &= rest - 1) {
            pattern_row(mask, n, w * 64 + lowest_bit(rest), &row);
            add_row(reached->set, &row);
        }
}

/* What the next layer must look up: all that is reached where its mask is another one, else what is
 * new. False where nothing is. */
static bool look_at(Reached *reached, bool other_mask) {
    uint64_t any = 0;
    for (size_t w = 0; w < reached->words; w++) {
        reached->next[w] = other_mask ? reached->set[w] : reached->set[w] & ~reached->old[w];
        any |= reached->next[w];
    }
    return any != 0;
}

static PatternReach measure(const Reached *reached) {
    PatternReach reach = {0};
    for (size_t w = reached->words; w-- > 0;) {
        reach.count += (size_t)__builtin_popcountll(reached->set[w]);
        if (reached->set[w])
            reach.farthest = w * 64 + lowest_bit(reached->set[w]);
    }
    return reach;
}

static bool same_mask(const MaskParams *a, const MaskParams *b) {
    return a->kind == b->kind && a->causal == b->causal && a->window == b->window &&
           a->dilation == b->dilation && a->keys == b->keys && a->globals == b->globals &&
           memcmp(a->global, b->global, sizeof a->global) == 0;
}

size_t pattern_reach(const MaskParams *mask, size_t layers, size_t n, PatternReach *reach) {
    assert(layers > 0 && n > 0);
    Arena arena = {0};
    Reached reached = {.words = (n + 63) / 64};
    reached.old = ARENA_NEW_N(&arena, uint64_t, reached.words);
    reached.set = ARENA_NEW_N(&arena, uint64_t, reached.words);
    reached.next = ARENA_NEW_N(&arena, uint64_t, reached.words);
    size_t last = (mask->keys > 0 ? least(mask->keys, n) : n) - 1;
    size_t needed = 0;
    set_bit(reached.set, last);
    const MaskParams *before = NULL;
    bool more = true;
    for (size_t layer = 0; layer < layers || (more && !needed); layer++) {
        const MaskParams *own = &mask[layers - 1 - least(layer, layers - 1)];
        more = look_at(&reached, !before || !same_mask(before, own));
        widen(&reached, own, n);
        before = own;
        PatternReach now = measure(&reached);
        more = more && now.count < n;
        if (layer < layers)
            reach[layer] = now;
        if (!needed && (reached.set[0] & 1))
            needed = layer + 1;
    }
    arena_free(&arena);
    return needed;
}
