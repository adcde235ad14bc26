#!/usr/bin/env python3
"""Random Mixtral models of odd shapes, and every activation of one prompt, for tests/.

A plain Mixtral in PyTorch, written from the paper (Jiang et al. 2024) and the Hugging Face layout of
the weights: Mistral with a router and E gated FFNs in each block; it reads nothing of this project.
Run by hand: /usr/bin/python3 tests/golden/make_mixtral_golden.py
"""
import torch

from common import ACTIVATIONS, Draw, attend, check_wide, later_keys, linear, rounded, same, \
    sharpness, widened, write
from make_gpt2_golden import PROMPT
from make_llama_golden import rms_norm, sizes, turn

MOE = "block_sparse_moe."


def random_weights(c, draw):
    M, H, KV, D = sizes(c)
    draw.normal("model.embed_tokens.weight", c["vocab_size"], M)
    for layer in range(c["num_hidden_layers"]):
        p = f"model.layers.{layer}."
        draw.norm(p + "input_layernorm", M, bias=False)
        draw.norm(p + "post_attention_layernorm", M, bias=False)
        for name, out, width, scale in (("q", H * D, M, 1.5), ("k", KV * D, M, 1.5),
                                        ("v", KV * D, M, 1), ("o", M, H * D, 1)):
            draw.linear(f"{p}self_attn.{name}_proj", out, width, scale, bias=False)
        draw.linear(p + MOE + "gate", c["num_local_experts"], M, bias=False)
        for expert in range(c["num_local_experts"]):
            q = f"{p}{MOE}experts.{expert}."
            draw.linear(q + "w1", c["intermediate_size"], M, 1.2, bias=False)
            draw.linear(q + "w2", M, c["intermediate_size"], 1.2, bias=False)
            draw.linear(q + "w3", c["intermediate_size"], M, 1.2, bias=False)
    draw.norm("model.norm", M, bias=False)
    draw.linear("lm_head", c["vocab_size"], M, 2, bias=False)
    return draw.w


def attention(r, p, x, w, wp, c):
    T = len(x)
    _, H, KV, D = sizes(c)
    q = r[p + "attn.hook_q"] = linear(x, w, wp + "q_proj").reshape(T, H, D)
    k = r[p + "attn.hook_k"] = linear(x, w, wp + "k_proj").reshape(T, KV, D)
    v = r[p + "attn.hook_v"] = linear(x, w, wp + "v_proj").reshape(T, KV, D)
    speed = 1.0 / c["rope_theta"] ** (torch.arange(0, D, 2).float() / D)
    angle = torch.arange(T).float()[:, None] * speed
    cos = r[p + "attn.hook_rot_cos"] = angle.cos().to(x.dtype)
    sin = r[p + "attn.hook_rot_sin"] = angle.sin().to(x.dtype)
    q = r[p + "attn.hook_rot_q"] = turn(q, cos, sin)
    k = r[p + "attn.hook_rot_k"] = turn(k, cos, sin)
    return attend(r, p + "attn.", q, k, v, w[wp + "o_proj.weight"], hidden=later_keys(T))


def experts(r, p, x, w, wp, c):
    """Softmax over all experts; the best A; their shares made to sum to 1."""
    T, A = len(x), c["num_experts_per_tok"]
    router = r[p + "hook_router_logits"] = linear(x, w, wp + "gate")
    shares = torch.softmax(router, dim=-1)
    # A stable sort: of equal experts the lower index comes first (torch.topk promises no order).
    chosen = torch.sort(shares, dim=-1, descending=True, stable=True).indices[:, :A]
    best = shares.gather(1, chosen)
    best = best / best.sum(dim=-1, keepdim=True)
    r[p + "hook_expert_indices"] = chosen.to(torch.int32)
    r[p + "hook_expert_weights"] = best
    rows = {name: [] for name in ("hook_pre", "hook_pre_linear", "hook_post", "hook_expert_out")}
    for t in range(T):
        for e in chosen[t].tolist():
            q = f"{wp}experts.{e}."
            gate, up = linear(x[t], w, q + "w1"), linear(x[t], w, q + "w3")
            post = ACTIVATIONS[c["hidden_act"]](gate) * up
            for name, row in zip(rows, (gate, up, post, linear(post, w, q + "w2"))):
                rows[name].append(row)
    for name, list_of_rows in rows.items():
        r[p + name] = torch.stack(list_of_rows).reshape(T, A, -1)
    return (best[:, :, None] * r[p + "hook_expert_out"]).sum(dim=1)


