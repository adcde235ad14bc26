"""Scores the Korean story model on what training never saw, looks at its heads, writes its card.

    evaluate.py MODEL_DIR [--items N]

The weights are read back from the F16 file: what is scored is what is shipped.
"""
import argparse
import collections
import math
import os

import torch
from torch.nn import functional as F

import files
import gpt
import hangul
import pairs
import scenes
import subwords
from grammar import sentence
from train import BATCH, EOT, LENGTH, STAGES, Data, held_out

KINDS = ("train", "pairs", "clauses", "forms", "names")
PAIRS = (("은", "는"), ("이", "가"), ("을", "를"), ("과", "와"), ("으로", "로"))
STARTS = ("민아는 톰에게 빨간 공을 주었다.", "화창한 날이었다.", "어느 날 릴리는", "유진과 벤은")
# What a probe's text says; the row is the token before the last word or particle that is asked for.
NAME_MOVER = ("{A은} {B에게} {x+을} 주었다. {B은} {A에게} 고마워했다.",
              "{B은} {A에게서} {x+을} 받았다. {B은} {A에게} 돌려주었다.",
              "{A은} {B의} {x+을} 가져갔다. {B은} {A에게} 화가 났다.")
OBJECT = ("{A은} {B에게} {x을} 주었다=v.", "{A은} {x을} {B에게} 주었다=v.",
          "{A은} {p에서} {x을} 숨겼다=v.", "{A은} {x을} {p에서} 숨겼다=v.",
          "{A은} {C와} {x을} 만들었다=v.", "{A은} {x을} {C에게} 건넸다=v.")


class Probe:
    """A text in which one can say where the row's head should look, and where not."""

    def __init__(self, ids, row, source, distractor=None, right=None, wrong=None):
        self.ids, self.row, self.source, self.distractor = ids, row, source, distractor
        self.right, self.wrong = right, wrong


def positions(tok, side, key):
    """The first and last token of each chunk with this key."""
    spans = tok.spans(side.text)
    return [([i for i, (_, lo, hi) in enumerate(spans) if lo < c.end and hi > c.start])
            for c in side.chunks if c.key == key], [i for i, _, _ in spans]


def name_movers(tok, count, kind):
    """Pairs of texts in which two people change roles; the answer is the first one's name."""
    rng, out = pairs.rng_of("name mover", kind), []
    while len(out) < count:
        scene = scenes.Scene(rng, "held" if kind == "names" else "train", kind == "pairs")
        form = rng.choice(NAME_MOVER)
        for _ in range(2):
            side = sentence(scene, ("{A}", form)).ko
            a, ids = positions(tok, side, "A")
            b, _ = positions(tok, side, "B")
            out.append(Probe(ids, a[1][0] - 1, a[0][-1], b[0][-1], ids[a[1][0]], ids[b[0][0]]))
            scene["A"], scene["B"] = scene["B"], scene["A"]
    return out


def objects(tok, count):
    """Where the verb is foretold: the object, not the other noun; either may come last."""
    rng, out = pairs.rng_of("object"), []
    while len(out) < count:
        scene, form = scenes.Scene(rng), rng.choice(OBJECT)
        side = sentence(scene, ("{A}", form)).ko
        x, ids = positions(tok, side, "x")
        other = next(k for k in "BpC" if "{" + k in form)
        verb = positions(tok, side, "v")[0][0][0]
        out.append(Probe(ids, verb - 1, x[0][-1], positions(tok, side, other)[0][0][-1]))
    return out


def previous(tok, count):
    """At a particle: its stem, one token back."""
    rng, out = pairs.rng_of("particle"), []
    while len(out) < count:
        sentences = scenes.Story(rng).sentences
        side = sentences[-1].ko
        before = tok.encode(" ".join(s.ko.text for s in sentences[:-1]))
        spans = tok.spans(side.text)
        for c, d in zip(side.chunks, side.chunks[1:]):
            if c.kind and d.glued and d.text in sum(PAIRS, ()):
                row = next(i for i, (_, lo, _) in enumerate(spans) if lo == d.start) + len(before)
                out.append(Probe(before + [i for i, _, _ in spans], row, row - 1))
                break
    return out


