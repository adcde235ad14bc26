"""Scores the translator on what training never saw, and writes its card.

    evaluate.py MODEL_DIR [--items N]

The weights are read back from the F16 file: what is scored is what is shipped.
"""
import argparse
import collections
import os

import torch

import files
import hangul
import marian
import pairs
import scenes
import subwords
from train import BATCH, INVENTED, TWO, Data, loss

BATCH_SCORED = 50
# With what they should become; training never saw the names of the last.
EXAMPLES = {"Mina gave Tom a red ball.": "민아는 톰에게 빨간 공을 주었다.",
            "Tom gave a red ball to Mina.": "톰은 빨간 공을 민아에게 주었다.",
            "The ball that Mina found was red.": "민아가 찾은 공은 빨간색이었다.",
            "He gave it back to Mina.": "민아에게 돌려주었다.",
            "Lily packed a ball, a kite and a drum.": "릴리는 공, 연, 북을 챙겼다.",
            "\"Thank you, Minho,\" said Kate.": "케이트는 “고마워, 민호야.”라고 말했다.",
            "Leo sat down because he was tired.": "레오는 피곤해서 앉았다.",
            "Ramona gave Kenzo a blue kite.": "라모나는 켄조에게 파란 연을 주었다."}


def seen_in_training(steps):
    """The English sentences that training drew from."""
    seen, drawn = set(), 0
    for story in scenes.stories(10**9, 0, invented=INVENTED):
        seen.update(s.en.text for s in story.sentences)
        drawn += len(story.sentences)
        if drawn > steps * BATCH:
            return seen


def dictionary():
    """Each English chunk's most frequent link, for the word-by-word baseline."""
    counts = collections.defaultdict(collections.Counter)
    for _, s in pairs.told(scenes.stories(20000, 0)):
        keys = collections.defaultdict(list)
        for c in s.ko.chunks:
            keys[c.key].append(c)
        for c in s.en.chunks:
            if c.key:
                linked = " ".join(k.text for k in keys[c.key])
                counts[c.text.lower()][linked] += 1
    return {w: max(sorted(c), key=c.get) for w, c in counts.items()}


def word_by_word(words, s):
    """A dictionary knows a name that it never saw by its spelling only: it is left as it is."""
    out = [c.text if len(c.text) == 1 and not c.text.isalnum()
           else words.get(c.text.lower(), c.text if c.kind else "") for c in s.en.chunks]
    return " ".join(w for w in out if w)


def translate(model, tok, texts):
    out = []
    for i in range(0, len(texts), BATCH_SCORED):
        rows = [tok.encode(t) + [tok.vocab["</s>"]] for t in texts[i:i + BATCH_SCORED]]
        out += model.greedy(pairs.padded(rows, tok.vocab["<pad>"]))
    return [tok.decode(r) for r in out]


def scores(texts, items, tok):
    """(exact matches in percent, BLEU over tokens)."""
    exact = sum(t == s.ko.text for t, (_, s) in zip(texts, items)) / len(items)
    return 100 * exact, pairs.bleu([(tok.encode(t), tok.encode(s.ko.text))
                                    for t, (_, s) in zip(texts, items)])


def bare(name):
    """Has the name a later syllable without a consonant? No invented name has."""
    return any(c == "" for c, _, _ in hangul.syllables(name)[1:])


def by_syllables(texts, items):
    """Exact matches in percent where no name has a bare syllable, and where one has."""
    right = {False: [], True: []}
    for text, (_, s) in zip(texts, items):
        names = [c.text for c in s.en.chunks if c.kind == "PERSON"]
        right[any(map(bare, names))].append(text == s.ko.text)
    return [100 * sum(r) / len(r) for r in (right[False], right[True])]


class Links:
    """Of one sentence: for each linked Korean token, the English tokens of its links."""

    def __init__(self, tok, s):
        self.source, self.target = tok.spans(s.en.text), tok.spans(s.ko.text)

        def tokens(spans, a, b):
            return [i for i, (_, lo, hi) in enumerate(spans) if lo < b and hi > a]
        self.of, spans = collections.defaultdict(set), []
        for (a, b), (c, d) in s.links:
            spans.append((a, c))
            for t in tokens(self.target, c, d):
                self.of[t].update(tokens(self.source, a, b))
        self.crosses = {}
        for (a, _), (c, d) in s.links:
            crossing = any((a - x) * (c - y) < 0 for x, y in spans)
            for t in tokens(self.target, c, d):
                self.crosses[t] = self.crosses.get(t, False) or crossing


