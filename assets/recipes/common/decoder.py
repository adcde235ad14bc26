"""Llama, Mistral and Mixtral in plain PyTorch, with Hugging Face's names and layouts.

Shapes: B sequences, T tokens, H query heads, G key and value heads (each serves H / G query
heads), D = hidden_size, K = D / H, E experts, V = vocab_size. Weights are [out, in].
"""
import math

import torch
from torch.nn import functional as F


def config(model_type, vocab_size, eot, width, layers, heads, kv_heads, inner, **more):
    """config.json. more: sliding_window (mistral), or the experts' fields (mixtral)."""
    name = model_type.capitalize()
    return {"model_type": model_type, "architectures": [name + "ForCausalLM"],
            "hidden_size": width, "intermediate_size": inner, "num_hidden_layers": layers,
            "num_attention_heads": heads, "num_key_value_heads": kv_heads, "hidden_act": "silu",
            "max_position_embeddings": 256, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
            "tie_word_embeddings": True, "vocab_size": vocab_size, "bos_token_id": eot,
            "eos_token_id": eot, **more}


def init_weights(c, seed):
    """Normal, what is added to the residual stream divided by sqrt(2 layers)."""
    g = torch.Generator().manual_seed(seed)
    D, n, inner = c["hidden_size"], c["num_hidden_layers"], c["intermediate_size"]
    kv = D // c["num_attention_heads"] * c["num_key_value_heads"]

    def normal(n_out, n_in, std=0.05):
        return torch.randn(n_out, n_in, generator=g) * std

    w = {"model.embed_tokens.weight": normal(c["vocab_size"], D, 0.1)}
    last = 0.05 / math.sqrt(2 * n)
    for i in range(n):
        p = f"model.layers.{i}."
        w[p + "input_layernorm.weight"] = torch.ones(D)
        w[p + "post_attention_layernorm.weight"] = torch.ones(D)
        w[p + "self_attn.q_proj.weight"] = normal(D, D)
        w[p + "self_attn.k_proj.weight"] = normal(kv, D)
        w[p + "self_attn.v_proj.weight"] = normal(kv, D)
        w[p + "self_attn.o_proj.weight"] = normal(D, D, last)
        if "num_local_experts" in c:
            moe = p + "block_sparse_moe."
            w[moe + "gate.weight"] = normal(c["num_local_experts"], D)
            for e in range(c["num_local_experts"]):
                for name, shape in (("w1", (inner, D)), ("w2", (D, inner)), ("w3", (inner, D))):
                    w[f"{moe}experts.{e}.{name}.weight"] = normal(
                        *shape, std=last if name == "w2" else 0.05)
        else:
            w[p + "mlp.gate_proj.weight"] = normal(inner, D)
            w[p + "mlp.up_proj.weight"] = normal(inner, D)
            w[p + "mlp.down_proj.weight"] = normal(D, inner, last)
    w["model.norm.weight"] = torch.ones(D)
    return w


def rms_norm(x, weight, eps):
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + eps) * weight


def rotation(T, K, theta):
    """(cos, sin), each [T, K]: dimension k turns with k + K / 2."""
    angle = torch.arange(T)[:, None] * theta ** (-torch.arange(0, K, 2) / K)
    angle = torch.cat([angle, angle], 1)
    return angle.cos(), angle.sin()


def rotate(x, turn):
    a, b = x.chunk(2, -1)
    return x * turn[0] + torch.cat([-b, a], -1) * turn[1]


def hidden_from(T, window):
    """[T, T]: True where a query must not look: at the future, or beyond the window."""
    back = torch.arange(T)[:, None] - torch.arange(T)
    return (back < 0) | (back >= (window or T))


def attention(w, c, p, x, turn, hidden, keep):
    B, T, D = x.shape
    H, G = c["num_attention_heads"], c["num_key_value_heads"]
    K = D // H
    q = F.linear(x, w[p + "q_proj.weight"]).view(B, T, H, K).transpose(1, 2)
    k = F.linear(x, w[p + "k_proj.weight"]).view(B, T, G, K).transpose(1, 2)
    v = F.linear(x, w[p + "v_proj.weight"]).view(B, T, G, K).transpose(1, 2)
    # The query heads of a group are stacked along T, so that its keys need no copies.
    q = rotate(q * (1 / math.sqrt(K)), turn).reshape(B, G, H // G * T, K)
    scores = (q @ rotate(k, turn).transpose(2, 3)).view(B, G, H // G, T, T)
    pattern = scores.masked_fill(hidden, -math.inf).softmax(-1)
    if keep is not None:
        keep["pattern", len(keep)] = pattern.view(B, H, T, T)
    z = pattern.view(B, G, H // G * T, T) @ v
    z = z.view(B, H, T, K).transpose(1, 2).reshape(B, T, D)
    return F.linear(z, w[p + "o_proj.weight"])


def swiglu(x, gate, up, down):
    return F.linear(F.silu(F.linear(x, gate)) * F.linear(x, up), down)


def experts(w, c, p, x, routes):
    """Each token through the experts that its router likes best, weighted by its liking."""
    E, chosen = c["num_local_experts"], c["num_experts_per_tok"]
    flat = x.flatten(0, 1)
    probability = F.linear(flat, w[p + "gate.weight"]).softmax(-1)
    share, who = probability.topk(chosen)
    share = share / share.sum(-1, keepdim=True)
    if routes is not None:
        routes.append((probability, who))
    out = torch.zeros_like(flat)
    for e in range(E):
        token, slot = (who == e).nonzero(as_tuple=True)
        weights = [w[f"{p}experts.{e}.{name}.weight"] for name in ("w1", "w3", "w2")]
        out = out.index_add(0, token, swiglu(flat[token], *weights) * share[token, slot, None])
    return out.view_as(x)


def forward(w, c, ids, keep=None, routes=None):
    """Logits [B, T, V] of ids [B, T]; keep, a dict, receives ("pattern", layer) [B, H, T, T];
    routes, a list, each layer's (router probabilities [B·T, E], chosen experts [B·T, 2])."""
    eps, T = c["rms_norm_eps"], ids.shape[1]
    turn = rotation(T, c["hidden_size"] // c["num_attention_heads"], c["rope_theta"])
    hidden = hidden_from(T, c.get("sliding_window"))
    x = F.embedding(ids, w["model.embed_tokens.weight"])
    for i in range(c["num_hidden_layers"]):
        p = f"model.layers.{i}."
        h = rms_norm(x, w[p + "input_layernorm.weight"], eps)
        x = x + attention(w, c, p + "self_attn.", h, turn, hidden, keep)
        h = rms_norm(x, w[p + "post_attention_layernorm.weight"], eps)
        if "num_local_experts" in c:
            x = x + experts(w, c, p + "block_sparse_moe.", h, routes)
        else:
            x = x + swiglu(h, *(w[f"{p}mlp.{name}_proj.weight"] for name in ("gate", "up", "down")))
    x = rms_norm(x, w["model.norm.weight"], eps)
    return F.linear(x, w.get("lm_head.weight", w["model.embed_tokens.weight"]))


def balance_loss(routes):
    """How unevenly tokens are sent: 1 for an even split (Fedus et al. 2021, equation 4)."""
    total = 0
    for probability, who in routes:
        E = probability.shape[1]
        share = F.one_hot(who, E).float().mean((0, 1))
        total = total + E * (share * probability.mean(0)).sum()
    return total / len(routes)