def repeats(tok, count):
    """Random tokens twice: at a token of the second half, the one after its first copy."""
    rng, out = pairs.rng_of("repeats"), []
    while len(out) < count:
        period = [rng.randrange(256, tok.vocab[EOT]) for _ in range(rng.randint(12, 40))]
        k = rng.randrange(2, len(period) - 1)
        out.append(Probe(period * 2, len(period) + k, k + 1, None, period[k + 1]))
    return out


def patterns(w, config, probe):
    """The row of every head [layer, head, T], and the next token's probabilities."""
    keep, ids = {}, torch.tensor([probe.ids])
    logits = gpt.forward(w, config, ids, torch.arange(ids.shape[1])[None], keep=keep)
    rows = torch.stack([keep["pattern", i][0, :, probe.row] for i in range(config["n_layer"])])
    return rows, logits[0, probe.row].softmax(-1)


def score(w, config, probes):
    """Attention to the source (− to the distractor), the null with another probe's distances, and
    how often the right answer is on top."""
    rng, sums, null = pairs.rng_of("null"), 0, 0
    right = above = n = 0
    for probe in probes:
        rows, p = patterns(w, config, probe)

        def at(back, forth):
            value = rows[:, :, min(max(probe.row - back, 0), probe.row)]
            return value if forth is None else value - rows[:, :, max(probe.row - forth, 0)]
        sums = sums + at(probe.row - probe.source,
                         None if probe.distractor is None else probe.row - probe.distractor)
        other = rng.choice(probes)
        back, forth = other.row - other.source, other.row - (other.distractor or 0)
        if other.distractor is None:
            back, forth = (rng.randrange(probe.row + 1), None) if back == 1 else (back, None)
        null = null + at(back, forth)
        if probe.right is not None:
            n += 1
            right += int(p.argmax()) == probe.right
            above += probe.wrong is not None and bool(p[probe.right] > p[probe.wrong])
    flat = int((sums / len(probes)).argmax())
    layer, head = divmod(flat, config["n_head"])
    return {"head": f"{layer}.{head}", "score": (sums[layer, head] / len(probes)).item(),
            "null": (null[layer, head] / len(probes)).item(), "items": len(probes),
            "top": right / n if n else None,
            "above": above / n if n and probes[0].wrong is not None else None}


def particles(w, config, tok, kind, count):
    """After a stem whose particle has two forms: how often the right one is above the wrong one."""
    rng, hit, n = pairs.rng_of("forms of particles", kind), 0, 0
    wrong_of = {a: b for pair in PAIRS for a, b in (pair, pair[::-1])}
    while n < count:
        side = rng.choice(scenes.Story(rng, kind).sentences).ko
        spans = tok.spans(side.text)
        ids = torch.tensor([[i for i, _, _ in spans]])
        logits = gpt.forward(w, config, ids, torch.arange(ids.shape[1])[None])[0]
        for c, d in zip(side.chunks, side.chunks[1:]):
            names_only = kind != "names" or c.kind == "PERSON"
            if c.kind and names_only and d.glued and d.text in wrong_of:
                if hangul.particle(c.text, d.text) == wrong_of[d.text]:
                    continue
                row = next(i for i, (_, lo, _) in enumerate(spans) if lo == d.start)
                right, wrong = (tok.vocab[t] for t in (d.text, wrong_of[d.text]))
                hit += bool(logits[row - 1, right] > logits[row - 1, wrong])
                n += 1
    return hit / n


