/* row: what the rows of the operations' table share: naming operands, visiting terms, marking what
 * a step reads and writes. Private to engine/ops. */
#ifndef OPS_ROW_H
#define OPS_ROW_H

#include "engine/ops/op.h"

#define OP_ROW_INFO(ID, row) extern const OpInfo op_info_##row;
OP_TABLE(OP_ROW_INFO)
#undef OP_ROW_INFO

/* explain */
struct ExplainSink {
    const OpCall *call;
    TermVisitor *visit;
    void *user;
    Combiner combiner;
    size_t terms;
};

/* Before the first term. RULE_SUM needs no call. */
void sink_rule(ExplainSink *sink, Rule rule, size_t chosen, double threshold);
void sink_term(ExplainSink *sink, TermForm form, int n, const OpOperand *operand);
void sink_term1(ExplainSink *sink, TermForm form, OpOperand a);
void sink_term2(ExplainSink *sink, TermForm form, OpOperand a, OpOperand b);

/* The cell of an input, or an earlier one of the result: as many indices as there are axes. */
OpOperand operand_cell(const OpCall *call, int slot, const size_t *index);
#define CELL(call, slot, ...) operand_cell(call, slot, (const size_t[TENSOR_RANK]){__VA_ARGS__})
OpOperand operand_constant(const char *name, double value);
OpOperand operand_selecting(OpOperand operand);

/* steps */
OpRegion region_all(const OpCall *call, int slot);
OpRegion region_at(OpRegion region, int axis, size_t index);
void step_start(OpStep *step, CaptionId caption);
void step_read(OpStep *step, OpRegion region);
void step_write(OpStep *step, OpRegion region);
void step_arg(OpStep *step, ArgKind kind, double value);

/* Results [T …]: a step for each row. Results with a head axis: for each head and row. */
size_t steps_by_row(const OpCall *call);
size_t steps_by_head_row(const OpCall *call);
/* A step that reads row `row` of input 0 (and of the inputs up to `inputs`) and writes that row. */
void step_row(const OpCall *call, size_t row, int inputs, CaptionId caption, OpStep *step);

/* ranks: the larger first, of equals the earlier; NaN, which compares with nothing, last */
typedef struct {
    double value;
    size_t place;
} Ranked;
void rank_sort(Ranked *ranked, size_t count);

/* work */
double call_cells(const OpCall *call); /* cells of the result */

/* Heads as parts: of a result [H Tq Tk], and of one [T H D]. */
size_t parts_first_axis(const OpCall *call);
size_t parts_second_axis(const OpCall *call);

/* Tensors [H Tq Tk]: the known keys of a row, the row of head h and query i (in generation only the
 * rows in hand have memory, so that heads lie closer: go by the strides), and the step that turns such
 * a row of input 0 into that of the result. */
size_t known_keys(const OpCall *call);
float *score_row(const Tensor *tensor, size_t h, size_t i);
OpRegion region_query(const OpCall *call, int slot, size_t h, size_t i);
void query_row_step(const OpCall *call, size_t number, CaptionId caption, OpStep *step);
/* The key/value head that query head h reads: groups of equal size (Ainslie et al. 2023, GQA). */
size_t kv_head(size_t head, size_t heads, size_t kv_heads);

/* A position bias: the bucket of a distance among `buckets`, and ALiBi's slope. */
size_t position_bucket(const BucketParams *bucket, size_t buckets, size_t query, size_t key);
float head_slope(size_t head, size_t heads);

/* Why a cell is masked, as its constant is called: "mask: padding". */
const char *mask_name(MaskReason reason);
/* The smallest span of keys that holds all that the query may look at. */
typedef struct {
    size_t first, last;
    bool holes; /* some inside are masked as well */
} MaskSpan;
MaskSpan mask_span(const MaskParams *mask, size_t query, size_t keys);
/* Sets what the mask hides of a tile to −∞; its rows are `row` apart. */
void mask_tile(const MaskParams *mask, size_t q0, size_t q1, size_t k0, size_t k1, float *scores,
               size_t row);

#endif
