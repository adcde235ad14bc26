"""What each expert of each layer takes on, on held-out stories; writes experts.json and the card.

    experts.py MODEL_DIR [--items N]

A token goes to two experts of each layer. For each expert: its share of the tokens, and the kinds
of token that it gets more of than its share. Null: the layer's choices dealt out to the tokens
anew, in random order, SHUFFLES times; what one of these shuffles would also give is not called a
preference.
"""
import argparse
import collections
import os

import torch

import bpe
import evaluate_stories as cards
import files
import lexicon as lex
import markdown
import train_stories
from train import held_out

STORIES, SHUFFLES, TOKENS = 600, 200, 6
WORDS = {
    "name": lex.GIRLS + lex.BOYS, "colour": lex.COLOURS, "thing": lex.OBJECTS,
    "animal or person": [w for a in lex.ANIMALS + lex.PEOPLE for w in (a, a + "s")]
                        + list(lex.PLURALS.values()),
    "place": list(lex.PLACES) + list(lex.CONTAINERS), "feeling": lex.GLAD + lex.SAD,
    "size or weather": lex.SIZES + lex.WEATHER,
    "pronoun": """he she it they him her them his its their himself herself I you my your me we
        who""".split(),
    "article": "a an the".split(),
    "preposition": "in on at by under behind near to of from with for next".split(),
    "be": "was were is are am be not".split(),
    "linking word": "and but so because then when or too that".split()}
CLASS_OF = {word.lower(): name for name, words in WORDS.items() for word in words}
CLASSES = list(WORDS) + ["mark", "piece of a word", "other word"]


def class_of(piece):
    """The kind of a token, from the vocabulary's spelling of it."""
    word = piece.lstrip("Ġ")
    if word.lower() in CLASS_OF and (piece[0] == "Ġ" or word[0].isupper()):
        return CLASS_OF[word.lower()]
    if not any(c.isalnum() for c in word):
        return "mark"
    return "other word" if piece[0] == "Ġ" or word[0].isupper() else "piece of a word"


def one_hot(values, size):
    return torch.nn.functional.one_hot(values, size).float()


def information(counts):
    """Mutual information of rows and columns of a table of counts, in bits."""
    p = counts / counts.sum()
    expected = p.sum(0, keepdim=True) * p.sum(1, keepdim=True)
    return (p * (p / expected).log2()).nan_to_num(0).sum().item()


def lift(counts, sizes, shares):
    """[E, C]: how often an expert takes a kind of token, over how often it takes any."""
    return (counts / sizes) / shares[:, None]


def layer_report(ids, kinds, probability, who, tok, g):
    """One layer's experts. ids, kinds: [N]; probability: [N, E]; who: [N, 2]."""
    E, C = probability.shape[1], len(CLASSES)
    taken = one_hot(who, E).sum(1)                       # [N, E], two ones a row
    member = one_hot(kinds, C)
    sizes, shares = member.sum(0), taken.mean(0)
    first = one_hot(who[:, 0], E).mean(0)
    counts = taken.t() @ member
    real, bits = lift(counts, sizes, shares), information(counts)
    by_chance, chance_bits = torch.zeros(SHUFFLES, E, C), []
    for s in range(SHUFFLES):
        dealt = taken[torch.randperm(len(taken), generator=g)].t() @ member
        by_chance[s] = lift(dealt, sizes, shares)
        chance_bits.append(information(dealt))
    null = by_chance.max(0).values
    frequency = torch.bincount(ids, minlength=len(tok.vocab)).float()
    per_token = torch.zeros(len(tok.vocab), E).index_add_(0, ids, taken)
    beyond = per_token - frequency[:, None] * shares
    experts = []
    for e in range(E):
        order = real[e].nan_to_num(0).argsort(descending=True).tolist()
        best = beyond[:, e].topk(TOKENS).indices.tolist()
        experts.append({
            "share": shares[e].item(), "first_choice": first[e].item(),
            "classes": [{"class": CLASSES[c], "taken": (counts[e, c] / sizes[c]).item(),
                         "lift": real[e, c].item(), "null_max": null[e, c].item(),
                         "preferred": bool(real[e, c] > null[e, c])}
                        for c in order if sizes[c] > 0],
            "tokens": [{"token": tok.pieces[i].replace("Ġ", " "), "count": int(frequency[i]),
                        "taken": (per_token[i, e] / frequency[i]).item()} for i in best]})
    return {"information_bits": bits, "null_bits_mean": sum(chance_bits) / SHUFFLES,
            "null_bits_max": max(chance_bits),
            "even_split": E * (first * probability.mean(0)).sum().item(), "experts": experts}


