"""cli_families.py FOLDER: the tiny models of tests/golden with a tokenizer each, for
tests/test_cli.sh, and broken copies of one model of every family.

A tokenizer's words are w0, w1, …, whose ids they are; the special tokens have their own places. The
file cases.txt says of every broken folder what the message must be like: FOLDER, tab, REGEX.
"""
import json
import os
import struct
import sys

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden")
FAMILIES = ["gpt2-a", "neox-a", "llama-a", "mistral-a", "qwen2-a", "mixtral-a", "bert-a", "bert-b",
            "bert-c", "bert-d", "t5-a", "bart-a", "marian-a"]

# MODEL: a weight that its family needs, a matrix that isn't square (missing; transposed).
WEIGHTS = {
    "neox-a": ("gpt_neox.layers.1.attention.dense.bias", "gpt_neox.layers.0.mlp.dense_4h_to_h.weight"),
    "llama-a": ("model.layers.1.input_layernorm.weight", "model.layers.0.self_attn.k_proj.weight"),
    "mistral-a": ("model.norm.weight", "model.layers.0.mlp.down_proj.weight"),
    "qwen2-a": ("model.layers.0.self_attn.q_proj.bias", "model.layers.0.self_attn.v_proj.weight"),
    "mixtral-a": ("model.layers.1.block_sparse_moe.experts.4.w2.weight",
                  "model.layers.0.block_sparse_moe.experts.3.w1.weight"),
    "bert-a": ("cls.predictions.transform.dense.weight",
               "bert.encoder.layer.0.intermediate.dense.weight"),
    "bert-b": ("classifier.weight", "classifier.weight"),
    "t5-a": ("decoder.block.2.layer.1.EncDecAttention.v.weight",
             "encoder.block.0.layer.0.SelfAttention.o.weight"),
    "bart-a": ("model.decoder.layers.0.encoder_attn.k_proj.weight",
               "model.encoder.layers.0.fc2.weight"),
    "marian-a": ("model.decoder.layers.1.final_layer_norm.bias",
                 "model.decoder.layers.0.fc1.weight"),
}

# MODEL: fields that are out of range, and what the message must name.
FIELDS = {
    "neox-a": [({"rotary_pct": 2}, "rotary_pct is 2, expected a number above 0 and up to 1"),
               ({"rotary_pct": 0.4}, "heads 8 wide 3 dimensions .* an even number"),
               ({"use_parallel_residual": 1}, "use_parallel_residual is 1"),
               ({"num_attention_heads": 5}, "5 heads do not share a width of 24")],
    "llama-a": [({"num_key_value_heads": 3}, "4 heads do not share 3 key/value heads"),
                ({"head_dim": 5}, "an even number"),
                ({"rope_theta": 0}, "rope_theta is 0, expected a number above 0"),
                ({"rms_norm_eps": -1}, "rms_norm_eps is -1"),
                ({"hidden_act": "gelu_10"}, "hidden_act is .gelu_10., expected one of"),
                ({"rope_scaling": {"rope_type": "yarn"}}, "rope_scaling.rope_type is .yarn."),
                ({"rope_parameters": {"rope_type": "linear"}}, "rope_parameters.factor is missing"),
                ({"num_hidden_layers": 0}, "num_hidden_layers is 0")],
    "mistral-a": [({"sliding_window": 0}, "sliding_window is 0"),
                  ({"sliding_window": "3"}, "sliding_window is .3., expected an integer")],
    "qwen2-a": [({"max_window_layers": -1}, "max_window_layers is -1"),
                ({"use_sliding_window": "no"}, "use_sliding_window is .no.")],
    "mixtral-a": [({"num_local_experts": 0}, "num_local_experts is 0"),
                  ({"num_experts_per_tok": 6}, "6 experts of 5"),
                  ({"num_experts_per_tok": None}, "num_experts_per_tok is null")],
    "bert-a": [({"type_vocab_size": 0}, "type_vocab_size is 0"),
               ({"architectures": ["BertForQuestionAnswering"]}, "ForMaskedLM, ForPreTraining"),
               ({"architectures": 7}, "architectures is 7"),
               ({"position_embedding_type": "relative_key"}, "expected .absolute."),
               ({"is_decoder": True}, "is_decoder is true"),
               ({"layer_norm_eps": 2}, "layer_norm_eps is 2"),
               ({"pad_token_id": "none"}, "pad_token_id is .none.")],
    "bert-b": [({"id2label": {"1": "x"}}, "id2label has 1 entries, but none called .0."),
               ({"id2label": ["x"]}, "id2label is a list, expected an object"),
               ({"id2label": {"0": "x", "1": "y"}}, "classifier.weight")],
    "t5-a": [({"relative_attention_num_buckets": 2}, "num_buckets is 2, expected at least 4"),
             ({"relative_attention_max_distance": 4}, "max_distance is 4, expected more than 4"),
             ({"feed_forward_proj": "gated-elu"}, "feed_forward_proj is .gated-elu."),
             ({"num_decoder_layers": -1}, "num_decoder_layers is -1"),
             ({"d_kv": 0}, "d_kv is 0"),
             ({"decoder_start_token_id": None, "pad_token_id": None}, "no decoder_start_token_id"),
             ({"forced_eos_token_id": [1]}, "forced_eos_token_id is ")],
    "bart-a": [({"encoder_layers": 0}, "encoder_layers is 0"),
               ({"decoder_attention_heads": 4}, "4 heads do not share a width of 18"),
               ({"encoder_ffn_dim": "wide"}, "encoder_ffn_dim is .wide."),
               ({"bad_words_ids": 5}, "bad_words_ids is 5, expected a list of lists"),
               ({"bad_words_ids": [5]}, "bad_words_ids has the entry 5"),
               ({"forced_bos_token_id": "x"}, "forced_bos_token_id is .x.")],
    "marian-a": [({"share_encoder_decoder_embeddings": False},
                  "share_encoder_decoder_embeddings is false"),
                 ({"d_model": 15, "encoder_attention_heads": 3}, "a width of 15 is odd"),
                 ({"max_position_embeddings": 0}, "max_position_embeddings is 0"),
                 ({"activation_function": "sine"}, "activation_function is .sine.")],
}


