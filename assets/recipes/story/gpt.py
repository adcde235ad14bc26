"""A GPT-2 in plain PyTorch, small enough to read, with Hugging Face's names.

Shapes: B sequences, T tokens, H heads, D = n_embd, K = D / H. Weights are kept [in, out]
(GPT-2's Conv1D layout), so a layer is x @ w + b.

Any head can be silenced: `ablate` maps (layer, head) to the vector [K] that takes the place of
the head's output z (zeros, or the head's mean).
"""
import math
import os
import sys

import torch
from torch.nn import functional as F

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "common"))
from files import read_safetensors as load_safetensors
from files import write_safetensors_f16 as save_safetensors

CONFIG = {
    "model_type": "gpt2",
    "architectures": ["GPT2LMHeadModel"],
    "n_layer": 4,
    "n_head": 4,
    "n_embd": 128,
    "n_inner": None,
    "n_positions": 256,
    "activation_function": "gelu_new",
    "layer_norm_epsilon": 1e-5,
    "tie_word_embeddings": True,
}


def make_config(vocab_size, eot):
    """The config.json of a story model with this tokenizer."""
    return dict(CONFIG, vocab_size=vocab_size, bos_token_id=eot, eos_token_id=eot)


def init_weights(config, seed):
    """Initial weights: normal, residual projections divided by sqrt(2 layers).

    Larger than GPT-2's, and the positions begin as sinusoids (Vaswani et al. 2017): names stay
    apart from each other, and neighbours can be found, long before the small corpus teaches it.
    """
    g = torch.Generator().manual_seed(seed)
    d, layers = config["n_embd"], config["n_layer"]
    inner = config["n_inner"] or 4 * d

    def normal(*shape, std):
        return torch.randn(*shape, generator=g) * std

    angle = (torch.arange(config["n_positions"])[:, None]
             * 10000 ** (-torch.arange(0, d, 2) / d))
    w = {"transformer.wte.weight": normal(config["vocab_size"], d, std=0.1),
         "transformer.wpe.weight": 0.1 * torch.cat([angle.sin(), angle.cos()], 1)}
    for i in range(layers):
        p = f"transformer.h.{i}."
        for ln in ("ln_1", "ln_2"):
            w[p + ln + ".weight"], w[p + ln + ".bias"] = torch.ones(d), torch.zeros(d)
        for name, n_in, n_out in (("attn.c_attn", d, 3 * d), ("attn.c_proj", d, d),
                                  ("mlp.c_fc", d, inner), ("mlp.c_proj", inner, d)):
            std = 0.05 / math.sqrt(2 * layers) if name.endswith("c_proj") else 0.05
            w[p + name + ".weight"] = normal(n_in, n_out, std=std)
            w[p + name + ".bias"] = torch.zeros(n_out)
    w["transformer.ln_f.weight"], w["transformer.ln_f.bias"] = torch.ones(d), torch.zeros(d)
    return w


def forward(w, config, ids, pos, ablate=None, keep=None):
    """Logits [B, T, V] of token ids [B, T] at positions [B, T].

    keep: a dict that receives ("pattern", layer) [B, H, T, T], ("z", layer) [B, H, T, K] and
    "final" [B, T, D], the residual stream before the last normalisation.
    """
    eps, heads = config["layer_norm_epsilon"], config["n_head"]
    B, T = ids.shape
    D = config["n_embd"]
    K = D // heads
    future = torch.ones(T, T, dtype=torch.bool).triu(1)
    x = (F.embedding(ids, w["transformer.wte.weight"])
         + F.embedding(pos, w["transformer.wpe.weight"]))
    for i in range(config["n_layer"]):
        p = f"transformer.h.{i}."
        h = F.layer_norm(x, (D,), w[p + "ln_1.weight"], w[p + "ln_1.bias"], eps)
        qkv = torch.addmm(w[p + "attn.c_attn.bias"], h.view(B * T, D), w[p + "attn.c_attn.weight"])
        q, k, v = qkv.view(B, T, 3, heads, K).permute(2, 0, 3, 1, 4)
        scores = (q * (1 / math.sqrt(K))) @ k.transpose(2, 3)
        pattern = scores.masked_fill(future, -math.inf).softmax(-1)
        z = pattern @ v
        if keep is not None:
            keep["pattern", i], keep["z", i] = pattern, z
        for (layer, head), vector in (ablate or {}).items():
            if layer == i:
                z = z.clone()
                z[:, head] = vector
        z = z.transpose(1, 2).reshape(B * T, D)
        x = x + torch.addmm(w[p + "attn.c_proj.bias"], z, w[p + "attn.c_proj.weight"]).view(B, T, D)
        h = F.layer_norm(x, (D,), w[p + "ln_2.weight"], w[p + "ln_2.bias"], eps).view(B * T, D)
        h = F.gelu(torch.addmm(w[p + "mlp.c_fc.bias"], h, w[p + "mlp.c_fc.weight"]),
                   approximate="tanh")
        x = x + torch.addmm(w[p + "mlp.c_proj.bias"], h, w[p + "mlp.c_proj.weight"]).view(B, T, D)
    if keep is not None:
        keep["final"] = x
    x = F.layer_norm(x, (D,), w["transformer.ln_f.weight"], w["transformer.ln_f.bias"], eps)
    return x @ w["transformer.wte.weight"].t()
