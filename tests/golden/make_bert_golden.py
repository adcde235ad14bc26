#!/usr/bin/env python3
"""Random BERT models of odd shapes with each kind of head, and every activation, for tests/.

A plain BERT in PyTorch, written from the paper (Devlin et al. 2018) and the Hugging Face layout of the
weights; it reads nothing of this project. Run by hand: /usr/bin/python3 tests/golden/make_bert_golden.py
"""
import torch

from common import ACTIVATIONS, Draw, check_wide, linear, post_ln_block, rounded, sharpness, \
    widened, write
from make_gpt2_golden import layer_norm

PROMPT = 9
MLM = "cls.predictions."


def names(layer):
    p = f"bert.encoder.layer.{layer}."
    return {"q": p + "attention.self.query", "k": p + "attention.self.key",
            "v": p + "attention.self.value", "o": p + "attention.output.dense",
            "ln1": p + "attention.output.LayerNorm", "fc1": p + "intermediate.dense",
            "fc2": p + "output.dense", "ln2": p + "output.LayerNorm"}


def random_weights(c, draw, head):
    """With the names of today: every weight `bert.…`, norms `weight` and `bias`."""
    M, inner = c["hidden_size"], c["intermediate_size"]
    for table, rows in (("word", c["vocab_size"]), ("position", c["max_position_embeddings"]),
                        ("token_type", c["type_vocab_size"])):
        draw.normal(f"bert.embeddings.{table}_embeddings.weight", rows, M, scale=0.5)
    draw.norm("bert.embeddings.LayerNorm", M)
    for layer in range(c["num_hidden_layers"]):
        n = names(layer)
        for part, scale in (("q", 1.3), ("k", 1.3), ("v", 1), ("o", 1)):
            draw.linear(n[part], M, M, scale)
        draw.norm(n["ln1"], M)
        draw.linear(n["fc1"], inner, M, 1.2)
        draw.linear(n["fc2"], M, inner, 1.2)
        draw.norm(n["ln2"], M)
    if head != "tokens":  # Hugging Face builds a token classifier without a pooler
        draw.linear("bert.pooler.dense", M, M)
    if head == "mlm":
        draw.linear(MLM + "transform.dense", M, M)
        draw.norm(MLM + "transform.LayerNorm", M)
        draw.normal(MLM + "bias", c["vocab_size"], scale=0.5)
        draw.linear("cls.seq_relationship", 2, M)
    if head in ("sequence", "tokens"):
        draw.linear("classifier", len(c["id2label"]), M, 2)
    return draw.w


def embed(r, ids, types, w, c):
    e = "bert.embeddings."
    r["hook_tokens"] = ids.to(torch.int32)
    if types.any():
        r["hook_token_types"] = types.to(torch.int32)
    words = r["hook_embed"] = w[e + "word_embeddings.weight"][ids]
    places = r["hook_pos_embed"] = w[e + "position_embeddings.weight"][:len(ids)]
    kinds = r["hook_token_type_embed"] = w[e + "token_type_embeddings.weight"][types]
    x = r["hook_full_embed_pre"] = words + places + kinds
    return layer_norm(r, "embed_ln", x, w[e + "LayerNorm.weight"], w[e + "LayerNorm.bias"],
                      c["layer_norm_eps"])


def masked_lm(r, x, w, c):
    pre = r["mlm_head.hook_pre"] = linear(x, w, MLM + "transform.dense")
    post = r["mlm_head.hook_post"] = ACTIVATIONS[c["hidden_act"]](pre)
    x = layer_norm(r, "mlm_head.ln", post, w[MLM + "transform.LayerNorm.weight"],
                   w[MLM + "transform.LayerNorm.bias"], c["layer_norm_eps"])
    r["logits"] = x @ w["bert.embeddings.word_embeddings.weight"].T + w[MLM + "bias"]
    r["probs"] = torch.softmax(r["logits"], dim=-1)


def pool(r, x, w):
    first = r["pooler.hook_first"] = x[:1]
    pre = r["pooler.hook_pre"] = linear(first, w, "bert.pooler.dense")
    post = r["pooler.hook_post"] = torch.tanh(pre)
    return post


def classify(r, x, w):
    r["classifier.hook_logits"] = linear(x, w, "classifier")
    r["classifier.hook_probs"] = torch.softmax(r["classifier.hook_logits"], dim=-1)