def check_experts(x, ours, w, wp, c):
    """The other way round: every expert over every token, weighted by its share or by 0."""
    shares = torch.softmax(x @ w[wp + "gate.weight"].T, dim=-1)
    best, chosen = torch.topk(shares, c["num_experts_per_tok"], dim=-1)
    every = torch.zeros_like(shares).scatter(1, chosen, best / best.sum(dim=-1, keepdim=True))
    total = torch.zeros_like(ours)
    for e in range(c["num_local_experts"]):
        q = f"{wp}experts.{e}."
        gate = torch.nn.functional.silu(x @ w[q + "w1.weight"].T)
        total += every[:, e, None] * ((gate * (x @ w[q + "w3.weight"].T)) @ w[q + "w2.weight"].T)
    same(total, ours)


def forward(ids, w, c, tie=False):
    eps, r = c["rms_norm_eps"], {"hook_tokens": ids.to(torch.int32)}
    x = r["hook_embed"] = w["model.embed_tokens.weight"][ids]
    r["hook_full_embed_pre"] = x
    for layer in range(c["num_hidden_layers"]):
        p, wp = f"blocks.{layer}.", f"model.layers.{layer}."
        r[p + "hook_resid_pre"] = x
        normed = rms_norm(r, p + "ln1", x, w[wp + "input_layernorm.weight"], eps)
        r[p + "hook_attn_out"] = attention(r, p, normed, w, wp + "self_attn.", c)
        x = r[p + "hook_resid_mid"] = x + r[p + "hook_attn_out"]
        normed = rms_norm(r, p + "ln2", x, w[wp + "post_attention_layernorm.weight"], eps)
        out = r[p + "hook_mlp_out"] = experts(r, p + "mlp.", normed, w, wp + MOE, c)
        if not tie:
            check_experts(normed, out, w, wp + MOE, c)
        x = r[p + "hook_resid_post"] = x + out
    x = rms_norm(r, "ln_final", x, w["model.norm.weight"], eps)
    r["logits"] = linear(x, w, "lm_head")
    r["probs"] = torch.softmax(r["logits"], dim=-1)
    return r


def make(name, seed, dtype, config, twins=None):
    """`twins`: two experts of layer 0 with one and the same router row, so that they tie."""
    c = {"architectures": ["MixtralForCausalLM"], "model_type": "mixtral", "vocab_size": 43,
         "max_position_embeddings": 24, "rms_norm_eps": 1e-5, "rope_theta": 1000000.0,
         "hidden_act": "silu", "sliding_window": None, "tie_word_embeddings": False,
         "output_router_logits": False, "router_aux_loss_coef": 0.02, **config}
    draw = Draw(seed)
    weights = random_weights(c, draw)
    if twins:
        gate = weights["model.layers.0." + MOE + "gate.weight"]
        gate[twins[1]] = gate[twins[0]]
    ids = draw.ids(0, c["vocab_size"], PROMPT)
    stored, w = rounded(weights, dtype)
    records = forward(ids, w, c, tie=twins)
    worst = check_wide(records, forward(ids, widened(w), c, tie=twins))
    shares = torch.softmax(records["blocks.0.mlp.hook_router_logits"], -1).sort(-1).values
    A = c["num_experts_per_tok"]
    print(f"{name}: rounding {worst:.1e}, patterns {sharpness(records)}, closest choice "
          f"{(shares[:, -A] - shares[:, -A - 1]).min():.4f}, experts of layer 0 "
          f"{records['blocks.0.mlp.hook_expert_indices'].flatten().tolist()}")
    write(name, c, dtype, stored, {"expected.safetensors": (records, None)})


def main():
    torch.set_num_threads(1)
    make("mixtral-a", 31, torch.float32,
         {"hidden_size": 18, "intermediate_size": 11, "num_hidden_layers": 2,
          "num_attention_heads": 6, "num_key_value_heads": 2, "head_dim": 4,
          "num_local_experts": 5, "num_experts_per_tok": 2})
    make("mixtral-b", 32, torch.bfloat16,
         {"hidden_size": 16, "intermediate_size": 20, "num_hidden_layers": 2,
          "num_attention_heads": 2, "num_key_value_heads": 1,
          "num_local_experts": 3, "num_experts_per_tok": 1})
    make("mixtral-c", 33, torch.float32,
         {"hidden_size": 12, "intermediate_size": 9, "num_hidden_layers": 1,
          "num_attention_heads": 3, "num_key_value_heads": 3,
          "num_local_experts": 4, "num_experts_per_tok": 3}, twins=(1, 3))


if __name__ == "__main__":
    main()
