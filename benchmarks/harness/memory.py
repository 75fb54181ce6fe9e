"""Memory of training against depth, in every mode that the library has."""
from .models import glow_command
from .numbers import digits
from .workers import Worker, in_turns, running

# How activations are kept: a name, and the words that the worker is told it with.
MODES = {"as by default": []}

# Temporary memory may not grow by more with depth.
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


def flat(points):
    """By mode: does the memory of temporaries stay the same whatever the depth?"""
    by_mode = {}
    for p in points:
        by_mode.setdefault(p["mode"], []).append(temporary(p))
    return {mode: max(all_bytes) <= TOLERANCE * min(all_bytes) for mode, all_bytes in by_mode.items()}


def markdown(points):
    lines = ["| activations | K | parameters (MiB) | model (MiB) | temporaries (MiB) | peak (MiB) | training (images/s) |",
             "|---|--:|--:|--:|--:|--:|--:|"]
    for p in points:
        sizes = [p["bytes"]["parameters"], p["bytes"]["model"], temporary(p), p["bytes"]["peak"]]
        train = digits(p["train"]) if p["train"] else "failed"
        lines.append(f"| {p['mode']} | {p['depth']} | " + " | ".join(f"{n / 2**20:.1f}" for n in sizes) + f" | {train} |")
    lines += ["", "The model is its parameters with gradients, Adam's moments and packed forms, and a batch of images.", ""]
    lines += [f"- {mode}: temporaries do not grow with K: {'pass' if ok else 'no'}" for mode, ok in flat(points).items()]
    return "\n".join(lines) + "\n"
