"""T5 (Raffel et al. 2019) in plain PyTorch, with Hugging Face's names.

Positions are a learnt number a head and distance, added to the scores; the scores are not divided
by √K, which the initial weights make up for; normalisation divides by the root mean square; no
biases; the output matrix is the embeddings, and the last states are multiplied by 1/√D.
Shapes: B texts, S source and T target tokens, H heads, D = d_model, K = d_kv.
"""
import math

import torch
from torch import nn
from torch.nn import functional as F

CONFIG = {
    "model_type": "t5",
    "architectures": ["T5ForConditionalGeneration"],
    "d_model": 96,
    "d_kv": 32,
    "d_ff": 384,
    "num_layers": 3,
    "num_decoder_layers": 2,
    "num_heads": 4,
    "relative_attention_num_buckets": 32,
    "relative_attention_max_distance": 128,
    "dropout_rate": 0.0,
    "layer_norm_epsilon": 1e-6,
    "feed_forward_proj": "relu",
    "is_encoder_decoder": True,
    "tie_word_embeddings": True,
    "n_positions": 256,
}


def make_config(vocab):
    return dict(CONFIG, vocab_size=len(vocab), pad_token_id=vocab["<pad>"],
                eos_token_id=vocab["</s>"], decoder_start_token_id=vocab["<pad>"])


def buckets(queries, keys, both_ways, count, farthest):
    """The bucket of each distance: near ones have their own, far ones share (logarithmically)."""
    distance = torch.arange(keys)[None] - torch.arange(queries)[:, None]
    offset = torch.zeros_like(distance)
    if both_ways:
        count //= 2
        offset = (distance > 0).long() * count
        distance = distance.abs()
    else:
        distance = -distance.clamp(max=0)
    exact = count // 2
    far = exact + (torch.log(distance.clamp(min=1).float() / exact) / math.log(farthest / exact)
                   * (count - exact)).long()
    return offset + torch.where(distance < exact, distance, far.clamp(max=count - 1))


class Norm(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(c["d_model"]))
        self.eps = c["layer_norm_epsilon"]

    def forward(self, x):
        return x * (x.pow(2).mean(-1, keepdim=True) + self.eps).rsqrt() * self.weight


