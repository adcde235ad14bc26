"""A language model with an LSTM or a plain tanh RNN, with PyTorch's own parameter names.

The state is zero at the start of a text. `rnn.weight_ih_l0` is [4 · hidden (or hidden), embedding];
an LSTM's rows are its input, forget, cell and output gates, in that order.
"""
import torch
from torch import nn

MEMORY = 20
STATE_KEPT = 0.9


def config(model_type, vocab_size, eot, embedding, hidden, layers):
    return {"model_type": model_type, "vocab_size": vocab_size, "embedding_size": embedding,
            "hidden_size": hidden, "num_layers": layers, "tie_word_embeddings": False,
            "bos_token_id": eot, "eos_token_id": eot}


class Model(nn.Module):
    """Where the embedding is as wide as the state, both ends share it in training (the file has it
    twice), and the cell begins by adding up what it reads: so a name that was read can be told
    again long before training could have found that out for each name by itself.
    """

    def __init__(self, c, seed=0):
        super().__init__()
        torch.manual_seed(seed)
        kind = {"lstm": nn.LSTM, "rnn": nn.RNN}[c["model_type"]]
        H = c["hidden_size"]
        self.embed = nn.Embedding(c["vocab_size"], c["embedding_size"])
        self.rnn = kind(c["embedding_size"], H, c["num_layers"], batch_first=True)
        self.head = nn.Linear(H, c["vocab_size"])
        nn.init.normal_(self.embed.weight, std=0.2)
        if c["embedding_size"] == H:
            self.head.weight = self.embed.weight
        for layer in range(c["num_layers"]):
            self.init_layer(layer, H, c["model_type"] == "lstm")

    @torch.no_grad()
    def init_layer(self, layer, H, lstm):
        w_in, w_state, b_in, b_state = (getattr(self.rnn, f"{name}_l{layer}") for name in
                                        ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
        b_in.zero_()
        b_state.zero_()
        if not lstm:
            nn.init.eye_(w_in)
            w_state.copy_(STATE_KEPT * torch.eye(H))
            return
        for block in w_state.split(H):
            nn.init.orthogonal_(block)
        w_in[2 * H:3 * H] = 2 * torch.eye(*w_in[2 * H:3 * H].shape)
        # Cells begin with memories of 1 to MEMORY tokens (Tallec and Ollivier 2018).
        b_in[H:2 * H] = (1 + (MEMORY - 1) * torch.rand(H)).log()
        b_in[:H] = -b_in[H:2 * H]

    def forward(self, ids):
        """Logits [B, T, V] of ids [B, T]."""
        return self.head(self.rnn(self.embed(ids))[0])
