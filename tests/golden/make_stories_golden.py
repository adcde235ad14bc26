#!/usr/bin/env python3
"""stories260K's own greedy text: 200 tokens after <s>, in NumPy, float32.

A Llama in NumPy with the keys and values of earlier positions kept; it reads the model's folder and
nothing of this project. The ids must not hang on rounding: the same in float64 gives the same ids, and
the smallest gap between the best logit and the second stands in the file.

Run by hand: python3 tests/golden/make_stories_golden.py [folder of the model]
"""
import json
import pathlib
import struct
import sys

import numpy as np

HERE = pathlib.Path(__file__).parent
FOLDER = HERE.parents[1] / ".." / "shared" / "models" / "stories260K"
TOKENS = 200


def load(path):
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    weights = {}
    for name, entry in json.loads(data[8:8 + length]).items():
        if name != "__metadata__":
            begin, end = (8 + length + offset for offset in entry["data_offsets"])
            kind = {"F32": "<f4", "F16": "<f2"}[entry["dtype"]]
            weights[name] = np.frombuffer(data[begin:end], kind).reshape(entry["shape"])
    return weights


def rms_norm(x, weight, eps):
    return x / np.sqrt(np.mean(x * x) + x.dtype.type(eps)) * weight


def turn(x, cos, sin):
    low, high = np.split(x, 2, axis=-1)
    return np.concatenate([low * cos - high * sin, high * cos + low * sin], axis=-1)


def softmax(x):
    shares = np.exp(x - x.max(axis=-1, keepdims=True))
    return shares / shares.sum(axis=-1, keepdims=True)


def step(token, position, w, c, past):
    """The logits after one more token; `past` holds the keys and values of each layer."""
    H, KV = c["num_attention_heads"], c["num_key_value_heads"]
    D = c["hidden_size"] // H
    x = w["model.embed_tokens.weight"][token]
    kind = x.dtype.type
    angle = position / np.power(c["rope_theta"], np.arange(0, D, 2) / D)
    cos, sin = np.cos(angle).astype(kind), np.sin(angle).astype(kind)
    for layer in range(c["num_hidden_layers"]):
        p = f"model.layers.{layer}."
        normed = rms_norm(x, w[p + "input_layernorm.weight"], c["rms_norm_eps"])
        q, k, v = ((w[f"{p}self_attn.{name}_proj.weight"] @ normed).reshape(-1, D)
                   for name in "qkv")
        q, k = turn(q, cos, sin), turn(k, cos, sin)
        keys, values = past[layer]
        keys.append(k)
        values.append(v)
        z = []
        for head in range(H):
            shared = head // (H // KV)
            seen = np.stack([row[shared] for row in keys])
            weights = softmax(seen @ q[head] / kind(np.sqrt(D)))
            z.append(weights @ np.stack([row[shared] for row in values]))
        x = x + w[p + "self_attn.o_proj.weight"] @ np.concatenate(z)
        normed = rms_norm(x, w[p + "post_attention_layernorm.weight"], c["rms_norm_eps"])
        gate = w[p + "mlp.gate_proj.weight"] @ normed
        gate = gate / (1 + np.exp(-gate)) * (w[p + "mlp.up_proj.weight"] @ normed)
        x = x + w[p + "mlp.down_proj.weight"] @ gate
    x = rms_norm(x, w["model.norm.weight"], c["rms_norm_eps"])
    return w.get("lm_head.weight", w["model.embed_tokens.weight"]) @ x


def greedy(w, c):
    ids, gaps, past = [c["bos_token_id"]], [], [([], []) for _ in range(c["num_hidden_layers"])]
    for position in range(TOKENS):
        logits = step(ids[-1], position, w, c, past)
        assert logits.dtype == w["model.norm.weight"].dtype
        second, best = np.sort(logits)[-2:]
        gaps.append(float(best - second))
        ids.append(int(logits.argmax()))
    return ids[1:], gaps


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    c = json.loads((folder / "config.json").read_text())
    weights = load(folder / "model.safetensors")
    ids, gaps = greedy({n: a.astype(np.float32) for n, a in weights.items()}, c)
    wide, wide_gaps = greedy({n: a.astype(np.float64) for n, a in weights.items()}, c)
    assert ids == wide
    off = max(abs(a - b) for a, b in zip(gaps, wide_gaps))
    assert min(gaps) > 100 * off, "a tie could go either way"
    assert c["eos_token_id"] not in ids
    smallest = min(range(TOKENS), key=gaps.__getitem__)
    print(f"smallest gap {gaps[smallest]:.4f} at step {smallest}; float32 moves a gap by at most "
          f"{off:.1e}")
    text = {"prompt": [c["bos_token_id"]], "ids": ids, "smallest_gap": round(gaps[smallest], 5)}
    (HERE / "stories260K-greedy.json").write_text(json.dumps(text) + "\n")


if __name__ == "__main__":
    main()
