"""cli_models.py FOLDER: small models for tests/test_cli.sh, good ones and broken ones.

The good one, `chain`, says what comes next from the last token alone, so that a test knows its text:
a → the three bytes of 한, again and again; b → x → the end token; z → a space → z. Its blocks add
nothing; the output matrix compares the normalised embedding with those of all the tokens.
"""
import json
import math
import os
import random
import shutil
import struct
import sys

M, HEADS, LAYERS, CONTEXT, VOCAB = 16, 2, 2, 24, 257
END = 256
CHAIN = {ord("a"): 0xED, 0xED: 0x95, 0x95: 0x9C, 0x9C: 0xED, ord("b"): ord("x"), ord("x"): END,
         ord("z"): ord(" "), ord(" "): ord("z")}


def byte_letters():
    """GPT-2's letters for the bytes."""
    printed = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    other = [b for b in range(256) if b not in printed]
    return {**{b: chr(b) for b in printed}, **{b: chr(256 + i) for i, b in enumerate(other)}}


def tokenizer(bos=False):
    letters = byte_letters()
    post = {"type": "TemplateProcessing", "pair": [],
            "single": [{"SpecialToken": {"id": "<|end|>", "type_id": 0}},
                       {"Sequence": {"id": "A", "type_id": 0}}],
            "special_tokens": {"<|end|>": {"id": "<|end|>", "ids": [END], "tokens": ["<|end|>"]}}}
    return {"version": "1.0", "truncation": None, "padding": None,
            "added_tokens": [{"id": END, "content": "<|end|>", "single_word": False, "lstrip": False,
                              "rstrip": False, "normalized": False, "special": True}],
            "normalizer": None,
            "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "use_regex": True},
            "post_processor": post if bos else None,
            "decoder": {"type": "ByteLevel"},
            "model": {"type": "BPE", "vocab": {letters[b]: b for b in range(256)}, "merges": []}}


def word_tokenizer():
    """No decoder: pieces are joined with spaces."""
    words = {f"w{i}": i for i in range(256)}
    words["z"], words["y"] = ord("z"), ord(" ")
    words = {w: i for w, i in words.items() if w in ("z", "y") or i not in (ord("z"), ord(" "))}
    return {"version": "1.0", "added_tokens": [], "normalizer": None,
            "pre_tokenizer": {"type": "WhitespaceSplit"}, "post_processor": None, "decoder": None,
            "model": {"type": "WordLevel", "vocab": words, "unk_token": "w0"}}


def config():
    return {"model_type": "gpt2", "n_layer": LAYERS, "n_head": HEADS, "n_embd": M,
            "n_positions": CONTEXT, "vocab_size": VOCAB, "activation_function": "gelu_new",
            "tie_word_embeddings": False, "bos_token_id": END, "eos_token_id": END}


def normalised(row):
    mean = sum(row) / M
    scale = math.sqrt(sum((x - mean) ** 2 for x in row) / M + 1e-5)
    return [(x - mean) / scale for x in row]


def weights():
    rng = random.Random(1)
    numbers = lambda n, scale: [rng.gauss(0, scale) for _ in range(n)]
    rows = [numbers(M, 1) for _ in range(VOCAB)]
    head = [[0.0] * M for _ in range(VOCAB)]
    for token, follows in CHAIN.items():
        head[follows] = [a + b for a, b in zip(head[follows], normalised(rows[token]))]
    t = {"transformer.wte.weight": ([VOCAB, M], sum(rows, [])),
         "transformer.wpe.weight": ([CONTEXT, M], [0.0] * CONTEXT * M),
         "transformer.ln_f.weight": ([M], [1.0] * M), "transformer.ln_f.bias": ([M], [0.0] * M),
         "lm_head.weight": ([VOCAB, M], sum(head, []))}
    for layer in range(LAYERS):
        p = f"transformer.h.{layer}."
        for norm in "ln_1", "ln_2":
            t[p + norm + ".weight"] = [M], [1.0] * M
            t[p + norm + ".bias"] = [M], [0.0] * M
        for name, n, m, scale in (("attn.c_attn", M, 3 * M, 0.3), ("attn.c_proj", M, M, 0),
                                  ("mlp.c_fc", M, 4 * M, 0.3), ("mlp.c_proj", 4 * M, M, 0)):
            t[p + name + ".weight"] = [n, m], numbers(n * m, scale)
            t[p + name + ".bias"] = [m], [0.0] * m
    return t


def pack(tensors, dtype="F32", change=None):
    """The file's bytes; `change` may edit the header before it is written."""
    header, data = {}, b""
    for name, (shape, values) in tensors.items():
        begin = len(data)
        data += struct.pack(f"<{len(values)}{'i' if dtype == 'I32' else 'f'}",
                            *(map(int, values) if dtype == "I32" else values))
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [begin, len(data)]}
    if change:
        change(header)
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def write(path, content):
    mode = "wb" if isinstance(content, bytes) else "w"
    with open(path, mode) as file:
        file.write(content if isinstance(content, (bytes, str)) else json.dumps(content))


def main(root):
    good = os.path.join(root, "chain")
    os.makedirs(good)
    tensors = weights()
    whole = pack(tensors)
    write(f"{good}/config.json", config())
    write(f"{good}/tokenizer.json", tokenizer())
    write(f"{good}/model.safetensors", whole)

    def variant(name, **files):
        folder = os.path.join(root, name)
        shutil.copytree(good, folder)
        for file, content in files.items():
            path = f"{folder}/{dict(c='config.json', t='tokenizer.json', w='model.safetensors')[file]}"
            os.remove(path) if content is None else write(path, content)

    first, second = list(tensors)[:2]
    overlap = lambda h: h[second].update(data_offsets=[o - 4 for o in h[second]["data_offsets"]])
    beyond = lambda h: h[first].update(shape=[1 << 40, 1 << 40])
    outside = lambda h: h[first].update(data_offsets=[0, 1 << 40])
    missing = dict(tensors)
    del missing["transformer.h.1.mlp.c_fc.bias"]
    shape = dict(tensors, **{"transformer.ln_f.bias": ([M + 1], [0.0] * (M + 1))})
    typed = lambda h: h["transformer.ln_f.bias"].update(dtype="I32")
    small = tokenizer()
    small["model"]["vocab"]["ĠĠ"] = VOCAB
    variant("bos", t=tokenizer(bos=True))
    variant("words", t=word_tokenizer())
    variant("no-tokenizer", t=None)
    variant("extra", w=pack(dict(tensors, **{"surplus.weight": ([2], [1.0, 2.0])})))
    variant("truncated", w=whole[:-100])
    variant("empty", w=b"")
    variant("eight", w=struct.pack("<Q", 2))
    variant("eight-large", w=b"\xff" * 8)
    variant("overlap", w=pack(tensors, change=overlap))
    variant("overflow", w=pack(tensors, change=beyond))
    variant("outside", w=pack(tensors, change=outside))
    variant("dtype", w=pack(tensors, change=typed))
    variant("missing", w=pack(missing))
    variant("shape", w=pack(shape))
    variant("bad-config", c='{"model_type": "gpt2", ')
    variant("bad-header", w=struct.pack("<Q", 9) + b'{"a": nul' + b"\0" * 8)
    variant("bad-tokenizer", t='{"model": [}')
    variant("model-type", c=dict(config(), model_type="parrot"))
    variant("no-config", c=None)
    variant("no-weights", w=None)
    variant("small-vocab", t=small)
    variant("heads", c=dict(config(), n_head="four"))


if __name__ == "__main__":
    main(sys.argv[1])
