"""Writes the model card from measured numbers; no number of it is typed in by hand."""
import json
import os
import random

import torch

import corpus
import train

# Prompts for the window; each with the one whose names are swapped.
PROMPTS = (
    ("Mina gave Tom the red ball. Tom thanked", "Tom gave Mina the red ball. Mina thanked"),
    ("One day Mina gave Tom a red ball. Then Tom gave the ball back to",
     "One day Tom gave Mina a red ball. Then Mina gave the ball back to"),
    ("Mina gave Tom a red ball. Tom gave it back to",
     "Tom gave Mina a red ball. Mina gave it back to"),
    ("Mina and Tom raced. She was fast.", "Tom and Mina raced. He was fast."),
    ("Tom thanked Mina because", "Mina thanked Tom because"),
    ("Tom gave Mina a red ball. She was happy because",
     "Mina gave Tom a red ball. He was happy because"),
    ("Lily had a red ball and a blue kite. What colour was the kite? It was",
     "Lily had a blue kite and a red ball. What colour was the ball? It was"),
    ("The dogs near the box in the garden", "The dog near the boxes in the garden"),
    ("Sara packed a ball, a kite and a drum. Ben named them backwards:",
     "Sara packed a drum, a kite and a ball. Ben named them backwards:"),
    ('Ben said, "I have a red ball. It is in the box',
     "Ben had a red ball. It was in the box"),
)
SAMPLE_STARTS = ("Mina gave Tom the red ball.", "It was a sunny day.", "Lily had a", "One day Ben",
                 '"Where is my')


def shown(tok, i):
    return tok.pieces[i].replace("Ġ", " ")


def top(model, tok, prompt, **kw):
    """(number of tokens, log-probabilities of the next one)."""
    ids = torch.tensor([tok.encode(prompt)])
    logits = model.logits(ids, torch.arange(ids.shape[1])[None], **kw)
    return ids.shape[1], logits[0, -1].softmax(-1)


def prompts(model, tok, mover):
    """Top predictions of each prompt, its swapped twin, and with the name mover zeroed."""
    zero = {mover: torch.zeros(model.config["n_embd"] // model.heads)}
    out = []
    for pair in PROMPTS:
        entry = {"zeroed": list(mover), "prompts": []}
        for text in pair:
            count, p = top(model, tok, text)
            _, without = top(model, tok, text, ablate=zero)
            best = p.topk(5).indices.tolist()
            entry["prompts"].append({
                "prompt": text, "tokens": count,
                "top": [{"token": shown(tok, i), "p": p[i].item(),
                         "p_zeroed": without[i].item()} for i in best]})
        out.append(entry)
    return out


def samples(model, tok, temperature=0.7, longest=130):
    """Seeded continuations, up to the end of the story."""
    g = torch.Generator().manual_seed(7)
    out = []
    for start in SAMPLE_STARTS:
        ids = tok.encode(start)
        while len(ids) < longest:
            x = torch.tensor([ids])
            logits = model.logits(x, torch.arange(len(ids))[None])[0, -1]
            nxt = torch.multinomial((logits / temperature).softmax(-1), 1, generator=g).item()
            if nxt == tok.eot:
                break
            ids.append(nxt)
        out.append({"start": start, "text": tok.decode(ids)})
    return out


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(map(str, r)) + " |" for r in rows])


def num(x, digits=2):
    return "" if x is None else f"{x:.{digits}f}".replace("-", "−")


def all_heads(report):
    return [(i, h) for i, row in enumerate(report["heads"]) for h in range(len(row))]


def losses_table(report):
    names = {"same": "new stories, known templates", "pairs": "unseen pairs of words",
             "templates": "unseen templates", "names": "unseen names"}
    return table(["held-out stories", "model", "bigram", "untrained"],
                 [[names[k], num(v["model"], 3), num(v["bigram"], 3), num(v["untrained"], 3)]
                  for k, v in report["losses"].items()])


