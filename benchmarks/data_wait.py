"""How much of its time training waits for pictures, and how fast they can be had.

    python3 benchmarks/data_wait.py --program build/bin/glow [--pictures 20000] [--seconds 60] [--out DIR]

Makes JPEG files of 64x64 pixels, in a folder and in tar shards of 1000, and some of 512x512; then trains on each with nothing kept
in memory (--cache-mib 0), so that every picture is read and decoded anew. A small model waits as training does; the smallest one
takes pictures about as fast as they come, which gives their rate. Prints a table, and writes it with all numbers into --out as
results.md and results.json. Needs Pillow and NumPy. The pictures are kept in --work, and made only once.
"""
import argparse
import io
import json
import os
import pathlib
import platform
import subprocess
import sys
import tarfile
import time

import numpy
from PIL import Image

MODELS = {  # what `glow train` is told, and the batch
    "K 4, L 3, width 64": ["--depth", "4", "--levels", "3", "--width", "64", "--batch", "64"],
    "K 1, L 1, width 1": ["--depth", "1", "--levels", "1", "--width", "1", "--batch", "256"],
}
SHARD = 1000


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, help="the glow program")
    parser.add_argument("--pictures", type=int, default=20000, help="of 64x64; of 512x512 a tenth as many")
    parser.add_argument("--seconds", type=float, default=60, help="that each run trains")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("/tmp/glow_data_wait"))
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("benchmarks-out/data_wait"))
    return parser.parse_args()


def jpeg(number, side):
    """A picture of blots of four sizes, which takes about as many bytes as a photograph, at quality 90."""
    random = numpy.random.default_rng(number)
    pixels = numpy.zeros((side, side, 3))
    for size in (2, 8, 32, 64):
        blots = Image.fromarray(random.integers(0, 256, (size, size, 3), numpy.uint8)).resize((side, side), Image.BICUBIC)
        pixels += numpy.asarray(blots, float) / size**0.7
    pixels = (pixels - pixels.min()) / (pixels.max() - pixels.min()) * 255
    file = io.BytesIO()
    Image.fromarray(pixels.astype(numpy.uint8)).save(file, "JPEG", quality=90)
    return file.getvalue()


def make(work, side, count):
    """The pictures in shards and, of 64x64, in a folder; returns their mean size in bytes."""
    shards, folder, done = work / f"shards_{side}", work / f"folder_{side}", work / f"done_{side}_{count}"
    if not done.exists():
        shards.mkdir(parents=True, exist_ok=True)
        folder.mkdir(parents=True, exist_ok=True)
        total = 0
        for first in range(0, count, SHARD):
            with tarfile.open(shards / f"train-{first // SHARD:06}.tar", "w") as tar:
                for i in range(first, min(first + SHARD, count)):
                    file = jpeg(i, side)
                    total += len(file)
                    for name, contents in ((f"{i:06}.jpg", file), (f"{i:06}.cls", str(i % 10).encode())):
                        member = tarfile.TarInfo(name)
                        member.size = len(contents)
                        tar.addfile(member, io.BytesIO(contents))
                    if side == 64:
                        (folder / f"{i:06}.jpg").write_bytes(file)
        done.write_text(str(total / count))
    return float(done.read_text())


def trained(a, data, model, more):
    """Numbers of a run that trains for --seconds; its first step, which starts the model, is told apart."""
    run = a.work / "run"
    subprocess.run(["rm", "-rf", run], check=True)
    words = [a.program, "train", "--data", data, "--size", "64x64", "--channels", "3", "--out", run, "--steps", "1000000", "--threads",
             str(a.threads), "--device", a.device, "--cache-mib", "0", "--sample-every", "0", "--validate-every", "0", "--save-every", "0",
             "--quiet", *model, *more]
    with subprocess.Popen(words) as child:
        began = time.monotonic()
        while time.monotonic() - began < a.seconds:
            time.sleep(0.5)
            if child.poll() is not None:
                sys.exit(f"glow train ended with status {child.returncode}")
        child.terminate()
        child.wait()
    steps = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    seconds = steps[-1]["seconds"] - steps[0]["seconds"]
    waited = sum(step["waited"] for step in steps[1:])
    batch = int(model[model.index("--batch") + 1])
    return {"steps": len(steps), "seconds": seconds, "waited": waited, "share": waited / seconds, "first_wait": steps[0]["waited"],
            "images_per_second": (len(steps) - 1) * batch / seconds}


def machine():
    cpu = platform.processor()
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            cpu = line.split(":")[1].strip()
    return f"{cpu}, {len(os.sched_getaffinity(0))} processors, load {os.getloadavg()[0]:.1f} at the start"


def main():
    a = arguments()
    where = machine()
    sizes = {64: make(a.work, 64, a.pictures), 512: make(a.work, 512, a.pictures // 10)}
    data = {
        "shards, 64x64, by shards": (a.work / "shards_64", ["--shuffle", "shards"]),
        "shards, 64x64, in full": (a.work / "shards_64", ["--shuffle", "full"]),
        "folder, 64x64": (a.work / "folder_64", []),
        "shards, 512x512 to 64x64": (a.work / "shards_512", []),
    }
    runs = {(what, model): trained(a, place, words, more)
            for model, words in MODELS.items() for what, (place, more) in data.items()}
    text = "\n".join([
        "# Waiting for pictures", "",
        f"`benchmarks/data_wait.py` on {where}.",
        f"JPEG files of {sizes[64]:.0f} bytes (64x64) and {sizes[512]:.0f} bytes (512x512) on average, nothing kept in memory, "
        f"{a.seconds:.0f} seconds a run.", "",
        "| model | data | steps | images/s | waited, % of the time |", "|---|---|--:|--:|--:|",
        *(f"| {model} | {what} | {r['steps']} | {r['images_per_second']:.0f} | {100 * r['share']:.2f} |"
          for (what, model), r in runs.items()), ""])
    a.out.mkdir(parents=True, exist_ok=True)
    (a.out / "results.md").write_text(text)
    (a.out / "results.json").write_text(json.dumps(
        {"machine": where, "bytes": sizes, "runs": [{"model": m, "data": d, **r} for (d, m), r in runs.items()]}, indent=1) + "\n")
    print(text)


main()
