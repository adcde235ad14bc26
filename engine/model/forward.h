/* forward: the one transformer, as a list of stages (Vaswani et al. 2017; pre-LN as in Radford et
 * al. 2019). Knobs of the config choose among the families; a line a stage. */
#ifndef MODEL_FORWARD_H
#define MODEL_FORWARD_H

#include "engine/model/model.h"
#include "engine/trace/graph.h"

/* How attention is computed: the same function of q, k and v, by two algorithms. */
typedef enum {
    ATTENTION_STANDARD, /* a record for scores, mask, softmax and weighted sum: [H Tq Tk] each */
    ATTENTION_FLASH /* in tiles, with an online softmax; no [H Tq Tk] anywhere (Dao et al. 2022) */
} AttentionKind;
typedef struct {
    AttentionKind kind;
    size_t tile_rows, tile_columns; /* flash: queries × keys of a tile; 0: flash_default_tile */
    size_t head;                    /* flash: whose tiles the records made on request show */
    size_t fast_memory; /* flash: bytes for which the tile is chosen, where it is not given; or 0 */
} AttentionOptions;
#define ATTENTION_TILE_MOST 4096 /* rows or columns */

/* With the tile that is meant where none is given, for heads of width D. */
AttentionOptions attention_tiled(AttentionOptions options, size_t D);

/* Whether the model's attention can be computed so: false, with a message, for flash attention where
 * there is none to compute, or with a knob that breaks attention; and for numbers out of range. */
bool forward_attention(const Model *model, const AttentionOptions *options, Err *err);

/* How long the texts are. Of `length` tokens the first `real` are the text's, the others padding;
 * 0: all are. */
typedef struct {
    size_t length, real;
    size_t source, source_real; /* what an encoder reads; 0 where the model has none */
    AttentionOptions attention;
} ForwardSize;

/* Whether a row of the model's own text may change when the text grows (Graph.looks_ahead). */
bool forward_looks_ahead(const ModelConfig *config);

/* Builds the graph in `arena`. The graph reads the model's weights. No token at all, or more than a
 * learned position table has rows, is an error; and what forward_attention refuses. */
bool forward_build(const Model *model, const ForwardSize *size, Arena *arena, Graph *graph,
                   Err *err);

#endif
