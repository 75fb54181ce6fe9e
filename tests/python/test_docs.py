"""The Python of README.md and docs/*.md that imports glow runs as it stands: the blocks of a page one after the other."""
import pathlib
import re
import struct

import numpy as np
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def blocks(page):
    return re.findall(r"^```python\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)


PAGES = [page for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))] if "import glow\n" in "".join(blocks(page))]


def digits():
    data = (ROOT / "data" / "digits-images-idx3-ubyte").read_bytes()
    count, height, width = struct.unpack(">III", data[4:16])
    return np.frombuffer(data, np.uint8, offset=16).reshape(count, height, width, 1)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_snippets(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("pixels.npy", digits()[:512])
    rng = np.random.default_rng(0)
    np.save("table.npy", (rng.normal(size=(400, 3)) * [1, 2, 3]).astype(np.float32))
    names = {}
    for block in blocks(page):
        exec(compile(block, page.name, "exec"), names)  # noqa: S102


def test_there_are_pages():
    assert [page.name for page in PAGES].count("python.md") == 1
