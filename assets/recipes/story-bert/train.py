"""Trains the BERT of the stories, or fine-tunes it.

    train.py MODELS_DIR TASK [--steps N]      TASK: mlm, then topic, entities, similar

mlm starts from nothing and makes story-bert; the others start from story-bert's weights.
"""
import argparse
import os

import torch

import bert
import files
import forms
import loop
import scenes
import subwords
from tasks import Data

VOCAB = 1024
SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
STEPS = {"mlm": 5000, "topic": 600, "entities": 600, "similar": 1500}
PEAK = {"mlm": 2e-3, "topic": 5e-4, "entities": 5e-4, "similar": 5e-4}
LABELS = {"topic": forms.TOPICS, "entities": bert.LABELS}


def make_tokenizer(path):
    """Words and their parts; an invented name counts as letters."""
    counts = {}
    for piece, n in scenes.piece_counts(20000, 0, "en", kind="both").items():
        for word in subwords.WordPiece.WORD.findall(piece.strip(subwords.SPACE).lower()):
            counts[word] = counts.get(word, 0) + n
    for letter in "abcdefghijklmnopqrstuvwxyz":       # inside a word too: every name can be spelt
        counts[letter + letter] = counts.get(letter + letter, 0) + 1
    subwords.write_wordpiece(path, counts, VOCAB, SPECIALS)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models")
    parser.add_argument("task", choices=tuple(bert.MAKERS))
    parser.add_argument("--steps", type=int)
    args = parser.parse_args()
    torch.set_num_threads(1)
    task = args.task
    folder, base = (os.path.join(args.models, bert.FOLDERS[t]) for t in (task, "mlm"))
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, "tokenizer.json")
    make_tokenizer(path)
    tok = subwords.WordPiece(path)
    config = bert.make_config(bert.ARCHITECTURES[task], tok.vocab, LABELS.get(task))
    files.write_config(folder, config)
    model = bert.initialise(bert.MAKERS[task](config), 0)
    if task != "mlm":
        learnt = files.read_safetensors(os.path.join(base, "model.safetensors"))
        if task == "similar":
            learnt = {n.removeprefix("bert."): p for n, p in learnt.items()}
        model.load_state_dict(dict(model.state_dict(), **{
            n: p for n, p in learnt.items() if n in model.state_dict()}))
    data, held = Data(task, tok, "both", 0), Data(task, tok, "pairs", 1)
    test = held.task.tensors(held.items(200 if task != "similar" else 48), held.rng)

    def save(m, out):
        files.write_safetensors_f16(os.path.join(out, "model.safetensors"), m.state_dict())
    steps = args.steps or STEPS[task]
    loop.train(model, data.batch, data.task.loss, folder, os.path.join(folder, "training.jsonl"),
               steps, PEAK[task], save, held_out=lambda m: data.task.loss(m, test).item(),
               warmup=min(200, steps // 5), check_every=min(250, max(1, steps // 8)),
               weight_decay=0.01)


if __name__ == "__main__":
    main()
