"""The cost model beside processes on networks of known bandwidth.

    sudo python3 benchmarks/ranks/network.py --program build/bin/glow [--ranks 2,4] [--gbit 1,10] [--steps 30]

Each rank of MPI has a network namespace of its own, which a bridge joins and whose bandwidth is limited (tc tbf; a kernel with netem
could add latency). A step is timed without a limit, which gives what it takes to compute, and with each; the table has that beside
what cost_model.py says. Needs root, iproute2 and Open MPI.
"""
import argparse
import contextlib
import json
import pathlib
import random
import stat
import statistics
import subprocess
import tempfile

from cost_model import levels_of, step_seconds

SIDE, CHANNELS, DEPTH, LEVELS = 32, 3, 4, 3


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    numbers = lambda text: [int(word) for word in text.split(",")]
    parser.add_argument("--program", required=True, type=lambda p: pathlib.Path(p).resolve())
    parser.add_argument("--ranks", type=numbers, default=[2, 4])
    parser.add_argument("--gbit", type=numbers, default=[1, 10])
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


def ip(*words):
    subprocess.run(["ip", *words], check=True)


@contextlib.contextmanager
def namespaces(count):
    """Names of network namespaces that reach one another and this machine's processes."""
    names = [f"10.77.0.{i + 1}" for i in range(count)]
    try:
        ip("link", "add", "glowbridge", "type", "bridge")
        ip("addr", "add", "10.77.0.254/24", "dev", "glowbridge")
        ip("link", "set", "glowbridge", "up")
        for i, name in enumerate(names):
            ip("netns", "add", name)
            ip("link", "add", f"glow{i}", "type", "veth", "peer", "name", "eth0", "netns", name)
            ip("link", "set", f"glow{i}", "master", "glowbridge", "up")
            ip("-n", name, "addr", "add", f"{name}/24", "dev", "eth0")
            ip("-n", name, "link", "set", "eth0", "up")
            ip("-n", name, "link", "set", "lo", "up")
        yield names
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], check=False)
        subprocess.run(["ip", "link", "del", "glowbridge"], check=False)


def limit(names, gbit):
    """Each rank sends at most so much; 0 for any."""
    for name in names:
        subprocess.run(["tc", "-n", name, "qdisc", "del", "dev", "eth0", "root"], check=False, stderr=subprocess.DEVNULL)
        if gbit > 0:
            subprocess.run(["tc", "-n", name, "qdisc", "add", "dev", "eth0", "root", "tbf", "rate", f"{gbit}gbit", "burst",
                            f"{gbit}mb", "latency", "100ms"], check=True)


def images(path, count=256):
    """Random images as CIFAR-10 has them."""
    draw = random.Random(1)
    path.write_bytes(b"".join(bytes([i % 10]) + draw.randbytes(SIDE * SIDE * CHANNELS) for i in range(count)))


def seconds_a_step(a, names, folder, limit_name):
    """The median over steps, the first ones left out."""
    agent = folder / "agent"
    agent.write_text('#!/bin/sh\nhost=$1\nshift\nexec ip netns exec "$host" sh -c "$*"\n')
    agent.chmod(agent.stat().st_mode | stat.S_IXUSR)
    run = folder / f"run_{limit_name}"
    command = ["mpirun", "--allow-run-as-root", "--mca", "plm_rsh_agent", agent, "--mca", "btl", "tcp,self", "--mca",
               "btl_tcp_if_include", "10.77.0.0/24", "--mca", "oob_tcp_if_include", "10.77.0.0/24", "--bind-to", "none", "-H",
               ",".join(names), "-n", str(len(names)), a.program, "train", "--data", folder / "images.bin", "--depth", str(DEPTH),
               "--levels", str(LEVELS), "--width", str(a.width), "--batch", str(a.batch), "--bits", "8", "--threads", "1", "--steps",
               str(a.steps), "--sample-every", "0", "--save-every", "0", "--validate-every", "0", "--quiet", "--out", run]
    # Several of Open MPI's daemons on one machine are in one another's way now and then when they start.
    for tries_left in (2, 1, 0):
        subprocess.run(["rm", "-rf", run], check=True)
        if subprocess.run(command, check=tries_left == 0, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0:
            break
    times = [json.loads(line)["seconds"] for line in (run / "metrics.jsonl").read_text().splitlines()]
    return statistics.median(b - c for b, c in zip(times[6:], times[5:]))


def main():
    a = arguments()
    levels, rest = levels_of(SIDE, CHANNELS, DEPTH, LEVELS, a.width)
    print(f"{SIDE}x{SIDE}x{CHANNELS}, K {DEPTH}, L {LEVELS}, width {a.width}, batch {a.batch}: "
          f"{sum(level.bytes for level in levels) / 1e6:.1f} MB of gradient")
    print("\n| ranks | Gbit/s | step, ms | model, ms | model / measured | without overlap, ms |\n|--:|--:|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as text:
        folder = pathlib.Path(text)
        images(folder / "images.bin")
        for ranks in a.ranks:
            with namespaces(ranks) as names:
                found = {gbit: [] for gbit in (0, *a.gbit)}
                for _ in range(a.rounds):
                    for gbit, times in found.items():
                        limit(names, gbit)
                        times.append(seconds_a_step(a, names, folder, gbit))
            compute = min(found[0])
            print(f"| {ranks} | any | {compute * 1e3:.1f} | | | |")
            for gbit in a.gbit:
                measured = min(found[gbit])
                said, one_by_one = (step_seconds(levels, rest, compute, ranks, gbit * 1e9 / 8, 50e-6, overlap=o) for o in (True, False))
                print(f"| {ranks} | {gbit} | {measured * 1e3:.1f} | {said * 1e3:.1f} | {said / measured:.2f} | {one_by_one * 1e3:.1f} |")


if __name__ == "__main__":
    main()
