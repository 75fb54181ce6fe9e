"""What users give, as the arrays that the compiled part takes."""
from __future__ import annotations

from typing import Any

import numpy as np

from .errors import ShapeError


def _array(x: Any, name: str) -> np.ndarray:
    if hasattr(x, "__dlpack__") and not isinstance(x, np.ndarray):
        try:
            return np.from_dlpack(x)
        except (BufferError, RuntimeError, TypeError):
            pass  # a type that only knows how to become an array, or says better what is wrong
    try:
        return np.asarray(x)
    except TypeError as error:
        raise TypeError(f"{name}: {error}; glow takes arrays on the host") from error


def floats(x: Any, name: str) -> np.ndarray:
    """float32, row by row; of an array that is so, the same memory. Raises TypeError for whole numbers, which are pixels."""
    a = _array(x, name)
    if a.dtype.kind != "f":
        raise TypeError(f"{name}: an array of {a.dtype} where floating-point numbers are due; pixels are taken by bits_per_dim and "
                        "train, and to_numbers makes the model's numbers of them")
    return np.ascontiguousarray(a, dtype=np.float32)


def pixels(x: Any, shape: tuple[int, ...], name: str) -> np.ndarray:
    """uint8 [N, H, W, C]; of grey images [N, H, W] does as well."""
    a = _array(x, name)
    if a.dtype != np.uint8:
        raise TypeError(f"{name}: an array of {a.dtype} where 8-bit pixels, uint8, are due")
    if len(shape) == 3 and shape[2] == 1 and a.ndim == 3:
        a = a[..., np.newaxis]
    if a.ndim != 4 or tuple(a.shape[1:]) != tuple(shape):
        raise ShapeError(f"{name}: {list(a.shape)} is not [N, {', '.join(map(str, shape))}]")
    return np.ascontiguousarray(a)


def labels(x: Any) -> np.ndarray | None:
    """int64 [N]; None for none."""
    if x is None:
        return None
    a = np.atleast_1d(_array(x, "labels"))
    if a.dtype.kind not in "iu":
        raise TypeError(f"labels: an array of {a.dtype} where whole numbers are due")
    if a.ndim != 1:
        raise ShapeError(f"labels: {list(a.shape)} is not [N]")
    return np.ascontiguousarray(a, dtype=np.int64)


def features(x: Any) -> np.ndarray | None:
    """float32; None for none."""
    return None if x is None else floats(x, "features")
