"""How much of its time training waits for pictures, and how fast they can be had.

    python3 benchmarks/data_wait.py --program build/bin/glow --loader build/benchmarks/glow_data_benchmark [--out DIR]

Makes JPEG files of 64x64 pixels, in a folder and in tar shards of 1000, and some of 512x512. Nothing is kept in memory of what is
decoded, so every picture is read and decoded anew. First small models are trained on the CPU, on each of the data. Then the loader
alone gives batches of 64, as fast as it can and to trainers of given rates that leave the processors alone, as a GPU does. Prints
tables, and writes them with all numbers into --out as results.md and results.json. Needs Pillow and NumPy. The pictures are kept in
--work, and made only once.
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

MODELS = {  # what `glow train` is told of them
    "K 4, L 3, width 64": ["--depth", "4", "--levels", "3", "--width", "64", "--batch", "64"],
    "K 1, L 1, width 8": ["--depth", "1", "--levels", "1", "--width", "8", "--batch", "64"],
}
RATES = (0, 500, 2000, 5000)  # images a second; 0: as fast as they come
SHARD = 1000


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, help="the glow program")
    parser.add_argument("--loader", required=True, help="glow_data_benchmark")
    parser.add_argument("--pictures", type=int, default=20000, help="of 64x64; of 512x512 a tenth as many")
    parser.add_argument("--seconds", type=float, default=45, help="that each run trains; the loader takes a quarter")
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
    words = [a.program, "train", "--data", data, "--size", "64x64", "--channels", "3", "--cache-mib", "0", "--out", run, "--quiet",
             "--steps", "1000000", "--sample-every", "0", "--validate-every", "0", "--save-every", "0", "--threads", str(a.threads),
             "--device", a.device, *model, *more]
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


def loaded(a, data, more, rate):
    """Numbers of the loader with a trainer of this rate."""
    threads = a.threads or len(os.sched_getaffinity(0))
    shuffle = "shards" if "shards" in more else "full"
    words = [a.loader, data, "64", "64", str(threads), shuffle, str(rate), str(a.seconds / 4)]
    return json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)


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
        "shards, 512x512 to 64x64": (a.work / "shards_512", ["--shuffle", "shards"]),
    }
    runs = {(what, model): trained(a, place, words, more)
            for model, words in MODELS.items() for what, (place, more) in data.items()}
    rates = {what: [loaded(a, place, more, rate) for rate in RATES] for what, (place, more) in data.items()}
    text = "\n".join([
        "# Waiting for pictures", "",
        f"`benchmarks/data_wait.py` on {where}.",
        f"JPEG files of {sizes[64]:.0f} bytes (64x64) and {sizes[512]:.0f} bytes (512x512) on average, nothing kept in memory,",
        f"{a.seconds:.0f} seconds a run. Models trained on the CPU:", "",
        "| model | data | steps | images/s | waited, % of the time |", "|---|---|--:|--:|--:|",
        *(f"| {model} | {what} | {r['steps']} | {r['images_per_second']:.0f} | {100 * r['share']:.3f} |"
          for (what, model), r in runs.items()), "",
        "The loader alone, images/s, and % of its time that a trainer of a given rate waits which leaves the processors alone:", "",
        "| data | images/s | " + " | ".join(f"at {rate} images/s" for rate in RATES[1:]) + " |",
        "|---|--:" + "|--:" * len(RATES[1:]) + "|",
        *(f"| {what} | {fastest['images_per_s']:.0f} | " + " | ".join(f"{100 * r['waited']:.2f}" for r in others) + " |"
          for what, (fastest, *others) in rates.items()), ""])
    a.out.mkdir(parents=True, exist_ok=True)
    (a.out / "results.md").write_text(text)
    (a.out / "results.json").write_text(json.dumps(
        {"machine": where, "bytes": sizes, "runs": [{"model": m, "data": d, **r} for (d, m), r in runs.items()],
         "loader": [{"data": d, "rate": rate, **r} for d, of in rates.items() for rate, r in zip(RATES, of)]}, indent=1) + "\n")
    print(text)


main()