def alignment(model, tok, items):
    """{(row, layer, head): {measure: value}}: how much a head looks along the true links.

    row "predicting": the decoder's row whose next token is the linked one; "reading": the row
    whose input it is. The null puts another sentence's links for the same position in place.
    """
    rng = pairs.rng_of("null")
    links = [Links(tok, s) for _, s in items]
    by_position = collections.defaultdict(list)
    for link in links:
        for t, sources in link.of.items():
            by_position[t].append(sources)
    totals = collections.defaultdict(lambda: collections.Counter())
    eos, pad = tok.vocab["</s>"], tok.vocab["<pad>"]
    for link in links:
        source = torch.tensor([[i for i, _, _ in link.source] + [eos]])
        target = torch.tensor([[pad] + [i for i, _, _ in link.target] + [eos]])
        keep = []
        model(source, target, keep)
        null = {t: {min(s, len(link.source) - 1) for s in rng.choice(by_position[t])}
                for t in link.of}
        for layer, pattern in enumerate(keep):
            for t, sources in link.of.items():
                for row, at in (("predicting", t), ("reading", t + 1)):
                    for head in range(pattern.shape[1]):
                        p, sums = pattern[0, head, at], totals[row, layer, head]
                        best = int(p.argmax()) in sources
                        sums["n"] += 1
                        sums["mass"] += sum(p[s].item() for s in sources)
                        sums["argmax"] += best
                        sums["null mass"] += sum(p[s].item() for s in null[t])
                        sums["null argmax"] += int(p.argmax()) in null[t]
                        way = "crossing" if link.crosses[t] else "straight"
                        sums[way + " n"] += 1
                        sums[way] += best
    return {at: {"mass": c["mass"] / c["n"], "argmax": c["argmax"] / c["n"],
                 "null mass": c["null mass"] / c["n"], "null argmax": c["null argmax"] / c["n"],
                 "crossing": c["crossing"] / c["crossing n"],
                 "straight": c["straight"] / c["straight n"], "n": c["n"]}
            for at, c in totals.items()}


def percent(x):
    return f"{100 * x:.0f}%"


