/* The walk and what the views ask of a record. */
#include "app/views/common_tiles.h"
#include "app/views/state.h"

#include <stdio.h>
#include <string.h>

int node_head_axis(const Node *node) {
    for (int axis = 0; axis < node->rank; axis++)
        if (axis_is_head(node->axis[axis]) || (node->axis[axis] == AXIS_CHOSEN && node->rank == 3))
            return axis;
    return -1;
}

bool node_has_choices(const Node *node) {
    int axis = node_head_axis(node);
    return axis >= 0 && node->axis[axis] == AXIS_CHOSEN;
}

size_t node_heads(const Node *node, const Walk *walk) {
    int axis = node_head_axis(node);
    if (axis < 0 && tile_record(node) < 0)
        return 0;
    return node_has_choices(node) ? node->dim[axis] : walk->heads[node->stack];
}

int node_row_axis(const Node *node) {
    for (int axis = 0; axis < node->rank; axis++)
        if (axis_is_position(node->axis[axis]))
            return axis;
    return -1;
}

bool node_is_turned(const Node *node) {
    return node->op == OP_SOFTMAX && node->param.softmax.kind == SOFTMAX_QUERIES;
}

const MaskParams *node_mask(const Trace *trace, const Node *node) {
    if (node->op == OP_SOFTMAX && node->rank == 3 && node->in[0].kind == REF_NODE)
        node = &trace->graph.node[node->in[0].index];
    return node->op == OP_MASK ? &node->param.mask : NULL;
}

int node_choices(const Trace *trace, const Node *node) {
    for (int i = 0; i < trace->graph.count; i++) {
        const Node *other = &trace->graph.node[i];
        if (other->op == OP_ROUTE && other->layer == node->layer && other->stack == node->stack)
            return trace_kept(trace, i) ? i : -1;
    }
    return -1;
}

int node_block(const Node *node) {
    return node->layer < 0 || node->layer >= STATE_LAYERS
               ? -1
               : (int)node->stack * STATE_LAYERS + node->layer;
}

BlockKind node_block_kind(const Node *node) {
    if (node->stack == STACK_ENCODER)
        return BLOCK_ENCODER;
    return strncmp(node->name, "decoder.", 8) == 0 ? BLOCK_DECODER : BLOCK_PLAIN;
}

bool text_is_mask(const TraceText *text, size_t position) {
    return strcmp(text->piece[position], "[MASK]") == 0 ||
           strcmp(text->piece[position], "<mask>") == 0;
}

size_t node_asked_row(const Trace *trace, const Node *node) {
    const TraceText *text = node_text(trace, node);
    int axis = node_row_axis(node);
    size_t rows = axis < 0 ? 1 : node->dim[axis];
    for (size_t i = 0; trace->graph.looks_ahead && i < text->real && i < rows; i++)
        if (text_is_mask(text, i))
            return i;
    return text->real > 0 && text->real < rows ? text->real - 1 : rows - 1;
}

const TraceText *node_text(const Trace *trace, const Node *node) {
    return node->rows == TEXT_SOURCE ? &trace->source : &trace->own;
}

Role node_role(const Node *node) {
    static const struct {
        const char *end;
        Role role;
    } roles[] = {
        {".hook_q", ROLE_QUERY},   {".hook_rot_q", ROLE_QUERY}, {".hook_k", ROLE_KEY},
        {".hook_rot_k", ROLE_KEY}, {".hook_v", ROLE_VALUE},
    };
    size_t size = strlen(node->name);
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
        size_t end = strlen(roles[i].end);
        if (size >= end && strcmp(node->name + size - end, roles[i].end) == 0)
            return roles[i].role;
    }
    return ROLE_NONE;
}

const char *node_gate(const Node *node) {
    const char *end = node->name + strlen(node->name) - 1;
    bool recurrent = node->axis[node->rank - 1] == AXIS_D_HIDDEN;
    return recurrent && end[-1] == '_' && strchr("ifgorzn", *end) ? end : NULL;
}

