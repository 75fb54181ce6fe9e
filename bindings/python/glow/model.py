"""Models: opened, made anew, judged, sampled and trained."""
from __future__ import annotations

import math
import os
import pathlib
import tempfile
from typing import Any, Callable, NamedTuple, Sequence

import numpy as np
from numpy.typing import NDArray

from . import _glow, arrays
from .data import training_data
from .errors import ShapeError
from .files import model_file
from .picture import Picture, grid
from .training import Epochs, StepResult, Trainer, run

Floats = NDArray[np.float32]


class Encoding(NamedTuple):
    """Latents of N samples, and the terms of their likelihood."""

    latents: Floats  #: packed, in the shape of the samples: see Model.split_latents
    logdet: Floats  #: [N] log|det dz/dx|
    logpz: Floats  #: [N] log p(z); log p(x) = logpz + logdet


class Gradient(NamedTuple):
    """log p(x) [N] and its gradients."""

    log_prob: Floats
    x: Floats  #: in the shape of x
    features: Floats | None  #: of a model with a context of features


class Model:
    """A flow of images [H, W, C] or vectors [D].

    Where a method says x, it takes float32 [N, H, W, C] or [N, D] in the model's own numbers, which for a model of 8-bit pixels are
    level / 2^bits - 1/2 (`to_numbers` converts pixels). A model with classes needs `labels` [N], numbers from 0 or names of classes;
    one with a context needs `features` [N, E] or [N, H, W, E]. One label, or the features of one sample, stand for all samples.
    Methods that do not change the model may be called by several threads at once. Models can be copied and pickled.
    """

    def __init__(self, sample_shape: Sequence[int], *, levels: int | None = None, depth: int = 16, width: int | None = None,
                 learn_top_prior: bool = True, coupling: str | None = None, permutation: str = "lu", precision: str = "full",
                 bits: int | None = None, classes: int | Sequence[str] = 0, context: Sequence[int] = (), condition: str = "all",
                 embedding: int = 16, seed: int = 0, device: str = "auto") -> None:
        """A new model.

        `sample_shape`: (H, W, C) or (D,). `levels` (3 of images, 1 of vectors), `depth` steps per level, `width` hidden units of
        coupling networks (512, or 64 of vectors). `coupling`: "affine", "additive", "exp" or "spline", the default of vectors.
        `permutation`: "lu", "shuffle" or "reverse". `bits`: how many of the 8 bits of a pixel are modelled, 1 to 8 (8 of images), or
        0 for continuous numbers (vectors), which the model standardizes by the first data. `classes`: how many, or their names.
        `context`: the shape of one sample's features. `condition`: which parts read the context or class, "all" or "priors", which
        train faster. `embedding`: numbers that stand for a class. `device`: "auto", "cpu" or "cuda".
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
            bits=bits if bits is not None else (0 if vectors else 8), class_names=names, embedding=embedding,
            seed=arrays.seed(seed), device=device)
        self._is_new = True

    @classmethod
    def _of(cls, model: Any) -> "Model":
        made = cls.__new__(cls)
        made._model = model
        made._is_new = False
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
        """The model in words: its device, architecture, number of parameters and shapes of latents."""
        a = self.architecture
        unused = {"context"} if self.classes or not a["context"] else set()
        unused |= set() if self.classes else {"classes", "embedding"}
        unused |= set() if self.classes or a["context"] else {"condition"}
        lines = [repr(self), f"  device            {self._model.device_name()}"]
        lines += [f"  {name:<18}{value}" for name, value in a.items() if name not in unused]
        lines.append(f"  parameters        {self.parameter_count:,}")
        lines += [f"  latent {i + 1}          {'x'.join(map(str, s[1:]))}" for i, s in enumerate(self._model.latent_shapes())]
        return "\n".join(lines)

    def __repr__(self) -> str:
        a = self.architecture
        data = f"{self.bits}-bit pixels" if self.bits else "continuous numbers"
        levels = f"{a['levels']} level{'s' if a['levels'] > 1 else ''} of {a['depth']} step{'s' if a['depth'] > 1 else ''}"
        return (f"<glow.Model of {'x'.join(map(str, self.sample_shape))} {data}, {levels}, "
                f"{a['coupling']}, {self.parameter_count:,} parameters>")

    # Labels and features of `count` samples.
    def _context(self, count: int, labels: Any, features: Any) -> tuple[np.ndarray | None, np.ndarray | None]:
        return arrays.labels(labels, count, self.class_names), arrays.features(features, count)

    # Likelihoods.

    def log_prob(self, x: Any, labels: Any = None, features: Any = None) -> Floats:
        """log p(x) [N] in nats."""
        numbers = arrays.floats(x, "x")
        return self._model.log_prob(numbers, *self._context(len(numbers), labels, features))

    def gradient(self, x: Any, labels: Any = None, features: Any = None) -> Gradient:
        """log p(x) with its gradient by x and by the features."""
        numbers = arrays.floats(x, "x")
        return Gradient(*self._model.gradient(numbers, *self._context(len(numbers), labels, features)))

    def bits_per_dim(self, pixels: Any, labels: Any = None, seed: int = 0, *, features: Any = None) -> NDArray[np.float64]:
        """-log2 p per number [N] of 8-bit pixels [N, H, W, C], which are dequantized with noise of `seed` and of their number."""
        given = arrays.pixels(pixels, self.sample_shape, "pixels")
        if len(given) == 0:
            raise ShapeError("pixels: at least one image is needed")
        of_class, of_samples = self._context(len(given), labels, features)
        if of_samples is None:
            return self._model.bits_per_dim(given, arrays.seed(seed), of_class)
        x = self._dequantized(given, np.random.default_rng(arrays.seed(seed)))
        nats = -self._model.log_prob(x, of_class, of_samples).astype(np.float64)
        return nats / (x[0].size * math.log(2)) + self.bits

    # Pixels in the model's numbers, anywhere in their bins.
    def _dequantized(self, pixels: np.ndarray, noise: np.random.Generator) -> np.ndarray:
        x = _glow.to_numbers(pixels, self.bits)
        x += (noise.random(x.shape, np.float32) - np.float32(0.5)) / np.float32(2**self.bits)
        return x

    # Between samples and latents.

    def encode(self, x: Any, labels: Any = None, features: Any = None) -> Encoding:
        """Latents and the terms of the likelihood."""
        numbers = arrays.floats(x, "x")
        return Encoding(*self._model.encode(numbers, *self._context(len(numbers), labels, features)))

    def decode(self, latents: Any, labels: Any = None, features: Any = None) -> Floats:
        """Samples of packed latents: decode(encode(x).latents) is x."""
        packed = arrays.floats(latents, "latents")
        return self._model.decode(packed, *self._context(len(packed), labels, features))

    def split_latents(self, latents: Floats) -> list[Floats]:
        """Packed latents level by level, the finest first, [N, h, w, c] each: views of the same memory."""
        if latents.shape[1:] != self.sample_shape:
            raise ShapeError(f"latents: {list(latents.shape)} is not [N, {', '.join(map(str, self.sample_shape))}]")
        flat, count, at, levels = latents.reshape(-1), len(latents), 0, []
        for one in self._model.latent_shapes():
            shape = (count, *one[1:])
            size = math.prod(shape)
            levels.append(flat[at:at + size].reshape(shape))
            at += size
        return levels

    def classify(self, latents: Any) -> NDArray[np.int64]:
        """The classes [N] that the model's classifier finds in packed latents."""
        return self._model.classify(arrays.floats(latents, "latents"))

    # Samples.

    def sample(self, count: int, temperature: float = 0.7, *, seed: int = 0, first: int = 0, labels: Any = None,
               features: Any = None) -> Floats:
        """Samples number first ... first + count - 1 of those that `seed` draws at a temperature, in the model's numbers. Each
        depends on the seed and its number alone, and they are those of `glow sample`. A sample that does not come out finite, of
        which a model may have some in a thousand at temperature 1, is drawn again; a line on stderr counts these."""
        return self._model.sample(*self._drawn(count, temperature, seed, first), *self._context(count, labels, features))

    def sample_pixels(self, count: int, temperature: float = 0.7, *, seed: int = 0, first: int = 0, labels: Any = None,
                      features: Any = None) -> NDArray[np.uint8]:
        """The same samples as 8-bit pixels [count, H, W, C]."""
        return self._model.sample_pixels(*self._drawn(count, temperature, seed, first), *self._context(count, labels, features))

    @staticmethod
    def _drawn(count: int, temperature: float, seed: int, first: int) -> tuple[int, float, int, int]:
        return arrays.whole(count, "count", 1), float(temperature), arrays.seed(seed), arrays.whole(first, "first")

    def pictures(self, count: int = 16, temperature: float = 0.7, *, columns: int = 8, seed: int = 0, labels: Any = None,
                 features: Any = None) -> Picture:
        """A picture of samples, which a notebook shows."""
        return grid(self.sample_pixels(count, temperature, seed=seed, labels=labels, features=features), columns)

    def to_numbers(self, pixels: Any) -> Floats:
        """8-bit pixels in the model's numbers: the middle of each pixel's bin."""
        return _glow.to_numbers(arrays.pixels(pixels, self.sample_shape, "pixels"), self.bits)

    def to_pixels(self, x: Any) -> NDArray[np.uint8]:
        """The model's numbers as 8-bit pixels, cut to 0 ... 255."""
        return _glow.to_pixels(arrays.floats(x, "x"), self.bits)

    # Training.

    def train(self, data: Any, *, labels: Any = None, features: Any = None, steps: int = 1000, batch: int = 64, seed: int = 0,
              callback: Callable[[StepResult], Any] | None = None, progress: bool | None = None, start: bool | None = None,
              lr: float = 1e-3, warmup_steps: int = 0, optimizer: str = "adam", weight_decay: float = 0, schedule: str = "constant",
              lr_last: float = 0, lr_every: int = 0, lr_factor: float = 0.1, clip_norm: float = 0, clip_value: float = 0,
              ema: float = 0, accumulate: int = 1) -> list[StepResult]:
        """Trains on `data` and returns what each step saw.

        `data`: uint8 [N, H, W, C] of a model of pixels, else float32 [N, ...]; a .npy file; or a folder of pictures, which are taken
        in the order of their paths. `callback` is called after each step, and ends the training if it returns True. `progress`: a
        line on stderr while it goes on; None: on a terminal or in a notebook. `start`: whether ActNorm and the standardization of
        continuous numbers are set by the data first, which undoes what a trained model has learned; None: only of a model that is
        new. The other options are those of `Trainer`. The model has the averaged weights afterwards, where `ema` is given.
        """
        samples = training_data(data, self.sample_shape, self.bits)
        arrays.whole(steps, "steps")
        arrays.whole(batch, "batch", 1)
        if len(samples) == 0:
            raise ShapeError("data: there are no samples")
        of_samples, with_features = arrays.labels(labels, None, self.class_names), arrays.features(features)
        for name, given in (("labels", of_samples), ("features", with_features)):
            if given is not None and len(given) != len(samples):
                raise ShapeError(f"{name}: {len(given)} for {len(samples)} samples")
        trainer = Trainer(self, lr=lr, warmup_steps=warmup_steps, optimizer=optimizer, weight_decay=weight_decay, schedule=schedule,
                          steps=steps, lr_last=lr_last, lr_every=lr_every, lr_factor=lr_factor, clip_norm=clip_norm,
                          clip_value=clip_value, ema=ema, accumulate=accumulate, seed=seed)
        epochs = Epochs(samples, of_samples, with_features, batch, seed)
        if with_features is not None and self.bits > 0:  # the trainer itself dequantizes pixels without features alone
            noise = np.random.default_rng((seed, 1))
            epochs.each = lambda taken: self._dequantized(taken, noise)
        try:
            return run(trainer, epochs, steps, callback, progress, self._is_new if start is None else start)
        finally:
            if ema:
                trainer.use_average(True)

    # Files and copies.

    def tensors(self) -> dict[str, np.ndarray]:
        """Parameters and constants by name, copies of them, in the order of the layers: see docs/format.md."""
        return self._model.tensors()

    def set_tensors(self, tensors: dict[str, Any]) -> None:
        """Sets what `tensors` gives: all of them, in the same order."""
        self._is_new = False
        self._model.set_tensors([(name, arrays.floats(x, name)) for name, x in tensors.items()])

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes a model file, which every part of glow reads."""
        self._model.save(os.fspath(path))

    def to(self, device: str = "auto", precision: str | None = None) -> "Model":
        """A copy on a device, "cpu" or "cuda", in which coupling networks may multiply in "full", "tf32" or "bf16"."""
        made = Model._of(self._model.copy(device, precision))
        made._is_new = self._is_new
        return made

    def copy(self) -> "Model":
        """A copy on the same device."""
        return self.to(self.device)

    def __copy__(self) -> "Model":
        return self.copy()

    def __deepcopy__(self, memo: dict[int, Any]) -> "Model":
        return self.copy()

    def __reduce__(self) -> tuple[Any, ...]:
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "model"
            self.save(file)
            return _unpickled, (file.read_bytes(), self.device, self.architecture["precision"], self._is_new)

    def _repr_png_(self) -> bytes | None:
        """In a notebook a model of grey or colour pixels is shown by samples."""
        if self.bits == 0 or self.sample_shape[-1] not in (1, 3) or self.architecture["context"] or self.classes:
            return None
        return self.pictures()._repr_png_()


def _unpickled(content: bytes, device: str, precision: str, is_new: bool) -> Model:
    where = "cpu" if device == "cpu" else "auto"  # which is the CPU on a machine without a GPU
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "model"
        file.write_bytes(content)
        model = load(file, device=where).to(where, precision)
    model._is_new = is_new
    return model


def load(path: str | os.PathLike[str], *, device: str = "auto", weights: str = "ema") -> Model:
    """The model of a file or, of a run of `glow train`, that of its newest checkpoint, on a device "auto", "cpu" or "cuda".

    `weights`: "ema", the running averages where the file has them, or "raw", those of the last step. Raises FileError (of which a
    missing file is a MissingFileError) and CheckpointError.
    """
    return Model._of(_glow.open(model_file(path), device, weights))
