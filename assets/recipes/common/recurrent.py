"""A language model with an LSTM or a plain tanh RNN, with PyTorch's own parameter names.

The state is zero at the start of a text. `rnn.weight_ih_l0` is [4 · hidden (or hidden), embedding];
an LSTM's rows are its input, forget, cell and output gates, in that order.
"""
import torch
from torch import nn


def config(model_type, vocab_size, eot, embedding, hidden, layers):
    return {"model_type": model_type, "vocab_size": vocab_size, "embedding_size": embedding,
            "hidden_size": hidden, "num_layers": layers, "tie_word_embeddings": False,
            "bos_token_id": eot, "eos_token_id": eot}


class Model(nn.Module):
    def __init__(self, c, seed=0):
        super().__init__()
        torch.manual_seed(seed)
        kind = {"lstm": nn.LSTM, "rnn": nn.RNN}[c["model_type"]]
        self.embed = nn.Embedding(c["vocab_size"], c["embedding_size"])
        self.rnn = kind(c["embedding_size"], c["hidden_size"], c["num_layers"], batch_first=True)
        self.head = nn.Linear(c["hidden_size"], c["vocab_size"])
        nn.init.normal_(self.embed.weight, std=0.3)
        for name, p in self.rnn.named_parameters():
            if name.startswith("weight_hh"):
                for block in p.data.split(c["hidden_size"]):
                    nn.init.orthogonal_(block)
            elif name.startswith("bias"):
                nn.init.zeros_(p)
                if c["model_type"] == "lstm" and name.startswith("bias_ih"):
                    p.data[c["hidden_size"]:2 * c["hidden_size"]] = 1   # it begins by remembering

    def forward(self, ids):
        """Logits [B, T, V] of ids [B, T]."""
        return self.head(self.rnn(self.embed(ids))[0])
