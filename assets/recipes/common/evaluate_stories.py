"""Measures a model of the story corpus on held-out text, and writes its card.

    evaluate_stories.py RECIPE_DIR MODEL_DIR [--items N]

Reads the F16 weights; fills RECIPE_DIR/card.md; beside the model stand the story model and, if it
is there, story-llama.
"""
import argparse
import os
import random

import torch

import bpe
import card
import corpus
import evaluate
import files
import gpt
import lexicon as lex
import markdown
import probes
import train_stories as ours
from train import held_out

MODELS = os.path.join(ours.HERE, "..", "..", "models")
STORIES, RECALL_STORIES = evaluate.STORIES, 1500
KINDS = {"same": "new stories, known templates", "pairs": "unseen pairs of words",
         "templates": "unseen templates", "names": "unseen names"}
PROBES = ("induction", "name mover", "pronoun", "pronoun, predicting", "verb",
          "closing quote, predicting", "list", "list reversed", "colour", "place")
BINS = ((1, 7), (8, 14), (15, 21), (22, 32), (33, 64), (65, 160))
# The giver must be named after 0, 1, 2, ... sentences about the weather.
GAP = ("@{A} gave #{B} {x.ac}.", "#{B} thanked^ {A}.")
GAPS = (0, 1, 2, 3, 4, 6, 8, 12)
# How many tokens after a changed name the change is looked for.
LATER = (0, 1, 2, 4, 7, 8, 14, 21, 22, 32, 48, 64)


class Model(evaluate.Model):
    """Any of our models as evaluate.py wants one. Positions are counted from the text's start."""

    def __init__(self, model, config):
        self.model, self.config = model, config
        self.layers = config.get("num_hidden_layers", config.get("num_layers"))
        self.heads = config.get("num_attention_heads", 0)

    def logits(self, ids, pos, **kw):
        return ours.logits(self.model, self.config, ids, **kw)

    def count(self):
        weights = (self.model if isinstance(self.model, dict) else self.model.state_dict())
        return sum(p.numel() for p in weights.values())


def load(folder):
    config = files.read_json(os.path.join(folder, "config.json"))
    if config["model_type"] == "gpt2":
        weights = gpt.load_safetensors(os.path.join(folder, "model.safetensors"))
        return evaluate.Model(weights, config)
    return Model(*ours.load_model(folder))


def others(folder):
    """The models that this one is compared with: {name: model}."""
    names = [n for n in ("story", "story-llama")
             if os.path.basename(os.path.abspath(folder)) != n]
    return {n: load(os.path.join(MODELS, n)) for n in names
            if os.path.exists(os.path.join(MODELS, n, "model.safetensors"))}


def seen_by(name, folder):
    log = card.whole_log(files.read_lines(os.path.join(folder, "training.jsonl")))
    return f"{name} {log[-1]['tokens'] / 1e6:.1f} M"


def loss_of(model, test):
    ids, targets, pos = test
    return ours.cross_entropy(model.logits(ids, pos), targets).item()


def losses_table(models, untrained, tok):
    """Rows of held-out kinds; the bigram's column is the story model's own measurement."""
    known = files.read_json(os.path.join(MODELS, "story", "heads.json"))["losses"]
    rows = []
    for kind, name in KINDS.items():
        test = held_out(tok, kind, STORIES)
        rows.append([name] + [markdown.num(loss_of(m, test), 3) for m in models.values()]
                    + [markdown.num(known[kind]["bigram"], 3),
                       markdown.num(loss_of(untrained, test), 3)])
    return markdown.table(["held-out stories", *models, "bigram", "untrained"], rows)


def probes_table(models, tok, count):
    """How often the right one of two is likelier; without a wrong one: how often it is on top."""
    rows = []
    for name in PROBES + tuple(probes.NAME_SPLITS):
        items = probes.make(tok, name, count)
        shown = [evaluate.behaviour(m, items) for m in models.values()]
        label = "name mover, " + name if name in probes.NAME_SPLITS else name
        rows.append([label, markdown.num(shown[0]["p_right"])]
                    + [markdown.percent(s.get("accuracy", s["top"])) for s in shown])
    head = list(models)
    return markdown.table(["probe", "P(right)", *head], rows), rows


