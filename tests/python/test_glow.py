"""The module glow: models of files and new ones, on arrays of NumPy and others."""
import os
import pathlib
import struct
import threading
import zlib

import numpy as np
import pytest

import glow

HERE = pathlib.Path(__file__).resolve().parent
FORMAT_1 = HERE.parent / "saved" / "format_1.safetensors"  # of 8x8 grey images of 4 bits in 10 classes


def noise(*shape, seed=0):
    return np.random.default_rng(seed).normal(0, 0.3, shape).astype(np.float32)


def digits():
    data = (HERE.parent.parent / "data" / "digits-images-idx3-ubyte").read_bytes()
    count, height, width = struct.unpack(">III", data[4:16])
    return np.frombuffer(data, np.uint8, offset=16).reshape(count, height, width, 1)


@pytest.fixture(scope="module")
def small():
    """A model that has learned a little, so that no number is at its start."""
    model = glow.Model((8, 8, 1), levels=2, depth=2, width=16, bits=5, seed=1)
    model.train(digits()[:256], steps=20, batch=32)
    return model


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
    copy = small.copy()
    np.testing.assert_array_equal(copy.log_prob(x), small.log_prob(x))
    rounded = small.to("cpu", precision="bf16")
    np.testing.assert_allclose(rounded.log_prob(x), small.log_prob(x), rtol=0.02)
    tensors = small.tensors()
    copy.set_tensors({name: np.zeros_like(t) if name.endswith("actnorm/bias") else t for name, t in tensors.items()})
    assert not np.array_equal(copy.log_prob(x), small.log_prob(x))
    copy.set_tensors(tensors)
    np.testing.assert_array_equal(copy.log_prob(x), small.log_prob(x))


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


def test_errors_are_of_the_right_kind(small, tmp_path):
    with pytest.raises(TypeError, match="an array of uint8 where floating-point numbers are due"):
        small.log_prob(digits()[:1])
    with pytest.raises(TypeError, match="an array of float32 where 8-bit pixels"):
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
    with pytest.raises(ArithmeticError, match="not all finite"):
        small.log_prob(np.full((1, 8, 8, 1), np.nan, np.float32))
    with pytest.raises(glow.ShapeError):
        glow.Model((8, 8, 1), levels=5)
    with pytest.raises(glow.Error, match="coupling: 'linear' is none of"):
        glow.Model((8, 8, 1), coupling="linear")
    assert issubclass(glow.NumericError, glow.Error)


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


def test_vectors():
    rng = np.random.default_rng(0)
    data = (rng.normal(size=(512, 2)) * [3, 0.5] + [10, -1]).astype(np.float32)
    model = glow.Model((2,), depth=3, width=16)
    history = model.train(data, steps=60, batch=128, lr=3e-3)
    assert history[-1].nats < history[0].nats
    assert model.bits == 0 and model.log_prob(data[:4]).shape == (4,)
    drawn = model.sample(1000, temperature=1)
    np.testing.assert_allclose(drawn.mean(axis=0), [10, -1], atol=1)
    with pytest.raises(glow.Error, match="continuous"):
        model.sample_pixels(1)


def test_training_with_features():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(256, 3)).astype(np.float32)
    data = (features[:, :2] + 0.1 * rng.normal(size=(256, 2))).astype(np.float32)
    model = glow.Model((2,), depth=2, width=16, context=(3,))
    history = model.train(data, features=features, steps=50, batch=64, lr=5e-3)
    assert history[-1].nats < history[0].nats
    g = model.gradient(data[:2], features=features[:2])
    assert g.features.shape == (2, 3)


def test_training_calls_back_and_is_the_same_each_time():
    def trained(callback=None):
        model = glow.Model((8, 8, 1), levels=1, depth=1, width=8, seed=2)
        return model.train(digits()[:64], steps=6, batch=16, callback=callback, progress=False)

    seen = []
    history = trained(seen.append)
    assert [r.step for r in history] == [1, 2, 3, 4, 5, 6] and seen == history
    assert [r.bits_per_dim for r in trained()] == [r.bits_per_dim for r in history]
    assert len(trained(lambda r: r.step == 2)) == 2


def test_training_goes_on_from_a_file(tmp_path):
    data = digits()[:64]

    def fresh():
        model = glow.Model((8, 8, 1), levels=1, depth=1, width=8)
        return model, glow.Trainer(model, ema=0.9)

    model, trainer = fresh()
    trainer.start(data)
    trainer.step(data)
    trainer.save(tmp_path / "a")
    expected = [trainer.step(data), trainer.step(data)]
    other, goes_on = fresh()
    goes_on.resume(tmp_path / "a")
    assert goes_on.steps == 1
    assert [goes_on.step(data), goes_on.step(data)] == expected
    trainer.save(tmp_path / "c")
    raw = glow.load(tmp_path / "c", weights="raw").tensors()
    ema = glow.load(tmp_path / "c").tensors()
    assert any(not np.array_equal(raw[name], ema[name]) for name in raw)
    with pytest.raises(glow.CheckpointError, match="no state of its training"):
        model.save(tmp_path / "b")
        goes_on.resume(tmp_path / "b")


def test_training_on_classes_and_a_folder(tmp_path):
    image = pytest.importorskip("PIL.Image")
    for i, pixels in enumerate(digits()[:12]):
        image.fromarray(pixels[..., 0]).resize((16, 16)).save(tmp_path / f"{i:02}.png")
    model = glow.Model((8, 8, 1), levels=1, depth=1, width=8, classes=["even", "odd"])
    assert model.class_names == ["even", "odd"]
    history = model.train(tmp_path, labels=[0, 1] * 6, steps=2, batch=4)
    assert len(history) == 2
    with pytest.raises(glow.ShapeError, match="labels: 3 for 12 samples"):
        model.train(tmp_path, labels=[0, 1, 0], steps=2)
    with pytest.raises(glow.FileError, match="no pictures in this folder"):
        (tmp_path / "empty").mkdir()
        model.train(tmp_path / "empty", steps=1)
    with pytest.raises(glow.FileError, match="no such file or folder"):
        model.train(str(tmp_path / "none"), steps=1)


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


def test_errors_keep_what_was_there(small, tmp_path):
    path = tmp_path / "model"
    small.save(path)
    before = path.read_bytes()
    broken = small.copy()
    tensors = broken.tensors()
    tensors["level1/step1/actnorm/bias"][0] = np.nan
    broken.set_tensors(tensors)
    with pytest.raises(glow.NumericError, match="'level1/step1/actnorm/bias' holds numbers that are not finite"):
        broken.save(path)
    assert path.read_bytes() == before and os.listdir(tmp_path) == ["model"]


def test_types_are_told():
    package = pathlib.Path(glow.__file__).parent
    assert (package / "py.typed").exists()
    assert "def new_model(" in (package / "_glow.pyi").read_text()
    assert all(getattr(glow, name).__doc__ for name in glow.__all__ if name != "__version__")
