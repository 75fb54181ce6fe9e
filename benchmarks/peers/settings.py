"""The sizes that the peers are measured at, and how: the same for each of them, and for benchmarks/speed.cpp."""
import argparse
import json
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Setting:
    side: int
    channels: int
    depth: int
    levels: int
    width: int
    batch: int

    @property
    def name(self):
        image = f"{self.side}x{self.side}x{self.channels}"
        return f"{image}/K{self.depth}/L{self.levels}/width{self.width}/batch{self.batch}"

    def level_shapes(self):
        """(height, channels) of the flow steps of each level."""
        side, channels = self.side, self.channels
        for _ in range(self.levels):
            side, channels = side // 2, channels * 4
            yield side, channels
            channels //= 2

    def parameters(self):
        """Trainable numbers, those of the split priors included, the top prior being N(0, I)."""
        n = 0
        for level, (_, c) in enumerate(self.level_shapes()):
            a, w = c // 2, self.width
            coupling = 9 * a * w + w + w * w + w + 9 * w * c + c
            n += self.depth * (2 * c + 2 * c * c + c + coupling)
            n += 9 * a * c + c if level + 1 < self.levels else 0
        return n

    def log_p_flops(self):
        """Floating-point operations of the convolutions for log p(x) of one image."""
        n = 0
        for level, (side, c) in enumerate(self.level_shapes()):
            a, w = c // 2, self.width
            n += side * side * self.depth * (9 * a * w + w * w + 9 * w * c + c * c)
            n += side * side * 9 * a * c if level + 1 < self.levels else 0
        return 2 * n


SETTINGS = {
    "small": Setting(8, 1, 4, 2, 64, 64),
    "middle": Setting(32, 3, 8, 3, 512, 8),
    "large": Setting(64, 3, 16, 3, 512, 2),
    "reference": Setting(64, 3, 16, 3, 512, 64),
}


def arguments(description, **choices):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--setting", choices=SETTINGS, default="middle")
    parser.add_argument("--batch", type=int, help="in place of the setting's")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--precision", choices=["full", "bf16"], default="full")
    parser.add_argument("--threads", type=int, default=2, help="on the CPU")
    parser.add_argument("--seconds", type=float, default=2, help="time for a repeat of a measurement")
    parser.add_argument("--repeats", type=int, default=5)
    for name, help_text in choices.items():
        parser.add_argument(f"--{name}", action="store_true", help=help_text)
    a = parser.parse_args()
    s = SETTINGS[a.setting]
    if a.batch:
        s = Setting(s.side, s.channels, s.depth, s.levels, s.width, a.batch)
    return a, s


def best_rate(run, batch, seconds, repeats):
    """Images a second of run(), which returns when its work is done: the best of several repeats."""
    run()
    begin = time.perf_counter()
    run()
    once = time.perf_counter() - begin
    rounds = max(1, int(seconds / repeats / once))
    best = float("inf")
    for _ in range(repeats):
        begin = time.perf_counter()
        for _ in range(rounds):
            run()
        best = min(best, (time.perf_counter() - begin) / rounds)
    return batch / best


def report(peer, versions, a, s, parameters, rates):
    """One line of JSON; refuses a model of another size."""
    if parameters != s.parameters():
        raise SystemExit(f"{peer}: the model has {parameters} parameters, but {s.parameters()} are due")
    print(json.dumps({"peer": peer, "versions": versions, "setting": s.name, "device": a.device, "precision": a.precision,
                      "parameters": parameters, "log_p_flops": s.log_p_flops(), "images_per_s": rates}), flush=True)
