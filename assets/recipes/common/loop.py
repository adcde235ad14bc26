"""The training loop of every recipe: AdamW, warm-up, cosine, a log, checkpoints.

The loop knows nothing of the model: what a batch is and what the loss is, the recipe says.
"""
import json
import math
import os
import time

import torch

# Embeddings are looked up, not multiplied: no weight decay pulls at rows that are rarely seen.
NOT_DECAYED = ("embed", "shared", "wte", "wpe")


def rate(step, steps, peak, warmup=200, floor=5e-5):
    """The learning rate: up in a line, then down by half a cosine."""
    if step < warmup:
        return peak * (step + 1) / warmup
    t = (step - warmup) / max(1, steps - warmup)
    return floor + (peak - floor) * 0.5 * (1 + math.cos(math.pi * t))


def named_parameters(model):
    """[(name, tensor)] of a module, or of a dict of tensors; a tied tensor comes once."""
    if not isinstance(model, dict):
        return list(model.named_parameters())
    seen, out = set(), []
    for name, p in model.items():
        if id(p) not in seen:
            out.append((name, p.requires_grad_()))
            seen.add(id(p))
    return out


def groups(named, weight_decay):
    decayed = [p for name, p in named
               if p.dim() >= 2 and not any(word in name for word in NOT_DECAYED)]
    chosen = {id(p) for p in decayed}
    return [{"params": decayed, "weight_decay": weight_decay},
            {"params": [p for _, p in named if id(p) not in chosen], "weight_decay": 0.0}]


def train(model, next_batch, loss_fn, out_dir, log_path, steps, peak_lr, save, held_out=None,
          warmup=200, floor=5e-5, weight_decay=0.1, betas=(0.9, 0.98), clip=1.0, check_every=250,
          save_every=1000, tokens_per_step=None, log_mode="w", extra=None):
    """Trains for `steps` steps.

    next_batch(step)       the batch of a step, whatever loss_fn takes
    loss_fn(model, batch)  a scalar tensor
    save(model, out_dir)   writes the weights (atomically: files.py); each save_every steps, and
                           at the end
    held_out(model)        the held-out loss, a float; called without gradients
    extra                  fields of each line of the log, a dict
    The log has one JSON object a line, each check_every steps and at the end: step, train (a
    running mean of the loss), held_out, seconds; log_mode "a" goes on with a log.
    """
    named = named_parameters(model)
    parameters = [p for _, p in named]
    optimizer = torch.optim.AdamW(groups(named, weight_decay), lr=peak_lr, betas=betas,
                                  foreach=True)
    start, running = time.time(), None
    os.makedirs(out_dir, exist_ok=True)
    with open(log_path, log_mode, encoding="utf-8") as log:
        for step in range(steps):
            for group in optimizer.param_groups:
                group["lr"] = rate(step, steps, peak_lr, warmup, floor)
            loss = loss_fn(model, next_batch(step))
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, clip)
            optimizer.step()
            value = loss.item()
            running = value if running is None else 0.98 * running + 0.02 * value
            done = step + 1
            if done % check_every == 0 or done == steps:
                line = dict(extra or {}, step=done)
                if tokens_per_step:
                    line["tokens"] = done * tokens_per_step
                line["train"] = round(running, 4)
                if held_out:
                    with torch.no_grad():
                        line["held_out"] = round(held_out(model), 4)
                line["seconds"] = round(time.time() - start)
                log.write(json.dumps(line) + "\n")
                log.flush()
            if done % save_every == 0 or done == steps:
                with torch.no_grad():
                    save(model, out_dir)
