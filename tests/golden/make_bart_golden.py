#!/usr/bin/env python3
"""Random BART and Marian models of odd shapes, and every activation of one source and target.

Both in plain PyTorch, written from the papers (Lewis et al. 2019; Vaswani et al. 2017, in the shape of
Marian, Junczys-Dowmunt et al. 2018) and the Hugging Face layout of the weights, which they share; it
reads nothing of this project. Run by hand: /usr/bin/python3 tests/golden/make_bart_golden.py
"""
import math

import numpy as np
import torch

from common import Draw, check_wide, later_keys, post_ln_block, rounded, same, sharpness, widened, \
    write
from make_gpt2_golden import layer_norm

OFFSET = 2  # BART's first two position rows are never read
EPS = 1e-5
SIDES = ("encoder", "decoder")


def is_bart(c):
    return c["model_type"] == "bart"


def names(side, layer):
    p = f"model.{side}.layers.{layer}."
    n = {"q": p + "self_attn.q_proj", "k": p + "self_attn.k_proj", "v": p + "self_attn.v_proj",
         "o": p + "self_attn.out_proj", "ln1": p + "self_attn_layer_norm", "fc1": p + "fc1",
         "fc2": p + "fc2"}
    if side == "encoder":
        return {**n, "ln2": p + "final_layer_norm"}
    return {**n, "cross_q": p + "encoder_attn.q_proj", "cross_k": p + "encoder_attn.k_proj",
            "cross_v": p + "encoder_attn.v_proj", "cross_o": p + "encoder_attn.out_proj",
            "ln2": p + "encoder_attn_layer_norm", "ln3": p + "final_layer_norm"}


def random_weights(c, draw):
    M, V = c["d_model"], c["vocab_size"]
    draw.normal("model.shared.weight", V, M, scale=1 / math.sqrt(M) if c["scale_embedding"] else 1)
    for side in SIDES:
        if is_bart(c):
            rows = c["max_position_embeddings"] + OFFSET
            draw.normal(f"model.{side}.embed_positions.weight", rows, M, scale=0.5)
            draw.norm(f"model.{side}.layernorm_embedding", M)
        for layer in range(c[side + "_layers"]):
            n, inner = names(side, layer), c[side + "_ffn_dim"]
            for prefix in ("", "cross_") if side == "decoder" else ("",):
                for part, scale in (("q", 1.3), ("k", 1.3), ("v", 1), ("o", 1)):
                    draw.linear(n[prefix + part], M, M, scale)
            draw.linear(n["fc1"], inner, M, 1.2)
            draw.linear(n["fc2"], M, inner, 1.2)
            for norm in ("ln1", "ln2", "ln3"):
                if norm in n:
                    draw.norm(n[norm], M)
    draw.normal("final_logits_bias", 1, V, scale=0.5)
    return draw.w


