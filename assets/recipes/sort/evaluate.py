"""Sorts every sequence that there is with the F16 weights, and writes the card.

    evaluate.py MODEL_DIR      writes README.md there
"""
import argparse
import collections
import os

import torch

import files
import gpt
import markdown
import train

COUNT = train.LONGEST


def greedy(step, ids, length):
    """What comes after ":" if the likeliest token is always taken: [N, length + 1]."""
    given = ids = ids[:, :length + 1]
    for _ in range(length + 1):
        ids = torch.cat([ids, step(ids).argmax(-1, keepdim=True)], 1)
    return ids[:, given.shape[1]:]


def right(out, targets, length):
    return (out == targets[:, length:2 * length + 1]).all(1).float().mean().item()


def bigram(rows):
    """step for greedy: each token from the one before, as counted on the training sequences."""
    table = torch.zeros(len(train.VOCAB), len(train.VOCAB))
    for (_, held), (ids, targets) in rows.items():
        if not held:
            told = targets != -100
            table.index_put_((ids[told], targets[told]), torch.ones(int(told.sum())),
                             accumulate=True)
    return lambda ids: table[ids[:, -1]]


def attention_kinds(w, config, ids, length):
    """Mean weight on each kind of token, from the sorted letters of held-out sequences."""
    keep = {}
    gpt.forward(w, config, ids, torch.arange(ids.shape[1]).expand(ids.shape), keep=keep)
    pattern = keep["pattern", 0].mean(1)
    total, queries = collections.Counter(), 0
    for row, weights in zip(ids.tolist(), pattern):
        for q in range(length, 2 * length):
            now = row[q] if q > length else -1            # ":" comes before every letter
            following = min((x for x in row[:length] if x > now), default=None)
            queries += 1
            for k in range(q + 1):
                total[kind_of(row, k, q, length, now, following)] += weights[q, k].item()
    return {name: value / queries for name, value in total.items()}


def kind_of(row, k, q, length, now, following):
    if k == q:
        return "itself"
    if k >= length:
        return "\":\" and sorted letters before it"
    x = row[k]
    return ("given: the same letter" if x == now else
            "given: the next letter in order" if x == following else
            "given: letters still further on" if x > now else "given: letters before it in order")


def example(w, config, word="dcabb"):
    """A prompt and what comes after it, as text."""
    ids = torch.tensor([[train.VOCAB.index(x) for x in word] + [train.SORT]])
    out = greedy(lambda x: train.logits(w, config, x)[:, -1], ids, len(word))[0]
    return " ".join(word) + " :   →   " + " ".join(train.VOCAB[i] for i in out)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    args = parser.parse_args()
    config = files.read_json(os.path.join(args.folder, "config.json"))
    w = files.read_safetensors(os.path.join(args.folder, "model.safetensors"))
    untrained = gpt.init_weights(config, 0)
    rows = train.sequences()
    pairs = bigram(rows)
    table, errors, total = [], collections.Counter(), collections.Counter()
    with torch.no_grad():
        for n in range(1, train.LONGEST + 1):
            line = [n]
            for held in (False, True):
                if (n, held) not in rows:
                    line += ["", ""]
                    continue
                ids, targets = rows[n, held]
                share = right(greedy(lambda x: train.logits(w, config, x)[:, -1], ids, n),
                              targets, n)
                line += [f"{len(ids):,}", markdown.percent(share, 2)]
                total[held] += len(ids)
                errors[held] += round((1 - share) * len(ids))
            if (n, True) in rows:
                ids, targets = rows[n, True]
                line += [markdown.percent(right(greedy(step, ids, n), targets, n), 2) for step in
                         (pairs, lambda x: train.logits(untrained, config, x)[:, -1])]
            table.append(line + [""] * (7 - len(line)))
        loss = train.loss_fn(config)
        held = rows[COUNT, True]
        losses = loss(w, held).item(), loss(untrained, held).item()
        kinds = attention_kinds(w, config, held[0][:500], COUNT)
    log = files.read_lines(os.path.join(args.folder, "training.jsonl"))
    values = {
        "parameters": f"{sum(p.numel() for p in w.values()):,}",
        "width": config["n_embd"], "inner": config["n_inner"], "heads": config["n_head"],
        "layers": config["n_layer"], "vocab": config["vocab_size"],
        "positions": config["n_positions"], "letters": train.LETTERS[-1],
        "longest": train.LONGEST, "bytes": markdown.size(args.folder),
        "steps": f"{log[-1]['step']:,}", "batch": train.BATCH, "peak": train.PEAK,
        "example": example(w, config), "errors": errors[True], "held": f"{total[True]:,}",
        "known_errors": errors[False],
        "known": f"{total[False]:,}", "loss": markdown.num(losses[0], 5),
        "untrained": markdown.num(losses[1], 3),
        "curve": markdown.curve(log, digits=4),
        "table": markdown.table(["letters", "seen in training", "sorted right", "held out",
                                 "sorted right", "a bigram", "untrained"], table),
        "kinds": markdown.table(["token", "attention"], [
            [k, markdown.num(v)] for k, v in sorted(kinds.items(), key=lambda kv: -kv[1])])}
    markdown.fill(os.path.dirname(os.path.abspath(__file__)), args.folder, values)


if __name__ == "__main__":
    main()