def scores_table(report):
    """Every head's score on every probe; bold where the rule gives the head that name."""
    rows = []
    for i, h in all_heads(report):
        cells = []
        for probe in report["probes"].values():
            cell = probe["heads"][i][h]
            text = num(cell["score"])
            cells.append(f"**{text}**" if cell["named"] else text)
        loss = report["heads"][i][h]
        rows.append([f"{i}.{h}"] + cells + [num(loss["loss_mean"], 3), num(loss["loss_zero"], 3)])
    return table(["head"] + list(report["probes"]) + ["loss, mean", "loss, zeroed"], rows)


def best_table(report):
    rows = []
    for name, probe in report["probes"].items():
        ranked = sorted(all_heads(report), key=lambda at: -probe["heads"][at[0]][at[1]]["score"])
        i, h = ranked[0]
        c = probe["heads"][i][h]
        flips = c.get("flips")
        rows.append([name, f"{i}.{h}" + (" (named)" if c["named"] else ""), num(c["score"]),
                     num(c["null"]), num(probe["untrained"]),
                     "" if flips is None else f"{100 * flips:.0f}%",
                     num(c.get("direct_logit")), num(c["loss_mean"])])
    return table(["probe", "best head", "score", "null", "untrained", "both of a pair right",
                   "direct logit", "loss when averaged"], rows)


def behaviour_table(report):
    rows = [[name, p["items"], num(p["p_right"]), num(p.get("p_wrong")),
             "" if "accuracy" not in p else f"{100 * p['accuracy']:.1f}%",
             f"{100 * p['top']:.1f}%"]
            for name, p in report["probes"].items() if "p_right" in p and name != "closing quote"]
    return table(["probe", "items", "P(right)", "P(wrong)", "right above wrong", "right on top"],
                 rows)


def not_learnt(report, enough=0.75):
    weak = [f"{name} ({100 * p['accuracy']:.0f}%)" for name, p in report["probes"].items()
            if p.get("accuracy", 1) < enough]
    return ("Not learnt (right above wrong in fewer than three of four): " + ", ".join(weak) + "."
            if weak else "Every probe is learnt.")


def splits_table(report):
    p = report["probes"]["name mover"]
    first = next(iter(report["splits"].values()))
    at = p["heads"][first["layer"]][first["head"]]
    rows = [["known names and templates", num(p["p_right"]), num(p["p_wrong"]),
             f"{100 * p['accuracy']:.1f}%", num(at["score"]), num(at["null"])]]
    rows += [[name, num(s["p_right"]), num(s["p_wrong"]), f"{100 * s['accuracy']:.1f}%",
              num(s["score"]), num(s["null"])] for name, s in report["splits"].items()]
    return table(["name mover", "P(right)", "P(wrong)", "right above wrong",
                  f"score of head {first['layer']}.{first['head']}", "null"], rows)


def prompts_table(report):
    rows = []
    for entry in report["prompts"]:
        for p in entry["prompts"]:
            tops = ", ".join(f"`{t['token']}` {num(t['p'], 3)}" for t in p["top"][:3])
            first = p["top"][0]
            rows.append([f"{p['prompt']}", p["tokens"], tops,
                         f"`{first['token']}` {num(first['p_zeroed'], 3)}"])
    i, h = report["prompts"][0]["zeroed"]
    return table(["prompt", "tokens", "next token", f"the same with head {i}.{h} zeroed"], rows)


def jobs(report):
    named = [(f"{i}.{h}", report["heads"][i][h]["names"]) for i, h in all_heads(report)
             if report["heads"][i][h]["names"]]
    if not named:
        return "No head meets the rule."
    return "\n".join(f"- Head {at}: {', '.join(names)}." for at, names in named)


