"""Scores every head of the story model, and what silencing it costs.

    evaluate.py MODEL_DIR [--items N]     writes heads.json and README.md there

The weights are read back from the F16 file: what is scored is what is shipped.
Definitions of the probes are in probes.py, of the stories in corpus.py.
"""
import argparse
import collections
import json
import math
import os
import random

import torch
from torch.nn import functional as F

import bpe
import card
import corpus
import gpt
import lexicon as lex
import probes
from train import held_out, loss

STORIES = 300
BATCH = 50
RULE = {"score": 0.4, "times_null": 3, "specific_loss": 0.05, "times_overall_loss": 2}


def padded(items, eot):
    """Ids [B, T] and positions of items of unequal length (the future of a row is never seen)."""
    width = max(len(i.ids) for i in items)
    ids = torch.tensor([i.ids + [eot] * (width - len(i.ids)) for i in items])
    return ids, torch.arange(width).expand(len(items), width)


def batches(items):
    return (items[i:i + BATCH] for i in range(0, len(items), BATCH))


class Model:
    def __init__(self, weights, config):
        self.w, self.config = weights, config
        self.layers, self.heads = config["n_layer"], config["n_head"]
        self.all_heads = [(i, h) for i in range(self.layers) for h in range(self.heads)]

    def logits(self, ids, pos, **kw):
        return gpt.forward(self.w, self.config, ids, pos, **kw)

    def patterns(self, items):
        """For each item, its query's row of every head: [layer, head, T]."""
        for group in batches(items):
            keep = {}
            self.logits(*padded(group, self.config["eos_token_id"]), keep=keep)
            stacked = torch.stack([keep["pattern", i] for i in range(self.layers)], 1)
            for b, item in enumerate(group):
                yield stacked[b, :, :, item.query]

    def answers(self, items, **kw):
        """The distribution at each item's predictor: log-probabilities [items, V]."""
        out = []
        for group in batches(items):
            ids, pos = padded(group, self.config["eos_token_id"])
            at = torch.tensor([i.predictor for i in group])
            out.append(self.logits(ids, pos, **kw)[torch.arange(len(group)), at].log_softmax(-1))
        return torch.cat(out)

    def direct_logits(self, items):
        """What each head itself adds to logit(right) - logit(wrong, or the mean): [layer, head].

        The head's z @ W_O, through the last normalisation with its scale held fixed.
        """
        w, total = self.w, torch.zeros(self.layers, self.heads)
        wte, gain = w["transformer.wte.weight"], w["transformer.ln_f.weight"]
        for group in batches(items):
            keep = {}
            self.logits(*padded(group, self.config["eos_token_id"]), keep=keep)
            for b, item in enumerate(group):
                q = item.predictor
                other = wte.mean(0) if item.wrong is None else wte[item.wrong]
                u = gain * (wte[item.right] - other)
                scale = keep["final"][b, q].var(unbiased=False).add(1e-5).sqrt()
                u = (u - u.mean()) / scale
                for i in range(self.layers):
                    out = w[f"transformer.h.{i}.attn.c_proj.weight"].view(self.heads, -1, len(u))
                    total[i] += torch.einsum("hk,hkd,d->h", keep["z", i][b, :, q], out, u)
        return total / len(items)

    def mean_z(self, ids, pos, real):
        """The mean output of every head over the real tokens: {(layer, head): [K]}."""
        keep = {}
        self.logits(ids, pos, keep=keep)
        return {(i, h): keep["z", i][:, h][real].mean(0) for i, h in self.all_heads}


