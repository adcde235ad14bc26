#!/usr/bin/env python3
"""Random RNN, LSTM and GRU models of odd shapes, and every activation of one prompt, for tests/.

The gates are computed one by one from PyTorch's documentation of nn.RNN, nn.LSTM and nn.GRU, and the
states are compared with what those modules themselves return; it reads nothing of this project. Run by
hand: /usr/bin/python3 tests/golden/make_recurrent_golden.py
"""
import json
import math

import torch
from torch import nn

from make_gpt2_golden import HERE, PROMPT, save

GATES = {"rnn": [""], "lstm": ["i", "f", "g", "o"], "gru": ["r", "z", "n"]}


def module_of(c):
    sizes = (c["embedding_size"], c["hidden_size"], c["num_layers"])
    if c["model_type"] == "rnn":
        return nn.RNN(*sizes, nonlinearity=c.get("nonlinearity", "tanh"))
    return {"lstm": nn.LSTM, "gru": nn.GRU}[c["model_type"]](*sizes)


def random_weights(c, generator):
    def normal(*shape, scale=1.0):
        return scale * torch.randn(*shape, generator=generator)

    E, N, V = c["embedding_size"], c["hidden_size"], c["vocab_size"]
    w = {"embed.weight": normal(V, E)}
    for layer in range(c["num_layers"]):
        width = E if layer == 0 else N
        rows = len(GATES[c["model_type"]]) * N
        w[f"rnn.weight_ih_l{layer}"] = normal(rows, width, scale=1.2 / math.sqrt(width))
        w[f"rnn.weight_hh_l{layer}"] = normal(rows, N, scale=1.2 / math.sqrt(N))
        w[f"rnn.bias_ih_l{layer}"] = normal(rows, scale=0.3)
        w[f"rnn.bias_hh_l{layer}"] = normal(rows, scale=0.3)
    if not c["tie_word_embeddings"]:
        w["head.weight"] = normal(V, N, scale=2 / math.sqrt(N))
    w["head.bias"] = normal(V, scale=0.3)
    return w


def under(gate, start=""):
    return "hook_" + "_".join(part for part in (start, gate) if part)


class Layer:
    """One layer, token by token; `rows` collects each record's rows."""

    def __init__(self, c, w, layer):
        self.c, self.rows = c, {}
        self.gates = GATES[c["model_type"]]
        parts = len(self.gates)
        self.w_in = w[f"rnn.weight_ih_l{layer}"].chunk(parts)
        self.w_state = w[f"rnn.weight_hh_l{layer}"].chunk(parts)
        self.b_in = w[f"rnn.bias_ih_l{layer}"].chunk(parts)
        self.b_state = w[f"rnn.bias_hh_l{layer}"].chunk(parts)

    def keep(self, name, row):
        self.rows.setdefault(name, []).append(row)
        return row

    def maps(self, x, h):
        """W_ih x + b_ih and W_hh h + b_hh of each gate."""
        into, back = {}, {}
        for k, gate in enumerate(self.gates):
            into[gate] = self.keep(under(gate, "in"), self.w_in[k] @ x + self.b_in[k])
            back[gate] = self.keep(under(gate, "recurrent"), self.w_state[k] @ h + self.b_state[k])
        return into, back

    def gate(self, gate, act, into, back):
        return self.keep(under(gate), act(self.keep(under(gate, "pre"), into + back)))

    def rnn(self, x, h, cell):
        into, back = self.maps(x, h)
        act = {"tanh": torch.tanh, "relu": torch.relu}[self.c.get("nonlinearity", "tanh")]
        return act(self.keep("hook_pre", into[""] + back[""])), None

    def lstm(self, x, h, cell):
        into, back = self.maps(x, h)
        acts = {"i": torch.sigmoid, "f": torch.sigmoid, "g": torch.tanh, "o": torch.sigmoid}
        open_ = {name: self.gate(name, act, into[name], back[name]) for name, act in acts.items()}
        kept = self.keep("hook_cell_kept", open_["f"] * self.keep("hook_cell_carried", cell))
        written = self.keep("hook_cell_written", open_["i"] * open_["g"])
        cell = self.keep("hook_cell", kept + written)
        return open_["o"] * self.keep("hook_cell_tanh", torch.tanh(cell)), cell

    def gru(self, x, h, cell):
        into, back = self.maps(x, h)
        r = self.gate("r", torch.sigmoid, into["r"], back["r"])
        z = self.gate("z", torch.sigmoid, into["z"], back["z"])
        n = self.gate("n", torch.tanh, into["n"], self.keep("hook_reset", r * back["n"]))
        return (1 - z) * n + z * h, None

    def run(self, x):
        h = cell = torch.zeros(self.c["hidden_size"], dtype=x.dtype)
        for row in x:
            self.keep("hook_carried", h)
            h, cell = getattr(self, self.c["model_type"])(row, h, cell)
            self.keep("hook_hidden", h)
        return {name: torch.stack(rows) for name, rows in self.rows.items()}