def whole_log(log):
    """The log with each round's steps, tokens and stories counted on from the round before."""
    whole, before = [], {"step": 0, "tokens": 0, "stories": 0}
    for i, line in enumerate(log):
        if i and line["step"] <= log[i - 1]["step"]:
            before = whole[-1]
        whole.append({k: v + before.get(k, 0) if k in ("step", "tokens", "stories") else v
                      for k, v in line.items()})
    return whole


def last_of(log, stage):
    return [r["step"] for r in log if r["stage"] == stage][-1]


def curve(log):
    """The loss curve in words and a short table."""
    last = log[-1]
    picks = sorted({min(range(len(log)), key=lambda k: abs(log[k]["step"] - f * last["step"]))
                    for f in (0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1)})
    rows = [[log[k]["step"], f"{log[k]['tokens'] / 1e6:.1f} M", num(log[k]["held_out"], 3)]
            for k in picks]
    late = min(log, key=lambda r: abs(r["step"] - 0.9 * last["step"]))
    half = min(log, key=lambda r: abs(r["step"] - 0.5 * last["step"]))
    words = (f"The held-out loss falls from {num(log[0]['held_out'], 3)} at step {log[0]['step']} "
             f"to {num(half['held_out'], 3)} half-way and {num(last['held_out'], 3)} at the end; "
             f"over the last tenth of the steps it changes by "
             f"{num(last['held_out'] - late['held_out'], 4)}, while the learning rate comes to "
             "rest: what is not learnt by now (below) would need a longer run.")
    return words + "\n\n" + table(["step", "tokens", "held-out loss"], rows)


def write(folder, report, tok, config):
    with open(os.path.join(folder, "training.jsonl"), encoding="utf-8") as f:
        log = whole_log([json.loads(line) for line in f])
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "card.md"), encoding="utf-8") as f:
        text = f.read()
    forms, held = corpus.count_templates()
    d, v, n = config["n_embd"], config["vocab_size"], config["n_layer"]
    parameters = v * d + config["n_positions"] * d + n * (12 * d * d + 13 * d) + 2 * d
    rng = random.Random("card")
    values = {
        "parameters": f"{parameters:,}", "vocab": f"{v:,}",
        "bytes": f"{os.path.getsize(os.path.join(folder, 'model.safetensors')):,}",
        "forms": forms, "held_forms": held, "arcs": len(corpus.ARCS),
        "corpus_sample": "\n\n".join("> " + corpus.story(rng) for _ in range(3)),
        "steps": f"{log[-1]['step']:,}", "tokens": f"{log[-1]['tokens'] / 1e6:.1f}",
        "stories": f"{log[-1]['stories']:,}", "batch": train.BATCH, "length": train.LENGTH,
        "peak": train.STAGES[0]["peak"], "peak1": train.STAGES[1]["peak"],
        "floor": train.FLOOR, "warmup": train.WARMUP,
        "steps0": f"{last_of(log, 0):,}",
        "steps1": f"{last_of(log, 1) - last_of(log, 0):,}",
        "decay": train.WEIGHT_DECAY, "drills": f"{100 * train.STAGES[0]['drills']:.0f}",
        "drills1": f"{100 * train.STAGES[1]['drills']:.0f}",
        "curve": curve(log), "losses": losses_table(report), "behaviour": behaviour_table(report),
        "not_learnt": not_learnt(report),
        "splits": splits_table(report), "scores": scores_table(report), "best": best_table(report),
        "jobs": jobs(report), "prompts": prompts_table(report),
        "samples": "\n\n".join(f"> **{s['start']}**{s['text'][len(s['start']):]}"
                               for s in report["samples"]),
        "items": report["probes"]["name mover"]["items"],
        "rule_score": report["rule"]["score"], "rule_null": report["rule"]["times_null"],
        "rule_loss": report["rule"]["specific_loss"],
        "rule_overall": report["rule"]["times_overall_loss"]}
    for key, value in values.items():
        text = text.replace("{{" + key + "}}", str(value))
    with open(os.path.join(folder, "README.md"), "w", encoding="utf-8") as f:
        f.write(text)
