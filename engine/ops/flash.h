/* flash: what OP_FLASH and the records of its tiles share. Private to engine/ops, but for the count.
 *
 * Each of the seven operations runs the same tile loop (engine/tensor/flash.h); a record's has the
 * loop write down what it is about, for one head. */
#ifndef OPS_FLASH_H
#define OPS_FLASH_H

#include "engine/ops/op.h"
#include "engine/tensor/flash.h"

/* Which inputs the loop reads. The records are explained by the records before them, which stand
 * before q. */
typedef struct {
    int q, k, v; /* v −1: it has no part in the record */
    int table;   /* the last input, where the bias is learned */
} FlashSlots;
bool flash_slots(OpId op, FlashSlots *slots); /* false: not one of the seven */

/* The loop over one head of the call: no result, no records, no count yet. `user` must live as long
 * as the loop. */
typedef struct {
    const OpCall *call;
    FlashSlots slots;
    size_t head;
} FlashUser;
FlashHead flash_of(const OpCall *call, size_t head, FlashUser *user);

size_t flash_row_blocks(const OpCall *call);
size_t flash_key_blocks(const OpCall *call);
/* The tile of query block a and key block b, and whether it is skipped. */
FlashTile flash_tile(const OpCall *call, size_t a, size_t b);
bool flash_tile_skipped(const OpCall *call, FlashTile tile);

/* What the loop will count for one head, without running it: of the rows from call->first on, in the
 * loop's own blocks. */
FlashCount flash_planned(const OpCall *call);
/* Runs the loop of OP_FLASH over all rows and heads, for its counters. */
void flash_count(const OpCall *call, FlashCount *count);

#endif