Role node_axis_role(const Node *node, int axis) {
    Role role = node_role(node);
    if (role != ROLE_NONE)
        return role;
    return node->axis[axis] == AXIS_KEY     ? ROLE_KEY
           : node->axis[axis] == AXIS_QUERY ? ROLE_QUERY
                                            : ROLE_HAND;
}

void state_step_range(const Trace *trace, int node, size_t held, size_t *first, size_t *count) {
    const Node *n = &trace->graph.node[node];
    int axis = node_head_axis(n);
    *count = trace_step_count(trace, node) / (axis < 0 ? 1 : n->dim[axis]);
    *first = held * *count;
}

static bool is_stage(const Trace *trace, int node) {
    const Node *n = &trace->graph.node[node];
    bool there = trace_kept(trace, node) || trace_left_out(trace, node);
    return there && tile_record(n) < 0 && n->alias < 0 && n->op != OP_SAME;
}

static void walk_sizes(const Trace *trace, Walk *walk) {
    for (int i = 0; i < trace->graph.count; i++) {
        const Node *node = &trace->graph.node[i];
        if (node->layer >= walk->layers[node->stack])
            walk->layers[node->stack] = node->layer + 1;
        for (int axis = 0; axis < node->rank; axis++)
            if (node->axis[axis] == AXIS_HEAD)
                walk->heads[node->stack] = node->dim[axis];
    }
}

/* The records of tiles belong to the stage of their result. */
static void join_tiles(const Trace *trace, Walk *walk) {
    Tiles tiles;
    for (int i = 0; i < trace->graph.count; i++)
        if (tile_record(&trace->graph.node[i]) >= 0 && tiles_of(&trace->graph, i, &tiles))
            walk->stage[i] = walk->stage[tiles.z];
}

void walk_make(const Trace *trace, Arena *arena, Walk *walk) {
    size_t nodes = (size_t)trace->graph.count;
    *walk = (Walk){
        .node = ARENA_NEW_N(arena, int, nodes),
        .steps = ARENA_NEW_N(arena, size_t, nodes),
        .stage = ARENA_NEW_N(arena, int, nodes),
    };
    walk_sizes(trace, walk);
    for (int i = 0; i < trace->graph.count; i++) {
        walk->stage[i] = -1;
        if (!is_stage(trace, i))
            continue;
        size_t first;
        state_step_range(trace, i, 0, &first, &walk->steps[walk->count]);
        walk->stage[i] = walk->count;
        walk->node[walk->count++] = i;
    }
    join_tiles(trace, walk);
}

void walk_tok_steps(Walk *walk, const Trace *trace, const TokSteps *steps) {
    for (int i = 0; steps && steps->count > 0 && i < walk->count; i++) {
        const Node *node = &trace->graph.node[walk->node[i]];
        if (node->op != OP_TOKENS || node->dim[0] != steps->tokens.count)
            continue;
        walk->tok_steps = steps;
        walk->tok_node = walk->node[i];
        walk->steps[i] = steps->count;
        return;
    }
}

int walk_node(const Walk *walk, const Trace *trace, int node) {
    return tile_record(&trace->graph.node[node]) >= 0 ? node : walk->node[walk->stage[node]];
}

int walk_stage(const Walk *walk, const Trace *trace, int node) {
    return walk->stage[graph_owner(&trace->graph, node)];
}

/* ---- From block to block ---- */

/* The name without "blocks.{l}", "encoder.{l}" … */
static const char *name_in_block(const Node *node) {
    char number[32];
    int size = snprintf(number, sizeof number, ".%d.", node->layer);
    const char *found = strstr(node->name, number);
    return found ? found + size : node->name;
}

/* The stage of block `layer` of this stack that does what `node` does in its own; else the block's
 * first. -1: there is no such block. */
static int stage_in_block(const Walk *walk, const Trace *trace, StackId stack, long layer,
                          const Node *node) {
    int first = -1;
    for (int stage = 0; stage < walk->count; stage++) {
        const Node *other = &trace->graph.node[walk->node[stage]];
        if (other->layer != layer || other->stack != stack)
            continue;
        if (first < 0)
            first = stage;
        if (node->layer >= 0 && strcmp(name_in_block(other), name_in_block(node)) == 0)
            return stage;
    }
    return first;
}

