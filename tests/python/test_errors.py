"""What is refused, and how."""
import os
import signal
import threading
import time

import numpy as np
import pytest

import glow
from samples import FORMAT_1, digits, noise


def test_errors_are_of_the_right_kind(small, tmp_path):
    with pytest.raises(TypeError, match="an array of uint8, but floating-point numbers are needed"):
        small.log_prob(digits()[:1])
    with pytest.raises(TypeError, match="an array of float32, but 8-bit pixels"):
        small.bits_per_dim(noise(1, 8, 8, 1))
    with pytest.raises(ValueError, match=r"x: batch 1x8x4x1 is not \[N, 8, 8, 1\]"):
        small.log_prob(noise(1, 8, 4, 1))
    with pytest.raises(OSError, match="no/such/file"):
        glow.load("no/such/file")
    (tmp_path / "not").write_bytes(b"a model")
    with pytest.raises(glow.CheckpointError, match="not"):
        glow.load(tmp_path / "not")
    with pytest.raises(glow.FileError, match="is it a run of glow train"):
        glow.load(tmp_path)
    with pytest.raises(glow.Error, match="'gpu' is none of auto, cpu, cuda"):
        glow.load(FORMAT_1, device="gpu")
    with pytest.raises(ArithmeticError, match="x: number .* is nan"):
        small.log_prob(np.full((1, 8, 8, 1), np.nan, np.float32))
    with pytest.raises(FileNotFoundError, match="no/such/file"):
        glow.load("no/such/file")
    with pytest.raises(glow.ShapeError):
        glow.Model((8, 8, 1), levels=5)
    with pytest.raises(ValueError, match="coupling: 'linear' is none of"):
        glow.Model((8, 8, 1), coupling="linear")
    assert issubclass(glow.NumericError, glow.Error)


def test_errors_keep_what_was_there(small, tmp_path):
    path = tmp_path / "model"
    small.save(path)
    before = path.read_bytes()
    broken = small.copy()
    tensors = broken.tensors()
    tensors["level1/step1/actnorm/bias"][0] = np.nan
    with pytest.raises(glow.NumericError, match=r"level1/step1/actnorm/bias: number \[0\] is nan"):
        broken.set_tensors(tensors)
    with pytest.raises(glow.FileError, match="Is a directory|not a regular file"):
        broken.save(tmp_path)
    assert path.read_bytes() == before and os.listdir(tmp_path) == ["model"]


def test_arguments_are_checked(small):
    for bad, name in ((0, "count"), (-1, "count")):
        with pytest.raises(glow.ArgumentError, match=f"{name}: {bad} must be at least 1"):
            small.sample(bad)
    with pytest.raises(TypeError, match="count: 2.5 is not a whole number"):
        small.sample(2.5)
    with pytest.raises(glow.ArgumentError, match="first: -1 must be at least 0"):
        small.sample(1, first=-1)
    for seed in (-1, 2**64):
        with pytest.raises(glow.ArgumentError, match=f"seed: {seed} must be 0 to"):
            small.sample(1, seed=seed)
    with pytest.raises(ValueError, match="temperature: -1"):
        small.sample(1, -1)
    with pytest.raises(glow.NumericError, match=r"x: number \[1, 2, 3, 0\] is inf"):
        x = noise(2, 8, 8, 1)
        x[1, 2, 3, 0] = np.inf
        small.gradient(x)
    with pytest.raises(glow.ShapeError, match=r"latents: \[2, 8, 8\] is not \[N, 8, 8, 1\]"):
        small.split_latents(noise(2, 8, 8))
    with pytest.raises(TypeError, match="grid: images of float32"):
        glow.grid(noise(2, 8, 8, 1))
    with pytest.raises(glow.ArgumentError, match="written as PNG"):
        small.pictures(1).save("a.jpg")
    with pytest.raises(FileNotFoundError):
        glow.load("")
    with pytest.raises(glow.ShapeError, match="at least one image is needed"):
        small.bits_per_dim(digits()[:0])


def test_classes_are_given_by_number_or_name():
    model = glow.Model((8, 8, 1), levels=1, depth=1, width=8, classes=["even", "odd"])
    np.testing.assert_array_equal(model.sample(2, labels="odd"), model.sample(2, labels=[1, 1]))
    x = noise(3, 8, 8, 1)
    np.testing.assert_array_equal(model.log_prob(x, 1), model.log_prob(x, ["odd", "odd", "odd"]))
    with pytest.raises(glow.ArgumentError, match="labels: 'prime' is no class of this model; these are even, odd"):
        model.log_prob(x, "prime")
    with pytest.raises(glow.ShapeError, match="labels: 2 for 3 samples"):
        model.log_prob(x, [0, 1])


def test_ctrl_c_ends_a_long_call(small):
    before = time.monotonic()
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        small.sample_pixels(4_000_000)
    assert time.monotonic() - before < 5  # of a minute
    assert small.sample_pixels(2).shape == (2, 8, 8, 1)
