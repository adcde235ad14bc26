"""Trains a model on the story corpus, as a recipe.json says.

    train_stories.py RECIPE.JSON MODEL_DIR [--steps N] [--round K] [--tokens DIR]

RECIPE.JSON: {"config": arguments of decoder.config or recurrent.config, "rounds": [{"steps",
"peak", "stage"}, ...]}, and where they differ from the usual: "batch", "length", "drills", "weight_decay".
A round goes on from the F16 weights of the one before.
MODEL_DIR gets config.json, tokenizer.json (the story model's), model.safetensors, training.jsonl.
"""
import argparse
import os
import tempfile

import torch
from torch.nn import functional as F

import bpe
import decoder
import files
import recurrent
import stories
from loop import train
from train import held_out

BALANCE = 0.02          # how much the mixture's balance loss weighs
CHECK_STORIES = 200
SEED = 0
HERE = os.path.dirname(os.path.abspath(__file__))
TOKENIZER = os.path.join(HERE, "..", "..", "models", "story", "tokenizer.json")


def is_recurrent(config):
    return config["model_type"] in ("lstm", "rnn")


def make_config(recipe, tok):
    module = recurrent if recipe["config"]["model_type"] in ("lstm", "rnn") else decoder
    return module.config(vocab_size=len(tok.vocab), eot=tok.eot, **recipe["config"])


def new_model(config, seed):
    """A recurrent.Model, or a decoder's dict of weights."""
    return (recurrent.Model(config, seed) if is_recurrent(config)
            else decoder.init_weights(config, seed))


def load_model(folder):
    """(model, config) from the files of a model folder."""
    config = files.read_json(os.path.join(folder, "config.json"))
    weights = files.read_safetensors(os.path.join(folder, "model.safetensors"))
    if not is_recurrent(config):
        return weights, config
    model = recurrent.Model(config)
    model.load_state_dict(weights)
    return model, config


def logits(model, config, ids, **kw):
    return model(ids) if is_recurrent(config) else decoder.forward(model, config, ids, **kw)


def cross_entropy(x, targets):
    return F.cross_entropy(x.flatten(0, 1), targets.flatten())


def loss_fn(config):
    def loss(model, batch):
        ids, targets = batch
        if "num_local_experts" not in config:
            return cross_entropy(logits(model, config, ids), targets)
        routes = []
        x = logits(model, config, ids, routes=routes)
        return cross_entropy(x, targets) + BALANCE * decoder.balance_loss(routes)
    return loss


def save(model, folder):
    weights = model if isinstance(model, dict) else model.state_dict()
    files.write_safetensors_f16(os.path.join(folder, "model.safetensors"), weights)


def train_round(k, recipe, config, tok, folder, tokens, steps):
    this = recipe["rounds"][k]
    batch, length = recipe.get("batch", stories.BATCH), recipe.get("length", stories.LENGTH)
    rows = stories.sequences(tok, steps * batch, this["stage"], tokens, length,
                             recipe.get("drills", True))
    model = new_model(config, SEED) if k == 0 else load_model(folder)[0]
    ids, targets, _ = held_out(tok, "same", CHECK_STORIES)
    train(model, stories.batches(rows, batch), loss_fn(config), folder,
          os.path.join(folder, "training.jsonl"), steps, this["peak"], save,
          held_out=lambda m: cross_entropy(logits(m, config, ids), targets).item(),
          weight_decay=recipe.get("weight_decay", 0.1), tokens_per_step=batch * length,
          log_mode="w" if k == 0 else "a", extra={"round": k})


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    parser.add_argument("folder")
    parser.add_argument("--steps", type=int, help="of each round, to look at a change quickly")
    parser.add_argument("--round", type=int, help="this one only (counted from 0)")
    parser.add_argument("--tokens", default=tempfile.gettempdir(),
                        help="where the encoded corpus is kept between models")
    args = parser.parse_args()
    torch.set_num_threads(1)
    recipe = files.read_json(args.recipe)
    tok = bpe.Tokenizer(TOKENIZER)
    config = make_config(recipe, tok)
    files.write_config(args.folder, config)
    with open(TOKENIZER, "rb") as f:
        files.write_atomic(os.path.join(args.folder, "tokenizer.json"), f.read())
    rounds = range(len(recipe["rounds"])) if args.round is None else [args.round]
    for k in rounds:
        train_round(k, recipe, config, tok, args.folder, args.tokens,
                    args.steps or recipe["rounds"][k]["steps"])


if __name__ == "__main__":
    main()
