"""Steps that measure: benchmarks, the profiler, and peers on the same card."""
import json
import shutil
import sys

from .process import last_words, run_one, text_of
from .result import Failure, Result


def load(file):
    """What a program has written as JSON; {} if nothing."""
    return json.loads(file.read_text()) if file.exists() else {}


def ran(name, command, run, log, seconds, folder=None):
    """A Result of one program in a step. Its time may be over; what it has written by then stays."""
    ended = run_one(command, log, seconds, run.limits.kill_seconds, run.env, folder)
    if ended.timed_out:
        return Result(cut=f"{name}: {ended.how}")
    return Result([Failure(name, ended.how, last_words(text_of(log)))] if ended.how else [])


def joined(results):
    return Result([f for r in results for f in r.failed], cut="; ".join(r.cut for r in results if r.cut),
                  detail="; ".join(r.detail for r in results if r.detail))


def figures(measured):
    """The figures of a benchmark that say most, in one line."""
    said = []
    for name, values in measured.items():
        for key, unit in (("copy_GB_per_s", "GB/s copied"), ("bf16_TFLOP_per_s", "TFLOP/s of cuBLAS in bf16"),
                          ("TFLOP_per_s", "TFLOP/s"), ("ms_per_step", "ms per step"), ("ms", "ms"), ("GB", "GB")):
            if key in values:
                said.append(f"{values[key]:.4g} {unit}" if name == "rates" else f"{name} {values[key]:.4g} {unit}")
    return ", ".join(said)


def benchmark(run, deadline, parts, *precisions):
    """Each part of glow_gpu_benchmark in a process of its own, with an equal share of the time; all precisions if none is named."""
    options = [word for precision in precisions for word in ("--precision", precision)] + smoke(run)
    results = []
    for i, part in enumerate(parts):
        name = "_".join([part, *precisions])
        json_file = run.logs / f"benchmark_{name}.json"
        result = ran(f"glow_gpu_benchmark {part}",
                     [run.kit.program("glow_gpu_benchmark"), part, "--json", json_file, *options], run,
                     run.logs / f"benchmark_{name}.txt", deadline.left() / (len(parts) - i))
        measured = load(json_file)
        if i > 0:
            measured.pop("rates", None)  # of every part the same
        result.detail = figures(measured)
        results.append(result)
    return joined(results)


def smoke(run):
    return ["--smoke"] if run.kit.emulated else []


def benchmarks(run, deadline):
    return benchmark(run, deadline, ["networks", "training"], "bf16")


def other_benchmarks(run, deadline):
    return benchmark(run, deadline, ["kernels", "sampling", "memory"])


def other_precisions(run, deadline):
    return benchmark(run, deadline, ["networks", "training"], "tf32", "full")


def profile(run, deadline):
    """ncu on the network's kernel: forward, and the two passes of backward, for two shapes."""
    ncu = shutil.which("ncu", path=run.env["PATH"] + ":/usr/local/cuda/bin")
    if not ncu:
        return Result([Failure("ncu", "is not on this machine")])
    log, report, figures_log = run.logs / "ncu.txt", run.logs / "network.ncu-rep", run.logs / "ncu_details.txt"
    # Clocks are left as they are: locking them needs rights, and would tell of another card.
    profiling = ran("ncu", [ncu, "--clock-control", "none", "-k", "regex:network_pass", "-c", "6", "--set", "full", "-f", "-o",
                            report, run.kit.program("glow_gpu_benchmark"), "networks", "--precision", "bf16", "--once",
                            *smoke(run)], run, log, deadline.left())
    telling = ran("ncu", [ncu, "--import", report, "--page", "details"], run, figures_log, deadline.left())
    if not profiling.failed and "network_pass" not in text_of(figures_log):
        profiling.failed.append(Failure("ncu", "has profiled no network_pass", last_words(text_of(log))))
    return joined([profiling, telling])


def images_per_s(workers):
    """"glow: train 4000, log_p 12000; JAX: ..." """
    return "; ".join(f"{name}: " + ", ".join(f"{verb} {rate['images_per_s']:.4g}" for verb, rate in worker["rates"].items())
                     for name, worker in workers.items() if "rates" in worker)


#: Of compare.py's options, by the names in its tables.
PEERS = {"JAX": "jax", "PyTorch": "torch", "PyTorch compiled": "torch-compile"}


def beside(names, run, deadline):
    """Images per second beside other libraries. The emulation has glow alone, and a small model. run.late_peers are those that had
    no time to compile."""
    out = run.logs / f"peers_{'_'.join(names)}"
    sizes = ["--settings", "small", "--quick", "--peers", ""] if run.kit.emulated else \
        ["--settings", "reference", "--rounds", "2", "--seconds", "0.4", "--peers", ",".join(names)]
    # What is left after starting and compiling must do for measuring and for the tables.
    command = [sys.executable, run.kit.folder / "benchmarks" / "compare.py", "--build", run.kit.folder, "--out", out,
               "--device", "cuda", "--what", "models", "--precision", "bf16", "--no-rates",
               "--patience", f"{0.75 * deadline.left():.0f}", *sizes]
    result = ran("compare.py", command, run, out / "compare.txt", deadline.left(), run.kit.folder)
    cells = load(out / "results.json").get("models", [])
    result.detail = "; ".join(images_per_s(cell["workers"]) for cell in cells)
    for cell in cells:
        result.failed += [Failure(name, "failed", worker["failed"]) for name, worker in cell["workers"].items()
                          if "failed" in worker]
    run.late_peers = [PEERS[f.name] for f in result.failed if f.name in PEERS and f.detail.startswith("no answer")]
    return result


def peers(run, deadline):
    return beside(["torch", "jax"], run, deadline)


def late_peers(run, deadline):
    return beside(run.late_peers, run, deadline)


def torch_compile(run, deadline):
    return beside(["torch-compile"], run, deadline)


def digits(run, deadline):
    """Trains on the digits by the program, tells how likely held-out ones are, and samples."""
    glow, out = run.kit.program("glow"), run.logs / "digits"
    small = ["--depth", "1", "--levels", "2", "--width", "8", "--batch", "16", "--steps", "3", "--sample-every", "0"] \
        if run.kit.emulated else ["--precision", "bf16", "--steps", "1000"]
    device = ["--device", "cuda"]
    train = ran("glow train", [glow, "train", "--data", "digits", *device, "--out", out, *small], run,
                run.logs / "digits_train.txt", deadline.left())
    evaluate = ran("glow evaluate", [glow, "evaluate", out, *device], run, run.logs / "digits_evaluate.txt", deadline.left())
    evaluate.detail = last_words(text_of(run.logs / "digits_evaluate.txt"), lines=1)
    sample = ran("glow sample", [glow, "sample", out, *device], run, run.logs / "digits_sample.txt", deadline.left())
    for checkpoint in out.glob("checkpoints/*"):
        checkpoint.unlink()  # what is of no use in a report
    return joined([train, evaluate, sample])
