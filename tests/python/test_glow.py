"""The module glow: models of files and new ones, on arrays of NumPy and others."""
import copy
import pathlib
import pickle
import struct
import threading
import zlib

import numpy as np
import pytest

import glow
from samples import FORMAT_1, digits, noise


def test_what_a_model_is(small):
    assert small.sample_shape == (8, 8, 1)
    assert small.bits == 5 and small.classes == 0 and small.device == "cpu"
    assert small.architecture["levels"] == 2 and small.architecture["coupling"] == "affine"
    assert sum(t.size for n, t in small.tensors().items() if not n.endswith(("permutation", "sign_s"))) == small.parameter_count
    assert "8x8x1 5-bit pixels" in repr(small) and "parameters" in small.summary()


def test_round_trip_and_densities_agree(small):
    x = small.to_numbers(digits()[:5])
    e = small.encode(x)
    assert e.latents.shape == x.shape and e.logdet.shape == (5,)
    np.testing.assert_allclose(small.decode(e.latents), x, atol=1e-5)
    np.testing.assert_allclose(small.log_prob(x), e.logdet + e.logpz, rtol=1e-6)
    levels = small.split_latents(e.latents)
    assert [z.shape for z in levels] == [(5, 4, 4, 2), (5, 2, 2, 8)]
    assert all(z.base is not None for z in levels)
    np.testing.assert_array_equal(np.concatenate([z.reshape(-1) for z in levels]), e.latents.reshape(-1))


