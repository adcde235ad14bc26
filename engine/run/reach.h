/* reach: how far a model remembers. One token's embedding is pushed a little, and what that changes in
 * the last position's state is measured: ‖Δ state‖ ÷ ‖Δ embedding‖, for each token of the input.
 *
 * The push is REACH_SIZE times the usual length of an embedding, in REACH_DIRECTIONS directions whose
 * numbers are all + or − one size, always the same ones; the result is the root of the mean square over
 * them, which estimates ‖J‖ ÷ √d_model for the Jacobian J of the state by the embedding, in Frobenius's
 * norm (Hutchinson 1990). The pushed runs are thrown away: no trace that is shown is changed. */
#ifndef RUN_REACH_H
#define RUN_REACH_H

#include "engine/run/run.h"

#define REACH_SIZE 1e-2
#define REACH_DIRECTIONS 4

typedef struct {
    size_t length;
    const char *record; /* the state: what meets the output matrix */
    double *ratio;      /* [length], by the position that was pushed */
    double rounding;    /* what float32's rounding alone may make of it: less says nothing */
    const char **label; /* [length] the tokens */
} Reach;

/* Runs the model REACH_DIRECTIONS times for each token of the model's own text (of two stacks the
 * decoder's). All that it fills lies in `arena`. False with run_trace's messages, or where the model
 * has no logits. */
bool reach_measure(const Model *model, const RunText *text, ThreadPool *pool, Arena *arena,
                   Reach *reach, Err *err);

#endif
