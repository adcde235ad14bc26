"""BERT (Devlin et al. 2018) in plain PyTorch, with Hugging Face's names, and its four heads.

Shapes: B texts, T tokens, H heads, D = hidden_size, K = D / H. Normalisation comes after the sum;
positions and token types are learnt.
"""
import math

import torch
from torch import nn
from torch.nn import functional as F

CONFIG = {
    "model_type": "bert",
    "hidden_size": 96,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 384,
    "hidden_act": "gelu",
    "max_position_embeddings": 128,
    "type_vocab_size": 2,
    "layer_norm_eps": 1e-12,
    "hidden_dropout_prob": 0.0,
    "attention_probs_dropout_prob": 0.0,
    "position_embedding_type": "absolute",
    "tie_word_embeddings": True,
}
LABELS = ("O", "PERSON", "PLACE", "THING")


def make_config(architecture, vocab, labels=None):
    config = dict(CONFIG, architectures=[architecture], vocab_size=len(vocab),
                  pad_token_id=vocab["[PAD]"])
    if labels:
        config["id2label"] = {str(i): name for i, name in enumerate(labels)}
        config["label2id"] = {name: i for i, name in enumerate(labels)}
    return config


class Group(nn.Module):
    """Modules under their names."""

    def __init__(self, /, **modules):
        super().__init__()
        for name, module in modules.items():
            self.add_module(name, module)


def norm(c):
    return nn.LayerNorm(c["hidden_size"], eps=c["layer_norm_eps"])


class Layer(nn.Module):
    def __init__(self, c):
        super().__init__()
        d, ffn = c["hidden_size"], c["intermediate_size"]
        self.heads = c["num_attention_heads"]
        self.attention = Group(
            self=Group(query=nn.Linear(d, d), key=nn.Linear(d, d), value=nn.Linear(d, d)),
            output=Group(dense=nn.Linear(d, d), LayerNorm=norm(c)))
        self.intermediate = Group(dense=nn.Linear(d, ffn))
        self.output = Group(dense=nn.Linear(ffn, d), LayerNorm=norm(c))

    def forward(self, x, hidden):
        B, T, D = x.shape
        inner, out = self.attention._modules["self"], self.attention.output
        q, k, v = (m(x).view(B, T, self.heads, -1).transpose(1, 2)
                   for m in (inner.query, inner.key, inner.value))
        scores = q @ k.transpose(2, 3) / math.sqrt(D // self.heads)
        z = scores.masked_fill(hidden, -math.inf).softmax(-1) @ v
        x = out.LayerNorm(x + out.dense(z.transpose(1, 2).reshape(B, T, D)))
        return self.output.LayerNorm(x + self.output.dense(F.gelu(self.intermediate.dense(x))))


class Bert(nn.Module):
    def __init__(self, c, pooler):
        super().__init__()
        d = c["hidden_size"]
        self.pad = c["pad_token_id"]
        self.embeddings = Group(word_embeddings=nn.Embedding(c["vocab_size"], d),
                                position_embeddings=nn.Embedding(c["max_position_embeddings"], d),
                                token_type_embeddings=nn.Embedding(c["type_vocab_size"], d),
                                LayerNorm=norm(c))
        self.encoder = Group(layer=nn.ModuleList(Layer(c) for _ in range(c["num_hidden_layers"])))
        if pooler:
            self.pooler = Group(dense=nn.Linear(d, d))

    def forward(self, ids, types):
        """[B, T, D]."""
        e = self.embeddings
        x = e.LayerNorm(e.word_embeddings(ids) + e.token_type_embeddings(types)
                        + e.position_embeddings.weight[:ids.shape[1]])
        hidden = (ids == self.pad)[:, None, None]
        for layer in self.encoder.layer:
            x = layer(x, hidden)
        return x

    def pooled(self, ids, types):
        return torch.tanh(self.pooler.dense(self(ids, types)[:, 0]))

    def mean(self, ids, types):
        """The mean over all tokens but padding, of length 1."""
        real = (ids != self.pad)[..., None].float()
        return F.normalize((self(ids, types) * real).sum(1) / real.sum(1), dim=-1)


class MaskedLm(nn.Module):
    """Logits [B, T, V] at every token; the output matrix is the word embeddings."""

    def __init__(self, c):
        super().__init__()
        d = c["hidden_size"]
        self.bert = Bert(c, False)
        self.cls = Group(predictions=Group(transform=Group(dense=nn.Linear(d, d),
                                                           LayerNorm=norm(c))))
        self.cls.predictions.bias = nn.Parameter(torch.zeros(c["vocab_size"]))

    def forward(self, ids, types, chosen=None):
        """chosen: a mask [B, T]; only these tokens' logits [N, V]."""
        x = self.bert(ids, types)
        x = x if chosen is None else x[chosen]
        head = self.cls.predictions
        x = head.transform.LayerNorm(F.gelu(head.transform.dense(x)))
        return x @ self.bert.embeddings.word_embeddings.weight.t() + head.bias


class Classifier(nn.Module):
    """Of texts (from the pooled first token) or, without a pooler, of tokens."""

    def __init__(self, c, of_tokens):
        super().__init__()
        self.of_tokens = of_tokens
        self.bert = Bert(c, not of_tokens)
        self.classifier = nn.Linear(c["hidden_size"], len(c["id2label"]))

    def forward(self, ids, types):
        return self.classifier(self.bert(ids, types) if self.of_tokens
                               else self.bert.pooled(ids, types))


def initialise(model, seed, std=0.05):
    """Normal weights, zero biases; the normalisations stay at 1 and 0."""
    g = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in model.named_parameters():
            if p.dim() == 2:
                p.copy_(torch.randn(p.shape, generator=g) * std)
            elif "LayerNorm" not in name:
                p.zero_()
    return model


MAKERS = {"mlm": MaskedLm, "topic": lambda c: Classifier(c, False),
          "entities": lambda c: Classifier(c, True), "similar": lambda c: Bert(c, False)}
ARCHITECTURES = {"mlm": "BertForMaskedLM", "topic": "BertForSequenceClassification",
                 "entities": "BertForTokenClassification", "similar": "BertModel"}
FOLDERS = {"mlm": "story-bert", "topic": "story-bert-topic", "entities": "story-bert-entities",
           "similar": "story-bert-similar"}
