"""Images a second of glow against batch, image size, width, depth and threads; used by compare.py --what scaling."""
from harness.models import glow_command
from harness.numbers import digits
from harness.workers import Worker, in_turns, running

VERBS = ("train", "log_p", "sample")
BASE = {"side": 16, "channels": 3, "depth": 4, "levels": 2, "width": 256, "batch": 16}
TITLES = {"batch": "batch", "side": "height and width of an image", "width": "width", "depth": "K", "threads": "threads"}

# The cost of an image, for its FLOPs, may not grow by more with batch or K.
TOLERANCE = 1.1


def axes(a):
    """What is varied, and its values."""
    if a.quick:
        return {"batch": [1, 16], "depth": [1, 4]}
    varied = {"batch": [1, 4, 16, 64, 256], "side": [8, 16, 32, 64], "width": [32, 64, 128, 256, 512],
              "depth": [1, 2, 4, 8, 16, 32]}
    return varied if a.device == "cuda" else {**varied, "threads": sorted({1, a.threads})}


def start(a, axis, value):
    sizes = {**BASE, axis: value}
    threads = sizes.pop("threads", a.threads)
    words = [word for name, size in sizes.items() for word in (f"--{name}", str(size))]
    return Worker(str(value), [*glow_command(a, threads), *words], threads,
                  a.out / "logs" / f"scaling_{axis}_{value}.txt")


def measure(a, say):
    """By axis, for each value: FLOPs an image and images a second of each verb. The values of an axis take turns."""
    results = {}
    for axis, values in axes(a).items():
        with running([]) as workers:
            for value in values:
                workers.append(start(a, axis, value))
            flops = {w.name: w.ready["log_p_flops"] for w in workers}
            rates = in_turns(workers, VERBS, a.rounds, a.seconds / 2, lambda name, why: say(f"  {axis} {name}: {why}"))
        results[axis] = [{"value": value, "log_p_flops": flops[str(value)],
                          "images_per_s": {verb: rates[str(value)][verb]["images_per_s"] for verb in VERBS}}
                         for value in values if str(value) in rates]
        say(f"  {axis}: {', '.join(rates)}")
    return results


def growth(points, verb):
    """The most by which the cost of an image, for its FLOPs, exceeds that at any smaller value."""
    worst, least = 1.0, float("inf")
    for p in points:
        cost = 1 / (p["images_per_s"][verb] * p["log_p_flops"])
        worst, least = max(worst, cost / least), min(least, cost)
    return worst


def checks(results):
    """(axis, verb, growth, passed) of what must not grow."""
    return [(axis, verb, growth(results[axis], verb), growth(results[axis], verb) <= TOLERANCE)
            for axis in ("batch", "depth") if results.get(axis) for verb in VERBS]


def markdown(results):
    base = "/".join(f"{name} {size}" for name, size in BASE.items())
    lines = [f"Images a second, and GFLOP/s of log p(x), around {base}."]
    for axis, points in results.items():
        lines += ["", f"| {TITLES[axis]} | MFLOP an image | training | log p(x) | sampling | GFLOP/s |",
                  "|--:|--:|--:|--:|--:|--:|"]
        for p in points:
            r = p["images_per_s"]
            lines.append(f"| {p['value']} | {p['log_p_flops'] / 1e6:.1f} | " + " | ".join(digits(r[v]) for v in VERBS) +
                         f" | {r['log_p'] * p['log_p_flops'] / 1e9:.1f} |")
    lines += ["", "The cost of an image, for its FLOPs, may exceed that at any smaller value by 10%:", ""]
    lines += [f"- {TITLES[axis]}, {verb}: {worst - 1:+.0%}, {'pass' if passed else 'FAIL'}"
              for axis, verb, worst, passed in checks(results)]
    return "\n".join(lines) + "\n"