def measure(model, tok):
    ids, targets, pos = held_out(tok, "same", STORIES)
    routes = []
    model.logits(ids, pos, routes=routes)
    real = (targets != -100).flatten()
    ids = ids.flatten()[real]
    index = {name: i for i, name in enumerate(CLASSES)}
    kind = torch.tensor([index[class_of(tok.pieces[i])] for i in range(len(tok.vocab))])
    g = torch.Generator().manual_seed(0)
    layers = [layer_report(ids, kind[ids], p[real], who[real], tok, g) for p, who in routes]
    counts = collections.Counter(kind[ids].tolist())
    return {"stories": STORIES, "tokens": len(ids), "shuffles": SHUFFLES,
            "classes": {CLASSES[c]: counts[c] / len(ids) for c in sorted(counts)},
            "layers": layers}


def tables(report):
    """(a row an expert, a row a layer)."""
    rows, layers = [], []
    for i, layer in enumerate(report["layers"]):
        for e, x in enumerate(layer["experts"]):
            kinds = [f"{c['class']} {markdown.num(c['lift'])} ({markdown.num(c['null_max'])})"
                     for c in x["classes"] if c["preferred"]][:4]
            tokens = [f"`{t['token']}` {markdown.percent(t['taken'], 0)}" for t in x["tokens"]]
            rows.append([f"{i}.{e}", markdown.percent(x["share"] / 2, 0),
                         markdown.percent(x["first_choice"], 0), ", ".join(kinds) or "none",
                         ", ".join(tokens)])
        layers.append([i] + [markdown.num(x, 4) for x in (
            layer["information_bits"], layer["null_bits_mean"], layer["null_bits_max"],
            layer["untrained_bits"])])
    head = ["expert", "share of the work", "first choice of", "kinds it takes more of (null)",
            "tokens it takes most beyond its share"]
    bits = ["layer", "bits", "shuffled, mean", "shuffled, largest", "untrained"]
    return markdown.table(head, rows), markdown.table(bits, layers)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--items", type=int, default=500)
    args = parser.parse_args()
    model, tok = cards.load(args.folder), bpe.Tokenizer(os.path.join(args.folder, "tokenizer.json"))
    with torch.no_grad():
        report = measure(model, tok)
        plain = measure(cards.Model(train_stories.new_model(model.config, 0), model.config), tok)
    for layer, before in zip(report["layers"], plain["layers"]):
        layer["untrained_bits"] = before["information_bits"]
    files.write_json(os.path.join(args.folder, "experts.json"), report, indent=1)
    values = cards.measure(args.folder, args.items)
    values["experts"], values["bits"] = tables(report)
    values.update(expert_stories=report["stories"], expert_tokens=f"{report['tokens']:,}",
                  shuffles=report["shuffles"], balance=train_stories.BALANCE)
    most = model.config["num_local_experts"] / model.config["num_experts_per_tok"]
    inside = sum(p.numel() for name, p in model.model.items() if ".experts." in name)
    values.update(most=markdown.num(most),
                  active=f"{model.count() - inside + int(inside / most):,}")
    cards.write_card(os.path.dirname(os.path.abspath(__file__)), args.folder, values)


if __name__ == "__main__":
    main()
