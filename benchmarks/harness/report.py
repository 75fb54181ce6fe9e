"""results.md: a run in tables."""
import scaling
from compile_time import measure as compile_time

from . import memory, ops
from .numbers import digits
from .plots import VERB_TITLES

FLOPS_OF = {"train": 3, "log_p": 1, "sample": 1}  # times those of log p(x)


def rate_of(cell, name, verb):
    return cell["workers"].get(name, {}).get("rates", {}).get(verb, {}).get("images_per_s")


def ratio(cell, verb):
    """Of ours to the best peer; None where one of them is missing."""
    peers = [rate_of(cell, name, verb) for name in cell["workers"] if name != "glow"]
    best = max((r for r in peers if r), default=None)
    ours = rate_of(cell, "glow", verb)
    return ours / best if ours and best else None


def share(results, cell, verb):
    """Of SGEMM's rate, by the arithmetic that the verb needs; None where one of them is missing."""
    best = max(results["rates"]["sgemm"].values(), default=None)
    ours = rate_of(cell, "glow", verb)
    return ours * FLOPS_OF[verb] * cell["log_p_flops"] / best if ours and best else None


def told(value, form):
    return format(value, form) if value else ""


def title_of(cell):
    return cell["cell"] + ("" if cell["precision"] == "full" else f", {cell['precision']}")


def summary(results):
    lines = ["| | " + " | ".join(f"{t}: ratio | of SGEMM" for t in VERB_TITLES.values()) + " |",
             "|---|" + "--:|" * 6]
    for cell in results["models"]:
        columns = [told(f(verb), form) for verb in VERB_TITLES
                   for f, form in ((lambda v: ratio(cell, v), ".2f"), (lambda v: share(results, cell, v), ".0%"))]
        lines.append(f"| {title_of(cell)} | " + " | ".join(columns) + " |")
    return ["Images a second of glow over those of the best peer, and glow's arithmetic as a share of the best SGEMM's rate "
            "(training counts three times the FLOPs of log p(x)):", "", *lines]


def cell_table(cell):
    verbs = cell["verbs"]
    lines = ["", f"### {title_of(cell)}: {cell['setting']}", "",
             f"{cell['parameters']:,} parameters, {cell['log_p_flops'] / 1e6:,.1f} MFLOP an image for log p(x).", "",
             "| images/s | " + " | ".join(VERB_TITLES[v] for v in verbs) + " | peak memory of the process (MiB) |",
             "|---|" + "--:|" * (len(verbs) + 1)]
    notes = []
    for name, worker in cell["workers"].items():
        if "failed" in worker:
            lines.append(f"| {name} |" + " |" * (len(verbs) + 1))
            notes.append(f"{name} was not measured: {worker['failed']}")
            continue
        if worker["ready"].get("differs"):
            notes.append(f"{name} has {worker['ready']['parameters']:,} parameters: {worker['ready']['differs']['by']}.")
        lines.append(f"| {name} | " + " | ".join(digits(rate_of(cell, name, v)) for v in verbs) +
                     f" | {worker['peak_bytes'] / 2**20:.0f} |")
    lines.append("| glow / best peer | " + " | ".join(told(ratio(cell, v), ".2f") for v in verbs) + " | |")
    return lines + [line for note in notes for line in ("", note)]


def versions(results):
    found = {}
    for cell in results.get("models", []):
        for worker in cell["workers"].values():
            found.update(worker.get("ready", {}).get("versions", {}))
    return found


def markdown(results):
    machine = results["machine"]
    lines = [f"# {machine['processor']}, {results['options']['threads']} threads, {machine['date']}", "",
             "| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in machine.items() if value),
             *(f"| {name} | {value} |" for name, value in versions(results).items()),
             f"| protocol | best median of {results['options']['rounds']} rounds of {results['options']['seconds']} s |"]
    if results.get("rates"):
        lines += ["", "## What the machine does at most", "", "| | |", "|---|--:|",
                  *(f"| SGEMM, {name} | {rate / 1e9:.1f} GFLOP/s |" for name, rate in results["rates"]["sgemm"].items())]
        if results["rates"]["copy"]:
            lines.append(f"| copy, bytes read and written | {results['rates']['copy'] / 1e9:.1f} GB/s |")
    if results.get("models"):
        lines += ["", "## Whole models", "", *summary(results)]
        if "models" in results["plots"]:
            lines += ["", "![Speed of each library over the best peer's](models.png)"]
        for cell in results["models"]:
            lines += cell_table(cell)
    for name, heading, text in (("ops", "Ops and layers", ops.markdown), ("scaling", "Scaling", scaling.markdown),
                                ("memory", "Memory of training", memory.markdown),
                                ("compile", "Compiling", compile_time.markdown)):
        if results.get(name):
            lines += ["", f"## {heading}", ""]
            if name in results["plots"]:
                lines += [f"![{heading}]({name}.png)", ""]
            lines.append(text(results[name]).rstrip())
    for name, reason in results["failed"].items():
        lines += ["", f"Not measured: {name}, since {reason}"]
    return "\n".join(lines) + "\n"
