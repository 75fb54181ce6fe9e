"""The sizes that whole models are measured at. benchmarks/model/setting.hpp has the same ones by the same names."""
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
        """Trainable numbers that are due, those of the split priors included, the top prior being N(0, I)."""
        n = self.prior_parameters()
        for _, c in self.level_shapes():
            a, w = c // 2, self.width
            coupling = 9 * a * w + w + w * w + w + 9 * w * c + c
            n += self.depth * (2 * c + 2 * c * c + c + coupling)
        return n

    def prior_parameters(self):
        """Those of the split priors."""
        return sum(9 * (c // 2) * c + c for _, c in list(self.level_shapes())[:-1])

    def log_p_flops(self):
        """Floating-point operations that the convolutions are due to take for log p(x) of one image."""
        n = self.prior_flops()
        for side, c in self.level_shapes():
            a, w = c // 2, self.width
            n += 2 * side * side * self.depth * (9 * a * w + w * w + 9 * w * c + c * c)
        return n

    def prior_flops(self):
        """Those of the split priors."""
        return sum(2 * side * side * 9 * (c // 2) * c for side, c in list(self.level_shapes())[:-1])


SETTINGS = {
    "small": Setting(8, 1, 4, 2, 64, 64),
    "fashion": Setting(28, 1, 16, 2, 128, 64),
    "middle": Setting(32, 3, 8, 3, 512, 8),
    "large": Setting(64, 3, 16, 3, 512, 2),
    "reference": Setting(64, 3, 16, 3, 512, 64),
}
