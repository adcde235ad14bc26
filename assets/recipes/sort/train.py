"""Trains a very small model that sorts letters.

    train.py MODEL_DIR [--width D] [--heads H] [--inner I] [--steps N] [--seed S]

A sequence is 1 to 6 letters, ":", the same letters sorted, ".". Of all that there are, one in four
is held out.
Writes tokenizer.json, config.json, model.safetensors and training.jsonl.
"""
import argparse
import itertools
import os
import zlib

import torch
from torch.nn import functional as F

import files
import gpt
from loop import train

LETTERS, LONGEST = "abcdef", 6
VOCAB = list(LETTERS) + [":", "."]
SORT, END = len(LETTERS), len(LETTERS) + 1
BATCH = 126
PEAK, DECAY = 0.01, 0.1


def tokenizer():
    """Letters with or without spaces between; anything else is unknown, and refused."""
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": [],
        "normalizer": None,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "WhitespaceSplit"},
            {"type": "Split", "pattern": {"Regex": "."}, "behavior": "Isolated",
             "invert": False}]},
        "post_processor": None, "decoder": None,
        "model": {"type": "WordLevel", "vocab": {t: i for i, t in enumerate(VOCAB)},
                  "unk_token": "[UNK]"}}


def config(width, heads, inner):
    return {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "n_layer": 1,
            "n_head": heads, "n_embd": width, "n_inner": inner, "n_positions": 2 * LONGEST + 2,
            "activation_function": "gelu_new", "layer_norm_epsilon": 1e-5,
            "tie_word_embeddings": True, "vocab_size": len(VOCAB), "bos_token_id": None,
            "eos_token_id": END}


def row(letters):
    """(ids, targets), each of the longest sequence's length; -100 where nothing is foretold."""
    ids = list(letters) + [SORT] + sorted(letters) + [END]
    targets = [-100] * len(letters) + ids[len(letters) + 1:]
    width = 2 * LONGEST + 1
    return ids[:-1] + [END] * (width - len(targets)), targets + [-100] * (width - len(targets))


def sequences():
    """Every sequence that there is, as {(length, held out): (ids, targets)}, each [N, T]."""
    rows = {}
    for length in range(1, LONGEST + 1):
        for letters in itertools.product(range(len(LETTERS)), repeat=length):
            held = zlib.crc32(bytes(letters)) % 4 == 0
            rows.setdefault((length, held), []).append(row(letters))
    return {key: torch.tensor(r).unbind(1) for key, r in rows.items()}


def training_batches(known, seed):
    """next_batch for the loop: each length as often as any other."""
    g = torch.Generator().manual_seed(seed)

    def next_batch(step):
        picks = [torch.randint(len(ids), (BATCH // len(known),), generator=g) for ids, _ in known]
        return (torch.cat([ids[i] for (ids, _), i in zip(known, picks)]),
                torch.cat([targets[i] for (_, targets), i in zip(known, picks)]))
    return next_batch


def logits(w, settings, ids):
    return gpt.forward(w, settings, ids, torch.arange(ids.shape[1]).expand(ids.shape))


def loss_fn(settings):
    def loss(w, batch):
        ids, targets = batch
        return F.cross_entropy(logits(w, settings, ids).flatten(0, 1), targets.flatten())
    return loss


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--width", type=int, default=8)
    parser.add_argument("--heads", type=int, default=1)
    parser.add_argument("--inner", type=int, default=32)
    parser.add_argument("--steps", type=int, default=8000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.set_num_threads(1)
    settings = config(args.width, args.heads, args.inner)
    files.write_config(args.folder, settings)
    files.write_json(os.path.join(args.folder, "tokenizer.json"), tokenizer(), indent=1)
    rows = sequences()
    known = [rows[n, False] for n in range(1, LONGEST + 1) if (n, False) in rows]
    unseen = rows[LONGEST, True]
    loss = loss_fn(settings)
    train(gpt.init_weights(settings, args.seed),
          training_batches(known, args.seed), loss, args.folder,
          os.path.join(args.folder, "training.jsonl"), args.steps, PEAK,
          lambda w, folder: files.write_safetensors_f16(
              os.path.join(folder, "model.safetensors"), w),
          held_out=lambda w: loss(w, unseen).item(), floor=1e-4, weight_decay=DECAY,
          check_every=args.steps // 40, save_every=args.steps)


if __name__ == "__main__":
    main()
