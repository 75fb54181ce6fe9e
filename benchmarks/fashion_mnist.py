"""Fashion-MNIST on the CPU: the curve of `glow train --preset fashion-mnist` for some hours, and those of the same model in JAX and
PyTorch, on one axis of time.

    python3 benchmarks/fashion_mnist.py train --program build/bin/glow --run DIR [--hours 3] [-- WORDS FOR glow train]
    python3 benchmarks/fashion_mnist.py peers --python build/venv/bin/python --run DIR [--peers jax,torch-compile] [--minutes 15]
    python3 benchmarks/fashion_mnist.py report --program build/bin/glow --run DIR --out benchmarks/results/DATE_fashion_mnist

`train` starts a run or goes on with it until it has taken so many hours; it can be stopped by Ctrl-C or SIGTERM and called again.
`peers` lets each peer learn for some minutes with the settings of the run, whose steps its schedule has as well. `report` writes
results.json, results.md and a plot (with matplotlib) of what there is, which may be while the run goes on.

Time is processor time over threads: that of a machine that does nothing else, if all threads work all the time. So others may use
the machine meanwhile.
"""
import argparse
import json
import os
import pathlib
import resource
import signal
import subprocess
import sys
import time

from harness import plots
from harness.machine import processor
from peers.settings import SETTINGS

HERE = pathlib.Path(__file__).resolve().parent
PEERS = {
    "jax": ("JAX", ["learn_jax.py"]),
    "torch": ("PyTorch", ["learn_torch.py"]),
    "torch-compile": ("PyTorch compiled", ["learn_torch.py", "--compile"]),
}
PUBLISHED = 2.96  # bits per dimension of a Glow
TABLE_MINUTES = (2, 3, 5, 10, 15, 30, 60, 120, 180, 240)
POLL_SECONDS = 5


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=["train", "peers", "report"])
    parser.add_argument("--run", type=pathlib.Path, required=True, help="folder of the run and of what was measured")
    parser.add_argument("--program", help="the glow program")
    parser.add_argument("--hours", type=float, default=3, help="processor time over threads, in all")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--python", default=sys.executable, help="one that has the peers' packages")
    parser.add_argument("--peers", type=lambda text: text.split(","), default=["jax", "torch-compile"])
    parser.add_argument("--precisions", type=lambda text: text.split(","), default=["full", "bf16"])
    parser.add_argument("--minutes", type=float, default=15, help="for each peer and precision")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("benchmarks-out/fashion_mnist"))
    given = sys.argv[1:]
    at = given.index("--") if "--" in given else len(given)
    a = parser.parse_args(given[:at])
    a.words = given[at + 1:]
    return a


