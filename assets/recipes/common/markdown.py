"""Model cards: numbers and tables put into a recipe's card.md. No number is typed in by hand."""
import os
import re
import textwrap

import files


def num(x, digits=2):
    return "" if x is None else f"{x:.{digits}f}".replace("-", "−")


def percent(x, digits=1):
    return num(100 * x, digits) + "%"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(map(str, r)) + " |" for r in rows])


def size(folder):
    """Bytes of the weights."""
    return f"{os.path.getsize(os.path.join(folder, 'model.safetensors')):,}"


def curve(log, points=8, digits=3):
    """The training curve as a short table, from the lines of training.jsonl."""
    last = len(log) - 1
    picks = sorted({round(last * (k / (points - 1)) ** 2) for k in range(points)})
    return table(["step", "training loss", "held-out loss"],
                 [[f"{log[k]['step']:,}", num(log[k]["train"], digits),
                   num(log[k]["held_out"], digits)] for k in picks])


def wrapped(block):
    """A paragraph or a list laid out anew; tables, quotations and examples as they are."""
    if block.startswith(("|", ">", "#", "    ")):
        return block
    parts = re.split(r"\n(?=- )", block)
    return "\n".join(textwrap.fill(" ".join(p.split()), 100, break_on_hyphens=False,
                                   break_long_words=False,
                                   subsequent_indent="  " if p.startswith("- ") else "")
                     for p in parts)


def filled(text, values):
    """The text with {{name}} replaced by its value, in lines of 100 characters."""
    text = re.sub(r"\{\{(\w+)\}\}", lambda m: str(values[m.group(1)]), text)
    return "\n\n".join(wrapped(block) for block in text.strip().split("\n\n")) + "\n"


def fill(recipe, folder, values):
    """MODEL_DIR/README.md from the recipe's card.md, in which {{name}} stands for a value."""
    with open(os.path.join(recipe, "card.md"), encoding="utf-8") as f:
        files.write_atomic(os.path.join(folder, "README.md"), filled(f.read(), values))
