"""worksheet_check.py KEY.pdf SHEET.pdf ATTNSCOPE MODEL: the lesson of tests/test_worksheet.sh as it was
printed, against a trace of the same text: each number of the matrix, the blank, the answer.
"""
import json
import math
import re
import struct
import subprocess
import sys
import tempfile

RECORD = "blocks.1.attn.hook_attn_scores_scaled"


def text_of(path):
    return subprocess.run(["pdftotext", "-layout", path, "-"], check=True, capture_output=True,
                          text=True).stdout


def read_record(path, name):
    raw = open(path, "rb").read()
    end = 8 + int.from_bytes(raw[:8], "little")
    tensor = json.loads(raw[8:end])[name]
    first, last = tensor["data_offsets"]
    return tensor["shape"], struct.unpack(f"<{(last - first) // 4}f", raw[end + first:end + last])


def shown(value, digits):
    text = f"{value:.{digits}f}"
    return text.replace("-", "−") if float(text) else text.lstrip("-")


def numbers_of(text):
    """The cells of the matrix, a list for each line of it."""
    lines = [re.findall(r"(?<!\S)−?\d+\.\d\d(?!\S)", line) for line in text.splitlines()]
    return [line for line in lines if line and len(line) > 1]


def prompt_of(path):
    info = subprocess.run(["pdfinfo", path], check=True, capture_output=True, text=True).stdout
    return re.search(r"; prompt: (.*?); options: lesson worksheet", info).group(1)


def main(key_path, sheet_path, program, model):
    key, sheet = text_of(key_path), text_of(sheet_path)
    asked = re.search(r"head (\d) query (\d) key (\d) of (\d+)", key)
    assert asked and asked.group(0) in sheet and prompt_of(key_path) == prompt_of(sheet_path), "the key is to another question than the sheet's"
    h, q, k = (int(asked.group(i)) for i in (1, 2, 3))
    with tempfile.NamedTemporaryFile(suffix=".safetensors") as file:
        subprocess.run([program, "trace", "--model", model, "--prompt", prompt_of(key_path),
                        "--output", file.name], check=True, capture_output=True)
        shape, values = read_record(file.name, RECORD)
    cell = lambda i, j: values[(h * shape[1] + i) * shape[2] + j]
    wanted = [[shown(cell(i, j), 2) for j in range(4)] for i in range(4)]
    found = numbers_of(key)
    assert found[:4] == wanted, f"the key's matrix is {found[:4]}, the trace has {wanted}"
    wanted[q].pop(k)
    found = numbers_of(sheet)
    assert found[:4] == wanted, f"the sheet's matrix is {found[:4]}, expected {wanted}"
    answer = shown(cell(q, k) * math.sqrt(int(asked.group(4))), 2)
    assert re.search(rf"Answer: +{answer}$", key, re.M), f"the key lacks the answer {answer}"
    assert re.search(r"Answer:\s*$", sheet, re.M), "the sheet has no place for the answer"
    assert f"times √d gives {answer}." in key, "the key lacks the arithmetic"
    assert "gives" not in sheet and "Students" not in sheet, "the sheet tells what is the key's"
    assert "Students forget" in key, "the key lacks the teacher's note"


if __name__ == "__main__":
    main(*sys.argv[1:])