def test_pixels_and_numbers(small):
    pixels = digits()[:3]
    np.testing.assert_array_equal(small.to_pixels(small.to_numbers(pixels)), pixels // 8 * 8)
    bits = small.bits_per_dim(pixels)
    assert bits.dtype == np.float64 and bits.shape == (3,)
    np.testing.assert_array_equal(bits[1:2], small.bits_per_dim(pixels[:2])[1:])
    np.testing.assert_array_equal(bits, small.bits_per_dim(pixels[..., 0]))


def test_samples_depend_on_seed_and_number_alone(small):
    samples = small.sample(6, seed=3)
    np.testing.assert_array_equal(small.sample(2, seed=3, first=4), samples[4:])
    assert not np.array_equal(small.sample(6, seed=4), samples)
    np.testing.assert_array_equal(small.sample_pixels(6, seed=3), small.to_pixels(samples))


def test_gradient_is_that_of_differences(small):
    x, h = noise(2, 8, 8, 1), 1e-2
    g = small.gradient(x)
    assert g.features is None
    for at in ((0, 3, 4, 0), (1, 0, 0, 0)):
        up, down = x.copy(), x.copy()
        up[at] += h
        down[at] -= h
        difference = (small.log_prob(up)[at[0]] - small.log_prob(down)[at[0]]) / (2 * h)
        assert abs(difference - g.x[at]) < 0.05 * max(1, abs(difference))


def test_files(small, tmp_path):
    path = tmp_path / "model.safetensors"
    small.save(path)
    x = noise(2, 8, 8, 1)
    for of in (path, str(path)):
        np.testing.assert_array_equal(glow.load(of).log_prob(x), small.log_prob(x))
    copied = small.copy()
    np.testing.assert_array_equal(copied.log_prob(x), small.log_prob(x))
    rounded = small.to("cpu", precision="bf16")
    np.testing.assert_allclose(rounded.log_prob(x), small.log_prob(x), rtol=0.02)
    tensors = small.tensors()
    copied.set_tensors({name: np.zeros_like(t) if name.endswith("actnorm/bias") else t for name, t in tensors.items()})
    assert not np.array_equal(copied.log_prob(x), small.log_prob(x))
    copied.set_tensors(tensors)
    np.testing.assert_array_equal(copied.log_prob(x), small.log_prob(x))


def test_models_are_copied_and_pickled(small):
    x = noise(2, 8, 8, 1)
    rounded = small.to("cpu", precision="bf16")
    for model in (small, rounded):
        for made in (copy.copy(model), copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
            np.testing.assert_array_equal(made.log_prob(x), model.log_prob(x))
            assert made.architecture == model.architecture
    again = glow.Model(small.sample_shape, bits=small.bits, **small.architecture)
    assert again.architecture == small.architecture
    again.set_tensors(small.tensors())
    np.testing.assert_array_equal(again.log_prob(x), small.log_prob(x))


def test_a_summary_tells_the_architecture(small):
    text = small.summary()
    assert "learn_top_prior   True" in text and "embedding" not in text and "latent 2" in text
    assert "embedding         16" in glow.load(FORMAT_1).summary()


def test_a_file_of_format_1_has_classes():
    model = glow.load(FORMAT_1)
    assert model.classes == 10 and model.bits == 4
    labels = [3, 4]
    x = model.sample(2, labels=labels)
    assert model.log_prob(x, labels=labels).shape == (2,)
    np.testing.assert_array_equal(model.sample(2, labels=7), model.sample(2, labels=[7, 7]))
    assert model.classify(model.encode(x, labels=labels).latents).shape == (2,)
    with pytest.raises(glow.Error, match="label 10 of sample 1 is not one of 0 to 9"):
        model.log_prob(x, labels=[0, 10])
    with pytest.raises(glow.ShapeError, match="a label for each of 2 samples is needed"):
        model.log_prob(x)
    with pytest.raises(TypeError, match="labels: an array of float64"):
        model.log_prob(x, labels=[0.0, 1.0])


def test_arrays_go_in_without_a_copy_where_they_can(small):
    from glow import arrays

    x = noise(2, 8, 8, 1)
    assert arrays.floats(x, "x") is x or np.shares_memory(arrays.floats(x, "x"), x)
    np.testing.assert_array_equal(small.log_prob(x.astype(np.float64)), small.log_prob(x))
    np.testing.assert_array_equal(small.log_prob(np.asfortranarray(x)), small.log_prob(x))
    np.testing.assert_array_equal(small.log_prob(x.tolist()), small.log_prob(x))


def test_tensors_of_pytorch(small):
    torch = pytest.importorskip("torch")
    from glow import arrays

    x = torch.from_numpy(noise(2, 8, 8, 1))
    assert arrays.floats(x, "x").__array_interface__["data"][0] == x.data_ptr()
    log_p = small.log_prob(x)
    out = torch.from_dlpack(log_p)
    assert out.data_ptr() == log_p.__array_interface__["data"][0]
    np.testing.assert_array_equal(small.log_prob(x.numpy()), out.numpy())


def test_arrays_of_jax(small):
    jax = pytest.importorskip("jax")
    x = noise(2, 8, 8, 1)
    np.testing.assert_array_equal(small.log_prob(jax.numpy.asarray(x)), small.log_prob(x))


def test_a_model_works_on_many_threads_and_without_the_interpreters_lock(small):
    x = noise(4, 8, 8, 1)
    expected, results = small.log_prob(x), []

    def work():
        for _ in range(20):
            results.append(np.array_equal(small.log_prob(x), expected))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert results == [True] * 80


def test_pictures(small, tmp_path):
    picture = small.pictures(6, columns=3)
    data = picture._repr_png_()
    assert data.startswith(b"\x89PNG") and small._repr_png_().startswith(b"\x89PNG")
    at, rows = 8, b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        if kind == b"IDAT":
            rows += zlib.decompress(data[at + 8:at + 8 + length])
        at += 12 + length
    height, width, _ = picture.pixels.shape
    decoded = np.frombuffer(rows, np.uint8).reshape(height, width + 1)
    np.testing.assert_array_equal(decoded[:, 1:], picture.pixels[..., 0])
    picture.save(tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes() == data
    with pytest.raises(glow.ShapeError):
        glow.Picture(np.zeros((2, 2), np.uint8))


def test_types_are_told():
    package = pathlib.Path(glow.__file__).parent
    assert (package / "py.typed").exists()
    assert "def new_model(" in (package / "_glow.pyi").read_text()
    assert all(getattr(glow, name).__doc__ for name in glow.__all__ if name != "__version__")