def head_scores(model, items, rng):
    """Score, position-matched null and, for pairs, how often both items come out right.

    The null puts another item's distances (query to source, query to distractor) in the place of
    the item's own: what a head that only looks a fixed way back would get.
    """
    shape = (model.layers, model.heads)
    score, null = torch.zeros(shape), torch.zeros(shape)
    both, single = torch.zeros(shape), []
    others = items[:]
    rng.shuffle(others)
    for item, other, row in zip(items, others, model.patterns(items)):
        value = (row[:, :, item.source].sum(-1) - row[:, :, item.distractor].sum(-1))
        score += value
        single.append(value > 0)
        for sign, places in ((1, other.source), (-1, other.distractor)):
            there = [p for p in (item.query - other.query + p for p in places) if p >= 0]
            null += sign * row[:, :, there].sum(-1)
    for a, b in zip(single[::2], single[1::2]):
        both += a & b
    return score / len(items), null / len(items), both / (len(items) // 2)


class StoryToken:
    """A token of a held-out story as an item: previous token, same token."""

    def __init__(self, ids, query, source):
        self.ids, self.query, self.source, self.distractor = ids, query, source, []


def story_items(tok, count, rng):
    """Items of held-out stories: (previous token, same token earlier)."""
    words = set(lex.GIRLS + lex.BOYS + lex.OBJECTS + lex.COLOURS + lex.ANIMALS + list(lex.PLACES))
    bare = {i: piece.lstrip("Ġ") for i, piece in tok.pieces.items()}
    previous, same = [], []
    for text in corpus.stories(count, 2, "same"):
        ids = tok.encode(text)
        q = rng.randrange(2, len(ids))
        previous.append(StoryToken(ids, q, [q - 1]))
        again = [(i, [j for j in range(i - 1) if bare[ids[j]] == bare[ids[i]]])
                 for i in range(len(ids)) if bare[ids[i]] in words]
        again = [(i, places) for i, places in again if places]
        if again:
            same.append(StoryToken(ids, *rng.choice(again)))
    for item in previous:      # the null: any earlier place
        item.null_place = rng.randrange(item.query)
    return previous, same


def previous_scores(model, items):
    score, null = 0, 0
    for item, row in zip(items, model.patterns(items)):
        score, null = score + row[:, :, item.query - 1], null + row[:, :, item.null_place]
    return score / len(items), null / len(items), torch.zeros(model.layers, model.heads)


def repeated(ids, targets):
    """Targets kept only where the pair (this token, next) came earlier in the same story."""
    out = torch.full_like(targets, -100)
    for b in range(len(ids)):
        seen = set()
        for t, pair in enumerate(zip(ids[b].tolist(), targets[b].tolist())):
            if pair[1] != -100 and pair in seen:
                out[b, t] = pair[1]
            seen.add(pair)
    return out


def mean_loss(logits, targets):
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten()).item()


def ablation(model, kind, means):
    """The vectors that take the place of each head's output: its mean, or zeros."""
    return {at: means[at] if kind == "mean" else torch.zeros_like(means[at])
            for at in model.all_heads}


def answer_loss(model, items, **kw):
    logp = model.answers(items, **kw)
    return -logp[torch.arange(len(items)), torch.tensor([i.right for i in items])].mean().item()


def behaviour(model, items):
    """How well the model itself does: P(right), P(wrong), right above wrong, right on top."""
    p = model.answers(items).exp()
    rows = torch.arange(len(items))
    right = p[rows, torch.tensor([i.right for i in items])]
    out = {"items": len(items), "p_right": right.mean().item(),
           "top": (right == p.max(1).values).float().mean().item()}
    if items[0].wrong is not None:
        wrong = p[rows, torch.tensor([i.wrong for i in items])]
        out["p_wrong"] = wrong.mean().item()
        out["accuracy"] = (right > wrong).float().mean().item()
    return out


def bigram_losses(tok, tests, count=40000, discount=0.75):
    """Loss of an interpolated bigram (absolute discount) counted on training stories."""
    one, two, kinds = collections.Counter(), collections.Counter(), collections.Counter()
    for text in corpus.stories(count, 0):
        ids = tok.encode(text)
        one.update(ids)
        two.update(zip(ids, ids[1:]))
    context = collections.Counter()
    for (a, _), n in two.items():
        context[a] += n
        kinds[a] += 1
    total, size = sum(one.values()), len(tok.vocab)

    def p(a, b):
        alone = (one[b] + 1) / (total + size)
        if not context[a]:
            return alone
        return (max(two[a, b] - discount, 0) + discount * kinds[a] * alone) / context[a]

    out = {}
    for kind, (ids, targets, _) in tests.items():
        pairs = [(a, b) for x, y in zip(ids.tolist(), targets.tolist())
                 for a, b in zip(x, y) if b != -100]
        out[kind] = -sum(math.log(p(a, b)) for a, b in pairs) / len(pairs)
    return out


def name_heads(report):
    """Which heads earn a name: TEACHING's rule, with RULE's numbers."""
    for probe, r in report["probes"].items():
        for layer, row in enumerate(r["heads"]):
            for head, h in enumerate(row):
                overall = report["heads"][layer][head]["loss_mean"]
                h["named"] = (h["score"] >= RULE["score"]
                              and h["score"] >= RULE["times_null"] * abs(h["null"])
                              and h["loss_mean"] >= RULE["specific_loss"]
                              and h["loss_mean"] >= RULE["times_overall_loss"] * overall)
                if h["named"]:
                    report["heads"][layer][head]["names"].append(probe)


def as_lists(model, **tensors):
    """[[{name: number}, ...], ...] by layer and head."""
    return [[{k: round(t[i, h].item(), 5) for k, t in tensors.items()}
             for h in range(model.heads)] for i in range(model.layers)]


