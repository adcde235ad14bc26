"""`make bench`: how long one waits. Prints a table and writes build/bench.json.

Each measurement takes turns with a yardstick on the same machine in the same minute, and the ratio
of their medians is what to compare between machines and days.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

PROGRAM = "build/attnscope"
MODEL = "assets/models/story"
PROMPT = "One day Anna found a small red ball in the garden. She gave the ball to Tom."
ROUNDS = 15

ENV = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
ENV["SDL_VIDEODRIVER"] = "dummy"


def run(command):
    """Milliseconds that the command takes, from the start of its process to its end."""
    start = time.perf_counter()
    done = subprocess.run(command, env=ENV, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    took = (time.perf_counter() - start) * 1000
    if done.returncode != 0:
        sys.exit(f"bench: {' '.join(command)}: exit {done.returncode}\n{done.stderr}")
    return took


def in_turn(first, second):
    """Medians of two commands that take turns; one round before that warms the caches."""
    run(first), run(second)
    times = [(run(first), run(second)) for _ in range(ROUNDS)]
    return [statistics.median(column) for column in zip(*times)]


def row(name, against, value, yardstick):
    return {"name": name, "ms": round(value, 3), "against": against,
            "against_ms": round(yardstick, 3), "ratio": round(value / yardstick, 2)}


def measure(folder):
    script = os.path.join(folder, "quit.txt")
    with open(script, "w") as file:
        file.write("quit\n")
    trace = [PROGRAM, "trace", "--model", MODEL, "--prompt", PROMPT, "--output"]
    inner = json.loads(subprocess.run([PROGRAM, "bench", "--model", MODEL, "--json"], env=ENV,
                                      check=True, capture_output=True, text=True).stdout)
    rows = [
        row("start to first frame (and out)", "a bare SDL window",
            *in_turn([PROGRAM, "open", "--size", "1280x800", "--script", script],
                     ["build/bench/bare_window"])),
        row("attnscope trace, whole command", "attnscope tokens",
            *in_turn(trace + [os.path.join(folder, "t.safetensors")],
                     [PROGRAM, "tokens", "--model", MODEL, "--prompt", PROMPT])),
        row(f"prompt to trace, {inner['tokens']} tokens", "only the logits kept",
            inner["trace_ms"], inner["forward_ms"]),
    ]
    return rows, inner


def main():
    with tempfile.TemporaryDirectory() as folder:
        rows, inner = measure(folder)
    print(f"{'':34}{'median':>12}   {'yardstick':24}{'median':>12}{'ratio':>8}")
    for r in rows:
        print(f"{r['name']:34}{r['ms']:9.2f} ms   {r['against']:24}{r['against_ms']:9.2f} ms"
              f"{r['ratio']:8.2f}")
    print(f"{'open the model':34}{inner['model_open_ms']:9.2f} ms")
    print(f"{'generate':34}{inner['tokens_per_second']:9.1f} tokens a second")
    result = {"rounds": ROUNDS, "rows": rows, "inner": inner}
    with open("build/bench.json", "w") as file:
        json.dump(result, file, indent=2)
        file.write("\n")


if __name__ == "__main__":
    main()