class Attention(nn.Module):
    def __init__(self, c, has_bias):
        super().__init__()
        d, inner = c["d_model"], c["num_heads"] * c["d_kv"]
        self.heads = c["num_heads"]
        self.q, self.k, self.v = (nn.Linear(d, inner, bias=False) for _ in range(3))
        self.o = nn.Linear(inner, d, bias=False)
        if has_bias:
            self.relative_attention_bias = nn.Embedding(c["relative_attention_num_buckets"],
                                                        self.heads)

    def forward(self, x, source, bias, keep=None):
        """bias: added to the scores; −∞ where a query must not look."""
        B, T, _ = x.shape

        def split(y):
            return y.view(B, -1, self.heads, y.shape[-1] // self.heads).transpose(1, 2)
        pattern = (split(self.q(x)) @ split(self.k(source)).transpose(2, 3) + bias).softmax(-1)
        if keep is not None:
            keep.append(pattern)
        return self.o((pattern @ split(self.v(source))).transpose(1, 2).reshape(B, T, -1))


class Part(nn.Module):
    """One sublayer and the normalisation before it."""

    def __init__(self, c, **named):
        super().__init__()
        for name, module in named.items():
            self.add_module(name, module)
        self.layer_norm = Norm(c)


class FeedForward(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.wi = nn.Linear(c["d_model"], c["d_ff"], bias=False)
        self.wo = nn.Linear(c["d_ff"], c["d_model"], bias=False)

    def forward(self, x):
        return self.wo(F.relu(self.wi(x)))


class Block(nn.Module):
    def __init__(self, c, first, crosses):
        super().__init__()
        parts = [Part(c, SelfAttention=Attention(c, first))]
        if crosses:
            parts.append(Part(c, EncDecAttention=Attention(c, False)))
        parts.append(Part(c, DenseReluDense=FeedForward(c)))
        self.layer = nn.ModuleList(parts)

    def forward(self, x, bias, source=None, source_bias=None, keep=None):
        part, *cross, last = self.layer
        normed = part.layer_norm(x)
        x = x + part.SelfAttention(normed, normed, bias)
        for other in cross:
            x = x + other.EncDecAttention(other.layer_norm(x), source, source_bias, keep)
        return x + last.DenseReluDense(last.layer_norm(x))


class Stack(nn.Module):
    def __init__(self, c, layers, crosses):
        super().__init__()
        self.c, self.crosses = c, crosses
        self.block = nn.ModuleList(Block(c, i == 0, crosses) for i in range(layers))
        self.final_layer_norm = Norm(c)

    def forward(self, x, hidden, *cross):
        """hidden: true where a query must not look."""
        T, c = x.shape[1], self.c
        which = buckets(T, T, not self.crosses, c["relative_attention_num_buckets"],
                        c["relative_attention_max_distance"])
        table = self.block[0].layer[0].SelfAttention.relative_attention_bias
        bias = table(which).permute(2, 0, 1)[None].masked_fill(hidden, -math.inf)
        for block in self.block:
            x = block(x, bias, *cross)
        return self.final_layer_norm(x)


class T5(nn.Module):
    def __init__(self, config, seed=0):
        super().__init__()
        c = self.config = config
        self.shared = nn.Embedding(c["vocab_size"], c["d_model"])
        self.encoder = Stack(c, c["num_layers"], False)
        self.decoder = Stack(c, c["num_decoder_layers"], True)
        self.initialise(torch.Generator().manual_seed(seed))

    def initialise(self, g):
        """As T5 does: queries are smaller by √K, so that scores begin near 1. Only what is added
        to the residual stream is smaller, so that a token is not lost in it: it learns faster."""
        c = self.config
        d, inner = c["d_model"], c["num_heads"] * c["d_kv"]
        std = {"shared": 1.0, "q": (d * c["d_kv"]) ** -0.5, "k": d ** -0.5, "v": d ** -0.5,
               "o": 0.35 * inner ** -0.5, "wi": d ** -0.5, "wo": 0.35 * c["d_ff"] ** -0.5,
               "relative_attention_bias": d ** -0.5}
        with torch.no_grad():
            for name, p in self.named_parameters():
                if p.dim() == 2:
                    p.copy_(torch.randn(p.shape, generator=g) * std[name.split(".")[-2]])

    def encode(self, ids):
        """[B, S, D], and what is added to scores over the source: −∞ at padding."""
        hidden = (ids == self.config["pad_token_id"])[:, None, None]
        bias = torch.zeros(hidden.shape).masked_fill(hidden, -math.inf)
        return self.encoder(self.shared(ids), hidden), bias

    def decode(self, ids, source, source_bias, keep=None):
        """Logits [B, T, V]."""
        T = ids.shape[1]
        future = torch.ones(T, T, dtype=torch.bool).triu(1)
        x = self.decoder(self.shared(ids), future, source, source_bias, keep)
        return x * self.config["d_model"] ** -0.5 @ self.shared.weight.t()

    def forward(self, source, target, keep=None):
        return self.decode(target, *self.encode(source), keep)

    def greedy(self, source, limit=40):
        """The most likely next token, again and again: lists of ids without the end."""
        pad, eos = self.config["pad_token_id"], self.config["eos_token_id"]
        states = self.encode(source)
        ids = torch.full((len(source), 1), pad)
        while ids.shape[1] <= limit and not (ids == eos).any(1).all():
            best = self.decode(ids, *states)[:, -1].argmax(-1, keepdim=True)
            ids = torch.cat([ids, best], 1)
        rows = [r[1:] for r in ids.tolist()]
        return [r[:r.index(eos)] if eos in r else r for r in rows]
