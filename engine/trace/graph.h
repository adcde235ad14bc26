/* graph: the forward as a list of nodes, before and after it runs.
 *
 * A node is one stage: the operation, its parameters, its inputs, the shape and the axes of what it
 * makes. From this one list follow the plan (plan.h), the run, the record's explanation and its
 * small steps (trace.h), and the saved file. Inputs stand before their readers, but for that of
 * OP_CARRY, which reads the rows before its own of a node that stands behind it: what lies between
 * the two is a recurrence. */
#ifndef TRACE_GRAPH_H
#define TRACE_GRAPH_H

#include "engine/base/arena.h"
#include "engine/ops/op.h"
#include "engine/tensor/tensor.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    AXIS_POSITION,
    AXIS_QUERY,
    AXIS_KEY,
    AXIS_KEY_BLOCK, /* of flash attention's tiles: so many keys together */
    AXIS_HEAD,
    AXIS_KV_HEAD,
    AXIS_D_HEAD,
    AXIS_PAIR, /* of rotated dimensions */
    AXIS_D_MODEL,
    AXIS_D_FF,
    AXIS_D_HIDDEN, /* the state of a recurrent layer */
    AXIS_VOCAB,
    AXIS_RANK, /* the vocabulary, sorted by probability */
    AXIS_ONE,
    AXIS_EXPERT, /* all of a router's */
    AXIS_CHOSEN, /* a token's experts, best first */
    AXIS_LABEL,  /* a classifier's classes */
    AXIS_COUNT
} Axis;

/* Whose tokens an axis counts: the model's own text (of two stacks the decoder's), or the source
 * that an encoder reads for it. */
typedef enum { TEXT_OWN, TEXT_SOURCE, TEXT_COUNT } TextId;
/* A model has one stack of blocks, its own, or two: an encoder that reads the source beside it. */
typedef enum { STACK_OWN, STACK_ENCODER, STACK_COUNT } StackId;

const char *axis_name(Axis axis); /* "query", "d_model", … as the file has them */
bool axis_is_position(Axis axis); /* its cells are tokens: position, query, key */
bool axis_is_head(Axis axis);     /* heads of queries, or of keys and values */

/* A weight as the operations see it: numbers through strides, as the file has them. The name and the
 * shape are those of the model's file; `origin` is the file's element that `tensor.data` points at, so that a
 * cell can be called by its index in the file, through transposition and fusion.
 *
 * A stack of several of the file's tensors (a mixture's experts) has `part_name`: the first logical
 * axis picks the tensor, the file's shape and the origin are those of one of them, all alike. */
typedef struct {
    const char *name;
    const char *const *part_name; /* [tensor.dim[0]]; NULL: one tensor, called `name` */
    Tensor tensor;
    int file_rank;
    size_t file_dim[TENSOR_RANK];
    size_t origin;
} Weight;

/* The index in the file of a cell of the view; `file_index` receives file_rank entries. And the name
 * of the file's tensor in which it lies. */
void weight_file_index(const Weight *weight, const size_t *index, size_t *file_index);
const char *weight_file_name(const Weight *weight, const size_t *index);

typedef enum { REF_NODE, REF_WEIGHT } RefKind;
typedef struct {
    RefKind kind;
    int index; /* into Graph.node or Graph.weight; -1: none */
} Ref;
#define REF_NONE ((Ref){REF_NODE, -1})

typedef struct {
    const char *name; /* TRACE.md's; never NULL */
    OpId op;
    OpParams param;
    Ref in[OP_INPUTS];
    int n_in;
    DType type;
    int rank;
    size_t dim[TENSOR_RANK];
    Axis axis[TENSOR_RANK];
    TextId rows;   /* whose tokens its rows are … */
    TextId keys;   /* … and its keys */
    size_t window; /* no row reads a key further back, itself among them; 0: any */
    int row_axis;  /* the axis that a run computes row by row; -1: none (sampling) */
    int alias;     /* another node whose values these are under a second name; -1: its own */
    StackId stack;
    int layer;       /* -1: outside the blocks */
    bool on_request; /* computed only when a pattern other than "*" names it */
} Node;

typedef struct {
    Arena *arena;
    Node *node;
    int count, capacity;
    const Weight *weight;
    int weight_count;
    bool looks_ahead; /* a row may change when the text grows: no earlier row can be used again */
} Graph;

/* Appends a node; `node.name` must be in the graph's arena or constant. Returns its index. */
int graph_add(Graph *graph, const Node *node);
int graph_find(const Graph *graph, const char *name); /* -1: no such record */
/* Follows aliases to the node that holds the values. */
int graph_owner(const Graph *graph, int node);
size_t node_count(const Node *node);   /* cells */
int node_heads_axis(const Node *node); /* -1: it has no heads */
/* Whether its numbers are shares from 0 to 1: softmax, and what is made of it alone. */
bool node_is_share(const Node *node);

/* The last node of the recurrence that begins with `first`: these nodes are to be run row by row, all
 * of them for one row before the next. `first` itself where none begins. */
int graph_recurrence(const Graph *graph, int first);
/* The last node of the attention that begins with `first`: operations that read what the others of
 * them made at their own heads and rows alone (OpInfo.by_head), so that a few rows of a head can go
 * through all of them at once. `first` itself where it is no such operation. */
int graph_attention(const Graph *graph, int first);
/* The last of the linear maps that stand side by side from `first` on: all of the same rows, so that
 * none waits for another (queries, keys and values; a gate and its linear branch). */
int graph_side_by_side(const Graph *graph, int first);
/* How many rows of the node can only be computed one after another: all of them inside a recurrence,
 * else 1. */
size_t graph_sequential_rows(const Graph *graph, int node);
/* The most of any node in a block: T in a recurrent model, 1 in a transformer, whose rows can all be
 * computed at once, a stage after another; 0 where there are no blocks. */
size_t graph_sequential_steps(const Graph *graph);

/* Patterns of names: a comma-separated list of globs (*, ?, [a-z]). "*" alone means every record
 * but those that are made only on request; any other pattern that matches asks for them too. */
bool graph_matches(const Node *node, const char *globs);
/* Whether a pattern other than "*" matches. */
bool graph_names(const Node *node, const char *globs);

#endif
