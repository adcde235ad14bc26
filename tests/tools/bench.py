"""`make bench`: how fast it is, against goals and yardsticks. Prints tables and writes build/bench.json.

Everything that is compared takes turns on the same machine in the same minute, and ratios of medians are
what to compare between machines and days; ratios of the shortest times stand beside them, which other
work on the machine touches least. QUICK=1 measures less often, and no text of 1,024 tokens.
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
QUICK = os.environ.get("QUICK", "") not in ("", "0")
ROUNDS = 3 if QUICK else 5
CORES = len(os.sched_getaffinity(0))

ENV = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
ENV["SDL_VIDEODRIVER"] = "dummy"


# ---- running ----

def run(command):
    """What the command prints."""
    done = subprocess.run(command, env=ENV, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"bench: {' '.join(command)}: exit {done.returncode}\n{done.stderr}")
    return done.stdout


def wall(command):
    """Milliseconds from the start of the command's process to its end."""
    start = time.perf_counter()
    run(command)
    return (time.perf_counter() - start) * 1000


def ours(shape, task, length, repeat, threads=2, *options):
    return json.loads(run([PROGRAM, "bench", "--shape", shape, "--task", task, "--length", str(length),
                           "--repeat", str(repeat), "--threads", str(threads), "--json", *options]))


def yardstick(name, length, repeat, threads=2):
    return json.loads(run([f"build/bench/{name}", str(length), str(repeat), str(threads)]))


class Times(list):
    """Milliseconds of one thing, from all the rounds."""
    def median(self):
        return statistics.median(self)

    def report(self):
        return {"median_ms": round(self.median(), 4), "min_ms": round(min(self), 4)}


def in_turn(rounds, *measures):
    """Calls the measures in turn; each gives a list of times a round."""
    all_times = [Times() for _ in measures]
    for _ in range(rounds):
        for times, measure in zip(all_times, measures):
            times.extend(measure())
    return all_times


def ratios(above, below):
    """Of the medians, and of the shortest."""
    return above.median() / below.median(), min(above) / min(below)


# ---- goals ----

GOALS = []


def goal(work, must, aim, reached, value, must_value, aim_value, least=True, **numbers):
    """A row of the table. `least`: the value is to be at least so large, else at most."""
    def holds(bound):
        return value >= bound if least else value <= bound
    word = "aim" if holds(aim_value) else "met" if holds(must_value) else "not met"
    GOALS.append({"work": work, "must": must, "aim": aim, "reached": reached, "word": word,
                  "value": round(value, 4), **numbers})
    print(f"{work:44}{must:>12}{aim:>12}  {word:9}{reached}", flush=True)


def check_yardsticks():
    """They are to compute what the engine computes: the largest difference between what they say."""
    differences = {}
    for name, length in (("openblas_forward", 48), ("llama_decode", 16), ("naive_attention", 200)):
        differences[name] = json.loads(run([f"build/bench/{name}", str(length), "1", "2",
                                            "check"]))["difference"]
        if not differences[name] < 1e-4:
            sys.exit(f"bench: {name} computes something else: {differences[name]} of the largest number")
    return differences


def prefill():
    for length, repeat in ((64, 5), (256, 3), (1024, 2))[:2 if QUICK else 3]:
        mine, theirs = in_turn(ROUNDS if length < 1024 else 3,
                               lambda: ours("gpt2-124m", "prefill", length, repeat)["times_ms"],
                               lambda: yardstick("openblas_forward", length, repeat)["times_ms"])
        ratio, least = ratios(mine, theirs)
        goal(f"prefill GPT-2 124M, T = {length:,}, to OpenBLAS", "≤ 1.15×", "≤ 0.9×",
             f"{ratio:.2f}× ({least:.2f}×): {mine.median():.0f} ms to {theirs.median():.0f}",
             ratio, 1.15, 0.9, least=False, ratio_of_minima=round(least, 4), ours=mine.report(),
             openblas=theirs.report())


DECODE_TOKENS = 32
DECODE_LENGTH = 128


def per_second(ms):
    return DECODE_TOKENS * 1000 / ms