def special_tokens(model, config):
    if model.startswith("bert"):
        return {"[PAD]": 0, "[CLS]": 1, "[SEP]": 2, "[MASK]": 3}
    if model.startswith(("t5", "bart", "marian")):
        return {"</s>": config["eos_token_id"], "<pad>": config["pad_token_id"]}
    return {"<s>": 1}


def frame(model, special):
    """What a text, or a pair of them, is put into."""
    token = lambda name, kind=0: {"SpecialToken": {"id": name, "type_id": kind}}
    text = lambda name, kind=0: {"Sequence": {"id": name, "type_id": kind}}
    if model.startswith("bert"):
        single = [token("[CLS]"), text("A"), token("[SEP]")]
        pair = single + [text("B", 1), token("[SEP]", 1)]
    elif "</s>" in special:
        single, pair = [text("A"), token("</s>")], [text("A"), text("B"), token("</s>")]
    else:
        return None
    return {"type": "TemplateProcessing", "single": single, "pair": pair, "special_tokens": {
        name: {"id": name, "ids": [i], "tokens": [name]} for name, i in special.items()}}


def tokenizer(model, config, surplus=0):
    special = special_tokens(model, config)
    ids = set(special.values())
    words = {f"w{i}": i for i in range(config["vocab_size"] + surplus) if i not in ids}
    added = [{"id": i, "content": name, "single_word": False, "lstrip": False, "rstrip": False,
              "normalized": False, "special": True}
             for name, i in sorted(special.items(), key=lambda item: item[1])]
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": added,
            "normalizer": None, "pre_tokenizer": {"type": "WhitespaceSplit"},
            "post_processor": frame(model, special), "decoder": None,
            "model": {"type": "WordLevel", "vocab": {**words, **special}, "unk_token": "w5"}}


def read_weights(path):
    with open(path, "rb") as file:
        raw = file.read()
    (size,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8:8 + size])
    header.pop("__metadata__", None)
    return {name: (t["dtype"], t["shape"], raw[8 + size:][slice(*t["data_offsets"])])
            for name, t in header.items()}


