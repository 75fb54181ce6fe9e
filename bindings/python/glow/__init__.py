"""Normalizing flows: exact likelihoods, exact reconstruction and samples.

    import glow

    model = glow.load("runs/digits")            # a model file, or a run of `glow train`
    model.log_prob(x)                           # x: float32 [N, H, W, C] in the model's numbers
    model.bits_per_dim(pixels)                  # pixels: uint8 [N, H, W, C]
    model.sample(16)                            # float32; model.sample_pixels(16): uint8
    model.pictures(16)                          # a picture, which a notebook shows

    model = glow.Model((8, 8, 1), levels=2, depth=4, width=64)
    model.train(pixels, steps=500)
    model.save("digits.safetensors")

Arrays are NumPy's. Whatever NumPy takes without a copy goes in without one, as tensors of PyTorch and JAX on the CPU do, and
`torch.from_dlpack(array)` takes what comes out likewise. The interpreter's lock is not held while a model works.
"""
from ._glow import set_threads, threads
from ._glow import version as __version__
from .errors import ArgumentError, CheckpointError, CudaError, Error, FileError, MissingFileError, NumericError, ShapeError
from .model import Encoding, Gradient, Model, load
from .picture import Picture, grid
from .training import StepResult, Trainer

__all__ = [
    "ArgumentError", "CheckpointError", "CudaError", "Encoding", "Error", "FileError", "Gradient", "MissingFileError", "Model",
    "NumericError", "Picture", "ShapeError", "StepResult", "Trainer", "__version__", "grid", "load", "set_threads", "threads"
]
