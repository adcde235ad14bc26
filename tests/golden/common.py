"""What the scripts for the newer families share: attention with its records, one post-LN block, and
the checks. Plain PyTorch; it reads nothing of this project."""
import json
import math

import torch
from torch import nn

from make_gpt2_golden import ACTIVATIONS, HERE, layer_norm, save

ACTIVATIONS = {**ACTIVATIONS, "silu": lambda x: x * torch.sigmoid(x),
               "swish": lambda x: x * torch.sigmoid(x)}


class Draw:
    """Random weights of a model, in the order in which they are asked for."""

    def __init__(self, seed):
        self.generator = torch.Generator().manual_seed(seed)
        self.w = {}

    def normal(self, name, *shape, scale=1.0, about=0.0):
        self.w[name] = about + scale * torch.randn(*shape, generator=self.generator)

    def linear(self, name, out, width, scale=1.0, bias=True):
        self.normal(name + ".weight", out, width, scale=scale / math.sqrt(width))
        if bias:
            self.normal(name + ".bias", out, scale=0.2)

    def norm(self, name, width, bias=True):
        self.normal(name + ".weight", width, scale=0.2, about=1)
        if bias:
            self.normal(name + ".bias", width, scale=0.2)

    def ids(self, low, high, count):
        ids = torch.randint(low, high, (count,), generator=self.generator)
        ids[count // 2 + 1] = ids[1]  # one token twice: position alone tells the two apart
        return ids


def linear(x, w, name):
    y = x @ w[name + ".weight"].T
    return y + w[name + ".bias"] if name + ".bias" in w else y


def later_keys(T):
    return torch.ones(T, T).triu(1).bool()


def attend(r, p, q, k, v, out, scaled=True, bias=None, hidden=None):
    """q [Tq H D], k and v [Tk KV D], `out` [M, H·D]; `bias` [H Tq Tk]; `hidden` [Tq Tk]: may not look.
    The heads' sum, without the output's bias."""
    Tq, H, D = q.shape
    k, v = (part.repeat_interleave(H // part.shape[1], dim=1) for part in (k, v))
    raw = r[p + "hook_attn_scores_raw"] = torch.einsum("qhd,khd->hqk", q, k)
    scores = r[p + "hook_attn_scores_scaled"] = raw / math.sqrt(D) if scaled else raw
    if bias is not None:
        r[p + "hook_pos_bias"] = bias
        scores = scores + bias
    if hidden is not None:
        scores = scores.masked_fill(hidden, -math.inf)
    r[p + "hook_attn_scores"] = scores
    pattern = r[p + "hook_pattern"] = torch.softmax(scores, dim=-1)
    z = r[p + "hook_z"] = torch.einsum("hqk,khd->qhd", pattern, v)
    r[p + "hook_result"] = torch.einsum("qhd,mhd->qhm", z, out.reshape(-1, H, D))
    check_attention(q, k, v, z, scaled, bias, hidden)
    return z.reshape(Tq, H * D) @ out.T


def check_attention(q, k, v, z, scaled, bias, hidden):
    """PyTorch's own scaled_dot_product_attention agrees."""
    q, k, v = (part.transpose(0, 1) for part in (q, k, v))
    mask = torch.zeros(q.shape[0], q.shape[1], k.shape[1], dtype=q.dtype)
    if bias is not None:
        mask = mask + bias
    if hidden is not None:
        mask = mask.masked_fill(hidden, -math.inf)
    q = q if scaled else q * math.sqrt(q.shape[-1])
    theirs = torch.nn.functional._scaled_dot_product_attention(q, k, v, mask)[0]
    same(theirs.transpose(0, 1), z)


def attention(r, p, x, memory, w, names, H, hidden):
    """Queries from x, keys and values from memory (x itself in self-attention)."""
    for part, stream in (("q", x), ("k", memory), ("v", memory)):
        r[f"{p}hook_{part}"] = linear(stream, w, names[part]).reshape(len(stream), H, -1)
    out = attend(r, p, r[p + "hook_q"], r[p + "hook_k"], r[p + "hook_v"],
                 w[names["o"] + ".weight"], hidden=hidden)
    return out + w[names["o"] + ".bias"]


def post_ln_block(r, p, x, w, names, H, act, eps, hidden=None, memory=None):
    """One block with its norms after each sum; with `memory`, a decoder's."""
    def norm(name, stream):
        return layer_norm(r, p + name, stream, w[names[name] + ".weight"],
                          w[names[name] + ".bias"], eps)

    block_input = r[p + "hook_resid_pre"] = x
    attn = r[p + "hook_attn_out"] = attention(r, p + "attn.", x, x, w, names, H, hidden)
    x = r[p + "hook_resid_mid"] = x + attn
    x = norm("ln1", x)
    if memory is not None:
        cross = {part: names["cross_" + part] for part in "qkvo"}
        out = r[p + "hook_cross_attn_out"] = attention(r, p + "cross_attn.", x, memory, w, cross, H,
                                                       None)
        x = r[p + "hook_resid_mid_cross"] = x + out
        x = norm("ln2", x)
    pre = r[p + "mlp.hook_pre"] = linear(x, w, names["fc1"])
    post = r[p + "mlp.hook_post"] = ACTIVATIONS[act](pre)
    out = r[p + "hook_mlp_out"] = linear(post, w, names["fc2"])
    x = r[p + "hook_resid_post"] = x + out
    x = r[p + "hook_normalized_resid_post"] = norm("ln2" if memory is None else "ln3", x)
    check_block(block_input, x, w, names, H, act, eps, hidden, memory)
    return x


def check_block(x, ours, w, names, H, act, eps, hidden, memory):
    """PyTorch's own TransformerEncoderLayer or TransformerDecoderLayer, given the same weights."""
    kind = nn.TransformerEncoderLayer if memory is None else nn.TransformerDecoderLayer
    layer = kind(x.shape[-1], H, len(w[names["fc1"] + ".bias"]), dropout=0.0,
                 activation=ACTIVATIONS[act], layer_norm_eps=eps, norm_first=False,
                 dtype=x.dtype)
    state = {}
    for theirs, prefix in (("self_attn", ""), ("multihead_attn", "cross_")):
        if prefix + "q" in names:
            for kind in ("weight", "bias"):
                parts = [w[f"{names[prefix + part]}.{kind}"] for part in "qkv"]
                state[f"{theirs}.in_proj_{kind}"] = torch.cat(parts)
                state[f"{theirs}.out_proj.{kind}"] = w[f"{names[prefix + 'o']}.{kind}"]
    norms = {"norm1": "ln1", "norm2": "ln2", "norm3": "ln3"}
    for theirs, name in {"linear1": "fc1", "linear2": "fc2", **norms}.items():
        if name in names:
            for kind in ("weight", "bias"):
                state[f"{theirs}.{kind}"] = w[f"{names[name]}.{kind}"]
    layer.load_state_dict(state)
    if memory is None:
        same(layer(x[:, None], src_mask=hidden)[:, 0].detach(), ours)
    else:
        same(layer(x[:, None], memory[:, None], tgt_mask=hidden)[:, 0].detach(), ours)


def same(theirs, ours):
    torch.testing.assert_close(theirs, ours, atol=1e-5, rtol=1e-5)


def check_wide(records, wide):
    """In double the same comes out, up to rounding. The largest difference."""
    assert records.keys() == wide.keys()
    worst = 0
    for name, tensor in records.items():
        exact = wide[name].double()
        finite = torch.isfinite(exact)
        assert torch.equal(finite, torch.isfinite(tensor.double())), name
        apart = (tensor.double() - exact).abs()[finite]
        assert (apart / (1 + exact.abs()[finite])).max() < 1e-5, (name, apart.max())
        worst = max(worst, apart.max().item())
    return worst


def rounded(weights, dtype):
    """The weights as they are stored, and as everything here computes with them."""
    stored = {n: t.to(dtype) for n, t in weights.items()}
    return stored, {n: t.float() for n, t in stored.items()}


def widened(weights):
    return {n: t.double() for n, t in weights.items()}


def sharpness(records):
    """Largest weight of each pattern's last query: far from uniform, and not one-hot."""
    found = [f"{t[:, -1].max():.2f}" for n, t in records.items() if n.endswith("hook_pattern")]
    return " ".join(found)


def write(name, config, dtype, stored, expected):
    """`expected`: file name to (records, metadata)."""
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    written = {**config, "torch_dtype": str(dtype).removeprefix("torch.")}
    (folder / "config.json").write_text(json.dumps(written, indent=2) + "\n")
    save(folder / "model.safetensors", stored)
    for file, (records, metadata) in expected.items():
        save(folder / file, records, metadata)
