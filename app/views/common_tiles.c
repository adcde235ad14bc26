#include "app/views/common_tiles.h"

int tile_record(const Node *node) {
    return node->op >= OP_FLASH_SCORES && node->op <= OP_FLASH_ACC
               ? (int)(node->op - OP_FLASH_SCORES)
               : -1;
}

bool tiles_of(const Graph *graph, int node, Tiles *tiles) {
    while (tile_record(&graph->node[node]) >= 0) /* the result stands behind the last of them */
        node++;
    const Node *z = &graph->node[node];
    if (z->op != OP_FLASH)
        return false;
    const Node *scores = &graph->node[node - TILE_RECORDS];
    *tiles = (Tiles){.z = node,
                     .rows = z->param.flash.rows,
                     .columns = z->param.flash.columns,
                     .queries = scores->dim[0],
                     .keys = scores->dim[1],
                     .mask = &z->param.flash.mask};
    for (int i = 0; i < TILE_RECORDS; i++)
        tiles->record[i] = node - TILE_RECORDS + i;
    tiles->row_blocks = (tiles->queries + tiles->rows - 1) / tiles->rows;
    tiles->key_blocks = (tiles->keys + tiles->columns - 1) / tiles->columns;
    return true;
}

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

size_t tiles_steps(const Tiles *tiles) {
    return tiles->row_blocks * (tiles->key_blocks + 1);
}

TileBox tiles_step(const Tiles *tiles, size_t number) {
    size_t a = number / (tiles->key_blocks + 1), b = number % (tiles->key_blocks + 1);
    return (TileBox){a,
                     b,
                     a * tiles->rows,
                     smaller((a + 1) * tiles->rows, tiles->queries),
                     smaller(b * tiles->columns, tiles->keys),
                     smaller((b + 1) * tiles->columns, tiles->keys)};
}

size_t tiles_number(const Tiles *tiles, size_t a, size_t b) {
    return a * (tiles->key_blocks + 1) + b;
}

size_t tiles_step_of_cell(const Tiles *tiles, TileRecord record, const size_t *index) {
    bool cells = record == TILE_SCORES || record == TILE_WEIGHTS;
    return cells ? tiles_number(tiles, index[0] / tiles->rows, index[1] / tiles->columns)
                 : tiles_number(tiles, index[1] / tiles->rows, index[0]);
}

bool tiles_skipped(const Tiles *tiles, const TileBox *box) {
    return box->b < tiles->key_blocks &&
           mask_tile_empty(tiles->mask, box->q0, box->q1, box->k0, box->k1);
}
