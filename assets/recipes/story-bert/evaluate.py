"""Scores the four BERTs on what training never saw, and writes their cards.

    evaluate.py MODELS_DIR [--items N] [--task TASK]

The weights are read back from the F16 files: what is scored is what is shipped.
"""
import argparse
import collections
import math
import os

import torch
from torch.nn import functional as F

import bert
import cards
import files
import forms
import pairs
import scenes
import subwords
import words
from tasks import TASKS, Data, frame, stacked

KINDS = ("both", "pairs", "clauses", "forms", "names")
CHUNK = 50
FILL = ("Mina gave Tom a red ball. Tom thanked [MASK].",
        "Tom gave Mina a red ball. Mina thanked [MASK].",
        "Lily lost her key. Ben found the [MASK] under the bed.",
        "Kate was [MASK] because Sam took her hat.",
        "Leo [MASK] a ball, a kite and a drum.")
TOPIC_TEXTS = ("Mina gave Tom a red ball.",
               "Lily could not find her key. Ben looked under the bed.",
               "A dog took Tom's hat and ran away.", "Kate and Leo raced to the river. Leo fell.")
ENTITY_TEXTS = ("Mina gave Tom a red ball in the park.",
                "Serena and Kenzo ran from the beach to the library.",
                "The key that Ben found was under the bed.", "Ruby gave Tom a ruby.",
                "The ruby that Ruby found was red.")
SIMILAR_TEXTS = (("Mina gave Tom a red ball.", "Tom got a red ball from Mina."),
                 ("Mina gave Tom a red ball.", "Mina got a red ball from Tom."),
                 ("Mina gave Tom a red ball.", "It rained in the park."),
                 ("Leo sat down because he was tired.", "Leo was tired, so he sat down."))


def chunks(rows):
    return (rows[i:i + CHUNK] for i in range(0, len(rows), CHUNK))


def held_items(task, tok, kind, count):
    data = Data(task, tok, kind, "held")
    return data, data.items(count)


def masked_scores(model, tok, kind, count, unigram):
    """Accuracy and loss where 15% of the tokens are [MASK], and the unigram's."""
    data, items = held_items("mlm", tok, kind, count)
    right = n = total = base_right = base_total = 0
    best = max(unigram, key=unigram.get)
    seen = sum(unigram.values())
    for rows in chunks(items):
        ids, types = stacked(tok, rows)
        asked = torch.tensor([[i not in (tok.cls, tok.sep, tok.pad)
                               and data.rng.random() < 0.15 for i in row] for row in ids.tolist()])
        truth = ids[asked]
        logits = model(ids.masked_fill(asked, tok.mask), types, asked)
        right += (logits.argmax(-1) == truth).sum().item()
        total += F.cross_entropy(logits, truth, reduction="sum").item()
        for i in truth.tolist():
            base_right += i == best
            base_total -= math.log((unigram[i] + 1) / (seen + len(tok.vocab)))
        n += len(truth)
    return {"n": n, "accuracy": right / n, "loss": total / n, "majority": base_right / n,
            "unigram": base_total / n}


def unigram_counts(tok):
    counts = collections.Counter()
    for story in scenes.stories(10000, "mlm 0", "both"):
        counts.update(tok.encode(story.en))
    return counts


def fill(model, tok, text):
    """The three likeliest words at [MASK]."""
    first, second = text.split("[MASK]")
    ids, types = stacked(tok, [frame(tok, tok.encode(first) + [tok.mask] + tok.encode(second))])
    at = ids[0].tolist().index(tok.mask)
    p = model(ids, types)[0, at].softmax(-1).topk(3)
    return [(tok.pieces[i], v) for v, i in zip(p.values.tolist(), p.indices.tolist())]


class Bayes:
    """Naive Bayes over single tokens: the unigram baseline of the topics."""

    def __init__(self, tok):
        data = Data("topic", tok, "both", 0)
        self.words = [collections.Counter() for _ in forms.TOPICS]
        self.topics = collections.Counter()
        for ids, _, topic, _ in data.items(4000):
            self.words[topic].update(ids)
            self.topics[topic] += 1
        self.sizes = [sum(w.values()) + len(tok.vocab) for w in self.words]

    def guess(self, ids):
        def score(t):
            return math.log(self.topics[t]) + sum(math.log((self.words[t][i] + 1) / self.sizes[t])
                                                  for i in ids)
        return max(range(len(forms.TOPICS)), key=score)


def topic_scores(model, tok, kind, count, bayes):
    _, items = held_items("topic", tok, kind, count)
    guesses = [g for rows in chunks(items)
               for g in model(*stacked(tok, rows)).argmax(-1).tolist()]
    truth = [i[2] for i in items]
    common = bayes.topics.most_common(1)[0][0]
    return {"n": len(items), "accuracy": sum(map(int.__eq__, guesses, truth)) / len(items),
            "majority": truth.count(common) / len(items),
            "unigram": sum(bayes.guess(i[0]) == t for i, t in zip(items, truth)) / len(items)}


def f1(found, truth, kind):
    both = sum(a == b == kind for a, b in zip(found, truth))
    return 2 * both / max(1, found.count(kind) + truth.count(kind))