def forward(ids, types, real, w, c, head):
    """Keys from `real` on are padding: hidden from every query, those of the padding too."""
    r, T = {}, len(ids)
    x = embed(r, ids, types, w, c)
    hidden = (torch.arange(T) >= real).expand(T, T)
    for layer in range(c["num_hidden_layers"]):
        x = post_ln_block(r, f"blocks.{layer}.", x, w, names(layer), c["num_attention_heads"],
                          c["hidden_act"], c["layer_norm_eps"], hidden)
    if head == "mlm":
        masked_lm(r, x, w, c)
    elif head == "sequence":
        classify(r, pool(r, x, w), w)
    elif head == "tokens":
        classify(r, x, w)
    else:
        pool(r, x, w)
        r["hook_sentence"] = x[:real].mean(dim=0, keepdim=True)
    return r


def expect(ids, types, real, w, c, head):
    records = forward(ids, types, real, w, c, head)
    worst = check_wide(records, forward(ids, types, real, widened(w), c, head))
    print(f"    {len(ids)} tokens, {real} real: rounding {worst:.1e}, patterns "
          f"{sharpness(records)}")
    return records, {"real": str(real)}


def old_names(name):
    """The files of 2018 call a norm's weight gamma and its bias beta."""
    return name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias",
                                                                       "LayerNorm.beta")


def make(name, seed, dtype, head, config, rename=lambda n: n, copies=False, padded=False):
    architecture = {"mlm": "BertForMaskedLM", "sequence": "BertForSequenceClassification",
                    "tokens": "BertForTokenClassification", "none": "BertModel"}[head]
    c = {"architectures": [architecture], "model_type": "bert", "vocab_size": 41,
         "max_position_embeddings": 12, "type_vocab_size": 2, "layer_norm_eps": 1e-12,
         "hidden_act": "gelu", "pad_token_id": 0, "position_embedding_type": "absolute", **config}
    draw = Draw(seed)
    weights = random_weights(c, draw, head)
    ids = draw.ids(1, c["vocab_size"], PROMPT)
    stored, w = rounded(weights, dtype)
    print(name)
    two = (torch.arange(PROMPT) >= 5).long()
    one = torch.zeros(PROMPT, dtype=torch.long)
    expected = {"expected.safetensors": expect(ids, two if head != "tokens" else one, PROMPT, w, c,
                                               head)}
    if padded:
        short = torch.where(torch.arange(PROMPT) < 6, ids, torch.tensor(0))
        expected["expected-padded.safetensors"] = expect(short, one, 6, w, c, head)
    stored = {rename(n): t for n, t in stored.items()}
    if copies:  # what later versions write beside the tied weights, and a buffer of earlier ones
        stored[MLM + "decoder.weight"] = stored["bert.embeddings.word_embeddings.weight"]
        stored[MLM + "decoder.bias"] = stored[MLM + "bias"]
        places = torch.arange(c["max_position_embeddings"])[None]
        stored["bert.embeddings.position_ids"] = places
    write(name, c, dtype, stored, expected)


def labels(*texts):
    return {"id2label": {str(i): text for i, text in enumerate(texts)},
            "label2id": {text: i for i, text in enumerate(texts)}}


def main():
    torch.set_num_threads(1)
    make("bert-a", 41, torch.float32, "mlm",
         {"hidden_size": 40, "intermediate_size": 24, "num_hidden_layers": 2,
          "num_attention_heads": 5}, rename=old_names)
    make("bert-b", 42, torch.float16, "sequence",
         {"hidden_size": 24, "intermediate_size": 37, "num_hidden_layers": 2,
          "num_attention_heads": 3, **labels("animals", "food", "weather")})
    make("bert-c", 43, torch.float32, "tokens",
         {"hidden_size": 20, "intermediate_size": 28, "num_hidden_layers": 2, "hidden_act": "relu",
          "num_attention_heads": 2, **labels("O", "B-PER", "I-PER", "B-LOC", "I-LOC")})
    make("bert-d", 44, torch.float32, "none",
         {"hidden_size": 18, "intermediate_size": 25, "num_hidden_layers": 2,
          "num_attention_heads": 3}, rename=lambda n: n.removeprefix("bert."), padded=True)
    make("bert-e", 46, torch.bfloat16, "mlm",
         {"hidden_size": 16, "intermediate_size": 30, "num_hidden_layers": 1,
          "num_attention_heads": 2, "hidden_act": "gelu_new"}, copies=True, padded=True)


if __name__ == "__main__":
    main()
