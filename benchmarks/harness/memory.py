"""Memory of training against depth, in every mode that the library has."""
from .models import glow_command
from .numbers import digits
from .workers import Worker, in_turns, running

# How activations are kept: a name, and the words that the worker is told it with.
MODES = {mode: ["--activations", mode] for mode in ("flat", "lean", "fast", "auto")}

# Where nothing is kept, temporary memory may not grow by more with depth.
TOLERANCE = 1.1


def measure(a, say):
    """{"mode", "depth", "bytes", "train": images/s} of each mode and depth, at the middle setting."""
    points = []
    for mode, words in MODES.items():
        for depth in (1, 2) if a.quick else (4, 16, 64):
            worker = Worker("glow", [*glow_command(a, a.threads), *words, "--setting", "middle", "--depth", str(depth)], a.threads,
                            a.out / "logs" / f"memory_{depth}.txt")
            with running([worker]) as workers:
                point = {"mode": mode, "depth": depth, "bytes": worker.ask("memory")["bytes"]}
                rates = in_turns(workers, ["train"], a.rounds, a.seconds, lambda name, why: say(f"  {name}: {why}"))
                point["train"] = rates["glow"]["train"]["images_per_s"] if rates else None
            points.append(point)
            say(f"  {mode}, K = {depth}: {point['bytes']['peak'] / 2**20:.0f} MiB")
    return points


def temporary(point):
    return point["bytes"]["peak"] - point["bytes"]["model"]


def stays_flat(points):
    """Is the memory of temporaries the same whatever the depth, where nothing is kept?"""
    sizes = [temporary(p) for p in points if p["mode"] == "flat"]
    return max(sizes) <= TOLERANCE * min(sizes)


def markdown(points):
    lines = ["| activations | K | parameters (MiB) | model (MiB) | temporaries (MiB) | peak (MiB) | training (images/s) |",
             "|---|--:|--:|--:|--:|--:|--:|"]
    for p in points:
        sizes = [p["bytes"]["parameters"], p["bytes"]["model"], temporary(p), p["bytes"]["peak"]]
        train = digits(p["train"]) if p["train"] else "failed"
        lines.append(f"| {p['mode']} | {p['depth']} | " + " | ".join(f"{n / 2**20:.1f}" for n in sizes) + f" | {train} |")
    lines += ["", "The model is its parameters with gradients, Adam's moments and packed forms, and a batch of images.", ""]
    lines.append(f"- flat: temporaries do not grow with K: {'pass' if stays_flat(points) else 'FAIL'}")
    return "\n".join(lines) + "\n"
