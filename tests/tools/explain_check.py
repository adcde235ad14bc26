"""explain_check.py PROGRAM MODEL TRACE IDS: asks for two cells of every record of the trace, and
compares: the value with the trace's, the operands that are records with theirs, those that are
weights with the model's file, and what is recomputed with the value."""
import json
import math
import os
import subprocess
import sys

from trace_check import read

FORMS = {"a": lambda v: v[0], "a · b": lambda v: v[0] * v[1],
         "a · b · c": math.prod, "a ÷ b": lambda v: v[0] / v[1]}


def read_weights(path):
    import struct
    with open(path, "rb") as file:
        raw = file.read()
    (size,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8:8 + size])
    for t in header.values():
        begin, end = (8 + size + at for at in t["data_offsets"])
        t["values"] = struct.unpack(f"<{(end - begin) // 4}f", raw[begin:end])
    return header


def cell_of(tensors, name, index):
    t, cell = tensors[name], 0
    assert len(index) == len(t["shape"]), f"{name}{index} in {t['shape']}"
    for size, i in zip(t["shape"], index):
        assert i < size, f"{name}{index} in {t['shape']}"
        cell = cell * size + i
    return t["values"][cell]


def near(a, b, most):
    a, b = float(a), float(b)
    return a == b or abs(a - b) <= most * max(1, abs(b))


def check(e, records, weights, name, index):
    assert e["record"] == name and e["index"] == index and e["formula"] and e["rule"] and e["terms"]
    assert near(e["value"], cell_of(records, name, index), 1e-8), "value"
    assert near(e["recomputed"], e["value"], 1e-5), f"recomputed {e['recomputed']}, is {e['value']}"
    for term in e["terms"]:
        values = [o["value"] for o in term["operands"] if not o.get("selects")]
        if term["form"] in FORMS:
            assert near(FORMS[term["form"]]([float(v) for v in values]), term["value"], 1e-6), term
        for o in term["operands"]:
            kind, = {"record", "weight", "constant"} & set(o)
            if kind != "constant":
                source = records if kind == "record" else weights
                assert near(o["value"], cell_of(source, o[kind], o["index"]), 1e-8), o


def main(program, model, trace, ids):
    records, meta = read(trace)
    weights = read_weights(os.path.join(model, "model.safetensors"))
    cells = 0
    for r in json.loads(meta["records"]):
        name, shape = r["name"], records[r["name"]]["shape"]
        for index in [n - 1 for n in shape], [(n - 1) // 2 for n in shape]:
            cell = f"{name}[{','.join(map(str, index))}]"
            out = subprocess.run([program, "explain", "--model", model, "--tokens", ids, "--seed", "3",
                                  "--cell", cell, "--json"], capture_output=True, text=True)
            assert out.returncode == 0 and not out.stderr, out.stderr
            try:
                check(json.loads(out.stdout), records, weights, name, index)
            except AssertionError as error:
                sys.exit(f"{cell}: {error}")
            cells += 1
    print(cells)


if __name__ == "__main__":
    main(*sys.argv[1:])
