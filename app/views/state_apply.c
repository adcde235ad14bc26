/* How intents change the state. */
#include "app/views/state.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- Places and history ---------------------------------------------------------------------- */

/* All that an intent is applied to. */
typedef struct {
    ViewState *state;
    const Trace *trace;
    const Walk *walk;
    Place *now;
} At;

static const Node *node_now(const At *at) {
    return &at->trace->graph.node[at->now->node];
}

static bool same_cell(const Node *node, const size_t *a, const size_t *b) {
    return memcmp(a, b, (size_t)node->rank * sizeof *a) == 0;
}

static bool same_place(const Trace *trace, const Place *a, const Place *b) {
    return a->node == b->node && a->head == b->head && a->choice == b->choice &&
           a->pinned == b->pinned &&
           (!a->pinned || same_cell(&trace->graph.node[a->node], a->cell, b->cell));
}

/* After a jump from `before`: both places are in the history. */
static void remember(const At *at, const Place *before) {
    ViewState *state = at->state;
    if (same_place(at->trace, before, &state->now))
        return;
    if (state->history_at == STATE_HISTORY - 1) {
        memmove(state->history, state->history + 1, (STATE_HISTORY - 1) * sizeof(Place));
        state->history_at--;
    }
    state->history[state->history_at++] = *before;
    state->history[state->history_at] = state->now;
    state->history_count = state->history_at + 1;
}

static void set_open(ViewState *state, int block, bool open) {
    if (block < 0)
        return;
    uint64_t bit = (uint64_t)1 << (block % 64);
    state->open[block / 64] = open ? state->open[block / 64] | bit : state->open[block / 64] & ~bit;
}

/* The block of the stage shown is open; the one that had opened by itself closes. */
static void follow_in_map(const At *at) {
    ViewState *state = at->state;
    int block = node_block(node_now(at));
    if (block < 0 || block == state->opened)
        return;
    set_open(state, state->opened, false);
    state->opened = state_block_open(state, block) ? -1 : block;
    set_open(state, block, true);
}

/* ---- Moving ---------------------------------------------------------------------------------- */

/* The pointer counts again when it moves. */
static void let_go(const At *at) {
    at->now->pinned = false;
    at->state->hovering = false;
    at->state->hover_asleep = true;
}

/* Where the tiles are taken in steps, the place is in one of their records; in the result at the
 * division, and where all is done or nothing. */
static void follow_tiles(const At *at) {
    Tiles tiles;
    if (at->state->no_tiles || !tiles_of(&at->trace->graph, at->now->node, &tiles))
        return;
    size_t step = at->now->step;
    bool tile = step > 0 && !state_whole(at->state, at->walk) &&
                tiles_step(&tiles, step - 1).b < tiles.key_blocks;
    at->now->node = tile ? tiles.record[at->state->followed] : tiles.z;
}

static void show_stage(const At *at, int stage, size_t step) {
    at->now->node = at->walk->node[stage];
    at->now->step = step;
    at->state->stepped = false;
    let_go(at);
    follow_tiles(at);
    follow_in_map(at);
}

/* Another record of the tiles shown. */
static bool is_beside(const At *at, int node) {
    return node >= 0 && node < at->trace->graph.count && node != at->now->node &&
           at->walk->stage[node] == state_stage(at->state, at->walk);
}

/* To it, if it is one: to point at it, or to pin a cell. */
static void turn_to(const At *at, int node) {
    if (!is_beside(at, node))
        return;
    at->now->node = node;
    at->now->pinned = false;
    at->state->hovering = false;
    if (tile_record(node_now(at)) >= 0)
        at->state->followed = (TileRecord)tile_record(node_now(at));
}

static bool go_stage(const At *at, int stage) {
    if (stage < 0 || stage >= at->walk->count)
        return false;
    show_stage(at, stage, at->walk->steps[stage]);
    return true;
}

/* What chooses the place in view of the stage shown. */
static size_t *head_now(const At *at) {
    return node_has_choices(node_now(at)) ? &at->now->choice : &at->now->head;
}

/* A pinned cell brings its head into view. */
static void follow_cell_head(const At *at) {
    const Node *node = node_now(at);
    int axis = node_head_axis(node);
    if (axis < 0 || state_head(at->state, at->walk, node) == at->now->cell[axis])
        return;
    size_t group = node_heads(node, at->walk) / node->dim[axis];
    *head_now(at) = at->now->cell[axis] * (group > 1 ? group : 1);
}

static bool cell_exists(const Node *node, const size_t *index) {
    for (int axis = 0; axis < node->rank; axis++)
        if (index[axis] >= node->dim[axis])
            return false;
    return true;
}

