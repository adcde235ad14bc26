#!/usr/bin/env python3
"""Random T5 models of odd shapes, and every activation of one source and target, for tests/.

A plain T5 in PyTorch, written from the paper (Raffel et al. 2019) and the Hugging Face layout of the
weights, the first version (ReLU, tied) and 1.1 (gated GELU, untied); it reads nothing of this project.
Run by hand: /usr/bin/python3 tests/golden/make_t5_golden.py
"""
import math

import torch

from common import ACTIVATIONS, Draw, attend, check_wide, later_keys, linear, rounded, sharpness, \
    widened, write
from make_llama_golden import rms_norm

TABLE = "{}.block.0.layer.0.SelfAttention.relative_attention_bias.weight"
LONG = ("encoder.hook_tokens", "decoder.hook_tokens", "encoder.0.attn.hook_pos_bias",
        "decoder.0.attn.hook_pos_bias", "decoder.hook_scaled_out", "logits")


def depth(c, side):
    return c.get("num_decoder_layers", c["num_layers"]) if side == "decoder" else c["num_layers"]


def gated(c):
    return c["feed_forward_proj"].startswith("gated-")


def random_weights(c, draw):
    M, F, H, D = c["d_model"], c["d_ff"], c["num_heads"], c["d_kv"]
    # Nothing divides the scores, so that the queries and keys must be small for their width.
    small = (3 / D) ** 0.25
    draw.normal("shared.weight", c["vocab_size"], M)
    for side in ("encoder", "decoder"):
        for layer in range(depth(c, side)):
            p = f"{side}.block.{layer}.layer."
            kinds = ["SelfAttention"] + (["EncDecAttention"] if side == "decoder" else [])
            for i, kind in enumerate(kinds):
                for name, out, width, scale in (("q", H * D, M, small), ("k", H * D, M, small),
                                                ("v", H * D, M, 1), ("o", M, H * D, 1)):
                    draw.linear(f"{p}{i}.{kind}.{name}", out, width, scale, bias=False)
                draw.norm(f"{p}{i}.layer_norm", M, bias=False)
            dense = f"{p}{len(kinds)}.DenseReluDense."
            for name in ("wi_0", "wi_1") if gated(c) else ("wi",):
                draw.linear(dense + name, F, M, 1.2, bias=False)
            draw.linear(dense + "wo", M, F, 1.2, bias=False)
            draw.norm(f"{p}{len(kinds)}.layer_norm", M, bias=False)
        draw.normal(TABLE.format(side), c["relative_attention_num_buckets"], H)
        draw.norm(side + ".final_layer_norm", M, bias=False)
    if not c.get("tie_word_embeddings", True):
        draw.linear("lm_head", c["vocab_size"], M, 2, bias=False)
    return draw.w


def buckets(distance, both_ways, count, most):
    """`distance` = key − query. Half of the buckets hold one distance each, the others grow like the
    logarithm up to `most`."""
    bucket = torch.zeros_like(distance)
    if both_ways:
        count //= 2
        bucket += (distance > 0).long() * count
        distance = distance.abs()
    else:
        distance = (-distance).clamp(min=0)
    exact = count // 2
    far = exact + (torch.log(distance.float() / exact) / math.log(most / exact)
                   * (count - exact)).long()
    return bucket + torch.where(distance < exact, distance, far.clamp(max=count - 1))


def plain_bucket(distance, both_ways, count, most):
    """The same, counting the borders that a distance has reached."""
    first = 0
    if both_ways:
        count //= 2
        first = count if distance > 0 else 0
    far = abs(distance) if both_ways else max(-distance, 0)
    exact = count // 2
    borders = list(range(1, exact + 1))
    borders += [exact * (most / exact) ** (i / (count - exact)) for i in range(1, count - exact)]
    return first + sum(far >= border for border in borders)


def position_bias(w, c, side, T):
    distance = torch.arange(T)[None, :] - torch.arange(T)[:, None]
    knobs = (side == "encoder", c["relative_attention_num_buckets"],
             c["relative_attention_max_distance"])
    which = buckets(distance, *knobs)
    assert which.tolist() == [[plain_bucket(d, *knobs) for d in row] for row in distance.tolist()]
    return w[TABLE.format(side)][which].permute(2, 0, 1)


def attention(r, p, x, memory, w, wp, c, bias, hidden):
    shape = (-1, c["num_heads"], c["d_kv"])
    q = r[p + "hook_q"] = linear(x, w, wp + "q").reshape(shape)
    k = r[p + "hook_k"] = linear(memory, w, wp + "k").reshape(shape)
    v = r[p + "hook_v"] = linear(memory, w, wp + "v").reshape(shape)
    return attend(r, p, q, k, v, w[wp + "o.weight"], scaled=False, bias=bias, hidden=hidden)