def bigram(tok, tests, count=30000, discount=0.75):
    """The loss of a bigram counted on training stories, interpolated with the unigram."""
    one, two = collections.Counter(), collections.defaultdict(collections.Counter)
    for story in scenes.stories(count, 0):
        ids = [tok.vocab[EOT]] + tok.encode(story.ko) + [tok.vocab[EOT]]
        one.update(ids)
        for a, b in zip(ids, ids[1:]):
            two[a][b] += 1
    total, V = sum(one.values()), len(tok.vocab)

    def p(a, b):
        uni, after = (one[b] + 1) / (total + V), two[a]
        n = sum(after.values())
        if n == 0:
            return uni
        return max(after[b] - discount, 0) / n + discount * len(after) / n * uni
    out = {}
    for name, (ids, following, _) in tests.items():
        logs = [-math.log(p(a, b)) for row, nxt in zip(ids.tolist(), following.tolist())
                for a, b in zip(row, nxt) if b >= 0]
        out[name] = sum(logs) / len(logs)
    return out


def samples(w, config, tok, temperature=0.7, longest=110):
    g, out = torch.Generator().manual_seed(7), []
    for start in STARTS:
        ids = tok.encode(start)
        while len(ids) < longest:
            x = torch.tensor([ids])
            logits = gpt.forward(w, config, x, torch.arange(len(ids))[None])[0, -1]
            nxt = torch.multinomial((logits / temperature).softmax(-1), 1, generator=g).item()
            if nxt == tok.vocab[EOT]:
                break
            ids.append(nxt)
        text = tok.decode(ids)
        out.append(f"> **{text[:len(start)]}**{text[len(start):]}\n")
    return out


def told(tok, steps):
    """How many stories training was told, in each stage's steps."""
    total = 0
    for stage, count in enumerate(steps):
        data = Data(tok, stage)
        for step in range(count):
            data.batch(step)
        total += data.told
    return total


def joined(log):
    """One log of both stages, and the steps of each."""
    ends = [max((r["step"] for r in log if r.get("stage", 0) == s), default=0) for s in (0, 1)]
    last = [r for r in log if r["step"] == ends[0] and not r.get("stage")][0]
    later = [dict(r, **{k: r[k] + last[k] for k in ("step", "tokens", "seconds")})
             for r in log if r.get("stage")]
    return [r for r in log if not r.get("stage")] + later, ends


def num(x, digits=2):
    return "" if x is None else f"{x:.{digits}f}".replace("-", "−")


def percent(x):
    return "" if x is None else f"{100 * x:.1f}%"


