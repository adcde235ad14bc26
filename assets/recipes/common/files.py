"""Files of a model folder: written whole or not at all, so that a reader never sees half of one."""
import json
import os
import struct

import numpy
import torch


def write_atomic(path, data):
    """Text or bytes, in one move."""
    part = path + ".part"
    with open(part, "wb") as f:
        f.write(data.encode() if isinstance(data, str) else data)
    os.replace(part, path)


def write_json(path, value, indent=2):
    write_atomic(path, json.dumps(value, ensure_ascii=False, indent=indent) + "\n")


def write_config(folder, config):
    """config.json of a model folder."""
    os.makedirs(folder, exist_ok=True)
    write_json(os.path.join(folder, "config.json"), config)


def read_json(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def read_lines(path):
    """The objects of a JSON-lines file."""
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def write_safetensors_f16(path, weights):
    """{name: tensor} as F16 safetensors: header length (u64), JSON header, data; 8-byte aligned."""
    header, chunks, at = {"__metadata__": {"format": "pt"}}, [], 0
    for name in sorted(weights):
        data = weights[name].detach().to(torch.float16).contiguous().numpy().tobytes()
        header[name] = {"dtype": "F16", "shape": list(weights[name].shape),
                        "data_offsets": [at, at + len(data)]}
        chunks.append(data)
        at += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    write_atomic(path, struct.pack("<Q", len(text)) + text + b"".join(chunks))


def read_safetensors(path):
    """{name: F32 tensor} of what write_safetensors_f16 wrote."""
    with open(path, "rb") as f:
        raw = f.read()
    size = struct.unpack("<Q", raw[:8])[0]
    header, weights = json.loads(raw[8:8 + size]), {}
    for name, t in header.items():
        if name != "__metadata__":
            lo, hi = (8 + size + o for o in t["data_offsets"])
            array = numpy.frombuffer(raw[lo:hi], dtype="<f2").astype(numpy.float32)
            weights[name] = torch.from_numpy(array.reshape(t["shape"]))
    return weights
