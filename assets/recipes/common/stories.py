"""The story corpus as training batches, the same for every model that learns from it.

The sequences are the story recipe's own, encoded once and kept in a file, since several models read
them. Each story is told once. Stage 0 is the plain mix of events with 4% drills; stage 1 tells what
is hard more often, with 8% drills (which a recurrent model could not learn: it does without).
"""
import glob
import os
import zlib

import numpy
import torch

import train

LENGTH, BATCH = 160, 12


def mark(tok):
    """Changes when the corpus or the tokenizer does, so that no old file is read for a new one."""
    crc = zlib.crc32(repr(sorted(tok.vocab.items())).encode())
    for path in sorted(glob.glob(os.path.join(os.path.dirname(train.__file__), "*.py"))):
        with open(path, "rb") as f:
            crc = zlib.crc32(f.read(), crc)
    return f"{crc:08x}"


def sequences(tok, count, stage, folder, length=LENGTH, drills=True):
    """[count, length + 1] token ids; read from a file in `folder` if it holds enough of them."""
    kind = "drills" if drills else "plain"
    cache = os.path.join(folder, f"stories-{mark(tok)}-{stage}-{length}-{kind}.npy")
    if os.path.exists(cache):
        rows = numpy.load(cache)
        if len(rows) >= count and rows.shape[1] == length + 1:
            return rows[:count]
    data = train.Data(tok, stage, stage, 0)   # a seed of its own: no story comes again
    if not drills:
        data.stage = dict(data.stage, drills=0)
    rows = numpy.array([data.sequence(length)[0] for _ in range(count)], dtype=numpy.int16)
    with open(cache + ".part", "wb") as f:
        numpy.save(f, rows)
    os.replace(cache + ".part", cache)
    return rows


def batches(rows, batch):
    """next_batch for the loop: (ids, targets) [batch, length], in order, each row once."""
    def next_batch(step):
        part = torch.from_numpy(rows[step * batch:(step + 1) * batch].astype(numpy.int64))
        return part[:, :-1], part[:, 1:]
    return next_batch
