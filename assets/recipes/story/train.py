"""Trains the story model: AdamW, cosine schedule, every story new (one epoch, no repeats).

    train.py MODEL_DIR LOG --steps N [--stop M] [--stage 1] [--seed S]

Stage 0 learns the language; stage 1 goes on from its weights, and tells what is hard more often.

MODEL_DIR already holds tokenizer.json. The weights appear there at the end and at checkpoints,
each time in one move, so that a reader never sees half a file. LOG gets one JSON object a line.
"""
import argparse
import json
import math
import os
import random
import time

import torch
from torch.nn import functional as F

import bpe
import corpus
import gpt

LENGTH, BATCH, WORKERS = 128, 16, 2
FLOOR, WARMUP = 5e-5, 200
WEIGHT_DECAY = 0.1
# Drills are sequences of random tokens that repeat, so that an induction head forms.
STAGES = ({"peak": 3e-3, "drills": 0.04, "weights": corpus.ARC_WEIGHTS},
          {"peak": 2e-3, "drills": 0.08, "weights": corpus.BOOSTED})
CHECK_EVERY = 250


class Data:
    """Training sequences: new stories packed one after another, and a few drills."""

    def __init__(self, tok, seed, stage, worker):
        self.tok, self.stage = tok, STAGES[stage]
        self.rng = random.Random(f"sequences {seed} {worker}")
        self.stories = 0

    def sequence(self, length=LENGTH):
        """length + 1 ids, and the position of the first one."""
        rng, tok = self.rng, self.tok
        if rng.random() < self.stage["drills"]:
            period = [rng.randrange(tok.eot) for _ in range(rng.randint(8, 48))]
            ids = period * (length // len(period) + 2)
        else:
            ids = [tok.eot] if rng.random() < 0.4 else []
            while len(ids) <= length:
                ids += tok.encode(corpus.story(rng, weights=self.stage["weights"])) + [tok.eot]
                self.stories += 1
        offset = 0 if rng.random() < 0.5 else rng.randint(0, 256 - length)
        return ids[:length + 1], offset

    def batch(self):
        rows, offsets = zip(*(self.sequence() for _ in range(BATCH // WORKERS)))
        pos = torch.tensor(offsets)[:, None] + torch.arange(LENGTH)
        rows = torch.tensor(rows)
        return rows[:, :-1], rows[:, 1:], pos


def held_out(tok, kind, count, length=160):
    """Held-out stories, one a row, padded with -100: (ids, targets, positions)."""
    rows = [tok.encode(text)[:length] for text in corpus.stories(count, 1, kind)]
    width = max(map(len, rows)) - 1
    ids = torch.tensor([r[:-1] + [tok.eot] * (width - len(r) + 1) for r in rows])
    targets = torch.tensor([r[1:] + [-100] * (width - len(r) + 1) for r in rows])
    return ids, targets, torch.arange(width).expand(len(rows), width)


def loss(w, config, ids, targets, pos, **kw):
    logits = gpt.forward(w, config, ids, pos, **kw)
    return F.cross_entropy(logits.view(-1, logits.shape[-1]), targets.reshape(-1))


def rate(step, steps, peak):
    if step < WARMUP:
        return peak * (step + 1) / WARMUP
    t = (step - WARMUP) / max(1, steps - WARMUP)
    return FLOOR + (peak - FLOOR) * 0.5 * (1 + math.cos(math.pi * t))


def save(folder, w):
    path = os.path.join(folder, "model.safetensors")
    gpt.save_safetensors(path + ".part", w)
    os.replace(path + ".part", path)


class Workers:
    """Processes that share the weights; each computes the gradient of its part of the batch.

    One thread each: two small processes are faster than two threads on small matrices. Gradients
    are added in the order of the workers, so the result does not depend on who is first.
    """

    def __init__(self, w, config, data):
        self.w, self.config = w, config
        size = sum(p.numel() for p in w.values())
        self.gradients = torch.zeros(WORKERS, size).share_memory_()
        self.losses = torch.zeros(WORKERS).share_memory_()
        self.stories = torch.zeros(WORKERS, dtype=torch.int64).share_memory_()
        fork = torch.multiprocessing.get_context("fork")
        self.barrier = fork.Barrier(WORKERS)
        self.data = data[0]
        self.others = [fork.Process(target=self.run, args=(i, data[i]), daemon=True)
                       for i in range(1, WORKERS)]
        for process in self.others:
            process.start()

    def part(self, worker, data):
        for p in self.w.values():
            p.grad = None
        value = loss(self.w, self.config, *data.batch())
        value.backward()
        torch.cat([p.grad.flatten() for p in self.w.values()], out=self.gradients[worker])
        self.losses[worker] = value.item()
        self.stories[worker] = data.stories

    def run(self, worker, data):
        while True:
            self.barrier.wait()            # the weights are ready
            self.part(worker, data)
            self.barrier.wait()            # the gradients are ready

    def step(self):
        """Puts the whole batch's gradient into the weights' .grad; returns the loss."""
        self.barrier.wait()
        self.part(0, self.data)
        self.barrier.wait()
        total, at = self.gradients.mean(0), 0
        for p in self.w.values():
            p.grad = total[at:at + p.numel()].view_as(p)
            at += p.numel()
        return self.losses.mean().item()


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("log")
    parser.add_argument("--steps", type=int, default=9000)
    parser.add_argument("--stop", type=int, help="end here, with the schedule of --steps")
    parser.add_argument("--stage", type=int, choices=(0, 1), default=0,
                        help="1 goes on from the weights in MODEL_DIR, with more of what is hard")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--checkpoints", action="store_true", help="save at every check")
    args = parser.parse_args()

    torch.set_num_threads(1)
    tok = bpe.Tokenizer(os.path.join(args.folder, "tokenizer.json"))
    config = gpt.make_config(len(tok.vocab), tok.eot)
    with open(os.path.join(args.folder, "config.json"), "w", encoding="utf-8") as f:
        json.dump(config, f, indent=2)
        f.write("\n")
    w = (gpt.load_safetensors(os.path.join(args.folder, "model.safetensors")) if args.stage
         else gpt.init_weights(config, args.seed))
    for p in w.values():
        p.share_memory_().requires_grad_()
    matrices = [p for name, p in w.items() if p.dim() == 2 and ".h." in name]
    others = [p for name, p in w.items() if p.dim() == 1 or ".h." not in name]
    groups = [{"params": matrices, "weight_decay": WEIGHT_DECAY},
              {"params": others, "weight_decay": 0.0}]
    peak = STAGES[args.stage]["peak"]
    optimizer = torch.optim.AdamW(groups, lr=peak, betas=(0.9, 0.98), foreach=True)
    data = [Data(tok, args.seed, args.stage, worker) for worker in range(WORKERS)]
    workers, test = Workers(w, config, data), held_out(tok, "same", 200)
    start, running = time.time(), 0.0
    with open(args.log, "a" if args.stage else "w", encoding="utf-8") as log:
        stop = min(args.steps, args.stop or args.steps)
        for step in range(stop):
            for group in optimizer.param_groups:
                group["lr"] = rate(step, args.steps, peak)
            value = workers.step()
            torch.nn.utils.clip_grad_norm_(list(w.values()), 1.0)
            optimizer.step()
            running = value if step == 0 else 0.98 * running + 0.02 * value
            if (step + 1) % CHECK_EVERY == 0 or step + 1 == stop:
                with torch.no_grad():
                    checked = loss(w, config, *test).item()
                line = {"stage": args.stage, "step": step + 1,
                        "tokens": (step + 1) * BATCH * LENGTH,
                        "stories": int(workers.stories.sum()), "train": round(running, 4),
                        "held_out": round(checked, 4), "seconds": round(time.time() - start)}
                log.write(json.dumps(line) + "\n")
                log.flush()
                if args.checkpoints or step + 1 == stop:
                    save(args.folder, w)


if __name__ == "__main__":
    main()
