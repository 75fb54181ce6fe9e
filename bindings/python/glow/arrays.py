"""What users give, as the arrays and numbers that the compiled part takes."""
from __future__ import annotations

import operator
from typing import Any, Sequence

import numpy as np

from .errors import ArgumentError, NumericError, ShapeError


def _array(x: Any, name: str) -> np.ndarray:
    if hasattr(x, "__dlpack__") and not isinstance(x, np.ndarray):
        try:
            return np.from_dlpack(x)
        except (BufferError, RuntimeError, TypeError):
            pass  # a type that only knows how to become an array, or says better what is wrong
    try:
        return np.asarray(x)
    except TypeError as error:
        raise TypeError(f"{name}: {error}; glow takes arrays that NumPy can read, in the host's memory") from error


def _finite(a: np.ndarray, name: str) -> np.ndarray:
    if not np.isfinite(a).all():
        at = tuple(int(i) for i in np.argwhere(~np.isfinite(a))[0])
        raise NumericError(f"{name}: number {list(at)} is {a[at]}; all numbers must be finite")
    return a


def floats(x: Any, name: str) -> np.ndarray:
    """float32, row by row, all finite; of an array that is so, the same memory. Raises TypeError for whole numbers, which are
    pixels."""
    a = _array(x, name)
    if a.dtype.kind != "f":
        raise TypeError(f"{name}: an array of {a.dtype}, but floating-point numbers are needed; pixels go to bits_per_dim and train, "
                        "and to_numbers converts them to the model's numbers")
    return _finite(np.ascontiguousarray(a, dtype=np.float32), name)


def pixels(x: Any, shape: Sequence[int], name: str) -> np.ndarray:
    """uint8 [N, H, W, C]; of grey images [N, H, W] does as well."""
    a = _array(x, name)
    if a.dtype != np.uint8:
        raise TypeError(f"{name}: an array of {a.dtype}, but 8-bit pixels, uint8, are needed")
    if len(shape) == 3 and shape[2] == 1 and a.ndim == 3:
        a = a[..., np.newaxis]
    if a.ndim != 4 or tuple(a.shape[1:]) != tuple(shape):
        raise ShapeError(f"{name}: {list(a.shape)} is not [N, {', '.join(map(str, shape))}]")
    return np.ascontiguousarray(a)


def labels(x: Any, count: int | None = None, names: Sequence[str] = ()) -> np.ndarray | None:
    """int64 [N]; None for none. Classes that have names may be given by these. `count`: how many are needed; one label stands for
    all."""
    if x is None:
        return None
    a = np.atleast_1d(_array(x, "labels"))
    if a.dtype.kind == "U":
        unknown = sorted(set(a.ravel().tolist()) - set(names))
        if unknown:
            raise ArgumentError(f"labels: {unknown[0]!r} is no class of this model" + (f"; these are {', '.join(names)}" if names else ""))
        a = np.array([names.index(name) for name in a.ravel()]).reshape(a.shape)
    if a.dtype.kind not in "iu":
        raise TypeError(f"labels: an array of {a.dtype}, but whole numbers are needed")
    if a.ndim != 1:
        raise ShapeError(f"labels: {list(a.shape)} is not [N]")
    return _for_all(np.ascontiguousarray(a, dtype=np.int64), count, "labels")


def features(x: Any, count: int | None = None) -> np.ndarray | None:
    """float32 [N, E] or [N, H, W, E]; None for none. `count`: how many are needed; those of one sample stand for all."""
    if x is None:
        return None
    a = _array(x, "features")
    if a.dtype.kind not in "fiu":
        raise TypeError(f"features: an array of {a.dtype}, but numbers are needed")
    return _for_all(_finite(np.ascontiguousarray(a, dtype=np.float32), "features"), count, "features")


def _for_all(a: np.ndarray, count: int | None, name: str) -> np.ndarray:
    if count is None or len(a) == count:
        return a
    if len(a) == 1:
        return np.ascontiguousarray(np.broadcast_to(a, (count, *a.shape[1:])))
    raise ShapeError(f"{name}: {len(a)} for {count} samples")


_LARGEST = 2**63 - 1  # of an Index


def whole(value: Any, name: str, least: int = 0, most: int = _LARGEST) -> int:
    """A whole number from `least` to `most`."""
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name}: {value!r} is not a whole number") from None
    if not least <= number <= most:
        right = f"at least {least}" if number < least and most == _LARGEST else f"{least} to {most}"
        raise ArgumentError(f"{name}: {number} must be {right}")
    return number


def seed(value: Any) -> int:
    """A seed, of 64 bits."""
    return whole(value, "seed", most=2**64 - 1)
