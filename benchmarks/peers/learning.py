"""What the peers that learn Fashion-MNIST share: options, images, the rate of each step, and the curve that they write."""
import argparse
import gzip
import json
import math
import pathlib
import resource
import time

import numpy

TEST_IMAGES = 1024  # the first ones, as glow train takes


def arguments(description, **choices):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path("/usr/share/datasets/fashion-mnist"))
    parser.add_argument("--out", type=pathlib.Path, required=True, help="the curve, a line of JSON a point")
    parser.add_argument("--minutes", type=float, required=True, help="processor time over --threads to learn for")
    parser.add_argument("--steps", type=int, required=True, help="of the schedule, of which --minutes may see the beginning")
    parser.add_argument("--lr", type=float, required=True)
    parser.add_argument("--warmup", type=int, required=True)
    parser.add_argument("--ema", type=float, required=True)
    parser.add_argument("--clip-norm", type=float, default=0, help="most that the gradient's norm may be, 0 for any")
    parser.add_argument("--every", type=int, default=100, help="steps between validations")
    parser.add_argument("--coupling", choices=["affine", "exp"], default="affine")
    parser.add_argument("--precision", choices=["full", "bf16"], default="full")
    parser.add_argument("--threads", type=int, default=2)
    for name, help_text in choices.items():
        parser.add_argument(f"--{name}", action="store_true", help=help_text)
    return parser.parse_args()


def images(folder, part, count=None):
    """[N, 28, 28, 1] of the part "train" or "t10k"."""
    bytes_ = gzip.open(folder / f"{part}-images-idx3-ubyte.gz").read()
    return numpy.frombuffer(bytes_, numpy.uint8, offset=16).reshape(-1, 28, 28, 1)[:count]


def dequantised(pixels, random):
    """Numbers from -1/2 to 1/2, uniform in the bin of each pixel."""
    return ((pixels + random.random(pixels.shape, numpy.float32)) / 256 - 0.5).astype(numpy.float32)


def batches(pixels, batch, random):
    """Without an end: epochs in random orders, one running into the next."""
    order = numpy.empty(0, int)
    while True:
        if len(order) < batch:
            order = numpy.concatenate([order, random.permutation(len(pixels))])
        yield dequantised(pixels[order[:batch]], random)
        order = order[batch:]


def rate(a, step):
    """Of step 1, 2, ...: in a line up to --lr, and then along half a cosine to 0 at the last step."""
    if step <= a.warmup:
        return a.lr * step / a.warmup
    return a.lr * 0.5 * (1 + math.cos(math.pi * (step - a.warmup) / (a.steps - a.warmup)))


def bits_per_dim(log_p, pixels):
    """Of log p [N] of dequantised images as they are scaled here, `pixels` numbers each."""
    return -float(numpy.mean(log_p)) / (pixels * math.log(2)) + 8


def processor_seconds():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def learn(a, name, versions, batch, start, step, log_p):
    """Trains for --minutes and writes the curve. `start` takes a batch, from which the model begins; `step` takes one and its rate, and
    returns when it is done; `log_p` takes images and gives [N] by averaged weights."""
    random = numpy.random.default_rng(0)
    test = dequantised(images(a.data, "t10k", TEST_IMAGES), numpy.random.default_rng(1))
    feed = batches(images(a.data, "train"), batch, random)
    start(next(feed))
    step_times = []
    with a.out.open("w") as out:
        def tell(line):
            print(json.dumps(line), file=out, flush=True)

        tell({"peer": name, "versions": versions, "precision": a.precision, "coupling": a.coupling,
              "threads": a.threads, "lr": a.lr, "steps": a.steps, "warmup": a.warmup, "ema": a.ema, "batch": batch})
        for t in range(1, a.steps + 1):
            begin = processor_seconds()
            step(next(feed), rate(a, t))
            step_times.append((processor_seconds() - begin) / a.threads)
            done = processor_seconds() / a.threads >= 60 * a.minutes or t == a.steps
            if done or t % a.every == 0:
                value = bits_per_dim(numpy.concatenate([log_p(x) for x in numpy.split(test, len(test) // batch)]), test[0].size)
                tell({"step": t, "seconds": processor_seconds() / a.threads, "wall": time.time(),
                      "seconds_per_step": float(numpy.median(step_times)), "validation_bits_per_dim": value})
            if done:
                return
