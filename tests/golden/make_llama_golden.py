#!/usr/bin/env python3
"""Random Llama, Mistral and Qwen2 models of odd shapes, and every activation of one prompt, for tests/.

A plain Llama in PyTorch, written from the papers (RMSNorm, RoPE on pairs (m, m + d/2), grouped
queries, gated FFN) and the Hugging Face layout of the weights; it reads nothing of this project.
Each model becomes a folder beside this file, as make_gpt2_golden.py does it.

Run by hand: /usr/bin/python3 tests/golden/make_llama_golden.py
"""
import json
import math

import torch

from make_gpt2_golden import ACTIVATIONS, HERE, PROMPT, save

ACTIVATIONS = {**ACTIVATIONS, "silu": lambda x: x * torch.sigmoid(x)}


def sizes(c):
    M, H = c["hidden_size"], c["num_attention_heads"]
    return M, H, c["num_key_value_heads"], c.get("head_dim") or M // H


def random_weights(c, generator):
    def normal(*shape, scale=1.0, about=0.0):
        return about + scale * torch.randn(*shape, generator=generator)

    M, H, KV, D = sizes(c)
    inner = c["intermediate_size"]
    w = {"model.embed_tokens.weight": normal(c["vocab_size"], M)}
    for layer in range(c["num_hidden_layers"]):
        p = f"model.layers.{layer}."
        w[p + "input_layernorm.weight"] = normal(M, scale=0.2, about=1)
        w[p + "post_attention_layernorm.weight"] = normal(M, scale=0.2, about=1)
        maps = {"q": (H * D, M, 1.5), "k": (KV * D, M, 1.5), "v": (KV * D, M, 1),
                "o": (M, H * D, 1)}
        for name, (out, width, scale) in maps.items():
            q = f"{p}self_attn.{name}_proj."
            w[q + "weight"] = normal(out, width, scale=scale / math.sqrt(width))
            if c["attention_bias"] or (c["model_type"] == "qwen2" and name != "o"):
                w[q + "bias"] = normal(out, scale=0.2)
        for name, out, width in (("gate", inner, M), ("up", inner, M), ("down", M, inner)):
            q = f"{p}mlp.{name}_proj."
            w[q + "weight"] = normal(out, width, scale=1.2 / math.sqrt(width))
            if c["mlp_bias"]:
                w[q + "bias"] = normal(out, scale=0.2)
    w["model.norm.weight"] = normal(M, scale=0.2, about=1)
    if not c["tie_word_embeddings"]:
        w["lm_head.weight"] = normal(c["vocab_size"], M, scale=2 / math.sqrt(M))
    return w


def linear(x, w, name):
    y = x @ w[name + ".weight"].T
    return y + w[name + ".bias"] if name + ".bias" in w else y


def rms_norm(records, name, x, weight, eps):
    scale = torch.sqrt((x * x).mean(dim=-1, keepdim=True) + eps)
    records[name + ".hook_scale"] = scale
    records[name + ".hook_normalized"] = x / scale * weight
    return records[name + ".hook_normalized"]


def turn(x, cos, sin):
    low, high = x.chunk(2, dim=-1)
    cos, sin = cos[:, None], sin[:, None]
    return torch.cat([low * cos - high * sin, high * cos + low * sin], dim=-1)


def rope_speeds(c, D):
    """Radians a position, for each pair of dimensions; slower where the context was stretched."""
    speed = 1.0 / c["rope_theta"] ** (torch.arange(0, D, 2).float() / D)
    scaling = c.get("rope_scaling")
    if not scaling:
        return speed
    if scaling["rope_type"] == "linear":
        return speed / scaling["factor"]
    # Llama 3: waves that fit often into the first context keep their speed, those longer than it are
    # slowed by the factor, and between the two the speed goes over from one to the other.
    assert scaling["rope_type"] == "llama3"
    turns = scaling["original_max_position_embeddings"] * speed / (2 * math.pi)
    low, high = scaling["low_freq_factor"], scaling["high_freq_factor"]
    kept = ((turns - low) / (high - low)).clamp(0, 1)
    slower = kept * speed + (1 - kept) * speed / scaling["factor"]
    check_llama3(speed, slower, **scaling)
    return slower


