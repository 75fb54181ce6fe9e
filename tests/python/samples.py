"""Data that tests of the module share."""
import pathlib
import struct

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
FORMAT_1 = HERE.parent / "saved" / "format_1.safetensors"  # of 8x8 grey images of 4 bits in 10 classes


def noise(*shape, seed=0):
    return np.random.default_rng(seed).normal(0, 0.3, shape).astype(np.float32)


def digits(labels=False):
    """uint8 [1797, 8, 8, 1]; or their labels [1797]."""
    data = (HERE.parent.parent / "data" / f"digits-{'labels-idx1' if labels else 'images-idx3'}-ubyte").read_bytes()
    if labels:
        return np.frombuffer(data, np.uint8, offset=8).astype(np.int64)
    count, height, width = struct.unpack(">III", data[4:16])
    return np.frombuffer(data, np.uint8, offset=16).reshape(count, height, width, 1)
