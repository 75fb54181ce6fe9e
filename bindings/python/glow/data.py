"""Training data: arrays, or files and folders that become arrays."""
from __future__ import annotations

import os
import pathlib
from typing import Any

import numpy as np

from . import arrays
from .errors import FileError, MissingFileError, ShapeError

_SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff"}


def _read_folder(folder: pathlib.Path, shape: tuple[int, ...]) -> np.ndarray:
    try:
        from PIL import Image
    except ImportError as error:
        raise FileError(f"'{folder}': reading pictures needs Pillow: pip install 'glow-flows[images]'") from error
    files = sorted(f for f in folder.rglob("*") if f.suffix.lower() in _SUFFIXES)
    if not files:
        raise FileError(f"'{folder}': there are no pictures in this folder")
    height, width, channels = shape
    if channels not in (1, 3):
        raise ShapeError(f"'{folder}': pictures have 1 or 3 channels, the model {channels}")
    images = np.empty((len(files), height, width, channels), np.uint8)
    for i, file in enumerate(files):
        try:
            with Image.open(file) as opened:
                picture = opened.convert("L" if channels == 1 else "RGB")
        except (OSError, ValueError, Image.DecompressionBombError) as error:
            raise FileError(f"'{file}': this picture cannot be decoded: {error}") from error
        if picture.size != (width, height):
            picture = picture.resize((width, height), Image.Resampling.LANCZOS)
        images[i] = np.asarray(picture).reshape(height, width, channels)
    return images


def _read_npy(file: pathlib.Path) -> np.ndarray:
    with open(file, "rb") as opened:
        if opened.read(6) != b"\x93NUMPY":
            raise FileError(f"'{file}': this is neither a .npy file nor a folder of pictures")
    try:
        return np.load(file, allow_pickle=False)
    except ValueError as error:
        raise FileError(f"'{file}': {error}") from error


def training_data(data: Any, shape: tuple[int, ...], bits: int) -> np.ndarray:
    """`data` as an array of what the model learns: uint8 [N, H, W, C] of pixels (`bits` above 0), else float32 in the shape of its
    samples. A path names a .npy file or a folder of pictures, which are scaled to the model's size."""
    if isinstance(data, (str, os.PathLike)):
        path = pathlib.Path(data)
        if not path.exists():
            raise MissingFileError(f"'{path}': there is no such file or folder")
        if path.is_dir() and bits == 0:
            raise ShapeError(f"'{path}': a folder of pictures is for a model of pixels")
        data = _read_folder(path, shape) if path.is_dir() else _read_npy(path)
    if bits > 0:
        return arrays.pixels(data, shape, "data")
    a = arrays.floats(data, "data")
    if a.shape[1:] != shape:
        raise ShapeError(f"data: {list(a.shape)} is not [N, {', '.join(map(str, shape))}]")
    return a
