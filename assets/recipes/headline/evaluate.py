"""Scores the headline writer on stories that training never saw, and writes its card.

    evaluate.py MODEL_DIR [--items N]

The weights are read back from the F16 file: what is scored is what is shipped.
"""
import argparse
import os

import torch

import files
import pairs
import scenes
import subwords
import t5
from train import BATCH, INVENTED, LONGEST, Data, held_out, loss

SCORED = 50
EXAMPLES = {    # with what they should become
    "It was a sunny day. Mina gave Tom a red ball. Tom thanked Mina. They went home.":
        "Mina gives Tom a red ball",
    "Lily lost her key. Lily was sad. Ben found the key under the bed.":
        "Lily loses her key and Ben finds it",
    "Kate and Leo were friends. One day Leo hid the blue kite behind the door. Kate looked "
    "under the rug. At last Kate found the kite behind the door.":
        "Leo hides the blue kite behind the door",
    "Serena and Kenzo raced to the lake. Serena was faster than Kenzo. Serena won.":
        "Serena wins the race against Kenzo"}


def write(model, tok, texts):
    out = []
    for i in range(0, len(texts), SCORED):
        rows = [tok.encode(t) + [tok.vocab["</s>"]] for t in texts[i:i + SCORED]]
        out += model.greedy(pairs.padded(rows, tok.vocab["<pad>"]))
    return [tok.decode(r) for r in out]


def scores(tok, texts, stories):
    """(exact matches in percent, BLEU over tokens)."""
    right = [s.headline for s in stories]
    return (100 * sum(map(str.__eq__, texts, right)) / len(right),
            pairs.bleu([(tok.encode(t), tok.encode(r)) for t, r in zip(texts, right)]))


def card(report):
    c, log = report["config"], report["log"]
    names = dict(pairs.KIND_NAMES, new="new stories, known words and forms")
    rows = [[names[k], v["items"], f"{v['model'][0]:.1f}%", f"{v['model'][1]:.1f}",
             f"{v['first'][0]:.1f}%", f"{v['first'][1]:.1f}", f"{v['main'][1]:.1f}"]
            for k, v in report["held"].items()]
    def told(story, got, want):
        right = "" if got == want else f"<br>should be: {want}"
        return f"> {story}<br>**{got}**{right}\n"

    examples = "\n".join(told(*item) for item in report["examples"])
    wrong = "\n".join(told(*item) for item in report["wrong"])
    return f"""# headline: a story in one line

A T5 in its smallest form: a story of three to {LONGEST} sentences in, one line about its main event
out. It shows what T5 does otherwise: a learnt number for each distance instead of positions,
scores that are not divided by √K, normalisation by the root mean square, no biases, the last
states times 1/√D. Made by `assets/recipes/headline/run.sh`, which also wrote this card; all numbers
are measured on the F16 weights. Licence: MIT, for the weights and the corpus (wholly synthetic; the
recipe makes it).

- `config.json`, `model.safetensors`: {c["num_layers"]} + {c["num_decoder_layers"]} layers of
  {c["num_heads"]} heads, {c["d_model"]} wide, {c["d_kv"]} a head (so all heads together are wider
  than the model), feed-forward {c["d_ff"]} with ReLU, {report["parameters"]:,} parameters,
  {c["relative_attention_num_buckets"]} distances up to {c["relative_attention_max_distance"]}.
- `tokenizer.json`: a Unigram of {c["vocab_size"]:,} pieces: the words of the stories, and syllables and
  letters for names that it never saw. The source ends in `</s>`; the decoder begins with `<pad>`.
- `training.jsonl`: the loss, a line a check.

## Data

The English side of the little stories of `assets/recipes/bilingual`; the generator writes the
headline, in the present tense: {report["plots"]} kinds of main event. Around it stand sentences
about other deeds of the same people. Training drew about {report["drawn"]:,} stories. It never
saw: one pair in eight of names and of thing and colour, the held-out forms and combinations of
clauses, and 20 held-out names (in {100 * INVENTED:.0f}% of the stories the names are invented).

## Training

{log[-1]["step"]:,} steps of {BATCH} stories with AdamW, {log[-1]["seconds"] // 60} minutes on one
core. The held-out loss (unseen pairs of words, nats a token) falls to {log[-1]["held_out"]:.3f}; on
the F16 file it is {report["loss"]:.3f}.

{pairs.curve(log)}

## Held-out stories

Greedy decoding. “Exact”: every character is right. BLEU-4 is counted over the tokens. Baselines:
the story's first sentence, and the main sentence copied as it is (which a copier could not know).

{pairs.table(["held out", "items", "exact", "BLEU", "first sentence, exact", "BLEU",
              "main sentence, BLEU"], rows)}

## Examples

{examples}
## What it can't do

It knows the main events of its corpus and always writes of one. It sums nothing up: it finds the
main sentence and tells it again. A headline about hiding has a colour even where the story tells
none: then it guesses. A name that it never saw it copies syllable by syllable, and often loses one.
Some of its mistakes on held-out stories:

{wrong}"""


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--items", type=int, default=300)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    config = files.read_json(os.path.join(args.folder, "config.json"))
    log = files.read_lines(os.path.join(args.folder, "training.jsonl"))
    tok = subwords.Unigram(os.path.join(args.folder, "tokenizer.json"))
    model = t5.T5(config)
    model.load_state_dict(files.read_safetensors(os.path.join(args.folder, "model.safetensors")))
    data = Data(tok, 1)
    report = {"config": config, "log": log, "held": {}, "wrong": [], "plots": len(scenes.PLOTS),
              "parameters": sum(p.numel() for p in model.parameters()),
              "drawn": log[-1]["step"] * BATCH,
              "loss": loss(model, data.tensors([data.item(s) for s in
                                                held_out("pairs", 200)])).item()}
    for kind in pairs.KINDS:
        stories = held_out(kind, args.items)
        texts = write(model, tok, [s.en for s in stories])
        report["held"][kind] = {
            "items": len(stories), "model": scores(tok, texts, stories),
            "first": scores(tok, [s.sentences[0].en.text for s in stories], stories),
            "main": scores(tok, [s.sentences[s.main].en.text for s in stories], stories)}
        report["wrong"] += [(s.en, t, s.headline) for t, s in zip(texts, stories)
                            if t != s.headline][:1]
    report["examples"] = list(zip(EXAMPLES, write(model, tok, tuple(EXAMPLES)),
                                  EXAMPLES.values()))
    files.write_atomic(os.path.join(args.folder, "README.md"), card(report))


if __name__ == "__main__":
    main()
