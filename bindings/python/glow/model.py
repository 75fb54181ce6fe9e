"""Models: opened, made anew, judged, sampled and trained."""
from __future__ import annotations

import os
import pathlib
import sys
import time
from typing import Any, Callable, NamedTuple, Sequence

import numpy as np

from . import _glow, arrays
from .data import training_data
from .errors import FileError, ShapeError
from .picture import Picture, grid
from .training import StepResult, Trainer


class Encoding(NamedTuple):
    """Latents of N samples, and the terms of their likelihood."""

    latents: np.ndarray  #: packed, in the shape of the samples: see Model.split_latents
    logdet: np.ndarray  #: [N] log|det dz/dx|
    logpz: np.ndarray  #: [N] log p(z); log p(x) = logpz + logdet


class Gradient(NamedTuple):
    """log p(x) [N] and its gradients."""

    log_prob: np.ndarray
    x: np.ndarray  #: in the shape of x
    features: np.ndarray | None  #: of a model with a context of features


class Model:
    """A flow of images [H, W, C] or vectors [D].

    Where a method says x, it takes float32 [N, H, W, C] or [N, D] in the model's own numbers, which for a model of 8-bit pixels are
    level / 2^bits - 1/2 (`to_numbers` makes them of pixels). A model with classes needs `labels` [N], one with a context `features`
    [N, E] or [N, H, W, E]. Methods that change nothing may be called by several threads at once.
    """

    def __init__(self, sample_shape: Sequence[int], *, levels: int | None = None, depth: int = 16, width: int | None = None,
                 learn_top_prior: bool = True, coupling: str | None = None, permutation: str = "lu", precision: str = "full",
                 bits: int | None = None, classes: int | Sequence[str] = 0, context: Sequence[int] = (), condition: str = "all",
                 seed: int = 0, device: str = "auto") -> None:
        """A new model.

        `sample_shape`: (H, W, C) or (D,). `levels` (3 of images, 1 of vectors), `depth` steps per level, `width` hidden units of
        coupling networks (512, or 64 of vectors). `coupling`: "affine", "additive", "exp" or "spline", the default of vectors.
        `permutation`: "lu", "shuffle" or "reverse". `bits`: of pixels, 1 to 8, the default of images; 0 for continuous numbers,
        whose mean and deviation come from the start. `classes`: how many, or their names. `context`: the shape of one sample's
        features. `condition`: which parts read the context, "all" or "priors". `device`: "auto", "cpu" or "cuda".
        """
        shape = tuple(int(e) for e in sample_shape)
        vectors = len(shape) == 1
        names = [] if isinstance(classes, (int, np.integer)) else [str(name) for name in classes]
        count = classes if isinstance(classes, (int, np.integer)) else len(names)
        self._model = _glow.new_model(
            sample=list(shape), levels=levels if levels is not None else (1 if vectors else 3), depth=depth,
            width=width if width is not None else (64 if vectors else 512), learn_top_prior=learn_top_prior, precision=precision,
            coupling=coupling if coupling is not None else ("spline" if vectors else "affine"), permutation=permutation,
            context=[int(e) for e in context], condition=condition, classes=int(count),
            bits=bits if bits is not None else (0 if vectors else 8), class_names=names, seed=seed, device=device)

    @classmethod
    def _of(cls, model: Any) -> "Model":
        made = cls.__new__(cls)
        made._model = model
        return made

    # What it is.

    @property
    def sample_shape(self) -> tuple[int, ...]:
        """(H, W, C) or (D,)."""
        return tuple(self._model.sample_shape())

    @property
    def architecture(self) -> dict[str, Any]:
        """Levels, depth, width and so on, by their names in `Model`."""
        return self._model.architecture()

    @property
    def bits(self) -> int:
        """Bits of 8-bit pixels that are told apart; 0 for continuous numbers."""
        return self._model.bits()

    @property
    def classes(self) -> int:
        """How many classes the model has; 0 for none."""
        return self.architecture["classes"]

    @property
    def class_names(self) -> list[str]:
        """Their names, if the file has some."""
        return self._model.class_names()

    @property
    def device(self) -> str:
        """"cpu" or "cuda"."""
        return self._model.device()

    @property
    def parameter_count(self) -> int:
        """Trainable numbers."""
        return self._model.parameter_count()

    def summary(self) -> str:
        """The model in words: sizes, device and tensors."""
        a = self.architecture
        lines = [repr(self), f"  device      {self._model.device_name()}"]
        lines += [f"  {name:<18}{value}" for name, value in a.items() if value not in ((), 0)]
        lines.append(f"  parameters        {self.parameter_count:,}")
        lines += [f"  latent {i + 1}          {'x'.join(map(str, s[1:]))}" for i, s in enumerate(self._model.latent_shapes())]
        return "\n".join(lines)

    def __repr__(self) -> str:
        a = self.architecture
        data = f"{self.bits}-bit pixels" if self.bits else "continuous numbers"
        return (f"<glow.Model of {'x'.join(map(str, self.sample_shape))} {data}, {a['levels']} levels of {a['depth']} steps, "
                f"{a['coupling']}, {self.parameter_count:,} parameters>")

    # Likelihoods.

    def log_prob(self, x: Any, labels: Any = None, features: Any = None) -> np.ndarray:
        """log p(x) [N] in nats."""
        return self._model.log_prob(arrays.floats(x, "x"), arrays.labels(labels), arrays.features(features))

    def gradient(self, x: Any, labels: Any = None, features: Any = None) -> Gradient:
        """log p(x) with its gradient by x and by the features."""
        return Gradient(*self._model.gradient(arrays.floats(x, "x"), arrays.labels(labels), arrays.features(features)))

    def bits_per_dim(self, pixels: Any, labels: Any = None, seed: int = 0) -> np.ndarray:
        """-log2 p per number [N], float64, of 8-bit pixels [N, H, W, C], which are dequantized with noise of `seed` and of their
        number."""
        return self._model.bits_per_dim(arrays.pixels(pixels, self.sample_shape, "pixels"), seed, arrays.labels(labels))

    # Between samples and latents.

    def encode(self, x: Any, labels: Any = None, features: Any = None) -> Encoding:
        """Latents and the terms of the likelihood."""
        return Encoding(*self._model.encode(arrays.floats(x, "x"), arrays.labels(labels), arrays.features(features)))

    def decode(self, latents: Any, labels: Any = None, features: Any = None) -> np.ndarray:
        """Samples of packed latents: decode(encode(x).latents) is x."""
        return self._model.decode(arrays.floats(latents, "latents"), arrays.labels(labels), arrays.features(features))

    def split_latents(self, latents: np.ndarray) -> list[np.ndarray]:
        """Packed latents level by level, the finest first, [N, h, w, c] each: views of the same memory."""
        flat, count, at, levels = latents.reshape(-1), len(latents), 0, []
        for one in self._model.latent_shapes():
            shape = (count, *one[1:])
            size = int(np.prod(shape))
            levels.append(flat[at:at + size].reshape(shape))
            at += size
        return levels

    def classify(self, latents: Any) -> np.ndarray:
        """The classes [N] that the model's classifier finds in packed latents."""
        return self._model.classify(arrays.floats(latents, "latents"))

    # Samples.

    def _labels_for(self, count: int, labels: Any) -> np.ndarray | None:
        given = arrays.labels(labels)
        return np.full(count, given[0]) if given is not None and given.size == 1 else given

    def sample(self, count: int, temperature: float = 0.7, *, seed: int = 0, first: int = 0, labels: Any = None,
               features: Any = None) -> np.ndarray:
        """Samples number first ... first + count - 1 of those that `seed` draws at a temperature, in the model's numbers. Each
        depends on the seed and its number alone. One label counts for all."""
        return self._model.sample(count, temperature, seed, first, self._labels_for(count, labels), arrays.features(features))

    def sample_pixels(self, count: int, temperature: float = 0.7, *, seed: int = 0, first: int = 0, labels: Any = None,
                      features: Any = None) -> np.ndarray:
        """The same samples as 8-bit pixels, uint8 [count, H, W, C]."""
        return self._model.sample_pixels(count, temperature, seed, first, self._labels_for(count, labels), arrays.features(features))

    def pictures(self, count: int = 16, temperature: float = 0.7, *, columns: int = 8, seed: int = 0, labels: Any = None) -> Picture:
        """A picture of samples, which a notebook shows."""
        return grid(self.sample_pixels(count, temperature, seed=seed, labels=labels), columns)

    def to_numbers(self, pixels: Any) -> np.ndarray:
        """8-bit pixels in the model's numbers: the middle of each pixel's bin."""
        return _glow.to_numbers(arrays.pixels(pixels, self.sample_shape, "pixels"), self.bits)

    def to_pixels(self, x: Any) -> np.ndarray:
        """The reverse, cut to 0 ... 255."""
        return _glow.to_pixels(arrays.floats(x, "x"), self.bits)

    # Training.

    def train(self, data: Any, *, labels: Any = None, features: Any = None, steps: int = 1000, batch: int = 64, seed: int = 0,
              callback: Callable[[StepResult], Any] | None = None, progress: bool | None = None, **options: Any) -> list[StepResult]:
        """Trains on `data` and returns what each step saw.

        `data`: uint8 [N, H, W, C] of a model of pixels, else float32 [N, ...]; a .npy file; or a folder of pictures. `callback` is
        called after each step, and ends the training if it returns True. `progress`: a line on stderr while it goes on; None: on a
        terminal or in a notebook. `options` are those of `Trainer`: lr, warmup_steps, optimizer, ema and so on. The model has the
        averaged weights afterwards, where `ema` is given.
        """
        samples = training_data(data, self.sample_shape, self.bits)
        of_samples, with_features = arrays.labels(labels), arrays.features(features)
        for name, given in (("labels", of_samples), ("features", with_features)):
            if given is not None and len(given) != len(samples):
                raise ShapeError(f"{name}: {len(given)} for {len(samples)} samples")
        if batch < 1 or len(samples) == 0:
            raise ShapeError(f"batch: {batch} of {len(samples)} samples; at least 1 of each is needed")
        if with_features is not None and self.bits > 0:
            raise ShapeError("features: train dequantizes pixels, for which it knows no features; use Trainer.step with numbers")
        options.setdefault("steps", steps)
        trainer = Trainer(self, seed=seed, **options)
        order = np.random.default_rng(seed)
        batch = min(batch, len(samples))

        def part(chosen: np.ndarray) -> tuple[Any, Any, Any]:
            return tuple(None if a is None else a[chosen] for a in (samples, of_samples, with_features))  # type: ignore[return-value]

        history: list[StepResult] = []
        waiting = np.empty(0, np.int64)
        trainer.start(*part(order.permutation(len(samples))[:max(batch, trainer.start_samples)]))
        show = _Progress(steps, progress)
        try:
            for _ in range(steps):
                if len(waiting) < batch:
                    waiting = order.permutation(len(samples))
                chosen, waiting = waiting[:batch], waiting[batch:]
                result = trainer.step(*part(chosen))
                history.append(result)
                show(result)
                if callback is not None and callback(result):
                    break
        finally:
            show.end()
            if options.get("ema"):
                trainer.use_average(True)
        return history

    # Files and copies.

    def tensors(self) -> dict[str, np.ndarray]:
        """Parameters and constants by name, copies of them, in the order of the layers: see docs/format.md."""
        return self._model.tensors()

    def set_tensors(self, tensors: dict[str, Any]) -> None:
        """The reverse; all of them are needed, in the same order."""
        self._model.set_tensors([(name, arrays.floats(x, name)) for name, x in tensors.items()])

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes a model file, which every part of glow reads."""
        self._model.save(os.fspath(path))

    def to(self, device: str = "auto", precision: str | None = None) -> "Model":
        """A copy on a device, "cpu" or "cuda", in which coupling networks may multiply in "full", "tf32" or "bf16"."""
        return Model._of(self._model.copy(device, precision))

    def copy(self) -> "Model":
        """A copy on the same device."""
        return self.to(self.device)

    def __copy__(self) -> "Model":
        return self.copy()

    def __deepcopy__(self, memo: dict[int, Any]) -> "Model":
        return self.copy()

    def _repr_png_(self) -> bytes | None:
        """In a notebook a model of grey or colour pixels is shown by samples."""
        if self.bits == 0 or self.sample_shape[-1] not in (1, 3) or self.architecture["context"] or self.classes:
            return None
        return self.pictures()._repr_png_()


class _Progress:
    """A line on stderr that tells how far training is."""

    def __init__(self, steps: int, wanted: bool | None) -> None:
        self._steps = steps
        self._on = wanted if wanted is not None else sys.stderr.isatty() or "ipykernel" in sys.modules
        self._told, self._begin = 0.0, time.monotonic()

    def __call__(self, result: StepResult) -> None:
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


def load(path: str | os.PathLike[str], *, device: str = "auto", weights: str = "ema") -> Model:
    """The model of a file or, of a run of `glow train`, that of its newest checkpoint, on a device "auto", "cpu" or "cuda".

    `weights`: "ema", the running averages where the file has them, or "raw", those of the last step. Raises FileError and
    CheckpointError.
    """
    file = pathlib.Path(path)
    if file.is_dir():
        checkpoints = sorted((file / "checkpoints").glob("step_*.safetensors"))
        if not checkpoints:
            raise FileError(f"'{file}': no checkpoints/step_*.safetensors in this folder; is it a run of glow train that saved?")
        file = checkpoints[-1]
    return Model._of(_glow.open(file, device, weights))
