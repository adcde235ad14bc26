"""For models that read one text and write another: batches, held-out sets, scores, tables."""
import collections
import math
import random

import torch

import scenes

KINDS = ("new", "pairs", "clauses", "forms", "names")
KIND_NAMES = {"new": "new sentences, known words and forms",
              "pairs": "unseen pairs of words (names, thing and colour)",
              "clauses": "unseen combinations of two clauses",
              "forms": "unseen sentence forms", "names": "unseen names"}


class Pool:
    """Batches of items of about one length: drawn in pools, sorted, cut, shuffled."""

    def __init__(self, draw, rng, batch, length, pools=16):
        self.draw, self.rng, self.batch, self.length = draw, rng, batch, length
        self.size, self.ready = batch * pools, []

    def next(self):
        if not self.ready:
            items = []
            while len(items) < self.size:
                items += self.draw()
            items.sort(key=self.length)
            self.ready = [items[i:i + self.batch]
                          for i in range(0, self.size - self.batch + 1, self.batch)]
            self.rng.shuffle(self.ready)
        return self.ready.pop()


def padded(rows, value):
    width = max(map(len, rows))
    return torch.tensor([r + [value] * (width - len(r)) for r in rows])


def told(stories):
    """(form, sentence) of every sentence of the stories."""
    for story in stories:
        yield from zip(story.forms, story.sentences)


def held_out(kind, count, seen, seed=1):
    """`count` different sentences of a kind that are not in `seen` (English texts)."""
    out, taken = [], set(seen)
    source = scenes.stories(10**9, seed, "train" if kind == "new" else kind)
    for form, s in told(source):
        names = [c.text for c in s.en.chunks if c.kind == "PERSON"]
        fits = {"new": True, "pairs": len(names) > 1 or any(c.key == "x.c" for c in s.en.chunks),
                "forms": form.held and not form.clauses,
                "clauses": form.held and form.clauses, "names": bool(names)}[kind]
        if fits and s.en.text not in taken:
            taken.add(s.en.text)
            out.append((form, s))
            if len(out) == count:
                return out
    return out


def bleu(pairs):
    """Corpus BLEU-4 of (hypothesis, reference) token lists, in percent (Papineni et al. 2002)."""
    match, total, hyp_size, ref_size = [0] * 4, [0] * 4, 0, 0
    for hyp, ref in pairs:
        hyp_size, ref_size = hyp_size + len(hyp), ref_size + len(ref)
        for n in range(4):
            grams = [collections.Counter(tuple(x[i:i + n + 1]) for i in range(len(x) - n))
                     for x in (hyp, ref)]
            match[n] += sum((grams[0] & grams[1]).values())
            total[n] += sum(grams[0].values())
    if min(match) == 0 or hyp_size == 0:
        return 0.0
    brevity = min(1.0, math.exp(1 - ref_size / hyp_size))
    return 100 * brevity * math.exp(sum(math.log(m / t) for m, t in zip(match, total)) / 4)


def rng_of(*words):
    return random.Random(" ".join(map(str, words)))


def table(head, rows):
    """A Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(map(str, r)) + " |" for r in rows])


def curve(log, rows=8):
    """The log as a Markdown table, with about `rows` rows."""
    step = max(1, len(log) // rows)
    picked = log[step - 1::step]
    if picked[-1] is not log[-1]:
        picked.append(log[-1])
    return table(["step", "training loss", "held-out loss", "seconds"],
                 [[f"{r['step']:,}", f"{r['train']:.4f}", f"{r['held_out']:.4f}", r["seconds"]]
                  for r in picked])
