"""export_check.py: reads what `attnscope export data` wrote with Python's csv and json and with NumPy,
and compares it with a trace, bit for bit.

export_check.py record TRACE.safetensors RECORD HEAD|all PREFIX PROMPT LABELS.json
    PREFIX.csv, .npy, .json, .safetensors; LABELS: what `attnscope trace --json` printed
export_check.py page DATA.md TRACE.safetensors FOLDER
    runs the page's Python in FOLDER, which has the files pattern.*
"""
import csv
import json
import os
import re
import sys

import numpy

LABELLED = ("position", "query", "key")


def read_trace(path):
    raw = open(path, "rb").read()
    end = 8 + int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8:end])
    meta = header.pop("__metadata__")
    axes = {record["name"]: record["axes"] for record in json.loads(meta["records"])}
    arrays = {}
    for name, tensor in header.items():
        first, last = tensor["data_offsets"]
        dtype = {"F32": "<f4", "I32": "<i4"}[tensor["dtype"]]
        arrays[name] = numpy.frombuffer(raw[end + first:end + last], dtype).reshape(tensor["shape"])
    return meta, axes, arrays


def same(what, found, wanted):
    assert found.shape == wanted.shape, f"{what}: shape {found.shape}, not {wanted.shape}"
    assert found.dtype == wanted.dtype, f"{what}: {found.dtype}, not {wanted.dtype}"
    assert found.tobytes() == wanted.tobytes(), f"{what}: other numbers than the trace"


def check_about(what, about, record, head, prompt):
    assert about["model"] and about["attnscope"], f"{what}: {about}"
    assert about["record"] == record, f"{what}: record {about['record']}"
    assert about["prompt"] == prompt, f"{what}: prompt {about['prompt']!r}"
    assert about.get("head") == head, f"{what}: head {about.get('head')}"
    assert "options" in about, f"{what}: no options"


def heading(axis, labels, i):
    return labels[i] if axis in LABELLED else str(i)


def read_table(rows, wanted, axes, labels):
    columns = ["value"] if wanted.ndim == 1 else None
    width = 1 if wanted.ndim == 1 else wanted.shape[1]
    if columns is None and axes[1] != "vocab":
        columns = [heading(axes[1], labels, j) for j in range(width)]
    assert columns is None or rows[0][1:] == columns, f"csv: headings {rows[0][1:]}"
    assert all(len(row) == width + 1 for row in rows), "csv: lines of unequal length"
    names = [heading(axes[0], labels, i) for i in range(wanted.shape[0])]
    assert [row[0] for row in rows[1:]] == names, "csv: row labels"
    return numpy.array([row[1:] for row in rows[1:]], wanted.dtype).reshape(wanted.shape)


def read_long(rows, wanted, axes, labels):
    columns = {name: j for j, name in enumerate(rows[0])}
    found = numpy.zeros(wanted.shape, wanted.dtype)
    assert len(rows) == wanted.size + 1, f"csv: {len(rows)} lines"
    for n, row in enumerate(rows[1:]):
        index = tuple(int(row[columns[axis]]) for axis in axes)
        assert index == numpy.unravel_index(n, wanted.shape) and row[0] == str(n), f"csv: line {n}"
        for axis, i in zip(axes, index):
            if axis in LABELLED:
                assert row[columns[axis + "_label"]] == labels[i], f"csv: label of line {n}"
        found[index] = row[columns["value"]]
    return found


def check_csv(path, wanted, axes, labels):
    raw = open(path, "rb").read()
    assert raw.endswith(b"\r\n") and raw.count(b"\n") == raw.count(b"\r\n"), "csv: line ends"
    rows = list(csv.reader(open(path, encoding="utf-8", newline=""), strict=True))
    same("csv", (read_table if wanted.ndim < 3 else read_long)(rows, wanted, axes, labels), wanted)
    return json.loads(rows[0][0])


def no_constant(name):
    raise AssertionError(f"json: {name} is no JSON")


def check_json(path, wanted, axes, labels):
    data = json.load(open(path, encoding="utf-8"), parse_constant=no_constant)
    assert data["axes"] == axes and data["shape"] == list(wanted.shape), f"json: {data['axes']}"
    for axis in axes:
        if axis in LABELLED:
            assert data["labels"][axis] == labels, f"json: labels of {axis}"
    same("json", numpy.array(data["values"], data["dtype"]), wanted)
    return data


def check_npy(path, wanted):
    found = numpy.load(path, allow_pickle=False)
    assert found.flags.c_contiguous, "npy: not in C order"
    same("npy", found, wanted)
    return json.loads(open(path, "rb").read().split(b" # ", 1)[1].split(b"\n", 1)[0])


def check_safetensors(path, record, wanted, axes, trace_meta):
    meta, found_axes, arrays = read_trace(path)
    assert list(arrays) == [record] and found_axes[record] == axes, f"safetensors: {found_axes}"
    for key, value in trace_meta.items():
        assert key == "records" or meta[key] == value, f"safetensors: {key}"
    same("safetensors", arrays[record], wanted)
    return meta


def check_record(trace, record, head, prefix, prompt, labels):
    meta, axes, arrays = read_trace(trace)
    wanted, axes, labels = arrays[record], axes[record], json.load(open(labels))["tokens"]
    head = None if head == "all" else head
    if head is not None:
        at = [i for i, axis in enumerate(axes) if axis in ("head", "kv_head")][0]
        wanted = numpy.take(wanted, int(head), at)
        axes = axes[:at] + axes[at + 1:]
    abouts = {"csv": check_csv(prefix + ".csv", wanted, axes, labels),
              "json": check_json(prefix + ".json", wanted, axes, labels),
              "npy": check_npy(prefix + ".npy", wanted),
              "safetensors": check_safetensors(prefix + ".safetensors", record, wanted, axes, meta)}
    for what, about in abouts.items():
        check_about(what, about, record, head, prompt)


def run_page(page, trace, folder):
    blocks = re.findall(r"^```python\n(.*?)^```", open(page, encoding="utf-8").read(), re.S | re.M)
    assert len(blocks) == 5, f"the page has {len(blocks)} blocks of Python"
    wanted = read_trace(trace)[2]["blocks.0.attn.hook_pattern"][1]
    os.chdir(folder)
    for block in blocks:
        if "from safetensors" in block:
            try:
                import safetensors  # noqa: F401
            except ImportError:
                print("no safetensors library here")
                continue
        names = {}
        exec(block, names)
        same(block, names["pattern"], wanted)
        assert names["about"]["record"] == "blocks.0.attn.hook_pattern", block


if __name__ == "__main__":
    {"record": check_record, "page": run_page}[sys.argv[1]](*sys.argv[2:])