def decode():
    bytes_a_run = ours("llama-15m", "decode", DECODE_LENGTH, 1)["bytes"]
    f32, memory, bf16, f16, theirs, one, theirs_one = in_turn(
        ROUNDS,
        lambda: ours("llama-15m", "decode", DECODE_LENGTH, 5)["times_ms"],
        lambda: [bytes_a_run / 1e6 / json.loads(run(["build/bench/memory"]))["two"]],
        lambda: ours("llama-15m", "decode", DECODE_LENGTH, 5, 2, "--weights", "bf16")["times_ms"],
        lambda: ours("llama-15m", "decode", DECODE_LENGTH, 5, 2, "--weights", "f16")["times_ms"],
        lambda: yardstick("llama_decode", DECODE_LENGTH, 5)["times_ms"],
        lambda: ours("llama-15m", "decode", DECODE_LENGTH, 5, 1)["times_ms"],
        lambda: yardstick("llama_decode", DECODE_LENGTH, 5, 1)["times_ms"])
    share, least = ratios(memory, f32)  # what reading the bytes takes, of what decoding takes
    goal("decode 15M, F32, of bytes ÷ memory's speed", "≥ 95 %", "",
         f"{share:.0%} ({least:.0%}): {per_second(f32.median()):.0f} tokens/s, memory "
         f"{bytes_a_run / 1e6 / memory.median():.1f} GB/s", share, 0.95, float("inf"),
         ratio_of_minima=round(least, 4), ours=f32.report(), reading=memory.report())
    ratio, least = ratios(theirs, f32)
    goal("decode 15M, F32, to a plain C decoder", "", "≥ 1.15×",
         f"{ratio:.2f}× ({least:.2f}×): {per_second(f32.median()):.0f} tokens/s to "
         f"{per_second(theirs.median()):.0f}", ratio, 0, 1.15, ratio_of_minima=round(least, 4),
         plain=theirs.report(), one_thread=one.report(), plain_one_thread=theirs_one.report())
    ratio, least = ratios(f32, bf16)
    goal("decode 15M, BF16 to F32", "≥ 1.7×", "≥ 1.9×",
         f"{ratio:.2f}× ({least:.2f}×): {per_second(bf16.median()):.0f} tokens/s; F16 "
         f"{per_second(f16.median()):.0f}", ratio, 1.7, 1.9, ratio_of_minima=round(least, 4),
         bf16=bf16.report(), f16=f16.report())


def beside_busy():
    quiet, busy = Times(), Times()
    for _ in range(ROUNDS):
        quiet.extend(ours("llama-15m", "decode", DECODE_LENGTH, 3)["times_ms"])
        loops = [subprocess.Popen(["sh", "-c", "while :; do :; done"]) for _ in range(CORES)]
        try:
            busy.extend(ours("llama-15m", "decode", DECODE_LENGTH, 3)["times_ms"])
        finally:
            for loop in loops:
                loop.kill()
                loop.wait()
    ratio, least = ratios(quiet, busy)
    goal(f"decode 15M beside {CORES} busy processes", "≥ 40 %", "≥ 50 %",
         f"{ratio:.0%} ({least:.0%}) of {per_second(quiet.median()):.0f} tokens/s", ratio, 0.4, 0.5,
         ratio_of_minima=round(least, 4), quiet=quiet.report(), busy=busy.report())


def flash():
    options = ["--attention", "flash", "--mask", "full"]
    isa = ours("gpt2-124m", "attention", 64, 1, 1)["isa"]
    must = {"avx512": 4, "avx2": 3}.get(isa, 3)
    for length in (1024, 2048) if QUICK else (1024, 2048, 4096):
        repeat = 8192 // length
        tiles, naive, standard = in_turn(
            ROUNDS,
            lambda: ours("gpt2-124m", "attention", length, repeat, 1, *options)["times_ms"],
            lambda: yardstick("naive_attention", length, repeat, 1)["times_ms"],
            lambda: ours("gpt2-124m", "attention", length, repeat, 1, *options[2:])["times_ms"])
        ratio, least = ratios(naive, tiles)
        goal(f"flash to naive, one thread, n = {length:,}, d = 64", f"≥ {must}×", "≥ 6.5×",
             f"{ratio:.1f}× ({least:.1f}×): {tiles.median():.2f} ms, {isa}; to standard "
             f"{ratios(standard, tiles)[0]:.1f}×", ratio, must, 6.5, ratio_of_minima=round(least, 4),
             flash=tiles.report(), naive=naive.report(), standard=standard.report(), isa=isa,
             gflops=round(4e-6 * length * length * 64 / tiles.median(), 1))
    extra = [ours("gpt2-124m", "attention", length, 1, 1, *options)["extra_bytes"]
             for length in (1024, 8192)]
    goal("flash's memory a thread, n = 1,024 and 8,192", "≤ 256 KiB", "≤ 96 KiB",
         f"{extra[0] / 1024:.1f} and {extra[1] / 1024:.1f} KiB", max(extra), 256 * 1024, 96 * 1024,
         least=False, bytes=extra)


