"""trace_check.py F.safetensors [RECORD I,J…]: reads a trace with nothing but the format's own rules.

Checks the header, the metadata and that the tensors lie back to back, and prints how many records
there are; or prints one cell of one record.
"""
import json
import math
import struct
import sys


def read(path):
    with open(path, "rb") as file:
        raw = file.read()
    (size,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8:8 + size])
    meta = header.pop("__metadata__")
    data = raw[8 + size:]
    at = 0
    for name, t in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        begin, end = t["data_offsets"]
        assert begin == at, f"{name} begins at {begin}, expected {at}"
        assert end - begin == 4 * math.prod(t["shape"]), f"{name}: size"
        assert t["dtype"] in ("F32", "I32"), f"{name}: {t['dtype']}"
        t["values"] = struct.unpack(f"<{(end - begin) // 4}{'i' if t['dtype'] == 'I32' else 'f'}",
                                    data[begin:end])
        at = end
    assert at == len(data), f"{len(data) - at} bytes behind the last tensor"
    return header, meta


def check(header, meta):
    assert meta["format"] == "attnscope-trace", meta["format"]
    for key in "version", "model", "attention", "kv_cache":
        assert isinstance(meta[key], str) and meta[key], key
    tokens, records = json.loads(meta["tokens"]), json.loads(meta["records"])
    known = set()
    for r in records:
        t = header[r["name"]]
        assert set(r) == {"name", "op", "inputs", "axes"}, r
        assert len(r["axes"]) == len(t["shape"]), r["name"]
        # An input that is a record stands before its reader, but for a state that is carried on.
        for i in r["inputs"]:
            there = i not in header or i in known or r["op"] == "carry"
            assert there, f"{r['name']} reads {i} before it is there"
        known.add(r["name"])
    assert known == set(header), known ^ set(header)
    if "hook_tokens" in header:
        assert header["hook_tokens"]["dtype"] == "I32"
        assert len(tokens) == len(header["hook_tokens"]["values"])
    for name, t in header.items():
        if name.endswith("hook_pattern"):
            row = t["shape"][-1]
            for i in range(0, len(t["values"]), row):
                assert abs(sum(t["values"][i:i + row]) - 1) < 1e-5, f"{name}: row {i // row}"
    return len(records)


def main():
    header, meta = read(sys.argv[1])
    if len(sys.argv) == 2:
        print(check(header, meta))
        return
    t = header[sys.argv[2]]
    cell = 0
    for size, i in zip(t["shape"], map(int, sys.argv[3].split(","))):
        cell = cell * size + i
    print(f"{t['values'][cell]:.9g}")


if __name__ == "__main__":
    main()
