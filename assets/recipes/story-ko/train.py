"""Trains the Korean story model: GPT-2 in its smallest form, on the Korean side of the stories.

    train.py MODEL_DIR [--steps N] [--stage 1]

Makes tokenizer.json, config.json, model.safetensors and training.jsonl there. Stage 1 goes on from
the weights, with new stories and more drills. The network is that
of the English story model (assets/recipes/story/gpt.py).
"""
import argparse
import os

import torch
from torch.nn import functional as F

import files
import gpt
import loop
import pairs
import scenes
import subwords

VOCAB, LENGTH, BATCH = 1536, 128, 10
# Drills are random tokens that repeat, so that an induction head forms. Seed 1 is held out.
STAGES = ({"seed": 0, "peak": 3e-3, "drills": 0.04, "steps": 3500},
          {"seed": 2, "peak": 2e-3, "drills": 0.12, "steps": 5000})
EOT = "<|endoftext|>"


class Data:
    """Training sequences: new stories packed one after another, and a few drills."""

    def __init__(self, tok, stage):
        self.tok, self.eot, self.told = tok, tok.vocab[EOT], 0
        self.drills = STAGES[stage]["drills"]
        self.rng = pairs.rng_of("story-ko", STAGES[stage]["seed"])
        self.stories = scenes.stories(10**9, STAGES[stage]["seed"])

    def sequence(self):
        """LENGTH + 1 ids, and the position of the first one."""
        rng = self.rng
        if rng.random() < self.drills:
            period = [rng.randrange(256, self.eot) for _ in range(rng.randint(8, 48))]
            ids = period * (LENGTH // len(period) + 2)
        else:
            ids = [self.eot] if rng.random() < 0.4 else []
            while len(ids) <= LENGTH:
                ids += self.tok.encode(next(self.stories).ko) + [self.eot]
                self.told += 1
        return ids[:LENGTH + 1], 0 if rng.random() < 0.5 else rng.randint(0, 256 - LENGTH)

    def batch(self, _step):
        rows, offsets = zip(*(self.sequence() for _ in range(BATCH)))
        rows = torch.tensor(rows)
        return rows[:, :-1], rows[:, 1:], torch.tensor(offsets)[:, None] + torch.arange(LENGTH)


def held_out(tok, kind, count):
    """Held-out stories, one a row, as (ids, what comes next, positions)."""
    rows = [tok.encode(s.ko) + [tok.vocab[EOT]] for s in scenes.stories(count, 1, kind)]
    ids = pairs.padded([r[:-1] for r in rows], tok.vocab[EOT])
    return ids, pairs.padded([r[1:] for r in rows], -100), torch.arange(ids.shape[1]).expand(
        len(rows), -1)


def loss(w, config, batch):
    ids, following, positions = batch
    logits = gpt.forward(w, config, ids, positions)
    return F.cross_entropy(logits.flatten(0, 1), following.flatten())


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--stage", type=int, choices=(0, 1), default=0)
    args = parser.parse_args()
    torch.set_num_threads(1)
    os.makedirs(args.folder, exist_ok=True)
    path, weights = (os.path.join(args.folder, n) for n in ("tokenizer.json", "model.safetensors"))
    if args.stage == 0:
        subwords.write_bpe(path, scenes.piece_counts(30000, 0, "ko"), VOCAB, [], [EOT])
    tok = subwords.Bpe(path)
    config, stage = gpt.make_config(len(tok.vocab), tok.vocab[EOT]), STAGES[args.stage]
    files.write_config(args.folder, config)
    data, test = Data(tok, args.stage), held_out(tok, "train", 200)
    loop.train(files.read_safetensors(weights) if args.stage else gpt.init_weights(config, 0),
               data.batch, lambda w, b: loss(w, config, b), args.folder,
               os.path.join(args.folder, "training.jsonl"), args.steps or stage["steps"],
               stage["peak"], lambda w, folder: files.write_safetensors_f16(weights, w),
               held_out=lambda w: loss(w, config, test).item(), tokens_per_step=BATCH * LENGTH,
               log_mode="a" if args.stage else "w", extra={"stage": 1} if args.stage else None)


if __name__ == "__main__":
    main()
