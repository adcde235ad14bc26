"""Trains the headline writer: a story of the corpus in, one line about its main event out.

    train.py MODEL_DIR [--steps N]

Makes tokenizer.json, config.json, model.safetensors and training.jsonl there.
"""
import argparse
import os
import string

import torch
from torch.nn import functional as F

import files
import loop
import pairs
import scenes
import subwords
import t5

VOCAB, BATCH, PEAK, LONGEST = 1024, 16, 1e-3, 6
INVENTED = 0.3                     # of the stories have invented names: copying takes practice


class Data:
    def __init__(self, tok, seed):
        self.tok, self.eos, self.pad = tok, tok.vocab["</s>"], tok.vocab["<pad>"]
        rng = pairs.rng_of("headline", seed)
        self.stories = scenes.stories(10**9, f"headline {seed}", invented=INVENTED)
        self.pool = pairs.Pool(self.items, rng, BATCH, lambda i: len(i[0]))

    def items(self):
        story = next(self.stories)
        return [self.item(story)] if fits(story) else []

    def item(self, story):
        return [self.tok.encode(text) + [self.eos] for text in (story.en, story.headline)]

    def tensors(self, items):
        """Source, decoder input, what comes next (−100 where there is nothing)."""
        return (pairs.padded([s for s, _ in items], self.pad),
                pairs.padded([[self.pad] + t[:-1] for _, t in items], self.pad),
                pairs.padded([t for _, t in items], -100))

    def batch(self, _step):
        return self.tensors(self.pool.next())


def fits(story):
    """3 to LONGEST sentences."""
    return len(story.sentences) <= LONGEST


def held_out(kind, count):
    source = (s for s in scenes.stories(10**9, "held", "train" if kind == "new" else kind)
              if fits(s) and (kind not in ("forms", "clauses") or any(f.held for f in s.forms)))
    return [next(source) for _ in range(count)]


def loss(model, batch):
    source, target, following = batch
    return F.cross_entropy(model(source, target).flatten(0, 1), following.flatten())


def save(model, folder):
    files.write_safetensors_f16(os.path.join(folder, "model.safetensors"), model.state_dict())


def make_tokenizer(path):
    counts = scenes.piece_counts(20000, 0, "en", syllables=20)
    counts.update(string.ascii_letters + string.digits)      # every name can be spelt
    subwords.write_unigram(path, counts, VOCAB,
                           ["<pad>", "</s>", "<unk>"], "$A </s>", "$A </s> $B </s>")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--steps", type=int, default=9000)
    args = parser.parse_args()
    torch.set_num_threads(1)
    os.makedirs(args.folder, exist_ok=True)
    make_tokenizer(os.path.join(args.folder, "tokenizer.json"))
    tok = subwords.Unigram(os.path.join(args.folder, "tokenizer.json"))
    config = t5.make_config(tok.vocab)
    files.write_config(args.folder, config)
    model, data = t5.T5(config), Data(tok, 0)
    test = data.tensors([data.item(s) for s in held_out("pairs", 200)])
    loop.train(model, data.batch, loss, args.folder, os.path.join(args.folder, "training.jsonl"),
               args.steps, PEAK, save, held_out=lambda m: loss(m, test).item(),
               weight_decay=0.01)


if __name__ == "__main__":
    main()