def heads_table(model, tok, count):
    """The best head of each probe: its score beside the position-matched null."""
    rows = []
    for name in PROBES:
        score, null, _ = evaluate.head_scores(model, probes.make(tok, name, count),
                                              random.Random(1))
        at = score.argmax().item()
        layer, head = at // model.heads, at % model.heads
        rows.append([name, f"{layer}.{head}", markdown.num(score[layer, head].item()),
                     markdown.num(null[layer, head].item())])
    return markdown.table(["probe", "best head", "score", "null"], rows)


def name_recalls(tok, count):
    """Held-out stories, and where a name comes again: (ids, [(predictor, distance), ...])."""
    names = {i for n in lex.GIRLS + lex.BOYS for i in tok.encode(" " + n)}
    for text in corpus.stories(count, 3, "same"):
        ids, last, found = tok.encode(text), {}, []
        for t, i in enumerate(ids):
            if i in names:
                if i in last:
                    found.append((t - 1, t - 1 - last[i]))
                last[i] = t
        if found:
            yield ids, found


class Told:
    """A story as an item (evaluate.padded)."""

    def __init__(self, ids, found):
        self.ids, self.found = ids, found


def recall_table(models, tok):
    """Names that come again in held-out stories, by how far back they were named last."""
    items = [Told(*told) for told in name_recalls(tok, RECALL_STORIES)]
    sums = {b: {m: [0.0, 0.0] for m in models} for b in BINS}
    counts = dict.fromkeys(BINS, 0)
    for first, (name, model) in enumerate(models.items()):
        for group in evaluate.batches(items):
            logp = model.logits(*evaluate.padded(group, tok.eot)).log_softmax(-1)
            for b, item in enumerate(group):
                for at, distance in item.found:
                    box = next((x for x in BINS if x[0] <= distance <= x[1]), None)
                    if box is None:
                        continue
                    row, right = logp[b, at], item.ids[at + 1]
                    counts[box] += first == 0
                    sums[box][name][0] -= row[right].item()
                    sums[box][name][1] += row.argmax().item() == right
    rows = [[f"{lo} to {hi}", f"{counts[lo, hi]:,}"]
            + [f"{markdown.num(loss / counts[lo, hi])}, {markdown.percent(top / counts[lo, hi], 0)}"
               for loss, top in sums[lo, hi].values()] for lo, hi in BINS if counts[lo, hi]]
    return markdown.table(["tokens back", "names", *models], rows)


def gap_items(tok, gap, count):
    rng, items = random.Random(f"gap {gap}"), []
    while len(items) < count:
        weather = [rng.choice(lex.WEATHER) for _ in range(gap)]
        form = " ".join([GAP[0], *(f"It was a {t} day." for t in weather), GAP[1]])
        items += probes.name_pair(tok, rng, form, leads=("",))
    return items[:count]


def gap_table(models, tok, count):
    """P(giver), and how often it is on top, the further back the giver was named."""
    rows = []
    for gap in GAPS:
        items = gap_items(tok, gap, count)
        back = sum(i.predictor - i.source[0] for i in items) / len(items)
        shown = [evaluate.behaviour(m, items) for m in models.values()]
        rows.append([gap, markdown.num(back, 0)]
                    + [f"{markdown.num(s['p_right'])}, {markdown.percent(s['top'], 0)}"
                       for s in shown])
    return markdown.table(["sentences between", "tokens back", *models], rows)


def changed_names(tok, count):
    """(stories, the same with the first name's first mention changed, its places), all [N, ...]."""
    rng, last = random.Random("changed"), max(LATER)
    ids = {w: tok.encode(" " + w)[0] for w in lex.GIRLS + lex.BOYS}
    other = {i: [ids[w] for w in group if ids[w] != i]
             for group in (lex.GIRLS, lex.BOYS) for i in (ids[w] for w in group)}
    rows, changed, places = [], [], []
    for text in corpus.stories(20 * count, 4, "same"):
        row = tok.encode(text)
        at = next((t for t, i in enumerate(row) if i in other), None)
        if at is not None and len(row) > at + last:
            row = row[:at + last + 1]
            rows.append(row + [tok.eot] * (200 - len(row)))
            changed.append(rows[-1][:])
            changed[-1][at] = rng.choice(other[row[at]])
            places.append(at)
        if len(rows) == count:
            break
    return torch.tensor(rows), torch.tensor(changed), torch.tensor(places)


