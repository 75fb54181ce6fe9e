"""Time and memory of compiling: a trainer in one file, and what including <glow/glow.hpp> costs.

    python3 benchmarks/compile_time/measure.py --eigen DIR [--compilers g++,clang++] [--repeats 3] [--json FILE]
    python3 benchmarks/compile_time/measure.py --eigen DIR --compilers g++ --check    # the trainer once; fails over 1 GB

Optimised with -O2, as C++20. Times are the best of several repeats, memory is the largest of the compiler's processes.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
INCLUDE = HERE.parent.parent / "include"
SECONDS_LIMIT, BYTES_LIMIT = 15, 1_000_000_000
EMPTY_MAIN = "int main() {}\n"
SOURCES = {
    "trainer": (HERE / "trainer.cpp").read_text(),
    "`<glow/glow.hpp>` and an empty main": "#include <glow/glow.hpp>\n" + EMPTY_MAIN,
    "`<Eigen/Dense>` and an empty main": "#include <Eigen/Dense>\n" + EMPTY_MAIN,
    "an empty main": EMPTY_MAIN,
}


def compile_once(compiler, source, eigen):
    """Seconds on the clock and of the processor, and bytes at most, of compiling a source text."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "source.cpp"
        path.write_text(source)
        command = [compiler, "-O2", "-std=c++20", f"-I{INCLUDE}", "-isystem", eigen, "-c", path, "-o", path.with_suffix(".o")]
        begin = time.perf_counter()
        process = subprocess.Popen(command)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - begin
    if process.returncode != 0:
        raise SystemExit(f"{compiler} ended with status {process.returncode}; its words are above")
    return {"seconds": seconds, "cpu_seconds": usage.ru_utime + usage.ru_stime, "bytes": usage.ru_maxrss * 1024}


def best(runs):
    return {key: min(run[key] for run in runs) for key in runs[0]}


def version(compiler):
    return subprocess.run([compiler, "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]


def measure(compilers, eigen, repeats):
    """By compiler: its version, and figures of every source."""
    return {name: {"version": version(name),
                   "sources": {source: best([compile_once(name, text, eigen) for _ in range(repeats)])
                               for source, text in SOURCES.items()}}
            for name in compilers if shutil.which(name)}


def verdict(figures):
    """Of a trainer's figures."""
    return "pass" if figures["seconds"] <= SECONDS_LIMIT and figures["bytes"] <= BYTES_LIMIT else "FAIL"


def markdown(results):
    """Tables of what measure() gives."""
    lines = [f"A trainer in one file is to compile in {SECONDS_LIMIT} s and {BYTES_LIMIT / 1e9:g} GB, with -O2."]
    for name, result in results.items():
        lines += ["", f"{result['version']}:", "", "| source | seconds | CPU seconds | MB | |", "|---|--:|--:|--:|---|"]
        for source, f in result["sources"].items():
            told = verdict(f) if source == "trainer" else ""
            lines.append(f"| {source} | {f['seconds']:.2f} | {f['cpu_seconds']:.2f} | {f['bytes'] / 1e6:.0f} | {told} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--eigen", required=True, help="the folder that Eigen/Dense lies in")
    parser.add_argument("--compilers", default="g++,clang++")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--check", action="store_true")
    a = parser.parse_args()
    compilers = a.compilers.split(",")
    if a.check:
        figures = compile_once(compilers[0], SOURCES["trainer"], a.eigen)
        print(f"trainer: {figures['seconds']:.1f} s, {figures['cpu_seconds']:.1f} s of the processor, "
              f"{figures['bytes'] / 1e6:.0f} MB; at most {BYTES_LIMIT / 1e6:.0f} MB are allowed")
        sys.exit(figures["bytes"] > BYTES_LIMIT)
    results = measure(compilers, a.eigen, a.repeats)
    print(markdown(results), end="")
    if a.json:
        a.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
