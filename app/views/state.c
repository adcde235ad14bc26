/* Where the reader is: what the views ask about it, and playing. How intents change it is in
 * state_apply.c. */
#include "app/views/state.h"

#include <math.h>
#include <string.h>

const double STATE_SPEED[STATE_SPEEDS] = {0.5, 1, 2, 4, 8};

bool state_block_open(const ViewState *state, int block) {
    return block >= 0 && (state->open[block / 64] >> (block % 64) & 1);
}

size_t state_head(const ViewState *state, const Walk *walk, const Node *node) {
    int axis = node_head_axis(node);
    if (axis < 0)
        return 0;
    size_t own = node->dim[axis], heads = walk->heads[node->stack];
    size_t head = node_has_choices(node) ? state->now.choice : state->now.head;
    if (node->axis[axis] == AXIS_KV_HEAD && heads > own)
        head = (head < heads ? head : heads - 1) * own / heads;
    return head < own ? head : own - 1;
}

int state_stage(const ViewState *state, const Walk *walk) {
    return walk->stage[state->now.node];
}

size_t state_steps(const ViewState *state, const Walk *walk) {
    return walk->steps[state_stage(state, walk)];
}

bool state_whole(const ViewState *state, const Walk *walk) {
    return state->now.step >= state_steps(state, walk);
}

double state_at(const ViewState *state, const Walk *walk) {
    size_t steps = state_steps(state, walk);
    double within = steps == 0 ? 1 : (double)state->now.step / (double)steps;
    return (state_stage(state, walk) + within) / walk->count;
}

bool state_tokenizing(const ViewState *state, const Walk *walk) {
    return walk->tok_steps && state->now.node == walk->tok_node;
}

void state_step(const ViewState *state, const Trace *trace, const Walk *walk, size_t number,
                OpStep *step) {
    size_t first, count, head = state_head(state, walk, &trace->graph.node[state->now.node]);
    Tiles tiles;
    if (tile_record(&trace->graph.node[state->now.node]) >= 0 &&
        tiles_of(&trace->graph, state->now.node, &tiles)) {
        TileBox box = tiles_step(&tiles, number);
        size_t last = tiles.key_blocks - 1; /* the division leaves the records as they are */
        trace_step_at(trace, state->now.node,
                      box.a * tiles.key_blocks + (box.b < last ? box.b : last), step);
        return;
    }
    state_step_range(trace, state->now.node, head, &first, &count);
    trace_step_at(trace, state->now.node, first + number, step);
}

/* A stage that was left out and is not back yet has none to show. */
static bool has_steps(const ViewState *state, const Trace *trace, const Walk *walk) {
    return state_steps(state, walk) > 0 && !trace_recallable(trace, state->now.node);
}

bool state_current_step(const ViewState *state, const Trace *trace, const Walk *walk,
                        OpStep *step) {
    if (state->now.step == 0 || !has_steps(state, trace, walk) || state_tokenizing(state, walk))
        return false;
    state_step(state, trace, walk, state->now.step - 1, step);
    return true;
}

/* −1: what is written comes before the cell; 1: after it; 0: the cell is in it. The cells of a head
 * are written in the order of memory: rows one after the other, each from its first cell on. */
static int written_against_cell(const OpRegion *written, int rank, int head_axis,
                                const size_t *index) {
    for (int axis = 0; axis < rank; axis++) {
        if (axis == head_axis)
            continue;
        if (written->hi[axis] <= index[axis])
            return -1;
        if (written->lo[axis] > index[axis])
            return 1;
    }
    return 0;
}

bool state_step_of_cell(const ViewState *state, const Trace *trace, const Walk *walk,
                        const size_t *index, size_t *number) {
    const Node *node = &trace->graph.node[state->now.node];
    size_t low = 0, high = state_steps(state, walk);
    if (!has_steps(state, trace, walk))
        return false;
    if (state_tokenizing(state, walk)) {
        *number = walk->tok_steps->settled[index[0]];
        return true;
    }
    Tiles tiles;
    if (tile_record(node) >= 0 && tiles_of(&trace->graph, state->now.node, &tiles)) {
        *number = tiles_step_of_cell(&tiles, (TileRecord)tile_record(node), index);
        return true;
    }
    while (high - low > 1) {
        OpStep step;
        size_t middle = low + (high - low) / 2;
        state_step(state, trace, walk, middle, &step);
        if (written_against_cell(&step.write, node->rank, node_head_axis(node), index) > 0)
            high = middle;
        else
            low = middle; /* of several phases the last one is looked for: it writes */
    }
    *number = low;
    return true;
}

Progress state_progress(const ViewState *state, const Trace *trace, const Walk *walk) {
    return state_progress_of(state, trace, walk, state->now.node);
}

/* The last of the steps done that wrote cells of the result. */
static bool last_written(const ViewState *state, const Trace *trace, const Walk *walk, int node,
                         OpRegion *written) {
    size_t first, count, head = state_head(state, walk, &trace->graph.node[node]);
    state_step_range(trace, node, head, &first, &count);
    for (size_t done = state->now.step; done > 0; done--) {
        OpStep step;
        trace_step_at(trace, node, first + done - 1, &step);
        if (!step.writes)
            continue;
        *written = step.write;
        return true;
    }
    return false;
}

