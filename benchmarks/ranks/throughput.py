"""Ranks beside threads: images a second of 2 ranks of 1 thread, 1 rank of 2 threads and 1 of 1.

    python3 benchmarks/ranks/throughput.py --program build/bin/glow [--rounds 5] [--steps 60]

All take turns, and the best of the rounds counts, each the median over its steps. Needs Open MPI.
"""
import argparse
import json
import os
import pathlib
import random
import statistics
import subprocess
import tempfile

WAYS = {"1 x 1": (1, 1), "1 x 2": (1, 2), "2 x 1": (2, 1)}
MODELS = {
    "digits 8x8, K 4, L 2, width 64, batch 64": ["--data", "digits", "--depth", "4", "--levels", "2", "--width", "64", "--batch", "64"],
    "32x32x3, K 4, L 3, width 128, batch 16": ["--depth", "4", "--levels", "3", "--width", "128", "--batch", "16"],
    "32x32x3, K 4, L 3, width 256, batch 32": ["--depth", "4", "--levels", "3", "--width", "256", "--batch", "32"],
}


def seconds_a_step(a, words, ranks, threads, folder):
    run = folder / "run"
    subprocess.run(["rm", "-rf", run], check=True)
    launch = ["mpirun", "--oversubscribe", "--bind-to", "none", "-n", str(ranks)] if ranks > 1 else []
    environment = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    data = [] if "--data" in words else ["--data", str(folder / "images.bin")]
    subprocess.run([*launch, a.program, "train", *data, *words, "--bits", "5", "--threads", str(threads), "--steps", str(a.steps),
                    "--sample-every", "0", "--save-every", "0", "--validate-every", "0", "--quiet", "--out", str(run), *a.options],
                   check=True, env=environment, stdin=subprocess.DEVNULL)
    times = [json.loads(line)["seconds"] for line in (run / "metrics.jsonl").read_text().splitlines()]
    return statistics.median(b - c for b, c in zip(times[6:], times[5:]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, type=lambda p: str(pathlib.Path(p).resolve()))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--options", nargs="*", default=[], help="more options of glow train, after --")
    a = parser.parse_args()
    print("| model | " + " | ".join(f"{way}, ms a step" for way in WAYS) + " | 2 x 1 against 1 x 2 | against 1 x 1 |")
    print("|--|" + "--:|" * (len(WAYS) + 2))
    with tempfile.TemporaryDirectory() as text:
        folder = pathlib.Path(text)
        draw = random.Random(1)
        (folder / "images.bin").write_bytes(b"".join(bytes([i % 10]) + draw.randbytes(3072) for i in range(256)))
        for name, words in MODELS.items():
            best = {way: float("inf") for way in WAYS}
            for _ in range(a.rounds):
                for way, (ranks, threads) in WAYS.items():
                    best[way] = min(best[way], seconds_a_step(a, words, ranks, threads, folder))
            print(f"| {name} | " + " | ".join(f"{best[way] * 1e3:.2f}" for way in WAYS) +
                  f" | {best['1 x 2'] / best['2 x 1']:.1%} | {best['1 x 1'] / best['2 x 1']:.2f} |", flush=True)


if __name__ == "__main__":
    main()