/* Where a stack's stages lie in the walk, and its blocks within them; −1: it has none. */
typedef struct {
    int first, last, first_block, last_block;
} StackStages;

static StackStages stack_stages(const Walk *walk, const Trace *trace, StackId stack) {
    StackStages found = {-1, -1, -1, -1};
    for (int stage = 0; stage < walk->count; stage++) {
        const Node *node = &trace->graph.node[walk->node[stage]];
        if (node->stack != stack)
            continue;
        found.first = found.first < 0 ? stage : found.first;
        found.last = stage;
        if (node->layer < 0)
            continue;
        found.first_block = found.first_block < 0 ? stage : found.first_block;
        found.last_block = stage;
    }
    return found;
}

static int clamp_stage(const Walk *walk, int stage) {
    return stage < 0 ? 0 : stage >= walk->count ? walk->count - 1 : stage;
}

/* From block to block; out of a stack's blocks to what stands before or after them, and from there
 * to the end of the walk, or into the other stack. */
static int stage_beyond(const Walk *walk, const StackStages *own, const Node *node, bool after) {
    if (node->layer >= 0)
        return clamp_stage(walk, after ? own->last_block + 1 : own->first_block - 1);
    if (after)
        return own->last == walk->count - 1 ? own->last : own->last + 1;
    return own->first == 0 ? 0 : own->first - 1;
}

int walk_layer(const Walk *walk, const Trace *trace, int node, long layers) {
    const Node *from = &trace->graph.node[node];
    StackStages own = stack_stages(walk, trace, from->stack);
    long layer = from->layer + layers, count = walk->layers[from->stack];
    if (from->layer < 0)
        layer = (walk->stage[node] < own.first_block ? -1 : count) + layers;
    return layer >= 0 && layer < count ? stage_in_block(walk, trace, from->stack, layer, from)
                                       : stage_beyond(walk, &own, from, layers > 0);
}

/* ---- From one attention to the other ---- */

/* The record of this name, in two parts. -1: there is none. */
static int find_in(const Trace *trace, const char *name, size_t before, const char *end) {
    for (int i = 0; i < trace->graph.count; i++)
        if (strncmp(trace->graph.node[i].name, name, before) == 0 &&
            strcmp(trace->graph.node[i].name + before, end) == 0)
            return i;
    return -1;
}

int walk_counterpart(const Trace *old, int node, const Trace *trace) {
    const Node *was = &old->graph.node[node];
    const char *dot = strrchr(was->name, '.');
    size_t before = dot ? (size_t)(dot + 1 - was->name) : 0;
    if (tile_record(was) >= 0)
        return find_in(trace, was->name, before - strlen("flash."),
                       was->op == OP_FLASH_SCORES ? "hook_attn_scores" : "hook_pattern");
    bool weights = was->op == OP_SOFTMAX;
    bool scores = was->op == OP_SCORES || was->op == OP_SCALE || was->op == OP_MASK;
    if (!weights && !scores)
        return -1;
    return find_in(trace, was->name, before, weights ? "flash.hook_weights" : "flash.hook_scores");
}

int walk_counterpart_stack(const Trace *old, int node, const Trace *trace) {
    static const char *const one = "blocks.", *const encoder = "encoder.";
    const char *name = old->graph.node[node].name;
    bool from_one = strncmp(name, one, strlen(one)) == 0;
    if (!from_one && strncmp(name, encoder, strlen(encoder)) != 0)
        return -1;
    const char *to = from_one ? encoder : one, *rest = name + strlen(from_one ? one : encoder);
    for (int i = 0; i < trace->graph.count; i++) {
        const char *other = trace->graph.node[i].name;
        if (strncmp(other, to, strlen(to)) == 0 && strcmp(other + strlen(to), rest) == 0)
            return i;
    }
    return -1;
}
