/* build: how a forward adds its stages to a graph. Private to engine/model: forward.c reads as the
 * transformer, recurrent.c as what came before it, and this is their notation. */
#ifndef MODEL_BUILD_H
#define MODEL_BUILD_H

#include "engine/model/forward.h"
#include "engine/model/model.h"
#include "engine/trace/graph.h"

/* Where stages are being added. */
typedef struct {
    const Model *model;
    const ModelConfig *config;
    Graph *graph;
    StackId stack;
    StackSizes sizes;           /* the stack's */
    const char *outer;          /* before a name outside the blocks: "", "encoder.", "decoder." */
    const char *inner;          /* before the layer: "blocks.", "encoder.", "decoder." */
    TextId text;                /* whose tokens the rows are */
    size_t T;                   /* and how many */
    size_t window;              /* of the attention in hand (Node.window) */
    int layer;                  /* −1: outside the blocks */
    AttentionOptions attention; /* flash: with a tile */
} Build;

/* Shapes of a stage: axes and sizes together. */
typedef struct {
    int rank;
    Axis axis[TENSOR_RANK];
    size_t dim[TENSOR_RANK];
    int row_axis; /* −1: not computed row by row */
    TextId keys;
} Shape;

Shape shape_rows(const Build *b, Axis axis, size_t width); /* [T width] */
Shape shape_model(const Build *b);                         /* [T M] */
Shape shape_heads(const Build *b, Axis rows, Axis heads, size_t count, Axis last,
                  size_t width);           /* [T count width] */
Shape shape_once(Axis axis, size_t width); /* [1 width] */

Ref node_ref(int node);
/* The weight of this stack and block that plays the part; REF_NONE where the model has none. */
Ref weight_ref(const Build *b, WeightRole role);

/* "hook_embed" outside the blocks, "blocks.3.attn.hook_q" inside. In the graph's arena. */
const char *stage_name(const Build *b, const char *name);
/* "attn" and "hook_q": "attn.hook_q". */
const char *stage_part(const Build *b, const char *part, const char *name);

/* One stage. Inputs that are REF_NONE (a bias that the model doesn't have) are left out. Returns its
 * place in the graph. */
int stage_add(Build *b, const char *name, OpId op, OpParams param, Shape shape, int n,
              const Ref *in);
#define STAGE(b, name, op, param, shape, ...)                                                      \
    stage_add(b, name, op, param, shape, (int)(sizeof((Ref[]){__VA_ARGS__}) / sizeof(Ref)),        \
              (Ref[]){__VA_ARGS__})
#define NO_PARAM ((OpParams){0})
#define LINEAR(role) ((OpParams){.linear = {LINEAR_##role}})

/* What every model begins and ends with: ids that are given, and logits and probs of the last rows. */
int build_ids(Build *b, const char *name);
void build_logits(Build *b, int x);

#endif
