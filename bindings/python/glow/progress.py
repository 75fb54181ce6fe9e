"""A line on stderr that tells how far training is."""
from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .training import StepResult


class Progress:
    """Called with the result of each of `steps` steps. `wanted` None: if stderr is a terminal, or in a notebook."""

    def __init__(self, steps: int, wanted: bool | None) -> None:
        self._steps = steps
        self._on = wanted if wanted is not None else sys.stderr.isatty() or "ipykernel" in sys.modules
        self._told, self._begin = 0.0, time.monotonic()

    def __call__(self, result: "StepResult") -> None:
        now = time.monotonic()
        if not self._on or (now - self._told < 0.2 and result.step < self._steps):
            return
        self._told = now
        rate = result.step / max(now - self._begin, 1e-9)
        left = (self._steps - result.step) / rate
        sys.stderr.write(f"\rstep {result.step}/{self._steps}  {result.bits_per_dim:.3f} bits/dim  {rate:.1f} steps/s  {left:.0f} s left ")
        sys.stderr.flush()

    def end(self) -> None:
        if self._on:
            sys.stderr.write("\n")
            sys.stderr.flush()