def entity_scores(model, tok, kind, count, usual):
    """Accuracy and F1 over tokens; the unigram gives each token its usual label."""
    _, items = held_items("entities", tok, kind, count)
    found, truth, base, which = [], [], [], []
    for rows in chunks(items):
        best = model(*stacked(tok, rows)).argmax(-1).tolist()
        for (ids, _, labels, _), guess in zip(rows, best):
            for i, label, g in zip(ids, labels, guess):
                if label >= 0:
                    which.append(i)
                    found.append(g)
                    truth.append(label)
                    base.append(usual.get(i, 0))
    names = range(1, len(bert.LABELS))
    two = {tok.vocab[n.split()[0]] for n, _ in words.BOTH}
    unclear = [(g, t, b) for i, g, t, b in zip(which, found, truth, base) if i in two]
    return {"n": len(truth), "accuracy": sum(map(int.__eq__, found, truth)) / len(truth),
            "f1": {bert.LABELS[k]: f1(found, truth, k) for k in names},
            "unigram accuracy": sum(map(int.__eq__, base, truth)) / len(truth),
            "unigram f1": {bert.LABELS[k]: f1(base, truth, k) for k in names},
            "majority": truth.count(0) / len(truth),
            "unclear": {"n": len(unclear), "model": sum(g == t for g, t, _ in unclear),
                        "unigram": sum(b == t for _, t, b in unclear)}}


def usual_labels(tok):
    counts = collections.defaultdict(collections.Counter)
    for ids, _, labels, _ in Data("entities", tok, "both", 0).items(4000):
        for i, label in zip(ids, labels):
            if label >= 0:
                counts[i][label] += 1
    return {i: c.most_common(1)[0][0] for i, c in counts.items()}


def overlap(a, b):
    a, b = set(a), set(b)
    return len(a & b) / len(a | b)


def vectors(model, tok, texts):
    return torch.cat([model.mean(*stacked(tok, [frame(tok, tok.encode(t)) for t in rows]))
                      for rows in chunks(texts)])


def similar_scores(models, tok, kind, count):
    """For each scorer: how often the paraphrase is first among all sentences and all changed ones,
    and how often it is closer than its own changed one."""
    rng = pairs.rng_of("similar held", kind)
    triples, taken = [], set()
    while len(triples) < count:
        triple = scenes.paraphrases(rng, kind)
        if not taken & set(triple):
            taken.update(triple)
            triples.append(triple)
    first, second, changed = ([t[i] for t in triples] for i in range(3))
    out = {"n": count}
    for name, model in models.items():
        if model:
            a = vectors(model, tok, first)
            scores = a @ torch.cat([vectors(model, tok, second), vectors(model, tok, changed)]).t()
        else:
            rest = [tok.encode(t) for t in second + changed]
            scores = torch.tensor([[overlap(tok.encode(t), r) for r in rest] for t in first])
        own = scores.diagonal()
        ties = (scores >= own[:, None]).sum(1).float()          # a tie is a guess among its members
        higher = (scores > own[:, None]).sum(1) == 0
        against = scores.diagonal(offset=count)
        out[name] = {"first": (higher / ties).mean().item(),
                     "closer": ((own > against).float() + 0.5 * (own == against)).mean().item(),
                     "same": own.mean().item(), "changed": against.mean().item(),
                     "others": ((scores[:, :count].sum() - own.sum())
                                / (count * (count - 1))).item()}
    return out


def load(models, task):
    folder = os.path.join(models, bert.FOLDERS[task])
    config = files.read_json(os.path.join(folder, "config.json"))
    model = bert.MAKERS[task](config)
    model.load_state_dict(files.read_safetensors(os.path.join(folder, "model.safetensors")))
    tok = subwords.WordPiece(os.path.join(folder, "tokenizer.json"))
    return model, tok, {"config": config, "folder": folder,
                        "log": files.read_lines(os.path.join(folder, "training.jsonl")),
                        "parameters": sum(p.numel() for p in model.parameters())}


def report_of(models, task, count):
    model, tok, report = load(models, task)
    if task == "mlm":
        unigram = unigram_counts(tok)
        report["held"] = {k: masked_scores(model, tok, k, count, unigram) for k in KINDS}
        report["examples"] = [(t, fill(model, tok, t)) for t in FILL]
    elif task == "topic":
        bayes = Bayes(tok)
        report["held"] = {k: topic_scores(model, tok, k, count, bayes) for k in KINDS}
        p = model(*stacked(tok, [frame(tok, tok.encode(t)) for t in TOPIC_TEXTS])).softmax(-1)
        report["examples"] = [(t, forms.TOPICS[int(row.argmax())], row.max().item())
                              for t, row in zip(TOPIC_TEXTS, p)]
    elif task == "entities":
        usual = usual_labels(tok)
        report["held"] = {k: entity_scores(model, tok, k, count, usual) for k in KINDS}
        report["examples"] = []
        for text in ENTITY_TEXTS:
            best = model(*stacked(tok, [frame(tok, tok.encode(text))]))[0].argmax(-1).tolist()
            marked = [(tok.pieces[i], bert.LABELS[b])
                      for i, b in zip(tok.encode(text), best[1:])]
            report["examples"].append(marked)
    else:
        before = load(models, "mlm")[0].bert
        scorers = {"model": model, "before fine-tuning": before, "words in common": None}
        report["held"] = {k: similar_scores(scorers, tok, k, min(count, 200))
                          for k in ("both", "pairs", "names")}
        pairs_of = [vectors(model, tok, list(pair)) for pair in SIMILAR_TEXTS]
        report["examples"] = [(*texts, float(v[0] @ v[1]))
                              for texts, v in zip(SIMILAR_TEXTS, pairs_of)]
    return report


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models")
    parser.add_argument("--items", type=int, default=500)
    parser.add_argument("--task", choices=tuple(TASKS))
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    for task in [args.task] if args.task else TASKS:
        report = report_of(args.models, task, args.items)
        files.write_atomic(os.path.join(report["folder"], "README.md"), cards.CARDS[task](report))


if __name__ == "__main__":
    main()