def card(report):
    config, log = report["config"], report["log"]
    names = dict(pairs.KIND_NAMES, train="new stories, known words and forms")
    losses = [[names[k], num(v["model"], 3), num(v["bigram"], 3), num(v["untrained"], 3)]
              for k, v in report["losses"].items()]
    probes = [[name, v["items"], v["head"], num(v["score"]), num(v["null"]), num(v["untrained"]),
               percent(v["above"]), percent(v["top"])] for name, v in report["probes"].items()]
    allomorphs = [[names[k], percent(v)] for k, v in report["particles"].items()]
    story = "\n".join(f"> {s}\n" for s in report["stories"])
    return f"""# story-ko: little stories in Korean

A GPT-2 in its smallest form, so that a Korean sentence that is typed in is understood: who gave
what to whom, where it is hidden, what was said. Made by `assets/recipes/story-ko/run.sh`, which
also wrote this card; all numbers are measured on the F16 weights. Licence: MIT, for the weights and
the corpus (wholly synthetic; the recipe makes it).

- `config.json`, `model.safetensors`: {config["n_layer"]} layers of {config["n_head"]} heads,
  {config["n_embd"]} wide, {report["parameters"]:,} parameters, context {config["n_positions"]}.
- `tokenizer.json`: a BPE of {config["vocab_size"]:,} tokens, bytes where a character is unknown.
  A frequent noun or name is one token, its particle another: 민아 · 가. Names that training never
  saw are several.
- `training.jsonl`: the loss, a line a check.

## Data

The Korean side of the stories of `assets/recipes/bilingual`: 이/가, 은/는, 을/를, 와/과 and (으)로 by
the final consonant, dropped subjects and objects, 에게 and 에서, clauses before their noun, 자기,
“…”라고 말했다, -고, -지만, -어서, counters, plain -었다. Training saw {report["told"]:,} stories, each
once. Held out from it: some forms and combinations of clauses, 20 names, one pair in eight of
names and of thing and colour. {percent(STAGES[0]["drills"])} of the sequences
({percent(STAGES[1]["drills"])} in stage 1) are random tokens that repeat. Three of its stories:

{story}
## Training

{log[-1]["step"]:,} steps of {BATCH} sequences of {LENGTH} tokens
({log[-1]["tokens"] / 1e6:.1f} M tokens) with AdamW, {log[-1]["seconds"] // 60} minutes on one core: stage 0 of
{report["steps"][0]:,} steps, and stage 1 of {report["steps"][1]:,}, each with a whole cosine.

{pairs.curve(log)}

## Held-out loss

Nats a token. The bigram is counted on 30,000 training stories and interpolated.

{pairs.table(["held-out stories", "model", "bigram", "untrained"], losses)}

## Particles

After a stem whose particle has two forms: how often the form that the final consonant wants is the
likelier of the two. By chance it would be about half.

{pairs.table(["stems", "right form above wrong form"], allomorphs)}

## What its heads do

The head with the best score of each probe: attention to the right place, minus attention to the
wrong one where there is one. The null puts another item's distances in place (particle → stem: any
earlier place); “untrained” is the best head before training. Particle → stem: A[i, i−1] at a
particle. Verb → object: where the verb is foretold, the object minus the other noun, in either
order. Name mover: two people change roles, and the name that comes next is the giver's. Induction:
random tokens twice.

{pairs.table(["probe", "items", "head", "score", "null", "untrained", "right above wrong",
              "right on top"], probes)}

## Samples

Temperature 0.7, seeded; the start is in bold.

{chr(10).join(report["samples"])}
## What it can't do

It knows {report["words"]} nouns and the forms of its stories, in the past tense. A word that it
never saw is spelt in syllables or bytes and means nothing to it. In its own stories it often puts
the same person in two roles (see the samples), and it does not keep a long story consistent: deeds
between the main events are drawn at random in its corpus too. A longer training would help.
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--items", type=int, default=500)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    config = files.read_json(os.path.join(args.folder, "config.json"))
    log, steps = joined(files.read_lines(os.path.join(args.folder, "training.jsonl")))
    tok = subwords.Bpe(os.path.join(args.folder, "tokenizer.json"))
    w = files.read_safetensors(os.path.join(args.folder, "model.safetensors"))
    fresh = gpt.init_weights(config, 0)

    def loss(weights, batch):
        ids, following, pos = batch
        return F.cross_entropy(gpt.forward(weights, config, ids, pos).flatten(0, 1),
                               following.flatten()).item()
    tests = {kind: held_out(tok, kind, 200) for kind in KINDS}
    counted = bigram(tok, tests)
    probes = {"particle → stem": previous(tok, args.items),
              "verb → object": objects(tok, args.items), "induction": repeats(tok, args.items)}
    for kind, called in (("train", "known names"), ("pairs", "unseen pairs of names"),
                         ("names", "unseen names")):
        probes["name mover, " + called] = name_movers(tok, args.items, kind)
    words = scenes.words
    report = {
        "config": config, "log": log, "parameters": sum(p.numel() for p in w.values()),
        "losses": {k: {"model": loss(w, t), "bigram": counted[k], "untrained": loss(fresh, t)}
                   for k, t in tests.items()},
        "particles": {k: particles(w, config, tok, k, args.items) for k in ("train", "names")},
        "probes": {k: dict(score(w, config, v), untrained=score(fresh, config, v)["score"])
                   for k, v in probes.items()},
        "stories": [s.ko for s in scenes.stories(3, 0)], "samples": samples(w, config, tok),
        "words": len(words.THINGS + words.FOODS + words.PLACES + words.SHOPS + words.SPOTS
                     + words.ANIMALS),
        "told": told(tok, steps), "steps": steps}
    files.write_atomic(os.path.join(args.folder, "README.md"), card(report))


if __name__ == "__main__":
    main()
