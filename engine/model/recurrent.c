#include "engine/model/recurrent.h"

#include <assert.h>

static Shape state_rows(const Build *b) {
    return shape_rows(b, AXIS_D_HIDDEN, b->config->d_hidden);
}

static const char *gate_name(Build *b, const char *start, const char *gate) {
    return arena_printf(b->graph->arena, "rnn.hook_%s%s%s", start, *start && *gate ? "_" : "",
                        gate);
}

/* The state of the token before; close_loop() tells which stage it is carried from. */
static int carry(Build *b, const char *name) {
    return STAGE(b, name, OP_CARRY, NO_PARAM, state_rows(b), node_ref(b->graph->count));
}

static void close_loop(Build *b, int carried, int state) {
    b->graph->node[carried].in[0] = node_ref(state);
}

/* A gate's share of the input's map, W_ih x + b_ih: of all tokens at once, before the recurrence. */
static int from_input(Build *b, const char *gate, int number, int x) {
    return STAGE(b, gate_name(b, "in", gate), OP_LINEAR, LINEAR(RNN_IN), state_rows(b), node_ref(x),
                 weight_ref(b, (WeightRole)(ROLE_RNN_W_IN_0 + number)),
                 weight_ref(b, (WeightRole)(ROLE_RNN_B_IN_0 + number)));
}

/* W_hh h + b_hh, with h of the token before. */
static int from_state(Build *b, const char *gate, int number, int carried) {
    return STAGE(b, gate_name(b, "recurrent", gate), OP_LINEAR, LINEAR(RNN_STATE), state_rows(b),
                 node_ref(carried), weight_ref(b, (WeightRole)(ROLE_RNN_W_STATE_0 + number)),
                 weight_ref(b, (WeightRole)(ROLE_RNN_B_STATE_0 + number)));
}

static int add(Build *b, const char *name, int x, int y) {
    return STAGE(b, name, OP_ADD, NO_PARAM, state_rows(b), node_ref(x), node_ref(y));
}

static int times(Build *b, const char *name, int x, int y) {
    return STAGE(b, name, OP_PRODUCT, NO_PARAM, state_rows(b), node_ref(x), node_ref(y));
}

static int activate(Build *b, const char *name, ActKind act, int x) {
    return STAGE(b, name, OP_ACTIVATION, ((OpParams){.act = {act}}), state_rows(b), node_ref(x));
}

/* h_i = tanh(W_ih x_i + b_ih + W_hh h_{i−1} + b_hh) */
static int rnn(Build *b, int x) {
    int in = from_input(b, "", 0, x);
    int carried = carry(b, "rnn.hook_carried");
    int pre = add(b, "rnn.hook_pre", in, from_state(b, "", 0, carried));
    int hidden = activate(b, "rnn.hook_hidden", b->config->act, pre);
    close_loop(b, carried, hidden);
    return hidden;
}

/* Gates i (input), f (forget), g (what is new), o (output): c_i = f·c_{i−1} + i·g, h_i = o·tanh(c_i)
 */
static int lstm(Build *b, int x) {
    static const char *const name[] = {"i", "f", "g", "o"};
    static const ActKind act[] = {ACT_SIGMOID, ACT_SIGMOID, ACT_TANH, ACT_SIGMOID};
    int in[4], recurrent[4], pre[4], open[4];
    for (int k = 0; k < 4; k++)
        in[k] = from_input(b, name[k], k, x);
    int carried = carry(b, "rnn.hook_carried");
    for (int k = 0; k < 4; k++)
        recurrent[k] = from_state(b, name[k], k, carried);
    for (int k = 0; k < 4; k++)
        pre[k] = add(b, gate_name(b, "pre", name[k]), in[k], recurrent[k]);
    for (int k = 0; k < 4; k++)
        open[k] = activate(b, gate_name(b, "", name[k]), act[k], pre[k]);
    int cell_carried = carry(b, "rnn.hook_cell_carried");
    int kept = times(b, "rnn.hook_cell_kept", open[1], cell_carried);
    int written = times(b, "rnn.hook_cell_written", open[0], open[2]);
    int cell = add(b, "rnn.hook_cell", kept, written);
    close_loop(b, cell_carried, cell);
    int shown = activate(b, "rnn.hook_cell_tanh", ACT_TANH, cell);
    int hidden = times(b, "rnn.hook_hidden", open[3], shown);
    close_loop(b, carried, hidden);
    return hidden;
}

/* Gates r (reset), z (update), and n (what is new): h_i = (1 − z)·n + z·h_{i−1}. As in PyTorch, r
 * closes W_hh h + b_hh as a whole. */
static int gru(Build *b, int x) {
    static const char *const name[] = {"r", "z", "n"};
    int in[3], recurrent[3], pre[2], open[2];
    for (int k = 0; k < 3; k++)
        in[k] = from_input(b, name[k], k, x);
    int carried = carry(b, "rnn.hook_carried");
    for (int k = 0; k < 3; k++)
        recurrent[k] = from_state(b, name[k], k, carried);
    for (int k = 0; k < 2; k++)
        pre[k] = add(b, gate_name(b, "pre", name[k]), in[k], recurrent[k]);
    for (int k = 0; k < 2; k++)
        open[k] = activate(b, gate_name(b, "", name[k]), ACT_SIGMOID, pre[k]);
    int reset = times(b, "rnn.hook_reset", open[0], recurrent[2]);
    int n = activate(b, "rnn.hook_n", ACT_TANH, add(b, "rnn.hook_pre_n", in[2], reset));
    int hidden = STAGE(b, "rnn.hook_hidden", OP_BLEND, NO_PARAM, state_rows(b), node_ref(open[1]),
                       node_ref(n), node_ref(carried));
    close_loop(b, carried, hidden);
    return hidden;
}

static int layer(Build *b, int x) {
    switch (b->config->cell) {
    case CELL_RNN: return rnn(b, x);
    case CELL_LSTM: return lstm(b, x);
    case CELL_GRU: return gru(b, x);
    case CELL_NONE: break;
    }
    assert(false && "a model that is not recurrent");
    return x;
}

void recurrent_build(Build *b) {
    int x = STAGE(b, "hook_embed", OP_EMBED, NO_PARAM, shape_model(b),
                  node_ref(build_ids(b, "hook_tokens")), weight_ref(b, ROLE_EMBED));
    for (size_t l = 0; l < b->config->n_layers; l++) {
        b->layer = (int)l;
        x = layer(b, x);
    }
    b->layer = -1;
    build_logits(b, x);
}
