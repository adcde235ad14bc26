"""Trains the translator: English sentences of the stories into Korean ones.

    train.py MODEL_DIR [--steps N]

Makes tokenizer.json, config.json, model.safetensors and training.jsonl there.
"""
import argparse
import os

import torch
from torch.nn import functional as F

import files
import loop
import marian
import pairs
import scenes
import subwords

VOCAB, BATCH, PEAK = 2688, 48, 2e-3
TWO = 0.2                          # of the items are two sentences of a story, one after the other
INVENTED = 0.35                    # of the stories have invented names: spelling takes practice


class Data:
    def __init__(self, tok, seed):
        self.tok, self.eos, self.pad = tok, tok.vocab["</s>"], tok.vocab["<pad>"]
        rng = pairs.rng_of("translate", seed)
        self.stories = scenes.stories(10**9, seed, invented=INVENTED)
        self.pool = pairs.Pool(lambda: self.items(rng), rng, BATCH, lambda i: len(i[0]) + len(i[1]))

    def items(self, rng):
        s = next(self.stories).sentences
        spans = [s[i:i + 1 + (rng.random() < TWO)] for i in range(len(s))]
        return [self.item(" ".join(x.en.text for x in part), " ".join(x.ko.text for x in part))
                for part in spans]

    def item(self, en, ko):
        return self.tok.encode(en) + [self.eos], self.tok.encode(ko) + [self.eos]

    def tensors(self, items):
        """Source, decoder input, what comes next (−100 where there is nothing)."""
        return (pairs.padded([s for s, _ in items], self.pad),
                pairs.padded([[self.pad] + t[:-1] for _, t in items], self.pad),
                pairs.padded([t for _, t in items], -100))

    def batch(self, _step):
        return self.tensors(self.pool.next())


def loss(model, batch):
    source, target, following = batch
    logits = model(source, target)
    return F.cross_entropy(logits.flatten(0, 1), following.flatten())


def save(model, folder):
    files.write_safetensors_f16(os.path.join(folder, "model.safetensors"), model.state_dict())


def make_tokenizer(path):
    subwords.write_bpe(path, scenes.piece_counts(20000, 0, "en", "ko", syllables=200),
                       VOCAB, ["</s>", "<unk>"], ["<pad>"], "$A </s>", "$A $B </s>")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--steps", type=int, default=6000)
    args = parser.parse_args()
    torch.set_num_threads(1)
    os.makedirs(args.folder, exist_ok=True)
    make_tokenizer(os.path.join(args.folder, "tokenizer.json"))
    tok = subwords.Bpe(os.path.join(args.folder, "tokenizer.json"))
    config = marian.make_config(tok.vocab)
    files.write_config(args.folder, config)
    model, data = marian.Marian(config), Data(tok, 0)
    test = data.tensors([data.item(s.en.text, s.ko.text)
                         for _, s in pairs.held_out("pairs", 300, ())])
    loop.train(model, data.batch, loss, args.folder, os.path.join(args.folder, "training.jsonl"),
               args.steps, PEAK, save, held_out=lambda m: loss(m, test).item(), warmup=400)


if __name__ == "__main__":
    main()
