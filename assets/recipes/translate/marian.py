"""The Transformer of "Attention Is All You Need" (Vaswani et al. 2017), as Hugging Face's Marian
keeps it: encoder and decoder, normalisation after the sum, sinusoids, ReLU, one table of
embeddings for both languages and for the output. The modules bear Hugging Face's names, so the
state dict is the file.

Shapes: B sentences, S source and T target tokens, H heads, D = d_model, K = D / H.
"""
import math

import torch
from torch import nn
from torch.nn import functional as F

CONFIG = {
    "model_type": "marian",
    "architectures": ["MarianMTModel"],
    "d_model": 128,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "encoder_ffn_dim": 384,
    "decoder_ffn_dim": 384,
    "max_position_embeddings": 128,
    "activation_function": "relu",
    "scale_embedding": True,
    "normalize_embedding": False,
    "share_encoder_decoder_embeddings": True,
    "tie_word_embeddings": True,
    "is_encoder_decoder": True,
    "static_position_embeddings": True,
    "dropout": 0.0,
}


def make_config(vocab):
    pad, eos = vocab["<pad>"], vocab["</s>"]
    return dict(CONFIG, vocab_size=len(vocab), decoder_vocab_size=len(vocab), pad_token_id=pad,
                eos_token_id=eos, decoder_start_token_id=pad, forced_eos_token_id=eos)


def sinusoids(count, d):
    """[count, d]: all sines, then all cosines."""
    angle = torch.arange(count)[:, None] * 10000 ** (-torch.arange(0, d, 2) / d)
    return torch.cat([angle.sin(), angle.cos()], 1)


class Attention(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads = heads
        for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
            setattr(self, name, nn.Linear(d, d))

    def forward(self, x, source, hidden, keep=None):
        """hidden: a mask that is true where a query must not look."""
        B, T, D = x.shape

        def split(y):
            return y.view(B, -1, self.heads, D // self.heads).transpose(1, 2)
        q = split(self.q_proj(x)) * (D // self.heads) ** -0.5
        scores = q @ split(self.k_proj(source)).transpose(2, 3)
        pattern = scores.masked_fill(hidden, -math.inf).softmax(-1)
        if keep is not None:
            keep.append(pattern)
        z = (pattern @ split(self.v_proj(source))).transpose(1, 2).reshape(B, T, D)
        return self.out_proj(z)


class Layer(nn.Module):
    """A layer of the encoder, or with `crosses` of the decoder."""

    def __init__(self, d, heads, ffn, crosses):
        super().__init__()
        self.self_attn, self.self_attn_layer_norm = Attention(d, heads), nn.LayerNorm(d)
        if crosses:
            self.encoder_attn, self.encoder_attn_layer_norm = Attention(d, heads), nn.LayerNorm(d)
        self.fc1, self.fc2 = nn.Linear(d, ffn), nn.Linear(ffn, d)
        self.final_layer_norm = nn.LayerNorm(d)

    def forward(self, x, hidden, source=None, source_hidden=None, keep=None):
        x = self.self_attn_layer_norm(x + self.self_attn(x, x, hidden))
        if source is not None:
            z = self.encoder_attn(x, source, source_hidden, keep)
            x = self.encoder_attn_layer_norm(x + z)
        return self.final_layer_norm(x + self.fc2(F.relu(self.fc1(x))))


class Stack(nn.Module):
    def __init__(self, layers):
        super().__init__()
        self.layers = nn.ModuleList(layers)


class Inner(nn.Module):
    def __init__(self, c):
        super().__init__()
        d = c["d_model"]
        self.shared = nn.Embedding(c["vocab_size"], d)
        self.encoder = Stack([Layer(d, c["encoder_attention_heads"], c["encoder_ffn_dim"], False)
                              for _ in range(c["encoder_layers"])])
        self.decoder = Stack([Layer(d, c["decoder_attention_heads"], c["decoder_ffn_dim"], True)
                              for _ in range(c["decoder_layers"])])


class Marian(nn.Module):
    def __init__(self, config, seed=0):
        super().__init__()
        self.config = config
        self.model = Inner(config)
        self.final_logits_bias = nn.Parameter(torch.zeros(1, config["vocab_size"]))
        self.positions = sinusoids(config["max_position_embeddings"], config["d_model"])
        g = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for name, p in self.named_parameters():
                if name.endswith("shared.weight"):
                    p.copy_(torch.randn(p.shape, generator=g) * config["d_model"] ** -0.5)
                elif p.dim() == 2 and name != "final_logits_bias":   # Glorot and Bengio 2010
                    limit = math.sqrt(6 / sum(p.shape))
                    p.copy_((torch.rand(p.shape, generator=g) * 2 - 1) * limit)
                elif name.endswith("bias"):
                    p.zero_()

    def embed(self, ids):
        d = self.config["d_model"]
        return self.model.shared(ids) * math.sqrt(d) + self.positions[:ids.shape[1]]

    def encode(self, ids):
        """[B, S, D], and the mask of what is padding."""
        hidden = (ids == self.config["pad_token_id"])[:, None, None]
        x = self.embed(ids)
        for layer in self.model.encoder.layers:
            x = layer(x, hidden)
        return x, hidden

    def decode(self, ids, source, source_hidden, keep=None):
        """Logits [B, T, V]; `keep` receives the cross-attention [B, H, T, S] of each layer."""
        T = ids.shape[1]
        future = torch.ones(T, T, dtype=torch.bool).triu(1)
        x = self.embed(ids)
        for layer in self.model.decoder.layers:
            x = layer(x, future, source, source_hidden, keep)
        return x @ self.model.shared.weight.t() + self.final_logits_bias

    def forward(self, source, target, keep=None):
        return self.decode(target, *self.encode(source), keep)

    def greedy(self, source, limit=48):
        """The most likely next token, again and again: lists of ids without the end."""
        pad, eos = self.config["pad_token_id"], self.config["eos_token_id"]
        states = self.encode(source)
        ids = torch.full((len(source), 1), pad)
        while ids.shape[1] <= limit and not (ids == eos).any(1).all():
            logits = self.decode(ids, *states)[:, -1]
            logits[:, pad] = -math.inf
            ids = torch.cat([ids, logits.argmax(-1, keepdim=True)], 1)
        rows = [r[1:] for r in ids.tolist()]
        return [r[:r.index(eos)] if eos in r else r for r in rows]