static bool pin(const At *at, const size_t *index) {
    if (!cell_exists(node_now(at), index))
        return false;
    at->now->pinned = true;
    memset(at->now->cell, 0, sizeof at->now->cell);
    memcpy(at->now->cell, index, (size_t)node_now(at)->rank * sizeof *index);
    follow_cell_head(at);
    return true;
}

/* Goes on to the step that writes the pinned cell, if it is not done yet. */
static void reach_cell(const At *at) {
    size_t number;
    if (state_step_of_cell(at->state, at->trace, at->walk, at->now->cell, &number) &&
        number >= at->now->step)
        at->now->step = number + 1;
}

static bool apply_pin(const At *at, const Intent *intent) {
    const size_t *index = intent->index;
    turn_to(at, intent->node);
    if (at->now->pinned && same_cell(node_now(at), at->now->cell, index)) {
        at->now->pinned = false;
        return true;
    }
    if (!pin(at, index))
        return false;
    reach_cell(at);
    return true;
}

static bool apply_go(const At *at, const Intent *intent) {
    if (intent->node < 0 || intent->node >= at->trace->graph.count)
        return false;
    if (!go_stage(at, walk_stage(at->walk, at->trace, intent->node)))
        return false;
    if (intent->kind == INTENT_GO_CELL && tile_record(&at->trace->graph.node[intent->node]) >= 0)
        turn_to(at, intent->node);
    if (intent->kind == INTENT_GO_CELL)
        pin(at, intent->index);
    return true;
}

static bool apply_head(const At *at, long head) {
    const Node *node = node_now(at);
    int axis = node_head_axis(node);
    size_t heads = axis < 0 ? at->walk->heads[node->stack] : node_heads(node, at->walk);
    if (head < 0 || (size_t)head >= heads || (size_t)head == *head_now(at))
        return false;
    *head_now(at) = (size_t)head;
    at->state->hovering = false;
    if (axis >= 0 && at->now->pinned)
        at->now->cell[axis] = state_head(at->state, at->walk, node);
    return true;
}

/* The axis whose tokens are those of the text: rows before keys. -1: none. */
static int axis_of_text(const Node *node, TextId text) {
    for (int axis = 0; axis < node->rank; axis++)
        if (axis_is_position(node->axis[axis]) &&
            (node->axis[axis] == AXIS_KEY ? node->keys : node->rows) == text)
            return axis;
    return -1;
}

static bool apply_row(const At *at, const Intent *intent) {
    const Node *node = node_now(at);
    int axis = axis_of_text(node, intent->text), last = node->rank - 1;
    size_t index[TENSOR_RANK] = {0}, position = (size_t)intent->value;
    if (axis < 0 || intent->value < 0 || position >= node->dim[axis])
        return false;
    if (!state_cell(at->state, at->trace, at->walk, index) && node_head_axis(node) >= 0)
        index[node_head_axis(node)] = state_head(at->state, at->walk, node);
    index[axis] = position;
    if (axis != last && node->axis[last] == AXIS_KEY && node->keys == node->rows &&
        index[last] > position)
        index[last] = position; /* later keys are mostly masked */
    return pin(at, index) && (reach_cell(at), true);
}

/* From the cell in hand; without one to the first of the head in view. */
static bool apply_move(const At *at, long where) {
    const Node *node = node_now(at);
    int row = node_row_axis(node), last = node->rank - 1, head = node_head_axis(node);
    int axis = where % 2 ? last : row == last ? -1 : row;
    size_t index[TENSOR_RANK] = {0};
    if (where < 0 || where > 3)
        return false;
    if (!state_cell(at->state, at->trace, at->walk, index)) {
        if (head >= 0)
            index[head] = state_head(at->state, at->walk, node);
    } else if (axis >= 0 && where < 2) {
        index[axis] -= index[axis] > 0;
    } else if (axis >= 0) {
        index[axis] += index[axis] + 1 < node->dim[axis];
    }
    return pin(at, index) && (reach_cell(at), true);
}

/* One small step on or back; across the ends of a stage. */
static bool step_once(const At *at, bool forward) {
    int stage = state_stage(at->state, at->walk);
    if (forward && !state_whole(at->state, at->walk))
        at->now->step++;
    else if (forward && stage + 1 < at->walk->count)
        show_stage(at, stage + 1, 0);
    else if (!forward && at->now->step > 0)
        at->now->step--;
    else if (!forward && stage > 0)
        show_stage(at, stage - 1, at->walk->steps[stage - 1]);
    else
        return false;
    return true;
}

static bool apply_step(const At *at, long steps) {
    bool moved = false, forward = steps > 0;
    for (long i = 0; i < labs(steps) && step_once(at, forward); i++)
        moved = true;
    if (moved) {
        let_go(at);
        follow_tiles(at);
        at->state->stepped = true;
    }
    return moved;
}