def card(report):
    config, log = report["config"], report["log"]
    rows = [[pairs.KIND_NAMES[k], v["items"], f"{v['model'][0]:.1f}%", f"{v['model'][1]:.1f}",
             f"{v['words'][0]:.1f}%", f"{v['words'][1]:.1f}", f"{v['copy'][0]:.1f}%"]
            for k, v in report["held"].items()]
    heads = [[row, f"{layer}.{head}", percent(v["argmax"]), percent(v["null argmax"]),
              percent(v["mass"]), percent(v["null mass"]), percent(v["crossing"]),
              percent(v["straight"])] for (row, layer, head), v in sorted(report["heads"].items())]
    best = max(report["heads"], key=lambda at: report["heads"][at]["argmax"])
    b = report["heads"][best]
    def told(en, got, want):
        return f"> {en}<br>{got}\n" if got == want else f"> {en}<br>{got}<br>should be: {want}\n"

    wrong = "\n".join(told(*item) for item in report["wrong"])
    examples = "\n".join(told(*item) for item in report["examples"])
    return f"""# translate: English sentences into Korean ones

The Transformer of “Attention Is All You Need” (Vaswani et al. 2017) in Hugging Face's Marian form,
made so that one can watch the decoder look at the source: the verb goes to the end, a preposition
becomes a particle behind its noun, an article becomes nothing, a clause turns round, and a list
runs straight. Made by `assets/recipes/translate/run.sh`, which also wrote this card; all numbers
are measured on the F16 weights. Licence: MIT, for the weights and the corpus (wholly synthetic;
the recipe makes it).

- `config.json`, `model.safetensors`: {config["encoder_layers"]} + {config["decoder_layers"]} layers
  of {config["encoder_attention_heads"]} heads, {config["d_model"]} wide, feed-forward
  {config["encoder_ffn_dim"]}, {report["parameters"]:,} parameters. Normalisation after the sum,
  sinusoids (all sines, then all cosines), ReLU, embeddings times √{config["d_model"]} and shared
  by both languages and the output.
- `tokenizer.json`: one BPE of {config["vocab_size"]:,} tokens for both languages, bytes where a
  character is unknown. A Korean stem and its particle are separate tokens; an English name that is
  not in the vocabulary falls into syllables, as its Hangul does. The source ends in `</s>`; the
  decoder begins with `<pad>`.
- `training.jsonl`: the loss, a line a check.

## Data

Sentences of little stories, written in both languages at once by a synchronous grammar
(`assets/recipes/bilingual`): {report["forms"]} sentence forms ({report["forms_held"]} of them held
out), and {report["clauses"]} that join two clauses ({report["clauses_held"]} held out), with the
true links between the words. A pronoun that is clear is dropped in Korean, and 자기
stands for “her own”. Training drew {report["drawn"]:,} items ({percent(TWO)} of them two sentences
long). It never saw: one pair in eight of names and of thing and colour, the held-out forms and
combinations of clauses, and the 20 held-out names. In {percent(INVENTED)} of the stories the names
are invented from open syllables and spelt in Hangul by rule; the held-out names are of the same
kind.

## Training

{log[-1]["step"]:,} steps of {BATCH} items with AdamW, {log[-1]["seconds"] // 60} minutes on one
core. No dropout, no smoothing of labels, no help for the alignment. The held-out loss (unseen
pairs of words, nats a token) falls to {log[-1]["held_out"]:.4f}; on the F16 file it is
{report["loss"]:.4f}.

{pairs.curve(log)}

## Held-out sentences

No sentence here came in training. Greedy decoding. “Exact”: every character is right. BLEU-4 is
counted over the tokens. Word by word: each English word's most frequent link, in English order.
Copying: the source as it is.

{pairs.table(["held out", "items", "exact", "BLEU", "word by word, exact", "BLEU",
              "copying, exact"], rows)}

Of the 20 unseen names {", ".join(report["bare"])} have a syllable without a consonant, which no
invented name has. Sentences with one of them: {report["open"][1]:.1f}% exact; with the other unseen
names only: {report["open"][0]:.1f}%.

## Which head aligns

The share of a head's cross-attention along the true links ({b["n"]:,} linked Korean tokens), and
how often its largest weight is on one; beside them the null: another sentence's links for the same
position. “Predicting”: the row that foretells the linked token; “reading”: the row that has it as
its input. “Crossing” and “straight”: the largest weight, for links that cross another one and for
those that do not.

{pairs.table(["row", "head", "largest", "null", "share", "null", "crossing", "straight"], heads)}

The best: head {best[1]}.{best[2]}, {best[0]}: its largest weight is on a true link for
{percent(b["argmax"])} of the tokens (null {percent(b["null argmax"])}).

## Examples

{examples}
## What it can't do

It knows the words and forms of the little stories, in the past tense, one or two sentences at a
time. Other words come out wrong, without a warning. A name that it never saw it has to spell,
syllable by syllable, and it may lose or change one; in a form that it never saw it falls back on
one that it knows. Some of its mistakes on held-out sentences:

{wrong}"""


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--items", type=int, default=500)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    config = files.read_json(os.path.join(args.folder, "config.json"))
    log = files.read_lines(os.path.join(args.folder, "training.jsonl"))
    tok = subwords.Bpe(os.path.join(args.folder, "tokenizer.json"))
    model = marian.Marian(config)
    model.load_state_dict(files.read_safetensors(os.path.join(args.folder, "model.safetensors")))
    report_bare = [n for n, _ in scenes.words.HELD_GIRLS + scenes.words.HELD_BOYS if bare(n)]
    seen, words = seen_in_training(log[-1]["step"]), dictionary()
    report = {"config": config, "log": log, "held": {}, "wrong": [], "bare": report_bare,
              "parameters": sum(p.numel() for p in model.parameters()),
              "drawn": log[-1]["step"] * BATCH}
    every = [f for _, _, steps in scenes.PLOTS for _, step in steps for f in step]
    every += scenes.OPEN + scenes.FEEL + scenes.DEEDS + scenes.CLOSE
    for name, group in (("forms", every), ("clauses", scenes.COMBINED)):
        report[name], report[name + "_held"] = len(group), sum(f.held for f in group)
    data = Data(tok, 1)
    test = pairs.held_out("pairs", 300, ())
    report["loss"] = loss(model, data.tensors(
        [data.item(s.en.text, s.ko.text) for _, s in test])).item()
    for kind in pairs.KINDS:
        items = pairs.held_out(kind, args.items, seen)
        texts = translate(model, tok, [s.en.text for _, s in items])
        report["held"][kind] = {
            "items": len(items), "model": scores(texts, items, tok),
            "words": scores([word_by_word(words, s) for _, s in items], items, tok),
            "copy": scores([s.en.text for _, s in items], items, tok)}
        if kind == "names":
            report["open"] = by_syllables(texts, items)
        report["wrong"] += [(s.en.text, t, s.ko.text) for t, (_, s) in zip(texts, items)
                            if t != s.ko.text][:2]
    report["heads"] = alignment(model, tok, pairs.held_out("pairs", args.items, seen))
    report["examples"] = list(zip(EXAMPLES, translate(model, tok, tuple(EXAMPLES)),
                                  EXAMPLES.values()))
    files.write_atomic(os.path.join(args.folder, "README.md"), card(report))


if __name__ == "__main__":
    main()
