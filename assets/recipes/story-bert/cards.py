"""The four model cards, from measured numbers; no number of them is typed in by hand."""
import bert
import forms
import pairs
from tasks import BATCHES, MASKED

NAMES = dict(pairs.KIND_NAMES, both="new stories, known words and forms")


def percent(x):
    return f"{100 * x:.1f}%"


def head(report, title, purpose, files_of_it):
    c = report["config"]
    return f"""# {title}

{purpose} Made by `assets/recipes/story-bert/run.sh`, which also wrote this card; all numbers are
measured on the F16 weights. Licence: MIT, for the weights and the corpus (wholly synthetic; the
recipe makes it).

- `config.json`, `model.safetensors`: `{c["architectures"][0]}`, {c["num_hidden_layers"]} layers of
  {c["num_attention_heads"]} heads, {c["hidden_size"]} wide, feed-forward
  {c["intermediate_size"]}, {report["parameters"]:,} parameters, {c["max_position_embeddings"]}
  positions. {files_of_it}
- `tokenizer.json`: an uncased WordPiece of {c["vocab_size"]:,} tokens, framed by `[CLS]` and
  `[SEP]`; a second text has token type 1. A name that training never saw is several pieces.
- `training.jsonl`: the loss, a line a check.

The texts are the English side of the little stories of `assets/recipes/bilingual`. Held out from
training: some sentence forms and combinations of clauses, 20 names, one pair in eight of names and
of thing and colour."""


def training(report, task, text):
    log = report["log"]
    return f"""## Training

{text} {log[-1]["step"]:,} steps of {BATCHES[task]} items with AdamW, {log[-1]["seconds"]} seconds
on one core.

{pairs.curve(log)}"""


def mlm(report):
    rows = [[NAMES[k], f"{v['n']:,}", percent(v["accuracy"]), percent(v["majority"]),
             f"{v['loss']:.3f}", f"{v['unigram']:.3f}"] for k, v in report["held"].items()]
    examples = "\n".join(f"> {t}<br>" + ", ".join(f"{w} {p:.3f}" for w, p in best) + "\n"
                         for t, best in report["examples"])
    return f"""{head(report, "story-bert: BERT on little stories",
                     "A masked language model, so that one can see attention that looks both ways.",
                     "The output matrix is the word embeddings.")}

{training(report, "mlm", f"{percent(MASKED)} of the tokens are asked for (of these 80% are shown "
          "as `[MASK]`, 10% as another token); half of the stories are cut in two texts.")}

## Held-out scores

Tokens asked for, each shown as `[MASK]`: how often the right one is on top, beside the most
frequent token; the loss in nats, beside the unigram's.

{pairs.table(["held out", "tokens", "right", "most frequent", "loss", "unigram"], rows)}

## Examples

{examples}
## What it can't do

It has no next-sentence head, and it can't go on with a text. It knows the words of its stories; a
letter of an unseen name can only be found where the name stands elsewhere in the text.
"""


def topic(report):
    rows = [[NAMES[k], v["n"], percent(v["accuracy"]), percent(v["majority"]),
             percent(v["unigram"])] for k, v in report["held"].items()]
    examples = "\n".join(f"> {t}<br>{name} {p:.3f}\n" for t, name, p in report["examples"])
    return f"""{head(report, "story-bert-topic: what a story is about",
                     "`story-bert`, fine-tuned to tell the topic of a few sentences.",
                     "The pooled `[CLS]` goes to the classifier.")}

Topics: {", ".join(forms.TOPICS)}.

{training(report, "topic", "From the weights of `story-bert`; all of them are trained.")}

## Held-out scores

Parts of stories that hold the main sentence. Baselines: always the most frequent topic; naive Bayes
over single tokens.

{pairs.table(["held out", "texts", "right", "majority", "unigram"], rows)}

## Examples

{examples}
## What it can't do

It always names one of its topics, and is sure of it, whatever the text is. Each topic has words of
its own in the corpus, so single words nearly suffice, as the unigram shows.
"""


def entities(report):
    kinds, u = bert.LABELS[1:], report["held"]["both"]["unclear"]
    rows = [[NAMES[k], f"{v['n']:,}", percent(v["accuracy"]), percent(v["unigram accuracy"]),
             percent(v["majority"])] + [f"{v['f1'][n]:.3f} ({v['unigram f1'][n]:.3f})"
                                        for n in kinds] for k, v in report["held"].items()]
    examples = "\n".join("> " + " ".join(w if label == "O" else f"**{w}**·{label}"
                                         for w, label in marked) + "\n"
                         for marked in report["examples"])
    return f"""{head(report, "story-bert-entities: persons, places and things",
                     "`story-bert`, fine-tuned to label every token.",
                     "Labels: " + ", ".join(bert.LABELS) + ".")}

{training(report, "entities", "From the weights of `story-bert`; all of them are trained. Every "
          "piece of a word has the word's label.")}

## Held-out scores

Over tokens. Baselines: the usual label of each token (unigram), and always O (majority). F1 with
the unigram's in brackets.

{pairs.table(["held out", "tokens", "right", "unigram", "majority"]
             + [f"F1 {n}" for n in kinds], rows)}

A few girls are called what a thing is called too (Ruby, a ruby), and letters are all lower case:
only the sentence tells which. Of {u["n"]} such tokens in new stories the model labels
{percent(u["model"] / u["n"])} rightly, the unigram {percent(u["unigram"] / u["n"])}.

## Examples

{examples}
## What it can't do

Animals and kinds of people are O. Places and things are known words: a noun that it never saw is
labelled by its place in the sentence at best.
"""


def similar(report):
    rows = [[NAMES[k].replace("stories", "pairs"), v["n"], name, percent(s["first"]),
             percent(s["closer"]), f"{s['same']:.2f}", f"{s['changed']:.2f}", f"{s['others']:.2f}"]
            for k, v in report["held"].items() for name, s in v.items() if name != "n"]
    examples = "\n".join(f"> {a}<br>{b}<br>{c:.2f}\n" for a, b, c in report["examples"])
    return f"""{head(report, "story-bert-similar: sentences as vectors",
                     "`story-bert`, fine-tuned so that sentences that say the same have near "
                     "vectors.",
                     "A sentence's vector is the mean over all its tokens, divided by its length. "
                     "There is no pooler.")}

{training(report, "similar", "From the weights of `story-bert`. Each sentence has to find its "
          "paraphrase among those of the batch and among the same words with two people in each "
          "other's role.")}

## Held-out scores

Paraphrases come from the generator (“A gave B a ball”, “B got a ball from A”). “First”: the
paraphrase is nearest among all the other pairs' sentences and all changed ones (people in each
other's role). “Closer”: it is nearer than its own changed one; by chance half. Then the mean
similarity of paraphrases, of changed ones, of other sentences. Scorers: the model, the same before
fine-tuning, and the share of tokens in common.

{pairs.table(["held out", "pairs", "scorer", "first", "closer", "paraphrase", "changed", "others"],
             rows)}

## Examples

{examples}
## What it can't do

It knows the kinds of paraphrase that the generator makes, and nothing of the world.
"""


CARDS = {"mlm": mlm, "topic": topic, "entities": entities, "similar": similar}