static bool apply_stages(const At *at, long stages) {
    long stage = state_stage(at->state, at->walk) + stages;
    long last = at->walk->count - 1;
    stage = stage < 0 ? 0 : stage > last ? last : stage;
    if (stage == state_stage(at->state, at->walk) && state_whole(at->state, at->walk) &&
        !at->now->pinned)
        return false;
    return go_stage(at, (int)stage);
}

static bool apply_layers(const At *at, long layers) {
    int shown = at->walk->node[state_stage(at->state, at->walk)];
    int target = walk_layer(at->walk, at->trace, shown, layers);
    return target != state_stage(at->state, at->walk) && go_stage(at, target);
}

static bool apply_seek(const At *at, double real) {
    if (!(real >= 0))
        real = 0;
    if (real > 1)
        real = 1;
    double stages = real * at->walk->count;
    int stage = (int)stages;
    double within = stages - stage;
    if (stage >= at->walk->count) {
        stage = at->walk->count - 1;
        within = 1;
    }
    show_stage(at, stage, (size_t)lround(within * (double)at->walk->steps[stage]));
    at->state->stepped = true;
    return true;
}

static bool apply_history(const At *at, int direction) {
    ViewState *state = at->state;
    int target = state->history_at + direction;
    if (target < 0 || target >= state->history_count)
        return false;
    state->history[state->history_at] = state->now;
    state->history_at = target;
    state->now = state->history[target];
    state->hovering = false;
    state->hover_asleep = true;
    follow_in_map(at);
    return true;
}

static bool apply_play(const At *at, uint64_t now_ms) {
    ViewState *state = at->state;
    state->playing = !state->playing;
    if (!state->playing)
        return true;
    let_go(at);
    if (state_whole(state, at->walk))
        state->now.step = 0;
    follow_tiles(at);
    state->next_step_ms = now_ms + (uint64_t)state_delay(state, at->walk);
    return true;
}

static bool drop(bool *flag) {
    bool was = *flag;
    *flag = false;
    return was;
}

static bool apply_hover(const At *at, const Intent *intent) {
    ViewState *state = at->state;
    const size_t *index = intent->index;
    if (!state->hover_asleep && !state->playing && !state->now.pinned)
        turn_to(at, intent->node);
    if (is_beside(at, intent->node))
        return drop(&state->hovering);
    const Node *node = node_now(at);
    if (state->hover_asleep || state->playing || !cell_exists(node, index) ||
        !state_cell_done(state, at->trace, at->walk, index))
        return drop(&state->hovering);
    if (state->hovering && same_cell(node, state->hover, index))
        return false;
    state->hovering = true;
    memcpy(state->hover, index, (size_t)node->rank * sizeof *index);
    return true;
}

static bool apply_speed(const At *at, long speed) {
    if (speed < 0 || speed >= STATE_SPEEDS || speed == at->state->speed)
        return false;
    at->state->speed = (int)speed;
    return true;
}

/* ---- Applying -------------------------------------------------------------------------------- */

static bool flip(bool *flag) {
    *flag = !*flag;
    return true;
}

static bool apply_fold(const At *at, long block) {
    if (block < 0 || block >= STACK_COUNT * STATE_LAYERS ||
        block % STATE_LAYERS >= at->walk->layers[block / STATE_LAYERS])
        return false;
    set_open(at->state, (int)block, !state_block_open(at->state, (int)block));
    return true;
}

/* Moves that the history keeps. */
static bool apply_jump(const At *at, const Intent *intent) {
    switch (intent->kind) {
    case INTENT_GO:
    case INTENT_GO_CELL: return apply_go(at, intent);
    case INTENT_PIN: return apply_pin(at, intent);
    case INTENT_HEAD: return apply_head(at, intent->value);
    case INTENT_ROW: return apply_row(at, intent);
    case INTENT_MOVE: return apply_move(at, intent->value);
    case INTENT_STAGE: return apply_stages(at, intent->value);
    case INTENT_LAYER: return apply_layers(at, intent->value);
    case INTENT_FIRST: show_stage(at, 0, 0); return true;
    case INTENT_LAST: return go_stage(at, at->walk->count - 1);
    default: return false;
    }
}