def feed_forward(r, p, x, w, wp, c):
    if not gated(c):
        pre = r[p + "hook_pre"] = linear(x, w, wp + "wi")
        post = r[p + "hook_post"] = ACTIVATIONS[c["feed_forward_proj"]](pre)
    else:
        assert c["feed_forward_proj"] == "gated-gelu"  # which Hugging Face reads as gelu_new
        pre = r[p + "hook_pre"] = linear(x, w, wp + "wi_0")
        line = r[p + "hook_pre_linear"] = linear(x, w, wp + "wi_1")
        post = r[p + "hook_post"] = ACTIVATIONS["gelu_new"](pre) * line
    return linear(post, w, wp + "wo")


def stack(r, side, ids, w, c, memory=None):
    """The encoder, or with `memory` the decoder."""
    T, eps = len(ids), c["layer_norm_epsilon"]
    r[side + ".hook_tokens"] = ids.to(torch.int32)
    x = r[side + ".hook_embed"] = r[side + ".hook_full_embed_pre"] = w["shared.weight"][ids]
    bias = position_bias(w, c, side, T)  # layer 0's table, for every layer
    hidden = later_keys(T) if memory is not None else None
    for layer in range(depth(c, side)):
        p, wp = f"{side}.{layer}.", f"{side}.block.{layer}.layer."

        def norm(number, stream):
            return rms_norm(r, f"{p}ln{number + 1}", stream, w[f"{wp}{number}.layer_norm.weight"],
                            eps)

        r[p + "hook_resid_pre"] = x
        normed = norm(0, x)
        out = r[p + "hook_attn_out"] = attention(r, p + "attn.", normed, normed, w,
                                                 wp + "0.SelfAttention.", c, bias, hidden)
        x = r[p + "hook_resid_mid"] = x + out
        if memory is not None:
            out = r[p + "hook_cross_attn_out"] = attention(
                r, p + "cross_attn.", norm(1, x), memory, w, wp + "1.EncDecAttention.", c, None,
                None)
            x = r[p + "hook_resid_mid_cross"] = x + out
        last = 1 if memory is None else 2
        out = r[p + "hook_mlp_out"] = feed_forward(r, p + "mlp.", norm(last, x), w,
                                                   f"{wp}{last}.DenseReluDense.", c)
        x = r[p + "hook_resid_post"] = x + out
    return rms_norm(r, side + ".ln_final", x, w[side + ".final_layer_norm.weight"], eps)


def forward(source, target, w, c):
    r = {}
    memory = stack(r, "encoder", source, w, c)
    x = stack(r, "decoder", target, w, c, memory)
    if c.get("tie_word_embeddings", True):
        x = r["decoder.hook_scaled_out"] = x * c["d_model"] ** -0.5
        r["logits"] = x @ w["shared.weight"].T
    else:
        r["logits"] = linear(x, w, "lm_head")
    r["probs"] = torch.softmax(r["logits"], dim=-1)
    return r


def expect(draw, lengths, w, c):
    source = draw.ids(2, c["vocab_size"], lengths[0])
    source[-1] = c["eos_token_id"]
    target = draw.ids(2, c["vocab_size"], lengths[1])
    target[0] = c["decoder_start_token_id"]
    records = forward(source, target, w, c)
    worst = check_wide(records, forward(source, target, widened(w), c))
    print(f"    {lengths}: rounding {worst:.1e}, patterns {sharpness(records)}")
    return records


def make(name, seed, dtype, config, copies=(), extra=()):
    """`copies`: further names of the embedding; `extra`: shapes of weights that no model uses."""
    c = {"architectures": ["T5ForConditionalGeneration"], "model_type": "t5", "vocab_size": 37,
         "layer_norm_epsilon": 1e-6, "relative_attention_num_buckets": 8,
         "relative_attention_max_distance": 20, "pad_token_id": 0, "eos_token_id": 1,
         "decoder_start_token_id": 0, "is_encoder_decoder": True, **config}
    draw = Draw(seed)
    weights = random_weights(c, draw)
    for unused, shape in extra:
        draw.normal(unused, *shape)
    stored, w = rounded(weights, dtype)
    print(name)
    records = expect(draw, (8, 6), w, c)
    far = expect(draw, (26, 24), w, c)
    for copy in copies:
        stored[copy] = stored["shared.weight"]
    far = {n: far[n] for n in LONG if n in far}
    write(name, c, dtype, stored, {"expected.safetensors": (records, None),
                                   "expected-long.safetensors": (far, None)})


def main():
    torch.set_num_threads(1)
    # The first T5's files hold a table for the cross-attention, which nothing reads.
    make("t5-a", 51, torch.float32,
         {"d_model": 16, "d_kv": 6, "d_ff": 21, "num_heads": 3, "num_layers": 2,
          "num_decoder_layers": 3, "feed_forward_proj": "relu"},
         extra=[(TABLE.format("decoder").replace("0.SelfAttention", "1.EncDecAttention"), (8, 3))])
    make("t5-b", 52, torch.bfloat16,
         {"d_model": 20, "d_kv": 7, "d_ff": 18, "num_heads": 4, "num_layers": 2,
          "feed_forward_proj": "gated-gelu", "is_gated_act": True, "dense_act_fn": "gelu_new",
          "tie_word_embeddings": False},
         copies=("encoder.embed_tokens.weight", "decoder.embed_tokens.weight"))


if __name__ == "__main__":
    main()
