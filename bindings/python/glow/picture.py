"""Pictures: images side by side, which a notebook shows and `save` writes as PNG."""
from __future__ import annotations

import os
import struct
import zlib
from typing import Any

import numpy as np

from .errors import ArgumentError, ShapeError


class Picture:
    """An image of uint8 pixels [H, W, C], C = 1 grey or 3 colour."""

    def __init__(self, pixels: np.ndarray) -> None:
        pixels = np.asarray(pixels)
        if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] not in (1, 3):
            raise ShapeError(f"Picture: {pixels.dtype} {list(pixels.shape)} is not uint8 [H, W, 1] or [H, W, 3]")
        self.pixels = np.ascontiguousarray(pixels)

    def _repr_png_(self) -> bytes:
        height, width, channels = self.pixels.shape
        rows = self.pixels.reshape(height, width * channels)
        filtered = np.concatenate([np.zeros((height, 1), np.uint8), rows], axis=1).tobytes()

        def chunk(name: bytes, data: bytes) -> bytes:
            return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

        header = struct.pack(">IIBBBBB", width, height, 8, 0 if channels == 1 else 2, 0, 0, 0)
        return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(filtered)) + chunk(b"IEND", b""))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes a PNG file. Raises what `open` does."""
        suffix = os.path.splitext(os.fspath(path))[1]
        if suffix.lower() not in ("", ".png"):
            raise ArgumentError(f"'{os.fspath(path)}': pictures are written as PNG; {suffix!r} names another format")
        with open(path, "wb") as file:
            file.write(self._repr_png_())

    def __repr__(self) -> str:
        return f"<glow.Picture {self.pixels.shape[0]}x{self.pixels.shape[1]}x{self.pixels.shape[2]}>"


def grid(images: Any, columns: int = 8, scale: int | None = None) -> Picture:
    """Images [N, H, W, C] of uint8 pixels in rows of `columns`, a pixel apart. `scale`: how large each pixel becomes; None: as
    large as leaves a picture of about 400 pixels across."""
    images = np.asarray(images)
    if images.dtype != np.uint8:
        raise TypeError(f"grid: images of {images.dtype}, but 8-bit pixels, uint8, are needed")
    if images.ndim != 4 or len(images) == 0:
        raise ShapeError(f"grid: {list(images.shape)} is not [N, H, W, C] of at least one image")
    count, height, width, channels = images.shape
    columns = max(1, min(columns, count))
    rows = -(-count // columns)
    if scale is None:
        scale = max(1, 400 // (columns * (width + 1)))
    big = images.repeat(scale, axis=1).repeat(scale, axis=2)
    height, width = height * scale, width * scale
    all_pixels = np.zeros((rows * (height + 1) - 1, columns * (width + 1) - 1, channels), np.uint8)
    for i, image in enumerate(big):
        top, left = i // columns * (height + 1), i % columns * (width + 1)
        all_pixels[top:top + height, left:left + width] = image
    return Picture(all_pixels)
