"""Training of a model, step by step, and the loop of Model.train."""
from __future__ import annotations

import math
import os
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable

import numpy as np

from . import _glow, arrays
from .errors import ArgumentError
from .files import model_file
from .progress import Progress

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

    Call `start` once before the first step of a new model. A model that was trained before goes on with `step` alone.
    """

    def __init__(self, model: "Model", *, lr: float = 1e-3, warmup_steps: int = 0, optimizer: str = "adam", weight_decay: float = 0,
                 schedule: str = "constant", steps: int = 0, lr_last: float = 0, lr_every: int = 0, lr_factor: float = 0.1,
                 clip_norm: float = 0, clip_value: float = 0, ema: float = 0, accumulate: int = 1, seed: int = 0) -> None:
        """`optimizer`: "adam", "adamw" or "adamax". `schedule` of the rate after the warm-up: "constant", "cosine" down to
        `lr_last` times `lr` at step `steps`, or "step", times `lr_factor` every `lr_every` steps. `ema`: the share that running
        averages of the weights keep per step, 0.999 for instance; 0 for none. `accumulate`: parts in which a batch is taken."""
        if not hasattr(model, "_model"):
            raise TypeError(f"model: {model!r} is not a glow.Model")
        if not 0 < lr < math.inf:
            raise ArgumentError(f"lr: {lr} must be above 0 and finite")
        if not 0 <= ema < 1:
            raise ArgumentError(f"ema: {ema} must be at least 0 and below 1")
        if schedule == "step" and lr_every < 1:
            raise ArgumentError(f"lr_every: {lr_every} must be at least 1 with schedule 'step', whose rate falls every so many steps")
        self.model = model
        self._ema = ema
        self._trainer = _glow.new_trainer(model._model, lr=lr, warmup_steps=warmup_steps, optimizer=optimizer,
                                          weight_decay=weight_decay, schedule=schedule, steps=steps, lr_last=lr_last,
                                          lr_every=lr_every, lr_factor=lr_factor, clip_norm=clip_norm, clip_value=clip_value, ema=ema,
                                          accumulate=accumulate, seed=arrays.seed(seed))

    @property
    def steps(self) -> int:
        """Steps done."""
        return self._trainer.steps()

    @property
    def start_samples(self) -> int:
        """How many samples `start` wants, so that ActNorm knows enough of the data."""
        return self._trainer.start_images()

    def start(self, data: Any, labels: Any = None, features: Any = None) -> None:
        """The data-dependent start, by which ActNorm, and the standardization of continuous numbers, are those of `data`; in a model
        that was trained it undoes what these have learned. `data` as in `step`."""
        self.model._is_new = False
        if self.model.bits > 0 and features is None:
            self._trainer.start(arrays.pixels(data, self.model.sample_shape, "data"), self._labels(labels))
        else:
            self._trainer.start_on(arrays.floats(data, "data"), self._labels(labels), arrays.features(features))

    def step(self, data: Any, labels: Any = None, features: Any = None) -> StepResult:
        """One step on a batch: uint8 pixels [N, H, W, C] for a model of pixels, else float32 [N, ...]; with features for a context
        also for a model of pixels float32, in the model's numbers."""
        self.model._is_new = False
        if self.model.bits > 0 and features is None:
            result = self._trainer.step(arrays.pixels(data, self.model.sample_shape, "data"), self._labels(labels))
        else:
            result = self._trainer.step_on(arrays.floats(data, "data"), self._labels(labels), arrays.features(features))
        return StepResult(**result)

    def _labels(self, labels: Any) -> np.ndarray | None:
        return arrays.labels(labels, None, self.model.class_names)

    def use_average(self, use: bool) -> None:
        """Whether the model has the running averages of its weights in place of its own; no step may come meanwhile."""
        if not self._ema:
            raise ArgumentError("use_average: this Trainer was made without ema, so there are no averages")
        self._trainer.use_average(use)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the model with the state of its training, from which `resume` goes on."""
        self._trainer.save(os.fspath(path))

    def resume(self, path: str | os.PathLike[str]) -> None:
        """Goes on from such a file, or from the newest checkpoint of a run of `glow train`, with the bits of an unbroken run, given the
        same options and batches. The options are not in the file, and are not compared."""
        self._trainer.resume(os.fspath(model_file(path)))
        self.model._is_new = False


class Epochs:
    """Batches of samples, shuffled anew in each epoch."""

    def __init__(self, samples: np.ndarray, labels: np.ndarray | None, features: np.ndarray | None, batch: int, seed: int) -> None:
        self._samples, self._labels, self._features = samples, labels, features
        self._batch = min(batch, len(samples))
        self._order = np.random.default_rng(seed)
        self._waiting = np.empty(0, np.int64)
        self.each: Callable[[np.ndarray], np.ndarray] = lambda taken: taken  #: what becomes of the samples of a batch

    def first(self, count: int) -> tuple[Any, Any, Any]:
        """At least a batch, and as many as `count` if there are, for a start."""
        return self._part(self._order.permutation(len(self._samples))[:max(self._batch, count)])

    def batch(self) -> tuple[Any, Any, Any]:
        """The next samples, with their labels and features."""
        if len(self._waiting) < self._batch:
            self._waiting = self._order.permutation(len(self._samples))
        chosen, self._waiting = self._waiting[:self._batch], self._waiting[self._batch:]
        return self._part(chosen)

    def _part(self, chosen: np.ndarray) -> tuple[Any, Any, Any]:
        return (self.each(self._samples[chosen]), None if self._labels is None else self._labels[chosen],
                None if self._features is None else self._features[chosen])


def run(trainer: Trainer, epochs: Epochs, steps: int, callback: Callable[[StepResult], Any] | None, progress: bool | None,
        start: bool) -> list[StepResult]:
    """The loop of Model.train."""
    first = epochs.first(trainer.start_samples)  # drawn in any case, so that the batches are the same
    if start:
        trainer.start(*first)
    history: list[StepResult] = []
    show = Progress(steps, progress)
    try:
        for _ in range(steps):
            result = trainer.step(*epochs.batch())
            history.append(result)
            show(result)
            if callback is not None:
                ends = callback(result)
                if isinstance(ends, (bool, np.bool_)) and ends:
                    break
    finally:
        show.end()
    skipped = sum(not result.taken for result in history)
    if skipped:
        warnings.warn(f"train: {skipped} of {len(history)} steps were skipped, whose loss or gradient was not finite; a lower lr, "
                      "a longer warm-up or clip_norm may help", RuntimeWarning, stacklevel=3)
    return history
