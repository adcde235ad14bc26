#!/usr/bin/env python3
"""Random GPT-2 models of odd shapes, and every activation of one prompt, for tests/.

A plain GPT-2 in PyTorch, written from the paper and the Hugging Face layout of the weights; it reads
nothing of this project. Each model becomes a Hugging Face folder beside this file (config.json,
model.safetensors) with expected.safetensors: the records of the trace, computed in float32 on the
weights as they are stored.

Run by hand: /usr/bin/python3 tests/golden/make_gpt2_golden.py
(Debian: python3-torch python3-numpy; the committed files were made with PyTorch 1.13.1.)
"""
import json
import math
import pathlib
import struct

import torch
import torch.nn.functional as F

HERE = pathlib.Path(__file__).parent
PROMPT = 9
TYPES = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16",
         torch.int32: "I32", torch.int64: "I64", torch.uint8: "U8"}

ACTIVATIONS = {
    "gelu": lambda x: x * 0.5 * (1 + torch.erf(x / math.sqrt(2))),
    "gelu_new": lambda x: 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x ** 3))),
    "relu": torch.relu,
}


def save(path, tensors, metadata=None):
    """safetensors: 8 bytes of header length, a JSON header, the data back to back."""
    header, data = {"__metadata__": metadata} if metadata else {}, b""
    for name, tensor in tensors.items():
        tensor = tensor.contiguous()
        raw = tensor.view(torch.int16) if tensor.dtype == torch.bfloat16 else tensor
        raw = raw.numpy().tobytes()
        header[name] = {"dtype": TYPES[tensor.dtype], "shape": list(tensor.shape),
                        "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def random_weights(c, generator):
    """Scaled so that the stream stays of order 1 to 10 and attention is far from uniform."""
    def normal(*shape, scale=1.0, about=0.0):
        return about + scale * torch.randn(*shape, generator=generator)

    M, inner = c["n_embd"], c["n_inner"] or 4 * c["n_embd"]
    w = {"transformer.wte.weight": normal(c["vocab_size"], M),
         "transformer.wpe.weight": normal(c["n_positions"], M, scale=0.5)}
    for layer in range(c["n_layer"]):
        p = f"transformer.h.{layer}."
        w[p + "ln_1.weight"] = normal(M, scale=0.2, about=1)
        w[p + "ln_1.bias"] = normal(M, scale=0.2)
        # Without ÷ √d_head the scores would be √d_head times as large.
        query_scale = 1.5 if c["scale_attn_weights"] else 0.8
        scale = torch.cat([torch.full((2 * M,), query_scale), torch.ones(M)]) / math.sqrt(M)
        w[p + "attn.c_attn.weight"] = normal(M, 3 * M) * scale
        w[p + "attn.c_attn.bias"] = normal(3 * M, scale=0.2)
        w[p + "attn.c_proj.weight"] = normal(M, M, scale=1 / math.sqrt(M))
        w[p + "attn.c_proj.bias"] = normal(M, scale=0.2)
        w[p + "ln_2.weight"] = normal(M, scale=0.2, about=1)
        w[p + "ln_2.bias"] = normal(M, scale=0.2)
        w[p + "mlp.c_fc.weight"] = normal(M, inner, scale=1.2 / math.sqrt(M))
        w[p + "mlp.c_fc.bias"] = normal(inner, scale=0.2)
        w[p + "mlp.c_proj.weight"] = normal(inner, M, scale=1 / math.sqrt(inner))
        w[p + "mlp.c_proj.bias"] = normal(M, scale=0.2)
    w["transformer.ln_f.weight"] = normal(M, scale=0.2, about=1)
    w["transformer.ln_f.bias"] = normal(M, scale=0.2)
    if not c["tie_word_embeddings"]:
        w["lm_head.weight"] = normal(c["vocab_size"], M, scale=2 / math.sqrt(M))
    return w


def layer_norm(records, name, x, weight, bias, eps):
    mean = x.mean(dim=-1, keepdim=True)
    scale = torch.sqrt(((x - mean) ** 2).mean(dim=-1, keepdim=True) + eps)
    records[name + ".hook_mean"] = mean
    records[name + ".hook_scale"] = scale
    records[name + ".hook_normalized"] = (x - mean) / scale * weight + bias
    return records[name + ".hook_normalized"]


def attention(r, p, x, w, wp, c):
    T, M = x.shape
    H = c["n_head"]
    D = M // H
    qkv = x @ w[wp + "attn.c_attn.weight"] + w[wp + "attn.c_attn.bias"]
    q, k, v = (part.reshape(T, H, D) for part in qkv.split(M, dim=1))
    r[p + "attn.hook_q"], r[p + "attn.hook_k"], r[p + "attn.hook_v"] = q, k, v
    raw = torch.einsum("qhd,khd->hqk", q, k)
    scaled = raw / math.sqrt(D) if c["scale_attn_weights"] else raw
    later = torch.ones(T, T).triu(1).bool()
    scores = scaled.masked_fill(later, -math.inf)
    pattern = torch.softmax(scores, dim=-1)
    z = torch.einsum("hqk,khd->qhd", pattern, v)
    r[p + "attn.hook_attn_scores_raw"] = raw
    r[p + "attn.hook_attn_scores_scaled"] = scaled
    r[p + "attn.hook_attn_scores"] = scores
    r[p + "attn.hook_pattern"] = pattern
    r[p + "attn.hook_z"] = z
    out = w[wp + "attn.c_proj.weight"]
    r[p + "attn.hook_result"] = torch.einsum("qhd,hdm->qhm", z, out.reshape(H, D, M))
    return z.reshape(T, M) @ out + w[wp + "attn.c_proj.bias"]


def forward(ids, w, c):
    eps, r = c["layer_norm_epsilon"], {"hook_tokens": ids.to(torch.int32)}
    r["hook_embed"] = w["transformer.wte.weight"][ids]
    r["hook_pos_embed"] = w["transformer.wpe.weight"][:len(ids)]
    x = r["hook_full_embed_pre"] = r["hook_embed"] + r["hook_pos_embed"]
    for layer in range(c["n_layer"]):
        p, wp = f"blocks.{layer}.", f"transformer.h.{layer}."
        r[p + "hook_resid_pre"] = x
        normed = layer_norm(r, p + "ln1", x, w[wp + "ln_1.weight"], w[wp + "ln_1.bias"], eps)
        r[p + "hook_attn_out"] = attention(r, p, normed, w, wp, c)
        x = r[p + "hook_resid_mid"] = x + r[p + "hook_attn_out"]
        normed = layer_norm(r, p + "ln2", x, w[wp + "ln_2.weight"], w[wp + "ln_2.bias"], eps)
        pre = r[p + "mlp.hook_pre"] = normed @ w[wp + "mlp.c_fc.weight"] + w[wp + "mlp.c_fc.bias"]
        post = r[p + "mlp.hook_post"] = ACTIVATIONS[c["activation_function"]](pre)
        r[p + "hook_mlp_out"] = post @ w[wp + "mlp.c_proj.weight"] + w[wp + "mlp.c_proj.bias"]
        x = r[p + "hook_resid_post"] = x + r[p + "hook_mlp_out"]
    x = layer_norm(r, "ln_final", x, w["transformer.ln_f.weight"], w["transformer.ln_f.bias"], eps)
    unembed = w["transformer.wte.weight"] if c["tie_word_embeddings"] else w["lm_head.weight"]
    r["logits"] = x @ unembed.T
    r["probs"] = torch.softmax(r["logits"], dim=-1)
    return r


def check(ids, w, c, records):
    """PyTorch's own LayerNorm, GELU and attention agree with what is written out above."""
    last = c["n_layer"] - 1
    p, wp = f"blocks.{last}.", f"transformer.h.{last}."
    theirs = F.layer_norm(records[p + "hook_resid_mid"], (c["n_embd"],), w[wp + "ln_2.weight"],
                          w[wp + "ln_2.bias"], c["layer_norm_epsilon"])
    torch.testing.assert_close(theirs, records[p + "ln2.hook_normalized"], atol=1e-5, rtol=1e-5)
    theirs = {"gelu": F.gelu, "relu": F.relu,
              "gelu_new": lambda x: F.gelu(x, approximate="tanh")}[c["activation_function"]]
    torch.testing.assert_close(theirs(records[p + "mlp.hook_pre"]), records[p + "mlp.hook_post"],
                               atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(records[p + "attn.hook_result"].sum(1) + w[wp + "attn.c_proj.bias"],
                               records[p + "hook_attn_out"], atol=1e-5, rtol=1e-5)
    wide = forward(ids, {name: tensor.double() for name, tensor in w.items()}, c)
    for name, tensor in records.items():
        ours, exact = tensor.double(), wide[name].double()
        finite = torch.isfinite(exact)
        off = ((ours - exact).abs() / (1 + exact.abs()))[finite].max().item()
        assert off < 1e-5, (name, off)


def describe(name, records, c):
    stream = records[f"blocks.{c['n_layer'] - 1}.hook_resid_post"]
    sharpest = [records[f"blocks.{i}.attn.hook_pattern"][:, -1].max().item()
                for i in range(c["n_layer"])]
    print(f"{name}: |stream| up to {stream.abs().max():.1f}, largest weight of the last query "
          f"{', '.join(f'{s:.2f}' for s in sharpest)}, best token "
          f"{records['probs'][-1].max():.2f}")


def add_buffers(stored, c, names):
    """Old files keep the causal mask and its −10,000 in every layer."""
    n = c["n_positions"]
    for layer in range(c["n_layer"]):
        stored[names(f"transformer.h.{layer}.attn.bias")] = \
            torch.ones(n, n, dtype=torch.uint8).tril().reshape(1, 1, n, n)
        stored[names(f"transformer.h.{layer}.attn.masked_bias")] = torch.tensor(-10000.0)


def make(name, seed, dtype, config, prefix=True, buffers=False):
    c = {"vocab_size": 97, "n_positions": 24, "n_inner": None, "layer_norm_epsilon": 1e-5,
         "scale_attn_weights": True, "tie_word_embeddings": True, **config}
    generator = torch.Generator().manual_seed(seed)
    def names(full):
        return full if prefix else full.replace("transformer.", "", 1)
    weights = {n: t.to(dtype) for n, t in random_weights(c, generator).items()}
    ids = torch.randint(c["vocab_size"], (PROMPT,), generator=generator)
    ids[5] = ids[2]  # one token twice: position alone tells the two apart
    used = {n: t.float() for n, t in weights.items()}
    records = forward(ids, used, c)
    check(ids, used, c, records)
    describe(name, records, c)
    stored = {names(n): t for n, t in weights.items()}
    if buffers:
        add_buffers(stored, c, names)
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    written = {"architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", **c,
               "torch_dtype": str(dtype).removeprefix("torch.")}
    (folder / "config.json").write_text(json.dumps(written, indent=2) + "\n")
    save(folder / "model.safetensors", stored)
    save(folder / "expected.safetensors", records)


def main():
    torch.set_num_threads(1)
    make("gpt2-a", 1, torch.float32,
         {"n_embd": 40, "n_head": 5, "n_layer": 3, "n_inner": 56, "tie_word_embeddings": False,
          "activation_function": "gelu"})
    make("gpt2-b", 2, torch.float16,
         {"n_embd": 40, "n_head": 5, "n_layer": 2, "activation_function": "relu"})
    make("gpt2-c", 3, torch.bfloat16,
         {"vocab_size": 61, "n_embd": 24, "n_head": 3, "n_layer": 2, "scale_attn_weights": False,
          "activation_function": "gelu_new"}, prefix=False, buffers=True)


if __name__ == "__main__":
    main()