def pack(tensors):
    header, data = {}, b""
    for name, (dtype, shape, values) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape,
                        "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def folder(root, name, **files):
    """config, tokenizer, index: JSON; weights: the file's bytes, under the name that `shard` says."""
    path = os.path.join(root, name)
    os.makedirs(path)
    shard = files.pop("shard", "model.safetensors")
    names = {"config": "config.json", "tokenizer": "tokenizer.json", "weights": shard,
             "index": "model.safetensors.index.json"}
    for kind, content in files.items():
        binary = isinstance(content, bytes)
        with open(os.path.join(path, names[kind]), "wb" if binary else "w") as file:
            file.write(content if binary else json.dumps(content))


def break_weights(root, model, config, tensors, cases):
    missing, matrix = WEIGHTS[model]
    left = {name: t for name, t in tensors.items() if name != missing}
    folder(root, f"{model}-missing", config=config, weights=pack(left))
    cases.append((f"{model}-missing", f'"?{missing}"?.* is missing'))
    dtype, shape, values = tensors[matrix]
    turned = dict(tensors, **{matrix: (dtype, shape[::-1], values)})
    folder(root, f"{model}-turned", config=config, weights=pack(turned))
    cases.append((f"{model}-turned", rf'{matrix}"? is \[{shape[1]}, ?{shape[0]}\], '
                                     rf"expected \[{shape[0]}, ?{shape[1]}\]"))
    absent = "model-00002-of-00002.safetensors"
    index = {"metadata": {}, "weight_map": {
        name: absent if name == matrix else "model-00001-of-00002.safetensors" for name in tensors}}
    folder(root, f"{model}-shard", config=config, index=index,
           weights=pack({name: t for name, t in tensors.items() if name != matrix}),
           shard="model-00001-of-00002.safetensors")
    cases.append((f"{model}-shard", absent))


def main(root):
    cases = []
    for model in FAMILIES:
        with open(os.path.join(GOLDEN, model, "config.json")) as file:
            config = json.load(file)
        tensors = read_weights(os.path.join(GOLDEN, model, "model.safetensors"))
        whole = pack(tensors)
        folder(root, model, config=config, weights=whole, tokenizer=tokenizer(model, config))
        if model not in WEIGHTS:
            continue
        break_weights(root, model, config, tensors, cases)
        for number, (fields, message) in enumerate(FIELDS[model]):
            name = f"{model}-field-{number}"
            folder(root, name, config=dict(config, **fields), weights=whole)
            cases.append((name, f"{name}/(config.json|model.safetensors): .*{message}"))
        folder(root, f"{model}-words", config=config, weights=whole,
               tokenizer=tokenizer(model, config, surplus=2))
        highest = config["vocab_size"] + 1
        cases.append((f"{model}-words", f"the highest token id is {highest}, .*only "
                                        f"{config['vocab_size']} tokens"))
    # A weight that goes by several names is missing under each.
    with open(os.path.join(GOLDEN, "t5-b", "config.json")) as file:
        config = json.load(file)
    gate = "encoder.block.0.layer.1.DenseReluDense.wi_0.weight"
    left = read_weights(os.path.join(GOLDEN, "t5-b", "model.safetensors"))
    del left[gate]
    folder(root, "t5-b-missing", config=config, weights=pack(left))
    cases.append(("t5-b-missing", f'wi.weight" or "{gate}" is missing'))
    # Tokens that a config forces and bans: the first that marian-a says itself is w1.
    with open(os.path.join(GOLDEN, "marian-a", "config.json")) as file:
        config = json.load(file)
    weights = pack(read_weights(os.path.join(GOLDEN, "marian-a", "model.safetensors")))
    words = tokenizer("marian-a", config)
    folder(root, "marian-banned", weights=weights, tokenizer=words,
           config=dict(config, bad_words_ids=[[1], [38], [2, 3]]))
    folder(root, "marian-forced", weights=weights, tokenizer=words,
           config=dict(config, forced_bos_token_id=7, forced_eos_token_id=9))
    folder(root, "marian-free", weights=weights, tokenizer=words,
           config=dict(config, forced_eos_token_id=None))
    with open(os.path.join(root, "cases.txt"), "w") as file:
        file.writelines(f"{name}\t{message}\n" for name, message in cases)


if __name__ == "__main__":
    main(sys.argv[1])