def trace():
    for length, must, aim in ((256, 5, 2), (1024, 15, 5))[:1 if QUICK else 2]:
        kept, logits = Times(), Times()
        for _ in range(2):
            result = ours("gpt2-124m", "trace", length, 3 if length < 1024 else 2)
            kept.extend(result["times_ms"])
            logits.extend(result["logits_times_ms"])
        ratio, least = ratios(kept, logits)
        goal(f"full trace GPT-2 124M, T = {length:,}, to none", f"≤ {must} %", f"≤ {aim} %",
             f"{ratio - 1:+.1%} ({least - 1:+.1%}): {kept.median():.0f} ms to {logits.median():.0f}",
             ratio - 1, must / 100, aim / 100, least=False, ratio_of_minima=round(least, 4),
             trace=kept.report(), logits=logits.report(), peak_bytes=result["peak_bytes"])


def start():
    result = ours("llama-15m", "start", 8, 10 if QUICK else 20)
    goal("command line to first token, 15M", "≤ 30 ms", "≤ 15 ms",
         f"{result['median_ms']:.1f} ms ({result['min_ms']:.1f})", result["median_ms"], 30, 15,
         least=False, ours=Times(result["times_ms"]).report(), peak_bytes=result["peak_bytes"])


# ---- the program ----

def row(name, against, value, beside):
    return {"name": name, "ms": round(value, 3), "against": against, "against_ms": round(beside, 3),
            "ratio": round(value / beside, 2)}


def program(folder):
    script = os.path.join(folder, "quit.txt")
    with open(script, "w") as file:
        file.write("quit\n")
    traced = [PROGRAM, "trace", "--model", MODEL, "--prompt", PROMPT, "--output",
              os.path.join(folder, "t.safetensors")]
    window, bare, whole, tokens = in_turn(
        ROUNDS * 3,
        lambda: [wall([PROGRAM, "open", "--size", "1280x800", "--script", script])],
        lambda: [wall(["build/bench/bare_window"])],
        lambda: [wall(traced)],
        lambda: [wall([PROGRAM, "tokens", "--model", MODEL, "--prompt", PROMPT])])
    inner = json.loads(run([PROGRAM, "bench", "--model", MODEL, "--json"]))
    rows = [
        row("start to first frame (and out)", "a bare SDL window", window.median(), bare.median()),
        row("attnscope trace, whole command", "attnscope tokens", whole.median(), tokens.median()),
        row(f"prompt to trace, {inner['tokens']} tokens", "only the logits kept", inner["trace_ms"],
            inner["forward_ms"]),
    ]
    print(f"\n{'the program, model story':34}{'median':>12}   {'yardstick':24}{'median':>12}{'ratio':>8}")
    for r in rows:
        print(f"{r['name']:34}{r['ms']:9.2f} ms   {r['against']:24}{r['against_ms']:9.2f} ms"
              f"{r['ratio']:8.2f}")
    print(f"{'open the model':34}{inner['model_open_ms']:9.2f} ms")
    print(f"{'generate':34}{inner['tokens_per_second']:9.1f} tokens a second")
    return rows, inner


def machine():
    with open("/proc/cpuinfo") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return {"processor": names[0] if names else "", "cores": CORES, "load": os.getloadavg()[0]}


def main():
    before = machine()
    print(f"{before['processor']}, {CORES} cores; load before {before['load']:.1f}")
    differences = check_yardsticks()
    print(f"{'work':44}{'must':>12}{'aim':>12}  {'':9}reached: of medians (of the shortest)")
    prefill()
    decode()
    beside_busy()
    flash()
    trace()
    start()
    words = [g["word"] for g in GOALS]
    print(", ".join(f"{words.count(word)} {text}" for word, text in
                    (("aim", "at the aim"), ("met", "met"), ("not met", "not met"))))
    with tempfile.TemporaryDirectory() as folder:
        rows, inner = program(folder)
    with open("build/bench.json", "w") as file:
        json.dump({"machine": before, "quick": QUICK, "yardsticks_differ_by": differences,
                   "goals": GOALS, "rows": rows, "inner": inner}, file, indent=2, ensure_ascii=False)
        file.write("\n")


if __name__ == "__main__":
    main()