def forward(ids, w, c):
    r = {"hook_tokens": ids.to(torch.int32)}
    x = r["hook_embed"] = w["embed.weight"][ids]
    for layer in range(c["num_layers"]):
        rows = Layer(c, w, layer).run(x)
        r.update({f"blocks.{layer}.rnn.{name}": tensor for name, tensor in rows.items()})
        x = rows["hook_hidden"]
    head = w["embed.weight"] if c["tie_word_embeddings"] else w["head.weight"]
    r["logits"] = x @ head.T + w["head.bias"]
    r["probs"] = torch.softmax(r["logits"], dim=-1)
    return r


def check_with_module(ids, w, c, records):
    """The last layer's states, as PyTorch's own module computes them."""
    module = module_of(c)
    module.load_state_dict({n[len("rnn."):]: t for n, t in w.items() if n.startswith("rnn.")})
    with torch.no_grad():
        states, last = module(w["embed.weight"][ids])
    top = c["num_layers"] - 1
    own = records[f"blocks.{top}.rnn.hook_hidden"]
    assert (states - own).abs().max() < 1e-5, (states - own).abs().max()
    if c["model_type"] == "lstm":
        cells = [records[f"blocks.{layer}.rnn.hook_cell"][-1] for layer in range(top + 1)]
        assert (last[1] - torch.stack(cells)).abs().max() < 1e-5


def make(name, seed, config):
    c = {"vocab_size": 43, "tie_word_embeddings": False, "bos_token_id": 0, "eos_token_id": 1, **config}
    generator = torch.Generator().manual_seed(seed)
    w = random_weights(c, generator)
    ids = torch.randint(c["vocab_size"], (PROMPT,), generator=generator)
    records = forward(ids, w, c)
    check_with_module(ids, w, c, records)
    wide = forward(ids, {n: t.double() for n, t in w.items()}, c)
    for record, tensor in records.items():
        exact = wide[record].double()
        assert ((tensor.double() - exact).abs() / (1 + exact.abs())).max() < 1e-5, record
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(c, indent=2) + "\n")
    save(folder / "model.safetensors", w)
    save(folder / "expected.safetensors", records)


def main():
    torch.set_num_threads(1)
    make("rnn-a", 31, {"model_type": "rnn", "embedding_size": 11, "hidden_size": 13, "num_layers": 2})
    make("rnn-b", 32, {"model_type": "rnn", "embedding_size": 10, "hidden_size": 10, "num_layers": 1,
                       "nonlinearity": "relu", "tie_word_embeddings": True})
    make("lstm-a", 33, {"model_type": "lstm", "embedding_size": 9, "hidden_size": 14, "num_layers": 2})
    make("gru-a", 34, {"model_type": "gru", "embedding_size": 15, "hidden_size": 7, "num_layers": 2})


if __name__ == "__main__":
    main()
