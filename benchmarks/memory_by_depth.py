"""Memory of training against depth, as InvertibleNetworks.jl has published it of itself and of normflows: images of 256x256x3,
batch 8, L = 3, width 256. Writes results.json, results.md and a plot (with matplotlib).

    python3 benchmarks/memory_by_depth.py --build build [--cuda-program build/bin/glow] [--measure 4,64] [--out DIR]

Memory is told by `glow summary --memory`, in a second. With --measure, training at these depths is also run on the CPU and its
peak resident memory is taken, which needs minutes a step. What was measured before is kept if --out has its results.json.
"""
import argparse
import json
import os
import pathlib
import subprocess

from harness import plots
from harness.workers import Worker, running

DEPTHS = (4, 8, 16, 32, 48, 64, 80)
SIZES = {"levels": 3, "width": 256, "batch": 8}
SIDE, CHANNELS = 256, 3

# A name, and the words that `glow summary --memory` is told it with.
MODES = {
    "GPU": ["--device", "cuda", "--precision", "full"],
    "GPU, bf16": ["--device", "cuda", "--precision", "bf16"],
    "CPU, flat": ["--device", "cpu", "--activations", "flat"],
    "CPU, auto": ["--device", "cpu", "--activations", "auto"],
}
MEASURED = "CPU, flat"

# R. Orozco et al., InvertibleNetworks.jl: A Julia package for scalable normalizing flows, arXiv:2312.13480, on a GPU of 40 GB: GB.
PUBLISHED = {
    "normflows": {4: 5.1, 8: 7.9, 16: 13.6, 32: 24.9, 48: 36.2},  # beyond, it runs out of memory
    "InvertibleNetworks.jl": {depth: 5.1 for depth in DEPTHS},
}


def depths(text):
    return [int(depth) for depth in text.split(",")] if text else []


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, required=True, help="a build folder of glow and its benchmarks")
    parser.add_argument("--cuda-program", type=pathlib.Path, help="a glow built with CUDA; that of --build by default")
    parser.add_argument("--measure", type=depths, default=[], help="depths to measure on the CPU as well")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("benchmarks-out"))
    return parser.parse_args()


def told(program, depth, words, threads):
    """The line of JSON of `glow summary --memory`."""
    sizes = [word for name, value in SIZES.items() for word in (f"--{name}", str(value))]
    command = [program, "summary", "--memory", "--json", "--size", f"{SIDE}x{SIDE}", "--channels", str(CHANNELS), "--bits", "8",
               "--no-learn-top-prior", "--depth", str(depth), "--threads", str(threads), *sizes, *words]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def measured(a, depth):
    """Peak resident bytes of a process that trains on the CPU."""
    sizes = [word for name, value in SIZES.items() for word in (f"--{name}", str(value))]
    worker = Worker("glow", [a.build / "benchmarks" / "glow_worker", "--threads", str(a.threads), "--depth", str(depth), *sizes,
                             "--side", str(SIDE), "--channels", str(CHANNELS), "--activations", "flat"],
                    a.threads, a.out / f"measured_{depth}.log", start_seconds=7200)
    with running([worker]):
        worker.ask("train 0", seconds=7200)
        return worker.peak_bytes()


def gigabytes(n):
    return f"{n / 1e9:.2f}"


def markdown(results):
    columns = [*PUBLISHED, *MODES, f"{MEASURED}, measured", "parameters"]
    lines = ["| K | " + " | ".join(columns) + " |", "|--:|" + "--:|" * len(columns)]
    for depth in DEPTHS:
        row = results["told"][str(depth)]
        published = [str(of.get(depth, "over 40")) for of in PUBLISHED.values()]
        taken = results["measured"].get(str(depth))
        lines.append(f"| {depth} | " + " | ".join([
            *published, *(gigabytes(row[mode]["training_bytes"]) for mode in MODES),
            gigabytes(taken) if taken else "", gigabytes(row[MEASURED]["parameter_bytes"])]) + " |")
    return "\n".join(lines) + "\n"


def plot(results, out):
    import matplotlib
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    figure, axes = plt.subplots(figsize=(6, 4))
    for name, of in PUBLISHED.items():
        axes.plot(list(of), list(of.values()), "x--", label=f"{name} (published)")
    for mode in MODES:
        axes.plot(DEPTHS, [results["told"][str(d)][mode]["training_bytes"] / 1e9 for d in DEPTHS], "o-", markersize=3,
                  label=f"glow, {mode}")
    taken = results["measured"]
    axes.plot([int(d) for d in taken], [n / 1e9 for n in taken.values()], "k*", label=f"glow, {MEASURED}, measured")
    axes.axhline(40, color="black", linewidth=0.6)
    axes.set_yscale("log")
    ticks = (0.25, 0.5, 1, 2.5, 5, 10, 20, 40)
    axes.set_yticks(ticks, ticks)
    axes.minorticks_off()
    axes.set_xticks(DEPTHS, DEPTHS)
    axes.set_xlabel("K, flow steps per level")
    axes.set_ylabel("GB in training")
    axes.set_title(f"{SIDE}x{SIDE}x{CHANNELS}, batch {SIZES['batch']}, L = {SIZES['levels']}, width {SIZES['width']}", fontsize=10)
    axes.legend(fontsize=7, loc="center left", bbox_to_anchor=(1, 0.5))
    plots.save(figure, out, "memory_by_depth")
    plt.close(figure)


def main():
    a = arguments()
    a.out.mkdir(parents=True, exist_ok=True)
    file = a.out / "results.json"
    before = json.loads(file.read_text()) if file.exists() else {"measured": {}}
    of_device = {"cpu": a.build / "bin" / "glow", "cuda": a.cuda_program or a.build / "bin" / "glow"}
    results = {"told": {str(depth): {mode: told(of_device[words[1]], depth, words, a.threads) for mode, words in MODES.items()}
                        for depth in DEPTHS},
               "measured": before["measured"] | {str(depth): measured(a, depth) for depth in a.measure}}
    file.write_text(json.dumps(results, indent=1) + "\n")
    (a.out / "results.md").write_text(markdown(results))
    print(markdown(results), end="")
    try:
        plot(results, a.out)
    except ImportError as e:
        print(f"no plot: {e}")


if __name__ == "__main__":
    main()