def lines_of(file):
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def processor_seconds(pid):
    """Of a process that runs, with all its threads, in user and system mode."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def last_step(run):
    metrics = run / "metrics.jsonl"
    if not metrics.exists():
        return 0
    with metrics.open("rb") as file:
        file.seek(max(0, metrics.stat().st_size - 4096))
        lines = file.read().split(b"\n")[:-1]  # the last one may be under way
    return json.loads(lines[-1])["step"] if lines else 0


def train(a):
    """Trains until --hours are over, and notes the time beside the steps in clock.jsonl."""
    run = a.run / "run"
    a.run.mkdir(parents=True, exist_ok=True)
    clock = a.run / "clock.jsonl"
    before = max((line["seconds"] for line in lines_of(clock)), default=0.0)
    if before >= 3600 * a.hours:
        sys.exit(f"{before / 3600:.2f} hours are done; give more with --hours")
    words = ["--resume", run] if (run / "checkpoints").exists() else ["--preset", "fashion-mnist", "--out", run, *a.words]
    child = subprocess.Popen([a.program, "train", *words, "--threads", str(a.threads), "--quiet"])
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: child.send_signal(signal.SIGTERM))  # which saves the run
    with clock.open("a") as out:
        def note(seconds):
            print(json.dumps({"step": last_step(run), "seconds": before + seconds / a.threads, "wall": time.time()}), file=out,
                  flush=True)

        while child.poll() is None:
            note(processor_seconds(child.pid))
            if before + processor_seconds(child.pid) / a.threads >= 3600 * a.hours:
                child.send_signal(signal.SIGTERM)
                break
            time.sleep(POLL_SECONDS)
        status = child.wait()
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        note(used.ru_utime + used.ru_stime)
    sys.exit(status)


def let_learn(a):
    """Lets the peers learn with the settings of the run."""
    config = json.loads((a.run / "run/config.json").read_text())
    fashion = SETTINGS["fashion"]
    theirs = (fashion.depth, fashion.levels, fashion.width, fashion.batch)
    ours = tuple(config[name] for name in ("depth", "levels", "width", "batch"))
    if ours != theirs:
        sys.exit(f"the run has K, L, width and batch {ours}, but the peers' setting 'fashion' has {theirs}")
    words = ["--steps", config["steps"], "--lr", config["lr"], "--warmup", config["warmup_steps"], "--ema", config["ema"],
             "--clip-norm", config["clip_norm"], "--coupling", config["coupling"], "--threads", a.threads, "--minutes", a.minutes]
    # Threads that wait take no time of the processor, which others may need.
    environment = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "0"}
    for name in a.peers:
        for precision in a.precisions:
            out = a.run / f"{name}_{precision}.jsonl"
            script, *options = PEERS[name][1]
            subprocess.run([a.python, HERE / "peers" / script, *options, "--precision", precision, "--out", out, *map(str, words)],
                           check=True, env=environment)


def seconds_at(clock):
    """A function that gives the time of a step, in a line between those of the clock. Of steps that were taken twice, after a run
    was killed, the second time counts."""
    kept = []
    for line in clock:
        while kept and kept[-1]["step"] >= line["step"]:
            kept.pop()
        kept.append(line)

    def at(step):
        last = {"step": 0, "seconds": 0.0}
        for line in kept:
            if line["step"] >= step:
                share = (step - last["step"]) / (line["step"] - last["step"])
                return last["seconds"] + share * (line["seconds"] - last["seconds"])
            last = line
        return None
    return at


def curve_of_run(a):
    """{"seconds_per_step", "points": [[step, seconds, bits/dim]]} of the run."""
    at = seconds_at(lines_of(a.run / "clock.jsonl"))
    points = [[line["step"], at(line["step"]), line["validation_bits_per_dim"]] for line in lines_of(a.run / "run/metrics.jsonl")
              if line.get("validation_bits_per_dim") is not None and at(line["step"]) is not None]
    if not points:
        sys.exit(f"'{a.run}' has no validation yet")
    return {"seconds_per_step": points[-1][1] / points[-1][0], "points": points}


def curves_of_peers(a):
    curves = {}
    for key, (name, _) in PEERS.items():
        for precision in ("full", "bf16"):
            told, *points = lines_of(a.run / f"{key}_{precision}.jsonl") or [None]
            if points:
                curves[f"{name}, {precision}"] = {
                    "versions": told["versions"], "seconds_per_step": points[-1]["seconds_per_step"],
                    "points": [[p["step"], p["seconds"], p["validation_bits_per_dim"]] for p in points]}
    return curves


def evaluated(a):
    """The newest checkpoint on all test images, which `glow evaluate` takes; nothing while there is none."""
    newest = max((a.run / "run/checkpoints").glob("step_*.safetensors"), default=None)
    if newest is None:
        return None
    told = json.loads(subprocess.run([a.program, "evaluate", newest, "--json"], check=True, capture_output=True, text=True).stdout)
    return {"step": int(newest.stem.removeprefix("step_")), "bits_per_dim": told["bits_per_dim"], "images": told["images"]}


def value_at(points, seconds):
    """The last validation that was done by then; none if the curve ends before."""
    if points[-1][1] < seconds:
        return None
    done = [value for _, time_, value in points if time_ <= seconds]
    return done[-1] if done else None


def plot(results, out):
    import matplotlib
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    figure, axes = plt.subplots(figsize=(6, 4))
    for name, curve in results["curves"].items():
        axes.plot([p[1] / 60 for p in curve["points"]], [p[2] for p in curve["points"]], ".-", label=name, markersize=4,
                  linewidth=2 if name.startswith("glow") else 1)
    axes.axhline(PUBLISHED, color="black", linestyle=":", linewidth=0.8, label=f"published Glow, {PUBLISHED}")
    axes.set_xscale("log")
    axes.set_xticks(TABLE_MINUTES, TABLE_MINUTES)
    axes.minorticks_off()
    axes.set_xlim(TABLE_MINUTES[0] / 2, TABLE_MINUTES[-1])
    axes.set_ylim(PUBLISHED - 0.1, 6)
    axes.set_xlabel("minutes, processor time over threads")
    axes.set_ylabel("bits per dimension, test images")
    axes.legend(fontsize=7)
    plots.save(figure, out, "curves")


def text_of(results):
    minutes = [m for m in TABLE_MINUTES if any(c["points"][-1][1] >= 60 * m for c in results["curves"].values())]

    def row(name, curve):
        cells = [value_at(curve["points"], 60 * m) for m in minutes]
        step, seconds, value = curve["points"][-1]
        return (f"| {name} | {curve['seconds_per_step']:.3f} | {10800 / curve['seconds_per_step']:.0f} | "
                + " | ".join("" if c is None else f"{c:.3f}" for c in cells)
                + f" | {value:.3f} at {seconds / 60:.0f} min, step {step} |")

    config, cpu = results["config"], results["processor"]
    shown = {name: config[name] for name in ("depth", "levels", "width", "batch", "coupling", "precision", "lr", "schedule",
                                             "warmup_steps", "clip_norm", "ema", "steps")}
    lines = ["# Fashion-MNIST", "",
             f"`benchmarks/fashion_mnist.py` on {cpu['name']} ({cpu['model']}), {config['threads']} threads. The run: "
             + ", ".join(f"{name} {value}" for name, value in shown.items()) + ".",
             "", "Bits per dimension of the first 1024 test images, 28x28x1 at 8 bits, by averaged weights, after so many minutes of",
             "processor time over threads, start and compilation included. All points are measured; a cell is empty where a contestant",
             "was not run for so long. Steps in 3 hours are 3 hours over the seconds a step.", "",
             "| | s a step | steps in 3 h | " + " | ".join(f"{m} min" for m in minutes) + " | last |",
             "|---|--:|--:|" + "--:|" * len(minutes) + "---|", *(row(*item) for item in results["curves"].items()), ""]
    if told := results["evaluated"]:
        lines.append(f"The run has {told['bits_per_dim']:.4f} on all {told['images']} test images after step {told['step']}.")
    return "\n".join([*lines, f"The published Glow has {PUBLISHED}.", ""])


def report(a):
    config = json.loads((a.run / "run/config.json").read_text())
    results = {"processor": processor(), "config": config, "evaluated": evaluated(a),
               "curves": {f"glow, {config['precision']}": curve_of_run(a), **curves_of_peers(a)}}
    a.out.mkdir(parents=True, exist_ok=True)
    (a.out / "results.json").write_text(json.dumps(results) + "\n")
    (a.out / "results.md").write_text(text_of(results))
    print(text_of(results))
    try:
        plot(results, a.out)
    except ImportError:
        print("without matplotlib there is no plot")


def main():
    a = arguments()
    {"train": train, "peers": let_learn, "report": report}[a.action](a)


main()
