"""Where models lie."""
from __future__ import annotations

import os
import pathlib

from .errors import FileError, MissingFileError


def model_file(path: str | os.PathLike[str]) -> pathlib.Path:
    """A model file or, of a run of `glow train`, its newest checkpoint."""
    file = pathlib.Path(path)
    if os.fspath(path) == "" or not file.exists():
        raise MissingFileError(f"'{os.fspath(path)}': there is no such file or folder")
    if not file.is_dir():
        return file
    checkpoints = sorted((file / "checkpoints").glob("step_*.safetensors"))
    if not checkpoints:
        raise FileError(f"'{file}': no checkpoints/step_*.safetensors in this folder; is it a run of glow train that saved?")
    return checkpoints[-1]
