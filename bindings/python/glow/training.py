"""Training of a model, step by step."""
from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import _glow, arrays

if TYPE_CHECKING:
    from .model import Model


@dataclass(frozen=True)
class StepResult:
    """What one step of training saw."""

    step: int  #: counts from 1
    bits_per_dim: float  #: mean over the batch, before the step; of continuous data, of the density
    nats: float  #: the same loss as -log p of a whole sample
    gradient_norm: float
    learning_rate: float
    taken: bool  #: False if loss or gradient were not finite: the parameters are unchanged
    accuracy: float  #: of the classifier of a model with classes


class Trainer:
    """Trains a model by maximum likelihood; `Model.train` is the loop around it.

    `start` or the first `step` may come first: `start` sets ActNorm by a first batch, as it should be once before all steps.
    """

    def __init__(self, model: "Model", *, lr: float = 1e-3, warmup_steps: int = 0, optimizer: str = "adam", weight_decay: float = 0,
                 schedule: str = "constant", steps: int = 0, lr_last: float = 0, lr_every: int = 0, lr_factor: float = 0.1,
                 clip_norm: float = 0, clip_value: float = 0, ema: float = 0, accumulate: int = 1, seed: int = 0) -> None:
        """`optimizer`: "adam", "adamw" or "adamax". `schedule` of the rate after the warm-up: "constant", "cosine" down to
        `lr_last` times `lr` at step `steps`, or "step", times `lr_factor` every `lr_every` steps. `ema`: the share that running
        averages of the weights keep per step, 0.999 for instance; 0 for none. `accumulate`: parts in which a batch is taken."""
        self.model = model
        self._trainer = _glow.new_trainer(model._model, lr=lr, warmup_steps=warmup_steps, optimizer=optimizer,
                                          weight_decay=weight_decay, schedule=schedule, steps=steps, lr_last=lr_last,
                                          lr_every=lr_every, lr_factor=lr_factor, clip_norm=clip_norm, clip_value=clip_value, ema=ema,
                                          accumulate=accumulate, seed=seed)

    @property
    def steps(self) -> int:
        """Steps done."""
        return self._trainer.steps()

    @property
    def start_samples(self) -> int:
        """How many samples `start` wants, so that ActNorm knows enough of the data."""
        return self._trainer.start_images()

    def start(self, data: Any, labels: Any = None, features: Any = None) -> None:
        """The data-dependent start: `data` as in `step`."""
        if self.model.bits > 0:
            self._trainer.start(arrays.pixels(data, self.model.sample_shape, "data"), arrays.labels(labels))
        else:
            self._trainer.start_on(arrays.floats(data, "data"), arrays.labels(labels), arrays.features(features))

    def step(self, data: Any, labels: Any = None, features: Any = None) -> StepResult:
        """One step on a batch: uint8 pixels [N, H, W, C] for a model of pixels, else float32 [N, ...]; with features for a context
        also for a model of pixels float32, in the model's numbers."""
        if self.model.bits > 0 and features is None:
            result = self._trainer.step(arrays.pixels(data, self.model.sample_shape, "data"), arrays.labels(labels))
        else:
            result = self._trainer.step_on(arrays.floats(data, "data"), arrays.labels(labels), arrays.features(features))
        return StepResult(**result)

    def use_average(self, use: bool) -> None:
        """Whether the model has the running averages of its weights in place of its own; no step may come meanwhile."""
        self._trainer.use_average(use)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the model with the state of its training, from which `resume` goes on."""
        self._trainer.save(os.fspath(path))

    def resume(self, path: str | os.PathLike[str]) -> None:
        """Goes on from such a file with the bits of an unbroken run, given the same options and batches."""
        self._trainer.resume(os.fspath(path))
