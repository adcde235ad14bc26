"""What flash attention holds after each block of keys, of one head, from the scores and values that
PyTorch computed (expected*.safetensors): `expected-flash.safetensors` in the same folders.

Plain NumPy, in double, and not the algorithm: what stands after a block of keys is the softmax of all
keys up to there, before its division. That the last block, divided, is the attention that PyTorch
computed is checked. Reads nothing of this project."""
import json
import os
import struct

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDERS = [("llama-a", "expected", 2, 4, 3), ("t5-a", "expected", 3, 3, 2),
           ("bert-d", "expected-padded", 2, 2, 1)]  # rows, columns of a tile, head
TYPES = {"F32": np.float32, "I32": np.int32}


def load(path):
    with open(path, "rb") as file:
        size, = struct.unpack("<Q", file.read(8))
        head, data = json.loads(file.read(size)), file.read()
    meta = head.pop("__metadata__", {})
    arrays = {name: np.frombuffer(data[t["data_offsets"][0]:t["data_offsets"][1]],
                                  TYPES[t["dtype"]]).reshape(t["shape"])
              for name, t in head.items()}
    return arrays, meta


def save(path, arrays, meta):
    head, data = {"__metadata__": meta}, b""
    for name, array in arrays.items():
        kind = "I32" if array.dtype == np.int32 else "F32"
        raw = np.ascontiguousarray(array, TYPES[kind]).tobytes()
        head[name] = {"dtype": kind, "shape": list(array.shape),
                      "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def tiles(scores, values, columns):
    """scores [Tq Tk], values [Tk D] → the six records."""
    Tq, Tk = scores.shape
    ends = [min(end, Tk) for end in range(columns, Tk + columns, columns)]
    most = np.stack([scores[:, :end].max(axis=1) for end in ends])
    finite = np.where(np.isfinite(most), most, 0)
    before = np.concatenate([np.full((1, Tq), -np.inf), most[:-1]])
    weights = np.exp(scores - finite[np.arange(Tk) // columns].T)
    whole = [np.exp(scores[:, :end] - m[:, None]) for end, m in zip(ends, finite)]
    return {"scores": scores, "max": most, "rescale": np.exp(before - finite), "weights": weights,
            "sum": np.stack([p.sum(axis=1) for p in whole]),
            "acc": np.stack([p @ values[:end] for p, end in zip(whole, ends)])}


for folder, source, rows, columns, head in FOLDERS:
    given, meta = load(os.path.join(HERE, folder, source + ".safetensors"))
    made = {name: a for name, a in given.items() if a.dtype == np.int32}
    for name in given:
        if not name.endswith("attn.hook_attn_scores"):
            continue
        part = name[:-len("hook_attn_scores")]
        scores, v = (given[part + end].astype(float) for end in ("hook_attn_scores", "hook_v"))
        values = v[:, head // (scores.shape[0] // v.shape[1])]
        records = tiles(scores[head], values, columns)
        for end, record in records.items():
            made[f"{part}flash.hook_{end}"] = record
        z = records["acc"][-1] / records["sum"][-1][:, None]
        made[part + "hook_z"] = given[part + "hook_z"]
        assert np.abs(z - given[part + "hook_z"][:, head]).max() < 1e-5
    meta = {**meta, "tile_rows": str(rows), "tile_columns": str(columns), "head": str(head)}
    save(os.path.join(HERE, folder, "expected-flash.safetensors"), made, meta)
    print(folder, len(made))