def sinusoids(rows, M):
    """Marian's: the sines fill the first half of a row, the cosines the second; in double, rounded."""
    table = np.zeros((rows, M))
    for position in range(rows):
        for i in range(M // 2):
            angle = position / 10000 ** (2 * i / M)
            table[position, i] = math.sin(angle)
            table[position, M // 2 + i] = math.cos(angle)
    return torch.from_numpy(table).float()


def check_sinusoids(table):
    """The paper's formula, interleaved, gives the same columns in its own order."""
    rows, M = table.shape
    angle = torch.arange(rows).double()[:, None] / 10000 ** (torch.arange(0, M, 2).double() / M)
    paper = torch.stack([angle.sin(), angle.cos()], dim=-1).reshape(rows, M)
    same(torch.cat([paper[:, 0::2], paper[:, 1::2]], dim=1).float(), table)


def stack(r, side, ids, w, c, memory=None):
    T, M = len(ids), c["d_model"]
    r[side + ".hook_tokens"] = ids.to(torch.int32)
    x = w["model.shared.weight"][ids]
    x = r[side + ".hook_embed"] = x * math.sqrt(M) if c["scale_embedding"] else x
    if is_bart(c):
        places = w[f"model.{side}.embed_positions.weight"][OFFSET:OFFSET + T]
    else:
        places = sinusoids(T, M).to(x.dtype)
    r[side + ".hook_pos_embed"] = places
    x = r[side + ".hook_full_embed_pre"] = x + places
    if is_bart(c):
        norm = f"model.{side}.layernorm_embedding"
        x = layer_norm(r, side + ".embed_ln", x, w[norm + ".weight"], w[norm + ".bias"], EPS)
    for layer in range(c[side + "_layers"]):
        x = post_ln_block(r, f"{side}.{layer}.", x, w, names(side, layer),
                          c[side + "_attention_heads"], c["activation_function"], EPS,
                          later_keys(T) if memory is not None else None, memory)
    return x


def forward(source, target, w, c):
    r = {}
    memory = stack(r, "encoder", source, w, c)
    x = stack(r, "decoder", target, w, c, memory)
    r["logits"] = x @ w["model.shared.weight"].T + w["final_logits_bias"][0]
    r["probs"] = torch.softmax(r["logits"], dim=-1)
    return r


def make(name, seed, dtype, config, copies=(), table=False):
    """`copies`: further names of the embedding; `table`: the file holds the sinusoids too."""
    bart = config["model_type"] == "bart"
    c = {"architectures": ["BartForConditionalGeneration" if bart else "MarianMTModel"],
         "vocab_size": 39, "max_position_embeddings": 14, "is_encoder_decoder": True, **config}
    ends = {"bos_token_id": 0, "pad_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 2}
    last = c["vocab_size"] - 1
    ends = ends if bart else {"eos_token_id": 0, "pad_token_id": last,
                              "decoder_start_token_id": last}
    c.update(ends)
    if not bart:
        c.update({"static_position_embeddings": True, "normalize_before": False,
                  "normalize_embedding": False, "add_final_layer_norm": False,
                  "share_encoder_decoder_embeddings": True})
    draw = Draw(seed)
    weights = random_weights(c, draw)
    source, target = draw.ids(3, last, 8), draw.ids(3, last, 6)
    source[-1] = c["eos_token_id"]
    target[0] = c["decoder_start_token_id"]
    if bart:
        source[0] = target[1] = c["bos_token_id"]
    stored, w = rounded(weights, dtype)
    records = forward(source, target, w, c)
    worst = check_wide(records, forward(source, target, widened(w), c))
    print(f"{name}: rounding {worst:.1e}, patterns {sharpness(records)}")
    for copy in copies:
        stored[copy] = stored["model.shared.weight"]
    if not bart:
        every = sinusoids(c["max_position_embeddings"], c["d_model"])
        check_sinusoids(every)
        for side in SIDES if table else ():
            stored[f"model.{side}.embed_positions.weight"] = every.to(dtype)
    write(name, c, dtype, stored, {"expected.safetensors": (records, None)})


def main():
    torch.set_num_threads(1)
    every_name = ("model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight",
                  "lm_head.weight")
    make("bart-a", 61, torch.float32,
         {"model_type": "bart", "d_model": 18, "encoder_layers": 2, "decoder_layers": 1,
          "encoder_attention_heads": 2, "decoder_attention_heads": 3, "encoder_ffn_dim": 22,
          "decoder_ffn_dim": 17, "activation_function": "gelu", "scale_embedding": True})
    make("bart-b", 62, torch.float16,
         {"model_type": "bart", "d_model": 20, "encoder_layers": 1, "decoder_layers": 2,
          "encoder_attention_heads": 5, "decoder_attention_heads": 4, "encoder_ffn_dim": 16,
          "decoder_ffn_dim": 30, "activation_function": "gelu", "scale_embedding": False},
         copies=every_name)
    make("marian-a", 63, torch.float32,
         {"model_type": "marian", "d_model": 18, "encoder_layers": 2, "decoder_layers": 2,
          "encoder_attention_heads": 3, "decoder_attention_heads": 3, "encoder_ffn_dim": 19,
          "decoder_ffn_dim": 19, "activation_function": "swish", "scale_embedding": True},
         copies=every_name[:2], table=True)
    make("marian-b", 64, torch.bfloat16,
         {"model_type": "marian", "d_model": 20, "encoder_layers": 1, "decoder_layers": 2,
          "encoder_attention_heads": 2, "decoder_attention_heads": 5, "encoder_ffn_dim": 26,
          "decoder_ffn_dim": 15, "activation_function": "relu", "scale_embedding": True})


if __name__ == "__main__":
    main()
