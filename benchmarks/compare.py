"""Measures glow beside its peers and writes results.json, results.md and plots; scripts/benchmark builds what this needs.

    python3 benchmarks/compare.py --build build [--out DIR] [--what models,memory] [--settings small] [--peers jax,torch] ...
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys

import scaling
from harness import machine, memory, models, ops, plots, report
from harness.workers import Failure
from peers.settings import SETTINGS

PARTS = ("models", "ops", "scaling", "memory", "compile")


def names(known):
    """A comma-separated list of known names."""
    def parse(text):
        chosen = text.split(",") if text else []
        for name in chosen:
            if name not in known:
                raise argparse.ArgumentTypeError(f"'{name}' is none of {', '.join(known)}")
        return chosen
    return parse


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, required=True, help="the build folder of glow")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("benchmarks-out"))
    parser.add_argument("--what", type=names(PARTS), help=f"of {', '.join(PARTS)}; all by default")
    parser.add_argument("--settings", type=names([*SETTINGS, "latency"]),
                        help="of small, middle, large, reference, latency (batch 1, without training)")
    parser.add_argument("--precision", type=names(["full", "bf16"]), default=["full"])
    parser.add_argument("--peers", type=names(models.PEERS), default=list(models.PEERS),
                        help=f"of {', '.join(models.PEERS)}; '' for none")
    parser.add_argument("--rounds", type=int, help="of which the best counts; 5 by default")
    parser.add_argument("--seconds", type=float, help="of a measurement; 2 by default")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--patience", type=float, default=1e6,
                        help="seconds in which all that is compared has to start and to run once; who takes longer is left out")
    parser.add_argument("--no-rates", action="store_true", help="leave out what the machine does at most")
    parser.add_argument("--quick", action="store_true", help="the least that shows that everything works")
    a = parser.parse_args()
    on_gpu = a.device == "cuda"
    a.settings = a.settings or (["small"] if a.quick else ["reference", "latency"] if on_gpu else
                                ["small", "middle", "large", "latency"])
    a.what = a.what or [part for part in PARTS if not (on_gpu and part in ("ops", "compile"))]
    if not (a.build / "benchmarks" / "build.json").exists():
        parser.error(f"--build: '{a.build}' is no folder that CMake has configured glow in with GLOW_BUILD_BENCHMARKS=ON")
    a.rounds = a.rounds or (2 if a.quick else 5)
    a.seconds = a.seconds or (0.2 if a.quick else 2)
    return a


def measure_compile(a, eigen):
    out = a.out / "logs" / "compile.json"
    # In a process of its own: a child's peak memory is never told as less than its parent's.
    subprocess.run([sys.executable, machine.ROOT / "benchmarks" / "compile_time" / "measure.py", "--eigen", eigen, "--json", out,
                    "--repeats", "1" if a.quick else "3"], check=True, stdout=subprocess.DEVNULL)
    return json.loads(out.read_text())


def write(out, results, say):
    try:
        results["plots"] = plots.plot_all(results, scaling.TITLES, out)
    except ImportError as e:
        say(f"no plots: {e}")
    (out / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    (out / "results.md").write_text(report.markdown(results))
    say(f"written: {out / 'results.md'}")


def main():
    a = arguments()
    (a.out / "logs").mkdir(parents=True, exist_ok=True)
    build = machine.build_of(a.build)

    def say(text):
        print(text, flush=True)

    results = {"machine": machine.describe(a, build), "plots": [], "failed": {},
               "options": {key: str(value) if isinstance(value, pathlib.Path) else value for key, value in vars(a).items()
                           if key not in ("build", "out")}}
    for name, value in results["machine"].items():
        say(f"{name}: {value}")
    steps = {"ops": lambda: ops.measure(a, say), "scaling": lambda: scaling.measure(a, say),
             "memory": lambda: memory.measure(a, say), "compile": lambda: measure_compile(a, build["eigen"])}
    if "models" in a.what:
        results["rates"] = {"sgemm": {}, "copy": 0}
        results["models"] = []
        if not a.no_rates:
            say("== what the machine does at most")
            models.measure_rates(a, results["rates"], say)
        for cell in models.cells(a):
            say(f"== {cell.name}, {cell.precision} precision")
            results["models"].append(models.measure_cell(a, cell, say))
        if not a.no_rates:
            say("== what the machine does at most, once more")
            models.measure_rates(a, results["rates"], say)
    for part in a.what:
        if part in steps:
            say(f"== {part}")
            try:
                results[part] = steps[part]()
            except (Failure, subprocess.CalledProcessError) as e:
                say(f"  {e}")
                results["failed"][part] = str(e)
    write(a.out, results, say)


main()
