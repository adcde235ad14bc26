/* trace: the records of one run. The operations wrote them where they lie, so what is shown can't
 * differ from what was computed. A finished trace is immutable and is handed on whole.
 *
 * A trace reads weights through the model that it was made with: close the model after the trace.
 * */
#ifndef TRACE_TRACE_H
#define TRACE_TRACE_H

#include "engine/base/arena.h"
#include "engine/base/err.h"
#include "engine/ops/op.h"
#include "engine/trace/graph.h"

/* The tokens of a text. */
typedef struct {
    size_t length;      /* T: how many positions were run */
    size_t real;        /* tokens before the padding; length where there is none */
    const int32_t *ids; /* [length] */
    const char **label; /* [length] token texts as a reader sees them; never NULL */
    const char **piece; /* [length] the vocabulary's own spelling; the id without a tokenizer */
} TraceText;

typedef struct {
    Arena arena;
    Arena values; /* where the kept records lie */
    Graph graph;
    Tensor *value;    /* [graph.count]; data NULL where there is nothing */
    bool *asked;      /* [graph.count]: asked for, so kept */
    bool *left_out;   /* [graph.count]: asked for, but over the budget; recall.h. NULL: none is */
    TraceText own;    /* the model's text; of two stacks the decoder's */
    TraceText source; /* what the encoder reads; length 0 where there is none */
    const char *const *class_name; /* [n_labels] of a classifier; else NULL */
    const char *model;             /* name */
    const char *attention;         /* "standard", "flash"; "none" in a recurrent model */
    const char *kv_cache;          /* "on" where a generation keeps keys and values, else "off" */
} Trace;

void trace_free(Trace *trace); /* NULL is allowed */

/* The tokens that an axis of positions counts, NULL for any other axis. */
const TraceText *trace_text(const Trace *trace, int node, int axis);

int trace_find(const Trace *trace, const char *name); /* -1: no such record */
bool trace_kept(const Trace *trace, int node);
size_t trace_bytes(const Trace *trace); /* of all values that are there */
bool trace_left_out(const Trace *trace, int node);
/* It and all that it was made from are there: it can be explained and taken in steps. */
bool trace_complete(const Trace *trace, int node);
/* It is not complete, but can be: it, or what it was made from, was left out for the budget. */
bool trace_recallable(const Trace *trace, int node);
double trace_get(const Trace *trace, int node, const size_t *index);

/* The call as it ran, with its tensors in place. False where the node or an input was not kept. */
bool trace_call(const Trace *trace, int node, OpCall *call);

/* A cell's explanation (op.h). False, with a message, where something it needs was not kept. */
bool trace_explain(const Trace *trace, int node, const size_t *index, TermVisitor *visit,
                   void *user, Explanation *explanation, Err *err);

/* What an operand of node's explanation, or a region of its steps, stands for. */
typedef enum { OPERAND_RECORD, OPERAND_WEIGHT, OPERAND_CONSTANT } OperandKind;
typedef struct {
    OperandKind kind;
    const char *name; /* the record's; the weight's in the model's file; the constant's */
    int node;         /* OPERAND_RECORD */
    int rank;
    size_t index[TENSOR_RANK]; /* in the record, or in the file's tensor */
} OperandName;
void trace_operand(const Trace *trace, int node, const OpOperand *operand, OperandName *name);

/* Small steps of a record (op.h); 0 where its values or inputs are neither there nor recallable. One
 * must be complete for the steps themselves. */
size_t trace_step_count(const Trace *trace, int node);
void trace_step_at(const Trace *trace, int node, size_t number, OpStep *step);

/* "blocks.0.attn.hook_pattern[1,3,2]": the record and the index, checked against its shape. */
bool trace_parse_cell(const Trace *trace, const char *text, int *node, size_t *index, Err *err);

#endif
