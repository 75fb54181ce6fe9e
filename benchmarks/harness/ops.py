"""Ops and layers, by Google Benchmark."""
import json
import subprocess

from .workers import cores, environment


def measure(a, say):
    """Figures by name, of everything but whole models; {"failed": why} where the program is not built."""
    program = a.build / "benchmarks" / "glow_benchmark"
    if not program.exists():
        return {"failed": "glow_benchmark was not built: Google Benchmark was not found"}
    out = a.out / "logs" / "ops.json"
    processors = ",".join(map(str, cores(a.threads)))
    with open(a.out / "logs" / "ops.txt", "w") as log:
        subprocess.run(["taskset", "-c", processors, program, "--benchmark_filter=-^(train|log_p|sample)/",
                        f"--benchmark_min_time={min(a.seconds, 0.5)}", f"--benchmark_out={out}",
                        "--benchmark_out_format=json"],
                       check=True, stdout=log, stderr=log, env=environment(a.threads))
    run = json.loads(out.read_text())
    say(f"  {len(run['benchmarks'])} measured")
    return {"benchmarks": [{key: b.get(key) for key in ("name", "real_time", "bytes/s", "FLOP/s", "share_of_copy",
                                                        "share_of_sgemm")}
                           for b in run["benchmarks"]]}


def giga(rate):
    return f"{rate / 1e9:.2f}" if rate else ""


def markdown(results):
    if "failed" in results:
        return results["failed"] + "\n"
    lines = ["| op | time (us) | GB/s | GFLOP/s | of a copy's or SGEMM's rate |", "|---|--:|--:|--:|--:|"]
    for b in results["benchmarks"]:
        share = b["share_of_copy"] or b["share_of_sgemm"]
        lines.append(f"| {b['name'].removesuffix('/real_time')} | {b['real_time']:.1f} | {giga(b['bytes/s'])} | "
                     f"{giga(b['FLOP/s'])} | {share:.0%} |")
    return "\n".join(lines) + "\n"
