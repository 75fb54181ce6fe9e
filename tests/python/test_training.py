"""Training of models from Python."""
import numpy as np
import pytest

import glow
from samples import digits, noise


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


def test_a_trained_model_is_trained_on_without_a_new_start(tmp_path):
    data = digits()[:64]
    model = glow.Model((8, 8, 1), levels=1, depth=2, width=8)
    model.train(data, steps=0)  # the start of a new model alone
    started = model.tensors()
    assert any(t.any() for name, t in started.items() if name.endswith("actnorm/bias"))
    model.train(data[:16], steps=5, batch=16)
    model.save(tmp_path / "a")
    for trained in (model, model.copy(), glow.load(tmp_path / "a")):
        before = trained.tensors()
        trained.train(data[16:32], steps=0)
        assert all(np.array_equal(t, before[name]) for name, t in trained.tensors().items())
        trained.train(data[16:32], steps=0, start=True)
        assert any(not np.array_equal(t, before[name]) for name, t in trained.tensors().items())
    by_hand = glow.Model((8, 8, 1), levels=1, depth=2, width=8)
    glow.Trainer(by_hand).start(data)
    before = by_hand.tensors()
    by_hand.copy().train(data[:16], steps=0)
    by_hand.train(data[:16], steps=0)
    assert all(np.array_equal(t, before[name]) for name, t in by_hand.tensors().items())


def test_a_file_is_the_same_while_the_average_is_in_use(tmp_path):
    data = digits()[:64]
    model = glow.Model((8, 8, 1), levels=1, depth=1, width=8)
    trainer = glow.Trainer(model, ema=0.9)
    trainer.start(data)
    for _ in range(3):
        trainer.step(data)
    trainer.save(tmp_path / "a")
    trainer.use_average(True)
    trainer.save(tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    with pytest.raises(glow.ArgumentError, match="without ema"):
        glow.Trainer(model).use_average(True)


def test_pixels_with_features():
    features = digits()[:128].astype(np.float32).mean(axis=(1, 2)) / 255
    model = glow.Model((8, 8, 1), levels=2, depth=2, width=16, bits=4, context=(1,))
    history = model.train(digits()[:128], features=features, steps=40, batch=32, lr=3e-3)
    assert history[-1].bits_per_dim < history[0].bits_per_dim
    bits = model.bits_per_dim(digits()[:4], features=features[:4])
    assert bits.dtype == np.float64 and abs(bits.mean() - history[-1].bits_per_dim) < 1
    x = model.to_numbers(digits()[:4])
    np.testing.assert_allclose(-model.log_prob(x, features=features[:4]) / (64 * np.log(2)) + 4, bits, atol=0.5)
    assert model.pictures(4, features=features[:1]).pixels.dtype == np.uint8
    without = glow.Model((8, 8, 1), levels=2, depth=1, width=8, bits=4, seed=3)
    without.train(digits()[:128], steps=5)
    x = without._dequantized(digits()[:8], np.random.default_rng(0))
    np.testing.assert_allclose(-without.log_prob(x) / (64 * np.log(2)) + 4, without.bits_per_dim(digits()[:8]), atol=0.3)


def test_bad_data_are_refused_before_training(tmp_path):
    model = glow.Model((3,), depth=1, width=8)
    table = noise(40, 3)
    table[7, 1] = np.nan
    with pytest.raises(glow.NumericError, match=r"data: number \[7, 1\] is nan"):
        model.train(table, steps=1)
    with pytest.raises(glow.ShapeError, match="there are no samples"):
        model.train(table[:0])
    for bad in ({"steps": -1}, {"batch": 0}, {"seed": -1}, {"ema": 1}, {"schedule": "step"}, {"lr": -1}, {"optimizer": "sgd"}):
        with pytest.raises(ValueError, match="lr_every" if "schedule" in bad else next(iter(bad))):
            model.train(noise(8, 3), **bad)
    with pytest.raises(TypeError, match="learning_rate"):
        model.train(noise(8, 3), learning_rate=1)
    (tmp_path / "a.npy").write_text("print()")
    with pytest.raises(glow.FileError, match="neither a .npy file nor a folder"):
        model.train(tmp_path / "a.npy")
    with pytest.raises(TypeError, match="is not a glow.Model"):
        glow.Trainer(None)


def test_a_picture_that_cannot_be_decoded_is_named(tmp_path):
    pytest.importorskip("PIL.Image")
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(glow.FileError, match="a.png': this picture cannot be decoded"):
        glow.Model((8, 8, 1), levels=1, depth=1, width=8).train(tmp_path, steps=1)


def test_only_true_ends_training():
    model = glow.Model((8, 8, 1), levels=1, depth=1, width=8)
    assert len(model.train(digits()[:16], steps=3, callback=lambda r: r.bits_per_dim)) == 3
    assert len(model.train(digits()[:16], steps=3, callback=lambda r: np.bool_(True))) == 1


def test_the_first_step_does_not_know_classes():
    model = glow.Model((8, 8, 1), levels=1, depth=1, width=8, classes=10)
    assert model.train(digits()[:500], labels=digits(labels=True)[:500], steps=1, batch=500)[0].accuracy < 0.3