static bool apply_other(const At *at, const Intent *intent, uint64_t now_ms) {
    ViewState *state = at->state;
    switch (intent->kind) {
    case INTENT_UNPIN: return drop(&state->now.pinned);
    case INTENT_HOVER: return apply_hover(at, intent);
    case INTENT_HOVER_END: return drop(&state->hovering);
    case INTENT_POINTER: return drop(&state->hover_asleep);
    case INTENT_STEP: return apply_step(at, intent->value);
    case INTENT_SEEK: return apply_seek(at, intent->real);
    case INTENT_PLAY: return apply_play(at, now_ms);
    case INTENT_SPEED: return apply_speed(at, intent->value);
    case INTENT_BACK: return apply_history(at, -1);
    case INTENT_FORWARD: return apply_history(at, 1);
    case INTENT_FOLD: return apply_fold(at, intent->value);
    case INTENT_TERMS: return flip(&state->terms_turned);
    default: return false;
    }
}

bool state_apply(ViewState *state, const Trace *trace, const Walk *walk, const Intent *intent,
                 uint64_t now_ms) {
    At at = {state, trace, walk, &state->now};
    Place before = state->now;
    if (apply_jump(&at, intent)) {
        remember(&at, &before);
        if (intent->kind != INTENT_HEAD)
            state->playing = false;
        return true;
    }
    return apply_other(&at, intent, now_ms);
}

/* ---- Traces come and go ---------------------------------------------------------------------- */

void state_start(ViewState *state, const Trace *trace, const Walk *walk, const char *name) {
    int node = name ? trace_find(trace, name) : -1;
    int stage = node < 0 ? 0 : walk_stage(walk, trace, node);
    size_t heads = walk->heads[STACK_OWN] > walk->heads[STACK_ENCODER] ? walk->heads[STACK_OWN]
                                                                       : walk->heads[STACK_ENCODER];
    if (state->now.head >= heads)
        state->now.head = heads > 0 ? heads - 1 : 0;
    state->opened = -1;
    state->history_at = state->history_count = 0;
    state->playing = false;
    At at = {state, trace, walk, &state->now};
    if (!go_stage(&at, stage))
        go_stage(&at, 0);
    state->history[0] = state->now;
    state->history_count = 1;
}

void state_give_up_tiles(ViewState *state, const Trace *trace) {
    Tiles tiles;
    state->no_tiles = true;
    if (tile_record(&trace->graph.node[state->now.node]) < 0 ||
        !tiles_of(&trace->graph, state->now.node, &tiles))
        return;
    state->now.node = tiles.z;
    state->now.pinned = state->hovering = false;
}

/* A cell of all heads' queries × keys as one of the head in view, or back. */
static void turn_cell(const Node *was, const Node *is, size_t head, size_t *cell) {
    if (was->rank == 3 && is->rank == 2)
        memmove(cell, cell + 1, 2 * sizeof *cell);
    if (was->rank == 2 && is->rank == 3) {
        memmove(cell + 1, cell, 2 * sizeof *cell);
        cell[0] = head;
    }
}

/* The place in the new trace; false where its record is none there. */
static bool rebind_place(const Trace *old, const Walk *old_walk, const Trace *trace,
                         const Walk *walk, Place *place) {
    const Node *was = &old->graph.node[place->node];
    int node = trace_find(trace, was->name);
    bool other = node < 0;
    if (other)
        node = walk_counterpart(old, place->node, trace);
    if (node < 0)
        node = walk_counterpart_stack(old, place->node, trace);
    int stage = node < 0 ? -1 : walk_stage(walk, trace, node);
    if (stage < 0)
        return false;
    size_t steps = old_walk->steps[old_walk->stage[place->node]];
    place->node = walk_node(walk, trace, node);
    place->step = other || place->step >= steps || place->step > walk->steps[stage]
                      ? walk->steps[stage]
                      : place->step;
    const Node *is = &trace->graph.node[place->node];
    bool turned = other && was->axis[was->rank - 1] == AXIS_KEY;
    if (turned)
        turn_cell(was, is, place->head, place->cell);
    place->pinned = place->pinned && (turned || (!other && is->rank == was->rank)) &&
                    cell_exists(is, place->cell);
    return true;
}

bool state_rebind(ViewState *state, const Trace *old, const Walk *old_walk, const Trace *trace,
                  const Walk *walk) {
    bool found = rebind_place(old, old_walk, trace, walk, &state->now);
    int kept = 0, at_kept = 0;
    for (int i = 0; i < state->history_count; i++) {
        Place place = state->history[i];
        if (i == state->history_at)
            at_kept = kept;
        if (rebind_place(old, old_walk, trace, walk, &place))
            state->history[kept++] = place;
    }
    state->history_count = kept;
    state->history_at = at_kept < kept ? at_kept : kept - 1;
    state->hovering = state->playing = false;
    if (!found || kept == 0) {
        set_open(state, state->opened, false);
        state_start(state, trace, walk, NULL);
        return false;
    }
    At at = {state, trace, walk, &state->now};
    follow_in_map(&at);
    return true;
}