def check_llama3(speed, slower, rope_type, factor, low_freq_factor, high_freq_factor,
                 original_max_position_embeddings):
    """Wave by wave, by the length; and the model has a wave of each kind."""
    longest = original_max_position_embeddings / low_freq_factor
    shortest = original_max_position_embeddings / high_freq_factor
    kinds = set()
    for was, now in zip(speed.tolist(), slower.tolist()):
        length = 2 * math.pi / was
        if length < shortest:
            kind, expected = "kept", was
        elif length > longest:
            kind, expected = "slowed", was / factor
        else:
            smooth = (original_max_position_embeddings / length - low_freq_factor) \
                / (high_freq_factor - low_freq_factor)
            kind, expected = "between", (1 - smooth) * was / factor + smooth * was
        kinds.add(kind)
        assert abs(now / expected - 1) < 1e-6, (rope_type, was, now, expected)
    assert len(kinds) == 3


def attention(r, p, x, w, wp, c):
    T = x.shape[0]
    M, H, KV, D = sizes(c)
    q = linear(x, w, wp + "self_attn.q_proj").reshape(T, H, D)
    k = linear(x, w, wp + "self_attn.k_proj").reshape(T, KV, D)
    v = linear(x, w, wp + "self_attn.v_proj").reshape(T, KV, D)
    r[p + "attn.hook_q"], r[p + "attn.hook_k"], r[p + "attn.hook_v"] = q, k, v
    angle = torch.arange(T).float()[:, None] * rope_speeds(c, D)
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    r[p + "attn.hook_rot_cos"], r[p + "attn.hook_rot_sin"] = cos, sin
    q, k = turn(q, cos, sin), turn(k, cos, sin)
    r[p + "attn.hook_rot_q"], r[p + "attn.hook_rot_k"] = q, k
    wide_k, wide_v = (part.repeat_interleave(H // KV, dim=1) for part in (k, v))
    raw = torch.einsum("qhd,khd->hqk", q, wide_k)
    scaled = raw / math.sqrt(D)
    hidden = torch.ones(T, T).triu(1).bool()
    if c.get("sliding_window"):
        hidden |= torch.ones(T, T).tril(-c["sliding_window"]).bool()
    scores = scaled.masked_fill(hidden, -math.inf)
    pattern = torch.softmax(scores, dim=-1)
    z = torch.einsum("hqk,khd->qhd", pattern, wide_v)
    r[p + "attn.hook_attn_scores_raw"] = raw
    r[p + "attn.hook_attn_scores_scaled"] = scaled
    r[p + "attn.hook_attn_scores"] = scores
    r[p + "attn.hook_pattern"] = pattern
    r[p + "attn.hook_z"] = z
    out = w[wp + "self_attn.o_proj.weight"].T
    r[p + "attn.hook_result"] = torch.einsum("qhd,hdm->qhm", z, out.reshape(H, D, M))
    return linear(z.reshape(T, H * D), w, wp + "self_attn.o_proj")


def forward(ids, w, c):
    eps, r = c["rms_norm_eps"], {"hook_tokens": ids.to(torch.int32)}
    x = r["hook_embed"] = w["model.embed_tokens.weight"][ids]
    r["hook_full_embed_pre"] = x
    for layer in range(c["num_hidden_layers"]):
        p, wp = f"blocks.{layer}.", f"model.layers.{layer}."
        r[p + "hook_resid_pre"] = x
        normed = rms_norm(r, p + "ln1", x, w[wp + "input_layernorm.weight"], eps)
        r[p + "hook_attn_out"] = attention(r, p, normed, w, wp, c)
        x = r[p + "hook_resid_mid"] = x + r[p + "hook_attn_out"]
        normed = rms_norm(r, p + "ln2", x, w[wp + "post_attention_layernorm.weight"], eps)
        gate = r[p + "mlp.hook_pre"] = linear(normed, w, wp + "mlp.gate_proj")
        up = r[p + "mlp.hook_pre_linear"] = linear(normed, w, wp + "mlp.up_proj")
        post = r[p + "mlp.hook_post"] = ACTIVATIONS[c["hidden_act"]](gate) * up
        r[p + "hook_mlp_out"] = linear(post, w, wp + "mlp.down_proj")
        x = r[p + "hook_resid_post"] = x + r[p + "hook_mlp_out"]
    x = rms_norm(r, "ln_final", x, w["model.norm.weight"], eps)
    r["logits"] = x @ w.get("lm_head.weight", w["model.embed_tokens.weight"]).T
    r["probs"] = torch.softmax(r["logits"], dim=-1)
    return r


def check(ids, w, c, records):
    """In double the same comes out, up to rounding."""
    wide = forward(ids, {name: tensor.double() for name, tensor in w.items()}, c)
    for name, tensor in records.items():
        exact = wide[name].double()
        finite = torch.isfinite(exact)
        off = ((tensor.double() - exact).abs() / (1 + exact.abs()))[finite].max().item()
        assert off < 1e-5, (name, off)


def make(name, seed, dtype, config, newer=False):
    c = {"model_type": "llama", "vocab_size": 53, "max_position_embeddings": 24, "rms_norm_eps": 1e-6,
         "rope_theta": 10000.0, "hidden_act": "silu", "attention_bias": False, "mlp_bias": False,
         "tie_word_embeddings": False, **config}
    generator = torch.Generator().manual_seed(seed)
    weights = {n: t.to(dtype) for n, t in random_weights(c, generator).items()}
    ids = torch.randint(c["vocab_size"], (PROMPT,), generator=generator)
    ids[5] = ids[2]
    used = {n: t.float() for n, t in weights.items()}
    records = forward(ids, used, c)
    check(ids, used, c, records)
    print(f"{name}: |stream| up to {records['ln_final.hook_scale'].max():.1f}, sharpest weight "
          f"{records['blocks.0.attn.hook_pattern'][:, -1].max():.2f}")
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    if newer:  # one object for all that turns queries and keys
        theta, scaling = c.pop("rope_theta"), c.pop("rope_scaling")
        c["rope_parameters"] = {"rope_theta": theta, **scaling}
    written = {**c, "torch_dtype": str(dtype).removeprefix("torch.")}
    if c["model_type"] != "llama":  # these have no such fields
        del written["attention_bias"], written["mlp_bias"]
    (folder / "config.json").write_text(json.dumps(written, indent=2) + "\n")
    save(folder / "model.safetensors", weights)
    save(folder / "expected.safetensors", records)


def main():
    torch.set_num_threads(1)
    make("llama-a", 11, torch.float32,
         {"hidden_size": 20, "intermediate_size": 30, "num_hidden_layers": 2,
          "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 6,
          "attention_bias": True})
    make("llama-b", 12, torch.float16,
         {"hidden_size": 16, "intermediate_size": 37, "num_hidden_layers": 2,
          "num_attention_heads": 2, "num_key_value_heads": 1, "rope_theta": 500.0,
          "hidden_act": "gelu", "mlp_bias": True, "tie_word_embeddings": True})
    make("llama-c", 15, torch.float32,
         {"hidden_size": 18, "intermediate_size": 25, "num_hidden_layers": 1,
          "num_attention_heads": 3, "num_key_value_heads": 1,
          "rope_scaling": {"rope_type": "linear", "factor": 2.5}}, newer=True)
    make("llama-d", 16, torch.float32,
         {"hidden_size": 16, "intermediate_size": 21, "num_hidden_layers": 2,
          "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 8, "rope_theta": 500.0,
          "max_position_embeddings": 256,
          "rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0,
                           "high_freq_factor": 4.0, "original_max_position_embeddings": 32}})
    make("mistral-a", 13, torch.bfloat16,
         {"model_type": "mistral", "hidden_size": 16, "intermediate_size": 24,
          "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
          "sliding_window": 3})
    make("qwen2-a", 14, torch.float32,
         {"model_type": "qwen2", "hidden_size": 16, "intermediate_size": 24,
          "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
          "tie_word_embeddings": True, "use_sliding_window": False, "sliding_window": None})


if __name__ == "__main__":
    main()
