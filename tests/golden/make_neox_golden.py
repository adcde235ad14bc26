#!/usr/bin/env python3
"""Random GPT-NeoX models of odd shapes, and every activation of one prompt, for tests/.

A plain GPT-NeoX in PyTorch, written from the paper (parallel residual, rotary embedding on a part of
each head) and the Hugging Face layout of the weights (queries, keys and values inside each head); it
reads nothing of this project. Run by hand: /usr/bin/python3 tests/golden/make_neox_golden.py
"""
import json
import math

import torch

from make_gpt2_golden import ACTIVATIONS, HERE, PROMPT, layer_norm, save
from make_llama_golden import linear, turn


def random_weights(c, generator):
    def normal(*shape, scale=1.0, about=0.0):
        return about + scale * torch.randn(*shape, generator=generator)

    M, inner = c["hidden_size"], c["intermediate_size"]
    w = {"gpt_neox.embed_in.weight": normal(c["vocab_size"], M)}
    for layer in range(c["num_hidden_layers"]):
        p = f"gpt_neox.layers.{layer}."
        for name in ("input_layernorm", "post_attention_layernorm"):
            w[p + name + ".weight"] = normal(M, scale=0.2, about=1)
            w[p + name + ".bias"] = normal(M, scale=0.2)
        maps = {"attention.query_key_value": (3 * M, M), "attention.dense": (M, M),
                "mlp.dense_h_to_4h": (inner, M), "mlp.dense_4h_to_h": (M, inner)}
        for name, (out, width) in maps.items():
            w[p + name + ".weight"] = normal(out, width, scale=1.3 / math.sqrt(width))
            w[p + name + ".bias"] = normal(out, scale=0.2)
    w["gpt_neox.final_layer_norm.weight"] = normal(M, scale=0.2, about=1)
    w["gpt_neox.final_layer_norm.bias"] = normal(M, scale=0.2)
    w["embed_out.weight"] = normal(c["vocab_size"], M, scale=2 / math.sqrt(M))
    return w


def attention(r, p, x, w, wp, c):
    T, M = x.shape
    H = c["num_attention_heads"]
    D = M // H
    R = int(D * c["rotary_pct"])
    q, k, v = linear(x, w, wp + "attention.query_key_value").reshape(T, H, 3, D).unbind(2)
    r[p + "attn.hook_q"], r[p + "attn.hook_k"], r[p + "attn.hook_v"] = q, k, v
    speed = 1.0 / c["rotary_emb_base"] ** (torch.arange(0, R, 2).float() / R)
    angle = torch.arange(T).float()[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    r[p + "attn.hook_rot_cos"], r[p + "attn.hook_rot_sin"] = cos, sin
    q, k = (torch.cat([turn(part[..., :R], cos, sin), part[..., R:]], -1) for part in (q, k))
    r[p + "attn.hook_rot_q"], r[p + "attn.hook_rot_k"] = q, k
    raw = torch.einsum("qhd,khd->hqk", q, k)
    scaled = raw / math.sqrt(D)
    scores = scaled.masked_fill(torch.ones(T, T).triu(1).bool(), -math.inf)
    pattern = torch.softmax(scores, dim=-1)
    z = torch.einsum("hqk,khd->qhd", pattern, v)
    r[p + "attn.hook_attn_scores_raw"] = raw
    r[p + "attn.hook_attn_scores_scaled"] = scaled
    r[p + "attn.hook_attn_scores"] = scores
    r[p + "attn.hook_pattern"] = pattern
    r[p + "attn.hook_z"] = z
    return linear(z.reshape(T, M), w, wp + "attention.dense")


def forward(ids, w, c):
    eps, r = c["layer_norm_eps"], {"hook_tokens": ids.to(torch.int32)}
    x = r["hook_embed"] = w["gpt_neox.embed_in.weight"][ids]
    for layer in range(c["num_hidden_layers"]):
        p, wp = f"blocks.{layer}.", f"gpt_neox.layers.{layer}."
        r[p + "hook_resid_pre"] = x

        def norm(name, full, stream):
            return layer_norm(r, p + name, stream, w[wp + full + ".weight"],
                              w[wp + full + ".bias"], eps)

        attn = r[p + "hook_attn_out"] = attention(r, p, norm("ln1", "input_layernorm", x), w, wp, c)
        stream = x
        if not c["use_parallel_residual"]:
            stream = r[p + "hook_resid_mid"] = x + attn
        normed = norm("ln2", "post_attention_layernorm", stream)
        pre = r[p + "mlp.hook_pre"] = linear(normed, w, wp + "mlp.dense_h_to_4h")
        post = r[p + "mlp.hook_post"] = ACTIVATIONS[c["hidden_act"]](pre)
        mlp = r[p + "hook_mlp_out"] = linear(post, w, wp + "mlp.dense_4h_to_h")
        x = r[p + "hook_resid_post"] = x + attn + mlp
    x = layer_norm(r, "ln_final", x, w["gpt_neox.final_layer_norm.weight"],
                   w["gpt_neox.final_layer_norm.bias"], eps)
    r["logits"] = x @ w["embed_out.weight"].T
    r["probs"] = torch.softmax(r["logits"], dim=-1)
    return r


def make(name, seed, config):
    c = {"model_type": "gpt_neox", "vocab_size": 53, "max_position_embeddings": 24,
         "layer_norm_eps": 1e-5, "hidden_act": "gelu", "rotary_emb_base": 10000,
         "tie_word_embeddings": False, **config}
    generator = torch.Generator().manual_seed(seed)
    w = random_weights(c, generator)
    ids = torch.randint(c["vocab_size"], (PROMPT,), generator=generator)
    records = forward(ids, w, c)
    wide = forward(ids, {n: t.double() for n, t in w.items()}, c)
    for record, tensor in records.items():
        exact = wide[record].double()
        off = ((tensor.double() - exact).abs() / (1 + exact.abs()))[torch.isfinite(exact)].max()
        assert off < 1e-5, (record, off)
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(c, indent=2) + "\n")
    save(folder / "model.safetensors", w)
    save(folder / "expected.safetensors", records)


def main():
    torch.set_num_threads(1)
    make("neox-a", 21, {"hidden_size": 24, "intermediate_size": 40, "num_hidden_layers": 2,
                        "num_attention_heads": 3, "rotary_pct": 0.5,
                        "use_parallel_residual": True})
    make("neox-b", 22, {"hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 1,
                        "num_attention_heads": 2, "rotary_pct": 1.0,
                        "use_parallel_residual": False})


if __name__ == "__main__":
    main()
