"""Flows on vectors beside those of nflows and normflows: held-out likelihood at equal sizes and steps, and speed. All train on
the same batches, and take turns on the same cores. A peer has one thread or all, whichever makes it faster. Writes results.md
and results.json.

    python3 benchmarks/vectors.py --build build [--python build/venv/bin/python] [--steps 1000] [--out DIR]

The model: 6 steps of ActNorm, LU and a coupling by a network with two hidden layers of 64; Adam at 0.001, batches of 256. glow's LU
starts as a rotation for the plane and as the identity, after a permutation, for the table. Splines have 8 bins on [-3, 3]; affine couplings scale by sigmoid(h + 2). The data are drawn here: `rings`, the plane's of
examples/density_2d, and `table`, 8 columns of several units that depend on one another.
"""
import argparse
import json
import os
import pathlib
import sys

import numpy
from harness import machine
from harness.workers import Worker, running

PEERS = ("nflows", "normflows")
TURN = 50  # steps
TRAIN, TEST = 256 * 200, 10000


def rings(random, n):
    turn, radius = random.uniform(size=n), random.integers(1, 4, size=n)
    angle = 2 * numpy.pi * turn
    return numpy.stack([radius * numpy.cos(angle), radius * numpy.sin(angle)], 1) + 0.1 * random.normal(size=(n, 2))


def table(random, n):
    u = random.normal(size=(n, 8))
    side = numpy.sign(random.uniform(size=n) - 0.3)
    x = numpy.stack([u[:, 0], u[:, 1] * numpy.exp(0.5 * u[:, 0]), u[:, 0]**2 + 0.3 * u[:, 2],
                     numpy.sin(2 * u[:, 1]) + 0.2 * u[:, 3], 2 * side + 0.4 * u[:, 4], side * u[:, 0] + 0.5 * u[:, 5],
                     numpy.exp(0.5 * u[:, 6]), u[:, 6] * u[:, 1] + 0.5 * u[:, 7]], 1)
    units = numpy.array([10, 1, 0.01, 1, 1000, 1, 3, 1e-6])
    return x * units + numpy.array([170, 0, 5, -2, 1e4, 0, 0, 0])


SETS = {"rings": rings, "table": table}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, required=True, help="a build folder of glow and its benchmarks")
    parser.add_argument("--python", default=sys.executable, help="a Python with torch, nflows and normflows")
    parser.add_argument("--data", choices=SETS, nargs="+", default=list(SETS))
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=1, help="of a measurement of log p and of sampling")
    parser.add_argument("--rounds", type=int, default=5, help="of these measurements")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("benchmarks-out"))
    return parser.parse_args()


def start(a, name, folder, coupling, threads):
    program = ([a.build / "benchmarks" / "glow_vectors_worker"] if name == "glow" else
               [a.python, pathlib.Path(__file__).parent / "peers" / f"vectors_{name}.py"])
    return Worker(name, [*map(str, program), str(folder), coupling, str(threads)], threads,
                  folder / f"{name}_{coupling}_{threads}.log")


def faster_threads(a, name, folder, coupling):
    """Of 1 and all threads the number with which a peer takes its steps faster."""
    seconds = {}
    for threads in {1, a.threads}:
        with running([start(a, name, folder, coupling, threads)]) as (worker,):
            seconds[threads] = min(worker.ask("steps 5")["seconds"] for _ in range(4))
    return min(seconds, key=seconds.get)


def measure(a, folder, coupling, say):
    """The figures of all contestants on the data in `folder`, by name."""
    threads = {"glow": a.threads, **{peer: faster_threads(a, peer, folder, coupling) for peer in PEERS}}
    with running([]) as workers:
        for name, n in threads.items():
            workers.append(start(a, name, folder, coupling, n))
        figures = {w.name: {"threads": w.ready["threads"], "parameters": w.ready["parameters"], "versions": w.ready["versions"]}
                   for w in workers}
        turns = {w.name: [] for w in workers}
        for _ in range(a.steps // TURN):
            for w in workers:
                turns[w.name].append(w.ask(f"steps {TURN}")["seconds"] / TURN)
        rates = {w.name: {"log_p": [], "sample": []} for w in workers}
        for _ in range(a.rounds):
            for verb in ("log_p", "sample"):
                for w in workers:
                    rates[w.name][verb].append(w.ask(f"{verb} {a.seconds}")["rows_per_s"]["median"])
        for w in workers:
            of_turns = sorted(turns[w.name])
            figures[w.name] |= {"held_out": w.ask("held_out")["log_p"],
                                "step_ms": {"best": 1e3 * of_turns[0], "median": 1e3 * of_turns[len(of_turns) // 2]},
                                **{f"{verb}_rows_per_s": max(rates[w.name][verb]) for verb in ("log_p", "sample")}}
            say(f"  {w.name}: {json.dumps(figures[w.name])}")
    return figures


def markdown(results):
    lines = ["# Flows on vectors beside nflows and normflows", ""]
    lines += [f"- {name}: {value}" for name, value in results["machine"].items()] + [""]
    for cell in results["cells"]:
        figures = cell["figures"]
        lines += [f"## {cell['data']}, {cell['coupling']} couplings, {cell['steps']} steps", "",
                  "| | threads | parameters | held-out log p(x), nats | a step of training, ms: best (median) | log p(x), rows/s |"
                  " sampling, rows/s |", "|---|--:|--:|--:|--:|--:|--:|"]
        glow = figures["glow"]
        for name, f in figures.items():
            def ratio(value):
                return "" if name == "glow" else f" (1 / {value:.1f})"
            lines.append(
                f"| {name} | {f['threads']} | {f['parameters']:,} | {f['held_out']:.3f} "
                f"| {f['step_ms']['best']:.2f} ({f['step_ms']['median']:.2f})"
                f"{ratio(f['step_ms']['best'] / glow['step_ms']['best'])} | {f['log_p_rows_per_s']:,.0f}"
                f"{ratio(glow['log_p_rows_per_s'] / f['log_p_rows_per_s'])} | {f['sample_rows_per_s']:,.0f}"
                f"{ratio(glow['sample_rows_per_s'] / f['sample_rows_per_s'])} |")
        lines.append("")
    return "\n".join(lines)


def main():
    a = arguments()
    (a.out / "logs").mkdir(parents=True, exist_ok=True)

    def say(text):
        print(text, flush=True)

    results = {"machine": machine.describe(argparse.Namespace(threads=a.threads, device="cpu"), machine.build_of(a.build)),
               "cells": []}
    for data in a.data:
        folder = a.out / "logs" / data
        folder.mkdir(exist_ok=True)
        for seed, (name, n) in enumerate((("train", TRAIN), ("test", TEST))):
            numpy.save(folder / f"{name}.npy", SETS[data](numpy.random.default_rng(seed), n).astype("<f4"))
        for coupling in ("spline", "affine"):
            say(f"== {data}, {coupling}")
            results["cells"].append({"data": data, "coupling": coupling, "steps": a.steps,
                                     "figures": measure(a, folder, coupling, say)})
    (a.out / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    (a.out / "results.md").write_text(markdown(results))
    say(f"written: {a.out / 'results.md'}")


main()