Progress state_progress_of(const ViewState *state, const Trace *trace, const Walk *walk,
                           int index) {
    const Node *node = &trace->graph.node[index];
    Progress progress = {.rank = node->rank, .head_axis = node_head_axis(node), .node = index};
    VeilKind veiled = veil_kind(state->veil, index);
    progress.whole = state_whole(state, walk);
    progress.all = progress.whole && veiled == VEIL_NOTHING;
    progress.none = !progress.whole || veiled == VEIL_RECORD;
    progress.veil = veiled == VEIL_NOTHING ? NULL : state->veil;
    if (progress.whole || veiled == VEIL_RECORD || !has_steps(state, trace, walk))
        return progress;
    if (state_tokenizing(state, walk)) {
        progress.none = false;
        progress.tok_steps = walk->tok_steps;
        progress.step = state->now.step;
        return progress;
    }
    progress.step = state->now.step;
    progress.tiled = tile_record(node) >= 0 && tiles_of(&trace->graph, index, &progress.tiles);
    progress.record = (TileRecord)(progress.tiled ? tile_record(node) : 0);
    progress.none = !progress.tiled && !last_written(state, trace, walk, index, &progress.written);
    return progress;
}

bool progress_done(const Progress *progress, const size_t *index) {
    if (progress->all || progress->none)
        return progress->all;
    if (veil_hides(progress->veil, progress->node, index))
        return false;
    if (progress->whole)
        return true;
    if (progress->tok_steps)
        return progress->tok_steps->settled[index[0]] < progress->step;
    if (progress->tiled)
        return tiles_step_of_cell(&progress->tiles, progress->record, index) < progress->step;
    return written_against_cell(&progress->written, progress->rank, progress->head_axis, index) >=
           0;
}

bool state_cell_done(const ViewState *state, const Trace *trace, const Walk *walk,
                     const size_t *index) {
    Progress progress = state_progress(state, trace, walk);
    return progress_done(&progress, index);
}

/* Of a row that was written at once, the cell that a reader would ask about first: the largest of
 * probabilities and logits, the query's own key in scores of a text with itself, the largest of those
 * with another, else the first. */
static size_t telling_cell(const Trace *trace, int node, const OpRegion *row, size_t *index) {
    const Node *n = &trace->graph.node[node];
    int last = n->rank - 1;
    if (n->axis[last] == AXIS_KEY && n->op != OP_SOFTMAX && last > 0 && n->rows == n->keys) {
        size_t query = index[last - 1], low = row->lo[last], high = row->hi[last] - 1;
        return query < low ? low : query < high ? query : high;
    }
    size_t best = row->lo[last];
    bool largest = n->op == OP_SOFTMAX || n->axis[last] == AXIS_VOCAB ||
                   n->axis[last] == AXIS_LABEL || n->axis[last] == AXIS_KEY;
    if (!largest)
        return best;
    index[last] = best;
    double most = trace_get(trace, node, index);
    for (size_t i = best + 1; i < row->hi[last]; i++) {
        index[last] = i;
        double value = trace_get(trace, node, index);
        if (value > most) {
            most = value;
            best = i;
        }
    }
    return best;
}

bool state_cell(const ViewState *state, const Trace *trace, const Walk *walk, size_t *index) {
    OpStep step;
    if (state->now.pinned) {
        memcpy(index, state->now.cell, sizeof state->now.cell);
        return true;
    }
    if (state->hovering) {
        memcpy(index, state->hover, sizeof state->hover);
        return true;
    }
    if (!state_current_step(state, trace, walk, &step))
        return false;
    int last = trace->graph.node[state->now.node].rank - 1;
    for (int axis = 0; axis <= last; axis++)
        index[axis] = step.write.hi[axis] - 1;
    int record = tile_record(&trace->graph.node[state->now.node]);
    bool rows = record == TILE_MAX || record == TILE_RESCALE || record == TILE_SUM;
    if (!rows && step.write.hi[last] - step.write.lo[last] > 1)
        index[last] = telling_cell(trace, state->now.node, &step.write, index);
    return true;
}

/* ---- Playing --------------------------------------------------------------------------------- */

enum { STEP_MS = 700, STAGE_MS = 12000, BEFORE_MS = 1200, AFTER_MS = 900, FRAME_MS = 16 };

double state_delay(const ViewState *state, const Walk *walk) {
    size_t steps = state_steps(state, walk);
    double delay = steps * STEP_MS > STAGE_MS ? (double)STAGE_MS / (double)steps : STEP_MS;
    if (state->now.step == 0)
        delay = BEFORE_MS;
    else if (state_whole(state, walk))
        delay = AFTER_MS;
    return delay / STATE_SPEED[state->speed];
}

uint64_t state_tick(ViewState *state, const Trace *trace, const Walk *walk, uint64_t now_ms) {
    while (state->playing && state->next_step_ms <= now_ms) {
        double delay = state_delay(state, walk);
        long steps = 1;
        bool between = state->now.step > 0 && !state_whole(state, walk);
        if (between && delay < FRAME_MS) {
            steps = (long)ceil(FRAME_MS / delay);
            long left = (long)(state_steps(state, walk) - state->now.step);
            steps = steps < left ? steps : left;
        }
        Intent intent = {.kind = INTENT_STEP, .value = steps};
        state->playing = state_apply(state, trace, walk, &intent, now_ms);
        delay = state_delay(state, walk);
        state->next_step_ms += (uint64_t)(delay < FRAME_MS ? FRAME_MS : delay);
        if (now_ms > state->next_step_ms + 1000) /* the program was held up: no rush to catch up */
            state->next_step_ms = now_ms;
    }
    return state->playing ? state->next_step_ms : UINT64_MAX;
}
