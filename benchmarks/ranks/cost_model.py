"""How long a step takes that several ranks share: latency, bandwidth and FLOPs.

    python3 benchmarks/ranks/cost_model.py

Prints what the model says of 8 to 1024 GPUs. network.py checks it on processes here.

A rank computes its share of the batch. The backward pass goes from the last level to the first; a level's gradient is summed over
the ranks as soon as it is complete, one level after another, while those before are computed. A sum of n bytes moves 2 (N - 1) / N n
bytes in and out of each rank, in 2 (N - 1) messages:

    transfer(n) = 2 (N - 1) / N n / bandwidth + 2 (N - 1) latency
    end(l) = max(ready(l), end(l + 1)) + transfer(bytes(l)),   step = max(end(1), compute) + transfer(rest)
"""
from dataclasses import dataclass


@dataclass
class Level:
    """Of one level of a Glow: bytes of its gradient, and its share of the FLOPs."""
    bytes: float
    flops: float


def levels_of(side, channels, depth, levels, width):
    """The levels of a Glow for images of side x side x channels, and bytes of what is left."""
    found = []
    c, s = channels, side
    for level in range(levels):
        c, s = 4 * c, s // 2
        half = c // 2
        network = 9 * half * width + width * width + 9 * width * c
        parameters = depth * (network + c * c + 4 * c + 2 * width)
        split = 9 * half * c if level + 1 < levels else 0
        found.append(Level(4 * (parameters + split), s * s * depth * (network + c * c)))
        c = half
    return found, 4 * 2 * c


FORWARD = 1 / 3  # of a step's time: the backward pass has twice the products


def transfer(size, ranks, bandwidth, latency):
    """Seconds of a sum of `size` bytes; bandwidth in bytes a second, latency in seconds a message."""
    if ranks == 1 or size == 0:
        return 0.0
    return 2 * (ranks - 1) / ranks * size / bandwidth + 2 * (ranks - 1) * latency


def step_seconds(levels, rest, compute, ranks, bandwidth, latency, overlap=True):
    """Seconds of a step whose share of the batch a rank computes in `compute` seconds."""
    if not overlap:
        return compute + transfer(sum(level.bytes for level in levels) + rest, ranks, bandwidth, latency)
    all_flops = sum(level.flops for level in levels)
    ready = FORWARD * compute
    end = 0.0
    for level in reversed(levels):
        ready += (1 - FORWARD) * compute * level.flops / all_flops
        end = max(ready, end) + transfer(level.bytes, ranks, bandwidth, latency)
    return max(end, compute) + transfer(rest, ranks, bandwidth, latency)


def main():
    # The published model of 256x256x3 images, 8 images a GPU, on H100s that reach 300 TFLOP/s in bf16; eight GPUs of a machine share
    # NVLink (450 GB/s each way), machines have 400 Gbit/s a GPU.
    levels, rest = levels_of(256, 3, 32, 6, 512)
    images, flops_per_s = 8, 300e12
    compute = 6 * sum(level.flops for level in levels) * images / flops_per_s
    size = sum(level.bytes for level in levels)
    print(f"256x256x3, K 32, L 6, width 512: {size / 4e6:.0f} million parameters, {images} images a GPU: {compute * 1e3:.0f} ms a step")
    print("\n| GPUs | step, ms | efficiency | in bf16, ms | efficiency |\n|--:|--:|--:|--:|--:|")
    for gpus in (1, 8, 16, 64, 256, 1024):
        bandwidth, latency = (450e9, 3e-6) if gpus <= 8 else (50e9, 5e-6)
        whole = step_seconds(levels, rest, compute, gpus, bandwidth, latency)
        half = step_seconds([Level(level.bytes / 2, level.flops) for level in levels], rest, compute, gpus, bandwidth, latency)
        print(f"| {gpus} | {whole * 1e3:.1f} | {compute / whole:.1%} | {half * 1e3:.1f} | {compute / half:.1%} |")


if __name__ == "__main__":
    main()