def later_table(models, tok, count=200):
    """How much what comes later is felt to have changed: KL divergence, and the largest change."""
    before, after, places = changed_names(tok, count)
    pos = torch.arange(before.shape[1]).expand(before.shape)
    columns = []
    for model in models.values():
        a, b = model.logits(before, pos).log_softmax(-1), model.logits(after, pos).log_softmax(-1)
        kl = (a.exp() * (a - b)).sum(-1)
        rows, column = torch.arange(len(places)), []
        for d in LATER:
            same = bool((a[rows, places + d] == b[rows, places + d]).all())
            column.append("exactly 0" if same else markdown.num(kl[rows, places + d].mean().item(),
                                                               4))
        columns.append(column)
    return markdown.table(["tokens later", *models], list(map(list, zip(LATER, *columns))))


def prompts_table(model, tok):
    rows = []
    for prompt in (p for pair in card.PROMPTS for p in pair):
        count, p = card.top(model, tok, prompt)
        tops = ", ".join(f"`{card.shown(tok, i)}` {markdown.num(p[i].item(), 3)}"
                         for i in p.topk(3).indices.tolist())
        rows.append([prompt, count, tops.replace("|", "\\|")])
    return markdown.table(["prompt", "tokens", "next token"], rows)


def weak(rows, enough=75):
    """Names of the probes that fail, from probes_table's rows."""
    out = [f"{row[0]} ({row[2]})" for row in rows if float(row[2][:-1]) < enough]
    return ("Not learnt (right in fewer than three of four): " + ", ".join(out) + "."
            if out else "Every probe is right in at least three of four.")


def measure(folder, count=500):
    """Every value that a card may show, measured on the files of the model folder."""
    tok = bpe.Tokenizer(os.path.join(folder, "tokenizer.json"))
    model = load(folder)
    untrained = Model(ours.new_model(model.config, 0), model.config)
    models = {os.path.basename(os.path.abspath(folder)): model, **others(folder)}
    log = card.whole_log(files.read_lines(os.path.join(folder, "training.jsonl")))
    with torch.no_grad():
        probed, rows = probes_table(models, tok, count)
        values = {
            **{key: value for key, value in model.config.items() if not isinstance(value, list)},
            "parameters": f"{model.count():,}", "bytes": markdown.size(folder),
            "vocab": f"{model.config['vocab_size']:,}", "steps": f"{log[-1]['step']:,}",
            "seen": ", ".join(seen_by(n, folder if m is model else os.path.join(MODELS, n))
                              for n, m in models.items()),
            "tokens": markdown.num(log[-1]["tokens"] / 1e6, 1), "items": count,
            "curve": markdown.curve(log), "losses": losses_table(models, untrained, tok),
            "probes": probed, "weak": weak(rows), "recall": recall_table(models, tok),
            "recall_stories": f"{RECALL_STORIES:,}", "later": later_table(models, tok),
            "gaps": gap_table(models, tok, count),
            "prompts": prompts_table(model, tok),
            "samples": "\n\n".join(f"> **{s['start']}**{s['text'][len(s['start']):]}"
                                   for s in card.samples(model, tok))}
        if "sliding_window" in model.config:
            back = (model.config["sliding_window"] or 1) - 1
            values.update(window_back=back, reach=model.layers * back)
        if model.heads:
            values["heads"] = heads_table(model, tok, count)
    return values


def training(recipe, folder):
    """The rounds of training in words: as many steps as the log says."""
    mixes = "the plain mix of events", "a mix in which what is hard comes more often"
    told = files.read_json(os.path.join(recipe, "recipe.json"))
    steps = {line["round"]: line["step"]
             for line in files.read_lines(os.path.join(folder, "training.jsonl"))}
    rounds = "; ".join(f"{steps[k]:,} steps on {mixes[r['stage']]}, from {r['peak']}"
                       for k, r in enumerate(told["rounds"]) if k in steps)
    return {"rounds": rounds, "batch": told.get("batch", ours.stories.BATCH),
            "length": told.get("length", ours.stories.LENGTH)}


def write_card(recipe, folder, values):
    """The recipe's card.md, and in it, at {{common}}, what all these cards have in common."""
    values = {**values, **training(recipe, folder)}
    with open(os.path.join(ours.HERE, "story_card.md"), encoding="utf-8") as f:
        values["common"] = markdown.filled(f.read(), values)
    markdown.fill(recipe, folder, values)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    parser.add_argument("folder")
    parser.add_argument("--items", type=int, default=500)
    args = parser.parse_args()
    write_card(args.recipe, args.folder, measure(args.folder, args.items))


if __name__ == "__main__":
    main()
