import glow
import pytest

from samples import digits


@pytest.fixture(scope="session")
def small():
    """A model that has learned a little, so that no number is at its start."""
    model = glow.Model((8, 8, 1), levels=2, depth=2, width=16, bits=5, seed=1)
    model.train(digits()[:256], steps=20, batch=32)
    return model