def score_probes(model, untrained, tok, means, count, report):
    rng = random.Random("scores")
    test = held_out(tok, "same", STORIES)
    ids, targets, pos = test
    again = repeated(ids, targets)
    logits = gpt.forward(model.w, model.config, ids, pos)
    base, base_again = mean_loss(logits, targets), mean_loss(logits, again)
    shape = (model.layers, model.heads)
    cuts = {kind: ablation(model, kind, means) for kind in ("mean", "zero")}
    overall = {k: torch.zeros(shape) for k in cuts}
    repeats = torch.zeros(shape)
    for kind, vectors in cuts.items():
        for at, vector in vectors.items():
            logits = gpt.forward(model.w, model.config, ids, pos, ablate={at: vector})
            overall[kind][at] = mean_loss(logits, targets) - base
            if kind == "mean":
                repeats[at] = mean_loss(logits, again) - base_again
    report["heads"] = as_lists(model, loss_mean=overall["mean"], loss_zero=overall["zero"])
    for row in report["heads"]:
        for h in row:
            h["names"] = []
    report["loss_on_repeated_pairs"] = base_again

    previous, same = story_items(tok, 2 * count, rng)
    previous, same = previous[:count], same[:count]
    for name, items, scores in (
            ("previous token", previous, previous_scores),
            ("same token earlier", same, lambda m, x: head_scores(m, x, random.Random(1)))):
        (score, null, _), (plain, _, _) = scores(model, items), scores(untrained, items)
        report["probes"][name] = {
            "items": len(items), "untrained": plain.max().item(),
            "heads": as_lists(model, score=score, null=null, loss_mean=repeats)}
    for name in probes.MAKERS:
        items = probes.make(tok, name, count)
        score, null, both = head_scores(model, items, random.Random(1))
        plain, _, _ = head_scores(untrained, items, random.Random(1))
        base = answer_loss(model, items)
        cost = torch.zeros(shape)
        for at, vector in cuts["mean"].items():
            cost[at] = answer_loss(model, items, ablate={at: vector}) - base
        tensors = dict(score=score, null=null, loss_mean=cost)
        if items[0].distractor:
            tensors["flips"] = both
        if items[0].query == items[0].predictor:
            tensors["direct_logit"] = model.direct_logits(items)
        report["probes"][name] = dict(behaviour(model, items), answer_loss=base,
                                      untrained=plain.max().item(),
                                      heads=as_lists(model, **tensors))
        print(name, flush=True)


def best_name_head(report):
    """The head that adds most to the right name's logit against the other name's."""
    heads = report["probes"]["name mover"]["heads"]
    return max(((i, h) for i, row in enumerate(heads) for h in range(len(row))),
               key=lambda at: heads[at[0]][at[1]]["direct_logit"])


def score_splits(model, tok, count, report):
    """The name mover on what training never saw: behaviour, and the same head's score."""
    layer, head = best_name_head(report)
    for name in probes.NAME_SPLITS:
        items = probes.make(tok, name, count)
        score, null, both = head_scores(model, items, random.Random(1))
        report["splits"][name] = dict(behaviour(model, items), layer=layer, head=head,
                                      score=score[layer, head].item(),
                                      null=null[layer, head].item(),
                                      flips=both[layer, head].item())


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--items", type=int, default=500)
    args = parser.parse_args()
    tok = bpe.Tokenizer(os.path.join(args.folder, "tokenizer.json"))
    with open(os.path.join(args.folder, "config.json"), encoding="utf-8") as f:
        config = json.load(f)
    model = Model(gpt.load_safetensors(os.path.join(args.folder, "model.safetensors")), config)
    untrained = Model(gpt.init_weights(config, 0), config)
    report = {"model": "story", "rule": RULE, "losses": {}, "probes": {}, "splits": {}}
    with torch.no_grad():
        tests = {kind: held_out(tok, kind, STORIES) for kind in corpus.KINDS[1:]}
        bigram = bigram_losses(tok, tests)
        for kind, test in tests.items():
            report["losses"][kind] = {"model": loss(model.w, config, *test).item(),
                                      "bigram": bigram[kind],
                                      "untrained": loss(untrained.w, config, *test).item()}
        ids, targets, pos = tests["same"]
        means = model.mean_z(ids, pos, targets != -100)
        score_probes(model, untrained, tok, means, args.items, report)
        name_heads(report)
        score_splits(model, tok, args.items, report)
        report["prompts"] = card.prompts(model, tok, best_name_head(report))
        report["samples"] = card.samples(model, tok)
    with open(os.path.join(args.folder, "heads.json"), "w", encoding="utf-8") as f:
        json.dump(report, f, indent=1)
        f.write("\n")
    card.write(args.folder, report, tok, config)


if __name__ == "__main__":
    main()
