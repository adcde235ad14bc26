/* trace_diff: two runs of one input, record by record.
 *
 * Records belong together by their names. Where one side lacks a record (flash attention has no
 * scores), or a knob has given it another shape, there is nothing to subtract, and that is said. */
#ifndef TRACE_TRACE_DIFF_H
#define TRACE_TRACE_DIFF_H

#include "engine/trace/trace.h"

typedef enum { DIFF_COMPARED, DIFF_SHAPES, DIFF_LEFT_ONLY, DIFF_RIGHT_ONLY } DiffKind;

/* Two equal infinities differ by 0, and so do two NaNs; an infinity or a NaN against anything else
 * differs by infinity. */
typedef struct {
    DiffKind kind;
    int left, right; /* nodes; −1: that side has no such record */
    size_t cells;    /* that were compared … */
    size_t unequal;  /* … and of those with other bits or another number */
    double absolute; /* the largest |a − b| */
    double relative; /* the largest |a − b| ÷ max(|a|, |b|): from 0 to 2, or infinity */
    double largest;  /* the largest finite |a| or |b|: what `absolute` is to be seen against */
    size_t at[TENSOR_RANK]; /* the first cell with that absolute difference */
} RecordDiff;

typedef struct {
    RecordDiff *record; /* in the left's order of computation, then what only the right has */
    size_t count;
} TraceDiff;

/* Record `a` of the left against record `b` of the right; both are kept. `seen` as below. */
RecordDiff trace_diff_record(const Trace *left, int a, const Trace *right, int b, bool seen);

/* The records that each trace was asked to keep. `seen`: of what has queries and keys of one text
 * only the keys up to the query's own are compared: a run that goes token by token never makes the
 * others. The list lies in `arena`; the traces must be of texts of the same length. */
void trace_diff(const Trace *left, const Trace *right, bool seen, Arena *arena, TraceDiff *diff);

#endif
