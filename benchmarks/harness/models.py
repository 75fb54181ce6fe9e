"""Whole models: images a second of glow and of its peers, measured in turns on the same cores."""
import dataclasses
import sys
import time

from peers.settings import SETTINGS

from .machine import ROOT
from .numbers import digits
from .workers import Failure, Worker, in_turns, running

PEERS = {
    "jax": ("JAX", ["glow_jax.py"]),
    "torch": ("PyTorch", ["glow_torch.py"]),
    "torch-compile": ("PyTorch compiled", ["glow_torch.py", "--compile"]),
    "normflows": ("normflows", ["glow_normflows.py"]),
}


@dataclasses.dataclass(frozen=True)
class Cell:
    """One comparison."""
    name: str
    setting: str
    batch: int
    verbs: tuple
    precision: str


def cells(a):
    """Those that are asked for. "latency" is batch 1 of the middle setting, on a GPU of the reference."""
    for precision in a.precision:
        for name in a.settings:
            if name == "latency":
                setting = "reference" if a.device == "cuda" else "middle"
                yield Cell(name, setting, 1, ("log_p", "sample"), precision)
            else:
                yield Cell(name, name, SETTINGS[name].batch, ("train", "log_p", "sample"), precision)


def glow_command(a, threads):
    return [a.build / "benchmarks" / "glow_worker", "--threads", str(threads), "--device", a.device]


def contestants(a):
    """Command lines by name, glow's first."""
    yield "glow", glow_command(a, a.threads)
    for peer in a.peers:
        name, (script, *words) = PEERS[peer]
        yield name, [sys.executable, ROOT / "benchmarks" / "peers" / script, *words, "--threads", str(a.threads),
                     "--device", a.device]


def check(ready, setting, threads):
    """Throws Failure unless a worker has the model that is due, and the threads."""
    due = {"setting": setting.name, "parameters": setting.parameters(), "log_p_flops": setting.log_p_flops()}
    for name, difference in (ready.get("differs") or {}).items():
        if name in due:
            due[name] += difference
    if ready["device"] == "cpu":
        due["threads"] = threads
    for name, value in due.items():
        if ready[name] != value:
            raise Failure(f"its {name} is {ready[name]}, but {value} is due")


def start(a, name, command, log, setting, seconds=180):
    worker = Worker(name, command, a.threads, log, seconds)
    try:
        check(worker.ready, setting, a.threads)
    except Failure:
        worker.close()
        raise
    return worker


def measure_cell(a, cell, say):
    """{"workers": by name, {"ready", "rates", "peak_bytes"} or {"failed": why}} and the cell's sizes."""
    setting = dataclasses.replace(SETTINGS[cell.setting], batch=cell.batch)
    result = {"cell": cell.name, "setting": setting.name, "precision": cell.precision, "verbs": cell.verbs,
              "batch": cell.batch, "parameters": setting.parameters(), "log_p_flops": setting.log_p_flops(), "workers": {}}

    def failed(name, reason):
        say(f"  {name}: {reason}")
        result["workers"][name] = {"failed": reason}

    ready_by = time.monotonic() + a.patience
    with running([]) as workers:
        for name, command in contestants(a):
            words = ["--setting", cell.setting, "--batch", str(cell.batch), "--precision", cell.precision]
            log = a.out / "logs" / f"{cell.name}_{cell.precision}_{name.replace(' ', '_')}.txt"
            try:
                workers.append(start(a, name, [*command, *words], log, setting,
                                     min(180, max(0, ready_by - time.monotonic()))))
            except (Failure, OSError) as e:
                failed(name, str(e))
        rates = in_turns(workers, cell.verbs, a.rounds, a.seconds, failed, ready_by)
        for worker in workers:
            result["workers"][worker.name] = {"ready": worker.ready, "rates": rates[worker.name],
                                              "peak_bytes": worker.peak_bytes()}
    result["workers"] = {name: result["workers"][name] for name, _ in contestants(a)}
    for name, worker in result["workers"].items():
        if "rates" in worker:
            say(f"  {name}: " + ", ".join(f"{verb} {digits(r['images_per_s'])}" for verb, r in worker["rates"].items()))
    return result


def measure_rates(a, rates, say):
    """What the machine does at most: raises the best `rates` so far, {"sgemm": FLOP/s by library and size, "copy": bytes/s}. A
    GPU's are those of PyTorch's library."""
    commands = dict(contestants(a))
    asked = {"PyTorch": ["sgemm"]} if a.device == "cuda" else {"glow": ["sgemm", "copy"], "PyTorch": ["sgemm"]}
    with running([]) as workers:
        for name in asked:
            try:
                if name in commands:
                    workers.append(start(a, name, [*commands[name], "--setting", "small"],
                                         a.out / "logs" / f"rates_{name}.txt", SETTINGS["small"]))
            except (Failure, OSError) as e:
                say(f"  {name}: {e}")
        for _ in range(a.rounds):
            for worker, verb in [(w, verb) for w in workers for verb in asked[w.name]]:
                try:
                    answer = worker.ask(f"{verb} {a.seconds}")
                except Failure as e:
                    say(f"  {worker.name}, {verb}: {e}")
                    continue
                for product, rate in answer.get("flop_per_s", {}).items():
                    rates["sgemm"][product] = max(rate["median"], rates["sgemm"].get(product, 0))
                rates["copy"] = max(rates["copy"], answer.get("bytes_per_s", {"median": 0})["median"])
